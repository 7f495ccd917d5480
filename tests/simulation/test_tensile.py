"""The tensile test: meshes of the specimens, bad input, and bars against the laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_spt.mechanics import Ludwik, OlsonCohen, PowerLaw, Swift, Voce, engineering_curve
from sklearn_spt.simulation import FlatStrip, RoundBar, SimulationError, SolverNotFoundError, simulate_tensile
from sklearn_spt.simulation._flow import law_material
from sklearn_spt.simulation._tensile import default_elongation

LAW = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
BAR, STRIP = RoundBar(diameter=5, gauge_length=25), FlatStrip(width=10, thickness=2, gauge_length=30)


def jacobians(nodes, elements):
    """Determinants at the corners of the elements, from the edges that meet there, taken in a right-handed way."""
    if nodes.shape[1] == 2:
        edges = [(i, (i + 1) % 4, (i - 1) % 4) for i in range(4)]
    else:
        edges = [(i, (i + 1) % 4, (i - 1) % 4, i + 4) for i in range(4)]
        edges += [(4 + i, 4 + (i - 1) % 4, 4 + (i + 1) % 4, i) for i in range(4)]
    corners = [nodes[elements[:, list(at)]] for at in edges]
    return np.array([np.linalg.det(points[:, 1:] - points[:, :1]) for points in corners])


@given(
    diameter=st.floats(1, 20),
    slender=st.floats(1, 12),
    thin=st.floats(0.05, 1),
    taper=st.floats(0, 0.05),
    rows=st.integers(1, 8),
    flat=st.booleans(),
)
def test_meshes_fill_the_specimen(diameter, slender, thin, taper, rows, flat):
    length = slender * diameter
    specimen = (
        FlatStrip(width=diameter, thickness=thin * diameter, gauge_length=length, taper=taper)
        if flat
        else RoundBar(diameter=diameter, gauge_length=length, taper=taper)
    )
    model = specimen._model(rows)
    assert jacobians(model.nodes, model.elements).min() > 0
    assert np.array_equal(np.unique(model.elements), np.arange(len(model.nodes)))
    corners, n = model.elements, model.nodes.shape[1]
    # Nodes on sides lie in the middle between corners.
    bottom = [(0, 1), (1, 2), (2, 3), (3, 0)]
    pairs = bottom if n == 2 else bottom + [(a + 4, b + 4) for a, b in bottom] + [(i, i + 4) for i in range(4)]
    for at, (a, b) in enumerate(pairs, start=4 if n == 2 else 8):
        middle = (model.nodes[corners[:, a]] + model.nodes[corners[:, b]]) / 2
        # With a taper the outline between two corners is curved.
        assert np.allclose(model.nodes[corners[:, at]], middle, atol=(taper + 1e-12) * diameter)
    assert np.allclose(model.nodes[model.pulled, -1], length / 2)
    assert specimen._section_area(model.nodes[model.section]) == pytest.approx(specimen.area, rel=1e-12)


def test_area_of_a_curved_section_is_exact():
    specimen = STRIP
    model = specimen._model(4)
    outline = model.nodes[model.section]
    # The outline bends in by a parabola on each side; what it leaves has an area in closed form.
    x, y = outline[:, 0], outline[:, 1]
    bent = outline.copy()
    bent[:, 1] = np.where(y == 1, 1 - 0.1 * (1 - (x / 5) ** 2), y)
    assert specimen._section_area(bent) == pytest.approx(4 * (5 - 0.1 * 5 * 2 / 3), rel=1e-12)
    assert specimen._section_area(np.stack([outline, bent]))[0] == pytest.approx(specimen.area)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: RoundBar(diameter=-6), ValueError, "diameter"),
        (lambda: RoundBar(diameter="6"), TypeError, "diameter"),
        (lambda: RoundBar(diameter=6, gauge_length=5), ValueError, "gauge_length .* diameter"),
        (lambda: RoundBar(taper=0.2), ValueError, "taper"),
        (lambda: FlatStrip(width=2, thickness=3), ValueError, "thickness .* must not be greater than width"),
        (lambda: FlatStrip(width=60), ValueError, "gauge_length .* width"),
        (lambda: simulate_tensile(LAW, "bar"), TypeError, "RoundBar or a FlatStrip"),
        (lambda: simulate_tensile(LAW, nu=0.5), ValueError, "nu"),
        (lambda: simulate_tensile(LAW, elongation=-0.1), ValueError, "elongation"),
        (lambda: simulate_tensile(LAW, elongation=20), ValueError, "elongation .* strain"),
        (lambda: simulate_tensile(LAW, force_drop=20), ValueError, "force_drop"),
        (lambda: simulate_tensile(LAW, rows=0), ValueError, "rows"),
        (lambda: simulate_tensile(LAW, rows=2.5), TypeError, "rows"),
        (lambda: simulate_tensile(LAW, increment=0), ValueError, "increment"),
        (lambda: simulate_tensile(LAW, solver="calculix", timeout=0), ValueError, "timeout must be positive"),
        (lambda: simulate_tensile(LAW, timeout=60), ValueError, "timeout is for CalculiX only"),
        (lambda: simulate_tensile(LAW, keep_files="kept"), ValueError, "keep_files is for CalculiX only"),
        (lambda: simulate_tensile(LAW, solver="/nonexistent/ccx"), SolverNotFoundError, "apt-get install"),
        (
            lambda: simulate_tensile(LAW, STRIP, solver="embedded"),
            ValueError,
            r'RoundBar only; .*"calculix" .* FlatStrip',
        ),
    ],
)
def test_bad_input_is_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_material_that_never_necks_needs_an_elongation():
    class Stiffening:
        E = 210_000

        def flow_stress(self, plastic_strain):
            return 300 * np.exp(3 * np.asarray(plastic_strain))

    with pytest.raises(ValueError, match=r"does not neck .* elongation"):
        simulate_tensile(Stiffening())


@given(n=st.floats(0, 0.6), K=st.floats(200, 3000))
def test_the_test_goes_on_behind_the_necking_strain(n, K):
    law = Swift(E=210_000, K=K, epsilon0=0.01, n=n)
    agt = np.expm1(law.necking_strain())
    assert agt < default_elongation(law_material(law, 0.3), BAR) < agt + 0.5


def check_against(law, curve):
    """Section and gauge against the law up to necking, and the neck behind it."""
    assert curve.metadata["completed"]
    assert curve.metadata["ended_by"] == "force drop"
    before = slice(1, curve.maximum + 1)
    strain, stress = curve.true_strain[before], curve.true_stress[before]
    # The force is flat at its maximum.
    assert strain[-1] == pytest.approx(law.necking_strain(), abs=0.03)
    assert stress == pytest.approx(law.true_stress(strain), rel=0.005)
    # The gauge sees the same, as long as nothing necks.
    e, s = curve.engineering_strain[before], curve.engineering_stress[before]
    _, expected = engineering_curve(np.log1p(e), law.true_stress(np.log1p(e)))
    assert s == pytest.approx(expected, rel=0.005)
    assert curve.engineering_stress.max() == pytest.approx(law.tensile_properties().tensile_strength, rel=0.005)
    assert curve.force == pytest.approx(curve.true_stress * curve.area)
    # The neck: the force falls and the section shrinks, faster than the gauge gets longer.
    assert curve.engineering_stress[-1] < 0.96 * curve.engineering_stress.max()
    assert curve.true_strain[-1] > 1.5 * np.log1p(curve.engineering_strain[-1])
    assert curve.true_stress[-1] > law.true_stress(curve.true_strain[-1])


@pytest.mark.parametrize(
    "law",
    [
        LAW,
        Voce(E=70_000, sigma0=200, Q=150, b=12),
        PowerLaw(E=110_000, sigma0=900, n=0.08),
        OlsonCohen(E=195_000, K=1000, epsilon0=0.02, n=0.25, Q=300, alpha=6, beta=1.5),
    ],
    ids=lambda law: type(law).__name__,
)
def test_the_curve_is_the_law_s_up_to_necking(law):
    curve = simulate_tensile(law, BAR, rows=3, increment=0.02, force_drop=0.05)
    check_against(law, curve)
    assert curve.metadata["solver"].startswith("embedded ")
    before = slice(1, curve.maximum + 1)
    strain, stress = curve.true_strain[before], curve.true_stress[before]
    # At equal plastic strain: elastic strains are Kirchhoff's stress over E here, the true stress over it in the law.
    kirchhoff = stress * np.exp((1 - 2 * 0.3) * stress / law.E)
    elastic = 2 * 0.3 * (kirchhoff - stress) / law.E
    assert stress == pytest.approx(law.true_stress(strain - elastic), rel=1e-3)


@pytest.mark.ccx
@pytest.mark.parametrize("specimen", [BAR, STRIP], ids=lambda specimen: type(specimen).__name__)
def test_the_curve_is_the_law_s_with_calculix(specimen):
    solver = "calculix" if specimen is BAR else None
    curve = simulate_tensile(LAW, specimen, rows=2, increment=0.025, force_drop=0.05, solver=solver)
    check_against(LAW, curve)
    assert curve.metadata["solver"].startswith("CalculiX ")


@pytest.mark.parametrize("options", [{"solver": "calculix"}, {"specimen": STRIP}], ids=["asked for", "strip"])
def test_calculix_where_it_is_asked_for_or_needed(monkeypatch, options):
    monkeypatch.setenv("SKLEARN_SPT_CCX", "/nonexistent/ccx")
    with pytest.raises(SolverNotFoundError):
        simulate_tensile(LAW, **options)


def test_without_a_taper_the_bar_stays_uniform_up_to_the_maximum_force():
    law = Voce(E=210_000, sigma0=400, Q=200, b=20)
    curve = simulate_tensile(law, RoundBar(taper=0.0), rows=1, increment=0.05, elongation=0.1, force_drop=None)
    assert curve.metadata["ended_by"] == "elongation"
    assert curve.elongation[-1] == pytest.approx(0.1 * 30)
    # The true strain of the section and that of the gauge differ by nothing.
    assert curve.true_strain == pytest.approx(np.log1p(curve.engineering_strain), abs=1e-5)


def test_a_plateau_shows_in_the_engineering_curve():
    law = Ludwik(E=210_000, sigma0=300, K=600, n=0.5, plateau_strain=0.02)
    curve = simulate_tensile(law, RoundBar(), rows=3, force_drop=0.05)
    at = (curve.engineering_strain > 0.004) & (curve.engineering_strain < 0.018)
    assert at.sum() > 2
    assert curve.engineering_stress[at] == pytest.approx(law.yield_stress, rel=0.03)


def test_metadata_and_repeatability():
    options = {"rows": 2, "increment": 0.05, "elongation": 0.1, "nu": 0.28}
    one, other = (simulate_tensile(LAW, BAR, **options) for _ in range(2))
    np.testing.assert_array_equal(one.force, other.force)
    record = one.metadata
    wanted = {"law": "Swift", "E": 210_000, "nu": 0.28, "elongation": 0.1, "rows": 2, "increment": 0.05}
    assert wanted.items() <= record.items()
    assert record["specimen"] == {"type": "RoundBar", "diameter": 5, "gauge_length": 25, "taper": 0.001}
    assert (one.engineering_strain[0], one.force[0], one.area[0]) == (0, 0, BAR.area)
    assert "Rm" in repr(one)


def test_a_solver_that_stops_early(monkeypatch):
    from sklearn_spt.simulation.embedded.increments import Model

    advance = Model.advance
    monkeypatch.setattr(Model, "advance", lambda self, travel: travel < 1.0 and advance(self, travel))
    curve = simulate_tensile(LAW, BAR, rows=2, increment=0.05)
    assert (curve.metadata["completed"], curve.metadata["ended_by"]) == (False, "solver")
    assert curve.elongation[-1] < 2.0
    monkeypatch.setattr(Model, "advance", lambda self, travel: False)
    with pytest.raises(SimulationError, match=r"tensile test .RoundBar, Swift. found no equilibrium"):
        simulate_tensile(LAW, BAR)
