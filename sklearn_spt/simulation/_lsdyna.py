"""Input decks for LS-DYNA, and the force-displacement curve in what it writes."""

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from ..utils.files import atomic_path
from ._deck import Material
from ._mesh import MeshSettings, build_model
from ._specimens import RoundBar, TensileSpecimen
from ._spt import FlowLaw, as_number, as_positive, curve_material, default_mesh, law_material
from ._tensile import check_elongation
from .rigs import Rig, get_rig

__all__ = ["read_lsdyna_curve", "write_lsdyna", "write_lsdyna_tensile"]

# Numbers of parts, sets and curves in a deck; the reader takes the punch's for its defaults.
_SPECIMEN, _PUNCH, _DIE = 1, 2, 3
_FLOW_CURVE, _MOTION_CURVE = 1, 2
# LS-DYNA resamples the curve of a material with this many intervals. Its default is too coarse for a curve that runs
# to plastic strains of 5 and bends near 0.
_FLOW_INTERVALS = 10_000
# Part of the time in which the speed rises from nothing to its constant value, and the points that describe it.
_RISE = 0.1
_RISE_POINTS = 41
_HISTORY_POINTS = 500
_FIELD_STATES = 50


def write_lsdyna(
    path: str | os.PathLike[str],
    material: FlowLaw | tuple[ArrayLike, ArrayLike],
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    E: float | None = None,
    nu: float = 0.3,
    friction: float | None = None,
    stroke: float | None = None,
    mesh: MeshSettings | None = None,
    duration: float = 0.002,
    density: float = 7.85e-9,
    title: str | None = None,
) -> Path:
    """Write a small punch test as a keyword deck for LS-DYNA.

    The model is that of :func:`simulate_spt`: axisymmetric, finite strains, von Mises plasticity with isotropic
    hardening, contact with Coulomb friction between disc and rigid tools, no damage. The decks were checked against the
    keywords' fields, but **never run**: no LS-DYNA was at hand. See the user guide before relying on one.

    Parameters
    ----------
    path : path-like
        The file to write, such as "disc.k".
    material : object, or tuple of two array-likes of shape (n_strains,)
        A law as :func:`simulate_spt` takes it, or the true strains and true stresses (MPa) of a curve as
        :func:`simulate_from_curve` takes them.
    rig : Rig or str, default="EN10371"
        The tools, or the name of a rig that comes with the package.
    thickness : float
        Initial thickness of the disc, mm.
    E : float, default=None
        Young's modulus for a curve, MPa. None: the greatest slope of the curve's points. A law brings its own.
    nu : float, default=0.3
        Poisson's ratio.
    friction : float, default=None
        Coulomb's coefficient between disc and tools. None: the rig's.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's greatest.
    mesh : MeshSettings, default=None
        Sizes of the linear elements; those of the tools are at most `coarse_size` long. None: half of those that
        `simulate_spt` takes for its quadratic ones, so that the nodes lie about as close.
    duration : float, default=0.002
        Simulated time of the test, s. The material knows no rate; a longer test costs more and has less inertia in it.
    density : float, default=7.85e-9
        Density of disc and tools, t/mm³. The default is usual for steel.
    title : str, default=None
        Title of the deck, at most 80 characters. None: rig and thickness.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not in its range: a thickness or stroke that the rig does not take, a material that softens,
        a title that is too long.
    FileNotFoundError
        If the folder does not exist.

    See Also
    --------
    read_lsdyna_curve : The curve in what LS-DYNA writes for such a deck.
    write_lsdyna_tensile : The tensile test.

    Notes
    -----
    Units are t, mm, s, N, MPa. The deck is explicit: the contact of a disc that is drawn around a ball, and the drop of
    the load behind its maximum, cost no convergence there, and this solution is what LS-DYNA is used for in forming.
    The punch's speed rises smoothly over the first tenth of the time and is constant from there on.

    Parts 1, 2, 3 are disc, punch and die; contacts 1 and 2 those of the disc with punch and die. Node 1 is the tip of
    the punch, and node 2 the middle of the disc's lower face, whose travel is the deflection.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import write_lsdyna
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     deck = write_lsdyna(Path(folder) / "disc.k", steel, "EN10371", thickness=0.5, stroke=2.0)
    ...     deck.read_text().splitlines()[0]
    '*KEYWORD'
    """
    flow = _as_material(material, E, nu)
    tools = get_rig(rig)
    thickness = as_positive("thickness", thickness)
    travel = tools.max_stroke if stroke is None else as_positive("stroke", stroke)
    tools.check_specimen(thickness, travel)
    mu = tools.friction if friction is None else as_number("friction", friction)
    if not 0 <= mu <= 2:
        raise ValueError(f"friction must lie in 0 to 2; got {friction!r}")
    duration, density = as_positive("duration", duration), as_positive("density", density)
    heading = _title(f"Small punch test, rig {tools.name}, thickness {thickness:g} mm" if title is None else title)

    if mesh is not None and not isinstance(mesh, MeshSettings):
        raise TypeError(f"mesh must be MeshSettings or None; got {type(mesh).__name__}")
    sizes = _halved(default_mesh(tools)) if mesh is None else mesh
    model = build_model(tools, thickness, sizes)
    # The mesh for CalculiX has a bore around the axis, which this solver does not need.
    flat = model.nodes.copy()
    flat[flat[:, 0] <= flat[model.axis[0], 0], 0] = 0.0
    disc = model.disc[:, :4]
    nodes, parts = [flat], [(_SPECIMEN, disc)]
    groups = [np.unique(disc)]
    for part, tool in ((_PUNCH, model.punch), (_DIE, model.die)):
        if tool.size:
            points, elements = _strip(flat[tool], sizes.coarse_size)
            first = sum(map(len, nodes))
            nodes.append(points)
            parts.append((part, first + elements))
            groups.append(first + np.arange(len(points)))
    corners, tip = groups[0], groups[1][0]
    middle = model.axis[np.argmin(flat[model.axis, 1])]
    numbers = _Numbers([tip, middle], groups)

    deck = _Deck(heading, ["small punch test, axisymmetric about the y axis"])
    deck.control(duration)
    deck.histories(duration, ["RCFORC", "BNDOUT", "RBDOUT"], numbers.of([tip, middle]))
    deck.specimen(flow, density, "disc", "SHELL")
    # The rigid parts' elastic constants enter the stiffness of the contact only.
    for part, name in ((_PUNCH, "punch"), (_DIE, "die"))[: len(parts) - 1]:
        deck.part(part, name, section=_SPECIMEN, material=part)
        # Constraints of a rigid body: 6 holds x and z, 7 holds x, y and z, or all rotations.
        deck.keyword("MAT_RIGID")
        deck.card(mid=part, ro=density, e=flow.E, pr=flow.nu, n=0.0, couple=0.0, m=0.0)
        deck.card(cmo=1.0, con1=6 if part == _PUNCH else 7, con2=7)
        deck.card(lco=0.0, a2=0.0, a3=0.0, v1=0.0, v2=0.0, v3=0.0)
    for part, _ in parts:
        deck.keyword("SET_PART_LIST")
        deck.card(sid=part)
        deck.card(pid1=part)
    for part, _ in parts[1:]:
        deck.keyword("CONTACT_2D_AUTOMATIC_SURFACE_TO_SURFACE")
        deck.card(surfa=_SPECIMEN, surfb=part, sfact=1.0, freq=50, fs=mu, fd=mu, dc=0.0)
        deck.card(tbirth=0.0, tdeath=1e20, soa=1.0, sob=1.0, nda=0, ndb=0, cof=0, init=0)
        deck.card(vc=0.0, vdc=10.0, ipf=0, slide=0, istiff=0, tiedgap=0.0, igapcl=0, tietyp=0)
        deck.card(sldsoa=0.0, sldsob=0.0, tdpen=0.0)
    deck.hold(1, numbers.of(np.intersect1d(model.axis, corners)), "x")
    deck.hold(2, numbers.of(np.intersect1d(model.held, corners)), "xy")
    deck.motion("RIGID", _PUNCH, 2, -travel, duration)
    deck.nodes(numbers, np.concatenate(nodes))
    deck.elements("SHELL", [(part, numbers.of(elements)) for part, elements in parts])
    return deck.write(path)


