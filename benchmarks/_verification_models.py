"""Small models whose answer is known, made with the embedded solver's own mesh, contact and increments."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_spt.mechanics import HardeningLaw
from sklearn_spt.simulation import MeshSettings, Rig
from sklearn_spt.simulation._flow import Material, law_material
from sklearn_spt.simulation._mesh import graded
from sklearn_spt.simulation._punch_test import punch_test
from sklearn_spt.simulation.embedded import Numerics, default_mesh
from sklearn_spt.simulation.embedded.contact import Contact, Touch
from sklearn_spt.simulation.embedded.increments import Model
from sklearn_spt.simulation.embedded.material import FlowTable
from sklearn_spt.simulation.embedded.mesh import Grid
from sklearn_spt.simulation.embedded.numerics import travels
from sklearn_spt.simulation.embedded.spt import build
from sklearn_spt.simulation.embedded.tools import Ball, RoundedPolyline, Tool

# Flow stress (MPa) that is never reached.
NEVER = 1e9


def elastic(E: float, nu: float) -> Material:
    return Material(E=E, nu=nu, plastic_strain=np.array([0.0, 1.0]), flow_stress=np.array([NEVER, 2 * NEVER]))


def table_of(material: Material) -> FlowTable:
    return FlowTable(material.E, material.nu, material.plastic_strain, material.flow_stress)


def advance(model: Model, travel: float) -> None:
    if not model.advance(float(travel)):
        raise RuntimeError(f"there is no equilibrium beyond {model.travel:g} mm")


def block(r: np.ndarray, depth: np.ndarray, tool: Tool, material: Material, stiffness: float) -> Model:
    """A cylinder on a rigid base under a frictionless tool, meshed at radii `r` and at `depth`; stiffness in MPa/mm."""
    grid = Grid.between(r, -depth[::-1])
    radius, height = grid.nodes.T
    base = np.flatnonzero(height < -depth[-1] + 1e-9)
    fixed = np.unique(np.concatenate([2 * np.flatnonzero(radius == 0), 2 * base, 2 * base + 1]))
    contact = Contact(tool, grid.nodes, grid.top, stiffness=stiffness, stick_ratio=0.1, friction=0.0, moving=True)
    return Model(grid, table_of(material), fixed=fixed, contacts=[contact])


# -- Hertz --------------------------------------------------------------------------------------------------------
def hertz_load(E: float, nu: float, radius: float, approach: np.ndarray) -> np.ndarray:
    """Load of a rigid ball on an elastic half-space, 4/3·E/(1 - ν²)·√R·δ^1.5.

    K. L. Johnson, Contact Mechanics, Cambridge University Press 1985, chapter 4 (Hertz's theory).
    """
    return 4 / 3 * E / (1 - nu**2) * np.sqrt(radius) * approach**1.5


def hertz(*, elements_in_contact: int = 8, height: float = 10.0) -> dict[str, Any]:
    """Rigid ball of radius 1.25 mm on an elastic block, to a contact radius of 3 % of the ball's."""
    E, nu, radius, a = 210_000.0, 0.3, 1.25, 0.03 * 1.25
    fine = a / elements_in_contact
    at = graded(height, [(0, 1.3 * a, fine)], height / 8, 0.35)
    # The contact's own compliance must be small against the approach of a micrometre.
    model = block(at, at, Ball(radius), elastic(E, nu), stiffness=1000 * E / a)
    u, load = np.linspace(0, a**2 / radius, 21)[1:], []
    for travel in u:
        advance(model, travel)
        load.append(model.tool_force())
    return {
        "contact_radius": a,
        "displacement": u.tolist(),
        "load": load,
        "reference": hertz_load(E, nu, radius, u).tolist(),
    }


# -- clamped plate ------------------------------------------------------------------------------------------------
def plate_stiffness(E: float, nu: float, thickness: float, outer: float, ring: float) -> tuple[float, float]:
    """Load over deflection under a ring load on a clamped circular plate, N/mm: thin plate, and with shear.

    The thin plate's deflection integrates d/dr[(1/r)·d/dr(r·dw/dr)] = Q/D with Q = P/(2πr) outside the ring and 0
    inside (S. Timoshenko, S. Woinowsky-Krieger, Theory of Plates and Shells, McGraw-Hill 1959, chapter 3). Shear adds
    P·ln(a/b)/(2π·(5/6)·G·h), Reissner's shear coefficient 5/6 integrated over Q.
    """
    D = E * thickness**3 / (12 * (1 - nu**2))
    a, b = outer, ring
    # Inside w = A + B·r²; outside w = C + F·r² + H·ln r + r²·ln(r)/(8πD) for P = 1. At r = b: w, w' and the radial
    # moment (so w'') are continuous; at r = a: w = w' = 0.
    q = 1 / (8 * np.pi * D)
    unknowns = np.array(
        [
            [1, b**2, -1, -(b**2), -np.log(b)],
            [0, 2 * b, 0, -2 * b, -1 / b],
            [0, 2, 0, -2, 1 / b**2],
            [0, 0, 1, a**2, np.log(a)],
            [0, 0, 0, 2 * a, 1 / a],
        ]
    )
    right = q * np.array(
        [b**2 * np.log(b), b * (2 * np.log(b) + 1), 2 * np.log(b) + 3, -(a**2) * np.log(a), -a * (2 * np.log(a) + 1)]
    )
    A, B, *_ = np.linalg.solve(unknowns, right)
    bending = A + B * b**2
    shear = np.log(a / b) / (2 * np.pi * (5 / 6) * E / (2 * (1 + nu)) * thickness)
    return float(1 / bending), float(1 / (bending + shear))


def plate(thickness: float, *, size: float = 0.05, rows: int = 4) -> dict[str, Any]:
    """A disc clamped at its edge under the flat punch of rig SHEET, to a hundredth of its thickness."""
    E, nu = 70_000.0, 0.35
    rig = Rig(
        name="plate",
        punch_diameter=5.5,
        punch_edge_radius=0.78,
        disc_diameter=13.0,
        thickness_range=(0.1, 4),
        max_stroke=4.5,
    )
    test = punch_test(rig, thickness, friction=0.0)
    mesh = MeshSettings(rows=rows, edge_size=size, coarse_size=0.3)
    model, _ = build(elastic(E, nu), test, mesh, Numerics(contact_stiffness=200.0))
    for travel in np.linspace(0, 0.01 * thickness, 11)[1:]:
        advance(model, travel)
    thin, thick = plate_stiffness(E, nu, thickness, 6.5, 2.75 - 0.78)
    stiffness = model.tool_force() / model.travel
    return {"thickness": thickness, "stiffness": stiffness, "thin plate": thin, "with shear": thick}


# -- indentation by a cone ----------------------------------------------------------------------------------------
# code_aster's test SSNA111 (document V6.01.111). Young's modulus, Poisson's ratio, yield stress and slope of the stress
# over the total strain (MPa), the indenter's face 2.7·z = r and its travel are those of its command files ssna111a.comm
# to c.comm; the block, 10 mm in radius and 5 mm high, and its mesh are those of ssna111a.datg.
CONE_SLOPE = 2.7
CONE_DEPTH = 0.4
CONE_BACK = 0.008
BLOCK = (10.0, 5.0)
# What the test compares, by the travel of the indenter, mm: the vertical force on the block's node at the tip, N/rad
# (ssna111a.comm, revision of 2017, active constraints without friction). The second one is behind the way back.
TIP_FORCES = {0.25: 8.77013009279, 0.392: 4.89667549836}


def linear_hardening(E: float = 2e5, nu: float = 0.3, yield_stress: float = 300.0, slope: float = 5000.0) -> Material:
    plastic = slope * E / (E - slope)
    strain = np.array([0.0, 10.0])
    return Material(E=E, nu=nu, plastic_strain=strain, flow_stress=yield_stress + plastic * strain)


def cone(*, fine: float = 0.1, height: float = BLOCK[1]) -> dict[str, Any]:
    """The cone of code_aster's test pressed into its block, meshed finest at the tip."""
    r, depth = (graded(size, [(0, 1.3, fine)], 1.25, 0.3) for size in (BLOCK[0], height))
    flank = np.array([20.0 * CONE_SLOPE, 20.0])
    tool = RoundedPolyline(np.array([flank * [-1, 1], [0.0, 0.0], flank]), 0.0)
    model = block(r, depth, tool, linear_hardening(), stiffness=100 * 2e5 / fine)
    u, load = np.linspace(0, CONE_DEPTH, 81)[1:], []
    for travel in u:
        advance(model, travel)
        load.append(model.tool_force())
    return {"displacement": u.tolist(), "load": load}


# -- one element in tension ---------------------------------------------------------------------------------------
def tension(law: HardeningLaw, *, nu: float = 0.3, strain: float = 0.3, increment: float = 0.02) -> dict[str, Any]:
    """One element drawn to a true strain: its true stress, force over area, beside the law's.

    The law's stress is taken at the same strain, and at the same plastic strain. The two differ where elastic strains
    are great: the elastic strain is Kirchhoff's stress over Young's modulus here, the true stress over it in the law.
    """
    grid = Grid.between(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    r, z = grid.nodes.T
    driven = 2 * np.flatnonzero(z == 1) + 1
    fixed = np.concatenate([2 * np.flatnonzero(r == 0), 2 * np.flatnonzero(z == 0) + 1, driven])
    model = Model(grid, table_of(law_material(law, nu)), fixed=fixed, driven=driven)
    corner = 2 * int(np.flatnonzero((r == 1) & (z == 0))[0])
    true_strain = np.linspace(0, strain, round(strain / increment) + 1)[1:]
    E, force, area = law.E, [], []
    for travel in np.expm1(true_strain):
        advance(model, travel)
        force.append(model.reaction(driven))
        area.append(np.pi * (1 + model.displacement[corner]) ** 2)
    stress = np.array(force) / area
    kirchhoff = np.array(force) / np.pi * np.exp(true_strain)
    return {
        "strain": true_strain.tolist(),
        "stress": stress.tolist(),
        "law": law.true_stress(true_strain).tolist(),
        "law at the plastic strain": law.true_stress(true_strain - (kirchhoff - stress) / E).tolist(),
    }


# -- energy -------------------------------------------------------------------------------------------------------
@dataclass
class Energy:
    """Work done on a disc and where it went, mJ.

    `friction` is what sliding takes and the springs of sticking hold, `penalty` what the springs of the contact hold.
    """

    external: float = 0.0
    plastic: float = 0.0
    elastic: float = 0.0
    friction: float = 0.0
    penalty: float = 0.0

    @property
    def rest(self) -> float:
        return self.external - self.plastic - self.elastic - self.friction - self.penalty


def energy(
    rig: Rig,
    law: HardeningLaw,
    *,
    thickness: float,
    nu: float,
    friction: float,
    stroke: float,
    numerics: Numerics | None = None,
    mesh: MeshSettings | None = None,
) -> Energy:
    """Energies of a small punch test at its end.

    The works of the punch, of plastic strains and of friction are integrals over the increments, by the trapezoidal
    rule; the other energies follow from the state at the end. The plastic work per initial volume is the integral of
    Kirchhoff's flow stress J σ(p) over p. It depends on the way, as the elastic change of volume J does.
    """
    test = punch_test(rig, thickness, friction, stroke)
    numerics = Numerics() if numerics is None else numerics
    model, _ = build(law_material(law, nu), test, default_mesh(rig) if mesh is None else mesh, numerics)
    volume, table = model.elements.volume, model.table
    work = Energy()
    load, J, touches = 0.0, np.ones_like(volume), []
    for travel in travels(rig, stroke, numerics):
        place, start, rubbed, strain = model.displacement, model.travel, model.friction, model.state.strain
        advance(model, travel)
        moved, motion = model.displacement - place, model.travel - start
        touches = [
            contact.touch(model.grid.nodes.ravel() + model.displacement, moved, before, model.travel, motion)
            for contact, before in zip(model.contacts, rubbed, strict=True)
        ]
        for contact, touch, before in zip(model.contacts, touches, rubbed, strict=True):
            work.friction += _rubbing(contact, touch, before, moved, motion)
        work.external += 0.5 * (load + model.tool_force()) * motion
        load = model.tool_force()
        flow = _flow_integral(table, model.state.strain) - _flow_integral(table, strain)
        work.plastic += float(volume @ (0.5 * (J + model._response.J) * flow))
        J = model._response.J
    if model.halvings:
        raise RuntimeError("increments were halved, and the friction's work is not that of the whole ones")
    tau = model._response.kirchhoff
    mean = tau.mean(axis=0)
    stored = mean**2 / (2 * table.K) + ((tau - mean) ** 2).sum(axis=0) / (4 * table.G)
    work.elastic = float(volume @ stored)
    work.penalty = sum(
        float(contact.area @ touch.pressure**2) / (2 * contact.stiffness)
        for contact, touch in zip(model.contacts, touches, strict=True)
    )
    return work


def _rubbing(contact: Contact, touch: Touch, before: np.ndarray, moved: np.ndarray, motion: float) -> float:
    step = contact.at_points(moved)
    if contact.moving:
        step[1] += motion
    return float((0.5 * (before + touch.friction) * (step * touch.tangent).sum(axis=0)) @ contact.area)


def _flow_integral(table: FlowTable, strain: np.ndarray) -> np.ndarray:
    """Integral of the flow stress, linear between the table's points, up to a plastic strain."""
    level, points = table.stress, table.strain
    whole = np.concatenate([[0], np.cumsum(np.diff(points) * (level[1:] + level[:-1]) / 2)])
    k = np.clip(np.searchsorted(points, strain, side="right") - 1, 0, len(table.slope) - 1)
    beyond = strain - points[k]
    return whole[k] + beyond * (level[k] + 0.5 * table.slope[k] * beyond)
