import time
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_spt import CurveResampler, GAFTransformer, SPTCurve
from sklearn_spt.datasets import load_sheet_steel
from sklearn_spt.exceptions import UntrustedPredictionWarning

SLOPE = 800.0


def line(end=2.0, begin=0.0, n=21, slope=SLOPE, **facts):
    """A record whose load is slope times displacement."""
    u = np.linspace(begin, end, n)
    return SPTCurve(u, slope * u, **facts)


@pytest.fixture
def ragged():
    """Twenty curves to 2 mm, of different lengths, one of which broke off at 1.2 mm."""
    curves = [line(n=20 + i, name=f"S{i}", thickness=0.5 + 0.01 * i) for i in range(20)]
    curves[7] = line(end=1.2, name="broken", thickness=0.5)
    return curves


# The grid and the interpolation


def test_learns_the_grid_and_interpolates_against_displacement():
    u = np.array([0.0, 0.1, 0.2, 1.0, 2.0])
    curve = SPTCurve(u, [0.0, 10.0, 40.0, 200.0, 100.0])
    resampler = CurveResampler(n_points=5).fit([curve])
    np.testing.assert_allclose(resampler.grid_, [0.0, 0.5, 1.0, 1.5, 2.0])
    np.testing.assert_allclose(resampler.transform([curve]), [[0.0, 100.0, 200.0, 150.0, 100.0]])


def test_begins_where_all_curves_have_begun_and_ends_where_none_has_ended():
    curves = [line(begin=0.01, end=2.01), line(begin=0.0, end=2.0), line(begin=0.02, end=2.02)]
    for ends in ("hold", "mask", "error", "cut"):
        resampler = CurveResampler(n_points=3, ends=ends).fit(curves)
        np.testing.assert_allclose(resampler.grid_, [0.02, 1.01, 2.0])
        np.testing.assert_allclose(resampler.transform(curves), SLOPE * np.tile(resampler.grid_, (3, 1)))


def test_a_given_grid_is_taken_as_it_is():
    grid = [0.0, 0.1, 0.4, 1.0]
    resampler = CurveResampler(grid=grid).fit([line()])
    np.testing.assert_array_equal(resampler.grid_, grid)
    np.testing.assert_allclose(resampler.transform([line()]), [SLOPE * np.array(grid)])


@given(
    steps=st.lists(st.floats(0.01, 1.0), min_size=4, max_size=40),
    slope=st.floats(1.0, 1e5),
    n_points=st.integers(2, 60),
)
def test_linear_curves_are_reproduced(steps, slope, n_points):
    u = np.concatenate([[0.0], np.cumsum(steps)])
    resampler = CurveResampler(n_points=n_points)
    np.testing.assert_allclose(
        resampler.fit_transform([SPTCurve(u, slope * u)])[0], slope * resampler.grid_, rtol=1e-12, atol=1e-9 * slope
    )


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_points_with_equal_displacement_is_irrelevant(seed):
    rng = np.random.default_rng(seed)
    u = np.repeat(np.sort(rng.uniform(0.0, 3.0, size=12)), 3)
    load = rng.uniform(1.0, 900.0, size=len(u))
    order = np.concatenate([3 * k + rng.permutation(3) for k in range(12)])
    resampler = CurveResampler(n_points=17).fit([SPTCurve(u, load)])
    np.testing.assert_allclose(
        resampler.transform([SPTCurve(u[order], load[order])]), resampler.transform([SPTCurve(u, load)]), rtol=1e-12
    )


def test_slightly_backward_displacements_are_sorted():
    u = np.linspace(0.0, 2.0, 201)
    jitter = u.copy()
    jitter[[50, 51]] = jitter[[51, 50]]
    resampler = CurveResampler(n_points=50).fit([line()])
    np.testing.assert_allclose(
        resampler.transform([SPTCurve(jitter, SLOPE * jitter)])[0], SLOPE * resampler.grid_, atol=1e-9
    )


