"""Facts in the user's words, and the questions one can ask about them: from the bank, and from random verbs."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from .concepts import Concept
from .lexicon import Words
from .relations import (FactLine, QuestionLine, Relation, capital, core, fill_slots, possessive, put_subject, second_person, strip_marks)
from .values import ADJS, OBJECTS, SLOTS, spot

FILLERS_BEFORE = ["by the way, ", "so ", "fun fact: ", "well, ", "just so you know, ", "remember: ", "oh and ", "also, ", "please remember that ",
                  "i think ", "you know, ", "note that ", "apparently ", "ok so ", "actually ", "did i tell you that ", "for the record, ", "one more thing: "]
FILLERS_AFTER = [" haha", ", just so you know", ", believe it or not", " by the way", ", i think", ", of course", " :)", ", no idea why", ", as always",
                 ", everyone knows that", " and that's fine", ", at least for now", " lol", ", poor thing", ", it's funny", " you know", "!"]


@dataclass
class Fact:
    concept: Concept
    relation: str
    template: str
    block: str  # the sentence inside "Note about {name}: …"
    answer: str  # the sentence an answer gives, with full stop
    values: dict[str, str]  # slot -> marked value
    questions: list[QuestionLine]
    multi: list[QuestionLine]
    reverse: list[QuestionLine]
    yesno: list[QuestionLine]
    segment: object = None  # the block that carries it

    def askable(self, lines: list[QuestionLine]) -> list[QuestionLine]:
        return [q for q in lines if q.slot in self.values and (not q.needs or re.search(q.needs, self.template))]


def _finish(text: str) -> str:
    return capital(second_person(text)).rstrip(".!") + "."


def _surface(rng: random.Random, text: str) -> str:
    """How people type: lower case, no full stop, a few words around the point."""
    if rng.random() < 0.14:
        text = rng.choice(FILLERS_BEFORE) + text
    if rng.random() < 0.12:
        text = text + rng.choice(FILLERS_AFTER)
    k = rng.random()
    if k < 0.45:
        text = re.sub(r"\bi\b", "I", capital(text))
    elif k < 0.55:
        text = text.lower()
    if rng.random() < 0.08:
        text = text.replace("'", "")
    if rng.random() < 0.45 and not text.endswith("!"):
        text += "."
    return text


def bank_fact(rng: random.Random, words: Words, concept: Concept, relation: Relation, held_out_line: bool = False) -> Fact:
    lines = [f for f in relation.facts if f.held_out == held_out_line] or relation.facts
    return from_line(rng, words, concept, relation, rng.choice(lines))


def from_line(rng: random.Random, words: Words, concept: Concept, relation: Relation, line: FactLine) -> Fact:
    filled, values = fill_slots(line.text, rng, words)
    form = concept.fact_form(rng)
    objective = concept.him if form == concept.pronoun else form
    block = put_subject(filled, form, objective, concept.own)
    source = filled
    if line.answer:
        source = re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: strip_marks(values[m.group(1)]) if m.group(1) in values else m.group(), line.answer)
    subject = concept.display(form)
    answer = put_subject(source, subject, objective if objective == concept.him else subject, concept.own)
    # A habit's value carries {h} inside, so fill the marked values as well.
    values = {slot: put_subject(v, subject, objective, concept.own) for slot, v in values.items()}
    return Fact(concept, relation.key, line.text, _surface(rng, block), _finish(answer), values, relation.questions, relation.multi, relation.reverse, relation.yesno)


def put_question(rng: random.Random, template: str, form: str, concept: Concept, values: dict[str, str]) -> str:
    text = template
    for slot, value in values.items():
        text = text.replace("{" + slot + "}", strip_marks(value))
    objective = concept.him if form == concept.pronoun else form
    text = put_subject(text, form, objective, concept.own)
    if concept.owner and rng.random() < 0.4:  # "Who gave Dad the mug?": the mug is Dad's
        owner = concept.owner
        text = re.sub(r"\b(do|have) i\b", lambda m: {"do": "does", "have": "has"}[m.group(1)] + f" {owner}", text)
        text = re.sub(r"\b(did|can|could|should|must|had|will|would|might) i\b", lambda m: f"{m.group(1)} {owner}", text)
        text = re.sub(r"\bme\b", owner, text)
    return dress_question(rng, text)


def dress_question(rng: random.Random, text: str) -> str:
    k = rng.random()
    if k < 0.25:
        text = re.sub(r"^(what|where|who|when|how) (is|are)\b", lambda m: m.group(1) + ("'s" if m.group(2) == "is" else "'re"), text)
    text = re.sub(r"\bcolour\b", "color", text) if rng.random() < 0.25 else text
    text = re.sub(r"\bfavourite\b", "favorite", text) if rng.random() < 0.3 else text
    k = rng.random()
    if k < 0.07:
        text = rng.choice(["hey, ", "tell me, ", "remind me, ", "jarvis, ", "quick question: ", "and ", "so ", "do you remember ", "do you know ", "can you tell me "]) + text
    k = rng.random()
    if k < 0.2:
        text = text.lower()
    elif k < 0.9:
        text = re.sub(r"\bi\b", "I", capital(text))
    if rng.random() < 0.12:
        text = sloppy(rng, text)
    return text + ("?" if rng.random() < 0.8 else rng.choice(["", "", "?!", " ?"]))


def sloppy(rng: random.Random, text: str) -> str:
    """Typed in haste: no apostrophes, a letter lost, doubled or swapped in one of the longer words."""
    if rng.random() < 0.6:
        text = text.replace("'", "")
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 4 and w.isalpha() and w.islower()]
    if long and rng.random() < 0.7:
        i = rng.choice(long)
        w, at = words[i], rng.randrange(1, len(words[i]) - 1)
        words[i] = rng.choice([w[:at] + w[at + 1 :], w[:at] + w[at] + w[at:], w[:at] + w[at + 1] + w[at] + w[at + 2 :]])
    return " ".join(words)


# --- facts from random verbs, nouns and adjectives: aligning words instead of knowing relations ---

IRREGULAR = {"be", "have", "do", "say", "go", "can", "will", "may", "must", "shall", "ought", "get", "see", "come", "make"}


def third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    return verb[:-1] + "ies" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "s"


def past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + "ed"


NOUNS = """secret|lucky number|favourite flower|password|dream|plan|shoe brand|idol|favourite month|best memory|favourite season|middle name|zodiac sign|
blood type|locker number|favourite word|perfume|favourite animal|favourite smell|motto|seat number|bus line|goal|wish|talent|problem|
fridge magnet|username|flight number|order number|spirit animal|first word|surname|maiden name|bank|doctor|dentist|hairdresser|coach|
favourite place|favourite shop|favourite holiday|favourite restaurant|pen name|locker code|boss|landlord|roommate|teacher|favourite day|
fabric|pattern|shape|smell|taste|texture|label|logo|switch|engine|cover|bottom|top|back|key|cable|plug|title|author|publisher|
contract|deposit|view|floor|roof|neighbour|manager|entrance|parking space|meeting point|speed limit|nearest stop|best season""".replace("\n", "").split("|")
PREDICATES = """good at|bad at|proud of|tired of|worried about|angry about|happy about|sad about|curious about|famous for|known for|jealous of|
sensitive to|used to|interested in|addicted to|responsible for|late for|ready for|excited about|bored of|sorry about|grateful for|
full of|missing from|next to|part of|made for|covered in|connected to|stuck in|banned from|engaged to|related to|similar to|
blind in|deaf in|popular with|suspicious of|careful with|impatient with|obsessed with|in love with|shy around|gentle with""".replace("\n", "").split("|")


def random_object(rng: random.Random, words: Words) -> str:
    kind = rng.choice(["np", "np", "np", "name", "person", "food", "plural", "city", "toyobj", "activity", "being", "title"])
    if kind == "np":
        adj = words.pick(rng, "adjectives") if rng.random() < 0.5 else rng.choice(ADJS)
        noun = words.pick(rng, "artifact") if rng.random() < 0.6 else rng.choice(OBJECTS)
        return f"{rng.choice(['the', 'a', 'my', 'the', 'his' if rng.random() < .3 else 'the'])} [{adj + ' ' if rng.random() < 0.6 else ''}{noun}]"
    return SLOTS[kind](rng, words)


def _line(text: str, slot: str = "v", held_out: bool = False) -> QuestionLine:
    return QuestionLine(text, slot, None, held_out)


def open_fact(rng: random.Random, words: Words, concept: Concept) -> Fact:
    """A fact no relation foresaw: "Bo befriends the rusty tractor" / "what does Bo befriend"."""
    verb = words.pick(rng, "verbs")
    asked = verb
    if rng.random() < 0.3:  # the question may use a synonym of the fact's verb
        pair = [v for v in rng.choice(words.synonyms) if v not in IRREGULAR]
        if len(pair) > 1:
            verb, asked = rng.sample(pair, 2)
    while verb in IRREGULAR:
        verb = asked = words.pick(rng, "verbs")
    adverb = words.pick(rng, "adverbs") + " " if rng.random() < 0.15 else ""
    value = random_object(rng, words)
    plain = strip_marks(value)
    shape = rng.choice("vvvpppinnnnaaawwt")
    multi: list[QuestionLine] = []
    reverse: list[QuestionLine] = []
    if shape == "v":
        text, questions = "{S} " + adverb + third(verb) + " " + plain, [_line("what does {s} " + asked), _line("what is it that {s} " + third(asked), held_out=True), _line("who or what does {s} " + asked)]
        reverse, multi = [_line(f"who {third(asked)} {{v}}")], [_line("what do {ss} " + asked)]
    elif shape == "p":
        prep = rng.choice("with about at for to from into over against like".split())
        text, questions = "{S} " + adverb + f"{third(verb)} {prep} " + plain, [_line(f"what does {{s}} {asked} {prep}"), _line(f"who does {{s}} {asked} {prep}")]
        reverse = [_line(f"who {third(asked)} {prep} {{v}}")]
    elif shape == "i":
        where = spot(rng, words) if rng.random() < 0.5 else SLOTS["when"](rng, words)
        ask = "when" if re.search(r"\d|ago|last|spring|summer|autumn|winter|ber\b|ary\b", where) else "where"
        text, value, questions = f"i {past(verb)} {{o}} " + strip_marks(where), where, [_line(f"{ask} did i {asked} {{o}}")]
    elif shape == "n":
        noun = rng.choice(NOUNS)
        value = rng.choice([SLOTS[k] for k in ("name", "colour", "code", "city", "anything", "person", "title", "plural", "brand")])(rng, words)
        text = rng.choice(["{p} " + noun + " is ", "the " + noun + " of {o} is "]) + strip_marks(value)
        questions = [_line("what is {p} " + noun), _line("what is the " + noun + " of {o}"), _line("which " + noun + " does {s} have", held_out=True), _line("who is {p} " + noun)]
        multi = [_line("what are the " + noun + "s of {ss}")]
    elif shape == "a":
        predicate = rng.choice(PREDICATES)
        text, questions = "{S} is " + adverb + predicate + " " + plain, [_line("what is {s} " + predicate), _line("who is {s} " + predicate)]
        reverse = [_line(f"who is {predicate} {{v}}")]
    elif shape == "w":
        predicate = rng.choice(["used to " + verb, "wants to " + verb, "never " + third(verb), "tried to " + verb, "has to " + verb, "learned to " + verb, "refuses to " + verb])
        first = predicate.split()[0]
        text = "{S} " + predicate + " " + plain
        question = {"used": f"what did {{s}} use to {asked}", "wants": f"what does {{s}} want to {asked}", "never": f"what does {{s}} never {asked}", "tried": f"what did {{s}} try to {asked}",
                    "has": f"what does {{s}} have to {asked}", "learned": f"what did {{s}} learn to {asked}", "refuses": f"what does {{s}} refuse to {asked}"}[first]
        questions = [_line(question)]
    else:
        text, questions = "{S} " + past(verb) + " " + plain, [_line("what did {s} " + asked), _line("who did {s} " + asked)]
        reverse = [_line(f"who {past(asked)} {{v}}")]
    who = re.match(r"(\[[A-Z]|aunt|uncle|my \[?(sister|brother|friend|boss|neighbour)|the (cat|dog|boy|girl))", value)
    questions = [q for q in questions if ("who " not in q.text[:4]) or who or "who or what" in q.text] or questions
    relation = Relation("open:" + verb + shape, concept.kind)
    fact = from_line(rng, words, concept, relation, FactLine(text, None, False, ()))
    fact.values, fact.questions, fact.reverse, fact.multi = {"v": value}, questions, reverse, multi
    return fact


def joined(rng: random.Random, a: Fact, b: Fact) -> str | None:
    """One sentence with two facts on the same concept; None where it would read wrong."""
    first = a.block.rstrip(".!")
    second = b.block.rstrip(".!")
    if len(first) + len(second) > 110:
        return None
    return first + rng.choice([", and ", ". ", " and ", "; ", ". Also, ", ", "]) + second


def possessive_of(name: str) -> str:
    return possessive(name)


__all__ = ["Fact", "bank_fact", "open_fact", "put_question", "dress_question", "joined", "core"]
