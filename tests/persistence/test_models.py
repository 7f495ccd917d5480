"""Saved models: what comes back is what was saved, and nothing that others put into a file runs or gets through."""

import contextlib
import inspect
import json
import os
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
from functools import cache
from importlib import import_module
from pathlib import Path

import joblib
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_spt import (
    ANNRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    MeasurementErrors,
    MLPCurveRegressor,
    Seq2SeqRegressor,
    SPTCurve,
    TransformerRegressor,
    __version__,
    load_model,
    perturb_curves,
    save_model,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.exceptions import about
from sklearn_spt.mechanics._flow_curve import largest_fall
from sklearn_spt.persistence import ModelFileError, read_model_info
from sklearn_spt.persistence.container import Decoder, Encoder, read_document, write_document
from sklearn_spt.persistence.estimators import _CLASSES, _MEMBERS
from sklearn_spt.utils.state import INPUT
from sklearn_spt.utils.warnings import recorded

REGRESSORS = [Seq2SeqRegressor, LSTMRegressor, ANNRegressor, GRURegressor, TransformerRegressor]
GOLDEN = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def curves():
    X, Y, strain = make_spt_curves(12, n_points=20, n_strains=6, return_strain=True, random_state=0)
    return [curve.replace(rig="bench") for curve in X], Y, strain


@pytest.fixture(scope="module")
def pipeline(curves):
    X, Y, _ = curves
    steps = [
        ("resample", CurveResampler(n_points=8, descriptors=("thickness",))),
        ("gaf", GAFTransformer()),
        ("seq2seq", Seq2SeqRegressor(hidden_size=4, n_heads=2, image_channels=2, max_epochs=2, random_state=0)),
    ]
    return Pipeline(steps).fit(X, Y)


@pytest.fixture(scope="module")
def fitted(curves):
    """A copy of the fitted pipeline that ends in a regressor of this class; each is fitted once."""
    X, Y, strain = curves
    flow = {"elastic_modulus": "curve", "strain": strain, "random_state": 0}
    network = Seq2SeqRegressor(hidden_size=4, n_heads=2, max_epochs=2, **flow)
    processes = GaussianProcessCurveRegressor(n_tuning=5, **flow)
    regressors = [
        CurveStackingRegressor(processes, network, cv=ShuffleSplit(1, test_size=0.3, random_state=0)),
        GaussianProcessCurveRegressor(n_components=(2, 4), n_tuning=5, random_state=0),
        MLPCurveRegressor(n_components=(2, 4), hidden_size=3, max_iter=10, **flow),
        ANNRegressor(hidden_size=4, max_epochs=1),
    ]
    models = {type(last): last for last in regressors}

    @cache
    def fit(cls):
        return make_pipeline(CurveResampler(n_points=8), models[cls]).fit(X, Y)

    return lambda cls: load_copy(fit(cls))


@pytest.fixture
def stack(fitted):
    return fitted(CurveStackingRegressor)


@pytest.fixture
def saved(tmp_path, curves, pipeline):
    X, Y, strain = curves
    path = tmp_path / "model.spt"
    save_model(
        path,
        pipeline,
        strain=strain,
        elastic_modulus=210_000,
        training_curves=X,
        training_targets=Y,
        metadata={"author": "lab", "errors": {"mae": np.float64(1.5)}, "seeds": (1, 2)},
    )
    return path


@pytest.fixture(scope="module")
def resampler_bytes(tmp_path_factory, curves):
    path = tmp_path_factory.mktemp("small") / "resampler.spt"
    save_model(path, CurveResampler(n_points=5).fit(curves[0]))
    return path.read_bytes()


def forge(path, change):
    """Change a file's payload and arrays, and give it the right checksums again."""
    payload, _, arrays = read_document(path)
    del payload["arrays_sha256"]
    change(payload, arrays)
    write_document(path, payload, arrays)


def step(payload, name):
    return dict(map(tuple, payload["model"]["steps"]))[name]


def write_archive(path, members, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names
        with zipfile.ZipFile(path, "w", **options) as archive:
            for name, content in members:
                archive.writestr(name, content)


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def predicted(loaded, X):
    """What a loaded model predicts: it says of curves that fall that they do, and nothing else."""
    with recorded() as heard:
        stress = loaded.predict(X)
    # Networks of one epoch predict such curves.
    assert [about(warning) for warning in heard] == ["falls"] * bool(largest_fall(stress).max() > 0.03)
    return stress


# What comes back


@pytest.mark.parametrize("gaf", [GAFTransformer(), GAFTransformer("difference", scaling="sample"), "passthrough", None])
@pytest.mark.parametrize("regressor", REGRESSORS)
def test_every_regressor_predicts_the_same_numbers_after_loading(tmp_path, curves, regressor, gaf):
    X, Y, strain = curves
    model = Pipeline(
        [
            ("resample", CurveResampler(n_points=8, descriptors=["thickness"])),
            ("gaf", gaf),
            ("model", regressor(hidden_size=4, max_epochs=1, random_state=0)),
        ]
    ).fit(X, Y)
    save_model(tmp_path / "m.spt", model, strain=strain)
    loaded = load_model(tmp_path / "m.spt")
    np.testing.assert_array_equal(predicted(loaded, X), model.predict(X))
    assert type(loaded["model"]) is regressor
    parameters, expected = loaded["model"].get_params(), model["model"].get_params()
    assert parameters == expected
    assert loaded["model"].history_ == model["model"].history_


@pytest.mark.parametrize("target", ["2-D", "1-D"])
def test_bare_regressor_on_an_array(tmp_path, target):
    random = np.random.default_rng(0)
    X = random.normal(size=(20, 7))
    y = X[:, :2] + 1 if target == "2-D" else X[:, 0] + 1
    model = ANNRegressor(hidden_size=4, max_epochs=1, random_state=0).fit(X, y)
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.predict(X).shape == y.shape
    assert loaded.model_info_.steps == {"model": "ANNRegressor"}
    assert loaded.model_info_.displacement is None


def test_data_frame_names_come_back(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(9, 4)), columns=list("abcd"))
    model = make_pipeline(CurveResampler(n_points=3)).fit(frame)
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    np.testing.assert_array_equal(loaded[0].feature_names_in_, ["a", "b", "c", "d"])
    assert loaded[0].feature_names_in_.dtype == object
    np.testing.assert_array_equal(loaded.transform(frame), model.transform(frame))
    with pytest.raises(ValueError, match="feature names"):
        loaded.transform(frame[list("abdc")])
    # A grid that is a fraction of the columns is no displacement.
    assert loaded.model_info_.displacement is None


def test_stack(tmp_path, curves, stack):
    X, Y, strain = curves
    path = tmp_path / "stack.spt"
    save_model(path, stack, strain=strain, training_curves=X)
    loaded = load_model(path)
    np.testing.assert_array_equal(loaded.predict(X), stack.predict(X))
    info = read_model_info(path)
    assert info.steps == {"curveresampler": "CurveResampler", "curvestackingregressor": "CurveStackingRegressor"}
    assert info.parameters["curvestackingregressor__secondary__hidden_size"] == 4
    assert info.parameters["curvestackingregressor__bound"] == 3.0
    # It can be fitted anew; the folds, which no file holds, are the default ones.
    assert loaded[-1].cv == 5
    assert clone(loaded).fit(X, Y).predict(X).shape == Y.shape
    with pytest.raises(ValueError, match="strain has 5 values, but the model gives 6"):
        save_model(path, stack, strain=strain[:5])


def test_ensemble_of_processes(tmp_path, curves, fitted):
    X, Y, _ = curves
    model = fitted(GaussianProcessCurveRegressor)
    path = tmp_path / "ensemble.spt"
    save_model(path, model)
    loaded = load_model(path)
    assert loaded[-1].n_components == (2, 4)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(clone(loaded).fit(X, Y).predict(X), model.predict(X))
    # What it was fitted with is what counts.
    model[-1].n_components = 3
    save_model(path, model)
    np.testing.assert_array_equal(load_model(path).predict(X), model.predict(X))


def test_perceptrons(tmp_path, curves, fitted):
    X, Y, strain = curves
    perceptrons = fitted(MLPCurveRegressor)
    path = tmp_path / "perceptrons.spt"
    save_model(path, perceptrons, strain=strain)
    loaded = load_model(path)
    assert loaded[-1].n_components == (2, 4)
    np.testing.assert_array_equal(loaded.predict(X), perceptrons.predict(X))
    np.testing.assert_array_equal(clone(loaded).fit(X, Y).predict(X), perceptrons.predict(X))


def one_nan(array):
    return np.where(np.arange(array.size).reshape(array.shape) == 0, np.nan, array)


@pytest.mark.parametrize(
    ("cls", "name", "change", "match"),
    [
        (GaussianProcessCurveRegressor, "variance_", lambda array: array[:-1], "do not fit one another"),
        (GaussianProcessCurveRegressor, "variance_", lambda array: [1.0, [2.0]], "do not fit one another .*variance_"),
        (
            GaussianProcessCurveRegressor,
            "variance_",
            lambda array: array.astype(str),
            "do not fit one another .*variance_",
        ),
        (
            GaussianProcessCurveRegressor,
            "scores_",
            lambda array: [[1.0], [2.0, 3.0]],
            "do not fit one another .*scores_",
        ),
        (GaussianProcessCurveRegressor, "scores_", lambda array: array[:, :-1], "do not fit one another"),
        (GaussianProcessCurveRegressor, "alpha_", lambda array: array.tolist(), "do not fit one another .*alpha_"),
        (GaussianProcessCurveRegressor, "components_", lambda array: None, "numbers that none can have .*components_"),
        (GaussianProcessCurveRegressor, "components_", lambda array: array[:, :-1], "do not fit one another"),
        (
            GaussianProcessCurveRegressor,
            "score_range_",
            lambda array: array[:1],
            "do not fit one another .*score_range_",
        ),
        (
            GaussianProcessCurveRegressor,
            "length_scale_",
            lambda array: array > 1,
            "do not fit one another .*length_scale_",
        ),
        (GaussianProcessCurveRegressor, "length_scale_", one_nan, "numbers that none can have .*length_scale_"),
        (
            GaussianProcessCurveRegressor,
            "length_scale_",
            lambda array: 0 * np.minimum(array, 1),
            "numbers that none can have .*length_scale_",
        ),
        (GaussianProcessCurveRegressor, "variance_", lambda array: -array, "numbers that none can have .*variance_"),
        (GaussianProcessCurveRegressor, "alpha_", one_nan, "numbers that none can have .*alpha_"),
        (MLPCurveRegressor, "output_biases_", lambda array: array[:-1], "do not fit one another"),
        (MLPCurveRegressor, "input_weights_", lambda array: array[:, :-1], "do not fit one another"),
        (MLPCurveRegressor, "input_weights_", lambda array: array[0], "do not fit one another .*input_weights_"),
        (MLPCurveRegressor, "hidden_weights_", lambda array: array[:, :-1], "do not fit one another .*hidden_weights_"),
        (MLPCurveRegressor, "hidden_biases_", lambda array: array.tolist(), "do not fit one another .*hidden_biases_"),
        (MLPCurveRegressor, "output_weights_", lambda array: array > 0, "do not fit one another .*output_weights_"),
        (MLPCurveRegressor, "components_", lambda array: array[:-1], "do not fit one another"),
        (MLPCurveRegressor, "hidden_weights_", one_nan, "numbers that none can have .*hidden_weights_"),
        (ANNRegressor, "views_mean_", lambda array: array[:-1], "do not fit one another"),
        (ANNRegressor, "views_std_", lambda array: 0 * array, "numbers that none can have .*views_std_"),
        (ANNRegressor, "views_std_", one_nan, "numbers that none can have .*views_std_"),
        (ANNRegressor, "target_mean_", lambda array: array[:-1], "do not fit one another"),
        (ANNRegressor, "state_", lambda state: {**state, "head.weight": np.zeros(3)}, "do not fit its network"),
        (
            ANNRegressor,
            "state_",
            lambda state: {key: one_nan(value) for key, value in state.items()},
            "numbers that none can have",
        ),
        (ANNRegressor, "history_", lambda history: "x", "ANNRegressor.*history_"),
        *(
            (CurveStackingRegressor, name, lambda _, value=value: value, f"CurveStackingRegressor.*{name}")
            for name in ("weight_", "least_", "limit_")
            for value in (np.nan, -1.0, None, "x", np.array(["a"]), [[1.0]], True)
        ),
    ],
)
def test_forged_regressors(tmp_path, fitted, cls, name, change, match):
    model = fitted(cls)
    setattr(model[-1], name, change(getattr(model[-1], name)))
    path = tmp_path / "forged.spt"
    save_model(path, model)
    with pytest.raises(ModelFileError, match=match):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grid_", np.array([0.0, 1.0, 1.0])), ("grid_", np.array([1.0, 0.0])),
        ("relative_", 1), ("displacement_kind_", "sideways"), ("shortest_", np.nan), ("coarsest_", -1.0),
    ],
)  # fmt: skip
def test_forged_resamplers(tmp_path, curves, name, value):
    resampler = CurveResampler(n_points=8).fit(curves[0])
    setattr(resampler, name, value)
    save_model(tmp_path / "forged.spt", resampler)
    with pytest.raises(ModelFileError, match=f"CurveResampler.*{name}"):
        load_model(tmp_path / "forged.spt")


