"""Corrections of measured curves, which record what they did."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
from scipy.interpolate import make_smoothing_spline
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from ..checks.record import about_record
from ..curves import MAX_BACKWARD_FRACTION, CurveCorrection, SPTCurve, as_curves
from ..exceptions import Message, Owner, Parameter
from ..utils.validation import check_number, check_option
from ..utils.warnings import warn
from ._deflection import relation, thinning

__all__ = [
    "ComplianceCorrector",
    "CurveCutter",
    "CurveSmoother",
    "DeflectionConverter",
    "LoadOffsetCorrector",
    "ToeCorrector",
    "standard_corrections",
]

# A later one rests on the earlier ones: compliance multiplies the load, and the toe is where that load is zero.
ORDER = ("load_offset", "compliance", "toe", "deflection", "cut", "smooth")
STANDARD = ("load_offset", "toe", "deflection")
# These change the zero or the scale, so that a second time would be an error; a second cut is none.
_ONCE = ("load_offset", "compliance", "toe")
_MIN_PLATEAU = 10
_MIN_LINE = 4
_LOAD_RANGE = (0.01, 0.1)
# Where a toe is not found up to there, these come next: what they are worth stands in
# benchmarks/results/record_sampling.json.
_WIDER = (0.15, 0.2, 0.25, 0.3)
# But the branch must end this near to the toe: as a part of the thickness, or, where that is not known, in mm. Beyond
# it a disc yields, and few points far apart would be extrapolated over the knee.
_REACH, _REACH_MM = 0.4, 0.2
_DEGREE = 2
CUTS = ("fracture", "drop", "maximum")
# No load train is softer or stiffer than this, mm/N: at the softest a load of 1 kN deforms it by the whole stroke of a
# test, at the stiffest by a tenth of a micrometre. What is outside was given in another unit.
_SOFTEST, _STIFFEST = 1e-3, 1e-7
_COMPLIANCE = Parameter("compliance", python="mm/N: 1 µm/kN is 1e-6 mm/N")
# How far the load has fallen at uf, as a fraction of the maximum.
_DROP = 0.2
# Part of the displacement within which a fall of the load is a sudden one.
_FRACTURE_SPAN = 0.01
# Where simulated curves without a toe extrapolate to zero load, mm: medians, of every third curve of load_en10371_steel
# (python -m benchmarks.corrections; when the set grew it moved by less than 0.1 µm, and the value stayed) and, for the
# deflection, of the tests of python -m benchmarks.deflection.
FEET = {("EN10371", "punch"): 0.0026, ("EN10371", "deflection"): 0.0003}


class _Unchanged(Exception):
    """A correction cannot be applied to this curve; the message says why."""


class _CurveCorrector(TransformerMixin, BaseEstimator):
    _name: str

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags

    def fit(self, X: Any, y: Any = None) -> Any:
        """Check the parameters and the curves; nothing is learned.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2)
            Columns displacement in mm and load in N.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._check_parameters()
        as_curves(X)
        return self

    def transform(self, X: Any) -> list[SPTCurve]:
        """Correct every curve by itself.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2)
            Columns displacement in mm and load in N.

        Returns
        -------
        list of SPTCurve
            New curves with one more entry in `corrections`. Where the correction cannot be applied the record is
            unchanged, and the entry's value is None and its note says why.

        Warns
        -----
        sklearn_spt.exceptions.DoubtfulRecordWarning
            If the record, not corrected before, is damaged: a load cell at its limit, drop-outs or spikes of the load.

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, or the curve was corrected in this way before.
        """
        self._check_parameters()
        return [self._correct_one(curve, index) for index, curve in enumerate(as_curves(X))]

    def _correct_one(self, curve: SPTCurve, index: int) -> SPTCurve:
        label = Message(Owner(type(self).__name__), f"curve {index if curve.name is None else repr(curve.name)}")
        done = [correction.name for correction in curve.corrections if correction.value is not None]
        if self._name in done and self._name in _ONCE:
            said = f" was corrected for {self._name} before; give the measured curve, or leave it out"
            raise ValueError(Message(label, said, about="corrected"))
        late = [name for name in done if name in ORDER and ORDER.index(name) > ORDER.index(self._name)]
        if late:
            said = f": {self._name} comes after {', '.join(late)}, which rests on it; the order is {', '.join(ORDER)}"
            warn(Message(label, said, about="order"), stacklevel=3)
        # Before the first correction: a later one, such as a cut, hides the damage.
        for finding in [] if curve.corrections else about_record(curve):
            warn(Message(label, ": ", finding), type(finding), stacklevel=3)
        changes: dict[str, Any] = {}
        try:
            changes, correction = self._correct(curve)
        except _Unchanged as reason:
            correction = CurveCorrection(self._name, None, note=Message(reason))
        try:
            return curve.replace(**changes, corrections=(*curve.corrections, correction))
        except ValueError as error:
            raise ValueError(Message(label, ": no valid curve is left: ", error)) from None

    def _check_parameters(self) -> None:
        pass

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        raise NotImplementedError


