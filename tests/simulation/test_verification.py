"""The embedded solver against known answers and against CalculiX's stored curves.

The models are those of the page on verification (benchmarks/_verification_models.py), here with smaller meshes where a
test must be fast; tolerances are what these meshes leave, and what the theory itself is good for.
"""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import _verification_cone, verification
from benchmarks import _verification_models as models
from benchmarks import _verification_runs as runs
from benchmarks._verification_runs import CROSS_CHECKED, MATERIALS, compared, differences, mesh_of
from sklearn_spt.simulation import MeshSettings, get_rig, simulate_spt
from sklearn_spt.simulation.embedded import Numerics, default_mesh

ROOT = Path(__file__).parents[2]
COARSE = MeshSettings(rows=2, edge_size=0.16, coarse_size=0.4)


def test_closed_forms_meet_known_limits():
    # Under a load in the middle the deflection of a clamped plate is P·a²/(16·π·D) (Timoshenko, Woinowsky-Krieger).
    E, nu, h, a = 70_000.0, 0.35, 0.1, 6.5
    D = E * h**3 / (12 * (1 - nu**2))
    thin, with_shear = models.plate_stiffness(E, nu, h, a, 1e-3)
    assert thin == pytest.approx(16 * np.pi * D / a**2, rel=1e-5)
    assert with_shear < thin
    # Contact radius a = √(R·δ) and mean pressure 4·E*·a/(3·π·R): the same load in another way.
    R, approach = 1.25, 1e-3
    radius = np.sqrt(R * approach)
    pressure = 4 * 210_000 / (1 - 0.3**2) * radius / (3 * np.pi * R)
    assert models.hertz_load(210_000, 0.3, R, approach) == pytest.approx(np.pi * radius**2 * pressure)


def test_hertz():
    """With fewer elements in the contact than the page's model has, and half its block."""
    found = models.hertz(elements_in_contact=3, height=5.0)
    load, reference = np.array(found["load"]), np.array(found["reference"])
    # The mesh does not see a contact that is little wider than an element.
    a = np.sqrt(1.25 * np.array(found["displacement"]))
    wide = a > found["contact_radius"] / 2
    assert wide.sum() > 5
    assert load[wide] == pytest.approx(reference[wide], rel=0.03)
    assert load[-1] == pytest.approx(reference[-1], rel=0.015)


def test_clamped_plate():
    """Plate theory with shear is met by a thin and by a thick plate."""
    plates = [models.plate(h) for h in (0.25, 1.0)]
    assert [p["stiffness"] / p["with shear"] for p in plates] == pytest.approx([1, 1], abs=0.01)
    # Without shear the thick plate's reference is wrong by a tenth: a test which did not see this would see nothing.
    assert plates[1]["stiffness"] < 0.92 * plates[1]["thin plate"]


def test_indentation_by_a_cone_grows_with_the_square_of_the_depth():
    found = models.cone(fine=0.3, height=10.0)
    u, load = (np.array(found[key]) for key in ("displacement", "load"))
    assert load[-1] == pytest.approx(4 * np.interp(u[-1] / 2, u, load), rel=0.05)


@pytest.mark.parametrize("name", list(MATERIALS))
def test_one_element_in_tension_is_the_law(name):
    law, nu = MATERIALS[name]
    bar = models.tension(law, nu=nu, increment=0.02)
    strain, stress, wanted = (np.array(bar[key]) for key in ("strain", "stress", "law at the plastic strain"))
    assert strain[-1] == pytest.approx(0.3)
    # The law is given to the solver as a table.
    assert stress == pytest.approx(wanted, rel=5e-4)


@pytest.mark.parametrize(("rig", "name"), [("EN10371", "steel 300 MPa"), ("SHEET", "sheet K=600")])
def test_energy_balance(rig, name):
    """The punch's work is in the disc, in friction, and in the springs of the contact."""
    law, nu = MATERIALS[name]
    options = {"thickness": 0.5 if rig == "EN10371" else 1.0, "nu": nu, "stroke": 0.4, "mesh": COARSE}
    smooth = models.energy(get_rig(rig), law, friction=0.0, **options)
    rubbed = models.energy(get_rig(rig), law, friction=0.3, **options)
    assert smooth.friction == 0
    assert 0 < smooth.penalty < 0.005 * smooth.external
    assert smooth.plastic > 0.8 * smooth.external
    for work in (smooth, rubbed):
        assert work.rest == pytest.approx(0, abs=1e-3 * work.external)
    assert rubbed.friction > 1e-3 * rubbed.external
    assert rubbed.external > smooth.external


@pytest.mark.parametrize("specimen", list(CROSS_CHECKED), ids=str)
def test_calculix_gives_these_curves(specimen):
    """Up to 0.7 mm, on the same mesh, with the contact stiffness of CalculiX's decks."""
    stored = runs.read(f"calculix {specimen} dt=0.5")
    default = Numerics()
    own = simulate_spt(
        specimen.law,
        specimen.tools,
        thickness=specimen.thickness,
        nu=specimen.nu,
        friction=runs.FRICTION,
        stroke=0.7,
        numerics=Numerics(contact_stiffness=default.contact_stiffness * verification.SOFT[specimen.rig]),
    )
    u, load = np.array(stored["displacement"]), np.array(stored["load"])
    inside = (u > 0) & (u < 0.7)
    assert inside.sum() > 20
    error = (np.interp(u[inside], own.displacement, own.load) - load[inside]) / load[inside].max()
    assert np.sqrt(np.mean(error**2)) < 0.008
    assert np.abs(error).max() < 0.015


