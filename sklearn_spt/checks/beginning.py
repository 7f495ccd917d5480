"""What is wrong at the beginning of a record: an unloading, a load below zero, a seating that is curved."""

from dataclasses import dataclass

import numpy as np

from ..curves import SPTCurve
from ..exceptions import Message, Parameter, UntrustedPredictionWarning
from ._unloading import find_unloadings, without_unloadings
from .record import noise_of

# A load below zero by more than this part of the maximum, and by more than this many times the noise, is not noise.
_BELOW_ZERO, _BELOW_NOISE = 0.002, 4.0
# A record that begins at more than this part of the maximum has a preload, or an offset of the load.
_PRELOAD = 0.01
# What lies in this part of the stroke is at the start.
_START = 0.1
# The steepest line is looked for up to this part of the maximum, and within this many thicknesses of the contact (or
# mm, where the thickness is not known), over these widths.
_STEEP_LOAD, _STEEP_REACH = 0.3, 0.4
_WIDTHS = (0.03, 0.06, 0.12)
_USUAL_THICKNESS = 0.5
_MIN_POINTS = 3
# In a dense record, this many places are enough.
_STARTS = 100
# The load has begun at this part of the maximum, and at this many times the noise.
_CONTACT_LOAD, _CONTACT_NOISE = 0.005, 4.0
# In front of the steepest line the load of a sound record begins less than this part of the thickness earlier, as the
# contact of the ball grows; the branch of the first loads leads to zero at most the second part of it earlier.
_FOOT, _APART = 0.011, 0.012
# A zero that noise leaves uncertain by more than this part of it is not used.
_CERTAIN = 0.03
_ERRORS, _ERRORS_OF_AREA = 3.0, 2.0


@dataclass(frozen=True)
class Tangent:
    """The steepest line of the beginning of a record: where it has no load, and what the record has there.

    `zero` is the displacement where it has none, mm, with its standard `error`; `slope`, N/mm, is what its slope is at
    least, by two standard errors; `low` and `high` are the loads that it goes through, N, at `points` of them. `lead`
    is how far in front of its zero the load begins: as far as a load that rises with the slope of the line to hold the
    same area, mm, less what noise may cause; `load` is the load at `zero`.
    """

    zero: float
    error: float
    slope: float
    low: float
    high: float
    points: int
    lead: float
    load: float


def steepest(u: np.ndarray, load: np.ndarray, thickness: float | None) -> Tangent | None:
    """The steepest line of the beginning, of those whose slope is known; None where there are too few points.

    `u` increases strictly.
    """
    h = _USUAL_THICKNESS if thickness is None else thickness
    top = int(np.argmax(load)) + 1
    u, load = u[:top], load[:top]
    peak = float(load[-1])
    noise = noise_of(u, load) if len(u) > 2 * _MIN_POINTS else 0.0
    above = int(np.argmax(load > _STEEP_LOAD * peak))
    contact = max(_CONTACT_LOAD * peak, _CONTACT_NOISE * noise)
    begin = int(np.flatnonzero(load[: above + 1] < contact).max(initial=0))
    end = min(u[above], u[begin] + _STEEP_REACH * h)
    starts = np.unique(np.linspace(begin, int(np.searchsorted(u, end)), _STARTS).astype(int)).tolist()
    best, line = 0.0, None
    for width in _WIDTHS:
        for first in starts:
            stop = int(np.searchsorted(u, u[first] + width * h, side="right"))
            if u[stop - 1] > end:
                break
            if stop - first < _MIN_POINTS:
                continue
            x = u[first:stop] - u[first:stop].mean()
            slope, uncertain = float(x @ load[first:stop] / (x @ x)), noise / np.sqrt(x @ x)
            if slope - 2 * uncertain > best:
                best, line = slope - 2 * uncertain, (first, stop, slope, uncertain)
    if line is None:
        return None
    first, stop, slope, uncertain = line
    level = float(load[first:stop].mean())
    zero = float(u[first:stop].mean()) - level / slope
    error = float(np.hypot(noise / np.sqrt(stop - first), level / slope * uncertain)) / slope
    lead, at_zero = _lead(u, load, zero, slope, error, noise)
    return Tangent(zero, error, best, float(load[first]), float(load[stop - 1]), stop - first, lead, at_zero)


