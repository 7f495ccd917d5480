import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_spt import AugmentedRegressor, CurveResampler, CurveStackingRegressor, GaussianProcessCurveRegressor
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.inspection import TrainingHistoryDisplay
from sklearn_spt.regressors import ANNRegressor

HISTORY = [
    {"epoch": 1, "train_loss": 1.0, "valid_loss": 1.2},
    {"epoch": 2, "train_loss": 0.5, "valid_loss": 0.7},
    {"epoch": 3, "train_loss": 0.3, "valid_loss": 0.9},
]
X, Y = make_spt_curves(12, n_points=12, random_state=0)
GRID = CurveResampler(n_points=12).fit_transform(X)


def test_both_losses_and_the_lowest_point():
    display = TrainingHistoryDisplay.from_history(HISTORY)
    assert display.best_epoch_ == 2
    np.testing.assert_array_equal(display.lines_["train_loss"].get_xydata(), [[1, 1.0], [2, 0.5], [3, 0.3]])
    np.testing.assert_array_equal(display.lines_["valid_loss"].get_xydata(), [[1, 1.2], [2, 0.7], [3, 0.9]])
    assert display.lines_["train_loss"].get_linestyle() == "-"
    assert display.lines_["valid_loss"].get_linestyle() == "--"
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_ylabel() == "loss (scaled targets)"
    assert display.ax_.get_yscale() == "log"
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["training curves", "held-out curves", "lowest: 0.7 in epoch 2"]


def test_training_loss_alone_on_given_axes():
    _, ax = plt.subplots()
    display = TrainingHistoryDisplay.from_history([{"train_loss": 1.0}], ax=ax, log_scale=False)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert list(display.lines_) == ["train_loss"]
    assert display.lines_["train_loss"].get_marker() == "o"
    assert display.best_epoch_ is None
    assert ax.get_yscale() == "linear"
    assert display.plot() is display


@pytest.mark.parametrize("wrap", ["none", "pipeline", "target", "search", "augmented", "stack"])
def test_from_estimator(wrap):
    network = ANNRegressor(max_epochs=3, random_state=0)
    if wrap == "none":
        fitted = model = network.fit(GRID, Y)
    elif wrap == "pipeline":
        model = make_pipeline(CurveResampler(n_points=12), network).fit(X, Y)
        fitted = model[-1]
    elif wrap == "stack":
        model = make_pipeline(CurveResampler(n_points=12), CurveStackingRegressor(Ridge(), network, cv=0.2)).fit(X, Y)
        fitted = model[-1].secondary_
    elif wrap == "target":
        model = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(GRID, Y)
        fitted = model.regressor_
    elif wrap == "search":
        model = GridSearchCV(network, {"hidden_size": [4]}, cv=[(np.arange(12), np.arange(12))]).fit(GRID, Y)
        fitted = model.best_estimator_
    else:
        inner = make_pipeline(CurveResampler(n_points=12), network)
        model = AugmentedRegressor(inner, random_state=0).fit(X, Y)
        fitted = model.regressor_[-1]
    display = TrainingHistoryDisplay.from_estimator(model)
    losses = [epoch["train_loss"] for epoch in fitted.history_]
    assert len(losses) == 3
    np.testing.assert_array_equal(display.lines_["train_loss"].get_ydata(), losses)


def test_bad_input():
    with pytest.raises(NotFittedError, match="ANNRegressor is not fitted: it has no history_; call fit first"):
        TrainingHistoryDisplay.from_estimator(make_pipeline(CurveResampler(), ANNRegressor()))
    with pytest.raises(TypeError, match=r"Ridge keeps no history of its training \(history_\)"):
        TrainingHistoryDisplay.from_estimator(make_pipeline(StandardScaler(), Ridge()).fit(GRID, Y))
    with pytest.raises(ValueError, match="history is empty"):
        TrainingHistoryDisplay.from_history([])
    with pytest.raises(ValueError, match=r"epoch 2 of the history has no train_loss; it has \['loss'\]"):
        TrainingHistoryDisplay.from_history([HISTORY[0], {"loss": 1.0}])
    for wrong in (HISTORY[0], [1.0, 0.5]):
        with pytest.raises(TypeError, match="history must be a list with a dict for each epoch"):
            TrainingHistoryDisplay.from_history(wrong)


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="TrainingHistoryDisplay needs matplotlib"):
        TrainingHistoryDisplay.from_history(HISTORY)


def test_fitted_without_a_history():
    processes = GaussianProcessCurveRegressor(n_tuning=5)
    with pytest.raises(NotFittedError, match="GaussianProcessCurveRegressor is not fitted"):
        TrainingHistoryDisplay.from_estimator(processes)
    for model in (processes, CurveStackingRegressor(Ridge(), processes, cv=2)):
        with pytest.raises(TypeError, match="keeps no history"):
            TrainingHistoryDisplay.from_estimator(model.fit(GRID, Y))
