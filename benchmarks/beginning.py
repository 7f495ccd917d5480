"""How often faults at the beginning of records are found, and how far Fe is off behind the standard corrections.

Simulated curves of all sets get an unloading, a curved seating or a load cell that was not set to zero, ten variants of
each at every noise and spacing of points, of sizes that are drawn.
"""

from typing import Any

import numpy as np

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_en10371_discs, load_en10371_steel, load_sheet_steel
from sklearn_spt.exceptions import about
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import DeflectionConverter, standard_corrections
from sklearn_spt.utils.warnings import with_warnings

from ._record import record

# Distance of the points, as a part of the thickness (None: as simulated), and noise, as a part of the maximum load.
RECORDS = ((None, 0.0), (0.01, 0.001), (0.005, 0.003), (0.03, 0.002), (0.02, 0.005))
NOISES = (0.0, 0.001, 0.003, 0.005, 0.01)
JITTER = 0.0005  # mm
VARIANTS = 10
SEED = 0


def with_points(curve: SPTCurve, step: float | None, noise: float, random: np.random.Generator) -> SPTCurve:
    """The curve as a record that has a point every so many thicknesses, and noise."""
    u, load = curve.monotonic()
    if step is not None:
        u = np.arange(0, u[-1], step * (curve.thickness or 0.5))
        load = np.interp(u, *curve.monotonic())
    load = load + noise * load.max() * random.standard_normal(len(load))
    return curve.replace(displacement=u, load=load)


def with_cycle(curve: SPTCurve, at: float, depth: float, left: float) -> SPTCurve:
    """Loaded to a part of the maximum, back by a part of the stroke to a part of that load, and up again."""
    u, load = curve.monotonic()
    high = at * load.max()
    first = int(np.argmax(load >= high)) + 1
    turn = float(np.interp(high, load[:first], u[:first]))
    # Not past where it began.
    back = np.linspace(0, min(depth * np.ptp(u), 0.9 * (turn - u[0])), 12)[1:]
    down = high - (1 - left) * high * back / back[-1]
    before, after = u < turn, u > turn
    return curve.replace(
        displacement=np.concatenate([u[before], [turn], turn - back, turn - back[-2::-1], [turn], u[after]]),
        load=np.concatenate([load[before], [high], down, down[-2::-1], [high], load[after]]),
    )


def with_seating(curve: SPTCurve, up_to: float, toe: float, exponent: float) -> SPTCurve:
    """The load rises as a power of the displacement up to a part of the maximum, where the curve takes over."""
    u, load = curve.monotonic()
    high = up_to * load.max()
    first = int(np.argmax(load >= high)) + 1
    end = float(np.interp(high, load[:first], u[:first])) + toe
    seat = np.linspace(0, end, 40)
    after = u + toe > end
    return curve.replace(
        displacement=np.append(seat, u[after] + toe),
        load=np.append(high * (seat / end) ** exponent, load[after]),
    )


def corrected(curve: SPTCurve) -> tuple[SPTCurve, set[str | None]]:
    """The curve behind the standard corrections, and what they warned of."""
    (done,), heard = with_warnings(standard_corrections().fit_transform, [curve])
    return done, {about(warning) for warning in heard}


def faulty(curve: SPTCurve, fault: str, step: float | None, noise: float, random: np.random.Generator) -> SPTCurve:
    if fault == "unloading":
        sound = with_points(curve, step, 0.0, random)
        looped = with_cycle(sound, random.uniform(0.02, 0.06), random.uniform(0.006, 0.019), random.uniform(0, 0.3))
        return looped.replace(load=looped.load + noise * looped.load.max() * random.standard_normal(len(looped.load)))
    if fault == "seating":
        toe = random.uniform(0.04, 0.12) * (curve.thickness or 0.5)
        seated = with_seating(curve, random.uniform(0.02, 0.08), toe, random.uniform(1.5, 2.5))
        return with_points(seated, step, noise, random)
    sound = with_points(curve, step, noise, random)
    return sound.replace(load=sound.load - random.uniform(0.005, 0.04) * sound.load.max())


def main() -> None:
    random = np.random.default_rng(SEED)
    steel = load_en10371_steel().data[::107]
    bent = [c.replace(corrections=()) for c in DeflectionConverter("deflection").fit_transform(steel)]
    sets = {
        "load_en10371_steel": steel,
        "the same, deflection": bent,
        "load_en10371_discs": load_en10371_discs().data[::37],
        "load_sheet_steel": load_sheet_steel().data[::103],
    }
    rows: list[dict[str, Any]] = []
    accused = looked = 0
    for name, curves in sets.items():
        true = [characteristic_quantities(corrected(curve)[0]).Fe for curve in curves]
        for step, _ in RECORDS:
            for noise in NOISES:
                for jitter in (0.0, JITTER):
                    for curve in curves:
                        given = with_points(curve, step, noise, random)
                        shaken = given.displacement + jitter * random.standard_normal(len(given.load))
                        given = given if step is None else given.replace(displacement=shaken)
                        accused += bool(corrected(given)[1])
                        looked += 1
        for fault, word in (("unloading", "unloading"), ("seating", "seating"), ("zero of the load", "below_zero")):
            for step, noise in RECORDS:
                found, off = [], []
                for variant in range(VARIANTS):
                    for k in range(variant % 2, len(curves), 2):
                        done, said = corrected(faulty(curves[k], fault, step, noise, random))
                        found.append(word in said)
                        off.append(abs(characteristic_quantities(done).Fe / true[k] - 1))
                row = {
                    "set": name,
                    "fault": fault,
                    "a point every (h0)": "as simulated" if step is None else step,
                    "noise (% of Fm)": 100 * noise,
                    "records": len(found),
                    "found": int(np.sum(found)),
                    "Fe off, median (%)": round(100 * float(np.nanmedian(off)), 1),
                }
                rows.append(row)
                print(row, flush=True)
    record(
        "beginning",
        title="Faults at the beginning of records: found, and what is left of them",
        note="Unloadings of 0.6 to 1.9 % of the stroke at 2 to 6 % of Fm; seatings of 0.04 to 0.12 h0, curved up to 2 "
        "to 8 % of Fm (exponents 1.5 to 2.5); loads that begin 0.5 to 4 % of Fm below zero. Fe is compared with that "
        f"of the simulated curve. Of {looked} sound records (noise up to 1 % of Fm, jitter of the displacement "
        f"of 0 and {1e3 * JITTER:g} µm), {accused} were accused of one. Seed {SEED}.",
        rows=rows,
    )


if __name__ == "__main__":
    main()
