"""What the regressors do around their networks, as operators of ONNX, in double precision."""

from typing import Any

import numpy as np

from ...mechanics._flow_curve import DENSE, SMALL, plastic_strains
from ...regressors._base import ROUNDED
from ._graph import Graph
from ._networks import network


def _number(value: float) -> np.ndarray:
    return np.array(value, dtype=np.float64)


def image(graph: Graph, gaf: Any, channels: str) -> tuple[str, str]:
    """As `GAFTransformer` with ``output="append"``: the channels, averaged if the image is smaller, and the image."""
    n, size = gaf.n_features_in_, gaf.image_size_
    if size < n:
        # The averages are linear: those of single points tell their weights. Missing loads have none.
        weights, lacking = gaf._aggregate(np.eye(n)[None])[0], graph("IsNaN", channels)
        sums = graph("MatMul", weights, graph("Where", lacking, _number(0), channels))
        known = graph("MatMul", weights, graph("Cast", graph("Not", lacking), to=11))
        channels = graph("Div", sums, known)
    load = graph.slice(channels, 0, 1, 2)
    if gaf.scaling == "global":
        low, high = graph.constant(_number(gaf.data_min_)), graph.constant(_number(gaf.data_max_))
    else:
        # Missing loads do not count.
        low, high = (
            graph(f"Reduce{which}", graph("Where", graph("IsNaN", load), _number(end), load), axes=[1], keepdims=1)
            for which, end in (("Min", np.inf), ("Max", -np.inf))
        )
    span = graph("Sub", high, low)
    span = graph("Where", graph("Greater", span, _number(0)), span, _number(1))
    start, stop = map(_number, gaf.feature_range)
    part = graph("Div", graph("Sub", load, low), span)
    cosine = graph("Max", graph("Min", graph("Add", graph("Mul", part, stop - start), start), stop), start)
    sine = graph("Sqrt", graph("Mul", graph("Sub", _number(1), cosine), graph("Add", _number(1), cosine)))
    columns = (cosine, sine) if gaf.method == "summation" else (sine, cosine)
    rows = [graph.reshape(part, 0, 1, -1) for part in (cosine, sine)]
    products = [graph("Mul", *factors) for factors in zip(columns, rows, strict=True)]
    return channels, graph("Sub", *products)


def read(graph: Graph, regressor: Any, channels: str) -> tuple[str, str | None]:
    """Channels with 0 for loads that are missing or not read, and where loads are recorded, `(n, n_points, 1)`.

    None, if a record must be complete.
    """
    if regressor._reached is None:
        return channels, None
    load = graph.slice(channels, 0, 1, 2)
    recorded = graph("And", graph("Not", graph("IsNaN", load)), regressor._reached[:, None])
    load = graph("Where", recorded, load, _number(0))
    return graph("Concat", load, graph.slice(channels, 1, None, 2), axis=2), recorded


def scale(graph: Graph, regressor: Any, channels: str, recorded: str | None) -> str:
    """As `BaseNetworkRegressor._scale`."""
    linear = regressor.input_linear_
    bent = channels
    if (linear > 0).any():
        ratio = graph("Div", channels, np.where(linear > 0, 2 * linear, 1.0))
        size = graph("Abs", ratio)
        # asinh, which some readers have in single precision alone.
        root = graph("Sqrt", graph("Add", graph("Mul", size, size), _number(1)))
        asinh = graph("Mul", graph("Sign", ratio), graph("Log", graph("Add", size, root)))
        bent = asinh if (linear > 0).all() else graph("Where", linear > 0, asinh, channels)
    scaled = graph("Div", graph("Sub", bent, regressor.input_mean_), regressor.input_std_)
    if recorded is None:
        return scaled
    # A descriptor is always there.
    is_load = np.arange(len(regressor.input_mean_[0])) == 0
    return graph("Where", graph("Or", recorded, ~is_load), scaled, _number(0))


