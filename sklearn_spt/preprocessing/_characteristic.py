"""From curves to the table of what is read off them."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ..curves import DISPLACEMENT_KINDS
from ..mechanics._reading import QUANTITIES
from ..mechanics.characteristic import SLOPE_RANGE
from ..preprocessing._quantities import SlopeRange, check_names, read_quantities
from ..utils.parameters import Parametrized, PositiveOrNone
from ..utils.state import Choice, Field

__all__ = ["CharacteristicTransformer"]


class CharacteristicTransformer(TransformerMixin, Parametrized, BaseEstimator):
    """Make a table of the characteristic quantities of load-displacement curves.

    The columns are what a laboratory reads off a curve: Fe, Fm, um and so on. How each is found, and how noise is
    handled, is described at :func:`~sklearn_spt.mechanics.characteristic_quantities`, which also gives the reason where
    a quantity could not be determined. Here such a value is NaN.

    Parameters
    ----------
    quantities : sequence of str, default=("Fe", "ue", "Fe_astm", "F_offset", "Fi", "Fm", "um", "uf", "ESP", "slope")
        The quantities, in the order of the columns. Forces are in N, displacements in mm, ESP in mJ, the slope in N/mm;
        "h0" is the thickness, mm.
    thickness : float or array-like of shape (n_curves,), default=None
        Thickness of the specimens, mm. By default that of each curve; Fe, ue, the offset load and the initial slope are
        NaN without one.
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
    displacement_kind_ : {"punch", "crosshead", "deflection"} or None
        What the displacement of the training curves was, as far as their `displacement_kind` told. That of a crosshead
        counts as the punch's once its compliance is corrected. Curves of another kind are warned of.
    n_features_in_ : int
        Number of columns of `X` in `fit`. Defined only when `X` was 2-D.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of `X` in `fit`. Defined only when `X` was a data frame with string names.

    See Also
    --------
    sklearn_spt.mechanics.characteristic_quantities : The same, with the reasons of what is missing.
    sklearn_spt.regressors.CorrelationRegressor : Tensile properties from these quantities.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_reference_curves
    >>> from sklearn_spt.preprocessing import CharacteristicTransformer
    >>> curves = load_reference_curves().data[:2]
    >>> table = CharacteristicTransformer(quantities=("Fe", "Fm", "um")).fit_transform(curves)
    >>> table.shape
    (2, 3)
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "displacement_kind_": Choice(options=DISPLACEMENT_KINDS, none=True, optional=True),
    }

    # It is given the curves, and checks them where it was loaded with a training domain.
    _takes_curves: ClassVar[bool] = True

    quantities: Sequence[str] = ("Fe", "ue", "Fe_astm", "F_offset", "Fi", "Fm", "um", "uf", "ESP", "slope")
    _: KW_ONLY
    thickness: Any = None
    ui: PositiveOrNone = None
    slope_range: SlopeRange = SLOPE_RANGE
    displacement: Any = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        return tags

    def fit(self, X: Any, y: Any = None) -> "CharacteristicTransformer":
        """Check the parameters and the curves; only the kind of their displacement is learned.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.
        y : None
            Ignored.

        Returns
        -------
        self : CharacteristicTransformer

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid.
        """
        read_quantities(self, X, reset=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Read the quantities of every curve.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2), array of shape (n_curves, n_points, 2) \
                or array of shape (n_curves, n_features)
            Curves of any lengths (columns displacement in mm, load in N), or loads on one common grid.

        Returns
        -------
        ndarray of shape (n_curves, n_quantities)
            NaN where a curve does not hold a quantity.

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid.
        """
        names = check_names(self, "quantities", QUANTITIES)
        readings, _, _ = read_quantities(self, X, reset=False)
        return np.array([[reading.values.get(name, np.nan) for name in names] for reading in readings])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns: `quantities`.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        ndarray of str objects
        """
        check_is_fitted(self)
        return np.asarray(check_names(self, "quantities", QUANTITIES), dtype=object)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_names(self, "quantities", QUANTITIES)
