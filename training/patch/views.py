"""Augmented views of training photos, with where each view came from, so that grid cells can be matched.

A view: (224, 224, 3) uint8, box (x0, y0, x1, y1, flip) in the photo's unit coordinates, and for renders a (14, 14) map of
the part under each cell (0 background). Colours move only a little: colour is part of who a thing is.
"""

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from .photos import SIDE


def crop_view(im: Image.Image, rng, low: float = 0.4, ids: np.ndarray | None = None):
    w, h = im.size
    area, ratio = rng.uniform(low, 1.0), np.exp(rng.uniform(-0.25, 0.25))
    cw, ch = min(1.0, np.sqrt(area * ratio)), min(1.0, np.sqrt(area / ratio))
    x0, y0 = rng.uniform(0, 1 - cw), rng.uniform(0, 1 - ch)
    flip = bool(rng.random() < 0.5) if ids is None else False  # letters and handles have a side
    view = im.resize((SIDE, SIDE), Image.BILINEAR, box=(x0 * w, y0 * h, (x0 + cw) * w, (y0 + ch) * h), reducing_gap=2.0)
    if flip:
        view = view.transpose(Image.FLIP_LEFT_RIGHT)
    cells = None
    if ids is not None:
        c = (np.arange(14) + 0.5) / 14
        ys, xs = ((y0 + c * ch) * ids.shape[0]).astype(int), ((x0 + c * cw) * ids.shape[1]).astype(int)
        cells = ids[np.ix_(ys.clip(0, ids.shape[0] - 1), xs.clip(0, ids.shape[1] - 1))]
    return jitter(view, rng), np.array([x0, y0, x0 + cw, y0 + ch, flip], np.float32), cells


def jitter(im: Image.Image, rng) -> np.ndarray:
    for enhance, spread in ((ImageEnhance.Brightness, 0.22), (ImageEnhance.Contrast, 0.2), (ImageEnhance.Color, 0.18)):
        im = enhance(im).enhance(float(rng.uniform(1 - spread, 1 + spread)))
    if rng.random() < 0.25:
        im = im.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.6))))
    a = np.asarray(im, np.float32) * (1 + rng.normal(0, 0.04, 3))  # white balance
    im = Image.fromarray(a.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        buf = io.BytesIO()
        im.save(buf, "JPEG", quality=int(rng.integers(35, 90)))
        im = Image.open(buf)
    return np.asarray(im.convert("RGB"))


def on_photo(pixels: np.ndarray, ids: np.ndarray, backdrop: Image.Image, rng):
    """A rendered thing (ids > 0) pasted on a piece of a real photo, moved and scaled."""
    n = pixels.shape[0]
    w, h = backdrop.size
    s = rng.uniform(0.5, 1.0) * min(w, h)
    x, y = rng.uniform(0, w - s), rng.uniform(0, h - s)
    back = backdrop.resize((n, n), Image.BILINEAR, box=(x, y, x + s, y + s))
    mask = Image.fromarray((ids > 0).astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(0.7))
    return Image.composite(Image.fromarray(pixels), back, mask)


def matched_cells(a: np.ndarray, b: np.ndarray):
    """Cells of view a and the nearest cell of view b that shows the same spot: two (k,) index arrays into 196."""
    c = (np.arange(14) + 0.5) / 14
    gx, gy = np.meshgrid(c, c)
    x = a[0] + (1 - gx if a[4] else gx) * (a[2] - a[0])
    y = a[1] + gy * (a[3] - a[1])
    u, v = (x - b[0]) / (b[2] - b[0]), (y - b[1]) / (b[3] - b[1])
    if b[4]:
        u = 1 - u
    inside = (u > 0) & (u < 1) & (v > 0) & (v < 1)
    i = np.flatnonzero(inside)
    j = (v[inside] * 14).astype(int).clip(0, 13) * 14 + (u[inside] * 14).astype(int).clip(0, 13)
    return i, j
