"""指导服务 written through the services: counted once, joined, followed up; nothing of the future."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.ledgers.visits import VISITS, check_visits, keep_all_participants
from cultivation.models import GuidanceVisit
from cultivation.rules.participants import Participant, participants_line, read_participants
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, update_record
from cultivation.services.visits import Attendee, complete_follow_up, join_visit, myself, record_visit
from tests.factories import (
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

DAY = date(2026, 6, 1)
NOW = clock.start_of_day(DAY)

# --- one line of people -------------------------------------------------------------------------------------------------

UNITS = ["区总工会", "区总工会女工部", "枣庄市总工会"]
names = (
    st.text("张三李四王五abc·（）", min_size=0, max_size=6)
    .map(str.strip)
    .filter(lambda name: not (name[:1] in "（(" and name[-1:] in "）)"))
)
people = st.builds(Participant, st.sampled_from(["", *UNITS]), names).filter(lambda one: bool(str(one)))


@given(st.lists(people, unique=True, max_size=6))
def test_written_and_read_back(wanted: list[Participant]) -> None:
    assert read_participants(participants_line(wanted), UNITS) == wanted


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused_and_then_stable(line: str) -> None:
    try:
        found = read_participants(line, UNITS)
    except ValueError as error:
        assert len(str(error)) > 40
        return
    assert len(found) == len(set(found))
    assert read_participants(participants_line(found), UNITS) == found


@pytest.mark.parametrize(
    "line", ["区总工会女工部：张三", "区总工会女工部（张三）", " 区总工会女工部  张三 ，"]
)
def test_the_longest_unit_wins_however_the_person_is_set_off(line: str) -> None:
    assert read_participants(line, UNITS) == [Participant("区总工会女工部", "张三")]


# --- services -----------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    make_year()
    district = make_organization()
    return make_actor(Role.DISTRICT_MEMBER, district, member_unit=make_member_unit(district))


@pytest.fixture
def subject(office):
    return make_subject(office.organization)


def record(actor, subject, attendees=None, now=NOW, confirm=False, **values) -> GuidanceVisit:
    return record_visit(
        actor=actor,
        subject=subject,
        values={"happened_on": DAY, "mode": "ON_SITE", "purpose": "GUIDANCE", "topic": "工时管理", **values},
        attendees=[myself(actor)] if attendees is None else attendees,
        now=now,
        confirm_warnings=confirm,
    )


def test_many_participants_one_visit(office, subject) -> None:
    union = make_member_unit(office.organization, kind=MemberUnitKind.TRADE_UNION_FEDERATION)
    visit = record(office, subject, [myself(office), Attendee(union, name="李四"), Attendee(name="王五")])
    assert GuidanceVisit.objects.count() == 1
    rows = list(visit.participants.values_list("unit", "user", "name"))
    me = office.capacity.member_unit
    assert rows == [
        (me.pk, office.user.pk, office.user.full_name),
        (union.pk, None, "李四"),
        (None, None, "王五"),
    ]
    assert visit.participant_words == f"{me} {office.user.full_name}、{union} 李四、王五"
    assert (visit.year_id, visit.organization) == (2026, office.organization)


def test_tomorrow_is_refused_and_nobody_too(office, subject) -> None:
    with pytest.raises(RecordRefused, match="还没有到"):
        record(office, subject, happened_on=date(2027, 6, 2), confirm=True)
    with pytest.raises(DomainError, match="参加单位或人员"):
        record(office, subject, [])
    with pytest.raises(RecordRefused, match="早于服务日期"):
        record(office, subject, follow_up_due=date(2026, 5, 31))


def test_the_same_subject_and_day_asks_first(office, subject) -> None:
    first = record(office, subject)
    other = make_actor(Role.DISTRICT_OFFICE, office.organization)
    with pytest.raises(NeedsConfirmation) as asked:
        record(other, subject, topic="又一次")
    assert first.topic in asked.value.message and "加入" in asked.value.message
    assert record(other, subject, topic="又一次", confirm=True).pk != first.pk
    assert record(other, make_subject(office.organization)).pk


def test_a_day_outside_the_pairing_asks_first_and_without_pairing_nothing(office, subject) -> None:
    make_pairing(subject, starts_on=date(2026, 6, 2))
    with pytest.raises(NeedsConfirmation, match="结对期"):
        record(office, subject)
    record(office, subject, confirm=True)
    unpaired = make_subject(office.organization)
    record(office, unpaired)


def test_joined_once_and_counted_once(office, subject) -> None:
    visit = record(office, subject)
    other = make_actor(Role.DISTRICT_OFFICE, office.organization)
    joined = join_visit(actor=other, visit=visit, now=NOW)
    again = join_visit(actor=other, visit=visit, now=NOW)
    assert joined.version == again.version == 2
    name = f"{office.organization.name}三方办公室 {other.user.full_name}"
    assert (
        joined.participant_words.endswith(f"；{name}")
        and joined.participants.get(user=other.user).name == name
    )
    assert joined.participants.count() == 2 and GuidanceVisit.objects.count() == 1
    assert AuditEntry.objects.filter(kind="GuidanceVisit", action="加入指导服务").count() == 1
    with pytest.raises(NotAllowed):
        join_visit(actor=make_actor(Role.LEADER, office.organization), visit=visit, now=NOW)
    GuidanceVisit.objects.update(removed_at=NOW)
    with pytest.raises(ConflictError):
        join_visit(actor=make_actor(Role.CITY_MEMBER), visit=visit, now=NOW)


def test_who_has_no_unit_joins_apart_from_the_unit_before(office, subject) -> None:
    """「滕州市总工会 钱指导、王区办」 would read as two people of the union."""
    union = make_member_unit(office.organization, kind=MemberUnitKind.TRADE_UNION_FEDERATION)
    visit = record(office, subject, [Attendee(union, name="钱指导")])
    clerk = make_actor(Role.DISTRICT_OFFICE, office.organization)
    colleague = make_actor(Role.DISTRICT_MEMBER, office.organization, member_unit=union)
    join_visit(actor=clerk, visit=visit, now=NOW)
    words = join_visit(actor=colleague, visit=visit, now=NOW).participant_words
    desk = f"{office.organization.name}三方办公室 {clerk.user.full_name}"
    assert words == f"{union} 钱指导；{desk}、{union} {colleague.user.full_name}"
    read = {(person.unit, person.name) for person in read_participants(words, [union.name])}
    assert read == {(union.name, "钱指导"), ("", desk), (union.name, colleague.user.full_name)}


def test_a_name_already_on_the_line_gets_its_account_on_joining(office, subject) -> None:
    other = make_actor(Role.DISTRICT_OFFICE, office.organization)
    visit = record(office, subject, [myself(office), Attendee(name=other.user.full_name)])
    joined = join_visit(actor=other, visit=visit, now=NOW)
    assert joined.participants.get(user=other.user).name == other.user.full_name
    assert joined.participants.count() == 2


def test_editing_the_line_keeps_accounts_and_names_units(office, subject) -> None:
    city_unit = make_member_unit(make_organization(Level.CITY), name="枣庄市总工会（测试）")
    visit = record(office, subject, [Attendee(user=office.user), Attendee(name="王五")])
    changed = update_record(
        actor=office,
        ledger=VISITS,
        record=visit,
        expected_version=1,
        values={"participant_words": f"{office.user.full_name}，{city_unit} 赵六"},
        now=NOW,
    )
    rows = list(changed.participants.values_list("unit", "user", "name"))
    assert rows == [(None, office.user.pk, office.user.full_name), (city_unit.pk, None, "赵六")]


def test_a_follow_up_is_promised_and_kept(office, subject) -> None:
    visit = record(office, subject, follow_up_due=date(2026, 7, 1))
    assert visit.follow_up_by == office.user
    done = {"visit": visit, "now": clock.start_of_day(date(2026, 6, 20))}
    with pytest.raises(DomainError, match="跟进情况"):
        complete_follow_up(actor=office, done_on=date(2026, 6, 20), note="", **done)
    with pytest.raises(DomainError, match="还没有到"):
        complete_follow_up(actor=office, done_on=date(2026, 6, 21), note="已补签", **done)
    with pytest.raises(DomainError, match="早于服务日期"):
        complete_follow_up(actor=office, done_on=date(2026, 5, 21), note="已补签", **done)
    with pytest.raises(NotAllowed):
        complete_follow_up(actor=make_actor(Role.LEADER), done_on=date(2026, 6, 20), note="已补签", **done)
    kept = complete_follow_up(actor=office, done_on=date(2026, 6, 20), note="已补签", **done)
    assert (kept.follow_up_done_on, kept.follow_up_note) == (date(2026, 6, 20), "已补签")
    with pytest.raises(ConflictError):
        complete_follow_up(actor=office, done_on=date(2026, 6, 20), note="已补签", **done)


# --- an import judges all rows at once ----------------------------------------------------------------------------------


def test_an_import_asks_about_rows_of_the_same_day_in_one_go(
    office, subject, django_assert_num_queries
) -> None:
    record(office, subject)
    row = {"subject": subject, "happened_on": DAY, "topic": "再来", "participant_words": "王五"}
    fresh = row | {"subject": make_subject(office.organization)}
    with django_assert_num_queries(3):
        answers = [list(slips) for slips in check_visits(office, [(None, row), (None, fresh), (None, fresh)])]
    assert [[slip.warning for slip in slips] for slips in answers] == [[True], [], [True]]


def test_imported_rows_get_their_participants(office, subject) -> None:
    visits = [make_visit(subject, participant_words="王五、李四"), make_visit(subject, participant_words="")]
    unit = office.capacity.member_unit
    GuidanceVisit.objects.filter(pk=visits[1].pk).update(participant_words=f"{unit} 赵六")
    visits[1].refresh_from_db()
    keep_all_participants(visits)
    assert sorted(visits[0].participants.values_list("name", flat=True)) == ["李四", "王五"]
    assert list(visits[1].participants.values_list("unit", "name")) == [(unit.pk, "赵六")]
