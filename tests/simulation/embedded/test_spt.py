"""Small punch tests with the embedded solver: ends, invariants, fields and what a curve says of itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_spt.mechanics import PowerLaw, Swift
from sklearn_spt.simulation import EN10371, MeshSettings, SimulationError, simulate_fields, simulate_spt
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation._punch_test import punch_test
from sklearn_spt.simulation.embedded import Numerics, run_spt
from sklearn_spt.simulation.embedded.increments import Model
from sklearn_spt.simulation.embedded.spt import _at_nodes, build

LAW = PowerLaw(E=210_000, sigma0=300, n=0.2)
COARSE = MeshSettings(rows=2, edge_size=0.25, coarse_size=0.5)
FAST = {"thickness": 0.5, "mesh": COARSE, "numerics": Numerics(increment=0.02)}


@pytest.fixture(scope="module")
def plain():
    return run_spt(law_material(LAW, 0.3), "EN10371", stroke=1.0, **FAST)


def test_the_stroke_ends_a_test(plain):
    assert plain.record["ended_by"] == "stroke"
    assert plain.record["completed"] is True
    assert plain.displacement[-1] == 1.0
    assert plain.displacement[0] == plain.load[0] == 0.0
    assert plain.record["solver"].startswith("embedded ")
    assert plain.record["largest_strain"] == pytest.approx(plain.largest_strain[-1], abs=1e-4)


def test_a_load_ends_a_test(plain):
    limit = 0.5 * plain.load.max()
    curve = simulate_spt(LAW, "EN10371", stroke=1.0, load_limit=limit, **FAST)
    assert curve.metadata["ended_by"] == "load limit"
    assert curve.load[-1] >= limit > curve.load[-2]
    np.testing.assert_array_equal(curve.load, plain.load[: len(curve.load)])


def test_a_drop_of_the_load_ends_a_test():
    curve = simulate_spt(LAW, "EN10371", stroke=2.5, load_drop=0.1, **FAST)
    assert curve.metadata["ended_by"] == "load drop"
    assert curve.load[-1] <= 0.9 * curve.load.max() < curve.load[-2]
    assert curve.displacement[-1] < 2.5


def test_a_solver_that_gives_up_leaves_the_curve_so_far(plain, monkeypatch):
    advance = Model.advance
    monkeypatch.setattr(Model, "advance", lambda self, travel: travel < 0.5 and advance(self, travel))
    curve = simulate_spt(LAW, "EN10371", stroke=1.0, **FAST)
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (False, "solver")
    np.testing.assert_array_equal(curve.load, plain.load[: len(curve.load)])
    assert 0.45 < curve.displacement[-1] < 0.5
    monkeypatch.setattr(Model, "advance", lambda self, travel: False)
    with pytest.raises(SimulationError, match=r"mine .*found no equilibrium beyond a displacement of 0 mm"):
        simulate_spt(LAW, "EN10371", stroke=1.0, name="mine", **FAST)


@pytest.mark.parametrize("end", [{"stroke": 0.005}, {"load_limit": 1.0}])
def test_a_test_that_ends_at_once_gives_no_curve(end):
    """It is not the solver's fault, and the message does not say that it is."""
    with pytest.raises(SimulationError, match="came to its end") as caught:
        simulate_spt(LAW, "EN10371", **end, **FAST)
    assert "equilibrium" not in str(caught.value)


def test_the_same_test_gives_the_same_curve(plain):
    again = run_spt(law_material(LAW, 0.3), "EN10371", stroke=1.0, **FAST)
    np.testing.assert_array_equal(again.load, plain.load)
    np.testing.assert_array_equal(again.deflection, plain.deflection)


