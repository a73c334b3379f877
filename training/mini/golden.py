"""Writes test/golden/mini: prompts with ids, block segmentation, greedy tokens and first-step logits, for TypeScript.

    python -m training.mini.golden [--dir public/models/mini]

Everything is computed by the exported ONNX files through the linked-block path (runner.py): each block encoded behind the
prefix, keys un-rotated and rotated to tight linked positions. `pixels` of the photo are the PNG's bytes / 127.5 - 1, no
resizing, so that a test can separate the processor from the model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from tokenizers import Tokenizer

from . import prompt
from .runner import OnnxRunner

OUT = prompt.ROOT / "test/golden/mini"


def photo(path: Path) -> np.ndarray:
    """A mug of two colours on a table, drawn by PIL: needs no renderer. Returns (1, 1, 3, 192, 192)."""
    image = Image.new("RGB", (192, 192), (206, 190, 170))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 130, 192, 192), fill=(150, 110, 70))
    pen.ellipse((108, 70, 160, 128), outline=(42, 84, 190), width=11)
    pen.rectangle((52, 52, 126, 146), fill=(196, 38, 38))
    pen.ellipse((52, 42, 126, 62), fill=(120, 20, 20))
    image.save(path)
    return (np.asarray(image, np.float32) / 127.5 - 1).transpose(2, 0, 1)[None, None].copy()


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--dir", default=str(prompt.ROOT / "public/models/mini"))
    folder = Path(a.parse_args().dir)
    OUT.mkdir(parents=True, exist_ok=True)
    tok = Tokenizer.from_file(str(folder / "tokenizer.json"))
    runner = OnnxRunner(folder)
    features = runner.image(photo(OUT / "photo.png"))
    facts = [prompt.fact("Bo", "my dog Bo sleeps on the blue sofa"), prompt.fact("Bo", "Bo is scared of the vacuum cleaner."), prompt.fact("Dad's red mug", "it was a present from aunt Carla"),
             prompt.card("Mia", "sister", "A tall person.", [("hair", "brown"), ("coat", "green")])]
    cases = [([], "Where does Bo sleep?", "", False, False), (facts[:1], "Where does Bo sleep?", "", False, False), (facts[:1], "What is Bo allergic to?", "", False, False),
             (facts[:3], "what is bo afraid of?", "", False, False), (facts, "Who gave Dad the mug?", "", False, False), (facts[1:], "What colour is Mia's coat?", "", False, False),
             (facts[:2], "Who is this?", prompt.cue(["Bo"]), True, False), ([], prompt.PROMPT["describe"], "", True, False), (facts[2:3], "What colour is the mug?", "", False, True)]
    prefix = tok.encode(prompt.PROMPT["prefix"]).ids
    rows = []
    for blocks, question, cue, image, patch in cases:
        texts = [*blocks, *([prompt.patch("Dad's red mug")] if patch else [])]
        ids = [tok.encode(t).ids for t in texts]
        cache = runner.link(prefix, ids, [features if patch and i == len(texts) - 1 else None for i in range(len(texts))])
        turn_text = prompt.turn(question, cue, image)
        turn = tok.encode(turn_text).ids
        first: list[np.ndarray] = []
        out = runner.greedy(turn, 40, cache, features if image else None, first)
        top = np.argsort(-first[0])[:5]
        rows.append({"question": question, "cue": cue, "blocks": [{"text": t, "ids": i, "image": "photo.png" if "<image>" in t else None} for t, i in zip(texts, ids)],
                     "turn": {"text": turn_text, "ids": turn, "image": "photo.png" if image else None}, "startPos": len(prefix) + sum(map(len, ids)),
                     "first": [{"id": int(t), "logit": round(float(first[0][t]), 4)} for t in top], "greedy": out, "answer": tok.decode(out)})
        print(question, "->", rows[-1]["answer"])
    doc = {"model": "mini", "prefix": {"text": prompt.PROMPT["prefix"], "ids": prefix}, "imageFeaturesHead": [round(float(x), 5) for x in features.reshape(-1)[:8]],
           "tolerance": "logits 1e-3, greedy ids exact", "cases": rows}
    (OUT / "golden.json").write_text(json.dumps(doc, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
