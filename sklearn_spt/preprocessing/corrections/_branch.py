"""The branch of a curve up to its maximum load, its contact and its fracture."""

import numpy as np

from ...utils.state import Pair

# How far the load has fallen at uf, as a fraction of the maximum.
DROP = 0.2
# Fractions of the maximum load.
LOAD_RANGE = Pair(low=0, high=1)
# Part of the displacement within which a fall of the load is a sudden one.
_FRACTURE_SPAN = 0.01


def contact_index(f: np.ndarray) -> int:
    """Index at which the load has first risen by a twentieth of its range."""
    return int(np.argmax(f - f.min() > 0.05 * np.ptp(f)))


def find_failure(u: np.ndarray, f: np.ndarray, drop: float) -> tuple[int | None, int | None]:
    """The first point after the maximum that is lower by the drop, and the last before the fall if that is sudden."""
    top = int(np.argmax(f))
    fallen = np.flatnonzero(f[top:] <= (1 - drop) * f[top])
    if not fallen.size:
        return None, None
    end = top + int(fallen[0])
    reach = u[end] - _FRACTURE_SPAN * (u[end] - u[contact_index(f)])
    first = min(max(top, int(np.searchsorted(np.maximum.accumulate(u[:end]), reach))), end - 1)
    if f[first:end].max() - f[end] < drop / 2 * f[top]:
        return end, None
    line = np.linspace(f[first], f[end], end - first + 1)
    return end, first + int(np.argmax(f[first:end] - line[:-1]))


def rising_branch(u: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The branch up to the maximum load, its loads made to rise."""
    top = int(np.argmax(f)) + 1
    # Noise would choose points that are too high at one end and too low at the other. The middle of the two monotonic
    # envelopes has no such preference, and is the curve itself where that rises everywhere.
    f = f[:top]
    return u[:top], (np.maximum.accumulate(f) + np.minimum.accumulate(f[::-1])[::-1]) / 2
