"""The bundled models: training, errors, model cards.

    python -m benchmarks.bundled en10371            # train, measure, write the results
    python -m benchmarks.bundled sheet --bundle     # and put model and card where the package keeps them
    python -m benchmarks.bundled en10371 --quick    # an epoch on a part of the set, into a temporary folder

A seeded part of the set is held out.
The network is trained on curves whose errors of measurement are drawn anew in every epoch. Each test curve is read as
it was simulated, with one error of a measurement at a time, with all of them, and with records that end early; discs
also as the raw record of a machine (benchmarks.make_lab_example) with and without each correction. The correlations of
the laboratories are fitted to the same training curves and read the same test curves. The training keeps a checkpoint
in --work and goes on from there.
"""

import argparse
import json
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    CorrelationRegressor,
    CurveResampler,
    MeasurementErrors,
    Seq2SeqRegressor,
    SPTCurve,
    perturb_curves,
    save_model,
)
from sklearn_spt.datasets import load_en10371_discs, load_sheet_steel
from sklearn_spt.datasets._models import _FOLDER as MODELS
from sklearn_spt.mechanics import tensile_properties
from sklearn_spt.metrics import curve_mean_absolute_error, curve_mean_relative_error
from sklearn_spt.preprocessing import standard_corrections
from sklearn_spt.utils.files import atomic_path

from ._record import processor, record
from .make_lab_example import COMPLIANCE
from .make_lab_example import record as raw_record

SEED = 0
COMMAND = "python -m benchmarks.bundled"
N_POINTS = 48


@dataclass(frozen=True)
class Case:
    """A bundled model: its set, its grid, the errors it is trained for, and what its card says."""

    load: Callable[..., Any]
    options: dict[str, Any]
    # Displacements, mm, of the grid's ends. Loads below the first are contact and seating; the last is before the
    # maximum load of most specimens of the set.
    grid: tuple[float, float]
    # "curve": the set's materials differ in it, and a small punch test does not tell it.
    elastic_modulus: float | str
    # The middle of the set's, MPa, by which properties are read off.
    E: float
    # What a careful laboratory leaves after its corrections, noise as a part of Fm.
    errors: MeasurementErrors
    # Records that end before it, mm, are not for the model.
    least: float
    # Where the training records end, mm, before errors are put on: `cut` is a part of that. None: as they are.
    ends: float | None
    reads: str
    for_what: str
    stated: tuple[str, ...]


CASES = {
    "en10371": Case(
        load=load_en10371_discs,
        options={"part": "near"},
        grid=(0.02, 1.7),
        elastic_modulus="curve",
        E=205_000.0,
        errors=MeasurementErrors(
            noise=(0.0, 0.005),
            load_offset=(-0.003, 0.003),
            displacement_offset=(-0.005, 0.005),
            compliance=(-2e-6, 2e-6),
            thickness_gain=(-0.01, 0.01),
            cut=(0.0, 0.45),
            spacing=(0.001, 0.005),
        ),
        least=0.97,
        ends=None,
        reads=(
            "the load-displacement curve of a small punch test in the rig of EN 10371 (ball of radius 1.25 mm, hole "
            "of 4 mm, disc of 8 mm), up to 1.7 mm or its end before that (at 0.97 mm at the earliest), with the "
            "thickness of the specimen (0.45 to 0.55 mm). The displacement is the punch's, from the contact on, with "
            "a point every 5 µm or more often"
        ),
        for_what=(
            "metals with the Young's modulus of steels (195 to 215 GPa) and initial yield stresses of 60 to 1,900 MPa. "
            "Not for other rigs, other elastic constants, thicker or thinner discs, or specimens that crack before the "
            "curve's shape says what they are"
        ),
        stated=("yield_stress", "friction"),
    ),
    "sheet": Case(
        load=load_sheet_steel,
        options={"corner": True},
        grid=(0.03, 1.8),
        elastic_modulus=70_000.0,
        E=70_000.0,
        errors=MeasurementErrors(
            noise=(0.0, 0.005),
            load_offset=(-0.003, 0.003),
            displacement_offset=(-0.005, 0.005),
            compliance=(-2e-7, 2e-7),
            thickness_gain=(-0.005, 0.005),
            cut=(0.0, 0.4),
            spacing=(0.002, 0.01),
        ),
        least=1.1,
        ends=1.82,
        reads=(
            "the load-displacement curve of the paper's small punch test of sheets (rig SHEET), up to 1.8 mm or cut "
            "before it (at 1.1 mm at the earliest), with the thickness of the specimen (1 to 4 mm). The displacement "
            "is the punch's, from the contact on, with a point every 10 µm or more often"
        ),
        for_what=(
            "the sheet steels of Table I of the paper as it simulates them: a modulus of 70 GPa, no friction but the "
            "rig's. No laboratory has such a rig: the model is for the paper's set and for demonstrations"
        ),
        stated=("yield_stress", "thickness"),
    ),
}


