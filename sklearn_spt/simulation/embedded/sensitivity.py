"""Derivatives of the load by direct differentiation of the converged increments.

At the end of an increment the residual R(u, s, θ) of the displacements u, the state s at its start and the parameters θ
is zero. Differentiated,

    (∂R/∂u) du/dθ = -∂R/∂θ - (∂R/∂s) ds/dθ,

with the tangent that Newton's method has at hand: one more solution with it, for all parameters together, and the new
state's derivatives follow (M. Kleiber, H. Antunez, T. D. Hien, P. Kowalczyk, Parameter Sensitivity in Nonlinear
Mechanics, Wiley 1997). What is derived here is the algorithm of `material` and `contact`, formula by formula, so that
the derivatives are those of the computed curve up to rounding and the tolerance of the equilibrium.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .contact import Contact, Touch
from .material import FlowTable, Response, State

if TYPE_CHECKING:
    from .increments import Model, _Trial

__all__ = ["Parameters", "Sensitivity"]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What changes with k parameters, as derivatives with respect to them.

    Parameters
    ----------
    flow_stress, plastic_strain : ndarray of shape (n_table, k)
        Flow stresses of the table's points, and their plastic strains.
    E, nu, friction, thickness : ndarray of shape (k,)
        Young's modulus (MPa), Poisson's ratio, Coulomb's coefficient, and the disc's initial thickness (mm).
    """

    flow_stress: np.ndarray
    plastic_strain: np.ndarray
    E: np.ndarray
    nu: np.ndarray
    friction: np.ndarray
    thickness: np.ndarray

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.E)


