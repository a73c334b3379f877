"""A small ray tracer that makes labelled photos of things nobody owns: toys, mugs, lamps, dogs with collars.

    from training.render import make_instance, sibling, render, describe
    thing = make_instance(seed, kind=None, overrides=None)        # one particular thing; KINDS lists the kinds
    photo, ids = render(thing, view_seed, size=192)               # (H, W, 3) uint8, (H, W) uint8 part ids
    photo, ids = render([thing, other], view_seed, 384)           # several things; id = 1 + 16 * thing + part
    labels = describe(thing)                                      # kind, category, parts with colour, pattern, material

`python -m training.render.prerender` writes a labelled set under training/cache/render/ (see its docstring), and
`python -m training.render.make_assets` every picture the repository ships. Seeds from RESERVED upwards belong to shipped
samples, suites and tests; training must stay below.
"""

from .catalogue import KINDS
from .instance import Instance, Part, describe, make_instance, sibling
from .palette import NAMES
from .scene import render

RESERVED = 9_000_000  # instance seeds >= this are never trained on

__all__ = ["KINDS", "NAMES", "RESERVED", "Instance", "Part", "describe", "make_instance", "render", "sibling"]
