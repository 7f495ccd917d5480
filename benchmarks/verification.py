"""Verification of the small punch simulations: cases with a known answer, convergence, energy and friction.

    python -m benchmarks.verification   # about 20 minutes on one core; goes on where it was ended

Each run is kept in a file of its own in benchmarks/results/verification. Small punch tests whose deck has changed are
computed anew; to compute the other cases anew, delete their files. CalculiX (ccx) must be installed.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from sklearn_spt import SPTCurve
from sklearn_spt.mechanics import Swift, characteristic_quantities
from sklearn_spt.simulation import get_rig
from sklearn_spt.simulation.calculix import default_mesh, default_numerics, find_solver, solver_version

from . import _verification_models as models
from ._record import record
from ._verification_runs import MATERIALS, TESTS, compared, read, ripple, run, write

SHEET_THICKNESSES = (1.0, 1.7, 2.6, 3.9)
MESHES = {"SHEET": (0.5, 1.0, 2.0), "EN10371": (2 / 3, 1.0, 2.0)}
FRICTIONS = (0.05, 0.1, 0.2, 0.3)
SPECIMENS = [
    *(("SHEET", name, h) for h in SHEET_THICKNESSES for name in list(MATERIALS)[:2]),
    *(("EN10371", name, 0.5) for name in list(MATERIALS)[2:]),
]
# One specimen of each material and rig for what is varied besides the mesh.
VARIED = [s for s in SPECIMENS if s[2] in (1.7, 0.5)]
CHANGES = {
    "contact half as stiff": {"stiffness": 0.5},
    "contact twice as stiff": {"stiffness": 2.0},
    "increments halved": {"increment": 0.5},
}
# Friction was varied for the first of the materials.
FRICTION_MATERIAL = "power law 300 MPa n=0.20"
QUANTITIES = ("slope", "Fe", "Fe_astm", "F_offset", "Fm", "um", "ESP")
PLATES = (0.25, 0.5, 1.0)
CONES = {"": {}, ", elements 1.4 times as large": {"fine": 0.14}, ", block 10 mm high": {"height": 10.0}}
ENERGIES = [
    ("SHEET", "Swift K=600 n=0.35", 1.7, 1.5, 0.0),
    ("SHEET", "Swift K=600 n=0.35", 1.7, 1.5, 0.1),
    ("EN10371", "power law 300 MPa n=0.20", 0.5, 1.0, 0.0),
    ("EN10371", "power law 300 MPa n=0.20", 0.5, 1.0, 0.1),
]
LAWS = {
    **{name: (MATERIALS[name], 0.35 if "Swift" in name else 0.3) for name in MATERIALS},
    "Swift K=600 n=0.35, E=210,000": (Swift(E=210_000, K=600, epsilon0=0.01, n=0.35), 0.3),
}


def kept(name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    known = read(name)
    return write(name, compute()) if known is None else known


def energy(rig_name: str, material: str, thickness: float, stroke: float, friction: float) -> dict[str, Any]:
    rig = get_rig(rig_name)
    work, extra = models.energy(
        rig,
        MATERIALS[material],
        thickness=thickness,
        nu=TESTS[rig_name]["nu"],
        friction=friction,
        stroke=stroke,
        mesh=default_mesh(rig),
        numerics=default_numerics(rig),
    )
    return {"external": work.external, "plastic": work.plastic, "elastic": work.elastic, "rest": work.rest, **extra}


def known_answers() -> list[dict[str, Any]]:
    """Rows: what was computed beside what it should be."""
    rows = []

    def row(case: str, what: str, computed: float, reference: float) -> None:
        rows.append(
            {
                "case": case,
                "what": what,
                "computed": float(f"{computed:.5g}"),
                "reference": float(f"{reference:.5g}"),
                "difference, %": round(100 * (computed / reference - 1), 2),
            }
        )

    hertz = kept("hertz", models.hertz)
    ratio = np.array(hertz["load"]) / hertz["reference"]
    row("Hertz", "load at the end, N", hertz["load"][-1], hertz["reference"][-1])
    worst = int(np.argmax(np.abs(ratio - 1)))
    where = f"load where it differs most, {1000 * hertz['displacement'][worst]:.2f} µm, N"
    row("Hertz", where, hertz["load"][worst], hertz["reference"][worst])
    for thickness in PLATES:
        plate = kept(f"plate h={thickness:g}", lambda h=thickness: models.plate(h))  # type: ignore[misc]
        case = f"clamped plate, {thickness:g} mm"
        row(case, "stiffness, N/mm; reference without shear", plate["stiffness"], plate["thin plate"])
        row(case, "stiffness, N/mm; reference with shear", plate["stiffness"], plate["with shear"])
    aster = kept("cone code_aster", models.code_aster_cone)
    u, tip = np.array(aster["displacement"]), np.array(aster["tip"])
    there = int(np.argmax(u)) + 1
    way, back = models.TIP_FORCES
    case = "code_aster V6.01.111, its mesh"
    row(
        case,
        f"force at the tip's node, {way} mm, N/rad",
        np.interp(way, u[:there], tip[:there]),
        models.TIP_FORCES[way],
    )
    row(case, f"force at the tip's node, back at {back} mm, N/rad", tip[-1], models.TIP_FORCES[back])
    row(
        case,
        "forces on the surface's nodes over the punch's, 0.4 mm",
        aster["surface"][there - 1],
        aster["load"][there - 1],
    )
    cones = {
        label: kept(f"cone{label.replace(',', '')}", lambda o=options: models.cone(**o))  # type: ignore[misc]
        for label, options in CONES.items()
    }
    case = "code_aster V6.01.111, own mesh"
    first = cones[""]["load"][-1]
    row(case, "load at 0.4 mm, N; reference: code_aster's mesh", first, max(aster["load"]))
    coarser = cones[", elements 1.4 times as large"]["load"][-1]
    row(case, "load at 0.4 mm, N, elements 1.4 times as large; reference: not so", coarser, first)
    deep = cones[", block 10 mm high"]
    half = np.interp(models.CONE_DEPTH / 2, deep["displacement"], deep["load"])
    row("cone, block 10 mm high", "load at 0.4 mm over 4 times that at 0.2 mm", deep["load"][-1] / (4 * half), 1.0)
    for label, (law, nu) in LAWS.items():
        for increment in (0.02, 0.005):
            name = f"tension {label} dt={increment:g}".replace(",", "")
            bar = kept(name, lambda la=law, n=nu, dt=increment: models.tension(la, nu=n, increment=dt))  # type: ignore[misc]
            stress, wanted = np.array(bar["stress"]), np.array(bar["law"])
            worst = int(np.argmax(np.abs(stress / wanted - 1)))
            what = f"true stress, MPa, where it differs most; increments of {100 * increment:g} %"
            row(f"one element, {label}", what, stress[worst], wanted[worst])
    return rows


def energies() -> list[dict[str, Any]]:
    rows = []
    for rig, material, thickness, stroke, friction in ENERGIES:
        name = f"energy {rig} {material} mu={friction:g}"
        result = kept(name, lambda: energy(rig, material, thickness, stroke, friction))  # noqa: B023
        row: dict[str, Any] = {"rig": rig, "material": material, "stroke, mm": stroke, "friction": friction}
        row |= {f"{key}, mJ": round(result[key], 1) for key in ("external", "plastic", "elastic", "rest")}
        row["rest, %"] = round(100 * result["rest"] / result["external"], 2)
        rows.append(row)
    return rows


def percent(value: float) -> float:
    return round(100 * float(value), 2)


def to_maximum(part: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What lies before the reference's maximum load."""
    end = int(np.argmax(part["reference"])) + 1
    return {key: value if value.ndim == 0 else value[:end] for key, value in part.items()}