class Sensitivity:
    """Derivatives of a model's state and load with respect to parameters, kept along its increments.

    Parameters
    ----------
    parameters : Parameters
        What changes with each parameter.
    thickness : float
        Initial thickness of the disc, mm.

    Attributes
    ----------
    load : ndarray of shape (k,)
        Derivatives of the load on the punch at the last increment, N per unit of the parameter.
    displacement : ndarray of shape (n_dofs, k)
        Derivatives of the nodes' displacements, mm per unit.
    """

    def __init__(self, parameters: Parameters, thickness: float) -> None:
        self._parameters, self._thickness = parameters, thickness
        self.load = np.zeros(parameters.size)

    def start(self, n_dofs: int, table: FlowTable, n_points: int, contacts: list[Contact]) -> None:
        """Begin with a model at rest, whose derivatives are zero."""
        k, nu = self._parameters.size, table.nu
        self.displacement = np.zeros((n_dofs, k))
        self._metric, self._strain = np.zeros((4, n_points, k)), np.zeros((n_points, k))
        self._friction = [np.zeros((contact.n_points, k)) for contact in contacts]
        self._E, dE, dnu = table.E, self._parameters.E, self._parameters.nu
        self._dG = dE / (2 * (1 + nu)) - table.E * dnu / (2 * (1 + nu) ** 2)
        self._dK = dE / (3 * (1 - 2 * nu)) + 2 * table.E * dnu / (3 * (1 - 2 * nu) ** 2)

    def advance(self, model: "Model", trial: "_Trial") -> None:
        """Go over an increment that has converged; the model's state is still that of its start."""
        elements, response, thickness = model.elements, trial.response, self._thickness
        # A thicker disc has its initial heights scaled: the gradient's z part shrinks, the volumes grow.
        F = response.F
        stretched = np.zeros_like(F)
        stretched[1], stretched[3] = -F[1] / thickness, (1 - F[3]) / thickness
        before = stretched[..., None] * self._parameters.thickness
        along = response.stress.copy()
        along[[1, 3]] = 0
        volumes = along[..., None] * (self._parameters.thickness / thickness)

        stress, _, _ = self._material(model.table, response, model.state, before)
        residual = elements.forces(stress + volumes)
        work = []
        for contact, touch, dT in zip(model.contacts, trial.touches, self._friction, strict=True):
            moved = trial.displacement - model.displacement
            friction, pressure = self._contact(contact, touch, dT, moved, model.motion(contact, trial))
            traction = (friction * touch.tangent[..., None] - pressure * touch.normal[..., None]) * contact.area[
                :, None
            ]
            residual = residual + contact.forces(traction)
            work.append((contact, touch, friction, traction))
        change = np.zeros_like(self.displacement)
        solution = model.solve(model.tangent(trial), -residual[model.free])
        if solution is None:
            raise np.linalg.LinAlgError("the stiffness of an increment that has converged is singular")
        change[model.free] = solution

        self.load = np.zeros(self._parameters.size)
        for i, (contact, touch, friction, traction) in enumerate(work):
            at_points = contact.at_points(change)
            sliding, pressing = contact.rates(touch)
            t, n = ((d[..., None] * at_points).sum(axis=0) for d in (touch.tangent, touch.normal))
            self._friction[i] = friction + sliding[:, None] * t + pressing[:, None] * n
            if contact.moving:
                stiffness = contact.point_stiffness(touch)[:, 1]  # (n_points, 2)
                self.load += traction[1].sum(axis=0) + np.einsum("pi,ipk->k", stiffness, at_points)
        _, self._metric, self._strain = self._material(
            model.table, response, model.state, before + elements.deformation(change)
        )
        self.displacement = change

    def _contact(
        self, contact: Contact, touch: Touch, before: np.ndarray, moved: np.ndarray, motion: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives of friction and pressure (n_points, k) at fixed displacements."""
        # The contacts' stiffness is in proportion to Young's modulus.
        stiffer = contact.stiffness * self._parameters.E / self._E
        pressure = np.where(touch.inside, -touch.gap, 0.0)[:, None] * stiffer
        step = contact.at_points(moved)
        step[1] += motion
        slip = (step * touch.tangent).sum(axis=0)
        started = (touch.tangent[..., None] * contact.at_points(self.displacement)).sum(axis=0)
        sticking = before + contact.stick * (slip[:, None] * stiffer - contact.stiffness * started)
        sign = np.sign(touch.friction)[:, None]
        sliding = sign * (touch.pressure[:, None] * self._parameters.friction + contact.mu * pressure)
        inside, slides = touch.inside[:, None], touch.sliding[:, None]
        return np.where(inside, np.where(slides, sliding, sticking), 0.0), pressure

    def _material(
        self, table: FlowTable, response: Response, state: State, dF: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Derivatives of stress (5, n, k), new metric (4, n, k) and new plastic strain (n, k) for those of F."""
        G, K, dG, dK = table.G, table.K, self._dG, self._dK
        F, C = _matrix(response.F[:4, :, None]), _symmetric(state.metric[..., None])
        f33, c33 = response.F[4][:, None], state.metric[3][:, None]
        dF2, df33 = _matrix(dF[:4]), dF[4]
        dC, dc33 = _symmetric(self._metric), self._metric[3]
        FC = _product(F, C)
        b, b33 = _product(FC, _transposed(F)), f33 * f33 * c33
        half = _product(FC, _transposed(dF2))
        db = half + _transposed(half) + _product(_product(F, dC), _transposed(F))
        db33 = 2 * f33 * c33 * df33 + f33 * f33 * dc33

        # Logarithmic strains: mean and half difference (a vector, so that equal ones need no axes) in the plane, third.
        mid, dmid = (b[0, 0] + b[1, 1]) / 2, (db[0, 0] + db[1, 1]) / 2
        v = np.stack([(b[0, 0] - b[1, 1]) / 2, b[0, 1]]) / mid
        dv = (np.stack([(db[0, 0] - db[1, 1]) / 2, db[0, 1]]) - v * dmid) / mid
        det = b[0, 0] * b[1, 1] - b[0, 1] ** 2
        ddet = db[0, 0] * b[1, 1] + b[0, 0] * db[1, 1] - 2 * b[0, 1] * db[0, 1]
        mean, dmean = np.log(det) / 4, ddet / (4 * det)
        psi, dpsi = _artanh_series((v * v).sum(axis=0))
        e = psi * v / 2
        de = (dpsi * 2 * (v * dv).sum(axis=0) * v + psi * dv) / 2
        third, dthird = np.log(b33) / 2, db33 / (2 * b33)

        trace, dtrace = 2 * mean + third, 2 * dmean + dthird
        gm, dgm = mean - trace / 3, dmean - dtrace / 3
        g3, dg3 = third - trace / 3, dthird - dtrace / 3
        size = np.sqrt(2 * gm**2 + 2 * (e * e).sum(axis=0) + g3**2)
        dsize = (2 * gm * dgm + 2 * (e * de).sum(axis=0) + g3 * dg3) / np.where(size > 0, size, 1.0)
        q = 2 * G * np.sqrt(1.5) * size
        dq = 2 * G * np.sqrt(1.5) * dsize + q * dG / G
        step, slope = response.step[:, None], response.slope[:, None]
        plastic = step > 0
        part = (response.strain - table.strain[response.segment]) / np.diff(table.strain)[response.segment]
        # At a fixed strain a point of the table that moves along its segment lowers the stress by the segment's slope.
        dflow, dtable = self._parameters.flow_stress, self._parameters.plastic_strain
        J, flow = response.J[:, None], response.flow[:, None]
        dsigma = J * (dflow[response.segment] * (1 - part)[:, None] + dflow[response.segment + 1] * part[:, None])
        dsigma -= slope * (
            dtable[response.segment] * (1 - part)[:, None] + dtable[response.segment + 1] * part[:, None]
        )
        dsigma += flow * dtrace
        dp = np.where(plastic, (dq + 3 * G * self._strain - 3 * step * dG - dsigma) / (3 * G + slope), self._strain)
        safe = np.where(q > 0, q, 1.0)
        dbeta = np.where(plastic, -3 * (step * dG + G * (dp - self._strain) - G * step * dq / safe) / safe, 0.0)
        beta = response.beta[:, None]

        # Kirchhoff stress and first Piola-Kirchhoff stress.
        rigid, drigid = 2 * G * beta, 2 * (dG * beta + G * dbeta)
        dpressure = dK * trace + K * dtrace
        dtm = dpressure + drigid * gm + rigid * dgm
        dt = drigid * e + rigid * de
        dt33 = dpressure + drigid * g3 + rigid * dg3
        dtau = _symmetric_of(dtm, dt)
        inverse = _matrix(np.stack(response.inverse)[..., None])
        P = _matrix(response.stress[:4, :, None])
        dP = _product(dtau - _product(P, _transposed(dF2)), _transposed(inverse))
        dP33 = (dt33 - response.stress[4][:, None] * df33) / f33

        # New elastic strain, its exponential, and the metric C = F⁻¹ b F⁻ᵀ.
        dfm = dmean - (1 - beta) * dgm + dbeta * gm
        f3, df3 = third - (1 - beta) * g3, dthird - (1 - beta) * dg3 + dbeta * g3
        d, dd = 2 * beta * e, 2 * (dbeta * e + beta * de)
        scale = np.exp(2 * (mean - (1 - beta) * gm))
        cosh, sinh, dsinh = _hyperbolic((d * d).sum(axis=0))
        inner = (d * dd).sum(axis=0)
        new = _symmetric_of(scale * cosh, scale * sinh * d)
        dnew = 2 * dfm * new + _symmetric_of(scale * sinh * inner, scale * (dsinh * inner * d + sinh * dd))
        metric = _product(_product(inverse, new), _transposed(inverse))
        L = _product(_product(inverse, dF2), metric)
        dmetric = _product(_product(inverse, dnew), _transposed(inverse)) - L - _transposed(L)
        dmetric33 = 2 * np.exp(2 * f3) / f33**2 * (df3 - df33 / f33)
        dstress = np.stack([dP[0, 0], dP[0, 1], dP[1, 0], dP[1, 1], dP33])
        return dstress, np.stack([dmetric[0, 0], dmetric[1, 1], dmetric[0, 1], dmetric33]), dp


# Tensors in the plane are arrays (2, 2, n_points, k or 1).


def _matrix(components: np.ndarray) -> np.ndarray:
    return components.reshape(2, 2, *components.shape[1:])


def _symmetric(components: np.ndarray) -> np.ndarray:
    """From rr, zz, rz."""
    return _matrix(components[[0, 2, 2, 1]])


def _symmetric_of(mean: np.ndarray, half: np.ndarray) -> np.ndarray:
    """The tensor with this mean of its diagonal and with half = (half their difference, the component off it)."""
    return np.stack([np.stack([mean + half[0], half[1]]), np.stack([half[1], mean - half[0]])])


def _transposed(tensor: np.ndarray) -> np.ndarray:
    return tensor.swapaxes(0, 1)


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0, None] * b[None, 0] + a[:, 1, None] * b[None, 1]


def _artanh_series(square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """artanh(x)/x and its derivative with respect to x², at x²."""
    small = square < 1e-6
    x = np.sqrt(np.where(small, 0.25, square))
    value = np.where(small, 1 + square / 3, np.arctanh(x) / x)
    slope = np.where(small, 1 / 3 + 0.4 * square, (1 / (1 - x * x) - value) / (2 * x * x))
    return value, slope


def _hyperbolic(square: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """cosh(x), s = sinh(x)/x and s'/x, at x²."""
    small = square < 1e-8
    x = np.sqrt(np.where(small, 1.0, square))
    cosh = np.where(small, 1 + square / 2, np.cosh(x))
    sinh = np.where(small, 1 + square / 6, np.sinh(x) / x)
    return cosh, sinh, np.where(small, 1 / 3, (cosh - sinh) / (x * x))
