"""The command ``sklearn-spt``: train a model, predict with it, report, simulate, look at it, see a demonstration."""

import argparse
import ast
import csv
import itertools
import json
import math
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from . import __version__, _cli_corrections, _cli_report, _cli_simulate
from ._cli_wording import for_command_line
from ._damage import about_record
from ._displacement import learned_kind
from ._domain import (
    about_displacement,
    about_given_modulus,
    about_modulus,
    about_rig,
    about_toe,
    in_usual_unit,
    model_version,
    outside_training,
)
from ._files import atomic_path, check_writable, file_name
from ._rig_names import rig_name
from ._warnings import by_text, not_said, one_line, with_warnings
from .curves import DISPLACEMENT_KINDS, SPTCurve, check_thickness
from .exceptions import UntrustedPredictionWarning
from .io import read_curves
from .persistence import ModelInfo, load_model, read_model_info, save_model

if TYPE_CHECKING:
    from .mechanics import TensileProperties

PROGRAM = "sklearn-spt"
MODELS = ("seq2seq", "lstm", "ann", "gru", "transformer", "paper", "gp", "perceptron", "stack")
# Those whose network has a branch for the image.
IMAGE_MODELS = ("seq2seq", "ann", "gru", "transformer", "paper", "stack")
SHEET_STEEL_MODULUS = 70_000.0  # MPa, of the simulations in load_sheet_steel
MAX_NAMED_IN_PLOT = 8

TRAIN_HELP = """\
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
PREDICT_HELP = """\
Predict true stress-strain curves from load-displacement curves.

