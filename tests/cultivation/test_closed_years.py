"""Design §3: a closed year changes only under a 更正 the city consented to; what was open may still be finished."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from cultivation.enums import CorrectionArea, CorrectionState, EnrollmentState, MediationOutcome
from cultivation.ledgers.base import Ledger, all_ledgers, find_ledger
from cultivation.models import CampaignYear, CorrectedChange, CultivationRoster, Enrollment, YearCorrection
from cultivation.selectors.calendar import forget_periods
from cultivation.selectors.year_corrections import correction_lines
from cultivation.services.campaign import change_target
from cultivation.services.closed_years import YearClosed
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from cultivation.services.ledgers import (
    RecordRefused,
    create_record,
    refuse_change,
    remove_record,
    restore_record,
    update_record,
)
from cultivation.services.participation import join_subjects, leave_campaign
from cultivation.services.visits import complete_follow_up
from cultivation.services.work_items import WorkItemDraft, create_work_item, move_work_item
from cultivation.services.year_corrections import (
    close_campaign_year,
    consent_to_correction,
    finish_correction,
    refuse_correction,
    request_correction,
    seal_roster,
    withdraw_correction,
)
from cultivation.workflows import CORRECTION_WORKFLOW
from tests.cultivation.ledger_factories import make_record, valid_values
from tests.factories import login, make_actor, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db

# The turn of the year: 2026 is over, its reports are received, the city closes it.
NOW = datetime(2027, 1, 20, 2, tzinfo=UTC)
YEARLY = [ledger for ledger in all_ledgers() if not ledger.standing]


def ledger(slug: str) -> Ledger:
    found = find_ledger(slug)
    assert found is not None
    return found


@pytest.fixture
def year() -> CampaignYear:
    return make_year(2026)


@pytest.fixture
def office(year: CampaignYear) -> Actor:
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def city(year: CampaignYear) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def close(city: Actor, year: CampaignYear) -> None:
    close_campaign_year(actor=city, year=year, reason="各区（市）报告均已接收", now=NOW)


def ask(office: Actor, year: CampaignYear, area: str = CorrectionArea.LEDGER, **words: Any) -> YearCorrection:
    assert office.organization is not None
    return request_correction(
        actor=office,
        year=year,
        organization=office.organization,
        area=area,
        **{
            "content": "5月6日一次服务漏登，补登1次",
            "reason": "整理档案时发现漏登",
            "document_number": "滕人社函〔2027〕3号",
            "now": NOW,
            **words,
        },
    )


def opened(
    office: Actor, city: Actor, year: CampaignYear, area: str = CorrectionArea.LEDGER
) -> YearCorrection:
    return consent_to_correction(actor=city, correction=ask(office, year, area), now=NOW)


# --- ledgers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [ledger.slug for ledger in YEARLY])
def test_no_ledger_of_a_closed_year_changes_without_a_correction(
    slug: str, office: Actor, city: Actor, year: CampaignYear
) -> None:
    """Every ledger that is of a year, by every way a row is written."""
    noun = ledger(slug)
    actor = office if office.role in noun.keepers else city
    place = office.organization
    record = make_record(noun, place, actor=actor)
    gone = make_record(noun, place, actor=actor)
    remove_record(actor=actor, ledger=noun, record=gone, now=NOW)
    values = valid_values(noun, place, actor) | ({} if noun.dated else {"year": 2026})
    before = list(noun.model._default_manager.order_by("pk").values())
    close(city, year)
    with pytest.raises((YearClosed, RecordRefused), match="2026年度已封存"):
        create_record(actor=actor, ledger=noun, values=values, now=NOW, confirm_warnings=True)
    acts = (
        lambda: update_record(
            actor=actor,
            ledger=noun,
            record=record,
            expected_version=record.version,
            values={"note": "改了"},
            now=NOW,
            confirm_warnings=True,
        ),
        lambda: remove_record(actor=actor, ledger=noun, record=record, now=NOW),
        lambda: restore_record(actor=actor, ledger=noun, record=gone, now=NOW),
    )
    for act in acts:
        with pytest.raises((YearClosed, NotAllowed), match="封存"):
            act()
        record.refresh_from_db()
        gone.refresh_from_db()
    assert list(noun.model._default_manager.order_by("pk").values()) == before


def test_a_standing_ledger_lives_on(office: Actor, city: Actor, year: CampaignYear) -> None:
    """A coordinator appointed in 2026 still leaves in 2027."""
    people = ledger("coordinators")
    person = make_record(people, office.organization, actor=office)
    close(city, year)
    saved = update_record(
        actor=office,
        ledger=people,
        record=person,
        expected_version=person.version,
        values={"left_on": date(2027, 1, 15)},
        now=NOW,
        confirm_warnings=True,
    )
    assert saved.left_on == date(2027, 1, 15) and refuse_change(office, people, saved) == ""


def test_open_work_of_a_closed_year_is_finished_without_a_correction(
    office: Actor, city: Actor, year: CampaignYear
) -> None:
    visits, mediations = ledger("visits"), ledger("mediations")
    subject = make_subject(office.organization)
    visit = make_record(
        visits, office.organization, actor=office, subject=subject, follow_up_due=date(2027, 1, 30)
    )
    case = make_record(
        mediations, office.organization, actor=office, outcome=MediationOutcome.OPEN, closed_on=None
    )
    assert office.organization is not None
    item = create_work_item(
        actor=office,
        organization=office.organization,
        year=year,
        draft=WorkItemDraft(title="补签合同", due_on=date(2027, 2, 1), lead_name="人社局"),
        now=NOW,
    )
    close(city, year)
    done = complete_follow_up(actor=office, visit=visit, done_on=date(2027, 1, 18), note="已补签", now=NOW)
    assert done.follow_up_done_on == date(2027, 1, 18)
    finish = {"outcome": MediationOutcome.SETTLED, "closed_on": date(2027, 1, 19)}
    settled = update_record(
        actor=office, ledger=mediations, record=case, expected_version=case.version, values=finish, now=NOW
    )
    assert settled.closed_on == date(2027, 1, 19)
    move_work_item(actor=office, item=item, action="finish", now=NOW)
    assert not CorrectedChange.objects.exists()
    # Finished is finished: what was closed with the year does not open again by itself.
    with pytest.raises(YearClosed):
        move_work_item(actor=office, item=item, action="reopen", reason="还要再办一次", now=NOW)
    with pytest.raises(NotAllowed, match="封存"):
        update_record(
            actor=office,
            ledger=mediations,
            record=settled,
            expected_version=settled.version,
            values={"outcome": MediationOutcome.OPEN, "closed_on": None},
            now=NOW,
        )


def test_finishing_an_open_row_changes_nothing_else(office: Actor, city: Actor, year: CampaignYear) -> None:
    mediations = ledger("mediations")
    case = make_record(
        mediations, office.organization, actor=office, outcome=MediationOutcome.OPEN, closed_on=None
    )
    close(city, year)
    with pytest.raises(YearClosed):
        update_record(
            actor=office,
            ledger=mediations,
            record=case,
            expected_version=case.version,
            values={"happened_on": date(2026, 3, 3)},
            now=NOW,
            confirm_warnings=True,
        )


def test_a_correction_opens_its_unit_and_area_and_keeps_what_was_done(
    office: Actor, city: Actor, year: CampaignYear
) -> None:
    publicity = ledger("publicity")
    stranger = make_actor(Role.DISTRICT_OFFICE)
    values = {actor: valid_values(publicity, actor.organization, actor) for actor in (office, stranger)}
    close(city, year)
    correction = opened(office, city, year)
    record = create_record(
        actor=office, ledger=publicity, values=values[office], now=NOW, confirm_warnings=True
    )
    assert [row.what for row in correction.changes.all()] == [f"登记{publicity.noun}：{record}"]
    with pytest.raises((YearClosed, RecordRefused)):
        create_record(
            actor=stranger, ledger=publicity, values=values[stranger], now=NOW, confirm_warnings=True
        )
    lines = correction_lines(year_id=2026, organization_ids=[office.organization.pk])
    assert len(lines) == 1 and "滕人社函〔2027〕3号" in lines[0] and "2027年1月20日" in lines[0]
    # After its term, and after it is done, the year is closed again.
    late = NOW + timedelta(days=16)
    with pytest.raises(YearClosed):
        remove_record(actor=office, ledger=publicity, record=record, now=late)
    finish_correction(actor=office, correction=correction, now=NOW)
    with pytest.raises((YearClosed, NotAllowed), match="封存"):
        remove_record(actor=office, ledger=publicity, record=record, now=NOW)
    assert correction_lines(year_id=2026, organization_ids=[office.organization.pk]) == lines


def test_later_papers_of_the_year_name_the_correction(
    office: Actor, city: Actor, year: CampaignYear, client: Client
) -> None:
    """Every printed paper that stands in the resolver; other units' papers and other years' stay as they are."""
    record = make_record(ledger("visits"), office.organization, actor=office)
    paper = reverse("cultivation:ledger_paper", kwargs={"slug": "visits", "pk": record.pk})
    login(client, office)
    assert "年度数据更正" not in client.get(paper).content.decode()
    close(city, year)
    opened(office, city, year)
    page = client.get(paper).content.decode()
    assert "2026年度数据更正" in page and "滕人社函〔2027〕3号" in page and "整理档案时发现漏登" in page


def test_every_printed_paper_of_a_year_carries_the_notes() -> None:
    """A lint: what has a button to print loads the tag that names its year's corrections."""
    # Papers of one act as it was done; no figure of a year stands on them.
    of_no_figure = {
        "cultivation/handovers/detail.html",
        "evaluation/letters/print.html",
        "evaluation/spot_checks/minutes.html",
        "evaluation/spot_checks/record.html",
        "evaluation/spot_checks/sheet.html",
        "evaluation/spot_checks/team_record.html",
    }
    root = Path(settings.BASE_DIR) / "templates"
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.html")}
    printed = {name for name, text in texts.items() if "data-print" in text} - of_no_figure
    assert len(printed) >= 8
    assert [name for name in sorted(printed) if "{% correction_notes " not in texts[name]] == []


