"""Files as testing machines and laboratories write them: each read right, or refused with what to do."""

import importlib.util
import json
import pickle
import re
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sklearn_spt import SPTCurve, read_curves
from sklearn_spt.curves import CurveSource
from sklearn_spt.io._facts import is_fact
from sklearn_spt.io._numbers import find_decimal
from sklearn_spt.io._units import parse_unit, split_unit
from sklearn_spt.io._words import understand

# Files without names or units, which are read by the order of their columns, and warned of.
BY_ORDER = pytest.mark.filterwarnings("ignore:.*nothing in the file says which column is what:UserWarning")
LAB = Path(__file__).parents[1] / "data" / "lab"


def load_script():
    spec = importlib.util.spec_from_file_location("make_lab_files", LAB / "make_lab_files.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


LAB_FILES = load_script()
WORKBOOKS = LAB_FILES.workbooks()
GOOD = LAB_FILES.GOOD | {name: file for name, file in WORKBOOKS.items() if not isinstance(file.expected, str)}
BROKEN = LAB_FILES.BROKEN | {name: file for name, file in WORKBOOKS.items() if isinstance(file.expected, str)}
U, F = LAB_FILES.A


@pytest.fixture
def read(tmp_path):
    """Read a text as if it were a file."""

    def read(text, written="utf-8", **options):
        (tmp_path / "A1.csv").write_bytes(text.encode(written))
        return read_curves(tmp_path / "A1.csv", **options)

    return read


def rows(separator=",", decimal=".", u=U, f=F, digits=4):
    numbers = ([f"{value:.{digits}f}".replace(".", decimal) for value in pair] for pair in zip(u, f, strict=True))
    return "".join(f"{separator.join(pair)}\n" for pair in numbers)


# The files of the laboratory


@pytest.mark.parametrize(("folder", "files"), [("good", GOOD), ("broken", BROKEN)])
def test_files_are_those_of_the_script(folder, files):
    assert {path.name for path in (LAB / folder).iterdir()} == set(files)
    for name, file in files.items():
        if name not in WORKBOOKS:
            assert (LAB / folder / name).read_bytes() == file.content, f"run {LAB}/make_lab_files.py"


@pytest.mark.parametrize("name", GOOD)
def test_good_files(name):
    expected = GOOD[name].expected
    warns = next((each.warns for each in expected if each.warns), None)
    with pytest.warns(UserWarning, match=warns) if warns else nullcontext():
        curves = read_curves(LAB / "good" / name)
    assert [curve.name for curve in curves] == [each.name for each in expected]
    for curve, each in zip(curves, expected, strict=True):
        np.testing.assert_allclose(curve.displacement, each.record[0], rtol=0, atol=each.step)
        np.testing.assert_allclose(curve.load, each.record[1], rtol=0, atol=each.load_step)
        assert curve.thickness == pytest.approx(each.thickness)
        assert curve.temperature == each.temperature
        assert curve.displacement_kind == each.kind
        # What is reported is what can be found in the file.
        assert curve.source.path == str(LAB / "good" / name)
        assert curve.source.lines[0] == curve.source.header_lines + 1
        assert set(curve.source.columns) == {"displacement", "load"}
        assert json.loads(json.dumps(asdict(curve.source))) is not None
        assert pickle.loads(pickle.dumps(curve)).source == curve.source


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name):
    path = LAB / "broken" / name
    with pytest.raises(ValueError, match=BROKEN[name].expected) as error:
        read_curves(path)
    assert str(error.value).startswith(str(path))


@BY_ORDER
def test_the_folder_of_good_files():
    curves = read_curves(LAB / "good")
    assert len(curves) == sum(len(file.expected) for file in GOOD.values())
    assert len(read_curves(str(LAB / "good" / "*.TXT"))) == 1
    assert len(read_curves([LAB / "good" / "*.dat", LAB / "good" / "mti.txt"])) == 5


