"""Models without a network in the paper's experiment: all fit and predict, and the inverse method finds back."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from benchmarks.paper import choices, classical, inducing
from benchmarks.paper.classical import CLASSICAL, InverseRegressor, SwiftParameters, TunedOnPartGaussianProcess
from benchmarks.paper.setting import Setting
from sklearn_spt import GaussianProcessCurveRegressor
from sklearn_spt.datasets import load_en10371_steel, load_sheet_steel
from sklearn_spt.mechanics import Swift, Voce, sheet_steel_law

N, N_TRAIN = 60, 48


@pytest.fixture(scope="module")
def sheet():
    data = load_sheet_steel()
    kept = [i for i, curve in enumerate(data.data) if curve.displacement[-1] >= 1.8][:N]
    return [data.data[i] for i in kept], data.target[kept], Setting("sheet", data.strain, 0.03, 1.8, 70_000.0, 0, True)


@pytest.fixture(scope="module")
def discs():
    data = load_en10371_steel()
    return data.data[:N], data.target[:N], Setting("en10371", data.strain, 0.02, 1.7, "curve", 0, True)


def usual_error(predicted, Y):
    """Median over the test curves: with so few for training, some are beyond them all."""
    return np.median(np.abs(predicted - Y[N_TRAIN:]).mean(axis=1))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", CLASSICAL)
def test_models_on_sheets(name, sheet):
    X, Y, setting = sheet
    model = clone(CLASSICAL[name](setting))
    predicted = model.fit(X[:N_TRAIN], Y[:N_TRAIN]).predict(X[N_TRAIN:])
    assert predicted.shape == (N - N_TRAIN, Y.shape[1])
    assert usual_error(predicted, Y) < 0.5 * usual_error(np.median(Y[:N_TRAIN], axis=0), Y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X[:2]), model.predict(X[:2]))


@pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")  # of few curves
@pytest.mark.parametrize("name", ["polynomial_flow", "gp", "inverse", "inverse_swift"])
def test_models_on_discs(name, discs):
    X, Y, setting = discs
    predicted = CLASSICAL[name](setting).fit(X[:N_TRAIN], Y[:N_TRAIN]).predict(X[N_TRAIN:])
    assert usual_error(predicted, Y) < 0.5 * usual_error(np.median(Y[:N_TRAIN], axis=0), Y)


@pytest.mark.parametrize("name", CLASSICAL)
def test_thickness_is_left_out_where_the_name_says_so(name, sheet):
    X, _, setting = sheet
    model = CLASSICAL[name](setting)
    steps = getattr(model, "estimator", model)
    with_thickness = "no_thickness" not in name
    if isinstance(steps[1], GaussianProcessCurveRegressor):
        assert steps[0].fit_transform(X[:3]).shape[2:] == ((2,) if with_thickness else ())
    else:
        assert steps[:2].fit_transform(X[:3]).shape[1] == 64 + with_thickness


@pytest.fixture(scope="module")
def inverse(sheet):
    X, Y, setting = sheet
    return classical.inverse_swift(setting).fit(X, Y)


def test_inverse_recovers_the_parameters_behind_its_own_surrogate(inverse):
    last = inverse[-1]
    # Between two training curves: not one that the starts already are.
    values = 0.5 * (last.known_[3] + last.known_[7])
    loads = last.pca_.inverse_transform(last.forward(values)[0][None])
    thickness = last.scaler_.inverse_transform(values[None])[:, -1:]
    found = last.solve(np.hstack([loads, thickness]))[0]
    np.testing.assert_allclose(found, last.scaler_.inverse_transform(values[None])[0, :-1], atol=1e-4)


def test_derivatives_of_the_surrogate(inverse):
    last = inverse[-1]
    values, h = np.array([0.3, -0.4, 0.2]), 1e-5
    for k in range(3):
        step = h * np.eye(3)[k]
        numerical = (last.forward(values + step)[0] - last.forward(values - step)[0]) / (2 * h)
        np.testing.assert_allclose(last.forward(values)[1][:, k], numerical, rtol=1e-4, atol=1e-6)


def test_surrogate_is_the_processes_with_their_trend(sheet):
    X, Y, setting = sheet
    features = classical.inverse_swift(setting)[:-1].fit_transform(X)
    parameters = SwiftParameters(setting.strain, 70_000.0, 0.01)
    last = InverseRegressor(parameters, TunedOnPartGaussianProcess(n_tuning=30), n_components=2).fit(features, Y)
    process = TunedOnPartGaussianProcess(n_tuning=30)
    trend = last.trend_.predict(last.known_)
    expected = trend[:, 1] + process.fit(last.known_, last.scores_[:, 1] - trend[:, 1]).predict(last.known_)
    np.testing.assert_allclose([last.forward(z)[0][1] for z in last.known_], expected, atol=1e-8)


def test_swift_parameters_of_swift_curves():
    strain = np.linspace(0.002, 0.2, 100)
    stress = sheet_steel_law([300, 2900], [0.5, 0.1]).true_stress(strain)
    parameters = SwiftParameters(strain, 70_000.0, 0.01).fit(stress)
    np.testing.assert_allclose(parameters.transform(stress)[:, 1], [0.5, 0.1], rtol=1e-9)
    np.testing.assert_allclose(parameters.inverse_transform(parameters.transform(stress)), stress, rtol=1e-9)


def test_swift_parameters_with_unknown_prestrain():
    strain = np.linspace(0.0005, 0.2, 100)  # the first on Hooke's line
    stress = Swift(E=205_000, K=1000, epsilon0=[0.001, 0.02], n=0.2).true_stress(strain)
    parameters = SwiftParameters(strain, "curve").fit(stress)
    # The prestrain is the nearest of a list.
    np.testing.assert_allclose(parameters.inverse_transform(parameters.transform(stress)), stress, rtol=2e-3)
    other = Voce(E=205_000, sigma0=400, Q=300, b=20).true_stress(strain)[None]
    assert np.abs(parameters.inverse_transform(parameters.transform(other)) / other - 1).mean() < 0.05


@pytest.mark.parametrize("columns", [None, 3])
def test_process_is_that_of_scikit_learn(columns):
    rng = np.random.default_rng(0)
    X, new = rng.normal(size=(40, 2)), rng.normal(size=(5, 2))
    y = 100 + 20 * (np.sin(X[:, 0]) + X[:, 1] ** 2) + rng.normal(size=40)
    if columns:
        y = np.column_stack([y**k for k in range(1, columns + 1)])
    process = TunedOnPartGaussianProcess(n_tuning=25).fit(X, y)
    reference = GaussianProcessRegressor(process.kernel_, optimizer=None, normalize_y=True).fit(X, y)
    np.testing.assert_allclose(process.predict(new), reference.predict(new), rtol=1e-9)


def test_process_is_tuned_nearly_as_well_on_a_part():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.sin(X[:, 0]) + X[:, 1] ** 2 + 0.1 * rng.normal(size=60)
    errors = [np.std(TunedOnPartGaussianProcess(n_tuning=n).fit(X, y).leave_one_out_) for n in (60, 40)]
    assert errors[1] < 1.3 * errors[0]
    assert errors[0] < 0.2


def test_leave_one_out_is_that_of_refitting():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 1))
    y = np.sin(X[:, 0]) + 0.1 * rng.normal(size=20)
    process = TunedOnPartGaussianProcess().fit(X, y)
    rest = np.arange(20) != 7
    normal = (y - y.mean()) / y.std()
    without = GaussianProcessRegressor(process.kernel_, optimizer=None).fit(X[rest], normal[rest])
    expected = (normal[7] - without.predict(X[7:8])[0]) * y.std()
    assert process.leave_one_out_[7] == pytest.approx(expected, rel=1e-6)


def test_choices_of_the_gaussian_processes_are_measured():
    found = list(choices.rows("sheet", [], quick=True))
    assert [row["kernel"] for row in found[:-1]] == list(choices.KERNELS)
    assert found[-1]["components"] == "5, 7, 10"
    assert all(0 < row["median MAE, MPa"] < row["mean MAE, MPa"] < row["worst MAE, MPa"] for row in found)


def test_what_inducing_points_do_is_measured():
    drawn, *sparse = inducing.rows(quick=True)
    assert drawn["learned from"] == "the drawn ones"
    assert {row["learned from"] for row in sparse} == {"all copies"}
    assert all(row["mean MAE, MPa"] < drawn["mean MAE, MPa"] < drawn["worst MAE, MPa"] for row in sparse)


def test_choices_that_are_known_are_kept(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.paper.choices.RESULTS", tmp_path)
    monkeypatch.setattr("benchmarks._record.RESULTS", tmp_path)
    assert choices.kept() == []
    known = []
    for kernel, components in choices.cases("sheet", quick=True):
        case = {"kernel": kernel, "components": choices.written(components)}
        known.append({"set": "sheet", "curves": 108, **case, "s": 1})
    choices.record(choices.NAME, title="", rows=known[1:])
    assert choices.kept() == known[1:]
    found = list(choices.rows("sheet", choices.kept(), quick=True))
    assert found[1:] == known[1:]
    assert 0 < found[0]["mean MAE, MPa"] < found[0]["worst MAE, MPa"]
    monkeypatch.setattr("benchmarks.paper.choices.installed", dict)
    assert choices.kept() == []


def test_choices_that_are_made_no_more_are_dropped(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.paper.choices.RESULTS", tmp_path)
    monkeypatch.setattr("benchmarks._record.RESULTS", tmp_path)
    monkeypatch.setattr(choices, "COMPONENTS", {"sheet": (4,)})
    monkeypatch.setattr(choices, "CANDIDATES", {"sheet": ()})
    monkeypatch.setattr("sys.argv", ["choices"])
    wanted = [{"set": "sheet", "curves": 9, "kernel": kernel, "components": 4, "s": 1} for kernel in choices.KERNELS]
    choices.record(choices.NAME, title="", rows=[*wanted[1:], wanted[1] | {"components": "4, 6"}])

    def interrupted(data, known):
        yield wanted[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(choices, "rows", interrupted)
    with pytest.raises(KeyboardInterrupt):
        choices.main()
    # What is to come stays; what is of no case goes.
    assert choices.kept() == wanted
    monkeypatch.setattr(choices, "rows", lambda data, known: iter(wanted))
    assert choices.main() == 0
    assert choices.kept() == wanted


def test_process_raises_a_noise_that_the_arithmetic_of_all_curves_cannot_bear():
    X = np.linspace(0, 1, 400)[:, None]
    y = np.sin(5 * X[:, 0])
    kernel = ConstantKernel(1e6) * RBF(0.5) + WhiteKernel(1e-10)
    with pytest.raises(np.linalg.LinAlgError):
        GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)
    process = TunedOnPartGaussianProcess._fit_all(kernel, X, y)
    assert 1e-10 < process.kernel_.k2.noise_level <= 1e-6
    assert np.abs(process.predict(X) - y).max() < 1e-4
