"""The patch encoder: backbone, a grid head and a global head. Its outputs are what the app stores for a photo.

    pixel_values (n, 3, 224, 224) → grid (n, 14, 14, GRID_DIM) unit rows, global (n, GLOBAL_DIM) unit rows

Both heads are a linear map, started at a principal-component projection of the backbone's features so that the first export
is already sound, plus a small residual network started at zero.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .backbone import Backbone, warm_start

GRID_DIM, GLOBAL_DIM, CELLS = 96, 256, 14


class GridHead(nn.Module):
    """Stride-16 detail joined with upsampled stride-32 meaning."""

    def __init__(self):
        super().__init__()
        self.mid = nn.Conv2d(576, GRID_DIM, 1)
        self.top = nn.Conv2d(1280, GRID_DIM, 1, bias=False)
        self.hide_mid = nn.Conv2d(576, 96, 1)
        self.hide_top = nn.Conv2d(1280, 96, 1, bias=False)
        self.out = nn.Conv2d(96, GRID_DIM, 1, bias=False)
        self.tint = nn.Sequential(nn.Conv2d(15, 64, 1), nn.ReLU(), nn.Conv2d(64, GRID_DIM, 1, bias=False))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.tint[2].weight)

    def forward(self, mid, top, low):
        g = self._join(self.mid(mid), self.hide_mid(mid), self._up(top), self.tint(low))
        return F.normalize(g.permute(0, 2, 3, 1), dim=-1)  # (n, 14, 14, GRID_DIM)

    def some(self, mid, top, low, cells):
        """The same for chosen cells only: cells (n, k) in 0..195 → (n, k, GRID_DIM). Training looks at a few of each photo."""
        pick = lambda x: x.flatten(2).gather(2, cells[:, None].expand(-1, x.shape[1], -1))[..., None]  # noqa: E731
        m = pick(mid)  # (n, 576, k, 1)
        g = self._join(self.mid(m), self.hide_mid(m), pick(self._up(top)), self.tint(pick(low)))
        return F.normalize(g[..., 0].transpose(1, 2).float(), dim=-1)

    def _up(self, top):
        both = F.conv2d(top, torch.cat([self.top.weight, self.hide_top.weight]))
        return F.interpolate(both, scale_factor=2.0, mode="bilinear", align_corners=False)  # (n, GRID_DIM + 96, 14, 14)

    def _join(self, straight, hidden, up, tint):
        return straight + up[:, :GRID_DIM] + self.out((hidden + up[:, GRID_DIM:]).clamp(0, 6)) + tint


class GlobalHead(nn.Module):
    """Attention pooling (uniform at the start: the teacher's mean) and a projection."""

    def __init__(self):
        super().__init__()
        self.look = nn.Conv2d(1280, 1, 1)
        self.linear = nn.Linear(1280, GLOBAL_DIM)
        self.detail = nn.Linear(576, GLOBAL_DIM, bias=False)
        self.hide = nn.Linear(1280 + 576, 256)
        self.out = nn.Linear(256, GLOBAL_DIM, bias=False)
        self.tint = nn.Conv2d(15, 96, 1)  # a soft colour histogram, pooled over the cells that matter
        self.tint_out = nn.Linear(96, GLOBAL_DIM, bias=False)
        for m in (self.look, self.detail, self.out, self.tint_out):
            nn.init.zeros_(m.weight)
        nn.init.zeros_(self.look.bias)

    def forward(self, mid, top, low):
        n = top.shape[0]
        w = self.look(top).reshape(n, 1, 49).softmax(-1)  # (n, 1, 49)
        pooled = (top.reshape(n, 1280, 49) * w).sum(-1)
        w14 = F.interpolate(w.reshape(n, 1, 7, 7), scale_factor=2.0, mode="nearest").reshape(n, 1, 196) / 4
        fine = (mid.reshape(n, 576, 196) * w14).sum(-1)
        tint = (F.relu(self.tint(low)).reshape(n, 96, 196) * w14).sum(-1)
        g = self.linear(pooled) + self.detail(fine) + self.tint_out(tint) + self.out(F.relu(self.hide(torch.cat([pooled, fine], 1))))
        return F.normalize(g, dim=-1)


class PatchEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.grid, self.glob = Backbone(), GridHead(), GlobalHead()

    def heads(self, mid, top, low):
        return self.grid(mid, top, low), self.glob(mid, top, low)

    def forward(self, pixel_values):
        return self.heads(*self.backbone(pixel_values))


def fresh() -> PatchEncoder:
    model = PatchEncoder()
    warm_start(model.backbone)
    return model


@torch.no_grad()
def start_at_components(model: PatchEncoder, mid: torch.Tensor, top: torch.Tensor, whiten: float = 0.5):
    """Sets both linear maps to a centred PCA of sample features (mid: (n, 576, 14, 14), top: (n, 1280, 7, 7)).

    whiten: exponent on the inverse deviation of each component; 0 keeps variances, 1 whitens fully. 0.5 was tried on
    grocery and renders only.
    """
    x = top.mean((2, 3))
    mean, basis, dev = _components(x, GLOBAL_DIM)
    w = basis / (dev**whiten)[:, None]
    model.glob.linear.weight.copy_(w)
    model.glob.linear.bias.copy_(-w @ mean)
    up = F.interpolate(top, scale_factor=2.0, mode="bilinear", align_corners=False)
    pick = torch.randperm(196, generator=torch.Generator().manual_seed(0))[:24]
    m, u = mid.flatten(2)[:, :, pick].transpose(1, 2).reshape(-1, 576), up.flatten(2)[:, :, pick].transpose(1, 2).reshape(-1, 1280)
    sm, su = 1 / m.std(0).mean() / 576**0.5, 1.0 / u.std(0).mean() / 1280**0.5
    mean, basis, dev = _components(torch.cat([m * sm, u * su], 1), GRID_DIM)
    w = basis / (dev**whiten)[:, None]
    model.grid.mid.weight.copy_((w[:, :576] * sm)[..., None, None])
    model.grid.top.weight.copy_((w[:, 576:] * su)[..., None, None])
    model.grid.mid.bias.copy_(-w @ mean)


def _components(x, dim):
    mean = x.mean(0)
    cov = (x - mean).T @ (x - mean) / len(x)
    values, vectors = torch.linalg.eigh(cov)
    return mean, vectors[:, -dim:].T.flip(0), values[-dim:].flip(0).clamp_min(1e-8).sqrt()
