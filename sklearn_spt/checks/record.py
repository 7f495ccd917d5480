"""Damage of records that a specimen cannot cause: a load cell at its limit, drop-outs and spikes of the load."""

from dataclasses import dataclass

import numpy as np

from ..curves import SPTCurve
from ..exceptions import DoubtfulRecordWarning, Message
from ._unloading import without_unloadings

# The maximum of a curve is smooth; a load that stays level over more than this part of the stroke is looked at.
_LEVEL_SPAN = 0.03
# This many equal loads are not a maximum; of noisy ones it takes more to tell a level from a vertex.
_MIN_EQUAL = 5
_MIN_LEVEL = 25
# Equal loads count if the load has risen by more than this many of its steps within their own span before them. To a
# vertex it rises by eight.
_STEPS = 20
# Loads are level if their scatter is that of the noise, within this many standard errors of the two.
_LEVEL_ERRORS = 2.0
# Over its own span before the level part the load rises by more than this many times the noise; to the vertex of a
# parabola by less than twenty times.
_ENTRY_NOISE = 60.0
# A sharp entry: a line that turns level leaves at most this part of the squares that a parabola leaves.
_SHARP = 0.7
# Part of the stroke on each side of the entry on which the two are compared.
_ENTRY_SPAN = 0.1
# Noise is at least this part of the maximum: loads are written with this many digits.
_LEAST_NOISE = 1e-5
# Points that lie off the line through their neighbours, at most this many in a row, each by more than this many times
# the noise, than this part of the maximum (the second at an end of the record), and than what the neighbours differ by.
_MAX_STRAY = 3
_STRAY_NOISE = 10.0
_STRAY_LOAD = 0.01
_STRAY_AT_END = 0.05
_NEIGHBOURS = 3
# Variance of the logarithm of a noise from the median of n distances, times n; tried with normal noise.
_MEDIAN_VARIANCE = 1.9


@dataclass(frozen=True)
class Saturation:
    """Where the load stays at the limit of the load cell."""

    level: float
    start: float
    end: float

    def __str__(self) -> str:
        return (
            f"the load stays at {self.level:.5g} N from u = {self.start:.4g} to {self.end:.4g} mm: the load cell or "
            "amplifier was at its limit"
        )


def noise_of(x: np.ndarray, y: np.ndarray) -> float:
    """Standard deviation of the noise, from what separates each point from the line between its neighbours.

    It is taken from the median, because a kink or a jump stands out at few points.
    """
    t = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    apart = (y[1:-1] - (1 - t) * y[:-2] - t * y[2:]) / np.sqrt(1 + (1 - t) ** 2 + t**2)
    return float(np.median(np.abs(apart)) / 0.6745)  # the quartile of the normal distribution


def find_saturation(u: np.ndarray, load: np.ndarray) -> Saturation | None:
    """Where the largest load is a level part that is entered with a break of slope; None for a smooth maximum.

    `u` increases strictly.
    """
    peak = float(load.max())
    high = load > peak / 2
    if high.sum() < _MIN_EQUAL or peak <= 0:
        return None
    equal = np.flatnonzero(load >= (1 - _LEAST_NOISE) * peak)
    first, last = int(equal[0]), int(equal[-1])
    span = float(u[last] - u[first])
    if len(equal) >= max(_MIN_EQUAL, (last + 1 - first) / 2) and span > _LEVEL_SPAN * (u[-1] - u[0]):
        steps = np.abs(np.diff(load))
        step = float(steps[steps > _LEAST_NOISE * peak].min(initial=peak))
        if peak - np.interp(u[first] - span, u, load) > _STEPS * step:
            return Saturation(peak, float(u[first]), float(u[last]))
    if high.sum() < _MIN_LEVEL:
        return None
    noise = max(noise_of(u[high], load[high]), _LEAST_NOISE * peak)
    # The largest load is about three standard deviations above the level, and the others are as far below it.
    near = np.flatnonzero(load >= peak - 6 * noise)
    level = float(np.median(load[near[0] : near[-1] + 1]))
    inside = np.flatnonzero(load >= level - noise)
    first, last = int(inside[0]), int(inside[-1])
    run = load[first : last + 1]
    if len(run) < _MIN_LEVEL or u[last] - u[first] <= _LEVEL_SPAN * (u[-1] - u[0]):
        return None
    # The variance of the logarithm of a standard deviation is 1 / 2 n.
    error = np.sqrt(_MEDIAN_VARIANCE / high.sum() + 0.5 / len(run))
    if np.sqrt(np.mean((run - level) ** 2)) > (1 + _LEVEL_ERRORS * error) * noise:
        return None
    before = int(np.searchsorted(u, u[first] - (u[last] - u[first])))
    if level - float(np.median(load[max(before - 2, 0) : before + 3])) < _ENTRY_NOISE * noise:
        return None
    width = min(u[last] - u[first], _ENTRY_SPAN * (u[-1] - u[0]))
    around = (u >= u[first] - width) & (u <= u[first] + width)
    x, y = (u[around] - u[first]) / width, load[around]
    if (x < 0).sum() < 2:
        return None
    bend, smooth = np.stack([np.ones_like(x), np.minimum(x, 0)], axis=1), np.vander(x, 3)
    left = [float(np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2)) for design in (bend, smooth)]
    if left[0] > _SHARP * left[1]:
        return None
    return Saturation(level, float(u[first]), float(u[last]))


