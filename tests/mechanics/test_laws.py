import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from sklearn_spt.mechanics import (
    FreeForm,
    Hollomon,
    Ludwik,
    OlsonCohen,
    PowerLaw,
    Swift,
    SwiftVoce,
    Voce,
    sheet_steel_law,
)

E = 210_000.0

# Ranges that cover what steels and the bundled data sets have.
RANGES = {
    "K": (200, 3000),
    "n": (0.02, 0.6),
    "epsilon0": (1e-4, 0.05),
    "sigma0": (50, 1800),
    "Q": (0, 1500),
    "b": (0.5, 60),
    "weight": (0, 1),
    "alpha": (2, 12),
    "beta": (0.5, 4),
    "m": (1, 6),
    **{f"rise{i}": (0, 0.4) for i in range(1, 10)},
}
LAWS = {
    PowerLaw: ("sigma0", "n"),
    Hollomon: ("K", "n"),
    Swift: ("K", "epsilon0", "n"),
    Voce: ("sigma0", "Q", "b"),
    SwiftVoce: ("weight", "K", "epsilon0", "n", "sigma0", "Q", "b"),
    Ludwik: ("sigma0", "K", "n"),
    OlsonCohen: ("K", "epsilon0", "n", "Q", "alpha", "beta", "m"),
    FreeForm: ("sigma0", *(f"rise{i}" for i in range(1, 10))),
}
FORMULAS = {
    PowerLaw: lambda x, sigma0, n: sigma0 * (1 + E * x / sigma0) ** n,
    Swift: lambda x, K, epsilon0, n: K * (epsilon0 + x) ** n,
    Voce: lambda x, sigma0, Q, b: sigma0 + Q * (1 - np.exp(-b * x)),
    SwiftVoce: lambda x, weight, K, epsilon0, n, sigma0, Q, b: (
        weight * K * (epsilon0 + x) ** n + (1 - weight) * (sigma0 + Q * (1 - np.exp(-b * x)))
    ),
    Ludwik: lambda x, sigma0, K, n: sigma0 + K * x**n,
    OlsonCohen: lambda x, K, epsilon0, n, Q, alpha, beta, m: (
        K * (epsilon0 + x) ** n + Q * (1 - np.exp(-beta * (1 - np.exp(-alpha * x)) ** m))
    ),
}


def typical(law, **changes):
    values = {"K": 900.0, "n": 0.2, "epsilon0": 0.01, "sigma0": 300.0, "Q": 250.0, "b": 15.0, "weight": 0.4}
    values |= {"alpha": 6.0, "beta": 2.0, "m": 4.5, **{f"rise{i}": 0.05 * i for i in range(1, 10)}}
    return law(**{"E": E, **{name: values[name] for name in LAWS[law]}, **changes})


@st.composite
def laws(draw, plateau=True):
    cls = draw(st.sampled_from(list(LAWS)))
    parameters = {name: draw(st.floats(*RANGES[name])) for name in LAWS[cls]}
    plateau_strain = draw(st.just(0.0) | st.floats(0, 0.03)) if plateau else 0.0
    return cls(E=draw(st.floats(60_000, 220_000)), plateau_strain=plateau_strain, **parameters)


@pytest.mark.parametrize("law", FORMULAS)
def test_flow_stress_is_the_formula(law):
    material = typical(law)
    x = np.linspace(0, 0.5, 20)
    own = {name: getattr(material, name) for name in LAWS[law]}
    np.testing.assert_allclose(material.flow_stress(x), FORMULAS[law](x, **own), rtol=1e-13)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("plateau_strain", [0.0, 0.015])
def test_tangent_is_the_derivative(law, plateau_strain):
    material = typical(law, plateau_strain=plateau_strain)
    x = np.array([0.003, 0.014, 0.016, 0.1, 0.4])
    h = 1e-6
    numerical = (material.flow_stress(x + h) - material.flow_stress(x - h)) / (2 * h)
    np.testing.assert_allclose(material.tangent(x), numerical, rtol=1e-5, atol=1e-6)


