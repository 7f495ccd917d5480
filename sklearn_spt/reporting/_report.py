"""What a report says, found out specimen by specimen, and written as JSON and CSV."""

import csv
import io
import json
import math
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from .. import __version__
from .._damage import about_record
from .._displacement import learned_kind
from .._domain import (
    about_displacement,
    about_given_modulus,
    about_modulus,
    about_rig,
    about_toe,
    model_version,
    outside_training,
)
from .._files import atomic_path, file_name
from .._warnings import not_said, one_line, with_warnings
from ..curves import SPTCurve, as_curves
from ..exceptions import DoubtfulRecordWarning, UntrustedPredictionWarning
from ..io import read_curves
from ..io._facts import Specimen
from ..io._files import find_files
from ..io._specimens import read_specimens
from ..io._units import split_unit
from ..io._words import plain as plain_name
from ..mechanics import (
    CharacteristicQuantities,
    Correlation,
    TensileProperties,
    characteristic_quantities,
    engineering_curve,
    published_correlations,
    tensile_properties,
)
from ..mechanics.correlations import NEEDS
from ..persistence import ModelInfo, load_model
from ..preprocessing import CurveCutter, CurveSmoother
from ..simulation.rigs import RIGS, Rig

__all__ = ["CorrelationValue", "Report", "SpecimenReport", "UnreadFile", "make_report"]

SCHEMA_VERSION = 1
UNITS = {
    "displacement": "mm",
    "load": "N",
    "thickness": "mm",
    "temperature": "°C",
    "elastic_modulus": "MPa",
    "strain": "1",
    "stress": "MPa",
    "energy": "mJ",
}
# Columns of the tables: name, where it stands in a specimen's part of the document, symbol, unit.
QUANTITIES = (
    ("thickness", ("thickness",), "h0", "mm"),
    ("Fe", ("characteristic", "Fe"), "Fe", "N"),
    ("Fm", ("characteristic", "Fm"), "Fm", "N"),
    ("um", ("characteristic", "um"), "um", "mm"),
    ("proof_stress", ("properties", "proof_stress"), "Rp0.2", "MPa"),
    ("lower_yield_strength", ("properties", "lower_yield_strength"), "ReL", "MPa"),
    ("tensile_strength", ("properties", "tensile_strength"), "Rm", "MPa"),
    ("uniform_elongation", ("properties", "uniform_elongation"), "Ag", "1"),
    ("hardening_exponent", ("properties", "hardening_exponent"), "n", "1"),
    ("strength_coefficient", ("properties", "strength_coefficient"), "K", "MPa"),
)
# Those that the model predicts; the others are measured.
PREDICTED = frozenset(name for name, keys, _, _ in QUANTITIES if keys[0] == "properties")
# Those that are read off the record.
MEASURED = frozenset(name for name, keys, _, _ in QUANTITIES if keys[0] == "characteristic")
# Of a rig, what a specimen was tested with; the rest is for simulations.
_TOOLS = (
    "name", "punch_diameter", "punch_edge_radius", "disc_diameter", "hole_diameter", "hole_edge", "hole_edge_size",
    "clamp_diameter",
)  # fmt: skip
# Keys of a curve's metadata that name its group unless `group` says which; compared without regard to case.
GROUP_KEYS = ("material", "group")
# Columns of the table of specimens that mean something to the report.
_TABLE_COLUMNS = ("thickness", "temperature", "rig", "displacement kind", *GROUP_KEYS)
ALL = "all specimens"
UNGROUPED = "without a group"


@dataclass(frozen=True, kw_only=True)
class UnreadFile:
    """A file of which no curve could be read.

    Parameters
    ----------
    path : str
        The file.
    error : str
        What is wrong with it, and what to do.

    See Also
    --------
    Report : Lists them in `unread`.

    Examples
    --------
    >>> from sklearn_spt.reporting import UnreadFile
    >>> UnreadFile(path="lab/C1.csv", error="it has no columns of numbers").path
    'lab/C1.csv'
    """

    path: str
    error: str


