"""Designs of experiments: the specimens of a data set."""

import inspect
import itertools
import json
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

import numpy as np
from scipy.stats import qmc

from .. import mechanics
from ..mechanics import HardeningLaw
from ..utils.parameters import check_parameter
from ..utils.state import Flag
from ..utils.validation import check_number
from . import calculix
from ._flow import check_modulus
from ._mesh import MeshSettings
from .embedded import Numerics
from .rigs import Rig, get_rig

__all__ = ["Design", "DesignPoint", "LawSpace"]

# Draws from the Sobol sequence come in blocks of this power of two; the sequence's first points do not depend on it.
_FIRST_BLOCK = 10
_MAX_BLOCK = 22
# Limits of the stress that fewer points than one of this many pass are taken for a mistake.
_RAREST = 2**14


@dataclass(frozen=True, kw_only=True)
class LawSpace:
    """A hardening law with the ranges of its parameters.

    Parameters
    ----------
    law : type
        A class of :mod:`sklearn_spt.mechanics`.
    ranges : mapping of str to tuple of two floats
        Lowest and highest value of each parameter that varies.
    fixed : mapping of str to float, default={}
        Value of each parameter that does not.
    weight : float, default=1
        Share of the design, relative to the other laws' weights.
    logarithmic : sequence of str, default=()
        Parameters of `ranges` that are spread evenly over their logarithm.
    scaled : bool, default=False
        The parameters are those of the law's `scaled`: dimensionless, with the yield stress over Young's modulus.

    Raises
    ------
    TypeError, ValueError
        If the law has no parameter of a name, or takes one that is not given; or refuses the values at the ends.
    """

    law: type[HardeningLaw]
    ranges: Mapping[str, tuple[float, float]]
    fixed: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    logarithmic: Sequence[str] = ()
    scaled: bool = False

    def __post_init__(self) -> None:
        if not (isinstance(self.law, type) and issubclass(self.law, HardeningLaw)):
            raise TypeError(f"LawSpace: law must be a class of sklearn_spt.mechanics; got {self.law!r}")
        check_number(self, "weight", above=0)
        owner = f"LawSpace of {self.law.__name__}"
        for name in ("ranges", "fixed"):
            if not isinstance(getattr(self, name), Mapping):
                raise TypeError(f"{owner}: {name} must map parameters' names; got {getattr(self, name)!r}")
        ranges = {name: _checked_range(f"{owner}: {name}", limits) for name, limits in self.ranges.items()}
        object.__setattr__(self, "ranges", ranges)
        object.__setattr__(self, "fixed", dict(self.fixed))
        for name in self.ranges:
            if name in self.fixed:
                raise ValueError(f"{owner}: {name} is both in ranges and in fixed")
        check_parameter(owner, "scaled", self.scaled, Flag())
        object.__setattr__(self, "logarithmic", tuple(self.logarithmic))
        for name in self.logarithmic:
            if name not in self.ranges or self.ranges[name][0] <= 0:
                raise ValueError(f"{owner}: logarithmic names {name!r}, which is no positive range")
        if self.scaled and self.law._from_yield is None:
            raise ValueError(f"{owner}: this law is not given by dimensionless numbers; leave scaled out")
        check_parameters(self.law, [*self.ranges, *self.fixed], scaled=self.scaled)
        # Names and values that the law refuses show here, not after hours.
        for end in (0.0, 1.0):
            check_modulus(f"{owner}: E", self.at(np.full(len(self.ranges), end)).E)

    def at(self, unit: np.ndarray) -> HardeningLaw:
        """The law at a point of the unit cube.

        Parameters
        ----------
        unit : ndarray of shape (n_ranges,)
            Coordinates in [0, 1], in the order of `ranges`.

        Returns
        -------
        HardeningLaw
        """
        values = {
            name: low * (high / low) ** float(u) if name in self.logarithmic else low + (high - low) * float(u)
            for (name, (low, high)), u in zip(self.ranges.items(), unit, strict=True)
        }
        make = self.law.scaled if self.scaled else self.law
        return make(**self.fixed, **values)


