import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import cross_code, hold_step
from benchmarks._cross_cases import FRICTION, METALS, PARTS, RIGS, SShaped
from sklearn_spt.simulation import simulate_spt

ROOT = Path(__file__).parents[2]


def test_the_other_environment_needs_nothing_but_numpy_and_scipy():
    code = "import sys, benchmarks.cross_code; print(sorted({m.split('.')[0] for m in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert not {"torch", "sklearn", "skorch", "joblib", "safetensors", "tqdm", "fedoo"} & set(ast.literal_eval(found))


def test_loads_are_interpolated_from_zero_and_missing_beyond_the_end():
    run = {"displacement": [1.0, 2.0], "load": [10.0, 20.0]}
    np.testing.assert_allclose(cross_code.loads(run, np.array([0.0, 0.5, 2.0])), [0, 5, 20])
    assert np.isnan(cross_code.loads(run, np.array([2.1]))).all()


def test_a_run_is_kept_until_its_key_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(cross_code, "FOLDER", tmp_path)
    made = []

    def compute():
        made.append(1)
        return {"displacement": [1.0], "load": [float(len(made))], "cpu_s": 0.0}

    key = cross_code.case_key("miniature", "aluminium")
    assert [cross_code.kept("a run", key, compute)["load"] for _ in range(2)] == [[1.0], [1.0]]
    assert cross_code.kept("a run", {**key, "nu": 0.4}, compute)["load"] == [2.0]
    assert [path.name for path in tmp_path.iterdir()] == ["a_run.json"]


def test_a_run_of_another_version_of_the_embedded_solver_is_computed_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(cross_code, "FOLDER", tmp_path)
    monkeypatch.setitem(cross_code.STROKES, "miniature", 0.01)
    name = cross_code.file_of("embedded-miniature-aluminium")

    def run():
        found = cross_code.run_package("miniature", "aluminium", "embedded")
        return found, name.stat().st_mtime_ns

    first, written = run()
    assert first["load"][-1] > 0
    assert run()[1] == written
    monkeypatch.setattr("sklearn_spt.simulation.embedded.VERSION", "of a test")
    other, again = run()
    assert again > written
    assert other["key"] != first["key"]
    assert other["load"] == first["load"]


def test_s_shaped_law_is_flat_at_first_and_never_softens():
    law = SShaped(E=210_000, sigma0=400, Q=350, b=25, order=4)
    stress = law.flow_stress(np.linspace(0, 2, 500))
    assert stress[0] == 400
    assert law.flow_stress(0.01) - 400 < 2
    assert np.all(np.diff(stress) >= 0)
    assert stress[-1] == pytest.approx(750)


@pytest.mark.parametrize("rig", RIGS)
def test_the_package_takes_every_case(rig):
    made = cross_code.package_rig(rig)
    assert made.is_ball
    assert made.held_diameter == pytest.approx(2 * (RIGS[rig].hole_radius + RIGS[rig].chamfer))
    made.check_specimen(RIGS[rig].thickness, cross_code.STROKES[rig])


def test_a_deck_without_its_first_step_presses_from_the_start(monkeypatch):
    decks = []

    def run_deck(deck, *, start, **_):
        decks.append((deck, start))
        raise RuntimeError("not run")

    monkeypatch.setattr(hold_step, "run_deck", run_deck)
    monkeypatch.setattr(hold_step, "find_solver", lambda: "ccx")
    rig, metal = cross_code.package_rig("standard"), METALS["steel"]
    mesh, numerics = hold_step.default_mesh(rig), hold_step.default_numerics(rig)
    for wait in (True, False):
        with pytest.raises(RuntimeError, match="not run"):
            hold_step.press(wait, mesh, numerics, rig, metal, 0.5)
    (waiting, begin), (pressing, at_once) = decks
    assert (waiting.count("*STEP"), pressing.count("*STEP")) == (2, 1)
    assert (begin, at_once) == (1.0, 0.0)
    assert "*BOUNDARY,AMPLITUDE=RAMP" in pressing


@pytest.mark.parametrize(("rig", "metal"), [("standard", "steel"), ("miniature", "aluminium")])
def test_the_embedded_solver_agrees_with_fedoo(rig, metal):
    case = RIGS[rig]
    curve = simulate_spt(
        METALS[metal].law,
        cross_code.package_rig(rig),
        thickness=case.thickness,
        nu=METALS[metal].nu,
        friction=FRICTION,
        stroke=cross_code.STROKES[rig],
    )
    run = {"displacement": curve.displacement.tolist(), "load": curve.load.tolist()}
    at = PARTS[1:-1] * case.thickness
    difference = cross_code.loads(run, at) / cross_code.loads(cross_code.read_fedoo(rig, metal), at) - 1
    assert np.max(np.abs(difference)) < 0.015
