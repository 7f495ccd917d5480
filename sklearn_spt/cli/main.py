"""The command line: its commands, what they return, and how errors and warnings are said."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .._version import __version__
from ..exceptions import Message
from . import demo, info, predict, report, simulate, train
from ._messages import PROGRAM, one_line_warnings, printable, say_error
from ._options import UsageError

COMMANDS = (train, predict, report, simulate, info, demo)


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
        Exit status: 0, or 2 if the arguments make no sense, 3 if something is missing in what was written because a
        file could not be read or a specimen not evaluated or simulated, 130 if interrupted, 141 if nobody reads the
        output, and 1 for any other error. Errors are one line on the standard error.
    """
    debug = "--debug" in (sys.argv[1:] if argv is None else argv)
    with printable():
        try:
            with one_line_warnings():
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
        say_error(f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror)
    elif isinstance(error, UsageError | ValueError | TypeError | OSError | ImportError | RuntimeError):
        say_error(error)
    else:
        where = ". This should not happen; with --debug it shows where it did"
        say_error(Message(f"{type(error).__name__}: ", str(error), where))
    return status


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, description="From small punch curves to true stress-strain curves.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        command = commands.add_parser(
            module.__name__.rpartition(".")[2],
            help=module.HELP.split(":")[0].splitlines()[0].rstrip("."),
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--debug", action="store_true", help="show the whole traceback of an error")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser
