"""The command line: as a user calls it, and with everything that users get wrong."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from sklearn_spt import SPTCurve, cli, load_model
from sklearn_spt.cli import _pictures
from sklearn_spt.cli import train as training
from sklearn_spt.datasets import (
    _models,
    load_demo_curve,
    load_lab_example,
    make_spt_curves,
    pretrained_model_path,
)
from sklearn_spt.exceptions import about
from sklearn_spt.persistence import read_model_info
from sklearn_spt.preprocessing import DeflectionConverter, standard_corrections
from sklearn_spt.utils.warnings import recorded

TINY = ["--epochs", "1", "--set", "hidden_size=8", "--n-points", "8", "--quiet"]

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")


@pytest.fixture(scope="module")
def curves():
    X, Y, strain = make_spt_curves(14, n_points=20, n_strains=9, return_strain=True, random_state=0)
    # The outermost ones first: later curves lie within the range of the first ten.
    facts = np.array([[curve.thickness, curve.load.max(), *curve.load[[5, 10]] / curve.load.max()] for curve in X])
    order = np.argsort(-np.abs(facts.argsort(axis=0).argsort(axis=0) - 6.5).max(axis=1))
    order[[10, 12]] = order[[12, 10]]
    return [X[k].replace(rig="bench", name=f"curve-{i}") for i, k in enumerate(order)], Y[order], strain


def write_targets(path, strain, names, Y):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", *strain])
        writer.writerows([name, *row] for name, row in zip(names, Y, strict=True))


@pytest.fixture(scope="module")
def lab(tmp_path_factory, curves):
    """A folder of ten curves, their targets, two curves more, and a model of the ten."""
    X, Y, strain = curves
    root = tmp_path_factory.mktemp("lab")
    for folder, part in (("train", X[:10]), ("new", X[10:12])):
        (root / folder).mkdir()
        for curve in part:
            curve.to_csv(root / folder / f"{curve.name}.csv")
    write_targets(root / "targets.csv", strain, [curve.name for curve in X[:10]], Y[:10])
    assert run_quietly(
        "train", "--data", root / "train", "--targets", root / "targets.csv", "--out", root / "m.spt",
        "--elastic-modulus", 210_000, *TINY,
    ) == 0  # fmt: skip
    return root


def run_quietly(*arguments):
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture
def run(capfd):
    """Run a command; return its exit status, its output and the lines on the standard error."""

    def call(*arguments):
        capfd.readouterr()
        status = run_quietly(*arguments)
        out, err = capfd.readouterr()
        return status, out, err.splitlines()

    return call


@pytest.fixture
def fails(run):
    """Run a command that must fail; return its one line of error."""

    def call(*arguments, status=1):
        code, _, lines = run(*arguments)
        lines = [line for line in lines if ": warning: " not in line]
        assert code == status, lines
        assert len(lines) == 1
        assert lines[0].startswith("sklearn-spt: error: ")
        return lines[0]

    return call


def train(lab, out, *more):
    return ["train", "--data", lab / "train", "--targets", lab / "targets.csv", "--out", out, *TINY, *more]


# As an installed program


def test_program(lab, tmp_path):
    """The script that pip installs, in a process of its own."""
    program = os.path.join(os.path.dirname(sys.executable), "sklearn-spt")
    command = [program, "predict", str(lab / "new"), "--model", str(lab / "m.spt"), "--out", "out.csv"]
    # The curves are too coarse for corrections, which would warn.
    command += ["--correct", "none"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.endswith("wrote out.csv\n")
    assert result.stderr == ""
    command[2] = "nothing.csv"
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == "sklearn-spt: error: there is no file or folder nothing.csv\n"


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], *([c, "--help"] for c in ("train", "predict", "info", "demo"))]
)
def test_help_and_version_need_nothing_heavy(arguments):
    code = (
        "import sys; from sklearn_spt.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def test_info_needs_nothing_heavy(lab):
    code = (
        "import sys; from sklearn_spt.cli import main; assert main(sys.argv[1:]) == 0;"
        "assert not {'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, "info", str(lab / "m.spt")], check=True, capture_output=True)


def test_closed_pipe_is_silent(lab):
    """As in "sklearn-spt info m.spt | head -1"."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "sklearn_spt.cli", "info", str(lab / "m.spt")]
    with os.fdopen(writer, "wb") as closed:
        result = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 141
    assert result.stderr == ""


