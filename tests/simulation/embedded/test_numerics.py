"""Points of the curve, mesh and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_spt.simulation import EN10371, MINIATURE, RIGS, SHEET
from sklearn_spt.simulation.embedded import Numerics, default_mesh
from sklearn_spt.simulation.embedded.numerics import travels


@pytest.mark.parametrize("name", list(RIGS))
@given(part=st.floats(1e-4, 1))
def test_travels_go_up_to_the_stroke(name, part):
    rig = RIGS[name]
    stroke = part * rig.max_stroke
    points = travels(rig, stroke, Numerics())
    assert points[-1] == stroke
    steps = np.diff(points, prepend=0.0)
    step = min(rig.punch_diameter / 500, 0.0075)
    assert np.all(steps > 0)
    assert steps.max() <= 1.25 * step + 1e-12
    # No increment is much shorter than the others, on which contact might not settle.
    assert points.size == 1 or steps.min() > 0.2 * step


def test_the_first_increments_are_half_as_long():
    points = travels(EN10371, 1.0, Numerics(increment=0.004))
    np.testing.assert_allclose(np.diff(points, prepend=0.0)[:80], 0.002)
    np.testing.assert_allclose(np.diff(points)[81:-1], 0.004)


def test_records_are_dense_enough():
    """At least 200 points up to the maximum load, and one every 5 µm or closer up to 0.2 mm."""
    for rig, maximum in ((EN10371, 1.4), (SHEET, 3.0), (MINIATURE, 0.5)):
        points = travels(rig, maximum, Numerics())
        assert points.size >= 200
        assert np.diff(points[points <= 0.2], prepend=0.0).max() <= 0.005 + 1e-12


def test_the_mesh_is_scaled_with_the_punch():
    small = default_mesh(EN10371.replace(punch_diameter=1.25, punch_edge_radius=0.625))
    assert small.edge_size == pytest.approx(default_mesh(EN10371).edge_size / 2)
    assert small.coarse_size == pytest.approx(default_mesh(EN10371).coarse_size / 2)
    assert small.rows == default_mesh(EN10371).rows


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"contact_stiffness": 0}, ValueError),
        ({"contact_stiffness": "hard"}, TypeError),
        ({"stick_ratio": -0.1}, ValueError),
        ({"increment": 0}, ValueError),
        ({"increment": float("nan")}, ValueError),
    ],
)
def test_bad_settings_are_refused_by_name(settings, error):
    with pytest.raises(error, match=next(iter(settings))):
        Numerics(**settings)
