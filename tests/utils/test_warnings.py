"""What is warned of is heard by the thread that it concerns."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sklearn_spt.utils.warnings import recorded, warn, without_warnings


def test_each_thread_hears_its_own():
    start = Barrier(8)

    def work(number):
        start.wait()
        with recorded() as heard:
            for step in range(200):
                (warn if step % 2 else warnings.warn)(f"{number} {step}", UserWarning, stacklevel=2)
        return [str(warning) for warning in heard]

    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert found == [[f"{number} {step}" for step in range(200)] for number in range(8)]
    assert warnings.filters == before


def test_nothing_is_recorded_unless_asked_for():
    with pytest.warns(UserWarning, match="scratched"):
        warn("the disc was scratched")
    with recorded() as outer:
        with recorded() as inner:
            warn("inner")
        warn("outer")
    assert [list(map(str, heard)) for heard in (outer, inner)] == [["outer"], ["inner"]]


def test_unwanted_warnings_are_kept_back():
    with recorded() as heard, without_warnings(lambda warning: "un" in str(warning)):
        warn("unwanted")
        warn("wanted")
    assert list(map(str, heard)) == ["wanted"]
