"""Tool geometry of the small punch test."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..rigs import rig_name
from ..utils.parameters import check_parameter
from ..utils.state import Choice
from ..utils.validation import check_number

__all__ = ["EN10371", "MINIATURE", "RIGS", "SHEET", "Rig", "get_rig", "rig_name"]


@dataclass(frozen=True, kw_only=True)
class Rig:
    """The tools of a small punch test, axisymmetric about the punch's axis.

    A punch presses the middle of a disc. Its end is flat with a rounded edge; where the edge's radius is the punch's
    own, it is a ball. The disc either lies on a receiving die with a hole and is held on its other face outside
    `clamp_diameter`, or, without a hole, is held at its outer edge alone. Held means that the material there does not
    move: the clamp is taken to be stiff and not to slip.

    Parameters
    ----------
    name : str
        Name of the rig; curves made on it carry it.
    punch_diameter : float
        Diameter of the punch, mm.
    punch_edge_radius : float
        Radius of the punch's edge, mm. Half the diameter for a ball.
    disc_diameter : float
        Outer diameter of the disc, mm.
    hole_diameter : float, default=None
        Diameter of the hole in the receiving die, mm. None: no die, the disc is held at its edge.
    hole_edge : {"fillet", "chamfer"}, default="fillet"
        Shape of the hole's edge: a quarter of a circle or 45°.
    hole_edge_size : float, default=0.2
        Radius of the fillet or width of the chamfer, mm.
    clamp_diameter : float, default=None
        The upper face of the disc is held outside this diameter, mm. None: outside the edge of the hole.
    thickness_range : tuple of two floats
        the minimum and maximum thickness of a disc that the rig takes, mm.
    max_stroke : float
        Maximum travel of the punch, mm.
    friction : float, default=0.1
        Coulomb's coefficient between disc and tools that simulations use unless told otherwise.
    tolerances : mapping of str to tuple of two floats, default={}
        Ranges within which a test still counts as one on this rig, mm: of "thickness" and of the rig's own lengths by
        the names above. The bundled data cover them.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range, or tools do not fit each other: an edge greater than the punch, a hole
        that the punch does not enter, a hole with its edge that the disc does not cover.

    Examples
    --------
    >>> from sklearn_spt.simulation import EN10371
    >>> EN10371.is_ball, EN10371.hole_diameter
    (True, 4.0)
    >>> wider = EN10371.replace(name="wide hole", hole_diameter=4.5)
    >>> wider.clearance
    1.0
    """

    name: str
    punch_diameter: float
    punch_edge_radius: float
    disc_diameter: float
    hole_diameter: float | None = None
    hole_edge: str = "fillet"
    hole_edge_size: float = 0.2
    clamp_diameter: float | None = None
    thickness_range: tuple[float, float]
    max_stroke: float
    friction: float = 0.1
    tolerances: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Rig: name must be a text; got {self.name!r}")
        for name in ("punch_diameter", "punch_edge_radius", "disc_diameter", "max_stroke"):
            check_number(self, name, above=0, high=1000)
        for name in ("hole_diameter", "clamp_diameter"):
            check_number(self, name, above=0, high=1000, none=True)
        check_number(self, "hole_edge_size", above=0, high=1000)
        check_number(self, "friction", low=0, high=2)
        check_parameter(type(self).__name__, "hole_edge", self.hole_edge, Choice(options=("fillet", "chamfer")))
        try:
            low, high = map(float, self.thickness_range)
        except (TypeError, ValueError):
            raise TypeError(
                f"Rig {self.name}: thickness_range must be two numbers, the lower first (mm); "
                f"got {self.thickness_range!r}"
            ) from None
        if not 0 < low <= high < math.inf:
            raise ValueError(
                f"Rig {self.name}: thickness_range must be two positive numbers, the lower first (mm); "
                f"got {self.thickness_range!r}"
            )
        self._check_fit()
        self._check_tolerances()

    def _check_fit(self) -> None:
        if self.punch_edge_radius > self.punch_diameter / 2:
            raise ValueError(
                f"Rig {self.name}: punch_edge_radius {self.punch_edge_radius:g} mm is greater than the punch's radius "
                f"{self.punch_diameter / 2:g} mm; give at most that (a ball)"
            )
        if self.hole_diameter is None:
            if self.punch_diameter >= self.disc_diameter:
                raise ValueError(
                    f"Rig {self.name}: the punch (diameter {self.punch_diameter:g} mm) must be smaller than the disc "
                    f"({self.disc_diameter:g} mm)"
                )
            if self.clamp_diameter is not None:
                raise ValueError(
                    f"Rig {self.name}: clamp_diameter needs a hole_diameter; without a receiving die the disc is "
                    "held at its edge"
                )
            return
        if self.hole_diameter <= self.punch_diameter:
            raise ValueError(
                f"Rig {self.name}: the hole (diameter {self.hole_diameter:g} mm) must be wider than the punch "
                f"({self.punch_diameter:g} mm)"
            )
        mouth = self.hole_diameter + 2 * self.hole_edge_size
        if mouth >= self.disc_diameter:
            raise ValueError(
                f"Rig {self.name}: the disc (diameter {self.disc_diameter:g} mm) must cover the hole with its edge "
                f"({mouth:g} mm)"
            )
        if self.clamp_diameter is not None and not self.hole_diameter <= self.clamp_diameter <= self.disc_diameter:
            raise ValueError(
                f"Rig {self.name}: clamp_diameter must lie between the hole's diameter and the disc's, "
                f"{self.hole_diameter:g} and {self.disc_diameter:g} mm; got {self.clamp_diameter:g}"
            )

    def _check_tolerances(self) -> None:
        if not isinstance(self.tolerances, Mapping):
            raise TypeError(f"Rig {self.name}: tolerances must map names to ranges (mm); got {self.tolerances!r}")
        checked = {}
        for key, limits in self.tolerances.items():
            try:
                low, high = map(float, limits)
            except (TypeError, ValueError):
                low, high = math.nan, math.nan
            if key not in ("thickness", *self.lengths) or not 0 < low <= high < math.inf:
                raise ValueError(
                    f"Rig {self.name}: tolerances must map thickness or a length that the rig has to two positive "
                    f"numbers, the lower first (mm); got {key!r}: {limits!r}"
                )
            checked[key] = (low, high)
        object.__setattr__(self, "tolerances", checked)

    @property
    def is_ball(self) -> bool:
        """Whether the punch ends in a ball."""
        return self.punch_edge_radius == self.punch_diameter / 2

    @property
    def lengths(self) -> tuple[str, ...]:
        """Names of the fields that are lengths of the tools and the disc's diameter, of those that the rig has."""
        names = ["punch_diameter", "punch_edge_radius", "disc_diameter"]
        if self.hole_diameter is not None:
            names += ["hole_diameter", "hole_edge_size"]
        return (*names, "clamp_diameter") if self.clamp_diameter is not None else tuple(names)

    @property
    def clearance(self) -> float | None:
        """Gap between the punch and the wall of the hole, mm; None without a hole."""
        return None if self.hole_diameter is None else (self.hole_diameter - self.punch_diameter) / 2

    @property
    def held_diameter(self) -> float:
        """The disc's upper face is held outside this diameter, mm (the disc's own where only its edge is held)."""
        if self.hole_diameter is None:
            return self.disc_diameter
        if self.clamp_diameter is None:
            return self.hole_diameter + 2 * self.hole_edge_size
        return self.clamp_diameter

    def replace(self, **changes: object) -> "Rig":
        """A copy with some fields changed, validated again.

        Parameters
        ----------
        **changes : dict
            New values by the name of the field.

        Returns
        -------
        Rig
        """
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def check_specimen(self, thickness: float, stroke: float) -> None:
        """Refuse a thickness or a stroke that the rig does not take.

        Parameters
        ----------
        thickness : float
            Initial thickness of the disc, mm.
        stroke : float
            Travel of the punch, mm.

        Raises
        ------
        ValueError
            Naming the value and the range that the rig allows.
        """
        low, high = self.thickness_range
        if not low <= thickness <= high:
            raise ValueError(
                f"the thickness must lie in {low:g} to {high:g} mm, the range of rig {self.name}; got {thickness!r}"
            )
        if not 0 < stroke <= self.max_stroke:
            raise ValueError(
                f"the stroke must be positive and at most {self.max_stroke:g} mm, the travel of rig {self.name}; "
                f"got {stroke!r}"
            )