@dataclass(frozen=True, kw_only=True)
class CorrelationValue:
    """What a correlation gives for one specimen, beside what the model predicts.

    Parameters
    ----------
    correlation : Correlation
        The correlation, with its coefficients and how well they are known.
    value : float or None
        What it gives, MPa, or 1 for the uniform elongation; None if a quantity that it needs is missing.
    predicted : float or None
        The same property of the predicted curve.
    missing : str or None
        Why there is no value.

    Attributes
    ----------
    difference : float or None
        `predicted` - `value`.

    See Also
    --------
    SpecimenReport : Lists them in `correlations`.

    Examples
    --------
    >>> from sklearn_spt.mechanics import published_correlations
    >>> from sklearn_spt.reporting import CorrelationValue
    >>> alpha = published_correlations()["Rp0.2 0.346"]
    >>> CorrelationValue(correlation=alpha, value=400.0, predicted=412.0, missing=None).difference
    12.0
    """

    correlation: Correlation
    value: float | None
    predicted: float | None
    missing: str | None

    @property
    def difference(self) -> float | None:
        """`predicted` - `value`; None without either."""
        return None if self.value is None or self.predicted is None else self.predicted - self.value


@dataclass(frozen=True, eq=False, kw_only=True)
class SpecimenReport:
    """What a report says of one specimen.

    Parameters
    ----------
    name : str
        Name of the specimen.
    measured : SPTCurve
        The curve as it was given.
    corrected : SPTCurve
        The curve that the model was given; `measured` if nothing was corrected.
    quantities_curve : SPTCurve
        The curve that the quantities were read off: `corrected` before it was cut or smoothed.
    group : str or None
        The group that the specimen belongs to, such as its material.
    tools : Rig or None
        The rig that the curve names, or else the model's, if the package knows it.
    quantities : CharacteristicQuantities or None
        What was read off `quantities_curve`; None if the curve could not be corrected.
    strain, stress : ndarray of shape (n_strains,) or None
        The predicted curve, true strain and true stress in MPa; None if there is no prediction.
    elastic_modulus : float or None
        Young's modulus that the properties rest on, MPa.
    elastic_modulus_origin : str or None
        Where it comes from.
    properties : TensileProperties or None
        Properties of the predicted curve.
    correlations : tuple of CorrelationValue
        The values of the correlations.
    warnings : tuple of str
        What was warned of when this specimen was read, corrected and predicted.
    untrusted : tuple of str
        Those of the warnings after which the predicted values are not to be used, such as a thickness outside the
        training range (:class:`~sklearn_spt.exceptions.UntrustedPredictionWarning`). Mean and scatter leave the
        predicted values of such a specimen out.
    record_in_doubt : bool
        Whether one of these says that the record is damaged or its unit in doubt
        (:class:`~sklearn_spt.exceptions.DoubtfulRecordWarning`). What was read off the record is left out as well then.
    error : str or None
        Why the specimen could not be evaluated.

    See Also
    --------
    make_report : Makes a report, which lists them in `specimens`.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.reporting import make_report
    >>> report = make_report([load_demo_curve()[0]], "sheet")
    >>> (specimen,) = report.specimens
    >>> specimen.name, specimen.error, round(specimen.quantities.Fm)
    ('demo', None, 14323)
    """

    name: str
    measured: SPTCurve
    corrected: SPTCurve
    quantities_curve: SPTCurve
    group: str | None
    tools: Rig | None
    quantities: CharacteristicQuantities | None
    strain: np.ndarray | None
    stress: np.ndarray | None
    elastic_modulus: float | None
    elastic_modulus_origin: str | None
    properties: TensileProperties | None
    correlations: tuple[CorrelationValue, ...]
    warnings: tuple[str, ...]
    untrusted: tuple[str, ...]
    record_in_doubt: bool
    error: str | None

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as it stands in the JSON file.

        Returns
        -------
        dict
            See the user guide on reports for the keys.
        """
        curve = self.corrected
        return {
            "name": self.name,
            "group": self.group,
            "thickness": curve.thickness,
            "temperature": curve.temperature,
            "rig": curve.rig,
            "tools": None if self.tools is None else {name: getattr(self.tools, name) for name in _TOOLS},
            "displacement_kind": self.measured.displacement_kind,
            "metadata": plain(self.measured.metadata),
            "source": None if self.measured.source is None else plain(asdict(self.measured.source)),
            "corrections": [plain(asdict(correction)) for correction in curve.corrections],
            "measured": _record(self.measured),
            "corrected": _record(curve),
            "quantities_record": _record(self.quantities_curve) if differ(self.quantities_curve, curve) else None,
            "characteristic": None if self.quantities is None else self.quantities.to_dict(),
            "elastic_modulus": self.elastic_modulus,
            "elastic_modulus_origin": self.elastic_modulus_origin,
            "stress_strain": self._stress_strain(),
            "properties": None if self.properties is None else self.properties.to_dict(),
            "correlations": [
                {**asdict(found.correlation), **_numbers(found), "missing": found.missing}
                for found in self.correlations
            ],
            "warnings": list(self.warnings),
            "untrusted": list(self.untrusted),
            "record_in_doubt": self.record_in_doubt,
            "error": self.error,
        }

    def _stress_strain(self) -> dict[str, Any] | None:
        if self.strain is None or self.stress is None:
            return None
        columns: dict[str, Any] = {"true_strain": self.strain.tolist(), "true_stress": self.stress.tolist()}
        # Behind the maximum force a specimen necks, and a uniform engineering curve would not be what a test records.
        columns |= {"engineering_strain": None, "engineering_stress": None}
        if self.properties is not None:
            end = self.properties.necking_strain
            engineering = engineering_curve(self.strain, self.stress)
            uniform = self.strain <= (np.inf if math.isnan(end) else end)
            for name, values in zip(("engineering_strain", "engineering_stress"), engineering, strict=True):
                columns[name] = [v if u else None for v, u in zip(values.tolist(), uniform.tolist(), strict=True)]
        return columns


def _numbers(found: CorrelationValue) -> dict[str, float | None]:
    return {"value": found.value, "predicted": found.predicted, "difference": found.difference}


def _record(curve: SPTCurve) -> dict[str, list[float]]:
    return {"displacement": curve.displacement.tolist(), "load": curve.load.tolist()}


def differ(one: SPTCurve, other: SPTCurve) -> bool:
    """Whether two curves have different points."""
    return not (np.array_equal(one.displacement, other.displacement) and np.array_equal(one.load, other.load))


def plain(value: Any) -> Any:
    """As JSON has it: metadata may hold anything."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


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
        from ._html import render

        page = render(self)
        with atomic_path(path) as temporary:
            temporary.write_text(page, encoding="utf-8", newline="\n")

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
        target = Path(path)
        document = self.to_dict()
        if target.suffix.lower() == ".json":
            _write_json(target, document)
            return
        target.mkdir(exist_ok=True)
        for name, specimen in zip(self._file_names(), document["specimens"], strict=True):
            _write_json(target / f"{name}.json", document | {"specimens": [specimen], "summary": {}, "unread": []})

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
        _write_csv(target / "summary.csv", _summary_rows(document))
        _write_csv(target / "groups.csv", _group_rows(document))
        for name, specimen in zip(self._file_names(), document["specimens"], strict=True):
            _write_csv(target / f"{name}.csv", _value_rows(document, specimen))
            _write_csv(target / f"{name}_load_displacement.csv", _record_rows(specimen))
            if specimen["stress_strain"] is not None:
                _write_csv(target / f"{name}_stress_strain.csv", _stress_rows(specimen))

    def _file_names(self) -> list[str]:
        """A name for each specimen's files, no two of which differ in case alone."""
        taken = {"summary", "groups"}
        names = []
        for specimen in self.specimens:
            base = name = file_name(specimen.name)
            number = 1
            while name.lower() in taken:
                number += 1
                name = f"{base}_{number}"
            taken.add(name.lower())
            names.append(name)
        return names

    def __str__(self) -> str:
        columns = (
            ("thickness", "h0, mm", 1, ".3f"),
            ("Fe", "Fe, N", 1, ".1f"),
            ("Fm", "Fm, N", 1, ".1f"),
            ("proof_stress", "Rp0.2, MPa", 1, ".1f"),
            ("tensile_strength", "Rm, MPa", 1, ".1f"),
            ("uniform_elongation", "Ag, %", 100, ".1f"),
        )
        rows = [["specimen", *(label for _, label, _, _ in columns), ""]]
        for specimen in self.specimens:
            values = values_of(specimen.to_dict())
            cells = [_show(values[name], factor, spec) for name, _, factor, spec in columns]
            n = len(specimen.warnings)
            remark = "not evaluated" if specimen.error else f"{n} warning{'s' if n > 1 else ''}" if n else ""
            remark += ", not to be trusted" if specimen.untrusted and not specimen.error else ""
            rows.append([specimen.name, *cells, remark])
        if len(self.specimens) > 1:
            for group, statistics in self.summary().items():
                for key in ("mean", "std"):
                    cells = [_show(statistics[name][key], factor, spec) for name, _, factor, spec in columns]
                    rows.append([f"{group}: {key}", *cells, ""])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if index in (0, len(widths) - 1) else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        doubtful = [s.name for s in self.specimens if s.untrusted and s.properties is not None]
        if doubtful and len(self.specimens) > 1:
            lines.append(f"mean and std leave the predicted values of {', '.join(doubtful)} out")
        damaged = [s.name for s in self.specimens if s.record_in_doubt]
        if damaged and len(self.specimens) > 1:
            lines.append(f"mean and std leave the measured values of {', '.join(damaged)} out")
        lines += [f"not read: {file.path}: {file.error}" for file in self.unread]
        return "\n".join(lines)


