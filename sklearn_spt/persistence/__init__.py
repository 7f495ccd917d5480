"""Fitted models as files that hold data only: nothing in such a file can run when it is loaded."""

from .info import ModelInfo
from .models import ModelFileError, load_model, read_model_info, save_model

__all__ = ["ModelFileError", "ModelInfo", "load_model", "read_model_info", "save_model"]
