"""Errors of simple models on the protocols of the paper's experiment: one JSON per model, protocol and seed.

    python -m benchmarks.paper                 # everything that has no result for the sets as they are
    python -m benchmarks.paper --quick         # 120 curves of each set, into runs/paper_quick
    python -m benchmarks.paper --list

Results are in results/paper/. Each names its set by number of curves and hash; those of another set are made anew.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

from sklearn_spt import CurveResampler, FlowCurveTransformer
from sklearn_spt._files import atomic_path
from sklearn_spt.curves import SPTCurve
from sklearn_spt.datasets import load_en10371_steel, load_sheet_steel
from sklearn_spt.metrics import curve_error_table, curve_mean_absolute_error

from .._record import RESULTS, processor

FOLDER = RESULTS / "paper"
NEW_SHEET = RESULTS / "sets" / "sheet_steel.npz"


def load_new_sheet() -> tuple[list[SPTCurve], np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The part of the new set that is there, as it was packed."""
    with np.load(NEW_SHEET) as file:
        a = dict(file)
    ends = a["offsets"]
    curves = [
        SPTCurve(
            a["displacement"][ends[i] : ends[i + 1]].astype(float),
            a["load"][ends[i] : ends[i + 1]].astype(float),
            thickness=float(a["thickness"][i]),
        )
        for i in range(len(a["thickness"]))
    ]
    parameters = dict(zip(a["parameter_names"].tolist(), a["parameters"].T, strict=True))
    facts = {"thickness": a["thickness"], "friction": a["friction"], "K": parameters["K"], "n": parameters["n"]}
    return curves, a["stress"].astype(float), a["strain"], facts


# Beyond 1.8 mm (1.7 on EN 10371) some simulations end; at zero displacement there is no load.
GRIDS = {"sheet": (0.03, 1.8), "new_sheet": (0.03, 1.8), "en10371": (0.02, 1.7)}
MODULUS: dict[str, float | str] = {"sheet": 70_000.0, "new_sheet": 70_000.0, "en10371": "curve"}


