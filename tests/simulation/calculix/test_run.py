"""Running the solver and reading what it writes, with stand-ins for the solver."""

import os
import time

import numpy as np
import pytest

from sklearn_spt.simulation.calculix._run import run_deck


def force_print(time, force, name="PUNCH"):
    cells = " ".join(f"{value:.6E}" for value in force)
    return f" total force (fx,fy,fz) for set {name} and time  {time:.7E}\n\n  {cells}\n"


def write_prints(*prints):
    return "cat > job.dat <<'EOF'\n" + "".join(prints) + "EOF\n"


def run(solver, deck="*HEADING\n", **options):
    return run_deck(deck, solver=str(solver), node_set="PUNCH", timeout=options.pop("timeout", 30), **options)


def test_forces_of_the_set_are_read(fake_solver):
    prints = [
        force_print(1.25, (0, -1, 0)),
        force_print(1.5, (9, 9, 9), name="DIE"),
        force_print(1.5, (0, -2, 0.5)),
        force_print(2.0, (0, -3, 0)),
    ]
    result = run(fake_solver(write_prints(*prints) + "echo ' Job finished'"))
    np.testing.assert_allclose(result.time, [0.25, 0.5, 1.0])
    np.testing.assert_allclose(result.force, [[0, -1, 0], [0, -2, 0.5], [0, -3, 0]])
    assert result.completed
    assert not result.stopped
    assert result.displacements is None
    # A step that begins at zero, as that of the tensile test.
    assert run(fake_solver(write_prints(force_print(0.5, (0, -1, 0)))), start=0.0).time == pytest.approx([0.5])


def test_a_line_that_is_half_written_does_not_count(fake_solver):
    whole, half = force_print(1.5, (0, -1, 0)), force_print(1.75, (0, -1.25, 0)).rstrip("\n")
    body = f"printf '%s' '{whole}{half[:-8]}' > job.dat\n"
    result = run(fake_solver(body))
    np.testing.assert_allclose(result.time, [0.5])


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("exit 0", "it does not say that it finished"),
        ("echo ' Job finished'; exit 201", "its exit status is not zero"),
        ("echo ' Job finished'", "the step did not reach its end"),
    ],
)
def test_not_completed(fake_solver, ending, why):
    last = 1.9 if "reach" in why else 2.0
    result = run(fake_solver(write_prints(force_print(last, (0, -1, 0))) + ending))
    assert not result.completed, why
    assert result.time.size == 1


def test_nothing_written(fake_solver):
    result = run(fake_solver("exit 1"))
    assert result.time.shape == (0,)
    assert result.force.shape == (0, 3)
    assert not result.completed


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("hello\n*ERROR in e_c3d: nonpositive jacobian\n determinant in element  7\nbye\n",
         "*ERROR in e_c3d: nonpositive jacobian determinant in element 7 bye"),
        ("*ERROR first\nx\n\n*ERROR   second\n", "*ERROR second"),
        (" best solution and residuals are in the frd file\n", "best solution and residuals are in the frd file"),
        ("1\n2\n3\n\n4\n5\n6\n____\n7\n", "3 4 5 6 7"),
        ("", "none; it ended with exit status 1"),
    ],
)  # fmt: skip
def test_last_words(fake_solver, log, words):
    assert run(fake_solver(f"cat <<'EOF'\n{log}EOF\nexit 1")).last_words == words


def test_the_solver_gets_the_deck_in_a_folder_of_its_own_and_one_thread(fake_solver, tmp_path):
    keep = tmp_path / "kept"
    solver = fake_solver("echo $OMP_NUM_THREADS $1; pwd; cat job.inp")
    run(solver, "*HEADING\nours\n", keep=keep)
    threads, folder, *deck = (keep / "log").read_text().splitlines()
    assert threads == "1 job"
    assert deck == ["*HEADING", "ours"]
    assert not os.path.exists(folder)
    # Kept again into the same folder: the newer files count.
    run(solver, "*HEADING\ntheirs\n", keep=keep)
    assert (keep / "job.inp").read_text() == "*HEADING\ntheirs\n"


