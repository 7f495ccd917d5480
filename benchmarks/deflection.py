"""Punch displacement against deflection of the specimen: fit the relation to simulated tests that have both; test it.

    python -m benchmarks.deflection

The curves are those of `load_en10371_steel`; every third is kept for the test. Writes what the package converts with.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import sklearn_spt.preprocessing
from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_en10371_steel, load_pretrained
from sklearn_spt.mechanics import characteristic_quantities, tensile_properties
from sklearn_spt.metrics import curve_mean_relative_error
from sklearn_spt.preprocessing import DeflectionConverter, standard_corrections
from sklearn_spt.preprocessing._deflection import NOMINAL, thinning
from sklearn_spt.utils.files import atomic_path

from ._record import record
from .corrections import dense

RELATION = Path(sklearn_spt.preprocessing.__file__).parent / "data" / "deflection.json"
THICKNESS = (0.45, 0.55)
# Displacements at which the thinning is fitted, mm; between them its coefficients are interpolated.
X = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5])
# Faults of the measured records.
BEFORE = 30  # points before contact
ZERO = (-0.02, 0.02)  # mm
OFFSET = 3.0  # N
LOAD_NOISE = 5e-4  # of the maximum load
DISPLACEMENT_NOISE = 2e-4  # mm
# Each a test of the displacement of the punch, and the same of the deflection.
Pairs = list[tuple[SPTCurve, SPTCurve]]


def thinning_of(pair: tuple[SPTCurve, SPTCurve], kind: str) -> np.ndarray:
    """Displacement of the punch minus deflection at X, mm; NaN behind the end of the test."""
    punch, deflection = (curve.displacement for curve in pair)
    at = deflection if kind == "deflection" else punch
    return np.interp(X, at, punch - deflection, right=np.nan)


def fit(fitted: Pairs, kind: str) -> dict[str, np.ndarray]:
    """The thinning at X as a line over the thickness, mm."""
    target = np.array([thinning_of(pair, kind) for pair in fitted])
    apart = np.array([punch.thickness for punch, _ in fitted], dtype=float) - NOMINAL
    lines = []
    for values in target.T:
        known = np.isfinite(values)
        lines.append(np.polyfit(apart[known], values[known], 1))
    slope, middle = np.array(lines).T
    return {"x": X, "thinning": middle.round(5), "slope": slope.round(4)}


def rms(values: Any, axis: int | None = None) -> Any:
    return np.sqrt(np.nanmean(np.square(values), axis=axis))


def write_relation(fitted: Pairs, tested: Pairs) -> list[dict[str, Any]]:
    """Fit, write what the package converts with, and tell the errors on the other tests."""
    table: dict[str, Any] = {"rig": "EN10371", "thickness": list(THICKNESS)}
    rows: list[dict[str, Any]] = [{} for _ in X]
    for kind in ("deflection", "punch"):
        found = fit(fitted, kind)
        true = np.array([thinning_of(pair, kind) for pair in tested])
        error = np.array([thinning(found, X, punch.thickness) for punch, _ in tested]) - true
        found["error"] = rms(error, axis=0).round(5)
        table[kind] = {name: values.tolist() for name, values in found.items()}
        name = "deflection" if kind == "deflection" else "punch"
        for j, row in enumerate(rows):
            row[f"{name} (mm)"] = float(X[j])
            row[f"{name}: thinning, mean (µm)"] = round(1e3 * float(np.nanmean(true[:, j])), 1)
            row[f"{name}: its scatter (µm)"] = round(1e3 * float(np.nanstd(true[:, j], ddof=1)), 1)
            row[f"{name}: error, rms (µm)"] = round(1e3 * float(rms(error[:, j])), 1)
            row[f"{name}: error, worst (µm)"] = round(1e3 * float(np.nanmax(np.abs(error[:, j]))), 1)
    with atomic_path(RELATION) as temporary:
        temporary.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return [{"at (mm)": row["deflection (mm)"], **{k: v for k, v in row.items() if "(mm)" not in k}} for row in rows]


def measured(curves: list[SPTCurve]) -> list[SPTCurve]:
    """The records with a wrong zero of the displacement, an offset of the load cell, and noise of both."""
    random = np.random.default_rng(0)
    faulty = []
    for curve in curves:
        # Before contact the deflection stands still.
        u = np.append(np.zeros(BEFORE), curve.displacement) + random.uniform(*ZERO)
        load = np.append(np.zeros(BEFORE), curve.load) + OFFSET * random.standard_normal()
        u += DISPLACEMENT_NOISE * random.standard_normal(len(u))
        load += LOAD_NOISE * curve.load.max() * random.standard_normal(len(u))
        faulty.append(curve.replace(displacement=u, load=load))
    return faulty


def effects(tested: Pairs, laws: list[Any]) -> list[dict[str, Any]]:
    """What quantities and a model make of the records: with the punch's displacement, the deflection, and converted."""
    model = load_pretrained("en10371")
    strain = model.model_info_.strain
    Y = np.array([law.true_stress(strain) for law in laws])
    true = tensile_properties(strain, Y, E=np.array([law.E for law in laws]))
    punch, deflection = ([dense(curve) for curve in curves] for curves in zip(*tested, strict=True))
    reference = characteristic_quantities(punch)
    raw = measured(deflection)
    cases = {
        "displacement of the punch": punch,
        "deflection as it is": deflection,
        "deflection, converted": DeflectionConverter().transform(deflection),
        "deflection with faults, as it is": raw,
        "deflection with faults, load offset and toe corrected": standard_corrections(
            ("load_offset", "toe")
        ).fit_transform(raw),
        "deflection with faults, corrected and converted": standard_corrections().fit_transform(raw),
    }
    rows = []
    for name, curves in cases.items():
        found = characteristic_quantities(curves)
        row: dict[str, Any] = {"record": name}
        for quantity in ("Fe", "um"):
            error = 100 * (getattr(found, quantity) / getattr(reference, quantity) - 1)
            row[f"{quantity}: mean error (%)"] = round(float(np.nanmean(error)), 2) + 0.0
            row[f"{quantity}: scatter (%)"] = round(float(np.nanstd(error)), 2)
        # The mismatch is what is measured here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            stress = model.predict(curves)
        row["model: curve error, mean (%)"] = round(float(100 * curve_mean_relative_error(Y, stress).mean()), 2)
        read = tensile_properties(strain, stress, E=model.model_info_.elastic_modulus)
        for label, attribute in (("Rp0.2", "proof_stress"), ("Rm", "tensile_strength")):
            error = 100 * (getattr(read, attribute) / getattr(true, attribute) - 1)
            row[f"model: {label}, rms (%)"] = round(float(rms(error)), 2)
        rows.append(row)
        print(row, flush=True)
    return rows


