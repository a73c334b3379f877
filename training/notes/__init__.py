"""Notes and questions written by hand in many voices (`training/notes/*.txt`): what people type, and what they ask.

A file is concepts: `@ name | category`, then `-` a note, `?` a question the note before answers `=>` with the answer's value in [brackets],
`!` a question no note of the concept answers. `dev.txt` and `dev-even.txt` are for looking at only: nothing is trained on them. In the second, questions
with and without an answer are of the same kinds, so that their words give nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Note:
    text: str
    asked: list[tuple[str, str]] = field(default_factory=list)  # question, answer with its [value]


@dataclass
class Noted:
    name: str
    category: str
    notes: list[Note] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    writer: str = ""  # the file's name


def read_notes(path: Path) -> list[Noted]:
    out: list[Noted] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        mark, text = line[:1], line[1:].strip()
        if mark == "@":
            name, _, category = text.partition("|")
            out.append(Noted(name.strip(), category.strip(), writer=path.stem))
        elif mark == "-" and out:
            out[-1].notes.append(Note(text))
        elif mark == "?" and out and out[-1].notes and "=>" in text:
            question, _, answer = text.partition("=>")
            out[-1].notes[-1].asked.append((question.strip(), answer.strip()))
        elif mark == "!" and out:
            out[-1].absent.append(text)
    return [c for c in out if c.notes]


@cache
def train_notes() -> list[Noted]:
    return [c for p in sorted(HERE.glob("*.txt")) if not p.name.startswith("dev") for c in read_notes(p)]


def is_even(concept: Noted) -> bool:
    """Whether it is of a writer who asked for what is told and for what is not in the same ways, or turned the ways of the others round."""
    return concept.writer.startswith(("even-", "plainly", "figures"))


@cache
def dev_notes(name: str = "dev") -> list[Noted]:
    return read_notes(HERE / f"{name}.txt")
