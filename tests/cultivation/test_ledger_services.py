"""Issue 3: services of the ledgers: year of a record, whose it is, who may, warnings, clashes, back-fill."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cultivation.enums import AdvisoryTopic, MediaKind
from cultivation.ledgers.base import Ledger, find_ledger
from cultivation.models import CampaignYear, PublicityItem
from cultivation.rules.periods import Period, outside_periods, period_of_day
from cultivation.selectors.ledgers import LedgerFilters, count_ledgers, filtered_records, find_subject
from cultivation.services.ledgers import (
    DuplicateRecord,
    NeedsConfirmation,
    RecordRefused,
    create_record,
    remove_record,
    restore_record,
    update_record,
)
from tests.cultivation.ledger_factories import make_record
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)


def ledger(slug: str) -> Ledger:
    found = find_ledger(slug)
    assert found is not None
    return found


PUBLICITY = ledger("publicity")
ADVISORIES = ledger("advisories")


@pytest.fixture
def clerk(db: None) -> Actor:
    make_year()
    return make_actor(Role.DISTRICT_OFFICE)


def piece(**changes: object) -> dict[str, object]:
    return {
        "happened_on": date(2026, 5, 6),
        "title": "集体协商侧记",
        "media_kind": MediaKind.MAINSTREAM.value,
        "outlet": "枣庄日报",
        **changes,
    }


def enter(actor: Actor, now: datetime = NOW, **changes: object) -> PublicityItem:
    return create_record(actor=actor, ledger=PUBLICITY, values=piece(**changes), now=now)


# --- the year ---------------------------------------------------------------------------------------------------------


def test_the_period_of_a_day_is_closed_at_both_ends() -> None:
    periods = [
        Period(2025, date(2024, 12, 1), date(2025, 11, 30)),
        Period(2026, date(2025, 12, 1), date(2026, 11, 30)),
    ]
    years = {
        day: getattr(period_of_day(periods, day), "year", None)
        for day in (date(2024, 11, 30), date(2024, 12, 1), date(2025, 11, 30), date(2025, 12, 1))
    }
    assert list(years.values()) == [None, 2025, 2025, 2026]
    assert "2024-12-01 至 2026-11-30" in outside_periods(periods, date(2024, 11, 30))
    assert "还没有设定" in outside_periods([], date(2024, 11, 30))


@pytest.mark.parametrize(
    ("day", "year"), [(date(2025, 11, 30), 2025), (date(2025, 12, 1), 2026), (date(2026, 5, 31), 2026)]
)
def test_a_record_counts_in_the_year_whose_period_holds_its_day(clerk: Actor, day: date, year: int) -> None:
    now = datetime(2026, 6, 1, 2, tzinfo=UTC)
    values = piece(happened_on=day)
    record = create_record(actor=clerk, ledger=PUBLICITY, values=values, now=now, confirm_warnings=True)
    assert record.year_id == year


def test_a_day_of_no_year_is_refused_in_words(clerk: Actor) -> None:
    with pytest.raises(RecordRefused) as caught:
        enter(clerk, happened_on=date(2021, 5, 1))
    assert caught.value.field == "happened_on" and "不在任何年度的统计期内" in caught.value.message
    assert not PublicityItem.objects.exists()


def test_the_city_may_move_a_period_and_new_records_follow(clerk: Actor) -> None:
    CampaignYear.objects.filter(pk=2026).update(period_start=date(2026, 1, 1))
    CampaignYear.objects.filter(pk=2025).update(period_end=date(2025, 12, 31))
    values = piece(happened_on=date(2025, 12, 15))
    record = create_record(actor=clerk, ledger=PUBLICITY, values=values, now=NOW, confirm_warnings=True)
    assert record.year_id == 2025


def test_changing_the_day_moves_the_record_to_its_year(clerk: Actor) -> None:
    record = enter(clerk)
    changed = update_record(
        actor=clerk,
        ledger=PUBLICITY,
        record=record,
        expected_version=1,
        values={"happened_on": date(2025, 11, 30)},
        now=NOW,
        confirm_warnings=True,
    )
    assert (changed.year_id, changed.version, changed.title) == (2025, 2, "集体协商侧记")


def test_the_year_of_an_undated_record_is_chosen_or_the_present_one(clerk: Actor) -> None:
    brands = ledger("brands")
    shared = {"name": "和谐枣庄", "description": "做法"}
    assert create_record(actor=clerk, ledger=brands, values=shared, now=NOW).year_id == 2026
    other = {**shared, "name": "和谐滕州", "year": 2027}
    assert create_record(actor=clerk, ledger=brands, values=other, now=NOW).year_id == 2027
    with pytest.raises(RecordRefused):
        create_record(actor=clerk, ledger=brands, values={**shared, "year": 2031}, now=NOW)


# --- back-fill and warnings -------------------------------------------------------------------------------------------


def test_a_past_year_is_asked_about_and_backfill_needs_its_source(clerk: Actor) -> None:
    values = piece(happened_on=date(2024, 5, 1))
    with pytest.raises(NeedsConfirmation) as caught:
        create_record(actor=clerk, ledger=PUBLICITY, values=values, now=NOW)
    assert [slip.warning for slip in caught.value.slips] == [True] and "补录" in caught.value.message
    with pytest.raises(RecordRefused) as refused:
        create_record(actor=clerk, ledger=PUBLICITY, values=values, now=NOW, backfilled=True)
    assert refused.value.field == "source_document"
    record = create_record(
        actor=clerk,
        ledger=PUBLICITY,
        values=values,
        now=NOW,
        backfilled=True,
        source_document="2024年宣传台账",
    )
    assert record.backfilled and record.year_id == 2024
    assert AuditEntry.objects.get(kind="PublicityItem").action == "补录宣传报道"


def test_a_day_to_come_is_asked_about(clerk: Actor) -> None:
    with pytest.raises(NeedsConfirmation, match="晚于今天"):
        enter(clerk, happened_on=date(2026, 6, 2))
    # 2026-06-01 16:00 UTC is the next day in Shanghai.
    assert enter(clerk, now=datetime(2026, 6, 1, 16, tzinfo=UTC), happened_on=date(2026, 6, 2)).pk


# --- every column is judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": "  "}, "title", "请填写标题"),
        ({"media_kind": "PIGEON"}, "media_kind", "没有“PIGEON”"),
        ({"media_kind": None}, "media_kind", "请选择媒体类别"),
        ({"outlet": "报" * 81}, "outlet", "最多 80 个字，现有 81 个字"),
        ({"reads": -1}, "reads", "不能小于 0"),
        ({"url": "javascript:alert(1)"}, "url", "完整网址"),
        ({"happened_on": None}, "happened_on", "请填写发布日期"),
        ({"happened_on": "昨天"}, "happened_on", "不是日期"),
    ],
)
def test_a_wrong_value_names_its_column_and_writes_nothing(
    clerk: Actor, changes: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(RecordRefused) as caught:
        enter(clerk, **changes)
    assert caught.value.field == field and words in caught.value.message
    assert not PublicityItem.objects.exists()
    assert not AuditEntry.objects.filter(kind="PublicityItem").exists()


def test_all_slips_are_told_at_once(clerk: Actor) -> None:
    with pytest.raises(RecordRefused) as caught:
        enter(clerk, title="", outlet="", media_kind="")
    assert {slip.field for slip in caught.value.slips} == {"title", "outlet", "media_kind"}


def test_an_unknown_column_is_a_fault_of_the_program(clerk: Actor) -> None:
    with pytest.raises(ValueError, match="removed_at"):
        enter(clerk, removed_at=NOW)


# --- whose it is, and who may -----------------------------------------------------------------------------------------


def test_a_district_enters_for_itself_only(clerk: Actor) -> None:
    assert enter(clerk).organization == clerk.organization
    with pytest.raises(NotAllowed):
        enter(clerk, organization=make_organization(Level.DISTRICT))


def test_the_city_enters_for_itself_for_the_subjects_district_or_for_the_chosen_one(clerk: Actor) -> None:
    city = make_actor(Role.CITY_OFFICE)
    subject = make_subject(clerk.organization)
    assert enter(city, title="甲").organization == city.organization
    assert enter(city, title="乙", subject=subject).organization == clerk.organization
    assert enter(city, title="丙", organization=clerk.organization).organization == clerk.organization
    stranger = make_organization(Level.DISTRICT)
    with pytest.raises(RecordRefused) as caught:
        enter(city, title="丁", subject=subject, organization=stranger)
    assert caught.value.field == "subject" and stranger.name in caught.value.message


def test_a_strangers_subject_cannot_be_named(clerk: Actor) -> None:
    stranger = make_subject(make_organization(Level.DISTRICT))
    with pytest.raises(RecordRefused) as caught:
        enter(clerk, subject=stranger)
    assert caught.value.field == "subject"
    with pytest.raises(DomainError, match="没有找到在册的培育对象"):
        find_subject(clerk, stranger.name)


def test_a_subject_is_found_by_name_code_or_both_and_a_common_name_asks_for_the_code(clerk: Actor) -> None:
    first = make_subject(clerk.organization, name="滕州同名机械有限公司")
    assert find_subject(clerk, " 滕州同名机械有限公司 ") == first
    assert find_subject(clerk, first.credit_code.lower()) == first
    assert find_subject(clerk, f"随便（{first.credit_code}）") == first
    second = make_subject(clerk.organization, name="滕州同名机械有限公司")
    with pytest.raises(DomainError) as caught:
        find_subject(clerk, "滕州同名机械有限公司")
    assert first.credit_code in caught.value.message and second.credit_code in caught.value.message
    with pytest.raises(DomainError, match="是否为"):
        find_subject(clerk, "同名机械")


def test_a_township_enters_and_changes_its_own_rows_only(clerk: Actor) -> None:
    district = clerk.organization
    assert district is not None
    town, other = (make_organization(Level.TOWNSHIP, parent=district) for _ in range(2))
    visits = ledger("visits")
    staff = make_actor(Role.TOWNSHIP_STAFF, town)
    record = make_record(visits, district, actor=staff, township=town)
    assert (record.organization, record.township) == (district, town)
    neighbour = make_record(visits, district, actor=clerk, township=other)
    assert list(filtered_records(staff, visits, LedgerFilters())) == [record]
    with pytest.raises(NotAllowed, match="只能维护本乡镇"):
        remove_record(actor=staff, ledger=visits, record=neighbour, now=NOW)
    with pytest.raises(NotAllowed):
        create_record(actor=staff, ledger=PUBLICITY, values=piece(), now=NOW)


def test_an_instructor_changes_what_it_entered_or_looks_after(clerk: Actor) -> None:
    district = clerk.organization
    visits = ledger("visits")
    instructor = make_actor(Role.INSTRUCTOR, district)
    record = make_record(visits, district, actor=clerk)
    with pytest.raises(NotAllowed, match="自己结对"):
        remove_record(actor=instructor, ledger=visits, record=record, now=NOW)
    make_record(
        ledger("pairings"),
        district,
        actor=clerk,
        subject=record.subject,
        person=instructor.user,
        person_name=instructor.user.full_name,
        starts_on=date(2026, 1, 1),
    )
    assert remove_record(actor=instructor, ledger=visits, record=record, now=NOW).removed_at == NOW


@pytest.mark.parametrize("role", [Role.LEADER, Role.SYSTEM_ADMIN, Role.AUDITOR, Role.INSTRUCTOR])
def test_who_does_not_keep_the_ledger_writes_nothing(clerk: Actor, role: Role) -> None:
    with pytest.raises(NotAllowed):
        enter(make_actor(role))


# --- clashes, versions, the bin ---------------------------------------------------------------------------------------


def test_the_same_piece_twice_names_the_first(clerk: Actor) -> None:
    first = enter(clerk)
    with pytest.raises(DuplicateRecord) as caught:
        enter(clerk)
    assert caught.value.other == first
    assert "枣庄日报" in caught.value.message and "2026-05-06" in caught.value.message
    assert PublicityItem.objects.count() == 1


def test_a_database_check_that_no_rule_foresaw_is_still_told_in_words(clerk: Actor) -> None:
    values = {"happened_on": date(2026, 5, 6), "topic": AdvisoryTopic.PAY.value, "tally": False, "count": 3}
    with pytest.raises(DomainError) as caught:
        create_record(actor=clerk, ledger=ADVISORIES, values=_known(ADVISORIES, values), now=NOW)
    assert caught.value.message


def _known(target: Ledger, values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key in target.by_key}


def test_a_stale_version_writes_nothing(clerk: Actor) -> None:
    record = enter(clerk)
    shared = {"actor": clerk, "ledger": PUBLICITY, "expected_version": 1, "now": NOW}
    update_record(record=record, values={"note": "先"}, **shared)
    stale = PublicityItem.objects.get(pk=record.pk)
    with pytest.raises(ConflictError):
        update_record(record=stale, values={"note": "后"}, **shared)
    assert PublicityItem.objects.get(pk=record.pk).note == "先"
    entry = AuditEntry.objects.filter(kind="PublicityItem", object_id=str(record.pk)).latest("pk")
    assert entry.changes == {"note": ["", "先"]}


def test_saving_without_a_change_writes_nothing(clerk: Actor) -> None:
    record = enter(clerk)
    same = update_record(
        actor=clerk, ledger=PUBLICITY, record=record, expected_version=1, values=piece(), now=NOW
    )
    assert same.version == 1
    assert AuditEntry.objects.filter(kind="PublicityItem").count() == 1


def test_a_removed_row_cannot_be_changed_and_comes_back_once(clerk: Actor) -> None:
    record = enter(clerk)
    remove_record(actor=clerk, ledger=PUBLICITY, record=record, now=NOW)
    with pytest.raises(ConflictError):
        remove_record(actor=clerk, ledger=PUBLICITY, record=record, now=NOW)
    with pytest.raises(ConflictError, match="已被删除"):
        update_record(
            actor=clerk, ledger=PUBLICITY, record=record, expected_version=1, values={"note": "x"}, now=NOW
        )
    again = enter(clerk)
    with pytest.raises(DuplicateRecord) as caught:
        restore_record(actor=clerk, ledger=PUBLICITY, record=record, now=NOW)
    assert caught.value.other == again
    remove_record(actor=clerk, ledger=PUBLICITY, record=again, now=NOW)
    restored = restore_record(actor=clerk, ledger=PUBLICITY, record=record, now=NOW + timedelta(days=29))
    assert restored.removed_at is None
    with pytest.raises(DomainError, match="30 天"):
        restore_record(actor=clerk, ledger=PUBLICITY, record=again, now=NOW + timedelta(days=30))


def test_a_row_that_others_point_to_stays(clerk: Actor) -> None:
    liaisons, coordinators = ledger("liaisons"), ledger("coordinators")
    person = make_record(coordinators, clerk.organization, actor=clerk)
    tie = make_record(
        liaisons, clerk.organization, actor=clerk, coordinator=person, instructor=None, ends_on=None
    )
    with pytest.raises(DomainError, match="1 条定点联系"):
        remove_record(actor=clerk, ledger=coordinators, record=person, now=NOW)
    remove_record(actor=clerk, ledger=liaisons, record=tie, now=NOW)
    assert remove_record(actor=clerk, ledger=coordinators, record=person, now=NOW).removed_at == NOW


# --- reading ----------------------------------------------------------------------------------------------------------


def test_filters_narrow_and_the_text_finds_title_and_subject(clerk: Actor) -> None:
    subject = make_subject(clerk.organization, name="滕州晨光纺织有限公司")
    first = enter(clerk, subject=subject)
    second = enter(clerk, title="另一篇", media_kind=MediaKind.NEW_MEDIA.value)

    def found(**filters: object) -> set[int]:
        rows = filtered_records(clerk, PUBLICITY, LedgerFilters(**filters))  # type: ignore[arg-type]  # by keyword
        return set(rows.values_list("pk", flat=True))

    assert found() == {first.pk, second.pk}
    assert found(text="晨光") == {first.pk} and found(text="另一") == {second.pk}
    assert found(choices=(("media_kind", "NEW_MEDIA"),)) == {second.pk}
    assert found(year=2025) == set() and found(year=2026) == {first.pk, second.pk}
    assert found(subject=subject.pk) == {first.pk} and found(pks=(second.pk,)) == {second.pk}


def test_counts_of_all_ledgers_take_one_statement(clerk: Actor, django_assert_num_queries: object) -> None:
    enter(clerk)
    enter(make_actor(Role.DISTRICT_OFFICE), title="外区的")
    make_record(ADVISORIES, clerk.organization, actor=clerk)
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        counts = count_ledgers(clerk, [PUBLICITY, ADVISORIES, ledger("visits")], 2026)
    assert {slug: count for slug, count in counts.items() if count} == {"publicity": 1, "advisories": 1}
