"""What the record of a small punch test is, and how files become one."""

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ._files import atomic_path

__all__ = ["SPTCurve", "as_curves", "read_curves"]

MIN_POINTS = 5
# Displacement transducers jitter by micrometres on a stroke of millimetres; a longer way back is an unloading.
MAX_BACKWARD_FRACTION = 0.02
# Fields of a curve that its CSV file carries as "# key: value" lines.
_CSV_KEYS = ("name", "thickness", "temperature", "rig")


class _Column(NamedTuple):
    """How the header of a CSV file may name a column."""

    quantity: str
    unit: str
    standard: str
    words: tuple[str, ...]
    right_units: str
    wrong_units: str


# Units in small letters; the micro sign becomes a mu when case is folded.
_DISPLACEMENT = _Column(
    quantity="displacement",
    unit="mm",
    standard="displacement_mm",
    words=("displacement", "deflection", "stroke"),
    right_units="mm millimetre millimetres millimeter millimeters",
    wrong_units="nm um \N{GREEK SMALL LETTER MU}m micron microns cm dm m metre metres meter meters in inch inches mil "
    "mils thou ft",
)
_LOAD = _Column(
    quantity="load",
    unit="N",
    standard="load_N",
    words=("load", "force"),
    right_units="n newton newtons",
    wrong_units="kn mn dan cn \N{GREEK SMALL LETTER MU}n gf kgf kg kp tf lb lbs lbf kip kips ozf dyn",
)
# A unit at the end of a column's name: load (kN), load [kN], load_kN, load / kN, kN.
_UNIT = re.compile(r"(?:[(\[]\s*([^()\[\]]*?)\s*[)\]]|(?:^|[_/\s])([^\W_]+))$")


