"""How well corrections recover simulated curves that were given the faults of a measurement."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt.augmentation import MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import ToeCorrector, standard_corrections

from ._record import record

STEP = 0.002
APPROACH = 0.1
TOE = (0.0, 0.05)
OFFSET = (-0.02, 0.02)
COMPLIANCE = 2e-5
NOISE = 0.005
FULL = ("load_offset", "compliance", "toe")
# What is wrong with the curves, and the corrections for it.
CASES = (
    ("none", (), ("load_offset", "toe")),
    ("load offset", ("offset",), ("load_offset",)),
    ("toe", ("toe",), ("toe",)),
    ("compliance", ("compliance",), ("compliance",)),
    ("all three", ("offset", "toe", "compliance"), FULL),
    ("noise", ("noise",), ("smooth",)),
    ("all three and noise", ("offset", "toe", "compliance", "noise"), FULL),
    ("all three and noise", ("offset", "toe", "compliance", "noise"), (*FULL, "smooth")),
)


def dense(curve, step=STEP):
    """A record as dense as a machine's, through the points of the simulation."""
    u, f = curve.monotonic()
    grid = np.arange(0, u[-1], step)
    return curve.replace(displacement=grid, load=PchipInterpolator(u, f)(grid))


def with_approach(curve):
    """Points before contact, so that the faults fall on them too."""
    u = np.arange(-round(APPROACH / STEP), 0) * STEP
    load = np.concatenate([np.zeros(len(u)), curve.load])
    return curve.replace(displacement=np.concatenate([u, curve.displacement]), load=load)


def load_error(found, true):
    """Root mean square error of the load at equal displacements up to the maximum, % of Fm."""
    u = true.displacement[: int(np.argmax(true.load)) + 1]
    difference = np.interp(u, *found.monotonic()) - true.load[: len(u)]
    return 100 * np.sqrt(np.mean(difference**2)) / true.load.max()


def errors(done, true, reference, toes):
    found = characteristic_quantities(done)
    row = {}
    for name in ("Fe", "slope", "Fm"):
        error = 100 * (getattr(found, name) / getattr(reference, name) - 1)
        row[f"{name}: mean error (%)"] = round(float(np.nanmean(error)), 2) + 0.0
        row[f"{name}: scatter (%)"] = round(float(np.nanstd(error)), 2)
    row["not determined (Fe)"] = int(np.isnan(found.Fe).sum())
    left = 1e3 * (toes - np.array([sum(x.value or 0 for x in c.corrections if x.name == "toe") for c in done]))
    row["toe left: mean (µm)"] = round(float(left.mean()), 2)
    row["toe left: 95 % below (µm)"] = round(float(np.percentile(np.abs(left), 95)), 2)
    row["load: median error (% of Fm)"] = round(
        float(np.median([load_error(*p) for p in zip(done, true, strict=True)])), 3
    )
    return row


def main():
    data = load_en10371_steel().data
    # The foot is learned on one curve of three, and all errors are of others.
    others = ToeCorrector(foot=0.0).transform([dense(curve) for curve in data[::3]])
    foot = float(np.median([c.corrections[0].value for c in others if c.corrections[0].value is not None]))
    true = [with_approach(dense(curve)) for curve in data[1::18]]
    reference = characteristic_quantities(true)
    # How far a compliance could be told from the initial slope, whose own scatter it would have to exceed.
    softness = np.percentile(1e6 / characteristic_quantities(data).slope, [5, 95])
    toes = np.random.default_rng(0).uniform(*TOE, len(true))
    rows = []
    for label, faults, steps in CASES:
        faulty = perturb_curves(
            true,
            MeasurementErrors(
                noise=NOISE if "noise" in faults else 0.0,
                load_offset=OFFSET if "offset" in faults else 0.0,
                compliance=COMPLIANCE if "compliance" in faults else 0.0,
            ),
            random_state=0,
        )
        moved = toes if "toe" in faults else np.zeros(len(true))
        faulty = [c.replace(displacement=c.displacement + toe) for c, toe in zip(faulty, moved, strict=True)]
        given = COMPLIANCE if "compliance" in steps else None
        done = standard_corrections(steps, compliance=given).fit_transform(faulty)
        for corrections, curves in (("none", faulty), (", ".join(steps), done)):
            row = {"faults": label, "corrections": corrections, **errors(curves, true, reference, moved)}
            if row not in rows:
                rows.append(row)
                print(row, flush=True)
    record(
        "corrections",
        title="Corrections of simulated EN 10371 curves with known faults",
        note=f"{len(true)} curves of load_en10371_steel, one point every {STEP * 1e3:g} µm from {APPROACH * 1e3:g} µm "
        f"before contact; load offset {100 * OFFSET[0]:g} to {100 * OFFSET[1]:g} % of Fm, "
        f"toe {TOE[0]:g} to {TOE[1] * 1e3:g} µm, "
        f"compliance {COMPLIANCE * 1e6:g} µm/kN (known), noise {100 * NOISE:g} % of Fm; seed 0. Foot "
        f"{foot * 1e3:.2f} µm, the median of {len(others)} other curves without faults. Errors against the curves "
        "without faults; load: root mean square at equal displacements up to the maximum. The initial slopes of all "
        f"{len(data)} curves are those of compliances from {softness[0]:.0f} to {softness[1]:.0f} µm/kN (5 to 95 %).",
        rows=rows,
    )


if __name__ == "__main__":
    main()
