"""The page of a report. All of its numbers come from the document that is also the JSON file."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..curves import CurveCorrection
from ..evaluation._result import differ
from ..mechanics.correlations import EVIDENCE
from ..mechanics.quantities import CHARACTERISTIC, QUANTITIES, TENSILE, Quantity
from ._document import ALL, SUMMARY, SpecimenReport, doubted, values_of
from ._figures import check_matplotlib, curve_alone, load_displacement, stress_strain
from ._style import STYLE

DASH = "–"
MARK = "†"
_TAGS = {"source": "source", "memory": '<span class="memory">not checked</span>', "own": "own"}
_H0 = "h<sub>0</sub>"
_PREDICTORS = {
    "Fe/h0^2": f"F<sub>e</sub>/{_H0}²",
    "Fe_astm/h0^2": f"F<sub>e, ASTM</sub>/{_H0}²",
    "F_offset/h0^2": f"F<sub>offset</sub>/{_H0}²",
    "Fi/h0^2": f"F<sub>i</sub>/{_H0}²",
    "Fm/h0^2": f"F<sub>m</sub>/{_H0}²",
    "Fm/(h0*um)": f"F<sub>m</sub>/({_H0} u<sub>m</sub>)",
    "um/h0": f"u<sub>m</sub>/{_H0}",
    "ESP/h0^3": f"E<sub>SP</sub>/{_H0}³",
}
_KINDS = {
    "crosshead": "of the crosshead",
    "punch": "of the punch",
    "deflection": "deflection of the specimen, on its other side",
    None: "not stated whether of the punch, of the crosshead or of the specimen",
}


def render(document: Mapping[str, Any], specimens: Sequence[SpecimenReport]) -> str:
    """The whole page: the document, and the specimens for their pictures."""
    check_matplotlib()
    title = f"Small punch test report{' ' + document['job'] if document['job'] else ''}"
    parts = [
        _head(document),
        _problems(document),
        _summary(document) if len(specimens) > 1 else "",
        *(
            _specimen(specimen, content, f"s{number}", document)
            for number, (specimen, content) in enumerate(zip(specimens, document["specimens"], strict=True), start=1)
        ),
        _model(document),
        _sources(document),
        _end(document),
    ]
    # The policy keeps out what this page never has: scripts, and anything from outside.
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="sklearn_spt {text(document["software"].get("sklearn_spt", ""))}">
<title>{text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{chr(10).join(part for part in parts if part)}
</main>
</body>
</html>
"""


def text(value: Any) -> str:
    """A text from a file or an option, harmless in a page and in its attributes; without control characters."""
    shown = (
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c
        for c in str(value)
    )
    return escape("".join(shown), quote=True)


def _said(message: str) -> str:
    """A message, in which no line ends within an option of the command line."""
    return re.sub(r"--[a-z][a-z-]*", r'<span class="nowrap">\g<0></span>', text(message))


def number(value: float | None, decimals: int, factor: float = 1, *, sign: bool = False) -> str:
    """A number as the page shows it."""
    if value is None:
        return DASH
    shown = format(factor * value, f"{'+' if sign else ''}z.{decimals}f")
    return shown.replace("-", "\N{MINUS SIGN}")


# Building blocks


def _facts(rows: Iterable[tuple[str, str | None]]) -> str:
    """A list of names and values; the values are HTML, and those that are None are left out."""
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows if value is not None)
    return f'<dl class="facts">{cells}</dl>'


def _table(
    caption: str, header: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], *, note: str = "", kind: str = ""
) -> str:
    """A table whose cells are HTML; `header` holds the title and the class of each column."""
    head = "".join(f'<th scope="col"{_class(css)}>{title}</th>' for title, css in header)
    body = "".join(f"<tr>{_cells(row, header)}</tr>" for row in rows)
    return (
        f'<div class="block"><div class="scroll"><table{_class(kind)}><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}</div>"
    )


