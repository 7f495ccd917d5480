"""From the flow curve of a metal to the load curve of its small punch test: a surrogate of the finite-element model."""

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

from .._validation import check_number, check_option, draw_seed
from .._warnings import name_curves
from ..curves import SPTCurve
from ..exceptions import UntrustedPredictionWarning
from ..simulation import FlowLaw, Rig, SPTSensitivities
from ..simulation._flow import Material, as_material
from ..simulation._sensitivities import flow_derivatives
from . import _emulator_discs as discs
from ._emulator_network import differentiate, evaluate, train

# Weight of an error in a load of zero, where that of an error in the maximum load is one more.
LEAST_WEIGHT = 0.03
# Penalty of the trend; it keeps neighbouring flow stresses, which rise and fall together, from cancelling each other.
TREND_PENALTY = 0.3
# Last known targets whose slope goes on behind them, for trend and components alone.
TAIL = 6
# Part of the variance of the features that the components in use explain. The smallest of them, the fine shape of the
# flow curve, are magnified: their spread is divided by this power of itself.
EXPLAINED, SHARPNESS, LEAST_SPREAD = 0.99999, 0.5, 1e-3
# How far a feature, and a component of all of them, may lie beyond the training range, in parts of it.
MARGIN, COMPONENT_MARGIN = 0.05, 0.25
# Samples that are evaluated at once.
BATCH = 256


