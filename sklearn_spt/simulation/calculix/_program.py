"""Finding the program CalculiX."""

import os
import re
import shutil
import subprocess
from functools import cache

from .._errors import SimulationError
from ._process import Run, exit_status

__all__ = ["SolverNotFoundError", "find_solver", "solver_version"]

_VERSION_SECONDS = 20


class SolverNotFoundError(RuntimeError):
    """The finite-element solver CalculiX is not installed, or not where it was looked for."""


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
    SimulationError
        If it is there and may not be executed.
    """
    wanted = os.fspath(solver) if solver is not None else os.environ.get("SKLEARN_SPT_CCX", "ccx")
    found = shutil.which(wanted)
    if found is None and os.path.dirname(wanted) and os.path.isfile(wanted):
        raise SimulationError(
            f"the solver {wanted} may not be executed; give it the permission (chmod +x), or name another program"
        )
    if found is None:
        raise SolverNotFoundError(
            f"the finite-element solver CalculiX was not found (looked for {wanted!r}). Small punch tests and "
            "round bars need no such program with the solver 'embedded', the default. Install CalculiX, on Debian or "
            "Ubuntu with 'apt-get install calculix-ccx', with conda with 'conda install -c conda-forge calculix', or "
            "name the program in the environment variable SKLEARN_SPT_CCX"
        )
    # It is started in a folder of its own, from where a relative path would lead elsewhere.
    return os.path.abspath(found)


@cache
def solver_version(solver: str) -> str:
    """Version of the solver, such as "2.20".

    Raises
    ------
    SimulationError
        If the program cannot be started or does not tell the version of CalculiX.
    """
    with Run() as run:
        process = run.start([solver, "-v"])
        try:
            process.wait(_VERSION_SECONDS)
        except subprocess.TimeoutExpired:
            answer, ending = "", f"nothing within {_VERSION_SECONDS} s"
        else:
            # A wrapper script may have started what goes on.
            run.end()
            answer = run.log()
            ending = f"{' '.join(answer.split())[:100]!r} and ended with {exit_status(process.returncode)}"
    match = re.search(r"[Vv]ersion\s+(\d[\w.-]*)", answer)
    if match is None:
        raise SimulationError(
            f"{solver} is no CalculiX, or a broken one: asked for its version (-v) it answered {ending}; install "
            "CalculiX anew, or name another program"
        )
    return match.group(1)
