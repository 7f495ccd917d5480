import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_spt.datasets import load_sheet_steel
from sklearn_spt.mechanics import (
    Hollomon,
    Swift,
    TensileProperties,
    Voce,
    engineering_curve,
    sheet_steel_law,
    tensile_properties,
    tensile_property_bounds,
)

E = 210_000.0
STRAIN = np.arange(1, 401) * 1e-3
NUMBERS = [
    "proof_stress",
    "tensile_strength",
    "uniform_elongation",
    "total_uniform_elongation",
    "necking_strain",
    "hardening_exponent",
    "strength_coefficient",
]


@pytest.mark.parametrize("n", [0.05, 0.15, 0.3])
def test_hollomon_closed_forms(n):
    stress = np.minimum(E * STRAIN, 900 * STRAIN**n)
    found = tensile_properties(STRAIN, stress, E=E)
    assert found.necking_strain == pytest.approx(n, abs=2e-5)
    assert found.tensile_strength == pytest.approx(900 * n**n * np.exp(-n), rel=1e-5)
    assert found.total_uniform_elongation == pytest.approx(np.exp(n) - 1, rel=1e-3)
    assert found.uniform_elongation == pytest.approx(
        found.total_uniform_elongation - found.tensile_strength / E, rel=1e-12
    )
    assert found.missing == {}


def test_maximum_between_two_points():
    # The maximum, at 0.2, lies off the middle between 0.19 and 0.22.
    strain = np.concatenate([np.linspace(0.01, 0.19, 19), [0.22, 0.25, 0.3]])
    found = tensile_properties(strain, 900 * strain**0.2, E=E)
    assert found.necking_strain == pytest.approx(0.2, abs=1e-3)
    assert found.tensile_strength == (900 * 0.19**0.2 * np.exp(-0.19)).max()


@settings(max_examples=40, deadline=None)
@given(
    K=st.floats(300, 3000),
    epsilon0=st.floats(5e-3, 0.03),
    n=st.floats(0.06, 0.35),
    modulus=st.floats(60_000, 220_000),
)
def test_table_agrees_with_the_law(K, epsilon0, n, modulus):
    law = Swift(E=modulus, K=K, epsilon0=epsilon0, n=n)
    exact = law.tensile_properties()
    found = tensile_properties(STRAIN, law.true_stress(STRAIN), E=modulus)
    assert found.necking_strain == pytest.approx(exact.necking_strain, abs=2e-4)
    assert found.tensile_strength == pytest.approx(exact.tensile_strength, rel=2e-5)
    assert found.uniform_elongation == pytest.approx(exact.uniform_elongation, abs=3e-4)
    assert found.proof_stress == pytest.approx(exact.proof_stress, rel=1e-3)
    if "hardening_exponent" not in {*found.missing, *exact.missing}:
        # The ranges end within one step of each other, and the points lie differently in them.
        assert found.hardening_exponent == pytest.approx(exact.hardening_exponent, abs=0.01)


def test_bundled_set_agrees_with_its_law():
    sheet = load_sheet_steel(n_curves=200)
    some = slice(None)
    exact = sheet_steel_law(sheet.frame.K[some], sheet.frame.n[some]).tensile_properties()
    found = tensile_properties(sheet.strain, sheet.target[some], E=70_000)
    # 100 points: 0.1 % from the straight line between two of them.
    np.testing.assert_allclose(found.proof_stress, exact.proof_stress, rtol=1e-3)
    near = exact.necking_strain < 0.199
    assert 0 < near.sum() < len(near)
    np.testing.assert_allclose(found.tensile_strength[near], exact.tensile_strength[near], rtol=1e-5)
    # Beyond a strain of 0.2 the points are 0.02 to 0.1 apart.
    np.testing.assert_allclose(found.tensile_strength, exact.tensile_strength, rtol=2e-3)
    np.testing.assert_allclose(found.necking_strain[near], exact.necking_strain[near], atol=1e-3)
    np.testing.assert_allclose(found.necking_strain, exact.necking_strain, atol=0.03)


