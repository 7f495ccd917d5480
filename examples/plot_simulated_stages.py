"""
Stages of a simulated small punch test
======================================

One test of a steel disc in the rig of EN 10371, simulated: the deformed disc with its plastic strain at
five displacements of the punch, and the load curve on which they lie.
"""

# %%
# Simulate, and keep the disc
# ---------------------------
# :func:`~sklearn_spt.simulation.simulate_fields` keeps the deformed disc at the displacements asked for. The run takes
# some seconds.

import matplotlib.pyplot as plt

from sklearn_spt.inspection import FieldDisplay
from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import simulate_fields

steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
fields = simulate_fields(steel, "EN10371", thickness=0.5, friction=0.2, displacements=[0.1, 0.5, 1.0, 1.4, 1.8])
print(fields.curve)
for stage in fields.stages:
    print(f"{stage.displacement:.1f} mm: {stage.load:6.0f} N, plastic strain up to {stage.plastic_strain.max():.2f}")

# %%
# The strip of stages
# -------------------
# Sections right of the axis, with the elements. All stages share one colour scale. First (1) the disc yields under the
# ball and bends; then (2 to 4) it is drawn over the ball and stretched like a membrane; at the maximum load (5) it
# thins in a ring beside the axis. The model has no damage: a real disc may crack there before.

n_stages = len(fields.stages)
largest = max(stage.plastic_strain.max() for stage in fields.stages)
fig = plt.figure(figsize=(12, 7), layout="constrained")
grid = fig.add_gridspec(2, n_stages, height_ratios=[1, 1.1])
strip = [fig.add_subplot(grid[0, i]) for i in range(n_stages)]
for i, ax in enumerate(strip):
    display = FieldDisplay.from_fields(
        fields, stage=i, ax=ax, vmax=largest, cmap="viridis_r", mirror=False, edges=True, colorbar=False
    )
    ax.set(xlim=(0, 2.6), ylim=(-2.5, 1.2), title=f"{i + 1}: {fields.stages[i].displacement:.1f} mm")
    if i:
        ax.set(ylabel=None, yticklabels=[])
fig.colorbar(display.mesh_, ax=strip, label="equivalent plastic strain", pad=0.01)

ax = fig.add_subplot(grid[1, :])
ax.plot(*fields.curve.monotonic(), color="black")
for i, stage in enumerate(fields.stages, start=1):
    ax.plot(stage.displacement, stage.load, "o", color="black")
    ax.annotate(str(i), (stage.displacement, stage.load), (0, -20), textcoords="offset points", ha="left")
ax.set(xlabel="displacement of the punch, mm", ylabel="load, N", xlim=(0, None), ylim=(0, None))
plt.show()
