"""Texts as word pieces: MiniLM's vocabulary cut down to what everyday notes use.

WordPiece (Wu et al. 2016) takes the longest piece it knows, so that whatever was cut is read as smaller pieces of what was kept. BERT's
vocabulary is in order of frequency, which says what may go; every piece of the notes stays, and every letter.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache

from tokenizers import Tokenizer

from training.notes import train_notes

from .minilm import FOLDER, fetch

FIRST_WORD = 1996  # "the": before it stand special pieces and single characters
COMMON = 9000  # pieces up to this number are kept
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WIDEST = 96  # pieces of a text that are looked at
CHARACTER = re.compile(r"(##)?[!-~\u00a1-\u024f\u2010-\u2026\u20ac]")


@cache
def whole() -> dict:
    """MiniLM's tokenizer.json."""
    fetch()
    return json.loads((FOLDER / "tokenizer.json").read_text(encoding="utf-8"))


@cache
def kept() -> list[int]:
    """MiniLM's numbers of the pieces that stay, in their new order."""
    vocabulary: dict[str, int] = whole()["model"]["vocab"]
    tokenizer = Tokenizer.from_str(json.dumps(whole()))
    tokenizer.no_padding(), tokenizer.no_truncation()
    texts = [t for c in train_notes() for t in (*(n.text for n in c.notes), *(q for n in c.notes for q, _ in n.asked), *c.absent)]
    used = {i for e in tokenizer.encode_batch(texts, add_special_tokens=False) for i in e.ids}
    stays = lambda piece, i: FIRST_WORD <= i < COMMON or i in used or bool(CHARACTER.fullmatch(piece))
    special = [vocabulary[s] for s in SPECIAL]
    return special + sorted(i for p, i in vocabulary.items() if i not in special and stays(p, i))


@cache
def tokenizer_json() -> dict:
    """The cut tokenizer, as the tokenizers library and transformers.js read it."""
    small = json.loads(json.dumps(whole()))
    name = {i: p for p, i in whole()["model"]["vocab"].items()}
    small["model"]["vocab"] = {name[i]: n for n, i in enumerate(kept())}
    small["padding"], small["truncation"] = None, None
    small["added_tokens"] = [{**t, "id": SPECIAL.index(t["content"])} for t in small["added_tokens"] if t["content"] in SPECIAL]
    for piece, entry in small["post_processor"]["special_tokens"].items():
        entry["ids"] = [SPECIAL.index(piece)]
    return small


@cache
def tokenizer() -> Tokenizer:
    return Tokenizer.from_str(json.dumps(tokenizer_json()))


@lru_cache(400_000)
def pieces(text: str) -> tuple[int, ...]:
    """Numbers of the text's pieces between [CLS] and [SEP]."""
    ids = tokenizer().encode(text).ids
    return tuple(ids if len(ids) <= WIDEST else [*ids[: WIDEST - 1], ids[-1]])
