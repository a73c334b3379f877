"""Reads the relation bank (bank/*.txt) and turns its lines into facts, answers and questions.

A bank entry:
    @key KINDS          kinds of concept it fits: P pet, H human, T thing, L place, N plant
    F text [=> answer]  a wording of the fact; f is a wording kept for evaluation only
    Q[.slot] text [? regex]  a question after `slot` (default v); the regex must match the fact's template; q is held out
    X key key …         relations whose questions this one's facts might answer too: never two of them on one concept
    V type a|b|c        values of a new slot type; a value's [brackets] mark what an answer must contain (all of it if there
                        are none), and <type> inside a value is filled in turn
    M[.slot] text       the question about two concepts at once; W the reverse question; B the yes/no question
Markers: {S} {s} the subject, {o} the object form, {p} its possessive, {h} his/her/its, {ss} two names, {slot:type} a value
from values.py or from a V line. Facts are written in the user's first person; an answer is the fact itself in the second person. Copying
the fact, rather than composing a reply per relation, is what carries over to facts no template foresaw.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from .lexicon import Words
from .values import SLOTS

SLOT = re.compile(r"\{(\w+):(\w+)\}")


@dataclass
class FactLine:
    text: str
    answer: str | None
    held_out: bool
    slots: tuple[str, ...]


@dataclass
class QuestionLine:
    text: str
    slot: str
    needs: str | None
    held_out: bool


@dataclass
class Relation:
    key: str
    kinds: str
    facts: list[FactLine] = field(default_factory=list)
    questions: list[QuestionLine] = field(default_factory=list)
    multi: list[QuestionLine] = field(default_factory=list)
    reverse: list[QuestionLine] = field(default_factory=list)
    yesno: list[QuestionLine] = field(default_factory=list)


# Relations whose questions one fact of a sibling relation might also answer: never two of a group on one concept.
GROUPS = [
    "favfood like hobby dislike cook allergy favtoy diet giftidea bestat recurring drink sport fear", "born live visit adopt located met",
    "job school role", "instrument sport music favtoy", "kept inside lentout use owner live", "gift buy madeby brand adopt lent", "damage repair",
    "colour collar hair favcolour marks prints plan", "walk feed wakes bedtime medicine vet", "nickname nameof namedafter mother",
    "friend enemy live", "chip door serial wifi code", "age age_thing madeby rent", "owner lentout lent gift rent plan", "chase dislike like",
    "habit trick chase bestat", "weight size_thing height shoesize", "escape injury damage", "children family", "fear dislike enemy",
]
CONFLICTS: dict[str, set[str]] = {}


def clash(*keys: str) -> None:
    """Each of the keys conflicts with all others."""
    for key in keys:
        CONFLICTS.setdefault(key, {key}).update(keys)


for _group in GROUPS:
    clash(*_group.split())


OWN_VALUES: dict[str, list[str]] = {}  # what V lines define
INNER = re.compile(r"<(\w+)>")


def add_values(kind: str, listed: str) -> None:
    """Adds `a|b|c` to the slot type `kind`, which only V lines may define."""
    if kind not in OWN_VALUES and kind in SLOTS:
        raise ValueError(f"the slot type {kind} is defined in values.py")
    values = OWN_VALUES.setdefault(kind, [])
    values += [v.strip() if "[" in v else f"[{v.strip()}]" for v in listed.split("|") if v.strip()]
    SLOTS[kind] = lambda rng, words: INNER.sub(lambda m: strip_marks(SLOTS[m.group(1)](rng, words)), rng.choice(values))


def read_bank() -> dict[str, Relation]:
    bank: dict[str, Relation] = {}
    current: Relation | None = None
    for path in sorted((Path(__file__).parent / "bank").glob("*.txt")):
        for raw in path.read_text(encoding="utf-8").splitlines():
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            head, _, rest = line.partition(" ")
            if head == "V":
                add_values(*rest.split(" ", 1))
                continue
            if head == "X":
                clash(current.key, *rest.split())
                continue
            if head.startswith("@"):
                current = bank.setdefault(head[1:], Relation(head[1:], rest))
                continue
            assert current is not None, line
            tag, _, slot = head.partition(".")
            if tag in "Ff":
                text, _, answer = rest.partition(" => ")
                current.facts.append(FactLine(text, answer or None, tag == "f", tuple(m[0] for m in SLOT.findall(text))))
                continue
            text, _, needs = rest.partition(" ? ")
            question = QuestionLine(text, slot or "v", needs or None, tag == "q")
            {"Q": current.questions, "q": current.questions, "M": current.multi, "W": current.reverse, "B": current.yesno}[tag].append(question)
    clash_alike(bank)
    return bank


STOP = set("""a an and any are at be can could did do does for from give got has have how i in is it its kind like me much many my of on or our
should so some tell that the their them there they this to us was we were what what's when where which who whose why will with would you your
again about exactly know remember remind ever usually currently actually called sort type one thing someone""".split())


def topic(question: str) -> frozenset[str]:
    """What a question is about: its words without markers and function words, bare of common endings."""
    words = re.findall(r"[a-z]+", re.sub(r"\{\w+\}(?:'s)?", " ", question.lower()))
    return frozenset(re.sub(r"(ing|ed|es|s)$", "", w) for w in words if w not in STOP and len(w) > 1)


def clash_alike(bank: dict[str, Relation]) -> None:
    """Relations that share a question, near enough, answer each other's: half of the words of both in common."""
    where: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for key, relation in bank.items():
        for line in relation.questions:
            words = topic(line.text)
            for word in words:
                where.setdefault(word, set()).add((key, words))
    for group in where.values():
        listed = list(group)
        for i, (key, words) in enumerate(listed):
            for other, others in listed[i + 1 :]:
                if key != other and len(words & others) * 2 >= len(words | others):
                    CONFLICTS.setdefault(key, {key}).add(other)
                    CONFLICTS.setdefault(other, {other}).add(key)


