"""抽查批次: who moves it from which state, the frame and its reasons, disputes, the draw, 候补, 指定, a closed year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections

from cultivation.enums import EnrollmentState, SubjectState
from cultivation.models import CampaignYear, Enrollment, RiskRating
from evaluation.enums import CheckState, RoundState, Selection
from evaluation.models import PopulationRow, SeedTicket, SpotCheck, SpotCheckRound
from evaluation.rules.spot_checks.draw import smallest_ticket
from evaluation.rules.spot_checks.seeds import SeedError, commitment_of
from evaluation.selectors.spot_checks.frame import build_frame
from evaluation.services.spot_checks.draws import SpokenDigits, commit_seat, draw_round
from evaluation.services.spot_checks.population import (
    answer_dispute,
    dispute_row,
    freeze_round,
    unfreeze_round,
)
from evaluation.services.spot_checks.rounds import change_round, close_round, plan_round, set_strata
from evaluation.services.spot_checks.sample import name_check, skip_check
from evaluation.workflows.spot_checks import ROUND_WORKFLOW
from tests.evaluation.spot_check_builders import (
    NOW,
    freeze,
    make_check,
    make_drawn_round,
    make_plan,
    make_population,
    make_round,
    make_seats,
    spoken,
)
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role, SeatState
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

Act = Callable[[Actor, SpotCheckRound], Any]
ACTS: dict[str, Act] = {
    "freeze_round": lambda a, r: freeze_round(actor=a, held=r, seen_revision=r.revision, now=NOW),
    "unfreeze_round": lambda a, r: unfreeze_round(actor=a, held=r, reason="名录漏列两户企业", now=NOW),
    "draw_round": lambda a, r: draw_round(actor=a, held=r, spoken=spoken(r), now=NOW),
    "close_round": lambda a, r: close_round(actor=a, held=r, now=NOW),
}
ROLES = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, Role.DISTRICT_OFFICE, Role.SYSTEM_ADMIN)


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def in_state(office: Actor, state: str) -> SpotCheckRound:
    make_seats()
    make_population(3)
    held = make_round(office)
    if state != RoundState.PLANNED:
        held = freeze(held, office)
    if state in (RoundState.DRAWN, RoundState.CLOSED):
        held = draw_round(actor=office, held=held, spoken=spoken(held), now=NOW)
        for check in SpotCheck.objects.filter(round=held, kind="SUBJECT"):
            skip_check(actor=office, check=check, reason="企业已经注销", now=NOW)
        SpotCheck.objects.filter(round=held).exclude(state="SKIPPED").update(
            state="SKIPPED", skip_reason="测试"
        )
    if state == RoundState.CLOSED:
        held = close_round(actor=office, held=held, now=NOW)
    return held


@pytest.mark.parametrize(("state", "action"), list(product(RoundState.values, ACTS)))
def test_whole_product_of_state_action_and_role(office: Actor, state: str, action: str) -> None:
    held = in_state(office, state)
    for role in ROLES[1:]:
        with pytest.raises(NotAllowed):
            ACTS[action](make_actor(role), held)
    held.refresh_from_db()
    assert held.state == state
    allowed = {one.action: one.target for one in ROUND_WORKFLOW.actions_for(state, Role.CITY_OFFICE)}
    if action in allowed:
        ACTS[action](office, held)
    else:
        with pytest.raises((IllegalTransition, ConflictError)):
            ACTS[action](office, held)
    held.refresh_from_db()
    assert held.state == allowed.get(action, state)


def test_the_frame_names_who_is_out_and_why(office: Actor) -> None:
    kept, gone, removed = make_population(3)
    park = make_subject(kept.managing_organization, kind="INDUSTRIAL_PARK")
    Enrollment.objects.create(
        subject=park,
        year=make_year(),
        organization=kept.managing_organization,
        state=EnrollmentState.CONFIRMED,
        enrolled_at=NOW,
        confirmed_at=NOW,
    )
    type(gone).objects.filter(pk=gone.pk).update(state=SubjectState.DEREGISTERED)
    Enrollment.objects.filter(subject=removed).update(state=EnrollmentState.REMOVED, reason="不再培育")
    frame = build_frame(make_round(office), shanghai_date(NOW))
    assert [row.subject_id for row in frame.included] == [kept.pk]
    assert dict(frame.exclusions) == {
        "登记状态为“已注销”": 1,
        "已调出本年度名单": 1,
        "没有统一社会信用代码或机构代码": 1,
    }
    assert frame.strata[0].code == f"{kept.managing_organization.code}/ENTERPRISE/-"


def test_the_risk_class_of_the_day_is_part_of_the_stratum(office: Actor) -> None:
    rated, blank = make_population(2)
    common = {
        "year_id": 2026,
        "organization": rated.managing_organization,
        "created_at": NOW,
        "updated_at": NOW,
    }
    for risk, day in (("B", date(2026, 3, 1)), ("A", date(2026, 12, 1))):
        RiskRating.objects.create(
            subject=rated, risk_class=risk, happened_on=day, basis="市劳动关系监测", **common
        )
    frame = build_frame(make_round(office), shanghai_date(NOW))
    district = rated.managing_organization.code
    assert [one.code for one in frame.strata] == [f"{district}/ENTERPRISE/-", f"{district}/ENTERPRISE/B"]
    assert {row.subject_id: row.risk_class for row in frame.rows} == {rated.pk: "B", blank.pk: ""}


def test_two_rows_without_a_code_are_both_listed_as_excluded(office: Actor) -> None:
    district = make_population(1)[0].managing_organization
    for _ in range(2):
        make_subject(district, kind="INDUSTRIAL_PARK")
    held = freeze(make_round(office, frame="REGISTER"), office)
    assert PopulationRow.objects.filter(round=held, included=False, code="").count() == 2


def test_an_empty_list_is_not_frozen(office: Actor) -> None:
    held = make_round(office, frame="HOLDERS")
    with pytest.raises(DomainError, match="名录是空的"):
        freeze(held, office)
    held.refresh_from_db()
    assert held.state == RoundState.PLANNED


def test_who_did_not_file_is_in_the_frame_and_in_a_class(office: Actor) -> None:
    """`has submitted` decides neither who can be drawn nor, before the day is past, a class."""
    subject = make_population(1)[0]
    held = make_round(office, classes=["NOT_FILED", "NEVER_VISITED", "HOLDER_DUE"])
    frame = build_frame(held, shanghai_date(NOW).replace(year=2027))
    assert [row.classes for row in frame.included] == [["NEVER_VISITED", "NOT_FILED"]]
    early = build_frame(held, shanghai_date(NOW).replace(month=1, day=2))
    assert [row.classes for row in early.included] == [["NEVER_VISITED"]]
    assert frame.included[0].subject_id == subject.pk


def test_class_members_remain_in_the_frame_and_are_checked_beside_the_drawn(office: Actor) -> None:
    held = make_drawn_round(office, subjects=4, classes=["NEVER_VISITED"])
    checks = SpotCheck.objects.filter(round=held, kind="SUBJECT")
    assert sorted(checks.values_list("selection", flat=True)) == ["CLASS"] * 3 + ["RANDOM"]
    assert all("从未上门服务：" in one.selection_reason for one in checks)
    assert PopulationRow.objects.filter(round=held, included=True, position__isnull=False).count() == 4


def test_the_draw_is_that_of_the_printed_record(office: Actor) -> None:
    for _ in range(2):
        make_organization(Level.DISTRICT)
    held = make_drawn_round(office, subjects=5)
    rows = list(PopulationRow.objects.filter(round=held).order_by("position"))
    assert [row.ticket for row in rows] == sorted(smallest_ticket(held.seed or "", row.code) for row in rows)
    assert [row.drawn for row in rows] == [True, False, False, False, False]
    districts = SpotCheck.objects.filter(round=held, kind="DISTRICT", selection="UNIT")
    assert districts.count() == 3
    assert list(SpotCheck.objects.filter(round=held).order_by("pk").values_list("number", flat=True)) == [
        f"2026-1-{number:03d}" for number in range(1, 5)
    ]


def test_a_seat_not_established_gives_nothing_and_twenty_digits_are_asked_for(office: Actor) -> None:
    make_seats(confederation=SeatState.NOT_ESTABLISHED)
    make_population(1)
    held = freeze(make_round(office), office)
    with pytest.raises(SeedError, match="至少 20 位"):
        draw_round(actor=office, held=held, spoken=spoken(held, "1"), now=NOW)
    assert not SeedTicket.objects.filter(round=held).exists()
    held = draw_round(actor=office, held=held, spoken=spoken(held), now=NOW)
    tickets = SeedTicket.objects.filter(round=held)
    assert "".join(one.digits for one in tickets) == held.seed
    assert [one.seat_state for one in tickets] == ["FILLED", "FILLED", "NOT_ESTABLISHED", "FILLED"]


def test_a_reveal_that_is_not_what_was_committed_to_is_refused(office: Actor) -> None:
    make_seats()
    make_population(1)
    held = freeze(make_round(office), office)
    nonce = "0f" * 16
    given = spoken(held)
    commit_seat(
        actor=office, held=held, seat="HRSS", commitment=commitment_of(given["HRSS"].digits, nonce), now=NOW
    )
    with pytest.raises(ConflictError, match="不能更换"):
        commit_seat(actor=office, held=held, seat="HRSS", commitment="a" * 64, now=NOW)
    with pytest.raises(DomainError, match="不能再改动"):
        unfreeze_round(actor=office, held=held, reason="名录漏列两户企业", now=NOW)
    wrong = given | {"HRSS": SpokenDigits("宣读", "9" * 20, nonce)}
    with pytest.raises(SeedError, match="算不出先前的承诺值"):
        draw_round(actor=office, held=held, spoken=wrong, now=NOW)
    right = given | {"HRSS": SpokenDigits("宣读", given["HRSS"].digits, nonce)}
    assert draw_round(actor=office, held=held, spoken=right, now=NOW).state == RoundState.DRAWN


def test_a_seed_is_used_once_over_all_rounds(office: Actor) -> None:
    first = make_drawn_round(office)
    held = freeze(make_round(office), office)
    again = {
        one.seat: SpokenDigits(one.speaker, one.digits) for one in SeedTicket.objects.filter(round=first)
    }
    with pytest.raises(SeedError, match="已用过"):
        draw_round(actor=office, held=held, spoken=again, now=NOW)


def test_a_district_doubts_a_row_before_the_seed_and_is_answered(office: Actor) -> None:
    make_seats()
    subject = make_population(2)[0]
    held = freeze(make_round(office), office)
    row = PopulationRow.objects.get(round=held, subject=subject)
    district = make_actor(Role.DISTRICT_OFFICE, subject.managing_organization)
    with pytest.raises(NotAllowed):
        dispute_row(actor=make_actor(Role.DISTRICT_OFFICE), row=row, words="该企业已停产歇业", now=NOW)
    dispute_row(actor=district, row=row, words="该企业已停产歇业", now=NOW)
    with pytest.raises(ConflictError):
        dispute_row(actor=district, row=row, words="该企业已停产歇业", now=NOW)
    with pytest.raises(DomainError, match="没有答复"):
        draw_round(actor=office, held=held, spoken=spoken(held), now=NOW)
    # Opened again and frozen anew, the doubt is still there.
    held = unfreeze_round(actor=office, held=held, reason="名录漏列两户企业", now=NOW)
    held = freeze(held, office)
    row = PopulationRow.objects.get(round=held, subject=subject)
    assert row.dispute == "该企业已停产歇业"
    answer_dispute(actor=office, row=row, words="核实仍在经营，保留", now=NOW)
    draw_round(actor=office, held=held, spoken=spoken(held), now=NOW)
    other = PopulationRow.objects.exclude(subject=subject).get(round=held)
    with pytest.raises(ConflictError, match="抽取之前"):
        dispute_row(actor=district, row=other, words="该企业已停产歇业", now=NOW)


def test_a_skipped_one_brings_the_next_ticket_until_none_is_left(office: Actor) -> None:
    held = make_drawn_round(office, subjects=2)
    first = SpotCheck.objects.get(round=held, selection=Selection.RANDOM)
    with pytest.raises(DomainError, match="未检理由"):
        skip_check(actor=office, check=first, reason="", now=NOW)
    entered = skip_check(actor=office, check=first, reason="企业已经注销", now=NOW)
    assert entered is not None
    assert (entered.selection, entered.position, first.replaced_by_id) == ("RESERVE", 2, entered.pk)
    assert skip_check(actor=office, check=entered, reason="企业已经注销", now=NOW) is None
    with pytest.raises(ConflictError):
        skip_check(actor=office, check=first, reason="企业已经注销", now=NOW)
    unit = SpotCheck.objects.filter(round=held, kind="DISTRICT").first()
    assert unit is not None
    with pytest.raises(DomainError, match="必查"):
        skip_check(actor=office, check=unit, reason="企业已经注销", now=NOW)


@pytest.mark.parametrize("state", ["UNDER_WAY", "PROVISIONAL", "ANSWERED", "CONCLUDED", "SKIPPED"])
def test_a_check_that_has_begun_is_not_skipped(office: Actor, state: str) -> None:
    check = make_check(state, held=make_drawn_round(office))
    with pytest.raises(ConflictError):
        skip_check(actor=office, check=check, reason="企业已经注销", now=NOW)


def test_a_named_one_stands_apart_with_reason_and_signer(office: Actor) -> None:
    held = make_drawn_round(office)
    subject = make_subject()
    with pytest.raises(DomainError, match="签发人"):
        name_check(actor=office, held=held, subject=subject, reason="群众来信反映", signer=" ", now=NOW)
    made = name_check(
        actor=office, held=held, subject=subject, reason="群众来信反映", signer="王签发", now=NOW
    )
    assert (made.selection, made.ticket, made.position) == (Selection.NAMED, "", None)
    with pytest.raises(ConflictError, match="已在本批次"):
        name_check(actor=office, held=held, subject=subject, reason="群众来信反映", signer="王", now=NOW)


def test_a_stratum_has_its_own_rate_and_a_bad_one_is_named(office: Actor) -> None:
    subject = make_population(4)[0]
    held = make_round(office)
    code = f"{subject.managing_organization.code}/ENTERPRISE/-"
    with pytest.raises(DomainError, match=r"抽取比例.一半.无效"):
        set_strata(actor=office, held=held, strata={code: {"rate": "一半"}}, seen_revision=0, now=NOW)
    held = set_strata(actor=office, held=held, strata={code: {"rate": "50"}}, seen_revision=0, now=NOW)
    assert build_frame(held, shanghai_date(NOW)).strata[0].drawn == 2
    with pytest.raises(ConflictError):
        set_strata(actor=office, held=held, strata={}, seen_revision=0, now=NOW)
    held = set_strata(
        actor=office, held=held, strata={"1/ENTERPRISE/-": {"rate": "5"}}, seen_revision=1, now=NOW
    )
    with pytest.raises(DomainError, match="名录中没有的层"):
        freeze(held, office)


def test_a_frozen_plan_is_not_changed(office: Actor) -> None:
    make_population(1)
    held = make_round(office)
    seen = held.revision
    held = freeze(held, office)
    with pytest.raises(ConflictError):
        change_round(actor=office, held=held, plan=make_plan(title="改"), seen_revision=seen, now=NOW)
    with pytest.raises(ConflictError):
        set_strata(actor=office, held=held, strata={}, seen_revision=seen, now=NOW)


def test_a_closed_year_takes_no_new_round(office: Actor) -> None:
    held = make_round(office)
    CampaignYear.objects.filter(pk=2026).update(closed_at=NOW, closed_by=office.user, close_reason="年终")
    with pytest.raises(DomainError, match="已封存"):
        plan_round(actor=office, year=CampaignYear.objects.get(pk=2026), plan=make_plan(), now=NOW)
    with pytest.raises(DomainError, match="已封存"):
        freeze(held, office)


def test_open_checks_keep_a_round_from_its_archive(office: Actor) -> None:
    held = make_drawn_round(office)
    with pytest.raises(DomainError, match="没有作出结论"):
        close_round(actor=office, held=held, now=NOW)
    assert CheckState.SELECTED in SpotCheck.objects.filter(round=held).values_list("state", flat=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="races run on PostgreSQL")
@pytest.mark.parametrize("act", ["draw", "skip", "freeze"])
def test_of_twenty_at_once_one_wins(act: str) -> None:
    office = make_actor(Role.CITY_OFFICE)
    make_seats()
    make_population(30)
    held = make_round(office)
    held = held if act == "freeze" else freeze(held, office)
    given = spoken(held)
    if act == "skip":
        draw_round(actor=office, held=held, spoken=given, now=NOW)
    check = SpotCheck.objects.filter(round=held, selection="RANDOM").first()
    outcomes: list[str] = []

    def run() -> None:
        try:
            if act == "draw":
                draw_round(actor=office, held=SpotCheckRound.objects.get(pk=held.pk), spoken=given, now=NOW)
            elif act == "freeze":
                freeze(SpotCheckRound.objects.get(pk=held.pk), office)
            elif check is not None:
                skip_check(actor=office, check=check, reason="企业已经注销", now=NOW)
            outcomes.append("won")
        except (IllegalTransition, ConflictError):
            outcomes.append("lost")
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 19 + ["won"]
    assert SpotCheck.objects.filter(round=held, selection="RESERVE").count() == (act == "skip")
