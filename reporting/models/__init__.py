from reporting.models.annual_reports import AnnualReport, NarrativeSection, ReportExplanation, ReportFiling
from reporting.models.snapshots import Snapshot

__all__ = ["AnnualReport", "NarrativeSection", "ReportExplanation", "ReportFiling", "Snapshot"]
