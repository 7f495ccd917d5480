"""scikit-learn's own checks over every public estimator, and what all of ours share beyond them."""

import inspect

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import sklearn_spt
from sklearn_spt import CurveResampler, CurveStackingRegressor, FlowCurveTransformer, GAFTransformer, Seq2SeqRegressor
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.regressors._network import BaseNetworkRegressor

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

PUBLIC = [
    value
    for value in (getattr(sklearn_spt, name) for name in sklearn_spt.__all__)
    if inspect.isclass(value) and issubclass(value, BaseEstimator)
]
# They turn records into records. scikit-learn's checks pass tables of numbers, whose columns have no displacement: for
# a correction that is no input. tests/preprocessing/test_corrections.py has what is asked of them.
CORRECTIONS = [
    sklearn_spt.ComplianceCorrector,
    sklearn_spt.CurveCutter,
    sklearn_spt.CurveSmoother,
    sklearn_spt.DeflectionConverter,
    sklearn_spt.LoadOffsetCorrector,
    sklearn_spt.ToeCorrector,
    sklearn_spt.UnloadingCorrector,
]
# A parameter with parameters of its own, which is not fitted.
PARAMETERS = [sklearn_spt.MeasurementErrors]
ESTIMATORS = [cls for cls in PUBLIC if cls not in (*CORRECTIONS, *PARAMETERS)]
REGRESSORS = [cls for cls in ESTIMATORS if issubclass(cls, BaseNetworkRegressor)]

# Small and quick to train, yet good enough for the checks that ask for a score.
SMALL = {"hidden_size": 16, "conv_channels": 4, "max_epochs": 15, "lr": 0.02}


def small(cls, **changes):
    """An instance of every public estimator that fits in a moment."""
    settings = {**SMALL, **changes} if cls in REGRESSORS else changes
    if cls is sklearn_spt.CorrelationRegressor:
        # The load at a displacement can be read off any row of numbers.
        settings = {"correlations": "Fi/h0^2", "thickness": 0.5, **changes}
    if cls is sklearn_spt.AugmentedRegressor:
        # Fits twice as many curves; what is noise for a curve of a test is none for random numbers.
        errors = sklearn_spt.MeasurementErrors(noise=1e-6)
        settings = {"regressor": Ridge(), "errors": errors, "n_copies": 1, "random_state": 0, **changes}
    if cls is sklearn_spt.CurveStackingRegressor:
        settings = {"primary": Ridge(), "secondary": Ridge(100.0), "cv": 2, "random_state": 0, **changes}
    if cls is sklearn_spt.ConformalCurveRegressor:
        # A single curve calibrates it; a check sets alpha to 0.01, which takes 99 of its 200.
        settings = {"estimator": Ridge(), "alpha": 0.5, "calibration_size": 0.5, "random_state": 0, **changes}
    if cls is sklearn_spt.MLPCurveRegressor:
        settings = {"n_components": (5, 10), "hidden_size": 4, "max_iter": 80, **changes}
    if cls is sklearn_spt.SPTEmulator:
        settings = {"n_members": 2, "hidden_size": 16, "max_epochs": 60, "random_state": 0, **changes}
    if cls is sklearn_spt.ComplianceCorrector:
        settings = {"compliance": 1e-6, **changes}
    if cls is sklearn_spt.TransformerRegressor:
        settings = {"feedforward_size": 16, "n_layers": 1, **settings}
    return cls(**settings)


def test_every_public_estimator_is_found():
    assert {cls.__name__ for cls in ESTIMATORS} == {
        "ANNRegressor",
        "AugmentedRegressor",
        "CharacteristicTransformer",
        "ConformalCurveRegressor",
        "CorrelationRegressor",
        "CurveStackingRegressor",
        "CurveResampler",
        "FlowCurveTransformer",
        "GAFTransformer",
        "GRURegressor",
        "GaussianProcessCurveRegressor",
        "LSTMRegressor",
        "MLPCurveRegressor",
        "SPTEmulator",
        "Seq2SeqRegressor",
        "TransformerRegressor",
    }


