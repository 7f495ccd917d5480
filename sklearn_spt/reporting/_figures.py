"""The pictures of a report as SVG to be put into the page, with what they say in words, `alt`."""

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from markupsafe import Markup

from ..curves import SPTCurve
from ..evaluation._result import Band, differ
from ..inspection import CharacteristicDisplay
from ..mechanics import CharacteristicQuantities, TensileProperties, engineering_curve

_SIZE = (5.4, 3.7)  # inches; half the width of a wide window, and all of a telephone's
_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.grid": True,
    "axes.grid.axis": "both",
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 7.5,
    # Letters as outlines: the page looks the same where a font is missing.
    "svg.fonttype": "path",
    "path.simplify": True,
}


def check_matplotlib() -> None:
    """Raise ImportError, with the remedy, where matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ImportError('the page of a report needs matplotlib: pip install "sklearn-spt[plot]"') from None


def load_displacement(
    measured: SPTCurve,
    corrected: SPTCurve,
    whole: SPTCurve,
    quantities: CharacteristicQuantities,
    region: str,
    *,
    identity: str,
    alt: str,
) -> Markup:
    """Measured and corrected curve with the construction of the characteristic quantities.

    `whole` is the curve that these were read off: the corrected one before it was cut or smoothed.
    """

    def draw(ax: Any) -> None:
        # A name may hold what matplotlib takes for a formula; the page names the specimen anyway.
        display = CharacteristicDisplay(whole.replace(name=None), quantities).plot(ax=ax, region=region)
        limits = ax.axis()
        if differ(corrected, whole):
            # Broad and below the thin line, so that what was cut off and smoothed away is seen.
            ax.plot(
                *corrected.monotonic(), color="0.75", linewidth=4.5, solid_capstyle="butt", label="given to the model",
                zorder=0.5,
            )  # fmt: skip
            display.line_.set_linewidth(1.0)
        if differ(measured, whole):
            display.line_.set_label("corrected curve")
            ax.plot(
                *measured.monotonic(),
                color="0.45",
                linewidth=1,
                linestyle=(0, (1, 1)),
                label="measured curve",
                zorder=1,
            )
        ax.axis(limits)
        ax.legend(loc="lower right", framealpha=0.9)

    return _svg(draw, identity, alt)


def curve_alone(curve: SPTCurve, *, identity: str, alt: str) -> Markup:
    """The measured curve, where nothing could be read off it."""

    def draw(ax: Any) -> None:
        ax.plot(*curve.monotonic(), color="0.25", linewidth=1.6)
        ax.set(xlabel="displacement, mm", ylabel="load, N")

    return _svg(draw, identity, alt)


def stress_strain(
    strain: np.ndarray,
    stress: np.ndarray,
    properties: TensileProperties | None,
    modulus: float | None,
    band: Band | None,
    *,
    identity: str,
    alt: str,
) -> Markup:
    """The predicted curve and its band, with the engineering one up to the maximum force and what was read off it."""

    def draw(ax: Any) -> None:
        highest = stress.max()
        if band is not None:
            # Of a lower bound all that lies above it.
            upper = np.where(np.isfinite(band.upper), band.upper, 2 * highest)
            label = f"band of {100 * band.confidence:g} %"
            ax.fill_between(strain, band.lower, upper, color="0.88", linewidth=0, label=label, zorder=1)
            highest = max(highest, band.upper.max(where=np.isfinite(band.upper), initial=0.0))
        ax.plot(strain, stress, color="0.1", linewidth=1.8, label="true stress, predicted", zorder=2)
        if properties is not None:
            end = properties.necking_strain
            e, s = engineering_curve(strain, stress)
            uniform = strain <= (np.inf if np.isnan(end) else end)
            ax.plot(
                e[uniform], s[uniform], color="C0", linestyle="--", linewidth=1.4, label="engineering stress", zorder=2
            )
            style = {"markeredgecolor": "black", "markersize": 7, "zorder": 4, "linestyle": "none"}
            proof, tensile = properties.proof_stress, properties.tensile_strength
            if modulus is not None and not np.isnan(proof):
                ax.plot(0.002 + proof / modulus, proof, "o", color="C1", label=f"Rp0.2 = {proof:.1f} MPa", **style)
            if not np.isnan(tensile):
                at = properties.total_uniform_elongation
                ax.plot(
                    at, tensile, "D", color="C3", label=f"Rm = {tensile:.1f} MPa at Agt = {100 * at:.1f} %", **style
                )
        ax.set(xlabel="strain", ylabel="stress, MPa", xlim=(0, None), ylim=(0, 1.08 * highest))
        ax.legend(loc="lower right", framealpha=0.9)

    return _svg(draw, identity, alt)


def _svg(draw: Callable[[Any], None], identity: str, alt: str) -> Markup:
    check_matplotlib()
    import matplotlib
    from matplotlib import style
    from matplotlib.figure import Figure

    # Neither the user's settings nor chance (the salt of the identities) changes the picture.
    with style.context("default"), matplotlib.rc_context(_STYLE | {"svg.hashsalt": identity}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        draw(figure.subplots())
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _for_page(file.getvalue(), identity, alt)


def _for_page(svg: str, identity: str, alt: str) -> Markup:
    """Without what belongs to a file of its own, and with identities that are those of this picture alone."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r'\bid="', f'id="{identity}-', svg)
    svg = re.sub(r'(?:xlink:)?href="#', f'href="#{identity}-', svg)
    svg = svg.replace("url(#", f"url(#{identity}-")
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None
    head = Markup('<svg {} role="img" aria-label="{}"><title>{}</title>').format(Markup(box[0]), alt, alt)
    # Line ends and coordinates make up half of the file.
    body = re.sub(r"\s*\n\s*", " ", svg[svg.index(">") + 1 :])
    return head + Markup(body.strip())
