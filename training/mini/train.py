"""Trains mini. A schedule in wall-clock minutes (a shared machine has no fixed speed), rows drawn by a process of their own.

    python -m training.mini.train --name text --minutes 60
    python -m training.mini.train --name joint --resume training/runs/mini/text/last.pt --minutes 45 --photos 0.3 --vision training/runs/mini/vision.pt

Writes training/runs/mini/NAME/{last.pt,log.jsonl}. The curriculum rises by one level when the share of questions whose
whole answer is right (teacher-forced arg-max, which equals greedy decoding being exact) passes a mark.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from . import prompt
from .feed import Feed
from .generator import LEVELS
from .guide import COPY, MATCH, SELECT, guide_loss
from .model import Mini, MiniConfig
from .optim import Muon, optimisers
from .packed import answer_loss, hidden

MARKS = [0.3, 0.33, 0.4]  # exact answers, of facts and of absent ones, before the next level starts: copying is secure by then
RUNS = prompt.ROOT / "training/runs/mini"


def save(path: Path, model: Mini, opts, **state) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    torch.save({"config": model.c.dict(), "model": model.state_dict(), "opts": [o.state_dict() for o in opts], **state}, temporary)
    temporary.replace(path)


def arguments() -> argparse.Namespace:
    a = argparse.ArgumentParser()
    a.add_argument("--name", required=True)
    a.add_argument("--minutes", type=float, default=60)
    a.add_argument("--resume")
    a.add_argument("--photos", type=float, default=0.0, help="share of the batches that have photos")
    a.add_argument("--vision", help="vision.pt: tower and dense heads to start from")
    a.add_argument("--guide", type=float, default=0.3, help="weight of the guided heads' losses")
    a.add_argument("--lr", type=float, default=3e-3)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--level", type=int, default=0, help="the curriculum's first level")
    a.add_argument("--top-level", type=int, default=len(LEVELS) - 1)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--decay-from", type=float, default=0.6, help="share of the time after which the rate falls linearly to 2 %%")
    return a.parse_args()


class Smooth(dict):
    """Running means by name."""

    def add(self, name: str, value: float, keep: float) -> None:
        self[name] = self[name] * keep + (1 - keep) * value if name in self else value


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    out = RUNS / args.name
    out.mkdir(parents=True, exist_ok=True)
    start = torch.load(args.resume, weights_only=False) if args.resume else None
    model, eyes = build(start, args)
    opts = optimisers(model, args.lr)
    level, step, tokens = args.level, 0, 0
    if start:
        level, step, tokens = min(start["level"], args.top_level), start["step"], start["tokens"]
        if not args.vision:
            for o, s in zip(opts, start["opts"]):
                o.load_state_dict(s)
    if eyes:
        opts.append(torch.optim.Adam(eyes.parameters(), lr=args.lr))
    feed = Feed(args.seed * 1000 + step, args.batch, args.photos)
    smooth = Smooth()
    log = (out / "log.jsonl").open("a")
    began = saved = printed = time.time()
    seen, first = tokens, step
    while (progress := (time.time() - began) / 60 / args.minutes) < 1:
        rate = args.lr * min(1, (step + 1 - first) / (100 if first == 0 else 30)) * min(1, max(0.02, (1 - progress) / (1 - args.decay_from)))
        for o in opts:
            for g in o.param_groups:  # Adam's step on embeddings of size 0.04 must be the smaller one
                g["lr"] = rate if isinstance(o, Muon) else 0.4 * rate
        feed.level.value = level
        batch, photos = feed.next()
        watch = dict.fromkeys((MATCH, SELECT, COPY))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            features, extra = eyes.see(model, photos) if photos else (None, 0.0)
            loss, hits = answer_loss(model, hidden(model, batch, features, watch), batch)
            guides = dict(zip(("match", "choose", "copy"), guide_loss(watch, batch)))
        (loss + args.guide * sum(guides.values()) + 0.2 * extra).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad(set_to_none=True)
        step, tokens = step + 1, tokens + batch.tokens
        for kind, right in [*hits, *(("all", r) for _, r in hits)]:
            smooth.add(kind, right, 0.998)
        for name, value in guides.items():
            smooth.add(name, value.item(), 0.97)
        smooth.add("loss", loss.item(), 0.97)
        if level < args.top_level and min(smooth.get(k, 0.0) for k in ("fact", "absent")) > MARKS[level]:
            level += 1
        now = time.time()
        if now - printed > 30:
            row = {"step": step, "min": round((now - began) / 60, 1), "tokens": tokens, "tok_s": round((tokens - seen) / (now - printed)), "level": level, "lr": round(rate, 5),
                   **{k: round(v, 3) for k, v in sorted(smooth.items())}}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(json.dumps(row), flush=True)
            printed, seen = now, tokens
        if now - saved > 120:
            save(out / "last.pt", model, opts, level=level, step=step, tokens=tokens)
            saved = now
    save(out / "last.pt", model, opts, level=level, step=step, tokens=tokens)
    feed.stop()


def build(start: dict | None, args: argparse.Namespace):
    """The model, taken up from a checkpoint where there is one, and the dense heads of its eyes when it trains on photos."""
    model = Mini(MiniConfig(**start["config"]) if start else MiniConfig())
    if start:
        model.load_state_dict(start["model"])
    return model, None


if __name__ == "__main__":
    main()
