"""The command ``sklearn-spt train``."""

import argparse
import csv
import itertools
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..io import read_curves
from ..persistence import save_model
from ..utils.files import check_outputs, check_writable
from ..utils.tables import table_of
from . import _options as options
from ._messages import enumerate_names, warn
from ._options import READING, UsageError, add_reading, inputs_of, reading_of

MODELS = ("seq2seq", "lstm", "ann", "gru", "transformer", "paper", "gp", "mlp", "stack")
# Those whose network has a branch for the image.
IMAGE_MODELS = ("seq2seq", "ann", "gru", "transformer", "paper", "stack")
SHEET_STEEL_MODULUS = 70_000.0  # MPa, of the simulations in load_sheet_steel

HELP = """\
Train a model and write it to a file.

--data is "sheet_steel", the bundled set of simulated tests, or a folder of files as testing machines write them: text
or workbooks with a displacement and a load, and the specimen's name and thickness in the lines above or in a table
(--metadata). What is not clear is refused with what to give.

--targets, for a folder, is a CSV file with one row per curve. Its first row is the grid of true strain, and the others
are a curve's name and its true stress in MPa at these strains:

    name,0.002,0.004,0.006
    A1,212.5,263.1,287.9
    B7,198.0,240.4,259.2

A curve is named after its file unless it has a line "# name: ...". Lines that begin with "#" are comments.

With --test-size a part of the curves is held out, the table of errors on it is printed, and both are kept in the model
file. The split is by curve: curves of one material on both sides make the errors look better than they are.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    data = command.add_argument_group("data")
    data.add_argument("--data", required=True, metavar="SET", help='"sheet_steel", or a folder of curves')
    data.add_argument("--targets", type=Path, metavar="FILE", help="CSV file of the stresses, for a folder")
    data.add_argument("--leave-out", action="append", default=[], metavar="NAME", help="leave this curve out; repeat")
    data.add_argument("--max-curves", type=options.whole, metavar="N", help="use N curves only, drawn at random")
    data.add_argument(
        "--test-size", type=options.test_size, metavar="N", help="hold out this number, or fraction, of the curves"
    )
    add_reading(command)
    model = command.add_argument_group("model")
    model.add_argument("--out", required=True, type=Path, metavar="FILE", help="model file to write, such as model.spt")
    model.add_argument(
        "--model",
        choices=MODELS,
        default="seq2seq",
        help="a network; for clean curves gp, Gaussian processes, or mlp, small networks trained to the end; or "
        "stack, gp and seq2seq as one (default: %(default)s)",
    )
    model.add_argument(
        "--epochs", type=options.whole, metavar="N", help="epochs of training (default: the model's own)"
    )
    model.add_argument(
        "--n-points", type=options.whole, default=64, metavar="N", help="points per curve (default: %(default)s)"
    )
    model.add_argument(
        "--grid",
        nargs=2,
        type=options.number,
        metavar=("FROM", "TO"),
        help="displacements between which the points lie, mm (default: the range that nearly all curves cover)",
    )
    model.add_argument(
        "--descriptor",
        action="append",
        metavar="NAME",
        help="fact of the specimen that the model is given beside the curve; repeat (default: thickness)",
    )
    model.add_argument("--no-descriptors", action="store_true", help="give the model the curve alone")
    model.add_argument(
        "--image",
        action=argparse.BooleanOptionalAction,
        help="give the model the Gramian angular field too (default: for --model paper only)",
    )
    model.add_argument(
        "--set",
        action="append",
        default=[],
        type=options.setting,
        metavar="NAME=VALUE",
        help="any other parameter of the regressor, such as lr=1e-3, or of a step, such as resample__ends=cut; repeat",
    )
    model.add_argument(
        "--seed", type=options.seed, default=0, metavar="N", help="seed of everything drawn (default: %(default)s)"
    )
    model.add_argument("--device", default="cpu", help="torch device to train on (default: %(default)s)")
    facts = command.add_argument_group("facts kept in the file")
    facts.add_argument("--rig", type=options.rig, help="name of the rig (default: what the curves say)")
    facts.add_argument(
        "--elastic-modulus",
        type=options.positive,
        metavar="MPA",
        help="Young's modulus of the materials; all models but the paper's then use it",
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def run(arguments: argparse.Namespace) -> None:
    check_outputs([arguments.out], inputs_of(arguments, arguments.targets))
    check_writable(arguments.out)
    image = arguments.model == "paper" if arguments.image is None else arguments.image
    if image and arguments.model not in IMAGE_MODELS:
        raise UsageError(f"the model {arguments.model!r} takes no --image; those that do are {', '.join(IMAGE_MODELS)}")
    if arguments.grid is not None and arguments.grid[0] >= arguments.grid[1]:
        raise UsageError("--grid: FROM must be less than TO")
    if arguments.descriptor and arguments.no_descriptors:
        raise UsageError("--descriptor and --no-descriptors exclude each other")
    curves, targets, strain = _load_training_set(arguments)
    descriptors = () if arguments.no_descriptors else tuple(arguments.descriptor or ("thickness",))
    _check_descriptors(curves, descriptors)
    if not sys.stderr.isatty():
        # In a log file, where no line is ever overwritten, a few lines of progress are enough.
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    modulus = arguments.elastic_modulus
    if modulus is None and arguments.data == "sheet_steel":
        modulus = SHEET_STEEL_MODULUS
    flow = {} if modulus is None or arguments.model == "paper" else {"elastic_modulus": modulus, "strain": strain}
    pipeline = _build_pipeline(arguments, descriptors, image, flow)

    train, test = _split(len(curves), arguments)
    X = [curves[i] for i in train]
    start = time.monotonic()
    with _ctrl_c_kept():
        pipeline.fit(X, targets[train])
    minutes = (time.monotonic() - start) / 60
    metadata: dict[str, Any] = {
        "data": arguments.data,
        "seed": arguments.seed,
        "training_minutes": round(minutes, 2),
        "left_out": arguments.leave_out,
    }
    table = None
    if len(test):
        from ..metrics import curve_error_table

        table = curve_error_table(targets[test], pipeline.predict([curves[i] for i in test]))
        # R² is NaN where the targets have one strain.
        errors = {name: {key: None if math.isnan(v) else v for key, v in row.items()} for name, row in table.items()}
        metadata["held_out"] = {"curves": [curves[i].name for i in test], "errors": errors}
    save_model(
        arguments.out,
        pipeline,
        strain=strain,
        rig=arguments.rig,
        elastic_modulus=modulus,
        training_curves=X,
        training_targets=targets[train],
        metadata=metadata,
    )
    print(f"trained on {len(X)} curves in {minutes:.1f} min; wrote {arguments.out}")
    if table is not None:
        print(f"errors on {len(test)} curves that were held out:")
        print(_errors(table))


def _load_training_set(arguments: argparse.Namespace) -> tuple[list[SPTCurve], np.ndarray, np.ndarray]:
    if arguments.data == "sheet_steel":
        for option in ("targets", *READING):
            if getattr(arguments, option):
                raise UsageError(f"--{option.replace('_', '-')} is for a folder; sheet_steel brings its own")
        from ..datasets import load_sheet_steel

        sheet = load_sheet_steel()
        curves, targets, strain = sheet.data, sheet.target, sheet.strain
    else:
        if arguments.targets is None:
            raise UsageError("a folder of curves needs --targets FILE with their stresses")
        if not Path(arguments.data).exists():
            raise UsageError(f'--data must be "sheet_steel" or a folder; there is no folder {arguments.data}')
        curves = read_curves(arguments.data, **reading_of(arguments))
        _check_names(curves)
        strain, rows = _read_targets(arguments.targets)
        lacking = [curve.name for curve in curves if curve.name not in rows]
        if lacking:
            raise ValueError(
                f"{arguments.targets}: no row for {enumerate_names(lacking)} of {arguments.data}; add the stresses, or "
                "leave the curves out with --leave-out"
            )
        unused = sorted(rows.keys() - {curve.name for curve in curves})
        if unused:
            warn(f"{arguments.targets}: no curve in {arguments.data} for {enumerate_names(unused)}; not used")
        targets = np.array([rows[str(curve.name)] for curve in curves])
    unknown = set(arguments.leave_out) - {curve.name for curve in curves}
    if unknown:
        raise UsageError(f"--leave-out: there is no curve named {enumerate_names(sorted(unknown))}")
    kept = [i for i, curve in enumerate(curves) if curve.name not in arguments.leave_out]
    return [curves[i] for i in kept], targets[kept], strain


def _read_targets(path: Path) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Read the strain grid and each curve's stresses, see `HELP`."""
    strain: list[float] | None = None
    rows: dict[str, list[float]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for cells in reader:
                if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
                    continue
                where = f"{path}, line {reader.line_num}"
                name = cells[0].strip()
                try:
                    values = [float(cell) for cell in cells[1:]]
                except ValueError:
                    bad = next(cell for cell in cells[1:] if not _is_number(cell))
                    raise ValueError(f"{where}: {bad[:40]!r} is not a number") from None
                if not all(map(math.isfinite, values)):
                    raise ValueError(f"{where}: all numbers must be finite")
                if strain is None:
                    if not values or any(b <= a for a, b in itertools.pairwise(values)):
                        raise ValueError(
                            f"{where}: the first row must be a name for the first column and then the true strains, "
                            "which must increase"
                        )
                    strain = values
                    continue
                if len(values) != len(strain):
                    raise ValueError(f"{where}: {len(values)} stresses for {len(strain)} strains")
                if not name:
                    raise ValueError(f"{where}: the curve's name is missing")
                if name in rows:
                    raise ValueError(f"{where}: a second row for the curve {name!r}")
                rows[name] = values
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text file in UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"{path}: not a CSV file ({error})") from None
    if strain is None or not rows:
        raise ValueError(f"{path}: no curves; the first row is the true strains, the others a name and its stresses")
    return np.array(strain), rows


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _build_pipeline(
    arguments: argparse.Namespace, descriptors: tuple[str, ...], image: bool, flow: dict[str, Any]
) -> Any:
    from sklearn.pipeline import Pipeline

    from .. import preprocessing, regressors

    networks: dict[str, Callable[..., Any]] = {
        "seq2seq": regressors.Seq2SeqRegressor,
        "lstm": regressors.LSTMRegressor,
        "ann": regressors.ANNRegressor,
        "gru": regressors.GRURegressor,
        "transformer": regressors.TransformerRegressor,
        "paper": regressors.Seq2SeqRegressor.paper,
    }

    def network(name: str) -> Any:
        verbose = int(not arguments.quiet)
        return networks[name](random_state=arguments.seed, device=arguments.device, verbose=verbose, **flow)

    step = "seq2seq" if arguments.model == "paper" else arguments.model
    epochs = f"{step}__max_epochs"
    regressor: Any
    if step in ("gp", "stack"):
        regressor = regressors.GaussianProcessCurveRegressor(random_state=arguments.seed, **flow)
        if step == "stack":
            regressor = regressors.CurveStackingRegressor(
                regressor, network("seq2seq"), cv=0.2, random_state=arguments.seed
            )
            epochs = "stack__secondary__max_epochs"
        elif arguments.epochs is not None:
            raise UsageError("--epochs is for networks; --model gp has none")
    elif step == "mlp":
        if arguments.epochs is not None:
            raise UsageError("--model mlp has iterations and no --epochs; use --set max_iter=N")
        regressor = regressors.MLPCurveRegressor(random_state=arguments.seed, **flow)
    else:
        regressor = network(arguments.model)
    grid = None
    if arguments.grid is not None:
        start, stop = arguments.grid
        grid = np.linspace(start, stop, arguments.n_points)
    resampler = preprocessing.CurveResampler(n_points=arguments.n_points, grid=grid, descriptors=descriptors)
    pipeline = Pipeline(
        [
            ("resample", resampler),
            ("gaf", preprocessing.GAFTransformer() if image else "passthrough"),
            (step, regressor),
        ]
    )
    settings = dict(arguments.set)
    if arguments.epochs is not None:
        settings[epochs] = arguments.epochs
    for name, value in settings.items():
        key = name if "__" in name else f"{step}__{name}"
        if pipeline.named_steps.get(key.partition("__")[0]) == "passthrough":
            raise UsageError(f"--set {name}: this step is not in use; --image brings it in")
        try:
            pipeline.set_params(**{key: value})
        except ValueError as error:
            raise UsageError(f"--set {name}: {error}") from None
    return pipeline


