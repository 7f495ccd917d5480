import dataclasses

import pytest

from sklearn_spt.rigs import KNOWN
from sklearn_spt.simulation import EN10371, MINIATURE, RIGS, SHEET, Rig, get_rig, rig_name


def test_presets_have_the_published_geometry():
    assert EN10371.is_ball
    assert (EN10371.punch_diameter, EN10371.hole_diameter, EN10371.disc_diameter) == (2.5, 4.0, 8.0)
    assert EN10371.clearance == 0.75
    assert (SHEET.punch_diameter, SHEET.punch_edge_radius, SHEET.disc_diameter) == (5.5, 0.78, 13.0)
    assert not SHEET.is_ball
    assert SHEET.hole_diameter is None
    assert SHEET.held_diameter == 13.0
    assert MINIATURE.is_ball
    assert (MINIATURE.punch_diameter, MINIATURE.hole_diameter, MINIATURE.disc_diameter) == (1.0, 1.75, 3.0)
    assert (MINIATURE.hole_edge, MINIATURE.hole_edge_size) == ("chamfer", 0.2)
    assert set(RIGS) == {"EN10371", "SHEET", "MINIATURE"}


def test_get_rig_knows_names_and_rigs():
    assert get_rig("SHEET") is SHEET
    assert get_rig(EN10371) is EN10371
    assert get_rig("DIN EN 10371") is EN10371
    assert get_rig("sheet") is SHEET
    for unknown in ("EN 10372", " "):
        with pytest.raises(ValueError, match=rf"no rig '{unknown}'; choose one of EN10371, SHEET, MINIATURE"):
            get_rig(unknown)
    with pytest.raises(TypeError, match="must be a Rig or the name"):
        get_rig(3)


def test_names_of_rigs_in_all_spellings():
    assert set(KNOWN) == set(RIGS)
    assert [rig_name(name) for name in ("EN 10371:2021", " Miniature ", " our rig")] == [
        "EN10371",
        "MINIATURE",
        "our rig",
    ]
    for name, error in ((" ", ValueError), ("-", ValueError), (3, TypeError)):
        with pytest.raises(error, match="EN10371"):
            rig_name(name)


def test_a_rig_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        EN10371.hole_diameter = 5.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hole_diameter": 2.0}, r"the hole \(diameter 2 mm\) must be wider than the punch \(2.5 mm\)"),
        ({"punch_edge_radius": 1.3}, "greater than the punch's radius"),
        ({"disc_diameter": 4.2}, r"the disc \(diameter 4.2 mm\) must cover the hole"),
        ({"clamp_diameter": 3.0}, "clamp_diameter must lie between the hole's diameter and the disc's"),
        ({"thickness_range": (0.6, 0.3)}, "thickness_range must be two positive numbers"),
        ({"thickness_range": (-0.1, 0.3)}, "thickness_range must be two positive numbers"),
        ({"punch_diameter": -1.0}, "punch_diameter must be a number > 0"),
        ({"friction": -0.1}, "friction must be a number >= 0"),
        ({"hole_edge": "round"}, "hole_edge must be one of 'fillet', 'chamfer'"),
        ({"hole_diameter": None, "clamp_diameter": 5.0}, "clamp_diameter needs a hole_diameter"),
        ({"hole_diameter": None, "disc_diameter": 2.0}, "must be smaller than the disc"),
        ({"tolerances": {"thicknes": (0.4, 0.5)}}, "tolerances must map .* got 'thicknes'"),
        ({"tolerances": {"name": (0.4, 0.5)}}, "tolerances must map .* got 'name'"),
        ({"tolerances": {"is_ball": (1, 2)}}, "tolerances must map .* got 'is_ball'"),
        ({"tolerances": {"friction": (0.1, 0.2)}}, "tolerances must map .* got 'friction'"),
        ({"tolerances": {"thickness": (0.6, 0.5)}}, "the lower first .* got 'thickness'"),
        (
            {"tolerances": {"thickness": 0.5}},
            "tolerances must map thickness or a length that the rig has to two positive",
        ),
        ({"tolerances": {"hole_edge_size": (0, 0.5)}}, "two positive numbers"),
        ({"tolerances": {"clamp_diameter": (4, 5)}}, "got 'clamp_diameter'"),
        ({"hole_diameter": None}, "got 'hole_edge_size'"),
    ],
)
def test_tools_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        EN10371.replace(**changes)


def test_a_text_for_a_number_is_refused():
    with pytest.raises(TypeError, match="punch_diameter must be a number"):
        SHEET.replace(punch_diameter="5.5")
    with pytest.raises(TypeError, match="name must be a text"):
        SHEET.replace(name=None)
    for wrong in (2.0, ("1", "thick"), (1, 2, 3)):
        with pytest.raises(TypeError, match="Rig SHEET: thickness_range must be two numbers, the lower first"):
            SHEET.replace(thickness_range=wrong)


@pytest.mark.parametrize(
    ("thickness", "stroke", "message"),
    [
        (-0.5, 1.0, r"thickness must lie in 0.2 to 0.8 mm, the range of rig EN10371; got -0.5"),
        (1.0, 1.0, "thickness must lie in"),
        (float("nan"), 1.0, "thickness must lie in"),
        (0.5, 5.0, "stroke must be positive and at most 3 mm, the travel of rig EN10371; got 5"),
        (0.5, 0.0, "stroke must be positive"),
    ],
)
def test_specimens_that_do_not_fit_are_refused(thickness, stroke, message):
    with pytest.raises(ValueError, match=message):
        EN10371.check_specimen(thickness, stroke)


def test_the_clamp_holds_outside_the_mouth_of_the_hole_unless_told_otherwise():
    assert EN10371.held_diameter == pytest.approx(4.4)
    assert EN10371.replace(clamp_diameter=5.0).held_diameter == 5.0


def test_tolerances():
    assert EN10371.tolerances == {"thickness": (0.45, 0.55), "hole_edge_size": (0.15, 0.25)}
    assert SHEET.tolerances == {}
    for rig in RIGS.values():
        low, high = rig.tolerances.get("thickness", rig.thickness_range)
        assert rig.thickness_range[0] <= low < high <= rig.thickness_range[1]
        for name, (low, high) in rig.tolerances.items():
            assert name == "thickness" or low < getattr(rig, name) < high
    # Lists, as JSON has them, become the same.
    again = EN10371.replace(tolerances={"thickness": [0.45, 0.55], "hole_edge_size": [0.15, 0.25]})
    assert again == EN10371
    # A length that somebody gave as a whole number is one, too.
    assert EN10371.replace(hole_diameter=4, tolerances={"hole_diameter": (3.9, 4.1)}).hole_diameter == 4
    with pytest.raises(TypeError, match="tolerances must map names to ranges"):
        EN10371.replace(tolerances=[0.4, 0.5])


def test_own_rig():
    rig = Rig(
        name="own",
        punch_diameter=2.0,
        punch_edge_radius=0.4,
        disc_diameter=10.0,
        thickness_range=(0.2, 1),
        max_stroke=2,
    )
    assert rig.clearance is None
    assert get_rig(rig) is rig
