"""The command ``sklearn-spt simulate`` as a user calls it; where CalculiX is asked for, a script stands in for it."""

import json
import subprocess
import sys

import numpy as np
import pytest

from sklearn_spt import cli, read_curves
from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import EN10371, read_dataset, simulate_from_curve, simulate_spt
from sklearn_spt.simulation.embedded.increments import Model
from sklearn_spt.simulation.embedded.spt import build

LAW = ("--law", "swift", "E=210000", "K=600", "epsilon0=0.01", "n=0.2")
SWIFT = Swift(E=210e3, K=600, epsilon0=0.01, n=0.2)
DESIGN = {
    "name": "coarse",
    "rig": "SHEET",
    "thickness": [1.5, 2.5],
    "stroke": 0.3,
    "mesh": {"rows": 2, "edge_size": 0.3},
    "numerics": {"increment": 0.02},
    "laws": [{"law": "Swift", "ranges": {"K": [500, 1500], "n": [0.1, 0.3]}, "fixed": {"E": 70e3, "epsilon0": 0.01}}],
}


@pytest.fixture
def run(capfd):
    """Run the command; return its exit status, its output and the standard error."""

    def call(*arguments):
        capfd.readouterr()
        return cli.main(["simulate", *map(str, arguments)]), *capfd.readouterr()

    return call


@pytest.fixture
def calculix(fake_solver, monkeypatch):
    """The options that take the stand-in for CalculiX."""
    monkeypatch.setenv("SKLEARN_SPT_CCX", str(fake_solver()))
    return "--solver", "calculix"


@pytest.fixture
def runs(monkeypatch):
    """How many simulations there were."""
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return build(*arguments)

    monkeypatch.setattr("sklearn_spt.simulation.embedded.spt.build", counted)
    return lambda: len(calls)


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "design.json"
    path.write_text(json.dumps(DESIGN))
    return path


@pytest.fixture
def table(tmp_path):
    strain = np.linspace(0.001, 0.2, 50)
    path = tmp_path / "stress.csv"
    rows = [f"{e!r},{s!r}" for e, s in zip(strain.tolist(), SWIFT.true_stress(strain).tolist(), strict=True)]
    path.write_text("\n".join(["true_strain,true_stress_MPa", *rows]))
    return path


def test_law(run, tmp_path):
    out = tmp_path / "curve.csv"
    status, text, errors = run(*LAW, "--thickness", 0.5, "--friction", 0.2, "--stroke", 0.4, "--nu", 0.28, "--out", out)
    assert (status, errors) == (0, "")
    (curve,) = read_curves(out)
    same = simulate_spt(SWIFT, thickness=0.5, friction=0.2, stroke=0.4, nu=0.28)
    np.testing.assert_array_equal(curve.load, same.load)
    np.testing.assert_array_equal(curve.displacement, same.displacement)
    assert (curve.thickness, curve.rig, curve.name) == (0.5, "EN10371", "curve")
    assert f"maximum load {same.load.max():.1f} N" in text


def test_rig_from_a_file(run, tmp_path):
    rig = tmp_path / "wide.json"
    record = {key: value for key, value in vars(EN10371).items() if value is not None}
    rig.write_text(json.dumps(record | {"name": "wide", "hole_diameter": 4.5}))
    status, _, errors = run(*LAW, "--rig", rig, "--thickness", 0.5, "--stroke", 0.4, "--out", tmp_path / "c.csv")
    assert (status, errors) == (0, "")
    same = simulate_spt(SWIFT, EN10371.replace(name="wide", hole_diameter=4.5), thickness=0.5, stroke=0.4)
    np.testing.assert_array_equal(read_curves(tmp_path / "c.csv")[0].load, same.load)


def test_curve(run, table, tmp_path):
    options = ("--thickness", 0.5, "--stroke", 0.15, "--elastic-modulus", 210e3)
    assert run("--curve", table, *options, "--out", tmp_path / "c.csv")[0] == 0
    strain, stress = np.loadtxt(table, delimiter=",", skiprows=1).T
    same = simulate_from_curve(strain, stress, thickness=0.5, stroke=0.15, E=210e3)
    np.testing.assert_array_equal(read_curves(tmp_path / "c.csv")[0].load, same.load)
    # As spreadsheets write it where the comma is the decimal sign, and as predict writes one curve to a table.
    text = table.read_text()
    for other in (text.replace(",", ";").replace(".", ","), text.replace("\n", ",demo\n").replace("MPa", "MPa,curve")):
        table.write_text(other)
        assert run("--curve", table, *options, "--out", tmp_path / "d.csv")[0] == 0
        assert (tmp_path / "d.csv").read_text().splitlines()[1:] == (tmp_path / "c.csv").read_text().splitlines()[1:]


