"""The command line of the experiment."""

import argparse
import itertools
import sys

import numpy as np

from . import __doc__ as description
from .cells import Cell, run
from .models import MODELS
from .protocols import PROTOCOLS
from .tables import tabulate


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.experiment",
        description=description,
        epilog="models:\n" + "\n".join(f"  {name:<20}{what}" for name, (what, _) in MODELS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="measure the cells that have no result yet")
    runs.add_argument("--protocol", nargs="+", choices=PROTOCOLS, required=True)
    runs.add_argument("--model", nargs="+", choices=MODELS, default=list(MODELS), help="default: all of them")
    runs.add_argument("--seed", nargs="+", type=int, default=[0])
    runs.add_argument("--train", nargs="+", type=int, default=[None], help="so many training curves (default: all)")
    runs.add_argument("--epochs", type=int, help="of a network (default: its own)")
    runs.add_argument("--minutes", type=float, default=np.inf, help="end after so many, in the midst of a training")
    commands.add_parser("tables", help="make tables and figures of the results")
    given = parser.parse_args(arguments)
    if given.command == "tables":
        tabulate()
        return 0
    cells = []
    for protocol, seed, train, model in itertools.product(given.protocol, given.seed, given.train, given.model):
        if model == "correlations" and not PROTOCOLS[protocol].laboratory:
            print(f"{protocol}: no correlations, whose predictors are those of discs")
            continue
        cells.append(Cell(protocol, model, seed, train, given.epochs))
    run(cells, given.minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
