"""Data sets: the points of a design, simulated one by one, and packed into one file."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from ..curves import SPTCurve
from ..utils.files import atomic_path
from ..utils.json_files import parse_json
from ..utils.validation import as_positive
from ._design import Design, DesignPoint
from ._errors import SimulationError
from ._flow import law_material
from ._runs import (
    PointResult,
    Runs,
    check_manifest,
    checked_manifest,
    curve_name,
    damaged_manifest,
    made_with,
    point_record,
)
from ._spt import check_settings, refuse_calculix_options, run_spt
from ._workers import end_with, this_process

__all__ = ["pack_dataset", "read_dataset", "read_packed", "simulate_dataset", "unpack_dataset"]

# Steps of the numbers in a packed file: loads as parts of the maximum load, lengths in mm.
_LOAD_STEP, _DISPLACEMENT_STEP, _DEFLECTION_STEP = 1e-5, 1e-5, 1e-4


def simulate_dataset(
    design: Design,
    out: str | os.PathLike[str],
    n: int,
    *,
    n_jobs: int | None = None,
    solver: str | os.PathLike[str] = "embedded",
    timeout: float | None = None,
    retry_failed: bool = False,
    progress: bool = True,
) -> int:
    """Simulate the first `n` points of a design, or go on where an earlier call was ended.

    Each result is written to a file of its own as it comes, and appears under its name once it is complete. The call
    can be ended at any time and made again; what is there is not computed again, unless it is damaged or not the result
    of its point. Runs are spread by joblib, so that ``with joblib.parallel_config(backend="dask"):`` around the call
    computes on a Dask cluster.

    Parameters
    ----------
    design : Design
        What to simulate.
    out : path-like
        Folder of the results; made if it does not exist. It belongs to one design and one solver.
    n : int
        Number of points.
    n_jobs : int, default=None
        Number of simulations at a time, as in joblib: None is 1, -1 all cores.
    solver : path-like, default="embedded"
        The solver, as in :func:`simulate_spt`.
    timeout : float, default=None
        Seconds after which one run of CalculiX is ended. None: 600.
    retry_failed : bool, default=False
        Compute again the points that failed in an earlier call.
    progress : bool, default=True
        Show a progress bar with the rate and the failures.

    Returns
    -------
    int
        Number of points that failed, among the first `n`.

    Raises
    ------
    SolverNotFoundError
        If CalculiX is asked for and not installed.
    TypeError, ValueError
        If `n` or `timeout` is not positive; if the design's numerics or the timeout are for another solver; if `out`
        holds the results of another design, solver or version of the model, or a `manifest.json` that is damaged or
        not of this function.

    See Also
    --------
    pack_dataset : Packs the results into one file.
    """
    timeout = None if timeout is None else as_positive("timeout", timeout)
    check_settings(design.mesh, design.numerics, solver)
    if solver == "embedded":
        refuse_calculix_options(timeout=timeout)
    points = list(design.points(n))
    runs = Runs(out)
    runs.claim(design, made_with(design, solver))
    done, failed = runs.checked_state(design, dict(enumerate(points)))
    if retry_failed:
        for index in failed:
            if index < n:
                runs.failure_path(index).unlink()
        failed = {index for index in failed if index >= n}
    todo = [point for point in points if point.index not in done | failed]
    failures = sum(index < n for index in failed)
    bar = tqdm(
        total=n, initial=n - len(todo), desc=design.name, unit="run", disable=not progress, smoothing=0, mininterval=5
    )
    bar.set_postfix(failed=failures)
    with bar:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        tasks = (delayed(_run_point)(design, point, solver, timeout, this_process()) for point in todo)
        for index, result in parallel(tasks):
            runs.write(index, result)
            if isinstance(result, str):
                failures += 1
                bar.set_postfix(failed=failures)
            bar.update()
    return failures


def read_dataset(out: str | os.PathLike[str], *, displacement_kind: str = "punch") -> dict[int, SPTCurve]:
    """The curves that a folder of results holds so far, by their index in the design.

    Parameters
    ----------
    out : path-like
        The folder that :func:`simulate_dataset` writes to, also while it does.
    displacement_kind : {"punch", "deflection"}, default="punch"
        What the curves' displacement is, as in :func:`simulate_spt`.

    Returns
    -------
    dict of int to SPTCurve

    Raises
    ------
    ValueError
        If a file of the folder is damaged; the message names it.
    """
    runs = Runs(out)
    done, _ = runs.state()
    return {index: runs.read(index).curve(displacement_kind) for index in sorted(done)}


def pack_dataset(design: Design, out: str | os.PathLike[str], path: str | os.PathLike[str]) -> int:
    """Pack the results of :func:`simulate_dataset` into one compressed file.

    Loads are rounded to a hundred-thousandth of the curve's maximum load, displacements to 0.01 µm and deflections to
    0.1 µm. The materials are not in the file: they follow from the design.

    Parameters
    ----------
    design : Design
        The design of the results.
    out : path-like
        Their folder.
    path : path-like
        The file, ending in ".npz". It holds, with n curves of all together `rows` points:

        - `index` (n,): the curves' numbers in the design; `sizes` (n,): their numbers of points;
        - `displacement`, `load`, `deflection` (rows,): second differences in steps of 1e-5 mm, of 1e-5 times
          `maximum_load`, and of 1e-4 mm; the deflection only where the solver records it;
        - `maximum_load` (n,), N; `completed`, `largest_strain`, `cpu_s` (n,), `ended_by` (n,);
        - `failed`: numbers of the points that gave no curve; `manifest`: JSON text.

    Returns
    -------
    int
        Number of curves.

    Raises
    ------
    ValueError
        If the folder holds no results, or those of another design, or its manifest is missing or damaged.
    """
    runs = Runs(out)
    done, failed = runs.state()
    if not done:
        raise ValueError(f"{os.fspath(out)} holds no results yet")
    check_manifest(design, None, runs.manifest(), os.fspath(out))
    points = {point.index: point for point in design.points(max(done) + 1)}
    results = [runs.read(index, design, points[index]) for index in sorted(done)]
    records = [result.record for result in results]
    maximum = np.array([result.load.max() for result in results])
    loads = (result.load / top for result, top in zip(results, maximum, strict=True))
    arrays: dict[str, Any] = {
        "index": np.array(sorted(done), dtype=np.int32),
        "sizes": np.array([len(result.load) for result in results], dtype=np.int32),
        "displacement": _packed((result.displacement for result in results), _DISPLACEMENT_STEP),
        "load": _packed(loads, _LOAD_STEP),
        "maximum_load": maximum,
        "completed": np.array([record["completed"] for record in records]),
        "largest_strain": np.array([record.get("largest_strain", np.nan) for record in records], dtype=np.float32),
        "cpu_s": np.array([record["cpu_s"] for record in records], dtype=np.float32),
        "ended_by": np.array([record["ended_by"] for record in records]),
        "failed": np.array(sorted(failed), dtype=np.int32),
        "manifest": np.array(runs.manifest_path.read_text(encoding="utf-8")),
    }
    if all(np.isfinite(result.deflection).all() for result in results):
        arrays["deflection"] = _packed((result.deflection for result in results), _DEFLECTION_STEP)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return len(results)


def read_packed(path: str | os.PathLike[str]) -> tuple[Design, Iterator[tuple[DesignPoint, PointResult]]]:
    """Design, points and results of a file of :func:`pack_dataset`.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    design : Design
        The design.
    results : iterator of (DesignPoint, PointResult)
        Its points that have a result, and their results, each made when it is asked for.

    Raises
    ------
    ValueError
        If the file was not written by :func:`pack_dataset`, or is damaged; what is wrong of a single curve shows when
        its turn comes.
    """
    where = os.fspath(path)
    arrays = _packed_arrays(path)
    design, solver = _origin(arrays, where)
    return design, _results(design, solver, arrays, where)


def _origin(arrays: dict[str, np.ndarray], where: str) -> tuple[Design, str]:
    """Design and solver of a packed file."""
    try:
        known = parse_json(str(arrays["manifest"]))
    except ValueError as error:
        raise damaged_manifest(where, error) from None
    manifest = checked_manifest(known, where)
    with _damage(where):
        return Design.from_dict(manifest["design"]), manifest["solver"]


@contextmanager
def _damage(where: str) -> Iterator[None]:
    """Errors in the block are damage of a packed file."""
    try:
        yield
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ValueError(f"{where} is a damaged file of pack_dataset ({error})") from None


def _results(
    design: Design, solver: str, arrays: dict[str, np.ndarray], where: str
) -> Iterator[tuple[DesignPoint, PointResult]]:
    """Points and results that the arrays of a packed file hold."""
    with _damage(where):
        index = arrays["index"].tolist()
        if not 0 < len(index) == len(set(index)) == len(arrays["sizes"]):
            raise ValueError("it has another number of curves than it says")
        ends = np.concatenate([[0], np.cumsum(arrays["sizes"])]).tolist()
        steps = {"displacement": _DISPLACEMENT_STEP, "load": _LOAD_STEP, "deflection": _DEFLECTION_STEP}
        if any(len(arrays[name]) != ends[-1] for name in steps if name in arrays):
            raise ValueError("it has another number of points than it says")
        places = {number: i for i, number in enumerate(index)}
        for point in design.points(max(index) + 1):
            if point.index not in places:
                continue
            i = places[point.index]
            part = slice(ends[i], ends[i + 1])
            values = {name: _unpacked(arrays[name][part], step) for name, step in steps.items() if name in arrays}
            record = {
                **point_record(design, point),
                "E": float(np.asarray(point.law.E)),
                "completed": bool(arrays["completed"][i]),
                "ended_by": str(arrays["ended_by"][i]),
                "largest_strain": float(arrays["largest_strain"][i]),
                "cpu_s": float(arrays["cpu_s"][i]),
                "solver": solver,
            }
            yield (
                point,
                PointResult(
                    displacement=values["displacement"],
                    load=values["load"] * arrays["maximum_load"][i],
                    deflection=values.get("deflection", np.full(len(values["load"]), np.nan)),
                    record=record,
                ),
            )


def unpack_dataset(design: Design, path: str | os.PathLike[str], out: str | os.PathLike[str]) -> int:
    """Make a folder of results from a packed file, so that :func:`simulate_dataset` can go on from it.

    Parameters
    ----------
    design : Design
        The design of the results.
    path : path-like
        File written by :func:`pack_dataset`.
    out : path-like
        The folder; made if it does not exist. Results that it holds are kept.

    Returns
    -------
    int
        Number of curves added.

    Raises
    ------
    ValueError
        If the file or the folder holds the results of another design, solver or version of the model, or the file was
        not written by :func:`pack_dataset`.
    """
    where = os.fspath(path)
    arrays = _packed_arrays(path)
    packed_design, solver = _origin(arrays, where)
    check_manifest(design, solver, {"design": packed_design.describe(), "solver": solver}, where)
    # All of them before the first is written: a damaged file adds nothing.
    results = list(_results(design, solver, arrays, where))
    runs = Runs(out)
    runs.claim(design, solver)
    done, failed = runs.checked_state(design, {point.index: point for point, _ in results})
    added = 0
    for point, result in results:
        if point.index not in done:
            runs.write(point.index, result)
            added += 1
    done.update(point.index for point, _ in results)
    for index in set(arrays["failed"].tolist()) - failed - done:
        runs.write(index, "failed before packing")
    return added


def _packed_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    try:
        with Path(path).open("rb") as raw, np.load(BytesIO(raw.read())) as file:
            arrays = dict(file)
        missing = [name for name in ("manifest", "index", "sizes", "load", "failed") if name not in arrays]
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        return arrays
    except OSError:
        raise
    # The file has been read: whatever is wrong now is its content, and libraries have many words for that.
    except Exception as error:
        raise ValueError(f"{os.fspath(path)} is no file of pack_dataset, or a damaged one ({error})") from None


def _run_point(
    design: Design, point: DesignPoint, solver: str | os.PathLike[str], timeout: float | None, owner: tuple[str, int]
) -> tuple[int, PointResult | str]:
    """Number and result of a point, or the reason why it has none."""
    end_with(owner)
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
        return point.index, str(error)
    result = PointResult(
        displacement=run.displacement,
        load=run.load,
        deflection=np.full(len(run.load), np.nan) if run.deflection is None else run.deflection,
        record={**run.record, **point_record(design, point)},
    )
    return point.index, result


def _packed(values: Iterable[np.ndarray], step: float) -> np.ndarray:
    """Second differences of each array in whole steps, one array after the other, as short as they fit."""
    rounded = [np.round(each / step).astype(np.int64) for each in values]
    differences = np.concatenate([np.diff(each, n=2, prepend=[0, 0]) for each in rounded])
    short = np.iinfo(np.int16)
    fits = differences.min() >= short.min and differences.max() <= short.max
    return differences.astype(np.int16 if fits else np.int32)


def _unpacked(differences: np.ndarray, step: float) -> np.ndarray:
    return np.cumsum(np.cumsum(differences.astype(np.int64))) * step
