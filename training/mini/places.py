"""Where things are in a picture, in words, and the questions about it: yes and no equally often, as reflection needs them.

A place is said only where nobody would argue: [Note: Clear places] a thing is on the left when its box's centre lies in the left 40 %
of the picture, in the middle within 8 % of it, and in between nothing is said.
"""

from __future__ import annotations

import random

from . import prompt
from .facts import dress_question
from .images import COLOURS, Shown
from .looks import THINGS, a, called, coloured, verb
from .relations import capital

# place → the phrases people use for it, the first one in answers
PHRASES = {
    "left": ["on the left", "on the left side", "to the left", "in the left half", "at the left"],
    "right": ["on the right", "on the right side", "to the right", "in the right half", "at the right"],
    "middle": ["in the middle", "in the centre", "at the centre", "in the center"],
    "top": ["at the top", "in the upper half", "up at the top", "in the upper part"],
    "bottom": ["at the bottom", "in the lower half", "down at the bottom", "in the lower part"],
    "upper left": ["in the upper left", "at the top left", "in the upper left corner", "in the top left corner"],
    "upper right": ["in the upper right", "at the top right", "in the upper right corner", "in the top right corner"],
    "lower left": ["in the lower left", "at the bottom left", "in the lower left corner", "in the bottom left corner"],
    "lower right": ["in the lower right", "at the bottom right", "in the lower right corner", "in the bottom right corner"],
}
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "left of": "right of", "right of": "left of", "above": "below", "below": "above"}
TAILS = ["", "", "", " of the photo", " of the picture", " of the image", " in this photo", " here"]
SIDE_BY_SIDE = {"left of": ["left of", "to the left of"], "right of": ["right of", "to the right of"], "above": ["above", "over"], "below": ["below", "under"], "next to": ["next to", "beside", "by"]}


def centre(t: Shown) -> tuple[float, float]:
    return (t.box[0] + t.box[2]) / 2, (t.box[1] + t.box[3]) / 2


def places(t: Shown) -> list[str]:
    """Every place that is clearly true: [Note: Clear places]; the one to answer with first."""
    x, y = centre(t)
    across = "left" if x < 0.4 else "right" if x > 0.6 else "middle" if 0.42 < x < 0.58 else ""
    along = "top" if y < 0.38 else "bottom" if y > 0.65 else "middle" if 0.4 < y < 0.63 else ""
    if across in ("left", "right") and along in ("top", "bottom"):
        corner = f"{'upper' if along == 'top' else 'lower'} {across}"
        return [across, corner, along]
    if across == along == "middle":
        return ["middle"]
    return [p for p in (across, along) if p and p != "middle"]


def false_places(t: Shown) -> list[str]:
    """Places that are clearly false."""
    x, y = centre(t)
    wrong = []
    if x < 0.4:
        wrong += ["right", "upper right", "lower right"]
    if x > 0.6:
        wrong += ["left", "upper left", "lower left"]
    if y < 0.38:
        wrong += ["bottom", "lower left", "lower right"]
    if y > 0.65:
        wrong += ["top", "upper left", "upper right"]
    if max(abs(x - 0.5), abs(y - 0.5)) > 0.2:
        wrong.append("middle")
    if max(abs(x - 0.5), abs(y - 0.5)) < 0.08:
        wrong += ["left", "right", "upper left", "lower right", "upper right", "lower left"]
    return list(dict.fromkeys(wrong))


def relation(t: Shown, o: Shown) -> list[str]:
    """How `t` lies to `o`, clearly."""
    (x, y), (ox, oy) = centre(t), centre(o)
    found = []
    if abs(x - ox) > 0.17:
        found.append("left of" if x < ox else "right of")
    if abs(y - oy) > 0.25 and abs(x - ox) < 0.3:
        found.append("above" if y < oy else "below")
    gap = max(t.box[0], o.box[0]) - min(t.box[2], o.box[2])
    if gap < 0.12 and abs(y - oy) < 0.22:
        found.append("next to")
    return found


def far(t: Shown, o: Shown) -> bool:
    """Whether nobody would say that they are next to each other."""
    across = max(t.box[0], o.box[0]) - min(t.box[2], o.box[2])
    along = max(t.box[1], o.box[1]) - min(t.box[3], o.box[3])
    return max(across, along) > 0.2


