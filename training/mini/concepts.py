"""Concepts nobody owns: names, kinds, the ways people refer to them in facts and in questions, and their cards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .lexicon import Words
from .relations import capital, second_person
from .values import ADJS, COLOURS, KIN, MATERIALS, name as person_name

PETS = """dog dog dog cat cat rabbit parrot hamster horse pony tortoise budgie puppy kitten goldfish ferret canary
snake lizard goat donkey hen gecko pig cow rat""".replace("\n", " ").split()
THINGS = """mug bike guitar backpack lamp camera watch ring jacket scarf hat umbrella teapot vase chair table desk sofa clock
radio violin kettle pan drill tent sled boat car van scooter piano book blanket quilt pillow suitcase wallet necklace
bowl plate glass bottle box chest globe telescope typewriter skateboard helmet laptop phone tablet drone kite puzzle doll
robot ladder hammer knife wok cup jug basket mirror painting statue toaster blender cap shirt sweater coat boots lantern
thermos pen keyboard printer projector heater fan broom bag purse drum flute cello trumpet racket ball surfboard kayak
sewing machine washing machine coffee machine lawn mower toolbox motorbike""".replace("\n", " ").split()
TWO_WORDS = ["sewing machine", "washing machine", "coffee machine", "lawn mower", "coffee maker", "sleeping bag", "record player", "rocking chair",
             "tea pot", "water bottle", "mountain bike", "teddy bear", "alarm clock", "tool box", "chess set", "board game", "photo album", "dining table"]
PLACES = """house|cabin|garden|office|cafe|flat|cottage|allotment|restaurant|bakery|gym|library|shop|studio|workshop|beach house|farm|
school|bar|garage|museum|hotel|campsite|playground|bookshop|pub|apartment|tree house|barn|clinic|pool""".replace("\n", "").split("|")
PLANTS = """cactus fern orchid monstera rose basil tomato fig ficus palm ivy bonsai lemon aloe begonia geranium lavender
tulip sunflower oak maple rosemary yucca bamboo""".replace("\n", " ").split()
TITLES = ["Mum", "Dad", "Mom", "Grandma", "Grandpa", "Granny", "Nana", "Papa", "Auntie", "Mama"]
PARTS = """handle body rim lid base strap screen seat wheel frame sole lace sleeve collar pocket button zip spout
dial face band ear paw tail nose chest eye back belly leg head roof door window wall leaf petal pot stem""".replace("\n", " ").split()
SIZES = ["small", "big", "large", "tall", "tiny", "round", "long", "old", "shiny", "soft", "fluffy", "slim", "heavy", "plain"]


@dataclass
class Concept:
    kind: str  # P H T L N
    name: str  # as the user typed it; the blocks carry it
    category: str
    pronoun: str
    noun: str  # "dog", "sister", "red mug": what "my …" can stand for it
    proper: bool
    owner: str | None = None
    parts: list[tuple[str, str]] = field(default_factory=list)
    scene: object = None  # a rendered object, see images.py
    card: object = None  # its blocks in a context
    patch: object = None

    @property
    def own(self) -> str:
        return {"he": "his", "she": "her", "it": "its"}[self.pronoun]

    @property
    def him(self) -> str:
        return {"he": "him", "she": "her", "it": "it"}[self.pronoun]

    def display(self, form: str | None = None) -> str:
        """The subject as an answer says it."""
        if self.proper:
            return self.name
        if form and form not in ("he", "she", "it"):
            return second_person(form)
        low = self.name
        if low.split()[0].lower() in ("my", "our"):
            return second_person(low)
        if self.owner or low.split()[0].lower() in ("the", "our"):
            return low
        return "the " + low[:1].lower() + low[1:]

    def fact_form(self, rng: random.Random) -> str:
        k = rng.random()
        if self.proper:
            if k < 0.5:
                return self.name
            if k < 0.7 and self.noun:
                return f"{'our' if rng.random() < 0.15 else 'my'} {self.noun} {self.name}"
            if k < 0.8 and self.noun:
                return f"{rng.choice(['my', 'my', 'our', 'the'])} {self.noun}"
            return self.pronoun
        if k < 0.35:
            return self.name if self.owner or self.name.split()[0].lower() in ("my", "the") else rng.choice(["the ", "my "]) + self.name.lower()
        if k < 0.6:
            return f"{rng.choice(['the', 'my', 'the', 'this'])} {rng.choice([self.noun, self.category])}"
        return "it"

    def question_form(self, rng: random.Random, alone: bool, clash: bool) -> str:
        """`alone`: the only concept of its context, so a pronoun will do; `clash`: another one has the same category."""
        k = rng.random()
        if alone and k < 0.1:
            return self.pronoun
        if clash or k < 0.72:
            if self.proper or self.owner or self.name.split()[0].lower() in ("my", "the"):
                return self.name
            return rng.choice(["the ", "my ", "the ", ""]) + self.name.lower() if not clash else "the " + self.name.lower()
        if self.proper:
            if not self.noun:
                return self.name
            return f"my {self.noun} {self.name}" if k < 0.82 else f"my {self.noun}"
        return f"{rng.choice(['the', 'my', 'the'])} {rng.choice([self.noun, self.category])}"


def proper_name(rng: random.Random, words: Words, pet: bool) -> str:
    k = rng.random()
    if k < 0.42:
        return words.invented(rng).capitalize()
    if k < 0.55 and pet:
        return words.pick(rng, "petNames")
    if k < 0.62 and pet:  # pets are called Biscuit, Pepper, Mango
        return words.pick(rng, rng.choice(["fruits", "food", "spices"])).split()[-1].capitalize()
    return words.pick(rng, "firstNames")


def make_concept(rng: random.Random, words: Words, kind: str | None = None) -> Concept:
    kind = kind or rng.choices("PHTLN", [33, 27, 27, 8, 5])[0]
    if kind == "P":
        category = rng.choice(PETS)
        return Concept("P", proper_name(rng, words, True), category, rng.choice(["he", "he", "she", "she", "it"]), category, True, parts=_parts(rng))
    if kind == "H":
        role = rng.choice(KIN)
        pronoun = rng.choice(["he", "she"])
        k = rng.random()
        if k < 0.12:
            title = rng.choice(TITLES)
            return Concept("H", title, role, "he" if title in ("Dad", "Grandpa", "Papa") else "she", "", True)
        if k < 0.2:
            return Concept("H", f"{rng.choice(['aunt', 'uncle', 'Aunt', 'Uncle', 'Mrs', 'Mr', 'Dr.', 'grandma'])} {person_name(rng, words)}", role, pronoun, "", True)
        full = person_name(rng, words) + (" " + words.pick(rng, "lastNames") if rng.random() < 0.12 else "")
        return Concept("H", full, rng.choice([role, "person", role]), pronoun, role, True)
    category = rng.choice({"T": THINGS + TWO_WORDS, "L": PLACES, "N": PLANTS}[kind])
    if kind == "T" and rng.random() < 0.2:
        category = words.pick(rng, "artifact")
    noun = category if rng.random() < 0.6 else f"{rng.choice(COLOURS + ADJS[:8] + MATERIALS[:8])} {category}"
    if kind == "N" and rng.random() < 0.4:
        noun = category + " plant" if rng.random() < 0.5 else noun
    k = rng.random()
    parts = _parts(rng) if kind in "TN" else []
    if k < 0.22:
        return Concept(kind, words.invented(rng).capitalize() if rng.random() < 0.6 else words.pick(rng, "firstNames"), category, "it", category, True, parts=parts)
    if k < 0.55:
        owner = rng.choice([rng.choice(TITLES), person_name(rng, words), person_name(rng, words), "my " + rng.choice(KIN), "Grandma", "Dad", "Mum"])
        return Concept(kind, f"{owner}'s {noun}", category, "it", noun, False, owner=owner, parts=parts)
    style = rng.choice(["{}", "{}", "my {}", "the {}", "My {}", "The {}"])
    full = style.format(noun)
    return Concept(kind, capital(full) if rng.random() < 0.5 else full, category, "it", noun, False, parts=parts)


def _parts(rng: random.Random) -> list[tuple[str, str]]:
    chosen = rng.sample(PARTS, rng.randint(0, 3))
    return [(part, rng.choice(COLOURS) if rng.random() < 0.8 else rng.choice(MATERIALS)) for part in chosen]


def article(noun: str) -> str:
    return ("an " if noun[:1].lower() in "aeiou" else "a ") + noun


def caption(rng: random.Random, concept: Concept) -> str:
    """What the card's caption says: from a describing model, so a sentence about looks."""
    looks = rng.choice([rng.choice(COLOURS), rng.choice(SIZES), f"{rng.choice(SIZES)} {rng.choice(COLOURS)}"])
    text = f"{article(looks)} {concept.category}"
    if concept.parts and rng.random() < 0.6:
        part, descriptor = concept.parts[0]
        text += f" with {article(descriptor)} {part}"
    return capital(text) + "."
