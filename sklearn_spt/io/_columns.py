"""Which columns of a table hold displacement and load, and in which units."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ._sniff import SEPARATORS
from ._table import Table
from ._units import ROLES, Name, Unit, is_unit_row, parse_unit, split_unit, unit_of_cell
from ._words import Meaning, find_words, has_channel_number, is_only, plain, understand, words

MAX_LINE = 10_000  # characters; a longer line names no columns
_VALUE = re.compile(r"[+\-−]?\d[\d.,]*(\s*(mm|µm|um|°C|℃|C|K))?", re.IGNORECASE)


class NoCurvesError(ValueError):
    """A table that holds no curves; an error unless other sheets of the workbook hold some."""


class Header(NamedTuple):
    """The lines above the numbers that name the columns."""

    names: list[str]
    units: list[str]
    groups: list[str]  # what stands above the names, such as one specimen's name per pair of columns
    lines: set[int]  # that were taken for names and units


class Column(NamedTuple):
    """A column of numbers."""

    position: int
    name: str
    unit: Unit | None
    meaning: Meaning

    def show(self) -> str:
        return f"{self.position}: {self.name[:40]!r}" if self.name else f"{self.position}: (no name)"


class Pair(NamedTuple):
    """The displacement and the load of one specimen."""

    displacement: Column
    load: Column
    label: str | None
    by_position: tuple[str, ...] = ()


def listed(items: Iterable[Any], most: int = 6) -> str:
    """The first of several things, as messages list them."""
    shown = [item.show() if isinstance(item, Column) else repr(str(item)[:40]) for item in items]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more or "none"


# The header


def header_cells(table: Table, line: int, n_columns: int) -> list[str]:
    """The cells of a line above the numbers, as many as there are columns where the line can be split so."""
    cells = table.cells(line)
    if table.sheet is None:
        if len(table.text(line)) > MAX_LINE:
            return []
        if cells:
            cells[0] = cells[0].lstrip("#% ").removeprefix("//").strip()
            if not cells[0] and table.dialect.separator == " ":
                cells = cells[1:]
    while cells and not cells[-1]:
        cells = cells[:-1]
    if table.sheet is not None or (table.dialect.separator != " " and len(cells) > 1):
        return cells
    text = table.text(line).strip().lstrip("#% ").removeprefix("//").strip()
    splits = [
        [cell.strip().strip('"') for cell in text.split(mark)] for mark in SEPARATORS if mark != " " and mark in text
    ]
    splits.append(re.split(r"\s{2,}|\t", text))
    # Names of several words, each with its unit in brackets.
    splits.append([part.strip() for part in re.findall(r"[^\[\](){}]+[\[({][^\[\](){}]*[\])}]", text)])
    if table.dialect.separator == " ":
        splits.append(text.split())
    return next((split for split in splits if len(split) == n_columns), cells)


def roles_in(cells: Sequence[str]) -> set[str]:
    """The roles of the names in a line."""
    return {meaning.role for cell in cells if (meaning := understand(split_unit(cell).base)).role}


def find_header(table: Table, above: Sequence[int], n_columns: int) -> Header | None:
    """The names and units among the lines above a block of numbers, or None."""
    units: list[str] = []
    lines: set[int] = set()
    best: tuple[tuple[int, int, int], int, list[str]] | None = None
    between: list[tuple[int, list[str]]] = []
    candidates = [line for line in above if table.kinds[line] != ord("_")][-12:]
    for distance, line in enumerate(reversed(candidates)):
        cells = header_cells(table, line, n_columns)
        if cells and find_words(plain(cells[0]), "unit"):
            continue  # which states the units of columns that others name
        if is_unit_row(cells):
            units = units or cells
            lines.add(line)
            continue
        filled = [cell for cell in cells if cell]
        # "Thickness;0.502" above columns that commas separate is a fact, and no line of names.
        if len(filled) < 2 or table.n_numbers[line] > 0 or any(_VALUE.fullmatch(cell) for cell in filled):
            continue
        roles = [understand(split_unit(cell).base).role for cell in filled]
        both = {*roles} | {split.unit.quantity for cell in filled if (split := split_unit(cell)).unit}
        score = (len(both & set(ROLES)), sum(role is not None for role in roles), len(filled) == n_columns)
        # Without a word that is known, only names that stand directly above the numbers (or their units) count.
        if (score[0] or (score[2] and distance <= 1 and best is None)) and (best is None or score > best[0]):
            between = [(best[1], best[2])] if best else []
            best = (score, distance, cells)
    if best is None:
        return Header([], units, [], lines) if units else None
    _, distance, names = best
    lines.add(candidates[-distance - 1])
    for below, cells in between:
        # Between the names and the numbers other units stand than those that are known.
        if not units and below == distance - 1 and _are_unknown_units(names, cells):
            units = cells
            lines.add(candidates[-below - 1])
    groups = header_cells(table, candidates[-distance - 2], n_columns) if distance + 1 < len(candidates) else []
    return Header(names, units, groups, lines)


def _are_unknown_units(names: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether other words stand below the names of displacement and load: no specimen's name, which would be one."""
    below = {
        cells[k]
        for k, name in enumerate(names)
        if k < len(cells) and understand(split_unit(name).base).role in ROLES and not split_unit(name).unit
    }
    return len(below) > 1 and all(re.fullmatch(r"[^\W\d_][^\d:]{0,11}", cell) for cell in below)


