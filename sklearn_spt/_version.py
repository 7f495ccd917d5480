"""The version of the package, for which nobody has to import the rest of it."""

__version__ = "0.1.0.dev0"
