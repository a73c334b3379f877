"""Draws and packs training batches in a process of its own, so that the trainer's threads never wait for Python."""

from __future__ import annotations

import multiprocessing
import queue
import random
import time
from dataclasses import fields

import numpy as np
import torch

from . import prompt, tokenizer
from .batch import Batch, Packer
from .generator import LEVELS, Context, Generator
from .photo_contexts import photo_context

CAPS = [(0.6, 118), (0.9, 190), (1.0, 320)]  # characters of a turn: most batches leave the few long turns out
ROOM = 288  # tokens of a context's turns: about ten


class Source:
    """Batches of contexts of like size, so that little is padding."""

    def __init__(self, seed: int, tok, size: int, images=None):
        self.rng = random.Random(seed)
        self.generator = Generator(seed, images=images)
        self.packer = Packer(tok, self.rng)
        self.tok, self.size, self.ready = tok, size, []

    @staticmethod
    def _fit(c: Context, cap: int) -> Context:
        kept = [t for t in c.turns if len(t.text.replace(prompt.IMAGE, "")) + len(t.answer) <= cap]
        return Context(c.blocks, kept or c.turns[:2])

    def photos(self, level: int) -> Batch:
        drawn = [photo_context(self.generator, LEVELS[max(0, level - 1)]) for _ in range(self.size * 2 // 3)]
        return self.packer.pack([c for c in drawn if c.turns], ROOM)

    def next(self, level: int) -> Batch:
        if not self.ready:
            pool = []
            k = self.rng.random()
            cap = next(c for share, c in CAPS if k <= share)
            for _ in range(self.size * 6):
                drawn = level if self.rng.random() < 0.8 else self.rng.randint(0, level)
                spec = LEVELS[drawn]
                c = self._fit(self.generator.context(spec, extra=2.0), cap)
                if c.turns:
                    pool.append(c)
            pool.sort(key=lambda c: sum(len(s.text) for s in c.blocks))
            self.ready = [pool[i : i + self.size] for i in range(0, len(pool) - self.size + 1, self.size)]
            self.rng.shuffle(self.ready)
        return self.packer.pack(self.ready.pop(), ROOM)


    def batch(self, level: int, photos: float) -> Batch:
        return self.photos(level) if self.generator.images and self.rng.random() < photos else self.next(level)


def _work(out, level, seed: int, size: int, photos: float, life: float) -> None:
    """Puts batches until `life` seconds have passed: whoever is started next reads the bank anew."""
    torch.set_num_threads(1)
    images = None
    if photos:
        from .pictures import training_images
        images = training_images()
    source = Source(seed, tokenizer.load(), size, images)
    end = time.time() + life
    while time.time() < end:
        batch = source.batch(level.value, photos)
        views = list(dict.fromkeys(batch.images))  # each photo is encoded once
        seen = None
        if views:
            at = {v: i for i, v in enumerate(views)}
            seen = (images.pixels(views).half().numpy(), [at[v] for v in batch.images], [t.numpy() for t in images.targets(views)])
            batch.images = list(range(len(batch.images)))
        out.put(({f.name: _plain(getattr(batch, f.name)) for f in fields(batch)}, seen))


def _plain(value):
    if isinstance(value, torch.Tensor):
        return value.numpy()
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def _tensor(value):
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    return tuple(map(_tensor, value)) if isinstance(value, tuple) else value


class Feed:
    """Batches with their photos: (batch, None) or (batch, (pixels (V, 3, 192, 192), index of each image, dense targets))."""

    def __init__(self, seed: int, size: int, photos: float = 0.0, life: float = 600.0):
        self.context = multiprocessing.get_context("spawn")
        self.level = self.context.Value("i", 0)
        self.out = self.context.Queue(6)
        self.seed, self.arguments = seed, (size, photos, life)
        self.process = None

    def next(self):
        while True:
            if self.process is None or not self.process.is_alive():
                self.seed += 1
                self.process = self.context.Process(target=_work, args=(self.out, self.level, self.seed, *self.arguments), daemon=True)
                self.process.start()
            try:
                plain, seen = self.out.get(timeout=5)
            except queue.Empty:
                continue
            batch = Batch(**{k: _tensor(v) for k, v in plain.items()})
            return batch, seen and (torch.from_numpy(seen[0]).float(), seen[1], tuple(map(torch.from_numpy, seen[2])))

    def stop(self) -> None:
        if self.process:
            self.process.kill()