def conditions(case: Case) -> dict[str, tuple[MeasurementErrors, float | None]]:
    """Errors of the test curves, and where the records end, mm."""
    sizes = case.errors.get_params()
    fine = {"spacing": 0.002}
    single = ("load_offset", "displacement_offset", "compliance", "thickness_gain")
    everything = MeasurementErrors(**{**sizes, "noise": 0.005, "cut": 0.0, **fine})
    found: dict[str, tuple[MeasurementErrors, float | None]] = {"as simulated": (MeasurementErrors(), None)}
    for noise in (0.002, 0.005, 0.01):
        found[f"noise of {100 * noise:g} % of Fm"] = (MeasurementErrors(noise=noise, **fine), None)
    for name in single:
        found[_size_in_words(name, sizes[name])] = (MeasurementErrors(**{name: sizes[name]}, **fine), None)
    found["all of these, noise of 0.5 %"] = (everything, None)
    found[f"all, record to {case.least:g} mm"] = (everything, case.least)
    return found


def _size_in_words(name: str, size: tuple[float, float]) -> str:
    largest = size[1]
    return {
        "load_offset": f"load offset within {100 * largest:g} % of Fm",
        "displacement_offset": f"displacement offset within {1e3 * largest:g} µm",
        "compliance": f"compliance within {1e6 * largest:g} µm/kN",
        "thickness_gain": f"thickness within {100 * largest:g} %",
    }[name]


# Corrections of the raw record of a machine whose compliance is known.
CORRECTIONS: dict[str, tuple[str, ...]] = {
    "none": (),
    "load offset, compliance, toe": ("load_offset", "compliance", "toe"),
    "without load offset": ("compliance", "toe"),
    "without compliance": ("load_offset", "toe"),
    "without toe": ("load_offset", "compliance"),
}
PROPERTIES = {"Rp0.2": "proof_stress", "Rm": "tensile_strength", "Ag": "uniform_elongation"}
CORRELATIONS = {"Rp0.2": "Fe/h0^2", "Rm": "Fm/(h0*um)", "Ag": "um/h0"}


def split(case: Case, share: float = 0.15) -> tuple[Any, np.ndarray, np.ndarray]:
    """The set, and the indices of its training and test curves."""
    data = case.load(**case.options)
    train, test = train_test_split(np.arange(len(data.data)), test_size=share, random_state=SEED)
    return data, train, test


def build(case: Case, strain: np.ndarray, epochs: int) -> AugmentedRegressor:
    network = Seq2SeqRegressor(
        elastic_modulus=case.elastic_modulus,
        strain=strain,
        max_epochs=epochs,
        batch_size=16,
        random_state=SEED,
        verbose=1,
    )
    resampler = CurveResampler(grid=np.linspace(*case.grid, N_POINTS), ends="mask", descriptors=("thickness",))
    return AugmentedRegressor(make_pipeline(resampler, network), case.errors, random_state=SEED)


def end_at(curves: list[Any], end: float | None) -> list[Any]:
    if end is None:
        return curves
    last = [curve.displacement[-1] for curve in curves]
    return [
        perturb_curves([curve], MeasurementErrors(cut=max(1 - end / u, 0.0)))[0]
        for curve, u in zip(curves, last, strict=True)
    ]


