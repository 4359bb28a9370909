"""What operations registers when the apps are ready: its own files, its place in the menu."""

from __future__ import annotations

from zaozhuang_portal.accounts.kept_tables import keep_versions
from zaozhuang_portal.accounts.telling import register_teller
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.operations.access import register_attachment_access
from zaozhuang_portal.operations.enums import JOB_FILES
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.permissions import may_read_job_file, never
from zaozhuang_portal.operations.services.notifications import tell_by_notification


def register() -> None:
    """Called once by AppConfig.ready()."""
    keep_versions(Attachment, birth="uploaded_at", moment="removed_at")
    register_teller(tell_by_notification)
    register_attachment_access(JOB_FILES, may_read_job_file, never)
    register_nav(
        NavItem("downloads", "下载中心", "operations:downloads", "download", order=80, group="工作"),
        NavItem("notifications", "通知", "operations:notifications", "bell", order=85, group="工作"),
    )
