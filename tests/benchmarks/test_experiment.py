"""The experiment: cells that write results and go on when killed, and tables of results."""

import dataclasses
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from benchmarks import _record
from benchmarks.experiment import cells, tables
from benchmarks.experiment.__main__ import main
from benchmarks.experiment.cells import Cell, Deadline, OutOfTime, measure, run
from benchmarks.experiment.models import MODELS, Order
from benchmarks.experiment.protocols import CLEAN, CONDITIONS, PROTOCOLS, TOGETHER, load_set
from sklearn_spt import AugmentedRegressor
from sklearn_spt.regressors import _training

ROOT = Path(__file__).parents[2]


def part(name, n=40):
    loaded = load_set(name)
    # From all over the set, so that each family of laws is among them.
    which = np.linspace(0, len(loaded.curves) - 1, n).astype(int)
    return dataclasses.replace(
        loaded,
        curves=[loaded.curves[i] for i in which],
        stress=loaded.stress[which],
        facts={name: values[which] for name, values in loaded.facts.items()},
    )


@pytest.fixture
def forty(monkeypatch):
    monkeypatch.setattr(cells, "load_set", part)


@pytest.fixture
def killed(monkeypatch):
    """Trainings are killed at their third epoch, and have kept a checkpoint of the second."""
    monkeypatch.setattr(_training, "_SECONDS", 0.0)
    with monkeypatch.context() as patch:

        def kill(self, net, **kwargs):
            if len(net.history) == 3:
                raise OutOfTime

        patch.setattr(Deadline, "on_epoch_begin", kill)
        yield patch


def test_splits():
    for name, protocol in PROTOCOLS.items():
        loaded = load_set(protocol.set)
        train, test = protocol.split(loaded, 1)
        assert sorted([*train, *test]) == list(range(len(loaded.curves))), name
        # Parts of the training are drawn from all of it.
        assert abs(np.mean(train[:300]) - np.mean(train)) < 0.1 * len(train)
    laws = load_set("discs").facts["law"]
    train, test = PROTOCOLS["discs-unseen-law"].split(load_set("discs"), 1)
    families = [{law.removesuffix(" with a plateau") for law in laws[part]} for part in (train, test)]
    assert len(families[1]) == 1
    assert not families[0] & families[1]


@pytest.mark.parametrize("protocol", ["discs-laboratory", "sheets-clean"])
@pytest.mark.parametrize("model", MODELS)
def test_models_are_made_for_the_protocol(protocol, model):
    laboratory = PROTOCOLS[protocol].laboratory
    estimator = MODELS[model][1](Order(part(PROTOCOLS[protocol].set), laboratory, seed=3, epochs=2))
    if model != "correlations":
        assert isinstance(estimator, AugmentedRegressor) == laboratory
        seeds = [value for name, value in estimator.get_params().items() if name.endswith("random_state")]
        assert set(seeds) == {3}


