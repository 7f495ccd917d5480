"""Load-displacement curves in one picture."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..curves import SPTCurve, as_curves
from ._common import COLORS, LINE_STYLES, display_docs, make_axes

__all__ = ["CurveDisplay"]

_LABELS = {"thickness": "thickness, mm", "temperature": "temperature, °C"}


@display_docs
class CurveDisplay:
    """Load-displacement curves, coloured by a quantity of the specimen.

    Make it with `from_curves`. The colours of a number become lighter with it, and groups differ in the style of their
    lines as well, so that a print in grey shows as much.

    Parameters
    ----------
    curves : list of SPTCurve
        The curves.
    values : list of float or str, default=None
        Value of each curve that its colour shows; None where it is not known. By default all curves look the same.
    label : str, default=""
        Name of these values, with their unit.

    Attributes
    ----------
    {drawn}
    lines_ : list of matplotlib Line2D
        The curves, in their order.
    colorbar_ : matplotlib Colorbar or None
        The colour bar, where the values are numbers that differ. A single value stands in a legend.

    See Also
    --------
    CharacteristicDisplay : One curve with the construction of its characteristic quantities.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_sheet_steel
    >>> from sklearn_spt.inspection import CurveDisplay
    >>> display = CurveDisplay.from_curves(load_sheet_steel(n_curves=20).data, color_by="thickness")
    >>> len(display.lines_), display.colorbar_.ax.get_ylabel()
    (20, 'thickness, mm')
    """

    def __init__(self, curves: list[SPTCurve], values: list[Any] | None = None, label: str = "") -> None:
        self.curves = curves
        self.values = values
        self.label = label

    @classmethod
    def from_curves(
        cls,
        curves: Iterable[Any],
        *,
        color_by: Any = None,
        color_label: str | None = None,
        ax: Any = None,
        cmap: str = "viridis",
    ) -> "CurveDisplay":
        """Draw curves.

        Parameters
        ----------
        curves : iterable of SPTCurve or array-like of shape (n_points, 2)
            The curves; arrays have the columns displacement (mm) and load (N).
        color_by : str or array-like of shape (n_curves,), default=None
            What the colours show: ``"thickness"``, ``"temperature"``, or any key of the curves' `metadata`; or a value
            per curve. Numbers give a colour bar, names (and a single number) a legend. Curves without the quantity are
            dotted grey lines.
        color_label : str, default=None
            Name of the quantity with its unit. By default "thickness, mm", "temperature, °C" or the key.
        {ax}
        cmap : str, default="viridis"
            Name of the colour map for numbers.

        Returns
        -------
        CurveDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If a curve is not valid, no curve has the quantity, its values are neither numbers nor names, or their
            number is not that of the curves.
        """
        curves = as_curves(curves)
        if color_by is None:
            return cls(curves).plot(ax=ax, cmap=cmap)
        if isinstance(color_by, str):
            known = color_by in _LABELS
            values = [getattr(curve, color_by) if known else curve.metadata.get(color_by) for curve in curves]
            label = _LABELS.get(color_by, color_by) if color_label is None else color_label
        else:
            if np.ndim(color_by) != 1 or len(color_by) != len(curves):
                raise ValueError(
                    f"color_by must be a name or hold one value per curve ({len(curves)}); "
                    f"got shape {np.shape(color_by)}"
                )
            values, label = list(color_by), color_label or ""
        values = [_plain(value) for value in values]
        if all(value is None for value in values):
            keys = sorted(set(_LABELS).union(*(curve.metadata for curve in curves)))
            raise ValueError(f"no curve has the value color_by={color_by!r}; the names to choose from: {keys}")
        kinds = {type(value) for value in values if value is not None}
        if kinds not in ({str}, {float}):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise TypeError(f"the values of color_by must be all numbers or all names; got {names}")
        return cls(curves, values, label).plot(ax=ax, cmap=cmap)

    def plot(self, ax: Any = None, *, cmap: str = "viridis") -> "CurveDisplay":
        """Draw the curves.

        Parameters
        ----------
        {ax}
        {cmap}

        Returns
        -------
        self : CurveDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax)
        self.ax_, self.figure_, self.colorbar_ = ax, ax.figure, None
        n_curves = len(self.curves)
        width = 1.4 if n_curves <= 20 else 0.8
        values = [None] * n_curves if self.values is None else self.values
        known = [value for value in values if value is not None]
        styles: dict[Any, dict[str, Any]] = {}
        if known and len(set(known)) == 1 and not isinstance(known[0], str):
            # A bar from a number to itself tells nothing.
            styles[known[0]] = {"color": COLORS[0], "label": f"{known[0]:g}"}
        elif known and isinstance(known[0], str):
            for i, name in enumerate(dict.fromkeys(known)):
                styles[name] = {
                    "color": COLORS[i % len(COLORS)],
                    # Beyond the colours, the same ones come again with other styles.
                    "linestyle": LINE_STYLES[(i + i // len(COLORS)) % len(LINE_STYLES)],
                    "label": name,
                }
        elif known:
            from matplotlib.cm import ScalarMappable
            from matplotlib.colors import Normalize

            mappable = ScalarMappable(Normalize(min(known), max(known)), cmap)
            styles = {value: {"color": mappable.to_rgba(value)} for value in known}
            self.colorbar_ = self.figure_.colorbar(mappable, ax=ax, label=self.label)
        if self.values is None:
            # Without colours to tell many curves apart, they may at least shine through.
            styles[None] = {"color": "0.2", "alpha": 1.0 if n_curves <= 20 else 0.5}
        else:
            styles[None] = {"color": "0.6", "linestyle": ":", "label": f"no {self.label.partition(',')[0] or 'value'}"}
        self.lines_ = []
        labelled = set()
        for curve, value in zip(self.curves, values, strict=True):
            style = dict(styles[value])
            if value in labelled:
                style.pop("label", None)
            labelled.add(value)
            self.lines_ += ax.plot(curve.displacement, curve.load, linewidth=width, **style)
        ax.set(xlabel="displacement, mm", ylabel="load, N")
        if any("label" in styles[value] for value in labelled):
            ax.legend(title=self.label if self.colorbar_ is None and known else None, fontsize="small")
        return self


def _plain(value: Any) -> Any:
    """A name, a float, or None for what is missing."""
    if isinstance(value, str):
        return str(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None if value is None else value
    return number if np.isfinite(number) else None
