import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_spt.preprocessing._local_fit import fit_on_grid

GRID = np.linspace(0.0, 1.7, 64)


@given(st.integers(0, 2**31), st.integers(2, 400), st.floats(-1e3, 1e3), st.floats(-100, 100))
def test_a_straight_line_stays_one_within_the_record(seed, n, slope, start):
    u = np.unique(np.random.default_rng(seed).uniform(0.0, 1.7, n))
    if len(u) < 2:
        return
    expected = start + slope * np.clip(GRID, u[0], u[-1])
    np.testing.assert_allclose(fit_on_grid(GRID, [(u, start + slope * u)])[0], expected, rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("step", [0.002, 0.005])
def test_noise_is_averaged_as_far_as_the_record_has_points(step):
    random = np.random.default_rng(0)
    u = np.arange(0.0, 1.75, step)
    records = [(u, random.normal(size=len(u))) for _ in range(400)]
    expected = 1 / np.sqrt(1.5 * (GRID[1] - GRID[0]) / step)
    inside = fit_on_grid(GRID, records)[:, 1:-1]
    assert inside.std() == pytest.approx(expected, rel=0.05)


def test_a_record_without_more_points_than_the_grid_is_interpolated():
    u = np.linspace(0.0, 1.72, 52)
    load = np.random.default_rng(0).normal(size=52)
    np.testing.assert_allclose(fit_on_grid(GRID, [(u, load)])[0], np.interp(GRID, u, load), rtol=1e-12)


def test_every_record_is_fitted_for_itself():
    random = np.random.default_rng(0)
    records = [(np.sort(random.uniform(0, 1.7, n)), random.normal(size=n)) for n in (5, 300, 40)]
    together = fit_on_grid(GRID, records)
    for row, record in zip(together, records, strict=True):
        np.testing.assert_array_equal(fit_on_grid(GRID, [record])[0], row)


def test_a_bend_is_kept_as_well_as_the_grid_can():
    u = np.arange(0.0, 1.72, 0.002)
    error = fit_on_grid(GRID, [(u, np.sqrt(u + 0.01))])[0] - np.sqrt(GRID + 0.01)
    # The line through a window of half a step to either side, on average, of a curve of this curvature.
    assert np.abs(error[1:-1]).max() < (GRID[1] - GRID[0]) ** 2 / 12 * 0.25 * 0.03**-1.5 * 1.5