def properties(strain: np.ndarray, stress: np.ndarray, modulus: Any) -> dict[str, np.ndarray]:
    read = tensile_properties(strain, stress, E=modulus)
    return {name: np.asarray(getattr(read, attribute)) for name, attribute in PROPERTIES.items()}


def error_columns(predicted: dict[str, np.ndarray], true: dict[str, np.ndarray]) -> dict[str, Any]:
    """Root mean square and mean of the errors, % for stresses, and % of strain for Ag; how many could not be read."""
    columns: dict[str, Any] = {}
    for name, values in true.items():
        known = np.isfinite(values)
        error = predicted[name][known] - values[known]
        error = 100 * (error if name == "Ag" else error / values[known])
        read = np.isfinite(error)
        unit = "% of strain" if name == "Ag" else "%"
        columns[f"{name} rms ({unit})"] = round(float(np.sqrt(np.mean(error[read] ** 2))), 2) if read.any() else None
        columns[f"{name} mean ({unit})"] = round(float(error[read].mean()), 2) if read.any() else None
        columns[f"{name} unread"] = int((~read).sum())
    return columns


def quietly(function: Any, *arguments: Any) -> Any:
    """Records that end early and readings that cannot be taken are part of the measurement here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function(*arguments)


def rows_of_readings(
    label: str,
    what: str,
    seen: list[Any],
    model: Any,
    correlations: dict[str, Any],
    data: Any,
    test: np.ndarray,
    E: float,
) -> list[dict[str, Any]]:
    """What the network and the correlations make of the same curves."""
    Y = data.target[test]
    true = properties(data.strain, Y, moduli(data, E)[test])
    predicted = quietly(model.predict, seen)
    relative = 100 * curve_mean_relative_error(Y, predicted)
    errors = {
        "curve error, mean (%)": round(float(relative.mean()), 2),
        "95th percentile (%)": round(float(np.percentile(relative, 95)), 2),
        "worst (%)": round(float(relative.max()), 1),
        "MAE, mean (MPa)": round(float(curve_mean_absolute_error(Y, predicted).mean()), 2),
    }
    values = {name: quietly(correlation.predict, seen) for name, correlation in correlations.items()}
    network = error_columns(properties(data.strain, predicted, E), true)
    rows: list[dict[str, Any]] = [{label: what, "read by": "network", **errors, **network}]
    if values:
        rows.append({label: what, "read by": "correlations", **dict.fromkeys(errors), **error_columns(values, true)})
    return rows


def moduli(data: Any, E: float) -> np.ndarray:
    """Young's modulus of each curve, MPa."""
    return np.asarray(data.frame["E"] if "E" in data.frame else np.full(len(data.data), E))


def rows_of_conditions(
    case: Case, model: Any, correlations: dict[str, Any], data: Any, test: np.ndarray
) -> list[dict[str, Any]]:
    curves = [data.data[i] for i in test]
    rows = []
    for condition, (errors, end) in conditions(case).items():
        seen = end_at(perturb_curves(curves, errors, random_state=SEED), end)
        rows += rows_of_readings("condition", condition, seen, model, correlations, data, test, case.E)
    return rows


def rows_of_corrections(
    case: Case, model: Any, correlations: dict[str, Any], data: Any, test: np.ndarray
) -> list[dict[str, Any]]:
    random = np.random.default_rng(SEED)
    raw = []
    for curve in (data.data[i] for i in test):
        _, displacement, load = raw_record(random, curve.displacement, curve.load)
        raw.append(SPTCurve(displacement, load, thickness=curve.thickness, rig=curve.rig, name=curve.name))
    rows = []
    for label, steps in CORRECTIONS.items():
        compliance = COMPLIANCE if "compliance" in steps else None
        done = quietly(standard_corrections(steps, compliance=compliance).fit_transform, raw) if steps else raw
        rows += rows_of_readings("corrections", label, done, model, correlations, data, test, case.E)
    return rows