def _cells(row: Sequence[str], header: Sequence[tuple[str, str]]) -> str:
    first, *others = row
    cells = [f'<th scope="row"{_class(header[0][1])}>{first}</th>']
    cells += [f"<td{_class(css)}>{cell}</td>" for cell, (_, css) in zip(others, header[1:], strict=True)]
    return "".join(cells)


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _missing(missing: Mapping[str, str], quantities: Mapping[str, Quantity]) -> str:
    """Why what the table leaves open could not be determined."""
    reasons: dict[str, list[str]] = {}
    for name, reason in missing.items():
        if name in quantities:
            reasons.setdefault(reason, []).append(_symbol(quantities[name]))
    return "".join(
        f'<p class="note">Not determined: {", ".join(names)}: {text(reason)}.</p>' for reason, names in reasons.items()
    )


# Parts of the page


def _head(document: Mapping[str, Any]) -> str:
    model = document["model"]
    specimens, unread = document["specimens"], document["unread"]
    n = f"{len(specimens)} specimen{'s' if len(specimens) != 1 else ''}"
    failed = sum(specimen["error"] is not None for specimen in specimens)
    for count, what in ((failed, "not evaluated"), (len(_doubtful(specimens)), "not to be trusted")):
        n += f", {f'{count} of them ' if len(specimens) > 1 else ''}{what}" if count else ""
    n += f"; {len(unread)} file{'s' if len(unread) != 1 else ''} not read" if unread else ""
    rows = [(label, _given(document[key])) for key, label in (("laboratory", "Laboratory"), ("job", "Job"))]
    rows += [("Operator", _given(document["operator"])), ("Date", text(document["created"][:16].replace("T", " ")))]
    # The version of a model is often that of the package, and says so itself.
    version = text(model["version"] if " " in model["version"] else f"version {model['version']}")
    rows += [("Model", f"{text(model['name'])}, {version}, <code>{text(model['sha256'][:12])}</code>")]
    rows += [("Made with", f"sklearn_spt {text(document['software'].get('sklearn_spt', DASH))}"), ("Content", n)]
    remarks = f"<p>{text(document['remarks'])}</p>" if document["remarks"] else ""
    return f"<header><h1>Small punch test report</h1>{_facts(rows)}{remarks}</header>"


