"""Exports a checkpoint to the file contract that transformers.js loads with its stock Idefics3 classes.

    python -m training.mini.export --checkpoint training/runs/mini/joint/last.pt [--out public/models/mini]

[Note: Eight-bit weights] A weight matrix is rounded to 255 steps an output channel, the step a power of two, so that the same
numbers are exact in the float16 safetensors, in PyTorch and in ONNX. The ONNX files store the int8 steps and the step sizes, joined
by Cast and Mul, which ONNX Runtime folds when it loads: a quarter of the bytes, every operator in float32 on WASM and WebGPU alike.
`--float` keeps float16 instead (Cast alone), to measure what rounding costs.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import Tensor, nn

from .files import write_configs
from .model import Mini, MiniConfig, rotate
from .prompt import ROOT

OPSET = 17


class EmbedTokens(nn.Module):
    def __init__(self, model: Mini):
        super().__init__()
        self.table = model.model.text_model.embed_tokens

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.table(input_ids)


class VisionEncoder(nn.Module):
    def __init__(self, model: Mini):
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor, pixel_attention_mask: Tensor) -> Tensor:
        """pixel_values: (batch, images, 3, 192, 192); the mask (batch, images, 192, 192) is all ones by contract and
        only kept as an input because the stock processor sends it."""
        keep = pixel_attention_mask.to(pixel_values.dtype).flatten(0, 1).amax((1, 2))
        return self.model.image_features(pixel_values.flatten(0, 1)) * keep[:, None, None]


class Decoder(nn.Module):
    """One step over a cache: the plain Llama of the checkpoint with explicit positions and a growing cache."""

    def __init__(self, model: Mini):
        super().__init__()
        self.text, self.c = model.model.text_model, model.c
        half = torch.arange(0, self.c.head_dim, 2).float() / self.c.head_dim
        inverse = 1.0 / (self.c.theta**half)
        self.register_buffer("inverse", torch.cat((inverse, inverse)))  # (E,)

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor, position_ids: Tensor, *past: Tensor):
        c = self.c
        x = inputs_embeds  # (B, S, D)
        seq = x.shape[1]
        angle = position_ids.unsqueeze(-1).to(x.dtype) * self.inverse  # (B, S, E)
        cos, sin = angle.cos().unsqueeze(1), angle.sin().unsqueeze(1)
        total = attention_mask.shape[1]
        # Causal by index in the cache, holes by the mask; multiplied in, because torch.where with floats exports doubles.
        keys_at = torch.arange(total, device=x.device).unsqueeze(0)
        rows_at = torch.arange(seq, device=x.device).unsqueeze(1) + (total - seq)
        allowed = (keys_at <= rows_at).to(x.dtype).unsqueeze(0) * attention_mask.to(x.dtype).unsqueeze(1)  # (B, S, total)
        bias = ((allowed - 1.0) * 1e9).unsqueeze(1)
        present = []
        for i, layer in enumerate(self.text.layers):
            a = layer.self_attn
            h = layer.input_layernorm(x)
            k, v = a.kv(h)
            k = torch.cat((past[2 * i], rotate(k, cos, sin)), 2)  # (B, G, total, E)
            v = torch.cat((past[2 * i + 1], v), 2)
            present += [k, v]
            q = rotate(a.q(h), cos, sin) * (c.head_dim**-0.5)
            q = q.unflatten(1, (c.kv_heads, c.heads // c.kv_heads))  # (B, G, g, S, E)
            scores = q @ k.unsqueeze(2).transpose(-1, -2) + bias.unsqueeze(1)
            out = (torch.softmax(scores, -1) @ v.unsqueeze(2)).flatten(1, 2)  # (B, H, S, E)
            x = layer.out(x, out)
        return (F.linear(self.text.norm(x), self.text.embed_tokens.weight), *present)


def steps(weight: Tensor) -> Tensor:
    """The step of each output channel, (out, 1, …): the power of two that lets 127 of them reach the largest weight."""
    top = weight.flatten(1).abs().amax(1).clamp(min=1e-12)
    return torch.exp2(torch.ceil(torch.log2(top / 127))).view(-1, *[1] * (weight.ndim - 1))


def rounded(name: str, weight: Tensor, whole: bool) -> Tensor:
    """See [Note: Eight-bit weights]; vectors and, with `whole`, all weights are rounded to float16 only."""
    if whole or weight.ndim < 2:
        return weight.half().float()
    step = steps(weight)
    return (weight / step).round().clamp(-127, 127) * step


def load(path: str | Path, whole: bool = False) -> Mini:
    state = torch.load(path, weights_only=False)
    model = Mini(MiniConfig(**state["config"]))
    model.load_state_dict({k: rounded(k, v.float(), whole) for k, v in state["model"].items()})
    return model.eval()


def shrink(path: Path, whole: bool) -> None:
    """Rewrites a file's float32 initializers as [Note: Eight-bit weights] says."""
    m = onnx.load(str(path))
    graph = m.graph
    # Output channels run along the last axis where a weight is the right side of a product, else along the first.
    right = {n.input[1] for n in graph.node if n.op_type == "MatMul"} | {n.input[1] for n in graph.node if n.op_type == "Gemm" and not any(a.name == "transB" and a.i for a in n.attribute)}
    made = []
    for tensor in list(graph.initializer):
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < 64:
            continue
        name, value = tensor.name, numpy_helper.to_array(tensor)
        graph.initializer.remove(tensor)
        if whole or value.ndim < 2:
            graph.initializer.append(numpy_helper.from_array(value.astype(np.float16), name + "_half"))
            made.append(onnx.helper.make_node("Cast", [name + "_half"], [name], name=name + "_cast", to=onnx.TensorProto.FLOAT))
            continue
        axis = value.ndim - 1 if name in right else 0
        turned = np.moveaxis(value, axis, 0)
        step = steps(torch.from_numpy(np.ascontiguousarray(turned))).numpy()
        count = np.rint(turned / step)
        if np.abs(count * step - turned).max() > 0:
            raise ValueError(f"{path.name}: {name} was not rounded before")
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(np.moveaxis(count, 0, axis)).astype(np.int8), name + "_int8"))
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(np.moveaxis(step, 0, axis)).astype(np.float32), name + "_step"))
        made += [onnx.helper.make_node("Cast", [name + "_int8"], [name + "_wide"], name=name + "_cast", to=onnx.TensorProto.FLOAT),
                 onnx.helper.make_node("Mul", [name + "_wide", name + "_step"], [name], name=name + "_scale")]
    for node in reversed(made):
        graph.node.insert(0, node)
    onnx.checker.check_model(m)
    onnx.save(m, str(path))


