"""Renders pictures of two or three things in one room, for questions about places.

    python -m training.mini.scenes [--count 520]     writes training/cache/scenes/{images,ids}.npy and labels.json

Files as in training.render.prerender, but a row has several things: rows[i]["instances"], ids 1 + 16 * thing + part. Every tenth
scene is "val"; seeds start at 2,000,000, so no thing is in the pre-rendered set and none is shipped.
"""

from __future__ import annotations

import argparse
import json
import random
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from training.render import KINDS, RESERVED, describe, make_instance, render

from .images import SIDE
from .prompt import ROOT

OUT = ROOT / "training/cache/scenes"
FIRST = 2_000_000


def things(scene: int) -> list:
    """Two or three things, mostly of different kinds."""
    rng = random.Random(FIRST + scene)
    count = 2 if rng.random() < 0.6 else 3
    kinds = rng.sample(list(KINDS), count) if rng.random() < 0.85 else [rng.choice(list(KINDS))] * count
    return [make_instance(FIRST + 4 * scene + k, kind) for k, kind in enumerate(kinds)]


def work(scene: int) -> tuple[int, np.ndarray, np.ndarray]:
    return (scene, *render(things(scene), FIRST + scene, SIDE))


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--count", type=int, default=520)
    a.add_argument("--workers", type=int, default=1)
    args = a.parse_args()
    assert FIRST + 4 * args.count < RESERVED
    OUT.mkdir(parents=True, exist_ok=True)
    images = np.zeros((args.count, SIDE, SIDE, 3), np.uint8)
    ids = np.zeros((args.count, SIDE, SIDE), np.uint8)
    with ProcessPoolExecutor(args.workers) as pool:
        for scene, pixels, mask in pool.map(work, range(args.count), chunksize=8):
            images[scene], ids[scene] = pixels, mask
            if scene % 40 == 39:
                print(scene + 1, "scenes", flush=True)
    np.save(OUT / "images.npy", images)
    np.save(OUT / "ids.npy", ids)
    shown, rows = [], []
    for scene in range(args.count):
        own = [{**describe(t), "id": t.seed, "split": "val" if scene % 10 == 9 else "train"} for t in things(scene)]
        shown += own
        rows.append({"instances": [t["id"] for t in own], "view": FIRST + scene})
    (OUT / "labels.json").write_text(json.dumps({"size": SIDE, "count": len(rows), "instances": shown, "rows": rows}))


if __name__ == "__main__":
    main()
