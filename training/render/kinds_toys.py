"""Toys and figures: animals, vehicles, robots. Same conventions as kinds_home."""


def _animal(b, u, ear, muzzle, tail):
    w, y = u("body width", 0.32, 0.42), u("leg length", 0.26, 0.4)
    n = u("body length", 0.5, 0.62)
    b.add("body", "ball", (0, y + w * 0.9, -0.05), (w, w * 0.95, n))
    for x in (-1, 1):
        for z in (-1, 1):
            b.rod("legs", (x * w * 0.62, y + 0.1, z * n * 0.62 - 0.05), (x * w * 0.66, 0.1, z * n * 0.66 - 0.03), 0.1)
    hy, hz, hr = y + w * 1.9 + 0.2, n * 0.72, u("head", 0.32, 0.4)
    b.rod("body", (0, y + w, n * 0.4), (0, hy, hz), hr * 0.62)
    b.add("head", "ball", (0, hy, hz), (hr * 1.02, hr * 0.95, hr))
    b.add("muzzle", "ball", (0, hy - hr * 0.3, hz + hr * (0.62 + muzzle * 0.3)), (hr * 0.46, hr * 0.36, hr * (0.3 + muzzle)))
    b.add("nose", "ball", (0, hy - hr * 0.15, hz + hr * (0.92 + muzzle * 1.25)), (0.075, 0.06, 0.05))
    for x in (-1, 1):
        b.add("eyes", "ball", (x * hr * 0.4, hy + hr * 0.2, hz + hr * 0.86), 0.052)
        if ear == "point":
            b.add("ears", "cone", (x * hr * 0.6, hy + hr * 0.98, hz - 0.02), (0.15, u("ear", 0.17, 0.26), 0.07), (0, 0, -x * 16),
                  top=0.12)
        elif ear == "flop":
            b.add("ears", "ball", (x * hr * 0.98, hy - hr * 0.05, hz - 0.02), (0.09, u("ear", 0.24, 0.36), 0.17), (0, 0, x * 16))
        else:
            b.add("ears", "ball", (x * hr * 0.8, hy + hr * 0.78, hz - 0.04), (u("ear", 0.12, 0.19), 0.15, 0.07))
    cy, cz = (hy + y + w) / 2 + hr * 0.02, n * 0.4 + (hz - n * 0.4) * 0.5 + 0.03
    b.add("collar", "ring", (0, cy, cz), hr * 0.92, (116, 0, 0), tube=0.2)
    b.add("tag", "cone", (0, cy - hr * 0.62, cz + hr * 1.0), (0.09, 0.025, 0.09), (84, 0, 0))
    if tail == "long":
        b.rod("tail", (0, y + w, -n), (u("tail side", -0.3, 0.3), y + w + u("tail", 0.35, 0.7), -n - 0.32), 0.06)
    elif tail == "stub":
        b.add("tail", "ball", (0, y + w * 1.2, -n - 0.02), 0.13)
    else:
        b.rod("tail", (0, y + w * 1.1, -n + 0.05), (0, y + w * 1.7, -n - 0.25), 0.09)


def dog(b, u):
    _animal(b, u, "flop" if u("ear form", 0, 1) < 0.55 else "point", 0.32, "up")


def cat(b, u):
    _animal(b, u, "point", 0.1, "long")


def rabbit(b, u):
    w = u("width", 0.42, 0.52)
    b.add("body", "ball", (0, w * 0.95, 0), (w, w, w * 0.9))
    b.add("belly", "ball", (0, w * 0.9, w * 0.3), (w * 0.68, w * 0.74, w * 0.66))
    y = w * 1.9 + 0.2
    b.add("head", "ball", (0, y, 0.06), (0.37, 0.34, 0.35))
    lean, n = u("ear lean", 6, 26), u("ear", 0.32, 0.48)
    for x in (-1, 1):
        b.add("ears", "ball", (x * 0.2, y + 0.25 + n * 0.85, 0), (0.1, n, 0.06), (0, 0, -x * lean))
        b.add("eyes", "ball", (x * 0.15, y + 0.08, 0.37), 0.05)
        b.add("feet", "ball", (x * w * 0.55, 0.12, w * 0.75), (0.17, 0.12, 0.26))
        b.rod("arms", (x * w * 0.85, w * 1.35, 0.1), (x * w * 0.75, w * 0.8, w * 0.75), 0.1)
    b.add("nose", "ball", (0, y - 0.03, 0.42), (0.06, 0.045, 0.04))
    b.add("scarf", "ring", (0, w * 1.83, 0.02), 0.31, (88, 0, 0), tube=u("scarf", 0.24, 0.36))


