"""Records that a saturated load cell, a drop-out or a spike has damaged."""

import json
import time

import numpy as np
import pytest

from sklearn_spt import SPTCurve, make_report
from sklearn_spt.checks.record import about_record, find_saturation, find_stray
from sklearn_spt.cli import main
from sklearn_spt.datasets import (
    load_demo_curve,
    load_en10371_steel,
    load_lab_example,
    load_pretrained,
    load_reference_curves,
    load_sheet_steel,
    pretrained_model_path,
)
from sklearn_spt.exceptions import DoubtfulRecordWarning
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import standard_corrections
from sklearn_spt.reporting._page import render

DISC = load_en10371_steel().data[5]
U = np.append(np.linspace(-0.05, -0.001, 25), np.linspace(0, DISC.displacement[-1], 800))
LOAD = np.interp(U, DISC.displacement, DISC.load, left=0)
NOISE = np.random.default_rng(0).normal(0, 2.5, len(U))
DROPPED, SPIKED = LOAD.copy(), LOAD.copy()
DROPPED[300:303] = 0
SPIKED[500] *= 3


def record(load, name="disc"):
    return SPTCurve(U, load, thickness=DISC.thickness, rig="EN10371", displacement_kind="punch", name=name)


@pytest.mark.parametrize("limit", [2200, 2000, 1500, 1000])
@pytest.mark.parametrize("noise", ["none", "cut off", "on the limit"])
def test_a_saturated_load_cell_is_seen(limit, noise):
    load = np.minimum(LOAD + NOISE * (noise == "cut off"), limit) + NOISE * (noise == "on the limit")
    found = find_saturation(U, load)
    assert found.level == pytest.approx(limit, abs=1)
    reached = U[np.argmax(limit < LOAD)]
    assert found.start == pytest.approx(reached, abs=0.02)
    quantities = characteristic_quantities(record(load))
    for name in ("Fm", "um", "uf", "ESP"):
        assert np.isnan(getattr(quantities, name))
        assert quantities.missing[name] == str(found)
    assert str(found).startswith(f"the load stays at {found.level:.5g} N from u = ")
    assert str(found).endswith("the load cell or amplifier was at its limit")
    # Fe rests on the loads up to h0 alone.
    assert ("Fe" in quantities.missing) == (found.start < DISC.thickness)


@pytest.mark.parametrize(("noise", "step"), [(0.0, 1), (0.01, 5), pytest.param(0.01, 1, marks=pytest.mark.slow)])
def test_no_bundled_curve_is_taken_for_damaged(noise, step):
    # The load of these simulations jumps near their end, which `load_jump` of the sets says too.
    jumping = {"en10371-1061", "en10371-1464", "sheet-0367", "sheet-0768", "sheet-1679"} if noise == 0 else set()
    rng = np.random.default_rng(0)
    sets = [load().data for load in (load_en10371_steel, load_sheet_steel, load_lab_example, load_reference_curves)]
    for curve in (curve for curves in [*sets, [load_demo_curve()[0]]] for curve in curves[::step]):
        perturbed = curve.replace(load=curve.load + noise * curve.load.max() * rng.standard_normal(len(curve.load)))
        assert bool(about_record(perturbed)) == (curve.name in jumping), curve


@pytest.mark.parametrize("step", [1, 5, 20])
def test_coarse_steps_of_the_load_are_no_limit(step):
    assert find_saturation(U, step * np.round(LOAD / step)) is None


@pytest.mark.parametrize("noise", [0, 1, 9])  # up to 1 % of the maximum
def test_drop_outs_and_spikes_are_found(noise):
    assert find_stray(LOAD + noise * NOISE) == []
    assert find_stray(DROPPED + noise * NOISE) == [(300, 302)]
    assert find_stray(SPIKED + noise * NOISE) == [(500, 500)]


@pytest.mark.parametrize("step", [1, 4, 8])  # 2.5, 10 and 20 µm
@pytest.mark.parametrize("size", [0.03, -0.03])
@pytest.mark.parametrize("many", [1, 3])
def test_small_stray_points_are_found_everywhere(step, size, many):
    load = np.interp(np.arange(0, DISC.displacement[-1], 0.0025 * step), DISC.displacement, DISC.load)
    assert find_stray(load) == []
    missed = []
    for first in range(3, len(load) - many - 2):
        wrong = load.copy()
        wrong[first : first + many] += size * load.max()
        if find_stray(wrong) != [(first, first + many - 1)]:
            missed.append(first)
    # Where a coarse record is steep, neighbours differ by as much.
    assert max(missed, default=0) < (8 if step > 1 else 1)


