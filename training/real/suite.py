"""The frozen suite of real held-out photos. Photos are not ours to commit, so it has two halves:

    python -m training.real.suite           reads bench/suites/real-list.json, takes the photos out of the tars and writes
                                            training/cache/real-suite/real.json beside them, for `npm run eval`
    python -m training.real.suite freeze    writes that list; done once, on 2026-11-25, before any second version trained

Kinds: real-category ("What is this?") over every category of split.CATEGORIES, real-colour ("What colour is the dress?") where
dominant_colour is sure. Only photos for which split.held_out is true.
"""

import colorsys
import io
import json
import sys
import tarfile
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from training.patch.photos import DATA

from .split import CATEGORIES, CENTRE, COLOURS, SEED, category, dominant_colour, held_out

LIST = Path("bench/suites/real-list.json")
OUT = Path("training/cache/real-suite")
TARS = ("grocery", "clothing")

PER_CATEGORY = 5  # a rare category has two or three; five keep t-shirts from being the suite
PER_COLOUR = 18  # black clothes alone would be 55
# Wrinkles make a white shirt grey and a lamp makes a grey one white: those two are asked only where nearly all of it agrees.
PALE = 0.85
CATEGORY_WORDINGS = ("What is this?", "what is this", "What is in the photo?", "whats this")
COLOUR_WORDINGS = ("What colour {is} the {thing}?", "what color {is} the {thing}", "Which colour {is} the {thing} in the photo?",
                   "the {thing}, what colour {is} {it}?")

# What else a person may rightly call it; plurals are added.
ALSO = {
    "mandarin": ("satsuma", "tangerine", "clementine"), "zucchini": ("courgette",), "aubergine": ("eggplant",), "beetroot": ("beet",),
    "bell pepper": ("pepper", "capsicum"), "passion fruit": ("passionfruit",), "milk carton": ("carton of milk", "milk"),
    "juice carton": ("carton of juice", "juice"), "sweater": ("jumper", "pullover", "long-sleeved top", "long-sleeved shirt"),
    "trousers": ("pants", "jeans"), "jacket": ("coat",), "shoes": ("shoe", "trainer", "boot", "sandal"), "t-shirt": ("tshirt", "tee"),
    "hat": ("cap",), "melon": ("cantaloupe", "honeydew"),
}
PLURALS = {"tomato": "tomatoes", "potato": "potatoes", "sweet potato": "sweet potatoes", "mango": "mangoes", "peach": "peaches",
           "dress": "dresses"}
MANY = {"shoes", "shorts", "trousers"}
# Distractors come from the family, nearest first.
FAMILIES = (
    ("t-shirt", "shirt", "sweater", "jacket", "dress"), ("trousers", "shorts", "skirt", "dress"), ("hat", "shoes", "shorts", "jacket"),
    ("milk carton", "juice carton", "melon", "cabbage"),
    ("orange", "mandarin", "grapefruit", "lemon", "lime"), ("peach", "nectarine", "plum", "apple"), ("apple", "pear", "pomegranate", "peach"),
    ("pear", "avocado", "mango", "papaya"), ("melon", "watermelon", "pineapple", "papaya"), ("kiwi", "passion fruit", "potato", "plum"),
    ("banana", "lemon", "mango", "pineapple"), ("potato", "sweet potato", "onion", "ginger"), ("onion", "garlic", "ginger", "mushroom"),
    ("cucumber", "zucchini", "aubergine", "leek"), ("leek", "asparagus", "cabbage", "cucumber"), ("tomato", "bell pepper", "apple", "beetroot"),
    ("carrot", "sweet potato", "bell pepper", "orange"),
)


def freeze():
    photos = {}
    for name, data in members(lambda path: path.endswith(".jpg") and held_out(path)):
        photos[name] = Image.open(io.BytesIO(data)).convert("RGB")
    order = sorted(photos, key=lambda path: zlib.crc32(path.encode(), SEED + 1))
    questions = [*category_questions(order), *colour_questions(order, photos)]
    lines = ",\n".join("    " + json.dumps(q) for q in questions)
    LIST.write_text(f'{{\n  "questions": [\n{lines}\n  ]\n}}\n')
    print(dict(Counter(q["kind"] for q in questions)))


