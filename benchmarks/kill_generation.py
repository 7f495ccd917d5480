"""A running generation is killed again and again; nothing may be lost, half read, left running or left behind.

    python -m benchmarks.kill_generation   # about 20 minutes; CalculiX (ccx) must be installed, and Linux

The process that generates a small set with two workers gets SIGTERM and SIGKILL in turn, alone, at random moments of
its work; after each kill the folder of results is read, the processes and the temporary folders are counted, and the
generation goes on. In the end the set is compared with one that was made in one go. The embedded solver writes many
results in that time, CalculiX has programs and folders of its own: both are killed twenty times.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import Design, LawSpace, MeshSettings, read_dataset, simulate_dataset

from ._record import record

KILLS = 20
# More than are made until the last kill.
POINTS = {"embedded": 1000, "calculix": 60}
SEED = 0
DESIGN = Design(
    name="killed",
    rig="SHEET",
    laws=[LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})],
    thickness=(1.5, 2.5),
    stroke=0.3,
    mesh=MeshSettings(rows=2, edge_size=0.3),
    seed=1,
)
GENERATE = (
    "import sys; from benchmarks.kill_generation import DESIGN, POINTS, simulate_dataset; out, solver = sys.argv[1:]; "
    "simulate_dataset(DESIGN, out, POINTS[solver], n_jobs=2, solver=solver, progress=False)"
)
# Workers and guards look for their parent a few times a second.
PATIENCE = 10.0


def running(scratch: Path) -> list[str]:
    """Commands of the processes, but for this one, that have the folder in their environment or their command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = ((folder / name).read_bytes() for name in ("cmdline", "environ"))
        except OSError:
            continue
        if os.fsencode(scratch) in command + environment and int(folder.name) != os.getpid():
            found.append(command.decode(errors="replace").replace("\0", " "))
    return found


def working(scratch: Path) -> list[str]:
    """The same without joblib's own helpers and workers, which idle for a while where they had not yet got work."""
    return [command for command in running(scratch) if "loky" not in command and "resource_tracker" not in command]


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "runs").glob("[0-9]*")} if out.exists() else {}


def kill_once(solver: str, out: Path, scratch: Path, kind: signal.Signals, delay: float) -> dict[str, Any]:
    """Go on with the generation, kill it after so many seconds, and look at what is left."""
    before = contents(out)
    environment = {**os.environ, "TMPDIR": str(scratch)}
    command = [sys.executable, "-c", GENERATE, str(out), solver]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    # The workers take seconds to start; a kill before they work would show nothing.
    while process.poll() is None and len(contents(out)) == len(before):
        if any("ccx job" in command for command in working(scratch)):
            break
        time.sleep(0.02)
    time.sleep(delay)
    ended = process.poll() is not None
    then = working(scratch)
    process.send_signal(kind)
    process.wait()
    killed = time.monotonic()
    while (working(scratch) or any(scratch.iterdir())) and time.monotonic() - killed < PATIENCE:
        time.sleep(0.02)
    gone = time.monotonic() - killed
    left = working(scratch)
    after = contents(out)
    read_dataset(out)  # Raises ValueError where a result is half written.
    return {
        "signal": "none, it had ended" if ended else kind.name,
        "into the work, s": round(delay, 1),
        "solvers then": sum("ccx job" in command for command in then),
        "gone within, s": round(gone, 2),
        "processes left": len(left),
        "idle helpers of joblib left": len(running(scratch)) - len(left),
        "folders left": len(list(scratch.iterdir())),
        "results before": len(before),
        "results after": len(after),
        "results lost or changed": sum(after.get(name) != content for name, content in before.items()),
    }


def same(one: Path, other: Path, n: int) -> bool:
    first, second = read_dataset(one), read_dataset(other)
    return all(
        np.array_equal(getattr(first[index], name), getattr(second[index], name))
        for index in range(n)
        for name in ("displacement", "load")
    )


def kill_often(solver: str) -> tuple[list[dict[str, Any]], bool]:
    """One row for each kill, and whether the set is in the end the same as one made in one go."""
    draw = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scratch = folder / "tmp"
        scratch.mkdir()
        rows = []
        for i in range(KILLS):
            kind = (signal.SIGTERM, signal.SIGKILL)[i % 2]
            found = kill_once(solver, folder / "out", scratch, kind, draw.uniform(0, 5))
            rows.append({"solver": solver, "kill": i + 1, **found})
            print(rows[-1], flush=True)
        n = min(POINTS[solver], len(read_dataset(folder / "out")) + 2)
        simulate_dataset(DESIGN, folder / "out", n, solver=solver, progress=False)
        simulate_dataset(DESIGN, folder / "straight", n, solver=solver, progress=False)
        return rows, same(folder / "out", folder / "straight", n)


def main() -> int:
    rows = []
    equal = []
    for solver in POINTS:
        found, same_set = kill_often(solver)
        rows += found
        equal.append(same_set)
    left = sum(row["processes left"] + row["folders left"] + row["results lost or changed"] for row in rows)
    verdict = "the same as" if all(equal) else "NOT the same as"
    note = f"In the end the curves of both sets are {verdict} those of sets made in one go."
    print(note, record("kill_generation", title="A generation, killed at random moments", rows=rows, note=note))
    return 0 if all(equal) and not left else 1


if __name__ == "__main__":
    sys.exit(main())
