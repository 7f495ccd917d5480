"""The deformed disc of a simulated test with the tools."""

from typing import Any

import numpy as np

from ..simulation import FieldStage, Rig, SPTFields
from ..simulation.calculix import die_profile, punch_profile
from ..utils.parameters import check_parameter
from ..utils.state import Number
from ._common import check_choice, display_docs, make_axes

__all__ = ["FieldDisplay"]

_QUANTITIES = {"plastic_strain": "equivalent plastic strain", "von_mises": "von Mises stress, MPa"}
# Corners and middles of the sides of an element, cut into triangles whose corners carry the values.
_TRIANGLES = np.array([[0, 4, 7], [4, 1, 5], [5, 2, 6], [6, 3, 7], [4, 5, 6], [4, 6, 7]])
# The outline of an element, corner by corner with the middles of the sides between.
_OUTLINE = np.array([0, 4, 1, 5, 2, 6, 3, 7, 0])
_ARC_SEGMENTS = 48


@display_docs
class FieldDisplay:
    """Cross-section of the deformed disc between the tools, coloured by a field.

    Make it with `from_fields`.

    Parameters
    ----------
    stage : FieldStage
        The disc.
    rig : Rig
        The tools.
    thickness : float
        Initial thickness of the disc, mm.

    Attributes
    ----------
    {drawn}
    mesh_ : matplotlib TriMesh
        The coloured disc; what a colour bar of one's own is made from.
    colorbar_ : matplotlib Colorbar or None
        The colour bar, if one was asked for.

    See Also
    --------
    sklearn_spt.simulation.simulate_fields : Simulates a test and keeps the deformed disc.

    Examples
    --------
    >>> from sklearn_spt.inspection import FieldDisplay
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import simulate_fields
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> fields = simulate_fields(steel, "EN10371", thickness=0.5, displacements=[0.5, 1.0])  # doctest: +SKIP
    >>> display = FieldDisplay.from_fields(fields, stage=-1)  # doctest: +SKIP
    """

    def __init__(self, stage: FieldStage, rig: Rig, thickness: float) -> None:
        self.stage = stage
        self.rig = rig
        self.thickness = thickness

    @classmethod
    def from_fields(cls, fields: SPTFields, stage: int = -1, *, ax: Any = None, **options: Any) -> "FieldDisplay":
        """Draw one stage of a simulated test.

        Parameters
        ----------
        fields : SPTFields
            What :func:`~sklearn_spt.simulation.simulate_fields` returned.
        stage : int, default=-1
            Index of the stage; the last one by default.
        {ax}
        **options : dict
            Options of `plot`.

        Returns
        -------
        FieldDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError, IndexError
            If `fields` is not an SPTFields, has no such stage, or an option is not valid.
        """
        if not isinstance(fields, SPTFields):
            raise TypeError(f"fields must be an SPTFields, from simulate_fields; got {type(fields).__name__}")
        if not -len(fields.stages) <= stage < len(fields.stages):
            raise IndexError(f"there is no stage {stage}: the test has {len(fields.stages)} of them")
        thickness = fields.curve.thickness
        assert thickness is not None  # simulated curves have one
        return cls(fields.stages[stage], fields.rig, thickness).plot(ax=ax, **options)

    def plot(
        self,
        ax: Any = None,
        *,
        quantity: str = "plastic_strain",
        vmax: float | None = None,
        cmap: str = "viridis",
        mirror: bool = True,
        edges: bool = False,
        tools: bool = True,
        colorbar: bool = True,
    ) -> "FieldDisplay":
        """Draw the stage.

        Parameters
        ----------
        {ax}
        quantity : {"plastic_strain", "von_mises"}, default="plastic_strain"
            What the colours show.
        vmax : float, default=None
            Value of the last colour; the first one stands for 0. None: the largest value of the stage (1
            where all are 0). Give one number to stages that are to be compared.
        cmap : str, default="viridis"
            Name of the colour map.
        mirror : bool, default=True
            Draw the whole cross-section; otherwise the half that is computed.
        edges : bool, default=False
            Draw the elements' edges.
        tools : bool, default=True
            Draw punch and die.
        colorbar : bool, default=True
            Draw a colour bar.

        Returns
        -------
        self : FieldDisplay

        Raises
        ------
        {matplotlib}
        ValueError
            If `quantity` is unknown, or `vmax` is not positive.
        """
        check_choice("quantity", quantity, _QUANTITIES)
        check_parameter("", "vmax", vmax, Number(above=0, none=True))
        ax = make_axes(self, ax, (8, 4))
        from matplotlib.collections import LineCollection

        self.ax_, self.figure_, self.colorbar_ = ax, ax.figure, None
        values = getattr(self.stage, quantity)
        if vmax is None:
            vmax = float(values.max()) or 1.0
        triangles = self.stage.elements[:, _TRIANGLES].reshape(-1, 3)
        for sign in (-1, 1) if mirror else (1,):
            r, z = (self.stage.nodes * (sign, 1)).T
            self.mesh_ = ax.tripcolor(
                r, z, triangles, values, shading="gouraud", cmap=cmap, vmin=0, vmax=vmax, zorder=1
            )
            if edges:
                lines = np.column_stack([r, z])[self.stage.elements[:, _OUTLINE]]
                ax.add_collection(LineCollection(lines, colors="black", linewidths=0.3, zorder=2))
            if tools:
                self._draw_tools(sign)
        if colorbar:
            self.colorbar_ = ax.figure.colorbar(self.mesh_, ax=ax, label=_QUANTITIES[quantity])
        self._frame(mirror, tools)
        ax.set(xlabel="r, mm", ylabel="z, mm", aspect="equal")
        ax.set_title(f"{self.stage.displacement:.3g} mm, {self.stage.load:,.0f} N")
        return self

    def _tool_outlines(self) -> list[np.ndarray]:
        """Closed outlines of the tools' right half, wider than what is drawn."""
        punch = punch_profile(self.rig, _ARC_SEGMENTS) - [0, self.stage.displacement]
        punch[0, 0] = 0
        outlines = [np.concatenate([punch, [[0, punch[-1, 1]]]])]
        if self.rig.hole_diameter is not None:
            die = die_profile(self.rig, self.thickness, _ARC_SEGMENTS)
            outlines.append(np.concatenate([die, [[die[0, 0], die[-1, 1]]]]))
        return outlines

    def _draw_tools(self, sign: int) -> None:
        for outline in self._tool_outlines():
            x, z = (outline * (sign, 1)).T
            self.ax_.fill(x, z, facecolor="0.85", edgecolor="none", zorder=0)
            # The outline without the cut along the axis.
            self.ax_.plot(x[: len(x) - 1], z[: len(x) - 1], color="0.3", linewidth=0.8, zorder=0)

    def _frame(self, mirror: bool, tools: bool) -> None:
        r, z = self.stage.nodes.T
        margin = 0.05 * r.max()
        high = z.max() + 0.4 * self.rig.punch_diameter / 2 if tools else z.max()
        self.ax_.set(
            xlim=(-r.max() - margin if mirror else -margin, r.max() + margin), ylim=(z.min() - margin, high + margin)
        )
