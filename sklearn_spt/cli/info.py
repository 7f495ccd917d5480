"""The command ``sklearn-spt info``."""

import argparse
import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..persistence import ModelInfo, read_model_info
from ..persistence.info import TRAINING_UNITS
from ..utils.tables import table_of
from ._options import MODEL_HELP, find_model

HELP = """\
Show what a model file says about its model: input, output, training ranges, parameters and versions.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("model", metavar="MODEL", help=MODEL_HELP)
    command.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    info = read_model_info(find_model(arguments.model))
    if arguments.json:
        facts = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(info).items()}
        print(json.dumps(facts, indent=1, default=_json_default))
        return
    print(f"{arguments.model}: {' > '.join(f'{name} ({kind})' for name, kind in info.steps.items())}")
    rows = [["sha256", info.sha256], ["rig", info.rig or "not recorded"]]
    beside = f"; {', '.join(_descriptors(info))} of the specimen" if _descriptors(info) else ""
    if info.displacement is not None:
        rows.append(["input", f"load (N) at {_format_grid(info.displacement)} mm of displacement{beside}"])
    if info.strain is not None:
        rows.append(["output", f"true stress (MPa) at {_format_grid(info.strain)} of true strain"])
    if info.elastic_modulus is not None:
        rows.append(["Young's modulus", f"{info.elastic_modulus:g} MPa"])
    rows.append(["saved with", ", ".join(f"{name} {version}" for name, version in info.versions.items())])
    print(table_of(rows, left=2))
    if info.training:
        print(f"training set: {info.training.get('n_curves', '?')} curves")
        ranges = {key: value for key, value in info.training.items() if key in TRAINING_UNITS}
        rows = [[key, f"{low:.5g} to {high:.5g} {TRAINING_UNITS[key]}"] for key, (low, high) in ranges.items()]
        print(_indented(rows))
    for title, content in (("parameters", info.parameters), ("metadata", dict(_flatten(info.metadata)))):
        if content:
            print(f"{title}:")
            shown = {name: json.dumps(value, default=_json_default) for name, value in content.items()}
            print(_indented([[k, f"{text[:100]} ..." if len(text) > 110 else text] for k, text in shown.items()]))


def _indented(rows: list[list[str]]) -> str:
    return textwrap.indent(table_of(rows, left=2), "  ")


def _descriptors(info: ModelInfo) -> Sequence[str]:
    return next((value for key, value in info.parameters.items() if key.endswith("__descriptors")), ())


def _flatten(mapping: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in mapping.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name} > ")
        else:
            yield f"{prefix}{name}", value


def _format_grid(grid: np.ndarray) -> str:
    return f"{len(grid)} points from {grid[0]:.5g} to {grid[-1]:.5g}"


def _json_default(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
