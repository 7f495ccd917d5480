"""Make the files of tests/data/lab: python tests/data/lab/make_lab_files.py

All of `good/` hold the same two records, each in a layout that testing machines or laboratories write; `broken/` holds
what must be refused. The machines' layouts were read in exports that are public:

- ZwickRoell testXpert (text): MI-FraunhoferIWM/data2rdf, tests/csv_pipeline_test/input/data/DX56_D_FZ2_WR00_43.TXT
- MTS Series 793 MultiPurpose TestWare, specimen.dat: BAMresearch/LebeDigital, Datasets/Versuche/Druckfestigkeit
- Instron Bluehill Universal, without header: jpeloquin/postmech, test/fixtures; with a German header:
  AschenPhoenix/Simulation_mit_Python, Specimen_RawData_1.csv; with units in the names: gmclapp/Work_library
- Shimadzu Trapezium, one specimen ("Time,Force,Stroke", "sec,N,mm", the specimen's name above): as the readers of such
  files describe it; that several specimens stand side by side is from memory, not checked
- MTI: Wright4TheJob/TestDataAnalysis, README.md

The other files are no machine's own: they are what spreadsheets and scripts make of them.
"""

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FOLDER = Path(__file__).parent


def record(end: float, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """A record that looks like a small punch test, as a machine writes it: in steps of 1 µm and 0.1 N."""
    u = np.round(np.arange(0, end + 1e-9, 0.025), 3)
    return u, np.round(strength * (1 - np.exp(-2.1 * u)) * (0.45 + 0.5 * u), 1)


A = record(1.2, 1700.0)
B = record(1.0, 1450.0)


class Expected(NamedTuple):
    """What a file must be read as: a record, the facts, the rounding of the file (mm, N), and what is warned of."""

    record: tuple[np.ndarray, np.ndarray]
    name: str
    thickness: float | None = None
    temperature: float | None = None
    kind: str | None = None
    step: float = 1e-12
    load_step: float = 1e-9
    warns: str | None = None


class File(NamedTuple):
    """A file's content, and what it must be read as, or what the message must say."""

    content: bytes
    expected: Any


GOOD: dict[str, File] = {}
BROKEN: dict[str, File] = {}


def number(value: float, digits: int, decimal: str = ".", thousands: str = "") -> str:
    text = f"{value:,.{digits}f}"
    return text.translate({ord(","): thousands, ord("."): decimal})


def table(
    *columns: np.ndarray,
    digits: tuple[int, ...],
    separator: str = ",",
    decimal: str = ".",
    thousands: str = "",
    end: str = "",
    quote: str = "",
) -> str:
    rows = zip(*columns, strict=True)
    return "".join(
        separator.join(f"{quote}{number(v, d, decimal, thousands)}{quote}" for v, d in zip(row, digits, strict=True))
        + f"{end}\n"
        for row in rows
    )


def time_of(u: np.ndarray) -> np.ndarray:
    return u / 0.005  # s, at 0.3 mm/min


def add(files: dict[str, File], name: str, text: str, expected: Any, encoding: str = "utf-8") -> None:
    files[name] = File(text.encode(encoding), expected)


def good(name: str, text: str, *expected: Expected, encoding: str = "utf-8") -> None:
    add(GOOD, name, text, expected, encoding)


def broken(name: str, text: str, message: str, encoding: str = "utf-8") -> None:
    add(BROKEN, name, text, message, encoding)


u, f = A
t = time_of(u)

# Of machines

good(
    "bluehill_universal.csv",
    "Time,Extension,Load\n(s),(mm),(N)\n" + table(t, u, f, digits=(2, 4, 4)),
    Expected(A, "bluehill_universal"),
)
good(
    "bluehill_units_in_names.csv",
    "Time measurement (s),Primary load measurement (N),Extension (mm)\n" + table(t, -f, -u, digits=(1, 5, 5)),
    Expected(A, "bluehill_units_in_names"),
)
good(
    "Specimen_RawData_1.csv",
    'Texteingaben : Proben-beschriftung;"X6-A"\nAllgemein : Startdatum;16.08.2018 16:07:51\n'
    "Abmessung : Dicke;0,50000;mm\n\nZeit;Traversenweg;Last;Zugspannung\n(sec);(mm);(kN);(MPa)\n"
    + table(t, u, f / 1000, f / 9, digits=(5, 4, 4, 2), separator=";", decimal=","),
    Expected(A, "X6-A", 0.5, kind="crosshead"),
    encoding="cp1252",
)
good(
    "zwick_testxpert.TXT",
    '"Prüfinstitut"\t"institute_1"\n"Datum/Uhrzeit"\t44335.4\t""\n"Kraftaufnehmer"\t"Kraftaufnehmer_1"\n'
    '"Werkstoff"\t"Werkstoff_1"\n"Probenkennung 2"\t"Probentyp_2"\n"Probendicke"\t0.5\t"mm"\n'
    '"Prüfgeschwindigkeit"\t0.005\t"mm/s"\n"Vorkraft"\t2\t"MPa"\n"Temperatur"\t22\t"°C"\n"Bemerkung"\t""\n'
    '"Prüfzeit"\t"Standardkraft"\t"Traversenweg absolut"\t"Breitenänderung"\t"Dehnung"\n"s"\t"N"\t"mm"\t"mm"\t"mm"\n'
    + table(t, f, u, 0 * u, 0 * u, digits=(9, 9, 9, 9, 9), separator="\t"),
    Expected(A, "zwick_testxpert", 0.5, 22.0, "crosshead"),
    encoding="cp1252",
)
good(
    "mts_specimen.dat",
    "MTS793|MPT|DEU|1|2|,|.|:|49|1|1|A\n\nBediener Information\t\t\tKleinstempelversuch\t\t\tZeit:\t71,000977\ts\t"
    "28.01.2015 10:33:47\nDatum\t27.02.2015\nPrüfer:\tKh\nProbebezeichnung\tX6 Probe A\nProtokoll Seite\t146\n"
    "Durchmesser [mm]:\t8\nDicke [mm]:\t0,5\nBediener Information Ende\n\n"
    "Datenerfassung\t\t\t\t\t\tZeit:\t172,12207\ts\t28.01.2015 10:35:28\nCh 1 Weg\tCh 1 Kraft\nmm\tkN\n"
    "0,00083744526\t0,0094\n-1,2\t-1,6\n\n"
    "Datenerfassung\t\t\t\t\t\tZeit:\t172,12988\ts\t28.01.2015 10:35:28\n"
    "Datum\tTageszeit\tLaufzeit\tCh 1 Kraft Sollwert\tCh 1 Kraft\tCh 1 Weg\nd\td\ts\tkN\tkN\tmm\n"
    + table(
        0 * u + 42032, 0.44 + t / 86400, t, -f / 900, -f / 1000, -u,
        digits=(0, 8, 6, 7, 7, 10), separator="\t", decimal=",",
    ),
    Expected(A, "X6 Probe A", 0.5),
    encoding="cp1252",
)  # fmt: skip


def side_by_side(separator: str, decimal: str = ".", with_time: bool = True, swapped: bool = False) -> str:
    """Two records beside each other, the second shorter."""
    rows = []
    for k in range(len(A[0])):
        cells: list[str] = []
        for a, b in (A, B):
            if k < len(a):
                cells += [number(a[k] / 0.005, 2, decimal)] * with_time
                cells += [number(value, 4, decimal) for value in ((a[k], b[k]) if swapped else (b[k], a[k]))]
            else:
                cells += [""] * (2 + with_time)
        rows.append(separator.join(cells))
    return "\n".join(rows) + "\n"


good(
    "shimadzu_trapezium.csv",
    '"1 _ 1",,,"1 _ 2",,\nTime,Force,Stroke,Time,Force,Stroke\nsec,N,mm,sec,N,mm\n' + side_by_side(","),
    Expected(A, "shimadzu_trapezium-1_1", kind="crosshead"),
    Expected(B, "shimadzu_trapezium-1_2", kind="crosshead"),
)
good(
    "shimadzu_japanese.csv",
    "試験片名,P91-A\n板厚,0.5,mm\n試験温度,23,℃\n\n時間,試験力,変位\n(sec),(N),(mm)\n"
    + table(t, f, u, digits=(2, 3, 4)),
    Expected(A, "P91-A", 0.5, 23.0),
    encoding="cp932",
)
good(
    "mti.txt",
    "6/11/2018 11:47:32 AM   Width, Thick, Diam. Units Code\n1.0000, 1.0000, 1.0000, 0,\n199659.6719,\n"
    "Load, Disp, Stress, Time, Temp, Axial, Transverse, Chans 1-20\n"
    + table(f, u, f / 9, t, 0 * u, 0 * u, 0 * u, -f, digits=(4, 5, 3, 5, 2, 5, 5, 6), separator=", ", end=","),
    Expected(A, "mti"),
)

# Of laboratories and spreadsheets

good(
    "own_format.csv",
    "# name: A1\n# thickness: 0.5\n# temperature: 23\n# rig: EN10371\ndisplacement_mm,load_N\n"
    + "".join(f"{a!r},{b!r}\n" for a, b in zip(u.tolist(), f.tolist(), strict=True)),
    Expected(A, "A1", 0.5, 23.0),
)
good(
    "french_utf16.txt",
    "Éprouvette :\tP265-3\nÉpaisseur :\t0,5 mm\nTempérature d'essai (°C) :\t-20\n\n"
    "Déplacement du poinçon (mm)\tEffort (N)\n" + table(u, f, digits=(3, 1), separator="\t", decimal=","),
    Expected(A, "P265-3", 0.5, -20.0, "punch"),
    encoding="utf-16",
)
good(
    "czech_cp1250.csv",
    "Vzorek;T91-2\nTloušťka;0,5;mm\nTeplota;550;°C\nPrůhyb [mm];Síla [kN]\n"
    + table(u, f / 1000, digits=(3, 4), separator=";", decimal=","),
    Expected(A, "T91-2", 0.5, 550.0, "deflection"),
    encoding="cp1250",
)
good(
    "polish_bom.csv",
    "Próbka;S235\nGrubość [mm];0,5\n\nCzas;Przemieszczenie;Siła\ns;mm;N\n"
    + table(t, u, f, digits=(1, 3, 1), separator=";", decimal=","),
    Expected(A, "S235", 0.5),
    encoding="utf-8-sig",
)
good(
    "chinese_gb18030.csv",
    "试样编号:Q345-1\n厚度:0.5 mm\n时间(s),位移(mm),试验力(N)\n" + table(t, u, f, digits=(1, 3, 1)),
    Expected(A, "Q345-1", 0.5),
    encoding="gb18030",
)
good(
    "spanish.csv",
    "Probeta: AISI 316-4\nEspesor: 500 µm\nDesplazamiento del punzón (µm);Fuerza (kN)\n"
    + table(1000 * u, f / 1000, digits=(0, 4), separator=";", decimal=","),
    Expected(A, "AISI 316-4", 0.5, kind="punch"),
    encoding="cp1252",
)
good(
    "italian_thousands.csv",
    "Provino;F22\nSpessore (mm);0,5\nTemperatura (K);296,15\nCorsa (mm);Carico (N)\n"
    + table(u, f, digits=(3, 1), separator=";", decimal=",", thousands="."),
    Expected(A, "F22", 0.5, 23.0, "crosshead"),
)
good(
    "english_thousands_quoted.csv",
    '"Specimen","A 508-1"\n"Thickness, mm","0.5"\n"Deflection, mm","Load, N"\n'
    + table(u, f, digits=(3, 1), thousands=",", quote='"'),
    Expected(A, "A 508-1", 0.5, kind="deflection"),
)
good(
    "savetxt.dat",
    "# thickness = 500 um\n# displacement [um]   load [N]\n"
    + "".join(f"{1000 * a:.18e} {b:.18e}\n" for a, b in zip(u, f, strict=True)),
    Expected(A, "savetxt", 0.5),
)
good(
    "aligned.txt",
    "Small punch test        rig 2\nspecimen thickness      0.5 mm\n\nPunch displacement [mm]  Load [N]\n"
    + "".join(f"{a:12.3f}      {b:12.1f}\r\n" for a, b in zip(u, f, strict=True)),
    Expected(A, "aligned", 0.5, kind="punch"),
)
good(
    "lvdt_compression_negative.tsv",
    "Time (s)\tCrosshead speed (mm/min)\tLVDT (µm)\tForce (kN)\tStress (MPa)\n"
    + table(t, 0 * u + 0.3, -1000 * u, -f / 1000, f / 9, digits=(1, 2, 1, 4, 2), separator="\t"),
    Expected(A, "lvdt_compression_negative", kind="deflection"),
)
good(
    "imperial.csv",
    "Thickness (in),0.01968503937\nStroke (in),Load (lbf)\n" + table(u / 25.4, f / 4.4482216152605, digits=(8, 6)),
    Expected(A, "imperial", 0.5, kind="crosshead", step=3e-7, load_step=5e-6),
)

# Several specimens

good(
    "side_by_side.csv",
    "Displacement A [mm];Load A [N];;Displacement B [mm];Load B [N];;\n"
    + "".join(
        f"{number(u[k], 3, ',')};{number(f[k], 1, ',')};;"
        + (f"{number(B[0][k], 3, ',')};{number(B[1][k], 1, ',')};;\n" if k < len(B[0]) else ";;;\n")
        for k in range(len(u))
    ),
    Expected(A, "A"),
    Expected(B, "B"),
)
good(
    "side_by_side_facts.csv",
    "Specimen;W1;;W2;\nThickness (mm);0.5;;0.48;\nForce;Stroke;Force;Stroke\nN;mm;N;mm\n"
    + side_by_side(";", with_time=False),
    Expected(A, "W1", 0.5, kind="crosshead"),
    Expected(B, "W2", 0.48, kind="crosshead"),
)
good(
    "side_by_side_facts_again.csv",
    "Specimen;V1;Thickness;0,5;Specimen;V2;Thickness;0,48\nDate;12.03.2024;14:00\n"
    "Stroke;Force;Stroke;Force\nmm;N;mm;N\n" + side_by_side(";", ",", with_time=False, swapped=True),
    Expected(A, "V1", 0.5, kind="crosshead"),
    Expected(B, "V2", 0.48, kind="crosshead"),
)
good(
    "side_by_side_xy.csv",
    "A;;B;\nx;y;x;y\n" + side_by_side(";", ",", with_time=False, swapped=True),
    Expected(A, "A", warns="nothing in the file says which column is what"),
    Expected(B, "B"),
)
good(
    "specimen_column.csv",
    "Probe;Weg [mm];Kraft [N];Zeit\n"
    + "".join(
        f"{name};{number(a, 3, ',')};{number(b, 1, ',')};12:{k // 60:02}:{k % 60:02}\n"
        for name, curve in (("M1", A), ("M2", B))
        for k, (a, b) in enumerate(zip(*curve, strict=True))
    ),
    Expected(A, "M1"),
    Expected(B, "M2"),
)
good(
    "one_below_the_other.txt",
    "Specimen: N1\nThickness: 0.5 mm\nDisplacement (mm)\tLoad (N)\n"
    + table(u, f, digits=(3, 1), separator="\t")
    + "\nSpecimen: N2\nThickness: 0.48 mm\nDisplacement (mm)\tLoad (N)\n"
    + table(*B, digits=(3, 1), separator="\t"),
    Expected(A, "N1", 0.5),
    Expected(B, "N2", 0.48),
)
good(
    "blank_line_between.dat",
    "u [mm]  F [N]\n" + table(u, f, digits=(3, 1), separator="  ") + "\n\n" + table(*B, digits=(3, 1), separator="  "),
    Expected(A, "blank_line_between-1"),
    Expected(B, "blank_line_between-2"),
)
good(
    "repeated_header.csv",
    "".join(
        f"Report page {page},,,\nTime (s),Displacement (mm),Load (N),,\n"
        + table(t[part], u[part], f[part], digits=(1, 3, 1), end=",,")
        for page, part in enumerate((slice(0, 20), slice(20, 40), slice(40, None)), start=1)
    ),
    Expected(A, "repeated_header"),
)

# Broken ones. The messages are regular expressions.

rows = table(u, f, digits=(3, 1))
broken(
    "crosshead_and_lvdt.csv",
    "Crosshead (mm),LVDT (mm),Load (N)\n" + table(1.05 * u, u, f, digits=(3, 3, 1)),
    r"2 columns may hold the displacement \(0: 'Crosshead \(mm\)', 1: 'LVDT \(mm\)'\); say which: columns=",
)
broken(
    "zwick_two_ways.TXT",
    '"Prüfzeit"\t"Standardkraft"\t"Traversenweg absolut"\t"Standardweg"\n"s"\t"N"\t"mm"\t"mm"\n'
    + table(t, f, u, 0.98 * u, digits=(9, 9, 9, 9), separator="\t"),
    r"'Traversenweg absolut', 3: 'Standardweg'\); say which: columns=",
)
broken(
    "two_load_cells.csv",
    "Displacement (mm),Load cell 1 (N),Load cell 2 (N)\n" + table(u, f, 0.9 * f, digits=(3, 1, 1)),
    r"2 columns may hold the load .*; say which: columns=\{'load': 'Load cell 1 \(N\)'\}",
)
broken(
    "two_channels.dat",
    "Ch 1 Weg\tCh 1 Kraft\tCh 2 Weg\tCh 2 Kraft\nmm\tkN\tmm\tkN\n"
    + table(u, f / 1000, u, f / 1000, digits=(4, 4, 4, 4), separator="\t"),
    r"2 columns may hold the displacement .*; say which: columns=",
)
broken(
    "no_names.csv",
    table(t, u, f, digits=(1, 3, 1)),
    r"3 columns of numbers and no names above them; give their positions: columns=",
)
broken(
    "too_few_names.csv",
    "Displacement (mm),Load (N)\n" + table(np.arange(len(u)), u, f, digits=(0, 3, 1)),
    r"the line of names has 2 columns and the numbers have 3\. .* by their position: columns=",
)
broken(
    "comma_twice.csv",
    "Weg [mm],Kraft [N]\n" + table(u, f, digits=(3, 1), decimal=","),
    r"if the comma separates the columns and is the decimal sign too, export with another separator",
)
broken(
    "decimal_or_thousands.csv",
    "u [µm];F [kN]\n" + "".join(f"{100 + k},{k:03};1,{2 * k:03}\n" for k in range(1, 40)),
    r"'10\d,\d\d\d' may be written with a decimal sign or with a mark between thousands; .*decimal=','",
)
broken(
    "two_decimal_signs.csv",
    "u [mm];F [N]\n" + "".join(f"{a:.3f};{number(b, 1, ',')}\n" for a, b in zip(u, f, strict=True)),
    r"both '0\.000' and '0,0' are written in it; write all numbers with one decimal sign",
)
broken(
    "damaged_line.csv",
    "displacement_mm,load_N\n" + rows.replace("0.500,", "0.5x0,"),
    r"line 22: '0\.5x0,.*' is not a pair of numbers; remove the line, or repair the record",
)
broken(
    "missing_load.csv",
    "displacement_mm,load_N\n"
    + "".join(f"{a},{b if k != 7 else ''}\n" for k, (a, b) in enumerate(zip(u, f, strict=True))),
    r"line 9: '0\.175,' is not a pair of numbers; remove the line, or repair the record",
)
broken(
    "not_a_number.csv",
    "displacement_mm,load_N\n" + rows.replace("\n0.250,", "\n0.250,NaN\n0.250,"),
    r"line 12: '0\.250,NaN' is not finite; remove the line, or repair",
)
broken(
    "extra_cell.csv",
    "displacement_mm,load_N\n" + rows.replace("\n0.300,", "\n0.300,1,"),
    r"line 14: '0\.300,1,.*' has 3 columns where the others have 2; repair the line, or remove it",
)
broken("empty.csv", "\n\n", r"the file is empty; export the test again, or remove the file")
BROKEN["binary.csv"] = File(bytes(range(1, 256)) * 4, r"not a text file \(it has control characters\); export the test")
BROKEN["old_excel.xls"] = File(
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), r"old Excel workbook \(\.xls\).*; save it as \.xlsx or as CSV"
)
BROKEN["damaged.xlsx"] = File(
    b"PK\x03\x04" + bytes(200), r"not a workbook that can be read .*; save it again as \.xlsx or as CSV"
)
BROKEN["no_workbook.xlsx"] = File(rows.encode(), r"named like an Excel workbook, but it is not one; save it again")
BROKEN["odd_utf16.txt"] = File(
    b"\xff\xfe" + ("u,F\n" + rows).encode("utf-16-le")[:-1], r"not a text file in utf-16, .*; save it as CSV in UTF-8"
)
broken(
    "volts.csv",
    "Stroke (mm),Load (V)\n" + table(u, f / 500, digits=(3, 4)),
    r"the load in column 1: 'Load \(V\)' is in 'V', which cannot be made N; choose another column",
)
broken(
    "kilonewton_not_said.csv",
    "Displacement,Force\n" + table(u, f / 1000, digits=(3, 4)),
    r"'Force' names no unit, and the load reaches .* not likely in N; give its unit: units=\{'load': 'kN'\}",
)
broken(
    "micrometre_not_said.csv",
    "Displacement,Force\n" + table(1000 * u, f, digits=(0, 1)),
    r"'Displacement' names no unit, and the displacement goes over 1200, .* units=\{'displacement': 'µm'\}",
)
broken(
    "two_units.csv",
    "Displacement (mm),Load (N)\nµm,N\n" + rows,
    r"the name 'Displacement \(mm\)' has another unit than the line below it, 'µm'; correct one",
)
broken(
    "stress_and_strain.csv",
    "Time (s),True strain,True stress (MPa)\n" + table(t, u, f, digits=(1, 3, 1)),
    r"no column is known to hold the displacement or the load; .* Name them: columns=",
)
broken(
    "two_thicknesses.csv",
    "Initial thickness: 0.52 mm\nMeasured thickness: 0.50 mm\nu (mm),F (N)\n" + rows,
    r"line 2: the thickness is 0\.5 mm in line 2 and 0\.52 mm in line 1; leave one of them, or pass thickness=",
)
broken(
    "thickness_in_words.csv",
    "Thickness: half a millimetre\nu (mm),F (N)\n" + rows,
    r"line 1: the thickness 'half a millimetre' is not one number with a unit of length; correct it, or pass",
)
broken(
    "thickness_in_micrometres.csv",
    "Thickness: 500\nu (mm),F (N)\n" + rows,
    r"line 1: a thickness of 500 mm is outside 0.01 to 50 mm; correct the number or its unit, or pass thickness=",
)
broken(
    "unloading.csv",
    "u (mm),F (N)\n" + rows + table(u[::-1][:30], f[::-1][:30], digits=(3, 1)),
    r"the displacement goes back from 1\.2 to 0\.475 mm over the last 29 points, which is an unloading; cut it "
    r"out of the record, or pass cut_unloading=True",
)
broken("three_points.csv", "u (mm),F (N)\n0,0\n0.5,600\n1,900\n", r"the record has 3 points, and at least 5 are needed")
broken(
    "no_load.csv",
    "u (mm),F (N)\n" + table(u, 0 * f, digits=(3, 1)),
    r"the load is never positive",
)
broken(
    "specimen_not_named.csv",
    "Probe;Weg [mm];Kraft [N]\n" + "".join(f"{'M1' if a != 0.5 else ''};{a};{b}\n" for a, b in zip(u, f, strict=True)),
    r"line 22: the specimen's name is missing in column 0: 'Probe'; add it, or remove the line",
)
broken(
    "notes.txt",
    "Small punch tests of the P91 steel\n\nTested on Monday, 23 °C.\n",
    r"no two columns of numbers were found .*; check that it is the record of a test, or pass separator=",
)
broken(
    "specimens.csv",
    "name,thickness (mm),heat\nA1,0.5,7\nA2,0.48,7\n",
    r"a table of specimens, not a curve; pass it beside the files: metadata=",
)