@dataclass(frozen=True, kw_only=True)
class DesignPoint:
    """One specimen of a design: what :func:`simulate_spt` needs to know.

    Parameters
    ----------
    index : int
        Place of the point in the design.
    law : HardeningLaw
        The material.
    thickness : float
        Thickness of the disc, mm.
    friction : float
        Coulomb's coefficient.
    nu : float
        Poisson's ratio.
    rig : Rig
        The tools.
    """

    index: int
    law: HardeningLaw
    thickness: float
    friction: float
    nu: float
    rig: Rig


@dataclass(frozen=True, kw_only=True)
class Design:
    """A scrambled Sobol design over hardening laws, thickness and friction.

    Point `i` depends on the design's parameters and on `i` alone: a design can be continued, and its first thousand
    points are a design of their own.

    Parameters
    ----------
    name : str
        Name of the design; curves are named after it.
    rig : Rig or str
        The tools, or the name of a rig that comes with the package.
    laws : sequence of LawSpace
        The laws and their parameters' ranges.
    thickness : tuple of two floats
        Range of the initial thickness, mm.
    friction : tuple of two floats
        Range of Coulomb's coefficient; twice the same number keeps it constant.
    nu : float or tuple of two floats, default=0.3
        Poisson's ratio, or its range.
    tools : mapping of str to tuple of two floats, default={}
        Ranges of dimensions of the rig, by the name of its field (mm), such as ``{"hole_edge_size": (0.15, 0.25)}``. A
        ball stays one where its `punch_diameter` varies.
    hole_edges : sequence of str, default=()
        Shapes of the hole's edge that take turns. Empty: the rig's.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's maximum.
    load_limit, load_drop : float, default=None
        Other ends of the test, as in :func:`simulate_spt`.
    yield_range : tuple of two floats, default=None
        Points whose initial yield stress (MPa) lies outside are skipped.
    max_stress : float, default=None
        Points whose flow stress at a plastic strain of 1 is greater (MPa) are skipped.
    max_stress_ratio : float, default=None
        The same with that flow stress over Young's modulus.
    seed : int, default=0
        Seed of the scrambling.
    mesh : MeshSettings, default=None
        Sizes of the elements.
    numerics : Numerics, default=None
        Stiffness of the contacts and size of the increments, of the solver that is to be used.

    Raises
    ------
    TypeError, ValueError
        If a value is not in its range; the message names it.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import Design, LawSpace
    >>> swift = LawSpace(law=Swift, ranges={"K": (400, 1200), "n": (0.05, 0.3)}, fixed={"E": 210e3, "epsilon0": 0.005})
    >>> design = Design(name="mild", rig="EN10371", laws=[swift], thickness=(0.48, 0.52), friction=(0.05, 0.3))
    >>> point = next(design.points(1))
    >>> 400 < point.law.K < 1200
    True
    """

    name: str
    rig: Rig | str
    laws: Sequence[LawSpace]
    thickness: tuple[float, float]
    friction: tuple[float, float] = (0.1, 0.1)
    nu: float | tuple[float, float] = 0.3
    tools: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    hole_edges: Sequence[str] = ()
    stroke: float | None = None
    load_limit: float | None = None
    load_drop: float | None = None
    yield_range: tuple[float, float] | None = None
    max_stress: float | None = None
    max_stress_ratio: float | None = None
    seed: int = 0
    mesh: MeshSettings | None = None
    numerics: Numerics | calculix.Numerics | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Design: name must be a text; got {self.name!r}")
        rig = get_rig(self.rig)
        object.__setattr__(self, "rig", rig)
        object.__setattr__(self, "laws", tuple(self.laws))
        if not self.laws:
            raise ValueError("Design: laws is empty; give at least one LawSpace")
        for space in self.laws:
            if not isinstance(space, LawSpace):
                raise TypeError(f"Design: laws must be LawSpace objects; got {space!r}")
        check_number(self, "seed", int, low=0)
        object.__setattr__(self, "seed", int(self.seed))
        check_number(self, "stroke", above=0, none=True)
        check_number(self, "load_limit", above=0, none=True)
        check_number(self, "load_drop", above=0, below=1, none=True)
        for name in ("max_stress", "max_stress_ratio"):
            check_number(self, name, above=0, none=True)
        nu: Any = self.nu
        object.__setattr__(self, "nu", (nu, nu) if isinstance(nu, numbers.Real) else nu)
        for name in ("thickness", "friction", "nu", "yield_range"):
            if getattr(self, name) is not None or name != "yield_range":
                object.__setattr__(self, name, _checked_range(f"Design: {name}", getattr(self, name)))
        for name, limit in (("friction", 2), ("nu", 0.499)):
            low, high = getattr(self, name)
            if not 0 <= low <= high <= limit:
                raise ValueError(f"Design: {name} must lie in 0 to {limit}; got {low:g} to {high:g}")
        self._check_tools(rig)
        for name, kinds in (("mesh", (MeshSettings,)), ("numerics", (Numerics, calculix.Numerics))):
            if not isinstance(getattr(self, name), (*kinds, type(None))):
                raise TypeError(f"Design: {name} must be a {kinds[0].__name__} or None; got {getattr(self, name)!r}")

    def _check_tools(self, rig: Rig) -> None:
        """Every combination of the ends of the tools' ranges must be a rig that takes every thickness."""
        if not isinstance(self.tools, Mapping):
            raise TypeError(f"Design: tools must map dimensions of the rig to their ranges; got {self.tools!r}")
        for name in self.tools:
            if name not in rig.lengths:
                raise ValueError(
                    f"Design: tools names {name!r}; rig {rig.name} has the lengths {', '.join(rig.lengths)}"
                )
        tools = {name: _checked_range(f"Design: tools: {name}", limits) for name, limits in self.tools.items()}
        object.__setattr__(self, "tools", tools)
        object.__setattr__(self, "hole_edges", tuple(self.hole_edges))
        if self.hole_edges and rig.hole_diameter is None:
            raise ValueError(f"Design: hole_edges has no meaning for rig {rig.name}, which has no hole; leave it out")
        for ends in itertools.product((0.0, 1.0), repeat=len(tools)):
            for edge in self.hole_edges or (rig.hole_edge,):
                some = self._rig_at(ends, edge)
                for thickness in self.thickness:
                    some.check_specimen(thickness, some.max_stroke if self.stroke is None else self.stroke)

    def _rig_at(self, unit: Sequence[float], hole_edge: str) -> Rig:
        """The rig at a point of the unit cube of the tools' ranges."""
        rig: Rig = self.rig  # type: ignore[assignment]
        changes: dict[str, Any] = {
            name: low + (high - low) * float(u) for (name, (low, high)), u in zip(self.tools.items(), unit, strict=True)
        }
        if rig.is_ball and "punch_diameter" in changes:
            changes["punch_edge_radius"] = changes["punch_diameter"] / 2
        return rig.replace(hole_edge=hole_edge, **changes) if self.tools or self.hole_edges else rig

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Design":
        """The design that plain data describe, such as the content of a JSON file.

        Parameters
        ----------
        record : mapping
            What `describe` returns, or written by hand: the parameters of the class by name, of which those with a
            default may be left out. `rig` is a name or a mapping of the parameters of :class:`Rig`; each of `laws` is
            a mapping of `law` (the name of a class of :mod:`sklearn_spt.mechanics`) and the other parameters of
            :class:`LawSpace`;
            `mesh` and `numerics` are mappings of the parameters of their classes.

        Returns
        -------
        Design

        Raises
        ------
        TypeError, ValueError
            If a field is unknown, missing or not valid; the message names it.

        Examples
        --------
        >>> from sklearn_spt.simulation import Design
        >>> swift = {"law": "Swift", "ranges": {"K": [400, 1200]}, "fixed": {"E": 210e3, "epsilon0": 0.005, "n": 0.2}}
        >>> design = Design.from_dict({"name": "mild", "rig": "EN10371", "thickness": [0.48, 0.52], "laws": [swift]})
        >>> Design.from_dict(design.describe()) == design
        True
        """
        values = _checked_fields(cls, record)
        if isinstance(values["rig"], Mapping):
            values["rig"] = rig_from_dict(values["rig"])
        if isinstance(values["laws"], str | Mapping) or not isinstance(values["laws"], Sequence):
            raise TypeError(f"Design: laws must be a list; got {values['laws']!r}")
        values["laws"] = [_space_from_dict(space) for space in values["laws"]]
        for name, kinds in (("mesh", (MeshSettings,)), ("numerics", (Numerics, calculix.Numerics))):
            given = values.get(name)
            if isinstance(given, Mapping):
                # The numerics of CalculiX have other parameters.
                kind = next((kind for kind in kinds if given.keys() <= {f.name for f in fields(kind)}), kinds[0])
                values[name] = kind(**_checked_fields(kind, given))
        return cls(**values)

    def points(self, n: int, start: int = 0) -> Iterator[DesignPoint]:
        """Points `start` to `n` - 1 of the design.

        Parameters
        ----------
        n : int
            Points of the design, from its first on.
        start : int, default=0
            Index of the first point wanted.

        Yields
        ------
        DesignPoint

        Raises
        ------
        ValueError
            If `n` is not positive or more than two million, or hardly any points pass `yield_range` and `max_stress`.
        """
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
            raise ValueError(f"n, the number of points, must be a positive whole number; got {n!r}")
        if n > 2 ** (_MAX_BLOCK - 1):
            raise ValueError(f"a design has at most {2 ** (_MAX_BLOCK - 1)} points; got {n!r}")
        weights = np.cumsum([space.weight for space in self.laws])
        weights /= weights[-1]
        several = len(self.laws) > 1
        # The place of the law comes last; what a design does not vary takes no dimension, so that older designs keep
        # their points.
        min_nu, max_nu = self._nu_range
        varies = int(min_nu < max_nu), len(self.tools), int(len(self.hole_edges) > 1)
        most = 2 + max(len(space.ranges) for space in self.laws)
        dimensions = most + sum(varies) + several
        sobol = qmc.Sobol(dimensions, scramble=True, seed=self.seed)
        index = tried = 0
        for power in range(_FIRST_BLOCK, _MAX_BLOCK):
            # The first two blocks are of equal size, each later one as large as all before it.
            unit = sobol.random_base2(power if power == _FIRST_BLOCK else power - 1)
            for u in unit:
                tried += 1
                space = self.laws[int(np.searchsorted(weights, u[-1], side="right"))] if several else self.laws[0]
                law = space.at(u[2 : 2 + len(space.ranges)])
                if not self._accepts(law):
                    if tried >= _RAREST * (index + 1):
                        raise self._too_narrow(tried, index)
                    continue
                if index >= start:
                    yield self._point(index, law, u[:2], u[most : most + sum(varies)])
                index += 1
                if index >= n:
                    return
        raise self._too_narrow(tried, index)

    def _point(self, index: int, law: HardeningLaw, unit: np.ndarray, extra: np.ndarray) -> DesignPoint:
        thickness, friction = (
            low + (high - low) * float(v) for (low, high), v in zip((self.thickness, self.friction), unit, strict=True)
        )
        low, high = self._nu_range
        coordinates = list(map(float, extra))
        nu = low + (high - low) * coordinates.pop(0) if low < high else low
        edges = self.hole_edges or (self.rig.hole_edge,)  # type: ignore[union-attr]
        edge = edges[min(int(coordinates.pop() * len(edges)), len(edges) - 1)] if len(edges) > 1 else edges[0]
        rig = self._rig_at(coordinates, edge)
        return DesignPoint(index=index, law=law, thickness=thickness, friction=friction, nu=nu, rig=rig)

    @property
    def _nu_range(self) -> tuple[float, float]:
        return self.nu  # type: ignore[return-value]

    def _too_narrow(self, tried: int, found: int) -> ValueError:
        return ValueError(
            f"design {self.name!r}: of the first {tried} points only {found} have a yield stress in "
            f"{self.yield_range} and a flow stress at plastic strain 1 within max_stress ({self.max_stress}) and "
            f"max_stress_ratio ({self.max_stress_ratio}); widen these limits"
        )

    def _accepts(self, law: HardeningLaw) -> bool:
        if self.yield_range is not None and not self.yield_range[0] <= law.yield_stress <= self.yield_range[1]:
            return False
        if self.max_stress is None and self.max_stress_ratio is None:
            return True
        stress = float(law.flow_stress(1.0))
        too_strong = self.max_stress is not None and stress > self.max_stress
        return not too_strong and (self.max_stress_ratio is None or stress <= self.max_stress_ratio * float(law.E))

    def describe(self) -> dict[str, Any]:
        """The design as plain data, for manifests and for `from_dict`.

        Returns
        -------
        dict
            Numbers, strings, lists and dicts only.
        """
        record = asdict(self)
        record["laws"] = [
            {
                "law": s.law.__name__,
                "ranges": dict(s.ranges),
                "fixed": dict(s.fixed),
                "weight": s.weight,
                "logarithmic": list(s.logarithmic),
                "scaled": s.scaled,
            }
            for s in self.laws
        ]
        return json.loads(json.dumps(record))


