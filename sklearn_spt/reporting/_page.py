"""The page of a report, from the templates. All of its numbers come from the document that is also the JSON file."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..curves import CurveCorrection
from ..evaluation._result import differ
from ..mechanics.correlations import EVIDENCE
from ..mechanics.quantities import CHARACTERISTIC, QUANTITIES, TENSILE, Quantity
from ..persistence.info import TRAINING_UNITS
from ._document import ALL, SUMMARY, SpecimenReport, doubted, values_of
from ._figures import check_matplotlib, curve_alone, load_displacement, stress_strain

DASH = "–"
MARK = "†"
MINUS = "\N{MINUS SIGN}"
# What is done to a curve after the quantities were read off it.
TRIMS = {"cut": "cut", "smooth": "smoothed"}


def render(document: Mapping[str, Any], specimens: Sequence[SpecimenReport]) -> str:
    """The whole page: the document, and the specimens for their pictures."""
    check_matplotlib()
    found = [values_of(content) for content in document["specimens"]]
    return _ENVIRONMENT.get_template("report.html").render(
        document,
        # No column for what no curve has, such as ReL where no steel has a plateau.
        columns={name: of for name, (of, _) in SUMMARY.items() if any(values[name] is not None for values in found)},
        pictures=[
            _pictures(specimen, content, f"s{index}")
            for index, (specimen, content) in enumerate(zip(specimens, document["specimens"], strict=True), start=1)
        ],
        **_doubts(document["specimens"]),
    )


def _doubts(specimens: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How many specimens have values that are not to be used, and which, by the reasons."""
    doubtful = [s for s in specimens if any(v is not None and doubted(s, name) for name, v in values_of(s).items())]
    untrusted: dict[str, list[str]] = {}
    for specimen in doubtful:
        for reason in specimen["untrusted"]:
            untrusted.setdefault(reason, []).append(specimen["name"])
    return {"n_doubtful": len(doubtful), "untrusted": untrusted}


# What the templates call


def clean(value: Any) -> Any:
    """A value that is put into the page, without control characters and lone surrogates; HTML as it is."""
    if isinstance(value, Markup):
        return value
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c
        for c in str(value)
    )


def said(message: str) -> Markup:
    """A message, in which no line ends within an option of the command line."""
    return Markup(re.sub(r"--[a-z][a-z-]*", r'<span class="nowrap">\g<0></span>', str(escape(clean(message)))))


def minus(number: str) -> str:
    """A number with the minus sign of print."""
    return number.replace("-", MINUS)


