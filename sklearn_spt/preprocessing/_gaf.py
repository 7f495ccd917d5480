"""The Gramian angular field of load curves."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from ..curves import SPTCurve
from ..exceptions import Message
from ..utils.parameters import Parametrized
from ..utils.state import Choice, Field, Number, Pair, StateError, check_state
from ..utils.validation import check_recorded
from ..utils.warnings import warn

__all__ = ["GAFTransformer"]

_MAX_NAMED = 5
# Rescaled loads are held for a block of curves at a time, about as much as fits a core's cache.
_BLOCK_BYTES = 2**18


class GAFTransformer(TransformerMixin, Parametrized, BaseEstimator, auto_wrap_output_keys=None):
    r"""Append the Gramian angular field of the load to resampled curves.

    The loads of a curve are rescaled to :math:`x_i \in [0, 1]` and read as cosines of angles, and the field holds the
    cosines of all sums (or the sines of all differences) of two angles [1]_:

    .. math::

        \theta_i = \arccos x_i, \qquad
        G_{ij} = \cos(\theta_i + \theta_j) = x_i x_j - \sqrt{1 - x_i^2} \sqrt{1 - x_j^2}

    The image adds no information to the curve; it gives a network with 2-D convolutions pairs of points to look at.

    Parameters
    ----------
    method : {"summation", "difference"}, default="summation"
        The field: :math:`\cos(\theta_i + \theta_j)`, symmetric, equations (1) and (2) of [2]_, or
        :math:`\sin(\theta_i - \theta_j)`, antisymmetric.
    scaling : {"global", "sample"}, default="global"
        Range of loads that is rescaled to `feature_range`: ``"global"``, that of all training curves, learned in
        `fit`; or ``"sample"``, that of each curve by itself, which is equation (1) of [2]_ read literally. The latter
        erases the amplitude, and the amplitude of the load is the strength.
    out_of_range : {"clip", "warn", "error"}, default="clip"
        What to do with loads outside the learned range (``scaling="global"``): count as the nearest end of the range,
        in the image only; the same with a `UserWarning`; or `ValueError`.
    feature_range : tuple of (float, float), default=(0, 1)
        Range of the rescaled loads, within [-1, 1]. (0, 1) is that of [2]_; the first paper on such fields [1]_ and
        the package pyts take (-1, 1).
    image_size : int, default=None
        Height and width of the image. The points of the curve are averaged over as many segments of (nearly) equal
        numbers of points (piecewise aggregate approximation) before anything else. By default all points are kept.
    output : {"append", "image"}, default="append"
        ``"append"``: the channels of the curve, followed by the image, whose row *i* belongs to point *i*;
        ``"image"``: the image alone, without the channels of the curve and its descriptors. This is for networks of
        your own: the regressors of this package recognise an image by more channels than points, and would take the
        rows of a lone image for the channels of a curve.

    Attributes
    ----------
    data_min_ : float or None
        Smallest training load, N, which becomes ``feature_range[0]``. None with ``scaling="sample"``.
    data_max_ : float or None
        Largest training load, N, which becomes ``feature_range[1]``. None with ``scaling="sample"``.
    image_size_ : int
        Height and width of the image.
    n_features_in_ : int
        Number of points of a curve in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the points in `fit`. Defined only when `X` was a data frame with string names.
    n_channels_in_ : int or None
        Number of channels of `X` in `fit`; None when `X` was 2-D.

    See Also
    --------
    CurveResampler : Makes the curves that this transformer takes.

    Notes
    -----
    The field has rank 2 and is computed as the sum of two outer products, without trigonometric functions, image by
    image in its place in the output. A float32 `X` gives a float32 output, everything else float64.

    With ``output="append"`` there are more channels than points, and never without an image: an array with
    ``n_channels > n_points`` holds an image in its last ``n_points`` channels. The regressors recognise it by that. An
    `X` with more channels than points is therefore refused.

    A load may be missing (NaN), as ``CurveResampler(ends="mask")`` marks it. It counts in no range, and its row and its
    column of the image are NaN.

    A curve (or a training set) with one load only has no range; its loads become ``feature_range[0]``.

    References
    ----------
    .. [1] Z. Wang, T. Oates, "Encoding time series as images for visual inspection and classification using tiled
       convolutional neural networks", AAAI Workshop, 2015.
    .. [2] Z. Yang, R. Yang, W. Han, Q. Liu, "Enhancing Stress-Strain Predictions with Seq2Seq and Cross-Attention
       based on Small Punch Test", arXiv:2506.17680.

    Examples
    --------
    >>> from sklearn_spt import GAFTransformer
    >>> loads = [[0.0, 300.0, 500.0], [0.0, 600.0, 1000.0]]
    >>> gaf = GAFTransformer().fit(loads)
    >>> gaf.data_min_, gaf.data_max_
    (0.0, 1000.0)
    >>> curves = gaf.transform(loads)
    >>> curves.shape
    (2, 3, 4)
    >>> curves[1, :, 0]
    array([   0.,  600., 1000.])
    >>> curves[1, :, 1:].round(3)
    array([[-1.  , -0.8 ,  0.  ],
           [-0.8 , -0.28,  0.6 ],
           [ 0.  ,  0.6 ,  1.  ]])
    """

    _fitted_state: ClassVar[Mapping[str, Field]] = {
        "data_max_": Number(none=True),
        "data_min_": Number(none=True),
        "n_features_in_": Number(kind=int, low=1),
        "image_size_": Number(kind=int, low=1),
        "n_channels_in_": Number(kind=int, low=1, none=True),
    }

    def _check_state(self) -> None:
        check_state(self, self._fitted_state)
        # An image of any other size would be no image of the curve, and fill the memory.
        if self.image_size_ > self.n_features_in_:
            raise StateError("the image of its GAFTransformer has more points than the curve")

    method: Annotated[str, Choice(options=("summation", "difference"))] = "summation"
    _: KW_ONLY
    scaling: Annotated[str, Choice(options=("global", "sample"))] = "global"
    out_of_range: Annotated[str, Choice(options=("clip", "warn", "error"))] = "clip"
    feature_range: Annotated[tuple[float, float], Pair(low=-1, high=1)] = (0, 1)
    image_size: Annotated[int | None, Number(kind=int, low=1, none=True)] = None
    output: Annotated[str, Choice(options=("append", "image"))] = "append"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> "GAFTransformer":
        """Learn the range of the loads.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on one grid. Channel 0 is the load, N; the others (descriptors) are kept as they are.
        y : None
            Ignored.

        Returns
        -------
        self : GAFTransformer

        Raises
        ------
        TypeError, ValueError
            If a parameter is not valid, `X` has a value that is neither finite nor a missing load, or more channels
            than points, or `X` holds displacement and load, as raw curves do.
        """
        self._check_parameters()
        X = self._validate(X, reset=True)
        n_points = X.shape[1]
        if self.image_size is not None and self.image_size > n_points:
            raise ValueError(
                f"GAFTransformer: image_size is {self.image_size}, more than the points of a curve "
                f"(n_features = {n_points})"
            )
        self.image_size_ = n_points if self.image_size is None else int(self.image_size)
        self.n_channels_in_ = None if X.ndim == 2 else X.shape[2]
        self.data_min_: float | None = None
        self.data_max_: float | None = None
        if self.scaling == "global":
            load = self._aggregate(X if X.ndim == 2 else X[:, :, 0])
            # What is missing does not count.
            self.data_min_ = float(np.nanmin(load))
            self.data_max_ = float(np.nanmax(load))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the images.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid of `fit`. Channel 0 is the load, N.

        Returns
        -------
        ndarray of shape (n_curves, image_size, n_channels + image_size) or (n_curves, image_size, image_size)
            The channels (one for a 2-D `X`) and the image, or with ``output="image"`` the image alone.

        Raises
        ------
        ValueError
            If the shape is not that of `fit`, a value is neither finite nor a missing load, or, with
            ``out_of_range="error"``, a load lies outside the range learned in `fit`.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        given = None if X.ndim == 2 else X.shape[2]
        if given != self.n_channels_in_:
            raise ValueError(f"GAFTransformer: fitted on {_describe(self.n_channels_in_)}, but X is {_describe(given)}")
        X = self._aggregate(X if X.ndim == 3 else X[:, :, None])
        self._check_range(X[:, :, 0])
        n, size, n_channels = X.shape
        kept = n_channels if self.output == "append" else 0
        out = np.empty((n, size, kept + size), dtype=X.dtype)
        out[:, :, :kept] = X[:, :, :kept]
        step = max(1, _BLOCK_BYTES // (size * 8))
        for start in range(0, n, step):
            block = slice(start, start + step)
            self._write_images(X[block, :, 0], out[block, :, kept:])
        return out

    def _write_images(self, load: np.ndarray, out: np.ndarray) -> None:
        cosine = self._rescale(load)
        sine = np.sqrt((1 - cosine) * (1 + cosine))
        pair = np.stack([cosine, sine], axis=1).astype(out.dtype, copy=False)
        partner = pair if self.method == "summation" else pair[:, ::-1]
        partner = partner * np.array([[1], [-1]], dtype=out.dtype)
        # Two outer products as one product of (size, 2) and (2, size) matrices, image by image in its place.
        np.matmul(partner.swapaxes(1, 2), pair, out=out)

    def inverse_transform(self, X: Any) -> np.ndarray:
        r"""Give the curves back.

        With ``output="append"`` they are the channels before the image. With ``output="image"`` the load is recovered
        from the diagonal of the summation field, :math:`x_i = \sqrt{(G_{ii} + 1) / 2}`, which is exact where no
        rescaled load is negative.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points, n_channels + n_points) or (n_curves, n_points, n_points)
            Output of `transform`.

        Returns
        -------
        ndarray of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            The shape of `X` in `fit`; 2-D with ``output="image"``. From the image alone, loads that were clipped come
            back clipped, and the smallest loads with half of the digits.

        Raises
        ------
        ValueError
            If the shape is not that of the output of `transform`, or the curve cannot be recovered: its points were
            averaged (`image_size`), or from the image alone with the difference field, with ``scaling="sample"``, or
            with a negative `feature_range`.
        """
        check_is_fitted(self)
        X = check_array(X, allow_nd=True, dtype=[np.float64, np.float32], ensure_all_finite=False, estimator=self)
        size = self.image_size_
        kept = (self.n_channels_in_ or 1) if self.output == "append" else 0
        if X.shape[1:] != (size, kept + size):
            raise ValueError(
                f"GAFTransformer: X must have the shape (n_curves, {size}, {kept + size}) that transform returns; "
                f"got {X.shape}"
            )
        image = X[:, :, kept:]
        load = X[:, :, 0] if kept else np.diagonal(image, axis1=1, axis2=2)
        check_recorded(self, load, X[:, :, 1:kept], image)
        if size != self.n_features_in_:
            raise ValueError(
                f"GAFTransformer: the {self.n_features_in_} points of a curve were averaged to image_size={size}, "
                "which cannot be undone; use image_size=None"
            )
        if self.output == "append":
            return X[:, :, 0].copy() if self.n_channels_in_ is None else X[:, :, :kept].copy()
        self._check_diagonal_invertible()
        low, high = self.feature_range
        diagonal = np.diagonal(X, axis1=1, axis2=2).astype(np.float64)
        cosine = np.sqrt(np.clip((diagonal + 1) / 2, 0.0, 1.0))
        data_min, data_max = np.float64(self.data_min_), np.float64(self.data_max_)
        load = data_min + (cosine - low) / (high - low) * (data_max - data_min)
        return load.astype(X.dtype, copy=False)

    def _check_diagonal_invertible(self) -> None:
        reasons = []
        if self.method != "summation":
            reasons.append("the difference field has a zero diagonal (use method='summation')")
        if self.scaling != "global":
            reasons.append("scaling='sample' has erased the amplitude (use scaling='global')")
        if self.feature_range[0] < 0:
            reasons.append("the diagonal does not tell the sign of negative values (use feature_range=(0, 1))")
        if reasons:
            raise ValueError(
                "GAFTransformer: the load cannot be recovered from the image alone: "
                + "; ".join(reasons)
                + "; or keep the load with output='append'"
            )

    def _validate(self, X: Any, *, reset: bool) -> np.ndarray:
        one_d = isinstance(X, list | tuple) or getattr(X, "ndim", None) == 1
        if one_d and isinstance(next(iter(X), None), SPTCurve):
            raise TypeError("GAFTransformer: X holds curves; put a CurveResampler before, which makes an array of them")
        X = validate_data(self, X, dtype=[np.float64, np.float32], allow_nd=True, ensure_all_finite=False, reset=reset)
        if X.ndim > 3:
            raise ValueError(
                "GAFTransformer: X must have the shape (n_curves, n_points) or (n_curves, n_points, n_channels); "
                f"got {X.shape}"
            )
        if X.ndim == 3 and not 1 <= X.shape[2] <= X.shape[1]:
            raise ValueError(
                f"GAFTransformer: X has {X.shape[2]} channels and {X.shape[1]} points; there must be at least one "
                "channel, the load, and not more channels than points, which is how an image is recognised: X may "
                "hold one already"
            )
        if X.ndim == 2:
            check_recorded(self, X)
        else:
            check_recorded(self, X[:, :, 0], X[:, :, 1:])
        # Not of new curves: copies of one curve are nothing strange among these.
        if reset and X.ndim == 3 and X.shape[2] == 2 and _looks_raw(X):
            raise ValueError(
                "GAFTransformer: channel 0 of X, which must be the load, increases in the same steps in all curves, as "
                "displacements do, so that X seems to hold the columns [displacement, load]; put a CurveResampler "
                "before, which makes loads on one grid of them"
            )
        return X

    def _aggregate(self, values: np.ndarray) -> np.ndarray:
        """Average axis 1 over `image_size_` segments, as far as they have values."""
        n_points = values.shape[1]
        if self.image_size_ == n_points:
            return values
        # The bounds of pyts.utils.segmentation, so that both give the same images.
        bounds = np.linspace(0, n_points, self.image_size_ + 1).astype(np.int64)
        known = ~np.isnan(values)
        counts = np.add.reduceat(known, bounds[:-1], axis=1, dtype=np.float64)
        sums = np.add.reduceat(np.where(known, values, 0.0), bounds[:-1], axis=1, dtype=np.float64)
        means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        return means.astype(values.dtype, copy=False)

    def _rescale(self, load: np.ndarray) -> np.ndarray:
        # In float64, because a sine computed from a cosine near 1 has half of its digits.
        load = load.astype(np.float64, copy=False)
        if self.scaling == "global":
            low, high = np.asarray(self.data_min_), np.asarray(self.data_max_)
        else:
            # Missing loads do not count, here and below.
            low, high = np.fmin.reduce(load, axis=1, keepdims=True), np.fmax.reduce(load, axis=1, keepdims=True)
        span = high - low
        span = np.where(span > 0, span, 1.0)
        to_low, to_high = self.feature_range
        return np.clip(to_low + (to_high - to_low) * ((load - low) / span), to_low, to_high)

    def _check_range(self, load: np.ndarray) -> None:
        if self.out_of_range == "clip" or self.scaling == "sample":
            return
        smallest, largest = np.fmin.reduce(load, axis=1), np.fmax.reduce(load, axis=1)
        outside = np.flatnonzero((smallest < self.data_min_) | (largest > self.data_max_))
        if not outside.size:
            return
        named = [f"curve {i} ({smallest[i]:.4g} to {largest[i]:.4g} N)" for i in outside[:_MAX_NAMED]]
        if len(outside) > _MAX_NAMED:
            named.append("...")
        message = (
            f"GAFTransformer: {len(outside)} of {len(load)} curves have loads outside the range learned in fit, "
            f"{self.data_min_:.4g} to {self.data_max_:.4g} N: {', '.join(named)}"
        )
        if self.out_of_range == "error":
            raise ValueError(message + "; fit on curves that cover them, or use out_of_range='clip'")
        warn(Message(message, "; clipped in the image", about="gaf_range"), UserWarning, stacklevel=3)


def _looks_raw(X: np.ndarray) -> bool:
    """Whether the two channels are a common displacement and a load."""
    u, load = X[:, :, 0], X[:, :, 1]
    return bool(
        len(X) >= 2
        and np.all(np.diff(u, axis=1) > 0)
        and np.all(np.ptp(u, axis=0) <= 1e-9 * np.abs(u).max(axis=0))
        and np.any(np.ptp(load, axis=1) > 0)
    )


def _describe(n_channels: int | None) -> str:
    return "a 2-D array" if n_channels is None else f"a 3-D array with {n_channels} channels"
