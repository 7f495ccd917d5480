"""The trained models that come with the package."""

import os
from pathlib import Path
from typing import Any

from ..persistence import load_model

_FOLDER = Path(__file__).parent / "data" / "models"


def pretrained_model_path(name: str = "sheet") -> Path:
    """Path of a model file that comes with the package.

    Parameters
    ----------
    name : {"sheet", "en10371"}, default="sheet"
        Name of the model. The file beside it with the suffix ``.json`` holds its errors on curves that it has not seen.

        Both are a `Seq2SeqRegressor` that was trained on simulated curves with noise, offsets, compliance, wrong
        thickness and early ends, drawn anew in every epoch. Their model cards have the suffix ``.md``.

        - "sheet" was trained on `load_sheet_steel`: it is for that set and for demonstrations.
        - "en10371" was trained on the near part of `load_en10371_discs`: it is for discs of 0.5 mm in the rig of
          EN 10371, of metals with the Young's modulus of steels, after `standard_corrections`.

    Returns
    -------
    pathlib.Path
        The file, which `load_model` and ``sklearn-spt predict --model`` read.

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> from sklearn_spt.datasets import pretrained_model_path
    >>> pretrained_model_path("sheet").name
    'sheet.spt'
    """
    names = sorted(file.stem for file in _FOLDER.glob("*.spt"))
    if name not in names:
        raise ValueError(f"there is no pretrained model {name!r}; there is {', '.join(map(repr, names)) or 'none'}")
    return _FOLDER / f"{name}.spt"


def load_pretrained(name: str = "sheet") -> Any:
    """Load a trained model that comes with the package.

    Parameters
    ----------
    name : {"sheet", "en10371"}, default="sheet"
        Name of the model, see `pretrained_model_path`.

    Returns
    -------
    Pipeline
        The fitted model. The strain grid of its predictions is ``model.model_info_.strain``, and its training ranges
        are in ``model.model_info_.training``: outside them its predictions are unreliable.

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve, load_pretrained
    >>> curve, strain, stress = load_demo_curve()
    >>> model = load_pretrained("sheet")
    >>> model.predict([curve]).shape == (1, len(model.model_info_.strain))
    True
    """
    return load_model(pretrained_model_path(name))


def find_model(model: str | os.PathLike[str]) -> Path:
    """The file of a model that is given by the name of one that comes with the package, or by its path."""
    path = Path(model)
    if path.is_file():
        return path
    # A path has a folder or an ending.
    if path.name != str(model) or path.suffix:
        raise FileNotFoundError(f"there is no model file {model}")
    return pretrained_model_path(path.name)
