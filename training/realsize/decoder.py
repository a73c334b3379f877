"""The Llama decoder and its embeddings, with the fused operators that optimised exports have.

GroupQueryAttention joins past and present; RotaryEmbedding takes explicit positions; SimplifiedLayerNormalization is RMSNorm.
"""

from __future__ import annotations

import numpy as np
import onnx

from .graph import FLOAT, INT32, INT64, Graph

MS = "com.microsoft"


def embed_graph(config: dict, seed: int) -> onnx.ModelProto:
    text = config["text_config"]
    g = Graph(seed)
    ids = g.take("input_ids", INT64, "batch_size", "sequence_length")
    table = g.constant("embed_tokens.weight", g.random.standard_normal((text["vocab_size"], text["hidden_size"]), dtype=np.float32) * np.float32(0.04))
    g.op("Gather", table, ids, outputs=["inputs_embeds"])
    g.give("inputs_embeds", FLOAT, "batch_size", "sequence_length", text["hidden_size"])
    return g.model("embed_tokens")


def decoder_graph(config: dict, seed: int) -> onnx.ModelProto:
    c = config["text_config"]
    width, heads, kv_heads, dim = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
    g = Graph(seed)
    x = g.take("inputs_embeds", FLOAT, "batch_size", "sequence_length", width)
    mask = g.take("attention_mask", INT64, "batch_size", "total_sequence_length")
    positions = g.take("position_ids", INT64, "batch_size", "sequence_length")
    keep = g.take("num_logits_to_keep", INT64)
    cos, sin = rotary_tables(g, c)
    last_key = g.op("Cast", g.op("Sub", g.op("ReduceSum", mask, g.constant("axis_1", np.array([1], np.int64)), keepdims=0), g.constant("one", np.array(1, np.int64))), to=INT32)
    total = g.op("Cast", g.op("Gather", g.op("Shape", mask), g.constant("at_1", np.array(1, np.int64))), to=INT32)
    for i in range(c["num_hidden_layers"]):
        at = f"layers.{i}"
        h = norm(g, x, f"{at}.input_layernorm", c)
        q = rotate(g, g.linear(h, f"{at}.q_proj", width, heads * dim), positions, cos, sin, heads)
        k = rotate(g, g.linear(h, f"{at}.k_proj", width, kv_heads * dim), positions, cos, sin, kv_heads)
        v = g.linear(h, f"{at}.v_proj", width, kv_heads * dim)
        past = [g.take(f"past_key_values.{i}.{part}", FLOAT, "batch_size", kv_heads, "past_sequence_length", dim) for part in ("key", "value")]
        present = [f"present.{i}.key", f"present.{i}.value"]
        for name in present:
            g.give(name, FLOAT, "batch_size", kv_heads, "total_sequence_length", dim)
        attended = g.op("GroupQueryAttention", q, k, v, *past, last_key, total, outputs=[f"{at}.attention", *present], domain=MS, num_heads=heads, kv_num_heads=kv_heads, do_rotary=0)
        x = g.op("Add", x, g.linear(attended, f"{at}.o_proj", heads * dim, width))
        h = norm(g, x, f"{at}.post_attention_layernorm", c)
        gate = g.linear(h, f"{at}.gate_proj", width, c["intermediate_size"])
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), g.linear(h, f"{at}.up_proj", width, c["intermediate_size"]))
        x = g.op("Add", x, g.linear(gated, f"{at}.down_proj", c["intermediate_size"], width))
    x = norm(g, x, "norm", c)
    g.op("MatMul", last_rows(g, x, keep), g.normal("lm_head.weight", width, c["vocab_size"]), outputs=["logits"])
    g.give("logits", FLOAT, "batch_size", "kept_length", c["vocab_size"])
    # Outputs in the order of other exports: logits first.
    g.outputs.insert(0, g.outputs.pop())
    return g.model("decoder_model_merged")


def rotary_tables(g: Graph, c: dict) -> tuple[str, str]:
    """cos and sin, (positions, headDim / 2), computed in double as src/core/rope.ts does."""
    half = np.arange(0, c["head_dim"], 2) / c["head_dim"]
    angle = np.arange(c["max_position_embeddings"])[:, None] * c["rope_theta"] ** -half
    return g.constant("cos_cache", np.cos(angle).astype(np.float32)), g.constant("sin_cache", np.sin(angle).astype(np.float32))


def rotate(g: Graph, x: str, positions: str, cos: str, sin: str, heads: int) -> str:
    return g.op("RotaryEmbedding", x, positions, cos, sin, domain=MS, interleaved=0, num_heads=heads, rotary_embedding_dim=0)


def norm(g: Graph, x: str, name: str, c: dict) -> str:
    weight = g.constant(f"{name}.weight", np.ones(c["hidden_size"], np.float32))
    return g.op("SimplifiedLayerNormalization", x, weight, axis=-1, epsilon=c["rms_norm_eps"], stash_type=1)


def last_rows(g: Graph, x: str, keep: str) -> str:
    """x[:, -keep:], and all of x for keep = 0: slicing from −0 = 0 does that by itself."""
    start = g.op("Unsqueeze", g.op("Neg", keep), g.constant("axis_0", np.array([0], np.int64)))
    end = g.constant("to_end", np.array([np.iinfo(np.int64).max], np.int64))
    return g.op("Slice", x, start, end, "axis_1")