@pytest.mark.parametrize("rig", ["EN10371", "SHEET"])
def test_increments_change_less_than_a_thousandth(rig):
    specimen = next(s for s in CROSS_CHECKED if s.rig == rig)
    options = {"thickness": specimen.thickness, "nu": specimen.nu, "stroke": 0.5, "mesh": COARSE}
    step = 0.005 if rig == "EN10371" else 0.0075
    coarse, fine = (
        runs.as_result(curve.displacement, curve.load)
        for curve in (
            simulate_spt(specimen.law, rig, numerics=Numerics(increment=size), **options) for size in (step, step / 2)
        )
    )
    assert differences(coarse, fine)["rms"] < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("specimen", [verification.STEEL, verification.SHEET], ids=str)
def test_the_mesh_converges(specimen):
    """Against half the element size the default mesh is better than a coarser one, and good to half a percent."""
    options = {"thickness": specimen.thickness, "nu": specimen.nu, "stroke": 0.8}
    curves = {}
    for factor in (0.5, 1.0, 2.0):
        curve = simulate_spt(specimen.law, specimen.rig, mesh=mesh_of(default_mesh(specimen.tools), factor), **options)
        curves[factor] = runs.as_result(curve.displacement, curve.load)
    coarse, shipped = (differences(curves[factor], curves[2.0]) for factor in (0.5, 1.0))
    assert shipped["rms"] < 0.5
    assert shipped["rms"] < coarse["rms"]


def test_friction_matters_late():
    """Sliding begins where the disc is drawn over the ball; before, friction has next to nothing to do."""
    specimen = verification.STEEL
    options = {"thickness": 0.5, "stroke": 1.2, "mesh": COARSE, "numerics": Numerics(increment=0.02)}
    low, high = (simulate_spt(specimen.law, "EN10371", friction=friction, **options) for friction in (0.05, 0.3))
    more = high.load[1:] / low.load[1:] - 1
    u = low.displacement[1:]
    assert np.abs(more[(u > 0.1) & (u < 0.5)]).max() < 0.02
    assert 0.03 < more[-1] < 0.2


def test_differences_are_parts_of_the_greatest_load():
    u = np.linspace(0, 2, 201)
    one = runs.as_result(u, np.sin(u))
    other = runs.as_result(u, 1.01 * np.sin(u))
    found = differences(other, one)
    assert found["at Fm"] == pytest.approx(1, abs=1e-3)
    assert found["maximum"] == pytest.approx(1, abs=1e-3)
    # Behind the greatest load nothing is compared.
    assert compared(other, one)["u"][-1] == pytest.approx(np.pi / 2, abs=0.011)


def test_nodal_forces_balance_a_uniform_stress():
    nodes = np.array([[0, -1], [2, -1], [2, 0], [0, 0]], dtype=float)
    tables = [" displacements (vx,vy,vz) for set ROWNODES and time  0.1E+01", ""]
    tables += [f" {k} 0.0 0.0 0.0" for k in range(1, 5)]
    tables += ["", " stresses (elem, integ.pnt.,sxx,syy,szz,sxy,sxz,syz) for set ROW and time  0.1E+01", ""]
    tables += [f" 1 {k} 0.0 -7.0 0.0 0.0 0.0 0.0" for k in range(1, 9)]
    (forces,) = _verification_cone._surface_forces("\n".join(tables), nodes, np.array([[0, 1, 2, 3]]), np.array([2, 3]))
    # The consistent forces of a pressure p on a ring face: p·h²/3 outside, p·h²/6 on the axis, per radian.
    assert forces == pytest.approx([7 * 4 / 3, 7 * 4 / 6])


@pytest.mark.ccx
@pytest.mark.slow
def test_code_aster_indentation():
    """V6.01.111 with code_aster's mesh; its contact, by nodes, moves some of the force to the neighbours."""
    found = _verification_cone.code_aster_cone()
    u, load, tip, surface = (np.array(found[key]) for key in ("displacement", "load", "tip", "surface"))
    there = int(np.argmax(u)) + 1
    at, back = models.TIP_FORCES
    assert u[-1] == pytest.approx(back)
    assert np.interp(at, u[:there], tip[:there]) == pytest.approx(models.TIP_FORCES[at], rel=0.04)
    assert tip[-1] == pytest.approx(models.TIP_FORCES[back], rel=0.05)
    # The nodal forces are in equilibrium with the punch's.
    assert surface == pytest.approx(load, rel=1e-3, abs=0.1)
    # The whole load must not depend on mesh, elements and program.
    own = models.cone(fine=0.14)
    assert own["load"][-1] == pytest.approx(load[there - 1], rel=0.02)


def test_the_page_takes_its_numbers_from_the_results(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    extension = importlib.import_module("results")
    try:
        page = (ROOT / "docs" / "verification.rst").read_text(encoding="utf-8")
        names = re.findall(r":value:`([^`]+)`", page)
        assert len(names) > 10
        for name in names:
            assert extension.value(name)
        with pytest.raises(KeyError):
            extension.value("verification_numbers no such number")
    finally:
        sys.modules.pop("results", None)
    for table in re.findall(r"^\.\. results:: (verification\w*)$", page, re.M):
        assert json.loads((ROOT / "benchmarks" / "results" / f"{table}.json").read_text(encoding="utf-8"))["rows"]
