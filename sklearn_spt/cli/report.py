"""The command ``sklearn-spt report``."""

import argparse
from pathlib import Path
from typing import Any

from ..utils.files import check_folder, check_outputs, check_writable
from . import _corrections, _results
from ._options import alpha_of, find_model, inputs_of
from ._results import read, say, worded

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


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _results.add_arguments(command)
    command.add_argument("--out", type=_page, metavar="FILE", help="page to write, such as report.html")
    command.add_argument(
        "--json", type=Path, metavar="PATH", help="file (.json) for all specimens, or folder for one file each"
    )
    command.add_argument("--csv", type=Path, metavar="FOLDER", help="folder for tables")
    command.add_argument("--group", metavar="KEY", help='what to group by (default: "material" or "group", if given)')
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
    head = command.add_argument_group("head of the report")
    head.add_argument("--laboratory", metavar="TEXT", help="name of the laboratory")
    head.add_argument("--operator", metavar="TEXT", help="who tested")
    head.add_argument("--job", metavar="TEXT", help="number of the job or order")
    head.add_argument("--remarks", metavar="TEXT", help="anything else")


def _formula(text: str) -> Any:
    from ..mechanics import Correlation

    try:
        return Correlation.from_formula(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("Correlation: ")) from None


def _page(name: str) -> Path:
    if Path(name).suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"{name!r} does not end in .html; for a PDF, print the page in a browser")
    return Path(name)


def run(arguments: argparse.Namespace) -> int:
    """Make and write the report."""
    # What is quick comes first, so that a wrong file name does not wait for torch.
    model = find_model(arguments.model)
    for path in (arguments.out, arguments.json, arguments.csv):
        if path is not None:
            is_file = path is not arguments.csv and path.suffix.lower() in (".html", ".htm", ".json")
            (check_writable if is_file else check_folder)(path)
    if arguments.out is not None:
        from ..reporting._figures import check_matplotlib

        check_matplotlib()
    corrections = _corrections.corrections(arguments)
    gathered = read(arguments)
    check_outputs(_outputs(arguments, gathered.names), [*gathered.files, model, *inputs_of(arguments)])
    from ..mechanics import published_correlations
    from ..reporting._report import report_on

    correlations = list(arguments.own_correlation)
    if arguments.correlations != "none":
        evidence = "source" if arguments.correlations == "source" else None
        correlations += published_correlations(evidence=evidence).values()
    report = report_on(
        gathered,
        model,
        corrections=corrections,
        elastic_modulus=arguments.elastic_modulus,
        correlations=correlations,
        alpha=alpha_of(arguments),
        group=arguments.group,
        facts={name: getattr(arguments, name) for name in ("laboratory", "operator", "job", "remarks")},
    )
    report = worded(report)
    for path, write in (
        (arguments.out, report.to_html),
        (arguments.json, report.to_json),
        (arguments.csv, report.to_csv),
    ):
        if path is not None:
            write(path)
    print(report)
    return say(report, [path for path in (arguments.out, arguments.json, arguments.csv) if path is not None])


def _outputs(arguments: argparse.Namespace, names: list[str]) -> list[Path]:
    """All files that will be written."""
    from ..reporting._report import csv_files, json_files

    files = [] if arguments.out is None else [arguments.out]
    if arguments.json is not None:
        is_file = arguments.json.suffix.lower() == ".json"
        files += [arguments.json] if is_file else json_files(arguments.json, names)
    return files + ([] if arguments.csv is None else csv_files(arguments.csv, names))
