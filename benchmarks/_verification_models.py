"""Small models whose answer is known, made with the package's own mesher, contact and decks."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_spt.mechanics import HardeningLaw
from sklearn_spt.simulation import MeshSettings, Numerics, Rig
from sklearn_spt.simulation._flow import Material, law_material
from sklearn_spt.simulation._mesh import graded
from sklearn_spt.simulation.calculix import Model, build_model, find_solver
from sklearn_spt.simulation.calculix._deck import WEDGES, _material, displacement_at, spt_deck
from sklearn_spt.simulation.calculix._run import SolverRun, run_deck

# Flow stress (MPa) that is never reached: the deck is the elastic-plastic one of every simulation.
NEVER = 1e9


def elastic(E: float, nu: float) -> Material:
    return Material(E=E, nu=nu, plastic_strain=np.array([0.0, 1.0]), flow_stress=np.array([NEVER, 2 * NEVER]))


def press(
    model: Model,
    material: Material,
    *,
    stroke: float,
    numerics: Numerics,
    friction: float = 0.0,
    back: float = 0.0,
    linear: bool = False,
    sets: tuple[str, ...] = (),
    prints: tuple[str, ...] = (),
    read: Callable[[str], Any] | None = None,
) -> tuple[np.ndarray, np.ndarray, SolverRun, Any]:
    """Displacement (mm) and load (N) of a pressed model; `prints` are further requests of the second step.

    `sets` are lines for the model: sets that the requests name.
    The punch is drawn back by `back` (mm) at the end; linear elements take the place of the quadratic ones if `linear`.
    """
    if linear:
        corners = np.unique(model.disc[:, :4])
        axis, held = (np.intersect1d(nodes, corners) for nodes in (model.axis, model.held))
        model = replace(model, disc=model.disc[:, :4], axis=axis, held=held)
    deck = spt_deck(model, material, friction=friction, stroke=stroke, numerics=numerics)
    if linear:
        deck = deck.replace("TYPE=CAX8R,ELSET=DISC", "TYPE=CAX4,ELSET=DISC")
    if sets:
        deck = deck.replace("*MATERIAL,NAME=DISC", "\n".join([*sets, "*MATERIAL,NAME=DISC"]))
    requests = "".join(f"{line}\n" for line in prints) + "*END STEP\n"
    deck = deck.removesuffix("*END STEP\n") + requests
    if back:
        deck += f"*STEP,NLGEOM,INC=1000\n*STATIC\n0.1,1,1e-5,0.1\n*BOUNDARY\nPUNCH,2,2,{back - stroke:.9g}\n"
        deck += "*NODE PRINT,NSET=PUNCH,TOTALS=ONLY\nRF\n" + requests
    with tempfile.TemporaryDirectory() as folder:
        result = run_deck(deck, solver=find_solver(), node_set="PUNCH", timeout=3000, keep=Path(folder))
        found = None if read is None else read((Path(folder) / "job.dat").read_text(encoding="ascii"))
    if not result.completed:
        raise RuntimeError(f"the solver stopped early: {result.last_words}")
    u = displacement_at(result.time, stroke) - back * np.maximum(result.time - 1, 0)
    return u, -WEDGES * result.force[:, 1], result, found


def block(r: np.ndarray, depth: np.ndarray, punch: np.ndarray) -> Model:
    """A cylinder on a rigid base under a tool with the profile `punch` (n, 2), meshed at radii `r` and at `depth`."""
    radius, height = r[-1], depth[-1]
    columns, rows = len(r) - 1, len(depth) - 1
    segments = len(punch) - 2  # a ball's profile has as many points, and one for its shank
    rig = Rig(
        name="block",
        punch_diameter=2 * radius * 0.7,
        punch_edge_radius=radius * 0.7,
        disc_diameter=2 * radius,
        thickness_range=(height, height),
        max_stroke=height,
    )
    size = radius / columns
    mesh = MeshSettings(rows=rows, edge_size=size, coarse_size=size, arc_segments=segments)
    model = build_model(rig, height, mesh)
    nodes = model.nodes.copy()
    n = int(model.disc.max()) + 1
    r = np.concatenate([punch[:1, 0], r[1:]])
    uniform = np.linspace(0, radius, columns + 1)
    uniform[0] = nodes[:n, 0].min()
    nodes[:n, 0] = _regraded(nodes[:n, 0], uniform, r)
    nodes[:n, 1] = _regraded(nodes[:n, 1], np.linspace(-height, 0, rows + 1), -depth[::-1])
    back = punch + np.array([0, max(1.0, punch[:, 1].max())])
    nodes[model.punch] = np.concatenate([punch, back])
    held = np.flatnonzero(nodes[:n, 1] < -height + 1e-9)
    return replace(model, nodes=nodes, held=held)


def _regraded(values: np.ndarray, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Corner coordinates moved to a new grid, and those of the middles of the sides to the middles there."""
    middles_old, middles_new = (old[1:] + old[:-1]) / 2, (new[1:] + new[:-1]) / 2
    order = np.argsort(np.concatenate([old, middles_old]))
    return np.interp(values, np.concatenate([old, middles_old])[order], np.concatenate([new, middles_new])[order])


