"""Files are written whole, through links and into pipes, and never over an input."""

import os
import stat
import threading

import pytest

from sklearn_spt.utils.files import atomic_path, check_outputs, file_names, write_csv


def put(path, text="new"):
    with atomic_path(path) as temporary:
        temporary.write_text(text)


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "m.json").write_text("old")
    for link, target in (("m.json", "real/m.json"), ("n.json", "m.json"), ("new.json", "real/new.json")):
        (tmp_path / link).symlink_to(target)
    for link, real in (("m.json", "m.json"), ("n.json", "m.json"), ("new.json", "new.json")):
        put(tmp_path / link, link)
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / "real" / real).read_text() == link
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["m.json", "new.json"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_is_kept(tmp_path, mode):
    path = tmp_path / "private.json"
    path.write_text("old")
    path.chmod(mode)
    put(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


def test_a_new_file_has_the_mode_of_others(tmp_path):
    put(tmp_path / "new.txt")
    (tmp_path / "other.txt").write_text("")
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "other.txt").stat().st_mode


def test_a_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    put(pipe)
    reader.join(10)
    assert heard == ["new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_into():
    put("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def fail():
        with atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_no_output_is_an_input(tmp_path):
    record = tmp_path / "A1.csv"
    record.write_text("raw")
    (tmp_path / "link.csv").symlink_to("A1.csv")
    os.link(record, tmp_path / "hard.csv")
    for output in (record, tmp_path / "link.csv", tmp_path / "hard.csv", tmp_path / "." / "A1.csv"):
        with pytest.raises(FileExistsError, match="it is the input"):
            check_outputs([output], [record])
    check_outputs([tmp_path / "A2.csv"], [record, tmp_path / "gone.csv"])


def test_no_two_outputs_are_one(tmp_path):
    for other in ("a.csv", "A.CSV", "./a.csv"):
        with pytest.raises(FileExistsError, match="two results"):
            check_outputs([tmp_path / "a.csv", tmp_path / other], [])
    (tmp_path / "old.csv").write_text("")
    with pytest.raises(FileExistsError, match="two results"):
        check_outputs([tmp_path / "old.csv", tmp_path / "old.csv"], [])
    check_outputs([tmp_path / "a.csv", tmp_path / "b.csv"], [])


def test_names_of_files_do_not_meet():
    names = file_names(["A", "a", "A_x", "../A", "summary"], reserved=("summary",), endings=("", "_x"))
    files = [f"{name}{ending}".lower() for name in names for ending in ("", "_x")]
    assert len(set(files)) == len(files)
    assert "summary" not in files
    assert not any("/" in name or name.startswith(".") for name in names)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1+1", "=HYPERLINK(\"x\";\"y\")", "-A1", "+", "=",
     "\ufeff=1"]
)  # fmt: skip
def test_no_spreadsheet_evaluates_a_cell(tmp_path, cell):
    write_csv(tmp_path / "t.csv", [["name"], [cell]])
    text = (tmp_path / "t.csv").read_bytes().decode()
    assert text.split("\n", 1)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("cell", ["A1", "-5", "+3.5e-2", "a=b", "", "x@y", -5.0, None, 1, "'quoted'"])
def test_other_cells_stay(tmp_path, cell):
    write_csv(tmp_path / "t.csv", [["name", "x"], [cell, 1]])
    shown = "" if cell is None else str(cell)
    assert (tmp_path / "t.csv").read_text() == f"name,x\n{shown},1\n"
