"""Equilibrium: the band, the tangent of the whole model, halved increments, one element in tension, energy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_spt.mechanics import PowerLaw
from sklearn_spt.simulation import EN10371, MeshSettings
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation._punch_test import punch_test
from sklearn_spt.simulation.embedded import Numerics
from sklearn_spt.simulation.embedded.increments import Model, _Band
from sklearn_spt.simulation.embedded.material import FlowTable
from sklearn_spt.simulation.embedded.mesh import Grid
from sklearn_spt.simulation.embedded.spt import build

STEEL = law_material(PowerLaw(E=210_000, sigma0=300, n=0.2), nu=0.3)
COARSE = MeshSettings(rows=2, edge_size=0.25, coarse_size=0.5)


def disc(**options) -> Model:
    return build(STEEL, punch_test(EN10371, 0.5, **options), COARSE, Numerics())[0]


def dense(band: np.ndarray) -> np.ndarray:
    """A matrix from LAPACK's band storage with as many lines below as above the diagonal."""
    lines, size = band.shape
    width = (lines - 1) // 3
    row, column = np.indices((size, size))
    inside = np.abs(row - column) <= width
    full = np.zeros((size, size))
    full[inside] = band[(2 * width + row - column)[inside], column[inside]]
    return full


@settings(deadline=None)
@given(seed=st.integers(0, 2**31), n_dofs=st.integers(8, 30), n_blocks=st.integers(1, 12))
def test_blocks_are_assembled_where_they_belong(seed, n_dofs, n_blocks):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, n_dofs - 6, n_blocks)
    dofs = first[:, None] + rng.permuted(np.tile(np.arange(6), (n_blocks, 1)), axis=1)
    free = np.flatnonzero(rng.random(n_dofs) < 0.7)
    blocks = rng.normal(size=(n_blocks, 6, 6))
    whole = np.zeros((n_dofs, n_dofs))
    for block, where in zip(blocks, dofs, strict=True):
        whole[np.ix_(where, where)] += block
    whole += 5 * np.eye(n_dofs)
    # The diagonal as a second kind of block.
    each = np.arange(n_dofs)[:, None]
    band = _Band(n_dofs, free, [dofs, each])
    matrix = band.assemble([blocks, np.full((n_dofs, 1, 1), 5.0)])
    wanted = whole[np.ix_(free, free)]
    np.testing.assert_allclose(dense(matrix), wanted)
    if free.size:
        right = rng.normal(size=(free.size, 2))
        solution = band.solve(matrix, right)
        np.testing.assert_allclose(wanted @ solution, right, atol=1e-6 * np.abs(solution).max())


def test_a_singular_matrix_has_no_solution():
    band = _Band(3, np.arange(3), [np.arange(3)[:, None]])
    assert band.solve(band.assemble([np.zeros((3, 1, 1))]), np.ones(3)) is None


@pytest.mark.parametrize("travel", [0.02, 0.3])
def test_the_tangent_of_the_model_is_the_derivative_of_its_residual(travel):
    """Elements that flow and unload, points that stick and slide, on the ball and on the die."""
    model = disc()
    for point in np.linspace(travel / 12, travel, 12):
        assert model.advance(float(point))
    rng = np.random.default_rng(0)
    place = model.displacement.copy()
    place[model.free] += model._rate[model.free] * 2e-3 + 2e-5 * rng.normal(size=model.free.size)
    trial = model._evaluate(place, travel + 2e-3)
    step = trial.response.step > 0
    assert 0 < step.sum() < step.size
    for touch in trial.touches:
        assert touch.sliding.any()
        assert (touch.inside & ~touch.sliding).any()
    direction = rng.normal(size=model.free.size)
    h = 1e-10

    def residual(sign):
        moved = place.copy()
        moved[model.free] += sign * h * direction
        return model._evaluate(moved, travel + 2e-3).residual[model.free]

    product = dense(model.tangent(trial)) @ direction
    np.testing.assert_allclose((residual(1) - residual(-1)) / (2 * h), product, atol=2e-5 * np.abs(product).max())


def test_newton_converges_quadratically():
    """Near equilibrium each step squares what is left: only an exact tangent does that."""
    model = disc()
    for point in np.linspace(0.01, 0.2, 20):
        assert model.advance(float(point))
    place, travel = model._guess(0.205), 0.205
    left = []
    for _ in range(8):
        trial = model._evaluate(place, travel)
        residual = trial.residual[model.free]
        left.append(np.abs(residual).max() / trial.scale)
        place = place.copy()
        place[model.free] += model.solve(model.tangent(trial), -residual)
    close = [k for k in range(len(left) - 1) if 1e-4 < left[k] < 1e-2]
    assert close
    assert all(left[k + 1] < 0.05 * left[k] for k in close)
    assert left[-1] < 1e-8


