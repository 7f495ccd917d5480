"""Stress-strain curves as what plasticity is about: the yield stress and the flow curve beyond it."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ..mechanics._flow_curve import (
    POINTS,
    check_hooke,
    check_strain,
    from_flow_curve,
    plastic_strains,
    to_flow_curve,
)
from ..utils.parameters import Modulus, Parametrized
from ..utils.state import Array, Field, Number
from ..utils.validation import check_finite

__all__ = ["FlowCurveTransformer"]


class FlowCurveTransformer(TransformerMixin, Parametrized, BaseEstimator):
    r"""Represent true stress-strain curves by the yield stress and the stresses at strains that begin there.

    On a fixed grid of total strain, Hooke's line ends in a kink that is at another strain for every material. A smooth
    function of the load curve, such as a network, a polynomial or a Gaussian process, cannot follow it, and the largest
    errors are there. Here the columns are the initial yield stress :math:`\sigma_y` and the true stresses at the
    plastic strains

    .. math::

        \varepsilon_{p,j} = \varepsilon_0 \left(\left(1 + \frac{\varepsilon_\mathrm{max}}{\varepsilon_0}\right)^{j / (m
        - 1)} - 1\right), \qquad j = 0, \ldots, m - 1

    with :math:`\varepsilon_0 = 0.004`, which have no kink any more and are the same for all materials; the inverse puts
    Hooke's line in front again. This transformer is for targets: use it as the `transformer` of
    :class:`~sklearn.compose.TransformedTargetRegressor`, with ``check_inverse=False``, since the inverse interpolates.

    Parameters
    ----------
    strain : array-like of shape (n_strains,), default=None
        True total strain of the columns, strictly increasing, zero or positive. By default 0.002, 0.004 and so on, the
        grid of :func:`~sklearn_spt.datasets.load_sheet_steel`.
    elastic_modulus : float or "curve", default="curve"
        Young's modulus, MPa; or "curve": that of each curve, the stress at its first positive strain over that strain,
        which must be in the elastic range. It then is the first column, so that a regressor predicts it too.
    n_points : int, default=40
        Number :math:`m` of stresses, the yield stress included.

    Attributes
    ----------
    strain_ : ndarray of shape (n_strains,)
        Strains of the columns.
    plastic_strain_ : ndarray of shape (n_points,)
        Plastic strains of the yield stress and of the stresses beyond it.
    n_features_in_ : int
        Number of strains in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns in `fit`. Defined only when they were those of a data frame, and strings.

    See Also
    --------
    sklearn_spt.mechanics.tensile_properties : Proof and tensile strength of a stress-strain curve.

    Notes
    -----
    Between the points of the table, stress is interpolated against the plastic strain by a monotone cubic. The yield
    point lies between the last point on Hooke's line and the first one off it; its stress is extrapolated from the four
    points beyond it, by a cubic in the plastic strain. The grid therefore decides how sharply it is known, but not what
    comes out of the inverse at the strains of the grid. The last plastic strain is the last strain of the table, a
    little more than any curve has there: up to it, the curve is continued by a straight line. A curve without any
    plastic point has all stresses equal to its last one.

    Examples
    --------
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn_spt import ANNRegressor, FlowCurveTransformer
    >>> from sklearn_spt.datasets import load_sheet_steel
    >>> sheet = load_sheet_steel(n_curves=100)
    >>> flow = FlowCurveTransformer(sheet.strain, elastic_modulus=70_000)
    >>> columns = flow.fit_transform(sheet.target)
    >>> columns.shape[1], round(float(columns[42, 0] - sheet.frame["yield_stress"][42]))
    (40, 0)
    >>> float(abs(flow.inverse_transform(columns) - sheet.target).mean()) < 0.02
    True
    >>> model = TransformedTargetRegressor(ANNRegressor(), transformer=flow, check_inverse=False)
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "n_features_in_": Number(kind=int, low=1),
        "strain_": Array(shape=("strains",), low=0, increasing=True),
        "plastic_strain_": Array(shape=("columns",), low=0, increasing=True),
    }

    strain: Any = None
    _: KW_ONLY
    elastic_modulus: Modulus = "curve"
    n_points: Annotated[int, Number(kind=int, low=2)] = POINTS

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters and the curves; nothing else is learned.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_strains)
            True stress, MPa.
        y : None
            Ignored.

        Returns
        -------
        self : FlowCurveTransformer

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid.
        """
        self._check_parameters()
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite=False)
        check_finite(self, X)
        self.strain_ = check_strain(type(self).__name__, self.strain, X.shape[1])
        check_hooke(type(self).__name__, X, self.strain_, self.elastic_modulus)
        self.plastic_strain_ = plastic_strains(self.strain_, self.n_points)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Find the yield stress of every curve and its stresses beyond it.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_strains)
            True stress, MPa.

        Returns
        -------
        ndarray of shape (n_curves, n_points) or (n_curves, 1 + n_points)
            With "curve", Young's modulus; the yield stress; the stresses beyond it; all in MPa.

        Raises
        ------
        ValueError
            If a curve is not finite, or lies above Hooke's line by more than 2 %.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False, ensure_all_finite=False)
        check_finite(self, X)
        check_hooke(type(self).__name__, X, self.strain_, self.elastic_modulus)
        return to_flow_curve(X, self.strain_, self.elastic_modulus, self.n_points)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return from yield and flow stresses to the stresses on the grid of total strain.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, 1 + n_points)
            Columns as `transform` makes them, MPa. A stress or a modulus that is not positive counts as a very small
            one.

        Returns
        -------
        ndarray of shape (n_curves, n_strains)
            True stress, MPa.

        Raises
        ------
        ValueError
            If `X` has another number of columns.
        """
        check_is_fitted(self)
        X = np.asarray(X, dtype=np.float64)
        expected = self.n_points + self._per_curve
        if X.ndim != 2 or X.shape[1] != expected:
            raise ValueError(
                f"{type(self).__name__}: inverse_transform takes the {expected} columns that transform makes; got an "
                f"array of shape {X.shape}"
            )
        return from_flow_curve(X, self.strain_, self.elastic_modulus)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        ndarray of str objects
            "elastic_modulus" (with "curve"), "yield_stress", "flow_stress1" and so on.
        """
        check_is_fitted(self)
        names = ["yield_stress", *(f"flow_stress{j}" for j in range(1, self.n_points))]
        return np.array(["elastic_modulus", *names] if self._per_curve else names, dtype=object)

    @property
    def _per_curve(self) -> bool:
        return isinstance(self.elastic_modulus, str)
