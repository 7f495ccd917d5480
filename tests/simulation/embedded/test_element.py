"""The element: shape functions, patch test, forces and stiffness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_spt.simulation.embedded.element import POINTS, Elements, shape_functions
from sklearn_spt.simulation.embedded.material import FlowTable, Response, State
from sklearn_spt.simulation.embedded.mesh import Grid

NODES = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (0, -1), (1, 0), (0, 1), (-1, 0)], dtype=float)
STEEL = FlowTable(210_000.0, 0.3, np.array([0.0, 0.1, 5.0]), np.array([300.0, 500.0, 900.0]))
parts = st.floats(-0.3, 0.3)


def patch(seed: int = 0) -> Grid:
    """Three by three elements with straight sides, whose inner corners are moved at random."""
    grid = Grid.between(np.array([0.5, 1.0, 1.5, 2.0]), np.array([0.0, 0.5, 1.0, 1.5]))
    nodes = grid.nodes.copy()
    inner = np.all((nodes > [0.5, 0.0]) & (nodes < [2.0, 1.5]), axis=1)
    corners = np.unique(grid.elements[:, :4])
    moved = corners[inner[corners]]
    assert len(moved) == 4
    nodes[moved] += np.random.default_rng(seed).uniform(-0.12, 0.12, (4, 2))
    a = grid.elements[:, :4]
    nodes[grid.elements[:, 4:]] = (nodes[a] + nodes[np.roll(a, -1, axis=1)]) / 2
    return Grid(nodes, grid.elements, grid.top, grid.bottom)


def outside(grid: Grid) -> np.ndarray:
    r, z = grid.nodes.T
    return (r == 0.5) | (r == 2.0) | (z == 0.0) | (z == 1.5)


def test_shape_functions_are_one_at_their_node_and_zero_at_the_others():
    values, _ = shape_functions(*NODES.T)
    np.testing.assert_allclose(values, np.eye(8), atol=1e-15)


@given(x=st.floats(-1, 1), y=st.floats(-1, 1))
def test_shape_functions_reproduce_quadratic_fields(x, y):
    values, slopes = shape_functions(np.array([x]), np.array([y]))
    a, b = NODES.T
    for field, at, dx, dy in (
        (np.ones(8), 1, 0, 0),
        (a, x, 1, 0),
        (b, y, 0, 1),
        (a * a, x * x, 2 * x, 0),
        (a * b, x * y, y, x),
        (b * b, y * y, 0, 2 * y),
        (a * a * b, x * x * y, 2 * x * y, x * x),
        (a * b * b, x * y * y, y * y, 2 * x * y),
    ):
        assert values[0] @ field == pytest.approx(at, abs=1e-14)
        assert slopes[0].T @ field == pytest.approx([dx, dy], abs=1e-13)


def test_volumes_are_those_of_the_ring():
    elements = Elements(patch().nodes, patch().elements)
    assert elements.volume.sum() == pytest.approx(np.pi * (2.0**2 - 0.5**2) * 1.5, rel=1e-12)
    assert np.all(elements.volume > 0)


@settings(deadline=None, max_examples=25)
@given(a=parts, b=parts, c=parts, d=parts, shift=parts)
def test_an_affine_displacement_gives_its_gradient(a, b, c, d, shift):
    grid = patch()
    r, z = grid.nodes.T
    place = np.stack([(1 + a) * r + b * z, c * r + (1 + d) * z + shift], axis=-1)
    elements = Elements(grid.nodes, grid.elements)
    F = elements.deformation(place.ravel())
    values, _ = shape_functions(*POINTS.T)
    height = (grid.nodes[grid.elements][..., 1] @ values.T).ravel()
    hoop = 1 + a + b * height / elements.radius
    for component, wanted in zip(F, (1 + a, b, c, 1 + d, hoop), strict=True):
        np.testing.assert_allclose(component, wanted, atol=1e-12)


@pytest.mark.parametrize(("radial", "axial"), [(0.0002, -0.0003), (0.05, -0.12), (-0.1, 0.2)])
def test_a_distorted_patch_carries_a_constant_stress(radial, axial):
    """Patch test: in a field of constant stress, elastic or plastic, the inner nodes are in equilibrium."""
    grid = patch()
    elements = Elements(grid.nodes, grid.elements)
    place = grid.nodes * [1 + radial, 1 + axial]
    response = Response(STEEL, elements.deformation(place.ravel()), State.initial(elements.n_points))
    assert np.all((response.strain > 0) == (abs(radial) > 0.01))
    np.testing.assert_allclose(response.stress, response.stress[:, :1] * np.ones(elements.n_points), atol=1e-7)
    forces = elements.forces(response.stress).reshape(-1, 2)
    inner = ~outside(grid)
    assert inner.sum() > 10
    assert np.abs(forces[inner]).max() < 1e-9 * np.abs(forces).max()
    # The forces on a face are stress times area.
    top = grid.nodes[:, 1] == 1.5
    assert forces[top, 1].sum() == pytest.approx(response.stress[3, 0] * np.pi * (2.0**2 - 0.5**2))


def test_forces_do_the_work_of_the_stresses():
    grid = patch(1)
    elements = Elements(grid.nodes, grid.elements)
    rng = np.random.default_rng(2)
    stress = rng.normal(size=(5, elements.n_points))
    moved = rng.normal(size=grid.nodes.size)
    work = (stress * elements.deformation(moved) * elements.volume).sum()
    assert elements.forces(stress) @ moved == pytest.approx(work)
    # Many directions at once are the same as one after another.
    two = np.stack([moved, 2 * moved], axis=-1)
    np.testing.assert_allclose(elements.deformation(two)[..., 1], 2 * elements.deformation(moved), atol=1e-12)


@pytest.mark.parametrize("size", [1e-4, 0.05])
def test_the_stiffness_is_the_derivative_of_the_forces(size):
    grid = patch(3)
    elements = Elements(grid.nodes, grid.elements)
    rng = np.random.default_rng(4)
    start = Response(
        STEEL,
        elements.deformation(grid.nodes.ravel() + 0.5 * size * rng.normal(size=grid.nodes.size)),
        State.initial(elements.n_points),
    ).state()
    place = grid.nodes.ravel() + size * rng.normal(size=grid.nodes.size)
    direction = rng.normal(size=place.size)

    def response(x):
        return Response(STEEL, elements.deformation(x), start)

    here = response(place)
    modulus, axes, pulled = here.tangent()
    blocks = elements.stiffness(modulus, axes, pulled, here.F[4])
    product = np.zeros(place.size)
    np.add.at(product, elements.dofs, np.einsum("eij,ej->ei", blocks, direction[elements.dofs]))
    h = 1e-5 * size
    ahead, behind = (elements.forces(response(place + sign * h * direction).stress) for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * h), product, atol=2e-6 * np.abs(product).max())
