from __future__ import annotations

from django.urls import path

from zaozhuang_portal.operations.views import files, jobs, notifications

app_name = "operations"

urlpatterns = [
    path("jobs/<uuid:uid>/", jobs.show_job, name="job"),
    path("jobs/<uuid:uid>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:uid>/retry/", jobs.retry, name="job_retry"),
    path("jobs/<uuid:uid>/repeat/", jobs.repeat, name="job_repeat"),
    path("jobs/<uuid:uid>/seen/", jobs.seen, name="job_seen"),
    path("jobs/<uuid:uid>/remove/", jobs.remove, name="job_remove"),
    path("downloads/", jobs.downloads, name="downloads"),
    path("downloads/seen/", jobs.all_seen, name="downloads_seen"),
    path("files/<uuid:uid>/", files.download, name="file"),
    path("files/<uuid:uid>/preview/", files.preview, name="file_preview"),
    path("files/<uuid:uid>/remove/", files.remove, name="file_remove"),
    path("files/<uuid:uid>/restore/", files.restore, name="file_restore"),
    path("files/<uuid:uid>/replace/", files.replace, name="file_replace"),
    path("files/<uuid:uid>/purpose/", files.set_purpose, name="file_purpose"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read"),
    path("notifications/<int:pk>/open/", notifications.open_notification, name="notification_open"),
    path("badges/", notifications.badges, name="badges"),
]
