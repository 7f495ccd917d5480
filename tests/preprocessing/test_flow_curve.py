import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression

from sklearn_spt import FlowCurveTransformer
from sklearn_spt.datasets import load_sheet_steel
from sklearn_spt.mechanics import PowerLaw, Swift, Voce

STRAIN = 0.002 * np.arange(1, 101)


def table(*laws, strain=STRAIN):
    return np.array([law.true_stress(strain) for law in laws])


def test_columns_are_the_yield_stress_and_what_lies_behind_it():
    law = Swift(E=70_000, K=900, epsilon0=0.01, n=0.2)
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=70_000, n_points=20).fit(table(law))
    columns = flow.transform(table(law))[0]
    np.testing.assert_allclose(columns[0], law.yield_stress, rtol=2e-3)
    assert (flow.plastic_strain_[0], flow.plastic_strain_[-1]) == pytest.approx((0.0, 0.2))
    np.testing.assert_allclose(columns, law.flow_stress(flow.plastic_strain_), rtol=2e-3)


def test_without_a_modulus_that_of_each_curve_is_the_first_column():
    strain = np.append(0.0005, STRAIN)
    laws = [Voce(E=E, sigma0=300, Q=200, b=12) for E in (200_000, 212_000)]
    flow = FlowCurveTransformer(strain)
    columns = flow.fit_transform(table(*laws, strain=strain))
    np.testing.assert_allclose(columns[:, 0], [200_000, 212_000], rtol=1e-9)
    assert columns.shape == (2, 41)
    assert list(flow.get_feature_names_out()[:3]) == ["elastic_modulus", "yield_stress", "flow_stress1"]
    np.testing.assert_allclose(flow.inverse_transform(columns), table(*laws, strain=strain), rtol=1e-3)


def test_the_bundled_set_comes_back():
    sheet = load_sheet_steel(n_curves=300)
    flow = FlowCurveTransformer(sheet.strain, elastic_modulus=70_000).fit(sheet.target)
    error = np.abs(flow.inverse_transform(flow.transform(sheet.target)) - sheet.target)
    assert error.mean(axis=1).max() < 0.02
    assert error[:, sheet.strain <= 0.2].mean(axis=1).max() < 0.01


@given(
    sigma0=st.floats(20, 1800),
    n=st.floats(0.05, 0.4),
    E=st.floats(60_000, 220_000),
    n_points=st.integers(24, 60),
)
def test_round_trip(sigma0, n, E, n_points):
    law = PowerLaw(E=E, sigma0=sigma0, n=n)
    stress = table(law)
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=E, n_points=n_points).fit(stress)
    back = flow.inverse_transform(flow.transform(stress))
    np.testing.assert_allclose(back, stress, rtol=0.01)


def test_round_trip_error_falls_with_the_number_of_points():
    stress = table(*(PowerLaw(E=200_000, sigma0=s, n=0.2) for s in (150, 400, 1200)))

    def error(n_points):
        flow = FlowCurveTransformer(STRAIN, elastic_modulus=200_000, n_points=n_points).fit(stress)
        return np.abs(flow.inverse_transform(flow.transform(stress)) - stress).mean()

    assert error(64) < error(32) < error(8)


def test_an_elastic_curve_comes_back_as_one():
    stress = 70_000 * STRAIN[None]
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=70_000).fit(stress)
    columns = flow.transform(stress)
    np.testing.assert_allclose(columns, stress[0, -1])
    np.testing.assert_allclose(flow.inverse_transform(columns), stress, rtol=1e-5)


def test_a_column_of_zero_strain_stays_zero():
    strain = np.append(0.0, STRAIN)
    stress = np.column_stack([[0.0], table(Swift(E=70_000, K=900, epsilon0=0.01, n=0.2))])
    flow = FlowCurveTransformer(strain, elastic_modulus=70_000).fit(stress)
    back = flow.inverse_transform(flow.transform(stress))
    assert back[0, 0] == 0
    np.testing.assert_allclose(back, stress, atol=0.1)


@pytest.mark.parametrize("worst", [-1e3, 0.0, 1e9])
def test_the_inverse_takes_any_prediction(worst):
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=70_000).fit(table(Swift(E=70_000, K=900, epsilon0=0.01, n=0.2)))
    columns = np.full((1, 40), 500.0)
    columns[0, 0] = worst
    assert np.isfinite(flow.inverse_transform(columns)).all()


def test_a_kink_is_no_problem_any_more():
    """What it is for: a linear model follows the yield point, which it cannot on the grid of total strain."""
    scale = np.linspace(0.3, 1.0, 30)
    stress = table(*(Swift(E=70_000, K=2000 * s, epsilon0=0.01, n=0.2) for s in scale))
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=70_000)
    train, test = slice(None, None, 2), slice(1, None, 2)

    def worst(model):
        return np.abs(model.fit(scale[train, None], stress[train]).predict(scale[test, None]) - stress[test]).max()

    behind_yield = TransformedTargetRegressor(LinearRegression(), transformer=flow, check_inverse=False)
    assert worst(behind_yield) < 0.1 * worst(LinearRegression())


STRESS = table(Swift(E=70_000, K=900, epsilon0=0.01, n=0.2), Swift(E=70_000, K=800, epsilon0=0.01, n=0.2))


@pytest.mark.parametrize(
    ("settings", "stress", "message"),
    [
        ({"elastic_modulus": 7_000}, STRESS, "curve 0 has .* above Hooke's line of elastic_modulus=7000 MPa"),
        ({"elastic_modulus": 70_000}, STRESS * [[1], [-1]], "curve 1 has the negative stress"),
        ({"strain": STRAIN[:-1]}, STRESS, r"100 columns, but strain has the shape \(99,\)"),
        ({"strain": STRAIN[::-1]}, STRESS, "strictly increasing"),
        ({"strain": STRAIN - 0.01}, STRESS, "zero or positive"),
        ({"elastic_modulus": 0}, STRESS, "elastic_modulus must be a number > 0 .*; got 0"),
        ({"elastic_modulus": "first"}, STRESS, "elastic_modulus must be .*'curve'; got 'first'"),
        ({"n_points": 1}, STRESS, "n_points must be an integer >= 2; got 1"),
        ({}, np.where(np.arange(100) == 7, np.nan, STRESS), "NaN in curve 0"),
    ],
)
def test_what_is_wrong_is_named(settings, stress, message):
    with pytest.raises(ValueError, match=message):
        FlowCurveTransformer(**{"strain": STRAIN, **settings}).fit(stress)


def test_other_columns_than_those_of_transform_are_refused():
    flow = FlowCurveTransformer(STRAIN, elastic_modulus=70_000).fit(STRESS)
    with pytest.raises(ValueError, match=r"takes the 40 columns that transform makes; got .* \(2, 100\)"):
        flow.inverse_transform(STRESS)