#: Disc of 8 mm and 0.5 mm under a ball of radius 1.25 mm over a hole of 4 mm with a chamfer of 0.2 mm x 45°: the
#: standard rig of EN 10371 and ASTM E3205, as its working group describes it (M. Bruchhausen et al., Ubiquity
#: Proceedings 1(S1) 11 (2018), doi 10.5334/uproc.11). The tolerances and the thickness range are those of the bundled
#: data; they are wider than the standard's. The maximum stroke is a limit of the model.
EN10371 = Rig(
    name="EN10371",
    punch_diameter=2.5,
    punch_edge_radius=1.25,
    disc_diameter=8.0,
    hole_diameter=4.0,
    hole_edge="chamfer",
    hole_edge_size=0.2,
    thickness_range=(0.2, 0.8),
    max_stroke=3.0,
    tolerances={"thickness": (0.45, 0.55), "hole_edge_size": (0.15, 0.25)},
)

#: Flat punch of 5.5 mm with an edge of 0.78 mm on a sheet of 1 to 4 mm that is held at a diameter of 13 mm: the rig of
#: the group that wrote arXiv 2506.17680, as in the input decks they published. They drove it to 4.5 mm.
SHEET = Rig(
    name="SHEET",
    punch_diameter=5.5,
    punch_edge_radius=0.78,
    disc_diameter=13.0,
    thickness_range=(1.0, 4.0),
    max_stroke=4.5,
)

