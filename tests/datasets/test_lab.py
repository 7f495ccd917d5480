import numpy as np
import pytest

from sklearn_spt import read_curves
from sklearn_spt.datasets import lab_example_path, load_lab_example
from sklearn_spt.mechanics import characteristic_quantities


@pytest.fixture(scope="module")
def lab():
    return load_lab_example()


def test_the_folder_is_read_without_a_word(lab):
    assert [curve.name for curve in lab.data] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    assert lab.path == str(lab_example_path())
    for curve in lab.data:
        assert curve.thickness == pytest.approx(0.5, abs=0.01)
        assert curve.temperature == 23.0
        assert curve.source.origin.keys() == {"name", "thickness", "temperature"}
        assert curve.source.notes == ()


def test_every_file_has_a_layout_of_its_own(lab):
    sources = {curve.source.path: curve.source for curve in lab.data}
    layouts = {(s.encoding, s.separator, s.decimal, s.units["load"], s.sign_changed) for s in sources.values()}
    assert len(layouts) == len(sources) == 5


def test_records_have_what_simulations_lack(lab):
    for curve in lab.data:
        u, f = curve.displacement, curve.load
        assert np.abs(f[u < 0.015]).mean() < 15  # the approach: no contact, an offset and noise
        assert np.ptp(f[u < 0.015]) > 0
        assert np.diff(u).min() < np.diff(u).mean() < np.diff(u).max()
        assert characteristic_quantities(curve).Fm == pytest.approx(f.max(), rel=0.01)


def test_specimens_of_one_steel_are_alike(lab):
    loads = np.array([curve.load.max() for curve in lab.data]).reshape(2, 3)
    assert (np.ptp(loads, axis=1) < 0.05 * loads.mean(axis=1)).all()
    assert np.ptp(loads, axis=1).min() > 0
    assert loads[1].mean() > 1.1 * loads[0].mean()


def test_targets(lab):
    assert lab.target.shape == (6, len(lab.strain))
    assert (np.diff(lab.strain) > 0).all()
    # One row per steel, and that of the stronger one is the higher at large strains.
    np.testing.assert_array_equal(lab.target[:3], lab.target[:1].repeat(3, axis=0))
    np.testing.assert_array_equal(lab.target[3:], lab.target[3:4].repeat(3, axis=0))
    assert lab.target[3, -1] > lab.target[0, -1]
    X, y = load_lab_example(return_X_y=True)
    assert [curve.name for curve in X] == [curve.name for curve in lab.data]
    np.testing.assert_array_equal(y, lab.target)


def test_the_path_is_a_folder_of_files():
    assert len(read_curves(str(lab_example_path() / "*.csv"))) == 4
