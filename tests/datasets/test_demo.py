import subprocess
import sys

import numpy as np
import pytest

from sklearn_spt.datasets import load_demo_curve, load_sheet_steel
from sklearn_spt.mechanics import sheet_steel_law, tensile_properties


def test_the_record_looks_like_a_laboratorys():
    curve, strain, stress = load_demo_curve()
    assert (curve.rig, curve.displacement_kind) == ("SHEET", "punch")
    assert strain.shape == stress.shape
    np.testing.assert_allclose(np.diff(curve.displacement), 0.01, atol=1e-9)
    # 0.2 % of noise: in second differences of a smooth curve, the square root of six times that.
    late = curve.displacement > 0.5
    noise = np.diff(curve.load[late], n=2) / curve.load[late][1:-1] / np.sqrt(6)
    assert 0.0015 < np.std(noise) < 0.0025


def test_its_material_is_not_in_the_set_but_among_its_materials():
    _, strain, stress = load_demo_curve()
    np.testing.assert_allclose(stress, sheet_steel_law(970, 0.188).true_stress(strain), rtol=1e-5)
    sheet = load_sheet_steel()
    assert np.abs(sheet.target - stress).max(axis=1).min() > 0.5
    above = (sheet.target > stress).mean(axis=0)[strain > 0.03]
    assert 0.1 < above.min() <= above.max() < 0.9


def test_it_has_all_tensile_properties():
    _, strain, stress = load_demo_curve()
    assert tensile_properties(strain, stress, E=70_000).missing == {}


@pytest.mark.parametrize(
    "call", ["load_sheet_steel(n_curves=3)", "load_en10371_discs(n_curves=3)", "load_demo_curve()"]
)
def test_neither_torch_nor_pandas_is_imported(call):
    code = (
        f"import sys; from sklearn_spt import datasets; datasets.{call};"
        "print(sorted({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # scikit-learn itself imports pandas in some versions where it is installed; our loader must not be the reason.
    plain = "import sys, sklearn.utils; print(sorted({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    expected = subprocess.run([sys.executable, "-c", plain], capture_output=True, text=True, check=True)
    assert result.stdout == expected.stdout
