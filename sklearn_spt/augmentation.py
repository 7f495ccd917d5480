"""Faults of measured curves, put on simulated ones: to test models with, and to train them on."""

import numbers
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from .curves import SPTCurve, as_curves, is_table
from .utils.groups import fit_with_groups
from .utils.parameters import Parametrized, Switch
from .utils.state import Number

__all__ = ["AugmentedRegressor", "perturb_curves"]

Size = float | tuple[float, float]
# What rows of loads on a common grid have; displacement and thickness are those of curves.
_OF_LOADS = ("noise", "load_offset", "load_gain")
_SIZES = (*_OF_LOADS, "displacement_offset", "compliance", "thickness_gain", "cut")


def perturb_curves(
    curves: Iterable[Any],
    *,
    noise: Size = 0.0,
    load_offset: Size = 0.0,
    load_gain: Size = 0.0,
    displacement_offset: Size = 0.0,
    compliance: Size = 0.0,
    thickness_gain: Size = 0.0,
    cut: Size = 0.0,
    random_state: Any = None,
) -> list[SPTCurve]:
    """Put the faults of a laboratory's measurement on curves.

    A simulated curve is free of them. Models that shall read measured curves are tested on perturbed ones, and trained
    on them (`AugmentedRegressor`). Every size is a number, which all curves get, or a range ``(low, high)``, from which
    each curve draws its own with equal probability.

    Parameters
    ----------
    curves : iterable of SPTCurve or of arrays of shape (n_points, 2)
        Columns displacement in mm and load in N.
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
    >>> from sklearn_spt.augmentation import perturb_curves
    >>> curve, _, _ = load_demo_curve()
    >>> (toe,) = perturb_curves([curve], displacement_offset=0.02)
    >>> round(float(toe.displacement[-1] - curve.displacement[-1]), 3)
    0.02
    """
    sizes = {
        "noise": noise,
        "load_offset": load_offset,
        "load_gain": load_gain,
        "displacement_offset": displacement_offset,
        "compliance": compliance,
        "thickness_gain": thickness_gain,
        "cut": cut,
    }
    ranges = {name: _check_size("perturb_curves", name, size) for name, size in sizes.items()}
    records = as_curves(curves)
    random = np.random.default_rng() if random_state is None else check_random_state(random_state)
    drawn = {name: random.uniform(low, high, len(records)) for name, (low, high) in ranges.items()}
    result = []
    for i, curve in enumerate(records):
        size = {name: float(values[i]) for name, values in drawn.items()}
        largest = float(np.abs(curve.load).max())
        load = curve.load * (1 + size["load_gain"]) + size["load_offset"] * largest
        displacement = curve.displacement + size["compliance"] * curve.load
        displacement, load = _shift(displacement, load, size["displacement_offset"])
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
    """Train a regressor on copies of the curves that have the faults of measured ones.

    Simulated curves have no noise, no toe, no compliance, and an exactly known thickness, and a model that is trained
    on them alone takes every such fault of a measured curve for a property of the material. Here `fit` adds perturbed
    copies of the training curves, with the same targets. `predict` hands the curves on as they are: nothing of the
    augmentation is left in it.

    Parameters
    ----------
    regressor : object
        What to train, such as a pipeline that begins with a `CurveResampler`.
    n_copies : int, default=4
        Perturbed copies of each curve.
    keep_original : bool, default=True
        Whether the unperturbed curves are trained on too.
    noise : float or tuple of two floats, default=(0, 0.005)
        Standard deviation of white noise on the load, as a fraction of the curve's maximum load. Like all sizes a
        number, or a range from which each copy draws its own.
    load_offset : float or tuple of two floats, default=0
        Added to the load, as a fraction of the curve's maximum load.
    load_gain : float or tuple of two floats, default=0
        Relative error of the load.
    displacement_offset : float or tuple of two floats, default=0
        Added to the displacement, mm.
    compliance : float or tuple of two floats, default=0
        Compliance of the load train, mm/N.
    thickness_gain : float or tuple of two floats, default=0
        Relative error of the thickness.
    cut : float or tuple of two floats, default=0
        Part of the displacement that the record lacks at its end. The resampler in `regressor` must hold the loads of
        short curves (``ends="hold"``); its warning of that is not shown for the copies.
    random_state : int, RandomState instance or None, default=None
        Seed of the perturbations.

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
    perturb_curves : The faults, and their definitions.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import ANNRegressor, AugmentedRegressor, CurveResampler
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> pipeline = make_pipeline(CurveResampler(n_points=20), ANNRegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> model = AugmentedRegressor(pipeline, n_copies=2, displacement_offset=(-0.01, 0.01), random_state=0)
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}

    regressor: Any
    _: KW_ONLY
    n_copies: Annotated[int, Number(kind=int, low=0)] = 4
    keep_original: Switch = True
    noise: Size = (0.0, 0.005)
    load_offset: Size = 0.0
    load_gain: Size = 0.0
    displacement_offset: Size = 0.0
    compliance: Size = 0.0
    thickness_gain: Size = 0.0
    cut: Size = 0.0
    random_state: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Train the regressor on the curves and on perturbed copies of them.

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

        Returns
        -------
        self : AugmentedRegressor

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, or rows of loads shall have faults that only curves can have.
        """
        self._check_parameters()
        if not self.n_copies and not self.keep_original:
            raise ValueError(f"{type(self).__name__}: without copies and originals there is nothing to train on")
        sizes = {name: _check_size(type(self).__name__, name, getattr(self, name)) for name in _SIZES}
        random = np.random.RandomState() if self.random_state is None else check_random_state(self.random_state)
        if is_table(X):
            X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, dtype=(np.float64, np.float32))
            others = [name for name in _SIZES if name not in _OF_LOADS and sizes[name] != (0.0, 0.0)]
            if others:
                raise TypeError(
                    f"{type(self).__name__}: {', '.join(others)} need curves; X is a 2-D array of loads. Put the "
                    "CurveResampler into the regressor, and give the curves themselves"
                )
            inputs = np.concatenate(
                [X] * self.keep_original + [_perturb(X, sizes, random) for _ in range(self.n_copies)]
            )
        else:
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
            X, y = as_curves(X), np.asarray(y)
            if len(X) != len(y):
                raise ValueError(f"{type(self).__name__}: there are {len(X)} curves and {len(y)} targets")
            inputs = X * self.keep_original
            for _ in range(self.n_copies):
                inputs = inputs + perturb_curves(X, **sizes, random_state=random)
        n_parts = self.n_copies + self.keep_original
        targets = np.concatenate([y] * n_parts)
        if groups is None:
            groups = np.arange(len(y))
        elif len(groups) != len(y):
            raise ValueError(f"{type(self).__name__}: there are {len(y)} curves and {len(groups)} groups")
        with warnings.catch_warnings():
            if sizes["cut"] != (0.0, 0.0):
                warnings.filterwarnings("ignore", r"(?s)CurveResampler: .* held", UserWarning)
            self.regressor_ = fit_with_groups(clone(self.regressor), inputs, targets, np.tile(groups, n_parts))
        return self

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


