"""What of the Gaussian processes cross-validation prefers: ``python -m benchmarks.paper.choices``.

Kernel and number of principal components of the loads, on the training curves of the random splits alone, seed 0.
"""

import argparse
import itertools
import sys
import time
import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, cross_val_predict

from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.metrics import curve_mean_absolute_error

from .._record import record
from .classical import SCORES, gp, gp_rbf, gp_trend
from .protocols import PROTOCOLS
from .sets import load_set
from .setting import Setting

COMPONENTS = {"sheet": (4, 5, 7, 10), "en10371": (8, 12, 16, 20)}
KERNELS = {"Matérn 5/2": gp, "RBF": gp_rbf, "Matérn 5/2 on a quadratic trend": gp_trend}
FOLDS = 3


def rows(data: str, *, quick: bool = False) -> list[dict[str, Any]]:
    loaded = load_set(data, quick=quick)
    train, _ = PROTOCOLS[f"{data}_random"].split(loaded, 0)
    curves, stress = [loaded.curves[i] for i in train], loaded.stress[train]
    setting: Setting = loaded.setting(0, quick=quick)
    found = []
    for (kernel, make), n_components in itertools.product(KERNELS.items(), COMPONENTS[data][: 1 if quick else None]):
        model = make(setting)
        name = next(
            name for name in (SCORES, "gaussianprocesscurveregressor__n_components") if name in model.get_params()
        )
        model.set_params(**{name: n_components})
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UntrustedPredictionWarning
            )  # a curve may be unlike those of the other folds
            predicted = cross_val_predict(model, curves, stress, cv=KFold(FOLDS, shuffle=True, random_state=0))
        error = curve_mean_absolute_error(stress, predicted)
        found.append(
            {
                "set": data,
                "curves": len(train),
                "kernel": kernel,
                "components": n_components,
                "mean MAE, MPa": float(f"{error.mean():.3g}"),
                "median MAE, MPa": float(f"{np.median(error):.3g}"),
                "worst MAE, MPa": float(f"{error.max():.3g}"),
                "s": round(time.perf_counter() - start),
            }
        )
        print(found[-1], flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", choices=list(COMPONENTS), default=list(COMPONENTS))
    arguments = parser.parse_args()
    record(
        "paper_choices",
        title="Kernel and number of principal components of the Gaussian processes, by cross-validation",
        rows=[row for data in arguments.data for row in rows(data)],
        note=f"{FOLDS} folds of the training curves of the random splits, seed 0",
        command="python -m benchmarks.paper.choices",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
