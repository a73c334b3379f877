"""Fixes what turns scores into decisions, on held-out grocery and renders: `python -m training.patch.calibrate`.

Writes public/models/patch/background.bin (256 centroids of background cells, float16, rows of unit length) and
calibration.json: how the score is made, and the logistic curve score → P(the photo shows the enrolled concept).
Nothing here reads dreambooth or the home suite.
"""

import json

import numpy as np
from PIL import Image

from .evaluate import MODEL, encode
from .photos import fit, load, rendered
from .score import background_weight, cell_best, combine, late_interaction, one_reference, open_set_auroc

SHARPNESS = (0.0, 8.0, 16.0, 24.0)
WEIGHTS = (0.0, 0.3, 0.5, 0.7, 1.0)


def k_means(x, k, rounds=12, seed=0):
    """Spherical k-means; x: (n, d) unit rows."""
    rng = np.random.default_rng(seed)
    c = x[rng.permutation(len(x))[:k]]
    for _ in range(rounds):
        own = (x @ c.T).argmax(1)
        sums = np.zeros_like(c)
        np.add.at(sums, own, x)
        lost = np.linalg.norm(sums, axis=1) < 1e-6
        sums[lost] = x[rng.permutation(len(x))[: lost.sum()]]
        c = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return c


def background():
    """Background cells: rendered rooms, the outer ring of shop and clothing photos, whole scenes of COCO."""
    rng = np.random.default_rng(6)
    edge = np.zeros((14, 14), bool)
    edge[[0, -1]], edge[:, [0, -1]] = True, True
    images, ids, rows = rendered(split="train")
    rows = [rows[i] for i in rng.permutation(len(rows))[:160]]
    cells = []
    grids, _ = encode([fit(Image.fromarray(images[r[0]])) for r in rows])
    for g, r in zip(grids, rows):
        cells.append(g[ids[r[0]][6::14, 6::14].ravel() == 0])  # 192 pixels → the middle of each of 14 × 14 cells
    for name, count, keep in (("grocery", 100, edge), ("clothing", 60, edge), ("coco", 83, edge)):
        source = load(name, permitted=True)
        grids, _ = encode([fit(source[i][2]) for i in rng.permutation(len(source))[:count]])
        cells += [g[keep.ravel()] for g in grids]
    return k_means(np.concatenate(cells), 256).astype(np.float16)


def held_out():
    images, _, rows = rendered(split="val")
    rows = rows[:320]
    yield "render", [fit(Image.fromarray(images[r[0]])) for r in rows], [f"r{r[1]}" for r in rows], [r[2] for r in rows]
    shop = load("grocery", permitted=True)
    names = sorted({r[0] for r in shop})
    held = [r for r in shop if names.index(r[0]) % 10 == 9]
    held = [held[i] for i in sorted(np.random.default_rng(6).permutation(len(held))[:200])]
    yield "grocery", [fit(r[2]) for r in held], [f"g{r[0]}" for r in held], None


def trials(sim, labels, refs, concepts, rng, rounds=200):
    """Random memories of `concepts` things with `refs` photos: (best score, right?) of every query photo, known or stranger."""
    labels = np.array(labels)
    names = np.unique(labels)
    got = []
    for _ in range(rounds):
        known = rng.permutation(names)[: min(concepts, len(names) // 2)]
        bank, queries = {}, []
        for k in known:
            at = rng.permutation(np.flatnonzero(labels == k))
            if len(at) > refs:
                bank[k] = at[:refs]
                queries += list(at[refs:refs + 2])
        others = np.flatnonzero(~np.isin(labels, known))
        queries += list(rng.permutation(others)[: len(queries)])
        keys = list(bank)
        for q in queries:
            scores = [sim[q, bank[k]].max() for k in keys]
            top = int(np.argmax(scores))
            got.append((scores[top], float(keys[top] == labels[q]), float(labels[q] in bank)))
    return np.array(got)


def logistic(x, y, rounds=60):
    """Newton's method for P = 1 / (1 + exp(-(a x + b)))."""
    w, f = np.zeros(2), np.stack([x, np.ones_like(x)], 1)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-f @ w))
        h = (f * (p * (1 - p))[:, None]).T @ f + 1e-6 * np.eye(2)
        w += np.linalg.solve(h, f.T @ (y - p))
    return w


def main():
    bank = background()
    (MODEL / "background.bin").write_bytes(bank.tobytes())
    data = [(n, *encode(im), la, gr) for n, im, la, gr in held_out()]
    cells = [cell_best(g) for _, g, _, _, _ in data]
    best, table = None, {}
    for sharp in SHARPNESS:
        late = [late_interaction(c, background_weight(d[1], bank.astype(np.float32), sharp)) for c, d in zip(cells, data)]
        for weight in WEIGHTS:
            sims = [combine(v @ v.T, m, weight) for (_, _, v, _, _), m in zip(data, late)]
            figures = [one_reference(s, la, gr) for s, (_, _, _, la, gr) in zip(sims, data)]
            figures += [open_set_auroc(s, la, 2) for s, (_, _, _, la, _) in zip(sims, data)]
            table[f"{sharp:g}/{weight:g}"] = [round(float(f), 4) for f in figures]
            if best is None or np.mean(figures) > best[0]:
                best = (np.mean(figures), sharp, weight, sims)
    for key, figures in table.items():
        print(f"sharpness/gridWeight {key:10} top-1 render {figures[0]:.3f} grocery {figures[1]:.3f}  "
              f"open-set render {figures[2]:.3f} grocery {figures[3]:.3f}")
    _, sharp, weight, sims = best
    rng, curves, everything = np.random.default_rng(7), {}, {}
    for refs in (1, 2, 3):
        got = everything[refs] = np.concatenate([trials(s, d[3], refs, 12, rng) for s, d in zip(sims, data)])
        a, b = logistic(got[:, 0], got[:, 1])
        strangers, known = got[got[:, 2] == 0, 0], got[got[:, 2] == 1]
        threshold = float(np.quantile(strangers, 0.95))
        curves[str(refs)] = {"slope": round(a, 4), "offset": round(b, 4), "threshold": round(threshold, 4),
                             "falseAccept": round(float((strangers > threshold).mean()), 4),
                             "acceptedAndRight": round(float(((known[:, 0] > threshold) & (known[:, 1] == 1)).mean()), 4)}
        print(refs, "reference(s):", curves[str(refs)])
    doc = {
        "version": 1,
        "score": "combined(q, r) = (1 - gridWeight) * cos(global_q, global_r) + gridWeight * (maxSim(q, r) + maxSim(r, q)) / 2",
        "maxSim": "maxSim(q, r) = sum over cells c of q of weight_q[c] * max over cells k of r of cos(grid_q[c], grid_r[k])",
        "weights": "weight_q[c] is proportional to exp(-backgroundSharpness * max over bank rows b of cos(grid_q[c], b)), sum 1",
        "concept": "score of a concept = max over its reference photos",
        "probability": "P(the best concept is right) = 1 / (1 + exp(-(slope * score + offset))), by number of references",
        "centre": None, "gridWeight": weight, "backgroundSharpness": sharp, "byReferences": curves,
        "threshold": curves["3"]["threshold"],
        "source": "training.patch.calibrate on held-out renders and grocery: memories of 12 concepts, as many strangers as "
                  "known queries; threshold = 95th percentile of the strangers' best score",
    }
    (MODEL / "calibration.json").write_text(json.dumps(doc, indent=2) + "\n")


if __name__ == "__main__":
    main()
