"""Filings kept so far become rows; first filings that a return had erased are taken from the audit log.

A back-filled report that says 市级已收 was never received by an act of the city: it waits for one.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations

_FILED = ("SUBMITTED", "ACCEPTED")
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def fill_filings(apps, schema_editor):
    report_model = apps.get_model("reporting", "AnnualReport")
    filing_model = apps.get_model("reporting", "ReportFiling")
    entry_model = apps.get_model("accounts", "AuditEntry")
    milestone_model = apps.get_model("cultivation", "Milestone")
    user_model = apps.get_model("accounts", "User")
    people = set(user_model.objects.values_list("pk", flat=True))
    due = dict(milestone_model.objects.filter(code="ANNUAL_REPORT").values_list("year_id", "due_on"))
    for report in report_model.objects.select_related("year").order_by("pk"):
        words = dict(report.sections.values_list("key", "text"))
        due_on = due.get(report.year_id, report.year.period_end)
        rows = [] if report.backfilled else _audited(entry_model, report, people)
        if report.state in _FILED and (not rows or rows[-1]["outcome"] != "PENDING"):
            rows.append({"filed_at": report.submitted_at, "filed_by_id": report.submitted_by_id, "outcome": "PENDING"})
        if report.state in _FILED:
            rows[-1] |= {"filed_at": report.submitted_at, "words": words}
        elif rows and rows[-1]["outcome"] == "PENDING":
            rows.pop()  # the log lacks what became of it, and the report is not filed
        if report.backfilled and report.state == "ACCEPTED":
            report.state, report.accepted_at = "SUBMITTED", None
        elif report.state == "ACCEPTED":
            rows[-1] |= {"outcome": "ACCEPTED", "closed_at": report.accepted_at}
        for number, row in enumerate(rows, start=1):
            filing_model.objects.create(
                report=report,
                number=number,
                snapshot_id=report.snapshot_id,
                entered_at=report.created_at if report.backfilled else row["filed_at"],
                due_on=due_on,
                after_return=any(former["outcome"] == "RETURNED" for former in rows[: number - 1]),
                past_due=row["filed_at"] >= _end_of(due_on) and number == 1,
                **row,
            )
        counted = [row["filed_at"] for row in rows if row["outcome"] != "RECALLED"]
        if counted:
            first = min(counted)
            report.first_filed_at = first
            report.submitted_at = max(max(counted), first)
            if not (report.state in _FILED and len(counted) == 1):
                report.is_late = first >= _end_of(due_on)
        report.save()


def _audited(entry_model, report, people):
    """The acts of filing and what became of each, from the audit log, oldest first."""
    rows = []
    entries = entry_model.objects.filter(kind="AnnualReport", object_id=str(report.pk)).order_by("at", "pk")
    for entry in entries:
        by = entry.user_id if entry.user_id in people else None
        if entry.action == "年度报告报送":
            rows.append({"filed_at": entry.at, "filed_by_id": by, "outcome": "PENDING"})
        elif rows and rows[-1]["outcome"] == "PENDING":
            if entry.action == "年度报告市级退回":
                rows[-1] |= {"outcome": "RETURNED", "reason": entry.reason or "（未留存）"}
            elif entry.action == "年度报告取回":
                rows[-1] |= {"outcome": "RECALLED"}
            else:
                continue
            rows[-1] |= {"closed_at": entry.at, "closed_by_id": by}
    return rows


def _end_of(day):
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=_SHANGHAI)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0003_report_filings"),
        ("accounts", "0009_audit_of_user"),
    ]

    operations = [migrations.RunPython(fill_filings, migrations.RunPython.noop)]
