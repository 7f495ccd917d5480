"""Ranks, order statistics, and the edges of curves that do not fall."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_spt.uncertainty._edges import (
    group_scores,
    learn_modulation,
    least_number,
    never_falling_edges,
    no_steeper_edges,
    order_edges,
    rank,
)


@pytest.mark.parametrize(("alpha", "n"), [(0.1, 9), (0.05, 19), (0.2, 4), (0.5, 1), (0.01, 99), (0.3, 3), (0.9, 1)])
def test_the_least_number_of_scores(alpha, n):
    assert least_number(alpha) == n
    assert rank(n, alpha) <= n
    assert rank(n - 1, alpha) > n - 1


def test_the_rank_is_the_finite_sample_quantile():
    assert rank(99, 0.1) == 90
    assert rank(100, 0.1) == 91
    assert rank(19, 0.05) == 19


def test_of_one_fold_the_edges_are_those_of_split_conformal():
    rng = np.random.default_rng(0)
    centre, scale, scores = rng.normal(size=(1, 4, 6)), rng.uniform(1, 2, (1, 4, 6)), rng.exponential(size=(19, 1))
    q = np.sort(scores[:, 0])[17]
    lower, upper = order_edges(centre, scale, scores, np.zeros(19, dtype=int), 0.1, "both")
    np.testing.assert_allclose(lower, centre[0] - q * scale[0])
    np.testing.assert_allclose(upper, centre[0] + q * scale[0])


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.6))
def test_what_scores_no_higher_than_enough_lies_between_the_edges_of_folds(seed, alpha):
    rng = np.random.default_rng(seed)
    n = rng.integers(least_number(alpha), 60)
    centres, scales = rng.normal(size=(3, 1, 5)), rng.uniform(0.5, 2, (3, 1, 5))
    scores, folds = rng.exponential(size=(n, 1)), rng.integers(0, 3, n)
    curves = rng.normal(size=(200, 5))
    own = (np.abs(curves[:, None] - centres[:, 0]) / scales[:, 0]).max(axis=2)[:, folds]
    held = (own > scores[:, 0]).sum(axis=1) < (1 - alpha) * (n + 1) - 1e-9
    lower, upper = order_edges(centres, scales, scores, folds, alpha, "both")
    inside = ((lower <= curves) & (curves <= upper)).all(axis=1)
    assert inside[held].all()


def test_groups_have_their_largest_score():
    residuals = np.array([[1.0, -2.0], [0.5, 0.5], [-3.0, 0.0]])
    groups = np.array([0, 1, 0])
    both = group_scores(residuals, groups, side="both", simultaneous=True)
    np.testing.assert_array_equal(both, [[3.0], [0.5]])
    pointwise = group_scores(residuals, groups, side="both", simultaneous=False)
    np.testing.assert_array_equal(pointwise, [[3.0, 2.0], [0.5, 0.5]])
    # What lies above the prediction does not leave a lower bound.
    lower = group_scores(residuals, groups, side="lower", simultaneous=True)
    np.testing.assert_array_equal(lower, [[3.0], [-0.5]])
    unknown = group_scores(np.array([[np.nan]]), np.array([0]), side="lower", simultaneous=True)
    assert unknown == np.inf


def test_the_modulation_follows_many_residuals_and_hardly_few():
    pattern = np.array([0.5, 1.0, 1.5])
    many, few = (learn_modulation(np.tile(pattern, (n, 1))) for n in (10_000, 1))
    np.testing.assert_allclose(many, pattern, rtol=2e-3)
    assert np.abs(few - 1).max() < 0.1
    assert many.mean() == pytest.approx(1)
    np.testing.assert_array_equal(learn_modulation(np.zeros((3, 4))), np.ones(4))


CURVES = arrays(float, (3, 7), elements=st.floats(0, 1000))


@given(CURVES, CURVES, CURVES)
def test_edges_of_curves_that_do_not_fall_lose_none_of_them(flow, below, above):
    flow = np.sort(flow, axis=1)
    low, high = never_falling_edges(flow - below, flow + above)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert ((low >= flow - below) & (high <= flow + above)).all()
    assert ((low <= flow) & (flow <= high)).all()


@given(arrays(float, (3, 7), elements=st.floats(0, 1)), CURVES, CURVES)
def test_edges_no_steeper_than_hookes_line_lose_no_curve_that_is_not(parts, below, above):
    strain, slope = np.linspace(0.001, 0.2, 7), np.full((3, 1), 1000.0)
    flow = np.cumsum(parts * slope * np.diff(strain, prepend=0.0), axis=1)
    low, high = no_steeper_edges(flow - below, flow + above, strain, slope)
    assert ((low >= flow - below - 1e-9) & (high <= flow + above + 1e-9)).all()
    assert ((low <= flow + 1e-9) & (flow <= high + 1e-9)).all()
    assert (high <= slope * strain + 1e-9).all()
    assert (np.diff(high) <= slope * np.diff(strain) + 1e-9).all()
    unknown = no_steeper_edges(flow - below, flow + above, strain, np.full((3, 1), np.inf))
    np.testing.assert_array_equal(unknown, (flow - below, flow + above))