def law_named(name: Any) -> type[HardeningLaw]:
    """The law of :mod:`sklearn_spt.mechanics` of that name, in upper or lower case."""
    things = [getattr(mechanics, thing) for thing in mechanics.__all__]
    laws = {
        thing.__name__: thing
        for thing in things
        if isinstance(thing, type) and issubclass(thing, HardeningLaw) and thing is not HardeningLaw
    }
    found = [law for known, law in laws.items() if isinstance(name, str) and known.lower() == name.lower()]
    if not found:
        raise ValueError(f"there is no hardening law {name!r}; choose one of {', '.join(laws)}")
    return found[0]


def check_parameters(law: type[HardeningLaw], names: Sequence[str], *, scaled: bool = False) -> None:
    """Refuse names that are not those of the law's parameters, and miss none of those."""
    parameters = dict(inspect.signature(law).parameters)
    if scaled:
        numbers = inspect.signature(law._from_yield).parameters  # type: ignore[arg-type]
        given = {name: parameters["E"].replace(name=name) for name in ("E", "yield_strain")}
        parameters = given | {name: number for name, number in numbers.items() if name != "sigma0"}
    known = list(parameters)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{law.__name__} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in names]
    if missing:
        raise ValueError(f"{law.__name__} also needs {', '.join(missing)}")


