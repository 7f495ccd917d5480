"""Kinds of faults that files of laboratories brought up, each with variants: read right, or refused by name."""

import hashlib
import io
import re
import zipfile
from contextlib import nullcontext

import numpy as np
import openpyxl
import pytest

from sklearn_spt import read_curves
from sklearn_spt.io import _workbook

U = np.round(np.arange(0, 1.9, 0.04), 4)
F = np.round(1300 * (1 - np.exp(-2.1 * U)) * (0.45 + 0.5 * U), 2)
TIME = 4.8 * np.arange(len(U))
LBF, KGF = 4.4482216152605, 9.80665
BY_ORDER = "nothing in the file says which column is what"


def rows(*columns, separator=";", form="{:.6g}", end="\n"):
    lines = (separator.join(map(form.format, row)) for row in zip(*columns, strict=True))
    return "\n".join(lines) + end


@pytest.fixture
def read(tmp_path):
    def read(text, *, name="r.csv", **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_curves(tmp_path / name, **options)

    return read


@pytest.fixture
def refused(read):
    """The message with which a text is refused, without the path of its file."""

    def refused(text, **options):
        with pytest.raises(ValueError, match=r"r\.csv") as error:
            read(text, **options)
        message = str(error.value)
        assert type(error.value) is ValueError
        assert len(message) < 600
        return message[message.index("r.csv") :]

    return refused


def check(curves, **facts):
    (curve,) = curves
    np.testing.assert_allclose(curve.displacement, U, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(curve.load, F, rtol=1e-4, atol=1e-9)
    for key, value in facts.items():
        assert getattr(curve, key) == value


# Units behind names


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("pounds", LBF), ("pound-force", LBF), ("Pounds Force", LBF), ("lb-f", LBF), ("lbs.", LBF), ("libras", LBF),
        ("Kg-f", KGF), ("kg f", KGF), ("kilopond", KGF), ("klbf", 1000 * LBF), ("kilo-newton", 1000), ("KN", 1000),
    ],
)  # fmt: skip
def test_units_of_loads_in_any_spelling(read, unit, factor):
    check(read(f"Displacement (mm);Load ({unit})\n" + rows(U, F / factor)))


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("inches", 25.4), ('"', 25.4), ("Zoll", 25.4), ("mils", 0.0254), ("micro-meter", 1e-3), ("ft", 304.8)],
)
def test_units_of_displacements_in_any_spelling(read, unit, factor):
    check(read(f"Displacement ({unit});Load (N)\n" + rows(U / factor, F)))


@pytest.mark.parametrize(
    "name",
    [
        "Load_lbf", "Load, lbf", "Load / lbf", "Load - lbf", "Load: lbf", "Load in pounds", "load_lbf_raw",
        "Load..lbf.",
        "Load (filtered) [lbf]", "Load [lbf] (filtered)", "Load (Cell 1) (lbf)", "Load <lbf>", "Load（lbf）",
    ],
)  # fmt: skip
def test_units_behind_names_in_any_form(read, name):
    check(read(f"Displacement (mm);{name}\n" + rows(U, F / LBF)))


@pytest.mark.parametrize(
    "unit",
    ["bar", "psi", "V", "mV/V", "digits", "lbm", "tons", "short tons", "n/a", "a.u.", "?", "xyz", "%", "-", "NM"],
)
def test_units_that_are_none_of_load_are_refused_by_name(refused, unit):
    said = refused(f"Displacement (mm);Load ({unit})\n" + rows(U, F / 12))
    assert repr(unit) in said
    assert "units={'load': 'N'}" not in said


@pytest.mark.parametrize("name", ["Load / foo", "Load in foo", "Load, foo"])
def test_units_behind_a_sign_are_refused_by_name(refused, name):
    assert "'foo'" in refused(f"Displacement (mm);{name}\n" + rows(U, F))


