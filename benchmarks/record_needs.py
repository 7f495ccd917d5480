"""What the model en10371 needs of a record: points that are close enough, and the punch's displacement from its zero.

The curves are those of load_en10371_steel that the model's card names as held out. Three things are varied:

- every nth point of a record is kept: of the curve as simulated, and of the record of a machine
  (benchmarks.make_lab_example: an approach, a toe, a known compliance, offset and noise) after the corrections;
- a compliance of the load train is left in the displacement, after the standard corrections;
- the zero of the displacement is wrong by some micrometres.

How many of these records the model marks as not to be trusted is counted.
"""

import warnings
from typing import Any

import numpy as np

from sklearn_spt import SPTCurve
from sklearn_spt.datasets import load_en10371_steel, load_pretrained
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.preprocessing import standard_corrections

from ._record import record
from .bundled import CASES, SEED, properties
from .corrections import dense, with_approach
from .make_lab_example import COMPLIANCE
from .make_lab_example import record as raw_record

COMMAND = "python -m benchmarks.record_needs"
E = CASES["en10371"].E
# Dense records have a point every 2.5 µm, as those of make_lab_example.
THINNING = (1, 2, 4, 8, 12, 16, 24, 32, 40)
BEGINNING = 0.3  # mm
COMPLIANCES = (5.0, 10.0, 20.0, 40.0, 60.0)  # µm/kN
ZEROS = (-20.0, -10.0, -5.0, -2.5, 2.5, 5.0, 10.0, 15.0, 20.0)  # µm


def shares(predicted: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Differences in % of the reference, for Ag in % of strain."""
    return {
        name: 100 * (predicted[name] - values) / (1 if name == "Ag" else values) for name, values in reference.items()
    }


def changes(predicted: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> dict[str, Any]:
    """What a fault has changed in the answers of the model."""
    row = {}
    for name, change in shares(predicted, reference).items():
        unit = "% of strain" if name == "Ag" else "%"
        read = change[np.isfinite(change)]
        row[f"{name}: mean change ({unit})"] = round(float(read.mean()), 2) + 0.0 if read.size else None
        row[f"{name}: largest ({unit})"] = round(float(read[np.argmax(np.abs(read))]), 2) + 0.0 if read.size else None
    return row


def count_untrusted(model: Any, curves: list[SPTCurve]) -> int:
    """How many of the curves the model warns of, as reports and `sklearn-spt predict` do."""
    marked = 0
    for curve in curves:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            model.predict([curve])
        marked += any(issubclass(each.category, UntrustedPredictionWarning) for each in caught)
    return marked


def main() -> None:
    warnings.simplefilter("ignore", UserWarning)  # of records that are as bad as they are meant to be
    model, data = load_pretrained("en10371"), load_en10371_steel()
    index = {curve.name: i for i, curve in enumerate(data.data)}
    test = [index[name] for name in model.model_info_.metadata["left_out"]]
    curves = [data.data[i] for i in test]
    true = properties(data.strain, data.target[test], data.frame["E"][test])

    def answers(given: list[SPTCurve]) -> dict[str, np.ndarray]:
        return properties(data.strain, model.predict(given), E)

    random = np.random.default_rng(SEED)
    raw = []
    for curve in curves:
        _, displacement, load = raw_record(random, curve.displacement, curve.load)
        raw.append(curve.replace(displacement=displacement, load=load))
    corrections = standard_corrections(("load_offset", "compliance", "toe"), compliance=COMPLIANCE)
    rows = []
    for label, records in (("simulated", [dense(curve, 0.0025) for curve in curves]), ("of a machine", raw)):
        whole = None
        for n in THINNING:
            thin = [c.replace(displacement=c.displacement[::n], load=c.load[::n]) for c in records]
            if label == "of a machine":
                thin = corrections.fit_transform(thin)
            found = answers(thin)
            whole = found if n == 1 else whole
            toes = sum(c.name == "toe" and c.value is not None for curve in thin for c in curve.corrections)
            rms = float(np.sqrt(np.nanmean(shares(found, true)["Rp0.2"] ** 2)))
            row = {
                "record": label,
                "a point every (µm)": 2.5 * n,
                f"points up to {BEGINNING} mm (median)": int(
                    np.median([((c.displacement > 0) & (c.displacement <= BEGINNING)).sum() for c in thin])
                ),
                "toe corrected": f"{toes} of {len(thin)}" if label == "of a machine" else "",
                "marked as not to be trusted": count_untrusted(model, thin),
                "Rp0.2: rms error (%)": round(rms, 2),
                **changes(found, whole),
            }
            rows.append(row)
            print(row, flush=True)
    record(
        "record_sampling",
        title="The model en10371 on records with fewer points",
        note=f"{len(curves)} curves that the model was not trained on. Records of a machine: "
        "benchmarks.make_lab_example, seed 0, through load offset, compliance (known) and toe, where the toe can be "
        "found. Changes against the record with all points; rms against the law simulated.",
        command=COMMAND,
        rows=rows,
    )

    def effect(given: list[SPTCurve], reference: dict[str, np.ndarray]) -> dict[str, Any]:
        return {"marked as not to be trusted": count_untrusted(model, given), **changes(answers(given), reference)}

    whole = [with_approach(dense(curve, 0.002)) for curve in curves]
    reference = answers(standard_corrections().fit_transform(whole))
    rows = []
    for size in COMPLIANCES:
        soft = [c.replace(displacement=c.displacement + 1e-6 * size * c.load) for c in whole]
        change = effect(standard_corrections().fit_transform(soft), reference)
        rows.append({"fault": f"compliance of {size:g} µm/kN left in", **change})
    reference = answers(whole)
    for size in ZEROS:
        moved = [c.replace(displacement=c.displacement + 1e-3 * size) for c in whole]
        rows.append({"fault": f"zero wrong by {size:g} µm", **effect(moved, reference)})
    for row in rows:
        print(row)
    record(
        "record_displacement",
        title="The model en10371 on displacements that are not the punch's from its zero",
        note=f"The same {len(curves)} curves, a point every 2 µm, without other faults. Compliance: after load offset "
        "and toe, as the report corrects by default. Zero: the displacement is counted too high by so much.",
        command=COMMAND,
        rows=rows,
    )


if __name__ == "__main__":
    main()
