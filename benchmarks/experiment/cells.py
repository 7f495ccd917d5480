"""One cell: a model, trained and tested as a protocol says, with a seed. Its result is a file."""

import json
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from skorch.callbacks import Callback

from sklearn_spt import perturb_curves
from sklearn_spt.augmentation import AugmentedRegressor
from sklearn_spt.regressors._network import BaseNetworkRegressor
from sklearn_spt.utils.files import atomic_path

from .._record import RESULTS, installed, processor
from ..bundled import properties
from . import readings
from .models import MODELS, Correlations, Order
from .protocols import CLEAN, PROTOCOLS, Loaded, conditions, errors, family, load_set

FOLDER = RESULTS / "experiment"
# Where trainings that are not at their end stand.
CHECKPOINTS = Path(__file__).parents[2] / "runs" / "experiment"


@dataclass(frozen=True)
class Cell:
    protocol: str
    model: str
    seed: int
    train: int | None = None  # so many of the protocol's training curves, of one draw; None is all of them
    epochs: int | None = None  # of a network, in the place of its own

    @property
    def name(self) -> str:
        train = "" if self.train is None else f"-{self.train}curves"
        epochs = "" if self.epochs is None else f"-{self.epochs}epochs"
        return f"{self.protocol}/{self.model}{train}{epochs}-{self.seed}"


class OutOfTime(Exception):
    """The stretch is over."""


class Deadline(Callback):
    """End a training that would go on behind a point of time (of time.monotonic)."""

    def __init__(self, at: float) -> None:
        self.at = at

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        if time.monotonic() > self.at:
            raise OutOfTime


def network_of(model: Any) -> BaseNetworkRegressor | None:
    """The network, fitted or not, that errors are drawn anew for, or that takes the records as they are."""
    if isinstance(model, AugmentedRegressor):
        model = getattr(model, "regressor_", model.regressor)
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    return last if isinstance(last, BaseNetworkRegressor) else None


def train(model: Any, curves: list[Any], y: Any, checkpoint: Path, deadline: float) -> float:
    """Fit a model, a network from its checkpoint on. Return the seconds, of all stretches.

    Raises
    ------
    OutOfTime
        If a network's training is not at its end at the deadline. It goes on with the next call.
    """
    network = network_of(model)
    start = time.perf_counter()
    if network is None:
        model.fit(curves, y)
        return time.perf_counter() - start
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    network.set_params(net_params={**(network.net_params or {}), "callbacks": [("deadline", Deadline(deadline))]})
    where = "checkpoint" if isinstance(model, AugmentedRegressor) else f"{model.steps[-1][0]}__checkpoint"
    model.fit(curves, y, **{where: checkpoint})
    fitted = network_of(model)
    assert fitted is not None
    return sum(epoch["dur"] for epoch in fitted.history_)


def n_weights(model: Any) -> int | None:
    """Numbers that a network, Gaussian processes or perceptrons keep; None of other models."""
    if isinstance(model, AugmentedRegressor):
        model = model.regressor_
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    parts = [last.primary_, last.secondary_] if hasattr(last, "primary_") else [last]
    total = 0
    for part in parts:
        kept = getattr(part, "state_", None) or {
            name: value
            for name, value in vars(part).items()
            if name in ("alpha_", "scores_", "length_scale_") or "weights_" in name or "biases_" in name
        }
        total += sum(int(np.size(value)) for value in kept.values())
    return total or None


def measure(cell: Cell, loaded: Loaded, checkpoint: Path, deadline: float = np.inf) -> dict[str, Any]:
    """Train a model and read the test curves with it. Raises `OutOfTime` as `train` does."""
    protocol = PROTOCOLS[cell.protocol]
    learned, tested = protocol.split(loaded, cell.seed)
    learned = learned[: cell.train]
    model = MODELS[cell.model][1](Order(loaded, protocol.laboratory, cell.seed, cell.epochs))
    strain, known = loaded.strain, loaded.moduli
    curves, y = [loaded.curves[i] for i in learned], loaded.stress[learned]
    only_properties = isinstance(model, Correlations)
    if only_properties:
        # They are fitted to what a machine records of these specimens, without errors.
        curves = perturb_curves(curves, errors({}), random_state=cell.seed)
        y = properties(strain, y, known[learned])
    true, moduli = loaded.stress[tested], known[tested]
    true_properties = properties(strain, true, moduli)
    found, seconds = {}, 0.0
    with warnings.catch_warnings():
        # Records that end early, and curves that are unlike those of the training, are what is measured here.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        fit_seconds = train(model, curves, y, checkpoint, deadline)
        for name, sizes in conditions(protocol).items():
            seen = [loaded.curves[i] for i in tested]
            if sizes is not None:
                seen = perturb_curves(seen, sizes, random_state=cell.seed)
            start = time.perf_counter()
            predicted = model.predict(seen)
            if name == CLEAN:
                seconds = time.perf_counter() - start
            of_curves = {} if only_properties else readings.of_curves(true, predicted)
            read = predicted if only_properties else properties(strain, predicted, moduli)
            found[name] = of_curves | readings.of_properties(true_properties, read)
    network = network_of(model)
    return {
        **asdict(cell),
        "hash": loaded.hash,
        "left_out": family(loaded, cell.seed)[0] if cell.protocol == "discs-unseen-law" else None,
        "train_curves": len(learned),
        "test_curves": len(tested),
        "trained_epochs": None if network is None else network.n_epochs_,
        "weights": n_weights(model),
        "fit_minutes": round(fit_seconds / 60, 2),
        "milliseconds_per_curve": round(1000 * seconds / len(tested), 3),
        "errors": found,
        "threads": int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": processor(),
        "versions": installed(),
    }


def run(cells: list[Cell], minutes: float = np.inf, folder: Path = FOLDER, checkpoints: Path = CHECKPOINTS) -> None:
    """Measure the cells that have no result yet, one after the other, for so many minutes."""
    deadline = time.monotonic() + 60 * minutes
    for cell in cells:
        path = folder / f"{cell.name}.json"
        if path.exists():
            print(f"{cell.name}: is there")
            continue
        if time.monotonic() > deadline:
            print(f"{cell.name}: not begun")
            continue
        checkpoint = checkpoints / f"{cell.name}.pt"
        try:
            result = measure(cell, load_set(PROTOCOLS[cell.protocol].set), checkpoint, deadline)
        except OutOfTime:
            print(f"{cell.name}: not at its end; the same command goes on")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        checkpoint.unlink(missing_ok=True)
        print(f"{cell.name}: {summary(result)}", flush=True)


def summary(result: dict[str, Any]) -> str:
    clean = result["errors"][CLEAN]
    what = f"mean {clean['%']['mean']} %, {clean['MPa']['mean']} MPa" if "%" in clean else "properties"
    return f"{what}, {result['fit_minutes']} minutes"


def read_results(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """All results there are."""
    for path in sorted(folder.glob("*/*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))
