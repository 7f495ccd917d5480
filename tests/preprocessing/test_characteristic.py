import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import CharacteristicTransformer

CURVES = load_reference_curves().data


def test_table_is_what_the_function_finds():
    transformer = CharacteristicTransformer(("Fm", "Fe", "h0"), ui=0.4).fit(CURVES)
    table = transformer.transform(CURVES)
    found = characteristic_quantities(CURVES)
    np.testing.assert_array_equal(table, np.stack([found.Fm, found.Fe, found.h0], axis=1))
    assert np.isnan(table).any()
    assert transformer.get_feature_names_out().tolist() == ["Fm", "Fe", "h0"]
    np.testing.assert_array_equal(
        CharacteristicTransformer(("Fi",), ui=0.4).fit_transform(CURVES)[:, 0],
        characteristic_quantities(CURVES, ui=0.4).Fi,
    )


def test_all_quantities_by_default():
    transformer = CharacteristicTransformer().fit(CURVES)
    assert transformer.transform(CURVES[:2]).shape == (2, 10)
    assert list(transformer.get_feature_names_out()) == load_reference_curves().target_names


def test_loads_on_a_common_grid():
    u = np.linspace(0, 1.2, 241)
    loads = np.array([np.interp(u, curve.displacement, curve.load) for curve in CURVES[3:6]])
    table = CharacteristicTransformer(("Fe", "Fi"), displacement=u, thickness=0.5).fit_transform(loads)
    np.testing.assert_allclose(table, CharacteristicTransformer(("Fe", "Fi")).fit_transform(CURVES[3:6]), rtol=0.01)


def test_in_a_pipeline():
    y = [curve.load.max() for curve in CURVES[:-1]]
    pipe = make_pipeline(CharacteristicTransformer(("Fm",)), LinearRegression()).fit(CURVES[:-1], y)
    np.testing.assert_allclose(pipe.predict(CURVES[:-1]), y, rtol=0.03)


@pytest.mark.parametrize(
    ("options", "X", "error", "message"),
    [
        ({"quantities": ("Fe", "Rm")}, CURVES, ValueError, "quantities has 'Rm', which is not one of Fe, ue"),
        ({"quantities": "Fe"}, CURVES, TypeError, "must be a tuple or list of names"),
        ({"quantities": ("Fe", "Fe")}, CURVES, ValueError, "lists something twice"),
        ({"ui": -1}, CURVES, ValueError, "CharacteristicTransformer: ui must be"),
        ({"thickness": [1, 2]}, CURVES, ValueError, "CharacteristicTransformer: thickness must be one number"),
        ({"displacement": [0, 1]}, np.ones((3, 4)), ValueError, "displacement has 2 values for 4 columns"),
        ({"displacement": [0, 1, 1, 2]}, np.ones((3, 4)), ValueError, "strictly increasing"),
        ({"displacement": "mm"}, np.ones((3, 4)), TypeError, "must be an array of numbers"),
        ({}, np.array([[1, np.nan], [1, 2]]), ValueError, "NaN in curve 0"),
        ({}, [np.ones((4, 3))], ValueError, "curve 0 of X must have the two columns"),
    ],
)
def test_bad_input(options, X, error, message):
    with pytest.raises(error, match=message):
        CharacteristicTransformer(**options).fit(X)