def differences(curve: dict[str, Any], reference: dict[str, Any]) -> dict[str, Any]:
    part = to_maximum(compared(curve, reference))
    early = compared(curve, reference, beyond=0.002)
    start = early["u"] < part["u"][0]
    error = np.abs(part["load"] / part["reference"] - 1)
    first = np.abs(early["load"][start] / early["reference"][start] - 1)
    return {
        "greatest, %": percent(error.max()),
        "mean, %": percent(error.mean()),
        "Fm, %": percent(max(curve["load"]) / max(reference["load"]) - 1),
        "first 5 % of the stroke, %": percent(first.max()),
    }


def meshes() -> list[dict[str, Any]]:
    rows = []
    for rig, material, thickness in SPECIMENS:
        factors = MESHES[rig]
        curves = {factor: run(rig, material, thickness, mesh=factor) for factor in factors}
        for factor in factors[:-1]:
            part = to_maximum(compared(curves[factor], curves[factors[-1]]))
            residual = ripple(part)
            rows.append(
                {
                    "rig": rig,
                    "material": material,
                    "h0, mm": thickness,
                    "mesh": "shipped" if factor == 1 else "coarser",
                    **differences(curves[factor], curves[factors[-1]]),
                    "ripple, greatest, % of Fm": round(100 * float(np.abs(residual).max()), 3),
                    "ripple, rms, % of Fm": round(100 * float(np.sqrt(np.mean(residual**2))), 3),
                    "CPU, s": round(curves[factor]["cpu_s"], 1),
                }
            )
    return rows


