"""Bands around predicted curves that hold the whole true curve with a stated probability."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import _safe_indexing, check_random_state, column_or_1d
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from ..augmentation import check_errors, put_errors
from ..curves import is_table
from ..exceptions import UntrustedPredictionWarning, about
from ..mechanics._flow_curve import ROUNDED, largest_fall, never_falling
from ..utils.groups import fit_with_groups
from ..utils.parameters import Parametrized, Share, Switch, check_parameter
from ..utils.state import Anything, Array, Choice, Field, Flag, Number, StateError, check_state
from ..utils.validation import draw_seed
from ..utils.warnings import without_warnings
from ._edges import (
    group_scores,
    learn_modulation,
    least_number,
    never_falling_edges,
    no_steeper_edges,
    order_edges,
    rank,
)
from ._readings import PROPERTIES, flow_of, moduli_of, properties_of

# A stress is taken for at least this part of the mean stress, where something is measured in parts of it.
LEAST = 1e-3
# Where the members of an ensemble agree, by chance or because all err alike, they are still taken to differ by this
# part of the stress. On discs the bands are narrowest with 0.03 to 0.1; with none they are several times as wide.
LEAST_SPREAD = 0.03
_ALPHA = Number(above=0, below=1)


class ConformalCurveRegressor(MetaEstimatorMixin, RegressorMixin, Parametrized, BaseEstimator):
    r"""A regressor whose curves have a band that holds the whole true curve with a stated probability.

    Curves that the regressor was not trained on say how far it is off. From that the band takes its width: of the
    curves of new materials, drawn like those that it was calibrated on, at most `alpha` leave it, at whatever strain.
    Nothing is assumed of the regressor or of its errors. What the promise does not cover is said in the
    :ref:`user guide <uncertainty>`: above all it is one for all such curves together, and not for each kind of them.

    Parameters
    ----------
    estimator : object
        The regressor, such as a pipeline that begins with a `CurveResampler`. One that is trained already, and shall
        stay as it is, comes as a :class:`sklearn.frozen.FrozenEstimator`: then all curves of `fit`, which it must not
        have seen, calibrate the band.
    alpha : float, default=0.1
        The part of the curves that may leave the band: 0.1 for a band of 90 %.
    method : {"split", "cv+"}, default="split"
        "split" holds back a part of the curves for calibration, and `estimator` learns from the others. "cv+" trains on
        all curves but one of `cv` folds at a time, and calibrates on that: no curve is lost for the training, which
        takes `cv` + 1 times as long. It holds about as many curves, but what is proven for it is 1 - 2 `alpha`.
    simultaneous : bool, default=True
        Whether the band holds the whole curve. Otherwise it holds the stress at each strain by itself with that
        probability, and many more curves leave it somewhere. May be changed after `fit`.
    side : {"both", "lower"}, default="both"
        With "lower" there is a lower edge alone, as for a design value; the upper one is infinite. At the same `alpha`
        it lies higher than that of a band. May be changed after `fit`.
    scale : {"stress", "spread"}, default="stress"
        What errors are measured in: parts of the predicted stress, or the standard deviation of what the members of an
        ensemble predict, so that a band is wide where they differ. For that, `estimator` must take ``return_std`` in
        `predict`, as a `GaussianProcessCurveRegressor` and an `MLPCurveRegressor` of several `n_components` do, alone
        or at the end of a pipeline.
    calibration_size : float, default=0.25
        Part of the curves, or groups, that are held back for calibration by "split".
    modulation_size : float, default=0.1
        Part of the curves, or groups, that tell at which strains the errors are large. They neither train, but for the
        last training of "cv+", nor calibrate; two or three dozens are enough.
    cv : int, default=5
        Number of folds of "cv+".
    errors : MeasurementErrors, default=None
        What is put on the curves that calibrate the band, so that it holds for curves as a laboratory measures them. A
        band that was calibrated on simulated curves as they are is far too narrow for measured ones. None puts nothing
        on them. The training curves stay as they are; see `AugmentedRegressor` for those.
    n_jobs : int, default=None
        Trainings at a time of "cv+", as in joblib. None is 1.
    random_state : int, RandomState instance or None, default=None
        Seed of the parts, and of the errors. The regressor has a seed of its own.

    Attributes
    ----------
    estimator_ : object
        The fitted regressor, which `predict` asks: without the curves held back of "split", with all of "cv+".
    fold_estimators_ : list of object
        The regressors of the folds of "cv+"; empty for "split".
    residuals_ : ndarray of shape (n_calibration, n_strains)
        What the curves of the calibration were off by, in units of the scale times the modulation.
    groups_ : ndarray of shape (n_calibration,)
        Which of these belong together, from 0 on.
    folds_ : ndarray of shape (n_groups,)
        The fold of each group; 0 for "split".
    modulation_ : ndarray of shape (n_models, n_strains)
        By how much errors at a strain are larger than on average, for each model of a fold, or the only one.
    property_residuals_ : dict of str to ndarray of shape (n_calibration,)
        The same for tensile properties, as a part of the predicted value; NaN where the true curve does not have the
        property. Empty if the regressor does not know strains and Young's modulus.
    errors_ : dict of str to tuple of two floats
        The ranges of the errors that the curves of the calibration have.
    least_ : float
        The least stress, MPa, that errors are taken as a part of.
    largest_fall_ : float
        By which part of the highest stress before the given curves fall, at most.
    steepest_ : float
        How much steeper than Hooke's line the given curves are, at most; at least one.
    negative_ : bool
        Whether there are negative targets.
    n_features_in_ : int
        Number of columns of `X` in `fit`. Defined only when `X` was 2-D.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of `X` in `fit`. Defined only when `X` was a data frame with string names.

    See Also
    --------
    sklearn_spt.mechanics.tensile_property_bounds : Properties of all curves in a band.
    sklearn_spt.augmentation.MeasurementErrors : The errors of measured curves.
    sklearn_spt.inspection.PredictionDisplay : Draws the band.

    Notes
    -----
    The score of a curve :math:`\sigma` is the supremum over the strains

    .. math::
        R = \sup_\varepsilon \frac{|\sigma(\varepsilon) - \hat\sigma(\varepsilon)|}{s(\varepsilon)\, m(\varepsilon)}

    with the scale :math:`s`, by default the predicted stress, and a modulation :math:`m` that is learned away from the
    calibration curves. With the :math:`\lceil (n + 1)(1 - \alpha) \rceil`-th smallest of the scores of :math:`n` curves
    as :math:`q`, the band is :math:`\hat\sigma \pm q\, s\, m`. It holds a new curve with a probability of at least
    :math:`1 - \alpha`, if that is exchangeable with the :math:`n` curves, and of at most
    :math:`1 - \alpha + 1/(n + 1)` if no two scores are the same. The bands are those of Diquigiovanni, Fontana and
    Vantini [1]_; the modulation, a mean absolute residual that is drawn towards a constant, is ours, chosen by the
    width of the bands.

    "cv+" is the method of Barber et al. [2]_ with these scores. It holds a new curve with a probability of at least
    :math:`1 - 2\alpha - \min\{2(1 - 1/K)/(n/K + 1),\ (1 - K/n)/(K + 1)\}` for :math:`K` folds of :math:`n` curves
    (cited from memory); on our sets it is about :math:`1 - \alpha`.

    **Groups.** Several curves of one material are not exchangeable with one of a new material. The score of a group is
    its largest one, so that the band holds all curves of a new group at once with the stated probability, if groups are
    exchangeable, their sizes included; one curve of it all the more. (Dunn, Wasserman and Ramdas [3]_ draw one curve of
    each group instead: a narrower band, for one curve.)

    **Flow curves.** Where no given curve falls, the prediction in the middle is made one that does not fall, and the
    edges are those of the curves in the band that do not. Where all are positive, the lower edge is not below zero.
    Where the regressor knows Young's modulus (`elastic_modulus`), no edge is steeper than Hooke's line, and the upper
    one does not rise above it; with ``elastic_modulus="curve"`` that is the steepest one in the band. All this takes
    away what is no flow curve, and no coverage.

    **Properties.** An interval of a property is calibrated by the property, and narrower than what the band of the
    curve leaves. It holds by itself with the stated probability, not all of them at once. Where a curve of the
    calibration has no such property (no maximum force in its strains) and the prediction has one, that counts as an
    error.

    References
    ----------
    .. [1] J. Diquigiovanni, M. Fontana, S. Vantini, Conformal prediction bands for multivariate functional data,
       arXiv 2106.01792, Journal of Multivariate Analysis 189 (2022) 104879 (journal cited from memory).
    .. [2] R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani, Predictive inference with the jackknife+, The Annals
       of Statistics 49(1) (2021) 486-507, doi 10.1214/20-AOS1965.
    .. [3] R. Dunn, L. Wasserman, A. Ramdas, Distribution-free prediction sets for two-layer hierarchical models,
       arXiv 1809.07441.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import ConformalCurveRegressor, CurveResampler, GaussianProcessCurveRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(120, noise=0.01, random_state=0)
    >>> pipeline = make_pipeline(CurveResampler(n_points=20), GaussianProcessCurveRegressor(random_state=0))
    >>> model = ConformalCurveRegressor(pipeline, alpha=0.1, random_state=0).fit(X[:100], Y[:100])
    >>> band = model.predict_interval(X[100:])
    >>> band.shape == (*Y[100:].shape, 2)
    True
    >>> held = ((band[..., 0] <= Y[100:]) & (Y[100:] <= band[..., 1])).all(axis=1)
    >>> int(held.sum()) >= 16
    True
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "estimator_": Anything(kind=BaseEstimator),
        "fold_estimators_": Anything(kind=list),
        "residuals_": Array(shape=("curves", "strains")),
        "groups_": Array(shape=("curves",), kind="i", low=0),
        "folds_": Array(shape=("groups",), kind="i", low=0),
        "modulation_": Array(shape=("models", "strains"), above=0),
        "property_residuals_": Anything(kind=dict),
        "errors_": Anything(kind=dict),
        "least_": Number(low=0),
        "largest_fall_": Number(low=0),
        "steepest_": Number(low=1),
        "negative_": Flag(),
        "y_ndim_": Number(kind=int, low=1, high=2),
    }
    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}

    estimator: Any
    alpha: Annotated[float, _ALPHA] = 0.1
    method: Annotated[str, Choice(options=("split", "cv+"))] = "split"
    _: KW_ONLY
    simultaneous: Switch = True
    side: Annotated[str, Choice(options=("both", "lower"))] = "both"
    scale: Annotated[str, Choice(options=("stress", "spread"))] = "stress"
    calibration_size: Share = 0.25
    modulation_size: Share = 0.1
    cv: Annotated[int, Number(kind=int, low=2)] = 5
    errors: Any = None
    n_jobs: int | None = None
    random_state: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Fit the regressor, unless it is frozen, and learn from curves that it has not seen how far it is off.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            What the regressor takes.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        groups : array-like of shape (n_curves,), default=None
            Which curves belong together, such as tests of one material: they train, or calibrate, together. Given on to
            a regressor whose `fit` takes groups.

        Returns
        -------
        self : ConformalCurveRegressor

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, a target is not finite, the regressor refuses the data, or there are
            too few curves, or groups, to calibrate a band of this `alpha`. The message says how many it needs.
        """
        self._check_parameters()
        frozen = isinstance(self.estimator, FrozenEstimator)
        X, y = self._validate_training(X, y)
        groups = np.arange(len(y)) if groups is None else column_or_1d(groups)
        if len(groups) != len(y):
            raise ValueError(f"{type(self).__name__}: there are {len(y)} curves and {len(groups)} groups")
        index = np.unique(groups, return_inverse=True)[1]
        modulating, folds = self._parts(index.max() + 1, frozen)
        measured = X
        if self.errors is not None:
            check_errors(self, self.errors, X)
            measured = put_errors(X, self.errors, check_random_state(draw_seed(self.random_state)))
        self.errors_ = {} if self.errors is None else self.errors._ranges()
        self.y_ndim_ = y.ndim
        flat = y.reshape(len(y), -1).astype(np.float64)
        self.least_ = LEAST * float(np.mean(np.abs(flat)))
        self.negative_ = bool((flat < 0).any())
        self.largest_fall_ = float(largest_fall(flat).max())

        learning = np.isin(index, modulating)
        tasks = []
        for fold in folds:
            held = learning | np.isin(index, fold)
            # Of split, those that are in no part; of a fold, the others.
            tasks.append((np.flatnonzero(~held), np.flatnonzero(held)))
        everything = np.arange(len(y))
        again = [(everything, everything[:0])] if self.method == "cv+" else []
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(self._fit_and_read)(X, measured, y, groups, train, held) for train, held in tasks + again
        )
        self.estimator_ = fitted[-1][0]
        self.fold_estimators_ = [model for model, *_ in fitted[: len(again) * len(folds)]]
        readings = [(held, *read) for (_, held), (_, *read) in zip(tasks, fitted[: len(folds)], strict=True)]
        self._learn(flat, index, learning, folds, readings)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the true stress of curves, as the regressor does.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            Curves like those of the training.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        """
        check_is_fitted(self)
        return self.estimator_.predict(self._validate(X))

    def predict_interval(self, X: Any, *, alpha: float | None = None) -> np.ndarray:
        """The band of each curve.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            Curves like those of the training.
        alpha : float, default=None
            The part of the curves that may leave the band. By default that of the estimator.

        Returns
        -------
        band : ndarray of shape (n_curves, n_strains, 2) or (n_curves, 2)
            Lower and upper edge, MPa. Where no given curve falls, the edges do not fall. They have the prediction
            between them; where that falls, the nearest curve that does not.

        Raises
        ------
        ValueError
            If there are too few curves, or groups, in the calibration for this `alpha`.
        """
        check_is_fitted(self)
        alpha = self._check_alpha(alpha)
        X = self._validate(X)
        centres, scales = self._predictions(X)
        scores = group_scores(self.residuals_, self.groups_, side=self.side, simultaneous=self.simultaneous)
        reach = scales * self.modulation_[:, None]
        lower, upper = order_edges(centres, reach, scores, self.folds_, alpha, self.side)
        centre = centres[0]
        if self.fold_estimators_:
            centre = self._shape(np.asarray(self.estimator_.predict(X)).reshape(lower.shape))
        lower, upper = self._bound(np.minimum(lower, centre), np.maximum(upper, centre))
        if self.side == "lower":
            upper = np.full(upper.shape, np.inf)
        # But for rounding, it lies between them.
        band = np.stack([np.minimum(lower, centre), np.maximum(upper, centre)], axis=-1)
        return band[:, 0] if self.y_ndim_ == 1 else band

    def predict_property_interval(self, X: Any, *, alpha: float | None = None) -> dict[str, np.ndarray]:
        """Intervals of Rp0.2, Rm and Ag, each of which holds the true value with the stated probability.

        Parameters
        ----------
        X : list of curves or array-like of shape (n_curves, ...)
            Curves like those of the training.
        alpha : float, default=None
            The part of the values that may lie outside. By default that of the estimator.

        Returns
        -------
        intervals : dict of str to ndarray of shape (n_curves, 2)
            By the keys "proof_stress", "tensile_strength" (MPa) and "uniform_elongation" (1, not %), as in
            `TensileProperties`. NaN where the predicted curve does not have the property. The upper end is infinite
            where `side` is "lower", both ends are where too many predictions had a property that the true curve lacks.

        Raises
        ------
        ValueError
            If the regressor does not know strains and Young's modulus, or there are too few curves, or groups, in the
            calibration for this `alpha`.
        """
        check_is_fitted(self)
        alpha = self._check_alpha(alpha)
        if not self.property_residuals_:
            raise ValueError(
                f"{type(self).__name__}: properties are read off curves whose strains and Young's modulus are known; "
                "give the regressor elastic_modulus and strain, and fit it again"
            )
        X = self._validate(X)
        models = self._models()
        centres, _ = self._predictions(X)
        found = [properties_of(flow_of(model), centre) for model, centre in zip(models, centres, strict=True)]
        intervals = {}
        for name, residuals in self.property_residuals_.items():
            values = np.stack([properties[name] for properties in found])[:, :, None]
            scores = group_scores(residuals[:, None], self.groups_, side=self.side, simultaneous=True)
            lower, upper = order_edges(values, np.abs(values), scores, self.folds_, alpha, self.side)
            ends = np.column_stack([np.maximum(lower, 0.0), upper])
            # A sum with infinity is no number where a model of a fold has no value.
            ends[np.isnan(values).any(axis=0)[:, 0]] = np.nan
            intervals[name] = ends
        return intervals

    def _check_parameters(self) -> None:
        super()._check_parameters()
        name, estimator = type(self).__name__, self.estimator
        if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
            raise TypeError(f"{name}: estimator must be a regressor, with fit and predict; got {estimator!r:.80}")
        if isinstance(estimator, FrozenEstimator) and self.method == "cv+":
            raise ValueError(
                f"{name}: method='cv+' trains the estimator several times, and it is frozen; use method='split', which "
                "calibrates it on all curves"
            )

    def _check_state(self) -> dict[str, int]:
        """Raise StateError unless what was restored from a file is what `fit` could have learned; sizes of arrays."""
        sizes = check_state(self, self._fitted_state)
        name = type(self).__name__
        models = self._models()
        groups = np.unique(self.groups_)
        fits = sizes["models"] == len(models) and sizes["curves"] and sizes["strains"]
        if not fits or not np.array_equal(groups, np.arange(sizes["groups"])) or self.folds_.max() >= len(models):
            raise StateError(f"the arrays of its {name} do not fit one another (groups_, folds_, modulation_)")
        known = self.property_residuals_
        wanted = Array(shape=(sizes["curves"],), finite=False)
        odd = set(known) - set(PROPERTIES) or any(wanted.problem(values, {}) for values in known.values())
        if odd or (known and any(flow_of(model) is None for model in models)):
            raise StateError(f"its {name} has numbers that none can have (property_residuals_)")
        return sizes

    def _check_alpha(self, alpha: float | None) -> float:
        if alpha is None:
            alpha = self.alpha
        check_parameter(type(self).__name__, "alpha", alpha, _ALPHA)
        n = len(self.folds_)
        if rank(n, alpha) > n:
            raise ValueError(
                f"{type(self).__name__}: {self._needs(alpha)}; it was calibrated on {n}. Calibrate it on more, or give "
                "a larger alpha"
            )
        return alpha

    def _needs(self, alpha: float) -> str:
        return f"a band with alpha={alpha:g} needs at least {least_number(alpha)} curves, or groups, that calibrate it"

    def _validate(self, X: Any) -> Any:
        return validate_data(self, X, reset=False, allow_nd=True, dtype=None) if is_table(X) else X

    def _validate_training(self, X: Any, y: Any) -> tuple[Any, np.ndarray]:
        if is_table(X):
            return validate_data(self, X, y, multi_output=True, y_numeric=True, dtype=(np.float64, np.float32))
        for attribute in ("n_features_in_", "feature_names_in_"):
            self.__dict__.pop(attribute, None)
        y = np.asarray(y, dtype=np.float64)
        if len(X) != len(y):
            raise ValueError(f"{type(self).__name__}: there are {len(X)} curves and {len(y)} targets")
        bad = np.flatnonzero(~np.isfinite(y.reshape(len(y), -1)).all(axis=1))
        if bad.size:
            raise ValueError(
                f"{type(self).__name__}: Input y contains NaN or infinity in the target of curve {bad[0]} ({bad.size} "
                "such targets); leave these curves out"
            )
        return X, y

    def _parts(self, n_groups: int, frozen: bool) -> tuple[np.ndarray, list[np.ndarray]]:
        """The groups that tell the modulation, and the folds of those that calibrate."""
        order = np.random.default_rng(draw_seed(self.random_state)).permutation(n_groups)
        n = max(1, round(self.modulation_size * n_groups))
        modulating, rest = order[:n], order[n:]
        if self.method == "cv+":
            folds = np.array_split(rest, self.cv)
            n_training = len(rest) - len(folds[0])
        else:
            folds = [rest if frozen else rest[: round(self.calibration_size * n_groups)]]
            n_training = n_groups if frozen else len(rest) - len(folds[0])
        n_calibration = sum(map(len, folds))
        if rank(n_calibration, self.alpha) > n_calibration or n_training < 1 or not all(map(len, folds)):
            more = "" if frozen or self.method == "cv+" else "a larger calibration_size, or "
            raise ValueError(
                f"{type(self).__name__}: {self._needs(self.alpha)}; of n_samples={n_groups} curves, or groups, there "
                f"are {n_calibration} for it, {n} for the modulation, and {max(n_training, 0)} to train on. Give more "
                f"curves, {more}a larger alpha"
            )
        return modulating, folds

    def _fit_and_read(
        self, X: Any, measured: Any, y: np.ndarray, groups: np.ndarray, train: np.ndarray, held: np.ndarray
    ) -> tuple[Any, np.ndarray, np.ndarray]:
        """A regressor fitted to some curves, and what it makes of others: prediction and scale."""
        if isinstance(self.estimator, FrozenEstimator):
            model = self.estimator.estimator
        else:
            model = fit_with_groups(clone(self.estimator), _safe_indexing(X, train), y[train], groups[train])
        if not held.size:
            return model, np.empty((0, 0)), np.empty((0, 0))

        def expected(warning: Warning) -> bool:
            # Records that were cut here, or are unlike those of the other folds, need not be so for the user.
            unlike = self.method == "cv+" and isinstance(warning, UntrustedPredictionWarning)
            return unlike or (self.errors is not None and about(warning) == "cover")

        with without_warnings(expected):
            return model, *self._predict(model, _safe_indexing(measured, held))

    def _predict(self, model: Any, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """The curve in the middle of the band, and what errors are measured in."""
        spread = None
        if self.scale == "spread":
            try:
                stress, spread = model.predict(X, return_std=True)
            except TypeError as error:
                raise TypeError(
                    f"{type(self).__name__}: scale='spread' needs an estimator whose predict takes return_std ({error})"
                ) from error
        else:
            stress = model.predict(X)
        stress = np.asarray(stress, dtype=np.float64)
        centre = self._shape(stress.reshape(len(stress), -1))
        scale = np.maximum(np.abs(centre), self.least_)
        if spread is not None:
            scale = np.asarray(spread, dtype=np.float64).reshape(centre.shape) + LEAST_SPREAD * scale
        # Targets and predictions that are all zero have no error to be measured.
        return centre, np.where(scale > 0, scale, 1.0)

    def _predictions(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """What each model of the calibration makes of the curves, (n_models, n_curves, n_strains): `_predict`."""
        # What there is to be said of the curves, `estimator_` says.
        with without_warnings(lambda _: bool(self.fold_estimators_)):
            readings = [self._predict(model, X) for model in self._models()]
        centres, scales = zip(*readings, strict=True)
        return np.stack(centres), np.stack(scales)

    def _models(self) -> list[Any]:
        """The models of the calibration."""
        return self.fold_estimators_ or [self.estimator_]

    def _shape(self, stress: np.ndarray) -> np.ndarray:
        return never_falling(stress) if self._never_falls() else stress

    def _never_falls(self) -> bool:
        return self.largest_fall_ <= ROUNDED and not self.negative_

    def _bound(self, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The edges of those curves in a band that can be."""
        if not self.negative_:
            lower = np.maximum(lower, 0.0)
        if self._never_falls():
            lower, upper = never_falling_edges(lower, upper)
            flow = flow_of(self.estimator_)
            if flow is not None:
                slope = self.steepest_ * moduli_of(flow, upper)[:, None]
                lower, upper = no_steeper_edges(lower, upper, flow["strain"], slope)
        return lower, upper

    def _learn(
        self,
        y: np.ndarray,
        index: np.ndarray,
        learning: np.ndarray,
        folds: list[np.ndarray],
        readings: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    ) -> None:
        """Learn modulation and residuals from what the models of the folds make of curves that they have not seen."""
        flow = flow_of(self.estimator_)
        self.steepest_ = 1.0 if flow is None else _steepest(flow, y)
        truth = properties_of(flow, y)
        modulation, residuals, groups = [], [], []
        of_properties: dict[str, list[np.ndarray]] = {name: [] for name in truth}
        for held, centre, scale in readings:
            if centre.shape != y[held].shape:
                raise ValueError(
                    f"{type(self).__name__}: the estimator predicts {centre.shape[1]} stresses per curve, and y has "
                    f"{y.shape[1]}"
                )
            residual = (y[held] - centre) / scale
            telling = learning[held]
            modulation.append(learn_modulation(residual[telling]))
            residuals.append(residual[~telling] / modulation[-1])
            groups.append(index[held][~telling])
            for name, values in properties_of(flow, centre).items():
                of_properties[name].append(_part_of(values, truth[name][held])[~telling])
        self.modulation_, self.residuals_ = np.stack(modulation), np.concatenate(residuals)
        number = np.concatenate(folds)
        place = np.empty(number.max() + 1, dtype=int)
        place[number] = np.arange(len(number))
        self.groups_ = place[np.concatenate(groups)]
        self.folds_ = np.repeat(np.arange(len(folds)), list(map(len, folds)))
        self.property_residuals_ = {name: np.concatenate(parts) for name, parts in of_properties.items()}


def _part_of(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """What predicted values lack, as a part of them; NaN where something is predicted that there is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (true - predicted) / np.abs(predicted)
    # Of what is not predicted no interval is stated, and none is wrong.
    return np.where(np.isnan(predicted), 0.0, np.where(np.isinf(parts), np.nan, parts))


def _steepest(flow: dict[str, Any], y: np.ndarray) -> float:
    """By how much the steepest part of the curves is steeper than Hooke's line; at least one."""
    slopes = np.diff(y, axis=1, prepend=0.0) / np.diff(flow["strain"], prepend=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = slopes / moduli_of(flow, y)[:, None]
    return float(np.max(ratios[np.isfinite(ratios)], initial=1.0))
