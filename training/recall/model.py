"""recall: which of a concept's facts a question asks for. Two bags of words meet in one space (after fastText); beside it both texts are
read by one small transformer over word vectors and the question attends to the fact (late cross-attention, after PolyEncoders, Humeau
et al. 2020). The fact's side can be worked out beforehand.

Shapes: T texts, W words, P pairs, D width. A text is padded to the longest of its batch.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .teacher import AXES
from .words import COUPLES, WIDEST, WIDTH, Vocabulary, couples

D, HEADS, HIDDEN = 128, 4, 256
READS, COMPARES = 1, 2  # layers
COMMONEST = 150  # words of the vocabulary that begin quieter


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(D, D, bias=False) for _ in range(4))

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, D // HEADS)).transpose(-2, -3)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """x (T, W, D); keys, values (T, HEADS, N, D/HEADS); mask (T, N) True where there is a word."""
        scores = self.split(self.q(x)) @ keys.transpose(-1, -2) / (D // HEADS) ** 0.5
        weights = scores.masked_fill(~mask[:, None, None], -1e4).softmax(-1)
        return self.o((weights @ values).transpose(-2, -3).flatten(-2))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.between = nn.Parameter(torch.ones(D)), nn.Parameter(torch.ones(D))
        self.attend = Attention()
        self.enter, self.leave = nn.Linear(D, HIDDEN), nn.Linear(HIDDEN, D)

    def rest(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + attended
        return x + self.leave(F.relu(self.enter(F.rms_norm(x, (D,), self.between, 1e-6))))


class Read(Block):
    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        h = F.rms_norm(x, (D,), self.before, 1e-6)
        a = self.attend
        return self.rest(x, a(h, a.split(a.k(h)), a.split(a.v(h)), mask))


class Compare(Block):
    """Attention of a question's words to a fact's, and to one slot that stands for none of them."""

    def __init__(self):
        super().__init__()
        self.none = nn.Parameter(torch.randn(D) * 0.02)

    def remembered(self, fact: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is worked out of a fact (T, W, D) beforehand: keys, values, mask."""
        h = torch.cat((self.none.expand(len(fact), 1, D), fact), 1)
        a = self.attend
        return a.split(a.k(h)), a.split(a.v(h)), torch.cat((mask.new_ones(len(mask), 1), mask), 1)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        return self.rest(x, self.attend(F.rms_norm(x, (D,), self.before, 1e-6), keys, values, mask))


class Side(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(D, HIDDEN), nn.Linear(HIDDEN, D)

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x + self.leave(F.relu(self.enter(x))), dim=-1)