@pytest.mark.parametrize("size", [10**9, 0, 2.0, True])
def test_forged_images(tmp_path, curves, size):
    gaf = GAFTransformer().fit(CurveResampler(n_points=8).fit_transform(curves[0]))
    gaf.image_size_ = size
    save_model(tmp_path / "forged.spt", gaf)
    with pytest.raises(ModelFileError, match="GAFTransformer"):
        load_model(tmp_path / "forged.spt")


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps", "no such device"])
def test_the_device_of_the_training_does_not_matter(saved, pipeline, curves, device):
    forge(saved, set_parameter("device", device))
    loaded = load_model(saved)
    assert loaded[-1].device == "cpu"
    np.testing.assert_array_equal(loaded.predict(curves[0]), pipeline.predict(curves[0]))


def test_stack_of_what_cannot_be_saved(tmp_path, curves):
    X, Y, _ = curves
    network = ANNRegressor(hidden_size=4, max_epochs=1)
    for primary, match in (
        (make_pipeline(CurveResampler(n_points=8), network), "Pipeline is not among"),
        (CurveStackingRegressor(network, network, cv=2), "its primary holds estimators itself"),
    ):
        model = CurveStackingRegressor(primary, primary, cv=2)
        model.fit(X if "Pipeline" in match else CurveResampler(n_points=8).fit_transform(X), Y)
        with pytest.raises(TypeError, match=match):
            save_model(tmp_path / "stack.spt", model)


