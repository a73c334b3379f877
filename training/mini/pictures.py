"""One source for every picture mini is trained on: rendered things, rendered scenes, composites, mosaics, real photos.

    pictures = Pictures("train")          or "val": things and photos no training has seen, as they are
    view = pictures.single(rng)           one thing; crowd(rng): several, or one off the middle; captioned(rng): a scene with captions
    pictures.pixels(views)                (I, 3, 192, 192) in -1..1
    pictures.shown(view)                  what can be asked
    pictures.targets(views)               what lessons.py teaches the tower besides the language model's loss
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import torch

from training.real.split import CATEGORIES

from .compose import Composite, Cutter, Mosaic, draw_mosaic, mosaic
from .images import CACHE, COLOURS, MAP, SIDE, UNKNOWN, Drawn, RenderedImages, Scene, Shown, View, shown
from .probe import ask
from .real import RealImages, RealView

RECENT = 512  # pictures kept drawn: a context asks several questions about one


class Pictures:
    def __init__(self, split: str):
        self.split = split
        self.rendered = RenderedImages(split)
        self.scenes = RenderedImages(split, "scene") if (CACHE.parent / "scenes/labels.json").exists() else None
        self.real = RealImages(split)
        self.cutter = Cutter(self.rendered)
        self.parts = self.rendered.parts_of_all
        self.categories = sorted({*self.rendered.categories, *CATEGORIES.values()})
        self.scales: dict[str, int] = {}  # yes less no by place, see photo_contexts.py
        self._rng, self._dice = random.Random(11), np.random.default_rng(11)
        self._recent: dict[object, Drawn] = {}

    # -- drawing of views ------------------------------------------------------------------------------------------

    def thing(self, rng: random.Random, scene: Scene | None = None) -> View:
        """A rendered thing that fills the picture; `scene` says which."""
        return self.rendered.view(rng, rng.choice((scene or rng.choice(self.rendered.scenes)).rows))

    def photo(self, rng: random.Random) -> RealView:
        return self.real.view(rng, self.real.row(rng))

    def single(self, rng: random.Random) -> View | RealView | Composite:
        k = rng.random()
        return self.thing(rng) if k < 0.6 else self.photo(rng) if k < 0.85 else self.cutter.composite(rng, 1)

    def crowd(self, rng: random.Random) -> View | Composite | Mosaic:
        """Something with places in it."""
        k = rng.random()
        if self.scenes and k < 0.3:
            return self.scenes.view(rng, rng.choice(self.scenes.rows))
        if k < 0.8:
            return self.cutter.composite(rng, rng.choice([1, 2, 2, 3]))
        return mosaic(rng, lambda: self.photo(rng) if rng.random() < 0.6 else self.thing(rng))

    def captioned(self, rng: random.Random) -> tuple[RealView, str]:
        row = rng.choice(self.real.captioned)
        return self.real.view(rng, row), rng.choice(self.real.labels[row]["captions"])

    def again(self, rng: random.Random, view: object) -> View | RealView | None:
        """Another view of the one thing `view` shows, as a remembered photo would be; None where there is none of its own."""
        one = view if isinstance(view, View) and view.source == "render" else view.pieces[0] if isinstance(view, Composite) and len(view.pieces) == 1 else None
        if one:
            return replace(self.thing(rng, self.rendered.scene_of(one.row)), paint=one.paint)
        return self.real.view(rng, view.row) if isinstance(view, RealView) else None

    # -- what is on them -------------------------------------------------------------------------------------------

    def drawn(self, view: object) -> Drawn:
        if view not in self._recent:
            if len(self._recent) >= RECENT:
                self._recent.pop(next(iter(self._recent)))
            self._recent[view] = self._draw(view)
        return self._recent[view]

    def _draw(self, view: object) -> Drawn:
        if isinstance(view, View):
            return (self.rendered if view.source == "render" else self.scenes).draw(view)
        if isinstance(view, RealView):
            return self.real.draw(view)
        if isinstance(view, Composite):
            return self.cutter.draw(view)
        assert isinstance(view, Mosaic)
        return draw_mosaic(view, self._draw)

    def shown(self, view: object) -> list[Shown]:
        return shown(self.drawn(view))

    def pixels(self, views: list) -> torch.Tensor:  # (I, 3, 192, 192) in -1..1
        stacked = np.stack([self.drawn(v).pixels for v in views])
        return torch.from_numpy(stacked).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)

    def targets(self, views: list) -> tuple[torch.Tensor, ...]:
        """Dense labels (three tensors), then questions to the sixteen tokens (five): see `Lessons` in lessons.py."""
        questions = ask(self._rng, [self.shown(v) for v in views], self.parts, self.categories)
        return (*self.patch_targets(views), *questions.tensors())

    def patch_targets(self, views: list) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What each patch shows, three times (I, 144): colour, part and category, 0 is background, -100 not known.

        Held out: what most of it shows. In training every second patch tells of a pixel at random: in the long run that is the share
        of each colour and part, so that an eye of fifty pixels is learnt too.
        """
        out = np.empty((3, len(views), 144), np.int64)
        cells = MAP // 12
        for i, v in enumerate(views):
            d = self.drawn(v)
            table = np.zeros((3, 256), np.int64)
            table[:, UNKNOWN] = -100
            for k, label in enumerate(d.things):
                for j, (part, look) in enumerate(label.get("parts", {}).items()):
                    table[:, 1 + 16 * k + j] = 1 + COLOURS.index(look["colour"]), 1 + self.parts.index(part), 1 + self.categories.index(label["category"])
            patches = d.ids.reshape(12, cells, 12, cells).transpose(0, 2, 1, 3).reshape(144, -1).astype(np.int64)
            counts = np.bincount((patches + 256 * np.arange(144)[:, None]).ravel(), minlength=144 * 256).reshape(144, 256)
            label = counts.argmax(1)
            if self.split == "train":
                any_pixel = patches[np.arange(144), self._dice.integers(0, patches.shape[1], 144)]
                label = np.where(self._dice.random(144) < 0.5, any_pixel, label)
            out[:, i] = table[:, label]
        return tuple(torch.from_numpy(t) for t in out)


def training_images() -> Pictures:
    return Pictures("train")


assert SIDE == 12 * 16
