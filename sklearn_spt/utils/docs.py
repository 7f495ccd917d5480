"""What several docstrings say, written once."""

import re
from collections.abc import Callable
from textwrap import dedent, indent
from typing import Any, TypeVar

# A parameter with its description, whose lines are indented further.
_PARAMETER = re.compile(r"^( *)(\w+) : .*(?:\n\1 +\S.*)+", re.M)
_PLACE = re.compile(r"^( *)\{(\w+)\}$", re.M)
Documented = TypeVar("Documented", bound=Callable[..., Any])


def parameter_docs(doc: str | None) -> dict[str, str]:
    """What a docstring says of each parameter."""
    return {found[2]: dedent(found[0]) for found in _PARAMETER.finditer(doc or "")}


def shared_docs(**parts: str) -> Callable[[Documented], Documented]:
    """Decorate a function or a class: in its docstrings a line ``{name}`` becomes the part of that name.

    In a class, the methods share the descriptions of their parameters as well: what the first one says of a parameter,
    the others take by ``{name}``.
    """
    parts = {name: dedent(part).strip() for name, part in parts.items()}

    def decorate(documented: Documented) -> Documented:
        members = [documented]
        known = dict(parts)
        if isinstance(documented, type):
            # Of class methods, the function.
            found = (getattr(member, "__func__", member) for member in vars(documented).values())
            members += [member for member in found if callable(member) and isinstance(member.__doc__, str)]
            for member in members[:0:-1]:
                known = parameter_docs(member.__doc__) | known
            known |= parts
        for member in members:
            # Without docstrings (python -OO) there is nothing to fill.
            if member.__doc__:
                member.__doc__ = _PLACE.sub(lambda place: indent(known[place[2]], place[1]), member.__doc__)
        return documented

    return decorate
