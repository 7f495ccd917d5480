"""Speed and peak memory of GAFTransformer against those of the package pyts, and how far their numbers differ.

    python -m pip install pyts
    python -m benchmarks.gaf

pyts is no dependency of sklearn_spt: install it into an environment that you can throw away. Times of all cases are
taken in turns, so that a busy machine slows all of them alike. The peak memory is what a process of its own needs
beyond what it held before the call, read from Linux's /proc.
"""

import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

from sklearn_spt.preprocessing import GAFTransformer

from ._record import record

N_CURVES, N_POINTS = 2000, 100
ROUNDS = 25
CASES = ["pyts", "the same image", "default: appended, global range"]
DTYPES = ["float32", "float64"]


def loads(dtype: str) -> np.ndarray:
    rng = np.random.default_rng(0)
    steps = rng.uniform(size=(N_CURVES, N_POINTS)) * rng.uniform(1.0, 900.0, size=(N_CURVES, 1))
    return np.cumsum(steps, axis=1).astype(dtype)


def transformer(case: str) -> Callable[[np.ndarray], np.ndarray]:
    """The call that is measured, warmed up: pyts compiles on import, and both allocate some caches on first use."""
    if case == "pyts":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pyts.image import GramianAngularField

        call = GramianAngularField(sample_range=(0, 1)).fit_transform
    elif case == "the same image":
        call = GAFTransformer(scaling="sample", output="image").fit_transform
    else:
        call = GAFTransformer().fit_transform
    call(loads("float32")[:2])
    return call


def peak_memory(case: str, dtype: str) -> float:
    """MB, of one call in a process of its own."""
    code = f"from benchmarks.gaf import print_peak; print_peak({case!r}, {dtype!r})"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(result.stdout.split()[-1])


def print_peak(case: str, dtype: str) -> None:
    call, X = transformer(case), loads(dtype)

    def kilobytes(key: str) -> int:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(key))

    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # sets VmHWM, the highest resident size, to the present one
    before = kilobytes("VmRSS")
    result = call(X)
    print((kilobytes("VmHWM") - before) * 1024 / 1e6)
    del result


def main() -> None:
    try:
        calls = {case: transformer(case) for case in CASES}
    except ModuleNotFoundError as error:
        if error.name != "pyts":
            raise
        sys.exit("benchmarks.gaf compares with the package pyts: python -m pip install pyts")
    if not sys.platform.startswith("linux"):
        sys.exit("benchmarks.gaf reads the peak memory from /proc, which only Linux has")
    X = {dtype: loads(dtype) for dtype in DTYPES}
    times: dict[tuple[str, str], list[float]] = {(case, dtype): [] for dtype in DTYPES for case in CASES}
    for _ in range(ROUNDS):
        for case, dtype in times:
            start = time.perf_counter()
            result = calls[case](X[dtype])
            times[case, dtype].append(time.perf_counter() - start)
            del result
    rows = []
    for case, dtype in times:
        if case == "pyts":
            pyts_seconds, pyts_memory = statistics.median(times[case, dtype]), peak_memory(case, dtype)
        seconds = pyts_seconds if case == "pyts" else statistics.median(times[case, dtype])
        memory = pyts_memory if case == "pyts" else peak_memory(case, dtype)
        difference = None
        if case == "the same image":
            difference = float(np.abs(calls[case](X[dtype]) - calls["pyts"](X[dtype])).max())
        rows.append(
            {
                "input": dtype,
                "case": "pyts" if case == "pyts" else f"GAFTransformer, {case}",
                "median, ms": round(seconds * 1e3, 1),
                "fastest, ms": round(min(times[case, dtype]) * 1e3, 1),
                "speed, pyts = 1": round(pyts_seconds / seconds, 2),
                "peak memory, MB": round(memory, 1),
                "memory, pyts = 1": round(memory / pyts_memory, 3),
                "largest difference from pyts": None if difference is None else float(f"{difference:.1e}"),
            }
        )
        print("  ".join(f"{key}: {value}" for key, value in rows[-1].items()))
    note = (
        f"{N_CURVES:,} curves of {N_POINTS} points, {ROUNDS} rounds in turns. pyts always computes in float64, "
        "GAFTransformer keeps the precision of its input. The memory contains the output itself."
    )
    title = "Gramian angular fields, against pyts"
    print(f"wrote {record('gaf', title=title, rows=rows, note=note, packages=('pyts', 'numba'))}")


if __name__ == "__main__":
    main()
