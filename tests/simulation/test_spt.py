"""The small punch model: bad input, and the solver for real on a coarse mesh."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import MeshSettings, SolverNotFoundError, simulate_from_curve, simulate_spt

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
    ],
)
def test_bad_input_is_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        simulate_spt(LAW, "SHEET", **{"thickness": 2.0, **changes})


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
