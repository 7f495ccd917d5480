"""The emulator of the small punch test."""

import re
import warnings
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from sklearn_spt import SPTEmulator, load_model, save_model
from sklearn_spt.datasets import load_en10371_discs
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.mechanics import Swift, Voce
from sklearn_spt.regressors import _emulator_discs
from sklearn_spt.simulation import EN10371, MINIATURE, simulate_sensitivities, simulate_spt

STEEL = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
TEST = {"thickness": 0.5, "friction": 0.2}
QUICK = {"n_members": 2, "hidden_size": 32, "max_epochs": 80}


@cache
def discs(kind="punch"):
    return load_en10371_discs(displacement_kind=kind)


def given(which, kind="punch"):
    data = discs(kind)
    curves, laws, rigs = ([values[i] for i in which] for values in (data.data, data.laws, data.rigs))
    frame = {key: data.frame[key][which] for key in ("friction", "nu")}
    return curves, laws, rigs, frame


@cache
def emulator():
    curves, laws, rigs, frame = given(range(500))
    return SPTEmulator(**QUICK, random_state=0).fit_curves(curves, laws, rigs, **frame)


def small_data(n=40):
    random = np.random.default_rng(0)
    X = random.uniform(1, 2, (n, 4))
    return X, np.exp(np.stack([X[:, 0] * k / 3 + np.sin(X[:, 1]) for k in range(1, 6)], axis=1))


def error(curve, true):
    """Mean distance of two curves where both have points, in parts of the greatest load."""
    end = min(curve.displacement[-1], true.displacement[-1])
    at = curve.displacement <= end
    return np.abs(curve.load[at] - np.interp(curve.displacement[at], true.displacement, true.load)).mean() / max(
        true.load
    )


def rms(values):
    return np.sqrt(np.mean(values**2))


def test_held_out_discs():
    curves, laws, rigs, frame = given(range(500, 700))
    with warnings.catch_warnings():
        # Some of these lie beyond the few that were trained with.
        warnings.simplefilter("ignore", UntrustedPredictionWarning)
        found = emulator().predict_curves(laws, rigs, thickness=[curve.thickness for curve in curves], **frame)
    errors = [error(*pair) for pair in zip(found, curves, strict=True)]
    assert np.mean(errors) < 0.006
    ends = np.array([[a.displacement[-1], b.displacement[-1]] for a, b in zip(found, curves, strict=True)])
    assert np.abs(ends[:, 0] - ends[:, 1]).mean() < 0.1


def test_a_simulation_of_its_own():
    (found,) = emulator().predict_curves([STEEL], **TEST)
    true = simulate_spt(STEEL, load_drop=0.05, **TEST)
    assert error(found, true) < 0.01
    assert (found.thickness, found.rig, found.displacement_kind) == (0.5, "EN10371", "punch")
    assert found.displacement[0] == found.load[0] == 0
    assert found.metadata["within_training"]
    assert found.metadata["ended_by"] == true.metadata["ended_by"] == "load drop"
    assert 0.93 < found.load[-1] / found.load.max() < 0.97
    fewer = np.interp([0.25, 0.75, 1.25], true.displacement, true.load)
    np.testing.assert_allclose(np.interp([0.25, 0.75, 1.25], found.displacement, found.load), fewer, rtol=0.03)


def test_derivatives_are_those_of_the_solver():
    parameters = ["K", "n", "E", "thickness", "friction"]
    true = simulate_sensitivities(STEEL, parameters=parameters, load_drop=0.05, **TEST)
    found = emulator().sensitivities(STEEL, parameters=parameters, **TEST)
    assert found.parameters == true.parameters
    # The solver's own jump a little from point to point.
    place = np.linspace(0.3, 1.2, 91)
    for j, name in enumerate(parameters):
        expected = np.interp(place, true.curve.displacement, true.gradient[:, j])
        got = np.interp(place, found.curve.displacement, found.gradient[:, j])
        # Young's modulus hardly counts there.
        limit = 0.1 * rms(expected) if name != "E" else 0.02 * max(true.curve.load) / STEEL.E
        assert rms(got - expected) < limit, name


@pytest.mark.parametrize("name", ["K", "epsilon0", "n", "E", "thickness", "friction", "nu"])
def test_derivatives_are_those_of_the_prediction(name):
    step = {"K": 1e-3, "epsilon0": 1e-7, "n": 1e-6, "E": 1.0}.get(name, 1e-5)

    def predict(change):
        law, test = STEEL, {**TEST, "nu": 0.3}
        if name in test:
            test[name] += change
        else:
            law = Swift(
                **{**{k: getattr(STEEL, k) for k in ("E", "K", "epsilon0", "n")}, name: getattr(law, name) + change}
            )
        return emulator().predict_curves([law], **test)[0].load

    found = emulator().sensitivities(STEEL, nu=0.3, parameters=[name], **TEST)
    up, down = predict(step), predict(-step)
    n = min(len(up), len(down), len(found.curve.load))
    slope = (up[:n] - down[:n]) / (2 * step)
    np.testing.assert_allclose(found.gradient[:n, 0], slope, rtol=1e-4, atol=1e-4 * np.abs(slope).max())