def rows_of_groups(case: Case, model: Any, data: Any, test: np.ndarray) -> list[dict[str, Any]]:
    """Errors with all errors of measurement, by hardening law and by thirds of what the set states."""
    errors, _ = conditions(case)["all of these, noise of 0.5 %"]
    curves = perturb_curves([data.data[i] for i in test], errors, random_state=SEED)
    Y, frame = data.target[test], data.frame
    predicted = quietly(model.predict, curves)
    true = properties(data.strain, Y, moduli(data, case.E)[test])
    read = properties(data.strain, predicted, case.E)
    relative = 100 * curve_mean_relative_error(Y, predicted)
    groups: list[tuple[str, list[str]]] = []
    if "law" in frame:
        groups.append(("law", [str(law) for law in frame["law"][test]]))
    groups += [(name.replace("_", " "), thirds(np.asarray(frame[name])[test])) for name in case.stated]
    rows = []
    for what, names in groups:
        for name in dict.fromkeys(sorted(names)):
            here = np.array([other == name for other in names])
            rows.append(
                {
                    "group": f"{what}: {name}",
                    "curves": int(here.sum()),
                    "curve error, mean (%)": round(float(relative[here].mean()), 2),
                    "worst (%)": round(float(relative[here].max()), 1),
                    **error_columns({k: v[here] for k, v in read.items()}, {k: v[here] for k, v in true.items()}),
                }
            )
    return rows


def thirds(values: np.ndarray) -> list[str]:
    """In which third of the values each lies."""
    edges = np.quantile(values, (1 / 3, 2 / 3))
    low, high = (f"{edge:.3g}" for edge in edges)
    names = [f"1. below {low}", f"2. {low} to {high}", f"3. above {high}"]
    return [names[int(i)] for i in np.searchsorted(edges, values)]


def fit_correlations(case: Case, data: Any, train: np.ndarray) -> dict[str, Any]:
    true = properties(data.strain, data.target[train], moduli(data, case.E)[train])
    fitted = {}
    for name, predictor in CORRELATIONS.items():
        known = np.isfinite(true[name])
        curves = [data.data[i] for i in train[known]]
        fitted[name] = quietly(CorrelationRegressor(predictor).fit, curves, true[name][known])
    return fitted


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fewer columns, for tables that fit on a page; the JSON beside the model has all."""
    result = []
    for row in rows:
        short = {key: value for key, value in row.items() if not key.startswith((*PROPERTIES, "MAE"))}
        for key in (key for key in row if " rms (" in key):
            unread = row[f"{key.split()[0]} unread"]
            value = "" if row[key] is None else str(row[key])
            short[key] = f"{value} ({unread} unread)".lstrip() if unread else row[key]
        result.append(short)
    return result


def table(rows: list[dict[str, Any]]) -> str:
    rows = shown(rows)
    columns = list(rows[0])
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join("–" if row[c] is None else str(row[c]) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def card(name: str, case: Case, facts: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> str:
    sizes = {key: size for key, size in case.errors.get_params().items() if size}
    errors = "\n".join(f"- {key.replace('_', ' ')}: {size[0]:g} to {size[1]:g}" for key, size in sizes.items())
    low, high = facts["strain"]
    text = f"""# Model card: {name}

{textwrap.fill(f"**Reads**: {case.reads}.", 116)}

**Gives**: true stress (MPa) at {facts["n_strains"]} true strains from {low:g} to {high:g}.

{textwrap.fill(f"**For**: {case.for_what}.", 116)}

**Trained on** {facts["train_curves"]} of the {facts["set_curves"]} simulated curves of `{facts["data"]}`,
{facts["epochs"]} epochs, seed {SEED}, {facts["fit_minutes"]} minutes on {facts["machine"]}, by
`{facts["command"]}`. **No measured curve was among them, and none was there to test with**: what the errors below leave
out is how far the simulations are from a laboratory's test (fracture, anisotropy, wear of the punch, another friction
or hole edge).

In every epoch each curve had other errors of measurement, drawn evenly from these ranges (sizes as in
`MeasurementErrors`):

{errors}

## Errors on {facts["test_curves"]} simulated curves that it has not seen

"rms" is the root mean square of the errors: in % of the true value, for Ag in % of strain. "unread" counts specimens
that have the property (within strains up to {high:g}) where none could be read off the prediction.
Except as simulated, records have a point every 2 µm.

