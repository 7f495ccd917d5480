"""Small perceptrons between the principal components of load curves and of stress-strain curves."""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated, Any, NamedTuple, Self

import numpy as np
from scipy import linalg
from sklearn.utils.parallel import Parallel, delayed

from ..utils.parameters import Count, NotNegative
from ..utils.state import Array, Number
from ..utils.validation import draw_seed
from ._components import BaseComponentRegressor, Counts
from ._docs import fill_docs

# Penalties of the first iterations, one for each start, how many of these there are, and of a trial. What evidence says
# of weights that have learned nothing is that all should be zero, and there a training would stay, if its penalty were
# not held for a while; and with a small one it may end where it goes through all curves. After the trials the start
# with the largest evidence goes on.
EARLY_PENALTIES, WARM_UP, TRIAL = (1.0, 10.0), 40, 100
# Iterations from one update of penalty and noise to the next.
UPDATE = 3
# The linear part is penalised as little as keeps the matrix regular.
LINEAR_PENALTY = 1e-6
# Damping of Levenberg and Marquardt, relative to the curvature of the error: the first, its least, the factors after a
# success and after a failure, and failures in a row that say that the error is at its least.
DAMPING, MIN_DAMPING, SUCCESS, FAILURE, FAILURES = 1e-2, 1e-12, 0.2, 5.0, 12
# Curves whose derivatives are held at once.
BATCH = 1024
# Iterations over which something must change by more than the tolerance.
PATIENCE = 50
# Mean square of the error, where that of the target is one, that counts as none.
TINY = 1e-20


