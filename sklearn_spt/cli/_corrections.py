"""Options of the commands that correct curves."""

import argparse
from typing import Any

from ._options import positive

STEPS = ("unloading", "load_offset", "toe", "deflection", "cut", "smooth")
STANDARD = ("unloading", "load_offset", "toe", "deflection")
CUTS = ("fracture", "drop", "maximum")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = command.add_argument_group(
        "corrections of the curves",
        "The steps that --correct names are done, and no others; --compliance and --cut-at add theirs to them.\n"
        f"Without --correct these are the standard ones, {', '.join(STANDARD)}.",
    )
    group.add_argument(
        "--correct",
        action="append",
        nargs="?",
        const="standard",
        type=_step,
        metavar="STEP",
        help=f"step to do; repeat for others: {', '.join(STEPS)}; standard for the standard ones, as --correct alone; "
        "or none for no step",
    )
    group.add_argument(
        "--compliance",
        type=positive,
        metavar="UM_PER_KN",
        help="also take this compliance of the load train out, µm/kN",
    )
    group.add_argument(
        "--cut-at",
        choices=CUTS,
        help="also cut the records: where the fracture begins, before the load has dropped by 20 %% after the "
        "maximum, or at the maximum (default of --correct cut: fracture)",
    )


def _step(text: str) -> str:
    if text not in (*STEPS, "none", "standard"):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not one of {', '.join(STEPS)} or none; files are named before the options"
        )
    return text


def corrections(arguments: argparse.Namespace) -> Any:
    """The transformer of the options, None for none."""
    steps = set(arguments.correct or ("standard",))
    if "none" in steps and len(steps) > 1:
        raise ValueError(f"--correct none excludes {', '.join(sorted(steps - {'none'}))}; leave one of them out")
    if "standard" in steps:
        steps |= set(STANDARD)
    steps -= {"none", "standard"}
    steps |= {"compliance"} if arguments.compliance is not None else set()
    steps |= {"cut"} if arguments.cut_at is not None else set()
    if not steps:
        return None
    # Imports scikit-learn, which the options do not need.
    from ..preprocessing import standard_corrections

    return standard_corrections(
        tuple(sorted(steps)),
        compliance=None if arguments.compliance is None else 1e-6 * arguments.compliance,
        cut_at=arguments.cut_at or CUTS[0],
    )
