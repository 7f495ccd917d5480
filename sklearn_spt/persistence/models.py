"""Fitted models as files that hold data only: nothing in such a file can run when it is loaded."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .container import Decoder, Encoder, FileProblem, read_document, write_document
from .estimators import build_model, decode_model, encode_model, steps_of
from .facts import UNITS, decode_facts, gather_facts, inherit, versions
from .info import ModelInfo

__all__ = ["ModelFileError", "load_model", "read_model_info", "save_model"]


class ModelFileError(ValueError):
    """A file is not a model file, or is damaged, or needs a newer version of the package.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_spt import load_model
    >>> from sklearn_spt.persistence import ModelFileError
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "notes.txt")
    ...     open(path, "x").close()
    ...     try:
    ...         load_model(path)
    ...     except ModelFileError as error:
    ...         print(str(error).partition("notes.txt ")[2])
    is not a usable model file: it is empty. Get the file again, or save the model anew with save_model
    """


def save_model(
    path: str | os.PathLike[str],
    model: Any,
    *,
    strain: Any = None,
    rig: str | None = None,
    elastic_modulus: float | None = None,
    training_curves: Iterable[Any] | None = None,
    training_targets: Any = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write a fitted model to one file from which `load_model` rebuilds it without running anything.

    Parameters
    ----------
    path : path-like
        The file to write, by custom ``*.spt``; replaced if it exists. It appears only once it is complete.
    model : Pipeline or estimator
        A fitted estimator of this package, or a fitted `sklearn.pipeline.Pipeline` of such estimators and
        "passthrough" steps. A `CurveStackingRegressor` is saved with estimators as its two regressors, not with
        pipelines: those stand around it. A `ConformalCurveRegressor` stands around all of them, with the pipeline, or
        an `AugmentedRegressor` of it, in it; where what is in it comes from a file, what that says is the default of
        the facts below. Of a pipeline the steps are kept, not `memory`, `verbose` and
        `transform_input`. Of an estimator everything is kept but `cv` and the callbacks in `net_params`, which act in
        `fit` only.
    strain : array-like of shape (n_strains,), default=None
        True strain at which the model gives true stress, the grid of the targets that it was fitted to.
    rig : str, default=None
        Rig that the training curves were recorded on. Taken from the training curves where all of them name one. Those
        that the package knows may be written in any way, as in `SPTCurve`.
    elastic_modulus : float, default=None
        Young's modulus of the training materials, MPa; the elastic line of the offset yield stress needs it.
    training_curves : iterable of SPTCurve or array-like of shape (n_points, 2), default=None
        The curves that the model was fitted to. Their ranges of displacement, load and thickness go into the file.
    training_targets : array-like of shape (n_curves, n_strains), default=None
        True stress that the model was fitted to, MPa. Its range goes into the file.
    metadata : mapping, default=None
        Anything else worth keeping: numbers, strings, lists and mappings of these.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If the model is of another class, or a parameter, fitted attribute or `metadata` holds something that is no
        plain data. The message names it.
    ValueError
        If `strain` is no increasing grid, its length differs from that of the targets, or a fact is out of range.

    See Also
    --------
    load_model : Read the model back.
    read_model_info : Read what the file says about the model, without the model.

    Notes
    -----
    joblib and pickle files run code when they are loaded; load them from sources that you trust. A model file of this
    function holds JSON and arrays alone. Its checksums reveal damage, not forgery: whoever changes the numbers on
    purpose can also renew the checksums.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from sklearn_spt import CurveResampler, load_model, save_model
    >>> u = np.linspace(0, 2, 30)
    >>> curves = [np.column_stack([u, 900 * u]), np.column_stack([u, 1100 * u])]
    >>> model = CurveResampler(n_points=5).fit(curves)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "resampler.spt")
    ...     save_model(path, model, rig="EN 10371", training_curves=curves)
    ...     loaded = load_model(path)
    >>> bool((loaded.transform(curves) == model.transform(curves)).all())
    True
    >>> loaded.model_info_.rig, loaded.model_info_.training["load"]
    ('EN10371', [0.0, 2200.0])
    """
    from sklearn.utils.validation import check_is_fitted

    encoder = Encoder()
    tree = encode_model(encoder, model)
    steps = steps_of(model)
    for _, step in steps:
        if step is not None and not isinstance(step, str):
            check_is_fitted(step)
    facts = gather_facts(strain, rig, elastic_modulus, training_curves, training_targets, metadata)
    before = getattr(getattr(model, "estimator_", None), "model_info_", None)
    if isinstance(before, ModelInfo):
        facts = inherit(facts, before)
    last = getattr(steps[-1][1], "primary_", steps[-1][1])
    flow = getattr(last, "flow_", None)
    n_outputs = getattr(last, "n_outputs_", None) if flow is None else len(flow["strain"])
    if n_outputs is not None and facts["strain"] is not None and len(facts["strain"]) != n_outputs:
        raise ValueError(
            f"strain has {len(facts['strain'])} values, but the model gives {n_outputs} stresses per curve"
        )
    payload = {
        "versions": versions(),
        **facts,
        "displacement": _displacement_grid(model),
        "units": UNITS,
        "model": tree,
    }
    write_document(path, payload, encoder.arrays)