def _show(value: float | None, factor: float, spec: str) -> str:
    return "-" if value is None else format(factor * value, spec)


def values_of(specimen: Mapping[str, Any]) -> dict[str, float | None]:
    """The `QUANTITIES` of a specimen's part of the document."""
    values: dict[str, float | None] = {}
    for name, keys, _, _ in QUANTITIES:
        value: Any = specimen
        for key in keys:
            value = None if value is None else value[key]
        values[name] = value
    return values


def doubted(specimen: Mapping[str, Any], quantity: str) -> bool:
    """Whether a quantity of a specimen's part of the document is not to be trusted."""
    if quantity in MEASURED:
        return bool(specimen["record_in_doubt"])
    return bool(specimen["untrusted"]) and quantity in PREDICTED


def summarize(specimens: Sequence[Mapping[str, Any]], group_by: str | None) -> dict[str, Any]:
    """Mean and scatter by group of the specimens of a document."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for specimen in specimens:
        name = ALL if group_by is None else UNGROUPED if specimen["group"] is None else specimen["group"]
        groups.setdefault(name, []).append(specimen)
    summary: dict[str, Any] = {}
    for name, members in groups.items():
        summary[name] = {}
        for quantity, *_ in QUANTITIES:
            found = [(values_of(member)[quantity], doubted(member, quantity)) for member in members]
            every = [value for value, _ in found if value is not None]
            values = [value for value, doubts in found if value is not None and not doubts]
            (n, mean, std), (n_all, mean_all, std_all) = _statistics(values), _statistics(every)
            summary[name][quantity] = {
                "n": n,
                "mean": mean,
                "std": std,
                "min": min(values, default=None),
                "max": max(values, default=None),
                "n_all": n_all,
                "mean_all": mean_all,
                "std_all": std_all,
            }
    return summary


def _statistics(values: Sequence[float]) -> tuple[int, float | None, float | None]:
    """Number, mean, and standard deviation of the sample."""
    mean = float(np.mean(values)) if values else None
    return len(values), mean, float(np.std(values, ddof=1)) if len(values) > 1 else None


# JSON and CSV


def _write_json(path: Path, document: dict[str, Any]) -> None:
    with atomic_path(path) as temporary:
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        # Names of files may hold bytes that are no text; the escapes are those of JSON.
        temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace", newline="\n")


def _write_csv(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    # With the mark by which spreadsheets recognize UTF-8.
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))


def _column(name: str, unit: str) -> str:
    return name if unit == "1" else f"{name}_{unit}"


def _summary_rows(document: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    yield [
        "specimen",
        "group",
        "file",
        *(_column(name, unit) for name, _, _, unit in QUANTITIES),
        "n_warnings",
        "untrusted",
        "error",
        "model",
        "model_version",
        "model_sha256",
        "sklearn_spt",
    ]
    model = document["model"]
    made_with = [model["name"], model["version"], model["sha256"], document["software"].get("sklearn_spt")]
    for specimen in document["specimens"]:
        yield [
            specimen["name"],
            specimen["group"],
            specimen["source"] and specimen["source"]["path"],
            *values_of(specimen).values(),
            len(specimen["warnings"]),
            "; ".join(specimen["untrusted"]) or None,
            specimen["error"],
            *made_with,
        ]
    for file in document["unread"]:
        empty = [None] * (len(QUANTITIES) + 2)
        yield [None, None, file["path"], *empty, file["error"], *made_with]


def _group_rows(document: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    yield ["group", "quantity", "unit", "n", "mean", "std", "min", "max", "n_all", "mean_all", "std_all"]
    for group, statistics in document["summary"].items():
        for name, _, _, unit in QUANTITIES:
            yield [group, name, unit, *statistics[name].values()]


_CHARACTERISTIC_UNITS = {
    "Fe": "N", "Fe_astm": "N", "F_offset": "N", "Fi": "N", "Fm": "N", "FB": "N", "ue": "mm", "um": "mm", "uf": "mm",
    "ui": "mm", "u_start": "mm", "u_offset": "mm", "h0": "mm", "ESP": "mJ", "slope": "N/mm",
}  # fmt: skip
_PROPERTY_UNITS = {
    "proof_stress": "MPa", "lower_yield_strength": "MPa", "tensile_strength": "MPa", "strength_coefficient": "MPa",
}  # fmt: skip


def _value_rows(document: Mapping[str, Any], specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    yield ["section", "quantity", "value", "unit", "note"]
    for key in ("created", "laboratory", "operator", "job", "remarks"):
        yield ["report", key, document[key], None, None]
    for key in ("name", "group"):
        yield ["specimen", key, specimen[key], None, None]
    origin = (specimen["source"] or {}).get("origin", {})
    for key in ("thickness", "temperature", "rig", "displacement_kind"):
        yield ["specimen", key, specimen[key], UNITS.get(key), origin.get(key)]
    for key, value in (specimen["tools"] or {}).items():
        yield ["tools", key, value, None if isinstance(value, str) else "mm", None]
    for key, value in specimen["metadata"].items():
        yield ["metadata", key, value, None, None]
    for key, value in (specimen["source"] or {}).items():
        if isinstance(value, Mapping):
            for role, item in value.items():
                yield ["source", f"{key} {role}", item, None, None]
        elif isinstance(value, list):
            yield ["source", key, "; ".join(map(str, value)), None, None]
        else:
            yield ["source", key, value, None, None]
    for correction in specimen["corrections"]:
        yield ["correction", *correction.values()]
    for section, units in (("characteristic", _CHARACTERISTIC_UNITS), ("properties", _PROPERTY_UNITS)):
        found = specimen[section] or {}
        for key, value in found.items():
            if key == "fit_range":
                for end, number in zip(("from", "to"), value, strict=True):
                    yield [section, f"fit_{end}", number, "1", "true plastic strain of the fit of n and K"]
            elif key != "missing":
                yield [section, key, value, units.get(key, "1"), found["missing"].get(key)]
    yield ["properties", "elastic_modulus", specimen["elastic_modulus"], "MPa", specimen["elastic_modulus_origin"]]
    for found in specimen["correlations"]:
        unit = _PROPERTY_UNITS.get(found["property"], "1")
        summand = f" {found['intercept']:+g}" if found["intercept"] else ""
        formula = f"{found['slope']:g} * {found['predictor']}{summand} [{found['evidence']}]"
        yield [
            "correlation",
            f"{found['name']}: {found['property']}",
            found["value"],
            unit,
            found["missing"] or formula,
        ]
        yield ["correlation", f"{found['name']}: difference", found["difference"], unit, "predicted - correlation"]
    model = document["model"]
    for key in ("name", "file", "version", "sha256", "rig"):
        yield ["model", key, model[key], None, None]
    for name, number in document["software"].items():
        yield ["software", name, number, None, None]
    for text in specimen["warnings"]:
        yield ["warning", "not to be trusted" if text in specimen["untrusted"] else None, text, None, None]
    if specimen["error"] is not None:
        yield ["error", None, specimen["error"], None, None]


def _record_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    parts = ["measured", "corrected"] + ["quantities_record"] * (specimen["quantities_record"] is not None)
    columns = [specimen[part][name] for part in parts for name in ("displacement", "load")]
    yield [f"{part.partition('_')[0]}_{column}" for part in parts for column in ("displacement_mm", "load_N")]
    # A correction may leave points out.
    for index in range(max(map(len, columns))):
        yield [column[index] if index < len(column) else None for column in columns]


def _stress_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    curve = specimen["stress_strain"]
    names = ("true_strain", "true_stress", "engineering_strain", "engineering_stress")
    yield [f"{name}_MPa" if name.endswith("stress") else name for name in names]
    yield from zip(*(curve[name] or [None] * len(curve["true_strain"]) for name in names), strict=True)


# Making a report


def make_report(
    curves: Any,
    model: Any,
    *,
    corrections: Any = None,
    elastic_modulus: float | None = None,
    correlations: Mapping[str, Correlation] | Iterable[Correlation] | None = None,
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
    model : str, path-like or fitted model
        Name of a model that comes with the package, see `pretrained_model_path`; a file of `save_model`; or what
        `load_model` returns.
    corrections : transformer, default=None
        What corrects the curves first: a transformer that takes and returns a list of SPTCurve, such as a Pipeline of
        several. By default they stay as they were measured. The first steps of the model's pipeline that do so count
        as corrections too. The characteristic quantities are read off the curve before it is cut (`CurveCutter`) and
        smoothed (`CurveSmoother`).
    elastic_modulus : float, default=None
        Young's modulus, MPa, that Rp0.2, Ag, n and K rest on. By default that of the model file, else, of a model that
        was trained with ``elastic_modulus="curve"``, the slope of the predicted curve at its start.
    correlations : mapping or iterable of Correlation, default=None
        Correlations whose values stand beside the prediction. By default all of `published_correlations`, those with
        coefficients from memory among them, which the report marks.
    group : str, default=None
        Key of the curves' metadata by which the summary is grouped. By default "material" or "group", if there is one.
    rig : str, default=None
        Rig of all specimens, such as "EN10371". Takes the place of what the curves say.
    displacement_kind : {"crosshead", "punch", "deflection"}, default=None
        What the displacement of all curves is, see `SPTCurve`. Takes the place of what the curves say.
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
    demo       1.880  6715.2  14323.1  ...
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report.to_html(Path(folder, "report.html"))
    ...     report.to_json(Path(folder, "report.json"))
    ...     report.to_csv(Path(folder, "tables"))
    """
    steps = _check_corrections(corrections)
    model, described, info = _resolve_model(model)
    chosen = _check_correlations(correlations)
    if elastic_modulus is not None and not (math.isfinite(elastic_modulus) and elastic_modulus > 0):
        raise ValueError(f"make_report: elastic_modulus must be a positive number (MPa); got {elastic_modulus!r}")
    given, unread, general = _gather(curves, reading)
    if elastic_modulus is not None:
        general += map(one_line, about_given_modulus(elastic_modulus, info))
    facts = {name: v for name, v in (("rig", rig), ("displacement_kind", displacement_kind)) if v is not None}
    if facts:
        given = [(_stated(curve, facts), said) for curve, said in given]
    group_by, groups = _find_groups([curve for curve, _ in given], group)
    specimens = []
    names: dict[str, int] = {}
    for index, ((curve, said), of_group) in enumerate(zip(given, groups, strict=True), start=1):
        name = str(curve.name) if curve.name is not None else f"specimen {index}"
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            advice = "rename its file, or write a line 'Specimen: ...' into it"
            said = [*said, UserWarning(f"it is number {names[name]} of this name in the report; {advice}")]
        specimens.append(_evaluate(curve, name, of_group, said, model, info, steps, elastic_modulus, chosen))
    return Report(
        specimens=tuple(specimens),
        unread=tuple(unread),
        warnings=tuple(general),
        model=described,
        group_by=group_by,
        facts={"laboratory": laboratory, "operator": operator, "job": job, "remarks": remarks},
        created=created or datetime.now().astimezone(),
        software=_software(),
    )