@pytest.mark.parametrize("remark", ["raw", "filtered", "Cell 1", "Ch 2", "1", ""])
def test_remarks_are_no_units(read, remark):
    check(read(f"Displacement ({remark}) [mm];Load ({remark})\n" + rows(U, F)))


@pytest.mark.parametrize(
    ("name", "factor", "role"),
    [
        ("Load (N x 10)", "10 N", "load"), ("Load (N) x 10", "10 N", "load"), ("Load x10 (N)", "10 N", "load"),
        ("Load (10 N)", "10 N", "load"), ("Load (0.1 kN)", "0.1 kN", "load"), ("Load (10^2 N)", "100 N", "load"),
        ("Displacement (0.01 mm)", "0.01 mm", "displacement"), ("Displacement (1/100 mm)", "0.01 mm", "displacement"),
        ("Displacement (mm/100)", "0.01 mm", "displacement"),
    ],
)  # fmt: skip
def test_units_with_a_number_are_asked_about_and_the_advice_is_right(read, refused, name, factor, role):
    size = float(factor.split()[0]) * {"mm": 1, "N": 1, "kN": 1000}[factor.split()[1]]
    columns = (U / size, F) if role == "displacement" else (U, F / size)
    header = f"{name};Load (N)\n" if role == "displacement" else f"Displacement (mm);{name}\n"
    assert f"units={{'{role}': '{factor}'}}" in refused(header + rows(*columns))
    check(read(header + rows(*columns), units={role: factor}))


@pytest.mark.parametrize(("unit", "meant"), [("Kg", "kgf"), ("kg", "kgf"), ("g", "gf"), ("t", "tf"), ("lbm", "lbf")])
def test_a_mass_is_asked_about_and_the_advice_is_right(read, refused, unit, meant):
    factor = {"kgf": KGF, "gf": KGF / 1000, "tf": 1000 * KGF, "lbf": LBF}[meant]
    text = f"Displacement (mm);Load ({unit})\n" + rows(U, F / factor)
    assert f"units={{'load': '{meant}'}}" in refused(text)
    check(read(text, units={"load": meant}))


# Rows of units


