"""The set of discs of any metal under a ball."""

from collections.abc import Sequence
from dataclasses import fields
from importlib.resources import as_file
from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..mechanics import HardeningLaw
from ..simulation import DesignPoint
from ..simulation._dataset import read_packed
from ._bundled import _DATA, _STATISTICS, _as_asked, _cell, _rst_table, _statistics

__all__ = ["load_en10371_discs"]

_PARTS = ("near", "wide")
# Dense where Hooke's line of a metal ends, so that Rp0.2 can be read off; and as far as the simulation strains a disc.
_STRAIN = np.array(
    [
        *(0.0005 * i for i in range(1, 21)),
        *np.linspace(0.01, 0.2, 81)[1:],
        *(0.22, 0.24, 0.26, 0.28, 0.3, 0.33, 0.36, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0),
    ]
).round(6)
# Below this exponent a power law counts as nearly perfectly plastic.
_PERFECT = 0.03


def load_en10371_discs(
    *,
    part: str | None = None,
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
        If `part` or `displacement_kind` is none of its options.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_en10371_discs
    >>> discs = load_en10371_discs()
    >>> discs.data[0].name, discs.data[0].rig
    ('disc-0000', 'EN10371')
    >>> discs.target.shape == (len(discs.data), len(discs.strain))
    True
    >>> [str(part) for part in discs.frame["part"][:3]]
    ['near', 'wide', 'near']
    """
    if part is not None and part not in _PARTS:
        raise ValueError(f"part must be 'near', 'wide' or None; got {part!r}")
    if displacement_kind not in ("punch", "deflection"):
        raise ValueError(f"displacement_kind must be 'punch' or 'deflection'; got {displacement_kind!r}")
    rows = []
    for k, name in enumerate(_PARTS):
        if part in (None, name):
            with as_file(_DATA / f"discs_{name}.npz") as path:
                _, points, results = read_packed(path)
            rows += [((point.index, k), name, point, result) for point, result in zip(points, results, strict=True)]
    rows.sort(key=lambda row: row[0])
    laws, rigs = [row[2].law for row in rows], [row[2].rig for row in rows]
    facts = _facts([row[1] for row in rows], [row[2] for row in rows])
    for key in ("completed", "largest_strain"):
        facts[key] = np.array([row[3].record[key] for row in rows])
    curves = [
        SPTCurve(
            result.displacement if displacement_kind == "punch" else result.deflection,
            result.load,
            thickness=point.thickness,
            rig=point.rig.name,
            name=result.record["name"],
            displacement_kind=displacement_kind,
            metadata={key: values[i].item() for key, values in facts.items()},
        )
        for i, (_, _, point, result) in enumerate(rows)
    ]
    target = true_stresses(laws, _STRAIN)

    def describe() -> str:
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
        sizes = [len(curve.load) for curve in curves]
        return (
            (_DATA / "discs.rst")
            .read_text(encoding="utf-8")
            .format(
                n_curves=len(curves),
                n_near=int((facts["part"] == "near").sum()),
                n_wide=int((facts["part"] == "wide").sum()),
                points_min=min(sizes),
                points_max=max(sizes),
                n_strains=len(_STRAIN),
                strain_max=_cell(_STRAIN[-1]),
                n_incomplete=int((~facts["completed"]).sum()),
                table=_rst_table(_STATISTICS, _statistics(quantities)),
                laws=_rst_table(["hardening law", "curves"], [[n, str(c)] for n, c in zip(names, counts, strict=True)]),
            )
        )

    return _as_asked(
        "load_en10371_discs", curves, target, _STRAIN, facts, describe, return_X_y, as_frame, laws=laws, rigs=rigs
    )


def _facts(parts: Sequence[str], points: Sequence[DesignPoint]) -> dict[str, np.ndarray]:
    """What is known of each specimen before it is simulated."""
    return {
        "part": np.array(parts),
        "law": np.array([_law_name(point.law) for point in points]),
        "E": np.array([float(point.law.E) for point in points]),
        "nu": np.array([point.nu for point in points]),
        "yield_stress": np.array([float(point.law.yield_stress) for point in points]),
        "thickness": np.array([point.thickness for point in points]),
        "friction": np.array([point.friction for point in points]),
        "punch_diameter": np.array([point.rig.punch_diameter for point in points]),
        "hole_edge": np.array([point.rig.hole_edge for point in points]),
        "hole_edge_size": np.array([point.rig.hole_edge_size for point in points]),
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


def true_stresses(laws: Sequence[HardeningLaw], strain: np.ndarray) -> np.ndarray:
    """True stresses (n_laws, n_strains), MPa, of laws of several classes."""
    stress = np.empty((len(laws), len(strain)))
    kinds = np.array([type(law).__name__ for law in laws])
    for kind in np.unique(kinds):
        which = np.flatnonzero(kinds == kind).tolist()
        cls = type(laws[which[0]])
        many = cls(**{f.name: np.array([getattr(laws[i], f.name) for i in which]) for f in fields(cls)})
        stress[which] = many.true_stress(strain)
    return stress