def _resolve_model(model: Any) -> tuple[Any, dict[str, Any], ModelInfo]:
    """The fitted model, how the report describes it, and its facts."""
    path = None
    if isinstance(model, str | os.PathLike):
        from ..datasets._models import find_model

        path = find_model(model)
        model = load_model(path)
    info = getattr(model, "model_info_", None)
    if not isinstance(info, ModelInfo):
        raise TypeError(
            "make_report: model must be the name of a model that comes with the package, a model file, or what "
            f"load_model returns, so that the report can name it; got {type(model).__name__}. Save it with save_model"
        )
    if info.strain is None:
        raise ValueError(
            "make_report: the model does not say at which strains it gives stresses; save it anew with "
            "save_model(..., strain=...)"
        )
    if not hasattr(model, "predict"):
        raise TypeError(f"make_report: {type(model).__name__} predicts nothing; give a model that ends in a regressor")
    described = {
        "name": info.metadata.get("name", path.stem if path is not None else " > ".join(info.steps.values())),
        "file": None if path is None else path.name,
        "version": model_version(info),
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
    return model, described, info


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


def _check_corrections(corrections: Any) -> list[Any]:
    """The steps of the corrections, one by one."""
    if corrections is None:
        return []
    if isinstance(corrections, type) or not hasattr(corrections, "fit_transform"):
        what = f"the class {corrections.__name__}" if isinstance(corrections, type) else type(corrections).__name__
        raise TypeError(
            "make_report: corrections must be one transformer of curves, such as standard_corrections() or "
            f"ToeCorrector(); got {what}. Several make a Pipeline: make_pipeline(LoadOffsetCorrector(), ToeCorrector())"
        )
    return list(_flatten(corrections))


def _flatten(transformer: Any) -> Iterable[Any]:
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            yield from _flatten(step)
    elif transformer not in (None, "passthrough"):
        yield transformer


def _check_correlations(correlations: Any) -> list[Correlation]:
    if correlations is None:
        correlations = published_correlations()
    chosen = list(correlations.values() if isinstance(correlations, Mapping) else correlations)
    for correlation in chosen:
        if not isinstance(correlation, Correlation):
            raise TypeError(f"make_report: correlations must hold Correlation only; got {correlation!r}")
    return chosen


def _gather(
    curves: Any, reading: Mapping[str, Any] | None
) -> tuple[list[tuple[SPTCurve, list[Warning]]], list[UnreadFile], list[str]]:
    """The curves, each with what was warned of in reading it; the files that could not be read; other warnings."""
    entries = [curves] if isinstance(curves, str | os.PathLike) else curves
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, str | os.PathLike) for entry in entries):
        if reading:
            raise TypeError("make_report: reading= is for files, and curves were given")
        return [(curve, []) for curve in as_curves(curves)], [], []
    if not entries:
        raise ValueError("make_report: no curves and no files were given")
    options = dict(reading or {})
    files, folders = find_files([Path(entry) for entry in entries])
    table = options.get("metadata")
    if table is not None:
        rows = read_specimens(table).rows
        if not isinstance(table, Mapping):
            files = [file for file in files if not file.samefile(table)]
    found: list[tuple[SPTCurve, list[Warning]]] = []
    unread = []
    for file in files:
        try:
            of_file, said = with_warnings(read_curves, file, **options)
        except (ValueError, OSError, ImportError) as error:
            message = one_line(error)
            for prefix in (f"{file}: ", f"{file}, "):
                message = message.removeprefix(prefix)
            unread.append(UnreadFile(path=str(file), error=message))
        else:
            found += [(curve, said) for curve in of_file]
    if not found:
        first = unread[0]
        rest = f"; and {len(unread) - 1} more" if len(unread) > 1 else ""
        raise ValueError(f"make_report: no file could be read: {first.path}: {first.error}{rest}")
    general = _mistyped(rows.values()) if table is not None else []
    if table is not None and folders:
        names = {curve.name for curve, _ in found} | {n for file in files for n in (file.name, file.stem)}
        unused = [name for name in rows if name not in names]
        if unused:
            general.append(f"the table of specimens has lines for which there is no curve: {', '.join(unused)}")
    return found, unread, general


