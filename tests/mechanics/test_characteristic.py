import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid

from sklearn_spt import SPTCurve
from sklearn_spt.mechanics import CharacteristicQuantities, characteristic_quantities
from sklearn_spt.mechanics._bilinear import fit_bilinear
from sklearn_spt.preprocessing import CurveCutter

H0 = 0.5
NUMBERS = ["Fe", "ue", "Fe_astm", "F_offset", "Fi", "Fm", "um", "uf", "ESP", "slope", "v0", "FB", "u_start", "u_offset"]
FROM_THICKNESS = {"Fe", "ue", "Fe_astm", "F_offset", "slope", "v0", "FB", "u_start", "u_offset"}
FROM_MAXIMUM = {"Fm", "um", "uf", "ESP"}


def bilinear(u, ue=0.12, Fe=300.0, second=800.0):
    return np.where(u < ue, Fe / ue * u, Fe + second * (u - ue))


def hump(u, um=1.6, Fm=1800.0, k=3.0):
    """A smooth curve with its maximum at um."""
    return Fm * (u / um * np.exp(1 - u / um)) ** k


def bowl(u, um=1.7):
    """A curve like a disc's: steep, knee, rise, smooth maximum at um and a drop."""
    return 250 * np.tanh(u / 0.06) + 1500 * np.sin(np.pi / 2 * u / um) ** 1.5


def read(u, load, thickness=H0, **options):
    return characteristic_quantities(SPTCurve(u, load, thickness=thickness), **options)


@settings(max_examples=60, deadline=None)
@given(
    ue=st.floats(0.06, 0.35),
    first=st.floats(1000, 5000),
    ratio=st.floats(-0.2, 0.7),
    seed=st.integers(0, 1000),
    n=st.integers(100, 400),
)
def test_bilinear_curves_are_recovered_whatever_the_sampling(ue, first, ratio, seed, n):
    assume(abs(ratio) > 1e-3)  # a level branch is taken for the limit of the load cell
    u = np.append([0.0, H0, 1.0], np.random.default_rng(seed).uniform(0, 1, n))
    # The line parallel to the first branch meets the second one behind the knee.
    u_offset = (first * H0 / 10 + first * ue - ratio * first * ue) / (first - ratio * first)
    u = np.unique(np.append(u, [ue, (ue + u_offset) / 2, (ue + H0) / 2]))
    u = u[u <= 1]
    found = read(u, bilinear(u, ue, first * ue, ratio * first))
    assert found.ue == pytest.approx(ue, rel=1e-4)
    assert found.Fe == pytest.approx(first * ue, rel=1e-4)
    assert pytest.approx(first * ue + ratio * first * (H0 - ue), rel=1e-4, abs=0.05) == found.FB
    assert found.slope == pytest.approx(first, rel=1e-4)
    assert found.u_start == pytest.approx(0, abs=1e-5)
    if u_offset < 1:
        assert found.u_offset == pytest.approx(u_offset, rel=1e-4)
        assert found.F_offset == pytest.approx(first * (u_offset - H0 / 10), rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(8, 60), st.floats(0, 0.1), st.integers(0, 1000))
def test_no_knee_on_a_grid_fits_better(n, noise, seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0.01, 1, n))
    x = np.append(x[np.append(True, np.diff(x) > 1e-4)], 1.01)
    y = 500 * x**0.4 * (1 + noise * rng.standard_normal(len(x)))
    step = np.diff(np.append(0, x))
    root = np.sqrt((step + np.append(step[1:], 0)) / 2)

    def squares(ue, Fe, FB):
        fitted = np.where(x <= ue, Fe / ue * x, Fe + (FB - Fe) * (x - ue) / (x[-1] - ue))
        return np.sum((root * (fitted - y)) ** 2)

    best = squares(*fit_bilinear(x, y))
    for ue in np.linspace(x[0], x[-3], 200):
        hats = np.stack([np.interp(x, [0, ue, x[-1]], hat) for hat in ([0, 1, 0], [0, 0, 1])], axis=1)
        Fe, FB = np.linalg.lstsq(root[:, None] * hats, root * y)[0]
        assert best <= squares(ue, Fe, FB) * (1 + 1e-9) + 1e-12