def test_what_was_refused_reads_as_the_message_says():
    """What the messages of the broken files tell to pass is taken."""
    broken = LAB / "broken"
    for name, options in {
        "crosshead_and_lvdt.csv": {"columns": {"displacement": "LVDT (mm)"}},
        "zwick_two_ways.TXT": {"columns": {"displacement": "Traversenweg absolut"}},
        "two_load_cells.csv": {"columns": {"load": "Load cell 1 (N)"}},
        "two_channels.dat": {"columns": {"displacement": 0, "load": 1}},
        "no_names.csv": {"columns": {"displacement": 1, "load": 2}},
        "too_few_names.csv": {"columns": {"displacement": 1, "load": 2}},
        "kilonewton_not_said.csv": {"units": {"load": "kN"}},
        "micrometre_not_said.csv": {"units": {"displacement": "µm"}},
        "two_thicknesses.csv": {"thickness": 0.5},
    }.items():
        (curve,) = read_curves(broken / name, **options)
        np.testing.assert_allclose(curve.displacement, U, rtol=0, atol=1e-12)
        np.testing.assert_allclose(curve.load, F, rtol=0, atol=0.1)
    (curve,) = read_curves(broken / "decimal_or_thousands.csv", decimal=",")
    assert curve.load.max() == pytest.approx(1078.0)
    (curve,) = read_curves(broken / "unloading.csv", cut_unloading=True)
    np.testing.assert_allclose(curve.displacement, np.append(U, U[-1]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("end", [0, 20])
@pytest.mark.parametrize("backward", [False, True])
def test_an_unloading_at_the_end_is_cut_where_that_is_asked_for(read, sign, end, backward):
    """Also one that goes back to where the test began, where compression is negative, and in rows that go back."""
    u, f = np.append(U, U[end:-1][::-1]), np.append(F, 0.5 * F[end:-1][::-1])
    step = -1 if backward else 1
    text = "u (mm),F (N)\n" + rows(u=sign * u[::step], f=sign * f[::step])
    if backward and end == 0:
        # Nothing but the load tells the direction of a record from zero to zero.
        with pytest.raises(ValueError, match=r"the load is greater on the way back .* sort them as they were measured"):
            read(text, cut_unloading=True)
        return
    left = len(u) - len(U)
    with pytest.raises(ValueError, match=rf"back from 1\.2 to {U[end]:.4g} mm over the last {left} points.*cut_unloa"):
        read(text)
    (curve,) = read(text, cut_unloading=True)
    np.testing.assert_allclose(curve.displacement, U, rtol=0, atol=1e-4)
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-4)
    assert curve.source.notes[0].startswith(f"the last {left} points left out, an unloading")
    first = 2 + left if backward else 2
    assert curve.source.lines == (first, first + len(U) - 1)


def test_other_ways_back_are_refused_even_so(read):
    back = np.append(U, U[:-20:-1])
    for u, f in (
        (np.append(U[:30], U[15:]), np.append(F[:30], F[15:])),  # in the middle
        (np.append(back, U[-20:]), np.append(F, np.append(F[:-20:-1], F[-20:]))),  # and loaded again
    ):
        with pytest.raises(ValueError, match="cut unloadings out of the record"):
            read("u (mm),F (N)\n" + rows(u=u, f=f), cut_unloading=True)
        with pytest.raises(
            ValueError, match=r"cut unloadings out .* \(the sign of the displacement and load was changed\)$"
        ):
            read("u (mm),F (N)\n" + rows(u=-u, f=-f))
    with pytest.raises(TypeError, match="cut_unloading must be True or False; got 'yes'"):
        read("u (mm),F (N)\n" + rows(), cut_unloading="yes")


# What is reported


def test_source_tells_what_was_understood(read):
    (curve,) = read(
        "Probe;X1\nProbendicke;500;µm\nTraversenweg [µm];Kraft [kN];Bemerkung\n" + rows(";", ",", -1000 * U, -F / 1000),
        written="cp1252",
    )
    source = curve.source
    assert isinstance(source, CurveSource)
    assert (source.encoding, source.separator, source.decimal) == ("cp1252", "semicolon", ",")
    assert source.header_lines == 3
    assert source.lines == (4, 3 + len(U))
    assert source.columns == {"displacement": "Traversenweg [µm]", "load": "Kraft [kN]"}
    assert source.positions == {"displacement": 0, "load": 1}
    assert source.units == {"displacement": "µm", "load": "kN"}
    assert source.factors == {"displacement": 1e-3, "load": 1000.0}
    assert source.sign_changed == ("displacement", "load")
    assert source.origin == {"name": "line 1", "thickness": "line 2"}
    for part in (
        "A1.csv",
        "lines 4 to 52",
        "'Kraft [kN]'",
        "times 1000",
        "sign changed",
        "thickness: line 2",
        "cp1252",
    ):
        assert part in repr(source)
        assert part in str(source)


def test_what_is_assumed_is_said(read):
    with pytest.warns(UserWarning, match="nothing in the file says which column is what"):
        (curve,) = read("a,b\n" + rows())
    assert curve.source.units == {"displacement": "mm (assumed)", "load": "N (assumed)"}
    assert curve.source.notes == ("displacement and load by the order of the columns",)
    with pytest.warns(UserWarning, match="nothing in the file says which column is what"):
        (curve,) = read(rows("\t"))
    assert curve.source.header_lines == 0
    assert curve.source.columns == {"displacement": "", "load": ""}


def test_rows_left_out_are_noted():
    (curve,) = read_curves(LAB / "good" / "mts_specimen.dat")
    assert curve.source.notes == ("line 15: a row of numbers left out", "line 16: a row of numbers left out")


def test_other_lines_are_metadata(read):
    (curve,) = read("# operator: Kh\n# heat: 7\n# speed: 0.3 mm/min\nu (mm),F (N)\n" + rows())
    assert curve.metadata == {"operator": "Kh", "heat": 7.0, "speed": "0.3 mm/min"}


@pytest.mark.parametrize(
    ("line", "metadata"),
    [
        ("Date;12.03.2024;14:00", [{"Date": "12.03.2024 14:00"}] * 2),
        ("Date;12.03.2024;13.03.2024", [{"Date": "12.03.2024"}, {"Date": "13.03.2024"}]),
        ("Heat;H7;Heat;H8", [{"Heat": "H7"}, {"Heat": "H8"}]),
        ("Width;3;mm;Width;4;mm", [{"Width": "3 mm"}, {"Width": "4 mm"}]),
        ("Heat;H7;Lot;1;Heat;H8;Lot;2", [{"Heat": "H7", "Lot": 1.0}, {"Heat": "H8", "Lot": 2.0}]),
        ("Heat: H7;Heat: H8", [{"Heat": "H7"}, {"Heat": "H8"}]),
        ("Acquisition;;Time:;12,5;s", [{"Time": "12,5 s"}] * 2),
        ("Acquisition: Time: 12 s", [{"Time": "12 s"}] * 2),
    ],
)
def test_lines_of_two_specimens_side_by_side(read, line, metadata):
    four = "".join(f"{row};{row}\n" for row in rows(";", ",").splitlines())
    curves = read(f"{line}\nStroke (mm);Force (N);Stroke (mm);Force (N)\n{four}")
    assert [curve.metadata for curve in curves] == metadata
    assert [curve.name for curve in curves] == ["A1-1", "A1-2"]


def test_columns_of_the_time_are_no_displacement(read):
    for names in ("t;y;t;y", "t;F;t;F"):
        four = "".join(f"{row};{row}\n" for row in rows(";").splitlines())
        with pytest.raises(ValueError, match="no column is known to hold the displacement"):
            read(f"{names}\n{four}")
    with pytest.raises(ValueError, match="no column is known to hold the displacement"):
        read("t;F\n" + rows(";"))


def test_a_letter_that_is_a_unit_too_is_a_name_above_another_unit(read):
    (curve,) = read("s;F\nmm;N\n" + rows(";"))
    np.testing.assert_allclose(curve.displacement, U, atol=1e-4)
    assert curve.source.columns["displacement"] == "s"
    # A second above a second is the time.
    with pytest.raises(ValueError, match="no column is known to hold the displacement"):
        read("s;F\ns;N\n" + rows(";"))


def test_room_temperature_is_no_number(read):
    (curve,) = read("# temperature: RT\nu (mm),F (N)\n" + rows())
    assert curve.temperature is None
    assert curve.metadata == {"temperature": "RT"}


@pytest.mark.parametrize(
    ("line", "temperature"),
    [("Temperature (K),296.15", 23.0), ("Temperature,212,°F", 100.0), ("temperature: -196 °C", -196)],
)
def test_temperatures(read, line, temperature):
    (curve,) = read(f"{line}\nu (mm),F (N)\n" + rows())
    assert curve.temperature == pytest.approx(temperature)


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_encodings(read, encoding):
    (curve,) = read("Prüfer;Größmann\nDicke;500;µm\nWeg [µm];Kraft [N]\n" + rows(";", ",", 1000 * U), encoding)
    np.testing.assert_allclose(curve.displacement, U, rtol=0, atol=1e-12)
    assert curve.thickness == 0.5
    assert curve.metadata == {"Prüfer": "Größmann"}


def test_encoding_can_be_given(read):
    text = "変位(mm),荷重(N)\n" + rows()
    (curve,) = read(text, "euc-jp", encoding="euc-jp")
    assert curve.source.encoding == "euc-jp"
    with pytest.raises(ValueError, match=r"A1\.csv: not a text file in utf-8 .*; pass its encoding"):
        read(text, "cp932", encoding="utf-8")
    with pytest.raises(ValueError, match="there is no encoding 'utf-9'"):
        read(text, encoding="utf-9")


# Lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_ends_of_lines(read, end):
    (curve,) = read(("u (mm),F (N)\n" + rows()).replace("\n", end))
    np.testing.assert_array_equal(curve.load, F)


def test_minus_signs(read):
    text = ("u (mm);F (N)\n" + rows(";", ",", -U)).replace("-", "\N{MINUS SIGN}")
    (curve,) = read(text)
    np.testing.assert_array_equal(curve.displacement, U)
    assert curve.source.sign_changed == ("displacement",)


def test_loads_around_zero_keep_their_sign(read):
    (curve,) = read("u (mm),F (N)\n" + rows(f=F - 5))
    np.testing.assert_allclose(curve.load, F - 5)
    assert curve.source.sign_changed == ()


def test_footers_are_ignored(read):
    (curve,) = read("u (mm),F (N)\n" + rows() + "\nMaximum load,1310.5,N\nEnd of test\n")
    np.testing.assert_array_equal(curve.load, F)


@pytest.mark.parametrize("per_page", [3, 5, 7, 24])
def test_pages_of_any_length(read, per_page):
    """The last page may have two lines only; displacements that jitter do not begin another specimen."""
    jitter = np.random.default_rng(0).uniform(-0.012, 0.012, len(U))
    lines = rows(u=U + jitter).splitlines()
    pages = [lines[k : k + per_page] for k in range(0, len(lines), per_page)]
    text = "".join("\n".join([f"Page {n}", "u (mm),F (N)", *page, ""]) for n, page in enumerate(pages))
    (curve,) = read(text)
    np.testing.assert_array_equal(curve.load, F)


def test_remarks_between_points_are_ignored(read):
    lines = rows().splitlines()
    (curve,) = read("\n".join(["u (mm),F (N)", *lines[:9], "# speed changed", *lines[9:]]))
    np.testing.assert_array_equal(curve.load, F)


# Options


def test_columns_by_name_or_position(read):
    text = "t (s),Crosshead (mm),LVDT (µm),Load (kN)\n" + "".join(
        f"{k},{1.1 * u!r},{1000 * u!r},{f / 1000!r}\n"
        for k, (u, f) in enumerate(zip(U.tolist(), F.tolist(), strict=True))
    )
    for wanted in ("LVDT (µm)", "lvdt (µm)", "LVDT", 2):
        (curve,) = read(text, columns={"displacement": wanted})
        np.testing.assert_allclose(curve.displacement, U, rtol=1e-12)
        assert curve.displacement_kind == "deflection"
    with pytest.raises(
        ValueError, match=r"there is no column 'x' of numbers for the displacement; there are 0: 't \(s\)', 1"
    ):
        read(text, columns={"displacement": "x"})
    with pytest.raises(ValueError, match="there is no column 9 of numbers"):
        read(text, columns={"displacement": 9})
    with pytest.raises(ValueError, match="displacement and load are both column 3"):
        read(text, columns={"displacement": 3, "load": 3})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"columns": "Load"}, TypeError, "columns must be a mapping such as {'displacement': ...}; got 'Load'"),
        ({"columns": {"force": "Load"}}, ValueError, "columns has the key 'force'; it takes 'displacement', 'load',"),
        ({"columns": {"load": 1.5}}, TypeError, r"columns\['load'\] must be a text or a position from 0; got 1\.5"),
        ({"units": {"load": 1000}}, TypeError, r"units\['load'\] must be a text; got 1000"),
        (
            {"units": {"load": "mm"}},
            ValueError,
            r"units={'load': 'mm'}: no unit of it that is known; take N, kN",
        ),
        ({"decimal": ";"}, ValueError, "decimal must be one of '.', ',', or None; got ';'"),
        ({"separator": "x"}, ValueError, "separator must be one of .* or None; got 'x'"),
        ({"sheet": 0}, ValueError, r"A1\.csv: a text file has no sheets; leave out sheet="),
        ({"metadata": "no.csv"}, FileNotFoundError, r"there is no table of specimens no\.csv"),
        (
            {"metadata": {"A1": 0.5}},
            TypeError,
            r"metadata\['A1'\] must be a mapping such as {'thickness': 0.5}; got 0.5",
        ),
        ({"thickness": -1.0}, ValueError, r"A1\.csv: curve 'A1': thickness must be positive"),
    ],
)
def test_wrong_options(read, options, error, message):
    with pytest.raises(error, match=message):
        read("u (mm),F (N)\n" + rows(), **options)


