"""Which curves a model is trained on and which it is tested on, and the faults that are put on the test curves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .sets import Loaded

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Protocol:
    """One way to divide a set."""

    data: str
    what: str  # one line for tables and --list
    split: Callable[[Loaded, int], Split]
    conditions: bool = False  # the test curves are also read with the faults of CONDITIONS
    augmented: bool = False  # the model is trained on curves with the faults of TRAINING_FAULTS
    random: bool = True  # whether the split depends on the seed


def random_split(loaded: Loaded, seed: int) -> Split:
    """A tenth of the curves for testing, the demonstration's among them."""
    order = np.random.default_rng(seed).permutation(len(loaded))
    if loaded.demo >= 0:
        order = np.append(loaded.demo, order[order != loaded.demo])
    n_test = round(0.1 * len(loaded))
    return order[n_test:], np.sort(order[:n_test])


def part(n: int) -> Callable[[Loaded, int], Split]:
    """The first `n` training curves of the random split: smaller parts lie within larger ones, the test is the same."""

    def split(loaded: Loaded, seed: int) -> Split:
        train, test = random_split(loaded, seed)
        return train[:n], test

    return split


def held_out(mask: Callable[[Any], np.ndarray]) -> Callable[[Loaded, int], Split]:
    def split(loaded: Loaded, seed: int) -> Split:
        out = mask(loaded.facts)
        train = np.flatnonzero(~out)
        return train[train != loaded.demo], np.flatnonzero(out)

    return split


def corner(facts: Any) -> np.ndarray:
    """Strong materials that harden little: the upper 30 % in K, the lower 30 % in n."""
    return (facts["K"] > np.quantile(facts["K"], 0.7)) & (facts["n"] < np.quantile(facts["n"], 0.3))


# Training curves of the data efficiency; the whole of them is the random split itself.
SIZES = (100, 300, 1000, 3000)

PROTOCOLS: dict[str, Protocol] = {
    "sheet_random": Protocol("sheet", "the paper's: random, 90 % train, 10 % test", random_split, conditions=True),
    "sheet_thickness": Protocol(
        "sheet", "train 1 to 3 mm, test 3 to 4 mm", held_out(lambda f: f["thickness"] > 3), random=False
    ),
    "sheet_corner": Protocol(
        "sheet",
        "test the corner of strong materials (upper 30 % in K) that harden little (lower 30 % in n)",
        held_out(corner),
        random=False,
    ),
    "en10371_random": Protocol("en10371", "random, 90 % train, 10 % test", random_split, conditions=True),
    "en10371_law": Protocol(
        "en10371",
        "train the other laws, test Swift-Voce",
        held_out(lambda f: f["law"] == "SwiftVoce"),
        random=False,
    ),
    "en10371_friction": Protocol(
        "en10371", "train friction to 0.25, test above", held_out(lambda f: f["friction"] > 0.25), random=False
    ),
    **{
        f"sheet_train_{n}": Protocol("sheet", f"{n:,} of the random split's training curves, its test", part(n))
        for n in SIZES
    },
    "sheet_augmented": Protocol(
        "sheet", "as sheet_random, trained on perturbed copies", random_split, conditions=True, augmented=True
    ),
    "en10371_augmented": Protocol(
        "en10371", "as en10371_random, trained on perturbed copies", random_split, conditions=True, augmented=True
    ),
}
HONEST = ("sheet_thickness", "sheet_corner", "en10371_random", "en10371_law", "en10371_friction")


def possible(protocol: str, n_train: int) -> bool:
    """Whether a set has the training curves that a protocol asks for."""
    n = protocol.removeprefix("sheet_train_")
    return n == protocol or n_train >= int(n)


# Sizes as perturb_curves has them. The displacement only grows: one that shrinks would end before the grid does, and a
# stiff sheet's record would run backwards.
TRAINING_FAULTS: dict[str, Any] = {
    "noise": (0.0, 0.005),
    "load_offset": (-0.003, 0.003),
    "displacement_offset": (0.0, 0.02),
    "compliance": (0.0, 3e-6),
    "thickness_gain": (-0.01, 0.01),
}
# Four are what a Gaussian process can take; the faults have more directions than that.
N_COPIES = 24


@dataclass(frozen=True)
class Fault:
    """One fault, alone, at several sizes."""

    label: str
    unit: str
    scale: float  # of the argument of perturb_curves, per unit
    sizes: tuple[float, ...]


FAULTS: dict[str, Fault] = {
    "noise": Fault("noise", "% of Fm", 0.01, (0.1, 0.2, 0.5, 1.0)),
    "load_offset": Fault("load offset", "% of Fm", 0.01, (0.1, 0.3, 1.0)),
    "displacement_offset": Fault("toe", "µm", 0.001, (2.0, 5.0, 10.0, 20.0, 50.0)),
    "compliance": Fault("compliance error", "µm/kN", 1e-6, (0.3, 1.0, 2.0, 3.0)),
    "thickness_gain": Fault("thickness error", "%", 0.01, (0.2, 0.5, 1.0, 2.0)),
}
# Each curve with faults drawn from the ranges of the training; the noise is the greatest.
ALL_FAULTS: dict[str, Any] = {**TRAINING_FAULTS, "noise": 0.005}
UNDISTURBED, TOGETHER = "as simulated", "all together"


def conditions() -> dict[str, dict[str, Any]]:
    """Name of each laboratory condition, and the arguments of perturb_curves."""
    alone = {
        f"{fault.label} {size:g} {fault.unit}": {name: size * fault.scale}
        for name, fault in FAULTS.items()
        for size in fault.sizes
    }
    return {UNDISTURBED: {}, **alone, TOGETHER: ALL_FAULTS}