def stated_units(table: Table, lines: Iterable[int]) -> tuple[dict[str, Unit], list[list[Unit]]]:
    """The units that lines such as "Units: N, inch" and "Y_Unit_Label;lbf;mm" state.

    Returns them by the role that the line names ("Force unit: kN", "Force in kN"), and as they stand in a line.
    """
    by_role: dict[str, Unit] = {}
    in_order: list[list[Unit]] = []
    for line in lines:
        text = table.text(line) if len(table.cells(line)) < 100 else ""
        if not text or len(text) > 500 or table.n_numbers[line]:
            continue
        if not find_words(plain(text), "unit"):
            for part in re.split(r"[,;\t]|\bvs\b\.?", text):
                split = split_unit(part.strip("#%/ "))
                meaning = understand(split.base)
                if split.unit and split.unit.quantity == meaning.role and not meaning.label:
                    by_role.setdefault(split.unit.quantity, split.unit)
            continue
        # "All units in mm and N"
        text = re.sub(r"(?<=\w) in (?=\w)", " ", text)
        tokens = [token for token in re.split(r"[\s,;|&=:#%()\[\]{}<>\"]+", text) if token]
        n = 0
        while n < len(tokens) and not parse_unit(tokens[n]) and _names_units(tokens[n]):
            n += 1
        key = " ".join(tokens[:n])
        units = [parse_unit(token) or Unit(token, "unknown") for token in tokens[n:]]
        units = [unit for unit in units if unit.quantity != "unknown" or not _names_units(unit.text)]
        if not units or not find_words(plain(key), "unit"):
            continue
        role = understand(key).role
        systems = any(plain(unit.text) in words("marks")["systems"].split() for unit in units)
        known = [unit.quantity for unit in units if unit.quantity != "unknown"]
        if role in ROLES and len(units) == 1:
            by_role[str(role)] = units[0]
        elif {*known} & {*ROLES} or systems or len(units) == len(known) > 1:
            in_order.append(units)
    return by_role, in_order


def _names_units(token: str) -> bool:
    return is_only(token, ("concepts", "unit"), ("qualifiers", "unit"), *(("concepts", c) for c in (*ROLES, "time")))


# The columns


def make_columns(
    header: Header | None, n_columns: int, where: str, table: Table, above: Sequence[int], given: Mapping[str, str]
) -> list[Column]:
    """The columns of a block with what their names and units tell."""
    names = header.names if header else []
    if names and len(names) < n_columns:
        hint = ""
        if n_columns == 2 * len(names):
            hint = "; if the comma separates the columns and is the decimal sign too, export with another separator"
        raise ValueError(
            f"{where}: the line of names has {len(names)} columns ({listed(names)}) and the numbers "
            f"have {n_columns}{hint}. Correct the names, or give the columns by their position: "
            "columns={'displacement': 0, 'load': 1}"
        )
    columns = []
    for index in range(n_columns):
        name = names[index] if index < len(names) else ""
        split = split_unit(name)
        below = unit_of_cell(header.units[index]) if header and index < len(header.units) else None
        is_name = split.unit and not split.base and below and split.unit[1:3] != below[1:3]
        if is_name or (below and plain(name) == "t"):
            # A "t" is time or temperature, as the unit says, and no ton; an "s" above "mm" is a way, and no second.
            split = Name(name, None)
        if split.unit and below and (split.unit.quantity, split.unit.factor) != (below.quantity, below.factor):
            raise ValueError(
                f"{where}: the name {name!r} has another unit than the line below it, {below.text!r}; correct one of "
                "them in the file"
            )
        columns.append(Column(index, name, split.unit or below, understand(split.base)))
    lines = [line for line in above if header is None or line not in header.lines]
    return _with_stated_units(columns, stated_units(table, lines), given, where)


