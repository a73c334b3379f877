"""Questions with the fact they ask for and facts they don't: what recall is trained on.

Two sources. mini's relation bank (`training/mini/bank`): a fact in one of its wordings, a question about it in another, for a concept
nobody owns. And notes written by hand (notes.py), where the wrong facts are the concept's other notes. The concept's name is taken
out of both, as the app does, so that what is left is the topic.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field

from training.mini.concepts import make_concept
from training.mini.facts import Fact, from_line, open_fact, put_question, sloppy
from training.mini.generator import BANK
from training.mini.lexicon import Words
from training.mini.relations import Relation

from training.notes import Noted
from .words import topic_words

Text = tuple[str, ...]  # words


def unseen(relation: str) -> bool:
    """One relation in ten is kept for validation."""
    return zlib.crc32(relation.encode()) % 10 == 3


@dataclass
class Asked:
    """A question, the fact that answers it (None when there is none), and facts that surely do not."""

    question: Text
    right: Text | None
    wrong: list[Text] = field(default_factory=list)
    relation: str = ""  # of the bank; empty for notes and for open facts


def text_of(text: str, name: str) -> Text:
    return tuple(topic_words(text, name))


class BankPairs:
    def __init__(self, seed: int, split: str = "train", which: str = "all"):
        """`which`: "all" relations, only the "seen" ones, or only the "unseen"."""
        self.rng, self.words, self.split = random.Random(seed), Words(split), split
        self.pool = [BANK[k] for k in sorted(BANK) if which == "all" or unseen(k) == (which == "unseen")]

    def fact(self, relation: Relation, concept, keep=lambda line: True) -> Fact | None:
        lines = [f for f in relation.facts if (f.held_out == (self.split == "heldout") or self.split == "heldout" and self.rng.random() < 0.3) and keep(f)]
        return from_line(self.rng, self.words, concept, relation, self.rng.choice(lines)) if lines else None

    def draw(self) -> Asked | None:
        rng = self.rng
        relation = rng.choice(self.pool)
        concept = make_concept(rng, self.words, rng.choice(relation.kinds))
        is_open = rng.random() < 0.1
        fact = open_fact(rng, self.words, concept) if is_open else self.fact(relation, concept)
        lines = [q for q in fact.askable(fact.questions) if not q.held_out or self.split == "heldout"] if fact else []
        if not lines:
            return None
        line = rng.choice(lines)
        question = text_of(put_question(rng, line.text, concept.question_form(rng, True, False), concept, fact.values), concept.name)
        right = text_of(fact.block, concept.name)
        wrong = []
        if not is_open and line.slot != "v":
            # A fact of the same relation that leaves open what the question asks.
            bare = self.fact(relation, concept, lambda f: line.slot not in f.slots)
            # Another question line of the same words may be answered by it after all.
            if bare and not any(q.text == line.text for q in bare.askable(bare.questions)):
                wrong.append(text_of(bare.block, concept.name))
        return Asked(question, right, wrong, "" if is_open else relation.key) if question and right else None


def note_pairs(concepts: list[Noted], rng: random.Random | None = None) -> list[Asked]:
    """Every question of the notes; with `rng` some are typed in haste."""
    rows = []
    for concept in concepts:
        text = lambda t: text_of(t, concept.name)
        haste = lambda q: sloppy(rng, q) if rng and rng.random() < 0.15 else q
        facts = [text(n.text) for n in concept.notes]
        for i, note in enumerate(concept.notes):
            rows += [Asked(text(haste(q)), facts[i], facts[:i] + facts[i + 1 :]) for q, _ in note.asked]
        rows += [Asked(text(haste(q)), None, facts) for q in concept.absent]
    return [r for r in rows if r.question]
