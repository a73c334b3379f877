"""Checks a bank file and prints what it says, filled in.

    python -m training.mini.check_bank [FILE.txt] [--samples 40] [--seed 1]

Exits 1 and names the line when a slot type is unknown, a question asks after a slot no fact has, or a fact can be asked nothing.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from pathlib import Path

from .concepts import make_concept
from .facts import bank_fact, put_question
from .lexicon import Words
from .relations import SLOT, SLOTS_OF, core, read_bank
from .values import SLOTS


def problems(keys: set[str]) -> list[str]:
    found = []
    for key, relation in read_bank().items():
        if key not in keys:
            continue
        if not relation.kinds or set(relation.kinds) - set("PHTLN"):
            found.append(f"@{key}: kinds {relation.kinds!r}")
        slots = {s for f in relation.facts for s in f.slots}
        for line in relation.facts:
            if any(t not in SLOTS for _, t in SLOT.findall(line.text)):
                found.append(f"@{key}: unknown slot type in {line.text!r}")
            if not line.slots:
                found.append(f"@{key}: no value in {line.text!r}")
            if not any(m in line.text for m in ("{S}", "{s}", "{o}", "{p}")):
                found.append(f"@{key}: no subject in {line.text!r}")
            if line.answer and any("{" + s + "}" not in line.answer and "{" + s + ":" not in line.answer for s in line.slots if any(q.slot == s for q in relation.questions)):
                found.append(f"@{key}: the answer leaves a value out: {line.answer!r}")
            if not any(q.slot in line.slots and (not q.needs or re.search(q.needs, line.text)) for q in relation.questions):
                found.append(f"@{key}: nothing asks after {line.text!r}")
        for line in [*relation.questions, *relation.multi, *relation.reverse, *relation.yesno]:
            if line.slot not in slots:
                found.append(f"@{key}: no fact has the slot {line.slot!r} of {line.text!r}")
            if any(s not in slots for s in SLOTS_OF(line.text)):
                found.append(f"@{key}: unknown marker in {line.text!r}")
    return found


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("file", nargs="?")
    a.add_argument("--samples", type=int, default=20)
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    bank = read_bank()
    keys = set(bank) if not args.file else set(re.findall(r"^@(\w+)", Path(args.file).read_text(encoding="utf-8"), re.M))
    rng, words = random.Random(args.seed), Words("train")
    chosen = sorted(keys)
    found = problems(keys)
    for line in found:
        print(line)
    for _ in range(args.samples if not found else 0):
        relation = bank[rng.choice(chosen)]
        fact = bank_fact(rng, words, make_concept(rng, words, rng.choice(relation.kinds)), relation)
        print(f"@{relation.key}  {fact.block}\n      -> {fact.answer}")
        for q in rng.sample(fact.askable(fact.questions), min(2, len(fact.askable(fact.questions)))):
            print(f"      {put_question(rng, q.text, fact.concept.name, fact.concept, fact.values)}   [{core(fact.values[q.slot])}]")
    kinds = {k: sum(k in bank[x].kinds for x in keys) for k in "PHTLN"}
    lines = [sum(len(getattr(bank[x], part)) for x in keys) for part in ("facts", "questions", "multi", "reverse", "yesno")]
    print(f"{len(keys)} relations {kinds}; facts, questions, two, who, yes-no: {lines}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