# --- rosters and targets ----------------------------------------------------------------------------------------------


def _confirmed(office: Actor, year: CampaignYear) -> Enrollment:
    rows = choose_subjects(actor=office, year=year, subjects=[make_subject(office.organization)], now=NOW)
    return confirm_enrollments(actor=office, enrollments=rows, now=NOW)[0]


@pytest.mark.parametrize("way", ["closed", "sealed"])
def test_a_roster_of_a_closed_year_or_a_received_report_stands(
    way: str, office: Actor, city: Actor, year: CampaignYear
) -> None:
    """§1: a subject cannot be taken out of the confirmed roster after the report was accepted."""
    row = _confirmed(office, year)
    late = make_subject(office.organization)
    assert office.organization is not None
    if way == "closed":
        close(city, year)
    else:
        seal_roster(year=year, organization=office.organization, now=NOW)
    for actor in (office, city):
        with pytest.raises(YearClosed, match="更正申请"):
            remove_enrollment(actor=actor, enrollment=row, reason="企业已停产多月", now=NOW)
        with pytest.raises(YearClosed):
            choose_subjects(actor=actor, year=year, subjects=[late], now=NOW)
        row.refresh_from_db()
    assert row.state == EnrollmentState.CONFIRMED and Enrollment.objects.count() == 1
    correction = opened(office, city, year, CorrectionArea.ROSTER)
    remove_enrollment(actor=office, enrollment=row, reason="企业已停产多月", now=NOW)
    roster = CultivationRoster.objects.get(organization=office.organization, year=year)
    assert roster.revision == 2 and correction.changes.get().what.startswith("名单调出")


