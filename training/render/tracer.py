"""The picture loop: camera rays, one soft shadow ray and one ambient-occlusion ray per sample, shading, id buffer.

Array legend (all float32 unless said): N primitives, M materials, G groups (one object each, for culling)
    kind, mat: (N,) int32     part: (N,) uint8     par: (N, 4)     inv: (N, 3, 4) world→local     ball: (N, 4) centre, radius
    groups: (G, 2) int32 start and end     group_ball: (G, 4)
    colour: (M, 2, 3) linear RGB     look: (M, 8) pattern, frequency, decal, specular, shine, bump, round, -
    cam: (4, 3) eye, right*tan, up*tan, forward     light: (4, 3) direction, colour, sky, ground bounce
    floor, wall: (8,) texture, frequency, seed, turn, plane, gloss, -, -     ground_colour: (2, 2, 3) of floor and wall

numba caches this loop by this file's date only: after editing shapes.py or patterns.py delete __pycache__/*.nb*.
"""

import math

import numpy as np
from numba import njit

from .patterns import noise, paint, surround
from .shapes import BOX, EPS, INF, PRISM, PYRAMID, ROUND_BOX, hit


@njit(cache=True, fastmath=True)
def _misses(ball, i, ox, oy, oz, dx, dy, dz, tmax):
    x, y, z = ball[i, 0] - ox, ball[i, 1] - oy, ball[i, 2] - oz
    along = x * dx + y * dy + z * dz
    r2 = ball[i, 3] * ball[i, 3]
    d2 = x * x + y * y + z * z
    return d2 - along * along > r2 or (d2 > r2 and (along < 0.0 or along - ball[i, 3] > tmax))


@njit(cache=True, fastmath=True)
def _trace(kind, par, inv, ball, groups, group_ball, ox, oy, oz, dx, dy, dz, tmax, any_hit):
    best, who, nx, ny, nz = tmax, -1, 0.0, 0.0, 0.0
    for g in range(groups.shape[0]):
        if _misses(group_ball, g, ox, oy, oz, dx, dy, dz, best):
            continue
        for i in range(groups[g, 0], groups[g, 1]):
            if _misses(ball, i, ox, oy, oz, dx, dy, dz, best):
                continue
            m = inv[i]
            lx = m[0, 0] * ox + m[0, 1] * oy + m[0, 2] * oz + m[0, 3]
            ly = m[1, 0] * ox + m[1, 1] * oy + m[1, 2] * oz + m[1, 3]
            lz = m[2, 0] * ox + m[2, 1] * oy + m[2, 2] * oz + m[2, 3]
            ux = m[0, 0] * dx + m[0, 1] * dy + m[0, 2] * dz
            uy = m[1, 0] * dx + m[1, 1] * dy + m[1, 2] * dz
            uz = m[2, 0] * dx + m[2, 1] * dy + m[2, 2] * dz
            t, a, b, c = hit(kind[i], par[i, 0], par[i, 1], par[i, 2], par[i, 3], lx, ly, lz, ux, uy, uz, best)
            if t < best:
                best, who, nx, ny, nz = t, i, a, b, c
                if any_hit:
                    return best, who, nx, ny, nz
    return best, who, nx, ny, nz


@njit(cache=True, fastmath=True)
def _rand(a, b):
    n = (a * 1103515245 + b * 668265263 + 12345) & 0x7FFFFFFF
    n = ((n ^ (n >> 15)) * 1274126177) & 0x7FFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFFF) / 1048576.0


