"""What all tests share: the option "--slow", the marker "ccx", no windows and one thread."""

import os
import shutil
from collections.abc import Generator

import pytest

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
