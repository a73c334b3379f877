"""Writes tiny-q4.onnx: two four-bit products in a row as `MatMulNBitsQuantizer` makes them, and one sum that stays as it is. For
test/browser/unpack-q4.test.ts: `python test/support/tiny_q4.py`."""

import logging
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

logging.disable(logging.WARNING)
rng = np.random.default_rng(7)
weights = [rng.normal(size=(64, 96)).astype(np.float32), rng.normal(size=(96, 32)).astype(np.float32)]
graph = helper.make_graph(
    [
        helper.make_node("MatMul", ["x", "first"], ["a"]),
        helper.make_node("Add", ["a", "bias"], ["b"]),
        helper.make_node("MatMul", ["b", "second"], ["y"]),
    ],
    "tiny",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "tokens", 64])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "tokens", 32])],
    [
        numpy_helper.from_array(weights[0], "first"),
        numpy_helper.from_array(weights[1], "second"),
        numpy_helper.from_array(rng.normal(size=96).astype(np.float32), "bias"),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
quantiser = MatMulNBitsQuantizer(model, bits=4, block_size=32, is_symmetric=True)
quantiser.process()
onnx.save(quantiser.model.model, Path(__file__).parent / "tiny-q4.onnx")
