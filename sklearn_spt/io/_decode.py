"""From the bytes of a file to text: what kind of file it is, and its encoding."""

import re
from collections.abc import Sequence
from pathlib import Path

from ..exceptions import Parameter
from ._advice import refusal
from ._units import parse_unit, split_unit
from ._words import find_words, plain, words

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".asc", ".tra", ".raw", ".lvm")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")
SUFFIXES = TEXT_SUFFIXES + EXCEL_SUFFIXES
# Not passed over in silence in a folder: text is often named so, and the others are refused.
OTHER_SUFFIXES = (".xls", ".xlsb", ".ods")
# Single-byte and double-byte encodings of the languages whose words are known; UTF-8 and UTF-16 are tried before.
ENCODINGS = ("cp1252", "cp1250", "cp932", "gb18030", "cp949", "cp1251", "cp1254")
_SAVE = "save it as .xlsx or as CSV"


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that is a text or a workbook."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refusal(str(path), f"cannot be read ({error.strerror}); check the file") from None
    suffix = path.suffix.lower()
    problem = None
    if not data.strip():
        problem = "the file is empty; export the test again, or remove the file"
    elif is_workbook(data) and suffix in OTHER_SUFFIXES[1:]:
        problem = f"a workbook of another kind than .xlsx; {_SAVE}"
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        problem = f"an old Excel workbook (.xls) or another binary file; {_SAVE}"
    elif re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|table|\?xml)", data[:200], re.IGNORECASE):
        problem = f"a page of HTML or XML, not a table of text; open it in a spreadsheet program and {_SAVE}"
    elif not is_workbook(data) and suffix in EXCEL_SUFFIXES:
        problem = "named like an Excel workbook, but it is not one; save it again as .xlsx or as CSV"
    if problem:
        raise refusal(str(path), problem)
    return data


def is_workbook(data: bytes) -> bool:
    """Whether a file is a zip archive, as Excel writes it."""
    return data.startswith(b"PK\x03\x04")


def decode(path: Path, data: bytes, encoding: str | None) -> tuple[bytes, str]:
    """The text of a file as UTF-8 with the line end "\\n", and the encoding that it was in."""
    try:
        text, encoding = _guess(path, data) if encoding is None else (data.decode(encoding), encoding)
    except LookupError:
        raise ValueError(
            f"there is no encoding {encoding!r}; encoding= takes a name such as 'utf-8', 'cp1252' or 'cp932'"
        ) from None
    except UnicodeError as error:
        reason = error.reason if isinstance(error, UnicodeDecodeError) else error
        advice = ("pass its encoding, such as ", Parameter("encoding", "cp1252"), ", or none")
        raise refusal(str(path), f"not a text file in {encoding} ({reason}); ", *advice) from None
    if not (text.isascii() and encoding in ("utf-8", *ENCODINGS)):
        data = text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    del text
    data = data.rstrip(b"\x1a\0")
    if data.translate(None, bytes({*range(9), *range(14, 32), 127})) != data:
        raise refusal(
            str(path), "not a text file (it has control characters); export the test as CSV or text, and read that"
        )
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data, encoding


def _guess(path: Path, data: bytes) -> tuple[str, str]:
    candidates: Sequence[str] = ("utf-8", *ENCODINGS, "latin-1")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    elif data.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    elif b"\0" in data[:1000].rstrip(b"\0"):
        # Western text in UTF-16 without a mark of its order has a zero in every other byte.
        candidates = ("utf-16-le",) if data[1:1000:2].count(0) > data[:1000:2].count(0) else ("utf-16-be",)
    known: dict[str, int] = {}
    for candidate in candidates:
        try:
            text = data.decode(candidate)
        except UnicodeError:
            continue
        if candidate.startswith("utf"):
            return text, candidate
        known[candidate] = _count_known(text[:4000])
    if not known:
        raise refusal(
            str(path),
            f"not a text file in {candidates[0]}, as its first bytes say; save it as CSV in UTF-8, or pass ",
            Parameter("encoding", "..."),
        )
    # The encoding in which most words are known; the first of equals.
    best = max(known, key=known.__getitem__)
    return data.decode(best), best


def _count_known(text: str) -> int:
    """How many words with other letters than those of English are known; units count less, as they are short."""
    found = 0
    for word in set(re.split(r"[\s;,:=\t\"]+", text)):
        if word and not word.isascii():
            unit = split_unit(word).unit or parse_unit(word)
            found += unit is not None and unit.quantity != "unknown"
            found += 2 * any(find_words(plain(word), concept) for concept in words("concepts"))
    return found
