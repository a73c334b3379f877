"""Golden values for the browser's parity test: `python -m training.patch.golden` → test/golden/patch/golden.json.

Two photos of test/photos go through model.onnx on ONNX Runtime. Decoding a JPEG and resizing it differ between a browser and
Pillow, so the file also gives values for a synthetic input that both sides can make exactly (`ramp`): that one must agree
to `tolerance.exact`; the photos only to a cosine of `tolerance.photoCosine`.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from .evaluate import MODEL, _session
from .photos import SIDE, fit, pixels

PHOTOS = ("rex-1.jpg", "tea-mug-new.jpg")


def ramp() -> np.ndarray:
    """pixel_values[c, y, x] = ((7 c + 3 y + 5 x) mod 64) / 16 - 2, float32 (1, 3, 224, 224)."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(SIDE), np.arange(SIDE), indexing="ij")
    return (((7 * c + 3 * y + 5 * x) % 64) / 16 - 2).astype(np.float32)[None]


def entry(net, values):
    grid, glob = net.run(None, {"pixel_values": values})
    r = lambda a: [round(float(v), 6) for v in a]  # noqa: E731
    return {"grid": {"0,0": r(grid[0, 0, 0, :16]), "7,6": r(grid[0, 7, 6, :16])}, "global": r(glob[0, :32]),
            "gridFull": {"7,6": r(grid[0, 7, 6])}, "globalFull": r(glob[0])}


def main():
    net = _session(MODEL / "model.onnx")
    doc = {
        "about": "grid keys are \"row,column\"; grid and global give the first 16 and 32 values, the Full ones all of them",
        "ramp": {"formula": "pixel_values[c][y][x] = ((7c + 3y + 5x) mod 64) / 16 - 2", **entry(net, ramp())},
        "photos": {p: entry(net, pixels(fit(Image.open(f"test/photos/{p}"))[None])) for p in PHOTOS},
        "tolerance": {"exact": 1e-4, "photoCosine": 0.97,
                      "from": "exact: float32 summation order between ONNX Runtime builds, about 1e-5 seen on CPU, times ten. "
                              "photoCosine: bilinear instead of bicubic resizing of these photos gives the figures in `resize`"},
    }
    for p in PHOTOS:
        im = Image.open(f"test/photos/{p}").convert("RGB")
        a, b = (net.run(None, {"pixel_values": pixels(np.asarray(v)[None])})
                for v in (fit(im), im.resize((SIDE, SIDE), Image.BILINEAR, reducing_gap=None)))
        doc["tolerance"].setdefault("resize", {})[p] = {
            "globalCosine": round(float((a[1] * b[1]).sum()), 5),
            "gridCosineMin": round(float((a[0] * b[0]).sum(-1).min()), 5), "gridCosineMean": round(float((a[0] * b[0]).sum(-1).mean()), 5)}
    out = Path("test/golden/patch/golden.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(doc, indent=1) + "\n")
    print(doc["tolerance"])


if __name__ == "__main__":
    main()
