"""Views of rendered objects with their labels: training/render pre-renders them, this reads and augments them.

A `View` is a crop of one pre-rendered image; it is cheap to pass around and hashable, so that a photo asked about five
times is encoded once.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from .prompt import ROOT

CACHE = ROOT / "training/cache/render"
SIDE = 192
COLOURS = "red orange yellow green turquoise blue purple pink brown black white grey".split()


@dataclass(frozen=True)
class View:
    row: int
    x: int
    y: int
    side: int
    flip: bool
    gain: float


@dataclass
class Scene:
    """One rendered object: what it is, its parts' colours, and the images that show it."""
    category: str
    main: str
    parts: dict[str, str]  # part -> colour
    rows: list[int] = field(default_factory=list)


def labels() -> dict:
    """labels.json, or, while the renderer is still at work, the same made from its plan for the rows that are there."""
    for path in (CACHE / "labels.json", ROOT / "training/runs/mini/labels.json"):
        if path.exists():
            return json.loads(path.read_text())
    from training.render import describe
    from training.render.prerender import plan

    count = len(np.load(CACHE / "images.npy", mmap_mode="r")) // 4
    things = [{**describe(t), "id": i, "split": "val" if f % 10 == 9 else "train"} for i, f, t, _ in plan(count)]
    return {"instances": things, "rows": [{"instance": i} for i in range(count) for _ in range(4)]}


class RenderedImages:
    def __init__(self, split: str):
        self.images = np.load(CACHE / "images.npy", mmap_mode="r")
        self.ids = np.load(CACHE / "ids.npy", mmap_mode="r")
        doc = labels()
        self.augment = split == "train"
        self.names = sorted({p for t in doc["instances"] for p in t["parts"]})
        self.kinds = sorted({t["category"] for t in doc["instances"]})
        self.label = {t["id"]: t for t in doc["instances"]}
        self.instance = [r["instance"] for r in doc["rows"]]
        scenes: dict[int, Scene] = {}
        for row, i in enumerate(self.instance):
            t = self.label[i]
            if t["split"] != split or not self.images[row, ::48, ::48].any():
                continue
            scene = scenes.setdefault(i, Scene(t["category"], t["main"], {p: v["colour"] for p, v in t["parts"].items()}))
            scene.rows.append(row)
        self.scenes = list(scenes.values())

    def draw(self, rng: random.Random) -> Scene:
        return rng.choice(self.scenes)

    def view(self, rng: random.Random, scene: Scene) -> View:
        row = rng.choice(scene.rows)
        if not self.augment:
            return View(row, 0, 0, SIDE, False, 1.0)
        side = rng.randint(int(SIDE * 0.72), SIDE)
        return View(row, rng.randint(0, SIDE - side), rng.randint(0, SIDE - side), side, rng.random() < 0.5, round(rng.uniform(0.8, 1.2), 2))

    def visible(self, view: View, least: int = 90) -> list[str]:
        """Parts that fill at least `least` of the view's 36,864 pixels."""
        ids = self.ids[view.row, view.y : view.y + view.side, view.x : view.x + view.side]
        counts = np.bincount(ids.ravel(), minlength=64) * (SIDE / view.side) ** 2
        parts = list(self.label[self.instance[view.row]]["parts"])
        return [p for i, p in enumerate(parts) if counts[1 + i] >= least]

    def pixels(self, views: list[View]) -> torch.Tensor:  # (I, 3, 192, 192) in -1..1
        out = np.empty((len(views), SIDE, SIDE, 3), np.float32)
        for i, v in enumerate(views):
            crop = self.images[v.row, v.y : v.y + v.side, v.x : v.x + v.side]
            if v.side != SIDE:
                crop = np.asarray(Image.fromarray(crop).resize((SIDE, SIDE), Image.BILINEAR))
            out[i] = np.clip(crop.astype(np.float32) * v.gain, 0, 255)
            if v.flip:
                out[i] = out[i, :, ::-1]
        return torch.from_numpy(out / 127.5 - 1).permute(0, 3, 1, 2).contiguous()

    def patch_targets(self, views: list[View]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What most of each patch shows: colour (I, 144), part name (I, 144), 0 is background; and the kind (I,)."""
        colour = np.zeros((len(views), 144), np.int64)
        part = np.zeros((len(views), 144), np.int64)
        kind = np.zeros(len(views), np.int64)
        for i, v in enumerate(views):
            ids = self.ids[v.row, v.y : v.y + v.side, v.x : v.x + v.side]
            ids = np.asarray(Image.fromarray(np.ascontiguousarray(ids)).resize((SIDE // 4, SIDE // 4), Image.NEAREST))
            ids = ids[:, ::-1] if v.flip else ids
            patches = ids.reshape(12, 4, 12, 4).transpose(0, 2, 1, 3).reshape(144, 16)
            t = self.label[self.instance[v.row]]
            names = list(t["parts"])
            best = np.array([np.bincount(p, minlength=len(names) + 1).argmax() for p in patches])
            colours = np.array([0] + [1 + COLOURS.index(t["parts"][n]["colour"]) for n in names])
            numbers = np.array([0] + [1 + self.names.index(n) for n in names])
            colour[i], part[i] = colours[best], numbers[best]
            kind[i] = self.kinds.index(t["category"])
        return torch.from_numpy(colour), torch.from_numpy(part), torch.from_numpy(kind)
