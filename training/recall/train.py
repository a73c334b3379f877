"""Trains recall and prints what it gets right on notes of a writer it never read, and on wordings it never saw.

    python -m training.recall.train [--minutes 40] [--resume]      writes training/runs/recall/recall.pt

Each question is put to all facts of its concept; the softmax over their log odds and a nought for "none of them" is to name the one that
answers. In some of the groups that fact is taken away, so that the rest must be told from an answer; and to the nought is added what the question alone
says of having none (prior.py).
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from training.mini.facts import sloppy
from training.mini.prompt import ROOT
from training.notes import dev_notes, is_even, train_notes
from training.precision import autocast

from .model import LAYERS, LOWER, Recall, Rounded
from .pairs import NONE, Invented, Told, of_notes
from .pieces import kept
from .prior import Prior
from .shipped import SHIPPED, shipped

RUN = ROOT / "training/runs/recall/recall.pt"
GONE = 0.35  # of the groups lose the fact that answers
HASTE = 0.15  # of the questions are typed in haste
QUESTIONS = 10  # of a concept in a step
WARM = 50  # steps
FLAT = 0.2  # of the time at the full rate
ROUGH = 0.5  # of the time before weights are rounded
IMPOSSIBLE = -1e4


def save(model: Recall) -> None:
    RUN.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model.state_dict(), "kept": kept()}, RUN)


def load(model: Recall, run: Path | None = RUN, folder: Path = SHIPPED) -> None:
    """The run that is there, else the shipped model. Pieces that it did not have begin as MiniLM's."""
    held = torch.load(run) if run is not None and run.exists() else shipped(folder)
    word = "encoder.word.weight"
    table, row = model.state_dict()[word].clone(), {piece: i for i, piece in enumerate(held["kept"])}
    both = [(i, row[piece]) for i, piece in enumerate(kept()) if piece in row]
    at, old = torch.tensor(both).T
    table[at] = held["model"][word][old]
    model.load_state_dict({**held["model"], word: table})


def loss_of(model: Recall, batch: list[Told], prior: Prior, rng: random.Random) -> torch.Tensor:
    questions: list[str] = []
    facts: list[str] = []
    groups: list[tuple[list[int], int]] = []  # facts, which of them answers (their count: none)
    nought: list[torch.Tensor] = []  # of each question, by a batch's concepts
    for told in batch:
        first = len(facts)
        facts += told.facts
        asked = rng.sample(told.asked, min(len(told.asked), QUESTIONS))
        nought.append(prior([q for q, _ in asked]) * told.by_hand)
        for question, right in asked:
            own = [i for i in range(len(told.facts)) if i != right or len(told.facts) == 1 or rng.random() >= GONE]
            groups.append(([first + i for i in own], own.index(right) if right in own else len(own)))
            questions.append(sloppy(rng, question) if rng.random() < HASTE else question)
    pairs = torch.tensor([(g, fact) for g, (own, _) in enumerate(groups) for fact in own])
    with autocast():
        odds = model(questions, facts, pairs).float()
    out = torch.full((len(groups), max(len(own) for own, _ in groups) + 1), IMPOSSIBLE)
    at = torch.tensor([(g, i) for g, (own, _) in enumerate(groups) for i in range(len(own))])
    out = out.index_put((at[:, 0], at[:, 1]), odds)
    none = torch.tensor([len(own) for own, _ in groups])
    out = out.index_put((torch.arange(len(groups)), none), torch.cat(nought))
    return F.cross_entropy(out, torch.tensor([right for _, right in groups]))