def test_ctrl_c_in_training_writes_nothing(lab, tmp_path):
    out = tmp_path / "m.spt"
    arguments = [str(a) for a in train(lab, out) if a != "--quiet"]
    arguments[arguments.index("--epochs") + 1] = "1000000"
    command = [sys.executable, "-m", "sklearn_spt.cli", *arguments]
    environment = {**os.environ, "TQDM_MININTERVAL": "0.1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        # The bar's first step: the training is under way.
        seen = b""
        deadline = time.monotonic() + 120
        while b"train_loss" not in seen and time.monotonic() < deadline:
            seen += os.read(process.stderr.fileno(), 1000)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert rest.endswith(b"sklearn-spt: interrupted\n")
    assert b"Traceback" not in rest
    assert not out.exists()


# train


def test_train_from_a_folder(lab, curves):
    X, Y, strain = curves
    model = load_model(lab / "m.spt")
    info = model.model_info_
    assert info.steps == {"resample": "CurveResampler", "gaf": "passthrough", "seq2seq": "Seq2SeqRegressor"}
    assert info.parameters["resample__descriptors"] == ("thickness",)
    assert info.parameters["resample__n_points"] == 8
    assert info.parameters["seq2seq__hidden_size"] == 8
    assert info.parameters["seq2seq__max_epochs"] == 1
    assert info.rig == "bench"
    assert info.elastic_modulus == 210_000
    assert info.training["n_curves"] == 10
    np.testing.assert_array_equal(info.strain, strain)
    # The model is the one that a user would have fitted by hand.
    from sklearn.base import clone

    by_hand = clone(model).fit(X[:10], Y[:10])
    np.testing.assert_array_equal(by_hand.predict(X), model.predict(X))


@pytest.mark.parametrize("name", training.MODELS)
def test_every_model_trains_and_predicts(run, lab, tmp_path, name):
    sizes = ["--set", "n_layers=1"] if name == "paper" else []
    arguments = train(lab, tmp_path / "m.spt", "--model", name, *sizes)
    if name in ("gp", "mlp", "stack"):
        arguments = [argument for argument in arguments if argument not in TINY]
        arguments += ["--n-points", "8", "--quiet"]
    if name == "mlp":
        arguments += ["--set", "hidden_size=3", "--set", "max_iter=50"]
    if name == "stack":
        arguments += ["--epochs", "1", "--set", "stack__secondary__hidden_size=4"]
    status, out, _ = run(*arguments)
    assert status == 0
    assert out.startswith("trained on 10 curves in ")
    info = read_model_info(tmp_path / "m.spt")
    assert list(info.steps) == ["resample", "gaf", "seq2seq" if name == "paper" else name]
    assert info.steps["gaf"] == ("GAFTransformer" if name == "paper" else "passthrough")
    if name == "stack":
        assert info.parameters["stack__secondary__max_epochs"] == 1
    assert run("predict", lab / "new", "--model", tmp_path / "m.spt")[0] == 0


def test_options_of_train(run, lab, tmp_path):
    status, _, lines = run(
        *train(lab, tmp_path / "m.spt", "--leave-out", "curve-3", "--max-curves", 6, "--no-descriptors", "--image"),
        "--set", "lr=0.5", "--set", "resample__ends=cut", "--rig", "other", "--seed", 7, "--model", "ann",
    )  # fmt: skip
    assert (status, lines) == (0, [])
    info = read_model_info(tmp_path / "m.spt")
    assert info.training["n_curves"] == 6
    assert info.rig == "other"
    assert info.steps["gaf"] == "GAFTransformer"
    expected = {
        "ann__lr": 0.5,
        "ann__random_state": 7,
        "ann__device": "cpu",
        "resample__ends": "cut",
        "resample__descriptors": (),
    }
    assert expected.items() <= info.parameters.items()


def test_grid_of_train(run, lab, tmp_path):
    assert run(*train(lab, tmp_path / "m.spt", "--grid", "0.1", "1.5"))[0] == 0
    np.testing.assert_array_equal(read_model_info(tmp_path / "m.spt").displacement, np.linspace(0.1, 1.5, 8))


def test_left_out_curves_are_not_trained_on(run, lab, tmp_path, curves):
    X, _, _ = curves
    thinnest = min(X[:10], key=lambda curve: curve.thickness)
    run(*train(lab, tmp_path / "m.spt", "--leave-out", thinnest.name))
    assert read_model_info(tmp_path / "m.spt").training["thickness"][0] > thinnest.thickness


def test_held_out_curves(run, lab, tmp_path, curves):
    X, Y, _ = curves
    status, out, _ = run(*train(lab, tmp_path / "m.spt", "--test-size", "0.3"))
    assert status == 0
    assert "trained on 7 curves" in out
    assert "errors on 3 curves that were held out" in out
    model = load_model(tmp_path / "m.spt")
    held_out = model.model_info_.metadata["held_out"]
    test = [i for i in range(10) if X[i].name in held_out["curves"]]
    assert len(test) == 3
    with recorded() as heard:
        mae = np.abs(model.predict([X[i] for i in test]) - Y[test]).mean(axis=1)
    # What is held out may lie outside the few that are left, and a model of few curves may be bad.
    assert {about(warning) for warning in heard} <= {"thickness", "max_load", "unlike", "falls", "proof_stress"}
    assert held_out["errors"]["MAE, MPa"]["max"] == pytest.approx(mae.max())
    assert f"{mae.max():.4g}" in out
    # The same seed holds the same curves out, another one others.
    run(*train(lab, tmp_path / "again.spt", "--test-size", "3"))
    assert read_model_info(tmp_path / "again.spt").metadata["held_out"]["curves"] == held_out["curves"]
    run(*train(lab, tmp_path / "other.spt", "--test-size", "3", "--seed", "1"))
    assert read_model_info(tmp_path / "other.spt").metadata["held_out"]["curves"] != held_out["curves"]


def test_held_out_curves_of_one_strain_have_no_r2(run, lab, tmp_path, curves):
    X, Y, _ = curves
    write_targets(tmp_path / "t.csv", [0.1], [curve.name for curve in X[:10]], Y[:10, :1])
    arguments = train(lab, tmp_path / "m.spt", "--test-size", "3", "--targets", tmp_path / "t.csv")
    status, _, lines = run(*arguments)
    assert status == 0
    assert sum("at least two strains" in line for line in lines) == 1
    assert read_model_info(tmp_path / "m.spt").metadata["held_out"]["errors"]["R²"]["max"] is None


def test_progress_is_shown_unless_quiet(run, lab, tmp_path):
    arguments = train(lab, tmp_path / "m.spt")
    assert run(*arguments)[2] == []
    arguments.remove("--quiet")
    assert "1/1" in "".join(run(*arguments)[2])


def test_sheet_steel(run, tmp_path):
    status, _, _ = run(
        "train", "--data", "sheet_steel", "--max-curves", 20, "--out", tmp_path / "m.spt", *TINY,
        "--leave-out", "sheet-0003",
    )  # fmt: skip
    assert status == 0
    info = read_model_info(tmp_path / "m.spt")
    assert info.rig == "SHEET"
    assert info.elastic_modulus == 70_000
    assert info.strain.shape == (116,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no curves; the first row is the true strains"),
        ("name,0.1,0.2\n", "no curves; the first row is"),
        ("name\nA,1\n", "line 1: the first row must be a name for the first column and then the true strains"),
        ("name,0.2,0.1\n", "line 1: the first row must"),
        ("# made by hand\n\nname,0.1,0.2\nA,1,x\n", "line 4: 'x' is not a number"),
        ("name,0.1,0.2\nA,1,2\nB,1\n", "line 3: 1 stresses for 2 strains"),
        ("name,0.1,0.2\nA,1,2\nA,1,2\n", "line 3: a second row for the curve 'A'"),
        ("name,0.1,0.2\n,1,2\n", "line 2: the curve's name is missing"),
        ("name,0.1,0.2\nA,1,nan\n", "line 2: all numbers must be finite"),
        ("name;0.1;0.2\nA;1;2\n", "line 1: the first row must"),
        (b"name,0.1\nA\xff,1\n", "not a text file in UTF-8"),
        (b"name,0.1\nA\x00,1\n", "no row for|not a CSV file"),
        ("name,0.1,0.2\ncurve-0,1,2\n", "no row for 'curve-1', .* and 4 more"),
    ],
)
def test_bad_targets(fails, lab, tmp_path, content, message):
    targets = tmp_path / "targets.csv"
    targets.write_bytes(content if isinstance(content, bytes) else content.encode())
    line = fails("train", "--data", lab / "train", "--targets", targets, "--out", tmp_path / "m.spt")
    assert str(targets) in line
    import re

    assert re.search(message, line)


