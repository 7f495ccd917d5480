"""The paper's experiment at a tiny size: results are written, kept, and made anew for another set."""

import json

from benchmarks import paper

CHOICE = ["--quick", "--models", "polynomial_flow", "--protocols", "sheet_random"]


def test_results_are_kept_until_the_set_changes(tmp_path):
    paper.main(CHOICE, tmp_path)
    (path,) = tmp_path.glob("*.json")
    result = json.loads(path.read_text())
    assert result["set"]["curves"] == 120
    assert len(result["mae"]) == len(result["test_curves"]) == 12
    result["fit_seconds"] = -1
    path.write_text(json.dumps(result))
    paper.main(CHOICE, tmp_path)
    assert json.loads(path.read_text())["fit_seconds"] == -1
    result["set"]["hash"] = "older"
    path.write_text(json.dumps(result))
    paper.main(CHOICE, tmp_path)
    assert json.loads(path.read_text())["fit_seconds"] > 0
