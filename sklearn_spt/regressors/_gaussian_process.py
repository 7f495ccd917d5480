"""Gaussian processes between the principal components of load curves and of stress-strain curves."""

import warnings
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from scipy import linalg
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Kernel, Matern, WhiteKernel

from ..utils.state import Array, Choice, Number
from ..utils.validation import draw_seed
from ._components import BaseComponentRegressor, Counts
from ._docs import fill_docs

# Scores have unit variance: a process may bend within a tenth of that, and a length of many says that a score does not
# matter. Simulations have no noise but that of their increments, down to what the arithmetic needs.
LENGTH_BOUNDS = (1e-1, 1e4)
VARIANCE_BOUNDS = (1e-3, 1e8)
NOISE_BOUNDS = (1e-10, 1.0)
# How often the noise is made ten times as large before the failure of the arithmetic is reported.
NOISE_STEPS = 6
# Curves that drawn curves are conditioned on at once.
BATCH = 1024
# Added to the covariances of drawn curves, as a part of the variance, so that they can be inverted; never more than the
# noise.
JITTER = 1e-8


@fill_docs
class GaussianProcessCurveRegressor(BaseComponentRegressor):
    r"""Gaussian processes (kriging) between the principal components of load curves and of stress-strain curves.

    No network: a process for each principal component of the scaled targets, as a function of the principal components
    of the scaled loads and of the descriptors. Of curves without errors of measurement a few hundred and some seconds
    are enough. Tens of thousands, such as perturbed copies, are learned from as well, through those that are drawn as
    the points of a sparse process (`max_inducing_points`). Beside a network it is the steady one, see
    `CurveStackingRegressor`.

    Parameters
    ----------
    n_components : int or list, tuple or ndarray of int, default=7
        Principal components of the scaled loads that the processes depend on, beside the descriptors, which stay as
        they are. Each direction has a length scale of its own. Several numbers make an ensemble: for each of them a set
        of processes with curves of its own drawn, whose mean is the prediction. Where one errs by its choice of
        components and curves, the others err less or otherwise; the fit takes the time of all.
    n_target_components : int, default=8
        Principal components of the scaled targets, and so the number of processes in a set.
    nu : {0.5, 1.5, 2.5, inf}, default=2.5
        Smoothness of the Matérn kernel; infinity is the squared exponential.
    n_tuning : int, default=300
        Curves whose marginal likelihood is maximised over variance, length scales and noise: half of them as far from
        one another as can be, so that the edges of the training set count, half drawn at random. A step of that takes
        time with the cube of their number, and there are hundreds of steps.
    max_inducing_points : int, default=5000
        Maximum number of curves that a process is made of. Of more, so many are drawn at random, and the process is
        conditioned on all through these: sparse, with the drawn curves as inducing points. The time grows with the
        square of their number times the number of all curves (without drawing, with its cube), the memory, up to 900 MB
        for 5,000, with the square. Of perturbed copies, whose errors are far larger than what is left between inducing
        points, 1,000 are nearly as good as more. An ensemble keeps the scores of all curves that one of its processes
        is made of.
    {scaling}
    {curve_scaling}
    random_state : int, RandomState instance or None, default=None
        Seed of the curves that are drawn.

    Attributes
    ----------
    scores_ : ndarray of shape (n_curves_used, n_components_in_use)
        Scores of the training curves that the processes are made of.
    alpha_ : ndarray of shape (n_curves_used, n_processes)
        Weights of the curves' covariances in the prediction; 0 for a curve that a process is not made of. The processes
        stand set by set, and in each in the order of the target components.
    variance_, noise_ : ndarray of shape (n_processes,)
        Variance of each process and of its noise, where that of the target component is one.
    length_scale_ : ndarray of shape (n_processes, n_components_in_use)
        Length scales, in standard deviations of the scores; infinite for a component that a process does not use.
    target_components_ : ndarray of shape (n_target_components_in_use, n_outputs)
        Principal components of the scaled targets, times the standard deviations of their scores.
    {curve_attributes}

    See Also
    --------
    CurveStackingRegressor : Add what a network knows.
    sklearn.gaussian_process.GaussianProcessRegressor : The process itself.

    Notes
    -----
    With the scores :math:`z` of a curve, the score of a target component is predicted as

    .. math:: \hat t(z) = \sum_i \alpha_i k(z, z_i), \quad \alpha = (K + s^2 I)^{-1} t

    with the covariances :math:`K_{ij} = k(z_i, z_j)` of the training curves and the variance :math:`s^2` of the noise
    (Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapter 2). The kernel :math:`k`
    is Matérn's, as `sklearn.gaussian_process.kernels.Matern` has it, of the distance in which each score is divided by
    its own length scale. An ensemble predicts the mean of the scores that its processes predict.

    With more curves than `max_inducing_points` the sum is over the drawn curves :math:`u` alone, and

    .. math:: \alpha = (s^2 K_{uu} + K_{uf} K_{fu})^{-1} K_{uf} t

    with all curves :math:`f`: the mean of the projected process (Rasmussen and Williams, section 8.3.4; deterministic
    training conditional in Quiñonero-Candela and Rasmussen, Journal of Machine Learning Research 6, 2005, 1939-1959;
    numbers of section and pages cited from memory).

    Curves without errors of measurement leave next to no noise, and the weights of neighbouring curves then cancel: the
    terms of the sum have up to 4e8 times the size of the score (900 curves of `load_sheet_steel`, 12 components), and
    what rounding makes of them is 3e-8 of the stress, or 0.00002 MPa of 500; with 1,000 inducing points and 16
    components on `load_en10371_steel` 4e-10. Digits behind these mean nothing.

    Far from all training curves the prediction goes back to the mean of the training targets; `predict` warns of such
    curves. What a standard deviation of the processes needs is not kept: it has the square of the number of curves, and
    would know nothing of the errors of measurement.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, GaussianProcessCurveRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(60, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), GaussianProcessCurveRegressor(random_state=0))
    >>> model.fit(X[:50], Y[:50]).score(X[50:], Y[50:]) > 0.999
    True
    """

    # A curve without errors of measurement has its small loads right, and what is bent there would have to be followed.
    _linear_fraction = 1e-3

    _fitted_state = BaseComponentRegressor._fitted_state | {
        "scores_": Array(shape=("kept", "components")),
        "alpha_": Array(shape=("kept", "members")),
        "variance_": Array(shape=("members",), above=0),
        "noise_": Array(shape=("members",), low=0),
        # That of a component which a process does not use is infinite.
        "length_scale_": Array(shape=("members", "components"), above=0, infinite=True),
    }

    _: KW_ONLY
    n_components: Counts = 7
    nu: Annotated[float, Choice(options=(0.5, 1.5, 2.5, np.inf))] = 2.5
    n_tuning: Annotated[int, Number(kind=int, low=2)] = 300
    max_inducing_points: Annotated[int, Number(kind=int, low=2)] = 5000

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the processes.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Loads of the curves on one grid of displacements, N; or channels with the load first, then descriptors. An
            image behind them is left out.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress of each curve on one grid of true strain, MPa.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, the data are not numbers of these shapes, or all curves are the same.
        numpy.linalg.LinAlgError
            If the covariances of the curves cannot be inverted, whatever the noise.
        """
        self._check_parameters()
        numbers, score, n_descriptors, targets = self._learn_components(X, y)
        random = np.random.default_rng(draw_seed(self.random_state))
        n_processes = len(numbers) * targets.shape[1]
        alphas = np.zeros((len(score), n_processes))
        self.variance_, self.noise_ = np.empty((2, n_processes))
        self.length_scale_ = np.full((n_processes, score.shape[1]), np.inf)
        n_loads = score.shape[1] - n_descriptors
        for j, number in enumerate(numbers):
            used = np.sort(random.permutation(len(score))[: self.max_inducing_points])
            directions = np.r_[: min(number, n_loads), n_loads : score.shape[1]]
            seen = np.ascontiguousarray(score[:, directions])
            part = self._draw_tuning(seen, random)
            for process, target in enumerate(targets.T, j * targets.shape[1]):
                kernel, alphas[used, process] = self._condition(
                    self._tune(seen[part], target[part]), seen, used, target
                )
                self.variance_[process] = kernel.k1.k1.constant_value
                self.length_scale_[process, directions] = kernel.k1.k2.length_scale
                self.noise_[process] = kernel.k2.noise_level
        kept = alphas.any(axis=1)
        self.scores_, self.alpha_ = score[kept], alphas[kept]
        return self

    def _matern(self, length_scale: np.ndarray) -> Kernel:
        if np.isinf(self.nu):
            return RBF(length_scale, LENGTH_BOUNDS)
        return Matern(length_scale, LENGTH_BOUNDS, nu=self.nu)

    def _draw_tuning(self, score: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Curves to tune with: half of them far from one another, where a process must reach far, half at random."""
        n = min(self.n_tuning, len(score))
        # Each is the one farthest from all those before it, beginning at the middle.
        far = [int(np.argmin(np.sum(score**2, axis=1)))]
        distance = np.full(len(score), np.inf)
        while len(far) < n // 2:
            distance = np.minimum(distance, np.sum((score - score[far[-1]]) ** 2, axis=1))
            far.append(int(distance.argmax()))
        others = random.permutation(np.setdiff1d(np.arange(len(score)), far))
        return np.concatenate([np.unique(far), others])[:n]

    def _tune(self, score: np.ndarray, target: np.ndarray) -> Kernel:
        kernel = ConstantKernel(10.0, VARIANCE_BOUNDS) * self._matern(np.full(score.shape[1], 3.0))
        with warnings.catch_warnings():
            # A length scale at its bound is a component that does not matter.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return GaussianProcessRegressor(kernel + WhiteKernel(1e-4, NOISE_BOUNDS)).fit(score, target).kernel_

    @staticmethod
    def _condition(kernel: Any, score: np.ndarray, used: np.ndarray, target: np.ndarray) -> tuple[Any, np.ndarray]:
        """Kernel, with the noise that it takes, and weights of the curves of the indices `used`."""
        weigh = _weigh if len(used) == len(score) else _weigh_projected
        # A noise at its floor, found with a part of the curves, can be below what the arithmetic needs for all.
        for _ in range(NOISE_STEPS):
            try:
                return kernel, weigh(kernel, score, used, target)
            except np.linalg.LinAlgError:
                kernel = kernel.k1 + WhiteKernel(10 * kernel.k2.noise_level)
        return kernel, weigh(kernel, score, used, target)

    def _evaluate(self, score: np.ndarray) -> np.ndarray:
        n_targets = len(self.target_components_)
        # Where all targets are the same there is no target component, and no process.
        found = np.zeros((max(len(self.variance_) // max(n_targets, 1), 1), n_targets, len(score)))
        for process, values in enumerate(found.reshape(-1, len(score))):
            used = self.alpha_[:, process] != 0
            correlation = _correlation(score, self.scores_[used], self.length_scale_[process], self.nu)
            values[:] = correlation @ (self.variance_[process] * self.alpha_[used, process])
        return found.transpose(0, 2, 1)


def _correlation(one: np.ndarray, other: np.ndarray, length_scale: np.ndarray, nu: float) -> np.ndarray:
    """As `Matern` and `RBF` of scikit-learn, in the memory of the distances: three times as fast."""
    distance = cdist(one / length_scale, other / length_scale)
    if np.isinf(nu):
        distance **= 2
        distance /= -2
        return np.exp(distance, out=distance)
    distance *= np.sqrt(2 * nu)
    # 1, 1 + d, or 1 + d + d²/3 times exp(-d).
    factor: Any = 1.0
    if nu == 2.5:
        factor = distance / 3
        factor += 1
        factor *= distance
        factor += 1
    elif nu == 1.5:
        factor = distance + 1
    np.negative(distance, out=distance)
    np.exp(distance, out=distance)
    distance *= factor
    return distance


def _weigh(kernel: Any, score: np.ndarray, used: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights of curves with covariances between all of them."""
    return GaussianProcessRegressor(kernel, optimizer=None).fit(score[used], target[used]).alpha_


def _weigh_projected(kernel: Any, score: np.ndarray, used: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights of drawn curves, from the targets of all.

    With the Cholesky factor of the covariances of the drawn curves, what is inverted is an identity and something that
    is not negative: with the formula as in the Notes, rounding would leave it indefinite.
    """
    covariance, noise = kernel.k1, kernel.k2.noise_level
    own = covariance(score[used])
    own[np.diag_indices_from(own)] += min(JITTER * covariance.k1.constant_value, noise)
    root = linalg.cholesky(own, lower=True, overwrite_a=True)
    information, weighted = np.eye(len(used)), np.zeros(len(used))
    for i in range(0, len(score), BATCH):
        batch = slice(i, i + BATCH)
        projected = linalg.solve_triangular(root, covariance(score[used], score[batch]), lower=True)
        information += projected @ projected.T / noise
        weighted += projected @ target[batch] / noise
    solved = linalg.cho_solve(linalg.cho_factor(information, lower=True, overwrite_a=True), weighted)
    return linalg.solve_triangular(root, solved, lower=True, trans=1)
