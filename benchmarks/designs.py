"""The designs of the data sets that come with the package."""

from sklearn_spt.mechanics import FreeForm, Ludwik, OlsonCohen, PowerLaw, Swift, SwiftVoce, Voce
from sklearn_spt.simulation import EN10371, Design, LawSpace

# Initial yield stress over Young's modulus: from annealed iron and soft copper to strong titanium and maraging steel.
_YIELD = (0.0003, 0.009)
# The modulus has no influence of its own, with stresses over it; its values are those of steels, and of all metals.
_STEEL, _METALS = (195_000, 215_000), (45_000, 230_000)
_RISES = {f"rise{i}": (0.0, top) for i, top in enumerate((0.3, 0.15, 0.15, 0.2, 0.35, 0.35, 0.35, 0.4, 0.3), start=1)}


def _laws(modulus: tuple[float, float]) -> list[LawSpace]:
    base = {"E": modulus, "yield_strain": _YIELD}
    swift = {**base, "epsilon0": (0.0005, 0.03), "n": (0.04, 0.45)}
    gain, saturation = {"gain": (0.05, 6)}, {"b": (2, 40)}

    def space(law: type, ranges: dict, weight: float, **options: object) -> LawSpace:
        logarithmic = [name for name in ("yield_strain", "epsilon0", "gain", "b") if name in ranges]
        return LawSpace(law=law, ranges=ranges, weight=weight, logarithmic=logarithmic, scaled=True, **options)

    return [
        space(PowerLaw, {**base, "n": (0.03, 0.45)}, 0.15),
        space(Swift, swift, 0.15),
        space(Voce, {**base, **gain, **saturation}, 0.12),
        space(SwiftVoce, {**swift, **gain, **saturation, "weight": (0.1, 0.9)}, 0.15),
        space(Ludwik, {**base, "gain": (0.2, 8), "n": (0.2, 0.9)}, 0.08),
        # Linear hardening.
        space(Ludwik, {**base, "gain": (0.05, 4)}, 0.05, fixed={"n": 1.0}),
        # A plateau of yielding, as mild and normalised steels have it.
        space(Swift, {**swift, "plateau_strain": (0.003, 0.04)}, 0.10),
        # S-shaped: TRIP and metastable austenitic steels.
        space(OlsonCohen, {**swift, "gain": (0.3, 4), "alpha": (3, 12), "beta": (0.5, 3)}, 0.08),
        # Nearly perfectly plastic: cold-worked and irradiated metals.
        space(PowerLaw, {**base, "n": (0.0, 0.03)}, 0.04),
        # Of no law.
        space(FreeForm, {**base, **_RISES}, 0.08),
    ]


_DISCS = {
    "friction": (0.0, 0.5),
    "nu": (0.27, 0.36),
    "hole_edges": ("chamfer", "fillet"),
    "load_drop": 0.05,
    "max_stress_ratio": 0.016,
}

DESIGNS = {
    # The rig of EN 10371 within its tolerances.
    "discs_near": Design(
        name="disc",
        rig="EN10371",
        laws=_laws(_STEEL),
        thickness=(0.45, 0.55),
        tools={"hole_edge_size": (0.15, 0.25)},
        stroke=2.5,
        seed=10371,
        **_DISCS,
    ),
    # All lengths in proportion to the hole of 4 mm: the miniature disc of the standard lies inside, as thickness 0.57,
    # ball 2.29 and edge 0.46 mm.
    "discs_wide": Design(
        name="wide",
        rig=EN10371.replace(name="DISC", tolerances={}),
        laws=_laws(_METALS),
        thickness=(0.24, 0.76),
        tools={"punch_diameter": (2.2, 2.6), "hole_edge_size": (0.1, 0.5)},
        stroke=2.7,
        seed=3205,
        **_DISCS,
    ),
    # The range of Table I of arXiv 2506.17680: initial yield stress 20 to 1,893 MPa.
    "sheet_steel": Design(
        name="sheet",
        rig="SHEET",
        laws=[LawSpace(law=Swift, ranges={"K": (200, 3000), "n": (0.1, 0.5)}, fixed={"E": 70_000, "epsilon0": 0.01})],
        thickness=(1, 4),
        nu=0.35,
        stroke=3.0,
        seed=2506,
    ),
    # Thin, strong and hardening little: where all models err most.
    "sheet_corner": Design(
        name="corner",
        rig="SHEET",
        laws=[LawSpace(law=Swift, ranges={"K": (1800, 3000), "n": (0.1, 0.2)}, fixed={"E": 70_000, "epsilon0": 0.01})],
        thickness=(1, 1.6),
        nu=0.35,
        stroke=3.0,
        seed=4500,
    ),
}
