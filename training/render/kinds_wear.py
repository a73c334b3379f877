"""Things worn, carried and eaten. Same conventions as kinds_home."""

import math


def hat(b, u):
    r, h = u("crown", 0.42, 0.52), u("height", 0.22, 0.44)
    brim = r * u("brim", 1.35, 1.85)
    b.add("brim", "cone", (0, 0.05, 0), (brim, 0.035, brim), top=0.97)
    if u("form", 0, 1) < 0.5:
        b.add("crown", "cone", (0, h + 0.05, 0), (r, h, r), top=u("taper", 0.75, 0.98))
    else:
        b.add("crown", "ball", (0, 0.06, 0), (r, h * 1.9, r), lo=0)
    b.add("band", "cone", (0, 0.16, 0), (r * 1.02, u("band", 0.07, 0.11), r * 1.02), top=0.97, caps=0)
    b.add("bobble", "ball", (r * 0.8, 0.2, r * 0.66), u("bobble", 0.07, 0.12))


def beanie(b, u):
    r, h = u("width", 0.48, 0.58), u("height", 0.55, 0.75)
    b.add("crown", "ball", (0, 0.2, 0), (r, h, r), lo=-0.1)
    b.add("cuff", "cone", (0, 0.17, 0), (r * 1.06, u("cuff", 0.12, 0.19), r * 1.06), top=1.0)
    b.add("pompom", "ball", (0, h + 0.28, 0), u("pompom", 0.13, 0.22))


def backpack(b, u):
    w, h, d = u("width", 0.42, 0.52), u("height", 0.56, 0.68), u("depth", 0.22, 0.3)
    b.add("body", "soft", (0, h, 0), (w, h, d), bevel=0.85)
    b.add("pocket", "soft", (0, h * 0.58, d), (w * 0.72, h * 0.36, 0.12), bevel=0.8)
    b.add("flap", "soft", (0, h * u("flap", 1.45, 1.6), 0.06), (w * 1.03, h * 0.42, d), bevel=0.85)
    b.add("buckle", "box", (0, h * 1.02, d + 0.08), (0.07, 0.1, 0.03))
    b.add("handle", "ring", (0, 2 * h, -0.05), 0.15, (0, 0, 90), tube=0.22, arc=95)
    for x in (-1, 1):
        b.rod("straps", (x * w * 0.6, h * 1.75, -d), (x * w * 0.8, h * 0.3, -d - 0.05), 0.07)


def boot(b, u):
    r, h = u("shaft", 0.24, 0.32), u("height", 0.42, 0.62)
    b.add("shaft", "cone", (0, 0.45 + h, -0.2), (r, h, r), top=u("flare", 1.0, 1.2), caps=0)
    b.add("foot", "soft", (0, 0.3, 0.14), (r * 1.02, 0.24, 0.58), bevel=0.85)
    b.add("toe", "ball", (0, 0.26, 0.58), (r * 1.03, 0.21, 0.24))
    b.add("sole", "soft", (0, 0.07, 0.14), (r * 1.12, 0.07, 0.7), bevel=0.7)
    b.add("cuff", "cone", (0, 0.45 + 2 * h - 0.08, -0.2), (r * 1.22, u("cuff", 0.07, 0.13), r * 1.22), caps=0)
    for i in range(3):
        b.rod("laces", (-0.13, 0.56 + i * 0.15, 0.16 - i * 0.04), (0.13, 0.56 + i * 0.15, 0.16 - i * 0.04), 0.032)


def shoe(b, u):
    r, n = u("width", 0.27, 0.33), u("length", 0.72, 0.86)
    b.add("upper", "soft", (0, 0.3, 0.0), (r, 0.2, n * 0.95), bevel=0.9)
    b.add("upper", "soft", (0, 0.45, -n * 0.4), (r * 0.92, 0.25, n * 0.5), (12, 0, 0), bevel=0.8)
    b.add("toe", "ball", (0, 0.26, n * 0.74), (r * 1.02, 0.2, 0.3))
    b.add("sole", "soft", (0, 0.09, 0), (r * 1.1, 0.09, n * 1.05), bevel=0.7)
    b.add("heel", "soft", (0, 0.42, -n * 0.86), (r * 0.7, 0.2, 0.1), bevel=0.7)
    for i in range(3):
        b.rod("laces", (-0.14, 0.53 - i * 0.035, 0.05 + i * 0.16), (0.14, 0.53 - i * 0.035, 0.05 + i * 0.16), 0.032)
    for x in (-1, 1):
        b.add("flash", "box", (x * r * 0.98, 0.3, 0.02), (0.02, 0.05, 0.26), (-18, 0, 0))


