"""Trains recall and prints what it gets right on wordings, and on relations, that it never saw.

    python -m training.recall.train [--minutes 16] [--which all|seen] [--resume]      writes training/runs/recall/WHICH.pt

Each question is to find its fact among all facts of the batch (InfoNCE), where facts of a relation whose questions the bank calls
alike do not count as wrong; and each pair's probability is to be right (binary cross-entropy), for "I don't know".
"""

from __future__ import annotations

import argparse
import time

import torch
import torch.nn.functional as F

from training.mini.prompt import ROOT
from training.mini.relations import CONFLICTS

from .model import Recall, packed
from .pairs import Pair, Pairs

RUNS = ROOT / "training/runs/recall"


def alike(keys: list[str]) -> torch.Tensor:
    """(R, R) True where two relations' questions may ask for each other's facts."""
    number = {k: i for i, k in enumerate(keys)}
    out = torch.eye(len(keys), dtype=torch.bool)
    for key, others in CONFLICTS.items():
        for other in others:
            if key in number and other in number:
                out[number[key], number[other]] = out[number[other], number[key]] = True
    return out


def batch(pairs: Pairs, size: int) -> list[Pair]:
    rows = []
    while len(rows) < size:
        pair = pairs.draw()
        if pair and pair.question and pair.fact:
            rows.append(pair)
    return rows


def thinned(rows: list[list[int]]) -> list[list[int]]:
    """Without a seventh of the features, so that no question hangs on one word."""
    return [[i for i, keep in zip(row, torch.rand(len(row)).tolist()) if keep > 0.15] or row for row in rows]


def loss_of(model: Recall, rows: list[Pair], same: torch.Tensor) -> torch.Tensor:
    lacking = [(i, r.lacking) for i, r in enumerate(rows) if r.lacking]
    cosine = model(packed(thinned([r.question for r in rows])), packed(thinned([r.fact for r in rows] + [f for _, f in lacking])))
    number = torch.tensor([r.relation for r in rows])
    free = torch.zeros_like(cosine, dtype=torch.bool)  # neither right nor wrong
    free[:, : len(rows)] = same[number[:, None], number[None]] & (number[:, None] >= 0) & (number[None] >= 0)
    owner = torch.tensor([i for i, _ in lacking], dtype=torch.long)
    free[:, len(rows) :] = same[number[:, None], number[owner][None]]
    free[owner, torch.arange(len(owner)) + len(rows)] = False  # lacks what is asked: wrong
    right = torch.arange(len(rows))
    free[right, right] = False
    scores = (cosine * 14).masked_fill(free, -1e4)
    back = scores[:, : len(rows)].T
    chosen = F.cross_entropy(scores, right) + 0.5 * F.cross_entropy(back, right)
    logit = cosine * model.scale[0] + model.scale[1]
    target = torch.zeros_like(cosine)
    target[right, right] = 1
    # As many wrong facts a question as run time has beside the right one, the hardest of the batch among them.
    hard = (cosine.detach().masked_fill(free, -2).masked_fill(target > 0, -2)).topk(6, 1).indices
    drawn = torch.cat((hard[:, 2:], torch.randint(0, cosine.shape[1], (len(rows), 6))), 1)
    picked = torch.cat((right[:, None], drawn), 1)
    keep = ~free.gather(1, picked)
    extra = logit[owner, torch.arange(len(owner)) + len(rows)]
    told = F.binary_cross_entropy_with_logits(logit.gather(1, picked)[keep], target.gather(1, picked)[keep])
    return chosen + 2 * told + (0.5 * F.softplus(extra).mean() if len(owner) else 0)


@torch.no_grad()
def evaluate(model: Recall, pairs: Pairs, same: torch.Tensor, count: int = 1500, facts: int = 5) -> dict[str, float]:
    """Each question among `facts` facts of different relations with and without the right one."""
    rows = batch(pairs, count)
    cosine = model(packed([r.question for r in rows]), packed([r.fact for r in rows]))
    number = [r.relation for r in rows]
    g = torch.Generator().manual_seed(5)
    first, present, absent = 0, [], []
    for i in range(count):
        others = []
        while len(others) < facts - 1:
            j = int(torch.randint(count, (1,), generator=g))
            if j != i and not (number[i] >= 0 and number[j] >= 0 and same[number[i], number[j]]):
                others.append(j)
        best = cosine[i, others].max()
        first += bool(cosine[i, i] > best)
        present.append(max(cosine[i, i], best))
        absent.append(best)
    there, gone = torch.stack(present), torch.stack(absent)
    probability = lambda x: torch.sigmoid(x * model.scale[0] + model.scale[1])
    line = torch.quantile(gone, 0.9)
    return {"first": first / count, "auroc": float((there[:, None] > gone[None]).float().mean()), "kept at 0.90 refused": float((there > line).float().mean()), "line": float(probability(line)),
            "p>0.5 present": float((probability(there) > 0.5).float().mean()), "p>0.5 absent": float((probability(gone) > 0.5).float().mean())}


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--steps", type=int, default=2500)
    a.add_argument("--minutes", type=float, default=1e9)
    a.add_argument("--batch", type=int, default=384)
    a.add_argument("--lr", type=float, default=4e-3)
    a.add_argument("--which", default="all", choices=["all", "seen"])
    a.add_argument("--resume", action="store_true", help="go on from the run that is there, with a new schedule")
    args = a.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    pairs, model = Pairs(1, which=args.which), Recall()
    before = torch.load(RUNS / f"{args.which}.pt") if args.resume else {"steps": 0}
    if args.resume:
        model.load_state_dict(before["model"])
        pairs.rng.seed(before["steps"])
    same = alike(pairs.keys)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr, betas=(0.9, 0.99))
    tests = {"new wordings": Pairs(7, "heldout", args.which), **({"new relations": Pairs(8, "heldout", "unseen")} if args.which == "seen" else {})}
    began = told = time.time()
    step = 0
    while (done := max(step / args.steps, (time.time() - began) / 60 / args.minutes)) < 1:
        opt.param_groups[0]["lr"] = args.lr * min(1, (step + 1) / 50) * min(1, max(0.02, (1 - done) / 0.6))
        loss = loss_of(model, batch(pairs, args.batch), same)
        loss.backward()
        opt.step()
        opt.zero_grad(set_to_none=True)
        step += 1
        if time.time() - told > 20:
            told = time.time()
            print(step, round((told - began) / 60, 1), round(loss.item(), 3), flush=True)
    RUNS.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model.state_dict(), "steps": step + before["steps"]}, RUNS / f"{args.which}.pt")
    for name, test in tests.items():
        print(name, {k: round(v, 3) for k, v in evaluate(model, test, same).items()}, "steps", step)


if __name__ == "__main__":
    main()
