"""The construction of the characteristic quantities, drawn on the curve."""

from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..mechanics import CharacteristicQuantities, characteristic_quantities
from ..mechanics.quantities import CHARACTERISTIC
from ._common import check_choice, display_docs, make_axes

__all__ = ["CharacteristicDisplay"]

_REGIONS = ("curve", "knee")


@display_docs
class CharacteristicDisplay:
    """Load-displacement curve with the construction of its characteristic quantities.

    Make it with `from_curve`. Lines and points differ in their style and marker as well as in colour, so that a print
    in grey shows as much.

    Parameters
    ----------
    curve : SPTCurve
        The curve.
    quantities : CharacteristicQuantities
        What was read off it.

    Attributes
    ----------
    {drawn}
    line_ : matplotlib Line2D
        The curve.

    See Also
    --------
    sklearn_spt.mechanics.characteristic_quantities : What the quantities are and how they are found.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_reference_curves
    >>> from sklearn_spt.inspection import CharacteristicDisplay
    >>> display = CharacteristicDisplay.from_curve(load_reference_curves().data[3], region="knee")
    >>> display.ax_.get_xlabel()
    'displacement, mm'
    """

    def __init__(self, curve: SPTCurve, quantities: CharacteristicQuantities) -> None:
        self.curve = curve
        self.quantities = quantities

    @classmethod
    def from_curve(
        cls, curve: SPTCurve, *, ax: Any = None, region: str = "curve", **options: Any
    ) -> "CharacteristicDisplay":
        """Read the quantities off a curve and draw them.

        Parameters
        ----------
        curve : SPTCurve
            The curve.
        {ax}
        region : {"curve", "knee"}, default="curve"
            The whole curve, or what lies around the transition load.
        **options : dict
            Options of :func:`~sklearn_spt.mechanics.characteristic_quantities`, such as `thickness`.

        Returns
        -------
        CharacteristicDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If `curve` is not an SPTCurve, or an option is not valid.
        """
        if not isinstance(curve, SPTCurve):
            raise TypeError(f"curve must be one SPTCurve; got {type(curve).__name__}")
        return cls(curve, characteristic_quantities(curve, **options)).plot(ax=ax, region=region)

    def plot(self, ax: Any = None, *, region: str = "curve") -> "CharacteristicDisplay":
        """Draw the curve and the construction.

        Parameters
        ----------
        {ax}
        {region}

        Returns
        -------
        self : CharacteristicDisplay

        Raises
        ------
        {matplotlib}
        ValueError
            If `region` is unknown.
        """
        check_choice("region", region, _REGIONS)
        ax = make_axes(self, ax, (8, 5))
        self.ax_, self.figure_ = ax, ax.figure
        u, load = self.curve.monotonic()
        (self.line_,) = ax.plot(u, load, color="0.25", linewidth=1.6, label="curve", zorder=2)
        q = self.quantities
        if "Fe" not in q.missing:
            ax.plot(
                [q.v0, q.ue, q.h0],
                [0, q.Fe, q.FB],
                color="C0",
                linestyle="--",
                marker="|",
                markersize=12,
                label=f"{'tri' if q.displacement_kind == 'punch' else 'bi'}linear fit (EN 10371)",
                zorder=3,
            )
        if "F_offset" not in q.missing:
            feet = np.array([q.u_start, q.u_start + q.h0 / 10])
            ax.plot(feet[0] + np.array([0, q.Fe / q.slope]), [0, q.Fe], color="C1", linestyle=":", zorder=3)
            label = f"initial line, slope {q.slope:.4g} N/mm, and offset h0/10"
            ax.plot([feet[1], q.u_offset], [0, q.F_offset], color="C1", linestyle=":", label=label, zorder=3)
        if "ESP" not in q.missing and region == "curve":
            inside = u < q.um
            area_u, area_load = np.append(u[inside], q.um), np.append(load[inside], q.Fm)
            ax.fill_between(area_u, area_load, color="0.92", label=f"ESP = {q.ESP:.4g} mJ", zorder=0)
        self._points(region)
        if region == "knee":
            end = 1.3 * (q.h0 if "Fe" not in q.missing else max(q.ui, 0.5))
            top = load[u <= end].max()
            ax.set(xlim=(-0.03 * end, end), ylim=(-0.03 * top, 1.1 * top))
        else:
            ax.set(xlim=(min(0.0, u[0]) - 0.02 * u[-1], 1.02 * u[-1]), ylim=(min(0.0, load.min()), 1.08 * load.max()))
        ax.set(xlabel="displacement, mm", ylabel="load, N", title=self.curve.name or "")
        ax.legend(loc="best", fontsize="small", framealpha=0.9)
        return self

    def _points(self, region: str) -> None:
        q = self.quantities
        hollow = {"markerfacecolor": "white"}
        points = [
            ("Fe", q.ue, q.Fe, "o", "C0", {}),
            ("Fe_astm", q.ue, q.Fe_astm, "o", "C0", hollow),
            ("F_offset", q.u_offset, q.F_offset, "^", "C1", {}),
            ("Fi", q.ui, q.Fi, "s", "C2", hollow),
            ("Fm", q.um, q.Fm, "D", "C3", {}),
            ("uf", q.uf, 0.8 * q.Fm, "X", "C4", {}),
        ]
        for key, x, y, marker, color, style in points:
            if region == "knee" and key in ("Fm", "uf"):
                continue
            quantity = CHARACTERISTIC[key]
            name = quantity.symbol + (f" ({quantity.variant})" if quantity.variant else "")
            if key in q.missing:
                self.ax_.plot([], [], " ", label=f"{name}: not determined")
                continue
            value = f"uf = {x:.4g} mm" if key == "uf" else f"{name} = {y:.4g} N at {x:.4g} mm"
            self.ax_.plot(
                x, y, marker, color=color, markeredgecolor="black", markersize=7.5, label=value, zorder=4, **style
            )
            if key in ("Fm", "uf"):
                self.ax_.plot([x, x], [0, y], color=color, linewidth=0.8, linestyle="-.", zorder=1)
