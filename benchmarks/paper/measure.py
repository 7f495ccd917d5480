"""One measurement: a model, trained and tested as a protocol says, with its costs."""

import ast
import contextlib
import functools
import hashlib
import importlib.metadata
import inspect
import json
import os
import platform
import resource
import sys
import tempfile
import textwrap
import time
import types
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from sklearn_spt import (
    AugmentedRegressor,
    GaussianProcessCurveRegressor,
    MLPCurveRegressor,
    perturb_curves,
    save_model,
)
from sklearn_spt.metrics import curve_error_table, curve_mean_absolute_error, curve_mean_relative_error
from sklearn_spt.regressors._network import BaseNetworkRegressor
from sklearn_spt.utils.files import atomic_path

from .._record import PACKAGES, processor
from .models import MODELS
from .protocols import N_COPIES, PROTOCOLS, TRAINING_FAULTS, conditions
from .sets import Loaded
from .setting import Setting

# Stresses at the last strain, MPa, of the test curves that a figure shows for every model.
SHOWN = (200.0, 700.0, 1400.0, 2500.0)
# MPa; a polynomial of a perturbed curve may have no finite value, and the mean of the errors would have none either.
LIMIT = 1e5
# Rows that a model is trained on at most: one with a kernel between all pairs of them needs memory with the square of
# the rows and time with the cube; one whose parameters are searched is fitted dozens of times.
KERNEL_ROWS, SEARCH_ROWS = 5_000, 15_000
# A network that is trained on many copies sees each curve as often as in so many times its epochs without copies. More
# copies and fewer epochs are better than few copies seen often: it cannot learn their noise by heart.
EPOCHS = 4
# Inducing points of Gaussian processes that are conditioned on many copies; more bring next to nothing, as
# `python -m benchmarks.paper.inducing` finds.
INDUCING = 1_000
# Raised when results hold something else than they did.
MEASUREMENT = 2
# Attributes of a `MLPCurveRegressor` with its weights.
WEIGHTS = (
    "input_weights_",
    "input_biases_",
    "hidden_weights_",
    "hidden_biases_",
    "output_weights_",
    "linear_weights_",
    "output_biases_",
)
# Parameters that say how a model is computed, not what it is.
IRRELEVANT = {"n_jobs", "verbose", "device", "callbacks"}


