"""Real photos: crops of groceries, clothes and COCO scenes, cached once; the frozen held-out tenth is never read in.

    python -m training.mini.real        writes training/cache/real/{images.npy,labels.json}

images.npy is (N, 224, 224, 3) uint8, each photo squeezed to a square as the app does it; labels.json has a row for each:
path, category (training/real/split.py), colour (measured, null where unclear), captions (COCO), and a split of our own, "val" for a
tenth of what is left after the frozen split, so that pre-training can be watched without touching what it is judged on.
"""

from __future__ import annotations

import io
import json
import random
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from training.real.split import category, dominant_colour, held_out

from .images import MAP, SIDE, UNKNOWN, Drawn, crop, developed
from .prompt import ROOT

DATA = Path("/work/shared/data/photos")
CACHE = ROOT / "training/cache/real"
STORED = 224


@dataclass(frozen=True)
class RealView:
    row: int
    x: int
    y: int
    w: int
    h: int
    flip: bool
    look: int


def photos():
    """(path, image) of every photo that may be trained on."""
    for name in ("grocery", "clothing"):
        with tarfile.open(DATA / f"{name}.tar") as tar:
            for m in sorted(tar.getmembers(), key=lambda m: m.name):
                if m.name.endswith(".jpg") and not held_out(m.name):
                    yield m.name, Image.open(io.BytesIO(tar.extractfile(m).read()))
    for path in sorted((DATA / "coco-cc").glob("*.jpg")):
        if not held_out(f"coco-cc/{path.name}"):
            yield f"coco-cc/{path.name}", Image.open(path)


def main() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    captions = json.loads((DATA / "coco-cc/captions.json").read_text())
    images, rows = [], []
    for path, image in photos():
        colour = dominant_colour(image)[0] if category(path) else None
        image.draft("RGB", (STORED, STORED))
        images.append(np.asarray(image.convert("RGB").resize((STORED, STORED), Image.BILINEAR, reducing_gap=2.0)))
        said = [c.strip() for c in captions[Path(path).name]["captions"]] if path.startswith("coco") else []
        rows.append({"path": path, "category": category(path), "colour": colour, "captions": said, "split": "val" if zlib.crc32(path.encode()) % 10 == 3 else "train"})
    np.save(CACHE / "images.npy", np.stack(images))
    (CACHE / "labels.json").write_text(json.dumps(rows))
    print(len(rows), "photos,", sum(r["split"] == "val" for r in rows), "for validation,", sum(r["colour"] is not None for r in rows), "with a clear colour")


class RealImages:
    def __init__(self, split: str):
        self.images = np.load(CACHE / "images.npy", mmap_mode="r")
        self.labels = json.loads((CACHE / "labels.json").read_text())
        self.split = split
        here = [i for i, r in enumerate(self.labels) if r["split"] == split]
        self.named = [i for i in here if self.labels[i]["category"]]
        self.captioned = [i for i in here if self.labels[i]["captions"]]
        self.by_category: dict[str, list[int]] = {}
        for i in self.named:
            self.by_category.setdefault(self.labels[i]["category"], []).append(i)

    def row(self, rng: random.Random) -> int:
        """Half by photo, half by category: t-shirts are a seventh of all photos and asparagus is not."""
        return rng.choice(self.named) if rng.random() < 0.5 else rng.choice(rng.choice(list(self.by_category.values())))

    def view(self, rng: random.Random, row: int) -> RealView:
        """A crop that keeps the middle, where the measured colour lies."""
        if self.split != "train":
            return RealView(row, 0, 0, STORED, STORED, False, 0)
        w, h = rng.randint(int(STORED * 0.6), STORED), rng.randint(int(STORED * 0.6), STORED)
        x, y = (rng.randint(max(0, int(STORED * 0.7) - side), min(int(STORED * 0.3), STORED - side)) for side in (w, h))
        return RealView(row, x, y, w, h, rng.random() < 0.5, rng.getrandbits(30) | 1)

    def draw(self, v: RealView) -> Drawn:
        pixels = developed(crop(self.images[v.row], v.x, v.y, v.w, v.h, SIDE, SIDE), v.look)
        label = {"category": self.labels[v.row]["category"], "colour": self.labels[v.row]["colour"]}
        return Drawn(pixels[:, ::-1] if v.flip else pixels, np.full((MAP, MAP), UNKNOWN, np.uint8), [label] if label["category"] else [])


if __name__ == "__main__":
    main()
