"""The look of the figures that benchmarks write for the documentation, and where they go."""

from pathlib import Path
from typing import Any

from sklearn_spt.utils.files import atomic_path

FOLDER = Path(__file__).parents[1] / "docs" / "_static" / "verification"
# Told apart in grey: by lightness, by the dashes and by the markers.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "#08306b", "linestyle": "-", "marker": "o"},
    {"color": "#e6550d", "linestyle": "--", "marker": "s"},
    {"color": "#74a9cf", "linestyle": "-.", "marker": "^"},
    {"color": "#31a354", "linestyle": ":", "marker": "D"},
)


def subplots(*shape: int, height: float = 3.4, width: float = 4.6) -> tuple[Any, Any]:
    """Figure and axes for a page of the documentation; `width` and `height` (inches) are those of one panel."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows, columns = shape
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), layout="constrained", squeeze=False
    )
    for ax in axes.flat:
        ax.grid(color="0.9", linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def save(figure: Any, name: str, folder: Path = FOLDER) -> Path:
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    with atomic_path(path) as temporary:
        # No program's name and version in the file: it is the same as long as the picture is.
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": None})
    plt.close(figure)
    print(f"wrote {path}")
    return path
