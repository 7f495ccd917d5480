"""Finding the program CalculiX."""

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache

__all__ = ["SolverNotFoundError", "find_solver", "solver_version"]


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
