import ast
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_spt import CurveResampler, GAFTransformer, SPTCurve

LOADS = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(-1e6, 1e6))
RANGES = st.sampled_from([(0, 1), (-1, 1), (0.2, 0.9), (-0.5, 0.25)])
SCALINGS = st.sampled_from(["global", "sample"])


def angles(X, low, high, feature_range=(0, 1)):
    """Equation (1) of the paper, as it is written."""
    x = (X - low) / (high - low)
    return np.arccos(feature_range[0] + x * (feature_range[1] - feature_range[0]))


@pytest.fixture
def curves():
    rng = np.random.default_rng(0)
    return np.cumsum(rng.uniform(size=(30, 20)), axis=1) * rng.uniform(100.0, 900.0, size=(30, 1))


def image(**params):
    return GAFTransformer(output="image", **params)


# The field


def test_equations_of_the_paper(curves):
    theta = angles(curves, curves.min(), curves.max())
    summation = np.cos(theta[:, :, None] + theta[:, None, :])
    difference = np.sin(theta[:, :, None] - theta[:, None, :])
    np.testing.assert_allclose(image().fit_transform(curves), summation, atol=1e-12)
    np.testing.assert_allclose(image(method="difference").fit_transform(curves), difference, atol=1e-12)


def test_range_per_sample_erases_the_amplitude_and_the_global_one_keeps_it(curves):
    X = np.stack([curves[0], 2.0 * curves[0]])
    one, other = image(scaling="sample").fit_transform(X)
    np.testing.assert_allclose(one, other, atol=1e-12)
    theta = angles(curves[0], curves[0].min(), curves[0].max())
    np.testing.assert_allclose(one, np.cos(theta[:, None] + theta[None, :]), atol=1e-12)
    one, other = image(scaling="global").fit_transform(X)
    assert np.abs(one - other).max() > 0.5


@pytest.fixture(scope="module")
def pyts_table():
    with np.load(Path(__file__).parent / "data" / "pyts_gaf.npz") as file:
        return dict(file)


def test_numbers_of_pyts(pyts_table):
    """What is in the file, and how it was made: data/make_pyts_gaf.py."""
    keys = [key for key in pyts_table if "," in key]
    assert len(keys) == 24
    for key in keys:
        method, rest = key.split(", ", 1)
        feature_range, image_size = ast.literal_eval(rest)
        gaf = image(method=method, scaling="sample", feature_range=feature_range, image_size=image_size)
        np.testing.assert_allclose(gaf.fit_transform(pyts_table["curves"]), pyts_table[key], atol=1e-6, err_msg=key)


@given(X=LOADS, feature_range=RANGES, scaling=SCALINGS)
def test_summation_field_is_symmetric_with_the_double_angle_on_its_diagonal(X, feature_range, scaling):
    gaf = image(feature_range=feature_range, scaling=scaling)
    G = gaf.fit_transform(X)
    np.testing.assert_allclose(G, G.transpose(0, 2, 1), atol=1e-15)
    assert np.abs(G).max() <= 1 + 1e-12
    low, high = (X.min(), X.max()) if scaling == "global" else (X.min(1, keepdims=True), X.max(1, keepdims=True))
    span = np.where(high > low, high - low, 1.0)
    x = feature_range[0] + (feature_range[1] - feature_range[0]) * (X - low) / span
    np.testing.assert_allclose(np.diagonal(G, axis1=1, axis2=2), 2 * x**2 - 1, atol=1e-12)


@given(X=LOADS, feature_range=RANGES, scaling=SCALINGS)
def test_difference_field_is_antisymmetric(X, feature_range, scaling):
    G = image(method="difference", feature_range=feature_range, scaling=scaling).fit_transform(X)
    np.testing.assert_allclose(G, -G.transpose(0, 2, 1), atol=1e-15)
    assert np.abs(G).max() <= 1 + 1e-12


