"""The small punch test with the embedded solver, and what is refused."""

import numpy as np
import pytest

from sklearn_spt.mechanics import FreeForm, Ludwik, OlsonCohen, PowerLaw, Swift, Voce, sheet_steel_law
from sklearn_spt.simulation import (
    EN10371,
    MINIATURE,
    MeshSettings,
    Numerics,
    SolverNotFoundError,
    calculix,
    simulate_fields,
    simulate_from_curve,
    simulate_spt,
)
from sklearn_spt.simulation._spt import solver_name

LAW = sheet_steel_law(K=900.0, n=0.2)
STEEL = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
SHEET_MESH = MeshSettings(rows=2, edge_size=0.3)
DISC_MESH = MeshSettings(rows=2, edge_size=0.15, coarse_size=0.4)
FAST = Numerics(increment=0.02)


def press(law=STEEL, **changes):
    """A disc in the standard's rig, on a coarse mesh with great increments."""
    options = {"rig": "EN10371", "thickness": 0.5, "stroke": 0.4, "mesh": DISC_MESH, "numerics": FAST, **changes}
    return simulate_spt(law, **options)


# What is refused


def test_no_solver():
    with pytest.raises(SolverNotFoundError, match="apt-get install calculix-ccx"):
        simulate_spt(LAW, "SHEET", thickness=2.0, solver="/nonexistent/ccx")


def test_options_that_are_none_are_refused():
    with pytest.raises(TypeError, match="simulate_fields has no option 'displacement_kind'"):
        simulate_fields(LAW, thickness=0.5, displacements=[0.1], displacement_kind="deflection")
    with pytest.raises(TypeError, match="simulate_from_curve has no option 'frction'; its options are friction"):
        simulate_from_curve([0.01, 0.1, 0.2], [300, 400, 500], thickness=0.5, frction=0.1)


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
        ({"displacement_kind": "crosshead"}, ValueError, "displacement_kind must be .* got 'crosshead'"),
        ({"mesh": 3}, TypeError, "mesh must be MeshSettings or None; got 3"),
    ],
)
@pytest.mark.parametrize("solver", ["embedded", "/nonexistent/ccx"])
def test_bad_input_is_refused_by_name(changes, error, message, solver):
    with pytest.raises(error, match=message):
        simulate_spt(LAW, "SHEET", **{"thickness": 2.0, **changes}, solver=solver)


@pytest.mark.parametrize(("option", "value"), [("timeout", 60), ("keep_files", "kept")])
def test_options_of_calculix_are_refused(option, value):
    options = {"thickness": 0.5, option: value}
    strain = np.linspace(0.002, 0.2, 20)
    for simulate in (
        lambda: simulate_spt(STEEL, **options),
        lambda: simulate_fields(STEEL, displacements=[0.1], **options),
        lambda: simulate_from_curve(strain, STEEL.true_stress(strain), **options),
    ):
        with pytest.raises(ValueError, match=f'{option} is for CalculiX only; .* solver="calculix"'):
            simulate()


@pytest.mark.parametrize(
    ("numerics", "solver"),
    [(calculix.Numerics(), "embedded"), (Numerics(), "calculix"), (Numerics(), "/nonexistent/ccx"), (3, "embedded")],
)
def test_numerics_of_the_other_solver_are_refused(numerics, solver):
    with pytest.raises(TypeError, match=r"numerics must be a \S+\.Numerics for this solver; got"):
        simulate_spt(STEEL, thickness=0.5, numerics=numerics, solver=solver)


def test_the_deflection_comes_from_the_embedded_solver_only(fake_solver, tmp_path):
    solver = fake_solver(before=f"echo run >> {tmp_path}/calls")
    strain = np.linspace(0.002, 0.2, 20)
    for simulate in (
        lambda: simulate_spt(STEEL, thickness=0.5, solver=solver, displacement_kind="deflection"),
        lambda: simulate_from_curve(
            strain, STEEL.true_stress(strain), thickness=0.5, solver=solver, displacement_kind="deflection"
        ),
    ):
        with pytest.raises(ValueError, match="displacement of the punch only"):
            simulate()
    assert not (tmp_path / "calls").exists()


