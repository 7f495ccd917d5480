"""Decks for LS-DYNA, read by the vendor's own keyword tables."""

import warnings

import numpy as np
import pytest
from ansys.dyna.core import Deck
from scipy.integrate import trapezoid

from sklearn_spt.mechanics import Swift, Voce
from sklearn_spt.simulation import (
    EN10371,
    RIGS,
    FlatStrip,
    MeshSettings,
    RoundBar,
    write_lsdyna,
    write_lsdyna_tensile,
)
from sklearn_spt.simulation._flow import curve_material, law_material

LAW = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
TABLE = ([0.001, 0.01, 0.1, 0.2], [200.0, 300.0, 400.0, 450.0])
RIG_CASES = [("EN10371", 0.5), ("SHEET", 1.5), ("MINIATURE", 0.25)]


def read_deck(path):
    """The deck's keywords by class name, read by pydyna, which must know every one of them."""
    deck = Deck()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deck.loads(path.read_text())
    # What it does not know it keeps as a text.
    assert deck.string_keywords == []
    found = {}
    for keyword in deck.all_keywords:
        found.setdefault(type(keyword).__name__, []).append(keyword)
    return found


def mesh(found, kind="ElementShell"):
    (node,), (element,) = found["Node"], found[kind]
    nodes = node.nodes[["nid", "x", "y", "z"]].to_numpy(float)
    assert np.array_equal(nodes[:, 0], np.arange(1, len(nodes) + 1))
    names = [f"n{i}" for i in range(1, 5 if kind == "ElementShell" else 9)]
    elements = element.elements[["eid", "pid", *names]].to_numpy(int)
    assert np.array_equal(elements[:, 0], np.arange(1, len(elements) + 1))
    assert np.array_equal(np.unique(elements[:, 2:]), nodes[:, 0])
    return nodes[:, 1:], elements[:, 1], elements[:, 2:] - 1


def areas(nodes, elements):
    """Double areas of the triangles at the four corners of quadrilaterals; all positive if counterclockwise."""
    xy = nodes[elements, :2]
    a, b = np.roll(xy, -1, axis=1) - xy, np.roll(xy, 1, axis=1) - xy
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def node_lists(found):
    return {keyword.sid: np.array([n for n in keyword.nodes if n], int) - 1 for keyword in found["SetNodeList"]}


def curve_of(found, number):
    (curve,) = [curve for curve in found["DefineCurve"] if curve.lcid == number]
    return curve, curve.curves.to_numpy(float)


