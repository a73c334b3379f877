"""The prompt file shared with TypeScript, and the segments it makes. A segment is what is tokenised in one piece."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMPT = json.loads((ROOT / "src/core/prompt.json").read_text(encoding="utf-8"))
IMAGE_TOKENS = 16
IMAGE = PROMPT["image"]["start"] + PROMPT["image"]["token"] * IMAGE_TOKENS + PROMPT["image"]["end"]
DONT_KNOW: str = PROMPT["dontKnow"]


def card(name: str, category: str, caption: str, parts: list[tuple[str, str]]) -> str:
    marks = "".join(PROMPT["fingerprint"].format(part=p, descriptor=d) for p, d in parts)
    return PROMPT["card"].format(name=name, category=category, caption=caption, fingerprints=marks)


def fact(name: str, text: str) -> str:
    return PROMPT["fact"].format(name=name, fact=text)


def patch(name: str) -> str:
    return PROMPT["patch"].format(name=name, image=IMAGE)


def cue(names: list[str] | None) -> str:
    """None: a photo of nobody known."""
    return PROMPT["cueUnknown"] if names is None else PROMPT["cueKnown"].format(names=PROMPT["listAnd"].join(names))


def turn(question: str, cue_text: str = "", image: bool = False) -> str:
    return PROMPT["turn"].format(image=IMAGE if image else "", cue=cue_text, question=question)


def answer(text: str) -> str:
    return PROMPT["answer"].format(text=text)
