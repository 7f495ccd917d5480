"""The image that a Gramian angular field makes of a curve."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..preprocessing import GAFTransformer
from ._common import check_choice, check_index, display_docs, make_axes

__all__ = ["GAFDisplay"]

_LABELS = {"summation": "cos(θi + θj)", "difference": "sin(θi - θj)"}


@display_docs
class GAFDisplay:
    """Gramian angular field of a curve.

    Make it with `from_estimator` or `from_transformed`. The colours stand for -1 to 1 in every picture, so that
    pictures can be compared, and become lighter with the value, so that a print in grey shows as much.

    Parameters
    ----------
    image : ndarray of shape (image_size, image_size)
        The field.
    displacement : ndarray of shape (image_size,), default=None
        Displacement of its rows and columns, mm. By default they are numbered.
    method : {"summation", "difference"}, default="summation"
        Which field it is.

    Attributes
    ----------
    {drawn}
    image_ : matplotlib AxesImage or QuadMesh
        The picture; a mesh where there are displacements.
    colorbar_ : matplotlib Colorbar or None
        The colour bar, if one was asked for.

    See Also
    --------
    sklearn_spt.preprocessing.GAFTransformer : Makes the fields.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, GAFTransformer
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.inspection import GAFDisplay
    >>> curve, _, _ = load_demo_curve()
    >>> fields = make_pipeline(CurveResampler(n_points=64), GAFTransformer()).fit([curve])
    >>> display = GAFDisplay.from_estimator(fields, [curve])
    >>> display.image.shape, display.ax_.get_xlabel()
    ((64, 64), 'displacement, mm')
    """

    def __init__(self, image: np.ndarray, displacement: np.ndarray | None = None, method: str = "summation") -> None:
        self.image = image
        self.displacement = displacement
        self.method = method

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, *, index: int = 0, ax: Any = None, colorbar: bool = True
    ) -> "GAFDisplay":
        """Transform curves and draw the field of one of them.

        Parameters
        ----------
        estimator : GAFTransformer or Pipeline
            Fitted transformer, or pipeline whose last step it is. If the pipeline has a `CurveResampler` and the image
            a row for each of its points, the axes show displacements.
        X : list of SPTCurve or array-like
            What its `transform` takes.
        index : int, default=0
            Which curve to draw.
        {ax}
        colorbar : bool, default=True
            Draw a colour bar.

        Returns
        -------
        GAFDisplay

        Raises
        ------
        {matplotlib}
        TypeError, IndexError
            If the estimator is no such transformer, or there is no such curve.
        """
        steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
        if not isinstance(steps[-1], GAFTransformer):
            raise TypeError(
                "estimator must be a GAFTransformer or a pipeline that ends in one (of a whole model: model[:-1]); "
                f"got {type(steps[-1]).__name__}"
            )
        transformed = np.asarray(estimator.transform(X))
        size = steps[-1].image_size_
        grids = [step.grid_ for step in steps if hasattr(step, "grid_") and not getattr(step, "relative_", False)]
        grid = grids[-1] if grids and len(grids[-1]) == size else None
        return cls.from_transformed(
            transformed, index=index, displacement=grid, method=steps[-1].method, ax=ax, colorbar=colorbar
        )

    @classmethod
    def from_transformed(
        cls,
        X: ArrayLike,
        *,
        index: int = 0,
        displacement: ArrayLike | None = None,
        method: str = "summation",
        ax: Any = None,
        colorbar: bool = True,
    ) -> "GAFDisplay":
        """Draw a given field.

        Parameters
        ----------
        X : array-like of shape (n_curves, image_size, n_channels)
            What a `GAFTransformer` returned: images, or curves with the image in the last channels.
        {index}
        displacement : array-like of shape (image_size,), default=None
            Displacement of the rows, mm, increasing. By default they are numbered.
        method : {"summation", "difference"}, default="summation"
            Which field it is.
        {ax}
        {colorbar}

        Returns
        -------
        GAFDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If `X` holds no images, the displacements do not fit, or there is no such curve.
        """
        check_choice("method", method, _LABELS)
        fields = np.asarray(X, dtype=np.float64)
        if fields.ndim != 3 or not fields.size or fields.shape[2] < fields.shape[1]:
            raise ValueError(
                "X must be the output of GAFTransformer, of shape (n_curves, image_size, n_channels) with at least as "
                f"many channels as rows; got {fields.shape}"
            )
        size = fields.shape[1]
        image = fields[check_index("index", index, len(fields)), :, -size:]
        grid = None
        if displacement is not None:
            grid = np.asarray(displacement, dtype=np.float64)
            if grid.shape != (size,) or not np.all(np.diff(grid) > 0):
                raise ValueError(
                    f"displacement must hold {size} increasing numbers, one per row of the image; "
                    f"got shape {grid.shape}"
                )
        return cls(image, grid, method).plot(ax=ax, colorbar=colorbar)

    def plot(self, ax: Any = None, *, colorbar: bool = True, cmap: str = "viridis") -> "GAFDisplay":
        """Draw the field.

        Parameters
        ----------
        {ax}
        {colorbar}
        cmap : str, default="viridis"
            Name of the colour map.

        Returns
        -------
        self : GAFDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax, figsize=(5.6, 4.6))
        self.ax_, self.figure_, self.colorbar_ = ax, ax.figure, None
        look = {"cmap": cmap, "vmin": -1, "vmax": 1}
        if self.displacement is None:
            self.image_ = ax.imshow(self.image, origin="lower", **look)
            ax.set(xlabel="point j", ylabel="point i")
        else:
            self.image_ = ax.pcolormesh(self.displacement, self.displacement, self.image, **look)
            ax.set(xlabel="displacement, mm", ylabel="displacement, mm", aspect="equal")
        if colorbar:
            self.colorbar_ = self.figure_.colorbar(self.image_, ax=ax, label=_LABELS[self.method])
        return self
