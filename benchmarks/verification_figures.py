"""The figures of the page on verification, from the results that benchmarks.verification has kept.

    python -m benchmarks.verification_figures   # some seconds; simulates nothing that is kept

That of benchmarks.correlations is written by that command itself.
"""

from typing import Any

import numpy as np

from . import verification as v
from ._figures import STYLES, save, subplots
from ._verification_models import CONE_DEPTH, TIP_FORCES
from ._verification_runs import CROSS_CHECKED, MATERIALS, compared, run


def plain(style: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in style.items() if key != "marker"}


def elastic() -> None:
    figure, axes = subplots(1, 2)
    ax = axes[0, 0]
    hertz = v.hertz()
    u = 1000 * np.array(hertz["displacement"])
    ax.plot(u, hertz["reference"], **plain(STYLES[0]), label="Hertz")
    ax.plot(u, hertz["load"], "o", color=STYLES[1]["color"], fillstyle="none", label="simulated")
    ax.set_xlabel("approach, µm")
    ax.set_ylabel("load, N")
    ax.legend(title="ball on an elastic block", fontsize=8, title_fontsize=8)
    ax = axes[0, 1]
    plates = [v.plate(h) for h in v.PLATES]
    for key, label, style in (
        ("thin plate", "over the thin plate's", STYLES[0]),
        ("with shear", "over that with shear", STYLES[1]),
    ):
        ax.plot(v.PLATES, [p["stiffness"] / p[key] for p in plates], **style, label=label)
    ax.axhline(1, color="0.4", linewidth=0.8)
    ax.set_ylim(0.85, 1.05)
    ax.set_xlabel("thickness of the plate, mm")
    ax.set_ylabel("stiffness, simulated / closed form")
    ax.legend(title="clamped plate, radius 6.5 mm", fontsize=8, title_fontsize=8, loc="lower left")
    save(figure, "elastic")


def indentation() -> None:
    figure, axes = subplots(1, 2)
    ax = axes[0, 0]
    aster = v.aster()
    u, load, tip = (np.array(aster[key]) for key in ("displacement", "load", "tip"))
    own = v.cone("")
    label = "embedded solver, quadratic elements"
    ax.plot(own["displacement"], np.array(own["load"]) / 1000, **plain(STYLES[0]), label=label)
    ax.plot(u, load / 1000, **plain(STYLES[1]), label="CalculiX, code_aster's mesh, linear elements")
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


TENSION = ("strain", "stress", "law", "law at the plastic strain")


def tension() -> None:
    figure, axes = subplots(1, 2)
    shown = [name for name in MATERIALS if name != "sheet K=600"]
    for label, style in zip(shown, STYLES, strict=True):
        bar = v.tension(label, min(v.INCREMENTS))
        strain, stress, law, plastic = (np.array(bar[key]) for key in TENSION)
        axes[0, 0].plot(strain, law, **plain(style), label=label)
        axes[0, 0].plot(strain[3::6], stress[3::6], style["marker"], color=style["color"], markersize=4)
        axes[0, 1].plot(strain, 100 * (stress / plastic - 1), **plain(style))
        axes[0, 1].plot(strain, 100 * (stress / law - 1), **plain(style), alpha=0.5)
    axes[0, 0].set_ylabel("stress, MPa")
    axes[0, 0].set_ylim(0, 3000)  # room for the legend
    axes[0, 1].set_ylabel("simulated stress above the law's, %")
    axes[0, 1].set_title("dark: at equal plastic strain; pale: at equal strain", fontsize=8)
    axes[0, 0].legend(title="lines: law; markers: simulated stress", fontsize=7, title_fontsize=7, loc="upper left")
    for ax in axes.flat:
        ax.set_xlabel("true strain")
    save(figure, "tension")


