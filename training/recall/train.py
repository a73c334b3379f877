"""Trains recall and prints what it gets right on notes, wordings and relations that it never saw.

    python -m training.recall.train [--minutes 30] [--which all|seen] [--resume]      writes training/runs/recall/WHICH.pt

Each question is put to a handful of facts, as in the app; the softmax over their logits and a nought for "none of them" is to name the
one that answers. Run with `--which seen` for figures on relations of the bank that were left out.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from training.mini.prompt import ROOT
from training.mini.relations import conflicts

from .model import Recall
from training.notes import dev_notes, train_notes
from .pairs import Asked, BankPairs, note_pairs
from .teacher import taught
from .words import vocabulary

RUNS = ROOT / "training/runs/recall"
FACTS = 6  # a question's facts at most
SHARP = 14  # cosine to logit
TABLES = 0.3  # of the rate, for the words' own vectors
TAUGHT = 1.0  # weight of the teacher's lesson
Group = tuple[Asked, list, int]  # question, its facts, which of them answers (len(facts): none)


def group(row: Asked, others: list[Asked], rng: random.Random, most: int = FACTS, gone: float = 0.3) -> Group:
    """The question with its facts in random order; `others` are rows that may lend wrong ones."""
    wrong = rng.sample(row.wrong, min(len(row.wrong), most - 1))
    lent = [o.right for o in others if o.right and not (row.relation and o.relation and conflicts(row.relation, o.relation))]
    wrong += lent[: rng.randint(0 if wrong else 1, max(1, most - 1 - len(wrong)))]
    kept = row.right is not None and rng.random() >= gone
    facts = wrong[: most - 1] + ([row.right] if kept else [])
    rng.shuffle(facts)
    return row, facts, facts.index(row.right) if kept else len(facts)


def logits(model: Recall, groups: list[Group], rng: random.Random | None = None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, dict]:
    """(G, most + 1): each group's facts, then nought for none, then −∞; the questions' and the facts' vectors, and the facts' numbers.
    With `rng` a tenth of the words is left out, so that no question hangs on one."""
    facts = list(dict.fromkeys(f for _, fs, _ in groups for f in fs))
    number = {f: i for i, f in enumerate(facts)}
    pairs = torch.tensor([(g, number[f]) for g, (_, fs, _) in enumerate(groups) for f in fs])
    thin = (lambda t: tuple(w for w in t if rng.random() > 0.1) or t) if rng else (lambda t: t)
    scores, asked, told = model([thin(row.question) for row, _, _ in groups], [thin(f) for f in facts], pairs)
    out = torch.full((len(groups), max(len(fs) for _, fs, _ in groups) + 1), -1e4)
    at = torch.tensor([(g, i) for g, (_, fs, _) in enumerate(groups) for i in range(len(fs))])
    out = out.index_put((at[:, 0], at[:, 1]), scores)
    none = torch.tensor([len(fs) for _, fs, _ in groups])
    return out.index_put((torch.arange(len(groups)), none), torch.zeros(len(groups))), asked, told, number


def loss_of(model: Recall, groups: list[Group], pairs: list[Asked], teacher: dict, rng: random.Random) -> torch.Tensor:
    """`groups` for choosing among a concept's facts, `pairs` (a question, its fact) for telling it from all facts of the batch (InfoNCE)."""
    scores, asked, facts, number = logits(model, groups, rng)
    chosen = F.cross_entropy(scores, torch.tensor([right for _, _, right in groups]))
    # Each text's vector is to say what the teacher's says.
    known = torch.from_numpy(np.stack([teacher[" ".join(t)] for t in [*(row.question for row, _, _ in groups), *number]]))
    learnt = 1 - F.cosine_similarity(model.taught(torch.cat((asked, facts))), known.float()).mean()
    thin = lambda t: tuple(w for w in t if rng.random() > 0.15) or t
    told = [p.right for p in pairs] + [p.wrong[0] for p in pairs if p.relation and p.wrong]
    cosines = model.meaning([thin(p.question) for p in pairs], model.question) @ model.meaning([thin(t) for t in told], model.fact).T
    free = torch.zeros_like(cosines, dtype=torch.bool)  # neither right nor wrong
    alike = [[j for j, other in enumerate(pairs) if j != i and (other.right == p.right or p.relation and other.relation and conflicts(p.relation, other.relation))] for i, p in enumerate(pairs)]
    for i, others in enumerate(alike):
        free[i, others] = True
    sharp = (cosines * SHARP).masked_fill(free, -1e4)
    right = torch.arange(len(pairs))
    found = F.cross_entropy(sharp, right) + 0.5 * F.cross_entropy(sharp[:, : len(pairs)].T, right)
    return chosen + TAUGHT * learnt + found


