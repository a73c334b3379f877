"""Object kinds found at home: each function builds one kind from named proportions `u(name, low, high)`.

Convention: about 1.6 units tall, standing on y = 0, face to +z. Parts are what people name ("handle", "shade").
"""


def mug(b, u):
    r, h, flare = u("width", 0.48, 0.66), u("height", 0.48, 0.72), u("flare", 0.92, 1.12)
    b.add("body", "cone", (0, h, 0), (r, h, r), top=flare, caps=1)
    b.add("inside", "cone", (0, h + 0.03, 0), (r * 0.93, h * 0.96, r * 0.93), top=flare, caps=1)
    b.add("rim", "ring", (0, 2 * h, 0), r * flare * 0.965, (90, 0, 0), tube=0.05)
    size = u("handle", 0.26, 0.4)
    b.add("handle", "ring", (r * (1 + flare) / 2 + 0.03, h, 0), (size, size * u("loop", 0.9, 1.25), size), (0, 0, 0),
          tube=0.24, arc=97)


def bottle(b, u):
    r, h, neck = u("width", 0.32, 0.44), u("height", 0.5, 0.68), u("neck", 0.13, 0.2)
    b.add("body", "cone", (0, h, 0), (r, h, r), caps=3)
    b.add("body", "ball", (0, 2 * h, 0), (r, r * 0.75, r), lo=0)
    b.add("body", "cone", (0, 2 * h + r * 0.7, 0), (neck, 0.2, neck), caps=2)
    b.add("cap", "cone", (0, 2 * h + r * 0.7 + 0.25, 0), (neck * 1.25, u("cap", 0.09, 0.16), neck * 1.25))
    b.add("label", "cone", (0, h * u("label at", 0.85, 1.1), 0), (r * 1.012, h * u("label", 0.4, 0.6), r * 1.012), caps=0)


def lamp(b, u):
    w, h = u("foot", 0.32, 0.46), u("stem", 0.5, 0.68)
    if u("foot form", 0, 1) < 0.5:
        b.add("base", "cone", (0, 0.06, 0), (w, 0.06, w), top=0.85)
    else:
        b.add("base", "ball", (0, 0.28, 0), (w, 0.3, w))
    b.add("stem", "cone", (0, h + 0.08, 0), (0.05, h, 0.05))
    sh = u("shade height", 0.26, 0.38)
    b.add("shade", "cone", (0, 2 * h + 0.1, 0), (u("shade", 0.55, 0.72), sh, 0.62), top=u("taper", 0.4, 0.9), caps=0)
    b.add("bulb", "ball", (0, 2 * h + 0.02, 0), 0.17)


def house(b, u):
    w, h, d = u("width", 0.5, 0.64), u("height", 0.42, 0.6), u("depth", 0.4, 0.54)
    b.add("walls", "box", (0, h, 0), (w, h, d))
    rise = u("rise", 0.28, 0.44)
    b.add("roof", "roof", (0, 2 * h + rise, 0), (w * 1.25 * 2 * 0.5 * 1.0, rise, d * 1.2))
    b.add("door", "box", (-0.02, h * 0.5, d), (0.14, h * 0.5, 0.025))
    for side in (-1, 1):
        b.add("windows", "box", (side * w * 0.62, h * 1.3, d), (0.11, 0.11, 0.02))
    b.add("chimney", "box", (w * 0.5, 2 * h + rise * 1.15, 0), (0.09, rise * 0.75, 0.09))


def birdhouse(b, u):
    w, h = u("width", 0.36, 0.46), u("height", 0.42, 0.54)
    b.add("walls", "box", (0, h + 0.1, 0), (w, h, w))
    b.add("roof", "roof" if u("roof form", 0, 1) < 0.5 else "pyramid", (0, 2 * h + 0.42, 0), (w * 1.35, 0.33, w * 1.4))
    b.add("hole", "cone", (0, h * 1.25 + 0.1, w), (0.15, 0.02, 0.15), (90, 0, 0))
    b.rod("perch", (0, h * 0.7 + 0.1, w), (0, h * 0.7 + 0.1, w + 0.28), 0.035)
    b.add("base", "box", (0, 0.05, 0), (w * 1.3, 0.05, w * 1.35))


def watering_can(b, u):
    r, h = u("width", 0.42, 0.52), u("height", 0.38, 0.5)
    b.add("body", "cone", (0, h, 0), (r, h, r), top=u("taper", 0.8, 1.0), caps=1)
    b.add("band", "cone", (0, h * 0.55, 0), (r * 0.995, 0.07, r * 0.995), top=0.97, caps=0)
    b.rod("spout", (r * 0.7, h * 0.5, 0), (r + 0.5, 2 * h + 0.12, 0), 0.075)
    b.add("rose", "cone", (r + 0.55, 2 * h + 0.18, 0), (0.1, 0.1, 0.1), (0, 0, -42), top=2.0)
    b.add("handle", "ring", (-r * 0.75, h * 1.25, 0), (0.36, 0.42, 0.36), (0, 180, 0), tube=0.16, arc=115)


