"""The package as a whole: public names and their documentation, lazy imports, the directions between the parts."""

import ast
import dataclasses
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import pkgutil
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpydoc.validate
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import sklearn_spt

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sklearn_spt"
# cli is documented by "--help" and the user guide; networks are building blocks, documented with the regressors;
# checks, rigs and utils are the package's own.
NOT_API = {"checks", "cli", "networks", "rigs", "utils"}
MODULES = sorted({m.name for m in pkgutil.iter_modules(sklearn_spt.__path__) if m.name[0] != "_"} - NOT_API)
PUBLIC = [f"{m}.{name}" for m in MODULES for name in importlib.import_module(f"sklearn_spt.{m}").__all__]


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def resolve(name):
    module, attribute = name.split(".")
    return getattr(importlib.import_module(f"sklearn_spt.{module}"), attribute)


def test_import_is_light():
    heavy = "('numpy', 'torch', 'skorch', 'sklearn', 'scipy', 'pandas', 'matplotlib')"
    assert run_python(f"import sys, sklearn_spt; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_curves_and_preprocessing_need_no_torch():
    code = "import sys; from sklearn_spt import SPTCurve, CurveResampler, GAFTransformer; print('torch' in sys.modules)"
    assert run_python(code) == "False"


@pytest.mark.parametrize("name", sklearn_spt.__all__)
def test_lazy_names_resolve(name):
    assert getattr(sklearn_spt, name) is not None
    assert name in dir(sklearn_spt)


def test_modules_are_attributes_after_the_import_of_the_package():
    modules = [m.name for m in pkgutil.iter_modules(sklearn_spt.__path__) if m.name[0] != "_"]
    code = f"import sklearn_spt; print(all(getattr(sklearn_spt, m).__name__ == 'sklearn_spt.' + m for m in {modules}))"
    assert run_python(code) == "True"
    public = {*sklearn_spt.__all__, *modules}
    assert public == set(dir(sklearn_spt))
    assert not hasattr(sklearn_spt, "_nothing")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Seq3Seq'"):
        sklearn_spt.Seq3Seq  # noqa: B018


def test_every_lazy_name_is_a_type_checkers_name_too():
    """The names that mypy sees (under TYPE_CHECKING) are those that exist at run time."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {alias.name: node.module for node in block.body for alias in node.names}
    assert typed == sklearn_spt._PUBLIC


def test_one_version():
    assert sklearn_spt.__version__ == importlib.metadata.version("sklearn-spt")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.M)[1] == sklearn_spt.__version__


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_on_the_api_page(name):
    page = (ROOT / "docs" / "api.rst").read_text(encoding="utf-8")
    module, attribute = name.split(".")
    section = re.search(
        rf"^\.\. currentmodule:: sklearn_spt\.{module}$(.*?)(?=^\.\. currentmodule|\Z)", page, re.M | re.S
    )
    assert section, f"docs/api.rst has no section on sklearn_spt.{module}"
    entry = rf"^( +|\.\. data:: |\.\. autodata:: [\w.]+\.){attribute}$"
    assert re.search(entry, section[1], re.M), f"sklearn_spt.{name} is missing in docs/api.rst"


# What numpydoc checks and what is not asked for: GL01, GL02 (the summary stands on the line of the quotes), SS02 (a
# formula may begin with a Greek letter), SS05 (summaries of properties and of "A copy with ..." are no infinitives),
# SS06, ES01 (one line may be enough), SA01 (See Also where it helps), PR08, PR09, RT02-RT05 (what is returned may have
# a name; types may speak for themselves, as "list of SPTCurve" does).
CODES = {"GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "GL10", "SS01", "SS03", "SS04", "RT01", "YD01"}
CODES |= {"PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR07", "PR10"}
# Records that functions return and nobody makes: their attributes are documented, not the parameters of their making.
RECORDS = {
    "mechanics.CharacteristicQuantities",
    "mechanics.TensileProperties",
    "persistence.ModelInfo",
    "reporting.SpecimenReport",
}


def documented(name):
    """The name itself and, of a class, the public methods and properties that its own module defines."""
    yield f"sklearn_spt.{name}"
    thing = resolve(name)
    if inspect.isclass(thing):
        for attribute, value in vars(thing).items():
            if attribute[0] != "_" and (inspect.isfunction(value) or isinstance(value, classmethod | property)):
                yield f"sklearn_spt.{name}.{attribute}"


def expected_codes(target):
    codes = set(CODES)
    name = target.removeprefix("sklearn_spt.")
    if name.count(".") == 1:
        thing = resolve(name)
        # No examples of exceptions, of abstract classes, and of simulations, which would need CalculiX.
        abstract = inspect.isabstract(thing) or (inspect.isclass(thing) and issubclass(thing, Exception))
        if not abstract and name not in RECORDS and not name.startswith("simulation."):
            codes.add("EX01")
        if name in RECORDS:
            codes.discard("PR01")
        by_keyword = [field.kw_only for field in dataclasses.fields(thing)] if dataclasses.is_dataclass(thing) else []
        if hasattr(thing, "get_params"):
            by_keyword = [p.kind is p.KEYWORD_ONLY for p in inspect.signature(thing).parameters.values()]
        if by_keyword and all(by_keyword):
            codes.discard("PR03")  # the order in which keywords are documented is free
    return codes


def has_docstring(thing):
    """Whether a public name is a function or a class with parameters: neither a constant nor a typing.Protocol."""
    return inspect.isfunction(thing) or (inspect.isclass(thing) and not getattr(thing, "_is_protocol", False))


@pytest.mark.parametrize("name", [name for name in PUBLIC if has_docstring(resolve(name))])
def test_docstrings_are_numpydoc(name):
    problems = [
        f"{target}: {code} {text}"
        for target in documented(name)
        for code, text in numpydoc.validate.validate(target)["errors"]
        if code in expected_codes(target)
    ]
    assert not problems, "\n".join(problems)


def test_every_kept_result_is_on_a_page():
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.rst")]
    kept = {file.stem for file in (ROOT / "benchmarks" / "results").glob("*.json")}
    shown = {name for page in pages for name in re.findall(r"(?:^\.\. results:: (?=\w+$)|:value:`)(\w+)", page, re.M)}
    assert kept == shown


def run(*command, **settings):
    settings = {"cwd": ROOT, "stdin": subprocess.DEVNULL, **settings}
    return subprocess.run(command, check=True, capture_output=True, text=True, **settings)


@pytest.fixture(scope="module")
def source_and_wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # A copy of what git tracks: neither files that only this machine has nor an old build/ help to pass.
    source = folder / "source"
    run("git", "checkout-index", "--all", f"--prefix={source}/")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, source)
    (wheel,) = folder.glob("*.whl")
    return source, wheel


@pytest.mark.slow
def test_wheel_carries_the_data(source_and_wheel):
    """What pip installs for a user has the bundled files: an editable install would not show that they are missing."""
    source, wheel = source_and_wheel
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("sklearn_spt/")}
    assert packed == {str(file.relative_to(source)) for file in (source / "sklearn_spt").rglob("*") if file.is_file()}


def required(name="sklearn-spt"):
    """The distributions that pip installs for a user who asks for no extras, and those that they need."""
    found, left = set(), [name]
    while left:
        name = canonicalize_name(left.pop())
        if name in found:
            continue
        found.add(name)
        requirements = map(Requirement, importlib.metadata.requires(name) or ())
        left += [each.name for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


@pytest.mark.slow
def test_demo_runs_without_extras(source_and_wheel, tmp_path):
    """From the wheel alone, in an environment that has nothing but what the package asks for."""
    _, wheel = source_and_wheel
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    allowed = required()
    modules = importlib.metadata.packages_distributions()
    others = {module for module, names in modules.items() if not {canonicalize_name(name) for name in names} & allowed}
    assert {"matplotlib", "pandas", "openpyxl", "pytest"} <= others
    code = f"""
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, *more):
        return None if name.partition(".")[0] in {sorted(others)!r} else self.finder.find_spec(name, *more)
sys.meta_path[:] = map(Without, sys.meta_path)
from sklearn_spt import cli
assert cli.__file__.startswith({str(tmp_path)!r})
sys.exit(cli.main(["demo"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "no picture: pictures need matplotlib" in said
    assert [file.name for file in (tmp_path / "demo").iterdir()] == ["stress_strain.csv"]


def test_lower_bounds_can_be_installed():
    """What `make test-lower` gives to pip: a version for each requirement, and of what is installed none is lower."""
    bounds = dict(line.split("==") for line in run(sys.executable, ROOT / ".ci" / "lower-bounds").stdout.splitlines())
    needed = {canonicalize_name(Requirement(each).name) for each in importlib.metadata.requires("sklearn-spt") or ()}
    assert {"numpy", "torch", "matplotlib", "openpyxl"} <= set(bounds) <= needed
    for name, version in bounds.items():
        assert Version(importlib.metadata.version(name)) >= Version(version), name
