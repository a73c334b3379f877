"""Runs mini the way the app does: encode blocks behind the prefix, un-rotate, link, decode. In PyTorch and in ONNX Runtime.

This is the reference that TypeScript is checked against; it goes through the exported decoder's interface only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from .export import Decoder
from .model import Mini

END = 3  # <end_of_utterance>


def turn_keys(k: np.ndarray, positions: np.ndarray, theta: float, back: bool) -> np.ndarray:
    """Rotates keys (…, tokens, E) by their positions, or back. Half layout."""
    e = k.shape[-1]
    inverse = theta ** (-np.arange(0, e, 2, dtype=np.float64) / e)
    angle = positions[:, None] * inverse[None] * (-1 if back else 1)
    cos, sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    a, b = k[..., : e // 2], k[..., e // 2 :]
    return np.concatenate((a * cos - b * sin, b * cos + a * sin), -1)


class Runner:
    layers: int
    kv_heads: int
    head_dim: int
    theta = 10000.0

    def decode(self, embeds, mask, positions, past):  # -> logits (S, vocab), cache: list of 2L (1, G, total, E)
        raise NotImplementedError

    def embed(self, ids: list[int]) -> np.ndarray:
        raise NotImplementedError

    def image(self, pixels: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def empty(self) -> list[np.ndarray]:
        return [np.zeros((1, self.kv_heads, 0, self.head_dim), np.float32) for _ in range(2 * self.layers)]

    def step(self, ids: list[int], positions: list[int], past: list[np.ndarray] | None, features: np.ndarray | None = None):
        past = past or self.empty()
        x = self.embed(ids)
        if features is not None:
            x[0, np.array(ids) == 6] = features.reshape(-1, x.shape[-1])
        total = past[0].shape[2] + len(ids)
        return self.decode(x, np.ones((1, total), np.int64), np.array([positions], np.int64), past)

    def block(self, prefix_cache: list[np.ndarray], ids: list[int], features: np.ndarray | None = None) -> list[np.ndarray]:
        """A block's rows behind the prefix, keys un-rotated: 2L of (1, G, tokens, E)."""
        p = prefix_cache[0].shape[2]
        where = np.arange(p, p + len(ids))
        _, cache = self.step(ids, where.tolist(), prefix_cache, features)
        rows = [c[:, :, p:] for c in cache]
        return [turn_keys(r, where, self.theta, True) if i % 2 == 0 else r for i, r in enumerate(rows)]

    def link(self, prefix: list[int], blocks: list, features: list | None = None) -> list[np.ndarray]:
        """Prefix and blocks in one cache, tight positions."""
        _, cache = self.step(prefix, list(range(len(prefix))), None)
        at, parts = len(prefix), [cache]
        for i, ids in enumerate(blocks):
            rows = self.block(cache, ids, features[i] if features else None)
            where = np.arange(at, at + len(ids))
            parts.append([turn_keys(r, where, self.theta, False) if j % 2 == 0 else r for j, r in enumerate(rows)])
            at += len(ids)
        return [np.concatenate([p[i] for p in parts], 2) for i in range(2 * self.layers)]

    def greedy(self, ids: list[int], limit: int, past: list[np.ndarray] | None = None, features: np.ndarray | None = None, first: list | None = None) -> list[int]:
        """Tokens up to and with the end of utterance. `first`, if given, receives the first step's logits."""
        at = past[0].shape[2] if past else 0
        logits, past = self.step(ids, list(range(at, at + len(ids))), past, features)
        if first is not None:
            first.append(logits[-1])
        out = []
        at += len(ids)
        for _ in range(limit):
            out.append(int(logits[-1].argmax()))
            if out[-1] == END:
                break
            logits, past = self.step([out[-1]], [at], past)
            at += 1
        return out


class TorchRunner(Runner):
    def __init__(self, model: Mini):
        self.model, self.decoder = model, Decoder(model)
        self.layers, self.kv_heads, self.head_dim = model.c.layers, model.c.kv_heads, model.c.head_dim

    @torch.no_grad()
    def embed(self, ids):
        return self.model.model.text_model.embed_tokens(torch.tensor([ids])).numpy().copy()

    @torch.no_grad()
    def image(self, pixels):
        return self.model.image_features(torch.from_numpy(pixels).flatten(0, 1)).numpy()

    @torch.no_grad()
    def decode(self, embeds, mask, positions, past):
        logits, *present = self.decoder(*(torch.from_numpy(x) for x in (embeds, mask, positions, *past)))
        return logits[0].numpy(), [p.numpy() for p in present]


class OnnxRunner(Runner):
    def __init__(self, folder: Path):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.sessions = {n: ort.InferenceSession(str(folder / "onnx" / f"{n}.onnx"), options, providers=["CPUExecutionProvider"]) for n in ("embed_tokens", "vision_encoder", "decoder_model_merged")}
        inputs = self.sessions["decoder_model_merged"].get_inputs()
        past = [i for i in inputs if i.name.startswith("past")]
        self.layers, self.kv_heads, self.head_dim = len(past) // 2, past[0].shape[1], past[0].shape[3]
        self.past_names = [i.name for i in past]

    def embed(self, ids):
        return self.sessions["embed_tokens"].run(None, {"input_ids": np.array([ids], np.int64)})[0].copy()

    def image(self, pixels):
        mask = np.ones((*pixels.shape[:2], *pixels.shape[3:]), bool)
        return self.sessions["vision_encoder"].run(None, {"pixel_values": pixels, "pixel_attention_mask": mask})[0]

    def decode(self, embeds, mask, positions, past):
        feeds = {"inputs_embeds": embeds, "attention_mask": mask, "position_ids": positions, **dict(zip(self.past_names, past))}
        logits, *present = self.sessions["decoder_model_merged"].run(None, feeds)
        return logits[0], present
