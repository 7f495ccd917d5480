"""The data sets of the experiment, as every model gets them."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_spt.curves import SPTCurve
from sklearn_spt.datasets import DEMO_CURVE_INDEX, load_en10371_steel, load_sheet_steel

from .setting import Setting

# At zero displacement there is no load. Beyond 1.8 mm (1.7 on EN 10371) some simulations end.
GRIDS = {"sheet": (0.03, 1.8), "en10371": (0.02, 1.7)}
MODULUS: dict[str, float | str] = {"sheet": 70_000.0, "en10371": "curve"}
# mm behind the grid's end that a curve must have, so that it reaches it with an offset of the displacement, too.
MARGIN = 0.02
QUICK_CURVES = 120


@dataclass(frozen=True)
class Loaded:
    """A set without the curves that end before the grid does."""

    name: str
    curves: list[SPTCurve]
    stress: np.ndarray  # (n_curves, n_strains), MPa
    strain: np.ndarray
    facts: dict[str, np.ndarray]  # per curve: thickness, yield_stress, and what else the set's frame has
    demo: int  # index of the curve behind load_demo_curve, on which no model may be trained; -1 if there is none
    left_out: int
    hash: str

    def __len__(self) -> int:
        return len(self.curves)

    def setting(self, seed: int, *, quick: bool = False, n_jobs: int = 1) -> Setting:
        low, high = GRIDS[self.name]
        return Setting(self.name, self.strain, low, high, MODULUS[self.name], seed, quick, n_jobs)


def load_set(name: str, *, quick: bool = False) -> Loaded:
    """A set of GRIDS; with `quick` its first QUICK_CURVES curves."""
    data: Any = load_en10371_steel() if name == "en10371" else load_sheet_steel()
    reaches = np.array([curve.displacement[-1] >= GRIDS[name][1] + MARGIN for curve in data.data])
    kept = np.flatnonzero(reaches)
    if quick:
        kept = kept[:QUICK_CURVES]
    curves = [data.data[i] for i in kept]
    demo = [i for i, curve in enumerate(curves) if curve.name == f"sheet-{DEMO_CURVE_INDEX:04d}"]
    stress = np.ascontiguousarray(data.target[kept])
    digest = hashlib.sha256(stress.tobytes())
    for curve in curves:
        digest.update(curve.displacement.tobytes() + curve.load.tobytes() + np.float64(curve.thickness).tobytes())
    return Loaded(
        name=name,
        curves=curves,
        stress=stress,
        strain=data.strain,
        facts={key: np.asarray(value)[kept] for key, value in data.frame.items()},
        demo=demo[0] if demo else -1,
        left_out=int(np.sum(~reaches)),
        hash=digest.hexdigest()[:12],
    )
