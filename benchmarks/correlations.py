"""Correlations of the characteristic quantities with Rp0.2 and Rm over the set of steel discs, beside published ones.

    python -m benchmarks.correlations   # some seconds

All curves of `load_en10371_steel` are used; their true properties follow from their hardening laws. Writes the table
and the figure docs/_static/verification/correlations.png.
"""

import warnings
from typing import Any

import numpy as np

from sklearn_spt import CorrelationRegressor, SPTCurve, mechanics
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.mechanics import characteristic_quantities, published_correlations

from ._figures import save, subplots
from ._record import record

PREDICTORS = {
    "proof_stress": ("Fe/h0^2", "Fe_astm/h0^2", "F_offset/h0^2"),
    "tensile_strength": ("Fm/(h0*um)", "Fm/h0^2"),
}
SYMBOLS = {"proof_stress": "Rp0.2", "tensile_strength": "Rm"}
PLOTTED = (("proof_stress", "Fe/h0^2", "$F_e/h_0^2$"), ("tensile_strength", "Fm/(h0*um)", "$F_m/(h_0 u_m)$"))


def row(
    rule: str, label: str, curves: list[SPTCurve], target: np.ndarray, *, intercept: bool, predictor: str
) -> dict[str, Any]:
    model = CorrelationRegressor(rule, fit_intercept=intercept).fit(curves, target)
    error = model.predict(curves) - target
    return {
        "predictor": predictor,
        "coefficients": label,
        "slope": float(f"{model.coef_[0]:.4g}"),
        "summand, MPa": round(float(model.intercept_[0]), 1) + 0.0,
        "curves": int(model.n_curves_used_[0]),
        "scatter, MPa": round(float(model.residual_std_[0]), 1),
        "mean difference, %": round(100 * float(np.nanmean(error / target)), 1) + 0.0,  # no -0
        "scatter, %": round(100 * float(np.nanstd(error / target)), 1),
    }


def table(curves: list[SPTCurve], truth: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    rows = []
    for name, predictors in PREDICTORS.items():
        target = truth[name]
        # A curve without the property would be an error of `fit`.
        known = np.isfinite(target)
        used = [curve for curve, is_known in zip(curves, known, strict=True) if is_known]
        for predictor in predictors:
            fits = [
                row(predictor, "fitted, through 0", used, target[known], intercept=False, predictor=predictor),
                row(predictor, "fitted, with summand", used, target[known], intercept=True, predictor=predictor),
            ]
            for published in published_correlations(property=name).values():
                if published.predictor == predictor:
                    label = f"published [{published.evidence}]"
                    fits.append(
                        row(published.name, label, used, target[known], intercept=True, predictor=predictor),
                    )
            rows += [{"property": SYMBOLS[name], **fit} for fit in fits]
    return rows


def draw(curves: list[SPTCurve], frame: Any, truth: dict[str, np.ndarray], rows: list[dict[str, Any]]) -> None:
    quantities = characteristic_quantities(curves)
    figure, axes = subplots(1, 2, width=4.9, height=4.2)
    plateau = np.char.endswith(np.asarray(frame["law"], dtype=str), "plateau")
    for ax, (name, predictor, symbol) in zip(axes.flat, PLOTTED, strict=True):
        x, y = mechanics.correlations.PREDICTORS[predictor](quantities), truth[name]
        for chosen, marker, label in ((~plateau, "o", "steels without plateau"), (plateau, "^", "with plateau")):
            points = ax.scatter(
                x[chosen],
                y[chosen],
                c=frame["friction"][chosen],
                cmap="Greys",
                vmin=0.0,
                vmax=0.5,
                marker=marker,
                s=18,
                edgecolors="0.3",
                linewidths=0.5,
                label=label,
            )
        ends = np.array([0, 1.03 * np.nanmax(x)])
        lines = [line for line in rows if line["property"] == SYMBOLS[name] and line["predictor"] == predictor]
        for line, style in zip(lines, ("-", "--", ":", "-."), strict=False):
            label = f"{line['coefficients']}: {line['slope']:.3g}"
            label += f" {line['summand, MPa']:+.0f} MPa" if line["summand, MPa"] else ""
            ax.plot(ends, line["slope"] * ends + line["summand, MPa"], style, color="#c03000", label=label)
        ax.set_xlim(0, ends[1])
        ax.set_ylim(0, 1.05 * np.nanmax(y))
        ax.set_xlabel(f"{symbol}, MPa")
        ax.set_ylabel(f"true {SYMBOLS[name]}, MPa")
        ax.legend(fontsize=7.5, loc="upper left")
    figure.colorbar(points, ax=axes, label="friction", shrink=0.8)
    save(figure, "correlations")


def main() -> None:
    steel = load_en10371_steel()
    read = [law.tensile_properties() for law in steel.laws]
    truth = {name: np.array([getattr(properties, name) for properties in read]) for name in PREDICTORS}
    with warnings.catch_warnings():
        # The table names the evidence of every published coefficient, and counts the curves that were left out.
        warnings.filterwarnings("ignore", message="correlation .*from memory")
        warnings.filterwarnings("ignore", message="CorrelationRegressor: .*could not be determined")
        rows = table(steel.data, truth)
    draw(steel.data, steel.frame, truth, rows)
    path = record(
        "correlations",
        title="Correlations with the tensile properties over the set of steel discs",
        rows=rows,
        note=f"{len(steel.data)} curves of load_en10371_steel.",
        packages=("matplotlib",),
    )
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
