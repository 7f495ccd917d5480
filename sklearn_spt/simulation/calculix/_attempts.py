"""Several attempts at one simulation, what ends a test, and which points of a curve are wrong."""

import math
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np

from .._errors import SimulationError
from ._numerics import Numerics
from ._run import SolverRun

# Sizes of the increments of one attempt after another.
_ATTEMPTS = (1.0, 0.65, 0.42)
# Fewer points than these make no curve.
MIN_POINTS = 5
# A point further than this part of the maximum load from the line through its neighbours is taken for a wrong one.
_WRONG_INCREMENT = 0.01
_FIRST_POINTS = 8
_WRONG_UNSURE = 0.08
# A load has jumped where it leaves the way between level and straight on by this part of the maximum, and by more than
# straight on would have been. Below these parts of the thickness and of the displacement a curve bends and ripples as
# much (yielding). The curves of the bundled sets leave it by 0.011 (SHEET) and 0.014 (EN 10371) where nothing jumps.
_LOAD_JUMP = 0.025
_JUMP_FROM_THICKNESS, _JUMP_FROM_END = 0.7, 0.5


class Attempt(Protocol):
    """One run of the solver and how good it is."""

    run: SolverRun
    usable: bool
    good: bool

    @property
    def rank(self) -> Any:
        """What is greater for a better attempt."""


AnyAttempt = TypeVar("AnyAttempt", bound=Attempt)


def best_attempt(
    attempt: Callable[[Numerics], AnyAttempt], numerics: Numerics, what: str
) -> tuple[AnyAttempt, int, float]:
    """Try with smaller and smaller increments until one attempt is good; the best, their number and their CPU time."""
    best: AnyAttempt | None = None
    words = ""
    cpu = 0.0
    attempts = 0
    for factor in _ATTEMPTS:
        attempts += 1
        new = attempt(numerics.refined(factor))
        cpu += new.run.cpu_s
        words = new.run.last_words
        if new.usable and (best is None or new.rank > best.rank):
            best = new
        if best is not None and best.good:
            break
    if best is None:
        raise SimulationError(f"{what} failed {attempts} times. The solver's last words: {words}")
    return best, attempts, cpu


def wrong_increments(x: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Indices of isolated points that do not fit the cubic through their two neighbours on each side.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Abscissa over which the load is smooth, increasing.
    load : ndarray of shape (n,)
    """
    if len(load) < MIN_POINTS or not np.any(load):
        return np.empty(0, dtype=int)
    scale = np.max(np.abs(load))
    n = len(load)
    deviation = np.zeros(n)
    for i in range(1, n - 1):
        around = np.array([j for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < n])
        weights = [math.prod((x[i] - x[k]) / (x[j] - x[k]) for k in around if k != j) for j in around]
        deviation[i] = abs(load[i] - np.dot(weights, load[around])) / scale
    # Neighbours of a wrong point deviate too, by two thirds of what it does.
    peak = (deviation[1:-1] >= deviation[:-2]) & (deviation[1:-1] >= deviation[2:])
    # At yield the curve bends sharply between few points, and next to an end the cubic is an extrapolation.
    limit = np.full(n - 2, _WRONG_INCREMENT)
    limit[: _FIRST_POINTS - 1] = limit[-1] = _WRONG_UNSURE
    return 1 + np.flatnonzero(peak & (deviation[1:-1] > limit))


def has_load_jump(displacement: np.ndarray, load: np.ndarray, thickness: float) -> bool:
    """Whether the load jumps near the end of a simulated curve.

    Parameters
    ----------
    displacement : ndarray of shape (n,)
        Increasing, mm.
    load : ndarray of shape (n,)
        N.
    thickness : float
        mm.
    """
    steps, rises = np.diff(displacement), np.diff(load)
    straight_on = rises[:-1] / steps[:-1] * steps[1:]
    departure = np.maximum(rises[1:] - np.maximum(straight_on, 0), np.minimum(straight_on, 0) - rises[1:])
    late = displacement[2:] > max(_JUMP_FROM_END * displacement[-1], _JUMP_FROM_THICKNESS * thickness)
    return bool(np.any(late & (departure > np.maximum(_LOAD_JUMP * np.max(load), np.abs(straight_on)))))


def end_rule(load_limit: float | None, load_drop: float | None) -> Callable[[np.ndarray], tuple[int, str] | None]:
    def ends(load: np.ndarray) -> tuple[int, str] | None:
        """Index of the last point and what ended the test there; None while it goes on."""
        found: list[tuple[int, str]] = []
        if load_limit is not None and np.any(load >= load_limit):
            found.append((int(np.argmax(load >= load_limit)), "load limit"))
        if load_drop is not None and load.size:
            below = load <= (1 - load_drop) * np.maximum.accumulate(load)
            # A single point below is a wrong increment; the second one settles it.
            below = below[:-1] & below[1:]
            if np.any(below & (load[:-1] > 0)):
                found.append((int(np.argmax(below & (load[:-1] > 0))) + 1, "load drop"))
        return min(found, default=None)

    return ends
