"""Simulate the data sets that come with the package, or go on with them, and pack what there is.

    python -m benchmarks.generate_sets sheet_steel --n 5000 --n-jobs 2
    python -m benchmarks.generate_sets discs_near --pack-only

The sets are `sheet_steel` (5,000 points), `sheet_corner` (500), `discs_near` and `discs_wide` (4,000 each; 15,000 each
make the large set of discs). Single results go to --work (default: runs/<set>); the packed file is
benchmarks/sets/<set>.npz. On a machine that has only the packed file, its results are unpacked first and the generation
goes on behind them. A curve takes one to two seconds. --bundle copies the packed file into the package.
"""

import argparse
import shutil
import sys
from pathlib import Path

import sklearn_spt.datasets
from sklearn_spt.simulation import pack_dataset, simulate_dataset, unpack_dataset

from .designs import DESIGNS

DATA = Path(sklearn_spt.datasets.__file__).parent / "data"
STOCK = Path(__file__).parent / "sets"
SIZES = {"sheet_steel": 5000, "sheet_corner": 500, "discs_near": 4000, "discs_wide": 4000}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=sorted(DESIGNS))
    parser.add_argument("--n", type=int, default=None, help="number of points of the design (default: the set's)")
    parser.add_argument("--n-jobs", type=int, default=1, help="simulations at a time")
    parser.add_argument("--work", type=Path, default=None, help="folder of the single results")
    parser.add_argument("--pack-only", action="store_true", help="pack what there is, simulate nothing")
    parser.add_argument("--bundle", action="store_true", help="copy the packed file into the package")
    arguments = parser.parse_args()
    design = DESIGNS[arguments.set]
    work = arguments.work or Path("runs") / arguments.set
    STOCK.mkdir(exist_ok=True)
    packed = STOCK / f"{arguments.set}.npz"
    if packed.exists():
        unpack_dataset(design, packed, work)
    if not arguments.pack_only:
        simulate_dataset(design, work, arguments.n or SIZES[arguments.set], n_jobs=arguments.n_jobs)
    n = pack_dataset(design, work, packed)
    print(f"{n} curves in {packed}")
    if arguments.bundle:
        shutil.copyfile(packed, DATA / packed.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
