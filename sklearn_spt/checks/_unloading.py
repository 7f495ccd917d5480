"""Where a record goes back: the displacement, and the load with it."""

import numpy as np

from ..curves import MIN_POINTS

# An unloading goes back by more than this many times the scatter of the displacement and this many of the steps that it
# is written in, and its load falls by more than this many standard errors. A transducer that jitters goes back as well,
# but the load does not fall with it.
_SCATTERS, _STEPS, _ERRORS_OF_FALL = 8.0, 3.0, 4.0
# Where this part of the values equals the one before, they are written in steps.
_EQUAL = 0.1


def find_unloadings(displacement: np.ndarray, load: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of the points by which the record goes back, and comes to where it was, in its order.

    What counts is that the load falls while the displacement goes back, by more than the scatter of either.
    """
    furthest = np.maximum.accumulate(displacement)
    before = furthest - displacement
    scatter, written = _scatter(displacement)
    behind = np.flatnonzero(before > max(_SCATTERS * scatter, _STEPS * written, 1e-9 * np.ptp(displacement)))
    found: list[tuple[int, int]] = []
    if not behind.size:
        return found
    scatter, written = _scatter(load)
    last = -1
    for k in behind.tolist():
        if k <= last:
            continue
        first = int(np.argmax(displacement[: k + 1])) + 1
        again = np.flatnonzero(displacement[k:] > furthest[k])
        last = (k + int(again[0]) if again.size else len(load)) - 1
        away = displacement[first : last + 1]
        deep = load[first : last + 1][away <= (away.min() + away.max()) / 2]
        peak = load[max(first - 2, 0) : first]
        error = scatter * np.sqrt(1 / len(deep) + 1 / len(peak))
        least = max(_STEPS * written, 1e-9 * np.ptp(load))
        # A single point falls by noise; so does the mean of several, but less.
        single = load[first - 1] - load[first : last + 1].min() > max(_SCATTERS * scatter, least)
        if single or peak.mean() - deep.mean() > max(_ERRORS_OF_FALL * error, least):
            found.append((first, last))
    # Of a few points none can be spared.
    left = len(load) - sum(last + 2 - first for first, last in found)
    return found if left >= MIN_POINTS else []


def _scatter(values: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the noise of values in the order of a record, and the steps that they are written in."""
    steps = np.abs(np.diff(values))
    # Differences of second order; their median knows nothing of a few turns.
    scatter = float(np.median(np.abs(np.diff(values, 2)))) / np.sqrt(6) / 0.6745
    return scatter, float(steps[steps > 0].min(initial=np.inf)) if np.mean(steps == 0) > _EQUAL else 0.0


def without_unloadings(displacement: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Which points of a record, in its order, belong to no unloading, from where it turns to where it comes back."""
    keep = np.ones(len(load), dtype=bool)
    for first, last in find_unloadings(displacement, load):
        keep[first - 1 : last + 1] = False
    return keep
