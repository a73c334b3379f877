"""Four bits as transformers.js's own conversion makes them: MatMulNBits in symmetric blocks of 32, computed in float32.

Embeddings, convolutions and norms stay float32, and so do activations and the K/V cache ("q4", not "q4f16").
"""

from __future__ import annotations

import logging

import onnx
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer


logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)  # it tells of every node


def to_q4(model: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    quantiser = MatMulNBitsQuantizer(copy, bits=4, block_size=32, is_symmetric=True)
    quantiser.process()
    return quantiser.model.model
