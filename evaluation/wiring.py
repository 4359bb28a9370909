"""What evaluation gives to the floors below it: attachment rights, job kinds, navigation."""

from __future__ import annotations

from cultivation.indicator_offers import register_indicator_source
from cultivation.services.enrollments import register_confirmation_follower
from cultivation.services.handovers import register_handover_source
from cultivation.services.imports_registry import register_adapter
from cultivation.subject_tabs import SubjectTab, register_subject_tab
from evaluation.models import Assessment, ScoreSheet
from evaluation.permissions.roles import (
    ASSESSMENT_FILLERS,
    CHECKED_SUBJECTS,
    IMPROVEMENT_READERS,
    INSPECTOR_READERS,
    LETTER_READERS,
    RECTIFICATION_READERS,
    REVIEW_READERS,
    ROUND_READERS,
)
from evaluation.selectors import letters, rehearsal, reminders
from evaluation.selectors.evidence import register_evidence
from evaluation.selectors.indicator_offers import offered_indicators
from evaluation.selectors.rectifications import improvements
from evaluation.selectors.rectifications.files import register_rectification_files
from evaluation.selectors.spot_checks import todos as spot_check_todos
from evaluation.selectors.spot_checks.files import register_site_files
from evaluation.services.assessments import follow_late_additions
from evaluation.services.check_handovers import CHECK_HANDOVER, RECTIFICATION_HANDOVER
from evaluation.services.rectifications.export import RECTIFICATION_EXPORT_JOB
from evaluation.services.rectifications.past_ledger import PastRectifications
from evaluation.services.review_handover import REVIEW_HANDOVER
from evaluation.services.spot_checks.looks import looks_of_job
from evaluation.services.spot_checks.packs import CHECK_PACK_JOB
from zaozhuang_portal.accounts.kept_tables import keep_versions
from zaozhuang_portal.accounts.words import register_audit_words
from zaozhuang_portal.kernel.navigation import NavItem, NavSection, register_nav, register_section
from zaozhuang_portal.operations.registry import register_job_kind, register_run_watch


def _keep_versions() -> None:
    """What reports count. Autosaving writes these rows all the time; only what a figure reads makes a version."""
    dates = ("submitted_at", "first_submitted_at", "verified_at", "confirmed_at", "archived_at")
    keep_versions(
        Assessment,
        late="backfilled",
        watched=("subject_id", "year_id", "set_code", "indicator_set_id", "organization_id", "state", *dates),
    )
    keep_versions(
        ScoreSheet,
        birth="computed_at",
        moment="computed_at",
        late="backfilled",
        owner=(Assessment._meta.db_table, "assessment_id"),
        watched=("assessment_id", "layer", "total", "scaled_total", "qualification", "entered_count"),
    )


def register() -> None:
    """Called once by AppConfig.ready()."""
    register_evidence()
    register_job_kind(CHECK_PACK_JOB)
    register_run_watch(looks_of_job)
    register_job_kind(RECTIFICATION_EXPORT_JOB)
    register_audit_words(
        changes={
            "addressees": "收件单位",
            "target": "对象",
            "answers": "作答",
            "receiver_name": "签收人",
            "lead": "主检",
            "measure_words": "措施",
            "measure_person": "责任人",
            "measure_due_on": "完成时限",
            "measure_result": "完成情况",
            "measure_done_on": "完成日期",
            "measure_evidence_of": "佐证所属日期",
        }
    )
    register_site_files()
    register_rectification_files()
    _keep_versions()
    register_confirmation_follower(follow_late_additions)
    rehearsal.register()
    reminders.register()
    letters.register()
    spot_check_todos.register()
    improvements.register()
    register_adapter(PastRectifications())
    register_indicator_source(offered_indicators)
    register_subject_tab(
        SubjectTab("assessments", "自评", "evaluation:subject_assessments", 50),
        SubjectTab("spot_checks", "抽查", "evaluation:subject_spot_checks", 55),
    )
    register_handover_source(REVIEW_HANDOVER, CHECK_HANDOVER, RECTIFICATION_HANDOVER)
    # Its tabs 抽查 and 整改 are registered with section="spot_checks_and_rectifications".
    register_section(
        NavSection("spot_checks_and_rectifications", "抽查整改", "shield-check", order=320, group="评价")
    )
    register_nav(
        NavItem(
            "self_assessments",
            "自评",
            "evaluation:assessment_list",
            "pencil",
            roles=ASSESSMENT_FILLERS,
            order=300,
            group="评价",
            bottom_bar=True,
        )
    )
    register_nav(
        NavItem(
            "reviews",
            "自评核验",
            "evaluation:review_list",
            "clipboard-check",
            roles=REVIEW_READERS,
            order=310,
            group="评价",
            bottom_bar=True,
        )
    )
    register_nav(
        NavItem(
            "spot_checks",
            "抽查",
            "evaluation:spot_check_list",
            "shield-check",
            roles=ROUND_READERS,
            order=320,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "findings",
            "发现问题",
            "evaluation:finding_list",
            "search",
            roles=RECTIFICATION_READERS,
            order=325,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "rectifications",
            "整改",
            "evaluation:rectification_list",
            "list-check",
            roles=RECTIFICATION_READERS,
            order=330,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "improvements",
            "整改提升",
            "evaluation:improvement_list",
            "graph-up",
            roles=IMPROVEMENT_READERS,
            order=335,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "own_spot_checks",
            "抽查",
            "evaluation:own_spot_checks",
            "shield-check",
            roles=CHECKED_SUBJECTS,
            order=320,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "letters",
            "通知",
            "evaluation:letter_list",
            "send",
            roles=LETTER_READERS,
            order=340,
            section="spot_checks_and_rectifications",
        ),
        NavItem(
            "inspectors",
            "检查人员",
            "evaluation:inspector_list",
            "person-badge",
            roles=INSPECTOR_READERS,
            order=350,
            section="spot_checks_and_rectifications",
        ),
    )
    register_nav(
        NavItem("standards", "评价标准", "evaluation:standard_list", "journal-check", order=390, group="评价")
    )