def teapot(b, u):
    r, y = u("width", 0.5, 0.62), u("height", 0.4, 0.52)
    b.add("body", "ball", (0, y, 0), (r, y, r))
    b.add("lid", "ball", (0, y * 1.72, 0), (r * 0.6, 0.2, r * 0.6), lo=0)
    b.add("knob", "ball", (0, y * 1.72 + 0.25, 0), u("knob", 0.07, 0.12))
    b.rod("spout", (r * 0.8, y * 0.8, 0), (r + 0.32, y * 1.5, 0), u("spout", 0.08, 0.12))
    b.add("handle", "ring", (-r * 0.92, y * 1.02, 0), (0.3, 0.32, 0.3), (0, 180, 0), tube=0.2, arc=112)


def chair(b, u):
    w, y, t = u("width", 0.38, 0.48), u("seat height", 0.62, 0.8), 0.06
    b.add("seat", "soft", (0, y, 0), (w, t, w), bevel=0.8)
    for x in (-1, 1):
        for z in (-1, 1):
            b.rod("legs", (x * w * 0.8, y, z * w * 0.8), (x * w * u("splay", 0.85, 1.1), 0.04, z * w * 0.95), 0.05)
    hb = u("back height", 0.34, 0.5)
    b.add("back", "soft", (0, y + 0.12 + hb, -w * 0.88), (w, hb, 0.05), (-6, 0, 0), bevel=0.8)
    b.add("cushion", "soft", (0, y + 0.12, 0.03), (w * 0.85, 0.09, w * 0.8), bevel=0.95)


def clock(b, u):
    r = u("size", 0.5, 0.62)
    y = r + 0.14
    b.add("case", "cone", (0, y, 0), (r, u("depth", 0.14, 0.26), r), (90, 0, 0))
    b.add("face", "cone", (0, y, 0.03), (r * 0.86, 0.245, r * 0.86), (90, 0, 0))
    h, m = u("hour", -120, 120), u("minute", 0, 360)
    for a, n, w in ((h, 0.42, 0.035), (m, 0.66, 0.024)):
        import math

        s, c = math.sin(math.radians(a)), math.cos(math.radians(a))
        b.rod("hands", (0, y, 0.29), (s * r * n, y + c * r * n, 0.29), w)
    for x in (-1, 1):
        b.rod("feet", (x * r * 0.5, y - r * 0.75, 0), (x * r * 0.75, 0.05, 0), 0.06)
        b.add("bells", "ball", (x * r * 0.55, y + r * 0.98, 0), (r * 0.34, r * 0.28, r * 0.34), (0, 0, -x * 30), lo=-0.2)


def plant(b, u):
    r, h = u("pot width", 0.34, 0.46), u("pot height", 0.28, 0.38)
    b.add("pot", "cone", (0, h, 0), (r * 0.75, h, r * 0.75), top=1.3, caps=1)
    b.add("rim", "cone", (0, 2 * h, 0), (r, 0.06, r), caps=0)
    b.add("soil", "cone", (0, 2 * h - 0.06, 0), (r * 0.95, 0.02, r * 0.95))
    n, top = int(u("leaves", 6, 12)), u("leaf", 0.4, 0.6)
    for i in range(n):
        a = i * 137.5
        import math

        lean = 18 + 45 * ((i * 0.618) % 1)
        x, z = math.sin(math.radians(a)), math.cos(math.radians(a))
        k = math.sin(math.radians(lean))
        b.add("leaves", "ball", (x * top * k, 2 * h + top * math.cos(math.radians(lean)), z * top * k),
              (0.12, top * 0.95, 0.035), (lean, a, 0))
    b.add("flower", "ball", (0, 2 * h + top * 1.9, 0.05), u("flower", 0.12, 0.2))


def vase(b, u):
    r, n = u("width", 0.38, 0.52), u("neck", 0.16, 0.26)
    b.add("body", "ball", (0, r * 1.1, 0), (r, r * 1.15, r), lo=-0.95)
    b.add("neck", "cone", (0, r * 2.25, 0), (n, 0.26, n), top=u("lip", 1.0, 1.6), caps=0)
    b.add("band", "cone", (0, r * 1.1, 0), (r * 1.012, u("band", 0.05, 0.12), r * 1.012), caps=0)
    b.add("foot", "cone", (0, 0.04, 0), (r * 0.6, 0.05, r * 0.6), top=0.85)


def book(b, u):
    w, h, t = u("width", 0.42, 0.54), u("height", 0.58, 0.72), u("thickness", 0.09, 0.18)
    b.add("cover", "box", (0, h, t), (w, h, 0.022))
    b.add("cover", "box", (0, h, -t), (w, h, 0.022))
    b.add("spine", "box", (-w, h, 0), (0.024, h, t))
    b.add("pages", "box", (0.0, h, 0), (w * 0.95, h * 0.96, t * 0.95))
    b.add("emblem", "box", (0.02, h * u("emblem at", 1.0, 1.25), t + 0.022), (w * 0.6, w * 0.6, 0.006))
    b.add("ribbon", "box", (w * 0.3, 0.06, 0), (0.05, 0.09, 0.012))
