"""JSON that may be anything."""

import pytest

from sklearn_spt.utils.json_files import parse_json, read_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("[" * 60 + "]" * 60, "nested too deeply"),
        ('{"a": ' * 60 + "1" + "}" * 60, "nested too deeply"),
        ('[{"a": ' * 500 + "1" + "}]" * 500, "nested too deeply"),
        ('"' + "x" * 2**24 + '"', "more than 16777216 characters"),
        ("{", "Expecting"),
        ("", "Expecting"),
    ],
)
def test_json_that_nobody_means(text, message):
    with pytest.raises(ValueError, match=message):
        parse_json(text)


def test_json_files(tmp_path):
    (tmp_path / "a.json").write_text('{"a": [1, {"b": null}]}')
    assert read_json(tmp_path / "a.json") == {"a": [1, {"b": None}]}
    with pytest.raises(ValueError, match="it is no file"):
        read_json(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "b.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="decode"):
        read_json(tmp_path / "b.json")
