"""look: what a photo shows, asked in numbers and answered in probabilities, on what the patch encoder makes of the photo.

A query is three numbers, (task, category, part), 0 for "not said": what is this, what colour is the handle (of the mug), where is the mug. It attends
thrice to the encoder's 196 cells, each with its plain colours beside it, and is read off by a linear head; the questions are those of
training/mini/probe.py, which asks mini's sixteen tokens. The encoder stays as it is.

Shapes: I images, Q queries, C categories, E this network's width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.mini.images import COLOURS
from training.mini.probe import Block
from training.patch.model import CELLS, GLOBAL_DIM, GRID_DIM

WIDTH, DEPTH, TINT, NEAR = 192, 3, 15, 64
Features = tuple[Tensor, Tensor, Tensor]  # grid (I, 196, 96), global (I, 256), plain colours (I, 196, 15)


def places() -> Tensor:
    """(196, E): waves along either side (Vaswani et al. 2017), as loud as the cells; a learnt start from noise hardly told where a thing is."""
    at = (torch.arange(CELLS) + 0.5) / CELLS
    waves = at[:, None] * torch.pi * 2.0 ** torch.linspace(-1, 3, WIDTH // 4)
    side = torch.cat((waves.sin(), waves.cos()), -1)  # (14, E / 2)
    return 0.7 * torch.cat((side[:, None].expand(-1, CELLS, -1), side[None].expand(CELLS, -1, -1)), -1).flatten(0, 1)


class Look(nn.Module):
    def __init__(self, parts: int, categories: int, drop: float = 0.0):
        super().__init__()
        self.shape = {"parts": parts, "categories": categories}
        self.cell, self.whole = nn.Linear(GRID_DIM, WIDTH), nn.Linear(GLOBAL_DIM, WIDTH)
        self.tint = nn.Sequential(nn.Linear(TINT, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH))
        self.place = nn.Parameter(places())
        self.around = nn.Sequential(nn.Conv2d(WIDTH, NEAR, 1), nn.GELU(), nn.Conv2d(NEAR, NEAR, 3, padding=1), nn.GELU(), nn.Conv2d(NEAR, WIDTH, 1))
        self.seen = nn.LayerNorm(WIDTH)
        self.task, self.category_asked, self.part_asked = nn.Embedding(3, WIDTH), nn.Embedding(categories + 1, WIDTH), nn.Embedding(parts + 1, WIDTH)
        self.blocks = nn.ModuleList(Block(WIDTH) for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.colour, self.category, self.where = nn.Linear(WIDTH, len(COLOURS)), nn.Linear(WIDTH, categories), nn.Linear(WIDTH, 5)
        self.drop = nn.Dropout(drop)

    def cells(self, features: Features) -> tuple[Tensor, Tensor]:
        """Features → the cells (I, 196, E) and the whole photo (I, 1, E)."""
        grid, whole, tint = features
        x = self.cell(self.drop(grid * GRID_DIM**0.5)) + self.tint(tint) + self.place
        x = x + self.around(x.transpose(1, 2).unflatten(-1, (CELLS, CELLS))).flatten(2).transpose(1, 2)
        return self.seen(x), self.whole(self.drop(whole * GLOBAL_DIM**0.5))[:, None]

    def answer(self, cells: Tensor, whole: Tensor, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.task(queries[..., 0]) + self.category_asked(queries[..., 1]) + self.part_asked(queries[..., 2]) + whole
        for block in self.blocks:
            x = block(x, cells)
        x = self.drop(self.norm(x))
        return self.colour(x), self.category(x), self.where(x)

    def forward(self, features: Features, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """queries (I, Q, 3) → colours (I, Q, 12), categories (I, Q, C), (presence, box) (I, Q, 5), all as logits."""
        return self.answer(*self.cells(features), queries)


class Dense(nn.Module):
    """Colour, part and category of each cell, 0 is background; for training only. As DenseHeads of training/mini/lessons.py."""

    def __init__(self, parts: int, categories: int):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(WIDTH, n + 1) for n in (len(COLOURS), parts, categories))

    def forward(self, cells: Tensor, targets: Tensor, ground: float = 0.08) -> Tensor:
        """cells (I, 196, E); targets (3, I, 196), -100 not known."""
        total = cells.new_zeros((), dtype=torch.float32)
        for head, target in zip(self.heads, targets):
            flat = target.flatten()
            weight = torch.where(flat > 0, 1.0, torch.where(flat == 0, ground, 0.0))
            loss = F.cross_entropy(head(cells).float().flatten(0, 1), flat, reduction="none", ignore_index=-100)
            total = total + (loss * weight).sum() / weight.sum().clamp(min=1)
        return total
