"""What the tower is taught besides the language model's loss: labels under the patches, questions to the sixteen tokens.

    lessons = load_eyes(model)                                   puts vision.pt's tower and connector into `model`
    features, loss = lessons.see(model, (pixels, index, targets))   in joint training; targets: Pictures.targets(views)

Nothing of it is exported.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .images import COLOURS
from .model import Mini
from .probe import Probe, probe_loss
from .prompt import ROOT

RUN = ROOT / "training/runs/mini/vision.pt"
GROUND = 0.08  # weight of the dense losses on background patches, which are most of them
DENSE = 0.4


class DenseHeads(nn.Module):
    """Colour, part and category under each patch; 0 is background."""

    def __init__(self, width: int, parts: int, categories: int):
        super().__init__()
        self.colour, self.part, self.category = nn.Linear(width, len(COLOURS) + 1), nn.Linear(width, parts + 1), nn.Linear(width, categories + 1)

    def forward(self, patches: Tensor, targets: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        """patches: (I, 144, V); targets: three (I, 144). Loss, and accuracies on the patches of things."""
        total = patches.new_zeros((), dtype=torch.float32)
        accuracy = {}
        for (name, head), target in zip((("colour", self.colour), ("part", self.part), ("category", self.category)), targets):
            said = head(patches).float().flatten(0, 1)
            flat = target.flatten()
            weight = torch.where(flat > 0, 1.0, torch.where(flat == 0, GROUND, 0.0))
            total = total + (F.cross_entropy(said, flat, reduction="none", ignore_index=-100) * weight).sum() / weight.sum().clamp(min=1)
            on = flat > 0
            if on.any():
                accuracy[name] = float((said.argmax(-1) == flat)[on].float().mean())
        return total, accuracy


class Lessons(nn.Module):
    def __init__(self, v_width: int, width: int, parts: int, categories: int):
        super().__init__()
        self.shape = {"v_width": v_width, "width": width, "parts": parts, "categories": categories}
        self.heads = DenseHeads(v_width, parts, categories)
        self.probe = Probe(width, parts, categories)

    def forward(self, patches: Tensor, tokens: Tensor, targets: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float], tuple[Tensor, Tensor, Tensor]]:
        """(I, 144, V), (I, 16, D), Pictures.targets → loss, accuracies under the patches, what the probe said."""
        dense, accuracy = self.heads(patches, targets[:3])
        asked, said = probe_loss(self.probe, tokens, targets[3:])
        return DENSE * dense + asked, accuracy, said

    def see(self, model: Mini, photos: tuple[Tensor, list[int], tuple[Tensor, ...]]) -> tuple[Tensor, Tensor]:
        """(pixels (V, 3, 192, 192), number of each image's view, targets) → features (I, 16, D), loss. Under autocast."""
        pixels, index, targets = photos
        patches = model.model.vision_model(pixels)
        tokens = model.model.connector(patches)
        return tokens[index], self(patches, tokens, targets)[0]


@torch.no_grad()
def load_eyes(model: Mini, path: str | Path = RUN) -> Lessons:
    """Puts a pre-trained tower and connector into `model` and returns their lessons for joint training.

    The model's v_* fields must be those of the file (`vision_config(path)`). Another width than the file's is met by a fixed
    orthonormal matrix, which loses nothing when it is wider. The connector is scaled to the size of the word embeddings, so
    that the language model sees pictures as loud as words.
    """
    saved = torch.load(path, weights_only=False)
    parts, categories = (len(saved["names"][k]) for k in ("parts", "categories"))
    weight = saved["connector"]["modality_projection.proj.weight"]  # (D of the file, 9V)
    old, width = weight.shape[0], model.c.width
    lessons = Lessons(model.c.v_width, width, parts, categories)
    lessons.heads.load_state_dict(saved["heads"])
    probe = dict(saved["probe"])
    loudness = saved["token_rms"]
    if width != old:
        basis = torch.linalg.qr(torch.randn(max(width, old), min(width, old), generator=torch.Generator().manual_seed(7)))[0]
        basis = basis if width > old else basis.T  # (width, old)
        weight = basis @ weight
        probe["enter.weight"] = probe["enter.weight"] @ basis.T * math.sqrt(old / width)
        loudness = loudness * math.sqrt(old / width)
    lessons.probe.load_state_dict(probe)
    model.model.vision_model.load_state_dict(saved["tower"])
    words = model.model.text_model.embed_tokens.weight.pow(2).mean().sqrt()
    model.model.connector.modality_projection.proj.weight.copy_(weight * (words / loudness))
    return lessons


def vision_config(path: str | Path = RUN) -> dict[str, int | float]:
    """The v_* fields a model needs for `load_eyes`."""
    return {k: v for k, v in torch.load(path, weights_only=False)["config"].items() if k.startswith("v_")}
