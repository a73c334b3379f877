"""Ray–shape intersections for the renderer: one numba function, exact where a closed form is cheap.

Every shape lives in its own local space (unit sized); a primitive carries the world→local affine map, so the ray's
parameter t is the same in both spaces. `hit(kind, par, o, d, tmax)` returns (t, nx, ny, nz) with the local normal,
t = INF when missed. Surfaces are two-sided, so an open frustum shows its inside.
"""

import math

from numba import njit

SPHERE, BOX, FRUSTUM, TORUS, ROUND_BOX, PRISM, PYRAMID, CAPSULE = range(8)
INF = 1e9
EPS = 1e-4


@njit(cache=True, fastmath=True)
def _sphere(lo, hi, ox, oy, oz, dx, dy, dz):
    # unit sphere, kept only where lo <= y <= hi (a dome, a bowl)
    a = dx * dx + dy * dy + dz * dz
    b = ox * dx + oy * dy + oz * dz
    c = ox * ox + oy * oy + oz * oz - 1.0
    q = b * b - a * c
    if q < 0.0:
        return INF, 0.0, 0.0, 0.0
    s = math.sqrt(q)
    for k in range(2):
        t = (-b - s) / a if k == 0 else (-b + s) / a
        if t > EPS:
            y = oy + t * dy
            if lo <= y <= hi:
                return t, ox + t * dx, y, oz + t * dz
    return INF, 0.0, 0.0, 0.0


@njit(cache=True, fastmath=True)
def _box(ox, oy, oz, dx, dy, dz):
    t0, t1, axis, sign = -INF, INF, 0, 1.0
    for k in range(3):
        o = ox if k == 0 else (oy if k == 1 else oz)
        d = dx if k == 0 else (dy if k == 1 else dz)
        if abs(d) < 1e-9:
            d = 1e-9
        a, b = (-1.0 - o) / d, (1.0 - o) / d
        if a > b:
            a, b = b, a
        if a > t0:
            t0, axis, sign = a, k, (-1.0 if d > 0 else 1.0)
        if b < t1:
            t1 = b
    if t0 > t1 or t0 < EPS:
        return INF, 0.0, 0.0, 0.0
    return t0, sign if axis == 0 else 0.0, sign if axis == 1 else 0.0, sign if axis == 2 else 0.0


@njit(cache=True, fastmath=True)
def _frustum(top, caps, ox, oy, oz, dx, dy, dz):
    # |y| <= 1, radius 1 at y = -1 and `top` at y = 1; caps: 1 bottom, 2 top, 3 both, 0 an open tube
    k = (top - 1.0) * 0.5
    r = 1.0 + k * (oy + 1.0)
    dr = k * dy
    a = dx * dx + dz * dz - dr * dr
    b = ox * dx + oz * dz - r * dr
    c = ox * ox + oz * oz - r * r
    best, nx, ny, nz = INF, 0.0, 0.0, 0.0
    q = b * b - a * c
    if q >= 0.0 and abs(a) > 1e-12:
        s = math.sqrt(q)
        for j in range(2):
            t = (-b - s) / a if j == 0 else (-b + s) / a
            y = oy + t * dy
            if EPS < t < best and -1.0 <= y <= 1.0 and r + t * dr >= 0.0:
                best, nx, nz = t, ox + t * dx, oz + t * dz
                ny = -k * math.sqrt(nx * nx + nz * nz)
    if abs(dy) > 1e-9:
        for j in range(2):
            if (caps >> j) & 1:
                y = -1.0 if j == 0 else 1.0
                rad = 1.0 if j == 0 else top
                t = (y - oy) / dy
                x, z = ox + t * dx, oz + t * dz
                if EPS < t < best and x * x + z * z <= rad * rad:
                    best, nx, ny, nz = t, 0.0, y, 0.0
    return best, nx, ny, nz


@njit(cache=True, fastmath=True)
def _capsule(h, ox, oy, oz, dx, dy, dz):
    # radius 1 around the segment y in [-h, h]
    best, nx, ny, nz = INF, 0.0, 0.0, 0.0
    a = dx * dx + dz * dz
    if a > 1e-12:
        b = ox * dx + oz * dz
        q = b * b - a * (ox * ox + oz * oz - 1.0)
        if q >= 0.0:
            t = (-b - math.sqrt(q)) / a
            if t > EPS and abs(oy + t * dy) <= h:
                best, nx, nz = t, ox + t * dx, oz + t * dz
    for j in range(2):
        c = h if j == 0 else -h
        t, x, y, z = _sphere(-2.0, 2.0, ox, oy - c, oz, dx, dy, dz)
        if t < best and y * c >= 0.0:
            best, nx, ny, nz = t, x, y, z
    return best, nx, ny, nz


