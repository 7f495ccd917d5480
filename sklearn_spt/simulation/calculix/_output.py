"""Reading what CalculiX writes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Name of the job: the files of a run begin with it.
JOB = "job"
_SAME_TIME = 1e-6
_NUMBER = r"[-+]?\d*\.?\d+(?:[EeDd][-+]?\d+)?"
_TOTAL_FORCE = re.compile(
    rf"total force \(fx,fy,fz\) for set (\S+) and time\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})"
)
_DISPLACEMENTS = re.compile(rf"displacements \(vx,vy,vz\) for set (\S+) and time\s+({_NUMBER})\s*\n((?:\s+\d.*\n)+)")


@dataclass(frozen=True)
class NodalFields:
    """Results at all nodes at one time of the recorded step."""

    time: float
    values: dict[str, np.ndarray]  # name in the file -> (n_nodes, n_components)


def _read_prints(folder: Path) -> str:
    path = folder / f"{JOB}.dat"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    # The last line may be half written while the solver runs.
    return text[: text.rfind("\n") + 1]


def read_forces(folder: Path, node_set: str, start: float) -> tuple[np.ndarray, np.ndarray]:
    """Times of the recorded step (n,) and total forces on a set (n, 3)."""
    text = _read_prints(folder)
    rows = [match.groups()[1:] for match in _TOTAL_FORCE.finditer(text) if match.group(1) == node_set]
    values = np.array([[float(cell.replace("D", "E")) for cell in row] for row in rows]).reshape(-1, 4)
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{folder / JOB}.dat has a time or a force that is not finite")
    # What is printed is the total time.
    return values[:, 0] - start, values[:, 1:]


def read_displacements(folder: Path, node_set: str) -> np.ndarray:
    """Displacements of a set's nodes, increasing in number, at all times: (n_times, n_nodes, 3)."""
    blocks = [match[3] for match in _DISPLACEMENTS.finditer(_read_prints(folder)) if match[1] == node_set]
    tables = [np.array([line.split() for line in block.split("\n") if line.strip()], dtype=float) for block in blocks]
    if tables and len(tables[-1]) < len(tables[0]):
        del tables[-1]
    return np.array([table[np.argsort(table[:, 0]), 1:] for table in tables])


def read_fields(path: Path, times: Sequence[float], start: float) -> tuple[NodalFields, ...]:
    """The complete blocks of nodal results at some times in an ASCII file of results (CalculiX's .frd)."""
    # A solver that gives up at once has not opened its file of results.
    if not path.exists():
        return ()
    found: dict[float, dict[str, np.ndarray]] = {}
    time, name = 0.0, ""
    rows: list[list[float]] | None = None
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            key = line[:5].strip()
            if rows is not None and key == "-1":
                # Columns of fixed width: neighbouring numbers may have no space between them.
                body = line.rstrip("\n")
                rows.append([float(body[i : i + 12]) for i in range(13, len(body), 12)])
            elif rows is not None and key == "-3":
                found.setdefault(time, {})[name] = np.array(rows)
                rows = None
            elif line.startswith("  100C"):
                time = float(line[12:24]) - start
            elif key == "-4" and any(abs(time - wanted) < _SAME_TIME for wanted in times):
                name, rows = line[5:13].strip(), []
    complete = (NodalFields(at, values) for at, values in sorted(found.items()))
    return tuple(block for block in complete if block.values.keys() >= {"DISP", "STRESS", "PE"})


def last_words(log: str) -> str:
    """The solver's error lines, else the end of what it wrote."""
    lines = [" ".join(line.split()) for line in log.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.startswith(("*ERROR", "best solution"))]
    if errors:
        return " ".join(lines[errors[-1] : errors[-1] + 4])
    return " ".join(line for line in lines[-6:] if not line.startswith("__"))
