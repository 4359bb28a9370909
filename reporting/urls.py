from __future__ import annotations

from django.urls import path

from reporting.views import backfill, inbox, rectification_papers, reports, spot_checks, workbench, years

app_name = "reporting"

urlpatterns = [
    path("", workbench.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/badge/", inbox.inbox_badge, name="inbox_badge"),
    path("inbox/open/<str:token>/", inbox.inbox_open, name="inbox_open"),
    path("inbox/next/", inbox.inbox_next, name="inbox_next"),
    path("inbox/done/", inbox.done, name="done"),
    path("inbox/sent/", inbox.sent, name="sent"),
    path("inbox/remind/", inbox.remind, name="remind"),
    path("inbox/notices/", inbox.notices, name="notices"),
    path("inbox/drafts/", inbox.drafts, name="drafts"),
    path("years/", years.year_list, name="year_list"),
    path("years/<int:year>/close/", years.year_close, name="year_close"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/spot-checks/<int:year>/", spot_checks.city_chapter, name="city_spot_checks"),
    path("reports/spot-checks/<int:year>/docx/", spot_checks.city_chapter_docx, name="city_spot_checks_docx"),
    path("reports/year/<int:year>/", reports.report_current, name="report_current"),
    path("reports/year/<int:year>/backfill/", backfill.report_backfill, name="report_backfill"),
    path("reports/<int:pk>/correct/", backfill.report_correct, name="report_correct"),
    path("reports/<int:pk>/scans/", backfill.report_scan_upload, name="report_scan_upload"),
    path("reports/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<int:pk>/jobs/", reports.report_jobs, name="report_jobs"),
    path("reports/<int:pk>/refresh/", reports.report_refresh, name="report_refresh"),
    path("reports/<int:pk>/documents/", reports.report_documents, name="report_documents"),
    path("reports/<int:pk>/sections/<str:key>/", reports.narrative_edit, name="narrative_edit"),
    path(
        "rectifications/<int:pk>/papers/<str:paper>/",
        rectification_papers.rectification_paper,
        name="rectification_paper",
    ),
    path("reports/<int:pk>/<str:action>/", reports.report_move, name="report_move"),
]
