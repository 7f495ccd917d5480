"""
The tools of a rig
==================

A load-displacement curve belongs to its rig. :class:`~sklearn_spt.inspection.RigDisplay` draws the tools and the disc
to scale, with their dimensions: to compare a laboratory's own rig with those that were simulated.
"""

# %%
# Three rigs come with the package: a ball over a hole, a flat punch on a sheet whose edge is held, and the small disc
# of transmission electron microscopy under a ball. ``replace`` changes some dimensions of one; here the hole is wider
# and has a round edge. The panels differ in their scales.
#
# A trained model is for the rig of its training curves only. One for a rig of one's own needs curves simulated in that
# rig (:func:`~sklearn_spt.simulation.simulate_dataset`).

import matplotlib.pyplot as plt

from sklearn_spt.inspection import RigDisplay
from sklearn_spt.simulation import RIGS, get_rig

own = get_rig("EN10371").replace(name="a rig of one's own", hole_diameter=5.0, hole_edge="fillet", hole_edge_size=0.5)
fig, axes = plt.subplots(2, 2, figsize=(13, 8.5), layout="constrained")
for ax, rig in zip(axes.flat, [*RIGS.values(), own], strict=True):
    RigDisplay.from_rig(rig, ax=ax)
plt.show()
