import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_spt import MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_pretrained, load_sheet_steel
from sklearn_spt.inspection import ParityDisplay
from sklearn_spt.mechanics import tensile_properties

E = 210_000
STRAIN = np.linspace(0.001, 0.25, 250)


def curves(K, n):
    return np.minimum(E * STRAIN, np.reshape(K, (-1, 1)) * STRAIN ** np.reshape(n, (-1, 1)))


# The maximum force of the last one, at a strain of about 0.4, lies beyond the curves' end.
TRUE = curves([700, 800, 900], [0.1, 0.15, 0.4])
PRED = curves([730, 780, 900], [0.12, 0.15, 0.4])


def test_points_are_the_properties():
    display = ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN, E=E)
    assert display.n_left_out_ == {"proof_stress": 0, "tensile_strength": 1, "uniform_elongation": 1}
    true, predicted = (tensile_properties(STRAIN, Y, E=E) for Y in (TRUE, PRED))
    expected = [
        (true.proof_stress, predicted.proof_stress),
        (true.tensile_strength[:2], predicted.tensile_strength[:2]),
        (100 * true.uniform_elongation[:2], 100 * predicted.uniform_elongation[:2]),
    ]
    for points, (x, y) in zip(display.points_, expected, strict=True):
        np.testing.assert_allclose(points.get_xdata(), x)
        np.testing.assert_allclose(points.get_ydata(), y)
    assert [ax.get_xlabel() for ax in display.ax_] == ["true Rp0.2, MPa", "true Rm, MPa", "true Ag, %"]
    assert [ax.get_ylabel() for ax in display.ax_] == ["predicted Rp0.2, MPa", "predicted Rm, MPa", "predicted Ag, %"]
    assert display.ax_[0].get_title() == "Rp0.2, 3 of 3 curves"
    assert display.ax_[1].get_title() == "Rm, 2 of 3 curves\n1 left out: not determined"


def test_lines_of_ten_percent():
    (ax,) = ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN, E=E, properties=["proof_stress"]).ax_
    slopes = {line.get_ydata()[1] / line.get_xdata()[1] for line in ax.get_lines() if line.get_linestyle() == "--"}
    np.testing.assert_allclose(sorted(slopes), [0.9, 1.1])
    assert ax.get_xlim() == ax.get_ylim()


def test_on_given_axes():
    figure, axes = plt.subplots(1, 2)
    names = ["tensile_strength", "proof_stress"]
    display = ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN, E=E, properties=names, ax=axes)
    assert list(display.ax_) == list(axes)
    assert display.figure_ is figure
    assert display.plot() is display
    with pytest.raises(ValueError, match="ax must be 2 axes, one for each property; got 1"):
        display.plot(ax=axes[0])


def test_without_modulus_what_needs_it_is_left_out():
    display = ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN)
    assert display.n_left_out_ == {"proof_stress": 3, "tensile_strength": 1, "uniform_elongation": 3}


def test_from_estimator_takes_strain_and_modulus_of_a_model_file():
    sheet, model = load_sheet_steel(), load_pretrained("sheet")
    X, Y = perturb_curves(sheet.data[:5], MeasurementErrors(spacing=0.01)), sheet.target[:5]
    display = ParityDisplay.from_estimator(model, X, Y, properties=["proof_stress"])
    info = model.model_info_
    expected = tensile_properties(info.strain, model.predict(X), E=info.elastic_modulus).proof_stress
    np.testing.assert_array_equal(display.points_[0].get_ydata(), expected)
    assert not np.isnan(expected).any()


@pytest.mark.parametrize(
    ("Y_pred", "options", "message"),
    [
        (PRED[:2], {}, "must have one shape"),
        (-PRED, {}, "Y_pred: stress of curve 0 is negative"),
        (PRED, {"strain": None}, "give strain="),
        (PRED, {"strain": STRAIN[:9]}, "the curves have 250 columns"),
        (PRED, {"E": -1}, "E must be positive"),
        (PRED, {"properties": []}, "properties must be a list of names"),
        (PRED, {"properties": ["Rm"]}, "a name in properties must be one of 'proof_stress'.*; got 'Rm'"),
    ],
)
def test_bad_input(Y_pred, options, message):
    with pytest.raises(ValueError, match=message):
        ParityDisplay.from_predictions(TRUE, Y_pred, **{"strain": STRAIN, "E": E, **options})


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="ParityDisplay needs matplotlib"):
        ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN)


def test_axes_without_a_point_say_why():
    display = ParityDisplay.from_predictions(TRUE, PRED, strain=STRAIN)
    said = [" ".join(text.get_text() for text in ax.texts).replace("\n", " ") for ax in display.ax_]
    assert "not determined: it needs Young's modulus E, which was not given" in said[0]
    assert "not determined" not in said[1]
    assert "not determined: it needs Young's modulus E" in said[2]
