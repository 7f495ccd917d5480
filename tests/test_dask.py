"""Simulations and searches on a Dask cluster give what they give on one machine."""

import os
from dataclasses import replace

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_spt import CurveResampler, GAFTransformer, Seq2SeqRegressor
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import Design, LawSpace, MeshSettings, Numerics, read_dataset, simulate_dataset

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def own_workers():
    """Every test gets loky's workers anew: those of an earlier one hung in a later one."""
    yield
    get_reusable_executor().shutdown(wait=True)


DESIGN = Design(
    name="coarse",
    rig="SHEET",
    laws=[LawSpace(law=Swift, ranges={"K": (500, 1500), "n": (0.1, 0.3)}, fixed={"E": 70e3, "epsilon0": 0.01})],
    thickness=(1.5, 2.5),
    stroke=0.3,
    mesh=MeshSettings(rows=2, edge_size=0.3),
)


def simulate_all_ways(folder, design, n, solver):
    """On Dask, on loky, and one after the other: the same numbers."""
    with joblib.parallel_config(backend="dask"):
        assert simulate_dataset(design, folder / "dask", n, solver=solver, progress=False) == 0
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert simulate_dataset(design, folder / "loky", n, solver=solver, progress=False) == 0
    assert simulate_dataset(design, folder / "serial", n, solver=solver, progress=False) == 0
    serial = read_dataset(folder / "serial")
    assert list(serial) == list(range(n))
    for way in ("dask", "loky"):
        curves = read_dataset(folder / way)
        assert curves.keys() == serial.keys()
        for index, curve in curves.items():
            np.testing.assert_array_equal(curve.displacement, serial[index].displacement)
            np.testing.assert_array_equal(curve.load, serial[index].load)
            same = serial[index].metadata
            assert {**curve.metadata, "cpu_s": None} == {**same, "cpu_s": None}


def test_simulations(cluster, tmp_path):
    simulate_all_ways(tmp_path, replace(DESIGN, numerics=Numerics(increment=0.02)), 12, "embedded")


def test_simulations_with_calculix(cluster, tmp_path, fake_solver):
    # Which process ran the solver: the parent of the shell.
    solver = fake_solver(before=f"echo $PPID >> {tmp_path}/parents; sleep 0.1")
    with joblib.parallel_config(backend="dask"):
        simulate_dataset(DESIGN, tmp_path / "where", 8, solver=solver, progress=False)
    workers = set(cluster.run(os.getpid).values())
    assert set(map(int, (tmp_path / "parents").read_text().split())) == workers
    assert len(workers) == 2
    simulate_all_ways(tmp_path, DESIGN, 12, fake_solver())


def test_failures_come_back(cluster, tmp_path, fake_solver):
    with joblib.parallel_config(backend="dask"):
        assert simulate_dataset(DESIGN, tmp_path / "out", 3, solver=fake_solver("exit 1"), progress=False) == 3


@pytest.mark.ccx
def test_simulations_with_the_real_solver(cluster, tmp_path):
    simulate_all_ways(tmp_path, DESIGN, 3, "calculix")


NETWORK = Seq2SeqRegressor(hidden_size=4, n_heads=2, image_channels=2, max_epochs=2, random_state=0)


@pytest.mark.parametrize(
    ("steps", "grid"),
    [
        ([("ridge", Ridge())], {"resample__n_points": [16, 32], "ridge__alpha": [1e-3, 1.0, 1e3]}),
        (
            [("gaf", GAFTransformer()), ("model", NETWORK)],
            {"gaf": [GAFTransformer(), "passthrough"], "model__lr": [1e-3, 1e-2, 3e-2]},
        ),
    ],
    ids=["ridge", "network"],
)
@pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")
def test_grid_search(cluster, steps, grid):
    curves, stress = make_spt_curves(24, random_state=0)
    pipe = Pipeline([("resample", CurveResampler(n_points=16)), *steps])
    search = GridSearchCV(pipe, grid, cv=3, scoring="neg_mean_absolute_error")
    with joblib.parallel_config(backend="dask"):
        dask = search.fit(curves, stress).cv_results_
    # Not with loky: it replaces a worker that has grown since its first task, as by importing parts of torch, and now
    # and then (joblib 1.6, on a busy machine) waits for ever then.
    alone = search.fit(curves, stress).cv_results_
    np.testing.assert_array_equal(dask["mean_test_score"], alone["mean_test_score"])
    np.testing.assert_array_equal(dask["rank_test_score"], alone["rank_test_score"])
    assert len(set(dask["mean_test_score"])) == 6