def test_a_curve_alone_and_in_a_batch_give_the_same_numbers(ragged):
    del ragged[7]
    resampler = CurveResampler().fit(ragged)
    together = resampler.transform(ragged)
    for i, curve in enumerate(ragged):
        np.testing.assert_array_equal(resampler.transform([curve])[0], together[i])


# What X may be


def test_arrays_lists_and_curves_are_the_same():
    curves = [line(slope=s) for s in (300.0, 500.0, 900.0)]
    arrays = [np.column_stack([c.displacement, c.load]) for c in curves]
    expected = CurveResampler(n_points=9).fit_transform(curves)
    objects = np.empty(3, dtype=object)
    objects[:] = curves
    for X in (arrays, np.stack(arrays), tuple(curves), objects, [a.tolist() for a in arrays], pd.Series(curves)):
        np.testing.assert_array_equal(CurveResampler(n_points=9).fit_transform(X), expected)


def test_2d_array_with_the_displacement_of_its_columns():
    u = np.array([0.0, 0.1, 0.5, 1.0])
    X = np.outer([1.0, 2.0], u)
    resampler = CurveResampler(n_points=6, displacement=u).fit(X)
    np.testing.assert_allclose(resampler.grid_, np.linspace(0.0, 1.0, 6))
    np.testing.assert_allclose(resampler.transform(X), np.outer([1.0, 2.0], resampler.grid_))
    assert not resampler.relative_
    np.testing.assert_allclose(resampler.transform([line(slope=3.0)]), [3.0 * resampler.grid_])


def test_2d_array_without_displacement_gets_a_relative_grid():
    X = np.outer([1.0, 2.0], np.linspace(0.0, 7.0, 8))
    resampler = CurveResampler(n_points=15).fit(X)
    assert resampler.relative_
    np.testing.assert_allclose(resampler.grid_, np.linspace(0.0, 1.0, 15))
    np.testing.assert_allclose(resampler.transform(X), np.outer([1.0, 2.0], np.linspace(0.0, 7.0, 15)))


def test_2d_array_on_its_own_grid_comes_back_unchanged():
    X = np.random.default_rng(0).uniform(size=(4, 100)).astype(np.float32)
    result = CurveResampler(n_points=100).fit_transform(X)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, X)


def test_fitted_on_curves_it_takes_a_2d_array_if_its_columns_have_displacements():
    X = SLOPE * np.linspace(0.0, 2.0, 9)[None, :]
    with pytest.raises(ValueError, match=r"For one curve give a list, \[curve\]; .* give displacement="):
        CurveResampler().fit([line()]).transform(X)
    resampler = CurveResampler(displacement=np.linspace(0.0, 2.0, 9)).fit([line()])
    np.testing.assert_allclose(resampler.transform(X)[0], SLOPE * resampler.grid_)


def test_2d_array_that_does_not_cover_the_grid():
    u = np.linspace(0.0, 1.5, 9)
    resampler = CurveResampler(displacement=u, ends="error").fit([line()])
    with pytest.raises(ValueError, match=r"every row of X ends at 1\.5 mm"):
        resampler.transform(SLOPE * u[None, :])
    with pytest.warns(UserWarning, match=r"every row of X ends at 1\.5 mm"):
        loads = resampler.set_params(ends="hold").transform(SLOPE * u[None, :])
    np.testing.assert_allclose(loads[0], SLOPE * np.minimum(resampler.grid_, 1.5))


def test_a_second_fit_forgets_the_first(ragged):
    del ragged[7]
    resampler = CurveResampler().fit(pd.DataFrame(np.ones((3, 5)), columns=list("abcde")))
    assert resampler.n_features_in_ == 5
    resampler.fit(ragged)
    assert not hasattr(resampler, "n_features_in_")
    assert not hasattr(resampler, "feature_names_in_")
    assert not resampler.relative_


# Curves that do not cover the grid


def test_hold_is_the_default_and_says_so(ragged):
    resampler = CurveResampler(n_points=11).fit(ragged)
    assert resampler.grid_[-1] == 2.0
    message = r"1 of 20 curves does not cover .* 0 to 2 mm: curve 7 'broken' ends at 1\.2 mm\. .* held; .* leave it out"
    with pytest.warns(UserWarning, match=message) as caught:
        loads = resampler.transform(ragged)
    assert caught[0].filename == __file__
    np.testing.assert_allclose(loads[7], SLOPE * np.minimum(resampler.grid_, 1.2))
    np.testing.assert_allclose(loads[8], SLOPE * resampler.grid_)


