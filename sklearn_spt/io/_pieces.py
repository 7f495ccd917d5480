"""From the blocks of a table to pieces of records: names, units and facts hold until others are stated."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ._advice import NoCurvesError, no_curves, refusal
from ._advice import columns as name_columns
from ._blocks import Block, check_above, check_below, find_blocks, find_results, no_numbers, note_results
from ._columns import ROLES, Column, Pair, alternate, ambiguous, choose_pairs, is_one_per_row, listed, make_columns
from ._facts import Fact, Specimen, find_facts, gather, is_fact
from ._files import Options
from ._header import Header, find_header
from ._points import find_points, find_restarts
from ._specimens import is_number, is_specimen_header
from ._stated import Stated, stated_units
from ._table import NUMBER, Table
from ._units import bases
from ._words import find_words, plain, roles_in


class Piece(NamedTuple):
    """One specimen's points in one block."""

    lines: np.ndarray
    displacement: np.ndarray  # as in the file
    load: np.ndarray
    pair: Pair
    label: str | None
    specimen: Specimen
    fact_columns: dict[str, list[Column]]  # that hold thicknesses and temperatures
    stated: Stated
    notes: list[str]


class TableReader:
    """Reads the blocks of a table, one below the other."""

    def __init__(self, table: Table, options: Options) -> None:
        self.table, self.options = table, options
        self.header, self.stated = Header(), Stated()
        self.facts: list[Fact] = []
        self.notes: list[str] = []

    def read(self) -> list[Piece]:
        """The pieces of all blocks."""
        table = self.table
        blocks, below, few = find_blocks(table)
        if not blocks or any(is_specimen_header(table, line) for line in blocks[0].above):
            raise no_numbers(table)
        # Units that stand below hold where none stand above.
        self.stated = stated_units(table, below, Stated())
        longest = max(blocks, key=lambda block: len(block.lines))
        self.notes = [f"line {line + 1}: a row of numbers left out" for line in few if not table.n_texts[line]]
        pieces: list[Piece] = []
        without: NoCurvesError | None = None
        for before, block in zip([None, *blocks], blocks, strict=False):
            if before:
                check_below(table, block.above, before.width)
                self.notes += note_results(table, block.above)
            self._look_above(block, is_first=before is None)
            try:
                found = self._read_block(block, longest)
            except NoCurvesError as error:
                without = without or error
                self.notes.append(f"lines {block.lines[0] + 1} to {block.lines[-1] + 1}: no such columns, left out")
                continue
            pieces += found
            self.notes = [] if found else self.notes
        check_below(table, below, blocks[-1].width)
        if not pieces:
            raise without or no_numbers(table)
        pieces[-1].notes.extend([*self.notes, *note_results(table, below)])
        return pieces

    def _look_above(self, block: Block, *, is_first: bool) -> None:
        """Take names, units and facts from the lines above a block."""
        table = self.table
        own = find_header(table, block.above, block.width)
        if own and not is_first and roles_in(bases(own.names)).isdisjoint((*ROLES, "result")):
            own = None  # a remark, and no line of names
        self.header = own or self.header
        taken = own.lines if own else frozenset(block.above[:-1])
        check_above(table, [line for line in block.above if line >= max(taken, default=-1)], block.width)
        others = [line for line in block.above if own is None or line not in own.lines]
        self.stated = stated_units(table, others, self.stated)
        new = find_facts(table, others)
        self.facts = [*new, *(fact for fact in self.facts if fact.key not in {fact.key for fact in new})]

    def _read_block(self, block: Block, longest: Block) -> list[Piece]:
        table, where = self.table, self.table.at(int(block.lines[0]))
        columns = self._make_columns(block, where)
        filled = [c for c in columns if (table.column(block.lines, c.position)[1] == NUMBER).any()]
        fact_columns, numeric = _sort_out(filled, self.options.columns)
        if self.header.names and not self.options.columns:
            _refuse_other_tables(numeric, where)
        names = _specimen_column(columns, filled, self.options.columns, where)
        pairs = choose_pairs([c for c in numeric if c != names], self.header, self.options.columns, where)
        before, after = find_results(table, block, longest, pairs)
        lines = block.lines[before : len(block.lines) - after]
        self.notes += note_results(table, [*block.lines[:before], *block.lines[before + len(lines) :]], sure=True)
        groups = {None: lines} if names is None else _split_by(names, table, lines)
        one_each = names is not None and all(len(group) == 1 for group in groups.values())
        if one_each or (not self.options.columns and _is_list(table, lines, filled, pairs)):
            raise no_curves(where, "a table of results with one line per specimen, not the record of a test")
        breaks = block.breaks if names is None else []
        return [
            Piece(*points, pair, label or pair.label, specimen, own, self.stated, self.notes)
            for pair, specimen, own in self._describe(pairs, fact_columns)
            for label, group in groups.items()
            for points in self._cut(group, pair, breaks)
        ]

    def _describe(
        self, pairs: list[Pair], fact_columns: dict[str, list[Column]]
    ) -> Iterator[tuple[Pair, Specimen, dict[str, list[Column]]]]:
        """What the lines above know of the specimen of each pair, and the columns of its facts."""
        # A line of the specimens' names looks like one of a fact.
        labels, n = {pair.label for pair in pairs}, len(pairs)
        facts = [fact for fact in self.facts if not {fact.key, *fact.values} <= labels]
        for k, pair in enumerate(pairs):
            specimen = gather(facts, self.table.where, self.table.dialect.decimal, self.options.units, k, n)
            yield pair, specimen, {what: of[k : k + 1] if len(of) == n else of for what, of in fact_columns.items()}

    def _cut(self, lines: np.ndarray, pair: Pair, breaks: list[int]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """The lines, displacements and loads of each specimen, of several one below the other."""
        kept, u, f = find_points(self.table, lines, pair)
        return [(kept[a:b], u[a:b], f[a:b]) for a, b in find_restarts(kept, u, breaks)]

    def _make_columns(self, block: Block, where: str) -> list[Column]:
        """The columns of a block, whose lines must have the same number of them."""
        table, header, wanted = self.table, self.header, self.options.columns
        widths = table.width[block.lines]
        usual = max(len(header.names), Counter(widths.tolist()).most_common(1)[0][0])
        if block.width > usual:
            wide = int(block.lines[np.argmax(widths > usual)])
            said = f"{table.show(wide)} has {table.width[wide]} columns where the others have {usual}"
            raise refusal(table.at(wide), f"{said}; repair the line, or remove it")
        if 0 < len(header.names) < block.width and all(isinstance(wanted.get(role), int) for role in ROLES):
            header = Header()
        columns = make_columns(header, block.width, self.stated.rows, where)
        told = {*wanted, *(column.quantity for column in columns)}
        if not header.names and block.width > 2 and not told >= set(ROLES):
            said = f"{block.width} columns of numbers and no names above them; give their positions: "
            raise refusal(where, said, name_columns(0, 1))
        return columns


# What columns hold


def _sort_out(filled: list[Column], wanted: Mapping[str, Any]) -> tuple[dict[str, list[Column]], list[Column]]:
    """The columns of thicknesses and temperatures, and the others."""
    free = [c for c in filled if not c.is_in([*wanted.values()])]
    named = [
        c for c in free if is_fact(c.name, "temperature") or (c.quantity == "temperature" and plain(c.name) == "t")
    ]
    facts = {
        "thickness": [c for c in free if is_fact(c.name, "thickness")],
        "temperature": named or [c for c in free if _is_in_degrees(c)],
    }
    return facts, [c for c in filled if c not in (*facts["thickness"], *facts["temperature"])]


def _refuse_other_tables(numeric: list[Column], where: str) -> None:
    """Refuse tables that hold no record: of results, of one specimen per row, of other quantities."""
    roles = {c.meaning.role for c in numeric}
    known = roles | {c.quantity for c in numeric}
    if is_one_per_row(numeric):
        said = f"{len(numeric)} numbered columns ({listed(numeric, 3)}), as in a table of one specimen per row"
        raise no_curves(where, f"{said}; write each record as two columns, displacement and load, one point per line")
    what = "no column is known to hold the displacement or the load"
    if "result" in roles and not roles >= set(ROLES):
        what = "a table of results, not the record of a test"
    elif known & set(ROLES) or (len(numeric) <= 2 and not known - {None}) or alternate(numeric):
        return
    raise no_curves(where, f"{what}; the columns of numbers are {listed(numeric)}. Name them: ", name_columns())


def _is_list(table: Table, lines: np.ndarray, filled: list[Column], pairs: list[Pair]) -> bool:
    """Whether the lines are numbered, and all loads of the size of the maximum: results of specimens."""
    loads = [table.column(lines, pair.load.position)[0] for pair in pairs if len(lines)]
    return any(is_number(c.name) for c in filled) and all(np.abs(f).min() > 0.5 * np.abs(f).max() for f in loads)


def _is_in_degrees(column: Column) -> bool:
    """Whether a column of another name, such as "TC1 (°C)", is a temperature by its unit; "K" and "C" may be more."""
    name = plain(column.name)
    return (
        column.unit is not None
        and column.quantity == "temperature"
        and len(column.unit.text) > 1
        and column.meaning.role in (None, "other")
        and set(find_words(name, "other")) <= set(find_words(name, "temperature"))
    )


def _specimen_column(
    columns: list[Column], filled: list[Column], wanted: Mapping[str, Any], where: str
) -> Column | None:
    """The column that says to which specimen a line belongs; `filled` are those of numbers."""
    if "specimen" in wanted:
        found = [c for c in columns if c.is_in([wanted["specimen"]])]
        if not found:
            said = f"there is no column {wanted['specimen']!r} of the specimens; there are {listed(columns)}"
            raise refusal(where, said)
        return found[0]
    free = [c for c in columns if not c.is_in([*wanted.values()])]
    texts = [c for c in free if c not in filled and is_number(c.name)]
    found = [c for c in free if c.meaning.role == "specimen"] or texts
    if len(found) > 1:
        raise ambiguous("specimen", found, where)
    return found[0] if found else None


def _split_by(column: Column, table: Table, lines: np.ndarray) -> dict[str | None, np.ndarray]:
    """The lines of each specimen."""
    groups: dict[str | None, list[int]] = {}
    for line in lines:
        name = dict(enumerate(table.cells(line))).get(column.position)
        if not name:
            said = f"the specimen's name is missing in column {column.show()}; add it, or remove the line"
            raise refusal(table.at(line), said)
        groups.setdefault(name, []).append(line)
    return {name: np.array(of) for name, of in groups.items()}
