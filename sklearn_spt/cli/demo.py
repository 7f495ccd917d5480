"""The command ``sklearn-spt demo``."""

import argparse
from pathlib import Path

import numpy as np

from ..persistence import load_model
from ..utils.files import write_csv
from ..utils.tables import table_of
from ._pictures import check_picture, plot

HELP = """\
Predict a bundled curve with the bundled model, compare with the known answer, and write a picture and a table.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("--out-dir", type=Path, default=Path("demo"), help="folder to write to (default: %(default)s)")


def run(arguments: argparse.Namespace) -> None:
    folder = arguments.out_dir
    folder.mkdir(parents=True, exist_ok=True)
    table, picture = folder / "stress_strain.csv", folder / "stress_strain.png"
    without_picture = ""
    try:
        check_picture(picture)
    except ImportError as missing:
        without_picture = str(missing)
    from ..datasets import load_demo_curve, pretrained_model_path
    from ..mechanics import tensile_properties

    path = pretrained_model_path("sheet")
    model = load_model(path)
    info = model.model_info_
    curve, strain, known = load_demo_curve()
    stress = model.predict([curve])[0]
    found, true = (
        tensile_properties(grid, values, E=info.elastic_modulus)
        for grid, values in ((info.strain, stress), (strain, known))
    )
    error = np.abs(np.interp(strain, info.strain, stress) - known)
    worst = int(np.argmax(error))
    print(f"curve   {curve!r}")
    print(f"model   {path.name}: {' > '.join(info.steps.values())}")
    print(f"        trained on {info.training['n_curves']} simulated curves, not on this one")
    print()
    print(
        table_of(
            [
                ["", "predicted", "known"],
                ["yield stress Rp0.2, MPa", f"{found.proof_stress:.1f}", f"{true.proof_stress:.1f}"],
                ["tensile strength Rm, MPa", f"{found.tensile_strength:.1f}", f"{true.tensile_strength:.1f}"],
                ["uniform elongation Ag, %", *(f"{100 * p.uniform_elongation:.1f}" for p in (found, true))],
            ]
        )
    )
    print(
        f"error of the true stress: mean {error.mean():.2f} MPa ({100 * (error / known).mean():.2f} %), "
        f"worst {error[worst]:.2f} MPa at a strain of {strain[worst]:.3g}"
    )
    print()
    write_csv(table, [["true_strain", "true_stress_MPa"], *zip(info.strain.tolist(), stress.tolist(), strict=True)])
    print(f"wrote {table}")
    if without_picture:
        print(f"no picture: {without_picture}")
        return
    plot(picture, [(str(curve.name), curve, info.strain, stress, True)], known=(strain, known))
    print(f"wrote {picture}")
