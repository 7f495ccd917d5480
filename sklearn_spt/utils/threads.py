"""How many threads a computation takes."""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def threads(number: int) -> AbstractContextManager[object]:
    """In the block, what this thread computes by OpenMP, as torch does, takes so many threads.

    `torch.set_num_threads` would change the state of the whole process, and leave it wrong where several threads do. A
    computation by one thread starts no pool, which would not survive a fork (github.com/pytorch/pytorch/issues/17199).
    """
    return threadpool_limits(number, user_api="openmp")
