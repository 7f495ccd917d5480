"""Derivatives of a simulated curve against central differences of simulated curves."""

from dataclasses import fields, replace

import numpy as np
import pytest

from sklearn_spt.mechanics import FreeForm, Ludwik, OlsonCohen, PowerLaw, Swift, SwiftVoce, Voce
from sklearn_spt.simulation import (
    MeshSettings,
    Numerics,
    calculix,
    simulate_from_curve,
    simulate_sensitivities,
    simulate_spt,
)

STEEL = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
TESTS = {
    "EN10371": {
        "rig": "EN10371",
        "thickness": 0.5,
        "stroke": 0.35,
        "mesh": MeshSettings(rows=2, edge_size=0.2, coarse_size=0.5),
    },
    "SHEET": {"rig": "SHEET", "thickness": 1.5, "stroke": 0.5, "mesh": MeshSettings(rows=2, edge_size=0.3)},
}
NUMERICS = Numerics(increment=0.025)
# Equilibrium is found to a thousandth of the forces only, and two simulations stop their iterations at different
# places: differences of loads need a closer one.
STEP = 2e-4


@pytest.fixture(autouse=True)
def close_equilibrium(monkeypatch):
    monkeypatch.setattr("sklearn_spt.simulation.embedded.increments._TOLERANCE", 1e-7)


def differences(load, value):
    """Derivative of the loads by central differences about a value of a parameter."""
    step = STEP * max(abs(value), 1e-3)
    return (load(value + step) - load(value - step)) / (2 * step)


def assert_alike(found, wanted):
    """As close as differences come; within a step of a few points the contact or the yielding of something changes."""
    error = np.abs(found - wanted) / np.abs(wanted).max()
    assert np.quantile(error, 0.9) < 5e-4
    assert error.max() < 5e-3


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_every_parameter_of_a_law_and_of_the_test(test):
    options = {**test, "numerics": NUMERICS, "friction": 0.15, "nu": 0.3}
    found = simulate_sensitivities(STEEL, **options)
    curve = simulate_spt(STEEL, **options)
    np.testing.assert_allclose(found.curve.load, curve.load, rtol=1e-9)
    assert found.curve.metadata["law_parameters"] == curve.metadata["law_parameters"]
    assert set(found.parameters) == {"E", "K", "epsilon0", "n", "plateau_strain", "nu", "friction", "thickness"}
    assert found.gradient.shape == (len(curve.load), 8)
    np.testing.assert_array_equal(found.gradient[0], 0)
    for parameter, gradient in zip(found.parameters, found.gradient.T, strict=True):
        if parameter == "plateau_strain":
            continue  # the law has none: one-sided, below
        if parameter in options:
            wanted = differences(
                lambda value, name=parameter: simulate_spt(STEEL, **{**options, name: value}).load, options[parameter]
            )
        else:
            wanted = differences(
                lambda value, name=parameter: simulate_spt(replace(STEEL, **{name: value}), **options).load,
                getattr(STEEL, parameter),
            )
        assert np.any(wanted != 0), parameter
        assert_alike(gradient, wanted)


@pytest.mark.parametrize(
    "law",
    [
        PowerLaw(E=210_000, sigma0=400, n=0.15),
        Voce(E=70_000, sigma0=250, Q=150, b=12),
        Ludwik(E=210_000, sigma0=300, K=600, n=0.5),
        SwiftVoce(E=210_000, K=900, epsilon0=0.005, n=0.2, sigma0=350, Q=300, b=10, weight=0.4),
        OlsonCohen(E=195_000, K=1200, epsilon0=0.02, n=0.3, Q=900, alpha=6, beta=1.5),
        FreeForm.scaled(E=210_000, yield_strain=0.002, **{f"rise{i}": 0.1 for i in range(1, 10)}),
    ],
    ids=lambda law: type(law).__name__,
)
def test_other_laws(law):
    """All parameters together: along a direction in which each changes in proportion to itself."""
    options = {**TESTS["EN10371"], "numerics": NUMERICS}
    names = [field.name for field in fields(law) if getattr(law, field.name) != 0]
    found = simulate_sensitivities(law, **options, parameters=names)
    assert found.parameters == tuple(names)
    values = np.array([float(getattr(law, name)) for name in names])
    signs = np.where(np.arange(len(names)) % 2, -1.0, 1.0)

    def load(value):
        factors = 1 + (value - 1) * signs
        return simulate_spt(replace(law, **dict(zip(names, values * factors, strict=True))), **options).load

    assert_alike(found.gradient @ (values * signs), differences(load, 1.0))


