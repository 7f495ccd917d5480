"""Equilibrium, increment by increment.

In each increment Newton's method solves internal forces + contact forces = 0 for the positions of the nodes. Its first
guess extrapolates the increment before. A step that does not lower the work of the residual along it is cut by a line
search (M. A. Crisfield, Non-linear Finite Element Analysis of Solids and Structures, Wiley 1991, volume 1, section
9.4).
An increment that does not converge is gone in halves; the curve's points stay where they were asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from .contact import Contact, Touch
from .element import Elements
from .material import FlowTable, Response, State
from .mesh import Grid
from .sensitivity import Sensitivity

# An increment has converged when no force that is left exceeds this part of the mean force on the nodes of elements.
_TOLERANCE = 1e-3
_MOST_ITERATIONS = 15
_MOST_SEARCHES = 4
# The line search takes a step whose work has come down to this part.
_WORK_LEFT = 0.9
_MOST_HALVINGS = 7


@dataclass
class _Trial:
    """All that follows from a configuration of the nodes."""

    travel: float
    displacement: np.ndarray
    response: Response
    touches: list[Touch]
    tractions: list[np.ndarray]
    residual: np.ndarray  # on all degrees of freedom; what is left on the fixed ones are reactions
    scale: float  # mean of the internal forces


class Model:
    """Elements of one material, contacts and constraints, with their present state.

    Parameters
    ----------
    grid : Grid
        The mesh.
    table : FlowTable
        The material.
    fixed : ndarray of int
        Degrees of freedom that do not move, or move as they are told (`driven`).
    contacts : sequence of Contact
        Contacts with tools.
    driven : ndarray of int, default=()
        Degrees of freedom, among the fixed ones, that move by the travel.
    sensitivity : Sensitivity, default=None
        Keeps derivatives along the increments.

    Attributes
    ----------
    displacement : ndarray of shape (n_dofs,)
        Displacements of the nodes, mm.
    state : State
        State of the Gauss points.
    friction : list of ndarray
        Friction at the points of each contact, MPa.
    travel : float
        How far the punch, or the driven nodes, have moved, mm.
    """

    def __init__(
        self,
        grid: Grid,
        table: FlowTable,
        *,
        fixed: np.ndarray,
        contacts: Sequence[Contact] = (),
        driven: np.ndarray | Sequence[int] = (),
        sensitivity: Sensitivity | None = None,
    ) -> None:
        self.grid, self.table, self.contacts = grid, table, list(contacts)
        self.elements = Elements(grid.nodes, grid.elements)
        self.driven = np.asarray(driven, dtype=int)
        self._initial = grid.nodes.ravel()
        n_dofs = self._initial.size
        self.free = np.setdiff1d(np.arange(n_dofs), fixed)
        self._band = _Band(n_dofs, self.free, [self.elements.dofs, *(contact.dofs for contact in self.contacts)])
        # Longest step of a node in an iteration: a part of the mesh's size.
        self._longest = 0.2 * float(np.ptp(grid.nodes[:, 1]))
        self.displacement = np.zeros(n_dofs)
        self.state = State.initial(self.elements.n_points)
        self.friction = [np.zeros(contact.n_points) for contact in self.contacts]
        self.travel = 0.0
        self.sensitivity = sensitivity
        if sensitivity is not None:
            sensitivity.start(n_dofs, table, self.elements.n_points, self.contacts)
        self._rate: np.ndarray | None = None
        self.halvings = 0

    def advance(self, travel: float) -> bool:
        """Move on to a travel; True if equilibrium was found, else the model stays where it came to."""
        waiting = [travel]
        halvings = 0
        while waiting:
            trial = self._solve(waiting[-1])
            if trial is not None:
                self._accept(trial, waiting.pop())
                continue
            halvings += 1
            self.halvings += 1
            if halvings > _MOST_HALVINGS:
                return False
            waiting.append((self.travel + waiting[-1]) / 2)
        return True

    def reaction(self, dofs: np.ndarray) -> float:
        """Sum of the forces, N, that hold degrees of freedom where they are, in the present state."""
        return float(self._forces[dofs].sum())

    def tool_force(self) -> float:
        """Load on the punch, N."""
        return sum(
            float(traction[1].sum())
            for contact, traction in zip(self.contacts, self._tractions, strict=True)
            if contact.moving
        )

    def von_mises(self) -> np.ndarray:
        """Equivalent stress of von Mises (of Cauchy's stress) at the Gauss points in the present state, MPa."""
        stress = self._response.kirchhoff / self._response.J
        deviator = stress - stress.mean(axis=0)
        return np.sqrt(1.5 * (deviator * deviator).sum(axis=0))

    def tangent(self, trial: _Trial) -> np.ndarray:
        """The stiffness at a configuration, in the band storage that `solve` takes."""
        blocks = [self.elements.stiffness(*_stiffness_arguments(trial.response))]
        pairs = zip(self.contacts, trial.touches, strict=True)
        blocks += [contact.side_stiffness(touch) for contact, touch in pairs]
        return self._band.assemble(blocks)

    def solve(self, matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
        """Solution (n_free, ...) of matrix x = right, or None where the matrix is singular."""
        return self._band.solve(matrix, right)

    def _evaluate(self, displacement: np.ndarray, travel: float) -> _Trial | None:
        position = self._initial + displacement
        # From displacements: positions would bring their rounding into the strains.
        F = self.elements.deformation(displacement)
        F[[0, 3, 4]] += 1
        response = Response(self.table, F, self.state)
        if not response.valid:
            return None
        forces = self.elements.forces(response.stress)
        size = np.abs(forces).mean()
        moved = displacement - self.displacement
        touches, tractions = [], []
        for contact, before in zip(self.contacts, self.friction, strict=True):
            touch = contact.touch(position, moved, before, travel, travel - self.travel)
            traction = contact.traction(touch)
            forces = forces + contact.forces(traction)
            touches.append(touch)
            tractions.append(traction)
        return _Trial(travel, displacement, response, touches, tractions, forces, size + 1e-300)

    def _solve(self, travel: float) -> _Trial | None:
        """Newton's method; the configuration in equilibrium, or None."""
        trial = self._evaluate(self._guess(travel), travel)
        for _ in range(_MOST_ITERATIONS):
            if trial is None:
                return None
            residual = trial.residual[self.free]
            largest = np.abs(residual).max()
            if not np.isfinite(largest):
                return None
            if largest < _TOLERANCE * trial.scale:
                return trial
            step = self.solve(self.tangent(trial), -residual)
            if step is None or not np.all(np.isfinite(step)):
                return None
            longest = np.abs(step).max()
            if longest > self._longest:
                step *= self._longest / longest
            trial = self._search(trial, step, residual, travel)
        return None

    def _search(self, trial: _Trial, step: np.ndarray, residual: np.ndarray, travel: float) -> _Trial | None:
        """The configuration after a step, or after a part of it where the whole one leads away from equilibrium."""
        before, part = float(step @ residual), 1.0
        for search in range(_MOST_SEARCHES + 1):
            displacement = trial.displacement.copy()
            displacement[self.free] += part * step
            new = self._evaluate(displacement, travel)
            if search == _MOST_SEARCHES:
                return new
            if new is None:
                part *= 0.5
                continue
            after = float(step @ new.residual[self.free])
            if abs(after) <= _WORK_LEFT * abs(before):
                return new
            part *= float(np.clip(before / (before - after), 0.2, 0.7)) if before * after < 0 else 0.5
        return None

    def _guess(self, travel: float) -> np.ndarray:
        """Displacements extrapolated along the last increment.

        A parabola through the last three saves no iteration, since contacts come and go.
        """
        guess = self.displacement.copy()
        if self._rate is not None:
            guess += self._rate * (travel - self.travel)
        if self.driven.size:
            guess[self.driven] = travel
        return guess

    def motion(self, contact: Contact, trial: _Trial) -> float:
        """How far a contact's tool has moved from the present state to a configuration, mm."""
        return trial.travel - self.travel if contact.moving else 0.0

    def _accept(self, trial: _Trial, travel: float) -> None:
        if self.sensitivity is not None:
            self.sensitivity.advance(self, trial)
        self._rate = (trial.displacement - self.displacement) / (travel - self.travel)
        self.displacement = trial.displacement
        self._response, self.state = trial.response, trial.response.state()
        self.friction = [touch.friction for touch in trial.touches]
        self._forces, self._tractions = trial.residual, trial.tractions
        self.travel = travel


def _stiffness_arguments(response: Response) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    modulus, axes, pulled = response.tangent()
    return modulus, axes, pulled, response.F[4]


class _Band:
    """Assembly of blocks into LAPACK's band storage, and the solution of systems with it."""

    def __init__(self, n_dofs: int, free: np.ndarray, dofs: Sequence[np.ndarray]) -> None:
        self._size = len(free)
        number = np.full(n_dofs, -1)
        number[free] = np.arange(self._size)
        width = 0
        for each in (number[block] for block in dofs):
            low = np.where(each < 0, n_dofs, each).min(axis=1)
            width = max(width, int((each.max(axis=1) - low).max(initial=0)))
        self._width, self._lines = width, 3 * width + 1
        self._place = np.concatenate([self._places(number[block]) for block in dofs])

    def _places(self, dofs: np.ndarray) -> np.ndarray:
        row, column = dofs[:, :, None], dofs[:, None, :]
        place = column * self._lines + (2 * self._width + row - column)
        return np.where((row < 0) | (column < 0), self._lines * self._size, place).ravel()

    def assemble(self, blocks: Sequence[np.ndarray]) -> np.ndarray:
        values = np.concatenate([block.ravel() for block in blocks])
        flat = np.bincount(self._place, values, self._lines * self._size + 1)[:-1]
        return flat.reshape(self._size, self._lines).T

    def solve(self, matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
        _, _, solution, info = lapack.dgbsv(self._width, self._width, matrix, right, overwrite_ab=True)
        return solution if info == 0 else None
