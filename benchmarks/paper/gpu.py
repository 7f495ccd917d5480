"""How long networks of the experiment train on a GPU: ``python -m benchmarks.paper.gpu``.

Fitted as the experiment fits them, on the random split of sheets, seed 0, with ``device="cuda"``; predictions run on
the CPU. The results are written after each model, so that an interrupted run keeps what it has measured.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from sklearn_spt.metrics import curve_mean_absolute_error
from sklearn_spt.regressors._network import BaseNetworkRegressor

from .._record import record
from .measure import build, estimators, n_parameters, quietly
from .networks import NETWORKS
from .protocols import PROTOCOLS
from .sets import load_set
from .setting import Setting

PROTOCOL = "sheet_random"
# The dearest last.
CHOSEN = ("light", "default", "paper_ann", "paper_gru", "paper_transformer", "paper")
# Curves of a fit that is not counted: what the first use of a GPU loads belongs to no model.
WARM_UP = 64


def networks(estimator: Any) -> list[BaseNetworkRegressor]:
    """The networks in an estimator, fitted or not."""
    return [part for part in estimators(estimator) if isinstance(part, BaseNetworkRegressor)]


def on_device(model: str, setting: Setting, n_train: int, device: str) -> Any:
    """The unfitted estimator of the experiment, its networks on the device."""
    estimator, _ = build(model, PROTOCOL, setting, n_train)
    for network in networks(estimator):
        network.set_params(device=device)
    return estimator


def rows(models: Sequence[str] = CHOSEN, device: str = "cuda", *, quick: bool = False) -> Iterator[dict[str, Any]]:
    loaded = load_set("sheet", quick=quick)
    train, test = PROTOCOLS[PROTOCOL].split(loaded, 0)
    curves, seen = ([loaded.curves[i] for i in part] for part in (train, test))
    brief = on_device(models[0], loaded.setting(0, quick=True), len(train), device)
    brief.fit(curves[:WARM_UP], loaded.stress[train[:WARM_UP]])
    for model in models:
        estimator = on_device(model, loaded.setting(0, quick=quick), len(train), device)
        start = time.perf_counter()
        estimator.fit(curves, loaded.stress[train])
        seconds = time.perf_counter() - start
        # A stack keeps its unfitted parts as well.
        fitted = [network for network in networks(estimator) if hasattr(network, "n_epochs_")]
        # skorch takes an interrupt for the end of the training; what there is then is no result.
        if any(network.n_epochs_ < network.max_epochs for network in fitted):
            raise KeyboardInterrupt(model)
        error = curve_mean_absolute_error(loaded.stress[test], quietly(estimator, seen))
        row = {
            "model": model,
            "device": torch.cuda.get_device_name(device) if torch.device(device).type == "cuda" else device,
            "parameters": n_parameters(estimator),
            "epochs": max(network.n_epochs_ for network in fitted),
            "mean MAE, MPa": float(f"{error.mean():.4g}"),
            "worst MAE, MPa": float(f"{error.max():.3g}"),
            "fit, s": round(seconds, 1),
        }
        print(row, flush=True)
        yield row


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--models",
        nargs="+",
        choices=list(NETWORKS),
        default=list(CHOSEN),
        metavar="MODEL",
        help=f"those that the results hold then; default: {' '.join(CHOSEN)}",
    )
    arguments = parser.parse_args(argv)
    if not torch.cuda.is_available():
        parser.error("torch finds no CUDA device here")
    done = []
    for row in rows(arguments.models):
        done.append(row)
        record(
            "paper_gpu",
            title="Networks of the experiment, trained on a GPU",
            rows=done,
            note="Random split of sheets (sheet_random), seed 0; one GPU, each model after the other",
            command="python -m benchmarks.paper.gpu",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