@torch.no_grad()
def evaluate(model: Recall, tests: list[Told], prior: Prior) -> dict[str, float]:
    """`first`: the right fact before the others. `auroc`: best odds of questions with an answer over those without; `words`: the same by the prior alone, which
    reads no fact; `fair`: by the odds, where a question counts by how little its words give away (overlap weights, Li, Morgan and Zaslavsky 2018); `gone`: of questions with their answer over the same
    without it. `right at R`: the right fact first and over the line that refuses that share of the questions without, which count as in `fair`."""
    model.eval()
    best, right, there, left, lean = [], [], [], [], []
    for told in tests:
        questions = [q for q, _ in told.asked]
        pairs = torch.cartesian_prod(torch.arange(len(questions)), torch.arange(len(told.facts)))
        with autocast():
            odds = model(questions, told.facts, pairs).float().view(len(questions), -1)
        lean.append(prior(questions) * told.by_hand)
        for (_, answer), line in zip(told.asked, odds):
            best.append(float(line.max()))
            there.append(answer != NONE)
            right.append(int(line.argmax()) == answer)
            if answer != NONE and len(line) > 1:
                left.append(float(torch.cat((line[:answer], line[answer + 1 :])).max()))
    model.train()
    b, t, r, g, p = torch.tensor(best), torch.tensor(there), torch.tensor(right), torch.tensor(left), torch.cat(lean)
    present, absent = b[t], b[~t]
    here, away = torch.sigmoid(p[t]), torch.sigmoid(-p[~t])
    over = (present[:, None] > absent).float()
    words = (p[~t][:, None] > p[t]).float().mean()
    out = {"first": r[t].float().mean(), "auroc": over.mean(), "words": words, "fair": (over * here[:, None] * away).sum() / here.sum() / away.sum()}
    out["gone"] = (present[:, None] > g).float().mean()
    order = absent.argsort()
    for share in (0.6, 0.8, 0.9):
        line = absent[order][int((away[order].cumsum(0) < share * away.sum()).sum())]
        out[f"right at {share}"] = (((present > line) & r[t]).float() * here).sum() / here.sum()
    return {k: round(float(v), 3) for k, v in out.items()}


def held_out() -> dict[str, list[Told]]:
    new = Invented(7, "heldout")
    return {"dev notes": of_notes(dev_notes()), "even notes": of_notes(dev_notes("dev-even")), "new wordings": [t for t in (new.draw() for _ in range(120)) if t]}


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=40)
    a.add_argument("--batch", type=int, default=8, help="concepts of a step")
    a.add_argument("--lr", type=float, default=5e-5)
    a.add_argument("--notes", type=float, default=0.75, help="share of a batch that comes from notes")
    a.add_argument("--even", type=float, default=0.5, help="share of the notes that comes from writers whose questions give little away")
    a.add_argument("--drop", type=float, default=0.1)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--every", type=float, default=2, help="minutes between saves and looks at the tests")
    a.add_argument("--resume", action="store_true", help="go on from the run that is there, else from the shipped model, with a new schedule")
    args = a.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    noted, invented = of_notes(train_notes()), Invented(args.seed)
    even = of_notes([c for c in train_notes() if is_even(c)])
    tests = held_out()
    prior = Prior(noted, GONE)
    model = Recall(args.drop)
    if args.resume:
        load(model)
    maps, rest = [p for p in model.parameters() if p.ndim > 1], [p for p in model.parameters() if p.ndim < 2]
    opt = torch.optim.AdamW([{"params": maps, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0}], lr=args.lr, betas=(0.9, 0.98))
    print(len(noted), "concepts of notes,", sum(len(t.asked) for t in noted), "questions;", LAYERS, "layers,", LAYERS - LOWER, "compare;", sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    began, shown, step, seen = time.time(), 0.0, 0, 0.0
    while (done := (time.time() - began) / 60 / args.minutes) < 1:
        Rounded.rough = args.resume or done > ROUGH
        for g in opt.param_groups:
            g["lr"] = args.lr * min(1, (step + 1) / WARM) * min(1, max(0.02, (1 - done) / (1 - FLAT)))
        batch: list[Told] = []
        while len(batch) < args.batch:
            told = invented.draw() if rng.random() >= args.notes else rng.choice(even if rng.random() < args.even else noted)
            batch += [told] if told else []
        loss = loss_of(model, batch, prior, rng)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        step += 1
        seen = 0.97 * seen + 0.03 * loss.item() if step > 1 else loss.item()
        if time.time() - shown > 60 * args.every:
            shown = time.time()
            save(model)
            print(f"{(shown - began) / 60:.1f} min, step {step}, loss {seen:.3f}", {k: evaluate(model, t, prior) for k, t in tests.items()}, flush=True)
    Rounded.rough = True
    save(model)
    for name, test in tests.items():
        print(name, evaluate(model, test, prior))


if __name__ == "__main__":
    main()
