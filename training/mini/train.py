"""Trains mini. A schedule in wall-clock minutes (a shared machine has no fixed speed), rows drawn by a process of their own.

Two ranks of one thread each train side by side and average their gradients: on two shared cores that is almost twice as fast
as one rank of two threads, which wait for each other at every product.

    python -m training.mini.train --name text --minutes 60
    python -m training.mini.train --name joint --resume training/runs/mini/text/last.pt --minutes 45 --photos 0.3 --vision training/runs/mini/vision.pt

Writes training/runs/mini/NAME/{last.pt,log.jsonl}. The curriculum rises by one level when the share of questions whose
whole answer is right (teacher-forced arg-max, which equals greedy decoding being exact) passes a mark.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch.distributed as dist

from . import prompt
from .feed import Feed
from .generator import LEVELS
from .guide import COPY, MATCH, SELECT, guide_loss
from .lessons import Lessons, load_eyes, vision_config
from .model import Mini, MiniConfig
from .optim import Muon, optimisers
from .packed import answer_loss, hidden

MARKS = [0.3, 0.33, 0.4]  # exact answers, of facts and of absent ones, before the next level starts: copying is secure by then
RUNS = prompt.ROOT / "training/runs/mini"


def save(path: Path, model: Mini, eyes: Lessons | None, opts, **state) -> None:
    temporary = path.with_suffix(".tmp")
    lessons = {"shape": eyes.shape, "state": eyes.state_dict()} if eyes else None
    torch.save({"config": model.c.dict(), "model": model.state_dict(), "lessons": lessons, "opts": [o.state_dict() for o in opts], **state}, temporary)
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
    a.add_argument("--batch", type=int, default=40, help="contexts a rank and step")
    a.add_argument("--level", type=int, default=0, help="the curriculum's first level")
    a.add_argument("--top-level", type=int, default=len(LEVELS) - 1)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--ranks", type=int, default=2)
    a.add_argument("--meet", help=argparse.SUPPRESS)  # the file where ranks find each other, with this rank's number
    a.add_argument("--decay-from", type=float, default=0.6, help="share of the time after which the rate falls linearly to 2 %%")
    return a.parse_args()


class Smooth(dict):
    """Running means by name."""

    def add(self, name: str, value: float, keep: float) -> None:
        self[name] = self[name] * keep + (1 - keep) * value if name in self else value


def join(args: argparse.Namespace) -> int:
    """Starts the other ranks, or is one. Returns this rank's number."""
    rank, where = (int(args.meet.split(":")[0]), args.meet.split(":")[1]) if args.meet else (0, tempfile.mktemp())
    if not args.meet:
        for other in range(1, args.ranks):
            subprocess.Popen([sys.executable, "-m", "training.mini.train", *sys.argv[1:], "--meet", f"{other}:{where}"])
    dist.init_process_group("gloo", init_method=f"file://{where}", rank=rank, world_size=args.ranks)
    return rank


def share(model: torch.nn.Module | list) -> None:
    """Averages gradients over the ranks; one that no rank has stays None."""
    params = [p for m in model for p in m.parameters()]
    flat = torch.cat([torch.zeros(p.numel()) if p.grad is None else p.grad.flatten() for p in params] + [torch.tensor([p.grad is not None for p in params]).float()])
    dist.all_reduce(flat)
    had, at = flat[-len(params) :], 0
    for p, n in zip(params, had.tolist()):
        p.grad = flat[at : at + p.numel()].view_as(p) / dist.get_world_size() if n else None
        at += p.numel()


