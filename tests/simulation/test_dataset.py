"""Data sets that are generated, killed, continued, packed and unpacked."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from sklearn_spt.mechanics import Swift, Voce
from sklearn_spt.simulation import (
    EN10371,
    Design,
    LawSpace,
    MeshSettings,
    Numerics,
    SolverNotFoundError,
    calculix,
    pack_dataset,
    read_dataset,
    simulate_dataset,
    simulate_spt,
    unpack_dataset,
)
from sklearn_spt.simulation._dataset import read_packed
from sklearn_spt.simulation._spt import solver_name

# Writes loads that jump up and down.
JUMPS = r"""
awk 'BEGIN {
  for (i = 1; i <= 20; i++)
    printf " total force (fx,fy,fz) for set PUNCH and time  %.7E\n\n  0.0 %.6E 0.0\n", 1 + i / 20, -(i % 2 + 0.1)
}' > job.dat
echo " Job finished"
"""

SWIFT = LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})
VOCE = LawSpace(law=Voce, ranges={"sigma0": (200, 400)}, fixed={"E": 70e3, "Q": 200, "b": 10}, weight=3)
# On a coarse mesh a test takes some hundredths of a second.
DESIGN = Design(
    name="coarse",
    rig="SHEET",
    laws=[SWIFT],
    thickness=(1.5, 2.5),
    stroke=0.3,
    mesh=MeshSettings(rows=2, edge_size=0.3),
    seed=1,
)
RECORD = DESIGN.describe()


# With great increments, for the embedded solver.
FAST = replace(DESIGN, numerics=Numerics(increment=0.02))


def changed(**changes):
    return Design.from_dict({**RECORD, **changes})


def results(folder):
    return {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}


def assert_same_curves(one, other):
    assert one.keys() == other.keys()
    for index, curve in one.items():
        np.testing.assert_array_equal(curve.displacement, other[index].displacement)
        np.testing.assert_array_equal(curve.load, other[index].load)
        assert curve.thickness == other[index].thickness
        assert curve.name == other[index].name


# Generation


def test_no_solver_no_folder(tmp_path):
    with pytest.raises(SolverNotFoundError, match="apt-get install calculix-ccx"):
        simulate_dataset(DESIGN, tmp_path / "out", 2, solver=tmp_path / "missing")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3"])
def test_bad_numbers_of_points(tmp_path, n):
    with pytest.raises(ValueError, match="n, the number of points, must be a positive whole number"):
        simulate_dataset(DESIGN, tmp_path, n, progress=False)


def test_a_bad_timeout_makes_no_folder(tmp_path, fake_solver):
    with pytest.raises(ValueError, match="timeout must be positive"):
        simulate_dataset(DESIGN, tmp_path / "out", 2, solver=fake_solver(), timeout=0, progress=False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("design", "options", "error", "message"),
    [
        (FAST, {"timeout": 60}, ValueError, "timeout is for CalculiX only"),
        (replace(DESIGN, numerics=calculix.Numerics()), {}, TypeError, "numerics must be"),
        (FAST, {"solver": "calculix"}, TypeError, "numerics must be"),
    ],
)
def test_what_belongs_to_another_solver_makes_no_folder(tmp_path, design, options, error, message):
    with pytest.raises(error, match=message):
        simulate_dataset(design, tmp_path / "out", 1, progress=False, **options)
    assert not (tmp_path / "out").exists()


def test_each_point_is_simulated_as_it_says(tmp_path):
    """Its law, thickness, friction, Poisson's ratio and tools, and the design's ends."""
    design = replace(
        FAST,
        rig=EN10371,
        thickness=(0.45, 0.55),
        friction=(0, 0.4),
        nu=(0.27, 0.36),
        tools={"hole_edge_size": (0.15, 0.25)},
        hole_edges=("chamfer", "fillet"),
        stroke=0.4,
        load_limit=250,
        mesh=MeshSettings(rows=2, edge_size=0.2, coarse_size=0.5),
    )
    assert simulate_dataset(design, tmp_path / "out", 4, progress=False) == 0
    curves, lower = read_dataset(tmp_path / "out"), read_dataset(tmp_path / "out", displacement_kind="deflection")
    for point in design.points(4):
        curve = curves[point.index]
        same = simulate_spt(
            point.law,
            point.rig,
            thickness=point.thickness,
            friction=point.friction,
            nu=point.nu,
            stroke=0.4,
            load_limit=250,
            mesh=design.mesh,
            numerics=design.numerics,
        )
        np.testing.assert_array_equal(curve.load, same.load)
        np.testing.assert_array_equal(curve.displacement, same.displacement)
        assert curve.metadata["rig"]["hole_edge"] == point.rig.hole_edge
        for key in ("law", "law_parameters", "nu", "friction", "ended_by", "largest_strain", "solver", "numerics"):
            assert curve.metadata[key] == same.metadata[key], key
        assert np.all(lower[point.index].displacement[1:] < curve.displacement[1:])


def test_many_at_a_time_give_what_one_gives(tmp_path):
    simulate_dataset(FAST, tmp_path / "serial", 5, progress=False)
    try:
        simulate_dataset(FAST, tmp_path / "loky", 5, n_jobs=2, progress=False)
        with joblib.parallel_config(backend="loky", n_jobs=2):
            simulate_dataset(FAST, tmp_path / "context", 5, progress=False)
    finally:
        get_reusable_executor().shutdown(wait=True)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        simulate_dataset(FAST, tmp_path / "threads", 5, progress=False)
    serial = read_dataset(tmp_path / "serial")
    for way in ("loky", "context", "threads"):
        assert_same_curves(read_dataset(tmp_path / way), serial)


def test_generation_is_continued(tmp_path, fake_solver, capsys):
    solver = fake_solver(before=f"echo run >> {tmp_path}/calls")
    out = tmp_path / "out"
    assert simulate_dataset(DESIGN, out, 3, solver=solver, progress=False) == 0
    assert capsys.readouterr().err == ""
    first = results(out)
    assert sorted(first) == ["000000.npz", "000001.npz", "000002.npz"]
    # What a killed call or somebody else left behind is no result.
    for name in (".000003-leftover.npz", "000003.npz.tmp", "notes.txt", ".000004-x.failed.json"):
        (out / "runs" / name).write_bytes(b"half")
    assert simulate_dataset(DESIGN, out, 6, solver=solver) == 0
    assert "coarse: 100%" in capsys.readouterr().err
    assert first.items() <= results(out).items()
    assert (tmp_path / "calls").read_text().count("run") == 6
    curves = read_dataset(out)
    assert list(curves) == list(range(6))
    points = list(DESIGN.points(6))
    assert [curve.thickness for curve in curves.values()] == [point.thickness for point in points]
    assert [curve.metadata["law_parameters"]["K"] for curve in curves.values()] == [point.law.K for point in points]
    assert curves[5].name == "coarse-0005"
    # Fewer points than there are: nothing to do.
    assert simulate_dataset(DESIGN, out, 2, solver=solver, progress=False) == 0
    assert (tmp_path / "calls").read_text().count("run") == 6


def test_failures_are_kept_counted_and_retried(tmp_path, fake_solver, capsys):
    out = tmp_path / "out"
    solver = fake_solver("echo '*ERROR: the matrix is singular'; exit 201")
    assert simulate_dataset(DESIGN, out, 2, solver=solver) == 2
    assert "failed=2" in capsys.readouterr().err
    assert read_dataset(out) == {}
    record = json.loads((out / "runs" / "000001.failed.json").read_text())
    assert "simulation of coarse-0001" in record["error"]
    assert "*ERROR: the matrix is singular" in record["error"]
    with pytest.raises(ValueError, match="holds no results yet"):
        pack_dataset(DESIGN, out, tmp_path / "set.npz")
    # Not computed again unless asked for, and then only what is asked for.
    solver = fake_solver()
    assert simulate_dataset(DESIGN, out, 2, solver=solver, progress=False) == 2
    assert simulate_dataset(DESIGN, out, 1, solver=solver, progress=False, retry_failed=True) == 0
    assert sorted(results(out)) == ["000000.npz", "000001.failed.json"]
    assert simulate_dataset(DESIGN, out, 3, solver=solver, progress=False) == 1
    assert sorted(read_dataset(out)) == [0, 2]


def test_a_folder_belongs_to_one_design_solver_and_model(tmp_path, fake_solver, monkeypatch):
    out = tmp_path / "out"
    simulate_dataset(DESIGN, out, 1, solver=fake_solver(), progress=False)
    other = changed(seed=2, stroke=0.4)
    with pytest.raises(ValueError, match=r"out holds the results of another design \(it differs in seed, stroke\)"):
        simulate_dataset(other, out, 1, solver=fake_solver(), progress=False)
    with pytest.raises(ValueError, match="another design"):
        pack_dataset(other, out, tmp_path / "set.npz")
    newer = fake_solver(name="newer-ccx", version="2.21")
    with pytest.raises(ValueError, match=r"another solver or version \(CalculiX 2.20, .*, not CalculiX 2.21, "):
        simulate_dataset(DESIGN, out, 1, solver=newer, progress=False)
    with pytest.raises(ValueError, match=r"another solver or version \(CalculiX 2.20, .*, not embedded "):
        simulate_dataset(DESIGN, out, 1, progress=False)
    monkeypatch.setattr("sklearn_spt.simulation.calculix.first_deck", lambda *arguments, **options: "new")
    with pytest.raises(ValueError, match="another solver or version"):
        simulate_dataset(DESIGN, out, 1, solver=fake_solver(), progress=False)


def test_a_folder_belongs_to_one_version_of_the_embedded_solver(tmp_path, monkeypatch):
    simulate_dataset(FAST, tmp_path / "out", 1, progress=False)
    monkeypatch.setattr("sklearn_spt.simulation.embedded.VERSION", "next")
    with pytest.raises(ValueError, match=r"another solver or version \(embedded \S+, not embedded next\)"):
        simulate_dataset(FAST, tmp_path / "out", 1, progress=False)


GENERATE = """
import json, sys
from sklearn_spt.simulation import Design, simulate_dataset
design, out, n, n_jobs, solver = sys.argv[1:]
design = Design.from_dict(json.loads(design))
simulate_dataset(design, out, int(n), n_jobs=int(n_jobs), solver=solver, progress=False)
"""


def kill_after(results_wanted, out, n, n_jobs, solver):
    """Generate in a process of its own, and kill that with its children when it has written so many results."""
    arguments = [json.dumps(RECORD), str(out), str(n), str(n_jobs), str(solver)]
    process = subprocess.Popen([sys.executable, "-c", GENERATE, *arguments], start_new_session=True)
    try:
        for _ in range(3000):
            assert process.poll() is None, "the generation ended before it could be killed"
            # Whoever reads while it runs sees whole curves only.
            if len(read_dataset(out)) >= results_wanted:
                break
            time.sleep(0.02)
        else:
            pytest.fail("no results")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_generation_goes_on(tmp_path, fake_solver, n_jobs):
    out = tmp_path / "out"
    slow = fake_solver(before="sleep 0.2", name="slow-ccx")
    kill_after(3, out, 12, n_jobs, slow)
    before = read_dataset(out)
    files = results(out)
    assert 3 <= len(before) < 12
    counting = fake_solver(before=f"echo run >> {tmp_path}/calls")
    assert simulate_dataset(DESIGN, out, 12, solver=counting, progress=False) == 0
    # What was there is kept as it was, and only the rest was computed.
    assert files.items() <= results(out).items()
    assert (tmp_path / "calls").read_text().count("run") == 12 - len(before)
    simulate_dataset(DESIGN, tmp_path / "straight", 12, solver=counting, progress=False)
    assert_same_curves(read_dataset(out), read_dataset(tmp_path / "straight"))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.slow
@pytest.mark.parametrize(("n_jobs", "name"), [(1, "SIGTERM"), (2, "SIGTERM"), (2, "SIGKILL")])
def test_a_generation_that_is_killed_alone_leaves_nothing_running(tmp_path, fake_solver, monkeypatch, n_jobs, name):
    """Its workers and their solvers end with it, and their folders go."""
    scratch, pids = tmp_path / "tmp", tmp_path / "pids"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    solver = fake_solver(before=f"echo $$ $PPID >> {pids}; sleep 60", name="slow-ccx")
    arguments = [json.dumps(RECORD), str(tmp_path / "out"), "8", str(n_jobs), str(solver)]
    process = subprocess.Popen([sys.executable, "-c", GENERATE, *arguments])
    end = time.monotonic() + 60
    while not pids.exists() or len(pids.read_text().splitlines()) < n_jobs:
        assert time.monotonic() < end, "no solver was started"
        time.sleep(0.05)
    process.send_signal(getattr(signal, name))
    process.wait()
    end = time.monotonic() + 20
    while any(map(alive, pids.read_text().split())) or any(scratch.glob("sklearn-spt*")):
        assert time.monotonic() < end, "something goes on"
        time.sleep(0.05)
    assert len(pids.read_text().splitlines()) == n_jobs, "another point was begun"


def test_a_killed_generation_goes_on_with_the_embedded_solver(tmp_path):
    out = tmp_path / "out"
    kill_after(2, out, 400, 1, "embedded")
    files = results(out)
    done = len(read_dataset(out))
    assert 2 <= done < 400
    assert simulate_dataset(DESIGN, out, done + 2, progress=False) == 0
    assert {name: files[name] for name in files if not name.startswith(".")}.items() <= results(out).items()
    assert simulate_dataset(DESIGN, tmp_path / "straight", done + 2, progress=False) == 0
    assert_same_curves(read_dataset(out), read_dataset(tmp_path / "straight"))


@pytest.mark.slow
@pytest.mark.ccx
def test_a_killed_generation_goes_on_with_the_real_solver(tmp_path):
    out = tmp_path / "out"
    kill_after(1, out, 4, 1, "calculix")
    done = len(read_dataset(out))
    assert 1 <= done < 4
    assert simulate_dataset(DESIGN, out, 4, solver="calculix", progress=False) == 0
    assert simulate_dataset(DESIGN, tmp_path / "straight", 4, n_jobs=2, solver="calculix", progress=False) == 0
    assert_same_curves(read_dataset(out), read_dataset(tmp_path / "straight"))


# Packed


TWO = Design(
    name="two",
    rig="SHEET",
    laws=[SWIFT, VOCE],
    thickness=(1, 2),
    friction=(0.05, 0.3),
    nu=(0.3, 0.35),
    tools={"punch_diameter": (5.4, 5.6)},
    stroke=0.5,
    mesh=DESIGN.mesh,
    numerics=FAST.numerics,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five points of TWO, one of them failed."""
    out = tmp_path_factory.mktemp("two") / "out"
    simulate_dataset(TWO, out, 5, progress=False)
    (out / "runs" / "000003.npz").unlink()
    (out / "runs" / "000003.failed.json").write_text('{"error": "diverged"}')
    return out


