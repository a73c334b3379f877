"""Turns on who is in a photo, by the cue sentence retrieval writes: identity, "is this Mia", and facts about "this dog"."""

from __future__ import annotations

import random

from . import prompt
from .concepts import Concept
from .facts import Fact, dress_question, put_question
from .relations import core, second_person

# "What is this?" asks for the kind where nobody is known (looks.py); the rest ask for a name, as asksWho in question-kind.ts has it.
NAME = ["who is this", "who is in this photo", "do you know who this is", "who is that", "whose is this", "do you recognise this", "which one is this", "who do you see",
        "what is this called", "what is the name of this", "who can you see here", "who's in the picture", "do you know this one"]
IDENTITY = [*NAME, "what is this", "what is this", "what do I have here"]
UNKNOWN_IDENTITY = [*NAME, "what is its name", "who does this belong to", "is this someone I know", "what is his name", "what is her name", "do I know them", "is this one of mine"]


def cue_turn(rng: random.Random, make, concept: Concept, others: list[Concept], facts: list[Fact], view) -> object | None:
    """A photo with a cue. Without a view the cue stands alone."""
    return stranger_turn(rng, make, facts, view) if rng.random() < 0.2 else known_turn(rng, make, concept, others, facts, view)


def known_turn(rng: random.Random, make, concept: Concept, others: list[Concept], facts: list[Fact], view) -> object | None:
    """Who is it, is it Mia, and what the memory says of "this dog"."""
    images = [view] if view else []
    k = rng.random()
    named = [concept] + ([rng.choice(others)] if others and rng.random() < 0.15 else [])
    known = prompt.cue([c.name for c in named])
    if k < 0.43:
        question = dress_question(rng, rng.choice(IDENTITY))
        return make("recognise", prompt.turn(question, known, bool(view)), f"This is {prompt.PROMPT['listAnd'].join(c.display() for c in named)}.", [c.display() for c in named], images)
    if k < 0.62:
        asked = concept if rng.random() < 0.5 or not others else rng.choice(others)
        right = asked in named
        question = dress_question(rng, rng.choice(["is this {}", "is that {}", "is this a photo of {}", "could this be {}", "do you see {} here", "is {} in this photo"]).format(asked.name))
        return make("recognise", prompt.turn(question, known, bool(view)), f"{'Yes' if right else 'No'}, this is {concept.display()}.", ["Yes" if right else "No", concept.display()], images)
    own = [f for f in facts if f.concept is concept and f.askable(f.questions)]
    if not own:
        return None
    fact = rng.choice(own)
    lines = [q for q in fact.askable(fact.questions) if not q.held_out]
    if not lines:
        return None
    line = rng.choice(lines)
    form = rng.choice([concept.pronoun, concept.pronoun, f"this {concept.category}", "this" if concept.pronoun == "it" else concept.pronoun, f"the {concept.category}"])
    return make("cue fact", prompt.turn(put_question(rng, line.text, form, concept, fact.values), prompt.cue([concept.name]), bool(view)), fact.answer, [second_person(core(fact.values[line.slot]))], images, [fact.segment])


def stranger_turn(rng: random.Random, make, facts: list[Fact], view) -> object | None:
    """Nobody known is shown: no name, and none of the facts about others."""
    images = [view] if view else []
    unknown = prompt.cue(None)
    if rng.random() < 0.75:
        return make("stranger", prompt.turn(dress_question(rng, rng.choice(UNKNOWN_IDENTITY)), unknown, bool(view)), prompt.DONT_KNOW, [prompt.DONT_KNOW], images)
    source = [f for f in facts if f.askable(f.questions)]
    if not source:
        return None
    fact = rng.choice(source)
    line = rng.choice(fact.askable(fact.questions))
    text = put_question(rng, line.text, rng.choice([f"this {fact.concept.category}", fact.concept.pronoun]), fact.concept, fact.values)
    return make("stranger", prompt.turn(text, unknown, bool(view)), prompt.DONT_KNOW, [prompt.DONT_KNOW], images)
