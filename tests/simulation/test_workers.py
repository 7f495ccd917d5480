"""Workers end with the process that spreads the work over them."""

import os
import subprocess
import sys

import pytest

from sklearn_spt.simulation._workers import end_with, this_process

pytestmark = pytest.mark.skipif(os.name != "posix", reason="parents are told by POSIX alone")

WORKER = """
import sys, time
from sklearn_spt.simulation._workers import end_with
end_with((sys.argv[1], int(sys.argv[2])))
print("working", flush=True)
time.sleep(60)
"""
OWNER = """
import os, subprocess, sys
from sklearn_spt.simulation._workers import this_process
machine, number = this_process()
subprocess.Popen([sys.executable, "-c", sys.argv[1], machine, str(number)])
os.read(0, 1)
"""


def ended_number():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_the_owner_itself_and_workers_elsewhere_go_on():
    machine, number = this_process()
    end_with((machine, number))
    end_with((machine, os.getppid()))
    end_with(("another machine", ended_number()))


def test_a_worker_that_begins_too_late_ends_at_once():
    machine, _ = this_process()
    worker = subprocess.run(
        [sys.executable, "-c", WORKER, machine, str(ended_number())], stdout=subprocess.PIPE, timeout=60
    )
    assert worker.returncode == 1
    assert worker.stdout == b""


def test_a_worker_ends_while_it_is_busy():
    command = [sys.executable, "-c", OWNER, WORKER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout.readline() == b"working\n"
        owner.kill()
        # The worker has the other end of this pipe.
        assert owner.stdout.read() == b""
