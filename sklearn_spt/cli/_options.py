"""What the options of several commands have in common: how numbers are read, and the options for reading files."""

import argparse
import ast
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..curves import DISPLACEMENT_KINDS, check_thickness
from ..rigs import rig_name

MODEL_HELP = 'model file, or name of a model that comes with the package, such as "sheet"'


class UsageError(Exception):
    """The command line cannot be carried out as it was given."""


def find_model(model: str) -> Path:
    """The file behind --model."""
    path = Path(model)
    if path.is_file():
        return path
    # Imports scikit-learn, which a file does not need.
    from ..datasets._models import find_model as find_bundled

    return find_bundled(model)


# Options of `read_curves`; "column" and "unit" are its `columns` and `units`.
READING = ("thickness", "metadata", "column", "unit", "sheet", "separator", "decimal", "encoding", "cut_unloading")


def add_reading(command: argparse.ArgumentParser, *, facts: bool = False) -> None:
    """Add the options of `read_curves`, and with `facts` those for the other facts of the specimens."""
    group = command.add_argument_group(
        "reading", "Files are understood by themselves, or refused with a message that says what to give."
    )
    group.add_argument("--thickness", type=thickness, metavar="MM", help="thickness of all specimens")
    if facts:
        group.add_argument("--rig", type=rig, metavar="RIG", help="rig of all specimens, such as EN10371")
        group.add_argument(
            "--displacement-kind", choices=DISPLACEMENT_KINDS, help="what the displacement of all specimens is"
        )
    group.add_argument("--metadata", type=Path, metavar="FILE", help="table of specimens: name, thickness, ...")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        type=assignment,
        metavar="WHAT=NAME",
        help='column of the "displacement", the "load" or the "specimen", by its name or position from 0; repeat',
    )
    group.add_argument(
        "--unit",
        action="append",
        default=[],
        type=assignment,
        metavar="WHAT=UNIT",
        help='unit of the "displacement", "load", "thickness" or "temperature", such as load=kN; repeat',
    )
    group.add_argument("--sheet", metavar="NAME", help="sheet of workbooks, by its name (default: all with curves)")
    group.add_argument("--separator", metavar="TEXT", help="what separates the columns")
    group.add_argument("--decimal", choices=(".", ","), help="decimal sign")
    group.add_argument("--encoding", metavar="NAME", help="encoding of text files, such as cp1252")
    group.add_argument(
        "--cut-unloading", action="store_true", help="leave out the points at the end at which the punch goes back"
    )


def reading_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """A command's options for reading, as `read_curves` has them."""
    return {
        "columns": {role: int(name) if name.isdecimal() else name for role, name in arguments.column},
        "units": dict(arguments.unit),
        "metadata": arguments.metadata,
        "thickness": arguments.thickness,
        "sheet": arguments.sheet,
        "separator": arguments.separator and arguments.separator.replace("\\t", "\t"),
        "decimal": arguments.decimal,
        "encoding": arguments.encoding,
        "cut_unloading": arguments.cut_unloading,
    }


def inputs_of(arguments: argparse.Namespace, *more: Any) -> list[Path]:
    """The files beside the curves that a command reads."""
    return [Path(path) for path in (arguments.metadata, *more) if path is not None]


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form WHAT=VALUE")
    return name, value


def number(text: str) -> float:
    value = _parse(float, text, "a number")
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def positive(text: str) -> float:
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value


def add_band(command: argparse.ArgumentParser) -> None:
    """Add the option for the band."""
    command.add_argument(
        "--band",
        type=confidence,
        metavar="PART",
        help="part of the curves that the band holds, such as 0.9, of a model that was calibrated for one (default: "
        "what the model file says)",
    )


def alpha_of(arguments: argparse.Namespace) -> float | None:
    """The part of the curves that may leave the band."""
    return None if arguments.band is None else 1 - arguments.band


def confidence(text: str) -> float:
    value = number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1; 0.9 is a band of 90 %")
    return value


def thickness(text: str) -> float:
    value = positive(text)
    try:
        check_thickness(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return value


def rig(text: str) -> str:
    """The name of a rig, as the package writes it; the laboratory's own has any."""
    try:
        return rig_name(text)
    except ValueError:
        raise argparse.ArgumentTypeError("the name of the rig is empty; give it, such as EN10371") from None


def whole(text: str) -> int:
    value = _parse(int, text, "a whole number")
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return value


def seed(text: str) -> int:
    value = _parse(int, text, "a whole number")
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 2**32 - 1")
    return value


def test_size(text: str) -> int | float:
    what = "a fraction between 0 and 1 or a number of curves"
    value = _parse(float, text, what)
    if 0 < value < 1:
        return value
    if not (value >= 1 and value.is_integer()):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return int(value)


def _parse(kind: Callable[[str], Any], text: str, what: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None


def setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value
