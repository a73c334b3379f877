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
        w = self.weight + (rounded(self.weight.detach()) - self.weight).detach() if Rounded.rough else self.weight
        return F.linear(x, w, self.bias)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (Rounded(D, D) for _ in range(4))
        self.enter, self.leave = Rounded(D, HIDDEN), Rounded(HIDDEN, D)
        self.attended, self.left = nn.LayerNorm(D, eps=1e-12), nn.LayerNorm(D, eps=1e-12)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """x (T, W, D) attends to memory (T, N, D) where mask (T, N) is True."""
        split = lambda y: y.unflatten(-1, (HEADS, D // HEADS)).transpose(1, 2)
        y = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(memory)), split(self.v(memory)), attn_mask=mask[:, None, None])
        x = self.attended(x + self.o(y.transpose(1, 2).flatten(2)))
        return self.left(x + self.leave(F.gelu(self.enter(x))))


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
            table = table + (rounded(table.detach()) - table).detach()
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

    def read(self, ids: Tensor, mask: Tensor, side: int | Tensor) -> tuple[list[Tensor], Tensor]:
        """What the texts' tokens are before each upper layer, U of (T, W, D), and the texts' unit vectors (T, D)."""
        x, states = self.drop(self.encoder.embed(ids) + self.side[side]), []
        for i, layer in enumerate(self.encoder.layers):
            if i >= LOWER:
                states.append(x)
            x = layer(x, x, mask)
        return states, F.normalize(mean(x, mask), dim=-1)

    def compare(self, x: Tensor, mask: Tensor, memory: list[Tensor], told: Tensor) -> Tensor:
        """Judgement (T,) of questions x (T, W, D), as they come to the upper layers, beside a fact each: U of (T, N, D), mask (T, N)."""
        both = torch.cat((mask, told), 1)
        for layer, fact in zip(self.encoder.layers[LOWER:], memory):
            x = layer(x, torch.cat((x, fact), 1), both)
        return self.judge(self.drop(mean(x, mask))).squeeze(-1) * SCALE

    def forward(self, questions: list[str], facts: list[str], pairs: Tensor) -> Tensor:
        """Log odds (P,) that facts[pairs[:, 1]] answer questions[pairs[:, 0]]."""
        (qi, qm), (fi, fm) = padded(questions), padded(facts)
        (asked, q), (told, f) = self.read(qi, qm, 0), self.read(fi, fm, 1)
        a, b = pairs.T
        judged = self.compare(asked[0][a], qm[a], [t[b] for t in told], fm[b])
        return judged + SCALE * ((q[a] * f[b]).sum(-1) * self.alike[0] + self.alike[1])
