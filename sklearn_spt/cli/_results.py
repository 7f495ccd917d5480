"""What `predict` and `report` have in common: specimens are read, and what is to be said of them is said."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..utils.warnings import by_text
from . import _corrections
from ._messages import say_error, spell, spelled, warn
from ._options import MODEL_HELP, add_band, add_reading, positive, reading_of

if TYPE_CHECKING:
    from ..reporting import Report
    from ..reporting._gather import Gathered

# What was asked for was written, and something is missing in it.
INCOMPLETE = 3


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what both take: curves, a model, corrections and the options for reading."""
    command.add_argument("curves", nargs="+", type=Path, metavar="CURVE", help="file of a testing machine, or folder")
    command.add_argument("--model", required=True, metavar="MODEL", help=MODEL_HELP)
    command.add_argument(
        "--elastic-modulus", type=positive, metavar="MPA", help="Young's modulus (default: what the model file says)"
    )
    add_band(command)
    _corrections.add_arguments(command)
    add_reading(command, facts=True)


def read(arguments: argparse.Namespace) -> "Gathered":
    """Read the curves that a command is given; what cannot be read is said in words that the user knows."""
    from ..reporting._gather import gather

    facts = {"rig": arguments.rig, "displacement_kind": arguments.displacement_kind}
    gathered = gather(arguments.curves, reading_of(arguments), **facts)
    gathered.unread = [replace(file, error=spell(file.error)) for file in gathered.unread]
    return gathered


def worded(report: "Report") -> "Report":
    """The report with options in place of parameters in what it says to its reader."""
    specimens = (
        replace(s, remarks=tuple(map(spelled, s.remarks)), error=None if s.error is None else spell(s.error))
        for s in report.specimens
    )
    return replace(report, warnings=tuple(map(spell, report.warnings)), specimens=tuple(specimens))


def say(report: "Report", written: Sequence[Path]) -> int:
    """Say what was written, warned of and went wrong; the exit status."""
    for path in written:
        print(f"wrote {path}")
    for text in report.warnings:
        warn(text)
    said = ((specimen.name, map(spell, specimen.warnings)) for specimen in report.specimens)
    for text, names in by_text(said).items():
        warn(f"{', '.join(names)}: {text}")
    for file in report.unread:
        say_error(f"{file.path}: {file.error}")
    for specimen in report.specimens:
        if specimen.error is not None:
            say_error(f"{specimen.name}: not evaluated: {spell(specimen.error)}")
    return 0 if report.complete else INCOMPLETE
