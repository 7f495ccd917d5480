"""Punch displacement against deflection of the specimen: simulate both, fit the relation, and test it.

python -m benchmarks.deflection                 fit and test with the simulated tests that are kept
python -m benchmarks.deflection --n-jobs 2      simulate first what is missing of them (CalculiX, some minutes)
"""

import argparse
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.interpolate import PchipInterpolator

import sklearn_spt.preprocessing
from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_pretrained
from sklearn_spt.mechanics import PowerLaw, Swift, SwiftVoce, Voce, characteristic_quantities, tensile_properties
from sklearn_spt.metrics import curve_mean_relative_error
from sklearn_spt.preprocessing import DeflectionConverter, ToeCorrector, standard_corrections
from sklearn_spt.preprocessing._deflection import NOMINAL, thinning
from sklearn_spt.simulation import Design, LawSpace, simulate_fields
from sklearn_spt.simulation.calculix._deck import displacement_at
from sklearn_spt.utils.files import atomic_path

from ._record import RESULTS, record
from .corrections import dense

_E = (200_000, 215_000)
_SWIFT = {"K": (300, 2400), "epsilon0": (0.0005, 0.03), "n": (0.04, 0.3)}
_VOCE = {"sigma0": (150, 1400), "Q": (50, 800), "b": (4, 40)}
# The plateau of mild and of normalised steels is some thousandths to some hundredths long.
_PLATEAU = (0.004, 0.03)
# Steels from soft annealed to quenched, as those of `load_en10371_steel`.
STEELS = Design(
    name="en10371",
    rig="EN10371",
    laws=[
        LawSpace(law=PowerLaw, ranges={"E": _E, "sigma0": (150, 1500), "n": (0.04, 0.28)}, weight=0.25),
        LawSpace(law=Swift, ranges={"E": _E, **_SWIFT}, weight=0.25),
        LawSpace(law=Voce, ranges={"E": _E, **_VOCE}, weight=0.15),
        LawSpace(law=SwiftVoce, ranges={"E": _E, "weight": (0.2, 0.8), **_SWIFT, **_VOCE}, weight=0.2),
        LawSpace(law=Swift, ranges={"E": _E, **_SWIFT, "plateau_strain": _PLATEAU}, weight=0.15),
    ],
    thickness=(0.48, 0.52),
    friction=(0.05, 0.3),
    nu=0.3,
    stroke=2.3,
    load_drop=0.05,
    yield_range=(150, 1500),
    max_stress=2800,
    seed=10371,
)

TESTS = RESULTS / "deflection"
RELATION = Path(sklearn_spt.preprocessing.__file__).parent / "data" / "deflection.json"
# Displacements at which the thinning is fitted, mm; between them its coefficients are interpolated.
X = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5])
# Part of the tests that must reach a node.
ENOUGH = 0.9
# Faults of the measured records.
BEFORE = 30  # points before contact
ZERO = (-0.02, 0.02)  # mm
OFFSET = 3.0  # N
LOAD_NOISE = 5e-4  # of the maximum load
DISPLACEMENT_NOISE = 2e-4  # mm
# The steels of the bundled set, in other draws; thicker and thinner discs to fit on, those of the set to test on.
DRAWS = {
    "fit": (replace(STEELS, name="fit", thickness=(0.4, 0.6), seed=1), 16),
    "test": (replace(STEELS, name="test", seed=2), 9),
}
# As many as the increments that `simulate_spt` takes, and at their ends, so that none is added.
N_STAGES = 80


def simulate(part: str, index: int) -> None:
    path = TESTS / f"{part}_{index:02d}.json"
    if path.exists():
        return
    design, _ = DRAWS[part]
    (point,) = design.points(index + 1, start=index)
    stroke = float(design.stroke or 0)
    fields = simulate_fields(
        point.law,
        "EN10371",
        thickness=point.thickness,
        friction=point.friction,
        displacements=displacement_at(np.arange(1, N_STAGES + 1) / N_STAGES, stroke),
        load_drop=design.load_drop,
    )
    # The first node is that of the lower face on the axis.
    deflection = [-(float(stage.nodes[0, 1]) + point.thickness) for stage in fields.stages]
    test = {
        "law": type(point.law).__name__,
        "yield_stress": round(float(point.law.yield_stress), 1),
        "thickness": point.thickness,
        "friction": point.friction,
        "completed": fields.curve.metadata["completed"],
        "displacement": [0.0, *(stage.displacement for stage in fields.stages)],
        "deflection": [0.0, *(round(value, 6) for value in deflection)],
        "load": [0.0, *(round(stage.load, 3) for stage in fields.stages)],
    }
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(test) + "\n", encoding="utf-8")
    print(path.name, fields.curve, flush=True)


def simulate_all(n_jobs: int) -> None:
    TESTS.mkdir(exist_ok=True)
    wanted = [(part, index) for part, (_, n) in DRAWS.items() for index in range(n)]
    Parallel(n_jobs=n_jobs)(delayed(simulate)(*each) for each in wanted)


