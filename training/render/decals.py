"""Small coverage images printed on parts: star, heart, flower and the letters A–Z, drawn with Pillow."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SHAPES = ("star", "heart", "flower")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def index(pattern: str, letter: str = "A") -> int:
    return SHAPES.index(pattern) if pattern in SHAPES else len(SHAPES) + LETTERS.index(letter)


@lru_cache(maxsize=1)
def atlas() -> np.ndarray:
    """(29, 128, 128) float32 in 0..1."""
    return np.stack([_draw(n) for n in (*SHAPES, *LETTERS)])


def _draw(name: str) -> np.ndarray:
    im = Image.new("L", (256, 256))
    d = ImageDraw.Draw(im)
    turn = np.arange(10) * np.pi / 5 - np.pi / 2
    if name == "star":
        r = np.where(np.arange(10) % 2 == 0, 118, 50)
        d.polygon([(128 + a * np.cos(t), 134 + a * np.sin(t)) for a, t in zip(r, turn)], fill=255)
    elif name == "heart":
        t = np.linspace(0, 2 * np.pi, 80)
        x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        d.polygon([(128 + 7 * a, 122 - 7 * b) for a, b in zip(x, y)], fill=255)
    elif name == "flower":
        for t in np.arange(5) * 2 * np.pi / 5:
            x, y = 128 + 64 * np.sin(t), 128 - 64 * np.cos(t)
            d.ellipse((x - 46, y - 46, x + 46, y + 46), fill=255)
        d.ellipse((98, 98, 158, 158), fill=0)
    else:
        d.text((128, 128), name, fill=255, font=ImageFont.load_default(250), anchor="mm", stroke_width=10)
    return np.asarray(im.resize((128, 128), Image.BOX), np.float32) / 255.0
