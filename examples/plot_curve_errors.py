"""
Errors, curve by curve
======================

One number for a model hides its worst curves. :class:`~sklearn_spt.inspection.CurveErrorDisplay` draws the errors of
all curves.
"""

# %%
# Two simple models, and steels that they have not seen
# -----------------------------------------------------
# Both learn the stress-strain curve from the load at 40 displacements, the one linearly.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_spt import CurveResampler
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.inspection import CurveErrorDisplay

steel = load_en10371_steel(n_curves=400)
X_train, X_test, Y_train, Y_test = train_test_split(steel.data, steel.target, random_state=0)


def make_model(regressor):
    return make_pipeline(CurveResampler(grid=np.linspace(0, 1.2, 40)), StandardScaler(), regressor)


models = {
    "linear": make_model(Ridge(alpha=1e-3)).fit(X_train, Y_train),
    "kernel": make_model(KernelRidge(alpha=1e-3, kernel="rbf", gamma=1e-3)).fit(X_train, Y_train),
}

# %%
# How many curves are that good?
# ------------------------------
# The dots are the median and the 95th percentile.

fig, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for (name, model), linestyle in zip(models.items(), ["--", "-"], strict=True):
    CurveErrorDisplay.from_estimator(model, X_test, Y_test, name=name, ax=ax, line_kw={"linestyle": linestyle})
plt.show()

# %%
# The relative error, from the best curve to the worst
# ----------------------------------------------------

fig, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for (name, model), linestyle in zip(models.items(), ["--", "-"], strict=True):
    CurveErrorDisplay.from_estimator(
        model,
        X_test,
        Y_test,
        metric="mean_relative_error",
        kind="sorted",
        name=name,
        ax=ax,
        line_kw={"linestyle": linestyle},
    )
plt.show()
