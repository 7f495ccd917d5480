"""The cases of the comparison of codes: five materials that span the field, both rigs of EN 10371.

Numbers and laws only, for two environments: the package's own, and the one of the second code, which has numpy and
scipy beside it and nothing else that the package needs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_spt.mechanics import Ludwik, PowerLaw, Swift, Voce


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """A rig of EN 10371, lengths in mm; the chamfer is one of 45°."""

    ball_radius: float
    hole_radius: float
    chamfer: float
    disc_radius: float
    thickness: float


@dataclass(frozen=True, kw_only=True)
class SShaped:
    """An S-shaped law, σ = σ0 + Q·(1 - exp(-b·p))^order: flat at first, as a TRIP steel or one with a plateau."""

    E: float
    sigma0: float
    Q: float
    b: float
    order: int

    def flow_stress(self, plastic_strain: Any) -> Any:
        """True stress (MPa) at plastic strains."""
        return self.sigma0 + self.Q * (1 - np.exp(-self.b * np.asarray(plastic_strain))) ** self.order


@dataclass(frozen=True, kw_only=True)
class Metal:
    """A law, which has a Young's modulus and a flow stress, and Poisson's ratio."""

    law: Any
    nu: float


# Bruchhausen et al., Ubiquity Proceedings 1(S1) 11 (2018), doi 10.5334/uproc.11.
RIGS = {
    "standard": Geometry(ball_radius=1.25, hole_radius=2.0, chamfer=0.2, disc_radius=4.0, thickness=0.5),
    "miniature": Geometry(ball_radius=0.5, hole_radius=0.875, chamfer=0.2, disc_radius=1.5, thickness=0.25),
}
METALS = {
    "steel": Metal(law=Swift(E=210_000, K=900, epsilon0=0.005, n=0.2), nu=0.3),
    "strong steel": Metal(law=PowerLaw(E=210_000, sigma0=900, n=0.06), nu=0.3),
    "soft copper": Metal(law=Ludwik(E=120_000, sigma0=60, K=350, n=0.6), nu=0.34),
    "aluminium": Metal(law=Voce(E=70_000, sigma0=150, Q=150, b=12), nu=0.33),
    "TRIP steel": Metal(law=SShaped(E=210_000, sigma0=400, Q=350, b=25, order=4), nu=0.3),
}
FRICTION = 0.1
# Travel of the punch, mm: to about 0.8 of the displacement at maximum load of a ductile steel.
STROKES = {"standard": 1.4, "miniature": 0.6}
# Where loads are compared: travel of the punch as a part of the disc's thickness. 1.29 is where EN 10371 reads Fi.
PARTS = np.array([0.04, 0.1, 0.2, 0.4, 0.7, 1.0, 1.29, 1.6, 2.0, 2.4, 2.8])
