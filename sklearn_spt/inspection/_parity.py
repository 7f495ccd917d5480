"""Tensile properties of predicted curves against those of the true ones."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..mechanics import TensileProperties, tensile_properties
from ..mechanics.quantities import TENSILE
from ..metrics import curve_mean_absolute_error
from ._common import check_choice, display_docs, import_pyplot, model_strain

__all__ = ["ParityDisplay"]

_PROPERTIES = ("proof_stress", "tensile_strength", "uniform_elongation")


@display_docs
class ParityDisplay:
    """Tensile properties of predicted curves against those of the true ones.

    Make it with `from_estimator` or `from_predictions`. Each property has its own axes. On the solid line the two
    agree; between the dashed ones they agree within 10 %. Curves of which either side is not determined have no point,
    and the title of the axes says how many these are; where no curve has one, the axes say why.

    Parameters
    ----------
    true, predicted : TensileProperties
        Properties of the true and of the predicted curves.
    properties : sequence of str, default=("proof_stress", "tensile_strength", "uniform_elongation")
        Which of them to draw.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes, of shape (n_properties,)
        The axes drawn on.
    figure_ : matplotlib Figure
        The figure of these axes.
    points_ : list of matplotlib Line2D
        The points of each property.
    n_left_out_ : dict of str to int
        Number of curves without a point, by property.

    See Also
    --------
    sklearn_spt.mechanics.tensile_properties : How the properties are read from a curve, and why one may be missing.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt.inspection import ParityDisplay
    >>> strain = np.linspace(0.001, 0.3, 300)
    >>> true = np.minimum(210_000 * strain, np.array([[900], [1000]]) * strain**0.2)
    >>> display = ParityDisplay.from_predictions(true, 1.05 * true, strain=strain, E=210_000)
    >>> display.n_left_out_
    {'proof_stress': 0, 'tensile_strength': 0, 'uniform_elongation': 0}
    """

    def __init__(
        self,
        true: TensileProperties,
        predicted: TensileProperties,
        properties: Sequence[str] = _PROPERTIES,
    ) -> None:
        self.true = true
        self.predicted = predicted
        self.properties = properties

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        Y: ArrayLike,
        *,
        strain: Any = None,
        E: Any = None,
        properties: Sequence[str] = _PROPERTIES,
        ax: Any = None,
    ) -> "ParityDisplay":
        """Predict and draw.

        Parameters
        ----------
        estimator : estimator
            Fitted regressor or pipeline.
        X : list of SPTCurve or array-like
            What its `predict` takes.
        Y : array-like of shape (n_curves, n_strains)
            True stress, MPa.
        strain : array-like of shape (n_strains,), default=None
            True total strain of the columns of `Y`. By default that of the model's file.
        E : float or array-like of shape (n_curves,), default=None
            Young's modulus, MPa. By default that of the model's file. Without one, Rp0.2 and Ag are not determined.
        properties : sequence of str, default=("proof_stress", "tensile_strength", "uniform_elongation")
            Which of them to draw.
        ax : matplotlib Axes or array-like of them, default=None
            One for each property; by default those of a new figure.

        Returns
        -------
        ParityDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If the shapes do not fit, a stress is negative or not finite, the strain is not known, or a property is.
        """
        predicted = np.asarray(estimator.predict(X))
        strain = model_strain(cls.__name__, estimator, strain, np.shape(predicted)[-1])
        if E is None:
            E = getattr(getattr(estimator, "model_info_", None), "elastic_modulus", None)
        return cls.from_predictions(Y, predicted, strain=strain, E=E, properties=properties, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        Y_true: ArrayLike,
        Y_pred: ArrayLike,
        *,
        strain: ArrayLike,
        E: Any = None,
        properties: Sequence[str] = _PROPERTIES,
        ax: Any = None,
    ) -> "ParityDisplay":
        """Draw given predictions.

        Parameters
        ----------
        Y_true, Y_pred : array-like of shape (n_curves, n_strains)
            True and predicted stress, MPa.
        strain : array-like of shape (n_strains,)
            True total strain of their columns.
        E : float or array-like of shape (n_curves,), default=None
            Young's modulus, MPa. Without it Rp0.2 and Ag are not determined.
        {properties}
        ax : matplotlib Axes or array-like of them, default=None
            One for each property; by default those of a new figure.

        Returns
        -------
        ParityDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If the shapes do not fit, a stress is negative or not finite, or a property is not known.
        """
        if isinstance(properties, str) or not len(properties):
            raise ValueError(f"properties must be a list of names, with at least one; got {properties!r}")
        for name in properties:
            check_choice("a name in properties", name, _PROPERTIES)
        curve_mean_absolute_error(Y_true, Y_pred)  # refuses what does not fit together
        if np.ndim(Y_true) != 2:
            raise ValueError(f"Y_true must have the shape (n_curves, n_strains); got {np.shape(Y_true)}")
        strain = model_strain(cls.__name__, None, strain, np.shape(Y_true)[1])
        sides = []
        for side, stress in (("Y_true", Y_true), ("Y_pred", Y_pred)):
            try:
                sides.append(tensile_properties(strain, stress, E=E))
            except ValueError as error:
                raise ValueError(f"{side}: {error}") from None
        return cls(sides[0], sides[1], tuple(properties)).plot(ax=ax)

    def plot(self, ax: Any = None) -> "ParityDisplay":
        """Draw the properties.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of them, default=None
            One for each property; by default those of a new figure.

        Returns
        -------
        self : ParityDisplay

        Raises
        ------
        {matplotlib}
        ValueError
            If the number of axes is not that of the properties.
        """
        plt = import_pyplot(self)
        n_axes = len(self.properties)
        if ax is None:
            _, ax = plt.subplots(1, n_axes, figsize=(3.8 * n_axes, 4), layout="constrained")
        self.ax_ = np.ravel(np.array(ax, dtype=object))
        if len(self.ax_) != n_axes:
            raise ValueError(f"ax must be {n_axes} axes, one for each property; got {len(self.ax_)}")
        self.figure_ = self.ax_[0].figure
        self.points_, self.n_left_out_ = [], {}
        for axes, name in zip(self.ax_, self.properties, strict=True):
            quantity = TENSILE[name]
            true, predicted = (
                quantity.factor * np.asarray(getattr(side, name)) for side in (self.true, self.predicted)
            )
            drawn = np.isfinite(true) & np.isfinite(predicted)
            self.n_left_out_[name] = int((~drawn).sum())
            if not drawn.any():
                reasons = [side.missing for side in (self.true, self.predicted)]
                axes.text(
                    0.5,
                    0.5,
                    "\n".join(textwrap.wrap(_reason(reasons, name), 34)),
                    transform=axes.transAxes,
                    ha="center",
                    va="center",
                    fontsize="small",
                    bbox={"facecolor": "white", "edgecolor": "none"},
                )
            end = 1.08 * max(true[drawn].max(), predicted[drawn].max()) if drawn.any() else 1.0
            axes.plot([0, end], [0, end], color="0.4", linewidth=1, zorder=1)
            for slope in (0.9, 1.1):
                axes.plot([0, end], [0, slope * end], color="0.4", linewidth=1, linestyle="--", zorder=1)
            self.points_ += axes.plot(
                true[drawn],
                predicted[drawn],
                "o",
                markersize=4,
                color="#2166ac",
                markeredgecolor="black",
                markeredgewidth=0.4,
                alpha=0.7,
                label=f"{drawn.sum()} of {len(drawn)} curves",
            )
            title = f"{quantity.symbol}, {drawn.sum()} of {len(drawn)} curves"
            if self.n_left_out_[name]:
                title += f"\n{self.n_left_out_[name]} left out: not determined"
            axes.set(
                xlabel=f"true {quantity.heading}",
                ylabel=f"predicted {quantity.heading}",
                xlim=(0, end),
                ylim=(0, end),
                aspect="equal",
            )
            axes.set_title(title, fontsize="medium")
            axes.text(0.97, 0.03, "dashed: ±10 %", transform=axes.transAxes, ha="right", fontsize="small")
        return self


def _reason(missing: list[Any], name: str) -> str:
    """Why no curve has a property: what is said of the first."""
    for reasons in (first for side in missing for first in (side if isinstance(side, list) else [side])):
        if name in reasons:
            return f"not determined: {reasons[name]}"
    return "not determined for any curve"
