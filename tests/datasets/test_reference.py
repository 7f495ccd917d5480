import numpy as np
import pytest
from scipy.integrate import trapezoid

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.mechanics import characteristic_quantities

REFERENCE = load_reference_curves()
NAMES = [curve.name for curve in REFERENCE.data]


@pytest.mark.parametrize("name", NAMES)
def test_quantities_are_recovered_to_the_resolution_of_the_record(name):
    i = NAMES.index(name)
    curve, step, noise = REFERENCE.data[i], REFERENCE.frame.step[i], REFERENCE.frame.noise[i]
    truth = dict(zip(REFERENCE.target_names, REFERENCE.target[i], strict=True))
    found = characteristic_quantities(curve)
    # A displacement is known to a part of a step, a load to what the curve rises in it, or to some of the noise.
    sigma = noise * np.nanmax(curve.load)
    length = 0.5 * step + 8 * noise
    force = 0.25 * step * truth["slope"] + 2 * sigma
    allowed = dict.fromkeys(truth, force) | {"ue": length, "um": length, "uf": length, "slope": 0.01 * truth["slope"]}
    allowed["slope"] += 8 * noise * truth["slope"]
    allowed["ESP"] = length * np.nanmax(curve.load)
    for quantity, value in truth.items():
        if np.isnan(value):
            assert "still rises" in found.missing[quantity]
        else:
            assert getattr(found, quantity) == pytest.approx(value, abs=allowed[quantity]), quantity
    assert set(found.missing) == {quantity for quantity, value in truth.items() if np.isnan(value)}


def test_a_finer_record_is_evaluated_better():
    by_name = dict(zip(NAMES, REFERENCE.data, strict=True))
    Fe = REFERENCE.target[NAMES.index("rounded"), 0]
    errors = [abs(characteristic_quantities(by_name[name]).Fe - Fe) for name in ("rounded", "rounded-coarse")]
    assert errors[0] < errors[1] / 4


def test_the_values_belong_to_the_curves():
    """Checks of the table against the points that rest on no evaluation."""
    column = {name: REFERENCE.target[:, k] for k, name in enumerate(REFERENCE.target_names)}
    for i, curve in enumerate(REFERENCE.data):
        assert isinstance(curve, SPTCurve)
        assert curve.thickness == REFERENCE.frame.thickness[i]
        assert np.diff(curve.displacement).max() == pytest.approx(REFERENCE.frame.step[i])
        if REFERENCE.frame.noise[i] or np.isnan(column["Fm"][i]):
            continue
        assert curve.load.max() == pytest.approx(column["Fm"][i], rel=1e-3)
        at_failure = np.interp(column["uf"][i], curve.displacement, curve.load)
        assert at_failure == pytest.approx(0.8 * column["Fm"][i], rel=0.01) or "fracture" in curve.name
        until = np.linspace(0, column["um"][i], 20_001)
        energy = trapezoid(np.interp(until, curve.displacement, curve.load), until)
        assert energy == pytest.approx(column["ESP"][i], rel=1e-3)


def test_fe_of_the_two_standards_differs_only_at_rounded_knees():
    Fe, astm = (REFERENCE.target[:, REFERENCE.target_names.index(name)] for name in ("Fe", "Fe_astm"))
    sharp = np.array([name.startswith("bilinear") for name in NAMES])
    np.testing.assert_array_equal(Fe[sharp], astm[sharp])
    assert np.all(astm[~sharp] < 0.97 * Fe[~sharp])