def test_hold_before_the_beginning():
    resampler = CurveResampler(n_points=11).fit([line()])
    with pytest.warns(UserWarning, match=r"the curve does not cover .* 2 mm: it begins at 0\.5 mm\. Beyond"):
        loads = resampler.transform([line(begin=0.5)])
    np.testing.assert_allclose(loads[0], SLOPE * np.maximum(resampler.grid_, 0.5))


def test_mask_marks_what_a_record_lacks_and_warns_of_nothing(ragged):
    ragged[3] = line(begin=0.3, thickness=0.5)
    resampler = CurveResampler(n_points=11, ends="mask", descriptors=("thickness",)).fit(ragged)
    assert resampler.grid_[[0, -1]].tolist() == [0.0, 2.0]
    found = resampler.transform(ragged)
    expected = np.broadcast_to(SLOPE * resampler.grid_, (20, 11)).copy()
    expected[7, 7:] = expected[3, :2] = np.nan
    np.testing.assert_allclose(found[:, :, 0], expected)
    assert np.isfinite(found[:, :, 1]).all()
    whole = np.delete(np.arange(20), [3, 7])
    held = CurveResampler(n_points=11, descriptors=("thickness",)).fit([ragged[i] for i in whole])
    np.testing.assert_array_equal(found[whole], held.transform([ragged[i] for i in whole]))
    back = resampler.inverse_transform(found)
    np.testing.assert_allclose(back[7].displacement, resampler.grid_[:7])
    np.testing.assert_allclose(back[3].load, SLOPE * resampler.grid_[2:])
    assert len(back[0].load) == 11


def test_with_masks_the_learned_grid_goes_as_far_as_one_in_ten_curves():
    ends = np.linspace(1.2, 2.0, 41)
    curves = [line(end=end) for end in ends]
    assert CurveResampler(ends="mask").fit(curves).grid_[-1] == pytest.approx(1.9, abs=0.04)
    assert CurveResampler().fit(curves).grid_[-1] == pytest.approx(1.3, abs=0.04)


