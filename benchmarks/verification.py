"""Verification of the embedded solver: known answers, energy, friction, what each choice changes, and CalculiX.

    python -m benchmarks.verification   # about 20 minutes on one core; goes on where it was ended

Each run is kept in a file of its own in benchmarks/results/verification; those of the embedded solver are computed anew
when its version has changed. CalculiX (ccx) must be installed, unless its files are there.
"""

import argparse
from typing import Any

import numpy as np

from sklearn_spt.simulation import calculix, embedded, get_rig

from . import _verification_models as models
from ._record import record
from ._verification_cone import code_aster_cone
from ._verification_runs import (
    CROSS_CHECKED,
    MATERIALS,
    SPECIMENS,
    Specimen,
    calculix_run,
    compared,
    differences,
    kept,
    run,
)

VERSION = {"solver": f"embedded {embedded.VERSION}"}
COMMAND = "python -m benchmarks.verification"

STEEL, SHEET, COPPER = (
    Specimen("EN10371", "steel 300 MPa", 0.5),
    Specimen("SHEET", "sheet K=600", 1.0),
    Specimen("EN10371", "copper", 0.25),
)
MINIATURE = next(s for s in SPECIMENS if s.rig == "MINIATURE")
FEW = [STEEL, SHEET, COPPER, MINIATURE]
SOME = [*FEW, Specimen("EN10371", "steel 900 MPa", 0.5)]
# What is changed, by how much, and for which specimens.
CHOICES: list[tuple[str, dict[str, float], list[Specimen]]] = [
    ("elements smaller by 1.5", {"mesh": 1.5}, SPECIMENS),
    ("elements smaller by 2", {"mesh": 2}, [STEEL, SHEET]),
    ("increments halved", {"increment": 0.5}, SPECIMENS),
    ("increments quartered", {"increment": 0.25}, [STEEL, SHEET]),
    ("contact 4 times as stiff", {"contact": 4}, SOME),
    ("sticking 4 times as stiff", {"stick": 4}, SOME),
    ("forces in equilibrium to 1e-6", {"equilibrium": 1e-3}, [STEEL, SHEET, COPPER]),
    ("chamfer's corners 5 times as sharp", {"corner": 0.2}, [STEEL, COPPER, MINIATURE]),
]
FRICTIONS = (0.0, 0.05, 0.2, 0.3)
RUBBED = {STEEL: (0.3, 0.6, 1.0, 1.4), SHEET: (0.5, 1.0, 1.5, 2.0)}
PLATES = (0.25, 0.5, 1.0)
CONES: dict[str, dict[str, float]] = {"": {}, "coarser": {"fine": 0.14}, "block 10 mm high": {"height": 10.0}}
ENERGIES = [(STEEL, 1.0, 0.0), (STEEL, 1.0, 0.1), (SHEET, 1.5, 0.0), (SHEET, 1.5, 0.1)]
INCREMENTS = (0.02, 0.005)
# CalculiX's increments, as factors on its default ones.
CALCULIX_INCREMENTS = {STEEL: (1.0, 0.5), SHEET: (1.0, 0.5)}
# Contact stiffness that CalculiX's decks have, as a factor on the embedded solver's.
SOFT = {
    rig: calculix.default_numerics(get_rig(rig)).contact_stiffness
    * get_rig(rig).punch_edge_radius
    / embedded.Numerics().contact_stiffness
    for rig in ("EN10371", "SHEET")
}


def cone(label: str) -> dict[str, Any]:
    return kept(f"cone {label}".strip(), VERSION, lambda: models.cone(**CONES[label]))


def plate(thickness: float) -> dict[str, Any]:
    return kept(f"plate h={thickness:g}", VERSION, lambda: models.plate(thickness))


def hertz() -> dict[str, Any]:
    return kept("hertz", VERSION, models.hertz)


