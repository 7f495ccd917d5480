"""Fitted models as files that hold data only: nothing in such a file can run when it is loaded."""

from .info import ModelInfo
from .models import ModelFileError, load_model, read_model_info, save_model
from .onnx import OnnxModel, read_onnx, to_onnx

__all__ = [
    "ModelFileError",
    "ModelInfo",
    "OnnxModel",
    "load_model",
    "read_model_info",
    "read_onnx",
    "save_model",
    "to_onnx",
]