def test_free_form_is_the_monotone_cubic_of_scipy_through_its_points():
    law = typical(FreeForm)
    places = np.arcsinh(np.array([0.0, *FreeForm.STRAINS]) / 0.002)
    level = 300.0 * np.cumprod([1.0, *(1 + 0.05 * i for i in range(1, 10))])
    x = np.linspace(0.002, 0.5, 300)  # scipy takes other slopes at the ends
    np.testing.assert_allclose(law.flow_stress(x), PchipInterpolator(places, level)(np.arcsinh(x / 0.002)), rtol=1e-12)
    np.testing.assert_allclose(law.flow_stress([0.0, *FreeForm.STRAINS]), level, rtol=1e-12)
    beyond = law.flow_stress([1.0, 1.5, 2.0])
    assert beyond[2] - beyond[1] == pytest.approx(beyond[1] - beyond[0], rel=1e-9)


SCALED = {
    PowerLaw: {"n": 0.2},
    Swift: {"epsilon0": 0.01, "n": 0.2, "plateau_strain": 0.02},
    Voce: {"gain": 1.5, "b": 10.0},
    SwiftVoce: {"weight": 0.3, "epsilon0": 0.01, "n": 0.2, "gain": 1.5, "b": 10.0},
    Ludwik: {"gain": 2.0, "n": 0.5},
    OlsonCohen: {"epsilon0": 0.01, "n": 0.2, "gain": 2.0, "alpha": 6.0, "beta": 2.0},
    FreeForm: {f"rise{i}": 0.1 for i in range(1, 10)},
}


@pytest.mark.parametrize("law", SCALED)
def test_scaled_laws_yield_where_asked_and_are_similar(law):
    one = law.scaled(E=210_000, yield_strain=0.002, **SCALED[law])
    other = law.scaled(E=70_000, yield_strain=0.002, **SCALED[law])
    assert one.yield_stress == pytest.approx(420.0)
    x = np.linspace(0, 1, 50)
    np.testing.assert_allclose(one.flow_stress(x) / 3, other.flow_stress(x), rtol=1e-12)


@settings(max_examples=100, deadline=None)
@given(laws(), st.lists(st.floats(0, 0.5), min_size=1, max_size=8))
def test_true_stress_belongs_to_its_plastic_strain(law, strains):
    strain = np.array(strains)
    stress = law.true_stress(strain)
    plastic = strain - stress / law.E
    assert np.all(plastic >= -1e-15)
    # Closer to yield the difference of two strains is too coarse for laws that begin with an infinite tangent.
    yielded = plastic > 1e-8
    np.testing.assert_allclose(stress[yielded], law.flow_stress(plastic[yielded]), rtol=1e-8)
    assert np.all(stress[~yielded] <= law.flow_stress(1e-8) * (1 + 1e-12))


@settings(max_examples=100, deadline=None)
@given(laws())
def test_true_stress_never_falls(law):
    stress = law.true_stress(np.linspace(0, 0.6, 301))
    assert stress[0] == 0
    assert np.all(np.diff(stress) >= -1e-9 * stress[-1])


@settings(max_examples=100, deadline=None)
@given(laws())
def test_necking_strain_is_where_the_engineering_stress_is_largest(law):
    necking = law.necking_strain()
    largest = law.true_stress(necking) * np.exp(-necking)
    strain = np.concatenate([np.linspace(0, 1.1, 2001), necking + np.linspace(-1e-3, 1e-3, 21)])
    engineering = law.true_stress(strain[strain >= 0]) * np.exp(-strain[strain >= 0])
    assert np.all(engineering <= largest * (1 + 1e-10))


@settings(max_examples=100, deadline=None)
@given(laws(plateau=False))
def test_considere(law):
    necking = law.necking_strain()
    h = 1e-5
    if necking <= law.yield_stress / law.E + 2 * h:
        return
    # The maximum is looked for up to a plastic strain of 1; a law with martensite that forms late may rise beyond it.
    if necking - law.true_stress(necking) / law.E > 1 - 2 * h:
        return
    slope = (law.true_stress(necking + h) - law.true_stress(necking - h)) / (2 * h)
    assert slope == pytest.approx(law.true_stress(necking), rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(list(LAWS)))
