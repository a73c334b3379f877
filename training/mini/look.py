"""Exports the probe that was trained with the tower as mini's structured look: what it sees, asked in numbers and answered in probabilities.

    python -m training.mini.look --checkpoint training/runs/mini/v3/last.pt [--out public/models/mini]

[Note: Look] The language model of eight million parameters puts what its eyes see into words badly (it names a colour right in one
question of three where the probe on the same sixteen tokens is right in two), so the app may ask the probe itself. `look.onnx`:
image_features (1, 16, D), queries int64 (1, Q, 3) (task, category, part; 0 for "not said") → colours (1, Q, 12) and kinds
(1, Q, C) as probabilities, places (1, Q, 5): presence as a probability, then the box x0, y0, x1, y1 in fractions of the picture.
`look.json` holds the words of its numbers. Its figures on held-out pictures: `python -m training.mini.vision --evaluate`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .export import OPSET, rounded, shrink
from .images import COLOURS, labels
from .lessons import RUN, Lessons
from .looks import PARTS, PARTS_OF, THINGS
from .parity import torch_model
from .probe import Probe
from .prompt import ROOT

GOLDEN = ROOT / "test/golden/mini"


class Look(nn.Module):
    def __init__(self, probe: Probe):
        super().__init__()
        self.probe = probe

    def forward(self, image_features: Tensor, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        p = self.probe
        # As Probe.forward, with the norm written out: the exporter of this opset has none.
        seen = p.enter(image_features * torch.rsqrt(image_features.pow(2).mean(-1, keepdim=True) + 1e-7)) + p.embed_place
        x = p.embed_task(queries[..., 0]) + p.embed_category(queries[..., 1]) + p.embed_part(queries[..., 2])
        for block in p.blocks:
            x = block(x, seen)
        x = p.norm(x)
        return p.colour(x).softmax(-1), p.category(x).softmax(-1), p.where(x).sigmoid()


def load_look(checkpoint: str | Path, whole: bool = False) -> Look:
    saved = torch.load(checkpoint, weights_only=False)["lessons"]
    lessons = Lessons(**saved["shape"])
    lessons.load_state_dict({k: rounded(k, v.float(), whole) for k, v in saved["state"].items()})
    return Look(lessons.probe).eval()


def words(names: dict[str, list[str]], parts_of: dict[str, list[str]]) -> dict:
    """What the numbers are called: number 1 is the first of a list. `called`: other words people use."""
    return {
        "colours": list(COLOURS), "categories": names["categories"], "parts": names["parts"],
        "called": {c: w.split("|") for c, w in THINGS.items() if c in names["categories"]},
        "partCalled": {p: w.split("|") for p, w in PARTS.items() if p in names["parts"]},
        "partCalledOf": [{"category": c, "part": p, "called": w.split("|")} for (c, p), w in PARTS_OF.items() if c in names["categories"]],
        "partsOf": parts_of,
    }


def write_golden(folder: Path, look: Look, names: dict[str, list[str]]) -> None:
    """What PyTorch sees on test/golden/mini/photo.png (golden.py), for a browser test."""
    pixels = np.asarray(Image.open(GOLDEN / "photo.png").convert("RGB"), np.float32) / 127.5 - 1
    features = torch_model(folder).image_features(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))
    number = lambda kind, word: names[kind].index(word) + 1
    queries = [[0, 0, 0], [1, 0, 0], [1, number("categories", "mug"), number("parts", "handle")], [2, number("categories", "mug"), 0], [2, number("categories", "banana"), 0]]
    colours, kinds, places = look(features, torch.tensor([queries]))
    rows = [{"query": q, "colours": c, "kinds": k, "place": p} for q, c, k, p in zip(queries, *(t[0].tolist() for t in (colours, kinds, places)))]
    (GOLDEN / "look.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


@torch.no_grad()
def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--out", type=Path, default=ROOT / "public/models/mini")
    args = a.parse_args()
    look = load_look(args.checkpoint)
    width = look.probe.enter.weight.shape[1]
    path = args.out / "onnx/look.onnx"
    example = (torch.randn(1, 16, width), torch.tensor([[[0, 0, 0], [1, 3, 4]]]))
    torch.onnx.export(look, example, str(path), input_names=["image_features", "queries"], output_names=["colours", "kinds", "places"], opset_version=OPSET, dynamo=False,
                      dynamic_axes={"queries": {1: "count"}, "colours": {1: "count"}, "kinds": {1: "count"}, "places": {1: "count"}})
    shrink(path, whole=False)
    names = torch.load(RUN, weights_only=False)["names"]
    parts_of: dict[str, list[str]] = {}
    for thing in labels()["instances"]:
        known = parts_of.setdefault(thing["category"], [])
        known += [p for p in thing["parts"] if p in names["parts"] and p not in known]
    (args.out / "look.json").write_text(json.dumps(words(names, parts_of), indent=1) + "\n", encoding="utf-8")
    write_golden(args.out, look, names)
    print(path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
