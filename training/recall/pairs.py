"""Questions with the facts they ask for, as features: what recall is trained on.

A pair comes from mini's relation bank (training/mini/bank): a fact in one of its wordings and a question about it in another,
for a concept nobody owns. The concept's name is taken out of both, as the app does, so that what is left is the topic.
"""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import dataclass
from functools import cache

from training.mini.concepts import make_concept
from training.mini.facts import Fact, from_line, open_fact, put_question
from training.mini.generator import BANK
from training.mini.lexicon import Words
from training.mini.relations import Relation

WORDS, STEMS, COUPLES = 8192, 4096, 8192  # buckets of words, of their first four letters, of neighbouring words
BUCKETS = WORDS + STEMS + COUPLES
WIDEST = 40  # words of a text that are looked at
BARE = {"the", "my", "our", "a", "an", "of", "and"}


@cache
def bucket(text: str, size: int) -> int:
    """FNV-1a over UTF-16 code units."""
    h = 2166136261
    for code in text:
        h = ((h ^ ord(code)) * 16777619) & 0xFFFFFFFF
    return h % size


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"['\u2019](s\b)?", "", text.lower()))


def features(text: str, name: str = "") -> list[int]:
    """Buckets of a text's words, of their stems and of its neighbouring words, digits being all alike. `src/core/recall.ts` does the same."""
    drop = set(words_of(name)) - BARE
    words = [re.sub(r"\d", "0", w) for w in words_of(text) if w not in drop][:WIDEST]
    stems = [WORDS + bucket("^" + w[:4], STEMS) for w in words if len(w) > 4]
    couples = [WORDS + STEMS + bucket(f"{a} {b}", COUPLES) for a, b in zip(words, words[1:])]
    return [bucket(w, WORDS) for w in words] + stems + couples


def unseen(relation: str) -> bool:
    """One relation in ten is kept for validation."""
    return zlib.crc32(relation.encode()) % 10 == 3


@dataclass
class Pair:
    relation: int  # its number; open facts have none, -1
    question: list[int]
    fact: list[int]
    lacking: list[int] | None  # a fact of the same relation that leaves open what the question asks


class Pairs:
    def __init__(self, seed: int, split: str = "train", which: str = "all"):
        """`which`: "all" relations, only the "seen" ones, or only the "unseen"."""
        self.rng, self.words, self.split = random.Random(seed), Words(split), split
        self.keys = sorted(BANK)
        self.number = {k: i for i, k in enumerate(self.keys)}
        self.pool = [BANK[k] for k in self.keys if which == "all" or unseen(k) == (which == "unseen")]

    def fact(self, relation: Relation, concept, keep=lambda line: True) -> Fact | None:
        lines = [f for f in relation.facts if (f.held_out == (self.split == "heldout") or self.split == "heldout" and self.rng.random() < 0.3) and keep(f)]
        return from_line(self.rng, self.words, concept, relation, self.rng.choice(lines)) if lines else None

    def question(self, fact: Fact, concept, lines=None) -> tuple[object, list[int]] | None:
        lines = [q for q in lines or fact.askable(fact.questions) if not q.held_out or self.split == "heldout"]
        if not lines:
            return None
        line = self.rng.choice(lines)
        text = put_question(self.rng, line.text, concept.question_form(self.rng, True, False), concept, fact.values)
        return line, features(text, concept.name)

    def draw(self) -> Pair | None:
        rng = self.rng
        relation = rng.choice(self.pool)
        concept = make_concept(rng, self.words, rng.choice(relation.kinds))
        is_open = rng.random() < 0.12
        fact = open_fact(rng, self.words, concept) if is_open else self.fact(relation, concept)
        asked = fact and self.question(fact, concept)
        if not asked:
            return None
        line, question = asked
        lacking = None
        if not is_open and line.slot != "v":
            bare = self.fact(relation, concept, lambda f: line.slot not in f.slots)
            # Another question line of the same words may be answered by it after all.
            if bare and not any(q.text == line.text for q in bare.askable(bare.questions)):
                lacking = features(bare.block, concept.name)
        return Pair(-1 if is_open else self.number[relation.key], question, features(fact.block, concept.name), lacking)
