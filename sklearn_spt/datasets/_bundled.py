"""The data sets that come with the package."""

from importlib.resources import as_file, files
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..curves import SPTCurve, read_curves
from ..mechanics import sheet_steel_law

_DATA = files(__package__) / "data"

#: Index in `load_sheet_steel` of the curve that `load_demo_curve` was made from. A model shown on the demo curve
#: must not have seen this one in training.
DEMO_CURVE_INDEX = 1094


def load_sheet_steel(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load the sheet steel data set: simulated small punch tests and the stress-strain curves behind them.

    The curves were computed with the finite-element program CalculiX for a flat punch that presses a clamped disc
    of 1 to 4 mm thickness. They have different numbers of points, and a few end before the full stroke. How they were
    made, and what that means for their use, is in `DESCR`.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return `(data, target)` instead of a Bunch.
    as_frame : bool, default=False
        Make `target` and `frame` pandas DataFrames whose rows bear the names of the curves. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of SPTCurve
            One curve per specimen, mm and N. Each has its `thickness` (mm), the `rig` "SHEET", a `name` that ends in
            its index ("sheet-0042" is `data[42]`), and `K` (MPa), `n` and `completed` in `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`.
        frame : Bunch of ndarrays, or DataFrame with five columns
            Per curve `K` (MPa), `n`, `yield_stress` (MPa, initial), `thickness` (mm) and `completed` (False where the
            simulation stopped before the full stroke).
        DESCR : str
            Description of the data set.

    (data, target) : tuple if `return_X_y` is True
        The list of curves and the stresses.

    Raises
    ------
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_sheet_steel
    >>> sheet = load_sheet_steel()
    >>> sheet.data[42]
    SPTCurve('sheet-0042', 54 points, 0 to 3 mm, max. load 6.574e+04 N, thickness 3.942 mm, rig SHEET)
    >>> sheet.target.shape == (len(sheet.data), len(sheet.strain))
    True
    >>> round(float(sheet.frame["yield_stress"][42]), 1)
    1087.6
    """
    with (_DATA / "sheet_steel.npz").open("rb") as file, np.load(file) as arrays:
        displacement = arrays["displacement"].astype(np.float64)
        load = arrays["load"].astype(np.float64)
        ends = arrays["offsets"]
        completed = arrays["completed"]
        K, n, thickness = (arrays[key].astype(np.float64) for key in ("K", "n", "thickness"))
        strain = arrays["strain"].astype(np.float64)
        target: Any = arrays["stress"].astype(np.float64)
    data = [
        SPTCurve(
            displacement[ends[i] : ends[i + 1]],
            load[ends[i] : ends[i + 1]],
            thickness=thickness[i],
            rig="SHEET",
            name=f"sheet-{i:04d}",
            metadata={"K": float(K[i]), "n": float(n[i]), "completed": bool(completed[i])},
        )
        for i in range(len(thickness))
    ]
    frame: Any = Bunch(
        K=K, n=n, yield_stress=sheet_steel_law(K, n).yield_stress, thickness=thickness, completed=completed
    )
    if as_frame:
        pandas = _import_pandas("load_sheet_steel")
        index = pandas.Index([curve.name for curve in data], name="curve")
        target = pandas.DataFrame(target, index=index, columns=pandas.Index(strain, name="strain"))
        frame = pandas.DataFrame(dict(frame), index=index)
    if return_X_y:
        return data, target
    description = (_DATA / "sheet_steel.rst").read_text(encoding="utf-8")
    return Bunch(data=data, target=target, strain=strain, frame=frame, DESCR=description)


def load_demo_curve() -> tuple[SPTCurve, np.ndarray, np.ndarray]:
    """Load a test record that looks like a laboratory's, with the known answer.

    It is curve `DEMO_CURVE_INDEX` of `load_sheet_steel`, interpolated to steps of 0.01 mm, with noise of 0.2 % of the
    load. Leave that curve out of the training of a model that is shown on this one.

    Returns
    -------
    curve : SPTCurve
        The record, mm and N.
    strain : ndarray of shape (n_strains,)
        True total strain.
    stress : ndarray of shape (n_strains,)
        True stress of the simulated material at `strain`, MPa.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> curve, strain, stress = load_demo_curve()
    >>> len(curve.load), strain.shape == stress.shape
    (301, True)
    """
    with as_file(_DATA / "demo_curve.csv") as path:
        (curve,) = read_curves(path)
    with (_DATA / "demo_truth.csv").open("r", encoding="utf-8") as file:
        strain, stress = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    return curve, strain, stress


def _import_pandas(caller: str) -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            f"{caller} with as_frame=True needs pandas; install it (pip install pandas) or use as_frame=False"
        ) from None
    return pandas