def rig_from_dict(record: Mapping[str, Any]) -> Rig:
    """The rig that plain data describe."""
    values = _checked_fields(Rig, record)
    values["thickness_range"] = _checked_range("Rig: thickness_range", values["thickness_range"])
    return Rig(**values)


def _space_from_dict(record: Any) -> LawSpace:
    values = _checked_fields(LawSpace, record)
    values["law"] = law_named(values["law"])
    return LawSpace(**values)


def _checked_fields(kind: Any, record: Any) -> dict[str, Any]:
    """The record as keywords of the class; refuses unknown and missing ones."""
    owner = kind.__name__
    if not isinstance(record, Mapping):
        raise TypeError(f"{owner}: plain data must be a mapping of its parameters; got {record!r}")
    known = {parameter.name: parameter for parameter in fields(kind)}
    unknown = [name for name in record if name not in known]
    if unknown:
        raise ValueError(f"{owner} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")
    missing = [
        name
        for name, parameter in known.items()
        if parameter.default is MISSING and parameter.default_factory is MISSING and name not in record
    ]
    if missing:
        raise ValueError(f"{owner} also needs {', '.join(missing)}")
    return dict(record)


def _checked_range(owner: str, limits: Any) -> tuple[float, float]:
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        raise TypeError(f"{owner} must be two numbers, the lower first; got {limits!r}") from None
    if not -np.inf < low <= high < np.inf:
        raise ValueError(f"{owner} must be two finite numbers, the lower first; got {limits!r}")
    return low, high
