"""The folder of a data set's results: what it belongs to, and one file a point, complete or not there."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..utils.files import atomic_path
from ..utils.json_files import parse_json, read_json
from . import calculix
from ._design import Design, DesignPoint
from ._flow import law_material, law_record
from ._spt import check_kind, solver_name
from .rigs import Rig

__all__ = ["PointResult", "Runs", "made_with", "point_record"]

_MANIFEST = "manifest.json"
_RUNS = "runs"
_RESULT = re.compile(r"(\d{6,})\.(npz|failed\.json)", re.ASCII)
_ARRAYS = ("displacement", "load", "deflection")
# What a record holds beside what is compared with its point.
_RECORDED = ("E", "completed", "ended_by", "cpu_s", "solver")


@dataclass(frozen=True, kw_only=True)
class PointResult:
    """The simulated test of a design's point.

    Parameters
    ----------
    displacement, load, deflection : ndarray of shape (n_points,)
        Displacement of the punch (mm), load (N), and deflection of the middle of the lower face (mm), NaN where the
        solver does not record it.
    record : dict
        Plain data: what `point_record` gives, and how the run ended.
    """

    displacement: np.ndarray
    load: np.ndarray
    deflection: np.ndarray
    record: dict[str, Any]

    def curve(self, displacement_kind: str = "punch") -> SPTCurve:
        """The load over the displacement of the punch, or over the deflection of the disc."""
        check_kind(displacement_kind)
        if displacement_kind == "deflection" and not np.all(np.isfinite(self.deflection)):
            raise ValueError(
                f"{self.record['name']} has no deflection; CalculiX gives the displacement of the punch only"
            )
        record = dict(self.record)
        rig = record.pop("rig")
        return SPTCurve(
            self.displacement if displacement_kind == "punch" else self.deflection,
            self.load,
            thickness=record.pop("thickness"),
            name=record.pop("name"),
            rig=rig["name"],
            displacement_kind=displacement_kind,
            metadata={**record, "rig": rig},
        )


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
        "rig": rig_record(point.rig),
    }


def rig_record(rig: Rig) -> dict[str, Any]:
    """A rig as JSON holds it."""
    listed = {key: list(limits) for key, limits in rig.tolerances.items()}
    return {**vars(rig), "thickness_range": list(rig.thickness_range), "tolerances": listed}


def made_with(design: Design, solver: str | os.PathLike[str]) -> str:
    """Solver and version of the model, as a manifest names them."""
    name = solver_name(solver)
    if solver == "embedded":
        return name
    point = next(design.points(1))
    deck = calculix.first_deck(
        law_material(point.law, point.nu),
        point.rig,
        thickness=point.thickness,
        friction=point.friction,
        stroke=design.stroke,
        mesh=design.mesh,
        numerics=design.numerics,  # type: ignore[arg-type]
    )
    return f"{name}, first deck {hashlib.sha256(deck.encode()).hexdigest()[:16]}"


class Runs:
    """The folder of the results of one design, made with one solver.

    Parameters
    ----------
    folder : path-like
        The folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    @property
    def manifest_path(self) -> Path:
        """The file that says what the results are of."""
        return self.folder / _MANIFEST

    def claim(self, design: Design, solver: str) -> None:
        """Make the folder, or check that it belongs to the design and the solver; write the manifest."""
        if self.manifest_path.exists():
            check_manifest(design, solver, self.manifest(), os.fspath(self.folder))
        elif any(self.state()):
            raise self._no_manifest()
        (self.folder / _RUNS).mkdir(parents=True, exist_ok=True)
        if not self.manifest_path.exists():
            manifest = {"design": design.describe(), "solver": solver}
            with atomic_path(self.manifest_path) as temporary:
                temporary.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")

    def manifest(self) -> dict[str, Any]:
        """The manifest; raises ValueError where there is none, or a damaged one."""
        where = os.fspath(self.manifest_path)
        try:
            known = read_json(self.manifest_path)
        except FileNotFoundError:
            raise self._no_manifest() from None
        except ValueError as error:
            raise damaged_manifest(where, error) from None
        return checked_manifest(known, where)

    def _no_manifest(self) -> ValueError:
        return ValueError(
            f"there is no {self.manifest_path}, which says what design the results beside it are of; restore it, or "
            "give another folder"
        )

    def path(self, index: int) -> Path:
        """File of a point's result."""
        return self.folder / _RUNS / f"{index:06d}.npz"

    def failure_path(self, index: int) -> Path:
        """File that says why a point has no result."""
        return self.folder / _RUNS / f"{index:06d}.failed.json"

    def state(self) -> tuple[set[int], set[int]]:
        """Indices of the points that have a result and of those that failed, by the names of the files.

        Only complete files count: a call that was killed may leave temporary ones, which have other names.
        """
        runs = self.folder / _RUNS
        entries = list(os.scandir(runs)) if runs.is_dir() else []
        found = [match for entry in entries if entry.is_file() and (match := _RESULT.fullmatch(entry.name))]
        # A number has one way to be written; others are somebody else's.
        numbered = [(int(match[1]), match[2]) for match in found if match[1] == f"{int(match[1]):06d}"]
        done = {index for index, kind in numbered if kind == "npz"}
        return done, {index for index, kind in numbered if kind != "npz"} - done

    def checked_state(self, design: Design, points: Mapping[int, DesignPoint]) -> tuple[set[int], set[int]]:
        """As `state`, without the results of these points that are damaged or not theirs."""
        done, failed = self.state()
        for index in done & points.keys():
            try:
                self.read(index, design, points[index])
            except ValueError:
                done.discard(index)
        for index in failed & points.keys():
            try:
                known = read_json(self.failure_path(index))
            except ValueError:
                known = None
            if not (isinstance(known, dict) and isinstance(known.get("error"), str)):
                failed.discard(index)
        return done, failed

    def write(self, index: int, result: PointResult | str) -> None:
        """Write a result, or the reason why there is none; the file appears under its name once it is complete."""
        if isinstance(result, str):
            with atomic_path(self.failure_path(index)) as temporary:
                temporary.write_text(json.dumps({"error": result}), encoding="utf-8")
            # What was there was damaged, or not this point's.
            self.path(index).unlink(missing_ok=True)
            return
        arrays = {name: getattr(result, name) for name in _ARRAYS}
        with atomic_path(self.path(index)) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays, record=np.array(json.dumps(result.record)))
        self.failure_path(index).unlink(missing_ok=True)

    def read(self, index: int, design: Design | None = None, point: DesignPoint | None = None) -> PointResult:
        """The result of a point; raises ValueError if the file is damaged, or of another point."""
        path = self.path(index)
        content = BytesIO(path.read_bytes())
        remedy = "delete it, and simulate_dataset computes it again"
        try:
            with np.load(content) as file:
                arrays = {name: np.asarray(file[name], dtype=np.float64) for name in _ARRAYS}
                result = PointResult(**arrays, record=parse_json(str(file["record"])))
            # A curve checks its own numbers; of the deflections NaN are allowed.
            curve = result.curve()
            if result.deflection.shape != curve.load.shape:
                raise ValueError("the deflection has another number of points")
        # The file has been read: whatever is wrong now is its content, and libraries have many words for that.
        except Exception as error:
            raise ValueError(f"{path} is damaged ({error}); {remedy}") from None
        record = result.record
        expected = {"index": index} if design is None or point is None else point_record(design, point)
        wrong = [name for name, value in expected.items() if record.get(name) != value]
        wrong += [name for name in _RECORDED if name not in record]
        if wrong:
            raise ValueError(f"{path} is not the result of point {index} (it differs in {', '.join(wrong)}); {remedy}")
        return result


