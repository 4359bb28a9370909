from reporting.models.annual_reports import AnnualReport, NarrativeSection, ReportFiling
from reporting.models.snapshots import Snapshot

__all__ = ["AnnualReport", "NarrativeSection", "ReportFiling", "Snapshot"]
