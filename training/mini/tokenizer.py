"""Byte-level BPE trained on the generator's corpus; digits one by one, so that codes and years can be copied.

    python -m training.mini.tokenizer        writes training/mini/tokenizer.json
"""

from __future__ import annotations

import re
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from . import prompt

PATH = Path(__file__).parent / "tokenizer.json"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>", "<image>"]
VOCAB = 5120


def train() -> None:
    from .generator import LEVELS, Generator

    generator = Generator(7)

    def corpus():
        for _ in range(12_000):
            context = generator.context(LEVELS[2])
            for segment in context.blocks:
                yield re.sub("|".join(map(re.escape, SPECIAL)), "", segment.text)
            for turn in context.turns[:4]:
                yield turn.text.replace("<end_of_utterance>", "")
                yield " " + turn.answer
        # Every word of the lexicon, in the two cases people type: rare words should not fall into single letters.
        for words in generator.words.lists.values():
            for word in words:
                yield from (f" {word}", f" {word.lower()}")

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.save(str(PATH))
    print(tokenizer.get_vocab_size(), tokenizer.encode("Note about Bo: my dog Bo is scared of the vacuum cleaner, since 2019 in Ghent.").tokens)
    print(tokenizer.encode(prompt.PROMPT["prefix"]).tokens, tokenizer.encode(prompt.turn("Where does bo sleep?", prompt.cue(["Bo"]), False)).tokens)


def load() -> Tokenizer:
    return Tokenizer.from_file(str(PATH))


if __name__ == "__main__":
    train()
