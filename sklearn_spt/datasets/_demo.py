"""The demo curve."""

from importlib.resources import as_file

import numpy as np

from ..curves import SPTCurve
from ..io import read_curves
from ._packed import DATA

__all__ = ["load_demo_curve"]


def load_demo_curve() -> tuple[SPTCurve, np.ndarray, np.ndarray]:
    """Load a test record that looks like a laboratory's, with the known answer.

    It is simulated for a sheet like those of `load_sheet_steel`, but of a material that is not in the set, with a point
    every 0.01 mm and noise of 0.2 % of the load.

    Returns
    -------
    curve : SPTCurve
        The record, mm and N.
    strain : ndarray of shape (n_strains,)
        True total strain.
    stress : ndarray of shape (n_strains,)
        True stress of the simulated material at `strain`, MPa.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> curve, strain, stress = load_demo_curve()
    >>> len(curve.load), strain.shape == stress.shape
    (301, True)
    """
    with as_file(DATA / "demo_curve.csv") as path:
        (curve,) = read_curves(path)
    with (DATA / "demo_truth.csv").open("r", encoding="utf-8") as file:
        strain, stress = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    return curve, strain, stress
