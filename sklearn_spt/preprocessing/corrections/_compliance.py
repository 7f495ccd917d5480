"""The deformation of the load train."""

from numbers import Real
from typing import Any, Self

import numpy as np

from ...checks.beginning import steepest
from ...curves import MAX_BACKWARD_FRACTION, CurveCorrection, SPTCurve
from ...exceptions import Message, Owner, Parameter
from ...utils.parameters import NotNegative, check_parameter
from ...utils.warnings import warn
from ._base import CurveCorrector, Unchanged
from ._branch import LOAD_RANGE, rising_branch

# No load train is softer or stiffer than this, mm/N: at the softest a load of 1 kN deforms it by the whole stroke of a
# test, at the stiffest by a tenth of a micrometre. What is outside was given in another unit.
_SOFTEST, _STIFFEST = 1e-3, 1e-7
# A train that takes more than this part of the displacement, where the record is steepest, is four times as soft as
# the specimen.
_MOST = 0.8
_COMPLIANCE = Parameter("compliance", python="mm/N: 1 µm/kN is 1e-6 mm/N")


class ComplianceCorrector(CurveCorrector):
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

    compliance: NotNegative = 0.0

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
        check_parameter(cls.__name__, "load_range", load_range, LOAD_RANGE)
        low, high = map(float, load_range)
        if not isinstance(curve, SPTCurve):
            raise TypeError(f"{cls.__name__}: curve must be an SPTCurve; got {type(curve).__name__}")
        for name, given in (("curve", curve), ("reference", reference)):
            if isinstance(given, SPTCurve) and given.displacement_kind == "deflection":
                raise ValueError(
                    f"{cls.__name__}: {name} has the deflection of the specimen, in which there is no load train; give "
                    "the displacement of the crosshead or of the punch"
                )
        u, f = rising_branch(*curve.monotonic())
        top = float(f.max())
        if isinstance(reference, SPTCurve):
            known_u, known_f = rising_branch(*reference.monotonic())
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
        super()._check_parameters()
        owner = Owner(type(self).__name__)
        given = f"a compliance of {1e6 * self.compliance:.4g} µm/kN ({self.compliance:.4g} mm/N)"
        if self.compliance > _SOFTEST:
            said = f"{given} is more than any load train has ({1e6 * _SOFTEST:g} µm/kN); check its unit, "
            raise ValueError(Message(owner, said, _COMPLIANCE, about="compliance"))
        if 0 < self.compliance < _STIFFEST:
            said = f"{given} is less than any load train has, and corrects next to nothing; check its unit, "
            warn(Message(owner, said, _COMPLIANCE, about="compliance"), UserWarning, stacklevel=3)

    def _correct(self, curve: SPTCurve) -> tuple[Any, ...]:
        if curve.displacement_kind == "deflection":
            raise Unchanged("a deflection measured at the specimen has no load train in it")
        if self.compliance == 0:
            raise Unchanged("the compliance is 0")
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
        # What the load train takes of the displacement where the record is steepest. More than all of it would have the
        # punch go back while the load rises.
        line = steepest(*curve.monotonic(), curve.thickness)
        part = 0.0 if line is None else self.compliance * line.slope
        displacement = curve.displacement - self.compliance * curve.load
        rising = displacement[: top + 1]
        back = float((np.maximum.accumulate(rising) - rising).max())
        if part >= 1 or back > MAX_BACKWARD_FRACTION * float(np.ptp(displacement)):
            raise ValueError(
                Message(
                    Owner(type(self).__name__),
                    f"with a compliance of {1e6 * self.compliance:.4g} µm/kN the punch would go back "
                    f"while the load of {name} rises; check it and its unit, ",
                    _COMPLIANCE,
                    about="compliance",
                )
            )
        entry = CurveCorrection(self._name, float(self.compliance), "mm/N")
        if part <= _MOST:
            return {"displacement": displacement}, entry
        said = (
            f"with a compliance of {1e6 * self.compliance:.4g} µm/kN the load train takes {part:.0%} of the "
            "displacement where the load rises most steeply, and little is left of the specimen's; check it and its "
            "unit, "
        )
        return {"displacement": displacement}, entry, Message(said, _COMPLIANCE, about="compliance")