def tension(material: str, increment: float) -> dict[str, Any]:
    law, nu = MATERIALS[material]
    name = f"tension {material} dt={increment:g}"
    return kept(name, VERSION, lambda: models.tension(law, nu=nu, increment=increment))


def energy(specimen: Specimen, stroke: float, friction: float) -> dict[str, Any]:
    def compute() -> dict[str, Any]:
        work = models.energy(
            specimen.tools,
            specimen.law,
            thickness=specimen.thickness,
            nu=specimen.nu,
            friction=friction,
            stroke=stroke,
        )
        return vars(work) | {"rest": work.rest}

    return kept(f"energy {specimen} mu={friction:g}", VERSION, compute)


def aster() -> dict[str, Any]:
    return kept("cone code_aster", {"elements": "linear"}, code_aster_cone)


def soft(specimen: Specimen) -> dict[str, Any]:
    """The test with the contact stiffness of CalculiX's decks."""
    return run(specimen, contact=round(SOFT[specimen.rig], 4))


def cross(specimen: Specimen) -> list[dict[str, Any]]:
    """CalculiX's curves, the one with the smallest increments last."""
    return [calculix_run(specimen, increment) for increment in CALCULIX_INCREMENTS.get(specimen, (0.5,))]


def without_increments(coarse: dict[str, Any], fine: dict[str, Any]) -> dict[str, Any]:
    """What a curve goes to with its increments, if the error is in proportion to them, from two of them (2 to 1)."""
    part = compared(fine, coarse)
    load = 2 * part["load"] - part["reference"]
    return {"displacement": part["u"].tolist(), "load": load.tolist()}


# -- tables -------------------------------------------------------------------------------------------------------
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

    ball = hertz()
    ratio = np.array(ball["load"]) / ball["reference"]
    row("Hertz", "load at the end, N", ball["load"][-1], ball["reference"][-1])
    worst = int(np.argmax(np.abs(ratio - 1)))
    where = f"load where it differs most, {1000 * ball['displacement'][worst]:.2f} µm, N"
    row("Hertz", where, ball["load"][worst], ball["reference"][worst])
    for thickness in PLATES:
        found = plate(thickness)
        case = f"clamped plate, {thickness:g} mm"
        row(case, "stiffness, N/mm; reference without shear", found["stiffness"], found["thin plate"])
        row(case, "stiffness, N/mm; reference with shear", found["stiffness"], found["with shear"])
    linear = aster()
    u, tip = np.array(linear["displacement"]), np.array(linear["tip"])
    there = int(np.argmax(u)) + 1
    way, back = models.TIP_FORCES
    case = "code_aster V6.01.111, CalculiX on its mesh"
    what = f"force at the tip's node, {way} mm, N/rad; reference: code_aster"
    row(case, what, np.interp(way, u[:there], tip[:there]), models.TIP_FORCES[way])
    what = f"force at the tip's node, back at {back} mm, N/rad; reference: code_aster"
    row(case, what, tip[-1], models.TIP_FORCES[back])
    case = "code_aster V6.01.111, embedded solver"
    first = cone("")["load"][-1]
    row(case, "load at 0.4 mm, N; reference: CalculiX on code_aster's mesh", first, max(linear["load"]))
    what = "load at 0.4 mm, N, elements 1.4 times as large; reference: not so"
    row(case, what, cone("coarser")["load"][-1], first)
    deep = cone("block 10 mm high")
    half = np.interp(models.CONE_DEPTH / 2, deep["displacement"], deep["load"])
    row("cone, block 10 mm high", "load at 0.4 mm over 4 times that at 0.2 mm", deep["load"][-1] / (4 * half), 1.0)
    for material in MATERIALS:
        for increment in INCREMENTS:
            bar = tension(material, increment)
            stress = np.array(bar["stress"])
            for law, where in (("law at the plastic strain", "plastic strain"), ("law", "strain")):
                wanted = np.array(bar[law])
                worst = int(np.argmax(np.abs(stress / wanted - 1)))
                what = f"true stress at equal {where}, MPa, where it differs most; increments of {100 * increment:g} %"
                row(f"one element, {material}", what, stress[worst], wanted[worst])
    return rows


