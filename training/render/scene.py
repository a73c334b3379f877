"""Scenes: puts one or several instances into a random room with a random camera and light, and renders it.

`render(instances, view_seed, size)` → (H, W, 3) uint8 picture and (H, W) uint8 ids: 0 is background and clutter; thing k
(0-based) with part p has id `1 + 16 * k + p`, p counting the instance's parts in order. Equal arguments, equal pixels.
"""

import io

import numpy as np
from PIL import Image

from .build import Builder, turn
from .decals import atlas, index
from .instance import Instance
from .palette import COLOURS, MATERIALS, NAMES, rgb
from .patterns import BLOBS, BRICKS, CARPET, CLOTH, FLAT, GRASS, MARBLE, PATTERNS, TILES, WALLPAPER, WOOD
from .tracer import picture

ROOMS = (  # floor textures, wall textures, chance
    ((WOOD, CLOTH, MARBLE, FLAT), (FLAT, WALLPAPER, BLOBS, BRICKS), 0.5),  # on a table against a wall
    ((CARPET, WOOD, TILES), (FLAT, BLOBS, WALLPAPER), 0.28),  # on the floor
    ((GRASS, TILES), (BLOBS, BRICKS, FLAT), 0.22),  # outdoors
)


def render(instances, view_seed: int, size: int = 192, *, yaw=None, quality=None, clutter=None, samples: int = 2, zoom=None):
    """yaw: degrees of the first thing's turn to the camera (drawn within ±75 if None); quality: JPEG, None draws 60–95."""
    things = [instances] if isinstance(instances, Instance) else list(instances)
    rng = np.random.default_rng([view_seed, 7])
    scene = _Scene(rng)
    gap, tall = 0.0, 0.0
    for k, thing in enumerate(things):
        angle = yaw if yaw is not None and k == 0 else rng.uniform(-75, 75)
        x = (k - (len(things) - 1) / 2) * 1.75
        scene.place(thing, k, (x, 0.0, rng.uniform(-0.25, 0.25)), angle, rng.uniform(0.92, 1.08))
        gap = max(gap, abs(x))
        tall = max(tall, (scene.group_ball[k][1] + scene.group_ball[k][3]) / 2)
    scene.strew(rng.integers(0, 4) if clutter is None else clutter, 1.3 + gap)
    linear, ids = scene.shoot(size, samples, view_seed, gap, tall, zoom)
    return _develop(linear, rng, quality), ids


