"""Plasticity at one point: the law, its state, and its tangent."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sklearn_spt.simulation.embedded.material import FlowTable, Response, State

E, NU = 210_000.0, 0.3
TABLE = FlowTable(E, NU, np.array([0.0, 0.02, 0.3, 5.0]), np.array([300.0, 450.0, 700.0, 1200.0]))
ELASTIC = FlowTable(E, NU, np.array([0.0, 1.0]), np.array([1e9, 2e9]))

small = st.floats(-0.02, 0.02)
large = st.floats(-0.35, 0.35)


@st.composite
def gradients(draw, part=large):
    """Deformation gradients (5, 1) that are not inside out."""
    rr, rz, zr, zz, tt = (draw(part) for _ in range(5))
    F = np.array([[1 + rr], [rz], [zr], [1 + zz], [1 + tt]])
    assume(F[0, 0] * F[3, 0] - F[1, 0] * F[2, 0] > 0.1)
    return F


def strained(F: np.ndarray, table: FlowTable = TABLE) -> State:
    return Response(table, F, State.initial(F.shape[1])).state()


def turned(F: np.ndarray, angle: float) -> np.ndarray:
    """Q F, Q a rotation in the plane of r and z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * F[0] - s * F[2], c * F[1] - s * F[3], s * F[0] + c * F[2], s * F[1] + c * F[3], F[4]])


def gradient_of_stress(table: FlowTable, F: np.ndarray, state: State, h: float) -> np.ndarray:
    """dP/dF (5, 5) at one point by central differences."""
    columns = []
    for k in range(5):
        step = np.zeros((5, 1))
        step[k] = h
        ahead, behind = (Response(table, F + sign * step, state).stress for sign in (1, -1))
        columns.append(((ahead - behind) / (2 * h))[:, 0])
    return np.array(columns).T


def tangent_of(response: Response) -> np.ndarray:
    """dP/dF (5, 5) at one point, turned back from the principal axes."""
    modulus, axes, pulled = response.tangent()
    # Component (i, J) of a tensor with the components AB along the axes.
    back = np.zeros((5, 5))
    back[:4, :4] = np.einsum("ai,bj->ijab", axes[0], pulled[0]).reshape(4, 4)
    back[4, 4] = 1 / response.F[4, 0]
    return back @ modulus[0] @ back.T


@settings(deadline=None)
@given(F=gradients(small))
def test_elastic_stress_is_the_derivative_of_the_stored_energy(F):
    """W = K/2 (tr ε)² + G |dev ε|² with ε = ln √(F Fᵀ), from the eigenvalues that NumPy finds."""

    def energy(F: np.ndarray) -> float:
        matrix = np.array([[F[0, 0], F[1, 0], 0], [F[2, 0], F[3, 0], 0], [0, 0, F[4, 0]]])
        strain = 0.5 * np.log(np.linalg.eigvalsh(matrix @ matrix.T))
        deviator = strain - strain.mean()
        return 0.5 * ELASTIC.K * strain.sum() ** 2 + ELASTIC.G * (deviator @ deviator)

    h = 1e-6
    steps = h * np.eye(5)[:, :, None]
    slope = [(energy(F + step) - energy(F - step)) / (2 * h) for step in steps]
    stress = Response(ELASTIC, F, State.initial(1)).stress[:, 0]
    assert stress == pytest.approx(slope, abs=1e-6 * E)


@pytest.mark.parametrize("strain", [0.0005, 0.01, 0.2, 1.5])
def test_uniaxial_stress_is_the_flow_stress(strain):
    """The lateral stretch that leaves no lateral stress is found by bisection."""
    low, high = np.exp(-0.5 * strain) * 0.99, np.exp(-0.2 * strain)
    for _ in range(60):
        across = (low + high) / 2
        F = np.array([[across], [0], [0], [np.exp(strain)], [across]])
        response = Response(TABLE, F, State.initial(1))
        low, high = (across, high) if response.kirchhoff[2, 0] < 0 else (low, across)
    tau = response.kirchhoff.max(axis=0)[0]
    plastic = response.strain[0]
    if strain < 300 / E:
        assert plastic == 0
        assert tau == pytest.approx(E * strain, rel=1e-9)
    else:
        # Cauchy's stress is the table's; Kirchhoff's is greater by the elastic change of volume.
        cauchy = tau * np.exp(-(1 - 2 * NU) * tau / E)
        assert cauchy == pytest.approx(np.interp(plastic, TABLE.strain, TABLE.stress), rel=1e-9)
        assert plastic == pytest.approx(strain - tau / E, rel=1e-9)


@settings(deadline=None)
@given(first=gradients(), second=gradients())
def test_stress_stays_on_or_below_the_flow_stress(first, second):
    state = strained(first)
    response = Response(TABLE, second, state)
    deviator = response.kirchhoff - response.kirchhoff.mean(axis=0)
    mises = np.sqrt(1.5 * (deviator**2).sum(axis=0)) / np.exp(response.kirchhoff.sum(axis=0) / (3 * TABLE.K))
    limit = np.interp(response.strain, TABLE.strain, TABLE.stress)
    assert mises[0] <= limit[0] * (1 + 1e-9)
    assert response.strain[0] >= state.strain[0]
    if response.strain[0] > state.strain[0] + 1e-9:
        assert mises[0] == pytest.approx(limit[0])


