"""The register: services with their refusals, the list page by keyset, conflicts, and who sees what."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import Ownership, SizeClass, SubjectKind
from cultivation.models import Subject, SubjectContact
from cultivation.selectors.subject_pages import subject_timeline
from cultivation.selectors.subjects import SubjectFilters, find_duplicates, list_subjects
from cultivation.services.subject_lives import deregister_subject
from cultivation.services.subjects import create_subject, update_subject
from tests.factories import actor_for, login, make_actor, make_organization, make_subject, make_user
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import make_credit_code
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

pytestmark = pytest.mark.django_db
CODE = make_credit_code("91370481MA3ABCDE1")


def enterprise(organization, **changes):
    return {
        "name": "滕州精工机床有限公司",
        "credit_code": CODE,
        "managing_organization": organization,
        **changes,
    }


def test_an_enterprise_is_opened_with_its_size_computed_and_audited():
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = create_subject(
        actor=actor,
        kind=SubjectKind.ENTERPRISE,
        data=enterprise(
            actor.organization,
            industry_code="34",
            employee_count=320,
            annual_revenue=Decimal(5000),
            address="荆河路1号",
        ),
        now=clock.now(),
    )
    assert subject.size_class == "MEDIUM"
    assert subject.profile.address == "荆河路1号"
    assert AuditEntry.objects.filter(kind="Subject", object_id=str(subject.pk), action="建档").count() == 1


def test_an_industry_known_by_its_section_only_is_sized_too():
    actor = make_actor(Role.DISTRICT_OFFICE)
    data = enterprise(actor.organization, industry_code="C", employee_count=320, annual_revenue=Decimal(5000))
    subject = create_subject(actor=actor, kind=SubjectKind.ENTERPRISE, data=data, now=clock.now())
    assert subject.size_class == "MEDIUM"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credit_code": "91370481MA3ABCDE"}, "credit_code"),
        ({"credit_code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, "credit_code_note"),
        ({"credit_code": "I" + CODE[1:]}, "credit_code"),
        ({"name": "  "}, "name"),
        ({"size_overridden": True}, "size_class"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(changes, field):
    actor = make_actor(Role.DISTRICT_OFFICE)
    with pytest.raises(DomainError) as caught:
        create_subject(
            actor=actor,
            kind=SubjectKind.ENTERPRISE,
            data=enterprise(actor.organization, **changes),
            now=clock.now(),
        )
    assert caught.value.field == field
    assert not Subject.objects.exists()


def test_a_wrong_check_digit_passes_with_a_word():
    actor = make_actor(Role.DISTRICT_OFFICE)
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    subject = create_subject(
        actor=actor,
        kind=SubjectKind.ENTERPRISE,
        data=enterprise(
            actor.organization, credit_code=wrong.lower() + " ", credit_code_note="已核对营业执照"
        ),
        now=clock.now(),
    )
    assert subject.credit_code == wrong and subject.credit_code_note == "已核对营业执照"


def test_the_same_code_is_refused_also_in_another_district_without_telling_who():
    mine, other = make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_OFFICE)
    create_subject(
        actor=other, kind=SubjectKind.ENTERPRISE, data=enterprise(other.organization), now=clock.now()
    )
    with pytest.raises(DomainError) as caught:
        create_subject(
            actor=mine, kind=SubjectKind.ENTERPRISE, data=enterprise(mine.organization), now=clock.now()
        )
    assert caught.value.code == "duplicate" and other.organization.name not in caught.value.message
    found = find_duplicates(mine, kind=SubjectKind.ENTERPRISE, name="别的名称", credit_code=CODE)
    assert [item.visible for item in found] == [None]
    assert found[0].message.startswith("已由其他区（市）建档")


def test_a_township_must_belong_to_the_managing_organization():
    actor = make_actor(Role.DISTRICT_OFFICE)
    foreign = make_organization(Level.TOWNSHIP)
    with pytest.raises(DomainError) as caught:
        create_subject(
            actor=actor,
            kind=SubjectKind.ENTERPRISE,
            data=enterprise(actor.organization, township=foreign),
            now=clock.now(),
        )
    assert caught.value.field == "township"


@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.SYSTEM_ADMIN, Role.AUDITOR, Role.INSTRUCTOR, Role.CITY_MEMBER]
)
def test_who_may_not_keep_the_register(role):
    organization = make_organization(Level.DISTRICT)
    actor = make_actor(role)
    with pytest.raises(NotAllowed):
        create_subject(
            actor=actor, kind=SubjectKind.ENTERPRISE, data=enterprise(organization), now=clock.now()
        )


def test_a_stale_version_conflicts_and_writes_nothing():
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization)
    update_subject(
        actor=actor, subject=subject, expected_version=1, data={"contact_name": "甲"}, now=clock.now()
    )
    subject.refresh_from_db()
    with pytest.raises(ConflictError):
        update_subject(
            actor=actor, subject=subject, expected_version=1, data={"contact_name": "乙"}, now=clock.now()
        )
    subject.refresh_from_db()
    assert (subject.contact_name, subject.version) == ("甲", 2)


def test_deregistering_needs_a_reason_and_keeps_the_record():
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization)
    with pytest.raises(DomainError):
        deregister_subject(actor=actor, subject=subject, reason="停", now=clock.now())
    deregister_subject(actor=actor, subject=subject, reason="企业已注销登记", now=clock.now())
    assert Subject.objects.get(pk=subject.pk).state == "DEREGISTERED"


@pytest.mark.parametrize("sort", ["-id", "name", "-employee_count"])
def test_keyset_pages_show_every_row_once_forward_and_backward(sort):
    actor = make_actor(Role.DISTRICT_OFFICE)
    for number in range(23):
        make_subject(
            actor.organization, name=f"企业{number % 5}", employee_count=[None, 10, 10, 30][number % 4]
        )
    filters = SubjectFilters(sort=sort)
    forward, cursor = [], ""
    while True:
        page = list_subjects(actor, filters, cursor={"page": cursor}, size=5)
        assert page.total == 23 and not page.capped
        forward += [row["id"] for row in page.rows]
        if not page.next:
            break
        cursor = page.next
    assert len(forward) == 23 == len(set(forward))
    backward, cursor = [], "last"
    while cursor:
        page = list_subjects(actor, filters, cursor={"page": cursor}, size=5)
        backward = [row["id"] for row in page.rows] + backward
        cursor = page.previous
    assert backward == forward
    if sort == "-employee_count":
        counts = [Subject.objects.get(pk=pk).employee_count for pk in forward]
        known = [count for count in counts if count is not None]
        assert counts[: len(known)] == sorted(known, reverse=True)


def test_the_list_of_one_person_is_never_that_of_another():
    mine, other = make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_OFFICE)
    colleague = make_actor(Role.DISTRICT_MEMBER, mine.organization)
    instructor = make_actor(Role.INSTRUCTOR, mine.organization)
    subjects = {actor: make_subject(actor.organization) for actor in (mine, other)}
    link = SubjectContact.objects.create(
        user=make_user(), subject=subjects[mine], valid_from=date(2023, 1, 1)
    )
    contact = actor_for(link.user, f"s{link.pk}")
    city = make_actor(Role.CITY_OFFICE)
    make_subject(mine.organization)
    for _ in range(2):
        for actor in (mine, other, colleague, instructor, contact, city, make_actor(Role.SYSTEM_ADMIN)):
            rows = list_subjects(actor, SubjectFilters(), cursor={}, size=50).rows
            expected = Subject.objects.visible_to(actor).filter(kind="ENTERPRISE").order_by("-id")
            assert [row["id"] for row in rows] == [subject.pk for subject in expected]


def test_a_forged_cursor_shows_the_first_page():
    actor = make_actor(Role.DISTRICT_OFFICE)
    make_subject(actor.organization)
    for cursor in ("after.garbage", "after.", "sideways.x", "99999"):
        assert len(list_subjects(actor, SubjectFilters(), cursor={"page": cursor}, size=5).rows) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [("机床", True), ("精工", True), ("精 工机", True), ("床机", False), ("（精工）", True), ("%", False)],
)
def test_name_search_by_two_characters(text, found):
    actor = make_actor(Role.DISTRICT_OFFICE)
    make_subject(actor.organization, name="滕州（精工）机床 有限公司")
    rows = list_subjects(actor, SubjectFilters(text=text), cursor={}, size=5).rows
    assert bool(rows) is found


def test_search_by_the_start_of_a_credit_code():
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization, credit_code=CODE)
    make_subject(actor.organization)
    rows = list_subjects(actor, SubjectFilters(text=CODE[:8].lower()), cursor={}, size=5).rows
    assert [row["id"] for row in rows] == [subject.pk]


def test_the_list_page_costs_four_statements_whatever_the_rows(client):
    actor = make_actor(Role.DISTRICT_OFFICE)
    login(client, actor)
    client.get(reverse("cultivation:subject_list"))
    counts = []
    for rows in (1, 3, 60):
        while Subject.objects.count() < rows:
            make_subject(actor.organization)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("cultivation:subject_list"))
        assert response.status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1 and counts[0] <= 4, counts


def test_a_district_sees_its_own_and_never_another(client):
    mine, other = make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_OFFICE)
    foreign = make_subject(other.organization, name="金丝雀企业")
    make_subject(mine.organization, name="自家企业")
    login(client, mine)
    page = client.get(
        reverse("cultivation:subject_list") + f"?district={other.organization.pk}&q=金丝"
    ).content.decode()
    assert "金丝雀企业" not in page
    assert client.get(reverse("cultivation:subject_detail", args=[foreign.pk])).status_code == 404
    assert (
        client.post(reverse("cultivation:subject_edit", args=[foreign.pk]), {"name": "x"}).status_code == 404
    )


def test_create_in_the_browser_keeps_what_was_typed(client):
    actor = make_actor(Role.DISTRICT_OFFICE)
    login(client, actor)
    url = reverse("cultivation:subject_create", args=["ENTERPRISE"])
    typed = {
        "name": "新建企业有限公司",
        "credit_code": CODE[:17],
        "managing_organization": actor.organization.pk,
        "employee_count": "１，２００人",
    }
    response = client.post(url, typed)
    page = response.content.decode()
    assert (
        response.status_code == 422 and "有误：" in page and "新建企业有限公司" in page and CODE[:17] in page
    )
    response = client.post(url, {**typed, "credit_code": CODE})
    assert response.status_code == 302
    assert Subject.objects.get().employee_count == 1200


def test_a_likely_duplicate_name_asks_once(client):
    actor = make_actor(Role.DISTRICT_OFFICE)
    make_subject(actor.organization, name="滕州精工机床有限公司")
    login(client, actor)
    url = reverse("cultivation:subject_create", args=["ENTERPRISE"])
    typed = {
        "name": "滕州精工机床股份有限公司",
        "credit_code": CODE,
        "managing_organization": actor.organization.pk,
    }
    first = client.post(url, typed)
    assert first.status_code == 422 and "再次点击保存" in first.content.decode()
    assert client.post(url, {**typed, "confirmed_name": typed["name"]}).status_code == 302


def test_an_edit_conflict_shows_both_texts(client):
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization, contact_name="旧联系人")
    update_subject(
        actor=actor, subject=subject, expected_version=1, data={"contact_name": "他人写的"}, now=clock.now()
    )
    login(client, actor)
    typed = {
        "name": subject.name,
        "credit_code": subject.credit_code,
        "contact_name": "我写的",
        "version": "1",
    }
    typed["managing_organization"] = str(actor.organization.pk)
    response = client.post(reverse("cultivation:subject_edit", args=[subject.pk]), typed)
    page = response.content.decode()
    assert response.status_code == 409 and "我写的" in page and "他人写的" in page
    subject.refresh_from_db()
    assert subject.contact_name == "他人写的"
    assert (
        client.post(
            reverse("cultivation:subject_edit", args=[subject.pk]), {**typed, "version": "2"}
        ).status_code
        == 302
    )


@pytest.mark.parametrize("kind", SubjectKind.values)
def test_every_kind_can_be_opened_listed_and_read(client, kind):
    actor = make_actor(Role.DISTRICT_OFFICE)
    township = make_organization(Level.TOWNSHIP, parent=actor.organization)
    login(client, actor)
    typed = {"name": "甲对象", "managing_organization": actor.organization.pk, "township": township.pk}
    typed |= {"credit_code": CODE, "pilot_year": "2023"}
    assert client.post(reverse("cultivation:subject_create", args=[kind]), typed).status_code == 302
    subject = Subject.objects.get()
    assert (
        client.get(reverse("cultivation:subject_list") + f"?kind={kind}")
        .content.decode()
        .count(f"/subjects/{subject.pk}/")
        == 1
    )
    assert "甲对象" in client.get(reverse("cultivation:subject_detail", args=[subject.pk])).content.decode()
    assert client.get(reverse("cultivation:subject_edit", args=[subject.pk])).status_code == 200


@pytest.mark.parametrize(
    ("role", "level", "says"),
    [
        (Role.DISTRICT_OFFICE, Level.DISTRICT, "可新增，或从Excel导入。"),
        (Role.TOWNSHIP_STAFF, Level.TOWNSHIP, "由所在区（市）三方办公室登记"),
    ],
)
def test_an_empty_register_offers_only_what_the_reader_can_do(client, role, level, says):
    login(client, make_actor(role, make_organization(level)))
    page = client.get(reverse("cultivation:subject_list")).content.decode()
    assert "还没有" in page and says in page
    assert ("可新增" in page) is (role == Role.DISTRICT_OFFICE)


def test_the_timeline_tells_every_changed_field_in_words():
    """ux E17: 「职工人数 280 → 312」, and no field's name or code of the program."""
    actor = make_actor(Role.DISTRICT_OFFICE)
    place = make_organization(Level.TOWNSHIP, parent=actor.organization)
    subject = create_subject(
        actor=actor, kind=SubjectKind.ENTERPRISE, data=enterprise(actor.organization), now=clock.now()
    )
    changed = {
        "name": "滕州精工机床集团有限公司",
        "township": place,
        "industry_code": "34",
        "ownership": "PRIVATE",
        "employee_count": 312,
        "size_class": "SMALL",
        "size_overridden": True,
        "contact_name": "张经理",
        "contact_phone": "13800000000",
        "legal_representative": "张三",
        "address": "滕州市学院路1号",
        "established_on": date(2001, 2, 3),
        "annual_revenue": Decimal(900),
        "total_assets": Decimal(800),
        "groundwork": "已建工会",
        "labor_relations_status": "总体稳定",
    }
    update_subject(
        actor=actor, subject=subject, expected_version=subject.version, data=changed, now=clock.now()
    )
    told = [change for entry in subject_timeline(subject) for change in entry.changes]
    assert ("职工人数", "未填", "312") in told and ("乡镇（街道）", "未填", place.name) in told
    assert ("经济类型", "未填", Ownership.PRIVATE.label) in told
    assert ("企业规模", "未填", SizeClass.SMALL.label) in told
    assert len(told) >= len(changed)
    assert not [part for change in told for part in change if re.search(r"[A-Za-z]", part)]
