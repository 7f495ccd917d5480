"""Write model_v1.spt and model_v1.json, the file of format 1 that every later version must still read.

Run once, with the package of that format: python tests/data/make_golden_model.py
A new format gets files of its own; these stay as they are.
"""

import json
from pathlib import Path

from sklearn.pipeline import Pipeline

from sklearn_spt import CurveResampler, GAFTransformer, Seq2SeqRegressor, save_model
from sklearn_spt.datasets import make_spt_curves

FOLDER = Path(__file__).parent


def main() -> None:
    X, Y, strain = make_spt_curves(40, n_points=20, n_strains=6, return_strain=True, random_state=0)
    X = [curve.replace(rig="bench") for curve in X]
    model = Pipeline(
        [
            ("resample", CurveResampler(n_points=8, descriptors=("thickness",))),
            ("gaf", GAFTransformer()),
            ("seq2seq", Seq2SeqRegressor(hidden_size=4, n_heads=2, image_channels=2, max_epochs=20, random_state=0)),
        ]
    ).fit(X, Y)
    save_model(
        FOLDER / "model_v1.spt",
        model,
        strain=strain,
        elastic_modulus=210_000,
        training_curves=X,
        training_targets=Y,
        metadata={"made by": "tests/data/make_golden_model.py"},
    )
    expected = {
        "thickness": X[0].thickness,
        "displacement": X[0].displacement.tolist(),
        "load": X[0].load.tolist(),
        "strain": strain.tolist(),
        "stress": model.predict(X[:1])[0].tolist(),
    }
    (FOLDER / "model_v1.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
