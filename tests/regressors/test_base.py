"""What all regressors share: data in every accepted form, seeds, scaling, validation, search, persistence."""

import os
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    cross_val_predict,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.pipeline import Pipeline
from skorch.callbacks import Callback

from sklearn_spt import (
    ANNRegressor,
    CurveResampler,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    Seq2SeqRegressor,
    TransformerRegressor,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.utils.validation import draw_seed

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

REGRESSORS = [Seq2SeqRegressor, LSTMRegressor, ANNRegressor, GRURegressor, TransformerRegressor]
BAD_NET_PARAMS = [
    {"callbacks": 1}, {"callbacks": [1]}, {"optimizer": "adam"}, {"criterion": "functional"}, {"optimizer": "MSELoss"}
]  # fmt: skip
TINY = {"hidden_size": 8, "conv_channels": 2, "max_epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    return make_spt_curves(24, random_state=0)


@pytest.fixture(scope="module")
def arrays(data):
    """Curves as a 2-D array, with a descriptor (3-D), and with an image (3-D)."""
    X, Y = data
    flat = CurveResampler(n_points=12).fit_transform(X)
    described = CurveResampler(n_points=12, descriptors=("thickness",)).fit_transform(X)
    return {"2-D": flat, "3-D": described, "image": GAFTransformer().fit_transform(described)}, Y


def pipeline(**changes):
    return Pipeline(
        [
            ("resample", CurveResampler(n_points=12)),
            ("gaf", GAFTransformer()),
            ("seq2seq", Seq2SeqRegressor(**{**TINY, **changes})),
        ]
    )


@pytest.mark.parametrize("cls", REGRESSORS)
@pytest.mark.parametrize("form", ["2-D", "3-D", "image"])
def test_every_form_of_input(cls, form, arrays):
    forms, Y = arrays
    model = cls(**TINY).fit(forms[form], Y)
    predicted = model.predict(forms[form])
    assert predicted.shape == Y.shape
    assert np.isfinite(predicted).all()
    assert model.image_ == (form == "image")
    assert model.n_channels_ == {"2-D": 1, "3-D": 2, "image": 14}[form]


@pytest.mark.parametrize("cls", REGRESSORS)
def test_learns(cls):
    X, Y = make_spt_curves(200, random_state=1)
    curves = CurveResampler(n_points=16, descriptors=("thickness",)).fit_transform(X)
    settings = {"hidden_size": 32, "conv_channels": 4, "max_epochs": 60, "batch_size": 16, "random_state": 0}
    model = cls(**settings).fit(curves[:160], Y[:160])
    error = np.abs(model.predict(curves[160:]) - Y[160:]).mean()
    trivial = np.abs(np.median(Y[:160], axis=0) - Y[160:]).mean()
    assert error < 0.25 * trivial


@pytest.mark.parametrize("cls", REGRESSORS)
def test_one_seed_gives_one_model(cls, arrays):
    forms, Y = arrays
    first = cls(**TINY, dropout=0.1).fit(forms["image"], Y).predict(forms["image"])
    second = cls(**TINY, dropout=0.1).fit(forms["image"], Y).predict(forms["image"])
    other = cls(**{**TINY, "random_state": 1}, dropout=0.1).fit(forms["image"], Y).predict(forms["image"])
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0


@pytest.mark.parametrize("cls", REGRESSORS)
def test_one_seed_gives_one_model_in_threads(cls, arrays):
    forms, Y = arrays
    settings = {**TINY, "dropout": 0.2, "n_layers": 2, "patience": 5}

    def predictions(_):
        return cls(**settings).fit(forms["image"], Y).predict(forms["image"])

    first = predictions(0)
    for backend in ("threading", "loky") if cls is Seq2SeqRegressor else ("threading",):
        for other in joblib.Parallel(n_jobs=3, backend=backend)(joblib.delayed(predictions)(i) for i in range(6)):
            np.testing.assert_array_equal(first, other)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fit_after_a_fork_ends():
    """The pool of torch's threads does not survive a fork: a fit in a child must not need it."""
    code = """
import os, sys, time, warnings
import numpy as np, torch
from sklearn_spt import Seq2SeqRegressor
torch.set_num_threads(2)
X, Y = np.random.default_rng(0).uniform(1, 2, (300, 20)), np.random.default_rng(1).uniform(1, 2, (300, 20))
def use():
    return Seq2SeqRegressor(hidden_size=64, max_epochs=1, random_state=0).fit(X, Y).predict(X)
use()
torch.ones(500, 500) @ torch.ones(500, 500)
child = os.fork()
if not child:
    use()
    os._exit(0)
end = time.monotonic() + 60
while time.monotonic() < end:
    if os.waitpid(child, os.WNOHANG)[0]:
        print("ended")
        sys.exit()
    time.sleep(0.1)
os.kill(child, 9)
os.waitpid(child, 0)
"""
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "ended"


@pytest.mark.parametrize("random_state", [0, None])
def test_global_random_states_are_left_alone(random_state, arrays):
    forms, Y = arrays
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    model = Seq2SeqRegressor(**{**TINY, "random_state": random_state}, patience=5)
    model.fit(forms["2-D"], Y).predict(forms["2-D"])
    assert torch.equal(before[0], torch.random.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


def test_fits_without_a_seed_differ(arrays):
    forms, Y = arrays
    settings = {**TINY, "random_state": None}
    first, second = (Seq2SeqRegressor(**settings).fit(forms["2-D"], Y).predict(forms["2-D"]) for _ in range(2))
    assert np.abs(first - second).max() > 0


@pytest.mark.parametrize("cls", REGRESSORS)
def test_a_prediction_does_not_depend_on_its_batch(cls, arrays):
    forms, Y = arrays
    model = cls(**TINY).fit(forms["image"], Y)
    together = model.predict(forms["image"])
    alone = np.concatenate([model.predict(forms["image"][i : i + 1]) for i in range(len(Y))])
    # The network computes in single precision, which has seven digits.
    np.testing.assert_allclose(alone, together, rtol=1e-6)


@pytest.mark.parametrize("cls", REGRESSORS)
def test_one_dimensional_targets(cls, arrays):
    """A network's (n, 1) output against a 1-D target broadcasts to (n, n): skorch's classic trap."""
    forms, Y = arrays
    model = cls(**{**TINY, "max_epochs": 30}).fit(forms["2-D"], Y[:, 0])
    predicted = model.predict(forms["2-D"])
    assert predicted.shape == (len(Y),)
    assert np.corrcoef(predicted, Y[:, 0])[0, 1] > 0.5


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("hidden_size", 0, ValueError),
        ("hidden_size", 8.5, TypeError),
        ("n_layers", 0, ValueError),
        ("n_heads", 3, ValueError),
        ("dropout", 1.0, ValueError),
        ("conv_channels", -1, ValueError),
        ("image_channels", 0, ValueError),
        ("decoder", "serial", ValueError),
        ("input_scaling", "minmax", ValueError),
        ("lr", 0, ValueError),
        ("lr_schedule", "step", ValueError),
        ("max_epochs", 0, ValueError),
        ("batch_size", 0, ValueError),
        ("patience", 0, ValueError),
        ("n_threads", 0, ValueError),
        ("verbose", -1, ValueError),
    ],
)
def test_bad_parameters_are_refused_by_name(name, value, error, arrays):
    forms, Y = arrays
    with pytest.raises(error, match=rf"Seq2SeqRegressor: {name} "):
        Seq2SeqRegressor(**{**TINY, name: value}).fit(forms["2-D"], Y)


def test_numpy_values_are_values(arrays):
    forms, Y = arrays
    Seq2SeqRegressor(**TINY, decoder=np.array(["autoregressive"])[0]).fit(forms["2-D"], Y)
    Seq2SeqRegressor(**{**TINY, "hidden_size": np.int64(8), "lr": np.float32(1e-3)}).fit(forms["2-D"], Y)


@pytest.fixture(scope="module")
def model(arrays):
    forms, Y = arrays
    return Seq2SeqRegressor(**TINY).fit(forms["3-D"], Y)


class TestBadInput:
    @pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinity")])
    def test_values_that_are_not_finite_name_the_curve(self, model, arrays, value, word):
        forms, Y = arrays
        X = forms["3-D"].copy()
        X[7, 3, 1] = value
        with pytest.raises(ValueError, match=f"contains {word} in curve 7"):
            model.predict(X)
        with pytest.raises(ValueError, match=f"contains {word} in curve 7"):
            clone(model).fit(X, Y)

    def test_curves_that_are_not_resampled(self, model, data):
        X, Y = data
        with pytest.raises(TypeError, match="put a CurveResampler before it"):
            clone(model).fit(X, Y)
        with pytest.raises(TypeError, match="put a CurveResampler before it"):
            model.predict(X)

    def test_another_number_of_channels(self, model, arrays):
        with pytest.raises(ValueError, match="X has 1 channels, but Seq2SeqRegressor was fitted with 2"):
            model.predict(arrays[0]["2-D"])

    def test_another_number_of_points(self, model, arrays):
        with pytest.raises(ValueError, match="features"):
            model.predict(arrays[0]["3-D"][:, :10])

    def test_four_dimensions(self, model, arrays):
        with pytest.raises(ValueError, match=r"must be \(n_curves, n_points\)"):
            model.predict(arrays[0]["3-D"][..., None])

    def test_another_number_of_targets(self, model, arrays):
        forms, Y = arrays
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            clone(model).fit(forms["3-D"], Y[:-1])

    def test_logarithm_of_targets_that_are_not_positive(self, arrays):
        forms, Y = arrays
        Y = Y.copy()
        Y[5, 2] = 0.0
        with pytest.raises(ValueError, match=r"y\[5\] has values down to 0"):
            GaussianProcessCurveRegressor(target_scaling="log").fit(forms["2-D"], Y)
        assert Seq2SeqRegressor(**TINY).fit(forms["2-D"], Y).target_scaling_ == "standard"

    def test_not_fitted(self, arrays):
        from sklearn.exceptions import NotFittedError

        with pytest.raises(NotFittedError):
            Seq2SeqRegressor().predict(arrays[0]["2-D"])

    def test_targets_that_are_not_finite_name_the_curve(self, model, arrays):
        forms, Y = arrays
        Y = Y.copy()
        Y[4, 1] = np.nan
        with pytest.raises(ValueError, match="y contains NaN in the target of curve 4"):
            clone(model).fit(forms["3-D"], Y)

    def test_targets_of_different_lengths(self, model, arrays):
        forms, Y = arrays
        ragged = [row[: len(row) - (index == 3)] for index, row in enumerate(Y)]
        with pytest.raises(ValueError, match=r"y\[3\] has 49 stresses and y\[0\] has 50"):
            clone(model).fit(forms["3-D"], ragged)

    def test_records_in_an_array(self, model, arrays):
        forms, Y = arrays
        u = np.broadcast_to(np.linspace(0, 1, 12), forms["2-D"].shape)
        with pytest.raises(ValueError, match=r"like a displacement.*CurveResampler"):
            clone(model).fit(np.stack([u, forms["2-D"]], axis=2), Y)

    def test_an_image_without_its_curve(self, model, arrays):
        forms, Y = arrays
        with pytest.raises(ValueError, match=r"output='append'"):
            clone(model).fit(forms["image"][:, :, 2:], Y)

    @pytest.mark.parametrize("device", ["banana", None])
    def test_unknown_device(self, device, arrays):
        forms, Y = arrays
        with pytest.raises(ValueError, match="Seq2SeqRegressor: device must be a name"):
            Seq2SeqRegressor(**TINY, device=device).fit(forms["2-D"], Y)

    @pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
    def test_cuda_without_cuda(self, arrays):
        forms, Y = arrays
        with pytest.raises(ValueError, match="finds no CUDA device"):
            Seq2SeqRegressor(**TINY, device="cuda").fit(forms["2-D"], Y)

    def test_divergence(self, arrays):
        forms, Y = arrays
        model = Seq2SeqRegressor(**{**TINY, "max_epochs": 50, "lr": 1e30}, lr_schedule="constant")
        with pytest.raises(RuntimeError, match=r"diverged.*Lower lr"):
            model.fit(forms["2-D"], Y)


@pytest.fixture(scope="module")
def at_home():
    """A model with the curves and targets of its training."""
    X, Y = make_spt_curves(200, random_state=1)
    curves = CurveResampler(n_points=16, descriptors=("thickness",)).fit_transform(X)
    return Seq2SeqRegressor(**TINY).fit(curves, Y), curves, Y


class TestBeyondTheTrainingCurves:
    @pytest.mark.filterwarnings("error:.*unlike the training curves:UserWarning")
    def test_training_curves_are_at_home(self, at_home):
        model, curves, _ = at_home
        model.predict(curves)

    @pytest.mark.parametrize("factor", [1e-3, 1e3])
    def test_a_wrong_unit_is_warned_of_and_stays_finite(self, at_home, factor):
        model, curves, Y = at_home
        wrong = curves[:5].copy()
        wrong[3, :, 0] *= factor
        with pytest.warns(UserWarning, match=r"1 of 5 curves is unlike the training curves \(curve 3; at worst by"):
            predicted = model.predict(wrong)
        # A single curve needs no index.
        with pytest.warns(UserWarning, match=r"Seq2SeqRegressor: the curve is unlike .* \(by \d+\.\d times .* for it"):
            model.predict(wrong[3:4])
        assert predicted.max() < 20 * Y.max()
        np.testing.assert_allclose(predicted[:3], model.predict(curves[:3]), rtol=1e-6)
        wrong[1, :, 0] *= factor
        with pytest.warns(
            UserWarning, match=r"2 of 5 curves are unlike the training curves \(curves 1, 3; .* for them"
        ):
            model.predict(wrong)


class TestScikitLearn:
    """Ragged curves through all that scikit-learn does with a pipeline."""

    def test_search_over_the_image(self, data):
        X, Y = data
        search = GridSearchCV(
            pipeline(),
            {"gaf": [GAFTransformer(), "passthrough"], "seq2seq__hidden_size": [4, 8]},
            cv=3,
            n_jobs=2,
        )
        search.fit(X, Y)
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()
        assert search.predict(X[:2]).shape == (2, Y.shape[1])

    def test_cross_validation(self, data):
        X, Y = data
        scores = cross_validate(pipeline(), X, Y, cv=3, scoring="neg_mean_absolute_error", error_score="raise")
        assert np.isfinite(scores["test_score"]).all()
        assert cross_val_predict(pipeline(), X, Y, cv=3).shape == Y.shape

    def test_learning_curve(self, data):
        X, Y = data
        sizes, _, scores = learning_curve(pipeline(), X, Y, cv=2, train_sizes=[6, 12], error_score="raise")
        assert sizes.tolist() == [6, 12]
        assert np.isfinite(scores).all()

    def test_train_test_split_and_clone(self, data):
        X_train, X_test, Y_train, Y_test = train_test_split(*data, random_state=0)
        model = pipeline().fit(X_train, Y_train)
        assert model.predict(X_test).shape == Y_test.shape
        assert not hasattr(clone(model)[-1], "state_")

    def test_object_array_of_curves(self, data):
        X, Y = data
        ragged = np.empty(len(X), dtype=object)
        ragged[:] = X
        np.testing.assert_array_equal(pipeline().fit(ragged, Y).predict(ragged), pipeline().fit(X, Y).predict(X))

    def test_repr_html(self, data):
        assert "Seq2SeqRegressor" in pipeline()._repr_html_()


class TestJoblib:
    def test_another_process_predicts_the_same(self, data, tmp_path):
        X, Y = data
        model = pipeline().fit(X, Y)
        joblib.dump(model, tmp_path / "model.joblib")
        joblib.dump(X, tmp_path / "X.joblib")
        script = (
            "import joblib, numpy as np\n"
            f"model = joblib.load({str(tmp_path / 'model.joblib')!r})\n"
            f"X = joblib.load({str(tmp_path / 'X.joblib')!r})\n"
            f"np.save({str(tmp_path / 'Y.npy')!r}, model.predict(X))\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True)
        np.testing.assert_allclose(np.load(tmp_path / "Y.npy"), model.predict(X), rtol=1e-12)

    def test_two_workers(self, data):
        X, Y = data
        model = pipeline().fit(X, Y)
        parts = joblib.Parallel(n_jobs=2)(joblib.delayed(model.predict)(part) for part in (X[:10], X[10:]))
        np.testing.assert_allclose(np.concatenate(parts), model.predict(X), rtol=1e-12)

    def test_the_file_holds_no_torch(self, data, tmp_path):
        """Weights inside a pickle of torch are opaque to audits, and need the device of the training."""
        model = pipeline().fit(*data)
        joblib.dump(model, tmp_path / "model.joblib")
        assert b"torch" not in (tmp_path / "model.joblib").read_bytes()


class TestTraining:
    def test_history(self, arrays):
        forms, Y = arrays
        model = Seq2SeqRegressor(**{**TINY, "max_epochs": 3}).fit(forms["2-D"], Y)
        assert model.n_epochs_ == 3
        assert [epoch["epoch"] for epoch in model.history_] == [1, 2, 3]
        assert all(np.isfinite(epoch["train_loss"]) for epoch in model.history_)
        assert "valid_loss" not in model.history_[0]

    def test_all_curves_are_trained_on_by_default(self, arrays):
        """skorch would set a fifth aside."""
        forms, Y = arrays
        seen = []

        class Count(Callback):
            def on_batch_begin(self, net, batch=None, training=None, **kwargs):
                seen.append(len(batch[0]))

        Seq2SeqRegressor(**{**TINY, "max_epochs": 1}, net_params={"callbacks": [Count()]}).fit(forms["2-D"], Y)
        assert sum(seen) == len(Y)

    def test_early_stopping_keeps_the_best_weights(self, arrays):
        forms, Y = arrays
        settings = {**TINY, "max_epochs": 200, "lr": 0.05}
        model = Seq2SeqRegressor(**settings, patience=5)
        model.fit(forms["2-D"], Y)
        losses = [epoch["valid_loss"] for epoch in model.history_]
        assert model.n_epochs_ < 200
        assert model.n_epochs_ - 1 - int(np.argmin(losses)) >= 4

    def test_groups_stay_on_one_side(self, arrays):
        forms, Y = arrays
        groups = np.repeat(np.arange(6), 4)
        model = Seq2SeqRegressor(**TINY, patience=5)
        train, valid = model._split_validation(len(Y), groups, seed=0)
        assert not set(groups[train]) & set(groups[valid])
        assert len(train) + len(valid) == len(Y)
        model.fit(forms["2-D"], Y, groups=groups)

    def test_groups_through_a_pipeline(self, data):
        X, Y = data
        groups = np.arange(len(Y)) % 4
        for train, test in GroupKFold(2).split(X, Y, groups):
            model = pipeline(patience=5)
            model.fit([X[i] for i in train], Y[train], seq2seq__groups=groups[train])
            assert len(model.predict([X[i] for i in test])) == len(test)

    def test_silent_by_default_and_a_bar_when_asked(self, arrays, capsys):
        forms, Y = arrays
        Seq2SeqRegressor(**TINY).fit(forms["2-D"], Y)
        output = capsys.readouterr()
        assert output.out == output.err == ""
        Seq2SeqRegressor(**TINY, verbose=1).fit(forms["2-D"], Y)
        output = capsys.readouterr()
        assert "Seq2SeqRegressor: 100%" in output.err
        assert "train_loss" in output.err

    def test_a_callback_that_stops_is_told(self, arrays):
        forms, Y = arrays

        class Stop(Callback):
            def on_epoch_end(self, net, **kwargs):
                raise KeyboardInterrupt

        with pytest.warns(UserWarning, match="ended after 1 of 2 epochs"):
            model = Seq2SeqRegressor(**TINY, net_params={"callbacks": [Stop()]}).fit(forms["2-D"], Y)
        assert model.predict(forms["2-D"]).shape == Y.shape

    def test_net_params_reach_skorch(self, arrays):
        forms, Y = arrays
        seen = []

        class Look(Callback):
            def on_train_end(self, net, **kwargs):
                seen.append(net.optimizer_.param_groups[0]["eps"])

        settings = {"optimizer__eps": 1e-3, "callbacks": [Look()]}
        Seq2SeqRegressor(**TINY, net_params=settings).fit(forms["2-D"], Y)
        assert seen == [1e-3]

    def test_classes_of_torch_are_given_as_they_are_or_by_their_names(self, arrays):
        forms, Y = arrays
        by_name = {"optimizer": "SGD", "optimizer__momentum": 0.5, "criterion": "L1Loss"}
        by_class = {**by_name, "optimizer": torch.optim.SGD, "criterion": torch.nn.L1Loss}
        named, given, default = (
            Seq2SeqRegressor(**TINY, net_params=params).fit(forms["2-D"], Y).predict(forms["2-D"])
            for params in (by_name, by_class, None)
        )
        np.testing.assert_array_equal(named, given)
        assert np.abs(named - default).max() > 0

    @pytest.mark.parametrize(
        "name",
        [
            "max_epochs", "batch_size", "module", "module__hidden_size", "module__n_points", "optimizer__lr",
            "callbacks__epochs", "callbacks__schedule", "iterator_train__training", "iterator_valid__batch_size",
        ],
    )  # fmt: skip
    def test_net_params_may_not_set_what_the_estimator_sets(self, name, arrays):
        forms, Y = arrays
        with pytest.raises(ValueError, match=f"net_params may not set {name}"):
            Seq2SeqRegressor(**TINY, net_params={name: 1}).fit(forms["2-D"], Y)

    @pytest.mark.parametrize("value", ["x", 1, object(), [1], *BAD_NET_PARAMS])
    def test_what_is_given_to_skorch_is_of_its_kind(self, value, arrays):
        forms, Y = arrays
        with pytest.raises((TypeError, ValueError), match="Seq2SeqRegressor: net_params"):
            Seq2SeqRegressor(**TINY, net_params=value).fit(forms["2-D"], Y)

    def test_validation_curves_have_no_part_in_any_statistics(self, arrays):
        forms, Y = arrays
        model = Seq2SeqRegressor(**TINY, patience=5)
        model.fit(forms["2-D"], Y)
        train, valid = model._split_validation(len(Y), None, draw_seed(model.random_state))
        changed, targets = forms["2-D"].copy(), Y.copy()
        changed[valid] *= 1.1
        targets[valid] *= 2
        again = clone(model).fit(changed, targets)
        for name in ("input_mean_", "target_mean_", "components_", "views_std_", "score_range_"):
            np.testing.assert_array_equal(getattr(model, name), getattr(again, name))
        assert len(train) + len(valid) == len(Y)

    @pytest.mark.parametrize("schedule", ["onecycle", "constant"])
    def test_schedules(self, schedule, arrays):
        forms, Y = arrays
        rates = []

        class Watch(Callback):
            def on_batch_end(self, net, training=None, **kwargs):
                rates.append(net.optimizer_.param_groups[0]["lr"])

        settings = {**TINY, "max_epochs": 20, "batch_size": 8}
        Seq2SeqRegressor(**settings, lr=0.01, lr_schedule=schedule, net_params={"callbacks": [Watch()]}).fit(
            forms["2-D"], Y
        )
        assert len(rates) == 60
        assert max(rates) == pytest.approx(0.01, rel=0.02)
        if schedule == "constant":
            assert min(rates) == 0.01
        else:
            assert rates[-1] < 1e-3
        if schedule == "onecycle":
            assert rates[0] < 2e-3
            assert np.argmax(rates) == pytest.approx(18, abs=1)

    def test_scikit_learns_callbacks_see_the_epochs(self, data):
        callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has no callbacks before 1.9")
        assert callback
        X, Y = data
        seen = []

        class Record:
            def setup(self, estimator, context):
                pass

            def on_fit_task_begin(self, estimator, context):
                pass

            def on_fit_task_end(self, estimator, context):
                seen.append(context.task_name)

            def teardown(self, estimator, context):
                pass

        model = Seq2SeqRegressor(**TINY)
        model.set_callbacks(Record())
        model.fit(CurveResampler(n_points=12).fit_transform(X), Y)
        assert seen == ["epoch", "epoch", "fit"]

    def test_scikit_learns_progress_bar_in_a_search(self, data, capsys):
        callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has no callbacks before 1.9")
        pytest.importorskip("rich", reason="scikit-learn's ProgressBar needs rich")
        with warnings.catch_warnings():
            # Experimental in scikit-learn 1.9: it says so.
            warnings.simplefilter("ignore")
            search = GridSearchCV(pipeline(), {"seq2seq__hidden_size": [4, 8]}, cv=2, n_jobs=2)
            search.set_callbacks(callback.ProgressBar(max_propagation_depth=None))
            search.fit(*data)
        # The bar of the regressor has one task per epoch; a fit that reports none has no bar of its own.
        assert "Seq2SeqRegressor - fit" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["GaussianProcessCurveRegressor", "MLPCurveRegressor", "ANNRegressor"])
def test_the_type_of_the_loads_does_not_matter(name):
    """The same loads as float32 and as float64 give the same numbers: they are cast before they are scaled."""
    import sklearn_spt

    rng = np.random.default_rng(0)
    X, Y = rng.uniform(1, 2, (24, 10)).astype(np.float32), rng.uniform(1, 2, (24, 5))
    small = {"n_tuning": 10, "max_iter": 10, "max_epochs": 1, "hidden_size": 2}
    estimator = getattr(sklearn_spt, name)(random_state=0)
    estimator.set_params(**{key: value for key, value in small.items() if key in estimator.get_params()})
    single, double = (estimator.fit(x, Y).predict(x) for x in (X, X.astype(np.float64)))
    np.testing.assert_array_equal(single, double)
