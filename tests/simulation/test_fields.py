"""The deformed disc at some displacements."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SHEET, MeshSettings, Numerics, SPTFields, simulate_fields, simulate_spt
from sklearn_spt.simulation._fields import faces_apart

LAW = sheet_steel_law(K=900.0, n=0.2)
COARSE = MeshSettings(rows=2, edge_size=0.3)


def simulate(displacements, **options):
    options = {"thickness": 2.0, "stroke": 0.8, "mesh": COARSE, "numerics": Numerics(increment=0.02), **options}
    return simulate_fields(LAW, "SHEET", displacements=displacements, **options)


def test_the_stroke_is_the_last_displacement_unless_given(fake_solver):
    for options in ({}, {"solver": fake_solver(), "numerics": None}):
        fields = simulate([0.8], stroke=None, name="mine", **options)
        assert isinstance(fields, SPTFields)
        assert fields.rig == SHEET
        assert (fields.curve.thickness, fields.curve.name) == (2.0, "mine")
        assert fields.curve.displacement[-1] == pytest.approx(0.8)
        assert simulate([0.8], stroke=1.6, **options).curve.displacement[-1] == pytest.approx(1.6)


@pytest.mark.parametrize(
    ("displacements", "error", "message"),
    [
        ("half", TypeError, "displacements must be numbers, in mm"),
        ([], ValueError, "at least one value"),
        ([[0.1, 0.2]], ValueError, "1-D"),
        ([0.0, 0.2], ValueError, r"positive, finite and increasing, in mm; got \[0.0, 0.2\]"),
        ([0.3, 0.2], ValueError, "increasing"),
        ([0.2, 0.2], ValueError, "increasing"),
        ([0.2, np.nan], ValueError, "finite"),
        ([0.2, 0.9], ValueError, "0.9 mm, lies beyond the stroke of 0.8 mm"),
    ],
)
@pytest.mark.parametrize("solver", ["embedded", "/nonexistent/ccx"])
def test_bad_displacements(displacements, error, message, solver):
    with pytest.raises(error, match=message):
        simulate(displacements, solver=solver)


def test_a_stroke_beyond_the_rig():
    with pytest.raises(ValueError, match=r"at most 4.5 mm, the travel of rig SHEET; got 5"):
        simulate([5.0], stroke=None)


def test_a_disc_is_pressed():
    fields = simulate([0.1, 0.433], stroke=0.5)
    first, second = fields.stages
    assert [stage.displacement for stage in fields.stages] == [0.1, 0.433]
    for stage in fields.stages:
        # The disc lies against the punch, but for what the contact gives way, and is held at its edge.
        height, radius = stage.nodes[:, 1], stage.nodes[:, 0]
        upper = (radius < 1.0) & (height > -stage.displacement - 0.1)
        np.testing.assert_allclose(height[upper], -stage.displacement, atol=0.02)
        rim = radius > 6.5 - 1e-6
        np.testing.assert_allclose(np.ptp(height[rim]), 2.0)
        assert stage.load == pytest.approx(np.interp(stage.displacement, *fields.curve.monotonic()))
        assert stage.nodes[stage.elements].shape == (len(stage.elements), 8, 2)
        # The thickness of the disc along its radius: whole at the edge, and nowhere greater by more than upsetting.
        line, thickness = stage.thickness.T
        assert (line[0], line[-1]) == (0, 6.5)
        assert np.all(np.diff(line) > 0)
        assert thickness[-1] == pytest.approx(2.0)
        assert thickness.max() < 2.02
        assert thickness.min() > 1.5
    flowing = second.plastic_strain > 0.3 * second.plastic_strain.max()
    ratio = second.von_mises[flowing] / LAW.flow_stress(second.plastic_strain[flowing])
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert second.plastic_strain.max() > 2 * first.plastic_strain.max()
    assert first.plastic_strain.min() >= 0
    assert second.thickness[:, 1].min() < first.thickness[:, 1].min() < 2.0
    # Other increments change the loads little.
    plain = simulate_spt(LAW, "SHEET", thickness=2.0, stroke=0.5, mesh=COARSE, numerics=Numerics(increment=0.02))
    assert np.interp(0.433, *plain.monotonic()) == pytest.approx(second.load, rel=0.005)


def test_stages_behind_the_end_are_missing():
    load = simulate([0.2, 0.6]).stages[0].load
    fields = simulate([0.2, 0.6], load_limit=1.2 * load)
    assert fields.curve.metadata["ended_by"] == "load limit"
    assert [stage.displacement for stage in fields.stages] == [0.2]


def test_the_thickness_is_the_distance_of_nodes_that_faced_each_other():
    # In another order than along the radius, with a node between the faces.
    initial = np.array([[1.0, 0], [0, 0], [0, -2], [1, -2], [0, -1]])
    present = initial + np.array([[0.3, -0.5], [0, -1], [0, -0.5], [0, -0.1], [0, 0]])
    radius, thickness = faces_apart(initial, present, 2.0).T
    np.testing.assert_allclose(radius, [0, 1])
    np.testing.assert_allclose(thickness, [1.5, np.hypot(0.3, 1.6)])
