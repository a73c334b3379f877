"""The pictures training and evaluation read, as 224-pixel RGB uint8; splits are by class, product or instance, seeded.

load(name) → list of (label, group, PIL.Image). label: what counts as the same thing; group: what makes a hard negative.
    grocery    2,297 phone photos, label = product folder      clothing  3,409 photos, label = the photo itself
    coco       83 scenes, label = the photo itself             render    instances of training.render.prerender
    dreambooth 15 subjects, evaluation only
"""

import io
import json
import tarfile
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from training.real.split import held_out

DATA = Path("/work/shared/data/photos")
RENDER = Path("training/cache/render")
SIDE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def fit(im: Image.Image, side: int = SIDE) -> np.ndarray:
    """The whole photo squeezed to a square, as the app does it: nothing is cropped away, boxes map back linearly."""
    return np.asarray(im.convert("RGB").resize((side, side), Image.BICUBIC))


def pixels(batch: np.ndarray) -> np.ndarray:
    """(n, H, W, 3) uint8 → (n, 3, H, W) float32, ImageNet mean and deviation."""
    return ((batch.astype(np.float32) / 255 - MEAN) / STD).transpose(0, 3, 1, 2)


@lru_cache(maxsize=8)
def load(name: str, max_side: int = 400, permitted: bool = False):
    """`permitted`: without the tenth that nothing is trained on (training/real/split.py)."""
    if name == "dreambooth":
        folders = sorted(p for p in (DATA / "dreambooth-dev").iterdir() if p.is_dir())
        return [(d.name, d.name, _small(Image.open(p), max_side)) for d in folders for p in sorted(d.glob("*.jp*g"))]
    if name == "coco":
        return [(p.stem, "coco", _small(Image.open(p), max_side)) for p in sorted((DATA / "coco-cc").glob("*.jpg"))
                if not (permitted and held_out(f"coco-cc/{p.name}"))]
    if name in ("grocery", "clothing"):
        out = []
        with tarfile.open(DATA / f"{name}.tar") as tar:
            for m in sorted(tar.getmembers(), key=lambda m: m.name):
                if m.name.endswith(".jpg") and not (permitted and held_out(m.name)):
                    parts = m.name.split("/")
                    im = _small(Image.open(io.BytesIO(tar.extractfile(m).read())), max_side)
                    same = "/".join(parts[1:-1]) if name == "grocery" else m.name
                    out.append((same, "/".join(parts[1:3]) if name == "grocery" else parts[1], im))
        return out
    raise KeyError(name)


def rendered(limit: int | None = None, split: str | None = None):
    """Rows written so far by the pre-render: (images memmap, ids memmap, rows of (row, instance, kind, family))."""
    from training.render.prerender import plan

    images = np.load(RENDER / "images.npy", mmap_mode="r")
    ids = np.load(RENDER / "ids.npy", mmap_mode="r")
    views, rows = 4, []
    for i, family, thing, _ in plan(len(images) // views):
        if limit is not None and i >= limit:
            break
        if split is None or (split == "val") == (family % 10 == 9):
            for v in range(views):
                if images[i * views + v, 0].any():
                    rows.append((i * views + v, i, thing.kind, family))
    return images, ids, rows


def looks(count: int) -> list[list[int]]:
    """What each part of each of the first `count` rendered instances looks like, as a number: equal for a thing and its sibling where the
    part is the same, and for things of one kind painted alike."""
    from training.render.prerender import plan

    def number(kind, name, p):
        return zlib.crc32(repr((kind, name, p.colour, p.pattern, p.colour2, p.material, p.letter * (p.pattern == "letter"))).encode())

    return [[number(thing.kind, name, p) for name, p in thing.parts.items()] for _, _, thing, _ in plan(count)]


def _small(im: Image.Image, side: int) -> Image.Image:
    im.draft("RGB", (side, side))
    im = im.convert("RGB")
    im.thumbnail((side, side), Image.BICUBIC)
    return im
