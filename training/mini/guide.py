"""[Note: Guided heads] Three attention heads are told where to look while training; nothing of this is left at run time.

We made every answer, so we know which block it stands in and which token each of its words is copied from. The first head
of layer MATCH is trained to look from each word of the question at the same word in memory, whatever its case or ending (at
the prefix when memory lacks it: that is how an unknown name shows); the first head of layer SELECT at the block that
answers, from the end of the question on (at the prefix when none does); the first head of layer COPY at the very token that
comes next. Without it, choosing and copying were found by the language
loss alone and stayed weak (0.3 of level-0 facts exact after 5 M tokens); such supervised alignment is old (Garg et al.
2019, "Jointly learning to align and translate") and costs a softmax.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .batch import Batch

MATCH, SELECT, COPY = 0, 4, 6


def guide_loss(watched: dict[int, Tensor], b: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """watched: layer -> log attention to memory (B, S, M). Returns the mean losses of matching, choosing, copying."""
    match = choose = copy = torch.zeros(())
    if b.words is not None:
        rows, same = b.words  # (K, 2) context and row; (K, M) True where memory has that word
        logs = watched[MATCH][rows[:, 0], rows[:, 1]]
        logs = logs.log_softmax(-1)  # among prefix and memory: a word is always the same as itself, so its own turn is left out
        match = -logs.masked_fill(~same, -1e9).logsumexp(-1).clamp(min=-20).mean()
    if len(b.select):
        context, first, last, start, stop = b.select.T
        of = torch.repeat_interleave(torch.arange(len(first)), last - first)
        row = torch.arange(len(of)) - torch.repeat_interleave((last - first).cumsum(0) - (last - first), last - first) + first[of]
        logs = watched[SELECT][context[of], row]  # (rows, M)
        column = torch.arange(logs.shape[-1])
        wanted = (column >= start[of, None]) & (column < stop[of, None])
        mass = logs.masked_fill(~wanted, -1e9).logsumexp(-1)
        weight = torch.where(row == first[of], 1.0, 0.2)  # the first row decides, the rest only keep to it
        choose = -(mass.clamp(min=-20) * weight).sum() / weight.sum()
    if len(b.copy):
        context, row, column = b.copy.T
        copy = -watched[COPY][context, row, column].clamp(min=-20).mean()
    return match, choose, copy
