"""What a model file says about its model: gathered when it is saved, checked when it is read."""

import math
import platform
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version as installed_version
from typing import Any

import numpy as np

from .._version import __version__
from ..curves import as_curves
from ..rigs import rig_name
from ..utils.parameters import check_parameter
from ..utils.state import Number
from .container import FORMAT_VERSION, FileProblem
from .info import ModelInfo

UNITS = {"displacement": "mm", "load": "N", "strain": "1", "stress": "MPa"}


def _known(rig: str | None) -> str | None:
    """The name as the package writes it, also of a file that has it in another way."""
    try:
        return None if rig is None else rig_name(rig)
    except ValueError:
        return rig


def gather_facts(
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
    check_parameter("", "elastic_modulus", elastic_modulus, Number(above=0, unit="MPa", none=True))
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


def versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "sklearn_spt": __version__}
    # Asked of the installed packages' metadata: importing torch for its version would take seconds.
    for name in ("scikit-learn", "torch", "numpy", "safetensors"):
        versions[name] = installed_version(name)
    return versions


def decode_facts(payload: dict[str, Any], digest: str, tree: dict[str, Any]) -> ModelInfo:
    def fact(name: str, is_valid: Callable[[Any], bool]) -> Any:
        value = payload.get(name)
        if not is_valid(value):
            raise FileProblem(f"what it says about {name!r} is not well formed")
        return value

    strain, displacement = (
        fact(name, lambda value: value is None or _is_numbers(value)) for name in ("strain", "displacement")
    )
    steps = _steps(tree)
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


def _steps(tree: dict[str, Any]) -> list[tuple[str, Any]]:
    """The steps of a model; those of what a band stands around, and the band itself as the last one."""
    if tree["class"] == "Pipeline":
        return list(tree["steps"])
    inside = tree["members"].get("estimator")
    return [("model", tree)] if inside is None else [*_steps(inside), ("band", tree)]


def _parameters(tree: dict[str, Any]) -> dict[str, Any]:
    """Parameters of an estimator and of the estimators that it holds."""
    parameters = dict(tree["parameters"])
    for member, inner in tree["members"].items():
        # Those in a band are steps of their own.
        if tree["class"] != "ConformalCurveRegressor":
            parameters |= {f"{member}__{key}": value for key, value in inner["parameters"].items()}
    return parameters


def inherit(facts: dict[str, Any], info: ModelInfo) -> dict[str, Any]:
    """The facts, and what the file of a model says that is a part of the new one where nothing else is given."""
    before = {key: getattr(info, key) for key in facts}
    before["strain"] = None if info.strain is None else info.strain.tolist()
    return {key: before[key] if value in (None, {}) else value for key, value in facts.items()}


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is float for item in value)


def _is_strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_training(value: Any) -> bool:
    return isinstance(value, dict) and all(
        type(item) is int if key == "n_curves" else _is_numbers(item) and len(item) == 2 for key, item in value.items()
    )
