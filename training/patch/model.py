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
        self.hide_mid = nn.Conv2d(576, 192, 1)
        self.hide_top = nn.Conv2d(1280, 192, 1, bias=False)
        self.out = nn.Conv2d(192, GRID_DIM, 1, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, mid, top):
        up = F.interpolate(torch.cat([self.top(top), self.hide_top(top)], 1), scale_factor=2.0, mode="bilinear",
                           align_corners=False)  # (n, GRID_DIM + 192, 14, 14)
        hidden = (self.hide_mid(mid) + up[:, GRID_DIM:]).clamp(0, 6)
        g = self.mid(mid) + up[:, :GRID_DIM] + self.out(hidden)
        return F.normalize(g.permute(0, 2, 3, 1), dim=-1)  # (n, 14, 14, GRID_DIM)


class GlobalHead(nn.Module):
    """Attention pooling (uniform at the start: the teacher's mean) and a projection."""

    def __init__(self):
        super().__init__()
        self.look = nn.Conv2d(1280, 1, 1)
        self.linear = nn.Linear(1280, GLOBAL_DIM)
        self.detail = nn.Linear(576, GLOBAL_DIM, bias=False)
        self.hide = nn.Linear(1280 + 576, 256)
        self.out = nn.Linear(256, GLOBAL_DIM, bias=False)
        for m in (self.look, self.detail, self.out):
            nn.init.zeros_(m.weight)
        nn.init.zeros_(self.look.bias)

    def forward(self, mid, top):
        n = top.shape[0]
        w = self.look(top).reshape(n, 1, 49).softmax(-1)  # (n, 1, 49)
        pooled = (top.reshape(n, 1280, 49) * w).sum(-1)
        w14 = F.interpolate(w.reshape(n, 1, 7, 7), scale_factor=2.0, mode="nearest").reshape(n, 1, 196) / 4
        fine = (mid.reshape(n, 576, 196) * w14).sum(-1)
        g = self.linear(pooled) + self.detail(fine) + self.out(F.relu(self.hide(torch.cat([pooled, fine], 1))))
        return F.normalize(g, dim=-1)


class PatchEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.grid, self.glob = Backbone(), GridHead(), GlobalHead()

    def heads(self, mid, top):
        return self.grid(mid, top), self.glob(mid, top)

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
