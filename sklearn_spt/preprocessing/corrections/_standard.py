"""The corrections in the order in which they rest on one another."""

from collections.abc import Sequence

from sklearn.pipeline import Pipeline

from ._base import ORDER
from ._compliance import ComplianceCorrector
from ._conversion import DeflectionConverter
from ._cut import CurveCutter
from ._load_offset import LoadOffsetCorrector
from ._smooth import CurveSmoother
from ._toe import ToeCorrector
from ._unloading import UnloadingCorrector

STANDARD = ("unloading", "load_offset", "toe", "deflection")


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
    steps : sequence of {"unloading", "load_offset", "compliance", "toe", "deflection", "cut", "smooth"}, \
            default=("unloading", "load_offset", "toe", "deflection")
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
        "unloading": UnloadingCorrector(),
        "load_offset": LoadOffsetCorrector(),
        "compliance": ComplianceCorrector(0.0 if compliance is None else compliance),
        "toe": ToeCorrector(foot=foot),
        "deflection": DeflectionConverter(),
        "cut": CurveCutter(cut_at),
        "smooth": CurveSmoother(),
    }
    return Pipeline([(name, made[name]) for name in ORDER if name in steps])
