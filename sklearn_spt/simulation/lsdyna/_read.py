"""The force-displacement curve in what LS-DYNA writes."""

import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...curves import SPTCurve
from ...utils.parameters import check_parameter
from ...utils.state import Choice, Flag
from ._keywords import PUNCH

__all__ = ["read_lsdyna_curve"]

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
    part: int = PUNCH,
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

    That these forces are per radian was **not checked**: neither a source that says so nor the program was available. A
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
    check_parameter("", "force", force, Choice(options=("rcforc", "bndout"), none=True))
    check_parameter("", "axis", axis, Choice(options=("x", "y", "z")))
    check_parameter("", "per_radian", per_radian, Flag())
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
    # The largest value tells the sign: contact forces of an explicit run swing about 0 before the first contact.
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
    """Append a row that begins with its time; what a restarted run writes again overrides the earlier."""
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
