"""Draws the frozen suite on looks: `python -m training.render.looks` writes bench/suites/looks.json and its photos.

Instances from SEED on, which no training set reaches; every question has a photo of its own and no memory. Kinds:
    part-colour   "What colour is the handle?"           one thing; the part is plain and large enough to be seen
    part-kind     "What is this?", "What is on the left?"  one thing, or one of two
    place         "Is the mug on the left?"              two or three things; yes as often as no, for each place too
Answers come from the renderer's labels and part ids, wordings from the tables below. Equal seeds give equal questions.
The renderer paints materials as gloss alone, without grain or weave, so none is asked for.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from . import KINDS, NAMES, RESERVED, make_instance, render

SEED = RESERVED + 500_000
OUT = Path("bench/suites")
SIZE, SCENE = 192, 224
PART = 0.015  # of the picture: about 24 pixels a side where mini looks, 0.008 was too little for us to name

# What two things are taken for each other, right or wrong: distractors, before any others.
ALIKE = (("hat", "beanie"), ("boot", "shoe"), ("car", "truck", "robot"), ("dog", "cat", "rabbit", "teddy"), ("house", "birdhouse"),
         ("mug", "teapot", "vase", "bottle", "watering can", "plant"), ("backpack", "suitcase"), ("lamp", "umbrella"), ("drum", "cupcake"),
         ("camera", "clock"), ("rocket", "bottle"), ("blocks", "house"), ("book", "suitcase"), ("chair", "blocks"), ("duck", "rabbit"))
ALSO = {"house": "house", "clock": "clock", "plant": "potted plant|plant", "rabbit": "rabbit|bunny", "teddy": "teddy|bear",
        "duck": "duck", "car": "car", "truck": "truck|lorry", "robot": "robot", "rocket": "rocket", "blocks": "blocks|building blocks",
        "beanie": "beanie", "backpack": "rucksack", "shoe": "shoe|sneaker", "cupcake": "muffin", "dog": "puppy", "cat": "kitten",
        "boot": "rain boot|wellington", "mug": "cup"}
# Names of parts that only the renderer uses.
INSIDER = {"rose", "flash", "finder", "inside", "band", "load", "upper", "skin", "hubs", "tip", "glass", "hole", "crown"}

COLOUR_WORDINGS = ("What colour {is} the {part}?", "what color {is} the {part}", "Which colour {is} the {part} of this {thing}?",
                   "the {part}, what colour {is} {it}?", "what colour {is} the {part} on this {thing}")
KIND_WORDINGS = ("What is this?", "what is this", "What kind of thing is this?", "whats this thing")
SIDE_WORDINGS = ("What is on the {side}?", "whats the thing on the {side}")
PLACE_WORDINGS = ("Is the {thing} {place}?", "Is there {a} {thing} {place}?", "is the {colour} {thing} {place}",
                  "do you see {a} {thing} {place}?")
# place → (phrase, number of questions, half of them yes)
PLACES = {"left": ("on the left", 16), "right": ("on the right", 16), "middle": ("in the middle", 8), "upper left": ("in the upper left", 8),
          "upper right": ("in the upper right", 8), "lower left": ("in the lower left", 8), "lower right": ("in the lower right", 8)}


class Suite:
    """Questions so far, and the next seed."""

    def __init__(self):
        self.questions, self.seed, self.bytes = [], SEED, 0

    def next_seed(self):
        self.seed += 1
        return self.seed

    def add(self, kind, text, pixels, answer, wrong):
        number = sum(q["kind"] == kind for q in self.questions) + 1
        name = f"looks/{kind}-{number}.jpg"
        (OUT / "looks").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(OUT / name, "JPEG", quality=82, optimize=True)
        self.bytes += (OUT / name).stat().st_size
        self.questions.append({"id": f"{kind}-{number}", "kind": kind, "text": text, "photo": name,
                               "options": [answer.split("|")[0], *wrong], "answer": answer})


def part_colours(suite, count=72):
    """Kinds go round; of the parts that can be seen, the one whose colour was asked for least."""
    asked, kinds = Counter(), list(KINDS)
    while (n := sum(asked.values())) < count:
        seed = suite.next_seed()
        thing = make_instance(seed, kinds[n % len(kinds)])
        pixels, ids = render(thing, seed, SIZE, quality=0)
        spec = KINDS[thing.kind]
        seen = [name for i, name in enumerate(thing.parts) if (ids == 1 + i).mean() >= PART and name not in INSIDER
                and name not in spec.fixed and thing.parts[name].pattern == "plain"]
        if not seen:
            continue
        rng = np.random.default_rng([seed, 21])
        part = min(rng.permutation(seen), key=lambda name: asked[thing.parts[name].colour])
        colour = thing.parts[part].colour
        many = part.endswith("s") or part == "feet"
        text = COLOUR_WORDINGS[n % len(COLOUR_WORDINGS)].format(part=part, thing=spec.category, **{"is": "are" if many else "is"},
                                                               it="they" if many else "it")
        others = list(dict.fromkeys(p.colour for p in thing.parts.values() if p.colour != colour))
        others += [c for c in rng.permutation(NAMES) if c != colour and c not in others]
        suite.add("part-colour", text, pixels, "grey|gray" if colour == "grey" else colour, [str(c) for c in others[:3]])
        asked[colour] += 1


def part_kinds(suite, alone=48, beside=16):
    kinds = np.random.default_rng([SEED, 22]).permutation(list(KINDS))
    for n in range(alone):
        seed = suite.next_seed()
        kind = kinds[n % len(kinds)]
        pixels, _ = render(make_instance(seed, str(kind)), seed, SIZE, quality=0)
        suite.add("part-kind", KIND_WORDINGS[n % len(KIND_WORDINGS)], pixels, *names_of(kind))
    for n in range(beside):
        side = ("left", "right")[n % 2]
        pixels, things, where = scene_with(suite, 2, lambda where: {"left", "right"} <= set(where))
        kind = things[where.index(side)].kind
        answer, wrong = names_of(kind)
        other = KINDS[things[1 - where.index(side)].kind].category  # the one thing that is surely seen, and not asked for
        suite.add("part-kind", SIDE_WORDINGS[n // 2 % 2].format(side=side), pixels, answer, list(dict.fromkeys([other, *wrong]))[:3])


def places(suite):
    for place, (phrase, count) in PLACES.items():
        for n in range(count):
            wording, yes = PLACE_WORDINGS[n // 2 % len(PLACE_WORDINGS)], n % 2 == 0
            missing = not yes and "{a}" in wording and n % 4 == 3  # a thing that is nowhere, not only elsewhere
            things_wanted = 3 if place == "middle" else 2
            good = (lambda where: place in where) if yes else (lambda where: any(w not in (place, None) for w in where))
            pixels, things, where = scene_with(suite, things_wanted, good, corner=place if " " in place else None,
                                               plain="{colour}" in wording)
            rng = np.random.default_rng([suite.seed, 23])
            if missing:
                kind = rng.choice([k for k in KINDS if all(k not in (t.kind, *alike(t.kind)) for t in things)])
                colour = ""
            else:
                fits = [t for t, w in zip(things, where) if (w == place) == yes and w is not None]
                thing = fits[rng.integers(len(fits))]
                kind, colour = thing.kind, thing.parts[KINDS[thing.kind].main].colour
            name = KINDS[str(kind)].category
            text = wording.format(thing=name, place=phrase, colour=colour, a="an" if name[0] in "aeiou" else "a")
            suite.add("place", text, pixels, "yes" if yes else "no", ["no" if yes else "yes"])


def scene_with(suite, count, good, corner=None, plain=False):
    """(pixels, things, places) of the next scene whose things are all seen and whose places are `good`.

    For a corner the scene is rendered larger and cut so that one thing comes to lie there; for a wrong corner, elsewhere.
    """
    while True:
        seed = suite.next_seed()
        rng = np.random.default_rng([seed, 24])
        kinds = [str(k) for k in rng.permutation(list(KINDS))[:count]]
        things = [make_instance(seed * 4 + k, kind) for k, kind in enumerate(kinds)]
        if any(kinds[j] in alike(kinds[i]) for i in range(count) for j in range(i)):
            continue
        if plain and any(t.parts[KINDS[t.kind].main].pattern != "plain" for t in things):
            continue
        size = SCENE if corner is None else 400
        pixels, ids = render(things, seed, size, quality=0, zoom=1.2 if corner is None else 2.2)
        whole = [((ids > 16 * k) & (ids <= 16 * k + 16)).sum() for k in range(count)]
        if corner is not None:
            pixels, ids = cut(pixels, ids, rng, int(rng.integers(count)))
        masks = [(ids > 16 * k) & (ids <= 16 * k + 16) for k in range(count)]
        if any(m.sum() < 0.8 * w or m.mean() < 0.03 for m, w in zip(masks, whole)):
            continue
        where = [(corner_of if corner else side_of)(m) for m in masks]
        if good(where):
            return pixels, things, where


def cut(pixels, ids, rng, target):
    """A SCENE-sized window in which the target's middle lies in a random corner, as far as the picture reaches."""
    ys, xs = np.nonzero((ids > 16 * target) & (ids <= 16 * target + 16))
    spare = len(ids) - SCENE
    if len(ys) == 0:
        return pixels[:SCENE, :SCENE], ids[:SCENE, :SCENE]
    top, left = (int(np.clip(mid - SCENE * rng.choice((0.24, 0.76)), 0, spare)) for mid in (ys.mean(), xs.mean()))
    return pixels[top:top + SCENE, left:left + SCENE], ids[top:top + SCENE, left:left + SCENE]


