"""Builds the ONNX graph of a Llama decoder.

Inputs and outputs have the names that exporters of Hugging Face models give them:

    input_ids             int64  [batch, tokens]          the tokens that are new
    num_logits_to_keep    int64  scalar                   for how many of the last tokens to give logits; 0: all
    past_key_values.*     f32    [batch, kv heads, past, head size]
    logits                f32    [batch, kept, vocabulary]
    hidden_states         f32    [batch, kept, hidden]    after the final norm: what the logits come from
    present.*             f32    [batch, kv heads, past + tokens, head size]

The rows of a batch are equally long.

The weights go to a file of their own, which the graph names by its SHA-256, so that the graph's hash
stands for both, and runtimes can map the file into memory and share it.
"""

import hashlib
import re
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

# ONNX Runtime maps the weights by whole pages.
PAGE = 4096
# What is smaller than this stays in the graph.
INLINE = 1024


@dataclass(frozen=True)
class Shape:
    """The dimensions of a model."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    context: int
    rope_base: float
    norm_epsilon: float


def quantise(weights):
    """The rows of a matrix as bytes around 128, and one scale for each row."""
    scales = np.abs(weights).max(axis=1) / np.float32(127)
    divisors = np.where(scales == 0, np.float32(1), scales)
    levels = np.rint(weights / divisors[:, None]) + np.float32(128)
    return levels.astype(np.uint8), scales.astype(np.float32)


class Graph:
    """A graph under construction."""

    def __init__(self, shape, bits, weights_file):
        self.shape = shape
        self.bits = bits
        self.nodes = []
        self.initializers = []
        self.known = set()
        self.weights = weights_file
        self.weights_hash = hashlib.sha256()
        self.offset = 0

    def node(self, operator, inputs, outputs, domain="", **attributes):
        """Adds a node and returns its first output. Nodes are named by it."""
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(
            helper.make_node(operator, inputs, outputs, name=outputs[0] + "/node", domain=domain, **attributes)
        )
        return outputs[0]

    def constant(self, name, array):
        """Adds an initializer, a large one to the file of weights, and returns its name."""
        if name in self.known:
            return name
        self.known.add(name)
        array, shape = np.ascontiguousarray(array), np.shape(array)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        tensor = TensorProto(name=name, data_type=kind, dims=shape)
        if len(content) < INLINE:
            tensor.raw_data = content
        else:
            self._write(b"\0" * (-self.offset % PAGE))
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", ""), ("offset", self.offset), ("length", len(content))):
                tensor.external_data.add(key=key, value=str(value))
            self._write(content)
        self.initializers.append(tensor)
        return name

    def _write(self, content):
        self.weights.write(content)
        self.weights_hash.update(content)
        self.offset += len(content)

    def linear(self, name, source, weights):
        """`source` times the transpose of `weights`, which has a row for each output."""
        if self.bits == 32:
            return self.node("MatMul", [source, self.constant(name + ".weight", weights.T)], name)
        levels, scales = quantise(weights)
        levels = self.constant(name + ".levels", levels.T)
        return self._integer_matmul(name, source, levels, self.constant(name + ".scales", scales))

    def _integer_matmul(self, name, source, levels, scales):
        """A product with 8-bit weights and 16-bit activations, in integers: the same on every CPU.

        A token's activations become integers q, at most 127 * 256 away from 0. The two bytes of
        q + 128 * 256 + 128 are multiplied in one go, as if they were two tokens, each byte as what it is
        above 128, which undoes the sum.
        """

        def node(operator, inputs, suffix, **attributes):
            return self.node(operator, inputs, f"{name}/{suffix}", **attributes)

        largest = node("ReduceMax", [node("Abs", [source], "abs"), self._vector("last_axis", -1)], "max")
        scale = node("Div", [largest, self._scalar("steps", 127 * 256)], "scale_or_0")
        scale = node("Max", [scale, self._scalar("tiny", 1e-30)], "scale")
        q = node("Round", [node("Div", [source, scale], "steps")], "q")
        q = node("Add", [q, self._scalar("above_0", 128 * 256 + 128)], "q_above_0")
        pair = [2, 1, 1, 1]
        shift = self.constant("shift", np.array([1 / 256, 1], np.float32).reshape(pair))
        q = node("Cast", [node("Mul", [q, shift], "shifted")], "integers", to=TensorProto.INT32)
        # Drops the higher byte.
        q = node("Cast", [q], "bytes", to=TensorProto.UINT8)
        middle = self.constant("middle", np.array(128, np.uint8))
        sums = node("MatMulInteger", [q, levels, middle, middle], "sums")
        sums = node("Cast", [sums], "sums_float", to=TensorProto.FLOAT)
        place = self.constant("place", np.array([256, 1], np.float32).reshape(pair))
        first = self._vector("first_axis", 0)
        total = node("ReduceSum", [node("Mul", [sums, place], "placed"), first], "total", keepdims=0)
        return self.node("Mul", [node("Mul", [total, scale], "of_row"), scales], name)

    def _scalar(self, name, value):
        return self.constant(name, np.float32(value))

    def _vector(self, name, value):
        return self.constant(name, np.array([value], np.int64))

    def norm(self, name, source, weights):
        """Root mean square normalisation."""
        return self.node(
            "SimplifiedLayerNormalization",
            [source, self.constant(name + ".weight", weights)],
            name,
            axis=-1,
            epsilon=self.shape.norm_epsilon,
        )

    def embedding(self, weights):
        """Looks up the rows of the tokens. The same weights make the logits at the other end."""
        if self.bits == 32:
            table = self.constant("embedding.weight", weights)
            return self.node("Gather", [table, "input_ids"], "embedding")
        levels, scales = quantise(weights)
        # With a column for each token, as the product at the other end wants it.
        levels = self.constant("embedding.levels", levels.T)
        self.constant("embedding.scales", scales)
        rows = self.node("Gather", [levels, "input_ids"], "embedding/columns", axis=1)
        rows = self.node("Transpose", [rows], "embedding/levels", perm=[1, 2, 0])
        rows = self.node("Cast", [rows], "embedding/float", to=TensorProto.FLOAT)
        rows = self.node("Sub", [rows, self._scalar("middle_float", 128)], "embedding/centred")
        scale = self.node("Gather", ["embedding.scales", "input_ids"], "embedding/scale")
        scale = self.node("Unsqueeze", [scale, self._vector("last_axis", -1)], "embedding/scale_3")
        return self.node("Mul", [rows, scale], "embedding")

    def logits(self, source):
        """The scores of all tokens."""
        shape = (self.shape.vocabulary, self.shape.hidden)
        if self.bits != 32:
            return self._integer_matmul("logits", source, "embedding.levels", "embedding.scales")
        flat = self.node("Reshape", [source, self.constant("flat", np.array([-1, shape[1]], np.int64))], "logits/in")
        flat = self.node("Gemm", [flat, "embedding.weight"], "logits/out", transB=1)
        to_batch = self.node("Shape", [source], "logits/batch", start=0, end=2)
        count = self.constant("vocabulary", np.array([shape[0]], np.int64))
        to_batch = self.node("Concat", [to_batch, count], "logits/shape", axis=0)
        return self.node("Reshape", [flat, to_batch], "logits")

    def rotary(self):
        """Cosines and sines of each position's angles."""
        half = self.shape.head_size // 2
        rates = self.shape.rope_base ** (-np.arange(half, dtype=np.float64) / half)
        angles = np.arange(self.shape.context, dtype=np.float64)[:, None] * rates
        self.constant("rotary.cos", np.cos(angles).astype(np.float32))
        self.constant("rotary.sin", np.sin(angles).astype(np.float32))

    def positions(self):
        """The first new position, and which earlier positions each new token looks at: itself and all before."""
        new = self.node("Shape", ["input_ids"], "tokens", start=1, end=2)
        past = self.node("Shape", ["past_key_values.0.key"], "past", start=2, end=3)
        total = self.node("Add", [past, new], "total")

        def scalar(name):
            return self.node("Squeeze", [name], f"{name}/scalar")

        zero, one = self.constant("zero", np.int64(0)), self.constant("one", np.int64(1))
        rows = self.node("Range", [scalar(past), scalar(total), one], "rows")
        rows = self.node("Unsqueeze", [rows, self._vector("last_axis", -1)], "rows/column")
        columns = self.node("Range", [zero, f"{total}/scalar", one], "columns")
        later = self.node("Greater", [columns, rows], "later")
        self.node("Where", [later, self._scalar("minus_a_lot", -1e9), self._scalar("nothing", 0)], "mask")

    def attention(self, name, number, source):
        """Attention of the new tokens to all so far.

        Softmax is spelt out: as one operator, it sums in another order on other CPUs.
        """
        shape = self.shape
        hidden, kv_hidden = shape.heads * shape.head_size, shape.kv_heads * shape.head_size

        def node(operator, inputs, suffix, **attributes):
            return self.node(operator, inputs, f"{name}/{suffix}", **attributes)

        def heads(source, suffix, *form):
            form = self.constant("heads_" + "_".join(map(str, form)), np.array([0, 0, *form], np.int64))
            return node("Reshape", [source, form], suffix)

        def rotated(source, suffix):
            # llama.cpp's converter has put the two halves of each head's queries and keys side by side.
            tables = ["past", "rotary.cos", "rotary.sin"]
            return node("RotaryEmbedding", [source] + tables, suffix, domain="com.microsoft", interleaved=1)

        q, k, v = (f"{name}/{part}" for part in "qkv")
        parts = self.constant("qkv_sizes", np.array([hidden, kv_hidden, kv_hidden], np.int64))
        self.node("Split", [source, parts], [q, k, v], axis=-1)
        present = []
        for part, new in (("key", rotated(k, "k_rotated")), ("value", v)):
            new = heads(new, f"new_{part}_heads", shape.kv_heads, shape.head_size)
            new = node("Transpose", [new], f"new_{part}", perm=[0, 2, 1, 3])
            past = f"past_key_values.{number}.{part}"
            present.append(self.node("Concat", [past, new], f"present.{number}.{part}", axis=2))
        third = self._vector("third_axis", 2)
        keys, values = (node("Unsqueeze", [whole, third], part) for whole, part in zip(present, ("keys", "values")))
        keys = node("Transpose", [keys], "keys_upright", perm=[0, 1, 2, 4, 3])

        # [batch, kv heads, query heads of each, tokens, head size]
        q = node("Mul", [rotated(q, "q_rotated"), self._scalar("one_by_root", shape.head_size**-0.5)], "q_scaled")
        q = heads(q, "q_heads", shape.kv_heads, shape.heads // shape.kv_heads, shape.head_size)
        q = node("Transpose", [q], "queries", perm=[0, 2, 3, 1, 4])
        scores = node("Add", [node("MatMul", [q, keys], "products"), "mask"], "scores")
        last = self._vector("last_axis", -1)
        scores = node("Sub", [scores, node("ReduceMax", [scores, last], "highest")], "scores_below_0")
        weights = node("Exp", [scores], "weights")
        weights = node("Div", [weights, node("ReduceSum", [weights, last], "sum")], "shares")
        mixed = node("Transpose", [node("MatMul", [weights, values], "mixed_heads")], "mixed", perm=[0, 3, 1, 2, 4])
        flat = self.constant("flat_heads", np.array([0, 0, hidden], np.int64))
        return self.node("Reshape", [mixed, flat], name)

    def layer(self, number, source, tensor):
        """One layer, with its weights from `tensor(name)`."""
        name = f"layer.{number}"
        normed = self.norm(f"{name}.attention_norm", source, tensor("attn_norm"))
        weights = np.concatenate([tensor("attn_q"), tensor("attn_k"), tensor("attn_v")])
        attended = self.attention(f"{name}.attention", number, self.linear(f"{name}.qkv", normed, weights))
        attended = self.linear(f"{name}.attention_out", attended, tensor("attn_output"))
        source = self.node("Add", [source, attended], f"{name}.after_attention")

        normed = self.norm(f"{name}.feed_forward_norm", source, tensor("ffn_norm"))
        weights = np.concatenate([tensor("ffn_gate"), tensor("ffn_up")])
        both = self.linear(f"{name}.gate_up", normed, weights)
        gate, up = f"{name}.gate", f"{name}.up"
        self.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        gate = self.node("Mul", [gate, self.node("Sigmoid", [gate], f"{name}.sigmoid")], f"{name}.silu")
        both = self.node("Mul", [gate, up], f"{name}.gated")
        down = self.linear(f"{name}.down", both, tensor("ffn_down"))
        return self.node("Add", [source, down], f"{name}.out")

    def build(self, tensor):
        """The whole model, with its weights from `tensor(name)`, and the SHA-256 of the file of weights."""
        shape = self.shape
        source = self.embedding(tensor("token_embd"))
        self.rotary()
        self.positions()
        for number in range(shape.layers):
            source = self.layer(number, source, lambda name, n=number: tensor(f"blk.{n}.{name}"))
        # The final norm and the logits are for the last tokens only.
        kept = self.node("Neg", ["num_logits_to_keep"], "kept/negative")
        kept = self.node("Reshape", [kept, self.constant("as_vector", np.array([1], np.int64))], "kept/start")
        end = self.constant("to_the_end", np.array([np.iinfo(np.int64).max], np.int64))
        axis = self.constant("tokens_axis", np.array([1], np.int64))
        source = self.node("Slice", [source, kept, end, axis], "kept")
        self.norm("hidden_states", source, tensor("output_norm"))
        self.logits("hidden_states")

        weights = self.weights_hash.hexdigest()
        for initializer in self.initializers:
            for entry in initializer.external_data:
                if entry.key == "location":
                    entry.value = weights
        return self._model(), weights

    def _model(self):
        shape = self.shape

        def value(name, dimensions, kind=TensorProto.FLOAT):
            return helper.make_tensor_value_info(name, kind, dimensions)

        def cache(prefix, length):
            dimensions = ["batch", shape.kv_heads, length, shape.head_size]
            return [value(f"{prefix}.{n}.{part}", dimensions) for n in range(shape.layers) for part in ("key", "value")]

        graph = helper.make_graph(
            self.nodes,
            "llama",
            [
                value("input_ids", ["batch", "tokens"], TensorProto.INT64),
                value("num_logits_to_keep", [], TensorProto.INT64),
            ]
            + cache("past_key_values", "past"),
            [
                value("logits", ["batch", "kept", shape.vocabulary]),
                value("hidden_states", ["batch", "kept", shape.hidden]),
            ]
            + cache("present", "total"),
            self.initializers,
            # Without it, ONNX Runtime doesn't see how large the scores are, and plans memory for seconds.
            value_info=[value("mask", ["tokens", "total"])],
        )
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="openledger")


def shortened(model, layers):
    """The same model without the layers from number `layers` on: worse, cheaper, on the same weights."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph = model.graph
    last = f"layer.{layers - 1}.out"

    def stays(name):
        _, number, *_ = re.split(r"[./]", name) + [""]
        return not (number.isdigit() and int(number) >= layers)

    for field in (graph.node, graph.initializer, graph.input, graph.output):
        kept = [item for item in field if stays(item.name)]
        del field[:]
        field.extend(kept)
    for node in graph.node:
        if node.output[0] == "kept":
            node.input[0] = last
    return model


def serialise(model):
    """The bytes of a model, the same on every run."""
    return model.SerializeToString(deterministic=True)
