"""Questions that the picture of one thing answers: what it is, its colours, its description; in people's words for things and parts."""

from __future__ import annotations

import random

from . import prompt
from .concepts import article
from .facts import dress_question
from .images import COLOURS, Shown
from .relations import capital

# What people call the renderer's things and parts besides the label; the label itself is always among the choices.
THINGS = {
    "toy car": "car", "toy truck": "truck|lorry", "toy house": "house", "toy robot": "robot", "toy rocket": "rocket", "toy rabbit": "rabbit|bunny",
    "teddy bear": "teddy|bear", "rubber duck": "duck", "alarm clock": "clock", "pot plant": "plant", "woolly hat": "hat|beanie", "trainer": "shoe|sneaker",
    "stack of blocks": "blocks|tower", "birdhouse": "bird house", "suitcase": "bag", "milk carton": "carton|milk", "juice carton": "carton|juice",
    "trousers": "pants", "sweater": "jumper", "jacket": "coat", "t-shirt": "shirt|tee", "mandarin": "satsuma", "zucchini": "courgette", "aubergine": "eggplant",
    "backpack": "bag|rucksack", "drum": "toy drum", "boot": "rubber boot", "camera": "toy camera",
}
PARTS = {
    "shade": "lampshade", "stem": "pole", "crown": "top", "pompom": "pom-pom|bobble", "cuff": "edge", "icing": "frosting|cream", "wrapper": "paper", "canopy": "top",
    "muzzle": "snout", "bow": "bow tie", "belly": "tummy", "hubs": "hub caps", "cab": "cabin", "load": "cargo", "chassis": "frame", "panel": "chest", "antenna": "aerial",
    "hoops": "rings", "skin": "top", "sticks": "drumsticks", "flap": "cover", "buckle": "clasp", "pocket": "front pocket", "laces": "shoelaces", "finder": "viewfinder",
    "ribbon": "bookmark", "emblem": "picture", "hole": "opening", "rose": "sprinkler", "face": "dial", "soil": "earth", "bulb": "light bulb", "straps": "belts",
    "cap": "lid|top", "tag": "badge|name tag", "case": "body", "walls": "wall", "upper": "top", "collar": "neckband", "rim": "edge", "tyres": "wheels", "shaft": "stick",
}
# The same part is called otherwise on another thing.
PARTS_OF = {("boot", "shaft"): "leg|upper part", ("dog", "face"): "face", ("backpack", "straps"): "shoulder straps", ("suitcase", "straps"): "belts|straps", ("mug", "body"): "outside|cup",
            ("chair", "back"): "backrest", ("hat", "band"): "ribbon|band", ("stack of blocks", "roof"): "triangle|roof"}


def called(rng: random.Random, category: str) -> str:
    """A word for a thing."""
    return rng.choice(THINGS[category].split("|")) if category in THINGS and rng.random() < 0.45 else category


def part_called(rng: random.Random, category: str, part: str, taken: list[str]) -> str:
    """A word for a part that no other part of the thing has."""
    others = PARTS_OF.get((category, part), PARTS.get(part, ""))
    word = rng.choice(others.split("|")) if others and rng.random() < 0.35 else part
    return part if word in taken else word


def plural(noun: str) -> bool:
    head = noun.split(" of ")[0].split()[-1]
    return head.endswith("s") and not head.endswith("ss") and head not in ("lens", "asparagus", "chassis") or head == "feet"


def verb(noun: str) -> str:
    return "are" if plural(noun) else "is"


def a(noun: str) -> str:
    """With the article, or none where there is a pair of it."""
    return noun if noun in ("trousers", "shorts", "shoes", "pants", "blocks", "asparagus", "garlic", "ginger", "milk", "juice") else article(noun)


def coloured(t: Shown) -> str:
    """"a red mug", "blue trousers"; "an orange" of any colour its own name says."""
    said = f"{t.colour} {t.category}" if t.colour and t.colour != t.category else t.category
    return said if a(t.category) == t.category else article(said)


def described(t: Shown) -> str:
    """"A red mug with a blue handle.": main colour, category, and up to two visible parts of other colours, the largest first."""
    odd = [(p, c) for p, c in t.parts.items() if p != t.main and c != t.colour][:2]
    extras = [f"{c} {p}" if plural(p) else article(f"{c} {p}") for p, c in odd]
    return capital(coloured(t) + (" with " + " and ".join(extras) if extras else "")) + "."


KIND = ["what kind of thing is this", "what do you see", "what thing is in the photo", "what is in this picture", "what object is this", "what am I looking at", "what is that",
        "what is shown here", "what's in the photo", "can you tell what this is", "which thing is this", "what can you see", "name this thing", "what sort of thing is that",
        "what is this thing", "what item is this", "what did I take a photo of", "do you see what this is", "what could this be"]
MAIN = ["what colour is this {n}", "what colour is the {n}", "what colour is this", "which colour is the {n}", "what is the colour of the {n}", "what colour is that {n}", "what colour is it",
        "what's the main colour of the {n}", "the {n}, what colour is it", "what colour does the {n} have", "which colour is this", "what is the {n}'s colour", "what colour do you see"]