def stacked(payload):
    return step(payload, "curvestackingregressor")


def swap_primary_arrays(one, other):
    def change(node):
        fitted = node["members"]["primary"]["fitted"]
        fitted[one], fitted[other] = fitted[other], fitted[one]

    return change


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda node: node.pop("members"), "estimators in .* are not well formed"),
        (lambda node: node["members"].pop("primary"), "estimators in .* are not well formed"),
        (lambda node: node["members"].update(third={}), "estimators in .* are not well formed"),
        (lambda node: node["members"].update(primary=3), "the primary of .* is not well formed"),
        (lambda node: node["members"]["primary"].update({"class": "os.system"}), "not among"),
        (
            lambda node: node["members"].update(
                primary={"class": "CurveStackingRegressor", "members": {"primary": {}, "secondary": {}}}
            ),
            "not well formed",
        ),
        (lambda node: node["parameters"].update(primary=1), "no parameter 'primary'"),
        (lambda node: node["parameters"].update(bound=-1), "bound must be"),
        (lambda node: node["fitted"].pop("weight_"), "lacks weight_"),
        (lambda node: node["members"]["secondary"]["parameters"].update(hidden_size=-1), "hidden_size must be"),
        (swap_primary_arrays("scores_", "noise_"), r"do not fit one another \(.*noise_"),
    ],
)
def test_forged_stack(tmp_path, curves, stack, change, match):
    path = tmp_path / "stack.spt"
    save_model(path, stack)
    forge(path, lambda payload, arrays: change(stacked(payload)))
    with pytest.raises(ModelFileError, match=match):
        load_model(path)


def test_facts(saved, curves):
    X, Y, strain = curves
    info = load_model(saved).model_info_
    np.testing.assert_array_equal(info.strain, strain)
    np.testing.assert_array_equal(info.displacement, np.linspace(0, 2, 8))
    assert info.units == {"displacement": "mm", "load": "N", "strain": "1", "stress": "MPa"}
    assert info.rig == "bench"
    assert info.elastic_modulus == 210_000
    assert info.steps == {"resample": "CurveResampler", "gaf": "GAFTransformer", "seq2seq": "Seq2SeqRegressor"}
    assert info.parameters["seq2seq__hidden_size"] == 4
    assert info.parameters["resample__descriptors"] == ("thickness",)
    assert info.versions["sklearn_spt"] == __version__
    assert {"python", "scikit-learn", "torch", "numpy"} <= set(info.versions)
    assert info.metadata == {"author": "lab", "errors": {"mae": 1.5}, "seeds": [1, 2]}
    assert info.training["n_curves"] == 12
    assert info.training["displacement"] == [0.0, 2.0]
    assert info.training["load"] == [0.0, max(c.load.max() for c in X)]
    assert info.training["max_load"] == [min(c.load.max() for c in X), max(c.load.max() for c in X)]
    assert info.training["thickness"] == [min(c.thickness for c in X), max(c.thickness for c in X)]
    assert info.training["stress"] == [Y.min(), Y.max()]
    assert "temperature" not in info.training


def test_same_model_same_bytes(saved, tmp_path, curves, pipeline):
    X, Y, strain = curves
    info = read_model_info(saved)
    again = tmp_path / "again.spt"
    save_model(
        again,
        load_model(saved),
        strain=strain,
        elastic_modulus=info.elastic_modulus,
        training_curves=X,
        training_targets=Y,
        metadata=info.metadata,
    )
    assert again.read_bytes() == saved.read_bytes()


