"""Contexts with photos for joint training: things and scenes seen in the turn, known or not, or remembered as patch blocks.

    context = photo_context(generator, level)      generator.images is a pictures.Pictures

A quarter has no memory at all, as enrolment asks about a crop. Cues are mixed as run time writes them: who is known, nobody is,
or no cue (memory off, enrolment).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from . import looks, photos, places, prompt
from .concepts import Concept, make_concept
from .facts import Fact, dress_question, put_question
from .generator import Context, Generator, Level, Segment, Turn
from .images import Shown
from .relations import capital

TURNS = 7
KEPT = {"dress", "hat", "sweater", "jacket", "trousers", "shirt", "shoes", "shorts", "skirt", "t-shirt"}  # of the real things, those one owns for long
SCENE = ["describe this photo", "what is happening here", "what does the photo show", "what is in this photo", "tell me about this picture"]


@dataclass(eq=False)
class Sight:
    """A picture, what is on it and whom of it memory knows."""
    view: object
    things: list[Shown]
    known: dict[int, Concept] = field(default_factory=dict)

    def cue(self, rng: random.Random, bare: bool) -> str:
        if bare or rng.random() < 0.25:
            return ""
        return prompt.cue([c.name for c in self.known.values()] or None)


@dataclass
class Memory:
    """What is behind the prefix."""
    concepts: list[Concept] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    blocks: list[Segment] = field(default_factory=list)
    patches: list[tuple[Concept, Shown]] = field(default_factory=list)


def photo_context(g: Generator, level: Level) -> Context:
    rng = g.rng
    if rng.random() < 0.03 and g.images.real.captioned:
        return _captioned(g)
    bare = rng.random() < 0.25
    memory = Memory()
    sights = []
    for _ in range(rng.choice([1, 1, 2])):
        view = g.images.single(rng) if rng.random() < 0.66 else g.images.crowd(rng)
        sight = Sight(view, g.images.shown(view))
        if not sight.things:
            continue
        sights.append(sight)
        if not bare:
            _remember(g, level, sight, memory)
    if not bare and rng.random() < 0.3:  # somebody else, not shown
        other = make_concept(rng, g.words)
        if all(other.name.lower() != c.name.lower() for c in memory.concepts):
            own = g.facts_of(other, rng.randint(1, 2), level)
            memory.concepts.append(other)
            memory.facts += own
            memory.blocks += g.note(own)
    rng.shuffle(memory.blocks)
    turns: list[Turn] = []
    for _ in range(TURNS * 4):
        if len(turns) == TURNS or not sights:
            break
        if memory.patches and rng.random() < 0.2:
            turn = patch_turn(g, *rng.choice(memory.patches), memory.concepts)
        else:
            turn = _turn(g, rng.choice(sights), memory, bare)
        if turn and all(turn.text != t.text for t in turns) and _even(g.images.scales, turn):
            turns.append(turn)
    return Context(memory.blocks, turns)


def _even(scales: dict[str, int], t: Turn) -> bool:
    """Keeps yes and no level for each place asked about, so that the words alone never tell: a corner is seldom where things are."""
    if not t.why or t.must[0] not in ("Yes", "No") or t.kind not in ("place", "beside", "is there"):
        return True
    step = 1 if t.must[0] == "Yes" else -1
    if abs(scales.get(t.why, 0) + step) > 2:
        return False
    scales[t.why] = scales.get(t.why, 0) + step
    return True


def _turn(g: Generator, s: Sight, memory: Memory, bare: bool) -> Turn | None:
    rng, words = g.rng, g.images.categories
    k = rng.random()
    cue = s.cue(rng, bare)
    names = {i: c.display() for i, c in s.known.items()} if cue else {}
    if len(s.things) > 1:
        if k < 0.6 or bare and k < 0.72:
            return places.place_turn(rng, Turn, s.things, cue, s.view, words, names)
        if k < 0.8:
            return _named_look(rng, s, cue)
        if k < 0.86 and all(t.box for t in s.things):
            return Turn("describe", prompt.turn(prompt.PROMPT["describe"], cue, True), places.crowd_described(s.things), [t.category for t in s.things[:3]], [s.view])
    elif k < 0.1 and s.things[0].box:
        return places.place_turn(rng, Turn, s.things, cue, s.view, words, names)
    elif k < (0.7 if s.known else 0.85) or bare:
        return looks.look_turn(rng, Turn, s.things[0], cue, s.view, words)
    if bare:
        return None
    if k < 0.94:
        if not s.known:
            return photos.stranger_turn(rng, Turn, memory.facts, s.view)
        if len(s.known) == 1:
            concept = next(iter(s.known.values()))
            return photos.known_turn(rng, Turn, concept, [c for c in memory.concepts if c is not concept], memory.facts, s.view)
        return _both(rng, s)
    return g.fact_turn(rng.choice(memory.facts), memory.concepts) if memory.facts else g.absent_turn(memory.facts, memory.concepts)


def _named_look(rng: random.Random, s: Sight, cue: str) -> Turn | None:
    """The colour of one of several things, or of its part: the question says whose."""
    single = [t for t in s.things if sum(o.category == t.category for o in s.things) == 1 and t.colour]
    if not single:
        return None
    t = rng.choice(single)
    if t.parts and rng.random() < 0.6:
        return looks.part_turn(rng, Turn, t, cue, s.view, True)
    return looks.colour_turn(rng, Turn, t, cue, s.view, True)


def _both(rng: random.Random, s: Sight) -> Turn:
    named = list(s.known.values())
    question = dress_question(rng, rng.choice(["who is in this photo", "who do you see", "who are they", "what can you see here", "which of mine are in this picture"]))
    return Turn("recognise", prompt.turn(question, prompt.cue([c.name for c in named]), True), f"This is {prompt.PROMPT['listAnd'].join(c.display() for c in named)}.", [c.display() for c in named], [s.view])


def _remember(g: Generator, level: Level, s: Sight, memory: Memory) -> None:
    """Makes concepts of some of the things shown: facts, cards and remembered photos of them."""
    rng = g.rng
    for i, t in enumerate(s.things[:2]):
        real = t.main is None
        if rng.random() > (0.65 if len(s.things) == 1 else 0.35) or real and t.category not in KEPT or sum(o.category == t.category for o in s.things) > 1:
            continue
        concept = _concept(g, t)
        if any(c.name.lower() == concept.name.lower() or c.category == concept.category for c in memory.concepts):
            continue
        memory.concepts.append(concept)
        s.known[i] = concept
        own = g.facts_of(concept, rng.randint(0, 2), level)
        memory.facts += own
        memory.blocks += g.note(own)
        # In a crowd the card is what ties a name to a thing.
        if rng.random() < 0.5 or len(s.things) > 1:
            memory.blocks.append(Segment(prompt.card(concept.name, t.category, looks.described(t), [("colour", t.colour)] * bool(t.colour and rng.random() < 0.5) + concept.parts)))
        if len(s.things) == 1 and rng.random() < 0.4:
            again = g.images.again(rng, s.view)
            seen = g.images.shown(again) if again else []
            if seen:
                concept.patch = Segment(prompt.patch(concept.name), [again])
                memory.blocks.append(concept.patch)
                memory.patches.append((concept, seen[0]))


def _concept(g: Generator, t: Shown) -> Concept:
    """A concept with another's name and this thing's category: "Dad's red kettle" becomes "Dad's mug"."""
    rng = g.rng
    concept = make_concept(rng, g.words, "P" if t.category in ("dog", "cat") and rng.random() < 0.7 else "T")
    noun = looks.called(rng, t.category)
    if not concept.proper:
        concept.name = concept.name.replace(concept.noun, noun).replace(capital(concept.noun), capital(noun))
    concept.category, concept.noun = t.category, noun
    concept.parts = list(t.parts.items())[:3]
    return concept


def patch_turn(g: Generator, concept: Concept, t: Shown, concepts: list[Concept]) -> Turn | None:
    """What a remembered photo shows: "what colour is the handle of Bo's mug"."""
    rng = g.rng
    form = g.form(concept, concepts)
    k = rng.random()
    if k < 0.15:
        text = put_question(rng, rng.choice(["what does {s} look like", "describe {o}"]), form, concept, {})
        return Turn("patch", prompt.turn(text), looks.described(t), [*([t.colour] if t.colour else []), t.category], sources=[concept.patch])
    if t.colour and (k < 0.45 or not t.parts):
        text = put_question(rng, rng.choice(["what colour is {s}", "which colour is {s}", "what is the colour of {o}"]), form, concept, {})
        return Turn("patch", prompt.turn(text), f"The {t.category} {looks.verb(t.category)} {t.colour}.", [t.colour], sources=[concept.patch])
    if not t.parts:
        return None
    part, colour = rng.choice(list(t.parts.items()))
    word = looks.part_called(rng, t.category, part, [p for p in t.parts if p != part])
    question = rng.choice(["what colour {v} {{p}} {part}", "what colour {v} the {part} of {{o}}", "which colour {v} {{p}} {part}"]).format(v=looks.verb(word), part=word)
    return Turn("patch", prompt.turn(put_question(rng, question, form, concept, {})), looks.part_answer(word, colour), [colour], sources=[concept.patch])


def _captioned(g: Generator) -> Context:
    view, caption = g.images.captioned(g.rng)
    question = dress_question(g.rng, g.rng.choice(SCENE))
    return Context([], [Turn("caption", prompt.turn(question, "", True), capital(caption.rstrip(". ")) + ".", [], [view])])


def sample(count: int = 6, seed: int = 1) -> None:
    """Prints contexts: python -m training.mini.photo_contexts [COUNT]."""
    import re

    from .generator import LEVELS
    from .pictures import Pictures

    g = Generator(seed, images=Pictures("train"))
    for _ in range(count):
        c = photo_context(g, LEVELS[1])
        bare = lambda text: re.sub(r"<[^>]*>", "", text).replace("\n", " ")
        print("".join(f"{bare(b.text)}\n" for b in c.blocks))
        for t in c.turns:
            print(f"  [{t.kind}] {bare(t.text).split('Assistant')[0]} -> {t.answer}   {[type(v).__name__ for v in t.images]}")
        print("-----")


if __name__ == "__main__":
    import sys
    sample(*(int(n) for n in sys.argv[1:]))