def test_vectorised_is_the_loop(data, cls):
    n_materials = data.draw(st.integers(1, 4))
    names = [*LAWS[cls], "plateau_strain", "E"]
    ranges = {**RANGES, "plateau_strain": (0, 0.03), "E": (60_000, 220_000)}
    columns = {name: [data.draw(st.floats(*ranges[name])) for _ in range(n_materials)] for name in names}
    many = cls(**columns)
    singles = [cls(**{name: columns[name][i] for name in names}) for i in range(n_materials)]
    grid = np.array([0.0, 0.001, 0.01, 0.02, 0.2])
    for method in ("flow_stress", "tangent", "true_stress"):
        expected = [getattr(single, method)(grid) for single in singles]
        np.testing.assert_allclose(getattr(many, method)(grid), expected, rtol=1e-12)
        at_one = getattr(many, method)(0.05)
        assert at_one.shape == (n_materials,)
        np.testing.assert_allclose(at_one, [getattr(single, method)(0.05) for single in singles], rtol=1e-12)
    np.testing.assert_allclose(many.necking_strain(), [single.necking_strain() for single in singles], rtol=1e-12)
    together = many.tensile_properties()
    assert len(together.missing) == n_materials
    for i, single in enumerate(singles):
        alone = single.tensile_properties()
        assert together.missing[i] == alone.missing
        for field in dataclasses.fields(alone):
            if field.name != "missing":
                np.testing.assert_allclose(getattr(together, field.name)[i], getattr(alone, field.name), rtol=1e-9)


def test_shapes_of_grids_and_materials():
    law = Swift(E=E, K=[[800.0], [900.0]], epsilon0=0.01, n=[0.1, 0.2, 0.3])
    assert law.shape == (2, 3)
    assert law.yield_stress.shape == (2, 3)
    assert law.true_stress(np.linspace(0, 0.2, 7)).shape == (2, 3, 7)
    per_material = np.linspace(0, [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]], 7, axis=-1)
    np.testing.assert_array_equal(law.true_stress(per_material)[1, 2], law.true_stress(per_material[1, 2])[1, 2])
    assert law.tensile_properties().tensile_strength.shape == (2, 3)
    assert law.tensile_properties().fit_range.shape == (2, 3, 2)
    single = Swift(E=E, K=900, epsilon0=0.01, n=0.1)
    assert single.shape == ()
    assert single.true_stress(np.zeros((4, 5))).shape == (4, 5)
    assert np.ndim(single.true_stress(0.1)) == 0


@pytest.mark.parametrize("n", [0.05, 0.2, 0.45])
def test_hollomon_closed_forms(n):
    law = Hollomon(E=E, K=900, n=n)
    strain = np.linspace(0, 0.5, 101)
    np.testing.assert_allclose(law.true_stress(strain), np.minimum(E * strain, 900 * strain**n), rtol=1e-12)
    yield_strain = (900 / E) ** (1 / (1 - n))
    assert law.yield_stress == pytest.approx(E * yield_strain, rel=1e-12)
    properties = law.tensile_properties()
    assert properties.necking_strain == pytest.approx(n, rel=1e-10)
    assert properties.tensile_strength == pytest.approx(900 * n**n * np.exp(-n), rel=1e-12)
    assert properties.total_uniform_elongation == pytest.approx(np.exp(n) - 1, rel=1e-10)
    assert properties.uniform_elongation == pytest.approx(np.exp(n) - 1 - properties.tensile_strength / E, rel=1e-10)


def test_hollomon_flow_stress_solves_its_equation():
    law = Hollomon(E=E, K=900, n=0.3)
    x = np.array([0.0, 1e-6, 1e-3, 0.1, 0.9])
    stress = law.flow_stress(x)
    np.testing.assert_allclose(stress, 900 * (x + stress / E) ** 0.3, rtol=1e-12)