@fill_docs
class MLPCurveRegressor(BaseComponentRegressor):
    r"""Small neural networks, trained to the end, between the principal components of load and of stress-strain curves.

    For each principal component of the scaled targets a perceptron of two hidden layers: a function of the principal
    components of the scaled loads and of the descriptors. So few weights, some three hundred, can be trained with
    second derivatives and in double precision, and the penalty on them be found from the training curves alone
    (Bayesian regularisation). Of curves without errors of measurement it comes far closer than large networks trained
    by steps along the gradient, in a minute or two, and without a graphics card. Beside Gaussian processes it is a good
    secondary, see `CurveStackingRegressor`.

    Parameters
    ----------
    n_components : int or list, tuple or ndarray of int, default=(5, 6, 7)
        Principal components of the scaled loads that the perceptrons depend on, beside the descriptors, which stay as
        they are. Several numbers make an ensemble: for each of them a set of perceptrons with a start of its own, whose
        mean is the prediction. A number may stand there more than once.
    n_target_components : int, default=8
        Principal components of the scaled targets, and so the number of perceptrons in a set.
    hidden_size : int, default=12
        Units of each of the two hidden layers. An iteration takes time with the sixth power at worst, with the fourth
        times the number of curves as a rule.
    max_samples : int, default=5000
        Maximum number of curves that a set is trained with. Of more, such as perturbed copies, each set draws so many
        at random, others than the next one. The time of an iteration grows with their number.
    max_iter : int, default=1500
        Maximum number of iterations. Of curves without errors of measurement the error still falls after it.
    tol : float, default=1e-3
        The training of a perceptron ends when, over 50 iterations, its error changed by less than this part of it and
        the number of weights in use by less than this part of all, as is soon so with noise.
    {scaling}
    {curve_scaling}
    n_jobs : int, default=None
        Perceptrons that are trained at a time, as in joblib. None is 1.
    random_state : int, RandomState instance or None, default=None
        Seed of the weights that the training starts from, and of the curves that are drawn.

    Attributes
    ----------
    input_weights_ : ndarray of shape (n_perceptrons, n_components_in_use, hidden_size)
        Weights of the first hidden layer; 0 for a component that a perceptron does not use. The perceptrons stand set
        by set, and in each in the order of the target components.
    input_biases_ : ndarray of shape (n_perceptrons, hidden_size)
        Biases of the first hidden layer.
    hidden_weights_ : ndarray of shape (n_perceptrons, hidden_size, hidden_size)
        Weights of the second hidden layer.
    hidden_biases_ : ndarray of shape (n_perceptrons, hidden_size)
        Biases of the second hidden layer.
    output_weights_ : ndarray of shape (n_perceptrons, hidden_size)
        Weights of the output.
    linear_weights_ : ndarray of shape (n_perceptrons, n_components_in_use)
        Weights of the way past the hidden layers.
    output_biases_ : ndarray of shape (n_perceptrons,)
        Biases of the output.
    noise_ : ndarray of shape (n_perceptrons,)
        Variance of what each perceptron leaves, where that of the target component is one.
    n_effective_ : ndarray of shape (n_perceptrons,)
        How many of its weights each perceptron makes use of, as the evidence has it.
    n_iter_ : ndarray of shape (n_perceptrons,)
        Iterations of each training.
    target_components_ : ndarray of shape (n_target_components_in_use, n_outputs)
        Principal components of the scaled targets, times the standard deviations of their scores.
    {curve_attributes}

    See Also
    --------
    GaussianProcessCurveRegressor : Gaussian processes between the same components.
    CurveStackingRegressor : Make one of both.
    Seq2SeqRegressor : The network of Yang et al.

    Notes
    -----
    With the scores :math:`z` of a curve, the score of a target component is predicted as

    .. math:: \hat t(z) = w^T \tanh(W_2 \tanh(W_1 z + b_1) + b_2) + v^T z + b

    and the weights :math:`\theta` minimise

    .. math:: \beta \sum_i (t_i - \hat t(z_i))^2 + \alpha \|\theta\|^2

    by the method of Levenberg and Marquardt. All weights count in the penalty but those of the linear part :math:`v`
    and :math:`b`. Its size :math:`\alpha` and the variance :math:`1 / \beta` of the noise maximise the evidence
    (MacKay, Bayesian interpolation, Neural Computation 4, 1992, 415-447): with the number of weights in use
    :math:`\gamma = P - \alpha \, \mathrm{tr} H^{-1}`, where :math:`H = \beta J^T J + \alpha I` and :math:`J` are the
    derivatives of the outputs by the :math:`P` weights, :math:`\alpha = \gamma / \|\theta\|^2` and
    :math:`1 / \beta = \sum_i (t_i - \hat t(z_i))^2 / (N - \gamma)`. Both together are the training of Foresee and Hagan
    (Gauss-Newton approximation to Bayesian learning, International Conference on Neural Networks 1997, 1930-1935). Both
    sources are cited from memory.

    The evidence has more than one maximum: a training with a small penalty can end where it goes through all curves,
    noise included, and one with a large penalty where all hidden weights are zero. Therefore each perceptron has two
    starts, whose penalties are held at 1 and at 10 for the first iterations. After a hundred the one with the greater
    evidence, :math:`\frac{1}{2} (N \ln \beta + P \ln \alpha - \ln \det H - \beta \sum_i (t_i - \hat t(z_i))^2
    - \alpha \|\theta\|^2)` but for a constant, goes on.

    With fewer curves than weights Gaussian processes are the better choice.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, MLPCurveRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(60, random_state=0)
    >>> perceptrons = MLPCurveRegressor(n_components=5, hidden_size=4, max_iter=100, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), perceptrons).fit(X[:50], Y[:50])
    >>> model.score(X[50:], Y[50:]) > 0.99
    True
    """

    # As for Gaussian processes: small loads are right, and what is bent there would have to be followed.
    _linear_fraction = 1e-3

    _fitted_state = BaseComponentRegressor._fitted_state | {
        "input_weights_": Array(shape=("members", "components", "width")),
        "input_biases_": Array(shape=("members", "width")),
        "hidden_weights_": Array(shape=("members", "width", "width")),
        "hidden_biases_": Array(shape=("members", "width")),
        "output_weights_": Array(shape=("members", "width")),
        "linear_weights_": Array(shape=("members", "components")),
        "output_biases_": Array(shape=("members",)),
        "noise_": Array(shape=("members",), low=0),
        "n_effective_": Array(shape=("members",)),
        "n_iter_": Array(shape=("members",), kind="iu", low=0),
    }

    _: KW_ONLY
    n_components: Counts = (5, 6, 7)
    hidden_size: Count = 12
    max_samples: Annotated[int, Number(kind=int, low=2)] = 5000
    max_iter: Count = 1500
    tol: NotNegative = 1e-3
    n_jobs: int | None = None

    def fit(self, X: Any, y: Any) -> Self:
        """Train the perceptrons.

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
        """
        self._check_parameters()
        numbers, score, n_descriptors, targets = self._learn_components(X, y)
        n_loads = score.shape[1] - n_descriptors
        seed = np.random.SeedSequence(draw_seed(self.random_state))
        random = np.random.default_rng(seed)
        tasks = []
        for number in numbers:
            directions = np.r_[: min(number, n_loads), n_loads : score.shape[1]]
            drawn = np.sort(random.permutation(len(score))[: self.max_samples])
            tasks += [(directions, drawn, target) for target in targets.T]
        trained = Parallel(n_jobs=self.n_jobs)(
            delayed(_train)(
                score[np.ix_(drawn, directions)], target[drawn], self.hidden_size, self.max_iter, self.tol, own
            )
            for (directions, drawn, target), own in zip(tasks, seed.spawn(len(tasks)), strict=True)
        )
        n, width = len(tasks), self.hidden_size
        self.input_weights_ = np.zeros((n, score.shape[1], width))
        self.linear_weights_ = np.zeros((n, score.shape[1]))
        self.input_biases_, self.hidden_biases_, self.output_weights_ = np.zeros((3, n, width))
        self.hidden_weights_ = np.zeros((n, width, width))
        self.output_biases_, self.noise_, self.n_effective_ = np.zeros((3, n))
        self.n_iter_ = np.zeros(n, dtype=np.int64)
        for k, ((directions, *_), found) in enumerate(zip(tasks, trained, strict=True)):
            weights = found.weights
            self.input_weights_[k, directions], self.linear_weights_[k, directions] = weights.first, weights.linear
            self.input_biases_[k], self.hidden_weights_[k] = weights.first_bias, weights.second
            self.hidden_biases_[k], self.output_weights_[k] = weights.second_bias, weights.last
            self.output_biases_[k] = weights.bias[0]
            self.noise_[k], self.n_effective_[k] = 1 / found.precision, found.n_effective
            self.n_iter_[k] = len(found.history) - 1
        return self

    def _evaluate(self, score: np.ndarray) -> np.ndarray:
        first = np.tanh(score @ self.input_weights_ + self.input_biases_[:, None])
        second = np.tanh(first @ self.hidden_weights_ + self.hidden_biases_[:, None])
        outputs = np.einsum("kij,kj->ki", second, self.output_weights_) + self.linear_weights_ @ score.T
        outputs += self.output_biases_[:, None]
        n_targets = len(self.target_components_)
        if not n_targets:
            # All targets are the same: there is no target component, and no perceptron.
            return np.zeros((1, len(score), 0))
        return outputs.reshape(-1, n_targets, len(score)).transpose(0, 2, 1)


