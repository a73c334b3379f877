"""recall: which of a concept's facts a question asks for. Two bags of hashed words that meet in one space (after fastText).

Shapes: B texts, D width. A bag is the weighted sum of its features' embeddings, brought to unit size; each side adds a small network of its own.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .pairs import BUCKETS, WORDS

WIDTH = 96
HIDDEN = 192


class Side(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x + self.leave(F.relu(self.enter(x))), dim=-1)


class Recall(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(BUCKETS, WIDTH)
        self.loud = nn.Embedding(BUCKETS, 1)  # how much a feature counts: log scale
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.loud.weight.zero_()
            self.loud.weight[WORDS:] = -1.0
        self.question, self.fact = Side(), Side()
        self.scale = nn.Parameter(torch.tensor([12.0, -6.0]))  # probability = sigmoid(scale · cosine + offset)

    def bag(self, ids: Tensor, starts: Tensor) -> Tensor:
        """ids: all texts' features; starts: (B,). Returns (B, D) of about unit size."""
        weight = self.loud(ids).squeeze(1).exp()
        x = F.embedding_bag(ids, self.table.weight, starts, mode="sum", per_sample_weights=weight)
        return F.rms_norm(x, (WIDTH,), eps=1e-6)

    def forward(self, questions: tuple[Tensor, Tensor], facts: tuple[Tensor, Tensor]) -> Tensor:
        """Cosines (questions, facts)."""
        return self.question(self.bag(*questions)) @ self.fact(self.bag(*facts)).T


def packed(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    starts = torch.tensor([0, *[len(r) for r in rows[:-1]]]).cumsum(0)
    return torch.tensor([i for r in rows for i in r], dtype=torch.long), starts