def test_a_masked_record_shorter_than_those_of_the_training_is_not_trusted(ragged):
    grid = np.linspace(0, 2, 11)
    resampler = CurveResampler(grid=grid, ends="mask").fit([line(end=end) for end in np.linspace(1.5, 2.0, 20)])
    assert np.isnan(resampler.transform([line(end=1.5)])).sum() == 3
    with pytest.warns(UntrustedPredictionWarning, match=r"Hardly a training curve ended before 1\.5 mm") as caught:
        loads = resampler.transform([line(end=1.25)])
    assert caught[0].filename == __file__
    assert np.isnan(loads).sum() == 4
    with pytest.raises(ValueError, match="lies less than half of the grid"):
        resampler.transform([line(end=0.9)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_columns_of_a_table_that_lie_beyond_it_are_masked(dtype):
    u = np.linspace(0.0, 1.5, 16)
    resampler = CurveResampler(grid=[0.0, 0.5, 1.5, 2.0], displacement=u, ends="mask")
    loads = resampler.fit_transform((SLOPE * np.stack([u, 2 * u])).astype(dtype))
    assert loads.dtype == dtype
    np.testing.assert_allclose(loads, SLOPE * np.array([[0, 0.5, 1.5, np.nan], [0, 1.0, 3.0, np.nan]]), rtol=1e-6)


def test_error(ragged):
    message = r"curve 7 'broken' ends at 1\.2 mm\. Leave it out, fit anew with it and ends='cut' or with a"
    with pytest.raises(ValueError, match=message):
        CurveResampler(ends="error").fit(ragged)
    resampler = CurveResampler(ends="error").fit(ragged[:7])
    resampler.transform(ragged[8:])
    with pytest.raises(ValueError, match=message.replace("curve 7", "curve 1")):
        resampler.transform(ragged[6:])
    with pytest.raises(ValueError, match=r": it begins at 0\.5 mm\."):
        resampler.transform([line(begin=0.5)])


def test_cut(ragged):
    with pytest.warns(
        UserWarning, match=r"cut to 0 to 1\.2 mm, because curve 7 'broken' ends there; .* from 0 to 2 mm"
    ):
        resampler = CurveResampler(n_points=7, ends="cut").fit(ragged)
    np.testing.assert_allclose(resampler.grid_, np.linspace(0.0, 1.2, 7))
    np.testing.assert_allclose(resampler.transform(ragged), SLOPE * np.tile(resampler.grid_, (20, 1)))
    with pytest.raises(ValueError, match=r": it ends at 1 mm\. Leave it out, fit anew with it or"):
        resampler.transform([line(end=1.0)])
    ragged[7] = line(begin=0.4, name="late")
    with pytest.warns(UserWarning, match=r"cut to 0\.4 to 2 mm, because curve 7 'late' begins there;"):
        CurveResampler(ends="cut").fit(ragged)


def test_a_few_short_or_late_curves_do_not_shorten_the_grid():
    curves = [line(n=11) for _ in range(48)] + [line(end=0.7), line(begin=0.5)]
    for ends in ("hold", "error"):
        resampler = CurveResampler(ends=ends)
        if ends == "hold":
            resampler.fit(curves)
        else:
            with pytest.raises(ValueError, match="2 of 50 curves do not cover"):
                resampler.fit(curves)
        assert resampler.grid_[[0, -1]].tolist() == [0.0, 2.0]


def test_scattered_ends_are_a_common_end():
    ends = 2.0 + np.random.default_rng(0).uniform(-0.015, 0.015, size=30)
    curves = [line(end=end) for end in ends]
    for policy in ("hold", "mask", "error", "cut"):
        resampler = CurveResampler(ends=policy)
        resampler.fit_transform(curves)
        assert resampler.grid_[-1] == ends.min()


@given(
    ends=st.lists(st.floats(0.5, 3.0), min_size=1, max_size=30),
    begins=st.lists(st.floats(0.0, 0.4), min_size=30, max_size=30),
)
def test_learned_grid_lies_on_nearly_all_curves(ends, begins):
    begin, end = np.array(begins[: len(ends)]), np.array(ends)
    curves = [line(begin=a, end=b) for a, b in zip(begin, end, strict=True)]
    grid = CurveResampler(ends="hold").fit(curves).grid_
    n = len(ends)
    assert np.sum(end < grid[-1]) <= np.ceil(n / 10)
    assert np.sum(begin > grid[0]) <= np.ceil(n / 10)
    assert begin.min() <= grid[0] < grid[-1] <= end.max()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        cut = CurveResampler(ends="cut").fit(curves).grid_
    np.testing.assert_allclose(cut[[0, -1]], [begin.max(), end.min()])


def test_rounding_of_displacements_is_no_missing_end():
    resampler = CurveResampler(ends="error").fit([line()])
    end = float(np.nextafter(np.float32(2.0), np.float32(0.0)))
    np.testing.assert_allclose(resampler.transform([line(end=end)])[0], SLOPE * resampler.grid_, rtol=1e-6)


def test_the_worst_curves_are_named_first_and_only_a_few():
    resampler = CurveResampler().fit([line()])
    with pytest.warns(
        UserWarning, match=r"8 of 8 curves do .*: curve 7 ends at 1 mm; curve 6 .*; curve 3 [^;]*; \.\.\."
    ):
        resampler.transform([line(end=1.7 - 0.1 * i) for i in range(8)])


@pytest.mark.parametrize("ends", ["hold", "error"])
def test_a_curve_in_another_unit_is_an_error(ends):
    resampler = CurveResampler(ends=ends).fit([line(), line()])
    in_metres = SPTCurve(np.linspace(0.0, 0.002, 21), SLOPE * np.linspace(0.0, 2.0, 21), name="M1")
    with pytest.raises(ValueError, match=r"On curve 1 'M1' lie fewer than two points of the grid: check .* in mm"):
        resampler.transform([line(), in_metres])


@pytest.mark.parametrize("ends", ["hold", "error"])
@pytest.mark.parametrize("span", [{"end": 0.9}, {"begin": 1.1}, {"begin": 0.6, "end": 1.5}])
def test_a_curve_on_less_than_half_of_the_grid_is_an_error(ends, span):
    resampler = CurveResampler(ends=ends).fit([line(), line()])
    with pytest.raises(ValueError, match=r"On curve 1 'S' lies less than half of the grid: check .* leave it out, or"):
        resampler.transform([line(), line(name="S", **span)])


def test_held_loads_for_half_of_the_grid():
    with pytest.warns(UserWarning, match="to avoid that, fit anew with a shorter grid=, or leave it out"):
        loads = CurveResampler(n_points=5).fit([line()]).transform([line(end=1.0)])
    np.testing.assert_allclose(loads[0], SLOPE * np.array([0.0, 0.5, 1.0, 1.0, 1.0]))


def test_curves_that_end_before_all_training_curves_are_not_used_lightly(ragged):
    resampler = CurveResampler(n_points=11).fit(ragged)
    assert (resampler.grid_[-1], resampler.shortest_) == (2.0, 1.2)
    for end, rare in ((1.8, False), (1.19, False), (1.1, True)):
        with pytest.warns(UserWarning, match="does not cover") as heard:
            resampler.transform([line(end)])
        said = str(heard[0].message).endswith(
            "Hardly a training curve ended before 1.2 mm: the prediction for it is unreliable"
        )
        assert said == rare
    with pytest.warns(UserWarning, match="the prediction for curve 1 'B' is unreliable"):
        resampler.transform([line(), line(1.1, name="B")])
    # One of two hundred is an exception; and nothing beyond the grid is needed.
    assert CurveResampler(n_points=11).fit([*ragged, *10 * [*ragged[:7], *ragged[8:]]]).shortest_ == 2.0
    assert CurveResampler(grid=[0, 0.5, 1.0]).fit(ragged).shortest_ == 1.0


def test_curves_whose_points_are_far_apart_at_the_beginning(ragged):
    resampler = CurveResampler(n_points=21).fit([line(n=41), line(n=31)])
    assert resampler.coarsest_ == pytest.approx(0.1)  # of the grid
    resampler.transform([line(n=21)])
    with pytest.warns(UserWarning, match=r"the curve has points up to 0.125 mm apart before u = 0.5 mm, where tr"):
        resampler.transform([line(n=17)])
    with pytest.warns(
        UserWarning, match=r"2 of 3 curves have points up to 0.2 mm apart .*\(curve 2 'C' the farthest\)"
    ):
        resampler.transform([line(), line(n=17), line(n=11, name="C")])
    # The rest of the curve hardly bends.
    u = np.append(np.linspace(0, 0.5, 11), [1.0, 2.0])
    resampler.transform([SPTCurve(u, SLOPE * u)])
    assert CurveResampler(n_points=41).fit([line(n=17)]).coarsest_ == pytest.approx(0.125)
    # Fifteen points are enough, even where all training curves had more.
    assert CurveResampler(n_points=401).fit([line(n=801)]).coarsest_ == pytest.approx(0.5 / 15)
    rows = CurveResampler(n_points=5, displacement=np.linspace(0, 2, 9)).fit(np.ones((3, 9)))
    assert rows.coarsest_ is rows.shortest_ is None
    rows.transform([line(n=6)])


def test_error_with_a_given_grid_does_not_advise_cut():
    message = r"ends at 1\.2 mm\. Leave it out, fit anew with a shorter grid=, or hold its end load with ends='hold'$"
    with pytest.raises(ValueError, match=message):
        CurveResampler(grid=[0.0, 1.0, 2.0], ends="error").fit([line(end=1.2)])


def test_values_that_are_not_finite_are_found_by_curve():
    X = np.ones((9, 6))
    X[7, 2] = np.inf
    resampler = CurveResampler(n_points=6, displacement=np.linspace(0.0, 2.0, 6)).fit(X[:7])
    for method in (resampler.fit, resampler.transform, resampler.inverse_transform):
        with pytest.raises(ValueError, match=r"Input X contains infinity in curve 7 \(1 such curve\); CurveResampler"):
            method(X)


def test_curves_without_a_common_range():
    with pytest.raises(
        ValueError, match=r"no range of displacement in common: curve 1 'B' begins at 3 mm, curve 0 ends"
    ):
        CurveResampler().fit([line(), line(begin=3.0, end=4.0, name="B")])


# Descriptors


def test_descriptors_are_constant_channels_in_their_order():
    curves = [line(thickness=0.5, metadata={"grain": 20}), line(thickness=0.6, metadata={"grain": np.float32(32.0)})]
    X = CurveResampler(n_points=8, descriptors=("grain", "thickness")).fit_transform(curves)
    assert X.shape == (2, 8, 3)
    np.testing.assert_allclose(X[:, :, 0], SLOPE * np.tile(np.linspace(0.0, 2.0, 8), (2, 1)))
    np.testing.assert_array_equal(X[:, :, 1], [[20.0] * 8, [32.0] * 8])
    np.testing.assert_array_equal(X[:, :, 2], [[0.5] * 8, [0.6] * 8])


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_missing_and_unknown_descriptors(method):
    good = line(thickness=0.5, metadata={"grain": 20.0, "heat": "A", "flag": True}, name="good")
    curves = [good, line(metadata={"grain": np.nan}, name="bad")]

    def run(name):
        resampler = CurveResampler(descriptors=(name,))
        if method == "fit":
            return resampler.fit(curves)
        return resampler.fit([line(thickness=1.0, temperature=20.0, metadata={name: 1.0})]).transform(curves)

    with pytest.raises(ValueError, match=r"curve 1 'bad' has no 'thickness', .* curve\.replace\(thickness=\.\.\.\)"):
        run("thickness")
    with pytest.raises(ValueError, match=r"curve 1 'bad' has no 'grain', .* as a finite number in its metadata"):
        run("grain")
    with pytest.raises(ValueError, match="curve 0 'good' has no 'temperature'"):
        run("temperature")
    for name in ("thicknes", "heat", "flag"):
        with pytest.raises(ValueError, match=f"unknown descriptor '{name}'; the curves have 'grain', 'thickness'"):
            run(name)


def test_descriptors_of_plain_arrays_are_missing():
    with pytest.raises(ValueError, match="the curve has no 'thickness'"):
        CurveResampler(descriptors=("thickness",)).fit(np.stack([line().displacement, line().load], axis=1)[None])
    with pytest.raises(ValueError, match="unknown descriptor 'grain'; the curves have no descriptors"):
        CurveResampler(descriptors=("grain",)).fit([np.column_stack([line().displacement, line().load])])
    with pytest.raises(ValueError, match="descriptors need curves that carry them"):
        CurveResampler(descriptors=("thickness",)).fit(np.ones((3, 5)))


# The way back, names, containers


def test_inverse_transform(ragged):
    del ragged[7]
    ragged = [curve.replace(metadata={"grain": float(i)}) for i, curve in enumerate(ragged)]
    resampler = CurveResampler(n_points=30, descriptors=("thickness", "grain"))
    X = resampler.fit_transform(ragged)
    back = resampler.inverse_transform(X)
    assert [curve.thickness for curve in back] == [curve.thickness for curve in ragged]
    assert [curve.metadata for curve in back] == [curve.metadata for curve in ragged]
    np.testing.assert_array_equal(back[3].displacement, resampler.grid_)
    np.testing.assert_array_equal(resampler.transform(back), X)
    plain = CurveResampler(n_points=30).fit(ragged)
    np.testing.assert_array_equal(plain.inverse_transform(X[:, :, 0])[0].load, X[0, :, 0])


def test_inverse_transform_refuses_what_is_no_output():
    resampler = CurveResampler(n_points=30).fit([line()])
    with pytest.raises(ValueError, match=r"shape \(n_curves, 30\) that transform returns; got \(1, 29\)"):
        resampler.inverse_transform(np.ones((1, 29)))
    with pytest.raises(ValueError, match="curve 1 of X: the load is never positive"):
        resampler.inverse_transform([[1.0] * 30, [-1.0] * 30])
    with pytest.raises(ValueError, match=r"give displacement= \(mm\)"):
        CurveResampler().fit(np.ones((2, 5))).inverse_transform(np.ones((2, 100)))


def test_feature_names_and_data_frames():
    resampler = CurveResampler(grid=[0.0, 0.125, 1 / 3, 2.0]).fit([line()])
    assert resampler.get_feature_names_out().tolist() == ["load_0", "load_0.125", "load_0.333333", "load_2"]
    frame = resampler.set_output(transform="pandas").transform([line()])
    assert frame.columns.tolist() == resampler.get_feature_names_out().tolist()
    close = CurveResampler(grid=[1.0, 1.0 + 1e-9]).fit([line()])
    assert close.get_feature_names_out().tolist() == ["load_1.0", "load_1.000000001"]


def test_3d_output_has_no_names():
    resampler = CurveResampler(descriptors=("thickness",)).fit([line(thickness=0.5)])
    with pytest.raises(AttributeError):
        resampler.get_feature_names_out()


# Bad input


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_points": 1}, ValueError, "n_points must be an integer >= 2; got 1"),
        ({"n_points": 10.0}, TypeError, "n_points must be an integer"),
        ({"ends": "extrapolate"}, ValueError, "ends must be one of 'hold', 'mask', 'error', 'cut'; got"),
        ({"grid": [0.0, 1.0, 0.5]}, ValueError, "grid must be 1-D with .* strictly increasing"),
        ({"grid": [0.0, np.nan]}, ValueError, "grid must be 1-D with .* finite"),
        ({"grid": [0.0]}, ValueError, "grid must be 1-D with at least two"),
        ({"grid": "fine"}, TypeError, r"grid must be an array of numbers \(mm\); got 'fine'"),
        ({"grid": [0.0, 1.0], "ends": "cut"}, ValueError, "ends='cut' cuts the grid .*, and grid was given"),
        ({"descriptors": "thickness"}, TypeError, "descriptors must be a tuple or list of names"),
        ({"descriptors": None}, TypeError, "descriptors must be a tuple or list of names"),
        ({"descriptors": ("thickness",) * 2}, ValueError, "descriptors names something twice"),
        (
            {"descriptors": ("thickness", "a", "b"), "n_points": 3},
            ValueError,
            "3 descriptors need a grid of at least 4 points",
        ),
    ],
)
def test_bad_parameters(params, error, message):
    with pytest.raises(error, match=f"CurveResampler: {message}"):
        CurveResampler(**params).fit([line(thickness=1.0, metadata={"a": 1.0, "b": 2.0})])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"displacement": [0.0, 1.0]}, "displacement has 2 values for 3 columns of X"),
        ({"displacement": [0.0, 1.0, 1.0]}, "displacement must be 1-D .* strictly increasing"),
        ({"grid": [0.0, 0.5]}, "the columns of the 2-D X have none; give it with displacement="),
    ],
)
def test_bad_parameters_for_a_2d_array(params, message):
    with pytest.raises(ValueError, match=message):
        CurveResampler(**params).fit(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (line(), TypeError, r"a list of curves, \[curve\]"),
        ([], ValueError, r"no curves \(0 samples\)"),
        ([line(), "A1"], TypeError, "curve 1 of X must be an SPTCurve or an array"),
        ([np.ones((6, 3))], ValueError, "curve 0 of X must have the two columns"),
        ([[[0.0, 1.0], [2.0]]], TypeError, "curve 0 of X must be an SPTCurve or an array"),
        (np.full((1, 6, 2), np.nan), ValueError, "curve 0 of X: displacement is nan at point 0"),
        ([[[0, 0]] * 4], ValueError, "curve 0 of X: the record has 4 points, and at least 5 .* leave the curve out"),
        (
            [[1.0, 2.0], [1.0, np.nan], [np.inf, 1.0]],
            ValueError,
            r"contains NaN in curve 1 \(2 such curves\); Curve.* repair",
        ),
        (np.ones((2, 3, 4, 5)), ValueError, "dim 4"),
        (np.arange(5.0), ValueError, "Expected 2D array"),
        (["a", "b"], ValueError, "could not convert string to float|Expected 2D array"),
    ],
)
def test_bad_curves(X, error, message):
    with pytest.raises(error, match=message):
        CurveResampler().fit(X)