@dataclass(frozen=True, eq=False, repr=False)
class SPTCurve:
    """The record of one small punch test: load against displacement.

    The record is kept as it was measured, in its order. Displacements that repeat or step back a little (up to 2 % of
    the stroke, the jitter of a transducer) are allowed; `monotonic` gives the record without them.

    Parameters
    ----------
    displacement : array-like of shape (n_points,)
        Punch displacement or specimen deflection, mm. It increases over the record.
    load : array-like of shape (n_points,)
        Punch load, N. Compression of the specimen is positive.
    thickness : float, default=None
        Initial thickness of the specimen, mm.
    temperature : float, default=None
        Test temperature, °C.
    rig : str, default=None
        Name of the rig (the tool geometry) that the curve was recorded on.
    name : str, default=None
        Name of the specimen. Error messages use it.
    metadata : mapping, default=None
        Whatever else the record knows, by name.

    Raises
    ------
    TypeError
        If an array does not hold numbers.
    ValueError
        If the arrays differ in length, are not 1-D, have fewer than five points, hold a value that is not finite, if
        the displacement does not increase, if the load is never positive, or if the thickness is not positive.

    Examples
    --------
    >>> from sklearn_spt import SPTCurve
    >>> SPTCurve([0.0, 0.1, 0.2, 0.3, 0.4], [0, 90, 170, 230, 260], thickness=0.5, name="A1")
    SPTCurve('A1', 5 points, 0 to 0.4 mm, max. load 260 N, thickness 0.5 mm)
    """

    displacement: np.ndarray
    load: np.ndarray
    thickness: float | None = None
    temperature: float | None = None
    rig: str | None = None
    name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        label = f"curve {self.name!r}: " if self.name is not None else ""
        for name in ("displacement", "load"):
            try:
                # A copy: the caller's array may change later, the record may not.
                values = np.array(getattr(self, name), dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise TypeError(f"{label}{name} must be an array of numbers ({error})") from None
            if values.ndim != 1:
                raise ValueError(f"{label}{name} must be 1-D; got shape {values.shape}")
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if len(self.displacement) != len(self.load):
            raise ValueError(
                f"{label}displacement has {len(self.displacement)} points and load has {len(self.load)}; "
                "they must be recorded together"
            )
        if len(self.displacement) < MIN_POINTS:
            raise ValueError(
                f"{label}the record has {len(self.displacement)} points, and at least {MIN_POINTS} are needed; "
                "record more points, or leave the curve out"
            )
        for name in ("displacement", "load"):
            bad = np.flatnonzero(~np.isfinite(getattr(self, name)))
            if bad.size:
                value = getattr(self, name)[bad[0]]
                raise ValueError(
                    f"{label}{name} is {value} at point {bad[0]} ({bad.size} such points); "
                    "remove these points from the record"
                )
        self._check_displacement(label)
        if self.load.max() <= 0:
            raise ValueError(f"{label}the load is never positive; change its sign if compression is negative")
        for name in ("thickness", "temperature"):
            value = getattr(self, name)
            if value is None:
                continue
            remedy = f"Give it in {'mm' if name == 'thickness' else '°C'}, without the unit, or leave it out (None)"
            try:
                value = float(value)
            except (TypeError, ValueError):
                raise TypeError(f"{label}{name} must be a number; got {value!r}. {remedy}") from None
            if not np.isfinite(value) or (name == "thickness" and value <= 0):
                wanted = "positive" if name == "thickness" else "finite"
                raise ValueError(f"{label}{name} must be {wanted}; got {value}. {remedy}")
            object.__setattr__(self, name, value)
        object.__setattr__(self, "metadata", dict(self.metadata or {}))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickles and deep copies restore arrays that may be written to.
        for name in ("displacement", "load"):
            state[name].flags.writeable = False
        self.__dict__.update(state)

    def _check_displacement(self, label: str) -> None:
        u = self.displacement
        stroke = u.max() - u.min()
        if stroke == 0:
            raise ValueError(
                f"{label}the displacement is {u[0]:g} mm at every point; it must increase. Check that the right column "
                "of the record was read, or leave the curve out"
            )
        if u[-1] - u[0] <= 0:
            raise ValueError(
                f"{label}the displacement goes from {u[0]:g} to {u[-1]:g} mm; it must increase. Change its sign, "
                "reverse the record, or cut the unloading off"
            )
        back = np.maximum.accumulate(u) - u
        worst = int(np.argmax(back))
        if back[worst] > MAX_BACKWARD_FRACTION * stroke:
            raise ValueError(
                f"{label}the displacement goes back by {back[worst]:.3g} mm up to point {worst}, more than "
                f"{MAX_BACKWARD_FRACTION:.0%} of the stroke; cut unloadings out of the record, or sort it if the "
                "points are out of order"
            )
        # The last points may all lie a hair before the furthest one; what counts is that enough are left.
        if len(np.unique(u)) < MIN_POINTS:
            raise ValueError(
                f"{label}the record has {len(np.unique(u))} different displacements in {len(u)} points, and at least "
                f"{MIN_POINTS} are needed; record them with finer resolution, or leave the curve out"
            )

    def __repr__(self) -> str:
        parts = [] if self.name is None else [repr(self.name)]
        parts += [
            f"{len(self.load)} points",
            f"{self.displacement.min():.4g} to {self.displacement.max():.4g} mm",
            f"max. load {self.load.max():.4g} N",
        ]
        if self.thickness is not None:
            parts.append(f"thickness {self.thickness:.4g} mm")
        if self.rig is not None:
            parts.append(f"rig {self.rig}")
        return f"SPTCurve({', '.join(parts)})"

    def monotonic(self) -> tuple[np.ndarray, np.ndarray]:
        """Displacement and load as a function: displacements strictly increase.

        The points are sorted by displacement and the loads of equal displacements averaged.

        Returns
        -------
        displacement : ndarray of shape (n_unique,)
            mm, strictly increasing.
        load : ndarray of shape (n_unique,)
            N.
        """
        if np.all(np.diff(self.displacement) > 0):
            return self.displacement, self.load
        displacement, inverse, counts = np.unique(self.displacement, return_inverse=True, return_counts=True)
        return displacement, np.bincount(inverse, weights=self.load) / counts

    def replace(self, **changes: Any) -> "SPTCurve":
        """A copy with some fields changed, validated anew.

        Parameters
        ----------
        **changes : dict
            New values by the name of the field.

        Returns
        -------
        SPTCurve
        """
        return replace(self, **changes)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the record as a two-column CSV file that `read_curves` reads back without loss.

        Parameters
        ----------
        path : path-like
            The file; replaced if it exists. `metadata` is not written.
        """
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
            for key in _CSV_KEYS:
                if getattr(self, key) is not None:
                    file.write(f"# {key}: {getattr(self, key)}\n")
            file.write("displacement_mm,load_N\n")
            for u, f in zip(self.displacement.tolist(), self.load.tolist(), strict=True):
                file.write(f"{u!r},{f!r}\n")


def as_curves(X: Iterable[Any]) -> list[SPTCurve]:
    """Make every element of `X` an `SPTCurve`.

    Parameters
    ----------
    X : iterable of SPTCurve or array-like of shape (n_points, 2)
        Curves of any lengths; arrays have the columns displacement (mm) and load (N).

    Returns
    -------
    list of SPTCurve

    Raises
    ------
    TypeError, ValueError
        If `X` is a single curve, is empty, or an element is no valid curve. The message names its index.

    Examples
    --------
    >>> from sklearn_spt.curves import as_curves
    >>> as_curves([[[0.0, 0], [0.1, 90], [0.2, 170], [0.3, 230], [0.4, 260]]])
    [SPTCurve(5 points, 0 to 0.4 mm, max. load 260 N)]
    """
    if isinstance(X, SPTCurve):
        raise TypeError("X is a single SPTCurve; give a list of curves, [curve]")
    curves = []
    for index, item in enumerate(X):
        if isinstance(item, SPTCurve):
            curves.append(item)
            continue
        try:
            values = np.asarray(item, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(
                f"curve {index} of X must be an SPTCurve or an array of shape (n_points, 2); got {type(item).__name__}"
            ) from None
        if values.ndim != 2 or values.shape[1] != 2:
            raise ValueError(
                f"curve {index} of X must have the two columns displacement (mm) and load (N); got shape {values.shape}"
            )
        try:
            curves.append(SPTCurve(values[:, 0], values[:, 1]))
        except (TypeError, ValueError) as error:
            raise type(error)(f"curve {index} of X: {error}") from None
    if not curves:
        raise ValueError("X holds no curves (0 samples); at least one curve is needed")
    return curves


def read_curves(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, thickness: float | None = None
) -> list[SPTCurve]:
    """Read curves from two-column CSV files.

    A file has a column of displacement in mm and one of load in N, separated by commas, with a decimal point. One line
    of column names may come first; names that tell of swapped columns or of other units, such as ``load_kN``, are
    refused. Lines "# key: value" set the curve's `name`, `thickness` (mm), `temperature` (°C) or `rig`, in small or
    capital letters; other lines that begin with "#" are comments.

    Parameters
    ----------
    path : path-like or sequence of path-likes
        A file, a folder (its `*.csv` files in the order of their names), or several of these.
    thickness : float, default=None
        Thickness of all specimens, mm. Takes the place of what the files say.

    Returns
    -------
    list of SPTCurve
        One curve per file, named after the file unless the file gives a name.

    Raises
    ------
    FileNotFoundError
        If a path does not exist or a folder holds no CSV file.
    ValueError
        If a file is not such a CSV file, or its record is not a valid curve. The message names the file and, where one
        line is at fault, the line.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt import read_curves
    >>> record = "# thickness: 0.5\\ndisplacement_mm,load_N\\n0,0\\n0.1,90\\n0.2,170\\n0.3,230\\n0.4,260\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "A1.csv").write_text(record)
    ...     read_curves(folder)
    [SPTCurve('A1', 5 points, 0 to 0.4 mm, max. load 260 N, thickness 0.5 mm)]
    """
    paths = [path] if isinstance(path, str | os.PathLike) else list(path)
    files: list[Path] = []
    for entry in map(Path, paths):
        if entry.is_dir():
            found = sorted(entry.glob("*.csv"))
            if not found:
                raise FileNotFoundError(f"the folder {entry} holds no *.csv file")
            files += found
        elif entry.is_file():
            files.append(entry)
        else:
            raise FileNotFoundError(f"there is no file or folder {entry}")
    return [_read_csv(file, thickness) for file in files]


def _read_csv(file: Path, thickness: float | None) -> SPTCurve:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{file}: not a text file in UTF-8; save it as CSV in that encoding") from None
    facts: dict[str, Any] = {"name": file.stem}
    rows: list[tuple[float, float]] = []
    header_seen = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if text.startswith("#"):
            key, colon, value = text[1:].partition(":")
            key = key.strip().lower()
            if colon and key in _CSV_KEYS:
                facts[key] = value.strip()
            continue
        cells = text.split(",")
        if len(cells) != 2:
            raise ValueError(
                f"{file}, line {number}: expected two columns separated by a comma, displacement (mm) and load (N); "
                f"got {len(cells)}: {text[:60]!r}"
            )
        u, f = map(_number, cells)
        if u is not None and f is not None:
            if not (math.isfinite(u) and math.isfinite(f)):
                raise ValueError(
                    f"{file}, line {number}: {text[:60]!r} is not finite; remove the line, or repair the record"
                )
            rows.append((u, f))
        elif rows or header_seen or u is not None or f is not None:
            raise ValueError(
                f"{file}, line {number}: {text[:60]!r} is not a pair of numbers; remove the line, or repair the record"
            )
        else:
            _check_header(cells, f"{file}, line {number}")
            header_seen = True
    if thickness is not None:
        facts["thickness"] = thickness
    values = np.array(rows, dtype=np.float64).reshape(-1, 2)
    try:
        return SPTCurve(values[:, 0], values[:, 1], **facts)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _check_header(cells: list[str], where: str) -> None:
    """Refuse names of columns that contradict displacement in mm, load in N."""
    names = [cell.strip().strip("\"'").strip() for cell in cells]
    for name, column, other in zip(names, (_DISPLACEMENT, _LOAD), (_LOAD, _DISPLACEMENT), strict=True):
        match = _UNIT.search(name)
        unit = (match[1] or match[2] or "").casefold() if match else ""
        of_other = unit in f"{other.right_units} {other.wrong_units}".split()
        # A "load-line displacement" has words of both, and is a displacement.
        has_word, has_other_word = (any(word in name.casefold() for word in c.words) for c in (column, other))
        if not has_word and (has_other_word or of_other):
            raise ValueError(
                f"{where}: the column {name!r} stands where the {column.quantity} must be and seems to hold the "
                f"{other.quantity}; the first column must be the displacement (mm), the second the load (N). Swap the "
                "columns, or correct their names"
            )
        if of_other or unit in column.wrong_units.split():
            raise ValueError(
                f"{where}: the column {name!r} is not in {column.unit}; convert its values to {column.unit} and name "
                f"it {column.standard}"
            )
