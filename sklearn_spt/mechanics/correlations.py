"""Published correlations between characteristic quantities and tensile properties."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..utils.parameters import check_parameter
from ..utils.state import Choice, Field, Number
from ..utils.warnings import warn
from .quantities import FI_DISPLACEMENTS

__all__ = ["Correlation", "published_correlations"]

# Name of a predictor -> its value. Whatever has the attributes of CharacteristicQuantities can be given.
PREDICTORS: dict[str, Callable[[Any], Any]] = {
    "Fe/h0^2": lambda q: q.Fe / q.h0**2,
    "Fe_astm/h0^2": lambda q: q.Fe_astm / q.h0**2,
    "F_offset/h0^2": lambda q: q.F_offset / q.h0**2,
    "Fi/h0^2": lambda q: q.Fi / q.h0**2,
    "Fm/h0^2": lambda q: q.Fm / q.h0**2,
    "Fm/(h0*um)": lambda q: q.Fm / (q.h0 * q.um),
    "um/h0": lambda q: q.um / q.h0,
    "ESP/h0^3": lambda q: q.ESP / q.h0**3,
}
# The quantities that a predictor rests on, in the order in which a missing one is reported.
NEEDS = {
    name: [quantity for quantity in ("Fe", "Fe_astm", "F_offset", "Fi", "Fm", "um", "ESP") if quantity in words]
    for name, words in ((name, name.replace("(", "/").replace("*", "/").split("/")) for name in PREDICTORS)
}
PROPERTIES = ("proof_stress", "tensile_strength", "uniform_elongation")
_SYMBOLS = dict(zip(("rp0.2", "rm", "ag"), PROPERTIES, strict=True))
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_FORMULA = re.compile(
    rf"({'|'.join(map(re.escape, (*_SYMBOLS, *PROPERTIES)))})=([+-]?{_NUMBER})[*·×]?"
    rf"({'|'.join(re.escape(name.lower()) for name in PREDICTORS)})([+-]{_NUMBER})?"
)
EVIDENCE = {
    "source": "the coefficients were read in a source",
    "memory": "the coefficients are from memory of the literature and were not checked against a source",
    "own": "the coefficients are the user's own",
}
_ALLOWED: dict[str, Field] = {
    "property": Choice(options=PROPERTIES),
    "predictor": Choice(options=tuple(PREDICTORS)),
    "evidence": Choice(options=tuple(EVIDENCE)),
    "displacement_kind": Choice(options=("punch", "deflection"), none=True),
    "slope": Number(),
    "intercept": Number(),
    "ui": Number(unit="mm", none=True),
}


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """A linear correlation: property = slope · predictor + intercept.

    Coefficients depend on the material, the geometry of the rig, the way the load is read off the curve, and on whether
    the displacement is that of the punch or the specimen's. No correlation is right for all.

    Parameters
    ----------
    name : str
        Name of the correlation.
    property : {"proof_stress", "tensile_strength", "uniform_elongation"}
        The tensile property, named as in :class:`~sklearn_spt.mechanics.TensileProperties`: Rp0.2 or Rm in MPa, or Ag
        (1, not %).
    predictor : str
        "Fe/h0^2", "Fe_astm/h0^2", "F_offset/h0^2", "Fi/h0^2", "Fm/h0^2", "Fm/(h0*um)" or "ESP/h0^3", in MPa, or
        "um/h0"; the symbols are those of :class:`~sklearn_spt.mechanics.CharacteristicQuantities`.
    slope : float
        The factor α or β of the predictor.
    intercept : float, default=0.0
        The summand, in the unit of the property.
    evidence : {"source", "memory", "own"}, default="own"
        How well the coefficients are known. Those from memory were not checked against a source, and using them warns.
    source : str, default=""
        Where the coefficients come from.
    geometry : str, default="not stated"
        The rig and disc that they hold for.
    material : str, default="not stated"
        The class of materials that they hold for.
    displacement_kind : {"punch", "deflection"}, default=None
        The displacement that they hold for. With quantities that were read at another, or at one that is not known,
        there is no value.
    ui : float, default=None
        Displacement, mm, at which `Fi` must have been read.
    note : str, default=""
        What else to know.

    Raises
    ------
    TypeError, ValueError
        If the property, the predictor, the evidence or the kind of displacement is unknown, or a number is not finite.

    See Also
    --------
    sklearn_spt.regressors.CorrelationRegressor : Fits the coefficients to one's own data.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_reference_curves
    >>> from sklearn_spt.mechanics import Correlation, characteristic_quantities
    >>> own = Correlation(
    ...     name="our 9Cr steels", property="proof_stress", predictor="Fe/h0^2", slope=0.4, material="9Cr steels"
    ... )
    >>> print(own)
    proof_stress = 0.4 * Fe/h0^2 [own]
    >>> quantities = characteristic_quantities(load_reference_curves().data[0])
    >>> round(own.estimate(quantities), 1)
    400.0
    """

    name: str
    property: str
    predictor: str
    slope: float
    intercept: float = 0.0
    evidence: str = "own"
    source: str = ""
    geometry: str = "not stated"
    material: str = "not stated"
    displacement_kind: str | None = None
    ui: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            check_parameter(f"Correlation {self.name!r}", name, getattr(self, name), allowed)

    @classmethod
    def from_formula(cls, formula: str, **facts: Any) -> Self:
        """Make a correlation of what stands in a spreadsheet or a report.

        Parameters
        ----------
        formula : str
            Such as "Rp0.2 = 0.39 Fe/h0^2 - 20": Rp0.2 or Rm in MPa, or Ag (1, not %); a factor; a predictor; and, where
            there is one, a summand. With decimal points. Capitals and spaces do not matter, "h0²" is "h0^2", and a sign
            of multiplication may stand between.
        **facts : dict
            The other parameters of `Correlation`. By default the name is the formula.

        Returns
        -------
        Correlation

        Raises
        ------
        TypeError, ValueError
            If the formula cannot be read, or one of `facts` is not valid.

        Examples
        --------
        >>> from sklearn_spt.mechanics import Correlation
        >>> print(Correlation.from_formula("Rm = 0.3036 Fm/(h0*um) - 1.06"))
        tensile_strength = 0.3036 * Fm/(h0*um) -1.06 [own]
        """
        if not isinstance(formula, str):
            raise TypeError(f"Correlation: formula must be a text; got {type(formula).__name__}")
        plain = re.sub(r"\s", "", formula).lower().replace("\N{MINUS SIGN}", "-")
        plain = plain.replace("\N{SUPERSCRIPT TWO}", "^2").replace("\N{SUPERSCRIPT THREE}", "^3")
        found = _FORMULA.fullmatch(plain)
        if found is None:
            raise ValueError(
                f"Correlation: {formula!r} is not a formula such as 'Rp0.2 = 0.39 Fe/h0^2 - 20': Rp0.2, Rm or Ag, a "
                f"factor with a decimal point, one of {', '.join(PREDICTORS)}, and a summand or none"
            )
        of, slope, predictor, summand = found.groups()
        return cls(
            **{
                "name": formula.strip(),
                "property": _SYMBOLS.get(of, of),
                "predictor": next(name for name in PREDICTORS if name.lower() == predictor),
                "slope": float(slope),
                "intercept": float(summand or 0),
                **facts,
            }
        )

    def __str__(self) -> str:
        summand = f" {self.intercept:+g}" if self.intercept else ""
        return f"{self.property} = {self.slope:g} * {self.predictor}{summand} [{self.evidence}]"

    def estimate(self, quantities: Any) -> Any:
        """The property that the correlation gives.

        Parameters
        ----------
        quantities : CharacteristicQuantities
            What was read off one curve or off many.

        Returns
        -------
        float or ndarray
            MPa, or 1 for the uniform elongation; NaN where a quantity is missing, or was read at another displacement.
        """
        warn_of_memory(self)
        value = self.slope * PREDICTORS[self.predictor](quantities) + self.intercept
        if self.displacement_kind is None and self.ui is None:
            return value
        if np.ndim(value) == 0:
            return math.nan if self.mismatch(quantities.displacement_kind, quantities.ui) else value
        places = zip(quantities.displacement_kind, quantities.ui, strict=True)
        return np.where([self.mismatch(kind, ui) is None for kind, ui in places], value, np.nan)

    def mismatch(self, displacement_kind: str | None, ui: float) -> str | None:
        """Why the correlation does not hold for a displacement and a place of Fi; None if it does.

        Parameters
        ----------
        displacement_kind : str or None
            What the quantities were read at.
        ui : float
            Where Fi was read, mm.

        Returns
        -------
        str or None
        """
        if self.displacement_kind not in (None, displacement_kind):
            of = {"punch": "the displacement of the punch", "deflection": "the deflection of the specimen"}
            has = of.get(displacement_kind or "", "a displacement of which nothing says what it is")
            return f"it holds for {of[str(self.displacement_kind)]}, and the record has {has}"
        if self.ui is not None and "Fi" in NEEDS[self.predictor] and not math.isclose(self.ui, ui, abs_tol=1e-6):
            return f"it holds for the load at {self.ui:g} mm, and Fi was read at {ui:g} mm"
        return None


def warn_of_memory(correlation: Correlation) -> None:
    """Say so where coefficients were not checked."""
    if correlation.evidence == "memory":
        warn(
            f"correlation {correlation.name!r}: {EVIDENCE['memory']}. Fit them to your own data "
            "(CorrelationRegressor), or check them and define a Correlation with the source",
            UserWarning,
            stacklevel=3,
        )


def published_correlations(*, property: str | None = None, evidence: str | None = None) -> dict[str, Correlation]:
    """The correlations of the literature that the package knows, by name.

    They are few, because only coefficients that were read in a source may be taken for a fact; the others are from
    memory and say so (`evidence`). None is used unless it is asked for. The dictionary is a new one at every call:
    add your own :class:`Correlation` to it as you like.

    Parameters
    ----------
    property : {"proof_stress", "tensile_strength", "uniform_elongation"}, default=None
        Only correlations for this property.
    evidence : {"source", "memory", "own"}, default=None
        Only correlations whose coefficients are known this well.

    Returns
    -------
    dict of str to Correlation

    Raises
    ------
    ValueError
        If the property or the evidence is unknown.

    Notes
    -----
    A factor of 0.442 (from memory) for the load that two tangents give is left out: the package does not read
    that load.

    Examples
    --------
    >>> from sklearn_spt.mechanics import published_correlations
    >>> for name, correlation in published_correlations(evidence="source").items():
    ...     print(name, "|", correlation)
    Rp0.2 0.346 | proof_stress = 0.346 * Fe/h0^2 [source]
    Rp0.2 EN 10371 F(u) | proof_stress = 0.51 * Fe/h0^2 [source]
    Rp0.2 EN 10371 F(v) | proof_stress = 0.479 * Fe/h0^2 [source]
    Rm EN 10371 F(u) | tensile_strength = 0.192 * Fi/h0^2 [source]
    Rm EN 10371 F(v) | tensile_strength = 0.179 * Fi/h0^2 [source]
    Rm EN 10371 miniature F(u) | tensile_strength = 0.205 * Fi/h0^2 [source]
    Rm EN 10371 miniature F(v) | tensile_strength = 0.197 * Fi/h0^2 [source]
    """
    for name, value in (("property", property), ("evidence", evidence)):
        check_parameter("", name, value, replace(_ALLOWED[name], none=True))
    return {
        correlation.name: correlation
        for correlation in _PUBLISHED
        if property in (None, correlation.property) and evidence in (None, correlation.evidence)
    }


_STANDARD_DISC = "ball of radius 1.25 mm, hole of 4 mm, disc of 8 mm by 0.5 mm (EN 10371)"
_MINIATURE_DISC = "ball of radius 0.5 mm, hole of 1.75 mm, disc of 3 mm by 0.25 mm (EN 10371)"


def _of_standard(property: str, symbol: str, slope: float, kind: str, rig: str = "EN10371") -> Correlation:
    """A factor of EN 10371, as its working group published it."""
    predictor = "Fe/h0^2" if property == "proof_stress" else "Fi/h0^2"
    return Correlation(
        name=f"{symbol} EN 10371{' miniature' * (rig == 'MINIATURE')} F({'u' if kind == 'deflection' else 'v'})",
        property=property,
        predictor=predictor,
        slope=slope,
        evidence="source",
        source="M. Bruchhausen et al., European standard on small punch testing of metallic materials, Ubiquity "
        "Proceedings 1(S1) 11 (2018), doi 10.5334/uproc.11: the draft of EN 10371 at that time",
        geometry=_MINIATURE_DISC if rig == "MINIATURE" else _STANDARD_DISC,
        material="steels with Rp0.2 of 200 to 1,000 MPa" if property == "proof_stress" else "not stated",
        displacement_kind=kind,
        ui=FI_DISPLACEMENTS[rig, kind] if predictor == "Fi/h0^2" else None,
    )


_PUBLISHED = (
    Correlation(
        name="Rp0.2 0.346",
        property="proof_stress",
        predictor="Fe/h0^2",
        slope=0.346,
        evidence="source",
        source="read in a source on the evaluation after EN 10371; its title was not kept",
        geometry=_STANDARD_DISC,
        note="From memory there are also sources that use this factor with the load at the offset h0/10, which is "
        "larger than Fe. Check which load it belongs to before you rely on it.",
    ),
    Correlation(
        name="Rp0.2 0.360",
        property="proof_stress",
        predictor="Fe/h0^2",
        slope=0.360,
        evidence="memory",
    ),
    Correlation(
        name="Rp0.2 0.476",
        property="proof_stress",
        predictor="F_offset/h0^2",
        slope=0.476,
        evidence="memory",
        note="Remembered with the load at the offset h0/10; see the note of 'Rp0.2 0.346'.",
    ),
    Correlation(
        name="Rm 0.277",
        property="tensile_strength",
        predictor="Fm/(h0*um)",
        slope=0.277,
        evidence="memory",
    ),
    _of_standard("proof_stress", "Rp0.2", 0.510, "deflection"),
    _of_standard("proof_stress", "Rp0.2", 0.479, "punch"),
    _of_standard("tensile_strength", "Rm", 0.192, "deflection"),
    _of_standard("tensile_strength", "Rm", 0.179, "punch"),
    _of_standard("tensile_strength", "Rm", 0.205, "deflection", "MINIATURE"),
    _of_standard("tensile_strength", "Rm", 0.197, "punch", "MINIATURE"),
)
