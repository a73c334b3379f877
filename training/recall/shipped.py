"""The shipped model as weights to go on from: what recall.onnx holds in 4 bits, by the names of model.Recall.

A training run's own file is 62 MB and not in git; the shipped 9 MB are, and training on rounded weights goes on from there with nothing lost but
what rounding took.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.mini.prompt import ROOT

from .model import D, SCALE
from .pieces import whole

SHIPPED = ROOT / "public/models/recall"


def halves(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return packed & 15, packed >> 4


def place(name: str) -> tuple[str, str]:
    """Layer and part of a map: /layers.0/q/MatMul_Q4, or /k_3/MatMul_Q4 where it is called from outside its layer, in the layers' order."""
    *layer, part, _ = name.strip("/").split("/")
    if layer:
        return layer[0], part
    part, _, number = part.partition("_")
    return f"layers.{number or 0}", part


def shipped(folder: Path = SHIPPED) -> dict:
    """{"model": state of Recall, "kept": MiniLM's numbers of its pieces}, as a training run saves them."""
    graph = onnx.load(str(folder / "recall.onnx")).graph
    held = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    state = {name.removeprefix("model."): array for name, array in held.items() if name.startswith("model.")}
    for node in graph.node:
        if node.op_type == "MatMulNBits":  # two neighbours a byte
            layer, part = place(node.name)
            codes, steps = held[node.input[1]], held[node.input[2]]
            numbers = np.stack(halves(codes), -1).reshape(*codes.shape[:2], -1).astype(np.float32) - 8
            state[f"encoder.{layer}.{part}.weight"] = (numbers * steps.reshape(*codes.shape[:2], 1)).reshape(codes.shape[0], -1)
        elif node.op_type == "Mul" and (judge := [n for n in node.input if n in held and held[n].shape == (D,)]):
            state["judge.weight"] = held[judge[0]][None]
    steps = held["table.steps"]
    codes = np.concatenate(halves(held["table.codes"]), -1).astype(np.float32) - 8
    state["encoder.word.weight"] = (codes.reshape(*steps.shape, -1) * steps[..., None]).reshape(len(codes), -1)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    state["alike"] = np.array([config["cosine"], config["nought"]], np.float32) / SCALE
    number: dict[str, int] = whole()["model"]["vocab"]
    pieces: dict[str, int] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    weights: dict[str, Tensor] = {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
    return {"model": weights, "kept": [number[p] for p, _ in sorted(pieces.items(), key=lambda entry: entry[1])]}
