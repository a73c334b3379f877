"""Instances: one particular thing — kind, proportions, and the colour, pattern and material of each named part.

`make_instance(seed)` draws one; `overrides` settles parts by hand; `sibling` is the same thing with one or two parts
changed (the hard negative: the other corgi). `describe` gives the labels. Equal seeds give equal things.
"""

from dataclasses import dataclass, field

import numpy as np

from .build import Builder
from .catalogue import KINDS
from .palette import MATERIALS, NAMES, other
from .patterns import PATTERNS

SPREAD = ("stripes", "bands", "dots", "checks", "speckles", "zigzag")
EMBLEMS = ("star", "heart", "flower", "letter")


@dataclass
class Part:
    colour: str
    pattern: str = "plain"
    colour2: str | None = None
    material: str = "plastic"
    letter: str = "A"
    freq: float = 4.0


@dataclass
class Instance:
    seed: int
    kind: str
    parts: dict  # name → Part, in the kind's order
    proportions: dict  # name → position of the drawn value in its range, 0..1
    builder: Builder = field(repr=False, default=None)


def make_instance(seed: int, kind: str | None = None, overrides: dict | None = None,
                  proportions: dict | None = None) -> Instance:
    """overrides: {part: {"colour"|"pattern"|"colour2"|"material"|"letter": value}}; proportions: {name: 0..1}."""
    rng = np.random.default_rng([seed, 1])
    kind = kind or list(KINDS)[rng.integers(len(KINDS))]
    builder, drawn = _shape(kind, seed, proportions or {})
    spec = KINDS[kind]
    parts = _paint(spec, list(dict.fromkeys(builder.parts)), rng)
    for name, change in (overrides or {}).items():
        for key, value in change.items():
            setattr(parts[name], key, value)
        if parts[name].pattern != "plain" and parts[name].colour2 in (None, parts[name].colour):
            parts[name].colour2 = other(parts[name].colour, rng)
        if change.get("pattern") == "plain":
            parts[name].colour2 = None
    return Instance(seed, kind, parts, drawn, builder)


def sibling(base: Instance, seed: int, changes: int = 1) -> Instance:
    """Same kind, main colour and build as `base`; `changes` other parts differ in colour, and sometimes a pattern."""
    rng = np.random.default_rng([seed, 2])
    names = [n for n in base.parts if n not in KINDS[base.kind].fixed and n != KINDS[base.kind].main]
    picked = rng.permutation(len(names))[:changes]
    over = {n: {k: getattr(p, k) for k in ("colour", "pattern", "colour2", "material", "letter", "freq")}
            for n, p in base.parts.items()}
    for i in picked:
        over[names[i]]["colour"] = other(base.parts[names[i]].colour, rng)
        over[names[i]]["colour2"] = None
    main = over[KINDS[base.kind].main]
    if rng.random() < 0.35:
        main["pattern"] = "plain" if main["pattern"] != "plain" else _spread(rng)
        main["colour2"] = None
    shift = {k: float(np.clip(v + rng.normal(0, 0.15), 0, 1)) for k, v in base.proportions.items()}
    return make_instance(seed, base.kind, over, shift)


def describe(instance: Instance) -> dict:
    """Labels: {"kind", "category", "seed", "parts": {part: {"colour", "pattern", "colour2", "material"}}, "main": part}."""
    spec = KINDS[instance.kind]
    parts = {}
    for name, p in instance.parts.items():
        parts[name] = {"colour": p.colour, "pattern": p.pattern, "colour2": p.colour2, "material": p.material}
        if p.pattern == "letter":
            parts[name]["letter"] = p.letter
    return {"kind": instance.kind, "category": spec.category, "seed": instance.seed, "main": spec.main, "parts": parts}


def _shape(kind, seed, settled):
    rng, drawn = np.random.default_rng([seed, 3]), {}

    def u(name, low, high):
        if name not in drawn:
            draw = float(rng.random())
            drawn[name] = settled.get(name, draw)
        return low + (high - low) * drawn[name]

    builder = Builder()
    KINDS[kind].build(builder, u)
    return builder, drawn


def _spread(rng):
    return SPREAD[rng.integers(len(SPREAD))]


def _paint(spec, names, rng):
    coats = spec.coats if spec.coats and rng.random() < 0.8 else NAMES
    first = coats[rng.integers(len(coats))]
    second, third = other(first, rng), other(first, rng)
    parts = {}
    for name in sorted(names, key=lambda n: (n != spec.main, names.index(n))):
        material = spec.materials[rng.integers(len(spec.materials))] if name == spec.main else None
        roll, pick = rng.random(), rng.random()
        if name == spec.main:
            colour = first
        elif name in spec.fixed and roll < 0.9:
            colour = spec.fixed[name]
        elif name in spec.follows and spec.follows[name][0] in parts and roll < spec.follows[name][1]:
            colour = parts[spec.follows[name][0]].colour
        else:
            colour = second if pick < 0.45 else third if pick < 0.7 else other(first, rng)
        parts[name] = Part(colour, material=material or parts[spec.main].material, freq=float(rng.uniform(3, 7)))
    for name in (spec.main, *spec.marks):
        roll = rng.random()
        if name in parts and roll < 0.42:
            parts[name].pattern = _spread(rng) if roll < 0.27 else EMBLEMS[rng.integers(len(EMBLEMS))]
            parts[name].colour2 = other(parts[name].colour, rng)
            parts[name].letter = chr(65 + rng.integers(26))
    return {n: parts[n] for n in names}


assert all(m in MATERIALS for k in KINDS.values() for m in k.materials) and set(SPREAD + EMBLEMS) < set(PATTERNS)
