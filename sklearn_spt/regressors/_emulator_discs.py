"""Discs under a ball as the emulator sees them: numbers without dimension, and back.

The test is independent of rates and has no length and no stress of its own. With all lengths over the diameter D of the
hole and all stresses over Young's modulus E, the curves of all sizes and metals fall on one another:
F/(E h²) is a function of v/D, of the flow curve over E, of h/D and the tools over D, of friction, and of Poisson's
ratio.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from ..simulation import Rig, get_rig
from ..simulation._flow import Material, as_material
from ..simulation._punch_test import punch_test

# Plastic strains at which the emulator sees a flow curve.
STRAINS = np.array(
    [
        *(0.0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04),
        *(0.05, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.4),
    ]
)
# Displacements of the emulated curve over the hole's diameter: every 5 µm, 10 µm and 20 µm over a hole of 4 mm.
GRID = np.concatenate([np.arange(1, 41) * 5, 200 + np.arange(1, 81) * 10, 1000 + np.arange(1, 81) * 20]) / 4000
TOOLS = ("thickness", "ball's radius", "hole's edge", "shape of the hole's edge", "friction", "Poisson's ratio")
# Names of the features, for warnings.
FEATURES = (*(f"flow stress at {strain:g}" for strain in STRAINS), *TOOLS)
# Part of its maximum by which the load has dropped where a curve ends, as those of `load_en10371_discs` do.
LOAD_DROP = 0.05


def checked_rig(rig: Rig | str) -> Rig:
    """The rig, if it is a ball over a hole and a clamp that begins at the hole's mouth; ValueError otherwise."""
    found = get_rig(rig)
    if found.hole_diameter is None or not found.is_ball:
        raise ValueError(
            f"rig {found.name}: the emulator knows a ball over a hole, and nothing of flat punches or rigs without a "
            "receiving die; simulate this test with simulate_spt"
        )
    mouth = found.hole_diameter + 2 * found.hole_edge_size
    if not np.isclose(found.held_diameter, mouth):
        raise ValueError(
            f"rig {found.name}: the emulator knows clamps that begin at the mouth of the hole ({mouth:g} mm), and this "
            f"one begins at {found.held_diameter:g} mm; leave clamp_diameter out, or use simulate_spt"
        )
    return found


def hole(rig: Rig) -> float:
    """Diameter of the hole of a checked rig, mm."""
    assert rig.hole_diameter is not None
    return rig.hole_diameter


def one_each(name: str, values: Any, n: int) -> list[Any]:
    """The value of each of n specimens, from one for all or a sequence of n."""
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray) or np.ndim(values) == 0:
        return [values] * n
    if len(values) != n:
        raise ValueError(f"{name} has {len(values)} values for {n} materials; give one for each, or one for all")
    return list(values)


def as_materials(materials: Sequence[Any], E: Any, nu: Any) -> list[Material]:
    """Laws, or tuples of true strains and true stresses, as tables of flow stress."""
    if isinstance(materials, tuple) or not isinstance(materials, Sequence) or not len(materials):
        raise TypeError("materials must be a list of laws or of tuples (strains, stresses), with at least one")
    n = len(materials)
    found = []
    for i, (material, modulus, ratio) in enumerate(
        zip(materials, one_each("E", E, n), one_each("nu", nu, n), strict=True)
    ):
        try:
            found.append(as_material(material, modulus, ratio))
        except (TypeError, ValueError) as error:
            raise type(error)(f"materials[{i}]: {error}") from None
    return found


def flow_stress(material: Material) -> np.ndarray:
    """Flow stress at `STRAINS`, MPa, as the solver reads it from the table."""
    return np.interp(STRAINS, material.plastic_strain, material.flow_stress)


def features(material: Material, rig: Rig, thickness: float, friction: float | None) -> np.ndarray:
    """The numbers that the emulator's curve depends on, `(n_features,)`; the test is checked as for a simulation."""
    test = punch_test(rig, thickness, friction)
    tools = [
        test.thickness / hole(rig),
        rig.punch_diameter / 2 / hole(rig),
        rig.hole_edge_size / hole(rig),
        float(rig.hole_edge == "fillet"),
        test.friction,
        material.nu,
    ]
    return np.concatenate([np.log(flow_stress(material) / material.E), tools])


def loads(curve: SPTCurve, thickness: float, material: Material, rig: Rig) -> np.ndarray:
    """F/(E h²) on `GRID`; NaN beyond the end of the record."""
    # Rounded, so that a record that ends at a point of the grid has it.
    places = (GRID * hole(rig)).round(9)
    load = np.interp(places, curve.displacement, curve.load, left=np.nan, right=np.nan)
    return load / (material.E * thickness**2)


def end_of(load: np.ndarray) -> int:
    """Number of points up to where the load has dropped by `LOAD_DROP` behind its maximum."""
    dropped = np.flatnonzero(load < (1 - LOAD_DROP) * np.maximum.accumulate(load))
    return int(dropped[0]) if dropped.size else len(load)


def derivatives(
    load: np.ndarray, slope: np.ndarray, material: Material, thickness: float, rig: Rig
) -> dict[str, np.ndarray]:
    """Derivatives of the load (N) from those of F/(E h²) by the features.

    Parameters
    ----------
    load : ndarray of shape (n_points,)
        F/(E h²).
    slope : ndarray of shape (n_points, n_features)
        Its derivatives.
    material : Material
        The material.
    thickness : float
        Thickness of the disc, mm.
    rig : Rig
        The tools.

    Returns
    -------
    dict of str to ndarray
        "flow_stress" (n_points, n_strains) at `STRAINS`, N/MPa; "E", "thickness", "friction" and "nu" (n_points,).
    """
    force = material.E * thickness**2
    n = len(STRAINS)
    tools = dict(zip(TOOLS, slope[:, n:].T, strict=True))
    return {
        "flow_stress": force * slope[:, :n] / flow_stress(material),
        # With the flow stresses as they are, all of them fall over E.
        "E": thickness**2 * (load - slope[:, :n].sum(axis=1)),
        "thickness": 2 * material.E * thickness * load + force / hole(rig) * tools["thickness"],
        "friction": force * tools["friction"],
        "nu": force * tools["Poisson's ratio"],
    }


def at_strains(material: Material, table: ArrayLike) -> np.ndarray:
    """Columns of a table over the material's plastic strains, at `STRAINS`, `(n_strains, n_columns)`."""
    return np.stack([np.interp(STRAINS, material.plastic_strain, column) for column in np.transpose(table)], axis=1)
