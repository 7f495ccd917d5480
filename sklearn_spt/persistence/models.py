"""Fitted models as files that hold data only: nothing in such a file can run when it is loaded."""

import inspect
import math
import numbers
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np

from .._version import __version__
from ..curves import as_curves
from ..rigs import rig_name
from ..utils.state import StateError, check_state
from .container import FORMAT_VERSION, UPGRADE, Decoder, Encoder, FileProblem, read_document, write_document
from .info import ModelInfo

__all__ = ["ModelFileError", "load_model", "read_model_info", "save_model"]

UNITS = {"displacement": "mm", "load": "N", "strain": "1", "stress": "MPa"}

# The only classes that a file can name, and where they come from: nothing is imported on a file's word. Each checks by
# itself what it is said to have learned.
_CLASSES = {
    **dict.fromkeys(
        (
            "CurveResampler", "CharacteristicTransformer", "ComplianceCorrector", "CurveCutter", "CurveSmoother",
            "DeflectionConverter", "LoadOffsetCorrector", "ToeCorrector", "UnloadingCorrector", "FlowCurveTransformer",
            "GAFTransformer",
        ),
        "sklearn_spt.preprocessing",
    ),
    **dict.fromkeys(
        (
            "CorrelationRegressor", "CurveStackingRegressor", "GaussianProcessCurveRegressor",
            "MLPCurveRegressor", "Seq2SeqRegressor", "LSTMRegressor", "ANNRegressor", "GRURegressor",
            "TransformerRegressor", "SPTEmulator",
        ),
        "sklearn_spt.regressors",
    ),
}  # fmt: skip
# What acts in fit alone and holds objects that no data file can describe, as a parameter or in one that is a dict, such
# as net_params. It loads as its default.
_FIT_ONLY = {"callbacks", "cv"}
# Where a model was trained says nothing of where it is used; `predict` runs on the CPU.
_IGNORED = {"device"}
# Estimators that a class holds: parameter, and with an underscore what fit makes of it. They hold none themselves.
_MEMBERS = {"CurveStackingRegressor": ("primary", "secondary")}
# What load_model adds to an estimator; it describes the file.
_OF_THE_FILE = {"model_info_", "training_domain_"}
_FITTED_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*_")


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
        pipelines: those stand around it. Of a pipeline the steps are kept, not `memory`, `verbose` and
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
    tree = _encode_model(encoder, model)
    steps = _steps(model)
    for _, step in steps:
        if step is not None and not isinstance(step, str):
            check_is_fitted(step)
    facts = _gather_facts(strain, rig, elastic_modulus, training_curves, training_targets, metadata)
    last = getattr(steps[-1][1], "primary_", steps[-1][1])
    flow = getattr(last, "flow_", None)
    n_outputs = getattr(last, "n_outputs_", None) if flow is None else len(flow["strain"])
    if n_outputs is not None and facts["strain"] is not None and len(facts["strain"]) != n_outputs:
        raise ValueError(
            f"strain has {len(facts['strain'])} values, but the model gives {n_outputs} stresses per curve"
        )
    payload = {
        "versions": _versions(),
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
        model = _build_model(tree)
    except FileProblem as problem:
        raise _file_error(path, problem) from problem
    model.model_info_ = info
    for _, step in _steps(model):
        # From now on they check the curves that they are given, or that they predict.
        if getattr(type(step), "_takes_curves", False) or getattr(type(step), "_gives_curves", False):
            step.training_domain_ = info.domain
    return model


def _known(rig: str | None) -> str | None:
    """The name as the package writes it, also of a file that has it in another way."""
    try:
        return None if rig is None else rig_name(rig)
    except ValueError:
        return rig


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


def _gather_facts(
    strain: Any,
    rig: str | None,
    elastic_modulus: float | None,
    training_curves: Iterable[Any] | None,
    training_targets: Any,
    metadata: Mapping[str, Any] | None,
) -> dict[str, Any]:
    training: dict[str, Any] = {}
    n_curves = n_strains = None
    if training_curves is not None:
        curves = as_curves(training_curves)
        n_curves = len(curves)
        training["n_curves"] = n_curves
        training["displacement"] = _range(
            value for c in curves for value in (c.displacement.min(), c.displacement.max())
        )
        training["load"] = _range(value for c in curves for value in (c.load.min(), c.load.max()))
        training["max_load"] = _range(c.load.max() for c in curves)
        for name in ("thickness", "temperature"):
            values = [getattr(c, name) for c in curves]
            if all(value is not None for value in values):
                training[name] = _range(values)
        rigs = {c.rig for c in curves}
        if rig is None and len(rigs) == 1:
            (rig,) = rigs
    if training_targets is not None:
        targets = np.asarray(training_targets, dtype=np.float64)
        if targets.ndim != 2 or targets.size == 0 or not np.isfinite(targets).all():
            raise ValueError(
                "training_targets must be a finite array of shape (n_curves, n_strains), true stress in MPa; "
                f"got shape {targets.shape}"
            )
        if n_curves not in (None, len(targets)):
            raise ValueError(f"training_targets has {len(targets)} rows for {n_curves} training_curves")
        n_strains = targets.shape[1]
        training.setdefault("n_curves", len(targets))
        training["stress"] = _range(targets.ravel())
    if strain is not None:
        grid = np.asarray(strain, dtype=np.float64)
        if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all() or (np.diff(grid) <= 0).any():
            raise ValueError("strain must be a 1-D grid of finite, increasing true strains")
        if n_strains not in (None, grid.size):
            raise ValueError(f"strain has {grid.size} values, but training_targets has {n_strains} columns")
        strain = grid
    rig = None if rig is None else rig_name(rig)
    if elastic_modulus is not None and not (
        isinstance(elastic_modulus, numbers.Real) and math.isfinite(elastic_modulus) and elastic_modulus > 0
    ):
        raise ValueError(f"elastic_modulus must be a positive number (MPa); got {elastic_modulus!r}")
    if training_targets is not None:
        yields = _proof_stresses(strain, targets, elastic_modulus)
        if yields.size:
            training["proof_stress"] = _range(yields)
    return {
        "strain": None if strain is None else strain.tolist(),
        "rig": rig,
        "elastic_modulus": None if elastic_modulus is None else float(elastic_modulus),
        "training": training,
        "metadata": _plain(metadata or {}, "metadata"),
    }


def _proof_stresses(strain: Any, targets: np.ndarray, elastic_modulus: float | None) -> np.ndarray:
    """Rp0.2 of the training curves, as far as strains and Young's modulus are known."""
    if strain is None or elastic_modulus is None:
        return np.empty(0)
    from ..mechanics import tensile_properties

    found = tensile_properties(strain, targets, E=elastic_modulus).proof_stress
    return found[np.isfinite(found)]


def _range(values: Iterable[float]) -> list[float]:
    array = np.fromiter(values, dtype=np.float64)
    return [float(array.min()), float(array.max())]


def _plain(value: Any, where: str) -> Any:
    """The value as plain JSON data, which a person can read in the file."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{where} has the key {key!r}; keys must be strings")
        return {key: _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}; give a finite number or None")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(
        f"{where} is a {type(value).__name__}; a model file holds numbers, strings, lists and mappings of these only"
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "sklearn_spt": __version__}
    # Asked of the installed packages' metadata: importing torch for its version would take seconds.
    for name in ("scikit-learn", "torch", "numpy", "safetensors"):
        versions[name] = installed_version(name)
    return versions


def _steps(model: Any) -> list[tuple[str, Any]]:
    from sklearn.pipeline import Pipeline

    return model.steps if type(model) is Pipeline else [("model", model)]


def _displacement_grid(model: Any) -> list[float] | None:
    for _, step in _steps(model):
        # A resampler that was fitted on bare columns knows their order, not their displacement.
        if type(step).__name__ == "CurveResampler" and not step.relative_:
            return step.grid_.tolist()
    return None


def _find_class(name: str) -> Any:
    return getattr(import_module(_CLASSES[name]), name)


def _encode_model(encoder: Encoder, model: Any) -> dict[str, Any]:
    from sklearn.pipeline import Pipeline

    if type(model) is not Pipeline:
        return _encode_estimator(encoder, model, "model")
    steps = []
    for name, step in model.steps:
        passed = step is None or (isinstance(step, str) and step == "passthrough")
        steps.append([name, "passthrough" if passed else _encode_estimator(encoder, step, name)])
    return {"class": "Pipeline", "steps": steps}


def _encode_estimator(encoder: Encoder, estimator: Any, step: str) -> dict[str, Any]:
    name = type(estimator).__name__
    if name not in _CLASSES or type(estimator) is not _find_class(name):
        remedy = "joblib.dump can write any class"
        if hasattr(estimator, "best_estimator_"):
            remedy = "Save what the search has found, its best_estimator_"
        elif name == "AugmentedRegressor":
            remedy = "Save what it has trained, its regressor_: predictions are the same"
        raise TypeError(
            f"cannot save {step!r}: {name} is not among the classes of a model file ({', '.join(_CLASSES)}; alone or "
            f"in a Pipeline). {remedy}"
        )
    members = _MEMBERS.get(name, ())
    nodes = {}
    for member in members:
        inner = getattr(estimator, f"{member}_")
        if type(inner).__name__ in _MEMBERS:
            raise TypeError(f"cannot save {step!r}: its {member} holds estimators itself. joblib.dump can write it")
        nodes[member] = _encode_estimator(encoder, inner, f"{step}.{member}")
    parameters = {}
    for key, value in estimator.get_params(deep=False).items():
        if key not in _FIT_ONLY and key not in members:
            if isinstance(value, dict):
                value = {name: item for name, item in value.items() if name not in _FIT_ONLY}
            try:
                parameters[key] = encoder.encode(value, f"{step}__{key}")
            except TypeError as error:
                raise TypeError(
                    f"cannot save the parameter {key!r} of {name}: {error}. Put plain data in its place first: "
                    f"set_params({key if step == 'model' else f'{step}__{key}'}=...)"
                ) from None
    fitted = {}
    for key, value in vars(estimator).items():
        if _FITTED_NAME.fullmatch(key) and key not in _OF_THE_FILE and key[:-1] not in members:
            try:
                fitted[key] = encoder.encode(value, f"{step}.{key}")
            except TypeError as error:
                raise TypeError(f"cannot save the fitted attribute {key!r} of {name}: {error}") from None
    return {"class": name, "parameters": parameters, "fitted": fitted, **({"members": nodes} if members else {})}


def _read(path: str | os.PathLike[str]) -> tuple[ModelInfo, dict[str, Any]]:
    """Return the facts of a model file, and its model as class names, parameters and fitted attributes."""
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"there is no model file {file}")
    try:
        payload, digest, arrays = read_document(file)
        decoder = Decoder(arrays)
        tree = _decode_model(decoder, payload.get("model"))
        if decoder.arrays:
            raise FileProblem(f"nothing refers to its array {next(iter(decoder.arrays))!r:.80}")
        return _decode_facts(payload, digest, tree), tree
    except FileProblem as problem:
        raise _file_error(path, problem) from problem


def _file_error(path: str | os.PathLike[str], problem: FileProblem) -> ModelFileError:
    return ModelFileError(f"{os.fspath(path)} is not a usable model file: {problem.what}. {problem.remedy}")


def _decode_facts(payload: dict[str, Any], digest: str, tree: dict[str, Any]) -> ModelInfo:
    def fact(name: str, is_valid: Callable[[Any], bool]) -> Any:
        value = payload.get(name)
        if not is_valid(value):
            raise FileProblem(f"what it says about {name!r} is not well formed")
        return value

    strain, displacement = (
        fact(name, lambda value: value is None or _is_numbers(value)) for name in ("strain", "displacement")
    )
    steps = tree["steps"] if tree["class"] == "Pipeline" else [("model", tree)]
    return ModelInfo(
        format_version=FORMAT_VERSION,
        sha256=digest,
        versions=fact("versions", _is_strings),
        steps={name: step if isinstance(step, str) else step["class"] for name, step in steps},
        parameters={
            f"{name}__{key}": value
            for name, step in steps
            if not isinstance(step, str)
            for key, value in _parameters(step).items()
        },
        strain=None if strain is None else np.array(strain, dtype=np.float64),
        displacement=None if displacement is None else np.array(displacement, dtype=np.float64),
        units=fact("units", _is_strings),
        rig=_known(fact("rig", lambda value: value is None or isinstance(value, str))),
        elastic_modulus=fact("elastic_modulus", lambda value: value is None or (type(value) is float and value > 0)),
        training=fact("training", _is_training),
        metadata=fact("metadata", lambda value: isinstance(value, dict)),
    )


def _parameters(tree: dict[str, Any]) -> dict[str, Any]:
    """Parameters of an estimator and of the estimators that it holds."""
    parameters = dict(tree["parameters"])
    for member, inner in tree["members"].items():
        parameters |= {f"{member}__{key}": value for key, value in inner["parameters"].items()}
    return parameters


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is float for item in value)


def _is_strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_training(value: Any) -> bool:
    return isinstance(value, dict) and all(
        type(item) is int if key == "n_curves" else _is_numbers(item) and len(item) == 2 for key, item in value.items()
    )


def _decode_model(decoder: Decoder, node: Any) -> dict[str, Any]:
    if not isinstance(node, dict) or node.get("class") != "Pipeline":
        return _decode_estimator(decoder, node, "its model")
    steps: dict[str, Any] = {}
    content = node.get("steps")
    if not isinstance(content, list) or not content:
        raise FileProblem("its pipeline has no steps")
    for step in content:
        if not isinstance(step, list) or len(step) != 2 or not isinstance(step[0], str):
            raise FileProblem("the steps of its pipeline are not well formed")
        name, inner = step
        if not name or "__" in name or name in steps:
            raise FileProblem(f"{name!r:.40} cannot be the name of a step")
        steps[name] = inner if inner == "passthrough" else _decode_estimator(decoder, inner, f"its step {name!r:.40}")
    return {"class": "Pipeline", "steps": list(steps.items())}


def _decode_estimator(decoder: Decoder, node: Any, where: str, *, is_member: bool = False) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise FileProblem(f"{where} is not well formed")
    name = node.get("class")
    if not isinstance(name, str) or name not in _CLASSES:
        raise FileProblem(
            f"{where} is of the class {name!r:.80}, which is not among those of a model file ({', '.join(_CLASSES)})",
            UPGRADE,
        )
    members = node.get("members", {})
    if not isinstance(members, dict) or set(members) != set(_MEMBERS.get(name, ())) or (members and is_member):
        raise FileProblem(f"the estimators in {where} are not well formed")
    tree: dict[str, Any] = {"class": name}
    tree["members"] = {
        member: _decode_estimator(decoder, members[member], f"the {member} of {where}", is_member=True)
        for member in _MEMBERS.get(name, ())
    }
    for kind in ("parameters", "fitted"):
        content = node.get(kind)
        if not isinstance(content, dict):
            raise FileProblem(f"{where} has no {kind!r} that are well formed")
        tree[kind] = {key: decoder.decode(value, f"{key!r:.40} of {where}") for key, value in content.items()}
    return tree


def _build_model(tree: dict[str, Any]) -> Any:
    from sklearn.pipeline import Pipeline

    if tree["class"] != "Pipeline":
        return _build_estimator(tree)
    return Pipeline([(name, step if isinstance(step, str) else _build_estimator(step)) for name, step in tree["steps"]])


def _build_estimator(tree: dict[str, Any]) -> Any:
    from sklearn.base import clone

    name = tree["class"]
    cls = _find_class(name)
    members = {member: _build_estimator(inner) for member, inner in tree["members"].items()}
    known = set(inspect.signature(cls).parameters) - _FIT_ONLY - set(members)
    for key in tree["parameters"]:
        if key not in known:
            raise FileProblem(f"{name} of sklearn_spt {__version__} has no parameter {key!r:.40}", UPGRADE)
    parameters = {key: value for key, value in tree["parameters"].items() if key not in _IGNORED}
    estimator = cls(**{member: clone(inner) for member, inner in members.items()}, **parameters)
    try:
        estimator._check_parameters()
    except (TypeError, ValueError) as error:
        raise FileProblem(f"its parameters are not valid ({error})", UPGRADE) from error
    for key, value in tree["fitted"].items():
        # What fit learns is data; it must not hide a parameter, a method or a property.
        if not _FITTED_NAME.fullmatch(key) or key in known or key in _OF_THE_FILE or hasattr(cls, key):
            raise FileProblem(f"{key!r:.40} cannot be a fitted attribute of {name}")
        setattr(estimator, key, value)
    for member, inner in members.items():
        setattr(estimator, f"{member}_", inner)
    check = getattr(estimator, "_check_state", lambda: check_state(estimator, cls._fitted_state))
    try:
        check()
    except StateError as error:
        remedy = f"Train the model with sklearn_spt {__version__} and save it anew"
        raise FileProblem(str(error), remedy) from error
    return estimator
