"""The bundled model for steel discs in the rig of EN 10371: training, errors, model card.

    python -m benchmarks.en10371            # train, measure, write the results
    python -m benchmarks.en10371 --bundle   # and put model and card where the package keeps them
    python -m benchmarks.en10371 --quick    # a few epochs on a part of the set, into a temporary folder

A seeded part of load_en10371_steel is held out, the materials of load_lab_example among it. Each test curve is read as
it was simulated, with one fault of a measurement at a time, with all of them, with records that end early, and as the
raw record of a machine (benchmarks.make_lab_example) with and without each correction. The correlations of the
laboratories are fitted to the same training curves and read the same test curves.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    CorrelationRegressor,
    CurveResampler,
    Seq2SeqRegressor,
    SPTCurve,
    perturb_curves,
    save_model,
)
from sklearn_spt.datasets import LAB_EXAMPLE_INDICES, load_en10371_steel
from sklearn_spt.datasets._models import _FOLDER as MODELS
from sklearn_spt.mechanics import tensile_properties
from sklearn_spt.metrics import curve_mean_absolute_error, curve_mean_relative_error
from sklearn_spt.preprocessing import standard_corrections
from sklearn_spt.utils.files import atomic_path

from ._record import processor, record
from .make_lab_example import COMPLIANCE
from .make_lab_example import record as raw_record

SEED = 0
COMMAND = "python -m benchmarks.en10371"
# Loads below 0.02 mm are contact and seating. At 1.3 mm no specimen of the set has passed its maximum load yet.
GRID = np.linspace(0.02, 1.3, 64)
# The middle of the set's Young's moduli, MPa; a small punch test does not tell it.
E = 207_500.0
# What a careful laboratory leaves after its corrections. The shortest copies end at two thirds of the grid.
FAULTS: dict[str, Any] = {
    "noise": (0.0, 0.005),
    "load_offset": (-0.003, 0.003),
    "displacement_offset": (-0.005, 0.005),
    "compliance": (-2e-6, 2e-6),
    "thickness_gain": (-0.01, 0.01),
}
CUT = (0.0, 0.58)
# Records that end before it, mm, are not for the model.
LEAST = 0.8
N_COPIES = 24
ALL: dict[str, Any] = {**FAULTS, "noise": 0.005}
CONDITIONS: dict[str, tuple[dict[str, Any], float | None]] = {
    "as simulated": ({}, None),
    "noise of 0.5 % of Fm": ({"noise": 0.005}, None),
    "load offset within 0.3 % of Fm": ({"load_offset": FAULTS["load_offset"]}, None),
    "displacement offset within 5 µm": ({"displacement_offset": FAULTS["displacement_offset"]}, None),
    "compliance within 2 µm/kN": ({"compliance": FAULTS["compliance"]}, None),
    "thickness within 1 %": ({"thickness_gain": FAULTS["thickness_gain"]}, None),
    "all of these": (ALL, None),
    "all, record to 1.0 mm": (ALL, 1.0),
    "all, record to 0.8 mm": (ALL, LEAST),
}
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


def split(share: float = 0.15) -> tuple[Any, np.ndarray, np.ndarray]:
    """The set, and the indices of training and test curves in it."""
    data = load_en10371_steel()
    known = {f"en10371-{index:04d}" for index in LAB_EXAMPLE_INDICES}
    example = np.array([i for i, curve in enumerate(data.data) if curve.name in known])
    others = np.setdiff1d(np.arange(len(data.data)), example)
    train, test = train_test_split(others, test_size=share, random_state=SEED)
    return data, train, np.concatenate([test, example])


def build(epochs: int, copies: int) -> AugmentedRegressor:
    # Sixteen components: friction, thickness and the faults need some of their own. A quadratic trend in them is as
    # good as higher ones and cannot run away.
    network = Seq2SeqRegressor(
        n_components=16,
        trend_degree=2,
        hidden_size=32,
        dropout=0.1,
        elastic_modulus="curve",
        strain=load_en10371_steel().strain,
        max_epochs=epochs,
        random_state=SEED,
        verbose=1,
    )
    pipeline = make_pipeline(CurveResampler(grid=GRID, descriptors=("thickness",)), network)
    return AugmentedRegressor(pipeline, n_copies=copies, **FAULTS, cut=CUT, random_state=SEED)


def end_at(curves: list[Any], end: float | None) -> list[Any]:
    if end is None:
        return curves
    return [perturb_curves([curve], cut=1 - end / curve.displacement[-1])[0] for curve in curves]


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


def strength_class(values: np.ndarray) -> list[str]:
    edges = (400, 700, 1000)
    names = ["below 400", "400 to 700", "700 to 1000", "above 1000"]
    return [names[int(i)] for i in np.searchsorted(edges, values)]


def quietly(function: Any, *arguments: Any) -> Any:
    """Records that end early and readings that cannot be taken are part of the measurement here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function(*arguments)


