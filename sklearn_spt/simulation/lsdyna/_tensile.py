"""The deck of a tensile test."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...utils.validation import as_positive
from .._flow import FlowLaw, as_material
from .._specimens import RoundBar, TensileSpecimen
from .._tensile import check_elongation, check_rows
from ._keywords import SPECIMEN, Deck, Numbers, check_title

__all__ = ["write_lsdyna_tensile"]


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
    flow = as_material(material, E, nu)
    bar = RoundBar() if specimen is None else specimen
    if not isinstance(bar, TensileSpecimen):
        raise TypeError(f"specimen must be a RoundBar or a FlatStrip; got {type(specimen).__name__}")
    check_rows(rows)
    strain = check_elongation(elongation, flow, bar)
    duration, density = as_positive("duration", duration), as_positive("density", density)
    heading = check_title(
        f"Tensile test, {type(bar).__name__}, gauge {bar.gauge_length:g} mm" if title is None else title
    )

    model = bar._model(2 * int(rows))
    flat = model.nodes.shape[1] == 2
    kind, axial, axes = ("SHELL", 2, "xy") if flat else ("SOLID", 3, "xyz")
    elements = model.elements[:, : 4 if flat else 8]
    corners = np.unique(elements)
    pulled, section = (np.intersect1d(nodes, corners) for nodes in (model.pulled, model.section))
    numbers = Numbers([pulled[0]], [corners])

    deck = Deck(heading, [f"tensile test, pulled along the {axes[-1]} axis"])
    deck.control(duration)
    deck.histories(duration, ["BNDOUT"], numbers.of(np.concatenate([pulled[:1], section])))
    deck.specimen(flow, density, "specimen", kind)
    for axis, nodes in model.planes:
        deck.hold(axis, numbers.of(np.intersect1d(nodes, corners)), axes[axis - 1])
    deck.node_set(len(axes) + 1, numbers.of(pulled))
    deck.motion("SET", len(axes) + 1, axial, strain * bar.gauge_length / 2, duration)
    deck.nodes(numbers, model.nodes)
    deck.elements(kind, [(SPECIMEN, numbers.of(elements))])
    return deck.write(path)
