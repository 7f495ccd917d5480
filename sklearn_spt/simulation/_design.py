"""Designs of experiments, and data sets simulated from them."""

import hashlib
import json
import numbers
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import qmc
from tqdm.auto import tqdm

from .. import mechanics
from ..curves import SPTCurve
from ..mechanics import HardeningLaw
from ..utils.files import atomic_path
from ..utils.validation import check_number
from ._calculix import SimulationError, find_solver, solver_version
from ._deck import Numerics
from ._mesh import MeshSettings
from ._spt import as_positive, calculix_deck, has_load_jump, simulate_spt
from .rigs import Rig, get_rig

__all__ = ["Design", "DesignPoint", "LawSpace", "pack_dataset", "read_dataset", "simulate_dataset", "unpack_dataset"]

_MANIFEST = "manifest.json"
_RUNS = "runs"
_RESULT = re.compile(r"(\d{6,})\.(npz|failed\.json)")
# Draws from the Sobol sequence come in blocks of this power of two; the sequence's first points do not depend on it.
_FIRST_BLOCK = 10
_MAX_BLOCK = 22


@dataclass(frozen=True, kw_only=True)
class LawSpace:
    """A hardening law with the ranges of its parameters.

    Parameters
    ----------
    law : type
        A class of :mod:`sklearn_spt.mechanics`.
    ranges : mapping of str to tuple of two floats
        Lowest and highest value of each parameter that varies.
    fixed : mapping of str to float, default={}
        Value of each parameter that does not.
    weight : float, default=1
        Share of the design, relative to the other laws' weights.

    Raises
    ------
    TypeError, ValueError
        If the law has no parameter of a name, or takes one that is not given; or refuses the values at the ends.
    """

    law: type[HardeningLaw]
    ranges: Mapping[str, tuple[float, float]]
    fixed: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (isinstance(self.law, type) and issubclass(self.law, HardeningLaw)):
            raise TypeError(f"LawSpace: law must be a class of sklearn_spt.mechanics; got {self.law!r}")
        check_number(self, "weight", low=0, open_low=True)
        owner = f"LawSpace of {self.law.__name__}"
        for name in ("ranges", "fixed"):
            if not isinstance(getattr(self, name), Mapping):
                raise TypeError(f"{owner}: {name} must map parameters' names; got {getattr(self, name)!r}")
        ranges = {name: _checked_range(f"{owner}: {name}", limits) for name, limits in self.ranges.items()}
        object.__setattr__(self, "ranges", ranges)
        object.__setattr__(self, "fixed", dict(self.fixed))
        for name in self.ranges:
            if name in self.fixed:
                raise ValueError(f"{owner}: {name} is both in ranges and in fixed")
        check_parameters(self.law, [*self.ranges, *self.fixed])
        # Names and values that the law refuses show here, not after hours.
        for end in (0.0, 1.0):
            self.at(np.full(len(self.ranges), end))

    def at(self, unit: np.ndarray) -> HardeningLaw:
        """The law at a point of the unit cube.

        Parameters
        ----------
        unit : ndarray of shape (n_ranges,)
            Coordinates in [0, 1], in the order of `ranges`.

        Returns
        -------
        HardeningLaw
        """
        values = {
            name: low + (high - low) * float(u)
            for (name, (low, high)), u in zip(self.ranges.items(), unit, strict=True)
        }
        return self.law(**self.fixed, **values)


@dataclass(frozen=True, kw_only=True)
class DesignPoint:
    """One specimen of a design: what :func:`simulate_spt` needs to know.

    Parameters
    ----------
    index : int
        Place of the point in the design.
    law : HardeningLaw
        The material.
    thickness : float
        Thickness of the disc, mm.
    friction : float
        Coulomb's coefficient.
    """

    index: int
    law: HardeningLaw
    thickness: float
    friction: float


