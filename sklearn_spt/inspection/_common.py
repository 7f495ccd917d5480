"""What the displays share: axes to draw on, and where a model's strains come from."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..mechanics._flow_curve import check_strain
from ..utils.docs import shared_docs
from ..utils.parameters import check_parameter
from ..utils.state import Choice

# In a print in grey, styles and markers tell apart what the colours do on a screen.
COLORS = ("#000000", "#b2182b", "#2166ac", "#35978f", "#8c6bb1", "#bf812d")
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "X")

# What the docstrings of the displays share.
display_docs = shared_docs(
    ax="""
ax : matplotlib Axes, default=None
    Axes to draw on; by default those of a new figure.""",
    drawn="""
ax_ : matplotlib Axes
    The axes drawn on.
figure_ : matplotlib Figure
    The figure of these axes.""",
    matplotlib="""
ImportError
    If matplotlib is not installed.""",
)


def import_pyplot(owner: object) -> Any:
    """matplotlib.pyplot, or an ImportError that names the display and the extra."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError(f'{type(owner).__name__} needs matplotlib: pip install "sklearn-spt[plot]"') from None
    return plt


def make_axes(owner: object, ax: Any, figsize: tuple[float, float] = (7, 4.8)) -> Any:
    """`ax` itself, or the axes of a new figure."""
    plt = import_pyplot(owner)
    if ax is None:
        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    return ax


def model_strain(owner: str, estimator: Any, strain: Any, n_strains: int) -> np.ndarray:
    """The strain grid given, or that of a model from a file (`model_info_`)."""
    if strain is None:
        strain = getattr(getattr(estimator, "model_info_", None), "strain", None)
    if strain is None:
        raise ValueError(f"{owner}: give strain=, the true strain of the columns of Y; the model does not know it")
    return check_strain(owner, strain, n_strains)


def network_in(regressor: Any, attribute: str) -> Any:
    """Of a fitted stack the regressor that has the attribute, if one has; else the regressor itself."""
    if hasattr(regressor, attribute):
        return regressor
    members = (getattr(regressor, name, None) for name in ("primary_", "secondary_"))
    return next((member for member in members if hasattr(member, attribute)), regressor)


def check_choice(name: str, value: Any, options: Iterable[str]) -> None:
    """Raise ParameterError unless `value` is one of `options`."""
    check_parameter("", name, value, Choice(options=tuple(options)))


def check_index(name: str, value: Any, n_items: int) -> int:
    """`value` as an index from 0 on, or IndexError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer; got {value!r}")
    if not -n_items <= value < n_items:
        raise IndexError(f"{name} is {value}, but there are only {n_items}: 0 to {n_items - 1}")
    return int(value) % n_items