def test_units_of_the_user_count(read):
    text = "u (mm),F (N)\n" + rows(u=1000 * U, f=F / 1000, digits=6)
    (curve,) = read(text, units={"displacement": "um", "load": "kN"})
    np.testing.assert_allclose(curve.displacement, U, rtol=0, atol=1e-9)
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)
    (curve,) = read("Thickness: 500\nu (mm),F (N)\n" + rows(), units={"thickness": "µm"})
    assert curve.thickness == 0.5


def test_sheets_can_be_chosen():
    path = LAB / "good" / "workbook.xlsx"
    for sheet in ("P2", 3):
        (curve,) = read_curves(path, sheet=sheet)
        assert (curve.name, curve.thickness, curve.source.sheet) == ("workbook", 0.48, "P2")
    with pytest.raises(
        ValueError,
        match="there is no sheet 'P3'; there are 'Parameter', 'Ergebnisse', 'P1', 'P2'; sheet= takes one of them",
    ):
        read_curves(path, sheet="P3")


def test_workbooks_need_openpyxl(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r'pip install "sklearn-spt\[excel\]", or save the sheet as CSV'):
        read_curves(LAB / "good" / "workbook.xlsx")


def test_separator_can_be_given(read):
    (curve,) = read("u (mm)|F (N)\n" + rows("|"), separator="|")
    np.testing.assert_array_equal(curve.load, F)


# Paths


