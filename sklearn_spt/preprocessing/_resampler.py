"""Put curves on one displacement grid."""

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from ..checks.displacement import check_kind, learn_kind
from ..checks.domain import check_domain, forget_domain
from ..curves import DISPLACEMENT_KINDS, SPTCurve, as_curves, is_table
from ..exceptions import Fact, Message, Owner, Parameter, UntrustedPredictionWarning
from ..utils.parameters import Parametrized
from ..utils.state import Array, Choice, Field, Flag, Number
from ..utils.validation import check_finite, check_recorded
from ..utils.warnings import warn
from ._local_fit import fit_on_grid

__all__ = ["CurveResampler"]

_FIELDS = ("thickness", "temperature")
# Training curves whose ends differ by less than this fraction of the stroke are taken to have a common end.
_END_SCATTER = 0.02
# Rounding of a displacement, as a fraction of the grid's length: float32 keeps about 1e-7 of it.
_ROUNDING = 1e-6
_MAX_NAMED = 5
# A curve that covers less of the grid than this would mostly be made of its held end loads, or of nothing.
_MIN_COVER = 0.5
# Points have to be close in this part of the grid, from its beginning on: the curve bends most there. What closer ones
# are worth, and that the rest matters less, stands in benchmarks/results/record_sampling.json.
_BEGINNING = 0.25
# So many points there are enough, however many more the training curves had.
_ENOUGH = 15
# Part of the training curves that are too few to learn from.
_RARE = 0.005
# What is let pass: a correction of the zero moves the end by some micrometres, and transducers jitter.
_END_SLACK, _STEP_SLACK = 0.01, 0.05
_OWNER = Owner("CurveResampler")
_SHORTER = Message("with a shorter ", Parameter("grid"))
_HOLD = Parameter("ends", "hold")


def _has_feature_names(resampler: Any) -> bool:
    # Without names scikit-learn leaves the output of `transform` alone, also where frames are the default.
    if resampler.descriptors:
        raise AttributeError("CurveResampler: with descriptors the output is 3-D, and has no feature names")
    return True


