"""What the bundled model makes of curves that are not as perfect as the simulated ones it was trained on.

    python -m benchmarks.robustness

The test curves of benchmarks.sheet_steel, changed in one way at a time; noise is drawn with seed 0.
"""

import warnings
from collections.abc import Callable

import numpy as np

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_pretrained
from sklearn_spt.metrics import curve_mean_absolute_error

from ._record import record
from .sheet_steel import load_split

Change = Callable[[SPTCurve, np.random.Generator], SPTCurve]


def noise(share: float) -> Change:
    return lambda curve, rng: curve.replace(load=curve.load * (1 + share * rng.standard_normal(len(curve.load))))


def gain(share: float) -> Change:
    return lambda curve, rng: curve.replace(load=curve.load * (1 + share))


def thickness(share: float) -> Change:
    return lambda curve, rng: curve.replace(thickness=curve.thickness * (1 + share))


def toe(shift: float) -> Change:
    # The record begins where it did; the contact comes later.
    return lambda curve, rng: curve.replace(
        displacement=np.append(curve.displacement[0], curve.displacement[1:] + shift)
    )


def compliance(mm_per_newton: float) -> Change:
    return lambda curve, rng: curve.replace(displacement=curve.displacement + mm_per_newton * curve.load)


CASES: dict[str, Change] = {
    "none": gain(0.0),
    "noise of 0.2 % of the load": noise(0.002),
    "noise of 1 % of the load": noise(0.01),
    "load 1 % too high": gain(0.01),
    "thickness 1 % too high": thickness(0.01),
    "toe of 5 µm": toe(0.005),
    "toe of 20 µm": toe(0.02),
    "toe of 50 µm": toe(0.05),
    "compliance of 1 µm/kN": compliance(1e-6),
    "compliance of 3 µm/kN": compliance(3e-6),
}


def main() -> None:
    _, _, X, Y, _, fingerprint = load_split()
    model = load_pretrained("sheet")
    rows = []
    for name, change in CASES.items():
        rng = np.random.default_rng(0)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*unlike the training curves", category=UserWarning)
            error = curve_mean_absolute_error(Y, model.predict([change(curve, rng) for curve in X]))
        rows.append(
            {
                "change": name,
                "median MAE (MPa)": round(float(np.median(error)), 2),
                "mean": round(float(error.mean()), 2),
                "95th percentile": round(float(np.percentile(error, 95)), 1),
                "worst curve": round(float(error.max()), 1),
            }
        )
        print(*rows[-1].values(), sep=" | ")
    record(
        "robustness",
        title="The bundled model on imperfect curves",
        rows=rows,
        note=f"{len(X)} curves that the model has not seen; data {fingerprint}.",
    )


if __name__ == "__main__":
    main()
