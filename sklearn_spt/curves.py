"""What the record of a small punch test is, and what was done to it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

import numpy as np

from .rigs import rig_name
from .utils.files import atomic_path

__all__ = ["CurveCorrection", "CurveSource", "SPTCurve", "as_curves", "check_thickness"]

MIN_POINTS = 5
# Displacement transducers jitter by micrometres on a stroke of millimetres; a longer way back is an unloading.
MAX_BACKWARD_FRACTION = 0.02
# Fields of a curve that its CSV file carries as "# key: value" lines.
_CSV_KEYS = ("name", "thickness", "temperature", "rig", "displacement_kind")
DISPLACEMENT_KINDS = ("crosshead", "punch", "deflection")
# From less than the thinnest foil to more than the thickest sheet that is pressed, mm: what is outside was given in
# another unit, µm or m.
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
    sha256 : str or None
        SHA-256 checksum of the file, as it was read.
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
    sklearn_spt.io.read_curves : Makes it.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> curve, _, _ = load_demo_curve()
    >>> curve.source.columns
    {'displacement': 'displacement_mm', 'load': 'load_N'}
    """

    path: str
    sheet: str | None = None
    sha256: str | None = None
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
        parts += [f"SHA-256 {self.sha256}"] if self.sha256 is not None else []
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
        the displacement does not increase, if the load is never positive, if the thickness is outside the range (0.01
        to 50 mm), or if the kind of displacement is not one of those above.

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
                values = np.array(_numbers(getattr(self, name)), dtype=np.float64)
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
        n_different = len(u) if (np.diff(u) > 0).all() else len(np.unique(u))
        if n_different < MIN_POINTS:
            raise ValueError(
                f"{label}the record has {n_different} different displacements in {len(u)} points, and at least "
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
        """A copy with some fields changed, validated again.

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
        If `X` is a single curve, is empty, or an element is not a valid curve. The message names its index.

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
            values = _numbers(item)
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


def _count(n: int) -> str:
    return f"{n} point{'s' if n != 1 else ''}"


def _numbers(given: Any) -> np.ndarray:
    """An array of real numbers, and of nothing that only can be made one: texts, dates, truth values."""
    values = np.asarray(given)
    is_real = values.dtype.kind in "iuf"
    if values.dtype.kind == "O":
        is_real = all(isinstance(value, Real) and not isinstance(value, bool) for value in values.flat)
    if values.size and not is_real:
        raise TypeError(f"it holds {values.dtype if values.dtype.kind != 'O' else 'other things'}")
    return values.astype(np.float64)


def check_thickness(value: float) -> None:
    """Refuse a thickness that no specimen has, wherever it comes from: a file, an option or a curve.

    Parameters
    ----------
    value : float
        Thickness, mm.

    Raises
    ------
    ValueError
        If it is outside 0.01 to 50 mm.

    Examples
    --------
    >>> from sklearn_spt.curves import check_thickness
    >>> check_thickness(500)
    Traceback (most recent call last):
        ...
    ValueError: a thickness of 500 mm is outside 0.01 to 50 mm
    """
    low, high = THICKNESS_RANGE
    if not low <= value <= high:
        raise ValueError(f"a thickness of {value:g} mm is outside {low:g} to {high:g} mm")
