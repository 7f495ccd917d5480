"""Sphinx configuration. The build needs no network; warnings are errors (make docs)."""

import os
import shutil
import sys
from pathlib import Path

import sklearn_spt

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

# For the pages that show what a command prints: the command of this environment, at one width everywhere.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["COLUMNS"] = "100"

project = "sklearn_spt"
author = "The sklearn_spt developers"
copyright = author
version = release = sklearn_spt.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "myst_parser",
    "sphinxcontrib.programoutput",
    "descriptions",
    "mathml",
    "results",
]
html_math_renderer = "mathml"
templates_path = ["_templates"]
exclude_patterns = ["_build", "_ext", "_templates"]
# Single backticks in docstrings are names of parameters as often as of objects; links are asked for with a role.
default_role = "literal"
nitpicky = True
# Names from other packages: their inventories would have to be fetched, and the build needs no network.
nitpick_ignore_regex = [("py:.*", r"(matplotlib|numpy|pandas|sklearn|skorch|torch)\..*")]
numpydoc_show_class_members = False

autosummary_generate = True
autodoc_typehints = "none"
add_module_names = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    # Examples that run simulations are shown, and not run, where CalculiX is missing.
    "filename_pattern": r"plot_" if shutil.which("ccx") else r"plot_(?!simulated_)",
    "doc_module": ("sklearn_spt",),
    "backreferences_dir": "generated/backreferences",
    "download_all_examples": False,
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "min_reported_time": 1e9,
    "reset_modules": ("matplotlib",),
}

html_theme = "pydata_sphinx_theme"
html_title = f"sklearn_spt {version}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {
    name: []
    for name in ("index", "install", "tutorial", "common_pitfalls", "verification", "paper", "results", "changelog")
}


def link_by_bare_name(app, env, node, contnode):
    """Resolve "See Also" entries such as "GAFTransformer", which name an object of another sub-package."""
    domain = env.get_domain("py")
    objects = domain.objects.items()
    found = [name for name, entry in objects if name.endswith("." + node["reftarget"]) and not entry.aliased]
    if node.get("refdomain") == "py" and len(found) == 1:
        node["reftarget"] = found[0]
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, contnode)
    return None


def setup(app):
    app.connect("missing-reference", link_by_bare_name)
