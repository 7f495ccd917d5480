"""Units that a line above the numbers states of the columns: "Units: N, inch", "All data in kN and mm"."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from ._table import Table
from ._units import ROLES, Unit, parse_unit
from ._words import find_words, is_only, plain, understand, word_set

_MAX_LINE = 500
# What may stand beside the units in such a line.
_NAMING = (
    *(("concepts", c) for c in ("unit", *ROLES, "time", "crosshead", "punch", "deflection", "extension")),
    ("qualifiers", "unit"), ("marks", "stating"), ("marks", "prepositions"),
)  # fmt: skip


class Stated(NamedTuple):
    """What lines state of the units."""

    by_role: Mapping[str, Unit] = MappingProxyType({})
    rows: Sequence[Sequence[Unit]] = ()  # in the order of the columns
    loose: Mapping[str, Unit] = MappingProxyType({})  # what stands in sentences that are not understood


def stated_units(table: Table, lines: Iterable[int], before: Stated) -> Stated:
    """What lines state of the units; what was stated `before` them holds where they do not."""
    by_role: dict[str, Unit] = {}
    rows: list[Sequence[Unit]] = []
    loose = dict(before.loose)
    for line in lines:
        text = table.text(line) if not table.n_numbers[line] else ""
        if text and len(text) <= _MAX_LINE:
            said = _read(text)
            by_role |= {role: _one([by_role.get(role, unit), unit]) for role, unit in said.by_role.items()}
            rows += said.rows
            loose.update(said.loose)
    return Stated({**before.by_role, **by_role}, tuple(rows) or before.rows, loose)


@lru_cache(maxsize=4096)
def _read(text: str) -> Stated:
    tokens = _split(text)
    units = _find_units(tokens)
    names = {k: token for k, token in enumerate(tokens) if k not in units}
    if re.search(r"\d", " ".join(names.values())):
        return Stated()  # a size, and no unit of the columns
    named = {k for k, token in names.items() if is_only(token, *_NAMING)}
    begins = next((k for k in range(len(tokens)) if k not in named), len(tokens))
    key = plain(" ".join(tokens[:begins]))
    known = _by_role(units.values())
    if find_words(key, "unit"):
        others = [k for k in range(begins, len(tokens)) if k not in named]
        return _read_units(key, [units.get(k) or Unit(tokens[k]) for k in others], known)
    if not plain(" ".join(names.values())) or len(named) < len(names):
        return Stated(loose=known)
    role = understand(key).role
    # "Load in V"
    is_other = not known and len(units) == 1 and role in ROLES
    return Stated(by_role=dict.fromkeys([str(role)], *units.values()) if is_other else known)


def _find_units(tokens: list[str]) -> dict[int, Unit]:
    return {k: unit for k, token in enumerate(tokens) if (unit := parse_unit(token)) and not _is_word(tokens, k)}


def _by_role(units: Iterable[Unit]) -> dict[str, Unit]:
    found = {role: [unit for unit in units if unit.quantity == role] for role in ROLES}
    return {role: _one(of) for role, of in found.items() if of}


def _read_units(key: str, values: list[Unit], known: dict[str, Unit]) -> Stated:
    """A line that begins with "Units" or the like; `known` are those of displacement and load."""
    role = understand(key).role
    if role in ROLES and len(values) == 1:
        return Stated(by_role={str(role): values[0]})
    unknown = [unit for unit in values if unit.quantity == "unknown"]
    systems = any(plain(unit.text) in word_set("marks", "systems") for unit in unknown)
    if not (known or systems or (values and not unknown)):
        return Stated()
    missing = {role: _one(unknown) for role in ROLES if unknown and role not in known}
    return Stated(known | missing, (values,))


def _split(text: str) -> list[str]:
    """The words, units and marks of a line; units of several words, such as "deg C", stand alone between marks."""
    parts = re.split(r"([,;|&:=()\[\]{}<>\"]|/(?!\S))", text.replace("\t", "|"))
    return [token for part in parts for token in ([part.strip()] if parse_unit(part) else part.split())]


def _is_word(tokens: list[str], k: int) -> bool:
    """Whether a token that may be a unit is none here: a mark, the "M." of a name, or "in" unless it stands alone."""
    word, follows = plain(tokens[k]), plain(tokens[k + 1]) if k + 1 < len(tokens) else ""
    is_preposition = word in word_set("marks", "prepositions")
    unit = parse_unit(tokens[k])
    if not word or (len(word) == 1 and unit and unit.text != tokens[k].rstrip(".")):
        return True
    return is_preposition and follows not in ("", *word_set("marks", "conjunctions"))


def _one(units: list[Unit]) -> Unit:
    """The one unit of several, or what is not a unit where they differ."""
    first = units[0]
    return first if all(map(first.is_like, units)) else Unit(", ".join(dict.fromkeys(unit.text for unit in units)))