def _doubtful(specimens: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those with values that are not to be used."""
    return [s for s in specimens if any(v is not None and doubted(s, name) for name, v in values_of(s).items())]


def _given(value: str | None) -> str | None:
    return None if value is None else text(value)


def _problems(document: Mapping[str, Any]) -> str:
    boxes = ""
    if document["unread"]:
        files = (f"<b>{text(file['path'])}</b>: {_said(file['error'])}" for file in document["unread"])
        boxes += f'<div class="box error"><h3>Files that could not be read</h3>{_list(files)}</div>'
    if document["warnings"]:
        boxes += f'<div class="box"><h3>Warnings</h3>{_list(map(_said, document["warnings"]))}</div>'
    return boxes and f"<section>{boxes}</section>"


def _summary(document: Mapping[str, Any]) -> str:
    grouped = document["group_by"] is not None
    found = [values_of(specimen) for specimen in document["specimens"]]
    # No column for what no curve has, such as ReL where no steel has a plateau.
    names = [name for name in SUMMARY if any(values[name] is not None for values in found)]
    header = [("Specimen", "")] + [(text(document["group_by"]).capitalize(), "")] * grouped
    header += [(_title(name), "number") for name in names] + [("Warnings", "number")]
    body = ""
    for index, (specimen, values) in enumerate(zip(document["specimens"], found, strict=True), start=1):
        link = f'<a href="#s{index}">{text(specimen["name"])}</a>'
        remark = "not evaluated" if specimen["error"] is not None else str(len(specimen["warnings"]) or DASH)
        cells = (
            f'<span class="doubtful">{_shown(values[n], n)} {MARK}</span>'
            if doubted(specimen, n) and values[n] is not None
            else _shown(values[n], n)
            for n in names
        )
        row = [link, *([text(specimen["group"] or DASH)] * grouped), *cells, remark]
        body += f"<tr>{_cells(row, header)}</tr>"
    head = "".join(f'<th scope="col"{_class(css)}>{title}</th>' for title, css in header)
    table = (
        '<div class="block"><div class="scroll"><table class="wide"><caption>Specimens</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{_left_out(document)}</div>"
    )
    return f"<section><h2>Summary</h2>{table}{_groups(document, names)}</section>"


def _left_out(document: Mapping[str, Any]) -> str:
    """Which values are not to be trusted, and why."""
    names: dict[str, list[str]] = {}
    for specimen in _doubtful(document["specimens"]):
        for reason in specimen["untrusted"]:
            names.setdefault(reason, []).append(text(specimen["name"]))
    if not names:
        return ""
    reasons = [f"<b>{', '.join(of)}</b>: {_said(reason)}." for reason, of in names.items()]
    said = f"{MARK} Not to be trusted, and left out of mean and scatter below:"
    return f'<div class="note reasons">{said}{_list(reasons)}</div>'


def _title(name: str) -> str:
    quantity = SUMMARY[name][0]
    unit = f', <span class="unit">{quantity.shown_unit}</span>' if quantity.shown_unit else ""
    return _symbol(quantity) + unit


def _shown(value: float | None, name: str) -> str:
    return _number_of(SUMMARY[name][0], value)


def _number_of(quantity: Quantity, value: float | None, *, sign: bool = False) -> str:
    return number(value, quantity.decimals, quantity.factor, sign=sign)


def _symbol(quantity: Quantity) -> str:
    """The symbol with its index below the line; the name of a quantity without one."""
    if not quantity.letter:
        return text(quantity.name).replace("h0", _H0)
    return f"{quantity.letter}<sub>{quantity.index}</sub>" if quantity.index else quantity.letter


def _groups(document: Mapping[str, Any], names: Sequence[str]) -> str:
    head = "".join(f'<th scope="col" class="number">{_title(name)}</th>' for name in names)
    bodies, left_out = "", False
    for group, statistics in document["summary"].items():
        label = "All specimens" if group == ALL else text(group)
        rows = f'<tr><th scope="rowgroup" colspan="{len(names) + 1}"><b>{label}</b></th></tr>'
        shown = [
            ("n", "number"),
            ("mean", "mean"),
            ("std", "standard deviation"),
            ("min", "minimum"),
            ("max", "maximum"),
        ]
        if any(statistics[n]["n"] != statistics[n]["n_all"] for n in names):
            left_out = True
            shown += [(f"{key}_all", f"{title}, with {MARK}") for key, title in shown[:3]]
        for key, title in shown:
            cells = "".join(f'<td class="number">{_statistic(statistics[n][key], key, n)}</td>' for n in names)
            rows += f'<tr class="stat"><th scope="row">{title}</th>{cells}</tr>'
        bodies += f'<tbody class="group">{rows}</tbody>'
    note = '<p class="note">Standard deviation of the sample, with n − 1.'
    note += f" Without the values marked {MARK}, unless the line says “with {MARK}”.</p>" if left_out else "</p>"
    return (
        '<div class="block"><div class="scroll"><table class="wide"><caption>Mean and scatter</caption>'
        f'<thead><tr><th scope="col"></th>{head}</tr></thead>{bodies}</table></div>{note}</div>'
    )


def _statistic(value: float | None, key: str, name: str) -> str:
    return str(value) if key in ("n", "n_all") else _shown(value, name)


def _specimen(specimen: SpecimenReport, content: Mapping[str, Any], identity: str, document: Mapping[str, Any]) -> str:
    source = content["source"] or {}
    about = [f"{document['group_by']} {content['group']}"] if content["group"] is not None else []
    about += [Path(source["path"]).name] if source else []
    head = f"<h2>{text(content['name'])}<small>{text(', '.join(about))}</small></h2>"
    boxes = ""
    if content["error"] is not None:
        boxes += f'<div class="box error"><h3>Not evaluated</h3><p>{_said(content["error"])}</p></div>'
    if content["untrusted"]:
        reasons = _list(map(_said, content["untrusted"]))
        boxes += f'<div class="box error"><h3>The predicted values are not to be trusted</h3>{reasons}</div>'
    others = [warning for warning in content["warnings"] if warning not in content["untrusted"]]
    if others:
        boxes += f'<div class="box"><h3>Warnings</h3>{_list(map(_said, others))}</div>'
    tables = [
        _correlations(content),
        _characteristic(content),
        _test(content, document),
        _corrections(content),
        _understood(content),
    ]
    figures = _figures(specimen, content, identity) + _properties(content)
    return (
        f'<section class="specimen" id="{identity}">{head}{boxes}<div class="figures">{figures}</div>'
        f'<div class="tables">{"".join(tables)}</div></section>'
    )


def _figures(specimen: SpecimenReport, content: Mapping[str, Any], identity: str) -> str:
    name = text(content["name"])
    pictures = []
    found = content["characteristic"]
    if specimen.quantities is None:
        caption = "Load against displacement, as measured"
        picture = curve_alone(specimen.measured, identity=f"{identity}a", alt=f"{caption}; specimen {name}.")
        pictures.append((picture, caption))
    else:
        kind = "curve as measured"
        if differ(specimen.measured, specimen.quantities_curve):
            kind = "measured and corrected curve"
        trimmed = f" before it was {_trimmed(content)}" if content["quantities_record"] is not None else ""
        values = _values(
            f"{label} is {found[key]:.1f} N at {found[at]:.3f} mm"
            for key, at, label in (("Fe", "ue", "Fe"), ("Fm", "um", "the maximum load Fm"))
            if found[key] is not None
        )
        for region, suffix, caption in (
            (
                "curve",
                "a",
                f"Load against displacement: {kind}, with the construction of the characteristic quantities{trimmed}",
            ),
            ("knee", "b", "The beginning of it: construction of Fe and of the offset load"),
        ):
            picture = load_displacement(
                specimen.measured,
                specimen.corrected,
                specimen.quantities_curve,
                specimen.quantities,
                region,
                identity=identity + suffix,
                alt=f"{caption}; specimen {name}.{values}",
            )
            pictures.append((picture, caption))
    if specimen.strain is not None and specimen.stress is not None:
        caption = "Predicted true stress-strain curve, and the engineering curve up to the maximum force"
        properties = content["properties"] or {}
        values = _values(
            f"{label} is {properties[key]:.1f} MPa"
            for key, label in (("proof_stress", "Rp0.2"), ("tensile_strength", "Rm"))
            if properties.get(key) is not None
        )
        picture = stress_strain(
            specimen.strain,
            specimen.stress,
            specimen.properties,
            specimen.elastic_modulus,
            specimen.band,
            identity=f"{identity}c",
            alt=f"{caption}; specimen {name}.{values}",
        )
        pictures.insert(1, (picture, caption))
    return "".join(f"<figure>{svg}<figcaption>{text(caption)}.</figcaption></figure>" for svg, caption in pictures)


def _values(values: Iterable[str]) -> str:
    said = "; ".join(values)
    return f" {said}." if said else ""


def _properties(content: Mapping[str, Any]) -> str:
    found = content["properties"]
    if found is None:
        return ""
    band = content["band"]
    intervals = {} if band is None else band["intervals"]
    rows = []
    for key, quantity in TENSILE.items():
        if not quantity.letter or (key == "lower_yield_strength" and found[key] is None):
            continue
        name = quantity.name[0].upper() + quantity.name[1:]
        row = [name, _symbol(quantity), _number_of(quantity, found[key]), quantity.shown_unit]
        if intervals:
            row.insert(3, _interval(quantity, intervals.get(key)))
        rows.append(row)
    note = _missing(found["missing"], TENSILE)
    low, high = found["fit_range"]
    if low is not None and high is not None:
        note += f'<p class="note">n and K: fitted from {low:.3g} to {high:.3g} of true plastic strain.</p>'
    if found["lower_yield_strength"] is None:
        note += '<p class="note">The predicted curve has no yield plateau.</p>'
    if content["elastic_modulus"] is not None:
        modulus, origin = content["elastic_modulus"], content["elastic_modulus_origin"]
        note += f'<p class="note">Young\'s modulus: {number(modulus, 0)} MPa ({text(origin)}).</p>'
    header = [("Property", ""), ("Symbol", ""), ("Predicted", "number"), ("Unit", "unit")]
    if intervals:
        header.insert(3, (f"{100 * band['confidence']:g} % interval", "number"))
    if band is not None:
        note += f'<p class="note">{text(_promise(band))}</p>'
    doubts = ", not to be trusted" if content["untrusted"] else ""
    return _table(f"Tensile properties of the predicted curve{doubts}", header, rows, note=note)


def _interval(quantity: Quantity, ends: Sequence[float | None] | None) -> str:
    if ends is None:
        return _number_of(quantity, None)
    low, high = (_number_of(quantity, end) for end in ends)
    return f"from {low}" if ends[1] is None else f"{low} to {high}"


def _promise(band: Mapping[str, Any]) -> str:
    """What the band of a curve promises, in a sentence."""
    what = "the whole true curve" if band["simultaneous"] else "the true stress at a strain, each by itself,"
    records = "records with errors of measurement" if band["errors"] else "records as they were, without errors added"
    return (
        f"The band holds {what} of {100 * band['confidence']:g} % of such curves as it was calibrated on, with "
        f"{records}; each interval holds its property as often. It says nothing of specimens unlike those."
    )


def _correlations(content: Mapping[str, Any]) -> str:
    rows = []
    reasons: dict[str, list[str]] = {}
    for found in content["correlations"]:
        quantity = QUANTITIES[found["property"]]
        symbol, unit = _symbol(quantity), quantity.shown_unit
        formula = _formula(found)
        difference = _number_of(quantity, found["difference"], sign=True)
        if found["difference"] is not None and found["value"]:
            percent = number(found["difference"] / abs(found["value"]), 1, 100, sign=True)
            # Where the column is narrow, the part in parentheses goes below.
            difference += f' <span class="nowrap">({percent} %)</span>'
        value = _number_of(quantity, found["value"]) + (f" {unit}" if found["value"] is not None else "")
        rows.append([f"{symbol} = {formula}", _TAGS[found["evidence"]], value, difference])
        if found["missing"] is not None:
            reasons.setdefault(found["missing"], []).append(f"{symbol} = {formula}")
    if not rows:
        return ""
    notes = [f'<p class="note">Not determined: {", ".join(of)}: {text(why)}.</p>' for why, of in reasons.items()]
    sources = 'Sources and evidence: see <a href="#correlations">Correlations</a>.'
    notes.append(f'<p class="note">Difference: predicted − value. {sources}</p>')
    header = [("Correlation", "nowrap"), ("Evidence", "nowrap"), ("Value", "number"), ("Difference", "number wraps")]
    return _table("Values of correlations", header, rows, note="".join(notes))


def _formula(correlation: Mapping[str, Any]) -> str:
    intercept = correlation["intercept"]
    summand = f" {intercept:+g}".replace("-", "\N{MINUS SIGN}") if intercept else ""
    return f'{correlation["slope"]:g} <span class="nowrap">{_PREDICTORS[correlation["predictor"]]}</span>{summand}'


def _characteristic(content: Mapping[str, Any]) -> str:
    found = content["characteristic"]
    if found is None:
        return ""
    rows = []
    for key, quantity in CHARACTERISTIC.items():
        about = [_symbol(quantity), text(quantity.variant), f"at {found['ui']:g} mm" if key == "Fi" else ""]
        about.append(text(quantity.name) if key == "ESP" else "")
        rows.append([", ".join(filter(None, about)), _number_of(quantity, found[key]), quantity.shown_unit])
    note = _missing(found["missing"], CHARACTERISTIC)
    if found["uf"] is not None or found["ESP"] is not None:
        note += (
            '<p class="note">u<sub>f</sub>: where the load has fallen by 20 % after u<sub>m</sub>. This and the '
            "definition of E<sub>SP</sub> were not checked against the standards.</p>"
        )
    header = [("Quantity", ""), ("Value", "number"), ("Unit", "unit")]
    done = [c["name"] for c in content["corrections"] if c["value"] is not None]
    trimmed = content["quantities_record"] is not None
    which = "corrected" if [name for name in done if not (trimmed and name in _TRIMS)] else "measured"
    caption = f"Characteristic quantities of the {which} curve"
    if trimmed:
        note = f'<p class="note">Read off before the curve was {_trimmed(content)}.</p>{note}'
    return _table(caption, header, rows, note=note)


_TRIMS = {"cut": "cut", "smooth": "smoothed"}


def _trimmed(content: Mapping[str, Any]) -> str:
    """What was done to the curve after the quantities were read off it."""
    done = {correction["name"] for correction in content["corrections"] if correction["value"] is not None}
    return " and ".join(said for name, said in _TRIMS.items() if name in done)


def _test(content: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    origin = (content["source"] or {}).get("origin", {})
    rig, of_model = content["rig"], document["model"]["rig"]
    said = text(rig) if rig is not None else "not stated"
    if rig is None and of_model is not None:
        said += f"; the model is for {text(of_model)}"
    rows = [
        ["Thickness, mm", number(content["thickness"], 3) + _read_in(origin, "thickness")],
        ["Temperature, °C", number(content["temperature"], 1) + _read_in(origin, "temperature")],
        ["Rig", said + _read_in(origin, "rig")],
    ]
    if content["tools"] is not None:
        rows.append(["Tools", _tools(content["tools"])])
    rows.append(["Displacement", _displacement(content) + _read_in(origin, "displacement_kind")])
    rows += [[text(key), text(value)] for key, value in content["metadata"].items()]
    return _table("Specimen and test", [("Fact", ""), ("Value", "text")], rows)


def _displacement(content: Mapping[str, Any]) -> str:
    """What the displacement is as it was measured, and what became of it."""
    kind = content["displacement_kind"]
    done = {correction["name"] for correction in content["corrections"] if correction["value"] is not None}
    said = _KINDS[kind]
    if kind == "crosshead":
        said += ", the compliance of the machine " + ("taken out" if "compliance" in done else "in it")
    elif kind is None:
        said += "; " + ("a" if "compliance" in done else "no") + " compliance taken out"
    return f"{said}; converted, see the corrections" if "deflection" in done else said


def _read_in(origin: Mapping[str, str], fact: str) -> str:
    if fact not in origin:
        return ""
    # "thickness=" is what was given beside the files.
    where = "given" if origin[fact].endswith("=") else origin[fact]
    return f' <span class="note">({text(where)})</span>'


def _tools(tools: Mapping[str, Any]) -> str:
    is_ball = tools["punch_edge_radius"] == tools["punch_diameter"] / 2
    punch = f"{'ball' if is_ball else 'punch'} of {tools['punch_diameter']:g} mm"
    hole = f", hole of {tools['hole_diameter']:g} mm" if tools["hole_diameter"] is not None else ""
    return f"{punch}{hole}, disc of {tools['disc_diameter']:g} mm"


def _corrections(content: Mapping[str, Any]) -> str:
    if not content["corrections"]:
        return '<div class="block"><h3>Corrections</h3><p>None: the curve was evaluated as it was measured.</p></div>'
    rows = []
    for correction in content["corrections"]:
        usual = CurveCorrection(**correction).in_usual_unit()
        shown = "none" if usual.value is None else f"{usual.value:.4g} {text(usual.unit)}"
        shown = re.sub("^-", "\N{MINUS SIGN}", shown)
        rows.append([text(correction["name"]).replace("_", " "), shown, _said(correction["note"])])
    header = [("Correction", ""), ("Value", "number"), ("Note", "text")]
    return _table("Corrections, in their order", header, rows)


def _understood(content: Mapping[str, Any]) -> str:
    source = content["source"]
    n = len(content["measured"]["load"])
    if source is None:
        return (
            '<div class="block"><h3>Origin of the curve</h3>'
            f"<p>Given as arrays of {n} points, not read from a file.</p></div>"
        )
    rows = [["File", text(source["path"])]]
    rows += [["Sheet", text(source["sheet"])]] if source["sheet"] is not None else []
    rows.append(["Lines", f"{source['lines'][0]} to {source['lines'][1]}, {n} points"])
    for role, unit in source["units"].items():
        said = f"column {source['positions'][role]}, “{text(source['columns'][role])}”, {text(unit)}"
        said += f", times {source['factors'][role]:g}" if source["factors"][role] != 1 else ""
        said += ", sign changed" if role in source["sign_changed"] else ""
        rows.append([text(role).capitalize(), said])
    if source["encoding"] is not None:
        thousands = f", mark between thousands “{text(source['thousands'])}”" if source["thousands"] is not None else ""
        layout = f"{text(source['encoding'])}, separator {text(source['separator'])}"
        rows.append(["Layout", f"{layout}, decimal sign “{text(source['decimal'])}”{thousands}"])
    rows += [["Decided", text(note)] for note in source["notes"]]
    return _table("What was understood of the file", [("What", ""), ("How", "text")], rows)


def _model(document: Mapping[str, Any]) -> str:
    model = document["model"]
    training = model["training"]
    rows = [
        ["Name", text(model["name"])],
        ["Version", text(model["version"])],
        ["File", text(model["file"] or "none; given as an object")],
        ["SHA-256", f"<code>{text(model['sha256'])}</code>"],
        ["Steps", text(" > ".join(model["steps"].values()))],
        ["Rig", text(model["rig"] or "not recorded")],
        ["Saved with", text(", ".join(f"{name} {version}" for name, version in model["saved_with"].items()))],
    ]
    # The held-out curves and their errors have a table of their own.
    shown = {key: value for key, value in model["metadata"].items() if key not in ("name", "version", "held_out")}
    rows += [[text(key), text(_short(value))] for key, value in shown.items()]
    tables = [_table("Model", [("Fact", ""), ("Value", "text")], rows)]
    if training:
        units = document["units"] | {"max_load": "N"}
        ranges = [["Curves", str(training.get("n_curves", DASH)), ""]]
        ranges += [
            [text(key.replace("_", " ")).capitalize(), f"{value[0]:.5g} to {value[1]:.5g}", units.get(key, "")]
            for key, value in training.items()
            if isinstance(value, list)
        ]
        header = [("Training set", ""), ("Range", "number"), ("Unit", "unit")]
        tables.append(_table("What the model was trained on", header, ranges))
    versions = [[text(name), text(version)] for name, version in document["software"].items()]
    tables.append(_table("Software that made this report", [("Package", ""), ("Version", "text")], versions))
    errors = _errors(model["errors"])
    return f'<section><h2>Model</h2>{errors}<div class="tables">{"".join(tables)}</div></section>'


def _short(value: Any, most: int = 200) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return shown if len(shown) <= most else f"{shown[:most]} …"


def _errors(rows: Sequence[Mapping[str, Any]] | None) -> str:
    caption = "Errors that the model states, on curves held out of its training"
    if not rows:
        return f'<div class="block"><h3>{caption}</h3><p>The model states none.</p></div>'
    columns = list(dict.fromkeys(key for row in rows for key in row))
    first = rows[0]
    header = [(text(c), "number" if isinstance(first.get(c), int | float) else "") for c in columns]
    cells = [
        [
            f"{row[c]:z.4g}".replace("-", "\N{MINUS SIGN}")
            if isinstance(row.get(c), float)
            else text(DASH if row.get(c) is None else row[c])
            for c in columns
        ]
        for row in rows
    ]
    return _table(caption, header, cells)


def _sources(document: Mapping[str, Any]) -> str:
    """What is known of the correlations; they are the same for all specimens."""
    found: Sequence[Mapping[str, Any]] = next(
        (specimen["correlations"] for specimen in document["specimens"] if specimen["correlations"]), []
    )
    if not found:
        return ""
    rows = []
    for correlation in found:
        about = [f"{correlation['source']}." if correlation["source"] else "", correlation["note"]]
        about.insert(1, f"Material: {correlation['material']}." if correlation["material"] != "not stated" else "")
        geometry = correlation["geometry"] if correlation["geometry"] != "not stated" else DASH
        symbol = _symbol(QUANTITIES[correlation["property"]])
        said = " ".join(part for part in about if part)
        rows.append([f"{symbol} = {_formula(correlation)}", _TAGS[correlation["evidence"]], text(geometry), text(said)])
    tags = {correlation["evidence"] for correlation in found}
    explained = [("not checked" if tag == "memory" else tag, EVIDENCE[tag]) for tag in EVIDENCE if tag in tags]
    note = "".join(f'<p class="note">“{tag}”: {text(meaning)}.</p>' for tag, meaning in explained)
    header = [("Correlation", "nowrap"), ("Evidence", "nowrap"), ("Geometry", "text"), ("Source and notes", "text")]
    table = _table("Coefficients and where they come from", header, rows, note=note)
    return f'<section id="correlations"><h2>Correlations</h2>{table}</section>'


def _end(document: Mapping[str, Any]) -> str:
    lines = "".join(f"<div>{label}: name, date, signature</div>" for label in ("Tested by", "Approved by"))
    return (
        '<footer class="sign"><p>The stress-strain curves of this report are predictions of a model from small punch '
        "tests, not tensile tests. What the model was trained on, and its errors there, stand above.</p>"
        f'<div class="signatures">{lines}</div></footer>'
    )
