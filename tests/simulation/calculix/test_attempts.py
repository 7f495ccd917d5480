"""Attempts and ends of a simulation with CalculiX, with a stand-in for the program."""

import hashlib
import time

import numpy as np
import pytest

from sklearn_spt.mechanics import sheet_steel_law
from sklearn_spt.simulation import SHEET, MeshSettings, SimulationError
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import Numerics, has_load_jump, run_spt
from sklearn_spt.simulation.calculix._attempts import end_rule, wrong_increments

MATERIAL = law_material(sheet_steel_law(K=900.0, n=0.2), nu=0.3)
COARSE = MeshSettings(rows=2, edge_size=0.3)


TIME = np.arange(1, 51) / 50
RISING = 1000 * TIME**1.2
ERROR = "echo '*ERROR: too many cutbacks'; exit 201"
DONE = "echo ' Job finished'"


@pytest.fixture
def scripted(fake_solver, tmp_path):
    """Make a stand-in that writes the loads of one attempt after another, and keeps the decks it got."""

    def make(*attempts):
        for number, (times, loads, _) in enumerate(attempts, start=1):
            prints = (
                f" total force (fx,fy,fz) for set PUNCH and time  {1 + t:.7E}\n\n  0.0 {-load / 180:.7E} 0.0\n"
                for t, load in zip(times, loads, strict=True)
            )
            (tmp_path / f"prints-{number}").write_text("".join(prints))
        endings = "".join(f"{number}) {ending};; " for number, (_, _, ending) in enumerate(attempts, start=1))
        (tmp_path / "calls").write_text("")
        return fake_solver(
            f"echo call >> {tmp_path}/calls; n=$(wc -l < {tmp_path}/calls | tr -d ' ')\n"
            f"cp job.inp {tmp_path}/deck-$n; cp {tmp_path}/prints-$n job.dat\ncase $n in {endings} esac"
        )

    return make


def calls(tmp_path):
    return (tmp_path / "calls").read_text().count("call")


def upto(part, loads=RISING, ending=ERROR):
    """An attempt that stops at a part of the step's time."""
    n = int(np.searchsorted(TIME, part, side="right"))
    return TIME[:n], loads[:n], ending


def press(solver, **options):
    return run_spt(MATERIAL, "SHEET", **{"thickness": 2.0, "stroke": 1.0, "mesh": COARSE, **options}, solver=solver)


def test_the_curve_is_what_the_solver_wrote(scripted, tmp_path):
    curve = press(scripted((TIME, RISING, DONE)), friction=0.2)
    np.testing.assert_allclose(curve.load, [0, *RISING], rtol=1e-6)
    # The punch's way is time to the power of 1.5, in straight pieces of a two-hundredth of the time.
    np.testing.assert_allclose(curve.displacement, [0, *TIME**1.5], atol=1e-6)
    assert (curve.test.rig, curve.test.thickness) == (SHEET, 2.0)
    record = curve.record
    assert (record["completed"], record["ended_by"], record["last_words"]) == (True, "stroke", "")
    assert (record["attempts"], record["wrong_increments"]) == (1, 0)
    assert (record["friction"], record["stroke"], record["E"], record["nu"]) == (0.2, 1.0, 70e3, 0.3)
    assert record["solver"] == "CalculiX 2.20"
    assert record["mesh"]["rows"] == 2
    assert record["rig"]["punch_diameter"] == 5.5
    assert record["deck_sha256"] == hashlib.sha256((tmp_path / "deck-1").read_bytes()).hexdigest()


def test_a_run_that_stops_early_is_tried_again_with_smaller_increments(scripted, tmp_path):
    numerics = Numerics(first_increment=0.01, max_increment=0.04, min_increment=1e-4)
    curve = press(scripted(upto(0.5), (TIME, RISING, DONE)), numerics=numerics)
    assert calls(tmp_path) == curve.record["attempts"] == 2
    assert curve.record["completed"]
    assert len(curve.load) == 51
    increments = [(tmp_path / f"deck-{i}").read_text().splitlines() for i in (1, 2)]
    assert "0.01,1,0.0001,0.04" in increments[0]
    assert "0.0065,1,6.5e-05,0.026" in increments[1]
    # What is recorded is the attempt that the curve is of.
    assert curve.record["numerics"]["max_increment"] == pytest.approx(0.026)
    assert curve.record["deck_sha256"] == hashlib.sha256((tmp_path / "deck-2").read_bytes()).hexdigest()