def test_hardening_exponent_and_coefficient_of_a_power_of_the_plastic_strain():
    plastic = np.linspace(0.001, 0.12, 150)
    stress = 800 * plastic**0.18
    found = tensile_properties(plastic + stress / E, stress, E=E, fit_range=(0.03, 0.1))
    assert found.hardening_exponent == pytest.approx(0.18, rel=1e-9)
    assert found.strength_coefficient == pytest.approx(800, rel=1e-9)
    assert found.fit_range[0] == pytest.approx(0.03, abs=8e-4)
    assert found.fit_range[1] == pytest.approx(0.1, abs=8e-4)
    assert found.fit_range[0] >= 0.03
    assert found.fit_range[1] <= 0.1


def test_fit_ends_at_the_maximum_force():
    found = tensile_properties(STRAIN, np.minimum(E * STRAIN, 900 * STRAIN**0.1), E=E)
    assert found.fit_range[1] <= 0.1
    assert found.fit_range[1] == pytest.approx(0.1 - found.tensile_strength * np.exp(0.1) / E, abs=1e-3)


def test_maximum_beyond_the_curve_is_not_made_up():
    strain = STRAIN[:150]
    found = tensile_properties(strain, np.minimum(E * strain, 900 * strain**0.2), E=E)
    rm_so_far = 900 * 0.15**0.2 * np.exp(-0.15)
    for name in ("tensile_strength", "uniform_elongation", "total_uniform_elongation", "necking_strain"):
        assert np.isnan(getattr(found, name))
        assert "still rises at the curve's end (strain 0.15)" in found.missing[name]
        assert f"at least {rm_so_far:.4g} MPa" in found.missing[name]
    assert found.proof_stress > 0
    assert found.hardening_exponent > 0
    assert str(found).endswith(
        "not determined: Rm, uniform elongation Ag, total elongation at Rm Agt, true strain at Rm: "
        + found.missing["tensile_strength"]
    )
    assert "Rm, MPa - " in " ".join(str(found).split())


def test_maximum_before_the_curve_is_not_made_up():
    strain = np.linspace(0.3, 0.5, 50)
    found = tensile_properties(strain, 900 * strain**0.2, E=E)
    assert "falls from the first point on" in found.missing["tensile_strength"]
    assert "begins at a plastic strain of 0.29" in found.missing["proof_stress"]


def test_elastic_curve_has_no_proof_stress():
    strain = np.linspace(0, 0.002, 20)
    found = tensile_properties(strain, E * strain, E=E)
    assert "stays below 0.2 %" in found.missing["proof_stress"]
    assert "fewer than 3 points" in found.missing["hardening_exponent"]
    assert set(found.missing) == set(NUMBERS)


def test_without_modulus_nothing_is_estimated():
    stress = np.minimum(E * STRAIN, 900 * STRAIN**0.2)
    found = tensile_properties(STRAIN, stress)
    with_modulus = tensile_properties(STRAIN, stress, E=E)
    for name in ("tensile_strength", "total_uniform_elongation", "necking_strain"):
        assert getattr(found, name) == getattr(with_modulus, name)
    for name in ("proof_stress", "uniform_elongation", "hardening_exponent", "strength_coefficient"):
        assert np.isnan(getattr(found, name))
        assert "needs Young's modulus E" in found.missing[name]


def test_plateau():
    law = Swift(E=E, K=900, epsilon0=0.002, n=0.2, plateau_strain=0.02)
    found = tensile_properties(STRAIN, law.true_stress(STRAIN), E=E)
    level = law.yield_stress
    assert found.proof_stress == pytest.approx(level * np.exp(-np.log(1.002) - level / E), rel=1e-9)
    assert found.tensile_strength == pytest.approx(law.tensile_properties().tensile_strength, rel=1e-5)


def test_perfectly_plastic():
    strain = np.arange(21) * 1e-3
    found = tensile_properties(strain, np.minimum(E * strain, 420), E=E)
    assert found.tensile_strength == pytest.approx(420 * np.exp(-0.002))
    assert found.proof_stress < found.tensile_strength
    assert 0.001 < found.necking_strain < 0.003


