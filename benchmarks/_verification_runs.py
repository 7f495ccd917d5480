"""Runs of the verification: each is kept in a file of its own, so that an interrupted verification goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt.mechanics import HardeningLaw, PowerLaw, Swift
from sklearn_spt.simulation import MeshSettings, Rig, calculix, embedded, get_rig, simulate_spt
from sklearn_spt.simulation.embedded import Numerics, default_mesh, increments, tools
from sklearn_spt.simulation.embedded.numerics import travels
from sklearn_spt.utils.files import atomic_path

from ._record import RESULTS

FOLDER = RESULTS / "verification"

# Laws and Poisson's ratios.
MATERIALS: dict[str, tuple[HardeningLaw, float]] = {
    "steel 300 MPa": (PowerLaw(E=210_000, sigma0=300, n=0.20), 0.3),
    "steel 900 MPa": (PowerLaw(E=210_000, sigma0=900, n=0.06), 0.3),
    "copper": (Swift(E=120_000, K=450, epsilon0=0.002, n=0.40), 0.34),
    "sheet K=600": (Swift(E=70_000, K=600, epsilon0=0.01, n=0.35), 0.35),
    "sheet K=2200": (Swift(E=70_000, K=2200, epsilon0=0.01, n=0.12), 0.35),
}
FRICTION = 0.1
# Simulations end where the load has dropped by so much behind its maximum.
LOAD_DROP = 0.02
FACTORS = ("mesh", "increment", "contact", "stick", "equilibrium", "corner")
STROKES = {"EN10371": 3.0, "SHEET": 3.0, "MINIATURE": 1.2}


@dataclass(frozen=True)
class Specimen:
    """A disc in a rig."""

    rig: str
    material: str
    thickness: float

    def __str__(self) -> str:
        return f"{self.rig} {self.material} h={self.thickness:g}"

    @property
    def law(self) -> HardeningLaw:
        return MATERIALS[self.material][0]

    @property
    def nu(self) -> float:
        return MATERIALS[self.material][1]

    @property
    def tools(self) -> Rig:
        """The rig, which takes any thickness here: its range is that of the bundled sets."""
        return get_rig(self.rig).replace(thickness_range=(0.01, 10))


SPECIMENS = [
    *(Specimen("EN10371", m, h) for m in ("steel 300 MPa", "steel 900 MPa", "copper") for h in (0.25, 0.5, 0.75)),
    Specimen("SHEET", "sheet K=600", 1.0),
    Specimen("SHEET", "sheet K=2200", 1.7),
    Specimen("SHEET", "sheet K=600", 3.5),
    Specimen("MINIATURE", "steel 300 MPa", 0.25),
]
# Specimens that CalculiX presses too, and how far, mm: about to the greatest load, or in the sheet rig to where both
# programs begin to depend on the mesh.
CROSS_CHECKED = {
    Specimen("EN10371", "steel 300 MPa", 0.5): 1.7,
    Specimen("SHEET", "sheet K=600", 1.0): 2.0,
    Specimen("EN10371", "steel 900 MPa", 0.5): 1.6,
    Specimen("SHEET", "sheet K=2200", 1.7): 1.8,
    Specimen("EN10371", "copper", 0.25): 1.7,
}


def mesh_of(shipped: MeshSettings, factor: float) -> MeshSettings:
    """A mesh with all sizes divided by a factor, the tools' facets too."""
    return replace(
        shipped,
        rows=round(shipped.rows * factor),
        edge_size=shipped.edge_size / factor,
        coarse_size=shipped.coarse_size / factor,
        growth=shipped.growth / factor,
        arc_segments=round(shipped.arc_segments * factor),
    )