def test_the_attempt_that_came_furthest_is_returned_and_marked(scripted, tmp_path):
    curve = press(scripted(upto(0.4), upto(0.6), upto(0.5)))
    assert calls(tmp_path) == curve.record["attempts"] == 3
    assert curve.displacement[-1] == pytest.approx(0.6**1.5, abs=1e-6)
    record = curve.record
    assert (record["completed"], record["ended_by"]) == (False, "solver")
    assert record["last_words"] == "*ERROR: too many cutbacks"
    assert record["numerics"]["max_increment"] == pytest.approx(0.65 * 0.02)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (upto(0.9), "it came further than seven tenths of the stroke"),
        (upto(0.6, 1000 * np.sin(np.pi * TIME)), "the load had dropped behind its maximum"),
    ],
)
def test_a_run_that_stops_late_is_kept(scripted, tmp_path, attempt, why):
    curve = press(scripted(attempt))
    assert calls(tmp_path) == 1, why
    assert not curve.record["completed"]
    assert len(curve.load) == len(attempt[0]) + 1


def spiked(at=30, by=1.05):
    loads = RISING.copy()
    loads[at] *= by
    return loads


def test_a_wrong_increment_is_tried_again(scripted):
    curve = press(scripted((TIME, spiked(), DONE), (TIME, RISING, DONE)))
    assert (curve.record["attempts"], curve.record["wrong_increments"]) == (2, 0)
    np.testing.assert_allclose(curve.load, [0, *RISING], rtol=1e-6)


def test_a_wrong_increment_that_remains_is_left_out(scripted):
    curve = press(scripted(*3 * [(TIME, spiked(), DONE)]))
    assert (curve.record["attempts"], curve.record["wrong_increments"]) == (3, 1)
    assert curve.record["completed"]
    np.testing.assert_allclose(curve.load, [0, *np.delete(RISING, 30)], rtol=1e-6)
    assert len(curve.displacement) == 50


def test_a_jump_at_the_end_is_tried_again_and_marked_where_it_remains(scripted):
    # No point behind it tells a wrong increment from a step.
    loads = 500 * (1 - np.exp(-5 * TIME))
    smooth, jump = (TIME, loads, DONE), (TIME, np.append(loads[:-1], 550), DONE)
    curve = press(scripted(jump, smooth), thickness=1.2)
    assert (curve.record["attempts"], curve.record["load_jump"]) == (2, False)
    np.testing.assert_allclose(curve.load, [0, *loads], rtol=1e-6)
    curve = press(scripted(*3 * [jump]), thickness=1.2)
    assert (curve.record["attempts"], curve.record["load_jump"]) == (3, True)
    np.testing.assert_allclose(curve.load, [0, *jump[1]], rtol=1e-6)


@pytest.mark.parametrize("attempt", [upto(0.0), upto(0.06), (TIME, 0 * TIME, ERROR)], ids=["nothing", "few", "no load"])
def test_no_usable_attempt_gives_the_solver_s_last_words(scripted, tmp_path, attempt):
    solver = scripted(*3 * [attempt])
    with pytest.raises(SimulationError) as failure:
        press(solver, name="disc 7", friction=0.2)
    assert str(failure.value) == (
        "the simulation of disc 7 (rig SHEET, thickness 2 mm, friction 0.2) failed 3 times. The solver's last words: "
        "*ERROR: too many cutbacks"
    )
    assert calls(tmp_path) == 3


def test_timeout_is_told(scripted):
    with pytest.raises(SimulationError, match=r"last words: ended after 0.3 s \(timeout\)"):
        press(scripted(*3 * [upto(0.0, ending="exec sleep 60")]), timeout=0.3)


