"""Designs of experiments, and data sets that are generated, killed, continued, packed and unpacked."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sklearn_spt.mechanics import Swift, Voce
from sklearn_spt.simulation import (
    SHEET,
    Design,
    LawSpace,
    MeshSettings,
    Numerics,
    SolverNotFoundError,
    pack_dataset,
    read_dataset,
    simulate_dataset,
    unpack_dataset,
)

SWIFT = LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})
VOCE = LawSpace(law=Voce, ranges={"sigma0": (200, 400)}, fixed={"E": 70e3, "Q": 200, "b": 10}, weight=3)
# On a coarse mesh the real solver takes about a second.
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


# Points


def test_the_first_points_do_not_depend_on_how_many_are_asked_for():
    points = list(DESIGN.points(40))
    assert [point.index for point in points] == list(range(40))
    few = [*DESIGN.points(7), *DESIGN.points(12, start=7)]
    for one, other in zip(few, points, strict=False):
        assert (one.thickness, one.friction) == (other.thickness, other.friction)
        assert (one.law.K, one.law.n) == (other.law.K, other.law.n)


def test_points_fill_their_ranges():
    design = changed(friction=[0.05, 0.3])
    points = list(design.points(256))
    values = {
        "K": ([point.law.K for point in points], 500, 1500),
        "n": ([point.law.n for point in points], 0.1, 0.3),
        "thickness": ([point.thickness for point in points], 1.5, 2.5),
        "friction": ([point.friction for point in points], 0.05, 0.3),
    }
    for name, (found, low, high) in values.items():
        # 256 points of a Sobol sequence put 16 into each sixteenth of every range.
        counts, _ = np.histogram(found, 16, (low, high))
        assert set(counts) == {16}, name


def test_weights_share_the_points_between_laws():
    design = Design(name="two", rig="SHEET", laws=[SWIFT, VOCE], thickness=(1, 2))
    laws = [type(point.law) for point in design.points(256)]
    assert laws.count(Voce) == 192
    assert laws.count(Swift) == 64


def test_limits_of_the_stress_skip_points():
    design = changed(yield_range=[200, 300], max_stress=900)
    laws = [point.law for point in design.points(50)]
    assert all(200 <= law.yield_stress <= 300 and law.flow_stress(1.0) <= 900 for law in laws)
    assert [point.index for point in design.points(50)] == list(range(50))


@pytest.mark.parametrize(
    "limits",
    [
        {"yield_range": [1e9, 1e9]},
        {"yield_range": [-5, -1]},
        {"yield_range": [1, 2]},
        {"yield_range": [300, 300]},
        {"max_stress": 1e-6},
    ],
)
def test_limits_that_nothing_passes(limits):
    with pytest.raises(ValueError, match=r"design 'coarse': of the first 16384 points only 0 .* widen these limits"):
        list(changed(**limits).points(3))


def test_limits_that_hardly_anything_passes(monkeypatch):
    # One of a hundred points has such a yield stress.
    strong = changed(yield_range=[846, 1000])
    assert len(list(strong.points(20))) == 20
    monkeypatch.setattr("sklearn_spt.simulation._design._RAREST", 20)
    with pytest.raises(ValueError, match=r"design 'coarse': of the first \d+ points only \d+ have a yield stress"):
        list(strong.points(20))


def test_more_points_than_a_design_has(monkeypatch):
    with pytest.raises(ValueError, match="at most 2097152 points; got 10"):
        next(DESIGN.points(10**12))
    monkeypatch.setattr("sklearn_spt.simulation._design._MAX_BLOCK", 12)
    with pytest.raises(ValueError, match=r"of the first 2048 points only \d+ have"):
        list(changed(yield_range=[0, 500]).points(2048))


# Plain data


def test_a_design_comes_back_from_plain_data():
    design = Design(
        name="all",
        rig=SHEET.replace(name="own", friction=0.2),
        laws=[SWIFT, VOCE],
        thickness=(1, 2),
        friction=(0.05, 0.3),
        nu=0.35,
        stroke=2,
        load_limit=9000,
        load_drop=0.05,
        yield_range=(100, 900),
        max_stress=2000,
        strain=np.linspace(0.01, 0.1, 10),
        seed=np.int64(7),
        mesh=MeshSettings(rows=3),
        numerics=Numerics(contact_stiffness=6),
    )
    again = Design.from_dict(json.loads(json.dumps(design.describe())))
    assert again == design
    assert again.describe() == design.describe()


def test_what_has_a_default_may_be_left_out():
    laws = [{"law": "swift", "ranges": {"K": [500, 1500], "n": [0.1, 0.3]}, "fixed": {"E": 70e3, "epsilon0": 0.01}}]
    design = Design.from_dict({"name": "short", "rig": "SHEET", "thickness": [1, 2], "laws": laws})
    assert design == Design(name="short", rig="SHEET", laws=[SWIFT], thickness=(1, 2))


RIG = RECORD["rig"]
LAW = RECORD["laws"][0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"thickness": [-1, 2]}, ValueError, r"thickness must lie in 1 to 4 mm, the range of rig SHEET; got -1"),
        ({"thickness": [2, 1]}, ValueError, r"Design: thickness must be two finite numbers, the lower first"),
        ({"thickness": 2}, TypeError, r"Design: thickness must be two numbers"),
        ({"stroke": 5}, ValueError, r"stroke must be positive and at most 4.5 mm, the travel of rig SHEET; got 5"),
        ({"stroke": "far"}, TypeError, r"Design: stroke must be a number > 0"),
        ({"friction": [-0.1, 0.1]}, ValueError, r"Design: friction must lie in 0 to 2"),
        ({"friction": [0.1, 3]}, ValueError, r"Design: friction must lie in 0 to 2"),
        ({"rig": "SHEAT"}, ValueError, r"there is no rig 'SHEAT'; choose one of EN10371, SHEET, MINIATURE"),
        ({"rig": {**RIG, "hole_diameter": 5}}, ValueError, r"hole \(diameter 5 mm\) must be wider than the punch"),
        ({"rig": {**RIG, "hole": 5}}, ValueError, r"Rig has no parameter 'hole'; its parameters are name, punch_"),
        ({"rig": {"name": "own"}}, ValueError, r"Rig also needs punch_diameter, punch_edge_radius, disc_diameter"),
        ({"laws": []}, ValueError, r"Design: laws is empty"),
        ({"laws": LAW}, TypeError, r"Design: laws must be a list"),
        ({"laws": ["Swift"]}, TypeError, r"LawSpace: plain data must be a mapping .* got 'Swift'"),
        ({"laws": [{**LAW, "law": "Swiss"}]}, ValueError, r"no hardening law 'Swiss'; choose one of Hollomon, Ludwik"),
        ({"laws": [{**LAW, "fixed": {"E": 7e4, "eps": 1}}]}, ValueError, r"Swift has no parameter 'eps'; .* epsilon0"),
        ({"laws": [{**LAW, "fixed": {"E": 7e4}}]}, ValueError, r"Swift also needs epsilon0"),
        ({"laws": [{**LAW, "ranges": {"K": [500, 900], "n": [-0.2, 0.1]}}]}, ValueError, r"Swift: n must be >= 0"),
        (
            {"laws": [{**LAW, "ranges": {**LAW["ranges"], "E": [1, 2]}}]},
            ValueError,
            r"E is both in ranges and in fixed",
        ),
        ({"laws": [{**LAW, "ranges": [1, 2]}]}, TypeError, r"LawSpace of Swift: ranges must map parameters' names"),
        ({"laws": [{**LAW, "weight": 0}]}, ValueError, r"LawSpace: weight must be a number > 0"),
        ({"nu": 0.5}, ValueError, r"Design: nu must be a number"),
        ({"seed": -1}, ValueError, r"Design: seed must be an integer"),
        ({"load_drop": 5}, ValueError, r"Design: load_drop must be a number > 0 and < 1"),
        ({"load_limit": 0}, ValueError, r"Design: load_limit must be a number > 0"),
        ({"yield_range": [5, 2]}, ValueError, r"Design: yield_range must be two finite numbers"),
        ({"max_stress": -5}, ValueError, r"Design: max_stress must be a number > 0"),
        ({"strain": [0.2, 0.1]}, ValueError, r"Design: strain must be true strains, 0 or more, that increase"),
        ({"mesh": {"rows": 0}}, ValueError, r"MeshSettings: rows must be an integer >= 1"),
        ({"mesh": 3}, TypeError, r"Design: mesh must be a MeshSettings or None; got 3"),
        ({"numerics": {"increment": 0.1}}, ValueError, r"Numerics has no parameter 'increment'"),
        ({"numerics": {"first_increment": 2}}, ValueError, r"Numerics: first_increment must be a number > 0 and <= 1"),
        ({"name": ""}, TypeError, r"Design: name must be a text"),
        ({"colour": "red"}, ValueError, r"Design has no parameter 'colour'"),
    ],
)
def test_bad_designs_are_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        changed(**changes)


def test_a_design_misses_its_fields():
    with pytest.raises(ValueError, match="Design also needs rig, laws, thickness"):
        Design.from_dict({"name": "bare"})
    with pytest.raises(TypeError, match="Design: plain data must be a mapping"):
        Design.from_dict([])
    with pytest.raises(TypeError, match=r"Design: laws must be LawSpace objects; got <class"):
        Design(name="x", rig="SHEET", laws=[Swift], thickness=(1, 2))
    with pytest.raises(TypeError, match=r"LawSpace: law must be a class of sklearn_spt.mechanics; got 'Swift'"):
        LawSpace(law="Swift", ranges={})


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
    with pytest.raises(ValueError, match=r"out holds the results of another design \(it differs in stroke, seed\)"):
        simulate_dataset(other, out, 1, solver=fake_solver(), progress=False)
    with pytest.raises(ValueError, match="another design"):
        pack_dataset(other, out, tmp_path / "set.npz")
    newer = fake_solver(name="newer-ccx", version="2.21")
    with pytest.raises(ValueError, match=r"another solver \(CalculiX 2.20, not CalculiX 2.21\)"):
        simulate_dataset(DESIGN, out, 1, solver=newer, progress=False)
    monkeypatch.setattr("sklearn_spt.simulation._design._first_deck", lambda design: "new")
    with pytest.raises(ValueError, match="another version of the model"):
        simulate_dataset(DESIGN, out, 1, solver=fake_solver(), progress=False)


def test_damaged_files_are_named(tmp_path, fake_solver):
    out = tmp_path / "out"
    simulate_dataset(DESIGN, out, 2, solver=fake_solver(), progress=False)
    (out / "runs" / "000001.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=r"000001.npz is damaged .*delete it, and simulate_dataset computes it again"):
        read_dataset(out)
    content = (out / "runs" / "000000.npz").read_bytes()
    (out / "runs" / "000001.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"000001.npz is damaged"):
        read_dataset(out)


def rewritten(path, **changes):
    """Write a result again with other arrays, or another record."""
    with np.load(path) as file:
        arrays = dict(file)
    record = json.loads(str(arrays["record"]))
    for name, value in changes.items():
        if name in arrays:
            arrays[name] = np.array(value)
        elif name in record:
            record[name] = value
        else:
            record["metadata"][name] = value
    if "record" not in changes:
        arrays["record"] = np.array(json.dumps(record))
    np.savez(path, **arrays)


def swap(runs):
    first, second = (runs / f"00000{i}.npz" for i in (1, 2))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


SPOILT = {
    "empty": lambda runs: (runs / "000001.npz").write_bytes(b""),
    "cut": lambda runs: (runs / "000001.npz").write_bytes((runs / "000001.npz").read_bytes()[:700]),
    "not zipped": lambda runs: (np.save(runs / "a.npy", [1.0, 2.0]), (runs / "a.npy").replace(runs / "000001.npz")),
    "bytes turned": lambda runs: (runs / "000001.npz").write_bytes(b"PK" + bytes(range(256)) * 8),
    "another point's": lambda runs: shutil.copy(runs / "000002.npz", runs / "000001.npz"),
    "swapped": swap,
    "other name": lambda runs: rewritten(runs / "000001.npz", name="fine-0001"),
    "no name": lambda runs: rewritten(runs / "000001.npz", name=None),
    "other thickness": lambda runs: rewritten(runs / "000001.npz", thickness=1.75),
    "no thickness": lambda runs: rewritten(runs / "000001.npz", thickness=None),
    "other rig": lambda runs: rewritten(runs / "000001.npz", rig="EN10371"),
    "other friction": lambda runs: rewritten(runs / "000001.npz", friction=0.2),
    "other law": lambda runs: rewritten(runs / "000001.npz", law="Voce"),
    "no law": lambda runs: rewritten(runs / "000001.npz", law=None),
    "other parameters": lambda runs: rewritten(
        runs / "000001.npz", law_parameters={"E": 70e3, "K": 800, "epsilon0": 0.01, "n": 0.2}
    ),
    "few parameters": lambda runs: rewritten(runs / "000001.npz", law_parameters={"E": 70e3}),
    "parameters of another kind": lambda runs: rewritten(runs / "000001.npz", law_parameters=[1, 2]),
    "no metadata": lambda runs: rewritten(runs / "000001.npz", metadata={}),
    "metadata of another kind": lambda runs: rewritten(runs / "000001.npz", metadata="none"),
    "a record of another kind": lambda runs: rewritten(runs / "000001.npz", record="[1, 2]"),
    "a record that is nested deeply": lambda runs: rewritten(runs / "000001.npz", record="[" * 100_000),
    "loads that are no numbers": lambda runs: rewritten(runs / "000001.npz", load=["a", "b"]),
    "loads that are not finite": lambda runs: rewritten(runs / "000001.npz", load=np.full(21, np.nan)),
    "loads and displacements apart": lambda runs: rewritten(runs / "000001.npz", load=np.arange(7.0)),
    "a failure without a reason": lambda runs: (
        (runs / "000001.npz").unlink(),
        (runs / "000001.failed.json").write_text(""),
    ),
    "a failure of another kind": lambda runs: (
        (runs / "000001.npz").unlink(),
        (runs / "000001.failed.json").write_text("[]"),
    ),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_not_the_result_of_its_point_is_computed_again(tmp_path, fake_solver, spoil):
    out = tmp_path / "out"
    simulate_dataset(DESIGN, out, 4, solver=fake_solver(), progress=False)
    whole, files = read_dataset(out), results(out)
    spoil(out / "runs")
    if (out / "runs" / "000001.npz").exists():
        with pytest.raises(ValueError, match=r"00000[12].npz is .*delete it"):
            pack_dataset(DESIGN, out, tmp_path / "set.npz")
    assert simulate_dataset(DESIGN, out, 4, solver=fake_solver(), progress=False) == 0
    assert_same_curves(read_dataset(out), whole)
    assert pack_dataset(DESIGN, out, tmp_path / "set.npz") == 4
    # What was right was not touched.
    assert all(results(out)[name] == files[name] for name in ("000000.npz", "000003.npz"))


def test_other_ways_to_write_a_number_are_no_results(tmp_path, fake_solver):
    out = tmp_path / "out"
    simulate_dataset(DESIGN, out, 1, solver=fake_solver(), progress=False)
    for name in ("0000001.npz", "1.npz", "٠٠٠٠٠٢.npz", "000001.NPZ", "000001.npz~"):
        shutil.copy(out / "runs" / "000000.npz", out / "runs" / name)
    assert list(read_dataset(out)) == [0]
    assert simulate_dataset(DESIGN, out, 3, solver=fake_solver(), progress=False) == 0
    assert list(read_dataset(out)) == [0, 1, 2]


MANIFEST = {"design": RECORD, "first_deck_sha256": "0", "solver": "CalculiX 2.20"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"manifest.json is damaged: it is no JSON .*; restore it, or give another folder"),
        ("", r"manifest.json is damaged: it is no JSON"),
        ("[" * 100_000, r"manifest.json is damaged: .*nested too deeply"),
        ('{"design": ' * 100_000, r"manifest.json is damaged: .*nested too deeply"),
        ('{"design": ' * 60 + "0" + "}" * 60, r"manifest.json is damaged: .*nested too deeply"),
        (json.dumps({**MANIFEST, "solver": "x" * 2**25}), r"manifest.json is damaged: .*more than \d+ characters"),
        ("1" * 10_000, r"manifest.json is damaged"),
        ("\xff\xfe", r"manifest.json is damaged: it is no JSON"),
        ('{"name": "an app", "icons": []}', r"manifest.json is no manifest of simulate_dataset.*no design, first_deck"),
        ("[1, 2]", r"manifest.json is no manifest of simulate_dataset"),
        (
            json.dumps({**MANIFEST, "solver": None}),
            r"manifest.json is no manifest .*\(no solver\); give another folder",
        ),
        (json.dumps({**MANIFEST, "design": "mild"}), r"manifest.json is no manifest .*\(no design\)"),
    ],
)
def test_a_foreign_or_damaged_manifest_is_named(tmp_path, fake_solver, content, message):
    (tmp_path / "manifest.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        simulate_dataset(DESIGN, tmp_path, 1, solver=fake_solver(), progress=False)
    # What belongs to somebody else stays as it was.
    assert (tmp_path / "manifest.json").read_text(encoding="latin-1") == content
    assert not (tmp_path / "runs").exists()


def test_results_without_a_manifest_belong_to_nobody(tmp_path, fake_solver):
    out = tmp_path / "out"
    simulate_dataset(DESIGN, out, 1, solver=fake_solver(), progress=False)
    (out / "manifest.json").unlink()
    for call in (
        lambda: simulate_dataset(changed(seed=2), out, 1, solver=fake_solver(), progress=False),
        lambda: pack_dataset(DESIGN, out, tmp_path / "set.npz"),
    ):
        with pytest.raises(ValueError, match=r"no \S+manifest.json, which says what design .* restore it"):
            call()
    assert not (tmp_path / "set.npz").exists()


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


@pytest.mark.parametrize("n_jobs", [1, 2])
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


@pytest.mark.slow
@pytest.mark.ccx
def test_a_killed_generation_goes_on_with_the_real_solver(tmp_path):
    out = tmp_path / "out"
    kill_after(1, out, 4, 1, "ccx")
    done = len(read_dataset(out))
    assert 1 <= done < 4
    assert simulate_dataset(DESIGN, out, 4, progress=False) == 0
    assert simulate_dataset(DESIGN, tmp_path / "straight", 4, n_jobs=2, progress=False) == 0
    assert_same_curves(read_dataset(out), read_dataset(tmp_path / "straight"))


# Packed


def test_pack_and_unpack(tmp_path, fake_solver):
    design = Design(name="two", rig="SHEET", laws=[SWIFT, VOCE], thickness=(1, 2), friction=(0.05, 0.3), stroke=1.0)
    simulate_dataset(design, tmp_path / "out", 5, solver=fake_solver(), progress=False)
    (tmp_path / "out" / "runs" / "000003.npz").unlink()
    (tmp_path / "out" / "runs" / "000003.failed.json").write_text('{"error": "diverged"}')
    assert pack_dataset(design, tmp_path / "out", tmp_path / "set.npz") == 4
    curves = read_dataset(tmp_path / "out")
    points = {point.index: point for point in design.points(5)}
    with np.load(tmp_path / "set.npz") as packed:
        assert packed["index"].tolist() == [0, 1, 2, 4]
        assert packed["failed"].tolist() == [3]
        np.testing.assert_allclose(packed["strain"], design.strain)
        for i, index in enumerate((0, 1, 2, 4)):
            law = points[index].law
            assert packed["law_names"][packed["law"][i]] == type(law).__name__
            np.testing.assert_allclose(packed["stress"][i], law.true_stress(packed["strain"]), atol=0.006)
            parameters = dict(zip(packed["parameter_names"].tolist(), packed["parameters"][i].tolist(), strict=True))
            assert parameters["E"] == 70e3
            assert np.isnan(parameters["Q"]) == isinstance(law, Swift)
        assert Design.from_dict(json.loads(str(packed["manifest"]))["design"]) == design
    # Unpacked, the generation goes on where it was, and packing again gives the same file.
    again = tmp_path / "again"
    assert unpack_dataset(design, tmp_path / "set.npz", again) == 4
    assert unpack_dataset(design, tmp_path / "set.npz", again) == 0
    unpacked = read_dataset(again)
    assert unpacked.keys() == curves.keys()
    for index, curve in curves.items():
        np.testing.assert_allclose(unpacked[index].load, curve.load, atol=1e-5 * curve.load.max())
        np.testing.assert_allclose(unpacked[index].displacement, curve.displacement, atol=6e-5)
        assert unpacked[index].thickness == curve.thickness
        for key in ("law", "law_parameters", "friction", "completed", "ended_by", "attempts", "solver"):
            assert unpacked[index].metadata[key] == curve.metadata[key], key
    assert pack_dataset(design, again, tmp_path / "set-again.npz") == 4
    with np.load(tmp_path / "set.npz") as one, np.load(tmp_path / "set-again.npz") as other:
        assert set(one) == set(other)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key], err_msg=key)
    assert simulate_dataset(design, again, 6, solver=fake_solver(), progress=False) == 1
    assert sorted(read_dataset(again)) == [0, 1, 2, 4, 5]


def test_strains_of_the_packed_stresses(tmp_path, fake_solver):
    simulate_dataset(DESIGN, tmp_path / "out", 1, solver=fake_solver(), progress=False)
    pack_dataset(DESIGN, tmp_path / "out", tmp_path / "set.npz", strain=[0.0, 0.1])
    with np.load(tmp_path / "set.npz") as packed:
        assert packed["strain"].tolist() == [0.0, 0.1]
        assert packed["stress"].shape == (1, 2)
    with pytest.raises(ValueError, match="strain must be true strains"):
        pack_dataset(DESIGN, tmp_path / "out", tmp_path / "set.npz", strain=[0.1, 0.0])


def test_a_packed_file_of_another_design_is_refused(tmp_path, fake_solver):
    simulate_dataset(DESIGN, tmp_path / "out", 1, solver=fake_solver(), progress=False)
    pack_dataset(DESIGN, tmp_path / "out", tmp_path / "set.npz")
    with pytest.raises(ValueError, match=r"set.npz holds the results of another design \(it differs in seed\)"):
        unpack_dataset(changed(seed=2), tmp_path / "set.npz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_no_packed_file_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", x=[1, 2])
    np.save(tmp_path / "array.npy", [1, 2])
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other.npz", "array.npy", "text.npz", "empty.npz"):
        with pytest.raises(ValueError, match=f"{name} is no file of pack_dataset"):
            unpack_dataset(DESIGN, tmp_path / name, tmp_path / "new")