def test_stray_points_at_the_ends():
    for where in (slice(0, 1), slice(0, 2), slice(-1, None), slice(-3, None)):
        wrong = LOAD.copy()
        wrong[where] += 0.1 * LOAD.max()
        first, last, _ = where.indices(len(LOAD))
        assert find_stray(wrong) == [(first, last - 1)]
    # Below lie the contact, and what is left after the fracture.
    wrong = LOAD.copy()
    wrong[:2], wrong[-2:] = -0.3 * LOAD.max(), 0.2 * LOAD.max()
    assert find_stray(wrong) == []


def test_long_records_take_no_longer_than_reading_them():
    load = np.interp(np.linspace(0, 2, 100_000), U, LOAD)
    start = time.perf_counter()
    find_stray(load)
    assert time.perf_counter() - start < 1


def test_corrections_say_it_once():
    with pytest.warns(
        UserWarning, match="LoadOffsetCorrector: curve 'spike': 1 point of the load lies far off"
    ) as heard:
        standard_corrections(("load_offset", "toe", "smooth")).fit_transform([record(SPIKED, "spike"), record(LOAD)])
    assert len(heard) == 1
    (finding,) = about_record(record(SPIKED))
    assert heard[0].category is type(finding) is DoubtfulRecordWarning
    finding = str(finding)
    assert str(heard[0].message).endswith(finding)
    (specimen,) = make_report([record(SPIKED)], "en10371", corrections=standard_corrections()).specimens
    assert [text for text in specimen.warnings if "far off the neighbours" in text] == [finding]


def test_a_fracture_is_no_drop_out():
    assert find_stray(np.where(U > 1.7, 0.3, 1.0) * LOAD) == []


@pytest.mark.parametrize("steps", [("load_offset", "toe"), ("load_offset", "toe", "cut", "smooth")])
def test_a_damaged_record_is_not_trusted(steps):
    loads = {"whole": LOAD, "limit": np.minimum(LOAD, 1500), "drop-out": DROPPED, "spike": SPIKED}
    corrections = standard_corrections(steps, cut_at="maximum" if "cut" in steps else "fracture")
    report = make_report([record(load, name) for name, load in loads.items()], "en10371", corrections=corrections)
    whole, limit, dropped, spiked = report.specimens
    assert whole.untrusted == ()
    assert "the load stays at 1500 N from u = 0.7" in limit.untrusted[0]
    assert np.isnan(limit.quantities.Fm)
    assert dropped.untrusted[0].startswith(f"3 points of the load lie far off the neighbours (at u = {U[300]:.4g} mm)")
    assert spiked.untrusted[0].startswith(f"1 point of the load lies far off the neighbours (at u = {U[500]:.4g} mm)")
    assert "Take it out of the record" in spiked.untrusted[0]


def test_measured_values_in_doubt_are_left_out_of_the_scatter():
    loads = {"whole": LOAD, "other": 1.02 * LOAD, "limit": np.minimum(LOAD, 1500), "spike": SPIKED, "unit": 1e-3 * LOAD}
    report = make_report([record(load, name) for name, load in loads.items()], "en10371")
    found = report.summary()["all specimens"]
    quantities = [specimen.quantities for specimen in report.specimens]
    assert (found["Fm"]["n"], found["Fm"]["n_all"]) == (2, 4)
    assert found["Fm"]["mean"] == pytest.approx((quantities[0].Fm + quantities[1].Fm) / 2)
    assert (found["Fe"]["n"], found["Fe"]["n_all"]) == (2, 5)
    assert found["thickness"]["n"] == 5
    assert "mean and std leave the measured values of limit, spike, unit out" in str(report)
    assert any(text.endswith("check the unit of the load") for text in report.specimens[4].untrusted)
    page = render(report.to_dict(), report.specimens)
    for index in (2, 3, 4):
        assert f'<span class="doubtful">{quantities[index].Fe:.1f} †</span>' in page
    assert f'<span class="doubtful">{quantities[1].Fe:.1f} †</span>' not in page


@pytest.mark.parametrize(("end", "trusted"), [(0.85, False), (1.1, True)])
@pytest.mark.parametrize("given", ["name", "object"])
def test_a_record_shorter_than_the_model_needs_is_not_trusted(end, trusted, given):
    keep = end >= U
    curve = SPTCurve(U[keep], LOAD[keep], thickness=DISC.thickness, rig="EN10371", displacement_kind="punch")
    model = "en10371" if given == "name" else load_pretrained("en10371")
    (specimen,) = make_report([curve], model, corrections=None).specimens
    (said,) = specimen.warnings
    assert f"does not cover the displacement grid from 0.02 to 1.6 mm: it ends at {curve.displacement[-1]:.4g}" in said
    card = json.loads(pretrained_model_path("en10371").with_suffix(".json").read_text())["shortest_record"]
    shortest = load_pretrained("en10371")[0].shortest_
    assert shortest == pytest.approx(card, abs=0.005)
    unreliable = f"Hardly a training curve ended before {shortest:.4g} mm: the prediction for it is unreliable"
    assert (unreliable in said) == (not trusted)
    assert (specimen.untrusted == ()) == trusted


