"""How well corrections recover simulated curves that were given the faults of a measurement."""

import numpy as np

from sklearn_spt.augmentation import disturb_curves
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import standard_corrections

from ._record import record

STEP = 0.002
TOE = 0.02
OFFSET = 0.01
COMPLIANCE = 2e-5
NOISES = (0.0, 0.001, 0.005)


def dense(curve):
    u, f = curve.monotonic()
    grid = np.arange(0, u[-1], STEP)
    return curve.replace(displacement=grid, load=np.interp(grid, u, f))


def with_approach(curve):
    """Points before contact, as many as the toe is long, so that the noise falls on them too."""
    u = np.arange(-round(TOE / STEP), 0) * STEP
    load = np.concatenate([np.zeros(len(u)), curve.load])
    return curve.replace(displacement=np.concatenate([u, curve.displacement]), load=load)


def main():
    curves = [dense(curve) for curve in load_en10371_steel().data]
    # The foot is learned on one curve of three, and all errors are of the others.
    toes = [c.corrections[-1].value for c in standard_corrections(("toe",)).fit_transform(curves[::3])]
    foot = float(np.median([toe for toe in toes if toe is not None]))
    true = curves[1::6]
    reference = characteristic_quantities(true)
    rows = []
    for noise in NOISES:
        faulty = disturb_curves(
            [with_approach(curve) for curve in true],
            noise=noise,
            load_offset=OFFSET,
            displacement_offset=0.0,
            compliance=COMPLIANCE,
            random_state=0,
        )
        faulty = [curve.replace(displacement=curve.displacement + TOE) for curve in faulty]
        for steps in (
            (),
            ("compliance",),
            ("load_offset", "compliance", "toe"),
            ("load_offset", "compliance", "toe", "smooth"),
        ):
            done = faulty
            if steps:
                given = COMPLIANCE if "compliance" in steps else None
                done = standard_corrections(steps, compliance=given, foot=foot).fit_transform(faulty)
            found = characteristic_quantities(done)
            row = {"noise (% of Fm)": 100 * noise, "steps": ", ".join(steps) or "none"}
            if "toe" in steps:
                toe = [next(x.value for x in c.corrections if x.name == "toe") for c in done]
                errors = 1e3 * (np.array([np.nan if t is None else t for t in toe]) - TOE)
                row["toe: curves not corrected"] = int(np.isnan(errors).sum())
                row["toe: mean error (µm)"] = round(float(np.nanmean(errors)), 2)
                row["toe: 95 % of errors below (µm)"] = round(float(np.nanpercentile(np.abs(errors), 95)), 2)
            else:
                row |= {
                    "toe: curves not corrected": "",
                    "toe: mean error (µm)": "",
                    "toe: 95 % of errors below (µm)": "",
                }
            for name in ("Fe", "Fm", "slope"):
                error = 100 * np.abs(getattr(found, name) / getattr(reference, name) - 1)
                row[f"{name}: median error (%)"] = round(float(np.nanmedian(error)), 3)
            rows.append(row)
            print(row)
    record(
        "corrections",
        title="Corrections of simulated EN 10371 curves with known faults",
        note=f"{len(true)} curves of load_en10371_steel, one point every {STEP * 1e3:g} µm; load offset "
        f"{OFFSET:.0%} of Fm, toe {TOE * 1e3:g} µm, compliance {COMPLIANCE * 1e6:g} µm/kN (known), seed 0. "
        f"foot {foot * 1e3:.2f} µm, the "
        f"median of the other {len(toes)} curves without faults. Errors against the curves without faults.",
        rows=rows,
    )


if __name__ == "__main__":
    main()
