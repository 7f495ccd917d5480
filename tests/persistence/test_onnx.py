"""Pipelines as ONNX: the graph predicts what the pipeline predicts, and its reader needs nothing else."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    ANNRegressor,
    CurveResampler,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    Seq2SeqRegressor,
    ToeCorrector,
    TransformerRegressor,
    load_model,
    read_onnx,
    save_model,
    to_onnx,
)
from sklearn_spt.datasets import load_en10371_steel, load_pretrained, make_spt_curves
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.persistence import ModelFileError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

TINY = {"hidden_size": 8, "conv_channels": 2, "max_epochs": 3, "random_state": 0}
NETWORKS = {
    "as bundled": Seq2SeqRegressor(),
    "with one direction": Seq2SeqRegressor(net_params={"module__bidirectional": False, "module__head": "context"}),
    "of two layers": LSTMRegressor(n_layers=2),
    "without convolutions": LSTMRegressor(conv_channels=0),
    "the paper's": Seq2SeqRegressor(n_layers=2, decoder="autoregressive", input_scaling="standard"),
    "GRU": GRURegressor(n_layers=2),
    "GRU that feeds back": GRURegressor(decoder="autoregressive"),
    "transformer": TransformerRegressor(n_layers=2, n_heads=2),
    "fully connected": ANNRegressor(n_layers=2),
}


@pytest.fixture(scope="module")
def data():
    return make_spt_curves(30, n_strains=25, return_strain=True, random_state=0)


def fitted(data, regressor, *between, descriptors=("thickness",), ends="hold", **changes):
    X, Y, strain = data
    settings = {**TINY, "elastic_modulus": "curve", "strain": strain, **changes}
    if regressor.conv_channels == 0:
        settings["conv_channels"] = 0
    regressor = clone(regressor).set_params(**settings)
    return make_pipeline(CurveResampler(n_points=16, descriptors=descriptors, ends=ends), *between, regressor).fit(X, Y)


def read_back(model, folder):
    to_onnx(model, folder / "model.onnx")
    return read_onnx(folder / "model.onnx")


def check_parity(model, found, curves):
    """Together and alone; the network's seven digits are those of the stress."""
    record = model[0].transform(curves)
    loads, facts = record, {}
    if record.ndim == 3:
        loads, facts = record[:, :, 0], {name: record[:, 0, 1 + k] for k, name in enumerate(found.descriptors)}
    for n in (7, 1):
        predicted = found.predict(loads[:n], **{name: fact[:n] for name, fact in facts.items()})
        np.testing.assert_allclose(predicted, model.predict(curves[:n]), rtol=5e-6)
    one = found.predict(loads[0], **{name: fact[0] for name, fact in facts.items()})
    np.testing.assert_array_equal(one, predicted[0])


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, data, tmp_path):
    model = fitted(data, NETWORKS[name])
    check_parity(model, read_back(model, tmp_path), data[0])


@pytest.mark.parametrize(
    "gaf",
    [
        GAFTransformer(),
        GAFTransformer(method="difference", scaling="sample", feature_range=(-1, 1)),
        GAFTransformer(image_size=10),
    ],
)
def test_images(gaf, data, tmp_path):
    model = fitted(data, Seq2SeqRegressor(), gaf)
    check_parity(model, read_back(model, tmp_path), data[0])


def test_an_image_that_the_regressor_leaves_out(data, tmp_path):
    model = fitted(data, LSTMRegressor(), GAFTransformer())
    check_parity(model, read_back(model, tmp_path), data[0])


