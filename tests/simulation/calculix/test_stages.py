"""The deformed disc at some displacements, read with a stand-in for the solver."""

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SHEET, MeshSettings
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import build_model, run_spt

MATERIAL = law_material(sheet_steel_law(K=900.0, n=0.2), nu=0.3)
COARSE = MeshSettings(rows=2, edge_size=0.3)
MODEL = build_model(SHEET, 2.0, COARSE)
N_NODES = int(MODEL.disc.max()) + 1
STROKE = 0.8


# On the ramp of the punch, t^1.5, these are reached at a quarter of the time and at its end.
EARLY, LATE = 0.1, 0.8
COMPONENTS = {"DISP": 3, "STRESS": 6, "PE": 1}


def result_block(time, name, rows):
    """A block of nodal results at a total time, as CalculiX writes it."""
    head = f"  100CL  101{time:12.9f}{len(rows):12d}                     0    1           1\n -4  {name:<8}    1    1\n"
    lines = (
        f" -1{node:10d}" + "".join(f"{value:12.5E}" for value in row) for node, row in enumerate(rows.tolist(), start=1)
    )
    return head + "\n".join(lines) + "\n -3\n"


@pytest.fixture
def solver(fake_solver, tmp_path):
    """Make a stand-in whose load grows with the time, to 1,000 N, and whose fields are those given."""

    def make(fields):
        prints = "".join(
            f" total force (fx,fy,fz) for set PUNCH and time  {1 + i / 20:.7E}\n\n 0.0 {-50 * i / 180:.6E} 0.0\n"
            for i in range(1, 21)
        )
        (tmp_path / "prints").write_text(prints)
        blocks = [
            result_block(1 + time, name, rows) for time, values in fields.items() for name, rows in values.items()
        ]
        (tmp_path / "results").write_text("".join(blocks))
        return fake_solver(f"cp {tmp_path}/prints job.dat; cp {tmp_path}/results job.frd; echo ' Job finished'")

    return make


def uniform(**values):
    """The same values at all nodes of disc and tools."""
    fields = {name: np.zeros((len(MODEL.nodes), count)) for name, count in COMPONENTS.items()}
    for name, row in values.items():
        fields[name][:] = row
    return fields


def simulate(solver, displacements=(EARLY, LATE), **options):
    options = {"thickness": 2.0, "stroke": STROKE, "mesh": COARSE, **options}
    return run_spt(MATERIAL, "SHEET", field_displacements=displacements, solver=solver, **options)


def test_stages(solver):
    fields = simulate(solver({0.25: uniform(DISP=(0.01, -0.05, 9), PE=0.1), 1.0: uniform(DISP=(0, -0.5, 0), PE=0.3)}))
    early, late = fields.stages
    assert (early.displacement, late.displacement) == (EARLY, LATE)
    assert early.load == pytest.approx(250)
    assert late.load == pytest.approx(1000)
    # The disc alone, without the tools' nodes, moved by its displacements in the plane.
    np.testing.assert_allclose(early.nodes - MODEL.nodes[:N_NODES], np.full((N_NODES, 2), [0.01, -0.05]))
    np.testing.assert_array_equal(early.elements, MODEL.disc)
    np.testing.assert_allclose(early.plastic_strain, np.full(N_NODES, 0.1))
    np.testing.assert_allclose(late.plastic_strain, np.full(N_NODES, 0.3))


@pytest.mark.parametrize(
    ("stress", "equivalent"),
    [
        ((300, 0, 0, 0, 0, 0), 300),
        ((0, -300, 0, 0, 0, 0), 300),
        ((200, 200, 200, 0, 0, 0), 0),
        ((0, 0, 0, 100, 0, 0), 100 * 3**0.5),
        ((0, 0, 0, 0, 0, -100), 100 * 3**0.5),
        ((400, 100, 0, 0, 50, 0), (400**2 - 400 * 100 + 100**2 + 3 * 50**2) ** 0.5),
    ],
)
def test_von_mises(solver, stress, equivalent):
    (stage,) = simulate(solver({1.0: uniform(STRESS=stress)}), [LATE]).stages
    np.testing.assert_allclose(stage.von_mises, equivalent, rtol=1e-5, atol=1e-9)


def test_plastic_strains_below_zero_are_extrapolation(solver):
    values = uniform()
    values["PE"][:, 0] = np.linspace(-0.02, 0.1, len(MODEL.nodes))
    (stage,) = simulate(solver({1.0: values}), [LATE]).stages
    np.testing.assert_allclose(stage.plastic_strain, np.maximum(values["PE"][:N_NODES, 0], 0), atol=1e-6)
    assert stage.plastic_strain.min() == 0


def test_stages_behind_the_end_are_missing(solver):
    program = solver({0.25: uniform(), 1.0: uniform()})
    fields = simulate(program, load_limit=600)
    assert fields.record["ended_by"] == "load limit"
    assert [stage.displacement for stage in fields.stages] == [EARLY]
    # The solver gave up before the second stage.
    fields = simulate(solver({0.25: uniform()}))
    assert [stage.displacement for stage in fields.stages] == [EARLY]
