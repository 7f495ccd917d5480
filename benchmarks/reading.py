"""How long `read_curves` takes for long files, in layouts that are read differently: python -m benchmarks.reading"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import openpyxl

from sklearn_spt import read_curves

from ._record import record

N = 200_000
ROUNDS = 3


def write(folder: Path) -> dict[str, Path]:
    """One record of `N` points in several layouts."""
    k = np.arange(N)
    points = list(zip(k.tolist(), (2 * k / N).tolist(), (1000 * np.sqrt(k / N)).tolist(), strict=True))
    german = str.maketrans(".,", ",.")
    layouts = {
        "comma, decimal point": ("Time (s),Displacement (mm),Load (N)\n", lambda t, u, f: f"{t},{u:.6f},{f:.4f}\n"),
        "semicolon, decimal comma": (
            "Zeit (s);Weg (mm);Kraft (N)\n",
            lambda t, u, f: f"{t};{u:.6f};{f:.4f}\n".replace(".", ","),
        ),
        "semicolon, marks between thousands": (
            "Zeit (s);Weg (mm);Kraft (N)\n",
            lambda t, u, f: f"{t};{u:.6f};{3 * f:,.4f}\n".translate(german),
        ),
        "all in quotes": (
            '"Time (s)","Displacement (mm)","Load (N)"\n',
            lambda t, u, f: f'"{t}","{u:.6f}","{f:.4f}"\n',
        ),
        "with the time of day": (
            "Zeit;Weg (mm);Kraft (N)\n",
            lambda t, u, f: f"12:00:{t % 60:02};{u:.6f};{f:.4f}\n".replace(".", ","),
        ),
    }
    files = {}
    for number, (name, (header, line)) in enumerate(layouts.items()):
        files[name] = folder / f"{number}.csv"
        files[name].write_text(header + "".join(line(*point) for point in points), encoding="utf-8")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Time (s)", "Displacement (mm)", "Load (N)"])
    for point in points:
        sheet.append(point)
    files["Excel workbook"] = folder / "book.xlsx"
    book.save(files["Excel workbook"])
    return files


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder))
        times: dict[str, list[float]] = {name: [] for name in files}
        for _ in range(ROUNDS):
            for name, path in files.items():
                start = time.process_time()
                (curve,) = read_curves(path)
                times[name].append(time.process_time() - start)
                if len(curve.load) != N:
                    raise SystemExit(f"{name}: {len(curve.load)} points of {N}")
        rows = [
            {
                "layout": name,
                "file, MB": round(files[name].stat().st_size / 1e6, 1),
                "median, s": round(statistics.median(values), 2),
            }
            for name, values in times.items()
        ]
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    note = f"Records of {N:,} points, three columns; processor time, {ROUNDS} rounds in turns."
    path = record("reading", title="Time to read long files", rows=rows, note=note, packages=("openpyxl",))
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
