"""The command ``sklearn-spt predict``."""

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..persistence import ModelInfo, read_model_info
from ..utils.files import check_folder, check_outputs, check_writable, file_names, write_csv
from ..utils.tables import table_of
from . import _corrections, _results
from ._messages import spell_correction
from ._options import UsageError, alpha_of, find_model, inputs_of
from ._pictures import check_picture, plot
from ._results import read, say, worded

if TYPE_CHECKING:
    from ..reporting import Report, SpecimenReport

HELP = """\
Predict true stress-strain curves from load-displacement curves.

The curves are corrected, checked and evaluated as "sklearn-spt report" does it; --correct none takes them as they are.
What was done is printed, and the tensile properties of each curve. --out ending in .csv writes all curves to one table
with the columns true_strain, true_stress_MPa, curve, verdict and reasons; any other --out is a folder that gets one
such file per curve, without the curve's name. A curve that is "not to be trusted" says why in its table and the JSON
file, and is marked in the picture. Files appear once they are complete, and replace those of the same name; an input is
never replaced.

Exit status: 0; 3 if a file could not be read or a curve not be evaluated, which the standard error names.
"""
_SHOWN = ("proof_stress", "tensile_strength", "uniform_elongation", "hardening_exponent", "strength_coefficient")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _results.add_arguments(command)
    command.add_argument("--out", type=Path, metavar="PATH", help="table of all curves (.csv), or folder of tables")
    command.add_argument("--plot", type=Path, metavar="FILE", help="picture, such as out.png or out.pdf")
    command.add_argument(
        "--json", type=Path, metavar="FILE", help="curves, corrections, properties and warnings as JSON"
    )


def run(arguments: argparse.Namespace) -> int:
    """Predict and write."""
    # What is quick comes first, so that a wrong file name does not wait for torch.
    path = find_model(arguments.model)
    info = read_model_info(path)
    _check_outputs_alone(arguments)
    corrections = _corrections.corrections(arguments)
    gathered = read(arguments)
    tables = _tables(arguments.out, gathered.names)
    single = [file for file in (arguments.json, arguments.plot) if file is not None]
    check_outputs([*tables, *single], [*gathered.files, path, *inputs_of(arguments)])
    from ..reporting._report import report_on

    report = report_on(
        gathered,
        path,
        corrections=corrections,
        elastic_modulus=arguments.elastic_modulus,
        correlations=(),
        alpha=alpha_of(arguments),
    )
    report = worded(report)
    if arguments.out is not None:
        _write_tables(arguments.out, tables, report)
    predicted = [s for s in report.specimens if s.stress is not None]
    if arguments.json is not None:
        from ..reporting._tables import write_json

        write_json(arguments.json, _document(path, info, report))
    if arguments.plot is not None:
        shown = [(s.name, s.corrected, *s.curve, not s.untrusted) for s in predicted]
        plot(arguments.plot, shown, bands=[s.band for s in predicted])
    if predicted:
        print(_properties(predicted))
    for specimen in predicted:
        if specimen.corrected.corrections:
            done = "; ".join(map(spell_correction, specimen.corrected.corrections))
            print(f"corrected {specimen.name}: {done}")
    return say(report, [file for file in (arguments.out, arguments.json, arguments.plot) if file is not None])


def _check_outputs_alone(arguments: argparse.Namespace) -> None:
    """Find out what cannot be written whatever the curves are."""
    for path in (arguments.plot, arguments.json):
        if path is not None:
            check_writable(path)
    if arguments.out is not None:
        if arguments.out.suffix.lower() == ".csv":
            check_writable(arguments.out)
        elif arguments.out.exists() and not arguments.out.is_dir():
            raise UsageError(
                f"--out {arguments.out} is a file; a table's name ends in .csv, and a folder takes several"
            )
        else:
            check_folder(arguments.out)
    if arguments.plot is not None:
        check_picture(arguments.plot)


def _tables(out: Path | None, names: Sequence[str]) -> list[Path]:
    """The files that --out becomes."""
    if out is None or out.suffix.lower() == ".csv":
        return [] if out is None else [out]
    return [out / f"{name}.csv" for name in file_names(names)]


