"""How far the emulator of the small punch test errs, beside simpler methods, and what its derivatives are worth.

    python -m benchmarks.emulator                              # minutes; with all curves some more
    python -m benchmarks.emulator --bundle emulator.spt        # train with all curves, and save the emulator
    python -m benchmarks.emulator --bundle emulator_u.spt --kind deflection

Every fifth curve of each part of `load_en10371_discs` is held out; the others, in the order of the design, are trained
with. The error of a curve is the mean of |F - F_simulated| over its points, over its maximum load.
"""

import argparse
import itertools
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sklearn_spt import GaussianProcessCurveRegressor, SPTEmulator, save_model
from sklearn_spt.datasets import load_en10371_discs
from sklearn_spt.mechanics import Swift, Voce
from sklearn_spt.regressors._emulator_base import filled as without_gaps
from sklearn_spt.simulation import simulate_sensitivities

from ._record import record

SIZES = (150, 300, 600, 1200, 2400, 4800)
HOLD_OUT = 5
SEED = 0
# Steps (mm), and so many of them, over which the jumps of the solver's derivatives even out.
STEP, WINDOW = 0.005, 40
# A process takes time with the cube of the number of curves.
MOST_FOR_PROCESSES = 1200


class LogCurves(BaseEstimator):
    """A regressor of the principal components of the logarithms of curves, which go on with their last slope."""

    def __init__(self, regressor: Any) -> None:
        self.regressor = regressor

    def fit(self, X: Any, y: Any) -> Any:
        filled = without_gaps(np.log(y))
        self.components_ = PCA(20).fit(filled)
        self.regressor.fit(X, self.components_.transform(filled))
        return self

    def predict(self, X: Any) -> Any:
        return np.exp(self.components_.inverse_transform(self.regressor.predict(X)))


class Processes(BaseEstimator):
    """The package's Gaussian processes for what a linear ridge leaves of the logarithms."""

    def fit(self, X: Any, y: Any) -> Any:
        filled = without_gaps(np.log(y))
        self.trend_ = on_components(Ridge(1e-3)).fit(X, filled)
        self.processes_ = GaussianProcessCurveRegressor(
            n_components=14, n_target_components=12, input_scaling="standard", random_state=SEED
        ).fit(X, filled - self.trend_.predict(X))
        return self

    def predict(self, X: Any) -> Any:
        return np.exp(self.trend_.predict(X) + self.processes_.predict(X))


def on_components(*steps: Any) -> Any:
    """Steps behind the principal components of the features."""
    return make_pipeline(StandardScaler(), PCA(14), *steps)


def methods() -> dict[str, Callable[[], Any]]:
    return {
        "SPTEmulator": lambda: SPTEmulator(random_state=SEED),
        "SPTEmulator, one network": lambda: SPTEmulator(n_members=1, random_state=SEED),
        "the same, networks not trained": lambda: SPTEmulator(max_epochs=1, lr=1e-12, random_state=SEED),
        "linear ridge": lambda: LogCurves(on_components(Ridge(1e-3))),
        "quadratic ridge": lambda: LogCurves(on_components(PolynomialFeatures(2), Ridge(1.0))),
        "nearest neighbour": lambda: LogCurves(on_components(KNeighborsRegressor(1))),
        "Gaussian processes over a linear ridge": Processes,
    }


