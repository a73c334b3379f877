"""Paints the plain parts of a rendered thing in other colours, along the renderer's masks.

There are 2,160 things to train on, and a tower of two million weights learns them by heart: seen on 2026-11-25, 0.78 of the colours of
large parts on things it knew and 0.69 on others. Painted at random, no thing has colours to remember. A pixel's new colour is the
new paint in the pixel's own light: its luminance over the old paint's, in linear light, as a highlight or shade keeps it.
"""

from __future__ import annotations

import numpy as np

from training.render.palette import COLOURS as PALETTE
from training.render.palette import rgb

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
LIGHT = {name: float((np.array(c) / 255.0) ** 2.2 @ LUMINANCE) for name, c in PALETTE.items()}
LINEAR = (np.arange(256) / 255.0) ** 2.2
SHARE = 0.5  # of the parts that can be painted


def painted(pixels: np.ndarray, ids: np.ndarray, label: dict, seed: int, first: int = 1) -> tuple[np.ndarray, dict]:
    """pixels: (H, W, 3) uint8; ids: (H, W), part p of this thing is `first + p`. New pixels and a new label; seed 0 paints nothing.

    Patterned parts keep their two colours, and black ones too: there is no light in them to paint with.
    """
    if not seed:
        return pixels, label
    rng = np.random.default_rng(seed)
    out, parts = pixels.copy(), {}
    names = list(PALETTE)
    # Parts of one colour mostly stay of one colour: a dog's head and body.
    chosen = {c: names[rng.integers(len(names))] for c in names}
    for i, (part, look) in enumerate(label["parts"].items()):
        parts[part] = look
        old = look["colour"]
        if look["pattern"] != "plain" or old == "black" or rng.random() > SHARE:
            continue
        new = chosen[old] if rng.random() < 0.4 else names[rng.integers(len(names))]
        mask = ids == first + i
        if not mask.any():
            continue
        light = LINEAR[pixels[mask]] @ LUMINANCE / LIGHT[old]  # (K,)
        paint = rgb(new, rng)
        out[mask] = (np.clip(light[:, None] * paint, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
        parts[part] = {**look, "colour": new}
    return out, {**label, "parts": parts}