@pytest.mark.parametrize("scaling", ["global", "sample"])
def test_constant_curves_become_the_lower_end_of_the_range(scaling):
    X = np.full((2, 4), 300.0)
    np.testing.assert_allclose(image(scaling=scaling).fit_transform(X), -1.0)
    np.testing.assert_allclose(image(scaling=scaling, feature_range=(-1, 1)).fit_transform(X), 1.0)


def test_float32_is_as_good_as_its_digits(curves):
    X = curves.astype(np.float32)
    # The largest load becomes 1, where the sine of a float32 cosine would keep half of the digits.
    X[:, -2] = X[:, -1] * np.float32(1 - 1e-7)
    single = GAFTransformer().fit_transform(X)
    double = GAFTransformer().fit_transform(X.astype(np.float64))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single[:, :, 0], X)
    np.testing.assert_allclose(single[:, :, 1:], double[:, :, 1:], atol=5e-7)


def test_a_curve_alone_and_in_any_batch_give_the_same_numbers():
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(3500, 30))  # several blocks
    gaf = GAFTransformer().fit(X)
    together = gaf.transform(X)
    for size in (1, 500):
        for start in range(0, len(X), 500):
            part = slice(start, start + size)
            np.testing.assert_array_equal(gaf.transform(X[part]), together[part])


# Channels and the place of the image


def test_the_image_is_appended_row_by_row(curves):
    out = GAFTransformer().fit_transform(curves)
    assert out.shape == (30, 20, 21)
    np.testing.assert_array_equal(out[:, :, 0], curves)
    np.testing.assert_array_equal(out[:, :, 1:], image().fit_transform(curves))


@pytest.mark.parametrize("method", ["summation", "difference"])
def test_descriptors_are_kept_and_the_field_is_that_of_the_load(curves, method):
    X = np.stack([curves, np.full_like(curves, 0.5), np.full_like(curves, 1e6)], axis=2)
    gaf = GAFTransformer(method).fit(X)
    out = gaf.transform(X)
    assert out.shape == (30, 20, 23)
    assert gaf.data_max_ == curves.max()
    np.testing.assert_array_equal(out[:, :, :3], X)
    expected = image(method=method).fit_transform(curves)
    np.testing.assert_array_equal(out[:, :, -20:], expected)
    np.testing.assert_array_equal(image(method=method).fit_transform(X), expected)


@given(X=LOADS, image_size=st.integers(1, 12), n_descriptors=st.integers(0, 3))
def test_more_channels_than_points_means_an_image(X, image_size, n_descriptors):
    """The regressors recognise an image by this."""
    n, n_points = X.shape
    image_size = min(image_size, n_points)
    n_descriptors = min(n_descriptors, n_points - 1)
    X = np.concatenate([X[:, :, None], np.ones((n, n_points, n_descriptors))], axis=2)
    out = GAFTransformer(image_size=image_size).fit_transform(X)
    assert out.shape == (n, image_size, 1 + n_descriptors + image_size)
    assert out.shape[2] > out.shape[1]
    alone = GAFTransformer(image_size=image_size, output="image").fit_transform(X)
    np.testing.assert_array_equal(out[:, :, -image_size:], alone)


def test_aggregation_averages_all_channels(curves):
    X = np.stack([curves, np.full_like(curves, 0.5)], axis=2)
    gaf = GAFTransformer(image_size=5).fit(X)
    out = gaf.transform(X)
    assert out.shape == (30, 5, 7)
    means = curves.reshape(30, 5, 4).mean(axis=2)
    np.testing.assert_allclose(out[:, :, 0], means)
    np.testing.assert_array_equal(out[:, :, 1], 0.5)
    np.testing.assert_allclose(out[:, :, 2:], image().fit_transform(means), atol=1e-12)


def test_what_holds_an_image_already_is_refused(curves):
    out = GAFTransformer().fit_transform(curves)
    with pytest.raises(ValueError, match=r"21 channels and 20 points; .* X may hold one already"):
        GAFTransformer().fit(out)


