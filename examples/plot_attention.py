"""
Where the network looks
=======================

The decoder attends to all points of the load curve before it gives the stress at a strain. ``attention_weights``
returns these weights, one map per head: each row is a strain, each column a displacement, and each row sums to one.
Here they are for the model for steel discs that comes with the package, and a curve of its set.
"""

# %%
# :class:`~sklearn_spt.inspection.AttentionDisplay` draws their mean over the heads. The curve stands above the map, up
# to the displacement that this model reads. What a head reads at a column is the state of two encoders there: one has
# read the record up to that point, the other from its end down to it.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_spt.datasets import load_en10371_steel, load_pretrained
from sklearn_spt.inspection import AttentionDisplay

curve = load_en10371_steel(n_curves=1).data[0]
model = load_pretrained("en10371")
AttentionDisplay.from_estimator(model, [curve])
plt.show()

# %%
# Head by head
# ------------
# ``predict`` is a pipeline's job, and so are the weights: everything before the last step prepares the curve.

prepare, network = model[:-1], model[-1]
weights = network.attention_weights(prepare.transform([curve]))[0]
weights.shape

# %%
# One scale of colours for all heads makes their maps comparable. It ends where one weight in fifty is greater, for a
# single column of great weights would leave the rest dark; weights above its end have the last colour.

fig, axes = plt.subplots(2, 2, figsize=(10, 9), layout="constrained")
for head, ax in enumerate(axes.flat):
    AttentionDisplay.from_estimator(model, [curve], head=head, ax=ax, vmax=np.quantile(weights, 0.98))
plt.show()

# %%
# In a :class:`~sklearn_spt.regressors.CurveStackingRegressor`, such as the model ``sheet`` has, the network is
# ``model[-1].secondary_``; the display finds it there.
#
# Attention is no explanation: the state at a point carries what lies before and behind it, and a network may spread
# what it needs over several heads. A map shows what this one network, trained with this seed, does.