def test_names_of_solvers(fake_solver, monkeypatch):
    assert solver_name("embedded").startswith("embedded ")
    program = fake_solver(version="2.21")
    assert solver_name(program) == "CalculiX 2.21"
    monkeypatch.setenv("SKLEARN_SPT_CCX", str(program))
    assert solver_name("calculix") == "CalculiX 2.21"


# What a curve says of itself


def test_metadata():
    curve = press(LAW, rig="SHEET", thickness=2.0, mesh=SHEET_MESH, friction=0.2, nu=0.35, name="mine")
    assert (curve.name, curve.rig, curve.thickness, curve.displacement_kind) == ("mine", "SHEET", 2.0, "punch")
    record = curve.metadata
    assert record["law"] == "Swift"
    assert record["law_parameters"] == {"E": 70e3, "K": 900, "epsilon0": 0.01, "n": 0.2, "plateau_strain": 0}
    wanted = {"E": 70e3, "nu": 0.35, "friction": 0.2, "stroke": 0.4, "load_limit": None, "load_drop": None}
    assert wanted.items() <= record.items()
    assert (record["completed"], record["ended_by"], record["solver"]) == (True, "stroke", solver_name("embedded"))
    assert record["rig"]["punch_diameter"] == 5.5
    assert record["mesh"]["rows"] == 2
    assert record["numerics"] == {"contact_stiffness": 50.0, "stick_ratio": 0.1, "increment": 0.02}
    assert 0.01 < record["largest_strain"] < 1
    # Of CalculiX only.
    assert not {"attempts", "wrong_increments", "load_jump", "deck_sha256"} & record.keys()


def test_metadata_of_calculix(fake_solver):
    options = {"thickness": 2.0, "mesh": SHEET_MESH, "solver": fake_solver()}
    record = simulate_spt(LAW, "SHEET", **options, numerics=calculix.Numerics(contact_stiffness=6)).metadata
    assert record["law"] == "Swift"
    assert (record["solver"], record["attempts"], record["wrong_increments"]) == ("CalculiX 2.20", 1, 0)
    assert record["numerics"]["contact_stiffness"] == 6
    strain = np.linspace(0.002, 0.2, 20)
    table = simulate_from_curve(strain, LAW.true_stress(strain), "SHEET", **options)
    assert table.metadata["law"] == "table"
    assert "extrapolated_from" not in table.metadata


# Curves


def test_the_record_is_as_dense_as_a_machine_s():
    """With the defaults: at least 200 points, every 5 µm or closer up to 0.2 mm, from contact on."""
    curve = simulate_spt(STEEL, "EN10371", thickness=0.5, mesh=DISC_MESH, stroke=1.2)
    assert curve.displacement[0] == curve.load[0] == 0
    assert np.diff(curve.displacement[curve.displacement < 0.205]).max() <= 0.005 * (1 + 1e-9)
    assert len(curve.load) >= 200
    assert curve.displacement[-1] == 1.2


@pytest.mark.parametrize(("rig", "thickness"), [("SHEET", 2.0), ("EN10371", 0.5), ("MINIATURE", 0.25)])
def test_the_load_rises_from_zero_to_the_stroke(rig, thickness):
    mesh = {"SHEET": SHEET_MESH, "MINIATURE": MeshSettings(rows=2, edge_size=0.06, coarse_size=0.15)}.get(
        rig, DISC_MESH
    )
    curve = press(rig=rig, thickness=thickness, mesh=mesh, stroke=0.2, numerics=Numerics(increment=0.01))
    assert (curve.displacement[0], curve.load[0], curve.displacement[-1]) == (0, 0, 0.2)
    assert np.all(np.diff(curve.load) > 0)


def test_the_same_test_gives_the_same_numbers():
    one, other = press(), press()
    np.testing.assert_array_equal(one.displacement, other.displacement)
    np.testing.assert_array_equal(one.load, other.load)
    assert {k: v for k, v in one.metadata.items() if k != "cpu_s"} == {
        k: v for k, v in other.metadata.items() if k != "cpu_s"
    }


