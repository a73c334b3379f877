"""Trains the heads on cached backbone features: `python -m training.patch.train --steps 900 [--init RUN] [--name heads]`.

Needs training.patch.features first. Writes training/runs/patch/<name>.pt (heads only; the backbone stays the teacher's).
Batches mix rendered families (a thing and its sibling), grocery products of one shelf, and photos in two crops.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from training.precision import autocast

from .features import CACHE
from .losses import dense, distil, soft_max_sim, sup_con
from .model import fresh, start_at_components
from .photos import looks
from .score import max_sim, one_reference
from .views import matched_cells

RUNS = Path("training/runs/patch")


class Set:
    """One cached source: features on disk, rows by label, train and val."""

    def __init__(self, name):
        self.features = [np.load(CACHE / name / f"{k}.npy", mmap_mode="r") for k in ("mid", "top", "low")]
        meta = np.load(CACHE / name / "meta.npz")
        self.label, self.group, self.pair = meta["label"], meta["group"], meta["pair"]
        self.box, self.cells, self.val = meta["box"], meta["cells"], meta["val"]
        self.train = np.flatnonzero(~self.val)
        if name == "render":
            self.instance = np.array([int(s.split("/")[1]) for s in self.label])
            self.looks = looks(int(self.instance.max()) + 1)
        self.by = {}
        for key in ("label", "group", "pair"):
            table = {}
            for i in self.train:
                table.setdefault(getattr(self, key)[i], []).append(i)
            self.by[key] = table

    def fetch(self, rows):
        """mid (n, 576, 14, 14), top (n, 1280, 7, 7), low (n, 15, 14, 14)"""
        return [torch.from_numpy(np.asarray(f[rows], np.float32)) for f in self.features]


def batch(sets, rng):
    """[(set name, row)]: 10 rendered things in kind groups, 10 products, 10 photos twice."""
    out = []
    r, g, c, o = (sets[n] for n in ("render", "grocery", "clothing", "coco"))
    kinds = list(r.by["group"])
    for kind in rng.choice(kinds, 4, replace=False):
        labels = sorted({r.label[i] for i in r.by["group"][kind]}, key=lambda s: int(s.split("/")[1]))
        at = rng.integers(0, max(1, len(labels) - 3)) // 2 * 2
        for label in labels[at:at + 4]:  # neighbours in order are a thing and its sibling
            rows = r.by["label"][label]
            out += [("render", i) for i in rng.choice(rows, min(3, len(rows)), replace=False)]
    shelves = list(g.by["group"])
    for shelf in rng.choice(shelves, 3, replace=False):
        labels = sorted({g.label[i] for i in g.by["group"][shelf]})
        for label in rng.permutation(labels)[:3]:
            rows = g.by["label"][label]
            out += [("grocery", i) for i in rng.choice(rows, min(3, len(rows)), replace=False)]
    for s, name in ((c, "clothing"), (o, "coco"), (g, "grocery")):
        for pair in rng.choice(list(s.by["pair"]), 4, replace=False):
            out += [(name, i) for i in rng.permutation(s.by["pair"][pair])[:2]]
    return list(dict.fromkeys(out))


def looks_at(renders, row, cells):
    """The look (`photos.looks`) of the part under each of a rendered thing's cells, 0 for its surroundings: (k,)"""
    part = renders.cells[row].ravel()[cells].astype(int)
    return np.where(part > 0, np.array([0, *renders.looks[renders.instance[row]]])[part], 0)


def pick_cells(rows, sets, rng, k=40):
    """Which k cells of each view are looked at, and which of them match: cells (n, k); x, i, y, j, group of matched slots.

    Two crops of one photo match where they show the same spot; two views of a rendered thing match part by part, and
    a thing and its sibling where a part looks the same: only what differs is to tell them apart.
    """
    cells, matched = [None] * len(rows), []
    for x, (name, row) in enumerate(rows):
        if name == "render":  # up to 28 of the thing, the rest of its surroundings
            inside = sets[name].cells[row].ravel() > 0
            own, rest = rng.permutation(np.flatnonzero(inside)), rng.permutation(np.flatnonzero(~inside))
            own_k = max(28, k - len(rest))
            cells[x] = np.concatenate([own[:own_k], rest, own[own_k:]])[:k]
    partner = {}
    for x, (name, row) in enumerate(rows):
        s = sets[name]
        if name == "render":  # a thing and itself, or its sibling where the part is the same
            shown = looks_at(s, row, cells[x])
            for y in range(x):
                if rows[y][0] != name or s.instance[rows[y][1]] // 2 != s.instance[row] // 2:
                    continue
                theirs = looks_at(s, rows[y][1], cells[y])
                for look in np.intersect1d(shown[shown > 0], theirs[theirs > 0]):
                    pair = zip(np.flatnonzero(shown == look)[:2], np.flatnonzero(theirs == look)[:2])
                    matched += [(x, i, y, j, look) for i, j in pair]
            continue
        key = (name, s.pair[row])
        if key in partner:
            y = partner.pop(key)
            u, v = matched_cells(s.box[row], s.box[rows[y][1]])
            take = rng.permutation(len(u))[:16]
            fill = [rng.choice(196, k - len(take), replace=False) for _ in range(2)]
            cells[x], cells[y] = np.concatenate([u[take], fill[0]]), np.concatenate([v[take], fill[1]])
            matched += [(x, i, y, i, (1 << 40) + x * 1000 + i) for i in range(len(take))]
        else:
            partner[key], cells[x] = x, rng.choice(196, k, replace=False)
    return torch.from_numpy(np.stack(cells)), np.array(matched)


