"""The directive ``results``: a table from benchmarks/results, and how it was made.

``.. results:: import_time`` reads benchmarks/results/import_time.json, so that no measured number is typed into a page.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive

FOLDER = Path(__file__).parents[2] / "benchmarks" / "results"


def cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def row(values: Any) -> nodes.row:
    line = nodes.row()
    for value in values:
        line += nodes.entry("", nodes.paragraph(text=value))
    return line


class Results(Directive):
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        path = FOLDER / f"{self.arguments[0]}.json"
        self.state.document.settings.record_dependencies.add(str(path))
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise self.error(f"there is no {path}: run python -m benchmarks.{self.arguments[0]}") from None
        columns = list(result["rows"][0])
        group = nodes.tgroup(cols=len(columns))
        group += [nodes.colspec(colwidth=1) for _ in columns]
        group += nodes.thead("", row(columns))
        group += nodes.tbody("", *(row([cell(line[column]) for column in columns]) for line in result["rows"]))
        table = nodes.table("", nodes.title(text=result["title"]), group)
        versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
        how = nodes.paragraph()
        how += nodes.Text(f"{result['note']} Made with ".lstrip())
        how += nodes.literal(text=result["command"])
        how += nodes.Text(f" on {result['date']}: {result['machine']}; {versions}.")
        return [table, how]


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("results", Results)
    return {"parallel_read_safe": True}
