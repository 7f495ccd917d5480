"""Write the files of format 1 that every later version must still read: model_v1 (a network), stack_v1, mlp_v1.

python tests/data/make_golden_model.py writes what is not there: files of a released version stay as they are, and a new
format gets files of its own.
"""

import json
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from sklearn_spt import (
    CurveResampler,
    CurveStackingRegressor,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    MLPCurveRegressor,
    Seq2SeqRegressor,
    save_model,
)
from sklearn_spt.datasets import make_spt_curves

FOLDER = Path(__file__).parent
NETWORK = {"hidden_size": 4, "n_heads": 2, "max_epochs": 20, "random_state": 0}


def steps(name: str, strain: Any) -> list[tuple[str, Any]]:
    resample = ("resample", CurveResampler(n_points=8, descriptors=("thickness",)))
    if name == "model_v1":
        return [resample, ("gaf", GAFTransformer()), ("seq2seq", Seq2SeqRegressor(image_channels=2, **NETWORK))]
    flow = {"elastic_modulus": "curve", "strain": strain}
    if name == "mlp_v1":
        perceptrons = MLPCurveRegressor(n_components=(3, 4), hidden_size=4, max_iter=60, random_state=0, **flow)
        return [resample, ("perceptron", perceptrons)]
    processes = GaussianProcessCurveRegressor(random_state=0, **flow)
    network = Seq2SeqRegressor(**NETWORK, **flow)
    return [resample, ("stack", CurveStackingRegressor(processes, network, cv=2, random_state=0))]


def main() -> None:
    # Without noise the weights of Gaussian processes are so large that roundings differ from machine to machine.
    for name, noise in (("model_v1", 0.0), ("stack_v1", 0.01), ("mlp_v1", 0.01)):
        if (FOLDER / f"{name}.spt").exists():
            continue
        X, Y, strain = make_spt_curves(40, n_points=20, n_strains=6, noise=noise, return_strain=True, random_state=0)
        X = [curve.replace(rig="bench") for curve in X]
        model = Pipeline(steps(name, strain)).fit(X, Y)
        save_model(
            FOLDER / f"{name}.spt",
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
        (FOLDER / f"{name}.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
