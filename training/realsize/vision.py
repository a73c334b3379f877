"""The SigLIP vision tower and the pixel-shuffle connector: 512 px in patches of 16, 1,024 rows become 64 visual tokens."""

from __future__ import annotations

import numpy as np
import onnx

from .graph import BOOL, FLOAT, Graph


def vision_graph(config: dict, seed: int) -> onnx.ModelProto:
    c, text, factor = config["vision_config"], config["text_config"], config["scale_factor"]
    size, patch, width, heads = c["image_size"], c["patch_size"], c["hidden_size"], c["num_attention_heads"]
    side = size // patch
    g = Graph(seed)
    pixels = g.take("pixel_values", FLOAT, "batch_size", "num_images", 3, size, size)
    mask = g.take("pixel_attention_mask", BOOL, "batch_size", "num_images", size, size)
    images = reshape(g, pixels, -1, 3, size, size)
    weight = g.constant("patch_embedding.weight", g.random.standard_normal((width, 3, patch, patch), dtype=np.float32) * np.float32((3 * patch * patch) ** -0.5))
    x = g.op("Conv", images, weight, strides=[patch, patch])  # (images, width, side, side)
    x = g.op("Transpose", reshape(g, x, 0, width, side * side), perm=[0, 2, 1])
    x = g.op("Add", x, g.constant("position_embedding", g.random.standard_normal((1, side * side, width), dtype=np.float32) * np.float32(0.02)))
    for i in range(c["num_hidden_layers"]):
        at = f"layers.{i}"
        x = g.op("Add", x, attention(g, layer_norm(g, x, f"{at}.layer_norm1", c), at, width, heads, side * side))
        h = gelu(g, g.linear(layer_norm(g, x, f"{at}.layer_norm2", c), f"{at}.fc1", width, c["intermediate_size"], bias=True))
        x = g.op("Add", x, g.linear(h, f"{at}.fc2", c["intermediate_size"], width, bias=True))
    x = layer_norm(g, x, "post_layernorm", c)
    # A picture whose mask is empty is padding and gives zeros: the mask is an input that is used, as in other exports.
    seen = g.op("ReduceMax", g.op("Cast", reshape(g, mask, -1, size * size, 1), to=FLOAT), axes=[1])
    x = g.op("Mul", shuffle(g, x, side, width, factor), seen)
    g.op("MatMul", x, g.normal("connector.weight", width * factor * factor, text["hidden_size"]), outputs=["image_features"])
    g.give("image_features", FLOAT, "num_features", (side // factor) ** 2, text["hidden_size"])
    return g.model("vision_encoder")


def attention(g: Graph, x: str, at: str, width: int, heads: int, rows: int) -> str:
    dim = width // heads
    q, k, v = (reshape(g, g.linear(x, f"{at}.{part}", width, width, bias=True), 0, rows, heads, dim) for part in ("q_proj", "k_proj", "v_proj"))
    q, v = (g.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
    scores = g.op("MatMul", g.op("Mul", q, scalar(g, dim**-0.5)), g.op("Transpose", k, perm=[0, 2, 3, 1]))
    attended = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
    return g.linear(reshape(g, attended, 0, rows, width), f"{at}.out_proj", width, width, bias=True)


def shuffle(g: Graph, x: str, side: int, width: int, factor: int) -> str:
    """(images, side², width) → (images, (side / factor)², width · factor²), in Idefics3's order."""
    small = side // factor
    x = reshape(g, x, 0, side, small, width * factor)
    x = g.op("Transpose", x, perm=[0, 2, 1, 3])
    x = reshape(g, x, 0, small, small, width * factor * factor)
    x = g.op("Transpose", x, perm=[0, 2, 1, 3])
    return reshape(g, x, 0, small * small, width * factor * factor)


def gelu(g: Graph, x: str) -> str:
    """The tanh form: x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    cube = g.op("Mul", g.op("Mul", x, x), x)
    inner = g.op("Mul", g.op("Add", x, g.op("Mul", cube, scalar(g, 0.044715))), scalar(g, (2 / np.pi) ** 0.5))
    return g.op("Mul", g.op("Mul", x, scalar(g, 0.5)), g.op("Add", g.op("Tanh", inner), scalar(g, 1)))


def layer_norm(g: Graph, x: str, name: str, c: dict) -> str:
    weight = g.constant(f"{name}.weight", np.ones(c["hidden_size"], np.float32))
    bias = g.constant(f"{name}.bias", np.zeros(c["hidden_size"], np.float32))
    return g.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=c["layer_norm_eps"])


def reshape(g: Graph, x: str, *shape: int) -> str:
    return g.op("Reshape", x, g.constant(f"shape_{len(g.weights)}", np.array(shape, np.int64)))


def scalar(g: Graph, value: float) -> str:
    return g.constant(f"scalar_{len(g.weights)}", np.array(value, np.float32))
