"""Pictures put together from others, so that places can be asked without end: cut-out things on a ground, and mosaics of photos."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from .images import MAP, SIDE, Drawn, RenderedImages, crop, crop_map, developed
from .paint import painted

STEP = SIDE // MAP  # edges lie on the label map's grid


@dataclass(frozen=True)
class Piece:
    row: int
    x: int
    y: int
    w: int
    h: int
    flip: bool
    paint: int


@dataclass(frozen=True)
class Composite:
    ground: tuple[int, int, int, int, int]  # row, x, y, w, h of a place on a rendered picture where no thing is
    pieces: tuple[Piece, ...]
    look: int


@dataclass(frozen=True)
class Mosaic:
    tiles: tuple[tuple[object, int, int, int, int], ...]  # (view, x, y, w, h)


LAYOUTS = [  # tiles as (x, y, w, h) in halves and thirds of 12
    [(0, 0, 6, 12), (6, 0, 6, 12)],
    [(0, 0, 6, 12), (6, 0, 6, 12)],
    [(0, 0, 12, 6), (0, 6, 12, 6)],
    [(0, 0, 4, 12), (4, 0, 4, 12), (8, 0, 4, 12)],
    [(0, 0, 6, 6), (6, 0, 6, 6), (0, 6, 6, 6), (6, 6, 6, 6)],
    [(0, 0, 6, 6), (6, 0, 6, 6), (0, 6, 12, 6)],
]


class Cutter:
    """Cuts things out of the pre-rendered set along their masks."""

    def __init__(self, images: RenderedImages):
        self.images = images
        self.bounds = lru_cache(maxsize=None)(self._bounds)

    def _bounds(self, row: int) -> tuple[int, int, int, int] | None:
        """(x, y, w, h) of the thing, None where the picture's edge may have cut it off."""
        mask = self.images.maps[row] > 0
        ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(ys) < 24 or len(xs) < 24 or xs[0] == 0 or ys[0] == 0 or xs[-1] == SIDE - 1 or ys[-1] == SIDE - 1:
            return None
        return int(xs[0]), int(ys[0]), int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1)

    def ground(self, rng: random.Random) -> tuple[int, int, int, int, int]:
        while True:
            row = rng.choice(self.images.rows)
            for _ in range(6):
                w, h = rng.randint(44, 120), rng.randint(44, 120)
                x, y = rng.randint(0, SIDE - w), rng.randint(0, SIDE - h)
                if not self.images.maps[row, y : y + h : 4, x : x + w : 4].any():
                    return row, x, y, w, h

    def composite(self, rng: random.Random, count: int) -> Composite:
        """`count` things at random places, the smallest a quarter of the picture high, hardly hiding each other."""
        pieces: list[Piece] = []
        tries = 0
        while len(pieces) < count and tries < 60:
            tries += 1
            scene = rng.choice(self.images.scenes)
            if pieces and rng.random() < 0.85 and any(self.images.things[p.row][0]["category"] == scene.category for p in pieces):
                continue
            row = rng.choice(scene.rows)
            bounds = self.bounds(row)
            if bounds is None:
                continue
            _, _, bw, bh = bounds
            size = rng.uniform(0.3, {1: 0.75, 2: 0.62, 3: 0.5}[count]) * SIDE / max(bw, bh)
            w, h = (max(STEP * 8, round(s * size / STEP) * STEP) for s in (bw, bh))
            x, y = (STEP * rng.randint(-(s // STEP) // 10, (SIDE - s + s // 10) // STEP) for s in (w, h))
            if any(_overlap((x, y, w, h), (p.x, p.y, p.w, p.h)) > 0.15 for p in pieces):
                continue
            pieces.append(Piece(row, x, y, w, h, rng.random() < 0.5 and scene.category != "stack of blocks", self.images.paint(rng)))
        return Composite(self.ground(rng), tuple(pieces), rng.getrandbits(30) | 1)

    def draw(self, v: Composite) -> Drawn:
        row, *box = v.ground
        picture = Image.fromarray(crop(self.images.images[row], *box, SIDE, SIDE))
        ids = np.zeros((MAP, MAP), np.uint8)
        things = []
        for k, p in enumerate(v.pieces):
            bounds = self.bounds(p.row)
            mask = self.images.maps[p.row] > 0
            whole, label = painted(self.images.images[p.row], self.images.maps[p.row], self.images.things[p.row][0], p.paint)
            things.append(label)
            cut = crop(whole, *bounds, p.w, p.h)
            x, y, w, h = bounds
            alpha = Image.fromarray(mask[y : y + h, x : x + w].astype(np.uint8) * 255).resize((p.w, p.h), Image.BILINEAR)
            own = crop_map(self.images.maps[p.row], *bounds, p.w // STEP, p.h // STEP)
            if p.flip:
                cut, own, alpha = np.ascontiguousarray(cut[:, ::-1]), own[:, ::-1], alpha.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            picture.paste(Image.fromarray(cut), (p.x, p.y), alpha)
            _paste(ids, np.where(own > 0, own + 16 * k, 0), p.x // STEP, p.y // STEP)
        return Drawn(developed(np.asarray(picture), v.look), ids, things)


def mosaic(rng: random.Random, tile) -> Mosaic:
    """`tile()` draws one view. Photos beside and above each other, as in a collage."""
    unit = SIDE // 12
    return Mosaic(tuple((tile(), *(unit * n for n in place)) for place in rng.choice(LAYOUTS)))


def draw_mosaic(v: Mosaic, draw) -> Drawn:
    """`draw` makes a tile's Drawn."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    ids = np.empty((MAP, MAP), np.uint8)
    things: list[dict] = []
    boxes: dict[int, tuple[float, float, float, float]] = {}
    for view, x, y, w, h in v.tiles:
        tile = draw(view)
        pixels[y : y + h, x : x + w] = crop(tile.pixels, 0, 0, SIDE, SIDE, w, h)
        own = crop_map(tile.ids, 0, 0, MAP, MAP, w // STEP, h // STEP)
        labelled = (own > 0) & (own < 255)
        ids[y // STEP : (y + h) // STEP, x // STEP : (x + w) // STEP] = np.where(labelled, own + 16 * len(things), own)
        for label in tile.things:
            if "parts" not in label:
                boxes[len(things)] = (x / SIDE, y / SIDE, (x + w) / SIDE, (y + h) / SIDE)
            things.append(label)
    return Drawn(pixels, ids, things, boxes)


def _paste(into: np.ndarray, own: np.ndarray, x: int, y: int) -> None:
    """Writes the labelled cells of `own` at (x, y), what lies outside dropped."""
    left, top = max(0, -x), max(0, -y)
    own = own[top : into.shape[0] - y, left : into.shape[1] - x]
    there = into[y + top : y + top + own.shape[0], x + left : x + left + own.shape[1]]
    there[own > 0] = own[own > 0]


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Shared area over the smaller one."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0, w) * max(0, h) / min(a[2] * a[3], b[2] * b[3])