def test_derivatives_by_the_points_of_a_curve():
    strain = np.array([0.0015, 0.01, 0.03, 0.1, 0.3, 1.0])
    stress = np.array([315.0, 400, 480, 580, 700, 850])
    found = emulator().sensitivities((strain, stress), E=210_000.0, parameters=["stress"], **TEST)
    higher = stress + 0.01 * np.eye(6)[3]
    base, changed = emulator().predict_curves([(strain, stress), (strain, higher)], E=210_000.0, **TEST)
    n = min(len(base.load), len(changed.load))
    np.testing.assert_allclose(
        found.gradient[:n, 3], (changed.load[:n] - base.load[:n]) / 0.01, rtol=1e-3, atol=1e-3 * found.gradient.max()
    )


def test_similarity_is_exact():
    (curve,) = emulator().predict_curves([STEEL], **TEST)
    stronger = Swift(E=420_000, K=1800, epsilon0=0.005, n=0.2)
    half = EN10371.replace(
        name="half",
        punch_diameter=1.25,
        punch_edge_radius=0.625,
        disc_diameter=4.0,
        hole_diameter=2.0,
        hole_edge_size=0.1,
        max_stroke=1.5,
        tolerances={},
    )
    (scaled,) = emulator().predict_curves([stronger], half, thickness=0.25, friction=0.2)
    np.testing.assert_allclose(scaled.displacement, curve.displacement / 2)
    np.testing.assert_allclose(scaled.load, curve.load / 2, rtol=1e-9)


def test_the_miniature_disc_lies_inside():
    (curve,) = emulator().predict_curves([STEEL], MINIATURE, thickness=0.25)
    assert curve.metadata["within_training"]
    assert error(curve, simulate_spt(STEEL, MINIATURE, thickness=0.25, load_drop=0.05)) < 0.02


def test_the_deflection():
    curves, laws, rigs, frame = given(range(300), "deflection")
    with pytest.raises(ValueError, match="displacement_kind"):
        SPTEmulator(**QUICK).fit_curves(curves, laws, rigs, **frame)
    model = SPTEmulator(**QUICK, displacement_kind="deflection", random_state=0)
    (found,) = model.fit_curves(curves, laws, rigs, **frame).predict_curves([STEEL], **TEST)
    assert found.displacement_kind == "deflection"
    assert error(found, simulate_spt(STEEL, load_drop=0.05, displacement_kind="deflection", **TEST)) < 0.015


@pytest.mark.parametrize(
    ("rig", "test", "what"),
    [
        ("EN10371", {"thickness": 0.25 * 3.15}, "thickness"),
        ("EN10371", {"thickness": 0.5, "friction": 0.8}, "friction"),
        ("EN10371", {"thickness": 0.5, "nu": 0.45}, "Poisson"),
        (EN10371.replace(punch_diameter=1.5, punch_edge_radius=0.75), {"thickness": 0.5}, "radius"),
        (EN10371.replace(hole_edge_size=0.9), {"thickness": 0.5}, "edge"),
    ],
)
def test_beyond_the_training(rig, test, what):
    with pytest.warns(UntrustedPredictionWarning, match=what):
        (curve,) = emulator().predict_curves([STEEL], rig, **test)
    assert not curve.metadata["within_training"]


def test_materials_beyond_the_training():
    with pytest.warns(UntrustedPredictionWarning, match="curve 1"):
        curves = emulator().predict_curves([STEEL, Voce(E=210_000, sigma0=20, Q=10, b=5)], **TEST)
    assert [curve.metadata["within_training"] for curve in curves] == [True, False]


@pytest.mark.parametrize(
    ("rig", "what"),
    [("SHEET", "ball over a hole"), (EN10371.replace(clamp_diameter=6.0), "clamp_diameter")],
)
def test_rigs_of_another_kind_are_refused(rig, what):
    with pytest.raises(ValueError, match=what):
        emulator().predict_curves([STEEL], rig, thickness=1.0)