def load_set(name: str) -> tuple[list[SPTCurve], np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """A set without the curves that end before the grid does."""
    if name == "new_sheet":
        X, Y, strain, facts = load_new_sheet()
    else:
        data = load_en10371_steel() if name == "en10371" else load_sheet_steel()
        X, Y, strain, facts = data.data, data.target, data.strain, dict(data.frame)
    kept = np.array([curve.displacement[-1] >= GRIDS[name][1] for curve in X])
    if not kept.all():
        print(f"{name}: {np.sum(~kept)} of {len(X)} curves end before {GRIDS[name][1]} mm and are left out")
    return [X[i] for i in np.flatnonzero(kept)], Y[kept], strain, {key: value[kept] for key, value in facts.items()}


def random(facts: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return tuple(train_test_split(np.arange(len(facts["thickness"])), test_size=0.1, random_state=seed))  # type: ignore[return-value]


def held_out(mask: Callable[[Any], np.ndarray]) -> Callable[[Any, int], tuple[np.ndarray, np.ndarray]]:
    return lambda facts, seed: (np.flatnonzero(~mask(facts)), np.flatnonzero(mask(facts)))


def corner(facts: Any) -> np.ndarray:
    return (facts["K"] > np.quantile(facts["K"], 0.7)) & (facts["n"] < np.quantile(facts["n"], 0.3))


PROTOCOLS: dict[str, tuple[str, Callable[[Any, int], tuple[np.ndarray, np.ndarray]]]] = {
    "sheet_random": ("sheet", random),
    "sheet_thickness": ("sheet", held_out(lambda f: f["thickness"] > 3)),
    "sheet_corner": ("sheet", held_out(corner)),
    "new_sheet_random": ("new_sheet", random),
    "en10371_random": ("en10371", random),
    "en10371_law": ("en10371", held_out(lambda f: f["law"] == "SwiftVoce")),
    "en10371_friction": ("en10371", held_out(lambda f: f["friction"] > 0.25)),
}


def log_features(X: np.ndarray) -> np.ndarray:
    return np.log(np.concatenate([np.maximum(X[:, :, 0], 1.0), X[:, :1, 1]], axis=1))


def gp(seed: int) -> Any:
    kernel = ConstantKernel(10.0) * RBF(np.ones(6), (1e-1, 1e4)) + WhiteKernel(1e-5, (1e-10, 1e-1))
    return GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)


def polynomial(seed: int) -> Any:
    return make_pipeline(PolynomialFeatures(4), StandardScaler(), RidgeCV(np.logspace(-8, 2, 11)))


# Each: number of principal components of the loads, the regressor, and whether the target is a flow curve.
MODELS: dict[str, tuple[int, Callable[[int], Any], bool]] = {
    "polynomial": (5, polynomial, False),
    "polynomial_flow": (5, polynomial, True),
    "polynomial_flow_tuned": (5, polynomial, True),
    "gp_flow": (6, gp, True),
    "pls_flow": (12, lambda seed: PLSRegression(10), True),
    "extra_trees_flow": (6, lambda seed: ExtraTreesRegressor(300, random_state=seed), True),
}


# Searched on the training curves alone, by three-fold cross-validation.
DEGREE = "transformedtargetregressor__regressor__polynomialfeatures__degree"
TUNED: dict[str, list[dict[str, list[int]]]] = {
    # At most 300 terms: more take minutes, and more curves than there are.
    "polynomial_flow_tuned": [
        {"pca__n_components": [4, 5], DEGREE: [2, 3, 4, 5]},
        {"pca__n_components": [6, 8], DEGREE: [2, 3]},
        {"pca__n_components": [6], DEGREE: [4]},
        {"pca__n_components": [10, 12], DEGREE: [2]},
    ],
}


def build(model: str, data: str, strain: np.ndarray, seed: int) -> Any:
    components, make, flow = MODELS[model]
    steps: list[Any] = [FunctionTransformer(np.log, np.exp, check_inverse=False)]
    if flow:
        steps.insert(0, FlowCurveTransformer(strain, elastic_modulus=MODULUS[data]))
    low, high = GRIDS[data]
    pipeline = make_pipeline(
        CurveResampler(grid=np.linspace(low, high, 64), ends="error", descriptors=("thickness",)),
        FunctionTransformer(log_features),
        StandardScaler(),
        PCA(components, whiten=True),
        TransformedTargetRegressor(make(seed), transformer=make_pipeline(*steps), check_inverse=False),
    )
    if model not in TUNED:
        return pipeline
    return GridSearchCV(pipeline, TUNED[model], cv=3, scoring="neg_mean_absolute_error")


def measure(model: str, protocol: str, seed: int, loaded: Any, digest: str) -> dict[str, Any]:
    name, split = PROTOCOLS[protocol]
    X, Y, strain, facts = loaded
    train, test = split(facts, seed)
    pipeline = build(model, name, strain, seed)
    start = time.perf_counter()
    pipeline.fit([X[i] for i in train], Y[train])
    fitted = time.perf_counter()
    predicted = pipeline.predict([X[i] for i in test])
    done = time.perf_counter()
    return {
        "model": model,
        "protocol": protocol,
        "seed": seed,
        "set": {"name": name, "curves": len(X), "hash": digest},
        "train_curves": len(train),
        "chosen": getattr(pipeline, "best_params_", None),
        "errors": curve_error_table(Y[test], predicted),
        "test_curves": test.tolist(),
        "mae": [round(float(value), 5) for value in curve_mean_absolute_error(Y[test], predicted)],
        "fit_seconds": round(fitted - start, 2),
        "predict_seconds": round(done - fitted, 3),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {p: importlib.metadata.version(p) for p in ("numpy", "scikit-learn", "scipy", "sklearn-spt")},
    }


def fingerprint(loaded: Any) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(loaded[1]).tobytes())
    for curve in loaded[0]:
        digest.update(curve.displacement.tobytes() + curve.load.tobytes())
    return digest.hexdigest()[:12]


def shortened(loaded: Any, n: int) -> Any:
    X, Y, strain, facts = loaded
    return X[:n], Y[:n], strain, {key: value[:n] for key, value in facts.items()}


def main(argv: list[str] | None = None, folder: Path | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--protocols", nargs="+", choices=list(PROTOCOLS), default=list(PROTOCOLS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--quick", action="store_true", help="120 curves of each set")
    parser.add_argument("--list", action="store_true", help="name models and protocols, measure nothing")
    arguments = parser.parse_args(argv)
    if arguments.list:
        print("models:", *MODELS, "\nprotocols:", *PROTOCOLS)
        return
    if folder is None:
        folder = Path("runs") / "paper_quick" if arguments.quick else FOLDER
    for protocol in arguments.protocols:
        loaded = load_set(PROTOCOLS[protocol][0])
        if arguments.quick:
            loaded = shortened(loaded, 120)
        digest = fingerprint(loaded)
        for model in arguments.models:
            for seed in arguments.seeds:
                path = folder / f"{model}-{protocol}-{seed}.json"
                result = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
                if result is None or result["set"]["hash"] != digest:
                    result = measure(model, protocol, seed, loaded, digest)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with atomic_path(path) as temporary:
                        temporary.write_text(json.dumps(result) + "\n", encoding="utf-8")
                mae = result["errors"]["MAE, MPa"]
                numbers = [f"{mae[key]:.3f}" for key in ("mean", "median", "95th percentile", "max", "min")]
                print(protocol, model, seed, result["train_curves"], *numbers, result["fit_seconds"], flush=True)