def test_loaded_model_is_a_full_member_of_the_family(saved, tmp_path, curves):
    X, Y, _ = curves
    loaded = load_model(saved)
    assert not hasattr(clone(loaded), "model_info_")
    joblib.dump(loaded, tmp_path / "m.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "m.joblib").predict(X), loaded.predict(X))
    np.testing.assert_array_equal(clone(loaded).fit(X, Y).predict(X), loaded.predict(X))
    assert loaded["seq2seq"].attention_weights(loaded[:-1].transform(X)).shape == (12, 2, 6, 8)


def test_reading_the_facts_imports_neither_torch_nor_scikit_learn(saved):
    code = (
        "import sys; from sklearn_spt.persistence import read_model_info; info = read_model_info(sys.argv[1]);"
        "print(info.rig, sorted({'torch', 'sklearn', 'skorch', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code, str(saved)], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "bench []"


TAKE_CURVES = (
    "CurveResampler",
    "CharacteristicTransformer",
    "ComplianceCorrector",
    "CurveCutter",
    "CurveSmoother",
    "DeflectionConverter",
    "LoadOffsetCorrector",
    "ToeCorrector",
)


def test_allow_list_is_the_public_estimators():
    from sklearn.base import BaseEstimator

    import sklearn_spt

    # The corrections of curves are public in their module alone.
    public = {
        name
        for module in (sklearn_spt, sklearn_spt.preprocessing)
        for name in module.__all__
        if isinstance(getattr(module, name), type) and issubclass(getattr(module, name), BaseEstimator)
    }
    # What it trains is saved, and neither itself nor its errors.
    assert set(_CLASSES) == public - {"AugmentedRegressor", "MeasurementErrors"}


CURVES_TO_CURVES = ("Corrector", "Converter", "Cutter", "Smoother")


@pytest.mark.parametrize("name", _CLASSES)
def test_the_schema_of_a_class_is_what_its_fit_leaves(curves, name, tmp_path):
    X, Y, _ = curves
    cls = getattr(import_module(_CLASSES[name]), name)
    held = [member for member in _MEMBERS.get(name, ()) if member in inspect.signature(cls).parameters]
    estimator = cls(**{member: GaussianProcessCurveRegressor(n_tuning=5) for member in held})
    if name == "CorrelationRegressor":
        estimator.set_params(correlations="Fi/h0^2")  # the curves have no knee
    elif name not in ("CurveResampler", "CharacteristicTransformer") and not name.endswith(CURVES_TO_CURVES):
        X = CurveResampler(n_points=8).fit_transform(X)
    if "max_epochs" in estimator.get_params():
        estimator.set_params(max_epochs=1)
    if "max_iter" in estimator.get_params():
        estimator.set_params(max_iter=5)
    if name in _MEMBERS:
        estimator.set_params(cv=2)
    if "alpha" in estimator.get_params():
        estimator.set_params(alpha=0.5, method="cv+")
    learned = {key for key in vars(estimator.fit(X, Y)) if key.endswith("_")}
    assert learned - set(INPUT) <= set(cls._fitted_state)
    assert {key for key, field in cls._fitted_state.items() if not field.optional} <= learned
    # What fit learns is what a file may hold.
    save_model(tmp_path / "m.spt", estimator)
    load_model(tmp_path / "m.spt")


def test_file_of_a_version_that_learned_less(saved):
    forge(saved, lambda payload, arrays: step(payload, "seq2seq")["fitted"].pop("n_epochs_"))
    with pytest.raises(
        ModelFileError, match=rf"Seq2SeqRegressor lacks n_epochs_\. Train the model with .* {__version__}"
    ):
        load_model(saved)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.sampled_from([np.float32(1.1), np.int64(-3), np.bool_(True), np.float64("nan")]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(plain)
@settings(deadline=None)
def test_plain_values_come_back_equal_and_of_their_type(value):
    encoder = Encoder()
    text = json.dumps(encoder.encode(value, "value"), allow_nan=False)
    back = Decoder(encoder.arrays).decode(json.loads(text), "value")
    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.array(3.5, dtype=np.float32),
        np.zeros((0, 4), dtype=np.int32),
        np.array([True, False]),
        np.array([1.0, np.nan, np.inf], dtype=">f8"),
        np.array(["a", "bc"]),
        np.array(["a", "bc"], dtype=object),
        np.arange(9)[::2],
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_come_back(tmp_path, array):
    encoder = Encoder()
    write_document(tmp_path / "f.spt", {"value": encoder.encode(array, "value")}, encoder.arrays)
    payload, _, arrays = read_document(tmp_path / "f.spt")
    back = Decoder(arrays).decode(payload["value"], "value")
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.shape == array.shape
    assert back.flags.writeable
    assert back.flags.c_contiguous


def test_string_of_numpy_comes_back_as_a_string():
    assert Encoder().encode(np.str_("log"), "value") == "log"


# What cannot be saved


@pytest.mark.parametrize(
    "value",
    [np.array([1j]), np.array([None, "a"]), np.array([["a"]]), np.float16(1), np.datetime64("2020-01-01"), b"a"],
)
def test_values_that_a_file_cannot_hold(value):
    with pytest.raises(TypeError, match=r"^value is .*which a model file cannot hold$"):
        Encoder().encode(value, "value")


def test_callbacks_are_not_kept(tmp_path, curves):
    from skorch.callbacks import EpochTimer

    X, Y, _ = curves
    net_params = {"optimizer": "Adam", "optimizer__eps": 1e-6, "callbacks": [("timer", EpochTimer())]}
    network = ANNRegressor(hidden_size=4, max_epochs=1, net_params=net_params, random_state=0)
    model = make_pipeline(CurveResampler(n_points=8), network).fit(X, Y)
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    assert loaded[-1].net_params == {"optimizer": "Adam", "optimizer__eps": 1e-6}
    assert len(model[-1].net_params) == 3
    np.testing.assert_array_equal(predicted(loaded, X), model.predict(X))


@pytest.mark.parametrize("cls", [Seq2SeqRegressor, LSTMRegressor])
def test_the_papers_setting_comes_back(tmp_path, curves, cls):
    X, Y, _ = curves
    network = cls.paper(hidden_size=4, n_layers=2, max_epochs=2, random_state=0)
    model = make_pipeline(CurveResampler(n_points=8), network).fit(X, Y)
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    assert loaded[-1].get_params() == network.get_params()
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(clone(loaded).fit(X, Y).predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        (
            {"net_params": {"criterion": torch.nn.MSELoss}},
            r"'net_params' of Seq2SeqRegressor: .*\['criterion'\] is a type",
        ),
        ({"random_state": np.random.RandomState(0)}, r"'random_state' .*set_params\(seq2seq__random_state=\.\.\.\)"),
        ({"lr": 1j}, "'lr' of Seq2SeqRegressor: .* complex"),
        ({"net_params": {("a",): 1}}, r"'net_params' .* key \('a',\)"),
    ],
)
def test_parameter_that_is_no_data_is_named(tmp_path, pipeline, parameters, named):
    model = load_copy(pipeline)
    model["seq2seq"].set_params(**parameters)
    with pytest.raises(TypeError, match=named):
        save_model(tmp_path / "m.spt", model)
    assert not list(tmp_path.iterdir())


def load_copy(model):
    return pickle.loads(pickle.dumps(model))


def test_self_containing_parameter(tmp_path, pipeline):
    endless = []
    endless.append(endless)
    model = load_copy(pipeline)
    model["seq2seq"].net_params = endless
    with pytest.raises(TypeError, match="nested more than"):
        save_model(tmp_path / "m.spt", model)


def test_fitted_attribute_that_is_no_data_is_named(tmp_path, pipeline):
    model = load_copy(pipeline)
    model["gaf"].extra_ = {1, 2}
    with pytest.raises(TypeError, match="fitted attribute 'extra_' of GAFTransformer"):
        save_model(tmp_path / "m.spt", model)


class Imposter(CurveResampler):
    pass


@pytest.mark.parametrize("model", [PCA(), Imposter(), make_pipeline(CurveResampler(), PCA()), "model", None])
def test_other_classes_are_refused(tmp_path, model):
    with pytest.raises(TypeError, match=r"cannot save '\w+': \w+ is not among the classes of a model file \(CurveRes"):
        save_model(tmp_path / "m.spt", model)


def test_class_of_a_public_name_is_refused(tmp_path):
    imposter = type("CurveResampler", (CurveResampler,), {})()
    with pytest.raises(TypeError, match="not among the classes"):
        save_model(tmp_path / "m.spt", imposter)


def test_search_is_pointed_to_its_best_estimator(tmp_path, curves):
    search = GridSearchCV(CurveResampler(), {"n_points": [3]})
    search.best_estimator_ = CurveResampler().fit(curves[0])
    with pytest.raises(TypeError, match="its best_estimator_"):
        save_model(tmp_path / "m.spt", search)


@pytest.mark.parametrize("model", [CurveResampler(), make_pipeline(CurveResampler(), ANNRegressor())])
def test_not_fitted(tmp_path, model):
    with pytest.raises(NotFittedError):
        save_model(tmp_path / "m.spt", model)


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"strain": [0.1, 0.1, 0.2, 0.3, 0.4, 0.5]}, ValueError, "strain must be .* increasing"),
        ({"strain": [[0.1]]}, ValueError, "1-D"),
        ({"strain": [0.1, np.nan]}, ValueError, "finite"),
        ({"strain": [0.1, 0.2]}, ValueError, "strain has 2 values, but the model gives 6 stresses"),
        ({"strain": np.arange(6), "training_targets": np.ones((3, 5))}, ValueError, "training_targets has 5 columns"),
        ({"training_targets": np.ones((3, 6)), "training_curves": []}, ValueError, "no curves"),
        ({"training_targets": np.full((3, 6), np.inf)}, ValueError, "training_targets must be a finite array"),
        ({"training_targets": np.ones(6)}, ValueError, r"shape \(6,\)"),
        ({"rig": 3}, TypeError, "rig must be"),
        ({"rig": " "}, ValueError, "the name of the rig is empty"),
        ({"elastic_modulus": -1.0}, ValueError, "elastic_modulus must be a number > 0"),
        ({"elastic_modulus": "steel"}, ValueError, "elastic_modulus must be a number > 0"),
        ({"elastic_modulus": np.nan}, ValueError, "elastic_modulus must be a number > 0"),
        ({"metadata": {"when": object()}}, TypeError, r"metadata\['when'\] is a object"),
        ({"metadata": {"errors": [1.0, np.nan]}}, ValueError, r"metadata\['errors'\]\[1\] is nan"),
        ({"metadata": {3: 4}}, TypeError, "metadata has the key 3"),
    ],
)
def test_bad_facts(tmp_path, pipeline, facts, error, match):
    with pytest.raises(error, match=match):
        save_model(tmp_path / "m.spt", pipeline, **facts)
    assert not list(tmp_path.iterdir())