class CurveResampler(TransformerMixin, Parametrized, BaseEstimator):
    """Put load-displacement curves of any lengths on one displacement grid.

    Every point of a record counts. A point of the grid stands for the points around it: the load there is that of a
    straight line fitted to them, weighted by how near they are (see Notes). So noise is averaged out as far as the
    record's points allow, and a record with no more points than the grid is interpolated linearly. Points are sorted
    by displacement first and the loads of equal displacements averaged (`SPTCurve.monotonic`), so records with
    repeated or slightly backward displacements are welcome.

    Nothing is extrapolated silently. A grid point beyond a curve's end is an error, or it is marked as missing, or the
    curve's end load is held there and a warning names the curve, or the grid is cut so that no training curve ends
    before it: see `ends`.

    Parameters
    ----------
    n_points : int, default=100
        Number of points of the grid that `fit` learns, equally spaced. Not used if `grid` is given.
    grid : array-like of shape (n_grid_points,), default=None
        The displacement grid, mm, strictly increasing. By default it is learned in `fit` from the training curves.
    ends : {"hold", "mask", "error", "cut"}, default="hold"
        What to do with curves that end before the grid does, or begin after it.

        - ``"hold"``: the curve's last (first) load is held from its end on, and a `UserWarning` names the curve. A
          curve that covers less than half of the grid is an error.
        - ``"mask"``: the load is NaN where the curve has none, for the networks of this package, which read a short
          record as what it is. Other regressors refuse NaN. A curve that covers less than half of the grid is an error.
        - ``"error"``: `ValueError` that names the curve.
        - ``"cut"``: the learned grid is the range that *all* training curves cover, so that a single short curve
          shortens it for all; a `UserWarning` says so if it does. A curve that later turns out shorter than the grid
          is an error. Cannot be combined with `grid`.

        With ``"hold"`` and ``"error"`` the learned grid covers the range that nearly all training curves share, and a
        few curves that broke off early (or were started late) do not shorten it; see Notes. With ``"mask"`` it goes as
        far as one in ten does.
    descriptors : sequence of str, default=()
        Facts of the specimen that ride along as constant channels behind the load: ``"thickness"``,
        ``"temperature"``, or any key of the curves' `metadata` that holds a number.
    displacement : array-like of shape (n_features,), default=None
        For a 2-D `X` only: the displacement of its columns, mm, strictly increasing. By default the columns are taken
        as equally spaced, and the grid is relative: 0 at the first column, 1 at the last.

    Attributes
    ----------
    grid_ : ndarray of shape (n_grid_points,)
        The displacement grid, mm; from 0 to 1 if `relative_`.
    relative_ : bool
        Whether the estimator was fitted on a 2-D `X` whose columns have no displacement.
    displacement_kind_ : {"punch", "crosshead", "deflection"} or None
        What the displacement of the training curves was, as far as their `displacement_kind` told. That of a crosshead
        counts as the punch's once its compliance is corrected. Curves of another kind are warned of.
    shortest_ : float or None
        Displacement, mm, that all training curves but one of two hundred reached, at most the end of the grid. Curves
        that end before it by more than 1 % are warned of. None if the training curves were rows of a 2-D `X`.
    coarsest_ : float or None
        Largest step of the displacement, mm, in the first quarter of the grid: of the training curves, of the grid, or
        of fifteen points there, whichever is largest. Curves with a larger one are warned of, because their bend is
        lost between the points. None if the training curves were rows of a 2-D `X`.
    n_features_in_ : int
        Number of columns of `X` in `fit`. Defined only when `X` was 2-D.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of `X` in `fit`. Defined only when `X` was a data frame with string names.

    See Also
    --------
    GAFTransformer : Append the Gramian angular field to the resampled curves.

    Notes
    -----
    The grid learned with ``ends="hold"`` and ``ends="error"`` ends where the shortest training curve ends, but the
    curves that end early are left out of account: those that end before nine in ten others, and before these by more
    than 2 % of the stroke. (At least one curve of three may be such a short one.) The beginning of the grid is found
    in the same way from the first displacements. With ``ends="mask"`` those that end late are left out of account
    instead.

    The line is that of local linear regression with a triangular kernel as wide as the steps of the grid to either
    side. White noise of :math:`n` points to a step is reduced by :math:`\\sqrt{3 n / 2}`; straight parts of a curve are
    kept as they are. Without points on both sides within a step, the load is interpolated between the neighbours.

    A float32 2-D `X` stays float32; all other output is float64.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import CurveResampler, SPTCurve
    >>> u = np.linspace(0.0, 1.2, 40)
    >>> curves = [SPTCurve(u, 900 * u, thickness=0.5), SPTCurve(u[:36], 700 * u[:36], thickness=0.6)]
    >>> resampler = CurveResampler(n_points=4, ends="cut").fit(curves[:1])
    >>> resampler.grid_
    array([0. , 0.4, 0.8, 1.2])
    >>> resampler.transform(curves[:1])
    array([[   0.,  360.,  720., 1080.]])
    >>> resampler.transform(curves)
    Traceback (most recent call last):
        ...
    ValueError: CurveResampler: 1 of 2 curves does not cover the displacement grid from 0 to 1.2 mm: curve 1 ends at \
1.077 mm. Leave it out, fit anew with it or with a shorter grid=, or hold its end load with ends='hold'

    >>> resampler = CurveResampler(grid=[0.0, 0.5, 1.0], descriptors=("thickness",))
    >>> resampler.fit_transform(curves).round(6)[1]
    array([[0.0e+00, 6.0e-01],
           [3.5e+02, 6.0e-01],
           [7.0e+02, 6.0e-01]])
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "grid_": Array(shape=("points",), increasing=True),
        "relative_": Flag(),
        "displacement_kind_": Choice(options=DISPLACEMENT_KINDS, none=True, optional=True),
        "shortest_": Number(none=True, optional=True),
        "coarsest_": Number(low=0, none=True, optional=True),
    }

    # It is given the curves, and checks them where it was loaded with a training domain.
    _takes_curves: ClassVar[bool] = True

    n_points: Annotated[int, Number(kind=int, low=2)] = 100
    _: KW_ONLY
    grid: Any = None
    ends: Annotated[str, Choice(options=("hold", "mask", "error", "cut"))] = "hold"
    descriptors: Sequence[str] = ()
    displacement: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> "CurveResampler":
        """Learn the displacement grid.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.
        y : None
            Ignored.

        Returns
        -------
        self : CurveResampler

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, if the curves have no displacement in common, if a descriptor is
            unknown or a curve lacks it, or, with ``ends="error"``, if a curve does not cover the grid.
        """
        self._check_parameters()
        grid = None if self.grid is None else self._increasing("grid")
        curves = None
        if is_table(X):
            X = validate_data(self, X, dtype=[np.float64, np.float32], ensure_min_features=2, ensure_all_finite=False)
            check_finite(self, X)
            if grid is not None and self.displacement is None:
                raise ValueError(
                    "CurveResampler: grid is a displacement in mm, but the columns of the 2-D X have none; "
                    "give it with displacement="
                )
            u = self._columns(X.shape[1])
            begin, end = u[:1], u[-1:]
        else:
            curves = as_curves(X)
            self._descriptor_values(curves)
            begin, end = _spans(curves)
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
        if grid is None:
            grid = np.linspace(*self._learn_range(begin, end, curves), self.n_points)
        if 1 + len(self.descriptors) > len(grid):
            raise ValueError(
                f"CurveResampler: {len(self.descriptors)} descriptors need a grid of at least "
                f"{1 + len(self.descriptors)} points; got {len(grid)}"
            )
        self.grid_ = grid
        self.relative_ = curves is None and self.displacement is None
        learn_kind(self, curves)
        forget_domain(self)
        self.shortest_ = self.coarsest_ = None
        if curves is not None:
            self.shortest_ = float(min(np.quantile(end, _RARE, method="lower"), grid[-1]))
            beginning = grid[0], grid[0] + _BEGINNING * (grid[-1] - grid[0])
            steps = (_largest_step(u, *beginning) for u in (grid, *(curve.monotonic()[0] for curve in curves)))
            self.coarsest_ = max((beginning[1] - beginning[0]) / _ENOUGH, *steps)
        if self.ends == "error":
            self._check_cover(begin, end, curves)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Put the loads on the grid.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.

        Returns
        -------
        ndarray of shape (n_curves, n_grid_points) or (n_curves, n_grid_points, 1 + n_descriptors)
            Loads, N; with ``ends="mask"`` NaN where a curve has none. With `descriptors`, the load is the first channel
            and the descriptors follow in their order.

        Raises
        ------
        TypeError, ValueError
            If a curve is not valid or lacks a descriptor, or does not cover the grid, unless `ends` is "hold" or
            "mask". With these, an error is raised only if a curve covers less than half of the grid, or fewer than two
            of its points.
        """
        check_is_fitted(self)
        if is_table(X):
            X = validate_data(self, X, dtype=[np.float64, np.float32], ensure_all_finite=False, reset=False)
            check_finite(self, X)
            if self.displacement is None and not self.relative_:
                raise ValueError(
                    "CurveResampler: fitted on curves, and now X is a 2-D array, whose columns have no displacement. "
                    "For one curve give a list, [curve]; for loads on a common grid give displacement="
                )
            u = self._columns(X.shape[1])
            self._check_cover(u[:1], u[-1:], None)
            loads = (X @ _row_weights(self.grid_, u)).astype(X.dtype, copy=False)
            return self._mask(loads, u[:1], u[-1:])
        curves = as_curves(X)
        if self.relative_:
            raise ValueError(
                "CurveResampler: fitted on a 2-D array without displacements, so that its grid is no displacement; "
                "fit it on curves, or give displacement= (mm)"
            )
        values = self._descriptor_values(curves)
        check_kind(self, curves)
        check_domain(self, curves)
        begin, end = _spans(curves)
        self._check_cover(begin, end, curves)
        records = [curve.monotonic() for curve in curves]
        self._check_steps(curves, records)
        loads = self._mask(fit_on_grid(self.grid_, records), begin, end)
        if not self.descriptors:
            return loads
        channels = np.broadcast_to(values[:, None, :], (*loads.shape, values.shape[1]))
        return np.concatenate([loads[:, :, None], channels], axis=2)

    def inverse_transform(self, X: Any) -> list[SPTCurve]:
        """Make curves of resampled loads.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_grid_points) or (n_curves, n_grid_points, 1 + n_descriptors)
            Loads, N, as `transform` returns them.

        Returns
        -------
        list of SPTCurve
            Curves on the grid, as far as they have loads, with their descriptors. What lay between and beyond the
            points of the grid is lost.

        Raises
        ------
        ValueError
            If the shape is not that of the output of `transform`, if the load of a curve is never positive, or if the
            displacements are not known because the estimator was fitted on a 2-D array without them.
        """
        check_is_fitted(self)
        if self.relative_:
            raise ValueError(
                "CurveResampler: fitted on a 2-D array without displacements, so that the loads cannot be made curves; "
                "give displacement= (mm)"
            )
        X = check_array(X, allow_nd=True, dtype=np.float64, ensure_all_finite=False, estimator=self)
        if self.ends != "mask":
            check_finite(self, X)
        wanted: tuple[int, ...] = (len(self.grid_),)
        if self.descriptors:
            wanted += (1 + len(self.descriptors),)
        if X.shape[1:] != wanted:
            raise ValueError(
                f"CurveResampler: X must have the shape (n_curves, {', '.join(map(str, wanted))}) that transform "
                f"returns; got {X.shape}. Undo later steps first (GAFTransformer.inverse_transform)"
            )
        channels = X.reshape(len(X), len(self.grid_), -1)
        recorded = ~check_recorded(self, channels[:, :, 0], channels[:, :, 1:])
        curves = []
        for index, channel in enumerate(channels):
            known = recorded[index]
            facts = dict(zip(self.descriptors, channel[0, 1:].tolist(), strict=True))
            fields = {name: facts.pop(name) for name in _FIELDS if name in facts}
            try:
                curves.append(SPTCurve(self.grid_[known], channel[known, 0], metadata=facts, **fields))
            except ValueError as error:
                raise ValueError(f"curve {index} of X: {error}") from None
        return curves

    @available_if(_has_feature_names)
    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns of the output: ``load_`` and the displacement, such as ``load_0.25``.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of a 2-D `X`, which are only checked against those seen in `fit`.

        Returns
        -------
        ndarray of str objects

        Raises
        ------
        ValueError
            If `input_features` are not those of `fit`.
        AttributeError
            With `descriptors`: the output is then 3-D, and its columns have no names.
        """
        check_is_fitted(self)
        if input_features is not None and hasattr(self, "n_features_in_"):
            if len(input_features) != self.n_features_in_:
                raise ValueError(
                    "CurveResampler: input_features should have length equal to number of features "
                    f"({self.n_features_in_}); got {len(input_features)}"
                )
            if hasattr(self, "feature_names_in_") and list(input_features) != list(self.feature_names_in_):
                raise ValueError("CurveResampler: input_features is not equal to feature_names_in_")
        names = [f"load_{u:.6g}" for u in self.grid_]
        if len(set(names)) < len(names):
            names = [f"load_{u!r}" for u in self.grid_.tolist()]
        return np.asarray(names, dtype=object)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._check_descriptors()
        if self.grid is not None and self.ends == "cut":
            raise ValueError(
                "CurveResampler: ends='cut' cuts the grid that is learned from the curves, and grid was given; "
                "use ends='error', 'hold' or 'mask' with it"
            )

    def _check_descriptors(self) -> None:
        names = self.descriptors
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise TypeError(
                f"CurveResampler: descriptors must be a tuple or list of names, such as ('thickness',); got {names!r}"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"CurveResampler: descriptors names something twice: {names!r}")

    def _increasing(self, parameter: str) -> np.ndarray:
        value = getattr(self, parameter)
        try:
            values = np.array(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(f"CurveResampler: {parameter} must be an array of numbers (mm); got {value!r}") from None
        if values.ndim != 1 or len(values) < 2 or not np.all(np.isfinite(values)) or not np.all(np.diff(values) > 0):
            raise ValueError(
                f"CurveResampler: {parameter} must be 1-D with at least two finite, strictly increasing displacements "
                f"(mm); got {value!r}"
            )
        return values

    def _columns(self, n_features: int) -> np.ndarray:
        if self.descriptors:
            raise ValueError(
                "CurveResampler: descriptors need curves that carry them, and X is a 2-D array; give a list of "
                "SPTCurve, or use descriptors=()"
            )
        if self.displacement is None:
            return np.linspace(0.0, 1.0, n_features)
        u = self._increasing("displacement")
        if len(u) != n_features:
            raise ValueError(
                f"CurveResampler: displacement has {len(u)} values for {n_features} columns of X; each needs one"
            )
        return u

    def _descriptor_values(self, curves: list[SPTCurve]) -> np.ndarray:
        values = np.empty((len(curves), len(self.descriptors)))
        for index, curve in enumerate(curves):
            for k, name in enumerate(self.descriptors):
                value = _fact(curve, name)
                if value is None:
                    self._refuse_descriptor(name, index, curves)
                values[index, k] = value
        return values

    def _refuse_descriptor(self, name: str, index: int, curves: list[SPTCurve]) -> None:
        known = {key for curve in curves for key in (*_FIELDS, *curve.metadata) if _fact(curve, key) is not None}
        if name not in known and name not in _FIELDS:
            raise ValueError(
                f"CurveResampler: unknown descriptor {name!r}; the curves have "
                f"{', '.join(repr(key) for key in sorted(known, key=str)) or 'no descriptors'}"
            )
        how = Fact(name) if name in _FIELDS else "set it as a finite number in its metadata"
        raise ValueError(
            Message(
                _OWNER, f"{_label(index, curves)} has no {name!r}, which descriptors asks for; ", how,
                ", or leave the curve out", about=name,
            )
        )  # fmt: skip

    def _learn_range(self, begin: np.ndarray, end: np.ndarray, curves: list[SPTCurve] | None) -> tuple[float, float]:
        n = len(begin)
        n_outlying = min(math.ceil(n / 10), (n - 1) // 2)
        usual_begin = np.sort(begin)[n - 1 - n_outlying]
        # What ends early is shorter with "mask", and cuts nothing off the others.
        usual_end = np.sort(end)[n - 1 - n_outlying if self.ends == "mask" else n_outlying]
        scatter = _END_SCATTER * max(usual_end - usual_begin, 0.0)
        in_time = begin <= usual_begin + scatter
        long_enough = end >= usual_end - scatter
        if self.ends == "cut":
            start, stop = begin.max(), end.min()
        else:
            start, stop = begin[in_time].max(), end[long_enough].min()
        last, shortest = int(np.argmax(begin)), int(np.argmin(end))
        if stop <= start:
            raise ValueError(
                Message(
                    _OWNER,
                    f"the curves have no range of displacement in common: {_label(last, curves)} begins at "
                    f"{begin[last]:.4g} mm, {_label(shortest, curves)} ends at {end[shortest]:.4g} mm. Check that all "
                    "displacements are in mm and count from the same zero, or give ",
                    Parameter("grid"),
                )
            )
        if self.ends == "cut" and not (in_time.all() and long_enough.all()):
            why = [] if in_time.all() else [f"{_label(last, curves)} begins there"]
            why += [] if long_enough.all() else [f"{_label(shortest, curves)} ends there"]
            warn(
                f"CurveResampler: the displacement grid was cut to {start:.4g} to {stop:.4g} mm, because "
                f"{' and '.join(why)}; most curves go from {usual_begin:.4g} to {usual_end:.4g} mm",
                UserWarning,
                stacklevel=3,
            )
        return float(start), float(stop)

    def _check_cover(self, begin: np.ndarray, end: np.ndarray, curves: list[SPTCurve] | None) -> None:
        """Refuse or announce curves that do not cover the grid; `curves` is None for the columns of a 2-D X."""
        start, stop = self.grid_[0], self.grid_[-1]
        slack = _ROUNDING * (stop - start)
        late, early = begin > start + slack, end < stop - slack
        missing = np.where(late, begin - start, 0.0) + np.where(early, stop - end, 0.0)
        order = np.argsort(-missing, kind="stable")[: np.count_nonzero(missing)]
        if not order.size:
            return
        named = []
        for index in order[:_MAX_NAMED]:
            parts = [f"begins at {begin[index]:.4g} mm"] if late[index] else []
            parts += [f"ends at {end[index]:.4g} mm"] if early[index] else []
            named.append(f"{_label(index, curves)} {' and '.join(parts)}")
        if len(order) > _MAX_NAMED:
            named.append("...")
        one = len(order) == 1
        grid = f"the displacement grid from {start:.4g} to {stop:.4g} mm"
        said = f"{len(order)} of {len(begin)} curves {'does' if one else 'do'} not cover {grid}: {'; '.join(named)}. "
        if curves is not None and len(curves) == 1:
            label = _label(0, curves)
            said = f"{label} does not cover {grid}: it{named[0].removeprefix(label)}. "
        message = Message(_OWNER, said)
        n_on_curve = np.searchsorted(self.grid_, end + slack) - np.searchsorted(self.grid_, begin - slack)
        covered = np.minimum(end, stop) - np.maximum(begin, start)
        too_short = (covered < _MIN_COVER * (stop - start) - slack) | (n_on_curve < 2)
        if too_short.any():
            worst = int(np.argmin(np.where(too_short, covered, np.inf)))
            lies = (
                "lies less than half of the grid" if n_on_curve[worst] >= 2 else "lie fewer than two points of the grid"
            )
            raise ValueError(
                Message(
                    message,
                    f"On {_label(worst, curves)} {lies}: check that its displacements are in mm, leave it out, or fit "
                    "anew ",
                    _SHORTER,
                    about="cover",
                )
            )
        them, ends = ("it", "its end load") if one else ("them", "their end loads")
        if self.ends in ("hold", "mask"):
            unknown = self._untrained_end(end, curves)
            remarks: list[Any] = [unknown]
            if self.ends == "hold":
                held = f"Beyond, {ends} {'was' if one else 'were'} held; to avoid that, fit anew "
                remarks = [held, _SHORTER, f", or leave {them} out{'. ' if unknown else ''}", unknown]
            if any(remarks):
                # The caller's line: scikit-learn wraps transform.
                kind = UntrustedPredictionWarning if unknown else UserWarning
                warn(Message(message, *remarks, about="cover"), kind, stacklevel=4)
            return
        if self.grid is not None:
            raise ValueError(
                Message(
                    message, f"Leave {them} out, fit anew ", _SHORTER, f", or hold {ends} with ", _HOLD, about="cover"
                )
            )
        cut = [" and ", Parameter("ends", "cut")] if self.ends == "error" else []
        raise ValueError(
            Message(
                message, f"Leave {them} out, fit anew with {them}", *cut, " or ", _SHORTER, f", or hold {ends} with ",
                _HOLD, about="cover",
            )
        )  # fmt: skip

    def _untrained_end(self, end: np.ndarray, curves: list[SPTCurve] | None) -> str:
        """What is to be said if a curve ends before nearly all training curves do."""
        # Models of before do not know it.
        shortest: float | None = getattr(self, "shortest_", None)
        if shortest is None or curves is None or end.min() >= (1 - _END_SLACK) * shortest:
            return ""
        return (
            f"Hardly a training curve ended before {shortest:.4g} mm: the prediction for "
            f"{'it' if len(curves) == 1 else _label(int(np.argmin(end)), curves)} is unreliable"
        )

    def _mask(self, loads: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """NaN, with ``ends="mask"``, where the grid lies beyond a record."""
        if self.ends == "mask":
            slack = _ROUNDING * (self.grid_[-1] - self.grid_[0])
            beyond = (self.grid_ < begin[:, None] - slack) | (self.grid_ > end[:, None] + slack)
            loads[np.broadcast_to(beyond, loads.shape)] = np.nan
        return loads

    def _check_steps(self, curves: list[SPTCurve], records: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Announce curves whose points are farther apart where they bend than those of all training curves."""
        # Models of before do not know it.
        coarsest: float | None = getattr(self, "coarsest_", None)
        if coarsest is None:
            return
        start, stop = self.grid_[0], self.grid_[0] + _BEGINNING * (self.grid_[-1] - self.grid_[0])
        steps = np.array([_largest_step(u, start, stop) for u, _ in records])
        coarse = np.flatnonzero(steps > (1 + _STEP_SLACK) * coarsest)
        if not coarse.size:
            return
        worst = int(np.argmax(steps))
        many = f"{len(coarse)} of {len(curves)} curves have" if len(curves) > 1 else f"{_label(0, curves)} has"
        which = f" ({_label(worst, curves)} the farthest)" if len(curves) > 1 else ""
        warn(
            Message(
                _OWNER,
                f"{many} points up to {steps[worst]:.3g} mm apart before u = {stop:.3g} mm{which}, where training "
                f"curves and grid ask for {coarsest:.3g} mm at most; the prediction for such a record is unreliable: "
                "record more points where the curve bends",
                about="steps",
            ),
            UntrustedPredictionWarning,
            stacklevel=4,
        )


