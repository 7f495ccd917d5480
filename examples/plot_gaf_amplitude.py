"""
What the Gramian angular field keeps, and what it loses
=======================================================

Two materials with the same hardening exponent, one with twice the strength of the other. With the range of loads taken
from each curve by itself, as the equation of the field is often read, their images are the same: the strength is gone.
With the range learned over the training set it is kept.
"""

# %%
# A curve, and the same curve with every load halved, as a material of half the strength gives it.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_spt import CurveResampler, GAFTransformer
from sklearn_spt.datasets import load_demo_curve
from sklearn_spt.inspection import GAFDisplay

strong, _, _ = load_demo_curve()
weak = strong.replace(load=strong.load / 2, name="weak")
loads = CurveResampler(n_points=64).fit_transform([strong, weak])

# %%
# Their images with either scaling. ``output="image"`` leaves the curve itself out.

images = {
    scaling: GAFTransformer(scaling=scaling, output="image").fit_transform(loads) for scaling in ("sample", "global")
}

fig, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained", width_ratios=[1.2, 1, 1])
for row, (name, color) in enumerate([("strong", "C0"), ("weak", "C1")]):
    axes[row, 0].plot(loads[row] / 1000, color=color)
    axes[row, 0].set(xlabel="point", ylabel="load, kN", ylim=(0, 1.05 * loads.max() / 1000), title=name)
    for column, scaling in enumerate(images, start=1):
        GAFDisplay.from_transformed(images[scaling], index=row, ax=axes[row, column], colorbar=column == 2)
        axes[row, column].set_title(f'scaling="{scaling}"')
plt.show()

# %%
# The largest difference between the images of the two materials:

for scaling, (first, second) in images.items():
    print(f"{scaling:>6}: {np.abs(first - second).max():.3f}")

# %%
# The field is exact in the other direction: with the learned range, the load comes back from the diagonal alone.

gaf = GAFTransformer(output="image").fit(loads)
back = gaf.inverse_transform(gaf.transform(loads))
print(f"largest difference of the loads: {np.abs(back - loads).max():.1e} N of {loads.max():.0f} N")