def test_the_flow_stress_goes_on_with_its_last_slope():
    beyond = FlowTable(E, NU, TABLE.strain[:3], TABLE.stress[:3])
    F = np.array([[np.exp(-0.5)], [0], [0], [np.exp(1.0)], [np.exp(-0.5)]])
    response = Response(beyond, F, State.initial(1))
    slope = (700 - 450) / 0.28
    assert response.strain[0] > 0.9
    assert response.trial[0] * response.beta[0] == pytest.approx(700 + slope * (response.strain[0] - 0.3))


@settings(deadline=None)
@given(first=gradients(), second=gradients())
def test_plastic_flow_keeps_the_volume(first, second):
    state = Response(TABLE, second, strained(first)).state()
    rr, zz, rz, tt = state.metric[:, 0]
    assert (rr * zz - rz**2) * tt == pytest.approx(1, rel=1e-9)


@settings(deadline=None)
@given(F=gradients())
def test_a_deformation_that_stays_changes_nothing(F):
    """The state that a step leaves gives the step's own stress again, without further flow."""
    response = Response(TABLE, F, State.initial(1))
    again = Response(TABLE, F, response.state())
    np.testing.assert_allclose(again.stress, response.stress, atol=1e-6)
    np.testing.assert_allclose(again.strain, response.strain, atol=1e-12)
    np.testing.assert_allclose(again.state().metric, response.state().metric, atol=1e-9)


def test_a_point_unloads_elastically():
    F = np.array([[1.0], [0], [0], [1.1], [1.0]])
    loaded = Response(TABLE, F, State.initial(1))
    F[3] *= np.exp(-5e-4)
    back = Response(TABLE, F, loaded.state())
    np.testing.assert_array_equal(back.step, 0)
    # The stress of von Mises falls by 2G times the strain taken back along one axis.
    assert loaded.trial[0] * loaded.beta[0] - back.trial[0] == pytest.approx(2 * TABLE.G * 5e-4, rel=1e-6)


@settings(deadline=None)
@given(first=gradients(), second=gradients(), angle=st.floats(-np.pi, np.pi))
def test_a_rotation_turns_the_stress_with_it(first, second, angle):
    state = strained(first)
    plain, rotated = Response(TABLE, second, state), Response(TABLE, turned(second, angle), state)
    np.testing.assert_allclose(rotated.stress, turned(plain.stress, angle), atol=1e-5)
    np.testing.assert_allclose(rotated.strain, plain.strain, atol=1e-11)
    np.testing.assert_allclose(rotated.state().metric, plain.state().metric, atol=1e-9)


@settings(deadline=None)
@given(F=gradients(), angle=st.floats(-np.pi, np.pi))
def test_the_material_is_isotropic(F, angle):
    """With the initial state turned before the deformation, P is turned from its other side: P(F Qᵀ) = P(F) Qᵀ."""

    def from_right(F):
        transposed = np.array([F[0], F[2], F[1], F[3], F[4]])
        rotated = turned(transposed, angle)
        return np.array([rotated[0], rotated[2], rotated[1], rotated[3], rotated[4]])

    plain = Response(TABLE, F, State.initial(1))
    other = Response(TABLE, from_right(F), State.initial(1))
    np.testing.assert_allclose(other.stress, from_right(plain.stress), atol=1e-5)


def test_a_stress_is_scaled_with_the_material():
    F = np.array([[1.05], [0.1], [-0.02], [0.97], [1.01]])
    scaled = FlowTable(3 * E, NU, TABLE.strain, 3 * TABLE.stress)
    np.testing.assert_allclose(
        Response(scaled, F, State.initial(1)).stress, 3 * Response(TABLE, F, State.initial(1)).stress, rtol=1e-12
    )


@pytest.mark.parametrize("determinant", [0.0, -0.5])
def test_a_point_inside_out_is_refused(determinant):
    F = np.array([[1.0], [0], [0], [determinant], [1.0]])
    assert not Response(TABLE, F, State.initial(1)).valid
    assert Response(TABLE, np.array([[1.0], [0], [0], [1.0], [1.0]]), State.initial(1)).valid


@settings(deadline=None)
@given(first=gradients(), second=gradients())
def test_the_tangent_is_the_derivative_of_the_algorithm(first, second):
    state = strained(first)
    response = Response(TABLE, second, state)
    h = 1e-7
    # Not where a difference would reach over a corner of the law: the onset of flow, or a point of the table.
    volume = np.exp(response.kirchhoff.sum(axis=0) / (3 * TABLE.K))
    flow = volume * np.interp(state.strain, TABLE.strain, TABLE.stress)
    assume(np.abs(response.trial - flow).min() > 1)
    points = volume * TABLE.stress[:, None] + 3 * TABLE.G * TABLE.strain[:, None]
    assume(np.abs(response.trial + 3 * TABLE.G * state.strain - points).min() > 1)
    np.testing.assert_allclose(
        tangent_of(response), gradient_of_stress(TABLE, second, state, h), atol=2e-6 * np.abs(second).max() * E
    )


@pytest.mark.parametrize("tilt", [0.0, 1e-12, 1e-9, 3e-8, 1e-6, 1e-3])
@pytest.mark.parametrize("stretch", [(1.3, 0.8), (0.8, 1.3), (1.0, 1.0), (1.2, 1.2)])
def test_the_tangent_is_exact_for_any_direction_of_the_axes(stretch, tilt):
    """Also where the first principal axis is nearly that of z, or where two stretches are equal."""
    F = np.array([[stretch[0]], [tilt], [0], [stretch[1]], [1.1]])
    state = State.initial(1)
    response = Response(TABLE, F, state)
    _, axes, _ = response.tangent()
    np.testing.assert_allclose(axes[0] @ axes[0].T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(tangent_of(response), gradient_of_stress(TABLE, F, state, 1e-6), atol=1e-5 * E)
