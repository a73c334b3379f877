"""Pre-renders a labelled training set: `python -m training.render.prerender [--instances 2400] [--views 4] [--workers 2]`.

Writes under training/cache/render/ (git-ignored):
    images.npy   (N, 192, 192, 3) uint8, RGB; open with np.load(..., mmap_mode="r")
    ids.npy      (N, 192, 192) uint8: 0 background or clutter, 1 + p for part p (the order of `parts` in the label)
    labels.json  {"size", "count", "views", "instances": [describe(instance) + {"id", "family", "split", "sibling_of"}],
                  "rows": [{"instance": id, "view": view_seed}]}   rows[i] belongs to images[i]
Each family is one base thing and one sibling of it (same kind, a part or two recoloured: a hard negative), both in the
same split; every tenth family is "val", the rest "train". Instance seeds are id + 1,000 < RESERVED, so nothing shipped or tested
is in here. Rows of unfinished chunks are black and `labels.json` names finished ones only (`count` rows may be fewer than images.npy has).
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from . import KINDS, describe, make_instance, render, sibling

OUT = Path("training/cache/render")
SIZE = 192


def plan(count):
    """Yields (id, family, instance, sibling_of); kinds go round so that each is equally frequent."""
    kinds, base = list(KINDS), None
    for i in range(count):
        if i % 2 == 0:
            base = make_instance(1000 + i, kinds[(i // 2) % len(kinds)])
            yield i, i // 2, base, None
        else:
            yield i, i // 2, sibling(base, 1000 + i, changes=1 + (i // 2) % 2), i - 1


def work(job):
    count, views, start, stop = job
    images = np.load(OUT / "images.npy", mmap_mode="r+")
    ids = np.load(OUT / "ids.npy", mmap_mode="r+")
    for i, _, thing, _ in plan(count):
        if start <= i < stop:
            for v in range(views):
                images[i * views + v], ids[i * views + v] = render(thing, 10 * i + v, SIZE)
    images.flush()
    ids.flush()
    return stop


def write_labels(count, views, done):
    """labels.json for the first `done` of `count` instances; images of later ones are still black."""
    rows = [{"instance": i, "view": 10 * i + v} for i in range(done) for v in range(views)]
    things = [{**describe(t), "id": i, "family": f, "split": "val" if f % 10 == 9 else "train", "sibling_of": s}
              for i, f, t, s in plan(count) if i < done]
    doc = {"size": SIZE, "count": len(rows), "views": views, "instances": things, "rows": rows}
    (OUT / "labels.json").write_text(json.dumps(doc))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--instances", type=int, default=2400)
    ap.add_argument("--views", type=int, default=4)
    ap.add_argument("--workers", type=int, default=2)
    a = ap.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    n = a.instances * a.views
    os.nice(5)
    np.lib.format.open_memmap(OUT / "images.npy", "w+", np.uint8, (n, SIZE, SIZE, 3)).flush()
    np.lib.format.open_memmap(OUT / "ids.npy", "w+", np.uint8, (n, SIZE, SIZE)).flush()
    jobs = [(a.instances, a.views, s, min(s + 60, a.instances)) for s in range(0, a.instances, 60)]
    with ProcessPoolExecutor(a.workers) as pool:
        for k, _ in enumerate(pool.map(work, jobs)):
            print(f"{(k + 1) * 60}/{a.instances} instances", flush=True)
    write_labels(a.instances, a.views, a.instances)


if __name__ == "__main__":
    main()