def test_deflection(run, tmp_path):
    options = ("--thickness", 0.5, "--stroke", 0.2, "--displacement-kind", "deflection")
    assert run(*LAW, *options, "--out", tmp_path / "c.csv")[0] == 0
    (curve,) = read_curves(tmp_path / "c.csv")
    same = simulate_spt(SWIFT, thickness=0.5, stroke=0.2, displacement_kind="deflection")
    assert curve.displacement_kind == "deflection"
    np.testing.assert_array_equal(curve.displacement, same.displacement)


def test_where_a_curve_is_extrapolated_is_said(run, table, tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("\n".join(table.read_text().splitlines()[:15]))
    options = ("--thickness", 0.5, "--stroke", 0.15)
    text = run("--curve", short, *options, "--out", tmp_path / "c.csv")[1]
    strain, stress = np.loadtxt(short, delimiter=",", skiprows=1).T
    beyond = simulate_from_curve(strain, stress, thickness=0.5, stroke=0.15).metadata["extrapolated_from"]
    assert f"from {beyond:.4g} mm on" in text
    assert "extrapolated" in text
    # The disc does not come so far.
    assert "extrapolated" not in run("--curve", table, *options, "--out", tmp_path / "c.csv")[1]


def test_calculix(run, calculix, tmp_path):
    options = ("--thickness", 0.5, "--stroke", 0.4, "--timeout", 60)
    for solver in (calculix, ("--solver", tmp_path / "fake-ccx")):
        assert run(*LAW, *options, *solver, "--out", tmp_path / "c.csv")[0] == 0
        same = simulate_spt(SWIFT, thickness=0.5, stroke=0.4, solver="calculix")
        np.testing.assert_array_equal(read_curves(tmp_path / "c.csv")[0].load, same.load)
    status, _, errors = run(*LAW, *options, "--out", tmp_path / "d.csv")
    assert status == 2
    assert "timeout is for CalculiX only" in errors
    kind = ("--thickness", 0.5, "--displacement-kind", "deflection")
    status, _, errors = run(*LAW, *kind, *calculix, "--out", tmp_path / "d.csv")
    assert status == 2
    assert "punch only" in errors
    assert not (tmp_path / "d.csv").exists()


def test_a_solver_that_stops_early(run, monkeypatch, tmp_path):
    advance = Model.advance
    monkeypatch.setattr(Model, "advance", lambda self, travel: travel < 0.15 and advance(self, travel))
    status, _, errors = run(*LAW, "--thickness", 0.5, "--stroke", 0.4, "--out", tmp_path / "c.csv")
    assert status == 0
    assert "the solver stopped at" in errors
    assert (tmp_path / "c.csv").exists()


@pytest.mark.parametrize(("at", "message"), [(20, "the load jumps near the end"), (12, "1 points of the curve were")])
def test_a_curve_with_a_jump_or_a_wrong_point(run, fake_solver, monkeypatch, tmp_path, at, message):
    program = fake_solver()
    program.write_text(program.read_text().replace("-i / 20 * s", f"(i == {at} ? -1.2 : -1) * i / 20 * s"))
    options = ("--thickness", 0.5, "--stroke", 2, "--solver", program)
    status, _, errors = run(*LAW, *options, "--out", tmp_path / "c.csv")
    assert status == 0
    assert message in errors
    assert errors.count("warning") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--law", "swyft", "E=1"), "no hardening law 'swyft'"),
        (("--law", "swift", "E=210000"), "Swift also needs K"),
        (("--law", "swift", "E=210000", "k=3"), "no parameter 'k'"),
        (("--law", "swift", "E"), "'E' is not of the form P=V"),
        (("--law", "swift", "E=high"), "--law: E must be a number"),
        (("--law", "swift", "E=nan"), "--law: E must be finite"),
        (("--law", "swift", "E=1", "E=2"), "--law: E is given twice"),
        (("--law", "swift", "E=210000", "K=-600", "epsilon0=0.01", "n=0.2"), "K"),
        ((*LAW, "--thickness", 5), "thickness must lie in 0.2 to 0.8"),
        ((*LAW, "--stroke", 9), "stroke must be positive and at most 3"),
        ((*LAW, "--friction", -1), "friction"),
        ((*LAW, "--nu", 0.6), "nu"),
        ((*LAW, "--load-drop", 1.5), "load_drop"),
        ((*LAW, "--rig", "EN"), "'EN' is not one of EN10371"),
        ((*LAW, "--displacement-kind", "crosshead"), "invalid choice"),
        ((*LAW, "--timeout", 60), "timeout is for CalculiX only"),
        ((*LAW, "--n", 3, "--pack", "x.npz"), "--n, --pack: only for a data set"),
        ((*LAW, "--elastic-modulus", 7e4), "among its parameters"),
        ((*LAW, "--thickness", "thick"), "'thick' is not a number"),
        ((*LAW, "--out", "curve.txt"), "does not end in .csv"),
        ((), "one of the arguments --law --curve --design is required"),
        ((*LAW, "--curve", "x.csv"), "not allowed with"),
    ],
)
def test_what_makes_no_sense_is_said_before_the_solver_runs(run, runs, tmp_path, arguments, message):
    # Of an option given twice, the last one counts.
    status, text, errors = run("--thickness", 0.5, "--out", tmp_path / "c.csv", *arguments)
    assert (status, text) == (2, "")
    assert message in errors
    assert errors.count("\n") == 1
    assert runs() == 0
    assert not (tmp_path / "c.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("strain,stress\n", "holds no numbers"),
        ("0.1\n0.2\n", "line 1: needs two columns"),
        ("0.1,300\n0.2,x\n", "line 2: stress must be a number"),
        ("0.1,300\n0.2,nan\n", "line 2: stress must be finite"),
        ("0.1,300\n0.2,310\n0.15,320\n", "increase"),
        ("0.01,300\n0.1,310\n0.2,200\n", "softens"),
        ("0.1,300,a\n0.1,310,b\n", "more than one curve"),
        ("0.01,300e6\n0.1,310e6\n0.2,320e6\n", "in MPa"),
        ("# name: a\ndisplacement_mm,load_N\n0,0\n0.1,200\n0.2,260\n", "holds loads over displacements"),
    ],
)
def test_a_curve_that_makes_no_sense(run, runs, tmp_path, text, message):
    (tmp_path / "stress.csv").write_text(text)
    status, _, errors = run("--curve", tmp_path / "stress.csv", "--thickness", 0.5, "--out", tmp_path / "c.csv")
    assert status == 2
    assert message in errors
    assert "stress.csv" in errors
    assert runs() == 0