def test_a_curve():
    strain = np.array([0.002, 0.004, 0.01, 0.03, 0.08, 0.2, 0.4])
    stress = STEEL.true_stress(strain)
    options = {**TESTS["EN10371"], "numerics": NUMERICS}
    found = simulate_sensitivities((strain, stress), **options, E=210_000, friction=0.1)
    assert found.parameters == (*(f"stress[{i}]" for i in range(7)), "E", "nu", "friction", "thickness")
    assert found.curve.metadata["law"] == "table"

    def load(stress=stress, E=210_000.0, **changes):
        return simulate_from_curve(strain, stress, **{**options, **changes}, E=E).load

    np.testing.assert_allclose(found.curve.load, load(), rtol=1e-9)
    for i in range(1, 7):
        wanted = differences(lambda value, i=i: load(np.where(np.arange(7) == i, value, stress)), stress[i])
        assert_alike(found.gradient[:, i], wanted)
    wanted = differences(lambda value: load(E=value), 210_000.0)
    assert_alike(found.gradient[:, 7], wanted)
    # All points together: the whole curve stronger.
    wanted = differences(lambda value: load(value * stress), 1.0)
    assert_alike(found.gradient[:, :7] @ stress, wanted)
    # One column for each point, in the order asked for.
    few = simulate_sensitivities((strain, stress), **options, E=210_000, parameters=["thickness", "stress"])
    assert few.parameters == ("thickness", *(f"stress[{i}]" for i in range(7)))
    np.testing.assert_allclose(few.gradient[:, 1:], found.gradient[:, :7], rtol=1e-6, atol=1e-9)


def test_at_the_end_of_a_parameter_s_range_the_other_side_is_enough():
    options = {**TESTS["EN10371"], "numerics": NUMERICS}
    law = PowerLaw(E=210_000, sigma0=400, n=0.0)
    found = simulate_sensitivities(law, **options, parameters=["n"])
    # A longer step meets a change of contact, at 2e-6 already: without hardening they follow each other closely.
    step = 1e-6
    more = simulate_spt(replace(law, n=step), **options).load
    wanted = (more - found.curve.load) / step
    assert wanted[-1] > 0
    assert_alike(found.gradient[:, 0], wanted)


def test_a_law_of_one_s_own_has_its_modulus():
    class Mine:
        E = STEEL.E

        def flow_stress(self, plastic_strain):
            return STEEL.flow_stress(plastic_strain)

    options = {**TESTS["EN10371"], "numerics": NUMERICS}
    found = simulate_sensitivities(Mine(), **options)
    assert found.parameters == ("E", "nu", "friction", "thickness")

    def load(E):
        law = Mine()
        law.E = E
        return simulate_spt(law, **options).load

    assert_alike(found.gradient[:, 0], differences(load, STEEL.E))


def test_derivatives_end_with_the_curve():
    found = simulate_sensitivities(STEEL, **TESTS["EN10371"], numerics=NUMERICS, parameters=["K"], load_limit=300)
    assert found.curve.metadata["ended_by"] == "load limit"
    assert found.gradient.shape == (len(found.curve.load), 1)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"parameters": ["k"]}, ValueError, "no parameter 'k'; choose from E, .*K, .*nu, friction, thickness"),
        ({"parameters": ["stress"]}, ValueError, "no parameter 'stress'"),
        ({"thickness": 5}, ValueError, "thickness"),
        ({"nu": 0.6}, ValueError, "nu"),
        ({"friction": -1}, ValueError, "friction"),
        ({"numerics": calculix.Numerics()}, TypeError, "numerics must be"),
        ({"mesh": 3}, TypeError, "mesh must be MeshSettings or None"),
        ({"E": 70_000}, ValueError, "E belongs"),
        ({"material": "steel"}, TypeError, "material must be a law"),
        ({"material": ([0.1, 0.2],)}, ValueError, "tuple"),
        ({"material": ([0.001, 0.1, 0.2], [200, 400, 300])}, ValueError, "softens"),
        ({"parameters": []}, ValueError, "parameters"),
        ({"parameters": "nu"}, TypeError, "parameters"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        simulate_sensitivities(**{"material": STEEL, "thickness": 0.5, "stroke": 0.3, **changes})
