"""Writes public/models/recall/{recall.onnx,tokenizer.json} and the golden file the app is checked against.

    python -m training.recall.export [--mix 1] [--out public/models/recall] [--float]

One graph both reads and compares. Inputs: `ids` (1, W) int64; `side` (1) int64, 0 question, 1 fact; `memory` (N, U, M, D) float32, what a fact's
tokens were before each upper layer; `told` (N, M) bool, which of them are there. Outputs: `judged` (N), `vector` (D), the text's unit vector (of
the first row), and `states` (U, W, D), its own memory. A text is read with N = 1 and M = 0. Log odds: judged + SCALE · (cosine · alike₀ + alike₁),
whose numbers are in `config.json`.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import Tensor, nn

from training.mini.prompt import ROOT
from training.notes import dev_notes

from .model import BLOCK, D, LAYERS, LOWER, SCALE, Recall, Rounded, rounded
from .pairs import nameless
from .pieces import WIDEST, pieces, tokenizer_json
from .shipped import shipped
from .train import load

GOLDEN = ROOT / "test/golden/recall"
OPSET = 18
ACCURACY = 4  # int8 activations where the kernel has them
ASKED = [("Where does Bo sleep?", "my dog Bo sleeps on the blue sofa"), ("whats bo allergic to again", "he can't eat chicken, it gives him a rash"),
         ("When did I buy Dad's red mug?", "The red mug is from the flea market, 2019"), ("What is Zoë’s telefone number?", "Zoë: 0471 55 32 10"),
         ("waht does he liek", "likes to pinch clothespegs"), ("does grandma snorble", "Grandma: she snorbles at dawn 東")]

logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)  # it tells of every node


class Table(nn.Module):
    """Rows of a table of 4-bit numbers: two columns a byte, half a row apart."""

    def __init__(self, weight: Tensor):
        super().__init__()
        x = weight.unflatten(-1, (-1, BLOCK))
        low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
        step = torch.where(high > -low, high, low) / -8
        step = torch.where(step == 0, torch.ones_like(step), step)
        codes = ((x / step).round().clamp(-8, 7) + 8).flatten(-2).to(torch.uint8)
        self.register_buffer("codes", codes[:, : D // 2] | codes[:, D // 2 :] << 4)
        self.register_buffer("steps", step.squeeze(-1))

    def forward(self, ids: Tensor) -> Tensor:
        bytes_ = F.embedding(ids, self.codes)
        codes = torch.cat((bytes_ & 15, bytes_ >> 4), -1).float() - 8
        return (codes.unflatten(-1, (-1, BLOCK)) * F.embedding(ids, self.steps)[..., None]).flatten(-2)


class Graph(nn.Module):
    def __init__(self, model: Recall):
        super().__init__()
        self.model, self.table = model, Table(model.encoder.word.weight.detach())

    def forward(self, ids: Tensor, side: Tensor, memory: Tensor, told: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        encoder = self.model.encoder
        x = encoder.norm(self.table(ids) + encoder.place[: ids.shape[1]] + self.model.side[side])
        own = torch.ones_like(ids, dtype=torch.bool)
        for layer in encoder.layers[:LOWER]:
            x = layer(x, layer.told(x), own)
        x, states = x.expand(memory.shape[0], -1, -1), []
        mask = torch.cat((own.expand(memory.shape[0], -1), told), 1)
        for i, layer in enumerate(encoder.layers[LOWER:]):
            states.append(x[0])
            x = layer(x, layer.told(torch.cat((x, memory[:, i]), 1)), mask)
        pooled = x.mean(1)
        judged = ((pooled * self.model.judge.weight[0]).sum(-1) + self.model.judge.bias) * SCALE
        return judged, F.normalize(pooled[0], dim=-1), torch.stack(states)


def write(model: Recall, path: Path, whole: bool) -> None:
    example = (torch.ones(1, 5, dtype=torch.long), torch.tensor([0]), torch.zeros(2, LAYERS - LOWER, 7, D), torch.ones(2, 7, dtype=torch.bool))
    axes = {"ids": {1: "pieces"}, "memory": {0: "facts", 2: "told"}, "told": {0: "facts", 1: "told"}, "judged": {0: "facts"}, "states": {1: "pieces"}}
    graph = Graph(model)
    if whole:
        graph.table = model.encoder.word
    torch.onnx.export(graph, example, str(path), input_names=["ids", "side", "memory", "told"], output_names=["judged", "vector", "states"],
                      dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    if whole:
        return
    quantiser = MatMulNBitsQuantizer(onnx.load(str(path)), bits=4, block_size=BLOCK, is_symmetric=True, accuracy_level=ACCURACY)
    quantiser.process()
    onnx.save(quantiser.model.model, str(path))


def odds(run, config: dict, question: str, facts: list[str]) -> list[float]:
    """What the app does, by ONNX Runtime: golden numbers."""
    read = lambda text, side: run(text, side, np.zeros((1, LAYERS - LOWER, 0, D), np.float32), np.zeros((1, 0), bool))
    told = [read(f, 1) for f in facts]
    width = max(states.shape[1] for _, _, states in told)
    memory = np.stack([np.pad(states, ((0, 0), (0, width - states.shape[1]), (0, 0))) for _, _, states in told])
    mask = np.array([[i < states.shape[1] for i in range(width)] for _, _, states in told])
    _, asked, _ = read(question, 0)
    judged, _, _ = run(question, 0, memory, mask)
    return [float(j + config["cosine"] * (asked @ vector) + config["nought"]) for j, (_, vector, _) in zip(judged, told)]


def name_cases() -> list[list[str]]:
    """(question, name, what recall is asked) of the dev notes: src/core/shared-question.ts must say the same."""
    asked = [(q, c.name) for name in ("dev", "dev-even") for c in dev_notes(name) for q in [*(q for n in c.notes for q, _ in n.asked), *c.absent]]
    return [[q, name, said] for q, name in asked if (said := nameless(q, name)) != q][::3]


@torch.no_grad()
def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--out", type=Path, default=ROOT / "public/models/recall")
    a.add_argument("--mix", type=float, default=1, help="how far to go from the shipped weights to the run's (WiSE-FT, Wortsman et al. 2022)")
    a.add_argument("--no-golden", action="store_true")
    a.add_argument("--float", action="store_true", help="the shipped weights, computed in float32 throughout, to measure what int8 activations cost (`npm run eval -- SUITE --models`); with --out")
    args = a.parse_args()
    Rounded.rough = False  # the quantiser rounds
    model = Recall().eval()
    load(model, None)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    if not args.float:
        load(model)
    model.load_state_dict({name: before[name].lerp(weight, args.mix) for name, weight in model.state_dict().items()})
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "recall.onnx"
    write(model, path, args.float)
    config = {"pieces": WIDEST, "upper": LAYERS - LOWER, "width": D, "cosine": round(float(model.alike[0]) * SCALE, 6), "nought": round(float(model.alike[1]) * SCALE, 6)}
    (args.out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    (args.out / "tokenizer.json").write_text(json.dumps(tokenizer_json(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    if args.float:
        return
    back = shipped(args.out)["model"]
    for name, weight in model.encoder.layers.named_parameters():
        if weight.ndim > 1 and not torch.allclose(back[f"encoder.layers.{name}"], rounded(weight), atol=1e-5):
            raise SystemExit(f"{path} does not hold {name} as it is in training")
    session = ort.InferenceSession(str(path))
    run = lambda text, side, memory, told: session.run(None, {"ids": np.array([pieces(text)]), "side": np.array([side]), "memory": memory, "told": told})
    Rounded.rough = True
    furthest, golden = 0.0, []
    facts = [fact for _, fact in ASKED]
    for question, _ in ASKED:
        got = odds(run, config, question, facts)
        meant = model([question], facts, torch.tensor([(0, i) for i in range(len(facts))]))
        furthest = max(furthest, float((meant - torch.tensor(got)).abs().max()))
        golden.append({"question": question, "pieces": list(pieces(question)), "odds": [round(x, 4) for x in got]})
    if not args.no_golden:
        GOLDEN.joinpath("golden.json").write_text(json.dumps({"facts": facts, "asked": golden}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        GOLDEN.joinpath("names.json").write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in name_cases()) + "\n]\n", encoding="utf-8")
    print(sum(f.stat().st_size for f in args.out.iterdir()), "bytes; ONNX beside PyTorch: odds differ by", round(furthest, 4), "at most")


if __name__ == "__main__":
    main()
