"""Writes a patch encoder with DINOv2's inputs and outputs in 40 KB: what tests run in place of onnx-community/dinov2-small.

    python -m training.realsize.tiny_encoder [--out test/support/tiny-dinov2.onnx]

One convolution over patches of 14 px and the mean of all patches as class token. It tells colours and coarse texture apart, no more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx

from .graph import FLOAT, Graph

ROOT = Path(__file__).resolve().parents[2]
SIDE, PATCH, WIDTH = 224, 14, 16


def tiny_encoder() -> onnx.ModelProto:
    g = Graph(seed=11)
    pixels = g.take("pixel_values", FLOAT, 1, 3, SIDE, SIDE)
    weight = g.random.standard_normal((WIDTH, 3, PATCH, PATCH), dtype=np.float32) * np.float32((3 * PATCH * PATCH) ** -0.5)
    for channel in range(3):
        weight[channel] = 0
        weight[channel, channel] = 1 / (PATCH * PATCH)
    cells = g.op("Conv", pixels, g.constant("patches.weight", weight), strides=[PATCH, PATCH])
    rows = g.op("Reshape", cells, g.constant("rows", np.array([1, WIDTH, -1], np.int64)))
    tokens = g.op("Transpose", rows, perm=[0, 2, 1])
    whole = g.op("ReduceMean", tokens, axes=[1], keepdims=1)
    g.op("Concat", whole, tokens, outputs=["last_hidden_state"], axis=1)
    g.give("last_hidden_state", FLOAT, 1, 1 + (SIDE // PATCH) ** 2, WIDTH)
    return g.model("tiny_dinov2")


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--out", default=str(ROOT / "test/support/tiny-dinov2.onnx"))
    path = Path(a.parse_args().out)
    onnx.save(tiny_encoder(), str(path))
    print(f"{path.stat().st_size / 1e3:.1f} KB  {path}")


if __name__ == "__main__":
    main()
