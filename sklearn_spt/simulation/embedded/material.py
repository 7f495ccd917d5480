"""Isotropic von Mises plasticity at finite strains, with logarithmic elastic strains.

The deformation is F = Fe Fp. The state of a point is the inverse plastic metric C = Fp⁻¹ Fp⁻ᵀ and the equivalent
plastic strain p. A step goes as in J. C. Simo, Algorithms for static and dynamic multiplicative plasticity that
preserve the classical return mapping schemes of the infinitesimal theory, Computer Methods in Applied Mechanics and
Engineering 99 (1992) 61-112:

1. Trial: be = F C Fᵀ, its principal values λ² and axes, and the logarithmic strains ε = ln λ.
2. Return: in the deviator of ε as at small strains, τ = K tr ε + 2G β dev ε with β = 1 - 3G Δp / q and the trial stress
   q = 2G √(3/2) |dev ε|. The flow stress σ(p) is a table, linear between its points, so that
   q = J σ(p) + 3G (p - p0) is solved without iteration.
3. New state: C = F⁻¹ exp(2 εe) F⁻ᵀ, with the axes of the trial.

τ is the Kirchhoff stress, J times Cauchy's with J = exp(tr ε). The flow stress is one of Cauchy's stress, the true
stress of a tensile test; so J times it limits τ. (Simo takes it for Kirchhoff's, which leaves the true stress below the
law by (1 - 2ν) σ/E: much where elastic strains are great.)

The tangent is the derivative of the algorithm, so that Newton's method converges quadratically. In the principal axes
it is, with a, b = 1, 2, 3, D = ∂τ/∂ε and the geometric part of dP/dF (Simo's (4.14) and (A.9), in other symbols):

    A_aabb = D_ab - τ_a δ_ab,   A_1212 = g + τ_2,   A_2121 = g + τ_1,   A_1221 = g
    D_ab = K + 2G β (δ_ab - 1/3) + 6G² (Δp / q - 1 / (3G + J H)) n_a n_b + √6 G J σ / (3G + J H) n_a
    g = (τ_1 λ_2² - τ_2 λ_1²) / (λ_1² - λ_2²) = G β artanh(x) / x - (τ_1 + τ_2) / 2,   x = (λ_1² - λ_2²) / (λ_1² + λ_2²)
"""

from dataclasses import dataclass

import numpy as np

_TINY = 1e-12


class FlowTable:
    """An elastic-plastic material whose flow stress is a table.

    Parameters
    ----------
    E : float
        Young's modulus, MPa.
    nu : float
        Poisson's ratio.
    plastic_strain : array-like of shape (n,)
        Equivalent plastic strain, from 0, increasing.
    flow_stress : array-like of shape (n,)
        Flow stress, MPa. Beyond the last strain it goes on with the last slope.
    """

    def __init__(self, E: float, nu: float, plastic_strain: np.ndarray, flow_stress: np.ndarray) -> None:
        self.E, self.nu = E, nu
        self.G, self.K = E / (2 * (1 + nu)), E / (3 * (1 - 2 * nu))
        self.strain = np.asarray(plastic_strain, dtype=np.float64)
        self.stress = np.asarray(flow_stress, dtype=np.float64)
        self.slope = np.diff(self.stress) / np.diff(self.strain)
        # The trial stress at which a point without earlier strain reaches each line of the table.
        self.reach = self.stress + 3 * self.G * self.strain

    def segment(self, reach: np.ndarray, J: np.ndarray) -> np.ndarray:
        """Segment of the table in which q = J σ(p) + 3G p lies."""
        last = len(self.slope) - 1
        # J is nearly 1: the segment for J = 1, once more with the flow stress found there, is hardly ever beside it.
        found = np.clip(np.searchsorted(self.reach, reach, side="right") - 1, 0, last)
        flow = self.stress[found] + self.slope[found] * (reach - self.reach[found]) / (3 * self.G + self.slope[found])
        found = np.clip(np.searchsorted(self.reach, reach - (J - 1) * flow, side="right") - 1, 0, last)
        for _ in range(len(self.slope)):
            low = J * self.stress[found] + 3 * self.G * self.strain[found]
            high = J * self.stress[found + 1] + 3 * self.G * self.strain[found + 1]
            move = ((reach >= high) & (found < last)).astype(int) - ((reach < low) & (found > 0))
            if not move.any():
                break
            found = found + move
        return found