def test_distance_from_the_offset_line_is_the_documented_one():
    law = Swift(E=E, K=700, epsilon0=0.005, n=0.2)
    strain = np.linspace(0, 0.02, 20_001)
    stress = law.true_stress(strain)
    engineering_strain, engineering_stress = np.expm1(strain), stress * np.exp(-strain)
    below_line = E * (engineering_strain - 0.002) - engineering_stress
    by_line = np.interp(0, below_line, engineering_stress)
    found = tensile_properties(strain, stress, E=E)
    x = found.proof_stress / E
    expected = law.tangent(0.002) * (1.5 * x**2 + 0.004 * x)
    assert found.proof_stress - by_line == pytest.approx(expected, rel=0.1)
    assert 0 < expected < 1e-3 * found.proof_stress


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(200, 2500), st.floats(0.02, 0.5)), min_size=1, max_size=5), st.booleans())
def test_many_curves_are_the_loop(materials, one_modulus):
    K, n = np.array(materials).T
    strain = np.arange(1, 101) * 2e-3
    stress = sheet_steel_law(K, n).true_stress(strain)
    modulus = 70_000 if one_modulus else np.full(len(K), 70_000)
    together = tensile_properties(strain, stress, E=modulus)
    for i, row in enumerate(stress):
        alone = tensile_properties(strain, row, E=70_000)
        assert together.missing[i] == alone.missing
        for name in NUMBERS:
            assert getattr(together, name).shape == (len(K),)
            np.testing.assert_allclose(getattr(together, name)[i], getattr(alone, name), rtol=1e-12)
            assert np.isnan(getattr(alone, name)) == (name in alone.missing)
        np.testing.assert_allclose(together.fit_range[i], alone.fit_range, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 4))  # a modulus above 1e6 MPa is refused
def test_units_of_stress_do_not_matter(factor):
    stress = Voce(E=E, sigma0=300, Q=250, b=15).true_stress(STRAIN)
    one, other = tensile_properties(STRAIN, stress, E=E), tensile_properties(STRAIN, factor * stress, E=factor * E)
    for name in ("proof_stress", "tensile_strength", "strength_coefficient"):
        assert getattr(other, name) == pytest.approx(factor * getattr(one, name), rel=1e-9)
    for name in ("uniform_elongation", "necking_strain", "hardening_exponent"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-9)


def test_json_and_text():
    strain = np.arange(1, 101) * 2e-3
    stress = Hollomon(E=E, K=900, n=[0.1, 0.4]).true_stress(strain)
    many = tensile_properties(strain, stress, E=E)
    content = json.loads(json.dumps(many.to_dict(), allow_nan=False))
    assert content["tensile_strength"] == [many.tensile_strength[0], None]
    assert "still rises" in content["missing"][1]["tensile_strength"]
    assert len(content["fit_range"]) == 2
    assert str(many) == "tensile properties of 2 materials"
    one = tensile_properties(strain, stress[0], E=E)
    assert isinstance(one, TensileProperties)
    assert all(isinstance(getattr(one, name), float) for name in NUMBERS)
    assert json.loads(json.dumps(one.to_dict(), allow_nan=False))["fit_range"] == list(one.fit_range)
    assert f"Rm, MPa {one.tensile_strength:.4g} " in " ".join(str(one).split())


STRESS = 900 * STRAIN**0.2


@pytest.mark.parametrize(
    ("strain", "stress", "options", "error", "message"),
    [
        (STRAIN[:-1], STRESS, {}, ValueError, r"stress must have the shape .* n_strains = 399.* got \(400,\)"),
        (STRAIN, np.ones((2, 3, 400)), {}, ValueError, r"stress must have the shape"),
        (STRAIN, np.ones((0, 400)), {}, ValueError, r"stress must have the shape"),
        (STRAIN[:2], STRESS[:2], {}, ValueError, r"at least 3 points; got shape \(2,\)"),
        (STRAIN[::-1], STRESS, {}, ValueError, r"strain must increase"),
        (STRAIN - 0.1, STRESS, {}, ValueError, r"0 or more"),
        (STRAIN, np.where(STRAIN > 0.3, np.nan, STRESS), {}, ValueError, r"stress is nan at index \(300,\)"),
        (STRAIN, [STRESS, -STRESS], {}, ValueError, r"stress of curve 1 is negative at point 0"),
        (STRAIN, "high", {}, TypeError, r"stress must be an array of numbers"),
        (STRAIN, STRESS, {"E": -1}, ValueError, r"E must be positive \(MPa\); got -1"),
        (STRAIN, STRESS, {"E": 210}, ValueError, r"modulus in MPa; with 210 .* Is it in GPa\?"),
        (
            STRAIN,
            STRESS,
            {"E": 2.1e8},
            ValueError,
            r"no metal has 2.1e\+08 MPa. Is it in kPa or Pa\?",
        ),
        (STRAIN, [STRESS] * 2, {"E": [E, 2.1e11]}, ValueError, r"no metal has 2.1e\+11 MPa"),
        (STRAIN, STRESS, {"E": [E, E]}, ValueError, r"E must be a number, or one number per curve"),
        (STRAIN, [STRESS] * 3, {"E": [E, E]}, ValueError, r"one number per curve \(3\); got shape \(2,\)"),
        (STRAIN, STRESS, {"E": "steel"}, TypeError, r"E must be an array of numbers"),
        (STRAIN, STRESS, {"E": E, "fit_range": (0.1, 0.05)}, ValueError, r"0 < first < second"),
        (STRAIN, STRESS, {"E": E, "fit_range": (0, 0.05)}, ValueError, r"0 < first < second"),
        (STRAIN, STRESS, {"E": E, "fit_range": 0.1}, TypeError, r"fit_range must be two numbers"),
    ],
)
def test_bad_input(strain, stress, options, error, message):
    with pytest.raises(error, match=message):
        tensile_properties(strain, stress, **options)