def middle_of(mask):
    ys, xs = np.nonzero(mask)
    return xs.mean() / mask.shape[1], ys.mean() / mask.shape[0]


def side_of(mask):
    """left, middle or right; None where people would argue."""
    x, _ = middle_of(mask)
    return "left" if x < 0.4 else "right" if x > 0.6 else "middle" if 0.44 < x < 0.56 else None


def corner_of(mask):
    """"upper left" and the like; None near the middle lines."""
    x, y = middle_of(mask)
    if abs(x - 0.5) < 0.12 or abs(y - 0.5) < 0.14:
        return None
    return f"{'upper' if y < 0.5 else 'lower'} {'left' if x < 0.5 else 'right'}"


def alike(kind):
    return [other for group in ALIKE if kind in group for other in group if other != kind]


def names_of(kind):
    """(accepted names, three wrong ones) of a kind."""
    kind = str(kind)
    rng = np.random.default_rng([list(KINDS).index(kind), 25])
    near = alike(kind) + [str(k) for k in rng.permutation(list(KINDS)) if k != kind]
    names = list(dict.fromkeys(KINDS[k].category for k in near))
    return "|".join([KINDS[kind].category, *ALSO.get(kind, "").split("|")]).rstrip("|"), names[:3]


def main():
    suite = Suite()
    part_colours(suite)
    part_kinds(suite)
    places(suite)
    lines = ",\n".join("    " + json.dumps(q) for q in suite.questions)
    (OUT / "looks.json").write_text(f'{{\n  "concepts": [],\n  "questions": [\n{lines}\n  ]\n}}\n')
    print(f"{dict(Counter(q['kind'] for q in suite.questions))}, {suite.bytes / 1e6:.2f} MB, seeds {SEED + 1} to {suite.seed}")


if __name__ == "__main__":
    main()
