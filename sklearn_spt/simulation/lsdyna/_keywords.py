"""Keyword decks for LS-DYNA in their fixed format: titles, numbers, cards, and what all decks of the package have."""

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...utils.files import atomic_path
from .._flow import Material

# Numbers of parts, sets and curves in a deck; the reader takes the punch's for its defaults.
SPECIMEN, PUNCH, DIE = 1, 2, 3
_FLOW_CURVE, _MOTION_CURVE = 1, 2
# LS-DYNA resamples the curve of a material with this many intervals. Its default is too coarse for a curve that runs
# to plastic strains of 5 and bends near 0.
_FLOW_INTERVALS = 10_000
# Part of the time in which the speed rises from nothing to its constant value, and the points that describe it.
_RISE = 0.1
_RISE_POINTS = 41
_HISTORY_POINTS = 500
_FIELD_STATES = 50


def check_title(text: str) -> str:
    """The title of a deck, if it is one that LS-DYNA takes."""
    if not isinstance(text, str):
        raise TypeError(f"title must be a text; got {type(text).__name__}")
    if len(text) > 80 or not text.isascii() or not text.isprintable() or text[:1] in ("*", "$"):
        raise ValueError(
            f"title must be one line of at most 80 ASCII characters that does not begin with * or $; got {text!r}"
        )
    return text


class Numbers:
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


class Deck:
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
        self.part(SPECIMEN, name, section=SPECIMEN, material=SPECIMEN, hourglass=SPECIMEN)
        self.keyword(f"SECTION_{kind}")
        if kind == "SHELL":
            # 15: axisymmetric about y, volume weighted. One point of integration: linear elements with four were found
            # to lock in CalculiX.
            self.card(secid=SPECIMEN, elform=15, shrf=1.0, nip=1)
            self.card(t1=0.0, t2=0.0, t3=0.0, t4=0.0)
        else:
            self.card(secid=SPECIMEN, elform=1)
        # 6: Belytschko-Bindeman, the assumed strain form, for elements in two and three dimensions.
        self.keyword("HOURGLASS")
        self.card(hgid=SPECIMEN, ihq=6, qm=0.1)
        self.keyword("MAT_PIECEWISE_LINEAR_PLASTICITY")
        self.card(
            mid=SPECIMEN,
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

    def nodes(self, numbers: Numbers, nodes: np.ndarray) -> None:
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