class _Scene:
    def __init__(self, rng):
        self.rng, self.kind, self.par, self.inv, self.ball = rng, [], [], [], []
        self.mat, self.part, self.colour, self.look, self.groups, self.group_ball = [], [], [], [], [], []

    def place(self, thing: Instance, k, at, yaw, scale):
        """Turns, scales to unit size (the bounding ball of every thing is about 1) and puts a thing on the ground."""
        b = thing.builder
        mid, radius = b.bounds()
        s = 1.05 / radius * scale
        rng = np.random.default_rng([thing.seed, 11])  # its colours' jitter belongs to the thing, not to the view
        first = len(self.look)
        names = list(thing.parts)
        for name in names:
            p = thing.parts[name]
            spec, shine, bump = MATERIALS[p.material]
            c = rgb(p.colour, rng)
            self.colour.append([c, rgb(p.colour2, rng) if p.colour2 else c])
            decal = index(p.pattern, p.letter) if p.pattern in PATTERNS[7:] else 0
            self.look.append([PATTERNS.index(p.pattern), p.freq, decal, spec, shine, bump, 0, 0])
        where = {n: i for i, n in enumerate(names)}
        move = np.column_stack([turn(0, yaw, 0) * s, np.array(at) - turn(0, yaw, 0) @ np.array([mid[0], 0, mid[2]]) * s])
        self._group(b, move, [first + where[n] for n in b.parts], [1 + 16 * k + where[n] for n in b.parts])

    def strew(self, count, far):
        """Clutter behind and beside: balls, boxes, cups without a name."""
        for _ in range(count):
            rng, b = self.rng, Builder()
            r = rng.uniform(0.15, 0.5)
            form = rng.integers(4)
            if form == 0:
                b.add("x", "ball", (0, r, 0), r)
            elif form == 1:
                h = rng.uniform(0.1, 0.8)
                b.add("x", "soft", (0, h, 0), (r, h, r * rng.uniform(0.4, 1)), (0, rng.uniform(0, 90), 0), bevel=0.2)
            else:
                h = rng.uniform(0.05, 0.6)
                b.add("x", "cone", (0, h, 0), (r, h, r), top=rng.uniform(0.6, 1.2), caps=1 if form == 2 else 3)
            c = rgb(NAMES[rng.integers(12)], rng) * rng.uniform(0.4, 1)
            self.colour.append([c, rgb(NAMES[rng.integers(12)], rng)])
            spec, shine, bump = list(MATERIALS.values())[rng.integers(len(MATERIALS))]
            self.look.append([rng.choice([0, 0, 0, 1, 2, 3, 4]), rng.uniform(3, 7), 0, spec, shine, bump, 0, 0])
            a = np.radians(rng.uniform(100, 260) if rng.random() < 0.75 else rng.uniform(60, 300))
            d = far + r + rng.uniform(0.0, 1.3)
            at = np.array([np.sin(a) * d, 0, np.cos(a) * d])
            self._group(b, np.column_stack([np.eye(3), at]), [len(self.look) - 1], [0])

    def _group(self, b, move, mats, parts):
        start = len(self.kind)
        for kind, par, frame, (c, r) in zip(b.kinds, b.pars, b.frames, b.balls):
            lin = move[:, :3] @ frame[:, :3]
            at = move[:, :3] @ frame[:, 3] + move[:, 3]
            inv = np.linalg.inv(lin)
            self.kind.append(kind)
            self.par.append(par)
            self.inv.append(np.column_stack([inv, -inv @ at]))
            self.ball.append([*(move[:, :3] @ c + move[:, 3]), r * np.cbrt(np.linalg.det(move[:, :3]))])
        self.mat += mats
        self.part += parts
        ball = np.array(self.ball[start:])
        mid = (ball[:, :3] - ball[:, 3:]).min(0) / 2 + (ball[:, :3] + ball[:, 3:]).max(0) / 2
        self.groups.append([start, len(self.kind)])
        self.group_ball.append([*mid, (np.linalg.norm(ball[:, :3] - mid, axis=1) + ball[:, 3]).max()])

    def shoot(self, size, samples, seed, gap, tall, zoom):
        rng = self.rng
        floors, walls, _ = ROOMS[rng.choice(3, p=[r[2] for r in ROOMS])]
        ft, wt = floors[rng.integers(len(floors))], walls[rng.integers(len(walls))]
        muted = [_muted(rng) for _ in range(4)]
        if ft == GRASS:
            muted[:2] = rgb("green", rng) * 0.9, rgb("brown", rng) * 0.6 + rgb("green", rng) * 0.5
        if ft == WOOD:
            base = rgb("brown", rng) * rng.uniform(0.7, 2.2) + 0.02
            muted[:2] = base, base * rng.uniform(0.35, 0.7)
        if ft == MARBLE:
            muted[0], muted[1] = np.full(3, rng.uniform(0.55, 0.85)), np.full(3, rng.uniform(0.2, 0.5))
        floor = [ft, rng.uniform(0.8, 2.2), rng.integers(1000), rng.uniform(0, 3.1), 0, 0.15 * rng.random(), 0, 0]
        wall = [wt, rng.uniform(0.7, 1.8), rng.integers(1000), 0, -rng.uniform(2.2, 6.0), 0, 0, 0]
        fov = np.radians(rng.uniform(24, 44))
        lift = np.radians(rng.uniform(4, 42))
        swing = np.radians(rng.uniform(-28, 28))
        dist = (zoom or rng.uniform(0.95, 1.6)) * (1.0 + gap * 0.85) / np.tan(fov / 2)
        aim = np.array([rng.uniform(-0.22, 0.22), tall * rng.uniform(0.8, 1.08), 0.0])
        eye = aim + dist * np.array([np.sin(swing) * np.cos(lift), np.sin(lift), np.cos(swing) * np.cos(lift)])
        fwd = (aim - eye) / np.linalg.norm(aim - eye)
        right = np.cross(fwd, [0, 1, 0])
        right /= np.linalg.norm(right)
        up = np.cross(right, fwd)
        roll = np.radians(rng.normal(0, 3))
        right, up = right * np.cos(roll) + up * np.sin(roll), up * np.cos(roll) - right * np.sin(roll)
        k = np.tan(fov / 2)
        az, el = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(28, 75))
        warm = rng.normal(0, 0.09)
        sun = np.array([1 + warm, 1.0, 1 - warm]) * rng.uniform(0.5, 1.0)
        sky = np.array([1 - warm * 0.6, 1.0, 1 + warm * 0.6]) * rng.uniform(0.38, 0.68)
        direction = [np.cos(az) * np.cos(el), np.sin(el), abs(np.sin(az)) * np.cos(el) + 0.15]
        light = [direction, sun, sky, sky * (0.35 + 0.4 * muted[0])]
        f = lambda a: np.ascontiguousarray(a, np.float32)  # noqa: E731
        return picture(size, samples, int(seed % 100003), np.array(self.kind, np.int32), f(self.par), f(self.inv), f(self.ball),
                       np.array(self.groups, np.int32), f(self.group_ball), np.array(self.mat, np.int32),
                       np.array(self.part, np.uint8), f(self.colour), f(self.look), atlas(),
                       f([eye, right * k, up * k, fwd]), f(light), float(rng.uniform(0.05, 0.45)), f(floor), f(wall),
                       f([muted[:2], muted[2:]]))


def _muted(rng):
    """A wall or cloth colour: rarely loud, so that the thing stands out as people's things do."""
    c = rgb(list(COLOURS)[rng.integers(12)], rng)
    grey = np.full(3, rng.uniform(0.12, 0.8))
    m = rng.uniform(0.15, 0.75)
    return c * (1 - m) + grey * m


def _develop(linear, rng, quality):
    """Exposure, white balance, vignette, grain, gamma, JPEG: what a phone does to a picture."""
    n = linear.shape[0]
    x = linear * np.exp(rng.normal(0.05, 0.14)) * (1 + rng.normal(0, 0.03, 3))
    r = np.hypot(*np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n)))[..., None]
    x = x * (1 - rng.uniform(0, 0.16) * r**2)
    x = x * (1 + 0.12 * x) / (1 + 0.42 * x) * 1.18  # a gentle shoulder
    x = np.clip(x, 0, 1) ** (1 / 2.2) + rng.normal(0, rng.uniform(0.002, 0.016), (n, n, 1)).astype(np.float32)
    im = Image.fromarray((np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8))
    drawn = int(rng.integers(60, 96))
    if quality != 0:
        buf = io.BytesIO()
        im.save(buf, "JPEG", quality=quality or drawn)
        im = Image.open(buf)
    return np.asarray(im.convert("RGB"))


