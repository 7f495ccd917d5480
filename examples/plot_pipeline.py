"""
From load-displacement curves to stress-strain curves
=====================================================

The whole way in one pipeline: curves of different lengths go in, true stress comes out. The model is trained on a part
of the bundled simulations and for a short time, so that this page is built in seconds; the errors of a model that was
trained to the end are in :doc:`/results`.
"""

# %%
# The data
# --------
# ``data`` is a list of curves, each with the thickness of its disc; ``target`` has one row of true stresses per curve,
# all on one grid of true strain, ``strain``. The few simulations that stopped before the end of the stroke are left
# out.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from sklearn_spt import CurveResampler, Seq2SeqRegressor
from sklearn_spt.datasets import load_sheet_steel

sheet = load_sheet_steel(n_curves=360)
X_train, X_test, Y_train, Y_test = train_test_split(
    sheet.data, sheet.target, train_size=300, test_size=60, random_state=0
)
X_train[0]

# %%
# The pipeline
# ------------
# Discs of different thickness carry different loads, so the thickness rides along as a second channel.

pipe = Pipeline(
    [
        ("resample", CurveResampler(n_points=50, descriptors=("thickness",))),
        ("seq2seq", Seq2SeqRegressor(max_epochs=60, random_state=0)),
    ]
)
pipe.fit(X_train, Y_train)

# %%
# The prediction
# --------------
# Each colour and dash is one of the held-out tests: on the left what the machine records, on the right what was
# predicted from it and the truth, the law that the simulation was run with.

Y_predicted = pipe.predict(X_test)
error = np.abs(Y_predicted - Y_test).mean(axis=1)
# The best, the middle and the worst, among others.
shown = np.argsort(error)[[0, 15, 30, 45, 59]]

dashes = ("-", "--", "-.", ":", (0, (8, 2, 1, 2, 1, 2)))

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.8), layout="constrained")
for number, i in enumerate(shown):
    curve, label = X_test[i], f"{X_test[i].thickness:.2f} mm: {error[i]:.1f} MPa"
    style = {"color": f"C{number}", "linestyle": dashes[number]}
    left.plot(curve.displacement, curve.load / 1000, label=label, **style)
    right.plot(sheet.strain, Y_test[i], color=f"C{number}", alpha=0.4, linewidth=5)
    right.plot(sheet.strain, Y_predicted[i], **style)
left.set(xlabel="displacement, mm", ylabel="load, kN", title="Small punch test")
right.set(xlabel="true strain", ylabel="true stress, MPa", title="Predicted (thin) and known (wide)")
right.locator_params(axis="x", nbins=5)
fig.legend(title="thickness, and mean error of the stress", loc="outside lower center", ncols=3)
plt.show()

# %%
# Mean absolute error per curve over the 60 held-out curves, MPa:

print(f"mean {error.mean():.2f}, median {np.median(error):.2f}, worst {error.max():.2f}")
