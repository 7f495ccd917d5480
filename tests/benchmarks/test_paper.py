"""The paper's experiment at a tiny size: measurements, what is kept and what made anew, tables, figures, the page."""

import importlib
import json
import re
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from skorch.callbacks import Callback

from benchmarks.paper import gpu, run
from benchmarks.paper.bundle import bundle
from benchmarks.paper.figures import draw
from benchmarks.paper.measure import (
    INDUCING,
    LIMIT,
    build,
    definition,
    describe,
    estimators,
    measure,
    n_parameters,
    quietly,
)
from benchmarks.paper.models import ABLATIONS, DISTURBED, FEATURED, LIGHT, MODELS, VARIANTS, WINNER
from benchmarks.paper.protocols import (
    FAULTS,
    N_COPIES,
    PROTOCOLS,
    TOGETHER,
    UNDISTURBED,
    conditions,
    held_out,
    random_split,
)
from benchmarks.paper.sets import load_set
from benchmarks.paper.tables import Results, ablations, met_by, tabulate, worst_curves
from sklearn_spt import load_model
from sklearn_spt.datasets import load_pretrained

ROOT = Path(__file__).parents[2]
CHEAP = "polynomial"
CHAIN = [CHEAP, "pls", WINNER]
# One of every kind; those of the other set and the other held-out parts go the same way.
KINDS = ["sheet_random", "sheet_thickness", "en10371_law", "sheet_train_100", "en10371_augmented"]


@pytest.fixture(scope="module")
def sets():
    return {name: load_set(name, quick=True) for name in ("sheet", "en10371")}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    assert run.main(["--quick", "--models", *CHAIN, "--protocols", *KINDS], folder) == 0
    return folder


@pytest.fixture
def without_figures(monkeypatch):
    monkeypatch.setattr(run, "draw", lambda *_: None)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def table(folder, name):
    return read(folder / "tables" / f"{name}.json")


def test_a_result_has_errors_costs_and_origin(chain):
    result = read(chain / f"{WINNER}-sheet_random-0.json")
    assert result["set"]["curves"] == 120
    assert len(result["mae"]) == len(result["curves"]) == result["test_curves"] == 12
    assert result["errors"]["MAE, MPa"]["max"] == pytest.approx(max(result["mae"]), rel=1e-3)
    assert result["fit_seconds"] > 0
    assert result["predict_milliseconds_per_curve"] > 0
    assert result["peak_memory_mb"] >= 0
    assert result["disk_bytes"] > 1000
    assert result["saved_with"] == "save_model"
    assert result["parameters"] > 1000
    assert result["versions"]["torch"]
    (history,) = result["histories"]
    assert all(epoch["train_loss"] > 0 for epoch in history)
    assert set(result["conditions"]) == {UNDISTURBED, TOGETHER, *conditions()}
    assert result["conditions"][UNDISTURBED]["mean"] == pytest.approx(result["errors"]["MAE, MPa"]["mean"])
    worst = next(picture for picture in result["pictured"] if picture["which"] == "worst")
    assert np.abs(np.subtract(worst["true"], worst["predicted"])).mean() == pytest.approx(max(result["mae"]), rel=1e-3)


def test_only_protocols_with_conditions_have_them(chain):
    for protocol in KINDS:
        result = read(chain / f"{CHEAP}-{protocol}-0.json")
        assert (result["conditions"] is not None) == PROTOCOLS[protocol].conditions
        assert (result["copies"] > 0) == PROTOCOLS[protocol].augmented


def test_results_are_kept_until_set_or_model_change(chain, tmp_path, without_figures, capsys):
    choice = ["--quick", "--models", CHEAP, "--protocols", "sheet_thickness"]
    path = tmp_path / f"{CHEAP}-sheet_thickness-0.json"
    result = read(chain / path.name)
    # A result that would be seen if it were made anew.
    kept = {**result, "fit_seconds": -1}
    path.write_text(json.dumps(kept))
    run.main(choice, tmp_path)
    assert read(path) == kept
    for changed in ({"set": {**result["set"], "hash": "older"}}, {"definition": "older"}):
        path.write_text(json.dumps({**kept, **changed}))
        run.main([*choice, "--tables-only"], tmp_path)
        assert read(path)["fit_seconds"] == -1
        assert "1 results are of other sets or models" in capsys.readouterr().out
        assert table(tmp_path, "sheet_thickness")["rows"] == [{"model": "not run"}]
        run.main(choice, tmp_path)
        assert read(path)["fit_seconds"] > 0


