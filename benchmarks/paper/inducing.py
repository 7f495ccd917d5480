"""How many inducing points perturbed copies ask for: ``python -m benchmarks.paper.inducing``.

The Gaussian processes of the experiment, trained on perturbed copies of four fifths of the training curves of the
random split of sheets, seed 0, and tested on perturbed copies of the other fifth: conditioned on all copies through
drawn ones, and on the drawn ones alone.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from sklearn_spt import CurveResampler, perturb_curves
from sklearn_spt.metrics import curve_mean_absolute_error

from .._record import record
from .classical import kriging
from .protocols import ALL_FAULTS, N_COPIES, PROTOCOLS, TRAINING_FAULTS
from .sets import load_set

# Drawn curves, and whether the others are learned from as well.
CASES = ((5_000, False), (250, True), (500, True), (1_000, True), (2_000, True))
# Perturbed copies of each curve that is tested on.
TESTED = 3


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    loaded = load_set("sheet", quick=quick)
    train, _ = PROTOCOLS["sheet_random"].split(loaded, 0)
    setting = loaded.setting(0, quick=quick)
    random = np.random.RandomState(0)
    parts = train_test_split(train, test_size=0.2, random_state=0)
    copies = (2 if quick else N_COPIES, TRAINING_FAULTS), (TESTED, ALL_FAULTS)
    curves, stresses = [], []
    for part, (n, faults) in zip(parts, copies, strict=True):
        originals = [loaded.curves[i] for i in part]
        curves.append([curve for _ in range(n) for curve in perturb_curves(originals, **faults, random_state=random)])
        stresses.append(np.concatenate([loaded.stress[part]] * n))
    resampler = CurveResampler(**setting.resampler_parameters()).fit(curves[0])
    X, X_test = (resampler.transform(some) for some in curves)
    for n, others in CASES:
        n_drawn = min(n, len(X) // 2)
        model = kriging(setting, max_inducing_points=n_drawn)
        learned = slice(None) if others else np.random.default_rng(0).permutation(len(X))[:n_drawn]
        start = time.perf_counter()
        fitted = clone(model).fit(X[learned], stresses[0][learned])
        seconds = time.perf_counter() - start
        error = curve_mean_absolute_error(stresses[1], fitted.predict(X_test))
        row = {
            "drawn curves": n_drawn,
            "learned from": "all copies" if others else "the drawn ones",
            "copies": len(X),
            "mean MAE, MPa": float(f"{error.mean():.4g}"),
            "worst MAE, MPa": float(f"{error.max():.3g}"),
            "s": round(seconds),
        }
        print(row, flush=True)
        yield row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    record(
        "paper_inducing",
        title="Gaussian processes on perturbed copies: drawn curves alone, and as inducing points",
        rows=list(rows()),
        note="Copies of four fifths of the training curves of sheet_random, seed 0, tested on copies of the rest",
        command="python -m benchmarks.paper.inducing",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