def test_astm_reads_the_curve_itself():
    u = np.linspace(0, 1, 501)
    load = 700 * u**0.4
    found = read(u, load)
    assert found.Fe_astm == pytest.approx(700 * found.ue**0.4, rel=1e-4)
    assert found.Fe_astm < found.Fe  # the curve rounds the knee off


@pytest.mark.parametrize("n", [60, 250, 2000])
@pytest.mark.parametrize("k", [1.0, 3.0, 8.0])
def test_smooth_maximum(n, k):
    u = np.linspace(0, 3, n)
    found = read(u, hump(u, k=k))
    assert found.um == pytest.approx(1.6, rel=2e-3, abs=0.3 * u[1])  # to the resolution of the record
    assert found.Fm == pytest.approx(1800, rel=1e-3)
    fine = np.linspace(0, 1.6, 100_001)
    assert pytest.approx(trapezoid(hump(fine, k=k), fine), rel=4e-3, abs=0.3 * u[1] * 1800) == found.ESP
    assert found.Fi == pytest.approx(hump(0.552, k=k), rel=3e-3, abs=1)
    after = np.linspace(1.6, 3, 100_001)
    assert found.uf == pytest.approx(np.interp(-0.8 * 1800, -hump(after, k=k), after), rel=2e-3)
    assert "not dropped by 20 % up to the curve's end" in read(u[u < 1.75], hump(u[u < 1.75], k=k)).missing["uf"]


def test_fracture_is_a_maximum():
    u = np.linspace(0, 1.8, 361)
    load = np.where(u < 1.5, bilinear(u), 100.0)
    for noise in (0, 2):
        noisy = load + noise * np.random.default_rng(0).standard_normal(len(u))
        found = read(u, noisy)
        assert found.um == pytest.approx(1.495, abs=0.0051)
        assert found.Fm == pytest.approx(bilinear(1.495), abs=3 * noise + 1e-9)
        assert found.uf == pytest.approx(1.5, abs=0.005)


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.005])
def test_curves_cut_before_the_maximum_have_none(noise):
    rng = np.random.default_rng(0)
    u = np.linspace(0, 1.3, 650)
    wrong = 0
    for _ in range(40):
        found = read(u, bowl(u) + 1750 * noise * rng.standard_normal(len(u)))
        wrong += "Fm" not in found.missing
    assert wrong <= 2
    assert set(found.missing) == FROM_MAXIMUM
    assert "still rises at the curve's end (1.3 mm)" in found.missing["Fm"]


@pytest.mark.parametrize(("noise", "allowed"), [(0.001, 0.004), (0.005, 0.02)])
def test_noise_does_not_carry_the_maximum_away(noise, allowed):
    rng = np.random.default_rng(0)
    u = np.linspace(0, 2.2, 1100)
    clean = read(u, bowl(u))
    assert clean.um == pytest.approx(1.7, rel=2e-3)
    for _ in range(30):
        found = read(u, bowl(u) + 1750 * noise * rng.standard_normal(len(u)))
        assert found.um == pytest.approx(clean.um, rel=allowed)
        # The largest of some hundred noisy loads would lie more than two standard deviations too high.
        assert found.Fm == pytest.approx(clean.Fm, rel=noise)
        assert found.Fi == pytest.approx(clean.Fi, rel=8 * noise)
        assert found.Fe == pytest.approx(clean.Fe, rel=10 * noise)
        assert pytest.approx(clean.ESP, rel=2 * allowed) == found.ESP


@pytest.mark.parametrize(("at", "missing"), [("fracture", {"uf"}), ("maximum", FROM_MAXIMUM)])
def test_what_was_cut_off_says_so(at, missing):
    """That the load still rises would be false: the test went on, and the user cut its record."""
    u = np.linspace(0, 2, 401)
    curve = SPTCurve(u, np.where(u < 1.9, bowl(u), 100), thickness=H0)
    assert not characteristic_quantities(curve).missing
    (cut,) = CurveCutter(at).transform([curve])
    found = characteristic_quantities(cut)
    assert set(found.missing) == missing
    for reason in found.missing.values():
        assert reason.startswith(f"the record was cut at {cut.displacement[-1]:.4g} mm (")
        assert reason.endswith("; read it off the record before the cut")
    assert characteristic_quantities([cut]).missing == [found.missing]


def test_one_lower_point_at_the_end_is_no_maximum():
    u = np.linspace(0, 1.2, 25)
    load = bilinear(u)
    load[-1] = 0.995 * load[-2]
    assert "still rises" in read(u, load).missing["Fm"]
    load[-1] = 0.5 * load[-2]
    assert read(u, load).Fm == load[-2]


