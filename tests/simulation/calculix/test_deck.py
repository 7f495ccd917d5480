"""The decks for CalculiX, read back line by line."""

import numpy as np
import pytest

from sklearn_spt.mechanics import Swift
from sklearn_spt.simulation import EN10371, SHEET, FlatStrip, RoundBar, get_rig
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation.calculix import Numerics, build_model, default_mesh
from sklearn_spt.simulation.calculix._deck import displacement_at, ramp_inverse, spt_deck, tensile_deck

LAW = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
MATERIAL = law_material(LAW, nu=0.3)
THICKNESS = {"EN10371": 0.5, "SHEET": 2.0}
MODELS = {rig.name: build_model(rig, THICKNESS[rig.name], default_mesh(rig)) for rig in (EN10371, SHEET)}


def deck_of(rig="EN10371", **options):
    options = {"friction": 0.1, "stroke": 1.5, "numerics": Numerics(), **options}
    return spt_deck(MODELS[rig], MATERIAL, **options)


def cards(deck):
    """The keywords of a deck: (name, parameters, data lines)."""
    found = []
    for line in deck.splitlines():
        if line.startswith("*"):
            name, *words = line[1:].split(",")
            found.append((name, dict(word.partition("=")[::2] for word in words), []))
        else:
            found[-1][2].append(line)
    return found


def only(deck, name, **parameters):
    fitting = [card for card in cards(deck) if card[0] == name and parameters.items() <= card[1].items()]
    assert len(fitting) == 1, (name, parameters, len(fitting))
    return fitting[0]


def numbers(lines):
    return np.array([[float(cell) for cell in line.split(",")] for line in lines])


def node_set(deck, name):
    return {int(line) - 1 for line in only(deck, "NSET", NSET=name)[2]}


def steps(deck):
    """The text before the first step, and that of each step."""
    return deck.split("*STEP")


# The punch's way


def test_the_ramp_goes_to_the_stroke_and_back():
    time = np.linspace(0, 1, 57)
    displacement = displacement_at(time, 2.3)
    assert displacement[0] == 0
    assert displacement[-1] == pytest.approx(2.3)
    assert displacement == pytest.approx(2.3 * time**1.5, abs=2.3e-3)
    assert np.all(np.diff(displacement) > 0)
    np.testing.assert_allclose(ramp_inverse(displacement / 2.3), time, atol=1e-12)


def test_the_deck_has_the_ramp_that_curves_are_read_with():
    deck = deck_of(stroke=1.5)
    time, part = numbers(only(deck, "AMPLITUDE", NAME="RAMP")[2]).T
    np.testing.assert_allclose(1.5 * part, displacement_at(time, 1.5), atol=1e-8)
    assert (time[0], time[-1], part[0], part[-1]) == (0, 1, 0, 1)
    _, first, second = steps(deck)
    # The punch waits in the first step, and goes all the way down in the second.
    assert "PUNCH,1,2,0" in first.splitlines()
    assert "*BOUNDARY,AMPLITUDE=RAMP\nPUNCH,2,2,-1.5\n" in second
    assert "RAMP" not in first
    assert all("NLGEOM" in step.splitlines()[0] for step in (first, second))


# The mesh


@pytest.mark.parametrize("rig", MODELS)
def test_nodes_and_elements_are_the_model_s(rig):
    deck, model = deck_of(rig), MODELS[rig]
    nodes = numbers(only(deck, "NODE")[2])
    np.testing.assert_array_equal(nodes[:, 0], np.arange(len(model.nodes)) + 1)
    np.testing.assert_allclose(nodes[:, 1:3], model.nodes, atol=1e-8)
    disc = numbers(only(deck, "ELEMENT", ELSET="DISC", TYPE="CAX8R")[2]).astype(int)
    tools = numbers(only(deck, "ELEMENT", ELSET="TOOLS", TYPE="CAX4")[2]).astype(int)
    np.testing.assert_array_equal(disc[:, 1:] - 1, model.disc)
    np.testing.assert_array_equal(tools[:, 1:] - 1, model.tools)
    # Every element has a number of its own.
    np.testing.assert_array_equal([*disc[:, 0], *tools[:, 0]], np.arange(len(disc) + len(tools)) + 1)


@pytest.mark.parametrize(("rig", "thickness"), THICKNESS.items())
def test_surfaces_lie_where_disc_and_tools_meet(rig, thickness):
    deck, model = deck_of(rig), MODELS[rig]
    corners = [*model.disc[:, :4].tolist(), *model.tools.tolist()]

    def faces(name):
        lines = only(deck, "SURFACE", NAME=name, TYPE="ELEMENT")[2]
        pairs = [line.split(",S") for line in lines]
        # Face k of a quadrilateral goes from its corner k to the next.
        ends = [[corners[int(e) - 1][int(k) - 1], corners[int(e) - 1][int(k) % 4]] for e, k in pairs]
        return model.nodes[np.array(ends)]

    assert np.all(faces("TOP")[..., 1] == 0)
    assert faces("TOP")[..., 0].max() > get_rig(rig).punch_diameter / 2
    punch = faces("PUNCHFACE")
    assert punch[..., 1].min() == pytest.approx(0)
    assert np.all(np.diff(punch[:, 0, 0]) >= 0)
    if rig == "EN10371":
        np.testing.assert_allclose(faces("BOTTOM")[..., 1], -thickness)
        assert faces("DIEFACE")[..., 1].max() == pytest.approx(-thickness)
        assert faces("DIEFACE")[..., 0].min() == pytest.approx(2.0)
        assert node_set(deck, "DIE") == set(model.die.tolist())
    else:
        assert "DIE" not in deck
        assert "BOTTOM" not in deck


