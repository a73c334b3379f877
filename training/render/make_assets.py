"""Renders every picture the repository ships: `python -m training.render.make_assets [samples|home|tests]`.

Everything follows from the tables in concepts.py and the fixed seeds here; running it again gives the same pictures
(JPEG bytes may differ between Pillow builds). The words beside them (public/samples/samples.json, bench/suites/home.json)
are written by hand, and `check` fails when one names a picture that is not there.
"""

import json
import sys
from pathlib import Path

from PIL import Image

from .concepts import HOME, SAMPLES, STRANGERS, TESTS, thing
from .scene import render

SAMPLE_YAWS = (-28, 6, 38, -50)
YAWS = (-32, 4, 40)
PAIRS = {  # photos with two known things in them
    "pair-1": ("biscuit", "grandpas-mug"), "pair-2": ("juno", "captain-quack"), "pair-3": ("gizmo", "mr-button"),
    "pair-4": ("flash", "oskars-drum"),
}


def save(pixels, path: Path, quality=80):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "JPEG", quality=quality, optimize=True)


def shot(things, seed, size, yaw=None, zoom=1.2):
    return render(things, seed, size, yaw=yaw, quality=0, samples=3, zoom=zoom)[0]


def samples():
    for k, name in enumerate(SAMPLES):
        t = thing(SAMPLES, name)
        for i, yaw in enumerate(SAMPLE_YAWS[:3]):
            save(shot(t, 51_000 + 10 * k + i, 512, yaw), Path(f"public/samples/{name}-{i + 1}.jpg"), 74)
        save(shot(t, 51_000 + 10 * k + 7, 512, 22), Path(f"public/samples/{name}-new.jpg"), 74)


def home():
    out = Path("bench/suites/home")
    for k, name in enumerate(HOME):
        t = thing(HOME, name)
        for i, yaw in enumerate(YAWS):
            save(shot(t, 52_000 + 10 * k + i, 384, yaw), out / f"{name}-{i + 1}.jpg")
        save(shot(t, 52_000 + 10 * k + 5, 384, -14 if k % 2 else 22, 1.3), out / f"{name}-new.jpg")
    for k, name in enumerate(STRANGERS):
        save(shot(thing(STRANGERS, name), 53_000 + k, 384, 15 if k % 2 else -20, 1.25), out / f"{name}.jpg")
    for k, (name, pair) in enumerate(PAIRS.items()):
        save(shot([thing(HOME, p) for p in pair], 54_000 + k, 384, 10, 1.1), out / f"{name}.jpg")


def tests():
    out = Path("test/photos")
    for k, name in enumerate(("rex", "tea-mug")):
        for i, yaw in enumerate(YAWS):
            save(shot(thing(TESTS, name), 55_000 + 10 * k + i, 384, yaw), out / f"{name}-{i + 1}.jpg")
        save(shot(thing(TESTS, name), 55_000 + 10 * k + 5, 384, 20, 1.3), out / f"{name}-new.jpg")
    for k, name in enumerate(("stranger-truck", "stranger-mug")):
        save(shot(thing(TESTS, name), 55_500 + k, 384, -20), out / f"{name}.jpg")
    save(shot([thing(TESTS, "rex"), thing(TESTS, "tea-mug")], 55_600, 384, 10, 1.1), out / "rex-and-tea-mug.jpg")
    (out / "corrupt.jpg").write_text("This is not a picture. It only carries the name of one.\n" * 20)
    Image.new("RGB", (1, 1), (200, 120, 40)).save(out / "one-pixel.png")


def check():
    """Every photo the hand-written JSON names exists, and every picture is named by something."""
    named = set()
    for s in json.loads(Path("public/samples/samples.json").read_text()):
        named |= {Path("public/samples") / p for p in (*s["photos"], *s["tryPhotos"])}
    suite = json.loads(Path("bench/suites/home.json").read_text())
    for entry in suite["concepts"] + suite["questions"]:
        named |= {Path("bench/suites") / p for p in (*entry.get("photos", ()), *([entry["photo"]] if "photo" in entry else ()))}
    there = set(Path("public/samples").glob("*.jpg")) | set(Path("bench/suites/home").glob("*.jpg"))
    assert not named - there, f"missing: {sorted(map(str, named - there))}"
    print(f"{len(named)} photos named, unused: {sorted(map(str, there - named))}")


def main():
    for name in sys.argv[1:] or ("samples", "home", "tests", "check"):
        {"samples": samples, "home": home, "tests": tests, "check": check}[name]()


if __name__ == "__main__":
    main()
