"""The sets of discs under a ball."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..simulation import DesignPoint
from ._packed import FAR_STRAINS, Row, as_asked, description, read_rows, rst_table, true_stresses

__all__ = ["load_en10371_discs", "load_en10371_steel"]

_PARTS = {"near": "discs_near", "wide": "discs_wide"}
# Dense where Hooke's line of a metal ends, so that Rp0.2 can be read off.
_STRAIN = np.array([*(0.0005 * i for i in range(1, 21)), *np.linspace(0.01, 0.2, 81)[1:], *FAR_STRAINS]).round(6)
# Below this exponent a power law counts as nearly perfectly plastic.
_PERFECT = 0.03
# Initial yield stresses of steels, MPa: from annealed ferritic to hardened and maraging steels; from memory.
_STEELS = (150.0, 1500.0)


def load_en10371_discs(
    *,
    part: str | None = None,
    n_curves: int | None = None,
    displacement_kind: str = "punch",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load the set of discs under a ball: simulated small punch tests of metals of all kinds past their maximum load.

    The curves were computed with the embedded solver of :mod:`sklearn_spt.simulation`. One part lies near the rig of
    EN 10371, within its tolerances; the other has wide ranges of thickness and tools, in which the standard's miniature
    disc lies as well, with all lengths in proportion. How they were made, and what that means for their use, is in
    `DESCR`.

    Parameters
    ----------
    part : {"near", "wide"}, default=None
        The part wanted. None: both, in turns.
    n_curves : int, default=None
        Only so many curves, the first of the set: each beginning of it is a fair sample. None: all.
    displacement_kind : {"punch", "deflection"}, default="punch"
        What the curves' displacement is: that of the punch (v), or the deflection of the middle of the disc's lower
        face (u).
    return_X_y : bool, default=False
        Return `(data, target)` instead of a Bunch.
    as_frame : bool, default=False
        Make `target` and `frame` pandas DataFrames whose rows bear the names of the curves. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of SPTCurve
            One curve per specimen, mm and N. Each has its `thickness` (mm), the `rig` ("EN10371" in the near part,
            "DISC" in the wide one), a `name`, and what `frame` has in `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`: dense to 0.2, and on to 1, about the largest strain in a disc.
        laws : list of HardeningLaw
            The materials.
        rigs : list of Rig
            The tools.
        frame : Bunch of ndarrays, or DataFrame
            Per curve `part`, `law` (its name and what is special of it), `E` (MPa), `nu`, `yield_stress` (MPa),
            `thickness` (mm), `friction`, `punch_diameter` (mm), `hole_edge`, `hole_edge_size` (mm), `completed` (False
            where the solver stopped before the load had dropped by 5 % or the stroke was reached) and `largest_strain`
            (the largest plastic strain in the disc at the end).
        DESCR : str
            Description of the data set.

    (data, target) : tuple if `return_X_y` is True
        The list of curves and the stresses.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.
    ValueError
        If `part`, `n_curves` or `displacement_kind` is none of its options.

    See Also
    --------
    load_en10371_steel : The steels of the near part alone.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_en10371_discs
    >>> discs = load_en10371_discs(n_curves=20)
    >>> discs.data[0].name, discs.data[0].rig
    ('disc-0000', 'EN10371')
    >>> discs.target.shape == (20, len(discs.strain))
    True
    >>> [str(part) for part in discs.frame["part"][:3]]
    ['near', 'wide', 'near']
    """
    if part is not None and part not in _PARTS:
        raise ValueError(f"part must be 'near', 'wide' or None; got {part!r}")
    _check_kind(displacement_kind)
    names = _PARTS if part is None else {part: _PARTS[part]}
    rows = read_rows(names, n_curves)
    return _discs("load_en10371_discs", rows, displacement_kind, return_X_y, as_frame)