@dataclass(frozen=True, kw_only=True)
class Design:
    """A scrambled Sobol design over hardening laws, thickness and friction.

    Point `i` depends on the design's parameters and on `i` alone: a design can be continued, and its first thousand
    points are a design of their own.

    Parameters
    ----------
    name : str
        Name of the design; curves are named after it.
    rig : Rig or str
        The tools, or the name of a rig that comes with the package.
    laws : sequence of LawSpace
        The laws and their parameters' ranges.
    thickness : tuple of two floats
        Range of the initial thickness, mm.
    friction : tuple of two floats
        Range of Coulomb's coefficient; twice the same number keeps it constant.
    nu : float, default=0.3
        Poisson's ratio.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's greatest.
    load_limit, load_drop : float, default=None
        Other ends of the test, as in :func:`simulate_spt`.
    yield_range : tuple of two floats, default=None
        Points whose initial yield stress (MPa) lies outside are skipped.
    max_stress : float, default=None
        Points whose flow stress at a plastic strain of 1 is greater (MPa) are skipped.
    strain : sequence of float
        True total strains at which :func:`pack_dataset` tabulates the laws' true stress.
    seed : int, default=0
        Seed of the scrambling.
    mesh : MeshSettings, default=None
        Sizes of the elements.
    numerics : Numerics, default=None
        Stiffness of the contacts and sizes of the increments.

    Raises
    ------
    TypeError, ValueError
        If a value is not in its range; the message names it.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import Design, LawSpace
    >>> swift = LawSpace(law=Swift, ranges={"K": (400, 1200), "n": (0.05, 0.3)}, fixed={"E": 210e3, "epsilon0": 0.005})
    >>> design = Design(name="mild", rig="EN10371", laws=[swift], thickness=(0.48, 0.52), friction=(0.05, 0.3))
    >>> point = next(design.points(1))
    >>> 400 < point.law.K < 1200
    True
    """

    name: str
    rig: Rig | str
    laws: Sequence[LawSpace]
    thickness: tuple[float, float]
    friction: tuple[float, float] = (0.1, 0.1)
    nu: float = 0.3
    stroke: float | None = None
    load_limit: float | None = None
    load_drop: float | None = None
    yield_range: tuple[float, float] | None = None
    max_stress: float | None = None
    strain: Sequence[float] = tuple(np.linspace(0.002, 0.2, 100).round(6).tolist())
    seed: int = 0
    mesh: MeshSettings | None = None
    numerics: Numerics | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Design: name must be a text; got {self.name!r}")
        rig = get_rig(self.rig)
        object.__setattr__(self, "rig", rig)
        object.__setattr__(self, "laws", tuple(self.laws))
        if not self.laws:
            raise ValueError("Design: laws is empty; give at least one LawSpace")
        for space in self.laws:
            if not isinstance(space, LawSpace):
                raise TypeError(f"Design: laws must be LawSpace objects; got {space!r}")
        check_number(self, "nu", low=0, high=0.5, open_high=True)
        check_number(self, "seed", int, low=0)
        object.__setattr__(self, "seed", int(self.seed))
        check_number(self, "stroke", low=0, open_low=True, none=True)
        check_number(self, "load_limit", low=0, open_low=True, none=True)
        check_number(self, "load_drop", low=0, high=1, open_low=True, open_high=True, none=True)
        check_number(self, "max_stress", low=0, open_low=True, none=True)
        for name in ("thickness", "friction", "yield_range"):
            if getattr(self, name) is not None or name != "yield_range":
                object.__setattr__(self, name, _checked_range(f"Design: {name}", getattr(self, name)))
        for thickness in self.thickness:
            rig.check_specimen(thickness, rig.max_stroke if self.stroke is None else self.stroke)
        if not 0 <= self.friction[0] <= self.friction[1] <= 2:
            raise ValueError(f"Design: friction must lie in 0 to 2; got {self.friction}")
        object.__setattr__(self, "strain", _checked_strain("Design: strain", self.strain))
        for name, kind in (("mesh", MeshSettings), ("numerics", Numerics)):
            if not isinstance(getattr(self, name), kind | None):
                raise TypeError(f"Design: {name} must be a {kind.__name__} or None; got {getattr(self, name)!r}")

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Design":
        """The design that plain data describe, such as the content of a JSON file.

        Parameters
        ----------
        record : mapping
            What `describe` returns, or written by hand: the parameters of the class by name, of which those with a
            default may be left out. `rig` is a name or a mapping of the parameters of :class:`Rig`; each of `laws` is
            a mapping of `law` (the name of a class of :mod:`sklearn_spt.mechanics`), `ranges`, `fixed` and `weight`;
            `mesh` and `numerics` are mappings of the parameters of their classes.

        Returns
        -------
        Design

        Raises
        ------
        TypeError, ValueError
            If a field is unknown, missing or not valid; the message names it.

        Examples
        --------
        >>> from sklearn_spt.simulation import Design
        >>> swift = {"law": "Swift", "ranges": {"K": [400, 1200]}, "fixed": {"E": 210e3, "epsilon0": 0.005, "n": 0.2}}
        >>> design = Design.from_dict({"name": "mild", "rig": "EN10371", "thickness": [0.48, 0.52], "laws": [swift]})
        >>> Design.from_dict(design.describe()) == design
        True
        """
        values = _checked_fields(cls, record)
        if isinstance(values["rig"], Mapping):
            values["rig"] = rig_from_dict(values["rig"])
        if isinstance(values["laws"], str | Mapping) or not isinstance(values["laws"], Sequence):
            raise TypeError(f"Design: laws must be a list; got {values['laws']!r}")
        values["laws"] = [_space_from_dict(space) for space in values["laws"]]
        for name, kind in (("mesh", MeshSettings), ("numerics", Numerics)):
            if isinstance(values.get(name), Mapping):
                values[name] = kind(**_checked_fields(kind, values[name]))
        return cls(**values)

    def points(self, n: int, start: int = 0) -> Iterator[DesignPoint]:
        """Points `start` to `n` - 1 of the design.

        Parameters
        ----------
        n : int
            Points of the design, from its first on.
        start : int, default=0
            Index of the first point wanted.

        Yields
        ------
        DesignPoint

        Raises
        ------
        ValueError
            If `n` is not positive, or so few points pass `yield_range` and `max_stress` that there are not `n` of them.
        """
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
            raise ValueError(f"n, the number of points, must be a positive whole number; got {n!r}")
        weights = np.cumsum([space.weight for space in self.laws])
        weights /= weights[-1]
        several = len(self.laws) > 1
        dimensions = several + 2 + max(len(space.ranges) for space in self.laws)
        sobol = qmc.Sobol(dimensions, scramble=True, seed=self.seed)
        index = 0
        for power in range(_FIRST_BLOCK, _MAX_BLOCK):
            # The first two blocks are of equal size, each later one as large as all before it.
            unit = sobol.random_base2(power if power == _FIRST_BLOCK else power - 1)
            for u in unit:
                space = self.laws[int(np.searchsorted(weights, u[-1], side="right"))] if several else self.laws[0]
                law = space.at(u[2 : 2 + len(space.ranges)])
                if not self._accepts(law):
                    continue
                if index >= start:
                    thickness, friction = (
                        low + (high - low) * float(v)
                        for (low, high), v in zip((self.thickness, self.friction), u, strict=False)
                    )
                    yield DesignPoint(index=index, law=law, thickness=thickness, friction=friction)
                index += 1
                if index >= n:
                    return
        raise ValueError(
            f"design {self.name!r}: of the first {2 ** (_MAX_BLOCK - 1)} points only {index} have a yield stress in "
            f"{self.yield_range} and a flow stress of at most {self.max_stress} at plastic strain 1; widen these limits"
        )

    def _accepts(self, law: HardeningLaw) -> bool:
        if self.yield_range is not None and not self.yield_range[0] <= law.yield_stress <= self.yield_range[1]:
            return False
        return self.max_stress is None or bool(law.flow_stress(1.0) <= self.max_stress)

    def describe(self) -> dict[str, Any]:
        """The design as plain data, for manifests and for `from_dict`.

        Returns
        -------
        dict
            Numbers, strings, lists and dicts only.
        """
        record = asdict(self)
        record["laws"] = [
            {"law": s.law.__name__, "ranges": dict(s.ranges), "fixed": dict(s.fixed), "weight": s.weight}
            for s in self.laws
        ]
        return json.loads(json.dumps(record))


