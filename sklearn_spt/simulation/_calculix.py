"""Running the solver CalculiX and reading what it writes."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["SimulationError", "SolverNotFoundError", "find_solver", "solver_version"]

_POLL_SECONDS = 0.1
_JOB = "job"
_SAME_TIME = 1e-6
_NUMBER = r"[-+]?\d*\.?\d+(?:[EeDd][-+]?\d+)?"
_TOTAL_FORCE = re.compile(
    rf"total force \(fx,fy,fz\) for set (\S+) and time\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})"
)
_DISPLACEMENTS = re.compile(rf"displacements \(vx,vy,vz\) for set (\S+) and time\s+({_NUMBER})\s*\n((?:\s+\d.*\n)+)")


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
class NodalFields:
    """Results at all nodes at one time of the recorded step."""

    time: float
    values: dict[str, np.ndarray]  # name in the file -> (n_nodes, n_components)


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
                    if stop is not None and stop(*_read_forces(folder, node_set, start)):
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
        times, forces = _read_forces(folder, node_set, start)
        fields = _read_fields(folder / f"{_JOB}.frd", field_times, start) if len(field_times) else ()
        displacements = None
        if moving_set is not None:
            displacements = _read_displacements(folder, moving_set)
            # A solver that is ended may have written the one and not the other.
            whole = min(len(times), len(displacements))
            times, forces, displacements = times[:whole], forces[:whole], displacements[:whole]
        log_text = (folder / "log").read_text(encoding="utf-8", errors="replace")
        words = f"ended after {timeout:g} s (timeout)" if timed_out else _last_words(log_text)
        cpu = _children_cpu() - cpu
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
    completed = process.returncode == 0 and "Job finished" in log_text and bool(times.size) and times[-1] > 1 - 1e-6
    return SolverRun(times, forces, completed, stopped, words, cpu, fields, displacements)


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _read_prints(folder: Path) -> str:
    path = folder / f"{_JOB}.dat"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    # The last line may be half written while the solver runs.
    return text[: text.rfind("\n") + 1]


def _read_forces(folder: Path, node_set: str, start: float) -> tuple[np.ndarray, np.ndarray]:
    text = _read_prints(folder)
    rows = [match.groups()[1:] for match in _TOTAL_FORCE.finditer(text) if match.group(1) == node_set]
    values = np.array([[float(cell.replace("D", "E")) for cell in row] for row in rows]).reshape(-1, 4)
    # What is printed is the total time.
    return values[:, 0] - start, values[:, 1:]


def _read_displacements(folder: Path, node_set: str) -> np.ndarray:
    """Displacements of a set's nodes, increasing in number, at all times: (n_times, n_nodes, 3)."""
    blocks = [match[3] for match in _DISPLACEMENTS.finditer(_read_prints(folder)) if match[1] == node_set]
    tables = [np.array([line.split() for line in block.split("\n") if line.strip()], dtype=float) for block in blocks]
    if tables and len(tables[-1]) < len(tables[0]):
        del tables[-1]
    return np.array([table[np.argsort(table[:, 0]), 1:] for table in tables])


def _read_fields(path: Path, times: Sequence[float], start: float) -> tuple[NodalFields, ...]:
    """The complete blocks of nodal results at some times in an ASCII file of results (CalculiX's .frd)."""
    # A solver that gives up at once has not opened its file of results.
    if not path.exists():
        return ()
    found: dict[float, dict[str, np.ndarray]] = {}
    time, name = 0.0, ""
    rows: list[list[float]] | None = None
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            key = line[:5].strip()
            if rows is not None and key == "-1":
                # Columns of fixed width: neighbouring numbers may have no space between them.
                body = line.rstrip("\n")
                rows.append([float(body[i : i + 12]) for i in range(13, len(body), 12)])
            elif rows is not None and key == "-3":
                found.setdefault(time, {})[name] = np.array(rows)
                rows = None
            elif line.startswith("  100C"):
                time = float(line[12:24]) - start
            elif key == "-4" and any(abs(time - wanted) < _SAME_TIME for wanted in times):
                name, rows = line[5:13].strip(), []
    complete = (NodalFields(at, values) for at, values in sorted(found.items()))
    return tuple(block for block in complete if block.values.keys() >= {"DISP", "STRESS", "PE"})


def _last_words(log: str) -> str:
    """The solver's error lines, else the end of what it wrote."""
    lines = [" ".join(line.split()) for line in log.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.startswith(("*ERROR", "best solution"))]
    if errors:
        return " ".join(lines[errors[-1] : errors[-1] + 4])
    return " ".join(line for line in lines[-6:] if not line.startswith("__"))