def test_a_roster_never_confirmed_is_still_confirmed_after_closing(
    office: Actor, city: Actor, year: CampaignYear
) -> None:
    rows = choose_subjects(actor=office, year=year, subjects=[make_subject(office.organization)], now=NOW)
    close(city, year)
    assert confirm_enrollments(actor=office, enrollments=rows, now=NOW)
    with pytest.raises(YearClosed):
        remove_enrollment(actor=office, enrollment=rows[0], reason="企业已停产多月", now=NOW)


def test_participation_and_targets_stand(office: Actor, city: Actor, year: CampaignYear) -> None:
    firm, other = make_subject(office.organization), make_subject(office.organization)
    join_subjects(actor=office, year=year, subject_ids=[firm.pk], now=NOW)
    target = year.targets.filter(organization=office.organization).first() or year.targets.create(
        organization=office.organization, metric="KEY_ENTERPRISES", minimum=4, clause="C060"
    )
    close(city, year)
    with pytest.raises(YearClosed):
        join_subjects(actor=office, year=year, subject_ids=[other.pk], now=NOW)
    with pytest.raises(YearClosed):
        leave_campaign(actor=office, year=year, subject_ids=[firm.pk], reason="登记有误需取消", now=NOW)
    with pytest.raises(YearClosed):
        change_target(
            actor=city, target=target, minimum=3, maximum=None, reason="调整", document="某号", now=NOW
        )


# --- the correction itself --------------------------------------------------------------------------------------------


def test_an_open_year_needs_no_correction(office: Actor, year: CampaignYear) -> None:
    with pytest.raises(DomainError, match="尚未封存"):
        ask(office, year)


@pytest.mark.parametrize("field", ["content", "reason", "document_number"])
def test_a_correction_says_what_why_and_by_which_document(
    field: str, office: Actor, city: Actor, year: CampaignYear
) -> None:
    close(city, year)
    with pytest.raises(DomainError) as refused:
        ask(office, year, **{field: "  "})
    assert refused.value.field == field
    with pytest.raises(DomainError) as refused:
        ask(office, year, **{field: "字" * 301})
    assert refused.value.field == field and "301" in refused.value.message


