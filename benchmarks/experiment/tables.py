"""Tables and figures of the result files."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from .. import _figures
from .._record import record
from .cells import FOLDER, read_results
from .models import MODELS
from .protocols import CLEAN, CONDITIONS, PROTOCOLS, TOGETHER
from .readings import NAMES

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


class Group:
    """The results of a model that differ in the seed alone."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        self.results = sorted(results, key=lambda result: result["seed"])
        first = self.results[0]
        self.model, self.epochs = first["model"], first["trained_epochs"]
        self.protocol, self.train, self.asked = first["protocol"], first["train"], first["epochs"]

    @property
    def seeds(self) -> dict[int, dict[str, Any]]:
        return {result["seed"]: result for result in self.results}

    def has_curves(self) -> bool:
        return "%" in self.results[0]["errors"][CLEAN]

    def error(self, condition: str, kind: str, statistic: str, seeds: Any = None) -> float:
        """Mean over the seeds; of the worst and the best curve that of all seeds."""
        values = [
            result["errors"][condition][kind][statistic]
            for result in self.results
            if seeds is None or result["seed"] in seeds
        ]
        return float({"worst": np.max, "best": np.min}.get(statistic, np.mean)(values))

    def cost(self, name: str) -> float | None:
        values = [result[name] for result in self.results]
        return None if values[0] is None else round(float(np.mean(values)), 3)

    def head(self) -> dict[str, Any]:
        """First columns of a row."""
        return {"model": self.model, "epochs": self.epochs, "seeds": ", ".join(map(str, self.seeds))}


