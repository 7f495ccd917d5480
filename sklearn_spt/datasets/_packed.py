"""The simulated sets that come with the package: packed results, and what the loaders make of them."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import as_file, files
from itertools import islice
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..curves import SPTCurve
from ..mechanics import HardeningLaw
from ..simulation import DesignPoint
from ..simulation._dataset import PointResult, read_packed

DATA = files(__package__) / "data"
# On to the strains that a disc reaches under the punch.
FAR_STRAINS = (0.22, 0.24, 0.26, 0.28, 0.3, 0.33, 0.36, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0)
_STATISTICS = ["quantity", "minimum", "median", "maximum"]


@dataclass(frozen=True)
class Row:
    """One curve of a packed set: of which part it is, its point in the design, and what the solver gave."""

    part: str
    point: DesignPoint
    result: PointResult

    def curve(self, displacement_kind: str, metadata: Mapping[str, Any]) -> SPTCurve:
        """The curve."""
        return SPTCurve(
            self.result.displacement if displacement_kind == "punch" else self.result.deflection,
            self.result.load,
            thickness=self.point.thickness,
            rig=self.point.rig.name,
            name=self.result.record["name"],
            displacement_kind=displacement_kind,
            metadata=metadata,
        )


def read_rows(
    names: Mapping[str, str], n_curves: int | None, wanted: Callable[[DesignPoint], bool] | None = None
) -> list[Row]:
    """The first curves of packed sets in the order of their designs, the sets in turns.

    Parameters
    ----------
    names : mapping of str to str
        Names of the parts, and of their files without ending.
    n_curves : int or None
        How many curves; None: all.
    wanted : callable, default=None
        Tells of a point whether it is wanted.

    Returns
    -------
    list of Row

    Raises
    ------
    ValueError
        If `n_curves` is not a positive whole number.
    """
    if n_curves is not None and (isinstance(n_curves, bool) or not isinstance(n_curves, Integral) or n_curves < 1):
        raise ValueError(f"n_curves must be a positive whole number or None; got {n_curves!r}")
    rows = heapq.merge(*(_rows(*item) for item in names.items()), key=lambda row: row.point.index)
    chosen = (row for row in rows if wanted is None or wanted(row.point))
    return list(islice(chosen, n_curves))


def _rows(part: str, name: str) -> Iterator[Row]:
    with as_file(DATA / f"{name}.npz") as path:
        _, results = read_packed(path)
        for point, result in results:
            yield Row(part, point, result)


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


def as_asked(
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
    """What a loader returns."""
    frame: Any = Bunch(**facts)
    if as_frame:
        pandas = _import_pandas(caller)
        index = pandas.Index([curve.name for curve in data], name="curve")
        target = pandas.DataFrame(target, index=index, columns=pandas.Index(strain, name="strain"))
        frame = pandas.DataFrame(dict(frame), index=index)
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, strain=strain, frame=frame, **more, DESCR=describe())


def description(
    name: str,
    curves: Sequence[SPTCurve],
    strain: np.ndarray,
    quantities: Mapping[str, np.ndarray],
    *,
    beside: Mapping[str, str] | None = None,
    **values: Any,
) -> str:
    """The text `name`.rst with what can be counted of the curves that there are, and a table of quantities.

    `beside` gives a last column of the table: its title under "", and its cells by the name of the quantity.
    """
    sizes = [len(curve.load) for curve in curves]
    header, rows = list(_STATISTICS), statistics(quantities)
    if beside is not None:
        header.append(beside[""])
        rows = [[*row, beside.get(row[0], "")] for row in rows]
    text = (DATA / f"{name}.rst").read_text(encoding="utf-8")
    return text.format(
        n_curves=len(curves),
        points=f"{min(sizes)} to {max(sizes)}" if len(set(sizes)) > 1 else str(sizes[0]),
        n_strains=len(strain),
        strain_max=f"{strain[-1]:g}",
        table=rst_table(header, rows),
        **values,
    )


def statistics(quantities: Mapping[str, np.ndarray]) -> list[list[str]]:
    """Minimum, median and maximum of quantities, as the cells of a table."""
    return [[what, *(_cell(f(v)) for f in (np.min, np.median, np.max))] for what, v in quantities.items()]


def _cell(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def rst_table(header: list[str], rows: list[list[str]]) -> str:
    """A table in reStructuredText."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows]]
    return "\n".join([rule, lines[0], rule, *(line.rstrip() for line in lines[1:]), rule])


def _import_pandas(caller: str) -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            f"{caller} with as_frame=True needs pandas; install it (pip install pandas) or use as_frame=False"
        ) from None
    return pandas