def write_lsdyna_tensile(
    path: str | os.PathLike[str],
    material: FlowLaw | tuple[ArrayLike, ArrayLike],
    specimen: TensileSpecimen | None = None,
    *,
    E: float | None = None,
    nu: float = 0.3,
    elongation: float | None = None,
    rows: int = 5,
    duration: float = 0.002,
    density: float = 7.85e-9,
    title: str | None = None,
) -> Path:
    """Write a tensile test as a keyword deck for LS-DYNA.

    The model is that of :func:`simulate_tensile`, with linear elements, and what is said of :func:`write_lsdyna` holds
    here too: the decks were checked against the keywords' fields, but **never run**.

    Parameters
    ----------
    path : path-like
        The file to write.
    material : object, or tuple of two array-likes of shape (n_strains,)
        A law, or true strains and true stresses (MPa), as in :func:`write_lsdyna`.
    specimen : TensileSpecimen, default=None
        A :class:`RoundBar` or a :class:`FlatStrip`. None: a round bar of 6 mm with a gauge of 30 mm.
    E : float, default=None
        Young's modulus for a curve, MPa, as in :func:`write_lsdyna`.
    nu : float, default=0.3
        Poisson's ratio.
    elongation : float, default=None
        Engineering strain of the gauge (1, not %) at which the test ends. None: as in :func:`simulate_tensile`.
    rows : int, default=5
        Quadratic elements that :func:`simulate_tensile` would have over the radius of a bar, or half the width of a
        strip; the deck has twice as many linear ones.
    duration : float, default=0.002
        Simulated time of the test, s.
    density : float, default=7.85e-9
        Density, t/mm³.
    title : str, default=None
        Title of the deck, at most 80 characters. None: the kind of specimen.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not in its range, the material softens, or it never necks and `elongation` is not given.
    FileNotFoundError
        If the folder does not exist.

    Notes
    -----
    Half of the gauge is modelled, from its middle to one mark. `bndout` has the forces on the nodes of the mark, and
    their total. The force on the specimen is 2π times the total for a bar (axisymmetric, per radian) and 4 times for a
    strip (a quarter of the section). `nodout` has a node of the mark (node 1), whose axial travel is half the
    elongation of the gauge, and the outline of the narrowest section.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import RoundBar, write_lsdyna_tensile
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     deck = write_lsdyna_tensile(Path(folder) / "bar.k", steel, RoundBar(diameter=5, gauge_length=25))
    ...     deck.read_text().splitlines()[0]
    '*KEYWORD'
    """
    flow = _as_material(material, E, nu)
    bar = RoundBar() if specimen is None else specimen
    if not isinstance(bar, TensileSpecimen):
        raise TypeError(f"specimen must be a RoundBar or a FlatStrip; got {type(specimen).__name__}")
    if isinstance(rows, bool) or not isinstance(rows, (int, np.integer)):
        raise TypeError(f"rows must be an integer; got {rows!r}")
    if not 1 <= rows <= 50:
        raise ValueError(f"rows must lie in 1 to 50; got {rows!r}")
    strain = check_elongation(elongation, flow, bar)
    duration, density = as_positive("duration", duration), as_positive("density", density)
    heading = _title(f"Tensile test, {type(bar).__name__}, gauge {bar.gauge_length:g} mm" if title is None else title)

    model = bar._model(2 * int(rows))
    flat = model.nodes.shape[1] == 2
    kind, axial, axes = ("SHELL", 2, "xy") if flat else ("SOLID", 3, "xyz")
    elements = model.elements[:, : 4 if flat else 8]
    corners = np.unique(elements)
    pulled, section = (np.intersect1d(nodes, corners) for nodes in (model.pulled, model.section))
    numbers = _Numbers([pulled[0]], [corners])

    deck = _Deck(heading, [f"tensile test, pulled along the {axes[-1]} axis"])
    deck.control(duration)
    deck.histories(duration, ["BNDOUT"], numbers.of(np.concatenate([pulled[:1], section])))
    deck.specimen(flow, density, "specimen", kind)
    for axis, nodes in model.planes:
        deck.hold(axis, numbers.of(np.intersect1d(nodes, corners)), axes[axis - 1])
    deck.node_set(len(axes) + 1, numbers.of(pulled))
    deck.motion("SET", len(axes) + 1, axial, strain * bar.gauge_length / 2, duration)
    deck.nodes(numbers, model.nodes)
    deck.elements(kind, [(_SPECIMEN, numbers.of(elements))])
    return deck.write(path)


