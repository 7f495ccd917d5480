"""Distances from the tools, against outlines drawn point by point and against differences."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sklearn_spt.simulation import EN10371, SHEET
from sklearn_spt.simulation.embedded.tools import Ball, die_of, punch_of

FILLET = EN10371.replace(hole_edge="fillet", hole_edge_size=0.3)
FACE = -0.5


def arc(centre, radius, start, end):
    angle = np.radians(np.linspace(start, end, 4001))
    return np.asarray(centre) + radius * np.column_stack([np.cos(angle), np.sin(angle)])


def line(start, end):
    return np.linspace(start, end, 8001)


def ball_outline(travel):
    return arc((0, 1.25 - travel), 1.25, -90, 90)


def flat_outline(travel):
    """Face, edge of 0.78 mm and shank of the punch of 5.5 mm."""
    outline = [line((0, 0), (1.97, 0)), arc((1.97, 0.78), 0.78, -90, 0), line((2.75, 0.78), (2.75, 4))]
    return np.concatenate(outline) - np.array([0.0, travel])


def fillet_outline(_):
    outline = [line((2, -3), (2, -0.3)), arc((2.3, -0.3), 0.3, 180, 90), line((2.3, 0), (4, 0))]
    return np.concatenate(outline) + np.array([0.0, FACE])


def chamfer_outline(_):
    """Wall, 45 degrees over 0.2 mm and face; the corners are rounded with 0.02 mm."""
    back = 0.02 * np.tan(np.pi / 8)
    outline = [
        line((2, -3), (2, -0.2 - back)),
        arc((2.02, -0.2 - back), 0.02, 180, 135),
        line((2 + back / np.sqrt(2), -0.2 + back / np.sqrt(2)), (2.2 - back / np.sqrt(2), -back / np.sqrt(2))),
        arc((2.2 + back, -0.02), 0.02, 135, 90),
        line((2.2 + back, 0), (4, 0)),
    ]
    return np.concatenate(outline) + np.array([0.0, FACE])


TOOLS = {
    "ball": (punch_of(EN10371), ball_outline, True),
    "flat": (punch_of(SHEET), flat_outline, True),
    "fillet": (die_of(FILLET, FACE), fillet_outline, False),
    "chamfer": (die_of(EN10371, FACE), chamfer_outline, False),
}
# A place along the outline, and how far from it: to both sides as far as the disc ever comes.
places = st.tuples(st.floats(0.02, 0.98), st.floats(-0.015, 1.0))
each_tool = pytest.mark.parametrize("name", list(TOOLS))


def near(outline: np.ndarray, place: float, away: float) -> np.ndarray:
    """A point (2, 1) beside an outline that has the tool on its left or right; (its distance is `away` or less)."""
    i = int(place * (len(outline) - 2))
    along = outline[i + 1] - outline[i]
    assume(np.linalg.norm(along) > 1e-9)
    normal = np.array([along[1], -along[0]]) / np.linalg.norm(along)
    return (outline[i] + away * normal)[:, None]


@each_tool
@settings(deadline=None, max_examples=60)
@given(place=places, travel=st.floats(0, 2))
def test_distances_are_those_from_the_outline(name, place, travel):
    tool, outline, moving = TOOLS[name]
    travel = travel if moving else 0.0
    drawn = outline(travel)
    # The punches' outlines go outwards with the tool on their left, the dies' inside lies on the right.
    point = near(drawn, place[0], place[1] if moving else -place[1])
    distance, normal, _ = tool.distance(point, travel)
    to_outline = np.linalg.norm(drawn - point[:, 0], axis=1)
    assert abs(distance[0]) == pytest.approx(to_outline.min(), abs=1e-3)
    assert np.sign(distance[0]) == np.sign(place[1]) or abs(place[1]) < 1e-3
    assert np.linalg.norm(normal[:, 0]) == pytest.approx(1)
    # One way along the normal lies the surface.
    foot = point[:, 0] - distance[0] * normal[:, 0]
    assert np.linalg.norm(drawn - foot, axis=1).min() < 1e-3


@each_tool
@settings(deadline=None, max_examples=60)
@given(place=places, travel=st.floats(0, 2))
def test_normals_and_curvatures_are_derivatives(name, place, travel):
    tool, outline, moving = TOOLS[name]
    travel = travel if moving else 0.0
    point = near(outline(travel), place[0], place[1] if moving else -place[1])
    _, normal, curvature = tool.distance(point, travel)
    h = 1e-7
    axes = [np.array([[h], [0.0]]), np.array([[0.0], [h]])]
    slope = [(tool.distance(point + e, travel)[0] - tool.distance(point - e, travel)[0])[0] / (2 * h) for e in axes]
    tangent = np.array([-normal[1], normal[0]])
    ahead, behind = (tool.distance(point + sign * h * tangent, travel) for sign in (1, -1))
    # Not across a line where an arc meets a straight side.
    assume(ahead[2][0] == pytest.approx(behind[2][0], rel=1e-3))
    assert slope == pytest.approx(normal[:, 0], abs=1e-6)
    np.testing.assert_allclose((ahead[1] - behind[1]) / (2 * h), curvature * tangent, atol=1e-4)


@each_tool
def test_a_tool_moves_with_the_travel(name):
    tool, outline, _ = TOOLS[name]
    points = outline(0.0)[::500].T + np.array([[0.01], [-0.03]])
    moved = tool.distance(points - np.array([[0.0], [0.7]]), 0.7)
    for after, before in zip(moved, tool.distance(points, 0.0), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-10)


def test_punches_touch_the_face_of_the_disc():
    for rig in (EN10371, SHEET):
        distance, normal, _ = punch_of(rig).distance(np.array([[1e-9], [0.0]]), 0.0)
        assert distance[0] == pytest.approx(0, abs=1e-12)
        assert normal[:, 0] == pytest.approx([0, -1], abs=1e-8)
    assert isinstance(punch_of(EN10371), Ball)


@each_tool
@pytest.mark.parametrize("depth", [0.02, 0.1, 0.25])
def test_points_deep_inside_are_led_out_where_they_came_in(name, depth):
    """Also further inside than the corners are round, where Newton's method may come on its way."""
    tool, _, moving = TOOLS[name]
    points = np.array([[0.05], [depth]]) if moving else np.array([[3.5], [FACE - depth]])
    distance, normal, curvature = tool.distance(points, 0.0)
    if name != "ball":
        assert distance[0] == pytest.approx(-depth)
        assert normal[:, 0] == pytest.approx([0, -1 if moving else 1])
        assert curvature[0] == 0
    assert distance[0] < 0
    assert tool.distance(points - distance * normal, 0.0)[0] == pytest.approx(0, abs=1e-12)


def test_a_rig_without_a_hole_has_no_die():
    assert die_of(SHEET, -2.0) is None