def test_fitted_on_a_relative_grid_it_refuses_curves():
    with pytest.raises(ValueError, match=r"fit it on curves, or give displacement= \(mm\)"):
        CurveResampler().fit(np.ones((2, 5))).transform([line()])


def test_not_fitted():
    with pytest.raises(NotFittedError):
        CurveResampler().transform([line()])


# With scikit-learn's tools


@pytest.mark.filterwarnings("ignore:CurveResampler. .* held:UserWarning")
def test_ragged_curves_go_through_model_selection(ragged):
    y = np.array([curve.load.max() for curve in ragged])
    pipe = make_pipeline(CurveResampler(n_points=20), Ridge())
    for random_state in range(5):
        train, test, y_train, _ = train_test_split(ragged, y, random_state=random_state)
        assert pipe.fit(train, y_train).predict(test).shape == (5,)
    assert cross_val_predict(pipe, ragged, y, cv=4).shape == (20,)
    search = GridSearchCV(pipe, {"curveresampler__n_points": [10, 20]}, cv=3, error_score="raise")
    assert np.isfinite(search.fit(ragged, y).best_score_)


@pytest.mark.slow
def test_ragged_curves_go_to_other_processes(ragged):
    del ragged[7]
    y = np.array([curve.thickness for curve in ragged])
    pipe = make_pipeline(CurveResampler(n_points=20), Ridge())
    assert cross_val_predict(pipe, ragged, y, cv=4, n_jobs=2).shape == (19,)


