"""The command ``sklearn-spt simulate``."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..rigs import KNOWN, rig_name
from ..utils.files import check_outputs, check_writable
from ..utils.json_files import read_json
from ._messages import warn
from ._options import UsageError, number, positive, whole

if TYPE_CHECKING:
    from ..mechanics import HardeningLaw
    from ..simulation import Design, Rig

HELP = """\
Simulate small punch tests by finite elements: one test, or the data set of a design.

One test, of a hardening law or of a true stress-strain curve such as predict writes; --out is its load-displacement
curve:

    sklearn-spt simulate --law swift E=210000 K=600 epsilon0=0.01 n=0.2 --thickness 0.5 --out curve.csv
    sklearn-spt simulate --curve stress.csv --rig SHEET --thickness 2 --out curve.csv

A data set, of the first --n points of a design; --out is a folder. The same command again goes on where it was ended,
and a greater --n continues the design. The design is JSON with the parameters of sklearn_spt.simulation.Design, or the
manifest.json of such a folder:

    {"name": "mild", "rig": "EN10371", "thickness": [0.48, 0.52], "friction": [0.05, 0.3], "laws": [
      {"law": "Swift", "ranges": {"K": [400, 1200], "n": [0.05, 0.3]}, "fixed": {"E": 210000, "epsilon0": 0.005}}]}

Lengths are in mm, loads in N, stresses in MPa. A test takes one to two seconds with the solver of this package.
--solver calculix uses the program ccx in its place, if it is installed, to check it; the environment variable
SKLEARN_SPT_CCX names another one.

