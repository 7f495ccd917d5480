"""The simulations against known answers, with the solver for real.

The models are those of the page on verification (benchmarks/_verification_models.py), here with smaller meshes where a
test must be fast; tolerances are what these meshes leave, and what the theory itself is good for.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import _verification_models as models
from benchmarks._verification_runs import MATERIALS, TESTS, compared, mesh_of
from sklearn_spt.simulation import get_rig, simulate_spt
from sklearn_spt.simulation.calculix import default_mesh, default_numerics


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


def test_nodal_forces_balance_a_uniform_stress():
    nodes = np.array([[0, -1], [2, -1], [2, 0], [0, 0]], dtype=float)
    tables = [" displacements (vx,vy,vz) for set ROWNODES and time  0.1E+01", ""]
    tables += [f" {k} 0.0 0.0 0.0" for k in range(1, 5)]
    tables += ["", " stresses (elem, integ.pnt.,sxx,syy,szz,sxy,sxz,syz) for set ROW and time  0.1E+01", ""]
    tables += [f" 1 {k} 0.0 -7.0 0.0 0.0 0.0 0.0" for k in range(1, 9)]
    (forces,) = models._surface_forces("\n".join(tables), nodes, np.array([[0, 1, 2, 3]]), np.array([2, 3]))
    # The consistent forces of a pressure p on a ring face: p·h²/3 outside, p·h²/6 on the axis, per radian.
    assert forces == pytest.approx([7 * 4 / 3, 7 * 4 / 6])


@pytest.mark.ccx
def test_hertz():
    """With fewer elements in the contact than the page's model has, and half its block."""
    found = models.hertz(elements_in_contact=3, height=5.0)
    load, reference = np.array(found["load"]), np.array(found["reference"])
    # The mesh does not see a contact that is no wider than an element.
    a = np.sqrt(1.25 * np.array(found["displacement"]))
    wide = a > found["contact_radius"] / 3
    assert wide.sum() > 5
    assert load[wide] == pytest.approx(reference[wide], rel=0.02)
    assert load[-1] == pytest.approx(reference[-1], rel=0.01)


@pytest.mark.ccx
def test_clamped_plate():
    """Plate theory with shear is met, and better by the thinner plate."""
    plates = [models.plate(h) for h in (0.25, 1.0)]
    over = [p["stiffness"] / p["with shear"] for p in plates]
    assert over == pytest.approx([1, 1], abs=0.02)
    assert abs(over[0] - 1) < abs(over[1] - 1)
    # Without shear the thick plate's reference is wrong by a tenth: a test which did not see this would see nothing.
    assert plates[1]["stiffness"] < 0.92 * plates[1]["thin plate"]


@pytest.mark.ccx
@pytest.mark.parametrize("name", list(MATERIALS))
def test_one_element_in_tension_is_the_law(name):
    bar = models.tension(MATERIALS[name], nu=TESTS["SHEET" if "Swift" in name else "EN10371"]["nu"], increment=0.01)
    strain, stress, law = (np.array(bar[key]) for key in ("strain", "stress", "law"))
    assert strain[-1] == pytest.approx(0.3)
    # The law is given to the solver as a table, and elastic strains of up to 2.7 % are added up in increments.
    assert stress == pytest.approx(law, rel=0.004)


@pytest.mark.ccx
@pytest.mark.slow
def test_code_aster_indentation():
    """V6.01.111 with code_aster's mesh; its contact, by nodes, moves some of the force to the neighbours."""
    found = models.code_aster_cone()
    u, load, tip, surface = (np.array(found[key]) for key in ("displacement", "load", "tip", "surface"))
    there = int(np.argmax(u)) + 1
    at, back = models.TIP_FORCES
    assert u[-1] == pytest.approx(back)
    assert np.interp(at, u[:there], tip[:there]) == pytest.approx(models.TIP_FORCES[at], rel=0.04)
    assert tip[-1] == pytest.approx(models.TIP_FORCES[back], rel=0.05)
    # The nodal forces are in equilibrium with the punch's.
    assert surface == pytest.approx(load, rel=1e-3, abs=0.1)
    # The whole load must not depend on mesh and elements.
    own = models.cone(fine=0.14)
    assert own["load"][-1] == pytest.approx(load[there - 1], rel=0.015)


@pytest.mark.ccx
def test_energy_balance():
    """Without friction the punch's work is in the disc: what the law dissipates and what stays elastic."""
    rig = get_rig("SHEET")
    material = MATERIALS["Swift K=600 n=0.35"]
    options = {"nu": 0.35, "stroke": 0.4, "mesh": mesh_of(rig, 0.5), "numerics": default_numerics(rig)}
    work, found = models.energy(rig, material, thickness=1.7, friction=0.0, **options)
    assert found["volume"] == pytest.approx(np.pi * 6.5**2 * 1.7, rel=1e-3)
    assert work.plastic > 0.8 * work.external
    assert work.plastic + work.elastic == pytest.approx(work.external, rel=0.015)
    # With friction something is lost, and never gained.
    rubbed, _ = models.energy(rig, material, thickness=1.7, friction=0.3, **options)
    assert rubbed.external > work.external
    assert rubbed.rest / rubbed.external > work.rest / work.external


def as_result(curve):
    return {"displacement": curve.displacement.tolist(), "load": curve.load.tolist()}


@pytest.mark.ccx
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rig_name", "material", "thickness", "stroke"),
    [("SHEET", "Swift K=600 n=0.35", 1.7, 0.8), ("EN10371", "power law 300 MPa n=0.20", 0.5, 0.6)],
)
def test_convergence(rig_name, material, thickness, stroke):
    """Mesh, contact stiffness and increments of the bundled sets change the load by less than 1.5 %."""
    rig = get_rig(rig_name)
    shipped, numerics = default_mesh(rig), default_numerics(rig)
    options = {"thickness": thickness, "nu": TESTS[rig_name]["nu"], "friction": 0.1, "stroke": stroke}

    def load(mesh=shipped, numerics=numerics):
        return as_result(simulate_spt(MATERIALS[material], rig, mesh=mesh, numerics=numerics, **options))

    reference = load()

    def differences(curve, other):
        part = compared(curve, other, beyond=0.1)
        return np.abs(part["load"] / part["reference"] - 1)

    finest = load(mesh=mesh_of(rig, 2))
    assert differences(reference, finest).max() < 0.015
    coarser = load(mesh=mesh_of(rig, 2 / 3))
    assert differences(reference, finest).mean() < differences(coarser, finest).mean()
    stiffer = replace(numerics, contact_stiffness=2 * numerics.contact_stiffness)
    assert differences(load(numerics=stiffer), reference).max() < 0.015
    assert differences(load(numerics=numerics.refined(0.5)), reference).max() < 0.015


@pytest.mark.ccx
@pytest.mark.slow
def test_friction_matters_late():
    """Sliding begins where the disc is drawn over the ball; before, friction has next to nothing to do."""
    rig = get_rig("EN10371")
    options = {"thickness": 0.5, "stroke": 1.2, "mesh": mesh_of(rig, 0.5)}
    low, high = (
        simulate_spt(MATERIALS["power law 300 MPa n=0.20"], rig, friction=friction, **options)
        for friction in (0.05, 0.3)
    )
    part = compared(as_result(high), as_result(low), beyond=0.1)
    more = part["load"] / part["reference"] - 1
    assert np.abs(more[part["u"] < 0.5]).max() < 0.02
    assert 0.03 < more[-1] < 0.2
