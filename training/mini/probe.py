"""Questions put to the sixteen visual tokens by a small cross-attention, as the language model will put them in words.

[Note: Probe] The language model sees a picture only as the connector's output, so pre-training must reach the tower through it.
A query is three numbers, (task, category, part), 0 for "not said": what is this, what colour is the handle (of the mug), where is
the mug. It attends to the tokens twice and is read off by a linear head. The probe is thrown away after pre-training.

Shapes: I images, Q queries, D the connector's width, E the probe's.
"""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .images import COLOURS, MAP, SIDE, Shown

WHAT, COLOUR, WHERE = 0, 1, 2
QUERIES = 12


class Block(nn.Module):
    def __init__(self, width: int, heads: int = 4):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:  # (I, Q, E), (I, 16, E) -> (I, Q, E)
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q(self.norm1(x))), split(self.k(tokens)), split(self.v(tokens))
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1).to(v.dtype)
        x = x + self.out((weights @ v).transpose(1, 2).flatten(-2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Probe(nn.Module):
    def __init__(self, width: int, parts: int, categories: int, inner: int = 192):
        super().__init__()
        self.enter = nn.Linear(width, inner, bias=False)
        self.embed_place = nn.Parameter(torch.randn(16, inner) * 0.02)
        self.embed_task, self.embed_category, self.embed_part = nn.Embedding(3, inner), nn.Embedding(categories + 1, inner), nn.Embedding(parts + 1, inner)
        self.blocks = nn.ModuleList(Block(inner) for _ in range(2))
        self.norm = nn.LayerNorm(inner)
        self.colour, self.category, self.where = nn.Linear(inner, len(COLOURS)), nn.Linear(inner, categories), nn.Linear(inner, 5)

    def forward(self, tokens: Tensor, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(I, 16, D), (I, Q, 3) -> colours (I, Q, 12), categories (I, Q, C), (presence, box) (I, Q, 5)."""
        seen = self.enter(F.rms_norm(tokens, tokens.shape[-1:])) + self.embed_place
        x = self.embed_task(queries[..., 0]) + self.embed_category(queries[..., 1]) + self.embed_part(queries[..., 2])
        for block in self.blocks:
            x = block(x, seen)
        x = self.norm(x)
        return self.colour(x), self.category(x), self.where(x)


class Questions:
    """Queries of a batch with their answers; -100 where a head is not asked."""

    def __init__(self, count: int):
        self.queries = np.zeros((count, QUERIES, 3), np.int64)
        self.colour = np.full((count, QUERIES), -100, np.int64)
        self.category = np.full((count, QUERIES), -100, np.int64)
        self.present = np.full((count, QUERIES), -100, np.int64)
        self.box = np.full((count, QUERIES, 4), -1.0, np.float32)
        self.note: dict[tuple[int, int], str] = {}  # what a query measures, for the table of held-out figures


def ask(rng: random.Random, seen: list[list[Shown]], parts: list[str], categories: list[str]) -> Questions:
    """Draws up to QUERIES questions for each picture; a category or part that two things share is not asked about alone."""
    out = Questions(len(seen))
    number = {c: i + 1 for i, c in enumerate(categories)}
    part_number = {p: i + 1 for i, p in enumerate(parts)}
    for i, things in enumerate(seen):
        if not things:
            continue
        real = not any(t.parts for t in things)
        alone = len(things) == 1
        per_category, per_part = defaultdict(int), defaultdict(int)
        for t in things:
            per_category[t.category] += 1
            for p in t.parts:
                per_part[p] += 1
        rows: list[tuple[tuple[int, int, int], dict, str]] = []
        source = "real" if real else "render" if alone else "crowd"
        if alone or things[0].share > 1.6 * things[1].share:
            rows.append(((WHAT, 0, 0), {"category": number[things[0].category] - 1}, f"{source} category"))
        asked = []
        for t in things:
            if per_category[t.category] > 1:
                continue
            if t.colour:
                rows.append(((COLOUR, 0 if alone and rng.random() < 0.5 else number[t.category], 0), {"colour": COLOURS.index(t.colour)}, f"{source} colour"))
            rows.append(((WHERE, number[t.category], 0), {"present": 1, "box": t.box}, f"{source} present"))
            for p, colour in t.parts.items():
                bare = per_part[p] == 1 and rng.random() < 0.6
                asked.append(((COLOUR, 0 if bare else number[t.category], part_number[p]), {"colour": COLOURS.index(colour)}, f"{source} part colour"))
        absent = [c for c in categories if c not in per_category]
        rows += [((WHERE, number[c], 0), {"present": 0}, f"{source} absent") for c in rng.sample(absent, min(2, len(things) + 1))]
        rows = rows[: QUERIES - 5] + rng.sample(asked, min(len(asked), QUERIES - min(len(rows), QUERIES - 5)))
        for j, (query, answer, note) in enumerate(rows):
            out.queries[i, j] = query
            out.colour[i, j], out.category[i, j], out.present[i, j] = (answer.get(k, -100) for k in ("colour", "category", "present"))
            if answer.get("box"):
                out.box[i, j] = answer["box"]
            out.note[i, j] = note
    return out


def probe_loss(probe: Probe, tokens: Tensor, q: Questions) -> tuple[Tensor, dict[str, list[bool]]]:
    """The loss, and per note whether each query was answered right (a place: its centre in the right third, both ways)."""
    colour, category, where = (t.float() for t in probe(tokens, torch.from_numpy(q.queries)))
    targets = {k: torch.from_numpy(getattr(q, k)) for k in ("colour", "category", "present", "box")}
    asked = targets["present"] >= 0
    placed = targets["box"][..., 0] >= -0.5
    loss = F.cross_entropy(colour.flatten(0, 1), targets["colour"].flatten()) + F.cross_entropy(category.flatten(0, 1), targets["category"].flatten())
    loss = loss + F.binary_cross_entropy_with_logits(where[..., 0][asked], targets["present"][asked].float())
    if placed.any():
        loss = loss + 3 * F.smooth_l1_loss(where[..., 1:][placed].sigmoid(), targets["box"][placed], beta=0.1)
    right = {"colour": (colour.argmax(-1) == targets["colour"]).numpy(), "category": (category.argmax(-1) == targets["category"]).numpy(), "present": ((where[..., 0] > 0) == (targets["present"] == 1)).numpy()}
    box = where[..., 1:].detach().sigmoid().numpy()
    hits: dict[str, list[bool]] = defaultdict(list)
    for (i, j), note in q.note.items():
        kind = "colour" if q.colour[i, j] >= 0 else "category" if q.category[i, j] >= 0 else "present"
        hits[note].append(bool(right[kind][i, j]))
        if q.box[i, j, 0] >= -0.5:
            true, said = (q.box[i, j, :2] + q.box[i, j, 2:]) / 2, (box[i, j, :2] + box[i, j, 2:]) / 2
            hits[note.replace("present", "centre within 0.1")].append(bool((np.abs(true - said) < 0.1).all()))
    return loss, hits


assert SIDE // MAP == 2