def test_numbers_of_curves_and_targets_must_agree(tmp_path, pipeline, curves):
    with pytest.raises(ValueError, match="3 rows for 12 training_curves"):
        save_model(tmp_path / "m.spt", pipeline, training_curves=curves[0], training_targets=np.ones((3, 6)))


def test_failed_save_leaves_the_old_file(saved, pipeline, monkeypatch):
    before = saved.read_bytes()

    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="disk full"):
        save_model(saved, pipeline)
    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_too_large_to_be_read_is_not_written(saved, pipeline, monkeypatch):
    monkeypatch.setattr("sklearn_spt.persistence.container._MAX_ARRAYS_BYTES", 100)
    with pytest.raises(ValueError, match="its arrays would take"):
        save_model(saved, pipeline)


# Files that are none


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no model file .*nothing\.spt"):
        load_model(tmp_path / "nothing.spt")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "it is empty"),
        (b"PK", "does not begin like one"),
        (b"strain,stress\n0.1,200\n", "does not begin like one"),
        (b"PK\x03\x04", "its end is missing"),
        (pickle.dumps(print), "looks like a pickle"),
        (b"PK\x03\x04" + b"\0" * 100 + b"PK\x05\x06" + b"\0" * 18, "its directory"),
    ],
)
@pytest.mark.parametrize("read", [load_model, read_model_info])
def test_no_model_file(tmp_path, content, match, read):
    path = tmp_path / "some.spt"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=match) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path} is not a usable model file: ")
    assert message.count("\n") == 0
    assert isinstance(caught.value, ValueError)


def test_folder_and_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.spt")
    for path in (tmp_path, tmp_path / "pipe.spt"):
        with pytest.raises(ModelFileError, match="not a regular file"):
            load_model(path)


