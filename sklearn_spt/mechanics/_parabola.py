"""Maxima and single values of noisy curves, read from parabolas through the points around them."""

from dataclasses import dataclass

import numpy as np

from ..checks.record import noise_of

MIN_LOCAL_POINTS = 7
# The neighbourhood of the maximum: values above this fraction of the largest.
TOP = 0.98
# A parabola describes the points if it leaves no more than this many times their noise.
_NOISE_FACTOR = 1.5
# Of white noise three quarters of the bends that follow each other have different signs, of a smooth curve nearly none.
_ALTERNATING = 0.5


@dataclass(frozen=True)
class Parabola:
    """A least squares parabola, which was found to describe its points."""

    coefficients: np.ndarray
    covariance: np.ndarray

    @property
    def vertex(self) -> float | None:
        """Place of the maximum; None where there is none."""
        _, slope, curvature = self.coefficients
        return None if curvature >= 0 else float(-slope / (2 * curvature))

    def value(self, x: float) -> float:
        return float(self.coefficients @ [1.0, x, x * x])

    def falls_at(self, x: float) -> bool:
        """Whether the parabola falls at x by more than its uncertainty explains (three standard errors)."""
        direction = np.array([0.0, 1.0, 2 * x])
        return bool(direction @ self.coefficients < -3 * np.sqrt(direction @ self.covariance @ direction))


def fit_parabola(x: np.ndarray, y: np.ndarray) -> Parabola | None:
    """The parabola through noisy points; None where there are too few, or what it leaves is more than their noise."""
    if len(x) < MIN_LOCAL_POINTS:
        return None
    scale = np.abs(x).max()
    design = np.vander(x / scale, 3, increasing=True)
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ (design.T @ y)
    variance = np.sum((y - design @ coefficients) ** 2) / (len(x) - 3)
    noise = noise_of(x, y)
    if variance > (_NOISE_FACTOR * noise) ** 2:
        return None
    powers = scale ** np.arange(3)
    return Parabola(coefficients / powers, variance * inverse / np.outer(powers, powers))


def scatter_of(x: np.ndarray, y: np.ndarray) -> float:
    """Standard deviation of the noise of a curve; 0 where neighbouring points differ by its curvature alone.

    The curvature that three neighbouring points show changes its sign from point to point where noise makes it.
    """
    if len(x) < MIN_LOCAL_POINTS:
        return 0.0
    slope = np.diff(y) / np.diff(x)
    bends = np.sign(np.diff(slope))
    return noise_of(x, y) if np.mean(bends[1:] * bends[:-1] < 0) > _ALTERNATING else 0.0


def maximum_of(strain: np.ndarray, stress: np.ndarray) -> tuple[float, float] | None:
    """Strain and value of the maximum of an engineering stress, also of a noisy one; None if there is none."""
    peak = int(np.argmax(stress))
    noise = scatter_of(strain, stress)
    if noise:
        low = np.flatnonzero(stress < TOP * stress[peak] - 5 * noise)
        first, stop = max(low[low < peak], default=-1) + 1, min(low[low > peak], default=len(stress))
        # Over the logarithm of the strain the top of a power law is more nearly a parabola.
        x = np.log(np.maximum(strain[first:stop], 1e-6) / strain[peak])
        fit = fit_parabola(x, stress[first:stop])
        if fit is not None:
            if fit.vertex is None or not x[0] < fit.vertex < x[-1]:
                return None
            return float(strain[peak] * np.exp(fit.vertex)), fit.value(fit.vertex)
    if peak in (0, len(stress) - 1):
        return None
    around = slice(peak - 1, peak + 2)
    return vertex(strain[around], stress[around]), float(stress[peak])


def vertex(x: np.ndarray, y: np.ndarray) -> float:
    """Place of the maximum of the parabola through three points, the middle one being the largest."""
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    if left == right:  # then both are 0: three equal values
        return float(x[1])
    # The parabola's slope is left and right at the middles of the two segments, and linear in between.
    middle = (x[0] + x[1]) / 2
    return float(middle + left / (left - right) * (x[2] - x[0]) / 2)
