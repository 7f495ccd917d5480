"""How long `import sklearn_spt` takes, against what it leaves for later.

    python -m benchmarks.import_time

Every import runs in a process of its own; the rounds take turns, so that a busy machine slows all of them alike. The
time is that of the import statement, without the start of the interpreter.
"""

import statistics
import subprocess
import sys

from ._record import record

ROUNDS = 7
STATEMENTS = {
    "import sklearn_spt": "import sklearn_spt",
    "Pipeline and torch": "from sklearn.pipeline import Pipeline; import torch",
    "SPTCurve, CurveResampler, GAFTransformer": "from sklearn_spt import SPTCurve, CurveResampler, GAFTransformer",
    "Seq2SeqRegressor": "from sklearn_spt import Seq2SeqRegressor",
}
REFERENCE = "Pipeline and torch"


def seconds(statement: str) -> float:
    code = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for statement in STATEMENTS.values():  # the first run of each reads the files from disk
        seconds(statement)
    for _ in range(ROUNDS):
        for name, statement in STATEMENTS.items():
            times[name].append(seconds(statement))
    reference = statistics.median(times[REFERENCE])
    rows = [
        {
            "what is imported": name,
            "median, s": round(statistics.median(values), 4),
            "fastest, s": round(min(values), 4),
            "share of Pipeline and torch": round(statistics.median(values) / reference, 4),
        }
        for name, values in times.items()
    ]
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    note = f"{ROUNDS} rounds, a process for each import, files in the page cache."
    print(f"wrote {record('import_time', title='Time to import', rows=rows, note=note)}")


if __name__ == "__main__":
    main()