def test_paths_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file or folder .*no\.csv"):
        read_curves(tmp_path / "no.csv")
    with pytest.raises(FileNotFoundError, match=r"the folder .* holds no file of a test"):
        read_curves(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no file that fits the pattern .*\*\.txt"):
        read_curves(tmp_path / "*.txt")


def test_hidden_files_and_locks_are_no_records(tmp_path):
    for name in ("A1.csv", "~$A1.csv", ".A1.csv", "notes.pdf"):
        (tmp_path / name).write_text("u (mm),F (N)\n" + rows())
    assert [curve.name for curve in read_curves(tmp_path)] == ["A1"]


def test_workbooks_of_other_kinds_are_not_passed_over(tmp_path):
    record = "u (mm)\tF (N)\n" + rows("\t")
    (tmp_path / "A1.xls").write_text(record)  # as machines name tables of text
    (tmp_path / "A2.csv").write_text(record)
    (tmp_path / "A2.xls").write_bytes(b"\xd0\xcf\x11\xe0 what A2.csv was saved from")
    assert sorted(curve.name for curve in read_curves(tmp_path)) == ["A1", "A2"]
    for name, content, message in (
        ("A3.xls", b"\xd0\xcf\x11\xe0", r"A3.xls: an old Excel workbook \(.xls\) .*; save it as .xlsx or as CSV"),
        ("A3.ods", b"PK\x03\x04", "A3.ods: a workbook of another kind than .xlsx; save it as .xlsx or as CSV"),
        ("A3.xls", b"<html><table><tr><td>1</td></tr></table></html>", "A3.xls: a page of HTML or XML, not a table"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=message):
            read_curves(tmp_path)
        (tmp_path / name).unlink()


def test_records_in_subfolders_are_pointed_at(tmp_path):
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "Specimen_RawData_1.csv").write_text("u (mm),F (N)\n" + rows())
    with pytest.raises(FileNotFoundError, match=r"there are some in its subfolders: give these, or a pattern such as"):
        read_curves(tmp_path)
    assert len(read_curves(tmp_path / "*" / "*.csv")) == 1


def test_names_with_brackets_are_files(tmp_path):
    (tmp_path / "A[1].csv").write_text("u (mm),F (N)\n" + rows())
    assert [curve.name for curve in read_curves(tmp_path / "A[1].csv")] == ["A[1]"]


# The table of specimens


def test_a_table_of_texts_among_the_files_is_told_from_a_record(tmp_path):
    (tmp_path / "specimens.csv").write_text("name,material,rig\nA1,steel A,EN10371\nA2,steel A,EN10371\n")
    with pytest.raises(
        ValueError, match=r"no two columns .*; if it is a table of specimens, .*: metadata='.*specimens.csv'"
    ):
        read_curves(tmp_path)
    (tmp_path / "A1.csv").write_text("u (mm),F (N)\n" + rows())
    (tmp_path / "A2.csv").write_text("u (mm),F (N)\n" + rows())
    curves = read_curves(tmp_path, metadata=tmp_path / "specimens.csv")
    assert [(curve.name, curve.rig) for curve in curves] == [("A1", "EN10371"), ("A2", "EN10371")]


@pytest.fixture
def lab(tmp_path):
    for name in ("A1", "A2"):
        (tmp_path / f"{name}.csv").write_text("# thickness: 0.6\nu (mm),F (N)\n" + rows())
    return tmp_path


@pytest.mark.parametrize(
    "table",
    [
        "name,thickness,temperature,heat\nA1,0.5,23,7\nA2,0.48,550,8\n",
        "Probe;Dicke (mm);Prüftemperatur [°C];heat\nA2.csv;0,48;550;8\nA1.csv;0,5;23;7\n",
        "heat\tspecimen\tthickness\ttemperature\n\t\tµm\tK\n7\tA1\t500\t296.15\n8\tA2\t480\t823.15\n",
    ],
)
def test_table_of_specimens(lab, table):
    (lab / "specimens.csv").write_text(table, encoding="utf-8")
    curves = read_curves(lab, metadata=lab / "specimens.csv")
    assert [curve.name for curve in curves] == ["A1", "A2"]
    assert [curve.thickness for curve in curves] == [0.5, 0.48]
    assert [curve.temperature for curve in curves] == pytest.approx([23.0, 550.0])
    assert [curve.metadata["heat"] for curve in curves] == [7.0, 8.0]
    assert curves[0].source.origin["thickness"].startswith("specimens.csv, line ")
    with pytest.warns(UserWarning, match=r"0\.7 mm for all specimens overrides the 0\.\d+ mm in specimens\.csv"):
        curves = read_curves(lab, metadata=lab / "specimens.csv", thickness=0.7)
    assert {curve.thickness for curve in curves} == {0.7}
    assert curves[0].source.origin["thickness"] == "thickness="


def test_table_of_specimens_without_sizes(lab):
    """A table of nothing but materials."""
    (lab / "specimens.csv").write_text("# of the third heat\nname,material\nA1,steel A\nA2,steel B\n")
    curves = read_curves(lab, metadata=lab / "specimens.csv")
    assert [curve.metadata["material"] for curve in curves] == ["steel A", "steel B"]
    assert [curve.thickness for curve in curves] == [0.6, 0.6]


@pytest.mark.parametrize(
    "table",
    [
        "name;thickness;displacement kind\nA1;0,5;Deflection\nA2;0,48;punch\n",
        'name;"h0 [mm]";displacement_kind\nA1;"0,5";deflection\nA2;"0,48";punch\n',
        "name|thickness in mm|displacement kind\nA1|0.5|deflection\nA2|0.48|punch\n",
        "name\tDicke\tdisplacement kind\nA1\t0,5\tdeflection\nA2\t0,48\tpunch\n",
    ],
)
def test_table_of_specimens_with_one_number_in_a_line(lab, table):
    """As spreadsheets write it in most of Europe: semicolons and a decimal comma, and no second number in sight."""
    (lab / "specimens.csv").write_text(table, encoding="utf-8")
    curves = read_curves(lab, metadata=lab / "specimens.csv")
    assert [curve.thickness for curve in curves] == [0.5, 0.48]
    assert [curve.displacement_kind for curve in curves] == ["deflection", "punch"]
    (lab / "specimens.csv").write_text(table.splitlines()[0] + "\n" + table.splitlines()[1] + "\n", encoding="utf-8")
    (curve,) = read_curves(lab / curves[0].source.path, metadata=lab / "specimens.csv")
    assert (curve.thickness, curve.displacement_kind) == (0.5, "deflection")


@pytest.mark.parametrize("line", ["h0 = 0,5 mm", "h0;0,5;mm", "# h0 (mm): 0,5", "h0: 500 µm"])
def test_h0_is_the_thickness(tmp_path, line):
    body = "".join(f"{a:.2f};{b:.1f}\n" for a, b in zip(np.arange(0, 1, 0.1), np.arange(0, 500, 50), strict=True))
    (tmp_path / "x.csv").write_text(f"{line}\nWeg (mm);Kraft (N)\n{body.replace('.', ',')}", encoding="utf-8")
    assert read_curves(tmp_path / "x.csv")[0].thickness == 0.5


def test_table_of_specimens_in_a_workbook(lab):
    import openpyxl

    workbook = openpyxl.Workbook()
    for row in (["Name", "Thickness (mm)"], ["A1", 0.5], ["A2", 0.48]):
        workbook.active.append(row)
    workbook.save(lab / "specimens.xlsx")
    assert [curve.thickness for curve in read_curves(lab, metadata=lab / "specimens.xlsx")] == [0.5, 0.48]


def test_table_of_specimens_as_mapping(lab):
    curves = read_curves(lab, metadata={"A1": {"thickness": 0.5, "heat": "H7"}, "A2": {"thickness": 0.48}})
    assert [curve.thickness for curve in curves] == [0.5, 0.48]
    assert curves[0].metadata == {"heat": "H7"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "name,thickness\nA1,0.5\nA3,0.48\n",
            r"specimens\.csv: no line for the specimen 'A2' \(A2\.csv\); its other lines are for 'A3'\. Add a line",
        ),
        (
            "name,thickness\nA1,0.5\nA2,0.48\nA3,0.48\n",
            r"no curve was read for 'A3'; correct the name, add the file, or remove the line",
        ),
        ("name,thickness\nA1,0.5\nA1,0.48\n", r"line 3: a second line for the specimen 'A1'; leave one of them"),
        ("name,thickness\nA1,0.5\n,0.48\n", r"line 3: the name of the specimen is missing; add it, or remove the line"),
        ("name,thickness\nA1,thin\n", r"line 2: the thickness 'thin' is not one number with a unit of length"),
        ("name,thickness (V)\nA1,0.5\n", r"line 2: 'V' is not a unit of length; give it in mm"),
        ("name,thickness\nA1,0.5,7\n", r"line 2: 3 cells, and the line of names has 2; correct the line"),
        (
            "name,thickness,Dicke\nA1,0.5,0.5\n",
            r"several columns hold the thickness \('thickness', 'Dicke'\); leave one",
        ),
        ("name,thickness\n", r"has no lines below its names; add one per specimen"),
        ("A1,0.5\nA2,0.48\n", r"no line of names .*; the table must begin like 'name,thickness \(mm\)'"),
    ],
)
def test_wrong_tables_of_specimens(lab, table, message):
    (lab / "specimens.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as error:
        read_curves(lab, metadata=lab / "specimens.csv")
    assert "specimens.csv" in str(error.value)


def test_a_file_of_several_specimens_needs_their_names(tmp_path):
    path = LAB / "good" / "one_below_the_other.txt"
    curves = read_curves(path, metadata={"N1": {"thickness": 0.4}, "N2": {"thickness": 0.3}})
    assert [curve.thickness for curve in curves] == [0.4, 0.3]
    with pytest.raises(ValueError, match=r"no line for the specimens 'N1' .*, 'N2' "):
        read_curves(path, metadata={"one_below_the_other.txt": {"thickness": 0.4}})


def test_a_file_of_several_specimens_is_no_specimen_of_the_table(tmp_path):
    four = "".join(f"{row};{row}\n" for row in rows(";").splitlines())
    (tmp_path / "two.csv").write_text(f"A1;;B1;\nStroke (mm);Force (N);Stroke (mm);Force (N)\n{four}")
    table = tmp_path / "specimens.csv"
    table.write_text("name,thickness\ntwo,0.5\n")
    message = (
        r"no line for the specimens 'A1' \(two.csv\), 'B1' \(two.csv\); its other lines are for 'two'. Add .*"
        r"\(of several specimens in a file each needs one, by these names\)"
    )
    with pytest.raises(ValueError, match=message):
        read_curves(tmp_path / "two.csv", metadata=table)


def test_lines_of_specimens_that_are_not_read_are_no_error(lab):
    table = {"A1": {"thickness": 0.5}, "A2": {"thickness": 0.48}}
    (curve,) = read_curves(lab / "A1.csv", metadata=table)
    assert curve.thickness == 0.5


# Numbers


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["0,5", "12,3"], (",", None)),
        (["0.5", "12.3"], (".", None)),
        (["1.234", "5.678"], (".", None)),
        (["1.234,5", "0,1"], (",", ".")),
        (["1,234.5", "0.1"], (".", ",")),
        (["1,234,567", "1"], (".", ",")),
        (["0,123", "1.234"], (",", ".")),
        (["0.123", "1,234"], (".", ",")),
        (["1 234,5", "0,1"], (",", " ")),
        (["1'234.5", "0.5"], (".", "'")),
        (["1", "2"], (".", None)),
    ],
)
def test_decimal_signs(numbers, expected):
    assert find_decimal("x", {(number,): 1 for number in numbers})[0] == expected


@pytest.mark.parametrize("numbers", [["1,234", "5,678"], ["1,234", "5.678"]])
def test_ambiguous_decimal_signs(numbers):
    with pytest.raises(ValueError, match=r"say which: decimal=',' or decimal='\.'"):
        find_decimal("x", {(number,): 1 for number in numbers})
    assert find_decimal("x", {(numbers[0],): 1}, ",")[0] == (",", None)
    assert find_decimal("x", {(numbers[0],): 1}, ".")[0] == (".", ",")


def test_a_number_that_does_not_fit_the_others_is_refused(read):
    text = ("u [mm];F [N]\n" + rows(";", ",")).replace("0,5000;", "0.500;")
    with pytest.raises(ValueError, match=r"decimal sign|is not a pair of numbers"):
        read(text)


