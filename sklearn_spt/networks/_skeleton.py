"""A network without weights, to compare or to fill with those of a file."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_FILLING = {"copy_", "fill_", "normal_", "uniform_", "zero_"}


class _Unfilled(TorchFunctionMode):
    """In the block, tensors get no first values: the meta device has none, and drawing them imports a compiler."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name, home = getattr(func, "__name__", ""), getattr(func, "__module__", "")
        if home == "torch.nn.init" or name in _FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def skeleton(make: Callable[..., nn.Module], **settings: Any) -> nn.Module:
    """A network on torch's "meta" device: the shapes of its weights, and no memory for them.

    Parameters
    ----------
    make : callable
        Class of the network.
    **settings : dict
        What the network is made with.

    Returns
    -------
    Module
        The network. `load_state_dict` with ``assign=True`` gives it weights.
    """
    with torch.device("meta"), _Unfilled():
        return make(**settings)
