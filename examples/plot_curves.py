"""
Curves, coloured by what they differ in
=======================================

A set of load-displacement curves in one picture is the first look at new data.
:class:`~sklearn_spt.inspection.CurveDisplay` colours them by the thickness, the temperature, or anything else that is
known of the specimens.
"""

# %%
# Thickness
# ---------
# Sheets of 1 to 4 mm, and steels of any strength: the thickness explains much of the load, but not all.

import matplotlib.pyplot as plt

from sklearn_spt.datasets import load_en10371_steel, load_sheet_steel
from sklearn_spt.inspection import CurveDisplay

CurveDisplay.from_curves(load_sheet_steel(n_curves=60).data, color_by="thickness")
plt.show()

# %%
# A name
# ------
# Any key of the curves' ``metadata`` will do. Names get a legend, and each a line style of its own.

discs = load_en10371_steel(n_curves=12).data
CurveDisplay.from_curves(discs, color_by="law", color_label="hardening law")
plt.show()