@pytest.mark.parametrize(("step", "trusted"), [(0.03, True), (0.04, False), (0.1, False)])
def test_a_record_with_too_few_points_where_it_bends_is_not_trusted(step, trusted):
    u = np.arange(0, DISC.displacement[-1], step)
    coarse = SPTCurve(
        u, np.interp(u, U, LOAD), thickness=DISC.thickness, rig="EN10371", displacement_kind="punch", name="coarse"
    )
    (specimen,) = make_report([coarse], "en10371").specimens
    said = [text for text in specimen.warnings if f"has points up to {step:g} mm apart before u = 0.415 mm" in text]
    assert [text.endswith("record more points where the curve bends") for text in said] == [True] * (not trusted)
    assert set(said) <= set(specimen.untrusted)
    assert (specimen.untrusted == ()) == trusted
    # Behind the bend fewer points are enough.
    u = np.append(U[U < 0.5], np.arange(0.5, DISC.displacement[-1], step))
    (specimen,) = make_report([coarse.replace(displacement=u, load=np.interp(u, U, LOAD))], "en10371").specimens
    assert specimen.untrusted == ()


def test_the_maximum_load_before_the_cut_counts():
    domain = load_pretrained("en10371").model_info_.domain
    whole = record(SPIKED)
    assert domain.findings(record(LOAD)) == []
    (said,) = domain.findings(record(LOAD), whole)
    assert f"its maximum load, {SPIKED.max():.5g} N, lies outside the training range" in str(said)


def test_what_is_said_of_several_curves_is_said_once(tmp_path, capsys):
    for name in ("A1", "A2"):
        record(LOAD, name).replace(rig=None).to_csv(tmp_path / f"{name}.csv")
    files = [str(tmp_path / f"{name}.csv") for name in ("A1", "A2")]
    assert main(["predict", *files, "--model", "en10371"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("sklearn-spt: warning: A1, A2: nothing says the rig")
    assert "not to be trusted" not in out
    record(SPIKED, "A2").to_csv(tmp_path / "A2.csv")
    assert main(["predict", *files, "--model", "en10371"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.endswith("  not to be trusted") for line in table[:3]] == [False, False, True]
    record(LOAD, "A2").replace(rig=None).to_csv(tmp_path / "A2.csv")
    assert main(["report", *files, "--model", "en10371", "--correct", "none"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert [text.startswith("sklearn-spt: warning: A1, A2: nothing says the rig") for text in said] == [True]


def test_tables_need_a_folder_whatever_its_name(tmp_path, capsys):
    record(LOAD).to_csv(tmp_path / "A1.csv")
    (tmp_path / "tables.html").write_text("")
    arguments = ["report", str(tmp_path / "A1.csv"), "--model", "en10371", "--csv", str(tmp_path / "tables.html")]
    assert main(arguments) == 1
    assert "tables.html: it is a file, and a folder is needed" in capsys.readouterr().err


def test_predict_says_so(tmp_path, capsys):
    path = tmp_path / "disc.csv"
    arguments = ["predict", str(path), "--model", "en10371", "--thickness", "0.5"]
    facts = tmp_path / "facts.json"

    def said(load, *options):
        lines = [f"{u:.4f},{value:.2f}" for u, value in zip(U[: len(load)], load, strict=True)]
        path.write_text("\n".join(["Displacement (mm),Load (N)", *lines]))
        assert main([*arguments, *options, "--json", str(facts)]) == 0
        out, err = capsys.readouterr()
        (curve,) = json.loads(facts.read_text())["curves"]
        assert out.splitlines()[0] == ("disc, not to be trusted" if curve["untrusted"] else "disc")
        assert set(curve["untrusted"]) <= set(curve["warnings"])
        assert bool(curve["untrusted"]) == ("unreliable" in err or "damaged" in err or "do not trust" in err)
        return err

    stated = ("--rig", "EN10371", "--displacement-kind", "punch")
    assert said(LOAD, *stated) == ""
    assert "1 point of the load lies far off the neighbours" in said(SPIKED, *stated, "--correct", "smooth")
    shortest = load_pretrained("en10371")[0].shortest_
    assert f"Hardly a training curve ended before {shortest:.4g} mm" in said(LOAD[U < 0.85], *stated)
    crosshead = ("--rig", "EN10371", "--displacement-kind", "crosshead")
    assert "take it out with --compliance (µm/kN), or say --displacement-kind punch where" in said(LOAD, *crosshead)
    assert "of the crosshead, with the compliance" not in said(LOAD, *crosshead, "--compliance", "2")
    unknown = said(LOAD)
    assert "the model is for 'EN10371' alone: check that it was this one, and name it with --rig\n" in unknown
    assert "Say it with --displacement-kind\n" in unknown
