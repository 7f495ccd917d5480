"""The page: read back by a parser, for what it says and for what it must not do."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest

import sklearn_spt
from sklearn_spt import SPTCurve
from sklearn_spt.curves import CurveCorrection
from sklearn_spt.datasets import lab_example_path, load_lab_example
from sklearn_spt.mechanics import Correlation
from sklearn_spt.mechanics.correlations import PREDICTORS
from sklearn_spt.preprocessing import standard_corrections
from sklearn_spt.reporting import make_report
from sklearn_spt.reporting._page import number

NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)
FORMULAS = {
    "Rp0.2 0.346": "Rp0.2 = 0.346 Fe/h0²",
    "Rp0.2 0.360": "Rp0.2 = 0.36 Fe/h0²",
    "Rp0.2 0.476": "Rp0.2 = 0.476 Foffset/h0²",
    "Rm 0.277": "Rm = 0.277 Fm/(h0 um)",
    "Rp0.2 EN 10371 F(v)": "Rp0.2 = 0.479 Fe/h0²",
    "Rm EN 10371 F(v)": "Rm = 0.179 Fi/h0²",
}
VOID = {"meta", "link", "br", "img", "hr", "input"}

pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")


class Page(HTMLParser):
    """The elements of a page with the sections that they stand in, its tables and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.tables, self.words, self.style = [], [], [], [], ""
        self.feed(text)
        self.close()
        assert self.open == [], "elements that are not closed"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, attributes))
        if tag == "table":
            section = next((a.get("id") for t, a in reversed(self.open) if t == "section"), None)
            self.tables.append({"section": section, "caption": "", "rows": []})
        if tag == "tr":
            self.tables[-1]["rows"].append([])
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if "style" in tags:
            self.style += data
        else:
            self.words.append(data)
        if "caption" in tags:
            self.tables[-1]["caption"] += data
        elif "td" in tags or "th" in tags:
            self.tables[-1]["rows"][-1][-1] += data

    def table(self, caption, section=None):
        (found,) = (t["rows"] for t in self.tables if t["caption"].startswith(caption) and t["section"] == section)
        return found

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def page_of(report, folder):
    report.to_html(folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def toe(curve, by=0.022):
    return curve.replace(
        displacement=curve.displacement - by, corrections=(CurveCorrection("toe", by, "mm", "by hand"),)
    )


@pytest.fixture(scope="module")
def report(model_file):
    curves = [toe(c).replace(metadata={"material": f"steel {c.name[0]}"}) for c in load_lab_example().data[2:4]]
    curves[1] = curves[1].replace(thickness=0.7)
    return make_report(
        curves, model_file, laboratory="L & Co", job="J-7", operator="M. W.", remarks="none", created=NOON
    )


@pytest.fixture(scope="module")
def text(report, tmp_path_factory):
    return page_of(report, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_comes_from_outside_and_nothing_runs(text, page):
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "image", "iframe", "object", "embed", "base", "form", "foreignobject"}
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "srcset", "action", "background", "xlink:href")
            if name == "href":
                assert value.startswith("#")
    assert "@import" not in page.style
    assert "url(" not in page.style
    assert "http:" not in text
    assert "https:" not in text
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_identities(page):
    identities = [a["id"] for _, a in page.elements if "id" in a]
    assert len(set(identities)) == len(identities)
    for _, attributes in page.elements:
        for value in attributes.values():
            if value and value.startswith("url(#"):
                assert value[5:-1] in identities
        if "href" in attributes:
            assert attributes["href"][1:] in identities


def test_accessible(page):
    kinds = [tag for tag, _ in page.elements]
    assert ("html", {"lang": "en"}) in page.elements
    assert kinds.count("h1") == 1
    pictures = [a for tag, a in page.elements if tag == "svg"]
    assert len(pictures) == 6
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"]) > 40
    assert kinds.count("caption") == kinds.count("table")
    for tag, attributes in page.elements:
        if tag == "th":
            assert attributes["scope"] in ("col", "row", "rowgroup")
    for table in page.tables:
        assert table["caption"]


