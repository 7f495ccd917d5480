"""The paper's experiment on open data: every model on every protocol, tables and figures."""

from .run import main

__all__ = ["main"]
