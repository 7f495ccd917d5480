"""Regressors from the principal components of curves to those of their targets."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from ..utils.parameters import Count, Scaling
from ..utils.state import Array, Either, Number, Several, StateError
from . import _scaling
from ._base import BaseCurveRegressor
from ._scores import scores

_COUNT = Number(kind=int, low=1)
Counts = Annotated[int | Sequence[int] | np.ndarray, Either(fields=(_COUNT, Several(each=_COUNT)))]
# Curves that are evaluated at once: what is computed of more does not fit the processor's cache.
BATCH = 64


class BaseComponentRegressor(BaseCurveRegressor):
    """A regressor from the scores of a curve to those of its target, or an ensemble of such.

    Several numbers of components make an ensemble.
    """

    _: KW_ONLY
    input_scaling: Scaling = "auto"
    target_scaling: Scaling = "auto"
    n_components: Counts
    n_target_components: Count = 8

    _fitted_state = BaseCurveRegressor._fitted_state | {  # type: ignore[operator]
        "target_components_": Array(shape=("targets", "outputs")),
    }

    def _check_state(self) -> dict[str, int]:
        sizes = super()._check_state()
        # One set of members for all components of the targets, or several.
        if not sizes["targets"] or sizes["members"] % sizes["targets"]:
            raise StateError(f"the arrays of its {type(self).__name__} do not fit one another (target_components_)")
        return sizes

    def _learn_target_components(self, scaled: np.ndarray) -> np.ndarray:
        """Learn the components of scaled targets, and return their scores, which have unit variance."""
        most = min(self.n_target_components, *scaled.shape)
        # Of targets that are all the same no component explains anything.
        with np.errstate(invalid="ignore"):
            # Arrays, also where frames are the default of scikit-learn.
            pca = PCA(most, svd_solver="full").set_output(transform="default").fit(scaled)
        deviation = np.sqrt(pca.explained_variance_)
        # What is left of rounding errors is no component.
        kept = deviation > 1e-7 * max(deviation[0], np.finfo(np.float64).tiny)
        self.target_components_ = pca.components_[kept] * deviation[kept, None]
        return pca.transform(scaled)[:, kept] / deviation[kept]

    def _learn_components(self, X: Any, y: Any) -> tuple[list[int], np.ndarray, int, np.ndarray]:
        """Learn scalings and components of curves and targets.

        Returns the numbers of components of the members of the ensemble, the scores of the curves, how many of these,
        the last ones, are descriptors, and the scores of the targets.
        """
        _, curve, _, y = self._start_fit(X, y)
        # Python's own integers: numpy's of different kinds would become floats together.
        numbers = [int(number) for number in np.atleast_1d(np.asarray(self.n_components, dtype=object))]
        _, score, n_descriptors = self._learn_scalings(curve, y, np.arange(len(y)), max(numbers))
        if not score.shape[1]:
            raise ValueError(
                f"{type(self).__name__}: all curves of X are the same (n_samples={len(y)}), and nothing in them "
                "tells one target from another"
            )
        scaled = _scaling.scale_target(y, self.target_scaling_, self.target_mean_, self.target_std_)
        return numbers, score, n_descriptors, self._learn_target_components(scaled)

    def predict(self, X: Any, *, strain: Any = None, return_std: bool = False) -> Any:
        """Predict the true stress of curves.

        Of a curve that is unlike the training curves a `UserWarning` tells the index: a principal component of it lies
        beyond the training range by more than a quarter of that range. Its prediction is unreliable.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training.
        strain : array-like of shape (n_strains,), default=None
            True total strains to predict the stress at, in any order, up to the last one of the training; with
            `elastic_modulus` only. By default those of the training.
        return_std : bool, default=False
            Return also how far the members of an ensemble differ. It tells curves for which the choice of components
            and of curves matters from those for which it does not, and is far smaller than the error: a
            `ConformalCurveRegressor` makes a band of it.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        y_std : ndarray of the shape of `y`
            Standard deviation of the members' stresses, MPa. Only if `return_std` is True.

        Raises
        ------
        ValueError
            If X does not fit the training, or `return_std` is asked of a single number of components.
        """
        check_is_fitted(self)
        curve, _ = self._split_channels(self._validate(X))
        score = scores(self._scale(curve), self.components_)
        parts = [self._evaluate(score[i : i + BATCH]) for i in range(0, len(score), BATCH)]
        members = np.concatenate(parts, axis=1)
        if return_std and len(members) == 1:
            raise ValueError(f"{type(self).__name__}: return_std needs an ensemble, of several numbers as n_components")
        self._warn_of(self._distance(score))
        stress = self._finish(self._learned(members.mean(axis=0)), strain)
        if not return_std:
            return stress
        spread = np.std([self._stress(self._learned(member), strain) for member in members], axis=0)
        return stress, spread.reshape(stress.shape)

    def _learned(self, target_scores: np.ndarray) -> np.ndarray:
        """What the targets with these scores are, as they are learned."""
        scaled = target_scores @ self.target_components_
        return _scaling.unscale_target(scaled, self.target_scaling_, self.target_mean_, self.target_std_)

    @abstractmethod
    def _evaluate(self, score: np.ndarray) -> np.ndarray:
        """Scores of the target components by each member, `(n_members, n_curves, n_target_components_in_use)`."""
