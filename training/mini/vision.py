"""Pre-trains the vision tower on what every patch shows (colour, part, kind): dense labels the renderer knows exactly.

    python -m training.mini.vision --minutes 8      writes training/runs/mini/vision.pt

A language model's loss reaches the tower through sixteen tokens and a few answer words; these labels reach it through 144
patches, so it sees colours within minutes. The heads stay in joint training as a small extra loss and are not exported.
"""

from __future__ import annotations

import argparse
import random
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .images import COLOURS, RenderedImages, View
from .model import Mini, MiniConfig
from .optim import optimisers
from .train import RUNS


class DenseHeads(nn.Module):
    def __init__(self, width: int, parts: int, kinds: int):
        super().__init__()
        self.colour, self.part, self.kind = nn.Linear(width, len(COLOURS) + 1), nn.Linear(width, parts + 1), nn.Linear(width, kinds)

    def forward(self, patches: Tensor, targets: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, dict[str, float]]:
        """patches: (I, 144, V). Loss and accuracies (colour and part on the object's patches only)."""
        colour, part, kind = targets
        c, p, k = self.colour(patches), self.part(patches), self.kind(patches.mean(1))
        loss = F.cross_entropy(c.flatten(0, 1), colour.flatten()) + 0.5 * F.cross_entropy(p.flatten(0, 1), part.flatten()) + 0.5 * F.cross_entropy(k, kind)
        on = colour > 0
        return loss, {"colour": float((c.argmax(-1) == colour)[on].float().mean()), "part": float((p.argmax(-1) == part)[on].float().mean()), "kind": float((k.argmax(-1) == kind).float().mean())}


def draw(images: RenderedImages, rng: random.Random, count: int) -> list[View]:
    return [images.view(rng, images.draw(rng)) for _ in range(count)]


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=8)
    a.add_argument("--batch", type=int, default=32)
    a.add_argument("--lr", type=float, default=3e-3)
    args = a.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(3)
    rng = random.Random(3)
    images, val = RenderedImages("train"), RenderedImages("val")
    model = Mini(MiniConfig())
    heads = DenseHeads(model.c.v_width, len(images.names), len(images.kinds))
    tower = model.model.vision_model
    box = nn.ModuleList([tower, heads])
    opts = optimisers(box, args.lr)
    began = told = time.time()
    step = 0
    print(len(images.scenes), "train objects", len(val.scenes), "held-out objects", flush=True)
    while (progress := (time.time() - began) / 60 / args.minutes) < 1:
        for o in opts:
            for g in o.param_groups:
                g["lr"] = args.lr * min(1, (step + 1) / 30) * min(1, max(0.05, (1 - progress) / 0.5))
        views = draw(images, rng, args.batch)
        loss, acc = heads(tower(images.pixels(views)), images.patch_targets(views))
        loss.backward()
        nn.utils.clip_grad_norm_(box.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad(set_to_none=True)
        step += 1
        if time.time() - told > 30:
            print(step, round(loss.item(), 3), {k: round(v, 3) for k, v in acc.items()}, flush=True)
            told = time.time()
    with torch.no_grad():
        views = draw(val, random.Random(5), 96)
        print("held-out objects", heads(tower(val.pixels(views)), val.patch_targets(views))[1], "steps", step)
    torch.save({"tower": tower.state_dict(), "heads": heads.state_dict()}, RUNS / "vision.pt")


if __name__ == "__main__":
    main()
