"""Bands in model files."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    ConformalCurveRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GaussianProcessCurveRegressor,
    MeasurementErrors,
    load_model,
    save_model,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.persistence import ModelFileError, read_model_info
from sklearn_spt.persistence.container import read_document, write_document

ERRORS = MeasurementErrors(noise=(0, 0.01))
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")


@pytest.fixture(scope="module")
def curves():
    X, Y, strain = make_spt_curves(40, n_points=20, n_strains=6, return_strain=True, random_state=0)
    return [curve.replace(rig="bench") for curve in X], Y, strain


def processes(strain):
    return GaussianProcessCurveRegressor(n_tuning=5, elastic_modulus="curve", strain=strain, random_state=0)


def pipeline(last):
    return make_pipeline(CurveResampler(n_points=8), last)


@pytest.fixture(scope="module")
def band(curves):
    X, Y, strain = curves
    return ConformalCurveRegressor(
        pipeline(processes(strain)), alpha=0.2, method="cv+", cv=2, errors=ERRORS, random_state=0
    ).fit(X, Y)


@pytest.mark.parametrize("kind", ["folds", "split", "augmented", "stack", "step"])
def test_it_comes_back(tmp_path, curves, band, kind):
    X, Y, strain = curves
    made = {
        "split": pipeline(processes(strain)),
        "augmented": AugmentedRegressor(pipeline(processes(strain)), ERRORS, n_copies=1, random_state=0),
        "stack": pipeline(CurveStackingRegressor(processes(strain), processes(strain), cv=2, random_state=0)),
        "step": processes(strain),
    }
    model = band if kind == "folds" else ConformalCurveRegressor(made[kind], alpha=0.2, random_state=0)
    if kind == "step":
        model = pipeline(model)
    if kind != "folds":
        model.fit(X, Y)
    path = tmp_path / "band.spt"
    save_model(path, model, strain=strain, training_curves=X, training_targets=Y)
    loaded = load_model(path)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.model_info_.rig == "bench"
    np.testing.assert_array_equal(loaded.model_info_.strain, strain)
    if kind == "step":
        np.testing.assert_array_equal(loaded[-1].residuals_, model[-1].residuals_)
        return
    np.testing.assert_array_equal(loaded.predict_interval(X), model.predict_interval(X))
    for name, ends in model.predict_property_interval(X).items():
        np.testing.assert_array_equal(loaded.predict_property_interval(X)[name], ends)
    # It can be calibrated anew, but with the errors that no file holds as a parameter.
    assert clone(loaded).fit(X, Y).predict_interval(X).shape == (*Y.shape, 2)


def test_what_the_file_says(tmp_path, curves, band):
    strain = curves[2]
    path = tmp_path / "band.spt"
    save_model(path, band, strain=strain)
    info = read_model_info(path)
    assert list(info.steps.values()) == [
        "CurveResampler",
        "GaussianProcessCurveRegressor",
        "ConformalCurveRegressor",
    ]
    assert info.parameters["band__alpha"] == 0.2
    assert info.parameters["gaussianprocesscurveregressor__elastic_modulus"] == "curve"
    assert load_model(path).errors_["noise"] == (0.0, 0.01)
    with pytest.raises(ValueError, match="strain has 5 values, but the model gives 6"):
        save_model(path, band, strain=strain[:5])


def test_the_regressor_in_it_judges_as_it_does_alone(tmp_path, curves, band):
    X, Y, strain = curves
    path = tmp_path / "band.spt"
    save_model(path, band, strain=strain, training_curves=X, training_targets=Y)
    with pytest.warns(UserWarning, match="rig"):
        load_model(path).predict([X[0].replace(rig="another")])


def test_a_loaded_model_is_calibrated_and_keeps_what_its_file_says(tmp_path, curves):
    X, Y, strain = curves
    save_model(
        tmp_path / "model.spt",
        pipeline(processes(strain)).fit(X, Y),
        strain=strain,
        elastic_modulus=70_000.0,
        training_curves=X,
        training_targets=Y,
        metadata={"author": "lab"},
    )
    model = load_model(tmp_path / "model.spt")
    calibrated = ConformalCurveRegressor(FrozenEstimator(model), random_state=0).fit(X, Y)
    save_model(tmp_path / "band.spt", calibrated, metadata={"author": "we"})
    info = load_model(tmp_path / "band.spt").model_info_
    assert (info.rig, info.elastic_modulus, info.training) == ("bench", 70_000.0, model.model_info_.training)
    np.testing.assert_array_equal(info.strain, strain)
    assert info.metadata == {"author": "we"}


def test_what_cannot_be_saved(tmp_path, curves):
    X, Y, strain = curves
    with pytest.raises(TypeError, match="Ridge is not among"):
        save_model(tmp_path / "m.spt", ConformalCurveRegressor(pipeline(Ridge()), alpha=0.2).fit(X, Y))
    with pytest.raises(NotFittedError):
        save_model(tmp_path / "m.spt", ConformalCurveRegressor(pipeline(processes(strain))))
    inner = ConformalCurveRegressor(pipeline(processes(strain)), alpha=0.2, random_state=0)
    with pytest.raises(TypeError, match="its estimator holds estimators itself"):
        save_model(tmp_path / "m.spt", ConformalCurveRegressor(inner, alpha=0.5).fit(X, Y))


def drop(name):
    return lambda node: node["fitted"].pop(name)


def put(name, value):
    return lambda node: node["fitted"].update({name: value})


def fewer_folds(node):
    node["members"]["fold_estimators"].pop()


def nested(node):
    node["members"]["estimator"] = {"class": "ConformalCurveRegressor", "members": dict(node["members"])}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (drop("residuals_"), "lacks residuals_"),
        (put("least_", -1.0), "numbers that none can have"),
        (put("steepest_", 0.5), "numbers that none can have"),
        (put("negative_", 3), "numbers that none can have"),
        (put("property_residuals_", {"$dict": [["creep", 1.0]]}), "numbers that none can have"),
        (put("extra_", 1), "cannot be a fitted attribute"),
        (lambda node: node["members"].pop("estimator"), "estimators in .* are not well formed"),
        (lambda node: node["members"].update(estimator=[]), "not well formed|no steps"),
        (lambda node: node["members"].update(estimator={"class": "os.system"}), "not among"),
        (lambda node: node["parameters"].update(alpha=2), "alpha must be"),
        (lambda node: node["members"].update(fold_estimators={}), "not well formed"),
        (fewer_folds, "do not fit one another"),
        (nested, "not well formed"),
    ],
)
def test_forged_bands(tmp_path, curves, band, change, match):
    path = tmp_path / "band.spt"
    save_model(path, band, strain=curves[2])
    payload, _, arrays = read_document(path)
    del payload["arrays_sha256"]
    change(payload["model"])
    named = str(payload["model"])
    write_document(path, payload, {key: value for key, value in arrays.items() if repr(key) in named})
    with pytest.raises(ModelFileError, match=match):
        load_model(path)


@pytest.mark.parametrize("name", ["groups_", "folds_"])
@pytest.mark.parametrize("shift", [-1, 1, 10**12])
def test_forged_numbers_of_groups(tmp_path, curves, band, name, shift):
    path = tmp_path / "band.spt"
    save_model(path, band, strain=curves[2])
    payload, _, arrays = read_document(path)
    del payload["arrays_sha256"]
    arrays[f"model.{name}"] += shift
    write_document(path, payload, arrays)
    with pytest.raises(ModelFileError, match="ConformalCurveRegressor"):
        load_model(path)
