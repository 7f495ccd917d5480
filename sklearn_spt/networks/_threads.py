"""How many threads torch takes for a computation."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch


class _Before:
    """The number of threads as it was before the first of those that changed it at the same time."""

    lock = Lock()
    users = 0
    number = 1


@contextmanager
def threads(number: int) -> Iterator[None]:
    """In the block, torch computes with so many threads for the Python thread that calls.

    A computation by one thread needs no pool of them, which would not survive a fork
    (github.com/pytorch/pytorch/issues/17199).
    """
    with _Before.lock:
        if not _Before.users:
            _Before.number = torch.get_num_threads()
        _Before.users += 1
        # Concerns the calling thread, and those that begin to compute later.
        torch.set_num_threads(number)
    try:
        yield
    finally:
        with _Before.lock:
            _Before.users -= 1
            torch.set_num_threads(_Before.number)