def test_nonsense_is_refused():
    model = emulator()
    for materials in (STEEL, [], (STEEL,), "steel"):
        with pytest.raises(TypeError, match="materials"):
            model.predict_curves(materials, **TEST)
    with pytest.raises(TypeError, match=re.escape("materials[1]")):
        model.predict_curves([STEEL, 3.0], **TEST)
    with pytest.raises(ValueError, match="thickness has 3 values for 2 materials"):
        model.predict_curves([STEEL, STEEL], thickness=[0.5, 0.5, 0.5])
    with pytest.raises(ValueError, match="no parameter 'Q'"):
        model.sensitivities(STEEL, parameters=["Q"], **TEST)
    curves, laws, rigs, frame = given(range(5))
    with pytest.raises(ValueError, match="5 curves and 4 materials"):
        SPTEmulator().fit_curves(curves, laws[:4], rigs[:4])
    with pytest.raises(ValueError, match="no thickness"):
        SPTEmulator().fit_curves([curve.replace(thickness=None) for curve in curves], laws, rigs, **frame)
    with pytest.raises(TypeError, match="SPTCurve"):
        SPTEmulator().fit_curves([1, 2, 3, 4, 5], laws, rigs, **frame)
    with pytest.raises(ValueError, match="no tests"):
        SPTEmulator(**QUICK).fit(*small_data()).predict_curves([STEEL], **TEST)


def test_what_is_not_known_does_not_count():
    X, y = small_data(200)
    # Beyond what is known the true values are absurd.
    cut = y.copy()
    cut[::2, 3:] = np.nan
    model = SPTEmulator(**QUICK, random_state=0).fit(X[:150], cut[:150])
    at = np.arange(150, 200)
    np.testing.assert_allclose(model.predict(X[at]), y[at], rtol=0.05)
    assert model.score(X[at], cut[at]) > 0.99
    cut[3] = np.nan
    with pytest.raises(ValueError, match="curve 3"):
        SPTEmulator().fit(X, cut)


def test_scalings():
    X, y = small_data()
    assert SPTEmulator(**QUICK).fit(X, y).target_scaling_ == "log"
    assert SPTEmulator(**QUICK).fit(X, y - 4).target_scaling_ == "standard"
    with pytest.raises(ValueError, match="standard"):
        SPTEmulator(target_scaling="log").fit(X, y - 4)
    for scaling in ("log", "standard"):
        model = SPTEmulator(**QUICK, target_scaling=scaling, random_state=0).fit(X, y)
        step = 1e-5 * np.eye(4)[2]
        slope = (model.predict(X + step) - model.predict(X - step)) / 2e-5
        np.testing.assert_allclose(model.gradient(X)[:, :, 2], slope, rtol=1e-5, atol=1e-6)


def test_networks_see_what_the_trend_does_not():
    X, y = small_data(200)
    errors = [
        np.abs(
            SPTEmulator(**{**QUICK, **change}, random_state=0).fit(X[:150], y[:150]).predict(X[150:]) - y[150:]
        ).mean()
        for change in ({"max_epochs": 1, "lr": 1e-12}, {})
    ]
    assert errors[1] < 0.2 * errors[0]


def test_random_state_decides_everything():
    X, y = small_data()
    model = SPTEmulator(**QUICK, random_state=3)
    states = torch.random.get_rng_state(), torch.get_num_threads()
    first = clone(model).fit(X, y).predict(X)
    assert torch.equal(torch.random.get_rng_state(), states[0])
    assert torch.get_num_threads() == states[1]
    torch.manual_seed(1)
    np.testing.assert_array_equal(clone(model).fit(X, y).predict(X), first)
    assert not np.array_equal(clone(model).set_params(random_state=4).fit(X, y).predict(X), first)


def test_batches_make_no_difference(monkeypatch):
    X, y = small_data()
    model = SPTEmulator(**QUICK, random_state=0).fit(X, y)
    expected, slope = model.predict(X), model.gradient(X)
    monkeypatch.setattr("sklearn_spt.regressors._emulator_base.BATCH", 7)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)
    np.testing.assert_allclose(model.gradient(X), slope, rtol=1e-10)


def test_cross_validation_and_files(tmp_path):
    X = SPTEmulator.features(discs().laws[:90], discs().rigs[:90], thickness=[c.thickness for c in discs().data[:90]])
    y = SPTEmulator.targets(discs().data[:90], discs().laws[:90], discs().rigs[:90])
    assert X.shape == (90, len(_emulator_discs.FEATURES))
    assert np.isnan(y).any()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UntrustedPredictionWarning)
        assert cross_val_score(SPTEmulator(**QUICK, random_state=0), X, y, cv=3).min() > 0.9
    save_model(tmp_path / "emulator.spt", emulator())
    loaded = load_model(tmp_path / "emulator.spt")
    (curve,) = loaded.predict_curves([STEEL], **TEST)
    np.testing.assert_array_equal(curve.load, emulator().predict_curves([STEEL], **TEST)[0].load)


def test_divergence_is_told():
    X, y = small_data()
    with pytest.raises(RuntimeError, match="lower lr"):
        SPTEmulator(lr=1e30, max_epochs=30).fit(X, y)