def _perturb(X: np.ndarray, sizes: dict[str, tuple[float, float]], random: np.random.RandomState) -> np.ndarray:
    """Perturb the loads of a table; faults as `perturb_curves` defines them."""
    noise, offset, gain = (random.uniform(*sizes[name], size=(len(X), 1)) for name in _OF_LOADS)
    largest = np.abs(X).max(axis=1, keepdims=True)
    return (X * (1 + gain) + largest * (offset + noise * random.normal(size=X.shape))).astype(X.dtype)


def _check_size(owner: str, name: str, size: Any) -> tuple[float, float]:
    """The range of a size; TypeError or ValueError if it is none."""
    ends: Sequence[Any] = (size, size) if isinstance(size, numbers.Real) else size
    wanted = f"{owner}: {name} must be a number or a range (low, high)"
    if isinstance(ends, bool | str) or not hasattr(ends, "__len__") or len(ends) != 2:
        raise TypeError(f"{wanted}; got {size!r}")
    if not all(isinstance(end, numbers.Real) and not isinstance(end, bool) for end in ends):
        raise TypeError(f"{wanted}; got {size!r}")
    low, high = (float(end) for end in ends)
    if not (np.isfinite([low, high]).all() and low <= high):
        raise ValueError(f"{wanted} with low <= high, both finite; got {size!r}")
    if name == "noise" and low < 0:
        raise ValueError(f"{owner}: noise must not be negative; got {size!r}")
    if name.endswith("gain") and low <= -1:
        raise ValueError(f"{owner}: {name} must be above -1; got {size!r}")
    if name == "cut" and not 0 <= low <= high < 1:
        raise ValueError(f"{owner}: cut must lie in 0 to 1, without 1; got {size!r}")
    return low, high


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
