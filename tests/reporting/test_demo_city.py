"""The demo city is built through the services and stands at the stage asked for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from cultivation.ledgers.base import all_ledgers
from cultivation.models import Enrollment, Subject, SubjectProfile, Training
from cultivation.rules.targets import Completion
from cultivation.selectors.data_checks import Scope, run_checks
from cultivation.selectors.targets import evaluate_year_targets
from evaluation.models import Assessment
from evaluation.views.assessments import CHANGE_CODES, CHANGE_LABELS
from reporting.demo.accounts import DEMO_PASSWORD, DEMO_SIGN_INS, SHOWN_DISTRICT
from reporting.models import AnnualReport
from reporting.views.reports import CHANGE_LABELS as REPORT_LABELS
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, User
from zaozhuang_portal.accounts.selectors.account_requests import awaiting_decision
from zaozhuang_portal.accounts.selectors.timeline import entries_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import check_credit_code

pytestmark = pytest.mark.django_db


def test_the_enrolled_stage_has_every_sign_in_and_an_open_year():
    call_command("seed_demo", stage="enrolled", enterprises=105, verbosity=0)
    for entry in DEMO_SIGN_INS:
        user = User.objects.get(username=entry.username)
        assert user.check_password(DEMO_PASSWORD) and not user.must_change_password
        assert list_capacities(user)[0].role == entry.role
    assert {entry.role for entry in DEMO_SIGN_INS} == set(Role.values)
    assert all(
        check_credit_code(code).ok
        for code in Subject.objects.filter(kind="ENTERPRISE").values_list("credit_code", flat=True)
    )
    city = User.objects.get(username="shiban")
    actor = Actor(city, list_capacities(city)[0])
    by_code = {
        row.organization.code: row.completion
        for row in evaluate_year_targets(actor, years=[2026], today=clock.shanghai_date(clock.now()))
    }
    assert [row.full_name for row in awaiting_decision(actor)] == ["刘新任"]
    assert by_code[SHOWN_DISTRICT] != Completion.MET
    assert sum(state == Completion.MET for state in by_code.values()) >= 5
    assert Enrollment.objects.filter(backfilled=True).exclude(source_document="").count() >= 100
    assert not Assessment.objects.exists()
    with pytest.raises(CommandError, match="空数据库"):
        call_command("seed_demo", verbosity=0)


def check_believable_days() -> None:
    """Plans and tasks move over the year and not on the day of the installation; nothing lies in the future."""
    now = clock.now()
    for kind, least in (("WorkPlan", 3), ("WorkItem", 5)):
        moved = AuditEntry.objects.filter(kind=kind).exclude(action__startswith="create")
        days = {clock.shanghai_date(at) for at in moved.filter(at__year=2026).values_list("at", flat=True)}
        assert len(days) >= least and min(days) < clock.shanghai_date(now), (kind, sorted(days))
    assert not AuditEntry.objects.filter(at__gt=now).exists()
    for ledger in all_ledgers():
        if ledger.dated:
            late = ledger.model.objects.live().filter(happened_on__gt=clock.shanghai_date(now))
            assert not late.exists(), ledger.slug
    firms = SubjectProfile.objects.filter(subject__kind="ENTERPRISE")
    assert firms.exists() and not firms.filter(labor_relations_status="").exists()


def test_the_reported_stage_leaves_work_for_the_visitor():
    call_command("seed_demo", enterprises=105, verbosity=0)
    past = AnnualReport.objects.filter(backfilled=True)
    received = past.filter(state="ACCEPTED", accepted_by__isnull=False)
    assert {year: past.filter(year_id=year).count() for year in (2023, 2024, 2025)} == dict.fromkeys(
        (2023, 2024, 2025), 7
    )
    # The receipt is the city's act of today, and the shown district's last paper still waits for it.
    assert {row.organization.name for row in past.filter(state="SUBMITTED")} == {"滕州市"}
    assert received.count() == 20 and not received.filter(accepted_at__lt=clock.now() - timedelta(days=1))
    for ledger in all_ledgers():
        assert ledger.model.objects.live().exists(), f"the demo city has no row of {ledger.slug}"
    assert not Training.objects.filter(organizer=None).exists()
    check_believable_days()
    # Every alarm is true of the data: the shown district's half-done year, one district without a place, new bodies.
    found = {
        result.check.code: {doubt.place for doubt in result.doubts}
        for result in run_checks(Scope(), day=clock.shanghai_date(clock.now()))
        if result.doubts
    }
    shown = {"滕州市"}
    assert found.pop("PLACE_WITHOUT_BODY")
    assert found == {
        "ROSTER_BELOW_MINIMUM": {"滕州市", "台儿庄区"},
        "ENROLLED_WITHOUT_PAIRING": shown,
        "FOLLOW_UP_OVERDUE": shown,
        "PLAN_WITHOUT_PART": shown,
        "TRAINING_WITHOUT_SHEET": shown,
    }
    assert AnnualReport.objects.filter(year_id=2026, state="SUBMITTED").count() == 3
    assert not AnnualReport.objects.filter(year_id=2026, organization__code=SHOWN_DISTRICT).exists()
    assert Assessment.objects.filter(organization__code=SHOWN_DISTRICT, state="SUBMITTED").count() == 2
    assert Assessment.objects.filter(state="VERIFIED").count() > 20
    for kind, labels, codes in (
        ("Assessment", CHANGE_LABELS, CHANGE_CODES),
        ("AnnualReport", REPORT_LABELS, {}),
        *((ledger.kind, {}, {}) for ledger in all_ledgers() if ledger.kind != "WorkItem"),
    ):
        rows = AuditEntry.objects.filter(kind=kind)
        told = [
            change
            for entry in entries_of(rows, labels=labels, codes=codes, limit=2000)
            for change in entry.changes
        ]
        programs = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]{3,}(_[A-Z]+)*\b")
        assert not [part for change in told for part in change if programs.search(part)], kind


def test_refused_under_production_settings(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="生产设置"):
        call_command("seed_demo", verbosity=0)
