"""What the simulations of the data sets cost, and how often they fail: read from the packed sets.

python -m benchmarks.simulation_cost
"""

import json

import numpy as np

from ._record import record
from .generate_sets import DESIGNS, PACKED


def main() -> None:
    rows = []
    solvers = set()
    for name, path in PACKED.items():
        with np.load(path) as file:
            cpu, attempts = file["cpu_s"].astype(float), file["attempts"]
            stopped, failed = int((~file["completed"]).sum()), len(file["failed"])
            wrong = int((file["wrong_increments"] > 0).sum())
            solvers.add(json.loads(str(file["manifest"]))["solver"])
        rows.append(
            {
                "set": name,
                "rig": DESIGNS[name].rig.name,  # type: ignore[union-attr]
                "curves": len(cpu),
                "CPU time, mean, s": round(cpu.mean(), 1),
                "median, s": round(float(np.median(cpu)), 1),
                "95th percentile, s": round(float(np.percentile(cpu, 95)), 1),
                "curves per core and hour": round(3600 / cpu.mean()),
                "one attempt, %": round(100 * float(np.mean(attempts == 1)), 1),
                "two, %": round(100 * float(np.mean(attempts == 2)), 1),
                "three, %": round(100 * float(np.mean(attempts == 3)), 1),
                "stopped early": stopped,
                "with points left out": wrong,
                "no curve at all": failed,
            }
        )
    path = record(
        "simulation_cost",
        title="Cost and failures of the simulations",
        rows=rows,
        note=f"{', '.join(sorted(solvers))}, one thread per run. The CPU time is that of all attempts of a curve, on "
        "the machine that computed it, which need not be the one named here; the time of points that gave no curve is "
        "not recorded.",
    )
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