@pytest.mark.parametrize(("factor", "size"), [(0.1, 1.0), (3.0, 0.5), (1.0, 2.0)])
def test_stresses_and_lengths_scale(factor, size):
    """Loads go with the stresses and with the square of the lengths."""
    rig = EN10371.replace(
        name="scaled",
        punch_diameter=2.5 * size,
        punch_edge_radius=1.25 * size,
        disc_diameter=8 * size,
        hole_diameter=4 * size,
        hole_edge_size=0.2 * size,
        thickness_range=(0.1, 2),
    )
    law = Swift(E=factor * STEEL.E, K=factor * STEEL.K, epsilon0=STEEL.epsilon0, n=STEEL.n)
    mesh = MeshSettings(rows=1, edge_size=0.2 * size, coarse_size=0.4 * size, growth=0.3)
    plain = press(stroke=0.2, mesh=MeshSettings(rows=1, edge_size=0.2, coarse_size=0.4, growth=0.3))
    curve = press(
        law, rig=rig, thickness=0.5 * size, stroke=0.2 * size, mesh=mesh, numerics=Numerics(increment=0.02 * size)
    )
    np.testing.assert_allclose(curve.displacement, size * plain.displacement, rtol=1e-9)
    # What is left is what equilibrium tolerates.
    np.testing.assert_allclose(curve.load, factor * size**2 * plain.load, rtol=1e-3, atol=1e-4 * curve.load.max())


def test_more_of_a_thing_carries_more():
    load = press().load[-1]
    # 10 % stronger throughout carries more, and less than 10 % more where part of the disc is elastic.
    stronger = press(Swift(E=210_000, K=990, epsilon0=0.005, n=0.2)).load[-1]
    assert 1.04 < stronger / load < 1.10
    assert press(thickness=0.55).load[-1] > 1.1 * load
    assert press(rig=EN10371.replace(name="narrow", hole_diameter=3.5)).load[-1] > load
    assert press(stroke=1.0, friction=0.4).load[-1] > press(stroke=1.0, friction=0.0).load[-1]


@pytest.mark.parametrize(
    "law",
    [
        PowerLaw(E=110_000, sigma0=1000, n=0.0),
        PowerLaw(E=120_000, sigma0=40, n=0.45),
        Voce(E=70_000, sigma0=250, Q=150, b=12),
        Ludwik(E=210_000, sigma0=300, K=600, n=0.5, plateau_strain=0.03),
        OlsonCohen(E=195_000, K=1200, epsilon0=0.02, n=0.3, Q=900, alpha=6, beta=1.5),
        FreeForm.scaled(E=210_000, yield_strain=0.002, **{f"rise{i}": 0.1 for i in range(1, 10)}),
    ],
    ids=["perfectly plastic", "annealed copper", "Voce", "plateau", "S-shaped", "free form"],
)
def test_laws_of_all_kinds(law):
    curve = press(law, stroke=0.8)
    assert curve.metadata["completed"]
    assert np.all(np.diff(curve.load) > 0)
    assert curve.metadata["law"] == type(law).__name__


def test_a_law_of_one_s_own():
    class Mine:
        E = STEEL.E

        def flow_stress(self, plastic_strain):
            return STEEL.flow_stress(plastic_strain)

    np.testing.assert_array_equal(press(Mine()).load, press().load)


# The end of the test


def test_the_load_limit_ends_the_test():
    free = press()
    limit = 0.5 * free.load.max()
    curve = press(load_limit=limit)
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (True, "load limit")
    assert curve.metadata["load_limit"] == limit
    assert curve.load[-1] >= limit > curve.load[-2]
    # The way there is the same.
    n = len(curve.load)
    np.testing.assert_array_equal(curve.load, free.load[:n])
    np.testing.assert_array_equal(curve.displacement, free.displacement[:n])
    # Not reached, it changes nothing.
    assert press(load_limit=1e6).metadata["ended_by"] == "stroke"


def test_the_load_drop_ends_the_test():
    curve = press(stroke=None, load_drop=0.05)
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (True, "load drop")
    most = curve.load.max()
    assert curve.load[-1] <= 0.95 * most < curve.load[-2]
    assert 0 < np.argmax(curve.load) < len(curve.load) - 1
    assert curve.displacement[-1] < 3.0
    # The end that comes first counts.
    assert press(stroke=None, load_drop=0.05, load_limit=0.9 * most).metadata["ended_by"] == "load limit"


def test_a_solver_that_stops_early(monkeypatch):
    """The curve up to there is good, and says so."""
    from sklearn_spt.simulation.embedded.increments import Model

    advance = Model.advance
    monkeypatch.setattr(Model, "advance", lambda self, travel: travel < 0.3 and advance(self, travel))
    curve = press()
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (False, "solver")
    assert 0.25 < curve.displacement[-1] < 0.3


