"""The figures of the page on verification, from the results that benchmarks.verification has kept.

    python -m benchmarks.verification_figures   # some seconds; simulates nothing

Those of benchmarks.correlations and benchmarks.prototype_check are written by these commands themselves.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ._figures import STYLES, save, subplots
from ._verification_models import CONE_DEPTH, TIP_FORCES
from ._verification_runs import compared, read
from .verification import ENERGIES, FRICTIONS, LAWS, MESHES, PLATES, VARIED, to_maximum

# What the mesh is allowed to change, % of the load.
MESH_LIMIT = 1.5


def kept(name: str) -> dict[str, Any]:
    result = read(name)
    if result is None:
        raise SystemExit(f"there is no result {name!r}: run python -m benchmarks.verification first")
    return result


def spt_run(
    rig: str, material: str, h: float, *, mu: float = 0.1, mesh: float = 1.0, k: float = 1.0, dt: float = 1.0
) -> dict[str, Any]:
    return kept(f"{rig} {material} h={h:g} mu={mu:g} mesh={mesh:g} k={k:g} dt={dt:g}")


def plain(style: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in style.items() if key != "marker"}


def elastic() -> None:
    figure, axes = subplots(1, 2)
    ax = axes[0, 0]
    hertz = kept("hertz")
    u = 1000 * np.array(hertz["displacement"])
    ax.plot(u, hertz["reference"], **plain(STYLES[0]), label="Hertz")
    ax.plot(u, hertz["load"], "o", color=STYLES[1]["color"], fillstyle="none", label="simulated")
    ax.set_xlabel("approach, µm")
    ax.set_ylabel("load, N")
    ax.legend(title="ball on an elastic block", fontsize=8, title_fontsize=8)
    ax = axes[0, 1]
    plates = [kept(f"plate h={h:g}") for h in PLATES]
    for key, label, style in (
        ("thin plate", "over the thin plate's", STYLES[0]),
        ("with shear", "over that with shear", STYLES[1]),
    ):
        ax.plot(PLATES, [p["stiffness"] / p[key] for p in plates], **style, label=label)
    ax.axhline(1, color="0.4", linewidth=0.8)
    ax.set_ylim(0.85, 1.05)
    ax.set_xlabel("thickness of the plate, mm")
    ax.set_ylabel("stiffness, simulated / closed form")
    ax.legend(title="clamped plate, radius 6.5 mm", fontsize=8, title_fontsize=8)
    save(figure, "elastic")


def indentation() -> None:
    figure, axes = subplots(1, 2)
    ax = axes[0, 0]
    aster = kept("cone code_aster")
    u, load, tip = (np.array(aster[key]) for key in ("displacement", "load", "tip"))
    own = kept("cone")
    ax.plot(u, load / 1000, **plain(STYLES[1]), label="code_aster's mesh, linear elements")
    ax.plot(own["displacement"], np.array(own["load"]) / 1000, **plain(STYLES[0]), label="own mesh, quadratic elements")
    ax.set_xlabel("displacement of the cone, mm")
    ax.set_ylabel("load, kN")
    ax.legend(fontsize=8)
    ax = axes[0, 1]
    ax.plot(u, tip, **plain(STYLES[1]), label="CalculiX, code_aster's mesh")
    ax.plot(list(TIP_FORCES), list(TIP_FORCES.values()), "kx", markersize=8, markeredgewidth=2, label="code_aster")
    ax.set_xlim(0, 1.05 * CONE_DEPTH)
    ax.set_ylim(0, None)
    ax.set_xlabel("displacement of the cone, mm")
    ax.set_ylabel("force on the tip's node, N/rad")
    ax.legend(fontsize=8, loc="lower left")
    save(figure, "indentation")


def tension() -> None:
    figure, axes = subplots(1, 2)
    for (label, _), style in zip(list(LAWS.items())[:4], STYLES, strict=True):
        bar = kept(f"tension {label} dt=0.005".replace(",", ""))
        strain, stress, law = (np.array(bar[key]) for key in ("strain", "stress", "law"))
        axes[0, 0].plot(strain, law, **plain(style), label=label)
        axes[0, 0].plot(strain[3::6], stress[3::6], style["marker"], color=style["color"], markersize=4)
        axes[0, 1].plot(strain, 100 * (stress / law - 1), **plain(style), label=label)
    axes[0, 0].set_ylabel("true stress, MPa")
    axes[0, 0].set_ylim(0, 2800)  # room for the legend
    axes[0, 1].set_ylabel("simulated stress above the law's, %")
    axes[0, 0].legend(title="lines: law; markers: simulated", fontsize=7, title_fontsize=7, loc="upper left")
    for ax in axes.flat:
        ax.set_xlabel("true strain")
    save(figure, "tension")


def difference(ax: Any, curve: dict[str, Any], reference: dict[str, Any], style: dict[str, Any], label: str) -> None:
    part = to_maximum(compared(curve, reference))
    ax.plot(part["u"], 100 * (part["load"] / part["reference"] - 1), **plain(style), label=label)


def panels(specimens: Iterable[tuple[str, str, float]]) -> tuple[Any, Any]:
    figure, axes = subplots(2, 2, height=2.9)
    for ax, (rig, material, h) in zip(axes.flat, specimens, strict=True):
        ax.set_title(f"{rig}, {material}, {h:g} mm", fontsize=9)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.set_xlabel("displacement, mm")
        ax.set_ylabel("difference of the load, %")
    return figure, axes


def mesh() -> None:
    figure, axes = panels(VARIED)
    for ax, (rig, material, h) in zip(axes.flat, VARIED, strict=True):
        coarser, shipped, finest = MESHES[rig]
        reference = spt_run(rig, material, h, mesh=finest)
        ax.axhspan(-MESH_LIMIT, MESH_LIMIT, color="0.88", label=f"± {MESH_LIMIT:g} %")
        for factor, label, style in ((coarser, "coarser mesh", STYLES[1]), (shipped, "shipped mesh", STYLES[0])):
            difference(ax, spt_run(rig, material, h, mesh=factor), reference, style, label)
        ax.set_ylim(-2.5, 4.5)
    axes[0, 0].legend(fontsize=8)
    save(figure, "mesh")


def numerics() -> None:
    figure, axes = panels(VARIED)
    for ax, (rig, material, h) in zip(axes.flat, VARIED, strict=True):
        reference = spt_run(rig, material, h)
        changes = (({"k": 0.5}, "contact half as stiff"), ({"k": 2.0}, "contact twice as stiff"))
        for (change, label), style in zip((*changes, ({"dt": 0.5}, "increments halved")), STYLES, strict=False):
            difference(ax, spt_run(rig, material, h, **change), reference, style, label)
        ax.set_ylim(-2.2, 2.2)
    axes[0, 0].legend(fontsize=8)
    save(figure, "numerics")


def friction() -> None:
    figure, axes = subplots(1, 2)
    for ax, rig in zip(axes.flat, MESHES, strict=True):
        material, h = next(s[1:] for s in VARIED if s[0] == rig)
        for value, style in zip(FRICTIONS, STYLES, strict=True):
            curve = spt_run(rig, material, h, mu=value)
            ax.plot(curve["displacement"], np.array(curve["load"]) / 1000, **plain(style), label=f"{value:g}")
        ax.set_title(f"{rig}, {material}, {h:g} mm", fontsize=9)
        ax.set_xlabel("displacement, mm")
        ax.set_ylabel("load, kN")
        ax.legend(title="friction", fontsize=8, title_fontsize=8, loc="upper left")
    save(figure, "friction")


def energy() -> None:
    figure, axes = subplots(1, 1, width=6.6, height=2.4)
    ax = axes[0, 0]
    labels = []
    for place, (rig, material, _, _, value) in enumerate(ENERGIES):
        result = kept(f"energy {rig} {material} mu={value:g}")
        left = 0.0
        for part, face, hatch in (("plastic", "0.75", ""), ("elastic", "0.45", "//"), ("rest", "white", "")):
            share = 100 * result[part] / result["external"]
            ax.barh(
                place,
                share,
                left=left,
                color=face,
                hatch=hatch,
                edgecolor="black",
                linewidth=0.6,
                label=part if place == 0 else None,
            )
            left += share
        labels.append(f"{rig}, friction {value:g}")
    ax.set_yticks(range(len(labels)), labels, fontsize=8)
    ax.set_xlim(94, 100.2)
    ax.set_xlabel("share of the punch's work, % (the axis begins at 94)")
    ax.legend(fontsize=8, loc="lower left")
    save(figure, "energy")


def main() -> None:
    for draw in (elastic, indentation, tension, mesh, numerics, friction, energy):
        draw()


if __name__ == "__main__":
    main()
