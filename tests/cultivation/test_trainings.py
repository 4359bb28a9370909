"""专题培训: who came entered in a grid, by search and by pasting; counted once; coverage with the gaps first."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import TrainingTopic
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, Subject, Training, TrainingAttendance
from cultivation.rules.trainings import TOPICS
from cultivation.selectors.ledgers import LedgerFilters, filtered_records
from cultivation.selectors.trainings import coverage_matrix, training_counts
from cultivation.services.grids import GridConflict
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, create_record
from cultivation.services.trainings import set_attendance
from tests.cultivation.ledger_factories import DAY, make_record
from tests.factories import login, make_actor, make_member_unit, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry, Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def year() -> None:
    make_year()


def cultivated(place: Organization, name: str = "") -> Subject:
    subject = make_subject(place, name=name)
    Enrollment.objects.create(
        subject=subject,
        year_id=2026,
        organization=place,
        state="CONFIRMED",
        confirmed_at=clock.now(),
        enrolled_at=clock.now(),
    )
    return subject


def a_training(place: Organization, *topics: str, **values: object) -> Training:
    actor = make_actor(Role.CITY_OFFICE) if place.level == Level.CITY else None
    return make_record(TRAININGS, place, actor=actor, topics=list(topics or TOPICS[:1]), **values)


def came(training: Training) -> dict[int, tuple[int, int]]:
    return {row.subject_id: (row.managers, row.hr) for row in training.attendances.all()}


@pytest.fixture
def district() -> Organization:
    return make_organization(Level.DISTRICT)


def save(actor, training, **cells):  # type: ignore[no-untyped-def]  # subject=(managers, hr) by keyword s<pk>
    typed = {}
    for name, (managers, hr) in cells.items():
        typed |= {f"{name[1:]}:managers": managers, f"{name[1:]}:hr": hr}
    return set_attendance(actor=actor, training=training, typed=typed, shown={}, now=clock.now())


def test_other_topics_need_words_and_the_end_follows_the_start(district: Organization) -> None:
    actor = make_actor(Role.DISTRICT_OFFICE, district)
    values = {"title": "培训", "happened_on": DAY, "topics": ["OTHER"]}
    with pytest.raises(RecordRefused) as refused:
        create_record(actor=actor, ledger=TRAININGS, values=values, now=clock.now())
    assert [slip.field for slip in refused.value.slips] == ["other_topic"]
    late = values | {"other_topic": "安全生产", "ends_on": DAY.replace(day=1)}
    with pytest.raises(RecordRefused, match="早于"):
        create_record(actor=actor, ledger=TRAININGS, values=late, now=clock.now())
    long = values | {"other_topic": "安全生产", "ends_on": DAY.replace(month=7)}
    with pytest.raises(NeedsConfirmation, match="超过 30 天"):
        create_record(actor=actor, ledger=TRAININGS, values=long, now=clock.now())


def test_people_are_written_changed_and_taken_off_with_an_audit_entry(district: Organization) -> None:
    actor, firm = make_actor(Role.DISTRICT_OFFICE, district), cultivated(district)
    training = a_training(district)
    assert save(actor, training, **{f"s{firm.pk}": (1, 2)}) == 2
    row = TrainingAttendance.objects.get()
    assert (row.managers, row.hr, row.organization_id) == (1, 2, district.pk)
    entry = AuditEntry.objects.filter(action="登记参训人次").get()
    assert entry.changes == {f"{firm.name}（负责人）": [None, 1], f"{firm.name}（人资）": [None, 2]}
    shown = {f"{firm.pk}:managers": 1, f"{firm.pk}:hr": 2}
    set_attendance(
        actor=actor,
        training=training,
        typed={f"{firm.pk}:hr": 0, f"{firm.pk}:managers": 1},
        shown=shown,
        now=clock.now(),
    )
    assert came(training) == {firm.pk: (1, 0)}
    shown = {f"{firm.pk}:managers": 1}
    set_attendance(
        actor=actor, training=training, typed={f"{firm.pk}:managers": None}, shown=shown, now=clock.now()
    )
    assert came(training) == {}


def test_the_people_stay_with_the_district_that_cultivated_the_firm(district: Organization) -> None:
    firm = cultivated(district)
    training = a_training(make_organization(Level.CITY))
    Subject.objects.filter(pk=firm.pk).update(managing_organization=make_organization(Level.DISTRICT))
    save(make_actor(Role.CITY_OFFICE), training, **{f"s{firm.pk}": (0, 3)})
    assert TrainingAttendance.objects.get().organization_id == district.pk


def test_a_city_training_takes_the_firms_of_each_district_from_that_district(district: Organization) -> None:
    other = make_organization(Level.DISTRICT)
    own, foreign = cultivated(district), cultivated(other)
    training = a_training(make_organization(Level.CITY))
    actor = make_actor(Role.DISTRICT_MEMBER, district)
    save(actor, training, **{f"s{own.pk}": (1, 0)})
    with pytest.raises(DomainError, match="不在您能登记的范围"):
        save(actor, training, **{f"s{foreign.pk}": (1, 0)})
    save(make_actor(Role.DISTRICT_OFFICE, other), training, **{f"s{foreign.pk}": (0, 2)})
    city, places = training_counts(2026)
    assert (city.held, city.people) == (1, 3)
    assert (places[district.pk].held, places[district.pk].joined, places[district.pk].people) == (0, 1, 1)
    assert places[other.pk].people == 2
    with pytest.raises(NotAllowed):
        save(actor, a_training(other), **{f"s{own.pk}": (1, 0)})
    with pytest.raises(NotAllowed):
        save(make_actor(Role.LEADER, district), training, **{f"s{own.pk}": (1, 0)})


def test_two_people_at_the_same_box(district: Organization) -> None:
    actor, firm, second = (
        make_actor(Role.DISTRICT_OFFICE, district),
        cultivated(district),
        cultivated(district),
    )
    training = a_training(district)
    save(actor, training, **{f"s{firm.pk}": (1, 0)})
    with pytest.raises(GridConflict) as conflict:
        save(actor, training, **{f"s{firm.pk}": (2, 0), f"s{second.pk}": (1, 1)})
    assert conflict.value.conflicts == {f"{firm.pk}:managers": 1}
    assert came(training) == {firm.pk: (1, 0)}, "nothing of the page was written"
    # Another box of the same page is no conflict.
    save(actor, training, **{f"s{second.pk}": (1, 1)})
    assert came(training)[second.pk] == (1, 1)


# --- pages --------------------------------------------------------------------------------------------------------------


def address(training: Training) -> str:
    return reverse("cultivation:training_attendance", args=[training.pk])


def test_the_record_page_holds_the_grid_and_says_whether_the_sheet_is_back(
    client: Client, district: Organization
) -> None:
    firm = cultivated(district)
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    page = client.get(reverse("cultivation:ledger_detail", args=["trainings", training.pk])).content.decode()
    assert f'name="g-{firm.pk}:managers"' in page and "未传回" in page
    Attachment.objects.create(
        owner_kind="Training",
        owner_id=training.pk,
        purpose="SCAN",
        label="签到表.jpg",
        file="x",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        uploaded_at=clock.now(),
    )
    again = client.get(reverse("cultivation:ledger_detail", args=["trainings", training.pk])).content.decode()
    assert "已传回" in again and "未传回" not in again
    paper = client.get(reverse("cultivation:ledger_paper", args=["trainings", training.pk])).content.decode()
    assert "签到表" in paper and "签名" in paper


def test_posting_the_grid_saves_and_a_wrong_number_keeps_everything_typed(
    client: Client, district: Organization
) -> None:
    first, second = cultivated(district), cultivated(district)
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    data = {"shown": "{}", f"g-{first.pk}:managers": "两个", f"g-{second.pk}:hr": "３人"}
    answer = client.post(address(training), data | {"save": ""})
    assert answer.status_code == 422 and came(training) == {}
    page = answer.content.decode()
    assert 'value="两个"' in page and 'value="３人"' in page and "不是数字" in page
    data[f"g-{first.pk}:managers"] = "2"
    data[f"g-{second.pk}:hr"] = "３"
    assert client.post(address(training), data | {"save": ""}).status_code == 302
    assert came(training) == {first.pk: (2, 0), second.pk: (0, 3)}


def test_a_conflict_shows_both_numbers_and_the_next_save_stands(
    client: Client, district: Organization
) -> None:
    firm = cultivated(district)
    training = a_training(district)
    actor = make_actor(Role.DISTRICT_OFFICE, district)
    login(client, actor)
    save(actor, training, **{f"s{firm.pk}": (7, 0)})
    data = {"shown": "{}", f"g-{firm.pk}:managers": "2"}
    answer = client.post(address(training), data)
    page = answer.content.decode()
    assert answer.status_code == 409 and "现在是：7" in page and 'value="2"' in page
    again = {"shown": json.dumps({f"{firm.pk}:managers": "7"}), f"g-{firm.pk}:managers": "2"}
    assert client.post(address(training), again).status_code == 302
    assert came(training) == {firm.pk: (2, 0)}


def test_searching_adds_a_row_and_loses_nothing_typed(client: Client, district: Organization) -> None:
    firm = cultivated(district)
    other = make_subject(district, name="台儿庄运河纸业有限公司")
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    data = {"shown": "{}", f"g-{firm.pk}:hr": "4", "q": "运河纸业"}
    answer = client.post(address(training), data | {"find": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200 and came(training) == {}
    assert f'name="g-{other.pk}:hr"' in page and 'value="4"' in page
    data |= {f"g-{other.pk}:hr": "1", "save": ""}
    assert client.post(address(training), data).status_code == 302
    assert came(training) == {firm.pk: (0, 4), other.pk: (0, 1)}
    nothing = client.post(address(training), {"q": "没有这家", "find": "1"}).content.decode()
    assert "没有找到“没有这家”" in nothing


def test_a_foreign_firm_cannot_be_posted(client: Client, district: Organization) -> None:
    foreign = cultivated(make_organization(Level.DISTRICT))
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    assert client.post(address(training), {f"g-{foreign.pk}:hr": "1"}).status_code == 404
    assert came(training) == {}


def test_pasting_two_or_three_columns(client: Client, district: Organization) -> None:
    first, second = cultivated(district), make_subject(district)
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    lines = f"企业名称\t负责人\t人资\n{first.name}\t1\t2\n{second.credit_code}\t0\t5\n"
    assert client.post(address(training), {"lines": lines, "paste": "1"}).status_code == 302
    assert came(training) == {first.pk: (1, 2), second.pk: (0, 5)}
    again = {"lines": f"{first.name} 3", "single": "managers", "paste": "1"}
    assert client.post(address(training), again).status_code == 302
    assert came(training) == {first.pk: (3, 0), second.pk: (0, 5)}


def test_one_bad_pasted_line_refuses_all_and_names_each(client: Client, district: Organization) -> None:
    first = cultivated(district)
    foreign = cultivated(make_organization(Level.DISTRICT), "外区秘密有限公司")
    training = a_training(district)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    lines = f"{first.name}\t1\n{foreign.name}\t2\n{first.name}\t1\n无名公司\t两"
    answer = client.post(address(training), {"lines": lines, "paste": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422 and came(training) == {}
    assert "有 3 行不能登记" in page
    assert "第 2 行“外区秘密有限公司”：没有找到" in page
    assert "第 3 行" in page and "重复" in page and "第 4 行" in page
    assert lines.splitlines()[0] in page, "the pasted text is kept"


# --- coverage -----------------------------------------------------------------------------------------------------------


def test_the_matrix_names_the_gaps_first(district: Organization) -> None:
    actor = make_actor(Role.DISTRICT_OFFICE, district)
    trained, untrained = cultivated(district), cultivated(district)
    training = a_training(district, TOPICS[0], TOPICS[1])
    save(actor, training, **{f"s{trained.pk}": (1, 2)})
    matrix = coverage_matrix(actor, year=2026)
    assert [row.enrollment.subject_id for row in matrix.rows] == [untrained.pk, trained.pk]
    assert matrix.gap_count == 8 + 4 and matrix.complete == 0 and matrix.city is None
    (row,) = matrix.districts
    assert (row.topics[TOPICS[0]].held, row.topics[TOPICS[0]].reached, row.topics[TOPICS[0]].cultivated) == (
        1,
        1,
        2,
    )
    removed = a_training(district, TOPICS[2])
    save(actor, removed, **{f"s{untrained.pk}": (1, 1)})
    Training.objects.filter(pk=removed.pk).update(removed_at=clock.now())
    assert coverage_matrix(actor, year=2026).gap_count == 12, "a removed training covers nothing"


@pytest.mark.parametrize("role", [Role.CITY_OFFICE, Role.DISTRICT_OFFICE])
def test_the_coverage_page_takes_five_statements_with_one_row_and_with_many(
    client: Client, district: Organization, role: str
) -> None:
    place = district if role == Role.DISTRICT_OFFICE else make_organization(Level.CITY)
    login(client, make_actor(role, place))
    url = reverse("cultivation:training_coverage") + "?year=2026"
    counts = []
    for number in range(2):
        for _ in range(1 + 2 * number):
            firm = cultivated(district)
            save(make_actor(Role.CITY_OFFICE), a_training(district), **{f"s{firm.pk}": (1, 1)})
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 5, counts


def test_the_list_is_filtered_by_topic(client) -> None:
    """One of several topics is enough; a code never matches inside another."""
    make_year(2026)
    actor = make_actor(Role.DISTRICT_OFFICE)
    first, second = TrainingTopic.values[:2]
    for title, topics in (("甲班", [first]), ("乙班", [second, first]), ("丙班", [second])):
        make_record(TRAININGS, actor.organization, title=title, topics=topics)
    login(client, actor)
    url = reverse("cultivation:ledger_list", kwargs={"slug": "trainings"})
    body = client.get(url, {"topics": first}).content.decode()
    assert ("甲班" in body, "乙班" in body, "丙班" in body) == (True, True, False)
    assert TrainingTopic(first).label in body and f'value="{first}" selected' in body
    filters = LedgerFilters(choices=(("topics", first[:-1]),))
    assert not filtered_records(actor, TRAININGS, filters).exists()
    assert "丙班" in client.get(url, {"topics": "STRANGE"}).content.decode()


# --- who held it ------------------------------------------------------------------------------------------------------


def test_a_new_training_is_held_by_the_own_unit_unless_said_otherwise(
    client: Client, district: Organization
) -> None:
    bureau, union = make_member_unit(district), make_member_unit(district, kind="TRADE_UNION_FEDERATION")
    city_bureau = make_member_unit(make_organization(Level.CITY))
    member = make_actor(Role.DISTRICT_MEMBER, district, member_unit=union)
    office = make_actor(Role.DISTRICT_OFFICE, district)
    city = make_actor(Role.CITY_OFFICE)
    url = reverse("cultivation:ledger_create", args=["trainings"])

    def chosen() -> list[str]:
        return re.findall(
            r'<option value="(\d+)" selected>', client.get(url).content.decode().split('name="organizer"')[1]
        )

    for actor, unit in ((member, union), (office, bureau), (city, city_bureau)):
        login(client, actor)
        assert chosen()[:1] == [str(unit.pk)]
    # What was entered last goes before.
    login(client, office)
    values = {"title": "培训", "happened_on": DAY, "topics": list(TOPICS[:1])}
    shared = {"actor": office, "ledger": TRAININGS, "now": clock.now(), "confirm_warnings": True}
    create_record(values=values | {"organizer": union}, **shared)
    assert chosen()[:1] == [str(union.pk)]
    create_record(values=values | {"title": "没有写主办单位的"}, **shared)
    assert chosen()[:1] == [str(bureau.pk)]
