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

    def tensors(self) -> tuple[Tensor, ...]:
        """(I, Q, 3), thrice (I, Q), (I, Q, 4): what `probe_loss` takes."""
        return tuple(torch.from_numpy(t) for t in (self.queries, self.colour, self.category, self.present, self.box))


def size(pixels: int) -> str:
    """Patches have 256 pixels."""
    return "under a patch" if pixels < 256 else "under four" if pixels < 1024 else "larger"


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
                asked.append(((COLOUR, 0 if bare else number[t.category], part_number[p]), {"colour": COLOURS.index(colour)}, f"{source} part colour, {size(t.areas[p])}"))
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


def probe_loss(probe: Probe, tokens: Tensor, targets: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """The loss of `Questions.tensors()`, and what the probe said."""
    queries, colour, category, present, box = targets
    said = tuple(t.float() for t in probe(tokens, queries))
    zero = said[0].sum() * 0  # keeps the graph where a batch asks nothing of a head
    loss = zero
    for logits, target in ((said[0], colour), (said[1], category)):
        if (target >= 0).any():
            loss = loss + F.cross_entropy(logits.flatten(0, 1), target.flatten())
    asked, placed = present >= 0, box[..., 0] > -0.5
    if asked.any():
        loss = loss + F.binary_cross_entropy_with_logits(said[2][..., 0][asked], present[asked].float())
    if placed.any():
        loss = loss + 3 * F.smooth_l1_loss(said[2][..., 1:][placed].sigmoid(), box[placed], beta=0.1)
    return loss, said


def marks(q: Questions, said: tuple[Tensor, Tensor, Tensor]) -> dict[str, list[float]]:
    """Per note, whether each query was answered right; for a place, whether its centre is within a tenth of the picture both ways."""
    colour, category, where = (t.detach().numpy() for t in said)
    right = {"colour": colour.argmax(-1) == q.colour, "category": category.argmax(-1) == q.category, "present": (where[..., 0] > 0) == (q.present == 1)}
    box = 1 / (1 + np.exp(-where[..., 1:]))
    found: dict[str, list[float]] = defaultdict(list)
    for (i, j), note in q.note.items():
        kind = "colour" if q.colour[i, j] >= 0 else "category" if q.category[i, j] >= 0 else "present"
        found[note].append(float(right[kind][i, j]))
        if q.box[i, j, 0] > -0.5:
            off = np.abs(q.box[i, j, :2] + q.box[i, j, 2:] - box[i, j, :2] - box[i, j, 2:]) / 2
            found[note.replace("present", "centre within 0.1")].append(float((off < 0.1).all()))
    return found


assert SIDE // MAP == 2
