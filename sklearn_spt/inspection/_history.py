"""Losses of a training, epoch by epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._common import display_docs, make_axes, network_in

__all__ = ["TrainingHistoryDisplay"]


@display_docs
class TrainingHistoryDisplay:
    """Losses of a training over its epochs.

    Make it with `from_estimator` or `from_history`. The loss on the training curves is a solid line, that on held-out
    ones (with early stopping) a dashed one with its lowest point marked.

    Parameters
    ----------
    history : sequence of mapping
        Per epoch its `train_loss` and, if there is one, `valid_loss`.

    Attributes
    ----------
    {drawn}
    lines_ : dict of str to matplotlib Line2D
        The lines of "train_loss" and "valid_loss".
    best_epoch_ : int or None
        Epoch of the lowest `valid_loss`, counted from 1.

    Notes
    -----
    The losses are those of scaled targets and have no unit. How large the errors in MPa are, :mod:`sklearn_spt.metrics`
    and `CurveErrorDisplay` tell.

    Examples
    --------
    >>> from sklearn_spt.inspection import TrainingHistoryDisplay
    >>> losses = [{"train_loss": 1.0, "valid_loss": 1.1}, {"train_loss": 0.4, "valid_loss": 0.6}]
    >>> TrainingHistoryDisplay.from_history(losses).best_epoch_
    2
    """

    def __init__(self, history: Sequence[Mapping[str, Any]]) -> None:
        self.history = history

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None, log_scale: bool = True) -> "TrainingHistoryDisplay":
        """Draw the history of a fitted regressor.

        Parameters
        ----------
        estimator : estimator
            Fitted regressor with `history_`; or a pipeline whose last step it is, an estimator around it
            (`regressor_`), a `CurveStackingRegressor` that holds it, or a search (`best_estimator_`).
        {ax}
        log_scale : bool, default=True
            Logarithmic axis of the loss.

        Returns
        -------
        TrainingHistoryDisplay

        Raises
        ------
        {matplotlib}
        NotFittedError
            If the regressor is not fitted.
        TypeError
            If it keeps no history.
        """
        model = estimator
        while not hasattr(model := network_in(model, "history_"), "history_"):
            steps = getattr(model, "steps", None)
            inner = steps[-1][1] if steps else getattr(model, "regressor_", getattr(model, "best_estimator_", None))
            if inner is None:
                break
            model = inner
        if not hasattr(model, "history_"):
            if type(model).__module__.startswith("sklearn_spt.regressors"):
                check_is_fitted(model, msg="%(name)s is not fitted: it has no history_; call fit first")
            name = type(model).__name__
            raise TypeError(f"{name} keeps no history of its training (history_); the networks of this package do")
        return cls.from_history(model.history_, ax=ax, log_scale=log_scale)

    @classmethod
    def from_history(
        cls, history: Sequence[Mapping[str, Any]], *, ax: Any = None, log_scale: bool = True
    ) -> "TrainingHistoryDisplay":
        """Draw a history.

        Parameters
        ----------
        history : sequence of mapping
            Per epoch its `train_loss` and, if there is one, `valid_loss`.
        {ax}
        {log_scale}

        Returns
        -------
        TrainingHistoryDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If the history is empty, or an epoch has no `train_loss`.
        """
        if isinstance(history, Mapping) or not all(isinstance(epoch, Mapping) for epoch in history):
            raise TypeError("history must be a list with a dict for each epoch, as history_ of a fitted regressor is")
        if not len(history):
            raise ValueError("history is empty: there is no epoch to draw")
        for number, epoch in enumerate(history, start=1):
            if "train_loss" not in epoch:
                raise ValueError(f"epoch {number} of the history has no train_loss; it has {sorted(epoch)}")
        return cls(history).plot(ax=ax, log_scale=log_scale)

    def plot(self, ax: Any = None, *, log_scale: bool = True) -> "TrainingHistoryDisplay":
        """Draw the losses.

        Parameters
        ----------
        {ax}
        {log_scale}

        Returns
        -------
        self : TrainingHistoryDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax)
        self.ax_, self.figure_, self.lines_, self.best_epoch_ = ax, ax.figure, {}, None
        epochs = np.arange(1, len(self.history) + 1)
        # A marker, because a single epoch would leave no line.
        marker = "o" if len(epochs) == 1 else None
        looks = {
            "train_loss": {"color": "black", "label": "training curves"},
            "valid_loss": {"color": "#b2182b", "linestyle": "--", "label": "held-out curves"},
        }
        for key, look in looks.items():
            losses = np.array([epoch.get(key, np.nan) for epoch in self.history], dtype=np.float64)
            if np.isnan(losses).all():
                continue
            (self.lines_[key],) = ax.plot(epochs, losses, linewidth=1.4, marker=marker, **look)
            if key == "valid_loss":
                best = int(np.nanargmin(losses))
                self.best_epoch_ = best + 1
                ax.plot(
                    epochs[best],
                    losses[best],
                    "o",
                    color=look["color"],
                    markeredgecolor="black",
                    label=f"lowest: {losses[best]:.3g} in epoch {best + 1}",
                    zorder=3,
                )
        ax.set(xlabel="epoch", ylabel="loss (scaled targets)", yscale="log" if log_scale else "linear")
        ax.legend(fontsize="small")
        return self
