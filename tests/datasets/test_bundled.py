import re
import subprocess
import sys

import numpy as np
import pytest

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import DEMO_CURVE_INDEX, load_demo_curve, load_en10371_steel, load_sheet_steel
from sklearn_spt.mechanics import tensile_properties


@pytest.fixture(scope="module")
def sheet():
    return load_sheet_steel()


@pytest.fixture(scope="module")
def demo(sheet):
    """Where the curve behind the demo curve stands in the set."""
    (index,) = (i for i, curve in enumerate(sheet.data) if curve.name == f"sheet-{DEMO_CURVE_INDEX:04d}")
    return index


def test_parts_agree(sheet):
    n_curves = len(sheet.data)
    assert sheet.target.shape == (n_curves, len(sheet.strain))
    assert sheet.target.dtype == np.float64
    assert np.all(np.diff(sheet.strain) > 0)
    for key, values in sheet.frame.items():
        assert values.shape == (n_curves,), key
    names = [curve.name for curve in sheet.data]
    assert names == sorted(set(names))
    for i in (0, n_curves // 2, n_curves - 1):
        curve = sheet.data[i]
        assert isinstance(curve, SPTCurve)
        assert re.fullmatch(r"sheet-\d{4}", curve.name)
        assert curve.rig == "SHEET"
        assert curve.thickness == sheet.frame.thickness[i]
        keys = ("K", "n", "completed", "load_jump", "attempts")
        assert curve.metadata == {key: sheet.frame[key][i] for key in keys}


def test_target_is_the_law_of_the_material(sheet):
    # sigma = K (0.01 + eps_p)^n wherever the stress is above the initial yield, the elastic line below.
    plastic = sheet.strain - sheet.target / 70_000
    frame = sheet.frame
    law = frame.K[:, None] * (0.01 + np.maximum(plastic, 0)) ** frame.n[:, None]
    # The file's stresses are float32, rounded to 0.01 MPa.
    elastic = sheet.strain * 70_000 <= frame.yield_stress[:, None]
    np.testing.assert_allclose(sheet.target, np.where(elastic, sheet.strain * 70_000, law), rtol=1e-6, atol=6e-3)


def test_curves_are_ragged_and_the_incomplete_ones_are_short(sheet):
    ends = np.array([curve.displacement[-1] for curve in sheet.data])
    np.testing.assert_allclose(ends[sheet.frame.completed], 3.0, atol=1e-4)
    # One or the other stopped a hair before the end.
    assert np.all(ends <= 3.0 + 1e-4)
    assert 0 < np.mean(~sheet.frame.completed) < 0.05
    assert len({len(curve.load) for curve in sheet.data}) > 1


def test_description_fits_the_data(sheet):
    lengths = [len(curve.load) for curve in sheet.data]
    assert f":Number of curves: {len(sheet.data)}\n" in sheet.DESCR
    assert f"{min(lengths)} to {max(lengths)} points each" in sheet.DESCR
    assert f":Incomplete curves: {np.sum(~sheet.frame.completed)}," in sheet.DESCR
    assert f":Jumps: in {np.sum(sheet.frame.load_jump)} curves" in sheet.DESCR
    assert f":Repetitions: {np.sum(sheet.frame.attempts > 1)} of the simulations" in sheet.DESCR
    assert "{" not in sheet.DESCR
    earliest = min(curve.displacement[-1] for curve in sheet.data)
    assert f"The earliest ends at {earliest:.2f} mm" in sheet.DESCR
    table = {cells[0]: cells[1:] for cells in (re.split("  +", line) for line in sheet.DESCR.splitlines())}
    maxima = [curve.load.max() for curve in sheet.data]
    for row, values in {
        "K, MPa": sheet.frame.K,
        "n": sheet.frame.n,
        "initial yield stress, MPa": sheet.frame.yield_stress,
        "stress at the last strain, MPa": sheet.target[:, -1],
        "thickness, mm": sheet.frame.thickness,
        "maximum load, N": maxima,
    }.items():
        expected = [min(values), np.median(values), max(values)]
        np.testing.assert_allclose(
            [float(cell.replace(",", "")) for cell in table[row][:3]], expected, rtol=5e-4, err_msg=row
        )
    assert table["initial yield stress, MPa"][3] == "20.98 to 1907.53"


def test_the_set_is_that_of_its_design(sheet):
    frame = sheet.frame
    for key, low, high in (("K", 200, 3000), ("n", 0.1, 0.5), ("thickness", 1, 4)):
        values = frame[key]
        assert low <= values.min() < low + 0.05 * (high - low), key
        assert high - 0.05 * (high - low) < values.max() <= high, key
        # Sobol points fill every range evenly.
        assert np.median(values) == pytest.approx((low + high) / 2, rel=0.05)


def test_return_X_y(sheet):
    X, Y = load_sheet_steel(return_X_y=True)
    assert [curve.name for curve in X] == [curve.name for curve in sheet.data]
    np.testing.assert_array_equal(Y, sheet.target)


def test_as_frame(sheet):
    pandas = pytest.importorskip("pandas")
    framed = load_sheet_steel(as_frame=True)
    assert isinstance(framed.frame, pandas.DataFrame)
    assert list(framed.frame.columns) == ["K", "n", "yield_stress", "thickness", "completed", "load_jump", "attempts"]
    np.testing.assert_array_equal(framed.target.to_numpy(), sheet.target)
    np.testing.assert_array_equal(framed.target.columns, sheet.strain)
    assert framed.target.index[5] == framed.frame.index[5] == framed.data[5].name
    _, Y = load_sheet_steel(return_X_y=True, as_frame=True)
    pandas.testing.assert_frame_equal(Y, framed.target)


def test_arguments_are_keywords_only():
    with pytest.raises(TypeError):
        load_sheet_steel(True)


def test_as_frame_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="as_frame=True needs pandas; install it"):
        load_sheet_steel(as_frame=True)


