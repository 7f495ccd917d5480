"""
Predicted beside true curves
============================

The best, the median and the worst of the predicted stress-strain curves, by their mean absolute error. The model that
comes with the package was trained on a part of :func:`~sklearn_spt.datasets.load_sheet_steel`.
"""

# %%
# An error that the training did not have
# ---------------------------------------
# A load cell that reads 3 % too much, on forty of the curves. These curves may have been in the training set, so
# that the errors without it would say little of new materials (:doc:`/results` has those).

import matplotlib.pyplot as plt

from sklearn_spt import MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_pretrained, load_sheet_steel
from sklearn_spt.inspection import PredictionDisplay

sheet = load_sheet_steel(n_curves=40)
model = load_pretrained("sheet")
curves = perturb_curves(sheet.data, MeasurementErrors(load_gain=0.03))
display = PredictionDisplay.from_estimator(model, curves, sheet.target, strain=sheet.strain)
plt.show()

# %%
# Curves of one's own choice, from predictions that are at hand:

PredictionDisplay.from_predictions(display.Y_true, display.Y_pred, strain=sheet.strain, curves=[3, 22])
plt.show()
