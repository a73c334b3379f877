"""Builder for objects: parts made of primitives in a y-up frame that stands on y = 0 and looks towards +z."""

from dataclasses import dataclass, field

import numpy as np

from .shapes import BOX, CAPSULE, FRUSTUM, PRISM, PYRAMID, ROUND_BOX, SPHERE, TORUS

SHAPES = {"ball": SPHERE, "box": BOX, "cone": FRUSTUM, "ring": TORUS, "soft": ROUND_BOX, "roof": PRISM,
          "pyramid": PYRAMID, "rod": CAPSULE}


def turn(x: float = 0, y: float = 0, z: float = 0) -> np.ndarray:
    """Rotation by degrees, about z, then x, then y."""
    a, b, c = np.radians([x, y, z])
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return ry @ rx @ rz


@dataclass
class Builder:
    """Collects primitives; `part` names which named part each belongs to, in order of first use."""

    kinds: list = field(default_factory=list)
    pars: list = field(default_factory=list)
    frames: list = field(default_factory=list)  # (3, 4) local→object
    balls: list = field(default_factory=list)  # (centre, radius) in the object frame
    parts: list = field(default_factory=list)

    def add(self, part, shape, at, size, rot=(0, 0, 0), **o):
        """size: half extents along the local axes. Options: top, caps (cone); tube, arc (ring); bevel (soft);
        lo, hi (ball). A rod is round: size = (radius, half length)."""
        kind = SHAPES[shape]
        s = np.array(size, np.float64) if np.ndim(size) else np.full(3, float(size))
        par = [0.0] * 4
        reach = 1.0
        if shape == "ball":
            par[:2] = o.get("lo", -2.0), o.get("hi", 2.0)
        elif shape == "cone":
            par[:2] = o.get("top", 1.0), o.get("caps", 3)
        elif shape == "ring":
            par[:2] = o.get("tube", 0.2), np.radians(o.get("arc", 180.0))
            reach = 1 + par[0]
        elif shape == "soft":
            par = [*s, o.get("bevel", 0.3) * min(s)]
            reach, s = float(np.linalg.norm(s)), np.ones(3)
        elif shape == "rod":
            par[0] = s[1] / s[0]
            reach, s = 1 + par[0], np.full(3, s[0])
        else:
            reach = np.sqrt(3.0)
        lin = turn(*rot) @ np.diag(s)
        self.kinds.append(kind)
        self.pars.append(par)
        self.frames.append(np.column_stack([lin, np.array(at, np.float64)]))
        if shape in ("box", "roof", "pyramid"):
            radius = float(np.linalg.norm(s))
        elif shape == "cone":
            radius = float(np.hypot(s[1], max(s[0], s[2]) * max(1.0, par[0])))
        else:
            radius = float(reach * s.max())
        self.balls.append((np.array(at, np.float64), radius * 1.001))
        self.parts.append(part)

    def rod(self, part, a, b, radius):
        """A capsule from point a to point b."""
        a, b = np.array(a, np.float64), np.array(b, np.float64)
        d = b - a
        n = np.linalg.norm(d)
        y = d / n
        ref = np.array([1.0, 0, 0]) if abs(y[0]) < 0.9 else np.array([0, 0, 1.0])
        x = np.cross(ref, y)
        x /= np.linalg.norm(x)
        self.kinds.append(CAPSULE)
        self.pars.append([n / 2 / radius, 0, 0, 0])
        self.frames.append(np.column_stack([np.column_stack([x, y, np.cross(x, y)]) * radius, (a + b) / 2]))
        self.balls.append(((a + b) / 2, (n / 2 + radius) * 1.001))
        self.parts.append(part)

    def bounds(self):
        """(centre, radius) of a ball around everything."""
        c = np.array([b[0] for b in self.balls])
        r = np.array([b[1] for b in self.balls])
        lo, hi = (c - r[:, None]).min(0), (c + r[:, None]).max(0)
        mid = (lo + hi) / 2
        return mid, float((np.linalg.norm(c - mid, axis=1) + r).max())
