"""The small punch test with CalculiX itself, on coarse meshes."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SHEET, MeshSettings, simulate_fields, simulate_from_curve, simulate_spt
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import build_model, first_deck, run_spt

LAW = sheet_steel_law(K=900.0, n=0.2)
COARSE = MeshSettings(rows=2, edge_size=0.3)
OPTIONS = {"thickness": 2.0, "mesh": COARSE, "solver": "calculix"}
MODEL = build_model(SHEET, 2.0, COARSE)
N_NODES = int(MODEL.disc.max()) + 1


def test_the_first_deck_is_that_of_the_first_attempt(fake_solver, tmp_path):
    options = {"thickness": 2.0, "friction": 0.2, "stroke": 1.0, "mesh": COARSE}
    material = law_material(LAW, nu=0.3)
    run_spt(material, "SHEET", **options, solver=fake_solver(), keep_files=tmp_path / "kept")
    assert (tmp_path / "kept" / "job.inp").read_text() == first_deck(material, "SHEET", **options)


@pytest.mark.ccx
def test_a_sheet_is_pressed():
    curve = simulate_spt(LAW, "SHEET", stroke=0.6, **OPTIONS)
    assert curve.rig == "SHEET"
    assert curve.metadata["solver"].startswith("CalculiX ")
    displacement, load = curve.monotonic()
    assert displacement[-1] == pytest.approx(0.6, abs=1e-3)
    assert np.all(np.diff(load) > 0)
    # The same material as a table: the forward check of a predicted curve.
    strain = np.linspace(0.002, 0.6, 300)
    again = simulate_from_curve(strain, LAW.true_stress(strain), "SHEET", E=LAW.E, stroke=0.6, **OPTIONS)
    assert np.interp(0.5, *again.monotonic()) == pytest.approx(np.interp(0.5, displacement, load), rel=0.01)
    # To half the load the way is the same.
    limit = 0.5 * load.max()
    short = simulate_spt(LAW, "SHEET", stroke=0.6, load_limit=limit, **OPTIONS)
    assert (short.metadata["completed"], short.metadata["ended_by"]) == (True, "load limit")
    assert short.load[-1] >= limit > short.load[-2]
    n = len(short.load)
    np.testing.assert_allclose(short.load, curve.load[:n], rtol=1e-6)
    np.testing.assert_allclose(short.displacement, curve.displacement[:n], rtol=1e-6)


@pytest.mark.ccx
def test_fields():
    fields = simulate_fields(LAW, "SHEET", displacements=[0.1, 0.4], stroke=0.5, **OPTIONS)
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
        assert stage.thickness[-1, 1] == pytest.approx(2.0)
    # Where the material flows its stress is the law's at the plastic strain. Both are extrapolated to the nodes, which
    # is coarse while the strains change sign over few elements.
    flowing = second.plastic_strain > 0.3 * second.plastic_strain.max()
    ratio = second.von_mises[flowing] / LAW.flow_stress(second.plastic_strain[flowing])
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert second.plastic_strain.max() > 2 * first.plastic_strain.max()
    assert second.thickness[:, 1].min() < first.thickness[:, 1].min() < 2.0
