"""What all tests share: the option "--slow", the marker "ccx", a stand-in for CalculiX, no windows and one thread."""

import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

# Read when matplotlib and torch are first imported, which is after this file.
os.environ["MPLBACKEND"] = "Agg"
# The networks are too small to gain from threads, and threads that wait for a core on a busy machine (other tests,
# other jobs) make them ten times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HAS_CCX = shutil.which("ccx") is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")
    parser.addoption(
        "--require-ccx",
        action="store_true",
        default=os.environ.get("CI", "").lower() not in ("", "0", "false"),
        help="fail, instead of skipping tests, when CalculiX (ccx) is missing; the default where CI is set",
    )


def pytest_configure(config: pytest.Config) -> None:
    # The fast tests are the same ones in every run; with "--slow" property tests search at random.
    settings.register_profile("same", derandomize=True)
    if not config.getoption("--slow"):
        settings.load_profile("same")
    if config.getoption("--require-ccx") and not HAS_CCX:
        raise pytest.UsageError(
            "the program ccx (CalculiX) is not on the PATH, and tests that need it may not be skipped here "
            "(--require-ccx, or CI is set): install it (Debian: apt-get install calculix-ccx)"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="slow; runs with --slow"))
        if item.get_closest_marker("ccx") and not HAS_CCX:
            item.add_marker(pytest.mark.skip(reason="CalculiX (ccx) is not installed: apt-get install calculix-ccx"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    left_out_as_slow = item.get_closest_marker("slow") and not item.config.getoption("--slow")
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and item.get_closest_marker("ccx")
        and item.config.getoption("--require-ccx")
        and not left_out_as_slow
    ):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs CalculiX and was skipped where it may not be: {report.longrepr}"
    return report


# Writes loads in proportion to the time of the step; how great they are depends on the deck alone.
LOADS = r"""
scale=$(cksum < job.inp | cut -c1-3)
awk -v s=$scale 'BEGIN {
  for (i = 1; i <= 20; i++)
    printf " total force (fx,fy,fz) for set PUNCH and time  %.7E\n\n  0.0 %.6E 0.0\n", 1 + i / 20, -i / 20 * s / 180
}' > job.dat
echo " Job finished"
"""
VERSION = """#!/bin/sh
if [ "$1" = -v ]; then echo "This is Version {}"; exit; fi
"""


@pytest.fixture
def fake_solver(tmp_path: Path) -> Callable[..., Path]:
    """Make a program that stands in for CalculiX: a shell script, by default one that gives loads at once."""

    def make(body: str = LOADS, *, name: str = "fake-ccx", version: str = "2.20", before: str = "") -> Path:
        program = tmp_path / name
        program.write_text("\n".join([VERSION.format(version), before, body]))
        program.chmod(0o755)
        return program

    return make


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a part of the simulated steel discs: rough, but in the right range; trained within seconds."""
    import numpy as np
    from sklearn.pipeline import make_pipeline

    from sklearn_spt import CurveResampler, Seq2SeqRegressor, save_model
    from sklearn_spt.datasets import load_en10371_steel

    steel = load_en10371_steel(n_curves=120)
    X, Y = steel.data, steel.target
    resample = CurveResampler(grid=np.linspace(0.03, 1.2, 24), descriptors=("thickness",))
    network = Seq2SeqRegressor(
        hidden_size=8, max_epochs=10, elastic_modulus="curve", strain=steel.strain, random_state=0
    )
    model = make_pipeline(resample, network)
    path = tmp_path_factory.mktemp("model") / "steel.spt"
    save_model(
        path,
        model.fit(X, Y),
        strain=steel.strain,
        elastic_modulus=207_500.0,
        training_curves=X,
        training_targets=Y,
        metadata={
            "data": "120 of load_en10371_steel",
            "held_out": {"curves": ["x"], "errors": {"MAE, MPa": {"mean": 12.5, "max": 40.0}}},
        },
    )
    return path
