"""Trains look on cached features and prints what it gets right on things and photos it never saw.

    python -m training.look.train [--minutes 20]       writes training/runs/look/look.pt
    python -m training.look.train --evaluate           prints the figures of that file, by one look and by the mean of three
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.mini.images import COLOURS, MAP, UNKNOWN
from training.mini.probe import Questions, ask, marks, probe_loss
from training.mini.prompt import ROOT
from training.patch.model import CELLS
from training.precision import autocast

from .features import CACHE, CLOSER
from .model import Dense, Features, Look

RUN = ROOT / "training/runs/look/look.pt"
DENSE = 0.3
CROWD = 300  # last of the views of "val"


class Views:
    """The cached views of a split."""

    def __init__(self, split: str):
        folder = CACHE / split
        self.grid, self.glob, self.low, self.maps = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("grid", "global", "low", "maps"))
        doc = pickle.loads((folder / "seen.pkl").read_bytes())
        self.seen, self.parts, self.categories = doc["seen"], doc["parts"], doc["categories"]
        self.dice = np.random.default_rng(11)

    def __len__(self) -> int:
        return len(self.seen)

    def features(self, rows: list[int]) -> Features:
        return tuple(torch.from_numpy(t[rows].astype(np.float32)) for t in (self.grid, self.glob, self.low))

    def ask(self, rng: random.Random, rows: list[int]) -> Questions:
        return ask(rng, [self.seen[r][0] for r in rows], self.parts, self.categories)

    def dense(self, rows: list[int]) -> Tensor:
        """Colour, part and category (3, I, 196) of one pixel of each cell, drawn anew each time."""
        at = ((np.arange(CELLS)[None] + self.dice.random((2, CELLS))) * MAP / CELLS).astype(int)
        out = np.empty((3, len(rows), CELLS * CELLS), np.int64)
        for i, row in enumerate(rows):
            table = np.zeros((3, 256), np.int64)
            table[:, UNKNOWN] = -100
            for k, label in enumerate(self.seen[row][1]):
                for j, (part, look) in enumerate(label.get("parts", {}).items()):
                    table[:, 1 + 16 * k + j] = 1 + COLOURS.index(look["colour"]), 1 + self.parts.index(part), 1 + self.categories.index(label["category"])
            out[:, i] = table[:, self.maps[row][np.ix_(*at)].ravel()]
        return torch.from_numpy(out)


@torch.no_grad()
def evaluate(look: Look, val: Views) -> dict[str, dict[str, tuple[float, int]]]:
    """Each picture as it is, and single ones by the mean of three looks."""
    look.eval()
    singles = (len(val) - CROWD) // len(CLOSER)
    found: dict[str, dict[str, list[float]]] = {"one look": defaultdict(list), "three": defaultdict(list)}
    rng = random.Random(5)
    for name, rows in (("single", list(range(singles))), ("crowd", list(range(len(val) - CROWD, len(val))))):
        for i in range(0, len(rows), 64):
            part = rows[i : i + 64]
            questions = val.ask(rng, part)
            queries = questions.tensors()[0]
            said = [look(val.features([r + k * singles for r in part]), queries) for k in range(len(CLOSER) if name == "single" else 1)]
            mean = [torch.stack([s[j].softmax(-1) for s in said]).mean(0) for j in (0, 1)]
            for how, answer in (("one look", said[0]), ("three", (*mean, said[0][2]))):
                for k, v in marks(questions, answer).items():
                    found[how][k] += v
    look.train()
    return {how: {k: (round(sum(v) / len(v), 3), len(v)) for k, v in sorted(f.items())} for how, f in found.items()}


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=20)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--lr", type=float, default=1e-3)
    a.add_argument("--drop", type=float, default=0.1)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--every", type=float, default=4, help="minutes between looks at what was kept out")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--evaluate", action="store_true")
    args = a.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    val = Views("val")
    look = Look(len(val.parts), len(val.categories), args.drop)
    if args.evaluate:
        look.load_state_dict(torch.load(RUN, weights_only=False)["model"])
    else:
        train(args, look, val)
    print(json.dumps(evaluate(look, val), indent=1))


def train(args: argparse.Namespace, look: Look, val: Views) -> None:
    views, dense, rng = Views("train"), Dense(**look.shape), random.Random(args.seed)
    pool = nn.ModuleList((look, dense))
    opt = torch.optim.AdamW(pool.parameters(), lr=args.lr, weight_decay=0.05, betas=(0.9, 0.98))
    print(len(views), "views;", sum(p.numel() for p in look.parameters()), "parameters", flush=True)
    began, shown, step, seen = time.time(), time.time(), 0, 0.0
    order: list[int] = []
    while (done := (time.time() - began) / 60 / args.minutes) < 1:
        for g in opt.param_groups:
            g["lr"] = args.lr * min(1, (step + 1) / 100) * min(1, max(0.01, (1 - done) / 0.7))
        if len(order) < args.batch:
            order = rng.sample(range(len(views)), len(views))
        rows = [order.pop() for _ in range(args.batch)]
        with autocast():
            cells, whole = look.cells(views.features(rows))
            loss = probe_loss(lambda seen, queries: look.answer(*seen, queries), (cells, whole), views.ask(rng, rows).tensors())[0] + DENSE * dense(cells, views.dense(rows))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(pool.parameters(), 1.0)
        opt.step()
        step += 1
        seen = 0.98 * seen + 0.02 * loss.item() if step > 1 else loss.item()
        if time.time() - shown > 60 * args.every:
            shown = time.time()
            print(f"{(shown - began) / 60:.1f} min, step {step}, loss {seen:.3f}", evaluate(look, val)["one look"], flush=True)
            save(look, val)
    save(look, val)


def save(look: Look, val: Views) -> None:
    RUN.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": look.state_dict(), "shape": look.shape, "names": {"parts": val.parts, "categories": val.categories}}, RUN)


if __name__ == "__main__":
    main()
