"""The bytes of a model file: a document of plain data and named arrays, written and read so that nothing can run.

The file is a zip archive with two uncompressed members, ``model.json`` and ``arrays.safetensors``. Whoever reads one
must take every byte of it as written by an enemy; that is why most of this module is about reading.
"""

import hashlib
import json
import math
import os
import struct
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors.numpy

from .._version import __version__
from ..utils.files import atomic_path

FORMAT = "sklearn_spt model"
FORMAT_VERSION = 1
UPGRADE = "If the file is from a newer sklearn_spt, upgrade: pip install --upgrade sklearn-spt"

_JSON_MEMBER = "model.json"
_ARRAYS_MEMBER = "arrays.safetensors"
_DTYPES = {
    name: np.dtype(name)
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
}
# Far above any sensible model; a reader must not be made to fill the memory.
_MAX_JSON_BYTES = 16 * 2**20
_MAX_ARRAYS_BYTES = 2**30
# Arrays of texts take the length of the longest one for each of them.
_MAX_TEXT_BYTES = 64 * 2**20
_MAX_DEPTH = 24
_MAX_DIRECTORY_BYTES = 1024
# The end of a zip archive: signature, two disk numbers, members on this disk and in all, length and place of the
# directory, length of a comment.
_END_RECORD = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR_BYTES = 20


class FileProblem(Exception):
    """What is wrong with a file, and what to do about it."""

    def __init__(self, what: str, remedy: str = "Get the file again, or save the model anew with save_model") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class Encoder:
    """Turns values into JSON and collects their arrays; `Decoder` is its inverse."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def encode(self, value: Any, where: str, depth: int = 0) -> Any:
        """Return `value` as JSON, or raise TypeError that says `where` it holds something that is no plain data."""
        if depth > _MAX_DEPTH:
            raise TypeError(f"{where} is nested more than {_MAX_DEPTH} levels deep")
        if isinstance(value, np.str_):
            return str(value)
        if isinstance(value, np.generic):
            if value.dtype.name not in _DTYPES:
                raise TypeError(f"{where} is of the type {value.dtype}, which a model file cannot hold")
            return {"$scalar": [value.dtype.name, self.encode(value.item(), where, depth)]}
        if isinstance(value, np.ndarray):
            return self._encode_array(value, where)
        if type(value) is float and not math.isfinite(value):
            return {"$float": repr(value)}
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value) is list:
            return [self.encode(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
        if type(value) is tuple:
            return {"$tuple": [self.encode(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]}
        if type(value) is dict:
            pairs = []
            for key, item in value.items():
                if type(key) not in (str, int):
                    raise TypeError(f"{where} has the key {key!r}; a model file holds strings and integers as keys")
                pairs.append([key, self.encode(item, f"{where}[{key!r}]", depth + 1)])
            return {"$dict": pairs}
        raise TypeError(f"{where} is a {type(value).__name__}, which a model file cannot hold")

    def _encode_array(self, value: np.ndarray, where: str) -> dict[str, Any]:
        if value.ndim == 1 and value.dtype.kind in "OU" and all(isinstance(item, str) for item in value):
            return {"$strings": [value.dtype.kind, [str(item) for item in value]]}
        native = np.asarray(value, dtype=value.dtype.newbyteorder("="), order="C")
        if native.dtype.name not in _DTYPES:
            raise TypeError(f"{where} is an array of the type {value.dtype}, which a model file cannot hold")
        self.arrays[where] = native
        return {"$array": where}


class Decoder:
    """Turns JSON and arrays back into values; what is left in `arrays` in the end was never referred to."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays
        self._room_for_texts = _MAX_TEXT_BYTES

    def decode(self, node: Any, where: str, depth: int = 0) -> Any:
        """Return the value of `node`, or raise FileProblem that says `where` it is not well formed."""
        if depth > _MAX_DEPTH:
            raise FileProblem(f"{where} is nested too deeply")
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if isinstance(node, list):
            return [self.decode(item, where, depth + 1) for item in node]
        if len(node) == 1:
            ((tag, content),) = node.items()
            if tag == "$float" and content in ("nan", "inf", "-inf"):
                return float(content)
            if tag == "$array" and isinstance(content, str) and content in self.arrays:
                return self.arrays.pop(content)
            if isinstance(content, list):
                if tag == "$tuple":
                    return tuple(self.decode(item, where, depth + 1) for item in content)
                if tag == "$dict":
                    return self._decode_dict(content, where, depth)
                if tag == "$scalar" and len(content) == 2:
                    return self._decode_scalar(content[0], content[1], where)
                if tag == "$strings" and len(content) == 2:
                    return self._decode_strings(content[0], content[1], where)
        raise FileProblem(f"{where} holds something that a model file may not hold")

    def _decode_dict(self, pairs: list[Any], where: str, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) not in (str, int) or pair[0] in result:
                raise FileProblem(f"{where} holds a mapping that is not well formed")
            result[pair[0]] = self.decode(pair[1], where, depth + 1)
        return result

    def _decode_scalar(self, name: Any, node: Any, where: str) -> np.generic:
        value = self.decode(node, where, _MAX_DEPTH)
        if not isinstance(name, str) or name not in _DTYPES or not isinstance(value, bool | int | float):
            raise FileProblem(f"{where} holds a number that is not well formed")
        try:
            return _DTYPES[name].type(value)
        except (ValueError, OverflowError) as error:
            raise FileProblem(f"{where} holds a number that is not well formed ({error})") from error

    def _decode_strings(self, kind: Any, strings: Any, where: str) -> np.ndarray:
        if kind not in ("O", "U") or not isinstance(strings, list) or not all(isinstance(s, str) for s in strings):
            raise FileProblem(f"{where} holds strings that are not well formed")
        if kind == "U":
            self._room_for_texts -= len(strings) * max(map(len, strings), default=0) * np.dtype("U1").itemsize
            if self._room_for_texts < 0:
                raise FileProblem(f"{where} holds strings that would take more memory than a model can need")
        return np.array(strings, dtype=object if kind == "O" else np.str_)