class Recall(nn.Module):
    def __init__(self, vocabulary: Vocabulary, vectors: np.ndarray):
        """vectors: (rows, 100), what the words begin with."""
        super().__init__()
        self.vocabulary = vocabulary
        self.register_buffer("given", torch.from_numpy(vectors), persistent=False)
        self.learnt = nn.Embedding(len(vectors), WIDTH)  # added to what was given
        self.couple = nn.Embedding(COUPLES, WIDTH)
        self.loud = nn.Embedding(len(vectors) + COUPLES, 1)  # how much a word counts: log scale
        nn.init.zeros_(self.learnt.weight)
        nn.init.normal_(self.couple.weight, std=0.05)
        with torch.no_grad():
            self.loud.weight.zero_()
            self.loud.weight[:COMMONEST] = -1.0
            self.loud.weight[len(vectors) :] = -1.0
        self.bag = nn.Linear(WIDTH, D, bias=False)
        self.question, self.fact = Side(), Side()
        self.enter = nn.Linear(WIDTH, D)
        self.place = nn.Parameter(torch.randn(WIDEST, D) * 0.02)
        self.side = nn.Parameter(torch.randn(2, D) * 0.02)  # question, fact
        self.nearest = nn.Parameter(torch.randn(D) * 0.02)  # times the cosine of the fact's nearest word
        self.reads = nn.ModuleList(Read() for _ in range(READS))
        self.compares = nn.ModuleList(Compare() for _ in range(COMPARES))
        self.last = nn.Parameter(torch.ones(D))
        self.taught = nn.Linear(D, AXES, bias=False)  # the teacher's vector; not exported
        self.weigh, self.judge = nn.Linear(D, 1), nn.Linear(D, 1)
        self.alike = nn.Parameter(torch.tensor([1.0, 8.0, -4.0]))  # logits of a mean nearest cosine, of the texts' cosine, of nought

    def rows(self, words: list[str]) -> Tensor:
        """Vectors (U, 100) of words."""
        flat = [self.vocabulary.rows(w) for w in words] or [(0,)]
        starts = torch.tensor([0, *[len(r) for r in flat[:-1]]]).cumsum(0)
        ids = torch.tensor([i for r in flat for i in r])
        return F.embedding_bag(ids, self.given, starts, mode="mean") + F.embedding_bag(ids, self.learnt.weight, starts, mode="mean")

    def meaning(self, texts: list[tuple[str, ...]], side: Side) -> Tensor:
        """Unit vectors (T, D) of texts as bags of words and of neighbouring words: where a question and its facts meet."""
        unique = {word: i for i, word in enumerate(dict.fromkeys(w for t in texts for w in t))}
        vectors = self.rows(list(unique))
        first = torch.tensor([rows[0] if len(rows := self.vocabulary.rows(w)) == 1 else -1 for w in unique] or [-1])
        loud = torch.where(first >= 0, self.loud(first.clamp(min=0)).squeeze(1), torch.zeros(())).exp()
        of = torch.tensor([i for i, t in enumerate(texts) for _ in t], dtype=torch.long)
        ids = torch.tensor([unique[w] for t in texts for w in t], dtype=torch.long)
        sums = torch.zeros(len(texts), WIDTH).index_add(0, of, vectors[ids] * loud[ids, None])
        pairs = [(i, c) for i, t in enumerate(texts) for c in couples([self.vocabulary.meant(w) for w in t])]
        if pairs:
            at, which = torch.tensor(pairs).T
            weight = self.loud(which + len(self.given)).exp()
            sums = sums.index_add(0, at, self.couple(which) * weight)
        return side(self.bag(F.rms_norm(sums, (WIDTH,), eps=1e-6)))

    def embed(self, texts: list[tuple[str, ...]]) -> tuple[Tensor, Tensor]:
        """Vectors (T, W, 100) of the texts' words, and mask (T, W)."""
        unique = {word: i for i, word in enumerate(dict.fromkeys(w for t in texts for w in t))}
        vectors = self.rows(list(unique))
        width = max(1, max(map(len, texts)))
        ids = torch.tensor([[unique[w] for w in t] + [-1] * (width - len(t)) for t in texts])
        return vectors[ids.clamp(min=0)] * (ids >= 0)[..., None], ids >= 0

    def read(self, words: Tensor, mask: Tensor, side: int) -> Tensor:
        x = self.enter(words) + self.place[: words.shape[1]] + self.side[side]
        for layer in self.reads:
            x = layer(x, mask)
        return x

    def forward(self, questions: list, facts: list, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (P,) that facts[pairs[:, 1]] answer questions[pairs[:, 0]]; unit vectors of the questions and of the facts (·, D)."""
        (qw, qm), (fw, fm) = self.embed(questions), self.embed(facts)
        q, f = self.read(qw, qm, 0), self.read(fw, fm, 1)
        asked, told = self.meaning(questions, self.question), self.meaning(facts, self.fact)
        qi, fi = pairs.T
        near = (F.normalize(qw, dim=-1)[qi] @ F.normalize(fw, dim=-1)[fi].transpose(1, 2)).amax(-1).clamp(min=0)
        x = q[qi] + near[..., None] * self.nearest
        for layer in self.compares:
            keys, values, mask = layer.remembered(f, fm)
            x = layer(x, keys[fi], values[fi], mask[fi])
        x = F.rms_norm(x, (D,), self.last, 1e-6)
        weights = self.weigh(x).masked_fill(~qm[qi][..., None], -1e4).softmax(1)
        judged = self.judge((weights * x).sum(1)).squeeze(-1)
        return judged + (weights[..., 0] * near).sum(1) * self.alike[0] + (asked[qi] * told[fi]).sum(-1) * self.alike[1] + self.alike[2], asked, told