def _mistyped(rows: Iterable[Specimen]) -> list[str]:
    """Say which columns of the table of specimens have almost the name of one that means something."""
    said = []
    for key in dict.fromkeys(str(key) for row in rows for key in row.metadata):
        name = plain_name(split_unit(key).base)
        meant = get_close_matches(name, _TABLE_COLUMNS, n=1, cutoff=0.8)
        if meant and meant[0] != name:
            said.append(
                f"the table of specimens has a column {key!r}, which is listed with each specimen and not taken for "
                f"{meant[0]!r}; correct its name if that is meant"
            )
    return said


def _stated(curve: SPTCurve, facts: Mapping[str, str]) -> SPTCurve:
    """The curve with facts that were given for all."""
    source = curve.source
    if source is not None:
        source = replace(source, origin={**source.origin, **{name: f"{name}=" for name in facts}})
    return curve.replace(**facts, source=source)


def _find_groups(curves: Sequence[SPTCurve], group: str | None) -> tuple[str | None, list[str | None]]:
    wanted = GROUP_KEYS if group is None else (group,)
    for key in wanted:
        found = []
        for curve in curves:
            values = [v for k, v in curve.metadata.items() if str(k).strip().lower() == key.strip().lower()]
            # A column of numbers has "17" as 17.0.
            shown = f"{values[0]:g}" if values and isinstance(values[0], float) else str(values[0]) if values else ""
            found.append(shown.strip() or None)
        if any(value is not None for value in found):
            return key, found
    if group is not None and curves:
        known = sorted({str(key) for curve in curves for key in curve.metadata})
        raise ValueError(
            f"make_report: no curve has {group!r} in its metadata; there is {', '.join(map(repr, known)) or 'nothing'}"
        )
    return None, [None] * len(curves)