def kept(part: str) -> list[dict[str, Any]]:
    """The tests of a part that are kept, with their place in the design."""
    paths = sorted(TESTS.glob(f"{part}_*.json"))
    return [{"index": int(path.stem[-2:]), **json.loads(path.read_text(encoding="utf-8"))} for path in paths]


def curve_of(test: dict[str, Any], kind: str, name: str | None = None) -> SPTCurve:
    """The record of a kind, as dense as a machine's."""
    u = np.array(test["deflection" if kind == "deflection" else "displacement"])
    return dense(
        SPTCurve(u, test["load"], thickness=test["thickness"], rig="EN10371", displacement_kind=kind, name=name)
    )


def thinning_of(test: dict[str, Any], kind: str, at: np.ndarray) -> np.ndarray:
    """Displacement of the punch minus deflection, mm; NaN behind the end of the test."""
    u, f = np.array(test["displacement"]), np.array(test["deflection"])
    x = f if kind == "deflection" else u
    inside = at <= x[-1]
    values = np.full(len(at), np.nan)
    values[inside] = PchipInterpolator(x, u - f)(at[inside])
    return values


def fit(fitted: list[dict[str, Any]], kind: str) -> dict[str, np.ndarray]:
    """The thinning at X as a line over the thickness, mm."""
    target = np.array([thinning_of(test, kind, X) for test in fitted])
    apart = np.array([test["thickness"] for test in fitted]) - NOMINAL
    lines = []
    for at, values in zip(X, target.T, strict=True):
        known = np.isfinite(values)
        if known.mean() < ENOUGH:
            raise ValueError(f"of {len(fitted)} tests only {known.sum()} reach {at:g} mm; take it out of X")
        lines.append(np.polyfit(apart[known], values[known], 1))
    slope, middle = np.array(lines).T
    return {"x": X, "thinning": middle.round(5), "slope": slope.round(4)}


def rms(values: Any, axis: int | None = None) -> Any:
    return np.sqrt(np.nanmean(np.square(values), axis=axis))


def write_relation(fitted: list[dict[str, Any]], tested: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fit, write what the package converts with, and tell the errors on the other tests."""
    table: dict[str, Any] = {"rig": "EN10371", "thickness": list(DRAWS["fit"][0].thickness)}
    rows: list[dict[str, Any]] = [{} for _ in X]
    for kind in ("deflection", "punch"):
        found = fit(fitted, kind)
        true = np.array([thinning_of(test, kind, X) for test in tested])
        error = np.array([thinning(found, X, test["thickness"]) for test in tested]) - true
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


def effects(tested: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What quantities and a model make of the records: with the punch's displacement, the deflection, and converted."""
    design, n = DRAWS["test"]
    every = [point.law for point in design.points(n)]
    laws = [every[test["index"]] for test in tested]
    model = load_pretrained("en10371")
    strain = model.model_info_.strain
    Y = np.array([law.true_stress(strain) for law in laws])
    true = tensile_properties(strain, Y, E=np.array([law.E for law in laws]))
    punch, deflection = ([curve_of(test, kind) for test in tested] for kind in ("punch", "deflection"))
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


def foot(fitted: list[dict[str, Any]]) -> float:
    """Where records of the deflection without a toe extrapolate to zero load, µm."""
    found = ToeCorrector(foot=0.0).transform([curve_of(test, "deflection") for test in fitted])
    return 1e3 * float(np.median([c.corrections[0].value for c in found if c.corrections[0].value is not None]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n-jobs", type=int, default=0, help="simulate what is missing, this many at a time")
    arguments = parser.parse_args()
    if arguments.n_jobs:
        simulate_all(arguments.n_jobs)
    fitted, tested = kept("fit"), kept("test")
    rows = write_relation(fitted, tested)
    record(
        "deflection",
        title="Displacement of the punch minus deflection of the specimen, in the rig of EN 10371",
        note=f"Simulated: fitted on {len(fitted)} tests (thickness 0.4 to 0.6 mm), errors on {len(tested)} others "
        "(0.48 to 0.52 mm); steels and friction (0.05 to 0.3) as in load_en10371_steel. At equal deflections, and at "
        f"equal displacements of the punch. Foot of a record of the deflection (ToeCorrector): {foot(fitted):.1f} µm.",
        rows=rows,
    )
    record(
        "deflection_effects",
        title="What a record of the deflection does to quantities and model, and what its conversion mends",
        note=f"The {len(tested)} tests of the table above; Fe and um against those of the displacement of the punch, "
        "the model en10371 against the law simulated. With faults: zero of the displacement wrong by "
        f"{1e3 * ZERO[0]:g} to {1e3 * ZERO[1]:g} µm, load offset of {OFFSET:g} N (standard deviation), noise of "
        f"{100 * LOAD_NOISE:g} % of Fm and {1e3 * DISPLACEMENT_NOISE:g} µm; seed 0.",
        rows=effects(tested),
        command="python -m benchmarks.deflection",
    )


if __name__ == "__main__":
    main()
