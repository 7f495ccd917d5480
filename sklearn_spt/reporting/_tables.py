"""A report as JSON and as tables for spreadsheets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..mechanics.quantities import QUANTITIES
from ..utils.files import atomic_path
from ._document import SUMMARY, UNITS, values_of


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a document as JSON."""
    with atomic_path(path) as temporary:
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        # Names of files may hold bytes that are no text; the escapes are those of JSON.
        temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace", newline="\n")


def _column(name: str) -> str:
    """Name and unit of a column of the summary."""
    unit = SUMMARY[name][0].unit
    return name if unit == "1" else f"{name}_{unit}"


def summary_rows(document: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """One line per specimen, and the files that were not read."""
    yield [
        "specimen",
        "group",
        "file",
        *map(_column, SUMMARY),
        "n_warnings",
        "verdict",
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
            specimen["verdict"],
            "; ".join(specimen["untrusted"]) or None,
            specimen["error"],
            *made_with,
        ]
    for file in document["unread"]:
        empty = [None] * (len(SUMMARY) + 3)
        yield [None, None, file["path"], *empty, file["error"], *made_with]


def group_rows(document: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """Mean and scatter by group and quantity."""
    yield ["group", "quantity", "unit", "n", "mean", "std", "min", "max", "n_all", "mean_all", "std_all"]
    for group, statistics in document["summary"].items():
        for name, (quantity, _) in SUMMARY.items():
            yield [group, name, quantity.unit, *statistics[name].values()]


def value_rows(document: Mapping[str, Any], specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """Everything of one specimen that is a single value."""
    yield ["section", "quantity", "value", "unit", "note"]
    for key in ("created", "laboratory", "operator", "job", "remarks"):
        yield ["report", key, document[key], None, None]
    yield from _specimen_rows(specimen)
    for correction in specimen["corrections"]:
        yield ["correction", *correction.values()]
    yield from _quantity_rows(specimen)
    for found in specimen["correlations"]:
        yield from _correlation_rows(found)
    model = document["model"]
    for key in ("name", "file", "version", "sha256", "rig"):
        yield ["model", key, model[key], None, None]
    for name, number in document["software"].items():
        yield ["software", name, number, None, None]
    for text in specimen["warnings"]:
        yield ["warning", "not to be trusted" if text in specimen["untrusted"] else None, text, None, None]
    if specimen["error"] is not None:
        yield ["error", None, specimen["error"], None, None]


def _specimen_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    for key in ("name", "group", "verdict"):
        yield ["specimen", key, specimen[key], None, None]
    source = specimen["source"] or {}
    for key in ("thickness", "temperature", "rig", "displacement_kind"):
        yield ["specimen", key, specimen[key], UNITS.get(key), source.get("origin", {}).get(key)]
    for key, value in (specimen["tools"] or {}).items():
        yield ["tools", key, value, None if isinstance(value, str) else "mm", None]
    for key, value in specimen["metadata"].items():
        yield ["metadata", key, value, None, None]
    for key, value in source.items():
        if isinstance(value, Mapping):
            for role, item in value.items():
                yield ["source", f"{key} {role}", item, None, None]
        else:
            yield ["source", key, "; ".join(map(str, value)) if isinstance(value, list) else value, None, None]


def _quantity_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    for section in ("characteristic", "properties"):
        found = specimen[section] or {}
        for key, value in found.items():
            if key == "fit_range":
                for end, number in zip(("from", "to"), value, strict=True):
                    yield [section, f"fit_{end}", number, "1", "true plastic strain of the fit of n and K"]
            elif key in QUANTITIES:
                yield [section, key, value, QUANTITIES[key].unit, found["missing"].get(key)]
    band = specimen["band"]
    for key, ends in ({} if band is None else band["intervals"]).items():
        for end, value in zip(("from", "to"), ends, strict=True):
            yield ["band", f"{key}_{end}", value, QUANTITIES[key].unit, f"confidence {band['confidence']:g}"]
    yield ["properties", "elastic_modulus", specimen["elastic_modulus"], "MPa", specimen["elastic_modulus_origin"]]


def _correlation_rows(found: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    unit = QUANTITIES[found["property"]].unit
    summand = f" {found['intercept']:+g}" if found["intercept"] else ""
    formula = f"{found['slope']:g} * {found['predictor']}{summand} [{found['evidence']}]"
    name = found["name"]
    yield ["correlation", f"{name}: {found['property']}", found["value"], unit, found["missing"] or formula]
    yield ["correlation", f"{name}: difference", found["difference"], unit, "predicted - correlation"]


def record_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """The record as measured, as corrected, and as it was read off where that is another."""
    parts = ["measured", "corrected"] + ["quantities_record"] * (specimen["quantities_record"] is not None)
    columns = [specimen[part][name] for part in parts for name in ("displacement", "load")]
    yield [f"{part.partition('_')[0]}_{column}" for part in parts for column in ("displacement_mm", "load_N")]
    # A correction may leave points out.
    for index in range(max(map(len, columns))):
        yield [column[index] if index < len(column) else None for column in columns]


def stress_rows(specimen: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """The predicted curve, and the edges of its band where there is one."""
    curve = specimen["stress_strain"]
    names = ("true_strain", "true_stress", "engineering_strain", "engineering_stress")
    columns = [curve[name] or [None] * len(curve["true_strain"]) for name in names]
    head = [f"{name}_MPa" if name.endswith("stress") else name for name in names]
    if specimen["band"] is not None:
        columns += [specimen["band"][edge] for edge in ("lower", "upper")]
        head += ["band_lower_MPa", "band_upper_MPa"]
    yield head
    yield from zip(*columns, strict=True)
