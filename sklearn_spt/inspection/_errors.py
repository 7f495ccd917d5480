"""The errors of all predicted curves."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics import curve_mean_absolute_error, curve_mean_relative_error, curve_root_mean_squared_error
from ._common import check_choice, display_docs, make_axes

__all__ = ["CurveErrorDisplay"]

# Function, name on the axis, unit, and factor to that unit.
_METRICS = {
    "mean_absolute_error": (curve_mean_absolute_error, "mean absolute error", "MPa", 1),
    "root_mean_squared_error": (curve_root_mean_squared_error, "root mean squared error", "MPa", 1),
    "mean_relative_error": (curve_mean_relative_error, "mean relative error", "%", 100),
}
_KINDS = ("ecdf", "sorted")


@display_docs
class CurveErrorDisplay:
    """Errors of all predicted curves, each curve by itself: their distribution, or one after the other.

    Make it with `from_estimator` or `from_predictions`. Draw several models on the same axes, each with a line style of
    its own, ``line_kw={"linestyle": "--"}``, so that a print in grey shows as much.

    Parameters
    ----------
    errors : ndarray of shape (n_curves,)
        Error of each curve, MPa, or a fraction for the relative error.
    metric : {"mean_absolute_error", "root_mean_squared_error", "mean_relative_error"}, default="mean_absolute_error"
        What the errors are.
    name : str, default=None
        Name of the model in the legend.

    Attributes
    ----------
    {drawn}
    line_ : matplotlib Line2D
        The errors.
    markers_ : matplotlib Line2D
        Median and 95th percentile, or the worst curve of sorted errors.

    See Also
    --------
    sklearn_spt.metrics.curve_error_table : Maximum, mean, median and percentiles of the errors as numbers.
    PredictionDisplay : The best, the median and the worst curve themselves.

    Examples
    --------
    >>> from sklearn_spt.inspection import CurveErrorDisplay
    >>> true = [[200, 300, 400], [300, 400, 500], [250, 320, 390]]
    >>> predicted = [[200, 303, 400], [300, 400, 500], [250, 320, 396]]
    >>> display = CurveErrorDisplay.from_predictions(true, predicted)
    >>> display.errors
    array([1., 0., 2.])
    >>> display.ax_.get_xlabel()
    'mean absolute error of a curve, MPa'
    """

    def __init__(self, errors: np.ndarray, metric: str = "mean_absolute_error", name: str | None = None) -> None:
        self.errors = errors
        self.metric = metric
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        Y: ArrayLike,
        *,
        metric: str = "mean_absolute_error",
        kind: str = "ecdf",
        name: str | None = None,
        ax: Any = None,
        line_kw: dict[str, Any] | None = None,
    ) -> "CurveErrorDisplay":
        """Predict and draw.

        Parameters
        ----------
        estimator : estimator
            Fitted regressor or pipeline.
        X : list of SPTCurve or array-like
            What its `predict` takes.
        Y : array-like of shape (n_curves, n_strains)
            True stress, MPa.
        metric : {"mean_absolute_error", "root_mean_squared_error", "mean_relative_error"}, \
                default="mean_absolute_error"
            The error, in MPa or per cent.
        kind : {"ecdf", "sorted"}, default="ecdf"
            Share of the curves whose error is at most that large (empirical distribution), or the errors from the
            smallest to the largest.
        name : str, default=None
            Name of the model in the legend. By default the estimator's class, or that of the last step of a pipeline.
        {ax}
        line_kw : dict, default=None
            Options of matplotlib for the line.

        Returns
        -------
        CurveErrorDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If the shapes do not fit, values are not finite, or an option is not valid.
        """
        if name is None:
            steps = getattr(estimator, "steps", None)
            name = type(steps[-1][1] if steps else estimator).__name__
        return cls.from_predictions(
            Y, estimator.predict(X), metric=metric, kind=kind, name=name, ax=ax, line_kw=line_kw
        )

    @classmethod
    def from_predictions(
        cls,
        Y_true: ArrayLike,
        Y_pred: ArrayLike,
        *,
        metric: str = "mean_absolute_error",
        kind: str = "ecdf",
        name: str | None = None,
        ax: Any = None,
        line_kw: dict[str, Any] | None = None,
    ) -> "CurveErrorDisplay":
        """Draw the errors of given predictions.

        Parameters
        ----------
        Y_true, Y_pred : array-like of shape (n_curves, n_strains)
            True and predicted stress, MPa.
        {metric}
        {kind}
        name : str, default=None
            Name of the model in the legend.
        {ax}
        {line_kw}

        Returns
        -------
        CurveErrorDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If the shapes do not fit, values are not finite, or an option is not valid.
        """
        check_choice("metric", metric, _METRICS)
        errors = _METRICS[metric][0](Y_true, Y_pred)
        if np.isnan(errors).any():
            index = int(np.flatnonzero(np.isnan(errors))[0])
            raise ValueError(f"curve {index} has no relative error, because its true stress is 0 everywhere")
        return cls(errors, metric, name).plot(ax=ax, kind=kind, line_kw=line_kw)

    def plot(self, ax: Any = None, *, kind: str = "ecdf", line_kw: dict[str, Any] | None = None) -> "CurveErrorDisplay":
        """Draw the errors.

        Parameters
        ----------
        {ax}
        {kind}
        {line_kw}

        Returns
        -------
        self : CurveErrorDisplay

        Raises
        ------
        {matplotlib}
        ValueError
            If `kind` is not known.
        """
        check_choice("kind", kind, _KINDS)
        ax = make_axes(self, ax)
        self.ax_, self.figure_ = ax, ax.figure
        _, label, unit, factor = _METRICS[self.metric]
        order = np.argsort(self.errors, kind="stable")
        errors = factor * self.errors[order]
        n_curves = len(errors)
        style = {"linewidth": 1.6, **(line_kw or {})}
        prefix = f"{self.name}: " if self.name else ""
        if kind == "ecdf":
            share = np.arange(n_curves + 1) / n_curves
            x = np.concatenate([errors[:1], errors])
            # inverted_cdf: the percentiles that lie on the steps drawn.
            marks = np.quantile(errors, [0.5, 0.95], method="inverted_cdf")
            style["label"] = f"{prefix}median {marks[0]:.3g}, 95 % at most {marks[1]:.3g} {unit}"
            (self.line_,) = ax.plot(x, 100 * share, drawstyle="steps-post", **style)
            points = (marks, [50, 95])
            ax.set(xlabel=f"{label} of a curve, {unit}", ylabel="share of the curves, %", ylim=(0, 101))
        else:
            style["label"] = f"{prefix}worst is curve {order[-1]}, {errors[-1]:.3g} {unit}"
            (self.line_,) = ax.plot(np.arange(1, n_curves + 1), errors, **style)
            points = ([n_curves], [errors[-1]])
            ax.set(xlabel="rank of the curve, from the best", ylabel=f"{label} of a curve, {unit}")
        (self.markers_,) = ax.plot(
            *points, "o", color=self.line_.get_color(), markeredgecolor="black", markersize=6, zorder=3
        )
        # From what is drawn already, another model's errors included: a limit that is set no longer follows the data.
        if kind == "ecdf":
            ax.set_xlim(0, 1.03 * ax.dataLim.x1 or 1)
        else:
            ax.set_ylim(0, 1.03 * ax.dataLim.y1 or 1)
        ax.grid(color="0.9")
        ax.set_axisbelow(True)
        ax.legend(fontsize="small")
        return self
