"""The data sets that come with the package."""

import itertools
import json
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
            displacement_kind="punch",
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


def load_en10371_steel(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load the set of steel discs in the rig of EN 10371: simulated small punch tests past their maximum load.

    The curves were computed with the finite-element program CalculiX for a ball that presses a clamped disc of about
    0.5 mm thickness, for steels of five families of hardening laws and for several frictions. How they were made, and
    what that means for their use, is in `DESCR`.

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
            One curve per specimen, mm and N. Each has its `thickness` (mm), the `rig` "EN10371" and a `name`, whose
            number is that of the design; and `law`, `friction` and `completed` in `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`.
        frame : Bunch of ndarrays, or DataFrame
            Per curve `law`, `thickness` (mm), `friction`, `completed` (False where the simulation stopped before the
            load had dropped by 5 %), `yield_stress` (MPa, initial), and the parameters of the laws by name (MPa; NaN
            where a law has none of the name).
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
    >>> from sklearn_spt.datasets import load_en10371_steel
    >>> steel = load_en10371_steel()
    >>> steel.data[0]
    SPTCurve('en10371-0000', 70 points, 0 to 1.842 mm, max. load 2677 N, thickness 0.4934 mm, rig EN10371)
    >>> steel.target.shape == (len(steel.data), len(steel.strain))
    True
    >>> str(steel.frame["law"][0])
    'Voce'
    """
    with (_DATA / "en10371_steel.npz").open("rb") as file, np.load(file) as packed:
        arrays = dict(packed)
    ends = arrays["offsets"]
    displacement, load = arrays["displacement"].astype(np.float64), arrays["load"].astype(np.float64)
    law = arrays["law_names"][arrays["law"]]
    parameters = dict(zip(arrays["parameter_names"].tolist(), arrays["parameters"].T, strict=True))
    plateau = np.where(parameters["plateau_strain"] > 0, " with a plateau", "")
    facts = {
        "law": np.char.add(law, plateau),
        "thickness": arrays["thickness"],
        "friction": arrays["friction"],
        "completed": arrays["completed"],
        "yield_stress": arrays["yield_stress"],
    }
    data = [
        SPTCurve(
            displacement[ends[i] : ends[i + 1]],
            load[ends[i] : ends[i + 1]],
            thickness=float(facts["thickness"][i]),
            rig="EN10371",
            displacement_kind="punch",
            name=f"en10371-{index:04d}",
            metadata={
                "law": str(facts["law"][i]),
                "friction": float(facts["friction"][i]),
                "completed": bool(facts["completed"][i]),
            },
        )
        for i, index in enumerate(arrays["index"].tolist())
    ]
    target: Any = arrays["stress"].astype(np.float64)
    strain = arrays["strain"]
    description = _describe(arrays, facts, target)
    frame: Any = Bunch(**facts, **parameters)
    if as_frame:
        pandas = _import_pandas("load_en10371_steel")
        index = pandas.Index([curve.name for curve in data], name="curve")
        target = pandas.DataFrame(target, index=index, columns=pandas.Index(strain, name="strain"))
        frame = pandas.DataFrame(dict(frame), index=index)
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, strain=strain, frame=frame, DESCR=description)


def _describe(arrays: dict[str, np.ndarray], facts: dict[str, np.ndarray], target: np.ndarray) -> str:
    """The description of the EN 10371 set, with the statistics of the curves that there are."""
    ends = arrays["offsets"]
    quantities = {
        "initial yield stress, MPa": facts["yield_stress"],
        "stress at the last strain, MPa": target[:, -1],
        "thickness, mm": facts["thickness"],
        "friction": facts["friction"],
        "maximum load, N": np.maximum.reduceat(arrays["load"], ends[:-1]),
        "displacement at it, mm": np.array(
            [arrays["displacement"][a:b][np.argmax(arrays["load"][a:b])] for a, b in itertools.pairwise(ends.tolist())]
        ),
    }
    rows = [[name, *(f"{f(v):.4g}" for f in (np.min, np.median, np.max))] for name, v in quantities.items()]
    names, counts = np.unique(facts["law"], return_counts=True)
    text = (_DATA / "en10371_steel.rst").read_text(encoding="utf-8")
    return text.format(
        n_curves=len(target),
        points_min=np.diff(ends).min(),
        points_max=np.diff(ends).max(),
        n_strains=target.shape[1],
        strain_min=arrays["strain"][0],
        strain_max=arrays["strain"][-1],
        n_incomplete=int((~facts["completed"]).sum()),
        n_failed=len(arrays["failed"]),
        solver=json.loads(str(arrays["manifest"]))["solver"],
        table=_rst_table(["quantity", "minimum", "median", "maximum"], rows),
        laws=_rst_table(["hardening law", "curves"], [[n, str(c)] for n, c in zip(names, counts, strict=True)]),
    )


def _rst_table(header: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows]]
    return "\n".join([rule, lines[0], rule, *(line.rstrip() for line in lines[1:]), rule])


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
