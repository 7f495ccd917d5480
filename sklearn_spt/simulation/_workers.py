"""Worker processes that end with the process that spreads the work over them."""

import os
import platform
import threading
import time
from functools import cache
from pathlib import Path

_POLL_SECONDS = 0.1


def this_process() -> tuple[str, int]:
    """The machine, or the container, and the number that this process has there."""
    space = Path("/proc/self/ns/pid")
    return f"{platform.node()} {os.readlink(space) if space.is_symlink() else ''}", os.getpid()


def end_with(owner: tuple[str, int]) -> None:
    """End this worker when the process that spreads the work, `this_process()` there, is gone.

    A worker does not notice by itself while it is busy or starts, and would go on with work whose result nobody takes.
    Threads of the owner itself, and workers on other machines, are left alone.
    """
    machine, number = owner
    here, own = this_process()
    if os.name != "posix" or here != machine or own == number:
        return
    if os.getppid() == number:
        _start_watch(own, number)
    elif not _exists(number):
        # It was gone before this worker, its child, had begun. (A worker of Dask is started anew by its nanny.)
        os._exit(1)


@cache
def _start_watch(process: int, owner: int) -> None:
    # Once for each process: a fork of this one has its memory and not its threads.
    threading.Thread(target=_watch, args=(owner,), daemon=True).start()


def _watch(owner: int) -> None:
    while os.getppid() == owner:
        time.sleep(_POLL_SECONDS)
    # Not by an exception, which only the main thread could raise, and which would wait for it.
    os._exit(1)


def _exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
