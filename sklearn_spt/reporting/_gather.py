"""The specimens of a report: files read one by one, facts that were given for all, and groups."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..curves import SPTCurve, as_curves
from ..exceptions import Message, message_of
from ..io import read_curves
from ..io._facts import Specimen
from ..io._files import find_files
from ..io._specimens import read_specimens
from ..io._units import split_unit
from ..io._words import plain
from ..utils.warnings import with_warnings
from ._document import UnreadFile

# Keys of a curve's metadata that name its group unless `group` says which; compared without regard to case.
GROUP_KEYS = ("material", "group")
# Columns of the table of specimens that mean something to the report.
_TABLE_COLUMNS = ("thickness", "temperature", "rig", "displacement kind", *GROUP_KEYS)


@dataclass
class Gathered:
    """What was read: curves with what was warned of in reading them, files without a curve, and other warnings."""

    curves: list[tuple[SPTCurve, list[Warning]]]
    unread: list[UnreadFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """A name for every specimen."""
        return [
            f"specimen {index}" if curve.name is None else str(curve.name)
            for index, (curve, _) in enumerate(self.curves, start=1)
        ]


def gather(curves: Any, reading: Mapping[str, Any] | None = None, **facts: str | None) -> Gathered:
    """Read the files, or take the curves; `facts` are those that are given for all specimens."""
    found = _read(curves, reading)
    given = {name: value for name, value in facts.items() if value is not None}
    if given:
        found.curves = [(_stated(curve, given), said) for curve, said in found.curves]
    return found


def _read(curves: Any, reading: Mapping[str, Any] | None) -> Gathered:
    entries = [curves] if isinstance(curves, str | os.PathLike) else curves
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, str | os.PathLike) for entry in entries):
        if reading:
            raise TypeError("reading= is for files, and curves were given")
        return Gathered([(curve, []) for curve in as_curves(curves)])
    if not entries:
        raise ValueError("no curves and no files were given")
    options = dict(reading or {})
    files, folders = find_files([Path(entry) for entry in entries])
    table = options.get("metadata")
    if table is not None:
        rows = read_specimens(table).rows
        if not isinstance(table, Mapping):
            files = [file for file in files if not file.samefile(table)]
    found: list[tuple[SPTCurve, list[Warning]]] = []
    unread = []
    for file in files:
        try:
            of_file, said = with_warnings(read_curves, file, **options)
        except (ValueError, OSError, ImportError) as error:
            unread.append(UnreadFile(path=str(file), error=_without(str(file), message_of(error))))
        else:
            found += [(curve, said) for curve in of_file]
    if not found:
        first = unread[0]
        rest = f"; and {len(unread) - 1} more" if len(unread) > 1 else ""
        raise ValueError(Message(f"no file could be read: {first.path}: ", first.error, rest))
    general: list[str] = _mistyped(rows.values()) if table is not None else []
    if table is not None and folders:
        names = {curve.name for curve, _ in found} | {n for file in files for n in (file.name, file.stem)}
        unused = [name for name in rows if name not in names]
        if unused:
            general.append(f"the table of specimens has lines for which there is no curve: {', '.join(unused)}")
    return Gathered(found, unread, general, files)


def _without(file: str, message: Message) -> Message:
    """A message without the name of the file in front, which stands beside it."""
    first, *rest = message.parts
    for mark in (": ", ", "):
        if isinstance(first, str) and first.startswith(file + mark):
            return Message(first[len(file + mark) :], *rest, about=message.about)
    return message


def _mistyped(rows: Iterable[Specimen]) -> list[str]:
    """Say which columns of the table of specimens have almost the name of one that means something."""
    said = []
    for key in dict.fromkeys(str(key) for row in rows for key in row.metadata):
        name = plain(split_unit(key).base)
        meant = get_close_matches(name, _TABLE_COLUMNS, n=1, cutoff=0.8)
        if meant and meant[0] != name:
            said.append(
                f"the table of specimens has a column {key!r}, which is listed with each specimen and not taken for "
                f"{meant[0]!r}; correct its name if that is meant"
            )
    return said


def _stated(curve: SPTCurve, facts: Mapping[str, str]) -> SPTCurve:
    """The curve with facts that were given for all."""
    source = curve.source
    if source is not None:
        source = replace(source, origin={**source.origin, **{name: f"{name}=" for name in facts}})
    return curve.replace(**facts, source=source)


def find_groups(curves: Sequence[SPTCurve], group: str | None) -> tuple[str | None, list[str | None]]:
    wanted = GROUP_KEYS if group is None else (group,)
    for key in wanted:
        found = []
        for curve in curves:
            values = [v for k, v in curve.metadata.items() if str(k).strip().lower() == key.strip().lower()]
            # A column of numbers has "17" as 17.0.
            shown = f"{values[0]:g}" if values and isinstance(values[0], float) else str(values[0]) if values else ""
            found.append(shown.strip() or None)
        if any(value is not None for value in found):
            return key, found
    if group is not None and curves:
        known = sorted({str(key) for curve in curves for key in curve.metadata})
        raise ValueError(f"no curve has {group!r} in its metadata; there is {', '.join(map(repr, known)) or 'nothing'}")
    return None, [None] * len(curves)
