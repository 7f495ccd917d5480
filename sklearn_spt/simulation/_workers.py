"""Worker processes that end with the process that spreads the work over them."""

import os
import threading
import time
from functools import cache

_POLL_SECONDS = 0.1


def end_with(owner: int) -> None:
    """End this process when its parent is gone, if that is the process of number `owner`.

    A worker does not notice by itself while it is busy, and would go on with work whose result nobody takes. Workers
    on other machines, and threads of the owner itself, are left alone. Called again it changes nothing.
    """
    if os.name == "posix" and os.getppid() == owner:
        _start_watch(os.getpid(), owner)


@cache
def _start_watch(process: int, owner: int) -> None:
    # Once for each process: a fork of this one has its memory and not its threads.
    threading.Thread(target=_watch, args=(owner,), daemon=True).start()


def _watch(owner: int) -> None:
    while os.getppid() == owner:
        time.sleep(_POLL_SECONDS)
    # Not by an exception, which only the main thread could raise, and which would wait for it.
    os._exit(1)