# Words


@pytest.mark.parametrize(
    ("name", "role", "kind"),
    [
        ("Displacement (mm)", "displacement", None),
        ("load-line displacement (mm)", "displacement", None),
        ("load at this stroke", "load", None),
        ("Primary load measurement (N)", "load", None),
        ("Crosshead load", "load", None),
        ("Standardkraft", "load", None),
        ("Prüfkraft in N", "load", None),
        ("Traversenweg absolut", "displacement", "crosshead"),
        ("Stempelweg", "displacement", "punch"),
        ("Durchbiegung / µm", "displacement", "deflection"),
        ("Déplacement du poinçon [µm]", "displacement", "punch"),
        ("Flèche", "displacement", "deflection"),
        ("Effort (daN)", "load", None),
        ("Desplazamiento", "displacement", None),
        ("Fuerza_kN", "load", None),
        ("Spostamento", "displacement", None),
        ("Carico", "load", None),
        ("Průhyb", "displacement", "deflection"),
        ("Síla", "load", None),
        ("Ugięcie", "displacement", "deflection"),
        ("Siła", "load", None),
        ("変位(mm)", "displacement", None),
        ("試験力 (N)", "load", None),
        ("ストローク", "displacement", "crosshead"),
        ("位移 [mm]", "displacement", None),
        ("试验力", "load", None),
        ("변위", "displacement", None),
        ("하중", "load", None),
        ("Перемещение", "displacement", None),
        ("Нагрузка", "load", None),
        ("Ch 1 Kraft Sollwert", "other", None),
        ("応力", "other", None),
        ("Crosshead speed (mm/min)", "other", None),
        ("Strain", "other", None),
        ("Zeit", "time", None),
        ("Probe", "specimen", None),
        ("u", "displacement", None),
        ("F (raw)", "load", None),
        ("Chans 1-20", None, None),
    ],
)
def test_names_of_columns(name, role, kind):
    meaning = understand(split_unit(name).base)
    assert (meaning.role, meaning.kind) == (role, kind)


@pytest.mark.parametrize(
    ("name", "base", "unit"),
    [
        ("load (kN)", "load", "kN"),
        ("load [kN]", "load", "kN"),
        ("load_kN", "load", "kN"),
        ("load / kN", "load", "kN"),
        ("Load, N", "Load", "N"),
        ("Kraft in N", "Kraft", "N"),
        ("Weg \N{GREEK SMALL LETTER MU}m", "Weg", "µm"),
        ("変位（mm）", "変位", "mm"),
        ("mm", "", "mm"),
        ("F", "F", None),
        ("displacement in", "displacement in", None),
        ("F (raw)", "F (raw)", None),
    ],
)
def test_units_in_names(name, base, unit):
    split = split_unit(name)
    assert (split.base, split.unit and split.unit.text) == (base, unit)


def test_case_tells_milli_from_mega():
    assert (parse_unit("mN").factor, parse_unit("MN").factor, parse_unit("KN").factor) == (1e-3, 1e6, 1000.0)


@pytest.mark.parametrize(
    ("key", "concept", "expected"),
    [
        ("Probendicke", "thickness", True),
        ("Initial thickness (mm)", "thickness", True),
        ("Épaisseur de l'éprouvette", "thickness", True),
        ("板厚", "thickness", True),
        ("Tjocklek", "thickness", True),
        ("Thickness tolerance", "thickness", False),
        ("Coating thickness", "thickness", False),
        ("Prüftemperatur", "temperature", True),
        ("Furnace temperature limit", "temperature", False),
        ("Proben-beschriftung", "name", True),
        ("試験片名", "name", True),
        ("Sample Reference", "name", True),
        ("Bezeichnung der Probe", "name", True),
        ("Označení vzorku", "name", True),
        ("Numer próbki", "name", True),
        ("Sample rate", "name", False),
        ("Probenkennung 2", "name", False),
        ("Operator name", "name", False),
    ],
)
def test_names_of_facts(key, concept, expected):
    assert is_fact(key, concept) is expected


# Invariants