def test_short_and_odd_curves_say_why():
    u = np.linspace(0, 0.4, 81)
    found = read(u, bilinear(u))
    assert "ends at 0.4 mm, before the displacement h0 = 0.5 mm" in found.missing["Fe"]
    assert "0.552 mm lie outside the curve" in found.missing["Fi"]
    assert set(found.missing) == set(NUMBERS)
    assert str(found).count("not determined") == 3

    u = np.linspace(0, 2, 15)
    assert "has 3 points before h0 = 0.5 mm, fewer than 6" in read(u, bowl(u)).missing["Fe"]
    u = np.linspace(0, 1, 101)
    assert "bends upwards" in read(u, 1000 * u**2).missing["Fe"]
    assert "knee at a load of" in read(u, 200 * u - 100).missing["Fe"]
    found = read(u, np.where(u < 0.5, 1000 - 100 * u, 100))
    assert "that of the curve's first point" in found.missing["Fm"]
    assert "does not rise" in found.missing["slope"]
    negative = read(np.linspace(-1, 0, 11), np.linspace(0, 10, 11))
    assert "fewer than two points at displacements of 0 or more" in negative.missing["Fm"]


def test_without_thickness_only_what_needs_it_is_missing():
    u = np.linspace(0, 2.2, 441)
    curve = SPTCurve(u, bowl(u))
    found = characteristic_quantities(curve)
    assert set(found.missing) - {"uf"} == FROM_THICKNESS
    assert "needs the thickness" in found.missing["Fe"]
    given_thickness = characteristic_quantities(curve, thickness=0.5)
    assert given_thickness.Fe > 0
    assert given_thickness.Fm == found.Fm
    assert np.isnan(found.h0)


def test_negative_displacements_are_left_out():
    u = np.linspace(-0.1, 2.2, 461)
    some = read(u, np.where(u < 0, 5, bowl(np.abs(u))))
    other = read(u[u >= 0], bowl(u[u >= 0]))
    for name in NUMBERS:
        np.testing.assert_equal(getattr(some, name), getattr(other, name))


@settings(max_examples=25, deadline=None)
@given(force=st.floats(1e-3, 1e3), length=st.floats(0.1, 10), noise=st.sampled_from([0, 0.002]))
def test_units_do_not_matter(force, length, noise):
    u = np.linspace(0, 2.2, 441)
    load = bowl(u) * (1 + noise * np.random.default_rng(0).standard_normal(len(u)))
    one = read(u, load)
    other = read(length * u, force * load, length * H0, ui=length * 0.552)
    for name in NUMBERS:
        factor = {"ESP": force * length, "slope": force / length}.get(name, length if name[0] == "u" else force)
        expected = pytest.approx(factor * getattr(one, name), rel=1e-6, abs=1e-9, nan_ok=True)
        assert getattr(other, name) == expected, name


def test_many_curves_are_the_loop():
    u = np.linspace(0, 2.5, 300)
    curves = [
        SPTCurve(u, bowl(u), thickness=0.5),
        SPTCurve(u[:200], bowl(u[:200]), thickness=0.45),
        SPTCurve(u, hump(u), name="no thickness"),
        np.stack([u, bowl(u)], axis=1),
    ]
    together = characteristic_quantities(curves)
    for i, curve in enumerate(curves[:3]):
        alone = characteristic_quantities(curve)
        assert together.missing[i] == alone.missing
        for name in NUMBERS:
            assert getattr(together, name).shape == (4,)
            np.testing.assert_equal(getattr(together, name)[i], getattr(alone, name))
            assert np.isnan(getattr(alone, name)) == (name in alone.missing), name
    np.testing.assert_array_equal(together.h0, [0.5, 0.45, np.nan, np.nan])
    np.testing.assert_array_equal(characteristic_quantities(curves, thickness=[0.5] * 4).h0, 0.5)


def test_slope_range_and_ui():
    u = np.linspace(0, 1, 1001)
    load = 700 * u**0.5
    steep, flat = read(u, load, slope_range=(0.1, 0.3)), read(u, load, slope_range=(0.4, 0.8))
    assert steep.slope > read(u, load).slope > flat.slope
    assert read(u, load, ui=0.3).Fi == pytest.approx(700 * 0.3**0.5, rel=1e-4)


