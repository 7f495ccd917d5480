"""The command ``sklearn-spt``, a command a file."""

from .main import main

__all__ = ["main"]
