"""Make the demo curve: one bundled simulation turned into a record that looks like a laboratory's.

    python -m benchmarks.make_demo_curve

It writes demo_curve.csv and demo_truth.csv beside the bundled data. Run it again after the bundled set was replaced.
"""

from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator

import sklearn_spt.datasets
from sklearn_spt import SPTCurve
from sklearn_spt.datasets import DEMO_CURVE_INDEX, load_sheet_steel
from sklearn_spt.utils.files import atomic_path

STEP = 0.01  # mm
NOISE = 0.002  # standard deviation as a fraction of the load
SEED = 0


def main() -> None:
    sheet = load_sheet_steel()
    # Its material and thickness lie inside the design, where a model has neighbours on every side. The exponent is low
    # enough for the maximum of the engineering stress, and with it the tensile strength, to lie on the strain grid.
    (index,) = (i for i, curve in enumerate(sheet.data) if curve.name == f"sheet-{DEMO_CURVE_INDEX:04d}")
    source = sheet.data[index]
    u, load = source.monotonic()
    # Rounded to what a test machine writes: 0.1 µm and 0.1 N.
    displacement = np.round(np.arange(0, u[-1] + STEP / 2, STEP), 4)
    displacement = displacement[displacement <= u[-1]]
    record = PchipInterpolator(u, load)(displacement)
    record *= 1 + NOISE * np.random.default_rng(SEED).standard_normal(len(record))
    folder = Path(sklearn_spt.datasets.__file__).parent / "data"
    demo = SPTCurve(
        displacement,
        np.round(record, 1),
        thickness=round(source.thickness, 3),
        rig=source.rig,
        name="demo",
        displacement_kind=source.displacement_kind,
    )
    demo.to_csv(folder / "demo_curve.csv")
    with atomic_path(folder / "demo_truth.csv") as path, path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("strain,true_stress_MPa\n")
        for strain, stress in zip(sheet.strain, sheet.target[index], strict=True):
            file.write(f"{strain:g},{stress:.6g}\n")
    print(f"wrote {demo!r} from {source!r}, K {source.metadata['K']:.1f} MPa, n {source.metadata['n']:.3f}")


if __name__ == "__main__":
    main()
