"""Simulated tensile tests against the laws they were made of.

``python -m benchmarks.tensile_test`` needs CalculiX, for the strips and to check the bars, and takes some minutes.
"""

from typing import Any

import numpy as np

from sklearn_spt.mechanics import Hollomon, Ludwik, PowerLaw, Swift, Voce, engineering_curve, sheet_steel_law
from sklearn_spt.mechanics.laws import HardeningLaw
from sklearn_spt.simulation import FlatStrip, RoundBar, TensileSpecimen, simulate_tensile

from ._record import record

STEEL = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
# name, law, Poisson's ratio
LAWS: list[tuple[str, HardeningLaw, float]] = [
    ("Swift, K 900, n 0.2", STEEL, 0.3),
    ("Voce, 300 + 250 MPa, b 15", Voce(E=210_000, sigma0=300, Q=250, b=15), 0.3),
    ("Ludwik, 300 MPa, n 0.5, plateau 2 %", Ludwik(E=210_000, sigma0=300, K=500, n=0.5, plateau_strain=0.02), 0.3),
    ("power law, 900 MPa, n 0.06", PowerLaw(E=210_000, sigma0=900, n=0.06), 0.3),
    ("Hollomon, K 1400, n 0.4", Hollomon(E=210_000, K=1400, n=0.4), 0.3),
    ("sheet, K 600, n 0.3", sheet_steel_law(600, 0.3), 0.35),
    ("sheet, K 2500, n 0.15", sheet_steel_law(2500, 0.15), 0.35),
]
# name, specimen, solver
SPECIMENS: list[tuple[str, TensileSpecimen, str]] = [
    ("round 6 × 30", RoundBar(), "embedded"),
    ("round 6 × 30", RoundBar(), "calculix"),
    ("flat 12.5 × 2 × 50", FlatStrip(), "calculix"),
]


def compared(
    what: str, law: HardeningLaw, nu: float, name: str, specimen: TensileSpecimen, solver: str, rows: int
) -> dict[str, Any]:
    curve = simulate_tensile(law, specimen, nu=nu, rows=rows, solver=solver)
    before = slice(1, curve.maximum + 1)
    true = curve.true_stress[before] / law.true_stress(curve.true_strain[before]) - 1
    strain = np.log1p(curve.engineering_strain[before])
    stress = law.true_stress(strain)
    # engineering_curve takes the volume to be constant; the simulation has the elastic change of volume.
    volume = np.exp((1 - 2 * nu) * stress / law.E)
    gauge = curve.engineering_stress[before] / (engineering_curve(strain, stress)[1] * volume) - 1
    expected = law.tensile_properties()
    end = curve.engineering_stress <= 0.9 * curve.engineering_stress.max()
    end[: curve.maximum] = False
    dropped = float(curve.engineering_strain[np.argmax(end)]) if end.any() else None
    return {
        "law": what,
        "specimen": name,
        "solver": curve.metadata["solver"],
        "rows": rows,
        "true stress, greatest deviation up to Fm, %": round(100 * float(np.abs(true).max()), 3),
        "at true strain": round(float(curve.true_strain[before][np.argmax(np.abs(true))]), 3),
        "engineering stress, the same, %": round(100 * float(np.abs(gauge).max()), 3),
        "Rm, MPa": round(float(curve.engineering_stress.max()), 1),
        "Rm of the law, MPa": round(float(expected.tensile_strength), 1),
        "Agt": round(float(curve.engineering_strain[curve.maximum]), 4),
        "Agt of the law": round(float(expected.total_uniform_elongation), 4),
        "strain at 0.9 Fm": None if dropped is None else round(dropped, 4),
        "CPU time, s": curve.metadata["cpu_s"],
    }


def main() -> None:
    runs = [(*law, *specimen, 5) for specimen in SPECIMENS for law in LAWS]
    runs += [(*LAWS[0], *specimen, rows) for specimen in SPECIMENS for rows in (3, 8)]
    rows = []
    for run in runs:
        rows.append(compared(*run))
        print(rows[-1], flush=True)
    record(
        "tensile_test",
        title="Simulated tensile tests against their laws",
        rows=rows,
        note="Increments and taper as by default.",
    )


if __name__ == "__main__":
    main()
