"""Attention for training on a CPU: matrix products in bfloat16 (AMX), one C kernel for the masked softmax between them.

PyTorch's fused CPU attention is slow backwards on short rows, and its softmax in float32 moves eight times the bytes; softmax.c
does it in place. Turn rows attend to all memory and, in chunks of C, to their own chunk and the one before it: no turn is
longer than C + 1 tokens, so that is everything a turn may see.

Shapes: B contexts, G kv heads, R query heads a kv head, S rows, K = S / C chunks, M memory keys, E head dim.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from .prompt import ROOT

SOURCE = Path(__file__).with_name("softmax.c")


@cache
def library() -> ctypes.CDLL:
    """Compiles softmax.c for this machine when it is newer than the last build. Needs cc with OpenMP."""
    built = ROOT / "training/cache/softmax.so"
    if not built.exists() or built.stat().st_mtime < SOURCE.stat().st_mtime:
        built.parent.mkdir(parents=True, exist_ok=True)
        fresh = built.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fno-finite-math-only", "-fopenmp", "-shared", "-fPIC", str(SOURCE), "-o", str(fresh), "-lm"], check=True)
        fresh.replace(built)
    return ctypes.CDLL(str(built))


def _at(x: Tensor | None) -> ctypes.c_void_p:
    assert x is None or x.is_contiguous()
    return ctypes.c_void_p(x.data_ptr() if x is not None else None)


def _n(*values: int) -> list[ctypes.c_long]:
    return [ctypes.c_long(v) for v in values]


def shares(far: Tensor, near: Tensor | None, far_mask: Tensor, near_mask: Tensor | None, heads: int) -> None:
    """Softmax in place over far and near scores (B, G, K, R C, ·) together. far_mask: (B, M) or (B, S, M) bool; near_mask: (B, S, 2 C)."""
    b, g, k, rows, n = far.shape
    wide = near.shape[-1] if near is not None else 0
    library().softmax_forward(_at(far), _at(far_mask), *_n(n), ctypes.c_int(far_mask.ndim == 3), _at(near), _at(near_mask), *_n(wide, b, g, k, heads, rows // heads))


def pulled(far: Tensor, d_far: Tensor, near: Tensor | None, d_near: Tensor | None) -> None:
    """Gradients of shares become gradients of scores, in place."""
    wide = near.shape[-1] if near is not None else 0
    library().softmax_backward(_at(far), _at(d_far), *_n(far.shape[-1]), _at(near), _at(d_near), *_n(wide, far.numel() // far.shape[-1]))


class Attention(torch.autograd.Function):
    """q: (B, G, K, R C, E); far_k, far_v: (B, G, M, E); near_k, near_v: (B, G, K, 2 C, E) or None; masks as `shares` takes them.
    Returns (B, G, K, R C, E). All bfloat16."""

    @staticmethod
    def forward(ctx, q: Tensor, far_k: Tensor, far_v: Tensor, near_k: Tensor | None, near_v: Tensor | None, far_mask: Tensor, near_mask: Tensor | None, heads: int):
        flat = q.flatten(2, 3)
        far = (flat @ far_k.mT).view(*q.shape[:4], -1)
        near = q @ near_k.mT if near_k is not None else None
        shares(far, near, far_mask, near_mask, heads)
        out = (far.flatten(2, 3) @ far_v).view(q.shape)
        if near is not None:
            out += near @ near_v
        ctx.save_for_backward(q, far_k, far_v, near_k, near_v, far, near)
        return out

    @staticmethod
    def backward(ctx, d: Tensor):
        q, far_k, far_v, near_k, near_v, far, near = ctx.saved_tensors
        d = d.contiguous()
        flat = d.flatten(2, 3)
        d_far_v = far.flatten(2, 3).mT @ flat
        d_far = (flat @ far_v.mT).view(far.shape)
        d_near = d_near_k = d_near_v = None
        if near is not None:
            d_near_v, d_near = near.mT @ d, d @ near_v.mT
        pulled(far, d_far, near, d_near)
        d_far = d_far.flatten(2, 3)
        d_q = (d_far @ far_k).view(q.shape)
        if near is not None:
            d_q += d_near @ near_k
            d_near_k = d_near.mT @ q
        return d_q, d_far.mT @ q.flatten(2, 3), d_far_v, d_near_k, d_near_v, None, None, None


def chunked(x: Tensor, size: int) -> Tensor:
    """Each chunk of keys behind the one before it: (B, G, S, E) -> (B, G, K, 2 C, E)."""
    x = x.unflatten(2, (-1, size))
    before = torch.cat((torch.zeros_like(x[:, :, :1]), x[:, :, :-1]), 2)
    return torch.cat((before, x), 3)


def memory_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """q: (B, H, M, E) scaled; k, v: (B, G, M, E); mask: (B, M, M) True where seen. Returns (B, M, H E)."""
    b, h, m, e = q.shape
    g = k.shape[1]
    out = Attention.apply(q.reshape(b, g, 1, h // g * m, e), k.contiguous(), v.contiguous(), None, None, mask, None, h // g)
    return out.view(b, h, m, e).transpose(1, 2).reshape(b, m, h * e)


def turn_attention(q: Tensor, far_k: Tensor, far_v: Tensor, k: Tensor, v: Tensor, far_mask: Tensor, near_mask: Tensor) -> Tensor:
    """q: (B, H, S, E) scaled; far: (B, G, M, E) memory; k, v: (B, G, S, E) own rows; far_mask: (B, M); near_mask: (B, S, 2 C).
    Returns (B, S, H E)."""
    b, h, s, e = q.shape
    g, c = k.shape[1], near_mask.shape[-1] // 2
    r, chunks = h // g, s // c
    q = q.view(b, g, r, chunks, c, e).permute(0, 1, 3, 2, 4, 5).reshape(b, g, chunks, r * c, e)
    out = Attention.apply(q, far_k.contiguous(), far_v.contiguous(), chunked(k, c), chunked(v, c), far_mask, near_mask, r)
    return out.view(b, g, chunks, r, c, e).permute(0, 2, 4, 1, 3, 5).reshape(b, s, h * e)