def simulate_dataset(
    design: Design,
    out: str | os.PathLike[str],
    n: int,
    *,
    n_jobs: int | None = None,
    solver: str | os.PathLike[str] | None = None,
    timeout: float = 600,
    retry_failed: bool = False,
    progress: bool = True,
) -> int:
    """Simulate the first `n` points of a design, or go on where an earlier call was ended.

    Each result is written to a file of its own as it comes, and appears under its name once it is complete. The call
    can be ended at any time and made again; what is there is not computed again. Runs are spread by joblib, so that
    ``with joblib.parallel_config(backend="dask"):`` around the call computes on a Dask cluster.

    Parameters
    ----------
    design : Design
        What to simulate.
    out : path-like
        Folder of the results; made if it does not exist. It belongs to one design.
    n : int
        Number of points.
    n_jobs : int, default=None
        Number of simulations at a time, as in joblib: None is 1, -1 all cores.
    solver : path-like, default=None
        The program. None: the environment variable `SKLEARN_SPT_CCX`, else "ccx".
    timeout : float, default=600
        Seconds after which one run of the solver is ended.
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
        If CalculiX is not installed.
    ValueError
        If `n` or `timeout` is not positive; if `out` holds the results of another design, solver or version of the
        model, or a `manifest.json` that is damaged or not of this function.

    See Also
    --------
    pack_dataset : Packs the results into one file.
    """
    timeout = as_positive("timeout", timeout)
    points = list(design.points(n))
    folder = _claim(design, out, f"CalculiX {solver_version(find_solver(solver))}")
    done, failed = _state(folder)
    if retry_failed:
        for index in failed:
            if index < n:
                (folder / _RUNS / f"{index:06d}.failed.json").unlink()
        failed = {index for index in failed if index >= n}
    todo = [point for point in points if point.index not in done | failed]
    failures = sum(index < n for index in failed)
    bar = tqdm(
        total=n, initial=n - len(todo), desc=design.name, unit="run", disable=not progress, smoothing=0, mininterval=5
    )
    bar.set_postfix(failed=failures)
    with bar:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        for index, result in parallel(delayed(_run_point)(design, point, solver, timeout) for point in todo):
            if isinstance(result, SPTCurve):
                _write_run(folder, index, result)
            else:
                failures += 1
                with atomic_path(folder / _RUNS / f"{index:06d}.failed.json") as temporary:
                    temporary.write_text(json.dumps({"error": result}), encoding="utf-8")
                bar.set_postfix(failed=failures)
            bar.update()
    return failures