def energies() -> list[dict[str, Any]]:
    rows = []
    for specimen, stroke, friction in ENERGIES:
        found = energy(specimen, stroke, friction)
        row: dict[str, Any] = {"specimen": str(specimen), "stroke, mm": stroke, "friction": friction}
        parts = ("external", "plastic", "elastic", "friction", "penalty", "rest")
        row |= {f"{key}, mJ": round(found[key], 3) for key in parts}
        row["rest, %"] = round(100 * found["rest"] / found["external"], 4)
        rows.append(row)
    return rows


def choices() -> list[dict[str, Any]]:
    rows = []
    for label, changes, specimens in CHOICES:
        for specimen in specimens:
            found = differences(run(specimen, **changes), run(specimen))
            row: dict[str, Any] = {"change": label, "specimen": str(specimen)}
            rows.append(row | {f"{key}, % of Fm": round(value, 3) for key, value in found.items()})
    return rows


def summary() -> list[dict[str, Any]]:
    rows = []
    for label, _, _ in CHOICES:
        for ball in (True, False):
            found = [row for row in choices() if row["change"] == label and ball != row["specimen"].startswith("SHEET")]
            if not found:
                continue
            rms, maximum, at = (np.array([abs(row[f"{key}, % of Fm"]) for row in found]) for key in KEYS)
            rows.append(
                {
                    "change": label,
                    "punch": "ball" if ball else "flat (SHEET)",
                    "specimens": len(found),
                    "rms, median, % of Fm": round(float(np.median(rms)), 3),
                    "rms, greatest": round(float(rms.max()), 3),
                    "maximum, greatest": round(float(maximum.max()), 3),
                    "at Fm, greatest": round(float(at.max()), 3),
                    "the worst": found[int(np.argmax(rms))]["specimen"],
                }
            )
    return rows


KEYS = ("rms", "maximum", "at Fm")
LIMIT = "and without CalculiX's increments"


def cross_check() -> list[dict[str, Any]]:
    rows = []
    for specimen in CROSS_CHECKED:
        *coarser, fine = cross(specimen)
        row: dict[str, Any] = {"specimen": str(specimen), "to, mm": fine["displacement"][-1]}
        row["CalculiX's increments, mm"] = round(float(np.max(np.diff(fine["displacement"]))), 4)
        row["doubled, rms"] = round(differences(coarser[-1], fine)["rms"], 3) if coarser else None
        for label, curve in (("embedded", run(specimen)), ("with CalculiX's contact", soft(specimen))):
            row |= {f"{label}, {key}": round(value, 3) for key, value in against(curve, fine).items()}
        limit = against(soft(specimen), without_increments(coarser[-1], fine)) if coarser else None
        row |= {f"{LIMIT}, {key}": round(limit[key], 3) if limit else None for key in ("rms", "at the end")}
        rows.append(row)
    return rows


