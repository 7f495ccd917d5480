"""Materials from a law and from a table."""

import numpy as np
import pytest

from sklearn_spt.mechanics import Swift, sheet_steel_law
from sklearn_spt.simulation import simulate_from_curve, simulate_spt, simulate_tensile
from sklearn_spt.simulation._flow import curve_material

LAW = sheet_steel_law(K=900.0, n=0.2)


def test_a_table_of_the_law_is_the_law():
    strain = np.linspace(0.002, 0.4, 400)
    material = curve_material(strain, LAW.true_stress(strain), None, 0.3)
    np.testing.assert_allclose(material.E, LAW.E)
    within = (material.plastic_strain > 0.005) & (material.plastic_strain < 0.38)
    np.testing.assert_allclose(
        material.flow_stress[within], LAW.flow_stress(material.plastic_strain[within]), rtol=1e-4
    )
    assert material.flow_stress[0] == pytest.approx(LAW.yield_stress, rel=0.02)
    # It goes on beyond the table, as a power law through its last third.
    assert material.plastic_strain[-1] >= 5
    assert material.flow_stress[-1] == pytest.approx(LAW.flow_stress(material.plastic_strain[-1]), rel=0.05)
    assert np.all(np.diff(material.plastic_strain) > 0)
    assert np.all(np.diff(material.flow_stress) >= 0)


STRAIN = np.linspace(0.002, 0.1, 50)
STRESS = LAW.true_stress(STRAIN)


def test_small_drops_are_levelled():
    wavy = STRESS.copy()
    wavy[25] *= 0.985
    flow = curve_material(STRAIN, wavy, 70e3, 0.3).flow_stress
    assert np.all(np.diff(flow) >= 0)


@pytest.mark.parametrize(
    ("strain", "stress", "options", "message"),
    [
        (STRAIN, STRESS[:-1], {}, r"of one length and have at least 3 points; got \(50,\) and \(49,\)"),
        (STRAIN[:2], STRESS[:2], {}, "at least 3 points"),
        (STRAIN, np.where(STRAIN < 0.05, STRESS, np.nan), {}, "strain and stress must be finite everywhere"),
        (STRAIN[::-1], STRESS, {}, "increase from point to point; sort the curve"),
        (STRAIN - 0.05, STRESS, {}, "strain must be 0 or more"),
        (100 * STRAIN, STRESS, {}, r"not in % \(20\): divide it by 100"),
        (STRAIN, STRESS - 400, {}, r"stress must be positive \(MPa\)"),
        (STRAIN, np.where(STRAIN < 0.08, STRESS, 0.9 * STRESS), {}, "the curve softens: .*cut it before it falls"),
        (STRAIN, 70e3 * STRAIN, {}, "no plastic part: all points lie on the elastic line of E = 70000 MPa"),
        (STRAIN, STRESS, {"E": -1}, "E must be positive; got -1"),
        (STRAIN, STRESS, {"E": 70}, r"E \(Young's modulus\) .* got 70\. Give it .* in MPa"),
        (STRAIN, 1e6 * STRESS, {}, "slope of the curve, taken for E .* in MPa"),
        (STRAIN, 1e6 * STRESS, {"E": 70e3}, "no plastic part: .* in MPa"),
        (STRAIN, 1e-3 * STRESS, {}, "slope of the curve, taken for E .* in MPa"),
        (STRAIN, 1e-6 * STRESS, {"E": 70e3}, "does not fit Young's modulus, 70000 MPa"),
    ],
)
def test_a_table_that_is_no_curve_is_refused(strain, stress, options, message):
    with pytest.raises(ValueError, match=message):
        simulate_from_curve(strain, stress, "SHEET", thickness=2.0, solver="/nonexistent/ccx", **options)


@pytest.mark.parametrize(
    ("E", "K", "message"),
    [
        (210.0, 900.0, "law.E .* got 210. Give it .* in MPa"),
        (210e9, 900e6, "law.E .* in MPa"),
        (210e3, 900e6, "Swift yields at .* which does not fit Young's modulus, 210000 MPa"),
    ],
)
def test_a_law_in_other_units_is_refused(E, K, message):
    law = Swift(E=E, K=K, epsilon0=0.005, n=0.2)
    with pytest.raises(ValueError, match=message):
        simulate_spt(law, thickness=0.5)
    with pytest.raises(ValueError, match=message):
        simulate_tensile(law)


def test_a_law_that_softens_is_refused():
    class Softening:
        E = 70e3

        def flow_stress(self, plastic_strain):
            return 300 - 100 * np.minimum(plastic_strain, 1)

    with pytest.raises(ValueError, match=r"Softening softens: its flow stress falls from 300 to .* give one that does"):
        simulate_spt(Softening(), "SHEET", thickness=2.0)

    with pytest.raises(TypeError, match=r"law must be a law of sklearn_spt.mechanics, or an object .* got 'Swift'"):
        simulate_spt("Swift", "SHEET", thickness=2.0)

    with pytest.raises(ValueError, match="takes one material at a time"):
        simulate_spt(sheet_steel_law(K=[900.0, 1000.0], n=0.2), "SHEET", thickness=2.0)
