from __future__ import annotations

from django.urls import path

from reporting.views import backfill, reports, workbench

app_name = "reporting"

urlpatterns = [
    path("", workbench.home, name="home"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/year/<int:year>/", reports.report_current, name="report_current"),
    path("reports/year/<int:year>/backfill/", backfill.report_backfill, name="report_backfill"),
    path("reports/<int:pk>/scans/", backfill.report_scan_upload, name="report_scan_upload"),
    path("reports/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<int:pk>/jobs/", reports.report_jobs, name="report_jobs"),
    path("reports/<int:pk>/refresh/", reports.report_refresh, name="report_refresh"),
    path("reports/<int:pk>/documents/", reports.report_documents, name="report_documents"),
    path("reports/<int:pk>/sections/<str:key>/", reports.narrative_edit, name="narrative_edit"),
    path("reports/<int:pk>/<str:action>/", reports.report_move, name="report_move"),
]