@pytest.mark.parametrize(
    "units",
    [
        "s;in;lbf;µε", "s;in;lbf;n/a", "s;in;lbf;", "s;in;lbf;foo", ";in;lbf;", "[s];[in];[lbf];[]",
        "(s);(in);(lbf);(bar)",
        "(s);(in);(lbf);(foo)", "sec;inch;pounds;microstrain", "s;in;lbf;1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("above", [True, False])
def test_one_unit_that_is_not_known_does_not_void_the_others(read, units, above):
    lines = [units, "Time;Extension;Load;X"] if above else ["Time;Extension;Load;X", units]
    check(read("\n".join(lines) + "\n" + rows(TIME, U / 25.4, F / LBF, 0 * U)))


@pytest.mark.parametrize(
    ("units", "name"),
    [
        ("s;mm;foo;bar", "foo"),
        ("(s);(mm);(foo);(bar)", "foo"),
        ("s;foo;N;bar", "foo"),
        ("s;mm;n/a;-", "n/a"),
        ("s;mm;?;-", "?"),
    ],
)
def test_a_unit_of_the_record_that_is_not_known_is_refused(refused, units, name):
    assert repr(name) in refused(f"Time;Extension;Load;X\n{units}\n" + rows(TIME, U, F, 0 * U))


@pytest.mark.parametrize(
    "units",
    ["pulg;libr", "Zoll;Pfund", "(foo);(bar)", "in;?", "foo;bar2", "x1;y2", "[foo1];[bar2]", "V;V", "digits;digits"],
)
def test_a_row_of_two_units_is_refused_by_name(refused, units):
    said = refused(f"Displacement;Load\n{units}\n" + rows(U / 25.4, F / LBF))
    assert any(repr(unit.strip("()[]")) in said for unit in units.split(";"))


@pytest.mark.parametrize("names", ["A1;A1;A2;A2", "A1;;A2;"])
def test_names_of_specimens_below_the_columns_are_no_units(read, names):
    curves = read(f"Displacement;Load;Displacement;Load\n{names}\n" + rows(U, F, U, F))
    assert len(curves) == 2
    for curve in curves:
        check([curve])


def test_empty_brackets_state_nothing(read):
    (curve,) = read("Time;Extension;Load;X\n[s];[mm];[];[]\n" + rows(TIME, U, F, 0 * U))
    assert curve.source.units == {"displacement": "mm", "load": "N (assumed)"}


# Lines that state units


@pytest.mark.parametrize(
    ("line", "length", "force"),
    [
        ("Units: N, inch", 25.4, 1), ("Units;in;lbf", 25.4, LBF), ("Einheiten: mm, kN", 1, 1000),
        ("Unit\tmm\tkN", 1, 1000),
        ("# units: inch / lbf", 25.4, LBF), ("Units (displacement, load): in, lbf", 25.4, LBF),
        ("Force unit: kN", 1, 1000),
        ("Load units = lbf", 1, LBF), ("Unit of force: kgf", 1, KGF), ("Unit of displacement;inch", 25.4, 1),
        ("Displacement unit: in\nLoad unit: lbf", 25.4, LBF), ("Units: English (in, lbf)", 25.4, LBF),
        ("All units in inch and lbf", 25.4, LBF), ("Unités : mm ; daN", 1, 10), ("単位: mm, kN", 1, 1000),
        ("Y_Unit_Label;mm;lbf", 1, LBF), ("Kraft in kN, Weg in mm", 1, 1000), ("Load: lbf", 1, LBF),
        ("Force in lbf", 1, LBF),
        ("Units: SI", 1, 1), ("Unit: 3", 1, 1), ("Unit cost: 5 EUR", 1, 1), ("Load cell (kN): 10", 1, 1),
    ],
)  # fmt: skip
def test_units_in_a_line_of_their_own(read, line, length, force):
    check(read(f"{line}\nDisplacement;Load\n" + rows(U / length, F / force)))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Units: N, foo", "foo"),
        ("Load unit: foo", "foo"),
        ("Units: English", "English"),
        ("Unit system: US customary", "US"),
    ],
)
def test_lines_that_state_unknown_units_are_refused_by_name(refused, line, name):
    assert repr(name) in refused(f"{line}\nDisplacement;Load\n" + rows(U, F))


def test_a_line_of_units_that_contradicts_the_names(read, refused):
    text = "Units: mm, kN\nDisplacement (mm);Load (N)\n" + rows(U, F)
    assert "a line above it states 'kN'" in refused(text)
    check(read(text, units={"load": "N"}))


SENTENCES = [
    "Data in {1} and {0}", "All data in {0} and {1}.", "Measurements in {0} and {1}", "# values in {1}, {0}",
    "Load is given in {1}, the displacement in {0}", "Data ({1}, {0})", "Load [{1}] and displacement [{0}]",
    "Units are {0} and {1}", "Length: {0}; force: {1}", "Data recorded\tin {0} and {1}",
    "Alle Werte in {0} und {1}", "Kraft in {1} und Weg in {0}", "Toutes les valeurs en {0} et {1}",
    "Todos los datos en {0} y {1}", "Tutti i dati in {0} e {1}", "Dane w {0} i {1}",
]  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize(("length", "force"), [("mm", "kN"), ("inches", "lbf"), ("in", "lbf"), ("µm", "N")])
def test_units_in_a_sentence(read, sentence, length, force):
    u = U / {"mm": 1, "inches": 25.4, "in": 25.4, "µm": 1e-3}[length]
    f = F / {"N": 1, "kN": 1000, "lbf": LBF}[force]
    for before in ("", "Operator: Smith\nTested on 2024-03-01\n"):
        check(read(f"{before}{sentence.format(length, force)}\nTime;Displacement;Load\n" + rows(TIME, u, f)))