@njit(cache=True, fastmath=True)
def _planes(pyramid, ox, oy, oz, dx, dy, dz):
    # a gabled prism (|z| <= 1, -1 <= y <= 1 - 2|x|), or a square pyramid: convex, by clipping against its planes
    t0, t1, nx, ny, nz = -INF, INF, 0.0, 0.0, 0.0
    for j in range(5):
        if j == 0:
            ax, ay, az, c = 0.0, -1.0, 0.0, 1.0
        elif j == 1:
            ax, ay, az, c = 2.0, 1.0, 0.0, 1.0
        elif j == 2:
            ax, ay, az, c = -2.0, 1.0, 0.0, 1.0
        elif j == 3:
            ax, ay, az, c = 0.0, (1.0 if pyramid else 0.0), (2.0 if pyramid else 1.0), 1.0
        else:
            ax, ay, az, c = 0.0, (1.0 if pyramid else 0.0), (-2.0 if pyramid else -1.0), 1.0
        den = ax * dx + ay * dy + az * dz
        dist = c - (ax * ox + ay * oy + az * oz)
        if abs(den) < 1e-9:
            if dist < 0.0:
                return INF, 0.0, 0.0, 0.0
        elif den < 0.0:
            if dist / den > t0:
                t0, nx, ny, nz = dist / den, ax, ay, az
        elif dist / den < t1:
            t1 = dist / den
    if t0 > t1 or t0 < EPS:
        return INF, 0.0, 0.0, 0.0
    return t0, nx, ny, nz


@njit(cache=True, fastmath=True)
def _distance(kind, p0, p1, p2, p3, x, y, z):
    if kind == TORUS:  # ring of radius 1 in the xy plane, tube p0, an arc of ±p1 radians around +x
        y = abs(y)
        sc, cc = math.sin(p1), math.cos(p1)
        rr = x * x + y * y + z * z
        if p1 >= 3.1 or math.atan2(y, x) <= p1:
            k = math.sqrt(x * x + y * y)
        else:
            k = cc * x + sc * y
        return math.sqrt(max(rr + 1.0 - 2.0 * k, 0.0)) - p0
    qx, qy, qz = abs(x) - p0 + p3, abs(y) - p1 + p3, abs(z) - p2 + p3
    out = math.sqrt(max(qx, 0.0) ** 2 + max(qy, 0.0) ** 2 + max(qz, 0.0) ** 2)
    return out + min(max(qx, max(qy, qz)), 0.0) - p3


@njit(cache=True, fastmath=True)
def _march(kind, p0, p1, p2, p3, ox, oy, oz, dx, dy, dz, tmax):
    # sphere tracing inside the bounding sphere; 48 steps are enough for these two convex-ish fields
    rad = 1.0 + p0 if kind == TORUS else math.sqrt(p0 * p0 + p1 * p1 + p2 * p2)
    a = dx * dx + dy * dy + dz * dz
    b = ox * dx + oy * dy + oz * dz
    q = b * b - a * (ox * ox + oy * oy + oz * oz - rad * rad)
    if q < 0.0:
        return INF, 0.0, 0.0, 0.0
    s = math.sqrt(q)
    t, end = max((-b - s) / a, 2e-3), min((-b + s) / a, tmax)
    speed = 1.0 / math.sqrt(a)
    for _ in range(48):
        if t > end:
            return INF, 0.0, 0.0, 0.0
        x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
        d = _distance(kind, p0, p1, p2, p3, x, y, z)
        if d < 8e-4:
            e = 1e-3
            nx = _distance(kind, p0, p1, p2, p3, x + e, y, z) - _distance(kind, p0, p1, p2, p3, x - e, y, z)
            ny = _distance(kind, p0, p1, p2, p3, x, y + e, z) - _distance(kind, p0, p1, p2, p3, x, y - e, z)
            nz = _distance(kind, p0, p1, p2, p3, x, y, z + e) - _distance(kind, p0, p1, p2, p3, x, y, z - e)
            if nx * dx + ny * dy + nz * dz > 0.0:  # leaving the surface: a shadow ray that starts on it
                t += 4e-3 * speed
                continue
            return t, nx, ny, nz
        t += d * speed
    return INF, 0.0, 0.0, 0.0


@njit(cache=True, fastmath=True)
def hit(kind, p0, p1, p2, p3, ox, oy, oz, dx, dy, dz, tmax):
    if kind == SPHERE:
        return _sphere(p0, p1, ox, oy, oz, dx, dy, dz)
    if kind == BOX:
        return _box(ox, oy, oz, dx, dy, dz)
    if kind == FRUSTUM:
        return _frustum(p0, int(p1), ox, oy, oz, dx, dy, dz)
    if kind == CAPSULE:
        return _capsule(p0, ox, oy, oz, dx, dy, dz)
    if kind == PRISM or kind == PYRAMID:
        return _planes(kind == PYRAMID, ox, oy, oz, dx, dy, dz)
    return _march(kind, p0, p1, p2, p3, ox, oy, oz, dx, dy, dz, tmax)