class SPTEmulator(RegressorMixin, BaseEstimator):
    r"""Emulate the small punch test: the load curve of a material without a simulation, and its derivatives.

    A committee of small networks over a linear trend, in terms in which curves of all sizes and metals are the same
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
        greatest target. "standard" learns standardised targets. "auto" is "log" where all targets are positive.
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
        Least and greatest value of each feature in the training.
    input_components_ : ndarray of shape (n_inputs, n_features)
        Principal components of the standardised features: what trend and networks see.
    input_range_ : ndarray of shape (2, n_inputs)
        Least and greatest score of the training on them.
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

    def __init__(
        self,
        *,
        displacement_kind: str = "punch",
        n_components: int = 20,
        n_members: int = 4,
        hidden_size: int = 128,
        n_layers: int = 3,
        max_epochs: int = 400,
        batch_size: int = 64,
        lr: float = 4e-3,
        weight_decay: float = 0.2,
        target_scaling: str = "auto",
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.displacement_kind = displacement_kind
        self.n_components = n_components
        self.n_members = n_members
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.target_scaling = target_scaling
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from arrays.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; for tests, those of `features`.
        y : array-like of shape (n_samples, n_outputs) or (n_samples,)
            Targets; for tests, those of `targets`. NaN where a value is not known.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, the data are not numbers of these shapes, or nothing is known of a
            sample.
        RuntimeError
            If the training diverges.
        """
        self._check_parameters()
        X, y = self._validate_training(X, y)
        known = np.isfinite(y)
        self.target_scaling_ = self._choose_scaling(y[known])
        log = self.target_scaling_ == "log"
        filled = _filled(np.log(y) if log else y)
        self.target_mean_ = filled.mean(axis=0)
        spread = np.ones(y.shape[1]) if log else filled.std(axis=0)
        self.target_std_ = np.where(spread > 0, spread, 1.0)
        filled = (filled - self.target_mean_) / self.target_std_
        weight = known.astype(np.float64)
        if log:
            weight *= LEAST_WEIGHT + np.where(known, y, 0.0) / np.nanmax(y, axis=1, keepdims=True)
        inputs = self._learn_features(X)
        gram = inputs.T @ inputs
        gram[np.diag_indices_from(gram)] += TREND_PENALTY
        self.trend_ = np.linalg.solve(gram, inputs.T @ filled)
        left = filled - inputs @ self.trend_
        self.components_ = _components(left, weight, self.n_components)
        with _bar(self.verbose, self.max_epochs) as bar:
            self.weights_, self.history_ = train(
                inputs,
                self.components_,
                left,
                weight,
                n_members=self.n_members,
                hidden_size=self.hidden_size,
                n_layers=self.n_layers,
                max_epochs=self.max_epochs,
                batch_size=self.batch_size,
                lr=self.lr,
                weight_decay=self.weight_decay,
                seed=draw_seed(self.random_state),
                after_epoch=bar.update,
            )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of features.

        Of a sample beyond the range of the training an `UntrustedPredictionWarning` tells the index and what lies
        beyond it: a feature by a twentieth of its range, or a principal component of all by a quarter.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_samples, n_outputs) or (n_samples,)
            The targets.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        self._warn_of(X, getattr(self, "feature_names_in_", [f"feature {i}" for i in range(X.shape[1])]))
        y = self._evaluate(X)
        return y[:, 0] if self.y_ndim_ == 1 else y

    def gradient(self, X: Any) -> np.ndarray:
        """Derivatives of the predicted targets by the features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        gradient : ndarray of shape (n_samples, n_outputs, n_features)
            The derivatives.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.concatenate([self._differentiate(X[i : i + BATCH]) for i in range(0, len(X), BATCH)])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Coefficient of determination of the targets that are known.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples, n_outputs) or (n_samples,)
            Targets. NaN where a value is not known.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        score : float
            R², with the sums over all known values, of each output about its own mean.
        """
        y = np.asarray(y, dtype=np.float64)
        error = (y - self.predict(X)) ** 2
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        weight = np.where(np.isfinite(y), weight.reshape(-1, *[1] * (y.ndim - 1)), 0.0)
        values = np.nan_to_num(y)
        mean = (weight * values).sum(axis=0) / np.maximum(weight.sum(axis=0), np.finfo(np.float64).tiny)
        return float(1 - (weight * np.nan_to_num(error)).sum() / (weight * (values - mean) ** 2).sum())

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
            Young's modulus of materials given by their curves, MPa. None: the greatest slope stress/strain.

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
        _check_curves(curves, len(found))
        rigs = _rigs(rig, len(found))
        return np.stack([discs.loads(*each) for each in zip(curves, found, rigs, strict=True)])

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
            self._curve(load, material, tools, float(height), float(row[-2]), bool(good))
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
        (curve,) = self.predict_curves([material], rig, thickness=thickness, friction=friction, nu=nu, E=E)
        tools = discs.checked_rig(rig)
        table = as_material(material, E, nu)
        X = _features([table], [tools], thickness, friction)
        n = len(curve.load) - 1
        parts = discs.derivatives(
            self._evaluate(X)[0, :n], self._differentiate(X)[0, :n], table, thickness, float(tools.hole_diameter or 1.0)
        )
        flow = flow_derivatives(material, parameters, E, nu)
        gradient = parts["flow_stress"] @ discs.at_strains(flow.base, flow.flow_stress) + np.outer(parts["E"], flow.E)
        for j, name in enumerate(flow.columns):
            if name in ("thickness", "friction", "nu"):
                gradient[:, j] += parts[name]
        return SPTSensitivities(curve, flow.columns, np.vstack([np.zeros(len(flow.columns)), gradient]))

    def _check_parameters(self) -> None:
        check_option(self, "displacement_kind", ("punch", "deflection"))
        check_option(self, "target_scaling", ("auto", "log", "standard"))
        for name in ("n_components", "n_members", "hidden_size", "n_layers", "max_epochs", "batch_size"):
            check_number(self, name, int, low=1)
        check_number(self, "lr", low=0, open_low=True)
        check_number(self, "weight_decay", low=0)

    def _validate_training(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        y = check_array(y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan", input_name="y")
        check_consistent_length(X, y)
        if y.ndim > 2:
            raise ValueError(f"{type(self).__name__}: y must be 1-D or 2-D; got shape {y.shape}")
        self.y_ndim_ = y.ndim
        y = y.reshape(len(y), -1)
        unknown = np.flatnonzero(~np.isfinite(y).any(axis=1))
        if unknown.size:
            raise ValueError(
                f"y is NaN throughout for {name_curves(unknown)} ({unknown.size} such); leave these samples out"
            )
        self.n_outputs_ = y.shape[1]
        return X, y

    def _choose_scaling(self, known: np.ndarray) -> str:
        positive = bool((known > 0).all())
        if self.target_scaling == "log" and not positive:
            raise ValueError(
                f"{type(self).__name__}: target_scaling='log' needs positive targets; got values down to "
                f"{known.min():g}. Use target_scaling='standard'"
            )
        if self.target_scaling == "auto":
            return "log" if positive else "standard"
        return str(self.target_scaling)

    def _learn_features(self, X: np.ndarray) -> np.ndarray:
        """Learn statistics and domain of the features; return them standardised."""
        self.feature_mean_ = X.mean(axis=0)
        spread = X.std(axis=0)
        self.feature_std_ = np.where(spread > 0, spread, 1.0)
        self.feature_range_ = np.stack([X.min(axis=0), X.max(axis=0)])
        inputs = (X - self.feature_mean_) / self.feature_std_
        _, singular, directions = np.linalg.svd(inputs, full_matrices=False)
        part = np.cumsum(singular**2) / max(np.sum(singular**2), np.finfo(np.float64).tiny)
        n = np.searchsorted(part, EXPLAINED) + 1
        spread = singular[:n] / np.sqrt(len(X))
        self.input_components_ = directions[:n] / np.maximum(spread, LEAST_SPREAD)[:, None] ** SHARPNESS
        score = inputs @ self.input_components_.T
        self.input_range_ = np.stack([score.min(axis=0), score.max(axis=0)])
        return score

    def _inputs(self, X: np.ndarray) -> np.ndarray:
        return (X - self.feature_mean_) / self.feature_std_ @ self.input_components_.T

    def _evaluate(self, X: np.ndarray) -> np.ndarray:
        return np.concatenate([self._evaluate_batch(X[i : i + BATCH]) for i in range(0, len(X), BATCH)])

    def _evaluate_batch(self, X: np.ndarray) -> np.ndarray:
        inputs = self._inputs(X)
        scaled = inputs @ self.trend_ + evaluate(self.weights_, inputs) @ self.components_
        y = scaled * self.target_std_ + self.target_mean_
        return np.exp(y) if self.target_scaling_ == "log" else y

    def _differentiate(self, X: np.ndarray) -> np.ndarray:
        slope = self.trend_ + differentiate(self.weights_, self._inputs(X)) @ self.components_
        slope = self.input_components_.T / self.feature_std_[:, None] @ slope * self.target_std_
        if self.target_scaling_ == "log":
            slope *= self._evaluate_batch(X)[:, None]
        return slope.transpose(0, 2, 1)

    def _warn_of(self, X: np.ndarray, names: Any) -> np.ndarray:
        """Warn of samples beyond the training range; return which they are."""
        beyond = _beyond(X, self.feature_range_) / MARGIN
        together = _beyond(self._inputs(X), self.input_range_).max(axis=1) / COMPONENT_MARGIN
        distance = np.maximum(beyond.max(axis=1), together)
        far = distance > 1
        if far.any():
            i = int(np.argmax(distance))
            j = int(np.argmax(beyond[i]))
            what = "together its features are like none of the training"
            if beyond[i, j] > 1:
                low, high = self.feature_range_[:, j]
                what = f"{names[j]} is {X[i, j]:.4g}, and the training had {low:.4g} to {high:.4g}"
            warnings.warn(
                f"{type(self).__name__}: {name_curves(np.flatnonzero(far))} unlike the training curves (curve {i}: "
                f"{what}); what is predicted there means little. Simulate such tests with simulate_spt",
                UntrustedPredictionWarning,
                stacklevel=3,
            )
        return far

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
            np.concatenate([[0.0], discs.GRID[:end] * float(rig.hole_diameter or 1.0)]),
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


def _check_curves(curves: Any, n: int) -> None:
    if not isinstance(curves, Sequence) or not all(isinstance(curve, SPTCurve) for curve in curves):
        raise TypeError("curves must be a list of SPTCurve")
    if len(curves) != n:
        raise ValueError(f"there are {len(curves)} curves and {n} materials; give one material for each curve")
    for i, curve in enumerate(curves):
        if curve.thickness is None:
            raise ValueError(f"curve {i} ({curve.name!r}) has no thickness; set it with curve.replace(thickness=...)")


def _filled(values: np.ndarray) -> np.ndarray:
    """Rows without gaps: between known values on a line, before them constant, behind them with their last slope."""
    filled = values.copy()
    places = np.arange(values.shape[1])
    for i in np.flatnonzero(~np.isfinite(values).all(axis=1)):
        row = filled[i]
        known = np.flatnonzero(np.isfinite(row))
        last = known[-TAIL:]
        slope = (row[last[-1]] - row[last[0]]) / max(last[-1] - last[0], 1)
        row[:] = np.interp(places, known, row[known]) + slope * np.maximum(places - known[-1], 0)
    return filled


def _components(values: np.ndarray, weight: np.ndarray, n_components: int) -> np.ndarray:
    """Principal components of values, which matter in each column as its weights are, times the scores' deviations."""
    column = np.sqrt(np.mean(weight**2, axis=0)) + np.finfo(np.float32).eps
    _, singular, directions = np.linalg.svd(values * column, full_matrices=False)
    n = min(n_components, len(singular))
    return directions[:n] * (singular[:n, None] / np.sqrt(len(values))) / column


def _beyond(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """How far values lie outside of limits, in parts of their range."""
    low, high = limits
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return np.maximum(np.maximum(low - values, values - high) / span, 0.0)


def _bar(verbose: int, max_epochs: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=max_epochs, desc="SPTEmulator", unit="epoch", disable=not verbose)
