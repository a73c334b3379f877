"""Pre-trains the vision tower and its connector on all pictures: dense labels, questions to the sixteen tokens, a teacher.

    python -m training.mini.vision --minutes 40 [--threads 1] [--resume] [--evaluate]     writes training/runs/mini/vision.pt

A language model's loss reaches the tower through sixteen tokens and a few answer words; these labels reach it through 144
patches and through a probe that asks the tokens what a person would ask ([Note: Probe] in probe.py). The dense heads stay in
joint training as a small extra loss; no head is exported. The schedule follows the clock, and the checkpoint can be taken up.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .lessons import RUN, Lessons
from .model import Mini, MiniConfig
from .optim import optimisers
from .pictures import Pictures
from .probe import ask, marks
from .teacher import AXES, Teacher



class Eyes(nn.Module):
    """What pre-training trains: tower, connector and the heads that are thrown away."""

    def __init__(self, config: MiniConfig, parts: int, categories: int):
        super().__init__()
        model = Mini(config)
        self.tower, self.connector = model.model.vision_model, model.model.connector
        self.lessons = Lessons(config.v_width, config.width, parts, categories)
        self.taught = nn.Linear(config.width, AXES)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:  # (I, 3, 192, 192) -> (I, 144, V), (I, 16, D)
        patches = self.tower(pixels)
        return patches, self.connector(patches)


def draw(pictures: Pictures, rng: random.Random, count: int) -> list:
    makers = rng.choices((pictures.thing, pictures.photo, pictures.crowd), (40, 24, 36), k=count)
    return [make(rng) for make in makers]


def loss_of(eyes: Eyes, pictures: Pictures, teacher: Teacher | None, rng: random.Random, views: list) -> tuple[Tensor, dict[str, list[float]]]:
    questions = ask(rng, [pictures.shown(v) for v in views], pictures.parts, pictures.categories)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        patches, tokens = eyes(pictures.pixels(views))
        loss, accuracy, said = eyes.lessons(patches, tokens, (*pictures.patch_targets(views), *questions.tensors()))
        seen = marks(questions, said) | {f"patch {k}": [v] for k, v in accuracy.items()}
        if teacher:
            known, features = teacher.features(views)
            if known:
                like = eyes.taught(F.rms_norm(tokens[known], tokens.shape[-1:])).float()
                near = F.cosine_similarity(like, features, dim=-1).mean() + F.cosine_similarity(like.mean(1), features.mean(1), dim=-1).mean()
                seen["teacher cosine"] = [near.item() / 2]
                loss = loss + (2 - near)
    return loss, seen


@torch.no_grad()
def evaluate(eyes: Eyes, val: Pictures, photos: int = 600) -> dict[str, tuple[float, int]]:
    """Held-out things, composites, scenes and photos, each picture once, as it is: what the heads and the probe get right."""
    eyes.eval()
    rng = random.Random(5)
    views: list = [val.rendered.view(rng, row) for row in val.rendered.rows[:: max(1, len(val.rendered.rows) // photos)]]
    views += [val.real.view(rng, row) for row in val.real.named] + [val.crowd(rng) for _ in range(photos // 2)]
    seen = defaultdict(list)
    for at in range(0, len(views), 32):
        for k, v in loss_of(eyes, val, None, rng, views[at : at + 32])[1].items():
            seen[k] += v
    eyes.train()
    return {k: (round(sum(v) / len(v), 3), len(v)) for k, v in sorted(seen.items())}


def pieces(eyes: Eyes) -> dict[str, nn.Module]:
    return {"tower": eyes.tower, "connector": eyes.connector, "heads": eyes.lessons.heads, "probe": eyes.lessons.probe, "taught": eyes.taught}


def save(path: Path, eyes: Eyes, config: MiniConfig, pictures: Pictures, opts: list, **state) -> None:
    names = {"parts": pictures.parts, "categories": pictures.categories}
    temporary = path.with_suffix(".tmp")
    torch.save({"config": config.dict(), "names": names, **{k: m.state_dict() for k, m in pieces(eyes).items()}, "opts": [o.state_dict() for o in opts], **state}, temporary)
    temporary.replace(path)


def arguments() -> argparse.Namespace:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=40)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--lr", type=float, default=3e-3)
    a.add_argument("--width", type=int, default=MiniConfig.width, help="of the connector's output")
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--seed", type=int, default=3)
    a.add_argument("--decay-from", type=float, default=0.4, help="share of the time after which the rate falls; 1 keeps it")
    a.add_argument("--out", type=Path, default=RUN)
    a.add_argument("--resume", action="store_true", help="go on from the file that is there, with a new schedule")
    a.add_argument("--evaluate", action="store_true", help="only print the held-out figures of the file")
    return a.parse_args()


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    saved = torch.load(args.out, weights_only=False) if args.resume or args.evaluate else None
    config = MiniConfig(**saved["config"]) if saved else MiniConfig(width=args.width)
    val = Pictures("val")
    eyes = Eyes(config, len(val.parts), len(val.categories))
    for k, module in pieces(eyes).items() if saved else ():
        module.load_state_dict(saved[k])
    if not args.evaluate:
        train(args, eyes, config, saved)
    print(json.dumps(evaluate(eyes, val), indent=1))


def train(args: argparse.Namespace, eyes: Eyes, config: MiniConfig, saved: dict | None) -> None:
    pictures, teacher = Pictures("train"), Teacher()
    opts = optimisers(eyes, args.lr)
    for o, s in zip(opts, saved["opts"] if saved else []):
        o.load_state_dict(s)
    step, images = (saved["step"], saved["images"]) if saved else (0, 0)
    first, rng = step, random.Random(args.seed * 1_000_003 + step)
    print(len(pictures.rendered.scenes), "things,", len(pictures.real.named), "photos,", len(pictures.scenes.rows) if pictures.scenes else 0, "scenes;", sum(p.numel() for p in eyes.tower.parameters()), "parameters in the tower", flush=True)
    smooth: dict[str, float] = {}
    log = args.out.with_suffix(".jsonl").open("a")
    began = told = stored = time.time()
    while (progress := (time.time() - began) / 60 / args.minutes) < 1:
        falling = (1 - progress) / (1 - args.decay_from) if args.decay_from < 1 else 1.0
        for o in opts:
            for g in o.param_groups:
                g["lr"] = args.lr * min(1, (step + 1 - first) / 40) * min(1, max(0.02, falling))
        loss, seen = loss_of(eyes, pictures, teacher, rng, draw(pictures, rng, args.batch))
        loss.backward()
        nn.utils.clip_grad_norm_(eyes.parameters(), 1.0)
        with torch.autocast("cpu", dtype=torch.bfloat16):  # Muon's products
            for o in opts:
                o.step()
                o.zero_grad(set_to_none=True)
        step, images = step + 1, images + args.batch
        for k, v in {"loss": [loss.item()], **seen}.items():
            smooth[k] = 0.95 * smooth.get(k, sum(v) / len(v)) + 0.05 * sum(v) / len(v)
        now = time.time()
        if now - told > 60:
            row = json.dumps({"step": step, "minutes": round((now - began) / 60, 1), "images": images, **{k: round(v, 3) for k, v in sorted(smooth.items())}})
            log.write(row + "\n")
            log.flush()
            print(row, flush=True)
            told = now
        if now - stored > 120:
            save(args.out, eyes, config, pictures, opts, step=step, images=images, token_rms=loudness(eyes, pictures, rng))
            stored = now
    save(args.out, eyes, config, pictures, opts, step=step, images=images, token_rms=loudness(eyes, pictures, rng))


@torch.no_grad()
def loudness(eyes: Eyes, pictures: Pictures, rng: random.Random) -> float:
    """Root mean square of the connector's output, by which `load_eyes` scales it."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return eyes(pictures.pixels(draw(pictures, rng, 16)))[1].float().pow(2).mean().sqrt().item()


if __name__ == "__main__":
    main()
