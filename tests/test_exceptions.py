"""Messages carry their advice."""

import copy
import pickle

import pytest

from sklearn_spt.cli._messages import spell
from sklearn_spt.exceptions import Fact, Message, Owner, Parameter, about, message_of


@pytest.mark.parametrize(
    ("parameter", "python", "option"),
    [
        (Parameter("rig"), "rig=", "--rig"),
        (Parameter("rig", "EN10371"), "rig='EN10371'", "--rig EN10371"),
        (Parameter("thickness", "..."), "thickness=...", "--thickness THICKNESS"),
        (Parameter("displacement_kind", "punch"), "displacement_kind='punch'", "--displacement-kind punch"),
        (Parameter("units", "kN", key="load"), "units={'load': 'kN'}", "--unit load=kN"),
        (Parameter("units", "...", key="load"), "units={'load': ...}", "--unit load=UNIT"),
        (Parameter("columns", "Way, mm", key="load"), "columns={'load': 'Way, mm'}", "--column load='Way, mm'"),
        (Parameter("columns", "0", key="load"), "columns={'load': 0}", "--column load=0"),
        (Parameter("ends", "hold"), "ends='hold'", "--set resample__ends=hold"),
        (Parameter("cut_unloading", "True"), "cut_unloading='True'", "--cut-unloading"),
        (Parameter("correct", "toe", python="ToeCorrector"), "ToeCorrector", "--correct toe"),
        (Owner("CurveResampler"), "CurveResampler: ", ""),
        (
            Fact("temperature"),
            "set it with curve.replace(temperature=...)",
            "write a line '# temperature: ...' into its file",
        ),
    ],
)  # fmt: skip
def test_parameters_in_both_languages(parameter, python, option):
    message = Message("give ", parameter, ", please")
    assert message == f"give {python}, please"
    assert spell(message) == spell(ValueError(message)) == f"give {option}, please"


def test_a_message_survives_being_raised_wrapped_and_sent():
    inner = ValueError(Message("no rig; name it with ", Parameter("rig"), about="rig"))
    wrapped = Message(Owner("CurveResampler"), "curve 'A{1}': ", inner)
    for message in (wrapped, pickle.loads(pickle.dumps(wrapped)), copy.deepcopy(wrapped)):
        assert message == "CurveResampler: curve 'A{1}': no rig; name it with rig="
        assert message.about == about(ValueError(message)) == "rig"
        assert [parameter.name for parameter in message.parameters] == ["rig"]
        assert spell(message) == "curve 'A{1}': no rig; name it with --rig"


def test_texts_of_others_stay_as_they_are():
    for text in ("columns={'load': 1} stands in the file", "thickness= of 5", "two\n  lines"):
        assert spell(text) == " ".join(text.split())
    assert about("x") is None
    assert message_of(FileNotFoundError(2, "No such file", "a.csv")) == "[Errno 2] No such file: 'a.csv'"