@pytest.mark.parametrize("length", [0.005, 0.01, 0.03])
def test_lower_yield_strength_is_that_of_the_law(length):
    law = Swift(E=E, K=900, epsilon0=0.002, n=0.2, plateau_strain=length)
    strain = np.linspace(0, 0.4, 4001)
    found = tensile_properties(strain, law.true_stress(strain), E=E)
    level = law.yield_stress
    assert found.lower_yield_strength == pytest.approx(level * np.exp(-length - level / E), rel=2e-4)
    assert found.lower_yield_strength == pytest.approx(law.tensile_properties().lower_yield_strength, rel=2e-4)
    assert found.missing == {}
    assert f"ReL, MPa {found.lower_yield_strength:.4g} " in " ".join(str(found).split())


def test_no_plateau_no_lower_yield_strength():
    law = Swift(E=E, K=900, epsilon0=0.002, n=0.2)
    perfectly_plastic = np.minimum(E * STRAIN, 420)
    necks_at_once = Swift(E=E, K=500, epsilon0=0.02, n=0.015)
    for stress in (law.true_stress(STRAIN), perfectly_plastic, necks_at_once.true_stress(STRAIN), E * STRAIN):
        found = tensile_properties(STRAIN, stress, E=E)
        assert np.isnan(found.lower_yield_strength)
        assert "lower_yield_strength" not in found.missing
        assert "ReL" not in str(found)
    assert np.isnan(law.tensile_properties().lower_yield_strength)
    assert tensile_properties(STRAIN, perfectly_plastic, E=E).to_dict()["lower_yield_strength"] is None


def test_drops_by_noise_are_no_plateau():
    stress = Swift(E=E, K=900, epsilon0=0.002, n=0.05).true_stress(STRAIN)
    noisy = stress * (1 + 3e-4 * np.random.default_rng(0).standard_normal(len(STRAIN)))
    assert np.isnan(tensile_properties(STRAIN, noisy, E=E).lower_yield_strength)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.4), st.floats(200, 1500))
def test_engineering_curve(n, K):
    strain, stress = engineering_curve(STRAIN, K * STRAIN**n)
    np.testing.assert_allclose(stress * (1 + strain), K * STRAIN**n)
    np.testing.assert_allclose(np.log1p(strain), STRAIN)
    many = engineering_curve(STRAIN, np.stack([K * STRAIN**n, 2 * K * STRAIN**n]))[1]
    np.testing.assert_allclose(many, [stress, 2 * stress])


