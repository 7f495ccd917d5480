import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from sklearn_spt.utils.interpolation import pchip_rows


@given(st.integers(0, 2**31), st.integers(3, 40), st.integers(1, 6))
def test_every_row_is_scipys_interpolation(seed, n_points, n):
    random = np.random.default_rng(seed)
    x = np.cumsum(random.uniform(1e-3, 1, (n, n_points)), axis=1)
    y = np.cumsum(random.normal(0.2, 1, (n, n_points)), axis=1)
    y[random.random(y.shape) < 0.2] = 0.5
    at = random.uniform(x[:, :1], x[:, -1:], (n, 30))
    at[:, :3] = x[:, [0, -1, n_points // 2]]
    expected = [PchipInterpolator(*row)(where) for *row, where in zip(x, y, at, strict=True)]
    np.testing.assert_allclose(pchip_rows(x, y, at), expected, rtol=0, atol=1e-12 * np.abs(y).max())