@dataclass(frozen=True)
class State:
    """The state of all points.

    Parameters
    ----------
    metric : ndarray of shape (4, n_points)
        Inverse plastic metric: rr, zz, rz, tt.
    strain : ndarray of shape (n_points,)
        Equivalent plastic strain.
    """

    metric: np.ndarray
    strain: np.ndarray

    @classmethod
    def initial(cls, n_points: int) -> "State":
        metric = np.ones((4, n_points))
        metric[2] = 0
        return cls(metric, np.zeros(n_points))


class Response:
    """What the material does when it is deformed from a state.

    Parameters
    ----------
    table : FlowTable
        The material.
    F : ndarray of shape (5, n_points)
        Deformation gradient: rr, rz, zr, zz, tt.
    state : State
        The state before.

    Attributes
    ----------
    valid : bool
        False where the deformation turns a point inside out; nothing else is there then.
    stress : ndarray of shape (5, n_points)
        First Piola-Kirchhoff stress, MPa.
    """

    def __init__(self, table: FlowTable, F: np.ndarray, state: State) -> None:
        f11, f12, f21, f22, f33 = F
        det = f11 * f22 - f12 * f21
        self.valid = bool(det.min() > 0.01 and f33.min() > 0.01)
        if not self.valid:
            return
        self._table = table
        self.F, self.inverse = F, (f22 / det, -f12 / det, -f21 / det, f11 / det)
        c11, c22, c12, c33 = state.metric
        a11, a12, a21, a22 = f11 * c11 + f12 * c12, f11 * c12 + f12 * c22, f21 * c11 + f22 * c12, f21 * c12 + f22 * c22
        b11, b12, b22 = a11 * f11 + a12 * f12, a11 * f21 + a12 * f22, a21 * f21 + a22 * f22
        mean, half = (b11 + b22) / 2, (b11 - b22) / 2
        radius = np.sqrt(half * half + b12 * b12)
        round_ = radius < _TINY * mean
        safe = np.where(round_, 1.0, radius)
        # cos 2φ and sin 2φ of the angle between the first principal axis and r.
        self.cos2, self.sin2 = np.where(round_, 1.0, half / safe), np.where(round_, 0.0, b12 / safe)
        self._x = radius / mean
        first = mean + radius
        log = np.empty_like(F[:3])
        log[0], log[1], log[2] = first, (b11 * b22 - b12 * b12) / first, f33 * f33 * c33
        log = 0.5 * np.log(log)
        self.volumetric = log.sum(axis=0)
        self.deviator = log - self.volumetric / 3
        self.size = np.sqrt((self.deviator * self.deviator).sum(axis=0))
        G = table.G
        self.trial = 2 * G * np.sqrt(1.5) * self.size
        reach = self.trial + 3 * G * state.strain
        self.J = np.exp(self.volumetric)
        self.segment = table.segment(reach, self.J)
        start, base = table.strain[self.segment], self.J * table.stress[self.segment]
        self.slope = self.J * table.slope[self.segment]
        reached = start + (reach - base - 3 * G * start) / (3 * G + self.slope)
        self.step = np.maximum(reached - state.strain, 0.0)
        self.strain = state.strain + self.step
        # The flow stress of Kirchhoff's stress, J σ.
        self.flow = base + self.slope * (self.strain - start)
        self.beta = 1 - 3 * G * self.step / np.where(self.trial > 0, self.trial, 1.0)
        self.kirchhoff = table.K * self.volumetric + 2 * G * self.beta * self.deviator
        self.elastic = log - (1 - self.beta) * self.deviator
        t11, t22, t12 = _from_axes(self.kirchhoff[0], self.kirchhoff[1], self.cos2, self.sin2)
        i11, i12, i21, i22 = self.inverse
        self.stress = np.empty_like(F)
        # P = τ F⁻ᵀ
        self.stress[0], self.stress[1] = t11 * i11 + t12 * i12, t11 * i21 + t12 * i22
        self.stress[2], self.stress[3] = t12 * i11 + t22 * i12, t12 * i21 + t22 * i22
        self.stress[4] = self.kirchhoff[2] / f33

    def state(self) -> State:
        """The state after the deformation."""
        stretch = np.exp(2 * self.elastic)
        b11, b22, b12 = _from_axes(stretch[0], stretch[1], self.cos2, self.sin2)
        i11, i12, i21, i22 = self.inverse
        a11, a12, a21, a22 = i11 * b11 + i12 * b12, i11 * b12 + i12 * b22, i21 * b11 + i22 * b12, i21 * b12 + i22 * b22
        metric = np.stack(
            [
                a11 * i11 + a12 * i12,
                a21 * i21 + a22 * i22,
                a11 * i21 + a12 * i22,
                stretch[2] / self.F[4] ** 2,
            ]
        )
        return State(metric, self.strain)

    def tangent(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """dP/dF in the principal axes (n_points, 5, 5), the axes and the axes pulled back, both (n_points, 2, 2)."""
        G, K = self._table.G, self._table.K
        n_points = len(self.beta)
        tau, beta = self.kirchhoff, self.beta
        plastic = self.step > 0
        shrink = np.where(plastic, 6 * G**2 * (self.step / np.where(plastic, self.trial, 1.0)), 0.0)
        shrink -= np.where(plastic, 2 * G**2 / (G + self.slope / 3), 0.0)
        unit = self.deviator / np.where(self.size > 0, self.size, 1.0)
        modulus = np.zeros((n_points, 5, 5))
        normal = (0, 3, 4)
        scaled = shrink * unit
        common = K - 2 * G / 3 * beta
        growth = np.where(plastic, np.sqrt(6) * G * self.flow / (3 * G + self.slope), 0.0)
        for a in range(3):
            for b in range(3):
                value = scaled[a] * unit[b] + growth * unit[a] + common
                if a == b:
                    value += 2 * G * beta - tau[a]
                modulus[:, normal[a], normal[b]] = value
        shear = G * beta * _artanh_over(self._x) - (tau[0] + tau[1]) / 2
        modulus[:, 1, 1], modulus[:, 2, 2] = shear + tau[1], shear + tau[0]
        modulus[:, 1, 2] = modulus[:, 2, 1] = shear
        # Half of 2φ by the greater of cos φ and sin φ: the smaller one would be a difference of great numbers.
        greater = np.sqrt((1 + np.abs(self.cos2)) / 2)
        other = self.sin2 / (2 * greater)
        cos, sin = np.where(self.cos2 >= 0, (greater, other), (other, greater))
        axes = np.empty((n_points, 2, 2))
        axes[:, 0, 0] = axes[:, 1, 1] = cos
        axes[:, 0, 1], axes[:, 1, 0] = sin, -sin
        i11, i12, i21, i22 = self.inverse
        pulled = np.empty((n_points, 2, 2))
        pulled[:, 0, 0], pulled[:, 0, 1] = cos * i11 + sin * i12, cos * i21 + sin * i22
        pulled[:, 1, 0], pulled[:, 1, 1] = cos * i12 - sin * i11, cos * i22 - sin * i21
        return modulus, axes, pulled


def _from_axes(first: np.ndarray, second: np.ndarray, cos2: np.ndarray, sin2: np.ndarray) -> tuple[np.ndarray, ...]:
    """Components rr, zz, rz of a symmetric tensor with these principal values."""
    mean, half = (first + second) / 2, (first - second) / 2
    return mean + half * cos2, mean - half * cos2, half * sin2


def _artanh_over(x: np.ndarray) -> np.ndarray:
    """artanh(x)/x, 1 at 0."""
    small = x < 1e-4
    safe = np.where(small, 0.5, np.minimum(x, 1 - 1e-15))
    return np.where(small, 1 + x * x / 3, np.arctanh(safe) / safe)