def test_units_in_a_sentence_of_columns_without_names(read):
    with pytest.warns(UserWarning, match=BY_ORDER):
        check(read("All data in inches and lbf\n" + rows(U / 25.4, F / LBF)))


@pytest.mark.parametrize("sentence", ["Output of the cell in lbf", "Calibrated for lbf", "lbf", "Preload below one kN"])
def test_a_unit_in_a_sentence_that_is_not_understood_is_asked_about(read, refused, sentence):
    unit, factor = ("kN", 1000) if "kN" in sentence else ("lbf", LBF)
    text = f"{sentence}\nDisplacement;Load\n" + rows(U, F / factor)
    said = refused(text)
    assert repr(unit) in said
    assert f"units={{'load': '{unit}'}} or units={{'load': 'N'}}" in said
    check(read(text, units={"load": unit}))


@pytest.mark.parametrize(
    "line",
    [
        "Load cell of 10 kN", "Speed in mm/min", "Specimen cut in half", "Punch of 2.5 mm", "Tested by M. Smith",
        "Made in Germany", "Load cell;10;kN", "Max load (kN): 2.1", "Diameter of the disc in mm: 8", "Time in s",
        "Preload 5 N, hole 4 mm", "Record in mm and N", "Unit: Materials",
    ],
)  # fmt: skip
def test_other_lines_state_no_unit_of_the_columns(read, line):
    (curve,) = read(f"{line}\nDisplacement;Load\n" + rows(U, F))
    check([curve])
    assert curve.source.factors == {"displacement": 1.0, "load": 1.0}


def test_units_that_stand_below_the_numbers(read, refused):
    record = "Displacement;Load\n" + rows(U, F / 1000)
    check(read(f"{record}\nAll data in mm and kN\n"))
    assert "'lbf'" in refused(f"{record}\nOutput of the cell in lbf\n")


def test_units_that_were_stated_hold_for_the_next_specimen(read):
    record = "Displacement;Load\n" + rows(U, F / 1000)
    curves = read(f"All data in mm and kN\nSpecimen: A\n{record}\nSpecimen: B\n{record}")
    assert [curve.name for curve in curves] == ["A", "B"]
    for curve in curves:
        check([curve])


@pytest.mark.parametrize(
    "second", ["Displacement (mm);Load (kN)", "Displacement (mm);Load", "kN|Displacement (mm);Load"]
)
def test_a_unit_that_changes_within_a_record_is_refused(read, refused, second):
    stated, _, names = second.rpartition("|")
    first = "Displacement (mm);Load (lbf)\n" + rows(U[:20], F[:20])
    page = f"Page 2\n{'Units: mm, ' + stated if stated else 'Report'}\n{names}\n" + rows(U[20:], F[20:])
    assert "changes from 'lbf' to " in refused(first + page)
    check(read(first + page, units={"load": "N"}))


LVM = """LabVIEW Measurement
Separator	Tab
***End_of_Header***

Channels	3
Samples	48	48	48
Y_Unit_Label	{}
X_Dimension	Time	Time	Time
***End_of_Header***
X_Value	Force	Displacement	Temperature	Comment
"""


def test_units_of_labview(read):
    body = rows(TIME, F / LBF, U / 25.4, 0 * U + 23, separator="\t")
    check(read(LVM.format("lbf\tin\tdeg C") + body, name="r.lvm"), temperature=23.0)
    with pytest.raises(ValueError, match=r"the load in column 1: 'Force' is in 'V', which cannot be made N"):
        read(LVM.format("V\tmm\tC") + body, name="r.lvm")


# Advice


def test_advice_for_sizes_is_right_or_not_given(read, refused):
    text = "Depth (nm);Load (µN)\n" + rows(100 * U, 2 * F)
    said = refused(text)
    assert "no small punch test" in said
    assert "units={" not in said
    text = "Displacement;Load\n" + rows(1000 * U, F)
    assert "units={'displacement': 'µm'}" in refused(text)
    check(read(text, units={"displacement": "µm"}))
    # In steps of 0.01 mm, which nothing says: neither µm nor mm would be right.
    said = refused("Displacement;Load\n" + rows(100 * U, F))
    assert "units={'displacement': ...}" in said


