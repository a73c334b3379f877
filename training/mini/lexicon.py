"""Word lists with a held-out part: training never sees a word whose hash falls into the held-out tenth."""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

HERE = Path(__file__).parent
RAW = json.loads((HERE / "lexicon.json").read_text(encoding="utf-8"))

ONSETS = "b br c ch cl d dr f fl g gr h j k kl l m n p pr qu r s sh sk sl st t th tr v w y z".split()
VOWELS = "a e i o u a e i o u ai ee ia ie oo ou y".split()
CODAS = ["", "", "", "", "l", "m", "n", "r", "s", "t", "x", "ck", "ll", "nd", "ny", "ra", "ta", "ko"]


def held_out(word: str) -> bool:
    """True for one word in ten, for ever the same ones."""
    return zlib.crc32(word.lower().encode()) % 10 == 7


def invent(rng: random.Random, syllables: tuple[int, int] = (1, 3)) -> str:
    """An invented word such as "Brokita": names are an open vocabulary, so they must be spelled, not known."""
    text = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.randint(*syllables))) + rng.choice(CODAS)
    return text if len(text) > 1 and text not in ("my", "me", "we", "us", "our", "mine", "his", "her", "it", "its") else text + rng.choice("aeio") + "n"


class Words:
    """Lists of one split; `split` is "train" or "heldout"."""

    def __init__(self, split: str):
        self.split = split
        self.lists: dict[str, list[str]] = {}
        for key, value in RAW.items():
            if isinstance(value, dict):
                for sub, words in value.items():
                    self.lists[sub] = self._keep(words[: 150 if sub == "animal" else 900])
            elif key != "verbSynonyms":
                self.lists[key] = self._keep(value)
        self.synonyms = [pair for pair in RAW["verbSynonyms"]]

    def _keep(self, words: list[str]) -> list[str]:
        want = self.split == "heldout"
        kept = [w for w in words if held_out(w) == want]
        return kept or words

    def pick(self, rng: random.Random, key: str) -> str:
        return rng.choice(self.lists[key])

    def of(self, rng: random.Random, words: list[str]) -> str:
        """One of a hand-written list; lists this short are shared by both splits."""
        return rng.choice(words)

    def invented(self, rng: random.Random, syllables: tuple[int, int] = (1, 3)) -> str:
        want = self.split == "heldout"
        for _ in range(60):
            word = invent(rng, syllables)
            if held_out(word) == want:
                return word
        return word
