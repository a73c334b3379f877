"""What retrieval by photo alone would do on a suite: `python -m training.patch.suite [SUITE.json]`.

Enrols every concept's photos, scores each question photo against all of them as calibration.json says, and prints: right
concept first, right and above the threshold, and strangers that stay below it. A check of the encoder, not of the app, and
nothing is fitted on it.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from .evaluate import MODEL, encode
from .photos import fit
from .score import background_weight


def main():
    path = Path(sys.argv[1] if sys.argv[1:] else "bench/suites/home.json")
    suite, c = json.loads(path.read_text()), json.loads((MODEL / "calibration.json").read_text())
    enrolled = [(k["id"], p) for k in suite["concepts"] for p in k["photos"]]
    asked = {}
    for q in suite["questions"]:
        if "photo" in q and q["kind"] != "multi":
            asked.setdefault(q["photo"], (q.get("concepts") or [None])[0])
    names = [p for _, p in enrolled] + list(asked)
    grids, globs = encode([fit(Image.open(path.parent / p)) for p in names])
    bank = np.frombuffer((MODEL / "background.bin").read_bytes(), np.float16).astype(np.float32).reshape(256, -1)
    w = background_weight(grids, bank, c["backgroundSharpness"])
    n, right, accepted, strangers, kept = len(enrolled), 0, 0, 0, 0
    for i, (photo, truth) in enumerate(asked.items(), n):
        scores = {}
        for j, (concept, _) in enumerate(enrolled):
            sim = grids[i] @ grids[j].T
            late = (w[i] @ sim.max(1) + w[j] @ sim.max(0)) / 2
            score = (1 - c["gridWeight"]) * float(globs[i] @ globs[j]) + c["gridWeight"] * float(late)
            scores[concept] = max(score, scores.get(concept, -1))
        best = sorted(scores, key=scores.get, reverse=True)[:2]
        over = scores[best[0]] > c["threshold"]
        print(f"{Path(photo).stem:22} {scores[best[0]]:.3f} {best[0]:18} {scores[best[1]]:.3f} {best[1]:18}"
              f"{'above' if over else 'below'} {'' if truth is None else 'right' if best[0] == truth else 'WRONG'}")
        if truth is None:
            strangers, kept = strangers + 1, kept + (not over)
        else:
            right, accepted = right + (best[0] == truth), accepted + (best[0] == truth and over)
    known = len(asked) - strangers
    print(f"right first {right}/{known}, right and above the threshold {accepted}/{known}, strangers below it {kept}/{strangers}")


if __name__ == "__main__":
    main()