@njit(cache=True, fastmath=True)
def picture(size, grid, seed, kind, par, inv, ball, groups, group_ball, mat, part, colour, look, decals,
            cam, light, soft, floor, wall, ground_colour):
    """(size, size, 3) linear float32 and (size, size) uint8 part ids; grid² samples per pixel."""
    out = np.zeros((size, size, 3), np.float32)
    ids = np.zeros((size, size), np.uint8)
    ex, ey, ez = cam[0]
    total = grid * grid
    for py in range(size):
        for px in range(size):
            r, g, b = 0.0, 0.0, 0.0
            for s in range(total):
                key = (py * size + px) * total + s
                j1, j2, j3, j4 = _rand(key, seed), _rand(key, seed + 1), _rand(key, seed + 2), _rand(key, seed + 3)
                u = ((px + (s % grid + j1) / grid) / size) * 2 - 1
                v = 1 - ((py + (s // grid + j2) / grid) / size) * 2
                dx = cam[3, 0] + u * cam[1, 0] + v * cam[2, 0]
                dy = cam[3, 1] + u * cam[1, 1] + v * cam[2, 1]
                dz = cam[3, 2] + u * cam[1, 2] + v * cam[2, 2]
                n = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
                dx, dy, dz = dx * n, dy * n, dz * n
                t, who, nx, ny, nz = _trace(kind, par, inv, ball, groups, group_ball, ex, ey, ez, dx, dy, dz, INF, False)
                tf = -ey / dy if dy < -1e-5 else INF
                tw = (wall[4] - ez) / dz if dz < -1e-5 else INF
                spec, shine = 0.0, 20.0
                if who < 0 or tf < t or tw < t:
                    on_floor = tf <= tw
                    t = min(tf, tw)
                    if t >= INF:  # the sky
                        k = min(1.0, max(0.0, 0.5 + dy))
                        r += light[2, 0] * (0.6 + 0.6 * k)
                        g += light[2, 1] * (0.6 + 0.6 * k)
                        b += light[2, 2] * (0.7 + 0.7 * k)
                        continue
                    x, y, z = ex + t * dx, ey + t * dy, ez + t * dz
                    q = floor if on_floor else wall
                    c, sn = math.cos(q[3]), math.sin(q[3])
                    fu, fv = (x * c + z * sn, z * c - x * sn) if on_floor else (x, y)
                    mix, bright = surround(int(q[0]), q[1], q[2], fu, fv)
                    w = 0 if on_floor else 1
                    ar = (ground_colour[w, 0, 0] * (1 - mix) + ground_colour[w, 1, 0] * mix) * bright
                    ag = (ground_colour[w, 0, 1] * (1 - mix) + ground_colour[w, 1, 1] * mix) * bright
                    ab = (ground_colour[w, 0, 2] * (1 - mix) + ground_colour[w, 1, 2] * mix) * bright
                    nx, ny, nz = (0.0, 1.0, 0.0) if on_floor else (0.0, 0.0, 1.0)
                    spec = q[5]
                else:
                    x, y, z = ex + t * dx, ey + t * dy, ez + t * dz
                    m, k = inv[who], mat[who]
                    lx = m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3]
                    ly = m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3]
                    lz = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]
                    flat = kind[who] == BOX or kind[who] == PRISM or kind[who] == PYRAMID or kind[who] == ROUND_BOX
                    ll = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
                    sx, sy, sz = lx, ly, lz
                    if kind[who] == ROUND_BOX:
                        sx, sy, sz = lx / par[who, 0], ly / par[who, 1], lz / par[who, 2]
                    mix = paint(int(look[k, 0]), look[k, 1], int(look[k, 2]), decals, sx, sy, sz,
                                nx * ll, ny * ll, nz * ll, not flat)
                    ar = colour[k, 0, 0] * (1 - mix) + colour[k, 1, 0] * mix
                    ag = colour[k, 0, 1] * (1 - mix) + colour[k, 1, 1] * mix
                    ab = colour[k, 0, 2] * (1 - mix) + colour[k, 1, 2] * mix
                    ax = m[0, 0] * nx + m[1, 0] * ny + m[2, 0] * nz  # normals go by the inverse transpose
                    ay = m[0, 1] * nx + m[1, 1] * ny + m[2, 1] * nz
                    az = m[0, 2] * nx + m[1, 2] * ny + m[2, 2] * nz
                    n = 1.0 / math.sqrt(ax * ax + ay * ay + az * az + 1e-12)
                    nx, ny, nz = ax * n, ay * n, az * n
                    if nx * dx + ny * dy + nz * dz > 0.0:
                        nx, ny, nz = -nx, -ny, -nz
                    bump = look[k, 5]
                    if bump > 0.0:
                        f = 26.0 * ball[who, 3]
                        nx += bump * (noise(lx * f, ly * f, lz * f) - 0.5)
                        ny += bump * (noise(lx * f + 31, ly * f, lz * f) - 0.5)
                        nz += bump * (noise(lx * f, ly * f + 57, lz * f) - 0.5)
                        n = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
                        nx, ny, nz = nx * n, ny * n, nz * n
                        grain = 1.0 + 0.5 * bump * (noise(lx * f * 2, ly * f * 2, lz * f * 2) - 0.5)
                        ar, ag, ab = ar * grain, ag * grain, ab * grain
                    spec, shine = look[k, 3], look[k, 4]
                    if s == 0:
                        ids[py, px] = part[who]
                # soft sun
                wx = light[0, 0] + soft * (j3 - 0.5)
                wy = light[0, 1] + soft * (j4 - 0.5)
                wz = light[0, 2] + soft * (j1 - 0.5)
                n = 1.0 / math.sqrt(wx * wx + wy * wy + wz * wz)
                wx, wy, wz = wx * n, wy * n, wz * n
                ox, oy, oz = x + nx * 4e-3, y + ny * 4e-3, z + nz * 4e-3
                lam = nx * wx + ny * wy + nz * wz
                if lam > 0.0:
                    if _trace(kind, par, inv, ball, groups, group_ball, ox, oy, oz, wx, wy, wz, INF, True)[1] >= 0:
                        lam = 0.0
                else:
                    lam = 0.0
                # one cosine-weighted ambient ray of length 0.9
                ph, rr = 6.2831853 * j3, math.sqrt(j4)
                cx, cy, cz = rr * math.cos(ph), rr * math.sin(ph), math.sqrt(max(0.0, 1 - j4))
                hx, hy, hz = nx + cx * 0.9, ny + cy * 0.9, nz + (cz - 0.5) * 1.2
                n = 1.0 / math.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
                open_ = 1.0
                if _trace(kind, par, inv, ball, groups, group_ball, ox, oy, oz, hx * n, hy * n, hz * n, 0.9, True)[1] >= 0:
                    open_ = 0.25
                sky = 0.5 + 0.5 * ny
                ir = lam * light[1, 0] + open_ * (sky * light[2, 0] + (1 - sky) * light[3, 0])
                ig = lam * light[1, 1] + open_ * (sky * light[2, 1] + (1 - sky) * light[3, 1])
                ib = lam * light[1, 2] + open_ * (sky * light[2, 2] + (1 - sky) * light[3, 2])
                shiny, rim = 0.0, 0.0
                if spec > 0.0:
                    gx, gy, gz = wx - dx, wy - dy, wz - dz
                    n = 1.0 / math.sqrt(gx * gx + gy * gy + gz * gz)
                    ndh = max(0.0, (nx * gx + ny * gy + nz * gz) * n)
                    shiny = spec * (ndh**shine) * (1.0 if lam > 0.0 else 0.0)
                    rim = spec * 0.35 * (1 - abs(nx * dx + ny * dy + nz * dz)) ** 3 * open_
                r += ar * ir + shiny * light[1, 0] * 0.6 + rim * light[2, 0]
                g += ag * ig + shiny * light[1, 1] * 0.6 + rim * light[2, 1]
                b += ab * ib + shiny * light[1, 2] * 0.6 + rim * light[2, 2]
            out[py, px, 0], out[py, px, 1], out[py, px, 2] = r / total, g / total, b / total
    return out, ids
