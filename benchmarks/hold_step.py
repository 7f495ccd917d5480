"""What the deck's first step, in which the punch waits, does to the loads that CalculiX gives.

    python -m benchmarks.hold_step   # about 15 minutes on one core; goes on where it was ended

The same test with the package's deck and with one that presses from the first step on, at coarser and finer
increments, meshes and contacts, beside fedoo's loads (benchmarks.cross_code). CalculiX (ccx) must be installed.
"""

import re
from dataclasses import asdict, replace
from itertools import product
from typing import Any

import numpy as np

from sklearn_spt.simulation import MeshSettings
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import (
    Numerics,
    default_mesh,
    default_numerics,
    find_solver,
    first_deck,
    solver_version,
)
from sklearn_spt.simulation.calculix._deck import WEDGES, displacement_at
from sklearn_spt.simulation.calculix._run import run_deck

from ._cross_cases import FRICTION, METALS, PARTS, RIGS, STROKES
from ._record import record
from ._verification_runs import mesh_of
from .cross_code import STUDIED, case_key, kept, loads, package_rig, read_fedoo

RIG, METAL = STUDIED
# The change of fedoo's settings that moves its loads most.
FINEST = "elements two thirds as large"
SHOWN = PARTS[[0, 1, 2, 3, 5, 6, 8, 9, 10]]
_FIRST_STEP = re.compile(r"\*STEP,NLGEOM\n\*STATIC\n1,1\n.*?\*END STEP\n", re.DOTALL)
# (wait, increments, mesh, contact stiffness), the last three as factors of the package's own.
RUNS = [*product((True, False), (1.0, 0.5), (1, 2), (1.0,)), *product((True, False), (0.25,), (1,), (1.0,))]
RUNS += [(True, 0.5, 2, 4.0)]


def run(wait: bool, increments: float, mesh: float, stiffness: float) -> dict[str, Any]:
    """A test with CalculiX; without `wait` the deck's first step, in which the punch stands still, is left out."""
    rig, metal, thickness = package_rig(RIG), METALS[METAL], RIGS[RIG].thickness
    numerics = default_numerics(rig)
    numerics = replace(numerics, contact_stiffness=numerics.contact_stiffness * stiffness).refined(increments)
    settings = mesh_of(default_mesh(rig), mesh)
    name = f"hold_step-{'with' if wait else 'without'}-increments_{increments:g}-mesh_{mesh:g}-contact_{stiffness:g}"
    key = {**case_key(RIG, METAL), "wait": wait, "mesh": asdict(settings), "numerics": asdict(numerics)}
    return kept(name, key, lambda: press(wait, settings, numerics, rig, metal, thickness))


def press(wait: bool, mesh: MeshSettings, numerics: Numerics, rig: Any, metal: Any, thickness: float) -> dict[str, Any]:
    deck = first_deck(
        law_material(metal.law, metal.nu),
        rig,
        thickness=thickness,
        friction=FRICTION,
        stroke=STROKES[RIG],
        mesh=mesh,
        numerics=numerics,
    )
    if not wait:
        deck, found = _FIRST_STEP.subn("", deck)
        if found != 1 or deck.count("*STEP") != 1:
            raise RuntimeError("the deck no longer begins with one step in which the punch waits")
    solver = find_solver()
    result = run_deck(deck, solver=solver, node_set="PUNCH", timeout=3000, start=1.0 if wait else 0.0)
    new = np.diff(result.time, prepend=-1.0) > 0
    return {
        "displacement": displacement_at(result.time[new], STROKES[RIG]).tolist(),
        "load": (-WEDGES * result.force[new, 1]).tolist(),
        "stopped": "" if result.completed else result.last_words,
        "cpu_s": round(result.cpu_s, 1),
        "versions": {"CalculiX": solver_version(solver)},
    }


def main() -> None:
    at = SHOWN * RIGS[RIG].thickness
    reference = loads(read_fedoo(RIG, METAL, FINEST), at)
    heads = [f"{u:g} mm" for u in at]
    rows: list[dict[str, Any]] = [
        {"run": "fedoo, N", **{head: f"{x:.1f}" for head, x in zip(heads, reference, strict=True)}}
    ]
    for wait, increments, mesh, stiffness in RUNS:
        result = run(wait, increments, mesh, stiffness)
        difference = 100 * (loads(result, at) / reference - 1)
        what = f"{'waits' if wait else 'presses at once'}; increments × {increments:g}, mesh × {mesh:g}"
        if stiffness != 1:
            what += f", contact × {stiffness:g}"
        cells = {head: "–" if np.isnan(x) else f"{x:+.2f}" for head, x in zip(heads, difference, strict=True)}
        rows.append({"run": what, **cells, "CPU s": result["cpu_s"]})
    record(
        "hold_step",
        title="CalculiX with and without a first step in which the punch waits: loads beside fedoo's, %",
        rows=rows,
        note=(
            f"EN 10371, standard disc, {METAL}, friction {FRICTION:g}; travel of the punch in the heads. Factors are "
            "of the package's own increments, elements per length and contact stiffness. fedoo with its small elements."
        ),
    )


if __name__ == "__main__":
    main()
