"""
How a training went
===================

A network keeps the losses of its epochs in ``history_``; :class:`~sklearn_spt.inspection.TrainingHistoryDisplay` draws
them. The curves here are those of :func:`~sklearn_spt.datasets.make_spt_curves`, without physics, so that it is quick.
"""

# %%
# With ``patience`` a tenth of the training curves is held out, the training stops when their loss has not fallen for so
# many epochs, and the weights are those of the lowest point.

import matplotlib.pyplot as plt
from sklearn.pipeline import make_pipeline

from sklearn_spt import CurveResampler
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.inspection import TrainingHistoryDisplay
from sklearn_spt.regressors import ANNRegressor

X, Y = make_spt_curves(60, noise=0.01, random_state=0)
model = make_pipeline(
    CurveResampler(n_points=30, descriptors=("thickness",)),
    ANNRegressor(max_epochs=150, patience=20, random_state=0),
)
model.fit(X, Y)
display = TrainingHistoryDisplay.from_estimator(model)
plt.show()
