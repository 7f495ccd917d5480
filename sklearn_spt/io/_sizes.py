"""The units of the columns of a record, and whether its size is that of a small punch test."""

from collections.abc import Mapping

import numpy as np

from ..exceptions import Message
from ._advice import column as name_column
from ._advice import refusal
from ._advice import unit as give_unit
from ._columns import Column
from ._stated import Stated
from ._units import QUANTITIES, Unit, parse_measure, parse_unit
from ._words import words

# What a small punch test can show. A record outside was read in a wrong unit: refused, because everything computed
# from it would be wrong by a power of ten. What it usually shows: outside of that, a unit that the file names is warned
# of, and one that is only assumed is not taken. A unit is proposed where it makes the size a likely one.
_POSSIBLE = {"displacement": (0.01, 100.0), "load": (0.5, 1e6)}
_USUAL = {"displacement": (0.05, 20.0), "load": (20.0, 2e5)}
_LIKELY = {"displacement": (0.3, 6.0), "load": (100.0, 2e4)}


def unit_of(column: Column, role: str, given: Mapping[str, str], stated: Stated, where: str) -> tuple[Unit, bool]:
    """The unit of a column, and whether it is only assumed."""
    if role in given:
        unit = parse_measure(given[role])
        if unit is None or unit.quantity != role:
            units = "mm, µm, cm, m, in" if role == "displacement" else "N, kN, mN, MN, kgf, lbf"
            raise ValueError(Message(give_unit(role, given[role]), f": no unit of it that is known; take {units}"))
        return unit, False
    base = Unit(QUANTITIES[role], role)
    said = stated.by_role.get(role)
    loose = stated.loose.get(role, base)
    unit = column.unit or said
    what = f"the {role} in column {column.show()}"
    if unit is None and loose.is_like(base):
        return base, True
    if unit is None:
        what += f" names no unit, and a line above speaks of {loose.text!r}; give its unit: "
        raise refusal(where, what, give_unit(role, loose.text), " or ", give_unit(role, base.text))
    what += f" is in {unit.text!r}"
    if said and said.quantity == unit.quantity and not said.is_like(unit):
        raise refusal(where, f"{what}, and a line above it states {said.text!r}; correct one of them")
    if unit.quantity == role and not unit.meant:
        return unit, False
    meant = unit.meant or (words("meant").get(unit.text.casefold()) if role == "load" else None)
    if meant:
        doubt = "which may be a unit with a factor or a resolution" if unit.meant else "a unit of mass"
        raise refusal(where, f"{what}, {doubt}; if {meant} is meant, say so: ", give_unit(role, meant))
    doubt = "is not a known unit" if unit.quantity == "unknown" else f"cannot be made {base.text}"
    advice = (name_column(role), ", or give the right unit: ", give_unit(role))
    raise refusal(where, f"{what}, which {doubt}; choose another column: ", *advice)


def check_size(
    values: np.ndarray, role: str, column: Column, unit: Unit, assumed: bool, given: bool, where: str
) -> Message | None:
    """Refuse what was read in a wrong unit, as its size tells; say what is possible and unusual."""
    base = QUANTITIES[role]
    size = float(np.ptp(values)) if role == "displacement" else float(values.max())
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
    proposal = give_unit(role, likely or "...")
    if assumed:
        what = f"the column {column.show()} names no unit, and the {role} {goes}, which is not likely in {base}"
        confirm = (" or ", give_unit(role, base)) if possible else ()
        raise refusal(
            where, f"{what}; give its unit: ", proposal, *confirm, f". If it is not the {role}: ", name_column(role)
        )
    what = f"the {role} in column {column.show()}, in {unit.text}, {goes} {base}, which"
    if possible:
        advice = (proposal, " if the unit is wrong, or confirm it: ", give_unit(role, unit.text))
        return Message(f"{where}: {what} is unusual for a small punch test; give ", *advice)
    remedy = (", or give it: ", proposal) if likely and not given else ()
    raise refusal(where, f"{what} no small punch test does; leave the record out, or correct its unit", *remedy)


def _likely_unit(size: float, role: str, text: str) -> str | None:
    """The one unit that is easily taken for this one and with which the size is that of a test."""
    low, high = _LIKELY[role]
    units = [unit for other in words("confused").get(text, ()) if (unit := parse_unit(other))]
    likely = [unit.text for unit in units if low <= size * unit.factor <= high]
    return likely[0] if len(likely) == 1 else None