def _lead(
    u: np.ndarray, load: np.ndarray, zero: float, slope: float, error: float, noise: float
) -> tuple[float, float]:
    """How far the load begins in front of a line, and the load where the line has none."""
    before = u < zero
    if not before.any():
        return 0.0, 0.0
    # Above an offset of the load cell that was left in.
    first = load[: max(int(before.sum()) // 5, 1)]
    x = np.append(u[before], zero)
    y = np.append(load[before], np.interp(zero, u, load)) - first.mean()
    weight = np.zeros(len(x))
    weight[1:] += np.diff(x) / 2
    weight[:-1] += np.diff(x) / 2
    doubt = np.hypot(noise * np.sqrt(np.sum(weight**2) + np.sum(weight) ** 2 / len(first)), y[-1] * error)
    return float(np.sqrt(2 * max(weight @ y - _ERRORS_OF_AREA * doubt, 0.0) / slope)), float(y[-1])


def is_seating(tangent: Tangent, thickness: float | None) -> bool:
    """Whether the load begins farther in front of the steepest line than the contact of a ball explains."""
    return certain(tangent, thickness) and tangent.lead > _FOOT * (_USUAL_THICKNESS if thickness is None else thickness)


def tolerance(tangent: Tangent, thickness: float | None) -> float:
    """By how much the zero of a sound record may differ from that of its steepest line, mm."""
    return _APART * (_USUAL_THICKNESS if thickness is None else thickness) + _ERRORS * tangent.error


def certain(tangent: Tangent, thickness: float | None) -> bool:
    """Whether noise leaves the zero of a steepest line known well enough to be used."""
    return _ERRORS * tangent.error < _CERTAIN * (_USUAL_THICKNESS if thickness is None else thickness)


def below_zero(curve: SPTCurve) -> bool:
    """Whether the load begins below zero, by more than noise."""
    peak, first = float(curve.load.max()), float(curve.load[0])
    if first >= -_BELOW_ZERO * peak:
        return False
    u, load = curve.monotonic()
    return len(u) < 2 * _MIN_POINTS or first < -_BELOW_NOISE * noise_of(u, load)


def about_unloadings(curve: SPTCurve, *remedy: str | Parameter) -> list[Message]:
    """Say by how much a record goes back, and what becomes of it."""
    found = find_unloadings(curve.displacement, curve.load)
    if not found:
        return []
    first, last = found[0]
    u, load, loop = curve.displacement, curve.load, slice(first, last + 1)
    early = bool(u[first - 1] - u[0] < _START * np.ptp(u))
    where = "at the start" if early else f"at u = {u[first - 1]:.4g} mm"
    what = f"the first of {len(found)} unloadings" if len(found) > 1 else f"an unloading{', as of a preload' * early}"
    said = (
        f"the displacement goes back {where} by {1e3 * (u[first - 1] - u[loop].min()):.3g} µm while the load falls by "
        f"{load[first - 1] - load[loop].min():.3g} N: {what}"
    )
    return [Message(said, *remedy, about="unloading")]


def about_zero(load: np.ndarray, *remedy: str | Parameter) -> Message:
    """Say of a load that begins below zero what becomes of it."""
    said = f"the load begins below zero, at {load[0]:.4g} N: the load cell was not set to zero"
    return Message(said, *remedy, about="below_zero")


def about_seating(seating: Tangent, *remedy: str | Parameter) -> Message:
    """Say of a curved toe what becomes of it."""
    said = (
        f"the toe is curved: the load is {seating.load:.3g} N already at u = {seating.zero:.4g} mm, where the steepest "
        f"line through the beginning (from {seating.low:.3g} to {seating.high:.3g} N) has none"
    )
    return Message(said, *remedy, about="seating")


def about_beginning(curve: SPTCurve) -> list[Warning]:
    """Say what is wrong at the beginning of a record and was not corrected."""
    done = {correction.name: correction.value for correction in curve.corrections if correction.value is not None}
    keep = without_unloadings(curve.displacement, curve.load)
    u, load = curve.replace(displacement=curve.displacement[keep], load=curve.load[keep]).monotonic()
    unloading = Parameter("correct", "unloading", python="UnloadingCorrector")
    said = about_unloadings(curve, "; what is fitted to the beginning goes through it. Take it out with ", unloading)
    found: list[Warning] = [UserWarning(message) for message in said]
    if below_zero(curve):
        remedy = Parameter("correct", "load_offset", python="LoadOffsetCorrector")
        message = about_zero(load, "; do not trust the stresses, and correct it with ", remedy)
        found.append(UntrustedPredictionWarning(message))
    elif "load_offset" not in done and done.get("toe", 0.0) < 0 and load[0] > _PRELOAD * load.max():
        # The zero of the displacement lies where the load begins, and yet a load is there already.
        text = (
            f"the load begins at {load[0]:.4g} N, {load[0] / load.max():.1%} of the maximum, and nothing tells a "
            "preload from a load cell that was not set to zero: record from before the contact on"
        )
        found.append(UserWarning(Message(text, about="preload")))
    seating = None if "toe" in done else steepest(u, load, curve.thickness)
    if seating is not None and is_seating(seating, curve.thickness):
        remedy = Parameter("correct", "toe", python="ToeCorrector")
        message = about_seating(seating, "; do not trust the stresses, and correct it with ", remedy)
        found.append(UntrustedPredictionWarning(message))
    return found