NAMES = [
    ("Displacement", "Load"),
    ("Weg", "Kraft"),
    ("Déplacement", "Effort"),
    ("変位", "試験力"),
    ("u", "F"),
    ("Siła", "Przemieszczenie"),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_written_is_read(tmp_path, data):
    draw = data.draw
    n = draw(st.integers(5, 40))
    # In whole steps of the file's resolution: what is read must be equal but for the last bit.
    steps = np.cumsum(draw(st.lists(st.integers(100, 400), min_size=n, max_size=n)))
    u_digits, f_digits = draw(st.integers(3, 6)), draw(st.integers(0, 5))
    u = steps / steps[-1] * draw(st.floats(0.2, 3.0))
    # The load tells a negative compression from rows in the wrong order.
    f = np.sort(draw(st.lists(st.floats(1, 2000), min_size=n, max_size=n)))
    f[-1] = 2500.0
    u_unit, u_factor = draw(st.sampled_from([("mm", 1.0), ("µm", 1000.0), ("um", 1000.0), ("in", 1 / 25.4)]))
    f_unit, f_factor = draw(st.sampled_from([("N", 1.0), ("kN", 1e-3)]))
    decimal = draw(st.sampled_from([".", ","]))
    separator = draw(st.sampled_from(["\t", ";", " ", "  "] + ([",", ", "] if decimal == "." else [])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    names = draw(st.sampled_from(NAMES))
    unit_row = draw(st.booleans())
    header = draw(
        st.lists(st.sampled_from(["Test report", "Operator: Kh", "", "Standard: EN 10371", "# a remark"]), max_size=6)
    )
    signs = draw(st.tuples(st.sampled_from([1, -1]), st.sampled_from([1, -1])))
    load_first = names[0] == "Siła"

    columns = [np.round(signs[0] * u * u_factor, u_digits), np.round(signs[1] * f * f_factor, 3 + f_digits)]
    if np.unique(columns[0]).size < n:
        return
    texts = [
        [f"{value:.{digits}f}".replace(".", decimal) for value in column]
        for column, digits in zip(columns, (u_digits, 3 + f_digits), strict=True)
    ]
    units = [u_unit, f_unit]
    if load_first:
        texts, units = texts[::-1], units[::-1]
    top = (
        [separator.join(names), separator.join(units)]
        if unit_row
        else [separator.join(f"{name}[{unit}]" for name, unit in zip(names, units, strict=True))]
    )
    text = "\n".join([*header, *top, *(separator.join(row) for row in zip(*texts, strict=True))]) + "\n"
    path = tmp_path / "A1.txt"
    path.write_bytes(text.encode(encoding))
    (curve,) = read_curves(path)
    np.testing.assert_allclose(curve.displacement, signs[0] * columns[0] / u_factor, rtol=1e-12, atol=0)
    np.testing.assert_allclose(curve.load, signs[1] * columns[1] / f_factor, rtol=1e-12, atol=0)
    assert curve.source.decimal == decimal or decimal not in text


def read_or_refuse(path):
    """The curves of a file, or none where it is refused as documented: a ValueError that names it."""
    refused = None
    try:
        return read_curves(path)
    except ValueError as error:
        refused = str(error)
    assert str(path) in refused
    return []


@BY_ORDER
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / "A1.csv"
    path.write_bytes(content)
    assert all(isinstance(curve, SPTCurve) for curve in read_or_refuse(path))


ALPHABET = "0123456789.,;\t \n:-+eE#\"'()[]mNkµuF%|/äΣ力\x85\u2028"


@BY_ORDER
@pytest.mark.filterwarnings("ignore:.*, which is unusual for a small punch test:UserWarning")
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.text(ALPHABET, max_size=60),
    after=st.text(ALPHABET, max_size=60),
    place=st.integers(0, 40),
    suffix=st.sampled_from([".csv", ".txt"]),
)
def test_any_text_around_a_record_is_read_or_refused(tmp_path, before, after, place, suffix):
    lines = rows().splitlines()
    text = "\n".join([before, "u (mm),F (N)", *lines[:place], after, *lines[place:]])
    path = tmp_path / f"A1{suffix}"
    path.write_text(text, encoding="utf-8")
    # Nothing is made up: there are not more points than lines.
    assert sum(len(curve.load) for curve in read_or_refuse(path)) <= len(re.split(r"[\n\r]", text))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_workbooks_are_refused(tmp_path, data):
    content = bytearray((LAB / "good" / "workbook.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "A1.xlsx"
    path.write_bytes(bytes(content))
    read_or_refuse(path)


def test_workbook_of_formulas_without_values(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.append(["displacement (mm)", "load (N)"])
    for row in range(2, 40):
        workbook.active.append([f"={row} * 0.01", f"=A{row} * 900"])
    path = tmp_path / "A1.xlsx"
    workbook.save(path)
    with pytest.raises(ValueError, match=r"A1\.xlsx: sheet 'Sheet', row 2, '=2 \* 0\.01': .*open it in a spreadsheet"):
        read_curves(path)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    u=st.lists(st.floats(1e-2, 1.0), min_size=5, max_size=30),
    scale=st.floats(0.3, 0.6),
    f=st.lists(st.floats(-1e5, 1e5), min_size=30, max_size=30),
    thickness=st.none() | st.floats(1e-2, 49.0),
    temperature=st.none() | st.floats(-273.0, 2000.0),
    kind=st.sampled_from([None, "crosshead", "punch", "deflection"]),
)
def test_to_csv_is_read_without_loss(tmp_path, u, scale, f, thickness, temperature, kind):
    u = np.cumsum(u) * scale
    f = np.array(f[: len(u)])
    f[-1] = np.abs(f).max() + 20.0
    curve = SPTCurve(u, f, thickness=thickness, temperature=temperature, name="A 1", displacement_kind=kind)
    curve.to_csv(tmp_path / "x.csv")
    (back,) = read_curves(tmp_path / "x.csv")
    np.testing.assert_array_equal([back.displacement, back.load], [curve.displacement, curve.load])
    for name in ("thickness", "temperature", "name", "displacement_kind"):
        assert getattr(back, name) == getattr(curve, name)


def test_long_files_are_read_fast_enough(tmp_path):
    """Machines that record at 1 kHz write hundreds of thousands of lines; seconds are fine, minutes are not."""
    n = 200_000
    k = np.arange(n)
    u, f = 2 * k / n, 1000 * np.sqrt(k / n)
    lines = (f"{t};{a:.6f};{b:.4f}\n".replace(".", ",") for t, a, b in zip(k, u, f, strict=True))
    (tmp_path / "long.csv").write_text("Zeit;Weg [mm];Kraft [N]\n" + "".join(lines))
    start = time.process_time()
    (curve,) = read_curves(tmp_path / "long.csv")
    assert time.process_time() - start < 20
    np.testing.assert_allclose(curve.load, f, rtol=0, atol=5.1e-5)


def test_texts_of_megabytes_are_refused_soon(tmp_path):
    """No expression or loop here takes the square of the size: files of strangers are read on servers."""
    contents = [
        "a" * 500_000,
        "x: " * 100_000,
        "1," * 200_000,
        "Thickness " * 50_000,
        "word word\n" * 50_000,
        "(" * 200_000,
    ]
    for content in contents:
        for text in (content, f"{content}\nu (mm),F (N)\n{rows()}", f"u (mm),F (N)\n{rows()}{content}\n"):
            (tmp_path / "A1.csv").write_text(text)
            start = time.process_time()
            read_or_refuse(tmp_path / "A1.csv")
            assert time.process_time() - start < 5, content[:20]


# What a user's own files brought up

HEADER = "u (mm),F (N)\n"


@pytest.mark.parametrize(
    "name", ["EN10371", "EN 10371", "en10371", "DIN EN 10371", "BS EN 10371:2021", "din-en_10371:2021-10"]
)
@pytest.mark.parametrize("key", ["Rig", "rig", "Test rig", "Prüfvorrichtung", "Fixture", "Rig name"])
def test_rig_in_any_spelling(read, key, name):
    (curve,) = read(f"{key}: {name}\n" + HEADER + rows())
    assert (curve.rig, curve.source.origin["rig"]) == ("EN10371", "line 1")


def test_rigs_of_ones_own_keep_their_name(read):
    for name in ("our rig 2", "EN 10371 with a wide hole", "not EN 10371", "EN 103710"):
        (curve,) = read(f"Rig: {name}\n" + HEADER + rows())
        assert curve.rig == name


@pytest.mark.parametrize(("u_sign", "f_sign", "zero"), [(1, 1, 0), (1, -1, 0), (-1, 1, 0), (-1, -1, 0), (1, 1, 98)])
@pytest.mark.parametrize("fractured", [False, True])
def test_rows_from_the_last_point_to_the_first(read, u_sign, f_sign, zero, fractured):
    u, f = (np.append(U, U[-1] + 0.01), np.append(F, 0.1)) if fractured else (U, F)
    kept, turned = (
        read(HEADER + rows(u=u_sign * (u + zero)[order], f=f_sign * f[order]))[0]
        for order in (slice(None), slice(None, None, -1))
    )
    np.testing.assert_array_equal([turned.displacement, turned.load], [kept.displacement, kept.load])
    assert turned.source.sign_changed == kept.source.sign_changed
    assert [any("reversed" in note for note in c.source.notes) for c in (kept, turned)] == [False, True]


def test_an_order_that_the_load_does_not_tell_is_refused(read):
    u = np.linspace(0, 2, 41)
    with pytest.raises(ValueError, match="the load does not tell whether compression is negative or the rows go from"):
        read(HEADER + rows(u=100 - u, f=1500 * np.sin(u / 2 * np.pi)))
    with pytest.raises(ValueError, match="sort the rows as they were measured, or change the sign"):
        read(HEADER + rows(u=-U, f=F[::-1]))


def test_a_thickness_is_checked_wherever_it_comes_from(read):
    said = "a thickness of 500 mm is outside 0.01 to 50 mm"
    for text, options in (("", {"thickness": 500}), ("h0: 500\n", {}), ("h0: 500 mm\n", {}), ("h0: 0.5 m\n", {})):
        with pytest.raises(ValueError, match=said):
            read(text + HEADER + rows(), **options)
    with pytest.raises(ValueError, match=said):
        read(HEADER + rows(), metadata={"A1": {"thickness": 500}})
    with pytest.raises(
        ValueError, match=r"curve 'A1': a thickness of 0.0005 mm is outside 0.01 to 50 mm. Give it in mm"
    ):
        SPTCurve(U, F, thickness=0.0005, name="A1")


@pytest.mark.parametrize(
    ("header", "scale_u", "scale_f", "message"),
    [
        (HEADER, 1000, 1, r"in mm, goes over .* no small punch test does; .* units=\{'displacement': 'µm'\}"),
        ("u (mm),F (kN)\n", 1, 1, r"in kN, reaches 1.* no small punch test does; .* units=\{'load': 'N'\}"),
        (HEADER, 1, 1e-4, r"in N, reaches 0.1.* no small punch test does; .* units=\{'load': 'kN'\}"),
    ],
)
def test_sizes_are_checked_where_the_unit_is_stated(read, header, scale_u, scale_f, message):
    with pytest.raises(ValueError, match=message):
        read(header + rows(u=scale_u * U, f=scale_f * F, digits=6))


def test_a_size_that_is_possible_is_warned_of_until_it_is_confirmed(read):
    text = HEADER + rows(f=F / 1000, digits=7)
    with pytest.warns(
        UserWarning, match=r"in N, reaches 1\.\d+ N, which is unusual .*units=\{'load': 'kN'\}"
    ) as caught:
        read(text)
    assert len(caught) == 1
    read(text, units={"load": "N"})
    (curve,) = read(text, units={"load": "kN"})
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)


@BY_ORDER
@pytest.mark.parametrize("names", ["u (mm),F (N)", "u,F", "a,b"])
@pytest.mark.parametrize(("name", "value"), [("Thickness (mm)", "0.502"), ("Probendicke [µm]", "502"), ("h0", "0.502")])
def test_thickness_in_a_column(read, names, name, value):
    (curve,) = read(f"{names},{name}\n" + rows().replace("\n", f",{value}\n"))
    assert curve.thickness == 0.502
    assert curve.source.origin["thickness"] == f"column 2: {name!r}"
    np.testing.assert_allclose(curve.displacement, U, rtol=0, atol=1e-4)


def test_thickness_in_a_column_of_several_specimens_and_contradictions(read):
    lines = rows().splitlines()
    text = "specimen,u (mm),F (N),thickness (mm)\n"
    text += "".join(f"{name},{line},{h}\n" for name, h in (("A", 0.5), ("B", 0.51)) for line in lines)
    assert [curve.thickness for curve in read(text)] == [0.5, 0.51]
    varying = "u (mm),F (N),thickness (mm)\n" + "".join(f"{line},{0.5 + k / 1000}\n" for k, line in enumerate(lines))
    with pytest.raises(ValueError, match=r"column 2: 'thickness \(mm\)' varies from 0.5 to .* or pass thickness="):
        read(varying)
    assert read(varying, thickness=0.5)[0].thickness == 0.5
    with pytest.raises(ValueError, match=r"is 0.5 mm in column 2: .* and 0.6 mm in line 1"):
        read("h0: 0.6\nu (mm),F (N),h0\n" + "".join(f"{line},0.5\n" for line in lines))


@BY_ORDER
@pytest.mark.parametrize("separator", [",", "\t", ";", "  "])
@pytest.mark.parametrize("names", ["u (mm),F (N)\n", ""])
@pytest.mark.parametrize(
    "line",
    [
        "Thickness: 0.502 mm",
        "Thickness;0.502",
        "Thickness;0,502",
        "Thickness;0.502;mm",
        "Thickness\t0.502",
        "Thickness|0.502|mm",
        "Thickness,0.502",
        "Thickness 0.502 mm",
        "Thickness  0.502 mm",
    ],
)
def test_facts_with_another_separator_than_the_columns(read, line, names, separator):
    (curve,) = read(f"{line}\n" + names.replace(",", separator) + rows(separator))
    assert curve.thickness == 0.502
    assert len(curve.load) == len(F)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("Durchbiegung", "deflection"), ("flèche", "deflection"), ("Stempelweg", "punch"), ("横梁", "crosshead")],
)
def test_kinds_of_displacement_in_many_languages(read, value, kind):
    assert read(f"displacement kind: {value}\n" + HEADER + rows())[0].displacement_kind == kind


@pytest.mark.parametrize("results", ["Max,3.5,1500", "\nMax,3.5,1500\nMin,0,0", "\nStatistics\nMax,3.5,1500\nMin,0,0"])
def test_lines_of_results_are_no_points(read, results):
    lines = "".join(f"{k},{line}\n" for k, line in enumerate(rows().splitlines()))
    (curve,) = read("t (s),u (mm),F (N)\n" + lines + results + "\n")
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)
    assert any("'Max,3.5,1500' left out, a line of results" in note for note in curve.source.notes)


