"""A regressor of curves on numbers: an ensemble of networks over a linear trend, with derivatives."""

import warnings
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

from ..exceptions import UntrustedPredictionWarning
from ..utils.parameters import Count, NotNegative, NotNegativeCount, Parametrized, Positive, Scaling
from ..utils.state import Anything, Array, Choice, Field, Number, Record
from ..utils.validation import draw_seed
from ..utils.warnings import name_curves
from ._emulator_network import differentiate, evaluate, train

# Weight of an error in a load of zero, where that of an error in the maximum load is one more.
MIN_WEIGHT = 0.03
# Penalty of the trend; it keeps neighbouring flow stresses, which rise and fall together, from cancelling each other.
TREND_PENALTY = 0.3
# Last known targets whose slope goes on behind them, for trend and components alone.
TAIL = 6
# Part of the variance of the features that the components in use explain. The smallest of them, the fine shape of the
# flow curve, are magnified: their spread is divided by this power of itself.
EXPLAINED, SHARPNESS, MIN_SPREAD = 0.99999, 0.5, 1e-3
# How far a feature, and a component of all of them, may lie beyond the training range, in parts of it.
MARGIN, COMPONENT_MARGIN = 0.05, 0.25
# Samples that are evaluated at once.
BATCH = 256


class BaseEmulator(RegressorMixin, Parametrized, BaseEstimator):
    """The part of the emulator that knows arrays alone."""

    _: KW_ONLY
    n_components: Count = 20
    n_members: Count = 4
    hidden_size: Count = 128
    n_layers: Count = 3
    max_epochs: Count = 400
    batch_size: Count = 64
    lr: Positive = 4e-3
    weight_decay: NotNegative = 0.2
    target_scaling: Scaling = "auto"
    random_state: Any = None
    verbose: NotNegativeCount = 0

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "y_ndim_": Number(kind=int, low=1, high=2),
        "n_outputs_": Number(kind=int, low=1, size="outputs"),
        "target_scaling_": Choice(options=("log", "standard")),
        "target_mean_": Array(shape=("outputs",)),
        "target_std_": Array(shape=("outputs",), above=0),
        "feature_mean_": Array(shape=("features",)),
        "feature_std_": Array(shape=("features",), above=0),
        "feature_range_": Array(shape=(2, "features")),
        "input_components_": Array(shape=("inputs", "features")),
        "input_range_": Array(shape=(2, "inputs")),
        "trend_": Array(shape=("inputs", "outputs")),
        "components_": Array(shape=("components", "outputs")),
        "weights_": Record(
            fields={
                "input_weights": Array(shape=("members", "inputs", "hidden")),
                "input_biases": Array(shape=("members", 1, "hidden")),
                "hidden_weights": Array(shape=("members", "layers", "hidden", "hidden")),
                "hidden_biases": Array(shape=("members", "layers", 1, "hidden")),
                "output_weights": Array(shape=("members", "hidden", "components")),
                "output_biases": Array(shape=("members", 1, "components")),
            }
        ),
        "history_": Anything(kind=list),
    }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from arrays.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; for tests, those of `features`.
        y : array-like of shape (n_samples, n_outputs) or (n_samples,)
            Targets; for tests, those of `targets`. NaN where a value is not known.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, the data are not numbers of these shapes, or nothing is known of a
            sample.
        RuntimeError
            If the training diverges.
        """
        self._check_parameters()
        X, y = self._validate_training(X, y)
        known = np.isfinite(y)
        self.target_scaling_ = self._choose_scaling(y[known])
        log = self.target_scaling_ == "log"
        whole = filled(np.log(y) if log else y)
        self.target_mean_ = whole.mean(axis=0)
        spread = np.ones(y.shape[1]) if log else whole.std(axis=0)
        self.target_std_ = np.where(spread > 0, spread, 1.0)
        whole = (whole - self.target_mean_) / self.target_std_
        weight = known.astype(np.float64)
        if log:
            weight *= MIN_WEIGHT + np.where(known, y, 0.0) / np.nanmax(y, axis=1, keepdims=True)
        inputs = self._learn_features(X)
        gram = inputs.T @ inputs
        gram[np.diag_indices_from(gram)] += TREND_PENALTY
        self.trend_ = np.linalg.solve(gram, inputs.T @ whole)
        left = whole - inputs @ self.trend_
        self.components_ = _components(left, weight, self.n_components)
        with _bar(self.verbose, self.max_epochs) as bar:
            self.weights_, self.history_ = train(
                inputs,
                self.components_,
                left,
                weight,
                n_members=self.n_members,
                hidden_size=self.hidden_size,
                n_layers=self.n_layers,
                max_epochs=self.max_epochs,
                batch_size=self.batch_size,
                lr=self.lr,
                weight_decay=self.weight_decay,
                seed=draw_seed(self.random_state),
                after_epoch=bar.update,
            )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of features.

        Of a sample beyond the range of the training an `UntrustedPredictionWarning` tells the index and what lies
        beyond it: a feature by a twentieth of its range, or a principal component of all by a quarter.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_samples, n_outputs) or (n_samples,)
            The targets.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        self._warn_of(X, getattr(self, "feature_names_in_", [f"feature {i}" for i in range(X.shape[1])]))
        y = self._evaluate(X)
        return y[:, 0] if self.y_ndim_ == 1 else y

    def gradient(self, X: Any) -> np.ndarray:
        """Derivatives of the predicted targets by the features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        gradient : ndarray of shape (n_samples, n_outputs, n_features)
            The derivatives.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.concatenate([self._differentiate(X[i : i + BATCH]) for i in range(0, len(X), BATCH)])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Coefficient of determination of the targets that are known.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples, n_outputs) or (n_samples,)
            Targets. NaN where a value is not known.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        score : float
            R², with the sums over all known values, of each output about its own mean.
        """
        y = np.asarray(y, dtype=np.float64)
        error = (y - self.predict(X)) ** 2
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        weight = np.where(np.isfinite(y), weight.reshape(-1, *[1] * (y.ndim - 1)), 0.0)
        values = np.nan_to_num(y)
        mean = (weight * values).sum(axis=0) / np.maximum(weight.sum(axis=0), np.finfo(np.float64).tiny)
        return float(1 - (weight * np.nan_to_num(error)).sum() / (weight * (values - mean) ** 2).sum())

    def _validate_training(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        y = check_array(y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan", input_name="y")
        check_consistent_length(X, y)
        if y.ndim > 2:
            raise ValueError(f"{type(self).__name__}: y must be 1-D or 2-D; got shape {y.shape}")
        self.y_ndim_ = y.ndim
        y = y.reshape(len(y), -1)
        unknown = np.flatnonzero(~np.isfinite(y).any(axis=1))
        if unknown.size:
            raise ValueError(
                f"y is NaN throughout for {name_curves(unknown)} ({unknown.size} such); leave these samples out"
            )
        self.n_outputs_ = y.shape[1]
        return X, y

    def _choose_scaling(self, known: np.ndarray) -> str:
        positive = bool((known > 0).all())
        if self.target_scaling == "log" and not positive:
            raise ValueError(
                f"{type(self).__name__}: target_scaling='log' needs positive targets; got values down to "
                f"{known.min():g}. Use target_scaling='standard'"
            )
        if self.target_scaling == "auto":
            return "log" if positive else "standard"
        return str(self.target_scaling)

    def _learn_features(self, X: np.ndarray) -> np.ndarray:
        """Learn statistics and domain of the features; return them standardised."""
        self.feature_mean_ = X.mean(axis=0)
        spread = X.std(axis=0)
        self.feature_std_ = np.where(spread > 0, spread, 1.0)
        self.feature_range_ = np.stack([X.min(axis=0), X.max(axis=0)])
        inputs = (X - self.feature_mean_) / self.feature_std_
        _, singular, directions = np.linalg.svd(inputs, full_matrices=False)
        part = np.cumsum(singular**2) / max(np.sum(singular**2), np.finfo(np.float64).tiny)
        n = np.searchsorted(part, EXPLAINED) + 1
        spread = singular[:n] / np.sqrt(len(X))
        self.input_components_ = directions[:n] / np.maximum(spread, MIN_SPREAD)[:, None] ** SHARPNESS
        score = inputs @ self.input_components_.T
        self.input_range_ = np.stack([score.min(axis=0), score.max(axis=0)])
        return score

    def _inputs(self, X: np.ndarray) -> np.ndarray:
        return (X - self.feature_mean_) / self.feature_std_ @ self.input_components_.T

    def _evaluate(self, X: np.ndarray) -> np.ndarray:
        return np.concatenate([self._evaluate_batch(X[i : i + BATCH]) for i in range(0, len(X), BATCH)])

    def _evaluate_batch(self, X: np.ndarray) -> np.ndarray:
        inputs = self._inputs(X)
        scaled = inputs @ self.trend_ + evaluate(self.weights_, inputs) @ self.components_
        y = scaled * self.target_std_ + self.target_mean_
        return np.exp(y) if self.target_scaling_ == "log" else y

    def _differentiate(self, X: np.ndarray) -> np.ndarray:
        slope = self.trend_ + differentiate(self.weights_, self._inputs(X)) @ self.components_
        slope = self.input_components_.T / self.feature_std_[:, None] @ slope * self.target_std_
        if self.target_scaling_ == "log":
            slope *= self._evaluate_batch(X)[:, None]
        return slope.transpose(0, 2, 1)

    def _warn_of(self, X: np.ndarray, names: Any) -> np.ndarray:
        """Warn of samples beyond the training range; return which they are."""
        beyond = _beyond(X, self.feature_range_) / MARGIN
        together = _beyond(self._inputs(X), self.input_range_).max(axis=1) / COMPONENT_MARGIN
        distance = np.maximum(beyond.max(axis=1), together)
        far = distance > 1
        if far.any():
            i = int(np.argmax(distance))
            j = int(np.argmax(beyond[i]))
            what = "together its features are like none of the training"
            if beyond[i, j] > 1:
                low, high = self.feature_range_[:, j]
                what = f"{names[j]} is {X[i, j]:.4g}, and the training had {low:.4g} to {high:.4g}"
            warnings.warn(
                f"{type(self).__name__}: {name_curves(np.flatnonzero(far))} unlike the training curves (curve {i}: "
                f"{what}); the prediction there is unreliable. Simulate such tests with simulate_spt",
                UntrustedPredictionWarning,
                stacklevel=3,
            )
        return far


def filled(values: np.ndarray) -> np.ndarray:
    """Rows without gaps: between known values on a line, before them constant, behind them with their last slope."""
    result = values.copy()
    places = np.arange(values.shape[1])
    for i in np.flatnonzero(~np.isfinite(values).all(axis=1)):
        row = result[i]
        known = np.flatnonzero(np.isfinite(row))
        last = known[-TAIL:]
        slope = (row[last[-1]] - row[last[0]]) / max(last[-1] - last[0], 1)
        row[:] = np.interp(places, known, row[known]) + slope * np.maximum(places - known[-1], 0)
    return result


def _components(values: np.ndarray, weight: np.ndarray, n_components: int) -> np.ndarray:
    """Principal components of values, which matter in each column as its weights are, times the scores' deviations."""
    column = np.sqrt(np.mean(weight**2, axis=0)) + np.finfo(np.float32).eps
    _, singular, directions = np.linalg.svd(values * column, full_matrices=False)
    n = min(n_components, len(singular))
    return directions[:n] * (singular[:n, None] / np.sqrt(len(values))) / column


def _beyond(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """How far values lie outside of limits, in parts of their range."""
    low, high = limits
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return np.maximum(np.maximum(low - values, values - high) / span, 0.0)


def _bar(verbose: int, max_epochs: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=max_epochs, desc="SPTEmulator", unit="epoch", disable=not verbose)
