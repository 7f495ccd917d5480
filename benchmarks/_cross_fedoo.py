"""The small punch test with fedoo, simcoon and ipctk: another element code, material library and kind of contact.

fedoo assembles quadratic axisymmetric elements with 2 × 2 points over the deformed mesh, simcoon integrates J2
plasticity on the logarithmic strain in a corotational frame, ipctk keeps disc and tools apart with the barrier of the
incremental potential contact method (Li et al., ACM Trans. Graph. 39(4) 49, 2020) and adds Coulomb friction. Nothing
of the package but its laws is used. All three are under the GPL or come with it: this module is for the environment
of the extra ``crosscheck`` only.
"""

import importlib.metadata
import math
import time
from dataclasses import asdict, dataclass
from typing import Any

import fedoo as fd
import numpy as np
from scipy.optimize import nnls
from simcoon import modular

from sklearn_spt.mechanics import Voce

from ._cross_cases import FRICTION, Geometry, Metal, SShaped

PACKAGES = ("fedoo", "simcoon", "ipctk", "numpy", "scipy")
# Rates of the exponentials whose sum is a law and the plastic strains of the fit.
_RATES = np.geomspace(0.05, 1e6, 36)
_STRAINS = np.geomspace(1e-7, 3, 500)
# Newton ends where the residual's norm has fallen to this part of flow stress at 10 % × thickness².
_TOLERANCE = 1e-4
_RAMP_EXPONENT = 1.5


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How finely a test is simulated; lengths are parts of the ball's radius.

    `barrier` is the distance at which a contact begins to press, `slip` the slip over an increment below which the
    friction is regularised. `increments` is their number over the stroke; the travel grows as time^1.5.
    """

    rows: int = 5
    edge: float = 0.04
    coarse: float = 0.16
    growth: float = 0.3
    facet: float = 0.012
    barrier: float = 4e-4
    slip: float = 8e-5
    increments: int = 100


def simulate(metal: Metal, rig: Geometry, stroke: float, settings: Settings) -> dict[str, Any]:
    """Displacement (mm) from first touch and load (N) of a test, as plain data, with what it took."""
    begin = time.process_time()
    model = _Model(rig, stroke, settings)
    material, fit = _material(metal)
    fd.ModelingSpace("2Daxi")
    mesh = fd.Mesh(model.nodes, model.elements, "quad8")
    weak = fd.weakform.StressEquilibrium(material, nlgeom="UL")
    weak.corate = "log_R"
    solid = fd.Assembly.create(weak, mesh, "quad8", n_elm_gp=4)
    distance = settings.barrier * rig.ball_radius
    # The energy search of fedoo stalls with friction; with the exact tangents Newton does not need it.
    contact = fd.constraint.IPCContact(
        mesh,
        fd.Mesh(model.nodes, model.edges, "lin2"),
        dhat=distance,
        dhat_is_relative=False,
        barrier_stiffness=_barrier_stiffness(2 * float(metal.law.flow_stress(0.1)), distance),
        adaptive_barrier_stiffness=False,
        friction_coefficient=FRICTION,
        eps_v=settings.slip * rig.ball_radius,
        use_area_weighting=True,
        psd_projection=False,
        line_search_energy=False,
    )
    problem = fd.problem.NonLinear(fd.Assembly.sum(solid, contact))
    still = [(model.axis, "DispX"), (model.held, "DispX"), (model.held, "DispY")]
    still += [(model.die, "DispX"), (model.die, "DispY"), (model.punch, "DispX")]
    for nodes, name in still:
        problem.bc.add("Dirichlet", nodes, name, 0)
    problem.bc.add("Dirichlet", model.punch, "DispY", -stroke, time_func=lambda t: t**_RAMP_EXPONENT)
    force = float(metal.law.flow_stress(0.1)) * rig.thickness**2
    problem.set_nr_criterion("Force", err0=force, tol=_TOLERANCE, max_subiter=30)
    displacement, load = [0.0], [0.0]

    def keep(problem: Any) -> None:
        displacement.append(-float(problem.get_disp("DispY")[model.punch[0]]) - model.gap)
        load.append(-float(problem.get_ext_forces("DispY")[model.punch].sum()))

    step = 1 / settings.increments
    stopped = ""
    try:
        problem.nlsolve(
            dt=step,
            dt_max=step,
            dt_min=0.02 * step,
            tmax=1,
            update_dt=True,
            dt_increase_niter=15,
            print_info=0,
            save_at_exact_time=False,
            interval_output=1,
            callback=keep,
            exec_callback_at_each_iter=True,
        )
    except RuntimeError as error:
        stopped = str(error)
    touched = np.array(displacement) >= 0
    return {
        "displacement": np.array(displacement)[touched].tolist(),
        "load": np.array(load)[touched].tolist(),
        "stopped": stopped,
        "elements": len(model.elements),
        "law_fit": fit,
        "settings": asdict(settings),
        "cpu_s": round(time.process_time() - begin, 1),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


class _Model:
    """Nodes (r, z), elements, contact edges and node sets; the disc's faces lie at z = 0 and -thickness."""

    def __init__(self, rig: Geometry, stroke: float, settings: Settings) -> None:
        radius, mouth = rig.ball_radius, rig.hole_radius + rig.chamfer
        zones = [(0, 1.2 * radius), (rig.hole_radius, mouth)]
        r = _graded(rig.disc_radius, zones, settings.edge * radius, settings.coarse * radius, settings.growth)
        disc, self.elements = _disc(r, np.linspace(-rig.thickness, 0, settings.rows + 1))
        faces = self.elements.reshape(len(r) - 1, settings.rows, 8)
        top, bottom = faces[:, -1][:, [3, 6, 2]], faces[:, 0][:, [0, 4, 1]]
        # Tools and disc begin at the distance at which the barrier begins: the first touch.
        self.gap = settings.barrier * radius
        angle = np.linspace(0, np.radians(80), round(np.radians(80) / settings.facet) + 1)
        # Contact weighs a node by its circumference. The one on the axis, which has none, would be stopped by the
        # tool but not repelled by it; so the contact begins beside the axis, on the disc and on the ball.
        angle[0] = angle[1] / 4
        ball = np.column_stack([radius * np.sin(angle), radius * (1 - np.cos(angle)) + self.gap])
        ground = -rig.thickness - self.gap
        die = np.array(
            [
                (1.05 * rig.disc_radius, ground),
                (mouth, ground),
                (rig.hole_radius, ground - rig.chamfer),
                (rig.hole_radius, ground - rig.chamfer - 2 * stroke),
            ]
        )
        self.nodes = np.concatenate([disc, ball, die])
        self.punch = len(disc) + np.arange(len(ball))
        self.die = self.punch[-1] + 1 + np.arange(len(die))
        near = top[disc[top[:, 2], 0] <= mouth + 0.2 * radius]
        far = bottom[disc[bottom[:, 0], 0] >= 0.3 * rig.hole_radius]
        chains = [near.ravel()[1:], far.ravel(), self.punch, self.die]
        pairs = [np.column_stack([chain[:-1], chain[1:]]) for chain in chains]
        edges = np.concatenate(pairs)
        self.edges = edges[edges[:, 0] != edges[:, 1]]
        rim = np.flatnonzero(disc[:, 0] > rig.disc_radius - 1e-9)
        self.held = np.union1d(rim, top[disc[top[:, 0], 0] >= mouth - 1e-9])
        self.axis = np.flatnonzero(disc[:, 0] < 1e-9)