def test_swift_necking_strain_nears_the_rigid_plastic_one():
    # Without elasticity n/(ε0 + εp) = 1 at the maximum.
    law = Swift(E=1e12, K=900, epsilon0=0.01, n=0.2)
    assert law.necking_strain() == pytest.approx(0.2 - 0.01, abs=1e-7)
    assert law.tensile_properties().tensile_strength == pytest.approx(900 * 0.2**0.2 * np.exp(-0.19), rel=1e-7)


def test_voce_necking_strain_nears_the_rigid_plastic_one():
    # Q·b·exp(-b·εp) = σ0 + Q·(1 - exp(-b·εp)).
    law = Voce(E=1e12, sigma0=300, Q=250, b=15)
    assert law.necking_strain() == pytest.approx(np.log(250 * 16 / 550) / 15, abs=1e-7)


def test_power_law_is_a_swift_law():
    power = PowerLaw(E=E, sigma0=350, n=0.15)
    swift = Swift(E=E, K=350 * (E / 350) ** 0.15, epsilon0=350 / E, n=0.15)
    x = np.linspace(0, 0.5, 30)
    np.testing.assert_allclose(power.flow_stress(x), swift.flow_stress(x), rtol=1e-12)


def test_blend_ends_at_its_two_laws():
    x = np.linspace(0, 0.3, 10)
    shared = {"K": 900, "epsilon0": 0.01, "n": 0.2, "sigma0": 340, "Q": 200, "b": 20}
    swift, voce = typical(Swift), Voce(E=E, sigma0=340, Q=200, b=20)
    np.testing.assert_allclose(SwiftVoce(E=E, weight=1, **shared).flow_stress(x), swift.flow_stress(x))
    np.testing.assert_allclose(SwiftVoce(E=E, weight=0, **shared).flow_stress(x), voce.flow_stress(x))


@pytest.mark.parametrize("law", LAWS)
def test_plateau(law):
    plain, plateau = typical(law), typical(law, plateau_strain=0.02)
    level = plain.flow_stress(0.02)
    assert plateau.yield_stress == pytest.approx(level)
    np.testing.assert_allclose(plateau.flow_stress([0.0, 0.01, 0.02]), level)
    np.testing.assert_allclose(plateau.flow_stress([0.03, 0.2]), plain.flow_stress([0.03, 0.2]))
    end = 0.02 + level / E
    np.testing.assert_allclose(plateau.true_stress([level / E, 0.01, end]), level)
    np.testing.assert_allclose(plateau.true_stress([end + 0.001, 0.2]), plain.true_stress([end + 0.001, 0.2]))
    assert plateau.tensile_properties().tensile_strength == pytest.approx(plain.tensile_properties().tensile_strength)


def test_without_hardening_the_maximum_force_is_at_yield():
    law = PowerLaw(E=E, sigma0=420, n=0)
    properties = law.tensile_properties()
    assert properties.necking_strain == pytest.approx(0.002)
    assert properties.tensile_strength == pytest.approx(420 * np.exp(-0.002))
    assert properties.proof_stress == pytest.approx(420 * np.exp(-0.002 - np.log(1.002)))
    assert set(properties.missing) == {"hardening_exponent", "strength_coefficient"}
    assert np.isnan(properties.hardening_exponent)


def test_proof_stress_leaves_a_permanent_elongation():
    law = typical(Swift)
    proof = law.tensile_properties().proof_stress
    strain = np.linspace(0, 0.01, 100_001)
    stress = law.true_stress(strain)
    first = np.argmax(np.expm1(strain - stress / E) >= 0.002)
    assert proof == pytest.approx(stress[first] * np.exp(-strain[first]), rel=1e-5)


def test_fitted_exponent_is_that_of_the_law():
    # Swift with hardly any prestrain is K·εp^n itself.
    properties = Swift(E=E, K=900, epsilon0=1e-9, n=0.15).tensile_properties()
    assert properties.hardening_exponent == pytest.approx(0.15, rel=1e-6)
    assert properties.strength_coefficient == pytest.approx(900, rel=1e-6)
    assert properties.fit_range == pytest.approx((0.02, properties.necking_strain - 900 * 0.15**0.15 / E), abs=1e-3)