def load_model(path: str | os.PathLike[str]) -> Any:
    """Rebuild a model from a file of `save_model`; nothing in the file is executed.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    Pipeline or estimator
        The fitted model, with the facts of the file as `ModelInfo` in its attribute ``model_info_``: the strain grid
        of its predictions is ``model.model_info_.strain``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If the file is no model file, is damaged or incomplete, holds anything that a model file may not hold, or was
        written by a newer version of the package. The message names the file and the remedy.

    See Also
    --------
    save_model : Write such a file.
    read_model_info : Read the facts alone.

    Examples
    --------
    See `save_model`.
    """
    info, tree = _read(path)
    try:
        model = build_model(tree)
    except FileProblem as problem:
        raise _file_error(path, problem) from problem
    model.model_info_ = info
    for _, step in steps_of(model):
        # From now on they check the curves that they are given, or that they predict.
        if getattr(type(step), "_takes_curves", False) or getattr(type(step), "_gives_curves", False):
            step.training_domain_ = info.domain
    return model


def read_model_info(path: str | os.PathLike[str]) -> ModelInfo:
    """Read what a model file says about its model. The file is checked as in `load_model`.

    Neither torch nor scikit-learn is imported, so this takes milliseconds.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    ModelInfo
        Grids, units, rig, training ranges, classes, parameters and versions.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If the file is not usable, as in `load_model`.

    See Also
    --------
    load_model : Read the model itself.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_spt import CurveResampler, save_model
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> from sklearn_spt.persistence import read_model_info
    >>> X, _ = make_spt_curves(8, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "resampler.spt")
    ...     save_model(path, CurveResampler(n_points=3).fit(X), training_curves=X)
    ...     info = read_model_info(path)
    >>> info.steps, info.displacement, info.training["n_curves"]
    ({'model': 'CurveResampler'}, array([0., 1., 2.]), 8)
    """
    return _read(path)[0]


def _read(path: str | os.PathLike[str]) -> tuple[ModelInfo, dict[str, Any]]:
    """Return the facts of a model file, and its model as class names, parameters and fitted attributes."""
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"there is no model file {file}")
    try:
        payload, digest, arrays = read_document(file)
        decoder = Decoder(arrays)
        tree = decode_model(decoder, payload.get("model"))
        if decoder.arrays:
            raise FileProblem(f"nothing refers to its array {next(iter(decoder.arrays))!r:.80}")
        return decode_facts(payload, digest, tree), tree
    except FileProblem as problem:
        raise _file_error(path, problem) from problem


def _file_error(path: str | os.PathLike[str], problem: FileProblem) -> ModelFileError:
    return ModelFileError(f"{os.fspath(path)} is not a usable model file: {problem.what}. {problem.remedy}")


def _displacement_grid(model: Any) -> list[float] | None:
    for _, step in steps_of(model):
        # A resampler that was fitted on bare columns knows their order, not their displacement.
        if type(step).__name__ == "CurveResampler" and not step.relative_:
            return step.grid_.tolist()
    return None