def teddy(b, u):
    w = u("width", 0.42, 0.52)
    b.add("body", "ball", (0, w * 0.98, 0), (w, w * 1.05, w * 0.85))
    b.add("belly", "ball", (0, w * 0.95, w * 0.26), (w * 0.7, w * 0.76, w * 0.66))
    y, hr = w * 2 + 0.24, u("head", 0.38, 0.46)
    b.add("head", "ball", (0, y, 0.04), (hr * 1.05, hr * 0.95, hr * 0.95))
    b.add("muzzle", "ball", (0, y - 0.09, hr * 0.85), (0.19, 0.15, 0.14))
    b.add("nose", "ball", (0, y - 0.03, hr * 0.85 + 0.14), (0.07, 0.05, 0.04))
    for x in (-1, 1):
        b.add("ears", "ball", (x * hr * 0.82, y + hr * 0.72, 0), (u("ear", 0.14, 0.2), 0.17, 0.09))
        b.add("eyes", "ball", (x * 0.15, y + 0.1, hr * 0.87), 0.05)
        b.rod("arms", (x * w * 0.85, w * 1.5, 0.05), (x * w * 1.25, w * u("arm", 0.7, 1.2), 0.28), 0.13)
        b.rod("legs", (x * w * 0.5, 0.22, 0.1), (x * w * 0.72, 0.17, w * 1.25), 0.16)
        b.add("paws", "cone", (x * w * 0.74, 0.18, w * 1.25 + 0.15), (0.12, 0.02, 0.12), (84, 0, 0))
        b.add("bow", "ball", (x * 0.15, w * 1.88, hr * 0.72), (0.15, 0.1, 0.06), (0, 0, x * 18))
    b.add("bow", "ball", (0, w * 1.88, hr * 0.76), 0.065)


def duck(b, u):
    w, n = u("width", 0.4, 0.5), u("length", 0.56, 0.68)
    b.add("body", "ball", (0, w * 0.88, 0), (w, w * 0.9, n), lo=-0.96)
    b.add("tail", "cone", (0, w * 1.35, -n * 0.95), (0.2, 0.2, 0.1), (-48, 0, 0), top=0.2)
    y, hr = w * 1.75 + 0.26, u("head", 0.3, 0.38)
    b.add("head", "ball", (0, y, n * 0.5), hr)
    b.add("beak", "ball", (0, y - 0.06, n * 0.5 + hr), (0.17, 0.06, u("beak", 0.16, 0.24)))
    for x in (-1, 1):
        b.add("eyes", "ball", (x * hr * 0.5, y + 0.1, n * 0.5 + hr * 0.82), 0.055)
        b.add("wings", "ball", (x * w * 0.92, w * 1.05, -0.08), (0.09, w * 0.45, n * 0.5), (0, 0, x * 14))
    b.add("hat", "cone", (0, y + hr * 1.1, n * 0.5 - 0.03), (hr * 0.62, u("hat", 0.14, 0.26), hr * 0.62), (-8, 0, 0),
          top=u("hat form", 0.1, 1.0))


def car(b, u):
    n, w, y = u("length", 0.78, 0.95), u("width", 0.36, 0.46), u("wheel", 0.17, 0.23)
    hb = u("body height", 0.15, 0.2)
    b.add("body", "soft", (0, y + hb, 0), (w, hb, n), bevel=0.5)
    cab, back = u("cabin", 0.36, 0.55), u("cabin at", -0.25, 0.1)
    top = y + 2 * hb + 0.17
    b.add("windows", "soft", (0, top - 0.02, back), (w * 0.84, 0.2, cab), bevel=0.5)
    b.add("roof", "soft", (0, top + 0.17, back), (w * 0.86, 0.055, cab * 0.92), bevel=0.7)
    for x in (-1, 1):
        for z in (-1, 1):
            b.add("wheels", "cone", (x * (w - 0.02), y, z * n * 0.62), (y, 0.075, y), (0, 0, 90))
            b.add("hubs", "cone", (x * (w + 0.01), y, z * n * 0.62), (y * 0.5, 0.06, y * 0.5), (0, 0, 90))
        b.add("lights", "ball", (x * w * 0.6, y + hb * 1.1, n * 0.98), (0.09, 0.08, 0.05))
    b.add("stripe", "box", (0, y + 2 * hb, 0.0), (0.09, 0.012, n * 0.93))