def write_document(path: str | os.PathLike[str], payload: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write plain JSON data and arrays to a model file."""
    packed = safetensors.numpy.save(arrays)
    payload = {**payload, "arrays_sha256": hashlib.sha256(packed).hexdigest()}
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "payload_sha256": _digest(payload),
        "payload": payload,
    }
    text = json.dumps(document, indent=1, allow_nan=False).encode("ascii")
    for content, limit, name in ((text, _MAX_JSON_BYTES, "text"), (packed, _MAX_ARRAYS_BYTES, "arrays")):
        if len(content) > limit:
            raise ValueError(
                f"cannot save the model to {os.fspath(path)}: its {name} would take {len(content) / 2**20:.0f} MiB; "
                f"a model file holds at most {limit / 2**20:.0f} MiB of it"
            )
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for member, content in ((_JSON_MEMBER, text), (_ARRAYS_MEMBER, packed)):
            # A fixed date: the same model gives the same bytes.
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def read_document(path: Path) -> tuple[dict[str, Any], str, dict[str, np.ndarray]]:
    """Return the payload of a model file, its checksum, which stands for the whole file, and the arrays."""
    # A folder cannot be read, and a pipe would block.
    if not path.is_file():
        raise FileProblem("it is not a regular file", "Give the path of a file that save_model wrote")
    with path.open("rb") as file:
        text, packed = _read_members(file)
    payload, digest = _parse_json(text)
    if hashlib.sha256(packed).hexdigest() != payload.get("arrays_sha256"):
        raise FileProblem(f"the checksum of {_ARRAYS_MEMBER} is wrong: it is damaged or was changed")
    return payload, digest, _parse_arrays(packed)


def _digest(payload: Any) -> str:
    text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _read_members(file: BinaryIO) -> tuple[bytes, bytes]:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise FileProblem("it is empty")
    start = file.read(4)
    if start[:1] == b"\x80":
        raise FileProblem(
            "it looks like a pickle, as joblib.dump writes it",
            "If you trust whoever made it (loading a pickle runs its code), load it with joblib.load and save the "
            "model with save_model",
        )
    if start != b"PK\x03\x04":
        raise FileProblem("it does not begin like one", "Give a file that save_model wrote")
    if size > _MAX_JSON_BYTES + _MAX_ARRAYS_BYTES + 2**16:
        raise FileProblem(f"it has {size / 2**20:.0f} MiB, more than a model file can have")
    _check_directory(file, size)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted((_JSON_MEMBER, _ARRAYS_MEMBER)):
                raise FileProblem(f"it must hold {_JSON_MEMBER} and {_ARRAYS_MEMBER} and nothing else")
            for name, limit in ((_JSON_MEMBER, _MAX_JSON_BYTES), (_ARRAYS_MEMBER, _MAX_ARRAYS_BYTES)):
                entry = archive.getinfo(name)
                # Without compression, no member can unpack to more than the file holds.
                if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
                    raise FileProblem(f"{name} is compressed, which it is not in a model file")
                if entry.file_size > min(limit, size):
                    raise FileProblem(f"{name} claims to have {entry.file_size} bytes, more than it can have")
            return archive.read(_JSON_MEMBER), archive.read(_ARRAYS_MEMBER)
    except FileProblem:
        raise
    # A parser of hostile bytes may fail in any way: BadZipFile, struct.error, NotImplementedError, RuntimeError, ...
    except Exception as error:
        raise FileProblem(f"its archive is damaged ({error})") from error


def _check_directory(file: BinaryIO, size: int) -> None:
    """Refuse an archive whose end does not announce exactly two members.

    Done before zipfile looks at it, which would build an object for each of the millions of members that a hostile
    file can list.
    """
    file.seek(max(0, size - _END_RECORD.size - _ZIP64_LOCATOR_BYTES))
    tail = file.read()
    record = tail[-_END_RECORD.size :]
    if len(record) < _END_RECORD.size or not record.startswith(b"PK\x05\x06"):
        raise FileProblem("its end is missing: it was cut off, or something was appended")
    _, _, _, _, n_members, length, start, _ = _END_RECORD.unpack(record)
    if (
        n_members != 2
        or length > _MAX_DIRECTORY_BYTES
        or start + length + _END_RECORD.size != size
        or tail.startswith(b"PK\x06\x07")  # a second directory, in the format for large files
    ):
        raise FileProblem(f"its directory does not list {_JSON_MEMBER} and {_ARRAYS_MEMBER} and nothing else")


def _parse_json(text: bytes) -> tuple[dict[str, Any], str]:
    try:
        document = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_float=_finite_float,
            parse_constant=_finite_float,
        )
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise FileProblem(f"{_JSON_MEMBER} does not say {FORMAT!r}", "Give a file that save_model wrote")
        version = document.get("format_version")
        if type(version) is not int or version < 1:
            raise FileProblem("its format version is not a number")
        if version > FORMAT_VERSION:
            raise FileProblem(
                f"it has the format version {version}, and sklearn_spt {__version__} reads versions up to "
                f"{FORMAT_VERSION}",
                "Upgrade: pip install --upgrade sklearn-spt",
            )
        payload = document.get("payload")
        if not isinstance(payload, dict):
            raise FileProblem(f"{_JSON_MEMBER} has no payload")
        digest = _digest(payload)
    except RecursionError as error:
        raise FileProblem(f"{_JSON_MEMBER} is nested too deeply") from error
    except ValueError as error:
        raise FileProblem(f"{_JSON_MEMBER} cannot be read ({error})") from error
    if digest != document.get("payload_sha256"):
        raise FileProblem(f"the checksum of {_JSON_MEMBER} is wrong: it is damaged or was changed")
    return payload, digest


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _finite_float(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number[:40]} is not a finite number")
    return value


def _parse_arrays(packed: bytes) -> dict[str, np.ndarray]:
    try:
        # Copies: what safetensors gives may be read-only views of one buffer.
        arrays = {name: array.copy() for name, array in safetensors.numpy.load(packed).items()}
    # As for the archive: SafetensorError, KeyError for a type that numpy lacks, ValueError, OverflowError, ...
    except Exception as error:
        raise FileProblem(f"{_ARRAYS_MEMBER} cannot be read ({error})") from error
    for name, array in arrays.items():
        if array.dtype.name not in _DTYPES:
            raise FileProblem(f"the array {name!r:.80} is of the type {array.dtype}, which a model file cannot hold")
    return arrays
