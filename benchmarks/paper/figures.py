"""The figures of the experiment's page, from the results and the sets alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._figures import save, subplots
from .models import DISTURBED, FEATURED, MODELS, VARIANTS, WINNER
from .protocols import FAULTS, SIZES, UNDISTURBED, random_split
from .sets import Loaded
from .tables import Results, under_condition

# Told apart in grey: by lightness, dashes and markers.
STYLES: tuple[dict[str, Any], ...] = tuple(
    {"color": color, "linestyle": line, "marker": marker, "markersize": 4.5, "linewidth": 1.4}
    for color, line, marker in (
        ("#08306b", "-", "o"),
        ("#e6550d", "--", "s"),
        ("#74a9cf", "-.", "^"),
        ("#31a354", ":", "D"),
        ("0.45", "-", "v"),
        ("#762a83", "--", "x"),
        ("#b8860b", "-.", "P"),
        ("0.1", ":", "*"),
    )
)
MOST = len(STYLES)


def kinds(results: Results, protocol: str) -> list[str]:
    """The models with a result, the best first, without variants of the winner, which take the place of others."""
    return [model for model in results.ranked(protocol) if model not in VARIANTS]


def featured(results: Results, protocol: str, most: int = MOST) -> list[str]:
    """Models for a figure: those of FEATURED and then the best, as many as there are results and styles for."""
    there = kinds(results, protocol)
    # The winner, the best of all and the paper's five have their place; the rest of FEATURED fills up.
    first = [model for model in (WINNER, *there[:2], *FEATURED) if model in there]
    return list(dict.fromkeys([*first, *there]))[:most]


def line(style: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in style.items() if not key.startswith("marker")}


def samples(name: str, loaded: Loaded, indices: np.ndarray, folder: Path) -> Path:
    """Load-displacement and stress-strain curves of a part of the set, shaded by the stress at the last strain."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    # All curves are a black area; every tenth of 5,000 shows them.
    shown = indices[:: max(1, len(indices) // 150)]
    figure, axes = subplots(1, 2)
    norm = Normalize(0, loaded.stress[:, -1].max())
    mappable = ScalarMappable(norm, "cividis")
    for i in shown:
        color = mappable.to_rgba(loaded.stress[i, -1])
        curve = loaded.curves[i]
        axes[0, 0].plot(curve.displacement, curve.load / 1000, color=color, linewidth=0.5)
        axes[0, 1].plot(loaded.strain, loaded.stress[i], color=color, linewidth=0.5)
    axes[0, 0].set(xlabel="displacement, mm", ylabel="load, kN")
    axes[0, 1].set(xlabel="true strain", ylabel="true stress, MPa")
    figure.suptitle(f"{len(shown)} of the {len(indices):,} curves", fontsize=9)
    figure.colorbar(mappable, ax=axes[0, 1], label=f"stress at {loaded.strain[-1]:g}, MPa")
    return save(figure, name, folder)


def four_samples(results: Results, strain: np.ndarray, folder: Path) -> Path:
    """Predictions of several models for the same test samples."""
    models = featured(results, "sheet_random")
    first = results.first(models[0], "sheet_random")
    assert first is not None
    shown = {(p["which"], p["curve"]): p for p in first["pictured"] if p["which"].endswith("MPa")}
    figure, axes = subplots(2, len(shown), width=3.2, height=2.7)
    for column, ((which, curve), sample) in enumerate(shown.items()):
        true = np.array(sample["true"])
        top, bottom = axes[0, column], axes[1, column]
        top.plot(strain, true, color="0.75", linewidth=5, label="true")
        for model, style in zip(models, STYLES, strict=False):
            own = results.first(model, "sheet_random")
            assert own is not None
            predicted = next(
                (p["predicted"] for p in own["pictured"] if (p["which"], p["curve"]) == (which, curve)), None
            )
            if predicted is not None:
                error = np.array(predicted) - true
                top.plot(strain, predicted, **line(style), label=model)
                bottom.plot(strain, error, **line(style))
        top.set_title(curve, fontsize=8)
        bottom.set_yscale("symlog", linthresh=1)
        bottom.set_xlabel("true strain")
    limit = max(max(np.abs(ax.get_ylim())) for ax in axes[1])
    for ax in axes[1]:
        ax.set_ylim(-limit, limit)
    axes[0, 0].set_ylabel("true stress, MPa")
    axes[1, 0].set_ylabel("error, MPa (linear within ±1)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=8)
    return save(figure, "figure_5", folder)


def best_median_worst(results: Results, strain: np.ndarray, folder: Path) -> Path:
    """True and predicted curve with the least, the median and the greatest error: of the winner and the best other."""
    ranked = kinds(results, "sheet_random")
    models = list(dict.fromkeys([model for model in (WINNER, *ranked) if model in ranked]))[:2]
    figure, axes = subplots(len(models), 3, width=3.4, height=2.9)
    for row, model in enumerate(models):
        own = results.first(model, "sheet_random")
        assert own is not None
        for ax, which in zip(axes[row], ("best", "median", "worst"), strict=True):
            sample = next(p for p in own["pictured"] if p["which"] == which)
            ax.plot(strain, sample["true"], color="0.7", linewidth=4, label="true")
            ax.plot(strain, sample["predicted"], "k--", linewidth=1.2, label="predicted")
            ax.set_title(f"{model}, {which}: {sample['curve']}, {sample['mae']:.3g} MPa", fontsize=8)
        axes[row, 0].set_ylabel("true stress, MPa")
    for ax in axes[-1]:
        ax.set_xlabel("true strain")
    axes[0, 0].legend(fontsize=8)
    return save(figure, "best_median_worst", folder)


def errors(results: Results, folder: Path) -> Path:
    """Share of the test curves below an error."""
    figure, axes = subplots(1, 1, width=6.4, height=4)
    ax = axes[0, 0]
    for model, style in zip(featured(results, "sheet_random"), STYLES, strict=False):
        mae = np.sort(np.concatenate([result["mae"] for result in results.of(model, "sheet_random")]))
        share = 100 * np.arange(1, len(mae) + 1) / len(mae)
        every = max(1, len(mae) // 8)
        ax.plot(mae, share, **style, markevery=every, label=model)
    ax.set(xscale="log", xlabel="mean absolute error of a test curve, MPa", ylabel="test curves with less, %")
    ax.set_ylim(0, 101)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    return save(figure, "errors", folder)


def losses(results: Results, folder: Path) -> Path:
    """Loss per epoch of the networks."""
    models = [
        model
        for model in featured(results, "sheet_random", len(MODELS))
        if any(result["histories"] for result in results.of(model, "sheet_random"))
    ][:MOST]
    figure, axes = subplots(1, 1, width=6.4, height=4)
    ax = axes[0, 0]
    for model, style in zip(models, STYLES, strict=False):
        history = next(result["histories"][0] for result in results.of(model, "sheet_random") if result["histories"])
        epochs = np.arange(1, len(history) + 1)
        ax.plot(epochs, [epoch["train_loss"] for epoch in history], **line(style), label=f"{model}, training")
        if "valid_loss" in history[0]:
            held_out = [epoch["valid_loss"] for epoch in history]
            ax.plot(epochs, held_out, **{**line(style), "linewidth": 0.8}, label=f"{model}, validation", alpha=0.7)
    ax.set(xscale="log", yscale="log", xlabel="epoch", ylabel="loss (scaled targets, no unit)")
    ax.legend(fontsize=8)
    return save(figure, "losses", folder)


def efficiency(results: Results, folder: Path) -> Path:
    """Error over the number of training curves."""
    figure, axes = subplots(1, 2, width=4.8, height=3.8)
    protocols = [*(f"sheet_train_{n}" for n in SIZES), "sheet_random"]
    for model, style in zip(featured(results, "sheet_random"), STYLES, strict=False):
        firsts = {protocol: results.first(model, protocol) for protocol in protocols}
        n = [result["train_curves"] for result in firsts.values() if result]
        for ax, key in zip(axes[0], ("mean", "max"), strict=True):
            ax.plot(n, [results.value(model, p, key) for p, result in firsts.items() if result], **style, label=model)
    ticks = sorted({int(x) for drawn in axes[0, 0].lines for x in drawn.get_xdata()})
    for ax, label in zip(axes[0], ("mean", "greatest"), strict=True):
        ax.set(xscale="log", yscale="log", xlabel="training curves", ylabel=f"{label} MAE of the test curves, MPa")
        ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        ax.minorticks_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8)
    return save(figure, "efficiency", folder)


def laboratory(results: Results, data: str, folder: Path) -> Path | None:
    """Error over the size of each fault: above for models trained on unperturbed curves, below on perturbed copies."""
    protocols = f"{data}_random", f"{data}_augmented"
    models = [model for model in DISTURBED if any(results.of(model, protocol) for protocol in protocols)]
    if not models:
        return None
    figure, axes = subplots(2, len(FAULTS), width=2.7, height=2.7)
    for row, protocol in zip(axes, protocols, strict=True):
        for ax, fault in zip(row, FAULTS.values(), strict=True):
            names = [UNDISTURBED, *(f"{fault.label} {size:g} {fault.unit}" for size in fault.sizes)]
            for model, style in zip(models, STYLES, strict=False):
                values: Sequence[float | None] = [under_condition(results, model, protocol, name) for name in names]
                if None not in values:
                    ax.plot([0, *fault.sizes], values, **style, label=model)
            ax.set_yscale("log")
            ax.set_xlabel(f"{fault.label}, {fault.unit}")
    axes[0, 0].set_ylabel("trained as simulated:\nmean MAE, MPa")
    axes[1, 0].set_ylabel("trained on perturbed copies:\nmean MAE, MPa")
    drawn = [ax.get_ylim() for ax in axes.flat if ax.lines]
    for ax in axes.flat:
        if drawn:
            ax.set_ylim(min(low for low, _ in drawn), max(high for _, high in drawn))
        if not ax.lines:
            ax.text(0.5, 0.5, "not run", transform=ax.transAxes, ha="center")
    entries = {drawn.get_label(): drawn for ax in axes.flat for drawn in ax.lines}
    there = [model for model in models if model in entries]
    figure.legend([entries[model] for model in there], there, loc="outside lower center", ncols=6, fontsize=8)
    return save(figure, f"conditions_{data}", folder)


def draw(measured: list[dict[str, Any]], sets: dict[str, Loaded], folder: Path) -> None:
    """Draw all figures that there are results for into `folder`; those of results that are gone are removed."""
    results = Results(measured)
    sheet = sets["sheet"]
    train, test = random_split(sheet, 0)
    drawn = [samples("figure_3", sheet, train, folder), samples("figure_4", sheet, test, folder)]
    if results.ranked("sheet_random"):
        drawn += [
            four_samples(results, sheet.strain, folder),
            best_median_worst(results, sheet.strain, folder),
            errors(results, folder),
            efficiency(results, folder),
        ]
    if any(result["histories"] for result in measured if result["protocol"] == "sheet_random"):
        drawn.append(losses(results, folder))
    drawn += filter(None, [laboratory(results, data, folder) for data in sets])
    for path in set(folder.glob("*.png")) - set(drawn):
        path.unlink()
