"""Exports look for the app: what a photo shows, asked in numbers and answered in probabilities.

    python -m training.look.export        writes public/models/mini/{onnx/look.onnx,look.json} and test/golden/look
    python -m training.look.export --float --out training/runs/float/mini        the whole of mini, its look not rounded, for `npm run eval -- SUITE --models training/runs/float`

[Note: Look] The language model of eight million parameters puts what its eyes see into words badly, so the app may ask for looks in numbers.
`look.onnx`: grid (1, 196, 96) and global (1, 256), the patch encoder's outputs; pixels (1, 3, 224, 224) in 0..1, the same photo squeezed to a square;
queries int64 (1, Q, 3) (task, category, part; 0 for "not said") → colours (1, Q, 12) and kinds (1, Q, C) as probabilities, places (1, Q, 5): presence as
a probability, then the box x0, y0, x1, y1 in fractions of the picture. `look.json` holds the words of its numbers. Weights are rounded as mini's
([Note: Eight-bit weights] in training/mini/export.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from PIL import Image
from torch import Tensor, nn

from training.mini.export import OPSET, rounded, shrink
from training.mini.images import COLOURS, labels
from training.mini.looks import PARTS, PARTS_OF, THINGS
from training.mini.prompt import ROOT
from training.patch.backbone import colours
from training.patch.export import OUT as ENCODER
from training.patch.photos import MEAN, SIDE, STD, fit, pixels

from .model import Look
from .train import RUN

OUT = ROOT / "public/models/mini"
GOLDEN = ROOT / "test/golden/look"
QUESTIONS = [(0, None, None), (1, None, None), (1, "mug", "handle"), (1, "mug", None), (2, "mug", None), (2, "banana", None)]


class Exported(nn.Module):
    def __init__(self, look: Look):
        super().__init__()
        self.look = look
        self.register_buffer("mean", torch.from_numpy(MEAN).view(1, 3, 1, 1)), self.register_buffer("std", torch.from_numpy(STD).view(1, 3, 1, 1))

    def forward(self, grid: Tensor, whole: Tensor, pixels: Tensor, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tint = colours((pixels - self.mean) / self.std).flatten(2).transpose(1, 2)
        colour, kind, where = self.look((grid, whole, tint), queries)
        return colour.softmax(-1), kind.softmax(-1), where.sigmoid()


def words(names: dict[str, list[str]], parts_of: dict[str, list[str]]) -> dict:
    """What the numbers are called: number 1 is the first of a list. `called`: other words people use."""
    return {
        "side": SIDE, "colours": list(COLOURS), "categories": names["categories"], "parts": names["parts"],
        "called": {c: w.split("|") for c, w in THINGS.items() if c in names["categories"]},
        "partCalled": {p: w.split("|") for p, w in PARTS.items() if p in names["parts"]},
        "partCalledOf": [{"category": c, "part": p, "called": w.split("|")} for (c, p), w in PARTS_OF.items() if c in names["categories"]],
        "partsOf": parts_of,
    }


def write_golden(names: dict[str, list[str]], exported: Exported, path: Path) -> float:
    """What PyTorch sees on test/golden/look/photo.png, and how far the file is from it at most."""
    photo = np.asarray(Image.open(GOLDEN / "photo.png").convert("RGB"))
    grid, glob = ort.InferenceSession(str(ENCODER / "model.onnx")).run(None, {"pixel_values": pixels(photo[None])})
    number = lambda kind, word: names[kind].index(word) + 1 if word else 0  # noqa: E731
    queries = [[task, number("categories", c), number("parts", p)] for task, c, p in QUESTIONS]
    fed = {"grid": grid.reshape(1, 196, -1), "global": glob, "pixels": (photo.astype(np.float32) / 255).transpose(2, 0, 1)[None], "queries": np.array([queries], np.int64)}
    meant = [t.numpy()[0] for t in exported(*(torch.from_numpy(np.ascontiguousarray(v)) for v in fed.values()))]
    got = ort.InferenceSession(str(path)).run(None, fed)
    rows = [{"query": q, "colours": c, "kinds": k, "place": p} for q, c, k, p in zip(queries, *([[round(float(x), 5) for x in row] for row in t] for t in meant))]
    (GOLDEN / "look.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")
    return max(float(np.abs(m - g[0]).max()) for m, g in zip(meant, got))


@torch.no_grad()
def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--out", type=Path, default=OUT)
    a.add_argument("--float", action="store_true")
    args = a.parse_args()
    if args.float:
        shutil.copytree(OUT, args.out, dirs_exist_ok=True)
    saved = torch.load(RUN, weights_only=False)
    look = Look(**saved["shape"])
    look.load_state_dict({k: v.float() if args.float else rounded(k, v.float(), False) for k, v in saved["model"].items()})
    exported, path = Exported(look).eval(), args.out / "onnx/look.onnx"
    example = (torch.randn(1, 196, 96), torch.randn(1, 256), torch.rand(1, 3, SIDE, SIDE), torch.tensor([[[0, 0, 0], [1, 3, 4]]]))
    torch.onnx.export(exported, example, str(path), input_names=["grid", "global", "pixels", "queries"], output_names=["colours", "kinds", "places"], opset_version=OPSET,
                      dynamo=False, dynamic_axes={"queries": {1: "count"}, "colours": {1: "count"}, "kinds": {1: "count"}, "places": {1: "count"}})
    if args.float:
        return
    shrink(path, whole=False)
    names = saved["names"]
    parts_of: dict[str, list[str]] = {}
    for thing in labels()["instances"]:
        known = parts_of.setdefault(thing["category"], [])
        known += [p for p in thing["parts"] if p in names["parts"] and p not in known]
    (args.out / "look.json").write_text(json.dumps(words(names, parts_of), indent=1) + "\n", encoding="utf-8")
    if not (GOLDEN / "photo.png").exists():
        GOLDEN.mkdir(parents=True, exist_ok=True)
        Image.fromarray(fit(Image.open(ROOT / "test/photos/tea-mug-new.jpg"))).save(GOLDEN / "photo.png", optimize=True)
    print(path.stat().st_size, "bytes; the file and PyTorch differ by", write_golden(names, exported, path), "at most")


if __name__ == "__main__":
    main()
