"""
Characteristic quantities of a curve
====================================

What EN 10371 and ASTM E3205 have a laboratory read off a load-displacement curve, drawn on the curve. The curve is one
of :func:`~sklearn_spt.datasets.load_reference_curves`, for which the right values are known, and with noise.
"""

# %%
# The quantities
# --------------
# Forces are in N, displacements in mm, the energy in mJ.

import matplotlib.pyplot as plt

from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.inspection import CharacteristicDisplay
from sklearn_spt.mechanics import characteristic_quantities

reference = load_reference_curves()
index = [curve.name for curve in reference.data].index("rounded-noise-0.5")
curve = reference.data[index]
print(characteristic_quantities(curve))

# %%
# Beside the right values, which follow from the formula that the curve was made of:

for name, value in zip(reference.target_names, reference.target[index], strict=True):
    print(f"{name:<10}{value:.4g}")

# %%
# The construction
# ----------------
# The bilinear fit has its knee at Fe of EN 10371; ASTM E3205 takes the curve's own load at the same displacement. The
# line at the offset h0/10 runs parallel to the initial line.

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
CharacteristicDisplay.from_curve(curve, ax=left)
CharacteristicDisplay.from_curve(curve, ax=right, region="knee")
plt.show()

# %%
# A record that was cut
# ---------------------
# What a curve does not hold is missing, and the reason is given. Nothing is read from beyond its end.

cut = reference.data[-1]
print(characteristic_quantities(cut).missing["Fm"])
display = CharacteristicDisplay.from_curve(cut)
plt.show()