def against(curve: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """Difference of a curve from another program's at that one's points, % of its greatest load."""
    part = compared(other, curve)
    top = part["load"].max()
    error = 100 * (part["reference"] - part["load"]) / top
    return {
        "rms": float(np.sqrt(np.mean(error**2))),
        "maximum": float(np.abs(error).max()),
        "at the end": float(error[-1]),
    }


def frictions() -> list[dict[str, Any]]:
    rows = []
    for specimen, at in RUBBED.items():
        reference = run(specimen)
        for friction in FRICTIONS:
            curve = run(specimen, friction=friction)
            row: dict[str, Any] = {"specimen": str(specimen), "friction": friction}
            for number, u in enumerate(at, start=1):
                ratio = np.interp(u, curve["displacement"], curve["load"])
                ratio /= np.interp(u, reference["displacement"], reference["load"])
                row[f"u{number}, mm"] = u
                row[f"load at u{number}, %"] = round(100 * float(ratio - 1), 2)
            row["Fm, %"] = round(100 * (max(curve["load"]) / max(reference["load"]) - 1), 2)
            row["um, mm"] = round(curve["displacement"][int(np.argmax(curve["load"]))], 3)
            rows.append(row)
    return rows


def numbers() -> list[dict[str, Any]]:
    """What the page's text names."""
    found: dict[str, str] = {}
    answers = known_answers()

    def worst(case: str, what: str = "") -> str:
        values = [row["difference, %"] for row in answers if case in row["case"] and what in row["what"]]
        return f"{max(map(abs, values)):.2g}"

    found["hertz"] = worst("Hertz")
    found["plate with shear"] = worst("clamped plate", "with shear")
    found["thick plate without shear"] = worst("clamped plate, 1 mm", "without shear")
    found["tip"] = worst("CalculiX on its mesh")
    found["cone"] = worst("embedded solver", "reference: CalculiX")
    found["cone mesh"] = worst("embedded solver", "1.4 times")
    found["cone square"] = worst("block 10 mm")
    found["law"] = worst("one element", "equal plastic strain")
    found["law at equal strain"] = worst("one element", "equal strain")
    balance = [abs(row["rest, %"]) for row in energies()]
    found["energy"] = f"{max(balance):.2g}"
    for row in summary():
        name = f"{row['change']} {'ball' if row['punch'] == 'ball' else 'flat'}"
        for key in ("rms, greatest", "maximum, greatest", "at Fm, greatest"):
            found[f"{name} {key.split(',')[0]}"] = f"{row[key]:.2g}"
    crossed = cross_check()
    for label in ("embedded", "with CalculiX's contact"):
        values = [row[f"{label}, rms"] for row in crossed]
        found[f"{label} least"], found[f"{label} greatest"] = f"{min(values):.2g}", f"{max(values):.2g}"
    for kind, row in zip(("ball", "flat"), crossed, strict=False):
        found[f"calculix {kind} doubled"] = f"{row['doubled, rms']:.2g}"
        for name, label in (("contact", "with CalculiX's contact"), ("limit", LIMIT)):
            found[f"calculix {kind} {name}"] = f"{row[f'{label}, rms']:.2g}"
            found[f"calculix {kind} {name} end"] = f"{row[f'{label}, at the end']:.2g}"
    rubbed = frictions()
    found["friction low"] = f"{rubbed[1]['Fm, %']:.2g}"
    found["friction high"] = f"{rubbed[3]['Fm, %']:.2g}"
    found["friction early"] = f"{max(abs(row['load at u2, %']) for row in rubbed[:4]):.2g}"
    return [{"name": name, "value": value.replace("-", "−")} for name, value in found.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    own = f"Embedded solver, version {embedded.VERSION}."
    programs = sorted({cross(specimen)[-1]["program"] for specimen in CROSS_CHECKED})
    both = f"{own} {', '.join(programs)}."
    tables = {
        "verification": (known_answers, "Cases with a known answer", both),
        "verification_energy": (energies, "Energy at the end of a test: work of the punch and where it is found", own),
        "verification_choices": (choices, "What each choice changes: change of the load up to Fm", own),
        "verification_summary": (summary, "What each choice changes, in the median and at worst", own),
        "verification_calculix": (cross_check, "Embedded solver against CalculiX, % of the greatest load", both),
        "verification_friction": (frictions, "Change of the load with friction, against 0.1", own),
        "verification_numbers": (numbers, "What the page on verification names in its text, %", both),
    }
    for name, (compute, title, note) in tables.items():
        print(f"wrote {record(name, title=title, rows=compute(), note=note, command=COMMAND)}", flush=True)


if __name__ == "__main__":
    main()
