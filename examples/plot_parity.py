"""
Tensile properties, predicted against true
==========================================

A laboratory asks for Rp0.2, Rm and Ag. :class:`~sklearn_spt.inspection.ParityDisplay` reads them from predicted and
from true curves and draws the one against the other, with lines at ±10 %.
"""

# %%
# A simple model, and steels that it has not seen
# -----------------------------------------------
# A kernel regression learns the stress-strain curve from the load at 40 displacements. It stands for any model here.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_spt import CurveResampler
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.inspection import ParityDisplay

steel = load_en10371_steel(n_curves=400)
strain = steel.strain[steel.strain <= 0.2]
X_train, X_test, Y_train, Y_test, _, E_test = train_test_split(
    steel.data, steel.target[:, : len(strain)], steel.frame["E"], random_state=0
)
model = make_pipeline(
    CurveResampler(grid=np.linspace(0, 1.2, 40)), StandardScaler(), KernelRidge(alpha=1e-3, kernel="rbf", gamma=1e-3)
)
model.fit(X_train, Y_train)

display = ParityDisplay.from_estimator(model, X_test, Y_test, strain=strain, E=E_test)
plt.show()

# %%
# Rm and Ag are known only where the engineering stress passes its maximum before the curve's end, at a strain of 0.2
# here. The other curves have no point, and the titles say how many they are:

print(display.n_left_out_)
print(display.true.missing[int(np.flatnonzero(np.isnan(display.true.tensile_strength))[0])]["tensile_strength"])