# Workbooks


def save(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def results(*names):
    return [
        [None, "Specimen designation", "Date/Clock time", "Fmax", "a0", "Test speed"],
        [None, None, None, "N", "mm", "mm/min"],
        *([None, name, 45000.4, 1772.1, 0.5 + k / 100, 0.5] for k, name in enumerate(names)),
    ]


def record_of(name, *, header=True):
    points = [[t, f, u] for t, f, u in zip(TIME.tolist(), F.tolist(), U.tolist(), strict=True)]
    return [[name] * 3] * header + [["Time", "Standard force", "Standard travel"], ["s", "N", "mm"], *points]


STATISTICS = [
    [None, "Series", "Fmax", "a0"],
    [None, "n = 8", "N", "mm"],
    [None, "x", 2020.9, 0.5],
    [None, "s", 10.1, 0.01],
]


@pytest.mark.parametrize("n", [1, 2, 8])
@pytest.mark.parametrize("header", [True, False])
def test_workbooks_whose_first_sheets_hold_results(tmp_path, n, header):
    names = [f"M{k}" for k in range(n)]
    sheets = {
        "Parameters": [["Standard", "EN 10371"], ["Speed", 0.5, "mm/min"]],
        "Results": results(*names),
        "Statistics": STATISTICS,
        **{f"Values {name}": record_of(name, header=header) for name in names},
    }
    curves = read_curves(save(tmp_path / "series.xlsx", sheets))
    if header or n > 1:
        assert [curve.name for curve in curves] == names
        assert [curve.thickness for curve in curves] == [0.5 + k / 100 for k in range(n)]
        assert curves[0].source.origin["thickness"] == "sheet 'Results', line 3"
    for curve in curves:
        check([curve])


def test_a_damaged_sheet_is_not_passed_over(tmp_path):
    damaged = record_of("M2")
    damaged[20] = [96.0, "#N/A", 0.7]
    with pytest.raises(ValueError, match=r"sheet 'Values M2', line 21: '96, #N/A, 0.7' is not a pair of numbers"):
        read_curves(save(tmp_path / "series.xlsx", {"Values M1": record_of("M1"), "Values M2": damaged}))


def test_a_cell_far_away_costs_nothing(tmp_path):
    book = openpyxl.Workbook()
    for row in record_of("M1"):
        book.active.append(row)
    for row in range(1, 10):
        book.active.cell(row, 16384).font = openpyxl.styles.Font(bold=True)
    book.active["XFD100000"] = "x"
    book.save(tmp_path / "far.xlsx")
    check(read_curves(tmp_path / "far.xlsx"))


def test_sizes_of_workbooks_are_limits(tmp_path, monkeypatch):
    path = save(tmp_path / "A1.xlsx", {"M1": record_of("M1")})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 100)
    for limit in ("MAX_SIZE", "MAX_TEXTS", "MAX_CELLS", "MAX_ROWS"):
        with monkeypatch.context() as context:
            context.setattr(_workbook, limit, 10)
            with pytest.raises(ValueError, match=r"A1\.xlsx: a workbook that is too large"):
                read_curves(path)


@pytest.mark.parametrize("row", [10**9, 10**15])
def test_a_row_that_no_workbook_has(tmp_path, row, monkeypatch):
    monkeypatch.setattr(_workbook, "MAX_ROWS", 2**14)  # soon reached; the rows up to this one are read as blank
    content = (save(tmp_path / "A1.xlsx", {"M1": record_of("M1")})).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(tmp_path / "A2.xlsx", "w") as target:
        for part in source.namelist():
            data = source.read(part)
            if "sheet1" in part:
                data = data.replace(
                    b"</sheetData>", b'<row r="%d"><c r="A%d"><v>1</v></c></row></sheetData>' % (row, row)
                )
            target.writestr(part, data)
    with pytest.raises(ValueError, match=r"A2\.xlsx: a workbook that is too large"):
        read_curves(tmp_path / "A2.xlsx")


