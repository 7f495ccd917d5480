"""What the record of a small punch test is, and how files become one."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ._reading import (
    SEPARATORS,
    Options,
    Record,
    Specimen,
    SpecimenTable,
    find_files,
    read_file,
    read_specimens,
)
from .rigs import rig_name
from .utils.files import atomic_path
from .utils.warnings import warn

__all__ = ["CurveCorrection", "CurveSource", "SPTCurve", "as_curves", "read_curves"]

MIN_POINTS = 5
# Displacement transducers jitter by micrometres on a stroke of millimetres; a longer way back is an unloading.
MAX_BACKWARD_FRACTION = 0.02
# Fields of a curve that its CSV file carries as "# key: value" lines.
_CSV_KEYS = ("name", "thickness", "temperature", "rig", "displacement_kind")
DISPLACEMENT_KINDS = ("crosshead", "punch", "deflection")
# No disc of a small punch test is thinner or thicker, mm.
THICKNESS_RANGE = (0.01, 50.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class CurveSource:
    """What `read_curves` understood of the file that a curve comes from.

    Parameters
    ----------
    path : str
        The file.
    sheet : str or None
        Sheet of a workbook.
    encoding : str or None
        Encoding of a text file.
    separator : {"tab", "semicolon", "bar", "comma", "white space"} or None
        What separates the columns of a text file.
    decimal : {".", ","} or None
        Decimal sign of a text file.
    thousands : str or None
        Mark between thousands.
    header_lines : int
        Lines above the first number.
    lines : tuple of int
        First and last line of the record, counted from 1.
    columns : dict
        Names of the columns "displacement" and "load" as the file has them.
    positions : dict
        Their positions, counted from 0.
    units : dict
        Their units; "mm (assumed)" where the file names none.
    factors : dict
        What their values were multiplied by.
    sign_changed : tuple of str
        Those whose sign was changed, because compression is negative in the file.
    origin : dict
        Where each fact of the specimen was read, such as ``{"thickness": "line 4"}``.
    notes : tuple of str
        Whatever else was decided or left out.

    See Also
    --------
    read_curves : Makes it.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> curve, _, _ = load_demo_curve()
    >>> curve.source.columns
    {'displacement': 'displacement_mm', 'load': 'load_N'}
    """

    path: str
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header_lines: int = 0
    lines: tuple[int, int] = (0, 0)
    columns: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    sign_changed: tuple[str, ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"CurveSource({'; '.join(self._parts())})"

    def __str__(self) -> str:
        return "\n  ".join(self._parts())

    def _parts(self) -> list[str]:
        place = f"sheet {self.sheet!r}, " if self.sheet is not None else ""
        parts = [f"{self.path}, {place}lines {self.lines[0]} to {self.lines[1]}"]
        for role, unit in self.units.items():
            parts.append(f"{role}: column {self.positions[role]}, {self.columns[role]!r}, {unit}")
            if self.factors[role] != 1.0:
                parts[-1] += f", times {self.factors[role]:g}"
            if role in self.sign_changed:
                parts[-1] += ", sign changed"
        if self.encoding is not None:
            thousands = f", mark between thousands {self.thousands!r}" if self.thousands is not None else ""
            parts.append(f"{self.encoding}, separator {self.separator}, decimal sign {self.decimal!r}{thousands}")
        parts += [f"{fact}: {where}" for fact, where in self.origin.items()]
        return parts + list(self.notes)


@dataclass(frozen=True)
class CurveCorrection:
    """What a step has done to a curve.

    Parameters
    ----------
    name : str
        What was corrected, such as "toe".
    value : float or None
        By how much; None if nothing was changed, and `note` says why.
    unit : str, default=""
        Unit of the value.
    note : str, default=""
        Whatever else there is to know.

    See Also
    --------
    SPTCurve : Carries them as `corrections`.

    Examples
    --------
    >>> from sklearn_spt.curves import CurveCorrection
    >>> str(CurveCorrection("toe", 0.0124, "mm"))
    'toe 0.0124 mm'
    """

    name: str
    value: float | None
    unit: str = ""
    note: str = ""

    def in_usual_unit(self) -> "CurveCorrection":
        """The correction as laboratories speak of it: compliances in µm/kN.

        Returns
        -------
        CurveCorrection
        """
        if self.unit != "mm/N" or self.value is None:
            return self
        return replace(self, value=1e6 * self.value, unit="µm/kN")

    def __str__(self) -> str:
        value = "none" if self.value is None else f"{self.value:.4g} {self.unit}".rstrip()
        return f"{self.name} {value}" + (f" ({self.note})" if self.note else "")


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
        Name of the rig (the tool geometry) that the curve was recorded on. Those that the package knows may be written
        in any way: "DIN EN 10371" becomes "EN10371" (`sklearn_spt.simulation.rig_name`).
    name : str, default=None
        Name of the specimen. Error messages use it.
    metadata : mapping, default=None
        Whatever else the record knows, by name.
    displacement_kind : {"crosshead", "punch", "deflection"}, default=None
        What the displacement is: of the crosshead (or the actuator), with the compliance of the whole machine in it; of
        the punch; or the deflection of the specimen, measured on its other side. None if it is not known.
    source : CurveSource, default=None
        What `read_curves` understood of the file.
    corrections : sequence of CurveCorrection, default=()
        What was done to the record since it was measured, in this order. The corrections of
        `sklearn_spt.preprocessing` add themselves.

    Raises
    ------
    TypeError
        If an array does not hold numbers, or `corrections` something else than corrections.
    ValueError
        If the arrays differ in length, are not 1-D, have fewer than five points, hold a value that is not finite, if
        the displacement does not increase, if the load is never positive, if the thickness is no specimen's (0.01 to
        50 mm), or if the kind of displacement is none of those above.

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
    displacement_kind: str | None = None
    source: CurveSource | None = None
    corrections: Sequence[CurveCorrection] = ()

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
                f"{label}the record has {_count(len(self.displacement))}, and at least {MIN_POINTS} are needed; "
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
            if name == "thickness":
                try:
                    check_thickness(value)
                except ValueError as error:
                    raise ValueError(f"{label}{error}. {remedy}") from None
            object.__setattr__(self, name, value)
        if self.rig is not None:
            try:
                object.__setattr__(self, "rig", rig_name(self.rig))
            except (TypeError, ValueError) as error:
                raise type(error)(f"{label}{error}") from None
        object.__setattr__(self, "metadata", dict(self.metadata or {}))
        if self.displacement_kind not in (None, *DISPLACEMENT_KINDS):
            kinds = ", ".join(map(repr, DISPLACEMENT_KINDS))
            raise ValueError(f"{label}displacement_kind must be one of {kinds} or None; got {self.displacement_kind!r}")
        object.__setattr__(self, "corrections", tuple(self.corrections))
        if not all(isinstance(correction, CurveCorrection) for correction in self.corrections):
            raise TypeError(f"{label}corrections must hold CurveCorrection only; got {self.corrections!r}")

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
        if self.corrections:
            done = "; ".join(correction.name for correction in self.corrections if correction.value is not None)
            parts.append(f"corrected: {done or 'nothing'}")
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
            The file; replaced if it exists. `metadata`, `source` and `corrections` are not written. A record of a size
            that no small punch test has (a load of 0.1 N, a displacement of 1 m) is written, and refused when read.
        """
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
            for key in _CSV_KEYS:
                if getattr(self, key) is not None:
                    file.write(f"# {key}: {getattr(self, key)}\n")
            file.write("displacement_mm,load_N\n")
            for u, f in zip(self.displacement.tolist(), self.load.tolist(), strict=True):
                file.write(f"{u!r},{f!r}\n")