def test_a_curve_that_is_no_text(run, tmp_path):
    (tmp_path / "stress.csv").write_bytes(b"\x89PNG\x00\xff")
    status, _, errors = run("--curve", tmp_path / "stress.csv", "--thickness", 0.5, "--out", tmp_path / "c.csv")
    assert status == 2
    assert "stress.csv is not a text file" in errors


@pytest.mark.parametrize("text", ['{"name": "mine", "punch_radius": 1}', '["mine"]', '{"name": '])
def test_a_rig_that_is_none_is_named_by_its_file(run, runs, tmp_path, text):
    (tmp_path / "mine.json").write_text(text)
    options = ("--thickness", 0.5, "--rig", tmp_path / "mine.json")
    status, _, errors = run(*LAW, *options, "--out", tmp_path / "c.csv")
    assert status == 2
    assert "mine.json" in errors
    assert runs() == 0


def test_missing_files(run, tmp_path):
    out = tmp_path / "c.csv"
    for arguments in (("--curve", "no.csv", "--thickness", 0.5), ("--design", "no.json", "--n", 1)):
        status, _, errors = run(*arguments, "--out", out)
        assert status == 1
        assert "No such file" in errors
    assert "give the thickness" in run(*LAW, "--out", out)[2]


def test_no_solver(run, monkeypatch, tmp_path, design):
    monkeypatch.setenv("SKLEARN_SPT_CCX", "no-such-program")
    design.write_text(json.dumps(DESIGN | {"numerics": None}))
    for arguments in ((*LAW, "--thickness", 0.5), ("--design", design, "--n", 1)):
        status, _, errors = run(*arguments, "--solver", "calculix", "--out", tmp_path / "out.csv")
        assert status == 1
        assert "CalculiX was not found" in errors
        assert "apt-get install" in errors
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("solver", ["embedded", "calculix"])
def test_no_curve(run, fake_solver, monkeypatch, tmp_path, solver):
    monkeypatch.setenv("SKLEARN_SPT_CCX", str(fake_solver("exit 1")))
    monkeypatch.setattr(Model, "advance", lambda self, travel: False)
    status, _, errors = run(*LAW, "--thickness", 0.5, "--solver", solver, "--out", tmp_path / "c.csv")
    assert status == 1
    assert errors.startswith("sklearn-spt: error: ")
    assert not (tmp_path / "c.csv").exists()