def load_en10371_steel(
    *,
    n_curves: int | None = None,
    displacement_kind: str = "punch",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load the steels in the rig of EN 10371: the curves of `load_en10371_discs` that a laboratory of steels may see.

    These are the curves of its near part whose material has an initial yield stress of 150 to 1,500 MPa; Young's
    modulus is 195 to 215 GPa in all of that part.

    Parameters
    ----------
    n_curves : int, default=None
        Only so many curves, the first of the set. None: all.
    displacement_kind : {"punch", "deflection"}, default="punch"
        What the curves' displacement is: that of the punch (v), or the deflection of the disc's lower face (u).
    return_X_y : bool, default=False
        Return `(data, target)` instead of a Bunch.
    as_frame : bool, default=False
        Make `target` and `frame` pandas DataFrames whose rows bear the names of the curves. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        As `load_en10371_discs` returns.
    (data, target) : tuple if `return_X_y` is True
        The list of curves and the stresses.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.
    ValueError
        If `n_curves` or `displacement_kind` is none of its options.

    See Also
    --------
    load_en10371_discs : The set.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_en10371_steel
    >>> steel = load_en10371_steel(n_curves=20)
    >>> bool(steel.frame["yield_stress"].min() >= 150)
    True
    """
    _check_kind(displacement_kind)
    rows = read_rows({"near": _PARTS["near"]}, n_curves, _is_steel)
    return _discs("load_en10371_steel", rows, displacement_kind, return_X_y, as_frame)


def _check_kind(displacement_kind: Any) -> None:
    if displacement_kind not in ("punch", "deflection"):
        raise ValueError(f"displacement_kind must be 'punch' or 'deflection'; got {displacement_kind!r}")


def _is_steel(point: DesignPoint) -> bool:
    return _STEELS[0] <= point.law.yield_stress <= _STEELS[1]


def _discs(caller: str, rows: Sequence[Row], displacement_kind: str, return_X_y: bool, as_frame: bool) -> Any:
    facts = _facts(rows)
    curves = [
        row.curve(displacement_kind, {key: values[i].item() for key, values in facts.items()})
        for i, row in enumerate(rows)
    ]
    laws = [row.point.law for row in rows]
    target = true_stresses(laws, _STRAIN)

    def describe() -> str:
        return _description(caller, curves, target, facts)

    rigs = [row.point.rig for row in rows]
    return as_asked(caller, curves, target, _STRAIN, facts, describe, return_X_y, as_frame, laws=laws, rigs=rigs)


def _description(caller: str, curves: Sequence[Any], target: np.ndarray, facts: Mapping[str, np.ndarray]) -> str:
    quantities = {
        "Young's modulus, MPa": facts["E"],
        "Poisson's ratio": facts["nu"],
        "initial yield stress over it, 1e-3": 1e3 * facts["yield_stress"] / facts["E"],
        "stress at strain 1 over it, 1e-3": 1e3 * target[:, -1] / facts["E"],
        "thickness, mm": facts["thickness"],
        "friction": facts["friction"],
        "diameter of the ball, mm": facts["punch_diameter"],
        "edge of the hole, mm": facts["hole_edge_size"],
        "largest strain at the end": facts["largest_strain"],
    }
    names, counts = np.unique(facts["law"], return_counts=True)
    near = int((facts["part"] == "near").sum())
    return description(
        caller.removeprefix("load_"),
        curves,
        _STRAIN,
        quantities,
        n_near=near,
        n_wide=len(curves) - near,
        n_incomplete=int((~facts["completed"]).sum()),
        laws=rst_table(["hardening law", "curves"], [[n, str(c)] for n, c in zip(names, counts, strict=True)]),
        low=f"{_STEELS[0]:g}",
        high=f"{_STEELS[1]:,g}",
    )


_OF_POINT: Mapping[str, Callable[[DesignPoint], Any]] = {
    "E": lambda point: float(point.law.E),
    "nu": lambda point: point.nu,
    "yield_stress": lambda point: float(point.law.yield_stress),
    "thickness": lambda point: point.thickness,
    "friction": lambda point: point.friction,
    "punch_diameter": lambda point: point.rig.punch_diameter,
    "hole_edge": lambda point: point.rig.hole_edge,
    "hole_edge_size": lambda point: point.rig.hole_edge_size,
}


def _facts(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """What is known of each specimen, and how its simulation ended."""
    return {
        "part": np.array([row.part for row in rows]),
        "law": np.array([_law_name(row.point.law) for row in rows]),
        **{key: np.array([fact(row.point) for row in rows]) for key, fact in _OF_POINT.items()},
        **{key: np.array([row.result.record[key] for row in rows]) for key in ("completed", "largest_strain")},
    }


def _law_name(law: Any) -> str:
    name = type(law).__name__
    if law.plateau_strain > 0:
        return f"{name} with a plateau"
    if name == "Ludwik" and law.n == 1:
        return "linear"
    if name == "PowerLaw" and law.n < _PERFECT:
        return "nearly perfectly plastic"
    return {"OlsonCohen": "S-shaped (OlsonCohen)", "FreeForm": "of no law (FreeForm)"}.get(name, name)
