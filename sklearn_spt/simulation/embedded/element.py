"""Axisymmetric quadratic elements with reduced integration, in a total Lagrangian description.

An element has eight nodes (four corners, then the middles of the four sides: serendipity) and 2 x 2 Gauss points. With
so few points it does not lock in incompressible plastic flow, as fully integrated elements do. Shape functions and
points: O. C. Zienkiewicz, R. L. Taylor, The Finite Element Method, Butterworth-Heinemann 2000, volume 1, chapters 8 and
9.

With r the distance from the axis, the deformation gradient has the components rr, rz, zr, zz and tt (around the axis).
It is linear in the nodes' positions x: F = D x with a constant sparse matrix D. The virtual work of the first
Piola-Kirchhoff stress P per unit of the initial volume then gives the internal forces Dᵀ (w P) and the stiffness
Dᵀ (w dP/dF) D, w being the initial volumes of the points. There is nothing else to the element.
"""

import numpy as np
from scipy.sparse import csr_array

# Components of a tensor: rr, rz, zr, zz, tt.
COMPONENTS = 5
_G = 1 / np.sqrt(3)
POINTS = np.array([(-_G, -_G), (_G, -_G), (_G, _G), (-_G, _G)])


def shape_functions(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shape functions (n, 8) and their derivatives (n, 8, 2) at local coordinates x, y (n,) in -1 to 1."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    values = [(1 + a * x) * (1 + b * y) * (a * x + b * y - 1) / 4 for a, b in corners]
    along = [a * (1 + b * y) * (2 * a * x + b * y) / 4 for a, b in corners]
    across = [b * (1 + a * x) * (a * x + 2 * b * y) / 4 for a, b in corners]
    for a, b in [(0, -1), (1, 0), (0, 1), (-1, 0)]:
        if a == 0:
            values.append((1 - x * x) * (1 + b * y) / 2)
            along.append(-x * (1 + b * y))
            across.append(b * (1 - x * x) / 2)
        else:
            values.append((1 + a * x) * (1 - y * y) / 2)
            along.append(a * (1 - y * y) / 2)
            across.append(-y * (1 + a * x))
    return np.stack(values, axis=-1), np.stack([np.stack(along, axis=-1), np.stack(across, axis=-1)], axis=-1)


class Elements:
    """The elements of a mesh.

    Parameters
    ----------
    nodes : ndarray of shape (n_nodes, 2)
        Initial positions r, z, mm. Node i has the degrees of freedom 2i (r) and 2i + 1 (z).
    elements : ndarray of shape (n_elements, 8)
        Their nodes: four corners counterclockwise, then the middles of the sides between them.

    Attributes
    ----------
    dofs : ndarray of shape (n_elements, 16)
        Degrees of freedom of each element: r of its eight nodes, then z.
    volume : ndarray of shape (n_points,)
        Initial volume of the whole ring that each Gauss point stands for, mm³. Points of one element follow each other.
    radius : ndarray of shape (n_points,)
        Initial distance of the Gauss points from the axis, mm.
    """

    def __init__(self, nodes: np.ndarray, elements: np.ndarray) -> None:
        n_elements, n_points = len(elements), len(POINTS) * len(elements)
        values, local = shape_functions(*POINTS.T)
        place = nodes[elements]
        jacobian = np.einsum("pnl,enx->epxl", local, place)
        gradient = np.einsum("pnl,eplx->epnx", local, np.linalg.inv(jacobian)).reshape(n_points, 8, 2)
        self.radius = np.einsum("pn,en->ep", values, place[..., 0]).ravel()
        self.volume = 2 * np.pi * self.radius * np.linalg.det(jacobian).ravel()
        hoop = (values[None] / self.radius.reshape(n_elements, -1, 1)).reshape(n_points, 8)
        self.gradient = np.ascontiguousarray(gradient.transpose(0, 2, 1))  # (n_points, 2, 8)
        self.dofs = np.concatenate([2 * elements, 2 * elements + 1], axis=1)
        self.n_elements, self.n_points = n_elements, n_points

        # The element matrices of D: (n_points, 5, 16).
        matrix = np.zeros((n_points, COMPONENTS, 16))
        matrix[:, 0, :8] = matrix[:, 2, 8:] = gradient[..., 0]
        matrix[:, 1, :8] = matrix[:, 3, 8:] = gradient[..., 1]
        matrix[:, 4, :8] = hoop
        self._hoop = hoop
        points = np.repeat(self.dofs, len(POINTS), axis=0)
        row = np.arange(COMPONENTS)[None, :, None] * n_points + np.arange(n_points)[:, None, None]
        used = matrix != 0
        self._D = csr_array(
            (
                matrix[used],
                (np.broadcast_to(row, matrix.shape)[used], np.broadcast_to(points[:, None], matrix.shape)[used]),
            ),
            shape=(COMPONENTS * n_points, 2 * len(nodes)),
        )
        self._DT = csr_array(self._D.T)
        # Work space of `stiffness`; the zeros in it stay.
        self._frame = np.zeros((n_points, COMPONENTS, 16))

    def deformation(self, position: np.ndarray) -> np.ndarray:
        """Deformation gradient (5, n_points, ...) of positions, or of their derivatives, (n_dofs, ...)."""
        return (self._D @ position).reshape(COMPONENTS, self.n_points, *position.shape[1:])

    def forces(self, stress: np.ndarray) -> np.ndarray:
        """Internal forces (n_dofs, ...), N, of first Piola-Kirchhoff stresses (5, n_points, ...)."""
        weights = self.volume.reshape(-1, *[1] * (stress.ndim - 2))
        return self._DT @ (stress * weights).reshape(COMPONENTS * self.n_points, *stress.shape[2:])

    def stiffness(self, modulus: np.ndarray, axes: np.ndarray, pulled: np.ndarray, hoop: np.ndarray) -> np.ndarray:
        """Stiffness of each element, (n_elements, 16, 16).

        Parameters
        ----------
        modulus : ndarray of shape (n_points, 5, 5)
            dP/dF with both indices of each tensor turned into the principal axes of stress.
        axes : ndarray of shape (n_points, 2, 2)
            Principal axes: row A has the components r, z of axis A.
        pulled : ndarray of shape (n_points, 2, 2)
            Axes pulled back, axes F⁻ᵀ: row B, component J in the initial state.
        hoop : ndarray of shape (n_points,)
            Stretch around the axis.
        """
        local = pulled @ self.gradient  # derivatives of the shape functions along the principal axes
        frame = self._frame
        for row in range(4):
            first, second = divmod(row, 2)
            for direction in range(2):
                target = frame[:, row, 8 * direction : 8 * direction + 8]
                np.multiply(axes[:, first, direction, None], local[:, second], out=target)
        frame[:, 4, :8] = self._hoop / hoop[:, None]
        turned = (modulus * self.volume[:, None, None]) @ frame
        each = (self.n_elements, len(POINTS) * COMPONENTS, 16)
        return frame.reshape(each).transpose(0, 2, 1) @ turned.reshape(each)