def read_dataset(out: str | os.PathLike[str]) -> dict[int, SPTCurve]:
    """The curves that a folder of results holds so far, by their index in the design.

    Parameters
    ----------
    out : path-like
        The folder that :func:`simulate_dataset` writes to, also while it does.

    Returns
    -------
    dict of int to SPTCurve

    Raises
    ------
    ValueError
        If a file of the folder is damaged; the message names it.
    """
    folder = Path(out)
    done, _ = _state(folder)
    return {index: _read_run(folder / _RUNS / f"{index:06d}.npz") for index in sorted(done)}


def pack_dataset(
    design: Design, out: str | os.PathLike[str], path: str | os.PathLike[str], *, strain: Sequence[float] | None = None
) -> int:
    """Pack the results of :func:`simulate_dataset` into one compressed file.

    Loads are rounded to a hundred-thousandth of the curve's maximum load, which is what two runs of neighbouring
    materials scatter by, displacements to 0.1 µm and stresses to 0.01 MPa.

    Parameters
    ----------
    design : Design
        The design of the results.
    out : path-like
        Their folder.
    path : path-like
        The file, ending in ".npz". It holds, with n curves of all together `rows` points:

        - `offsets` (n + 1,): curve i is rows `offsets[i]` to `offsets[i + 1]` of `displacement` (mm) and `load` (N);
        - `index` (n,): the curve's number in the design; `thickness` (mm), `friction`, `completed` (n,);
        - `law` (n,): number of the law in `law_names`; `parameters` (n, p): the laws' parameters by
          `parameter_names`, NaN where a law has none of the name;
        - `strain` (m,), `stress` (n, m): true stress of the law (MPa) at true total strains;
        - `yield_stress` (n,): initial yield stress, MPa;
        - `attempts`, `wrong_increments`, `cpu_s` (n,), `ended_by` (n,);
        - `failed`: numbers of the points that gave no curve; `manifest`: JSON text.
    strain : sequence of float, default=None
        True total strains at which the laws are tabulated. By default those of the design.

    Returns
    -------
    int
        Number of curves.

    Raises
    ------
    ValueError
        If the folder holds no results, or those of another design, or its manifest is missing or damaged.
    """
    curves = read_dataset(out)
    _, failed = _state(Path(out))
    if not curves:
        raise ValueError(f"{os.fspath(out)} holds no results yet")
    manifest = Path(out) / _MANIFEST
    _check_design(design, _read_manifest(manifest), os.fspath(out))
    points = {point.index: point for point in design.points(max(curves) + 1)}
    grid = np.array(design.strain if strain is None else _checked_strain("strain", strain))
    laws = sorted({type(points[index].law).__name__ for index in curves})
    names = sorted({name for curve in curves.values() for name in curve.metadata["law_parameters"]})
    records = [curve.metadata for curve in curves.values()]
    loads = []
    for curve in curves.values():
        digits = int(np.ceil(5 - np.log10(curve.load.max())))
        loads.append(np.round(curve.load, digits))
    arrays: dict[str, Any] = {
        "offsets": np.concatenate([[0], np.cumsum([len(curve.load) for curve in curves.values()])]).astype(np.int32),
        "displacement": np.concatenate([curve.displacement for curve in curves.values()]).round(4).astype(np.float32),
        "load": np.concatenate(loads).astype(np.float32),
        "index": np.array(list(curves), dtype=np.int32),
        "thickness": np.array([curve.thickness for curve in curves.values()], dtype=np.float64),
        "friction": np.array([record["friction"] for record in records]),
        "completed": np.array([record["completed"] for record in records]),
        "law": np.array([laws.index(record["law"]) for record in records], dtype=np.int8),
        "law_names": np.array(laws),
        "parameters": np.array([[record["law_parameters"].get(name, np.nan) for name in names] for record in records]),
        "parameter_names": np.array(names),
        "strain": grid,
        "stress": np.array([points[index].law.true_stress(grid) for index in curves]).round(2).astype("f4"),
        "yield_stress": np.array([float(points[index].law.yield_stress) for index in curves]),
        "attempts": np.array([record["attempts"] for record in records], dtype=np.int8),
        "wrong_increments": np.array([record["wrong_increments"] for record in records], dtype=np.int16),
        "cpu_s": np.array([record["cpu_s"] for record in records], dtype=np.float32),
        "ended_by": np.array([record["ended_by"] for record in records]),
        "failed": np.array(sorted(failed), dtype=np.int32),
        "manifest": np.array(manifest.read_text(encoding="utf-8")),
    }
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return len(curves)


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
    try:
        with Path(path).open("rb") as raw, np.load(raw) as file:
            arrays = dict(file)
        text = str(arrays["manifest"])
    except (ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile):
        raise ValueError(f"{os.fspath(path)} is no file of pack_dataset, or a damaged one") from None
    manifest = _parse_manifest(text, os.fspath(path))
    _check_design(design, manifest, os.fspath(path))
    _check_made_with(_manifest(design, manifest["solver"]), manifest, os.fspath(path))
    folder = _claim(design, out, manifest["solver"])
    done, failed = _state(folder)
    points = {point.index: point for point in design.points(int(arrays["index"].max()) + 1)}
    added = 0
    for i, index in enumerate(arrays["index"].tolist()):
        if index in done:
            continue
        rows = slice(arrays["offsets"][i], arrays["offsets"][i + 1])
        names = arrays["parameter_names"].tolist()
        parameters = dict(zip(names, arrays["parameters"][i].tolist(), strict=True))
        point = points[index]
        record = {
            "law": str(arrays["law_names"][arrays["law"][i]]),
            "law_parameters": {name: value for name, value in parameters.items() if np.isfinite(value)},
            "E": float(np.asarray(point.law.E)),
            "nu": design.nu,
            "friction": float(arrays["friction"][i]),
            "completed": bool(arrays["completed"][i]),
            "ended_by": str(arrays["ended_by"][i]),
            "attempts": int(arrays["attempts"][i]),
            "wrong_increments": int(arrays["wrong_increments"][i]),
            "load_jump": has_load_jump(arrays["displacement"][rows], arrays["load"][rows], arrays["thickness"][i]),
            "cpu_s": float(arrays["cpu_s"][i]),
            "solver": manifest["solver"],
        }
        curve = SPTCurve(
            arrays["displacement"][rows],
            arrays["load"][rows],
            thickness=float(arrays["thickness"][i]),
            rig=design.rig.name,  # type: ignore[union-attr]
            name=_curve_name(design, index),
            metadata=record,
        )
        _write_run(folder, index, curve)
        added += 1
    for index in set(arrays["failed"].tolist()) - failed:
        with atomic_path(folder / _RUNS / f"{index:06d}.failed.json") as temporary:
            temporary.write_text(json.dumps({"error": "failed before packing"}), encoding="utf-8")
    return added


