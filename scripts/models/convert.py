"""Converts a Llama model in GGUF to ONNX: graphs in 32 and 8 bits, tokenizer, settings for generation.

Usage: convert.py MODEL.gguf FOLDER

Writes the files into FOLDER, each named by its SHA-256, and prints one line for each: what it is, and
its hash. The same model gives the same bytes on every run. A third graph, `graph-short`, lacks the last
layer: it stands for the cheaper model that a dishonest operator would run.
"""

import hashlib
import json
import os
import sys
from dataclasses import replace

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

import llama
from tokenizer import generation, tokenizer


def fields(reader):
    """The model's settings by name."""
    return {name: field.contents() for name, field in reader.fields.items()}


def shape_of(settings):
    """The dimensions that the model states."""
    if settings["general.architecture"] != "llama":
        sys.exit(f"convert.py: a {settings['general.architecture']} model, not a Llama one")
    def get(name):
        return settings["llama." + name]

    heads = get("attention.head_count")
    return llama.Shape(
        layers=get("block_count"),
        hidden=get("embedding_length"),
        feed_forward=get("feed_forward_length"),
        heads=heads,
        kv_heads=get("attention.head_count_kv"),
        head_size=get("embedding_length") // heads,
        vocabulary=get("vocab_size"),
        context=get("context_length"),
        rope_base=float(get("rope.freq_base")),
        norm_epsilon=float(get("attention.layer_norm_rms_epsilon")),
    )


def keep(content, folder):
    """Writes a file named by its hash, which is returned."""
    name = hashlib.sha256(content).hexdigest()
    move(folder, name, lambda stream: stream.write(content))
    return name


def move(folder, name, write):
    partial = os.path.join(folder, f"{name}.{os.getpid()}.part")
    with open(partial, "wb") as stream:
        write(stream)
    os.replace(partial, os.path.join(folder, name))


def graph(shape, bits, tensor, folder):
    """Writes the weights and returns the graph and their hash."""
    partial = os.path.join(folder, f"weights-{bits}.{os.getpid()}.part")
    with open(partial, "wb") as stream:
        model, weights = llama.Graph(shape, bits, stream).build(tensor)
    os.replace(partial, os.path.join(folder, weights))
    return model, weights


def as_json(document):
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    _, source, folder = sys.argv
    reader = GGUFReader(source)
    settings = fields(reader)
    shape = shape_of(settings)
    tensors = {tensor.name: tensor for tensor in reader.tensors}

    def tensor(name):
        found = tensors[name + ".weight"]
        return dequantize(found.data, found.tensor_type).astype(np.float32, copy=False)

    def say(what, name):
        print(what, name, flush=True)

    say("tokenizer", keep(as_json(tokenizer(settings)), folder))
    say("generation", keep(as_json(generation(settings, shape)), folder))
    for bits in (32, 8):
        model, weights = graph(shape, bits, tensor, folder)
        say(f"weights-{bits}", weights)
        say(f"graph-{bits}", keep(llama.serialise(model), folder))
        if bits == 32:
            short = replace(shape, layers=shape.layers - 1)
            say("graph-short", keep(llama.serialise(llama.shortened(model, short.layers)), folder))
            say("generation-short", keep(as_json(generation(settings, short)), folder))


if __name__ == "__main__":
    main()
