"""What a user would take instead of a network: regressions by the rule book, and the classical inverse method.

All see what the networks see, the resampled loads and the thickness, and nothing else of a curve. Logarithms make the
laws of powers in strength and thickness straight lines, so that all work with them; targets are flow curves, which have
no kink (see `FlowCurveTransformer`). What is searched is searched on the training curves alone.
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import least_squares
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.utils.validation import check_is_fitted

from sklearn_spt import CurveResampler, FlowCurveTransformer, GaussianProcessCurveRegressor
from sklearn_spt.mechanics import Swift

from .setting import Setting


def log_features(X: np.ndarray, thickness: bool = True) -> np.ndarray:
    """Logarithms of the loads, at least 1 N, and of the thickness, which stands last."""
    loads = np.log(np.maximum(X[:, :, 0], 1.0))
    return np.column_stack([loads, np.log(X[:, 0, 1])]) if thickness else loads


def bounded_exp(X: np.ndarray) -> np.ndarray:
    """MPa, at most 1,200 GPa: what a polynomial says far from all curves stays finite, and an error a number."""
    return np.exp(np.clip(X, -14.0, 14.0))


def logarithm() -> FunctionTransformer:
    return FunctionTransformer(np.log, bounded_exp, check_inverse=False)


# How often the noise of a Gaussian process is made ten times as large before its failure is reported.
NOISE_STEPS = 4


class TunedOnPartGaussianProcess(RegressorMixin, BaseEstimator):
    """Gaussian process whose hyper-parameters are optimised on a part of the curves, and which then takes all of them.

    One step of the optimisation needs time with the cube of the number of curves, and there are hundreds of steps; the
    process itself is exact.

    Parameters
    ----------
    nu : float
        Smoothness of the Matérn kernel, which has a length scale per feature; infinity is the RBF kernel.
    n_tuning : int
        Number of curves, drawn by `random_state`, for the marginal likelihood.
    n_restarts : int
        Further starts of the optimisation, from random hyper-parameters.
    random_state : int

    Attributes
    ----------
    leave_one_out_ : ndarray
        Errors at the training curves, each as predicted from all others with the same hyper-parameters.
    """

    def __init__(self, nu: float = 2.5, *, n_tuning: int = 500, n_restarts: int = 0, random_state: int = 0) -> None:
        self.nu = nu
        self.n_tuning = n_tuning
        self.n_restarts = n_restarts
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        scales = np.full(X.shape[1], 3.0)
        smooth = RBF(scales, (1e-1, 1e4)) if np.isinf(self.nu) else Matern(scales, (1e-1, 1e4), nu=self.nu)
        # The simulations have no noise but that of their increments: the floor is that of the arithmetic.
        kernel = ConstantKernel(10.0, (1e-3, 1e8)) * smooth + WhiteKernel(1e-4, (1e-10, 1.0))
        self.mean_, scale = y.mean(axis=0), y.std(axis=0)
        normal = (y - self.mean_) / scale
        part = np.random.default_rng(self.random_state).permutation(len(X))[: self.n_tuning]
        with warnings.catch_warnings():
            # A length scale at its bound is a feature that does not matter.
            warnings.simplefilter("ignore", ConvergenceWarning)
            tuned = GaussianProcessRegressor(
                kernel, n_restarts_optimizer=self.n_restarts, random_state=self.random_state
            ).fit(X[part], normal[part])
        process = self._fit_all(tuned.kernel_, X, normal)
        # The factor of the kernel matrix, which only standard deviations need, is not kept: it has the square of the
        # number of curves.
        self.kernel_, self.X_, self.alpha_ = process.kernel_, X, scale * process.alpha_
        diagonal = np.sum(solve_triangular(process.L_, np.eye(len(X)), lower=True) ** 2, axis=0)
        self.leave_one_out_ = (self.alpha_.T / diagonal).T
        return self

    @staticmethod
    def _fit_all(kernel: Any, X: np.ndarray, y: np.ndarray) -> GaussianProcessRegressor:
        # A noise at its floor, found with a part of the curves, can be below what the arithmetic needs for all.
        for _ in range(NOISE_STEPS):
            try:
                return GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)
            except np.linalg.LinAlgError:
                kernel = kernel.k1 + WhiteKernel(10 * kernel.k2.noise_level)
        return GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)

    def predict(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        return self.mean_ + self.kernel_(X, self.X_) @ self.alpha_


class ResidualRegressor(RegressorMixin, BaseEstimator):
    """A regressor for what another one, the trend, leaves."""

    def __init__(self, trend: Any, regressor: Any) -> None:
        self.trend = trend
        self.regressor = regressor

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        self.trend_ = clone(self.trend).fit(X, y)
        self.regressor_ = clone(self.regressor).fit(X, y - self.trend_.predict(X))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        return self.trend_.predict(X) + self.regressor_.predict(X)


class SwiftParameters(TransformerMixin, BaseEstimator):
    """Stress-strain curves as parameters of Swift's law, fitted to their plastic part by least squares in logarithms.

    The columns are the logarithm of the flow stress at a plastic strain of 0.1, n, and with `epsilon0` None the
    logarithm of the prestrain.
    """

    CANDIDATES = np.geomspace(1e-4, 0.2, 200)
    STRAIN = 0.1
    # Below, a stress rounded to single precision is as good as on Hooke's line.
    PLASTIC = 1e-5

    def __init__(self, strain: Any, elastic_modulus: float | str, epsilon0: float | None = None) -> None:
        self.strain = strain
        self.elastic_modulus = elastic_modulus
        self.epsilon0 = epsilon0

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        # "curve" takes the mean of the training curves: the loads say next to nothing of the modulus.
        known = not isinstance(self.elastic_modulus, str)
        self.elastic_modulus_ = float(self.elastic_modulus) if known else float(np.mean(X[:, 0] / self.strain[0]))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        own = isinstance(self.elastic_modulus, str)
        return np.array([self._fit_law(y, y[0] / self.strain[0] if own else self.elastic_modulus_) for y in X])

    def _fit_law(self, stress: np.ndarray, modulus: float) -> np.ndarray:
        plastic = self.strain - stress / modulus
        at = plastic > self.PLASTIC
        y = np.log(stress[at])
        candidates = np.array([self.epsilon0]) if self.epsilon0 else self.CANDIDATES
        x = np.log(candidates[:, None] + plastic[at])
        centred = x - x.mean(axis=1, keepdims=True)
        n = centred @ y / np.sum(centred**2, axis=1)
        misfit = np.sum((y - y.mean() - n[:, None] * centred) ** 2, axis=1)
        best = int(np.argmin(misfit))
        log_K = y.mean() - n[best] * x[best].mean()
        flow = log_K + n[best] * np.log(candidates[best] + self.STRAIN)
        return np.array([flow, n[best]] if self.epsilon0 else [flow, n[best], np.log(candidates[best])])

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        epsilon0 = np.full(len(X), self.epsilon0) if self.epsilon0 else np.exp(np.clip(X[:, 2], -12, 0))
        n = np.clip(X[:, 1], 0.0, 1.0)
        K = np.exp(X[:, 0] - n * np.log(epsilon0 + self.STRAIN))
        return Swift(E=self.elastic_modulus_, K=K, epsilon0=epsilon0, n=n).true_stress(np.asarray(self.strain))


class InverseRegressor(RegressorMixin, BaseEstimator):
    r"""The classical inverse method: parameters whose simulated load curve is nearest to the measured one.

    In `fit`, Gaussian processes with a polynomial trend learn the forward simulation, from the law's parameters and the
    thickness to the principal components of the logarithms of the loads. In `predict` the thickness is known, and the
    parameters :math:`p`, standardised, minimise

    .. math:: \lVert W (s(p) - s) \rVert^2 + \lVert p \rVert^2

    with the scores :math:`s` of the curve and :math:`s(p)` of the surrogate. :math:`W` is the inverse root of the
    covariance of the surrogate's leave-one-out errors: they hold what the parameters do not tell, such as the friction.

    Parameters
    ----------
    parameters : transformer
        From stress-strain curves to the parameters of a law, and back.
    process : TunedOnPartGaussianProcess
        That of one score.
    n_components : int
        Number of principal components of the loads.
    degree : int
        Degree of the polynomial trend of the surrogate.
    n_starts : int
        Starts of the least squares, from the training curves whose loads are nearest.
    """

    def __init__(
        self,
        parameters: Any,
        process: Any,
        *,
        n_components: int = 12,
        degree: int = 2,
        n_starts: int = 2,
    ) -> None:
        self.parameters = parameters
        self.n_components = n_components
        self.degree = degree
        self.n_starts = n_starts
        self.process = process

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """`X` as `log_features` makes it, stresses `y` in MPa."""
        self.parameters_ = clone(self.parameters).fit(y)
        values = np.column_stack([self.parameters_.transform(y), X[:, -1]])
        self.scaler_ = StandardScaler().fit(values)
        self.known_ = self.scaler_.transform(values)
        self.pca_ = PCA(min(self.n_components, len(X) - 1)).fit(X[:, :-1])
        scores = self.pca_.transform(X[:, :-1])
        self.scores_ = scores
        self.trend_ = make_pipeline(
            PolynomialFeatures(self.degree), RidgeCV(np.logspace(-8, 0, 9), alpha_per_target=True)
        )
        rest = scores - self.trend_.fit(self.known_, scores).predict(self.known_)
        processes = [clone(self.process).fit(self.known_, column) for column in rest.T]
        self.weights_ = self._weights(np.column_stack([process.leave_one_out_ for process in processes]))
        smooth = [process.kernel_.k1 for process in processes]
        self.variances_ = np.array([kernel.k1.constant_value for kernel in smooth])
        self.length_scales_ = np.array([kernel.k2.length_scale for kernel in smooth])
        self.alphas_ = np.column_stack([process.alpha_ for process in processes])
        self.means_ = np.array([process.mean_ for process in processes])
        return self

    def _weights(self, errors: np.ndarray) -> np.ndarray:
        scale = 1.4826 * np.median(np.abs(errors), axis=0)
        # A curve whose simulation needed other increments has errors of its own: without the worst tenth.
        size = np.linalg.norm(errors / scale, axis=1)
        usual = errors[size <= np.quantile(size, 0.9)]
        return np.linalg.cholesky(np.linalg.inv(usual.T @ usual / len(usual))).T

    def forward(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores of the loads at standardised parameters and thickness, and their derivatives."""
        apart = values - self.known_
        r = np.sqrt(5 * apart**2 @ (1 / self.length_scales_**2).T)
        decay = self.variances_ * np.exp(-r) * self.alphas_
        scores = np.sum(decay * (1 + r + r**2 / 3), axis=0) + self.means_
        slopes = -5 / 3 * (decay * (1 + r)).T @ apart / self.length_scales_**2
        powers, ridge = self.trend_[0].powers_, self.trend_[1]
        # Row k of the middle axis: the powers of the derivative by value k; the last one those of the trend itself.
        lower = np.maximum(powers[:, None, :] - np.eye(len(values) + 1, len(values), dtype=int), 0)
        terms = np.prod(values**lower, axis=2)
        slopes += ridge.coef_ @ (powers * terms[:, :-1])
        return scores + ridge.coef_ @ terms[:, -1] + ridge.intercept_, slopes

    def solve(self, X: np.ndarray) -> np.ndarray:
        """Parameters of the law of each curve."""
        scores = self.pca_.transform(X[:, :-1])
        n = len(self.scaler_.mean_) - 1
        thickness = (X[:, -1] - self.scaler_.mean_[-1]) / self.scaler_.scale_[-1]
        found = np.array([self._solve_curve(*pair) for pair in zip(scores, thickness, strict=True)])
        return found * self.scaler_.scale_[:n] + self.scaler_.mean_[:n]

    def _solve_curve(self, scores: np.ndarray, thickness: float) -> np.ndarray:
        @functools.lru_cache(maxsize=1)
        def forward(p: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
            return self.forward(np.array([*p, thickness]))

        def residual(p: np.ndarray) -> np.ndarray:
            return np.append(self.weights_ @ (forward(tuple(p))[0] - scores), p)

        def jacobian(p: np.ndarray) -> np.ndarray:
            return np.vstack([self.weights_ @ forward(tuple(p))[1][:, :-1], np.eye(len(p))])

        nearest = np.argsort(np.sum((self.scores_ - scores) ** 2, axis=1))[: self.n_starts]
        fits = [least_squares(residual, self.known_[i, :-1], jacobian, max_nfev=50) for i in nearest]
        return min(fits, key=lambda fit: fit.cost).x

    def predict(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        return self.parameters_.inverse_transform(self.solve(X))


def features(setting: Setting, *steps: Any, thickness: bool = True) -> list[Any]:
    """First steps of every model."""
    return [
        CurveResampler(**setting.resampler_parameters()),
        FunctionTransformer(log_features, kw_args={"thickness": thickness}),
        *steps,
    ]


def log_flow(setting: Setting, components: int | None) -> Any:
    """Targets: logarithms of yield and flow stresses, or whitened principal components of them."""
    flow = FlowCurveTransformer(setting.strain, elastic_modulus=setting.elastic_modulus)
    pca = [] if components is None else [PCA(components, whiten=True)]
    return make_pipeline(flow, logarithm(), *pca)


def flow_components(setting: Setting) -> int:
    # Sheet: five components leave 0.01 MPa on average, four 0.05; a sixth is rounding. EN 10371 has laws of several
    # shapes, and the modulus.
    return 5 if setting.data == "sheet" else 9


def model(
    setting: Setting,
    regressor: Any,
    *,
    scores: int,
    components: int | None = None,
    thickness: bool = True,
    grid: Any = None,
) -> Any:
    """A regressor from principal components of the logarithmic loads, and the thickness, to flow curves.

    The thickness is a coordinate of its own: components that mix it with the loads bend what is straight in either.
    With `components` the targets are principal components of the flow curves. With a grid of parameters it is searched
    by cross-validation; names begin at the pipeline, and "regressor__" stands for the regressor.
    """
    target = TransformedTargetRegressor(regressor, transformer=log_flow(setting, components), check_inverse=False)
    loads = slice(0, len(setting.grid))
    scorer = ColumnTransformer([("pca", PCA(scores, whiten=True), loads)], remainder="passthrough")
    pipeline = make_pipeline(*features(setting, StandardScaler(), scorer, thickness=thickness), target)
    return pipeline if grid is None else search(setting, pipeline, grid)


def search(setting: Setting, pipeline: Any, grid: list[dict[str, list[Any]]]) -> Any:
    """Cross-validation on the training curves; with `quick` the first and the last of each parameter's values."""
    grid = [{key.replace("regressor__", TARGET, 1): values for key, values in part.items()} for part in grid]
    if setting.quick:
        grid = [{key: values[:: max(1, len(values) - 1)] for key, values in grid[0].items()}]
    return GridSearchCV(
        pipeline, grid, cv=2 if setting.quick else 3, scoring="neg_mean_absolute_error", n_jobs=setting.n_jobs
    )


TARGET = "transformedtargetregressor__regressor__"
SCORES = "columntransformer__pca__n_components"
DEGREE = "regressor__polynomialfeatures__degree"


def ridge(degree: int) -> Any:
    # A penalty per target: the last principal components are noise, and ask for one that ruins the first.
    penalty = RidgeCV(np.logspace(-8, 2, 11), alpha_per_target=True)
    return make_pipeline(PolynomialFeatures(degree), StandardScaler(), penalty)


def process(setting: Setting, nu: float = 2.5, n_tuning: int = 300) -> TunedOnPartGaussianProcess:
    return TunedOnPartGaussianProcess(nu, n_tuning=60 if setting.quick else n_tuning, random_state=setting.seed)


def processes(setting: Setting, nu: float = 2.5) -> Any:
    """A Gaussian process for each target."""
    return MultiOutputRegressor(process(setting, nu), n_jobs=setting.n_jobs)


def polynomial(setting: Setting) -> Any:
    """Ridge polynomial of degree 4 of five principal components, of the stresses themselves"""
    target = TransformedTargetRegressor(ridge(4), transformer=logarithm(), check_inverse=False)
    return make_pipeline(*features(setting, StandardScaler(), PCA(5, whiten=True)), target)


def polynomial_flow(setting: Setting) -> Any:
    """Ridge polynomial of degree 4 of five principal components, of flow curves"""
    return model(setting, ridge(4), scores=5)


# At most 500 terms: more take minutes, and more curves than there are.
POLYNOMIALS = [
    {SCORES: [4, 5], DEGREE: [2, 3, 4, 5]},
    {SCORES: [6, 8], DEGREE: [2, 3]},
    {SCORES: [6, 7], DEGREE: [4]},
    {SCORES: [6], DEGREE: [5]},
    {SCORES: [10, 12, 16, 20], DEGREE: [2]},
]


def polynomial_flow_tuned(setting: Setting) -> Any:
    """Ridge polynomial of flow curves; degree and number of principal components searched"""
    return model(setting, ridge(4), scores=5, grid=POLYNOMIALS)


def polynomial_no_thickness(setting: Setting) -> Any:
    """The tuned polynomial that is not told the thickness"""
    return model(setting, ridge(4), scores=5, thickness=False, grid=POLYNOMIALS)


# Principal components of the sets of Gaussian processes that predict together. On sheets `benchmarks.paper.choices`
# finds these as good as others; of unperturbed curves, fewer components go astray with faults, and more with noise.
COMMITTEES = {"sheet": (6, 7, 8), "en10371": (12, 16, 20)}


def gp_scores(setting: Setting) -> int:
    # As `python -m benchmarks.paper.choices` finds. EN 10371 has more parameters, and the friction.
    return 7 if setting.data == "sheet" else 16


def kriging(setting: Setting, **changes: Any) -> GaussianProcessCurveRegressor:
    """The Gaussian processes of the package."""
    parameters = {
        "n_components": gp_scores(setting),
        "n_target_components": flow_components(setting),
        "n_tuning": 60 if setting.quick else 300,
        "elastic_modulus": setting.elastic_modulus,
        "strain": setting.strain,
        "random_state": setting.seed,
    }
    return GaussianProcessCurveRegressor(**(parameters | changes))


def gp(setting: Setting) -> Any:
    """Gaussian processes, one per component of the flow curve: Matérn 5/2, a length scale per principal component"""
    return make_pipeline(CurveResampler(**setting.resampler_parameters()), kriging(setting))


def ensemble(setting: Setting) -> GaussianProcessCurveRegressor:
    """Several sets of the Gaussian processes of the package."""
    return kriging(setting, n_components=COMMITTEES[setting.data])


def gp_ensemble(setting: Setting) -> Any:
    """The mean of three such sets of Gaussian processes: other numbers of principal components, other curves drawn"""
    return make_pipeline(CurveResampler(**setting.resampler_parameters()), ensemble(setting))


def gp_no_thickness(setting: Setting) -> Any:
    """The Gaussian processes that are not told the thickness"""
    resampler = CurveResampler(**setting.resampler_parameters() | {"descriptors": ()})
    return make_pipeline(resampler, kriging(setting))


def gp_trend(setting: Setting) -> Any:
    """The Gaussian processes on what a ridge polynomial of degree 2 leaves"""
    regressor = ResidualRegressor(ridge(2), processes(setting))
    return model(setting, regressor, scores=gp_scores(setting), components=flow_components(setting))


def gp_rbf(setting: Setting) -> Any:
    """The Gaussian processes with the RBF kernel"""
    return make_pipeline(CurveResampler(**setting.resampler_parameters()), kriging(setting, nu=np.inf))


def gp_flow(setting: Setting) -> Any:
    """One Gaussian process for all flow stresses, RBF kernel: as one begins"""
    return model(setting, process(setting, np.inf), scores=6)


def kernel_ridge(setting: Setting) -> Any:
    """Kernel ridge regression; kernel, its width or degree, penalty and number of principal components searched"""
    # Smaller penalties are lost in rounding: the kernel matrix is no longer positive definite.
    alpha = [1e-10, 1e-8, 1e-6]
    kernel, gamma = (f"regressor__{name}" for name in ("kernel", "gamma"))
    grid = [
        {kernel: ["rbf"], gamma: [0.003, 0.01, 0.03], "regressor__alpha": alpha, SCORES: [5, 8]},
        {kernel: ["poly"], "regressor__degree": [4, 5], gamma: [0.05], "regressor__alpha": alpha, SCORES: [5, 8]},
    ]
    return model(setting, KernelRidge(coef0=1), scores=5, components=flow_components(setting), grid=grid)


def pls(setting: Setting) -> Any:
    """Partial least squares on polynomials of the principal components; degree and numbers of components searched"""
    regressor = make_pipeline(PolynomialFeatures(2, include_bias=False), PLSRegression(10, max_iter=5000))
    grid = [
        {SCORES: [12], DEGREE: [1], "regressor__plsregression__n_components": [6, 10]},
        {SCORES: [5, 6], DEGREE: [3, 4], "regressor__plsregression__n_components": [20, 40]},
        {SCORES: [12], DEGREE: [2], "regressor__plsregression__n_components": [20, 40]},
    ]
    return model(setting, regressor, scores=12, grid=grid)


def extra_trees(setting: Setting) -> Any:
    """Extremely randomised trees; features per split and number of principal components searched"""
    regressor = ExtraTreesRegressor(20 if setting.quick else 300, random_state=setting.seed)
    grid = [{SCORES: [4, 6, 10], "regressor__max_features": [0.5, 1.0]}]
    return model(setting, regressor, scores=6, components=flow_components(setting), grid=grid)


def gradient_boosting(setting: Setting) -> Any:
    """Histogram gradient boosting, one for each target; learning rate, leaves and number of components searched"""
    boosting = HistGradientBoostingRegressor(
        max_iter=60 if setting.quick else 500, min_samples_leaf=10, early_stopping=False, random_state=setting.seed
    )
    grid = [
        {
            SCORES: [4, 8],
            "regressor__estimator__learning_rate": [0.05, 0.1],
            "regressor__estimator__max_leaf_nodes": [6, 15],
        }
    ]
    return model(setting, MultiOutputRegressor(boosting), scores=6, components=flow_components(setting), grid=grid)


def mlp(setting: Setting) -> Any:
    """Multilayer perceptron of scikit-learn; optimiser, penalty and number of principal components searched"""
    regressor = MLPRegressor(
        hidden_layer_sizes=(64, 64),
        activation="tanh",
        max_iter=50 if setting.quick else 3000,
        tol=1e-7,
        random_state=setting.seed,
    )
    grid = [
        {SCORES: [6, 10], "regressor__solver": ["lbfgs"], "regressor__alpha": [1e-6, 1e-4]},
        # tol and patience of adam would stop it long before its rate is small.
        {
            SCORES: [6],
            "regressor__solver": ["adam"],
            "regressor__n_iter_no_change": [100],
            "regressor__learning_rate_init": [0.002],
        },
    ]
    return model(setting, regressor, scores=6, components=flow_components(setting), grid=grid)


def inversion(setting: Setting, parameters: Any) -> InverseRegressor:
    # On EN 10371 twice as many are no better: what is missing there is the friction, which is no parameter.
    return InverseRegressor(parameters, process(setting), n_components=4 if setting.quick else 12)


def inverse_swift(setting: Setting) -> Any:
    """The classical inverse method with Swift's law; on the sheet set the true one, K and n unknown"""
    epsilon0 = 0.01 if setting.data == "sheet" else None
    parameters = SwiftParameters(setting.strain, setting.elastic_modulus, epsilon0)
    return make_pipeline(*features(setting), inversion(setting, parameters))


def inverse(setting: Setting) -> Any:
    """The classical inverse method without a law: the parameters are principal components of the flow curves"""
    parameters = log_flow(setting, flow_components(setting))
    return make_pipeline(*features(setting), inversion(setting, parameters))


CLASSICAL: dict[str, Callable[[Setting], Any]] = {
    build.__name__: build
    for build in (
        polynomial,
        polynomial_flow,
        polynomial_flow_tuned,
        polynomial_no_thickness,
        gp_flow,
        gp_rbf,
        gp,
        gp_ensemble,
        gp_no_thickness,
        gp_trend,
        kernel_ridge,
        pls,
        extra_trees,
        gradient_boosting,
        mlp,
        inverse_swift,
        inverse,
    )
}

# Rough, from a few hundred curves: they only order the measurements that have no result yet.
SECONDS = {
    "polynomial": 5.0,
    "polynomial_flow": 10.0,
    "polynomial_flow_tuned": 250.0,
    "polynomial_no_thickness": 250.0,
    "gp_flow": 60.0,
    "gp_rbf": 80.0,
    "gp": 80.0,
    "gp_ensemble": 250.0,
    "gp_no_thickness": 80.0,
    "gp_trend": 80.0,
    "kernel_ridge": 400.0,
    "pls": 150.0,
    "extra_trees": 200.0,
    "gradient_boosting": 250.0,
    "mlp": 500.0,
    "inverse_swift": 200.0,
    "inverse": 200.0,
}
