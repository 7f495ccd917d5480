"""Fitted pipelines as graphs that run without Python, PyTorch and scikit-learn."""

from ._read import OnnxModel, read_onnx
from ._write import to_onnx

__all__ = ["OnnxModel", "read_onnx", "to_onnx"]
