"""Which eight-bit code suits K and V at rest: the rounding error of each layout on the facts of the home suite.

    python -m training.mini.codes [--suite bench/suites/home.json]

Prints the root mean square of the error over that of the rows. The chosen one is src/core/kv-code.ts.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import prompt
from .runner import OnnxRunner, turn_keys

CHANNEL, TOKEN = 0, 1  # the axis of (tokens, head dim) over which one code is shared


def half(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float16).astype(np.float32)


def with_zero(x: np.ndarray, axis: int) -> np.ndarray:
    low, high = np.minimum(x.min(axis, keepdims=True), 0), np.maximum(x.max(axis, keepdims=True), 0)
    scale = np.maximum(half((high - low) / 255), 2.0**-24)
    zero = np.round(-low / scale)
    return (np.clip(np.round(x / scale) + zero, 0, 255) - zero) * scale


def without_zero(x: np.ndarray, axis: int) -> np.ndarray:
    scale = np.maximum(half(np.abs(x).max(axis, keepdims=True) / 127), 2.0**-24)
    return np.clip(np.round(x / scale), -127, 127) * scale


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("--suite", default=str(prompt.ROOT / "bench/suites/home.json"))
    suite = json.loads(Path(a.parse_args().suite).read_text())
    folder = prompt.ROOT / "public/models/mini"
    tok, runner = Tokenizer.from_file(str(folder / "tokenizer.json")), OnnxRunner(folder)
    prefix = tok.encode(prompt.PROMPT["prefix"]).ids
    _, cache = runner.step(prefix, list(range(len(prefix))), None)
    keys, turned, values, tokens = [], [], [], []  # each head: (tokens, head dim)
    for concept in suite["concepts"]:
        for fact in concept["facts"]:
            ids = tok.encode(prompt.fact(concept["name"], fact)).ids
            rows = runner.block(cache, ids)
            where = np.arange(len(prefix), len(prefix) + len(ids))
            keys += [head for k in rows[0::2] for head in k[0]]
            turned += [head for k in rows[0::2] for head in turn_keys(k, where, runner.theta, False)[0]]
            values += [head for v in rows[1::2] for head in v[0]]
            tokens.append(len(ids))
    print(f"{len(tokens)} facts of {min(tokens)} to {max(tokens)} tokens, {np.mean(tokens):.1f} on average")
    for name, code, axis in (("with a zero, by channel", with_zero, CHANNEL), ("with a zero, by token", with_zero, TOKEN),
                             ("without a zero, by channel", without_zero, CHANNEL), ("without a zero, by token", without_zero, TOKEN),
                             ("float16", lambda x, _: half(x), 0)):
        errors = []
        for heads in (keys, turned, values):
            errors.append(np.sqrt(sum(((code(x, axis) - x) ** 2).sum() for x in heads) / sum((x**2).sum() for x in heads)))
        print(f"{name:28} keys {errors[0]:.4f}  keys after rotation {errors[1]:.4f}  values {errors[2]:.4f}")


if __name__ == "__main__":
    main()
