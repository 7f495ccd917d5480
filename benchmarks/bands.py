"""How many curves lie in their bands, and how wide these are: 200 random splits into calibration and test.

    python -m benchmarks.bands

Gaussian processes are fitted to a half of the discs near the rig of EN 10371 (`load_en10371_discs`), once as they are
simulated and once with copies that have errors of measurement. The other half, with the same errors, is split 200 times
at random into as many curves that calibrate the band and as many that test it. For CV+, whose models are fitted anew
for every split, there are ten splits, beside split conformal bands of the same splits.
"""

import sys
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    ConformalCurveRegressor,
    CurveResampler,
    GaussianProcessCurveRegressor,
    MeasurementErrors,
    perturb_curves,
)
from sklearn_spt.datasets import load_en10371_discs
from sklearn_spt.mechanics import tensile_properties, tensile_property_bounds
from sklearn_spt.mechanics.quantities import TENSILE

from ._record import record

SPLITS, FOLD_SPLITS = 200, 10
ALPHA = 0.1
# What a careful laboratory leaves after its corrections.
ERRORS = MeasurementErrors(
    noise=(0.0, 0.005),
    load_offset=(-0.003, 0.003),
    load_gain=(-0.005, 0.005),
    displacement_offset=(-0.005, 0.005),
    compliance=(-2e-6, 2e-6),
    thickness_gain=(-0.01, 0.01),
)
GRID = np.linspace(0.02, 1.55, 60)
DEFAULTS: dict[str, Any] = {"simultaneous": True, "side": "both"}
BANDS: dict[str, dict[str, Any]] = {
    "whole curves": {},
    "each stress by itself": {"simultaneous": False},
    "lower edge alone": {"side": "lower"},
    "whole curves, by the spread of the ensemble": {"scale": "spread"},
}
# The strains whose width stands in the table.
AT = (0.01, 0.1, 1.0)


def processes(strain: np.ndarray, n_components: Any) -> GaussianProcessCurveRegressor:
    return GaussianProcessCurveRegressor(
        n_components=n_components, n_target_components=6, n_tuning=100, elastic_modulus="curve", strain=strain,
        max_inducing_points=300, random_state=0,
    )  # fmt: skip


class Predicted(RegressorMixin, BaseEstimator):
    """Says again what processes have predicted of curves, of which X holds the numbers: every split asks for it."""

    def __init__(self, model: Any, X: Any) -> None:
        self.flow_ = model.flow_
        self.stress, self.spread = model.predict(X, return_std=True)

    def fit(self, X: Any, y: Any) -> "Predicted":
        return self

    def predict(self, X: np.ndarray, return_std: bool = False) -> Any:
        rows = X[:, 0].astype(int)
        return (self.stress[rows], self.spread[rows]) if return_std else self.stress[rows]


def resampler() -> CurveResampler:
    return CurveResampler(grid=GRID, descriptors=("thickness",))


def inside(band: np.ndarray, Y: np.ndarray) -> np.ndarray:
    # The edges on Hooke's line are rounded.
    return (band[..., 0] <= Y * (1 + 1e-9)) & (band[..., 1] >= Y * (1 - 1e-9))


def widths(band: np.ndarray, middle: np.ndarray, strain: np.ndarray) -> list[float]:
    """From the prediction to the lower edge, as a part of it: on average, and at some strains."""
    half = (middle - band[..., 0]) / middle
    columns = [int(np.argmin(np.abs(strain - at))) for at in AT]
    return [float(half.mean()), *half.mean(axis=0)[columns].tolist()]


def row(condition: str, name: str, found: list[list[float]]) -> dict[str, Any]:
    values = np.array(found)
    mean, spread = values.mean(axis=0), values[:, 0].std(ddof=1)
    parts = ("half width, %", *(f"at a strain of {at:g}, %" for at in AT))
    return {
        "records": condition,
        "band": name,
        "splits": len(values),
        "whole curves inside, %": round(100 * mean[0], 1),
        "from split to split, %": round(100 * spread, 1),
        "stresses inside, %": round(100 * mean[1], 1),
        **{part: round(100 * value, 1) for part, value in zip(parts, mean[2:], strict=True)},
    }


def measure(model: ConformalCurveRegressor, X: Any, Y: np.ndarray, strain: np.ndarray) -> list[float]:
    band = model.predict_interval(X)
    within = inside(band, Y)
    return [within.all(axis=1).mean(), within.mean(), *widths(band, np.asarray(model.predict(X)), strain)]