class Weights(NamedTuple):
    """Weights of a perceptron; views of one vector."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray
    last: np.ndarray
    linear: np.ndarray
    bias: np.ndarray


def _split(vector: np.ndarray, n_inputs: int, width: int) -> Weights:
    shapes = ((n_inputs, width), (width,), (width, width), (width,), (width,), (n_inputs,), (1,))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return Weights(*(part.reshape(shape) for part, shape in zip(np.split(vector, ends[:-1]), shapes, strict=True)))


def _start(n_inputs: int, width: int, random: np.random.Generator) -> np.ndarray:
    """Weights with which the hidden units bend, each elsewhere; the linear part is zero yet."""
    return np.concatenate(
        [
            0.5 * random.standard_normal(n_inputs * width) / np.sqrt(n_inputs),
            random.standard_normal(width),
            random.standard_normal(width * width) / np.sqrt(width),
            0.5 * random.standard_normal(width),
            random.standard_normal(width) / np.sqrt(width),
            np.zeros(n_inputs + 1),
        ]
    )


def _batches(n: int) -> Iterator[slice]:
    return (slice(i, i + BATCH) for i in range(0, n, BATCH))


def _outputs(weights: Weights, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outputs, and those of the hidden layers."""
    first = np.tanh(inputs @ weights.first + weights.first_bias)
    second = np.tanh(first @ weights.second + weights.second_bias)
    return second @ weights.last + inputs @ weights.linear + weights.bias, first, second


