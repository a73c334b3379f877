"""Views of rendered things with their labels: training/render and scenes.py draw them, this crops and augments them.

A view is a few numbers, cheap to pass around and hashable, so that a photo asked about five times is encoded once.
`draw` of any source (this file, real.py, compose.py) makes a view's `Drawn`, `shown` reads off it what can be asked.
"""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from .paint import painted
from .prompt import ROOT

CACHE = ROOT / "training/cache/render"
SIDE = 192
MAP = 96  # side of the label map: two pixels a cell
UNKNOWN = 255  # a map cell nobody labelled (real photos)
COLOURS = "red orange yellow green turquoise blue purple pink brown black white grey".split()
LEAST = 90  # pixels of 36,864 from which on a part can be asked about: 9 by 9, half a patch


@dataclass(frozen=True)
class View:
    """A crop of a stored picture, squeezed to a square as the app squeezes photos."""
    source: str  # "render" | "scene"
    row: int
    x: int
    y: int
    w: int
    h: int
    flip: bool
    look: int  # seed of exposure, noise and JPEG; 0 leaves the pixels as they are
    paint: int = 0  # seed of other colours: see paint.py; 0 leaves the thing as it was rendered


@dataclass
class Shown:
    """A thing in a view. `parts` are those that can be seen, the largest first; `box` is (x0, y0, x1, y1) in 0..1, None where nobody measured it."""
    category: str
    colour: str | None
    main: str | None
    parts: dict[str, str]
    box: tuple[float, float, float, float] | None
    share: float  # of the view's area
    areas: dict[str, int] = field(default_factory=dict)  # part → its pixels


@dataclass
class Drawn:
    pixels: np.ndarray  # (192, 192, 3) uint8
    ids: np.ndarray  # (96, 96) uint8: 0 background, 1 + 16 * thing + part, UNKNOWN
    things: list[dict]  # labels: {"category", "main", "parts": {part: {"colour"}}}, real ones {"category", "colour"}
    boxes: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)  # of things without parts


@dataclass
class Scene:
    """One rendered thing and the rows that show it."""
    label: dict
    rows: list[int] = field(default_factory=list)

    @property
    def category(self) -> str:
        return self.label["category"]


def labels(folder=CACHE) -> dict:
    """labels.json, or, while the renderer is still at work, the same made from its plan for the rows that are there."""
    if (folder / "labels.json").exists():
        return json.loads((folder / "labels.json").read_text())
    from training.render import describe
    from training.render.prerender import plan

    count = len(np.load(folder / "images.npy", mmap_mode="r")) // 4
    things = [{**describe(t), "id": i, "split": "val" if f % 10 == 9 else "train"} for i, f, t, _ in plan(count)]
    return {"instances": things, "rows": [{"instance": i} for i in range(count) for _ in range(4)]}


class RenderedImages:
    """The pre-rendered set ("render": one thing a row) or the scenes ("scene": two or three)."""

    def __init__(self, split: str, source: str = "render"):
        folder = CACHE if source == "render" else CACHE.parent / "scenes"
        self.source, self.split = source, split
        self.images = np.load(folder / "images.npy", mmap_mode="r")
        self.maps = np.load(folder / "ids.npy", mmap_mode="r")
        doc = labels(folder)
        by_id = {t["id"]: t for t in doc["instances"]}
        self.parts_of_all = sorted({p for t in doc["instances"] for p in t["parts"]})
        self.categories = sorted({t["category"] for t in doc["instances"]})
        self.things = [[by_id[i] for i in (r["instances"] if "instances" in r else [r["instance"]])] for r in doc["rows"]]
        self.rows = [r for r, things in enumerate(self.things) if things[0]["split"] == split and self.images[r, ::48, ::48].any()]
        scenes: dict[int, Scene] = {}
        for row in self.rows:
            for t in self.things[row]:
                scenes.setdefault(t["id"], Scene(t)).rows.append(row)
        self._scenes = scenes
        self.scenes = list(scenes.values())

    def scene_of(self, row: int) -> Scene:
        return self._scenes[self.things[row][0]["id"]]

    def view(self, rng: random.Random, row: int) -> View:
        """A random crop of at least 0.7 of either side; a held-out one is the whole picture as it is."""
        if self.split != "train":
            return View(self.source, row, 0, 0, SIDE, SIDE, False, 0)
        w, h = rng.randint(int(SIDE * 0.7), SIDE), rng.randint(int(SIDE * 0.7), SIDE)
        # A stack's blocks are called left and right.
        flip = rng.random() < 0.5 and all(t["category"] != "stack of blocks" for t in self.things[row])
        return View(self.source, row, rng.randint(0, SIDE - w), rng.randint(0, SIDE - h), w, h, flip, rng.getrandbits(30) | 1, self.paint(rng))

    def paint(self, rng: random.Random) -> int:
        """A seed for paint.py; two thirds of the things trained on are painted."""
        return rng.getrandbits(30) | 1 if self.split == "train" and rng.random() < 0.66 else 0

    def draw(self, v: View) -> Drawn:
        picture, things = self.images[v.row], []
        for k, label in enumerate(self.things[v.row]):
            picture, label = painted(picture, self.maps[v.row], label, v.paint and v.paint + k, 1 + 16 * k)
            things.append(label)
        ids = crop_map(self.maps[v.row], v.x, v.y, v.w, v.h, MAP, MAP)
        pixels = developed(crop(picture, v.x, v.y, v.w, v.h, SIDE, SIDE), v.look)
        if v.flip:
            ids, pixels = ids[:, ::-1], pixels[:, ::-1]
        return Drawn(pixels, ids, things)


