"""What the commands write: never an input, nothing that a spreadsheet evaluates, on any console."""

import csv
import os
import subprocess
import sys

import numpy as np
import pytest

from sklearn_spt import SPTCurve
from sklearn_spt.cli import main

U = np.round(np.arange(0, 1.5001, 0.01), 4)
F = np.round(1800 * (1 - np.exp(-2.1 * U)) * (0.45 + 0.3 * U), 1)


def write(path, name=None, extra=""):
    curve = SPTCurve(U, F, thickness=0.5, rig="EN10371", displacement_kind="punch", name=name)
    curve.to_csv(path)
    path.write_text(extra + path.read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "A1.csv")
    write(tmp_path / "A1_stress_strain.csv")
    write(tmp_path / "summary.csv")
    (tmp_path / "link").symlink_to(".")
    (tmp_path / "table.csv").write_text("name,thickness\nA1,0.5\n")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "predict A1.csv --out A1.csv",
        "predict A1.csv --json A1.csv",
        "predict A1.csv --out .",
        "predict A1.csv --out link",
        "predict A1.csv --out link/A1.csv",
        "predict A1.csv --metadata table.csv --out table.csv",
        "report A1.csv --csv .",
        "report A1.csv --csv link",
        "report summary.csv --csv .",
        "report A1_stress_strain.csv A1.csv --csv .",
        "predict A1.csv --out both.csv --json both.csv",
        "report A1.csv --json x.json --out ./x.html --csv x.json",
    ],
)
def test_no_input_is_overwritten(lab, capsys, command):
    before = {path: path.read_bytes() for path in lab.iterdir() if path.is_file()}
    assert main([*command.split(), "--model", "en10371"]) in (1, 2)
    assert "cannot write" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in lab.iterdir() if path.is_file()} == before


def test_a_bad_file_does_not_stop_the_others(lab, capsys):
    (lab / "bad.csv").write_text("nothing here\n")
    short = SPTCurve(U[:20], F[:20], thickness=0.5, rig="EN10371", displacement_kind="punch", name="short")
    short.to_csv(lab / "short.csv")
    command = ["predict", "bad.csv", "A1.csv", "short.csv", "--model", "en10371", "--out", "out.csv"]
    assert main(command) == 3
    out, err = capsys.readouterr()
    assert "error: bad.csv: " in err
    assert "error: short: not evaluated: " in err
    assert "A1" in out
    with (lab / "out.csv").open(newline="") as file:
        assert {row["curve"] for row in csv.DictReader(file)} == {"A1"}


def test_two_curves_of_one_name_can_be_told_apart(lab):
    (lab / "other").mkdir()
    write(lab / "other" / "A1.csv")
    assert main(["predict", "A1.csv", "other/A1.csv", "--model", "en10371", "--out", "out.csv"]) == 0
    with (lab / "out.csv").open(newline="") as file:
        assert {row["curve"] for row in csv.DictReader(file)} == {"A1", "A1 (2)"}


def test_no_cell_is_a_formula(lab):
    write(lab / "F.csv", name='=HYPERLINK("http://x";"y")', extra="# material: =1+1\n# @SUM(1): -2+3\n")
    command = ["F.csv", "--model", "en10371"]
    assert main(["report", *command, "--csv", "out"]) == 0
    assert main(["predict", *command, "--out", "p.csv"]) == 0
    for file in [*(lab / "out").iterdir(), lab / "p.csv"]:
        with file.open(encoding="utf-8-sig", newline="") as text:
            for row in csv.reader(text):
                for cell in row:
                    if cell[:1] in ("=", "+", "-", "@"):
                        float(cell)


@pytest.mark.parametrize(
    "encoding", ["cp1252", *(pytest.param(name, marks=pytest.mark.slow) for name in ("ascii", "latin-1"))]
)
def test_a_console_that_lacks_characters_fails_no_job(lab, encoding):
    write(lab / "G.csv", name="試験片 µ")
    commands = [["predict", "G.csv", "--out", "p.csv"], ["report", "G.csv", "--csv", "out"], ["predict", "試.csv"]]
    code = (
        "import sys; from sklearn_spt.cli import main\n"
        f"sys.exit([main([*command, '--model', 'en10371']) for command in {commands}] != [0, 0, 1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"UnicodeEncodeError" not in done.stderr
    assert (lab / "p.csv").exists()