def test_design(run, runs, design, tmp_path):
    out, packed = tmp_path / "out", tmp_path / "out.npz"
    status, text, errors = run("--design", design, "--out", out, "--n", 2, "--pack", packed)
    assert status == 0
    assert "coarse: 2 of 2 points simulated, 0 failed" in text
    assert f"wrote {packed}: 2 curves" in text
    assert "failed=0" in errors
    assert "run" in errors
    assert list(read_dataset(out)) == [0, 1]
    assert runs() == 2
    # Continued, from its own manifest, without computing anything again.
    status, _, errors = run("--design", out / "manifest.json", "--out", out, "--n", 3, "--quiet")
    assert (status, errors) == (0, "")
    assert list(read_dataset(out)) == [0, 1, 2]
    assert runs() == 3


def test_design_with_calculix(run, calculix, design, tmp_path):
    arguments = ("--design", design, "--out", tmp_path / "out", "--n", 2, "--quiet", *calculix)
    status, _, errors = run(*arguments)
    assert status == 2
    assert "numerics must be" in errors
    design.write_text(json.dumps(DESIGN | {"numerics": {"contact_stiffness": 7, "first_increment": 0.02}}))
    assert run(*arguments)[0] == 0
    assert [curve.metadata["solver"] for curve in read_dataset(tmp_path / "out").values()] == 2 * ["CalculiX 2.20"]


def test_failures(run, monkeypatch, design, tmp_path):
    arguments = ("--design", design, "--out", tmp_path / "out", "--n", 2, "--quiet")
    with monkeypatch.context() as patch:
        patch.setattr(Model, "advance", lambda self, travel: False)
        status, text, errors = run(*arguments, "--pack", tmp_path / "p.npz")
    assert status == 3
    assert "0 of 2 points simulated, 2 failed" in text
    assert "2 points failed" in errors
    assert not (tmp_path / "p.npz").exists()
    assert run(*arguments)[0] == 3
    assert run(*arguments, "--retry-failed")[0] == 0


@pytest.mark.parametrize(
    ("changes", "arguments", "message"),
    [
        ({"thicknes": 1}, (), "no parameter 'thicknes'"),
        ({"laws": [{"law": "Swyft", "ranges": {}}]}, (), "no hardening law 'Swyft'"),
        ({"thickness": [1.5, 9]}, (), "thickness must lie in"),
        (
            {"laws": [{"law": "Swift", "ranges": {"K": [400, 900]}, "fixed": {"E": 210, "epsilon0": 0.01, "n": 0.2}}]},
            (),
            "in MPa",
        ),
        ({}, ("--n", 0), "--n"),
        ({}, ("--n-jobs", 0), "--n-jobs must not be 0"),
        ({}, ("--thickness", 2), "--thickness: only for one test"),
        ({}, ("--pack", "data.zip"), "does not end in .npz"),
    ],
)
def test_a_design_that_makes_no_sense(run, runs, design, tmp_path, changes, arguments, message):
    design.write_text(json.dumps(DESIGN | changes))
    status, _, errors = run("--design", design, "--out", tmp_path / "out", "--n", 1, *arguments)
    assert status == 2
    assert message in errors
    assert runs() == 0


def test_no_json_and_a_folder_of_another_design(run, runs, design, tmp_path):
    out = tmp_path / "out"
    assert run("--design", design, "--out", out, "--n", 1, "--quiet")[0] == 0
    before = runs()
    design.write_text(json.dumps(DESIGN | {"seed": 1}))
    status, _, errors = run("--design", design, "--out", out, "--n", 1)
    assert status == 2
    assert "another design (it differs in seed)" in errors
    design.write_text("{")
    status, _, errors = run("--design", design, "--out", out, "--n", 1)
    assert status == 2
    assert "design.json is not valid JSON" in errors
    design.write_text('{"solver": "embedded 1"}')
    status, _, errors = run("--design", design, "--out", out, "--n", 1)
    assert status == 2
    assert "design.json: Design has no parameter 'solver'" in errors
    design.write_text('{"design": [], "solver": "embedded 1"}')
    status, _, errors = run("--design", design, "--out", out, "--n", 1)
    assert status == 2
    assert "design.json: Design: plain data must be a mapping" in errors
    assert runs() == before


def test_a_folder_with_a_foreign_manifest(run, runs, design, tmp_path):
    (tmp_path / "manifest.json").write_text('{"name": "an app"}')
    status, _, errors = run("--design", design, "--out", tmp_path, "--n", 1)
    assert status == 2
    assert f"{tmp_path / 'manifest.json'} is no manifest of simulate_dataset" in errors
    assert "give another folder" in errors
    assert runs() == 0


def test_as_a_module(tmp_path):
    # Run so, the module is __main__, and there would be two classes UsageError if the command imported it.
    done = subprocess.run(
        [sys.executable, "-m", "sklearn_spt.cli", "simulate", "--law", "swyft", "--thickness", "1", "--out", "c.csv"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("sklearn-spt: error: there is no hardening law 'swyft'")
