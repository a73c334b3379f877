"""Draws contexts: memory blocks of one to four concepts and several independent questions on them, seeded."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from . import photos, prompt
from .concepts import Concept, article, caption, make_concept
from .facts import Fact, bank_fact, dress_question, joined, open_fact, put_question
from .lexicon import Words
from .noted import noted_context
from .relations import SLOTS_OF, capital, conflicts, core, possessive, put_subject, read_bank, second_person

BANK = read_bank()
NOTED = 0.4  # share of the contexts that are made of notes written by hand


@dataclass(eq=False)
class Segment:
    text: str
    images: list[object] = field(default_factory=list)


@dataclass
class Turn:
    kind: str
    text: str
    answer: str
    must: list[str]  # what a right answer contains as whole words
    images: list[object] = field(default_factory=list)
    sources: list[Segment] = field(default_factory=list)  # the blocks the answer stands in
    why: str = ""  # a finer kind, for diagnosis


@dataclass
class Context:
    blocks: list[Segment]
    turns: list[Turn]


@dataclass
class Level:
    """How hard contexts are; the trainer raises it when the running accuracy passes a mark."""
    concepts: tuple[int, int] = (1, 1)
    facts: tuple[int, int] = (1, 2)
    turns: int = 8
    open_share: float = 0.25
    card_share: float = 0.5
    joined_share: float = 0.0


LEVELS = [
    Level((1, 1), (1, 2), 8, 0.3, 0.1),
    Level((1, 2), (1, 2), 8, 0.25, 0.3),
    Level((1, 3), (1, 3), 9, 0.2, 0.6, 0.08),
    Level((1, 4), (1, 5), 10, 0.15, 0.75, 0.12),
]


PLURAL = {"does": "do", "is": "are", "has": "have", "was": "were"}


def both_of(question: str) -> str | None:
    """"where does {s} sleep" -> "where do {ss} sleep", "what is {p} job" -> "what is {pp} job"; None where grammar is unsure."""
    if SLOTS_OF(question):
        return None
    if question.count("{p}") == 1 and "{s}" not in question and "{o}" not in question:
        return question.replace("{p}", "{pp}")
    found = re.search(r"\b(does|is|has|was) \{s\}", question)
    if found and question.count("{s}") == 1 and not re.search(r"\{[oph]\}", question):
        return question.replace(found.group(), PLURAL[found.group(1)] + " {ss}")
    if question.count("{o}") == 1 and not re.search(r"\{[sph]\}", question):
        return question.replace("{o}", "{ss}")
    return None


class Generator:
    def __init__(self, seed: int, split: str = "train", images=None):
        """`images` (pictures.Pictures) is what photo_contexts.py draws from; without it only the cue sentences are trained."""
        self.rng = random.Random(seed)
        self.words = Words(split)
        self.split, self.images = split, images
        self.by_kind = {k: [r for r in BANK.values() if k in r.kinds] for k in "PHTLN"}

    # -- facts -----------------------------------------------------------------------------------------------------

    def facts_of(self, concept: Concept, count: int, level: Level) -> list[Fact]:
        facts: list[Fact] = []
        for _ in range(count * 4):
            if len(facts) == count:
                break
            if self.rng.random() < level.open_share:
                fact = open_fact(self.rng, self.words, concept)
            else:
                fact = bank_fact(self.rng, self.words, concept, self.rng.choice(self.by_kind[concept.kind]), self._odd_wording())
            if not any(conflicts(f.relation, fact.relation) for f in facts):
                facts.append(fact)
        return facts

    @staticmethod
    def note(own: list[Fact], both: str | None = None) -> list[Segment]:
        """Blocks of a concept's facts, each fact knowing its block; `both` is one sentence that holds the first two."""
        blocks: list[Segment] = []
        for i, fact in enumerate(own):
            if both and i == 1:
                fact.segment = blocks[0]
                continue
            fact.segment = Segment(prompt.fact(fact.concept.name, both if both and i == 0 else fact.block))
            blocks.append(fact.segment)
        return blocks

    def _odd_wording(self) -> bool:
        return self.split == "heldout" and self.rng.random() < 0.5

    def _ask(self, lines: list) -> object:
        """A question line of the right split: held-out wordings are asked in evaluation only."""
        fresh = [q for q in lines if q.held_out == (self.split == "heldout" and self.rng.random() < 0.5)] or lines
        if self.split == "train":
            fresh = [q for q in lines if not q.held_out] or lines
        return self.rng.choice(fresh)

    # -- turns -----------------------------------------------------------------------------------------------------

    def form(self, concept: Concept, all_concepts: list[Concept]) -> str:
        others = [c for c in all_concepts if c is not concept]
        clash = any(o.category == concept.category or o.noun == concept.noun for o in others)
        return concept.question_form(self.rng, not others, clash)

    def fact_turn(self, fact: Fact, concepts: list[Concept]) -> Turn | None:
        k = self.rng.random()
        yes = fact.askable(fact.yesno)
        if yes and k < 0.25:
            return self.yesno_turn(fact, concepts)
        back = fact.askable(fact.reverse) if not fact.reverse or "{who}" not in fact.reverse[0].text else [q for q in fact.reverse if "who" in fact.values]
        if back and k < 0.4:
            line = self._ask(back)
            if all(slot in fact.values for slot in SLOTS_OF(line.text)):
                question = put_question(self.rng, line.text, fact.concept.name, fact.concept, fact.values)
                name = fact.concept.name if fact.concept.proper else fact.answer.split()[0]
                return Turn("reverse", prompt.turn(question), fact.answer, [name], sources=[fact.segment])
        lines = fact.askable(fact.questions)
        if not lines:
            return None
        line = self._ask(lines)
        question = put_question(self.rng, line.text, self.form(fact.concept, concepts), fact.concept, fact.values)
        return Turn("fact", prompt.turn(question), fact.answer, [second_person(core(fact.values[line.slot]))], sources=[fact.segment], why="open" if fact.relation.startswith("open") else "bank")

    def yesno_turn(self, fact: Fact, concepts: list[Concept]) -> Turn:
        line = self._ask(fact.askable(fact.yesno))
        slot, values, true = line.slot, dict(fact.values), self.rng.random() < 0.5
        if not true:
            other = bank_fact(self.rng, self.words, fact.concept, BANK[fact.relation])
            values[slot] = other.values.get(slot, values[slot])
            true = core(values[slot]).lower() == core(fact.values[slot]).lower()
        question = put_question(self.rng, line.text, self.form(fact.concept, concepts), fact.concept, values)
        first = fact.answer if fact.concept.proper else fact.answer[:1].lower() + fact.answer[1:]
        return Turn("yesno", prompt.turn(question), ("Yes, " if true else "No, ") + first, ["Yes" if true else "No", second_person(core(fact.values[slot]))], sources=[fact.segment])

    def absent_turn(self, facts: list[Fact], concepts: list[Concept]) -> Turn | None:
        """Right concept, wrong relation; another concept's relation; a name nobody knows; a slot the fact leaves open."""
        rng = self.rng
        k = rng.random()
        if k < 0.25:  # a stranger, asked about something a known concept has
            stranger = make_concept(rng, self.words, rng.choice([c.kind for c in concepts]) if concepts else None)
            taken = {c.name.lower() for c in concepts} | {c.category for c in concepts}
            if stranger.name.lower() in taken or stranger.category in taken:
                return None
            same = [f for f in facts if f.concept.kind == stranger.kind and f.askable(f.questions)]
            if same and rng.random() < 0.7:
                source = rng.choice(same)
                line = self._ask(source.askable(source.questions))
            else:
                line = self._ask(rng.choice(self.by_kind[stranger.kind]).questions)
            name = stranger.name if rng.random() < 0.85 or not stranger.noun else f"my {stranger.category}"
            return Turn("absent", prompt.turn(put_question(rng, line.text, name, stranger, {"what": "lessons", "when": "on Mondays"})), prompt.DONT_KNOW, [prompt.DONT_KNOW], why="stranger")
        if not concepts:
            return None
        concept = rng.choice(concepts)
        own = [f for f in facts if f.concept is concept]
        if k < 0.45 and own:  # the fact is there but not this part of it
            fact = rng.choice(own)
            lines = [q for q in fact.questions if q not in fact.askable(fact.questions) and (q.slot != "v" or q.needs)]
            lines = [q for q in lines if not self._answered(q, fact, own)]
            if fact.relation.startswith("open:"):
                lines = open_fact(rng, self.words, concept).questions
        elif k < 0.7:  # what another concept has
            other = [f for f in facts if f.concept is not concept and f.concept.kind == concept.kind and not any(conflicts(f.relation, o.relation) for o in own)]
            lines = rng.choice(other).questions if other else []
        else:
            pool = [r for r in self.by_kind[concept.kind] if not any(conflicts(r.key, o.relation) for o in own)]
            lines = rng.choice(pool).questions if pool and rng.random() < 0.8 else open_fact(rng, self.words, concept).questions
        if not lines:
            return None
        line = self._ask(lines)
        if any("{" + s + "}" in line.text for s in ("v", "what", "who", "when", "where")):
            return None
        return Turn("absent", prompt.turn(put_question(rng, line.text, self.form(concept, concepts), concept, {})), prompt.DONT_KNOW, [prompt.DONT_KNOW], why="slot" if k < 0.45 and own else "other's" if k < 0.7 else "relation")

    @staticmethod
    def _answered(question, fact: Fact, own: list[Fact]) -> bool:
        return any(question.text == q.text for f in own for q in f.askable(f.questions))

    def two_turn(self, a: Fact, b: Fact) -> Turn | None:
        """One question about two concepts ("where do Bo and Mia sleep"), or two questions in one."""
        rng = self.rng
        names = [a.concept.name, b.concept.name]
        named = b.answer.split()[0].removesuffix("'s") in b.concept.name.split()
        answer = f"{a.answer[:-1]} and {b.answer if named else b.answer[:1].lower() + b.answer[1:]}"
        if a.relation == b.relation and rng.random() < 0.75:
            lines = [q for q in a.askable(a.multi) if q in b.askable(b.multi)]
            put = [(q, both_of(q.text)) for q in a.askable(a.questions) if q in b.askable(b.questions)]
            lines = [(q, q.text) for q in lines] * 2 + [pair for pair in put if pair[1]]
            if not lines:
                return None
            line, text = rng.choice(lines)
            question = dress_question(rng, text.replace("{ss}", prompt.PROMPT["listAnd"].join(names)).replace("{pp}", f"{possessive(names[0])} and {possessive(names[1])}"))
            slots = (line.slot, line.slot)
        else:
            one, two = a.askable(a.questions), b.askable(b.questions)
            if not one or not two:
                return None
            first, other = self._ask(one), self._ask(two)
            if "{" in first.text.replace("{s}", "").replace("{o}", "").replace("{p}", "").replace("{S}", "").replace("{h}", ""):
                return None
            head = put_subject(first.text, names[0], names[0], a.concept.own)
            question = put_question(rng, head + rng.choice([" and ", ", and ", " and ", "? and "]) + other.text, names[1], b.concept, b.values)
            slots = (first.slot, other.slot)
        return Turn("two", prompt.turn(question), answer, [second_person(core(a.values[slots[0]])), second_person(core(b.values[slots[1]]))], sources=[a.segment, b.segment])

    def follow_turn(self, facts: list[Fact], concepts: list[Concept]) -> Turn | None:
        """A turn behind an earlier one of the same chat: a pronoun ("and where does she sleep?") or another name ("and Tom?")."""
        rng = self.rng
        before = rng.choice(facts)
        head = self.fact_turn(before, concepts)
        if not head or head.kind != "fact":
            return None
        said = head.text + prompt.answer(head.answer)
        own = [f for f in facts if f.concept is before.concept and f is not before and f.askable(f.questions)]
        twin = [f for f in facts if f.concept is not before.concept and f.relation == before.relation and f.askable(f.questions)]
        others = [c for c in concepts if c is not before.concept]
        k = rng.random()
        if k < 0.45 and own:
            fact = rng.choice(own)
            line = self._ask(fact.askable(fact.questions))
            question = rng.choice(["", "", "and ", "ok and ", "also, "]) + put_question(rng, line.text, fact.concept.pronoun, fact.concept, fact.values)
            return Turn("follow", said + prompt.turn(question), fact.answer, [second_person(core(fact.values[line.slot]))], sources=[fact.segment])
        if k < 0.8 and others:
            if twin:
                fact = rng.choice(twin)
                answer, must, sources, name = fact.answer, [second_person(core(next(iter(fact.values.values()))))], [fact.segment], fact.concept.name
            else:
                concept = rng.choice(others)
                if any(conflicts(f.relation, before.relation) for f in facts if f.concept is concept):
                    return None
                answer, must, sources, name = prompt.DONT_KNOW, [prompt.DONT_KNOW], [], concept.name
            question = dress_question(rng, rng.choice(["and {}", "what about {}", "and what about {}", "how about {}", "and for {}", "same for {}", "{}"]).format(name))
            return Turn("follow", said + prompt.turn(question), answer, must, sources=sources)
        pool = [r for r in self.by_kind[before.concept.kind] if not any(conflicts(r.key, o.relation) for o in facts if o.concept is before.concept)]
        if not pool:
            return None
        line = self._ask(rng.choice(pool).questions)
        if SLOTS_OF(line.text):
            return None
        question = rng.choice(["", "and "]) + put_question(rng, line.text, before.concept.pronoun, before.concept, {})
        return Turn("follow", said + prompt.turn(question), prompt.DONT_KNOW, [prompt.DONT_KNOW])

    def card_turn(self, concept: Concept, concepts: list[Concept]) -> Turn:
        rng = self.rng
        if concept.parts and rng.random() < 0.65:
            part, descriptor = rng.choice(concept.parts)
            form = self.form(concept, concepts)
            question = rng.choice(["what colour is {p} {part}", "what colour is the {part} of {o}", "what does the {part} of {o} look like", "what is {p} {part} like", "which colour has the {part} of {o}"])
            text = put_question(rng, question.replace("{part}", part), form, concept, {})
            return Turn("card", prompt.turn(text), f"The {part} is {descriptor}.", [descriptor], sources=[concept.card])
        question = rng.choice(["what is {s}", "what kind of thing is {s}" if concept.kind == "T" else "what is {s}", "is {s} a person or a thing", "do you know {s}"])
        display = concept.display()
        text = put_question(rng, question, concept.name, concept, {})
        return Turn("card", prompt.turn(text), f"{capital(display)} is {article(concept.category)}.", [concept.category], sources=[concept.card])

    # -- contexts --------------------------------------------------------------------------------------------------

    def context(self, level: Level, extra: float = 1.0) -> Context:
        """`extra` draws more turns than the level asks for, where the caller will drop some."""
        rng = self.rng
        if self.split == "train" and rng.random() < NOTED:
            return noted_context(rng, self.words, (Segment, Turn, Context), level.turns)
        if rng.random() < 0.03:  # no memory at all
            turns = [t for t in (self.absent_turn([], []) for _ in range(level.turns * 3)) if t][: round(level.turns * extra)]
            return Context([], turns)
        count = rng.randint(*level.concepts)
        concepts: list[Concept] = []
        while len(concepts) < count:
            new = make_concept(rng, self.words, concepts[0].kind if concepts and rng.random() < 0.5 else None)
            if all(new.name.lower() != c.name.lower() for c in concepts):
                concepts.append(new)
        facts: list[Fact] = []
        blocks: list[Segment] = []
        carded: list[Concept] = []
        for i, concept in enumerate(concepts):
            own = self.facts_of(concept, rng.randint(*level.facts), level)
            if i and rng.random() < 0.5:  # the same relation on two concepts: a distractor, and a question about both
                twin = [f for f in facts if f.concept.kind == concept.kind and f.relation in BANK]
                if twin:
                    fact = bank_fact(rng, self.words, concept, BANK[rng.choice(twin).relation], self._odd_wording())
                    own = [fact] + [f for f in own if not conflicts(f.relation, fact.relation)][: max(0, len(own) - 1)]
            facts += own
            both = joined(rng, own[0], own[1]) if len(own) > 1 and rng.random() < level.joined_share else None
            blocks += self.note(own, both)
            if rng.random() < level.card_share:
                shown = rng.random() < 0.9
                if not shown:
                    concept.parts = []
                if rng.random() < 0.35:  # enrolled without a photo: a card that says next to nothing
                    bare = "thing" if rng.random() < 0.7 else concept.category
                    blocks.append(Segment(prompt.card(concept.name, bare, "", [])))
                    continue
                concept.card = Segment(prompt.card(concept.name, concept.category, caption(rng, concept), concept.parts))
                blocks.append(concept.card)
                carded.append(concept)
        rng.shuffle(blocks)
        return Context(blocks, self.turns(facts, concepts, carded, round(level.turns * extra)))

    def turns(self, facts: list[Fact], concepts: list[Concept], carded: list[Concept], count: int) -> list[Turn]:
        rng = self.rng
        across = [(a, b) for a in facts for b in facts if a.concept is not b.concept]
        pairs = [(a, b) for a, b in across if a.relation == b.relation]
        turns: list[Turn] = []
        for _ in range(count * 3):
            if len(turns) == count:
                break
            k = rng.random()
            turn: Turn | None = None
            if concepts and rng.random() < 0.1:
                concept = rng.choice(concepts)
                turn = photos.cue_turn(rng, Turn, concept, [c for c in concepts if c is not concept], facts, None)
            elif across and k < 0.16:
                turn = self.two_turn(*rng.choice(pairs if pairs and rng.random() < 0.7 else across))
            elif facts and k < 0.26 and rng.random() < 0.7:
                turn = self.follow_turn(facts, concepts)
            elif carded and k < 0.3:
                turn = self.card_turn(rng.choice(carded), concepts)
            elif k < 0.55:
                turn = self.absent_turn(facts, concepts)
            elif facts:
                turn = self.fact_turn(rng.choice(facts), concepts)
            if turn:
                turns.append(turn)
        return turns


def sample(seed: int = 1, level: int = 3, count: int = 4) -> None:
    g = Generator(seed)
    for _ in range(count):
        c = g.context(LEVELS[level])
        print("".join(b.text for b in c.blocks))
        for t in c.turns:
            print(f"  [{t.kind}] {t.text.split('<end')[0]} -> {t.answer}   {t.must}")
        print("-----")


if __name__ == "__main__":
    import sys
    sample(*(int(a) for a in sys.argv[1:]))
