"""Tables as plain text."""

from collections.abc import Sequence

from tabulate import tabulate


def table_of(rows: Sequence[Sequence[str]], *, left: int = 1, remark: bool = False) -> str:
    """Columns of equal width, those of the first row being the titles.

    The first `left` ones are flush left, and with `remark` the last one too; the others are flush right.
    """
    columns = len(rows[0])
    align = ["left" if index < left or (remark and index == columns - 1) else "right" for index in range(columns)]
    text = tabulate(rows, tablefmt="plain", colalign=align, disable_numparse=True)
    return "\n".join(line.rstrip() for line in text.splitlines())
