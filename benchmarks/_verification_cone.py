"""code_aster's test V6.01.111 with CalculiX and code_aster's own mesh of linear elements.

A force on one node depends on the mesh: so it is compared on the mesh that code_aster had.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_spt.simulation import MeshSettings, Rig
from sklearn_spt.simulation._flow import Material
from sklearn_spt.simulation.calculix import Model, Numerics, build_model, find_solver
from sklearn_spt.simulation.calculix._deck import WEDGES, displacement_at, spt_deck
from sklearn_spt.simulation.calculix._run import SolverRun, run_deck

from ._verification_models import BLOCK, CONE_BACK, CONE_DEPTH, CONE_SLOPE, linear_hardening


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


def cone_profile(bore: float) -> np.ndarray:
    r = np.linspace(bore, 2.0, 40)
    return np.column_stack([r, (r - r[0]) / CONE_SLOPE])


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
    numerics = Numerics(contact_stiffness=700.0, first_increment=0.02, max_increment=0.02)
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
