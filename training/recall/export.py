"""Writes public/models/recall/recall.bin and the golden file its TypeScript is checked against.

    python -m training.recall.export [--run all] [--out public/models/recall]

`recall.bin`, little-endian: "JRC2"; uint32 buckets of triples and of couples, axes of a word, width, heads, hidden, layers that read, layers that
compare; uint32 bytes and ASCII of the vocabulary, a word a line; float32 steps and int8 rows (words + triples + couples, axes) of the
table; float32 loudness of each row; then what `parts` lists, a matrix (outputs, inputs) as float32 steps of its rows and int8, anything else as float32.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.mini.prompt import ROOT

from .model import COMPARES, D, HEADS, HIDDEN, READS, Compare, Recall
from .pairs import text_of
from .train import RUNS
from .words import COUPLES, TRIPLES, WIDTH, vocabulary

ASKED = [("Where does Bo sleep?", "Bo", "my dog Bo sleeps on the blue sofa"), ("whats bo allergic to again", "Bo", "he can't eat chicken, it gives him a rash"),
         ("When did I buy Dad's red mug?", "Dad's red mug", "The red mug is from the flea market, 2019"), ("What is Zoë’s telefone number?", "Zoë", "Zoë: 0471 55 32 10"),
         ("waht does he liek", "Bo", "likes to pinch clothespegs"), ("does grandma snorble", "Grandma", "she snorbles at dawn")]


def steps(x: Tensor) -> Tensor:
    return x.abs().amax(1).clamp(min=1e-12) / 127


def matrix(x: Tensor) -> bytes:
    """Rounds `x` in place to what the file says."""
    step = steps(x)
    codes = (x / step[:, None]).round()
    x.copy_(codes * step[:, None])
    return step.numpy().astype("<f4").tobytes() + codes.numpy().astype(np.int8).tobytes()


def parts(model: Recall) -> list[Tensor]:
    """In the file's order: matrices, vectors, and weight with bias of a map to one number."""
    a = [model.bag.weight]
    for side in (model.question, model.fact):
        a += [side.enter.weight, side.enter.bias, side.leave.weight, side.leave.bias]
    a += [model.enter.weight, model.enter.bias, model.place.flatten(), model.side.flatten(), model.nearest, model.last]
    a += [torch.cat((m.weight[0], m.bias)) for m in (model.weigh, model.judge)] + [model.alike]
    for layer in (*model.reads, *model.compares):
        t = layer.attend
        a += [layer.before, layer.between, *([layer.none] if isinstance(layer, Compare) else []), t.q.weight, t.k.weight, t.v.weight, t.o.weight]
        a += [layer.enter.weight, layer.enter.bias, layer.leave.weight, layer.leave.bias]
    return a


@torch.no_grad()
def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--run", default="all")
    a.add_argument("--out", type=Path, default=ROOT / "public/models/recall")
    a.add_argument("--no-golden", action="store_true")
    args = a.parse_args()
    words, vectors = vocabulary()
    model = Recall(words, vectors).eval()
    model.load_state_dict(torch.load(RUNS / f"{args.run}.pt")["model"])
    listed = "\n".join(words.words).encode()
    out = [b"JRC2", struct.pack("<8I", TRIPLES, COUPLES, WIDTH, D, HEADS, HIDDEN, READS, COMPARES), struct.pack("<I", len(listed)), listed]
    table = torch.cat((model.given + model.learnt.weight, model.couple.weight))
    codes = matrix(table)
    # What the app will have of words and couples.
    model.given.copy_(table[: len(model.given)])
    model.learnt.weight.zero_()
    model.couple.weight.copy_(table[len(model.given) :])
    out += [codes, model.loud.weight.exp().numpy().astype("<f4").tobytes()]
    out += [matrix(p) if p.ndim == 2 else p.detach().numpy().astype("<f4").tobytes() for p in parts(model)]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "recall.bin").write_bytes(b"".join(out))
    if not args.no_golden:
        golden = []
        for q, n, f in ASKED:
            facts = [text_of(told, n) for *_, told in ASKED]
            pairs = torch.tensor([(0, i) for i in range(len(facts))])
            golden.append({"question": q, "name": n, "fact": f, "words": list(text_of(q, n)), "logits": [round(x, 4) for x in model([text_of(q, n)], facts, pairs)[0].tolist()]})
        path = ROOT / "test/golden/recall/golden.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print((args.out / "recall.bin").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