def workbooks() -> dict[str, File]:
    """The workbooks, which openpyxl makes: not the same bytes every time."""
    import openpyxl

    made = {}

    def book(name: str, sheets: dict[str, list[list[Any]]], expected: Any) -> None:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, content in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in content:
                sheet.append(row)
        file = io.BytesIO()
        workbook.save(file)
        made[name] = File(file.getvalue(), expected)

    def rows_of(curve: tuple[np.ndarray, np.ndarray], factor: float = 1.0) -> list[list[Any]]:
        return [[float(a), float(b) * factor] for a, b in zip(*curve, strict=True)]

    book(
        "workbook.xlsx",
        {
            "Parameter": [["Prüfnorm", "EN 10371"], ["Prüfer", "Kh"]],
            "Ergebnisse": [["Probe", "Fm [kN]", "um [mm]"], *[[f"P{k}", 1.5 + k / 10, 1.2] for k in range(8)]],
            "P1": [["Probendicke", 0.5, "mm"], [], ["Standardweg", "Standardkraft"], ["mm", "kN"], *rows_of(A, 0.001)],
            "P2": [["Probendicke", 0.48, "mm"], [], ["Standardweg", "Standardkraft"], ["mm", "kN"], *rows_of(B, 0.001)],
        },
        (Expected(A, "P1", 0.5), Expected(B, "P2", 0.48)),
    )
    book(
        "workbook_numbers_as_text.xlsx",
        {
            "Tabelle1": [
                ["Weg [mm]", "Kraft [N]", None],
                *[[number(a, 3, ","), number(b, 1, ","), None] for a, b in zip(*A, strict=True)],
            ]
        },
        (Expected(A, "workbook_numbers_as_text"),),
    )
    book(
        "only_results.xlsx",
        {"Ergebnisse": [["Probe", "Rm [MPa]", "A [%]"], *[[f"P{k}", 600.0 + k, 20.0] for k in range(8)]]},
        r"sheet 'Ergebnisse', line 2: a table of results, not the record of a test",
    )
    return made


def main() -> None:
    made = workbooks()
    for folder, files in (("good", GOOD), ("broken", BROKEN)):
        (FOLDER / folder).mkdir(exist_ok=True)
        for name, file in files.items():
            (FOLDER / folder / name).write_bytes(file.content)
    for name, file in made.items():
        (FOLDER / ("broken" if isinstance(file.expected, str) else "good") / name).write_bytes(file.content)


if __name__ == "__main__":
    main()