@pytest.mark.parametrize(("size", "strength"), [(2.0, 1.0), (1.0, 0.25), (4.0, 0.5)])
def test_similar_tests_have_similar_curves(plain, size, strength):
    """Lengths times c and stresses times s give loads times c² s: the test has no length and no stress of its own."""
    rig = EN10371.replace(
        name="similar",
        punch_diameter=2.5 * size,
        punch_edge_radius=1.25 * size,
        disc_diameter=8.0 * size,
        hole_diameter=4.0 * size,
        hole_edge_size=0.2 * size,
        thickness_range=(0.1, 10),
        max_stroke=20,
    )
    law = PowerLaw(E=210_000 * strength, sigma0=300 * strength, n=0.2)
    mesh = MeshSettings(rows=2, edge_size=0.25 * size, coarse_size=0.5 * size, growth=0.3)
    numerics = Numerics(increment=0.02 * size)
    run = run_spt(law_material(law, 0.3), rig, thickness=0.5 * size, stroke=size, mesh=mesh, numerics=numerics)
    np.testing.assert_allclose(run.displacement, plain.displacement * size, rtol=1e-12)
    np.testing.assert_allclose(run.load, plain.load * size**2 * strength, rtol=1e-6)
    np.testing.assert_allclose(run.deflection, plain.deflection * size, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(run.largest_strain, plain.largest_strain, rtol=1e-6, atol=1e-9)


def test_the_disc_goes_ahead_and_strains(plain):
    assert np.all(np.diff(plain.deflection) > 0)
    assert np.all(np.diff(plain.largest_strain) >= 0)
    assert plain.largest_strain[-1] > 0.1
    # The lower face lags behind the punch by as much as the disc thins, and the contact gives way.
    assert np.all(plain.deflection[1:] < plain.displacement[1:])
    assert np.all(np.diff(plain.load) > 0)


def test_friction_and_thickness_and_strength_raise_the_load(plain):
    stroke = 0.7
    here = np.interp(stroke, plain.displacement, plain.load)

    def load(law=LAW, **changes):
        return simulate_spt(law, "EN10371", stroke=stroke, **{**FAST, **changes}).load[-1]

    assert load(friction=0.0) < here < load(friction=0.3)
    assert load(thickness=0.3) < 0.8 * here
    assert load(thickness=0.7) > 1.2 * here
    assert load(PowerLaw(E=210_000, sigma0=330, n=0.2)) == pytest.approx(1.1 * here, rel=0.02)


def test_deflection_as_the_displacement(plain):
    curve = simulate_spt(LAW, "EN10371", stroke=1.0, displacement_kind="deflection", **FAST)
    assert curve.displacement_kind == "deflection"
    np.testing.assert_array_equal(curve.displacement, plain.deflection)


@pytest.fixture(scope="module")
def fields():
    return simulate_fields(LAW, "EN10371", displacements=[0.3, 0.507], stroke=0.6, **FAST)


def test_stages_are_at_the_displacements_asked_for(fields):
    assert [stage.displacement for stage in fields.stages] == [0.3, 0.507]
    for stage in fields.stages:
        assert stage.load == pytest.approx(np.interp(stage.displacement, fields.curve.displacement, fields.curve.load))
    # A point of the curve that only rounding tells from one asked for is not gone to twice.
    assert np.diff(fields.curve.displacement).min() > 1e-3


def test_stages_are_those_of_a_pressed_disc(fields, plain):
    first, second = fields.stages
    deep = second.nodes[:, 1].min()
    assert -0.507 - 0.5 < deep < -0.5
    held = second.nodes[:, 0] == 4.0
    assert held.any()
    assert np.all(second.plastic_strain >= first.plastic_strain - 0.02)
    assert second.plastic_strain.max() == pytest.approx(
        np.interp(0.507, plain.displacement, plain.largest_strain), rel=0.25
    )
    flowing = second.plastic_strain > 0.3 * second.plastic_strain.max()
    ratio = second.von_mises[flowing] / LAW.flow_stress(second.plastic_strain[flowing])
    assert np.median(ratio) == pytest.approx(1, abs=0.03)
    radius, thickness = second.thickness.T
    assert np.all(np.diff(radius) > 0)
    assert thickness[0] < 0.5
    assert thickness[-1] == pytest.approx(0.5, rel=1e-3)


@given(a=st.floats(-1, 1), b=st.floats(-1, 1), c=st.floats(-1, 1))
def test_linear_fields_are_extrapolated_exactly(a, b, c):
    elements, grid = MODEL.elements, MODEL.grid
    place = np.stack([elements.radius, elements.deformation(np.repeat(grid.nodes[:, 1], 2))[4] * elements.radius])
    field = a + b * place[0] + c * place[1]
    wanted = a + b * grid.nodes[:, 0] + c * grid.nodes[:, 1]
    np.testing.assert_allclose(_at_nodes(MODEL, field), wanted, atol=1e-12)


MODEL = build(law_material(LAW, 0.3), punch_test(EN10371, 0.5), COARSE, Numerics())[0]


def test_a_soft_thin_disc_and_a_strong_thick_one():
    """Far apart in strength and thickness, with the same settings."""
    rig = EN10371.replace(thickness_range=(0.1, 2))
    for law, thickness in (
        (Swift(E=120_000, K=450, epsilon0=0.002, n=0.4), 0.2),
        (PowerLaw(E=110_000, sigma0=1000, n=0.03), 0.8),
    ):
        curve = simulate_spt(law, rig, thickness=thickness, stroke=1.0, mesh=COARSE, numerics=FAST["numerics"])
        assert curve.metadata["completed"]
        assert np.all(np.diff(curve.load[curve.displacement < 0.6]) > 0)
