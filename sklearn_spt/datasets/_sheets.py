"""The set of the paper's sheets."""

from typing import Any

import numpy as np

from ._packed import FAR_STRAINS, as_asked, description, read_rows, true_stresses

__all__ = ["load_sheet_steel"]

_STRAIN = np.array([*(0.002 * i for i in range(1, 101)), *FAR_STRAINS]).round(6)
# Table I of arXiv 2506.17680, of training and test samples together. Its strain hardening exponents belong to another
# law than the set's, and stand in the description only.
_TABLE_I = {
    "": "Table I of the paper",
    "initial yield stress, MPa": "20.98 to 1907.53",
    "thickness, mm": "1 to 4",
}


def load_sheet_steel(
    *, n_curves: int | None = None, corner: bool = False, return_X_y: bool = False, as_frame: bool = False
) -> Any:
    """Load the sheet steel data set: simulated small punch tests and the stress-strain curves behind them.

    The curves were computed with the embedded solver of :mod:`sklearn_spt.simulation` for a flat punch that presses a
    clamped disc of 1 to 4 mm thickness. Some end before the full stroke. How they were made, and what that means for
    their use, is in `DESCR`.

    Parameters
    ----------
    n_curves : int, default=None
        Only so many curves, the first of the set: each beginning of it is a fair sample. None: all.
    corner : bool, default=False
        Add 500 curves in the corner where models err most: thin, strong, hardening little. They stand last.
    return_X_y : bool, default=False
        Return `(data, target)` instead of a Bunch.
    as_frame : bool, default=False
        Make `target` and `frame` pandas DataFrames whose rows bear the names of the curves. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of SPTCurve
            One curve per specimen, mm and N. Each has its `thickness` (mm), the `rig` "SHEET", a `name`, whose number
            is that of the design, and `K` (MPa), `n` and `completed` in `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`: in steps of 0.002 to 0.2, and on to 1.
        frame : Bunch of ndarrays, or DataFrame
            Per curve `K` (MPa), `n`, `yield_stress` (MPa, initial), `thickness` (mm), `completed` (False where the
            simulation stopped before the full stroke) and `largest_strain` (the largest plastic strain in the disc at
            the end).
        DESCR : str
            Description of the data set.

    (data, target) : tuple if `return_X_y` is True
        The list of curves and the stresses.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.
    ValueError
        If `n_curves` is not a positive whole number.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_sheet_steel
    >>> sheet = load_sheet_steel(n_curves=10)
    >>> sheet.data[0].name, sheet.data[0].rig
    ('sheet-0000', 'SHEET')
    >>> sheet.target.shape == (10, len(sheet.strain))
    True
    >>> round(float(sheet.frame["yield_stress"][0]), 1)
    236.8
    """
    rows = read_rows({"sheet": "sheet_steel"}, n_curves)
    if corner:
        rows += read_rows({"corner": "sheet_corner"}, None)
    laws: list[Any] = [row.point.law for row in rows]
    records = [row.result.record for row in rows]
    facts = {
        "K": np.array([law.K for law in laws]),
        "n": np.array([law.n for law in laws]),
        "yield_stress": np.array([float(law.yield_stress) for law in laws]),
        "thickness": np.array([row.point.thickness for row in rows]),
        "completed": np.array([record["completed"] for record in records]),
        "largest_strain": np.array([record["largest_strain"] for record in records]),
    }
    curves = [
        row.curve("punch", {key: facts[key][i].item() for key in ("K", "n", "completed")}) for i, row in enumerate(rows)
    ]
    target = true_stresses(laws, _STRAIN)

    def describe() -> str:
        quantities = {
            "K, MPa": facts["K"],
            "n": facts["n"],
            "initial yield stress, MPa": facts["yield_stress"],
            "stress at strain 0.2, MPa": target[:, int(np.searchsorted(_STRAIN, 0.2))],
            "thickness, mm": facts["thickness"],
            "maximum load, N": np.array([curve.load.max() for curve in curves]),
            "largest strain at the end": facts["largest_strain"],
        }
        return description(
            "sheet_steel",
            curves,
            _STRAIN,
            quantities,
            beside=_TABLE_I,
            n_incomplete=int((~facts["completed"]).sum()),
            earliest_end=f"{min(curve.displacement[-1] for curve in curves):.2f}",
        )

    return as_asked("load_sheet_steel", curves, target, _STRAIN, facts, describe, return_X_y, as_frame)
