"""Training that is interrupted and continued, and errors that are drawn anew."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback

from sklearn_spt import (
    AugmentedRegressor,
    CurveResampler,
    GAFTransformer,
    MeasurementErrors,
    Seq2SeqRegressor,
    perturb_curves,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.regressors import _training
from sklearn_spt.regressors._training import one_cycle

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

SETTINGS = {"hidden_size": 8, "n_layers": 2, "dropout": 0.1, "conv_channels": 2, "max_epochs": 12, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    X, Y = make_spt_curves(30, random_state=0)
    return CurveResampler(n_points=12, descriptors=("thickness",)).fit_transform(X), Y


@pytest.fixture
def at_every_epoch(monkeypatch):
    monkeypatch.setattr(_training, "_SECONDS", 0.0)


class Killed(Exception):
    pass


def stop_after(n_epochs):
    class Stop(Callback):
        def on_batch_end(self, net, training=None, **kwargs):
            if len(net.history) == n_epochs + 1:
                raise Killed

    return {"callbacks": [Stop()]}


@pytest.mark.parametrize("changes", [{}, {"patience": 3}, {"lr_schedule": "constant"}])
@pytest.mark.parametrize("n_epochs", [1, 3])
def test_a_training_that_goes_on_gives_what_the_uninterrupted_one_gives(
    changes, n_epochs, data, tmp_path, at_every_epoch
):
    model = Seq2SeqRegressor(**SETTINGS, **changes)
    whole = clone(model).fit(*data)
    checkpoint = tmp_path / "checkpoint.pt"
    with pytest.raises(Killed):
        clone(model).set_params(net_params=stop_after(n_epochs)).fit(*data, checkpoint=checkpoint)
    continued = clone(model).fit(*data, checkpoint=checkpoint)
    assert continued.n_epochs_ == whole.n_epochs_
    for name, value in whole.state_.items():
        np.testing.assert_array_equal(continued.state_[name], value)
    assert [epoch["train_loss"] for epoch in continued.history_] == [epoch["train_loss"] for epoch in whole.history_]
    # A training that is at its end stays there.
    again = clone(model).fit(*data, checkpoint=checkpoint)
    np.testing.assert_array_equal(again.predict(data[0]), whole.predict(data[0]))


def test_a_killed_process_loses_nothing_that_was_written(data, tmp_path):
    X, Y = data
    np.savez(tmp_path / "data.npz", X=X, Y=Y)
    script = (
        "import numpy as np, sys\n"
        "from sklearn_spt import Seq2SeqRegressor\n"
        "from sklearn_spt.regressors import _training\n"
        "_training._SECONDS = 0.0\n"
        f"data = np.load({str(tmp_path / 'data.npz')!r})\n"
        f"model = Seq2SeqRegressor(**{ {**SETTINGS, 'max_epochs': 4000}!r})\n"
        f"model.fit(data['X'], data['Y'], checkpoint={str(tmp_path / 'checkpoint.pt')!r})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    started = time.monotonic()
    while not (tmp_path / "checkpoint.pt").exists() and time.monotonic() - started < 120:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pt" and not path.name.startswith(".")]
    import torch

    written = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert written["history"]


def test_a_checkpoint_of_another_training_is_refused(data, tmp_path, at_every_epoch):
    X, Y = data
    checkpoint = tmp_path / "checkpoint.pt"
    Seq2SeqRegressor(**SETTINGS).fit(X, Y, checkpoint=checkpoint)
    for model, targets in (
        (Seq2SeqRegressor(**{**SETTINGS, "lr": 1e-3}), Y),
        (Seq2SeqRegressor(**{**SETTINGS, "random_state": 1}), Y),
        (Seq2SeqRegressor(**SETTINGS), Y[::-1]),
    ):
        with pytest.raises(ValueError, match=r"checkpoint\.pt is of a training with other data or parameters"):
            model.fit(X, targets, checkpoint=checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"checkpoint\.pt cannot be read"):
        Seq2SeqRegressor(**SETTINGS).fit(X, Y, checkpoint=checkpoint)


def test_the_schedule_is_torchs():
    import torch

    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=101)
    for step in range(101):
        group = optimizer.param_groups[0]
        # Torch's last step of warming up is one step off where its part is no whole number.
        lr, momentum = one_cycle(step / 100)
        assert lr == pytest.approx(group["lr"], abs=0.03)
        assert momentum == pytest.approx(group["betas"][0], abs=0.003)
        optimizer.step()
        if step < 100:
            schedule.step()


class TestErrorsDrawnAnew:
    ERRORS = MeasurementErrors(
        noise=(0, 0.01), displacement_offset=(-0.01, 0.01), thickness_gain=(-0.02, 0.02), cut=(0, 0.3), spacing=0.01
    )

    @staticmethod
    def pipeline(*steps, **changes):
        resample = CurveResampler(n_points=12, descriptors=("thickness",))
        return make_pipeline(resample, *steps, Seq2SeqRegressor(**{**SETTINGS, "max_epochs": 3, **changes}))

    @pytest.mark.parametrize("steps", [(), (GAFTransformer(),)])
    def test_two_fits_agree_and_seeds_count(self, steps):
        X, Y = make_spt_curves(20, random_state=0)
        first, second, other = (
            AugmentedRegressor(self.pipeline(*steps), self.ERRORS, random_state=seed).fit(X, Y).predict(X)
            for seed in (0, 0, 1)
        )
        np.testing.assert_array_equal(first, second)
        assert np.abs(first - other).max() > 0

    def test_it_goes_on_from_a_checkpoint(self, tmp_path, at_every_epoch):
        X, Y = make_spt_curves(20, random_state=0)
        whole = AugmentedRegressor(self.pipeline(), self.ERRORS, random_state=0).fit(X, Y)
        checkpoint = tmp_path / "checkpoint.pt"
        killed = self.pipeline(net_params=stop_after(2))
        with pytest.raises(Killed):
            AugmentedRegressor(killed, self.ERRORS, random_state=0).fit(X, Y, checkpoint=checkpoint)
        assert checkpoint.exists()
        continued = AugmentedRegressor(self.pipeline(), self.ERRORS, random_state=0).fit(X, Y, checkpoint=checkpoint)
        np.testing.assert_array_equal(continued.predict(X), whole.predict(X))

    def test_copies_have_no_checkpoint(self, tmp_path):
        X, Y = make_spt_curves(20, random_state=0)
        model = AugmentedRegressor(self.pipeline(), self.ERRORS, n_copies=1)
        with pytest.raises(ValueError, match="checkpoint"):
            model.fit(X, Y, checkpoint=tmp_path / "checkpoint.pt")

    def test_every_epoch_has_errors_of_its_own_from_the_distribution(self):
        X, Y = make_spt_curves(40, random_state=0)
        seen = []

        class Look(Callback):
            def on_batch_begin(self, net, batch=None, training=None, **kwargs):
                seen.append(batch[0].numpy())

        errors = MeasurementErrors(noise=0.02, thickness_gain=(-0.05, 0.05))
        pipeline = self.pipeline(net_params={"callbacks": [Look()]}, batch_size=40, max_epochs=30)
        model = AugmentedRegressor(pipeline, errors, random_state=0).fit(X, Y)
        resampler, network = model.regressor_.steps[0][1], model.regressor_.steps[1][1]
        assert len(seen) == 30
        assert np.abs(np.sort(seen[0][:, 5, 0]) - np.sort(seen[1][:, 5, 0])).max() > 0
        curvewise = np.concatenate(
            [resampler.transform(perturb_curves(X, errors, random_state=seed)) for seed in range(30)]
        )
        expected = network._inputs(curvewise, None, np.float64)
        drawn = np.concatenate(seen)
        for moment in (np.mean, np.std):
            np.testing.assert_allclose(moment(drawn, axis=0), moment(expected, axis=0), atol=0.06)

    def test_other_regressors_get_copies(self):
        from sklearn.linear_model import Ridge

        X, Y = make_spt_curves(20, random_state=0)
        sizes = []

        class Counting(Ridge):
            def fit(self, X, y):
                sizes.append(len(X))
                return super().fit(X, y)

        AugmentedRegressor(make_pipeline(CurveResampler(n_points=8), Counting()), random_state=0).fit(X, Y)
        AugmentedRegressor(make_pipeline(CurveResampler(n_points=8), Counting()), n_copies=2).fit(X, Y)
        assert sizes == [100, 60]

    def test_records_that_could_become_too_short_are_refused_before_the_training(self):
        X, Y = make_spt_curves(12, random_state=0)
        epochs = []

        class Count(Callback):
            def on_epoch_begin(self, net, **kwargs):
                epochs.append(1)

        pipeline = self.pipeline(net_params={"callbacks": [Count()]})
        pipeline.set_params(curveresampler__grid=np.linspace(0.1, 1.9, 12))
        # Few of the drawn records are as short as the shortest that can be drawn.
        with pytest.raises(ValueError, match="lies less than half of the grid"):
            AugmentedRegressor(pipeline, MeasurementErrors(cut=(0.0, 0.55)), random_state=0).fit(X, Y)
        assert not epochs
