"""What pages take from benchmarks: tables, numbers for the text, and figures that may not be there yet.

``.. results:: import_time`` reads benchmarks/results/import_time.json, so that no measured number is typed into a page.
``:value:`verification_numbers hertz``` is the value of the row "hertz" of benchmarks/results/verification_numbers.json.
``.. result-figure:: experiment/x`` shows docs/_static/experiment/x.png, or says that it was not run.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

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
            raise self.error(f"there is no {path}: run the benchmark that writes it") from None
        if not result["rows"]:
            return [nodes.paragraph("", "", nodes.emphasis(text=f"{result['title']}: not measured yet."))]
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


class ResultFigure(Directive):
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = f"_static/{self.arguments[0]}.png"
        if not (Path(__file__).parents[1] / name).exists():
            return [nodes.paragraph("", "", nodes.emphasis(text=f"Figure {self.arguments[0]}: not run."))]
        return [nodes.image(uri=name, alt=self.options["alt"])]


def value(text: str) -> str:
    """The value that a table of names and values has for a name; KeyError if it has none."""
    table, name = text.split(maxsplit=1)
    rows = json.loads((FOLDER / f"{table}.json").read_text(encoding="utf-8"))["rows"]
    return {row["name"]: row["value"] for row in rows}[name]


def value_role(name: Any, rawtext: str, text: str, line: int, inliner: Any, **_: Any) -> tuple[list, list]:
    inliner.document.settings.record_dependencies.add(str(FOLDER / f"{text.split()[0]}.json"))
    try:
        return [nodes.Text(value(text))], []
    except (FileNotFoundError, KeyError, ValueError):
        problem = inliner.reporter.error(f"{FOLDER} has no value {text!r}", line=line)
        return [inliner.problematic(rawtext, rawtext, problem)], [problem]


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("results", Results)
    app.add_directive("result-figure", ResultFigure)
    app.add_role("value", value_role)
    return {"parallel_read_safe": True}
