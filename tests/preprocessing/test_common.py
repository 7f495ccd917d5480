"""What scikit-learn asks of transformers."""

import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_spt import CurveResampler, GAFTransformer
from sklearn_spt.preprocessing import CharacteristicTransformer

TRANSFORMERS = [
    CurveResampler(),
    CurveResampler(n_points=5, ends="cut"),
    CurveResampler(n_points=7, ends="error"),
    GAFTransformer(),
    GAFTransformer("difference", scaling="sample", output="image"),
    GAFTransformer(feature_range=(-1, 1), image_size=1),
    CharacteristicTransformer(),
    CharacteristicTransformer(("Fi", "Fe"), thickness=0.3),
]


@parametrize_with_checks(TRANSFORMERS)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_fitted_state_is_plain_and_survives_joblib(transformer):
    X = np.random.default_rng(0).uniform(size=(6, 9))
    fitted = clone(transformer).fit(X)
    for name, value in vars(fitted).items():
        if name.endswith("_"):
            assert value is None or isinstance(value, np.ndarray | bool | int | float | str), name
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for copy in (joblib.load(file), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(copy.transform(X), fitted.transform(X))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_fit_and_transform_leave_the_input_alone(transformer):
    X = np.random.default_rng(0).uniform(size=(6, 9))
    before = X.copy()
    result = clone(transformer).fit_transform(X)
    result[...] = -1.0
    np.testing.assert_array_equal(X, before)
