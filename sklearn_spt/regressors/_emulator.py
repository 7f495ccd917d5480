"""From the flow curve of a metal to the load curve of its small punch test: a surrogate of the finite-element model."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from ..curves import SPTCurve
from ..simulation import FlowLaw, Rig, SPTSensitivities
from ..simulation._flow import Material
from ..simulation._sensitivities import flow_derivatives
from ..utils.state import Choice
from . import _emulator_discs as discs
from ._emulator_base import BaseEmulator

FRICTION = discs.FEATURES.index("friction")


class SPTEmulator(BaseEmulator):
    r"""Emulate the small punch test: the load curve of a material without a simulation, and its derivatives.

    An ensemble of small networks over a linear trend, in terms in which curves of all sizes and metals are the same
    (see Notes). `fit_curves` learns from simulated curves, such as those of
    :func:`~sklearn_spt.datasets.load_en10371_discs`; `predict_curves` gives the curve of a material as
    :func:`~sklearn_spt.simulation.simulate_spt` would, a thousand times as fast, and `sensitivities` its derivatives as
    :func:`~sklearn_spt.simulation.simulate_sensitivities`. `fit`, `predict` and `gradient` do the same with plain
    arrays, for cross-validation and for tests of another kind.

    Parameters
    ----------
    displacement_kind : {"punch", "deflection"}, default="punch"
        What the displacement of the curves is: that of the punch (v), or the deflection of the disc (u).
    n_components : int, default=20
        Principal components that the networks' part of the curves is made of.
    n_members : int, default=4
        Networks whose mean is the prediction; each has a start and an order of the curves of its own.
    hidden_size : int, default=128
        Units of each layer.
    n_layers : int, default=3
        Layers; each behind the first adds to the one before it.
    max_epochs : int, default=400
        Passes over the training curves.
    batch_size : int, default=64
        Curves per step of the optimiser.
    lr : float, default=4e-3
        Highest learning rate; it rises over the first tenth of the training and falls to nearly zero.
    weight_decay : float, default=0.2
        Weight decay of the optimiser (AdamW).
    target_scaling : {"auto", "log", "standard"}, default="auto"
        "log" learns the logarithm of the targets, with errors weighted so that they count as parts of the sample's
        largest target. "standard" learns standardised targets. "auto" is "log" where all targets are positive.
    random_state : int, RandomState instance or None, default=None
        Seed of the weights and of the order of the curves. With an int, two fits on one machine agree exactly.
    verbose : int, default=0
        1 shows a progress bar over the epochs.

    Attributes
    ----------
    weights_ : dict of str to ndarray
        Weights of the networks, members first.
    components_ : ndarray of shape (n_components_in_use, n_outputs)
        What the networks' outputs multiply.
    trend_ : ndarray of shape (n_inputs, n_outputs)
        Coefficients of the linear trend.
    feature_mean_, feature_std_ : ndarray of shape (n_features,)
        Statistics of the features.
    feature_range_ : ndarray of shape (2, n_features)
        Minimum and maximum value of each feature in the training.
    input_components_ : ndarray of shape (n_inputs, n_features)
        Principal components of the standardised features: what trend and networks see.
    input_range_ : ndarray of shape (2, n_inputs)
        Minimum and maximum score of the training on them.
    target_scaling_ : str
        The scaling in use.
    target_mean_, target_std_ : ndarray of shape (n_outputs,)
        Statistics of the targets or their logarithm.
    history_ : list of float
        Mean loss of each epoch, where it is about one without networks.
    n_outputs_ : int
        Number of outputs.
    y_ndim_ : int
        Dimensions of the training targets.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where the training input named them.

    See Also
    --------
    sklearn_spt.simulation.simulate_spt : The finite-element model that is emulated.
    sklearn_spt.datasets.load_en10371_discs : Curves to learn from.

    Notes
    -----
    The test has no length and no stress of its own. With the diameter D of the hole, the thickness h and Young's
    modulus E, the load is

    .. math:: F(v) = E h^2 f\!\left(\frac{v}{D};\; \frac{\sigma(\varepsilon_j)}{E}, \frac{h}{D}, \frac{r}{D},
        \frac{e}{D}, \text{chamfer or fillet}, \mu, \nu\right)

    with the flow stresses :math:`\sigma` at plastic strains :math:`\varepsilon_j` up to 1.4, the radius r of the ball,
    the edge e of the hole, and the coefficient of friction µ. The logarithm of f is what is learned: in the logarithms
    of the flow stresses it is nearly linear. Lengths times c and stresses times s give loads times c² s exactly.

    Where a target is not known (NaN: a record that has ended), it does not count. The trend and the components are
    fitted to curves that go on with their last slope. A predicted curve ends where its load has dropped by 5 %.

    Examples
    --------
    >>> from sklearn_spt import SPTEmulator
    >>> from sklearn_spt.datasets import load_en10371_discs
    >>> discs = load_en10371_discs(part="near")
    >>> emulator = SPTEmulator(n_members=1, max_epochs=10, random_state=0)
    >>> emulator = emulator.fit_curves(
    ...     discs.data[:200], discs.laws[:200], discs.rigs[:200], friction=discs.frame["friction"][:200],
    ...     nu=discs.frame["nu"][:200],
    ... )
    >>> from sklearn_spt.mechanics import Swift
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> (curve,) = emulator.predict_curves([steel], thickness=0.5, friction=0.2)
    >>> curve.rig, curve.displacement_kind, curve.metadata["ended_by"]
    ('EN10371', 'punch', 'load drop')
    """

    _: KW_ONLY
    displacement_kind: Annotated[str, Choice(options=("punch", "deflection"))] = "punch"

    @staticmethod
    def features(
        materials: Sequence[FlowLaw | tuple[ArrayLike, ArrayLike]],
        rig: Rig | str | Sequence[Rig | str] = "EN10371",
        *,
        thickness: Any,
        friction: Any = None,
        nu: Any = 0.3,
        E: Any = None,
    ) -> np.ndarray:
        """Tests as the numbers that their curves depend on.

        Parameters
        ----------
        materials : list
            Of each specimen its law, as in :func:`~sklearn_spt.simulation.simulate_spt`; or true strains and true
            stresses (MPa), as in :func:`~sklearn_spt.simulation.simulate_from_curve`.
        rig : Rig or str, or list of such, default="EN10371"
            The tools: a ball over a hole, and a clamp that begins at the mouth of the hole.
        thickness : float or array-like of shape (n_curves,)
            Thickness of the discs, mm.
        friction : float or array-like of shape (n_curves,), default=None
            Coulomb's coefficient. None: the rig's.
        nu : float or array-like of shape (n_curves,), default=0.3
            Poisson's ratio.
        E : float or array-like of shape (n_curves,), default=None
            Young's modulus of materials given by their curves, MPa. None: the maximum slope stress/strain.

        Returns
        -------
        X : ndarray of shape (n_curves, n_features)
            Logarithms of flow stresses over Young's modulus; thickness, radius of the ball and edge of the hole over
            its diameter; 1 for a fillet and 0 for a chamfer; friction; Poisson's ratio.

        Raises
        ------
        TypeError, ValueError
            If a value is not in its range, a rig is of another kind, or a material softens.
        """
        found = discs.as_materials(materials, E, nu)
        return _features(found, _rigs(rig, len(found)), thickness, friction)

    @staticmethod
    def targets(
        curves: Sequence[SPTCurve],
        materials: Sequence[FlowLaw | tuple[ArrayLike, ArrayLike]],
        rig: Rig | str | Sequence[Rig | str] = "EN10371",
        *,
        E: Any = None,
    ) -> np.ndarray:
        """Curves as what is learned of them.

        Parameters
        ----------
        curves : list of SPTCurve
            The curves, with their thickness.
        materials, rig, E : as in `features`
            The materials and the tools.

        Returns
        -------
        y : ndarray of shape (n_curves, n_outputs)
            F/(E h²) on a grid of displacements over the diameter of the hole; NaN behind the end of a curve.

        Raises
        ------
        TypeError, ValueError
            As `features`; also if a curve has no thickness.
        """
        found = discs.as_materials(materials, E, 0.3)
        thickness = _thickness(curves, len(found))
        rigs = _rigs(rig, len(found))
        return np.stack([discs.loads(*each) for each in zip(curves, thickness, found, rigs, strict=True)])

    def fit_curves(
        self,
        curves: Sequence[SPTCurve],
        materials: Sequence[FlowLaw | tuple[ArrayLike, ArrayLike]],
        rig: Rig | str | Sequence[Rig | str] = "EN10371",
        *,
        friction: Any = None,
        nu: Any = 0.3,
        E: Any = None,
    ) -> Self:
        """Learn from simulated curves.

        Parameters
        ----------
        curves : list of SPTCurve
            The curves, with their thickness, to where the load has dropped by 5 %, if they come so far.
        materials, rig, friction, nu, E : as in `features`
            The materials, the tools and the rest of each test.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            As `fit`, `features` and `targets`; also if the displacement of a curve is of another kind.
        """
        y = self.targets(curves, materials, rig, E=E)
        for i, curve in enumerate(curves):
            if curve.displacement_kind not in (None, self.displacement_kind):
                raise ValueError(
                    f"curve {i} ({curve.name!r}) has the displacement of the {curve.displacement_kind}; set "
                    f"displacement_kind={curve.displacement_kind!r}, or give other curves"
                )
        thickness = [curve.thickness for curve in curves]
        return self.fit(self.features(materials, rig, thickness=thickness, friction=friction, nu=nu, E=E), y)

    def predict_curves(
        self,
        materials: Sequence[FlowLaw | tuple[ArrayLike, ArrayLike]],
        rig: Rig | str | Sequence[Rig | str] = "EN10371",
        *,
        thickness: Any,
        friction: Any = None,
        nu: Any = 0.3,
        E: Any = None,
    ) -> list[SPTCurve]:
        """Load curves of materials.

        Of a test beyond the range of the training an `UntrustedPredictionWarning` tells the index and what lies beyond.

        Parameters
        ----------
        materials, rig, thickness, friction, nu, E : as in `features`
            The tests.

        Returns
        -------
        list of SPTCurve
            Displacement (mm) and load (N), beginning with 0, 0; to where the load has dropped by 5 %, or 0.65 diameters
            of the hole. `metadata` has `E`, `nu`, `friction`, `ended_by` ("load drop" or "stroke"), and
            `within_training`, False for curves that the warning is about.

        Raises
        ------
        TypeError, ValueError
            As `features`; also if the emulator was fitted to something else than tests.
        """
        self._check_tests()
        found = discs.as_materials(materials, E, nu)
        rigs = _rigs(rig, len(found))
        X = _features(found, rigs, thickness, friction)
        within = ~self._warn_of(X, discs.FEATURES)
        heights = discs.one_each("thickness", thickness, len(found))
        return [
            self._curve(load, material, tools, float(height), float(row[FRICTION]), bool(good))
            for load, material, tools, height, row, good in zip(
                self._evaluate(X), found, rigs, heights, X, within, strict=True
            )
        ]

    def sensitivities(
        self,
        material: FlowLaw | tuple[ArrayLike, ArrayLike],
        rig: Rig | str = "EN10371",
        *,
        thickness: float,
        parameters: Sequence[str] | None = None,
        E: float | None = None,
        nu: float = 0.3,
        friction: float | None = None,
    ) -> SPTSensitivities:
        """Load curve of a material, and its derivatives.

        Parameters
        ----------
        material, rig, thickness, parameters, E, nu, friction : as in `simulate_sensitivities`
            The test, and what to differentiate with respect to; see
            :func:`~sklearn_spt.simulation.simulate_sensitivities`.

        Returns
        -------
        SPTSensitivities
            As that of the simulation, at the points of the emulated curve.

        Raises
        ------
        TypeError, ValueError
            As `predict_curves`; also if a parameter is unknown.
        """
        self._check_tests()
        flow, tools = flow_derivatives(material, parameters, E, nu), discs.checked_rig(rig)
        X = _features([flow.base], [tools], thickness, friction)
        (far,) = self._warn_of(X, discs.FEATURES)
        (load,) = self._evaluate(X)
        curve = self._curve(load, flow.base, tools, thickness, float(X[0, FRICTION]), not far)
        n = len(curve.load) - 1
        parts = discs.derivatives(load[:n], self._differentiate(X)[0, :n], flow.base, thickness, tools)
        gradient = parts["flow_stress"] @ discs.at_strains(flow.base, flow.at_fixed_strains) + np.outer(
            parts["E"], flow.E
        )
        for j, name in enumerate(flow.columns):
            if name in ("thickness", "friction", "nu"):
                gradient[:, j] += parts[name]
        return SPTSensitivities(curve, flow.columns, np.vstack([np.zeros(len(flow.columns)), gradient]))

    def _check_tests(self) -> None:
        check_is_fitted(self)
        if self.n_features_in_ != len(discs.FEATURES) or self.n_outputs_ != len(discs.GRID):
            raise ValueError(
                f"{type(self).__name__} was fitted to arrays that are no tests; fit it with fit_curves, or with the "
                "arrays of features and targets"
            )

    def _curve(
        self, load: np.ndarray, material: Material, rig: Rig, thickness: float, friction: float, within: bool
    ) -> SPTCurve:
        end = discs.end_of(load)
        return SPTCurve(
            np.concatenate([[0.0], discs.GRID[:end] * discs.hole(rig)]),
            np.concatenate([[0.0], load[:end] * material.E * thickness**2]),
            thickness=thickness,
            rig=rig.name,
            displacement_kind=self.displacement_kind,
            metadata={
                "E": material.E,
                "nu": material.nu,
                "friction": friction,
                "ended_by": "load drop" if end < len(load) else "stroke",
                "within_training": within,
            },
        )


def _rigs(rig: Any, n: int) -> list[Rig]:
    return [discs.checked_rig(each) for each in discs.one_each("rig", rig, n)]


def _features(materials: list[Material], rigs: list[Rig], thickness: Any, friction: Any) -> np.ndarray:
    n = len(materials)
    given = zip(
        materials, rigs, discs.one_each("thickness", thickness, n), discs.one_each("friction", friction, n), strict=True
    )
    return np.stack([discs.features(*each) for each in given])


def _thickness(curves: Any, n: int) -> list[float]:
    """Thickness of each curve's disc, mm."""
    if not isinstance(curves, Sequence) or not all(isinstance(curve, SPTCurve) for curve in curves):
        raise TypeError("curves must be a list of SPTCurve")
    if len(curves) != n:
        raise ValueError(f"there are {len(curves)} curves and {n} materials; give one material for each curve")
    for i, curve in enumerate(curves):
        if curve.thickness is None:
            raise ValueError(f"curve {i} ({curve.name!r}) has no thickness; set it with curve.replace(thickness=...)")
    return [curve.thickness for curve in curves]
