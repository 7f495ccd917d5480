import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_spt import CurveResampler, GAFTransformer
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.inspection import GAFDisplay

CURVES, _ = make_spt_curves(3, random_state=0)
LOADS = CurveResampler(n_points=12).fit_transform(CURVES)


@pytest.mark.parametrize("output", ["append", "image"])
def test_from_transformed_takes_the_image(output):
    images = GAFTransformer(output="image").fit_transform(LOADS)
    display = GAFDisplay.from_transformed(GAFTransformer(output=output).fit_transform(LOADS), index=2)
    np.testing.assert_array_equal(display.image_.get_array(), images[2])
    assert display.image_.get_clim() == (-1, 1)
    assert display.image_.origin == "lower"
    assert display.ax_.get_xlabel() == "point j"
    assert display.ax_.get_ylabel() == "point i"
    assert display.colorbar_.ax.get_ylabel() == "cos(θi + θj)"


def test_from_estimator_with_displacements_on_given_axes():
    fields = make_pipeline(CurveResampler(n_points=12), GAFTransformer(method="difference")).fit(CURVES)
    figure, ax = plt.subplots()
    display = GAFDisplay.from_estimator(fields, CURVES, index=1, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    np.testing.assert_array_equal(display.displacement, fields[0].grid_)
    np.testing.assert_array_equal(np.reshape(display.image_.get_array(), (12, 12)), fields.transform(CURVES)[1, :, 1:])
    assert ax.get_xlabel() == ax.get_ylabel() == "displacement, mm"
    assert display.colorbar_.ax.get_ylabel() == "sin(θi - θj)"
    assert display.plot(colorbar=False) is display
    assert display.colorbar_ is None


def test_from_estimator_without_displacements():
    coarse = make_pipeline(CurveResampler(n_points=12), GAFTransformer(image_size=6, output="image")).fit(CURVES)
    for display in (
        GAFDisplay.from_estimator(GAFTransformer().fit(LOADS), LOADS),
        GAFDisplay.from_estimator(coarse, CURVES),
    ):
        assert display.displacement is None
        assert display.ax_.get_xlabel() == "point j"


@pytest.mark.parametrize(
    ("X", "options", "error", "message"),
    [
        (LOADS, {}, ValueError, r"X must be the output of GAFTransformer.*; got \(3, 12\)"),
        (LOADS[:, :, None], {}, ValueError, r"at least as many channels as rows; got \(3, 12, 1\)"),
        (np.zeros((2, 4, 5)), {"index": 2}, IndexError, "index is 2, but there are only 2: 0 to 1"),
        (np.zeros((2, 4, 5)), {"displacement": [1, 2]}, ValueError, "displacement must hold 4 increasing numbers"),
        (np.zeros((2, 4, 5)), {"method": "sum"}, ValueError, "method must be one of 'summation', 'difference'"),
    ],
)
def test_bad_input(X, options, error, message):
    with pytest.raises(error, match=message):
        GAFDisplay.from_transformed(X, **options)


def test_estimator_that_will_not_do():
    with pytest.raises(TypeError, match=r"must be a GAFTransformer or a pipeline that ends in one.*got CurveResampler"):
        GAFDisplay.from_estimator(CurveResampler().fit(CURVES), CURVES)


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="GAFDisplay needs matplotlib"):
        GAFDisplay.from_transformed(np.zeros((2, 4, 5)))