def test_pickle_is_not_executed(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    joblib.dump(Bomb(), tmp_path / "bomb.spt")
    with pytest.raises(ModelFileError, match=r"pickle.*joblib\.load"):
        load_model(tmp_path / "bomb.spt")
    for member in ("model.json", "arrays.safetensors"):
        others = {"model.json": b"{}", "arrays.safetensors": safetensors.numpy.save({})}
        write_archive(tmp_path / "zip.spt", {**others, member: pickle.dumps(Bomb())}.items())
        with pytest.raises(ModelFileError):
            load_model(tmp_path / "zip.spt")
    assert not (tmp_path / "ran").exists()


# Damaged files


def test_every_truncation_is_an_error(tmp_path, resampler_bytes):
    path = tmp_path / "cut.spt"
    for length in range(len(resampler_bytes)):
        path.write_bytes(resampler_bytes[:length])
        with pytest.raises(ModelFileError):
            load_model(path)
    path.write_bytes(resampler_bytes + b"x")
    with pytest.raises(ModelFileError, match="something was appended"):
        load_model(path)


@pytest.mark.parametrize("bits", [None, pytest.param(range(8), marks=pytest.mark.slow)], ids=["one bit", "all bits"])
def test_every_bit_flip_is_an_error_or_changes_nothing(tmp_path, resampler_bytes, curves, bits):
    path = tmp_path / "flipped.spt"
    path.write_bytes(resampler_bytes)
    expected = load_model(path).transform(curves[0])
    n_errors = n_flips = 0
    for position in range(len(resampler_bytes)):
        for bit in bits or [position % 8]:
            n_flips += 1
            content = bytearray(resampler_bytes)
            content[position] ^= 1 << bit
            path.write_bytes(content)
            try:
                model = load_model(path)
            except ModelFileError:
                n_errors += 1
            else:
                np.testing.assert_array_equal(model.transform(curves[0]), expected)
    # What may change without effect are dates, attributes and version numbers of the archive: some 50 bytes of it.
    assert n_errors > n_flips * (1 - 100 / len(resampler_bytes))


@pytest.mark.parametrize("member", [0, 1])
def test_every_change_of_a_member_breaks_a_checksum(saved, member):
    """The archive's own checksums made right again: ours must notice."""
    members = members_of(saved)
    name, content = members[member]
    random = np.random.default_rng(0)
    for position in random.integers(len(content), size=60):
        changed = bytearray(content)
        changed[position] ^= 1 << int(random.integers(8))
        if name == "model.json" and content[position : position + 1].isspace():
            continue  # white space between the tokens may change into other white space
        write_archive(saved, [(name, bytes(changed)), members[1 - member]])
        with pytest.raises(ModelFileError):
            load_model(saved)


# Hostile archives


def test_archive_with_other_members(saved, tmp_path):
    members = members_of(saved)
    text, arrays = (content for _, content in members)
    for others in (
        [*members, ("extra.txt", b"x")],
        [*members, ("model.json", text)],
        [("model.json", text), ("model.json", text)],
        [("model.json", text), ("../arrays.safetensors", arrays)],
        [("../../model.json", text), ("arrays.safetensors", arrays)],
        [("/model.json", text), ("arrays.safetensors", arrays)],
        [("model.json/", text), ("arrays.safetensors", arrays)],
        [("MODEL.JSON", text), ("arrays.safetensors", arrays)],
        members[:1],
        [],
    ):
        write_archive(saved, others)
        with pytest.raises(ModelFileError):
            load_model(saved)
    assert [entry.name for entry in tmp_path.iterdir()] == [saved.name]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_bomb(tmp_path, method):
    path = tmp_path / "bomb.spt"
    write_archive(path, [("model.json", b"0" * 2**24), ("arrays.safetensors", b"\0" * 2**24)], compression=method)
    assert path.stat().st_size < 2**20
    with pytest.raises(ModelFileError, match=r"model\.json is compressed"):
        load_model(path)


def test_member_that_claims_more_than_the_file_holds(saved):
    content = bytearray(saved.read_bytes())
    for start in (content.index(b"PK\x01\x02"), content.rindex(b"PK\x01\x02")):
        for size in (2**31, 2**20):
            changed = content.copy()
            changed[start + 20 : start + 28] = struct.pack("<LL", size, size)
            saved.write_bytes(changed)
            with pytest.raises(ModelFileError, match=r"claims to have|damaged"):
                load_model(saved)


def test_million_members_are_not_listed(tmp_path, monkeypatch):
    path = tmp_path / "many.spt"
    write_archive(path, [(f"{i}", b"") for i in range(3000)])

    def forbidden(*arguments, **keywords):
        raise AssertionError("zipfile must not see this file")

    monkeypatch.setattr(zipfile, "ZipFile", forbidden)
    with pytest.raises(ModelFileError, match="its directory"):
        load_model(path)
    # The same behind an end record that speaks of two members only.
    content = bytearray(path.read_bytes())
    content[-14:-10] = struct.pack("<HH", 2, 2)
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="its directory"):
        load_model(path)


def test_second_directory_for_large_files(saved):
    content = saved.read_bytes()
    end = content[-22:]
    start, length = struct.unpack("<L", end[16:20])[0], struct.unpack("<L", end[12:16])[0]
    locator = b"PK\x06\x07" + b"\0" * 16
    end = end[:12] + struct.pack("<LL", length + len(locator), start) + end[20:]
    saved.write_bytes(content[:-22] + locator + end)
    with pytest.raises(ModelFileError, match="its directory"):
        load_model(saved)


def test_file_that_is_too_long(saved, monkeypatch):
    monkeypatch.setattr("sklearn_spt.persistence.container._MAX_ARRAYS_BYTES", -(2**24 + 2**16))
    monkeypatch.setattr(zipfile, "ZipFile", lambda *arguments: pytest.fail("too late"))
    with pytest.raises(ModelFileError, match="more than a model file can have"):
        load_model(saved)


def test_encrypted_member(saved):
    content = bytearray(saved.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    saved.write_bytes(content)
    with pytest.raises(ModelFileError, match="encrypted"):
        load_model(saved)


# Hostile text


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[1, 2]", "does not say 'sklearn_spt model'"),
        (b'{"format": "other"}', "does not say 'sklearn_spt model'"),
        (b'{"format": "sklearn_spt model", "format": "sklearn_spt model"}', "stands twice"),
        (b'{"format": "sklearn_spt model", "format_version": NaN}', "NaN|nan is not a finite|could not"),
        (b'{"format": "sklearn_spt model", "format_version": -Infinity}', "not a finite number"),
        (b'{"format": "sklearn_spt model", "format_version": 1e999}', "1e999 is not a finite number"),
        (b'{"format": "sklearn_spt model", "format_version": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b'{"format": "sklearn_spt model", "format_version": true}', "its format version"),
        (b'{"format": "sklearn_spt model", "format_version": 0}', "its format version"),
        (b'{"format": "sklearn_spt model"}', "its format version"),
        (b'{"format": "sklearn_spt model", "format_version": 1}', "no payload"),
        (b'{"format": "sklearn_spt model", "format_version": 1, "payload": {}}', "checksum"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
    ],
)
def test_hostile_text(tmp_path, text, match):
    path = tmp_path / "text.spt"
    write_archive(path, [("model.json", text), ("arrays.safetensors", safetensors.numpy.save({}))])
    with pytest.raises(ModelFileError, match=match):
        load_model(path)


def test_newer_format_asks_for_an_upgrade(saved):
    members = dict(members_of(saved))
    document = json.loads(members["model.json"])
    document["format_version"] = 2
    document["payload"] = "unknown to this version"
    write_archive(saved, {**members, "model.json": json.dumps(document)}.items())
    with pytest.raises(ModelFileError, match=r"format version 2.*reads versions up to 1\. Upgrade: pip install --up"):
        load_model(saved)


# Hostile arrays


def safetensors_bytes(header, data=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header)) + header + data


