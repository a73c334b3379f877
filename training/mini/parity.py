"""Checks an export: PyTorch against ONNX Runtime, linked block against full prefill, Hugging Face against our decoder.

    python -m training.mini.parity [--dir public/models/mini]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from . import prompt
from .model import Mini, MiniConfig
from .runner import OnnxRunner, TorchRunner


def torch_model(folder: Path) -> Mini:
    import json
    config = json.loads((folder / "config.json").read_text())
    t, v = config["text_config"], config["vision_config"]
    c = MiniConfig(vocab=t["vocab_size"], width=t["hidden_size"], layers=t["num_hidden_layers"], heads=t["num_attention_heads"], kv_heads=t["num_key_value_heads"], head_dim=t["head_dim"],
                   hidden=t["intermediate_size"], v_width=v["hidden_size"], v_layers=v["num_hidden_layers"], v_heads=v["num_attention_heads"], v_hidden=v["intermediate_size"])
    model = Mini(c)
    model.load_state_dict({k: x.float() for k, x in load_file(str(folder / "model.safetensors")).items()})
    return model.eval()


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--dir", default=str(prompt.ROOT / "public/models/mini"))
    folder = Path(a.parse_args().dir)
    tok = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = torch_model(folder)
    onnx, ours = OnnxRunner(folder), TorchRunner(model)
    ids = {"prefix": tok.encode(prompt.PROMPT["prefix"]).ids, "block": tok.encode(prompt.fact("Bo", "my dog Bo sleeps on the blue sofa")).ids,
           "other": tok.encode(prompt.card("Mia", "sister", "A tall sister.", [("hair", "brown")])).ids, "turn": tok.encode(prompt.turn("Where does Bo sleep?")).ids}
    full = ids["prefix"] + ids["block"] + ids["turn"]
    a_logits, _ = ours.step(full, list(range(len(full))), None)
    b_logits, _ = onnx.step(full, list(range(len(full))), None)
    print("logits span", float(a_logits.max() - a_logits.min()), "ONNX - PyTorch max", float(np.abs(a_logits - b_logits).max()))
    for runner in (ours, onnx):
        linked = runner.link(ids["prefix"], [ids["block"]])
        at = len(ids["prefix"]) + len(ids["block"])
        got, _ = runner.step(ids["turn"], list(range(at, at + len(ids["turn"]))), linked)
        print(type(runner).__name__, "one linked block - full prefill max", float(np.abs(got[-1] - a_logits[-1]).max()))
    image = (np.random.default_rng(1).random((1, 1, 3, 192, 192), np.float32) * 2 - 1)
    print("vision ONNX - PyTorch max", float(np.abs(onnx.image(image) - ours.image(image)).max()))
    hugging(folder, full, ours, image, tok)


def hugging(folder: Path, full: list[int], ours: TorchRunner, image: np.ndarray, tok: Tokenizer) -> None:
    from transformers import AutoModelForImageTextToText

    hf = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        logits = hf(input_ids=torch.tensor([full])).logits[0].numpy()
        mine, _ = ours.step(full, list(range(len(full))), None)
        print("HF - ours text logits max", float(np.abs(logits - mine).max()))
        features = hf.model.get_image_features(torch.from_numpy(image), torch.ones(1, 1, 192, 192, dtype=torch.bool))
        features = getattr(features, "pooler_output", features)
        features = torch.cat(list(features)) if isinstance(features, (list, tuple)) else features
        print("HF - ours image features max", float(np.abs(features.numpy().reshape(1, 16, -1) - ours.image(image)).max()))
        for question in ("Where does Bo sleep?", "What is Bo afraid of?", "Who is Mia?"):
            head = tok.encode(prompt.PROMPT["prefix"]).ids + tok.encode(prompt.fact("Bo", "my dog Bo sleeps on the blue sofa")).ids + tok.encode(prompt.turn(question)).ids
            out = hf.generate(input_ids=torch.tensor([head]), attention_mask=torch.ones(1, len(head), dtype=torch.long), max_new_tokens=24, do_sample=False)[0, len(head):].tolist()
            mine = ours.greedy(head, 24)
            print(question, "HF greedy equal:", out == mine, repr(tok.decode(mine)))
    print("ORT", ort.__version__)


if __name__ == "__main__":
    main()