def test_load_limit_ends_the_test(scripted, tmp_path):
    # The solver would go on: it is ended when the limit is reached.
    start = time.monotonic()
    curve = press(scripted((TIME, RISING, "exec sleep 60")), load_limit=500)
    assert time.monotonic() - start < 20
    assert calls(tmp_path) == 1
    assert curve.load[-1] >= 500 > curve.load[-2]
    record = curve.record
    assert (record["completed"], record["ended_by"], record["load_limit"]) == (True, "load limit", 500)
    # Not reached, it changes nothing.
    assert press(scripted((TIME, RISING, DONE)), load_limit=5000).record["ended_by"] == "stroke"


def test_load_drop_ends_the_test(scripted):
    loads = 1000 * np.sin(np.pi * TIME)
    curve = press(scripted((TIME, loads, "exec sleep 60")), load_drop=0.05)
    assert (curve.record["completed"], curve.record["ended_by"]) == (True, "load drop")
    # Up to the second point below: a single one may be wrong.
    below = np.flatnonzero((loads < 950) & (TIME > 0.5))
    np.testing.assert_allclose(curve.load, [0, *loads[: below[1] + 1]], rtol=1e-6)


def test_the_end_that_comes_first_counts():
    load = np.array([1.0, 5, 10, 9, 8, 7])
    assert end_rule(None, None)(load) is None
    assert end_rule(9.5, None)(load) == (2, "load limit")
    assert end_rule(None, 0.15)(load) == (5, "load drop")
    assert end_rule(9.5, 0.15)(load) == (2, "load limit")
    assert end_rule(11, 0.15)(load) == (5, "load drop")
    # One point below is no drop, and nothing drops before anything is loaded.
    assert end_rule(None, 0.15)(np.array([1.0, 5, 10, 8, 10, 11])) is None
    assert end_rule(None, 0.15)(np.array([0.0, 0, 0])) is None
    assert end_rule(None, 0.15)(np.array([])) is None


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_bad_timeouts_are_refused(timeout):
    with pytest.raises(ValueError, match="timeout must be"):
        press("/nonexistent/ccx", timeout=timeout)


def test_files_are_kept(scripted, tmp_path):
    press(scripted((TIME, RISING, DONE)), keep_files=tmp_path / "kept")
    assert (tmp_path / "kept" / "job.inp").read_bytes() == (tmp_path / "deck-1").read_bytes()
    assert (tmp_path / "kept" / "job.dat").read_bytes() == (tmp_path / "prints-1").read_bytes()


@pytest.mark.parametrize("at", [12, 30, 44])
@pytest.mark.parametrize("by", [0.97, 1.03])
def test_isolated_points_are_found(at, by):
    smooth = 1000 * np.sqrt(TIME) * (1.2 - TIME**4)
    assert wrong_increments(TIME, smooth).size == 0
    bad = smooth.copy()
    bad[at] *= by
    assert wrong_increments(TIME, bad).tolist() == [at]


def test_a_kink_at_yield_is_no_wrong_increment():
    assert wrong_increments(TIME, np.minimum(1000 * TIME, 80 + 200 * TIME)).size == 0
    # A step is no isolated point.
    assert wrong_increments(TIME[:4], np.array([0.0, 9, 0, 9])).size == 0


@pytest.mark.parametrize("at", [45, 48, 49])
@pytest.mark.parametrize("by", [0.92, 1.08])
def test_jumps_of_the_load_are_found(at, by):
    displacement = TIME**1.5
    smooth = 1000 * np.sin(1.8 * displacement)
    assert not has_load_jump(displacement, smooth, 1.0)
    bad = smooth.copy()
    bad[at:] *= by
    assert has_load_jump(displacement, bad, 1.0)
    # Before 0.7 of the thickness it may be yielding.
    assert not has_load_jump(displacement, bad, 2.0)
    assert not has_load_jump(displacement, np.minimum(2000 * displacement, 1000 + 200 * displacement), 0.5)
