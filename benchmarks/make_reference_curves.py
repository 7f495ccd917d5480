"""Make the reference curves of `load_reference_curves`: python -m benchmarks.make_reference_curves

Every curve is piecewise polynomial, and so are its quantities: they are computed here in closed form, from the
coefficients and not from the points, and without the package's own functions.
"""

import csv
from pathlib import Path

import numpy as np
from numpy.polynomial import Polynomial

from sklearn_spt import SPTCurve
from sklearn_spt.utils.files import atomic_path

FOLDER = Path(__file__).parents[1] / "sklearn_spt" / "datasets" / "data" / "reference_curves"
QUANTITIES = ("Fe", "ue", "Fe_astm", "F_offset", "Fi", "Fm", "um", "uf", "ESP", "slope")
UI = 0.552
U = Polynomial([0.0, 1.0])


def root(polynomial: Polynomial, low: float, high: float) -> float:
    """The first real root in an interval."""
    roots = polynomial.roots()
    real = roots[np.abs(roots.imag) < 1e-9].real
    return float(min(value for value in real if low - 1e-12 <= value <= high + 1e-12))


def reference(
    h0: float = 0.5,
    ue: float = 0.1,
    first: float = 2500.0,
    second: float = 900.0,
    rounded: bool = False,
    bend: float = 0.8,
    curvature: float = 500.0,
    um: float | None = None,
) -> tuple[list[tuple[float, Polynomial]], dict[str, float]]:
    """Pieces (end, polynomial) of a curve, and its quantities.

    Two branches of slope `first` and `second` (N/mm) with the knee at `ue` (mm). `rounded` adds to them what a least
    squares fit of two branches does not see: on [0, ue] a parabola that is orthogonal to u, on [ue, h0] one that is
    orthogonal to 1 and u. The fit therefore still has its knee at ue and Fe, but the curve passes under it, smoothly.
    Behind `bend` (mm) the curve is a parabola with its maximum; or, if `um` is given, it is straight up to there, and
    breaks within 0.01 mm.
    """
    Fe = first * ue
    amplitude = (first - second) / (5 / (3 * ue) + 2 / (h0 - ue)) if rounded else 0.0
    left = first * U + amplitude * (U / ue) * (1 - 4 / 3 * (U / ue))
    x = 2 * (U - ue) / (h0 - ue) - 1
    right = Fe + second * (U - ue) - amplitude / 3 * (1.5 * x**2 - 0.5)
    line = right(h0) + right.deriv()(h0) * (U - h0)
    pieces = [(ue, left), (h0, right)]
    truth = {"Fe": Fe, "ue": ue, "Fe_astm": float(left(ue))}
    if um is None:
        rise = float(line.deriv()(bend))
        parabola = line(bend) + rise * (U - bend) - curvature * (U - bend) ** 2
        um = bend + rise / (2 * curvature)
        Fm = float(parabola(um))
        uf = um + float(np.sqrt(0.2 * Fm / curvature))
        pieces += [(bend, line), (uf + 0.1, parabola)]
    else:
        Fm = float(line(um))
        drop = Fm * (1 - (U - um) / 0.01 * 0.9)
        uf = um + 0.01 * 0.2 / 0.9
        pieces += [(um, line), (um + 0.01, drop), (um + 0.1, Polynomial([0.1 * Fm]))]
    # The least squares line of a parabola over an interval has the parabola's slope in the middle, and its mean.
    low, high = root(left - 0.1 * Fe, 0, ue), root(left - 0.5 * Fe, 0, ue)
    middle, area = (low + high) / 2, left.integ()
    slope = float(left.deriv()(middle))
    initial = (area(high) - area(low)) / (high - low) + slope * (U - middle - h0 / 10)
    u_offset = next(
        root(piece - initial, begin, end)
        for (end, piece), begin in zip(pieces, [0.0, *(end for end, _ in pieces)], strict=False)
        if (piece - initial)(begin) >= 0 >= (piece - initial)(end)
    )
    energy = 0.0
    begin = 0.0
    for end, piece in pieces:
        area = piece.integ()
        energy += float(area(min(end, um)) - area(begin))
        if end >= um:
            break
        begin = end
    truth |= {"F_offset": float(initial(u_offset)), "Fi": float(value(pieces, UI)), "Fm": Fm, "um": um, "uf": uf}
    return pieces, truth | {"ESP": energy, "slope": slope}


