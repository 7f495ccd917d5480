import pytest

from sklearn_spt.inspection import RigDisplay
from sklearn_spt.simulation import EN10371, RIGS


def texts(display):
    return "\n".join(text.get_text() for text in display.ax_.texts)


@pytest.mark.parametrize("name", RIGS)
def test_dimensions_of_the_rigs(name):
    rig, display = RIGS[name], RigDisplay.from_rig(name)
    assert display.ax_.get_title() == name
    for value in (rig.punch_diameter, rig.disc_diameter, rig.punch_edge_radius):
        assert f"{value:g} mm" in texts(display)
    assert ("hole" in texts(display)) == (rig.hole_diameter is not None)


def test_own_rig_thickness_and_axes():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    rig = EN10371.replace(name="mine", clamp_diameter=5.0, hole_edge="fillet")
    display = RigDisplay.from_rig(rig, thickness=0.4, ax=ax)
    assert display.ax_ is ax
    for text in ("clamp ⌀ 5 mm", "disc 0.4 mm thick", "hole edge R 0.2 mm"):
        assert text in texts(display)


def test_bad_input(without_matplotlib):
    with pytest.raises(ValueError, match="no rig 'EN'"):
        RigDisplay.from_rig("EN")
    with pytest.raises(ValueError, match="thickness must lie in"):
        RigDisplay.from_rig("EN10371", thickness=2)
    with pytest.raises(ImportError, match="RigDisplay needs matplotlib"):
        RigDisplay.from_rig("EN10371")
