"""The reader of what LS-DYNA writes."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from sklearn_spt.simulation import read_lsdyna_curve

OUTPUT = Path(__file__).parents[2] / "data" / "lsdyna"


# What make_lsdyna.py put into the files.
TRAVEL = 2.0 * np.arange(21) / 20
LOAD = 300 * np.sin(TRAVEL) * (1 - np.exp(-5 * TRAVEL))


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(OUTPUT, folder)
    return folder


def edit(path, change):
    path.write_text(change(path.read_text()))


@pytest.mark.parametrize("force", ["rcforc", "bndout"])
@pytest.mark.parametrize("node", [1, None])
def test_curve(force, node):
    curve = read_lsdyna_curve(OUTPUT, force=force, node=node, thickness=0.5, rig="EN10371", name="A")
    assert np.allclose(curve.displacement, TRAVEL, atol=1e-4)
    assert np.allclose(curve.load, 2 * np.pi * LOAD, rtol=1e-4)
    assert (curve.thickness, curve.rig, curve.name, curve.displacement_kind) == (0.5, "EN10371", "A", "punch")
    assert curve.metadata["per_radian"] is True
    assert curve.metadata["displacement"] == ("part 2" if node is None else "node 1")


def test_options_of_the_reader():
    curve = read_lsdyna_curve(OUTPUT, interface=2, node=2, per_radian=False)
    assert np.allclose(curve.displacement, 0.95 * TRAVEL, atol=1e-4)
    assert np.allclose(curve.load, 0.8 * LOAD, rtol=1e-4)


def test_files_are_known_by_what_stands_in_them(tmp_path):
    for name, kind in (("forces.txt", "bndout"), ("moved.txt", "nodout")):
        shutil.copy(OUTPUT / kind, tmp_path / name)
    files = [tmp_path / "moved.txt", tmp_path / "forces.txt"]
    curve = read_lsdyna_curve(files)
    assert np.allclose(curve.load, 2 * np.pi * LOAD, rtol=1e-4)
    assert curve.metadata["force"] == "bndout"
    with pytest.raises(ValueError, match="both nodout"):
        read_lsdyna_curve([*files, OUTPUT / "nodout"])
    with pytest.raises(ValueError, match="none of the files"):
        read_lsdyna_curve([OUTPUT / "README.md"])
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_lsdyna_curve([tmp_path / "no"])


def test_names_with_a_job(run):
    for path in run.iterdir():
        path.rename(run / f"job7.{path.name}")
    assert read_lsdyna_curve(run).load.size == 21
    shutil.copy(run / "job7.nodout", run / "job8.nodout")
    with pytest.raises(ValueError, match=r"more than one file nodout: job7.nodout and job8.nodout"):
        read_lsdyna_curve(run)


def test_newer_words_and_moments(run):
    def newer(text):
        text = text.replace("slave ", "SURFA").replace("master", "SURFB")
        lines = text.splitlines(keepends=True)
        moments = "".join(f"  m{axis}  0.00000E+00" for axis in "xyz")
        return "".join(line[:-1] + moments + "\n" if " time" in line else line for line in lines)

    edit(run / "rcforc", newer)
    assert np.allclose(read_lsdyna_curve(run).load, 2 * np.pi * LOAD, rtol=1e-4)


def test_fortran_exponents_and_touching_fields(run):
    def touching(text):
        # Exponents of three digits fill the fields, as C writes them (12 characters) or Fortran (11, without the E).
        rows = [line for line in text.splitlines() if line.startswith("        1 ") and line.count("E") > 9]
        for row, tiny in zip(rows, ["-1.2345E-101", " -1.2345-101"] * 10, strict=False):
            text = text.replace(row, row[:10] + tiny + row[22:34] + tiny + row[46:])
        return text

    edit(run / "nodout", touching)
    edit(run / "rcforc", lambda text: text.replace("E+", "D+").replace("E-", "D-"))
    curve = read_lsdyna_curve(run)
    assert np.allclose(curve.displacement, TRAVEL, atol=1e-4)
    assert np.allclose(curve.load, 2 * np.pi * LOAD, rtol=1e-4)


def test_a_restart_writes_times_twice(run):
    for kind, head in (("rcforc", "  slave           1 time 1.50000E-03"), ("nodout", None)):
        text = (run / kind).read_text()
        if head is None:
            head = text[text.index("( at time 1.50000E-03 )") - 105 :][:105]
        at = text.index(head)
        # The first run had gone on, with other numbers, to the end.
        wrong = text[at:].replace("E+02", "E+01").replace("E+00", "E-01")
        (run / kind).write_text(text[:at] + wrong + text[at:])
    curve = read_lsdyna_curve(run)
    assert np.allclose(curve.displacement, TRAVEL, atol=1e-4)
    assert np.allclose(curve.load, 2 * np.pi * LOAD, rtol=1e-4)


@pytest.mark.parametrize("kind", ["rcforc", "bndout", "nodout", "rbdout"])
def test_a_file_that_was_cut_off(run, kind):
    options = {"force": "bndout" if kind == "bndout" else "rcforc", "node": None if kind == "rbdout" else 1}
    text = (run / kind).read_text()
    for length in range(len(text) - 900, len(text), 7):
        (run / kind).write_text(text[:length])
        curve = read_lsdyna_curve(run, **options)
        assert 18 <= curve.load.size <= 21
        assert np.allclose(curve.displacement, TRAVEL[: curve.load.size], atol=1e-4)
        assert np.allclose(curve.load, 2 * np.pi * LOAD[: curve.load.size], rtol=1e-4)


def test_a_punch_moved_by_its_nodes(run):
    edit(run / "bndout", lambda text: text.replace("mat#       2", " nd#       7"))
    curve = read_lsdyna_curve(run, force="bndout")
    assert np.allclose(curve.load, 2 * np.pi * LOAD, rtol=1e-4)


def test_loads_in_bndout_do_not_count(run):
    def load(text):
        section = "\n discrete nodal point forces \n\nmat#       2  xforce=  0.0  yforce=  9.9E+09  zforce=  0.0\n"
        lines = text.splitlines(keepends=True)
        # Behind the forces of the prescribed motion at the same time.
        return "".join(line + section if "xtotal" in line else line for line in lines)

    edit(run / "bndout", load)
    assert np.allclose(read_lsdyna_curve(run, force="bndout").load, 2 * np.pi * LOAD, rtol=1e-4)


def test_steps_of_both_files_differ(run):
    def thinned(text):
        head, *blocks = text.split("\n\n\n n o d a l   p r i n t")
        # Two blocks a time, of displacements and of rotations.
        kept = [block for k, block in enumerate(blocks) if (k // 2) % 2 == 0]
        return "\n\n\n n o d a l   p r i n t".join([head, *kept])

    edit(run / "nodout", thinned)
    curve = read_lsdyna_curve(run)
    assert curve.load.size == 21
    assert np.allclose(curve.displacement, TRAVEL, atol=1e-4)


def test_errors_of_the_reader(run):
    for options, match in [
        ({"interface": 7}, "no contact 7; it has 1, 2"),
        ({"force": "bndout", "part": 9}, "no rigid part 9; it has 2"),
        ({"node": 5}, "no node 5; it has 1, 2"),
        ({"node": None, "part": 5}, "no rigid part 5; it has 2, 3"),
        ({"force": "nodfor"}, "force must be"),
        ({"axis": "r"}, "axis must be"),
    ]:
        with pytest.raises(ValueError, match=match):
            read_lsdyna_curve(run, **options)
    with pytest.raises(TypeError, match="per_radian"):
        read_lsdyna_curve(run, per_radian=360)
    for source in ({"rcforc": run / "rcforc"}, 5):
        with pytest.raises(TypeError, match="source must be a folder or files"):
            read_lsdyna_curve(source)
    with pytest.raises(FileNotFoundError, match="no folder or file"):
        read_lsdyna_curve(run / "none")
    good = (run / "rcforc").read_text()
    edit(run / "rcforc", lambda text: text.replace("y -1.", "y ************ -1.", 1))
    with pytest.raises(ValueError, match=r"rcforc, line \d+"):
        read_lsdyna_curve(run)
    lines = good.splitlines(keepends=True)
    lines[20] = lines[20].split("  y")[0] + "  y ************  z  0.00000E+00 mass  0.00000E+00\n"
    (run / "rcforc").write_text("".join(lines))
    with pytest.raises(ValueError, match=r"line 21: .* is not a finite number"):
        read_lsdyna_curve(run)
    (run / "rcforc").write_text("".join(lines[:15]))
    with pytest.raises(ValueError, match="have 2 times in common"):
        read_lsdyna_curve(run)
    (run / "rcforc").unlink()
    (run / "bndout").unlink()
    (run / "binout0000").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"rcforc \(or bndout\) is needed .* l2a"):
        read_lsdyna_curve(run)
    (run / "nodout").unlink()
    with pytest.raises(FileNotFoundError, match="file rcforc is needed and missing"):
        read_lsdyna_curve(run, force="rcforc")


def test_zero_is_plain():
    curve = read_lsdyna_curve(OUTPUT)
    assert math.copysign(1, curve.load[0]) == math.copysign(1, curve.displacement[0]) == 1