@pytest.mark.parametrize(("rig", "thickness"), RIG_CASES)
def test_deck_of_a_rig(tmp_path, rig, thickness):
    path = write_lsdyna(tmp_path / "disc.k", LAW, rig, thickness=thickness, nu=0.29, friction=0.15, density=7.8e-9)
    found, tools = read_deck(path), RIGS[rig]
    has_die = tools.hole_diameter is not None
    nodes, part, elements = mesh(found)
    assert np.all(nodes[:, 2] == 0)
    assert nodes[:, 0].min() == 0
    assert areas(nodes, elements).min() >= 0
    # A sliver at the axis may have a corner of 180 degrees, but no element is empty.
    assert areas(nodes, elements).sum(axis=1).min() > 0
    assert sorted(set(part)) == ([1, 2, 3] if has_die else [1, 2])
    # The disc's volume, by Pappus' theorem over triangles.
    xy = nodes[elements[part == 1], :2]
    volume = 0.0
    for triangle in (xy[:, [0, 1, 2]], xy[:, [0, 2, 3]]):
        a, b = triangle[:, 1] - triangle[:, 0], triangle[:, 2] - triangle[:, 0]
        area = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
        volume += np.sum(2 * np.pi * triangle[..., 0].mean(axis=1) * area)
    assert volume == pytest.approx(np.pi * tools.disc_diameter**2 / 4 * thickness, rel=1e-9)
    disc, punch = np.unique(elements[part == 1]), np.unique(elements[part == 2])
    assert nodes[punch, 1].min() == nodes[0, 1] == 0
    assert np.all(nodes[1] == [0, -thickness, 0])
    assert not np.intersect1d(disc, punch).size

    # No segment of a tool is much longer than the disc's elements.
    edges = np.linalg.norm(np.diff(nodes[elements[part == 2]][:, :2], axis=1), axis=2)
    widths = np.diff(np.unique(nodes[np.unique(elements[part == 1]), 0]))
    assert edges.max() <= 1.2 * widths.max()

    sections, parts = found["SectionShell"], found["Part"]
    assert [(s.elform, s.nip) for s in sections] == [(15, 1)]
    rows = [p.parts.to_numpy()[0] for p in parts]
    assert [list(row[1:4]) for row in rows] == [[k, 1, k] for k in range(1, len(rows) + 1)]
    (hourglass,) = found["Hourglass"]
    assert (hourglass.hgid, hourglass.ihq) == (1, 6)

    (steel,) = found["MatPiecewiseLinearPlasticity"]
    assert (steel.mid, steel.ro, steel.e, steel.pr, steel.lcss) == (1, 7.8e-9, 210_000, 0.29, 1)
    material = law_material(LAW, 0.29)
    assert steel.sigy == pytest.approx(material.flow_stress[0], rel=1e-7)
    curve, points = curve_of(found, 1)
    assert curve.lcint == 10_000
    assert np.allclose(points, np.column_stack([material.plastic_strain, material.flow_stress]), rtol=1e-10)
    rigid = found["MatRigid"]
    assert [(m.mid, m.cmo, m.con1, m.con2) for m in rigid] == [(2, 1, 6, 7), (3, 1, 7, 7)][: len(rigid)]
    contacts = found["Contact2DAutomaticSurfaceToSurface"]
    assert [(c.surfa, c.surfb, c.fs, c.fd, c.vdc) for c in contacts] == [
        (1, k, 0.15, 0.15, 10) for k in ((2, 3) if has_die else (2,))
    ]
    assert [s.sid for s in found["SetPartList"]] == sorted(set(part))
    assert [list(s.parts) for s in found["SetPartList"]] == [[k] for k in sorted(set(part))]

    lists = node_lists(found)
    spc = {s.nsid: (s.dofx, s.dofy, s.dofz) for s in found["BoundarySpcSet"]}
    assert spc == {1: (1, 0, 0), 2: (1, 1, 0)}
    assert np.array_equal(np.sort(lists[1]), disc[nodes[disc, 0] == 0])
    on_top = (nodes[disc, 1] == 0) & (nodes[disc, 0] >= tools.held_diameter / 2 - 1e-9)
    on_rim = np.isclose(nodes[disc, 0], tools.disc_diameter / 2)
    assert np.array_equal(np.sort(lists[2]), disc[on_top | on_rim])

    (motion,) = found["BoundaryPrescribedMotionRigid"]
    assert (motion.pid, motion.dof, motion.vad, motion.lcid, motion.sf) == (2, 2, 0, 2, -1)
    _, speed = curve_of(found, 2)
    (end,) = found["ControlTermination"]
    until = speed[speed[:, 0] <= end.endtim * (1 + 1e-9)]
    assert until[-1, 0] == pytest.approx(end.endtim)
    assert trapezoid(until[:, 1], until[:, 0]) == pytest.approx(tools.max_stroke, rel=1e-9)
    assert speed[0, 1] == 0
    assert speed[-1, 0] > end.endtim
    assert np.all(np.diff(speed[:, 1]) >= 0)
    for kind in ("Rcforc", "Bndout", "Nodout", "Rbdout", "Glstat"):
        (output,) = found[f"Database{kind}"]
        assert (output.binary, output.dt) == (3, pytest.approx(end.endtim / 500))
    (history,) = found["DatabaseHistoryNode"]
    assert (history.id1, history.id2, history.id3) == (1, 2, None)


def test_nodes_lie_as_close_as_those_of_the_simulation(tmp_path):
    from sklearn_spt.simulation.calculix import build_model, default_mesh

    found = read_deck(write_lsdyna(tmp_path / "a.k", LAW, thickness=0.5))
    nodes, part, elements = mesh(found)
    model = build_model(EN10371, 0.5, default_mesh(EN10371))
    rows, halved = default_mesh(EN10371).rows, 2 * default_mesh(EN10371).rows
    columns, fine = len(model.disc) / rows, np.count_nonzero(part == 1) / halved
    # Inside the clamp and outside of it the numbers of columns are rounded, in both meshes.
    assert abs(fine - 2 * columns) <= 2
    coarse = read_deck(write_lsdyna(tmp_path / "b.k", LAW, thickness=0.5, mesh=MeshSettings(rows=2)))
    y = np.unique(nodes[np.unique(elements[part == 1]), 1])
    assert len(y) == halved + 1
    nodes, part, elements = mesh(coarse)
    assert len(np.unique(nodes[np.unique(elements[part == 1]), 1])) == 3


def test_deck_of_a_curve(tmp_path):
    found = read_deck(write_lsdyna(tmp_path / "a.k", TABLE, thickness=0.5, stroke=1.25, E=200_000))
    material = curve_material(*TABLE, 200_000, 0.3)
    _, points = curve_of(found, 1)
    assert np.allclose(points, np.column_stack([material.plastic_strain, material.flow_stress]), rtol=1e-10)
    assert found["MatPiecewiseLinearPlasticity"][0].e == 200_000
    # A Young's modulus of the curve's own.
    found = read_deck(write_lsdyna(tmp_path / "b.k", TABLE, thickness=0.5))
    assert found["MatPiecewiseLinearPlasticity"][0].e == pytest.approx(200_000)