# Tables that are no records

TABLES = [
    ";Maximum Load (N);Extension at Maximum Load (mm)", "Specimen;Load at max (N);Extension at max (mm)",
    "Nr;Fmax (N);Weg bei Fmax (mm)", "Nr;Höchstkraft;Weg bei Höchstkraft", "Specimen;Load (N);Extension (mm)",
    "n°;Force maxi (N);Déplacement à la rupture (mm)", "番号;最大荷重 (N);最大変位 (mm)", "ID;Fm (N);um (mm)",
    "Probe;Kraft bei Bruch (N);Weg bei Bruch (mm)", "Test;F max;u max",
]  # fmt: skip
RECORD = "Time;Extension;Load\n(s);(mm);(N)\n" + rows(TIME, U, F)


def table_of_results(names, n):
    return f"{names}\n" + "".join(f"{k};{1500 + 7 * k};{1.5 + k / 100:.2f}\n" for k in range(1, n + 1))


@pytest.mark.parametrize("names", TABLES)
def test_a_table_of_results_is_no_curve(read, refused, names):
    assert "a table of results" in refused(table_of_results(names, 8))
    check(read(table_of_results(names, 6) + "\nRaw data\n" + RECORD))
    check(read(RECORD + "\n" + table_of_results(names, 6)))


@pytest.mark.parametrize("name", ["ID", "No", "Datei", "Test", "Versuch Nr."])
@pytest.mark.parametrize("prefix", ["", "P"])
def test_a_list_of_numbered_or_named_results_is_no_curve(read, refused, name, prefix):
    lines = "".join(f"{prefix}{k};{1500 + 7 * k};{1.5 + k / 100:.2f}\n" for k in range(1, 9))
    assert "a table of results" in refused(f"{name};Load (N);Displacement (mm)\n{lines}")
    # The points of a record may be numbered, too.
    numbered = rows(range(len(U)), F, U)
    check(read(f"{name};Load (N);Displacement (mm)\n{numbered}"))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_table_of_results_of_few_specimens_above_the_record(read, n):
    check(read(table_of_results(TABLES[0], n) + "Mean;1500;1.5\n\n" + RECORD))


@pytest.mark.parametrize("names", [("Dis{}", "Load{}"), ("u_{}", "F_{}"), ("Force {}", "Weg {}")])
def test_one_specimen_per_row_is_refused_shortly(refused, names):
    header = ";".join(["Id", "T", *(name.format(k) for name in names for k in range(180))])
    lines = "".join(";".join(map(str, [n, 23, *range(360)])) + "\n" for n in range(8))
    assert "one specimen per row" in refused(f"{header}\n{lines}")


def test_many_columns_are_not_all_listed(refused):
    names = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    assert "and 94 more" in refused(";".join(["Time (s)", *names[1:]]) + "\n" + rows(*[TIME] * 100))


# Errors in cells are damaged points

