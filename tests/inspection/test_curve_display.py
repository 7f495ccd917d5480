import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv, to_rgb

from sklearn_spt.datasets import load_en10371_steel, load_sheet_steel
from sklearn_spt.inspection import CurveDisplay

CURVES = load_sheet_steel(n_curves=6).data


def texts(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def grey(color):
    return float(np.dot(to_rgb(color), (0.299, 0.587, 0.114)))


def test_colours_grow_lighter_with_the_thickness():
    display = CurveDisplay.from_curves(CURVES, color_by="thickness")
    assert display.ax_.get_xlabel() == "displacement, mm"
    assert display.ax_.get_ylabel() == "load, N"
    assert display.colorbar_.ax.get_ylabel() == "thickness, mm"
    assert display.ax_.get_legend() is None
    assert len(display.lines_) == len(CURVES)
    for line, curve in zip(display.lines_, CURVES, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve.load)
    order = np.argsort([curve.thickness for curve in CURVES])
    lightness = [grey(display.lines_[i].get_color()) for i in order]
    assert (np.diff(lightness) > 0).all()


def test_names_get_a_legend_and_line_styles():
    curves = load_en10371_steel(n_curves=12).data
    display = CurveDisplay.from_curves(curves, color_by="law", color_label="hardening law")
    laws = list(dict.fromkeys(curve.metadata["law"] for curve in curves))
    assert texts(display) == laws
    assert display.ax_.get_legend().get_title().get_text() == "hardening law"
    assert display.colorbar_ is None
    styles = {line.get_label(): (line.get_linestyle(), line.get_color()) for line in display.lines_}
    dashes, colors = zip(*(styles[law] for law in laws), strict=True)
    assert set(dashes[:4]) == {"-", "--", "-.", ":"}  # matplotlib calls any further pattern of dashes "--"
    assert len(set(colors)) == len(laws) == 5


def test_values_per_curve_on_given_axes():
    _, ax = plt.subplots()
    display = CurveDisplay.from_curves(CURVES, color_by=np.arange(6), color_label="max. load, N", ax=ax, cmap="cividis")
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.colorbar_.cmap.name == "cividis"
    assert display.colorbar_.ax.get_ylabel() == "max. load, N"
    assert display.plot() is display
    assert display.ax_ is not ax


def test_curves_without_the_value_are_dotted():
    bare = CURVES[0].replace(thickness=None)
    display = CurveDisplay.from_curves([*CURVES, bare], color_by="thickness")
    assert display.lines_[-1].get_linestyle() == ":"
    assert rgb_to_hsv(to_rgb(display.lines_[-1].get_color()))[1] == 0
    assert texts(display) == ["no thickness"]


def test_one_colour_and_arrays():
    display = CurveDisplay.from_curves([np.column_stack([curve.displacement, curve.load]) for curve in CURVES])
    assert len({line.get_color() for line in display.lines_}) == 1
    assert display.ax_.get_legend() is None
    assert display.colorbar_ is None


@pytest.mark.parametrize(
    ("curves", "options", "error", "message"),
    [
        (CURVES[0], {}, TypeError, "X is a single SPTCurve; give a list"),
        ([], {}, ValueError, "X holds no curves"),
        (CURVES, {"color_by": "colour"}, ValueError, "no curve has the value color_by='colour'.*'K'.*'thickness'"),
        (CURVES, {"color_by": [1, 2]}, ValueError, r"one value per curve \(6\); got shape \(2,\)"),
        (CURVES, {"color_by": ["a", 1, 2, 3, 4, 5]}, TypeError, "all numbers or all names; got float, str"),
    ],
)
def test_bad_input(curves, options, error, message):
    with pytest.raises(error, match=message):
        CurveDisplay.from_curves(curves, **options)


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match=r'CurveDisplay needs matplotlib: pip install "sklearn-spt\[plot\]"'):
        CurveDisplay.from_curves(CURVES)


def test_a_single_value_gets_a_legend_and_no_bar():
    display = CurveDisplay.from_curves([curve.replace(thickness=2.0) for curve in CURVES], color_by="thickness")
    assert display.colorbar_ is None
    assert texts(display) == ["2"]
    assert display.ax_.get_legend().get_title().get_text() == "thickness, mm"
