"""Builds SmolVLM-256M-Instruct's exact architecture with seeded random weights, to measure speed and memory at real size.

    python -m training.realsize --source DIR [--out training/runs/real-size] [--dtypes fp32 q4] [--layers N]

`--source` holds the model's config and tokenizer files (no weights). The files have the names and the inputs and outputs of
the ONNX exports on the Hub: embed_tokens, vision_encoder and decoder_model_merged, with the suffix _q4 for four bits. The
decoder takes `num_logits_to_keep` too, which transformers.js knows: without it full prefill would also compute an output row
for every token of the prompt, and linking would look better than it is. Answers are noise; label figures "random weights,
real size".
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import onnx

from .decoder import decoder_graph, embed_graph
from .quantise import to_q4
from .vision import vision_graph

ROOT = Path(__file__).resolve().parents[2]
LABEL = "random weights, real size"


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--source", required=True, help="folder with config.json and tokenizer.json of SmolVLM-256M-Instruct")
    a.add_argument("--out", default=str(ROOT / "training/runs/real-size"))
    a.add_argument("--dtypes", nargs="+", choices=("fp32", "q4"), default=["fp32", "q4"])
    a.add_argument("--layers", type=int, help="fewer decoder and vision layers, to try the script out")
    a.add_argument("--seed", type=int, default=7)
    args = a.parse_args()
    source, out = Path(args.source), Path(args.out)
    config = json.loads((source / "config.json").read_text())
    if args.layers:
        config["text_config"]["num_hidden_layers"] = args.layers
        config["vision_config"]["num_hidden_layers"] = args.layers
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if file.suffix == ".json" and file.name != "config.json":
            shutil.copyfile(file, out / file.name)
    # What is loaded unless asked otherwise; `label` is shown wherever a figure of this model is.
    config["transformers.js_config"] = {**config.get("transformers.js_config", {}), "dtype": args.dtypes[0]}
    config["jarvis"] = {"label": LABEL}
    (out / "config.json").write_text(json.dumps(config, indent=1))
    graphs = {"embed_tokens": embed_graph, "vision_encoder": vision_graph, "decoder_model_merged": decoder_graph}
    for number, (name, build) in enumerate(graphs.items()):
        model = build(config, args.seed + number)
        for dtype in args.dtypes:
            path = out / "onnx" / f"{name}{'' if dtype == 'fp32' else '_' + dtype}.onnx"
            onnx.save(model if dtype == "fp32" else to_q4(model), str(path))
            print(f"{path.stat().st_size / 1e6:8.1f} MB  {path}", flush=True)


if __name__ == "__main__":
    main()
