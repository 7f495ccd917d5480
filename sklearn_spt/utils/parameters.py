"""Hyper-parameters, each stated once: name, type, allowed values and default are one line of the class."""

import inspect
import reprlib
from collections.abc import Callable
from dataclasses import KW_ONLY
from inspect import Parameter, Signature
from typing import Annotated, Any, ClassVar, dataclass_transform, get_args, get_origin

from .state import Choice, Either, Field, Flag, Number

__all__ = [
    "Count",
    "Modulus",
    "NotNegative",
    "ParameterError",
    "Parametrized",
    "Positive",
    "Scaling",
    "Share",
    "Switch",
]

# Types of parameters together with what is allowed, for the annotations of classes.
Count = Annotated[int, Number(kind=int, low=1)]
NotNegativeCount = Annotated[int, Number(kind=int, low=0)]
NotNegative = Annotated[float, Number(low=0)]
Positive = Annotated[float, Number(above=0)]
PositiveOrNone = Annotated[float | None, Number(above=0, none=True)]
Share = Annotated[float, Number(above=0, below=1)]
Switch = Annotated[bool, Flag()]
Scaling = Annotated[str, Choice(options=("auto", "log", "standard"))]
_MODULI = (Number(above=0), Choice(options=("curve",)))
Modulus = Annotated[float | str, Either(fields=_MODULI)]
ModulusOrNone = Annotated[float | str | None, Either(fields=_MODULI, none=True)]


class ParameterError(ValueError, TypeError):
    """A parameter is not of the type, or not among the values, that are allowed."""


def check_parameter(owner: str, name: str, value: Any, field: Field) -> None:
    """Raise ParameterError, which names all of these, unless the value of a parameter is allowed; "" is no owner."""
    if field.problem(value, {}) is not None:
        raise ParameterError(f"{owner}{': ' * bool(owner)}{name} must be {field}; got {reprlib.repr(value)}")


@dataclass_transform(eq_default=False)
class Parametrized:
    """Gives a class an ``__init__`` with its annotated attributes, and those of its bases, as parameters.

    As in a dataclass, the value of an attribute is the default, and what follows ``_: KW_ONLY`` is by keyword only. An
    annotation ``Annotated[type, field]`` says what is allowed, which `_check_parameters` checks. Attributes that begin
    or end with an underscore are no parameters. A class with an ``__init__`` of its own keeps that.

    A dataclass itself would not do: Dask takes two of them for the same if their parameters are, whatever they have
    learned.
    """

    # What is allowed, by the name of the parameter.
    _allowed: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own: dict[str, Parameter] = {}
        cls._allowed = dict(cls._allowed)
        keyword = False
        for name, annotation in inspect.get_annotations(cls).items():
            if annotation is KW_ONLY:
                keyword = True
            elif not (name.startswith("_") or name.endswith("_")):
                plain, *notes = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
                cls._allowed.update((name, note) for note in notes if isinstance(note, Field))
                kind = Parameter.KEYWORD_ONLY if keyword else Parameter.POSITIONAL_OR_KEYWORD
                own[name] = Parameter(name, kind, default=vars(cls).get(name, Parameter.empty), annotation=plain)
                if name in vars(cls):
                    delattr(cls, name)
        if own and "__init__" not in vars(cls):
            cls.__init__ = _make_init(cls, own)  # type: ignore[method-assign]

    def _check_parameters(self) -> None:
        """Raise ParameterError unless every parameter is what it may be."""
        for name, field in self._allowed.items():
            check_parameter(type(self).__name__, name, getattr(self, name), field)


def _make_init(cls: type, own: dict[str, Parameter]) -> Callable[..., None]:
    """An ``__init__`` with these parameters and, after them, those of the bases."""
    before = cls.__init__  # type: ignore[misc]
    inherited = {} if before is object.__init__ else dict(inspect.signature(before).parameters)
    parameters = {"self": Parameter("self", Parameter.POSITIONAL_ONLY), **own, **inherited, **own}
    signature = Signature(sorted(parameters.values(), key=lambda parameter: parameter.kind), return_annotation=None)

    def __init__(*args: Any, **named: Any) -> None:
        bound = signature.bind(*args, **named)
        bound.apply_defaults()
        self = bound.arguments.pop("self")
        for name, value in bound.arguments.items():
            setattr(self, name, value)

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    __init__.__module__ = cls.__module__
    return __init__
