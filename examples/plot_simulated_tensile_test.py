"""
A tensile test to necking and past it
=====================================

The tensile test of a round bar and of a flat strip, simulated from one hardening law: what a laboratory would record,
and what of it is the material's own curve.
"""

# %%
# Two specimens of one steel
# --------------------------
# The bar takes less than a second. The strip needs CalculiX, the program ``ccx``, and takes some seconds (see
# :func:`~sklearn_spt.simulation.simulate_tensile`).

import matplotlib.pyplot as plt
import numpy as np

from sklearn_spt.mechanics import Swift, engineering_curve
from sklearn_spt.simulation import FlatStrip, RoundBar, simulate_tensile

steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
bar = simulate_tensile(steel, RoundBar(diameter=6, gauge_length=30))
strip = simulate_tensile(steel, FlatStrip(width=12.5, thickness=2, gauge_length=50), rows=3)
print(bar)
print(strip)

# %%
# What the machine records, and what the material does
# ----------------------------------------------------
# Up to the maximum force both specimens follow the law. Behind it the gauge says little about the material: the neck
# takes all of the elongation, and how much that is depends on the shape of the specimen. The narrowest section goes on
# to strains many times those of the gauge; its mean stress rises above the law, because the stress in a neck is
# triaxial.

strain = np.linspace(0, 1.0, 400)
uniform = strain[strain <= steel.necking_strain()]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
left.plot(*engineering_curve(uniform, steel.true_stress(uniform)), color="black", lw=4, alpha=0.25, label="law")
right.plot(strain, steel.true_stress(strain), color="black", lw=4, alpha=0.25, label="law")
for name, curve, dash in (("round bar", bar, "-"), ("flat strip", strip, "--")):
    (line,) = left.plot(curve.engineering_strain, curve.engineering_stress, dash, label=name)
    right.plot(curve.true_strain, curve.true_stress, dash, color=line.get_color(), label=name)
    at = curve.maximum
    left.plot(curve.engineering_strain[at], curve.engineering_stress[at], "o", color=line.get_color())
    right.plot(curve.true_strain[at], curve.true_stress[at], "o", color=line.get_color())
left.set(xlabel="engineering strain of the gauge", ylabel="engineering stress (MPa)", ylim=(0, None))
right.set(xlabel="true strain of the narrowest section", ylabel="true stress (MPa)", xlim=(0, 1), ylim=(0, None))
left.legend()
right.legend(title="dots: maximum force")
plt.show()

# %%
# How near the law
# ----------------

for name, curve in (("round bar", bar), ("flat strip", strip)):
    before = slice(1, curve.maximum + 1)
    deviation = curve.true_stress[before] / steel.true_stress(curve.true_strain[before]) - 1
    print(f"{name}: at most {np.abs(deviation).max():.2%} up to the maximum force")
