"""The folder of a data set: whose results it holds, and which of its files count."""

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import (
    SHEET,
    Design,
    LawSpace,
    MeshSettings,
    Numerics,
    SimulationError,
    pack_dataset,
    read_dataset,
    simulate_dataset,
)
from sklearn_spt.simulation._runs import PointResult, Runs, point_record

SWIFT = LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})
# On a coarse mesh a test takes some hundredths of a second.
DESIGN = Design(
    name="coarse",
    rig="SHEET",
    laws=[SWIFT],
    thickness=(1.5, 2.5),
    stroke=0.3,
    mesh=MeshSettings(rows=2, edge_size=0.3),
    numerics=Numerics(increment=0.02),
    seed=1,
)
RECORD = DESIGN.describe()


def changed(**changes):
    return Design.from_dict({**RECORD, **changes})


def results(folder):
    return {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of four points."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert simulate_dataset(DESIGN, out, 4, progress=False) == 0
    return out


@pytest.fixture
def out(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "out")


def test_a_result_holds_what_its_point_says_and_how_the_run_ended(out):
    points = list(DESIGN.points(4))
    for point in points:
        result = Runs(out).read(point.index, DESIGN, point)
        assert point_record(DESIGN, point).items() <= result.record.items()
        assert result.record["rig"] == {**asdict(SHEET), "thickness_range": [1.0, 4.0]}
        assert (result.record["completed"], result.record["ended_by"]) == (True, "stroke")
        assert 0 < result.record["largest_strain"] < 1
        assert result.displacement[-1] == 0.3
        # A flat punch drives the middle ahead, or leaves it behind.
        assert 0 < abs(result.deflection[-1] - 0.3) < 0.05
        curve, lower = result.curve(), result.curve("deflection")
        assert (curve.displacement_kind, lower.displacement_kind) == ("punch", "deflection")
        assert (curve.name, curve.rig, curve.thickness) == (f"coarse-000{point.index}", "SHEET", point.thickness)
        np.testing.assert_array_equal(lower.displacement, result.deflection)
        np.testing.assert_array_equal(lower.load, curve.load)
        assert curve.metadata["law_parameters"]["K"] == point.law.K
        with pytest.raises(ValueError, match="displacement_kind must be"):
            result.curve("crosshead")


def test_a_result_without_a_deflection(out):
    result = Runs(out).read(1)
    lost = replace(result, deflection=np.full(len(result.load), np.nan))
    np.testing.assert_array_equal(lost.curve().load, result.load)
    with pytest.raises(ValueError, match="coarse-0001 has no deflection"):
        lost.curve("deflection")


def test_a_result_takes_the_place_of_a_failure_and_the_other_way_round(out):
    runs = Runs(out)
    result = runs.read(1)
    assert isinstance(result, PointResult)
    runs.write(1, "diverged")
    assert runs.state() == ({0, 2, 3}, {1})
    assert not runs.path(1).exists()
    runs.write(1, result)
    assert runs.state() == ({0, 1, 2, 3}, set())
    assert not runs.failure_path(1).exists()


def test_damaged_files_are_named(out):
    content = (out / "runs" / "000001.npz").read_bytes()
    for damaged in (b"", content[: len(content) // 2], content[:-10]):
        (out / "runs" / "000001.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"000001.npz is damaged .*delete it, and simulate_dataset computes it"):
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
            raise KeyError(name)
    if "record" not in changes:
        arrays["record"] = np.array(json.dumps(record))
    np.savez(path, **arrays)


def without(path, name):
    with np.load(path) as file:
        record = json.loads(str(file["record"]))
    del record[name]
    rewritten(path, record=json.dumps(record))


def swap(runs):
    first, second = (runs / f"00000{i}.npz" for i in (1, 2))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


WIDER = SHEET.replace(disc_diameter=13.1)
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
    "other tools": lambda runs: rewritten(runs / "000001.npz", rig=json.loads(json.dumps(asdict(WIDER)))),
    "other Poisson's ratio": lambda runs: rewritten(runs / "000001.npz", nu=0.35),
    "other index": lambda runs: rewritten(runs / "000001.npz", index=2),
    "other friction": lambda runs: rewritten(runs / "000001.npz", friction=0.2),
    "other law": lambda runs: rewritten(runs / "000001.npz", law="Voce"),
    "no law": lambda runs: rewritten(runs / "000001.npz", law=None),
    "other parameters": lambda runs: rewritten(
        runs / "000001.npz", law_parameters={"E": 70e3, "K": 800, "epsilon0": 0.01, "n": 0.2}
    ),
    "few parameters": lambda runs: rewritten(runs / "000001.npz", law_parameters={"E": 70e3}),
    "parameters of another kind": lambda runs: rewritten(runs / "000001.npz", law_parameters=[1, 2]),
    "nothing but its name": lambda runs: rewritten(runs / "000001.npz", record='{"name": "coarse-0001"}'),
    "no end": lambda runs: without(runs / "000001.npz", "ended_by"),
    "no solver": lambda runs: without(runs / "000001.npz", "solver"),
    "a record of another kind": lambda runs: rewritten(runs / "000001.npz", record="[1, 2]"),
    "a record that is nested deeply": lambda runs: rewritten(runs / "000001.npz", record="[" * 100_000),
    "loads that are no numbers": lambda runs: rewritten(runs / "000001.npz", load=["a", "b"]),
    "loads that are not finite": lambda runs: rewritten(runs / "000001.npz", load=np.full(21, np.nan)),
    "a deflection that is too short": lambda runs: rewritten(runs / "000001.npz", deflection=np.arange(7.0)),
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
def test_what_is_not_the_result_of_its_point_is_computed_again(out, whole, tmp_path, spoil):
    curves, files = read_dataset(whole), results(whole)
    spoil(out / "runs")
    if (out / "runs" / "000001.npz").exists():
        with pytest.raises(ValueError, match=r"00000[12].npz is .*delete it"):
            pack_dataset(DESIGN, out, tmp_path / "set.npz")
    assert simulate_dataset(DESIGN, out, 4, progress=False) == 0
    again = read_dataset(out)
    assert again.keys() == curves.keys()
    for index, curve in curves.items():
        np.testing.assert_array_equal(again[index].load, curve.load)
        assert (again[index].thickness, again[index].name) == (curve.thickness, curve.name)
    assert pack_dataset(DESIGN, out, tmp_path / "set.npz") == 4
    # What was right was not touched, and nothing else is left.
    now = results(out)
    assert all(now[name] == files[name] for name in ("000000.npz", "000003.npz"))
    assert now.keys() == files.keys()


def test_a_failure_takes_the_place_of_what_was_damaged(out, monkeypatch):
    def fail(*arguments, **options):
        raise SimulationError("no equilibrium")

    monkeypatch.setattr("sklearn_spt.simulation._dataset.run_spt", fail)
    (out / "runs" / "000001.npz").write_bytes(b"")
    assert simulate_dataset(DESIGN, out, 4, progress=False) == 1
    assert sorted(read_dataset(out)) == [0, 2, 3]
    assert "no equilibrium" in (out / "runs" / "000001.failed.json").read_text()


def test_other_ways_to_write_a_number_are_no_results(out):
    for index in (1, 2, 3):
        (out / "runs" / f"00000{index}.npz").unlink()
    for name in ("0000001.npz", "1.npz", "٠٠٠٠٠٢.npz", "000001.NPZ", "000001.npz~"):
        shutil.copy(out / "runs" / "000000.npz", out / "runs" / name)
    assert list(read_dataset(out)) == [0]
    assert simulate_dataset(DESIGN, out, 3, progress=False) == 0
    assert list(read_dataset(out)) == [0, 1, 2]


MANIFEST = {"design": RECORD, "solver": "embedded 1"}


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
        ('{"name": "an app", "icons": []}', r"manifest.json is no manifest of simulate_dataset.*no design, solver"),
        ("[1, 2]", r"manifest.json is no manifest of simulate_dataset"),
        (
            json.dumps({**MANIFEST, "solver": None}),
            r"manifest.json is no manifest .*\(no solver\); give another folder",
        ),
        (json.dumps({**MANIFEST, "design": "mild"}), r"manifest.json is no manifest .*\(no design\)"),
    ],
)
def test_a_foreign_or_damaged_manifest_is_named(tmp_path, content, message):
    (tmp_path / "manifest.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        simulate_dataset(DESIGN, tmp_path, 1, progress=False)
    # What belongs to somebody else stays as it was.
    assert (tmp_path / "manifest.json").read_text(encoding="latin-1") == content
    assert not (tmp_path / "runs").exists()


def test_results_without_a_manifest_belong_to_nobody(out, tmp_path):
    (out / "manifest.json").unlink()
    for call in (
        lambda: simulate_dataset(DESIGN, out, 1, progress=False),
        lambda: pack_dataset(DESIGN, out, tmp_path / "set.npz"),
    ):
        with pytest.raises(ValueError, match=r"no \S+manifest.json, which says what design .* restore it"):
            call()
    assert not (tmp_path / "set.npz").exists()


def test_a_manifest_is_whole_or_not_there(out):
    """It is plain data of the design and the solver."""
    known = Runs(out).manifest()
    assert known == {"design": RECORD, "solver": known["solver"]}
    assert known["solver"].startswith("embedded ")
    assert Design.from_dict(known["design"]) == DESIGN
