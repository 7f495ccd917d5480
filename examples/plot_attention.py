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
# The curve stands above the maps: what a head reads at a column is the encoder's state after the record up to there.

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
    below.set(xlabel="displacement, mm")
axes[0, 0].set(ylabel="load, kN")
axes[1, 0].set(ylabel="true strain")
plt.show()

# %%
# The mean displacement that each head looks at, at the smallest and at the largest strain:

for head in range(n_heads):
    first, last = (weights[head, row] @ displacement for row in (0, -1))
    print(f"head {head}: {first:.2f} mm at strain {strain[0]:g}, {last:.2f} mm at strain {strain[-1]:g}")

# %%
# Attention is no explanation: the encoder's state at a point carries what came before it, and a network may spread what
# it needs over several heads. A map shows what this one network, trained with this seed, does.
