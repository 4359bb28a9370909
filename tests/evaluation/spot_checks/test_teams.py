"""检查人员名录 and 派组: who may, conflicts first, pairs of different parties, changes with reason, reproducible record."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from evaluation.enums import CheckState, Conclusion, RoundState
from evaluation.models import Inspector, SpotCheck, TeamDraw, TeamMember
from evaluation.permissions.inspectors import shown_certificate
from evaluation.selectors.spot_checks.teams import CHANGEABLE, redraw
from evaluation.services.spot_checks.inspectors import (
    InspectorEntry,
    create_inspector,
    declare_conflict,
    edit_inspector,
    remove_conflict,
    retire_inspector,
)
from evaluation.services.spot_checks.teams import assign_teams, change_lead, change_member
from tests.evaluation.spot_checks.team_builders import (
    NOW,
    PARTIES,
    a_team,
    an_inspector,
    drawn_check,
    drawn_round,
)
from tests.evaluation.test_letters import race
from tests.factories import (
    login,
    make_actor,
    make_organization,
    make_pairing,
    make_subject,
    make_user,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

OTHERS = [role for role in Role if role not in {Role.CITY_OFFICE, Role.SUBJECT_CONTACT}]
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="races run on PostgreSQL only"
)


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def entry(**fields: Any) -> InspectorEntry:
    values: dict[str, Any] = {
        "name": "周检查",
        "staff_number": " jc 77 ",
        "party": PARTIES[0],
        "organization": make_organization(Level.CITY),
        "unit_name": "市人社局",
        "active_from": date(2026, 1, 1),
        "certificate": "鲁D04001234",
    }
    return InspectorEntry(**values | fields)


@pytest.mark.django_db
def test_the_register_refuses_what_is_taken_and_keeps_personal_data_out_of_the_log(office: Actor) -> None:
    user = make_user()
    one = create_inspector(actor=office, entry=entry(user=user), now=NOW)
    assert one.staff_number == "JC77"
    with pytest.raises(DomainError) as number:
        create_inspector(actor=office, entry=entry(), now=NOW)
    with pytest.raises(DomainError) as account:
        create_inspector(actor=office, entry=entry(staff_number="JC78", user=user), now=NOW)
    with pytest.raises(DomainError) as place:
        township = make_organization(Level.TOWNSHIP)
        create_inspector(actor=office, entry=entry(staff_number="JC79", organization=township), now=NOW)
    assert [one.value.field for one in (number, account, place)] == ["staff_number", "user", "organization"]
    edit_inspector(actor=office, inspector=one, entry=entry(certificate="鲁D04009999", user=user), now=NOW)
    assert "9999" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))
    retire_inspector(actor=office, inspector=one, on=date(2026, 11, 1), reason="调离本单位", now=NOW)
    assert not Inspector.objects.active_on(date(2026, 11, 2)).exists()
    with pytest.raises(ConflictError):
        retire_inspector(actor=office, inspector=one, on=date(2026, 11, 1), reason="调离本单位", now=NOW)


@pytest.mark.django_db
def test_a_certificate_is_whole_for_the_keeper_and_the_person_only(office: Actor) -> None:
    person = make_actor(Role.CITY_MEMBER)
    row = an_inspector(user=person.user, certificate="鲁D04001234")
    assert shown_certificate(office, row) == shown_certificate(person, row) == "鲁D04001234"
    for role in (Role.CITY_MEMBER, Role.LEADER, Role.DISTRICT_OFFICE):
        assert shown_certificate(make_actor(role), row) == "鲁D0****34"


@pytest.mark.django_db
@pytest.mark.parametrize("role", OTHERS)
def test_only_the_city_office_keeps_the_register_and_the_teams(office: Actor, role: Role) -> None:
    actor = make_actor(role)
    spot_round = drawn_round()
    check = drawn_check(spot_round, state=CheckState.ASSIGNED)
    lead, second = a_team(check)
    acts = [
        lambda: create_inspector(actor=actor, entry=entry(), now=NOW),
        lambda: edit_inspector(actor=actor, inspector=lead.inspector, entry=entry(), now=NOW),
        lambda: retire_inspector(
            actor=actor, inspector=lead.inspector, on=date(2026, 11, 1), reason="调离本单位", now=NOW
        ),
        lambda: declare_conflict(
            actor=actor,
            inspector=lead.inspector,
            target=check.organization,
            reason="亲属在此",
            declared_on=date(2026, 11, 1),
            now=NOW,
        ),
        lambda: assign_teams(actor=actor, spot_round=spot_round, now=NOW),
        lambda: change_member(
            actor=actor,
            check=check,
            member=lead,
            inspector=an_inspector(PARTIES[2]),
            reason="因病不能参加",
            now=NOW,
        ),
        lambda: change_lead(actor=actor, check=check, member=second, reason="因病不能参加", now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.django_db
def test_conflicts_are_kept_off_and_listed_each_with_its_reason(office: Actor) -> None:
    spot_round = drawn_round()
    district = make_organization(Level.DISTRICT)
    subject = make_subject(district)
    check = drawn_check(spot_round, subject)
    pairing_user, verifier = make_user(), make_user()
    make_pairing(subject, person=pairing_user)
    from evaluation.models import Assessment
    from evaluation.services.assessments import start_assessment
    from tests.evaluation.assessment_builders import publish_real

    standard = publish_real()
    reviewer = make_actor(Role.DISTRICT_OFFICE, district)
    row = start_assessment(
        actor=reviewer,
        subject=subject,
        year=spot_round.year,
        set_code=standard.code,
        entered_on_behalf_of="李",
        source_document="盖章表",
        now=NOW,
    )
    Assessment.objects.filter(pk=row.pk).update(review_opened_by=verifier)
    local = an_inspector(PARTIES[0], organization=district, name="本区人")
    paired = an_inspector(PARTIES[1], user=pairing_user, name="结对人")
    verified = an_inspector(PARTIES[2], user=verifier, name="核验人")
    declared = an_inspector(PARTIES[3], name="申报人")
    conflict = declare_conflict(
        actor=office,
        inspector=declared,
        target=subject,
        reason="近亲属在该单位",
        declared_on=date(2026, 11, 1),
        now=NOW,
    )
    free = [an_inspector(PARTIES[0]), an_inspector(PARTIES[1])]
    assign_teams(actor=office, spot_round=spot_round, now=NOW)
    check.refresh_from_db()
    assert check.state == CheckState.ASSIGNED
    assert {row.inspector_id for row in check.team.all()} == {one.pk for one in free}
    assert {one["name"]: one["reason"] for one in check.excluded_inspectors} == {
        "本区人": "在被检查区（市）工作",
        "结对人": "与被检查对象结对",
        "核验人": "核验过该对象的自评（2026年度）",
        "申报人": "申报了利害关系（近亲属在该单位）",
    }
    assert {local.name, paired.name, verified.name} <= {one["name"] for one in check.excluded_inspectors}
    remove_conflict(actor=office, conflict=conflict, reason="登记有误", now=NOW)
    assert not declared.conflicts.exists() and AuditEntry.objects.filter(action="撤销利害关系").exists()


@pytest.mark.django_db
def test_a_check_without_a_pair_stays_with_why_and_the_others_are_assigned(office: Actor) -> None:
    spot_round = drawn_round()
    blocked = drawn_check(spot_round)
    fine = drawn_check(spot_round)
    first, second = an_inspector(PARTIES[0]), an_inspector(PARTIES[1])
    declare_conflict(
        actor=office,
        inspector=second,
        target=blocked.subject,
        reason="近亲属在该单位",
        declared_on=date(2026, 11, 1),
        now=NOW,
    )
    record = assign_teams(actor=office, spot_round=spot_round, now=NOW)
    for row in (blocked, fine):
        row.refresh_from_db()
    assert (blocked.state, fine.state) == (CheckState.SELECTED, CheckState.ASSIGNED)
    refused = {row["id"]: row["refused"] for row in record.checks}
    assert "派不出检查组" in refused[blocked.code] and second.name in refused[blocked.code]
    assert not refused[fine.code]
    # Somebody of another party comes into the register: what was left is assigned, and counted on from before.
    an_inspector(PARTIES[2])
    assert assign_teams(actor=office, spot_round=spot_round, now=NOW + timedelta(hours=1)).number == 2
    with pytest.raises(ConflictError):
        assign_teams(actor=office, spot_round=spot_round, now=NOW + timedelta(hours=2))
    assert {one.inspector_id for one in fine.team.all()} == {first.pk, second.pk}


@pytest.mark.django_db
@pytest.mark.parametrize("state", [one for one in RoundState if one != RoundState.DRAWN])
def test_teams_are_assigned_between_the_draw_and_the_end(office: Actor, state: RoundState) -> None:
    fields: dict[str, Any] = {"state": state}
    if state != RoundState.CLOSED:
        fields |= {"drawn_at": None, "seed": None}
    else:
        fields["closed_at"] = NOW
    if state == RoundState.PLANNED:
        fields |= {"frozen_at": None, "population_sha256": ""}
    spot_round = drawn_round(**fields)
    with pytest.raises(IllegalTransition):
        assign_teams(actor=office, spot_round=spot_round, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("chance", range(6))
def test_no_team_is_of_one_party_or_holds_an_excluded_one_and_the_record_gives_it_again(
    office: Actor, chance: int
) -> None:
    dice = random.Random(chance)
    spot_round = drawn_round()
    places = [make_organization(Level.DISTRICT) for _ in range(3)]
    checks = [drawn_check(spot_round, place) for place in places]
    checks += [drawn_check(spot_round, make_subject(dice.choice(places))) for _ in range(6)]
    people = [
        an_inspector(dice.choice(PARTIES), organization=dice.choice([*places, make_organization(Level.CITY)]))
        for _ in range(9)
    ]
    for person in dice.sample(people, 4):
        check = dice.choice(checks)
        declare_conflict(
            actor=office,
            inspector=person,
            target=check.subject or check.organization,
            reason="有利害关系",
            declared_on=date(2026, 11, 1),
            now=NOW,
        )
    assign_teams(actor=office, spot_round=spot_round, now=NOW)
    for check in SpotCheck.objects.filter(round=spot_round):
        team = list(check.team.select_related("inspector"))
        if check.state == CheckState.SELECTED:
            assert not team
            continue
        assert len(team) == 2 and [row.lead for row in team] == [True, False]
        assert len({row.inspector.party for row in team}) == 2
        kept_off = {one["staff_number"] for one in check.excluded_inspectors}
        assert not kept_off & {row.inspector.staff_number for row in team}
    record = TeamDraw.objects.get(round=spot_round)
    # The register changes afterwards; the printed record does not.
    Inspector.objects.filter(pk=people[0].pk).update(party=dice.choice(PARTIES), active_to=date(2026, 11, 1))
    again = {
        team.check_id: [team.lead.staff_number, team.second.staff_number]
        for team in redraw(record, spot_round.seed or "")
    }
    assert again == {row["id"]: row["team"] for row in record.checks if row["team"]}


def _brought_to(check: SpotCheck, state: str) -> SpotCheck:
    fields: dict[str, Any] = {"state": state}
    if state in {CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED}:
        fields |= {"proposed_at": NOW, "proposed_conclusion": Conclusion.QUALIFIED}
    if state == CheckState.CONCLUDED:
        fields |= {"concluded_at": NOW, "conclusion": Conclusion.QUALIFIED}
    if state == CheckState.SKIPPED:
        fields["skip_reason"] = "已注销"
    SpotCheck.objects.filter(pk=check.pk).update(**fields)
    check.refresh_from_db()
    return check


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(CheckState))
def test_a_team_changes_with_its_reason_until_the_conclusion(office: Actor, state: CheckState) -> None:
    check = _brought_to(drawn_check(drawn_round()), state)
    lead, second = a_team(check)
    new = an_inspector(PARTIES[2])
    if state not in CHANGEABLE:
        with pytest.raises(IllegalTransition):
            change_member(
                actor=office, check=check, member=lead, inspector=new, reason="因病不能参加", now=NOW
            )
        with pytest.raises(IllegalTransition):
            change_lead(actor=office, check=check, member=second, reason="因病不能参加", now=NOW)
        return
    made = change_member(
        actor=office, check=check, member=lead, inspector=new, reason="因病不能参加", now=NOW
    )
    lead.refresh_from_db()
    assert (lead.until_at, lead.change_reason, made.lead) == (NOW, "因病不能参加", True)
    change_lead(actor=office, check=check, member=second, reason="熟悉情况", now=NOW)
    assert TeamMember.objects.get(check_record=check, lead=True, until_at=None).pk == second.pk
    with pytest.raises(ConflictError):
        change_member(
            actor=office,
            check=check,
            member=lead,
            inspector=an_inspector(PARTIES[3]),
            reason="因病不能参加",
            now=NOW,
        )


@pytest.mark.django_db
def test_a_change_keeps_the_parties_apart_and_the_excluded_off(office: Actor) -> None:
    check = drawn_check(drawn_round(), state=CheckState.ASSIGNED)
    lead, second = a_team(check)
    cases = {
        "same_party": an_inspector(PARTIES[1]),
        "excluded": an_inspector(PARTIES[2], organization=check.organization),
        "inactive": an_inspector(PARTIES[2], active_to=date(2026, 11, 1)),
        "already": second.inspector,
    }
    for code, person in cases.items():
        with pytest.raises(DomainError) as refused:
            change_member(
                actor=office, check=check, member=lead, inspector=person, reason="因病不能参加", now=NOW
            )
        assert refused.value.code == code
    with pytest.raises(DomainError, match="更换理由"):
        change_member(
            actor=office, check=check, member=lead, inspector=an_inspector(PARTIES[3]), reason=" ", now=NOW
        )


@pytest.mark.django_db
def test_the_pages_keep_the_register_assign_print_and_change(client: Client, office: Actor) -> None:
    login(client, office)
    form = {
        "name": "周检查",
        "staff_number": "JC901",
        "party": PARTIES[0],
        "organization": str(make_organization(Level.CITY).pk),
        "unit_name": "市人社局",
        "active_from": "2026-01-01",
        "username": "没有这个人",
    }
    wrong = client.post(reverse("evaluation:inspector_create"), form)
    assert wrong.status_code == 422 and "没有登录名为“没有这个人”的在用账号" in wrong.content.decode()
    made = client.post(reverse("evaluation:inspector_create"), form | {"username": ""})
    first = Inspector.objects.get(staff_number="JC901")
    assert made["Location"] == reverse("evaluation:inspector_detail", args=[first.pk])
    spot_round = drawn_round()
    check = drawn_check(spot_round)
    declare = reverse("evaluation:conflict_create", args=[first.pk])
    assert client.post(declare, {"reason": "近亲属在该单位", "declared_on": "2026-11-01"}).status_code == 422
    other, third = an_inspector(PARTIES[1], active_from=date(2026, 1, 1)), an_inspector(PARTIES[2])
    assert (
        client.post(
            declare, {"subject": check.name, "reason": "近亲属在该单位", "declared_on": "2026-11-01"}
        ).status_code
        == 302
    )
    teams = reverse("evaluation:team_list", args=[spot_round.pk])
    assert "派检查组（1）" in client.get(teams).content.decode()
    assert client.post(reverse("evaluation:team_assign", args=[spot_round.pk])).status_code == 302
    page = client.get(teams).content.decode()
    assert other.name in page and third.name in page and "近亲属在该单位" in page
    printed = client.get(reverse("evaluation:team_print", args=[spot_round.pk, 1])).content.decode()
    assert spot_round.seed in printed and all(
        row["ticket"] in printed for row in TeamDraw.objects.get().inspectors
    )
    member = check.team.get(inspector=other)
    change = reverse("evaluation:member_change", args=[check.pk, member.pk])
    fourth = an_inspector(PARTIES[3])
    assert fourth.name in client.get(change).content.decode()
    assert client.post(change, {"inspector": str(fourth.pk), "reason": ""}).status_code == 422
    assert client.post(change, {"inspector": str(fourth.pk), "reason": "因病不能参加。"}).status_code == 302
    assert "换下" in client.get(teams).content.decode()


@pytest.mark.django_db
def test_lists_ask_the_same_whatever_their_length(client: Client, office: Actor) -> None:
    from django.test.utils import CaptureQueriesContext

    spot_round = drawn_round()

    def statements() -> tuple[int, int]:
        counts = []
        for url in (
            reverse("evaluation:inspector_list"),
            reverse("evaluation:team_list", args=[spot_round.pk]),
        ):
            client.get(url)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(url).status_code == 200
            counts.append(len(caught))
        return counts[0], counts[1]

    login(client, office)
    a_team(drawn_check(spot_round, state=CheckState.ASSIGNED))
    one = statements()
    for _ in range(2):
        a_team(drawn_check(spot_round, state=CheckState.ASSIGNED))
    assert statements() == one and max(one) <= 7


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_racing_assignments_one_wins() -> None:
    office, spot_round = make_actor(Role.CITY_OFFICE), drawn_round()
    checks = [drawn_check(spot_round) for _ in range(3)]
    for party in PARTIES:
        an_inspector(party)
    answers = race(lambda number: assign_teams(actor=office, spot_round=spot_round, now=NOW))
    won = [one for one in answers if isinstance(one, TeamDraw)]
    assert len(won) == 1 and all(isinstance(one, ConflictError | TeamDraw) for one in answers)
    assert TeamMember.objects.count() == 2 * len(checks)
