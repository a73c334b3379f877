"""Turns about photos: identity by the cue retrieval writes, facts about what is shown, and looks read off the image."""

from __future__ import annotations

import random

from . import prompt
from .concepts import Concept, article
from .facts import Fact, dress_question, put_question
from .relations import core, second_person

IDENTITY = ["who is this", "what is this", "who is in this photo", "do you know who this is", "who is that", "whose is this", "do you recognise this",
            "which one is this", "who do you see", "what is this called", "what is the name of this", "who can you see here"]
UNKNOWN_IDENTITY = [*IDENTITY, "what is its name", "who does this belong to", "is this someone I know", "what is his name", "what is her name"]


def plural(part: str) -> bool:
    return part.endswith("s") and not part.endswith("ss") or part == "feet"


def described(scene, visible: list[str]) -> str:
    """"A red mug with a blue handle.": main colour, category, and up to two visible parts of other colours."""
    main = scene.parts[scene.main]
    odd = [p for p in scene.parts if p != scene.main and p in visible and scene.parts[p] != main][:2]
    extras = [f"{scene.parts[p]} {p}" if plural(p) else article(f"{scene.parts[p]} {p}") for p in odd]
    text = f"{article(f'{main} {scene.category}')}" + (" with " + " and ".join(extras) if extras else "")
    return text[:1].upper() + text[1:] + "."


def part_answer(part: str, colour: str) -> str:
    return f"The {part} {'are' if plural(part) else 'is'} {colour}."


def look_turn(rng: random.Random, make, scene, visible: list[str], cue: str, view) -> object:
    """A question the image alone answers. `make` builds a Turn."""
    k = rng.random()
    parts = [p for p in scene.parts if p in visible]
    if k < 0.2:
        return make("describe", prompt.turn(prompt.PROMPT["describe"], "", True), described(scene, visible), [scene.parts[scene.main], scene.category], [view])
    if k < 0.4:
        question = prompt.PROMPT["category"] if rng.random() < 0.6 else dress_question(rng, rng.choice(["what kind of thing is this", "what do you see", "what thing is in the photo"]))
        return make("category", prompt.turn(question, "", True), f"This is {article(scene.category)}.", [scene.category], [view])
    if k < 0.55 or not parts:
        word = scene.category.split()[-1]
        question = dress_question(rng, rng.choice([f"what colour is this {word}", f"what colour is the {word}", "what colour is this", f"which colour is the {scene.category}"]))
        return make("colour", prompt.turn(question, cue, True), f"The {scene.category} is {scene.parts[scene.main]}.", [scene.parts[scene.main]], [view])
    part = rng.choice(parts)
    verb = "are" if plural(part) else "is"
    question = dress_question(rng, rng.choice([f"what colour {verb} the {part}", f"what colour {verb} its {part}", f"what colour {verb} the {part} of this {scene.category}", f"which colour {verb} the {part}", f"what is the colour of the {part}"]))
    return make("part", prompt.turn(question, cue, True), part_answer(part, scene.parts[part]), [scene.parts[part]], [view])


def _said(concept: Concept) -> str:
    return concept.display()


def cue_turn(rng: random.Random, make, concept: Concept, others: list[Concept], facts: list[Fact], view) -> object | None:
    """A photo with a cue: who is it, is it Mia, and facts about "this dog". Without a view the cue stands alone."""
    images = [view] if view else []
    k = rng.random()
    named = [concept] + ([rng.choice(others)] if others and rng.random() < 0.15 else [])
    known = prompt.cue([c.name for c in named])
    if k < 0.35:
        question = dress_question(rng, rng.choice(IDENTITY))
        return make("recognise", prompt.turn(question, known, bool(view)), f"This is {prompt.PROMPT['listAnd'].join(_said(c) for c in named)}.", [_said(c) for c in named], images)
    if k < 0.5:
        asked = concept if rng.random() < 0.5 or not others else rng.choice(others)
        right = asked in named
        question = dress_question(rng, rng.choice(["is this {}", "is that {}", "is this a photo of {}", "could this be {}"]).format(asked.name))
        return make("recognise", prompt.turn(question, known, bool(view)), f"{'Yes' if right else 'No'}, this is {_said(concept)}.", ["Yes" if right else "No", _said(concept)], images)
    if k < 0.7:
        if rng.random() < 0.75:
            return make("stranger", prompt.turn(dress_question(rng, rng.choice(UNKNOWN_IDENTITY)), prompt.cue(None), bool(view)), prompt.DONT_KNOW, [prompt.DONT_KNOW], images)
        source = [f for f in facts if f.askable(f.questions)]
        if not source:
            return None
        fact = rng.choice(source)
        line = rng.choice(fact.askable(fact.questions))
        text = put_question(rng, line.text, rng.choice([f"this {fact.concept.category}", fact.concept.pronoun]), fact.concept, fact.values)
        return make("stranger", prompt.turn(text, prompt.cue(None), bool(view)), prompt.DONT_KNOW, [prompt.DONT_KNOW], images)
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
