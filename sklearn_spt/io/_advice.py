"""What the reader refuses, with the advice as data."""

from typing import Any

from ..exceptions import Message, Parameter

THICKNESS = Message("pass ", Parameter("thickness"))


class NoCurvesError(ValueError):
    """A table that holds no curves; an error unless other sheets of the workbook hold some."""


def refusal(where: str, *parts: Any) -> ValueError:
    """The error that something in a file is wrong."""
    return ValueError(Message(f"{where}: ", *parts))


def no_curves(where: str, *parts: Any) -> NoCurvesError:
    """The error that a table holds no curves."""
    return NoCurvesError(Message(f"{where}: ", *parts))


def column(role: str, value: Any = "...") -> Parameter:
    """The advice to name a column."""
    return Parameter("columns", str(value), key=role)


def columns(displacement: Any = "...", load: Any = "...") -> Message:
    """The advice to name both columns."""
    given = [Parameter("columns", str(value)) for value in (displacement, load)]
    texts = [str(each).partition("=")[2] for each in given]
    return Message(
        Parameter("columns", str(displacement), "displacement", f"columns={{'displacement': {texts[0]},"),
        " ",
        Parameter("columns", str(load), "load", f"'load': {texts[1]}}}"),
    )


def unit(role: str, value: str = "...") -> Parameter:
    """The advice to give a unit."""
    return Parameter("units", value, key=role)
