"""The tables of the experiment's page, and the numbers of its text, from the results alone.

Each table is a JSON of its own, as docs/_ext/results.py reads it; numbers.json has the numbers.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_spt.utils.files import atomic_path

from ..designs import DESIGNS
from .measure import LIMIT, origin
from .models import ABLATIONS, LIGHT, MODELS, VARIANTS, WINNER, describe_model
from .protocols import HONEST, PROTOCOLS, SIZES, TOGETHER, UNDISTURBED, random_split
from .sets import MODULUS, Loaded

Row = dict[str, Any]
NOT_RUN = "not run"
# Table II of arXiv:2506.17680: greatest and least error of a test curve, MPa, and R².
PAPER = {
    "proposed": (5.58, 0.15, 0.999, 0.986),
    "1D LSTM": (17.44, 0.73, 0.999, 0.921),
    "ANN": (71.31, 1.93, 0.998, 0.391),
    "GRU": (51.72, 1.86, 0.999, 0.369),
    "Transformer": (450.77, 6.25, 0.999, -0.631),
}
# Table I of the same: of the 4,500 training and the 500 test curves.
PAPER_SET = {
    "curves": ("4500", "500"),
    "Young's modulus (MPa)": ("70000", "70000"),
    "Poisson ratio": ("0.35", "0.35"),
    "initial yield stress (MPa)": ("20.98 to 1907.53", "28.72 to 1823.16"),
    "strain hardening exponent": ("0.068 to 0.4046", "–"),
    "thickness (mm)": ("1 to 4", "–"),
}
# What the experiment wants of our best model, and of a light one: model, statistic, which way, limit.
GOALS: tuple[tuple[str, str, str, float], ...] = (
    (WINNER, "mean", "at most", 0.15),
    (WINNER, "max", "at most", 1.0),
    (WINNER, "min", "at most", 0.02),
    (WINNER, "r2_min", "at least", 0.9999),
    (WINNER, "relative", "at most", 0.03),
    (WINNER, "minutes", "at most", 90),
    (LIGHT, "max", "at most", 2.8),
    (LIGHT, "min", "at most", 0.08),
    (LIGHT, "parameters", "at most", 100_000),
    (LIGHT, "minutes", "at most", 10),
)
# How the statistics are called, and how they are written.
STATISTICS: dict[str, tuple[str, str]] = {
    "mean": ("mean MAE (MPa)", ".3f"),
    "median": ("median", ".3f"),
    "p95": ("95th percentile", ".3f"),
    "max": ("max", ".2f"),
    "min": ("min", ".3f"),
    "relative": ("mean relative error (%)", ".3f"),
    "r2_max": ("max R²", ".6f"),
    "r2_mean": ("mean R²", ".5f"),
    "r2_min": ("min R²", ".5f"),
    "minutes": ("fit (min)", ".2f"),
    "milliseconds": ("prediction (ms per curve)", ".3f"),
    "memory": ("peak memory of the fit (MB)", ".0f"),
    "disk": ("on disk (kB)", ".0f"),
    "parameters": ("parameters", ".0f"),
}
ERRORS = ("mean", "median", "p95", "max", "min", "relative", "r2_max", "r2_mean", "r2_min")
COSTS = ("minutes", "milliseconds", "memory", "disk", "parameters")


def statistics(result: dict[str, Any]) -> dict[str, float | None]:
    mae, r2 = result["errors"]["MAE, MPa"], result["errors"]["R²"]
    return {
        "mean": mae["mean"],
        "median": mae["median"],
        "p95": mae["95th percentile"],
        "max": mae["max"],
        "min": mae["min"],
        "relative": 100 * result["errors"]["relative error"]["mean"],
        "r2_max": r2["max"],
        "r2_mean": r2["mean"],
        "r2_min": r2["min"],
        "minutes": result["fit_seconds"] / 60,
        "milliseconds": result["predict_milliseconds_per_curve"],
        "memory": result["peak_memory_mb"],
        "disk": result["disk_bytes"] / 1000,
        "parameters": result["parameters"],
    }


# Over the seeds the worst curve is the worst of all, the best the best of all; of the rest the mean is taken.
OVER_SEEDS: dict[str, Callable[[Any], Any]] = {
    "max": np.max,
    "min": np.min,
    "r2_max": np.max,
    "r2_min": np.min,
    "memory": np.max,
}


class Results:
    """Results by model and protocol."""

    def __init__(self, results: Iterable[dict[str, Any]]) -> None:
        self.all = list(results)
        self._by: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for result in sorted(self.all, key=lambda result: result["seed"]):
            self._by.setdefault((result["model"], result["protocol"]), []).append(result)

    def of(self, model: str, protocol: str) -> list[dict[str, Any]]:
        return self._by.get((model, protocol), [])

    def of_seeds_in_common(self, protocol: str, *models: str) -> "Results":
        """Their results on a protocol, with those seeds that all of them have."""
        seeds = set.intersection(*({result["seed"] for result in self.of(model, protocol)} for model in models))
        return Results(result for model in models for result in self.of(model, protocol) if result["seed"] in seeds)

    def seeds(self, model: str, protocol: str) -> str:
        return ", ".join(str(result["seed"]) for result in self.of(model, protocol))

    def first(self, model: str, protocol: str) -> dict[str, Any] | None:
        """That of the least seed."""
        return next(iter(self.of(model, protocol)), None)

    def value(self, model: str, protocol: str, statistic: str) -> float | None:
        """A statistic over the seeds; None if there is no result, or the model has none."""
        values = [statistics(result)[statistic] for result in self.of(model, protocol)]
        known = [value for value in values if value is not None]
        return float(OVER_SEEDS.get(statistic, np.mean)(known)) if known else None

    def written(self, model: str, protocol: str, statistic: str) -> str:
        own = self.of(model, protocol)
        value = self.value(model, protocol, statistic)
        if value is None:
            return "–" if own else NOT_RUN
        text = f"{value:{STATISTICS[statistic][1]}}"
        if statistic == "mean" and len(own) > 1:
            spread = np.std([statistics(result)["mean"] for result in own], ddof=1)
            text += f" ± {spread:{STATISTICS[statistic][1]}}"
        return text

    def ranked(self, protocol: str) -> list[str]:
        """The models with a result, the best mean error first."""
        values = {model: value for model in MODELS if (value := self.value(model, protocol, "mean")) is not None}
        return sorted(values, key=lambda model: values[model])

    def missing(self, *protocols: str) -> str:
        """A sentence on the models without a result on one of the protocols; none where there is no result at all."""
        names = [model for model in MODELS if not all(self.of(model, protocol) for protocol in protocols)]
        return f" Not run: {', '.join(names)}." if names and len(names) < len(MODELS) else ""


def curves(results: Results, protocol: str, loaded: Loaded) -> str:
    train, test = PROTOCOLS[protocol].split(loaded, 0)
    return (
        f"{len(train):,} training and {len(test):,} test curves of the {len(loaded):,} of {loaded.name} ({loaded.hash})"
    )


def errors_row(results: Results, model: str, protocol: str) -> Row:
    return {
        "model": model,
        **{STATISTICS[key][0]: results.written(model, protocol, key) for key in ERRORS},
        "seeds": results.seeds(model, protocol),
    }


SEEDS_NOTE = "With several seeds max and min are those over all of them, the mean is given with its standard deviation."


def table_1(sets: dict[str, Loaded]) -> list[Row]:
    loaded = sets["sheet"]

    def span(values: np.ndarray, digits: int = 2) -> str:
        return f"{values.min():.{digits}f} to {values.max():.{digits}f}"

    ours = []
    for part in random_split(loaded, 0):
        facts = {key: loaded.facts[key][part] for key in ("yield_stress", "n", "thickness")}
        spans = span(facts["yield_stress"]), span(facts["n"], 4), span(facts["thickness"])
        ours.append((str(len(part)), f"{MODULUS['sheet']:.0f}", f"{DESIGNS['sheet_steel'].nu[0]:g}", *spans))
    return [
        {"quantity": quantity, "paper, train": a, "paper, test": b, "here, train": c, "here, test": d}
        for (quantity, (a, b)), c, d in zip(PAPER_SET.items(), *ours, strict=True)
    ]


def table_2(results: Results) -> list[Row]:
    rows = []
    for name, (greatest, least, r2_max, r2_min) in PAPER.items():
        row = dict.fromkeys((STATISTICS[key][0] for key in ERRORS), "")
        row |= {"max": str(greatest), "min": str(least), "max R²": str(r2_max), "min R²": str(r2_min)}
        rows.append({"model": f"paper: {name}", **row, "seeds": ""})
    return rows + [errors_row(results, model, "sheet_random") for model in results.ranked("sheet_random")]


def costs(results: Results, protocol: str) -> list[Row]:
    rows = []
    for model in MODELS:
        own = results.first(model, protocol)
        if own is not None:
            row = {"model": model, **{STATISTICS[key][0]: results.written(model, protocol, key) for key in COSTS}}
            rows.append({**row, "threads": own["threads"], "file": own["saved_with"]})
    return rows


def efficiency(results: Results) -> list[Row]:
    whole = [result["train_curves"] for result in results.all if result["protocol"] == "sheet_random"]
    label = f"all ({whole[0]:,})" if whole else "all"
    protocols = {**{f"{n:,}": f"sheet_train_{n}" for n in SIZES}, label: "sheet_random"}

    def cell(model: str, protocol: str) -> str:
        mean, greatest = (results.value(model, protocol, key) for key in ("mean", "max"))
        return NOT_RUN if mean is None else f"{mean:.3f} ({greatest:.2f})"

    return [
        {"model": model, **{label: cell(model, protocol) for label, protocol in protocols.items()}}
        for model in results.ranked("sheet_random")
    ]


# The conditions of the table; the figure has all sizes.
SHORT = (
    UNDISTURBED,
    "noise 0.5 % of Fm",
    "load offset 0.3 % of Fm",
    "toe 10 µm",
    "compliance error 1 µm/kN",
    "compliance error 3 µm/kN",
    "thickness error 1 %",
    TOGETHER,
)


def under_condition(results: Results, model: str, protocol: str, condition: str, key: str = "mean") -> float | None:
    values = [result["conditions"][condition][key] for result in results.of(model, protocol) if result["conditions"]]
    return float(np.mean(values)) if values else None


def laboratory(results: Results, data: str) -> list[Row]:
    rows = []
    for model in MODELS:
        for trained, protocol in (("no", f"{data}_random"), ("yes", f"{data}_augmented")):
            values = [under_condition(results, model, protocol, condition) for condition in SHORT]
            first = results.first(model, protocol)
            if first is None:
                continue
            cells = [f"{value:.3g}" for value in values]
            copies = f", {first['copies']} copies" if first["copies"] else ""
            row = {"model": model, "augmented": trained + copies, **dict(zip(SHORT, cells, strict=True))}
            rows.append(row | {"seeds": results.seeds(model, protocol)})
    return rows


def goals(results: Results) -> list[Row]:
    rows = []
    for model, statistic, way, limit in GOALS:
        value = results.value(model, "sheet_random", statistic)
        met = None if value is None else (value <= limit if way == "at most" else value >= limit)
        rows.append(
            {
                "model": model,
                "statistic": STATISTICS[statistic][0],
                "goal": f"{way} {limit:g}",
                "reached": results.written(model, "sheet_random", statistic),
                "met": "" if met is None else ("yes" if met else "no"),
            }
        )
    compared = [(STATISTICS[key][0], "sheet_random", key) for key in ("mean", "max")]
    compared += [
        (f"mean MAE (MPa), {data}, trained on copies, all faults together", f"{data}_augmented", TOGETHER)
        for data in ("sheet", "en10371")
    ]
    for label, protocol, what in compared:
        closest: tuple[float, str, float] | None = None
        for model in MODELS:
            # On the seeds that both have: another test set is another error.
            common = results.of_seeds_in_common(protocol, WINNER, model)
            own, other = (compared_value(common, name, protocol, what) for name in (WINNER, model))
            if own is None or other is None or model == WINNER or model in VARIANTS:
                continue
            if closest is None or other / own < closest[2] / closest[0]:
                closest = own, model, other
        own = compared_value(results, WINNER, protocol, what) if closest is None else closest[0]
        rows.append(
            {
                "model": WINNER,
                "statistic": label,
                "goal": "less than others'"
                if closest is None
                else f"less than that of any model but stacks ({closest[1]}: {closest[2]:.3f})",
                "reached": NOT_RUN if own is None else f"{own:.3f}",
                "met": "" if closest is None else met_by(closest[0], closest[2]),
            }
        )
    return rows


def compared_value(results: Results, model: str, protocol: str, what: str) -> float | None:
    if what == TOGETHER:
        return under_condition(results, model, protocol, what)
    return results.value(model, protocol, what)


def met_by(own: float, best: float) -> str:
    """Whether it is less, as far as it is written: less than that tells nothing."""
    own, best = round(own, 3), round(best, 3)
    return "equal" if own == best else ("yes" if own < best else "no")


def ablations(results: Results) -> list[Row]:
    rows = []
    for what, (one, other) in ABLATIONS.items():
        common = results.of_seeds_in_common("sheet_random", one, other)
        a, b = (common.value(model, "sheet_random", "mean") for model in (one, other))
        means, greatest = (
            [common.written(model, "sheet_random", statistic) for model in (one, other)]
            for statistic in ("mean", "max")
        )
        rows.append(
            {
                "question": what,
                "with": f"{one}: {means[0]}",
                "without": f"{other}: {means[1]}",
                "without / with": f"{b / a:.2f}" if a and b else "",
                "max, with / without": " / ".join(greatest),
                "seeds": common.seeds(one, "sheet_random"),
            }
        )
    return rows


# Whose errors at the worst curves are shown beside those of our best model, and how many curves of a seed.
BESIDE = ("gp_ensemble", "gp", "inverse_swift", "perceptron", "light")
N_WORST = 2


def worst_curves(results: Results, loaded: Loaded) -> list[Row]:
    """The curves at which our best model errs most, how they were simulated, and what others make of them."""
    rows = []
    names = [str(curve.name) for curve in loaded.curves]
    # Results have the numbers in the names.
    places = {int(name.rpartition("-")[2]): place for place, name in enumerate(names)}
    for result in results.of(WINNER, "sheet_random"):
        others = {
            other["model"]: dict(zip(other["curves"], other["mae"], strict=True))
            for name in BESIDE
            for other in results.of(name, "sheet_random")
            if other["seed"] == result["seed"]
        }
        for at in np.argsort(result["mae"])[: -N_WORST - 1 : -1]:
            curve = result["curves"][at]
            place = places[curve]
            facts = {name: loaded.facts[name][place] for name in ("K", "n", "thickness", "attempts")}
            rows.append(
                {
                    "seed": result["seed"],
                    "curve": names[place],
                    "K (MPa)": f"{facts['K']:,.0f}",
                    "n": f"{facts['n']:.3f}",
                    "thickness (mm)": f"{facts['thickness']:.2f}",
                    "attempts": int(facts["attempts"]),
                    WINNER: f"{result['mae'][at]:.3f}",
                    **{name: f"{others[name][curve]:.3f}" if name in others else NOT_RUN for name in BESIDE},
                }
            )
    return rows


def numbers(results: Results, sets: dict[str, Loaded]) -> dict[str, Any]:
    """What the page's text may name: numbers of the sets, of the protocols, and of each model on each protocol."""
    protocols: dict[str, Any] = {}
    for name, protocol in PROTOCOLS.items():
        train, test = protocol.split(sets[protocol.data], 0)
        models = {}
        for model in MODELS:
            if not results.of(model, name):
                continue
            models[model] = {statistic: results.written(model, name, statistic) for statistic in STATISTICS}
            if protocol.conditions:
                together = under_condition(results, model, name, TOGETHER)
                models[model]["together"] = f"{together:.3g}"
        protocols[name] = {"train": f"{len(train):,}", "test": f"{len(test):,}", "models": models}
    return {
        "models": list(MODELS),
        "statistics": [*STATISTICS, "together"],
        "sets": {
            name: {"curves": f"{len(loaded):,}", "left_out": str(loaded.left_out)} for name, loaded in sets.items()
        },
        "protocols": protocols,
    }


