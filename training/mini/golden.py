"""Writes test/golden/mini: 50 prompts with ids, block segmentation, greedy tokens and first-step logits, for TypeScript.

    python -m training.mini.golden [--dir public/models/mini]

Everything is computed in float32 by PyTorch from the safetensors, through the linked-block path (runner.py): each block encoded
behind the prefix, keys un-rotated and rotated to tight linked positions. Python transformers, loading the same folder, must
decode the same tokens from the same cache; how many of the 50 it does is printed. `pixels` of the photo are the PNG's bytes
/ 127.5 - 1, no resizing, so that a test can separate the processor from the model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer

from . import prompt
from .generator import LEVELS, Generator
from .parity import torch_model
from .runner import END, TorchRunner

COUNT = 50
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


def drawn(count: int) -> list[tuple]:
    """Held-out contexts of one or two concepts, a question each."""
    generator, found = Generator(50, "heldout"), []
    while len(found) < count:
        context = generator.context(LEVELS[1])
        if context.turns and len(context.blocks) < 7:
            found.append(([b.text for b in context.blocks], context.turns[0].text, False, False))
    return found


@torch.no_grad()
def hugging_greedy(hf, ids: list[int], limit: int, cache: list[np.ndarray], embeds: np.ndarray) -> list[int]:
    """The same decoding by transformers' own decoder over a DynamicCache of ours. embeds: (1, S, D) of `ids`."""
    from transformers import DynamicCache

    past = DynamicCache()
    for i in range(0, len(cache), 2):
        past.update(torch.from_numpy(cache[i]), torch.from_numpy(cache[i + 1]), i // 2)
    text, table = hf.model.text_model, hf.get_input_embeddings()
    x, at, out = torch.from_numpy(embeds), cache[0].shape[2], []
    for _ in range(limit):
        position = torch.arange(at, at + x.shape[1])[None]
        hidden = text(inputs_embeds=x, past_key_values=past, position_ids=position, use_cache=True).last_hidden_state
        out.append(int(hf.lm_head(hidden[:, -1]).argmax()))
        if out[-1] == END:
            break
        at, x = at + x.shape[1], table(torch.tensor([[out[-1]]]))
    return out


def main() -> None:
    from transformers import AutoModelForImageTextToText

    a = argparse.ArgumentParser()
    a.add_argument("--dir", default=str(prompt.ROOT / "public/models/mini"))
    folder = Path(a.parse_args().dir)
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    tok = Tokenizer.from_file(str(folder / "tokenizer.json"))
    runner = TorchRunner(torch_model(folder))
    hf = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    features = runner.image(photo(OUT / "photo.png"))
    facts = [prompt.fact("Bo", "my dog Bo sleeps on the blue sofa"), prompt.fact("Bo", "Bo is scared of the vacuum cleaner."), prompt.fact("Dad's red mug", "it was a present from aunt Carla"),
             prompt.card("Mia", "sister", "A tall person.", [("hair", "brown"), ("coat", "green")])]
    asked = [([], "Where does Bo sleep?", "", False, False), (facts[:1], "Where does Bo sleep?", "", False, False), (facts[:1], "What is Bo allergic to?", "", False, False),
             (facts[:3], "what is bo afraid of?", "", False, False), (facts, "Who gave Dad the mug?", "", False, False), (facts[1:], "What colour is Mia's coat?", "", False, False),
             (facts[:2], "Who is this?", prompt.cue(["Bo"]), True, False), ([], prompt.PROMPT["describe"], "", True, False), (facts[2:3], "What colour is the mug?", "", False, True)]
    cases = [(blocks, prompt.turn(question, cue, image), image, patch) for blocks, question, cue, image, patch in asked]
    cases += drawn(COUNT - len(cases))
    prefix = tok.encode(prompt.PROMPT["prefix"]).ids
    rows, agree = [], 0
    for blocks, turn_text, image, patch in cases:
        texts = [*blocks, *([prompt.patch("Dad's red mug")] if patch else [])]
        ids = [tok.encode(t).ids for t in texts]
        cache = runner.link(prefix, ids, [features if patch and i == len(texts) - 1 else None for i in range(len(texts))])
        turn = tok.encode(turn_text).ids
        first: list[np.ndarray] = []
        out = runner.greedy(turn, 40, cache, features if image else None, first)
        embeds = runner.embed(turn)
        if image:
            embeds[0, np.array(turn) == 6] = features.reshape(-1, embeds.shape[-1])
        agree += hugging_greedy(hf, turn, 40, cache, embeds) == out
        top = np.argsort(-first[0])[:5]
        rows.append({"blocks": [{"text": t, "ids": i, "image": "photo.png" if "<image>" in t else None} for t, i in zip(texts, ids)],
                     "turn": {"text": turn_text, "ids": turn, "image": "photo.png" if image else None}, "startPos": len(prefix) + sum(map(len, ids)),
                     "first": [{"id": int(t), "logit": round(float(first[0][t]), 4)} for t in top], "greedy": out, "answer": tok.decode(out)})
        print(turn_text.split("<end")[0][-60:], "->", rows[-1]["answer"])
    doc = {"model": "mini", "prefix": {"text": prompt.PROMPT["prefix"], "ids": prefix}, "imageFeaturesHead": [round(float(x), 5) for x in features.reshape(-1)[:8]],
           "tolerance": "logits 5e-3, greedy ids exact", "cases": rows}
    (OUT / "golden.json").write_text(json.dumps(doc) + "\n", encoding="utf-8")
    print(f"transformers decodes the same tokens on {agree} of {len(cases)} prompts")


if __name__ == "__main__":
    main()
