"""Measure every model on every protocol of the paper's experiment; tables and figures of what there is.

    python -m benchmarks.paper                       # what has no result yet for the sets and models as they are
    python -m benchmarks.paper --budget-minutes 60   # as much of it as an hour holds, the cheap first
    python -m benchmarks.paper --quick               # 120 curves of each set, a few epochs, into runs/paper_quick
    python -m benchmarks.paper --list                # models, protocols, and what there is
    python -m benchmarks.paper --tables-only         # measure nothing
    python -m benchmarks.paper --bundle              # and train the model "sheet" that the package brings

One JSON per model, protocol and seed is kept in results/paper/: an interrupted run goes on where it was. A result is
made anew when the set, the split or the model is another than it was measured with. Each measurement runs in a process
of its own, so that the peak of the memory is that of its fit; with --quick all run in this one.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._record import RESULTS
from .bundle import bundle
from .figures import draw
from .measure import build, definition, measure, write
from .models import MODELS, SECONDS
from .protocols import PROTOCOLS, conditions, possible
from .sets import Loaded, load_set
from .tables import tabulate

COMMAND = "python -m benchmarks.paper"
FOLDER = RESULTS / "paper"
QUICK_FOLDER = Path("runs") / "paper_quick"
FIGURES = Path(__file__).parents[2] / "docs" / "_static" / "paper"
ROOT = Path(__file__).parents[2]
# s, from which on a model is dear.
DEAR = 300.0
# Training curves that the hints of models.SECONDS are for.
HINTED_CURVES = 4500


@dataclass(frozen=True)
class Task:
    model: str
    protocol: str
    seed: int
    path: Path
    current: bool  # whether there is a result, of this very set, split and model
    seconds: float  # expected


def read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def is_current(result: dict[str, Any] | None, sets: dict[str, Loaded], quick: bool) -> bool:
    """Whether a result is of the set, the split and the model as they are."""
    if result is None or result["model"] not in MODELS or result["protocol"] not in PROTOCOLS:
        return False
    model, protocol, seed = (result[key] for key in ("model", "protocol", "seed"))
    loaded = sets[PROTOCOLS[protocol].data]
    if result["set"]["hash"] != loaded.hash:
        return False
    split = PROTOCOLS[protocol].split(loaded, seed)
    estimator, _ = build(model, protocol, loaded.setting(seed, quick=quick), len(split[0]))
    return result["definition"] == definition(estimator, protocol, split)


def expected_seconds(model: str, protocol: str, rows: int, known: list[dict[str, Any]]) -> float:
    """Time of a measurement, from those of the same model, or from the hint; proportional to the rows."""
    predictions = len(conditions()) if PROTOCOLS[protocol].conditions else 1
    if known:
        nearest = min(known, key=lambda result: abs(result["train_curves"] * (1 + result["copies"]) - rows))
        scale = rows / (nearest["train_curves"] * (1 + nearest["copies"]))
        reading = nearest["predict_milliseconds_per_curve"] / 1000 * nearest["test_curves"]
        return nearest["fit_seconds"] * scale + predictions * reading
    return SECONDS[model] * rows / HINTED_CURVES


def tasks(
    models: list[str], protocols: list[str], seeds: list[int], sets: dict[str, Loaded], folder: Path, quick: bool
) -> Iterator[Task]:
    for model in models:
        known = [result for path in sorted(folder.glob(f"{model}-*.json")) if (result := read(path))]
        for protocol in protocols:
            loaded = sets[PROTOCOLS[protocol].data]
            for seed in seeds:
                split = PROTOCOLS[protocol].split(loaded, seed)
                if not possible(protocol, len(split[0])):
                    continue
                _, copies = build(model, protocol, loaded.setting(seed, quick=quick), len(split[0]))
                path = folder / f"{model}-{protocol}-{seed}.json"
                current = is_current(read(path), sets, quick)
                rows = len(split[0]) * (1 + copies)
                yield Task(model, protocol, seed, path, current, expected_seconds(model, protocol, rows, known))


def in_a_process(task: Task, jobs: int) -> None:
    """Measure in a process of its own, with its share of the processors."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    asked = {"model": task.model, "protocol": task.protocol, "seed": task.seed, "path": str(task.path)}
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "benchmarks.paper", "--measure", json.dumps(asked)]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)


def say(task: Task) -> None:
    result = read(task.path)
    assert result is not None
    mae = result["errors"]["MAE, MPa"]
    numbers = " ".join(f"{key} {mae[key]:.3f}" for key in ("mean", "median", "95th percentile", "max", "min"))
    where = f"{task.model} {task.protocol} seed {task.seed}, {result['train_curves']} curves"
    print(f"{where}: {numbers} MPa; {result['fit_seconds']:.1f} s", flush=True)