def _software() -> dict[str, str]:
    names = ("numpy", "scikit-learn", "scipy", "torch")
    versions = {name: installed_version(name) for name in names}
    return {"sklearn_spt": __version__, "python": platform.python_version(), **versions}


def _evaluate(
    curve: SPTCurve,
    name: str,
    group: str | None,
    said: list[Warning],
    model: Any,
    info: ModelInfo,
    corrections: list[Any],
    elastic_modulus: float | None,
    chosen: list[Correlation],
) -> SpecimenReport:
    """Everything about one specimen. An error ends its evaluation, and what was found so far is kept."""
    found: dict[str, Any] = dict.fromkeys(
        ("quantities", "strain", "stress", "elastic_modulus", "elastic_modulus_origin", "properties", "error")
    )
    found |= {"corrected": curve, "quantities_curve": curve, "correlations": ()}
    # Before anything is corrected: a cut or a smoothing hides the damage.
    remarks: list[Warning] = [*said, *about_record(curve)]

    def attempt(work: Callable[..., Any], *given: Any) -> Any:
        result, heard = with_warnings(work, *given)
        remarks.extend(not_said(heard, remarks))
        return result

    strain = np.asarray(info.strain)
    try:
        given = whole = curve
        for step in corrections:
            given, whole = _advance(step, step.fit_transform, given, whole, attempt)
        found["corrected"], whole = _corrected_in(model, given, whole, attempt)
        found["quantities_curve"] = whole
        found["quantities"] = quantities = characteristic_quantities(whole)
        found["correlations"] = _correlate(chosen, quantities, None)
        corrected = found["corrected"]
        remarks += about_rig(curve, info) + about_displacement(corrected, learned_kind(model)) + about_toe(corrected)
        remarks += outside_training(corrected, info, whole)
        stress = attempt(model.predict, [given])[0]
        found |= {"strain": strain, "stress": stress}
        modulus, origin = _find_modulus(elastic_modulus, info, strain, stress)
        found |= {"elastic_modulus": modulus, "elastic_modulus_origin": origin}
        if elastic_modulus is None:
            remarks += about_modulus(curve, info, modulus)
        found["properties"] = properties = tensile_properties(strain, stress, E=modulus)
        found["correlations"] = _correlate(chosen, quantities, properties)
    except (TypeError, ValueError) as error:
        found["error"] = one_line(error)
    tools = RIGS.get(curve.rig or info.rig or "")
    return SpecimenReport(
        name=name,
        measured=curve,
        group=group,
        tools=tools,
        warnings=tuple(map(one_line, remarks)),
        untrusted=tuple(one_line(remark) for remark in remarks if isinstance(remark, UntrustedPredictionWarning)),
        record_in_doubt=any(isinstance(remark, DoubtfulRecordWarning) for remark in remarks),
        **found,
    )


