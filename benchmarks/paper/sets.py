"""The data sets of the experiment, as every model gets them."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from sklearn_spt.curves import SPTCurve
from sklearn_spt.datasets import DEMO_CURVE_INDEX, load_en10371_steel

from .._record import RESULTS
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


def load_sheet_steel() -> Bunch:
    """The new set as it was packed, until the package's loader has it."""
    with np.load(RESULTS / "sets" / "sheet_steel.npz") as file:
        a = dict(file)
    ends = a["offsets"]
    curves = [
        SPTCurve(
            a["displacement"][ends[i] : ends[i + 1]].astype(float),
            a["load"][ends[i] : ends[i + 1]].astype(float),
            thickness=float(a["thickness"][i]),
            name=f"sheet-{a['index'][i]:04d}",
        )
        for i in range(len(a["thickness"]))
    ]
    parameters = dict(zip(a["parameter_names"].tolist(), a["parameters"].T, strict=True))
    frame = Bunch(K=parameters["K"], n=parameters["n"], yield_stress=a["yield_stress"], thickness=a["thickness"])
    return Bunch(data=curves, target=a["stress"].astype(float), strain=a["strain"], frame=frame)


def load_set(name: str, *, quick: bool = False) -> Loaded:
    """A set of GRIDS; with `quick` its first QUICK_CURVES curves."""
    data: Any = load_en10371_steel() if name == "en10371" else load_sheet_steel()
    reaches = np.array([curve.displacement[-1] >= GRIDS[name][1] + MARGIN for curve in data.data])
    kept = np.flatnonzero(reaches)
    if quick:
        kept = kept[:QUICK_CURVES]
    demo = np.flatnonzero(kept == DEMO_CURVE_INDEX) if name == "sheet" else np.array([], int)
    curves = [data.data[i] for i in kept]
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
        demo=int(demo[0]) if len(demo) else -1,
        left_out=int(np.sum(~reaches)),
        hash=digest.hexdigest()[:12],
    )
