"""How words are compared, and what the names of columns and facts mean; the words themselves are in words.toml."""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

MAX_NAME = 200  # what is longer is a text, and no name
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ł": "l", "ø": "o", "ı": "i"})


@cache
def _load() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def words(section: str) -> Any:
    """A section of words.toml."""
    return _load()[section]


@cache
def word_set(section: str, concept: str) -> frozenset[str]:
    """The words of a concept."""
    return frozenset(words(section)[concept].split())


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Small letters and digits without accents, words separated by one space."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", text))


@cache
def _patterns(section: str, concept: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """An expression of the whole words of a concept, and what is looked for anywhere."""
    listed = word_set(section, concept)
    whole = "|".join(re.escape(word).replace(r"\*", ".*") for word in listed if word.isascii())
    anywhere = {plain(word) for word in listed if not word.isascii()}
    return re.compile(whole), tuple(sorted(anywhere, key=len, reverse=True))


@lru_cache(maxsize=8192)
def find_words(text: str, concept: str, section: str = "concepts") -> tuple[str, ...]:
    """The words of a concept in a text that `plain` made."""
    whole, anywhere = _patterns(section, concept)
    return (*filter(whole.fullmatch, text.split()), *(word for word in anywhere if word in text))


def is_only(text: str, *sections: tuple[str, str]) -> bool:
    """Whether a text has words of these concepts, each with its section, and no others."""
    left = plain(text)
    for section, concept in sections:
        whole, anywhere = _patterns(section, concept)
        for word in anywhere:
            left = left.replace(word, "")
        left = " ".join(token for token in left.split() if not whole.fullmatch(token))
    return not left


@lru_cache(maxsize=4096)
def has_error(cell: str) -> bool:
    """Whether a machine or a spreadsheet says in a cell that there is no number."""
    return re.fullmatch("|".join(words("marks")["errors"]), cell.strip(), re.IGNORECASE) is not None


# Names of columns


class Meaning(NamedTuple):
    """What the name of a column tells."""

    role: str | None  # "displacement", "load", "time", "specimen", "result", "other" or None
    kind: str | None = None  # of a displacement: "crosshead", "punch" or "deflection"
    label: str = ""  # what is left of the name, such as the specimen's name
    is_symbol: bool = False


_ROLES = dict.fromkeys(("displacement", "crosshead", "extension", "deflection"), "displacement")
_ROLES |= {role: role for role in ("load", "time", "specimen")}


def displacement_kind(text: str) -> str | None:
    """What a text says of a displacement: "deflection", "punch" or "crosshead", in any language; None if neither."""
    return next((kind for kind in ("deflection", "punch", "crosshead") if find_words(plain(text), kind)), None)


@lru_cache(maxsize=4096)
def understand(name: str) -> Meaning:
    """Tell from a column's name, without its unit, what it holds."""
    text = plain(name) if len(name) <= MAX_NAME else ""
    if find_words(text, "other"):
        return Meaning("other")
    symbol = " ".join(token for token in text.split() if token not in word_set("marks", "remarks"))
    for of_symbol in ("load", "displacement"):
        if symbol in word_set("symbols", of_symbol):
            return Meaning(of_symbol, is_symbol=True)
    if find_words(text, "result"):
        return Meaning("result")
    kind, role = displacement_kind(text), _find_role(text)
    if role is None:
        # "Punch" alone is a displacement where its unit or its place says so.
        return Meaning(None, kind)
    known = {word for concept in (*_ROLES, "punch") for word in find_words(text, concept)}
    parts = re.split(r"([\s_:;,/|]+)", name)
    label = " ".join("".join(part for part in parts if plain(part) not in known or not plain(part)).split())
    return Meaning(role, kind if role == "displacement" else None, label.strip(" _:-/.,|"))


def _find_role(text: str) -> str | None:
    """The role of the last noun before a preposition, which says what a name is.

    A "load-line displacement" is a displacement, a "load at this stroke" a load. Of words that end together the longer
    one counts: 試験力 is more than 力.
    """
    tokens = text.split()
    cut = next((i for i, token in enumerate(tokens) if token in word_set("marks", "prepositions") and i), len(tokens))
    for part in (" ".join(tokens[:cut]), text):
        ends = [(part.rfind(w) + len(w), len(w), of) for c, of in _ROLES.items() for w in find_words(part, c)]
        if ends:
            return max(ends, key=lambda end: end[:2])[2]
    return None


def roles_in(names: list[str]) -> set[str]:
    """What names without units hold."""
    return {role for name in names if (role := understand(name).role)}