@pytest.mark.parametrize("strain", [0.001, 0.05, 0.5])
def test_one_element_in_tension_is_the_law(strain):
    """A cylinder of one element, drawn along its axis: its true stress over the logarithmic plastic strain."""
    grid = Grid.between(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    r, z = grid.nodes.T
    axis, low, high = (np.flatnonzero(where) for where in (r == 0, z == 0, z == 1))
    driven = 2 * high + 1
    table = FlowTable(STEEL.E, STEEL.nu, STEEL.plastic_strain, STEEL.flow_stress)
    model = Model(grid, table, fixed=np.concatenate([2 * axis, 2 * low + 1, driven]), driven=driven)
    for point in np.expm1(np.linspace(0, strain, 11))[1:]:
        assert model.advance(float(point))
    tau = model.reaction(driven) / np.pi * (1 + model.travel)
    plastic = strain - tau / STEEL.E
    yields = strain > 300 / STEEL.E
    law = np.interp(plastic, STEEL.plastic_strain, STEEL.flow_stress) if yields else STEEL.E * strain
    # What the force and the length give is Kirchhoff's stress; the true one is that of the law.
    stress = tau * np.exp(-(1 - 2 * STEEL.nu) * tau / STEEL.E) if yields else tau
    assert stress == pytest.approx(law, rel=1e-5)
    np.testing.assert_allclose(model.state.strain, plastic, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(model.von_mises(), tau * np.exp(-(1 - 2 * STEEL.nu) * tau / STEEL.E), rtol=1e-5)
    assert model.reaction(2 * low + 1) == pytest.approx(-model.reaction(driven), rel=1e-5)


def test_an_increment_that_fails_is_gone_in_halves(monkeypatch):
    model = disc()
    solve, sizes = Model._solve, []

    def only_short(self, travel):
        sizes.append(travel - self.travel)
        return solve(self, travel) if travel - self.travel < 0.003 else None

    monkeypatch.setattr(Model, "_solve", only_short)
    assert model.advance(0.01)
    assert model.travel == 0.01
    assert model.halvings == 3
    assert sizes == pytest.approx([0.01, 0.005, 0.0025, 0.0025, 0.005, 0.0025, 0.0025])
    # The load is that of a model that was asked for these increments.
    monkeypatch.undo()
    other = disc()
    for point in (0.0025, 0.005, 0.0075, 0.01):
        assert other.advance(point)
    assert other.halvings == 0
    assert model.tool_force() == pytest.approx(other.tool_force(), rel=1e-12)


def test_a_model_without_equilibrium_stays_where_it_came_to(monkeypatch):
    model = disc()
    assert model.advance(0.0025)
    before = model.displacement.copy()
    monkeypatch.setattr(Model, "_solve", lambda self, travel: None)
    assert not model.advance(0.005)
    assert model.travel == 0.0025
    np.testing.assert_array_equal(model.displacement, before)


def test_a_bold_increment_is_found_or_halved():
    """Twenty increments at once; the flow's path is then another one, but Newton's method gets there."""
    model = disc()
    assert model.advance(0.0025)
    assert model.advance(0.06)
    fine = disc()
    for point in np.linspace(0.0025, 0.06, 24):
        assert fine.advance(float(point))
    assert model.tool_force() == pytest.approx(fine.tool_force(), rel=0.1)


def test_what_is_outside_the_contact_never_meets_a_tool():
    """Only the sides that may meet a tool are checked for contact; nowhere else does the disc enter one."""
    test = punch_test(EN10371, 0.5, stroke=2.0)
    model, _ = build(STEEL, test, COARSE, Numerics(increment=0.02))
    for point in np.linspace(0.02, 2.0, 100):
        assert model.advance(float(point))
    nodes = model.grid.nodes + model.displacement.reshape(-1, 2)
    for contact, sides in zip(model.contacts, (model.grid.top, model.grid.bottom), strict=True):
        travel = model.travel if contact.moving else 0.0
        depth = -contact.tool.distance(nodes[np.unique(sides)].T, travel)[0]
        assert depth.max() < 0.01
