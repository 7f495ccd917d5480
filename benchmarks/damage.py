"""How much damage of a record is found: a load cell at its limit, drop-outs and spikes, by noise and density of points.

Every eleventh curve of load_en10371_steel gets one fault of known size and is looked through as corrections, reports
and predictions do it.
"""

import numpy as np

from sklearn_spt import SPTCurve
from sklearn_spt.checks.record import find_saturation, find_stray
from sklearn_spt.datasets import (
    load_demo_curve,
    load_en10371_steel,
    load_lab_example,
    load_reference_curves,
    load_sheet_steel,
)

from ._record import record
from .corrections import dense

NOISES = (0.0, 0.001, 0.005, 0.01)  # of the maximum load
STEPS = (0.0025, 0.01, 0.02, 0.05)  # mm
LIMITS = (0.7, 0.9, 0.97)  # of the maximum load
STRAYS = (0.015, 0.03, 0.05, 0.1)  # of the maximum load, up or down, one to three points
SEED = 0


def main() -> None:
    random = np.random.default_rng(SEED)
    curves = load_en10371_steel().data[::11]

    def noisy(curve: SPTCurve, noise: float) -> np.ndarray:
        return curve.load + noise * curve.load.max() * random.standard_normal(len(curve.load))

    def limited(curve: SPTCurve, noise: float, limit: float) -> bool:
        load = np.minimum(curve.load, limit * curve.load.max())
        return find_saturation(curve.displacement, noisy(curve.replace(load=load), noise)) is not None

    def strayed(curve: SPTCurve, noise: float, size: float) -> bool:
        load, many = noisy(curve, noise), int(random.integers(1, 4))
        first = int(random.integers(len(load) // 50, len(load) - many - 1))
        load[first : first + many] += size * random.choice((-1, 1)) * curve.load.max()
        return (first, first + many - 1) in find_stray(load)

    rows = []
    for step in STEPS:
        records = [dense(curve, step) for curve in curves]
        for what, sizes, found in (("limit at", LIMITS, limited), ("stray points of", STRAYS, strayed)):
            for size in sizes:
                row = {"a point every (µm)": 1e3 * step, "fault": f"{what} {100 * size:g} % of Fm"}
                for noise in NOISES:
                    share = np.mean([found(curve, noise, size) for curve in records])
                    row[f"found with noise of {100 * noise:g} % (%)"] = round(float(100 * share))
                rows.append(row)
                print(row, flush=True)
    sets = [load().data for load in (load_en10371_steel, load_sheet_steel, load_lab_example, load_reference_curves)]
    whole = [curve for data in sets for curve in data] + [load_demo_curve()[0]]
    limits, strays = 0, 0
    for noise in NOISES:
        for curve in whole:
            load = noisy(curve, noise)
            limits += find_saturation(*curve.replace(load=load).monotonic()) is not None
            strays += bool(find_stray(load))
    record(
        "damage",
        title="Damaged records that are found",
        note=f"{len(curves)} curves of load_en10371_steel, noise on the limit too (not cut off by it), seed {SEED}. "
        f"Of all {len(whole)} bundled curves, each with the same {len(NOISES)} noises, {limits} taken for one at a "
        f"limit, and {strays} for one with stray points.",
        rows=rows,
    )


if __name__ == "__main__":
    main()
