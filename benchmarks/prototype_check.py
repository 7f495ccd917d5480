"""Curves of the prototype's data set simulated again with the shipped mesh, and the difference by part of the curve.

    python -m benchmarks.prototype_check   # about 5 minutes on one core

The prototype was computed with a coarse mesh of 8 x 36 linear elements; its description says that the loads lie 2 to
6 % above a refined mesh. Its first 20 complete curves are kept in results/prototype_curves.npz: their design is a Sobol
sequence, of which any first points fill the ranges. The softest and the strongest of the materials are simulated with
such a mesh as well, to see whether the elements explain the difference. Each run is kept in
benchmarks/results/verification; go on by calling the command again. CalculiX (ccx) must be installed.
"""

import sys
from typing import Any

import matplotlib
import numpy as np

from sklearn_spt.mechanics import Swift, sheet_steel_law
from sklearn_spt.simulation import MeshSettings, get_rig
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import build_model, default_numerics

from ._figures import save, subplots
from ._record import RESULTS, record
from ._verification_models import press
from ._verification_runs import TESTS, compared, read, simulated, write

FRICTION = 0.1
# The stated difference between the prototype's mesh and a refined one, %.
STATED = (2.0, 6.0)
# Displacements, mm, between which the curve is compared; before the first one the loads are near zero.
SOFT = 1000  # MPa
# As many rows and columns as the prototype had.
LINEAR_MESH = MeshSettings(rows=8, edge_size=0.1, coarse_size=0.3, growth=0.12, arc_segments=16)
PARTS = ((0.02, 0.15), (0.15, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 3.0))


Curve = dict[str, Any]


def prototype() -> list[Curve]:
    with np.load(RESULTS / "prototype_curves.npz") as file:
        arrays = dict(file)
    ends = arrays["offsets"]
    scalars = ("index", "thickness", "K", "n")
    return [
        {name: arrays[name][ends[i] : ends[i + 1]] for name in ("displacement", "load")}
        | {name: arrays[name][i] for name in scalars}
        for i in range(len(arrays["index"]))
    ]


def facts(curve: Curve) -> tuple[Swift, float]:
    law = sheet_steel_law(round(float(curve["K"]), 4), round(float(curve["n"]), 6))
    return law, round(float(curve["thickness"]), 6)


def shipped(curve: Curve) -> Curve:
    law, thickness = facts(curve)
    options = {**TESTS["SHEET"], "thickness": thickness, "friction": FRICTION}
    return simulated(f"prototype {curve['index']:04d}", law, get_rig("SHEET"), options)


def linear(curve: Curve) -> Curve:
    """The same test with as many linear, fully integrated elements as the prototype had."""
    name = f"prototype {curve['index']:04d} linear"
    kept = read(name)
    if kept is not None:
        return kept
    rig = get_rig("SHEET")
    law, thickness = facts(curve)
    model = build_model(rig, thickness, LINEAR_MESH)
    material = law_material(law, TESTS["SHEET"]["nu"])
    numerics = default_numerics(rig)
    stroke = TESTS["SHEET"]["stroke"]
    u, load, run, _ = press(model, material, stroke=stroke, friction=FRICTION, numerics=numerics, linear=True)
    return write(
        name,
        {"cpu_s": run.cpu_s, "columns": len(model.disc) // LINEAR_MESH.rows}
        | {"displacement": [0, *u.round(5).tolist()], "load": [0, *load.round(2).tolist()]},
    )


def difference(curve: Curve, reference: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Displacements, and the difference of the curve's load from the reference's, %."""
    part = compared(curve, reference, beyond=0.0)
    return part["u"][1:], 100 * (part["load"][1:] / part["reference"][1:] - 1)


def by_part(curve: Curve, reference: Curve) -> np.ndarray:
    """Mean difference in each part of the curve, %."""
    u, error = difference(curve, reference)
    return np.array([error[(u >= low) & (u <= high)].mean() for low, high in PARTS])


def draw(curves: list[Curve]) -> None:
    figure, axes = subplots(1, 1, width=6.6, height=4.0)
    ax = axes[0, 0]
    ax.axhspan(*STATED, color="0.85", label="2 to 6 %, as stated")
    strength = [float(curve["K"]) for curve in curves]
    shades = matplotlib.colors.Normalize(0, 3000)
    for curve, K in zip(curves, strength, strict=True):
        u, error = difference(curve, shipped(curve))
        at = u >= PARTS[0][0]
        ax.plot(u[at], error[at], color=matplotlib.colormaps["cividis"](shades(K)), linewidth=1.2)
    ax.set_xlim(0, 3)
    ax.set_xlabel("displacement, mm")
    ax.set_ylabel("prototype's load above the shipped mesh's, %")
    ax.legend(fontsize=8, loc="upper left")
    colours = matplotlib.cm.ScalarMappable(shades, matplotlib.colormaps["cividis"])
    figure.colorbar(colours, ax=ax, label="strength coefficient K, MPa")
    save(figure, "prototype")


def main() -> int:
    curves = prototype()
    table = np.array([by_part(curve, shipped(curve)) for curve in curves])
    soft = np.array([curve["K"] < SOFT for curve in curves])
    low, high = STATED
    rows = []
    for k, (start, end) in enumerate(PARTS):
        values = table[:, k]
        rows.append(
            {
                "displacement, mm": f"{start:g} to {end:g}",
                "lowest, %": round(float(values.min()), 2),
                "median, %": round(float(np.median(values)), 2),
                "highest, %": round(float(values.max()), 2),
                f"median of the {soft.sum()} with K < {SOFT}, %": round(float(np.median(values[soft])), 2),
                "median of the others, %": round(float(np.median(values[~soft])), 2),
                f"curves below {low:g} %": int((values < low).sum()),
                f"curves in {low:g} to {high:g} %": int(((values >= low) & (values <= high)).sum()),
                f"curves above {high:g} %": int((values > high).sum()),
            }
        )
    draw(curves)
    path = record(
        "prototype_check",
        title=f"Load of {len(curves)} curves of the prototype, against the same tests with the shipped mesh",
        rows=rows,
        note="Mean difference of each curve over the part.",
        packages=("matplotlib",),
    )
    print(f"wrote {path}")
    rows = []
    order = np.argsort([curve["K"] for curve in curves])
    for curve in (curves[order[0]], curves[order[-1]]):
        coarse = linear(curve)
        for k, (start, end) in enumerate(PARTS):
            rows.append(
                {
                    "K, MPa": round(float(curve["K"])),
                    "n": round(float(curve["n"]), 2),
                    "h0, mm": round(float(curve["thickness"]), 2),
                    "displacement, mm": f"{start:g} to {end:g}",
                    "prototype above shipped mesh, %": round(by_part(curve, shipped(curve))[k], 2),
                    "linear elements above shipped mesh, %": round(by_part(coarse, shipped(curve))[k], 2),
                }
            )
    path = record(
        "prototype_elements",
        title=f"Load with {LINEAR_MESH.rows} × {coarse['columns']} linear elements, and the prototype's",
        rows=rows,
        command="python -m benchmarks.prototype_check",
    )
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
