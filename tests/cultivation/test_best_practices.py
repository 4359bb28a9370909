"""典型经验: consent online or on paper, what may be cited, where it was taken over; the library; awareness, stories."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from cultivation.ledgers.display import cell
from cultivation.ledgers.situation import (
    AWARENESS,
    BEST_PRACTICES,
    PRACTICE_ADOPTIONS,
    SITUATION_REVIEWS,
    STORIES,
)
from cultivation.models import BestPractice, Subject, SubjectContact
from cultivation.selectors.best_practices import citable_practices
from cultivation.selectors.todo_case import todo_case
from cultivation.services.best_practices import give_consent, withdraw_consent
from cultivation.services.ledgers import RecordRefused, create_record, update_record
from reporting.selectors.todos import todo_parts
from tests.cultivation.ledger_factories import DAY, make_record
from tests.factories import (
    actor_for,
    login,
    make_actor,
    make_organization,
    make_subject,
    make_user,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry, Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, NotAllowed
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.todos import TodoRow, list_parts
from zaozhuang_portal.operations.services.attachments import store_attachment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def year() -> None:
    make_year()


@pytest.fixture
def district() -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.fixture
def firm(district: Organization) -> Subject:
    return make_subject(district)


@pytest.fixture
def contact(firm: Subject) -> Actor:
    user = make_user(full_name="赵经办")
    SubjectContact.objects.create(user=user, subject=firm, valid_from=date(2024, 1, 1))
    return actor_for(user)


def a_practice(place: Organization, **values: object) -> BestPractice:
    return make_record(BEST_PRACTICES, place, year=2026, **values)


def consent(actor: Actor, practice: BestPractice) -> BestPractice:
    return give_consent(actor=actor, practice=practice, expected_version=practice.version, now=clock.now())


def waiting(actor: Actor) -> list[TodoRow]:
    return list_parts(todo_parts(todo_case(actor, date(2026, 11, 23))))


def test_the_contact_agrees_to_the_text_it_read_and_may_take_it_back(
    district: Organization, firm: Subject, contact: Actor
) -> None:
    practice = a_practice(district, subject=firm, proof="协商会议纪要")
    assert citable_practices(2026) == []
    agreed = consent(contact, practice)
    assert (agreed.consented_by, agreed.consent_online) == ("赵经办", True)
    assert citable_practices(2026, district.pk) == [agreed] == citable_practices(2026)
    assert citable_practices(2025) == [] == citable_practices(2026, make_organization(Level.DISTRICT).pk)
    taken = withdraw_consent(actor=contact, practice=agreed, now=clock.now())
    assert taken.consented_on is None and citable_practices(2026) == []
    actions = AuditEntry.objects.filter(kind="BestPractice").order_by("id").values_list("action", flat=True)
    assert list(actions)[1:] == ["在线同意引用典型经验", "撤回引用典型经验的同意"]


def test_a_text_changed_meanwhile_and_another_firm_are_refused(
    district: Organization, firm: Subject, contact: Actor
) -> None:
    practice = a_practice(district, subject=firm)
    with pytest.raises(ConflictError, match="重新阅读"):
        give_consent(actor=contact, practice=practice, expected_version=practice.version + 1, now=clock.now())
    with pytest.raises(NotAllowed):
        consent(contact, a_practice(district, subject=make_subject(district)))
    with pytest.raises(NotAllowed):
        consent(make_actor(Role.DISTRICT_OFFICE, district), practice)


def test_consent_entered_from_paper_needs_name_day_and_subject(district: Organization, firm: Subject) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, district)
    base = {"title": "经验", "summary": "做法", "year": 2026}
    for values, words in (
        ({"consented_on": DAY, "subject": firm}, "哪位负责人"),
        ({"consented_by": "李厂长", "subject": firm}, "同意日期"),
        ({"consented_on": DAY, "consented_by": "李厂长"}, "所属的培育对象"),
    ):
        with pytest.raises(RecordRefused, match=words):
            create_record(actor=office, ledger=BEST_PRACTICES, values=base | values, now=clock.now())


def test_consent_from_paper_counts_once_its_scan_is_attached(
    client: Client, district: Organization, firm: Subject
) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, district)
    practice = a_practice(district, subject=firm, proof="纪要", consented_on=DAY, consented_by="李厂长")
    login(client, office)
    url = reverse("cultivation:ledger_detail", args=["best-practices", practice.pk])
    library = reverse("cultivation:practice_library") + "?citable=1"
    assert citable_practices(2026) == []
    assert "未附同意书" in client.get(url).content.decode()
    assert practice.title not in client.get(library).content.decode()
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    scan = store_attachment(
        actor=office,
        owner_kind="BestPractice",
        owner_id=practice.pk,
        upload=SimpleUploadedFile("照片.png", picture.getvalue()),
        now=clock.now(),
        organization=district,
    )
    assert citable_practices(2026) == [], "a photo is no consent"
    page = client.get(url).content.decode()
    assert "未附同意书" in page and "改作企业同意书" in page
    changed = client.post(reverse("operations:file_purpose", args=[scan.uid]), {"purpose": "SCAN"})
    assert changed.status_code == 303
    assert citable_practices(2026, district.pk) == [practice]
    assert "未附同意书" not in client.get(url).content.decode()
    assert practice.title in client.get(library).content.decode()
    Attachment.objects.filter(pk=scan.pk).update(removed_at=clock.now())
    assert citable_practices(2026) == []


def test_an_online_consent_changed_by_hand_is_no_longer_online(
    district: Organization, firm: Subject, contact: Actor
) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, district)
    practice = consent(contact, a_practice(district, subject=firm))
    change = {"actor": office, "ledger": BEST_PRACTICES, "now": clock.now()}
    kept = update_record(
        **change, record=practice, expected_version=practice.version, values={"tags": "集体协商 民主管理"}
    )
    assert kept.consent_online and kept.tags == "集体协商、民主管理"
    changed = update_record(
        **change, record=kept, expected_version=kept.version, values={"consented_by": "孙另人"}
    )
    assert not changed.consent_online


def test_stories_awareness_and_reviews() -> None:
    district = make_organization(Level.DISTRICT)
    office = make_actor(Role.DISTRICT_OFFICE, district)
    now = clock.now()
    story = {"title": "事迹", "person": "某班组", "story": "……", "publicized": True, "year": 2026}
    with pytest.raises(RecordRefused, match="同意的日期"):
        create_record(actor=office, ledger=STORIES, values=story, now=now)
    assert create_record(
        actor=office, ledger=STORIES, values=story | {"consented_on": DAY}, now=now
    ).publicized
    figure = {"happened_on": DAY, "metric": "AWARENESS", "method": "问卷", "numerator": 7, "denominator": 8}
    row = create_record(actor=office, ledger=AWARENESS, values=figure, now=now)
    assert cell(AWARENESS.by_key["ratio"], row) == "87.50%"
    for wrong in ({"numerator": 9}, {"denominator": 0, "numerator": 0}):
        with pytest.raises(RecordRefused):
            create_record(actor=office, ledger=AWARENESS, values=figure | wrong, now=now)
    assert SITUATION_REVIEWS.paper and "会议记录" in SITUATION_REVIEWS.paper.title


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_library_marks_what_may_be_cited_and_filters(
    client: Client, district: Organization, firm: Subject, contact: Actor
) -> None:
    good = consent(
        contact, a_practice(district, subject=firm, proof="纪要", title="能引用的经验", tags="集体协商")
    )
    a_practice(district, title="不能引用的经验", tags="民主管理")
    a_practice(make_organization(Level.DISTRICT), title="外区的经验")
    make_record(PRACTICE_ADOPTIONS, district, practice=good)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    url = reverse("cultivation:practice_library")
    page = client.get(url).content.decode()
    assert (
        "能引用的经验" in page
        and "暂不可引用" in page
        and "推广应用 1 处" in page
        and "外区的经验" not in page
    )
    assert "不能引用的经验" not in client.get(url + "?citable=1").content.decode()
    assert "不能引用的经验" not in client.get(url + "?tag=集体协商").content.decode()
    detail = client.get(
        reverse("cultivation:ledger_detail", args=["best-practices", good.pk])
    ).content.decode()
    assert "在线同意" in detail and "推广应用" in detail
    form = client.get(
        reverse("cultivation:ledger_create", args=["practice-adoptions"]) + f"?practice={good.pk}"
    )
    assert f'<option value="{good.pk}" selected>' in form.content.decode()


def test_the_library_takes_four_statements(client: Client, district: Organization) -> None:
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    counts = []
    for number in (1, 3):
        for _ in range(number):
            a_practice(district)
        client.get(reverse("cultivation:practice_library"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("cultivation:practice_library")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4, counts


def test_the_contact_consents_on_the_page_of_its_own_firm(
    client: Client, district: Organization, firm: Subject, contact: Actor
) -> None:
    practice = a_practice(district, subject=firm, title="工资协商三步法")
    a_practice(district, subject=make_subject(district), title="别家的经验")
    login(client, contact)
    url = reverse("cultivation:subject_practices", args=[firm.pk])
    page = client.get(url).content.decode()
    assert "工资协商三步法" in page and "同意引用这条经验" in page and "别家的经验" not in page
    act = reverse("cultivation:practice_consent", args=[practice.pk])
    assert client.post(act, {"version": "99"}).status_code == 302
    practice.refresh_from_db()
    assert practice.consented_on is None, "the text was another one"
    client.post(act, {"version": practice.version})
    practice.refresh_from_db()
    assert practice.consented_by == "赵经办"
    assert "撤回同意" in client.get(url).content.decode()
    client.post(act, {"act": "withdraw"})
    practice.refresh_from_db()
    assert practice.consented_on is None


def test_a_practice_without_consent_waits_for_the_contact_and_the_menu_leads_to_the_own_firm(
    client: Client, district: Organization, firm: Subject, contact: Actor
) -> None:
    practice = a_practice(district, subject=firm, title="工资协商三步法")
    a_practice(district, subject=firm, title="早已同意的", consented_on=DAY, consented_by="某人")
    a_practice(district, subject=make_subject(district), title="别家的经验")
    tab = reverse("cultivation:subject_practices", args=[firm.pk])
    [row] = [row for row in waiting(contact) if row.part.key == "consents"]
    assert (row.what, row.url) == ("工资协商三步法", f"{tab}#h-practice-{practice.pk}")
    assert [row.part.key for row in waiting(make_actor(Role.DISTRICT_OFFICE, district))].count(
        "consents"
    ) == 0
    login(client, contact)
    menu = reverse("cultivation:own_subject")
    assert menu in client.get(reverse("reporting:inbox")).content.decode()
    opened = client.get(menu, follow=True)
    assert opened.redirect_chain == [(reverse("cultivation:subject_detail", args=[firm.pk]), 302)]
    assert "有 1 条典型经验" in opened.content.decode() and tab in opened.content.decode()
    consent(contact, practice)
    assert not [row for row in waiting(contact) if row.part.key == "consents"]
    assert "请阅读并决定是否同意引用" not in client.get(menu, follow=True).content.decode()