# -- 1: Hertz -----------------------------------------------------------------------------------------------------
def hertz_load(E: float, nu: float, radius: float, approach: np.ndarray) -> np.ndarray:
    """Load of a rigid ball on an elastic half-space, 4/3·E/(1 - ν²)·√R·δ^1.5.

    K. L. Johnson, Contact Mechanics, Cambridge University Press 1985, chapter 4 (Hertz's theory).
    """
    return 4 / 3 * E / (1 - nu**2) * np.sqrt(radius) * approach**1.5


def hertz(*, elements_in_contact: int = 8, height: float = 10.0) -> dict[str, Any]:
    """Rigid ball of radius 1.25 mm on an elastic block, to a contact radius of 3 % of the ball's."""
    E, nu, radius, a = 210_000.0, 0.3, 1.25, 0.03 * 1.25
    approach = a**2 / radius
    angle = np.linspace(0.02 * a / radius, 0.1, 150)
    punch = np.column_stack([np.sin(angle), 1 - np.cos(angle)]) * radius
    punch[:, 1] -= punch[0, 1]
    fine = a / elements_in_contact
    at = graded(height, [(0, 1.3 * a, fine)], height / 8, 0.35)
    model = block(at, at, punch)
    # The contact's own compliance must be small against the approach of a micrometre.
    numerics = Numerics(contact_stiffness=20 / fine, first_increment=0.1, greatest_increment=0.1)
    u, load, result, _ = press(model, elastic(E, nu), stroke=approach, numerics=numerics)
    return {
        "contact_radius": a,
        "height": height,
        "displacement": u.tolist(),
        "load": load.tolist(),
        "reference": hertz_load(E, nu, radius, u).tolist(),
        "cpu_s": result.cpu_s,
    }


# -- 2: clamped plate ---------------------------------------------------------------------------------------------
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


def plate(thickness: float, *, size: float = 0.1, rows: int = 4) -> dict[str, Any]:
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
    model = build_model(rig, thickness, MeshSettings(rows=rows, edge_size=size, coarse_size=0.3, arc_segments=200))
    stroke = 0.01 * thickness
    numerics = Numerics(contact_stiffness=1000.0, first_increment=0.2, greatest_increment=0.2)
    u, load, result, _ = press(model, elastic(E, nu), stroke=stroke, numerics=numerics)
    thin, thick = plate_stiffness(E, nu, thickness, 6.5, 2.75 - 0.78)
    return {
        "thickness": thickness,
        "stiffness": float(load[-1] / u[-1]),
        "thin plate": thin,
        "with shear": thick,
        "cpu_s": result.cpu_s,
    }


# -- 3: indentation by a cone -------------------------------------------------------------------------------------
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


def cone_profile(bore: float) -> np.ndarray:
    r = np.linspace(bore, 2.0, 40)
    return np.column_stack([r, (r - r[0]) / CONE_SLOPE])


def cone(*, fine: float = 0.1, height: float = BLOCK[1]) -> dict[str, Any]:
    """The cone of code_aster's test pressed into its block, meshed with the package's elements, finest at the tip."""
    r, depth = (graded(size, [(0, 1.3, fine)], 1.25, 0.3) for size in (BLOCK[0], height))
    model = block(r, depth, cone_profile(0.01 * fine))
    numerics = Numerics(contact_stiffness=7.0 / fine, first_increment=0.02, greatest_increment=0.02)
    u, load, result, _ = press(model, linear_hardening(), stroke=CONE_DEPTH, numerics=numerics)
    return {
        "fine": fine,
        "height": height,
        "displacement": u.tolist(),
        "load": load.tolist(),
        "cpu_s": result.cpu_s,
    }


