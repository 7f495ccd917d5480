"""A report as data: what it says of its specimens, as objects and as the document that is also the JSON file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..evaluation import Evaluation
from ..mechanics.quantities import QUANTITIES, Quantity
from ..simulation.rigs import Rig

UNITS = {
    "displacement": "mm",
    "load": "N",
    "thickness": "mm",
    "temperature": "°C",
    "elastic_modulus": "MPa",
    "strain": "1",
    "stress": "MPa",
    "energy": "mJ",
}
# Columns of the summary: name in the document, the quantity, and where its value stands in a specimen's part.
SUMMARY: dict[str, tuple[Quantity, tuple[str, ...]]] = {
    "thickness": (QUANTITIES["h0"], ("thickness",)),
    **{name: (QUANTITIES[name], ("characteristic", name)) for name in ("Fe", "Fm", "um")},
    **{
        name: (QUANTITIES[name], ("properties", name))
        for name in (
            "proof_stress", "lower_yield_strength", "tensile_strength", "uniform_elongation", "hardening_exponent",
            "strength_coefficient",
        )
    },
}  # fmt: skip
# Of a rig, what a specimen was tested with; the rest is for simulations.
_TOOLS = (
    "name", "punch_diameter", "punch_edge_radius", "disc_diameter", "hole_diameter", "hole_edge", "hole_edge_size",
    "clamp_diameter",
)  # fmt: skip
ALL = "all specimens"
UNGROUPED = "without a group"


@dataclass(frozen=True, kw_only=True)
class UnreadFile:
    """A file of which no curve could be read.

    Parameters
    ----------
    path : str
        The file.
    error : str
        What is wrong with it, and what to do.

    See Also
    --------
    Report : Lists them in `unread`.

    Examples
    --------
    >>> from sklearn_spt.reporting import UnreadFile
    >>> UnreadFile(path="lab/C1.csv", error="it has no columns of numbers").path
    'lab/C1.csv'
    """

    path: str
    error: str


@dataclass(frozen=True, eq=False, kw_only=True)
class SpecimenReport(Evaluation):
    """What a report says of one specimen: its evaluation, and its place among the others.

    Parameters
    ----------
    group : str or None
        The group that the specimen belongs to, such as its material.
    tools : Rig or None
        The rig that the curve names, or else the model's, if the package knows it.

    See Also
    --------
    make_report : Makes a report, which lists them in `specimens`.
    sklearn_spt.evaluation.evaluate : Evaluates a single specimen.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.reporting import make_report
    >>> report = make_report([load_demo_curve()[0]], "sheet")
    >>> (specimen,) = report.specimens
    >>> specimen.name, specimen.verdict, round(specimen.quantities.Fm)
    ('demo', 'no objection', 14032)
    """

    group: str | None
    tools: Rig | None

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as it stands in the JSON file.

        Returns
        -------
        dict
            See the user guide on reports for the keys.
        """
        tools = None if self.tools is None else {name: getattr(self.tools, name) for name in _TOOLS}
        return {"name": self.name, "group": self.group, "tools": tools, **super().to_dict()}


def values_of(specimen: Mapping[str, Any]) -> dict[str, float | None]:
    """The quantities of the summary in a specimen's part of the document."""
    values: dict[str, float | None] = {}
    for name, (_, keys) in SUMMARY.items():
        value: Any = specimen
        for key in keys:
            value = None if value is None else value[key]
        values[name] = value
    return values


def doubted(specimen: Mapping[str, Any], name: str) -> bool:
    """Whether a quantity of a specimen's part of the document is not to be trusted."""
    part = SUMMARY[name][1][0]
    if part == "characteristic":
        return bool(specimen["record_in_doubt"])
    return bool(specimen["untrusted"]) and part == "properties"


def summarize(specimens: Sequence[Mapping[str, Any]], group_by: str | None) -> dict[str, Any]:
    """Mean and scatter by group of the specimens of a document."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for specimen in specimens:
        name = ALL if group_by is None else UNGROUPED if specimen["group"] is None else specimen["group"]
        groups.setdefault(name, []).append(specimen)
    summary: dict[str, Any] = {}
    for name, members in groups.items():
        summary[name] = {}
        for quantity in SUMMARY:
            found = [(values_of(member)[quantity], doubted(member, quantity)) for member in members]
            every = [value for value, _ in found if value is not None]
            values = [value for value, doubts in found if value is not None and not doubts]
            (n, mean, std), (n_all, mean_all, std_all) = _statistics(values), _statistics(every)
            summary[name][quantity] = {
                "n": n,
                "mean": mean,
                "std": std,
                "min": min(values, default=None),
                "max": max(values, default=None),
                "n_all": n_all,
                "mean_all": mean_all,
                "std_all": std_all,
            }
    return summary


def _statistics(values: Sequence[float]) -> tuple[int, float | None, float | None]:
    """Number, mean, and standard deviation of the sample."""
    mean = float(np.mean(values)) if values else None
    return len(values), mean, float(np.std(values, ddof=1)) if len(values) > 1 else None