def export_onnx(model: Mini, out: Path, whole: bool) -> None:
    c = model.c
    out.mkdir(parents=True, exist_ok=True)
    common = {"opset_version": OPSET, "dynamo": False, "do_constant_folding": True}
    with torch.no_grad():
        torch.onnx.export(EmbedTokens(model), (torch.zeros(1, 4, dtype=torch.long),), str(out / "embed_tokens.onnx"), input_names=["input_ids"], output_names=["inputs_embeds"],
                          dynamic_axes={"input_ids": {0: "batch_size", 1: "sequence_length"}, "inputs_embeds": {0: "batch_size", 1: "sequence_length"}}, **common)
        pixels, mask = torch.randn(1, 2, 3, c.image, c.image), torch.ones(1, 2, c.image, c.image, dtype=torch.bool)
        torch.onnx.export(VisionEncoder(model), (pixels, mask), str(out / "vision_encoder.onnx"), input_names=["pixel_values", "pixel_attention_mask"], output_names=["image_features"],
                          dynamic_axes={"pixel_values": {0: "batch_size", 1: "num_images"}, "pixel_attention_mask": {0: "batch_size", 1: "num_images"}, "image_features": {0: "num_features"}}, **common)
        past = [torch.randn(1, c.kv_heads, 5, c.head_dim) for _ in range(2 * c.layers)]
        names = [f"past_key_values.{i}.{kv}" for i in range(c.layers) for kv in ("key", "value")]
        presents = [n.replace("past_key_values", "present") for n in names]
        axes = {"inputs_embeds": {0: "batch_size", 1: "sequence_length"}, "attention_mask": {0: "batch_size", 1: "total_sequence_length"}, "position_ids": {0: "batch_size", 1: "sequence_length"},
                "logits": {0: "batch_size", 1: "sequence_length"}, **{n: {0: "batch_size", 2: "past_sequence_length"} for n in names}, **{n: {0: "batch_size", 2: "total_sequence_length"} for n in presents}}
        example = (torch.randn(1, 3, c.width), torch.ones(1, 8, dtype=torch.long), torch.arange(5, 8)[None], *past)
        torch.onnx.export(Decoder(model), example, str(out / "decoder_model_merged.onnx"), input_names=["inputs_embeds", "attention_mask", "position_ids", *names], output_names=["logits", *presents], dynamic_axes=axes, **common)
    for path in out.glob("*.onnx"):
        shrink(path, whole)


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--out", default=str(ROOT / "public/models/mini"))
    a.add_argument("--float", action="store_true", help="float16 weights, to measure what eight bits cost")
    args = a.parse_args()
    out = Path(args.out)
    temporary = out.with_name(out.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    model = load(args.checkpoint, args.float)
    export_onnx(model, temporary / "onnx", args.float)
    write_configs(model.c, temporary)
    weights = {k: v.half().contiguous() for k, v in model.state_dict().items()}
    save_file(weights, str(temporary / "model.safetensors"), metadata={"format": "pt"})
    (temporary / "model.safetensors").chmod(0o644)
    card = out / "README.md"
    if card.exists():
        shutil.copy(card, temporary / "README.md")
    old = out.with_name(out.name + ".old")
    if out.exists():
        out.rename(old)
    temporary.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(json.dumps({str(f.relative_to(out)): f.stat().st_size for f in sorted(out.rglob("*")) if f.is_file()}, indent=1), total)


if __name__ == "__main__":
    main()