@settings(max_examples=60, deadline=None)
@given(
    K=st.floats(400, 1500),
    n=st.floats(0.05, 0.25),
    width=st.floats(0.001, 0.1),
    seed=st.integers(0, 10_000),
)
def test_every_curve_in_a_band_has_its_properties_in_the_bounds(K, n, width, seed):
    rng = np.random.default_rng(seed)
    middle = np.minimum(E * STRAIN, K * STRAIN**n)
    low, high = tensile_property_bounds(STRAIN, (1 - width) * middle, (1 + width) * middle, E=E)
    # The curves whose maximum force is found within the band's strains, wherever that ends.
    short = slice(int(rng.integers(60, len(STRAIN))))
    within = tensile_property_bounds(
        STRAIN[short], (1 - width) * middle[short], (1 + width) * middle[short], E=E, maximum_within=True
    )
    # Rough curves, smooth ones, and ones that follow an edge.
    rough = rng.uniform(-1, 1, (4, len(STRAIN)))
    smooth = np.array([np.interp(STRAIN, [0, 0.1, 0.2, 0.4], rng.uniform(-1, 1, 4)) for _ in range(6)])
    edges = np.array([np.sign(np.sin(rng.uniform(2, 60) * STRAIN + rng.uniform(0, 6))) for _ in range(3)])
    for share in np.concatenate([rough, smooth, edges, [np.ones(len(STRAIN)), -np.ones(len(STRAIN))]]):
        curve = middle * (1 + width * share)
        for inside, (least, most) in (
            (tensile_properties(STRAIN, curve, E=E), (low, high)),
            (tensile_properties(STRAIN[short], curve[short], E=E), within),
        ):
            for name in ("proof_stress", "tensile_strength", "necking_strain", "uniform_elongation"):
                value = getattr(inside, name)
                if name in inside.missing:
                    continue
                slack = 1e-3 if "strain" in name or "elong" in name else 1e-9 * K  # the vertex lies between points
                assert not getattr(least, name) > value + slack, name
                assert not getattr(most, name) < value - slack, name
        assert np.isfinite([within[1].tensile_strength, within[1].uniform_elongation]).all()


def test_bounds_of_a_band_without_width_are_the_properties():
    stress = np.minimum(E * STRAIN, 900 * STRAIN**0.2)
    exact = tensile_properties(STRAIN, stress, E=E)
    for bound in tensile_property_bounds(STRAIN, stress, stress, E=E):
        for name in ("proof_stress", "tensile_strength", "necking_strain", "uniform_elongation"):
            assert getattr(bound, name) == pytest.approx(getattr(exact, name), rel=2e-5)
        assert "quantiles" in bound.missing["hardening_exponent"]
    together = tensile_property_bounds(STRAIN, [stress, 0.97 * stress], [stress, stress], E=E)
    assert together[0].tensile_strength == pytest.approx([exact.tensile_strength, 0.97 * exact.tensile_strength])
    assert together[1].tensile_strength == pytest.approx([exact.tensile_strength] * 2)


def test_bounds_that_the_band_does_not_give():
    strain = STRAIN[:150]
    stress = np.minimum(E * strain, 900 * strain**0.2)
    low, high = tensile_property_bounds(strain, 0.99 * stress, 1.01 * stress, E=E)
    assert low.tensile_strength == pytest.approx(0.99 * (stress * np.exp(-strain)).max())
    assert np.isnan(high.tensile_strength)
    assert "may lie beyond the band's end (strain 0.15)" in high.missing["tensile_strength"]
    assert "largest possible Rm" in low.missing["uniform_elongation"]
    assert "not determined" in str(low)
    known = tensile_property_bounds(strain, 0.99 * stress, 1.01 * stress, E=E, maximum_within=True)
    assert known[1].tensile_strength == pytest.approx(1.01 * (stress * np.exp(-strain)).max())
    assert known[1].necking_strain == strain[-1]
    assert known[0].uniform_elongation == pytest.approx(
        np.expm1(known[0].necking_strain) - known[1].tensile_strength / E
    )
    assert not any("tensile_strength" in bound.missing for bound in known)
    # A band so wide that the maximum may lie at yielding: no plastic strain is less than none.
    assert tensile_property_bounds(strain, 0.4 * stress, stress, E=E, maximum_within=True)[0].uniform_elongation == 0
    without = tensile_property_bounds(strain, 0.99 * stress, 1.01 * stress)
    assert "needs Young's modulus" in without[0].missing["proof_stress"]


def test_lower_yield_strength_is_bounded_where_every_curve_has_a_plateau():
    law = Swift(E=E, K=900, epsilon0=0.002, n=0.2, plateau_strain=0.03)
    stress = law.true_stress(STRAIN)
    # A drop behind the upper yield point that is deeper than the band is wide.
    upper = int(np.argmax(STRAIN > 0.004))
    stress[upper - 1] = 1.1 * stress[upper]
    low, high = tensile_property_bounds(STRAIN, 0.99 * stress, 1.01 * stress, E=E)
    assert low.lower_yield_strength < high.lower_yield_strength
    assert "lower_yield_strength" not in low.missing
    assert "lower_yield_strength" not in high.missing
    assert "ReL, MPa" in str(low)
    rng = np.random.default_rng(0)
    for wave in rng.uniform(-1, 1, (200, 6)):
        inside = stress * (1 + 0.01 * np.interp(STRAIN, [0, 0.01, 0.02, 0.03, 0.1, 0.4], wave))
        value = tensile_properties(STRAIN, inside, E=E).lower_yield_strength
        assert low.lower_yield_strength <= value <= high.lower_yield_strength


