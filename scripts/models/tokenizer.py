"""Writes what a GGUF file says of tokens and chats in the formats that others read."""

# Of `tokenizer.ggml.token_type`.
CONTROL = 3


def tokenizer(settings):
    """The `tokenizer.json` of a byte-level BPE tokenizer whose digits stand alone."""
    if (settings["tokenizer.ggml.model"], settings["tokenizer.ggml.pre"]) != ("gpt2", "smollm"):
        raise SystemExit("convert.py: another tokenizer than SmolLM's")
    tokens = settings["tokenizer.ggml.tokens"]
    types = settings["tokenizer.ggml.token_type"]
    special = [n for n, kind in enumerate(types) if kind == CONTROL]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": n,
                "content": tokens[n],
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for n in special
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level],
        },
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: n for n, token in enumerate(tokens)},
            "merges": settings["tokenizer.ggml.merges"],
        },
    }


# How the template of SmolLM2's chats renders one message of a user, as a model is asked to answer it.
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
BEFORE = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\n"
)
AFTER = "<|im_end|>\n<|im_start|>assistant\n"


def generation(settings, shape):
    """What an engine has to know besides graph and tokenizer to hold a chat."""
    if settings["tokenizer.chat_template"] != TEMPLATE:
        raise SystemExit("convert.py: another chat template than SmolLM2's")
    tokens = settings["tokenizer.ggml.tokens"]
    return {
        "before_prompt": BEFORE,
        "after_prompt": AFTER,
        "stop_tokens": sorted({settings["tokenizer.ggml.eos_token_id"], tokens.index("<|endoftext|>")}),
        "layers": shape.layers,
        "kv_heads": shape.kv_heads,
        "head_size": shape.head_size,
        "hidden_size": shape.hidden,
        "vocabulary": shape.vocabulary,
        "context": shape.context,
    }