def test_one_correction_of_an_area_at_a_time_and_a_lapsed_one_makes_room(
    office: Actor, city: Actor, year: CampaignYear
) -> None:
    close(city, year)
    first = opened(office, city, year)
    with pytest.raises(DomainError, match="已有一件更正"):
        ask(office, year)
    second = ask(office, year, now=NOW + timedelta(days=40))
    first.refresh_from_db()
    assert (first.state, second.state) == (CorrectionState.DONE, CorrectionState.REQUESTED)


def test_states_actions_and_roles(office: Actor, city: Actor, year: CampaignYear) -> None:
    """The whole product of state × action × role, and whose it is."""
    close(city, year)
    stranger = make_actor(Role.DISTRICT_OFFICE)
    member = make_actor(Role.DISTRICT_MEMBER, office.organization)
    for state in CorrectionState.values:
        for action in CORRECTION_WORKFLOW.actions:
            for actor in (office, stranger, member, city):
                YearCorrection.objects.all().delete()
                decided = state in {"CONSENTED", "REFUSED", "DONE"}
                correction = YearCorrection.objects.create(
                    year=year,
                    organization=office.organization,
                    area=CorrectionArea.LEDGER,
                    content="内容",
                    reason="理由",
                    document_number="某号",
                    state=state,
                    requested_at=NOW,
                    requested_by=office.user,
                    decided_at=NOW if decided else None,
                    decided_by=city.user if decided else None,
                    open_until=NOW.date() if decided else None,
                )
                acts = {
                    "consent": lambda a=actor, c=correction: consent_to_correction(
                        actor=a, correction=c, now=NOW
                    ),
                    "refuse": lambda a=actor, c=correction: refuse_correction(
                        actor=a, correction=c, reason="依据不足不予更正", now=NOW
                    ),
                    "withdraw": lambda a=actor, c=correction: withdraw_correction(
                        actor=a, correction=c, now=NOW
                    ),
                    "finish": lambda a=actor, c=correction: finish_correction(actor=a, correction=c, now=NOW),
                }
                by_city = action in {"consent", "refuse"}
                source = "CONSENTED" if action == "finish" else "REQUESTED"
                allowed = state == source and actor is (city if by_city else office)
                if allowed:
                    acts[action]()
                else:
                    with pytest.raises((NotAllowed, IllegalTransition)):
                        acts[action]()
                    correction.refresh_from_db()
                    assert correction.state == state


def test_nobody_consents_to_his_own(city: Actor, year: CampaignYear) -> None:
    close(city, year)
    own = ask(city, year)
    with pytest.raises(NotAllowed, match="本人"):
        consent_to_correction(actor=city, correction=own, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        YearCorrection.objects.filter(pk=own.pk).update(decided_by=city.user, decided_at=NOW)
    colleague = make_actor(Role.CITY_OFFICE, city.organization)
    assert consent_to_correction(actor=colleague, correction=own, now=NOW).state == CorrectionState.CONSENTED


def test_closing_is_one_act_of_the_city_and_audited(office: Actor, city: Actor, year: CampaignYear) -> None:
    with pytest.raises(NotAllowed):
        close(office, year)
    with pytest.raises(DomainError, match="封存说明"):
        close_campaign_year(actor=city, year=year, reason=" ", now=NOW)
    close(city, year)
    assert AuditEntry.objects.filter(action="封存年度", object_id=str(year.pk)).exists()
    with pytest.raises(ConflictError, match="已经封存"):
        close(city, year)


@pytest.mark.postgres_only  # SQLite takes one writer at a time
@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_what_is_being_written(office: Actor, city: Actor, year: CampaignYear) -> None:
    """A row written while the year is being closed is in it before, or refused after: never in between."""
    publicity = ledger("publicity")
    values = valid_values(publicity, office.organization, office)
    entered, closed = threading.Event(), threading.Event()

    def closing() -> None:
        entered.wait(10)
        close_campaign_year(actor=city, year=year, reason="各区（市）报告均已接收", now=NOW)
        closed.set()
        connection.close()

    closer = threading.Thread(target=closing)
    closer.start()
    with transaction.atomic():
        create_record(actor=office, ledger=publicity, values=values, now=NOW, confirm_warnings=True)
        entered.set()
        assert not closed.wait(0.7)  # the closing waits for this transaction
    closer.join(10)
    assert closed.is_set()
    forget_periods()
    with pytest.raises((YearClosed, RecordRefused)):
        create_record(actor=office, ledger=publicity, values=values, now=NOW, confirm_warnings=True)
