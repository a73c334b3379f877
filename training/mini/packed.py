"""The training path of mini: whole contexts as rows, seen exactly as run time links them.

[Note: Two kinds of rows] A context has memory rows (the prefix, then its blocks; a block sees the prefix and itself, at canonical
positions: right behind the prefix) and turn rows (all its turns one after another; a turn sees the prefix, all blocks at their
*linked* positions, and itself). That is what run time produces: blocks encoded one by one behind the prefix, keys un-rotated and
rotated again to where they are linked, V copied.

[Note: bfloat16 on AMX] Matrix products run in bfloat16 under autocast (AMX does about 2 TFLOPS on two cores, float32 0.3), so
everything between them is what costs: norms, rotations and gates are compiled, the softmax is a C kernel (attention.py).

Shapes: B contexts, M prefix and memory tokens, S turn tokens, D width, H heads, G kv heads, E head dim.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .attention import chunked, memory_attention, turn_attention
from .batch import Batch
from .model import Layer, Mini, rotate


def before(layer: Layer, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x: (B, S, D) -> scaled rotated queries (B, H, S, E), keys (B, G, S, E) rotated and not, values."""
    a = layer.self_attn
    h = layer.input_layernorm(x)
    k, v = a.kv(h)
    return (rotate(a.q(h), cos, sin) * a.c.head_dim**-0.5).bfloat16(), rotate(k, cos, sin).bfloat16(), k, v.bfloat16()


def after(layer: Layer, x: Tensor, heads: Tensor) -> Tensor:
    """heads: (B, S, H E)."""
    x = x + layer.self_attn.o_proj(heads)
    return x + layer.mlp(layer.post_attention_layernorm(x))


fast_before, fast_after = torch.compile(before, dynamic=True), torch.compile(after, dynamic=True)


def first_head(q: Tensor, far: Tensor, near: Tensor, far_mask: Tensor, near_mask: Tensor) -> Tensor:
    """Log attention of the first head to memory, (B, S, M); q: (B, S, E), far: (B, M, E), near: (B, S, E)."""
    c = near_mask.shape[-1] // 2
    distant = (q @ far.transpose(-1, -2)).float().masked_fill(~far_mask[:, None], -1e9)
    close = (q.unflatten(1, (-1, c)) @ chunked(near[:, None], c)[:, 0].transpose(-1, -2)).flatten(1, 2).float().masked_fill(~near_mask, -1e9)
    return distant - torch.logaddexp(distant.logsumexp(-1), close.logsumexp(-1)).unsqueeze(-1)


def hidden(model: Mini, b: Batch, features: Tensor | None, watch: dict[int, Tensor | None] | None = None, compiled: bool = True) -> Tensor:
    """(B, S, D): the normed turn rows. features: (I, 16, D), memory images first. `watch` maps layer numbers to None and receives
    their first head's log attention to memory (B, S, M): see guide.py."""
    t = model.model.text_model
    enter, leave = (fast_before, fast_after) if compiled else (before, after)
    split = (None, None) if features is None else (features[: b.mem_images], features[b.mem_images :])
    mem, turn = model.embed(b.mem, split[0]), model.embed(b.turn, split[1])
    canonical, linked, own = t.rope(b.canonical), t.rope(b.linked), t.rope(b.pos)
    for i, layer in enumerate(t.layers):
        mq, mk, bare, mv = enter(layer, mem, *canonical)
        q, k, _, v = enter(layer, turn, *own)
        far = rotate(bare, *linked).bfloat16()
        if i + 1 < len(t.layers):  # nobody reads the last layer's outputs of memory rows
            mem = leave(layer, mem, memory_attention(mq, mk, mv, b.mem_mask))
        if watch is not None and i in watch:
            watch[i] = first_head(q[:, 0], far[:, 0], k[:, 0], b.far_mask, b.near_mask)
        turn = leave(layer, turn, turn_attention(q, far, mv, k, v, b.far_mask, b.near_mask))
    return t.norm(turn)


def answer_loss(model: Mini, rows: Tensor, b: Batch) -> tuple[Tensor, list[tuple[str, bool]]]:
    """Cross-entropy over answer tokens, and whether each turn's whole answer is the arg-max. rows: (B, S, D)."""
    chosen = b.target >= 0
    logits = model.logits(rows[chosen])
    loss = F.cross_entropy(logits.float(), b.target[chosen], reduction="none")
    # The first words of an answer decide between facts and "I don't know"; the rest is copying, and by far the most tokens.
    weight = torch.where(b.nth[chosen] < 3, 3.0, 1.0)
    wrong = torch.zeros(chosen.shape, dtype=torch.bool)
    wrong[chosen] = logits.argmax(-1) != b.target[chosen]
    bad = torch.zeros(b.target.shape[0], max((len(k) for k in b.kinds), default=0) + 1, dtype=torch.bool)
    row, _ = wrong.nonzero(as_tuple=True)
    bad[row, b.which[wrong] + 1] = True
    hits = [(kind, not bool(bad[i, j + 1])) for i, kinds in enumerate(b.kinds) for j, kind in enumerate(kinds)]
    return (loss * weight).sum() / weight.sum(), hits
