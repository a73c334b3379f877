"""Contact sheets for looking at the renderer: `python -m training.render.sheet OUT.png [kinds|views] [seed]`."""

import sys

import numpy as np
from PIL import Image

from . import KINDS, make_instance, render, sibling


def sheet(pictures, columns):
    rows = [np.concatenate(pictures[i:i + columns], 1) for i in range(0, len(pictures), columns)]
    return Image.fromarray(np.concatenate(rows))


def main():
    out, what, seed = sys.argv[1], (sys.argv[2:] or ["kinds"])[0], int((sys.argv[3:] or [1])[0])
    if what == "kinds":
        pics = [render(make_instance(seed * 100 + i, k), seed + i, 160)[0] for i, k in enumerate(KINDS)]
        sheet(pics, 8).save(out)
    else:
        pics = []
        for i, k in enumerate(list(KINDS)[seed % 4::4]):
            base = make_instance(seed * 100 + i, k)
            pics += [render(base, seed * 10 + i * 7 + j, 160)[0] for j in range(4)]
            pics += [render(sibling(base, seed + i + j), seed * 10 + j, 160)[0] for j in range(4)]
        sheet(pics, 8).save(out)


if __name__ == "__main__":
    main()
