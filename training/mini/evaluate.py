"""Held-out evaluation through the linked-block path: names, values and wordings training never saw.

    python -m training.mini.evaluate [--dir public/models/mini | --checkpoint X.pt] [--contexts 60] [--level 3] [--images] [--show KIND]

An answer is right when it contains the value as whole words and is not a refusal; absent is right when it is exactly
prompt.dontKnow. Beside each figure stands the same question with no memory behind the prefix.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import torch

from . import prompt, tokenizer
from .concepts import article
from .generator import LEVELS, Context, Generator, Segment, Turn
from .runner import OnnxRunner, Runner, TorchRunner


def words(text: str) -> str:
    return " " + " ".join(re.findall(r"[a-z0-9€$£]+", text.lower().replace("'", ""))) + " "


def right(turn: Turn, got: str) -> bool:
    if turn.must == [prompt.DONT_KNOW]:
        return got.strip() == prompt.DONT_KNOW
    return prompt.DONT_KNOW not in got and all(words(m) in words(got) for m in turn.must)


def handwritten() -> list[Context]:
    contexts = []
    for entry in json.loads((Path(__file__).parent / "handwritten.json").read_text(encoding="utf-8"))["contexts"]:
        blocks = []
        for c in entry["concepts"]:
            blocks.append(Segment(prompt.card(c["name"], c["category"], article(c["category"]).capitalize() + ".", [])))
            blocks += [Segment(prompt.fact(c["name"], f)) for f in c["facts"]]
        turns = [Turn("hand absent" if a is None else "hand fact", prompt.turn(q), a or prompt.DONT_KNOW, [a or prompt.DONT_KNOW]) for q, a in entry["questions"]]
        contexts.append(Context(blocks, turns))
    return contexts


class Judge:
    def __init__(self, runner: Runner, tok, images=None):
        self.runner, self.tok, self.images = runner, tok, images
        self.prefix = tok.encode(prompt.PROMPT["prefix"]).ids
        self.seen: dict[str, list[bool]] = defaultdict(list)
        self.bare: dict[str, list[bool]] = defaultdict(list)
        self.exact: dict[str, list[bool]] = defaultdict(list)

    def features(self, keys: list):
        return self.runner.image(self.images.pixels(keys).numpy()[None]) if keys else None

    def run(self, contexts: list[Context], bare: bool = True, show: str = "") -> None:
        empty = self.runner.link(self.prefix, [])
        for c in contexts:
            cache = self.runner.link(self.prefix, [self.tok.encode(s.text).ids for s in c.blocks], [self.features(s.images) for s in c.blocks])
            for t in c.turns:
                ids, f = self.tok.encode(t.text).ids, self.features(t.images)
                got = self.tok.decode(self.runner.greedy(ids, 40, cache, f))
                self.seen[t.kind].append(right(t, got))
                self.exact[t.kind].append(got.strip() == t.answer)
                if bare:
                    self.bare[t.kind].append(right(t, self.tok.decode(self.runner.greedy(ids, 40, empty, f))))
                if show and (t.kind.startswith(show) or show == "all"):
                    print("ok " if self.seen[t.kind][-1] else "BAD", re.sub(r"<[^>]*>", "", t.text).strip().split("\n")[0], "->", got, "  want", t.must)

    def table(self) -> dict:
        mean = lambda x: round(sum(x) / len(x), 3) if x else None
        return {k: {"n": len(v), "accuracy": mean(v), "exact": mean(self.exact[k]), "noMemory": mean(self.bare[k])} for k, v in sorted(self.seen.items())}


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--dir")
    a.add_argument("--checkpoint")
    a.add_argument("--float", action="store_true", help="the checkpoint's weights unrounded, to see what eight bits cost")
    a.add_argument("--contexts", type=int, default=60)
    a.add_argument("--level", type=int, default=3)
    a.add_argument("--seed", type=int, default=99)
    a.add_argument("--images", action="store_true")
    a.add_argument("--no-bare", action="store_true")
    a.add_argument("--show", default="")
    args = a.parse_args()
    torch.set_num_threads(1)
    if args.checkpoint:
        from .export import load
        runner: Runner = TorchRunner(load(args.checkpoint, args.float))
    else:
        runner = OnnxRunner(Path(args.dir or prompt.ROOT / "public/models/mini"))
    images = None
    if args.images:
        from .pictures import Pictures
        images = Pictures("val")
    generator = Generator(args.seed, "heldout", images=images) if images else Generator(args.seed, "heldout")
    judge = Judge(runner, tokenizer.load(), images)
    judge.run([generator.context(LEVELS[args.level]) for _ in range(args.contexts)], not args.no_bare, args.show)
    judge.run(handwritten(), not args.no_bare, args.show)
    if images:
        from .photo_contexts import photo_context
        judge.run([photo_context(generator, LEVELS[2]) for _ in range(args.contexts)], False, args.show)
    for kind, row in judge.table().items():
        print(f"{kind:16} n {row['n']:4}  accuracy {row['accuracy']:.3f}  exact {row['exact']:.3f}  no memory {row['noMemory']}")


if __name__ == "__main__":
    main()
