"""Finding the solver, and asking it for its version."""

import os

import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SimulationError, SolverNotFoundError, simulate_spt, simulate_tensile
from sklearn_spt.simulation.calculix import find_solver, solver_version

LAW = sheet_steel_law(K=900.0, n=0.2)


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


# What a program that is no CalculiX, or a damaged one, does whatever it is asked.
BROKEN = {
    "exits at once": "exit 1",
    "says nothing": "exit 0",
    "bytes": "printf '\\377\\376\\000\\001'",
    "many bytes": "head -c 300000 /dev/urandom",
    "another program": "echo usage: prog FILE >&2; exit 2",
    "a version without a number": "echo 'This is Version unknown'",
    "crashes": "kill -SEGV $$",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_broken_program_is_told_at_once(tmp_path, body):
    solver = tmp_path / "ccx"
    solver.write_text(f"#!/bin/sh\n{body}\n")
    solver.chmod(0o755)
    with pytest.raises(SimulationError, match=f"{solver} is no CalculiX, or a broken one"):
        simulate_spt(LAW, "SHEET", thickness=2.0, solver=solver)
    with pytest.raises(SimulationError, match=f"{solver} is no CalculiX, or a broken one"):
        simulate_tensile(LAW, solver=solver)


def test_a_program_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_spt.simulation.calculix._program._VERSION_SECONDS", 0.3)
    solver = tmp_path / "ccx"
    solver.write_text("#!/bin/sh\nsleep 60\n")
    solver.chmod(0o755)
    with pytest.raises(SimulationError, match="answered nothing within"):
        solver_version(str(solver))


@pytest.mark.parametrize(("content", "mode"), [("#!/bin/sh\n", 0o644), ("", 0o600)])
def test_a_file_without_permission(tmp_path, content, mode):
    solver = tmp_path / "ccx"
    solver.write_text(content)
    solver.chmod(mode)
    with pytest.raises(SimulationError, match="may not be executed; give it the permission"):
        find_solver(solver)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("exit 3", "last words: none; it ended with exit status 3"),
        ("kill -SEGV $$", "last words: none; it ended with signal SIGSEGV"),
        ("printf '\\377\\376' > job.dat; head -c 5000 /dev/urandom > job.frd", "ended with exit status 0"),
        (
            "echo ' total force (fx,fy,fz) for set PUNCH and time  0.1E+01'; "
            "printf ' total force (fx,fy,fz) for set PUNCH and time  1.0E+00\\n 0.0 1.0E+999 0.0\\n' > job.dat",
            "cannot be read .*not finite",
        ),
    ],
)
def test_a_solver_that_breaks_later(fake_solver, body, message):
    with pytest.raises(SimulationError, match=message):
        simulate_spt(LAW, "SHEET", thickness=2.0, solver=fake_solver(body))


def test_a_relative_path(fake_solver, monkeypatch):
    solver = fake_solver()
    monkeypatch.chdir(solver.parent)
    curve = simulate_spt(LAW, "SHEET", thickness=2.0, solver=f"./{solver.name}")
    assert curve.metadata["solver"] == "CalculiX 2.20"
