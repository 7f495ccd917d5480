"""Fitted estimators as plain data, and back: nothing in the data can name what is imported or run."""

import inspect
import re
from importlib import import_module
from typing import Any

from .._version import __version__
from ..utils.state import StateError, check_state
from .container import UPGRADE, Decoder, Encoder, FileProblem

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
    "ConformalCurveRegressor": "sklearn_spt.uncertainty",
}  # fmt: skip
# What acts in fit alone and holds objects that no data file can describe, as a parameter or in one that is a dict, such
# as net_params. It loads as its default.
_FIT_ONLY = {"callbacks", "cv", "errors"}
# Where a model was trained says nothing of where it is used; `predict` runs on the CPU.
_IGNORED = {"device", "n_threads"}
# Estimators that a class holds, or lists of them: what fit makes of them, without the underscore at its end.
_MEMBERS = {
    "CurveStackingRegressor": ("primary", "secondary"),
    "ConformalCurveRegressor": ("estimator", "fold_estimators"),
}
_LISTS = {"fold_estimators"}
# What holds estimators is held by what has a higher level alone, so that nothing goes on for ever; and pipelines by the
# highest.
_LEVELS = {"CurveStackingRegressor": 1, "ConformalCurveRegressor": 2}
_HIGHEST = 2
# What load_model adds to an estimator; it describes the file.
_OF_THE_FILE = {"model_info_", "training_domain_"}
_FITTED_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*_")


def steps_of(model: Any) -> list[tuple[str, Any]]:
    """The steps of a pipeline, or of the one that a band stands around; a bare estimator is the step "model"."""
    from sklearn.pipeline import Pipeline

    model = getattr(model, "estimator_", model)
    steps = model.steps if type(model) is Pipeline else [("model", model)]
    return [pair for step in steps for pair in (steps_of(step[1]) if hasattr(step[1], "estimator_") else [step])]


def _find_class(name: str) -> Any:
    return getattr(import_module(_CLASSES[name]), name)


def encode_model(encoder: Encoder, model: Any, where: str = "", level: int = _HIGHEST) -> dict[str, Any]:
    """A pipeline or estimator as plain data; `where` stands in front of the names of its arrays."""
    from sklearn.pipeline import Pipeline

    if type(model) is not Pipeline:
        return _encode_estimator(encoder, model, where or "model", level)
    steps = []
    for name, step in model.steps:
        passed = step is None or (isinstance(step, str) and step == "passthrough")
        place = f"{where}.{name}" if where else name
        steps.append([name, "passthrough" if passed else _encode_estimator(encoder, step, place, level)])
    return {"class": "Pipeline", "steps": steps}


def _encode_member(encoder: Encoder, model: Any, place: str, level: int) -> dict[str, Any]:
    if type(model).__name__ == "AugmentedRegressor":
        # Its predictions are those of what it has trained.
        model = model.regressor_
    if level < _HIGHEST:
        return _encode_estimator(encoder, model, place, level - 1)
    return encode_model(encoder, model, place, level - 1)


def _encode_estimator(encoder: Encoder, estimator: Any, step: str, level: int) -> dict[str, Any]:
    from sklearn.utils.validation import check_is_fitted

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
    if _LEVELS.get(name, 0) > level:
        holder, _, member = step.rpartition(".")
        raise TypeError(f"cannot save {holder!r}: its {member} holds estimators itself. joblib.dump can write it")
    members = _MEMBERS.get(name, ())
    nodes: dict[str, Any] = {}
    for member in members:
        check_is_fitted(estimator)
        held, place = getattr(estimator, f"{member}_"), f"{step}.{member}"
        if member in _LISTS:
            nodes[member] = [
                _encode_member(encoder, each, f"{place}.{i}", _LEVELS[name]) for i, each in enumerate(held)
            ]
        else:
            nodes[member] = _encode_member(encoder, held, place, _LEVELS[name])
    parameters = {}
    for key, value in estimator.get_params(deep=False).items():
        if key not in _FIT_ONLY and key not in members:
            if isinstance(value, dict):
                value = {part: item for part, item in value.items() if part not in _FIT_ONLY}
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


def decode_model(decoder: Decoder, node: Any, where: str = "its model", level: int = _HIGHEST) -> dict[str, Any]:
    if not isinstance(node, dict) or node.get("class") != "Pipeline":
        return _decode_estimator(decoder, node, where, level)
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
        passed = inner == "passthrough"
        steps[name] = inner if passed else _decode_estimator(decoder, inner, f"its step {name!r:.40}", level)
    return {"class": "Pipeline", "steps": list(steps.items())}


def _decode_member(decoder: Decoder, node: Any, where: str, level: int) -> dict[str, Any]:
    return (_decode_estimator if level < _HIGHEST else decode_model)(decoder, node, where, level - 1)


def _decode_estimator(decoder: Decoder, node: Any, where: str, level: int) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise FileProblem(f"{where} is not well formed")
    name = node.get("class")
    if not isinstance(name, str) or name not in _CLASSES:
        raise FileProblem(
            f"{where} is of the class {name!r:.80}, which is not among those of a model file ({', '.join(_CLASSES)})",
            UPGRADE,
        )
    members = node.get("members", {})
    wanted = _MEMBERS.get(name, ())
    if not isinstance(members, dict) or set(members) != set(wanted) or _LEVELS.get(name, 0) > level:
        raise FileProblem(f"the estimators in {where} are not well formed")
    tree: dict[str, Any] = {"class": name}
    tree["members"] = {}
    for member in wanted:
        inner, place = members[member], f"the {member} of {where}"
        if member in _LISTS and not isinstance(inner, list):
            raise FileProblem(f"{place} is not well formed")
        parts = [
            _decode_member(decoder, each, place, _LEVELS[name]) for each in (inner if member in _LISTS else [inner])
        ]
        tree["members"][member] = parts if member in _LISTS else parts[0]
    for kind in ("parameters", "fitted"):
        content = node.get(kind)
        if not isinstance(content, dict):
            raise FileProblem(f"{where} has no {kind!r} that are well formed")
        tree[kind] = {key: decoder.decode(value, f"{key!r:.40} of {where}") for key, value in content.items()}
    return tree


def build_model(tree: dict[str, Any]) -> Any:
    from sklearn.pipeline import Pipeline

    if tree["class"] != "Pipeline":
        return _build_estimator(tree)
    return Pipeline([(name, step if isinstance(step, str) else _build_estimator(step)) for name, step in tree["steps"]])


def _build_estimator(tree: dict[str, Any]) -> Any:
    from sklearn.base import clone

    name = tree["class"]
    cls = _find_class(name)
    members = {
        member: list(map(build_model, inner)) if isinstance(inner, list) else build_model(inner)
        for member, inner in tree["members"].items()
    }
    signature = set(inspect.signature(cls).parameters)
    known = signature - _FIT_ONLY - set(members)
    for key in tree["parameters"]:
        if key not in known:
            raise FileProblem(f"{name} of sklearn_spt {__version__} has no parameter {key!r:.40}", UPGRADE)
    parameters = {key: value for key, value in tree["parameters"].items() if key not in _IGNORED}
    anew = {member: clone(inner) for member, inner in members.items() if member in signature}
    estimator = cls(**anew, **parameters)
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
        remedy = f"Train the model with sklearn_spt {__version__} and save it again"
        raise FileProblem(str(error), remedy) from error
    return estimator