def truck(b, u):
    n, w, y = u("length", 0.85, 1.0), u("width", 0.38, 0.46), u("wheel", 0.17, 0.22)
    b.add("chassis", "box", (0, y + 0.06, 0), (w * 0.9, 0.06, n))
    c = u("cab", 0.26, 0.34)
    b.add("cab", "soft", (0, y + 0.45, n - c), (w, 0.36, c), bevel=0.3)
    b.add("windows", "box", (0, y + 0.55, n - c + 0.02), (w * 0.8, 0.14, c))
    h = u("load height", 0.26, 0.46)
    b.add("load", "box", (0, y + 0.14 + h, -c * 1.05), (w, h, n - c * 1.15))
    for x in (-1, 1):
        for z in (-0.68, -0.2, 0.66):
            b.add("wheels", "cone", (x * (w - 0.03), y, z * n), (y, 0.08, y), (0, 0, 90))
        b.add("lights", "ball", (x * w * 0.65, y + 0.25, n), (0.08, 0.08, 0.04))


def robot(b, u):
    w, h = u("width", 0.34, 0.46), u("height", 0.32, 0.42)
    leg = u("leg", 0.26, 0.4)
    b.add("body", "soft", (0, leg + h, 0), (w, h, 0.28), bevel=0.35)
    b.add("panel", "box", (0, leg + h * 1.05, 0.28), (w * 0.58, h * 0.5, 0.02))
    hw, hh = u("head width", 0.26, 0.38), u("head height", 0.2, 0.27)
    y = leg + 2 * h + hh + 0.08
    if u("head form", 0, 1) < 0.6:
        b.add("head", "soft", (0, y, 0), (hw, hh, 0.24), bevel=0.4)
    else:
        b.add("head", "ball", (0, y - hh * 0.7, 0), (hw, hh * 1.8, hw), lo=0)
    for x in (-1, 1):
        b.add("eyes", "ball", (x * hw * 0.45, y + 0.03, 0.23), u("eye", 0.06, 0.1))
        b.rod("arms", (x * (w + 0.08), leg + h * 1.7, 0), (x * (w + u("reach", 0.12, 0.34)), leg + h * u("lift", 0.5, 1.9), 0.25), 0.085)
        b.rod("legs", (x * w * 0.5, leg + 0.1, 0), (x * w * 0.5, 0.16, 0), 0.1)
        b.add("feet", "soft", (x * w * 0.55, 0.09, 0.08), (0.17, 0.09, 0.24), bevel=0.6)
    b.rod("antenna", (0, y, 0), (0, y + hh + 0.26, 0), 0.025)
    b.add("antenna", "ball", (0, y + hh + 0.28, 0), 0.075)


def rocket(b, u):
    r, h = u("width", 0.28, 0.38), u("height", 0.5, 0.64)
    y = 0.3
    b.add("body", "cone", (0, y + h, 0), (r, h, r))
    b.add("nose", "cone", (0, y + 2 * h + 0.28, 0), (r, u("nose", 0.24, 0.36), r), top=0.08)
    b.add("window", "cone", (0, y + h * 1.35, r - 0.02), (0.15, 0.04, 0.15), (90, 0, 0))
    b.add("band", "cone", (0, y + h * u("band at", 0.4, 0.8), 0), (r * 1.012, 0.07, r * 1.012), caps=0)
    for a in (0, 120, 240):
        import math

        s, c = math.sin(math.radians(a)), math.cos(math.radians(a))
        b.add("fins", "roof", (s * r * 1.15, 0.32, c * r * 1.15), (u("fin", 0.2, 0.3), 0.32, 0.035), (0, a + 90, 0))
    b.add("engine", "cone", (0, 0.17, 0), (r * 0.75, 0.14, r * 0.75), top=0.7)


def drum(b, u):
    r, h = u("width", 0.52, 0.68), u("height", 0.3, 0.46)
    b.add("body", "cone", (0, h, 0), (r, h, r))
    b.add("skin", "cone", (0, 2 * h, 0), (r * 0.97, 0.02, r * 0.97))
    for y in (0.05, 2 * h):
        b.add("hoops", "ring", (0, y, 0), r, (90, 0, 0), tube=0.07)
    for x, a in ((-1, 24), (1, -18)):
        b.rod("sticks", (x * 0.22, 2 * h + 0.06, -0.2), (x * 0.22 + a * 0.012, 2 * h + 0.12, 0.62), 0.035)


def blocks(b, u):
    s = u("size", 0.3, 0.36)
    b.add("left block", "soft", (-s * 1.03, s, 0), (s, s, s), (0, u("turn a", -14, 14), 0), bevel=0.2)
    b.add("right block", "soft", (s * 1.05, s, 0), (s, s, s), (0, u("turn b", -14, 14), 0), bevel=0.2)
    b.add("top block", "soft", (u("shift", -0.2, 0.2), 3 * s, 0), (s, s, s), (0, u("turn c", -25, 25), 0), bevel=0.2)
    b.add("roof", "roof", (u("shift", -0.2, 0.2), 4.75 * s, 0), (s, s * 0.75, s), (0, u("turn d", -20, 20), 0))
