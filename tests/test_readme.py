"""What the README shows is run as it stands there, in a folder of its own, as its reader would."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_spt.datasets

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def run(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_python(tmp_path):
    (code,) = blocks("python")
    shapes = "\nprint(stress.shape, search.best_params_['gaf'], len(joblib.load('model.joblib').predict(X_test)))\n"
    assert run([sys.executable, "-c", code + shapes], tmp_path).startswith("(20, 116) ")


@pytest.mark.slow
@pytest.mark.ccx
def test_command_line(tmp_path):
    (tmp_path / "lab").mkdir()
    for name in ("curve.csv", "lab/curve.csv"):
        shutil.copy(Path(sklearn_spt.datasets.__file__).parent / "data" / "demo_curve.csv", tmp_path / name)
    commands = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    ours = [shlex.split(command) for command in commands if command.startswith("sklearn-spt ")]
    assert len(ours) == 5
    for _, *arguments in ours:
        run([sys.executable, "-m", "sklearn_spt.cli", *arguments], tmp_path)
    written = {"model.spt", "stress.csv", "stress.png", "report.html", "simulated.csv"}
    assert {file.name for file in tmp_path.iterdir()} == {"curve.csv", "lab", *written}


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    documents = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)[`\s]", documents)):
        assert re.search(rf"^{target}:", makefile, re.M), f"there is no make {target}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            assert (ROOT / target).exists(), f"{document} links to {target}"