def test_lines_of_results_of_two_columns_and_above_the_points(read):
    for text in (
        HEADER + rows() + "Mean,3,1500\n",
        HEADER + rows() + "Max,1500\n",
        "t,u (mm),F (N)\n" + "Max,2,1500\n" + "1," + rows().replace("\n", "\n1,"),
    ):
        (curve,) = read(text.removesuffix("1,"))
        np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)
        assert any("left out, a line of results" in note for note in curve.source.notes)


@pytest.mark.parametrize(("label", "n"), [("B", 1), ("B", 9), ("end", 3), ("Peak", 3)])
@pytest.mark.parametrize("at_end", [True, False])
def test_points_are_no_lines_of_results(read, label, n, at_end):
    """A column of the state that changes from "1" to a text."""
    marks = ["1"] * (len(U) - n) + [label] * n
    lines = zip(marks if at_end else marks[::-1], rows(digits=6).splitlines(), strict=True)
    (curve,) = read("Status,u (mm),F (N)\n" + "".join(f"{mark},{line}\n" for mark, line in lines))
    np.testing.assert_allclose([curve.displacement, curve.load], [U, F], rtol=0, atol=1e-5)
    assert curve.source.notes == ()


def test_results_below_points_with_text(read):
    marks = ["1"] * (len(U) - 4) + ["B"] * 4
    lines = "".join(f"{mark},{line}\n" for mark, line in zip(marks, rows().splitlines(), strict=True))
    for results in ("Max,3.5,1500\nMin,0,0\n", "Rm,3.5,1500\n"):
        (curve,) = read("Status,u (mm),F (N)\n" + lines + results)
        np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)
        assert len(curve.source.notes) == results.count("\n")
    (curve,) = read("u (mm),F (N),t (s)\n" + rows().replace("\n", ",1\n") + "Rupture,1500,8\n")
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)


def test_more_than_a_few_lines_of_results_are_refused(read):
    lines = "".join(f"1,{line}\n" for line in rows(u=np.linspace(0, 2, 99), f=np.linspace(0, 900, 99)).splitlines())
    with pytest.raises(
        ValueError, match=r"line 101: 'Max 0,0.0000,1.0000' and 14 other lines may be results or points"
    ):
        read("Status,u (mm),F (N)\n" + lines + "".join(f"Max {k},{k / 100:.4f},1.0000\n" for k in range(15)))


def test_a_damaged_last_point_is_refused(read):
    lines = "".join(f"1,{line}\n" for line in rows().splitlines())
    with pytest.raises(ValueError, match=r"line 51: '1,2\.3,\*\*\*' is not a pair of numbers"):
        read("Status,u (mm),F (N)\n" + lines + "1,2.3,***\n")


def test_a_number_too_wide_for_its_cell_is_no_remark(read):
    lines = rows(";").splitlines()
    for place in (0, 10, len(lines) - 1):
        load = lines[place].split(";")[1]
        text = "u (mm);F (N)\n" + "\n".join([*lines[:place], f"######;{load}", *lines[place + 1 :]]) + "\n"
        with pytest.raises(ValueError, match=rf"line {place + 2}: '######;{load}' is not a pair of numbers"):
            read(text)


@pytest.mark.parametrize(
    "line",
    [
        "Temp: 600 °C",
        "Temp;600;°C",
        "Temp.: 873.15 K",
        "T: 600 °C",
        "T [°C];600",
        "T = 873.15 K",
        "Test temp. (°C);600",
        "Prüftemp.: 600",
        "Temp.: 1112 °F",
        "Temperature (degF): 1112",
        "Temperatur [K];873.15",
    ],
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_temperature_in_a_line(read, line, separator):
    (curve,) = read(f"{line}\n" + HEADER.replace(",", separator) + rows(separator))
    assert curve.temperature == pytest.approx(600.0)


def test_a_letter_alone_is_no_temperature(read):
    for line in ("T: 600", "t: 600 s", "T [s];600"):
        (curve,) = read(f"{line}\nu (mm);F (N)\n" + rows(";"))
        assert curve.temperature is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Temperature (°C)", 600),
        ("Temp. [K]", 873.15),
        ("T (°C)", 600),
        ("Temp (°F)", 1112),
        ("Prüftemperatur", 600),
        ("Temperatur Probe [°C]", 600),
        ("TC1 (°C)", 600),
        ("Thermocouple 2 [°F]", 1112),
        ("Furnace temperature (°C)", 600),
    ],
)
def test_temperature_in_a_column(read, name, value):
    (curve,) = read(f"u,F,{name}\n" + rows().replace("\n", f",{value}\n"))
    assert curve.temperature == pytest.approx(600.0)
    assert curve.source.origin["temperature"] == f"column 2: {name!r}"
    np.testing.assert_allclose(curve.load, F, rtol=0, atol=1e-3)


