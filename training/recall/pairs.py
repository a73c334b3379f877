"""Concepts with their facts, and questions with the fact that answers them: what recall is trained on.

Two sources. Notes written by hand (training/notes), where the wrong facts are the concept's other notes. And mini's relation bank
(training/mini/bank): an invented concept with a handful of facts, each in one of its wordings, and questions in another.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from functools import lru_cache

from training.mini.concepts import make_concept
from training.mini.facts import Fact, from_line, open_fact, put_question
from training.mini.generator import BANK
from training.mini.lexicon import Words
from training.mini.relations import Relation, conflicts
from training.notes import Noted

NONE = -1
FACTS = (3, 7)  # of an invented concept


@dataclass
class Told:
    """A concept's facts, and questions with the number of the fact that answers, or NONE."""

    facts: list[str]
    asked: list[tuple[str, int]] = field(default_factory=list)
    by_hand: bool = False  # written by somebody who knew what is told: prior.py


# [Note: Nameless questions] Recall is asked of one concept, so its name tells nothing; yet in the notes it stands in 4 % of the questions that a
# note answers and in 15 % of the others, and recall learnt to doubt whoever says it. So "what is Bo's weight" is put as "what is its weight", here
# as in the app (src/core/shared-question.ts).
OWNER = r"(?:\b(?:the|my|our|his|her|your)\s+)?"
TITLES = {"Mum", "Dad", "Aunt", "Auntie", "Uncle", "Gran", "Nana", "Grandad", "Grandpa", "Grandma", "Granda", "Miss", "Doctor"}


@lru_cache(10_000)
def name_pattern(name: str) -> re.Pattern:
    """The name, two of its words or one that is somebody's own, as they stand in a question; group 1 where that owns what follows."""
    bare = re.sub(r"^(the|my|our) ", "", name, flags=re.I)
    words = [w for w in re.findall(r"[\w'’]+", bare) if len(w) > 2]
    any_word = "|".join(map(re.escape, words)) or re.escape(bare)
    own = [w for w in words if w[0].isupper() and len(w) > 3 and not re.search(r"['’]s?$", w) and w not in TITLES]
    said = "|".join([re.escape(bare), rf"(?:{any_word})(?:\s+(?:{any_word}))+", *map(re.escape, own)])
    return re.compile(rf"{OWNER}\b(?:{said})(?:(['’]s?(?=\s+\w))|\b)", re.IGNORECASE)


def nameless(question: str, name: str) -> str:
    return name_pattern(name).sub(lambda found: "its" if found[1] else "it", question)


def of_notes(concepts: list[Noted]) -> list[Told]:
    return [
        Told([n.text for n in c.notes], [(nameless(q, c.name), i) for i, n in enumerate(c.notes) for q, _ in n.asked] + [(nameless(q, c.name), NONE) for q in c.absent], True)
        for c in concepts
    ]


class Invented:
    def __init__(self, seed: int, split: str = "train"):
        self.rng, self.words, self.split = random.Random(seed), Words(split), split
        self.pool = [BANK[k] for k in sorted(BANK)]

    def fact(self, relation: Relation, concept, keep=lambda line: True) -> Fact | None:
        lines = [f for f in relation.facts if (f.held_out == (self.split == "heldout") or self.split == "heldout" and self.rng.random() < 0.3) and keep(f)]
        return from_line(self.rng, self.words, concept, relation, self.rng.choice(lines)) if lines else None

    def draw(self) -> Told | None:
        rng = self.rng
        first = rng.choice(self.pool)
        kind = rng.choice(first.kinds)
        concept = make_concept(rng, self.words, kind)
        chosen: list[Relation] = []
        for relation in [first, *rng.sample(self.pool, 24)]:
            if kind in relation.kinds and not any(conflicts(relation.key, other.key) for other in chosen):
                chosen.append(relation)
        told = Told([])
        most = rng.randint(*FACTS)
        for i, relation in enumerate(chosen[: most + 2]):
            is_open = rng.random() < 0.1
            fact = open_fact(rng, self.words, concept) if is_open else self.fact(relation, concept)
            lines = [q for q in fact.askable(fact.questions) if not q.held_out or self.split == "heldout"] if fact else []
            if not lines:
                continue
            put = lambda line: nameless(put_question(rng, line.text, concept.question_form(rng, True, False), concept, fact.values), concept.name)
            if i >= most:  # asked, but not told
                told.asked.append((put(rng.choice(lines)), NONE))
                continue
            told.facts.append(fact.block)
            told.asked += [(put(line), len(told.facts) - 1) for line in rng.sample(lines, min(len(lines), 2))]
            # The right relation, but not what is asked of it.
            missing = [] if is_open else [q for q in fact.questions if not q.held_out and q.slot not in fact.values and all(q.text != o.text for o in lines)]
            if missing and "{" not in (question := put(rng.choice(missing))):
                told.asked.append((question, NONE))
        return told if len(told.facts) > 1 and told.asked else None
