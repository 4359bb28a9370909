from reporting.models.annual_reports import AnnualReport, NarrativeSection
from reporting.models.snapshots import Snapshot

__all__ = ["AnnualReport", "NarrativeSection", "Snapshot"]
