"""A model that is trained within seconds, and the laboratory's example."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_spt import CurveResampler, Seq2SeqRegressor, save_model
from sklearn_spt.datasets import load_en10371_steel


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    """A model of a part of the simulated steel discs: rough, but in the right range."""
    steel = load_en10371_steel()
    X, Y = steel.data[:120], steel.target[:120]
    resample = CurveResampler(grid=np.linspace(0.03, 1.2, 24), descriptors=("thickness",))
    model = make_pipeline(
        resample, Seq2SeqRegressor(hidden_size=4, max_epochs=1, n_components=3, trend_degree=2, random_state=0)
    )
    path = tmp_path_factory.mktemp("model") / "steel.spt"
    save_model(
        path,
        model.fit(X, Y),
        strain=steel.strain,
        elastic_modulus=207_500.0,
        training_curves=X,
        training_targets=Y,
        metadata={
            "data": "120 of load_en10371_steel",
            "held_out": {"curves": ["x"], "errors": {"MAE, MPa": {"mean": 12.5, "max": 40.0}}},
        },
    )
    return path