def main() -> None:
    steels = {kind: load_en10371_steel(displacement_kind=kind) for kind in ("punch", "deflection")}
    pairs = list(zip(steels["punch"].data, steels["deflection"].data, strict=True))
    held_out = {*range(0, len(pairs), 3)}
    fitted, tested = ([pairs[i] for i in range(len(pairs)) if (i in held_out) == test] for test in (False, True))
    rows = write_relation(fitted, tested)
    record(
        "deflection",
        title="Displacement of the punch minus deflection of the specimen, in the rig of EN 10371",
        note=f"Fitted on {len(fitted)} curves of load_en10371_steel, errors on {len(tested)} others. At equal "
        "deflections, and at equal displacements of the punch.",
        rows=rows,
    )
    # Those that the model has not seen.
    unseen = set(load_pretrained("en10371").model_info_.metadata["left_out"])
    which = [i for i in held_out if pairs[i][0].name in unseen]
    record(
        "deflection_effects",
        title="What a record of the deflection does to quantities and model, and what its conversion mends",
        note=f"{len(which)} tests on which neither relation nor model was fitted; Fe and um against those of the "
        "displacement of the punch, the model en10371 against the law simulated. With faults: zero of the displacement "
        f"wrong by {1e3 * ZERO[0]:g} to {1e3 * ZERO[1]:g} µm, load offset of {OFFSET:g} N (standard deviation), noise "
        f"of {100 * LOAD_NOISE:g} % of Fm and {1e3 * DISPLACEMENT_NOISE:g} µm; seed 0.",
        rows=effects([pairs[i] for i in which], [steels["punch"].laws[i] for i in which]),
    )


if __name__ == "__main__":
    main()
