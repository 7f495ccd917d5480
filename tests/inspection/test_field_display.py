import numpy as np
import pytest

from sklearn_spt import SPTCurve
from sklearn_spt.inspection import FieldDisplay
from sklearn_spt.simulation import RIGS, FieldStage, MeshSettings, SPTFields
from sklearn_spt.simulation.calculix import build_model


def make_fields(name="EN10371", thickness=0.5):
    """A disc that moves down as a whole, with strains that grow with the distance from the axis."""
    model = build_model(RIGS[name], thickness, MeshSettings(rows=2, edge_size=0.2))
    nodes = model.nodes[: int(model.disc.max()) + 1]
    stages = tuple(
        FieldStage(
            displacement=way,
            load=1e3 * way,
            nodes=nodes - [0, way],
            elements=model.disc,
            plastic_strain=way * nodes[:, 0] / nodes[:, 0].max(),
            von_mises=np.full(len(nodes), 300.0),
            thickness=np.array([[0.0, 0.5], [4.0, 0.5]]),
        )
        for way in (0.2, 0.6)
    )
    curve = SPTCurve(np.linspace(0, 0.6, 7), np.linspace(0, 600, 7), thickness=thickness)
    return SPTFields(curve, RIGS[name], stages)


def test_a_stage_is_drawn():
    fields = make_fields()
    display = FieldDisplay.from_fields(fields, stage=0)
    assert display.ax_.get_title() == "0.2 mm, 200 N"
    assert display.figure_ is display.ax_.figure
    assert display.mesh_.get_array().max() == pytest.approx(0.2)
    assert display.mesh_.get_clim() == pytest.approx((0, 0.2))
    assert display.colorbar_.ax.get_ylabel() == "equivalent plastic strain"
    low, high = display.ax_.get_xlim()
    assert low == pytest.approx(-high)
    # The last stage is the default.
    assert FieldDisplay.from_fields(fields).stage is fields.stages[-1]


def test_all_of_the_disc_is_coloured():
    import matplotlib.tri

    fields = make_fields()
    display = FieldDisplay.from_fields(fields, mirror=False, tools=False)
    triangulation = display.mesh_._triangulation
    assert isinstance(triangulation, matplotlib.tri.Triangulation)
    x, y = triangulation.x[triangulation.triangles], triangulation.y[triangulation.triangles]
    area = 0.5 * ((x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0]))
    assert np.all(area > 0)
    assert area.sum() == pytest.approx(4.0 * 0.5, rel=1e-3)


def test_tools_follow_the_punch():
    outlines = {}
    for stage in (0, 1):
        display = FieldDisplay.from_fields(make_fields(), stage=stage, mirror=False)
        punch, die = (line.get_ydata() for line in display.ax_.lines)
        outlines[stage] = (punch.min(), die.max())
    assert outlines[0] == pytest.approx((-0.2, -0.5))
    assert outlines[1] == pytest.approx((-0.6, -0.5))
    # No die where the disc is held at its edge.
    sheet = FieldDisplay.from_fields(make_fields("SHEET", 2.0), mirror=False)
    assert len(sheet.ax_.lines) == 1
    assert len(FieldDisplay.from_fields(make_fields(), tools=False).ax_.lines) == 0


def test_options():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    display = FieldDisplay.from_fields(
        make_fields(), ax=ax, quantity="von_mises", vmax=500, edges=True, mirror=False, colorbar=False
    )
    assert display.ax_ is ax
    assert display.mesh_.get_clim() == (0, 500)
    assert display.colorbar_ is None
    (edges,) = (c for c in ax.collections if type(c).__name__ == "LineCollection")
    assert len(edges.get_segments()) == len(display.stage.elements)
    assert ax.get_xlim()[0] > -1
    with_bar = FieldDisplay.from_fields(make_fields(), quantity="von_mises")
    assert with_bar.colorbar_.ax.get_ylabel() == "von Mises stress, MPa"


def test_a_disc_without_strain():
    (stage, _) = make_fields().stages
    zero = FieldStage(
        0.01, 1.0, stage.nodes, stage.elements, np.zeros(len(stage.nodes)), stage.von_mises, stage.thickness
    )
    low, high = FieldDisplay(zero, RIGS["EN10371"], 0.5).plot().mesh_.get_clim()
    assert low == 0 < high


def test_bad_input(without_matplotlib):
    fields = make_fields()
    with pytest.raises(TypeError, match="fields must be an SPTFields, from simulate_fields; got SPTCurve"):
        FieldDisplay.from_fields(fields.curve)
    with pytest.raises(IndexError, match="there is no stage 2: the test has 2 of them"):
        FieldDisplay.from_fields(fields, stage=2)
    with pytest.raises(ValueError, match="quantity must be one of 'plastic_strain', 'von_mises'; got 'stress'"):
        FieldDisplay.from_fields(fields, quantity="stress")
    with pytest.raises(ValueError, match="vmax must be a number > 0, or None; got 0"):
        FieldDisplay.from_fields(fields, vmax=0)
    with pytest.raises(ImportError, match="FieldDisplay needs matplotlib"):
        FieldDisplay.from_fields(fields)
