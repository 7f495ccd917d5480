"""The points of a record: where it begins again, its order, its unloading, and a last number that is cut off."""

import itertools

import numpy as np

from ..exceptions import Parameter
from ._advice import refusal
from ._columns import Pair
from ._numbers import SAMPLE
from ._table import BLANK, MIN_ROWS, NUMBER, Table

# A way back of the displacement that is longer than this part of the stroke is an unloading, as for `SPTCurve`.
_BACK = 0.02


def find_restarts(lines: np.ndarray, u: np.ndarray, breaks: list[int]) -> list[tuple[int, int]]:
    """Where the displacement, after blank lines, starts again with another specimen: begin and end of each."""
    cuts = [0]
    for cut in np.searchsorted(lines, breaks).tolist():
        if not goes_on(u[cuts[-1] : cut], u[cut:]):
            cuts.append(cut)
    return list(itertools.pairwise([*cuts, len(u)])) if len(u) else []


def goes_on(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a record goes on in the next piece, from where it was."""
    if not (before.size and after.size):
        return True
    sign = -1 if falls(before) else 1
    return bool(sign * after[0] >= sign * before[-1] - _BACK * np.ptp(before))


def falls(u: np.ndarray) -> bool:
    """Whether a displacement goes down."""
    return bool(u[0] - u.min() > u.max() - u[0])


def is_reversed(u: np.ndarray, f: np.ndarray, where: str) -> bool:
    """Whether the lines go from the last point of the test to the first.

    Displacements that fall are those of a test whose compression is negative, or of one whose points were written from
    last to first. The load tells: it is small at the beginning of a test, and its maximum is nearer to the end.
    """
    stroke = float(np.ptp(u))
    load = -f if -f.min() > f.max() else f
    top, few = float(load.max()), max(len(u) // 50, 1)
    if len(u) < MIN_ROWS or not stroke > 0 or not top > 0:
        return False
    rise = (float(load[-few:].mean()) - float(load[:few].mean())) / top
    place = abs(u[int(np.argmax(load))] - u[0]) / stroke
    # Of a record that ends after the fracture both ends have little load.
    backward = rise < -0.1 if abs(rise) > 0.1 else place < 0.4 if abs(place - 0.5) > 0.1 else None
    # Where the displacement is zero, the test begins, unless it was not set to zero at all.
    begins, ends = (abs(u[k]) < 0.1 * stroke for k in (0, -1))
    if not falls(u):
        # A record that goes up is taken as it is, unless everything says otherwise.
        return bool(ends and not begins and backward)
    if backward is None and begins != ends:
        backward = bool(ends)
    if backward is None or (backward and begins and not ends):
        raise refusal(
            where,
            f"the displacement falls from {u[0]:.4g} to {u[-1]:.4g}, and the load does not tell whether compression is "
            "negative or the rows go from the last point to the first; sort the rows as they were measured, or change "
            "the sign of the displacement",
        )
    return backward


def count_unloading(u: np.ndarray, f: np.ndarray, cut: bool, where: str) -> tuple[int, str]:
    """How many points at the end of a record are those of the punch's way back, and what is noted of them.

    0 where it goes back elsewhere, too. Refuses the record unless they are to be cut off.
    """
    far = len(u) - 1 - int(np.argmax(u[::-1]))
    there, back = u[: far + 1], u[far:]
    limit = _BACK * float(np.ptp(u))
    if len(there) < MIN_ROWS or there[-1] - back[-1] <= limit:
        return 0, ""
    if not np.max(np.maximum.accumulate(there) - there) <= limit >= np.max(back - np.minimum.accumulate(back)):
        return 0, ""
    left = len(back) - 1
    which = f"the last {left} points" if left > 1 else "the last point"
    way = f"the displacement goes back from {u.max():.4g} to {u[-1]:.4g} mm"
    if not cut:
        option = Parameter("cut_unloading", "True", python="cut_unloading=True")
        raise refusal(where, f"{way} over {which}, which is an unloading; cut it out of the record, or pass ", option)
    before = np.interp(u[-left:], np.maximum.accumulate(u[:-left]), f[:-left])
    if np.mean(f[-left:] - before) > _BACK * float(np.ptp(f[:-left])):
        raise refusal(
            where,
            f"{way} over {which}, and the load is greater on the way back than at the same displacements before; if "
            "the rows go from the last point to the first, sort them as they were measured",
        )
    return left, f"{which} left out, an unloading: {way}"


def is_cut_off(table: Table, pair: Pair, lines: np.ndarray) -> bool:
    """Whether the file ends within the last number of a record: it has fewer decimals than all others have."""
    last = int(lines[-1])
    if table.sheet is not None or last != len(table.kinds) - 1 or len(lines) <= MIN_ROWS:
        return False
    rows = [table.cells(line) for line in lines[-SAMPLE - 1 :]]
    position = len(rows[-1]) - 1
    if position not in (pair.displacement.position, pair.load.position):
        return False
    # -1 without a decimal sign.
    parts = [row[position].partition(table.dialect.decimal) for row in rows if len(row) > position]
    decimals = [len(behind) if point else -1 for _, point, behind in parts]
    before, value = table.column(lines[-2:], position)[0]
    # Of a number without decimals digits are missing where it is a tenth or less of what it should be.
    smaller = min(decimals[:-1]) < 0 and any(abs(value * 10**k - before) < 0.5 * abs(before) for k in range(1, 6))
    return decimals[-1] < min(decimals[:-1]) or smaller


def damaged(table: Table, line: int, what: str = "not a pair of numbers") -> ValueError:
    """The error that a line should be a point of the record and is not."""
    return refusal(table.at(line), f"{table.show(line)} is {what}; remove the line, or repair the record")


def find_points(table: Table, lines: np.ndarray, pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lines that have a point of this specimen, and its two columns."""
    u, u_states = table.column(lines, pair.displacement.position)
    f, f_states = table.column(lines, pair.load.position)
    # Instruments write 9.9e37 where a value is out of their range.
    good = (np.abs(u) < 1e30) & (np.abs(f) < 1e30)
    if good.all():
        return lines, u, f
    # Both are blank in a shorter record beside a longer one.
    for k in np.flatnonzero(~good & ((u_states != BLANK) | (f_states != BLANK))):
        numbers = u_states[k] == f_states[k] == NUMBER
        raise damaged(table, lines[k], "not finite" if numbers else "not a pair of numbers")
    return lines[good], u[good], f[good]
