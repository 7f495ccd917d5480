"""Keep what a benchmark measured, with the command, the machine and the versions that it was measured with."""

import importlib.metadata
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sklearn_spt.utils.files import atomic_path

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scikit-learn", "scipy", "sklearn-spt", "skorch", "torch")


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def installed(packages: tuple[str, ...] = ()) -> dict[str, str]:
    """Versions of what results depend on."""
    return {package: importlib.metadata.version(package) for package in (*PACKAGES, *packages)}


def record(
    name: str,
    *,
    title: str,
    rows: list[dict[str, Any]],
    note: str = "",
    command: str | None = None,
    packages: tuple[str, ...] = (),
) -> Path:
    """Write results/<name>.json: a table (`rows`, one mapping of column name to value per row) and how it was made.

    `packages` are those whose versions count besides the package's own dependencies.
    """
    result = {
        "title": title,
        "command": command or f"python -m benchmarks.{name}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "versions": installed(packages),
        "note": note,
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