def test_json():
    text = json.dumps(typical(Voce).tensile_properties().to_dict())
    assert json.loads(text)["tensile_strength"] > 300
    none = PowerLaw(E=E, sigma0=[420, 300], n=0).tensile_properties().to_dict()
    assert json.loads(json.dumps(none))["hardening_exponent"] == [None, None]


def test_ludwik_begins_steeply():
    law = Ludwik(E=E, sigma0=300, K=500, n=0.5)
    assert law.tangent(0.0) == np.inf
    assert Ludwik(E=E, sigma0=300, K=0, n=0.5).tangent(0.0) == 0
    assert Ludwik(E=E, sigma0=300, K=500, n=1).tangent(0.0) == 500


def test_law_of_the_sheet_steel_set():
    from sklearn_spt.datasets import load_sheet_steel

    sheet = load_sheet_steel(n_curves=50)
    law = sheet_steel_law(sheet.frame.K, sheet.frame.n)
    np.testing.assert_allclose(law.true_stress(sheet.strain), sheet.target, rtol=1e-12)
    np.testing.assert_allclose(law.yield_stress, sheet.frame.K * 0.01**sheet.frame.n, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Swift(E=E, K=-1, epsilon0=0.01, n=0.2), ValueError, r"Swift: K must be > 0; got -1"),
        (lambda: Swift(E=E, K=[900, 0], epsilon0=0.01, n=0.2), ValueError, r"K must be > 0; got 0 at index 1"),
        (lambda: Swift(E=E, K=900, epsilon0=0, n=0.2), ValueError, r"epsilon0 must be > 0"),
        (lambda: Swift(E=E, K=900, epsilon0=0.01, n=-0.1), ValueError, r"n must be >= 0 and <= 1; got -0.1"),
        (lambda: Swift(E=0, K=900, epsilon0=0.01, n=0.1), ValueError, r"E must be > 0"),
        (lambda: Swift(E=E, K=900, epsilon0=0.01, n=float("nan")), ValueError, r"n must be .*; got nan"),
        (lambda: Swift(E=E, K="strong", epsilon0=0.01, n=0.1), TypeError, r"K must be a number .*'strong'"),
        (lambda: Voce(E=E, sigma0=300, Q=-10, b=15), ValueError, r"Voce: Q must be >= 0"),
        (lambda: Hollomon(E=E, K=900, n=1), ValueError, r"Hollomon: n must be >= 0 and < 1"),
        (lambda: Ludwik(E=E, sigma0=300, K=900, n=0), ValueError, r"Ludwik: n must be > 0 and <= 1"),
        (lambda: PowerLaw(E=E, sigma0=300, n=0.1, plateau_strain=-0.01), ValueError, r"plateau_strain must be >= 0"),
        (
            lambda: PowerLaw(E=E, sigma0=[300, 400], n=[0.1, 0.2, 0.3]),
            ValueError,
            r"do not fit .*sigma0 \(2,\), n \(3,\)",
        ),
        (lambda: typical(Swift).flow_stress([-0.1, 0.2]), ValueError, r"plastic_strain must be .*got -0.1"),
        (lambda: typical(Swift).true_stress([0.1, np.nan]), ValueError, r"strain must be finite .*got nan"),
        (lambda: typical(Swift).true_stress("all"), TypeError, r"strain must be an array of numbers"),
        (
            lambda: typical(Swift, K=[800, 900]).true_stress(np.zeros((3, 5))),
            ValueError,
            r"strain of shape \(3, 5\) does not fit the \(2,\) materials",
        ),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_parameters_cannot_change():
    K = np.array([800.0, 900.0])
    law = Swift(E=E, K=K, epsilon0=0.01, n=0.1)
    K[0] = 1.0
    assert law.K[0] == 800
    with pytest.raises(ValueError, match="read-only"):
        law.K[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        law.n = 0.2


def test_neither_torch_nor_sklearn_is_imported():
    code = "import sys, sklearn_spt.mechanics; print({'torch', 'sklearn', 'pandas'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
