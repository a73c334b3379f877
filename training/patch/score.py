"""Similarity between photos, as the app computes it: global cosine, late interaction of the grids, and their blend.

grids: (n, cells, d) unit rows; globals: (n, D) unit rows. MaxSim(q, r) = mean over the query's cells of the best cosine
with any reference cell, each cell weighted by how little it looks like background (`weights`, (n, cells), rows sum to 1).
"""

import numpy as np


def background_weight(grids: np.ndarray, bank: np.ndarray | None, sharp: float = 8.0) -> np.ndarray:
    """(n, cells) weights summing to 1: a cell counts by exp(-sharp · its best cosine with a background centroid)."""
    n, cells, _ = grids.shape
    if bank is None:
        return np.full((n, cells), 1.0 / cells, np.float32)
    near = (grids.reshape(n * cells, -1) @ bank.T).max(1).reshape(n, cells)
    w = np.exp(-sharp * near)
    return (w / w.sum(1, keepdims=True)).astype(np.float32)


def cell_best(grids: np.ndarray) -> np.ndarray:
    """(n, cells, n): for each cell of photo i, its best cosine with any cell of photo j. The expensive half of MaxSim."""
    n, cells, d = grids.shape
    flat = np.ascontiguousarray(grids.reshape(n * cells, d).T)
    return np.stack([(grids[i] @ flat).reshape(cells, n, cells).max(2) for i in range(n)])


def late_interaction(best: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n, n) symmetric MaxSim: the mean of both directions, each cell counted by its weight."""
    out = np.einsum("ic,icj->ij", weights, best)
    return (out + out.T) / 2


def max_sim(grids: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return late_interaction(cell_best(grids), weights)


def combine(global_sim, grid_sim, weight: float):
    return (1 - weight) * global_sim + weight * grid_sim


def one_reference(sim: np.ndarray, labels: list, groups: list | None = None) -> float:
    """Expected top-1 with one random reference photo per label, exactly (all choices), queries = the other photos.

    With groups, a query competes only with labels of its own group (siblings of one kind).
    """
    labels = np.array(labels)
    groups = np.array(groups if groups is not None else ["all"] * len(labels))
    total, count = 0.0, 0
    for q in range(len(labels)):
        inside = groups == groups[q]
        own = np.flatnonzero(inside & (labels == labels[q]) & (np.arange(len(labels)) != q))
        rivals = sorted(set(labels[inside]) - {labels[q]})
        if len(own) == 0 or not rivals:
            continue
        p = np.ones(len(own))
        for r in rivals:
            scores = sim[q, np.flatnonzero(inside & (labels == r))]
            p *= (sim[q, own][:, None] > scores[None]).mean(1)
        total += p.mean()
        count += 1
    return total / max(count, 1)


def stranger_auroc(sim: np.ndarray, labels: list, groups: list | None = None) -> float:
    """Same-thing pairs against different-thing pairs (within groups, if given): area under the ROC curve."""
    labels = np.array(labels)
    i, j = np.triu_indices(len(labels), 1)
    if groups is not None:
        g = np.array(groups)
        keep = g[i] == g[j]
        i, j = i[keep], j[keep]
    same = labels[i] == labels[j]
    order = np.argsort(np.argsort(sim[i, j])) + 1
    p, n = same.sum(), (~same).sum()
    return float((order[same].sum() - p * (p + 1) / 2) / (p * n))


def open_set_auroc(sim: np.ndarray, labels: list, refs: int, seed: int = 0, rounds: int = 20, groups=None) -> float:
    """Half the labels are enrolled with `refs` photos; score of a query = best over enrolled; strangers = the other half.

    AUROC of enrolled queries against strangers, mean over seeded halves.
    """
    labels = np.array(labels)
    rng, out = np.random.default_rng(seed), []
    for _ in range(rounds):
        names = rng.permutation(sorted(set(labels)))
        known = names[: len(names) // 2]
        bank, queries = [], []
        for k in known:
            at = rng.permutation(np.flatnonzero(labels == k))
            bank += list(at[:refs])
            queries += list(at[refs:])
        others = np.flatnonzero(~np.isin(labels, known))
        a, b = sim[np.ix_(queries, bank)].max(1), sim[np.ix_(others, bank)].max(1)
        out.append((a[:, None] > b[None]).mean() + 0.5 * (a[:, None] == b[None]).mean())
    return float(np.mean(out))
