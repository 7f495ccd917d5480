"""The picture of records and predicted curves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..curves import SPTCurve
from ..utils.files import atomic_path
from ._options import UsageError

if TYPE_CHECKING:
    from ..evaluation import Band

MAX_NAMED = 8
UNTRUSTED = "not to be trusted"


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError('pictures need matplotlib, which is not installed: pip install "sklearn-spt[plot]"') from None
    # Without pyplot: nothing global is touched and no screen is needed.
    return Figure(figsize=(9, 4), layout="constrained")


def check_picture(path: Path) -> None:
    formats = _figure().canvas.get_supported_filetypes()
    if path.suffix[1:].lower() not in formats:
        raise UsageError(f"{path}: a picture ends in one of {', '.join(f'.{suffix}' for suffix in sorted(formats))}")


def plot(
    path: Path,
    shown: Sequence[tuple[str, SPTCurve, np.ndarray, np.ndarray, bool]],
    known: tuple[np.ndarray, np.ndarray] | None = None,
    bands: "Sequence[Band | None]" = (),
) -> None:
    """Draw records and predicted curves: name, record, true strain and stress, and whether the curve may be trusted."""
    figure = _figure()
    left, right = figure.subplots(1, 2)
    several = len(shown) > 1
    record = "corrected" if any(curve.corrections for _, curve, *_ in shown) else "measured"
    doubtful = [name for name, *_, trusted in shown if not trusted]
    # Grey value and dash pattern both tell the curves apart, also on a black and white printer.
    dashes = ("-", "--", "-.", ":")
    for index, (name, curve, strain, stress, trusted) in enumerate(shown):
        shade = 0.6 * index / max(1, len(shown) - 1)
        style = {"color": str(shade), "linestyle": dashes[index % len(dashes)], "linewidth": 1.5}
        left.plot(curve.displacement, curve.load, **style, label=name)
        label = name if several else "predicted"
        if not trusted:
            # A red cross at the end stands for the words in the legend.
            style |= {"marker": "x", "markevery": [-1], "markeredgecolor": "red", "markersize": 9, "markeredgewidth": 2}
            label += f", {UNTRUSTED}"
        right.plot(strain, stress, **style, label=label)
        if index < len(bands) and (band := bands[index]) is not None:
            upper = np.where(np.isfinite(band.upper), band.upper, np.nan)
            right.fill_between(strain, band.lower, upper, color=str(shade), alpha=0.15, linewidth=0)
            right.plot(strain, band.lower, color=str(shade), linewidth=0.5)
    if known is not None:
        style = {"color": "0.2", "markerfacecolor": "white", "markersize": 4, "markevery": 5}
        right.plot(*known, "o", **style, label="known", zorder=3)
    title = "predicted" if several else "true stress-strain curve"
    left.set(xlabel="displacement (mm)", ylabel="load (N)", title=record if several or not shown else shown[0][0])
    right.set(xlabel="true strain", ylabel="true stress (MPa)", title=title)
    if doubtful:
        figure.suptitle(
            f"{UNTRUSTED}: {', '.join(doubtful[:MAX_NAMED])}{' ...' * (len(doubtful) > MAX_NAMED)}", color="red"
        )
    for axes in (left, right):
        axes.margins(y=0.08)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.locator_params(axis="x", nbins=5)
        axes.grid(color="0.9", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    if known is not None or doubtful or 1 < len(shown) <= MAX_NAMED:
        right.legend(frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150)