def curve_errors(y: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean error of each curve, and error of its maximum load, % of the maximum load."""
    greatest = np.nanmax(y, axis=1)
    known = np.where(np.isfinite(y), predicted, np.nan)
    mean = np.nanmean(np.abs(known - y), axis=1) / greatest
    return 100 * mean, 100 * np.abs(np.nanmax(known, axis=1) / greatest - 1)


def summary(errors: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    mean, of_maximum = errors
    return {
        "mean, % of Fm": round(float(mean.mean()), 3),
        "median": round(float(np.median(mean)), 3),
        "95th percentile": round(float(np.percentile(mean, 95)), 3),
        "worst": round(float(mean.max()), 2),
        "Fm, %": round(float(of_maximum.mean()), 3),
    }


def seconds_a_curve(work: Callable[[], Any], n: int, repeats: int = 5) -> float:
    """Least CPU time of some runs, ms a curve."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times) / n


def method_rows(X: np.ndarray, y: np.ndarray, held: np.ndarray) -> tuple[list[dict[str, Any]], SPTEmulator]:
    train = np.flatnonzero(~held)
    sizes = [size for size in SIZES if size < 0.8 * len(train)] + [len(train)]
    rows: list[dict[str, Any]] = []
    kept: Any = None
    for size in sizes:
        for name, make in methods().items():
            if name.startswith("Gaussian") and size > MOST_FOR_PROCESSES:
                continue
            start = time.process_time()
            model = make().fit(X[train[:size]], y[train[:size]])
            seconds = time.process_time() - start
            kept = model if name == "SPTEmulator" else kept
            found = summary(curve_errors(y[held], predicted(model, X[held])))
            rows.append({"curves": size, "method": name, **found, "fit, s of CPU": round(seconds, 1)})
            print(rows[-1], flush=True)
    return rows, kept


def predicted(model: Any, X: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        # With few curves some of the others lie beyond them; they count all the same.
        warnings.simplefilter("ignore", UserWarning)
        return model.predict(X)


def group_rows(discs: Any, held: np.ndarray, errors: tuple[np.ndarray, np.ndarray]) -> list[dict[str, Any]]:
    frame = {key: np.asarray(values)[held] for key, values in discs.frame.items()}
    thickness = np.array([c.thickness for c in discs.data])[held]
    groups: list[tuple[str, str, np.ndarray]] = [("all", "", np.ones(len(thickness), dtype=bool))]
    for key in ("part", "law", "hole_edge"):
        groups += [(key.replace("_", " "), str(value), frame[key] == value) for value in np.unique(frame[key])]
    strain = frame["yield_stress"] / frame["E"]
    numbers = {
        "thickness, mm": (thickness, (0.24, 0.35, 0.45, 0.55, 0.65, 0.76)),
        "edge of the hole, mm": (frame["hole_edge_size"], (0.1, 0.2, 0.3, 0.4, 0.5)),
        "diameter of the ball, mm": (frame["punch_diameter"], (2.2, 2.3, 2.4, 2.5, 2.6)),
        "friction": (frame["friction"], (0.0, 0.1, 0.2, 0.3, 0.5)),
        "yield stress over E": (strain, (0.0003, 0.0006, 0.0012, 0.0025, 0.005, 0.009)),
    }
    for name, (values, limits) in numbers.items():
        for low, high in itertools.pairwise(limits):
            groups.append((name, f"{low:g} to {high:g}", (values >= low) & (values <= high)))
    return [
        {"group": name, "value": value, "curves": int(which.sum()), **summary((errors[0][which], errors[1][which]))}
        for name, value, which in groups
        if which.any()
    ]


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def gradient_rows(emulator: SPTEmulator) -> list[dict[str, Any]]:
    """Loads, and their derivatives times the parameter, beside those of the solver."""
    rows = []
    for law in (Swift(E=210_000, K=900, epsilon0=0.005, n=0.2), Voce(E=70_000, sigma0=150, Q=180, b=12)):
        test: dict[str, Any] = {"thickness": 0.5, "friction": 0.2, "nu": 0.3}
        parameters = ["E", *(name for name in ("K", "n", "sigma0", "Q", "b") if hasattr(law, name)), *test]
        true = simulate_sensitivities(law, parameters=parameters, load_drop=0.05, **test)
        found = emulator.sensitivities(law, parameters=parameters, **test)
        place = np.arange(0, min(true.curve.displacement[-1], found.curve.displacement[-1]), STEP)
        columns = {"load": (1.0, true.curve.load, found.curve.load)}
        for j, parameter in enumerate(true.parameters):
            value = float(getattr(law, parameter, test.get(parameter)))
            columns[parameter] = (value, true.gradient[:, j], found.gradient[:, j])
        for what, (value, of_solver, of_emulator) in columns.items():
            scale = 100 * value / true.curve.load.max()
            size = scale * np.interp(place, true.curve.displacement, of_solver)
            error = scale * np.interp(place, found.curve.displacement, of_emulator) - size
            smooth = np.convolve(error, np.full(WINDOW, 1 / WINDOW), mode="valid")
            rows.append(
                {
                    "material": f"{type(law).__name__}, E {law.E:g} MPa",
                    "what": what,
                    "size, % of Fm": round(rms(size), 2),
                    "error, % of Fm": round(rms(error), 3),
                    "error of the mean over 0.2 mm": round(rms(smooth), 3),
                }
            )
    return rows


def record_gradients(emulator: SPTEmulator) -> None:
    record(
        "emulator_gradients",
        title="Derivatives of the emulator beside those of the solver",
        rows=gradient_rows(emulator),
        note="RMS over the curve; derivatives times their parameter. The solver's derivatives, exact for its own "
        "increments, jump from point to point of the curve, most of all that by the thickness; means over 0.2 mm do "
        "not.",
        command="python -m benchmarks.emulator",
    )


def arrays(discs: Any) -> tuple[np.ndarray, np.ndarray]:
    thickness = [curve.thickness for curve in discs.data]
    test = {"friction": discs.frame["friction"], "nu": discs.frame["nu"]}
    X = SPTEmulator.features(discs.laws, discs.rigs, thickness=thickness, **test)
    return X, SPTEmulator.targets(discs.data, discs.laws, discs.rigs)


def bundle(path: Path, kind: str) -> None:
    discs = load_en10371_discs(displacement_kind=kind)
    emulator = SPTEmulator(displacement_kind=kind, random_state=SEED, verbose=1).fit(*arrays(discs))
    facts = {"data": f"load_en10371_discs(displacement_kind={kind!r}), {len(discs.data)} curves"}
    save_model(path, emulator, training_curves=discs.data, metadata=facts)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=None, help="train with all curves and save the emulator here")
    parser.add_argument("--kind", choices=("punch", "deflection"), default="punch", help="displacement of the bundle's")
    arguments = parser.parse_args()
    if arguments.bundle is not None:
        bundle(arguments.bundle, arguments.kind)
        return
    discs = load_en10371_discs()
    X, y = arrays(discs)
    # The parts take turns: every fifth pair.
    held = np.arange(len(y)) // 2 % HOLD_OUT == HOLD_OUT - 1
    rows, emulator = method_rows(X, y, held)
    law = [discs.laws[0]]
    ms = {
        "predict, 1,000 at once": seconds_a_curve(lambda: predicted(emulator, np.tile(X[:100], (10, 1))), 1000),
        "gradient, 1,000 at once": seconds_a_curve(lambda: emulator.gradient(np.tile(X[:100], (10, 1))), 1000),
        "predict_curves, one law": seconds_a_curve(lambda: emulator.predict_curves(law, thickness=0.5), 1, 50),
        "sensitivities, one law": seconds_a_curve(lambda: emulator.sensitivities(law[0], thickness=0.5), 1, 50),
    }
    times = "; ".join(f"{name} {value:.2f}" for name, value in ms.items())
    note = f"{int(held.sum())} curves held out; ms of CPU a curve: {times}."
    record("emulator", title="Emulated load curves of held-out discs", rows=rows, note=note)
    command = "python -m benchmarks.emulator"
    record(
        "emulator_groups",
        title="Errors of the emulator by what is pressed and with what",
        rows=group_rows(discs, held, curve_errors(y[held], predicted(emulator, X[held]))),
        note=f"Trained with {int((~held).sum())} curves.",
        command=command,
    )
    record_gradients(emulator)


if __name__ == "__main__":
    main()