def _with_stated_units(
    columns: list[Column], stated: tuple[dict[str, Unit], list[list[Unit]]], given: Mapping[str, str], where: str
) -> list[Column]:
    """The columns with the units that a line of its own states of them."""
    by_role, in_order = stated
    by_place: dict[int, Unit] = {}
    for units in in_order:
        each = [[unit for unit in dict.fromkeys(units) if unit.quantity == role] for role in ROLES]
        # Each column has its own, but for that of the time in front.
        offset = len(columns) - len(units)
        own = dict(zip(range(offset, len(columns)), units, strict=True)) if offset in (0, 1) else {}
        if own and all(columns[k].meaning.role in (None, u.quantity) for k, u in own.items() if u.quantity in ROLES):
            by_place |= own
            continue
        unknown = [unit for unit in units if unit.quantity == "unknown"]
        for role, fitting in zip(ROLES, each, strict=True):
            if len(fitting) == 1:
                by_role.setdefault(role, fitting[0])
            elif fitting or unknown:
                by_role.setdefault(role, Unit(", ".join(unit.text for unit in fitting or unknown), "unknown"))
    changed = []
    for column in columns:
        role = column.meaning.role or ""
        unit = by_place.get(column.position) or by_role.get(role)
        other = unit and column.unit and unit.quantity == column.unit.quantity and unit.factor != column.unit.factor
        if unit and column.unit and other and role not in given:
            raise ValueError(
                f"{where}: the column {column.show()} is in {column.unit.text!r}, and a line above it states "
                f"{unit.text!r}; correct one of them in the file"
            )
        changed.append(column._replace(unit=column.unit or unit))
    return changed


def choose_pairs(columns: list[Column], header: Header | None, wanted: Mapping[str, Any], where: str) -> list[Pair]:
    """The displacement and load columns, one pair per specimen; refuses to guess.

    `columns` are those that hold numbers. `wanted` are names or positions that the user gave.
    """
    found: dict[str, list[Column]] = {}
    by_position: list[str] = []
    taken = {c.position for r in wanted for c in columns if wanted[r] in (c.position, c.name) and wanted[r] != ""}
    for role in ROLES:
        if role in wanted:
            found[role] = _given(columns, wanted[role], role, where)
        else:
            found[role] = _candidates([c for c in columns if c.position not in taken], role)
    if not (found["displacement"] or found["load"]) and alternate(columns):
        by_position = list(ROLES)
        found = {role: columns[k::2] for k, role in enumerate(ROLES)}
    elif not (found["displacement"] and found["load"]):
        by_position = _fill_by_position(columns, found)
    for role in ROLES:
        if not found[role]:
            raise NoCurvesError(
                f"{where}: no column is known to hold the {role}; the columns of numbers are {listed(columns)}. Name "
                "it by its text or position: columns={'displacement': ..., 'load': ...}"
            )
    u, f = found["displacement"], found["load"]
    if len(u) == len(f) == 1:
        if u[0].position == f[0].position:
            raise ValueError(f"{where}: displacement and load are both column {u[0].show()}; columns= must name two")
        last = max(u[0].position, f[0].position)
        groups = header.groups if header and last < len(header.groups) else [""] * (last + 1)
        is_same = groups[u[0].position] == groups[f[0].position] != ""
        return [Pair(u[0], f[0], _group_labels(header, [last])[0] if is_same else None, tuple(by_position))]
    pairs = _side_by_side(u, f, header)
    if pairs is None:
        role = "displacement" if len(u) > 1 else "load"
        several = found[role]
        example = several[0].name if len({c.name for c in several}) == len(several) else several[0].position
        raise ValueError(
            f"{where}: {len(several)} columns may hold the {role} ({listed(several)}); say which: "
            f"columns={{'{role}': {example!r}}}"
        )
    return [pair._replace(by_position=tuple(by_position)) for pair in pairs]


def _given(columns: list[Column], wanted: str | int, role: str, where: str) -> list[Column]:
    if isinstance(wanted, int):
        found = [column for column in columns if column.position == wanted]
    else:
        found = [column for column in columns if column.name == wanted.strip()]
        found = found or [c for c in columns if plain(c.name) == plain(wanted)]
        found = found or [c for c in columns if c.name and plain(split_unit(c.name).base) == plain(wanted)]
    if not found:
        raise ValueError(
            f"{where}: there is no column {wanted!r} of numbers for the {role}; there are {listed(columns)}. columns= "
            "takes a name as it is written in the file, or a position from 0"
        )
    return found


