"""Grids of elements and what is held of a disc."""

import numpy as np
import pytest

from sklearn_spt.simulation import EN10371, SHEET, MeshSettings
from sklearn_spt.simulation.embedded.mesh import Grid, disc_of

R, Z = np.array([0.0, 0.4, 1.0, 1.7]), np.array([-1.0, -0.3, 0.0])
COARSE = MeshSettings(rows=2, edge_size=0.2)


def test_elements_fill_the_grid():
    grid = Grid.between(R, Z)
    columns, rows = len(R) - 1, len(Z) - 1
    # All corners, and a middle on each side, once.
    assert len(grid.nodes) == (columns + 1) * (rows + 1) + columns * (rows + 1) + (columns + 1) * rows
    assert len(np.unique(grid.nodes, axis=0)) == len(grid.nodes)
    assert sorted(np.unique(grid.elements)) == list(range(len(grid.nodes)))
    corners, middles = grid.nodes[grid.elements[:, :4]], grid.nodes[grid.elements[:, 4:]]
    np.testing.assert_allclose(middles, (corners + np.roll(corners, -1, axis=1)) / 2, atol=1e-15)
    x, y = corners[..., 0], corners[..., 1]
    area = 0.5 * (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    assert np.all(area > 0)  # counterclockwise
    assert area.sum() == pytest.approx(R[-1] * 1.0)


def test_numbers_run_along_columns():
    """What an element joins lies close together: that is what makes the stiffness a narrow band."""
    grid = Grid.between(np.linspace(0, 1, 30), Z)
    rows = len(Z) - 1
    assert np.ptp(grid.elements, axis=1).max() <= 3 * rows + 4


def test_sides_are_those_of_the_faces():
    grid = Grid.between(R, Z)
    for sides, face in ((grid.top, 0.0), (grid.bottom, -1.0)):
        assert np.all(grid.nodes[sides, 1] == face)
        np.testing.assert_allclose(grid.nodes[sides, 0], np.column_stack([R[:-1], (R[1:] + R[:-1]) / 2, R[1:]]))


def test_a_disc_is_held_at_its_axis_and_by_the_clamp():
    disc = disc_of(EN10371, 0.5, COARSE)
    nodes = disc.grid.nodes
    held = EN10371.held_diameter / 2
    free = np.setdiff1d(np.arange(2 * len(nodes)), disc.fixed)
    clamped = ((nodes[:, 1] == 0) & (nodes[:, 0] >= held - 1e-9)) | (nodes[:, 0] == 4.0)
    np.testing.assert_array_equal(~np.isin(2 * np.arange(len(nodes)), free), clamped | (nodes[:, 0] == 0))
    np.testing.assert_array_equal(~np.isin(2 * np.arange(len(nodes)) + 1, free), clamped)
    # A column begins where the clamp does, whatever the size of the elements.
    assert np.abs(nodes[:, 0] - held).min() < 1e-9
    np.testing.assert_allclose(nodes[disc.centre], [0, -0.5])


def test_a_sheet_without_a_die_is_held_at_its_edge():
    disc = disc_of(SHEET, 2.0, COARSE)
    nodes = disc.grid.nodes
    assert disc.bottom.size == 0
    both = np.intersect1d(disc.fixed[disc.fixed % 2 == 0] // 2, disc.fixed[disc.fixed % 2 == 1] // 2)
    np.testing.assert_array_equal(np.sort(nodes[both, 1]), np.sort(nodes[nodes[:, 0] == 6.5, 1]))


def test_sides_that_cannot_meet_a_tool_are_left_out():
    disc = disc_of(EN10371, 0.5, COARSE)
    nodes = disc.grid.nodes
    assert nodes[disc.top[:, 1], 0].max() <= 1.35 * 1.25
    assert nodes[disc.bottom[:, 0], 0].min() < 1.0
    # The die's edge and all of its face are there.
    assert nodes[disc.bottom, 0].max() == 4.0
