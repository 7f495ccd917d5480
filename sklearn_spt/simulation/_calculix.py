"""Running the solver CalculiX and reading what it writes."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["SimulationError", "SolverNotFoundError", "find_solver", "solver_version"]

_POLL_SECONDS = 0.1
_JOB = "job"
_NUMBER = r"[-+]?\d*\.?\d+(?:[EeDd][-+]?\d+)?"
_TOTAL_FORCE = re.compile(
    rf"total force \(fx,fy,fz\) for set (\S+) and time\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})"
)


class SolverNotFoundError(RuntimeError):
    """The finite-element solver CalculiX is not installed, or not where it was looked for."""


class SimulationError(RuntimeError):
    """The solver gave no usable result. The message holds its own last words."""


def find_solver(solver: str | os.PathLike[str] | None = None) -> str:
    """Path of the solver.

    Parameters
    ----------
    solver : path-like, default=None
        The program, by path or by name. None: what the environment variable `SKLEARN_SPT_CCX` says, else "ccx".

    Returns
    -------
    str

    Raises
    ------
    SolverNotFoundError
        If there is no such program. The message says how to install it.
    """
    wanted = os.fspath(solver) if solver is not None else os.environ.get("SKLEARN_SPT_CCX", "ccx")
    found = shutil.which(wanted)
    if found is None:
        raise SolverNotFoundError(
            f"the finite-element solver CalculiX was not found (looked for {wanted!r}). Install it, on Debian or "
            "Ubuntu with 'apt-get install calculix-ccx', with conda with 'conda install -c conda-forge calculix', or "
            "name the program in the environment variable SKLEARN_SPT_CCX"
        )
    return found


@cache
def solver_version(solver: str) -> str:
    """Version of the solver, such as "2.20"; "unknown" if it does not tell."""
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run([solver, "-v"], capture_output=True, text=True, cwd=folder, timeout=60, check=False)
    match = re.search(r"[Vv]ersion\s+(\S+)", answer.stdout)
    return match.group(1) if match else "unknown"


@dataclass(frozen=True)
class SolverRun:
    """What one run of the solver gave."""

    time: np.ndarray  # (n,) step times of the converged increments
    force: np.ndarray  # (n, 3) total force on the printed set, of the whole ring or model as the solver prints it
    completed: bool  # the step reached its end
    stopped: bool  # ended from outside because `stop` said so
    last_words: str
    cpu_s: float


def run_deck(
    deck: str,
    *,
    solver: str,
    node_set: str,
    timeout: float,
    stop: Callable[[np.ndarray, np.ndarray], bool] | None = None,
    keep: Path | None = None,
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
    """
    with tempfile.TemporaryDirectory(prefix="sklearn-spt-") as name:
        folder = Path(name)
        (folder / f"{_JOB}.inp").write_text(deck, encoding="ascii")
        # One process per core beats several threads on one small model.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "CCX_NPROC_EQUATION_SOLVER": "1"}
        cpu = _children_cpu()
        now, spent = time.monotonic(), 0.0
        stopped = timed_out = False
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([solver, _JOB], cwd=folder, env=environment, stdout=log, stderr=log)
            try:
                while process.poll() is None:
                    try:
                        process.wait(_POLL_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        pass
                    if stop is not None and stop(*_read_forces(folder, node_set)):
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
        times, forces = _read_forces(folder, node_set)
        log_text = (folder / "log").read_text(encoding="utf-8", errors="replace")
        words = f"ended after {timeout:g} s (timeout)" if timed_out else _last_words(log_text)
        cpu = _children_cpu() - cpu
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
    completed = process.returncode == 0 and "Job finished" in log_text and bool(times.size) and times[-1] > 1 - 1e-6
    return SolverRun(times, forces, completed, stopped, words, cpu)


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _read_forces(folder: Path, node_set: str) -> tuple[np.ndarray, np.ndarray]:
    path = folder / f"{_JOB}.dat"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    # The last line may be half written while the solver runs.
    text = text[: text.rfind("\n") + 1]
    rows = [match.groups()[1:] for match in _TOTAL_FORCE.finditer(text) if match.group(1) == node_set]
    values = np.array([[float(cell.replace("D", "E")) for cell in row] for row in rows]).reshape(-1, 4)
    # Total time: what is recorded is the second step, and both steps last one unit.
    return values[:, 0] - 1, values[:, 1:]


def _last_words(log: str) -> str:
    """The solver's error lines, else the end of what it wrote."""
    lines = [" ".join(line.split()) for line in log.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.startswith(("*ERROR", "best solution"))]
    if errors:
        return " ".join(lines[errors[-1] : errors[-1] + 4])
    return " ".join(line for line in lines[-6:] if not line.startswith("__"))
