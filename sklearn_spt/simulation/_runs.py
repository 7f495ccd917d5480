"""The result files of a data set's points: one file a point, complete or not there."""

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._files import atomic_path
from ._design import Design, DesignPoint
from ._errors import SimulationError
from ._flow import law_material, law_record
from ._spt import run_spt

__all__ = ["PointResult", "read_result", "run_point", "write_result"]

_ARRAYS = ("displacement", "load", "deflection", "largest_strain")


@dataclass(frozen=True, kw_only=True)
class PointResult:
    """The simulated test of a design's point.

    Parameters
    ----------
    displacement, load, deflection, largest_strain : ndarray of shape (n_points,)
        Displacement of the punch (mm), load (N), deflection of the middle of the lower face (mm), and largest plastic
        strain in the disc. The last two are NaN where the solver does not record them.
    record : dict
        Plain data: `index`, `name`, `thickness`, `friction`, `nu`, `law`, `law_parameters`, `rig`, and how the run
        ended.
    """

    displacement: np.ndarray
    load: np.ndarray
    deflection: np.ndarray
    largest_strain: np.ndarray
    record: dict[str, Any]


def curve_name(design: Design, index: int) -> str:
    """Name of the curve of a point."""
    return f"{design.name}-{index:04d}"


def point_record(design: Design, point: DesignPoint) -> dict[str, Any]:
    """What is known of a point before it is simulated, as plain data."""
    return {
        "index": point.index,
        "name": curve_name(design, point.index),
        "thickness": point.thickness,
        "friction": point.friction,
        "nu": point.nu,
        **law_record(point.law),
        "rig": asdict(point.rig),
    }


def run_point(
    design: Design, point: DesignPoint, solver: str | os.PathLike[str], timeout: float | None
) -> PointResult | str:
    """Simulate a point; the reason where that gives no curve."""
    try:
        run = run_spt(
            law_material(point.law, point.nu),
            point.rig,
            thickness=point.thickness,
            friction=point.friction,
            stroke=design.stroke,
            load_limit=design.load_limit,
            load_drop=design.load_drop,
            mesh=design.mesh,
            numerics=design.numerics,
            solver=solver,
            timeout=timeout,
            name=curve_name(design, point.index),
        )
    except SimulationError as error:
        return str(error)
    unknown = np.full(len(run.load), np.nan)
    return PointResult(
        displacement=run.displacement,
        load=run.load,
        deflection=unknown if run.deflection is None else run.deflection,
        largest_strain=unknown if run.largest_strain is None else run.largest_strain,
        record={**run.record, **point_record(design, point)},
    )


def write_result(path: Path, result: PointResult) -> None:
    """Write a result; the file appears under its name once it is complete."""
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays, record=np.array(json.dumps(result.record)))


def read_result(path: Path) -> PointResult:
    """Read a result.

    Raises
    ------
    ValueError
        If the file is not one that `write_result` wrote.
    """
    try:
        # Opened here, because numpy leaves a file that it cannot read open.
        with path.open("rb") as raw, np.load(raw) as file:
            arrays = {name: np.asarray(file[name], dtype=np.float64) for name in _ARRAYS}
            record = json.loads(str(file["record"]))
    except (ValueError, KeyError, EOFError, TypeError, RecursionError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged ({error})") from None
    sizes = {array.shape for array in arrays.values()}
    if not isinstance(record, dict) or len(sizes) != 1 or len(next(iter(sizes))) != 1:
        raise ValueError(f"{path} is damaged: it holds no curve")
    return PointResult(**arrays, record=record)
