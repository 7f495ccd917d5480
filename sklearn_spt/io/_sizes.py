"""The units of the columns of a record, and whether its size is that of a small punch test."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._columns import Column
from ._units import QUANTITIES, Unit, parse_measure, parse_unit
from ._words import words

# What a small punch test can show. A record outside was read in a wrong unit: refused, because everything computed
# from it would be wrong by a power of ten. What it usually shows: outside of that, a unit that the file names is warned
# of, and one that is only assumed is not taken. A unit is proposed where it makes the size a likely one.
_POSSIBLE = {"displacement": (0.01, 100.0), "load": (0.5, 1e6)}
_USUAL = {"displacement": (0.05, 20.0), "load": (20.0, 2e5)}
_LIKELY = {"displacement": (0.3, 6.0), "load": (100.0, 2e4)}


def unit_of(column: Column, role: str, given: Mapping[str, str], where: str) -> tuple[Unit, bool]:
    """The unit of a column, and whether it is only assumed."""
    if role in given:
        unit = parse_measure(given[role])
        if unit is None or unit.quantity != role:
            raise ValueError(
                f"units[{role!r}] is {given[role]!r}, which is no unit of it that is known; take "
                f"{'mm, µm, cm, m, in' if role == 'displacement' else 'N, kN, mN, MN, kgf, lbf'}"
            )
        return unit, False
    unit = column.unit
    if unit is None:
        return Unit(QUANTITIES[role], role), True
    if unit.quantity == role and not unit.meant:
        return unit, False
    what = f"{where}: the {role} in column {column.show()} is in {unit.text!r}"
    meant = words("meant").get(unit.text.casefold()) if role == "load" else None
    if unit.meant:
        raise ValueError(
            f"{what}, which may be a unit with a factor or a resolution; if the values are in steps of {unit.meant}, "
            f"say so: units={{'{role}': '{unit.meant}'}}"
        )
    if meant:
        raise ValueError(
            f"{what}, a unit of mass; if {meant} is meant, say so: units={{'{role}': '{meant}'}}, or choose another "
            f"column (columns={{'{role}': ...}})"
        )
    if unit.quantity == "unknown":
        raise ValueError(
            f"{what}, which is no unit that is known; give the right one: units={{'{role}': ...}}, such as "
            f"{QUANTITIES[role]!r} if that is a remark and no unit"
        )
    raise ValueError(
        f"{what}, which cannot be made {QUANTITIES[role]}; choose another column (columns={{'{role}': ...}}), or, if "
        f"that is a mistake in the file, give the right unit: units={{'{role}': ...}}"
    )


def check_size(
    values: np.ndarray, role: str, column: Column, unit: Unit, assumed: bool, given: bool, where: str
) -> str | None:
    """Refuse what was read in a wrong unit, as its size tells; say what is possible and unusual."""
    base = QUANTITIES[role]
    size = float(values.max() - values.min()) if role == "displacement" else float(values.max())
    low, high = _USUAL[role]
    # A record without any displacement or load is refused as a curve, by a message of its own.
    if low <= size <= high or not size > 0:
        return None
    possible = _POSSIBLE[role][0] <= size <= _POSSIBLE[role][1]
    # The user has said so; or the record is short, as those that end in the elastic part are.
    if possible and (given or (role == "displacement" and size < low and not assumed)):
        return None
    goes = f"{'goes over' if role == 'displacement' else 'reaches'} {size:.4g}"
    likely = _likely_unit(size / unit.factor, role, unit.text)
    proposal = f"units={{'{role}': {likely!r}}}" if likely else f"units={{'{role}': ...}}"
    if assumed:
        confirm = f" or units={{'{role}': '{base}'}}" if possible else ""
        raise ValueError(
            f"{where}: the column {column.show()} names no unit, and the {role} {goes}, which is not likely "
            f"in {base}; give its unit: {proposal}{confirm}. If it is not the {role}, name the columns: columns="
        )
    stated = f"{where}: the {role} in column {column.show()}, in {unit.text}, {goes} {base}, which "
    if possible:
        return (
            f"{stated}is unusual for a small punch test. If the unit is wrong, give the right one: {proposal}; if it "
            f"is right, confirm it: units={{'{role}': '{unit.text}'}}"
        )
    advice = "correct units=" if given else "leave the record out, or correct the unit in the file"
    advice += f", or give it: {proposal}" if likely and not given else ""
    raise ValueError(f"{stated}no small punch test does; {advice}")


def _likely_unit(size: float, role: str, text: str) -> str | None:
    """The one unit that is easily taken for this one and with which the size is that of a test."""
    low, high = _LIKELY[role]
    confused: dict[str, Any] = words("confused")
    units = [unit for other in confused.get(text, ()) if (unit := parse_unit(other))]
    likely = [unit.text for unit in units if low <= size * unit.factor <= high]
    return likely[0] if len(likely) == 1 else None