class LoadOffsetCorrector(_CurveCorrector):
    """Take the load that the cell shows before contact off the record.

    The record must begin before contact. The plateau is found as the first part of the best division of the beginning
    into a constant and a parabola (least squares); its median is the offset.

    Parameters
    ----------
    max_fraction : float, default=0.2
        Largest rise above the first load that belongs to the beginning, as a fraction of the range of the load.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    The rule is this package's own. A curve with fewer than ten points before contact is left unchanged, as nothing
    tells an offset from a preload there.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import LoadOffsetCorrector
    >>> u = np.linspace(-0.1, 1.0, 111)
    >>> curve = SPTCurve(u, 8 + 1000 * np.maximum(u, 0))
    >>> print(LoadOffsetCorrector().transform([curve])[0].corrections[0])
    load_offset 8 N (11 points before contact)
    """

    _name = "load_offset"

    def __init__(self, max_fraction: float = 0.2) -> None:
        self.max_fraction = max_fraction

    def _check_parameters(self) -> None:
        check_number(self, "max_fraction", low=0, high=1, open_low=True, open_high=True)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        f = curve.load
        above = np.flatnonzero(f - f[0] > self.max_fraction * np.ptp(f))
        if not above.size:
            raise _Unchanged("the load never rises above its beginning")
        # In the order of the record: before contact the deflection of a specimen stands still, and jitters.
        u, f = np.arange(above[0], dtype=float), f[: above[0]]
        if len(f) < _MIN_PLATEAU + _MIN_LINE:
            raise _Unchanged("too few points at the beginning")
        ends = np.arange(_MIN_PLATEAU, len(f) - _MIN_LINE + 1)
        # Of a long record a hundred and fifty divisions are enough: the median hardly depends on the last points.
        ends = np.unique(np.linspace(ends[0], ends[-1], min(len(ends), 150)).astype(int))
        sums = [len(f[:k]) * np.var(f[:k]) + _parabola_residual(u[k:], f[k:]) for k in ends]
        k = int(ends[int(np.argmin(sums))])
        x = u[:k] - u[:k].mean()
        slope = x @ f[:k] / (x @ x)
        scatter = np.sqrt(np.sum((f[:k] - f[:k].mean() - slope * x) ** 2) / (k - 2) / (x @ x))
        if abs(slope) > 4 * scatter + 1e-9 * np.ptp(f) / np.ptp(u):
            raise _Unchanged("the record has no level part before contact")
        noise = np.sqrt(_parabola_residual(u[k:], f[k:]) / max(len(f) - k - 3, 1))
        if np.std(f[:k]) > 3 * noise + 1e-9 * np.ptp(f):
            raise _Unchanged("the record has no level part before contact")
        offset = float(np.median(f[:k]))
        return {"load": curve.load - offset}, CurveCorrection(self._name, offset, "N", f"{k} points before contact")


def _contact(f: np.ndarray) -> int:
    """Index at which the load has first risen by a twentieth of its range."""
    return int(np.argmax(f - f.min() > 0.05 * np.ptp(f)))


def _find_failure(u: np.ndarray, f: np.ndarray, drop: float) -> tuple[int | None, int | None]:
    """The first point after the maximum that is lower by the drop, and the last before the fall if that is sudden."""
    top = int(np.argmax(f))
    fallen = np.flatnonzero(f[top:] <= (1 - drop) * f[top])
    if not fallen.size:
        return None, None
    end = top + int(fallen[0])
    reach = u[end] - _FRACTURE_SPAN * (u[end] - u[_contact(f)])
    first = min(max(top, int(np.searchsorted(np.maximum.accumulate(u[:end]), reach))), end - 1)
    if f[first:end].max() - f[end] < drop / 2 * f[top]:
        return end, None
    line = np.linspace(f[first], f[end], end - first + 1)
    return end, first + int(np.argmax(f[first:end] - line[:-1]))


