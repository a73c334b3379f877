"""The JSON files beside the weights: configs, tokenizer, processor and chat template, as SmolVLM has them."""

from __future__ import annotations

import json
from pathlib import Path

from . import tokenizer
from .model import MiniConfig
from .prompt import IMAGE_TOKENS

CHAT_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


def write_configs(c: MiniConfig, out: Path) -> None:
    ids = {t: i for i, t in enumerate(tokenizer.SPECIAL)}
    end, pad, image = ids["<end_of_utterance>"], ids["<|endoftext|>"], ids["<image>"]
    # transformers.js reads rope_theta, transformers 5 reads rope_parameters: both are written and must agree.
    text = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": c.width, "intermediate_size": c.hidden, "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads, "head_dim": c.head_dim, "vocab_size": c.vocab, "max_position_embeddings": c.max_positions,
        "rope_theta": c.theta, "rope_parameters": {"rope_type": "default", "rope_theta": c.theta}, "rope_scaling": None, "rope_interleaved": False, "rms_norm_eps": c.eps,
        "hidden_act": "silu", "attention_bias": False, "mlp_bias": False, "attention_dropout": 0.0, "tie_word_embeddings": True, "use_cache": True,
        "bos_token_id": ids["<|im_start|>"], "eos_token_id": end, "pad_token_id": pad, "dtype": "float16", "pixel_shuffle_factor": c.scale,
    }
    vision = {
        "model_type": "idefics3_vision", "hidden_size": c.v_width, "intermediate_size": c.v_hidden, "num_hidden_layers": c.v_layers, "num_attention_heads": c.v_heads, "num_channels": 3,
        "image_size": c.image, "patch_size": c.patch, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": c.v_eps, "attention_dropout": 0.0, "tie_word_embeddings": False,
        "size": {"longest_edge": c.image}, "max_image_size": {"longest_edge": c.image},
    }
    cache = {"kv_cache_dtype": {"fp32": "float32", "fp16": "float32", "q4f16": "float32"}}
    config = {
        "architectures": ["Idefics3ForConditionalGeneration"], "model_type": "idefics3", "image_token_id": image, "scale_factor": c.scale, "tie_word_embeddings": True, "use_cache": True,
        "vocab_size": c.vocab, "pad_token_id": pad, "eos_token_id": end, "bos_token_id": ids["<|im_start|>"], "dtype": "float16", "text_config": text, "vision_config": vision,
        "transformers.js_config": {"dtype": "fp32", **cache},
    }
    processor = {
        "do_convert_rgb": True, "do_image_splitting": False, "do_normalize": True, "do_pad": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "image_processor_type": "Idefics3ImageProcessor", "max_image_size": {"longest_edge": c.image}, "size": {"longest_edge": c.image}, "resample": 2, "rescale_factor": 1 / 255, "processor_class": "Idefics3Processor",
    }
    added = {str(i): {"content": t, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True} for t, i in ids.items()}
    tokens = {
        "added_tokens_decoder": added, "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": c.max_positions, "clean_up_tokenization_spaces": False, "add_prefix_space": False,
        "bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "processor_class": "Idefics3Processor",
        "additional_special_tokens": ["<fake_token_around_image>", "<image>", "<end_of_utterance>"], "chat_template": CHAT_TEMPLATE,
    }
    files = {
        "config.json": config, "generation_config.json": {"bos_token_id": ids["<|im_start|>"], "eos_token_id": end, "pad_token_id": pad, "do_sample": False, "max_new_tokens": 64},
        "preprocessor_config.json": processor, "processor_config.json": {"image_seq_len": IMAGE_TOKENS, "processor_class": "Idefics3Processor"},
        "tokenizer_config.json": tokens, "chat_template.json": {"chat_template": CHAT_TEMPLATE},
        "special_tokens_map.json": {"bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"},
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (out / "tokenizer.json").write_bytes(tokenizer.PATH.read_bytes())