def number(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """A number as the page shows it."""
    return DASH if value is None else minus(format(value, f"{'+' if sign else ''}z.{decimals}f"))


def shown(quantity: Quantity, value: float | None, *, sign: bool = False) -> str:
    """The value of a quantity as the page shows it."""
    return number(None if value is None else quantity.factor * value, quantity.decimals, sign=sign)


def symbol(quantity: Quantity) -> Markup:
    """The symbol with its index below the line; the name of a quantity without one."""
    if not quantity.letter:
        return Markup(quantity.name.replace("h0", "h<sub>0</sub>"))
    index = Markup("<sub>{}</sub>").format(quantity.index) if quantity.index else ""
    return Markup("{}{}").format(quantity.letter, index)


def predictor(name: str) -> Markup:
    """A predictor, such as "Fe_astm/h0^2", with the indices of its symbols below the line."""
    shown = re.sub(r"([A-Za-z])_?(\w+)", r"\1<sub>\2</sub>", name)
    for plain, printed in (("_astm", ", ASTM"), ("^2", "²"), ("^3", "³"), ("*", " ")):
        shown = shown.replace(plain, printed)
    return Markup(shown)


def done(content: Mapping[str, Any]) -> list[str]:
    """The corrections that found something to do."""
    return [correction["name"] for correction in content["corrections"] if correction["value"] is not None]


def trimmed(content: Mapping[str, Any]) -> str:
    """What was done to the curve after the quantities were read off it; empty if nothing was."""
    if content["quantities_record"] is None:
        return ""
    return " and ".join(how for name, how in TRIMS.items() if name in done(content))


def in_usual_unit(correction: Mapping[str, Any]) -> CurveCorrection:
    return CurveCorrection(**correction).in_usual_unit()


def file_name(path: str) -> str:
    return Path(path).name


def promise(band: Mapping[str, Any]) -> str:
    """What the band of a curve promises, in a sentence."""
    what = "the whole true curve" if band["simultaneous"] else "the true stress at a strain, each by itself,"
    records = "records with errors of measurement" if band["errors"] else "records as they were, without errors added"
    return (
        f"The band holds {what} of {100 * band['confidence']:g} % of such curves as it was calibrated on, with "
        f"{records}; each interval holds its property as often. It says nothing of specimens unlike those."
    )


def short(value: Any, most: int = 200) -> str:
    """What metadata hold, cut where it is long."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= most else f"{text[:most]} …"


_ENVIRONMENT = Environment(
    loader=PackageLoader("sklearn_spt.reporting"),
    autoescape=True,
    finalize=clean,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"said": said, "minus": minus, "number": number}
_CALLED = (shown, symbol, predictor, done, trimmed, in_usual_unit, file_name, promise, short, doubted, values_of)
_ENVIRONMENT.globals |= {function.__name__: function for function in _CALLED}
_ENVIRONMENT.globals |= {"DASH": DASH, "MARK": MARK, "TRIMS": TRIMS, "ALL": ALL, "EVIDENCE": EVIDENCE}
_ENVIRONMENT.globals |= {"CHARACTERISTIC": CHARACTERISTIC, "QUANTITIES": QUANTITIES, "TENSILE": TENSILE}
_ENVIRONMENT.globals |= {"TRAINING_UNITS": TRAINING_UNITS}


# The pictures, with what they say in words


def _pictures(specimen: SpecimenReport, content: Mapping[str, Any], identity: str) -> list[tuple[Markup, str]]:
    """The pictures of a specimen with their captions."""
    of = f"specimen {clean(content['name'])}."
    found, properties = content["characteristic"], content["properties"] or {}
    if specimen.quantities is None:
        caption = "Load against displacement, as measured"
        pictures = [(curve_alone(specimen.measured, identity=f"{identity}a", alt=f"{caption}; {of}"), caption)]
    else:
        changed = differ(specimen.measured, specimen.quantities_curve)
        kind = "measured and corrected curve" if changed else "curve as measured"
        before = f" before it was {trimmed(content)}" if trimmed(content) else ""
        captions = {
            "curve": f"Load against displacement: {kind}, with the construction of the characteristic quantities"
            f"{before}",
            "knee": "The beginning of it: construction of Fe and of the offset load",
        }
        values = _values(
            f"{label} is {found[key]:.1f} N at {found[at]:.3f} mm"
            for key, at, label in (("Fe", "ue", "Fe"), ("Fm", "um", "the maximum load Fm"))
            if found[key] is not None
        )
        pictures = [
            (
                load_displacement(
                    specimen.measured,
                    specimen.corrected,
                    specimen.quantities_curve,
                    specimen.quantities,
                    region,
                    identity=identity + suffix,
                    alt=f"{caption}; {of}{values}",
                ),
                caption,
            )
            for (region, caption), suffix in zip(captions.items(), "ab", strict=True)
        ]
    if specimen.strain is not None and specimen.stress is not None:
        caption = "Predicted true stress-strain curve, and the engineering curve up to the maximum force"
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
            alt=f"{caption}; {of}{values}",
        )
        pictures.insert(1, (picture, caption))
    return pictures


def _values(values: Iterable[str]) -> str:
    text = "; ".join(values)
    return f" {text}." if text else ""