def test_the_page_says_what_json_says(report, page):
    document = report.to_dict()
    header, *rows = page.table("Specimens")
    assert header[:2] == ["Specimen", "Material"]
    for row, specimen in zip(rows, document["specimens"], strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["Specimen"] == specimen["name"]
        assert cells["Material"] == specimen["group"]
        assert cells["h0, mm"] == number(specimen["thickness"], 3)
        assert cells["Fe, N"] == number(specimen["characteristic"]["Fe"], 1)
        for column, key, factor in (("Rp0.2, MPa", "proof_stress", 1), ("Ag, %", "uniform_elongation", 100)):
            value = specimen["properties"][key]
            mark = " †" if specimen["untrusted"] and value is not None else ""
            assert cells[column] == number(value and factor * value, 1) + mark
        assert cells["Warnings"] == (str(len(specimen["warnings"])) if specimen["warnings"] else "–")

    for index, specimen in enumerate(document["specimens"], start=1):
        section = f"s{index}"
        found = specimen["properties"]
        rows = {row[1]: row[2:] for row in page.table("Tensile properties", section)}
        assert rows["Rm"] == [number(found["tensile_strength"], 1), "MPa"]
        assert rows["Agt"] == [number(100 * found["total_uniform_elongation"], 1), "%"]
        assert rows["n"] == [number(found["hardening_exponent"], 3), ""]
        rows = {row[0]: row[1:] for row in page.table("Characteristic", section)}
        assert rows["Fe, EN 10371"] == [number(specimen["characteristic"]["Fe"], 1), "N"]
        assert rows["uf"][0] == "–"
        assert f"Not determined: uf: {specimen['characteristic']['missing']['uf']}" in page.text
        _, *rows = page.table("Values of correlations", section)
        for row, value in zip(rows, specimen["correlations"], strict=True):
            assert row[0] == FORMULAS[value["name"]]
            assert row[1] == {"source": "source", "memory": "not checked"}[value["evidence"]]
            assert row[2] == f"{number(value['value'], 1)} MPa"
            if value["difference"] is None:
                assert row[3] == "–"
                continue
            percent = number(100 * value["difference"] / value["value"], 1, sign=True)
            assert row[3] == f"{number(value['difference'], 1, sign=True)} ({percent} %)"
        assert page.table("Corrections", section)[1] == ["toe", "0.022 mm", "by hand"]
        rows = dict(page.table("What was understood", section))
        assert rows["File"] == specimen["source"]["path"]
        rows = dict(page.table("Specimen and test", section))
        assert rows["Rig"] == "not stated; the model is for EN10371"
        assert rows["Tools"] == "ball of 2.5 mm, hole of 4 mm, disc of 8 mm"
        for warning in specimen["warnings"]:
            assert " ".join(warning.split()) in page.text

    rows = dict(page.table("Model"))
    assert rows["SHA-256"] == document["model"]["sha256"]
    assert page.table("Errors that the model states")[1] == ["MAE, MPa", "12.5", "40"]
    version = sklearn_spt.__version__
    head = f"steel, sklearn_spt {version}, {document['model']['sha256'][:12]}", f"Made with sklearn_spt {version}"
    for fact in ("L & Co", "J-7", "M. W.", "2024-03-12 12:00", "Tested by", "Approved by", *head):
        assert fact.replace(" ", "") in page.text.replace(" ", "")


def test_what_was_given_beside_the_files(model_file, tmp_path):
    report = make_report(lab_example_path() / "A3.dat", model_file, rig="EN10371", reading={"thickness": 0.49})
    rows = dict(Page(page_of(report, tmp_path)).table("Specimen and test", "s1"))
    assert rows["Thickness, mm"] == "0.490 (given)"
    assert rows["Rig"] == "EN10371 (given)"
    assert rows["Temperature, °C"] == "23.0 (line 6)"


def test_how_units_and_signs_were_understood(page):
    rows = dict(page.table("What was understood", "s1"))
    assert rows["Load"] == "column 2, “Ch 1 Force”, kN, times 1000, sign changed"
    assert rows["Layout"] == "cp1252, separator tab, decimal sign “.”"


def test_what_is_not_to_be_trusted(tmp_path):
    """The last two specimens are thicker than those of the training, and the last ends early, too."""
    curves = [c.replace(metadata={"material": f"steel {c.name[0]}"}) for c in load_lab_example().data[2:5]]
    curves[1:] = (curve.replace(thickness=0.7) for curve in curves[1:])
    early = curves[2].displacement < 1.0
    curves[2] = curves[2].replace(displacement=curves[2].displacement[early], load=curves[2].load[early])
    corrections = standard_corrections(("load_offset", "compliance", "toe"), compliance=2e-5)
    report = make_report(curves, "en10371", corrections=corrections)
    page = Page(page_of(report, tmp_path))
    first, second, third = report.specimens
    assert first.untrusted == ()
    assert "3 specimens, 2 of them not to be trusted" in page.text
    (thick,) = (reason for reason in second.untrusted if "its thickness, 0.7 mm" in reason)
    (ends,) = (reason for reason in third.untrusted if reason not in second.untrusted)
    said = f"† Not to be trusted, and left out of mean and scatter below:{second.name}, {third.name}: {thick}."
    assert said in page.text
    assert f"{third.name}: {ends}." in page.text
    header, *rows = page.table("Specimens")
    assert [row[header.index("Rp0.2, MPa")].endswith(" †") for row in rows] == [False, True, True]
    assert not any(row[header.index("Fe, N")].endswith(" †") for row in rows)
    rows = page.table("Mean and scatter")
    column = rows[0].index("Rp0.2, MPa")
    at = rows.index(["steel B"])
    of_second = {row[0]: row[column] for row in rows[at + 1 :]}
    assert (of_second["number"], of_second["mean"], of_second["number, with †"]) == ("0", "–", "2")
    mean = (second.properties.proof_stress + third.properties.proof_stress) / 2
    assert of_second["mean, with †"] == number(mean, 1)
    assert not any("†" in row[0] for row in rows[:at])
    assert page.text.count("The predicted values are not to be trusted") == 2
    captions = [t["caption"] for t in page.tables if t["caption"].startswith("Tensile properties")]
    assert [c.endswith(", not to be trusted") for c in captions] == [False, True, True]


def test_numbers():
    assert [number(value, 1) for value in (-3.04, -0.04, 0.0, None)] == ["−3.0", "0.0", "0.0", "–"]
    assert [number(value, 1, sign=True) for value in (2.0, -0.04)] == ["+2.0", "+0.0"]


def test_displacement_and_compliance(model_file, tmp_path):
    curve = load_lab_example().data[0].replace(displacement_kind="crosshead")
    for compliance, said in ((None, "in it"), (2e-5, "taken out")):
        steps = ("toe",) if compliance is None else ("compliance", "toe")
        corrections = standard_corrections(steps, compliance=compliance)
        page = Page(page_of(make_report([curve], model_file, corrections=corrections), tmp_path))
        rows = dict(page.table("Specimen and test", "s1"))
        assert rows["Displacement"] == f"of the crosshead, the compliance of the machine {said}"
        shown = {row[0]: row[1] for row in page.table("Corrections", "s1")}
        assert shown.get("compliance") == (None if compliance is None else "20 µm/kN")
        assert dict(page.table("Model"))["Version"] == f"sklearn_spt {sklearn_spt.__version__}"
    (unknown,) = make_report([curve.replace(displacement_kind=None)], model_file).specimens
    report = make_report([unknown.measured], model_file, displacement_kind="punch")
    said = "not stated whether of the punch, of the crosshead or of the specimen; no compliance taken out"
    for of, expected in ((make_report([unknown.measured], model_file), said), (report, "of the punch (given)")):
        rows = dict(Page(page_of(of, tmp_path)).table("Specimen and test", "s1"))
        assert rows["Displacement"] == expected


def test_mean_and_scatter(report, page):
    rows = page.table("Mean and scatter")
    assert rows[1] == ["steel A"]
    mean = dict(zip(rows[0], rows[3], strict=True))
    assert mean["Fe, N"] == number(report.summary()["steel A"]["Fe"]["mean"], 1)
    assert rows[4][1:] == ["–"] * (len(rows[4]) - 1)  # the standard deviation of one specimen


OWN_TAGS = """html head meta title style body main header section footer div h1 h2 h3 small dl dt dd p b a ul li code
    sub span figure figcaption svg defs g path use rect clippath table caption thead tbody tr th td"""
EVIL = '"><script>alert(1)</script><img src=x onerror="alert(2)"><style>*{}</style></title>&lt;\x00\x1b$\\foo$'


def test_texts_from_files_are_only_text(model_file, tmp_path):
    folder = tmp_path / "<b>&"
    folder.mkdir()
    curve = toe(load_lab_example().data[0]).replace(name=EVIL, rig=EVIL, metadata={EVIL: EVIL, "material": EVIL})
    curve = curve.replace(corrections=[CurveCorrection(EVIL, 1.0, EVIL, EVIL)])
    other = SPTCurve(np.linspace(0, 0.3, 9), np.linspace(0, 200, 9), name=EVIL)  # has no prediction
    report = make_report(
        [curve, other], model_file, laboratory=EVIL, operator=EVIL, job=EVIL, remarks=EVIL, created=NOON
    )
    page = Page(page_of(report, folder))
    tags = [tag for tag, _ in page.elements]
    assert set(tags) <= set(OWN_TAGS.split())
    assert tags.count("style") == 1 + 3 + 2  # the page's, and one for each picture
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    shown = EVIL.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert page.text.count(shown) > 8
    assert not {"\x00", "\x1b"} & set(page.text)


def test_files_with_evil_names(model_file, tmp_path):
    name = "<img src=x onerror=alert(1)>.csv"
    load_lab_example().data[0].to_csv(tmp_path / name)
    (tmp_path / f"bad {name}").write_text("<script>alert(1)</script>\n")
    page = Page(page_of(make_report(tmp_path, model_file), tmp_path))
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert page.text.count(name) >= 2


def test_two_pages_of_one_report_are_equal(report, text, tmp_path):
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.fonttype": "none"}):
        assert page_of(report, tmp_path) == text


def test_every_predictor_is_shown(model_file, tmp_path):
    own = [
        Correlation(name=name, property="uniform_elongation", predictor=name, slope=1.5, intercept=-0.25)
        for name in PREDICTORS
    ]
    page = Page(page_of(make_report([toe(load_lab_example().data[0])], model_file, correlations=own), tmp_path))
    _, *rows = page.table("Values of correlations", "s1")
    assert rows[0][:2] == ["Ag = 1.5 Fe/h0² −0.25", "own"]
    assert len({row[0] for row in rows}) == len(PREDICTORS)
    for row in rows:
        assert row[2].endswith(" %")


def test_one_specimen_has_no_summary(model_file, tmp_path):
    page = Page(page_of(make_report([toe(load_lab_example().data[0])], model_file, correlations=()), tmp_path))
    captions = {table["caption"] for table in page.tables}
    assert "Specimens" not in captions
    assert "Values of correlations" not in captions
    assert "1 specimen" in page.text


def test_what_failed_stands_on_the_page(model_file, tmp_path):
    good = load_lab_example().data[0]
    good.to_csv(tmp_path / "A.csv")
    SPTCurve(np.linspace(0, 0.3, 9), np.linspace(0, 200, 9), name="short", thickness=0.5).to_csv(tmp_path / "B.csv")
    (tmp_path / "C.csv").write_text("no test\n")
    page = Page(page_of(make_report(tmp_path, model_file), tmp_path))
    assert "2 specimens, 1 of them not evaluated" in page.text
    assert "; 1 file not read" in page.text
    assert "Files that could not be read" in page.text
    assert f"{tmp_path / 'C.csv'}: no two columns" in page.text
    _, _, row = page.table("Specimens")
    assert row[0] == "short"
    assert row[-1] == "not evaluated"
    assert "ends at 0.3 mm" in page.text
    assert sum(tag == "svg" for tag, _ in page.elements) == 3 + 2


def test_without_matplotlib(report, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"sklearn-spt\[plot\]"):
        report.to_html(tmp_path / "r.html")
    assert not list(tmp_path.iterdir())
    report.to_json(tmp_path / "r.json")
    report.to_csv(tmp_path / "tables")