def _curve_name(design: Design, index: int) -> str:
    return f"{design.name}-{index:04d}"


def _run_point(
    design: Design, point: DesignPoint, solver: str | os.PathLike[str] | None, timeout: float
) -> tuple[int, SPTCurve | str]:
    try:
        curve = simulate_spt(
            point.law,
            design.rig,
            thickness=point.thickness,
            nu=design.nu,
            friction=point.friction,
            stroke=design.stroke,
            load_limit=design.load_limit,
            load_drop=design.load_drop,
            mesh=design.mesh,
            numerics=design.numerics,
            solver=solver,
            timeout=timeout,
            name=_curve_name(design, point.index),
        )
    except SimulationError as error:
        return point.index, str(error)
    return point.index, curve


def _claim(design: Design, out: str | os.PathLike[str], solver: str) -> Path:
    """Make the folder, or check that it belongs to the design; write the manifest."""
    folder = Path(out)
    path = folder / _MANIFEST
    manifest = _manifest(design, solver)
    if path.exists():
        known = _read_manifest(path)
        _check_design(design, known, os.fspath(folder))
        _check_made_with(manifest, known, os.fspath(folder))
    elif any(_state(folder)):
        raise _no_manifest(path)
    (folder / _RUNS).mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return folder


def _manifest(design: Design, solver: str) -> dict[str, Any]:
    return {"design": design.describe(), "first_deck_sha256": _first_deck(design), "solver": solver}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _no_manifest(path) from None
    except UnicodeDecodeError:
        text = ""
    return _parse_manifest(text, os.fspath(path))