@torch.no_grad()
def validate(model, sets, cap=160):
    """One-reference top-1 on held-out labels: renders within a kind, grocery overall; global, grid and their mean."""
    out = {}
    for name in ("render", "grocery"):
        s = sets[name]
        rows = np.flatnonzero(s.val)
        rows = rows[np.unique(s.pair[rows], return_index=True)[1]]  # one view of a photo: another crop of it is too easy
        kinds = sorted(set(s.group[rows]))[::3] if name == "render" else None  # all held-out things of a third of the kinds
        rows = np.sort(rows if kinds is None else rows[np.isin(s.group[rows], kinds)])[:cap]
        parts = [model.heads(*s.fetch(rows[k:k + 32])) for k in range(0, len(rows), 32)]
        grids, globs = torch.cat([p[0] for p in parts]).flatten(1, 2).numpy(), torch.cat([p[1] for p in parts]).numpy()
        labels, groups = list(s.label[rows]), list(s.group[rows]) if name == "render" else None
        late = max_sim(grids, np.full((len(rows), 196), 1 / 196, np.float32))
        sims = {"global": globs @ globs.T, "grid": late}
        sims["both"] = 0.5 * sims["global"] + 0.5 * late
        for key, sim in sims.items():
            out[f"{name}.{key}"] = round(one_reference(sim, labels, groups), 4)
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=900)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--name", default="heads")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--distil", type=float, default=20.0)
    ap.add_argument("--minutes", type=float, default=60)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    sets = {n: Set(n) for n in ("render", "grocery", "coco", "clothing")}
    model = fresh()
    sample = [s.fetch(np.sort(rng.permutation(s.train)[:250])) for s in sets.values()]
    mid, top = (torch.cat([x[k] for x in sample]) for k in (0, 1))
    start_at_components(model, mid, top)
    centre = top.mean((0, 2, 3))
    del sample, mid, top
    if a.steps:
        print("start", json.dumps(validate(model, sets)), flush=True)
    heads = [*model.grid.parameters(), *model.glob.parameters()]
    opt = torch.optim.AdamW([
        {"params": [model.grid.mid.weight, model.grid.mid.bias, model.grid.top.weight, model.glob.linear.weight,
                    model.glob.linear.bias], "lr": a.lr * 0.2},
        {"params": [p for n, p in [*model.grid.named_parameters(), *model.glob.named_parameters()]
                    if n.split(".")[0] not in ("mid", "top", "linear")], "lr": a.lr}], weight_decay=1e-3)
    began, mean, best = time.time(), {}, 0.0
    RUNS.mkdir(parents=True, exist_ok=True)
    for step in range(a.steps):
        progress = max(step / a.steps, (time.time() - began) / 60 / a.minutes)
        if progress >= 1:
            break
        for k, group in enumerate(opt.param_groups):
            group["lr"] = a.lr * (0.2, 1.0)[k] * min(1, step / 30) * (1 - progress) ** 0.9
        rows = batch(sets, rng)
        got = {n: sets[n].fetch(np.array([i for m, i in rows if m == n])) for n in sets}
        at, order = {n: 0 for n in sets}, []
        for n, _ in rows:
            order.append((n, at[n]))
            at[n] += 1
        mid, top, low = (torch.stack([got[n][f][k] for n, k in order]) for f in range(3))
        cells, matched = pick_cells(rows, sets, rng)
        with autocast():
            grids, globs = model.grid.some(mid, top, low, cells), model.glob(mid, top, low).float()
        names = [sets[n].label[i] if n != "coco" else f"{n}{i}" for n, i in rows]
        table = {s: k for k, s in enumerate(dict.fromkeys(names))}
        labels = torch.tensor([table[s] for s in names])
        loss = {"global": sup_con(globs @ globs.T, labels, 0.1)}
        near = [x for x, (n, _) in enumerate(rows) if n in ("render", "grocery")]
        weights = torch.stack([_weights(sets, *rows[x])[cells[x]] for x in near])
        loss["late"] = sup_con(soft_max_sim(grids[near], weights / weights.sum(1, keepdim=True)), labels[near], 0.05)
        loss["dense"] = dense(grids[matched[:, 0], matched[:, 1]], grids[matched[:, 2], matched[:, 3]], torch.tensor(matched[:, 4]))
        teacher = F.normalize(top.mean((2, 3)) - centre, dim=1)
        loss["distil"] = distil(globs, teacher)
        total = loss["global"] + loss["late"] + 0.5 * loss["dense"] + a.distil * loss["distil"]
        opt.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(heads, 5.0)
        opt.step()
        for k, v in loss.items():
            mean[k] = 0.95 * mean.get(k, v.item()) + 0.05 * v.item()
        if step % 25 == 24:
            print(step + 1, round(time.time() - began), {k: round(v, 4) for k, v in mean.items()}, flush=True)
        if step % 150 == 149:
            best = keep(model, sets, a.name, step + 1, best)
    keep(model, sets, a.name, "end", best)


def keep(model, sets, name, at, best):
    """Saves the heads where they are the best so far on the validation split: the greatest mean of its figures."""
    got = validate(model, sets)
    score = sum(got.values()) / len(got)
    print(at, round(score, 4), json.dumps(got), flush=True)
    if score > best:
        torch.save({"grid": model.grid.state_dict(), "glob": model.glob.state_dict()}, RUNS / f"{name}.pt")
    return max(score, best)


def _weights(sets, name, row):
    """Rendered things count their own cells only; elsewhere every cell counts."""
    if name != "render":
        return torch.ones(196)
    return torch.from_numpy((sets[name].cells[row].ravel() > 0).astype(np.float32))


if __name__ == "__main__":
    main()
