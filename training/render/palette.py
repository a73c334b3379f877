"""The twelve named colours, the materials, and their seeded jitter. Colour names are the labels everyone uses."""

import numpy as np

# sRGB 0..255; chosen apart from each other under warm and cool light
COLOURS = {
    "red": (196, 38, 38),
    "orange": (236, 124, 28),
    "yellow": (242, 202, 48),
    "green": (58, 140, 62),
    "turquoise": (52, 186, 182),
    "blue": (42, 84, 190),
    "purple": (122, 60, 164),
    "pink": (236, 132, 172),
    "brown": (118, 72, 40),
    "black": (32, 32, 36),
    "white": (240, 238, 232),
    "grey": (134, 138, 142),
}
NAMES = tuple(COLOURS)

# name: (specular strength, shininess, bump of the normal)
MATERIALS = {
    "plastic": (0.35, 40.0, 0.0),
    "ceramic": (0.55, 90.0, 0.0),
    "metal": (0.85, 30.0, 0.02),
    "wood": (0.08, 12.0, 0.10),
    "fabric": (0.0, 4.0, 0.30),
    "plush": (0.0, 4.0, 0.55),
    "rubber": (0.12, 16.0, 0.0),
    "leather": (0.20, 18.0, 0.18),
    "glass": (0.90, 120.0, 0.0),
    "paper": (0.02, 6.0, 0.05),
}


def rgb(name: str, rng: np.random.Generator | None = None) -> np.ndarray:
    """Linear RGB of a colour name, jittered a little so that two reds are rarely the same red."""
    c = np.array(COLOURS[name], np.float64) / 255.0
    if rng is not None:
        scale = 0.5 if name in ("white", "black", "grey", "brown") else 1.0
        c = np.clip(c * (1 + rng.normal(0, 0.05)) + rng.normal(0, 0.018, 3) * scale, 0.015, 0.985)
    return c**2.2


def other(name: str, rng: np.random.Generator) -> str:
    """A different colour that stays readable beside `name`."""
    near = {"red": "orange", "orange": "red", "white": "grey", "grey": "white", "black": "brown", "brown": "black",
            "green": "turquoise", "turquoise": "green", "blue": "purple", "purple": "blue", "pink": "white",
            "yellow": "orange"}
    choices = [n for n in NAMES if n != name and near[name] != n]
    return choices[rng.integers(len(choices))]
