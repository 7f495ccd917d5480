"""The example of a laboratory's folder."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..io import read_curves

_DATA = Path(__file__).parent / "data"


def lab_example_path() -> Path:
    """Path of a folder of files as a laboratory has it from its testing machines.

    Six small punch tests after EN 10371, three specimens each of the steels A and B, in five files: exports in the
    layouts of four makers of machines, and a spreadsheet with two specimens. The thicknesses stand in the files.

    Returns
    -------
    pathlib.Path
        The folder, which `read_curves` and ``sklearn-spt predict`` read.

    See Also
    --------
    load_lab_example : The curves read from it, with the stress-strain curves behind them.

    Examples
    --------
    >>> from sklearn_spt import read_curves
    >>> from sklearn_spt.datasets import lab_example_path
    >>> for file in sorted(lab_example_path().iterdir()):
    ...     print(file.name)
    A1.csv
    A2.TXT
    A3.dat
    B1.csv
    B2-B3.csv
    >>> [curve.name for curve in read_curves(lab_example_path())]
    ['A1', 'A2', 'A3', 'B1', 'B2', 'B3']
    """
    return _DATA / "lab_example"


def load_lab_example(*, return_X_y: bool = False) -> Any:
    """Load the curves of a laboratory's folder, with the known answer.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of SPTCurve
            Six curves, mm and N, as `read_curves` reads them from the folder: with the toe, the compliance of the load
            train, the offset of the load cell and the noise that such records have.
        target : ndarray of shape (6, n_strains)
            True stress of the simulated materials, MPa.
        strain : ndarray of shape (n_strains,)
            True total strain of the columns of `target`.
        path : str
            The folder.
        DESCR : str
            Description of the data.

    (data, target) : tuple if `return_X_y` is True
        The list of curves and the stresses.

    See Also
    --------
    lab_example_path : The folder alone.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_lab_example
    >>> lab = load_lab_example()
    >>> lab.data[0].name, lab.data[0].thickness, lab.data[0].displacement_kind
    ('A1', 0.503, 'crosshead')
    >>> lab.target.shape == (6, len(lab.strain))
    True
    """
    data = read_curves(lab_example_path())
    strain, *stresses = np.loadtxt(_DATA / "lab_example_truth.csv", delimiter=",", skiprows=1, unpack=True)
    target = np.array([stresses["AB".index(str(curve.name)[0])] for curve in data])
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, strain=strain, path=str(lab_example_path()), DESCR=_DESCR)


_DESCR = """\
Example of a laboratory's folder
--------------------------------
Six small punch tests after EN 10371 (ball of 2.5 mm, receiving hole of 4 mm, disc of 8 mm and about 0.5 mm), three
specimens each of two steels. They are simulations, and no measurement: ``python -m
benchmarks.make_lab_example`` gave them what records of a laboratory have (a toe, the compliance of the load train, an
offset of the load cell, noise, 1 % of scatter between specimens, and a measured thickness), in sizes that its head
names, and wrote them in the layouts of testing machines. The displacement is that of the crosshead.
"""
