"""Draws the suite of small–large collaboration: `python -m training.render.slc` writes bench/suites/slc.json and its photos.

Twelve things are enrolled: four kinds twice, as near twins, and four kinds once. Then they are photographed in company. Every question
names one of them and has a photo, and `scene` says what is truly on it: {"concept"?, "kind", "box"}. Kinds of questions:
    there     "Is Rosie in the picture?"   yes; no, where a look-alike, another kind or nothing of the sort is there
    where     "Where in the picture is Rosie?"      left or right
    special   "What colour is the lid of Rosie?"    memory says red, the photo shows blue: the photo is right
    fact      "Who gave me Rosie?"         from memory, behind a photo that shows her
Instance seeds from SEED on, which no training set reaches. Equal seeds give equal questions.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from . import KINDS, RESERVED, make_instance, render, sibling
from .looks import INSIDER, alike
from .palette import other

SEED = RESERVED + 800_000
OUT = Path("bench/suites")
PHOTO, SCENE = 224, 288
TWINS = {"mug": ("Rosie", "Oslo"), "dog": ("Waffle", "Pickle"), "backpack": ("Rover", "Nomad"), "car": ("Blitz", "Turbo")}
SINGLE = {"teapot": "Dame Edna", "lamp": "Lumo", "robot": "Bolt", "suitcase": "Samson"}
FACTS = (("{n} was a present from {x}.", "Who gave me {n}?", ("Ida", "Marek", "Yusuf", "Greta", "Paula", "Anton")),
         ("{n} is from {x}.", "Where is {n} from?", ("Lisbon", "Krakow", "Bergen", "Verona", "Dublin", "Lyon")))
THERE = ("Is {n} in the picture?", "Is {n} in this photo?", "Do you see {n} here?")


class Suite:
    """Concepts, questions and photos so far, and the next seed."""

    def __init__(self):
        self.seed, self.concepts, self.questions, self.bytes = SEED, [], [], 0
        self.things, self.colour = {}, {}

    def next_seed(self):
        self.seed += 1
        return self.seed

    def save(self, name, pixels):
        path = OUT / "slc" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, "JPEG", quality=78, optimize=True)
        self.bytes += path.stat().st_size
        return f"slc/{name}.jpg"

    def ask(self, kind, text, photo, scene, answer, wrong, concept):
        number = 1 + sum(q["kind"] == kind for q in self.questions)
        self.questions.append({"id": f"{kind}-{number}", "kind": kind, "text": text, "photo": photo, "answer": answer,
                               **({"options": [answer.split("|")[0], *wrong]} if wrong else {}), "concepts": [concept], "scene": scene})


def looks(thing):
    return {n: {k: getattr(p, k) for k in ("colour", "pattern", "colour2", "material", "letter", "freq")} for n, p in thing.parts.items()}


def askable(thing, ids):
    """Parts whose colour can be asked for: seen, plain to name, not always of one colour."""
    spec = KINDS[thing.kind]
    return [n for i, n in enumerate(thing.parts) if (ids == 1 + i).mean() >= 0.02 and n not in INSIDER and n not in spec.fixed]


def enrol(suite):
    names = [(kind, name) for kind, pair in TWINS.items() for name in pair] + [(kind, name) for kind, name in SINGLE.items()]
    base = {}
    for at, (kind, name) in enumerate(names):
        while True:
            seed = suite.next_seed()
            rng = np.random.default_rng([seed, 41])
            thing = sibling(base[kind], seed, 3) if kind in base else make_instance(seed, kind)
            if kind in base:
                main = KINDS[kind].main  # near twins, not doubles: the coat differs too
                change = looks(thing)
                change[main] = {**change[main], "colour": other(base[kind].parts[main].colour, rng), "pattern": "plain", "colour2": None}
                thing = make_instance(seed, kind, change, thing.proportions)
            _, ids = render(thing, seed, PHOTO, yaw=15, samples=1, zoom=1.1)
            parts = [p for p in askable(thing, ids) if p != KINDS[kind].main]
            if parts:
                break
        part = parts[rng.integers(len(parts))]
        main = KINDS[kind].main
        over = looks(thing)
        for p in (part, main):
            over[p] = {**over[p], "pattern": "plain", "colour2": None}
        thing = make_instance(seed, kind, over, thing.proportions)
        base.setdefault(kind, thing)
        ident = name.lower().replace(" ", "-")
        photos = [suite.save(f"{ident}-{i + 1}", render(thing, seed * 10 + i, PHOTO, yaw=yaw, quality=0, zoom=1.15)[0])
                  for i, yaw in enumerate((-32, 4, 40))]
        said = [(fact, question, values[at % len(values)]) for fact, question, values in FACTS]
        many = "are" if part.endswith("s") or part == "feet" else "is"
        suite.concepts.append({"id": ident, "name": name, "facts": [
            f"{name} is my {KINDS[kind].category}.", f"The {part} of {name} {many} {thing.parts[part].colour}.",
            f"{name} is {thing.parts[main].colour}.", *[fact.format(n=name, x=x) for fact, _, x in said]], "photos": photos})
        suite.things[ident] = (name, thing, part, [(q.format(n=name), x) for _, q, x in said])
        print(name, kind, part, flush=True)


def truth(things, idents, ids):
    """What is on the photo; None where a thing is hidden or cut off."""
    scene, n = [], len(ids)
    for k, (thing, ident) in enumerate(zip(things, idents)):
        mask = (ids > 16 * k) & (ids <= 16 * k + 16)
        if mask.mean() < 0.03:
            return None
        ys, xs = np.nonzero(mask)
        box = [round(float(v), 3) for v in (xs.min() / n, ys.min() / n, (np.ptp(xs) + 1) / n, (np.ptp(ys) + 1) / n)]
        scene.append({**({"concept": ident} if ident else {}), "kind": KINDS[thing.kind].category, "box": box})
    return scene


def shoot(suite, name, things, idents, zoom=None):
    """(photo, scene) of these things in company, from the next seed that shows them all."""
    while True:
        seed = suite.next_seed()
        pixels, ids = render(things, seed, SCENE, quality=0, zoom=zoom or (1.0 if len(things) > 1 else 1.3))
        scene = truth(things, idents, ids)
        if scene is not None:
            return suite.save(name, pixels), scene


def side(box):
    x = box[0] + box[2] / 2
    return "left" if x < 0.42 else "right" if x > 0.58 else None


def stranger(suite, avoid, kind=None):
    seed = suite.next_seed()
    rng = np.random.default_rng([seed, 42])
    free = [k for k in KINDS if k not in (*TWINS, *SINGLE) and all(k not in alike(a) for a in avoid)]
    return make_instance(seed, kind or free[rng.integers(len(free))])


def lookalike(suite, ident):
    """The same kind and build in other colours: somebody else's."""
    _, thing, _, _ = suite.things[ident]
    seed = suite.next_seed()
    rng = np.random.default_rng([seed, 43])
    over = looks(sibling(thing, seed, 3))
    main = KINDS[thing.kind].main
    over[main] = {**over[main], "colour": other(thing.parts[main].colour, rng), "pattern": "plain", "colour2": None}
    return make_instance(seed, thing.kind, over)