def main() -> None:
    args = arguments()
    rank = join(args)
    torch.set_num_threads(1 if args.ranks > 1 else 2)
    torch.manual_seed(args.seed)
    out = RUNS / args.name
    out.mkdir(parents=True, exist_ok=True)
    start = torch.load(args.resume, weights_only=False) if args.resume else None
    model, eyes = build(start, args)
    opts = optimisers(model, args.lr)
    level, step, tokens = args.level, 0, 0
    if start:
        level, step, tokens = min(start["level"], args.top_level), start["step"], start["tokens"]
    if eyes:
        opts.append(torch.optim.Adam(eyes.parameters(), lr=args.lr))
    for o, s in zip(opts, start["opts"] if start and not args.vision else []):
        o.load_state_dict(s)
    feed = Feed(args.seed * 10_000 + 2 * step + 100_000 * rank, args.batch, args.photos)
    smooth = Smooth()
    log = (out / "log.jsonl").open("a")
    began = saved = printed = time.time()
    seen, first = tokens, step
    while True:
        agreed = torch.tensor([(time.time() - began) / 60 / args.minutes, level])
        dist.broadcast(agreed, 0)
        progress, level = agreed[0].item(), int(agreed[1])
        if progress >= 1:
            break
        rate = args.lr * min(1, (step + 1 - first) / (100 if first == 0 else 30)) * min(1, max(0.02, (1 - progress) / (1 - args.decay_from)))
        for o in opts:
            for g in o.param_groups:  # Adam's step on embeddings of size 0.04 must be the smaller one
                g["lr"] = rate if isinstance(o, Muon) else 0.4 * rate
        feed.level.value = level
        batch, photos = feed.next()
        watch = dict.fromkeys((MATCH, SELECT, COPY)) if step % 2 else None  # half of the steps: the guides cost a tenth
        with torch.autocast("cpu", dtype=torch.bfloat16):
            features, extra = eyes.see(model, photos) if photos else (None, 0.0)
            loss, hits = answer_loss(model, hidden(model, batch, features, watch), batch)
            guides = dict(zip(("match", "choose", "copy"), guide_loss(watch, batch))) if watch else {}
        (loss + args.guide * sum(guides.values()) + 0.2 * extra).backward()
        share([model, *([eyes] if eyes else [])])
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad(set_to_none=True)
        step, tokens = step + 1, tokens + args.ranks * batch.tokens
        for kind, right in [*hits, *(("all", r) for _, r in hits)]:
            smooth.add(kind, right, 0.998)
        for name, value in guides.items():
            smooth.add(name, value.item(), 0.97)
        smooth.add("loss", loss.item(), 0.97)
        if level < args.top_level and min(smooth.get(k, 0.0) for k in ("fact", "absent")) > MARKS[level]:
            level += 1
        now = time.time()
        if rank:
            continue
        if now - printed > 30:
            row = {"step": step, "min": round((now - began) / 60, 1), "tokens": tokens, "tok_s": round((tokens - seen) / (now - printed)), "level": level, "lr": round(rate, 5),
                   **{k: round(v, 3) for k, v in sorted(smooth.items())}}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(json.dumps(row), flush=True)
            printed, seen = now, tokens
        if now - saved > 120:
            save(out / "last.pt", model, eyes, opts, level=level, step=step, tokens=tokens)
            saved = now
    if not rank:
        save(out / "last.pt", model, eyes, opts, level=level, step=step, tokens=tokens)
    feed.stop()
    dist.destroy_process_group()


def build(start: dict | None, args: argparse.Namespace):
    """The model, taken up from a checkpoint where there is one, and the lessons of its eyes when it trains on photos.

    With --vision the tower and connector are the pre-trained ones, whatever their shape; the text half is taken over."""
    config = MiniConfig(**start["config"]) if start else MiniConfig()
    if args.vision:
        config = MiniConfig(**{**config.dict(), **vision_config(args.vision)})
    model = Mini(config)
    if start:
        kept = {k: v for k, v in start["model"].items() if not args.vision or "text_model" in k}
        model.load_state_dict(kept, strict=not args.vision)
    if not args.photos:
        return model, None
    eyes = load_eyes(model, args.vision) if args.vision else fresh_lessons(start, model)
    return model, eyes


def fresh_lessons(start: dict, model: Mini) -> Lessons:
    lessons = Lessons(**start["lessons"]["shape"])
    lessons.load_state_dict(start["lessons"]["state"])
    return lessons


if __name__ == "__main__":
    main()