@pytest.fixture(scope="module")
def ragged(data):
    """Records that end early, and one that begins late."""
    X, Y, strain = data
    rng = np.random.default_rng(0)
    stops = rng.integers(len(X[0].load) * 3 // 4, len(X[0].load) + 1, len(X))
    stops[:2] = len(X[0].load) * 3 // 4, len(X[0].load)
    short = [c.replace(displacement=c.displacement[:k], load=c.load[:k]) for c, k in zip(X, stops, strict=True)]
    short[2] = X[2].replace(displacement=X[2].displacement[8:], load=X[2].load[8:])
    return short, Y, strain


@pytest.mark.parametrize("name", NETWORKS)
def test_records_that_lack_points(name, ragged, tmp_path):
    model = fitted(ragged, NETWORKS[name], ends="mask")
    assert model[-1].reached_ is not None
    assert np.isnan(model[0].transform(ragged[0][:1])).any()
    found = read_back(model, tmp_path)
    assert found.masked
    check_parity(model, found, ragged[0])


@pytest.mark.parametrize("gaf", [GAFTransformer(scaling="sample"), GAFTransformer(image_size=10)])
def test_images_of_records_that_lack_points(gaf, ragged, tmp_path):
    model = fitted(ragged, Seq2SeqRegressor(), gaf, ends="mask")
    check_parity(model, read_back(model, tmp_path), ragged[0])


def test_loads_that_the_network_does_not_read(ragged, tmp_path):
    """Where hardly a training record had a load there was nothing to learn."""
    X, Y, strain = ragged
    grid = np.linspace(*X[1].displacement[[0, -1]], 16)
    short = [
        c if k in (0, 1, 3) else c.replace(displacement=c.displacement[:38], load=c.load[:38]) for k, c in enumerate(X)
    ]
    resampler = CurveResampler(grid=grid, ends="mask", descriptors=("thickness",))
    network = Seq2SeqRegressor(**TINY, elastic_modulus="curve", strain=strain)
    model = make_pipeline(resampler, network).fit(short, Y)
    assert not model[-1].reached_.all()
    check_parity(model, read_back(model, tmp_path), [X[1], *X])


@pytest.mark.parametrize("elastic_modulus", [None, 250_000.0, "curve"])
def test_targets(elastic_modulus, data, tmp_path):
    model = fitted(data, Seq2SeqRegressor(), elastic_modulus=elastic_modulus, descriptors=())
    found = read_back(model, tmp_path)
    assert found.descriptors == ()
    check_parity(model, found, data[0])


def test_curves_that_may_fall(data, tmp_path):
    """Of a softening material nothing is projected."""
    X, Y, strain = data
    softening = Y * np.where(strain > strain[-1] / 2, 0.8, 1.0)
    model = fitted((X, softening, strain), Seq2SeqRegressor(), max_epochs=60)
    predicted = model.predict(X)
    assert (np.diff(predicted, axis=1) < 0).any()
    check_parity(model, read_back(model, tmp_path), X)


def test_flow_curves_that_fall_are_projected(data, tmp_path):
    """An untrained network's flow curves are far from rising: its projection is put to the test."""
    model = fitted(data, Seq2SeqRegressor(), max_epochs=1)
    model[-1].target_std_ = 30 * model[-1].target_std_
    found = read_back(model, tmp_path)
    check_parity(model, found, data[0])
    record = model[0].transform(data[0])
    predicted = found.predict(record[:, :, 0], thickness=record[:, 0, 1])
    assert (np.diff(predicted, axis=1) >= -1e-9 * predicted.max()).all()
    # Long parts of the curves are flat: so they are where something fell.
    assert (np.diff(predicted, axis=1) < 1e-9 * predicted.max()).mean() > 0.1


@pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")
def test_the_bundled_model(tmp_path):
    model, curves = load_pretrained("en10371"), load_en10371_steel().data[:50]
    found = read_back(model, tmp_path)
    record = model[0].transform(curves)
    predicted = found.predict(record[:, :, 0], thickness=record[:, 0, 1])
    assert abs(predicted - model.predict(curves)).max() < 0.01
    info = model.model_info_
    np.testing.assert_array_equal(found.grid, model[0].grid_)
    np.testing.assert_array_equal(found.strain, info.strain)
    assert found.descriptors == ("thickness",)
    assert (found.training, found.rig, found.elastic_modulus) == (info.training, info.rig, info.elastic_modulus)
    assert found.masked == (getattr(model[-1], "reached_", None) is not None)
    assert (found.name, found.version, found.units["stress"]) == ("model", info.version, "MPa")
    assert "thickness" in repr(found)


def test_the_training_domain_is_kept(data, tmp_path):
    X, Y, strain = data
    fresh = fitted(data, Seq2SeqRegressor())
    save_model(tmp_path / "model.spt", fresh, strain=strain, training_curves=X, training_targets=Y)
    found = read_back(load_model(tmp_path / "model.spt"), tmp_path)
    loads = fresh[0].transform(X)[:3, :, 0]
    with pytest.warns(UntrustedPredictionWarning, match="curve 1.*thickness outside"):
        found.predict(loads, thickness=[0.5, 9.0, 0.5])
    with pytest.warns(UntrustedPredictionWarning, match="3 of 3.*maximum load outside"):
        found.predict(1000 * loads, thickness=0.5)


def test_the_distance_is_the_pipelines(data, tmp_path):
    model = fitted(data, Seq2SeqRegressor())
    found = read_back(model, tmp_path)
    record = model[0].transform(data[0][:4])
    record[2, :, 0] *= 100
    with pytest.warns(UntrustedPredictionWarning, match=r"curve 2\) are unlike the training curves"):
        found.predict(record[:, :, 0], thickness=record[:, 0, 1])


def test_the_reader_needs_neither_torch_nor_scikit_learn(data, tmp_path):
    to_onnx(fitted(data, Seq2SeqRegressor()), tmp_path / "model.onnx")
    code = (
        "import sys; from sklearn_spt import read_onnx; "
        f"model = read_onnx({str(tmp_path / 'model.onnx')!r}); "
        "model.predict(0 * model.grid + 500, thickness=0.5); "
        "print([m for m in ('torch', 'skorch', 'sklearn', 'scipy', 'onnx') if m in sys.modules])"
    )
    run = [sys.executable, "-W", "ignore", "-c", code]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_input_is_checked(data, tmp_path):
    found = read_back(fitted(data, Seq2SeqRegressor()), tmp_path)
    loads = np.full((2, 16), 300.0)
    with pytest.raises(ValueError, match="one load for each displacement"):
        found.predict(loads[:, 1:], thickness=0.5)
    with pytest.raises(TypeError, match="thickness"):
        found.predict(loads)
    with pytest.raises(TypeError, match="temperature"):
        found.predict(loads, thickness=0.5, temperature=20)
    with pytest.raises(ValueError, match="thickness must be one number"):
        found.predict(loads, thickness=[0.5, 0.5, 0.5])
    loads[1, 3] = np.nan
    assert not found.masked
    with pytest.raises(ValueError, match="loads of curve 1"):
        found.predict(loads, thickness=0.5)


def test_input_with_missing_loads_is_checked(ragged, tmp_path):
    found = read_back(fitted(ragged, Seq2SeqRegressor(), ends="mask"), tmp_path)
    loads = np.full((2, 16), 300.0)
    loads[1, 12:] = np.nan
    assert np.isfinite(found.predict(loads, thickness=0.5)).all()
    for value in (np.nan, np.inf):
        loads[1] = value
        with pytest.raises(ValueError, match="loads of curve 1"):
            found.predict(loads, thickness=0.5)
    with pytest.raises(ValueError, match="thickness of curves 0, 1"):
        found.predict(loads[:1].repeat(2, axis=0), thickness=np.nan)


def test_what_cannot_be_written(data, tmp_path):
    path = tmp_path / "model.onnx"
    resampler, good = CurveResampler(n_points=16), fitted(data, Seq2SeqRegressor())
    for model in (
        good[0],
        good[-1],
        make_pipeline(resampler),
        make_pipeline(ToeCorrector(), resampler, Seq2SeqRegressor()),
        make_pipeline(resampler, GaussianProcessCurveRegressor()),
    ):
        with pytest.raises(TypeError, match="to_onnx takes a Pipeline of a CurveResampler"):
            to_onnx(model, path)
    with pytest.raises(NotFittedError):
        to_onnx(make_pipeline(resampler, Seq2SeqRegressor()), path)
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        to_onnx(good, tmp_path)
    with pytest.raises(FileNotFoundError, match="create it first"):
        to_onnx(good, tmp_path / "none" / "model.onnx")
    good[-1].module_params_["gates"] = 5
    with pytest.raises(TypeError, match="gates"):
        to_onnx(good, path)
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_only_when_the_new_one_is_complete(data, tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_text("before")

    def fail(model, file):
        file.write_text("half")
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("onnx.save_model", fail)
        with pytest.raises(OSError, match="full"):
            to_onnx(fitted(data, Seq2SeqRegressor()), path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
    assert path.read_text() == "before"


def test_missing_packages_are_named(data, tmp_path, monkeypatch):
    model = fitted(data, Seq2SeqRegressor())
    to_onnx(model, tmp_path / "model.onnx")
    for package, call in (
        ("onnx", lambda: to_onnx(model, tmp_path / "model.onnx")),
        ("onnxruntime", lambda: read_onnx(tmp_path / "model.onnx")),
    ):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            with pytest.raises(ImportError, match=rf'the package {package}: pip install "sklearn-spt\[onnx\]"'):
                call()


def test_files_that_cannot_be_read(data, tmp_path):
    path = tmp_path / "model.onnx"
    with pytest.raises(FileNotFoundError, match="no file"):
        read_onnx(path)
    with pytest.raises(ModelFileError):
        read_onnx(tmp_path)
    to_onnx(fitted(data, Seq2SeqRegressor()), path)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ModelFileError):
            read_onnx(path)
    for changes in ({"format": "other"}, {"format_version": 99}, {"grid": None}):
        model = onnx.load_from_string(whole)
        facts = {entry.key: entry.value for entry in model.metadata_props}
        facts |= {key: json.dumps(value) for key, value in changes.items()}
        onnx.helper.set_model_props(model, facts)
        path.write_bytes(model.SerializeToString())
        with pytest.raises(ModelFileError):
            read_onnx(path)
