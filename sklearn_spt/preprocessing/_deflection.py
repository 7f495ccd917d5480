"""The thinning of the disc under the punch: displacement of the punch minus deflection of the specimen."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

# The thickness at which the relation's `thinning` holds as it is, mm.
NOMINAL = 0.5


@cache
def relation(rig: str, kind: str) -> dict[str, Any] | None:
    """The fit of python -m benchmarks.deflection for records of a kind ("deflection", "punch"); None if there is none.

    `x` (displacements of that kind, mm), `thinning` (mm, at `NOMINAL`), `slope` (its change per mm of thickness) and
    `error` (root mean square on simulated tests that were not fitted, mm) are arrays of one length; `thickness` is the
    range that was fitted (mm).
    """
    table = json.loads((files(__package__) / "data" / "deflection.json").read_text(encoding="utf-8"))
    if rig != table["rig"]:
        return None
    found = {name: np.append(0.0, values) for name, values in table[kind].items()}
    return {**found, "thickness": table["thickness"]}


def thinning(found: dict[str, Any], u: np.ndarray, thickness: float) -> np.ndarray:
    """The thinning at displacements u, mm: none before contact, and beyond the last x with the last slope."""
    x, values = found["x"], found["thinning"] + (thickness - NOMINAL) * found["slope"]
    growth = (values[-1] - values[-2]) / (x[-1] - x[-2])
    return np.interp(u, x, values) + growth * np.maximum(u - x[-1], 0.0)
