"""Packs contexts into tensors: see [Note: Two kinds of rows] in packed.py."""

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
    mem: torch.Tensor  # (B, M) ids: prefix, blocks, padding
    canonical: torch.Tensor  # (B, M) positions the blocks are encoded at
    linked: torch.Tensor  # (B, M) positions they are linked to
    mem_mask: torch.Tensor  # (B, M, M) True where a memory row may look
    turn: torch.Tensor  # (B, S) ids: all turns of a context, one after another
    pos: torch.Tensor  # (B, S) each turn begins at the same place, behind the memory
    which: torch.Tensor  # (B, S) the turn's number, -1 in padding
    far_mask: torch.Tensor  # (B, M) True where memory is
    near_mask: torch.Tensor  # (B, S, 2 C) True where a turn row may look in its own chunk of C rows and the one before
    target: torch.Tensor  # (B, S) next token, -100 where no loss
    nth: torch.Tensor  # (B, S) how many answer tokens came before the target
    images: list[object]  # memory images in reading order, then turn images
    mem_images: int
    kinds: list[list[str]]
    tokens: int
    select: torch.Tensor  # (K, 5): context, first row, last row + 1, first memory column, last + 1: see guide.py
    words: tuple[torch.Tensor, torch.Tensor] | None  # question rows (K, 2), and (K, M) where memory has the same word
    copy: torch.Tensor  # (K, 3): context, row, memory column the row's next token is copied from


def _wide(rows: list[int], step: int = 32) -> int:
    """The width of a padded grid: a few widths only, so that the compiled layer meets few shapes."""
    return -(-max(rows, default=1) // step) * step


def _fitting(sizes: list[int], room: int) -> list[int]:
    kept, used = [], 0
    for j, size in enumerate(sizes):
        if used + size <= room or not kept:
            kept.append(j)
            used += size
    return kept


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

    def pack(self, contexts: list[Context], room: int = 0) -> Batch:
        """With `room`, a context keeps as many of its turns as fit into so many tokens (one at least)."""
        prefix, p, b = self.prefix, len(self.prefix), len(contexts)
        texts = [s.text for c in contexts for s in c.blocks] + [t.text for c in contexts for t in c.turns] + [prompt.answer(t.answer) for c in contexts for t in c.turns]
        ids = iter([e.ids for e in self.tok.encode_batch(texts)])
        blocks = [[next(ids) for _ in c.blocks] for c in contexts]
        heads = [[next(ids) for _ in c.turns] for c in contexts]
        tails = [[next(ids) for _ in c.turns] for c in contexts]
        m = _wide([p + sum(map(len, rows)) for rows in blocks])
        c = _wide([len(h) + len(a) - 1 for pair in zip(heads, tails) for h, a in zip(*pair)], 16)
        kept = [_fitting([len(h) + len(a) for h, a in zip(*pair)], room // c * c) if room else list(range(len(pair[0]))) for pair in zip(heads, tails)]
        heads, tails = ([[row[j] for j in keep] for row, keep in zip(rows, kept)] for rows in (heads, tails))
        turns = [[context.turns[j] for j in keep] for context, keep in zip(contexts, kept)]
        s = _wide([sum(len(h) + len(a) for h, a in zip(*pair)) for pair in zip(heads, tails)], c)
        mem, canonical, linked = (np.zeros((b, m), np.int64) for _ in range(3))
        owner = np.full((b, m), -1, np.int64)
        turn, pos, nth = (np.zeros((b, s), np.int64) for _ in range(3))
        which, target = np.full((b, s), -1, np.int64), np.full((b, s), -100, np.int64)
        select, copy, asked = [], [], []
        tokens = 0
        for i in range(b):
            mem[i, :p], canonical[i, :p], linked[i, :p] = prefix, np.arange(p), np.arange(p)
            at = where = p
            spans: dict[int, tuple[int, list[int]]] = {}
            for j, row in enumerate(blocks[i]):
                if self.rng and self.rng.random() < 0.05:
                    where += self.rng.randint(1, 40)  # a gap: block positions need not be tight
                span = slice(at, at + len(row))
                spans[id(contexts[i].blocks[j])] = (at, row)
                mem[i, span], owner[i, span] = row, j
                canonical[i, span] = p + np.arange(len(row))
                linked[i, span] = where + np.arange(len(row))
                at, where = at + len(row), where + len(row)
            if self.rng and self.rng.random() < 0.15:
                where += self.rng.randint(1, 400)  # larger memories than any we train on put the turn further away
            tokens += at
            row = 0
            for j, (head, tail) in enumerate(zip(heads[i], tails[i])):
                size, answer = len(head) + len(tail), row + len(head) - 1
                turn[i, row : row + size] = head + tail
                pos[i, row : row + size] = where + np.arange(size)
                which[i, row : row + size] = j
                target[i, answer : answer + len(tail)] = tail
                nth[i, answer : answer + len(tail)] = np.arange(len(tail))
                asked += [(i, row + r) for r in range(2, len(head) - 4) if self.family[head[r]]]
                self._guide(turns[i][j], i, answer, tail, spans, select, copy)
                row += size
            tokens += row
        inside = owner >= 0
        same = (owner[:, :, None] == owner[:, None, :]) & inside[:, :, None] & np.tri(m, dtype=bool)[None]
        same[:, :, :p] = True
        same[:, :p, :p] = np.tri(p, dtype=bool)
        readable = inside.copy()
        readable[:, :p] = True
        chunks = which.reshape(b, s // c, c)
        ahead = np.concatenate([np.full((b, 1, c), -2), chunks[:, :-1]], 1)
        near = np.concatenate([ahead, chunks], 2)[:, :, None] == chunks[..., None]  # (B, K, C, 2 C)
        near[..., c:] &= np.tri(c, dtype=bool)
        words = None
        if asked:
            i, r = np.array(asked).T
            found = (self.family[mem][i] == self.family[turn[i, r]][:, None]) & inside[i]
            found[:, :p] = ~found.any(1)[:, None]  # a word memory lacks is looked for in the prefix
            words = (torch.from_numpy(np.stack([i, r], 1)), torch.from_numpy(found))
        images = [x for c in contexts for t in c.blocks for x in t.images]
        mem_images = len(images)
        images += [x for row in turns for t in row for x in t.images]
        to, table = torch.from_numpy, lambda rows, n: torch.tensor(rows, dtype=torch.long).view(-1, n)
        return Batch(to(mem), to(canonical), to(linked), to(same), to(turn), to(pos), to(which), to(readable), to(near.reshape(b, s, 2 * c)), to(target), to(nth), images, mem_images,
                     [[t.kind for t in row] for row in turns], tokens, table(select, 5), words, table(copy, 3))

    def _guide(self, turn, context: int, row: int, tail: list[int], spans: dict, select: list, copy: list) -> None:
        if turn.answer == prompt.DONT_KNOW:
            select.append((context, row, row + 1, 0, len(self.prefix)))  # nothing to read: look at the prefix
        for source in turn.sources:
            start, ids = spans[id(source)]
            if len(turn.sources) == 1:
                select.append((context, row, row + len(tail), start, start + len(ids)))
            for a, b, size in SequenceMatcher(None, tail, ids, autojunk=False).get_matching_blocks():
                copy += [(context, row + a + k, start + b + k) for k in range(size)]