def place_turn(rng: random.Random, make, things: list[Shown], cue: str, view, categories: list[str], names: dict[int, str]) -> object | None:
    """A question about a place. `names`: what memory calls a thing of `things`, by its number."""
    single = [i for i, t in enumerate(things) if t.box and sum(o.category == t.category for o in things) == 1]
    if not single:
        return None
    i = rng.choice(single)
    t = things[i]
    if i in names and rng.random() < 0.6:
        subject, noun, bare = names[i], names[i], ""
    else:
        noun = called(rng, t.category)
        if any(noun in (o.category, *THINGS.get(o.category, "").split("|")) for o in things if o is not t):
            noun = t.category
        bare = f"{t.colour} {noun}" if t.colour and t.colour != noun and rng.random() < 0.3 else noun
        subject = f"the {bare}"
        noun = f"the {noun}"
    k = rng.random()
    if k < 0.13:
        return _where(rng, make, t, subject, noun, cue, view, things, categories)
    if k < 0.25:
        return _what(rng, make, t, things, cue, view)
    if k < 0.38 and len(things) > 1:
        return _beside(rng, make, t, subject, noun, things, cue, view, categories)
    if k < 0.52 and bare:
        return _is_there(rng, make, t, bare, noun, things, cue, view, categories)
    if k < 0.6 and bare:
        return _absent(rng, make, things, cue, view, categories)
    true = rng.random() < 0.57  # the questions on absent things above are all answered no
    options = places(t) if true else false_places(t)
    if not options:
        return None
    place = rng.choice(options)
    question = f"{verb(noun)} {subject} {rng.choice(PHRASES[place])}{rng.choice(TAILS)}"
    said = place if true else _said(t, place)
    if not said:
        return None
    return _turn(make, "place", rng, question, f"{'Yes' if true else 'No'}, {noun} {verb(noun)} {PHRASES[said][0]}.", ["Yes" if true else "No"], cue, view, place)


def _turn(make, kind: str, rng: random.Random, question: str, answer: str, must: list[str], cue: str, view, why: str = "") -> object:
    """`why` names the place asked about: photo_contexts.py evens out its yes and no."""
    return make(kind, prompt.turn(dress_question(rng, question), cue, True), capital(answer), must, [view], why=why)


def _said(t: Shown, denied: str = "") -> str:
    """The true place that answers a question about a false one: on the same axis where it can be."""
    true = places(t)
    if OPPOSITE.get(denied) in true:
        return OPPOSITE[denied]
    if " " in denied:
        corners = [p for p in true if " " in p]
        return (corners or true or [""])[0]
    return (true or [""])[0]


def _where(rng, make, t, subject, noun, cue, view, things, categories) -> object | None:
    wording = rng.choice(["where {v} {s}", "where {v} {s} in the photo", "on which side {v} {s}", "where can I see {s}", "where in the picture {v} {s}", "where do you see {s}"])
    if rng.random() < 0.15:
        stranger = _stranger(rng, things, categories)
        return _turn(make, "where", rng, wording.format(v=verb(stranger), s=f"the {stranger}"), f"There {verb(stranger)} no {stranger}.", ["no"], cue, view)
    said = places(t)
    if not said:
        return None
    if "side" in wording and said[0] not in ("left", "right"):
        return None
    return _turn(make, "where", rng, wording.format(v=verb(noun), s=subject), f"{noun} {verb(noun)} {PHRASES[said[0]][0]}.", [said[0].split()[-1]], cue, view)


def _what(rng, make, t, things, cue, view) -> object | None:
    """What stands at a place, where only one thing does."""
    options = [p for p in places(t) if not any(p in places(o) or p not in false_places(o) for o in things if o is not t)]
    if not options or any(o.box is None for o in things):
        return None
    place = rng.choice(options)
    phrase = rng.choice(PHRASES[place])
    if t.colour and rng.random() < 0.35:
        return _turn(make, "what place", rng, rng.choice([f"what colour is the thing {phrase}", f"which colour has the thing {phrase}"]), f"The {t.category} {PHRASES[place][0]} {verb(t.category)} {t.colour}.", [t.colour], cue, view)
    question = rng.choice([f"what is {phrase}", f"what do you see {phrase}", f"what thing is {phrase}", f"which thing is {phrase}", f"what's {phrase}{rng.choice(TAILS)}"])
    return _turn(make, "what place", rng, question, f"There {verb(t.category)} {coloured(t)} {PHRASES[place][0]}.", [t.category], cue, view)


