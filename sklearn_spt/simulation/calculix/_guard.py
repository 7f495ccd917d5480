"""Ends a run and removes its folder when the process that started it is gone.

A process that is killed cannot clean up behind itself; so `_process` starts this file as a program of its own for each
run, ``python _guard.py PARENT FOLDER``. It needs nothing but the standard library, and so starts at once.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

# A variable of the environment that names the run's folder. Children inherit it, whatever group or session they move
# to, so it tells on Linux which processes belong to a run.
MARK = "SKLEARN_SPT_RUN"
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 10


def end_run(folder: str) -> None:
    """Kill the processes that belong to the run in the folder of this name, and their children."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    quiet = 0
    # A process shows no environment for a moment while it becomes another program: one look is not enough.
    while quiet < 2 and time.monotonic() < give_up:
        found = _processes(folder)
        for number in found:
            # It may have ended by itself, or have become somebody else's by a program that changes the user.
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        quiet = 0 if found else quiet + 1
        time.sleep(0.003)


def _processes(folder: str) -> list[int]:
    wanted = f"{MARK}={folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        # Other users' processes, and those that have just ended, cannot be read.
        with contextlib.suppress(OSError):
            if wanted in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
    return found


def main() -> None:
    """Wait until the parent is gone; the parent kills this process when its run is over."""
    parent, folder = int(sys.argv[1]), Path(sys.argv[2])
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    end_run(folder.name)
    shutil.rmtree(folder, ignore_errors=True)
    # What is left of the group that this process leads: where there is no /proc, the solver.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
