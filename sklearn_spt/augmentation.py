"""Errors of measurement, put on simulated curves: to test models with, and to train them on."""

import numbers
import os
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data

from .curves import SPTCurve, as_curves, is_table
from .exceptions import about
from .utils.groups import fit_with_groups
from .utils.parameters import Parametrized
from .utils.state import Number
from .utils.warnings import recorded, without_warnings

__all__ = ["AugmentedRegressor", "MeasurementErrors", "perturb_curves"]

Size = float | tuple[float, float]
# What rows of loads on a common grid have; the others are those of curves.
_OF_LOADS = ("noise", "load_offset", "load_gain")
_COPIES = 4


class MeasurementErrors(Parametrized, BaseEstimator):
    """What a laboratory's measurement adds to a curve.

    Every size is a number, which all curves get, or a range ``(low, high)``, from which each curve draws its own with
    equal probability.

    Parameters
    ----------
    noise : float or tuple of two floats, default=0
        Standard deviation of white noise on the load, as a fraction of the curve's maximum load.
    load_offset : float or tuple of two floats, default=0
        Added to the load, as a fraction of the curve's maximum load: a load cell that was not set to zero.
    load_gain : float or tuple of two floats, default=0
        Relative error of the load: a load cell that is out of calibration.
    displacement_offset : float or tuple of two floats, default=0
        Added to the displacement, mm. A positive one is a toe: the punch meets the disc so much later. With a negative
        one the record begins when the load is there already.
    compliance : float or tuple of two floats, default=0
        Compliance of the load train, mm/N, whose deformation is recorded with the displacement.
    thickness_gain : float or tuple of two floats, default=0
        Relative error of the specimen's measured thickness.
    cut : float or tuple of two floats, default=0
        Part of the displacement that the record lacks at its end: 0.4 leaves the first 60 %. So end the records of
        specimens that break early, and of tests that were stopped.
    spacing : float or tuple of two floats, default=None
        Distance of the record's points, mm, as the machine records them. None leaves the points as they are. Noise
        that is spread over more points is averaged out further.

    See Also
    --------
    perturb_curves : Puts them on curves.
    AugmentedRegressor : Trains a model on curves that have them.

    Examples
    --------
    >>> from sklearn_spt import MeasurementErrors, perturb_curves
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> curve, _, _ = load_demo_curve()
    >>> errors = MeasurementErrors(load_gain=0.01, thickness_gain=(-0.02, 0.02))
    >>> (measured,) = perturb_curves([curve], errors, random_state=0)
    >>> round(float(measured.load[-1] / curve.load[-1]), 3), 0.98 < measured.thickness / curve.thickness < 1.02
    (1.01, True)
    """

    _: KW_ONLY
    noise: Size = 0.0
    load_offset: Size = 0.0
    load_gain: Size = 0.0
    displacement_offset: Size = 0.0
    compliance: Size = 0.0
    thickness_gain: Size = 0.0
    cut: Size = 0.0
    spacing: Size | None = None

    def _ranges(self) -> dict[str, tuple[float, float]]:
        """The range of each size; TypeError or ValueError where there is none."""
        sizes = {name: value for name, value in self.get_params().items() if value is not None}
        return {name: _check_size(name, size) for name, size in sizes.items()}

    def _draw(self, n: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
        """Sizes for `n` curves."""
        return {name: random.uniform(low, high, n) for name, (low, high) in self._ranges().items()}


def perturb_curves(curves: Iterable[Any], errors: MeasurementErrors, *, random_state: Any = None) -> list[SPTCurve]:
    """Put errors of measurement on curves.

    A simulated curve is free of them. Models that shall read measured curves are tested on perturbed ones, and trained
    on them (`AugmentedRegressor`).

    Parameters
    ----------
    curves : iterable of SPTCurve or of arrays of shape (n_points, 2)
        Columns displacement in mm and load in N.
    errors : MeasurementErrors
        Their sizes.
    random_state : int, RandomState instance or None, default=None
        Seed of what is drawn. With None, the draws differ from call to call.

    Returns
    -------
    list of SPTCurve
        New curves, with all else that the old ones know.

    Raises
    ------
    TypeError, ValueError
        If a size or a curve is not valid, or a curve without thickness shall have a wrong one.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.augmentation import MeasurementErrors, perturb_curves
    >>> curve, _, _ = load_demo_curve()
    >>> (toe,) = perturb_curves([curve], MeasurementErrors(displacement_offset=0.02))
    >>> round(float(toe.displacement[-1] - curve.displacement[-1]), 3)
    0.02
    """
    records = as_curves(curves)
    random = np.random.RandomState() if random_state is None else check_random_state(random_state)
    drawn = errors._draw(len(records), random)
    result = []
    for i, curve in enumerate(records):
        size = {name: float(values[i]) for name, values in drawn.items()}
        largest = float(np.abs(curve.load).max())
        load = curve.load * (1 + size["load_gain"]) + size["load_offset"] * largest
        displacement = curve.displacement + size["compliance"] * curve.load
        displacement, load = _shift(displacement, load, size["displacement_offset"])
        if "spacing" in size:
            displacement, load = _respaced(displacement, load, size["spacing"])
        if size["noise"]:
            load = load + size["noise"] * largest * random.normal(size=len(load))
        if size["cut"]:
            displacement, load = _cut(displacement, load, size["cut"])
        changes: dict[str, Any] = {"displacement": displacement, "load": load}
        if size["thickness_gain"]:
            if curve.thickness is None:
                raise ValueError(
                    f"perturb_curves: curve {i}{f' {curve.name!r}' if curve.name else ''} has no thickness to be wrong "
                    "by thickness_gain; give it one, or leave thickness_gain out"
                )
            changes["thickness"] = curve.thickness * (1 + size["thickness_gain"])
        result.append(curve.replace(**changes))
    return result


def _regressor_has(name: str) -> Any:
    def check(self: Any) -> bool:
        getattr(getattr(self, "regressor_", self.regressor), name)
        return True

    return check


class AugmentedRegressor(MetaEstimatorMixin, RegressorMixin, Parametrized, BaseEstimator):
    """Train a regressor on curves that have the errors of measured ones.

    Simulated curves have no noise, no toe, no compliance, and an exactly known thickness, and a model that is trained
    on them alone takes every such error of a measured curve for a property of the material. Here a network is trained
    on curves whose errors are drawn anew in every epoch, and any other regressor on the curves and perturbed copies of
    them, with the same targets. `predict` hands the curves on as they are: nothing of the augmentation is left in it.

    Parameters
    ----------
    regressor : object
        What to train, such as a pipeline that begins with a `CurveResampler`.
    errors : MeasurementErrors, default=None
        Sizes of the errors. None is noise of up to 0.5 % of each curve's maximum load.

        With `cut`, the resampler in `regressor` must mark what short curves lack (``ends="mask"``, for networks), or
        hold their last loads (``ends="hold"``); its warning of that is not shown for the perturbed curves. Give it a
        `grid`: one that is learned from short curves may be short itself.
    n_copies : int, default=None
        Perturbed copies of each curve, beside the curve itself. None: errors drawn anew in every epoch if `regressor`
        is one of the package's networks, or a pipeline that ends with one; of others four copies.
    random_state : int, RandomState instance or None, default=None
        Seed of the errors.

    Attributes
    ----------
    regressor_ : object
        The fitted regressor. This is what :func:`~sklearn_spt.persistence.save_model` can write.
    n_features_in_ : int
        Number of columns of `X` in `fit`. Defined only when `X` was 2-D.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of `X` in `fit`. Defined only when `X` was a data frame with string names.

    See Also
    --------
    MeasurementErrors : The errors, and their definitions.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import ANNRegressor, AugmentedRegressor, CurveResampler, MeasurementErrors
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> pipeline = make_pipeline(CurveResampler(n_points=20), ANNRegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> errors = MeasurementErrors(noise=(0, 0.01), displacement_offset=(-0.01, 0.01))
    >>> model = AugmentedRegressor(pipeline, errors, random_state=0)
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}

    regressor: Any
    errors: Any = None
    _: KW_ONLY
    n_copies: Annotated[int | None, Number(kind=int, low=0, none=True)] = None
    random_state: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None, *, checkpoint: str | os.PathLike[str] | None = None) -> Self:
        """Train the regressor on perturbed curves.

        A curve and its copies are one group for a regressor whose `fit` takes `groups`, or for the last step of a
        pipeline: none of them validates what others have trained, in early stopping and in stacking.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        groups : array-like of shape (n_curves,), default=None
            Which curves belong together beyond that, such as tests of one material.
        checkpoint : path-like, default=None
            File in which the training of a network keeps where it stands, and from which it goes on.

        Returns
        -------
        self : AugmentedRegressor

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, or rows of loads shall have errors that only curves can have.
        """
        self._check_parameters()
        errors = MeasurementErrors(noise=(0.0, 0.005)) if self.errors is None else self.errors
        random = np.random.RandomState() if self.random_state is None else check_random_state(self.random_state)
        if is_table(X):
            X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, dtype=(np.float64, np.float32))
        else:
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
            X, y = as_curves(X), np.asarray(y)
            if len(X) != len(y):
                raise ValueError(f"{type(self).__name__}: there are {len(X)} curves and {len(y)} targets")
        check_errors(self, errors, X)
        if groups is None:
            groups = np.arange(len(y))
        elif len(groups) != len(y):
            raise ValueError(f"{type(self).__name__}: there are {len(y)} curves and {len(groups)} groups")
        regressor = clone(self.regressor)
        steps = [step for _, step in regressor.steps] if isinstance(regressor, Pipeline) else [regressor]
        anew = self.n_copies is None and has_fit_parameter(steps[-1], "redraw")
        if checkpoint is not None and not anew:
            raise ValueError(
                f"{type(self).__name__}: only the training of a network, with n_copies=None, keeps a checkpoint"
            )
        with without_warnings(_expected):
            if anew:
                _fit_anew(steps, X, y, np.asarray(groups), errors, random, checkpoint)
            else:
                copies = [X, *(put_errors(X, errors, random) for _ in range(self._n_copies))]
                inputs = np.concatenate(copies) if is_table(X) else [curve for copy in copies for curve in copy]
                parts = len(copies)
                fit_with_groups(regressor, inputs, np.concatenate([y] * parts), np.tile(groups, parts))
        self.regressor_ = regressor
        return self

    @property
    def _n_copies(self) -> int:
        return _COPIES if self.n_copies is None else self.n_copies

    @available_if(_regressor_has("predict"))
    def predict(self, X: Any) -> np.ndarray:
        """Predict the true stress of curves, as the regressor does.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves like those of the training.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        """
        check_is_fitted(self)
        if is_table(X):
            X = validate_data(self, X, reset=False, dtype=(np.float64, np.float32))
        return self.regressor_.predict(X)


def _expected(warning: Warning) -> bool:
    """Whether it is about perturbed records that end early; all else is for the user."""
    return about(warning) == "cover"


def _fit_anew(
    steps: Sequence[Any],
    X: Any,
    y: np.ndarray,
    groups: np.ndarray,
    errors: MeasurementErrors,
    random: np.random.RandomState,
    checkpoint: Any,
) -> None:
    """Fit transformers and a network, last, to curves whose errors are others in every epoch."""
    *transformers, network = steps
    # The transformers, and the statistics of the network, are those of curves with errors.
    inputs = put_errors(X, errors, random)
    for transformer in transformers:
        inputs = transformer.fit_transform(inputs, y)
    if not is_table(X):
        # What the shortest records would be refused for is said now, and not in a late epoch.
        ranges = errors._ranges()
        shortest: Any = MeasurementErrors(
            cut=ranges["cut"][1],
            compliance=ranges["compliance"][0],
            displacement_offset=ranges["displacement_offset"][0],
        )
        shortest = perturb_curves(X, shortest)
        for transformer in transformers:
            shortest = transformer.transform(shortest)

    def redraw(indices: np.ndarray, generator: np.random.Generator) -> Any:
        part = X[indices] if is_table(X) else [X[i] for i in indices]
        with recorded():
            again = put_errors(part, errors, np.random.RandomState(generator.integers(2**32)))
            for transformer in transformers:
                again = transformer.transform(again)
        return again

    network.fit(inputs, y, groups=groups, redraw=redraw, checkpoint=checkpoint)


def check_errors(owner: object, errors: Any, X: Any) -> None:
    """Refuse what are no errors, or none that can be put on X: curves, or a table of loads."""
    name = type(owner).__name__
    if not isinstance(errors, MeasurementErrors):
        raise TypeError(f"{name}: errors must be MeasurementErrors; got {errors!r:.80}")
    ranges = errors._ranges()
    others = [size for size, range_ in ranges.items() if size not in _OF_LOADS and range_ != (0.0, 0.0)]
    if is_table(X) and others:
        raise TypeError(
            f"{name}: {', '.join(others)} need curves; X is a 2-D array of loads. Put the CurveResampler into the "
            "regressor, and give the curves themselves"
        )


def put_errors(X: Any, errors: MeasurementErrors, random: np.random.RandomState) -> Any:
    """Curves, or the loads of a table, with errors."""
    if not is_table(X):
        return perturb_curves(X, errors, random_state=random)
    drawn = errors._draw(len(X), random)
    noise, offset, gain = (drawn[name][:, None] for name in _OF_LOADS)
    largest = np.abs(X).max(axis=1, keepdims=True)
    return (X * (1 + gain) + largest * (offset + noise * random.normal(size=X.shape))).astype(X.dtype)


def _check_size(name: str, size: Any) -> tuple[float, float]:
    """The range of a size; TypeError or ValueError if it is none."""
    ends: Sequence[Any] = (size, size) if isinstance(size, numbers.Real) else size
    wanted = f"MeasurementErrors: {name} must be a number or a range (low, high)"
    if isinstance(ends, bool | str) or not hasattr(ends, "__len__") or len(ends) != 2:
        raise TypeError(f"{wanted}; got {size!r}")
    if not all(isinstance(end, numbers.Real) and not isinstance(end, bool) for end in ends):
        raise TypeError(f"{wanted}; got {size!r}")
    low, high = (float(end) for end in ends)
    if not (np.isfinite([low, high]).all() and low <= high):
        raise ValueError(f"{wanted} with low <= high, both finite; got {size!r}")
    allowed = {"noise": low >= 0, "cut": 0 <= low <= high < 1, "spacing": low > 0}
    if name.endswith("gain"):
        allowed[name] = low > -1
    if not allowed.get(name, True):
        limits = {"noise": "not negative", "cut": "in 0 to 1, without 1", "spacing": "positive"}
        raise ValueError(f"MeasurementErrors: {name} must be {limits.get(name, 'above -1')}; got {size!r}")
    return low, high


def _respaced(displacement: np.ndarray, load: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(displacement, kind="stable")
    displacement, load = displacement[order], load[order]
    u = np.arange(displacement[0], displacement[-1], spacing)
    return u, np.interp(u, displacement, load)


def _cut(displacement: np.ndarray, load: np.ndarray, part: float) -> tuple[np.ndarray, np.ndarray]:
    end = displacement[0] + (1 - part) * (displacement[-1] - displacement[0])
    kept = displacement < end
    # Ends between two points, so that it is not tied to the increments of a simulation.
    return np.append(displacement[kept], end), np.append(load[kept], np.interp(end, displacement, load))


def _shift(displacement: np.ndarray, load: np.ndarray, offset: float) -> tuple[np.ndarray, np.ndarray]:
    if offset == 0:
        return displacement, load
    shifted = displacement + offset
    start = displacement[0]
    if offset > 0:
        # The record begins where it did; the contact comes later.
        return np.append(start, shifted), np.append(load[0], load)
    kept = shifted > start
    return np.append(start, shifted[kept]), np.append(np.interp(start, shifted, load), load[kept])