def damaged_manifest(where: str, error: ValueError) -> ValueError:
    """What to raise where a manifest cannot be read."""
    return ValueError(f"{where} is damaged: it is no JSON of a manifest ({error}); restore it, or give another folder")


def checked_manifest(known: Any, where: str) -> dict[str, Any]:
    """The manifest; raises ValueError where it is none."""
    kinds = {"design": dict, "solver": str}
    wrong = [key for key, kind in kinds.items() if not (isinstance(known, dict) and isinstance(known.get(key), kind))]
    if wrong:
        raise ValueError(
            f"{where} is no manifest of simulate_dataset, or a damaged one (no {', '.join(wrong)}); give another "
            "folder, or restore it"
        )
    return known


def check_manifest(design: Design, solver: str | None, known: Mapping[str, Any], where: str) -> None:
    """Raise ValueError if results with this manifest are of another design, or made with another solver."""
    described = design.describe()
    if known["design"] != described:
        differing = sorted(
            key for key in described.keys() | known["design"].keys() if known["design"].get(key) != described.get(key)
        )
        raise ValueError(
            f"{where} holds the results of another design (it differs in {', '.join(differing)}); give another one, "
            "or the design in its manifest (Design.from_dict)"
        )
    if solver is not None and known["solver"] != solver:
        raise ValueError(
            f"the results in {where} were made with another solver or version ({known['solver'][:80]}, not {solver}); "
            "go on with that one, or give another folder"
        )