@pytest.fixture
def packed(folder, tmp_path):
    assert pack_dataset(TWO, folder, tmp_path / "set.npz") == 4
    return tmp_path / "set.npz"


def test_a_packed_file_gives_design_points_and_results(folder, packed):
    design, results = read_packed(packed)
    assert design == TWO
    results = list(results)
    assert [point.index for point, _ in results] == [0, 1, 2, 4]
    wanted = {point.index: point for point in TWO.points(5)}
    curves, lower = read_dataset(folder), read_dataset(folder, displacement_kind="deflection")
    for point, result in results:
        assert (point.thickness, point.friction, point.nu, point.rig) == (
            wanted[point.index].thickness,
            wanted[point.index].friction,
            wanted[point.index].nu,
            wanted[point.index].rig,
        )
        curve = curves[point.index]
        # Half a step of each.
        np.testing.assert_allclose(result.load, curve.load, rtol=0, atol=0.50001e-5 * curve.load.max())
        np.testing.assert_allclose(result.displacement, curve.displacement, rtol=0, atol=0.50001e-5)
        np.testing.assert_allclose(result.deflection, lower[point.index].displacement, rtol=0, atol=0.50001e-4)
        record = curve.metadata
        for key in ("law", "law_parameters", "friction", "nu", "E", "completed", "ended_by", "solver", "rig"):
            assert result.record[key] == record[key], key
        assert result.record["largest_strain"] == pytest.approx(record["largest_strain"], rel=1e-6)
        assert (result.record["name"], result.record["thickness"]) == (curve.name, curve.thickness)
        assert result.load.max() == curve.load.max()


