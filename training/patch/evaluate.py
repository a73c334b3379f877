"""Prints what the shipped encoder can do: `python -m training.patch.evaluate [--json OUT]`.

For each set: expected top-1 with one random reference photo per thing (all choices, exactly), AUROC of same-thing against
different-thing pairs, and open-set AUROC (half the things enrolled with k photos, the rest are strangers). Rows: the
teacher's embedding, global only, grid MaxSim only, combined with the weight in calibration.json (fixed on grocery and
renders, never on dreambooth). Sets: dreambooth (15 subjects, evaluation only), renders held out (things compete within
their kind: siblings), grocery held out (products no head was fitted on), home (the photos of bench/suites/home.json).
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .backbone import TEACHER
from .photos import fit, load, pixels, rendered
from .score import background_weight, combine, max_sim, one_reference, open_set_auroc, stranger_auroc

MODEL = Path("public/models/patch")


def encode(images, path=MODEL / "model.onnx", batch=16):
    """(n, 196, d) grids and (n, D) globals of 224-pixel images, by the exported file itself."""
    net, grids, globs = _session(path), [], []
    for k in range(0, len(images), batch):
        g, v = net.run(None, {"pixel_values": pixels(np.stack(images[k:k + batch]))})
        grids.append(g.reshape(len(g), -1, g.shape[-1]))
        globs.append(v)
    return np.concatenate(grids), np.concatenate(globs)


def teacher(images, batch=16):
    net = _session(TEACHER)
    e = np.concatenate([net.run(None, {"pixel_values": pixels(np.stack(images[k:k + batch]))})[0]
                        for k in range(0, len(images), batch)])
    return e / np.linalg.norm(e, axis=1, keepdims=True)


def _session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options)


def sets():
    """name → (images, labels, groups or None)."""
    dev = load("dreambooth")
    yield "dreambooth", [fit(im) for _, _, im in dev], [r[0] for r in dev], None
    images, _, rows = rendered(split="val")
    rows = rows[:400]
    yield "render siblings", [fit(Image.fromarray(images[r[0]])) for r in rows], [r[1] for r in rows], [r[2] for r in rows]
    shop = load("grocery")
    names = sorted({r[0] for r in shop})
    held = [r for r in shop if names.index(r[0]) % 10 == 9]
    held = [held[i] for i in sorted(np.random.default_rng(5).permutation(len(held))[:240])]
    yield "grocery held out", [fit(r[2]) for r in held], [r[0] for r in held], None
    folder = Path("bench/suites")
    suite = json.loads((folder / "home.json").read_text())
    pics = [(c["id"], folder / p) for c in suite["concepts"] for p in (*c["photos"], c["photos"][0].replace("-1", "-new"))]
    yield "home suite", [fit(Image.open(p)) for _, p in pics], [c for c, _ in pics], None


def report(sim, labels, groups):
    return {"top1": one_reference(sim, labels, groups), "pairs": stranger_auroc(sim, labels, groups),
            "open1": open_set_auroc(sim, labels, 1), "open3": open_set_auroc(sim, labels, 3)}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--json")
    a = ap.parse_args()
    out = {}
    settings = json.loads((MODEL / "calibration.json").read_text())
    bank = np.frombuffer((MODEL / "background.bin").read_bytes(), np.float16).astype(np.float32).reshape(-1, 96)
    print(f"{'set':18}{'score':14}{'top-1':>8}{'pairs':>8}{'open k=1':>10}{'open k=3':>10}")
    for name, images, labels, groups in sets():
        grids, globs = encode(images)
        t, g = teacher(images), globs @ globs.T
        late = max_sim(grids, background_weight(grids, bank, settings["backgroundSharpness"]))
        rows = {"teacher": t @ t.T, "global only": g, "grid MaxSim": late, "combined": combine(g, late, settings["gridWeight"])}
        for key, sim in rows.items():
            r = out[f"{name}/{key}"] = report(sim, labels, groups)
            print(f"{name:18}{key:14}{r['top1']:8.3f}{r['pairs']:8.3f}{r['open1']:10.3f}{r['open3']:10.3f}", flush=True)
    if a.json:
        Path(a.json).write_text(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
