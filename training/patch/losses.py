"""The four training signals: instances by global vector, instances by late interaction, matching cells, the teacher's geometry."""

import torch
from torch.nn import functional as F


def sup_con(sim, labels, temperature, weight=None):
    """Supervised contrastive loss on a similarity matrix (n, n); labels: (n,) ints. Rows without a positive are skipped."""
    n = len(labels)
    eye = torch.eye(n, dtype=torch.bool)
    same = (labels[:, None] == labels[None]) & ~eye
    logp = (sim / temperature).masked_fill(eye, -1e4).log_softmax(1)
    rows = same.any(1)
    return -((logp * same).sum(1)[rows] / same.sum(1)[rows]).mean()


def soft_max_sim(grids, weights):
    """Late interaction as in score.max_sim, differentiable: grids (n, 196, d), weights (n, 196) summing to 1 → (n, n)."""
    n, cells, d = grids.shape
    sim = torch.einsum("qcd,rkd->qcrk", grids, grids).amax(3)  # (query, query cell, reference)
    s = torch.einsum("qc,qcr->qr", weights, sim)
    return (s + s.T) / 2


def dense(a, b, groups, temperature=0.1):
    """InfoNCE on matched cells: a[i] and b[i] (k, d) show the same spot; cells whose `groups` agree are not negatives."""
    logits = a @ b.T / temperature
    same = groups[:, None] == groups[None]
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def distil(student, teacher):
    """Mean squared difference of the two cosine matrices (the diagonal is 0 anyway); both (n, ·) unit rows."""
    return ((student @ student.T - teacher @ teacher.T) ** 2).mean()
