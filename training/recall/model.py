"""recall: which of a concept's facts a question asks for. A sentence encoder (minilm.py) whose upper layers let the question attend to a fact.

A fact is read alone, beforehand, and what its tokens are before each upper layer is kept, as the VLM's K/V is (after DeFormer, Cao et al.
2020, and PreTTR, MacAvaney et al. 2020). A question's tokens go through the lower layers once; in the upper ones they attend to themselves and to
the fact's. Weights of every map and of the table are rounded to 4 bits as the app will have them, in training too (straight-through estimator).

Shapes: T texts or pairs, W pieces of a text (padded), D width, U upper layers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .minilm import weights
from .pieces import WIDEST, kept, pieces

D, HEADS, HIDDEN = 384, 12, 1536
LAYERS, LOWER = 6, 3
BLOCK = 64  # weights that share a step
PARTS = 6  # texts, or pairs, of like length go through together, in so many parts: little of a batch is padding
SCALE = 10.0  # of what the judge says, so that it learns at the encoder's rate


def rounded(w: Tensor) -> Tensor:
    """w (rows, columns) to 4 bits: -8…7 steps, a step for BLOCK neighbours of a row, as ONNX Runtime's MatMulNBits keeps them."""
    x = w.unflatten(-1, (-1, BLOCK))
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    step = torch.where(high > -low, high, low) / -8
    step = torch.where(step == 0, torch.ones_like(step), step)
    return ((x / step).round().clamp(-8, 7) * step).flatten(-2)


class Rounded(nn.Linear):
    rough = False  # train on the rounded weights

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight + off_by(self.weight) if Rounded.rough else self.weight, self.bias)


def off_by(w: nn.Parameter) -> Tensor:
    """What rounding adds to w; kept on w, so that it is worked out once a step however often w is used."""
    version, off = getattr(w, "off", (None, None))
    if version != w._version:
        with torch.no_grad():
            off = rounded(w) - w
        w.off = (w._version, off)
    return off


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (Rounded(D, D) for _ in range(4))
        self.enter, self.leave = Rounded(D, HIDDEN), Rounded(HIDDEN, D)
        self.attended, self.left = nn.LayerNorm(D, eps=1e-12), nn.LayerNorm(D, eps=1e-12)

    def told(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (T, HEADS, N, D / HEADS) of x (T, N, D)."""
        return split(self.k(x)), split(self.v(x))

    def forward(self, x: Tensor, told: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """x (T, W, D) attends to the keys and values `told` (T, HEADS, N, D / HEADS) where mask (T, N) is True."""
        k, v = told
        # Written out: the fused kernel's backward pass took a third of a training step on the CPU.
        odds = (split(self.q(x)) @ k.transpose(-1, -2)).float() * (D // HEADS) ** -0.5
        y = odds.masked_fill(~mask[:, None, None], float("-inf")).softmax(-1).to(v.dtype) @ v
        x = self.attended(x + self.o(y.transpose(1, 2).flatten(2)))
        return self.left(x + self.leave(F.gelu(self.enter(x))))


def split(x: Tensor) -> Tensor:
    return x.unflatten(-1, (HEADS, D // HEADS)).transpose(1, 2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(kept()), D)
        self.place = nn.Parameter(torch.zeros(WIDEST, D))
        self.norm = nn.LayerNorm(D, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.load_state_dict(weights(LAYERS, kept(), WIDEST))

    def embed(self, ids: Tensor) -> Tensor:
        table = self.word.weight
        if Rounded.rough:
            table = table + off_by(table)
        return self.norm(F.embedding(ids, table) + self.place[: ids.shape[1]])


def padded(texts: list[str]) -> tuple[Tensor, Tensor]:
    """Numbers (T, W) and mask (T, W)."""
    rows = [pieces(t) for t in texts]
    width = max(map(len, rows))
    return torch.tensor([[*r, *[0] * (width - len(r))] for r in rows]), torch.tensor([[True] * len(r) + [False] * (width - len(r)) for r in rows])


def mean(x: Tensor, mask: Tensor) -> Tensor:
    return (x.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


class Recall(nn.Module):
    def __init__(self, drop: float = 0.0):
        super().__init__()
        self.encoder = Encoder()
        self.side = nn.Parameter(torch.zeros(2, D))  # question, fact
        self.judge = nn.Linear(D, 1)
        nn.init.zeros_(self.judge.weight), nn.init.zeros_(self.judge.bias)
        self.alike = nn.Parameter(torch.tensor([0.8, -0.3]))  # logits of the texts' cosine and of nought, in SCALE
        self.drop = nn.Dropout(drop)

    @property
    def uppers(self) -> nn.ModuleList:
        return self.encoder.layers[LOWER:]

    def read(self, texts: list[str], side: int) -> tuple[list[Tensor], Tensor, Tensor]:
        """What the texts' tokens are before each upper layer, U of (T, W, D), the texts' unit vectors (T, D), and their mask (T, W)."""
        ids, mask = padded(texts)
        begun = self.drop(self.encoder.embed(ids) + self.side[side])
        order = mask.sum(1).argsort()
        states: list[list[Tensor]] = [[] for _ in self.uppers]
        vectors = []
        for part in order.chunk(PARTS):
            long = int(mask[part].sum(1).max())
            x, own = begun[part, :long], mask[part, :long]
            for i, layer in enumerate(self.encoder.layers):
                if i >= LOWER:
                    states[i - LOWER].append(F.pad(x, (0, 0, 0, mask.shape[1] - long)))
                x = layer(x, layer.told(x), own)
            vectors.append(F.normalize(mean(x, own), dim=-1))
        back = order.argsort()
        return [torch.cat(s)[back] for s in states], torch.cat(vectors)[back], mask

    def compare(self, x: Tensor, mask: Tensor, facts: list[tuple[Tensor, Tensor]], told: Tensor, pairs: Tensor) -> Tensor:
        """Judgement (P,) of questions x (Q, W, D), as they come to the upper layers, beside facts: for each upper layer their keys and values
        (F, HEADS, N, D / HEADS), computed once a fact and not once a pair, and their mask `told` (F, N)."""
        order = told.sum(1)[pairs[:, 1]].argsort()
        judged = []
        for part in order.chunk(PARTS):
            q, f = pairs[part].T
            wide, long = int(mask[q].sum(1).max()), int(told[f].sum(1).max())
            y, own = x[q, :wide], mask[q, :wide]
            both = torch.cat((own, told[f, :long]), 1)
            for layer, fact in zip(self.uppers, facts):
                y = layer(y, tuple(torch.cat((mine, its[f, :, :long]), 2) for mine, its in zip(layer.told(y), fact)), both)
            judged.append(self.judge(self.drop(mean(y, own))).squeeze(-1) * SCALE)
        return torch.cat(judged)[order.argsort()]

    def forward(self, questions: list[str], facts: list[str], pairs: Tensor) -> Tensor:
        """Log odds (P,) that facts[pairs[:, 1]] answer questions[pairs[:, 0]]."""
        asked, q, wide = self.read(questions, 0)
        told, f, long = self.read(facts, 1)
        judged = self.compare(asked[0], wide, [layer.told(x) for layer, x in zip(self.uppers, told)], long, pairs)
        a, b = pairs.T
        return judged + SCALE * ((q[a] * f[b]).sum(-1) * self.alike[0] + self.alike[1])
