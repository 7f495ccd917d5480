"""The deformed disc at some displacements: bad input, and once for real."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SHEET, MeshSettings, SPTFields, simulate_fields, simulate_spt
from sklearn_spt.simulation.calculix import build_model

LAW = sheet_steel_law(K=900.0, n=0.2)
COARSE = MeshSettings(rows=2, edge_size=0.3)
MODEL = build_model(SHEET, 2.0, COARSE)
N_NODES = int(MODEL.disc.max()) + 1


def simulate(solver, displacements, **options):
    options = {"thickness": 2.0, "stroke": 0.8, "mesh": COARSE, **options}
    return simulate_fields(LAW, "SHEET", displacements=displacements, solver=solver, **options)


def test_the_stroke_is_the_last_displacement_unless_given(fake_solver):
    fields = simulate(fake_solver(), [0.8], stroke=None, name="mine")
    assert isinstance(fields, SPTFields)
    assert fields.rig == SHEET
    assert (fields.curve.thickness, fields.curve.name) == (2.0, "mine")
    assert fields.curve.displacement[-1] == pytest.approx(0.8)
    assert simulate(fake_solver(), [0.8], stroke=1.6).curve.displacement[-1] == pytest.approx(1.6)


@pytest.mark.parametrize(
    ("displacements", "error", "message"),
    [
        ("half", TypeError, "displacements must be numbers, in mm"),
        ([], ValueError, "at least one value"),
        ([[0.1, 0.2]], ValueError, "1-D"),
        ([0.0, 0.2], ValueError, r"positive, finite and increasing, in mm; got \[0.0, 0.2\]"),
        ([0.3, 0.2], ValueError, "increasing"),
        ([0.2, 0.2], ValueError, "increasing"),
        ([0.2, np.nan], ValueError, "finite"),
        ([0.2, 0.9], ValueError, "0.9 mm, lies beyond the stroke of 0.8 mm"),
    ],
)
def test_bad_displacements(displacements, error, message):
    with pytest.raises(error, match=message):
        simulate("/nonexistent/ccx", displacements)


def test_a_stroke_beyond_the_rig():
    with pytest.raises(ValueError, match=r"at most 4.5 mm, the travel of rig SHEET; got 5"):
        simulate("/nonexistent/ccx", [5.0], stroke=None)


@pytest.mark.ccx
def test_a_disc_is_pressed():
    options = {"thickness": 2.0, "mesh": COARSE}
    fields = simulate_fields(LAW, "SHEET", displacements=[0.1, 0.4], stroke=0.5, **options)
    first, second = fields.stages
    assert [stage.displacement for stage in fields.stages] == [0.1, 0.4]
    for stage in fields.stages:
        face = stage.nodes[MODEL.nodes[:N_NODES, 1] == 0]
        under = face[face[:, 0] < 1.0, 1]
        # The disc lies against the punch, but for what the contact gives way, and is held at its edge.
        np.testing.assert_allclose(under, -stage.displacement, atol=0.02)
        edge = stage.nodes[MODEL.held] - MODEL.nodes[MODEL.held]
        np.testing.assert_allclose(edge, 0, atol=1e-6)
        assert stage.load == pytest.approx(np.interp(stage.displacement, *fields.curve.monotonic()))
    # Where the material flows its stress is the law's at the plastic strain. Both are extrapolated to the nodes, which
    # is coarse while the strains change sign over few elements.
    flowing = second.plastic_strain > 0.3 * second.plastic_strain.max()
    ratio = second.von_mises[flowing] / LAW.flow_stress(second.plastic_strain[flowing])
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert second.plastic_strain.max() > 2 * first.plastic_strain.max()
    # Other increments change the loads little.
    plain = simulate_spt(LAW, "SHEET", stroke=0.5, **options)
    assert np.interp(0.4, *plain.monotonic()) == pytest.approx(second.load, rel=0.005)
