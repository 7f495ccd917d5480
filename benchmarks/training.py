"""Seconds per epoch, peak memory and where the time goes: the paper's network, autoregressive and parallel.

    python -m benchmarks.training

One step of the optimiser per case in turns, so that a busy machine slows all of them alike; an epoch is 1,200 curves of
100 points with their image, in batches of 32. The peak memory is that of a process that trains one epoch of 96 curves,
less what it held before. The shares of time are those of the modules of the network, forward and backward, as torch's
profiler counts them.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from sklearn_spt import GAFTransformer, LSTMRegressor, Seq2SeqRegressor
from sklearn_spt.networks import Seq2Seq

from ._record import record

N_CURVES, N_POINTS, N_STRAINS, BATCH = 1200, 100, 100, 32
ROUNDS = 7
CASES = {
    "paper, autoregressive": Seq2SeqRegressor.paper,
    "paper, parallel": lambda **changes: Seq2SeqRegressor.paper(decoder="parallel", **changes),
    "paper without image, autoregressive": LSTMRegressor.paper,
    "defaults, with image": Seq2SeqRegressor,
    "defaults, without image": LSTMRegressor,
    "defaults, without image, autoregressive": lambda **changes: LSTMRegressor(decoder="autoregressive", **changes),
}
# The operators of torch that do the work of each part; what a part calls inside is counted there.
PARTS = {
    "LSTM": ("mkldnn_rnn", "lstm"),
    "convolutions": ("convolution", "conv"),
    "attention": ("attention", "softmax", "bmm"),
}


def data(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    loads = np.cumsum(rng.uniform(1, 100, (n, N_POINTS)), axis=1)
    return GAFTransformer().fit_transform(loads), 300 + np.cumsum(rng.uniform(1, 5, (n, N_STRAINS)), axis=1)


def build(case: str) -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    """The network of a case with a batch to train on."""
    X, y = data(BATCH)
    model = CASES[case](max_epochs=1, random_state=0).fit(X, y)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Seq2Seq(**model.module_params_)
        inputs = torch.randn(BATCH, N_POINTS, module.features.n_channels + (N_POINTS if model._takes_image else 0))
        targets = torch.randn(BATCH, N_STRAINS)
    return module, inputs, targets


def step(module: torch.nn.Module, optimizer: torch.optim.Optimizer, X: torch.Tensor, y: torch.Tensor) -> None:
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(module(X), y).backward()
    optimizer.step()


def shares(module: torch.nn.Module, optimizer: torch.optim.Optimizer, X: torch.Tensor, y: torch.Tensor) -> dict:
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step(module, optimizer, X, y)
    spent: dict[str, float] = defaultdict(float)

    def visit(event: Any, part: str) -> None:
        name = event.name.lower()
        if part == "other":
            part = next((p for p, words in PARTS.items() if any(word in name for word in words)), "other")
        spent[part] += event.self_cpu_time_total
        for child in event.cpu_children:
            visit(child, part)

    for event in profiler.events():
        if event.cpu_parent is None:
            visit(event, "other")
    total = sum(spent.values())
    return {part: spent[part] / total for part in (*PARTS, "other")}


def print_peak(case: str) -> None:
    """Print the megabytes that one epoch needs beyond what the process held before."""

    def status(key: str) -> int:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key))

    X, y = data(3 * BATCH)
    model = CASES[case](max_epochs=1, random_state=0)
    gc.collect()
    before = status("VmRSS")
    model.fit(X, y)
    print(round((status("VmHWM") - before) / 1024))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peak", metavar="CASE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        print_peak(arguments.peak)
        return
    steps: dict[str, list[float]] = {case: [] for case in CASES}
    built = {}
    for case in CASES:
        module, X, y = build(case)
        optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
        built[case] = module, optimizer, X, y
        step(*built[case])
    for _ in range(ROUNDS):
        for case, parts in built.items():
            start = time.perf_counter()
            step(*parts)
            steps[case].append(time.perf_counter() - start)
    rows = []
    for case, parts in built.items():
        seconds = statistics.median(steps[case])
        command = [sys.executable, "-m", "benchmarks.training", "--peak", case]
        peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows.append(
            {
                "network": case,
                "weights": sum(p.numel() for p in parts[0].parameters()),
                "ms per step": round(1000 * seconds, 1),
                "s per epoch": round(seconds * -(-N_CURVES // BATCH), 1),
                "of the autoregressive": round(seconds / statistics.median(steps["paper, autoregressive"]), 3),
                "peak memory (MB)": int(peak),
                **{f"{part} (%)": round(100 * share) for part, share in shares(*parts).items()},
            }
        )
        print(*rows[-1].values(), sep=" | ", flush=True)
    record(
        "training",
        title="Training steps",
        rows=rows,
        note=f"Batches of {BATCH} curves of {N_POINTS} points, {N_STRAINS} strains, {torch.get_num_threads()} threads; "
        f"median of {ROUNDS} steps per case taken in turns; an epoch is {N_CURVES} curves.",
    )


if __name__ == "__main__":
    main()