def there(suite, photo, scene, ident, yes, n):
    suite.ask("there", THERE[n % 3].format(n=suite.things[ident][0]), photo, scene, "yes" if yes else "no", ["no" if yes else "yes"], ident)


def company(suite, count=18):
    """Two enrolled things of different kinds; asked about one of them, and for a thing that is not there."""
    rng, idents = np.random.default_rng([SEED, 44]), list(suite.things)
    for n in range(count):
        a, b = idents[n % len(idents)], None
        while b is None or suite.things[b][1].kind in (suite.things[a][1].kind, *alike(suite.things[a][1].kind)):
            b = idents[rng.integers(len(idents))]
        pair = [a, b] if n % 2 else [b, a]
        photo, scene = shoot(suite, f"company-{n + 1}", [suite.things[i][1] for i in pair], pair)
        there(suite, photo, scene, a, True, n)
        kinds = {suite.things[i][1].kind for i in pair}
        gone = [i for i in idents if suite.things[i][1].kind not in kinds]
        there(suite, photo, scene, gone[rng.integers(len(gone))], False, n)
        for ident, thing in zip(pair, scene):
            where = side(thing["box"])
            if where and ident == a:
                suite.ask("where", f"Where in the picture is {suite.things[a][0]}?", photo, scene, where,
                          ["right" if where == "left" else "left"], a)
        question, value = suite.things[a][3][n % 2]
        suite.ask("fact", question, photo, scene, value, [], a)


def strangers(suite, count=16):
    """A look-alike beside a stranger, or two strangers: the enrolled thing that is asked for is not there."""
    idents = list(suite.things)
    for n in range(count):
        ident = idents[n % len(idents)]
        thing = suite.things[ident][1]
        first = lookalike(suite, ident) if n % 2 == 0 else stranger(suite, (thing.kind,))
        second = stranger(suite, (thing.kind, first.kind))
        photo, scene = shoot(suite, f"stranger-{n + 1}", [first, second], [None, None])
        there(suite, photo, scene, ident, False, n)


def special(suite, count=32):
    """An enrolled thing with one part, or its coat, in another colour than memory says; every second time in company."""
    idents = list(suite.things)
    for n in range(count):
        ident = idents[n % len(idents)]
        name, thing, part, _ = suite.things[ident]
        part = KINDS[thing.kind].main if n // len(idents) % 2 else part
        index = list(thing.parts).index(part)
        while True:
            seed = suite.next_seed()
            rng = np.random.default_rng([seed, 45])
            over, fresh = looks(thing), other(thing.parts[part].colour, rng)
            for p, (near, chance) in KINDS[thing.kind].follows.items():  # a dog's legs and head go with its coat
                if p in over and near == part and over[p]["colour"] == thing.parts[part].colour and chance >= 0.6:
                    over[p]["colour"] = fresh
            over[part] = {**over[part], "colour": fresh}
            changed = make_instance(seed, thing.kind, over, thing.proportions)
            beside = [stranger(suite, (thing.kind,))] if n % 2 else []
            pixels, ids = render([changed, *beside], seed, SCENE, quality=0, zoom=1.25 if not beside else 0.95)
            scene = truth([changed, *beside], [ident, None], ids)
            if scene is not None and (ids == 1 + index).mean() >= 0.015:
                break
        photo = suite.save(f"special-{n + 1}", pixels)
        many = part.endswith("s") or part == "feet"
        text = (f"What colour is {name} in this picture?" if part == KINDS[thing.kind].main
                else f"What colour {'are' if many else 'is'} the {part} of {name} in this picture?")
        suite.ask("special", text, photo, scene, "grey|gray" if fresh == "grey" else fresh, [thing.parts[part].colour], ident)


def main():
    suite = Suite()
    enrol(suite)
    company(suite)
    strangers(suite)
    special(suite)
    concepts, questions = (",\n".join("    " + json.dumps(row) for row in rows) for rows in (suite.concepts, suite.questions))
    (OUT / "slc.json").write_text(f'{{\n  "concepts": [\n{concepts}\n  ],\n  "questions": [\n{questions}\n  ]\n}}\n')
    print(f"{len(suite.questions)} questions, {suite.bytes / 1e6:.2f} MB, seeds {SEED + 1} to {suite.seed}")


if __name__ == "__main__":
    main()
