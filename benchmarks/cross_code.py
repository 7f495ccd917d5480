"""Comparison of codes: the same small punch tests with fedoo, with CalculiX and with the embedded solver.

    python -m benchmarks.cross_code fedoo     # in an environment with the extra crosscheck; about an hour on one core
    python -m benchmarks.cross_code compare   # in the package's own environment; CalculiX (ccx) must be installed

Each run is kept in a file of its own in benchmarks/results/cross_code; a command that was ended goes on where it was.
Runs whose settings have changed are computed anew; to compute another anew, delete its file. The first command needs
fedoo, simcoon and ipctk (GPL), numpy and scipy, and nothing else.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from ._cross_cases import FRICTION, METALS, PARTS, RIGS, STROKES

FOLDER = Path(__file__).parent / "results" / "cross_code"
# What each number of fedoo's model changes, shown on one case.
STUDIED = ("standard", "steel")
CHANGES: dict[str, dict[str, float]] = {
    "barrier halved": {"barrier": 0.5},
    "slip halved": {"slip": 0.5},
    "increments halved": {"increments": 2},
    "elements two thirds as large": {"rows": 1.5, "edge": 2 / 3, "coarse": 2 / 3, "facet": 2 / 3},
    "tool facets halved": {"facet": 0.5},
}
# Codes that the package runs, by the options of simulate_spt that choose them.
CODES: dict[str, dict[str, Any]] = {"embedded": {}, "CalculiX": {"solver": "calculix"}}


def file_of(name: str) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}.json"


def kept(name: str, key: dict[str, Any], compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A run from its file, where it was made with the same key; else computed and written."""
    path = file_of(name)
    if path.exists():
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if known["key"] == key:
            return known
    result = {"key": key, **compute()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Not the package's own helper: the other environment need not have what the package needs.
    handle, temporary = tempfile.mkstemp(dir=FOLDER, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(result, file)
        file.write("\n")
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    print(
        f"{name}: {len(result['load'])} points to {result['displacement'][-1]:.3f} mm, {result['cpu_s']} s", flush=True
    )
    return result


def loads(run: dict[str, Any], displacement: np.ndarray) -> np.ndarray:
    """Loads (N) at displacements (mm); NaN beyond the run's end."""
    u, load = np.array(run["displacement"]), np.array(run["load"])
    if u[0] > 0:
        u, load = np.insert(u, 0, 0.0), np.insert(load, 0, 0.0)
    # The ends of the strokes agree to rounding.
    result = PchipInterpolator(u, load)(np.minimum(displacement, u[-1]))
    return np.where(displacement > u[-1] * 1.002, np.nan, result)


def case_key(rig: str, metal: str) -> dict[str, Any]:
    """What a run depends on besides its code's own settings."""
    law = METALS[metal].law
    return {
        "rig": asdict(RIGS[rig]),
        "law": [type(law).__name__, asdict(law)],
        "nu": METALS[metal].nu,
        "friction": FRICTION,
        "stroke": STROKES[rig],
    }


def fedoo_name(rig: str, metal: str, change: str = "") -> str:
    return "-".join(part for part in ("fedoo", rig, metal, change) if part)


def run_fedoo(rig: str, metal: str, change: str = "") -> dict[str, Any]:
    """A test with fedoo, with the settings of the comparison or one of the changed ones."""
    from ._cross_fedoo import Settings, simulate

    values = asdict(Settings())
    for name, factor in CHANGES.get(change, {}).items():
        values[name] = type(values[name])(round(values[name] * factor, 6))
    settings = Settings(**values)
    return kept(
        fedoo_name(rig, metal, change),
        {**case_key(rig, metal), "settings": asdict(settings)},
        lambda: simulate(METALS[metal], RIGS[rig], STROKES[rig], settings),
    )


def all_fedoo() -> None:
    """Every case, and the study of the settings."""
    for rig, metal in product(RIGS, METALS):
        run_fedoo(rig, metal)
    for change in CHANGES:
        run_fedoo(*STUDIED, change)


def read_fedoo(rig: str, metal: str, change: str = "") -> dict[str, Any]:
    """A kept run of fedoo, which the package's own environment cannot make."""
    path = file_of(fedoo_name(rig, metal, change))
    if not path.exists():
        raise SystemExit(f"{path} is missing; run 'python -m benchmarks.cross_code fedoo' with the extra crosscheck")
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    expected = json.loads(json.dumps(case_key(rig, metal)))
    if any(run["key"][name] != value for name, value in expected.items()):
        raise SystemExit(f"{path} is of another case than benchmarks/_cross_cases.py describes; run fedoo anew")
    return run


def package_rig(name: str) -> Any:
    """The rig as the package takes it."""
    from sklearn_spt.simulation import Rig

    rig = RIGS[name]
    return Rig(
        name=f"EN 10371 {name}",
        punch_diameter=2 * rig.ball_radius,
        punch_edge_radius=rig.ball_radius,
        disc_diameter=2 * rig.disc_radius,
        hole_diameter=2 * rig.hole_radius,
        hole_edge="chamfer",
        hole_edge_size=rig.chamfer,
        thickness_range=(0.9 * rig.thickness, 1.1 * rig.thickness),
        max_stroke=1.5 * STROKES[name],
    )


def run_package(rig: str, metal: str, code: str) -> dict[str, Any]:
    """A test with the package."""
    from sklearn_spt.simulation import embedded, simulate_spt

    key = {**case_key(rig, metal), "code": code}
    if code == "embedded":
        key["solver"] = f"embedded {embedded.VERSION}"

    def compute() -> dict[str, Any]:
        begin = os.times()
        curve = simulate_spt(
            METALS[metal].law,
            package_rig(rig),
            thickness=RIGS[rig].thickness,
            nu=METALS[metal].nu,
            friction=FRICTION,
            stroke=STROKES[rig],
            **CODES[code],
        )
        end = os.times()
        return {
            "displacement": curve.displacement.tolist(),
            "load": curve.load.tolist(),
            "stopped": "" if curve.metadata["completed"] else str(curve.metadata["ended_by"]),
            "cpu_s": round(sum(end[:4]) - sum(begin[:4]), 1),
            "versions": {code: str(curve.metadata["solver"])},
        }

    return kept(f"{code}-{rig}-{metal}".lower(), key, compute)


def table_row(names: dict[str, str], values: np.ndarray, form: str, run: dict[str, Any]) -> dict[str, Any]:
    """A row of a table: what it is, a value for every displacement, and what the run cost."""
    cells = ["–" if np.isnan(x) else format(x, form) for x in values]
    heads = [f"{part:g} h0" for part in PARTS]
    return {**names, **dict(zip(heads, cells, strict=True)), "CPU s": run["cpu_s"]}


def compare() -> None:
    """The runs of the package, and the tables of both."""
    from ._record import record

    rows = []
    made_with: dict[str, None] = {}
    for rig, metal in product(RIGS, METALS):
        at = PARTS * RIGS[rig].thickness
        fedoo = read_fedoo(rig, metal)
        reference = loads(fedoo, at)
        names = {"rig": rig, "material": metal}
        rows.append(table_row({**names, "code": "fedoo, N"}, reference, ".1f", fedoo))
        made_with |= dict.fromkeys(f"{name} {version}" for name, version in fedoo["versions"].items())
        for code in CODES:
            run = run_package(rig, metal, code)
            rows.append(table_row({**names, "code": f"{code}, %"}, 100 * (loads(run, at) / reference - 1), "+.2f", run))
            made_with[run["versions"][code]] = None
    record(
        "cross_code",
        title="Codes compared: loads of fedoo in N, and how far the others lie from them, %",
        command="python -m benchmarks.cross_code compare",
        rows=rows,
        note=(
            f"Both rigs of EN 10371, friction {FRICTION:g}, clamped outside the chamfer. In the heads: travel of the "
            f"punch as a part of the thickness. Runs that ended earlier have no value there. Made with "
            f"{', '.join(made_with)}."
        ),
    )
    base = read_fedoo(*STUDIED)
    at = PARTS * RIGS[STUDIED[0]].thickness
    reference = loads(base, at)
    rows = [table_row({"change": "none, N"}, reference, ".1f", base)]
    for change in CHANGES:
        run = read_fedoo(*STUDIED, change)
        rows.append(table_row({"change": f"{change}, %"}, 100 * (loads(run, at) / reference - 1), "+.2f", run))
    settings = ", ".join(f"{name} {value:g}" for name, value in base["settings"].items())
    record(
        "cross_code_settings",
        title="What the settings of fedoo's model change in its loads, %",
        command="python -m benchmarks.cross_code compare",
        rows=rows,
        note=(
            f"{STUDIED[1].capitalize()} in the {STUDIED[0]} rig. Settings, lengths as parts of the ball's radius: "
            f"{settings}."
        ),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=("fedoo", "compare"))
    if parser.parse_args().command == "fedoo":
        all_fedoo()
    else:
        compare()