def gather(results: Any) -> dict[str, list[Group]]:
    """Results by protocol and set, and there by what they differ in beside the seed.

    Raises
    ------
    ValueError
        If results of one protocol are of different curves: the sets were made anew in between.
    """
    places: dict[str, dict[tuple, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    hashes: dict[str, str] = {}
    for result in results:
        place = result["protocol"] + ("" if result["set"] == "sheets" else f"-{result['set']}")
        if hashes.setdefault(place, result["hash"]) != result["hash"]:
            raise ValueError(
                f"the results of {place} are of different curves ({hashes[place]} and {result['hash']}, "
                f"{result['model']}): remove the old ones and measure them anew"
            )
        places[place][result["model"], result["train"], result["epochs"]].append(result)
    return {place: [Group(each) for each in groups.values()] for place, groups in places.items()}


def whole(groups: list[Group]) -> list[Group]:
    """Those that were trained on all curves."""
    return [group for group in groups if group.train is None]


def longest(groups: list[Group]) -> dict[str, Group]:
    """The group of each model that was trained for the most epochs."""
    return {group.model: group for group in sorted(whole(groups), key=lambda each: each.epochs or 0)}


def clean_rows(groups: list[Group]) -> list[dict[str, Any]]:
    rows = [
        {
            **group.head(),
            **{f"{name} (MPa)": group.error(CLEAN, "MPa", name) for name in ("mean", "worst", "best")},
            "mean (%)": group.error(CLEAN, "%", "mean"),
        }
        for group in whole(groups)
    ]
    return sorted(rows, key=lambda row: row["mean (MPa)"])


def laboratory_rows(groups: list[Group], names: Any) -> list[dict[str, Any]]:
    """Mean error of the curves, %, under each condition."""
    rows = [
        {**group.head(), **{name: group.error(name, "%", "mean") for name in names}}
        for group in whole(groups)
        if group.has_curves()
    ]
    return sorted(rows, key=lambda row: row[TOGETHER])


def property_rows(groups: list[Group]) -> list[dict[str, Any]]:
    rows = []
    for group in whole(groups):
        row = group.head()
        for condition in (CLEAN, TOGETHER, CUT):
            for name in NAMES:
                unread = group.error(condition, name, "unread")
                value = f"{group.error(condition, name, 'rms'):.3g}"
                row[f"{name}, {condition}"] = f"{value} ({unread:.3g} unread)" if unread else value
        rows.append((group.error(TOGETHER, "Rm", "rms"), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def part_rows(places: dict[str, list[Group]]) -> list[dict[str, Any]]:
    """Models that differ in one thing, with as many epochs asked for, on the seeds that both have."""
    rows = []
    for place, groups in places.items():
        protocol = PROTOCOLS[groups[0].protocol]
        condition, kind = (TOGETHER, "%") if protocol.laboratory else (CLEAN, "MPa")
        for what, (with_it, without) in PARTS.items():
            for one in whole(groups):
                for other in whole(groups):
                    same = one.asked == other.asked or "untrained" in (one.model, other.model)
                    common = sorted(set(one.seeds) & set(other.seeds))
                    if (one.model, other.model) != (with_it, without) or not same or not common:
                        continue
                    a, b = (group.error(condition, kind, "mean", common) for group in (one, other))
                    rows.append(
                        {
                            "part": what,
                            "protocol": f"{place}, {condition} ({kind})",
                            "epochs": one.epochs,
                            "seeds": ", ".join(map(str, common)),
                            "with": a,
                            "without": b,
                            "change (%)": round(100 * (a / b - 1), 1),
                        }
                    )
    return rows


def curve_rows(groups: list[Group]) -> list[dict[str, Any]]:
    """Mean error over the number of training curves, of models that have several."""
    numbers = sorted({result["train_curves"] for group in groups for result in group.results})
    rows = {}
    for group in groups:
        row = rows.setdefault((group.model, group.asked), {"model": group.model, **dict.fromkeys(map(str, numbers))})
        row[str(group.results[0]["train_curves"])] = group.error(CLEAN, "MPa", "mean")
    return [row for row in rows.values() if sum(value is not None for value in row.values()) > 2]


def cost_rows(places: dict[str, list[Group]]) -> list[dict[str, Any]]:
    rows = [
        {
            "protocol": place,
            **group.head(),
            "training curves": group.results[0]["train_curves"],
            "minutes of training": group.cost("fit_minutes"),
            "ms per curve": group.cost("milliseconds_per_curve"),
            "numbers kept": group.cost("weights"),
        }
        for place, groups in places.items()
        for group in whole(groups)
    ]
    return sorted(rows, key=lambda row: (row["protocol"], row["minutes of training"]))


def number_rows(places: dict[str, list[Group]]) -> list[dict[str, Any]]:
    """What the text of the page takes: of each model the longest training."""
    rows = []
    for place, groups in places.items():
        kind = "%" if PROTOCOLS[groups[0].protocol].laboratory else "MPa"
        for model, group in longest(groups).items():
            for condition in group.results[0]["errors"]:
                if group.has_curves():
                    for statistic in ("mean", "worst", "best"):
                        value = f"{group.error(condition, kind, statistic):.3g}"
                        rows.append({"name": f"{place} {model} {condition} {statistic}", "value": value})
                for name in NAMES:
                    value = f"{group.error(condition, name, 'rms'):.3g}"
                    rows.append({"name": f"{place} {model} {condition} {name}", "value": value})
            for name in ("fit_minutes", "milliseconds_per_curve", "trained_epochs"):
                cost = group.cost(name)
                rows.append({"name": f"{place} {model} {name}", "value": "–" if cost is None else f"{cost:.3g}"})
    return rows


def note(groups: list[Group]) -> str:
    """Curves, machines and days of results."""
    results = [result for group in groups for result in group.results]
    if not results:
        return "Nothing is measured yet."
    machines = sorted({f"{result['machine']}, {result['threads']} thread(s)" for result in results})
    days = sorted({result["date"] for result in results})
    curves = sorted({f"{result['train_curves']} and {result['test_curves']}" for result in results})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return f"Training and test curves: {', '.join(curves)}. Measured {when} on {'; '.join(machines)}."


def draw(place: str, groups: list[Group], folder: Path) -> None:
    """Errors under each condition, of the featured models."""
    models = longest(groups)
    figure, axes = _figures.subplots(1, 1, width=7.0, height=4.2)
    ax = axes[0, 0]
    for style, name in zip(_figures.STYLES, (name for name in FEATURED if name in models), strict=False):
        group = models[name]
        label = name if group.epochs is None else f"{name}, {group.epochs} epochs"
        values = [group.error(condition, "%", "mean") for condition in CONDITIONS]
        ax.plot(values, list(CONDITIONS), label=label, **style)
    ax.invert_yaxis()
    ax.set(xlabel="mean error of a curve, %", xscale="log")
    ax.legend()
    _figures.save(figure, place, folder)


def draw_numbers(rows: list[dict[str, Any]], folder: Path) -> None:
    """Errors over the number of training curves."""
    figure, axes = _figures.subplots(1, 1, width=6.0)
    ax = axes[0, 0]
    for style, row in zip(_figures.STYLES, rows, strict=False):
        known = [(int(n), value) for n, value in row.items() if n != "model" and value is not None]
        ax.plot(*zip(*known, strict=True), label=row["model"], **style)
    ax.set(xlabel="training curves", ylabel="mean error, MPa", xscale="log", yscale="log")
    ax.legend()
    _figures.save(figure, "training-curves", folder)


def tabulate(folder: Path = FOLDER, pictures: Path = PICTURES) -> None:
    """Write all tables, those without a result without rows, and the figures that there are results for."""
    places = gather(read_results(folder))
    of = defaultdict(list, places)

    def table(name: str, title: str, rows: list[dict[str, Any]], groups: list[Group]) -> None:
        record(
            f"experiment_{name}", title=title, rows=rows, note=note(groups),
            command="python -m benchmarks.experiment tables",
        )  # fmt: skip

    everything = [group for groups in places.values() for group in groups]
    for place, what in (("sheets-clean", "a tenth of them held out"), ("sheets-corner", "the corner held out")):
        table(place.replace("-", "_"), f"Clean sheets, {what}", clean_rows(of[place]), of[place])
    for kind in PROTOCOLS["discs-laboratory"].sets:
        known, unseen = of[f"discs-laboratory-{kind}"], of[f"discs-unseen-law-{kind}"]
        title = f"Discs ({kind}) in a laboratory"
        table(f"laboratory_{kind}", f"{title}: mean error of a curve, %", laboratory_rows(known, CONDITIONS), known)
        table(f"properties_{kind}", f"{title}: root mean square of the errors, %", property_rows(known), known)
        rows = laboratory_rows(unseen, (CLEAN, TOGETHER, CUT))
        table(f"unseen_law_{kind}", f"Discs ({kind}) of laws never seen: mean error of a curve, %", rows, unseen)
        if known:
            draw(f"discs-laboratory-{kind}", known, pictures)
    table("parts", "What each part brings", part_rows(places), everything)
    numbers = curve_rows(of["sheets-clean"])
    table("training_curves", "Mean error (MPa) over the training curves, clean sheets", numbers, of["sheets-clean"])
    if numbers:
        draw_numbers(numbers, pictures)
    table("costs", "Costs", cost_rows(places), everything)
    table("numbers", "Numbers in the text", number_rows(places), everything)
    for model in MODELS:
        missing = [place for place, groups in places.items() if model not in longest(groups)]
        if missing:
            print(f"{model}: no result for {', '.join(missing)}")