def _parse_manifest(text: str, where: str) -> dict[str, Any]:
    try:
        known = json.loads(text)
    except ValueError:
        raise ValueError(f"{where} is damaged: it is no JSON; restore it, or give another folder") from None
    kinds = {"design": dict, "first_deck_sha256": str, "solver": str}
    wrong = [key for key, kind in kinds.items() if not (isinstance(known, dict) and isinstance(known.get(key), kind))]
    if wrong:
        raise ValueError(
            f"{where} is no manifest of simulate_dataset, or a damaged one (no {', '.join(wrong)}); give another "
            "folder, or restore it"
        )
    return known


def _no_manifest(path: Path) -> ValueError:
    return ValueError(
        f"there is no {path}, which says what design the results beside it are of; restore it, or give another folder"
    )


def _check_design(design: Design, known: Mapping[str, Any], where: str) -> None:
    described = design.describe()
    if known["design"] != described:
        differing = [key for key, value in described.items() if known["design"].get(key) != value]
        raise ValueError(
            f"{where} holds the results of another design (it differs in {', '.join(differing)}); give another one, "
            "or the design in its manifest (Design.from_dict)"
        )


def _check_made_with(manifest: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    for key, what in (("solver", "another solver"), ("first_deck_sha256", "another version of the model")):
        if known[key] != manifest[key]:
            raise ValueError(
                f"the results in {where} were made with {what} ({known[key]}, not {manifest[key]}); go on with that "
                "one, or give another folder"
            )


def _first_deck(design: Design) -> str:
    """Hash of the input deck of the design's first point: it changes when mesh, tools or numerics do."""
    point = next(design.points(1))
    deck = calculix_deck(
        point.law,
        design.rig,
        thickness=point.thickness,
        nu=design.nu,
        friction=point.friction,
        stroke=design.stroke,
        mesh=design.mesh,
        numerics=design.numerics,
    )
    return hashlib.sha256(deck.encode()).hexdigest()


def _state(folder: Path) -> tuple[set[int], set[int]]:
    """Indices of the points that are done and of those that failed.

    Only complete files count: a call that was killed may leave temporary ones, which have other names.
    """
    names = [entry.name for entry in os.scandir(folder / _RUNS)] if (folder / _RUNS).is_dir() else []
    found = [match.groups() for match in map(_RESULT.fullmatch, names) if match]
    done = {int(index) for index, kind in found if kind == "npz"}
    return done, {int(index) for index, kind in found if kind != "npz"} - done


def _write_run(folder: Path, index: int, curve: SPTCurve) -> None:
    record = {"thickness": curve.thickness, "rig": curve.rig, "name": curve.name, "metadata": dict(curve.metadata)}
    with atomic_path(folder / _RUNS / f"{index:06d}.npz") as temporary, temporary.open("wb") as file:
        np.savez(file, displacement=curve.displacement, load=curve.load, record=np.array(json.dumps(record)))


def _read_run(path: Path) -> SPTCurve:
    try:
        # Opened here, because numpy leaves a file that it cannot read open.
        with path.open("rb") as raw, np.load(raw) as file:
            record = json.loads(str(file["record"]))
            return SPTCurve(file["displacement"], file["load"], displacement_kind="punch", **record)
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it, and simulate_dataset computes it again") from None


def law_named(name: Any) -> type[HardeningLaw]:
    """The law of :mod:`sklearn_spt.mechanics` of that name, in upper or lower case."""
    things = [getattr(mechanics, thing) for thing in mechanics.__all__]
    laws = {
        thing.__name__: thing
        for thing in things
        if isinstance(thing, type) and issubclass(thing, HardeningLaw) and thing is not HardeningLaw
    }
    found = [law for known, law in laws.items() if isinstance(name, str) and known.lower() == name.lower()]
    if not found:
        raise ValueError(f"there is no hardening law {name!r}; choose one of {', '.join(laws)}")
    return found[0]


def check_parameters(law: type[HardeningLaw], names: Sequence[str]) -> None:
    """Refuse names that are not those of the law's parameters, and miss none of those."""
    parameters = fields(law)
    known = [parameter.name for parameter in parameters]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{law.__name__} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")
    missing = [p.name for p in parameters if p.default is MISSING and p.name not in names]
    if missing:
        raise ValueError(f"{law.__name__} also needs {', '.join(missing)}")


def rig_from_dict(record: Mapping[str, Any]) -> Rig:
    """The rig that plain data describe."""
    values = _checked_fields(Rig, record)
    values["thickness_range"] = _checked_range("Rig: thickness_range", values["thickness_range"])
    return Rig(**values)


def _space_from_dict(record: Any) -> LawSpace:
    values = _checked_fields(LawSpace, record)
    values["law"] = law_named(values["law"])
    return LawSpace(**values)


def _checked_fields(kind: Any, record: Any) -> dict[str, Any]:
    """The record as keywords of the class; refuses unknown and missing ones."""
    owner = kind.__name__
    if not isinstance(record, Mapping):
        raise TypeError(f"{owner}: plain data must be a mapping of its parameters; got {record!r}")
    known = {parameter.name: parameter for parameter in fields(kind)}
    unknown = [name for name in record if name not in known]
    if unknown:
        raise ValueError(f"{owner} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")
    missing = [
        name
        for name, parameter in known.items()
        if parameter.default is MISSING and parameter.default_factory is MISSING and name not in record
    ]
    if missing:
        raise ValueError(f"{owner} also needs {', '.join(missing)}")
    return dict(record)


def _checked_range(owner: str, limits: Any) -> tuple[float, float]:
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        raise TypeError(f"{owner} must be two numbers, the lower first; got {limits!r}") from None
    if not -np.inf < low <= high < np.inf:
        raise ValueError(f"{owner} must be two finite numbers, the lower first; got {limits!r}")
    return low, high


def _checked_strain(owner: str, strain: Any) -> tuple[float, ...]:
    try:
        grid = np.asarray(strain, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{owner} must be numbers; got {strain!r}") from None
    if grid.ndim != 1 or not grid.size or not np.all(np.isfinite(grid)) or grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ValueError(f"{owner} must be true strains, 0 or more, that increase")
    return tuple(grid.tolist())
