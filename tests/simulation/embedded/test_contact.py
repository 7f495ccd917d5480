"""Penalty and friction, and their derivatives, on the ball and on the die's edges."""

import numpy as np
import pytest

from sklearn_spt.simulation import EN10371
from sklearn_spt.simulation.embedded.contact import Contact
from sklearn_spt.simulation.embedded.mesh import Grid
from sklearn_spt.simulation.embedded.tools import die_of, punch_of

STIFFNESS, STICK, MU = 1e5, 0.1, 0.1
# Narrow columns at the die's edge, so that points lie on its corners.
RADII = np.concatenate([np.linspace(0, 1.8, 19), np.linspace(1.9, 2.3, 41), np.linspace(2.4, 3.0, 7)])
GRID = Grid.between(RADII, np.array([-0.5, 0.0]))


def contact_with(tool, sides, *, friction=MU, moving):
    options = {"stiffness": STIFFNESS, "stick_ratio": STICK, "friction": friction, "moving": moving}
    return Contact(tool, GRID.nodes, sides, **options)


CASES = {
    "ball": (punch_of(EN10371), GRID.top, True),
    "chamfer": (die_of(EN10371, -0.5), GRID.bottom, False),
    "fillet": (die_of(EN10371.replace(hole_edge="fillet"), -0.5), GRID.bottom, False),
}


def pressed(name: str, friction: float = MU, seed: int = 0):
    """A contact whose points lie up to 5 µm inside and outside the tool, moved along it by up to a micrometre."""
    tool, sides, moving = CASES[name]
    contact = contact_with(tool, sides, friction=friction, moving=moving)
    travel = 0.1 if moving else 0.0
    rng = np.random.default_rng(seed)
    position = GRID.nodes.copy()
    nodes = np.unique(sides)
    if moving:
        nodes = nodes[position[nodes, 0] < 1.1]
    else:
        # Lay the lower face into the hole, around its edge.
        position[nodes, 1] = np.interp(position[nodes, 0], [1.9, 2.2, 3.0], [-0.85, -0.5, -0.5])
    for _ in range(20):  # onto the tool
        distance, normal, _ = tool.distance(position[nodes].T, travel)
        position[nodes] -= (distance * normal).T
    position[nodes] += rng.uniform(-5e-3, 3e-3, len(nodes))[:, None] * normal.T
    moved = rng.uniform(-1e-3, 1e-3, position.shape)
    before = rng.uniform(-20, 20, contact.n_points)
    return contact, position.ravel(), moved.ravel(), before, travel


def test_areas_are_those_of_the_rings():
    contact = contact_with(punch_of(EN10371), GRID.top, moving=True)
    assert contact.area.sum() == pytest.approx(np.pi * 3.0**2)


def test_pressure_is_stiffness_times_depth():
    contact, position, moved, before, travel = pressed("ball")
    touch = contact.touch(position, moved, before, travel, 0.0)
    depth = -contact.tool.distance(contact.at_points(position), travel)[0]
    np.testing.assert_allclose(touch.pressure, STIFFNESS * np.maximum(depth, 0))
    assert 0 < touch.inside.sum() < contact.n_points
    assert np.all(touch.friction[~touch.inside] == 0)


@pytest.mark.parametrize("name", list(CASES))
def test_friction_keeps_to_coulombs_cone(name):
    contact, position, moved, before, travel = pressed(name)
    touch = contact.touch(position, moved, before, travel, 0.0)
    assert np.all(np.abs(touch.friction) <= MU * touch.pressure * (1 + 1e-12))
    sticking = touch.inside & ~touch.sliding
    assert sticking.any()
    assert touch.sliding.any()
    np.testing.assert_allclose(np.abs(touch.friction[touch.sliding]), MU * touch.pressure[touch.sliding])
    along = (contact.at_points(moved) * touch.tangent).sum(axis=0)
    wanted = before + STICK * STIFFNESS * along
    np.testing.assert_allclose(touch.friction[sticking], wanted[sticking])
    # Where nothing rubs, nothing rubs.
    smooth = pressed(name, friction=0.0)[0].touch(position, moved, before, travel, 0.0)
    assert np.all(smooth.friction == 0)


def test_what_moves_with_the_tool_does_not_rub():
    contact, position, _, _, travel = pressed("ball")
    moved = np.zeros_like(position)
    moved[1::2] = -0.01
    touch = contact.touch(position, moved, np.zeros(contact.n_points), travel, 0.01)
    np.testing.assert_allclose(touch.friction, 0, atol=1e-12)
    # A tool that stands does not take the punch's travel for its own.
    die, position, moved, before, _ = pressed("chamfer")
    np.testing.assert_array_equal(
        die.touch(position, moved, before, 0.3, 0.1).friction, die.touch(position, moved, before, 0.0, 0.0).friction
    )


@pytest.mark.parametrize("name", list(CASES))
def test_nodes_carry_what_the_points_do(name):
    contact, position, moved, before, travel = pressed(name)
    traction = contact.traction(contact.touch(position, moved, before, travel, 0.0))
    forces = contact.forces(traction).reshape(-1, 2)
    np.testing.assert_allclose(forces.sum(axis=0), traction.sum(axis=1), rtol=1e-10)
    assert traction[1].sum() > 0 if name == "ball" else traction[1].sum() < 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("friction", [0.0, 0.1])
@pytest.mark.parametrize("name", list(CASES))
def test_the_stiffness_is_the_derivative_of_the_forces(name, friction, seed):
    """Sticking, sliding both ways, on straight sides and on round corners."""
    contact, position, moved, before, travel = pressed(name, friction, seed)

    def forces(change):
        touch = contact.touch(position + change, moved + change, before, travel, 0.0)
        return contact.forces(contact.traction(touch)), touch

    _, touch = forces(0.0)
    if friction:
        assert touch.sliding.any()
        assert (touch.inside & ~touch.sliding).any()
    if name != "ball":
        assert 0 < (touch.curvature[touch.inside] > 0).sum() < touch.inside.sum()
    direction = np.random.default_rng(seed + 10).normal(size=position.size)
    product = np.zeros(position.size)
    blocks = contact.side_stiffness(touch)
    np.add.at(product, contact.dofs, np.einsum("eij,ej->ei", blocks, direction[contact.dofs]))
    h = 1e-9
    (ahead, one), (behind, other) = forces(h * direction), forces(-h * direction)
    # The difference must not reach over a corner of the law or of the tool.
    for kind in ("inside", "sliding"):
        np.testing.assert_array_equal(getattr(one, kind), getattr(other, kind))
    np.testing.assert_allclose((ahead - behind) / (2 * h), product, atol=1e-5 * np.abs(product).max())
