"""A small writer of ONNX graphs: nodes with names, weights from a seeded generator, one layer at a time."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]


class Graph:
    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def op(self, kind: str, *inputs: str, outputs: list[str] | None = None, domain: str = "", **attributes) -> str:
        outputs = outputs or [f"{kind}_{len(self.nodes)}"]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=f"{outputs[0]}_node", domain=domain, **attributes))
        return outputs[0]

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def normal(self, name: str, *shape: int) -> str:
        """Weights whose products keep the size of what they multiply, so that activations stay finite through all layers."""
        scale = np.float32(shape[0] ** -0.5)
        return self.constant(name, self.random.standard_normal(shape, dtype=np.float32) * scale)

    def linear(self, x: str, name: str, width: int, out: int, bias: bool = False) -> str:
        y = self.op("MatMul", x, self.normal(f"{name}.weight", width, out))
        return self.op("Add", y, self.constant(f"{name}.bias", np.zeros(out, np.float32))) if bias else y

    def take(self, name: str, kind: int, *shape: int | str) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def give(self, name: str, kind: int, *shape: int | str) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def model(self, name: str) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.weights)
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=8)