def _errors(weights: Weights, inputs: np.ndarray, target: np.ndarray) -> float:
    """Sum of the squared errors."""
    return float(sum(np.sum((target[i] - _outputs(weights, inputs[i])[0]) ** 2) for i in _batches(len(inputs))))


def _curvature(weights: Weights, inputs: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Products of the derivatives of the outputs by the weights: with one another, and with the errors."""
    n_weights = sum(part.size for part in weights)
    square, slope = np.zeros((n_weights, n_weights)), np.zeros(n_weights)
    for i in _batches(len(inputs)):
        batch = inputs[i]
        n = len(batch)
        outputs, first, second = _outputs(weights, batch)
        to_second = weights.last * (1 - second**2)
        to_first = (to_second @ weights.second.T) * (1 - first**2)
        derivatives = np.concatenate(
            [
                (batch[:, :, None] * to_first[:, None, :]).reshape(n, -1),
                to_first,
                (first[:, :, None] * to_second[:, None, :]).reshape(n, -1),
                to_second,
                second,
                batch,
                np.ones((n, 1)),
            ],
            axis=1,
        )
        square += derivatives.T @ derivatives
        slope += derivatives.T @ (target[i] - outputs)
    return square, slope


class Perceptron:
    """A perceptron in training."""

    def __init__(self, inputs: np.ndarray, target: np.ndarray, width: int, penalty: float, seed: Any) -> None:
        self.inputs, self.target, self.width = inputs, target, width
        n, n_inputs = inputs.shape
        vector = _start(n_inputs, width, np.random.default_rng(seed))
        # The linear part begins as the linear regression of what the hidden layers leave.
        straight = np.column_stack([inputs, np.ones(n)])
        without = target - _outputs(_split(vector, n_inputs, width), inputs)[0]
        vector[-1 - n_inputs :] = np.linalg.lstsq(straight, without)[0]
        left = target - straight @ np.linalg.lstsq(straight, target)[0]
        # The noise is taken for no less than this in the first iterations.
        self.least = max(float(left @ left), n * TINY)
        self.vector, self.penalty, self.precision = vector, penalty, 0.0
        self.penalised = np.ones(len(vector))
        self.penalised[-1 - n_inputs :] = LINEAR_PENALTY
        self.error, self.size = self._measure(vector)
        self.damping, self.warming_up, self.stuck, self.ended = DAMPING, True, False, False
        self.n_effective, self.evidence = float(len(vector)), -np.inf
        self.history = [(self.error, self.n_effective)]

    @property
    def weights(self) -> Weights:
        return _split(self.vector, self.inputs.shape[1], self.width)

    def _measure(self, vector: np.ndarray) -> tuple[float, float]:
        """Sums of the squared errors and of the squared weights that are penalised."""
        weights = _split(vector, self.inputs.shape[1], self.width)
        return _errors(weights, self.inputs, self.target), float(vector @ (self.penalised * vector))

    def train(self, last: int, tol: float) -> Self:
        """Go on until the iteration `last`."""
        while len(self.history) <= last and not self.ended:
            self._iterate(len(self.history))
            if len(self.history) > WARM_UP + PATIENCE:
                before, used_before = self.history[-1 - PATIENCE]
                # Where the penalty still takes weights away the error rises.
                settled = abs(self.n_effective - used_before) < tol * len(self.vector)
                self.ended |= settled and abs(np.sqrt(self.error / max(before, TINY)) - 1) < tol
        return self

    def _iterate(self, iteration: int) -> None:
        n = len(self.inputs)
        square, slope = _curvature(self.weights, self.inputs, self.target)
        self.warming_up = self.warming_up and iteration <= WARM_UP and not self.stuck
        if self.warming_up:
            self.precision = n / max(self.error, self.least)
        elif self.stuck or iteration % UPDATE == 0:
            self._update(square)
        curvature = self.precision * square
        curvature[np.diag_indices_from(curvature)] += self.penalty * self.penalised
        gradient = self.precision * slope - self.penalty * self.penalised * self.vector
        before = self.precision * self.error + self.penalty * self.size
        for _ in range(FAILURES):
            damped = curvature.copy()
            damped[np.diag_indices_from(damped)] += self.damping * self.precision
            try:
                factor = linalg.cho_factor(damped, overwrite_a=True, check_finite=False)
            except np.linalg.LinAlgError:
                self.damping *= FAILURE
                continue
            vector = self.vector + linalg.cho_solve(factor, gradient, check_finite=False)
            error, size = self._measure(vector)
            if self.precision * error + self.penalty * size < before:
                self.vector, self.error, self.size = vector, error, size
                self.damping = max(SUCCESS * self.damping, MIN_DAMPING)
                self.stuck = False
                break
            self.damping *= FAILURE
        else:
            # At the minimum for this penalty. If it is the minimum for the next one too, that is the end.
            self.ended = self.stuck
            self.stuck, self.damping = True, DAMPING
        self.history.append((self.error, self.n_effective))

    def _update(self, square: np.ndarray) -> None:
        """Evidence of the present penalty and noise, and those with the largest evidence for the present weights."""
        n, n_weights = len(self.inputs), len(self.vector)
        determinant = None
        if n > 2 * n_weights:
            curvature = self.precision * square
            curvature[np.diag_indices_from(curvature)] += self.penalty * self.penalised
            root, info = linalg.lapack.dpotrf(curvature, lower=1, overwrite_a=1)
            if info == 0:
                determinant = 2 * np.sum(np.log(np.diag(root))) - np.sum(np.log(self.penalised))
                inverse, _ = linalg.lapack.dpotri(root, lower=1, overwrite_c=1)
                self.n_effective = float(n_weights - self.penalty * np.sum(self.penalised * np.diag(inverse)))
        if determinant is None:
            # Few curves, or next to no noise: some directions tell nothing. Slower, but safe from rounding.
            scale = np.sqrt(self.penalised)
            eigenvalues = self.precision * np.maximum(np.linalg.eigvalsh(square / scale / scale[:, None]), 0)
            determinant = np.sum(np.log(eigenvalues + self.penalty))
            # No more than there are curves; rounding may say otherwise.
            self.n_effective = min(float(np.sum(eigenvalues / (eigenvalues + self.penalty))), float(n))
        misfit = self.precision * self.error + self.penalty * self.size
        scales = n * np.log(self.precision) + n_weights * np.log(self.penalty)
        self.evidence = float(scales - misfit - determinant) / 2
        self.penalty = self.n_effective / max(self.size, TINY)
        self.precision = max(n - self.n_effective, 1.0) / max(self.error, n * TINY)


def _train(
    inputs: np.ndarray, target: np.ndarray, width: int, max_iter: int, tol: float, seed: np.random.SeedSequence
) -> Perceptron:
    """The perceptron that several starts lead to."""
    starts = [
        Perceptron(inputs, target, width, penalty, of_start).train(min(TRIAL, max_iter), tol)
        for penalty, of_start in zip(EARLY_PENALTIES, seed.spawn(len(EARLY_PENALTIES)), strict=True)
    ]
    return max(starts, key=lambda start: start.evidence).train(max_iter, tol)
