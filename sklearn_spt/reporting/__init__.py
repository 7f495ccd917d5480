"""Reports of small punch tests for a laboratory's files: one HTML page, JSON and CSV."""

from ._document import SpecimenReport, UnreadFile
from ._report import Report, make_report

__all__ = ["Report", "SpecimenReport", "UnreadFile", "make_report"]