#: Disc of 3 mm and 0.25 mm, as used in transmission electron microscopy, under a ball of radius 0.5 mm over a hole of
#: 1.75 mm with a chamfer of 0.2 mm: the miniature rig of EN 10371, from the same source. The tolerance of
#: the thickness is half that of the standard rig; the thickness range and the maximum stroke are limits of the model.
MINIATURE = Rig(
    name="MINIATURE",
    punch_diameter=1.0,
    punch_edge_radius=0.5,
    disc_diameter=3.0,
    hole_diameter=1.75,
    hole_edge="chamfer",
    hole_edge_size=0.2,
    thickness_range=(0.1, 0.4),
    max_stroke=1.2,
    tolerances={"thickness": (0.225, 0.275), "hole_edge_size": (0.15, 0.25)},
)

#: The rigs that come with the package, by name.
RIGS = {rig.name: rig for rig in (EN10371, SHEET, MINIATURE)}


def get_rig(rig: Rig | str) -> Rig:
    """The rig itself, or the one of that name among `RIGS`.

    Parameters
    ----------
    rig : Rig or str
        A rig, or the name of one in any spelling (:func:`rig_name`).

    Returns
    -------
    Rig

    Raises
    ------
    TypeError, ValueError
        If `rig` is neither, or no rig has the name; the message lists the names.

    Examples
    --------
    >>> from sklearn_spt.simulation import get_rig
    >>> get_rig("SHEET").punch_diameter
    5.5
    """
    if isinstance(rig, Rig):
        return rig
    if not isinstance(rig, str):
        raise TypeError(f"rig must be a Rig or the name of one ({', '.join(RIGS)}); got {type(rig).__name__}")
    found = RIGS.get(rig_name(rig)) if rig.strip() else None
    if found is None:
        raise ValueError(f"there is no rig {rig!r}; choose one of {', '.join(RIGS)}, or describe it with Rig(...)")
    return found