def test_what_is_held():
    deck, model = deck_of(), MODELS["EN10371"]
    assert node_set(deck, "AXIS") == set(model.axis.tolist())
    assert node_set(deck, "HELD") == set(model.held.tolist())
    assert node_set(deck, "PUNCH") == set(model.punch.tolist())
    before, *_ = steps(deck)
    assert cards(before)[-2][0] == "BOUNDARY"
    assert cards(before)[-2][2] == ["AXIS,1", "HELD,1,2", "DIE,1,2"]


# Material and contact


def test_material():
    deck = deck_of()
    first, second = (card for card in cards(deck) if card[0] == "ELASTIC")
    assert first[2] == second[2] == ["210000,0.3"]
    stress, strain = numbers(only(deck, "PLASTIC")[2]).T
    np.testing.assert_allclose(stress, LAW.flow_stress(strain), rtol=1e-8)
    assert strain[0] == 0
    assert np.all(np.diff(strain) > 0)
    # The tools are elastic: the table belongs to the disc.
    assert deck.index("*MATERIAL,NAME=DISC") < deck.index("*PLASTIC") < deck.index("*MATERIAL,NAME=TOOLS")


def test_contact():
    deck = deck_of(friction=0.25, numerics=Numerics(contact_stiffness=4, stick_ratio=0.2))
    assert only(deck, "SURFACE BEHAVIOR")[2] == ["840000"]
    assert only(deck, "FRICTION")[2] == ["0.25,168000"]
    pairs = [card[2][0] for card in cards(deck) if card[0] == "CONTACT PAIR"]
    assert pairs == ["TOP,PUNCHFACE", "BOTTOM,DIEFACE"]
    assert [card[2][0] for card in cards(deck_of("SHEET")) if card[0] == "CONTACT PAIR"] == ["TOP,PUNCHFACE"]
    # CalculiX takes a coefficient of zero for an error.
    assert "*FRICTION" not in deck_of(friction=0)


def test_increments():
    numerics = Numerics(first_increment=0.01, max_increment=0.03, min_increment=2e-6)
    *_, second = steps(deck_of(numerics=numerics))
    assert only("*STEP" + second, "STATIC")[2] == ["0.01,1,2e-06,0.03"]
    *_, second = steps(deck_of(numerics=numerics.refined(0.5)))
    assert only("*STEP" + second, "STATIC")[2] == ["0.005,1,1e-06,0.015"]
    # Contact stays what it was.
    assert numerics.refined(0.5).contact_stiffness == numerics.contact_stiffness


@pytest.mark.parametrize("name", ["contact_stiffness", "stick_ratio", "first_increment", "min_increment"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), 1e7])
def test_bad_numerics_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"Numerics: {name} must be a number > 0"):
        Numerics(**{name: value})


# What is written


def test_only_the_punch_s_force_is_written():
    _, first, second = steps(deck_of())
    assert "*NODE PRINT,NSET=PUNCH,FREQUENCY=0" in first.splitlines()
    assert "*NODE PRINT,NSET=PUNCH,TOTALS=ONLY\nRF\n" in second
    for word in ("NODE FILE", "EL FILE", "TIME POINTS"):
        assert word not in first + second


def test_fields_are_written_at_their_times():
    wanted = [0.1234, 0.52, 1.0]
    deck = deck_of(field_times=wanted, numerics=Numerics(max_increment=0.02))
    times = numbers(only(deck, "TIME POINTS", NAME="STAGES")[2]).ravel()
    for time in wanted:
        assert np.min(np.abs(times - time)) < 1e-8
    # Loads are written at these times only: they go on at the increments' pace, and none is very short.
    assert times[-1] == 1
    assert np.all(np.diff(times, prepend=0) <= 0.0301)
    assert np.all(np.diff(times, prepend=0) >= 0.005)
    _, first, second = steps(deck)
    assert "STAGES" not in first
    assert "*NODE FILE,OUTPUT=2D,TIME POINTS=STAGES\nU\n*EL FILE,OUTPUT=2D,TIME POINTS=STAGES\nS,PEEQ\n" in second


# Tensile specimens


def test_bar():
    specimen = RoundBar(diameter=6, gauge_length=30)
    model = specimen._model(rows=3)
    deck = tensile_deck(model, MATERIAL, extension=4.5, numerics=Numerics())
    assert f"PULLED,{model.nodes.shape[1]},{model.nodes.shape[1]},4.5" in deck.splitlines()
    assert node_set(deck, "PULLED") == set(model.pulled.tolist())
    assert node_set(deck, "SECTION") == set(model.section.tolist())
    assert len(steps(deck)) == 2


def test_long_elements_go_on_in_the_next_line():
    specimen = FlatStrip(width=12.5, thickness=2, gauge_length=50)
    model = specimen._model(rows=2)
    deck = tensile_deck(model, MATERIAL, extension=4.5, numerics=Numerics())
    lines = only(deck, "ELEMENT", ELSET="SPECIMEN")[2]
    assert all(len(line.rstrip(",").split(",")) <= 16 for line in lines)
    joined = [first + second for first, second in zip(lines[::2], lines[1::2], strict=True)]
    assert all(line.endswith(",") for line in lines[::2])
    elements = numbers(joined).astype(int)
    np.testing.assert_array_equal(elements[:, 1:] - 1, model.elements)
    assert elements.shape[1] == 21
