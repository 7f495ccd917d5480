"""Runs of the verification: each is kept in a file of its own, so that an interrupted verification goes on."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt.mechanics import HardeningLaw, PowerLaw, Swift
from sklearn_spt.simulation import MeshSettings, Rig, get_rig, simulate_spt
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import default_mesh, default_numerics, first_deck
from sklearn_spt.utils.files import atomic_path

from ._record import RESULTS

FOLDER = RESULTS / "verification"

MATERIALS: dict[str, HardeningLaw] = {
    "Swift K=600 n=0.35": Swift(E=70_000, K=600, epsilon0=0.01, n=0.35),
    "Swift K=2200 n=0.12": Swift(E=70_000, K=2200, epsilon0=0.01, n=0.12),
    "power law 300 MPa n=0.20": PowerLaw(E=210_000, sigma0=300, n=0.20),
    "power law 900 MPa n=0.06": PowerLaw(E=210_000, sigma0=900, n=0.06),
}
# What the bundled sets are simulated with.
TESTS: dict[str, dict[str, Any]] = {
    "SHEET": {"nu": 0.35, "stroke": 3.0},
    "EN10371": {"nu": 0.3, "stroke": 2.3, "load_drop": 0.05},
}


def mesh_of(rig: Rig, factor: float) -> MeshSettings:
    """The rig's mesh with all sizes divided by a factor, the tools' facets too."""
    shipped = default_mesh(rig)
    return MeshSettings(
        rows=round(shipped.rows * factor),
        edge_size=shipped.edge_size / factor,
        coarse_size=shipped.coarse_size / factor,
        growth=shipped.growth / factor,
        arc_segments=round(shipped.arc_segments * factor),
    )


def run(
    rig_name: str,
    material: str,
    thickness: float,
    *,
    friction: float = 0.1,
    mesh: float = 1.0,
    stiffness: float = 1.0,
    increment: float = 1.0,
) -> dict[str, Any]:
    """A simulated test, from its file if it is there; the factors change mesh, contact stiffness and increments."""
    rig = get_rig(rig_name)
    numerics = default_numerics(rig)
    numerics = replace(numerics, contact_stiffness=numerics.contact_stiffness * stiffness).refined(increment)
    options: dict[str, Any] = {**TESTS[rig_name], "thickness": thickness, "friction": friction}
    options |= {"mesh": mesh_of(rig, mesh), "numerics": numerics}
    law = MATERIALS[material]
    name = f"{rig_name} {material} h={thickness:g} mu={friction:g} mesh={mesh:g} k={stiffness:g} dt={increment:g}"
    return simulated(name, law, rig, options)


def simulated(name: str, law: HardeningLaw, rig: Rig, options: dict[str, Any]) -> dict[str, Any]:
    """A test simulated with these options of `simulate_spt`, or read from its file if the deck is still the same."""
    others = {key: value for key, value in options.items() if key not in ("load_drop", "nu")}
    first = first_deck(law_material(law, options["nu"]), rig, **others)
    deck = hashlib.sha256(first.encode()).hexdigest()
    kept = read(name)
    if kept is not None and kept["deck_sha256"] == deck:
        return kept
    curve = simulate_spt(law, rig, **options, name=name, timeout=3000)
    record = {key: curve.metadata[key] for key in ("completed", "ended_by", "attempts", "wrong_increments", "cpu_s")}
    record |= {
        "mesh": curve.metadata["mesh"],
        "numerics": curve.metadata["numerics"],
        "solver": curve.metadata["solver"],
    }
    record |= {"displacement": curve.displacement.round(5).tolist(), "load": curve.load.round(2).tolist()}
    return write(name, {"deck_sha256": deck, **record})


def _path(name: str) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}.json"


def read(name: str) -> dict[str, Any] | None:
    path = _path(name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write(name: str, record: dict[str, Any]) -> dict[str, Any]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with atomic_path(_path(name)) as temporary:
        temporary.write_text(json.dumps(record) + "\n", encoding="utf-8")
    print(f"{name}: {record.get('cpu_s', 0):.0f} s CPU", flush=True)
    return record


def compared(curve: dict[str, Any], reference: dict[str, Any], beyond: float = 0.05) -> dict[str, np.ndarray]:
    """Loads of a curve and of a reference at the curve's displacements, up to where both have a load.

    What lies before the part `beyond` of the longer stroke is left out: the load there is near zero.
    """
    u, load = np.array(curve["displacement"]), np.array(curve["load"])
    ur, loadr = np.array(reference["displacement"]), np.array(reference["load"])
    inside = (u <= ur[-1]) & (u >= beyond * ur[-1])
    return {
        "u": u[inside],
        "load": load[inside],
        # A straight line between the reference's points would be off by more than the meshes are, where it bends.
        "reference": PchipInterpolator(ur, loadr)(u[inside]),
        "Fm": np.array(loadr.max()),
    }


def ripple(part: dict[str, np.ndarray], degree: int = 6) -> np.ndarray:
    """Difference from the reference without its smooth trend (a polynomial over the displacement), parts of Fm."""
    difference = (part["load"] - part["reference"]) / part["Fm"]
    trend = np.polynomial.Polynomial.fit(part["u"], difference, degree)
    return difference - trend(part["u"])
