"""What the increments of the simulation do to predictions: ``python -m benchmarks.paper.numerics``.

Test curves of the random split of sheets, seed 0, are simulated anew, with the increments of the set and with smaller
ones. The same materials should give the same curves; how far they do not, and what models make of that, is how exactly
the simulation itself is known. Models are fitted as the experiment fits them. Needs CalculiX.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from sklearn_spt import CurveResampler
from sklearn_spt.curves import SPTCurve
from sklearn_spt.metrics import curve_mean_absolute_error
from sklearn_spt.simulation import simulate_spt
from sklearn_spt.simulation.calculix import default_numerics
from sklearn_spt.simulation.rigs import get_rig

from .._record import record
from ..designs import DESIGNS
from .measure import build, quietly
from .protocols import PROTOCOLS
from .sets import Loaded, load_set

PROTOCOL = "sheet_random"
CHOSEN = ("stack_light", "gp_ensemble", "gp", "inverse_swift")
# The second is that of the second attempt, which a curve of the set gets where the first one fails.
FACTORS = (1.0, 0.65)
N_CURVES = 40
SET = "as in the set"


def simulated(loaded: Loaded, index: int, factor: float) -> SPTCurve:
    """A sheet's curve with increments `factor` times as large as those of the set."""
    design = DESIGNS["sheet_steel"]
    number = int(str(loaded.curves[index].name).rpartition("-")[2])
    (point,) = design.points(number + 1, start=number)
    return simulate_spt(
        point.law,
        design.rig,
        thickness=point.thickness,
        nu=point.nu,
        friction=point.friction,
        stroke=design.stroke,
        numerics=default_numerics(get_rig(design.rig)).refined(factor),
        solver="calculix",
    )


def anew(loaded: Loaded, indices: Sequence[int], n_jobs: int) -> dict[int, list[SPTCurve]]:
    """The curves of each index with each of FACTORS, without those that needed other increments than these."""
    done = Parallel(n_jobs=n_jobs)(delayed(simulated)(loaded, index, factor) for index in indices for factor in FACTORS)
    pairs = [done[i : i + len(FACTORS)] for i in range(0, len(done), len(FACTORS))]
    return {
        index: curves
        for index, curves in zip(indices, pairs, strict=True)
        if all(curve.metadata["attempts"] == 1 for curve in curves)
    }


def rows(
    n_curves: int = N_CURVES, models: Sequence[str] = CHOSEN, n_jobs: int = 1, *, quick: bool = False
) -> Iterator[dict[str, Any]]:
    loaded = load_set("sheet", quick=quick)
    train, test = PROTOCOLS[PROTOCOL].split(loaded, 0)
    drawn = np.sort(np.random.default_rng(0).permutation(test)[:n_curves]).tolist()
    curves = anew(loaded, drawn, n_jobs)
    kept = list(curves)
    stress = loaded.stress[kept]
    setting = loaded.setting(0, quick=quick)
    cases = {SET: [loaded.curves[index] for index in kept]}
    cases |= {f"{factor:g} × these": [curves[index][i] for index in kept] for i, factor in enumerate(FACTORS)}
    resampler = CurveResampler(**setting.resampler_parameters() | {"descriptors": ()}).fit(cases[SET])
    loads = {case: resampler.transform(some) for case, some in cases.items()}
    for model in models:
        estimator, _ = build(model, PROTOCOL, setting, len(train))
        estimator.fit([loaded.curves[i] for i in train], loaded.stress[train])
        predicted = {case: quietly(estimator, some) for case, some in cases.items()}
        for case, values in predicted.items():
            error = curve_mean_absolute_error(stress, values)
            row = {
                "model": model,
                "increments": case,
                "curves": len(kept),
                "load, mean change in %": float(f"{100 * np.mean(np.abs(loads[case] / loads[SET] - 1)):.2g}"),
                "mean change, MPa": float(f"{np.mean(np.abs(values - predicted[SET])):.3g}"),
                "mean MAE, MPa": float(f"{error.mean():.3g}"),
                "worst MAE, MPa": float(f"{error.max():.3g}"),
            }
            print(row, flush=True)
            yield row


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n-jobs", type=int, default=1, help="simulations at a time")
    arguments = parser.parse_args(argv)
    record(
        "paper_numerics",
        title="Predictions from sheets simulated anew with other increments",
        rows=list(rows(n_jobs=arguments.n_jobs)),
        note=f"{N_CURVES} test curves drawn from those of {PROTOCOL}, seed 0, less those that needed other increments",
        command="python -m benchmarks.paper.numerics",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
