"""Predicted beside true stress-strain curves."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics import curve_mean_absolute_error
from ._common import COLORS, MARKERS, check_index, display_docs, make_axes, model_strain

__all__ = ["PredictionDisplay"]


@display_docs
class PredictionDisplay:
    """Predicted beside true stress-strain curves: the best, the median and the worst one.

    Make it with `from_estimator` or `from_predictions`. True curves are solid lines, predicted ones dashed with
    markers, another marker for each curve, so that a print in grey shows as much.

    Parameters
    ----------
    Y_true, Y_pred : ndarray of shape (n_curves, n_strains)
        True and predicted stress, MPa.
    strain : ndarray of shape (n_strains,)
        True strain of their columns.
    curves : dict of str to int
        Name in the legend and index of each curve that is drawn.
    band : ndarray of shape (n_curves, n_strains, 2), default=None
        Lower and upper edge of the band of each prediction, MPa; an infinite edge is not drawn.

    Attributes
    ----------
    {drawn}
    true_lines_, predicted_lines_ : list of matplotlib Line2D
        The true and the predicted curves.
    band_lines_ : list of matplotlib Line2D
        The edges of the bands.

    See Also
    --------
    CurveErrorDisplay : The errors of all curves.
    ParityDisplay : Tensile properties of all curves.

    Notes
    -----
    The order of the curves is that of their mean absolute error,
    :func:`~sklearn_spt.metrics.curve_mean_absolute_error`. Of an even number the median is the worse of the two in the
    middle.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt.inspection import PredictionDisplay
    >>> strain = np.linspace(0.002, 0.2, 50)
    >>> true = np.array([[500], [700], [900]]) * strain**0.2
    >>> display = PredictionDisplay.from_predictions(true, true * [[1.02], [1.0], [0.9]], strain=strain)
    >>> display.curves
    {'best': 1, 'median': 0, 'worst': 2}
    """

    def __init__(
        self,
        Y_true: np.ndarray,
        Y_pred: np.ndarray,
        strain: np.ndarray,
        curves: dict[str, int],
        band: np.ndarray | None = None,
    ) -> None:
        self.Y_true = Y_true
        self.Y_pred = Y_pred
        self.strain = strain
        self.curves = curves
        self.band = band

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, Y: ArrayLike, *, strain: Any = None, curves: Any = None, ax: Any = None
    ) -> "PredictionDisplay":
        """Predict and draw.

        Parameters
        ----------
        estimator : estimator
            Fitted regressor or pipeline. The band of one that has `predict_interval` is drawn as well.
        X : list of SPTCurve or array-like
            What its `predict` takes.
        Y : array-like of shape (n_curves, n_strains)
            True stress, MPa.
        strain : array-like of shape (n_strains,), default=None
            True strain of the columns of `Y`. By default that of the model's file.
        curves : sequence of int, default=None
            Indices of the curves to draw. By default the best, the median and the worst.
        {ax}

        Returns
        -------
        PredictionDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If the shapes do not fit, values are not finite, the strain is not known, or there is no such curve.
        """
        predicted = np.asarray(estimator.predict(X))
        n_strains = np.shape(predicted)[-1]
        strain = model_strain(cls.__name__, estimator, strain, n_strains)
        band = estimator.predict_interval(X) if hasattr(estimator, "predict_interval") else None
        return cls.from_predictions(Y, predicted, strain=strain, curves=curves, band=band, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        Y_true: ArrayLike,
        Y_pred: ArrayLike,
        *,
        strain: ArrayLike,
        curves: Any = None,
        band: ArrayLike | None = None,
        ax: Any = None,
    ) -> "PredictionDisplay":
        """Draw given predictions.

        Parameters
        ----------
        Y_true, Y_pred : array-like of shape (n_curves, n_strains)
            True and predicted stress, MPa.
        strain : array-like of shape (n_strains,)
            True strain of their columns.
        {curves}
        band : array-like of shape (n_curves, n_strains, 2), default=None
            Lower and upper edge of a band around each prediction, MPa; an infinite edge is not drawn.
        {ax}

        Returns
        -------
        PredictionDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If the shapes do not fit, values are not finite, or there is no such curve.
        """
        true, predicted = np.asarray(Y_true), np.asarray(Y_pred)
        errors = curve_mean_absolute_error(true, predicted)
        if true.ndim != 2:
            raise ValueError(f"Y_true must have the shape (n_curves, n_strains); got {true.shape}")
        strain = model_strain(cls.__name__, None, strain, true.shape[1])
        chosen: dict[str, int] = {}
        if curves is None:
            order = np.argsort(errors, kind="stable")
            picks = (("best", order[0]), ("median", order[len(order) // 2]), ("worst", order[-1]))
            for name, index in picks if len(order) > 2 else picks[:: 2 if len(order) == 2 else 3]:
                chosen[name if len(order) > 1 else "curve"] = int(index)
        else:
            if np.ndim(curves) != 1 or not len(curves):
                raise ValueError(f"curves must be a list of indices, with at least one; got {curves!r}")
            for index in curves:
                place = check_index("an index in curves", index, len(true))
                chosen[f"curve {place}"] = place
        if band is not None:
            band = np.asarray(band, dtype=np.float64)
            if band.shape != (*true.shape, 2):
                raise ValueError(
                    f"band must have the shape (n_curves, n_strains, 2), {(*true.shape, 2)}; got {band.shape}"
                )
        return cls(true, predicted, strain, chosen, band).plot(ax=ax)

    def plot(self, ax: Any = None) -> "PredictionDisplay":
        """Draw the curves.

        Parameters
        ----------
        {ax}

        Returns
        -------
        self : PredictionDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax)
        self.ax_, self.figure_ = ax, ax.figure
        errors = curve_mean_absolute_error(self.Y_true, self.Y_pred)
        self.true_lines_, self.predicted_lines_, self.band_lines_ = [], [], []
        every = max(1, len(self.strain) // 10)
        for i, (name, index) in enumerate(self.curves.items()):
            color = COLORS[i % len(COLORS)]
            number = "" if name.startswith("curve") and name != "curve" else f" (curve {index})"
            label = f"{name}{number}: MAE {errors[index]:.3g} MPa"
            self.true_lines_ += ax.plot(self.strain, self.Y_true[index], color=color, linewidth=1.6)
            if self.band is not None:
                edges = np.where(np.isfinite(self.band[index]), self.band[index], np.nan).T
                ax.fill_between(self.strain, *edges, color=color, alpha=0.12, linewidth=0)
                self.band_lines_ += [ax.plot(self.strain, edge, color=color, linewidth=0.6)[0] for edge in edges]
            self.predicted_lines_ += ax.plot(
                self.strain,
                self.Y_pred[index],
                color=color,
                linestyle="--",
                marker=MARKERS[i % len(MARKERS)],
                markevery=every,
                markerfacecolor="white",
                label=label,
            )
        ax.plot([], [], color="0.4", linewidth=1.6, label="true")
        ax.plot([], [], color="0.4", linestyle="--", label="predicted")
        if self.band is not None:
            ax.plot([], [], color="0.4", linewidth=0.6, label="edges of the band")
        ax.set(xlabel="true strain", ylabel="true stress, MPa")
        ax.set_ylim(min(0, ax.dataLim.y0), 1.05 * ax.dataLim.y1 or 1)
        ax.legend(loc="best", fontsize="small")
        return self
