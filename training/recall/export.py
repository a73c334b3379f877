"""Writes public/models/recall/recall.bin and the golden file its TypeScript is checked against.

    python -m training.recall.export [--run all] [--out public/models/recall]

`recall.bin`, little-endian: "JRC1"; uint32 words, stems, couples, width, hidden; float32 scale, offset; float32 step of each
bucket's row; int8 rows (buckets, width), loudness folded in; then for the question's side and the fact's side float32 enter
weight (hidden, width), enter bias, leave weight (width, hidden), leave bias.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch

from training.mini.prompt import ROOT

from .model import HIDDEN, WIDTH, Recall, packed
from .pairs import COUPLES, STEMS, WORDS, features
from .train import RUNS

ASKED = [("Where does Bo sleep?", "Bo", "my dog Bo sleeps on the blue sofa"), ("whats bo allergic to again", "Bo", "he can't eat chicken, it gives him a rash"),
         ("When did I buy Dad's red mug?", "Dad's red mug", "The red mug is from the flea market, 2019"), ("What is Zoë’s number?", "Zoë", "Zoë: 0471 55 32 10")]


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--run", default="all")
    a.add_argument("--out", type=Path, default=ROOT / "public/models/recall")
    a.add_argument("--no-golden", action="store_true")
    args = a.parse_args()
    model = Recall()
    model.load_state_dict(torch.load(RUNS / f"{args.run}.pt")["model"])
    with torch.no_grad():
        table = (model.table.weight * model.loud.weight.exp()).numpy()
        step = np.maximum(np.abs(table).max(1), 1e-12) / 127
        rows = np.rint(table / step[:, None]).astype(np.int8)
        model.table.weight.copy_(torch.from_numpy(rows * step[:, None].astype(np.float32)))
        model.loud.weight.zero_()
        parts = [b"JRC1", struct.pack("<5I", WORDS, STEMS, COUPLES, WIDTH, HIDDEN), struct.pack("<2f", *model.scale.tolist()), step.astype("<f4").tobytes(), rows.tobytes()]
        for side in (model.question, model.fact):
            parts += [x.detach().numpy().astype("<f4").tobytes() for x in (side.enter.weight, side.enter.bias, side.leave.weight, side.leave.bias)]
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "recall.bin").write_bytes(b"".join(parts))
        if not args.no_golden:
            cosine = model(packed([features(q, n) for q, n, _ in ASKED]), packed([features(f, n) for _, n, f in ASKED]))
            golden = [{"question": q, "name": n, "fact": f, "features": features(q, n), "cosines": [round(x, 5) for x in cosine[i].tolist()]} for i, (q, n, f) in enumerate(ASKED)]
            path = ROOT / "test/golden/recall/golden.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print((args.out / "recall.bin").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