def crop(image: np.ndarray, x: int, y: int, w: int, h: int, to_w: int, to_h: int) -> np.ndarray:  # (H, W, 3) -> (to_h, to_w, 3)
    part = image[y : y + h, x : x + w]
    return np.asarray(Image.fromarray(np.ascontiguousarray(part)).resize((to_w, to_h), Image.BILINEAR))


def crop_map(ids: np.ndarray, x: int, y: int, w: int, h: int, to_w: int, to_h: int) -> np.ndarray:  # (H, W) -> (to_h, to_w), nearest
    rows = y + (np.arange(to_h) * 2 + 1) * h // (2 * to_h)
    columns = x + (np.arange(to_w) * 2 + 1) * w // (2 * to_w)
    return ids[rows[:, None], columns]


def developed(pixels: np.ndarray, look: int) -> np.ndarray:
    """What another phone would have made of it, colour names kept: exposure, contrast, white balance, blur, noise, JPEG."""
    if not look:
        return pixels
    rng = random.Random(look)
    # Small: the renderer has drawn exposures already, and a grey that was white is a wrong label.
    gain, gamma = rng.uniform(0.88, 1.12), rng.uniform(0.91, 1.1)
    curve = np.arange(256, dtype=np.float32) / 255
    tables = [np.clip(curve**gamma * gain * rng.uniform(0.975, 1.025) * 255, 0, 255).astype(np.uint8) for _ in range(3)]
    out = np.stack([t[pixels[..., i]] for i, t in enumerate(tables)], -1)
    k = rng.random()
    if k < 0.15:  # a smaller photo made larger
        small = rng.randint(SIDE // 2, SIDE - 20)
        out = np.asarray(Image.fromarray(out).resize((small, small), Image.BILINEAR).resize(out.shape[1::-1], Image.BILINEAR))
    elif k < 0.35:
        stream = io.BytesIO()
        Image.fromarray(out).save(stream, "JPEG", quality=rng.randint(35, 90))
        out = np.asarray(Image.open(stream))
    elif k < 0.5:
        noise = np.random.default_rng(look).integers(-9, 10, out.shape[:2] + (1,), np.int16)
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    return out


def shown(drawn: Drawn) -> list[Shown]:
    """What can be asked about a view, the largest thing first."""
    counts = np.bincount(drawn.ids.ravel(), minlength=256)
    least = LEAST * MAP**2 // SIDE**2
    found = []
    for k, label in enumerate(drawn.things):
        if k in drawn.boxes or "parts" not in label:
            box = drawn.boxes.get(k)
            share = (box[2] - box[0]) * (box[3] - box[1]) if box else 1.0
            found.append(Shown(label["category"], label["colour"], None, {}, box, share))
            continue
        own = counts[1 + 16 * k : 17 + 16 * k]
        if own.sum() < 3 * least:
            continue
        mask = (drawn.ids >= 1 + 16 * k) & (drawn.ids < 17 + 16 * k)
        ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = (xs[0] / MAP, ys[0] / MAP, (xs[-1] + 1) / MAP, (ys[-1] + 1) / MAP)
        sizes = sorted(((n, p) for n, p in zip(own, label["parts"]) if n >= least), key=lambda s: -s[0])
        parts = {p: label["parts"][p]["colour"] for _, p in sizes}
        areas = {p: int(n) * SIDE**2 // MAP**2 for n, p in sizes}
        found.append(Shown(label["category"], label["parts"][label["main"]]["colour"], label["main"], parts, box, own.sum() / MAP**2, areas))
    return sorted(found, key=lambda s: -s.share)