def category_questions(order):
    rows = pick(order, category, PER_CATEGORY)
    for n, path in enumerate(rows):
        name = category(path)
        yield {"id": f"real-category-{n + 1}", "kind": "real-category", "text": CATEGORY_WORDINGS[n % len(CATEGORY_WORDINGS)], "path": path,
               "options": [name, *wrong_categories(name)], "answer": "|".join(accepted(name))}


def colour_questions(order, photos):
    def word(path):
        colour, share = dominant_colour(photos[path])
        # A hand holds most cartons, and "the orange is blue" would name "orange".
        asked = "carton" not in category(path) and category(path) not in COLOURS
        return colour if asked and (colour not in ("white", "grey") or share >= PALE) else None

    for n, path in enumerate(pick(order, word, PER_COLOUR)):
        colour, thing = word(path), category(path)
        many = thing in MANY
        text = COLOUR_WORDINGS[n % len(COLOUR_WORDINGS)].format(thing=thing, it="they" if many else "it", **{"is": "are" if many else "is"})
        rng = np.random.default_rng([SEED, zlib.crc32(path.encode())])
        others = [str(c) for c in rng.permutation(COLOURS) if c != colour][:3]
        yield {"id": f"real-colour-{n + 1}", "kind": "real-colour", "text": text, "path": path, "options": [colour, *others],
               "answer": "|".join(accepted_colours(colour, photos[path]))}


def accepted_colours(colour, im):
    """The measured word and what others would say of a colour beside its border: navy is black or blue, lilac purple or pink."""
    (w, h), r = im.size, CENTRE / 2
    box = tuple(round(side * at) for at, side in ((0.5 - r, w), (0.5 - r, h), (0.5 + r, w), (0.5 + r, h)))
    rgb = np.asarray(im.crop(box).resize((1, 1), Image.BOX)).reshape(3) / 255
    hue, saturation, _ = colorsys.rgb_to_hsv(*rgb)
    hue *= 360
    if colour == "grey":
        return ["grey", "gray"]
    if colour == "black":
        return ["black", "blue"] if saturation > 0.3 and 200 < hue < 260 else ["black"]
    borders = {("purple", "pink"): (285, 330), ("pink", "red"): (330, 352), ("orange", "red"): (8, 20), ("yellow", "green"): (55, 75)}
    beside = [pair for pair, (low, high) in borders.items() if colour in pair and low < hue < high]
    return [colour, *(other for pair in beside for other in pair if other != colour)]


def pick(order, label, most):
    """The first `most` paths of each label, mixed: their order stays that of `order`."""
    taken, rows = defaultdict(int), []
    for path in order:
        name = label(path)
        if name is not None and taken[name] < most:
            taken[name] += 1
            rows.append(path)
    return rows


def wrong_categories(name):
    near = [other for family in FAMILIES if name in family for other in family if other != name]
    rng = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    return list(dict.fromkeys([*near, *map(str, rng.permutation(sorted(set(CATEGORIES.values()) - {name})))]))[:3]


def accepted(name):
    names = [name, *ALSO.get(name, ())]
    return list(dict.fromkeys([*names, *(PLURALS.get(n, n if n.endswith("s") else n + "s") for n in names)]))


def members(wanted):
    """(path, bytes) of the wanted files, tar by tar."""
    for name in TARS:
        with tarfile.open(DATA / f"{name}.tar") as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                if member.isfile() and wanted(member.name):
                    yield member.name, tar.extractfile(member).read()


def build():
    questions = json.loads(LIST.read_text())["questions"]
    trained = [q["path"] for q in questions if not held_out(q["path"])]
    assert not trained, f"not held out: {trained}"
    wanted = {q["path"] for q in questions}
    for path, data in members(wanted.__contains__):
        target = OUT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    suite = {"concepts": [], "questions": [{**{k: v for k, v in q.items() if k != "path"}, "photo": q["path"]} for q in questions]}
    (OUT / "real.json").write_text(json.dumps(suite, indent=1))
    print(f"{OUT / 'real.json'}: {len(questions)} questions on {len(wanted)} photos")


def main():
    missing = [name for name in TARS if not (DATA / f"{name}.tar").exists()]
    if missing:
        print(f"The photos are not on this machine: {DATA} has no {', '.join(f'{name}.tar' for name in missing)}.")
        sys.exit(2)
    freeze() if sys.argv[1:] == ["freeze"] else build()


if __name__ == "__main__":
    main()
