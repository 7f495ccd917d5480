"""From the files of testing machines to curves: `read_curves` is the one door.

A file goes through `_decode` (encoding), `_sniff` (how numbers are written), `_table` and `_workbook` (cells, and a
kind for each line), `_blocks` (patterns of kinds), `_columns` and `_units` (roles and units), `_facts` and `_specimens`
(what is known of the specimen) to `_records`. Words and units are data, in words.toml.
"""

from ._read import read_curves

__all__ = ["read_curves"]