def code_aster_cone() -> dict[str, Any]:
    """code_aster's test with its own mesh of linear elements, and the force that it compares.

    Its mesh: 49 columns, each 1.02 times as wide as the one before, and 35 rows of equal height.
    """
    widths = 1.02 ** np.arange(49)
    r = np.concatenate([[0], np.cumsum(widths)]) * BLOCK[0] / widths.sum()
    depth = np.linspace(0, BLOCK[1], 36)
    model = block(r, depth, cone_profile(1e-3))
    rows = len(depth) - 1
    # The command files leave the axis free, as the force on the tip's node shows: it is normal to the cone's face.
    model = replace(model, axis=np.intersect1d(model.axis, model.held))
    row = np.arange(len(r) - 1) * rows + rows - 1
    surface = np.unique(model.disc[row, 2:4])
    sets = ["*ELSET,ELSET=ROW", *(str(e + 1) for e in row)]
    sets += ["*NSET,NSET=ROWNODES", *(str(n + 1) for n in np.unique(model.disc[row, :4]))]
    prints = ("*EL PRINT,ELSET=ROW", "S", "*NODE PRINT,NSET=ROWNODES", "U")
    numerics = Numerics(contact_stiffness=700.0, first_increment=0.02, greatest_increment=0.02)
    u, load, result, forces = press(
        model,
        linear_hardening(),
        stroke=CONE_DEPTH,
        back=CONE_BACK,
        numerics=numerics,
        linear=True,
        sets=tuple(sets),
        prints=prints,
        read=lambda text: _surface_forces(text, model.nodes, model.disc[row, :4], surface),
    )
    return {
        "displacement": u.tolist(),
        "load": load.tolist(),
        "tip": forces[:, 0].tolist(),
        "surface": (2 * np.pi * forces.sum(axis=1)).tolist(),
        "cpu_s": result.cpu_s,
    }


def _tables(text: str, title: str) -> list[np.ndarray]:
    """The tables under a title in the solver's list, one for each increment."""
    found: list[list[list[float]]] = []
    open_ = False
    for line in text.splitlines():
        if line.startswith(f" {title}"):
            found.append([])
            open_ = True
        elif open_ and line.strip():
            cells = line.split()
            open_ = cells[0].isdigit()
            if open_:
                found[-1].append([float(cell) for cell in cells])
    return [np.array(rows) for rows in found]


def _surface_forces(text: str, nodes: np.ndarray, elements: np.ndarray, surface: np.ndarray) -> np.ndarray:
    """Vertical forces on the nodes of a surface, N/rad (n_increments, n_nodes), from the stresses of its elements.

    They are what balances the stresses of the row of linear elements below: integrals of σ·grad N over their deformed
    volume. The punch's forces are their opposite.
    """
    g = 1 / np.sqrt(3)
    # The solver's order: first the direction of r, then z, then through the wedge.
    points = np.array([(-g, -g), (g, -g), (-g, g), (g, g)])
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    shape = (1 + points[:, None, 0] * signs[:, 0]) * (1 + points[:, None, 1] * signs[:, 1]) / 4
    along = signs[:, 0] * (1 + points[:, None, 1] * signs[:, 1]) / 4
    across = signs[:, 1] * (1 + points[:, None, 0] * signs[:, 0]) / 4
    local = np.stack([along, across], axis=-1)  # (point, node, direction)
    forces = []
    for moved, stress in zip(_tables(text, "displacements"), _tables(text, "stresses"), strict=True):
        place = nodes.copy()
        place[moved[:, 0].astype(int) - 1] += moved[:, 1:3]
        x = place[elements]  # (element, node, 2)
        tensor = stress[:, 2:].reshape(len(elements), 2, 4, 6).mean(axis=1)
        jacobian = np.einsum("pnd,enx->epdx", local, x)
        gradient = np.einsum("epxd,pnd->epnx", np.linalg.inv(jacobian), local)
        volume = np.linalg.det(jacobian) * np.einsum("pn,en->ep", shape, x[..., 0])
        szz, srz = tensor[..., 1], tensor[..., 3]
        nodal = np.einsum("ep,epn->en", volume * srz, gradient[..., 0])
        nodal += np.einsum("ep,epn->en", volume * szz, gradient[..., 1])
        total = np.zeros(len(nodes))
        np.add.at(total, elements, nodal)
        forces.append(-total[surface])
    return np.array(forces)