def test_neither_torch_nor_pandas_is_imported():
    code = (
        "import sys; from sklearn_spt.datasets import load_sheet_steel; load_sheet_steel();"
        "print(sorted({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # scikit-learn itself imports pandas in some versions where it is installed; our loader must not be the reason.
    plain = "import sys, sklearn.utils; print(sorted({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    expected = subprocess.run([sys.executable, "-c", plain], capture_output=True, text=True, check=True)
    assert result.stdout == expected.stdout


def test_demo_curve_is_the_named_curve_with_noise(sheet, demo):
    curve, strain, stress = load_demo_curve()
    source = sheet.data[demo]
    np.testing.assert_allclose(strain, sheet.strain)
    np.testing.assert_allclose(stress, sheet.target[demo], rtol=1e-5)
    assert curve.thickness == pytest.approx(source.thickness, abs=1e-3)
    assert curve.rig == source.rig
    assert len(curve.load) > 4 * len(source.load)
    deviation = curve.load[1:] / np.interp(curve.displacement[1:], source.displacement, source.load) - 1
    # 0.2 % of noise, and the difference between a line and the interpolation where the points are far apart.
    assert 0.0015 < np.std(deviation[curve.displacement[1:] > 0.5]) < 0.0025
    assert np.abs(np.mean(deviation[curve.displacement[1:] > 0.5])) < 0.0005


def test_demo_curve_is_in_the_middle_of_the_set(sheet, demo):
    for key in ("K", "n", "thickness"):
        values = sheet.frame[key]
        assert 0.1 < np.mean(values < values[demo]) < 0.9
    assert sheet.frame.completed[demo]


def test_demo_curve_has_all_tensile_properties():
    _, strain, stress = load_demo_curve()
    assert tensile_properties(strain, stress, E=70_000).missing == {}


@pytest.fixture(scope="module")
def steel():
    return load_en10371_steel()


def test_steel_parts_agree(steel):
    n_curves = len(steel.data)
    assert steel.target.shape == (n_curves, 100)
    for key, values in steel.frame.items():
        assert values.shape == (n_curves,), key
    assert len({curve.name for curve in steel.data}) == n_curves
    for i in (0, n_curves // 2, n_curves - 1):
        curve = steel.data[i]
        assert curve.rig == "EN10371"
        assert curve.thickness == steel.frame.thickness[i]
        keys = ("law", "friction", "completed", "load_jump", "attempts")
        assert curve.metadata == {key: steel.frame[key][i] for key in keys}


def test_steel_targets_are_those_of_the_laws(steel):
    from sklearn_spt import mechanics

    for i in range(0, len(steel.data), 25):
        name = steel.frame.law[i].removesuffix(" with a plateau")
        parameters = {
            key: float(steel.frame[key][i])
            for key in ("E", "K", "Q", "b", "epsilon0", "n", "sigma0", "weight", "plateau_strain")
            if np.isfinite(steel.frame[key][i])
        }
        law = getattr(mechanics, name)(**parameters)
        np.testing.assert_allclose(steel.target[i], law.true_stress(steel.strain), atol=0.006)
        np.testing.assert_allclose(steel.frame.yield_stress[i], law.yield_stress)


def test_steel_is_what_its_description_says(steel):
    assert f":Number of curves: {len(steel.data)}\n" in steel.DESCR
    assert "{" not in steel.DESCR
    frame = steel.frame
    assert frame.thickness.min() >= 0.48
    assert frame.thickness.max() <= 0.52
    assert frame.friction.min() >= 0.05
    assert frame.friction.max() <= 0.3
    assert frame.yield_stress.min() >= 150
    assert frame.yield_stress.max() <= 1500
    # The first strain is elastic in every curve, which is what "curve" as elastic modulus asks for.
    np.testing.assert_allclose(steel.target[:, 0] / steel.strain[0], frame.E, rtol=2e-4)
    # Every curve goes past its maximum, or the solver stopped there.
    past = np.array([curve.load.argmax() < len(curve.load) - 1 for curve in steel.data])
    assert not np.any(steel.frame.completed & ~past)
    assert np.mean(past) > 0.99
    laws, counts = np.unique(frame.law, return_counts=True)
    assert set(laws) == {"PowerLaw", "Swift", "Swift with a plateau", "SwiftVoce", "Voce"}
    for law, count in zip(laws, counts, strict=True):
        assert f"\n{law}  " in steel.DESCR or f"\n{law} " in steel.DESCR
        assert str(count) in steel.DESCR


def test_steel_as_frame_and_as_arrays(steel):
    pandas = pytest.importorskip("pandas")
    X, Y = load_en10371_steel(return_X_y=True)
    assert len(X) == len(Y) == len(steel.data)
    frame = load_en10371_steel(as_frame=True)
    assert isinstance(frame.target, pandas.DataFrame)
    assert frame.frame.index[0] == steel.data[0].name
    assert frame.frame["law"].iloc[0] == steel.frame.law[0]
