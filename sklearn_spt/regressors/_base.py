"""What all regressors from curves to curves share: input, scalings, flow curves, and the warning of strange curves."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ..checks.domain import forget_domain
from ..curves import SPTCurve
from ..exceptions import Message, Owner, UntrustedPredictionWarning
from ..mechanics._flow_curve import (
    ROUNDED,
    check_hooke,
    check_strain,
    from_flow_curve,
    largest_fall,
    never_falling,
    plastic_strains,
    to_flow_curve,
)
from ..utils.parameters import ModulusOrNone, Parametrized
from ..utils.state import Array, Choice, Either, Field, Flag, Number, Record, StateError, check_state
from ..utils.validation import HOLD_OR_REPAIR, check_finite
from ..utils.warnings import name_curves, warn
from . import _scaling
from ._judging import judge
from ._scores import fit_components, scores

# How far, in units of the training range, a curve may lie outside it before `predict` warns.
FAR = 0.25


class BaseCurveRegressor(RegressorMixin, Parametrized, BaseEstimator):
    """A regressor from curves to curves that keeps nothing but arrays and scalars.

    A subclass has attributes input_scaling and target_scaling, too.
    """

    _: KW_ONLY
    elastic_modulus: ModulusOrNone = None
    strain: Any = None
    random_state: Any = None

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "n_features_in_": Number(kind=int, low=1),
        "y_ndim_": Number(kind=int, low=1, high=2),
        "n_outputs_": Number(kind=int, low=1, size="outputs"),
        "n_channels_": Number(kind=int, low=1),
        "image_": Flag(),
        "input_scaling_": Choice(options=("log", "standard")),
        "target_scaling_": Choice(options=("log", "standard")),
        "input_linear_": Array(shape=("points", "channels"), low=0),
        "input_mean_": Array(shape=("points", "channels")),
        "input_std_": Array(shape=("points", "channels"), above=0),
        "target_mean_": Array(shape=("outputs",)),
        "target_std_": Array(shape=("outputs",), above=0),
        "components_": Array(shape=("components", "points*channels")),
        "score_range_": Array(shape=(2, "components")),
        "largest_fall_": Number(low=0, optional=True),
        "flow_": Record(
            fields={
                "strain": Array(shape=("strains",), low=0, increasing=True),
                "elastic_modulus": Either(fields=(Number(low=1e-300), Choice(options=("curve",)))),
            },
            optional=True,
        ),
    }
    # It gives curves, and judges them where it was loaded with a training domain.
    _gives_curves: ClassVar[bool] = True
    # Whether there is a use for the image; without one, it is left out of the input.
    _takes_image: ClassVar[bool] = False
    # Part of the median load below which the logarithm of the load bends into a straight line.
    _linear_fraction: ClassVar[float] = _scaling.LINEAR_FRACTION

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

    def _check_state(self) -> dict[str, int]:
        """Raise StateError unless what was restored from a file is what `fit` could have learned; sizes of arrays."""
        sizes = check_state(self, self._fitted_state)
        if self.n_channels_ != sizes["channels"] + sizes["points"] * self.image_:
            raise StateError(f"the arrays of its {type(self).__name__} do not fit one another (n_channels_)")
        return sizes

    def _start_fit(self, X: Any, y: Any) -> tuple[int, np.ndarray, np.ndarray | None, np.ndarray]:
        """Validate; points of a curve, channels of the curves, images, and targets as they are learned, not scaled."""
        X, y = self._validate(X, y, fitting=True)
        self.y_ndim_ = y.ndim
        y = y.reshape(len(y), -1).astype(np.float64)
        forget_domain(self)
        self.largest_fall_ = float(largest_fall(y).max())
        if hasattr(self, "flow_"):
            del self.flow_
        if self.elastic_modulus is not None:
            strain = check_strain(type(self).__name__, self.strain, y.shape[1])
            check_hooke(type(self).__name__, y, strain, self.elastic_modulus)
            y = to_flow_curve(y, strain, self.elastic_modulus)
            self.flow_: dict[str, Any] = {"strain": strain, "elastic_modulus": self.elastic_modulus}
        self.n_outputs_ = y.shape[1]
        self.n_channels_ = 1 if X.ndim == 2 else X.shape[2]
        self.image_ = self._find_image(X)
        curve, image = self._split_channels(X)
        return X.shape[1], curve, image, y

    def _learn_scalings(
        self, curve: np.ndarray, y: np.ndarray, train: np.ndarray, n_components: int
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Learn scalings and components from the curves `train`.

        Returns all curves scaled, their scores, and how many of these, the last ones, are descriptors.
        """
        self.input_scaling_ = self._choose_scaling("input_scaling", curve[:, :, 0], "X")
        self.target_scaling_ = self._choose_scaling("target_scaling", y, "y")
        self.input_linear_, self.input_mean_, self.input_std_ = _scaling.learn_input_scaling(
            curve[train], self.input_scaling_, self._linear_fraction
        )
        self.target_mean_, self.target_std_ = _scaling.learn_target_scaling(y[train], self.target_scaling_)
        scaled = self._scale(curve)
        self.components_, n_descriptors = fit_components(scaled[train], n_components)
        score = scores(scaled, self.components_)
        self.score_range_ = np.stack([score[train].min(axis=0), score[train].max(axis=0)])
        return scaled, score, n_descriptors

    def _finish(self, y: np.ndarray, strain: Any) -> np.ndarray:
        """Stresses in the shape of the training's, or at other strains, from what is learned."""
        flows = hasattr(self, "flow_")
        if strain is not None and not flows:
            raise ValueError(f"{type(self).__name__}: strain needs a model that was trained with elastic_modulus")
        fall = largest_fall(y[:, isinstance(self.flow_["elastic_modulus"], str) :] if flows else y)
        stress = self._stress(y, None)
        judge(self, stress, fall)
        if strain is not None:
            return self._stress(y, strain)
        return stress.reshape(-1) if self.y_ndim_ == 1 and not flows else stress

    def _stress(self, y: np.ndarray, strain: Any) -> np.ndarray:
        """Stresses, (n_curves, n_strains), from what is learned."""
        if not hasattr(self, "flow_"):
            return y
        grid, modulus = self.flow_["strain"], self.flow_["elastic_modulus"]
        flow = y[:, isinstance(modulus, str) :]
        if self.largest_fall_ <= ROUNDED:
            flow[:] = never_falling(flow)
        if strain is None:
            return from_flow_curve(y, grid, modulus)
        wanted = np.asarray(strain, dtype=np.float64)
        if wanted.ndim != 1 or not wanted.size or not ((wanted >= 0) & (wanted <= grid[-1])).all():
            raise ValueError(
                f"{type(self).__name__}: strain must be a list of true strains from 0 to {grid[-1]:g}, the last of the "
                "training"
            )
        return from_flow_curve(y, wanted, modulus, plastic_strains(grid, flow.shape[1]))

    def flow_strain(self, X: Any) -> np.ndarray:
        """True strains of the regressor's own targets with `elastic_modulus`: from yielding on.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training.

        Returns
        -------
        strain : ndarray of shape (n_curves, n_flow_points)
            Total strains, see `FlowCurveTransformer` for the plastic ones.

        Raises
        ------
        ValueError
            If the regressor was fitted without `elastic_modulus`.
        """
        check_is_fitted(self)
        if not hasattr(self, "flow_"):
            raise ValueError(f"{type(self).__name__}: there is a flow curve with elastic_modulus only")
        grid, modulus = self.flow_["strain"], self.flow_["elastic_modulus"]
        columns = to_flow_curve(self.predict(X), grid, modulus)
        if isinstance(modulus, str):
            modulus, columns = columns[:, :1], columns[:, 1:]
        return plastic_strains(grid, columns.shape[1]) + columns / modulus

    def _distance(self, score: np.ndarray) -> np.ndarray:
        """How far each curve lies outside the training range, in units of that range."""
        low, high = self.score_range_
        span = np.where(high > low, high - low, 1.0)
        return (np.maximum(low - score, score - high) / span).max(axis=1, initial=0.0)

    def _warn_of(self, distance: np.ndarray) -> None:
        far = np.flatnonzero(distance > FAR)
        if not far.size:
            return
        are, them = ("is", "it") if far.size == 1 else ("are", "them")
        which = f"the curve is unlike the training curves (by {distance.max():.1f}"
        if len(distance) > 1:
            which = (
                f"{far.size} of {len(distance)} curves {are} unlike the training curves ({name_curves(far)}; at worst "
                f"by {distance.max():.1f}"
            )
        said = (
            f"{which} times the training range beyond it); the prediction for {them} is unreliable. Check units, "
            "thickness, and the start of the record (toe, compliance)"
        )
        warn(Message(Owner(type(self).__name__), said, about="unlike"), UntrustedPredictionWarning, stacklevel=3)

    def _validate(self, X: Any, y: Any = None, fitting: bool = False) -> Any:
        """Validate the input; report what is not finite by the curve that holds it."""
        if isinstance(X, SPTCurve) or (isinstance(X, list | tuple) and any(isinstance(x, SPTCurve) for x in X)):
            raise TypeError(
                f"{type(self).__name__} takes curves on one grid of displacements; put a CurveResampler before it: "
                "Pipeline([('resample', CurveResampler()), ('regressor', ...)])"
            )
        if fitting and y is not None:
            self._check_targets(y)
        # In double precision before anything is scaled: what a model makes of loads must not depend on their type.
        settings: dict[str, Any] = {"allow_nd": True, "dtype": np.float64, "ensure_all_finite": False}
        if fitting:
            X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, **settings)
        else:
            X = validate_data(self, X, reset=False, **settings)
        if X.ndim > 3:
            raise ValueError(
                f"{type(self).__name__}: X must be (n_curves, n_points) or (n_curves, n_points, n_channels); "
                f"got shape {X.shape}"
            )
        self._check_numbers(X, fitting)
        n_channels = 1 if X.ndim == 2 else X.shape[2]
        if X.ndim == 3 and n_channels == X.shape[1] > 1:
            raise ValueError(
                f"{type(self).__name__}: X has as many channels as points ({n_channels}), which is an image without "
                "its curve; use GAFTransformer(output='append')"
            )
        if X.ndim == 3 and n_channels == 2 and len(X) > 1 and X.shape[1] > 2:
            first = X[:, :, 0]
            if np.all(np.diff(first[0]) > 0) and np.allclose(first, first[0], rtol=1e-9, atol=0):
                raise ValueError(
                    f"{type(self).__name__}: channel 0 of X increases and is the same for all curves, like a "
                    "displacement; it must be the load. Put a CurveResampler before, which takes (n_curves, n_points, "
                    "2) arrays of displacement and load"
                )
        if not fitting and n_channels != self.n_channels_:
            raise ValueError(
                f"X has {n_channels} channels, but {type(self).__name__} was fitted with {self.n_channels_}; use the "
                "transformers and descriptors of the training"
            )
        return (X, y) if fitting else X

    def _check_numbers(self, X: np.ndarray, fitting: bool) -> None:
        check_finite(self, X, HOLD_OR_REPAIR)

    def _check_targets(self, y: Any) -> None:
        """Name the curve whose target is at fault, which scikit-learn's own checks do not."""
        if isinstance(y, list | tuple):
            lengths = [np.size(row) for row in y]
            odd = [index for index, length in enumerate(lengths) if length != lengths[0]]
            if odd:
                raise ValueError(
                    f"y[{odd[0]}] has {lengths[odd[0]]} stresses and y[0] has {lengths[0]}; give all targets on one "
                    "grid of strains"
                )
        values = np.asarray(y)
        if values.dtype.kind != "f" or values.ndim not in (1, 2) or np.isfinite(values).all():
            return
        bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
        kind = "NaN" if np.isnan(values[bad[0]]).any() else "infinity"
        raise ValueError(
            f"Input y contains {kind} in the target of curve {bad[0]} ({bad.size} such targets); leave these curves out"
        )

    def _find_image(self, X: np.ndarray) -> bool:
        return X.ndim == 3 and X.shape[2] > X.shape[1]

    def _split_channels(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Split into the channels of the curve and, where there is one, the image."""
        if X.ndim == 2:
            return X[:, :, None], None
        if not self.image_:
            return X, None
        n = X.shape[2] - X.shape[1]
        return X[:, :, :n], X[:, :, n:] if self._takes_image else None

    def _choose_scaling(self, name: str, values: np.ndarray, what: str) -> str:
        scaling = getattr(self, name)
        if name == "input_scaling":
            # The logarithm of the input is bent near zero, so that only signed data speak against it.
            return (
                ("log" if values.mean() > 0 and (values < 0).mean() < 0.1 else "standard")
                if scaling == "auto"
                else scaling
            )
        if scaling == "auto":
            return "log" if (values > 0).all() else "standard"
        if scaling == "log" and not (values > 0).all():
            curve = int(np.flatnonzero(~(values > 0).all(axis=1))[0])
            raise ValueError(
                f"{type(self).__name__}: target_scaling='log' needs positive targets, but {what}[{curve}] has values "
                f"down to {values[curve].min():g}; use target_scaling='standard'"
            )
        return scaling

    def _scale(self, curve: np.ndarray) -> np.ndarray:
        return _scaling.scale_input(curve, self.input_linear_, self.input_mean_, self.input_std_)