def _as_material(material: Any, E: float | None, nu: float) -> Material:
    if isinstance(material, tuple):
        if len(material) != 2:
            raise ValueError(f"a material given by its curve is (strains, stresses); got a tuple of {len(material)}")
        return curve_material(*material, E, nu)
    if E is not None:
        raise ValueError("E belongs to a material given by its curve; a law has its own E, leave it out")
    if not hasattr(material, "flow_stress"):
        raise TypeError(
            "material must be a law of sklearn_spt.mechanics, or a tuple of true strains and true stresses; got "
            f"{type(material).__name__}"
        )
    return law_material(material, nu)


def _title(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"title must be a text; got {type(text).__name__}")
    if len(text) > 80 or not text.isascii() or not text.isprintable() or text[:1] in ("*", "$"):
        raise ValueError(
            f"title must be one line of at most 80 ASCII characters that does not begin with * or $; got {text!r}"
        )
    return text


def _halved(mesh: MeshSettings) -> MeshSettings:
    return MeshSettings(
        rows=2 * mesh.rows,
        edge_size=mesh.edge_size / 2,
        coarse_size=mesh.coarse_size / 2,
        growth=mesh.growth,
        arc_segments=mesh.arc_segments,
    )


def _strip(tool: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """A tool whose elements are no longer than `size` along its profile: nodes, the profile's first, and elements.

    The stiffness of the contact comes from the size of the segments; those of tool and disc should be alike.
    """
    profile, behind = np.split(tool, 2)
    pieces = np.ceil(np.linalg.norm(np.diff(profile, axis=0), axis=1) / size).astype(int)
    at = np.concatenate([*(k + np.arange(n) / n for k, n in enumerate(pieces)), [len(pieces)]])
    whole = np.arange(len(profile))
    points = [np.column_stack([np.interp(at, whole, x) for x in side.T]) for side in (profile, behind)]
    first = np.arange(len(at) - 1)
    elements = np.column_stack([first, first + 1, first + 1 + len(at), first + len(at)])
    return np.concatenate(points), elements


class _Numbers:
    """Numbers of nodes in the deck, from 1: some first, the others in the order of their groups."""

    def __init__(self, first: Iterable[int], groups: Iterable[np.ndarray]) -> None:
        order = dict.fromkeys([int(node) for node in first])
        for group in groups:
            order.update(dict.fromkeys(group.tolist()))
        self.order = np.fromiter(order, dtype=int)
        self._number = np.zeros(self.order.max() + 1, dtype=int)
        self._number[self.order] = np.arange(1, self.order.size + 1)

    def of(self, nodes: ArrayLike) -> np.ndarray:
        return self._number[np.asarray(nodes, dtype=int)]


class _Deck:
    """Lines of a keyword deck in its fixed format."""

    def __init__(self, title: str, remarks: Iterable[str]) -> None:
        self.lines = ["*KEYWORD", *(f"$ {remark}" for remark in remarks)]
        self.lines += ["$ written by sklearn_spt; units t, mm, s, N, MPa", "*TITLE", title]

    def keyword(self, name: str) -> None:
        self.lines.append(f"*{name}")

    def card(self, **values: float | int) -> None:
        """One card of fields of ten characters, and above it a comment with their names."""
        names = "".join(f"{name:>10}" for name in values)
        self.lines += [f"$#{names[2:]}", "".join(_field(value, 10) for value in values.values())]

    def table(self, width: Sequence[int], rows: Iterable[Iterable[float | int]]) -> None:
        self.lines += ["".join(_field(v, w) for v, w in zip(row, width, strict=True)) for row in rows]

    def control(self, duration: float) -> None:
        self.keyword("CONTROL_TERMINATION")
        self.card(endtim=duration)
        # Energies of hourglass modes and of sliding are asked for, to judge the run by.
        self.keyword("CONTROL_ENERGY")
        self.card(hgen=2, rwen=2, slnten=2)

    def histories(self, duration: float, kinds: Iterable[str], nodes: np.ndarray) -> None:
        for kind in ("GLSTAT", "NODOUT", *kinds):
            self.keyword(f"DATABASE_{kind}")
            # 3: text and the binary file.
            self.card(dt=duration / _HISTORY_POINTS, binary=3)
        self.keyword("DATABASE_BINARY_D3PLOT")
        self.card(dt=duration / _FIELD_STATES)
        self.keyword("DATABASE_HISTORY_NODE")
        self._list("id", nodes)

    def specimen(self, material: Material, density: float, name: str, kind: str) -> None:
        """Part 1 with its section, hourglass control and material."""
        self.part(_SPECIMEN, name, section=_SPECIMEN, material=_SPECIMEN, hourglass=_SPECIMEN)
        self.keyword(f"SECTION_{kind}")
        if kind == "SHELL":
            # 15: axisymmetric about y, volume weighted. One point of integration: linear elements with four were found
            # to lock in CalculiX.
            self.card(secid=_SPECIMEN, elform=15, shrf=1.0, nip=1)
            self.card(t1=0.0, t2=0.0, t3=0.0, t4=0.0)
        else:
            self.card(secid=_SPECIMEN, elform=1)
        # 6: Belytschko-Bindeman, the assumed strain form, for elements in two and three dimensions.
        self.keyword("HOURGLASS")
        self.card(hgid=_SPECIMEN, ihq=6, qm=0.1)
        self.keyword("MAT_PIECEWISE_LINEAR_PLASTICITY")
        self.card(
            mid=_SPECIMEN,
            ro=density,
            e=material.E,
            pr=material.nu,
            sigy=float(material.flow_stress[0]),
            etan=0.0,
            fail=0.0,
            tdel=0.0,
        )
        self.card(c=0.0, p=0.0, lcss=_FLOW_CURVE, lcsr=0, vp=0.0)
        self.card(**{f"eps{i}": 0.0 for i in range(1, 9)})
        self.card(**{f"es{i}": 0.0 for i in range(1, 9)})
        self.curve(_FLOW_CURVE, material.plastic_strain, material.flow_stress, intervals=_FLOW_INTERVALS)

    def part(self, number: int, name: str, *, section: int, material: int, hourglass: int = 0) -> None:
        self.lines += ["*PART", name]
        self.card(pid=number, secid=section, mid=material, eosid=0, hgid=hourglass)

    def curve(self, number: int, x: np.ndarray, y: np.ndarray, intervals: int = 0) -> None:
        self.keyword("DEFINE_CURVE")
        self.card(lcid=number, sidr=0, sfa=1.0, sfo=1.0, offa=0.0, offo=0.0, dattyp=0, lcint=intervals)
        self.table((20, 20), zip(x.tolist(), y.tolist(), strict=True))

    def motion(self, kind: str, target: int, direction: int, travel: float, duration: float) -> None:
        """Move a rigid part or a set of nodes by `travel` until the end."""
        self.keyword(f"BOUNDARY_PRESCRIBED_MOTION_{kind}")
        # vad=0: the curve is a speed. As a displacement the solver would have to differentiate it.
        first = {"pid" if kind == "RIGID" else "nsid": target}
        self.card(**first, dof=direction, vad=0, lcid=_MOTION_CURVE, sf=math.copysign(1.0, travel))
        time, speed = _speed(abs(travel), duration)
        self.curve(_MOTION_CURVE, time, speed)

    def node_set(self, number: int, nodes: np.ndarray) -> None:
        self.keyword("SET_NODE_LIST")
        self.card(sid=number)
        self._list("nid", np.sort(nodes))

    def hold(self, number: int, nodes: np.ndarray, axes: str) -> None:
        self.node_set(number, nodes)
        self.keyword("BOUNDARY_SPC_SET")
        held = {f"dof{axis}": int(axis in axes) for axis in "xyz"}
        self.card(nsid=number, cid=0, **held, dofrx=0, dofry=0, dofrz=0)

    def nodes(self, numbers: _Numbers, nodes: np.ndarray) -> None:
        self.keyword("NODE")
        points = np.zeros((numbers.order.size, 3))
        points[:, : nodes.shape[1]] = nodes[numbers.order]
        self.table((8, 16, 16, 16), ([i, *point] for i, point in enumerate(points.tolist(), start=1)))

    def elements(self, kind: str, parts: Iterable[tuple[int, np.ndarray]]) -> None:
        self.keyword(f"ELEMENT_{kind}")
        number = 0
        for part, elements in parts:
            rows = elements.tolist()
            self.table((8,) * (2 + len(rows[0])), ([number + i, part, *row] for i, row in enumerate(rows, start=1)))
            number += len(rows)

    def _list(self, name: str, values: np.ndarray) -> None:
        for start in range(0, len(values), 8):
            self.card(**{f"{name}{i}": int(value) for i, value in enumerate(values[start : start + 8], start=1)})

    def write(self, path: str | os.PathLike[str]) -> Path:
        with atomic_path(path) as temporary:
            temporary.write_text("\n".join([*self.lines, "*END"]) + "\n", encoding="ascii", newline="\n")
        return Path(path)


def _field(value: float | int, width: int) -> str:
    """A number, right-aligned in its field with as many digits as fit."""
    if isinstance(value, int):
        text = str(value)
    else:
        # One blank between the fields, so that they can be told apart by eye.
        for digits in range(12, 2, -1):
            text = f"{value:.{digits}g}"
            text = text if set(text) & set(".e") else f"{text}.0"
            if len(text) < width:
                break
    if len(text) > width:
        raise ValueError(f"the number {text} does not fit into a field of {width} characters of the deck")
    return text.rjust(width)


def _speed(travel: float, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Speed over time that rises as half a cosine, is constant then, and makes `travel` in `duration`."""
    x = np.linspace(0, 1, _RISE_POINTS)
    # The curve goes on beyond the end, where a last step may take the solver.
    time = duration * np.concatenate([_RISE * x, [1.0, 1.1]])
    shape = np.concatenate([(1 - np.cos(np.pi * x)) / 2, [1.0, 1.0]])
    # The solver joins the points by straight lines.
    area = np.sum((shape[1:-1] + shape[:-2]) / 2 * np.diff(time[:-1]))
    return time, shape * (travel / area)


_KINDS = ("rcforc", "bndout", "nodout", "rbdout")
# Fortran drops the E of an exponent of three digits, and fills a field with stars that is too narrow.
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[ED][-+]?\d+|[-+]\d{3})?|[-+]?nan|[-+]?inf(?:inity)?|\*+)"
_RCFORC = re.compile(
    rf"\s*(slave|surfa|master|surfb)\s*(\d+)\s*time\s*{_NUMBER}\s*x\s*{_NUMBER}\s*y\s*{_NUMBER}\s*z\s*{_NUMBER}", re.I
)
_BNDOUT_TIME = re.compile(rf"\s*n o d a l\s+f o r c e/e n e r g y\s+o u t p u t\s+t=\s*{_NUMBER}\s*$", re.I)
_BNDOUT_FORCE = re.compile(
    rf"\s*(nd|mt|mat)#\s*(\d+)\s*xforce=\s*{_NUMBER}\s*yforce=\s*{_NUMBER}\s*zforce=\s*{_NUMBER}", re.I
)
_BNDOUT_TOTAL = re.compile(rf"\s*xtotal=\s*{_NUMBER}\s*ytotal=\s*{_NUMBER}\s*ztotal=\s*{_NUMBER}", re.I)
_NODOUT_TIME = re.compile(rf"\s*n o d a l\s+p r i n t\s+o u t\s.*\(\s*at time\s*{_NUMBER}\s*\)", re.I)
_RBDOUT_TIME = re.compile(rf"\s*r i g i d\s+b o d y\s+m o t i o n.*time=\s*{_NUMBER}", re.I)
_RBDOUT_BODY = re.compile(r"\s*(?:nodal )?rigid body\s*(\d+)\s*$", re.I)
_RBDOUT_MOVED = re.compile(rf"\s*displacements:\s*{_NUMBER}\s*{_NUMBER}\s*{_NUMBER}", re.I)
_MARKS = {"rcforc": _RCFORC, "bndout": _BNDOUT_TIME, "nodout": _NODOUT_TIME, "rbdout": _RBDOUT_TIME}
_SIDES = {"slave": "A", "surfa": "A", "master": "B", "surfb": "B"}
_MIN_POINTS = 5

_Series = dict[Any, list[tuple[float, ...]]]


def read_lsdyna_curve(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    force: str | None = None,
    interface: int = 1,
    part: int = _PUNCH,
    node: int | None = 1,
    axis: str = "y",
    per_radian: bool = True,
    thickness: float | None = None,
    rig: str | None = None,
    name: str | None = None,
) -> SPTCurve:
    """Read the force-displacement curve of the punch from the text files that LS-DYNA writes.

    The force is that of a contact (`rcforc`) or the one that moves the punch (`bndout`), the displacement that of a
    node (`nodout`) or of the rigid punch (`rbdout`). The defaults fit the decks of :func:`write_lsdyna`.

    Parameters
    ----------
    source : path-like, or iterable of path-likes
        The folder of the run, or the files. In a folder the files are known by their names ("rcforc", or "job.rcforc"
        where a job had a name), otherwise by what stands in them.
    force : {"rcforc", "bndout"}, default=None
        The file of the force. None: `rcforc` if there is one, else `bndout`.
    interface : int, default=1
        Number of the contact between punch and disc in `rcforc`.
    part : int, default=2
        Number of the rigid punch in `bndout` and `rbdout`. Where nodes are moved instead of a rigid part, the force is
        the total of `bndout`.
    node : int, default=1
        Number of the node in `nodout` whose travel is the displacement. None: that of the rigid punch in `rbdout`,
        which is also taken where there is no `nodout`.
    axis : {"x", "y", "z"}, default="y"
        Direction of the punch.
    per_radian : bool, default=True
        Multiply the forces by 2π: those of the volume-weighted axisymmetric elements are taken to be per radian. See
        the notes. False for a model in three dimensions of the whole disc.
    thickness : float, default=None
        Initial thickness of the specimen, mm.
    rig : str, default=None
        Name of the rig.
    name : str, default=None
        Name of the curve.

    Returns
    -------
    SPTCurve
        Displacement (mm) and load (N) for decks in N and mm, from the first time of both files to the last. `metadata`
        names the files and the options.

    Raises
    ------
    FileNotFoundError
        If a file is missing. The message says which, and which keyword asks LS-DYNA for it.
    TypeError, ValueError
        If an option is none of those above, the files have no such contact, part or node (the message lists those that
        they have), a line cannot be read, or a number overflowed its field.

    Notes
    -----
    Both sides of a contact carry the same force with opposite signs, and the punch may move up or down: load and
    displacement get the sign that makes them grow. A run that was restarted writes times twice; the later lines count.
    A last line, or a last block of lines, that was cut off is left out.

    That these forces are per radian was **not checked**: neither a source that says so nor the program was at hand. A
    factor of 6.28 cannot be missed when the curve is compared with one of :func:`simulate_spt` for the same material.

    The layouts are those of LSTC's converter `l2a` for `binout` files, which writes these same text files, and of
    files with the newer words "SURFA" and "SURFB".

    Examples
    --------
    >>> from sklearn_spt.simulation import read_lsdyna_curve
    >>> curve = read_lsdyna_curve("run", thickness=0.5, rig="EN10371")  # doctest: +SKIP
    >>> curve.metadata["solver"]  # doctest: +SKIP
    'LS-DYNA'
    """
    if force not in (None, "rcforc", "bndout"):
        raise ValueError(f"force must be 'rcforc', 'bndout' or None; got {force!r}")
    if axis not in ("x", "y", "z"):
        raise ValueError(f"axis must be 'x', 'y' or 'z'; got {axis!r}")
    if not isinstance(per_radian, (bool, np.bool_)):
        raise TypeError(f"per_radian must be True or False; got {per_radian!r}")
    files = _find_files(source)
    kind = force or ("bndout" if "bndout" in files and "rcforc" not in files else "rcforc")
    moved = "nodout" if node is not None and ("nodout" in files or "rbdout" not in files) else "rbdout"
    for needed in (kind, moved):
        if needed not in files:
            _missing(needed, " (or bndout)" if needed == "rcforc" and force is None else "", source, files)
    column = 1 + "xyz".index(axis)

    if kind == "rcforc":
        time, load = _rcforc(files[kind], interface, column)
    else:
        time, load = _bndout(files[kind], part, column)
    if moved == "nodout":
        assert node is not None
        at, travel = _of(_nodout(files[moved]), files[moved], "node", node, column)
    else:
        at, travel = _of(_rbdout(files[moved]), files[moved], "rigid part", part, column)
    both = (time >= at[0]) & (time <= at[-1])
    if np.count_nonzero(both) < _MIN_POINTS:
        raise ValueError(
            f"{files[kind]} and {files[moved]} have {np.count_nonzero(both)} times in common, and at least "
            f"{_MIN_POINTS} are needed: the first runs from {time[0]:g} to {time[-1]:g}, the second from {at[0]:g} to "
            f"{at[-1]:g}; check that they are of the same run"
        )
    displacement = np.interp(time[both], at, travel)
    load = load[both] * (2 * math.pi if per_radian else 1.0)
    # The greatest value tells the sign: contact forces of an explicit run swing about 0 before the first contact.
    displacement, load = (v * math.copysign(1.0, v[np.argmax(np.abs(v))]) for v in (displacement, load))
    return SPTCurve(
        # + 0.0 makes a plain zero of -0.0.
        displacement + 0.0,
        load + 0.0,
        thickness=thickness,
        rig=rig,
        name=name,
        displacement_kind="punch",
        metadata={
            "solver": "LS-DYNA",
            "files": [str(files[kind]), str(files[moved])],
            "force": kind,
            **({"interface": interface} if kind == "rcforc" else {"part": part}),
            "displacement": f"node {node}" if moved == "nodout" else f"part {part}",
            "axis": axis,
            "per_radian": bool(per_radian),
        },
    )


def _find_files(source: Any) -> dict[str, Path]:
    if isinstance(source, Mapping) or not isinstance(source, (str, os.PathLike, Iterable)):
        raise TypeError(f"source must be a folder or files; got {type(source).__name__}")
    if isinstance(source, (str, os.PathLike)):
        folder = Path(source)
        if not folder.exists():
            raise FileNotFoundError(f"there is no folder or file {folder}")
        if folder.is_dir():
            named: dict[str, Path] = {}
            for path in sorted(folder.iterdir()):
                kind = path.name.lower().rsplit(".", 1)[-1]
                if kind in _KINDS and path.is_file():
                    if kind in named:
                        raise ValueError(
                            f"{folder} has more than one file {kind}: {named[kind].name} and {path.name}; pass the "
                            "files of one run"
                        )
                    named[kind] = path
            return named
        source = [folder]
    found: dict[str, Path] = {}
    for path in map(Path, source):
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}")
        kind = _kind(path)
        if kind in found:
            raise ValueError(f"{found[kind]} and {path} are both {kind} files; pass those of one run")
        found[kind] = path
    return found


def _kind(path: Path) -> str:
    for _, line in _lines(path):
        for kind, mark in _MARKS.items():
            if mark.match(line):
                return kind
    raise ValueError(f"{path} is none of the files {', '.join(_KINDS)} of LS-DYNA, or holds no time")


def _missing(kind: str, other: str, source: Any, files: dict[str, Path]) -> None:
    have = ", ".join(sorted(files)) or "none of them"
    hint = f"*DATABASE_{kind.upper()} with BINARY 1 or 3 in the deck asks LS-DYNA for it"
    if isinstance(source, (str, os.PathLike)) and Path(source).is_dir() and any(Path(source).glob("binout*")):
        hint += "; the folder has a binout file, which LSTC's program l2a turns into text files"
    raise FileNotFoundError(f"the file {kind}{other} is needed and missing (there is {have}); {hint}")


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    """Numbered lines of a file, without a last one that has no end: it was cut off."""
    with path.open(encoding="latin-1") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith("\n"):
                yield number, line.rstrip("\n")


def _numbers(path: Path, line: int, texts: Iterable[str]) -> tuple[float, ...]:
    values = []
    for text in texts:
        plain = re.sub(r"(?<=[\d.])([-+]\d{3})$", r"E\1", text.strip().upper().replace("D", "E"))
        try:
            value = float(plain)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(f"{path}, line {line}: {text.strip()!r} is not a finite number; the run went wrong there")
        values.append(value)
    return tuple(values)


def _add(series: _Series, key: Any, row: tuple[float, ...]) -> None:
    """Append a row that begins with its time; what a restarted run writes again takes the place of the earlier."""
    rows = series.setdefault(key, [])
    while rows and rows[-1][0] >= row[0]:
        rows.pop()
    rows.append(row)


def _of(series: _Series, path: Path, what: str, key: Any, column: int) -> tuple[np.ndarray, np.ndarray]:
    if key not in series:
        have = ", ".join(str(k) for k in sorted(series)) or "none"
        raise ValueError(f"{path} has no {what} {key!r}; it has {have}")
    table = np.array(series[key])
    return table[:, 0], table[:, column]


def _rcforc(path: Path, interface: int, column: int) -> tuple[np.ndarray, np.ndarray]:
    sides: dict[str, _Series] = {"A": {}, "B": {}}
    for number, line in _lines(path):
        found = _RCFORC.match(line)
        if found:
            row = _numbers(path, number, found.groups()[2:])
            _add(sides[_SIDES[found[1].lower()]], int(found[2]), row)
        elif re.match(r"\s*(slave|surfa|master|surfb)\s*\d+\s*time", line, re.I):
            raise ValueError(f"{path}, line {number} is not as rcforc has it: {line.strip()!r}")
    # A transducer without a second side has only the first.
    side = sides["A"] if interface in sides["A"] else sides["B"] or sides["A"]
    return _of(side, path, "contact", interface, column)


def _bndout(path: Path, part: int, column: int) -> tuple[np.ndarray, np.ndarray]:
    bodies: _Series = {}
    totals: _Series = {}
    time: float | None = None
    moved = False
    for number, line in _lines(path):
        if start := _BNDOUT_TIME.match(line):
            (time,) = _numbers(path, number, start.groups())
            moved = False
        elif "boundary condition forces" in line or "nodal point forces" in line:
            # Only forces of prescribed motions count; loads stand in the other sections.
            moved = "velocity" in line
        elif time is not None and moved and (found := _BNDOUT_FORCE.match(line)):
            if found[1].lower() == "mat":
                _add(bodies, int(found[2]), (time, *_numbers(path, number, found.groups()[2:])))
        elif time is not None and moved and (found := _BNDOUT_TOTAL.match(line)):
            _add(totals, "total", (time, *_numbers(path, number, found.groups())))
    if bodies or not totals:
        return _of(bodies, path, "rigid part", part, column)
    return _of(totals, path, "force", "total", column)


def _nodout(path: Path) -> _Series:
    nodes: _Series = {}
    time: float | None = None
    moved = False
    for number, line in _lines(path):
        if start := _NODOUT_TIME.match(line):
            (time,) = _numbers(path, number, start.groups())
            moved = False
        elif "nodal point" in line:
            # A second block of the same time holds rotations.
            moved = "x-disp" in line
        elif time is not None and moved and line[:10].strip().isdigit():
            # Fields of 12 characters behind the number; they may touch.
            row = _numbers(path, number, (line[i : i + 12] for i in (10, 22, 34)))
            _add(nodes, int(line[:10]), (time, *row))
    return nodes


def _rbdout(path: Path) -> _Series:
    bodies: _Series = {}
    time: float | None = None
    body: int | None = None
    for number, line in _lines(path):
        if start := _RBDOUT_TIME.match(line):
            (time,) = _numbers(path, number, start.groups())
            body = None
        elif found := _RBDOUT_BODY.match(line):
            body = int(found[1])
        elif time is not None and body is not None and (found := _RBDOUT_MOVED.match(line)):
            _add(bodies, body, (time, *_numbers(path, number, found.groups())))
            # The second such line of a body is in local directions.
            body = None
    return bodies