@pytest.mark.filterwarnings("ignore:CurveResampler. .* held:UserWarning")
def test_defaults_run_on_the_bundled_curves_whatever_the_split():
    X, Y = load_sheet_steel(return_X_y=True)
    short = [i for i, curve in enumerate(X) if curve.displacement.max() < 0.99 * X[0].displacement.max()]
    # Few enough of them for the common end to be that of the others.
    some = sorted({*short[:3], *range(60)})
    X, Y = [X[i] for i in some], Y[some]
    for random_state in range(10):
        train, test = train_test_split(X, test_size=0.1, random_state=random_state)
        resampler = CurveResampler(n_points=100).fit(train)
        np.testing.assert_allclose(resampler.grid_[[0, -1]], [0.0, 3.0])
        assert resampler.transform(test).shape == (len(test), 100)
    pipe = Pipeline([("resample", CurveResampler()), ("gaf", GAFTransformer()), ("ridge", FlatRidge())])
    search = GridSearchCV(pipe, {"gaf": [GAFTransformer(), "passthrough"]}, cv=3, error_score="raise")
    assert np.isfinite(search.fit(X, Y).cv_results_["mean_test_score"]).all()


class FlatRidge(Ridge):
    """Takes the curves with and without an image."""

    def fit(self, X, y):
        return super().fit(X.reshape(len(X), -1), y)

    def predict(self, X):
        return super().predict(X.reshape(len(X), -1))


def test_many_curves_take_milliseconds():
    rng = np.random.default_rng(0)
    curves = []
    for _ in range(1335):
        u = np.cumsum(rng.uniform(0.01, 0.05, size=65))
        curves.append(SPTCurve(u / u[-1] * 3.0, 900 * u, thickness=1.0))
    resampler = CurveResampler(n_points=100, descriptors=("thickness",)).fit(curves)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            resampler.transform(curves)
            times.append(time.perf_counter() - start)
    # Measured: 0.03 s. A busy machine may take several times as long; Python loops over points would take 1 s and more.
    assert min(times) < 0.3