def test_the_packed_file_is_what_its_description_says(folder, packed):
    with np.load(packed) as arrays:
        assert arrays["index"].tolist() == [0, 1, 2, 4]
        assert arrays["failed"].tolist() == [3]
        curves = read_dataset(folder)
        assert arrays["sizes"].tolist() == [len(curves[index].load) for index in (0, 1, 2, 4)]
        for name, values, step in (
            ("load", curves[0].load / arrays["maximum_load"][0], 1e-5),
            ("displacement", curves[0].displacement, 1e-5),
        ):
            whole = np.cumsum(np.cumsum(arrays[name][: len(values)].astype(int))) * step
            np.testing.assert_allclose(whole, values, atol=0.50001 * step)
        assert json.loads(str(arrays["manifest"])) == {"design": TWO.describe(), "solver": solver_name("embedded")}
        # Some bytes a point.
        assert sum(arrays[name].nbytes for name in ("load", "displacement")) <= 8 * arrays["sizes"].sum()
        assert arrays["load"].dtype == np.int16


def test_long_steps_need_more_bytes(tmp_path, fake_solver):
    """As where a load jumps by more than a third of its maximum from one point to the next."""
    design = replace(DESIGN, stroke=4.0)
    simulate_dataset(design, tmp_path / "out", 2, solver=fake_solver(JUMPS), progress=False)
    pack_dataset(design, tmp_path / "out", tmp_path / "set.npz")
    with np.load(tmp_path / "set.npz") as arrays:
        assert arrays["load"].dtype == np.int32
        assert arrays["displacement"].dtype == np.int16
        assert "deflection" not in arrays
    found = [result for _, result in read_packed(tmp_path / "set.npz")[1]]
    for index, curve in read_dataset(tmp_path / "out").items():
        np.testing.assert_allclose(found[index].displacement, curve.displacement, rtol=0, atol=0.50001e-5)
        np.testing.assert_allclose(found[index].load, curve.load, rtol=0, atol=0.50001e-5 * curve.load.max())
        assert np.all(np.isnan(found[index].deflection))


