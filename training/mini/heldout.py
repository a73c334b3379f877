"""Writes a suite of held-out names, values and wordings for the app: training/cache/heldout/suite.json.

    python -m training.mini.heldout && npm run eval -- training/cache/heldout/suite.json

45 concepts with three to six facts each in one memory; two questions a concept on what is there and one on what is not.
"""

from __future__ import annotations

import json

from . import prompt
from .concepts import Concept, make_concept
from .facts import put_question
from .generator import Generator, Level
from .relations import core, second_person

OUT = prompt.ROOT / "training/cache/heldout/suite.json"
CONCEPTS = 45


def called(concept: Concept) -> str:
    """The name as a question says it."""
    if concept.proper or concept.owner:
        return concept.name
    name = concept.name.lower()
    return name if name.startswith(("my", "the")) else "the " + name


def main() -> None:
    g = Generator(4242, "heldout")
    rng, suite = g.rng, {"concepts": [], "questions": []}
    drawn: list[tuple[Concept, list]] = []
    while len(drawn) < CONCEPTS:
        concept = make_concept(rng, g.words)
        if not any(concept.name.lower() == o.name.lower() or (concept.noun and concept.noun == o.noun) for o, _ in drawn):
            drawn.append((concept, g.facts_of(concept, rng.randint(3, 6), Level(open_share=0.05))))
    rng.seed(5)
    for i, (concept, own) in enumerate(drawn):
        suite["concepts"].append({"id": f"c{i}", "name": concept.name, "facts": [f.block for f in own], "photos": []})
        for fact in rng.sample(own, min(2, len(own))):
            line = g._ask(fact.askable(fact.questions))
            text = put_question(rng, line.text, called(concept), concept, fact.values)
            suite["questions"].append({"kind": "fact", "text": text, "answer": second_person(core(fact.values[line.slot])), "concepts": [f"c{i}"]})
        absent = [t for t in (g.absent_turn(own, [concept]) for _ in range(3)) if t and t.why != "stranger"][:1]
        suite["questions"] += [{"kind": "absent", "text": t.text.split("<end")[0].removeprefix("User: "), "answer": None} for t in absent]
    for n, question in enumerate(suite["questions"]):
        question["id"] = f"q{n}"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(suite, indent=1) + "\n", encoding="utf-8")
    print(OUT, len(suite["questions"]), "questions")


if __name__ == "__main__":
    main()