{table(tables["conditions"])}

## Errors with all errors of measurement, by group

{table(tables["groups"])}
"""
    if facts["correlations"]:
        text += f"""
The correlations were fitted to the same training curves, without errors of measurement:
{facts["correlations"]}.
"""
    if "corrections" in tables:
        text += f"""
## Errors on raw records, with and without each correction

The same specimens as a machine records them (`benchmarks.make_lab_example`: approach and seating, a compliance of
{1e6 * COMPLIANCE:g} µm/kN, which is taken as known, load offset, noise, loads that scatter by 1 %), through
`standard_corrections`.

{table(tables["corrections"])}
"""
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=CASES)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--work", type=Path, default=Path("runs"), help="folder of the training's checkpoint")
    parser.add_argument("--bundle", action="store_true", help="put model and card where the package keeps them")
    parser.add_argument("--quick", action="store_true", help="one epoch on 60 curves; keeps nothing")
    arguments = parser.parse_args()
    name, case, epochs = arguments.model, CASES[arguments.model], arguments.epochs
    data, train, test = split(case)
    if arguments.quick:
        train, test, epochs = train[:60], test[-12:], 1
    X, Y = end_at([data.data[i] for i in train], case.ends), data.target[train]
    checkpoint = None
    if not arguments.quick:
        arguments.work.mkdir(parents=True, exist_ok=True)
        checkpoint = arguments.work / f"{name}-{epochs}.checkpoint"
    model = build(case, data.strain, epochs).fit(X, Y, checkpoint=checkpoint).regressor_
    minutes = round(sum(epoch["dur"] for epoch in model[-1].history_) / 60, 1)
    correlations = fit_correlations(case, data, train) if name == "en10371" else {}
    tables = {
        "conditions": rows_of_conditions(case, model, correlations, data, test),
        "groups": rows_of_groups(case, model, data, test),
    }
    if name == "en10371":
        tables["corrections"] = rows_of_corrections(case, model, correlations, data, test)
    facts = {
        "data": case.load.__name__,
        "set_curves": len(data.data),
        "train_curves": len(train),
        "test_curves": len(test),
        "left_out": [data.data[i].name for i in test],
        "epochs": epochs,
        "fit_minutes": minutes,
        "seed": SEED,
        "machine": processor(),
        "command": f"{COMMAND} {name} --epochs {epochs} --bundle",
        "n_strains": len(data.strain),
        "strain": [float(data.strain[0]), float(data.strain[-1])],
        "shortest_record": case.least,
        "correlations": "; ".join(
            f"{key} = {float(c.coef_[0]):.4g} {CORRELATIONS[key]} {float(c.intercept_[0]):+.4g}"
            for key, c in correlations.items()
        ),
    }
    folder = MODELS if arguments.bundle and not arguments.quick else Path(tempfile.mkdtemp(prefix=f"{name}-"))
    save_model(
        folder / f"{name}.spt",
        model,
        strain=data.strain,
        elastic_modulus=case.E,
        training_curves=X,
        training_targets=Y,
        metadata={key: facts[key] for key in ("data", "set_curves", "train_curves", "left_out", "seed", "command")},
    )
    for file, text in {
        f"{name}.json": json.dumps({**facts, **tables}, indent=1, ensure_ascii=False),
        f"{name}.md": card(name, case, facts, tables),
    }.items():
        with atomic_path(folder / file) as temporary:
            temporary.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(f"model and card in {folder}")
    print(*(table(rows) for rows in tables.values()), sep="\n\n")
    if not arguments.quick:
        note = f"{len(train)} training and {len(test)} test curves of the {len(data.data)} in the set, seed {SEED}."
        titles = {
            "conditions": f"The model {name!r} under errors of measurement",
            "groups": f"The model {name!r} by group, with all errors of measurement",
            "corrections": f"The model {name!r} on raw records, with and without each correction",
        }
        for key, rows in tables.items():
            record(f"{name}_{key}", title=titles[key], rows=shown(rows), note=note, command=f"{COMMAND} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