def check_thickness(value: float) -> None:
    """Raise ValueError unless `value` can be the thickness of a specimen in mm, wherever it comes from."""
    low, high = THICKNESS_RANGE
    if not low <= value <= high:
        raise ValueError(f"a thickness of {value:g} mm is no specimen's")


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
    if not isinstance(X, Iterable) or isinstance(X, str | bytes):
        raise TypeError(f"X must be a list of curves; got {type(X).__name__}")
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


def is_table(X: Any) -> bool:
    """Whether X is to be read as a 2-D array of loads, and not as a sequence of curves.

    What is neither (1-D arrays, text, sparse matrices) counts as a table: scikit-learn's validation then says what is
    wrong with it.
    """
    ndim = getattr(X, "ndim", None)
    if ndim == 3 or isinstance(X, SPTCurve):
        return False
    if not isinstance(X, list | tuple) and not (ndim == 1 and X.dtype == object):
        return True
    first = next(iter(X), None)
    if first is None or isinstance(first, SPTCurve):
        return False
    # [[curve], [curve]] is refused as curves, by a message that says what is wrong.
    if isinstance(first, list | tuple) and any(isinstance(item, SPTCurve) for item in first):
        return False
    try:
        return np.ndim(first) < 2
    except ValueError:  # rows of unequal lengths
        return False