def test_json_and_text():
    u = np.linspace(0, 2.2, 221)
    one = read(u, bowl(u))
    assert isinstance(one, CharacteristicQuantities)
    assert all(isinstance(getattr(one, name), float) for name in NUMBERS)
    assert f"Fm, N {one.Fm:.4g} " in " ".join(str(one).split())
    assert json.loads(json.dumps(one.to_dict(), allow_nan=False))["Fe"] == one.Fe
    many = characteristic_quantities([SPTCurve(u, bowl(u), thickness=0.5), SPTCurve(u, bowl(u))])
    content = json.loads(json.dumps(many.to_dict(), allow_nan=False))
    assert content["Fe"] == [many.Fe[0], None]
    assert "thickness" in content["missing"][1]["Fe"]
    assert str(many) == "characteristic quantities of 2 curves"


GOOD = SPTCurve(np.linspace(0, 1, 50), bilinear(np.linspace(0, 1, 50)), thickness=0.5)


@pytest.mark.parametrize(
    ("X", "options", "error", "message"),
    [
        ([], {}, ValueError, "holds no curves"),
        ([GOOD, np.ones((3, 4))], {}, ValueError, "curve 1 of X must have the two columns"),
        (GOOD, {"thickness": 0}, ValueError, r"thickness must be positive \(mm\)"),
        (GOOD, {"thickness": [0.5]}, ValueError, r"got shape \(1,\) for one curve"),
        ([GOOD, GOOD], {"thickness": [0.5]}, ValueError, r"got shape \(1,\) for 2 curves"),
        (GOOD, {"thickness": "thin"}, TypeError, "thickness must be a number"),
        (GOOD, {"ui": -1}, ValueError, "ui must be a number > 0 .mm."),
        (GOOD, {"ui": "h0"}, TypeError, "ui must be a number > 0 .mm."),
        (GOOD, {"slope_range": (0.5, 0.1)}, ValueError, "slope_range must be two numbers, 0 <= first < second <= 1"),
        (GOOD, {"slope_range": 0.5}, TypeError, "slope_range must be two numbers"),
    ],
)
def test_bad_input(X, options, error, message):
    with pytest.raises(error, match=message):
        characteristic_quantities(X, **options)


@pytest.mark.parametrize(
    ("kind", "rig", "place"),
    [
        ("deflection", "EN10371", 0.552),
        ("punch", "EN10371", 0.645),
        ("crosshead", None, 0.645),
        (None, None, 0.552),
        ("deflection", "MINIATURE", 0.282),
        ("punch", "MINIATURE", 0.320),
        ("punch", "SHEET", 0.645),
    ],
)
def test_fi_is_read_where_the_standard_has_it_for_the_displacement(kind, rig, place):
    u = np.linspace(0, 1.5, 1501)
    curve = SPTCurve(u, bilinear(u), thickness=H0, rig=rig, displacement_kind=kind)
    found = characteristic_quantities(curve)
    assert found.ui == place
    assert found.Fi == pytest.approx(bilinear(place))
    assert characteristic_quantities(curve, ui=0.6).Fi == pytest.approx(bilinear(0.6))
    many = characteristic_quantities([curve, curve.replace(displacement_kind="deflection", rig=None)])
    assert many.ui.tolist() == [place, 0.552]
    assert many.displacement_kind == [found.displacement_kind, "deflection"]


@pytest.mark.parametrize("late", [0.0, 0.004, 0.02, 0.05])
def test_the_trilinear_fit_of_the_punch_starts_where_the_load_does(late):
    u = np.linspace(0, 1.5, 1501)
    load = np.where(u > late, bilinear(u - late), 0.0)
    punch = SPTCurve(u, load, thickness=H0, displacement_kind="punch")
    found = characteristic_quantities(punch)
    assert found.v0 == pytest.approx(late, abs=1e-3)
    assert found.Fe == pytest.approx(300, rel=1e-2)
    assert found.ue == pytest.approx(0.12 + late, abs=2e-3)
    of_deflection = characteristic_quantities(punch.replace(displacement_kind="deflection"))
    assert of_deflection.v0 == 0
    # A late zero raises the knee of the bilinear fit.
    assert of_deflection.Fe == pytest.approx(found.Fe, rel=1e-3) if late == 0 else of_deflection.Fe > found.Fe + 2
