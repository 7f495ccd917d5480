"""The torch modules of the package as operators of ONNX: a function each, from the module's weights.

They take the input of the network, of shape `(n, n_points, n_channels)`, or `(n, n_points, n_channels + n_points)` with
the image, in single precision, and give its output, `(n, n_outputs)`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...networks._recurrent import GRU, LSTM
from ._graph import Graph

# Added to what attention compares, where there is nothing to attend to.
_NEVER = np.float32(-1e9)

Weights = Mapping[str, np.ndarray]
Settings = Mapping[str, Any]


def network(graph: Graph, name: str, settings: Settings, weights: Weights, x: str) -> str:
    """Add the network of the class `name`.

    Raises
    ------
    TypeError
        If there is no such network, or it has a setting that cannot be written.
    """
    if name not in _NETWORKS:
        raise TypeError(f"no ONNX file can be made of the network {name}; there is one of {', '.join(_NETWORKS)}")
    unknown = sorted(set(settings) - _SETTINGS)
    if unknown:
        raise TypeError(f"no ONNX file can be made of a network with {', '.join(unknown)}")
    weights = {key: value.astype(np.float32) for key, value in weights.items()}
    return _NETWORKS[name](graph, settings, weights, x)


def _linear(graph: Graph, weights: Weights, prefix: str, x: str) -> str:
    return graph("Add", graph("MatMul", x, weights[f"{prefix}weight"].T), weights[f"{prefix}bias"])


def _features(graph: Graph, settings: Settings, weights: Weights, x: str) -> str:
    """As `CurveFeatures`: `(n, n_points, n_features)`."""
    n_points, n = settings["n_points"], settings["n_channels"]
    curve = graph.slice(x, 0, n, 2)
    along_points = graph("Transpose", curve, perm=[0, 2, 1])
    parts = [curve]
    for k, kernel in enumerate((3, 5, 7) if settings["conv_channels"] else ()):
        of = [weights[f"features.convolutions.{k}.{name}"] for name in ("weight", "bias")]
        found = graph("Relu", graph("Conv", along_points, *of, pads=[kernel // 2, kernel // 2]))
        parts.append(graph("Transpose", found, perm=[0, 2, 1]))
    if settings["image"]:
        image = graph.unsqueeze(graph.slice(x, n, n + n_points, 2), 1)
        for layer in (0, 2, 4):
            of = [weights[f"features.image_branch.{layer}.{name}"] for name in ("weight", "bias")]
            how: dict[str, Any] = {} if layer == 4 else {"strides": [1, 2], "pads": [1, 1, 1, 1]}
            image = graph("Relu", graph("Conv", image, *of, **how))
        parts.append(graph("Transpose", graph("Squeeze", image, np.array([3])), perm=[0, 2, 1]))
    return graph("Concat", *parts, axis=2)


def _missing(graph: Graph, settings: Settings, x: str) -> str | None:
    """1 where records lack a point, and 0 where they have one, `(n_points, n, 1)`; None if they lack none."""
    if not settings.get("masked", False):
        return None
    recorded = graph.slice(x, settings["n_channels"] - 1, settings["n_channels"], 2)
    return graph("Transpose", graph("Sub", np.array(1, dtype=np.float32), recorded), perm=[1, 0, 2])


def _at_end(graph: Graph, settings: Settings, values: str, missing: str | None, backward: bool = False) -> str:
    """As `at_last`, or at the first recorded point if `backward`: `(1, n, ...)` of `(n_points, n, ...)`."""
    n = settings["n_points"]
    if missing is None:
        return graph.slice(values, 0 if backward else n - 1, 1 if backward else n, 0)
    # Points count up to the end, and missing ones nothing.
    place = np.arange(1, n + 1, dtype=np.float32)[:: -1 if backward else 1, None, None]
    place = graph("Mul", graph("Sub", np.array(1, dtype=np.float32), missing), place)
    last = graph("Cast", graph("Equal", place, graph("ReduceMax", place, axes=[0], keepdims=1)), to=1)
    return graph("ReduceSum", graph("Mul", values, last), np.array([0]), keepdims=1)


def _encode(
    graph: Graph,
    kind: str,
    settings: Settings,
    weights: Weights,
    prefix: str,
    x: str,
    missing: str | None,
    backward: bool = False,
) -> tuple[str, list[list[str]]]:
    """Layers of an encoder, which skip missing points: outputs, and the last states of each layer."""
    outputs, states = x, []
    for layer in range(settings["n_layers"]):
        outputs, [state] = _recurrent(
            graph, kind, weights, prefix, outputs, [layer], missing=missing,
            direction="reverse" if backward else "forward",
        )  # fmt: skip
        if missing is not None:
            # The cell of an LSTM stays as it is at missing points, but what it gives out does not.
            state[0] = _at_end(graph, settings, outputs, missing, backward)
        states.append(state)
    return outputs, states


def _recurrent(
    graph: Graph,
    kind: str,
    weights: Weights,
    prefix: str,
    x: str,
    layers: Sequence[int],
    states: Any = None,
    missing: str | None = None,
    **how: Any,
) -> tuple[str, list[list[str]]]:
    """Layers of LSTM or GRU over `x`, `(n_steps, n, n_features)`: outputs, and the last states of each layer."""
    # Torch has the gates i, f, g, o, or r, z, n; ONNX has i, o, f, c, or z, r, h.
    order = {"LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2]}[kind]
    # How torch has the new gate of a GRU.
    how |= {} if kind == "LSTM" else {"linear_before_reset": 1}
    last = []
    for layer in layers:
        own = [weights[f"{prefix}.{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        size = len(own[0]) // len(order)
        if missing is not None:
            x = graph("Concat", x, missing, axis=2)
            gates = LSTM._at_missing if kind == "LSTM" else GRU._at_missing
            own[0] = np.column_stack([own[0], np.repeat(np.array(gates, dtype=np.float32), size)])
        w, r, *biases = (np.concatenate([np.split(part, len(order))[gate] for gate in order]) for part in own)
        first = [None] * (len(order) // 2) if states is None else states[layer]
        x, *new = graph(
            kind, x, w[None], r[None], np.concatenate(biases)[None], None, *first,
            n_outputs=2 if kind == "GRU" else 3, hidden_size=size, **how,
        )  # fmt: skip
        x = graph("Squeeze", x, np.array([1]))
        last.append(new)
    return x, last


def _queries(graph: Graph, queries: np.ndarray, like: str) -> str:
    """The same queries for each curve, `(n_outputs, n, size)`, for as many as `like`, `(n_points, n, ...)`, holds."""
    n = graph.slice(graph("Shape", like), 1, 2, 0)
    size = [np.array([value]) for value in (len(queries), queries.shape[1])]
    return graph("Expand", queries[:, None], graph("Concat", size[0], n, size[1], axis=0))


def _decode(
    graph: Graph, kind: str, settings: Settings, weights: Weights, encoded: str, states: Any, missing: str | None
) -> str:
    """Outputs of the decoder, `(n_outputs, n, hidden_size)`."""
    layers = range(settings["n_layers"])
    if settings["decoder"] == "parallel":
        queries = _queries(graph, weights["queries"], encoded)
        return _recurrent(graph, kind, weights, "decoder", queries, layers, states)[0]

    def step(body: Graph, _: str, value: str, *flat: str) -> list[str]:
        size = len(flat) // len(layers)
        before = [flat[k : k + size] for k in range(0, len(flat), size)]
        value, last = _recurrent(body, kind, weights, "decoder", value, layers, before)
        return [value, *(state for layer in last for state in layer)]

    first = [_at_end(graph, settings, encoded, missing), *(state for layer in states for state in layer)]
    steps = graph.repeat(step, settings["n_outputs"], first)
    return graph("Squeeze", steps, np.array([1]))


def _attend(
    graph: Graph, weights: Weights, prefix: str, n_heads: int, to: str, of: str, missing: str | None = None
) -> str:
    """Multi-head attention of `to` of shape `(n, n_to, size)` to `of` of shape `(n, n_of, size)`."""
    w, b = weights[f"{prefix}in_proj_weight"], weights[f"{prefix}in_proj_bias"]
    size = w.shape[1]
    heads = []
    for k, x in enumerate((to, of, of)):
        part = slice(k * size, (k + 1) * size)
        # What is compared is divided by the root of its length.
        scale = np.float32((size // n_heads) ** -0.5 if k == 0 else 1)
        projected = graph("Add", graph("MatMul", x, scale * w[part].T), scale * b[part])
        projected = graph.reshape(projected, 0, 0, n_heads, size // n_heads)
        heads.append(graph("Transpose", projected, perm=[0, 2, 3, 1] if k == 1 else [0, 2, 1, 3]))
    query, key, value = heads
    likeness = graph("MatMul", query, key)
    if missing is not None:
        never = graph("Transpose", graph("Mul", missing, _NEVER), perm=[1, 2, 0])
        likeness = graph("Add", likeness, graph.unsqueeze(never, 1))
    share = graph("Softmax", likeness, axis=-1)
    seen = graph("Transpose", graph("MatMul", share, value), perm=[0, 2, 1, 3])
    return _linear(graph, weights, f"{prefix}out_proj.", graph.reshape(seen, 0, 0, size))


def _gelu(graph: Graph, x: str) -> str:
    half, one, root = (np.array(value, dtype=np.float32) for value in (0.5, 1.0, 2**-0.5))
    return graph("Mul", graph("Mul", x, half), graph("Add", graph("Erf", graph("Mul", x, root)), one))


def _seq2seq(graph: Graph, settings: Settings, weights: Weights, x: str) -> str:
    features = graph("Transpose", _features(graph, settings, weights, x), perm=[1, 0, 2])
    missing = _missing(graph, settings, x)
    encoded, states = _encode(graph, "LSTM", settings, weights, "encoder", features, missing)
    if settings.get("bidirectional", True):
        back, others = _encode(graph, "LSTM", settings, weights, "backward_encoder", features, missing, backward=True)
        states = [
            [graph("Add", one, other) for one, other in zip(*pair, strict=True)]
            for pair in zip(states, others, strict=True)
        ]
        encoded = _linear(graph, weights, "join.", graph("Concat", encoded, back, axis=2))
    decoded = _decode(graph, "LSTM", settings, weights, encoded, states, missing)
    encoded, decoded = (graph("Transpose", each, perm=[1, 0, 2]) for each in (encoded, decoded))
    seen = _attend(graph, weights, "attention.", settings["n_heads"], decoded, encoded, missing)
    if settings.get("head", "context+state") == "context":
        value = _linear(graph, weights, "head.", seen)
    else:
        hidden = _linear(graph, weights, "head.0.", graph("Concat", seen, decoded, axis=2))
        value = _linear(graph, weights, "head.2.", _gelu(graph, hidden))
    return graph.reshape(value, 0, -1)


def _gru(graph: Graph, settings: Settings, weights: Weights, x: str) -> str:
    features = graph("Transpose", _features(graph, settings, weights, x), perm=[1, 0, 2])
    missing = _missing(graph, settings, x)
    encoded, states = _encode(graph, "GRU", settings, weights, "encoder", features, missing)
    decoded = _decode(graph, "GRU", settings, weights, encoded, states, missing)
    value = _linear(graph, weights, "head.", graph("Transpose", decoded, perm=[1, 0, 2]))
    return graph.reshape(value, 0, -1)


def _ann(graph: Graph, settings: Settings, weights: Weights, x: str) -> str:
    x = graph("Flatten", _features(graph, settings, weights, x))
    # Between the linear layers are an activation and a dropout.
    for layer in range(settings["n_layers"]):
        x = graph("Relu", _linear(graph, weights, f"layers.{1 + 3 * layer}.", x))
    return _linear(graph, weights, f"layers.{1 + 3 * settings['n_layers']}.", x)


def _normalised(graph: Graph, weights: Weights, prefix: str, x: str) -> str:
    return graph("LayerNormalization", x, weights[f"{prefix}weight"], weights[f"{prefix}bias"], epsilon=1e-5)


def _transformer(graph: Graph, settings: Settings, weights: Weights, x: str) -> str:
    n_heads = settings["n_heads"]

    def feed(prefix: str, norm: str, x: str) -> str:
        hidden = _linear(graph, weights, f"{prefix}linear1.", _normalised(graph, weights, norm, x))
        return graph("Add", x, _linear(graph, weights, f"{prefix}linear2.", graph("Relu", hidden)))

    def attend(prefix: str, norm: str, x: str, of: str | None = None, missing: str | None = None) -> str:
        to = _normalised(graph, weights, norm, x)
        return graph("Add", x, _attend(graph, weights, prefix, n_heads, to, to if of is None else of, missing))

    missing = _missing(graph, settings, x)
    x = _linear(graph, weights, "embedding.", _features(graph, settings, weights, x))
    x = graph("Add", x, weights["positions"])
    for layer in range(settings["n_layers"]):
        own = f"encoder.layers.{layer}."
        x = feed(own, f"{own}norm2.", attend(f"{own}self_attn.", f"{own}norm1.", x, missing=missing))
    encoded = _normalised(graph, weights, "encoder.norm.", x)
    queries = weights["queries"] + weights["target_positions"]
    y = graph("Transpose", _queries(graph, queries, graph("Transpose", encoded, perm=[1, 0, 2])), perm=[1, 0, 2])
    for layer in range(settings["n_layers"]):
        own = f"decoder.layers.{layer}."
        y = attend(f"{own}self_attn.", f"{own}norm1.", y)
        y = feed(own, f"{own}norm3.", attend(f"{own}multihead_attn.", f"{own}norm2.", y, encoded, missing))
    return graph.reshape(_linear(graph, weights, "head.", _normalised(graph, weights, "decoder.norm.", y)), 0, -1)


_NETWORKS: dict[str, Callable[[Graph, Settings, Weights, str], str]] = {
    "Seq2Seq": _seq2seq, "GRUSeq2Seq": _gru, "ANN": _ann, "Transformer": _transformer
}  # fmt: skip
# What the functions above know of; dropout does nothing in a prediction.
_SETTINGS = {
    "n_points", "n_channels", "image", "n_outputs", "hidden_size", "n_layers", "n_heads", "feedforward_size", "dropout",
    "conv_channels", "image_channels", "decoder", "bidirectional", "head", "masked",
}  # fmt: skip