def network_input(
    graph: Graph, regressor: Any, channels: str, recorded: str | None, scaled: str, field: str | None
) -> str:
    """As `BaseNetworkRegressor._inputs`."""
    load = graph.slice(channels, 0, 1, 2)

    def before(values: str) -> str:
        return graph("Concat", graph.slice(values, 0, 1, 1), graph.slice(values, 0, -1, 1), axis=1)

    views = graph("Concat", load, graph("Sub", load, before(load)), axis=2)
    views = graph("Div", graph("Sub", views, regressor.views_mean_), regressor.views_std_)
    if recorded is not None:
        # There is a slope where there are two loads.
        views = graph("Where", graph("Concat", recorded, before(recorded), axis=2), views, _number(0))
    parts = [scaled, views]
    if regressor.input_scaling == "standard":
        parts = [graph.slice(views, 0, 1, 2), graph.slice(scaled, 1, None, 2)]
    if recorded is not None:
        parts = [graph("Where", recorded, part, _number(0)) for part in parts]
        parts.append(graph("Cast", recorded, to=11))
    if field is not None and recorded is not None:
        field = graph("Where", graph("And", recorded, graph.reshape(recorded, 0, 1, -1)), field, _number(0))
    return graph("Cast", graph("Concat", *parts, *([] if field is None else [field]), axis=2), to=1)


def learned(graph: Graph, regressor: Any, inputs: str) -> str:
    """What the network predicts, MPa: stresses, or the flow curve."""
    name = type(regressor)._module_class.__name__
    values = network(graph, name, regressor.module_params_, regressor.state_, inputs)
    values = graph("Cast", values, to=11)
    values = graph("Add", graph("Mul", values, regressor.target_std_), regressor.target_mean_)
    return graph("Exp", values) if regressor.target_scaling_ == "log" else values


def distance(graph: Graph, regressor: Any, scaled: str) -> str:
    """As `BaseCurveRegressor._distance`, `(n,)`."""
    score = graph("MatMul", graph("Flatten", scaled), regressor.components_.T)
    low, high = regressor.score_range_
    beyond = graph("Max", graph("Sub", low, score), graph("Sub", score, high))
    beyond = graph("Div", beyond, np.where(high > low, high - low, 1.0))
    return graph("Max", graph("ReduceMax", beyond, axes=[1], keepdims=0), _number(0))


def never_falling(graph: Graph, flow: str, n: int) -> str:
    r"""The nearest curves that do not fall, as a formula.

    .. math:: \max_{i \le k} \min_{j \ge k} \frac{y_i + \dots + y_j}{j - i + 1}

    (Barlow et al., Statistical Inference under Order Restrictions, Wiley 1972, cited from memory).
    """
    i, j = np.indices((n, n))
    to = graph("CumSum", flow, np.array(1))
    sums = graph("Sub", graph.unsqueeze(to, 1), graph.unsqueeze(graph("Sub", to, flow), 2))
    # Where the end lies before the start there is no mean, and none is looked at.
    means = graph("Mul", sums, 1.0 / np.maximum(j - i + 1, 1))
    least = graph.running("Min", means, n, axis=2, backward=True)
    return graph("ReduceMax", graph("Where", i <= j, least, _number(-np.inf)), axes=[1], keepdims=0)


