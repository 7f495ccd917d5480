"""The deck of a small punch test."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...utils.validation import as_positive
from .._flow import FlowLaw, as_material
from .._mesh import MeshSettings, check_mesh
from .._punch_test import punch_test
from ..calculix import build_model, default_mesh
from ..rigs import Rig
from ._keywords import DIE, PUNCH, SPECIMEN, Deck, Numbers, check_title

__all__ = ["write_lsdyna"]


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
    keywords' fields, but **never run**: no LS-DYNA was available. See the user guide before relying on one.

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
        Young's modulus for a curve, MPa. None: the maximum slope of the curve's points. A law brings its own.
    nu : float, default=0.3
        Poisson's ratio.
    friction : float, default=None
        Coulomb's coefficient between disc and tools. None: the rig's.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's largest.
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
    flow = as_material(material, E, nu)
    test = punch_test(rig, thickness, friction, stroke)
    tools, thickness = test.rig, test.thickness
    duration, density = as_positive("duration", duration), as_positive("density", density)
    heading = check_title(f"Small punch test, rig {tools.name}, thickness {thickness:g} mm" if title is None else title)

    check_mesh(mesh)
    sizes = _halved(default_mesh(tools)) if mesh is None else mesh
    model = build_model(tools, thickness, sizes)
    # The mesh for CalculiX has a bore around the axis, which this solver does not need.
    flat = model.nodes.copy()
    flat[flat[:, 0] <= flat[model.axis[0], 0], 0] = 0.0
    disc = model.disc[:, :4]
    nodes, parts = [flat], [(SPECIMEN, disc)]
    groups = [np.unique(disc)]
    for part, tool in ((PUNCH, model.punch), (DIE, model.die)):
        if tool.size:
            points, elements = _strip(flat[tool], sizes.coarse_size)
            first = sum(map(len, nodes))
            nodes.append(points)
            parts.append((part, first + elements))
            groups.append(first + np.arange(len(points)))
    corners, tip = groups[0], groups[1][0]
    middle = model.axis[np.argmin(flat[model.axis, 1])]
    numbers = Numbers([tip, middle], groups)

    deck = Deck(heading, ["small punch test, axisymmetric about the y axis"])
    deck.control(duration)
    deck.histories(duration, ["RCFORC", "BNDOUT", "RBDOUT"], numbers.of([tip, middle]))
    deck.specimen(flow, density, "disc", "SHELL")
    # The rigid parts' elastic constants enter the stiffness of the contact only.
    for part, name in ((PUNCH, "punch"), (DIE, "die"))[: len(parts) - 1]:
        deck.part(part, name, section=SPECIMEN, material=part)
        # Constraints of a rigid body: 6 holds x and z, 7 holds x, y and z, or all rotations.
        deck.keyword("MAT_RIGID")
        deck.card(mid=part, ro=density, e=flow.E, pr=flow.nu, n=0.0, couple=0.0, m=0.0)
        deck.card(cmo=1.0, con1=6 if part == PUNCH else 7, con2=7)
        deck.card(lco=0.0, a2=0.0, a3=0.0, v1=0.0, v2=0.0, v3=0.0)
    for part, _ in parts:
        deck.keyword("SET_PART_LIST")
        deck.card(sid=part)
        deck.card(pid1=part)
    for part, _ in parts[1:]:
        deck.keyword("CONTACT_2D_AUTOMATIC_SURFACE_TO_SURFACE")
        deck.card(surfa=SPECIMEN, surfb=part, sfact=1.0, freq=50, fs=test.friction, fd=test.friction, dc=0.0)
        deck.card(tbirth=0.0, tdeath=1e20, soa=1.0, sob=1.0, nda=0, ndb=0, cof=0, init=0)
        deck.card(vc=0.0, vdc=10.0, ipf=0, slide=0, istiff=0, tiedgap=0.0, igapcl=0, tietyp=0)
        deck.card(sldsoa=0.0, sldsob=0.0, tdpen=0.0)
    deck.hold(1, numbers.of(np.intersect1d(model.axis, corners)), "x")
    deck.hold(2, numbers.of(np.intersect1d(model.held, corners)), "xy")
    deck.motion("RIGID", PUNCH, 2, -test.stroke, duration)
    deck.nodes(numbers, np.concatenate(nodes))
    deck.elements("SHELL", [(part, numbers.of(elements)) for part, elements in parts])
    return deck.write(path)


def _halved(mesh: MeshSettings) -> MeshSettings:
    return MeshSettings(
        rows=2 * mesh.rows,
        edge_size=mesh.edge_size / 2,
        coarse_size=mesh.coarse_size / 2,
        growth=mesh.growth / 2,
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
