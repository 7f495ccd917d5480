"""Where on the load curve a network looks."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve, as_curves
from ._common import check_index, display_docs, make_axes, model_strain, network_in

__all__ = ["AttentionDisplay"]


@display_docs
class AttentionDisplay:
    """Map of attention weights, with the load curve on its side.

    Make it with `from_estimator` or `from_weights`. A row of the map is a strain, a column a displacement; the load
    curve stands above the map, over the same displacements. Colours become lighter with the weight, so that a print in
    grey shows as much.

    Parameters
    ----------
    weights : ndarray of shape (n_strains, n_points)
        Weights of one head, or their mean over the heads.
    strain : ndarray of shape (n_strains,)
        True strain of the rows.
    displacement : ndarray of shape (n_points,)
        Displacement of the columns, mm.
    curve : SPTCurve
        The load curve.
    title : str, default=""
        What the map shows.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes of the map.
    curve_ax_ : matplotlib Axes
        The axes of the load curve.
    figure_ : matplotlib Figure
        The figure of these axes.
    mesh_ : matplotlib QuadMesh
        The map.
    line_ : matplotlib Line2D
        The load curve.
    colorbar_ : matplotlib Colorbar
        The colour bar of the weights.

    See Also
    --------
    sklearn_spt.regressors.Seq2SeqRegressor.attention_weights : The weights.

    Notes
    -----
    Attention is no explanation: a map shows what this one network, trained with this seed, does, and the state that it
    reads at a point carries what lies before and after it.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve, load_pretrained
    >>> from sklearn_spt.inspection import AttentionDisplay
    >>> curve, _, _ = load_demo_curve()
    >>> display = AttentionDisplay.from_estimator(load_pretrained("sheet"), [curve])
    >>> display.ax_.get_xlabel(), display.ax_.get_ylabel(), display.curve_ax_.get_ylabel()
    ('displacement, mm', 'true strain', 'load, kN')
    """

    def __init__(
        self, weights: np.ndarray, strain: np.ndarray, displacement: np.ndarray, curve: SPTCurve, title: str = ""
    ) -> None:
        self.weights = weights
        self.strain = strain
        self.displacement = displacement
        self.curve = curve
        self.title = title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        index: int = 0,
        head: int | None = None,
        strain: Any = None,
        ax: Any = None,
        vmax: float | None = None,
    ) -> "AttentionDisplay":
        """Compute the weights for a curve and draw them, as far as it has points.

        Parameters
        ----------
        estimator : Pipeline
            Fitted pipeline that makes the load curve's grid with a `CurveResampler` and ends in a regressor with
            `attention_weights`, or in a `CurveStackingRegressor` that holds one.
        X : list of SPTCurve or of arrays of shape (n_points, 2)
            Curves, mm and N.
        index : int, default=0
            Which of them to draw.
        head : int, default=None
            Which head to draw; by default the mean over the heads.
        strain : array-like of shape (n_strains,), default=None
            True strain of the network's outputs. By default that of the model's file; or, for a regressor with
            `elastic_modulus`, the strains of the predicted flow curve, which begin at yielding.
        ax : matplotlib Axes, default=None
            Axes to draw on, whose upper part the load curve gets; by default those of a new figure.
        vmax : float, default=None
            Weight of the last colour; the first one stands for 0. None: the largest weight. Give one number to maps
            that are to be compared.

        Returns
        -------
        AttentionDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If the estimator has no attention or no resampler, the strain is not known, or there is no such curve or
            head.
        """
        steps = [step for _, step in getattr(estimator, "steps", [])]
        if steps:
            steps[-1] = network_in(steps[-1], "attention_weights")
        if not steps or not hasattr(steps[-1], "attention_weights"):
            name = type(steps[-1] if steps else estimator).__name__
            raise TypeError(
                "estimator must be a pipeline whose last step has attention_weights, such as Seq2SeqRegressor; "
                f"got {name}{'' if steps else ' alone: use from_weights'}"
            )
        grids = [step.grid_ for step in steps if hasattr(step, "grid_") and not getattr(step, "relative_", False)]
        if not grids:
            raise TypeError("the pipeline has no fitted CurveResampler with displacements in mm: use from_weights")
        curves = as_curves(X)
        curve = curves[check_index("index", index, len(curves))]
        resampled = estimator[:-1].transform([curve])
        weights = steps[-1].attention_weights(resampled)[0]
        if strain is None and hasattr(steps[-1], "flow_"):
            # The rows are those of a flow curve, at strains of its own, after Young's modulus if that is predicted.
            strain = steps[-1].flow_strain(resampled)[0]
            weights = weights[:, -len(strain) :]
        strain = model_strain(cls.__name__, estimator, strain, weights.shape[1])
        # Where the record has no point, there is nothing to look at.
        recorded = ~np.isnan(resampled[0].reshape(weights.shape[2], -1)[:, 0])
        weights, grid = weights[:, :, recorded], grids[-1][recorded]
        return cls.from_weights(weights, strain=strain, displacement=grid, curve=curve, head=head, ax=ax, vmax=vmax)

    @classmethod
    def from_weights(
        cls,
        weights: ArrayLike,
        *,
        strain: ArrayLike,
        displacement: ArrayLike,
        curve: SPTCurve,
        head: int | None = None,
        ax: Any = None,
        vmax: float | None = None,
    ) -> "AttentionDisplay":
        """Draw given weights.

        Parameters
        ----------
        weights : array-like of shape (n_heads, n_strains, n_points)
            Weights of one curve: an element of what `attention_weights` returns.
        strain : array-like of shape (n_strains,)
            True strain of the rows.
        displacement : array-like of shape (n_points,)
            Displacement of the columns, mm, increasing.
        curve : SPTCurve
            The load curve.
        {head}
        ax : matplotlib Axes, default=None
            Axes to draw on, whose upper part the load curve gets; by default those of a new figure.
        vmax : float, default=None
            Weight of the last colour; the first one stands for 0. None: the largest weight.

        Returns
        -------
        AttentionDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If the shapes do not fit, the curve is not an SPTCurve, or there is no such head.
        """
        if not isinstance(curve, SPTCurve):
            raise TypeError(f"curve must be one SPTCurve; got {type(curve).__name__}")
        values = np.asarray(weights, dtype=np.float64)
        if values.ndim != 3 or not values.size:
            raise ValueError(
                f"weights must have the shape (n_heads, n_strains, n_points), those of one curve; got {values.shape}"
            )
        strain = model_strain(cls.__name__, None, strain, values.shape[1])
        grid = np.asarray(displacement, dtype=np.float64)
        if grid.shape != values.shape[2:] or not np.all(np.diff(grid) > 0):
            raise ValueError(
                f"displacement must hold {values.shape[2]} increasing numbers, one per column of weights; "
                f"got shape {grid.shape}"
            )
        if head is None:
            chosen, title = values.mean(axis=0), f"mean of {len(values)} heads"
        else:
            head = check_index("head", head, len(values))
            chosen, title = values[head], f"head {head}"
        return cls(chosen, strain, grid, curve, title).plot(ax=ax, vmax=vmax)

    def plot(self, ax: Any = None, *, vmax: float | None = None, cmap: str = "viridis") -> "AttentionDisplay":
        """Draw the map and the load curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, whose upper part the load curve gets; by default those of a new figure.
        vmax : float, default=None
            Weight of the last colour; the first one stands for 0. None: the largest weight.
        cmap : str, default="viridis"
            Name of the colour map.

        Returns
        -------
        self : AttentionDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax, figsize=(6, 6))
        from mpl_toolkits.axes_grid1 import make_axes_locatable

        self.ax_, self.figure_ = ax, ax.figure
        self.mesh_ = ax.pcolormesh(self.displacement, self.strain, self.weights, cmap=cmap, vmin=0, vmax=vmax)
        ax.set(xlabel="displacement, mm", ylabel="true strain")
        self.colorbar_ = self.figure_.colorbar(self.mesh_, ax=ax, label="weight")
        # It takes its room from the map's, so that any layout of the figure holds both.
        self.curve_ax_ = make_axes_locatable(ax).append_axes("top", size="40%", pad=0.1, sharex=ax)
        (self.line_,) = self.curve_ax_.plot(self.curve.displacement, self.curve.load / 1000, color="0.2")
        inside = self.line_.get_ydata()[self.curve.displacement <= self.displacement[-1]]
        self.curve_ax_.set(ylabel="load, kN")
        # Not as a title, for which a figure's layout would leave no room.
        self.curve_ax_.text(0.97, 0.06, self.title, transform=self.curve_ax_.transAxes, ha="right")
        if inside.size and inside.max() > 0:
            self.curve_ax_.set_ylim(min(0, inside.min()), 1.1 * inside.max())
        self.curve_ax_.tick_params(labelbottom=False)
        ax.set_xlim(min(0, self.displacement[0]), self.displacement[-1])
        return self