@pytest.mark.parametrize(
    "arrays",
    [
        b"",
        b"1234",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**40) + b"{}",
        safetensors_bytes(b"{" * 1000),
        safetensors_bytes({"a": {"dtype": "F64", "shape": [2**62, 2**62], "data_offsets": [0, 8]}}, b"\0" * 8),
        safetensors_bytes({"a": {"dtype": "F64", "shape": [2**30], "data_offsets": [0, 2**33]}}, b"\0" * 8),
        safetensors_bytes({"a": {"dtype": "F64", "shape": [1], "data_offsets": [8, 16]}}, b"\0" * 16),
        safetensors_bytes({"a": {"dtype": "F64", "shape": [-1], "data_offsets": [0, 8]}}, b"\0" * 8),
        safetensors_bytes({"a": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}, b"\0" * 8),
        safetensors_bytes({"a": {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]}}, b"\0" * 8),
        safetensors_bytes({"a": {"dtype": "OBJECT", "shape": [1], "data_offsets": [0, 8]}}, b"\0" * 8),
    ],
)
def test_hostile_arrays(saved, arrays, monkeypatch):
    payload, _, _ = read_document(saved)
    monkeypatch.setattr(safetensors.numpy, "save", lambda _: arrays)
    write_document(saved, payload, {})
    with pytest.raises(ModelFileError, match="arrays"):
        load_model(saved)


# Hostile models, with checksums that are right


def set_class(name):
    def change(payload, arrays):
        step(payload, "gaf")["class"] = name

    return change


def set_parameter(name, value, of="seq2seq"):
    def change(payload, arrays):
        step(payload, of)["parameters"][name] = value

    return change


def set_fitted(name, value, of="seq2seq"):
    def change(payload, arrays):
        step(payload, of)["fitted"][name] = value

    return change


def set_network(**settings):
    def change(payload, arrays):
        pairs = step(payload, "seq2seq")["fitted"]["module_params_"]["$dict"]
        pairs[:] = [[key, settings.get(key, value)] for key, value in pairs]
        pairs += [[key, value] for key, value in settings.items() if key not in dict(map(tuple, pairs))]

    return change


def set_steps(steps):
    def change(payload, arrays):
        arrays.clear()
        payload["model"] = {"class": "Pipeline", "steps": steps}

    return change


def set_fact(name, value):
    def change(payload, arrays):
        payload[name] = value

    return change


def nest(value, levels):
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (set_class("os.system"), r"class 'os\.system', which is not among"),
        (set_class("sklearn.pipeline.Pipeline"), "not among"),
        (set_class("Pipeline"), "not among"),
        (set_class("BaseEstimator"), "not among"),
        (set_class(["CurveResampler"]), "not among"),
        (set_class(None), "not among"),
        (set_class("A" * 100_000), "class 'A{79}, which"),
        (set_class("CurveResampler"), "no parameter 'feature_range'"),
        (set_parameter("callbacks", ["x"]), "no parameter 'callbacks'"),
        (set_parameter("self", 1), "no parameter 'self'"),
        (set_parameter("hidden_size", -4), "parameters are not valid .*hidden_size must be"),
        (set_parameter("decoder", "exec"), "parameters are not valid .*decoder must be one of"),
        (set_parameter("ends", "anywhere", of="resample"), "parameters are not valid .*ends must be one of"),
        (set_parameter("method", None, of="gaf"), "parameters are not valid .*method must be one of"),
        (set_parameter("lr", {"$float": "nan"}), "parameters are not valid .*lr must be"),
        (set_parameter("lr", {"$float": "1.0"}), "may not hold"),
        (set_parameter("lr", {"$eval": "1.0"}), "may not hold"),
        (set_parameter("lr", {"$tuple": [1], "$dict": []}), "may not hold"),
        (set_parameter("lr", {}), "may not hold"),
        (set_parameter("lr", {"$scalar": ["object", 1]}), "not well formed"),
        (set_parameter("lr", {"$scalar": ["int8", 300]}), "not well formed"),
        (set_parameter("lr", {"$scalar": ["float64", "1"]}), "not well formed"),
        (set_parameter("lr", {"$scalar": [["float64"], 1]}), "not well formed"),
        (set_parameter("lr", {"$strings": ["S", ["a"]]}), "not well formed"),
        (set_parameter("lr", {"$strings": ["O", [1]]}), "not well formed"),
        # An array of texts takes the longest of them for each.
        (set_parameter("lr", {"$strings": ["U", ["a" * 12_500] + [""] * 400_000]}), "more memory"),
        (set_parameter("lr", [{"$strings": ["U", ["é" * 1000] + [""] * 1000]}] * 20), "more memory"),
        (set_parameter("lr", {"$dict": [["a"]]}), "not well formed"),
        (set_parameter("lr", {"$dict": [["a", 1], ["a", 2]]}), "not well formed"),
        (set_parameter("lr", {"$dict": [[["a"], 1]]}), "not well formed"),
        (set_parameter("lr", {"$array": "nothing"}), "may not hold"),
        (set_parameter("lr", {"$array": ["nothing"]}), "may not hold"),
        (set_parameter("net_params", nest(1, 30)), "nested too deeply"),
        (set_fitted("predict", 1), "cannot be a fitted attribute"),
        (set_fitted("__class__", 1), "cannot be a fitted attribute"),
        (set_fitted("_module_", 1), "cannot be a fitted attribute"),
        (set_fitted("_module", 1), "cannot be a fitted attribute"),
        (set_fitted("_module_class", 1), "cannot be a fitted attribute"),
        (set_fitted("state_", {"$dict": []}), "nothing refers to"),
        (set_fitted("n_epochs_", -1), "numbers that none can have .*n_epochs_"),
        (set_fitted("n_channels_", 3), "do not fit one another .*n_channels_"),
        (set_fitted("module_params_", 3), "Seq2SeqRegressor.*module_params_"),
        (set_parameter("net_params", {"$dict": [["callbacks", ["x"]]]}), "parameters are not valid .*callbacks"),
        (set_parameter("net_params", {"$dict": [["optimizer", "os.system"]]}), "parameters are not valid .*optimizer"),
        (set_parameter("net_params", {"$dict": [["criterion", "functional"]]}), "parameters are not valid .*criterion"),
        (set_network(hidden_size=10**9, n_heads=1), "cannot be built"),
        (set_network(hidden_size=10**5, n_heads=1), "too large"),
        (set_network(hidden_size=8), "do not fit its network"),
        (set_network(hidden_size=-1), "cannot be built"),
        (set_network(hidden_size="os.system"), "cannot be built"),
        (set_network(n_layers=10**9), "more layers than weights"),
        (set_network(device="cuda"), "cannot be built"),
        (set_network(masked=True), "do not fit one another .*reached_"),
        (set_steps([]), "no steps"),
        (set_steps("passthrough"), "no steps"),
        (set_steps([["gaf", "passthrough"], ["gaf", "passthrough"]]), "'gaf' cannot be the name of a step"),
        (set_steps([["a__b", "passthrough"]]), "cannot be the name of a step"),
        (set_steps([["", "passthrough"]]), "cannot be the name of a step"),
        (set_steps([["a", "drop"]]), "not well formed"),
        (set_steps([["a"]]), "not well formed"),
        (set_steps([[1, "passthrough"]]), "not well formed"),
        (set_steps([["a", {"class": "GAFTransformer"}]]), "no 'parameters'"),
        (
            set_steps([["a", {"class": "GAFTransformer", "parameters": {}, "fitted": {}}]]),
            "GAFTransformer lacks .*data_max_",
        ),
        (set_steps([["a", {"class": "Pipeline", "steps": [["b", "passthrough"]]}]]), "not among"),
        (set_fact("model", None), "not well formed"),
        (set_fact("strain", "0.1"), "'strain' is not well formed"),
        (set_fact("strain", [0.1, "0.2"]), "'strain' is not well formed"),
        (set_fact("displacement", {}), "'displacement' is not well formed"),
        (set_fact("units", None), "'units' is not well formed"),
        (set_fact("rig", ["a"]), "'rig' is not well formed"),
        (set_fact("elastic_modulus", -1.0), "'elastic_modulus' is not well formed"),
        (set_fact("training", {"load": [1.0]}), "'training' is not well formed"),
        (set_fact("training", {"n_curves": [1.0, 2.0]}), "'training' is not well formed"),
        (set_fact("metadata", 3), "'metadata' is not well formed"),
        (set_fact("versions", {"torch": 2}), "'versions' is not well formed"),
    ],
)
def test_forged_model(saved, change, match):
    forge(saved, change)
    with pytest.raises(ModelFileError, match=match):
        load_model(saved)