def _largest_step(u: np.ndarray, start: float, stop: float) -> float:
    """Largest distance, mm, between neighbouring displacements `u` that lies at least in part between two others."""
    first = max(int(np.searchsorted(u, start, side="right")) - 1, 0)
    last = int(np.searchsorted(u, stop))
    u = u[first : last + 1]
    return float((u[1:] - u[:-1]).max(initial=0.0))


def _spans(curves: list[SPTCurve]) -> tuple[np.ndarray, np.ndarray]:
    begin = np.array([curve.displacement.min() for curve in curves])
    end = np.array([curve.displacement.max() for curve in curves])
    return begin, end


def _label(index: int, curves: list[SPTCurve] | None) -> str:
    if curves is None:
        return "every row of X"
    name = curves[index].name
    if len(curves) == 1:
        return "the curve" if name is None else f"curve {name!r}"
    return f"curve {index}" if name is None else f"curve {index} {name!r}"


def _fact(curve: SPTCurve, name: str) -> float | None:
    value = getattr(curve, name) if name in _FIELDS else curve.metadata.get(name)
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        return None
    return float(value)


def _row_weights(grid: np.ndarray, u: np.ndarray) -> np.ndarray:
    """What the loads at the displacements `u` add to the loads on the grid: `(len(u), len(grid))`."""
    return fit_on_grid(grid, [(u, column) for column in np.eye(len(u))])