@torch.no_grad()
def evaluate(model: Recall, groups: list[Group]) -> dict[str, float]:
    """`first`: the right fact before the others; `refused`: groups without one whose best logit is under the line that keeps 0.95 of the others."""
    model.eval()
    best, first, there = [], [], []
    for start in range(0, len(groups), 64):
        part = groups[start : start + 64]
        scores, *_ = logits(model, part)
        for (_, facts, right), line in zip(part, scores):
            own = line[: len(facts)]
            best.append(float(own.max()))
            there.append(right < len(facts))
            if right < len(facts):
                first.append(int(own.argmax()) == right)
    model.train()
    b, t = torch.tensor(best), torch.tensor(there)
    present, absent = b[t], b[~t]
    out = {"first": sum(first) / max(1, len(first)), "p>0.5 present": float((present > 0).float().mean())}
    if len(absent):
        out |= {"auroc": float((present[:, None] > absent[None]).float().mean()), "p<0.5 absent": float((absent < 0).float().mean()),
                "kept at 0.90 refused": float((present > torch.quantile(absent, 0.9)).float().mean()), "refused at 0.95 kept": float((absent < torch.quantile(present, 0.05)).float().mean())}
    return {k: round(v, 3) for k, v in out.items()}


def save(model: Recall, steps: int, which: str) -> None:
    RUNS.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model.state_dict(), "steps": steps}, RUNS / f"{which}.pt")


def own_groups(rows: list[Asked]) -> list[Group]:
    """As in the app: a question among all facts of its concept."""
    return [(r, [*r.wrong, *([r.right] if r.right else [])], len(r.wrong)) for r in rows]


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=30)
    a.add_argument("--batch", type=int, default=48)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--which", default="all", choices=["all", "seen"])
    a.add_argument("--pairs", type=int, default=256, help="questions of a step that are only to find their fact among all others")
    a.add_argument("--bank", type=int, default=30_000, help="questions drawn from the bank")
    a.add_argument("--resume", action="store_true", help="go on from the run that is there, with a new schedule")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--notes", type=float, default=0.5, help="share of a batch that comes from notes")
    args = a.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    words, vectors = vocabulary()
    rng = random.Random(args.seed)
    bank = BankPairs(args.seed, which=args.which)
    drawn = [r for r in (bank.draw() for _ in range(args.bank)) if r]
    noted = note_pairs(train_notes(), rng)
    teacher = taught([" ".join(t) for r in drawn + noted for t in (r.question, r.right, *r.wrong) if t])
    answered = [r for r in noted if r.right] or drawn
    model = Recall(words, vectors)
    if args.resume:
        model.load_state_dict(torch.load(RUNS / f"{args.which}.pt")["model"])
    tables = [model.learnt.weight, model.couple.weight, model.loud.weight]  # slower: words of the bank must not leave the others behind
    others = [p for p in model.parameters() if not any(p is t for t in tables)]
    opt = torch.optim.AdamW([{"params": [p for p in others if p.ndim >= 2], "weight_decay": 0.05}, {"params": [p for p in others if p.ndim < 2], "weight_decay": 0}, {"params": tables, "weight_decay": 0}], lr=args.lr, betas=(0.9, 0.98))
    print(len(drawn), "questions of the bank,", len(noted), "of the notes;", sum(p.numel() for p in model.parameters()), "parameters")
    new = lambda which, split: [r for r in (b.draw() for b in [BankPairs(7, split, which)] for _ in range(700)) if r]
    lend = lambda rows: [group(r, rng.sample(rows, 4), rng, 5, 0.35) for r in rows]
    tests = {"new wordings": lend(new(args.which, "heldout")), **({"new relations": lend(new("unseen", "heldout"))} if args.which == "seen" else {}), "dev notes": own_groups(note_pairs(dev_notes()))}
    tests = {k: t for k, t in tests.items() if t}
    began, told, step, seen = time.time(), 0.0, 0, 0.0
    while (done := (time.time() - began) / 60 / args.minutes) < 1:
        for g in opt.param_groups:
            g["lr"] = (TABLES if g["params"][0] is tables[0] else 1) * args.lr * min(1, (step + 1) / 100) * min(1, max(0.02, (1 - done) / 0.7))
        rows = []
        for _ in range(args.batch):
            pool = noted if noted and rng.random() < args.notes else drawn
            lenders = [rng.choice(drawn if rng.random() < 0.6 or not noted else noted) for _ in range(FACTS)]
            rows.append(group(rng.choice(pool), lenders, rng))
        pairs = [rng.choice(answered if rng.random() < args.notes else drawn) for _ in range(args.pairs)]
        loss = loss_of(model, [r for r in rows if r[1]], pairs, teacher, rng)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        step += 1
        seen = 0.98 * seen + 0.02 * loss.item() if step > 1 else loss.item()
        if time.time() - told > 60:
            told = time.time()
            save(model, step, args.which)
            print(f"{(told - began) / 60:.1f} min, step {step}, loss {seen:.3f}", {k: evaluate(model, t) for k, t in tests.items()}, flush=True)
    save(model, step, args.which)
    for name, test in tests.items():
        print(name, evaluate(model, test))


if __name__ == "__main__":
    main()