def _advance(
    step: Any, work: Callable[..., Any], given: SPTCurve, whole: SPTCurve, attempt: Callable[..., Any]
) -> tuple[SPTCurve, SPTCurve]:
    """What a step makes of the curve, and of what it would be if it had been neither cut nor smoothed."""

    def one(result: Any) -> SPTCurve:
        if not (isinstance(result, list) and len(result) == 1 and isinstance(result[0], SPTCurve)):
            raise TypeError(f"the correction {type(step).__name__} made no list of one SPTCurve of the curve")
        return result[0]

    changed = one(attempt(work, [given]))
    if isinstance(step, CurveCutter | CurveSmoother):
        return changed, whole
    return changed, changed if whole is given else one(attempt(work, [whole]))


def _corrected_in(
    model: Any, given: SPTCurve, whole: SPTCurve, attempt: Callable[..., Any]
) -> tuple[SPTCurve, SPTCurve]:
    """The curve behind those first steps of a pipeline that make curves of curves; the same if not cut or smoothed.

    What fails here fails in `predict` as well; until then, what there is can be read off.
    """
    for _, part in getattr(model, "steps", [])[:-1]:
        for step in _flatten(part):
            try:
                given, whole = _advance(step, step.transform, given, whole, attempt)
            except (TypeError, ValueError):
                return given, whole
    return given, whole