@pytest.mark.parametrize("specimen", [RoundBar(diameter=5, gauge_length=25), FlatStrip(width=10, thickness=2)])
def test_deck_of_a_tensile_test(tmp_path, specimen):
    path = write_lsdyna_tensile(tmp_path / "bar.k", LAW, specimen, rows=2, elongation=0.3, duration=0.001)
    found = read_deck(path)
    bar = isinstance(specimen, RoundBar)
    nodes, part, elements = mesh(found, "ElementShell" if bar else "ElementSolid")
    assert set(part) == {1}
    axial, half = (1, specimen.gauge_length / 2) if bar else (2, specimen.gauge_length / 2)
    lists = node_lists(found)
    spc = {s.nsid: (s.dofx, s.dofy, s.dofz) for s in found["BoundarySpcSet"]}
    for axis in range(1, axial + 2):
        assert spc[axis] == tuple(int(k == axis - 1) for k in range(3))
        assert np.array_equal(np.sort(lists[axis]), np.flatnonzero(nodes[:, axis - 1] == 0))
    (motion,) = found["BoundaryPrescribedMotionSet"]
    assert (motion.nsid, motion.dof, motion.vad, motion.lcid, motion.sf) == (axial + 2, axial + 1, 0, 2, 1)
    assert np.array_equal(np.sort(lists[axial + 2]), np.flatnonzero(nodes[:, axial] == half))
    assert nodes[0, axial] == half
    _, speed = curve_of(found, 2)
    until = speed[:-1]
    assert trapezoid(until[:, 1], until[:, 0]) == pytest.approx(0.3 * half, rel=1e-9)
    if bar:
        assert areas(nodes, elements).min() > 0
        assert found["SectionShell"][0].elform == 15
        assert nodes[nodes[:, 1] == 0, 0].max() == pytest.approx(2.5)
    else:
        corners = nodes[elements]
        edges = corners[:, [1, 3, 4]] - corners[:, :1]
        assert np.linalg.det(edges).min() > 0
        # A quarter of the section at the mark, which the taper makes wider.
        assert np.linalg.det(edges).sum() == pytest.approx(5 * 1 * half, rel=2e-3)
        assert found["SectionSolid"][0].elform == 1
    (history,) = found["DatabaseHistoryNode"]
    assert history.id1 == 1


def test_every_line_fits_its_fields(tmp_path):
    path = write_lsdyna(
        tmp_path / "a.k", Voce(E=123_456.789, sigma0=98.7654321, Q=1234.56789, b=9.87654321), thickness=0.123456789 * 4
    )
    lines = path.read_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert (lines[0], lines[-1]) == ("*KEYWORD", "*END")
    (steel,) = read_deck(path)["MatPiecewiseLinearPlasticity"]
    assert steel.e == pytest.approx(123_456.789, rel=1e-6)
    assert steel.sigy == pytest.approx(98.7654321, rel=1e-6)


def test_bad_arguments_of_a_deck_write_nothing(tmp_path):
    def refused(error, match, material=LAW, **options):
        with pytest.raises(error, match=match):
            write_lsdyna(tmp_path / "a.k", material, **{"thickness": 0.5, **options})
        assert list(tmp_path.iterdir()) == []

    refused(ValueError, "thickness must lie", thickness=5)
    refused(ValueError, "stroke must be", stroke=9)
    refused(ValueError, "friction must lie", friction=-0.1)
    refused(ValueError, "nu ", nu=0.5)
    refused(ValueError, "duration", duration=0)
    refused(TypeError, "density", density="steel")
    refused(ValueError, "there is no rig", rig="EN")
    refused(ValueError, "E belongs", E=200_000)
    refused(TypeError, "material must be a law", material=[0.1, 0.2])
    refused(ValueError, "tuple of 3", material=(1, 2, 3))
    refused(ValueError, "softens", material=([0.001, 0.1, 0.2], [200, 400, 300]))
    refused(ValueError, "title must be", title="x" * 81)
    refused(ValueError, "title must be", title="a\n*END")
    refused(ValueError, "title must be", title="*END")
    refused(TypeError, "title must be", title=5)
    refused(TypeError, "mesh must be", mesh="fine")
    with pytest.raises(FileNotFoundError, match="create it first"):
        write_lsdyna(tmp_path / "no" / "a.k", LAW, thickness=0.5)
    for options, error in [({"rows": 0}, ValueError), ({"rows": 2.5}, TypeError), ({"elongation": 20}, ValueError)]:
        with pytest.raises(error, match=next(iter(options))):
            write_lsdyna_tensile(tmp_path / "a.k", LAW, **options)
    with pytest.raises(TypeError, match="RoundBar or a FlatStrip"):
        write_lsdyna_tensile(tmp_path / "a.k", LAW, "bar")
