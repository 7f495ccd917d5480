"""The factors of EN 10371 over the simulated discs, and what moves them.

    python -m benchmarks.standard_factors   # a few minutes

The standard estimates Rm = β Fi/h0² from the load Fi at a fixed displacement, and Rp0.2 = β Fe/h0² from the load Fe at
the knee; its working group's factors stand in M. Bruchhausen et al., Ubiquity Proceedings 1(S1) 11 (2018), doi
10.5334/uproc.11, for steels of Rp0.2 from 200 to 1,000 MPa. The first table has the same factors of the near part of
`load_en10371_discs`, whose Rp0.2 is scaled to E = 210 GPa, and of simulations of the miniature disc. The second one
says how much Fi, Fe and Fm of one steel change with friction, edge of the hole, clamping, Poisson's ratio, modulus,
thickness and law.
"""

from typing import Any

import numpy as np

from sklearn_spt.datasets import load_en10371_discs
from sklearn_spt.mechanics import HardeningLaw, Ludwik, Swift, Voce, characteristic_quantities
from sklearn_spt.simulation import EN10371, MINIATURE, Rig, simulate_spt

from ._record import record

E = 210_000.0
# Place of Fi (mm) and the standard's factors for Rm and Rp0.2, by rig and kind of displacement.
STANDARD = {
    ("EN10371", "deflection"): {"ui": 0.552, "Rm": 0.192, "Rp0.2": 0.510},
    ("EN10371", "punch"): {"ui": 0.645, "Rm": 0.179, "Rp0.2": 0.479},
    ("MINIATURE", "deflection"): {"ui": 0.282, "Rm": 0.205, "Rp0.2": None},
    ("MINIATURE", "punch"): {"ui": 0.320, "Rm": 0.197, "Rp0.2": None},
}
STEEL = Swift(E=E, K=900, epsilon0=0.005, n=0.15)


def factors(curves: list[Any], laws: list[HardeningLaw], scale: np.ndarray, ui: float) -> dict[str, np.ndarray]:
    """Rm h0²/Fi and Rp0.2 h0²/Fe; `scale` turns stresses and loads into those of a modulus of 210 GPa."""
    properties = [law.tensile_properties() for law in laws]
    loads = characteristic_quantities(curves, ui=ui)
    area = np.array([curve.thickness for curve in curves]) ** 2
    return {
        "Rm": np.array([p.tensile_strength for p in properties]) * area / loads.Fi,
        "Rp0.2": np.array([p.proof_stress for p in properties]) * area / loads.Fe,
        "Rp0.2, MPa": np.array([p.proof_stress for p in properties]) * scale,
    }


def summary(values: np.ndarray) -> dict[str, Any]:
    values = values[np.isfinite(values)]
    return {
        "factor": round(float(values.mean()), 4),
        "scatter, %": round(100 * float(values.std() / values.mean()), 1),
        "curves": len(values),
    }


def factor_rows() -> list[dict[str, Any]]:
    rows = []
    for kind in ("deflection", "punch"):
        discs = load_en10371_discs(part="near", displacement_kind=kind)
        found = factors(discs.data, discs.laws, E / discs.frame["E"], STANDARD["EN10371", kind]["ui"])
        steels = (found["Rp0.2, MPa"] >= 200) & (found["Rp0.2, MPa"] <= 1000)
        lubricated = steels & (discs.frame["friction"] <= 0.2)
        for what in ("Rm", "Rp0.2"):
            for which, label in ((steels, "all frictions"), (lubricated, "friction up to 0.2")):
                rows.append(
                    {
                        "rig": "EN10371",
                        "displacement": kind,
                        "property": what,
                        "discs": label,
                        "standard": STANDARD["EN10371", kind][what],
                        **summary(found[what][which]),
                    }
                )
    rows += miniature_rows()
    return rows


def miniature_rows() -> list[dict[str, Any]]:
    """The miniature disc with steels of the set's laws, friction 0.1."""
    discs = load_en10371_discs(part="near")
    laws = [law for law in discs.laws if 200 <= law.tensile_properties().proof_stress <= 1000][:40]
    rows = []
    for kind in ("deflection", "punch"):
        curves = [simulate_spt(law, MINIATURE, thickness=0.25, stroke=0.4, displacement_kind=kind) for law in laws]
        standard = STANDARD["MINIATURE", kind]
        found = factors(curves, laws, np.ones(len(laws)), standard["ui"])
        rows.append(
            {
                "rig": "MINIATURE",
                "displacement": kind,
                "property": "Rm",
                "discs": "friction 0.1",
                "standard": standard["Rm"],
                **summary(found["Rm"]),
            }
        )
    return rows