def stress(graph: Graph, regressor: Any, columns: str) -> str:
    """As `from_flow_curve`, of flow curves that do not fall, unless some of the training curves did."""
    strain, elastic_modulus = regressor.flow_["strain"], regressor.flow_["elastic_modulus"]
    n, flow = regressor.n_outputs_, columns
    modulus = graph.constant(np.array([[elastic_modulus]])) if not isinstance(elastic_modulus, str) else None
    if modulus is None:
        n -= 1
        modulus = graph("Max", graph.slice(columns, 0, 1, 1), _number(SMALL))
        flow = graph.slice(columns, 1, None, 1)
    falls = regressor.largest_fall_ > ROUNDED
    flow = graph("Max", flow if falls else never_falling(graph, flow, n), _number(SMALL))
    total = graph("Add", graph("Div", flow, modulus), plastic_strains(strain, n))
    if falls:
        total = graph.running("Max", total, n, axis=1)
    last = graph.slice(total, n - 1, n, 1)
    total = graph("Add", total, graph("Mul", last, SMALL * np.arange(n, dtype=np.float64)))
    first, last = graph.slice(total, 0, 1, 1), graph.slice(total, n - 1, n, 1)

    def behind(at: str) -> str:
        part = graph("Div", graph("Sub", at, first), _number(DENSE))
        return graph("Log", graph("Add", part, _number(1)))

    wanted = graph("Min", graph("Max", strain, first), last)
    found = interpolate(graph, behind(total), flow, behind(wanted), n)
    return graph("Where", graph("Less", strain, first), graph("Mul", modulus, strain), found)


def interpolate(graph: Graph, x: str, y: str, at: str, n: int) -> str:
    """As `pchip_rows`, of `n` points."""

    def rise(values: str) -> str:
        return graph("Sub", graph.slice(values, 1, None, 1), graph.slice(values, 0, -1, 1))

    def weighted(one: str, other: str) -> str:
        return graph("Add", graph("Mul", one, _number(2)), other)

    h, change = rise(x), rise(y)
    secant = graph("Div", change, h)
    (h0, h1), (left, right) = ((graph.slice(v, 0, -1, 1), graph.slice(v, 1, None, 1)) for v in (h, secant))
    w1, w2 = weighted(h1, h0), weighted(h0, h1)
    mean = graph("Div", graph("Add", w1, w2), graph("Add", graph("Div", w1, left), graph("Div", w2, right)))
    flat = graph("LessOrEqual", graph("Mul", left, right), _number(0))
    inner = graph("Where", flat, _number(0), mean)

    # Both ends at once.
    (h0, h1), (s0, s1) = (
        [graph("Gather", values, np.array(places), axis=1) for places in ((0, n - 2), (1, n - 3))]
        for values in (h, secant)
    )
    end = graph("Sub", graph("Mul", weighted(h0, h1), s0), graph("Mul", h0, s1))
    end = graph("Div", end, graph("Add", h0, h1))
    signs = [graph("Sign", each) for each in (end, s0, s1)]
    end = graph("Where", graph("Equal", signs[0], signs[1]), end, _number(0))
    most = graph("Mul", s0, _number(3))
    turns = graph("Not", graph("Equal", signs[1], signs[2]))
    steep = graph("Greater", graph("Abs", end), graph("Abs", most))
    end = graph("Where", graph("And", turns, steep), most, end)
    slope = graph("Concat", graph.slice(end, 0, 1, 1), inner, graph.slice(end, 1, 2, 1), axis=1)
    knots = graph.unsqueeze(graph.slice(x, 1, -1, 1), 1)
    passed = graph("Cast", graph("GreaterOrEqual", graph.unsqueeze(at, 2), knots), to=7)
    index = graph("ReduceSum", passed, np.array([2]), keepdims=0)

    def take(values: str, which: str = index) -> str:
        return graph("GatherElements", values, which, axis=1)

    following = graph("Add", index, np.array(1))
    width, step = take(h), take(change)
    t = graph("Div", graph("Sub", at, take(x)), width)
    d0, d1 = graph("Mul", width, take(slope)), graph("Mul", width, take(slope, following))
    cubic = graph("Sub", graph("Add", d0, d1), graph("Mul", step, _number(2)))
    square = graph("Sub", graph("Sub", graph("Mul", step, _number(3)), graph("Mul", d0, _number(2))), d1)
    poly = graph("Add", d0, graph("Mul", t, graph("Add", square, graph("Mul", t, cubic))))
    return graph("Add", take(y), graph("Mul", t, poly))
