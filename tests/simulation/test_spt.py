"""The small punch test: bad input, and the solver for real."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import (
    MeshSettings,
    SolverNotFoundError,
    simulate_from_curve,
    simulate_spt,
)

LAW = sheet_steel_law(K=900.0, n=0.2)
COARSE = MeshSettings(rows=2, edge_size=0.3)


def test_no_solver():
    with pytest.raises(SolverNotFoundError, match="apt-get install calculix-ccx"):
        simulate_spt(LAW, "SHEET", thickness=2.0, solver="/nonexistent/ccx")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"thickness": -1.0}, ValueError, "thickness"),
        ({"stroke": -1.0}, ValueError, "stroke"),
        ({"stroke": 1e3}, ValueError, "stroke"),
        ({"friction": -0.1}, ValueError, "friction"),
        ({"friction": "dry"}, TypeError, "friction must be a number; got 'dry'"),
        ({"nu": 0.5}, ValueError, "nu .* without 0.5; got 0.5"),
        ({"load_limit": 0}, ValueError, "load_limit must be positive; got 0"),
        ({"load_limit": float("inf")}, ValueError, "load_limit must be finite"),
        ({"load_drop": 5}, ValueError, "load_drop must lie between 0 and 1, a part of the maximum load; got 5"),
        ({"load_drop": 0}, ValueError, "load_drop must lie between 0 and 1"),
        ({"load_drop": "much"}, TypeError, "load_drop must be a number"),
        ({"timeout": -1}, ValueError, "timeout must be positive; got -1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        simulate_spt(LAW, "SHEET", **{"thickness": 2.0, **changes})


def test_what_a_curve_says_of_itself(fake_solver):
    curve = simulate_spt(LAW, "SHEET", thickness=2.0, mesh=COARSE, solver=fake_solver(), name="mine")
    assert (curve.name, curve.rig, curve.thickness, curve.displacement_kind) == ("mine", "SHEET", 2.0, "punch")
    record = curve.metadata
    assert record["law"] == "Swift"
    assert record["law_parameters"] == {"E": 70e3, "K": 900, "epsilon0": 0.01, "n": 0.2, "plateau_strain": 0}
    strain = np.linspace(0.002, 0.2, 20)
    table = simulate_from_curve(strain, LAW.true_stress(strain), "SHEET", thickness=2.0, solver=fake_solver())
    assert table.metadata["law"] == "table"
    assert table.metadata["law_parameters"]["strain"] == strain.tolist()


@pytest.mark.ccx
def test_a_sheet_is_pressed():
    curve = simulate_spt(LAW, "SHEET", thickness=2.0, stroke=0.6, mesh=COARSE)
    assert curve.rig == "SHEET"
    assert curve.thickness == 2.0
    displacement, load = curve.monotonic()
    assert displacement[-1] == pytest.approx(0.6, abs=1e-3)
    assert np.all(np.diff(load) > 0)
    # The same material as a table: the forward check of a predicted curve.
    strain = np.linspace(0.002, 0.6, 300)
    again = simulate_from_curve(
        strain, LAW.true_stress(strain), "SHEET", thickness=2.0, E=LAW.E, stroke=0.6, mesh=COARSE
    )
    assert np.interp(0.5, *again.monotonic()) == pytest.approx(np.interp(0.5, displacement, load), rel=0.01)
    # A material 10 % stronger throughout carries more, and less than 10 % more where part of the disc is elastic.
    stronger = simulate_spt(sheet_steel_law(K=990.0, n=0.2), "SHEET", thickness=2.0, stroke=0.6, mesh=COARSE)
    ratio = np.interp(0.5, *stronger.monotonic()) / np.interp(0.5, displacement, load)
    assert 1.05 < ratio < 1.10


@pytest.mark.ccx
def test_a_disc_is_pressed_to_a_load():
    free = simulate_spt(LAW, "SHEET", thickness=2.0, stroke=0.6, mesh=COARSE)
    limit = 0.5 * free.load.max()
    curve = simulate_spt(LAW, "SHEET", thickness=2.0, stroke=0.6, mesh=COARSE, load_limit=limit)
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (True, "load limit")
    assert curve.load[-1] >= limit > curve.load[-2]
    # The way there is the same.
    n = len(curve.load)
    np.testing.assert_allclose(curve.load, free.load[:n], rtol=1e-6)
    np.testing.assert_allclose(curve.displacement, free.displacement[:n], rtol=1e-6)