# Two kinds of displacement


def test_displacement_kinds():
    punch, lower = press(stroke=1.0), press(stroke=1.0, displacement_kind="deflection")
    assert (punch.displacement_kind, lower.displacement_kind) == ("punch", "deflection")
    np.testing.assert_array_equal(punch.load, lower.load)
    v, u = punch.displacement, lower.displacement
    assert u[0] == v[0] == 0
    # The lower face stays behind by what the disc gets thinner in its middle, and by what the contact gives way.
    behind = v - u
    assert np.all(behind[1:] > 0)
    fields = simulate_fields(STEEL, thickness=0.5, displacements=[0.5, 1.0], stroke=1.0, mesh=DISC_MESH, numerics=FAST)
    thinner = [0.5 - stage.thickness[0, 1] for stage in fields.stages]
    assert np.interp([0.5, 1.0], v, behind) == pytest.approx(thinner, abs=0.01)


# A curve in place of a law


def test_a_table_of_the_law_is_pressed_as_the_law():
    strain = np.linspace(0.002, 1.0, 400)
    curve = simulate_from_curve(
        strain, STEEL.true_stress(strain), thickness=0.5, E=STEEL.E, stroke=0.4, mesh=DISC_MESH, numerics=FAST
    )
    np.testing.assert_allclose(curve.load, press().load, rtol=0.005, atol=0.5)
    assert curve.metadata["law"] == "table"
    assert curve.metadata["law_parameters"]["strain"] == strain.tolist()
    assert curve.metadata["extrapolated_from"] is None


@pytest.mark.parametrize("last", [0.05, 0.2])
@pytest.mark.parametrize("kind", ["punch", "deflection"])
def test_the_curve_says_from_where_on_it_was_extrapolated(last, kind):
    options = {"thickness": 0.5, "E": STEEL.E, "stroke": 0.6, "mesh": DISC_MESH, "numerics": Numerics(increment=0.01)}
    strain = np.linspace(0.002, last, 100)
    curve = simulate_from_curve(strain, STEEL.true_stress(strain), **options, displacement_kind=kind)
    first = curve.metadata["extrapolated_from"]
    assert first in curve.displacement
    assert 0 < first < curve.displacement[-1]
    # Up to there nothing depends on what is assumed; and there the disc is strained as far as the curve goes.
    at = int(np.flatnonzero(curve.displacement == first)[0])
    steeper = np.append(STEEL.true_stress(strain), 2 * STEEL.true_stress(last))
    other = simulate_from_curve(np.append(strain, 2 * last), steeper, **options, displacement_kind=kind)
    # (but the way of the iterations, and so what equilibrium tolerates)
    np.testing.assert_allclose(other.load[:at], curve.load[:at], rtol=1e-5)
    assert other.load[-1] > 1.01 * curve.load[-1]
    travel = simulate_from_curve(strain, STEEL.true_stress(strain), **options).displacement[at]
    there = simulate_from_curve(strain, STEEL.true_stress(strain), **{**options, "stroke": float(travel)})
    assert there.metadata["largest_strain"] == pytest.approx(last - STEEL.true_stress(last) / STEEL.E, abs=0.02)


def test_a_curve_that_softens_is_refused():
    strain = np.linspace(0.002, 0.2, 50)
    stress = np.where(strain < 0.1, STEEL.true_stress(strain), 0.9 * STEEL.true_stress(strain))
    with pytest.raises(ValueError, match="the curve softens"):
        simulate_from_curve(strain, stress, thickness=0.5)


# With the defaults, once


def test_the_miniature_disc_is_the_standard_one_made_smaller():
    """The standard's miniature rig has about half the lengths, so about a quarter of the load."""
    options = {"load_drop": 0.05}
    standard = simulate_spt(STEEL, "EN10371", thickness=0.5, **options, mesh=DISC_MESH, numerics=FAST)
    small = simulate_spt(
        STEEL,
        "MINIATURE",
        thickness=0.25,
        **options,
        mesh=MeshSettings(rows=2, edge_size=0.06, coarse_size=0.16),
        numerics=Numerics(increment=0.008),
    )
    factor = MINIATURE.punch_diameter * 0.25 / (EN10371.punch_diameter * 0.5)
    assert small.load.max() / standard.load.max() == pytest.approx(factor, rel=0.1)