ERRORS = [
    "#N/A", "#NV", "#DIV/0!", "#WERT!", "#VALUE!", "#REF!", "#####", "Err", "Error", "Err:502", "OVERLOAD", "OVL",
    "+OL",
    "over", "*****", ">>>>", "---", "--.--", "n/a", "NULL", "1.#IND", "inf", "9.9E+37", "",
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("place", [0, 20, -1])
def test_errors_are_damaged_points(refused, error, place):
    lines = rows(U, F).splitlines()
    u, f = lines[place].split(";")
    for damaged in (f"{error};{f}", f"{u};{error}", f"{error};{error}"):
        changed = [*lines]
        changed[place] = damaged
        with_time = [f"{t:g};{line}" for t, line in zip(TIME, changed, strict=True)]
        texts = [["Time (s);Displacement (mm);Load (N)", *with_time]]
        if re.search(r"[\d#]|err|over", damaged, re.IGNORECASE):
            # Without a number it may be a rule of dashes or a blank line, and say "n/a" of the units.
            texts.append(["Displacement (mm);Load (N)", *changed])
        for text in texts:
            assert f"line {range(2, len(lines) + 2)[place]}: " in refused("\n".join(text) + "\n")


@pytest.mark.parametrize("last", ["225.6;x;x", "225.6;k.A.;k.A.", "225.6;no sensor;?"])
def test_a_last_point_of_words_is_damaged(refused, last):
    text = "Time (s);Displacement (mm);Load (N)\n" + rows(TIME, U, F) + last + "\n"
    assert f"line {len(U) + 2}: " in refused(text)


# Marks between thousands, and ends of files


@pytest.mark.parametrize("mark", [".", ","])
def test_whole_numbers_with_a_mark_are_asked_about(read, refused, mark):
    points = zip(np.round(1000 * U), np.round(F), strict=True)
    text = "Weg [µm];Kraft [N]\n" + "".join(f"{u:.0f};{f:,.0f}\n".replace(",", mark) for u, f in points)
    assert "decimal=',' or decimal='.'" in refused(text)
    (curve,) = read(text, decimal="," if mark == "." else ".")
    np.testing.assert_array_equal(curve.load, np.round(F))


def test_a_mark_between_thousands_late_in_a_long_file_is_asked_about(refused):
    n = 6000
    loads = [f"{k // 5:,}".replace(",", ".") for k in range(n)]
    assert "decimal=',' or decimal='.'" in refused(
        "u [µm];F [N]\n" + "".join(f"{k};{f}\n" for k, f in enumerate(loads))
    )


@pytest.mark.parametrize("mark", [".", " ", "'"])
def test_marks_between_thousands_that_can_be_no_others(read, mark):
    points = zip(U, F, strict=True)
    lines = (f"{u:.2f};{f:,.2f}\n".replace(".", "#").replace(",", mark).replace("#", ",") for u, f in points)
    check(read("Weg (mm);Kraft (N)\n" + "".join(lines)))


@pytest.mark.parametrize("form", ["{:.2f}", "{:.6g}"])
@pytest.mark.parametrize("cut", range(1, 7))
def test_a_last_number_that_is_cut_off(read, form, cut):
    text = ("Displacement (mm);Load (N)\n" + rows(U, F, form=form, end=""))[:-cut]
    number = text.rpartition(";")[2]
    is_harmless = form == "{:.6g}" and abs(float(number) - F[-1]) < 1
    with nullcontext() if is_harmless else pytest.warns(UserWarning, match="seems to end within the last number"):
        (curve,) = read(text)
    np.testing.assert_allclose(curve.load, F[: len(curve.load)], atol=1)
    assert len(curve.load) == len(F) - (not is_harmless)


@pytest.mark.parametrize("form", ["{:.2f}", "{:.6g}"])
def test_a_last_line_without_its_end_is_complete(read, form):
    check(read("Displacement (mm);Load (N)\n" + rows(U, F, form=form, end="")))


# Symbols of the thickness


@pytest.mark.parametrize(
    "line",
    [
        "a0;0.5;mm", "a0 [mm];0.5", "a0 = 0.5 mm", "a0: 500 µm", "a_0;0.5;mm", "h_0 = 0.5", "H0;0.5", "a0,0.5",
        "Dicke a0;0.5;mm",
        "t0;0.5;mm", "h;0.5;mm", "e0 (mm);0,5", "Specimen thickness a0 (mm): 0.5",
    ],
)  # fmt: skip
def test_symbols_of_the_thickness(read, line):
    check(read(f"{line}\nDisplacement (mm);Load (N)\n" + rows(U, F)), thickness=0.5)


@pytest.mark.parametrize(
    "line",
    [
        "Blechdicke;2.0;mm", "Plate thickness;20;mm", "Wanddicke;5;mm", "Wall thickness: 5 mm",
        "sheet thickness: 1.2 mm",
        "Schichtdicke;0.01;mm", "S0;12.3;mm²", "b0;10;mm", "L0;50;mm", "t0;12.5;s", "d0;8;mm", "area0;3;mm",
        "t0: 12:30",
    ],
)  # fmt: skip
def test_thicknesses_of_other_things(read, line):
    check(read(f"{line}\nDisplacement (mm);Load (N)\n" + rows(U, F)), thickness=None)


@pytest.mark.parametrize("units", ["", ";mm;mm\n", ";[mm];[mm]\n"])
def test_a_thickness_below_its_name(read, units):
    text = f"Label;Thickness;Width\n{units}M1;0.5;8\n\nDisplacement (mm);Load (N)\n"
    check(read(text + rows(U, F)), thickness=0.5)


def test_headings_among_facts(read):
    (curve,) = read("Operator\t\tKh\t\tTime:\t71.5\ts\nu (mm)\tF (N)\n" + rows(U, F, separator="\t"))
    assert curve.metadata == {"Operator": "Kh", "Time": "71.5 s"}


def test_the_label_of_a_specimen_in_polish(read):
    text = 'Właściwości próbki : Etykietka próbki;"M1"\nWłaściwości próbki : Grubość;"0,50000";mm\n\n'
    check(
        read(text + "Przemieszczenie;Obciążenie\n(mm);(N)\n" + rows(U, F).replace(".", ",")), name="M1", thickness=0.5
    )


# Columns of which nothing is said


@pytest.mark.parametrize("header", ["", "x;y\n", "Var1;Var2\n", "x;Load (N)\n"])
def test_columns_without_names_are_not_taken_silently(read, header):
    with pytest.warns(UserWarning, match=BY_ORDER):
        check(read(header + rows(U, F)))
    check(read(header + rows(U, F), columns={"displacement": 0, "load": 1}))


def test_units_are_evidence_enough(read):
    check(read("mm;N\n" + rows(U, F)))
    check(read("Units: s, mm, N\n" + rows(TIME, U, F)))


# Advice is data


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("Crosshead (mm);LVDT (mm);Load (N)\n" + rows(U, U, F), [("columns", "displacement", "Crosshead (mm)")]),
        (rows(TIME, U, F), [("columns", "displacement", "0"), ("columns", "load", "1")]),
        ("u (mm);F (kg)\n" + rows(U, F / KGF), [("units", "load", "kgf")]),
        (
            "u;F\n" + rows(1000 * U, F),
            [("units", "displacement", "µm"), ("columns", "displacement", "...")],
        ),
        ("h0: 500\nu (mm);F (N)\n" + rows(U, F), [("thickness", None, None)]),
        (
            "u;F\n" + "".join(f"1,{k};1,{k}\n" for k in range(100, 199)),
            [("decimal", None, ","), ("decimal", None, ".")],
        ),
        ("u (mm);F (N)\n" + rows([*U, *U[::-1]], [*F, *F[::-1]]), [("cut_unloading", None, "True")]),
        ("no numbers\n", [("separator", None, "..."), ("decimal", None, "...")]),
    ],
)
def test_refusals_carry_their_parameters(read, text, parameters):
    with pytest.raises(ValueError, match=r"r\.csv") as error:
        read(text)
    found = [(each.name, each.key, each.value) for each in error.value.args[0].parameters]
    assert found == parameters


# Checksum


def test_the_source_has_the_checksum_of_the_file(read, tmp_path):
    (curve,) = read("Displacement (mm);Load (N)\n" + rows(U, F))
    assert curve.source.sha256 == hashlib.sha256((tmp_path / "r.csv").read_bytes()).hexdigest()
    assert curve.source.sha256 in str(curve.source)
