"""Reports of small punch tests for a laboratory's files: one HTML page, JSON and CSV."""

from ._report import CorrelationValue, Report, SpecimenReport, UnreadFile, make_report

__all__ = ["CorrelationValue", "Report", "SpecimenReport", "UnreadFile", "make_report"]
