import copy
import pickle
from fractions import Fraction

import joblib
import numpy as np
import pytest

from sklearn_spt import SPTCurve, read_curves
from sklearn_spt.curves import CurveCorrection, as_curves

U = np.linspace(0.0, 0.4, 5)
F = np.array([0.0, 90.0, 170.0, 230.0, 260.0])
ROWS = "0,0\n0.1,90\n0.2,170\n0.3,230\n0.4,260\n"


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "A1.csv").write_text(text, encoding="utf-8")
        return read_curves(tmp_path / "A1.csv")[0]

    return read


# Headers


@pytest.mark.parametrize(
    "header",
    [
        "displacement_mm,load_N",
        "Displacement [mm],Force (N)",
        "Deflection / mm,FORCE / N",
        '"Stroke","Punch load"',
        "load-line displacement (mm),load at this stroke",
        "u,F",
        "u_corrected,F (raw)",
        "mm,N",
        "Weg,Kraft",
    ],
)
def test_headers_that_are_right_or_unknown(read, header):
    curve = read(f"{header}\n{ROWS}")
    np.testing.assert_array_equal(curve.displacement, [0.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(curve.load, F)


@pytest.mark.parametrize("header", ["load_N,displacement_mm", "Force,u", "N,mm", "x,Deflection (mm)", "F (N),u"])
def test_columns_in_the_other_order(read, header):
    swapped = "".join(",".join(reversed(row.split(","))) + "\n" for row in ROWS.split())
    if header.startswith("x"):
        with pytest.raises(ValueError, match=r"A1\.csv, line 2: no column is known to hold the load; .* columns="):
            read(f"{header}\n{swapped}")
        return
    curve = read(f"{header}\n{swapped}")
    np.testing.assert_array_equal(curve.displacement, [0.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(curve.load, F)


@pytest.mark.parametrize(
    ("header", "factors"),
    [
        ("displacement_mm,load_kN", (1, 1000)),
        ("u,F [kN]", (1, 1000)),
        ("u,Load (lbf)", (1, 4.4482216152605)),
        ("displacement_um,load_N", (0.001, 1)),
        ("displacement (\N{MICRO SIGN}m),load", (0.001, 1)),
        ("displacement [\N{GREEK SMALL LETTER MU}m],load", (0.001, 1)),
        ("Stroke / m,load", (1000, 1)),
        ("deflection (inch),F", (25.4, 1)),
        ("u,F (MN)", (1, 1e6)),
        ("u,F (mN)", (1, 1e-3)),
    ],
)
def test_other_units(read, header, factors):
    # Numbers that make a small punch test in mm and N.
    u, f = U / factors[0], F / factors[1]
    curve = read("\n".join([header, *(f"{a!r},{b!r}" for a, b in zip(u.tolist(), f.tolist(), strict=True))]))
    np.testing.assert_allclose(curve.displacement, U, rtol=1e-14)
    np.testing.assert_allclose(curve.load, F, rtol=1e-14)
    assert (curve.source.factors["displacement"], curve.source.factors["load"]) == factors


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("u,load_mm", r"the load in column 1: 'load_mm' is in 'mm', which cannot be made N; choose .*units="),
        ("u,Load (V)", r"the load in column 1: 'Load \(V\)' is in 'V', which cannot be made N"),
        ("u_m,F", r"the displacement in column 0: 'u_m', in m, goes over 400 mm, which no small punch test does"),
        ("u,F (MN)", r"the load in column 1: 'F \(MN\)', in MN, reaches 2\.6e\+08 N, which no small punch test does"),
    ],
)
def test_units_that_cannot_be(read, header, message):
    with pytest.raises(ValueError, match=message):
        read(f"{header}\n{ROWS}")


# Rows and facts


@pytest.mark.parametrize("row", ["nan,200", "0.25,NaN", "0.25,inf", "-inf,1"])
def test_rows_that_are_not_finite(read, row):
    with pytest.raises(ValueError, match=rf"A1\.csv, line 7: '{row}' is not finite; remove the line, or repair"):
        read(f"# a comment\n{ROWS}{row}\n")


@pytest.mark.parametrize(("text", "line"), [(f"0,\n{ROWS}", 1), (f"u,F\n{ROWS}0.5,\n", 7), (f"{ROWS}a,b\n", 6)])
def test_rows_that_are_no_numbers(read, text, line):
    with pytest.raises(ValueError, match=rf"A1\.csv, line {line}: .* is not a pair of numbers; remove the line, or"):
        read(text)


def test_keys_in_capital_letters(read):
    curve = read(f"# Thickness: 0.5\n#TEMPERATURE : 20\n# Rig: A\n# NAME: B\n# Remark: C\nu,F\n{ROWS}")
    assert (curve.thickness, curve.temperature, curve.rig, curve.name) == (0.5, 20.0, "A", "B")


def test_written_and_read_back(tmp_path):
    curve = SPTCurve(U / 3, F / 7, thickness=0.5, temperature=-20.5, rig="A", name="B")
    curve.to_csv(tmp_path / "x.csv")
    (back,) = read_curves(tmp_path)
    np.testing.assert_array_equal([back.displacement, back.load], [curve.displacement, curve.load])
    assert (back.thickness, back.temperature, back.rig, back.name) == (0.5, -20.5, "A", "B")


# Messages


@pytest.mark.parametrize(
    ("u", "f", "facts", "error", "message"),
    [
        (U[:4], F[:4], {}, ValueError, "the record has 4 points, and at least 5 .*; record more points, or leave the"),
        (U * 0, F, {}, ValueError, "the displacement is 0 mm at every point; .* Check that .*, or leave the curve out"),
        ([0, 0, 0, 1, 1], F, {}, ValueError, "the record has 2 different displacements in 5 points.* or leave"),
        (U, F, {"thickness": 0}, ValueError, r"thickness must be positive; got 0\.0\. Give it in mm, .*None"),
        (
            U,
            F,
            {"thickness": "0.5 mm"},
            TypeError,
            r"thickness must be a number; got '0\.5 mm'\. Give it in mm, without",
        ),
        (U, F, {"temperature": np.nan}, ValueError, r"temperature must be finite; got nan\. Give it in °C, .*None"),
        (U, -F, {}, ValueError, "the load is never positive; change its sign"),
        (U, F[:4], {}, ValueError, "displacement has 5 points and load has 4"),
        (U, list("abcde"), {}, TypeError, "load must be an array of numbers"),
    ],
)
def test_bad_records(u, f, facts, error, message):
    with pytest.raises(error, match=f"^{message}"):
        SPTCurve(u, f, **facts)
    with pytest.raises(error, match=f"^curve 'A1': {message}"):
        SPTCurve(u, f, name="A1", **facts)


def test_bad_elements_are_named_by_index():
    good = np.column_stack([U, F])
    with pytest.raises(ValueError, match=r"^curve 1 of X: the record has 4 points, and"):
        as_curves([good, good[:4]])
    with pytest.raises(ValueError, match=r"^curve 2 of X: the displacement is 1 mm at every point;"):
        as_curves([good, good, good * [0, 1] + [1, 0]])
    for wrong, name in ((5, "int"), ("A1.csv", "str")):
        with pytest.raises(TypeError, match=f"^X must be a list of curves; got {name}$"):
            as_curves(wrong)


def through_joblib(curve, folder):
    joblib.dump(curve, folder / "curve.joblib")
    return joblib.load(folder / "curve.joblib")


@pytest.mark.parametrize(
    "again",
    [
        lambda curve, folder: pickle.loads(pickle.dumps(curve)),
        lambda curve, folder: copy.deepcopy(curve),
        through_joblib,
    ],
)
def test_copies_stay_read_only(tmp_path, again):
    curve = SPTCurve(U, F, thickness=0.5, name="A1", metadata={"heat": 7})
    back = again(curve, tmp_path)
    assert repr(back) == repr(curve)
    assert back.metadata == {"heat": 7}
    for name in ("displacement", "load"):
        np.testing.assert_array_equal(getattr(back, name), getattr(curve, name))
        with pytest.raises(ValueError, match="read-only"):
            getattr(back, name)[0] = 1.0


# Corrections


def test_corrections_are_kept_in_order_and_shown(tmp_path):
    toe, cut = CurveCorrection("toe", 0.01234567, "mm", "9 points"), CurveCorrection("cut", None, note="no drop")
    curve = SPTCurve(U, F, name="A1", corrections=[toe])
    assert curve.corrections == (toe,)
    more = curve.replace(corrections=(*curve.corrections, cut))
    assert more.corrections == (toe, cut)
    assert curve.corrections == (toe,)
    assert repr(more).endswith("corrected: toe)")
    assert repr(SPTCurve(U, F, corrections=[cut])).endswith("corrected: nothing)")
    assert "corrected" not in repr(SPTCurve(U, F))
    for back in (pickle.loads(pickle.dumps(more)), copy.deepcopy(more), through_joblib(more, tmp_path)):
        assert back.corrections == (toe, cut)


@pytest.mark.parametrize(
    ("correction", "text"),
    [
        (CurveCorrection("toe", 0.0123456, "mm"), "toe 0.01235 mm"),
        (CurveCorrection("smooth", 3.0), "smooth 3"),
        (CurveCorrection("cut", None, "mm", "no drop"), "cut none (no drop)"),
    ],
)
def test_text_of_a_correction(correction, text):
    assert str(correction) == text


@pytest.mark.parametrize("corrections", [["toe"], [None], "toe"])
def test_corrections_are_nothing_else(corrections):
    with pytest.raises(TypeError, match=r"^curve 'A1': corrections must hold CurveCorrection only"):
        SPTCurve(U, F, name="A1", corrections=corrections)


def test_a_correction_cannot_be_changed():
    with pytest.raises(AttributeError):
        CurveCorrection("toe", 0.01).value = 0.02


@pytest.mark.parametrize(
    "values", [F > 3, F.astype(str), np.arange(5).astype("M8[s]"), np.array([1, "2", 3, 4, 5], object)]
)
def test_only_numbers_are_loads(values):
    with pytest.raises(TypeError, match="load must be an array of numbers"):
        SPTCurve(U, values)
    with pytest.raises(TypeError, match="curve 0 of X must be an SPTCurve or an array"):
        as_curves([values.reshape(-1, 1)])


def test_numbers_of_any_kind_are_loads():
    for values in (F.astype(np.float32), F.astype(int), F.astype(object), [Fraction(int(f)) for f in F]):
        np.testing.assert_array_equal(SPTCurve(U, values).load, F)
