"""How long a prediction takes: the bundled model en10371, its network in plain torch, ONNX, and Gaussian processes.

    python -m benchmarks.prediction_speed

Records have 500 points. Times are those that the processor works, on one thread, so that a busy machine changes them
little; the cases take turns. A first prediction, and the memory for all curves, are those of a process of their own,
which has loaded the model before. The Gaussian processes have 16 components and 1,000 inducing points; they are tuned
with few curves, which changes what they predict and not how long they take.
"""

import argparse
import gc
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_spt import (
    CurveResampler,
    GaussianProcessCurveRegressor,
    SPTCurve,
    read_onnx,
    to_onnx,
)
from sklearn_spt.datasets import load_en10371_steel, load_pretrained

from ._record import record

MODEL, N_POINTS, MANY = "en10371", 500, 10_000
ROUNDS, IN_A_ROW = 10, 20
PLAIN = "network alone, plain torch, single precision"
# What each case predicts from, and with what it is made.
CASES = ("pipeline", "ONNX", "Gaussian processes")


def records(n: int) -> list[SPTCurve]:
    """Simulated records, with as many points as a machine's."""
    found = []
    for curve in load_en10371_steel().data[:n]:
        u = np.linspace(curve.displacement[0], curve.displacement[-1], N_POINTS)
        found.append(curve.replace(displacement=u, load=np.interp(u, curve.displacement, curve.load)))
    return [found[k % len(found)] for k in range(n)]


def processes(path: Path) -> None:
    """Fit the Gaussian processes and keep them in a file."""
    from sklearn.pipeline import make_pipeline

    steel, network = load_en10371_steel(), load_pretrained(MODEL)
    regressor = GaussianProcessCurveRegressor(
        n_components=16, max_inducing_points=1000, n_tuning=60, elastic_modulus="curve", strain=steel.strain,
        random_state=0,
    )  # fmt: skip
    resampler = CurveResampler(grid=network[0].grid_, descriptors=("thickness",))
    path.write_bytes(pickle.dumps(make_pipeline(resampler, regressor).fit(steel.data, steel.target)))


def predictor(case: str, folder: Path) -> Callable[[list[SPTCurve]], Any]:
    """The function of a case from records to stresses, and for ONNX from what the resampler makes of them."""
    if case == "ONNX":
        model = read_onnx(folder / "model.onnx")
        resampler = CurveResampler(grid=model.grid, descriptors=("thickness",)).fit(records(5))

        def predict(curves: list[SPTCurve]) -> np.ndarray:
            record = resampler.transform(curves)
            return model.predict(record[:, :, 0], thickness=record[:, 0, 1])

        return predict
    if case == "pipeline":
        return load_pretrained(MODEL).predict
    # Written by this script a moment ago.
    return pickle.loads((folder / "processes").read_bytes()).predict


def cpu(work: Callable[[Any], Any], given: Any) -> float:
    start = time.thread_time()
    work(given)
    return 1000 * (time.thread_time() - start)


def print_fresh(case: str, folder: Path) -> None:
    """Print the milliseconds of a first prediction, and the megabytes that many need, in a fresh process."""

    def status(key: str) -> int:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key))

    curves = records(MANY)
    predict = predictor(case, folder)
    first = cpu(predict, curves[:1])
    gc.collect()
    before = status("VmRSS")
    predict(curves)
    print(round(first, 1), round((status("VmHWM") - before) / 1024))


def parts(folder: Path) -> dict[str, tuple[Callable[[Any], Any], Any]]:
    """What is measured: a function, and what it is called with for all curves."""
    import torch

    curves = records(MANY)
    pipeline = load_pretrained(MODEL)
    regressor = pipeline[-1]
    onnx = read_onnx(folder / "model.onnx")
    grid = pipeline[:-1].transform(curves)
    curve, image = regressor._split_channels(grid)
    inputs = torch.from_numpy(regressor._inputs(curve, image, np.float32))
    single = regressor._network()
    pickled = pickle.dumps(single)
    double = pickle.loads(pickled).double()

    def plain(network: torch.nn.Module, X: torch.Tensor) -> None:
        with torch.inference_mode():
            for part in X.split(64):
                network(part)

    return {
        "pipeline, from records": (pipeline.predict, curves),
        "its resampler": (pipeline[:-1].transform, curves),
        "its regressor, from the grid": (regressor.predict, grid),
        PLAIN: (lambda X: plain(single, X), inputs),
        "the same in double precision": (lambda X: plain(double, X), inputs.double()),
        "ONNX, from the grid": (lambda X: onnx.predict(X[:, :, 0], thickness=X[:, 0, 1]), grid),
        "Gaussian processes, from records": (predictor("Gaussian processes", folder), curves),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fresh", nargs=2, metavar=("CASE", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    # Some simulated curves are outside the domain, which has nothing to do with time.
    warnings.simplefilter("ignore")
    if arguments.fresh:
        print_fresh(arguments.fresh[0], Path(arguments.fresh[1]))
        return
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        to_onnx(load_pretrained(MODEL), folder / "model.onnx")
        processes(folder / "processes")
        fresh = {}
        for case in CASES:
            command = [sys.executable, "-m", "benchmarks.prediction_speed", "--fresh", case, name]
            run = subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
            )
            fresh[case] = tuple(map(float, run.stdout.split()))
        measured = parts(folder)
        times: dict[str, list[float]] = {case: [] for case in measured}
        for _ in range(ROUNDS):
            for case, (work, given) in measured.items():
                times[case] += [cpu(work, given[:1]) for _ in range(IN_A_ROW)]
        many = {case: min(cpu(work, given) for _ in range(2)) for case, (work, given) in measured.items()}
    rows = []
    for case in measured:
        first, memory = next((fresh[each] for each in fresh if case.startswith(each)), (None, None))
        one = statistics.median(times[case])
        rows.append(
            {
                "what": case,
                "one curve (ms)": round(one, 3),
                "one curve, of plain torch": round(one / statistics.median(times[PLAIN]), 2),
                f"{MANY} curves, each (ms)": round(many[case] / MANY, 4),
                f"{MANY} curves, of plain torch": round(many[case] / many[PLAIN], 2),
                "curves per second": round(1000 * MANY / many[case]),
                "first prediction (ms)": first,
                f"memory for {MANY} curves (MB)": memory,
            }
        )
        print(*rows[-1].values(), sep=" | ", flush=True)
    note = (
        f"Time of the processor, one thread; records of {N_POINTS} points; medians of {ROUNDS} turns of {IN_A_ROW} for "
        f"one curve, the shorter of two for {MANY}. First prediction and memory of ONNX are with a resampler before it."
    )
    record("prediction_speed", title="Speed of predictions", rows=rows, note=note, packages=("onnx", "onnxruntime"))


if __name__ == "__main__":
    main()
