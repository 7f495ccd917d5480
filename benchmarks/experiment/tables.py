"""Tables and figures of the result files."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import _figures
from .._record import record
from ..bundled import PROPERTIES
from .cells import FOLDER, read_results
from .protocols import CLEAN, CONDITIONS, PROTOCOLS, TOGETHER

PICTURES = Path(__file__).parents[2] / "docs" / "_static" / "experiment"
CUT = f"{TOGETHER}, record cut"
# What a part brings: the model with it, and the model without.
PARTS = {
    "training": ("network", "untrained"),
    "image": ("with-image", "network"),
    "second direction": ("network", "one-direction"),
    "attention (without: GRU)": ("network", "gru"),
    "sequence (without: fully connected)": ("network", "ann"),
    "network beside Gaussian processes": ("stack", "gaussian-processes"),
    "image, in the paper's network": ("paper-network", "paper-lstm"),
    "attention, in the paper's network": ("paper-network", "paper-gru"),
}
# Models with a line of their own in figures, as many as there are styles.
FEATURED = ("network", "gaussian-processes", "stack", "paper-network")

Rows = list[dict[str, Any]]


@dataclass
class Group:
    """Results that differ in the seed alone."""

    results: dict[int, dict[str, Any]]

    def __getattr__(self, name: str) -> Any:
        # What all of them have in common.
        return next(iter(self.results.values()))[name]

    def error(self, condition: str, kind: str, statistic: str, seeds: Iterable[int] | None = None) -> float:
        """Mean over the seeds; of the worst and the best curve that of all seeds."""
        seeds = self.results if seeds is None else seeds
        values = [self.results[seed]["errors"][condition][kind][statistic] for seed in seeds]
        return float({"worst": np.max, "best": np.min}.get(statistic, np.mean)(values))

    def cost(self, name: str) -> float | None:
        values = [result[name] for result in self.results.values()]
        if None in values:
            return None
        mean = float(np.mean(values))
        return round(mean) if isinstance(values[0], int) else round(mean, 3)

    @property
    def head(self) -> dict[str, Any]:
        """First columns of a row."""
        return {"model": self.model, "epochs": self.trained_epochs, "seeds": ", ".join(map(str, self.results))}


def gather(results: Iterable[dict[str, Any]]) -> dict[str, list[Group]]:
    """Groups of results by protocol.

    Raises
    ------
    ValueError
        If results of one protocol are of different curves: the set was made anew in between.
    """
    places: dict[str, dict[tuple, Group]] = defaultdict(dict)
    for result in sorted(results, key=lambda each: each["seed"]):
        place = result["protocol"]
        others = places[place].values()
        if others and next(iter(others)).hash != result["hash"]:
            raise ValueError(f"results of {place} are of different curves: remove the old ones and measure them anew")
        key = result["model"], result["train"], result["epochs"]
        places[place].setdefault(key, Group({})).results[result["seed"]] = result
    return {place: list(groups.values()) for place, groups in places.items()}


def whole(groups: list[Group]) -> list[Group]:
    """Those that were trained on all curves."""
    return [group for group in groups if group.train is None]


def clean_rows(groups: list[Group]) -> Rows:
    rows = [
        group.head
        | {f"{name} (MPa)": group.error(CLEAN, "MPa", name) for name in ("mean", "worst", "best")}
        | {"mean (%)": group.error(CLEAN, "%", "mean")}
        for group in whole(groups)
    ]
    return sorted(rows, key=lambda row: row["mean (MPa)"])


def laboratory_rows(groups: list[Group], names: Iterable[str]) -> Rows:
    """Mean error of the curves, %, under each condition."""
    groups = [group for group in whole(groups) if "%" in group.errors[CLEAN]]
    rows = [group.head | {name: group.error(name, "%", "mean") for name in names} for group in groups]
    return sorted(rows, key=lambda row: row[TOGETHER])


def property_rows(groups: list[Group]) -> Rows:
    def shown(group: Group, condition: str, name: str) -> str:
        unread = group.error(condition, name, "unread")
        return f"{group.error(condition, name, 'rms'):.3g}" + (f" ({unread:.3g} unread)" if unread else "")

    groups = sorted(whole(groups), key=lambda group: group.error(TOGETHER, "Rm", "rms"))
    places = [(condition, name) for condition in (CLEAN, TOGETHER, CUT) for name in PROPERTIES]
    return [
        group.head | {f"{name}, {condition}": shown(group, condition, name) for condition, name in places}
        for group in groups
    ]


def part_rows(places: dict[str, list[Group]]) -> Rows:
    """Models that differ in one thing, with as many epochs asked for, on the seeds that both have."""
    rows = []
    for place, groups in places.items():
        laboratory = PROTOCOLS[groups[0].protocol].laboratory
        condition, kind = (TOGETHER, "%") if laboratory else (CLEAN, "MPa")
        pairs = [(one, other) for one in whole(groups) for other in whole(groups)]
        for (what, names), (one, other) in ((part, pair) for part in PARTS.items() for pair in pairs):
            common = sorted(set(one.results) & set(other.results))
            # Epochs of no learning are no epochs.
            same = one.epochs == other.epochs or other.model == "untrained"
            if (one.model, other.model) != names or not same or not common:
                continue
            a, b = (group.error(condition, kind, "mean", common) for group in (one, other))
            rows.append(
                {
                    "part": what,
                    "protocol": f"{place}, {condition} ({kind})",
                    "epochs": one.trained_epochs,
                    "seeds": ", ".join(map(str, common)),
                    "with": a,
                    "without": b,
                    "change (%)": round(100 * (a / b - 1), 1),
                }
            )
    return rows


def curve_rows(groups: list[Group]) -> Rows:
    """Mean error over the number of training curves, of models that have several."""
    columns = dict.fromkeys(sorted({group.train_curves for group in groups}))
    rows: dict[Any, dict[Any, Any]] = {}
    for group in groups:
        row = rows.setdefault((group.model, group.epochs), {"model": group.model, **columns})
        row[group.train_curves] = group.error(CLEAN, "MPa", "mean")
    return [row for row in rows.values() if sum(value is not None for value in row.values()) > 2]


def cost_rows(places: dict[str, list[Group]]) -> Rows:
    columns = {
        "training curves": "train_curves",
        "minutes of training": "fit_minutes",
        "ms per curve": "milliseconds_per_curve",
        "numbers kept": "weights",
    }
    rows = [
        {"protocol": place} | group.head | {column: group.cost(name) for column, name in columns.items()}
        for place, groups in places.items()
        for group in whole(groups)
    ]
    return sorted(rows, key=lambda row: (row["protocol"], row["minutes of training"]))


def note(groups: list[Group]) -> str:
    """Curves, machines and days of results."""
    results = [result for group in groups for result in group.results.values()]
    machines = sorted({f"{result['machine']}, {result['threads']} thread(s)" for result in results})
    days = sorted({result["date"] for result in results})
    curves = sorted({f"{result['train_curves']} and {result['test_curves']}" for result in results})
    return f"Training and test curves: {'; '.join(curves)}. Measured on {', '.join(days)}: {'; '.join(machines)}."


def draw_conditions(place: str, groups: list[Group], folder: Path) -> None:
    """Errors under each condition, of the longest training of each featured model."""
    figure, axes = _figures.subplots(1, 1, width=7.0, height=4.2)
    longest = {group.model: group for group in sorted(whole(groups), key=lambda each: each.trained_epochs or 0)}
    for style, name in zip(_figures.STYLES, FEATURED, strict=True):
        if name in longest:
            epochs = longest[name].trained_epochs
            values = [longest[name].error(condition, "%", "mean") for condition in CONDITIONS]
            label = name if epochs is None else f"{name}, {epochs} epochs"
            axes[0, 0].plot(values, list(CONDITIONS), label=label, **{**style, "linestyle": ""})
    axes[0, 0].invert_yaxis()
    axes[0, 0].set(xlabel="mean error of a curve, %", xlim=(0, None))
    axes[0, 0].legend()
    _figures.save(figure, place, folder)


def draw_curves(rows: Rows, folder: Path) -> None:
    """Errors over the number of training curves."""
    figure, axes = _figures.subplots(1, 1, width=6.0)
    for style, row in zip(_figures.STYLES, rows, strict=False):
        known = [(n, value) for n, value in row.items() if n != "model" and value is not None]
        axes[0, 0].plot(*zip(*known, strict=True), label=row["model"], **style)
    axes[0, 0].set(xlabel="training curves", ylabel="mean error, MPa", xscale="log", yscale="log")
    axes[0, 0].legend()
    _figures.save(figure, "training-curves", folder)


def tabulate(folder: Path = FOLDER, pictures: Path = PICTURES) -> None:
    """Write all tables, those that nothing is measured for without rows, and the figures that there are results for."""
    places = gather(read_results(folder))
    everything = [group for groups in places.values() for group in groups]

    def table(name: str, title: str, rows: Rows, groups: list[Group]) -> None:
        command = "python -m benchmarks.experiment tables"
        record(f"experiment_{name}", title=title, rows=rows, note=note(groups), command=command)

    for place, what in (("sheets-clean", "a tenth of them held out"), ("sheets-corner", "the corner held out")):
        groups = places.get(place, [])
        table(place.replace("-", "_"), f"Clean sheets, {what}", clean_rows(groups), groups)
    known, unseen = (places.get(name, []) for name in ("discs-laboratory", "discs-unseen-law"))
    title = "Discs in a laboratory"
    table("laboratory", f"{title}: mean error of a curve, %", laboratory_rows(known, CONDITIONS), known)
    table("properties", f"{title}: root mean square of the errors, %", property_rows(known), known)
    title = "Discs of laws never seen: mean error of a curve, %"
    table("unseen_law", title, laboratory_rows(unseen, (CLEAN, TOGETHER, CUT)), unseen)
    if known:
        draw_conditions("discs-laboratory", known, pictures)
    table("parts", "What each part brings", part_rows(places), everything)
    sheets = places.get("sheets-clean", [])
    curves = curve_rows(sheets)
    table("training_curves", "Mean error (MPa) over the training curves, clean sheets", curves, sheets)
    if curves:
        draw_curves(curves, pictures)
    table("costs", "Costs", cost_rows(places), everything)