def test_why_a_band_does_not_bound_the_lower_yield_strength():
    stress = Swift(E=E, K=900, epsilon0=0.002, n=0.2, plateau_strain=0.03).true_stress(STRAIN)
    exact = tensile_properties(STRAIN, stress, E=E).lower_yield_strength
    for bound in tensile_property_bounds(STRAIN, stress, stress, E=E):
        assert bound.lower_yield_strength == exact
    for bound in tensile_property_bounds(STRAIN, 0.95 * stress, 1.05 * stress, E=E):
        assert np.isnan(bound.lower_yield_strength)
        assert "with and without a yield plateau" in bound.missing["lower_yield_strength"]
        assert "not determined: ReL" in str(bound)
    smooth = np.minimum(E * STRAIN, 900 * STRAIN**0.2)
    for bound in tensile_property_bounds(STRAIN, smooth, smooth, E=E):
        assert "lower_yield_strength" not in bound.missing


def test_strains_in_percent_are_refused():
    with pytest.raises(
        ValueError, match=r"strain goes up to 40; it is true total strain .* not in %.*divide it by 100"
    ):
        tensile_properties(100 * STRAIN, 900 * STRAIN**0.2, E=E)


def test_bad_bands():
    stress = np.minimum(E * STRAIN, 900 * STRAIN**0.2)
    with pytest.raises(ValueError, match=r"lower lies above upper in curve 0 at strain 0\.001; swap them"):
        tensile_property_bounds(STRAIN, 1.1 * stress, stress, E=E)
    with pytest.raises(ValueError, match="lower and upper must have one shape"):
        tensile_property_bounds(STRAIN, [stress], stress, E=E)


GRIDS = [
    np.linspace(0.001, 0.3, 300),
    np.linspace(0.0015, 0.25, 1500),
    np.geomspace(0.0019, 0.35, 600),
    0.0018 + np.geomspace(1e-4, 0.3, 400),
]


# The last grid has few points at the maximum, where more noise leaves nothing to be told.
@pytest.mark.parametrize(
    ("grid", "noise"), [(i, noise) for i in range(4) for noise in (0.001, 0.003, 0.01) if (i, noise) != (3, 0.01)]
)
@pytest.mark.parametrize("law", [Swift(E=E, K=900, epsilon0=0.003, n=0.15), Swift(E=E, K=1400, epsilon0=0.01, n=0.1)])
def test_noise_makes_neither_a_lower_yield_strength_nor_the_tensile_strength(law, grid, noise):
    strain = GRIDS[grid]
    random = np.random.default_rng(grid)
    clean = tensile_properties(strain, law.true_stress(strain), E=E)
    for _ in range(5):
        found = tensile_properties(
            strain, law.true_stress(strain) * (1 + noise * random.standard_normal(len(strain))), E=E
        )
        assert np.isnan(found.lower_yield_strength)
        assert found.tensile_strength == pytest.approx(clean.tensile_strength, rel=3e-3 + 0.5 * noise)


@pytest.mark.parametrize(("grid", "noise"), [(0, 0.0), (0, 0.001), (1, 0.0), (1, 0.001), (1, 0.003)])
def test_a_plateau_is_found_under_noise(grid, noise):
    law = Swift(E=E, K=900, epsilon0=0.003, n=0.18, plateau_strain=0.03)
    strain, random = GRIDS[grid], np.random.default_rng(0)
    true = law.true_stress(strain)
    # The last points of the plateau have the lowest engineering stress.
    end = np.flatnonzero(np.diff(true * np.exp(-strain)) < 0)
    lowest = (true * np.exp(-strain))[end[end < len(strain) / 3].max() + 1]
    found = tensile_properties(strain, true * (1 + noise * random.standard_normal(len(strain))), E=E)
    assert found.lower_yield_strength == pytest.approx(lowest, rel=1e-9 + 2.5 * noise)
