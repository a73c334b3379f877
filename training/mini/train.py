"""Trains mini. One process, two threads, a schedule in wall-clock minutes (a shared machine has no fixed speed).

    python -m training.mini.train --name text --minutes 60
    python -m training.mini.train --name joint --resume training/runs/mini/text/last.pt --minutes 25 --photos 0.4 --vision training/runs/mini/vision.pt

Writes training/runs/mini/NAME/{last.pt,log.jsonl}. The curriculum rises by one level when the share of questions whose
whole answer is right (teacher-forced arg-max, which equals greedy decoding being exact) passes a mark.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from . import prompt, tokenizer
from .batch import Batch, Packer
from .generator import LEVELS, Context, Generator
from .guide import COPY, MATCH, SELECT, guide_loss
from .model import Mini, MiniConfig
from .optim import Muon, optimisers

MARKS = [0.3, 0.33, 0.4]  # exact answers, of facts and of absent ones, before the next level starts: copying is secure by then
RUNS = prompt.ROOT / "training/runs/mini"


def see(model: Mini, b: Batch, images, heads) -> tuple[torch.Tensor | None, torch.Tensor, dict[str, float]]:
    """Features of a batch's photos, (I, 16, D) in reading order, with the dense labels' loss. Each photo is encoded once."""
    if not b.images:
        return None, torch.zeros(()), {}
    views = list(dict.fromkeys(b.images))
    patches = model.model.vision_model(images.pixels(views))
    extra, accuracy = heads(patches, images.patch_targets(views)) if heads else (torch.zeros(()), {})
    at = {v: i for i, v in enumerate(views)}
    return model.model.connector(patches)[[at[v] for v in b.images]], extra, accuracy


def hidden(model: Mini, b: Batch, features: torch.Tensor | None, watch: dict | None = None) -> torch.Tensor:
    """(R, D): the real turn rows through the linked-block path. features: (I, 16, D), memory images first."""
    split = (None, None) if features is None else (features[: b.mem_images], features[b.mem_images :])
    rows = model.memory(model.embed(b.prefix), model.embed(b.mem, split[0]), b.canonical, b.mask)
    return model.turns(model.embed(b.turn[b.pad], split[1]), b.pos, b.pad, rows, b.linked, b.mem_pad, watch)


def loss_and_hits(model: Mini, b: Batch, features: torch.Tensor | None) -> tuple[torch.Tensor, tuple[torch.Tensor, ...], list[tuple[str, bool]]]:
    chosen = b.target >= 0
    watch = dict.fromkeys((MATCH, SELECT, COPY))
    logits = model.logits(hidden(model, b, features, watch)[chosen[b.pad]])
    # The first words of an answer decide between facts and "I don't know"; the rest is copying, and by far the most tokens.
    weight = torch.where(chosen.cumsum(-1)[chosen] <= 3, 3.0, 1.0)
    loss = (F.cross_entropy(logits, b.target[chosen], reduction="none") * weight).sum() / weight.sum()
    wrong = torch.zeros(chosen.shape, dtype=torch.bool)
    wrong[chosen] = logits.argmax(-1) != b.target[chosen]
    bad = wrong.any(-1)  # (B, N)
    hits = [(kind, not bool(bad[i, j])) for i, kinds in enumerate(b.kinds) for j, kind in enumerate(kinds)]
    return loss, guide_loss(watch, b), hits


class Source:
    """Batches of contexts of like size, so that little is padding."""

    def __init__(self, seed: int, tok, size: int, images=None):
        self.rng = random.Random(seed)
        self.generator = Generator(seed, images=images)
        self.packer = Packer(tok, self.rng)
        self.tok, self.size, self.ready = tok, size, []

    def _fit(self, c: Context, cap: int, turns: int) -> Context:
        kept = [t for t in c.turns if len(t.text.replace(prompt.IMAGE, "")) + len(t.answer) <= cap][:turns]
        return Context(c.blocks, kept or c.turns[:turns])

    def photos(self, level: int) -> Batch:
        drawn = [self.generator.photo_context(LEVELS[max(0, level - 1)]) for _ in range(self.size * 2 // 3)]
        return self.packer.pack([c for c in drawn if c.turns])

    def next(self, level: int) -> Batch:
        if not self.ready:
            pool = []
            cap = 118 if self.rng.random() < 0.85 else 260  # characters of a turn: most batches leave the few long turns out
            for _ in range(self.size * 6):
                drawn = level if self.rng.random() < 0.8 else self.rng.randint(0, level)
                spec = LEVELS[drawn]
                c = self._fit(self.generator.context(spec, extra=1.4), cap, spec.turns)
                if c.turns:
                    pool.append(c)
            pool.sort(key=lambda c: sum(len(s.text) for s in c.blocks))
            self.ready = [pool[i : i + self.size] for i in range(0, len(pool) - self.size + 1, self.size)]
            self.rng.shuffle(self.ready)
        return self.packer.pack(self.ready.pop())


def save(path: Path, model: Mini, opts, **state) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    torch.save({"config": model.c.dict(), "model": model.state_dict(), "opts": [o.state_dict() for o in opts], **state}, temporary)
    temporary.replace(path)


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--name", required=True)
    a.add_argument("--minutes", type=float, default=60)
    a.add_argument("--resume")
    a.add_argument("--photos", type=float, default=0.0, help="share of the batches that have photos")
    a.add_argument("--vision", help="vision.pt: tower and dense heads to start from")
    a.add_argument("--heads", help="vision.pt: the dense heads alone, when a joint run is taken up again")
    a.add_argument("--guide", type=float, default=0.3, help="weight of the guided heads' losses")
    a.add_argument("--lr", type=float, default=3e-3)
    a.add_argument("--batch", type=int, default=16)
    a.add_argument("--top-level", type=int, default=len(MARKS), help="highest level of the curriculum; a lower one is nearer to what run time links")
    a.add_argument("--layers", type=int, default=5)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--decay-from", type=float, default=0.6, help="share of the time after which the rate falls linearly to 3 %%")
    args = a.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    out = RUNS / args.name
    out.mkdir(parents=True, exist_ok=True)

    start = torch.load(args.resume, weights_only=False) if args.resume else None
    config = MiniConfig(**start["config"]) if start else MiniConfig(layers=args.layers)
    if args.vision:  # a new tower: its shape is today's, and the text half alone is taken over
        config.v_hidden, config.v_layers, config.v_width = MiniConfig.v_hidden, MiniConfig.v_layers, MiniConfig.v_width
    model = Mini(config)
    opts = optimisers(model, args.lr)
    level, step, tokens = 0, 0, 0
    if start:
        kept = {k: v for k, v in start["model"].items() if not args.vision or "text_model" in k}
        model.load_state_dict(kept, strict=not args.vision)
        level, step, tokens = min(start["level"], args.top_level), start["step"], start["tokens"]
        for o, s in zip(opts, [] if args.vision else start.get("opts", [])):
            o.load_state_dict(s)
    images = heads = None
    if args.photos:
        from .images import RenderedImages
        from .vision import DenseHeads
        images = RenderedImages("train")
        heads = DenseHeads(model.c.v_width, len(images.names), len(images.kinds))
        if args.vision or args.heads:
            state = torch.load(args.vision or args.heads)
            heads.load_state_dict(state["heads"])
            if args.vision:
                model.model.vision_model.load_state_dict(state["tower"])
        opts.append(torch.optim.Adam(heads.parameters(), lr=args.lr))
    source = Source(args.seed * 1000 + step, tokenizer.load(), args.batch, images)
    smooth: dict[str, float] = {}
    log = (out / "log.jsonl").open("a")
    began = saved = printed = time.time()
    seen, first = tokens, step
    while (progress := (time.time() - began) / 60 / args.minutes) < 1:
        rate = args.lr * min(1, (step + 1 - first) / (60 if first == 0 else 15)) * min(1, max(0.03, (1 - progress) / (1 - args.decay_from)))
        for o in opts:
            for g in o.param_groups:  # Adam's step on embeddings of size 0.04 must be the smaller one
                g["lr"] = rate if isinstance(o, Muon) else 0.4 * rate
        batch = source.photos(level) if images and source.rng.random() < args.photos else source.next(level)
        features, extra, accuracy = see(model, batch, images, heads)
        loss, (match, choose, copy), hits = loss_and_hits(model, batch, features)
        (loss + args.guide * (match + choose + copy) + 0.2 * extra).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad(set_to_none=True)
        step, tokens = step + 1, tokens + batch.tokens
        for kind, right in [*hits, *(("all", r) for _, r in hits)]:
            smooth[kind] = smooth.get(kind, 0.0) * 0.995 + 0.005 * right if kind in smooth else float(right) * 0.1
        for k, v in {"match": match.item(), "choose": choose.item(), "copy": copy.item()}.items():
            smooth[k] = smooth.get(k, v) * 0.97 + 0.03 * v
        for k, v in accuracy.items():
            smooth["dense " + k] = smooth.get("dense " + k, v) * 0.95 + 0.05 * v
        smooth["loss"] = smooth.get("loss", loss.item()) * 0.97 + 0.03 * loss.item()
        known = [smooth.get(k, 0.0) for k in ("fact", "absent")]
        if level < min(len(MARKS), args.top_level) and min(known) > MARKS[level]:
            level += 1
            source.ready.clear()
            smooth = {k: v * (1 if k in ("loss", "match", "choose", "copy") else 0.3) for k, v in smooth.items()}
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


if __name__ == "__main__":
    main()
