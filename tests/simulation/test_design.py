"""Designs of experiments: their points, and as plain data."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import qmc

from benchmarks.designs import DESIGNS
from sklearn_spt.datasets import load_sheet_steel
from sklearn_spt.mechanics import FreeForm, OlsonCohen, PowerLaw, Swift, Voce
from sklearn_spt.simulation import (
    EN10371,
    SHEET,
    Design,
    LawSpace,
    MeshSettings,
    Numerics,
    calculix,
)

SWIFT = LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})
VOCE = LawSpace(law=Voce, ranges={"sigma0": (200, 400)}, fixed={"E": 70e3, "Q": 200, "b": 10}, weight=3)
DESIGN = Design(
    name="coarse",
    rig="SHEET",
    laws=[SWIFT],
    thickness=(1.5, 2.5),
    stroke=0.3,
    mesh=MeshSettings(rows=2, edge_size=0.3),
    seed=1,
)
RECORD = DESIGN.describe()


def changed(**changes):
    return Design.from_dict({**RECORD, **changes})


# Points


def test_the_first_points_do_not_depend_on_how_many_are_asked_for():
    points = list(DESIGN.points(40))
    assert [point.index for point in points] == list(range(40))
    few = [*DESIGN.points(7), *DESIGN.points(12, start=7)]
    for one, other in zip(few, points, strict=False):
        assert (one.thickness, one.friction) == (other.thickness, other.friction)
        assert (one.law.K, one.law.n) == (other.law.K, other.law.n)


def test_points_fill_their_ranges():
    design = changed(friction=[0.05, 0.3])
    points = list(design.points(256))
    values = {
        "K": ([point.law.K for point in points], 500, 1500),
        "n": ([point.law.n for point in points], 0.1, 0.3),
        "thickness": ([point.thickness for point in points], 1.5, 2.5),
        "friction": ([point.friction for point in points], 0.05, 0.3),
    }
    for name, (found, low, high) in values.items():
        # 256 points of a Sobol sequence put 16 into each sixteenth of every range.
        counts, _ = np.histogram(found, 16, (low, high))
        assert set(counts) == {16}, name


def test_weights_share_the_points_between_laws():
    design = Design(name="two", rig="SHEET", laws=[SWIFT, VOCE], thickness=(1, 2))
    laws = [type(point.law) for point in design.points(256)]
    assert laws.count(Voce) == 192
    assert laws.count(Swift) == 64


def test_limits_of_the_stress_skip_points():
    design = changed(yield_range=[200, 300], max_stress=900)
    laws = [point.law for point in design.points(50)]
    assert all(200 <= law.yield_stress <= 300 and law.flow_stress(1.0) <= 900 for law in laws)
    assert [point.index for point in design.points(50)] == list(range(50))


@pytest.mark.parametrize(
    "limits",
    [
        {"yield_range": [1e9, 1e9]},
        {"yield_range": [-5, -1]},
        {"yield_range": [1, 2]},
        {"yield_range": [300, 300]},
        {"max_stress": 1e-6},
    ],
)
def test_limits_that_nothing_passes(monkeypatch, limits):
    monkeypatch.setattr("sklearn_spt.simulation._design._RAREST", 2**11)
    with pytest.raises(ValueError, match=r"design 'coarse': of the first 2048 points only 0 .* widen these limits"):
        list(changed(**limits).points(3))


def test_limits_that_hardly_anything_passes(monkeypatch):
    # One of a hundred points has such a yield stress.
    strong = changed(yield_range=[846, 1000])
    assert len(list(strong.points(20))) == 20
    monkeypatch.setattr("sklearn_spt.simulation._design._RAREST", 20)
    with pytest.raises(ValueError, match=r"design 'coarse': of the first \d+ points only \d+ have a yield stress"):
        list(strong.points(20))


def test_more_points_than_a_design_has(monkeypatch):
    with pytest.raises(ValueError, match="at most 2097152 points; got 10"):
        next(DESIGN.points(10**12))
    monkeypatch.setattr("sklearn_spt.simulation._design._MAX_BLOCK", 12)
    with pytest.raises(ValueError, match=r"of the first 2048 points only \d+ have"):
        list(changed(yield_range=[0, 500]).points(2048))


def test_old_designs_keep_their_points():
    """What a design does not vary takes no dimension of the sequence."""
    old = qmc.Sobol(5, scramble=True, seed=1).random_base2(6)
    design = Design(name="two", rig="SHEET", laws=[SWIFT, VOCE], thickness=(1, 2), friction=(0.05, 0.3), seed=1)
    for u, point in zip(old, design.points(64), strict=True):
        assert (point.thickness, point.friction) == (1 + u[0], pytest.approx(0.05 + 0.25 * u[1]))
        assert isinstance(point.law, Swift if u[-1] < 0.25 else Voce)
        if isinstance(point.law, Swift):
            assert (point.law.K, point.law.n) == pytest.approx((500 + 1000 * u[2], 0.1 + 0.2 * u[3]))
        assert (point.nu, point.rig) == (0.3, SHEET)


def test_the_sheet_steel_design_has_the_points_of_the_bundled_set():
    sheet = load_sheet_steel(n_curves=50)
    curves = {int(curve.name.split("-")[1]): curve for curve in sheet.data}
    points = list(DESIGNS["sheet_steel"].points(max(curves) + 1))
    for index, curve in curves.items():
        point = points[index]
        assert (point.law.K, point.law.n) == pytest.approx((curve.metadata["K"], curve.metadata["n"]), rel=1e-6)
        assert point.thickness == pytest.approx(curve.thickness, rel=1e-6)
    # As they have been since the first set.
    assert (points[0].law.K, points[0].law.n) == pytest.approx((909.5673579722643, 0.29218341410160065))
    assert points[0].thickness == pytest.approx(1.3853308828547597)


DISCS = Design(
    name="discs",
    rig="EN10371",
    laws=[
        LawSpace(law=PowerLaw, ranges={"E": (45e3, 230e3), "yield_strain": (3e-4, 9e-3), "n": (0, 0.4)}, scaled=True)
    ],
    thickness=(0.3, 0.7),
    friction=(0, 0.5),
    nu=(0.27, 0.36),
    tools={"punch_diameter": (2.2, 2.6), "hole_edge_size": (0.1, 0.3)},
    hole_edges=("chamfer", "fillet"),
    seed=3,
)


def test_poisson_s_ratio_and_the_tools_fill_their_ranges():
    points = list(DISCS.points(256))
    values = {
        "nu": ([point.nu for point in points], DISCS.nu),
        "punch": ([point.rig.punch_diameter for point in points], (2.2, 2.6)),
        "edge": ([point.rig.hole_edge_size for point in points], (0.1, 0.3)),
        "thickness": ([point.thickness for point in points], (0.3, 0.7)),
    }
    for name, (found, limits) in values.items():
        counts, _ = np.histogram(found, 16, limits)
        assert set(counts) == {16}, name
    # They vary one without the other.
    table = np.array([found for found, _ in values.values()])
    assert np.abs(np.corrcoef(table) - np.eye(len(table))).max() < 0.1
    # Chamfer and fillet take turns, half and half.
    edges = [point.rig.hole_edge for point in points]
    assert edges.count("chamfer") == edges.count("fillet") == 128
    for point in points:
        assert point.rig.is_ball
        assert (point.rig.name, point.rig.hole_diameter) == ("EN10371", 4.0)
        point.rig.check_specimen(point.thickness, 3.0)


def test_what_does_not_vary_is_the_rig_s():
    (point,) = changed().points(1)
    assert point.rig == SHEET
    design = replace(DISCS, tools={}, hole_edges=(), nu=0.3)
    assert all(point.rig == EN10371 and point.nu == 0.3 for point in design.points(5))
    design = replace(DISCS, tools={}, hole_edges=["fillet"])
    assert {point.rig.hole_edge for point in design.points(20)} == {"fillet"}
    # A flat punch keeps its edge.
    design = Design(name="flat", rig="SHEET", laws=[SWIFT], thickness=(1, 2), tools={"punch_diameter": (5, 6)})
    assert {point.rig.punch_edge_radius for point in design.points(5)} == {0.78}


def test_logarithmic_ranges_are_even_over_the_logarithm():
    space = replace(DISCS.laws[0], logarithmic=["yield_strain"])
    assert [float(space.at(np.array([0.5, u, 0.5])).yield_stress) / 137.5e3 for u in (0, 0.5, 1)] == pytest.approx(
        [3e-4, np.sqrt(3e-4 * 9e-3), 9e-3]
    )
    found = [point.law.yield_stress / point.law.E for point in replace(DISCS, laws=[space]).points(256)]
    counts, _ = np.histogram(np.log(found), 16, np.log([3e-4, 9e-3]))
    assert set(counts) == {16}


@pytest.mark.parametrize("modulus", [70_000.0, 210_000.0])
def test_scaled_laws_are_the_same_whatever_the_modulus(modulus):
    spaces = [
        LawSpace(law=Swift, ranges={"yield_strain": (1e-3, 2e-3), "epsilon0": (1e-3, 1e-2), "n": (0.1, 0.3)},
                 fixed={"E": modulus}, scaled=True),
        LawSpace(law=OlsonCohen, ranges={"yield_strain": (1e-3, 2e-3), "gain": (1, 2)},
                 fixed={"E": modulus, "epsilon0": 0.01, "n": 0.2, "alpha": 5, "beta": 1}, scaled=True),
        LawSpace(law=FreeForm, ranges={"yield_strain": (1e-3, 2e-3), "rise1": (0, 0.3)},
                 fixed={"E": modulus, **{f"rise{i}": 0.1 for i in range(2, 10)}}, scaled=True),
    ]  # fmt: skip
    strain = np.geomspace(1e-4, 1, 20)
    for space in spaces:
        unit = np.full(len(space.ranges), 0.3)
        law = space.at(unit)
        assert law.yield_stress == pytest.approx(1.3e-3 * modulus)
        other = replace(space, fixed={**space.fixed, "E": 1e5}).at(unit)
        np.testing.assert_allclose(law.flow_stress(strain) / modulus, other.flow_stress(strain) / 1e5, rtol=1e-12)


def test_the_limit_of_the_stress_over_the_modulus_skips_points():
    design = replace(DISCS, max_stress_ratio=0.01)
    laws = [point.law for point in design.points(50)]
    assert all(law.flow_stress(1.0) <= 0.01 * law.E for law in laws)
    assert any(point.law.flow_stress(1.0) > 0.01 * point.law.E for point in DISCS.points(50))
    with pytest.raises(ValueError, match=r"design 'discs': .* max_stress_ratio \(1e-06\); widen these limits"):
        next(replace(DISCS, max_stress_ratio=1e-6).points(1))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_designs_of_the_sets(name):
    """Every point is a rig that takes the disc, and a law that does not soften."""
    design = DESIGNS[name]
    points = list(design.points(100))
    strain = np.geomspace(1e-4, 2, 50)
    for point in points:
        point.rig.check_specimen(point.thickness, design.stroke)
        assert np.all(np.diff(point.law.flow_stress(strain)) >= -1e-9 * point.law.E)
    assert len({(float(point.thickness), float(point.law.yield_stress)) for point in points}) == 100
    assert all(one.index + 1 == other.index for one, other in pairwise(points))
    again = Design.from_dict(json.loads(json.dumps(design.describe())))
    assert again == design
    assert next(again.points(80, start=79)).thickness == points[79].thickness


# Plain data


@pytest.mark.parametrize(
    "numerics",
    [None, Numerics(), Numerics(contact_stiffness=6, increment=0.01), calculix.Numerics(contact_stiffness=6)],
    ids=["none", "defaults", "embedded", "calculix"],
)
def test_a_design_comes_back_from_plain_data(numerics):
    design = Design(
        name="all",
        rig=SHEET.replace(name="own", friction=0.2),
        laws=[SWIFT, VOCE],
        thickness=(1, 2),
        friction=(0.05, 0.3),
        nu=(0.3, 0.35),
        tools={"punch_diameter": (5, 6)},
        stroke=2,
        load_limit=9000,
        load_drop=0.05,
        yield_range=(100, 900),
        max_stress=2000,
        max_stress_ratio=0.02,
        seed=np.int64(7),
        mesh=MeshSettings(rows=3),
        numerics=numerics,
    )
    again = Design.from_dict(json.loads(json.dumps(design.describe())))
    assert again == design
    assert again.describe() == design.describe()
    assert type(again.numerics) is type(numerics)
    assert Design.from_dict(DISCS.describe()) == DISCS


def test_what_has_a_default_may_be_left_out():
    laws = [{"law": "swift", "ranges": {"K": [500, 1500], "n": [0.1, 0.3]}, "fixed": {"E": 70e3, "epsilon0": 0.01}}]
    design = Design.from_dict({"name": "short", "rig": "SHEET", "thickness": [1, 2], "laws": laws})
    assert design == Design(name="short", rig="SHEET", laws=[SWIFT], thickness=(1, 2))


RIG = RECORD["rig"]
LAW = RECORD["laws"][0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"thickness": [-1, 2]}, ValueError, r"thickness must lie in 1 to 4 mm, the range of rig SHEET; got -1"),
        ({"thickness": [2, 1]}, ValueError, r"Design: thickness must be two finite numbers, the lower first"),
        ({"thickness": 2}, TypeError, r"Design: thickness must be two numbers"),
        ({"stroke": 5}, ValueError, r"stroke must be positive and at most 4.5 mm, the travel of rig SHEET; got 5"),
        ({"stroke": "far"}, TypeError, r"Design: stroke must be a number > 0"),
        ({"friction": [-0.1, 0.1]}, ValueError, r"Design: friction must lie in 0 to 2"),
        ({"friction": [0.1, 3]}, ValueError, r"Design: friction must lie in 0 to 2"),
        ({"rig": "SHEAT"}, ValueError, r"there is no rig 'SHEAT'; choose one of EN10371, SHEET, MINIATURE"),
        ({"rig": {**RIG, "hole_diameter": 5}}, ValueError, r"hole \(diameter 5 mm\) must be wider than the punch"),
        ({"rig": {**RIG, "hole": 5}}, ValueError, r"Rig has no parameter 'hole'; its parameters are name, punch_"),
        ({"rig": {"name": "own"}}, ValueError, r"Rig also needs punch_diameter, punch_edge_radius, disc_diameter"),
        ({"laws": []}, ValueError, r"Design: laws is empty"),
        ({"laws": LAW}, TypeError, r"Design: laws must be a list"),
        ({"laws": ["Swift"]}, TypeError, r"LawSpace: plain data must be a mapping .* got 'Swift'"),
        (
            {"laws": [{**LAW, "law": "Swiss"}]},
            ValueError,
            r"no hardening law 'Swiss'; choose one of FreeForm, Hollomon, Ludwik",
        ),
        ({"laws": [{**LAW, "fixed": {"E": 7e4, "eps": 1}}]}, ValueError, r"Swift has no parameter 'eps'; .* epsilon0"),
        ({"laws": [{**LAW, "fixed": {"E": 7e4}}]}, ValueError, r"Swift also needs epsilon0"),
        ({"laws": [{**LAW, "ranges": {"K": [500, 900], "n": [-0.2, 0.1]}}]}, ValueError, r"Swift: n must be >= 0"),
        (
            {"laws": [{**LAW, "ranges": {**LAW["ranges"], "E": [1, 2]}}]},
            ValueError,
            r"E is both in ranges and in fixed",
        ),
        ({"laws": [{**LAW, "ranges": [1, 2]}]}, TypeError, r"LawSpace of Swift: ranges must map parameters' names"),
        ({"laws": [{**LAW, "weight": 0}]}, ValueError, r"LawSpace: weight must be a number > 0"),
        ({"nu": 0.5}, ValueError, r"Design: nu must lie in 0 to 0.499; got 0.5 to 0.5"),
        ({"nu": [0.3, 0.5]}, ValueError, r"Design: nu must lie in 0 to 0.499"),
        ({"nu": "steel"}, TypeError, r"Design: nu must be two numbers"),
        ({"laws": [{**LAW, "logarithmic": ["E"]}]}, ValueError, r"logarithmic names 'E', which is no positive range"),
        (
            {"laws": [{**LAW, "ranges": {"K": [500, 900], "n": [0, 0.1]}, "logarithmic": ["n"]}]},
            ValueError,
            r"logarithmic names 'n', which is no positive range",
        ),
        ({"laws": [{**LAW, "scaled": "yes"}]}, TypeError, r"LawSpace of Swift: scaled must be True or False"),
        ({"laws": [{**LAW, "scaled": True}]}, ValueError, r"Swift has no parameter 'K'; .* yield_strain"),
        (
            {"laws": [{"law": "Hollomon", "ranges": {"K": [500, 900]}, "fixed": {"E": 7e4, "n": 0.2}, "scaled": True}]},
            ValueError,
            r"LawSpace of Hollomon: this law is not given by dimensionless numbers; leave scaled out",
        ),
        ({"tools": {"hole_edge_size": [0.1, 0.2]}}, ValueError, r"tools names 'hole_edge_size'; rig SHEET has the le"),
        ({"tools": {"friction": [0.1, 0.2]}}, ValueError, r"tools names 'friction'; rig SHEET has the lengths punch_"),
        ({"tools": {"max_stroke": [4, 5]}}, ValueError, r"tools names 'max_stroke'"),
        ({"tools": {"punch_diameter": [6, 5]}}, ValueError, r"Design: tools: punch_diameter must be two finite"),
        ({"tools": {"punch_diameter": 5}}, TypeError, r"Design: tools: punch_diameter must be two numbers"),
        ({"tools": {"punch_diameter": [5, 14]}}, ValueError, r"the punch \(diameter 14 mm\) must be smaller"),
        ({"tools": [5, 6]}, TypeError, r"Design: tools must map dimensions"),
        ({"hole_edges": ["fillet"]}, ValueError, r"Design: hole_edges has no meaning for rig SHEET, .* no hole"),
        (
            {"rig": "EN10371", "thickness": [0.4, 0.5], "hole_edges": ["round"]},
            ValueError,
            r"hole_edge must be one of 'fillet', 'chamfer'",
        ),
        ({"max_stress_ratio": 0}, ValueError, r"Design: max_stress_ratio must be a number > 0"),
        ({"seed": -1}, ValueError, r"Design: seed must be an integer"),
        ({"load_drop": 5}, ValueError, r"Design: load_drop must be a number > 0 and < 1"),
        ({"load_limit": 0}, ValueError, r"Design: load_limit must be a number > 0"),
        ({"yield_range": [5, 2]}, ValueError, r"Design: yield_range must be two finite numbers"),
        ({"max_stress": -5}, ValueError, r"Design: max_stress must be a number > 0"),
        ({"mesh": {"rows": 0}}, ValueError, r"MeshSettings: rows must be an integer >= 1"),
        ({"mesh": 3}, TypeError, r"Design: mesh must be a MeshSettings or None; got 3"),
        ({"numerics": {"step": 0.1}}, ValueError, r"Numerics has no parameter 'step'; .* increment"),
        ({"numerics": {"increment": 0}}, ValueError, r"Numerics: increment must be a number"),
        ({"numerics": {"increment": 0.1, "first_increment": 0.1}}, ValueError, r"has no parameter 'first_increment'"),
        ({"numerics": 3}, TypeError, r"Design: numerics must be a Numerics or None; got 3"),
        ({"numerics": {"first_increment": 2}}, ValueError, r"Numerics: first_increment must be a number > 0 and <= 1"),
        ({"name": ""}, TypeError, r"Design: name must be a text"),
        ({"colour": "red"}, ValueError, r"Design has no parameter 'colour'"),
    ],
)
def test_bad_designs_are_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        changed(**changes)


def test_a_design_misses_its_fields():
    with pytest.raises(ValueError, match="Design also needs rig, laws, thickness"):
        Design.from_dict({"name": "bare"})
    with pytest.raises(TypeError, match="Design: plain data must be a mapping"):
        Design.from_dict([])
    with pytest.raises(TypeError, match=r"Design: laws must be LawSpace objects; got <class"):
        Design(name="x", rig="SHEET", laws=[Swift], thickness=(1, 2))
    with pytest.raises(TypeError, match=r"LawSpace: law must be a class of sklearn_spt.mechanics; got 'Swift'"):
        LawSpace(law="Swift", ranges={})
