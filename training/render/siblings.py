"""Sibling sets: the same thing three times, told apart by one part alone, with that part's place in every photo.

`python -m training.render.siblings judged` writes bench/suites/siblings/ (committed; `npm run bench -- mine` reads it), `… dev` the
same from other seeds under training/cache/siblings-dev, on which mining is tuned (`npm run bench -- mine --suite …`). Judged
instance seeds start at RESERVED + 700,000, dev seeds at 8,500,000: neither is trained on.

siblings.json: {"sets": [{"id", "kind", "part", "change", "siblings": [{"id", "photos": [photo], "asked": [photo]}]}],
"pairs": [{"file", "things": [{"id", "box"}]}]}; photo: {"file", "part": [cell, pixels, …], "thing": [x, y, w, h]}.
`part` is how many of the part's pixels lie in each cell of a CELLS × CELLS grid, empty cells left out; boxes are fractions.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from . import KINDS, RESERVED, make_instance, render
from .palette import other

CELLS = 28  # twice the encoder's grid
SIZE, PAIR_SIZE = 224, 288
SIBLINGS, REFERENCES, ASKED = 3, 3, 2
PLACES = {"judged": (RESERVED + 700_000, 16, 32, Path("bench/suites/siblings")),
          "dev": (8_500_000, 16, 32, Path("training/cache/siblings-dev"))}
LEAST, MOST = 0.03, 0.3  # share of the thing that the part takes up in a photo: a collar, a lid, a handle
LEAST_PHOTO = 0.004  # and of the photo: about a cell of the encoder's grid


def family(seed, kind):
    """One thing with `SIBLINGS` looks of one part, and which part; None where this kind shows no such part."""
    rng = np.random.default_rng([seed, 31])
    base = make_instance(seed, kind)
    spec = KINDS[kind]
    _, ids = render(base, seed, SIZE, yaw=rng.uniform(-40, 40), zoom=1.05, samples=1)
    names = list(base.parts)
    fits = [n for i, n in enumerate(names) if n != spec.main and n not in spec.fixed and LEAST <= share(ids, i) <= MOST]
    if not fits:
        return None
    part = fits[rng.integers(len(fits))]
    look = {n: {k: getattr(p, k) for k in ("colour", "pattern", "colour2", "material", "letter", "freq")}
            for n, p in base.parts.items()}
    things, colours = [], [base.parts[part].colour]
    look[part] = {**look[part], "pattern": "plain", "colour2": None}
    for _ in range(SIBLINGS):
        over = {**look, part: {**look[part], "colour": colours[-1]}}
        things.append(make_instance(seed, kind, over, base.proportions))
        fresh = other(colours[-1], rng)
        while fresh in colours:
            fresh = other(colours[-1], rng)
        colours.append(fresh)
    return things, part, names.index(part), colours[:SIBLINGS]


def share(ids, at):
    return (ids == 1 + at).sum() / max(1, (ids > 0).sum())


def shots(thing, at, seed, count):
    """`count` photos in which the part can be seen, from seeds on."""
    rng, got = np.random.default_rng([seed, 32]), []
    for view in range(seed, seed + 60):
        if len(got) == count:
            break
        pixels, ids = render(thing, view, SIZE, yaw=rng.uniform(-50, 50), zoom=rng.uniform(0.9, 1.3))
        if share(ids, at) >= LEAST / 2 and (ids == 1 + at).mean() >= LEAST_PHOTO:
            got.append((pixels, ids))
    return got


def counts(mask):
    step = len(mask) // CELLS
    cells = mask.reshape(CELLS, step, CELLS, step).sum((1, 3)).ravel()
    return [int(v) for i in np.flatnonzero(cells) for v in (i, cells[i])]


def box(mask):
    ys, xs = np.nonzero(mask)
    n = len(mask)
    return [round(float(v), 4) for v in (xs.min() / n, ys.min() / n, (np.ptp(xs) + 1) / n, (np.ptp(ys) + 1) / n)]


def save(pixels, path):
    Image.fromarray(pixels).save(path, "JPEG", quality=80, optimize=True)


def main():
    first, sets, pairs, out = PLACES[sys.argv[1]]
    out.mkdir(parents=True, exist_ok=True)
    kinds, made, doc, seed = list(KINDS), [], {"cells": CELLS, "sets": [], "pairs": []}, first
    order = np.random.default_rng([first, 30]).permutation(len(kinds))
    while len(made) < sets:
        kind = kinds[order[(seed - first) % len(kinds)]]
        found = family(seed, kind)
        seed += 1
        if found is None:
            continue
        things, part, at, colours = found
        views = [shots(t, at, 100 * seed + 7_000_000 * k, REFERENCES + ASKED) for k, t in enumerate(things)]
        if any(len(v) < REFERENCES + ASKED for v in views):
            continue
        name = f"{len(made):02}-{kind.replace(' ', '-')}"
        entry = {"id": name, "kind": kind, "part": part, "change": colours, "siblings": []}
        for k, (letter, photos) in enumerate(zip("abc", views)):
            rows = []
            for i, (pixels, ids) in enumerate(photos):
                save(pixels, out / f"{name}-{letter}{i + 1}.jpg")
                rows.append({"file": f"{name}-{letter}{i + 1}.jpg", "part": counts(ids == 1 + at), "thing": box(ids > 0)})
            entry["siblings"].append({"id": f"{name}-{letter}", "photos": rows[:REFERENCES], "asked": rows[REFERENCES:]})
        doc["sets"].append(entry)
        made.append(things[0])
        print(name, part, colours, flush=True)
    rng, view = np.random.default_rng([first, 33]), first
    while len(doc["pairs"]) < pairs:
        a, b = (int(i) for i in rng.permutation(sets)[:2])
        pixels, ids = render([made[a], made[b]], view, PAIR_SIZE, yaw=rng.uniform(-40, 40), zoom=rng.uniform(0.85, 1.1))
        view += 1
        masks = [(ids >= 1) & (ids <= 16), ids > 16]
        if made[a].kind == made[b].kind or any(m.mean() < 0.03 for m in masks):
            continue
        file = f"pair-{len(doc['pairs']):02}.jpg"
        save(pixels, out / file)
        doc["pairs"].append({"file": file, "things": [{"id": doc["sets"][i]["siblings"][0]["id"], "box": box(m)}
                                                      for i, m in zip((a, b), masks)]})
    body = ",\n".join(json.dumps(s) for s in doc["sets"])
    tail = ",\n".join(json.dumps(p) for p in doc["pairs"])
    (out / "siblings.json").write_text(f'{{"cells": {CELLS}, "sets": [\n{body}\n], "pairs": [\n{tail}\n]}}\n')


if __name__ == "__main__":
    main()
