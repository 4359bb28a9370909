"""检查通知书: what it says and does not say, from which state, once, by whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from evaluation.enums import CheckState, ItemReason, LetterKind, LineKind
from evaluation.models import CheckLine, InspectionChecklist, Letter, SpotCheck
from evaluation.rules.letters import MAX_SECTION
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.spot_checks.notices import checks_to_notify
from evaluation.services.letters import withdraw_letter
from evaluation.services.spot_checks.notices import notify_checks
from evaluation.services.spot_checks.sample import skip_check
from tests.evaluation.assessment_builders import publish_real
from tests.evaluation.spot_checks.team_builders import (
    NOW,
    PARTIES,
    a_team,
    an_inspector,
    drawn_check,
    drawn_round,
)
from tests.evaluation.test_letters import race
from tests.factories import login, make_actor, make_organization, make_subject
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Notification

DAY = date(2026, 11, 18)
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="races run on PostgreSQL only"
)


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def assigned(place: Any = None, **fields: Any) -> SpotCheck:
    check = drawn_check(drawn_round(**fields), place, state=CheckState.ASSIGNED)
    a_team(check)
    return check


def words(letter: Letter) -> str:
    return "\n".join(f"{heading} {text}" for heading, text in letter.sections)


@pytest.mark.django_db
def test_a_notice_names_everything_and_not_what_was_drawn(office: Actor) -> None:
    standard = publish_real()
    check = assigned(defaults=["逾期不反馈的，由检查组催告后按现有材料作出结论。"])
    CheckLine.objects.create(
        check_record=check,
        kind=LineKind.INDICATOR,
        code="D02-02",
        position=1,
        title="抽中的指标",
        item_reason=ItemReason.AFFIRMED,
    )
    (letter,) = notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    check.refresh_from_db()
    assert (check.state, check.notified_at, check.planned_on) == (CheckState.NOTIFIED, NOW, DAY)
    assert (letter.kind, letter.about_kind, letter.about_id) == (
        LetterKind.CHECK_NOTICE,
        "SpotCheck",
        check.pk,
    )
    assert letter.receipts.get().subject_id == check.subject_id
    text = words(letter)
    lead = check.team.get(lead=True).inspector
    basis, manner = "枣人社字〔2023〕34号三（三）4", "查台账、实地查看"
    who = f"{lead.name}（人社局，主检）"
    for said in (basis, "2026年11月18日", manner, who, "5个工作日内", "逾期不反馈的"):
        assert said in text
    # The papers of the whole standard, each once, whatever was drawn; nothing of the sample.
    for section in definition_of(standard).dimensions:
        for item in section.indicators:
            assert all(name in text for name in item.evidence)
    assert "抽中的指标" not in text and "D02-02" not in text
    assert all(len(part) <= MAX_SECTION for _, part in letter.sections)


@pytest.mark.django_db
def test_a_district_is_asked_for_the_papers_of_its_checklist(office: Actor) -> None:
    district = make_organization(Level.DISTRICT)
    check = assigned(district)
    InspectionChecklist.objects.update(
        lines=[{"code": "L01", "title": "工作方案", "evidence": ["印发的方案", "任务分解表"]}]
    )
    (letter,) = notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    assert letter.receipts.get().organization_id == district.pk and letter.receipts.get().subject_id is None
    assert "1. 工作方案：印发的方案、任务分解表" in words(letter)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [CheckState.SELECTED, CheckState.NOTIFIED, CheckState.UNDER_WAY])
def test_only_assigned_checks_are_notified_and_all_or_none(office: Actor, state: CheckState) -> None:
    good = assigned()
    bad = drawn_check(good.round, state=state)
    if state == CheckState.NOTIFIED:
        SpotCheck.objects.filter(pk=bad.pk).update(state=CheckState.ASSIGNED)
        a_team(bad)
        notify_checks(actor=office, checks=[bad], planned={bad.pk: DAY}, now=NOW)
    before = Letter.objects.count()
    with pytest.raises(IllegalTransition):
        notify_checks(actor=office, checks=[good, bad], planned={good.pk: DAY, bad.pk: DAY}, now=NOW)
    good.refresh_from_db()
    assert good.state == CheckState.ASSIGNED and Letter.objects.count() == before


@pytest.mark.django_db
def test_a_day_is_needed_and_lies_ahead(office: Actor) -> None:
    check = assigned()
    for planned in ({}, {check.pk: date(2026, 11, 9)}):
        with pytest.raises(DomainError) as refused:
            notify_checks(actor=office, checks=[check], planned=planned, now=NOW)
        assert refused.value.field == f"day_{check.pk}"
    for role in (Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.LEADER):
        with pytest.raises(NotAllowed):
            notify_checks(actor=make_actor(role), checks=[check], planned={check.pk: DAY}, now=NOW)


@pytest.mark.django_db
def test_a_withdrawn_notice_is_sent_anew(office: Actor) -> None:
    check = assigned()
    (letter,) = notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    assert not checks_to_notify(check.round_id)
    withdraw_letter(actor=office, letter=letter, reason="日期有误，另行发出", now=NOW)
    assert [row.pk for row in checks_to_notify(check.round_id)] == [check.pk]
    (second,) = notify_checks(actor=office, checks=[check], planned={check.pk: date(2026, 11, 20)}, now=NOW)
    assert "2026年11月20日" in words(second) and second.number != letter.number


@pytest.mark.django_db
def test_a_check_that_is_not_made_takes_its_notice_back(office: Actor) -> None:
    check = assigned(make_subject())
    [letter] = notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    skip_check(actor=office, check=check, reason="企业已经注销", now=NOW)
    letter.refresh_from_db()
    assert (letter.withdrawn_at, letter.withdrawal) == (NOW, f"{check.number} 改为未检，不再检查。")
    assert not letter.receipts.waiting().exists()


@pytest.mark.django_db
def test_the_page_sends_those_that_are_ticked(client: Client, office: Actor) -> None:
    first = assigned(make_subject())
    second = drawn_check(first.round, state=CheckState.ASSIGNED)
    a_team(second)
    login(client, office)
    url = reverse("evaluation:notice_send", args=[first.round_id])
    assert first.name in client.get(url).content.decode()
    missing = client.post(url, {f"send_{first.pk}": "on"})
    assert missing.status_code == 422 and "请填写" in missing.content.decode()
    sent = {f"send_{first.pk}": "on", f"day_{first.pk}": "2099-11-18", "late_is_meant": "on"}
    assert client.post(url, sent).status_code == 302
    assert Letter.objects.get().about_id == first.pk
    second.refresh_from_db()
    assert second.state == CheckState.ASSIGNED


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_racing_notices_one_is_sent() -> None:
    office, check = make_actor(Role.CITY_OFFICE), assigned()
    answers = race(
        lambda number: notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    )
    assert sum(isinstance(one, list) for one in answers) == 1 and Letter.objects.count() == 1
    assert all(isinstance(one, list | IllegalTransition) for one in answers)


@pytest.mark.django_db
def test_a_day_after_the_rounds_end_is_asked_about_before_it_is_stored(
    client: Client, office: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    check = assigned()
    url, late = reverse("evaluation:notice_send", args=[check.round_id]), "2026-12-05"
    sent = {f"send_{check.pk}": "on", f"day_{check.pk}": late}
    login(client, office)
    refused = client.post(url, sent)
    page = refused.content.decode()
    assert refused.status_code == 422 and "晚于本批次完成期限 2026-11-30" in page and late in page
    assert 'name="late_is_meant"' in page and not Letter.objects.exists()
    assert client.post(url, {**sent, "late_is_meant": "on"}).status_code == 302
    check.refresh_from_db()
    assert check.planned_on == date(2026, 12, 5)


@pytest.mark.django_db
def test_inspectors_are_told_with_a_link_to_their_check(office: Actor) -> None:
    check = drawn_check(drawn_round(), state=CheckState.ASSIGNED)
    inspector = make_actor(Role.CITY_MEMBER)
    a_team(check, an_inspector(user=inspector.user), an_inspector(PARTIES[1]))
    notify_checks(actor=office, checks=[check], planned={check.pk: DAY}, now=NOW)
    told = Notification.objects.get(user=inspector.user)
    assert told.url == reverse("evaluation:check_detail", args=[check.round_id, check.pk])
