"""One run of CalculiX on a deck."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._errors import SimulationError
from ._output import JOB, NodalFields, last_words, read_displacements, read_fields, read_forces
from ._process import Run, exit_status

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
    with Run() as run:
        (run.folder / f"{JOB}.inp").write_text(deck, encoding="ascii")
        cpu = _children_cpu()
        process = run.start([solver, JOB])
        ended = _wait(process, timeout, lambda: stop is not None and stop(*read_forces(run.folder, node_set, start)))
        # What a solver has started may go on when it has ended itself, and nothing is read while it is written.
        run.end()
        cpu = _children_cpu() - cpu
        log = run.log()
        if keep is not None:
            run.keep(keep)
        try:
            times, forces = read_forces(run.folder, node_set, start)
            fields = read_fields(run.folder / f"{JOB}.frd", field_times, start) if len(field_times) else ()
            displacements = None if moving_set is None else read_displacements(run.folder, moving_set)
        except ValueError as error:
            raise SimulationError(
                f"what {solver} wrote cannot be read ({error}); check that it is CalculiX and works"
            ) from None
    if displacements is not None:
        # A solver that is ended may have written the one and not the other.
        whole = min(len(times), len(displacements))
        times, forces, displacements = times[:whole], forces[:whole], displacements[:whole]
    status = process.returncode
    if ended == "timeout":
        words = f"ended after {timeout:g} s (timeout)"
    else:
        words = last_words(log) or f"none; it ended with {exit_status(status)}"
    completed = status == 0 and "Job finished" in log and bool(times.size) and times[-1] > 1 - 1e-6
    return SolverRun(times, forces, completed, ended == "stop", words, cpu, fields, displacements)


def _wait(process: "subprocess.Popen[bytes]", timeout: float, stop: Callable[[], bool]) -> str:
    """Wait for the solver; "exit", "stop" or "timeout" says what came first."""
    now, spent = time.monotonic(), 0.0
    while spent <= timeout:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
            return "exit"
        if stop():
            return "stop"
        # A machine that sleeps, or a job that is paused, does not use up the solver's time.
        before, now = now, time.monotonic()
        spent += min(now - before, 10 * _POLL_SECONDS)
    return "timeout"


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system