The curves are taken as they are, unless --correct, --compliance or --cut-at is given: then they are corrected as
"sklearn-spt report" does it, and what was done is printed. The tensile properties of each curve are printed. --out
ending in .csv writes all curves to one table with the columns true_strain, true_stress_MPa and curve; any other --out
is a folder that gets one such file per curve, without the last column. Files appear once they are complete, and
replace those of the same name.
"""
INFO_HELP = """\
Show what a model file says about its model: input, output, training ranges, parameters and versions.
"""
DEMO_HELP = """\
Predict a bundled curve with the bundled model, compare with the known answer, and write a picture and a table.
"""


class UsageError(Exception):
    """The command line cannot be carried out as it was given."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; by default those of the process.

    Returns
    -------
    int
        Exit status: 0, or 2 if the arguments make no sense, 3 if a report or a data set was written in which something
        is missing, 130 if interrupted, 141 if nobody reads the output, and 1 for any other error. Errors are one line
        on the standard error.
    """
    debug = "--debug" in (sys.argv[1:] if argv is None else argv)
    try:
        with _one_line_warnings():
            arguments = _build_parser().parse_args(argv)
            status = arguments.run(arguments)
            sys.stdout.flush()
    except UsageError as error:
        return _fail(error, 2)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Nobody reads on, as in "sklearn-spt info m.spt | head -1". Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if debug:
            raise
        return _fail(error, 1)
    return status or 0


def _fail(error: Exception, status: int) -> int:
    if isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    elif isinstance(error, UsageError | ValueError | TypeError | OSError | ImportError | RuntimeError):
        message = str(error)
    else:
        message = f"{type(error).__name__}: {error}. This should not happen; with --debug it shows where it did"
    print(f"{PROGRAM}: error: {for_command_line(' '.join(message.split()))}", file=sys.stderr)
    return status


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    def show(message: Any, *details: Any, **more: Any) -> None:
        print(f"{PROGRAM}: warning: {for_command_line(' '.join(str(message).split()))}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What the package has to say to its user; the rest is for its developers.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=2)


# The arguments


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, description="From small punch curves to true stress-strain curves.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int | None], description: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=description.split(":")[0].splitlines()[0].rstrip("."),
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--debug", action="store_true", help="show the whole traceback of an error")
        command.set_defaults(run=run)
        return command

    train = add("train", _train, TRAIN_HELP)
    data = train.add_argument_group("data")
    data.add_argument("--data", required=True, metavar="SET", help='"sheet_steel", or a folder of curves')
    data.add_argument("--targets", type=Path, metavar="FILE", help="CSV file of the stresses, for a folder")
    data.add_argument("--leave-out", action="append", default=[], metavar="NAME", help="leave this curve out; repeat")
    data.add_argument("--max-curves", type=_whole, metavar="N", help="use N curves only, drawn at random")
    data.add_argument(
        "--test-size", type=_test_size, metavar="N", help="hold out this number, or fraction, of the curves"
    )
    _add_reading(train)
    model = train.add_argument_group("model")
    model.add_argument("--out", required=True, type=Path, metavar="FILE", help="model file to write, such as model.spt")
    model.add_argument(
        "--model",
        choices=MODELS,
        default="seq2seq",
        help="a network; for clean curves gp, Gaussian processes, or perceptron, small networks trained to the end; or "
        "stack, gp and seq2seq as one (default: %(default)s)",
    )
    model.add_argument("--epochs", type=_whole, metavar="N", help="epochs of training (default: the model's own)")
    model.add_argument(
        "--n-points", type=_whole, default=64, metavar="N", help="points per curve (default: %(default)s)"
    )
    model.add_argument(
        "--grid",
        nargs=2,
        type=_number,
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
        type=_setting,
        metavar="NAME=VALUE",
        help="any other parameter of the regressor, such as lr=1e-3, or of a step, such as resample__ends=cut; repeat",
    )
    model.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="seed of everything drawn (default: %(default)s)"
    )
    model.add_argument("--device", default="cpu", help="torch device to train on (default: %(default)s)")
    facts = train.add_argument_group("facts kept in the file")
    facts.add_argument("--rig", type=_rig, help="name of the rig (default: what the curves say)")
    facts.add_argument(
        "--elastic-modulus",
        type=_positive,
        metavar="MPA",
        help="Young's modulus of the materials; all models but the paper's then use it",
    )
    train.add_argument("--quiet", action="store_true", help="no progress bar")

    predict = add("predict", _predict, PREDICT_HELP)
    predict.add_argument("curves", nargs="+", type=Path, metavar="CURVE", help="file of a testing machine, or folder")
    predict.add_argument("--model", required=True, metavar="MODEL", help=_cli_report.MODEL_HELP)
    predict.add_argument("--out", type=Path, metavar="PATH", help="table of all curves (.csv), or folder of tables")
    predict.add_argument("--plot", type=Path, metavar="FILE", help="picture, such as out.png or out.pdf")
    predict.add_argument(
        "--json", type=Path, metavar="FILE", help="curves, corrections, properties and warnings as JSON"
    )
    predict.add_argument(
        "--elastic-modulus", type=_positive, metavar="MPA", help="Young's modulus (default: what the model file says)"
    )
    _cli_corrections.add_arguments(predict, _positive, unasked=False)
    _add_reading(predict, facts=True)

    report = add("report", _report_on, _cli_report.HELP)
    _cli_report.add_arguments(report, _positive)
    _add_reading(report, facts=True)

    simulate = add("simulate", _simulate, _cli_simulate.HELP)
    _cli_simulate.add_arguments(simulate, positive=_positive, number=_number, whole=_whole)

    info = add("info", _info, INFO_HELP)
    info.add_argument("model", metavar="MODEL", help=_cli_report.MODEL_HELP)
    info.add_argument("--json", action="store_true", help="print JSON")

    demo = add("demo", _demo, DEMO_HELP)
    demo.add_argument("--out-dir", type=Path, default=Path("demo"), help="folder to write to (default: %(default)s)")
    return parser


# Options of `read_curves`; "column" and "unit" are its `columns` and `units`.
_READING = ("thickness", "metadata", "column", "unit", "sheet", "separator", "decimal", "encoding", "cut_unloading")


def _add_reading(command: argparse.ArgumentParser, *, facts: bool = False) -> None:
    """Add the options of `read_curves`, and with `facts` those for the other facts of the specimens."""
    group = command.add_argument_group(
        "reading", "Files are understood by themselves, or refused with a message that says what to give."
    )
    group.add_argument("--thickness", type=_thickness, metavar="MM", help="thickness of all specimens")
    if facts:
        group.add_argument("--rig", type=_rig, metavar="RIG", help="rig of all specimens, such as EN10371")
        group.add_argument(
            "--displacement-kind", choices=DISPLACEMENT_KINDS, help="what the displacement of all specimens is"
        )
    group.add_argument("--metadata", type=Path, metavar="FILE", help="table of specimens: name, thickness, ...")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        type=_assignment,
        metavar="WHAT=NAME",
        help='column of the "displacement", the "load" or the "specimen", by its name or position from 0; repeat',
    )
    group.add_argument(
        "--unit",
        action="append",
        default=[],
        type=_assignment,
        metavar="WHAT=UNIT",
        help='unit of the "displacement", "load", "thickness" or "temperature", such as load=kN; repeat',
    )
    group.add_argument("--sheet", metavar="NAME", help="sheet of workbooks, by its name (default: all with curves)")
    group.add_argument("--separator", metavar="TEXT", help="what separates the columns")
    group.add_argument("--decimal", choices=(".", ","), help="decimal sign")
    group.add_argument("--encoding", metavar="NAME", help="encoding of text files, such as cp1252")
    group.add_argument(
        "--cut-unloading", action="store_true", help="leave out the points at the end at which the punch goes back"
    )


def _reading(arguments: argparse.Namespace) -> dict[str, Any]:
    """A command's options for reading, as `read_curves` has them."""
    return {
        "columns": {role: int(name) if name.isdecimal() else name for role, name in arguments.column},
        "units": dict(arguments.unit),
        "metadata": arguments.metadata,
        "thickness": arguments.thickness,
        "sheet": arguments.sheet,
        "separator": arguments.separator and arguments.separator.replace("\\t", "\t"),
        "decimal": arguments.decimal,
        "encoding": arguments.encoding,
        "cut_unloading": arguments.cut_unloading,
    }