# New curves outside the learned range


def test_clipping_is_the_default_and_only_in_the_image(curves):
    gaf = GAFTransformer().fit(curves)
    new = np.stack([curves[0], curves[0]])
    new[1, 0] = curves.min() - 50.0
    new[1, -1] = curves.max() + 50.0
    out = gaf.transform(new)
    np.testing.assert_array_equal(out[1, :, 0], new[1])
    np.testing.assert_allclose(out[1, [0, -1], [1, -1]], [-1.0, 1.0], atol=1e-12)
    clipped = np.clip(new, curves.min(), curves.max())
    np.testing.assert_allclose(out[:, :, 1:], gaf.transform(clipped)[:, :, 1:])


def test_out_of_range_warns_or_is_an_error(curves):
    new = np.stack([curves[0], curves[0] + 1e5])
    message = r"1 of 2 curves have loads outside the range learned in fit, .* N: curve 1 \("
    gaf = GAFTransformer(out_of_range="warn").fit(curves)
    with pytest.warns(UserWarning, match=message + ".*clipped in the image") as caught:
        clipped = gaf.transform(new)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(clipped, GAFTransformer().fit(curves).transform(new))
    gaf = GAFTransformer(out_of_range="error").fit(curves)
    gaf.transform(curves)
    with pytest.raises(ValueError, match=message + ".*; fit on curves that cover them, or use out_of_range='clip'"):
        gaf.transform(new)
    GAFTransformer(out_of_range="error", scaling="sample").fit(curves).transform(new)


def test_only_a_few_curves_are_named(curves):
    gaf = GAFTransformer(out_of_range="error").fit(curves)
    with pytest.raises(ValueError, match=r"30 of 30 .*curve 4 \([^)]*\), \.\.\.; fit on"):
        gaf.transform(curves + 1e5)


# The way back


@given(X=LOADS, n_channels=st.integers(0, 2), scaling=SCALINGS, method=st.sampled_from(["summation", "difference"]))
def test_inverse_of_appended_images_is_exact(X, n_channels, scaling, method):
    if n_channels:
        X = np.stack([X, np.full_like(X, 0.5)][: min(n_channels, X.shape[1])], axis=2)
    gaf = GAFTransformer(method, scaling=scaling).fit(X)
    np.testing.assert_array_equal(gaf.inverse_transform(gaf.transform(X)), X)


@given(X=LOADS, feature_range=st.sampled_from([(0, 1), (0.2, 0.9)]))
def test_inverse_from_the_diagonal(X, feature_range):
    gaf = image(feature_range=feature_range).fit(X)
    back = gaf.inverse_transform(gaf.transform(X))
    # The square root of the diagonal keeps half of the digits where x is near 0.
    span = X.max() - X.min()
    np.testing.assert_allclose(back, X, atol=1e-7 * span + 1e-9)
    x = (X - X.min()) / (span or 1.0)
    np.testing.assert_allclose(back[x > 0.1], X[x > 0.1], atol=1e-13 * span + 1e-9)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"method": "difference"}, "the difference field has a zero diagonal"),
        ({"scaling": "sample"}, "has erased the amplitude"),
        ({"feature_range": (-1, 1)}, "does not tell the sign"),
        ({"image_size": 5}, "points of a curve were averaged to image_size=5"),
    ],
)
def test_no_inverse_where_it_is_not_exact(curves, params, message):
    gaf = image(**params)
    G = gaf.fit_transform(curves)
    with pytest.raises(ValueError, match=message):
        gaf.inverse_transform(G)


def test_no_inverse_of_averaged_points(curves):
    gaf = GAFTransformer(image_size=5)
    with pytest.raises(ValueError, match="use image_size=None"):
        gaf.inverse_transform(gaf.fit_transform(curves))