def test_unpacked_the_generation_goes_on_where_it_was(folder, packed, tmp_path):
    again = tmp_path / "again"
    assert unpack_dataset(TWO, packed, again) == 4
    assert unpack_dataset(TWO, packed, again) == 0
    assert read_dataset(again).keys() == read_dataset(folder).keys()
    # Packed again it is the same file.
    assert pack_dataset(TWO, again, tmp_path / "set-again.npz") == 4
    with np.load(packed) as one, np.load(tmp_path / "set-again.npz") as other:
        assert set(one) == set(other)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key], err_msg=key)
    before = results(again)
    assert simulate_dataset(TWO, again, 6, progress=False) == 1
    assert sorted(read_dataset(again)) == [0, 1, 2, 4, 5]
    assert before.items() <= results(again).items()
    assert simulate_dataset(TWO, again, 6, progress=False, retry_failed=True) == 0


def test_unpacked_beside_what_is_there(folder, packed, tmp_path):
    out = tmp_path / "out"
    simulate_dataset(TWO, out, 2, progress=False)
    before = results(out)
    (out / "runs" / "000000.npz").write_bytes(b"damaged")
    assert unpack_dataset(TWO, packed, out) == 3
    assert results(out)["000001.npz"] == before["000001.npz"]
    assert sorted(read_dataset(out)) == [0, 1, 2, 4]


