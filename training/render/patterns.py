"""Procedural surfaces: value noise, the patterns painted on parts, and the textures of tables, floors and walls."""

import math

from numba import njit

# Patterns a part can carry; the names are labels (see instance.describe).
PATTERNS = ("plain", "stripes", "bands", "dots", "checks", "speckles", "zigzag", "star", "heart", "flower", "letter")
PLAIN, STRIPES, BANDS, DOTS, CHECKS, SPECKLES, ZIGZAG, STAR, HEART, FLOWER, LETTER = range(11)
# Textures of the surroundings.
WOOD, CLOTH, TILES, CARPET, MARBLE, GRASS, BRICKS, WALLPAPER, FLAT, BLOBS = range(10)


@njit(cache=True, fastmath=True)
def _hash(x, y, z):
    n = (x * 374761393 + y * 668265263 + z * 2147483647) & 0x7FFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0x7FFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFF) / 65535.0


@njit(cache=True, fastmath=True)
def noise(x, y, z):
    """Smooth value noise in [0, 1]."""
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    ix, iy, iz = int(fx), int(fy), int(fz)
    u, v, w = x - fx, y - fy, z - fz
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    out = 0.0
    for k in range(8):
        a, b, c = k & 1, (k >> 1) & 1, k >> 2
        out += (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w) * _hash(ix + a, iy + b, iz + c)
    return out


@njit(cache=True, fastmath=True)
def paint(pattern, freq, decal, decals, x, y, z, nx, ny, nz, round_part):
    """How much of the second colour (0..1) a part shows at the local point; `round_part` unrolls around the y axis.

    decals: (n, 128, 128) coverage images for star, heart, flower and letters, projected on the front (+z) side.
    """
    if pattern == PLAIN:
        return 0.0
    if pattern >= STAR:
        if nz < 0.15:
            return 0.0
        u, v = x / 0.75 * 0.5 + 0.5, 0.5 - y / 0.75 * 0.5
        if u < 0.0 or u >= 1.0 or v < 0.0 or v >= 1.0:
            return 0.0
        return decals[decal, int(v * decals.shape[1]), int(u * decals.shape[2])]
    if round_part:
        u, v = math.atan2(x, z) / math.pi, y
    elif abs(nx) > 0.7:
        u, v = z, y
    elif abs(ny) > 0.7:
        u, v = x, z
    else:
        u, v = x, y
    wide = round(freq * 2) if round_part else freq * 0.8  # whole cells around, so that no seam shows
    if pattern == STRIPES:
        return 1.0 if math.sin(u * round(freq) * math.pi) > 0.1 else 0.0
    if pattern == BANDS:
        return 1.0 if math.sin(v * freq * math.pi * 0.75 + 0.6) > 0.2 else 0.0
    if pattern == CHECKS:
        return 1.0 if (math.floor(u * wide) + math.floor(v * freq * (0.5 if round_part else 0.8))) % 2 == 0 else 0.0
    if pattern == DOTS:
        a, b = u * wide, v * freq * (0.55 if round_part else 0.8)
        if math.floor(b) % 2 == 0:
            a += 0.5
        a, b = a - math.floor(a) - 0.5, b - math.floor(b) - 0.5
        return 1.0 if a * a + b * b < 0.085 else 0.0
    if pattern == ZIGZAG:
        w = abs((u * wide) % 1.0 - 0.5)
        return 1.0 if math.sin((v * freq * 0.6 + w) * 2 * math.pi) > 0.25 else 0.0
    return 1.0 if noise(x * freq * 2.2, y * freq * 2.2, z * freq * 2.2) > 0.66 else 0.0  # SPECKLES


@njit(cache=True, fastmath=True)
def surround(kind, freq, seed, u, v):
    """(blend of colour two, brightness) of a table, floor or wall at (u, v)."""
    u, v = u * freq, v * freq
    if kind == WOOD:
        plank = math.floor(u)
        ring = noise(u * 9 + plank * 7, v * 0.7 + plank * 3.1, seed)
        gap = 0.55 if (u - plank) < 0.03 else 1.0
        return ring * 0.8, gap * (0.9 + 0.2 * _hash(int(plank), 3, int(seed)))
    if kind == CLOTH:
        a, b = math.floor(u * 2) % 2, math.floor(v * 2) % 2
        return 0.5 * (a + b), 0.96 + 0.08 * noise(u * 40, v * 40, seed)
    if kind == TILES:
        a, b = u - math.floor(u), v - math.floor(v)
        return (1.0 if a < 0.04 or b < 0.04 else 0.12 * noise(u * 5, v * 5, seed)), 1.0
    if kind == CARPET:
        return noise(u * 3, v * 3, seed) * 0.5, 0.75 + 0.5 * noise(u * 45, v * 45, seed)
    if kind == MARBLE:
        w = noise(u * 1.5, v * 1.5, seed) * 4 + noise(u * 5, v * 5, seed)
        return max(0.0, 1 - abs(math.sin(w * 3 + u)) * 4.0), 1.0
    if kind == GRASS:
        return noise(u * 2, v * 2, seed), 0.55 + 0.9 * noise(u * 40, v * 14, seed)
    if kind == BRICKS:
        row = math.floor(v * 2)
        a, b = u + 0.5 * (row % 2), v * 2 - row
        f = a - math.floor(a)
        return (1.0 if f < 0.06 or b < 0.12 else 0.0), 0.85 + 0.3 * _hash(int(math.floor(a)), int(row), int(seed))
    if kind == WALLPAPER:
        return (1.0 if math.sin(u * 9) > 0.3 else 0.0), 1.0
    if kind == BLOBS:  # an out-of-focus room: soft lights and furniture
        w = noise(u * 0.7, v * 0.7, seed) + 0.5 * noise(u * 1.7, v * 1.7, seed + 5)
        return min(1.0, max(0.0, (w - 0.55) * 3)), 0.8 + 0.5 * noise(u * 0.9, v * 0.9, seed + 9)
    return 0.1 * noise(u, v, seed), 1.0