def cupcake(b, u):
    r, h = u("width", 0.42, 0.54), u("height", 0.3, 0.4)
    b.add("wrapper", "cone", (0, h, 0), (r * 0.75, h, r * 0.75), top=1.3)
    y, n = 2 * h, u("swirl", 0.9, 1.1)
    for i, k in enumerate((1.0, 0.74, 0.46)):
        b.add("icing", "ball", (0, y + 0.08 + i * 0.2, 0), (r * k * n, 0.19, r * k * n))
    b.add("cherry", "ball", (0, y + 0.72, 0), u("cherry", 0.11, 0.16))
    for i in range(9):
        a = math.radians(i * 137.5)
        k = 0.62 + 0.3 * ((i * 0.618) % 1)
        b.rod("sprinkles", (math.sin(a) * r * k, y + 0.2, math.cos(a) * r * k),
              (math.sin(a + 0.4) * r * k, y + 0.27, math.cos(a + 0.4) * r * k), 0.028)


def umbrella(b, u):
    r = u("width", 0.75, 0.92)
    b.add("canopy", "ball", (0, 0.95, 0), (r, u("dome", 0.42, 0.6), r), lo=0.0)
    b.add("trim", "ring", (0, 0.95, 0), r * 0.985, (90, 0, 0), tube=0.035)
    b.rod("shaft", (0, 0.2, 0), (0, 1.6, 0), 0.035)
    b.add("tip", "cone", (0, 1.56, 0), (0.05, 0.1, 0.05), top=0.3)
    b.add("handle", "ring", (0.13, 0.2, 0), 0.13, (0, 0, -90), tube=0.32, arc=90)


def camera(b, u):
    w, h = u("width", 0.58, 0.7), u("height", 0.36, 0.44)
    b.add("body", "soft", (0, h, 0), (w, h, 0.22), bevel=0.4)
    b.add("grip", "box", (0, h * 0.85, 0), (w * 1.005, h * u("grip", 0.4, 0.55), 0.226))
    r = u("lens", 0.24, 0.32)
    b.add("lens", "cone", (0.04, h, 0.32), (r, 0.18, r), (90, 0, 0), top=0.9)
    b.add("glass", "ball", (0.04, h, 0.44), (r * 0.72, r * 0.72, 0.1))
    b.add("flash", "box", (-w * 0.62, h * 1.6, 0.22), (0.12, 0.08, 0.02))
    b.add("button", "cone", (w * 0.62, 2 * h + 0.03, 0), (0.09, 0.05, 0.09))
    b.add("finder", "box", (0.04, 2 * h + 0.06, 0), (0.17, 0.08, 0.14))


def suitcase(b, u):
    w, h = u("width", 0.46, 0.6), u("height", 0.56, 0.7)
    b.add("body", "soft", (0, h + 0.1, 0), (w, h, 0.26), bevel=0.5)
    for x in (-1, 1):
        b.add("straps", "box", (x * w * 0.5, h + 0.1, 0), (0.055, h * 1.005, 0.268))
        b.add("wheels", "cone", (x * w * 0.7, 0.08, 0.1), (0.08, 0.05, 0.08), (0, 0, 90))
    b.add("handle", "ring", (0, 2 * h + 0.1, 0), (0.2, 0.2, 0.2), (0, 0, 90), tube=0.2, arc=95)
    b.add("sticker", "cone", (u("sticker", -0.1, 0.1), h * u("sticker at", 0.8, 1.3) + 0.1, 0.262), (0.2, 0.012, 0.2), (90, 0, 0))
