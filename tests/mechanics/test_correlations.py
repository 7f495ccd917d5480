import dataclasses

import numpy as np
import pytest

from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.mechanics import Correlation, characteristic_quantities, published_correlations
from sklearn_spt.mechanics.correlations import NEEDS, PREDICTORS

CURVES = load_reference_curves().data
ALL = published_correlations()


def test_estimate_is_the_formula():
    quantities = characteristic_quantities(CURVES)
    rule = Correlation(name="x", property="tensile_strength", predictor="Fm/(h0*um)", slope=0.3, intercept=20)
    expected = 0.3 * quantities.Fm / (quantities.h0 * quantities.um) + 20
    np.testing.assert_allclose(rule.estimate(quantities), expected)
    assert np.isnan(expected).sum() == 1
    assert str(rule) == "tensile_strength = 0.3 * Fm/(h0*um) +20 [own]"


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_predictors_do_not_depend_on_the_unit_of_length_but_for_stress(predictor):
    q = characteristic_quantities(CURVES[0])
    larger = dataclasses.replace(
        q,
        **{n: 4 * getattr(q, n) for n in ("Fe", "Fe_astm", "F_offset", "Fi", "Fm")},
        **{n: 2 * getattr(q, n) for n in ("um", "h0")},
        ESP=8 * q.ESP,
    )
    assert PREDICTORS[predictor](larger) == pytest.approx(PREDICTORS[predictor](q))
    assert all(hasattr(q, need) for need in NEEDS[predictor])
    assert NEEDS[predictor]


def test_every_published_correlation_says_where_it_comes_from():
    for name, rule in ALL.items():
        assert rule.name == name
        assert rule.evidence in ("source", "memory")
        assert bool(rule.source) == (rule.evidence == "source")


def test_from_memory_warns():
    quantities = characteristic_quantities(CURVES[0].replace(displacement_kind="punch"))
    for rule in ALL.values():
        if rule.evidence == "memory":
            with pytest.warns(UserWarning, match=f"{rule.name!r}: the coefficients are from memory"):
                rule.estimate(quantities)
        elif rule.displacement_kind in (None, "punch") and "miniature" not in rule.name:
            assert rule.estimate(quantities) > 0


@pytest.mark.parametrize(
    ("kind", "rig", "holds"),
    [
        ("deflection", "EN10371", {"Rp0.2 EN 10371 F(u)", "Rm EN 10371 F(u)"}),
        ("punch", "EN10371", {"Rp0.2 EN 10371 F(v)", "Rm EN 10371 F(v)"}),
        ("punch", None, {"Rp0.2 EN 10371 F(v)", "Rm EN 10371 F(v)"}),
        ("crosshead", "EN10371", {"Rp0.2 EN 10371 F(v)", "Rm EN 10371 F(v)"}),
        ("deflection", "MINIATURE", {"Rp0.2 EN 10371 F(u)", "Rm EN 10371 miniature F(u)"}),
        ("punch", "MINIATURE", {"Rp0.2 EN 10371 F(v)", "Rm EN 10371 miniature F(v)"}),
        (None, "EN10371", set()),
    ],
)
def test_the_factors_of_the_standard_hold_for_their_displacement_and_place(kind, rig, holds):
    curve = CURVES[0].replace(displacement_kind=kind, rig=rig)
    quantities = characteristic_quantities(curve)
    standard = {name: rule for name, rule in ALL.items() if "EN 10371" in name}
    values = {name: rule.estimate(quantities) for name, rule in standard.items()}
    assert {name for name, value in values.items() if np.isfinite(value)} == holds
    for name in holds:
        assert values[name] == standard[name].slope * PREDICTORS[standard[name].predictor](quantities)
        assert standard[name].mismatch(quantities.displacement_kind, quantities.ui) is None
    both = characteristic_quantities([curve, curve.replace(displacement_kind="punch")])
    np.testing.assert_equal([rule.estimate(both)[0] for rule in standard.values()], [values[name] for name in standard])
    assert np.isfinite(standard["Rp0.2 EN 10371 F(v)"].estimate(both)[1])


def test_filters_and_own_additions():
    assert set(published_correlations(evidence="source")) | set(published_correlations(evidence="memory")) == set(ALL)
    assert all(
        rule.property == "tensile_strength" for rule in published_correlations(property="tensile_strength").values()
    )
    table = published_correlations()
    table["own"] = Correlation(name="own", property="proof_stress", predictor="Fe/h0^2", slope=0.4)
    assert "own" not in published_correlations()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"predictor": "Fe"}, ValueError, "Correlation 'x': predictor must be one of 'Fe/h0\\^2'"),
        ({"property": "hardness"}, ValueError, "property must be one of 'proof_stress'"),
        ({"displacement_kind": "crosshead"}, ValueError, "displacement_kind must be one of 'punch', 'deflection'"),
        ({"ui": np.nan}, ValueError, "ui must be a number"),
        ({"evidence": "sure"}, ValueError, "evidence must be one of"),
        ({"slope": "0.3"}, TypeError, "slope must be a number"),
        ({"intercept": np.inf}, ValueError, "intercept must be a number"),
    ],
)
def test_bad_correlations(changes, error, message):
    arguments = {"name": "x", "property": "proof_stress", "predictor": "Fe/h0^2", "slope": 0.3, **changes}
    with pytest.raises(error, match=message):
        Correlation(**arguments)


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_formulas(predictor):
    rule = Correlation(name="x", property="proof_stress", predictor=predictor, slope=0.25, intercept=-1.5e-3)
    assert Correlation.from_formula(f"Rp0.2 = 0.25 {predictor} - 1.5e-3", name="x") == rule
    assert Correlation.from_formula(f"rp0.2=.25·{predictor.lower().replace('^2', '²')}−0.0015", name="x") == rule
    # As a correlation is shown, and without a summand.
    assert Correlation.from_formula(str(rule).removesuffix(" [own]"), name="x") == rule
    plain = Correlation.from_formula(f"Rm = -2e1*{predictor}", evidence="source", source="ours")
    assert (plain.name, plain.property, plain.slope) == (f"Rm = -2e1*{predictor}", "tensile_strength", -20)
    assert (plain.intercept, plain.evidence, plain.source) == (0, "source", "ours")


@pytest.mark.parametrize(
    "formula",
    ["", "Rp0.2 = Fe/h0^2", "Rp0.2 = 0,4 Fe/h0^2", "Re = 0.4 Fe/h0^2", "Rm = 0.4 Fe/h0", "Rm = 0.4 Fe/h0^2 - 20 MPa",
     "Rm = 0.4 Fe/h0^2 20", "0.4 Fe/h0^2"],
)  # fmt: skip
def test_what_is_no_formula(formula):
    with pytest.raises(ValueError, match=r"is not a formula such as 'Rp0.2 = 0.39 Fe/h0\^2 - 20': .*, Fe_astm/h0\^2,"):
        Correlation.from_formula(formula)
    with pytest.raises(TypeError, match="formula must be a text; got float"):
        Correlation.from_formula(0.4)


def test_bad_filter():
    with pytest.raises(ValueError, match="property must be one of 'proof_stress'"):
        published_correlations(property="Rm")
