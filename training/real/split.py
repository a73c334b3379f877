"""The frozen split of the real photos, and the labels that training and the held-out suite share.

held_out(path)        a tenth of every class, never trained on          category(path)   "granny smith" folder → "apple"
dominant_colour(im)   one of the twelve colour words, measured, or None when the photo does not say it clearly

Paths are those inside the tars ("grocery/Fruit/Lemon/Lemon_001.jpg", "clothing/hat/….jpg") or below photos/
("coco-cc/000000000285.jpg"). Frozen on 2026-11-25, before any second version trained: SEED and TENTH never change.
"""

import zlib
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

# Of 2,500 seeds from 20261125 on, the one that takes a tenth of each category most evenly, at least two photos of each.
SEED = 20_262_990
TENTH = 10

# Folder → what a person calls what lies in it. The longest folder that holds a photo wins.
CATEGORIES = {
    "grocery/Fruit/Apple": "apple",
    "grocery/Fruit/Avocado": "avocado",
    "grocery/Fruit/Banana": "banana",
    "grocery/Fruit/Kiwi": "kiwi",
    "grocery/Fruit/Lemon": "lemon",
    "grocery/Fruit/Lime": "lime",
    "grocery/Fruit/Mango": "mango",
    "grocery/Fruit/Melon": "melon",
    "grocery/Fruit/Melon/Watermelon": "watermelon",
    "grocery/Fruit/Nectarine": "nectarine",
    "grocery/Fruit/Orange": "orange",
    "grocery/Fruit/Papaya": "papaya",
    "grocery/Fruit/Passion-Fruit": "passion fruit",
    "grocery/Fruit/Peach": "peach",
    "grocery/Fruit/Pear": "pear",
    "grocery/Fruit/Pineapple": "pineapple",
    "grocery/Fruit/Plum": "plum",
    "grocery/Fruit/Pomegranate": "pomegranate",
    "grocery/Fruit/Red-Grapefruit": "grapefruit",
    "grocery/Fruit/Satsumas": "mandarin",
    "grocery/Packages/Juice": "juice carton",
    "grocery/Packages/Milk": "milk carton",
    "grocery/Packages/Oat-Milk": "milk carton",
    "grocery/Packages/Soy-Milk": "milk carton",
    "grocery/Vegetables/Asparagus": "asparagus",
    "grocery/Vegetables/Aubergine": "aubergine",
    "grocery/Vegetables/Brown-Cap-Mushroom": "mushroom",
    "grocery/Vegetables/Cabbage": "cabbage",
    "grocery/Vegetables/Carrots": "carrot",
    "grocery/Vegetables/Cucumber": "cucumber",
    "grocery/Vegetables/Garlic": "garlic",
    "grocery/Vegetables/Ginger": "ginger",
    "grocery/Vegetables/Leek": "leek",
    "grocery/Vegetables/Onion": "onion",
    "grocery/Vegetables/Pepper": "bell pepper",
    "grocery/Vegetables/Potato": "potato",
    "grocery/Vegetables/Potato/Sweet-Potato": "sweet potato",
    "grocery/Vegetables/Red-Beet": "beetroot",
    "grocery/Vegetables/Tomato": "tomato",
    "grocery/Vegetables/Zucchini": "zucchini",
    "clothing/dress": "dress",
    "clothing/hat": "hat",
    "clothing/longsleeve": "sweater",
    "clothing/outwear": "jacket",
    "clothing/pants": "trousers",
    "clothing/shirt": "shirt",
    "clothing/shoes": "shoes",
    "clothing/shorts": "shorts",
    "clothing/skirt": "skirt",
    "clothing/t-shirt": "t-shirt",
}

COLOURS = ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "black", "white", "grey")

# The middle of a photo, a side of the box to a side of the photo: what the photo is of lies there, the floor does not.
CENTRE = 0.4
# A colour is said when it holds this share of the middle, pixels between two colours counted against it, and no second
# colour but the black of shadows holds more than SECOND. Looked at on photos that are not held out: with SURE alone, 0.6 let
# two-coloured shirts through and 0.7 lost most fruit, whose shaded sides have no clear colour.
SURE = 0.55
SECOND = 0.1


def held_out(path: str) -> bool:
    """True for the seeded tenth of the photos that nothing is ever trained, tuned or calibrated on."""
    return zlib.crc32(_relative(path).encode(), SEED) % TENTH == 0


def category(path: str) -> str | None:
    """The plain name of what a photo shows; None for a photo in no known folder."""
    for folder in PurePosixPath(_relative(path)).parents:
        if str(folder) in CATEGORIES:
            return CATEGORIES[str(folder)]
    return None


def dominant_colour(im: Image.Image) -> tuple[str | None, float]:
    """(colour word or None, share of the photo's middle that has it). None when not sure."""
    im = im.convert("RGB")
    w, h = im.size
    mx, my = w * (1 - CENTRE) / 2, h * (1 - CENTRE) / 2
    middle = im.crop((round(mx), round(my), round(w - mx), round(h - my))).resize((48, 48), Image.BOX)
    words = colour_words(np.asarray(middle).reshape(-1, 3))
    shares = np.bincount(words[words >= 0], minlength=len(COLOURS)) / len(words)
    best = int(shares.argmax())
    rivals = [share for i, share in enumerate(shares) if i != best and COLOURS[i] != "black"]
    sure = shares[best] >= SURE and max(rivals) <= SECOND
    return (COLOURS[best] if sure else None), float(shares[best])


def colour_words(pixels: np.ndarray) -> np.ndarray:
    """(n, 3) sRGB 0..255 → (n,) index into COLOURS, -1 where people would argue. Hue sectors with gaps between them."""
    c = pixels.astype(np.float32) / 255
    most, least = c.max(1), c.min(1)
    span = most - least
    s, v = span / np.maximum(most, 1e-6), most
    r, g, b = c.T
    safe = np.maximum(span, 1e-6)
    hue = 60 * np.where(most == r, ((g - b) / safe) % 6, np.where(most == g, (b - r) / safe + 2, (r - g) / safe + 4))
    vivid = (s > 0.45) & (v > 0.35)
    out = np.full(len(c), -1, np.int64)

    def say(word, where):
        out[(out < 0) & where] = COLOURS.index(word)

    say("black", (v < 0.22) | ((v < 0.3) & (s < 0.3)))
    say("white", (s < 0.13) & (v > 0.77))
    say("grey", (s < 0.13) & (v > 0.34) & (v < 0.62))
    say("pink", ((hue > 315) | (hue < 12)) & (s > 0.18) & (s < 0.52) & (v > 0.72))
    say("pink", (hue > 315) & (hue < 342) & vivid & (v > 0.6))
    say("red", ((hue > 345) | (hue < 11)) & (s > 0.55) & (v > 0.35))
    say("brown", (hue > 8) & (hue < 38) & (s > 0.35) & (v > 0.22) & (v < 0.5))
    say("orange", (hue > 17) & (hue < 38) & (s > 0.65) & (v > 0.7))
    say("yellow", (hue > 43) & (hue < 62) & vivid & (v > 0.6))
    say("green", (hue > 72) & (hue < 158) & (s > 0.25) & (v > 0.22))
    say("turquoise", (hue > 172) & (hue < 192) & (s > 0.35) & (v > 0.35))
    say("blue", (hue > 200) & (hue < 248) & (s > 0.3) & (v > 0.25))
    say("purple", (hue > 260) & (hue < 312) & (s > 0.22) & (v > 0.25))
    return out


def _relative(path: str) -> str:
    return str(PurePosixPath(path.replace("\\", "/")))