def _write_tables(out: Path, tables: Sequence[Path], report: "Report") -> None:
    banded = any(specimen.band is not None for specimen in report.specimens)
    values = ["true_strain", "true_stress_MPa", *(["band_lower_MPa", "band_upper_MPa"] if banded else [])]
    n = len(values)
    if out.suffix.lower() == ".csv":
        labels = _labels([specimen.name for specimen in report.specimens])
        named = zip(labels, report.specimens, strict=True)
        rows = [[*row[:n], label, *row[n:]] for label, specimen in named for row in _points(specimen)]
        write_csv(out, [[*values, "curve", "verdict", "reasons"], *rows])
        return
    out.mkdir(exist_ok=True)
    for file, specimen in zip(tables, report.specimens, strict=True):
        if specimen.stress is not None:
            write_csv(file, [[*values, "verdict", "reasons"], *_points(specimen)])


def _labels(names: Sequence[str]) -> list[str]:
    """The names, no two of which are the same."""
    return [f"{name} ({n + 1})" if (n := names[:index].count(name)) else name for index, name in enumerate(names)]


def _points(specimen: "SpecimenReport") -> Iterable[list[Any]]:
    """Strain, stress, edges of the band if there is one, verdict and reasons of every point."""
    reasons = "; ".join(specimen.reasons)
    content = specimen.to_dict()
    columns = [column.tolist() for column in specimen.curve]
    if specimen.band is not None:
        columns += [content["band"][edge] for edge in ("lower", "upper")]
    return [[*point, specimen.verdict, reasons] for point in zip(*columns, strict=True)]


def _document(path: Path, info: ModelInfo, report: "Report") -> dict[str, Any]:
    parts = ("name", "verdict", "thickness", "rig", "displacement_kind", "source", "corrections", "elastic_modulus")
    assert info.strain is not None
    curves = []
    for specimen in report.specimens:
        whole = specimen.to_dict()
        stress = None if specimen.stress is None else specimen.stress.tolist()
        curves.append(
            {key: whole[key] for key in parts}
            | {"true_stress": stress}
            | {key: whole[key] for key in ("properties", "band", "warnings", "untrusted", "record_in_doubt", "error")}
        )
    moduli = [specimen.elastic_modulus for specimen in report.specimens if specimen.elastic_modulus is not None]
    return {
        "sklearn_spt": __version__,
        "model": {"file": path.name, "version": info.version, "sha256": info.sha256, "rig": info.rig},
        "units": {"true_strain": "1", "true_stress": "MPa", "thickness": "mm", "elastic_modulus": "MPa"},
        "elastic_modulus": moduli[0] if len(set(moduli)) == 1 else None,
        "true_strain": info.strain.tolist(),
        "curves": curves,
        "unread": [asdict(file) for file in report.unread],
    }


def _properties(specimens: Sequence["SpecimenReport"]) -> str:
    doubts = [specimen.verdict if specimen.untrusted or specimen.error else "" for specimen in specimens]
    if len(specimens) == 1:
        title = f"{specimens[0].name}{', ' if doubts[0] else ''}{doubts[0]}"
        return "\n".join([title, str(specimens[0].properties), *_intervals(specimens[0])])
    from ..mechanics.quantities import TENSILE

    rows = [["curve", *(TENSILE[key].heading for key in _SHOWN), ""]]
    for specimen, doubt in zip(specimens, doubts, strict=True):
        values = (getattr(specimen.properties, key, None) for key in _SHOWN)
        rows.append([specimen.name, *(TENSILE[key].show(v) for key, v in zip(_SHOWN, values, strict=True)), doubt])
    return table_of(rows, remark=True)


def _intervals(specimen: "SpecimenReport") -> list[str]:
    from ..mechanics.quantities import TENSILE

    if specimen.band is None:
        return []
    lines = []
    for key, (low, high) in specimen.band.intervals.items():
        quantity = TENSILE[key]
        ends = quantity.show(low) + (f" to {quantity.show(high)}" if high < math.inf else " or more")
        unit = f" {quantity.shown_unit}" if quantity.shown_unit else ""
        lines.append(f"interval of {100 * specimen.band.confidence:g} %: {quantity.symbol} {ends}{unit}")
    return lines