@pytest.mark.parametrize("model", ["network", "correlations"])
def test_a_cell_writes_a_result(model, forty, tmp_path, capsys):
    cell = Cell("discs-laboratory", model, 0, epochs=2)
    run([cell], folder=tmp_path / "results", checkpoints=tmp_path / "runs")
    (result,) = cells.read_results(tmp_path / "results")
    assert (result["train_curves"], result["test_curves"]) == (34, 6)
    assert list(result["errors"]) == list(CONDITIONS)
    kinds = ["Rp0.2", "Rm", "Ag"]
    assert list(result["errors"][TOGETHER]) == (kinds if model == "correlations" else ["%", "MPa", *kinds])
    assert result["trained_epochs"] == (2 if model == "network" else None)
    assert not list((tmp_path / "runs").rglob("*.pt"))

    before = (tmp_path / "results" / f"{cell.name}.json").stat().st_mtime_ns
    run([cell], folder=tmp_path / "results", checkpoints=tmp_path / "runs")
    assert (tmp_path / "results" / f"{cell.name}.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(("protocol", "data"), [("discs-laboratory", "discs"), ("sheets-clean", "sheets")])
def test_a_killed_cell_goes_on(protocol, data, forty, killed, tmp_path):
    cell = Cell(protocol, "network", 0, train=20, epochs=4)
    run([cell], folder=tmp_path / "results", checkpoints=tmp_path / "runs")
    assert not list(cells.read_results(tmp_path / "results"))
    killed.undo()
    run([cell], folder=tmp_path / "results", checkpoints=tmp_path / "runs")
    (continued,) = cells.read_results(tmp_path / "results")
    whole = measure(cell, part(data), tmp_path / "other.pt")
    assert continued["trained_epochs"] == whole["trained_epochs"] == 4
    assert continued["errors"] == json.loads(json.dumps(whole["errors"]))


@pytest.mark.parametrize("protocol", ["discs-laboratory", "sheets-clean"])
def test_a_training_ends_at_its_deadline(protocol, tmp_path):
    kind = PROTOCOLS[protocol].set
    with pytest.raises(OutOfTime):
        measure(Cell(protocol, "network", 0), part(kind), tmp_path / "checkpoint.pt", deadline=0.0)


def test_what_is_not_begun_in_time_is_left(forty, tmp_path):
    run([Cell("sheets-clean", "network", 0)], minutes=-1, folder=tmp_path, checkpoints=tmp_path)
    assert not list(cells.read_results(tmp_path))


def result(model, seed, mean, protocol="sheets-clean", train=None, **changes):
    statistics = {"mean": mean, "median": mean, "p95": mean, "worst": 10 * mean, "best": mean / 10}
    properties = {name: {"rms": mean, "mean": 0.0, "unread": 0} for name in ("Rp0.2", "Rm", "Ag")}
    errors = {"%": statistics, "MPa": statistics, **properties}
    laboratory = PROTOCOLS[protocol].laboratory
    return {
        "protocol": protocol, "model": model, "seed": seed, "train": train,
        "epochs": None, "hash": "one", "train_curves": train or 1000, "test_curves": 100, "trained_epochs": 400,
        "weights": 5, "fit_minutes": 2.0, "milliseconds_per_curve": 0.1, "errors": dict.fromkeys(
            CONDITIONS if laboratory else [CLEAN], errors
        ), "threads": 1, "date": "2026-01-01", "machine": "a machine", **changes,
    }  # fmt: skip


@pytest.fixture
def tabulated(tmp_path, monkeypatch):
    monkeypatch.setattr(_record, "RESULTS", tmp_path / "tables")

    def tabulate(*results):
        for i, each in enumerate(results):
            (tmp_path / "cells" / "place").mkdir(parents=True, exist_ok=True)
            (tmp_path / "cells" / "place" / f"{i}.json").write_text(json.dumps(each))
        tables.tabulate(tmp_path / "cells", tmp_path / "pictures")
        return {
            path.stem: json.loads(path.read_text())["rows"] for path in (tmp_path / "tables").glob("experiment_*.json")
        }

    return tabulate


def test_tables_of_given_results(tabulated, tmp_path):
    rows = tabulated(
        result("gaussian-processes", 0, 3.0),
        result("network", 0, 1.0),
        result("network", 1, 2.0),
        result("network", 0, 8.0, train=100),
        result("untrained", 1, 40.0, trained_epochs=1),
        result("network", 0, 1.0, "discs-laboratory"),
    )
    first, second, last = rows["experiment_sheets_clean"]
    assert (first["model"], first["seeds"], second["model"], last["model"]) == (
        "network", "0, 1", "gaussian-processes", "untrained",
    )  # fmt: skip
    assert (first["mean (MPa)"], first["worst (MPa)"], first["best (MPa)"]) == (1.5, 20.0, 0.1)
    # Seed 1 is the one that both have.
    (training,) = rows["experiment_parts"]
    assert (training["with"], training["without"], training["change (%)"]) == (2.0, 40.0, -95.0)
    (curves,) = rows["experiment_training_curves"]
    assert (curves["100"], curves["1000"]) == (8.0, 1.5)
    (discs,) = rows["experiment_laboratory"]
    assert discs[TOGETHER] == 1.0
    assert rows["experiment_unseen_law"] == []
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {"discs-laboratory", "training-curves"}


def test_results_of_other_curves_are_not_mixed(tabulated):
    with pytest.raises(ValueError, match="sheets-clean"):
        tabulated(result("network", 0, 1.0), result("gaussian-processes", 0, 1.0, hash="another"))


def test_the_page_has_all_tables(tabulated):
    page = (ROOT / "docs" / "paper.rst").read_text(encoding="utf-8")
    assert set(re.findall(r"results:: (experiment_\w+)", page)) == set(tabulated())


def test_command_line(forty, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("benchmarks.experiment.__main__.run", lambda cells, minutes: asked.extend(cells))
    main(shlex.split("run --protocol sheets-clean discs-unseen-law --model correlations gru --seed 0 1 --train 50"))
    assert [cell.name for cell in asked] == [
        "sheets-clean/gru-50curves-0",
        "sheets-clean/gru-50curves-1",
        "discs-unseen-law/correlations-50curves-0",
        "discs-unseen-law/gru-50curves-0",
        "discs-unseen-law/correlations-50curves-1",
        "discs-unseen-law/gru-50curves-1",
    ]