def test_targets_with_quotes_comments_and_byte_order_mark(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text('\ufeff# tensile tests\nname, 0.1, 0.2\n"A, left", 1, 2\n\nB, 3, 4\n', encoding="utf-8")
    strain, rows = training._read_targets(path)
    assert strain.tolist() == [0.1, 0.2]
    assert rows == {"A, left": [1, 2], "B": [3, 4]}


def test_targets_without_a_curve_are_announced(run, lab, tmp_path, curves):
    X, Y, strain = curves
    write_targets(tmp_path / "t.csv", strain, [curve.name for curve in X], Y)
    status, _, lines = run(
        "train", "--data", lab / "train", "--targets", tmp_path / "t.csv", "--out", tmp_path / "m.spt", *TINY
    )
    assert status == 0
    assert len(lines) == 1
    assert "no curve in" in lines[0]
    assert "'curve-10', 'curve-11', 'curve-12', 'curve-13'; not used" in lines[0]


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--epochs", "0"], 2, "argument --epochs: '0' is not a positive whole number (see sklearn-spt train --help)"),
        (["--epochs", "many"], 2, "argument --epochs: 'many' is not a whole number"),
        (["--thickness", "-1"], 2, "argument --thickness: '-1' is not a positive number"),
        (["--thickness", "inf"], 2, "'inf' is not a finite number"),
        (["--thickness", "thin"], 2, "'thin' is not a number"),
        (["--grid", "1", "1"], 2, "--grid: FROM must be less than TO"),
        (["--grid", "9", "10"], 1, "do not cover the displacement grid"),
        (["--seed", "-1"], 2, "argument --seed: '-1' is not between"),
        (["--test-size", "1.5"], 2, "argument --test-size: '1.5' is not a fraction between 0 and 1 or a number"),
        (["--test-size", "nan"], 2, "argument --test-size: 'nan' is not"),
        (["--test-size", "10"], 2, "--test-size 10 of 10 curves leaves none to train on"),
        (["--model", "svm"], 2, "argument --model: invalid choice: 'svm'"),
        (["--model", "gp", "--epochs", "3"], 2, "--epochs is for networks; --model gp has none"),
        (["--model", "mlp", "--epochs", "3"], 2, "--model mlp has iterations and no --epochs"),
        (["--image", "--model", "lstm"], 2, "the model 'lstm' takes no --image"),
        (["--descriptor", "thickness", "--no-descriptors"], 2, "exclude each other"),
        (["--descriptor", "colour"], 1, "unknown descriptor 'colour'"),
        (["--set", "size"], 2, "argument --set: 'size' is not of the form NAME=VALUE"),
        (["--set", "size=3"], 2, "--set size: Invalid parameter 'size' for estimator Seq2SeqRegressor"),
        (["--set", "gaf__method=x"], 2, "--set gaf__method: this step is not in use; --image"),
        (["--set", "lr=-1"], 1, "lr must be"),
        (["--leave-out", "nobody"], 2, "--leave-out: there is no curve named 'nobody'"),
        (["--device", "cudo"], 1, "cudo"),
        (["--frobnicate"], 2, "unrecognized arguments: --frobnicate"),
    ],
)
def test_wrong_options_of_train(fails, lab, tmp_path, more, status, message):
    assert message in fails(*train(lab, tmp_path / "m.spt", *more), status=status)
    assert not list(tmp_path.iterdir())