def value(pieces: list[tuple[float, Polynomial]], u: np.ndarray | float) -> np.ndarray:
    u = np.asarray(u, dtype=float)
    ends = [end for end, _ in pieces[:-1]]
    return np.select([u <= end for end in ends], [piece(u) for _, piece in pieces[:-1]], pieces[-1][1](u))


def uneven(end: float) -> np.ndarray:
    """Dense at the beginning, as of a record in equal steps of time at a speed that grows."""
    return end * np.linspace(0, 1, 501) ** 1.7


# name -> what it shows, arguments of `reference`, sampling (step in mm, or a function of the end), noise (fraction of
# Fm), end (mm; None: of the closed form)
CURVES = {
    "bilinear": ("sharp knee, smooth maximum", {}, 0.005, 0.0, None),
    "bilinear-fracture": ("sharp knee, straight up to the fracture", {"um": 1.5}, 0.005, 0.0, None),
    "bilinear-off-grid": ("sharp knee between two points", {"ue": 0.1234567}, 0.005, 0.0, None),
    "rounded": ("knee rounded off: Fe of EN 10371 and ASTM E3205 differ", {"rounded": True}, 0.005, 0.0, None),
    "rounded-coarse": ("few points", {"rounded": True}, 0.02, 0.0, None),
    "rounded-uneven": ("uneven sampling", {"rounded": True}, uneven, 0.0, None),
    "rounded-noise-0.1": ("noise of 0.1 % of Fm", {"rounded": True}, 0.002, 0.001, None),
    "rounded-noise-0.5": ("noise of 0.5 % of Fm", {"rounded": True}, 0.002, 0.005, None),
    "strong": (
        "a strong material",
        {"rounded": True, "first": 4000.0, "second": 2600.0, "ue": 0.13, "curvature": 1200.0},
        0.005,
        0.0,
        None,
    ),
    "soft": (
        "a soft material",
        {"rounded": True, "first": 1500.0, "second": 300.0, "ue": 0.06, "curvature": 150.0},
        0.005,
        0.0,
        None,
    ),
    "thin": ("a disc of 0.25 mm", {"h0": 0.25, "ue": 0.06, "rounded": True, "bend": 0.6}, 0.0025, 0.0, None),
    "cut": ("cut before the maximum", {"rounded": True}, 0.005, 0.0, 0.7),
}


def main() -> None:
    random = np.random.default_rng(0)
    FOLDER.mkdir(exist_ok=True)
    rows = []
    for name, (about, arguments, sampling, noise, end) in CURVES.items():
        pieces, truth = reference(**arguments)
        stop = pieces[-1][0] if end is None else end
        u = sampling(stop) if callable(sampling) else np.arange(0, stop + 1e-9, sampling)
        load = value(pieces, u) + noise * truth["Fm"] * random.standard_normal(len(u))
        if end is not None:
            truth |= dict.fromkeys(("Fm", "um", "uf", "ESP"), np.nan)
        h0 = arguments.get("h0", 0.5)
        curve = SPTCurve(u.round(9), load.round(9), thickness=h0, name=name)
        curve.to_csv(FOLDER / f"{name}.csv")
        step = float(np.diff(curve.displacement).max())
        rows.append([name, about, h0, step, noise, *(truth[key] for key in QUANTITIES)])
    with atomic_path(FOLDER / "quantities.tsv") as path, path.open("w", newline="\n", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["name", "about", "thickness", "step", "noise", *QUANTITIES])
        writer.writerows([[f"{cell:.9g}" if isinstance(cell, float) else cell for cell in row] for row in rows])


if __name__ == "__main__":
    main()
