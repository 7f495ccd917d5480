"""How files of testing machines are understood: private, behind `sklearn_spt.read_curves`.

`_tables` makes rows of cells of a file, `_columns` finds displacement and load, `_facts` the thickness and the rest,
`_records` puts them together. Nothing here imports `curves`.
"""

from ._facts import Specimen, SpecimenTable, check_thickness, read_specimens
from ._records import Options, Record, find_files, read_file
from ._tables import SEPARATORS

__all__ = [
    "SEPARATORS",
    "Options",
    "Record",
    "Specimen",
    "SpecimenTable",
    "check_thickness",
    "find_files",
    "read_file",
    "read_specimens",
]