def test_nothing_is_started_that_does_not_fit(tmp_path, without_figures, capsys):
    run.main(["--quick", "--models", WINNER, "--protocols", "sheet_corner", "--budget-minutes", "0.001"], tmp_path)
    assert "1 measurements do not fit into the time" in capsys.readouterr().out
    assert not list(tmp_path.glob("*.json"))


def test_a_failing_model_does_not_stop_the_others(tmp_path, monkeypatch, without_figures, capsys):
    class Failing(BaseEstimator):
        def fit(self, X, y):
            raise ValueError("it cannot be fitted")

    monkeypatch.setitem(MODELS, "failing", lambda setting: Failing())
    monkeypatch.setitem(run.SECONDS, "failing", 1.0)
    choice = ["--quick", "--models", "failing", CHEAP, "--protocols", "sheet_corner"]
    assert run.main(choice, tmp_path) == 1
    assert "FAILED: failing sheet_corner seed 0: it cannot be fitted" in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*.json")] == [f"{CHEAP}-sheet_corner-0.json"]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_built_and_defined_alike_twice(name, sets):
    known = set()
    for _ in range(2):
        for protocol in ("sheet_random", "en10371_augmented"):
            loaded = sets[PROTOCOLS[protocol].data]
            split = PROTOCOLS[protocol].split(loaded, 0)
            estimator, copies = build(name, protocol, loaded.setting(0), len(split[0]))
            assert (copies > 0) == PROTOCOLS[protocol].augmented
            known.add(definition(estimator, protocol, split))
    assert len(known) == 2


def test_definition_sees_the_seed_and_not_the_jobs(sets):
    loaded = sets["sheet"]
    split = random_split(loaded, 0)

    def defined(seed, n_jobs):
        return definition(
            build(WINNER, "sheet_random", loaded.setting(seed, n_jobs=n_jobs), 108)[0], "sheet_random", split
        )

    assert defined(0, 1) == defined(0, 2) != defined(1, 1)


