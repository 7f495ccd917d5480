import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_spt.simulation import MeshSettings
from sklearn_spt.simulation._mesh import graded


@given(
    length=st.floats(1, 20),
    start=st.floats(0, 1),
    fine=st.floats(0.02, 0.2),
    coarse=st.floats(0.2, 1),
    growth=st.floats(0.1, 1),
)
def test_graded_points_increase_and_keep_to_the_sizes(length, start, fine, coarse, growth):
    x = graded(length, [(start * length, start * length, fine)], coarse, growth)
    assert x[0] == 0
    assert x[-1] == pytest.approx(length)
    steps = np.diff(x)
    assert np.all(steps > 0)
    # The number of points is rounded, so that all steps are off by one common factor.
    assert steps.max() <= coarse * 1.5 + 1e-9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rows": 0}, "rows must be an integer >= 1"),
        ({"edge_size": 0.0}, "edge_size must be a number"),
        ({"edge_size": 0.5, "coarse_size": 0.4}, "edge_size .* must not be greater than coarse_size"),
        ({"growth": -1.0}, "growth must be a number"),
        ({"arc_segments": 2}, "arc_segments must be an integer"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        MeshSettings(**settings)
