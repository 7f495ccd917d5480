"""
Where the network looks
=======================

The decoder attends to all points of the load curve before it gives the stress at a strain. ``attention_weights``
returns these weights, one map per head: each row is a strain, each column a displacement, and each row sums to one.
Here they are for the model that comes with the package and the bundled demo curve.
"""

# %%
# ``predict`` is a pipeline's job, and so are the weights: everything before the last step prepares the curve.

import matplotlib.pyplot as plt

from sklearn_spt.datasets import load_demo_curve, load_pretrained

curve, _, _ = load_demo_curve()
model = load_pretrained("sheet")
prepare, network = model[:-1], model[-1]
weights = network.attention_weights(prepare.transform([curve]))[0]
weights.shape

# %%
# The curve stands above the maps, up to the displacement that this model reads. What a head reads at a column is the
# encoder's state after the record up to there.

strain = model.model_info_.strain
displacement = model.model_info_.displacement
n_heads = len(weights)

fig, axes = plt.subplots(
    2, n_heads, figsize=(2.6 * n_heads, 5), sharex=True, layout="constrained", height_ratios=[1, 2]
)
for head in range(n_heads):
    above, below = axes[:, head]
    above.plot(curve.displacement, curve.load / 1000, color="0.3")
    above.set(title=f"head {head}", ylim=(0, None))
    below.pcolormesh(displacement, strain, weights[head], cmap="viridis", vmin=0)
    below.set(xlabel="displacement, mm", xlim=(0, displacement[-1]))
axes[0, 0].set(ylabel="load, kN")
axes[1, 0].set(ylabel="true strain")
plt.show()

# %%
# This network corrects a polynomial trend (see :doc:`/user_guide/networks`), so the maps show where it looks for that
# correction. And attention is no explanation: the encoder's state at a point carries what came before it, and a network
# may spread what it needs over several heads. A map shows what this one network, trained with this seed, does.
