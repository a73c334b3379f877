"""mini: an Idefics3-shaped VLM small enough to train on two cores; parameter names are those of transformers.

packed.py trains it, export.py writes it out.

Shapes: B batch, S tokens, D width, H heads, G kv heads, E head dim, I images, V vision width.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class MiniConfig:
    vocab: int = 5120
    width: int = 256
    layers: int = 8
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    hidden: int = 512
    theta: float = 10000.0
    eps: float = 1e-5
    max_positions: int = 4096
    image: int = 192
    patch: int = 16
    scale: int = 3
    v_width: int = 192
    v_layers: int = 5
    v_heads: int = 4
    v_hidden: int = 512
    v_eps: float = 1e-6

    def dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():  # opset 17 has no RMS norm
            return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Half-layout RoPE. x: (…, E); cos, sin broadcast to it."""
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Attention(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.c = c
        self.q_proj = nn.Linear(c.width, c.heads * c.head_dim, bias=False)
        self.k_proj = nn.Linear(c.width, c.kv_heads * c.head_dim, bias=False)
        self.v_proj = nn.Linear(c.width, c.kv_heads * c.head_dim, bias=False)
        self.o_proj = nn.Linear(c.heads * c.head_dim, c.width, bias=False)

    def q(self, x: Tensor) -> Tensor:  # (B, S, D) -> (B, H, S, E)
        return self.q_proj(x).unflatten(-1, (self.c.heads, self.c.head_dim)).transpose(1, 2)

    def kv(self, x: Tensor) -> tuple[Tensor, Tensor]:  # (B, S, D) -> 2 x (B, G, S, E), keys not rotated
        k = self.k_proj(x).unflatten(-1, (self.c.kv_heads, self.c.head_dim)).transpose(1, 2)
        v = self.v_proj(x).unflatten(-1, (self.c.kv_heads, self.c.head_dim)).transpose(1, 2)
        return k, v


class Mlp(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.gate_proj = nn.Linear(c.width, c.hidden, bias=False)
        self.up_proj = nn.Linear(c.width, c.hidden, bias=False)
        self.down_proj = nn.Linear(c.hidden, c.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.input_layernorm = RMSNorm(c.width, c.eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.width, c.eps)
        self.mlp = Mlp(c)

    def out(self, x: Tensor, heads: Tensor) -> Tensor:  # heads: (B, H, S, E)
        x = x + self.self_attn.o_proj(heads.transpose(1, 2).flatten(-2))
        return x + self.mlp(self.post_attention_layernorm(x))


class TextModel(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.c = c
        self.embed_tokens = nn.Embedding(c.vocab, c.width)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.width, c.eps)
        inv = 1.0 / (c.theta ** (torch.arange(0, c.head_dim, 2).float() / c.head_dim))
        angle = torch.arange(c.max_positions).float()[:, None] * inv[None]
        self.register_buffer("cos", torch.cat((angle, angle), -1).cos(), persistent=False)  # (positions, E)
        self.register_buffer("sin", torch.cat((angle, angle), -1).sin(), persistent=False)

    def rope(self, pos: Tensor) -> tuple[Tensor, Tensor]:  # pos: (B, S) -> (B, 1, S, E)
        return self.cos[pos].unsqueeze(1), self.sin[pos].unsqueeze(1)


class SiglipAttention(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.heads = c.v_heads
        self.q_proj, self.k_proj = nn.Linear(c.v_width, c.v_width), nn.Linear(c.v_width, c.v_width)
        self.v_proj, self.out_proj = nn.Linear(c.v_width, c.v_width), nn.Linear(c.v_width, c.v_width)

    def forward(self, x: Tensor) -> Tensor:  # (I, 144, V)
        q, k, v = (p(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        # Written out: the fused kernel's backward pass took 55 % of a training step here (bfloat16, one core, PyTorch 2.15).
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1)  # (I, heads, 144, 144)
        return self.out_proj((weights.to(v.dtype) @ v).transpose(1, 2).flatten(-2))


class SiglipMlp(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(c.v_width, c.v_hidden), nn.Linear(c.v_hidden, c.v_width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class SiglipLayer(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(c.v_width, c.v_eps), nn.LayerNorm(c.v_width, c.v_eps)
        self.self_attn, self.mlp = SiglipAttention(c), SiglipMlp(c)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class VisionEmbeddings(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.patch_embedding = nn.Conv2d(3, c.v_width, c.patch, c.patch)
        self.position_embedding = nn.Embedding((c.image // c.patch) ** 2, c.v_width)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.patch_embedding(pixels).flatten(2).transpose(1, 2) + self.position_embedding.weight


class VisionModel(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.embeddings = VisionEmbeddings(c)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(SiglipLayer(c) for _ in range(c.v_layers))
        self.post_layernorm = nn.LayerNorm(c.v_width, c.v_eps)

    def forward(self, pixels: Tensor) -> Tensor:  # (I, 3, 192, 192) in -1..1 -> (I, 144, V)
        x = self.embeddings(pixels)
        for layer in self.encoder.layers:
            x = layer(x)
        return self.post_layernorm(x)


class Connector(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.c = c
        self.modality_projection = nn.Module()
        self.modality_projection.proj = nn.Linear(c.v_width * c.scale**2, c.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Pixel shuffle as in Idefics3: (I, 144, V) -> (I, 16, 9V) -> (I, 16, D)."""
        side, s = self.c.image // self.c.patch, self.c.scale
        x = x.unflatten(1, (side, side // s, s)).flatten(-2)  # (I, row, col/3, 3V)
        x = x.permute(0, 2, 1, 3).unflatten(2, (side // s, s)).flatten(-2)  # (I, col/3, row/3, 9V)
        x = x.permute(0, 2, 1, 3).flatten(1, 2)
        return self.modality_projection.proj(x)


class Inner(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.vision_model, self.connector, self.text_model = VisionModel(c), Connector(c), TextModel(c)


class Mini(nn.Module):
    def __init__(self, c: MiniConfig):
        super().__init__()
        self.c = c
        self.model = Inner(c)
        self.apply(self._init)
        for layer in self.model.text_model.layers:  # residual branches start small
            for w in (layer.self_attn.o_proj.weight, layer.mlp.down_proj.weight):
                nn.init.normal_(w, std=0.5 / math.sqrt(w.shape[1] * c.layers))

    @staticmethod
    def _init(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, std=1 / math.sqrt(m.weight.shape[1]))
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.04)

    def image_features(self, pixels: Tensor) -> Tensor:  # (I, 3, 192, 192) -> (I, 16, D)
        return self.model.connector(self.model.vision_model(pixels))

    def embed(self, ids: Tensor, features: Tensor | None = None, image_token: int = 6) -> Tensor:
        """Token embeddings, with `features` (I, 16, D) at the image tokens in reading order."""
        x = self.model.text_model.embed_tokens(ids)
        if features is not None and features.shape[0]:
            x = x.masked_scatter((ids == image_token).unsqueeze(-1), features.to(x.dtype))
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.model.text_model.embed_tokens.weight.T