def write_table(path: Path, title: str, rows: list[Row], note: str, used: list[dict[str, Any]], command: str) -> None:
    """Write a table as docs/_ext/results.py reads it, with the machines and versions of the results `used`."""
    origins = used or [origin()]
    table = {
        "title": title,
        "command": command,
        "date": max(result["date"] for result in origins),
        "machine": "; ".join(sorted({result["machine"] for result in origins})),
        "versions": origins[-1]["versions"],
        "note": note,
        "rows": rows or [{"model": NOT_RUN}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def tabulate(measured: list[dict[str, Any]], sets: dict[str, Loaded], folder: Path, command: str) -> None:
    """Write all tables into `folder`."""
    results = Results(measured)

    def of(*protocols: str) -> list[dict[str, Any]]:
        return [result for result in results.all if result["protocol"] in protocols]

    def put(name: str, title: str, rows: list[Row], note: str, *protocols: str) -> None:
        write_table(folder / f"{name}.json", title, rows, note, of(*protocols), command)

    full = "" if len(sets["sheet"]) >= 4950 else "The set is not yet of the paper's 5,000 curves. "
    random = full + curves(results, "sheet_random", sets["sheet"]) + "."
    put("models", "Models", [{"model": name, "what": describe_model(name)} for name in MODELS], "")
    put("table_1", "Table I: the sets", table_1(sets), f"{full}The paper's numbers are those it publishes.")
    put(
        "table_2",
        "Table II: errors on the paper's protocol",
        table_2(results),
        f"{random} {SEEDS_NOTE}{results.missing('sheet_random')}",
        "sheet_random",
    )
    put("goals", "What was aimed at", goals(results), random, "sheet_random")
    put("ablations", "One thing changed at a time: mean MAE (MPa)", ablations(results), random, "sheet_random")
    put(
        "worst_curves",
        f"The {N_WORST} worst curves of each seed: MAE (MPa)",
        worst_curves(results, sets["sheet"]),
        f"{random} Attempts: simulations of the curve; behind the first one the increments are smaller.",
        "sheet_random",
    )
    for protocol in HONEST:
        data = sets[PROTOCOLS[protocol].data]
        rows = [errors_row(results, model, protocol) for model in results.ranked(protocol)]
        put(
            protocol,
            f"{protocol}: {PROTOCOLS[protocol].what}",
            rows,
            f"{curves(results, protocol, data)}. {SEEDS_NOTE}{results.missing(protocol)}",
            protocol,
        )
    put(
        "costs",
        "What the models cost, on the paper's protocol",
        costs(results, "sheet_random"),
        f"{random} Peak memory: what the process holds at most during the fit, less what it held before; each fit in "
        "one process of its own. Files: save_model where it can write the model, joblib otherwise. Parameters: weights "
        "of networks and coefficients of their trends. The machines "
        f"were shared with other work: times are rough.{results.missing('sheet_random')}",
        "sheet_random",
    )
    put(
        "efficiency",
        "Training curves and error: mean MAE (max), MPa",
        efficiency(results),
        f"The test curves are those of the random split. {full}".strip() + results.missing("sheet_random"),
        "sheet_random",
        *(f"sheet_train_{n}" for n in SIZES),
    )
    for data in ("sheet", "en10371"):
        protocols = f"{data}_random", f"{data}_augmented"
        put(
            f"conditions_{data}",
            f"Laboratory conditions on {data}: mean MAE (MPa)",
            laboratory(results, data),
            f"{curves(results, protocols[0], sets[data])}, one fit for all columns. Fm: the curve's greatest load. "
            f"Predictions are cut off at {LIMIT:,.0f} MPa.{results.missing(*protocols)}",
            *protocols,
        )
    path = folder / "numbers.json"
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(numbers(results, sets), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