def conflicts(a: str, b: str) -> bool:
    return a == b or b in CONFLICTS.get(a, ())


SWAPS = [
    (r"\b[iI] am\b", "you are"), (r"\b[iI]'m\b", "you're"), (r"\b[iI] was\b", "you were"), (r"\b[iI]\b", "you"), (r"\bmyself\b", "yourself"),
    (r"\b[mM]e\b", "you"), (r"\bmine\b", "yours"), (r"\b[mM]y\b", "your"), (r"\b[wW]e\b", "you"), (r"\bus\b", "you"), (r"\b[oO]urs\b", "yours"), (r"\b[oO]ur\b", "your"),
]


def second_person(text: str) -> str:
    for pattern, replacement in SWAPS:
        text = re.sub(pattern, replacement, text)
    return text


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def strip_marks(text: str) -> str:
    return text.replace("[", "").replace("]", "")


def core(text: str) -> str:
    """The bracketed words: what an answer must contain."""
    found = re.search(r"\[(.*?)\]", text)
    return found.group(1) if found else text


def possessive(name: str) -> str:
    return {"he": "his", "she": "her", "it": "its", "they": "their"}.get(name, name + "'s")


def fill_slots(text: str, rng: random.Random, words: Words) -> tuple[str, dict[str, str]]:
    """Replaces {slot:type} by a value; returns the text and slot -> marked value."""
    values: dict[str, str] = {}

    def one(match: re.Match[str]) -> str:
        slot, kind = match.group(1), match.group(2)
        if slot not in values:
            values[slot] = SLOTS[kind](rng, words)
        return strip_marks(values[slot])

    return SLOT.sub(one, text), values


def put_subject(text: str, subject: str, objective: str, own: str) -> str:
    """Fills {S} {s} {o} {p} {h} with the given forms."""
    return (text.replace("{S}", subject).replace("{s}", subject).replace("{o}", objective)
            .replace("{p}", possessive(subject)).replace("{h}", own))


def SLOTS_OF(text: str) -> list[str]:
    """The value markers of a question ("who sleeps {v}" needs v)."""
    return [m for m in re.findall(r"\{(\w+)\}", text) if m not in ("s", "S", "p", "o", "h", "ss")]
