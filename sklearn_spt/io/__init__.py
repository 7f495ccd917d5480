"""From the files of testing machines to curves: `read_curves` is the one door.

A file goes through `_decode` (encoding), `_numbers` (how numbers are written), `_table` and `_workbook` (cells, and a
kind for each line), `_blocks` (patterns of kinds), `_header`, `_stated` and `_columns` (names, units and roles),
`_facts` and `_specimens` (what is known of the specimen) to the pieces (`_pieces`) and records (`_points`, `_sizes`,
`_records`) of specimens. Words and units are data, in words.toml; what is refused carries its advice (`_advice`).
"""

from ._read import read_curves

__all__ = ["read_curves"]
