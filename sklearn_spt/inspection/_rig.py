"""The tools of a small punch test."""

from typing import Any

import numpy as np

from ..simulation import Rig, get_rig
from ..simulation.calculix import die_profile, punch_profile
from ._common import display_docs, make_axes

__all__ = ["RigDisplay"]

_ARC_SEGMENTS = 48


@display_docs
class RigDisplay:
    """Cross-section of the tools and the disc before the test, with their dimensions.

    Make it with `from_rig`.

    Parameters
    ----------
    rig : Rig
        The tools.
    thickness : float
        Thickness of the disc, mm.

    Attributes
    ----------
    {drawn}

    See Also
    --------
    FieldDisplay : Draws the deformed disc of a simulated test between the tools.

    Examples
    --------
    >>> from sklearn_spt.inspection import RigDisplay
    >>> display = RigDisplay.from_rig("EN10371")
    >>> display.ax_.get_title()
    'EN10371'
    """

    def __init__(self, rig: Rig, thickness: float) -> None:
        self.rig = rig
        self.thickness = thickness

    @classmethod
    def from_rig(cls, rig: Rig | str, thickness: float | None = None, *, ax: Any = None) -> "RigDisplay":
        """Draw a rig.

        Parameters
        ----------
        rig : Rig or str
            The tools, or the name of a rig that comes with the package.
        thickness : float, default=None
            Thickness of the disc, mm. None: the middle of the rig's range.
        {ax}

        Returns
        -------
        RigDisplay

        Raises
        ------
        {matplotlib}
        TypeError, ValueError
            If there is no such rig, or it does not take the thickness.
        """
        rig = get_rig(rig)
        if thickness is None:
            thickness = sum(rig.thickness_range) / 2
        rig.check_specimen(thickness, rig.max_stroke)
        return cls(rig, thickness).plot(ax=ax)

    def plot(self, ax: Any = None) -> "RigDisplay":
        """Draw the rig.

        Parameters
        ----------
        {ax}

        Returns
        -------
        self : RigDisplay

        Raises
        ------
        {matplotlib}
        """
        ax = make_axes(self, ax, (8, 5))
        self.ax_, self.figure_ = ax, ax.figure
        rig, t, disc, held = self.rig, self.thickness, self.rig.disc_diameter / 2, self.rig.held_diameter / 2
        punch = punch_profile(rig, _ARC_SEGMENTS)
        # What is above and below this is cut off.
        high, low = 0.6 * disc, -t if rig.hole_diameter is None else -t - 0.45 * disc
        punch[0, 0], punch[-1, 1] = 0, max(high, 1.2 * rig.punch_edge_radius)
        high = punch[-1, 1]
        parts: list[tuple[np.ndarray, str, str | None]] = [(np.concatenate([punch, [[0, high]]]), "0.85", None)]
        if rig.hole_diameter is not None:
            die = die_profile(rig, t, _ARC_SEGMENTS)
            die[-1, 1] = low
            parts.append((np.concatenate([die, [[die[0, 0], low]]]), "0.85", None))
            clamp = np.array([[held, 0], [1.1 * disc, 0], [1.1 * disc, 0.3 * high], [held, 0.3 * high]])
        else:
            clamp = np.array([[disc, 0], [1.1 * disc, 0], [1.1 * disc, -t], [disc, -t]])
        parts += [(clamp, "white", "//"), (np.array([[0, -t], [disc, -t], [disc, 0], [0, 0]]), "tab:blue", None)]
        for outline, color, hatch in parts:
            # What touches the axis is one piece, without a line along it.
            mirrored = outline * (-1, 1)
            one_piece = outline[0, 0] == 0
            for points in [np.concatenate([outline, mirrored[::-1]])] if one_piece else [outline, mirrored]:
                x, z = points.T
                ax.fill(x, z, facecolor=color, edgecolor="0.3", hatch=hatch, linewidth=0.8)
        ax.axvline(0, color="0.3", linewidth=0.8, linestyle="-.")
        step = 0.12 * rig.disc_diameter / 2
        self._dimension(rig.punch_diameter / 2, high + step, "punch ⌀")
        if rig.hole_diameter is not None:
            self._dimension(rig.hole_diameter / 2, low - step, "hole ⌀")
            if rig.clamp_diameter is not None:
                self._dimension(held, high + 3 * step, "clamp ⌀")
        self._dimension(disc, low - 3 * step, "disc ⌀")
        notes = [f"punch {'ball' if rig.is_ball else 'edge'} R {rig.punch_edge_radius:g} mm", f"disc {t:g} mm thick"]
        if rig.hole_diameter is not None:
            shape = "R " if rig.hole_edge == "fillet" else "45° × "
            notes.append(f"hole edge {shape}{rig.hole_edge_size:g} mm")
        notes.append(f"hatched: held{'' if rig.hole_diameter is not None else ' edge'}")
        ax.text(1.2 * disc, high, "\n".join(notes), va="top")
        ax.set(
            xlabel="r, mm", ylabel="z, mm", aspect="equal", title=rig.name,
            xlim=(-1.2 * disc, 2.6 * disc), ylim=(low - 4.5 * step, high + 4.5 * step),
        )  # fmt: skip
        return self

    def _dimension(self, radius: float, z: float, what: str) -> None:
        """A line with arrows across a diameter, and its length."""
        self.ax_.annotate("", (-radius, z), (radius, z), arrowprops={"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0})
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0}
        # Above the line, which may be shorter than the text.
        self.ax_.annotate(
            f"{what} {2 * radius:g} mm", (0, z), (0, 4), textcoords="offset points", ha="center", va="bottom", bbox=box
        )
