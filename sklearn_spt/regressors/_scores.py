"""Principal components of curves: what tells one from another, and how far one is from all others."""

import numpy as np

# Below, a scaled value is rounding.
ROUNDING = 1e-9


def fit_components(inputs: np.ndarray, n_components: int) -> tuple[np.ndarray, int]:
    """Principal components of scaled curves, divided by the standard deviations of their scores, and descriptors.

    A descriptor is the same at all points of a curve. It is a coordinate of its own, as it stands: a component that
    mixed the thickness with the load would bend what is straight in either.

    Parameters
    ----------
    inputs : ndarray of shape (n_curves, n_points, n_channels)
        Scaled curves; their mean is zero.
    n_components : int
        At most so many of the channels that are no descriptors.

    Returns
    -------
    components : ndarray of shape (n_components + n_descriptors, n_points * n_channels)
        The scores of the training curves on them have unit variance.
    n_descriptors : int
        How many of them, the last ones, are descriptors.
    """
    descriptors = np.flatnonzero(np.ptp(inputs, axis=1).max(axis=0) <= ROUNDING)
    flat = inputs.copy()
    flat[:, :, descriptors] = 0.0
    _, singular, components = np.linalg.svd(flat.reshape(len(flat), -1), full_matrices=False)
    # What is left of rounding errors is no component.
    kept = min(n_components, int(np.sum(singular > 1e-7 * max(singular[0], 1e-300))))
    spread = inputs[:, 0, descriptors].std(axis=0)
    means = np.zeros((len(descriptors), *inputs.shape[1:]))
    means[np.arange(len(descriptors)), :, descriptors] = 1 / inputs.shape[1] / np.maximum(spread, ROUNDING)[:, None]
    described = means[spread > ROUNDING].reshape(-1, flat[0].size)
    return np.vstack([components[:kept] / (singular[:kept, None] / np.sqrt(len(inputs))), described]), len(described)


def scores(inputs: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Scores of scaled curves on the components: `(n_curves, n_components)`."""
    return inputs.reshape(len(inputs), -1) @ components.T
