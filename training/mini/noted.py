"""Contexts from notes written by hand (training/notes): rambling facts, questions by meaning, answers that copy the note's words.

Names and numbers are exchanged for others, so that the few thousand notes teach reading and not themselves.
"""

from __future__ import annotations

import random
import re

from training.notes import Note, Noted, train_notes

from . import prompt
from .concepts import PETS, PLACES, make_concept
from .facts import sloppy
from .lexicon import Words

KEEP_NAME = 0.3  # of the contexts
PRONOUN = re.compile(r"\b(he|she|it|they|him|her|his|its|their)\b", re.IGNORECASE)
YEAR = re.compile(r"(19|20)\d\d")


def renamed(concept: Noted, rng: random.Random, words: Words) -> Noted:
    """The concept under another name, where its texts name it in a way that can be exchanged; never to a name it speaks of already."""
    if not re.fullmatch(r"[A-Z][\w'-]+", concept.name) or rng.random() < KEEP_NAME:
        return concept
    kind = "P" if any(w in PETS for w in concept.category.lower().split()) else "L" if concept.category.lower() in PLACES else "H"
    new = make_concept(rng, words, kind)
    if not new.proper or " " in new.name:
        return concept
    text = " ".join(n.text for n in concept.notes)
    if new.name.lower() in text.lower():
        return concept

    def put(t: str) -> str:
        return re.sub(rf"\b{re.escape(concept.name)}(s?)\b", lambda m: new.name + m.group(1) if m.group()[:1].isupper() else new.name.lower() + m.group(1), t, flags=re.IGNORECASE)

    return Noted(new.name, concept.category, [Note(put(n.text), [(put(q), put(a)) for q, a in n.asked]) for n in concept.notes], [put(q) for q in concept.absent])


def renumbered(note: Note, rng: random.Random) -> Note:
    """Its numbers changed alike in note and answers, where no question speaks of one."""
    numbers = list(dict.fromkeys(re.findall(r"\d+", note.text)))
    if not numbers or any(re.search(r"\d", q) for q, _ in note.asked) or rng.random() < 0.3:
        return note

    def other(n: str) -> str:
        if YEAR.fullmatch(n):
            return str(rng.randint(1955, 2031))
        low, high = (1, 9) if len(n) == 1 else (10 ** (len(n) - 1), 10 ** len(n) - 1)
        if len(n) == 2 and int(n) <= 31:
            low, high = 10, 31
        return str(rng.randint(low, high)) if n[0] != "0" else "".join(rng.choice("0123456789") for _ in n)

    new = {n: other(n) for n in numbers}
    if len(set(new.values())) < len(new):
        return note
    put = lambda t: re.sub(r"\d+", lambda m: new.get(m.group(), m.group()), t)
    return Note(put(note.text), [(q, put(a)) for q, a in note.asked])


def plain(answer: str) -> str:
    return answer.replace("[", "").replace("]", "")


def values(answer: str) -> list[str]:
    return re.findall(r"\[(.*?)\]", answer)


def noted_context(rng: random.Random, words: Words, make, turns: int, concepts: list[Noted] | None = None):
    """`make`: (Segment, Turn, Context) of generator.py. One or two concepts with one to three notes each, as recall hands them over."""
    segment_of, turn_of, context_of = make
    pool = concepts or train_notes()
    chosen = [renamed(c, rng, words) for c in rng.sample(pool, 2 if rng.random() < 0.3 else 1)]
    if len({c.name.lower() for c in chosen}) < len(chosen):
        chosen = chosen[:1]
    blocks, asked, absent = [], [], []
    for concept in chosen:
        order = list(concept.notes)
        rng.shuffle(order)
        count = rng.choice((1, 1, 1, 2, 2, 3)) if len(chosen) == 1 else rng.choice((1, 1, 2))
        for note in order[:count]:
            note = renumbered(note, rng)
            block = segment_of(prompt.fact(concept.name, note.text))
            blocks.append(block)
            asked += [(concept, q, a, block) for q, a in note.asked]
        absent += [(concept, q) for q in concept.absent] * 2 + [(concept, q) for n in order[count:] for q, _ in n.asked]
    rng.shuffle(blocks)
    out = []
    haste = lambda q: sloppy(rng, q) if rng.random() < 0.1 else q

    def named(concept: Noted, question: str) -> bool:
        return len(chosen) == 1 or bool(set(re.findall(r"[^\W_]+", concept.name.lower())) & set(re.findall(r"[^\W_]+", question.lower())))

    rng.shuffle(asked)
    rng.shuffle(absent)
    for concept, question, answer, block in asked:
        if not named(concept, question):
            question = f"{question.rstrip('? ')} ({concept.name})" if rng.random() < 0.3 else f"{concept.name}: {question}"
        before = ""
        if PRONOUN.search(question) and rng.random() < 0.35:  # behind another question of the same chat
            head = rng.choice(asked)
            if head[0] is concept and head[1] != question:
                before = prompt.turn(head[1]) + prompt.answer(plain(head[2]))
        out.append(turn_of("follow" if before else "fact", before + prompt.turn(haste(question)), plain(answer), values(answer) or [plain(answer)], sources=[block], why="noted"))
    nothing = [turn_of("absent", prompt.turn(haste(q)), prompt.DONT_KNOW, [prompt.DONT_KNOW], why="noted") for concept, q in absent if named(concept, q)]
    share = max(1, round(turns * 0.35))
    picked = out[: turns - min(share, len(nothing))] + nothing[:share]
    rng.shuffle(picked)
    return context_of(blocks, picked)