def run(specimen: Specimen, **changes: float) -> dict[str, Any]:
    """A simulated test, from its file if it is there.

    `changes` are the coefficient `friction`, and factors on what the solver does: the fineness of the `mesh`, the
    `increment`, the contact's stiffness (`contact`) and that of sticking (`stick`), what counts as equilibrium
    (`equilibrium`) and the radius of a chamfer's corners (`corner`). Displacements and loads are those at the ends of
    the default increments, at which smaller ones end as well.
    """
    rig = specimen.tools
    default = Numerics()
    points = travels(rig, STROKES[specimen.rig], default)
    setting = {"friction": FRICTION, **dict.fromkeys(FACTORS, 1.0), **changes}
    numerics = Numerics(
        contact_stiffness=default.contact_stiffness * setting["contact"],
        stick_ratio=default.stick_ratio * setting["stick"],
        increment=float(points[-3] - points[-4]) * setting["increment"],
    )

    def compute() -> dict[str, Any]:
        with (
            patch.object(increments, "_TOLERANCE", increments._TOLERANCE * setting["equilibrium"]),
            patch.object(tools, "_CORNER", tools._CORNER * setting["corner"]),
        ):
            curve = simulate_spt(
                specimen.law,
                rig,
                thickness=specimen.thickness,
                nu=specimen.nu,
                friction=setting["friction"],
                stroke=STROKES[specimen.rig],
                load_drop=LOAD_DROP,
                mesh=mesh_of(default_mesh(rig), setting["mesh"]),
                numerics=numerics,
            )
        at = np.isin(curve.displacement.round(7), np.append(0.0, points.round(7)))
        facts = {key: curve.metadata[key] for key in ("ended_by", "halvings", "largest_strain", "cpu_s")}
        return facts | as_result(curve.displacement[at], curve.load[at])

    label = " ".join(f"{key}={value:g}" for key, value in changes.items())
    return kept(f"{specimen} {label}".strip(), {"solver": f"embedded {embedded.VERSION}"}, compute)


def calculix_run(specimen: Specimen, increment: float) -> dict[str, Any]:
    """The test with CalculiX, on the embedded solver's mesh with finely faceted tools.

    `increment` is a factor on CalculiX's default increments.
    """
    rig, stroke = specimen.tools, CROSS_CHECKED[specimen]
    numerics = calculix.default_numerics(rig).refined(increment)
    mesh = replace(default_mesh(rig), arc_segments=96)

    def compute() -> dict[str, Any]:
        curve = simulate_spt(
            specimen.law,
            rig,
            thickness=specimen.thickness,
            nu=specimen.nu,
            friction=FRICTION,
            stroke=stroke,
            mesh=mesh,
            numerics=numerics,
            solver="calculix",
            timeout=6000,
        )
        facts = {key: curve.metadata[key] for key in ("ended_by", "attempts", "wrong_increments", "numerics", "cpu_s")}
        return facts | {"program": curve.metadata["solver"]} | as_result(curve.displacement, curve.load)

    return kept(f"calculix {specimen} dt={increment:g}", {"stroke": stroke, "arc_segments": 96}, compute)


def as_result(displacement: np.ndarray, load: np.ndarray) -> dict[str, list[float]]:
    return {"displacement": displacement.round(6).tolist(), "load": [float(f"{value:.7g}") for value in load]}


def kept(name: str, setting: dict[str, Any], compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a computation gave with this setting, from its file if it is there."""
    known = read(name)
    if known is not None and known["setting"] == setting:
        return known
    found = {"setting": setting, **compute()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    with atomic_path(_path(name)) as temporary:
        temporary.write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(f"{name}: {found.get('cpu_s', 0):.1f} s CPU", flush=True)
    return found


def read(name: str) -> dict[str, Any] | None:
    path = _path(name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _path(name: str) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}.json"


def compared(curve: dict[str, Any], reference: dict[str, Any]) -> dict[str, np.ndarray]:
    """Displacements, loads, and loads of a reference there, up to the reference's maximum or the end of the curve."""
    u, load = np.array(curve["displacement"]), np.array(curve["load"])
    ur, loadr = np.array(reference["displacement"]), np.array(reference["load"])
    inside = u <= ur[int(np.argmax(loadr))]
    # A straight line between the reference's points would be off by more than what is compared, where it bends.
    return {"u": u[inside], "load": load[inside], "reference": PchipInterpolator(ur, loadr)(u[inside])}


def differences(curve: dict[str, Any], reference: dict[str, Any]) -> dict[str, float]:
    """Differences of the load up to the reference's maximum, % of that maximum."""
    part = compared(curve, reference)
    top = part["reference"].max()
    error = 100 * (part["load"] - part["reference"]) / top
    return {
        "rms": float(np.sqrt(np.mean(error**2))),
        "maximum": float(np.abs(error).max()),
        "at Fm": float(100 * (np.max(part["load"]) / top - 1)),
    }