def find_stray(load: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of each short run of points far outside their neighbours, to which the load comes back.

    In the order of the record, in which the displacement need not increase. At the ends, where there are neighbours on
    one side alone, only a run above them is one: below them are the contact and the fracture.
    """
    n = len(load)
    if n < 2 * _NEIGHBOURS + _MAX_STRAY:
        return []
    # Differences of second order need no displacement, which may stand still.
    noise = float(np.median(np.abs(load[1:-1] - (load[:-2] + load[2:]) / 2)) / np.sqrt(1.5) / 0.6745)
    # Of few points it may be too small.
    noise *= 1 + 3 * np.sqrt(_MEDIAN_VARIANCE / n)
    usual = float(np.quantile(np.abs(load), 0.95))
    length = np.zeros(n, dtype=int)
    # The shorter run is the better account of it.
    for count in range(_MAX_STRAY, 0, -1):
        width = count + 2 * _NEIGHBOURS
        padded = np.pad(load, _NEIGHBOURS, constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(padded, width)
        run, around = windows[:, _NEIGHBOURS:-_NEIGHBOURS], np.delete(windows, slice(_NEIGHBOURS, -_NEIGHBOURS), axis=1)
        # Where there are neighbours on both sides, what counts is the distance from the line through them.
        whole = ~np.isnan(around).any(axis=1)
        x = np.delete(np.arange(width) - (width - 1) / 2, slice(_NEIGHBOURS, -_NEIGHBOURS))
        slope = np.where(whole, around @ x / (x @ x), 0.0)[:, None]
        run = run - slope * (np.arange(count) - (count - 1) / 2)
        around = around - slope * x
        low, high = np.fmin.reduce(around, axis=1), np.fmax.reduce(around, axis=1)
        least = np.maximum(_STRAY_NOISE * noise, np.where(whole, _STRAY_LOAD, _STRAY_AT_END) * usual)
        off = np.maximum(least, high - low)
        stray = run.min(axis=1) > high + off
        stray[1 : n - count] |= (run.max(axis=1) < low - off)[1 : n - count]
        length[: len(stray)][stray] = count
    found: list[tuple[int, int]] = []
    for first in np.flatnonzero(length).tolist():
        if not found or first > found[-1][1]:
            found.append((first, first + int(length[first]) - 1))
    return found


def about_record(curve: SPTCurve) -> list[Warning]:
    """Say what in a record is damage."""
    findings: list[Warning] = []
    saturation = find_saturation(*curve.monotonic())
    if saturation is not None:
        findings.append(
            DoubtfulRecordWarning(
                Message(
                    f"{saturation}; the record is damaged there. Test with a load cell or range that is large enough, "
                    "or give the record up to there",
                    about="saturation",
                )
            )
        )
    # An unloading is another thing, and the points where it turns are not stray ones.
    keep = without_unloadings(curve.displacement, curve.load)
    stray = find_stray(curve.load[keep])
    if stray:
        where = ", ".join(f"{curve.displacement[keep][first]:.4g}" for first, _ in stray[:5]) + ", ..." * (
            len(stray) > 5
        )
        many = sum(last - first + 1 for first, last in stray)
        findings.append(
            DoubtfulRecordWarning(
                Message(
                    f"{many} point{'s' if many > 1 else ''} of the load {'lie' if many > 1 else 'lies'} far off the "
                    f"neighbours (at u = {where} mm): a drop-out or spike of the measurement; the record is damaged "
                    f"there. Take {'them' if many > 1 else 'it'} out of the record",
                    about="stray",
                )
            )
        )
    return findings
