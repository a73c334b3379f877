"""Writes public/models/patch from a trained run: `python -m training.patch.export [--run heads]`.

model.onnx keeps its weights as float16 initializers, each followed by a Cast to float32: half the bytes, float32 arithmetic
on every backend. model.safetensors holds the same float16 weights for PyTorch. config.json is the contract with the app.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file, save_file

from .model import CELLS, GLOBAL_DIM, GRID_DIM, PatchEncoder, fresh
from .photos import MEAN, SIDE, STD
from .train import RUNS

OUT = Path("public/models/patch")
VERSION = 1


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Float32 initializers with more than 64 values become float16 + Cast; small ones stay."""
    graph, casts, keep = model.graph, [], []
    for t in graph.initializer:
        a = numpy_helper.to_array(t)
        if a.dtype != np.float32 or a.size <= 64:
            keep.append(t)
            continue
        keep.append(numpy_helper.from_array(a.astype(np.float16), t.name + "_f16"))
        casts.append(helper.make_node("Cast", [t.name + "_f16"], [t.name], to=TensorProto.FLOAT, name=t.name + "_cast"))
    del graph.initializer[:]
    graph.initializer.extend(keep)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)
    return model


def write(model: PatchEncoder):
    model.eval()
    OUT.mkdir(parents=True, exist_ok=True)
    # round to float16 first, so that every file holds the same numbers
    state = {k: v.half() for k, v in model.state_dict().items()}
    save_file(state, OUT / "model.safetensors", {"format": "pt", "licence": "Apache-2.0"})
    model.load_state_dict({k: v.float() for k, v in state.items()})
    x = torch.zeros(2, 3, SIDE, SIDE)
    temp = OUT / "full.onnx"
    torch.onnx.export(model, (x,), temp, input_names=["pixel_values"], output_names=["grid", "global"], opset_version=17,
                      dynamic_axes={k: {0: "n"} for k in ("pixel_values", "grid", "global")}, dynamo=False)
    onnx.save(halve(onnx.load(temp)), OUT / "model.onnx")
    temp.unlink()
    config = {
        "version": VERSION, "licence": "Apache-2.0", "input": "pixel_values", "side": SIDE, "resize": "squeeze", "filter": "bicubic",
        "mean": [round(float(v), 6) for v in MEAN], "std": [round(float(v), 6) for v in STD],
        "outputs": {"grid": {"name": "grid", "cells": CELLS, "dim": GRID_DIM, "shape": ["n", CELLS, CELLS, GRID_DIM]},
                    "global": {"name": "global", "dim": GLOBAL_DIM, "shape": ["n", GLOBAL_DIM]}},
        "background": {"file": "background.bin", "dtype": "float16", "count": 256, "dim": GRID_DIM},
        "calibration": "calibration.json",
    }
    (OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    got = ort.InferenceSession(str(OUT / "model.onnx")).run(None, {"pixel_values": x.normal_().numpy()})
    with torch.no_grad():
        want = model(x)
    print("onnx against torch, largest difference:", [float(np.abs(a - b.numpy()).max()) for a, b in zip(got, want)])
    print({p.name: p.stat().st_size for p in sorted(OUT.iterdir())})


def shipped() -> PatchEncoder:
    model = PatchEncoder()
    model.load_state_dict({k: v.float() for k, v in load_file(OUT / "model.safetensors").items()})
    return model.eval()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", default="heads")
    a = ap.parse_args()
    model, saved = fresh(), torch.load(RUNS / f"{a.run}.pt", weights_only=True)
    model.grid.load_state_dict(saved["grid"])
    model.glob.load_state_dict(saved["glob"])
    if "backbone" in saved:
        model.backbone.load_state_dict(saved["backbone"])
    write(model)


if __name__ == "__main__":
    main()