def _beside(rng, make, t, subject, noun, things, cue, view, categories) -> object | None:
    others = [o for o in things if o is not t and o.box and sum(p.category == o.category for p in things) == 1]
    if not others:
        return None
    o = rng.choice(others)
    other = f"the {o.category}"
    true = relation(t, o)
    if not true:
        return None
    if rng.random() < 0.2:
        stranger = _stranger(rng, things, categories)
        asked = rng.choice(list(SIDE_BY_SIDE))
        return _turn(make, "beside", rng, f"{verb(noun)} {subject} {rng.choice(SIDE_BY_SIDE[asked])} the {stranger}", f"No, there {verb(stranger)} no {stranger}.", ["No"], cue, view, asked)
    name = rng.choice(true)
    if rng.random() < 0.5:
        asked, yes = name, True
    else:
        asked, yes = OPPOSITE.get(name, ""), False
        if name != "next to" and rng.random() < 0.5 and far(t, o):
            asked = "next to"
    if not asked:
        return None
    return _turn(make, "beside", rng, f"{verb(noun)} {subject} {rng.choice(SIDE_BY_SIDE[asked])} {other}", f"{'Yes' if yes else 'No'}, {noun} {verb(noun)} {SIDE_BY_SIDE[name][0]} {other}.", ["Yes" if yes else "No"], cue, view, asked)


def _is_there(rng, make, t, bare, noun, things, cue, view, categories) -> object | None:
    """Is there a mug, is there a mug on the left."""
    wording = rng.choice(["is there {}", "can you see {}", "do you see {}", "is there {} in this picture", "does the photo show {}", "is there {} in the photo", "is there {} anywhere"])
    k = rng.random()
    if k < 0.34:
        return _turn(make, "is there", rng, wording.format(a(bare)), f"Yes, there {verb(bare)} {a(bare)}.", ["Yes"], cue, view, "there")
    if k < 0.72:
        true = k < 0.53
        options = places(t) if true else false_places(t)
        if not options or "photo" in wording or "picture" in wording or "any" in wording:
            return None
        place = rng.choice(options)
        question = f"{wording.format(a(bare))} {rng.choice(PHRASES[place])}"
        if true:
            return _turn(make, "is there", rng, question, f"Yes, {noun} {verb(noun)} {PHRASES[place][0]}.", ["Yes"], cue, view, place)
        said = _said(t, place)
        return _turn(make, "is there", rng, question, f"No, {noun} {verb(noun)} {PHRASES[said][0]}.", ["No"], cue, view, place) if said else None
    if t.colour and rng.random() < 0.4:
        wrong = f"{rng.choice([c for c in COLOURS if c != t.colour])} {t.category}"
        return _turn(make, "is there", rng, wording.format(a(wrong)), f"No, there {verb(wrong)} no {wrong}.", ["No"], cue, view, "there")
    stranger = _stranger(rng, things, categories)
    return _turn(make, "is there", rng, wording.format(a(stranger)), f"No, there {verb(stranger)} no {stranger}.", ["No"], cue, view, "there")


def _absent(rng, make, things, cue, view, categories) -> object:
    stranger = _stranger(rng, things, categories)
    place = rng.choice(list(PHRASES))
    return _turn(make, "place", rng, f"{verb(stranger)} the {stranger} {rng.choice(PHRASES[place])}{rng.choice(TAILS)}", f"No, there {verb(stranger)} no {stranger}.", ["No"], cue, view, place)


def _stranger(rng: random.Random, things: list[Shown], categories: list[str]) -> str:
    """A word for something that is not there, under no name."""
    there = {w for t in things for w in (t.category, *THINGS.get(t.category, "").split("|"))}
    while True:
        word = called(rng, rng.choice(categories))
        if word not in there:
            return word


def crowd_described(things: list[Shown]) -> str:
    """"A red mug on the left and a blue lamp on the right.", from left to right."""
    said = []
    for t in sorted(things, key=lambda t: centre(t)[0])[:3]:
        where = places(t)
        said.append(coloured(t) + (f" {PHRASES[where[0]][0]}" if where and len(things) > 1 else ""))
    return capital(", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + said[-1]) + "."
