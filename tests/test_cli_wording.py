"""Messages of the package in the words of the command line."""

import re
from pathlib import Path

import pytest

from sklearn_spt._cli_wording import for_command_line
from sklearn_spt.curves import read_curves

BROKEN = sorted((Path(__file__).parent / "data" / "lab" / "broken").iterdir())


@pytest.mark.parametrize(
    ("python", "shell"),
    [
        ("give their positions: columns={'displacement': 0, 'load': 1}",
         "give their positions: --column displacement=0 --column load=1"),
        ("say which: columns={'displacement': 'Way, mm'}", "say which: --column displacement='Way, mm'"),
        ("Name them: columns={'displacement': ..., 'load': ...}",
         "Name them: --column displacement=NAME --column load=NAME"),
        ("column 3; columns= must name two", "column 3; --column must name two"),
        ("units={'load': 'mN'} or units={'load': 'N'}. Else name the columns: columns=",
         "--unit load=mN or --unit load=N. Else name the columns: --column"),
        ("units['load'] is 'pound', which is no unit of it", "--unit load=pound is no unit of it"),
        ("units has the key 'lod'; it takes 'load', 'x'", "--unit knows no 'lod', but 'load', 'x'"),
        ("separator must be one of ';', ',', or None; got 'x'", "--separator must be one of ';', ','; got 'x'"),
        ("choose one of A, or describe it with Rig(...)", "choose one of A, or give a JSON file of the tools"),
        ("give it in mm, or pass thickness=", "give it in mm, or pass --thickness"),
        ("pass it beside the files: metadata='lab/s 1.csv'", "pass it beside the files: --metadata 'lab/s 1.csv'"),
        ("pass separator=..., decimal=...", "pass --separator SEPARATOR, --decimal DECIMAL"),
        ("decimal='.' or decimal=','", "--decimal . or --decimal ,"),
        ("sheet= takes one of 'a', or a position from 0", "--sheet takes one of 'a'"),
        ("metadata= takes a file or a mapping", "--metadata takes a file"),
        ("give it with elastic_modulus=", "give it with --elastic-modulus"),
        ("make_report: no file could be read: a.csv: x", "no file could be read: a.csv: x"),
        ("curve 'a': Seq2SeqRegressor: the curve is unlike", "curve 'a': the curve is unlike"),
        ("convert (DeflectionConverter, on the command line --correct)",
         "convert (--correct; it needs --rig where the file does not name the rig)"),
        ("Give a shorter grid=, hold its end load with ends='hold'",
         "Train with a shorter --grid, hold its end load with --set resample__ends=hold"),
        ("name it, rig='EN10371'", "name it, --rig EN10371"),
        ("give it, such as thickness=0.5", "give it, such as --thickness 0.5"),
        # What is no parameter stays.
        ("save it anew with save_model(..., strain=...)", "save it anew with save_model(..., strain=...)"),
        ("line 3: 'thickness=0.5' is not a pair of numbers", "line 3: 'thickness=0.5' is not a pair of numbers"),
        ("columns of numbers are 0, 1", "columns of numbers are 0, 1"),
    ],
)  # fmt: skip
def test_parameters_become_options(python, shell):
    assert for_command_line(python) == shell
    assert for_command_line(shell) == shell


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_no_message_of_a_broken_file_speaks_of_parameters(path):
    try:
        read_curves(path)
    except (ValueError, ImportError) as error:
        said = for_command_line(str(error))
        assert not re.search(r"(?<!--column )(?<!--unit )\b(?!load|displacement|specimen)[a-z_]+=|=\{|\[\'", said), said