def test_wrong_data(fails, lab, tmp_path):
    out = ["--out", tmp_path / "m.spt"]
    (tmp_path / "empty").mkdir()
    targets = ["--targets", lab / "targets.csv"]
    assert 'must be "sheet_steel" or a folder' in fails("train", "--data", "sheet", *targets, *out, status=2)
    assert "needs --targets FILE" in fails("train", "--data", lab / "train", *out, status=2)
    assert "holds no file of a test" in fails("train", "--data", tmp_path / "empty", *targets, *out)
    assert "brings its own" in fails("train", "--data", "sheet_steel", *targets, *out, status=2)
    line = fails("train", "--data", lab / "train", "--targets", tmp_path / "no.csv", *out)
    assert line == f"sklearn-spt: error: {tmp_path / 'no.csv'}: No such file or directory"
    assert "the following arguments are required: --data" in fails("train", *out, status=2)
    assert "the following arguments are required: COMMAND" in fails(status=2)


def test_output_that_cannot_be_written_is_found_before_the_training(fails, lab, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_build_pipeline", lambda *arguments: pytest.fail("too late"))
    assert "create it first" in fails(*train(lab, tmp_path / "none" / "m.spt"))
    assert "it is a folder" in fails(*train(lab, tmp_path))


# predict


# The curves are coarse, and have no toe.
AS_MEASURED = ("--correct", "none")


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def one_by_one(path, curves):
    model = load_model(path)
    return np.concatenate([model.predict([curve]) for curve in curves])


def test_predict_to_one_table(run, lab, tmp_path, curves):
    X, _, strain = curves
    status, out, lines = run(
        "predict", lab / "new", "--model", lab / "m.spt", "--out", tmp_path / "out.csv", *AS_MEASURED
    )
    assert (status, lines) == (0, [])
    header, *rows = read_table(tmp_path / "out.csv")
    assert header == ["true_strain", "true_stress_MPa", "curve", "verdict", "reasons"]
    assert {tuple(row[3:]) for row in rows} == {("no objection", "")}
    expected = one_by_one(lab / "m.spt", X[10:12])
    assert [row[2] for row in rows] == ["curve-10"] * 9 + ["curve-11"] * 9
    np.testing.assert_array_equal(np.array([row[0] for row in rows], dtype=float), [*strain, *strain])
    np.testing.assert_array_equal(np.array([row[1] for row in rows], dtype=float), expected.ravel())
    table = out.splitlines()
    assert table[0].split() == ["curve", "Rp0.2,", "MPa", "Rm,", "MPa", "Ag,", "%", "n", "K,", "MPa"]
    assert table[1].startswith("curve-10 ")
    assert table[-1] == f"wrote {tmp_path / 'out.csv'}"


def test_predict_to_a_folder(run, lab, tmp_path, curves):
    X, _, strain = curves
    files = sorted((lab / "new").glob("*.csv"))
    command = ["predict", *files, "--model", lab / "m.spt", "--out", tmp_path / "out", *AS_MEASURED]
    assert run(*command)[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["curve-10.csv", "curve-11.csv"]
    header, *rows = read_table(tmp_path / "out" / "curve-11.csv")
    assert header == ["true_strain", "true_stress_MPa", "verdict", "reasons"]
    expected = one_by_one(lab / "m.spt", X[10:12])[1]
    values = np.array([row[:2] for row in rows], dtype=float)
    np.testing.assert_array_equal(values, np.column_stack([strain, expected]))
    # And again: what is there is replaced.
    assert run(*command)[0] == 0


def test_names_cannot_lead_out_of_the_folder(run, lab, tmp_path, curves):
    X, _, _ = curves
    X[10].replace(name="../../a b:c").to_csv(tmp_path / "1.csv")
    X[11].replace(name="...").to_csv(tmp_path / "2.csv")
    (tmp_path / "x").mkdir()
    out = tmp_path / "x" / "out"
    assert run("predict", tmp_path / "1.csv", tmp_path / "2.csv", "--model", lab / "m.spt", "--out", out)[0] == 0
    assert sorted(path.name for path in out.iterdir()) == ["_.._a_b_c.csv", "_.csv"]
    X[11].replace(name="../../a b?c").to_csv(tmp_path / "2.csv")
    assert run("predict", tmp_path / "1.csv", tmp_path / "2.csv", "--model", lab / "m.spt", "--out", out)[0] == 0
    assert sorted(path.name for path in out.iterdir()) == ["_.._a_b_c.csv", "_.._a_b_c_2.csv", "_.csv"]


def test_predict_to_json(run, lab, tmp_path, curves):
    X, _, strain = curves
    status, _, _ = run("predict", lab / "new", "--model", lab / "m.spt", "--json", tmp_path / "out.json", *AS_MEASURED)
    assert status == 0
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    info = read_model_info(lab / "m.spt")
    version = f"sklearn_spt {info.versions['sklearn_spt']}"
    assert report["model"] == {"file": "m.spt", "version": version, "sha256": info.sha256, "rig": "bench"}
    assert report["true_strain"] == strain.tolist()
    first = report["curves"][0]
    assert first["name"] == "curve-10"
    assert first["thickness"] == X[10].thickness
    assert first["true_stress"] == one_by_one(lab / "m.spt", X[10:12])[0].tolist()
    assert first["warnings"] == []
    assert first["displacement_kind"] is None
    assert first["source"]["path"] == str(lab / "new" / "curve-10.csv")
    assert first["source"]["units"] == {"displacement": "mm", "load": "N"}
    from sklearn_spt.mechanics import tensile_properties

    assert first["properties"] == tensile_properties(strain, first["true_stress"], E=210_000).to_dict()


def test_predict_corrects_as_the_report_does(run, fails, lab, tmp_path, curves):
    """The same options, the same curve, the same stress."""
    curve = curves[0][10]
    u = np.concatenate([np.linspace(-0.2, -0.01, 20), curve.displacement])
    curve.replace(displacement=u, load=np.concatenate([np.zeros(20), curve.load]) + 5.0).to_csv(tmp_path / "raw.csv")
    command = [tmp_path / "raw.csv", "--model", lab / "m.spt", "--json", tmp_path / "r.json"]

    def predicted(*more):
        status, out, _ = run("predict", *command, *more)
        assert status == 0
        return json.loads((tmp_path / "r.json").read_text())["curves"][0], out

    for more, names in (
        ([], ["load_offset", "toe"]),
        (["--correct"], ["load_offset", "toe"]),
        (["--correct", "toe"], ["toe"]),
        (["--compliance", "0.001"], ["load_offset", "compliance", "toe"]),
        (["--correct", "--cut-at", "maximum"], ["load_offset", "toe", "cut"]),
    ):
        found, out = predicted(*more)
        assert [correction["name"] for correction in found["corrections"]] == names
        assert out.count("corrected curve-10: ") == 1
        assert all(f"{name} " in out for name in names)
        assert run("report", *command, *more)[0] == 0
        (specimen,) = json.loads((tmp_path / "r.json").read_text())["specimens"]
        assert specimen["corrections"] == found["corrections"]
        assert specimen["stress_strain"]["true_stress"] == found["true_stress"]
    found, _ = predicted("--correct")
    assert found["corrections"][0]["value"] == pytest.approx(5.0)
    found, out = predicted("--correct", "none")
    assert found["corrections"] == []
    assert "corrected" not in out
    assert "none excludes toe" in fails("predict", *command, "--correct", "none", "--correct", "toe")
    line = fails("predict", "--model", lab / "m.spt", "--correct", tmp_path / "raw.csv", status=2)
    assert "is not one of unloading, load_offset, toe, " in line
    assert "files are named before the options" in line


def test_rig_makes_deflections_convertible(run, tmp_path):
    """The advice of the warning is true: --correct converts, where --rig says what the file does not."""
    punch = standard_corrections(("load_offset", "compliance", "toe"), compliance=2e-5).fit_transform(
        load_lab_example().data[:1]
    )
    (deflection,) = DeflectionConverter("deflection").transform(
        [punch[0].replace(rig="EN10371", displacement_kind="punch")]
    )
    deflection.replace(rig=None, corrections=()).to_csv(tmp_path / "d.csv")
    command = [tmp_path / "d.csv", "--model", "en10371", "--json", tmp_path / "r.json"]
    _, _, lines = run("predict", *command)
    (line,) = (line for line in lines if "the curve has the deflection of the specimen" in line)
    assert "--correct" in line
    assert "--rig" in line
    assert "DeflectionConverter" not in line
    _, out, lines = run("predict", *command, "--correct", "deflection")
    assert any("the curve has the deflection" in line for line in lines)
    assert "the rig is not given" in out
    for name in ("EN10371", "DIN EN 10371", "en10371"):
        _, out, lines = run("predict", *command, "--correct", "deflection", "--rig", name)
        assert not any("deflection" in line for line in lines)
        assert "corrected A1: deflection 0." in out
    found = json.loads((tmp_path / "r.json").read_text())
    (curve,) = found["curves"]
    assert curve["rig"] == "EN10371"
    _, _, lines = run("report", *command, "--correct", "deflection", "--rig", "EN10371")
    assert not any("deflection" in line for line in lines)
    (specimen,) = json.loads((tmp_path / "r.json").read_text())["specimens"]
    assert specimen["rig"] == "EN10371"
    assert specimen["stress_strain"]["true_stress"] == curve["true_stress"]
    assert "recorded on the rig 'ours'" in " ".join(run("predict", *command, "--rig", "ours")[2])
    assert run("predict", *command, "--rig", " ")[0] == 2


def test_what_the_corrections_options_mean_together(run, lab, tmp_path):
    """--correct names the steps; --compliance and --cut-at add theirs."""
    file, out = lab / "new" / "curve-10.csv", tmp_path / "r.json"
    for options, names in (
        (["--correct", "smooth"], ["smooth"]),
        (["--correct", "standard", "--correct", "smooth"], ["load_offset", "toe", "smooth"]),
        (["--correct", "smooth", "--compliance", "0.001"], ["compliance", "smooth"]),
        (["--correct", "none", "--cut-at", "maximum"], ["cut"]),
        (["--cut-at", "maximum"], ["load_offset", "toe", "cut"]),
    ):
        run("predict", file, "--model", lab / "m.spt", "--json", out, *options)
        (curve,) = json.loads(out.read_text())["curves"]
        assert [correction["name"] for correction in curve["corrections"]] == names


def test_modulus_of_a_hot_test(run, lab, tmp_path, curves):
    curves[0][10].replace(temperature=600.0).to_csv(tmp_path / "hot.csv")
    command = ["predict", tmp_path / "hot.csv", "--model", lab / "m.spt", "--json", tmp_path / "r.json"]
    lines = run(*command)[2]
    (line,) = (line for line in lines if "tested at 600 °C, and Young's modulus is the model's" in line)
    assert line.endswith("give it with --elastic-modulus")
    assert len(json.loads((tmp_path / "r.json").read_text())["curves"][0]["warnings"]) == len(lines)
    assert not any("tested at" in line for line in run(*command, "--elastic-modulus", 160_000)[2])


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_picture(run, lab, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"out.{suffix}"
    assert run("predict", lab / "new", "--model", lab / "m.spt", "--plot", path)[0] == 0
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix]
    assert path.read_bytes().startswith(start)


def test_picture_shows_what_was_measured_and_predicted(lab, tmp_path, curves, monkeypatch):
    pytest.importorskip("matplotlib")
    X, Y, strain = curves
    figures = []
    original = _pictures._figure
    monkeypatch.setattr(_pictures, "_figure", lambda: figures.append(original()) or figures[-1])
    shown = [(curve.name, curve, strain, stress, True) for curve, stress in zip(X[:2], Y[:2], strict=True)]
    _pictures.plot(tmp_path / "x.png", shown)
    left, right = figures[0].axes
    assert (left.get_xlabel(), left.get_ylabel()) == ("displacement (mm)", "load (N)")
    assert (right.get_xlabel(), right.get_ylabel()) == ("true strain", "true stress (MPa)")
    for axes, x, y in ((left, X[1].displacement, X[1].load), (right, strain, Y[1])):
        np.testing.assert_array_equal(axes.lines[1].get_xdata(), x)
        np.testing.assert_array_equal(axes.lines[1].get_ydata(), y)
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["curve-0", "curve-1"]
    assert len({line.get_linestyle() for line in right.lines}) == 2


def test_picture_without_matplotlib(fails, lab, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("sklearn_spt.evaluation._given.load_model", lambda path: pytest.fail("too late"))
    line = fails("predict", lab / "new", "--model", lab / "m.spt", "--plot", tmp_path / "x.png")
    assert line.endswith('pictures need matplotlib, which is not installed: pip install "sklearn-spt[plot]"')


@pytest.fixture
def no_thickness(tmp_path, curves):
    path = tmp_path / "bare.csv"
    curve = curves[0][10]
    SPTCurve(curve.displacement, curve.load).to_csv(path)
    return path


@pytest.mark.parametrize("thickness", ["500", "0.0005", "-1"])
def test_thickness_that_is_none(fails, lab, thickness):
    """As in a file: 500 is a thickness in micrometres, 0.0005 one in metres."""
    line = fails("predict", lab / "new", "--model", lab / "m.spt", "--thickness", thickness, status=2)
    assert "--thickness" in line
    assert thickness in line


def test_thickness(run, fails, lab, tmp_path, no_thickness, curves):
    line = fails("predict", no_thickness, "--model", lab / "m.spt", *AS_MEASURED, status=3)
    assert "curve 'bare' has no 'thickness'" in line
    assert "give it with --thickness, or write a line '# thickness: ...' into its file" in line
    thickness = curves[0][10].thickness
    assert (
        run(
            "predict",
            no_thickness,
            "--model",
            lab / "m.spt",
            "--thickness",
            repr(thickness),
            "--out",
            tmp_path / "a.csv",
        )[0]
        == 0
    )
    run("predict", lab / "new" / "curve-10.csv", "--model", lab / "m.spt", "--out", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_text().replace("bare", "curve-10") == (tmp_path / "b.csv").read_text()


def test_options_of_reading(run, fails, lab, tmp_path, curves):
    """A machine's file that read_curves refuses to guess about, with the options that the messages name."""
    curve = curves[0][10]
    lines = [
        "Crosshead,LVDT,Force",
        *(f"{1.1 * u:.12g},{u:.12g},{f / 1000:.12g}" for u, f in zip(*curve.monotonic(), strict=True)),
    ]
    file = tmp_path / "machine.csv"
    file.write_text("\n".join(line.replace(",", ";").replace(".", ",") for line in lines), encoding="utf-8")
    (tmp_path / "specimens.csv").write_text(f"name,thickness\nmachine,{curve.thickness!r}\n", encoding="utf-8")
    command = ["predict", file, "--model", lab / "m.spt"]
    line = fails(*command)
    assert "2 columns may hold the displacement (0: 'Crosshead', 1: 'LVDT')" in line
    assert "--column displacement=Crosshead" in line
    command += ["--column", "displacement=LVDT", "--metadata", tmp_path / "specimens.csv"]
    line = fails(*command)
    assert "names no unit" in line
    assert "--unit load=kN" in line
    command += ["--unit", "load=kN", "--decimal", ",", "--separator", ";", "--encoding", "utf-8", "--out"]
    assert run(*command, tmp_path / "a.csv")[0] == 0
    run("predict", lab / "new" / "curve-10.csv", "--model", lab / "m.spt", "--out", tmp_path / "b.csv")
    a, b = (np.array(read_table(tmp_path / name)[1:])[:, :2].astype(float) for name in ("a.csv", "b.csv"))
    np.testing.assert_allclose(a, b, rtol=1e-6)
    assert "'LVDT' is not of the form WHAT=VALUE" in fails(*command, "x.csv", "--column", "LVDT", status=2)
    command = ["train", "--data", "sheet_steel", "--out", tmp_path / "m.spt", "--column", "load=1"]
    assert "--column is for a folder; sheet_steel brings its own" in fails(*command, status=2)


def test_training_without_thickness(run, fails, lab, tmp_path, no_thickness):
    data = ["train", "--data", no_thickness, "--targets", tmp_path / "t.csv", "--out", tmp_path / "m.spt", *TINY]
    write_targets(tmp_path / "t.csv", [0.1, 0.2], ["bare"], [[200.0, 300.0]])
    assert "or train without it: --no-descriptors" in fails(*data)


def test_curve_outside_the_training_is_announced(run, lab, tmp_path, curves):
    curve = curves[0][10]
    curve.replace(rig="other", load=10 * curve.load, temperature=400.0).to_csv(tmp_path / "far.csv")
    status, _, lines = run(
        "predict", tmp_path / "far.csv", "--model", lab / "m.spt", "--thickness", 3, "--json", tmp_path / "r.json"
    )
    assert status == 0
    beginnings = [
        "the thickness of 3 mm for all specimens overrides the",
        "recorded on the rig 'other', and th",
        "its thickness, 3 mm, lies outside t",
        f"its maximum load, {10 * curve.load.max():.5g} N, lies out",
        "the curve is unlike the training curves (by",
        "tested at 400 °C, and Young's modul",
    ]
    assert all(any(beginning in line for line in lines) for beginning in beginnings)
    (found,) = json.loads((tmp_path / "r.json").read_text())["curves"]
    assert found["verdict"] == "not to be trusted"
    assert len(found["warnings"]) == len(lines)


def test_training_curve_is_not_announced(run, lab):
    assert run("predict", lab / "train", "--model", lab / "m.spt", *AS_MEASURED)[2] == []


def test_elastic_modulus(run, lab, tmp_path):
    run(*train(lab, tmp_path / "m.spt"))
    one = lab / "new" / "curve-10.csv"
    _, out, lines = run("predict", one, "--model", tmp_path / "m.spt", *AS_MEASURED)
    assert len(lines) == 1
    assert "names no Young's modulus" in lines[0]
    assert "it needs Young's modulus" in out
    _, out, lines = run("predict", one, "--model", tmp_path / "m.spt", "--elastic-modulus", 210_000, *AS_MEASURED)
    assert lines == []
    assert "it needs Young's modulus" not in out
    known = run("predict", one, "--model", lab / "m.spt")[1]
    assert run("predict", one, "--model", lab / "m.spt", "--elastic-modulus", 210_000)[1] == known


def test_wrong_input_of_predict(fails, lab, tmp_path, curves):
    model = ["--model", lab / "m.spt"]
    (tmp_path / "bad.csv").write_text("displacement,load\n0,0\n1,2\n")
    assert "bad.csv: curve 'bad': the record has 2 points" in fails("predict", tmp_path / "bad.csv", *model)
    (tmp_path / "text.csv").write_text("displacement,load\n0,0\none,two\n")
    assert "text.csv: line 3: 'one,two' is not a pair" in fails("predict", tmp_path / "text.csv", *model)
    assert "there is no model file" in fails("predict", lab / "new", "--model", tmp_path / "no.spt")
    assert "is not a usable model file: it does not begin like one" in fails(
        "predict", lab / "new", "--model", tmp_path / "bad.csv"
    )
    (tmp_path / "out").write_text("")
    assert "is a file; a table's name ends in .csv" in fails(
        "predict", lab / "new", *model, "--out", tmp_path / "out", status=2
    )
    assert "create it first" in fails("predict", lab / "new", *model, "--out", tmp_path / "no" / "out.csv")
    assert "create it first" in fails("predict", lab / "new", *model, "--json", tmp_path / "no" / "out.json")
    assert "a picture ends in one of" in fails("predict", lab / "new", *model, "--plot", tmp_path / "x.doc", status=2)
    assert "required: CURVE" in fails("predict", *model, status=2)
    short = curves[0][10]
    short.replace(displacement=short.displacement[:5], load=short.load[:5]).to_csv(tmp_path / "short.csv")
    assert (tmp_path / "out").read_text() == ""


def test_model_without_strains(fails, lab, tmp_path, curves):
    from sklearn_spt import CurveResampler, save_model

    save_model(tmp_path / "m.spt", CurveResampler().fit(curves[0]))
    assert "does not say at which strains" in fails("predict", lab / "new", "--model", tmp_path / "m.spt")


# info


def test_info(run, lab):
    status, out, lines = run("info", lab / "m.spt")
    assert (status, lines) == (0, [])
    for fact in (
        "seq2seq (Seq2SeqRegressor)",
        read_model_info(lab / "m.spt").sha256,
        "load (N) at 8 points from 0 to 2 mm of displacement; thickness of the specimen",
        "true stress (MPa) at 9 points from ",
        "bench",
        "210000 MPa",
        "10 curves",
    ):
        assert fact in out
    assert re.search(r"seq2seq__hidden_size +8\n", out)


def test_models_that_come_with_the_package_by_name(run):
    status, out, _ = run("info", "sheet")
    assert status == 0
    assert out.startswith("sheet: curveresampler")
    status, out, _ = run("predict", pretrained_model_path().parents[1] / "demo_curve.csv", "--model", "sheet")
    assert status == 0
    assert "Rp0.2, MPa" in out
    status, _, lines = run("info", "seet")
    assert status == 1
    assert "there is no pretrained model 'seet'; there is " in lines[0]


def test_info_as_json(run, lab):
    _, out, _ = run("info", lab / "m.spt", "--json")
    facts = json.loads(out)
    assert facts["rig"] == "bench"
    assert facts["displacement"] == np.linspace(0, 2, 8).tolist()
    assert facts["parameters"]["seq2seq__hidden_size"] == 8


def test_info_of_a_bare_estimator(run, tmp_path, curves):
    from sklearn_spt import CurveResampler, save_model

    save_model(tmp_path / "m.spt", CurveResampler(grid=np.linspace(0, 1, 300)).fit(curves[0]))
    status, out, _ = run("info", tmp_path / "m.spt")
    assert status == 0
    assert "model (CurveResampler)" in out
    assert "not recorded" in out
    assert max(map(len, out.splitlines())) < 250


# demo


@pytest.fixture
def small_pretrained(run, tmp_path, monkeypatch):
    """A model in the place of the bundled one, so that this does not depend on its training."""
    folder = tmp_path / "models"
    folder.mkdir()
    run(
        "train", "--data", "sheet_steel", "--max-curves", 60, "--out", folder / "sheet.spt",
        *TINY, "--model", "ann", "--epochs", "20",
    )  # fmt: skip
    monkeypatch.setattr(_models, "_FOLDER", folder)
    return folder / "sheet.spt"


def test_demo(run, small_pretrained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, lines = run("demo")
    assert status == 0
    # A model of a few curves may be bad, and says so.
    assert all("the predicted curve falls" in line for line in lines)
    curve, strain, known = load_demo_curve()
    with recorded() as heard:
        stress = load_model(small_pretrained).predict([curve])[0]
    assert len(heard) == len(lines)
    rows = np.array(read_table(tmp_path / "demo" / "stress_strain.csv")[1:], dtype=float)
    np.testing.assert_allclose(rows, np.column_stack([strain, stress]), rtol=1e-15)
    assert (tmp_path / "demo" / "stress_strain.png").read_bytes().startswith(b"\x89PNG")
    assert f"mean {np.abs(stress - known).mean():.2f} MPa" in out
    assert f"worst {np.abs(stress - known).max():.2f} MPa" in out
    for label in ("yield stress Rp0.2, MPa", "tensile strength Rm, MPa", "uniform elongation Ag, %"):
        assert label in out
    assert "60 simulated curves, not on this one" in out
    # What is known of the material is in the table.
    from sklearn_spt.mechanics import tensile_properties

    true = tensile_properties(strain, known, E=70_000)
    assert f"{true.proof_stress:.1f}\n" in out
    assert f"{true.tensile_strength:.1f}\n" in out


def test_demo_without_matplotlib(run, small_pretrained, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert 'pip install "sklearn-spt[plot]"' in run("demo", "--out-dir", tmp_path)[1]
    assert [file.name for file in tmp_path.glob("stress_strain*")] == ["stress_strain.csv"]


def test_demo_without_model(fails, small_pretrained, tmp_path):
    small_pretrained.unlink()
    assert "there is no pretrained model 'sheet'" in fails("demo", "--out-dir", tmp_path / "a" / "b")


# Errors of our own


def test_a_bug_is_told_from_bad_input(fails, run, lab, monkeypatch):
    def broken(path):
        raise KeyError("gone")

    monkeypatch.setattr("sklearn_spt.cli.info.read_model_info", broken)
    line = fails("info", lab / "m.spt")
    assert line == "sklearn-spt: error: KeyError: 'gone'. This should not happen; with --debug it shows where it did"
    with pytest.raises(KeyError):
        run("info", lab / "m.spt", "--debug")


def test_messages_of_several_lines_become_one(fails, lab, monkeypatch):
    def broken(path):
        raise ValueError("first\n  second")

    monkeypatch.setattr("sklearn_spt.cli.info.read_model_info", broken)
    assert fails("info", lab / "m.spt").endswith("error: first second")