def rows_of_readings(
    label: str, what: str, seen: list[Any], model: Any, correlations: dict[str, Any], data: Any, test: np.ndarray
) -> list[dict[str, Any]]:
    """What the network and the correlations make of the same curves."""
    Y = data.target[test]
    true = properties(data.strain, Y, data.frame["E"][test])
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
    return [
        {label: what, "read by": "network", **errors, **network},
        {label: what, "read by": "correlations", **dict.fromkeys(errors), **error_columns(values, true)},
    ]


def rows_of_conditions(model: Any, correlations: dict[str, Any], data: Any, test: np.ndarray) -> list[dict[str, Any]]:
    curves = [data.data[i] for i in test]
    rows = []
    for condition, (faults, end) in CONDITIONS.items():
        seen = end_at(perturb_curves(curves, **faults, random_state=SEED), end)
        rows += rows_of_readings("condition", condition, seen, model, correlations, data, test)
    return rows


def rows_of_corrections(model: Any, correlations: dict[str, Any], data: Any, test: np.ndarray) -> list[dict[str, Any]]:
    random = np.random.default_rng(SEED)
    raw = []
    for curve in (data.data[i] for i in test):
        _, displacement, load = raw_record(random, curve.displacement, curve.load)
        raw.append(SPTCurve(displacement, load, thickness=curve.thickness, rig=curve.rig, name=curve.name))
    rows = []
    for label, steps in CORRECTIONS.items():
        compliance = COMPLIANCE if "compliance" in steps else None
        done = quietly(standard_corrections(steps, compliance=compliance).fit_transform, raw) if steps else raw
        rows += rows_of_readings("corrections", label, done, model, correlations, data, test)
    return rows


def rows_of_groups(model: Any, data: Any, test: np.ndarray) -> list[dict[str, Any]]:
    """Errors with all faults, by hardening law, strength and friction."""
    curves = perturb_curves([data.data[i] for i in test], **ALL, random_state=SEED)
    Y, frame = data.target[test], data.frame
    predicted = quietly(model.predict, curves)
    true = properties(data.strain, Y, frame["E"][test])
    read = properties(data.strain, predicted, E)
    relative = 100 * curve_mean_relative_error(Y, predicted)
    plateau = frame["plateau_strain"][test] > 0
    laws = [f"{law}{', plateau' if flat else ''}" for law, flat in zip(frame["law"][test], plateau, strict=True)]
    friction = np.array(["below 0.13", "0.13 to 0.22", "above 0.22"])[
        np.searchsorted((0.13, 0.22), frame["friction"][test])
    ]
    groups: Iterable[tuple[str, Any]] = [
        ("law", laws),
        ("yield stress (MPa)", strength_class(frame["yield_stress"][test])),
        ("friction", friction.tolist()),
    ]
    rows = []
    for what, names in groups:
        for name in sorted(set(names)):
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


def fit_correlations(data: Any, train: np.ndarray) -> dict[str, Any]:
    true = properties(data.strain, data.target[train], data.frame["E"][train])
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