def test_rigs_in_any_spelling(saved, pipeline, tmp_path):
    save_model(tmp_path / "m.spt", pipeline, rig="DIN EN 10371")
    assert read_model_info(tmp_path / "m.spt").rig == "EN10371"
    # A file from before names were written in one way, and one that names none.
    for written, read in (("EN 10371", "EN10371"), (" ", " "), (None, None)):
        forge(saved, set_fact("rig", written))
        assert read_model_info(saved).rig == read


def test_array_that_nothing_refers_to(saved):
    forge(saved, lambda payload, arrays: arrays.update(stowaway=np.zeros(3)))
    with pytest.raises(ModelFileError, match="nothing refers to its array 'stowaway'"):
        load_model(saved)


def test_array_that_is_referred_to_twice(saved):
    def change(payload, arrays):
        fitted = step(payload, "seq2seq")["fitted"]
        fitted["other_"] = fitted["target_mean_"]

    forge(saved, change)
    with pytest.raises(ModelFileError, match="may not hold"):
        load_model(saved)


@pytest.mark.filterwarnings("ignore:.*predicted curves:UserWarning", "ignore:.*unlike the training curves:UserWarning")
@pytest.mark.parametrize("cls", REGRESSORS)
def test_networks_that_read_records_that_end_early(cls, tmp_path, curves):
    X, Y, _ = curves
    short = perturb_curves(X, MeasurementErrors(cut=(0.0, 0.4)), random_state=0)
    resampler = CurveResampler(n_points=8, ends="mask", descriptors=("thickness",))
    network = cls(hidden_size=4, max_epochs=1, random_state=0)
    model = make_pipeline(resampler, GAFTransformer(), network).fit(short, Y)
    assert np.isnan(resampler.transform(short)).any()
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    np.testing.assert_array_equal(loaded[-1].reached_, model[-1].reached_)
    np.testing.assert_array_equal(loaded.predict(short), model.predict(short))
    for reached in (None, model[-1].reached_[:-1], model[-1].reached_.astype(float)):
        model[-1].reached_ = reached
        save_model(tmp_path / "forged.spt", model)
        with pytest.raises(ModelFileError, match=r"do not fit one another .*reached_"):
            load_model(tmp_path / "forged.spt")


def test_network_whose_own_tables_would_fill_the_memory(tmp_path, curves):
    X, Y, _ = curves
    model = make_pipeline(CurveResampler(n_points=8), TransformerRegressor(hidden_size=4, max_epochs=1)).fit(X, Y)
    path = tmp_path / "m.spt"
    save_model(path, model)

    def change(payload, arrays):
        pairs = payload["model"]["steps"][-1][1]["fitted"]["module_params_"]["$dict"]
        pairs[:] = [[key, 10**12 if key == "n_points" else value] for key, value in pairs]

    forge(path, change)
    with pytest.raises(ModelFileError, match="too large"):
        load_model(path)


def test_forging_helper_alone_changes_nothing(saved, pipeline, curves):
    """Or the tests above would prove nothing."""
    before = saved.read_bytes()
    forge(saved, lambda payload, arrays: None)
    assert saved.read_bytes() == before
    np.testing.assert_array_equal(load_model(saved).predict(curves[0]), pipeline.predict(curves[0]))


@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_forged_values_anywhere_never_escape_the_error(resampler_bytes, tmp_path_factory, data):
    """Any one node of the payload is replaced by any JSON, the checksums are right: error or model, nothing else."""
    path = tmp_path_factory.getbasetemp() / "fuzzed.spt"
    path.write_bytes(resampler_bytes)
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )

    def change(payload, arrays):
        node = payload
        while True:
            children = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = data.draw(st.sampled_from(children))
            if isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans()):
                node = node[key]
                continue
            node[key] = data.draw(json_values)
            return

    forge(path, change)
    with contextlib.suppress(ModelFileError):
        assert isinstance(load_model(path), CurveResampler)


# Files of earlier releases


@pytest.mark.parametrize("name", ["model_v1", "stack_v1", "mlp_v1"])
def test_golden_files_of_format_1(name):
    """Written once by make_golden_model.py; every later version must read them and predict the same.

    To the digits of the network, that is: it predicted in double precision then, and does so in single precision now.
    """
    expected = json.loads((GOLDEN / f"{name}.json").read_text())
    model = load_model(GOLDEN / f"{name}.spt")
    curve = SPTCurve(expected["displacement"], expected["load"], thickness=expected["thickness"])
    np.testing.assert_allclose(model.predict([curve])[0], expected["stress"], rtol=1e-6)
    np.testing.assert_array_equal(model.model_info_.strain, expected["strain"])
    assert model.model_info_.rig == "bench"
