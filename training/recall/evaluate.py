"""What an exported recall gets right on held-out notes and wordings.

    python -m training.recall.evaluate [FOLDER]      public/models/recall, or another with recall.onnx, config.json and tokenizer.json
"""

from __future__ import annotations

import sys
from pathlib import Path

from training.notes import train_notes

from .model import Recall, Rounded
from .pairs import of_notes
from .prior import Prior
from .shipped import SHIPPED
from .train import GONE, evaluate, held_out, load


def main() -> None:
    Rounded.rough = True
    model = Recall()
    load(model, None, Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED)
    prior = Prior(of_notes(train_notes()), GONE)
    for name, told in held_out().items():
        print(name, evaluate(model, told, prior), flush=True)


if __name__ == "__main__":
    main()
