"""Random numbers from a generator of one's own: what other threads draw from torch's global one changes nothing."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

# Functions of torch that draw from a generator, and do not tell so in a signature.
_DRAWING = {
    "bernoulli", "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "multinomial", "normal",
    "normal_", "poisson", "rand", "randint", "randn", "random_", "randperm", "uniform_",
}  # fmt: skip


class _DrawFrom(TorchFunctionMode):
    """In the block, what this thread draws comes from a generator; torch has such a mode for each thread."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        initialises = getattr(func, "__module__", "") == "torch.nn.init"
        if name in _DRAWING or (initialises and "generator" in inspect.signature(func).parameters):
            kwargs["generator"] = kwargs.get("generator") or self.generator
        return func(*args, **kwargs)


class _Dropout(nn.Module):
    """`torch.nn.Dropout` with a generator."""

    def __init__(self, p: float, generator: torch.Generator) -> None:
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, X: Tensor) -> Tensor:
        if not self.training or not self.p:
            return X
        kept = torch.empty_like(X, requires_grad=False).bernoulli_(1 - self.p, generator=self.generator)
        return X * kept / (1 - self.p)


def build(make: Callable[..., nn.Module], seed: int, device: str = "cpu", **settings: Any) -> nn.Module:
    """A network whose first weights, and whose dropout in training, a seed decides.

    Parameters
    ----------
    make : callable
        Class of the network. Of its dropouts those are seeded that are modules (`torch.nn.Dropout`).
    seed : int
        The seed.
    device : str, default="cpu"
        Where it will be trained.
    **settings : dict
        What the network is made with.

    Returns
    -------
    Module
        The network, on the CPU.
    """
    with _DrawFrom(torch.Generator().manual_seed(seed)):
        network = make(**settings)
    generator = torch.Generator(device).manual_seed(seed)
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.Dropout:
                setattr(parent, name, _Dropout(child.p, generator))
    return network
