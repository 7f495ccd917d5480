"""Records that end early, as they are: shorter."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import get_tags

from sklearn_spt import (
    ANNRegressor,
    AugmentedRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    MeasurementErrors,
    Seq2SeqRegressor,
    TransformerRegressor,
    perturb_curves,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.metrics import curve_mean_relative_error

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

REGRESSORS = [Seq2SeqRegressor, LSTMRegressor, ANNRegressor, GRURegressor, TransformerRegressor]
TINY = {"hidden_size": 8, "conv_channels": 2, "max_epochs": 2, "random_state": 0}
GRID = np.linspace(0.05, 1.9, 20)
CUT = MeasurementErrors(cut=(0.0, 0.4))


@pytest.fixture(scope="module")
def data():
    """Complete records, the same cut, and targets."""
    X, Y = make_spt_curves(30, random_state=0)
    X = [curve.replace(thickness=0.5 + 0.01 * i) for i, curve in enumerate(X)]
    return X, perturb_curves(X, CUT, random_state=0), Y


@pytest.fixture(scope="module")
def arrays(data):
    """The records cut, in three forms, the image last."""
    _, short, _ = data
    flat = CurveResampler(grid=GRID, ends="mask").fit_transform(short)
    described = CurveResampler(grid=GRID, ends="mask", descriptors=("thickness",)).fit_transform(short)
    return {"2-D": flat, "3-D": described, "image": GAFTransformer().fit_transform(described)}


@pytest.mark.parametrize("cls", REGRESSORS)
@pytest.mark.parametrize("form", ["2-D", "3-D", "image"])
def test_a_record_is_predicted_the_same_alone_and_beside_complete_ones(cls, form, arrays, data):
    X = arrays[form]
    model = cls(**TINY).fit(X, data[2])
    together = model.predict(X)
    assert np.isfinite(together).all()
    alone = np.concatenate([model.predict(row[None]) for row in X])
    np.testing.assert_allclose(together, alone, rtol=1e-6)


@pytest.mark.parametrize("cls", REGRESSORS)
def test_what_stands_beside_a_missing_load_does_not_matter(cls, arrays, data):
    X = arrays["image"]
    missing = np.isnan(X[:, :, 0])
    model = cls(**TINY).fit(X, data[2])
    changed = X.copy()
    changed[missing, 1] = 7.0
    changed[:, :, 2:][missing[:, :, None] | missing[:, None, :]] = 0.5
    np.testing.assert_array_equal(model.predict(changed), model.predict(X))


def test_a_complete_record_is_predicted_the_same_whatever_is_done_to_short_ones(data):
    X, short, Y = data
    model = make_pipeline(CurveResampler(grid=GRID, ends="mask"), Seq2SeqRegressor(**TINY)).fit(short, Y)
    masked = model.predict(X)
    for ends in ("hold", "error"):
        np.testing.assert_array_equal(model.set_params(curveresampler__ends=ends).predict(X), masked)


def test_a_model_of_complete_records_takes_no_others(arrays, data):
    complete = CurveResampler(grid=GRID).fit_transform(data[0])
    model = Seq2SeqRegressor(**TINY).fit(complete, data[2])
    assert model.reached_ is None
    with pytest.raises(ValueError, match=r"NaN in curve 0 \(27 such .*: points that the record lacks.*ends='hold'"):
        model.predict(arrays["2-D"])


@pytest.mark.parametrize("regressor", [GaussianProcessCurveRegressor(), CurveStackingRegressor(*2 * [LSTMRegressor()])])
def test_others_refuse_them_and_say_what_to_do(regressor, arrays, data):
    if isinstance(regressor, CurveStackingRegressor):
        regressor.primary = GaussianProcessCurveRegressor()
    assert not get_tags(regressor).input_tags.allow_nan
    with pytest.raises(ValueError, match=r"Input X contains NaN in curve 0 .*ends='hold'"):
        regressor.fit(arrays["3-D"], data[2])


def test_a_stack_of_networks_takes_them(arrays, data):
    stack = CurveStackingRegressor(LSTMRegressor(**TINY), GRURegressor(**TINY), cv=2, random_state=0)
    assert get_tags(stack).input_tags.allow_nan
    assert np.isfinite(stack.fit(arrays["2-D"], data[2]).predict(arrays["2-D"])).all()


def test_only_loads_may_be_missing(arrays, data):
    X, Y = arrays["3-D"].copy(), data[2]
    model = Seq2SeqRegressor(**TINY).fit(X, Y)
    X[4, 2, 1] = np.nan
    for method in (model.predict, lambda X: clone(model).fit(X, Y)):
        with pytest.raises(ValueError, match="Input X contains NaN in curve 4"):
            method(X)
    X = arrays["3-D"].copy()
    X[4, :, 0] = np.nan
    for method in (model.predict, lambda X: clone(model).fit(X, Y)):
        with pytest.raises(ValueError, match="Input X contains NaN at all points of curve 4"):
            method(X)


def test_loads_where_hardly_a_training_record_had_one_are_not_read(arrays, data):
    X = arrays["2-D"].copy()
    X[:, -1] = np.nan
    X[:3, -1] = 1e9
    model = Seq2SeqRegressor(**TINY).fit(X, data[2])
    assert not model.reached_[-1]
    assert model.reached_[:10].all()
    predicted = model.predict(X)
    X[:, -1] = np.nan
    np.testing.assert_array_equal(model.predict(X), predicted)
    only = np.full_like(X[:1], np.nan)
    only[0, -1] = 1.0
    with pytest.raises(ValueError, match="at all points of curve 0 that Seq2SeqRegressor reads"):
        model.predict(only)


class TestErrorsDrawnAnew:
    def test_complete_records_train_a_network_for_short_ones(self, data):
        X, _, Y = data
        pipeline = make_pipeline(
            CurveResampler(grid=GRID, ends="mask", descriptors=("thickness",)),
            Seq2SeqRegressor(**{**TINY, "hidden_size": 16, "max_epochs": 60, "lr": 0.01}),
        )
        model = AugmentedRegressor(pipeline, CUT, random_state=0).fit(X, Y)
        again = AugmentedRegressor(pipeline, CUT, random_state=0).fit(X, Y)
        short = perturb_curves(X, MeasurementErrors(cut=0.3))
        np.testing.assert_array_equal(again.predict(short), model.predict(short))
        mean = np.broadcast_to(Y.mean(axis=0), Y.shape)
        assert curve_mean_relative_error(Y, model.predict(short)).mean() < (
            0.3 * curve_mean_relative_error(Y, mean).mean()
        )

    def test_every_epoch_has_other_ends(self, data):
        X, _, Y = data
        seen = []

        class Look(GAFTransformer):
            def transform(self, X):
                seen.append(np.isnan(X).sum())
                return super().transform(X)

        pipeline = make_pipeline(CurveResampler(grid=GRID, ends="mask"), Look(), Seq2SeqRegressor(**TINY))
        AugmentedRegressor(pipeline, CUT, random_state=0).fit(X, Y)
        assert len(set(seen)) > 2

    def test_a_network_without_a_short_record_to_learn_from_says_so(self, data):
        complete = CurveResampler(grid=GRID).fit_transform(data[0])

        def redraw(indices, generator):
            again = complete[indices].copy()
            again[:, -1] = np.nan
            return again

        with pytest.raises(ValueError, match="points that the record lacks"):
            Seq2SeqRegressor(**TINY).fit(complete, data[2], redraw=redraw)


@pytest.mark.filterwarnings("ignore:.*Hardly a training curve ended before:UserWarning")
def test_a_search_over_steps_and_options(data):
    _, short, Y = data
    steps = [
        ("grid", CurveResampler(grid=GRID, ends="mask")),
        ("gaf", GAFTransformer()),
        ("net", LSTMRegressor(**TINY)),
    ]
    options = {"gaf": [GAFTransformer(), "passthrough"], "net": [Seq2SeqRegressor(**TINY), GRURegressor(**TINY)]}
    search = GridSearchCV(Pipeline(steps), options, cv=2, error_score="raise").fit(short, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("cls", REGRESSORS)
def test_early_stopping(cls, arrays, data):
    model = cls(**{**TINY, "patience": 1}).fit(arrays["image"], data[2])
    assert np.isfinite(model.predict(arrays["image"])).all()