def _split(n: int, arguments: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the curves for training and for the test."""
    order = np.random.default_rng(arguments.seed).permutation(n)[: arguments.max_curves]
    size = arguments.test_size or 0
    n_test = size if isinstance(size, int) else max(1, round(size * len(order)))
    if n_test >= len(order):
        raise UsageError(f"--test-size {size} of {len(order)} curves leaves none to train on")
    return np.sort(order[n_test:]), np.sort(order[:n_test])


@contextmanager
def _ctrl_c_kept() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end where Ctrl-C came in between.

    skorch takes Ctrl-C as "enough epochs" and returns as if nothing had happened; an interrupted command must not go
    on to write its half-trained model over a good one.
    """
    received = []

    def remember(number: int, frame: Any) -> None:
        received.append(number)
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
        if received:
            raise KeyboardInterrupt


def _check_names(curves: list[SPTCurve]) -> None:
    names = [curve.name for curve in curves]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"more than one curve is named {enumerate_names(twice)}; give each file a line '# name: ...' of its own, "
            "or a file of several specimens their names above the columns"
        )


def _check_descriptors(curves: list[SPTCurve], descriptors: Sequence[str]) -> None:
    lacking = [curve.name for curve in curves if curve.thickness is None]
    if "thickness" in descriptors and lacking:
        raise ValueError(
            f"no thickness for {enumerate_names(lacking)}: write a line '# thickness: ...' (mm) into the file, or "
            "train without it: --no-descriptors"
        )


def _errors(table: dict[str, dict[str, float]]) -> str:
    statistics = list(next(iter(table.values())))
    rows = [["", *statistics]]
    rows += [[name, *(f"{values[key]:.4g}" for key in statistics)] for name, values in table.items()]
    return table_of(rows)