def _parabola_residual(u: np.ndarray, f: np.ndarray) -> float:
    x = (u - u[0]) / (u[-1] - u[0])
    matrix = np.vander(x, 3)
    return float(np.sum((f - matrix @ np.linalg.lstsq(matrix, f, rcond=None)[0]) ** 2))


def _check_load_range(owner: str, load_range: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in load_range)
    except (TypeError, ValueError):
        raise TypeError(f"{owner}: load_range must be two numbers; got {load_range!r}") from None
    if not 0 <= low < high <= 1:
        raise ValueError(f"{owner}: load_range must be 0 <= low < high <= 1; got {load_range!r}")
    return low, high


def _rising(u: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The branch up to the maximum load, its loads made to rise."""
    top = int(np.argmax(f)) + 1
    # Noise would choose points that are too high at one end and too low at the other. The middle of the two monotonic
    # envelopes has no such preference, and is the curve itself where that rises everywhere.
    f = f[:top]
    return u[:top], (np.maximum.accumulate(f) + np.minimum.accumulate(f[::-1])[::-1]) / 2


class ComplianceCorrector(_CurveCorrector):
    """Take the deformation of the load train off the displacement: u - C F.

    Parameters
    ----------
    compliance : float, default=0.0
        Compliance C of the load train, mm/N. (1 µm/kN is 1e-6 mm/N.) More than 1e-3 mm/N is refused, and less than
        1e-7 mm/N warned of: mostly the unit is wrong.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    The compliance cannot be told from a test of an unknown material, whose own initial slope differs by more. It can
    from a test of a known one, with `from_reference`.

    Examples
    --------
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import ComplianceCorrector
    >>> curve = SPTCurve([0.0, 0.1, 0.2, 0.3, 0.4], [0, 90, 170, 230, 260])
    >>> ComplianceCorrector(1e-4).transform([curve])[0].displacement
    array([0.   , 0.091, 0.183, 0.277, 0.374])
    """

    _name = "compliance"

    def __init__(self, compliance: float = 0.0) -> None:
        self.compliance = compliance

    @classmethod
    def from_reference(
        cls, curve: SPTCurve, reference: SPTCurve | float, *, load_range: tuple[float, float] = (0.02, 0.3)
    ) -> Self:
        r"""Find the compliance of a load train from a test whose true curve, or elastic slope, is known.

        The measured displacement is :math:`u = u_\mathrm{ref}(F) + u_0 + C F`; the toe :math:`u_0` and the compliance
        :math:`C` are fitted by least squares to the points of a range of loads.

        Parameters
        ----------
        curve : SPTCurve
            The record, mm and N, its load offset taken off.
        reference : SPTCurve or float
            What the same test gives without a load train, such as `simulate_spt` for a specimen of known flow curve and
            thickness; or the elastic slope in N/mm, where the specimen stays elastic, such as a stiff block.
        load_range : tuple of two floats, default=(0.02, 0.3)
            Loads, as fractions of the smaller one of both maximum loads, between which the points are fitted.

        Returns
        -------
        corrector : ComplianceCorrector
            With the compliance that was found.

        Raises
        ------
        TypeError, ValueError
            If `curve`, `reference` or `load_range` is not valid, fewer than five points are in the range, a curve has
            the deflection of the specimen, in which there is no load train, or the compliance comes out negative: then
            the record is stiffer than the reference.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_spt import SPTCurve
        >>> from sklearn_spt.preprocessing import ComplianceCorrector
        >>> load = np.linspace(0, 500, 101)
        >>> block = SPTCurve(load / 50_000 + 2e-5 * load, load)
        >>> round(1e6 * ComplianceCorrector.from_reference(block, 50_000.0).compliance, 6)  # µm/kN
        20.0
        """
        low, high = _check_load_range(cls.__name__, load_range)
        if not isinstance(curve, SPTCurve):
            raise TypeError(f"{cls.__name__}: curve must be an SPTCurve; got {type(curve).__name__}")
        for name, given in (("curve", curve), ("reference", reference)):
            if isinstance(given, SPTCurve) and given.displacement_kind == "deflection":
                raise ValueError(
                    f"{cls.__name__}: {name} has the deflection of the specimen, in which there is no load train; give "
                    "the displacement of the crosshead or of the punch"
                )
        u, f = _rising(*curve.monotonic())
        top = float(f.max())
        if isinstance(reference, SPTCurve):
            known_u, known_f = _rising(*reference.monotonic())
            top = min(top, float(known_f.max()))
        elif not isinstance(reference, Real) or isinstance(reference, bool):
            raise TypeError(
                f"{cls.__name__}: reference must be an SPTCurve or a slope in N/mm; got {type(reference).__name__}"
            )
        elif not 0 < reference < np.inf:
            raise ValueError(f"{cls.__name__}: the slope must be positive and finite; got {reference!r} N/mm")
        within = (f >= low * top) & (f <= high * top)
        if within.sum() < 5:
            raise ValueError(
                f"{cls.__name__}: {within.sum()} points between {low * top:.4g} and {high * top:.4g} N; five are "
                "needed. Widen load_range, or record more densely"
            )
        u, f = u[within], f[within]
        if isinstance(reference, SPTCurve):
            expected = np.interp(f, known_f, known_u)
            # Noise of the load moves a point the more, the flatter the curve.
            weight = np.interp(u, known_u, np.gradient(known_f, known_u))
        else:
            expected, weight = f / float(reference), np.ones_like(f)
        compliance = float(np.polyfit(f, u - expected, 1, w=weight)[0])
        if compliance < 0:
            raise ValueError(
                f"{cls.__name__}: the record is stiffer than the reference ({1e6 * compliance:.3g} µm/kN). Check the "
                "thickness and the material of the reference, and whether the record has been corrected already"
            )
        return cls(compliance)

    def _check_parameters(self) -> None:
        check_number(self, "compliance", low=0)
        owner = Owner(type(self).__name__)
        given = f"a compliance of {1e6 * self.compliance:.4g} µm/kN ({self.compliance:.4g} mm/N)"
        if self.compliance > _SOFTEST:
            said = f"{given} is more than any load train has ({1e6 * _SOFTEST:g} µm/kN); check its unit, "
            raise ValueError(Message(owner, said, _COMPLIANCE, about="compliance"))
        if 0 < self.compliance < _STIFFEST:
            said = f"{given} is less than any load train has, and corrects next to nothing; check its unit, "
            warn(Message(owner, said, _COMPLIANCE, about="compliance"), UserWarning, stacklevel=3)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        if curve.displacement_kind == "deflection":
            raise _Unchanged("a deflection measured at the specimen has no load train in it")
        if self.compliance == 0:
            raise _Unchanged("the compliance is 0")
        top = int(np.argmax(curve.load))
        share = self.compliance * float(curve.load[top])
        stroke = float(curve.displacement[top] - curve.displacement[0])
        name = "the curve" if curve.name is None else f"curve {curve.name!r}"
        if share >= stroke > 0:
            raise ValueError(
                Message(
                    Owner(type(self).__name__),
                    f"with a compliance of {1e6 * self.compliance:.4g} µm/kN the load train would take {share:.3g} mm "
                    f"of the {stroke:.3g} mm that {name} goes up to its maximum load; check it and its unit, ",
                    _COMPLIANCE,
                    about="compliance",
                )
            )
        displacement = curve.displacement - self.compliance * curve.load
        rising = displacement[: top + 1]
        back = float((np.maximum.accumulate(rising) - rising).max())
        if back > MAX_BACKWARD_FRACTION * float(np.ptp(displacement)):
            raise ValueError(
                Message(
                    Owner(type(self).__name__),
                    f"with a compliance of {1e6 * self.compliance:.4g} µm/kN the punch would go back by {back:.3g} mm "
                    f"while the load of {name} rises; check it and its unit, ",
                    _COMPLIANCE,
                    about="compliance",
                )
            )
        return {"displacement": displacement}, CurveCorrection(self._name, float(self.compliance), "mm/N")


class ToeCorrector(_CurveCorrector):
    """Put the zero of the displacement where the initial branch, extrapolated, has no load.

    Parameters
    ----------
    load_range : tuple of two floats, default=(0.01, 0.1)
        Loads, as fractions of the largest, between which the initial branch is fitted. Where the default finds no toe,
        because the record has few points there, it is tried up to 0.15, 0.2, 0.25 and 0.3, as long as the branch ends
        within 0.4 of the thickness (0.2 mm where that is not known) from the toe, and the entry's note says so.
    degree : {1, 2}, default=2
        Degree of the polynomial that is fitted to the load over the displacement. The branch is curved already at
        small loads, and a line puts the zero too early by an amount that depends on the material.
    foot : float, default=None
        Extrapolated zero of a test without a toe, mm, which is not taken for a toe: the ball's contact grows first, so
        that the branch starts slowly. It depends on the rig; find it with curves whose zero is known. By default it is
        0.0026 mm for curves whose `rig` is "EN10371", and 0.0003 mm where these have the deflection of the specimen
        (from simulated curves, for the default `load_range` and `degree` only), and 0 for all others; the entry's note
        says which.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    Points before the corrected zero are kept, with negative displacements. The rule is this package's own.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import ToeCorrector
    >>> u = np.linspace(0.0, 1.0, 101)
    >>> curve = SPTCurve(u, 1000 * np.maximum(u - 0.02, 0))
    >>> print(ToeCorrector().transform([curve])[0].corrections[0])
    toe 0.02 mm (9 points from 10 to 90 N, foot 0: rig not given)
    """

    _name = "toe"

    def __init__(
        self, load_range: tuple[float, float] = _LOAD_RANGE, degree: int = _DEGREE, foot: float | None = None
    ) -> None:
        self.load_range = load_range
        self.degree = degree
        self.foot = foot

    def _check_parameters(self) -> None:
        check_option(self, "degree", (1, 2))
        check_number(self, "foot", low=0, none=True)
        _check_load_range(type(self).__name__, self.load_range)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        low, high = map(float, self.load_range)
        first: _Unchanged | None = None
        for upper in (high, *(_WIDER if (low, high) == _LOAD_RANGE else ())):
            try:
                toe, note, end = self._extrapolate(curve, low, upper)
                reach = _REACH_MM if curve.thickness is None else _REACH * curve.thickness
                if upper != high and end - toe > reach:
                    raise _Unchanged("the initial branch would be extrapolated over the knee")
            except _Unchanged as reason:
                first = first or reason
                continue
            if upper != high:
                note += f" (up to {upper:.0%} of the maximum: below {high:.0%} it was not found)"
            foot, remark = self._foot(curve)
            toe -= foot
            return {"displacement": curve.displacement - toe}, CurveCorrection(self._name, toe, "mm", note + remark)
        assert first is not None
        raise first

    def _extrapolate(self, curve: SPTCurve, low: float, high: float) -> tuple[float, str, float]:
        """Where the branch between two loads, fractions of the largest, has no load, from what, and where it ends."""
        u, f = curve.monotonic()
        low, high = low * float(f.max()), high * float(f.max())
        _, rising = _rising(u, f)
        top = len(rising)
        begin, end = int(np.searchsorted(rising, low)), int(np.searchsorted(rising, high, side="right"))
        if end == top:
            raise _Unchanged(f"the load does not pass {high:.4g} N")
        u, f = u[begin:end], f[begin:end]
        if len(u) < self.degree + 2:
            many = f"{len(u)} point{'s' if len(u) != 1 else ''}"
            raise _Unchanged(f"{many} between {low:.4g} and {high:.4g} N, too few to find it")
        middle = float(u.mean())
        roots = np.roots(np.polyfit(u - middle, f, self.degree))
        roots = roots.real[np.abs(roots.imag) < 1e-12] + middle
        # The branch rises through zero before the points that were fitted.
        roots = roots[roots <= u[0] + 1e-9]
        if not roots.size or np.polyfit(u - middle, f, 1)[0] <= 0:
            raise _Unchanged("the initial branch does not extrapolate to zero load")
        toe = float(roots.max())
        if u[0] - toe > np.ptp(u):
            raise _Unchanged("the initial branch would be extrapolated by more than its own length")
        return toe, f"{len(u)} points from {f.min():.3g} to {f.max():.3g} N", float(u[-1])

    def _foot(self, curve: SPTCurve) -> tuple[float, str]:
        if self.foot is not None:
            return float(self.foot), f", foot {1e3 * self.foot:.3g} µm"
        if curve.rig is None:
            return 0.0, ", foot 0: rig not given"
        kind = "deflection" if curve.displacement_kind == "deflection" else "punch"
        if (curve.rig, kind) not in FEET:
            return 0.0, f", foot 0: none known for rig {curve.rig}"
        if (*map(float, self.load_range), self.degree) != (*_LOAD_RANGE, _DEGREE):
            return 0.0, ", foot 0: none known for this load range and degree"
        foot = FEET[curve.rig, kind]
        of = " and the deflection" if kind == "deflection" else ""
        return foot, f", foot {1e3 * foot:.3g} µm of rig {curve.rig}{of}"


class DeflectionConverter(_CurveCorrector):
    """Turn a record of the specimen's deflection into one of the punch's displacement, or the other way round.

    The punch goes further than the middle of the specimen's lower face by as much as the disc gets thinner under it: by
    indentation at first, by stretching later. Simulated tests tell how much, as a function of the displacement and the
    thickness.

    Only records whose `displacement_kind` says what they are are converted. The others are returned as they are,
    without an entry in `corrections`.

    Parameters
    ----------
    to : {"punch", "deflection"}, default="punch"
        What the displacement shall be. Models that were trained on simulated tests want that of the punch.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    The value recorded is the thinning at the maximum load, and the note states its error there: the root mean square on
    simulated tests that the relation was not fitted on (:doc:`/results`). How much a disc is stretched depends on its
    friction and hardening, which the conversion does not know; it takes the mean of steels of all kinds and of
    frictions from 0.05 to 0.3. It is known for the rig "EN10371" and discs of 0.4 to 0.6 mm of steel, and holds as far
    as the simulations do: up to the fracture, and for a stiff ball. Against measured pairs of displacements it was not
    checked. Correct the zero of the displacement before (`ToeCorrector`):
    the thinning grows fastest at the beginning. The displacement of a crosshead counts as the punch's once its
    compliance is corrected.

    That the definition of the displacement changes the yield load, and that the two differ by the thinning, is in [1]_;
    no published conversion was found.

    References
    ----------
    .. [1] M. F. Moreno, G. Bertolino, A. Yawny, The significance of specimen displacement definition on the mechanical
       properties derived from Small Punch Test, Materials and Design 95 (2016) 623-631 (read in the abstract only).

    Examples
    --------
    >>> from sklearn_spt.datasets import load_en10371_steel
    >>> from sklearn_spt.preprocessing import DeflectionConverter
    >>> punch = load_en10371_steel().data[0]
    >>> (deflection,) = DeflectionConverter("deflection").transform([punch])
    >>> deflection.displacement_kind
    'deflection'
    >>> (back,) = DeflectionConverter().transform([deflection])
    >>> bool(abs(back.displacement - punch.displacement).max() < 0.01)
    True
    """

    _name = "deflection"

    def __init__(self, to: str = "punch") -> None:
        self.to = to

    def _check_parameters(self) -> None:
        check_option(self, "to", ("punch", "deflection"))

    def _correct_one(self, curve: SPTCurve, index: int) -> SPTCurve:
        concerned = ("deflection",) if self.to == "punch" else ("punch", "crosshead")
        if curve.displacement_kind not in concerned:
            return curve
        return super()._correct_one(curve, index)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        done = {correction.name for correction in curve.corrections if correction.value is not None}
        if curve.displacement_kind == "crosshead" and "compliance" not in done:
            raise _Unchanged("the compliance of the load train is in the displacement; correct it first")
        if curve.rig is None:
            said = "the rig is not given, and the thinning is known for EN10371 only; name it, "
            raise _Unchanged(Message(said, Parameter("rig", "EN10371"), about="rig_unknown"))
        found = relation(curve.rig, "deflection" if self.to == "punch" else "punch")
        if found is None:
            raise _Unchanged(f"the thinning is not known for rig {curve.rig}")
        low, high = found["thickness"]
        known = f"the thinning is known for thicknesses from {low:g} to {high:g} mm"
        if curve.thickness is None:
            raise _Unchanged(
                Message(f"the thickness is not given, and {known}; give it, ", Parameter("thickness", "..."))
            )
        if not low <= curve.thickness <= high:
            raise _Unchanged(f"{known}, and this one has {curve.thickness:.4g} mm")
        top = curve.displacement[np.argmax(curve.load)]
        thin, at_top = (thinning(found, u, curve.thickness) for u in (curve.displacement, top))
        error = 1e3 * float(np.interp(top, found["x"], found["error"]))
        note = f"thinning at the maximum load, ± {error:.2g} µm by simulations"
        last = found["x"][-1]
        if curve.displacement.max() > last:
            note += f"; extrapolated from {last:g} mm on"
        sign = 1 if self.to == "punch" else -1
        changes = {"displacement": curve.displacement + sign * thin, "displacement_kind": self.to}
        return changes, CurveCorrection(self._name, sign * float(at_top), "mm", note)


class CurveCutter(_CurveCorrector):
    """Leave the end of the record away: from the fracture on, or from the maximum on.

    Parameters
    ----------
    at : {"fracture", "drop", "maximum"}, default="fracture"
        The last point that is left.

        - ``"fracture"``: the last before the load falls suddenly by `drop`; where no fall is sudden, as "drop".
        - ``"drop"``: the last before the load has fallen by `drop`, suddenly or not. With the default `drop` this is
          the fracture displacement uf, see :func:`~sklearn_spt.mechanics.characteristic_quantities`.
        - ``"maximum"``: the maximum load.
    drop : float, default=0.2
        How far the load must have fallen after the maximum, as a fraction of it. Smaller falls are no fracture.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    A fall is sudden if at least half of `drop` lies within 1 % of the displacement since the contact (which is where
    the load has first risen by 5 % of its range). It begins at the point farthest above the line through the ends of
    that piece, so that what a fast machine records during the fall is left away too. This rule is the package's own;
    the drop of 20 % at uf is from memory and was not checked against EN 10371. A fall before the maximum, from which
    the load recovers, is not looked for.

    Examples
    --------
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import CurveCutter
    >>> u = [0.0, 0.1, 0.2, 0.3, 0.4, 0.498, 0.499, 0.5, 0.501, 0.502]
    >>> curve = SPTCurve(u, [0, 90, 170, 230, 260, 256, 256, 255, 225, 150])
    >>> for at in ("fracture", "drop", "maximum"):
    ...     print(CurveCutter(at).transform([curve])[0].corrections[0])
    cut 0.5 mm (2 points left away from a sudden fall of the load on)
    cut 0.501 mm (1 point left away after a drop of 20 %)
    cut 0.4 mm (5 points left away after the maximum)
    """

    _name = "cut"

    def __init__(self, at: str = "fracture", drop: float = _DROP) -> None:
        self.at = at
        self.drop = drop

    def _check_parameters(self) -> None:
        check_option(self, "at", CUTS)
        check_number(self, "drop", low=0, high=1, open_low=True, open_high=True)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        u, f = curve.displacement, curve.load
        last = int(np.argmax(f))
        where = "after the maximum"
        if self.at != "maximum":
            end, begin = _find_failure(u, f, self.drop)
            if end is None:
                raise _Unchanged(f"the load does not fall by {self.drop * 100:g} % after the maximum")
            where = f"after a drop of {self.drop * 100:g} %"
            last = end - 1
            if begin is not None and self.at == "fracture":
                last, where = begin, "from a sudden fall of the load on"
        left = len(f) - 1 - last
        if not left:
            raise _Unchanged("the record ends at the maximum")
        note = f"{left} point{'s' if left > 1 else ''} left away {where}"
        changes = {"displacement": u[: last + 1], "load": f[: last + 1]}
        return changes, CurveCorrection(self._name, float(u[last]), "mm", note)


class CurveSmoother(_CurveCorrector):
    """Smooth the load with a cubic smoothing spline over a stretched displacement.

    One curvature for the whole record would flatten the steep beginning, or leave the rest rough. The spline is
    therefore fitted over asinh((u - u0) / c), which stretches the neighbourhood of the first contact u0, so that the
    bends there are followed closely and the long rest is smoothed more.

    The displacements may be unevenly spaced. A spline rings at a jump, and a fracture is one: from a sudden fall of the
    load on (by 20 %, as `CurveCutter` finds it), the record stays as it was measured, and the entry's note says so.

    Parameters
    ----------
    lam : float, default=None
        Weight of the spline's curvature over the stretched displacement (which has no unit), as of
        `scipy.interpolate.make_smoothing_spline`; by default generalized cross-validation finds it for each curve,
        which leaves a curve free of noise almost as it is.
    stretch : float, default=0.05
        The length c, mm. Up to this distance from the contact the displacement is left about as it is; farther away
        it is compressed, the more the farther.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    u0 is where the load first rises by 5 % of its range. The value recorded is the root mean square change of the load.
    Repeated displacements are averaged before. The stretching and its default are this package's own; what they keep
    stands in :doc:`/results`: Fe and Fm come out as of the noisy curve, neither is made more exact; what becomes
    smaller is the scatter of the loads, and less so that of the initial slope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import CurveSmoother
    >>> u = np.linspace(0.0, 1.0, 200)
    >>> noisy = SPTCurve(u, 1000 * u + 5 * np.random.default_rng(0).normal(size=200))
    >>> (smooth,) = CurveSmoother().transform([noisy])
    >>> bool(np.std(smooth.load - 1000 * u) < 0.4 * np.std(noisy.load - 1000 * u))
    True
    """

    _name = "smooth"

    def __init__(self, lam: float | None = None, stretch: float = 0.05) -> None:
        self.lam = lam
        self.stretch = stretch

    def _check_parameters(self) -> None:
        check_number(self, "lam", low=0, none=True)
        check_number(self, "stretch", low=0, open_low=True)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        u, measured = curve.monotonic()
        _, begin = _find_failure(u, measured, _DROP)
        smoothed = slice(None if begin is None else begin + 1)
        f = measured[smoothed]
        contact = u[_contact(f)]
        # Displacements that differ by rounding alone would leave the spline without a solution.
        stretched = np.round(np.arcsinh((u[smoothed] - contact) / self.stretch), 9)
        x, inverse, counts = np.unique(stretched, return_inverse=True, return_counts=True)
        if len(x) < 5:
            raise _Unchanged("fewer than five different displacements")
        spline = make_smoothing_spline(
            x, np.bincount(inverse, weights=f) / counts, w=counts.astype(float), lam=self.lam
        )
        load = measured.copy()
        load[smoothed] = spline(stretched)
        change = float(np.sqrt(np.mean((load[smoothed] - f) ** 2)))
        note = "root mean square change"
        if begin is not None:
            left = len(u) - len(f)
            note += f"; {left} point{'s' if left > 1 else ''} from a sudden fall of the load on left as measured"
        return {"displacement": u, "load": load}, CurveCorrection(self._name, change, "N", note)


def standard_corrections(
    steps: Sequence[str] = STANDARD,
    *,
    compliance: float | None = None,
    foot: float | None = None,
    cut_at: str = "fracture",
) -> Pipeline:
    """The corrections of a measured curve, in the order in which they rest on one another.

    Parameters
    ----------
    steps : sequence of {"load_offset", "compliance", "toe", "deflection", "cut", "smooth"}, \
            default=("load_offset", "toe", "deflection")
        Which; they are applied in the order given here, whatever the order of `steps`. "deflection" makes the
        deflection of the specimen the displacement of the punch, where a curve's `displacement_kind` says that it is
        one.
    compliance : float, default=None
        Compliance of the load train, mm/N. Needed by, and only by, the step "compliance".
    foot : float, default=None
        Of `ToeCorrector`, mm; by default that of the curve's rig, if it is known.
    cut_at : {"fracture", "drop", "maximum"}, default="fracture"
        Of `CurveCutter`, for the step "cut".

    Returns
    -------
    Pipeline
        From a list of SPTCurve to a list of SPTCurve.

    Raises
    ------
    TypeError, ValueError
        If a step is unknown or comes twice, there is none, or `compliance` is missing or not used.

    Examples
    --------
    >>> from sklearn_spt.preprocessing import standard_corrections
    >>> list(standard_corrections(("toe", "load_offset")).named_steps)
    ['load_offset', 'toe']
    """
    if isinstance(steps, str):
        raise TypeError(f"standard_corrections: steps must be a sequence of names, such as ('toe',); got {steps!r}")
    steps = list(steps)
    unknown = [step for step in steps if step not in ORDER]
    if unknown or not steps or len(set(steps)) < len(steps):
        raise ValueError(f"standard_corrections: steps must be different ones of {', '.join(ORDER)}; got {steps}")
    if ("compliance" in steps) != (compliance is not None):
        raise ValueError("standard_corrections: the step 'compliance' and compliance= (mm/N) need each other")
    made = {
        "load_offset": LoadOffsetCorrector(),
        "compliance": ComplianceCorrector(0.0 if compliance is None else compliance),
        "toe": ToeCorrector(foot=foot),
        "deflection": DeflectionConverter(),
        "cut": CurveCutter(cut_at),
        "smooth": CurveSmoother(),
    }
    return Pipeline([(name, made[name]) for name in ORDER if name in steps])