def test_a_packed_file_of_another_design_or_solver_is_refused(packed, tmp_path, fake_solver):
    other = replace(TWO, seed=2)
    with pytest.raises(ValueError, match=r"set.npz holds the results of another design \(it differs in seed\)"):
        unpack_dataset(other, packed, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    design = replace(TWO, numerics=None)
    simulate_dataset(design, tmp_path / "calculix", 1, solver=fake_solver(), progress=False)
    simulate_dataset(design, tmp_path / "embedded", 1, progress=False)
    pack_dataset(design, tmp_path / "calculix", tmp_path / "calculix.npz")
    with pytest.raises(ValueError, match="another solver or version"):
        unpack_dataset(design, tmp_path / "calculix.npz", tmp_path / "embedded")


def test_what_is_no_packed_file_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", x=[1, 2])
    np.save(tmp_path / "array.npy", [1, 2])
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other.npz", "array.npy", "text.npz", "empty.npz"):
        with pytest.raises(ValueError, match=f"{name} is no file of pack_dataset"):
            unpack_dataset(DESIGN, tmp_path / name, tmp_path / "new")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays: arrays.pop("sizes"),
        lambda arrays: arrays.pop("failed"),
        lambda arrays: arrays.update(load=arrays["load"][:-1]),
        lambda arrays: arrays.update(index=np.array([0, 1, 2, 2**30])),
        lambda arrays: arrays.update(index=np.array([0, 1])),
        lambda arrays: arrays.update(index=np.array([], dtype=int)),
        lambda arrays: arrays.update(manifest=np.array("{")),
        lambda arrays: arrays.update(manifest=np.array("[" * 100_000)),
        lambda arrays: arrays.update(manifest=np.array('{"design": {}, "solver": "embedded 1"}')),
        lambda arrays: arrays.update(completed=np.array(["yes", None], dtype=object)),
    ],
)
def test_a_damaged_packed_file_is_named(packed, tmp_path, spoil):
    with np.load(packed) as file:
        arrays = dict(file)
    spoil(arrays)
    np.savez(packed, **arrays)
    with pytest.raises(ValueError, match=r"set.npz\b.*(damaged|no file of pack_dataset)"):
        unpack_dataset(TWO, packed, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_packed_files_with_turned_bits_are_named_or_whole(packed, tmp_path):
    content = packed.read_bytes()
    random = np.random.default_rng(0)
    whole = [result.load for _, result in read_packed(packed)[1]]
    for at in random.integers(0, len(content), 60):
        packed.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        with contextlib.suppress(ValueError):
            # The directory's names, dates and permissions are not what counts.
            for (_, result), load in zip(read_packed(packed)[1], whole, strict=True):
                np.testing.assert_array_equal(result.load, load)