def read_curves(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    columns: Mapping[str, str | int] | None = None,
    units: Mapping[str, str] | None = None,
    metadata: str | os.PathLike[str] | Mapping[str, Mapping[str, Any]] | None = None,
    thickness: float | None = None,
    sheet: str | int | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    cut_unloading: bool = False,
) -> list[SPTCurve]:
    r"""Read curves from the files that testing machines write.

    Text files (CSV, TSV and the like) and Excel workbooks are read, with any number of lines above the numbers. The
    encoding, the separator, the decimal sign, the columns and their units are found out; displacements become mm, loads
    N, and compression positive. What was understood is in the `source` of each curve. Nothing is guessed: where two
    columns may hold the displacement or the load, or a number may be read in two ways, the file is refused with a
    message that says what to pass.

    The columns are known by their names in a dozen languages, else by their units, else, if there are two, by their
    order: displacement, load. A file may hold several specimens: pairs of columns side by side, one below the other,
    told apart by a column of their names, or on several sheets. Lines above the numbers such as ``Thickness: 0.5 mm``
    or ``# name: A1`` set `name`, `thickness`, `temperature`, `rig` or `displacement_kind`; the others go to `metadata`.
    The line of the rig may be called "Rig", "Test rig", "Fixture", "Prüfvorrichtung" and the like, and names the rig in
    any spelling: "DIN EN 10371" is read as "EN10371". A thickness may also stand in a column of its own, the same in
    every row of a specimen.

    Parameters
    ----------
    path : path-like or sequence of path-likes
        A file, a folder (its files whose names end like those of tables, in the order of their names; old workbooks
        among them are refused, unless the same name stands beside with the ending of one that is read), a pattern such
        as ``"lab/*.txt"``, or several of these.
    columns : mapping, default=None
        Which column is the "displacement", the "load" or the "specimen" (a column of names): the name as the file has
        it, or the position counted from 0.
    units : mapping, default=None
        Units of "displacement", "load", "thickness" and "temperature", such as ``{"load": "kN"}``. Take the place of
        what the files say.
    metadata : path-like or mapping, default=None
        A table with one line per specimen, whose first line names its columns: name (of the specimen or its file),
        thickness, temperature, rig, and others that go to `metadata`. Or a mapping of names to mappings. Takes the
        place of what the files say.
    thickness : float, default=None
        Thickness of all specimens, mm. Takes the place of what the files and `metadata` say.
    sheet : str or int, default=None
        Name, or position counted from 0, of the sheet of workbooks; by default all that hold curves.
    separator : str, default=None
        What separates the columns of text files: ``";"``, ``","``, ``"\t"``, ``"|"``, or ``" "`` for white space.
    decimal : {".", ","}, default=None
        Decimal sign.
    encoding : str, default=None
        Encoding of text files.
    cut_unloading : bool, default=False
        Leave out the points at the end of a record at which the punch goes back, as `source` then says. By default such
        a record is refused. One that goes back before, too, is always refused.

    Returns
    -------
    list of SPTCurve
        In the order of the files, and within a file of the specimens. A curve is named as its file says, else after the
        file; further curves of one file after their column, their sheet, or by a number.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or a folder holds no file of a test.
    ImportError
        If a workbook is to be read and openpyxl is not installed.
    TypeError
        If an option has a value of the wrong type.
    ValueError
        If a file cannot be understood without guessing, or its record is not a valid curve. The message names the file
        and, where one line is at fault, the line, and says what to do. Also if `metadata` lacks a specimen, or if,
        where a folder is read, it has one that was not read.

    Warns
    -----
    UserWarning
        If a displacement or a load is possible in its unit, but so unusual that the unit may be wrong; if `thickness`
        is another than that which a file or `metadata` states; if a temperature in a column is not taken.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt import read_curves
    >>> record = "Probendicke;0,5;mm\nWeg [µm];Kraft [kN]\n0;0\n100;0,09\n200;0,17\n300;0,23\n400;0,26\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "A1.csv").write_text(record, encoding="cp1252")
    ...     (curve,) = read_curves(folder)
    >>> curve
    SPTCurve('A1', 5 points, 0 to 0.4 mm, max. load 260 N, thickness 0.5 mm)
    >>> curve.source.units, curve.source.decimal, curve.source.origin
    ({'displacement': 'µm', 'load': 'kN'}, ',', {'thickness': 'line 1'})
    """
    options = Options(
        columns=_check_mapping("columns", columns, ("displacement", "load", "specimen"), (str, int)),
        units=_check_mapping("units", units, ("displacement", "load", "thickness", "temperature"), (str,)),
        decimal=_check_choice("decimal", decimal, (".", ",")),
        separator=_check_choice("separator", separator, tuple(SEPARATORS)),
        encoding=encoding,
        sheet=sheet,
        cut_unloading=_check_flag("cut_unloading", cut_unloading),
    )
    paths = [path] if isinstance(path, str | os.PathLike) else path
    files, folders = find_files([Path(entry) for entry in paths])
    table = None
    if metadata is not None:
        table = read_specimens(metadata)
        if not isinstance(metadata, Mapping):
            files = [file for file in files if not file.samefile(metadata)]
    found = [read_file(file, options) for file in files]
    records = [record for of_file in found for record in of_file]
    for doubt in (doubt for record in records for doubt in record.doubts):
        warn(doubt, UserWarning, stacklevel=2)
    if table is None:
        rows: list[Specimen | None] = [None] * len(records)
    else:
        # A file's name stands for a specimen only where it is the only one in the file.
        names = [
            (record.name, file.name, file.stem) if len(of_file) == 1 else (record.name,)
            for file, of_file in zip(files, found, strict=True)
            for record in of_file
        ]
        rows = _look_up(table, records, names, all_expected=bool(folders))
    for record, row in zip(records, rows, strict=True):
        other = _other_thickness(record, row, thickness)
        if other is not None:
            warn(other, UserWarning, stacklevel=2)
    return [_make_curve(record, row, thickness) for record, row in zip(records, rows, strict=True)]


