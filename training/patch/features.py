"""Caches frozen backbone features of augmented views: `python -m training.patch.features [--quick]`.

Writes training/cache/patch/<name>/{mid,top,low}.npy (float16) and meta.npz: label, group, pair (views of one photo share it),
box, cells (part under each cell or 0), split (0 train, 1 val). Val = every tenth label, never used for fitting heads.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from .backbone import session
from .photos import load, pixels, rendered
from .views import crop_view, on_photo

CACHE = Path("training/cache/patch")


def photo_views(name, limit, views, rng, low=0.4):
    rows = load(name, permitted=True)
    if limit and limit < len(rows):
        rows = [rows[i] for i in sorted(rng.permutation(len(rows))[:limit])]
    names = sorted({r[0] for r in rows})
    for k, (label, group, im) in enumerate(rows):
        number = names.index(label) if len(names) < 500 else k
        for _ in range(views):
            view, box, _ = crop_view(im, rng, low)
            yield view, f"{name}/{label}", f"{name}/{group}", f"{name}/{k}", box, np.zeros((14, 14), np.uint8), number % 10 == 9


def render_views(limit, rng):
    images, ids, rows = rendered(limit)
    backs = [im for name in ("coco", "grocery") for _, _, im in load(name, permitted=True)[:: 1 if name == "coco" else 40]]
    for row, instance, kind, family in rows:
        px, idm = images[row], np.where(ids[row] > 16, 0, ids[row])
        pasted = rng.random() < 0.4
        im = on_photo(px, idm, backs[rng.integers(len(backs))], rng) if pasted else Image.fromarray(px)
        view, box, cells = crop_view(im, rng, 0.62, idm)
        if (cells > 0).sum() >= 5:
            yield view, f"render/{instance}", f"render/{kind}", f"render/{row}", box, cells, family % 10 == 9


def cache(name, source):
    net = session()
    out = CACHE / name
    out.mkdir(parents=True, exist_ok=True)
    kept, meta, batch = {"mid": [], "top": [], "low": []}, [], []

    def flush():
        got = net.run(None, {"x": pixels(np.stack([b[0] for b in batch]))})
        for store, value in zip(kept.values(), got):
            store.append(value.astype(np.float16))
        meta.extend(b[1:] for b in batch)
        batch.clear()

    for item in source:
        batch.append(item)
        if len(batch) == 16:
            flush()
            if len(meta) % 480 == 0:
                print(name, len(meta), flush=True)
    if batch:
        flush()
    for key, store in kept.items():
        np.save(out / f"{key}.npy", np.concatenate(store))
    label, group, pair, box, cells, val = zip(*meta)
    np.savez(out / "meta.npz", label=label, group=group, pair=pair, box=np.stack(box), cells=np.stack(cells), val=np.array(val))
    print(name, len(meta), "views", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--quick", action="store_true")
    ap.add_argument("--only", default="")
    a = ap.parse_args()
    q = a.quick
    jobs = {
        "render": lambda: render_views(240 if q else 2000, np.random.default_rng(1)),
        "grocery": lambda: photo_views("grocery", 500 if q else 0, 2, np.random.default_rng(2), 0.45),
        "coco": lambda: photo_views("coco", 0, 4 if q else 6, np.random.default_rng(3), 0.15),
        "clothing": lambda: photo_views("clothing", 200 if q else 1500, 2, np.random.default_rng(4)),
    }
    for name, job in jobs.items():
        if not a.only or name in a.only.split(","):
            cache(name, job())


if __name__ == "__main__":
    main()
