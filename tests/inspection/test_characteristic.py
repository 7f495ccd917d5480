import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.inspection import CharacteristicDisplay
from sklearn_spt.mechanics import characteristic_quantities

CURVES = {curve.name: curve for curve in load_reference_curves().data}


def labels(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_points_lie_where_the_quantities_are():
    curve = CURVES["rounded"]
    display = CharacteristicDisplay.from_curve(curve)
    q = characteristic_quantities(curve)
    drawn = {tuple(np.ravel(line.get_xydata())) for line in display.ax_.get_lines() if len(line.get_xdata()) == 1}
    expected = {
        (q.ue, q.Fe),
        (q.ue, q.Fe_astm),
        (q.u_offset, q.F_offset),
        (q.ui, q.Fi),
        (q.um, q.Fm),
        (q.uf, 0.8 * q.Fm),
    }
    assert drawn == expected
    assert f"Fm = {q.Fm:.4g} N at {q.um:.4g} mm" in labels(display)
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.load)
    assert display.ax_.get_xlabel() == "displacement, mm"
    assert display.ax_.get_ylabel() == "load, N"
    assert display.ax_.get_title() == "rounded"


def test_markers_and_line_styles_differ():
    lines = CharacteristicDisplay.from_curve(CURVES["rounded"]).ax_.get_lines()
    points = [(line.get_marker(), line.get_markerfacecolor()) for line in lines if len(line.get_xdata()) == 1]
    assert len(set(points)) == len(points) == 6
    assert {line.get_linestyle() for line in lines} >= {"-", "--", ":"}


def test_what_is_missing_is_said():
    display = CharacteristicDisplay.from_curve(CURVES["cut"])
    assert {"Fm: not determined", "uf: not determined"} <= set(labels(display))
    bare = CharacteristicDisplay.from_curve(CURVES["cut"].replace(thickness=None))
    assert "Fe (EN 10371): not determined" in labels(bare)
    assert "bilinear fit (EN 10371)" not in labels(bare)
    assert "Fe (EN 10371): not determined" in labels(bare.plot(region="knee"))


def test_on_given_axes_with_options():
    _, ax = plt.subplots()
    display = CharacteristicDisplay.from_curve(CURVES["rounded"], ax=ax, region="knee", ui=0.3)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.quantities.ui == 0.3
    assert ax.get_xlim()[1] < 0.7
    assert not any(label.startswith("Fm") for label in labels(display))


def test_bad_input():
    with pytest.raises(TypeError, match="curve must be one SPTCurve; got list"):
        CharacteristicDisplay.from_curve([CURVES["cut"]])
    with pytest.raises(ValueError, match="region must be one of 'curve', 'knee'; got 'top'"):
        CharacteristicDisplay.from_curve(CURVES["cut"], region="top")