def measure_properties(
    model: ConformalCurveRegressor, X: Any, truth: Any, test: np.ndarray, band: np.ndarray, strain: np.ndarray
) -> Any:
    """Per property: intervals that are stated, those that are wrong, and half their width, also from the band."""
    intervals = model.predict_property_interval(X)
    low, high = tensile_property_bounds(strain, band[..., 0], band[..., 1], E=model.predict(X)[:, 0] / strain[0])
    for name, ends in intervals.items():
        value = getattr(truth, name)[test]
        stated = np.isfinite(ends).all(axis=1)
        wrong = stated & ~((ends[:, 0] <= value) & (value <= ends[:, 1]))
        half = (ends[:, 1] - ends[:, 0]) / (ends[:, 1] + ends[:, 0])
        least, most = getattr(low, name), getattr(high, name)
        of_band = (most - least) / (most + least)
        yield name, [stated.mean(), wrong.mean(), np.nanmean(half[stated]), np.nanmean(of_band[stated])]


def main() -> int:
    discs = load_en10371_discs(part="near")
    X, Y, strain = discs.data, discs.target, discs.strain
    order = np.random.default_rng(0).permutation(len(X))
    train, rest = order[: len(X) // 2], order[len(X) // 2 :]
    rows, properties = [], []
    for condition, errors in (("as simulated", None), ("with errors of measurement", ERRORS)):
        regressor: Any = make_pipeline(resampler(), processes(strain, (5, 7, 9)))
        unseen = [X[i] for i in rest]
        if errors is not None:
            regressor = AugmentedRegressor(regressor, errors, n_copies=2, random_state=0)
            unseen = perturb_curves(unseen, errors, random_state=1)
        regressor.fit([X[i] for i in train], Y[train])
        pipeline = getattr(regressor, "regressor_", regressor)
        frozen = FrozenEstimator(Predicted(pipeline[-1], pipeline[:-1].transform(unseen)))
        numbers = np.arange(len(rest))[:, None]
        truth = tensile_properties(strain, Y[rest], E=discs.frame["E"][rest])
        found: dict[str, list[list[float]]] = {name: [] for name in BANDS}
        read: dict[str, list[list[float]]] = {}
        for split in range(SPLITS):
            drawn = np.random.default_rng(split).permutation(len(rest))
            calibration, test = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]
            fitted = {
                scale: ConformalCurveRegressor(frozen, alpha=ALPHA, scale=scale, random_state=split).fit(
                    numbers[calibration], Y[rest][calibration]
                )
                for scale in ("stress", "spread")
            }
            for name, options in BANDS.items():
                model = fitted[options.get("scale", "stress")].set_params(**(DEFAULTS | options))
                found[name].append(measure(model, numbers[test], Y[rest][test], strain))
            model = fitted["stress"].set_params(**DEFAULTS)
            band = model.predict_interval(numbers[test])
            for key, values in measure_properties(model, numbers[test], truth, test, band, strain):
                read.setdefault(key, []).append(values)
        rows += [row(condition, name, values) for name, values in found.items()]
        for key, values in read.items():
            stated, wrong, half, of_band = (100 * np.mean(values, axis=0)).tolist()
            properties.append(
                {
                    "records": condition,
                    "property": TENSILE[key].symbol,
                    "splits": len(values),
                    "intervals stated, %": round(stated, 1),
                    "wrong, %": round(wrong, 1),
                    "half width, %": round(half, 1),
                    "half width from the band, %": round(of_band, 1),
                }
            )
        print(condition, "done", flush=True)
    loads = resampler().fit_transform(X)
    methods: dict[str, list[list[float]]] = {"split": [], "cv+": []}
    for split in range(FOLD_SPLITS):
        drawn = np.random.default_rng(split).permutation(len(X))
        used, test = drawn[: len(X) // 2], drawn[len(X) // 2 :]
        for method, values in methods.items():
            model = ConformalCurveRegressor(processes(strain, 7), method=method, random_state=split)
            values.append(measure(model.fit(loads[used], Y[used]), loads[test], Y[test], strain))
    rows += [row("as simulated", f"whole curves, {name}, trained anew", values) for name, values in methods.items()]
    n = len(rest) // 2
    record(
        "bands",
        title="Bands of 90 %: curves inside, and width",
        rows=rows,
        note=(
            f"{len(train)} discs near the rig of EN 10371 train Gaussian processes; of the other {len(rest)}, {n} "
            f"calibrate the band (a tenth of them tells the modulation) and {len(rest) - n} test it. Half width: from "
            "the prediction to the lower edge, of the prediction. The last two rows: half of all discs train and "
            "calibrate, without an ensemble."
        ),
    )
    record(
        "bands_properties",
        title="Intervals of tensile properties of 90 %: how often wrong, and how wide",
        rows=properties,
        command="python -m benchmarks.bands",
        note=(
            "An interval is stated where the predicted curve has the property; wrong is one without the true value, of "
            "all curves. From the band: what the properties of the curves in the simultaneous band are "
            "(tensile_property_bounds), where it bounds them."
        ),
    )
    for line in (*rows, *properties):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
