"""What reporting gives to the floors below it: job kinds, navigation, and a system check."""

from __future__ import annotations

from django.core import checks

from cultivation.services.handovers import register_handover_source
from evaluation.selectors.spot_checks.facts import register_district_facts
from reporting.checks import check_pdf_libraries
from reporting.permissions import SCANS, hold_report, may_read_scan, may_write_scan, sealing_of_report
from reporting.selectors import rehearsal
from reporting.selectors.check_facts import facts_of_district
from reporting.services.annual_reports import REPORT_HANDOVER
from reporting.services.rectification_papers import RECTIFICATION_PAPER_JOB
from reporting.services.report_documents import ANNUAL_REPORT_JOB
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Role
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.operations.access import ONLY_SCANS, register_attachment_access
from zaozhuang_portal.operations.registry import register_job_kind

_READERS = frozenset(
    {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER}
)
# Everyone who works with business records; the three administrators have nothing to do here.
_WORKERS = frozenset(Role) - ADMIN_ROLES


def register() -> None:
    """Called once by AppConfig.ready()."""
    register_job_kind(ANNUAL_REPORT_JOB)
    register_job_kind(RECTIFICATION_PAPER_JOB)
    rehearsal.register()
    register_district_facts(facts_of_district)
    register_attachment_access(
        SCANS,
        may_read_scan,
        may_write_scan,
        purposes=ONLY_SCANS,
        hold=hold_report,
        sealing=sealing_of_report,
    )
    register_handover_source(REPORT_HANDOVER)
    checks.register(check_pdf_libraries, "pdf")
    register_nav(
        NavItem("home", "工作台", "reporting:home", "house-door", order=0, group="工作", bottom_bar=True),
        NavItem(
            "inbox",
            "待办",
            "reporting:inbox",
            "inbox",
            roles=_WORKERS,
            order=10,
            group="工作",
            bottom_bar=True,
            badge_url_name="reporting:inbox_badge",
        ),
    )
    register_nav(
        NavItem(
            "reports",
            "年度报告",
            "reporting:report_list",
            "file-earmark-word",
            roles=_READERS,
            order=400,
            group="总结",
        ),
        NavItem(
            "years",
            "年度封存与更正",
            "reporting:year_list",
            "lock",
            roles=_READERS,
            order=450,
            group="总结",
        ),
    )
