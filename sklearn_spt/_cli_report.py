"""The command ``sklearn-spt report``."""

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _cli_corrections
from ._cli_wording import for_command_line
from ._files import check_writable
from ._warnings import by_text

if TYPE_CHECKING:
    from .reporting import Report

HELP = """\
Report on a laboratory's specimens: one page, and the same as JSON and CSV.

Every file is read, corrected and evaluated by itself. The page (--out) holds for each specimen what was understood of
its file, its curve with the construction of Fe and Fm, the predicted stress-strain curve with its properties, the
values of correlations beside them, and every warning; and for all of them mean and scatter, by material where
the files or the table of specimens (--metadata) have a column "material". Predicted values that a warning says not to
trust are marked and left out of mean and scatter. It opens without a network and prints on A4.

Exit status: 0; 3 if the report was written but a file could not be read or a specimen not evaluated, which the report
and the standard error name.
"""
MODEL_HELP = 'model file, or name of a model that comes with the package, such as "sheet"'
# The report was written, and something is missing in it.
INCOMPLETE = 3


def add_arguments(command: argparse.ArgumentParser, positive: Callable[[str], float]) -> None:
    """Add the options of the command; `positive` reads a positive number."""
    command.add_argument("curves", nargs="+", type=Path, metavar="CURVE", help="file of a testing machine, or folder")
    command.add_argument("--model", required=True, metavar="MODEL", help=MODEL_HELP)
    command.add_argument("--out", type=_page, metavar="FILE", help="page to write, such as report.html")
    command.add_argument(
        "--json", type=Path, metavar="PATH", help="file (.json) for all specimens, or folder for one file each"
    )
    command.add_argument("--csv", type=Path, metavar="FOLDER", help="folder for tables")
    command.add_argument("--group", metavar="KEY", help='what to group by (default: "material" or "group", if given)')
    command.add_argument(
        "--elastic-modulus", type=positive, metavar="MPA", help="Young's modulus (default: what the model file says)"
    )
    command.add_argument(
        "--correlations",
        choices=("all", "source", "none"),
        default="all",
        help="published correlations to compare with: all, with those that were not checked marked; only those whose "
        "coefficients were read in a source; or none (default: %(default)s)",
    )
    command.add_argument(
        "--own-correlation",
        action="append",
        default=[],
        type=_formula,
        metavar="FORMULA",
        help="the laboratory's own, such as 'Rp0.2 = 0.39 Fe/h0^2 - 20', to compare with; repeat for others",
    )
    _cli_corrections.add_arguments(command, positive, unasked=True)
    head = command.add_argument_group("head of the report")
    head.add_argument("--laboratory", metavar="TEXT", help="name of the laboratory")
    head.add_argument("--operator", metavar="TEXT", help="who tested")
    head.add_argument("--job", metavar="TEXT", help="number of the job or order")
    head.add_argument("--remarks", metavar="TEXT", help="anything else")


def _formula(text: str) -> Any:
    from .mechanics import Correlation

    try:
        return Correlation.from_formula(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("Correlation: ")) from None


def _page(name: str) -> Path:
    if Path(name).suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"{name!r} does not end in .html; for a PDF, print the page in a browser")
    return Path(name)


def run(arguments: argparse.Namespace, reading: dict[str, Any]) -> int:
    """Make and write the report; `reading` holds the options of `read_curves`."""
    # What is quick comes first, so that a wrong file name does not wait for torch.
    for path in (arguments.out, arguments.json, arguments.csv):
        if path is not None and path is not arguments.csv and path.suffix.lower() in (".html", ".htm", ".json"):
            check_writable(path)
        elif path is not None and path.exists() and not path.is_dir():
            raise NotADirectoryError(f"cannot write to {path}: it is a file, and a folder is needed")
    if arguments.out is not None:
        from .reporting._figures import check_matplotlib

        check_matplotlib()
    from .mechanics import published_correlations
    from .reporting import make_report

    corrections = _cli_corrections.corrections(arguments, unasked=True)
    correlations = list(arguments.own_correlation)
    if arguments.correlations != "none":
        evidence = "source" if arguments.correlations == "source" else None
        correlations += published_correlations(evidence=evidence).values()
    report = make_report(
        arguments.curves,
        arguments.model,
        corrections=corrections,
        elastic_modulus=arguments.elastic_modulus,
        correlations=correlations,
        group=arguments.group,
        rig=arguments.rig,
        displacement_kind=arguments.displacement_kind,
        laboratory=arguments.laboratory,
        operator=arguments.operator,
        job=arguments.job,
        remarks=arguments.remarks,
        reading=reading,
    )
    report = _worded(report)
    for path, write in (
        (arguments.out, report.to_html),
        (arguments.json, report.to_json),
        (arguments.csv, report.to_csv),
    ):
        if path is not None:
            write(path)
    print(report)
    for path in (arguments.out, arguments.json, arguments.csv):
        if path is not None:
            print(f"wrote {path}")
    named = by_text((specimen.name, specimen.warnings) for specimen in report.specimens)
    for text in (*report.warnings, *(f"{', '.join(names)}: {text}" for text, names in named.items())):
        warnings.warn(text, UserWarning, stacklevel=2)
    errors = [f"{file.path}: {file.error}" for file in report.unread]
    errors += [f"{s.name}: not evaluated: {s.error}" for s in report.specimens if s.error is not None]
    for error in errors:
        print(f"sklearn-spt: error: {error}", file=sys.stderr)
    return 0 if report.complete else INCOMPLETE


def _worded(report: "Report") -> "Report":
    """The report with options in place of parameters in what it says to its reader."""
    return replace(
        report,
        unread=tuple(replace(file, error=for_command_line(file.error)) for file in report.unread),
        warnings=tuple(map(for_command_line, report.warnings)),
        specimens=tuple(
            replace(
                specimen,
                warnings=tuple(map(for_command_line, specimen.warnings)),
                untrusted=tuple(map(for_command_line, specimen.untrusted)),
                error=specimen.error and for_command_line(specimen.error),
            )
            for specimen in report.specimens
        ),
    )