def _read(path: Any, arguments: argparse.Namespace) -> list[SPTCurve]:
    """Read the curves that a command is given, with its options for reading."""
    return read_curves(path, **_reading(arguments))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form WHAT=VALUE")
    return name, value


def _number(text: str) -> float:
    value = _parse(float, text, "a number")
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value


def _thickness(text: str) -> float:
    value = _positive(text)
    try:
        check_thickness(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return value


def _rig(text: str) -> str:
    """The name of a rig, as the package writes it; the laboratory's own has any."""
    try:
        return rig_name(text)
    except ValueError:
        raise argparse.ArgumentTypeError("the name of the rig is empty; give it, such as EN10371") from None


def _whole(text: str) -> int:
    value = _parse(int, text, "a whole number")
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return value


def _seed(text: str) -> int:
    value = _parse(int, text, "a whole number")
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 2**32 - 1")
    return value


def _test_size(text: str) -> int | float:
    what = "a fraction between 0 and 1 or a number of curves"
    value = _parse(float, text, what)
    if 0 < value < 1:
        return value
    if not (value >= 1 and value.is_integer()):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return int(value)


def _parse(kind: Callable[[str], Any], text: str, what: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


# train


def _train(arguments: argparse.Namespace) -> None:
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
    _check_descriptors(curves, descriptors, "or train without it: --no-descriptors")
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
        from .metrics import curve_error_table

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
        print(_format_errors(table))


def _load_training_set(arguments: argparse.Namespace) -> tuple[list[SPTCurve], np.ndarray, np.ndarray]:
    if arguments.data == "sheet_steel":
        for option in ("targets", *_READING):
            if getattr(arguments, option):
                raise UsageError(f"--{option.replace('_', '-')} is for a folder; sheet_steel brings its own")
        from .datasets import load_sheet_steel

        sheet = load_sheet_steel()
        curves, targets, strain = sheet.data, sheet.target, sheet.strain
    else:
        if arguments.targets is None:
            raise UsageError("a folder of curves needs --targets FILE with their stresses")
        if not Path(arguments.data).exists():
            raise UsageError(f'--data must be "sheet_steel" or a folder; there is no folder {arguments.data}')
        curves = _read(arguments.data, arguments)
        _check_names(curves)
        strain, rows = _read_targets(arguments.targets)
        lacking = [curve.name for curve in curves if curve.name not in rows]
        if lacking:
            raise ValueError(
                f"{arguments.targets}: no row for {_enumerate(lacking)} of {arguments.data}; add the stresses, or "
                "leave the curves out with --leave-out"
            )
        unused = sorted(rows.keys() - {curve.name for curve in curves})
        if unused:
            _warn(f"{arguments.targets}: no curve in {arguments.data} for {_enumerate(unused)}; not used")
        targets = np.array([rows[str(curve.name)] for curve in curves])
    unknown = set(arguments.leave_out) - {curve.name for curve in curves}
    if unknown:
        raise UsageError(f"--leave-out: there is no curve named {_enumerate(sorted(unknown))}")
    kept = [i for i, curve in enumerate(curves) if curve.name not in arguments.leave_out]
    return [curves[i] for i in kept], targets[kept], strain


def _read_targets(path: Path) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Read the strain grid and each curve's stresses, see `TRAIN_HELP`."""
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

    from . import preprocessing, regressors

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
            epochs = "stack__partner__max_epochs"
        elif arguments.epochs is not None:
            raise UsageError("--epochs is for networks; --model gp has none")
    elif step == "perceptron":
        if arguments.epochs is not None:
            raise UsageError("--model perceptron has iterations and no --epochs; use --set max_iter=N")
        regressor = regressors.PerceptronCurveRegressor(random_state=arguments.seed, **flow)
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


def _find_model(model: str) -> Path:
    """The file behind --model."""
    path = Path(model)
    if path.is_file():
        return path
    # Imports scikit-learn, which a file does not need.
    from .datasets._models import find_model

    return find_model(model)


# predict


def _predict(arguments: argparse.Namespace) -> None:
    # What is quick comes first, so that a wrong file name does not wait for torch.
    arguments.model = _find_model(arguments.model)
    info = read_model_info(arguments.model)
    if info.strain is None:
        raise ValueError(
            f"{arguments.model} does not say at which strains its model gives stresses; save it anew with "
            "save_model(..., strain=...)"
        )
    curves = _read(arguments.curves, arguments)
    given = {name: getattr(arguments, name) for name in ("rig", "displacement_kind")}
    given = {name: value for name, value in given.items() if value is not None}
    curves = [curve.replace(**given) for curve in curves]
    _check_names(curves)
    _check_descriptors(curves, _descriptors(info), "or give it for all curves: --thickness")
    for path in (arguments.plot, arguments.json):
        if path is not None:
            check_writable(path)
    to_table = arguments.out is not None and arguments.out.suffix.lower() == ".csv"
    if arguments.out is not None:
        if to_table:
            check_writable(arguments.out)
        elif arguments.out.exists() and not arguments.out.is_dir():
            raise UsageError(
                f"--out {arguments.out} is a file; a table's name ends in .csv, and a folder takes several"
            )
    if arguments.plot is not None:
        _check_picture(arguments.plot)

    corrections = _cli_corrections.corrections(arguments, unasked=False)
    model = load_model(arguments.model)
    # One by one, so that a warning is known to be this curve's.
    predicted = [_predict_one(model, info, corrections, curve) for curve in curves]
    kinds = [curve.displacement_kind for curve in curves]
    curves = [curve for curve, _, _ in predicted]
    stress = np.array([row for _, row, _ in predicted])
    heard = [remarks for _, _, remarks in predicted]
    modulus = arguments.elastic_modulus or info.elastic_modulus
    if modulus is None:
        _warn(f"{arguments.model} names no Young's modulus, which Rp0.2, Ag, n and K need; give --elastic-modulus")
    if arguments.elastic_modulus is None:
        for curve, remarks in zip(curves, heard, strict=True):
            remarks += about_modulus(curve, info, modulus)
    else:
        for remark in about_given_modulus(arguments.elastic_modulus, info):
            _warn(one_line(remark))
    said = [_texts(remarks) for remarks in heard]
    untrusted = [_texts(r for r in remarks if isinstance(r, UntrustedPredictionWarning)) for remarks in heard]
    from .mechanics import tensile_properties

    properties = [tensile_properties(info.strain, row, E=modulus) for row in stress]
    for text, names in by_text(zip(map(str, (curve.name for curve in curves)), said, strict=True)).items():
        several = "s" if len(names) > 1 else ""
        _warn(text if repr(names[0]) in text else f"curve{several} {_enumerate(names)}: {text}")
    if to_table:
        with _csv_writer(arguments.out) as writer:
            writer.writerow(["true_strain", "true_stress_MPa", "curve"])
            for curve, row in zip(curves, stress, strict=True):
                writer.writerows([*point, curve.name] for point in zip(info.strain.tolist(), row.tolist(), strict=True))
    elif arguments.out is not None:
        names = _file_names(curves)
        arguments.out.mkdir(exist_ok=True)
        for name, row in zip(names, stress, strict=True):
            _write_curve(arguments.out / name, info.strain, row)
    if arguments.json is not None:
        with atomic_path(arguments.json) as temporary:
            report = _report(
                arguments.model, info, modulus, curves, kinds, info.strain, stress, properties, said, untrusted
            )
            temporary.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if arguments.plot is not None:
        _plot(arguments.plot, curves, info.strain, stress)
    print(_format_properties(curves, properties, list(map(bool, untrusted))))
    for curve in curves:
        if curve.corrections:
            done = "; ".join(str(in_usual_unit(correction)) for correction in curve.corrections)
            print(f"corrected {curve.name}: {for_command_line(done)}")
    for path in (arguments.out, arguments.json, arguments.plot):
        if path is not None:
            print(f"wrote {path}")


def _predict_one(
    model: Any, info: ModelInfo, corrections: Any, curve: SPTCurve
) -> tuple[SPTCurve, np.ndarray, list[Warning]]:
    """The curve as corrected, its stress, and what is to be said of it."""
    measured = curve
    remarks: list[Warning] = [*about_record(curve)]
    if corrections is not None:
        (curve,), heard = with_warnings(corrections.fit_transform, [curve])
        remarks += not_said(heard, remarks)
    stress, heard = with_warnings(model.predict, [curve])
    remarks += heard
    remarks += about_rig(curve, info) + about_displacement(curve, learned_kind(model)) + about_toe(curve)
    remarks += outside_training(curve, info, measured)
    return curve, stress[0], remarks


def _texts(remarks: Iterable[Warning]) -> list[str]:
    return [for_command_line(one_line(remark)) for remark in remarks]


def _descriptors(info: ModelInfo) -> Sequence[str]:
    return next((value for key, value in info.parameters.items() if key.endswith("__descriptors")), ())


def _report(
    path: Path,
    info: ModelInfo,
    modulus: float | None,
    curves: list[SPTCurve],
    kinds: list[str | None],
    strain: np.ndarray,
    stress: np.ndarray,
    properties: list["TensileProperties"],
    said: list[list[str]],
    untrusted: list[list[str]],
) -> dict[str, Any]:
    return {
        "sklearn_spt": __version__,
        "model": {"file": path.name, "version": model_version(info), "sha256": info.sha256, "rig": info.rig},
        "units": {"true_strain": "1", "true_stress": "MPa", "thickness": "mm", "elastic_modulus": "MPa"},
        "elastic_modulus": modulus,
        "true_strain": strain.tolist(),
        "curves": [
            {
                "name": curve.name,
                "thickness": curve.thickness,
                "rig": curve.rig,
                "displacement_kind": kind,
                "source": None if curve.source is None else asdict(curve.source),
                "corrections": [asdict(correction) for correction in curve.corrections],
                "true_stress": row.tolist(),
                "properties": found.to_dict(),
                "warnings": texts,
                "untrusted": reasons,
            }
            for curve, kind, row, found, texts, reasons in zip(
                curves, kinds, stress, properties, said, untrusted, strict=True
            )
        ],
    }


def _format_properties(curves: list[SPTCurve], properties: list["TensileProperties"], doubtful: Sequence[bool]) -> str:
    doubts = ["not to be trusted" if doubt else "" for doubt in doubtful]
    if len(curves) == 1:
        return f"{curves[0].name}{', ' if doubts[0] else ''}{doubts[0]}\n{properties[0]}"
    columns = {
        "Rp0.2, MPa": lambda found: (found.proof_stress, ".1f"),
        "Rm, MPa": lambda found: (found.tensile_strength, ".1f"),
        "Ag, %": lambda found: (100 * found.uniform_elongation, ".1f"),
        "n": lambda found: (found.hardening_exponent, ".3f"),
        "K, MPa": lambda found: (found.strength_coefficient, ".1f"),
    }
    rows = [["curve", *columns, ""]]
    for curve, found, doubt in zip(curves, properties, doubts, strict=True):
        cells = [read(found) for read in columns.values()]
        shown = ("-" if math.isnan(value) else format(value, spec) for value, spec in cells)
        rows.append([str(curve.name), *shown, doubt])
    return _format_table(rows)


# report


def _report_on(arguments: argparse.Namespace) -> int:
    return _cli_report.run(arguments, _reading(arguments))


# simulate


def _simulate(arguments: argparse.Namespace) -> int:
    return _cli_simulate.run(arguments, UsageError)


# info


def _info(arguments: argparse.Namespace) -> None:
    info = read_model_info(_find_model(arguments.model))
    if arguments.json:
        facts = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(info).items()}
        print(json.dumps(facts, indent=1, default=_json_default))
        return
    print(f"{arguments.model}: {' > '.join(f'{name} ({kind})' for name, kind in info.steps.items())}")
    rows = [["sha256", info.sha256], ["rig", info.rig or "not recorded"]]
    beside = f"; {', '.join(_descriptors(info))} of the specimen" if _descriptors(info) else ""
    if info.displacement is not None:
        rows.append(["input", f"load (N) at {_format_grid(info.displacement)} mm of displacement{beside}"])
    if info.strain is not None:
        rows.append(["output", f"true stress (MPa) at {_format_grid(info.strain)} of true strain"])
    if info.elastic_modulus is not None:
        rows.append(["Young's modulus", f"{info.elastic_modulus:g} MPa"])
    rows.append(["saved with", ", ".join(f"{name} {version}" for name, version in info.versions.items())])
    print(_format_table(rows, left=2))
    if info.training:
        print(f"training set: {info.training.get('n_curves', '?')} curves")
        units = {
            "displacement": "mm",
            "load": "N",
            "max_load": "N",
            "thickness": "mm",
            "temperature": "°C",
            "stress": "MPa",
        }
        ranges = {name: value for name, value in info.training.items() if name in units}
        print(_format_table([[f"  {k}", f"{v[0]:.5g} to {v[1]:.5g} {units[k]}"] for k, v in ranges.items()], left=2))
    for title, content in (("parameters", info.parameters), ("metadata", dict(_flatten(info.metadata)))):
        if content:
            print(f"{title}:")
            rows = [[f"  {name}", json.dumps(value, default=_json_default)] for name, value in content.items()]
            print(
                _format_table([[name, f"{text[:100]} ..." if len(text) > 110 else text] for name, text in rows], left=2)
            )


def _flatten(mapping: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in mapping.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name} > ")
        else:
            yield f"{prefix}{name}", value


def _format_grid(grid: np.ndarray) -> str:
    return f"{len(grid)} points from {grid[0]:.5g} to {grid[-1]:.5g}"


def _json_default(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


# demo


def _demo(arguments: argparse.Namespace) -> None:
    folder = arguments.out_dir
    folder.mkdir(parents=True, exist_ok=True)
    table, picture = folder / "stress_strain.csv", folder / "stress_strain.png"
    _check_picture(picture)
    from .datasets import DEMO_CURVE_INDEX, load_demo_curve, pretrained_model_path
    from .mechanics import tensile_properties

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
    # Said only where the file bears witness to it.
    new = f"sheet-{DEMO_CURVE_INDEX:04d}" in info.metadata.get("left_out", [])
    print(f"model   {path.name}: {' > '.join(info.steps.values())}")
    print(f"        trained on {info.training['n_curves']} simulated curves{', not on this one' if new else ''}")
    print()
    print(
        _format_table(
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
    _write_curve(table, info.strain, stress)
    _plot(picture, [curve], info.strain, stress[None], known=(strain, known))
    print(f"wrote {table}\nwrote {picture}")


# Files and tables


def _check_names(curves: list[SPTCurve]) -> None:
    names = [curve.name for curve in curves]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"more than one curve is named {_enumerate(twice)}; give each file a line '# name: ...' of its own, or a "
            "file of several specimens their names above the columns"
        )


def _check_descriptors(curves: list[SPTCurve], descriptors: Sequence[str], remedy: str) -> None:
    if "thickness" in descriptors:
        lacking = [str(curve.name) for curve in curves if curve.thickness is None]
        if lacking:
            raise ValueError(
                f"no thickness for {_enumerate(lacking)}: write a line '# thickness: ...' (mm) into the file, {remedy}"
            )


@contextmanager
def _csv_writer(path: Path) -> Iterator[Any]:
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        yield csv.writer(file, lineterminator="\n")


def _write_curve(path: Path, strain: np.ndarray, stress: np.ndarray) -> None:
    with _csv_writer(path) as writer:
        writer.writerow(["true_strain", "true_stress_MPa"])
        writer.writerows(zip(strain.tolist(), stress.tolist(), strict=True))


def _file_names(curves: list[SPTCurve]) -> list[str]:
    """File names of the curves."""
    names = [file_name(str(curve.name)) for curve in curves]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"more than one curve would be written to {twice[0]}.csv; give --out a single file, NAME.csv")
    return [f"{name}.csv" for name in names]


def _enumerate(names: Sequence[Any], most: int = 5) -> str:
    text = ", ".join(repr(name) for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def _format_errors(table: dict[str, dict[str, float]]) -> str:
    statistics = list(next(iter(table.values())))
    rows = [["", *statistics]]
    rows += [[name, *(f"{values[key]:.4g}" for key in statistics)] for name, values in table.items()]
    return _format_table(rows)


def _format_table(rows: list[list[str]], left: int = 1) -> str:
    """Columns of equal width; the first `left` ones flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


# Pictures


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError('pictures need matplotlib, which is not installed: pip install "sklearn-spt[plot]"') from None
    # Without pyplot: nothing global is touched and no screen is needed.
    return Figure(figsize=(9, 4), layout="constrained")


def _check_picture(path: Path) -> None:
    formats = _figure().canvas.get_supported_filetypes()
    if path.suffix[1:].lower() not in formats:
        raise UsageError(f"{path}: a picture ends in one of {', '.join(f'.{suffix}' for suffix in sorted(formats))}")


def _plot(
    path: Path,
    curves: list[SPTCurve],
    strain: np.ndarray,
    stress: np.ndarray,
    known: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    figure = _figure()
    left, right = figure.subplots(1, 2)
    several = len(curves) > 1
    record = "corrected" if any(curve.corrections for curve in curves) else "measured"
    # Grey value and dash pattern both tell the curves apart, also on a black and white printer.
    dashes = ("-", "--", "-.", ":")
    for index, (curve, row) in enumerate(zip(curves, stress, strict=True)):
        shade = 0.6 * index / max(1, len(curves) - 1)
        style = {"color": str(shade), "linestyle": dashes[index % len(dashes)], "linewidth": 1.5}
        left.plot(curve.displacement, curve.load, **style, label=str(curve.name))
        right.plot(strain, row, **style, label=str(curve.name) if several else "predicted")
    if known is not None:
        style = {"color": "0.2", "markerfacecolor": "white", "markersize": 4, "markevery": 5}
        right.plot(*known, "o", **style, label="known", zorder=3)
    left.set(xlabel="displacement (mm)", ylabel="load (N)", title=record if several else str(curves[0].name))
    right.set(
        xlabel="true strain", ylabel="true stress (MPa)", title="predicted" if several else "true stress-strain curve"
    )
    for axes in (left, right):
        axes.margins(y=0.08)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.locator_params(axis="x", nbins=5)
        axes.grid(color="0.9", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    if known is not None or 1 < len(curves) <= MAX_NAMED_IN_PLOT:
        right.legend(frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
