"""What a question says by itself of whether any note answers it.

Writers of notes ask for what is there in their own way ("can I …", "what do I …") and for what is not there in another ("how old is …", "… phone
number"), so recall can tell many apart without reading a note, and then doubts "what's her address" beside one. Training adds the log odds of a
reader of the question alone to "none of them", and leaves to recall what those do not explain (a product of experts, Clark et al. 2019, "Don't
Take the Easy Way Out"); the app never adds them.
"""

from __future__ import annotations

import re
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from .pairs import NONE, Told

ROWS = 1 << 15  # words and pairs of words, by their hash
DECAY = 2e-4
STEPS = 300
MOST = 4.0  # log odds


def features(question: str) -> list[int]:
    words = ["^", *re.findall(r"[\w'’]+|\?", question.lower())]
    said = [*words, *(f"{a} {b}" for a, b in pairwise(words))]
    return sorted({sum((i + 1) * ord(c) * 2654435761 for i, c in enumerate(w)) % ROWS for w in said})


class Prior:
    """Log odds that a question has no answer, by its words; nought where they say nothing."""

    def __init__(self, concepts: list[Told], gone: float):
        """gone: share of the answered questions whose note training takes away."""
        asked = [(q, right == NONE) for told in concepts for q, right in told.asked]
        none = torch.tensor([1.0 if is_none else gone for _, is_none in asked])
        self.table = nn.EmbeddingBag(ROWS, 1, mode="sum")
        nn.init.zeros_(self.table.weight)
        level = nn.Parameter(torch.zeros(1))
        rows, starts = self.rows([q for q, _ in asked])
        opt = torch.optim.Adam([self.table.weight, level], lr=0.05)
        for _ in range(STEPS):
            said = self.table(rows, starts).squeeze(1) + level
            loss = F.binary_cross_entropy_with_logits(said, none) + DECAY * self.table.weight.square().sum()
            opt.zero_grad()
            loss.backward()
            opt.step()

    def rows(self, questions: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        found = [features(q) for q in questions]
        starts = torch.tensor([0, *map(len, found[:-1])]).cumsum(0)
        return torch.tensor([i for row in found for i in row]), starts

    @torch.no_grad()
    def __call__(self, questions: list[str]) -> torch.Tensor:
        return self.table(*self.rows(questions)).squeeze(1).clamp(-MOST, MOST)
