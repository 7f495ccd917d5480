"""A report: specimens evaluated one by one, and written as a page, JSON and tables."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from .._version import __version__
from ..evaluation._evaluate import evaluate_checked
from ..evaluation._given import check_alpha, check_corrections, check_modulus, described, find_model
from ..evaluation._result import plain
from ..mechanics import Correlation, published_correlations
from ..persistence import ModelInfo
from ..simulation.rigs import RIGS
from ..utils.files import atomic_path, file_names, write_csv
from ..utils.tables import table_of
from . import _tables
from ._document import SUMMARY, UNITS, SpecimenReport, UnreadFile, summarize, values_of
from ._gather import Gathered, find_groups, gather
from ._page import render

__all__ = ["Report", "make_report"]

SCHEMA_VERSION = 1
_PRINTED = ("thickness", "Fe", "Fm", "proof_stress", "tensile_strength", "uniform_elongation")


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """The report of one or several small punch tests. `make_report` makes it.

    ``print(report)`` gives a table of the specimens.

    Parameters
    ----------
    specimens : tuple of SpecimenReport
        The specimens, in the order of the curves.
    unread : tuple of UnreadFile
        Files that could not be read.
    warnings : tuple of str
        What concerns no single specimen.
    model : dict
        Name, file, checksum, versions, steps, rig, Young's modulus, training ranges, stated errors and metadata of the
        model.
    group_by : str or None
        Key of the metadata that the specimens are grouped by.
    facts : dict
        "laboratory", "operator", "job" and "remarks", as they were given.
    created : datetime
        When the report was made.
    software : dict of str to str
        Versions that it was made with.

    See Also
    --------
    make_report : Makes it from curves or files.

    Examples
    --------
    See `make_report`.
    """

    specimens: tuple[SpecimenReport, ...]
    unread: tuple[UnreadFile, ...] = ()
    warnings: tuple[str, ...] = ()
    model: Mapping[str, Any]
    group_by: str | None = None
    facts: Mapping[str, str | None] = field(default_factory=dict)
    created: datetime
    software: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every file could be read and every specimen evaluated."""
        return not self.unread and all(specimen.error is None for specimen in self.specimens)

    def summary(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """Mean and scatter of what was found, by group.

        Returns
        -------
        dict
            For every group (``"all specimens"`` where there are no groups) and quantity, such as "proof_stress", the
            number `n` of the specimens that have it, and `mean`, `std` (of the sample, with n - 1; None for one
            specimen), `min` and `max`. The predicted values of specimens that are not to be trusted
            (`SpecimenReport.untrusted`) are left out of these, and the measured ones too where the record is damaged or
            its unit in doubt; `n_all`, `mean_all` and `std_all` count all specimens.
            In mm, N and MPa; strains and elongations are no percentages.
        """
        return summarize([specimen.to_dict() for specimen in self.specimens], self.group_by)

    def to_dict(self) -> dict[str, Any]:
        """The whole report as plain Python values, as it stands in the JSON file.

        Returns
        -------
        dict
            See the user guide on reports for the keys.
        """
        specimens = [specimen.to_dict() for specimen in self.specimens]
        return {
            "schema_version": SCHEMA_VERSION,
            "created": self.created.isoformat(timespec="seconds"),
            "software": dict(self.software),
            **self.facts,
            "units": UNITS,
            "model": plain(self.model),
            "group_by": self.group_by,
            "specimens": specimens,
            "summary": summarize(specimens, self.group_by),
            "unread": [asdict(file) for file in self.unread],
            "warnings": list(self.warnings),
        }

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report as one HTML file without anything from outside: it opens offline and runs no script.

        Parameters
        ----------
        path : path-like
            The file; replaced if it exists.

        Raises
        ------
        FileNotFoundError
            If the folder does not exist.
        ImportError
            If matplotlib is not installed.
        """
        # A folder that does not exist is told before the pictures are drawn.
        with atomic_path(path) as temporary:
            temporary.write_text(render(self.to_dict(), self.specimens), encoding="utf-8", newline="\n")

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write the report as JSON.

        Parameters
        ----------
        path : path-like
            If it ends in ".json", the file for all specimens; else a folder, made if need be, that gets one file per
            specimen, each with that specimen alone. Files of the same names are replaced.

        Raises
        ------
        FileNotFoundError
            If the folder around it does not exist.
        """
        document = self.to_dict()
        target = Path(path)
        if target.suffix.lower() == ".json":
            _tables.write_json(target, document)
            return
        target.mkdir(exist_ok=True)
        for file, specimen in zip(json_files(target, self._names), document["specimens"], strict=True):
            _tables.write_json(file, document | {"specimens": [specimen], "summary": {}, "unread": []})

    def to_csv(self, folder: str | os.PathLike[str]) -> None:
        """Write the report as tables, with a comma between the columns and a decimal point.

        ``summary.csv`` has one line per specimen and ``groups.csv`` mean and scatter. Every specimen gets three files:
        ``NAME.csv`` with everything that is a single value, ``NAME_load_displacement.csv`` with the measured and the
        corrected record, and ``NAME_stress_strain.csv`` with the predicted curve, the engineering one up to the maximum
        force.

        Parameters
        ----------
        folder : path-like
            The folder, made if need be. Files of the same names are replaced.

        Raises
        ------
        FileNotFoundError
            If the folder around it does not exist.
        """
        target = Path(folder)
        target.mkdir(exist_ok=True)
        document = self.to_dict()
        summary, groups, *others = csv_files(target, self._names)
        write_csv(summary, _tables.summary_rows(document), mark=True)
        write_csv(groups, _tables.group_rows(document), mark=True)
        for index, specimen in enumerate(document["specimens"]):
            values, record, curve = others[3 * index : 3 * index + 3]
            write_csv(values, _tables.value_rows(document, specimen), mark=True)
            write_csv(record, _tables.record_rows(specimen), mark=True)
            if specimen["stress_strain"] is not None:
                write_csv(curve, _tables.stress_rows(specimen), mark=True)

    @property
    def _names(self) -> list[str]:
        return [specimen.name for specimen in self.specimens]

    def __str__(self) -> str:
        rows = [["specimen", *(SUMMARY[name][0].heading for name in _PRINTED), ""]]
        for specimen in self.specimens:
            values = values_of(specimen.to_dict())
            n = len(specimen.warnings)
            remark = specimen.verdict if specimen.error else f"{n} warning{'s' if n > 1 else ''}" if n else ""
            remark += f", {specimen.verdict}" if specimen.untrusted and not specimen.error else ""
            rows.append([specimen.name, *(SUMMARY[name][0].show(values[name]) for name in _PRINTED), remark])
        if len(self.specimens) > 1:
            for group, statistics in self.summary().items():
                for key in ("mean", "std"):
                    cells = [SUMMARY[name][0].show(statistics[name][key]) for name in _PRINTED]
                    rows.append([f"{group}: {key}", *cells, ""])
        lines = [table_of(rows, remark=True)]
        doubtful = [s.name for s in self.specimens if s.untrusted and s.properties is not None]
        if doubtful and len(self.specimens) > 1:
            lines.append(f"mean and std leave the predicted values of {', '.join(doubtful)} out")
        damaged = [s.name for s in self.specimens if s.record_in_doubt]
        if damaged and len(self.specimens) > 1:
            lines.append(f"mean and std leave the measured values of {', '.join(damaged)} out")
        lines += [f"not read: {file.path}: {file.error}" for file in self.unread]
        return "\n".join(lines)


def json_files(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files of `Report.to_json` in a folder for specimens of these names."""
    return [folder / f"{name}.json" for name in file_names(names)]


def csv_files(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files of `Report.to_csv` for specimens of these names: two, and three for each specimen."""
    files = [folder / "summary.csv", folder / "groups.csv"]
    endings = ("", "_load_displacement", "_stress_strain")
    for name in file_names(names, reserved=("summary", "groups"), endings=endings):
        files += [folder / f"{name}{ending}.csv" for ending in endings]
    return files


@described
def make_report(
    curves: Any,
    model: Any,
    *,
    corrections: Any = "standard",
    elastic_modulus: float | None = None,
    correlations: Mapping[str, Correlation] | Iterable[Correlation] | None = None,
    alpha: float | None = None,
    group: str | None = None,
    rig: str | None = None,
    displacement_kind: str | None = None,
    laboratory: str | None = None,
    operator: str | None = None,
    job: str | None = None,
    remarks: str | None = None,
    created: datetime | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Report:
    """Evaluate small punch tests and gather everything that a report of them states.

    Each specimen is corrected, read off and predicted by itself. What goes wrong with one file or one specimen does not
    stop the others; it stands in the report (`unread`, and `error` of a specimen), and `complete` is False.

    Parameters
    ----------
    curves : path-like, sequence of path-likes, or list of SPTCurve or of arrays of shape (n_points, 2)
        Files, folders and patterns as `read_curves` takes them, or curves (mm, N).
    {model}
    {corrections}
    {elastic_modulus}
    correlations : mapping or iterable of Correlation, default=None
        Correlations whose values stand beside the prediction. By default all of `published_correlations`, those with
        coefficients from memory among them, which the report marks.
    alpha : float, default=None
        The part of the curves that may leave the band, of a model that was calibrated for one
        (`ConformalCurveRegressor`): 0.1 for a band of 90 %. By default what the model has.
    group : str, default=None
        Key of the curves' metadata by which the summary is grouped. By default "material" or "group", if there is one.
    rig : str, default=None
        Rig of all specimens, such as "EN10371". Overrides what the curves say.
    displacement_kind : {"crosshead", "punch", "deflection"}, default=None
        What the displacement of all curves is, see `SPTCurve`. Overrides what the curves say.
    laboratory, operator, job, remarks : str, default=None
        What the report's head says.
    created : datetime, default=None
        Date of the report, by default now.
    reading : mapping, default=None
        Options of `read_curves`, such as ``{"metadata": "specimens.csv"}``, where `curves` are files.

    Returns
    -------
    Report

    Raises
    ------
    FileNotFoundError
        If a path does not exist or a folder holds no file of a test.
    sklearn_spt.persistence.ModelFileError
        If the model file is not usable.
    TypeError, ValueError
        If an option is not valid (`corrections` is a list, say), no file could be read, the model does not say what it
        is, or `group` is in no curve's metadata.

    See Also
    --------
    sklearn_spt.io.read_curves : Reads the files.
    sklearn_spt.evaluation.evaluate : Evaluates a single curve.
    sklearn_spt.mechanics.tensile_properties : What the properties are.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.reporting import make_report
    >>> report = make_report([load_demo_curve()[0]], "sheet", laboratory="Laboratory A", correlations=())
    >>> print(report)  # doctest: +ELLIPSIS
    specimen  h0, mm   Fe, N    Fm, N  Rp0.2, MPa  Rm, MPa  Ag, %
    demo       1.880  6786.9  14032.1  ...
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report.to_html(Path(folder, "report.html"))
    ...     report.to_json(Path(folder, "report.json"))
    ...     report.to_csv(Path(folder, "tables"))
    """
    gathered = gather(curves, reading, rig=rig, displacement_kind=displacement_kind)
    facts = {"laboratory": laboratory, "operator": operator, "job": job, "remarks": remarks}
    return report_on(
        gathered,
        model,
        corrections=corrections,
        elastic_modulus=elastic_modulus,
        correlations=correlations,
        alpha=alpha,
        group=group,
        facts=facts,
        created=created,
    )


def report_on(
    gathered: Gathered,
    model: Any,
    *,
    corrections: Any = "standard",
    elastic_modulus: float | None = None,
    correlations: Mapping[str, Correlation] | Iterable[Correlation] | None = None,
    alpha: float | None = None,
    group: str | None = None,
    facts: Mapping[str, str | None] | None = None,
    created: datetime | None = None,
) -> Report:
    """As `make_report`, of what was read."""
    model, path = find_model(model)
    steps_for = check_corrections(corrections, model)
    info: ModelInfo = model.model_info_
    chosen = _check_correlations(correlations)
    check_modulus(elastic_modulus)
    check_alpha(alpha, model)
    group_by, groups = find_groups([curve for curve, _ in gathered.curves], group)
    specimens = []
    names: dict[str, int] = {}
    for name, (curve, said), of_group in zip(gathered.names, gathered.curves, groups, strict=True):
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            advice = "rename its file, or write a line 'Specimen: ...' into it"
            said = [*said, UserWarning(f"it is number {names[name]} of this name in the report; {advice}")]
        found = evaluate_checked(curve, model, steps_for(curve), elastic_modulus, chosen, alpha, name, said)
        tools = RIGS.get(curve.rig or info.rig or "")
        specimens.append(SpecimenReport(**vars(found), group=of_group, tools=tools))
    return Report(
        specimens=tuple(specimens),
        unread=tuple(gathered.unread),
        warnings=tuple(gathered.warnings),
        model=_describe(info, path),
        group_by=group_by,
        facts=facts or {},
        created=created or datetime.now().astimezone(),
        software=_software(),
    )


def _describe(info: ModelInfo, path: Path | None) -> dict[str, Any]:
    """The model as the report describes it."""
    return {
        "name": info.metadata.get("name", path.stem if path is not None else " > ".join(info.steps.values())),
        "file": None if path is None else path.name,
        "version": info.version,
        "sha256": info.sha256,
        "format_version": info.format_version,
        "saved_with": info.versions,
        "steps": info.steps,
        "rig": info.rig,
        "elastic_modulus": info.elastic_modulus,
        "training": info.training,
        "errors": _stated_errors(info, path),
        "metadata": info.metadata,
    }


def _stated_errors(info: ModelInfo, path: Path | None) -> list[dict[str, Any]] | None:
    """The rows of the table of errors on curves that were held out: in the file, or beside a bundled model."""
    stated: Any = info.metadata.get("held_out")
    if stated is None:
        stated = _beside(path)
    if not isinstance(stated, Mapping):
        return None
    errors = stated.get("errors", stated.get("conditions"))
    if isinstance(errors, Mapping):
        errors = [{"error": name, **row} for name, row in errors.items() if isinstance(row, Mapping)]
    if not isinstance(errors, list) or not all(isinstance(row, Mapping) for row in errors):
        return None
    # Beside the model's own there may be the errors of what it is compared with.
    own = [row for row in errors if row.get("read by", "network") == "network"]
    return [{key: value for key, value in row.items() if key != "read by"} for row in own] or None


def _beside(path: Path | None) -> Any:
    """What the JSON file beside a model says; None without one."""
    beside = None if path is None else path.with_suffix(".json")
    if beside is None or not beside.is_file():
        return None
    try:
        return json.loads(beside.read_text(encoding="utf-8"))
    except ValueError:
        return None


def _check_correlations(correlations: Any) -> list[Correlation]:
    if correlations is None:
        correlations = published_correlations()
    chosen = list(correlations.values() if isinstance(correlations, Mapping) else correlations)
    for correlation in chosen:
        if not isinstance(correlation, Correlation):
            raise TypeError(f"correlations must hold Correlation only; got {correlation!r}")
    return chosen


def _software() -> dict[str, str]:
    names = ("numpy", "scikit-learn", "scipy", "torch")
    versions = {name: installed_version(name) for name in names}
    return {"sklearn_spt": __version__, "python": platform.python_version(), **versions}
