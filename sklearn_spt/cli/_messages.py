"""What the package says, with options in place of the parameters of Python."""

import shlex
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..curves import CurveCorrection
from ..exceptions import Fact, Message, Owner, Parameter, message_of

PROGRAM = "sklearn-spt"
# Parameters whose option is not called like them.
_OPTIONS = {
    "alpha": "--band",
    "columns": "--column",
    "units": "--unit",
    "compliance": "--compliance (µm/kN)",
    "ends": "--set resample__ends",
}
# What stands for a value that only the user knows.
_PLACEHOLDERS = {"columns": "NAME", "units": "UNIT"}
# Facts of a specimen that have an option.
_FACTS = ("thickness", "rig", "displacement_kind")


def spell(said: Any) -> str:
    """An error, a warning or a text as the command line says it."""
    return message_of(said).render(_write)


def spell_correction(correction: CurveCorrection) -> str:
    """What was done to a curve."""
    shown = correction.in_usual_unit()
    return str(CurveCorrection(shown.name, shown.value, shown.unit, spell(shown.note)))


def _write(part: Owner | Fact | Parameter) -> str:
    if isinstance(part, Owner):
        return ""
    if isinstance(part, Fact):
        line = f"write a line '# {part.name}: ...' into its file"
        return f"give it with {_option(part.name)}, or {line}" if part.name in _FACTS else line
    option = _option(part.name)
    if part.value in (None, "True"):
        return option
    value = _PLACEHOLDERS.get(part.name, part.name.upper()) if part.value == "..." else shlex.quote(str(part.value))
    if part.key is not None:
        return f"{option} {part.key}={value}"
    return f"{option}={value}" if "=" not in option and " " in option else f"{option} {value}"


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")


def warn(said: Any) -> None:
    """Warn the user of the command."""
    print(f"{PROGRAM}: warning: {spell(said)}", file=sys.stderr)


def say_error(said: Any) -> None:
    """Tell the user of the command what is wrong."""
    print(f"{PROGRAM}: error: {spell(said)}", file=sys.stderr)


@contextmanager
def one_line_warnings() -> Iterator[None]:
    """Warnings become lines on the standard error."""

    def show(message: Any, *details: Any, **more: Any) -> None:
        warn(message)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What the package has to say to its user; the rest is for its developers.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


@contextmanager
def printable() -> Iterator[None]:
    """Characters that the console cannot show are printed as escapes: they must not fail a job that is done."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            stream.reconfigure(errors=errors)


def spelled(remark: Warning) -> Warning:
    """A warning of the same kind, as the command line says it."""
    return type(remark)(Message(spell(remark)))


def enumerate_names(names: list[Any], most: int = 5) -> str:
    """Names in quotes, the first few of them."""
    text = ", ".join(repr(str(name)) for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"
