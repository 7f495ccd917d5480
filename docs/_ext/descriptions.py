"""``.. dataset-description:: load_sheet_steel`` shows the DESCR of a bundled data set as a section of the page."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import sklearn_spt.datasets


class DatasetDescription(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        loader = getattr(sklearn_spt.datasets, self.arguments[0])
        return self.parse_text_to_nodes(loader().DESCR, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("dataset-description", DatasetDescription)
    return {"parallel_read_safe": True}
