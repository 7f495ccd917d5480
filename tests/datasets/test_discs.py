import numpy as np
import pytest

from sklearn_spt.datasets import load_en10371_discs, load_en10371_steel


@pytest.fixture(scope="module")
def discs():
    return load_en10371_discs(n_curves=300)


def test_parts_agree(discs):
    assert len(discs.data) == len(discs.laws) == len(discs.rigs) == 300
    assert discs.target.shape == (300, len(discs.strain))
    assert np.all(np.diff(discs.strain) > 0)
    assert discs.strain[-1] == 1.0
    for key, values in discs.frame.items():
        assert values.shape == (300,), key
    for i in (0, 1, 299):
        curve, law, rig = discs.data[i], discs.laws[i], discs.rigs[i]
        assert curve.rig == rig.name == {"near": "EN10371", "wide": "DISC"}[discs.frame.part[i]]
        assert curve.thickness == discs.frame.thickness[i]
        assert curve.metadata == {key: values[i] for key, values in discs.frame.items()}
        assert (discs.frame.E[i], discs.frame.yield_stress[i]) == (law.E, law.yield_stress)
        np.testing.assert_allclose(discs.target[i], law.true_stress(discs.strain), rtol=1e-12)


def test_the_parts_come_in_turns_and_alone(discs):
    assert discs.frame.part[:4].tolist() == ["near", "wide", "near", "wide"]
    for part in ("near", "wide"):
        alone = load_en10371_discs(part=part, n_curves=20)
        wanted = [curve.name for curve in discs.data if curve.metadata["part"] == part][:20]
        assert [curve.name for curve in alone.data] == wanted
    with pytest.raises(ValueError, match="part must be"):
        load_en10371_discs(part="far")


def test_both_kinds_of_displacement():
    punch, deflection = (load_en10371_discs(n_curves=5, displacement_kind=kind) for kind in ("punch", "deflection"))
    for v, u in zip(punch.data, deflection.data, strict=True):
        np.testing.assert_array_equal(v.load, u.load)
        assert (v.displacement_kind, u.displacement_kind) == ("punch", "deflection")
        # The lower face is behind the punch as the disc thins.
        assert u.displacement[-1] < v.displacement[-1]
    with pytest.raises(ValueError, match="displacement_kind must be"):
        load_en10371_steel(displacement_kind="crosshead")


def test_records_go_past_their_maximum(discs):
    for curve, completed in zip(discs.data, discs.frame.completed, strict=True):
        assert len(curve.load) >= 200
        assert np.diff(curve.displacement)[curve.displacement[1:] <= 0.2].max() < 0.00501
        if completed and curve.displacement[-1] < 2.49:
            assert curve.load[-1] < 0.97 * curve.load.max()


def test_laws_of_many_kinds(discs):
    assert len(set(discs.frame.law)) == 10
    ratio = discs.frame.yield_stress / discs.frame.E
    assert ratio.min() < 0.0004
    assert ratio.max() > 0.008


def test_the_description_counts_what_there_is(discs):
    assert ":Number of curves: 300, 150 near" in discs.DESCR
    assert "{" not in discs.DESCR
    for law in set(discs.frame.law):
        assert f"\n{law}  " in discs.DESCR or f"\n{law} " in discs.DESCR


def test_steels_are_those_of_the_near_part():
    steel = load_en10371_steel(n_curves=60)
    assert len(steel.data) == 60
    assert set(steel.frame.part) == {"near"}
    assert steel.frame.yield_stress.min() >= 150
    assert steel.frame.yield_stress.max() <= 1500
    near = load_en10371_discs(part="near", n_curves=120)
    wanted = [c.name for c in near.data if 150 <= c.metadata["yield_stress"] <= 1500][:60]
    assert [curve.name for curve in steel.data][: len(wanted)] == wanted
    # The first strain is elastic in every curve, which is what "curve" as elastic modulus asks for.
    np.testing.assert_allclose(steel.target[:, 0] / steel.strain[0], steel.frame.E, rtol=1e-9)


def test_as_frame_and_as_arrays(monkeypatch):
    pandas = pytest.importorskip("pandas")
    plain, framed = load_en10371_steel(n_curves=8), load_en10371_steel(n_curves=8, as_frame=True)
    assert isinstance(framed.frame, pandas.DataFrame)
    np.testing.assert_array_equal(framed.target.to_numpy(), plain.target)
    np.testing.assert_array_equal(framed.target.columns, plain.strain)
    assert framed.target.index[5] == framed.frame.index[5] == framed.data[5].name
    X, Y = load_en10371_steel(n_curves=8, return_X_y=True)
    assert [curve.name for curve in X] == [curve.name for curve in plain.data]
    np.testing.assert_array_equal(Y, plain.target)
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match="as_frame=True needs pandas; install it"):
        load_en10371_steel(n_curves=8, as_frame=True)