def card(facts: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> str:
    faults = "\n".join(f"- {name.replace('_', ' ')}: {size[0]:g} to {size[1]:g}" for name, size in FAULTS.items())
    low, high = facts["strain"]
    return f"""# Model card: en10371

**Reads**: the load-displacement curve of a small punch test in the rig of EN 10371 (ball of radius 1.25 mm, hole of
4 mm, disc of 8 mm), up to the maximum load or cut before it (at {LEAST} mm at the earliest), with the thickness of the
specimen (0.48 to 0.52 mm). The displacement is the punch's, from the contact on, with a point every 20 µm or more often
up to 0.3 mm; what other records come to stands beside `python -m benchmarks.record_needs`.

**Gives**: true stress (MPa) at {facts["n_strains"]} true strains from {low:g} to {high:g}.

**For**: steels (Young's modulus 200 to 215 GPa) with an initial yield stress of 150 to 1,500 MPa. Not for other rigs,
other elastic constants, thicker or thinner discs, or specimens that crack before the curve's shape says what they are.

**Trained on** {facts["train_curves"]} of the {facts["set_curves"]} simulated curves of `load_en10371_steel`, each with
{facts["copies"]} perturbed copies, {facts["epochs"]} epochs, seed {SEED}, {facts["fit_minutes"]} minutes on
{facts["machine"]}, by `{COMMAND} --bundle`. **No measured curve was among them, and none was there to test with**: what
the errors below leave out is how far the simulations are from a laboratory's test (fracture, anisotropy, wear of the
punch, another friction or hole edge).

The copies have these faults, each drawn evenly from its range (sizes as in `perturb_curves`), and end early:

{faults}
- cut: {CUT[0]:g} to {CUT[1]:g}

## Errors on {facts["test_curves"]} simulated curves that it has not seen

"rms" is the root mean square of the errors: in % of the true value, for Ag in % of strain. "unread" counts specimens
that have the property (within strains up to {high:g}) where none could be read off the prediction. The correlations
were fitted to the same training curves, without faults:

{facts["correlations"]}.

{table(tables["conditions"])}

## Errors with all faults, by group

{table(tables["groups"])}

## Errors on raw records, with and without each correction

The same specimens as a machine records them (`benchmarks.make_lab_example`: approach and seating, a compliance of
{1e6 * COMPLIANCE:g} µm/kN, which is taken as known, load offset, noise, loads that scatter by 1 %), through
`standard_corrections`.

{table(tables["corrections"])}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=13)
    parser.add_argument("--bundle", action="store_true", help="put model and card where the package keeps them")
    parser.add_argument("--quick", action="store_true", help="one epoch on 60 curves; keeps nothing")
    arguments = parser.parse_args()
    data, train, test = split()
    epochs, copies = arguments.epochs, N_COPIES
    if arguments.quick:
        train, test, epochs, copies = train[:60], test[-12:], 1, 2
    X, Y = [data.data[i] for i in train], data.target[train]
    start = time.perf_counter()
    model = build(epochs, copies).fit(X, Y).regressor_
    minutes = round((time.perf_counter() - start) / 60, 1)
    correlations = fit_correlations(data, train)
    tables = {
        "conditions": rows_of_conditions(model, correlations, data, test),
        "groups": rows_of_groups(model, data, test),
        "corrections": rows_of_corrections(model, correlations, data, test),
    }
    facts = {
        "data": "load_en10371_steel",
        "set_curves": len(data.data),
        "train_curves": len(train),
        "test_curves": len(test),
        "left_out": [data.data[i].name for i in test],
        "copies": copies,
        "epochs": epochs,
        "fit_minutes": minutes,
        "seed": SEED,
        "machine": processor(),
        "command": f"{COMMAND} --bundle",
        "n_strains": len(data.strain),
        "strain": [float(data.strain[0]), float(data.strain[-1])],
        "shortest_record": LEAST,
        "correlations": "; ".join(
            f"{name} = {float(c.coef_[0]):.4g} {CORRELATIONS[name]} {float(c.intercept_[0]):+.4g}"
            for name, c in correlations.items()
        ),
    }
    folder = MODELS if arguments.bundle and not arguments.quick else Path(tempfile.mkdtemp(prefix="en10371-"))
    save_model(
        folder / "en10371.spt",
        model,
        strain=data.strain,
        elastic_modulus=E,
        training_curves=X,
        training_targets=Y,
        metadata={key: facts[key] for key in ("data", "set_curves", "train_curves", "left_out", "seed", "command")},
    )
    for name, text in {
        "en10371.json": json.dumps({**facts, **tables}, indent=1, ensure_ascii=False),
        "en10371.md": card(facts, tables),
    }.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(f"model and card in {folder}")
    print(table(tables["conditions"]), table(tables["corrections"]), sep="\n\n")
    if not arguments.quick:
        note = f"{len(train)} training and {len(test)} test curves of the {len(data.data)} in the set, seed {SEED}."
        titles = {
            "conditions": "Network and correlations on simulated steel discs",
            "groups": "The network on simulated steel discs, with all faults",
            "corrections": "Network and correlations on raw records, with and without each correction",
        }
        for name, title in titles.items():
            record(f"en10371_{name}", title=title, rows=shown(tables[name]), note=note, command=COMMAND)
    return 0


if __name__ == "__main__":
    sys.exit(main())
