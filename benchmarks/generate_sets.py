"""Simulate the data sets that come with the package, or go on with them, and pack what there is.

    python benchmarks/generate_sets.py sheet_steel --n 5000 --n-jobs 2
    python benchmarks/generate_sets.py sheet_steel --pack-only

Single results go to --work (default: runs/<set>); the packed file is named below. On a machine that has only the packed
file, its results are unpacked first and the generation goes on behind them.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

import sklearn_spt.datasets
from sklearn_spt.mechanics import PowerLaw, Swift, SwiftVoce, Voce
from sklearn_spt.simulation import Design, LawSpace, pack_dataset, simulate_dataset, unpack_dataset

DATA = Path(sklearn_spt.datasets.__file__).parent / "data"
PACKED = {name: DATA / f"{name}.npz" for name in ("en10371_steel", "sheet_steel")}
# Hooke's line of a steel ends between 0.0007 and 0.0075: the strains are dense there, so that Rp0.2 can be read off.
STRAIN = {"en10371_steel": [*(0.0005 * i for i in range(1, 21)), *np.linspace(0.01, 0.2, 81)[1:].tolist()]}

_E = (200_000, 215_000)
_SWIFT = {"K": (300, 2400), "epsilon0": (0.0005, 0.03), "n": (0.04, 0.3)}
_VOCE = {"sigma0": (150, 1400), "Q": (50, 800), "b": (4, 40)}
# The plateau of mild and of normalised steels is some thousandths to some hundredths long.
_PLATEAU = (0.004, 0.03)

DESIGNS = {
    # Steels from soft annealed to quenched, with hardening of several shapes, so that a model does not learn one law.
    "en10371_steel": Design(
        name="en10371",
        rig="EN10371",
        laws=[
            LawSpace(law=PowerLaw, ranges={"E": _E, "sigma0": (150, 1500), "n": (0.04, 0.28)}, weight=0.25),
            LawSpace(law=Swift, ranges={"E": _E, **_SWIFT}, weight=0.25),
            LawSpace(law=Voce, ranges={"E": _E, **_VOCE}, weight=0.15),
            LawSpace(law=SwiftVoce, ranges={"E": _E, "weight": (0.2, 0.8), **_SWIFT, **_VOCE}, weight=0.2),
            LawSpace(law=Swift, ranges={"E": _E, **_SWIFT, "plateau_strain": _PLATEAU}, weight=0.15),
        ],
        thickness=(0.48, 0.52),
        friction=(0.05, 0.3),
        nu=0.3,
        stroke=2.3,
        load_drop=0.05,
        yield_range=(150, 1500),
        max_stress=2800,
        seed=10371,
    ),
    # The range of Table I of arXiv 2506.17680: initial yield stress 20 to 1,893 MPa.
    "sheet_steel": Design(
        name="sheet",
        rig="SHEET",
        laws=[LawSpace(law=Swift, ranges={"K": (200, 3000), "n": (0.1, 0.5)}, fixed={"E": 70_000, "epsilon0": 0.01})],
        thickness=(1, 4),
        friction=(0.1, 0.1),
        nu=0.35,
        stroke=3.0,
        seed=2506,
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=sorted(DESIGNS))
    parser.add_argument("--n", type=int, default=5000, help="number of points of the design")
    parser.add_argument("--n-jobs", type=int, default=1, help="simulations at a time")
    parser.add_argument("--work", type=Path, default=None, help="folder of the single results")
    parser.add_argument("--pack-only", action="store_true", help="pack what there is, simulate nothing")
    arguments = parser.parse_args()
    design = DESIGNS[arguments.set]
    work = arguments.work or Path("runs") / arguments.set
    packed = PACKED[arguments.set]
    if packed.exists():
        unpack_dataset(design, packed, work)
    if not arguments.pack_only:
        simulate_dataset(design, work, arguments.n, n_jobs=arguments.n_jobs)
    n = pack_dataset(design, work, packed, strain=STRAIN.get(arguments.set))
    print(f"{n} curves in {packed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
