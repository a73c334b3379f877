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
import os
LAYERS, LOWER = int(os.environ.get("LAYERS", 6)), int(os.environ.get("LOWER", 3))
POOL = os.environ.get("POOL", "mean")
BLOCK = 64  # weights that share a step
BATCHES = 6  # a step's pairs are compared in so many parts
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

    def forward(self, x: Tensor, mask: Tensor, fact: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """x (T, W, D) attends to itself where mask (T, W) is True, or to itself and the keys and values (T, HEADS, N, D / HEADS) of a fact where
        mask (T, W + N) is True."""
        k, v = self.told(x)
        if fact:
            k, v = torch.cat((k, fact[0]), 2), torch.cat((v, fact[1]), 2)
        y = attend(split(self.q(x)), k, v, mask)
        x = self.attended(x + self.o(y.transpose(1, 2).flatten(2)))
        return self.left(x + self.leave(F.gelu(self.enter(x))))

    def told(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (T, HEADS, W, D / HEADS) of x (T, W, D)."""
        return split(self.k(x)), split(self.v(x))


def split(x: Tensor) -> Tensor:
    return x.unflatten(-1, (HEADS, D // HEADS)).transpose(1, 2)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Attention written out: the fused kernel's backward pass took a third of a step on the CPU."""
    scores = (q @ k.transpose(-1, -2)).float() * (D // HEADS) ** -0.5
    return scores.masked_fill(~mask[:, None, None], float("-inf")).softmax(-1).to(v.dtype) @ v


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
    if POOL == "cls":
        return x[:, 0].float()
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

    def read(self, texts: list[str], side: int) -> tuple[list[Tensor], Tensor, Tensor]:
        """What the texts' tokens are before each upper layer, U of (T, W, D), the texts' unit vectors (T, D), and their mask (T, W)."""
        ids, mask = padded(texts)
        begun = self.drop(self.encoder.embed(ids) + self.side[side])
        order = mask.sum(1).argsort()  # texts of like length together: little of a batch is padding
        back, states, vectors = order.argsort(), [[] for _ in range(LAYERS - LOWER)], []
        for part in order.chunk(BATCHES):
            long = int(mask[part].sum(1).max())
            own = mask[part, :long]
            x = begun[part, :long]
            for i, layer in enumerate(self.encoder.layers):
                if i >= LOWER:
                    states[i - LOWER].append(F.pad(x, (0, 0, 0, mask.shape[1] - long)))
                x = layer(x, own)
            vectors.append(F.normalize(mean(x, own), dim=-1))
        return [torch.cat(s)[back] for s in states], torch.cat(vectors)[back], mask

    def forward(self, questions: list[str], facts: list[str], pairs: Tensor) -> Tensor:
        """Log odds (P,) that facts[pairs[:, 1]] answer questions[pairs[:, 0]]."""
        asked, q, qm = self.read(questions, 0)
        told, f, fm = self.read(facts, 1)
        uppers = self.encoder.layers[LOWER:]
        facts_told = [layer.told(x) for layer, x in zip(uppers, told)]  # once a fact, not once a pair
        a, b = pairs.T
        order = fm.sum(1)[b].argsort()  # pairs of like length together: little of a batch is padding
        judged = []
        for part in order.chunk(BATCHES):
            i, j = a[part], b[part]
            wide, long = int(qm[i].sum(1).max()), int(fm[j].sum(1).max())
            x, own = asked[0][i, :wide], qm[i, :wide]
            mask = torch.cat((own, fm[j, :long]), 1)
            for layer, (k, v) in zip(uppers, facts_told):
                x = layer(x, mask, (k[j, :, :long], v[j, :, :long]))
            judged.append(self.judge(self.drop(mean(x, own))).squeeze(-1) * SCALE)
        out = torch.cat(judged)[order.argsort()]
        return out + SCALE * ((q[a] * f[b]).sum(-1) * self.alike[0] + self.alike[1])
