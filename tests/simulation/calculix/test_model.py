"""The meshes of disc and tools."""

import numpy as np
import pytest

from sklearn_spt.simulation import EN10371, MINIATURE, SHEET, MeshSettings
from sklearn_spt.simulation.calculix import build_model, default_mesh


def areas(nodes, elements):
    r, z = nodes[elements, 0], nodes[elements, 1]
    return 0.5 * np.sum(r * np.roll(z, -1, axis=1) - np.roll(r, -1, axis=1) * z, axis=1)


@pytest.mark.parametrize("rig", [EN10371, SHEET, MINIATURE], ids=lambda rig: rig.name)
@pytest.mark.parametrize("part", [0.0, 1.0])
def test_elements_are_right_way_round_and_fill_the_disc(rig, part):
    low, high = rig.thickness_range
    thickness = low + part * (high - low)
    model = build_model(rig, thickness, default_mesh(rig))
    disc = areas(model.nodes, model.disc[:, :4])
    assert np.all(disc > 0)
    bore = model.nodes[model.axis, 0].max()
    assert bore < 0.002 * rig.punch_diameter
    assert disc.sum() == pytest.approx((rig.disc_diameter / 2 - bore) * thickness)
    assert np.all(areas(model.nodes, model.tools) > 0)
    assert model.nodes[model.disc].reshape(-1, 2)[:, 1].min() == pytest.approx(-thickness)


@pytest.mark.parametrize("rig", [EN10371, SHEET, MINIATURE], ids=lambda rig: rig.name)
def test_tools_touch_the_disc_and_do_not_enter_it(rig):
    thickness = rig.thickness_range[0]
    model = build_model(rig, thickness, default_mesh(rig))
    assert model.nodes[model.punch, 1].min() == pytest.approx(0)
    if rig.hole_diameter is None:
        assert model.die.size == 0
        assert not model.bottom
    else:
        assert model.nodes[model.die, 1].max() == pytest.approx(-thickness)
        assert model.nodes[model.die, 0].min() == pytest.approx(rig.hole_diameter / 2)


@pytest.mark.parametrize("rig", [EN10371, SHEET], ids=lambda rig: rig.name)
def test_the_middle_nodes_lie_in_the_middle(rig):
    model = build_model(rig, 0.5 * sum(rig.thickness_range), default_mesh(rig))
    corners, middles = model.nodes[model.disc[:, :4]], model.nodes[model.disc[:, 4:]]
    np.testing.assert_allclose(middles, (corners + np.roll(corners, -1, axis=1)) / 2, atol=1e-12)
    # Neighbours share their nodes, and no node is left over.
    used = np.unique(np.concatenate([model.disc.ravel(), model.tools.ravel()]))
    np.testing.assert_array_equal(used, np.arange(len(model.nodes)))
    assert len(np.unique(model.nodes[np.unique(model.disc)].round(9), axis=0)) == len(np.unique(model.disc))


def test_ball_is_round():
    model = build_model(EN10371, 0.5, default_mesh(EN10371))
    face = model.nodes[model.punch[: len(model.punch) // 2]]
    face = face[face[:, 1] <= 1.25]
    assert np.hypot(face[:, 0], face[:, 1] - 1.25) == pytest.approx(1.25, rel=1e-5)


def test_surfaces_are_faces_of_the_named_side():
    model = build_model(EN10371, 0.5, default_mesh(EN10371))
    corners = {1: (0, 1), 2: (1, 2), 3: (2, 3), 4: (3, 0)}
    elements = np.concatenate([model.disc[:, :4], model.tools])
    for faces, z in ((model.top, 0.0), (model.bottom, -0.5)):
        nodes = np.array([elements[element][list(corners[face])] for element, face in faces])
        assert model.nodes[nodes][..., 1] == pytest.approx(z)


def test_held_nodes():
    model = build_model(EN10371, 0.5, default_mesh(EN10371))
    r, z = model.nodes[model.held].T
    assert np.all((r == 4.0) | (z == 0.0))
    assert r.min() >= 2.2 - 1e-9
    model = build_model(SHEET, 2.0, default_mesh(SHEET))
    assert np.all(model.nodes[model.held, 0] == 6.5)


def test_chamfer_and_fillet():
    for edge in ("fillet", "chamfer"):
        model = build_model(EN10371.replace(hole_edge=edge), 0.5, MeshSettings())
        assert np.all(areas(model.nodes, model.tools) > 0)
