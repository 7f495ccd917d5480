"""The data sets that come with the package."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..curves import SPTCurve
from ..io import read_curves
from ..simulation.calculix import has_load_jump

_DATA = files(__package__) / "data"

#: Index, in the design of the sheet steel set, of the curve that `load_demo_curve` was made from; its name ends in it.
#: A model that is shown on the demo curve must not have seen this one in training.
DEMO_CURVE_INDEX = 252

# Table I of arXiv 2506.17680, of training and test samples together. Its strain hardening exponents belong to another
# law than the set's, and stand in the description only.
_TABLE_I = {"initial yield stress, MPa": "20.98 to 1907.53", "thickness, mm": "1 to 4"}


def load_sheet_steel(*, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load the sheet steel data set: simulated small punch tests and the stress-strain curves behind them.

    The curves were computed with the finite-element program CalculiX for a flat punch that presses a clamped disc
    of 1 to 4 mm thickness. They have different numbers of points, and some end before the full stroke. How they were
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
            One curve per specimen, mm and N. Each has its `thickness` (mm), the `rig` "SHEET", a `name`, whose number
            is that of the design, and `K` (MPa), `n`, `completed`, `load_jump` and `attempts` in `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`.
        frame : Bunch of ndarrays, or DataFrame with seven columns
            Per curve `K` (MPa), `n`, `yield_stress` (MPa, initial), `thickness` (mm), `completed` (False where the
            simulation stopped before the full stroke), `load_jump` (True where the load jumps near the end of the
            curve, which is the solver's fault) and `attempts` (1, or how many simulations it took; behind the first
            one the increments are smaller, which changes the load by 0.1 to 0.2 %).
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
    >>> sheet.data[0]
    SPTCurve('sheet-0000', 51 points, 0 to 3 mm, max. load 8926 N, thickness 1.385 mm, rig SHEET)
    >>> sheet.target.shape == (len(sheet.data), len(sheet.strain))
    True
    >>> round(float(sheet.frame["yield_stress"][0]), 1)
    236.8
    """
    arrays, parameters = _read("sheet_steel")
    facts = {
        "K": parameters["K"],
        "n": parameters["n"],
        "yield_stress": arrays["yield_stress"],
        "thickness": arrays["thickness"],
        "completed": arrays["completed"],
        "load_jump": _load_jumps(arrays),
        "attempts": arrays["attempts"].astype(np.int64),
    }
    curves = _curves(arrays, facts, ("K", "n", "completed", "load_jump", "attempts"))
    target = arrays["stress"].astype(np.float64)

    def describe() -> str:
        quantities = {
            "K, MPa": facts["K"],
            "n": facts["n"],
            "initial yield stress, MPa": facts["yield_stress"],
            "stress at the last strain, MPa": target[:, -1],
            "thickness, mm": facts["thickness"],
            "maximum load, N": _maximum_load(arrays),
        }
        rows = [[*row, _TABLE_I.get(row[0], "")] for row in _statistics(quantities)]
        return _describe(
            "sheet_steel",
            arrays,
            table=_rst_table([*_STATISTICS, "Table I of the paper"], rows),
            earliest_end=f"{min(curve.displacement[-1] for curve in curves):.2f}",
            incomplete_K=f"{facts['K'][~facts['completed']].max(initial=facts['K'].min()):,.0f}",
        )

    return _as_asked("load_sheet_steel", curves, target, arrays["strain"], facts, describe, return_X_y, as_frame)


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
            number is that of the design; and `law`, `friction`, `completed`, `load_jump` and `attempts` in
            `metadata`.
        target : ndarray or DataFrame of shape (n_curves, n_strains)
            True stress, MPa. The columns of the DataFrame are the strains.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`.
        frame : Bunch of ndarrays, or DataFrame
            Per curve `law`, `thickness` (mm), `friction`, `completed` (False where the simulation stopped before the
            load had dropped by 5 %), `load_jump` (True where the load jumps near the end of the curve, which is the
            solver's fault), `attempts` (1, or how many simulations it took; behind the first one the increments are
            smaller), `yield_stress` (MPa, initial), and the parameters of the laws by name (MPa; NaN where a law has
            none of the name).
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
    arrays, parameters = _read("en10371_steel")
    plateau = np.where(parameters["plateau_strain"] > 0, " with a plateau", "")
    facts = {
        "law": np.char.add(arrays["law_names"][arrays["law"]], plateau),
        "thickness": arrays["thickness"],
        "friction": arrays["friction"],
        "completed": arrays["completed"],
        "load_jump": _load_jumps(arrays),
        "attempts": arrays["attempts"].astype(np.int64),
        "yield_stress": arrays["yield_stress"],
    }
    curves = _curves(arrays, facts, ("law", "friction", "completed", "load_jump", "attempts"))
    target = arrays["stress"].astype(np.float64)

    def describe() -> str:
        quantities = {
            "initial yield stress, MPa": facts["yield_stress"],
            "stress at the last strain, MPa": target[:, -1],
            "thickness, mm": facts["thickness"],
            "friction": facts["friction"],
            "maximum load, N": _maximum_load(arrays),
            "displacement at it, mm": np.array([curve.displacement[np.argmax(curve.load)] for curve in curves]),
        }
        names, counts = np.unique(facts["law"], return_counts=True)
        laws = [[name, str(count)] for name, count in zip(names, counts, strict=True)]
        return _describe(
            "en10371_steel",
            arrays,
            table=_rst_table(_STATISTICS, _statistics(quantities)),
            laws=_rst_table(["hardening law", "curves"], laws),
        )

    frame = {**facts, **parameters}
    return _as_asked("load_en10371_steel", curves, target, arrays["strain"], frame, describe, return_X_y, as_frame)


def _read(name: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The arrays of a set packed by `pack_dataset`, and the laws' parameters by name."""
    with (_DATA / f"{name}.npz").open("rb") as file, np.load(file) as packed:
        arrays = dict(packed)
    return arrays, dict(zip(arrays["parameter_names"].tolist(), arrays["parameters"].T, strict=True))


def _curves(
    arrays: Mapping[str, np.ndarray], facts: Mapping[str, np.ndarray], metadata: Sequence[str]
) -> list[SPTCurve]:
    """The curves of a packed set, with some of the facts as metadata."""
    design = json.loads(str(arrays["manifest"]))["design"]
    displacement, load = arrays["displacement"].astype(np.float64), arrays["load"].astype(np.float64)
    return [
        SPTCurve(
            displacement[start:end],
            load[start:end],
            thickness=float(arrays["thickness"][i]),
            rig=design["rig"]["name"],
            displacement_kind="punch",
            name=f"{design['name']}-{index:04d}",
            metadata={key: facts[key][i].item() for key in metadata},
        )
        for i, (index, (start, end)) in enumerate(
            zip(arrays["index"].tolist(), itertools.pairwise(arrays["offsets"].tolist()), strict=True)
        )
    ]


def _as_asked(
    caller: str,
    data: list[SPTCurve],
    target: Any,
    strain: np.ndarray,
    facts: Mapping[str, np.ndarray],
    describe: Callable[[], str],
    return_X_y: bool,
    as_frame: bool,
    **more: Any,
) -> Any:
    frame: Any = Bunch(**facts)
    if as_frame:
        pandas = _import_pandas(caller)
        index = pandas.Index([curve.name for curve in data], name="curve")
        target = pandas.DataFrame(target, index=index, columns=pandas.Index(strain, name="strain"))
        frame = pandas.DataFrame(dict(frame), index=index)
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, strain=strain, frame=frame, **more, DESCR=describe())


def _load_jumps(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which curves have a load that jumps near their end: packed sets do not hold the mark."""
    cuts = arrays["offsets"][1:-1]
    displacement, load = (np.split(arrays[key].astype(np.float64), cuts) for key in ("displacement", "load"))
    return np.array([has_load_jump(*curve) for curve in zip(displacement, load, arrays["thickness"], strict=True)])


def _maximum_load(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.maximum.reduceat(arrays["load"], arrays["offsets"][:-1])


_STATISTICS = ["quantity", "minimum", "median", "maximum"]


def _statistics(quantities: Mapping[str, np.ndarray]) -> list[list[str]]:
    return [[what, *(_cell(f(v)) for f in (np.min, np.median, np.max))] for what, v in quantities.items()]


def _cell(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _describe(name: str, arrays: Mapping[str, np.ndarray], **values: str) -> str:
    """The description of a packed set, with what can be counted of the curves that there are."""
    n_points = np.diff(arrays["offsets"])
    return (
        (_DATA / f"{name}.rst")
        .read_text(encoding="utf-8")
        .format(
            n_curves=len(arrays["index"]),
            points_min=n_points.min(),
            points_max=n_points.max(),
            n_strains=len(arrays["strain"]),
            strain_min=arrays["strain"][0],
            strain_max=arrays["strain"][-1],
            n_incomplete=int((~arrays["completed"]).sum()),
            n_failed=len(arrays["failed"]),
            n_again=int((arrays["attempts"] > 1).sum()),
            n_jumps=int(_load_jumps(arrays).sum()),
            n_wrong=int((arrays["wrong_increments"] > 0).sum()),
            solver=json.loads(str(arrays["manifest"]))["solver"],
            **values,
        )
    )


def _rst_table(header: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows]]
    return "\n".join([rule, lines[0], rule, *(line.rstrip() for line in lines[1:]), rule])


def load_demo_curve() -> tuple[SPTCurve, np.ndarray, np.ndarray]:
    """Load a test record that looks like a laboratory's, with the known answer.

    It is the curve of `load_sheet_steel` whose name ends in `DEMO_CURVE_INDEX`, interpolated to steps of 0.01 mm, with
    noise of 0.2 % of the load. Leave that curve out of the training of a model that is shown on this one.

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
