"""Tensile properties by the correlations of the literature, with coefficients of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from ..curves import DISPLACEMENT_KINDS
from ..exceptions import Message, Owner
from ..mechanics._reading import Reading
from ..mechanics.characteristic import SLOPE_RANGE
from ..mechanics.correlations import NEEDS, PREDICTORS, Correlation, published_correlations, warn_of_memory
from ..preprocessing._quantities import SlopeRange, read_quantities
from ..utils.parameters import Parametrized, PositiveOrNone, Switch
from ..utils.state import Array, Choice, Field, Flag
from ..utils.warnings import warn

__all__ = ["CorrelationRegressor"]

_MAX_NAMED = 3


class CorrelationRegressor(RegressorMixin, Parametrized, BaseEstimator):
    """Tensile properties from curves by correlations: a line per property.

    Every target (Rp0.2, Rm, ...) is a linear function of one predictor, which is read off the load-displacement curve:

    .. math:: R_{p0.2} = α_1 F_e / h_0^2 + α_2, \\qquad R_m = β_1 F_m / (h_0 u_m) + β_2.

    The coefficients are fitted to the data by least squares, or taken as published where a `Correlation` is given. It
    is what laboratories use today, and the baseline for every model in this package.

    Parameters
    ----------
    correlations : str, Correlation or sequence of these, default="Fe/h0^2"
        The correlation of each target, in the order of the columns of y; a single one serves all targets.

        - A predictor, "Fe/h0^2", "Fe_astm/h0^2", "F_offset/h0^2", "Fi/h0^2", "Fm/h0^2", "Fm/(h0*um)", "um/h0" or
          "ESP/h0^3": its coefficients are fitted.
        - A :class:`~sklearn_spt.mechanics.Correlation`, or the name of one of
          :func:`~sklearn_spt.mechanics.published_correlations`: its coefficients are used as they are, and `fit` only
          measures how well they do.
    fit_intercept : bool, default=True
        Whether to fit the summand as well; without it the line goes through the origin.
    thickness : float or array-like of shape (n_curves,), default=None
        Thickness of the specimens, mm. By default that of each curve.
    ui : float, default=None
        Displacement at which Fi is read, mm; by default where EN 10371 reads it, which depends on the curve's rig and
        displacement, see :func:`~sklearn_spt.mechanics.characteristic_quantities`. Of a 2-D `X`, 0.552 mm.
    slope_range : tuple of two floats, default=(0.1, 0.5)
        Loads, as fractions of Fe, between which the initial line is fitted.
    displacement : array-like of shape (n_features,), default=None
        For a 2-D `X` only: the displacement of its columns, mm, strictly increasing. By default the columns are taken
        as equally spaced from 0 to 1.

    Attributes
    ----------
    coef_ : ndarray of shape (n_targets,)
        Factor of the predictor (α1, β1).
    intercept_ : ndarray of shape (n_targets,)
        Summand (α2, β2).
    residual_std_ : ndarray of shape (n_targets,)
        Standard deviation of what the correlation leaves of the training targets, in their unit; NaN if no more curves
        than fitted coefficients were used.
    n_curves_used_ : ndarray of shape (n_targets,)
        Number of curves whose predictor could be determined, and which were used.
    displacement_kind_ : {"punch", "deflection", "crosshead"} or None
        What the displacement of the training curves was, as far as their `displacement_kind` told. Curves of another
        kind are warned of.
    n_features_in_ : int
        Number of columns of `X` in `fit`. Defined only when `X` was 2-D.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of `X` in `fit`. Defined only when `X` was a data frame with string names.

    See Also
    --------
    sklearn_spt.mechanics.characteristic_quantities : How the loads and displacements are read.
    sklearn_spt.mechanics.published_correlations : Coefficients of the literature.

    Notes
    -----
    Curves whose predictor cannot be determined (a record that ends before the maximum has no Fm) are left out of the
    fit of the target concerned, and predictions for them are NaN; a `UserWarning` says which and why.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_reference_curves
    >>> from sklearn_spt.regressors import CorrelationRegressor
    >>> curves = load_reference_curves().data[:5]
    >>> y = [[390.0, 560.0], [385.0, 740.0], [470.0, 580.0], [400.0, 500.0], [402.0, 498.0]]  # Rp0.2, Rm
    >>> correlation = CorrelationRegressor(["Fe/h0^2", "Fm/(h0*um)"]).fit(curves, y)
    >>> correlation.predict(curves).shape
    (5, 2)
    >>> published = CorrelationRegressor("Rp0.2 0.346").fit(curves, [row[0] for row in y])
    >>> float(published.coef_[0])
    0.346
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        # What could not be fitted is NaN.
        "coef_": Array(shape=("targets",), finite=False),
        "intercept_": Array(shape=("targets",), finite=False),
        "residual_std_": Array(shape=("targets",), low=0, finite=False),
        "n_curves_used_": Array(shape=("targets",), kind="iu", low=0),
        "single_output_": Flag(),
        "displacement_kind_": Choice(options=DISPLACEMENT_KINDS, none=True, optional=True),
    }

    # It is given the curves, and checks them where it was loaded with a training domain.
    _takes_curves: ClassVar[bool] = True

    correlations: str | Correlation | Sequence[str | Correlation] = "Fe/h0^2"
    _: KW_ONLY
    fit_intercept: Switch = True
    thickness: Any = None
    ui: PositiveOrNone = None
    slope_range: SlopeRange = SLOPE_RANGE
    displacement: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.single_output = True
        tags.target_tags.multi_output = True
        # One number is read off each curve: on tables of random numbers that is next to nothing.
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X: Any, y: Any) -> "CorrelationRegressor":
        """Fit the coefficients.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.
        y : array-like of shape (n_curves,) or (n_curves, n_targets)
            Tensile properties.

        Returns
        -------
        self : CorrelationRegressor

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, if y does not fit X or `correlations`, or if too few curves have a
            predictor to fit its coefficients.
        """
        if y is None:
            raise ValueError(
                "CorrelationRegressor requires y to be passed, but the target y is None: the tensile properties of the "
                "curves. To use published coefficients without data call Correlation.estimate"
            )
        readings, labels, y = read_quantities(self, X, reset=True, y=y)
        _check_target(y, labels)
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y", estimator=self)
        self.single_output_ = y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)
        Y = column_or_1d(y, warn=y.ndim == 2)[:, None] if self.single_output_ else y
        check_consistent_length(readings, Y)
        rules = self._rules(Y.shape[1])
        predictors = self._predictors(readings, labels, rules, "left out of the fit")
        self.coef_, self.intercept_, self.residual_std_ = np.full((3, len(rules)), np.nan)
        self.n_curves_used_ = np.isfinite(predictors).sum(axis=0)
        for k, rule in enumerate(rules):
            used = np.isfinite(predictors[:, k])
            x, target = predictors[used, k], Y[used, k]
            if isinstance(rule, Correlation):
                warn_of_memory(rule)
                slope, intercept, fitted = rule.slope, rule.intercept, 0
            else:
                slope, intercept, fitted = self._line(rule, x, target)
            self.coef_[k], self.intercept_[k] = slope, intercept
            if len(x) > fitted:
                left = target - slope * x - intercept
                self.residual_std_[k] = np.sqrt(np.sum(left**2) / (len(x) - fitted))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Tensile properties of curves.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.

        Returns
        -------
        ndarray of shape (n_curves,) or (n_curves, n_targets)
            In the unit of y; NaN where the predictor could not be determined.

        Raises
        ------
        TypeError, ValueError
            If a curve is not valid.
        """
        check_is_fitted(self)
        readings, labels, _ = read_quantities(self, X, reset=False)
        predictors = self._predictors(readings, labels, self._rules(len(self.coef_)), "NaN is predicted")
        Y = predictors * self.coef_ + self.intercept_
        return Y[:, 0] if self.single_output_ else Y

    def _check_parameters(self) -> None:
        super()._check_parameters()
        given = self.correlations
        for item in given if isinstance(given, list | tuple) else [given]:
            _resolve(item)

    def _rules(self, n_targets: int) -> list[str | Correlation]:
        """One rule per target: a predictor to be fitted, or a correlation."""
        given = self.correlations
        rules = [_resolve(item) for item in given] if isinstance(given, list | tuple) else [_resolve(given)] * n_targets
        if len(rules) != n_targets:
            raise ValueError(
                f"CorrelationRegressor: correlations has {len(rules)} {'entry' if len(rules) == 1 else 'entries'} for "
                f"{n_targets} target{'s' * (n_targets != 1)} (columns of y); give one for each"
                + (", or a single one for all, not in a list" if len(rules) == 1 else "")
            )
        return rules

    def _predictors(
        self, readings: list[Reading], labels: list[str], rules: list[str | Correlation], consequence: str
    ) -> np.ndarray:
        """The predictor of every target (columns) for every curve; NaN, and a warning, where there is none."""
        names = [rule.predictor if isinstance(rule, Correlation) else rule for rule in rules]
        values = np.array([[PREDICTORS[name](reading) for name in names] for reading in readings])
        for k, rule in enumerate(rules):
            if isinstance(rule, Correlation):
                values[[rule.mismatch(r.displacement_kind, r.ui) is not None for r in readings], k] = np.nan
        missing = ~np.isfinite(values)
        for name in dict.fromkeys(names):
            rows = np.flatnonzero(missing[:, names.index(name)])
            if not rows.size:
                continue
            rule = rules[names.index(name)]
            unread = [f"{labels[i]} ({_reason(readings[i], rule)})" for i in rows[:_MAX_NAMED]]
            more = [f"and {len(rows) - _MAX_NAMED} more"] if len(rows) > _MAX_NAMED else []
            warn(
                Message(
                    Owner(type(self).__name__),
                    f"{name} could not be determined for {len(rows)} of {len(readings)} curves, for which "
                    f"{consequence}: {'; '.join(unread + more)}",
                    about=f"missing {name}",
                ),
                UserWarning,
                stacklevel=3,
            )
        return np.where(missing, np.nan, values)

    def _line(self, predictor: str, x: np.ndarray, target: np.ndarray) -> tuple[float, float, int]:
        fitted = 1 + bool(self.fit_intercept)
        if len(x) < fitted:
            raise ValueError(
                f"CorrelationRegressor: {predictor} could be determined for {len(x)} sample{'s' * (len(x) != 1)}, and "
                f"at least {fitted} are needed to fit its coefficients; give more curves, or longer ones"
            )
        if not self.fit_intercept:
            square = np.sum(x * x)
            return (float(np.sum(x * target) / square) if square > 0 else 0.0), 0.0, fitted
        apart = x - x.mean()
        square = np.sum(apart**2)
        # Curves that are all alike tell nothing about the slope.
        slope = float(np.sum(apart * target) / square) if square > (1e-12 * np.abs(x).max()) ** 2 else 0.0
        return slope, float(target.mean() - slope * x.mean()), fitted


def _check_target(y: Any, labels: list[str]) -> None:
    """Refuse targets that are not known, naming their curves."""
    try:
        values = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        return  # scikit-learn's validation says what is wrong with it
    if values.ndim == 0:
        raise ValueError(f"CorrelationRegressor: y must hold one value per curve; got the number {values}")
    if len(values) != len(labels):
        return
    rows = np.flatnonzero(np.isnan(values).reshape(len(values), -1).any(axis=1))
    if rows.size:
        named = ", ".join(labels[i] for i in rows[:_MAX_NAMED]) + (", ..." if len(rows) > _MAX_NAMED else "")
        raise ValueError(
            f"CorrelationRegressor: Input y contains NaN, for {named}; leave these curves out of the fit, or fit the "
            "properties one by one"
        )


def _resolve(item: Any) -> str | Correlation:
    """The predictor or the correlation that an entry of `correlations` stands for."""
    if isinstance(item, Correlation) or (isinstance(item, str) and item in PREDICTORS):
        return item
    if not isinstance(item, str):
        raise TypeError(
            f"CorrelationRegressor: correlations must be a name or a Correlation, or a list of these; got {item!r}"
        )
    published = published_correlations()
    if item not in published:
        raise ValueError(
            f"CorrelationRegressor: correlations has {item!r}, which is neither a predictor ({', '.join(PREDICTORS)}) "
            f"nor a published correlation ({', '.join(published)})"
        )
    return published[item]


def _reason(reading: Reading, rule: str | Correlation) -> str:
    if isinstance(rule, Correlation):
        mismatch = rule.mismatch(reading.displacement_kind, reading.ui)
        if mismatch is not None:
            return mismatch
    if np.isnan(reading.h0):
        return "it has no thickness"
    predictor = rule.predictor if isinstance(rule, Correlation) else rule
    return next((reading.missing[need] for need in NEEDS[predictor] if need in reading.missing), "it is not finite")
