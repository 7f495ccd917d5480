import numpy as np
import pytest

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_sheet_steel


@pytest.fixture(scope="module")
def sheet():
    return load_sheet_steel()


def test_parts_agree(sheet):
    n_curves = len(sheet.data)
    assert sheet.target.shape == (n_curves, len(sheet.strain))
    assert np.all(np.diff(sheet.strain) > 0)
    assert sheet.strain[-1] == 1.0
    for key, values in sheet.frame.items():
        assert values.shape == (n_curves,), key
    assert len({curve.name for curve in sheet.data}) == n_curves
    for i in (0, n_curves // 2, n_curves - 1):
        curve = sheet.data[i]
        assert isinstance(curve, SPTCurve)
        assert (curve.rig, curve.displacement_kind) == ("SHEET", "punch")
        assert curve.thickness == sheet.frame.thickness[i]
        assert curve.metadata == {key: sheet.frame[key][i] for key in ("K", "n", "completed")}


def test_target_is_the_law_of_the_material(sheet):
    # sigma = K (0.01 + eps_p)^n wherever the stress is above the initial yield, the elastic line below.
    plastic = sheet.strain - sheet.target / 70_000
    frame = sheet.frame
    law = frame.K[:, None] * (0.01 + np.maximum(plastic, 0)) ** frame.n[:, None]
    elastic = sheet.strain * 70_000 <= frame.yield_stress[:, None]
    np.testing.assert_allclose(sheet.target, np.where(elastic, sheet.strain * 70_000, law), rtol=1e-9)


def test_records_are_as_machines_write_them(sheet):
    for curve, completed in zip(sheet.data, sheet.frame.completed, strict=True):
        assert len(curve.load) >= 200
        steps = np.diff(curve.displacement)
        assert steps[curve.displacement[1:] <= 0.2].max() < 0.00501
        if completed:
            assert curve.displacement[-1] == pytest.approx(3.0, abs=1e-4)


def test_the_set_is_that_of_its_design(sheet):
    frame = sheet.frame
    for key, low, high in (("K", 200, 3000), ("n", 0.1, 0.5), ("thickness", 1, 4)):
        values = frame[key]
        assert low <= values.min() < low + 0.05 * (high - low), key
        assert high - 0.05 * (high - low) < values.max() <= high, key
        # Sobol points fill every range evenly.
        assert np.median(values) == pytest.approx((low + high) / 2, rel=0.05)


def test_the_first_curves_are_a_set_of_their_own(sheet):
    first = load_sheet_steel(n_curves=7)
    assert [curve.name for curve in first.data] == [curve.name for curve in sheet.data[:7]]
    np.testing.assert_array_equal(first.target, sheet.target[:7])
    assert ":Number of curves: 7\n" in first.DESCR
    with pytest.raises(ValueError, match="n_curves must be a positive whole number"):
        load_sheet_steel(n_curves=0)


def test_the_corner_stands_last():
    few, more = load_sheet_steel(n_curves=5), load_sheet_steel(n_curves=5, corner=True)
    assert [curve.name for curve in more.data[:5]] == [curve.name for curve in few.data]
    assert len(more.data) == 505
    frame = more.frame
    assert frame.K[5:].min() >= 1800
    assert frame.n[5:].max() <= 0.2
    assert frame.thickness[5:].max() <= 1.6


def test_description_fits_the_data(sheet):
    assert f":Number of curves: {len(sheet.data)}\n" in sheet.DESCR
    assert "{" not in sheet.DESCR
    (row,) = (line for line in sheet.DESCR.splitlines() if line.startswith("thickness, mm"))
    values = sheet.frame.thickness
    expected = [min(values), np.median(values), max(values)]
    np.testing.assert_allclose([float(cell) for cell in row.split()[2:5]], expected, rtol=5e-4)


def test_return_X_y(sheet):
    X, Y = load_sheet_steel(n_curves=10, return_X_y=True)
    assert [curve.name for curve in X] == [curve.name for curve in sheet.data[:10]]
    np.testing.assert_array_equal(Y, sheet.target[:10])
    with pytest.raises(TypeError):
        load_sheet_steel(True)