PART = ["what colour {v} the {p}", "what colour {v} its {p}", "what colour {v} the {p} of this {n}", "which colour {v} the {p}", "what is the colour of the {p}", "what colour {v} the {n}'s {p}",
        "what colour {v} the {p} of the {n}", "what colour {v} the {p} on this {n}", "what colour {v} the {p} here", "which colour {v} its {p}", "the {p} of this {n}, what colour {v} {it}",
        "what colour {do} the {p} have", "what is the colour of its {p}", "tell me the colour of the {p}", "what colour are we looking at on the {p}", "what colour {v} the {p} in this photo"]
PART_NAMED = ["what colour {v} the {p} of the {n}", "what colour {v} the {n}'s {p}", "which colour {v} the {p} of the {n}", "what colour {v} the {p} on the {n}", "what is the colour of the {n}'s {p}"]
DESCRIBE = ["describe this thing", "what does this look like", "describe the {n}", "how does it look", "describe what you see", "describe this {n}", "what does the {n} look like", "what's it like"]


def look_turn(rng: random.Random, make, t: Shown, cue: str, view, categories: list[str]) -> object:
    """A question on a picture of one thing. `make` builds a Turn."""
    k = rng.random()
    if k < 0.16:
        plain = rng.random() < 0.6
        question = prompt.PROMPT["describe"] if plain else dress_question(rng, rng.choice(DESCRIBE).format(n=called(rng, t.category)))
        return make("describe", prompt.turn(question, "" if plain and rng.random() < 0.7 else cue, True), described(t), [*([t.colour] if t.colour else []), t.category], [view])
    if k < 0.38:
        plain = rng.random() < 0.45
        question = prompt.PROMPT["category"] if plain else dress_question(rng, rng.choice(KIND))
        return make("category", prompt.turn(question, cue, True), f"This is {a(t.category)}.", [t.category], [view])
    if k < 0.46:
        true = rng.random() < 0.5
        asked = t.category if true else rng.choice([c for c in categories if c != t.category])
        word = called(rng, asked)
        if word in (t.category, *THINGS.get(t.category, "").split("|")):
            true = True
        question = dress_question(rng, rng.choice(["is this {}", "is that {}", "is this {} or not", "is it {}"]).format(a(word)))
        return make("is this", prompt.turn(question, cue, True), f"Yes, this is {a(word)}." if true else f"No, this is {a(t.category)}.", ["Yes" if true else "No"], [view])
    if t.colour and (k < 0.62 or not t.parts):
        return colour_turn(rng, make, t, cue, view)
    if t.parts:
        return part_turn(rng, make, t, cue, view, rng.random() < 0.4)
    return make("category", prompt.turn(prompt.PROMPT["category"], cue, True), f"This is {a(t.category)}.", [t.category], [view])


def colour_turn(rng: random.Random, make, t: Shown, cue: str, view, named: bool = False) -> object:
    """`named`: the question must say which thing, because there are several."""
    word = called(rng, t.category)
    if rng.random() < 0.15:
        return yes_colour(rng, make, word, t.colour, cue, view, "colour")
    wordings = [q for q in MAIN if "{n}" in q] if named else MAIN
    question = rng.choice(wordings)
    said = word if "{n}" in question else t.category
    return make("colour", prompt.turn(dress_question(rng, question.format(n=word)), cue, True), f"The {said} {verb(said)} {t.colour}.", [t.colour], [view])


def part_turn(rng: random.Random, make, t: Shown, cue: str, view, named: bool) -> object:
    """Small parts are asked about as often as large ones."""
    part, colour = rng.choice(list(t.parts.items()))
    word = part_called(rng, t.category, part, [p for p in t.parts if p != part])
    noun = called(rng, t.category)
    if rng.random() < 0.12:
        return yes_colour(rng, make, word, colour, cue, view, "part")
    question = rng.choice(PART_NAMED if named else PART).format(p=word, n=noun, v=verb(word), it="they" if plural(word) else "it", do="do" if plural(word) else "does")
    return make("part", prompt.turn(dress_question(rng, question), cue, True), part_answer(word, colour), [colour], [view])


def yes_colour(rng: random.Random, make, word: str, colour: str, cue: str, view, kind: str) -> object:
    """"Is the handle blue?", or "blue or red?"."""
    other = rng.choice([c for c in COLOURS if c != colour])
    if rng.random() < 0.35:
        pair = rng.sample([colour, other], 2)
        return make(kind, prompt.turn(dress_question(rng, f"{verb(word)} the {word} {pair[0]} or {pair[1]}"), cue, True), part_answer(word, colour), [colour], [view])
    true = rng.random() < 0.5
    question = dress_question(rng, f"{verb(word)} the {word} {colour if true else other}")
    return make(kind, prompt.turn(question, cue, True), f"{'Yes' if true else 'No'}, the {word} {verb(word)} {colour}.", ["Yes" if true else "No", colour], [view])


def part_answer(part: str, colour: str) -> str:
    return f"The {part} {verb(part)} {colour}."