def numerics() -> list[dict[str, Any]]:
    return [
        {
            "rig": rig,
            "material": material,
            "change": label,
            **differences(run(rig, material, thickness, **change), run(rig, material, thickness)),
        }
        for rig, material, thickness in VARIED
        for label, change in CHANGES.items()
    ]


def frictions() -> list[dict[str, Any]]:
    rows = []
    for rig in TESTS:
        material, thickness = next(s[1:] for s in VARIED if s[0] == rig)
        reference = run(rig, material, thickness)
        at = (0.5, 1.0, 2.0, 3.0) if rig == "SHEET" else (0.3, 0.6, 1.0, 1.4)
        for friction in FRICTIONS:
            curve = run(rig, material, thickness, friction=friction)
            row: dict[str, Any] = {"rig": rig, "friction": friction}
            for number, u in enumerate(at, start=1):
                ratio = np.interp(u, curve["displacement"], curve["load"])
                ratio /= np.interp(u, reference["displacement"], reference["load"])
                row[f"u{number}, mm"] = u
                row[f"load at u{number}, %"] = percent(ratio - 1)
            row["Fm, %"] = percent(max(curve["load"]) / max(reference["load"]) - 1)
            row["um, mm"] = round(curve["displacement"][int(np.argmax(curve["load"]))], 3)
            rows.append(row)
    return rows


def quantities() -> list[dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {
        "half the element size": {"mesh": MESHES["EN10371"][-1]},
        **CHANGES,
        "friction 0.3": {"friction": FRICTIONS[-1]},
    }

    def read_off(material: str, thickness: float, change: dict[str, Any]) -> Any:
        curve = run("EN10371", material, thickness, **change)
        return characteristic_quantities(SPTCurve(curve["displacement"], curve["load"], thickness=thickness))

    rows = []
    for rig, material, thickness in VARIED:
        if rig != "EN10371":
            continue
        reference = read_off(material, thickness, {})
        for label, change in changes.items():
            if "friction" in change and material != FRICTION_MATERIAL:
                continue
            changed = read_off(material, thickness, change)
            row: dict[str, Any] = {"material": material, "change": label}
            for name in QUANTITIES:
                row[f"{name}, %"] = percent(getattr(changed, name) / getattr(reference, name) - 1)
            rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    solver = f"CalculiX {solver_version(find_solver())}."
    tables = {
        "verification": (known_answers, "Cases with a known answer"),
        "verification_energy": (energies, "Energy at the end of a test: work of the punch and where it is found"),
        "verification_mesh": (
            meshes,
            "Load of the shipped mesh and of a coarser one, against half the element size",
        ),
        "verification_numerics": (numerics, "Change of the load with contact stiffness and increments"),
        "verification_quantities": (
            quantities,
            "Change of what is read off the curve of a steel disc (rig EN10371, friction 0.1)",
        ),
        "verification_friction": (frictions, "Change of the load with friction, against 0.1"),
    }
    for name, (compute, title) in tables.items():
        rows = compute()
        print(f"wrote {record(name, title=title, rows=rows, note=solver, command='python -m benchmarks.verification')}")


if __name__ == "__main__":
    main()