def choices() -> None:
    """Differences over the displacement for one specimen of each kind."""
    shown = [c for c in v.CHOICES if c[0] in CHOICES_SHOWN]
    figure, axes = subplots(2, 2, height=2.9)
    for ax, specimen in zip(axes.flat, v.FEW, strict=True):
        ax.axhspan(-0.1, 0.1, color="0.88", label="± 0.1 %")
        for (label, changes, _), style in zip(shown, STYLES, strict=False):
            part = compared(run(specimen, **changes), run(specimen))
            error = 100 * (part["load"] - part["reference"]) / part["reference"].max()
            ax.plot(part["u"], error, **plain(style), label=label, linewidth=1)
        ax.set_title(str(specimen), fontsize=9)
        ax.set_xlabel("displacement, mm")
        ax.set_ylabel("change of the load, % of Fm")
    axes[0, 0].legend(fontsize=7)
    save(figure, "choices")


CHOICES_SHOWN = ("elements smaller by 1.5", "increments halved", "contact 4 times as stiff")


def calculix() -> None:
    figure, axes = subplots(2, 3, height=2.9, width=3.6)
    for ax, specimen in zip(axes.flat, CROSS_CHECKED, strict=False):
        *coarser, fine = v.cross(specimen)
        curves = [("embedded", run(specimen)), ("embedded, CalculiX's contact", v.soft(specimen))]
        ax.axhline(0, color="0.4", linewidth=0.8)
        for (label, curve), style in zip(curves, STYLES, strict=False):
            part = compared(fine, curve)
            error = 100 * (part["reference"] - part["load"]) / part["load"].max()
            ax.plot(part["u"], error, **plain(style), label=label, linewidth=1)
        if coarser:
            part = compared(coarser[-1], fine)
            error = 100 * (part["load"] - part["reference"]) / part["reference"].max()
            ax.plot(part["u"], error, **plain(STYLES[2]), label="CalculiX, increments doubled", linewidth=1)
        ax.set_title(str(specimen), fontsize=9)
        ax.set_xlabel("displacement, mm")
        ax.set_ylabel("above CalculiX, %")
        ax.set_ylim(-1.2, 1.2)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[1, 2].axis("off")
    axes[1, 2].legend(handles, labels, fontsize=8, loc="center")
    save(figure, "calculix")


def friction() -> None:
    figure, axes = subplots(1, 2)
    for ax, specimen in zip(axes.flat, v.RUBBED, strict=True):
        for value, style in zip(v.FRICTIONS, STYLES, strict=True):
            curve = run(specimen, friction=value)
            ax.plot(curve["displacement"], np.array(curve["load"]) / 1000, **plain(style), label=f"{value:g}")
        ax.set_title(str(specimen), fontsize=9)
        ax.set_xlabel("displacement, mm")
        ax.set_ylabel("load, kN")
        ax.legend(title="friction", fontsize=8, title_fontsize=8, loc="upper left")
    save(figure, "friction")


def energy() -> None:
    figure, axes = subplots(1, 1, width=6.6, height=2.4)
    ax = axes[0, 0]
    labels = []
    parts = (("plastic", "0.75", ""), ("elastic", "0.45", "//"), ("friction", "white", ".."), ("penalty", "black", ""))
    for place, (specimen, stroke, value) in enumerate(v.ENERGIES):
        found = v.energy(specimen, stroke, value)
        left = 0.0
        for part, face, hatch in parts:
            share = 100 * found[part] / found["external"]
            style = {"color": face, "hatch": hatch, "edgecolor": "black", "linewidth": 0.6}
            ax.barh(place, share, left=left, label=part if place == 0 else None, **style)
            left += share
        labels.append(f"{specimen.rig}, friction {value:g}")
    ax.set_yticks(range(len(labels)), labels, fontsize=8)
    ax.set_xlim(94, 100.2)
    ax.set_xlabel("share of the punch's work, % (the axis begins at 94)")
    ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    save(figure, "energy")


def main() -> None:
    for draw in (elastic, indentation, tension, choices, calculix, friction, energy):
        draw()


if __name__ == "__main__":
    main()
