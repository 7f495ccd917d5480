"""Finding the solver, and asking it for its version."""

import os

import pytest

from sklearn_spt.simulation import SolverNotFoundError
from sklearn_spt.simulation.calculix import find_solver, solver_version


def test_the_solver_is_found_by_path_name_and_environment(fake_solver, monkeypatch):
    solver = fake_solver()
    assert find_solver(solver) == str(solver)
    monkeypatch.setenv("PATH", str(solver.parent), prepend=os.pathsep)
    assert find_solver("fake-ccx") == str(solver)
    monkeypatch.setenv("SKLEARN_SPT_CCX", str(solver))
    assert find_solver() == str(solver)
    # What is asked for goes before the environment.
    with pytest.raises(SolverNotFoundError, match=r"looked for '/no/ccx'\)"):
        find_solver("/no/ccx")
    monkeypatch.setenv("SKLEARN_SPT_CCX", "ccx-of-tomorrow")
    with pytest.raises(SolverNotFoundError) as failure:
        find_solver()
    for words in ("'ccx-of-tomorrow'", "apt-get install calculix-ccx", "conda-forge calculix", "SKLEARN_SPT_CCX"):
        assert words in str(failure.value)


def test_version(fake_solver):
    assert solver_version(str(fake_solver(version="2.21"))) == "2.21"
    silent = fake_solver(name="silent-ccx")
    silent.write_text("#!/bin/sh\nexit 1\n")
    assert solver_version(str(silent)) == "unknown"