def _find_modulus(
    given: float | None, info: ModelInfo, strain: np.ndarray, stress: np.ndarray
) -> tuple[float | None, str | None]:
    if given is not None:
        return float(given), "given"
    if info.elastic_modulus is not None:
        return float(info.elastic_modulus), "model file"
    if any(key.endswith("elastic_modulus") and value == "curve" for key, value in info.parameters.items()):
        first = int(strain[0] == 0)
        return float(stress[first] / strain[first]), "slope of the predicted curve at its start"
    return None, None


def _correlate(
    chosen: Iterable[Correlation], quantities: CharacteristicQuantities, properties: TensileProperties | None
) -> tuple[CorrelationValue, ...]:
    values = []
    for correlation in chosen:
        # The report states the evidence of every coefficient.
        value = float(with_warnings(correlation.estimate, quantities)[0])
        missing = next((quantities.missing[n] for n in NEEDS[correlation.predictor] if n in quantities.missing), None)
        if math.isnan(value) and missing is None:
            missing = "it needs the thickness h0, which the curve does not have"
        predicted = math.nan if properties is None else float(getattr(properties, correlation.property))
        values.append(
            CorrelationValue(
                correlation=correlation,
                value=None if math.isnan(value) else value,
                predicted=None if math.isnan(predicted) else predicted,
                missing=missing,
            )
        )
    return tuple(values)
