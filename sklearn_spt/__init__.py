"""From the load-displacement curve of a small punch test to the true stress-strain curve."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from ._version import __version__

# Public name -> the module that holds it. Imported on first use (PEP 562): torch and skorch take seconds to import,
# and a command such as "sklearn-spt info" needs neither.
_PUBLIC = {
    "SPTCurve": "curves",
    "read_curves": "io",
    "AugmentedRegressor": "augmentation",
    "MeasurementErrors": "augmentation",
    "perturb_curves": "augmentation",
    "CharacteristicTransformer": "preprocessing",
    "CurveResampler": "preprocessing",
    "FlowCurveTransformer": "preprocessing",
    "GAFTransformer": "preprocessing",
    "ComplianceCorrector": "preprocessing",
    "CurveCutter": "preprocessing",
    "CurveSmoother": "preprocessing",
    "DeflectionConverter": "preprocessing",
    "LoadOffsetCorrector": "preprocessing",
    "ToeCorrector": "preprocessing",
    "UnloadingCorrector": "preprocessing",
    "standard_corrections": "preprocessing",
    "Seq2SeqRegressor": "regressors",
    "LSTMRegressor": "regressors",
    "MLPCurveRegressor": "regressors",
    "SPTEmulator": "regressors",
    "ANNRegressor": "regressors",
    "CorrelationRegressor": "regressors",
    "CurveStackingRegressor": "regressors",
    "GRURegressor": "regressors",
    "GaussianProcessCurveRegressor": "regressors",
    "TransformerRegressor": "regressors",
    "ConformalCurveRegressor": "uncertainty",
    "evaluate": "evaluation",
    "make_report": "reporting",
    "save_model": "persistence",
    "load_model": "persistence",
    "to_onnx": "persistence",
    "read_onnx": "persistence",
}

__all__ = [*_PUBLIC, "__version__"]

if TYPE_CHECKING:
    from .augmentation import AugmentedRegressor, MeasurementErrors, perturb_curves
    from .curves import SPTCurve
    from .evaluation import evaluate
    from .io import read_curves
    from .persistence import load_model, read_onnx, save_model, to_onnx
    from .preprocessing import (
        CharacteristicTransformer,
        ComplianceCorrector,
        CurveCutter,
        CurveResampler,
        CurveSmoother,
        DeflectionConverter,
        FlowCurveTransformer,
        GAFTransformer,
        LoadOffsetCorrector,
        ToeCorrector,
        UnloadingCorrector,
        standard_corrections,
    )
    from .regressors import (
        ANNRegressor,
        CorrelationRegressor,
        CurveStackingRegressor,
        GaussianProcessCurveRegressor,
        GRURegressor,
        LSTMRegressor,
        MLPCurveRegressor,
        Seq2SeqRegressor,
        SPTEmulator,
        TransformerRegressor,
    )
    from .reporting import make_report
    from .uncertainty import ConformalCurveRegressor


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
        globals()[name] = value
        return value
    if name in _modules():
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_modules()])


def _modules() -> list[str]:
    return [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]
