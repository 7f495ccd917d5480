"""Which curves a model is trained on and which it reads, and the errors of measurement of both."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_spt import CurveResampler, MeasurementErrors, SPTCurve
from sklearn_spt.datasets import load_en10371_discs, load_sheet_steel

N_POINTS = 48
# mm behind the grid's end that a simulated curve must have: a record is as long, whatever its errors.
MARGIN = 0.02


@dataclass(frozen=True)
class Source:
    """Where a set comes from, and how its curves are read."""

    load: Callable[[], Any]
    # mm. Before it there is contact and seating, beyond it some simulations end.
    grid: tuple[float, float]
    # MPa; discs have that of their metal.
    modulus: float | str


SETS = {
    "sheets": Source(load_sheet_steel, (0.03, 1.8), 70_000.0),
    "discs": Source(functools.partial(load_en10371_discs, part="near"), (0.02, 1.7), "curve"),
}


@dataclass(frozen=True)
class Loaded:
    """A set without the curves that end before the grid does."""

    name: str
    curves: list[SPTCurve]
    stress: np.ndarray  # (n_curves, n_strains), MPa
    strain: np.ndarray
    facts: dict[str, np.ndarray]  # of each curve
    hash: str

    @property
    def modulus(self) -> float | str:
        return SETS[self.name].modulus

    @property
    def moduli(self) -> np.ndarray:
        """Young's modulus of each curve, MPa."""
        if isinstance(self.modulus, float):
            return np.full(len(self.curves), self.modulus)
        return self.facts["E"]

    def resampler(self) -> CurveResampler:
        """The first step of every model."""
        grid = np.linspace(*SETS[self.name].grid, N_POINTS)
        return CurveResampler(grid=grid, ends="hold", descriptors=("thickness",))


@functools.cache
def load_set(name: str) -> Loaded:
    source = SETS[name]
    data = source.load()
    reaches = [curve.displacement[-1] >= source.grid[1] + MARGIN for curve in data.data]
    kept = np.flatnonzero(reaches)
    curves = [data.data[i] for i in kept]
    stress = np.ascontiguousarray(data.target[kept])
    digest = hashlib.sha256(stress.tobytes())
    for curve in curves:
        digest.update(curve.displacement.tobytes() + curve.load.tobytes() + np.float64(curve.thickness).tobytes())
    facts = {key: np.asarray(values)[kept] for key, values in data.frame.items()}
    return Loaded(name, curves, stress, data.strain, facts, digest.hexdigest()[:12])


Split = tuple[np.ndarray, np.ndarray]


def random_split(loaded: Loaded, seed: int) -> Split:
    """A part of the curves for testing: a tenth of sheets, as in the paper."""
    order = np.random.default_rng(seed).permutation(len(loaded.curves))
    n_test = round((0.1 if loaded.name == "sheets" else 0.15) * len(order))
    return order[n_test:], np.sort(order[:n_test])


def corner_split(loaded: Loaded, seed: int) -> Split:
    """Strong materials that harden little: the upper 30 % in K with the lower 30 % in n."""
    strength, exponent = loaded.facts["K"], loaded.facts["n"]
    out = (strength > np.quantile(strength, 0.7)) & (exponent < np.quantile(exponent, 0.3))
    order = np.random.default_rng(seed).permutation(len(loaded.curves))
    return order[~out[order]], np.flatnonzero(out)


def family(loaded: Loaded, seed: int) -> tuple[str, np.ndarray]:
    """The family of laws that is left out with a seed, and which curves are of it."""
    families = np.array([str(law).removesuffix(" with a plateau") for law in loaded.facts["law"]])
    names = np.unique(families)
    name = str(names[seed % len(names)])
    return name, families == name


def law_split(loaded: Loaded, seed: int) -> Split:
    _, out = family(loaded, seed)
    order = np.random.default_rng(seed).permutation(len(loaded.curves))
    return order[~out[order]], np.flatnonzero(out)


@dataclass(frozen=True)
class Protocol:
    """One question to the models."""

    what: str
    set: str
    split: Callable[[Loaded, int], Split]
    laboratory: bool  # training and test have errors of measurement


PROTOCOLS = {
    "sheets-clean": Protocol("the paper's: a tenth of the sheets, drawn at random", "sheets", random_split, False),
    "sheets-corner": Protocol("strong sheets that harden little", "sheets", corner_split, False),
    "discs-laboratory": Protocol("discs, drawn at random, as a laboratory records them", "discs", random_split, True),
    "discs-unseen-law": Protocol(
        "discs of a family of laws that is not in the training, as a laboratory records them",
        "discs",
        law_split,
        True,
    ),
}

# What a careful laboratory leaves after its corrections, with a point every 2 µm.
ERRORS: dict[str, Any] = {
    "noise": 0.005,
    "load_offset": (-0.003, 0.003),
    "displacement_offset": (-0.005, 0.005),
    "compliance": (-2e-6, 2e-6),
    "thickness_gain": (-0.01, 0.01),
}
# A record may end after three fifths of its stroke, which the grid reaches to nine tenths.
CUT = (0.0, 0.4)
TRAINING = ERRORS | {"noise": (0.0, 0.01), "cut": CUT}
CLEAN, TOGETHER = "clean", "all together"
CONDITIONS: dict[str, dict[str, Any]] = {
    CLEAN: {},
    "noise 0.2 %": {"noise": 0.002},
    "noise 0.5 %": {"noise": 0.005},
    "noise 1 %": {"noise": 0.01},
    "load offset": {"load_offset": ERRORS["load_offset"]},
    "displacement offset": {"displacement_offset": ERRORS["displacement_offset"]},
    "compliance": {"compliance": ERRORS["compliance"]},
    "thickness": {"thickness_gain": ERRORS["thickness_gain"]},
    "record cut": {"cut": CUT},
    TOGETHER: ERRORS,
    "all together, record cut": ERRORS | {"cut": CUT},
}


def errors(sizes: dict[str, Any]) -> MeasurementErrors:
    """Errors of these sizes on records with a point every 2 µm."""
    return MeasurementErrors(**sizes, spacing=0.002)


def conditions(protocol: Protocol) -> dict[str, MeasurementErrors | None]:
    """What is put on the test curves; None leaves them as they were simulated."""
    if not protocol.laboratory:
        return {CLEAN: None}
    return {name: errors(sizes) for name, sizes in CONDITIONS.items()}