def test_inverse_refuses_what_is_no_output(curves):
    with pytest.raises(ValueError, match=r"shape \(n_curves, 20, 21\) that transform returns; got \(30, 20\)"):
        GAFTransformer().fit(curves).inverse_transform(curves)


def test_pipeline_and_back():
    u = np.linspace(0.0, 2.0, 30)
    specimens = [SPTCurve(u, s * np.tanh(u), thickness=t) for s, t in ((900.0, 0.5), (1200.0, 0.6))]
    pipe = make_pipeline(CurveResampler(n_points=30, descriptors=("thickness",)), GAFTransformer())
    X = pipe.fit_transform(specimens)
    assert X.shape == (2, 30, 32)
    back = pipe.inverse_transform(X)
    np.testing.assert_allclose([c.load for c in back], [c.load for c in specimens])
    assert [c.thickness for c in back] == [0.5, 0.6]


# Bad input


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"method": "s"}, ValueError, "method must be one of 'summation', 'difference'; got 's'"),
        ({"scaling": "standard"}, ValueError, "scaling must be one of 'global', 'sample'"),
        ({"out_of_range": "raise"}, ValueError, "out_of_range must be one of 'clip', 'warn', 'error'"),
        ({"output": "both"}, ValueError, "output must be one of 'append', 'image'"),
        ({"image_size": 0}, ValueError, "image_size must be an integer >= 1, or None"),
        ({"image_size": 0.5}, TypeError, "image_size must be an integer"),
        ({"image_size": 21}, ValueError, r"image_size is 21, more than the points of a curve \(n_features = 20\)"),
        ({"feature_range": (0, 2)}, ValueError, "feature_range must be two numbers.* got"),
        ({"feature_range": (1, 0)}, ValueError, "feature_range must be two numbers"),
        ({"feature_range": 1.0}, ValueError, "feature_range must be two numbers"),
        ({"feature_range": ("a", "b")}, ValueError, "feature_range must be two numbers"),
    ],
)
def test_bad_parameters(curves, params, error, message):
    with pytest.raises(error, match=f"GAFTransformer: {message}"):
        GAFTransformer(**params).fit(curves)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.ones(5), ValueError, "Expected 2D array"),
        (np.ones((2, 3, 2, 2)), ValueError, r"got \(2, 3, 2, 2\)"),
        (np.ones((2, 3, 0)), ValueError, "0 channels and 3 points|0 feature"),
        (
            [[[1.0, 0.5], [2.0, 0.5]], [[1.0, 0.5], [2.0, np.nan]]],
            ValueError,
            r"contains NaN in curve 1 \(1 such curve\); GAFTransformer .* repair",
        ),
        (np.full((2, 3, 1), np.inf), ValueError, r"contains infinity in curve 0 \(2 such curves\)"),
        ([SPTCurve(range(5), range(5))], TypeError, "X holds curves; put a CurveResampler before"),
        (pd.Series([SPTCurve(range(5), range(5))]), TypeError, "X holds curves; put a CurveResampler before"),
    ],
)
def test_bad_curves(X, error, message):
    with pytest.raises(error, match=message):
        GAFTransformer().fit(X)


@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_new_values_that_are_not_finite_are_found_by_curve(curves, method):
    gaf = GAFTransformer().fit(curves)
    X = gaf.transform(curves) if method == "inverse_transform" else curves
    # Not a missing load: an entry of the image of two that are there, or a number that is none.
    X[7, 3, ...] = np.inf
    with pytest.raises(ValueError, match=r"Input X contains infinity in curve 7 \(1 such curve\); GAFTransformer"):
        getattr(gaf, method)(X)
    if method == "inverse_transform":
        X = gaf.transform(curves)
        X[7, 3, 5] = np.nan
        with pytest.raises(ValueError, match=r"Input X contains NaN in curve 7 \(1 such curve\); GAFTransformer"):
            gaf.inverse_transform(X)
    X = curves.copy()
    X[7] = np.nan
    with pytest.raises(ValueError, match=r"NaN at all points of curve 7"):
        gaf.transform(X)