def _count(n: int) -> str:
    return f"{n} point{'s' if n != 1 else ''}"


def _check_mapping(option: str, given: Any, keys: tuple[str, ...], types: tuple[type, ...]) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"{option} must be a mapping such as {{{keys[0]!r}: ...}}; got {given!r}")
    for key, value in given.items():
        if key not in keys:
            raise ValueError(f"{option} has the key {key!r}; it takes {', '.join(map(repr, keys))}")
        if not isinstance(value, types) or isinstance(value, bool):
            wanted = " or a position from 0" if int in types else ""
            raise TypeError(f"{option}[{key!r}] must be a text{wanted}; got {value!r}")
    return given


def _check_choice(option: str, given: Any, choices: tuple[str, ...]) -> str | None:
    if given is not None and given not in choices:
        raise ValueError(f"{option} must be one of {', '.join(map(repr, choices))}, or None; got {given!r}")
    return given


def _check_flag(option: str, given: Any) -> bool:
    if not isinstance(given, bool | np.bool_):
        raise TypeError(f"{option} must be True or False; got {given!r}")
    return bool(given)


def _look_up(
    table: SpecimenTable, records: list[Record], names: Sequence[tuple[str, ...]], *, all_expected: bool
) -> list[Specimen | None]:
    """The table's line of every record, by one of its names."""
    keys = [next((name for name in each if name in table.rows), None) for each in names]
    missing = [
        f"{record.name!r} ({Path(record.source['path']).name})"
        for record, key in zip(records, keys, strict=True)
        if key is None
    ]
    unused = [name for name in table.rows if name not in keys]
    left = ", ".join(map(repr, unused[:8]))
    if missing:
        hint = f"; its other lines are for {left}" if unused else ""
        several = any(key is None and len(each) == 1 for key, each in zip(keys, names, strict=True))
        of_file = " (a file of several specimens needs one for each of them, by these names)" if several else ""
        raise ValueError(
            f"{table.where}: no line for the specimen{'s' if len(missing) > 1 else ''} {', '.join(missing[:8])}{hint}. "
            f"Add a line with the name of the specimen{of_file or ' or of its file'}"
        )
    if unused and all_expected:
        raise ValueError(
            f"{table.where}: no curve was read for {left}; correct the name, add the file, or remove the line"
        )
    return [None if key is None else table.rows[key] for key in keys]


def _other_thickness(record: Record, row: Specimen | None, thickness: float | None) -> str | None:
    """What is to be warned of where the thickness of all specimens is another than that which is known of one."""
    known = (record.specimen.facts | ({} if row is None else row.facts)).get("thickness")
    if thickness is None or known is None or record.specimen.problem or abs(thickness - known) <= 1e-3 * known:
        return None
    place = (record.source["origin"] | ({} if row is None else row.origin)).get("thickness")
    return (
        f"{record.where}: the thickness of {thickness:g} mm for all specimens takes the place of the {known:g} mm in "
        f"{place}; leave it out where specimens have their own"
    )


def _make_curve(record: Record, row: Specimen | None, thickness: float | None) -> SPTCurve:
    facts: dict[str, Any] = {"name": record.name, "displacement_kind": record.displacement_kind}
    facts |= {key: value for key, value in record.specimen.facts.items() if key not in facts}
    extra = dict(record.specimen.metadata)
    origin = dict(record.source["origin"])
    given: dict[str, Any] = {}
    if row is not None:
        given |= row.facts
        extra |= row.metadata
        origin |= row.origin
    if thickness is not None:
        given["thickness"] = thickness
        origin["thickness"] = "thickness="
    if record.specimen.problem and "thickness" not in given:
        raise ValueError(record.specimen.problem)
    facts |= given
    source = CurveSource(**(record.source | {"origin": origin}))
    try:
        return SPTCurve(record.displacement, record.load, metadata=extra, source=source, **facts)
    except (TypeError, ValueError) as error:
        # Its numbers are not those of the file then.
        turned = " and ".join(record.source["sign_changed"])
        note = f" (the sign of the {turned} was changed)" if turned else ""
        raise ValueError(f"{record.where}: {error}{note}") from None
