"""No program and no folder outlives the process that started it, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sklearn_spt.simulation import SimulationError
from sklearn_spt.simulation.calculix import _guard, _process
from sklearn_spt.simulation.calculix._process import Run, remove_leftovers
from sklearn_spt.simulation.calculix._run import run_deck

linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked up in /proc")

# Solvers, and scripts around them, each of which writes the number of a process that goes on for long.
PROGRAMS = {
    "plain": "echo $$ > {pid}; exec sleep 60",
    "behind a script": "sleep 60 & echo $! > {pid}; wait",
    "deaf": "trap '' TERM HUP INT; sh -c 'trap \"\" TERM; sleep 60 & echo $! > {pid}; wait'",
    "elsewhere": "cd /; sh -c 'echo $$ > {pid}; exec sleep 60'",
    "in a session of its own": "setsid sh -c 'echo $$ > {pid}; exec sleep 60' & wait",
    "without its environment": "env -i /bin/sleep 60 & echo $! > {pid}; wait",
    "many": "for i in 1 2 3 4; do sleep 60 & done; echo $! > {pid}; wait",
}
RUN = """
import sys
from sklearn_spt.simulation.calculix._run import run_deck
run_deck("*HEADING", solver=sys.argv[1], node_set="PUNCH", timeout=60)
"""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def waited_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def number_in(path):
    assert waited_for(lambda: path.exists() and path.read_text().strip()), "the solver was not started"
    return int(path.read_text())


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder for temporary files, of this process and of those that it starts."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def started(scratch, fake_solver, tmp_path):
    """Start a run in a process of its own; that process, and the number of what goes on."""
    processes = []

    def start(program):
        pid = tmp_path / "pid"
        solver = fake_solver(PROGRAMS[program].format(pid=pid))
        processes.append(subprocess.Popen([sys.executable, "-c", RUN, solver], start_new_session=True))
        return processes[-1], number_in(pid)

    yield start
    for process in processes:
        process.kill()
        process.wait()


def guards(folder):
    """Numbers of the guards of runs in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if _guard.__file__.encode() in words and any(word.startswith(os.fsencode(folder)) for word in words):
            found.append(int(entry.parent.name))
    return found


@linux
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_timeout_ends_all_that_the_solver_started(scratch, fake_solver, tmp_path, program):
    solver = fake_solver(PROGRAMS[program].format(pid=tmp_path / "pid"))
    run = run_deck("*HEADING", solver=str(solver), node_set="PUNCH", timeout=0.5)
    assert not run.completed
    assert waited_for(lambda: not alive(number_in(tmp_path / "pid")))
    assert not list(scratch.iterdir())
    assert not guards(scratch)


@linux
@pytest.mark.parametrize(
    ("program", "name"), [*((program, "SIGKILL") for program in PROGRAMS), ("behind a script", "SIGTERM")]
)
def test_who_is_killed_leaves_nothing(scratch, started, program, name):
    process, pid = started(program)
    assert alive(pid)
    process.send_signal(getattr(signal, name))
    assert process.wait() == -getattr(signal, name)
    assert waited_for(lambda: not alive(pid))
    assert waited_for(lambda: not list(scratch.iterdir()))
    assert waited_for(lambda: not guards(scratch))


@linux
@pytest.mark.parametrize("name", ["SIGHUP", "SIGSEGV"])
def test_other_ways_to_die(scratch, started, name):
    process, pid = started("behind a script")
    os.killpg(process.pid, getattr(signal, name))
    process.wait()
    assert waited_for(lambda: not alive(pid) and not list(scratch.iterdir()) and not guards(scratch))


@linux
def test_a_guard_that_is_told_to_end_stays_for_its_run(scratch, started):
    process, pid = started("plain")
    (guard,) = guards(scratch)
    for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        os.kill(guard, name)
    process.kill()
    process.wait()
    assert waited_for(lambda: not alive(pid) and not list(scratch.iterdir()))


@linux
@pytest.mark.parametrize("program", ["behind a script", "in a session of its own"])
def test_the_next_run_cleans_up_where_the_guard_was_killed_too(scratch, started, program):
    process, pid = started(program)
    (guard,) = guards(scratch)
    # While it lives its run is nobody else's.
    remove_leftovers()
    assert alive(pid)
    assert len(list(scratch.iterdir())) == 1
    os.kill(guard, signal.SIGKILL)
    process.kill()
    process.wait()
    assert alive(pid)
    with Run() as run:
        assert [path.name for path in scratch.iterdir()] == [run.folder.name]
        assert not alive(pid)
    assert not list(scratch.iterdir())


@linux
def test_a_process_killed_before_its_folder_held_anything(scratch):
    (scratch / f"{_process._PREFIX}abcdefgh").mkdir()
    remove_leftovers()
    assert not list(scratch.iterdir())


@linux
def test_folders_of_others_are_left_alone(scratch, tmp_path):
    own = scratch / f"{_process._PREFIX}results1"
    own.mkdir()
    (own / "curve.csv").write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / _process._OWNED).touch()
    (scratch / f"{_process._PREFIX}link").symlink_to(elsewhere)
    (scratch / f"{_process._PREFIX}file").write_text("a file")
    remove_leftovers()
    assert (own / "curve.csv").read_text() == "mine"
    assert elsewhere.is_dir()
    assert (scratch / f"{_process._PREFIX}link").is_symlink()
    assert (scratch / f"{_process._PREFIX}file").exists()


@linux
def test_kept_files_are_no_leftover(scratch, fake_solver):
    kept = scratch / f"{_process._PREFIX}kept"
    run_deck("*HEADING", solver=str(fake_solver()), node_set="PUNCH", timeout=30, keep=kept)
    remove_leftovers()
    assert (kept / "job.inp").exists()


@linux
def test_what_a_script_leaves_running_is_ended_with_it(scratch, fake_solver, tmp_path):
    solver = fake_solver(f"setsid sleep 60 & echo $! > {tmp_path}/pid; echo ' Job finished'")
    run_deck("*HEADING", solver=str(solver), node_set="PUNCH", timeout=30)
    assert not alive(number_in(tmp_path / "pid"))
    assert not list(scratch.iterdir())


def test_an_error_inside_leaves_nothing(scratch):
    def interrupted():
        with Run() as run:
            started.append(run.start(["sleep", "60"]))
            raise KeyboardInterrupt

    started = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (process,) = started
    assert process.returncode == -signal.SIGKILL
    assert not list(scratch.iterdir())


@pytest.mark.parametrize(
    ("content", "mode"),
    [("no program", 0o755), ("#!/nonexistent/interpreter\n", 0o755), ("#!/bin/sh\n", 0o644), (None, 0o755)],
    ids=["no format", "no interpreter", "no permission", "a folder"],
)
def test_what_cannot_be_started_is_named(scratch, tmp_path, content, mode):
    path = tmp_path / "program"
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(SimulationError, match=f"{path} cannot be started"):
        run_deck("*HEADING", solver=str(path), node_set="PUNCH", timeout=30)
    assert not list(scratch.iterdir())
