"""What of the Gaussian processes cross-validation prefers: ``python -m benchmarks.paper.choices``.

Kernel and number of principal components of the loads, on the training curves of the random splits alone, seed 0. What
stands in the results for as many curves and the same versions is kept; remove the file to measure all anew.
"""

import argparse
import itertools
import json
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, cross_val_predict

from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.metrics import curve_mean_absolute_error

from .._record import RESULTS, installed, record
from .classical import SCORES, gp, gp_rbf, gp_trend
from .protocols import PROTOCOLS
from .sets import load_set
from .setting import Setting

COMPONENTS = {"sheet": (4, 5, 7, 10), "en10371": (8, 12, 16, 20)}
# Of several sets of processes that predict together; which of these the experiment has stands in `classical`.
CANDIDATES = {"sheet": ((5, 7, 10), (6, 7, 8)), "en10371": ((12, 16, 20), (16, 16, 16))}
KERNELS = {"Matérn 5/2": gp, "RBF": gp_rbf, "Matérn 5/2 on a quadratic trend": gp_trend}
FOLDS = 3
NAME = "paper_choices"
# What tells one row from another.
CASE = ("set", "curves", "kernel", "components")


def cases(data: str, *, quick: bool = False) -> list[tuple[str, Any]]:
    """Kernels, and numbers of components: one, or those of an ensemble."""
    some = slice(1 if quick else None)
    singles = itertools.product(KERNELS, COMPONENTS[data][some])
    return [*singles, *(("Matérn 5/2", numbers) for numbers in CANDIDATES[data][some])]


def written(components: Any) -> Any:
    return ", ".join(map(str, components)) if isinstance(components, tuple) else components


def rows(data: str, known: list[dict[str, Any]], *, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of a set, those that are known among them."""
    loaded = load_set(data, quick=quick)
    train, _ = PROTOCOLS[f"{data}_random"].split(loaded, 0)
    curves, stress = [loaded.curves[i] for i in train], loaded.stress[train]
    setting: Setting = loaded.setting(0, quick=quick)
    of_known = {tuple(row[key] for key in CASE): row for row in known}
    for kernel, components in cases(data, quick=quick):
        case = (data, len(train), kernel, written(components))
        if case in of_known:
            yield of_known[case]
            continue
        model = KERNELS[kernel](setting)
        name = next(
            name for name in (SCORES, "gaussianprocesscurveregressor__n_components") if name in model.get_params()
        )
        model.set_params(**{name: components})
        start = time.perf_counter()
        with warnings.catch_warnings():
            # A curve may be unlike those of the other folds.
            warnings.simplefilter("ignore", UntrustedPredictionWarning)
            predicted = cross_val_predict(model, curves, stress, cv=KFold(FOLDS, shuffle=True, random_state=0))
        error = curve_mean_absolute_error(stress, predicted)
        row = dict(zip(CASE, case, strict=True)) | {
            "mean MAE, MPa": float(f"{error.mean():.3g}"),
            "median MAE, MPa": float(f"{np.median(error):.3g}"),
            "worst MAE, MPa": float(f"{error.max():.3g}"),
            "s": round(time.perf_counter() - start),
        }
        print(row, flush=True)
        yield row


def kept() -> list[dict[str, Any]]:
    """Rows of the results, if the versions are those that are installed."""
    try:
        result = json.loads((RESULTS / f"{NAME}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return list(result["rows"]) if result["versions"] == installed() else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    known = kept()
    left = [(data, kernel, written(components)) for data in COMPONENTS for kernel, components in cases(data)]
    found: list[dict[str, Any]] = []
    for row in itertools.chain.from_iterable(rows(data, known) for data in COMPONENTS):
        found.append(row)
        left.pop(0)
        # With those that are known and still to come, so that none is lost when it is interrupted.
        later = [old for old in known if (old["set"], old["kernel"], old["components"]) in left]
        record(
            NAME,
            title="Kernel and number of principal components of the Gaussian processes, by cross-validation",
            rows=found + later,
            note=f"{FOLDS} folds of the training curves of the random splits, seed 0; several numbers: an ensemble",
            command="python -m benchmarks.paper.choices",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
