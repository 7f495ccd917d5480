"""Laws identified from curves of other codes, with the gradients of the embedded solver.

    python -m benchmarks.identification   # some minutes; CalculiX has to be installed

Curves of steels that CalculiX simulated, and one that fedoo did (benchmarks/results/cross_code), are taken for tests
whose material is not known. From a start far off, Gauss and Newton's method fits the parameters of Swift's law, and
the friction is given. The table has what was found, the misfit that is left, and what it took.
"""

import time
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from sklearn_spt.curves import SPTCurve
from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import simulate_sensitivities, simulate_spt

from ._record import record
from .cross_code import read_fedoo

START = {"K": 600.0, "epsilon0": 0.01, "n": 0.1}
TRUTHS = {
    "mild": Swift(E=210_000, K=900, epsilon0=0.005, n=0.2),
    "strong": Swift(E=210_000, K=1500, epsilon0=0.002, n=0.07),
}
STROKE = 1.3


def identify(curve: SPTCurve, *, E: float, nu: float, friction: float) -> dict[str, Any]:
    """Parameters of Swift's law that fit a curve, with the misfit as a part of the maximum load."""
    keep = curve.displacement > 0
    displacement, load = curve.displacement[keep], curve.load[keep]
    top = load.max()
    names = list(START)
    runs = 0

    def solve(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal runs
        runs += 1
        law = Swift(E=E, **dict(zip(names, np.exp(logs), strict=True)))
        found = simulate_sensitivities(
            law,
            "EN10371",
            thickness=float(curve.thickness),
            nu=nu,
            friction=friction,
            stroke=float(displacement[-1]),
            parameters=names,
        )
        at = [np.interp(displacement, found.curve.displacement, column) for column in found.gradient.T]
        residual = (np.interp(displacement, found.curve.displacement, found.curve.load) - load) / top
        return residual, np.stack(at, axis=1) * np.exp(logs) / top

    last: dict[str, Any] = {}

    def both(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if last.get("at") != logs.tolist():
            last.update(at=logs.tolist(), value=solve(logs))
        return last["value"]

    started = time.perf_counter()
    fit = least_squares(
        lambda x: both(x)[0], np.log(list(START.values())), jac=lambda x: both(x)[1], xtol=1e-4, ftol=1e-4
    )
    return {
        **{name: float(value) for name, value in zip(names, np.exp(fit.x), strict=True)},
        "misfit": float(np.sqrt(np.mean(fit.fun**2))),
        "runs": runs,
        "seconds": time.perf_counter() - started,
    }


def row(code: str, name: str, truth: Swift, curve: SPTCurve, *, nu: float, friction: float) -> dict[str, Any]:
    found = identify(curve, E=float(truth.E), nu=nu, friction=friction)
    fitted = Swift(E=truth.E, **{key: found[key] for key in START})
    strain = np.linspace(0.002, 0.2, 100)
    error = np.abs(fitted.true_stress(strain) / truth.true_stress(strain) - 1)
    errors = {
        f"{label}, %": round(
            100 * float(getattr(fitted.tensile_properties(), key) / getattr(truth.tensile_properties(), key) - 1), 2
        )
        for label, key in (("Rp0.2", "proof_stress"), ("Rm", "tensile_strength"))
    }
    return {
        "curve of": code,
        "steel": name,
        "K, MPa": f"{found['K']:.1f} ({truth.K:g})",
        "ε0": f"{found['epsilon0']:.5f} ({truth.epsilon0:g})",
        "n": f"{found['n']:.4f} ({truth.n:g})",
        **errors,
        "stress-strain curve, mean %": round(100 * float(error.mean()), 2),
        "misfit, % of Fm": round(100 * found["misfit"], 3),
        "runs": found["runs"],
        "seconds": round(found["seconds"], 1),
    }


def main() -> None:
    rows = []
    for name, truth in TRUTHS.items():
        for code, options in (("the embedded solver", {}), ("CalculiX", {"solver": "calculix"})):
            curve = simulate_spt(truth, "EN10371", thickness=0.5, stroke=STROKE, **options)
            rows.append(row(code, name, truth, curve, nu=0.3, friction=0.1))
    fedoo = read_fedoo("standard", "steel")
    curve = SPTCurve(fedoo["displacement"], fedoo["load"], thickness=0.5, rig="EN10371", displacement_kind="punch")
    rows.append(row("fedoo", "mild", TRUTHS["mild"], curve, nu=0.3, friction=0.1))
    note = "start K 600 MPa, ε0 0.01, n 0.1; true values in brackets; the friction, 0.1, is known"
    record("identification", title="Laws identified from curves of other codes", rows=rows, note=note)


if __name__ == "__main__":
    main()
