"""Make the demo curve: a simulated test turned into a record that looks like a laboratory's.

    python -m benchmarks.make_demo_curve

It writes demo_curve.csv and demo_truth.csv beside the bundled data.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt import SPTCurve
from sklearn_spt.datasets._sheets import _STRAIN
from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import simulate_spt
from sklearn_spt.utils.files import atomic_path

from .generate_sets import DATA

# Inside the design of the sheets, where a model has neighbours on every side, and no point of it.
LAW = sheet_steel_law(970.0, 0.188)
THICKNESS = 1.88  # mm
STEP = 0.01  # mm
NOISE = 0.002  # standard deviation as a fraction of the load
SEED = 0


def main() -> None:
    source = simulate_spt(LAW, "SHEET", thickness=THICKNESS, nu=0.35, stroke=3.0)
    u, load = source.monotonic()
    # Rounded to what a test machine writes: 0.1 µm and 0.1 N.
    displacement = np.round(np.arange(0, u[-1] + STEP / 2, STEP), 4)
    displacement = displacement[displacement <= u[-1]]
    record = PchipInterpolator(u, load)(displacement)
    record *= 1 + NOISE * np.random.default_rng(SEED).standard_normal(len(record))
    demo = SPTCurve(
        displacement,
        np.round(record, 1),
        thickness=THICKNESS,
        rig=source.rig,
        name="demo",
        displacement_kind=source.displacement_kind,
    )
    demo.to_csv(DATA / "demo_curve.csv")
    with atomic_path(DATA / "demo_truth.csv") as path, path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("strain,true_stress_MPa\n")
        for strain, stress in zip(_STRAIN, LAW.true_stress(_STRAIN), strict=True):
            file.write(f"{strain:g},{stress:.6g}\n")
    print(f"wrote {demo!r} from {source!r}")


if __name__ == "__main__":
    main()
