"""Caches what the patch encoder makes of views of things, photos and crowds, with what can be asked about them.

    python -m training.look.features [--views 24000]       writes training/cache/look/{train,val}/

grid.npy (N, 196, 96) and global.npy (N, 256): the shipped encoder's outputs, float16; low.npy (N, 196, 15): plain colours (training/patch/backbone.py);
maps.npy (N, 96, 96) uint8 and seen.pkl: which part each spot shows, and each view's `Shown` and labels. Views are drawn as for mini's tower
(training/mini/vision.py). "val" has each picture once, then nearer by each of CLOSER, as the app looks at it ([Note: Closer looks] in src/core/look.ts).
"""

from __future__ import annotations

import argparse
import pickle
import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.mini.images import Shown, shown
from training.mini.pictures import Pictures
from training.mini.prompt import ROOT
from training.mini.vision import draw
from training.patch.backbone import session
from training.patch.export import shipped
from training.patch.photos import SIDE, pixels

CACHE = ROOT / "training/cache/look"
CLOSER = (0, 0.07, 0.14)  # of each edge, as in src/core/look.ts
BATCH = 16


class Writer:
    def __init__(self, folder: Path, count: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.net, self.encoder = session(), shipped()
        make = lambda name, shape, kind: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, (count, *shape))  # noqa: E731
        self.grid, self.glob = make("grid", (196, 96), np.float16), make("global", (256,), np.float16)
        self.low, self.maps = make("low", (196, 15), np.float16), make("maps", (96, 96), np.uint8)
        self.seen: list[tuple[list[Shown], list[dict]]] = []
        self.folder, self.count = folder, count

    @torch.no_grad()
    def add(self, rows: list[tuple[np.ndarray, np.ndarray, list[Shown], list[dict]]]) -> None:
        """Pictures (any side, any side, 3) uint8, maps (96, 96), what is shown, and the labels of the maps' things."""
        x = pixels(np.stack([np.asarray(Image.fromarray(np.ascontiguousarray(p)).resize((SIDE, SIDE), Image.BICUBIC)) for p, *_ in rows]))
        mid, top, low = (torch.from_numpy(t) for t in self.net.run(None, {"x": x}))
        grid, glob = self.encoder.heads(mid, top, low)
        at = slice(len(self.seen), len(self.seen) + len(rows))
        self.grid[at], self.glob[at] = grid.flatten(1, 2).half().numpy(), glob.half().numpy()
        self.low[at], self.maps[at] = low.flatten(2).transpose(1, 2).half().numpy(), np.stack([m for _, m, *_ in rows])
        self.seen += [(s, things) for *_, s, things in rows]

    def done(self, names: dict[str, list[str]]) -> None:
        for t in (self.grid, self.glob, self.low, self.maps):
            t.flush()
        with (self.folder / "seen.pkl").open("wb") as file:
            pickle.dump({"seen": self.seen, **names}, file)
        print(self.folder.name, len(self.seen), "of", self.count, flush=True)


def nearer(picture: np.ndarray, edge: float) -> np.ndarray:
    h, w = picture.shape[:2]
    return picture[round(h * edge) : h - round(h * edge), round(w * edge) : w - round(w * edge)] if edge else picture


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--views", type=int, default=24000)
    a.add_argument("--only", default="val,train")
    args = a.parse_args()
    torch.set_num_threads(1)
    if "val" in args.only.split(","):
        val, rng = Pictures("val"), random.Random(5)
        singles = [val.rendered.view(rng, row) for row in val.rendered.rows[::2]] + [val.real.view(rng, row) for row in val.real.named]
        views = [(v, edge) for edge in CLOSER for v in singles] + [(val.crowd(rng), 0) for _ in range(300)]
        write(CACHE / "val", val, views)
    if "train" in args.only.split(","):
        train, rng = Pictures("train"), random.Random(3)
        write(CACHE / "train", train, [(v, 0) for v in draw(train, rng, args.views)])


def write(folder: Path, pictures: Pictures, views: list[tuple[object, float]]) -> None:
    writer = Writer(folder, len(views))
    for i in range(0, len(views), BATCH):
        drawn = [(pictures.drawn(v), edge) for v, edge in views[i : i + BATCH]]
        writer.add([(nearer(d.pixels, edge), d.ids, shown(d), d.things) for d, edge in drawn])
        if i // BATCH % 50 == 0:
            print(folder.name, i, "of", len(views), flush=True)
    writer.done({"parts": pictures.parts, "categories": pictures.categories})


if __name__ == "__main__":
    main()