def test_timeout(fake_solver):
    start = time.monotonic()
    result = run(fake_solver(write_prints(force_print(1.5, (0, -1, 0))) + "exec sleep 60"), timeout=0.5)
    assert time.monotonic() - start < 20
    assert result.last_words == "ended after 0.5 s (timeout)"
    assert not result.completed
    # What it computed until then counts.
    np.testing.assert_allclose(result.time, [0.5])


def test_the_solver_is_ended_when_the_test_is_over(fake_solver):
    seen = []

    def stop(times, forces):
        seen.append(len(times))
        return len(times) >= 2

    body = "".join(
        f"cat >> job.dat <<'EOF'\n{force_print(1 + t, (0, -t, 0))}EOF\nsleep 0.3\n" for t in (0.25, 0.5, 0.75)
    )
    start = time.monotonic()
    result = run(fake_solver(body + "exec sleep 60"), stop=stop)
    assert time.monotonic() - start < 20
    assert result.stopped
    assert not result.completed
    assert seen == sorted(seen)
    assert seen[-1] == 2


def test_no_solver_outlives_its_caller(fake_solver, tmp_path):
    def interrupt(times, forces):
        if (tmp_path / "pid").exists():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        run(fake_solver(f"echo $$ > {tmp_path}/pid; exec sleep 60"), stop=interrupt)
    pid = int((tmp_path / "pid").read_text() or 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


DISPLACEMENTS = """
 displacements (vx,vy,vz) for set SECTION and time  {:.7E}

{}
"""


def displacement_print(time, rows):
    lines = "\n".join(f"{node:10d} {x:.6E} {y:.6E} {z:.6E}" for node, (x, y, z) in rows.items())
    return DISPLACEMENTS.format(time, lines)


def test_displacements_of_a_set(fake_solver):
    whole = {7: (0.1, 0, 0), 3: (0.3, 0, 0.5)}
    prints = [
        force_print(0.5, (0, 1, 0)), displacement_print(0.5, whole),
        force_print(1.0, (0, 2, 0)), displacement_print(1.0, {7: (0.2, 0, 0)}),
    ]  # fmt: skip
    result = run(fake_solver(write_prints(*prints)), moving_set="SECTION", start=0.0)
    # In the order of the nodes' numbers; the second block is half written, and its force is left out with it.
    np.testing.assert_allclose(result.displacements, [[[0.3, 0, 0.5], [0.1, 0, 0]]])
    np.testing.assert_allclose(result.time, [0.5])
    np.testing.assert_allclose(result.force, [[0, 1, 0]])


def field_block(time, name, rows):
    lines = [f"  100CL  101{time:12.5E}           2                     0    1           1"]
    lines += [f" -4  {name:<8}{len(rows[0]):5d}    1", " -5  D1          1    2    1    0"]
    lines += [f" -1{node:10d}" + "".join(f"{value:12.5E}" for value in row) for node, row in enumerate(rows, start=1)]
    return "\n".join([*lines, " -3", ""])


def test_fields_at_the_times_asked_for(fake_solver):
    # Numbers with a sign fill their columns: there is no space between them.
    rows = {"DISP": [[-1.25e-1, -2.5, 0.0], [3.0, -4.0, -5.0]], "STRESS": [[-1.0] * 6] * 2, "PE": [[0.5], [0.25]]}
    blocks = [field_block(at, name, values) for at in (1.25, 1.5) for name, values in rows.items()]
    blocks += [field_block(2.0, "DISP", rows["DISP"])]  # the others are missing: it is not complete
    body = "cat > job.frd <<'EOF'\n" + "".join(blocks) + "EOF\n"
    (found,) = run(fake_solver(body), field_times=[0.5, 1.0]).fields
    assert found.time == pytest.approx(0.5)
    for name, values in rows.items():
        np.testing.assert_allclose(found.values[name], values)


def test_no_fields_at_all(fake_solver):
    """The solver gave up before it opened its file of results."""
    assert run(fake_solver("exit 1"), field_times=[0.5]).fields == ()