def build(model: str, protocol: str, setting: Setting, n_train: int) -> tuple[Any, int]:
    """The unfitted estimator, and how many perturbed copies of each curve it is trained on."""
    estimator = MODELS[model](setting)
    if not PROTOCOLS[protocol].augmented:
        return estimator, 0
    parts = list(estimators(estimator))
    rows = np.inf
    if any(is_kernel_method(part) for part in parts):
        rows = KERNEL_ROWS
    elif isinstance(estimator, GridSearchCV):
        rows = SEARCH_ROWS
    most = 4 if setting.quick else N_COPIES
    copies = int(max(1, min(most, rows // n_train - 1)))
    keep = (1 + copies) * n_train <= rows
    for part in parts:
        if isinstance(part, BaseNetworkRegressor):
            part.set_params(max_epochs=max(1, round(EPOCHS * part.max_epochs / (1 + copies))))
        elif isinstance(part, GaussianProcessCurveRegressor):
            part.set_params(max_inducing_points=INDUCING)

    def augmented(inner: Any) -> AugmentedRegressor:
        return AugmentedRegressor(
            inner, n_copies=copies, keep_original=keep, **TRAINING_FAULTS, random_state=setting.seed
        )

    if not isinstance(estimator, GridSearchCV):
        return augmented(estimator), copies
    # Inside the search: copies of a curve must not stand in the part that validates.
    grid = estimator.param_grid if isinstance(estimator.param_grid, list) else [estimator.param_grid]
    search = clone(estimator)
    search.set_params(
        estimator=augmented(estimator.estimator),
        param_grid=[{f"regressor__{key}": values for key, values in part.items()} for part in grid],
    )
    return search, copies


def is_kernel_method(estimator: Any) -> bool:
    """Whether it holds a kernel between all pairs of rows, and does not draw inducing points of them itself."""
    name = type(estimator).__name__
    return "Kernel" in name or ("GaussianProcess" in name and not isinstance(estimator, GaussianProcessCurveRegressor))


def estimators(thing: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """The estimators in an estimator, fitted or not, itself first."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, BaseEstimator):
        yield thing
        for value in vars(thing).values():
            yield from estimators(value, seen)
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from estimators(value, seen)
    elif isinstance(thing, list | tuple | set) or (isinstance(thing, np.ndarray) and thing.dtype == object):
        for value in thing:
            yield from estimators(value, seen)


def describe(thing: Any) -> Any:
    """What an unfitted estimator is, as data: classes, parameters, and the code of what this package defines."""
    if isinstance(thing, BaseEstimator):
        parameters = thing.get_params(deep=False)
        return [
            class_name(type(thing)),
            code(type(thing)),
            {key: describe(value) for key, value in sorted(parameters.items()) if key not in IRRELEVANT},
        ]
    if isinstance(thing, dict):
        return {str(key): describe(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [describe(value) for value in thing]
    if isinstance(thing, np.ndarray):
        return [list(thing.shape), hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()]
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, slice):
        return [thing.start, thing.stop, thing.step]
    if isinstance(thing, functools.partial):
        return [describe(thing.func), describe(thing.args), describe(thing.keywords)]
    if isinstance(thing, types.FunctionType):
        return [thing.__qualname__, code(thing)]
    if isinstance(thing, type):
        return [class_name(thing), code(thing)]
    if thing is None or isinstance(thing, str | int | float | bool):
        return thing
    if hasattr(thing, "get_params"):  # kernels
        return [class_name(type(thing)), {key: describe(v) for key, v in thing.get_params(deep=False).items()}]
    if isinstance(thing, np.ufunc) or callable(thing):
        return getattr(thing, "__name__", type(thing).__name__)
    return [class_name(type(thing)), {key: describe(value) for key, value in sorted(vars(thing).items())}]


def class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


@functools.cache
def code(thing: Any) -> str | None:
    """Hash of the code of what the benchmarks themselves define, without comments and docstrings."""
    if not thing.__module__.startswith("benchmarks"):
        return None
    try:
        source = textwrap.dedent(inspect.getsource(thing))
    except OSError:
        return None
    try:
        tree = ast.parse(source)
    except SyntaxError:  # of a lambda inspect gives the line around it
        text = " ".join(source.split())
    else:
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and body and ast.get_docstring(node) is not None:
                node.body = body[1:]
        text = ast.dump(tree)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def definition(estimator: Any, protocol: str, split: tuple[np.ndarray, np.ndarray]) -> str:
    """Hash of what a result depends on besides the set: the model, the split, the conditions."""
    faults = conditions() if PROTOCOLS[protocol].conditions else None
    described = [MEASUREMENT, describe(estimator), [describe(part) for part in split], describe(faults)]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]


def memory(key: str) -> int | None:
    """A line of /proc/self/status in bytes; None where there is no such file."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


class PeakMemory:
    """Peak of this process' resident memory, less what it held before, MB."""

    def __enter__(self) -> "PeakMemory":
        with contextlib.suppress(OSError):  # Linux forgets the peak so far
            Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
        self.before = memory("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        peak = memory("VmHWM")
        if peak is None or self.before is None:
            unit = 1 if sys.platform == "darwin" else 1024
            self.mb: float | None = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
        else:
            self.mb = max(0.0, (peak - self.before) / 2**20)


def n_parameters(fitted: Any) -> int | None:
    """Weights of networks and of Gaussian processes, coefficients of trends, and what else these need of the curves."""
    total = 0
    for estimator in estimators(fitted):
        if hasattr(estimator, "state_"):
            total += sum(np.size(value) for value in estimator.state_.values())
            total += sum(np.size(value) for value in estimator.trend_.values())
        if isinstance(estimator, GaussianProcessCurveRegressor) and hasattr(estimator, "alpha_"):
            total += estimator.alpha_.size + estimator.scores_.size + estimator.length_scale_.size
        if isinstance(estimator, MLPCurveRegressor) and hasattr(estimator, "n_iter_"):
            # Those of components that a perceptron does not use are zero.
            total += sum(int(np.count_nonzero(getattr(estimator, name))) for name in WEIGHTS)
    return total or None


def histories(fitted: Any) -> list[list[dict[str, float]]]:
    """Losses per epoch of each network."""
    return [
        [
            {key: float(f"{epoch[key]:.6g}") for key in ("train_loss", "valid_loss") if epoch.get(key) is not None}
            for epoch in estimator.history_
        ]
        for estimator in estimators(fitted)
        if getattr(estimator, "history_", None)
    ]


def disk_bytes(fitted: Any) -> tuple[int, str]:
    """Size of the model's file, and how it was written: save_model where it can, joblib otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        try:
            save_model(path, fitted.regressor_ if isinstance(fitted, AugmentedRegressor) else fitted)
            how = "save_model"
        except (TypeError, ValueError):
            joblib.dump(fitted, path)
            how = "joblib"
        return path.stat().st_size, how


def chosen(fitted: Any) -> Any:
    """Parameters that a search has chosen."""
    best = [e.best_params_ for e in estimators(fitted) if hasattr(e, "best_params_")]
    return {key: describe(value) for key, value in best[0].items()} if best else None


def quietly(model: Any, curves: list[Any]) -> np.ndarray:
    """Predict, at most LIMIT; that a perturbed curve is unlike the training curves is what is measured here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        predicted = np.asarray(model.predict(curves), dtype=np.float64)
    return np.clip(np.nan_to_num(predicted, nan=LIMIT), -LIMIT, LIMIT)


def under_conditions(model: Any, curves: list[Any], stress: np.ndarray, seed: int) -> dict[str, dict[str, float]]:
    result = {}
    for name, faults in conditions().items():
        predicted = quietly(model, perturb_curves(curves, **faults, random_state=seed))
        mae = curve_mean_absolute_error(stress, predicted)
        relative = 100 * curve_mean_relative_error(stress, predicted)
        result[name] = {
            "mean": float(mae.mean()),
            "median": float(np.median(mae)),
            "p95": float(np.quantile(mae, 0.95)),
            "max": float(mae.max()),
            "relative": float(relative.mean()),
            "relative_median": float(np.median(relative)),
        }
    return result


def rounded(values: np.ndarray, digits: int = 6) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in np.ravel(values)]


def pictured(loaded: Loaded, test: np.ndarray, predicted: np.ndarray, mae: np.ndarray) -> list[dict[str, Any]]:
    """The curves that figures show: the best, the median and the worst, and those next to the stresses of SHOWN."""
    order = np.argsort(mae)
    ends = loaded.stress[test][:, -1]
    places = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    places |= {f"{stress:g} MPa": np.argmin(np.abs(ends - stress)) for stress in SHOWN}
    return [
        {
            "which": which,
            "curve": loaded.curves[test[i]].name,
            "mae": float(mae[i]),
            "true": rounded(loaded.stress[test[i]]),
            "predicted": rounded(predicted[i]),
        }
        for which, i in places.items()
    ]


def measure(model: str, protocol: str, seed: int, loaded: Loaded, *, quick: bool) -> tuple[dict[str, Any], Any]:
    """The result, and the fitted model.

    It is fitted in this very process, whose memory is looked at: with threads, but without further processes.
    """
    train, test = PROTOCOLS[protocol].split(loaded, seed)
    setting = loaded.setting(seed, quick=quick)
    estimator, copies = build(model, protocol, setting, len(train))
    known = definition(estimator, protocol, (train, test))
    curves = [loaded.curves[i] for i in train]
    with PeakMemory() as peak, warnings.catch_warnings():
        if quick:
            warnings.simplefilter("ignore", ConvergenceWarning)
        start = time.perf_counter()
        estimator.fit(curves, loaded.stress[train])
        fit_seconds = time.perf_counter() - start
    seen = [loaded.curves[i] for i in test]
    start = time.perf_counter()
    predicted = quietly(estimator, seen)
    predict_seconds = time.perf_counter() - start
    mae = curve_mean_absolute_error(loaded.stress[test], predicted)
    size, how = disk_bytes(estimator)
    # What only figures need, of those protocols that have some: there are many results.
    figured = protocol.endswith("_random")
    result = {
        "model": model,
        "protocol": protocol,
        "seed": seed,
        "set": {"name": loaded.name, "curves": len(loaded), "hash": loaded.hash},
        "definition": known,
        "train_curves": len(train),
        "test_curves": len(test),
        "copies": copies,
        "errors": curve_error_table(loaded.stress[test], predicted),
        # The number in the name of each test curve, and its error.
        "curves": [int(str(loaded.curves[i].name).rpartition("-")[2]) for i in test],
        "mae": rounded(mae, 4),
        "pictured": pictured(loaded, test, predicted, mae) if figured else [],
        "conditions": (
            under_conditions(estimator, seen, loaded.stress[test], seed) if PROTOCOLS[protocol].conditions else None
        ),
        "chosen": chosen(estimator),
        "histories": histories(estimator) if figured else [],
        "fit_seconds": round(fit_seconds, 3),
        "predict_milliseconds_per_curve": round(1000 * predict_seconds / len(test), 4),
        "peak_memory_mb": None if peak.mb is None else round(peak.mb, 1),
        "disk_bytes": size,
        "saved_with": how,
        "parameters": n_parameters(estimator),
        "threads": int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1),
        **origin(),
    }
    return result, estimator


def origin() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "versions": {package: importlib.metadata.version(package) for package in PACKAGES},
    }


def write(path: Path, result: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")
