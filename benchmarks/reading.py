"""Time and memory of `read_curves` beside those of pandas, in several layouts: python -m benchmarks.reading"""

import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from sklearn_spt import read_curves

from ._record import record

N_FILES = 200
N_FEW = 20  # of the other layouts
N_POINTS = 5000
ROUNDS = 2
_GERMAN = str.maketrans(".,", ",.")
# Header, a line of (time in s, mm, N), and how pandas reads it.
LAYOUTS: dict[str, tuple[str, Callable[[int, float, float], str], dict[str, Any]]] = {
    "comma, decimal point": (
        "Time (s),Displacement (mm),Load (N)\n",
        lambda t, u, f: f"{t},{u:.6f},{f:.4f}\n",
        {},
    ),
    "two columns, tab": ("u (mm)\tF (N)\n", lambda t, u, f: f"{u:.6f}\t{f:.4f}\n", {"sep": "\t"}),
    "semicolon, decimal comma": (
        "Zeit (s);Weg (mm);Kraft (N)\n",
        lambda t, u, f: f"{t};{u:.6f};{f:.4f}\n".replace(".", ","),
        {"sep": ";", "decimal": ","},
    ),
    "white space": (
        "u (mm)  F (N)\n",
        lambda t, u, f: f"{u:12.6f} {f:12.4f}\n",
        {"sep": r"\s+", "header": 0, "names": "uF"},
    ),
    "all in quotes": (
        '"Time (s)","Displacement (mm)","Load (N)"\n',
        lambda t, u, f: f'"{t}","{u:.6f}","{f:.4f}"\n',
        {},
    ),
    "semicolon, marks between thousands": (
        "Zeit (s);Weg (mm);Kraft (N)\n",
        lambda t, u, f: f"{t};{u:.6f};{3 * f:,.4f}\n".translate(_GERMAN),
        {"sep": ";", "decimal": ",", "thousands": "."},
    ),
    "with the time of day": (
        "Zeit;Weg (mm);Kraft (N)\n",
        lambda t, u, f: f"12:00:{t % 60:02};{u:.6f};{f:.4f}\n".replace(".", ","),
        {"sep": ";", "decimal": ","},
    ),
}


def points(n: int) -> list[tuple[int, float, float]]:
    k = np.arange(n)
    return list(zip(k.tolist(), (2 * k / n).tolist(), (1000 * np.sqrt(k / n)).tolist(), strict=True))


def measure(name: str, paths: list[Path], n_points: int, by_pandas: Callable[[Path], Any]) -> dict[str, Any]:
    """Time of both, in turns, and the peak of memory for one file."""
    times: dict[str, list[float]] = {"read_curves": [], "pandas": []}
    read_curves(paths[0])
    by_pandas(paths[0])
    for _ in range(ROUNDS):
        start = time.process_time()
        curves = read_curves(paths)
        times["read_curves"].append(time.process_time() - start)
        if {len(curve.load) for curve in curves} != {n_points} or len(curves) != len(paths):
            raise SystemExit(f"{name}: not all points were read")
        start = time.process_time()
        for path in paths:
            by_pandas(path)
        times["pandas"].append(time.process_time() - start)
    del curves
    tracemalloc.start()
    read_curves(paths[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    ours, theirs = (statistics.median(times[who]) for who in ("read_curves", "pandas"))
    return {
        "layout": name,
        "files": len(paths),
        "points each": n_points,
        "ms a file": round(1000 * ours / len(paths), 2),
        "pandas, ms a file": round(1000 * theirs / len(paths), 2),
        "times pandas": round(ours / theirs, 1),
        "memory / file size": round(peak / paths[0].stat().st_size, 1),
    }


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (header, line, options)) in enumerate(LAYOUTS.items()):
            for n_files, n_points in ((N_FILES, N_POINTS), (1, 200_000)) if number == 0 else ((N_FEW, N_POINTS),):
                text = header + "".join(line(*point) for point in points(n_points))
                paths = [Path(folder, f"{number}-{n_points}-{k:03}.csv") for k in range(n_files)]
                for path in paths:
                    path.write_text(text, encoding="utf-8")
                options = {key: list(value) if key == "names" else value for key, value in options.items()}
                rows.append(measure(name, paths, n_points, lambda path, given=options: pd.read_csv(path, **given)))
                print(rows[-1], flush=True)
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["Time (s)", "Displacement (mm)", "Load (N)"])
        for point in points(N_POINTS):
            sheet.append(point)
        path = Path(folder, "book.xlsx")
        book.save(path)
        rows.append(measure("Excel workbook", [path], N_POINTS, pd.read_excel))
        print(rows[-1], flush=True)
    note = (
        f"Processor time, median of {ROUNDS} rounds in turns with pandas.read_csv (read_excel), which is told the "
        "separator, the decimal sign and the header. Memory: the peak that tracemalloc sees while one file is read, "
        "with the curve."
    )
    made = record("reading", title="Time and memory of reading", rows=rows, note=note, packages=("openpyxl", "pandas"))
    print(f"wrote {made}")


if __name__ == "__main__":
    main()
