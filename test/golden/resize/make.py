"""Writes golden.json: what Pillow's resize gives for a small noisy picture, for src/runtime/pixels.ts.

    python test/golden/resize/make.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [(16, 16), (37, 9), (50, 40)]  # smaller, one way only, larger


def base64_of(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


rng = np.random.default_rng(5)
smooth = np.add.outer(np.arange(23) * 9, np.arange(37) * 3)[..., None] + np.array([0, 20, 40])
rgb = np.clip(smooth + rng.integers(-60, 60, (23, 37, 3)), 0, 255).astype(np.uint8)
rgba = np.dstack([rgb, np.full((23, 37), 255, np.uint8)])
cases = [
    # RGB: Pillow would premultiply RGBA. Alpha is 255 everywhere, so the colours are the same.
    {"filter": name, "widthPx": w, "heightPx": h, "rgb": base64_of(np.asarray(Image.fromarray(rgb).resize((w, h), number)))}
    for name, number in FILTERS.items()
    for w, h in SIZES
]
doc = {"widthPx": 37, "heightPx": 23, "rgba": base64_of(rgba), "cases": cases}
Path(__file__).with_name("golden.json").write_text(json.dumps(doc, indent=1) + "\n")