Exit status: 0; 2 if what was given makes no sense; 3 if points of the design failed, whose files *.failed.json say why;
1 for any other error, such as a solver that is missing or gives no curve.
"""
# The data set was made, and points of the design are missing in it.
INCOMPLETE = 3
_ONE_TEST = (
    "rig",
    "displacement_kind",
    "thickness",
    "friction",
    "stroke",
    "nu",
    "elastic_modulus",
    "load_limit",
    "load_drop",
)
_DATA_SET = ("n", "n_jobs", "pack", "retry_failed", "quiet")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--law",
        nargs="+",
        metavar=("NAME", "P=V"),
        help="hardening law of sklearn_spt.mechanics and its parameters, such as swift E=210000 K=600 epsilon0=0.01 "
        "n=0.2",
    )
    what.add_argument("--curve", type=Path, metavar="FILE", help="table (.csv) of true strain and true stress, MPa")
    what.add_argument("--design", type=Path, metavar="FILE", help="design (.json) of a data set")
    command.add_argument(
        "--out", required=True, type=Path, metavar="PATH", help="curve to write (.csv), or folder of the data set"
    )
    command.add_argument(
        "--solver",
        default="embedded",
        metavar="NAME",
        help="embedded, calculix, or the path of a CalculiX program (default: %(default)s)",
    )
    command.add_argument(
        "--timeout", type=positive, metavar="S", help="seconds after which one run of CalculiX is ended (default: 600)"
    )
    test = command.add_argument_group("one test")
    test.add_argument(
        "--rig", metavar="RIG", help="EN10371, SHEET, MINIATURE, or a JSON file of the tools (default: EN10371)"
    )
    test.add_argument(
        "--displacement-kind",
        choices=["punch", "deflection"],
        help="what the displacement of the curve is: of the punch, or of the middle of the lower face (default: punch)",
    )
    test.add_argument("--thickness", type=positive, metavar="MM", help="initial thickness of the disc")
    test.add_argument("--friction", type=number, metavar="MU", help="Coulomb's coefficient (default: the rig's)")
    test.add_argument("--stroke", type=positive, metavar="MM", help="travel of the punch (default: the rig's maximum)")
    test.add_argument("--nu", type=number, metavar="NU", help="Poisson's ratio (default: 0.3)")
    test.add_argument(
        "--elastic-modulus",
        type=positive,
        metavar="MPA",
        help="Young's modulus of --curve (default: the maximum slope of its points)",
    )
    test.add_argument("--load-limit", type=positive, metavar="N", help="end the test at this load")
    test.add_argument(
        "--load-drop", type=positive, metavar="PART", help="end the test when the load has dropped by this part, 0 to 1"
    )
    data = command.add_argument_group("data set")
    data.add_argument("--n", type=whole, metavar="N", help="points of the design")
    data.add_argument(
        "--n-jobs", type=int, metavar="J", help="simulations at a time, -1 for one on each core (default: 1)"
    )
    data.add_argument("--pack", type=Path, metavar="FILE", help="also pack the data set into one file (.npz)")
    data.add_argument(
        "--retry-failed", action="store_true", default=None, help="compute again the points that failed before"
    )
    data.add_argument("--quiet", action="store_true", default=None, help="no progress bar")


def run(arguments: argparse.Namespace) -> int:
    """Simulate and write."""
    try:
        finish = _simulate_design(arguments) if arguments.design is not None else _simulate_test(arguments)
    except (TypeError, ValueError) as error:
        # The simulations check what they are given, and raise these before the solver runs.
        if arguments.debug:
            raise
        raise UsageError(str(error)) from error
    return finish()


def _refuse_options(arguments: argparse.Namespace, names: tuple[str, ...], why: str) -> None:
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(arguments, name) is not None]
    if given:
        raise ValueError(f"{', '.join(given)}: {why}")


# One test


def _simulate_test(arguments: argparse.Namespace) -> Callable[[], int]:
    _refuse_options(arguments, _DATA_SET, "only for a data set (--design)")
    if arguments.thickness is None:
        raise ValueError("give the thickness of the disc: --thickness MM")
    if arguments.out.suffix.lower() != ".csv":
        raise ValueError(f"--out: {str(arguments.out)!r} does not end in .csv")
    given = [] if arguments.curve is None else [arguments.curve]
    check_outputs([arguments.out], given)
    check_writable(arguments.out)
    from ..simulation import simulate_from_curve, simulate_spt

    options: dict[str, Any] = {
        "thickness": arguments.thickness,
        "displacement_kind": arguments.displacement_kind or "punch",
        "nu": 0.3 if arguments.nu is None else arguments.nu,
        "friction": arguments.friction,
        "stroke": arguments.stroke,
        "load_limit": arguments.load_limit,
        "load_drop": arguments.load_drop,
        "solver": arguments.solver,
        "timeout": arguments.timeout,
        "name": arguments.out.stem,
    }
    rig = _rig(arguments.rig or "EN10371")
    if arguments.law is not None:
        _refuse_options(arguments, ("elastic_modulus",), "a law has Young's modulus among its parameters, E=...")
        curve = simulate_spt(_law(arguments.law), rig, **options)
    else:
        strain, stress = _read_table(arguments.curve)
        try:
            curve = simulate_from_curve(strain, stress, rig, E=arguments.elastic_modulus, **options)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{arguments.curve}: {error}") from error

    def finish() -> int:
        curve.to_csv(arguments.out)
        at = int(curve.load.argmax())
        print(
            f"{curve.name}: {len(curve.load)} points to {curve.displacement[-1]:.4g} mm; maximum load "
            f"{curve.load[at]:.1f} N at {curve.displacement[at]:.4g} mm"
        )
        if not curve.metadata["completed"]:
            warn(
                f"the solver stopped at {curve.displacement[-1]:.4g} mm, before the end of the test; the curve ends "
                "there"
            )
        beyond = curve.metadata.get("extrapolated_from")
        if beyond is not None:
            print(
                f"from {beyond:.4g} mm on the disc is strained beyond the end of the curve in {arguments.curve}; the "
                "curve is extrapolated there"
            )
        # Only CalculiX has these.
        left_out = curve.metadata.get("wrong_increments", 0)
        if left_out:
            warn(f"{left_out} points of the curve were wrong and are left out")
        if curve.metadata.get("load_jump"):
            warn("the load jumps near the end of the curve, as in no test: the curve is unreliable from there on")
        print(f"wrote {arguments.out}")
        return 0

    return finish


def _law(words: list[str]) -> "HardeningLaw":
    from ..simulation._design import check_parameters, law_named

    law = law_named(words[0])
    values: dict[str, float] = {}
    for word in words[1:]:
        name, equals, text = word.partition("=")
        if not (name and equals):
            raise ValueError(f"--law: {word!r} is not of the form P=V, such as E=210000")
        if name in values:
            raise ValueError(f"--law: {name} is given twice")
        values[name] = _number(text, f"--law: {name}")
    check_parameters(law, list(values))
    return law(**values)


def _rig(name: str) -> "Rig":
    from ..simulation import get_rig
    from ..simulation._design import rig_from_dict

    path = Path(name)
    if path.suffix.lower() == ".json":
        record = _read_json(path)
        try:
            return rig_from_dict(record)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error
    if rig_name(name) not in KNOWN:
        raise ValueError(
            f"--rig: {name!r} is not one of {', '.join(KNOWN)}; choose one, or give a JSON file of the tools"
        )
    return get_rig(name)


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{what} must be a number; got {text!r}") from None
    if not math.isfinite(value):
        raise ValueError(f"{what} must be finite; got {text!r}")
    return value


def _read_table(path: Path) -> tuple[list[float], list[float]]:
    """True strain and stress; a first line that is not a number is the header."""
    rows: list[tuple[float, float, str]] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(
            f"{path} is not a text file; it needs two columns, true strain and true stress in MPa"
        ) from None
    for position, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        separator = next((mark for mark in ";\t" if mark in line), ",")
        cells = [cell.strip() for cell in line.split(separator)]
        if len(cells) < 2:
            raise ValueError(f"{path}, line {position}: needs two columns, true strain and true stress; got {line!r}")
        if separator != ",":
            cells[:2] = [cell.replace(",", ".") for cell in cells[:2]]
        if not rows and not _is_number(cells[0]):
            if cells[0].lower().startswith("displacement"):
                raise ValueError(
                    f"{path} holds loads over displacements ({line}); --curve is a true stress-strain curve, which "
                    "predict makes of such a file"
                )
            continue
        where = f"{path}, line {position}:"
        rows.append((_number(cells[0], f"{where} strain"), _number(cells[1], f"{where} stress"), "".join(cells[2:3])))
    if not rows:
        raise ValueError(f"{path} holds no numbers; it needs two columns, true strain and true stress in MPa")
    names = sorted({row[2] for row in rows if row[2]})
    if len(names) > 1:
        raise ValueError(
            f"{path} holds more than one curve ({', '.join(names[:3])}...); predict writes a file for each if --out is "
            "a folder"
        )
    return [row[0] for row in rows], [row[1] for row in rows]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_json(path: Path) -> Any:
    try:
        return read_json(path)
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from None


# A data set


def _simulate_design(arguments: argparse.Namespace) -> Callable[[], int]:
    _refuse_options(arguments, _ONE_TEST, "only for one test; a design says it itself")
    if arguments.n is None:
        raise ValueError("give the number of points: --n N")
    if arguments.n_jobs == 0:
        raise ValueError("--n-jobs must not be 0; give -1 for one on each core")
    if arguments.out.exists() and not arguments.out.is_dir():
        raise ValueError(f"--out: {arguments.out} is a file, and a data set needs a folder")
    if arguments.pack is not None:
        if arguments.pack.suffix.lower() != ".npz":
            raise ValueError(f"--pack: {str(arguments.pack)!r} does not end in .npz")
        check_writable(arguments.pack)
    from ..simulation import pack_dataset, simulate_dataset

    design = _design(arguments.design)
    failures = simulate_dataset(
        design,
        arguments.out,
        arguments.n,
        n_jobs=arguments.n_jobs,
        solver=arguments.solver,
        timeout=arguments.timeout,
        retry_failed=bool(arguments.retry_failed),
        progress=not arguments.quiet,
    )

    def finish() -> int:
        print(f"{design.name}: {arguments.n - failures} of {arguments.n} points simulated, {failures} failed")
        print(f"wrote {arguments.out}")
        if arguments.pack is not None and failures < arguments.n:
            count = pack_dataset(design, arguments.out, arguments.pack)
            print(f"wrote {arguments.pack}: {count} curves")
        if failures:
            warn(
                f"{failures} points failed; why is in {arguments.out / 'runs'}, *.failed.json; --retry-failed computes "
                "them again"
            )
        return INCOMPLETE if failures else 0

    return finish


def _design(path: Path) -> "Design":
    from ..simulation import Design

    record = _read_json(path)
    if isinstance(record, dict) and record.keys() == {"design", "solver"}:
        record = record["design"]
    try:
        return Design.from_dict(record)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