def loads_of(law: HardeningLaw, rig: Rig, **options: Any) -> dict[str, float]:
    """Fi at both places, Fe and Fm of one test, N; loads per MPa of Rm."""
    strength = float(law.tensile_properties().tensile_strength)
    found: dict[str, float] = {}
    for kind, place in (("punch", "v"), ("deflection", "u")):
        curve = simulate_spt(law, rig, load_drop=0.02, displacement_kind=kind, **{"thickness": 0.5, **options})
        area = curve.thickness**2
        read = characteristic_quantities(curve, ui=STANDARD["EN10371", kind]["ui"])
        found[f"Rm h0²/F({place})"] = strength * area / float(read.Fi)
        found[f"Fe({place})/h0²"] = float(read.Fe) / area
        found["Fm/h0²"] = float(read.Fm) / area
    return found


def cases() -> dict[str, tuple[HardeningLaw, Rig, dict[str, Any]]]:
    rig = EN10371
    found: dict[str, tuple[HardeningLaw, Rig, dict[str, Any]]] = {}
    for mu in (0.0, 0.05, 0.2, 0.3, 0.5):
        found[f"friction {mu:g} (0.1)"] = (STEEL, rig, {"friction": mu})
    for size in (0.15, 0.25, 0.5):
        found[f"chamfer {size:g} mm (0.2)"] = (STEEL, rig.replace(hole_edge_size=size), {})
    for size in (0.2, 0.5):
        found[f"fillet {size:g} mm (chamfer 0.2)"] = (STEEL, rig.replace(hole_edge="fillet", hole_edge_size=size), {})
    for diameter in (4.0, 5.0, 6.0):
        found[f"clamped outside {diameter:g} mm (4.4)"] = (STEEL, rig.replace(clamp_diameter=diameter), {})
    found["ball of 2.4 mm (2.5)"] = (STEEL, rig.replace(punch_diameter=2.4, punch_edge_radius=1.2), {})
    for thickness in (0.45, 0.55):
        found[f"thickness {thickness:g} mm (0.5)"] = (STEEL, rig, {"thickness": thickness})
    for nu in (0.27, 0.36):
        found[f"Poisson's ratio {nu:g} (0.3)"] = (STEEL, rig, {"nu": nu})
    for modulus in (190_000.0, 230_000.0):
        found[f"E {modulus / 1000:g} GPa (210)"] = (Swift(E=modulus, K=900, epsilon0=0.005, n=0.15), rig, {})
    found["n 0.05 (0.15)"] = (Swift(E=E, K=900, epsilon0=0.005, n=0.05), rig, {})
    found["n 0.25 (0.15)"] = (Swift(E=E, K=900, epsilon0=0.005, n=0.25), rig, {})
    found["plateau of 2 % (none)"] = (Swift(E=E, K=900, epsilon0=0.005, n=0.15, plateau_strain=0.02), rig, {})
    found["Voce's law, saturating (Swift)"] = (Voce(E=E, sigma0=410, Q=240, b=20), rig, {})
    found["linear hardening (Swift)"] = (Ludwik(E=E, sigma0=450, K=900, n=1.0), rig, {})
    return found


def sensitivity_rows() -> list[dict[str, Any]]:
    base = loads_of(STEEL, EN10371)
    rows: list[dict[str, Any]] = [{"change": "none: values", **{key: round(value, 4) for key, value in base.items()}}]
    for name, (law, rig, options) in cases().items():
        found = loads_of(law, rig, **options)
        rows.append({"change": name, **{key: f"{100 * (found[key] / base[key] - 1):+.1f} %" for key in base}})
    return rows


def main() -> None:
    steel = f"Swift, K {STEEL.K:g} MPa, ε0 {STEEL.epsilon0:g}, n {STEEL.n:g}"
    record("standard_factors", title="The factors of EN 10371 over simulated discs", rows=factor_rows())
    record(
        "standard_factors_sensitivity",
        title="What moves the factors",
        rows=sensitivity_rows(),
        note=f"one steel ({steel}) in the rig of EN 10371, 0.5 mm; each row changes one thing (base value in brackets)",
        command="python -m benchmarks.standard_factors",
    )


if __name__ == "__main__":
    main()
