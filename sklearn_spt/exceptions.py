"""Warnings that say what is not to be used, and messages that carry their advice, for programs that act on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["DoubtfulRecordWarning", "Message", "Parameter", "UntrustedPredictionWarning"]


@dataclass(frozen=True)
class Parameter:
    """A parameter that a message speaks of, mostly because it mends what is wrong.

    As text it is what a Python user writes; a program with other names for its options, such as the command line,
    writes its own.

    Parameters
    ----------
    name : str
        Name of the parameter.
    value : str, default=None
        The value to give; "..." for one that only the user knows.
    key : str, default=None
        Key of the value, where the parameter is a mapping.
    python : str, default=None
        What a Python user writes, where that is not ``name=value``.

    See Also
    --------
    Message : Carries them.

    Examples
    --------
    >>> from sklearn_spt.exceptions import Parameter
    >>> str(Parameter("rig")), str(Parameter("rig", "EN10371")), str(Parameter("units", "kN", key="load"))
    ('rig=', "rig='EN10371'", "units={'load': 'kN'}")
    """

    name: str
    value: str | None = None
    key: str | None = None
    python: str | None = None

    def __str__(self) -> str:
        if self.python is not None:
            return self.python
        if self.value is None:
            return f"{self.name}="
        value = self.value if self.value == "..." or self.value.isdecimal() else repr(self.value)
        return f"{self.name}={value}" if self.key is None else f"{self.name}={{{self.key!r}: {value}}}"


@dataclass(frozen=True)
class Fact:
    """The advice to give a fact of the specimen that its curve lacks."""

    name: str

    def __str__(self) -> str:
        return f"set it with curve.replace({self.name}=...)"


@dataclass(frozen=True)
class Owner:
    """The class or function of which a message speaks, in front of it; of no use where nobody has called it."""

    name: str

    def __str__(self) -> str:
        return f"{self.name}: "


class Message(str):
    """A text whose advice can be read by programs.

    Any error or warning may have one as its argument: ``ValueError(Message("give it with ", Parameter("rig")))``. Its
    text is for Python users.

    Parameters
    ----------
    *parts : str, Parameter, Fact, Owner, Message or exception
        What the text consists of, in this order. The parts of messages, and of the messages of exceptions, become its
        own.
    about : str, default=None
        What is wrong, in a word for programs, such as "thickness"; by default that of the first message among the
        parts.

    Attributes
    ----------
    parts : tuple of str, Parameter, Fact or Owner
        What it consists of.
    about : str or None
        What is wrong.

    See Also
    --------
    Parameter : A parameter in such a message.

    Examples
    --------
    >>> from sklearn_spt.exceptions import Message, Parameter
    >>> error = ValueError(Message("no thickness: give it with ", Parameter("thickness"), about="thickness"))
    >>> message = Message("curve 'A1': ", error)
    >>> message
    "curve 'A1': no thickness: give it with thickness="
    >>> message.about, [parameter.name for parameter in message.parameters]
    ('thickness', ['thickness'])
    >>> message.render(lambda part: f"--{part.name}")
    "curve 'A1': no thickness: give it with --thickness"
    """

    parts: tuple[Any, ...]
    about: str | None

    def __new__(cls, *parts: Any, about: str | None = None) -> "Message":
        """Join the parts."""
        flat: list[Any] = []
        for part in parts:
            inner = part.args[0] if isinstance(part, Exception) and part.args else part
            if isinstance(inner, Message):
                flat += inner.parts
                about = about if about is not None else inner.about
            else:
                # An error of the system says more than its first argument.
                flat.append(inner if isinstance(inner, Parameter | Fact | Owner) else str(part))
        self = super().__new__(cls, "".join(map(str, flat)))
        self.parts, self.about = tuple(flat), about
        return self

    def __repr__(self) -> str:
        return str.__repr__(self)

    def __reduce__(self) -> Any:
        return _remake, (self.parts, self.about)

    @property
    def parameters(self) -> list[Parameter]:
        """The parameters among the parts."""
        return [part for part in self.parts if isinstance(part, Parameter)]

    def render(self, write: Callable[[Any], str]) -> str:
        """The text, with what `write` makes of each `Parameter`, `Fact` and `Owner`.

        Parameters
        ----------
        write : callable
            From a part to its text.

        Returns
        -------
        str
        """
        return "".join(part if isinstance(part, str) else write(part) for part in self.parts)


def _remake(parts: tuple[Any, ...], about: str | None) -> Message:
    return Message(*parts, about=about)


def message_of(said: Any) -> Message:
    """The message of an error, a warning or a text, in one line."""
    message = Message(said)
    return Message(*(_one_line(part) if isinstance(part, str) else part for part in message.parts), about=message.about)


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return " " * text[0].isspace() + words + " " * text[-1].isspace()


def about(said: Any) -> str | None:
    """What an error or a warning is about, if it says so."""
    return Message(said).about


class UntrustedPredictionWarning(UserWarning):
    """What a model predicts of the curve is not to be used.

    The curve is unlike the training curves, lies outside their ranges, has another kind of displacement, ends before
    they do, or has too few points. Reports mark such a specimen as not to be trusted, and leave its predicted values
    out of mean and scatter.

    See Also
    --------
    DoubtfulRecordWarning : What is read off the record is not to be used either.
    sklearn_spt.reporting.make_report : Makes a report.

    Examples
    --------
    A prediction that is not to be trusted made an error:

    >>> import warnings
    >>> from sklearn_spt.datasets import load_demo_curve, load_pretrained
    >>> from sklearn_spt.exceptions import UntrustedPredictionWarning
    >>> curve, _, _ = load_demo_curve()
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", UntrustedPredictionWarning)
    ...     try:
    ...         stress = load_pretrained("sheet").predict([curve.replace(load=50 * curve.load)])
    ...     except UntrustedPredictionWarning:
    ...         print("not to be trusted")
    not to be trusted
    """


class DoubtfulRecordWarning(UntrustedPredictionWarning):
    """Neither what is predicted of the curve nor what is read off it is to be used.

    The record is damaged, or its unit is in doubt.

    See Also
    --------
    UntrustedPredictionWarning : What is predicted is not to be used.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from sklearn_spt import LoadOffsetCorrector, SPTCurve
    >>> from sklearn_spt.exceptions import DoubtfulRecordWarning
    >>> u = np.linspace(0.0, 1.0, 101)
    >>> load = 1000 * u
    >>> load[50] = 0.0  # a drop-out
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     corrected = LoadOffsetCorrector().transform([SPTCurve(u, load)])
    >>> [issubclass(entry.category, DoubtfulRecordWarning) for entry in caught]
    [True]
    """