@parametrize_with_checks([small(cls) for cls in ESTIMATORS])
def test_scikit_learn(estimator, check, monkeypatch):
    check(estimator)


def test_scikit_learn_checks_are_not_skipped_wholesale():
    # An estimator with the wrong tags gets no check at all, and "passes".
    from sklearn.utils.estimator_checks import estimator_checks_generator

    for cls in ESTIMATORS:
        assert len(list(estimator_checks_generator(small(cls)))) > 40, cls


def test_tables_are_no_input_of_corrections():
    for cls in CORRECTIONS:
        assert not small(cls).__sklearn_tags__().input_tags.two_d_array
        with pytest.raises((TypeError, ValueError)):
            small(cls).fit_transform(np.ones((3, 8)))


@pytest.mark.parametrize("cls", PUBLIC)
def test_parameters_are_flat_and_documented(cls):
    estimator = small(cls)
    for name in estimator.get_params(deep=False):
        assert f"\n    {name} : " in cls.__doc__, f"{name} is not documented"
    copy = clone(estimator).get_params()
    assert {key: str(value) for key, value in copy.items()} == {
        key: str(v) for key, v in estimator.get_params().items()
    }


@pytest.mark.parametrize("cls", [cls for cls in ESTIMATORS if not issubclass(cls, MetaEstimatorMixin)])
def test_fitted_state_is_plain_data(cls):
    """Model files keep it, so it holds nothing that no data file could."""
    rng = np.random.default_rng(0)
    X, y = rng.uniform(1, 2, (30, 12)), rng.uniform(1, 2, (30, 5))
    estimator = small(cls, **({"max_epochs": 1} if cls in REGRESSORS else {})).fit(X, y)

    def check(value, where):
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str), where
                check(item, f"{where}[{key!r}]")
        elif isinstance(value, list | tuple):
            for item in value:
                check(item, where)
        else:
            assert value is None or isinstance(value, np.ndarray | np.generic | str | int | float), where

    # LSTMRegressor also has the parameters of the class that it derives from.
    parameters = {name for base in cls.__mro__ for name in inspect.signature(base.__init__).parameters}
    for name, value in vars(estimator).items():
        if name not in parameters:
            assert name.endswith("_"), name
            check(value, name)


PANDAS = {
    "readme": (CurveResampler(12, descriptors=("thickness",)), GAFTransformer(), "gp"),
    "flat": (CurveResampler(12), "gp"),
    "image": (CurveResampler(12), GAFTransformer(), "network"),
    "corrected": (sklearn_spt.standard_corrections(), CurveResampler(12), "network"),
    "flow": (CurveResampler(12), "flow"),
    "stack": (CurveResampler(12), "stack"),
    "mlp": (CurveResampler(12), "mlp"),
    "read": (sklearn_spt.CharacteristicTransformer(("Fi",)), Ridge()),
}


def last_step(name):
    network = Seq2SeqRegressor(hidden_size=4, max_epochs=2, random_state=0)
    gp = sklearn_spt.GaussianProcessCurveRegressor(n_tuning=20, random_state=0)
    made = {
        "gp": gp,
        "network": network,
        "flow": TransformedTargetRegressor(network, transformer=FlowCurveTransformer(), check_inverse=False),
        "stack": CurveStackingRegressor(gp, network, cv=2, random_state=0),
        "mlp": sklearn_spt.MLPCurveRegressor(n_components=3, hidden_size=2, max_iter=20, random_state=0),
    }
    return made[name]


@pytest.mark.parametrize("name", PANDAS)
def test_frames_as_default_output_change_nothing(name):
    """Many notebooks begin with ``set_config(transform_output="pandas")``."""
    pytest.importorskip("pandas")
    X, Y = make_spt_curves(30, random_state=0)
    X = [curve.replace(thickness=0.5) for curve in X]
    steps = [clone(step) if hasattr(step, "fit") else last_step(step) for step in PANDAS[name]]
    expected = make_pipeline(*steps).fit(X, Y).predict(X)
    with sklearn.config_context(transform_output="pandas"):
        found = make_pipeline(*map(clone, steps)).fit(X, Y).predict(X)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
