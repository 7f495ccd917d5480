"""Seconds a curve: the embedded solver beside CalculiX, in one run, each with its defaults and one thread.

OMP_NUM_THREADS=1 python -m benchmarks.simulation_cost   # about three minutes; CalculiX (ccx) must be installed
"""

import numpy as np

from sklearn_spt.simulation import simulate_spt

from ._record import record
from ._verification_runs import Specimen

# Up to where both solvers come with their first attempt, mm.
STROKES = {
    Specimen("EN10371", "steel 300 MPa", 0.5): 1.5,
    Specimen("EN10371", "steel 900 MPa", 0.5): 1.4,
    Specimen("SHEET", "sheet K=600", 1.7): 2.0,
}
REPEATS = 3


def main() -> None:
    rows = []
    for specimen, stroke in STROKES.items():
        options = {"thickness": specimen.thickness, "nu": specimen.nu, "stroke": stroke}
        other = simulate_spt(specimen.law, specimen.rig, solver="calculix", **options)
        own = [simulate_spt(specimen.law, specimen.rig, **options) for _ in range(REPEATS)]
        seconds = float(np.median([curve.metadata["cpu_s"] for curve in own]))
        rows.append(
            {
                "specimen": str(specimen),
                "stroke, mm": stroke,
                "embedded, CPU s": round(seconds, 2),
                "points": len(own[0].load),
                "ms a point": round(1000 * seconds / len(own[0].load), 2),
                "CalculiX, CPU s": round(other.metadata["cpu_s"], 1),
                "CalculiX's attempts": other.metadata["attempts"],
                "CalculiX's points": len(other.load),
                "CalculiX's ms a point": round(1000 * other.metadata["cpu_s"] / len(other.load), 1),
                "times as fast": round(other.metadata["cpu_s"] / seconds, 1),
            }
        )
    path = record(
        "simulation_cost",
        title="CPU time of a curve: the embedded solver and CalculiX",
        rows=rows,
        note=f"{own[0].metadata['solver']} (median of {REPEATS}), {other.metadata['solver']}, each with its defaults.",
    )
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
