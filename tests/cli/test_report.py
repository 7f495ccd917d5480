"""The command ``sklearn-spt report`` as a user calls it."""

import json
import shutil
import subprocess
import sys

import pytest

from sklearn_spt import cli
from sklearn_spt.datasets import lab_example_path


@pytest.fixture
def run(capfd):
    """Run the command; return its exit status, its output and the lines on the standard error."""

    def call(*arguments):
        capfd.readouterr()
        status = cli.main(["report", *map(str, arguments)])
        out, err = capfd.readouterr()
        return status, out, err.splitlines()

    return call


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for name in ("A3.dat", "B1.csv"):
        shutil.copy(lab_example_path() / name, folder)
    (folder / "specimens.csv").write_text("name,heat\nA3,17\nB1,18\n")
    return folder


def test_all_files(run, lab, model_file, tmp_path):
    status, out, lines = run(
        lab, "--model", model_file, "--out", tmp_path / "r.html", "--json", tmp_path / "r.json", "--csv",
        tmp_path / "tables", "--metadata", lab / "specimens.csv", "--group", "heat", "--laboratory", "L & Co",
        "--operator", "M. W.", "--job", "7", "--remarks", "none", "--correlations", "source", "--elastic-modulus",
        "200e3", "--own-correlation", "Rp0.2 = 0.39 Fe/h0^2 - 20", "--own-correlation", "Ag = 0.15 um/h0 - 0.4",
    )  # fmt: skip
    assert status == 0
    assert all(": warning: " in line for line in lines)
    assert " ".join(out.splitlines()[0].split()) == "specimen h0, mm Fe, N Fm, N Rp0.2, MPa Rm, MPa Ag, %"
    assert out.endswith(f"wrote {tmp_path / 'r.html'}\nwrote {tmp_path / 'r.json'}\nwrote {tmp_path / 'tables'}\n")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [document[key] for key in ("laboratory", "operator", "job", "remarks")] == ["L & Co", "M. W.", "7", "none"]
    assert list(document["summary"]) == ["17", "18"]
    for specimen in document["specimens"]:
        # The standard's factors hold where the displacement is known.
        known = specimen["characteristic"]["displacement_kind"] is not None
        sources = ["source"] * (3 if known else 1)
        assert [found["evidence"] for found in specimen["correlations"]] == ["own", "own", *sources]
        assert [found["name"] for found in specimen["correlations"][:2]] == [
            "Rp0.2 = 0.39 Fe/h0^2 - 20",
            "Ag = 0.15 um/h0 - 0.4",
        ]
        assert specimen["elastic_modulus"] == 200_000
    assert "L &amp; Co" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (tmp_path / "tables" / "A3.csv").is_file()


def test_table_alone_and_a_file_per_specimen(run, lab, model_file, tmp_path):
    arguments = [lab / "A3.dat", lab / "B1.csv", "--model", model_file, "--correlations", "none"]
    status, out, _ = run(*arguments)
    assert status == 0
    assert "wrote" not in out
    assert "all specimens: mean" in out
    run(*arguments, "--json", tmp_path / "one")
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["A3.json", "B1.json"]


def test_corrections(run, lab, model_file, tmp_path):
    def corrections(*options):
        out = tmp_path / "r.json"
        status, _, _ = run(lab / "A3.dat", "--model", model_file, "--json", out, *options)
        assert status == 0
        (specimen,) = json.loads(out.read_text(encoding="utf-8"))["specimens"]
        same = specimen["measured"] == specimen["corrected"]
        assert same == (not specimen["corrections"])
        return {correction["name"]: correction["value"] for correction in specimen["corrections"]}

    assert list(corrections()) == ["load_offset", "toe"]
    assert corrections("--correct", "none") == {}
    assert list(corrections("--correct", "toe")) == ["toe"]
    found = corrections("--compliance", "20")
    assert list(found) == ["load_offset", "compliance", "toe"]
    assert found["compliance"] == pytest.approx(20e-6)


def test_a_bad_file_is_named_and_the_report_written(run, lab, model_file, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("nothing here\n")
    out = tmp_path / "r.html"
    status, _, lines = run(lab / "A3.dat", bad, "--model", model_file, "--out", out)
    assert status == 3
    assert next(line for line in lines if ": error: " in line).startswith(f"sklearn-spt: error: {bad}: no two columns")
    assert out.is_file()


def test_a_specimen_that_cannot_be_evaluated(run, model_file, tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("# thickness: 0.5\ndisplacement_mm,load_N\n" + "".join(f"{k / 20},{20 * k}\n" for k in range(7)))
    status, out, lines = run(short, "--model", model_file)
    assert status == 3
    assert "not evaluated" in out
    assert "short: not evaluated: curve 'short'" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["lab"], 2, "required: --model"),
        (["none", "--model", "M"], 1, "there is no file or folder none"),
        (["lab", "--model", "nomodel"], 1, "there is no pretrained model 'nomodel'"),
        (["lab", "--model", "no.spt"], 1, "there is no model file no.spt"),
        (["lab", "--model", "M", "--out", "r.pdf"], 2, "'r.pdf' does not end in .html"),
        (["lab", "--model", "M", "--out", "none/r.html"], 1, "create it first"),
        (["lab", "--model", "M", "--json", "none/r.json"], 1, "create it first"),
        (["lab", "--model", "M", "--csv", "file"], 1, "cannot write to file: it is a file"),
        (["lab", "--model", "M", "--elastic-modulus", "-1"], 2, "is not a positive number"),
        (["lab", "--model", "M", "--correlations", "some"], 2, "invalid choice"),
        (["lab", "--model", "M", "--own-correlation", "Rm=1"], 2, "'Rm=1' is not a formula such as 'Rp0.2 ="),
        (["lab", "--model", "M", "--correct", "none", "--correct", "toe"], 1, "--correct none excludes toe"),
        (["lab", "--model", "M", "--correct", "tow"], 2, "'tow' is not one of unloading, load_offset"),
        (["lab", "--model", "M", "--compliance", "0"], 2, "is not a positive number"),
        (["lab", "--model", "M", "--group", "heat"], 1, "no curve has 'heat' in its metadata"),
        (["lab", "--model", "M", "--metadata", "none.csv"], 1, "there is no table of specimens none.csv"),
        (["file", "--model", "M"], 1, "no file could be read: file"),
    ],
)
def test_errors(run, model_file, tmp_path, monkeypatch, arguments, status, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab").mkdir()
    shutil.copy(lab_example_path() / "A3.dat", "lab")
    (tmp_path / "file").write_text("nothing here\n")
    before = sorted(tmp_path.rglob("*"))
    found, _, lines = run(*(model_file if argument == "M" else argument for argument in arguments))
    assert found == status
    assert len(lines) == 1
    assert message in lines[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_help_needs_nothing_heavy():
    code = (
        "import sys; from sklearn_spt.cli import main\n"
        "try: main(['report', '--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
