"""The lines above the numbers that name the columns and their units."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ._numbers import SEPARATORS, split_cells
from ._table import Table
from ._units import ROLES, bases, is_unit_row, parse_unit, split_unit
from ._words import find_words, plain, roles_in, understand

MAX_LINE = 10_000  # characters; a longer line names no columns
_FAR = 12  # lines above the numbers in which names are looked for
_VALUE = re.compile(r"[+\-−]?\d[\d.,]*(\s*(mm|µm|um|°C|℃|C|K))?", re.IGNORECASE)


class Header(NamedTuple):
    """The lines above the numbers that name the columns."""

    names: Sequence[str] = ()
    units: Sequence[str] = ()
    groups: Sequence[str] = ()  # what stands above the names, such as one specimen's name per pair of columns
    lines: frozenset[int] = frozenset()  # that were taken for names and units


class _Names(NamedTuple):
    """A line that may name the columns: the roles of the record in it, all roles, whether it has as many cells."""

    score: tuple[int, int, bool]
    distance: int
    cells: list[str]


def header_cells(table: Table, line: int, n_columns: int) -> list[str]:
    """The cells of a line above the numbers, as many as there are columns where the line can be split so."""
    text = table.text(line)
    if len(text) > MAX_LINE and table.sheet is None:
        return []
    cells = table.cells(line)
    while cells and not cells[-1]:
        cells = cells[:-1]
    if table.sheet is not None or (table.dialect.separator != " " and len(cells) > 1):
        return cells
    text = text.strip()
    splits = [split_cells(text, table.dialect._replace(separator=mark)) for mark in SEPARATORS if mark.strip()]
    splits += [text.split("\t"), re.split(r"\s{2,}|\t", text)]
    # Names of several words, each with its unit in brackets.
    splits.append([part.strip() for part in re.findall(r"[^\[\](){}]+[\[({][^\[\](){}]*[\])}]", text)])
    splits.append(text.split() if table.dialect.separator == " " else cells)
    return next((split for split in splits if len(split) == n_columns), cells)


def find_header(table: Table, above: Sequence[int], n_columns: int) -> Header | None:
    """The names and units among the lines above a block of numbers, or None."""
    lines = [line for line in above if table.kinds[line] != ord("_")][: -_FAR - 1 : -1]
    rows = [header_cells(table, line, n_columns) for line in lines]
    of_units = [k for k, cells in enumerate(rows) if is_unit_row(cells) and not _begins_with_units(cells)]
    others = [(k, lines[k], cells) for k, cells in enumerate(rows) if k not in of_units]
    best, before = _find_names(table, others, n_columns)
    if best is None:
        return Header(units=rows[of_units[0]], lines=frozenset({lines[of_units[0]]})) if of_units else None
    # Others belong to another table.
    of_units = [k for k in of_units if k <= best.distance + 1]
    # Between the names and the numbers other units stand than those that are known.
    if before and not of_units and before.distance == best.distance - 1 and _are_units(best.cells, before.cells):
        of_units = [before.distance]
    units, groups = rows[of_units[0]] if of_units else [], [*rows, []][best.distance + 1]
    return Header(best.cells, units, groups, frozenset(lines[k] for k in (*of_units, best.distance)))


def _begins_with_units(cells: list[str]) -> bool:
    """Whether a line states the units of columns that others name."""
    return bool(cells) and bool(find_words(plain(cells[0]), "unit"))


def _find_names(
    table: Table, rows: list[tuple[int, int, list[str]]], n_columns: int
) -> tuple[_Names | None, _Names | None]:
    """The line of names, and the one that would be that without it; `rows` have their distance from the numbers."""
    best = before = None
    for distance, line, cells in rows:
        names = None if _begins_with_units(cells) else _names(table, line, cells, distance, n_columns)
        # Without a word that is known, only names directly above the numbers (or their units) count.
        if names and (best is None or (names.score[0] and names.score > best.score)):
            best, before = names, best
    return best, before


def _names(table: Table, line: int, cells: list[str], distance: int, n_columns: int) -> _Names | None:
    filled = [cell for cell in cells if cell]
    # "Thickness;0.502" above columns that commas separate is a fact, and no line of names.
    if len(filled) < 2 or table.n_numbers[line] or any(map(_VALUE.fullmatch, filled)):
        return None
    roles = [understand(base).role for base in bases(filled)]
    known = {*roles} | {split.unit.quantity for cell in filled if (split := split_unit(cell)).unit}
    score = (len(known & set(ROLES)), sum(role is not None for role in roles), len(filled) == n_columns)
    return _Names(score, distance, cells) if score[0] or (score[2] and distance <= 1) else None


def _are_units(names: list[str], cells: list[str]) -> bool:
    """Whether other words stand below the names of displacement and load: no specimen's name, which would be one."""
    below: dict[str, set[str]] = {role: set() for role in ROLES}
    for name, cell in zip(names, cells, strict=False):
        role = understand(split_unit(name).base).role
        if role in below and not split_unit(name).unit:
            below[role].add(cell)
    words = set.union(*below.values())
    return (
        all(below.values())
        and (set.isdisjoint(*below.values()) or all(map(parse_unit, words)))
        and all(re.fullmatch(r"[^\W\d_][^:]{0,11}", word) for word in words)
    )


def has_names(cells: Sequence[str]) -> bool:
    """Whether there is a name that is known."""
    return bool(roles_in(bases(cells)))
