"""Writes dev.txt, or another file, as a suite for the app: training/cache/notes/dev.json.

    python -m training.notes.suite [--notes dev] [--concepts 25] && npm run eval -- training/cache/notes/dev.json

All concepts in one memory, without photos. A question that does not name its concept gets the name before it ("Pickle: …"); one that says
"she" or "it" follows another of the same concept instead. An answer is right when it holds the value in brackets; a yes or no counts by its first word.
"""

from __future__ import annotations

import argparse
import json
import re

from training.mini.prompt import ROOT
from training.mini.relations import second_person

from . import dev_notes

OUT = ROOT / "training/cache/notes"
PRONOUN = re.compile(r"\b(she|he|her|him|his|it|its|they|them)\b", re.IGNORECASE)
BARE = {"the", "my", "our", "a", "an", "of", "and"}


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", re.sub(r"['\u2019]s\b", "", text.lower())))


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--notes", default="dev", choices=("dev", "dev-even"))
    a.add_argument("--concepts", type=int, default=25)
    args = a.parse_args()
    suite: dict[str, list] = {"concepts": [], "questions": []}
    for i, concept in enumerate(dev_notes(args.notes)[: args.concepts]):
        suite["concepts"].append({"id": f"c{i}", "name": concept.name, "facts": [n.text for n in concept.notes], "photos": []})
        own = words(concept.name) - BARE
        named = lambda q: q if own & words(q) or own & {w.removesuffix("s") for w in words(q)} else f"{concept.name}: {q}"
        first = ""
        for number, note in enumerate(concept.notes, 1):
            for question, answer in note.asked:
                values = [second_person(v) for v in re.findall(r"\[(.*?)\]", answer)]
                if not values:
                    continue
                told = {"answer": values if len(values) > 1 else values[0], "concepts": [f"c{i}"], "fact": number, "id": f"q{len(suite['questions'])}"}
                if first and PRONOUN.search(question) and not own & words(question):
                    suite["questions"].append({"kind": "followup", "text": question, "after": first, **told})
                else:
                    first = first or told["id"]
                    suite["questions"].append({"kind": "fact", "text": named(question), **told})
        for question in concept.absent:
            suite["questions"].append({"id": f"q{len(suite['questions'])}", "kind": "absent", "text": named(question), "answer": None})
    OUT.mkdir(parents=True, exist_ok=True)
    out = OUT / f"{args.notes}.json"
    out.write_text(json.dumps(suite, indent=1) + "\n", encoding="utf-8")
    print(out, len(suite["questions"]), "questions")


if __name__ == "__main__":
    main()
