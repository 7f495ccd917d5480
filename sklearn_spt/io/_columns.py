"""Which columns of a table hold displacement and load: roles by evidence, and pairs of several specimens."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._advice import column as name_column
from ._advice import columns as name_columns
from ._advice import no_curves, refusal
from ._header import Header
from ._units import ROLES, Name, Unit, parse_unit, split_unit, unit_of_cell
from ._words import Meaning, plain, understand, word_set, words


class Column(NamedTuple):
    """A column of numbers."""

    position: int
    name: str
    unit: Unit | None
    meaning: Meaning

    def show(self) -> str:
        return f"{self.position}: {self.name[:40]!r}" if self.name else f"{self.position}: (no name)"

    def is_in(self, wanted: Sequence[Any]) -> bool:
        """Whether it is among columns that are given by name or position."""
        return self.position in wanted or (bool(self.name) and self.name in wanted)

    @property
    def quantity(self) -> str | None:
        return self.unit.quantity if self.unit else None


class Pair(NamedTuple):
    """The displacement and the load of one specimen."""

    displacement: Column
    load: Column
    label: str | None = None
    by_order: tuple[str, ...] = ()  # the roles that nothing but the order of the columns tells


def listed(columns: Sequence[Column], most: int = 6) -> str:
    """The first of several columns, as messages list them."""
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return ", ".join(column.show() for column in columns[:most]) + more or "none"


def make_columns(header: Header, n_columns: int, rows: Sequence[Sequence[Unit]], where: str) -> list[Column]:
    """The columns of a block with what their names and units tell; `rows` are units that lines above state in order."""
    if 0 < len(header.names) < n_columns:
        said = f"the line of names has {len(header.names)} columns and the numbers have {n_columns}"
        if n_columns == 2 * len(header.names):
            said += "; if the comma separates the columns and is the decimal sign too, export with another separator"
        said += ". Correct the names, or give the columns by their position: "
        raise refusal(where, said, name_columns(0, 1))
    names, below = ([*texts, *[""] * n_columns][:n_columns] for texts in (header.names, header.units))
    columns = [_make_column(k, *texts, where) for k, texts in enumerate(zip(names, below, strict=True))]
    for units in rows:
        # Each column has its own, but for that of the time in front.
        offset = n_columns - len(units)
        own = {k + offset: unit for k, unit in enumerate(units)} if offset in (0, 1) else {}
        if all(columns[k].meaning.role in (None, u.quantity) for k, u in own.items() if u.quantity in ROLES):
            columns = [c._replace(unit=c.unit or own.get(c.position)) for c in columns]
    return columns


def _make_column(position: int, name: str, below: str, where: str) -> Column:
    """A column with its name, and what stands below it in a row of units."""
    split, unit = split_unit(name), unit_of_cell(below)
    differ = split.unit is not None and unit is not None and not split.unit.is_like(unit)
    # A "t" is time or temperature, as the unit says, and no ton; an "s" above "mm" is a way, and no second.
    if unit and (plain(name) == "t" or (differ and not split.base)):
        split = Name(name)
    elif unit and differ:
        said = f"the name {name!r} has another unit than the line below it, {unit.text!r}; correct one of them"
        raise refusal(where, said)
    return Column(position, name, split.unit or unit, understand(split.base))


def choose_pairs(columns: list[Column], header: Header, wanted: Mapping[str, Any], where: str) -> list[Pair]:
    """The displacement and load columns, one pair per specimen; refuses to guess.

    `columns` are those that hold numbers. `wanted` are names or positions that the user gave.
    """
    (u, f), by_order = _find_roles(columns, wanted, where)
    for role, found in zip(ROLES, (u, f), strict=True):
        if not found:
            said = f"no column is known to hold the {role}; the columns of numbers are {listed(columns)}. Name it: "
            raise no_curves(where, said, name_column(role))
    if len(u) == len(f) == 1:
        first, last = sorted((u[0].position, f[0].position))
        if first == last:
            raise refusal(where, f"displacement and load are both column {u[0].show()}; name two: ", name_columns())
        above = header.groups[first : last + 1]
        is_same = len(above) == last - first + 1 and above[0] == above[-1] != ""
        return [Pair(u[0], f[0], _group_labels(header, [last])[0] if is_same else None, by_order)]
    pairs = _side_by_side(u, f, header)
    if pairs is None:
        raise ambiguous("displacement" if len(u) > 1 else "load", u if len(u) > 1 else f, where)
    return [pair._replace(by_order=by_order) for pair in pairs]


def _find_roles(
    columns: list[Column], wanted: Mapping[str, Any], where: str
) -> tuple[list[list[Column]], tuple[str, ...]]:
    """The columns that may be the displacement and the load, and which of these nothing but their order tells."""
    free = [column for column in columns if not column.is_in([value for value in wanted.values() if value != ""])]
    found = [_given(columns, wanted[r], r, where) if r in wanted else _candidates(free, r) for r in ROLES]
    if not any(found) and alternate(columns):
        return [columns[0::2], columns[1::2]], ROLES
    by_order = []
    if len(columns) == 2 and not all(found):
        for k, role in enumerate(ROLES):
            if not found[k] and _is_unknown(columns[k], role) and columns[k] not in found[1 - k]:
                by_order.append(role)
                found[k] = [columns[k]]
    return found, tuple(by_order)


def ambiguous(role: str, columns: list[Column], where: str) -> ValueError:
    """The error that several columns may have a role."""
    is_told = len({column.name for column in columns}) == len(columns)
    return refusal(
        where, f"{len(columns)} columns may hold the {role} ({listed(columns)}); say which: ",
        name_column(role, columns[0].name if is_told else columns[0].position),
    )  # fmt: skip


def _given(columns: list[Column], wanted: str | int, role: str, where: str) -> list[Column]:
    if isinstance(wanted, int):
        found = [column for column in columns if column.position == wanted]
    else:
        found = [column for column in columns if column.name == wanted.strip()]
        found = found or [c for c in columns if plain(c.name) == plain(wanted)]
        found = found or [c for c in columns if c.name and plain(split_unit(c.name).base) == plain(wanted)]
    if not found:
        said = f"there is no column {wanted!r} of numbers for the {role}; there are {listed(columns)}. Correct "
        raise refusal(where, said, name_column(role), ", a name as it is written in the file, or a position from 0")
    return found


def _candidates(columns: list[Column], role: str) -> list[Column]:
    """The columns that fit a role, by the best evidence that there is: name, unit, symbol."""
    # A mass is asked about: mostly a force is meant.
    masses = words("meant") if role == "load" else {}
    fitting = [
        c for c in columns if c.quantity in (None, role, "unknown") or (c.unit and c.unit.text.casefold() in masses)
    ]
    # A name that is known and a unit that contradicts it (a "load" in V) is a candidate too: it is refused later.
    named = [c for c in columns if c.meaning.role == role and not c.meaning.is_symbol]
    ranks = (
        [c for c in named if c in fitting],
        named,
        [c for c in fitting if c.quantity == role and c.meaning.role in (None, role)],
        [c for c in fitting if c.meaning.role == role],
    )
    return next((rank for rank in ranks if rank), [])


def _is_unknown(column: Column, role: str) -> bool:
    """Whether nothing speaks against a role; "t" is the time."""
    return column.meaning.role is None and column.quantity in (None, role, "unknown") and plain(column.name) != "t"


def alternate(columns: list[Column]) -> bool:
    """Whether nothing is known of the columns but that the same two names come again and again: "x;y;x;y"."""
    if len(columns) < 4 or len(columns) % 2 or any(c.unit or not _is_unknown(c, "") for c in columns):
        return False
    first, second = ({_bare(column) for column in columns[k::2]} for k in (0, 1))
    return len(first) == len(second) == 1 and first != second and all((*first, *second))


def is_one_per_row(columns: Sequence[Column]) -> bool:
    """Whether the columns are the points of a record, so that a row is a specimen: "Dis1;Dis2;...;Load1;Load2"."""
    numbered = [re.fullmatch(r"(.*?)[\s_.\-]*\d+", column.name.strip()) for column in columns]
    stems = [match[1] for match in numbered if match and match[1]]
    return len(stems) >= 10 and len(set(stems)) <= len(stems) // 5


def _side_by_side(u: list[Column], f: list[Column], header: Header) -> list[Pair] | None:
    """Pairs of columns of several specimens, or None where it is not sure that they are."""
    if len(u) != len(f):
        return None
    labels_u, labels_f = ([_tidy(column.meaning.label) for column in columns] for columns in (u, f))
    if len(set(labels_u)) == len(u) and set(labels_u) == set(labels_f) and all(labels_u):
        # The channels of a machine are not specimens.
        channels = {re.sub(r"\d+$", "", token) for label in labels_u for token in plain(label).split()}
        if channels & word_set("marks", "channels") or len({c.meaning.kind for c in u}) > 1:
            return None
        return [Pair(c, f[labels_f.index(label)], label) for c, label in zip(u, labels_u, strict=True)]
    return _in_turn(u, f, header)


def _in_turn(u: list[Column], f: list[Column], header: Header) -> list[Pair] | None:
    """Pairs of columns that have the same names again and again, in the same order."""
    spans = [sorted((a.position, b.position)) for a, b in zip(u, f, strict=True)]
    overlap = any(before[1] >= after[0] for before, after in itertools.pairwise(spans))
    if overlap or any(len(set(map(_bare, columns))) > 1 for columns in (u, f)):
        return None
    labels = _group_labels(header, [end for _, end in spans])
    return [Pair(a, b, label) for a, b, label in zip(u, f, labels, strict=True)]


def _tidy(label: str) -> str:
    return re.sub(r"\s*_\s*", "_", label)


def _bare(column: Column) -> str:
    """A name without the ".1" that spreadsheets' readers append to names that repeat."""
    return plain(re.sub(r"\.\d+$", "", split_unit(re.sub(r"\.\d+$", "", column.name)).base))


def _group_labels(header: Header, ends: list[int]) -> list[str | None]:
    """What stands above each pair of columns, if one name stands above each."""
    above = [{cell for cell in header.groups[a + 1 : b + 1] if cell} for a, b in zip([-1, *ends], ends, strict=False)]
    labels = [_tidy(next(iter(names))) for names in above if len(names) == 1]
    # "A" is a specimen more often than a unit.
    if len(set(labels)) < len(ends) or all(map(parse_unit, labels)):
        return [None] * len(ends)
    return list(labels)
