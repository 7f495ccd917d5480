"""
Corrections of a measured curve
===============================

A load cell that was not at zero, a displacement that was counted before the punch met the disc, the deformation of the
load train, and noise: what they do to a curve, and what is left of them after the corrections. The curve is a
simulated one, so that the right answer is known.
"""

# %%
# A record with errors
# --------------------
# The simulated curve, as dense as a machine would record it and from before contact, gets a load offset of 1 % of the
# maximum load, a toe of 40 µm, a compliance of 20 µm/kN and noise.

import matplotlib.pyplot as plt
import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt.augmentation import MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import standard_corrections

toe, compliance = 0.04, 20e-6  # mm, mm/N
simulated = load_en10371_steel().data[1]
u, load = simulated.monotonic()
grid = np.arange(-0.1, u[-1], 0.002)
true = simulated.replace(displacement=grid, load=PchipInterpolator(u, load)(np.maximum(grid, 0)))
errors = MeasurementErrors(noise=0.003, load_offset=0.01, compliance=compliance)
(measured,) = perturb_curves([true], errors, random_state=0)
measured = measured.replace(displacement=measured.displacement + toe)

# %%
# The corrections
# ---------------
# Each writes down what it did. The toe is found to about a micrometre; the foot is what a perfect test on this rig
# extrapolates to.

steps = ("load_offset", "compliance", "toe", "smooth")
(corrected,) = standard_corrections(steps, compliance=compliance).fit_transform([measured])
for correction in corrected.corrections:
    print(correction)

# %%
# What they are worth
# -------------------
# Fe and the initial slope rest on the beginning of the curve, and need the corrections most.

fig, axes = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
for ax, end in zip(axes, (true.displacement[-1], 0.25), strict=True):
    ax.plot(measured.displacement, measured.load, color="0.65", lw=1, label="measured")
    ax.plot(corrected.displacement, corrected.load, color="C0", lw=2, label="corrected")
    ax.plot(true.displacement, true.load, color="C1", lw=1.5, ls="--", label="true")
    ax.set(xlim=(-0.06, end + 0.06), xlabel="displacement, mm", ylabel="load, N")
axes[1].set(xlim=(-0.06, 0.25), ylim=(-50, np.interp(0.25, true.displacement, true.load) * 1.1), title="beginning")
axes[0].set_title("whole record")
axes[0].legend()
plt.show()

table = characteristic_quantities([true, measured, corrected])
print(f"{'':12}{'true':>10}{'measured':>10}{'corrected':>10}")
for name in ("Fe", "slope", "Fm", "um"):
    print(f"{name:12}" + "".join(f"{value:10.4g}" for value in getattr(table, name)))
