"""Messages of the package in the words of the command line."""

import ast
import re
from pathlib import Path

import pytest

import sklearn_spt
from sklearn_spt._cli_wording import for_command_line
from sklearn_spt.io import read_curves

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
        ("cut it out, or pass cut_unloading=True", "cut it out, or pass --cut-unloading"),
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
        ("curve 'a' has no 'thickness'; set it with curve.replace(thickness=...), or leave the curve out",
         "curve 'a' has no 'thickness'; give it with --thickness, or write a line '# thickness: ...' into its file, or "
         "leave the curve out"),
        ("set it with curve.replace(temperature=...)", "write a line '# temperature: ...' into its file"),
        ("a compliance of 5000 µm/kN (0.005 mm/N) is too much; check its unit: 1 µm/kN is 1e-6 mm/N, and",
         "a compliance of 5000 µm/kN is too much; check its unit: --compliance takes µm/kN, and"),
        ("take it out (ComplianceCorrector, on the command line --compliance)", "take it out (--compliance)"),
        ("say it with displacement_kind='punch'", "say it with --displacement-kind punch"),
        ("count from the same zero, or give grid=", "count from the same zero, or give --grid"),
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


# Where the messages are made that the commands show, and what in them says that Python alone meets it.
PLACES = (
    "_damage.py", "_displacement.py", "_domain.py", "_files.py", "_quantities.py", "_rig_names.py", "_validation.py",
    "curves.py", "persistence.py", "io", "datasets/_models.py", "mechanics", "preprocessing/_corrections.py",
    "preprocessing/_deflection.py", "preprocessing/_resampler.py", "reporting/_report.py",
)  # fmt: skip
OF_PYTHON = {
    "must be a mapping such as": "a table is read from a file",
    "must be a text": "options are texts",
    "2-D": "files hold curves, and no tables of loads on one grid",
    "make_report: reading= is for files": "the command is given files",
    "ends='cut' cuts the grid": "--grid and the option of the same name exclude each other in train",
    "Hooke's line of elastic_modulus=": "Hooke's line above the targets: an array in Python",
    "save_model(": "what a model file lacks is not given on the command line",
    "(training_": "save_model is called by train, with what fits",
    "set_params(": "save_model is called by train, with what can be saved",
}
PARAMETER = re.compile(r"(?<![-\w'.])[a-z_]{3,}=(?!=)|=\{|\w\.replace\(|\w\['")


def messages():
    """Every text of these modules that is no docstring, with something in the place of each value."""
    root = Path(sklearn_spt.__file__).parent
    for place in PLACES:
        for path in sorted((root / place).glob("*.py")) if (root / place).is_dir() else [root / place]:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    left_out |= {id(part) for part in node.values}
            for node in ast.walk(tree):
                if id(node) not in left_out and (text := rendered(node)) is not None and " " in text:
                    # What stands before a sentence is one.
                    yield pytest.param(re.sub(r"X(?=[A-Z][a-z])", "X. ", text), id=f"{path.name}-{node.lineno}")


def rendered(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(rendered(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "'X'" if node.conversion == ord("r") else "X"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@pytest.mark.parametrize("text", [case for case in messages() if PARAMETER.search(case.values[0])])
def test_no_message_of_the_package_speaks_of_parameters_on_the_command_line(text):
    if any(said in text for said in OF_PYTHON):
        return
    said = re.sub(r"--(column|unit|set) \w+=\S+", "", for_command_line(text))
    assert not PARAMETER.search(said), said
