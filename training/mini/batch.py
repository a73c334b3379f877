"""Packs contexts into tensors: see [Note: Three kinds of rows] in model.py."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import torch

from . import prompt
from .generator import Context



@dataclass
class Batch:
    prefix: torch.Tensor  # (1, P) ids
    mem: torch.Tensor  # (B, M) ids
    canonical: torch.Tensor  # (B, M) positions the blocks are encoded at
    linked: torch.Tensor  # (B, M) positions they are linked to
    mem_pad: torch.Tensor  # (B, M) True where real
    mask: torch.Tensor  # (B, 1, M, P + M) True where a memory row may look
    turn: torch.Tensor  # (B, N, T) ids
    pos: torch.Tensor  # (B, T)
    pad: torch.Tensor  # (B, N, T)
    target: torch.Tensor  # (B, N, T) next token, -100 where no loss
    images: list[object]  # memory images in reading order, then turn images
    mem_images: int
    kinds: list[list[str]]
    tokens: int
    select: list[tuple[int, int, int, int, int]]  # (turn, first row, last row + 1, first memory column, last + 1): see guide.py
    words: tuple[torch.Tensor, torch.Tensor] | None  # question rows (K, 2), and (K, P + M) where memory has the same word
    copy: list[tuple[int, int, int]]  # (turn, row, memory column the row's next token is copied from)


class Packer:
    def __init__(self, tokenizer, rng: random.Random | None = None):
        self.tok = tokenizer
        self.prefix = tokenizer.encode(prompt.PROMPT["prefix"]).ids
        self.rng = rng
        # A word's family: lower case, first four letters; marks and single letters have none.
        names = [re.sub(r"[^a-z0-9]", "", tokenizer.id_to_token(i).lower()) for i in range(tokenizer.get_vocab_size())]
        families = {n: i + 1 for i, n in enumerate(sorted({n[:4] for n in names if n}))}
        special = set(range(7))
        self.family = np.array([0 if i in special or not n else families[n[:4]] for i, n in enumerate(names)])

    def pack(self, contexts: list[Context], with_answers: bool = True) -> Batch:
        p = len(self.prefix)
        texts = [s.text for c in contexts for s in c.blocks] + [t.text for c in contexts for t in c.turns] + [prompt.answer(t.answer) for c in contexts for t in c.turns]
        ids = iter([e.ids for e in self.tok.encode_batch(texts)])
        blocks = [[next(ids) for _ in c.blocks] for c in contexts]
        heads = [[next(ids) for _ in c.turns] for c in contexts]
        tails = [[next(ids) for _ in c.turns] for c in contexts]
        b = len(contexts)
        m = max(sum(map(len, rows)) for rows in blocks)
        n = max(len(c.turns) for c in contexts)
        t = max((len(h) + (len(a) if with_answers else 0) for hs, as_ in zip(heads, tails) for h, a in zip(hs, as_)), default=1)
        mem = np.zeros((b, m), np.int64)
        canonical = np.zeros((b, m), np.int64)
        linked = np.zeros((b, m), np.int64)
        owner = np.full((b, m), -1, np.int64)
        turn = np.zeros((b, n, t), np.int64)
        pad = np.zeros((b, n, t), bool)
        target = np.full((b, n, t), -100, np.int64)
        pos = np.zeros((b, t), np.int64)
        tokens = p
        select, copy = [], []
        for i in range(b):
            at, where = 0, p
            spans: dict[int, tuple[int, list[int]]] = {}
            for j, row in enumerate(blocks[i]):
                if self.rng and self.rng.random() < 0.05:
                    where += self.rng.randint(1, 40)  # a gap: block positions need not be tight
                span = slice(at, at + len(row))
                spans[id(contexts[i].blocks[j])] = (p + at, row)
                mem[i, span], owner[i, span] = row, j
                canonical[i, span] = p + np.arange(len(row))
                linked[i, span] = where + np.arange(len(row))
                at, where = at + len(row), where + len(row)
            if self.rng and self.rng.random() < 0.15:
                where += self.rng.randint(1, 400)  # larger memories than any we train on put the turn further away
            pos[i] = where + np.arange(t)
            tokens += at
            for j, (head, tail) in enumerate(zip(heads[i], tails[i])):
                full = head + (tail if with_answers else [])
                turn[i, j, : len(full)] = full
                pad[i, j, : len(full)] = True
                if with_answers:
                    target[i, j, len(head) - 1 : len(full) - 1] = tail
                    self._guide(contexts[i].turns[j], i * n + j, len(head) - 1, tail, spans, select, copy)
                tokens += len(full)
        same = (owner[:, :, None] == owner[:, None, :]) & np.tri(m, dtype=bool)[None] & (owner[:, :, None] >= 0)
        mask = np.concatenate([np.ones((b, m, p), bool), same], 2)[:, None]
        images = [x for c in contexts for s in c.blocks for x in s.images]
        mem_images = len(images)
        images += [x for c in contexts for s in c.turns for x in s.images]
        words = None
        if with_answers:
            head_rows = [(i, j, r) for i, hs in enumerate(heads) for j, h in enumerate(hs) for r in range(2, len(h) - 4) if self.family[h[r]]]
            if head_rows:
                i, j, r = np.array(head_rows).T
                own = self.family[turn[i, j, r]]
                same = (self.family[mem][i] == own[:, None]) & (owner[i] >= 0)
                none = ~same.any(1)
                same = np.concatenate([np.repeat(none[:, None], p, 1), same], 1)
                words = (torch.from_numpy(np.stack([i * n + j, r], 1)), torch.from_numpy(same))
        to = torch.from_numpy
        return Batch(torch.tensor([self.prefix]), to(mem), to(canonical), to(linked), to(owner >= 0), to(mask), to(turn), to(pos), to(pad), to(target),
                     images, mem_images, [[t.kind for t in c.turns] for c in contexts], tokens, select, words, copy)

    def _guide(self, turn, index: int, row: int, tail: list[int], spans: dict, select: list, copy: list) -> None:
        if turn.answer == prompt.DONT_KNOW:
            select.append((index, row, row + 1, 0, len(self.prefix)))  # nothing to read: look at the prefix
        for source in turn.sources:
            start, ids = spans[id(source)]
            if len(turn.sources) == 1:
                select.append((index, row, row + len(tail), start, start + len(ids)))
            for a, b, size in SequenceMatcher(None, tail, ids, autojunk=False).get_matching_blocks():
                copy += [(index, row + a + k, start + b + k) for k in range(size)]
