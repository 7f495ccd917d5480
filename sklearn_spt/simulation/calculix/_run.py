"""One run of CalculiX on a deck."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ._output import JOB, NodalFields, last_words, read_displacements, read_fields, read_forces

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class SolverRun:
    """What one run of the solver gave."""

    time: np.ndarray  # (n,) step times of the converged increments
    force: np.ndarray  # (n, 3) total force on the printed set, of the whole ring or model as the solver prints it
    completed: bool  # the step reached its end
    stopped: bool  # ended from outside because `stop` said so
    last_words: str
    cpu_s: float
    fields: tuple[NodalFields, ...] = ()  # where the deck asks for them, in the order of their times
    displacements: np.ndarray | None = None  # (n, n_nodes, 3) of the nodes of `moving_set`


def run_deck(
    deck: str,
    *,
    solver: str,
    node_set: str,
    timeout: float,
    stop: Callable[[np.ndarray, np.ndarray], bool] | None = None,
    keep: Path | None = None,
    field_times: Sequence[float] = (),
    start: float = 1.0,
    moving_set: str | None = None,
) -> SolverRun:
    """Run the solver on a deck in a folder of its own and read the total force on a node set.

    Parameters
    ----------
    deck : str
        Text of the input deck.
    solver : str
        The program.
    node_set : str
        The set whose total force the deck prints.
    timeout : float
        Seconds after which the solver is ended; what it computed until then counts.
    stop : callable, default=None
        Called now and then with the times and forces so far; the solver is ended when it returns True.
    keep : Path, default=None
        Folder that gets the solver's files. None: they are removed.
    field_times : sequence of float, default=()
        Times of the recorded step whose nodal fields are read.
    start : float, default=1.0
        Total time at which the step that is recorded begins: 1 for the second step. It lasts one unit.
    moving_set : str, default=None
        The set whose nodes' displacements the deck prints.
    """
    with tempfile.TemporaryDirectory(prefix="sklearn-spt-") as name:
        folder = Path(name)
        (folder / f"{JOB}.inp").write_text(deck, encoding="ascii")
        # One process per core beats several threads on one small model.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "CCX_NPROC_EQUATION_SOLVER": "1"}
        cpu = _children_cpu()
        now, spent = time.monotonic(), 0.0
        stopped = timed_out = False
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([solver, JOB], cwd=folder, env=environment, stdout=log, stderr=log)
            try:
                while process.poll() is None:
                    try:
                        process.wait(_POLL_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        pass
                    if stop is not None and stop(*read_forces(folder, node_set, start)):
                        stopped = True
                        break
                    # A machine that sleeps, or a job that is paused, does not use up the solver's time.
                    before, now = now, time.monotonic()
                    spent += min(now - before, 10 * _POLL_SECONDS)
                    if spent > timeout:
                        timed_out = True
                        break
            finally:
                # Also on KeyboardInterrupt: no solver may outlive its caller.
                if process.poll() is None:
                    process.kill()
                    process.wait()
        times, forces = read_forces(folder, node_set, start)
        fields = read_fields(folder / f"{JOB}.frd", field_times, start) if len(field_times) else ()
        displacements = None
        if moving_set is not None:
            displacements = read_displacements(folder, moving_set)
            # A solver that is ended may have written the one and not the other.
            whole = min(len(times), len(displacements))
            times, forces, displacements = times[:whole], forces[:whole], displacements[:whole]
        log_text = (folder / "log").read_text(encoding="utf-8", errors="replace")
        words = f"ended after {timeout:g} s (timeout)" if timed_out else last_words(log_text)
        cpu = _children_cpu() - cpu
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
    completed = process.returncode == 0 and "Job finished" in log_text and bool(times.size) and times[-1] > 1 - 1e-6
    return SolverRun(times, forces, completed, stopped, words, cpu, fields, displacements)


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system
