"""Curves whose characteristic quantities are known."""

import csv
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..io import read_curves

_FOLDER = files(__package__) / "data" / "reference_curves"
_FACTS = ("name", "about", "thickness", "step", "noise")


def load_reference_curves() -> Any:
    """Load synthetic load-displacement curves whose characteristic quantities are known in closed form.

    They are there to check software that evaluates small punch tests, this package's or any other. The curves are
    CSV files of two columns in the folder that `path` names, beside a table of the right values. Sharp and rounded
    knees, smooth maxima and a fracture, coarse, uneven and noisy records, a strong and a soft material, a thin disc and
    a record that was cut before its maximum.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of SPTCurve
            The curves, mm and N, with `thickness` and `name`.
        target : ndarray of shape (n_curves, n_quantities)
            The right values in N, mm, mJ and N/mm; NaN where a curve ends before the quantity.
        target_names : list of str
            Names of the columns of `target`.
        frame : Bunch of arrays
            Per curve `about` (what it shows), `thickness` (mm), `step` (the largest step of the record, mm) and `noise`
            (standard deviation as a fraction of the maximum load).
        path : str
            The folder of the files.
        DESCR : str
            How the curves were made.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_reference_curves
    >>> from sklearn_spt.mechanics import characteristic_quantities
    >>> reference = load_reference_curves()
    >>> round(float(reference.target[0, reference.target_names.index("Fe")]), 3)
    250.0
    >>> round(characteristic_quantities(reference.data[0]).Fe, 3)
    250.0
    """
    with (_FOLDER / "quantities.tsv").open("r", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = [name for name in rows[0] if name not in _FACTS]
    with as_file(_FOLDER) as folder:
        data = read_curves([folder / f"{row['name']}.csv" for row in rows])
    return Bunch(
        data=data,
        target=np.array([[float(row[name]) for name in names] for row in rows]),
        target_names=names,
        frame=Bunch(
            about=[row["about"] for row in rows],
            **{fact: np.array([float(row[fact]) for row in rows]) for fact in ("thickness", "step", "noise")},
        ),
        path=str(_FOLDER),
        DESCR=_DESCR,
    )


_DESCR = """\
Reference curves of the small punch test
----------------------------------------
Synthetic, made by ``python -m benchmarks.make_reference_curves``. They look like curves of the test, but no material is
behind them. Every curve consists of straight lines and parabolas, so that its quantities follow from the coefficients
in closed form. The rounded knees are two straight branches plus a parabola on each side of the knee that is orthogonal
to the branch it is added to: the bilinear least squares fit (over the displacement) has its knee where the two straight
branches have theirs, while the curve itself passes below. uf is where the load has dropped to 0.8 Fm; the slope is that
of the least squares line between 0.1 Fe and 0.5 Fe, and the offset load belongs to this line, shifted by a tenth of the
thickness; Fi is the load at 0.552 mm.

What to expect: for records without noise the errors are those of the record's step; with noise those that the noise
explains.
"""