# -- 4: one element in tension ------------------------------------------------------------------------------------
def tension(law: HardeningLaw, *, nu: float = 0.3, strain: float = 0.3, increment: float = 0.02) -> dict[str, Any]:
    """One axisymmetric element drawn to a true strain; its true stress beside the law's."""
    material = law_material(law, nu)
    lines = ["*NODE,NSET=ALL"]
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)]
    lines += [f"{i},{r},{z},0" for i, (r, z) in enumerate(corners, start=1)]
    lines += ["*ELEMENT,TYPE=CAX8R,ELSET=DISC", "1,1,2,3,4,5,6,7,8"]
    lines += ["*NSET,NSET=TOP", "3", "4", "7", "*NSET,NSET=BOTTOM", "1", "2", "5", "*NSET,NSET=AXIS", "1", "4", "8"]
    lines += _material("DISC", material)
    lines += ["*SOLID SECTION,ELSET=DISC,MATERIAL=DISC", "*BOUNDARY", "AXIS,1", "BOTTOM,2"]
    lines += ["*STEP,NLGEOM,INC=1000", "*STATIC", f"{min(0.005, increment)},1,1e-6,{increment}"]
    lines += ["*BOUNDARY", f"TOP,2,2,{np.expm1(strain):.9g}"]
    lines += ["*NODE PRINT,NSET=TOP,TOTALS=ONLY", "RF", "*NODE PRINT,NSET=SIDE", "U", "*END STEP"]
    lines.insert(lines.index("*NSET,NSET=TOP"), "*NSET,NSET=SIDE\n2")
    with tempfile.TemporaryDirectory() as folder:
        deck = "\n".join(lines) + "\n"
        result = run_deck(deck, solver=find_solver(), node_set="TOP", timeout=100, keep=Path(folder))
        text = (Path(folder) / "job.dat").read_text(encoding="ascii")
    # Lines " node ux uy uz" of the one node on the side, one of each increment.
    side = np.array([float(cell) for cell in re.findall(r"^ +2 +(\S+) +\S+ +\S+ *$", text, re.M)])
    time = result.time + 1  # there is one step only
    area = np.pi * (1 + side) ** 2
    true_strain = np.log1p(np.expm1(strain) * time)
    stress = WEDGES * result.force[:, 1] / area
    return {"strain": true_strain.tolist(), "stress": stress.tolist(), "law": law.true_stress(true_strain).tolist()}


# -- 6: energy ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Energy:
    """Work done on a disc and where it went, mJ."""

    external: float
    plastic: float
    elastic: float

    @property
    def rest(self) -> float:
        return self.external - self.plastic - self.elastic


def energy(
    rig: Rig,
    law: HardeningLaw,
    *,
    thickness: float,
    nu: float,
    friction: float,
    stroke: float,
    mesh: MeshSettings,
    numerics: Numerics,
) -> tuple[Energy, dict[str, Any]]:
    """Energies of a small punch test at its end.

    The work is the integral of the load. The plastic part is the law's own energy at each integration point's plastic
    strain, the elastic one follows from its stress; the solver's energies are not used.
    """
    material = law_material(law, nu)
    model = build_model(rig, thickness, mesh)
    prints = ("*EL PRINT,ELSET=DISC", "PEEQ,S")
    u, load, result, (peeq, stress) = press(
        model, material, stroke=stroke, numerics=numerics, friction=friction, prints=prints, read=_integration_points
    )
    u, load = np.concatenate([[0], u]), np.concatenate([[0], load])
    corners = model.nodes[model.disc[:, :4]]
    r0, r1 = corners[:, 0, 0], corners[:, 1, 0]
    dz = corners[:, 3, 1] - corners[:, 0, 1]
    # Two points in the direction of r at ±1/√3; the solver lists that direction first, and two more rounds for z and
    # for the wedge's own direction.
    at = (r0 + r1)[:, None] / 2 + (r1 - r0)[:, None] / (2 * np.sqrt(3)) * np.array([-1, 1] * 4)
    volume = 2 * np.pi * at * ((r1 - r0) * dz)[:, None] / 8
    strain, level = material.plastic_strain, material.flow_stress
    table = np.concatenate([[0], np.cumsum(np.diff(strain) * (level[1:] + level[:-1]) / 2)])
    # The solver interpolates the flow stress linearly in its table, so its integral is quadratic between the points.
    index = np.clip(np.searchsorted(strain, peeq, side="right") - 1, 0, len(table) - 2)
    dissipated = table[index] + (peeq - strain[index]) * (np.interp(peeq, strain, level) + level[index]) / 2
    normal, shear = stress[..., :3], stress[..., 3:]
    E = material.E
    stored = ((normal**2).sum(-1) * (1 + nu) - nu * normal.sum(-1) ** 2 + 2 * (1 + nu) * (shear**2).sum(-1)) / (2 * E)
    work = Energy(
        external=float(np.sum(np.diff(u) * (load[1:] + load[:-1]) / 2)),
        plastic=float((volume * dissipated).sum()),
        elastic=float((volume * stored).sum()),
    )
    return work, {"volume": float(volume.sum()), "cpu_s": result.cpu_s, "points": len(u)}


def _integration_points(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Plastic strain (n_elements, 8) and stress (n_elements, 8, 6) from the last tables in the solver's list."""
    tables: dict[str, list[list[float]]] = {}
    rows: list[list[float]] = []
    for line in text.splitlines():
        if line.startswith(" equivalent plastic strain") or line.startswith(" stresses"):
            rows = tables[line.split()[0]] = []
        elif line.startswith(" total force"):
            rows = []
        else:
            cells = line.split()
            if len(cells) in (3, 8):
                rows.append([float(cell) for cell in cells[2:]])
    return np.array(tables["equivalent"]).reshape(-1, 8), np.array(tables["stresses"]).reshape(-1, 8, 6)
