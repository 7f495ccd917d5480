"""Two regressors from curves to curves as one: what the second knows is added where it agrees with the first."""

import numbers
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold, ShuffleSplit, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, column_or_1d, get_tags
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from ..checks.domain import forget_domain
from ..curves import is_table
from ..exceptions import UntrustedPredictionWarning
from ..mechanics._flow_curve import ROUNDED, largest_fall, never_falling
from ..utils.groups import fit_with_groups
from ..utils.parameters import Parametrized, Positive, check_parameter
from ..utils.state import Anything, Array, Either, Field, Number
from ..utils.validation import draw_seed
from ..utils.warnings import without_warnings
from ._judging import judge

# Folds, or the share that is left out.
_SPLITS = Either(fields=(Number(kind=int, low=2), Number(above=0, below=1)))
# Where the primary predicts next to nothing, what the secondary says is compared with this part of the mean stress.
LEAST = 1e-3
# Multiples of the limit between which the belief in a difference fades. In cross-validation on the curves of
# `load_sheet_steel` the mean error is that of cutting alone, and the worst curve's is smaller.
FADE = (2.0, 4.0)


class CurveStackingRegressor(MetaEstimatorMixin, RegressorMixin, Parametrized, BaseEstimator):
    r"""Two regressors as one: a part of what the secondary says differently is added to what the primary says.

    Both predict the curves of cross-validation, where neither has seen them. From that the stack learns which part of
    the secondary's difference from the primary is to be believed, and how far the two differ usually: a difference
    beyond a few times that is cut, and one far beyond it is not believed at all. So the secondary refines where it is
    about right, and cannot spoil a curve on which it runs away, as networks do on curves at the edge of their training
    set. It is made for a Gaussian process as the primary and a network as the secondary.

    Parameters
    ----------
    primary : estimator
        The regressor that is hardly ever far off, such as a `GaussianProcessCurveRegressor`; or a pipeline.
    secondary : estimator
        The regressor that knows something else, such as a `Seq2SeqRegressor`; or a pipeline.
    cv : int, float, splitter or iterable of splits, default=5
        How the curves are split to learn the part. With an int the curves are shuffled into so many folds; with a
        float, such a share of them is left out once, which takes less time: each split is a training of both
        regressors, beside the one on all curves. Both keep groups together where `fit` is given some. Another splitter
        must do that itself.
    bound : float, default=3.0
        Differences are cut at `bound` times their median at the same strain, which is the limit. Those beyond twice the
        limit count less and less, those beyond four times the limit not at all.
    n_jobs : int, default=None
        Trainings at a time, as in joblib. None is 1.
    random_state : int, RandomState instance or None, default=None
        Seed of the splits with a number for `cv`. The regressors have seeds of their own.

    Attributes
    ----------
    primary_, secondary_ : estimator
        The regressors, fitted to all curves.
    weight_ : float
        The part of the secondary's difference that is added, in [0, 1].
    limit_ : ndarray of shape (n_strains,), or a number for targets of shape (n_curves,)
        Where the difference is cut, as a part of the primary's stress.
    least_ : float
        Stress in MPa that a difference is compared with at least: a thousandth of the mean training stress.
    n_features_in_ : int
        Points of a curve, or features. Defined only if the primary defines it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these. Defined only if the primary defines it.

    See Also
    --------
    sklearn.ensemble.StackingRegressor : Stack regressors of single numbers.
    GaussianProcessCurveRegressor : The primary that it is made for.

    Notes
    -----
    With the primary's prediction :math:`a` and the secondary's :math:`p`, the minimum stress :math:`l`, and the limit
    :math:`b` at each strain, the prediction is

    .. math:: a + w \, m \, \psi((p - a) / m), \quad m = \max(|a|, l)

    .. math:: \psi(d) = \mathrm{sign}(d) \, \min(|d|, b) \, \min(\max(2 - |d| / (2 b), 0), 1)

    so that :math:`\psi` is :math:`d` up to the limit, the limit up to twice the limit, and falls to zero at four times:
    a three-part redescending function as in Hampel's M-estimators (Andrews et al., Robust Estimates of Location,
    Princeton University Press 1972, cited from memory; the multiples are ours). The weight :math:`w` minimises the mean
    absolute error of that on the curves that were left out, relative to :math:`m`. That is a weighted median, and so
    exact: of the ratios of what the primary lacks to :math:`\psi`, with the absolute :math:`\psi` as weights. One
    number for all strains and curves is all that is learned beside the two regressors, so that it takes few curves.
    The idea of stacking is Wolpert's (Stacked generalization, Neural Networks 5, 1992, 241-259).

    Of curves that are unlike the training curves the primary alone warns.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import (
    ...     CurveResampler, CurveStackingRegressor, GaussianProcessCurveRegressor, Seq2SeqRegressor
    ... )
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(60, random_state=0)
    >>> stack = CurveStackingRegressor(
    ...     GaussianProcessCurveRegressor(random_state=0),
    ...     Seq2SeqRegressor(hidden_size=16, max_epochs=10, random_state=0),
    ...     cv=0.2,
    ...     random_state=0,
    ... )
    >>> model = make_pipeline(CurveResampler(n_points=20), stack).fit(X[:50], Y[:50])
    >>> 0 <= stack.weight_ <= 1
    True
    >>> model.predict(X[50:]).shape == Y[50:].shape
    True
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "least_": Number(low=0),
        "limit_": Either(fields=(Array(shape=("strains",), low=0), Array(shape=(), low=0), Number(low=0))),
        "weight_": Number(low=0, high=1),
        "largest_fall_": Number(low=0, optional=True),
        "primary_": Anything(kind=BaseEstimator),
        "secondary_": Anything(kind=BaseEstimator),
    }
    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}
    # It gives curves, and judges them where it was loaded with a training domain.
    _gives_curves: ClassVar[bool] = True

    primary: Any
    secondary: Any
    _: KW_ONLY
    cv: Any = 5
    bound: Positive = 3.0
    n_jobs: int | None = None
    random_state: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        # Loads that a record lacks are for those who can do without.
        tags.input_tags.allow_nan = all(
            hasattr(member, "__sklearn_tags__") and get_tags(member).input_tags.allow_nan
            for member in (self.primary, self.secondary)
        )
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Fit both regressors, and learn how much of the secondary's difference to add.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            What the regressors take.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        groups : array-like of shape (n_curves,), default=None
            Which curves belong together, such as perturbed copies of one curve: none of a group is predicted by
            regressors that have seen another of it. Given on to those regressors whose `fit` takes groups.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, or a regressor refuses the data.
        """
        self._check_parameters()
        if is_table(X):
            X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, **self._of_tables())
        else:
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
            y = np.asarray(y)
            if len(X) != len(y):
                raise ValueError(f"{type(self).__name__}: there are {len(X)} curves and {len(y)} targets")
        groups = None if groups is None else column_or_1d(groups)
        splits = self._splits(y, groups)
        everything = np.arange(len(y))
        tasks = [(member, train, test) for train, test in splits for member in (self.primary, self.secondary)]
        tasks += [(member, everything, everything[:0]) for member in (self.primary, self.secondary)]
        done = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_and_predict)(member, X, y, groups, train, test) for member, train, test in tasks
        )
        self.primary_, self.secondary_ = (fitted for fitted, _ in done[-2:])
        left_out = y[np.concatenate([test for _, test in splits])]
        # Some regressors leave the axis of a single strain out.
        of_primary, of_secondary = (
            np.concatenate([values for _, values in done[first:-2:2]]).reshape(left_out.shape) for first in (0, 1)
        )
        self._learn(of_primary, of_secondary, left_out)
        forget_domain(self)
        self.largest_fall_ = float(largest_fall(y.reshape(len(y), -1)).max())
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the true stress of curves.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            Curves like those of the training.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa. Where one of the regressors has an `elastic_modulus` it never falls, unless that of
            training curves did.
        """
        check_is_fitted(self)
        if is_table(X):
            X = validate_data(self, X, reset=False, **self._of_tables())
        primary = np.asarray(self.primary_.predict(X))
        with without_warnings(_untrusted):
            secondary = np.reshape(self.secondary_.predict(X), primary.shape)
        size, difference = self._compare(primary, secondary)
        stress = primary + self.weight_ * size * self._believe(difference)
        fall = largest_fall(stress.reshape(len(stress), -1))
        # Two curves that do not fall may differ by one that does.
        if self.largest_fall_ <= ROUNDED and (_predicts_flow(self.primary_) or _predicts_flow(self.secondary_)):
            stress = never_falling(stress.reshape(len(stress), -1)).reshape(stress.shape)
        judge(self, stress, fall)
        return stress

    def _of_tables(self) -> dict[str, Any]:
        finite = "allow-nan" if get_tags(self).input_tags.allow_nan else True
        return {"dtype": (np.float64, np.float32), "ensure_all_finite": finite}

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if isinstance(self.cv, numbers.Real):
            check_parameter(type(self).__name__, "cv", self.cv, _SPLITS)
        for name in ("primary", "secondary"):
            member = getattr(self, name)
            if isinstance(member, type) or not (hasattr(member, "fit") and hasattr(member, "predict")):
                raise TypeError(
                    f"{type(self).__name__}: {name} must be a regressor, with fit and predict; got {member!r}"
                )

    def _splits(self, y: np.ndarray, groups: np.ndarray | None) -> list[tuple[np.ndarray, np.ndarray]]:
        cv = self.cv
        if isinstance(cv, numbers.Real):
            seed = draw_seed(self.random_state)
            if isinstance(cv, numbers.Integral):
                cv = (KFold if groups is None else GroupKFold)(cv, shuffle=True, random_state=seed)
            else:
                cv = (ShuffleSplit if groups is None else GroupShuffleSplit)(1, test_size=cv, random_state=seed)
        return list(check_cv(cv).split(np.zeros((len(y), 1)), groups=groups))

    def _compare(self, primary: np.ndarray, secondary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The stress that a difference is a part of, and the difference."""
        size = np.maximum(np.abs(primary), self.least_)
        return size, (secondary - primary) / size

    def _believe(self, difference: np.ndarray) -> np.ndarray:
        """Differences as they count: cut at the limit, and less of them where they are far beyond it."""
        size = np.abs(difference)
        start, end = (multiple * self.limit_ for multiple in FADE)
        # Without a limit nothing is left by the cut.
        belief = np.clip((end - size) / np.where(end > start, end - start, 1.0), 0, 1)
        return np.sign(difference) * np.minimum(size, self.limit_) * belief

    def _learn(self, primary: np.ndarray, secondary: np.ndarray, y: np.ndarray) -> None:
        """Learn limits and weight from predictions of curves that were left out."""
        self.least_ = LEAST * float(np.mean(np.abs(y)))
        size, difference = self._compare(primary, secondary)
        self.limit_ = self.bound * np.median(np.abs(difference), axis=0)
        believed = self._believe(difference).ravel()
        lacking = ((y - primary) / size).ravel()
        said = believed != 0
        self.weight_ = 0.0
        if said.any():
            best = _weighted_median(lacking[said] / believed[said], np.abs(believed[said]))
            self.weight_ = float(np.clip(best, 0, 1))


def _fit_and_predict(
    member: Any, X: Any, y: np.ndarray, groups: np.ndarray | None, train: np.ndarray, test: np.ndarray
) -> tuple[Any, np.ndarray]:
    fitted = fit_with_groups(
        clone(member), _safe_indexing(X, train), y[train], None if groups is None else groups[train]
    )
    if not test.size:
        return fitted, y[:0]
    # What is unlike the other folds need not be unlike all curves.
    with without_warnings(_untrusted):
        return None, np.asarray(fitted.predict(_safe_indexing(X, test)))


def _predicts_flow(member: Any) -> bool:
    """Whether a fitted member predicts flow curves, which do not fall."""
    return hasattr(member[-1] if isinstance(member, Pipeline) else member, "flow_")


def _untrusted(warning: Warning) -> bool:
    return isinstance(warning, UntrustedPredictionWarning)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