def _candidates(columns: list[Column], role: str) -> list[Column]:
    """The columns that fit a role, by the best evidence that there is: name, unit, symbol."""
    fitting = [c for c in columns if c.unit is None or c.unit.quantity in (role, "unknown")]
    # A name that is known and a unit that contradicts it (a "load" in V) is a candidate too: it is refused later.
    named = [c for c in columns if c.meaning.role == role and not c.meaning.is_symbol]
    if named:
        return [c for c in named if c in fitting] or named
    by_unit = [c for c in fitting if c.unit is not None and c.unit.quantity == role and c.meaning.role in (None, role)]
    return by_unit or [c for c in fitting if c.meaning.role == role]


def _fill_by_position(columns: list[Column], found: dict[str, list[Column]]) -> list[str]:
    """In a file of two columns what nothing tells is told by their order: displacement, load."""
    if len(columns) != 2:
        return []
    filled = []
    for role, column in zip(ROLES, columns, strict=True):
        other = found["load" if role == "displacement" else "displacement"]
        unknown = column.meaning.role is None and (column.unit is None or column.unit.quantity in (role, "unknown"))
        unknown = unknown and plain(column.name) != "t"  # which is the time
        if not found[role] and unknown and column not in other:
            filled.append((role, column))
    for role, column in filled:
        found[role] = [column]
    return [role for role, _ in filled]


def alternate(columns: list[Column]) -> bool:
    """Whether nothing is known of the columns but that the same two names come again and again: "x;y;x;y"."""
    if len(columns) < 4 or len(columns) % 2 or any(c.meaning.role or c.unit or plain(c.name) == "t" for c in columns):
        return False
    first, second = ({_bare(column) for column in columns[k::2]} for k in (0, 1))
    return len(first) == len(second) == 1 and first != second and all((*first, *second))


def is_one_per_row(columns: Sequence[Column]) -> bool:
    """Whether the columns are the points of a record, so that a row is a specimen: "Dis1;Dis2;...;Load1;Load2"."""
    numbered = [re.fullmatch(r"(.*?)[\s_.\-]*\d+", column.name.strip()) for column in columns]
    bases = [match[1] for match in numbered if match and match[1]]
    return len(bases) >= 10 and len(set(bases)) <= len(bases) // 5


def _side_by_side(u: list[Column], f: list[Column], header: Header | None) -> list[Pair] | None:
    """Pairs of columns of several specimens, or None where it is not sure that they are."""
    if len(u) != len(f):
        return None
    labels_u, labels_f = ([re.sub(r"\s*_\s*", "_", c.meaning.label) for c in columns] for columns in (u, f))
    if len(set(labels_u)) == len(u) and set(labels_u) == set(labels_f) and all(labels_u):
        if any(has_channel_number(label) for label in labels_u) or len({c.meaning.kind for c in u}) > 1:
            return None
        return [Pair(c, f[labels_f.index(label)], label) for c, label in zip(u, labels_u, strict=True)]
    # The same names again and again, in the same order.
    if len({_bare(c) for c in u}) > 1 or len({_bare(c) for c in f}) > 1:
        return None
    starts = [min(a.position, b.position) for a, b in zip(u, f, strict=True)]
    ends = [max(a.position, b.position) for a, b in zip(u, f, strict=True)]
    if any(end >= start for end, start in zip(ends[:-1], starts[1:], strict=True)):
        return None
    return [Pair(a, b, label) for a, b, label in zip(u, f, _group_labels(header, ends), strict=True)]


def _bare(column: Column) -> str:
    """A name without the ".1" that spreadsheets' readers append to names that repeat."""
    return plain(re.sub(r"\.\d+$", "", split_unit(re.sub(r"\.\d+$", "", column.name)).base))


def _group_labels(header: Header | None, ends: list[int]) -> list[str | None]:
    """What stands above each pair of columns, if one name stands above each."""
    groups = header.groups if header else []
    labels: list[str | None] = []
    begin = 0
    for end in ends:
        names = {cell for cell in groups[begin : end + 1] if cell}
        labels.append(re.sub(r"\s*_\s*", "_", names.pop()) if len(names) == 1 else None)
        begin = end + 1
    # "A" is a specimen more often than a unit.
    if None in labels or len(set(labels)) < len(labels) or all(parse_unit(str(label)) for label in labels):
        return [None] * len(ends)
    return labels