def measure_all(todo: list[Task], jobs: int, minutes: float | None, quick: bool, sets: dict[str, Loaded]) -> list[Task]:
    """Measure what is to do, the cheap first; those that failed are returned."""
    end = None if minutes is None else time.monotonic() + 60 * minutes
    # Of dear models further seeds come last.
    waiting = sorted(todo, key=lambda task: (task.seconds > DEAR and task.seed != todo[0].seed, task.seconds))
    failed: list[Task] = []
    lock = threading.Lock()
    interrupted = threading.Event()

    def work() -> None:
        while True:
            with lock:
                if not waiting or interrupted.is_set():
                    return
                if end is not None and time.monotonic() + waiting[0].seconds > end:
                    return
                task = waiting.pop(0)
            # Another run may have measured it in the meantime.
            if is_current(read(task.path), sets, quick):
                continue
            try:
                if quick:
                    loaded = sets[PROTOCOLS[task.protocol].data]
                    write(task.path, measure(task.model, task.protocol, task.seed, loaded, quick=True)[0])
                else:
                    in_a_process(task, jobs)
                say(task)
            except Exception as error:  # the others are measured all the same
                print(f"FAILED: {task.model} {task.protocol} seed {task.seed}: {error}", file=sys.stderr, flush=True)
                failed.append(task)

    workers = [threading.Thread(target=work) for _ in range(1 if quick else jobs)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        interrupted.set()
        raise
    if waiting:
        print(f"{len(waiting)} measurements do not fit into the time; the next: {waiting[0].model}, "
              f"{waiting[0].protocol}, about {waiting[0].seconds / 60:.0f} min")  # fmt: skip
    return failed


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS), metavar="MODEL")
    parser.add_argument("--protocols", nargs="+", choices=list(PROTOCOLS), default=list(PROTOCOLS), metavar="PROTOCOL")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], help="default: 0 1 2")
    parser.add_argument("--quick", action="store_true", help="120 curves of each set, one seed, a few epochs")
    parser.add_argument("--list", action="store_true", help="name models and protocols, and what there is")
    parser.add_argument("--budget-minutes", type=float, help="start nothing that is expected to end later")
    parser.add_argument("--jobs", type=int, default=1, help="measurements at a time, which share the processors")
    parser.add_argument("--tables-only", action="store_true", help="measure nothing, write tables and figures")
    parser.add_argument("--bundle", action="store_true", help="train our best model and put it into the package")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.jobs < 1:
        parser.error(f"--jobs must be at least 1; got {arguments.jobs}")
    if arguments.budget_minutes is not None and arguments.budget_minutes <= 0:
        parser.error(f"--budget-minutes must be positive; got {arguments.budget_minutes:g}")
    if arguments.quick and arguments.seeds == [0, 1, 2]:
        arguments.seeds = [0]
    return arguments


def main(argv: list[str] | None = None, folder: Path | None = None) -> int:
    """Run the command; its results go into `folder`, tables and figures with them, if that is given."""
    arguments = parse(argv)
    if arguments.measure:
        asked = json.loads(arguments.measure)
        loaded = load_set(PROTOCOLS[asked["protocol"]].data)
        result, _ = measure(asked["model"], asked["protocol"], asked["seed"], loaded, quick=False)
        write(Path(asked["path"]), result)
        return 0
    own = folder is None and not arguments.quick
    folder = folder or (QUICK_FOLDER if arguments.quick else FOLDER)
    names = dict.fromkeys(protocol.data for protocol in PROTOCOLS.values())
    sets = {name: load_set(name, quick=arguments.quick) for name in names}
    failed: list[Task] = []
    if not arguments.tables_only:
        all_tasks = list(tasks(arguments.models, arguments.protocols, arguments.seeds, sets, folder, arguments.quick))
        if arguments.list:
            listing(all_tasks, arguments, sets)
            return 0
        todo = [task for task in all_tasks if not task.current]
        print(f"{len(all_tasks) - len(todo)} of {len(all_tasks)} measurements are there", flush=True)
        failed = measure_all(todo, arguments.jobs, arguments.budget_minutes, arguments.quick, sets)
        if arguments.bundle:
            bundle(sets["sheet"], folder, COMMAND + " --bundle")
    kept = [result for path in sorted(folder.glob("*.json")) if (result := read(path))]
    results = [result for result in kept if is_current(result, sets, arguments.quick)]
    if len(results) < len(kept):
        print(f"{len(kept) - len(results)} results are of other sets or models, and not in the tables")
    tabulate(results, sets, folder / "tables", COMMAND)
    draw(results, sets, FIGURES if own else folder / "figures")
    return 1 if failed else 0


def listing(all_tasks: list[Task], arguments: argparse.Namespace, sets: dict[str, Loaded]) -> None:
    for name, loaded in sets.items():
        print(f"set {name}: {len(loaded)} curves ({loaded.left_out} more end too early), {loaded.hash}")
    for protocol in arguments.protocols:
        print(f"protocol {protocol}: {PROTOCOLS[protocol].what}")
    for model in arguments.models:
        own = [task for task in all_tasks if task.model == model]
        left = sum(task.seconds for task in own if not task.current)
        done = sum(task.current for task in own)
        print(f"model {model}: {done} of {len(own)} measurements are there; the rest takes about {left / 60:.0f} min")