def test_temperature_in_a_column_with_a_line_of_units(read):
    (curve,) = read("u,F,T\nmm,N,K\n" + rows().replace("\n", ",873.15\n"))
    assert curve.temperature == pytest.approx(600.0)


def test_temperature_in_a_column_that_varies(read):
    def text(low, high, first=""):
        at = np.linspace(low, high, len(U))
        lines = zip(rows().splitlines(), at, strict=True)
        return f"{first}u (mm),F (N),Temperature (°C)\n" + "".join(f"{line},{t:.3f}\n" for line, t in lines)

    (curve,) = read(text(597, 603))
    assert curve.temperature == pytest.approx(600.0)
    assert curve.source.origin["temperature"].endswith(", mean")
    # What stands above is the temperature of the test, measured or not.
    assert read(text(597, 603, "Temperature: 602\n"))[0].temperature == 602.0
    with pytest.warns(UserWarning, match=r"column 2: 'Temperature \(°C\)' varies from 20 to 600 °C and is not taken"):
        assert read(text(20, 600))[0].temperature is None
    with pytest.warns(
        UserWarning, match=r"the temperature is 600 °C in column 2.* and 23 °C in line 1, which is taken"
    ):
        assert read(text(597, 603, "Temperature: 23\n"))[0].temperature == 23.0
    with pytest.warns(UserWarning, match=r"2 columns may hold the temperature .*; none is taken"):
        (curve,) = read("u (mm),F (N),Temp (°C),T (°C)\n" + rows().replace("\n", ",600,600\n"))
    assert curve.temperature is None


def test_a_temperature_known_by_its_unit_alone(read):
    lines = rows().replace("\n", ",600,580\n")
    # A name that says it counts more than a unit, and a set point is none.
    assert read("u (mm),F (N),Temperature (°C),TC1 (°C)\n" + lines)[0].temperature == 600.0
    assert read("u (mm),F (N),TC1 (°C),TC1 setpoint (°C)\n" + lines)[0].temperature == 600.0
    with pytest.warns(UserWarning, match=r"2 columns may hold the temperature \(2: 'TC1 \(°C\)', 3: 'TC2 \(°C\)'\)"):
        assert read("u (mm),F (N),TC1 (°C),TC2 (°C)\n" + lines)[0].temperature is None


def test_temperatures_of_several_specimens_and_pages(read):
    lines = rows().splitlines()
    text = "specimen,u (mm),F (N),T (°C)\n"
    text += "".join(f"{name},{line},{t}\n" for name, t in (("A", 600), ("B", 650)) for line in lines)
    assert [curve.temperature for curve in read(text)] == [600.0, 650.0]
    text = "u (mm),F (N),T (°C),u (mm),F (N),T (°C)\n" + "".join(f"{line},600,{line},650\n" for line in lines)
    assert [curve.temperature for curve in read(text)] == [600.0, 650.0]
    # A mean of its own does not make a page another specimen.
    pages = "\nu (mm),F (N),T (°C)\n".join(
        "".join(f"{line},{t}\n" for line in part) for part, t in ((lines[:20], 599), (lines[20:], 601))
    )
    (curve,) = read("u (mm),F (N),T (°C)\n" + pages)
    assert (len(curve.load), curve.temperature) == (len(F), pytest.approx(600.0, abs=0.5))


@pytest.mark.parametrize(
    "first", ["0.0000;o.3", "-0.06;***", "-0.06;", "***;1.2", ";1.2", "O.0000;o.3", "0.0;OVERLOAD"]
)
@pytest.mark.parametrize("above", ["", "u (mm);F (N)\n", "u;F\nmm;N\n", "Probe;X1\nu (mm);F (N)\n\n", "a;b\n"])
def test_a_damaged_first_point_is_refused(read, above, first):
    line = above.count("\n") + 1
    with pytest.raises(ValueError, match=rf"A1\.csv, line {line}: '{re.escape(first)}' is not a pair of numbers"):
        read(f"{above}{first}\n" + rows(";"))
    # A second one does not hide the first.
    with pytest.raises(ValueError, match=r"is not a pair of numbers"):
        read(f"{above}{first}\n{first}\n" + rows(";"))


@pytest.mark.parametrize(
    "between",
    [
        "mm;N",
        "[mm];[N]",
        "-;-",
        "Max;1500",
        "h0;0.502",
        "T [°C];600",
        "h0: 0.502",
        "# 0.3;x",
        "Soll;",
        "A;A",
    ],
)
@BY_ORDER
@pytest.mark.parametrize("above", ["u;F\n", ""])
def test_other_lines_above_the_points_are_no_damage(read, above, between):
    (curve,) = read(f"{above}{between}\n" + rows(";"))
    np.testing.assert_array_equal(curve.load, F)


def test_a_channel_without_a_sensor_gives_no_temperature(read):
    (curve,) = read("u (mm),F (N),Temperature\n" + rows().replace("\n", ",0.0\n"))
    assert curve.temperature is None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "line",
    [
        "Specimen: X1;Thickness: 0.502",
        "Specimen: X1, Thickness: 0.502 mm",
        "Specimen: X1\nThickness before test: 0.502 mm",
        "Specimen: X1\nt = 0.502 mm",
        "Specimen: X1\nh0 0.502 mm",
    ],
)
def test_thicknesses_written_briefly(read, line, separator):
    (curve,) = read(f"{line}\n" + HEADER.replace(",", separator) + rows(separator))
    assert (curve.name, curve.thickness) == ("X1", 0.502)


@pytest.mark.parametrize(
    "line", ["Grubość próbki g0: 0,502 mm", "Spessore iniziale s0;0.502;mm", "Épaisseur moyenne e0 = 0,502 mm"]
)
def test_thicknesses_with_their_symbols(read, line):
    assert read(f"{line}\nu (mm);F (N)\n" + rows(";"))[0].thickness == 0.502


def test_another_thickness_for_all_specimens_is_warned_of(read):
    text = "Thickness: 0.502 mm\n" + HEADER + rows()
    with pytest.warns(UserWarning, match=r"A1\.csv: the thickness of 0\.5 mm .* overrides the 0\.502 mm in line 1;"):
        assert read(text, thickness=0.5)[0].thickness == 0.5
    with pytest.warns(UserWarning, match=r"overrides the 0\.51 mm in metadata=; leave"):
        assert read(text, thickness=0.5, metadata={"A1": {"thickness": 0.51}})[0].thickness == 0.5
    assert read(text, thickness=0.502)[0].thickness == 0.502


def test_what_is_no_thickness(read):
    for line in ("Thickness after test: 0.3 mm", "t = 0.5", "t = 5 s"):
        assert read(f"{line}\n" + HEADER + rows())[0].thickness is None


def test_keys_of_a_mapping_as_in_a_table(read):
    text = HEADER + rows()
    for facts in ({"h0": 0.5}, {"h0 (µm)": 500}, {"Probendicke": "0.5 mm"}, {"thickness": 0.5}):
        (curve,) = read(text, metadata={"A1": facts | {"Temp. (K)": 873.15, "sample": 7}})
        assert (curve.thickness, curve.temperature) == (0.5, pytest.approx(600.0))
        assert (curve.name, curve.metadata) == ("A1", {"sample": 7})
    with pytest.raises(
        ValueError, match=r"metadata\['A1'\]: 'h0' is a second key for the thickness; leave one of them"
    ):
        read(text, metadata={"A1": {"thickness": 0.5, "h0": 0.5}})
    with pytest.raises(ValueError, match=r"metadata\['A1'\]: a thickness of 500 mm is outside 0.01 to 50 mm"):
        read(text, metadata={"A1": {"h0": 500}})


@pytest.mark.parametrize("name", ["ISO EN 10371", "10371", "10371:2021"])
def test_the_standard_by_its_number(read, name):
    assert read(f"Rig: {name}\n" + HEADER + rows())[0].rig == "EN10371"
