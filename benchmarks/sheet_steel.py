"""Errors of all models on `load_sheet_steel`: one seeded 90/10 split, the same resampled curves for every model.

    python -m benchmarks.sheet_steel                # every model that has no result yet, then the table
    python -m benchmarks.sheet_steel gp trend       # only these
    python -m benchmarks.sheet_steel --bundle       # and write the default model where the package keeps it

Each model's result is kept in results/sheet_steel/ as soon as it is there, so that an interrupted run goes on where it
was; delete a file to measure its model anew. The curve behind `load_demo_curve` is always among the test curves, so
that the bundled model has not seen it.
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
import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

from sklearn_spt import (
    ANNRegressor,
    CurveResampler,
    GAFTransformer,
    GRURegressor,
    LSTMRegressor,
    Seq2SeqRegressor,
    TransformerRegressor,
    save_model,
)
from sklearn_spt._files import atomic_path
from sklearn_spt.datasets import DEMO_CURVE_INDEX, load_sheet_steel
from sklearn_spt.datasets._models import _FOLDER as MODELS
from sklearn_spt.metrics import curve_error_table

from ._record import RESULTS, processor, record

SEED = 0
# At zero displacement there is no load yet. Beyond 1.8 mm thin sheets of low hardening begin to localise, and more of
# the simulations end; what comes later made every model worse. The few curves that end before are left out.
GRID = np.linspace(0.03, 1.8, 64)
E_SHEET = 70_000.0  # Young's modulus of the set, MPa
FOLDER = RESULTS / "sheet_steel"


def log_features(X: np.ndarray) -> np.ndarray:
    """Logarithms of the loads, and of the thickness once."""
    return np.log(np.concatenate([np.maximum(X[:, :, 0], 1.0), X[:, :1, 1]], axis=1))


class GaussianProcesses(GaussianProcessRegressor):
    """One Gaussian process per target, each with length scales of its own."""

    def fit(self, X: Any, y: Any) -> "GaussianProcesses":
        kernel = ConstantKernel(10.0) * RBF(np.ones(X.shape[1]), (1e-1, 1e4)) + WhiteKernel(1e-5, (1e-10, 1e-1))
        self.models_ = [
            GaussianProcessRegressor(kernel, normalize_y=True, random_state=SEED).fit(X, column) for column in y.T
        ]
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.column_stack([model.predict(X) for model in self.models_])


def in_log_stress(regressor: Any, n_components: int | None = None) -> TransformedTargetRegressor:
    """Fit to the logarithm of the stress, or to its principal components."""
    steps = [FunctionTransformer(np.log, np.exp, check_inverse=False)]
    if n_components is not None:
        steps.append(PCA(n_components))
    return TransformedTargetRegressor(regressor, transformer=make_pipeline(*steps), check_inverse=False)


def resampler() -> CurveResampler:
    return CurveResampler(grid=GRID, ends="error", descriptors=("thickness",))


def pipeline(*steps: Any) -> Pipeline:
    return make_pipeline(resampler(), *steps)


def whitened(n_components: int) -> list[Any]:
    return [FunctionTransformer(log_features), StandardScaler(), PCA(n_components, whiten=True)]


# Each entry: what the row is called, and how the model is made. The deep and the slow networks are given fewer epochs
# than their defaults, so that the whole table is made within two hours on two cores.
MODELS_TO_COMPARE: dict[str, tuple[str, Callable[[], Pipeline]]] = {
    "seq2seq": ("Seq2SeqRegressor (defaults)", lambda: pipeline(Seq2SeqRegressor(random_state=SEED))),
    "seq2seq_alone": (
        "Seq2SeqRegressor(trend_degree=0, whiten=False)",
        lambda: pipeline(Seq2SeqRegressor(trend_degree=0, whiten=False, random_state=SEED)),
    ),
    "trend": (
        "scikit-learn: log, PCA, quartic polynomial, ridge",
        lambda: pipeline(
            *whitened(5),
            in_log_stress(make_pipeline(PolynomialFeatures(4), StandardScaler(), RidgeCV(np.logspace(-8, 2, 11)))),
        ),
    ),
    "gp": (
        "scikit-learn: log, PCA, Gaussian process, PCA",
        lambda: pipeline(*whitened(6), in_log_stress(GaussianProcesses(), 6)),
    ),
    "paper": (
        "Seq2SeqRegressor.paper(max_epochs=12), GAF per sample",
        lambda: pipeline(GAFTransformer(scaling="sample"), Seq2SeqRegressor.paper(max_epochs=12, random_state=SEED)),
    ),
    "lstm": (
        "LSTMRegressor.paper(max_epochs=12)",
        lambda: pipeline(LSTMRegressor.paper(max_epochs=12, random_state=SEED)),
    ),
    "ann": ("ANNRegressor (defaults)", lambda: pipeline(ANNRegressor(random_state=SEED))),
    "gru": (
        "GRURegressor(max_epochs=150)",
        lambda: pipeline(GRURegressor(max_epochs=150, random_state=SEED)),
    ),
    "transformer": (
        "TransformerRegressor(max_epochs=80)",
        lambda: pipeline(TransformerRegressor(max_epochs=80, random_state=SEED)),
    ),
}


def load_split() -> tuple[list[Any], np.ndarray, list[Any], np.ndarray, np.ndarray, str]:
    """Curves and targets to train on and to test on, the strain grid, and a fingerprint of the data."""
    data = load_sheet_steel()
    (demo,) = (i for i, curve in enumerate(data.data) if curve.name == f"sheet-{DEMO_CURVE_INDEX:04d}")
    others = [i for i, curve in enumerate(data.data) if i != demo and curve.displacement[-1] >= GRID[-1]]
    train, test = train_test_split(others, test_size=0.1, random_state=SEED)
    test = np.append(test, demo)
    X, Y = data.data, data.target
    digest = hashlib.sha256(np.ascontiguousarray(Y).tobytes())
    for curve in X:
        digest.update(curve.load.tobytes())
    return [X[i] for i in train], Y[train], [X[i] for i in test], Y[test], data.strain, digest.hexdigest()[:12]


def n_parameters(model: Pipeline) -> int | None:
    state = getattr(model[-1], "state_", None)
    return None if state is None else sum(value.size for value in state.values())


def measure(name: str) -> tuple[dict[str, Any], Pipeline]:
    title, build = MODELS_TO_COMPARE[name]
    X_train, Y_train, X_test, Y_test, _, fingerprint = load_split()
    model = build()
    if hasattr(model[-1], "verbose"):
        model.set_params(**{f"{model.steps[-1][0]}__verbose": 1})
    start = time.perf_counter()
    model.fit(X_train, Y_train)
    fit_time = time.perf_counter() - start
    start = time.perf_counter()
    predicted = model.predict(X_test)
    predict_time = time.perf_counter() - start
    return {
        "model": title,
        "errors": curve_error_table(Y_test, predicted),
        "fit_seconds": round(fit_time, 1),
        "predict_milliseconds_per_curve": round(1000 * predict_time / len(X_test), 3),
        "epochs": getattr(model[-1], "n_epochs_", None),
        "weights": n_parameters(model),
        "train_curves": len(X_train),
        "test_curves": len(X_test),
        "seed": SEED,
        "data": fingerprint,
        "threads": torch.get_num_threads(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {
            package: importlib.metadata.version(package)
            for package in ("numpy", "scikit-learn", "sklearn-spt", "skorch", "torch")
        },
    }, model


def bundle(model: Pipeline, result: dict[str, Any]) -> None:
    """Put the model where the package keeps it, its errors beside it."""
    X_train, Y_train, X_test, _, strain, _ = load_split()
    MODELS.mkdir(exist_ok=True)
    save_model(
        MODELS / "sheet.spt",
        model,
        strain=strain,
        elastic_modulus=E_SHEET,
        training_curves=X_train,
        training_targets=Y_train,
        metadata={
            "left_out": [X_test[-1].name],
            "data": f"load_sheet_steel, {result['train_curves']} curves",
            "command": COMMAND + " --bundle",
        },
    )
    write(MODELS / "sheet.json", result)


COMMAND = "python -m benchmarks.sheet_steel"


def write(path: Path, result: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def table() -> None:
    """Gather the results into one table for the documentation."""
    rows = []
    for name in MODELS_TO_COMPARE:
        path = FOLDER / f"{name}.json"
        if not path.exists():
            continue
        result = json.loads(path.read_text(encoding="utf-8"))
        mae, r2 = result["errors"]["MAE, MPa"], result["errors"]["R²"]
        relative = result["errors"]["relative error"]
        rows.append(
            {
                "model": result["model"],
                "mean MAE (MPa)": round(mae["mean"], 3),
                "median": round(mae["median"], 3),
                "95th percentile": round(mae["95th percentile"], 3),
                "worst curve": round(mae["max"], 2),
                "best curve": round(mae["min"], 3),
                "mean relative error (%)": round(100 * relative["mean"], 3),
                "worst R²": round(r2["min"], 5),
                "epochs": result["epochs"] or "",
                "training (min)": round(result["fit_seconds"] / 60, 1),
                "weights": result["weights"] or "",
            }
        )
    record(
        "sheet_steel",
        title="Models on load_sheet_steel",
        rows=rows,
        note=(
            f"{result['train_curves']} training and {result['test_curves']} test curves, random split with seed "
            f"{SEED}, one training per model; curves on {len(GRID)} points from {GRID[0]:g} to {GRID[-1]:g} mm, "
            f"thickness as descriptor; data {result['data']}. The machine was shared with other work: read the times "
            "as rough ones."
        ),
        packages=("pandas",),
    )
    for row in rows:
        print(*row.values(), sep=" | ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"one of {', '.join(MODELS_TO_COMPARE)}")
    parser.add_argument("--bundle", action="store_true", help="train the default model anew and bundle it")
    arguments = parser.parse_args()
    unknown = set(arguments.models) - set(MODELS_TO_COMPARE)
    if unknown:
        parser.error(f"unknown model {', '.join(sorted(unknown))}; choose from {', '.join(MODELS_TO_COMPARE)}")
    if arguments.bundle:
        result, model = measure("seq2seq")
        write(FOLDER / "seq2seq.json", result)
        bundle(model, result)
    for name in arguments.models or MODELS_TO_COMPARE:
        path = FOLDER / f"{name}.json"
        if not path.exists():
            write(path, measure(name)[0])
    table()


if __name__ == "__main__":
    main()