def test_singled_out_models_exist():
    assert {
        WINNER,
        LIGHT,
        *VARIANTS,
        *FEATURED,
        *DISTURBED,
        *(name for pair in ABLATIONS.values() for name in pair),
    } <= set(MODELS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_demonstration_is_never_trained_on(protocol, sets):
    loaded = sets[PROTOCOLS[protocol].data]
    for demo in (0, 5, 77) if loaded.name == "sheet" else (-1,):
        train, test = PROTOCOLS[protocol].split(replace(loaded, demo=demo), 0)
        assert demo not in train
        assert not set(train) & set(test)
        assert len(set(train)) == len(train) > 50
        assert len(test) > 5


def test_random_split_has_the_papers_sizes(sets):
    sheet = sets["sheet"]
    large = replace(sheet, curves=sheet.curves * 50, demo=3)
    large = replace(large, curves=large.curves[:5000])
    train, test = random_split(large, 0)
    assert (len(train), len(test)) == (4500, 500)
    assert 3 in test
    again, _ = random_split(large, 1)
    assert set(again) != set(train)
    part, _ = PROTOCOLS["sheet_train_300"].split(large, 0)
    assert part.tolist() == train[:300].tolist()


def test_held_out_is_held_out(sets):
    sheet = sets["sheet"]
    train, test = held_out(lambda facts: facts["thickness"] > 3)(sheet, 0)
    thickness = np.array([curve.thickness for curve in sheet.curves])
    assert thickness[train].max() <= 3 < thickness[test].min()


def test_tables_say_what_was_not_run(chain):
    rows = {row["model"]: row for row in table(chain, "table_2")["rows"]}
    assert rows["paper: proposed"]["max"] == "5.58"
    result = read(chain / f"{CHEAP}-sheet_random-0.json")
    assert float(rows[CHEAP]["mean MAE (MPa)"]) == pytest.approx(result["errors"]["MAE, MPa"]["mean"], abs=5e-4)
    assert {name for name in rows if not name.startswith("paper: ")} == set(CHAIN)
    missing = re.search(r" Not run: (.*)\.$", table(chain, "table_2")["note"])
    assert set(missing[1].split(", ")) == set(MODELS) - set(CHAIN)
    aims = table(chain, "goals")["rows"]
    assert {row["statistic"] for row in aims if row["reached"] == "not run"} == {
        "mean MAE (MPa), sheet, trained on copies, all faults together"
    }
    assert {row["met"] for row in aims if row["reached"] != "not run"} <= {"yes", "no", "equal"}
    conditions_row = next(
        row for row in table(chain, "conditions_en10371")["rows"] if row["model"] == CHEAP and row["augmented"] != "no"
    )
    assert float(conditions_row[TOGETHER]) > 0
    assert table(chain, "table_1")["rows"][0] == {
        "quantity": "curves",
        "paper, train": "4500",
        "paper, test": "500",
        "here, train": "108",
        "here, test": "12",
    }


@pytest.mark.parametrize(("own", "met"), [(0.9, "yes"), (0.9996, "equal"), (1.0004, "equal"), (1.1, "no")])
def test_errors_are_compared_as_far_as_they_are_written(own, met):
    assert met_by(own, 1.0) == met


def test_seeds_are_gathered(sets, tmp_path):
    results = [measure(CHEAP, "sheet_random", seed, sets["sheet"], quick=True)[0] for seed in (0, 1)]
    gathered = Results(results)
    maxima = [result["errors"]["MAE, MPa"]["max"] for result in results]
    assert gathered.value(CHEAP, "sheet_random", "max") == max(maxima)
    assert " ± " in gathered.written(CHEAP, "sheet_random", "mean")
    assert gathered.written(WINNER, "sheet_random", "mean") == "not run"
    tabulate(results, sets, tmp_path, "command")
    assert {row["reached"] for row in read(tmp_path / "goals.json")["rows"]} == {"not run"}
    row = next(row for row in read(tmp_path / "table_2.json")["rows"] if row["model"] == CHEAP)
    assert row["seeds"] == "0, 1"


def test_one_thing_at_a_time_is_compared_on_the_seeds_of_both(sets):
    two = [measure(CHEAP, "sheet_random", seed, sets["sheet"], quick=True)[0] for seed in (0, 1)]
    one = measure("polynomial_flow", "sheet_random", 1, sets["sheet"], quick=True)[0]
    row = next(row for row in ablations(Results([*two, one])) if row["question"].startswith("flow curves"))
    means = [result["errors"]["MAE, MPa"]["mean"] for result in (two[1], one)]
    assert row["seeds"] == "1"
    assert row["without"] == f"{CHEAP}: {means[0]:.3f}"
    assert float(row["without / with"]) == pytest.approx(means[0] / means[1], abs=6e-3)


def test_the_worst_curves_are_named(sets):
    loaded = sets["sheet"]
    of_seed = [measure(CHEAP, "sheet_random", seed, loaded, quick=True)[0] for seed in (0, 1)]
    # Of the winner on both seeds, and of one of the others on the second alone.
    results = [{**result, "model": WINNER} for result in of_seed] + [{**of_seed[1], "model": "gp"}]
    rows = worst_curves(Results(results), loaded)
    assert [row["seed"] for row in rows] == [0, 0, 1, 1]
    assert [row["gp"] for row in rows] == ["not run", "not run", *(row[WINNER] for row in rows[2:])]
    for result, row in zip(of_seed, rows[::2], strict=True):
        assert row[WINNER] == f"{max(result['mae']):.3f}"
        place = [curve.name for curve in loaded.curves].index(row["curve"])
        assert result["curves"][int(np.argmax(result["mae"]))] == int(row["curve"].removeprefix("sheet-"))
        assert row["thickness (mm)"] == f"{loaded.curves[place].thickness:.2f}"
        assert row["attempts"] == loaded.facts["attempts"][place]
        assert float(rows[rows.index(row) + 1][WINNER]) <= float(row[WINNER])


def test_figures_are_drawn(chain):
    drawn = {path.stem for path in (chain / "figures").glob("*.png")}
    assert drawn >= {"figure_3", "figure_4", "figure_5", "best_median_worst", "errors", "losses", "efficiency"}
    assert "conditions_sheet" in drawn


def test_predictions_without_bounds_are_cut_off():
    class Overflowing:
        def predict(self, X):
            warnings.warn("unlike the training curves", stacklevel=1)
            return np.array([[np.inf, -np.inf, np.nan, 300.0]])

    assert quietly(Overflowing(), []).tolist() == [[LIMIT, -LIMIT, LIMIT, 300.0]]


def test_figures_without_results_are_removed(sets, tmp_path):
    (tmp_path / "errors.png").touch()
    draw([], sets, tmp_path)
    assert {path.stem for path in tmp_path.glob("*.png")} == {"figure_3", "figure_4"}


def test_condition_sizes_are_those_of_the_labels():
    sizes = conditions()
    assert sizes["noise 0.5 % of Fm"] == {"noise": 0.005}
    assert sizes["toe 10 µm"] == {"displacement_offset": pytest.approx(0.01)}
    assert sizes["compliance error 3 µm/kN"] == {"compliance": pytest.approx(3e-6)}
    assert sizes["thickness error 1 %"] == {"thickness_gain": 0.01}
    assert set(sizes[TOGETHER]) == set(FAULTS)


def test_bundled_model_predicts(sets, tmp_path):
    bundle(sets["sheet"], tmp_path, "command", models=tmp_path / "models", quick=True)
    model = load_model(tmp_path / "models" / "sheet.spt")
    train, test = random_split(sets["sheet"], 0)
    predicted = model.predict([sets["sheet"].curves[i] for i in test])
    card = read(tmp_path / "models" / "sheet.json")
    errors = np.abs(predicted - sets["sheet"].stress[test]).mean()
    assert card["errors"]["MAE, MPa"]["mean"] == pytest.approx(errors, rel=1e-6)
    assert card["train_curves"] == len(train)


def test_the_package_brings_the_winner(sets):
    bundled, winner = load_pretrained("sheet"), MODELS[WINNER](sets["sheet"].setting(0))
    for model in (bundled, winner):
        # Where no file keeps it, or it belongs to the training alone.
        model[-1].set_params(cv=5, secondary__callbacks=None)
    assert describe(bundled[-1]) == describe(winner[-1])


def test_search_is_augmented_inside(sets):
    """Copies of one curve must not stand on both sides of the search's folds."""
    searches = [name for name in MODELS if hasattr(MODELS[name](sets["sheet"].setting(0)), "param_grid")]
    for name in searches:
        search, _ = build(name, "sheet_augmented", sets["sheet"].setting(0), 108)
        assert hasattr(search, "param_grid")
        assert type(search.estimator).__name__ == "AugmentedRegressor"
        search.estimator.set_params(**{key: values[0] for key, values in search.param_grid[0].items()})


def test_processes_learn_from_all_copies_through_inducing_points(sets):
    setting = sets["sheet"].setting(0)

    def points(protocol):
        model, copies = build("stack_light", protocol, setting, 1_848)
        return copies, {part.max_inducing_points for part in estimators(model) if hasattr(part, "max_inducing_points")}

    assert points("sheet_augmented") == (N_COPIES, {INDUCING})
    assert points("sheet_random") == (0, {5_000})


def test_perceptrons_see_all_copies_that_they_draw_from(sets):
    model, copies = build("perceptron", "sheet_augmented", sets["sheet"].setting(0), 1_848)
    assert copies == N_COPIES
    (found,) = (part for part in estimators(model) if hasattr(part, "max_samples"))
    assert found.max_samples == 5_000


def test_weights_of_perceptrons_are_counted(sets):
    loaded = sets["sheet"]
    fitted = MODELS["perceptron"](loaded.setting(0, quick=True)).fit(loaded.curves, loaded.stress)
    n_inputs, width, n_targets = 6, 4, len(fitted[-1].target_components_)
    of_one = n_inputs * width + width + width**2 + width + width + n_inputs + 1
    assert json.loads(json.dumps(n_parameters(fitted))) == n_targets * of_one


def test_estimators_finds_the_nested_ones(sets):
    pipeline = MODELS[WINNER](sets["sheet"].setting(0))
    found = list(estimators(pipeline))
    assert found[0] is pipeline
    if isinstance(pipeline, Pipeline):
        assert pipeline[-1] in found


def test_training_times_of_a_device_are_measured():
    (row,) = gpu.rows(["light"], "cpu", quick=True)
    assert (row["model"], row["device"], row["epochs"]) == ("light", "cpu", 2)
    assert row["parameters"] > 10_000
    assert row["fit, s"] > 0
    assert 0 < row["mean MAE, MPa"] < row["worst MAE, MPa"]


def test_an_interrupted_run_on_a_gpu_keeps_what_it_measured(monkeypatch, tmp_path):
    def interrupted(models):
        yield {"model": models[0]}
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks._record.RESULTS", tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(gpu, "rows", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gpu.main(["--models", "default", "paper"])
    assert read(tmp_path / "paper_gpu.json")["rows"] == [{"model": "default"}]


def test_an_interrupted_training_on_a_gpu_is_no_result(monkeypatch):
    class Interrupt(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    def interrupted(model, protocol, setting, n_train):
        estimator, copies = build(model, protocol, setting, n_train)
        estimator[-1].set_params(callbacks=[("interrupt", Interrupt())])
        return estimator, copies

    monkeypatch.setattr(gpu, "build", interrupted)
    with pytest.warns(UserWarning, match="after 1 of 2 epochs"), pytest.raises(KeyboardInterrupt, match="light"):
        list(gpu.rows(["light"], "cpu", quick=True))


def test_without_a_gpu_no_model_is_trained(monkeypatch, capsys):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit):
        gpu.main([])
    assert "no CUDA device" in capsys.readouterr().err


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    yield importlib.import_module("results")
    sys.modules.pop("results", None)


def test_page_has_every_table_and_knows_its_numbers(chain, extension, monkeypatch):
    page = (ROOT / "docs" / "paper.rst").read_text(encoding="utf-8")
    tables = {path.stem for path in (chain / "tables").glob("*.json")} - {"numbers"}
    assert set(re.findall(r"^\.\. results:: paper/tables/(\w+)$", page, re.M)) == tables
    figures = {path.stem for path in (chain / "figures").glob("*.png")}
    assert figures <= set(re.findall(r"^\.\. result-figure:: paper/(\w+)$", page, re.M))
    monkeypatch.setattr(extension, "NUMBERS", chain / "tables" / "numbers.json")
    for name in re.findall(r":number:`([^`]+)`", page):
        assert extension.number(name)
    result = read(chain / f"{WINNER}-sheet_random-0.json")
    assert extension.number(f"{WINNER} sheet_random max") == f"{result['errors']['MAE, MPa']['max']:.2f}"
    assert extension.number("robust sheet_random max") == "not run"
    for wrong in ("nobody sheet_random max", f"{WINNER} nowhere max", f"{WINNER} sheet_random nothing"):
        with pytest.raises(KeyError):
            extension.number(wrong)


def test_kept_tables_are_on_the_page():
    page = (ROOT / "docs" / "paper.rst").read_text(encoding="utf-8")
    kept = {path.stem for path in (ROOT / "benchmarks" / "results" / "paper" / "tables").glob("*.json")} - {"numbers"}
    assert kept == set(re.findall(r"^\.\. results:: paper/tables/(\w+)$", page, re.M))


@pytest.mark.slow
def test_measured_in_a_process(tmp_path):
    path = tmp_path / "result.json"
    task = run.Task(CHEAP, "en10371_law", 0, path, False, 1.0)
    run.in_a_process(task, 2)
    assert read(path)["peak_memory_mb"] > 0