def _graded(length: float, zones: list[tuple[float, float]], fine: float, coarse: float, growth: float) -> np.ndarray:
    """Points on [0, length], `fine` apart in the zones and growing apart away from them."""
    x = np.linspace(0, length, 20_001)
    away = np.min([np.maximum(np.maximum(start - x, x - end), 0) for start, end in zones], axis=0)
    density = 1 / np.minimum(fine + growth * away, coarse)
    count = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))])
    return np.interp(np.linspace(0, count[-1], round(count[-1]) + 1), count, x)


def _disc(r: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and eight-noded elements between radii r and heights z, the elements column by column."""
    fine_r, fine_z = (np.interp(np.arange(2 * len(x) - 1) / 2, np.arange(len(x)), x) for x in (r, z))
    i, j = np.meshgrid(np.arange(len(fine_r)), np.arange(len(fine_z)), indexing="ij")
    real = (i % 2 == 0) | (j % 2 == 0)  # no node in an element's middle
    number = np.full(i.shape, -1)
    number[real] = np.arange(np.count_nonzero(real))
    nodes = np.column_stack([fine_r[i[real]], fine_z[j[real]]])
    left, low = np.meshgrid(np.arange(0, len(fine_r) - 2, 2), np.arange(0, len(fine_z) - 2, 2), indexing="ij")
    places = [(0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1)]
    elements = np.stack([number[left + a, low + b] for a, b in places], axis=-1)
    return nodes, elements.reshape(-1, 8)


def _material(metal: Metal) -> tuple[Any, float]:
    """The metal as simcoon takes it, and the greatest relative error of its flow stress."""
    law = metal.law
    onset, stress = float(law.flow_stress(0.0)), law.flow_stress(_STRAINS)
    terms = _exponentials(law)
    error = onset + sum(height * (1 - np.exp(-rate * _STRAINS)) for height, rate in terms) - stress
    hardening = modular.CombinedVoceHardening(tuple(terms))
    model = modular.ModularMaterial(
        modular.IsotropicElasticity(C1=law.E, C2=metal.nu),
        [modular.Plasticity(onset, isotropic_hardening=hardening)],
    )
    # Tangent 2 is the one that is consistent with the increment.
    material = fd.constitutivelaw.Simcoon.from_modular(model, tangent_mode=2)
    return material, float(np.abs(error / stress).max())


def _exponentials(law: Any) -> list[tuple[float, float]]:
    """Heights Q (MPa) and rates b of a sum Σ Q (1 - exp(-b p)), which is how simcoon hardens.

    Voce's law and the S-shaped one are such sums. The slope of the others is a mixture of falling exponentials (it is
    completely monotone), so that a sum with positive heights fits them closely.
    """
    if isinstance(law, Voce):
        return [(law.Q, law.b)]
    if isinstance(law, SShaped):
        return [(-((-1) ** k) * math.comb(law.order, k) * law.Q, k * law.b) for k in range(1, law.order + 1)]
    onset, stress = law.flow_stress(0.0), law.flow_stress(_STRAINS)
    saturation = (1 - np.exp(-np.outer(_STRAINS, _RATES))) / stress[:, None]
    heights, _ = nnls(saturation, 1 - onset / stress, maxiter=20_000)
    used = heights > 0
    return list(zip(heights[used].tolist(), _RATES[used].tolist(), strict=True))


def _barrier_stiffness(pressure: float, distance: float) -> float:
    """Stiffness with which the barrier b(d²) = -(d² - D²)² ln(d²/D²), D = distance, presses so much at d = D/2."""
    gap = 0.5
    slope = 4 * gap * (1 - gap**2) * np.log(gap**2) - 2 * (1 - gap**2) ** 2 / gap
    return pressure / (-slope * distance**3)