@pytest.mark.parametrize("scaling", ["global", "sample"])
@pytest.mark.parametrize("output", ["append", "image"])
@pytest.mark.parametrize("method", ["summation", "difference"])
def test_missing_loads_are_missing_in_the_image_and_change_nothing_else(curves, scaling, output, method):
    short = curves.copy()
    short[2, 15:] = np.nan
    gaf = GAFTransformer(method, scaling=scaling, output=output, out_of_range="error").fit(short)
    found = gaf.transform(short)
    image = found[:, :, -20:]
    assert np.isnan(image[2, 15:]).all()
    assert np.isnan(image[2, :, 15:]).all()
    others = np.delete(np.arange(len(curves)), 2)
    assert np.isfinite(found[others]).all()
    alone = GAFTransformer(method, scaling=scaling, output="image").fit(curves[:, :15])
    alone.data_min_, alone.data_max_ = gaf.data_min_, gaf.data_max_
    np.testing.assert_allclose(image[2, :15, :15], alone.transform(curves[:, :15])[2])
    if output == "append" or (scaling == "global" and method == "summation"):
        np.testing.assert_allclose(gaf.inverse_transform(found), short, rtol=1e-6, atol=1e-4)


def test_averages_are_those_of_what_is_recorded(curves):
    short = curves.copy()
    short[2, 13:] = np.nan
    found = GAFTransformer(image_size=5).fit_transform(short)
    np.testing.assert_allclose(found[2, :3, 0], curves[2, :12].reshape(3, 4).mean(axis=1))
    assert found[2, 3, 0] == curves[2, 12]
    assert np.isnan(found[2, 4]).all()


def test_displacement_is_not_taken_for_load(curves):
    u = np.broadcast_to(np.linspace(0.0, 2.0, 20), curves.shape)
    with pytest.raises(
        ValueError, match=r"seems to hold the columns \[displacement, load\]; put a CurveResampler before"
    ):
        GAFTransformer().fit(np.stack([u, curves], axis=2))
    # Each of these may well be load and descriptor.
    thickness = np.full_like(curves, 0.5)
    for X in (
        np.stack([curves, u], axis=2),
        np.stack([u, thickness], axis=2),
        np.stack([u, curves], axis=2)[:1],
        np.stack([u[:, ::-1], curves], axis=2),
        np.stack([u, curves, thickness], axis=2),
    ):
        GAFTransformer().fit(X)
    GAFTransformer().fit(np.stack([curves, u], axis=2)).transform(np.stack([curves, u], axis=2)[[0, 0]])


def test_other_shapes_than_in_fit(curves):
    gaf = GAFTransformer().fit(curves)
    with pytest.raises(ValueError, match="expecting 20 features"):
        gaf.transform(curves[:, :10])
    with pytest.raises(ValueError, match="fitted on a 2-D array, but X is a 3-D array with 1 channels"):
        gaf.transform(curves[:, :, None])


def test_not_fitted(curves):
    with pytest.raises(NotFittedError):
        GAFTransformer().transform(curves)


def test_tables_of_3d_output_are_refused_with_a_reason(curves):
    with pytest.raises(ValueError, match="set_output` is not available"):
        make_pipeline(GAFTransformer()).set_output(transform="pandas")


# Cost


def test_no_temporary_of_the_size_of_the_output():
    X = np.random.default_rng(0).uniform(size=(1000, 100)).astype(np.float32)
    gaf = GAFTransformer().fit(X)
    tracemalloc.start()
    try:
        out = gaf.transform(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert out.nbytes <= peak < 1.1 * out.nbytes


def test_importing_the_transformers_does_not_import_torch():
    code = "import sys, sklearn_spt.preprocessing; assert 'torch' not in sys.modules and 'pyts' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
