"""通知 with 签收: number, addressees, who signs, on paper, withdrawing; in sight of whom; waiting work and reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from cultivation.models import SubjectContact
from cultivation.selectors.reminders import due_things
from evaluation.enums import LetterKind
from evaluation.models import Letter, LetterReceipt
from evaluation.selectors.letters import find_letter, letter_rows, sign_day
from evaluation.services.letters import receive_letter, receive_on_paper, send_letter, withdraw_letter
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
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Notification

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)


def send(actor: Actor, *addressees: Any, **more: Any) -> Letter:
    fields: dict[str, Any] = {
        "kind": LetterKind.LETTER,
        "year": make_year(),
        "title": "关于报送材料的通知",
        "sections": [("依据", "枣人社字〔2023〕34号"), ("", "请报送。"), ("要求", "  ")],
        "now": NOW,
    }
    return send_letter(actor=actor, addressees=addressees, **(fields | more))


def contact_of(subject: Any) -> Actor:
    user = make_user()
    SubjectContact.objects.create(user=user, subject=subject, valid_from=date(2026, 1, 1))
    return actor_for(user)


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def district(db: None) -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.mark.django_db
def test_a_letter_is_numbered_by_kind_and_year_and_told_to_its_addressees(
    office: Actor, district: Organization
) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    subject = make_subject(district)
    firm = contact_of(subject)
    other = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    letter = send(office, district, subject, district)
    assert letter.number == "工作通知〔2026〕1号"
    assert letter.sections == [["依据", "枣人社字〔2023〕34号"], ["", "请报送。"]]
    assert letter.receipts.count() == 2 and letter.sign_by == date(2026, 11, 10)
    told = set(Notification.objects.filter(kind="Letter").values_list("user_id", flat=True))
    assert told == {clerk.user.pk, firm.user.pk} and other.user.pk not in told
    assert send(office, district).number == "工作通知〔2026〕2号"
    assert send(office, district, kind=LetterKind.CHECK_NOTICE).number == "检查通知书〔2026〕1号"
    assert send(office, district, year=make_year(2025)).number == "工作通知〔2025〕1号"


@pytest.mark.django_db
def test_a_letter_asks_to_be_signed_within_three_working_days() -> None:
    assert sign_day(date(2026, 11, 6)) == date(2026, 11, 11)  # Friday → Wednesday


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"sections": [("", " ")]}, "body"),
        ({"sections": [("", "长" * 4001)]}, "body"),
        ({"addressees": []}, "districts"),
        ({"sign_by": date(2026, 11, 4)}, "sign_by"),
    ],
)
def test_a_letter_that_lacks_something_is_refused_at_its_field(
    office: Actor, district: Organization, more: dict[str, Any], field: str
) -> None:
    addressees = more.pop("addressees", [district])
    with pytest.raises(DomainError) as refused:
        send(office, *addressees, **more)
    assert refused.value.field == field and not Letter.objects.exists()


@pytest.mark.django_db
def test_a_township_is_no_addressee(office: Actor) -> None:
    with pytest.raises(DomainError, match="不是区（市）"):
        send(office, make_organization(Level.TOWNSHIP))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.CITY_OFFICE, Role.SUBJECT_CONTACT}]
)
def test_only_the_city_office_writes_withdraws_and_registers_paper(
    office: Actor, district: Organization, role: Role
) -> None:
    letter = send(office, district)
    receipt = letter.receipts.get()
    actor = make_actor(role, district if role in {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER} else None)
    with pytest.raises(NotAllowed):
        send(actor, district)
    with pytest.raises(NotAllowed):
        withdraw_letter(actor=actor, letter=letter, reason="内容有误另发", now=NOW)
    with pytest.raises(NotAllowed):
        receive_on_paper(
            actor=actor, receipt=receipt, receiver_name="王", received_on=date(2026, 11, 5), now=NOW
        )


@pytest.mark.django_db
def test_the_addressee_signs_once_and_nobody_else(office: Actor, district: Organization) -> None:
    subject = make_subject(district)
    letter = send(office, district, subject)
    of_district = letter.receipts.get(subject=None)
    of_subject = letter.receipts.get(subject=subject)
    clerk, member = make_actor(Role.DISTRICT_OFFICE, district), make_actor(Role.DISTRICT_MEMBER, district)
    firm, other_firm = contact_of(subject), contact_of(make_subject(district))
    stranger = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    for actor, receipt in (
        (stranger, of_district),
        (firm, of_district),
        (clerk, of_subject),
        (other_firm, of_subject),
        (office, of_district),
        (make_actor(Role.TOWNSHIP_STAFF, make_organization(Level.TOWNSHIP, parent=district)), of_district),
        (make_actor(Role.INSTRUCTOR, district), of_district),
        (make_actor(Role.LEADER, district), of_district),
    ):
        with pytest.raises(NotAllowed):
            receive_letter(actor=actor, receipt=receipt, receiver_name="某", now=NOW)
    with pytest.raises(DomainError):
        receive_letter(actor=clerk, receipt=of_district, receiver_name=" ", now=NOW)
    first = receive_letter(actor=clerk, receipt=of_district, receiver_name="王区办", now=NOW)
    again = receive_letter(actor=member, receipt=of_district, receiver_name="李", now=NOW + timedelta(days=1))
    assert (again.receiver_name, again.received_at) == ("王区办", first.received_at)
    assert AuditEntry.objects.filter(action="签收通知").count() == 1
    assert (
        receive_letter(actor=firm, receipt=of_subject, receiver_name="赵", now=NOW).received_by == firm.user
    )


@pytest.mark.django_db
def test_paper_is_signed_between_the_sending_and_today(office: Actor, district: Organization) -> None:
    receipt = send(office, district).receipts.get()
    later = NOW + timedelta(days=3)
    for day in (date(2026, 11, 4), date(2026, 11, 9)):
        with pytest.raises(DomainError) as refused:
            receive_on_paper(actor=office, receipt=receipt, receiver_name="王", received_on=day, now=later)
        assert refused.value.field == "received_on"
    done = receive_on_paper(
        actor=office, receipt=receipt, receiver_name="王", received_on=date(2026, 11, 5), now=later
    )
    assert done.on_paper and done.received_at == NOW


@pytest.mark.django_db
def test_a_withdrawn_letter_stays_readable_and_takes_no_signature(
    office: Actor, district: Organization
) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    letter = send(office, district)
    with pytest.raises(DomainError):
        withdraw_letter(actor=office, letter=letter, reason="错", now=NOW)
    withdraw_letter(actor=office, letter=letter, reason="内容有误，另行发出", now=NOW)
    with pytest.raises(ConflictError):
        withdraw_letter(actor=office, letter=letter, reason="内容有误，另行发出", now=NOW)
    with pytest.raises(ConflictError):
        receive_letter(actor=clerk, receipt=letter.receipts.get(), receiver_name="王", now=NOW)
    found = find_letter(clerk, letter.pk)
    assert found is not None and found.to_sign is None
    assert Notification.objects.filter(user=clerk.user, title__startswith="通知已撤回").exists()


@pytest.mark.django_db
def test_a_unit_sees_its_own_receipts_only(office: Actor, district: Organization) -> None:
    other = make_organization(Level.DISTRICT)
    subject = make_subject(district)
    letter = send(office, district, other, subject)
    send(office, other)
    clerk, firm = make_actor(Role.DISTRICT_OFFICE, district), contact_of(subject)
    rows = list(letter_rows(clerk))
    assert [row.pk for row in rows] == [letter.pk]
    assert (rows[0].receipt_count, len(rows[0].seen_receipts)) == (2, 2)  # type: ignore[attr-defined]  # annotated
    assert [row.receipt_count for row in letter_rows(firm)] == [1]  # type: ignore[attr-defined]  # annotated
    assert len(list(letter_rows(office))) == 2
    page = find_letter(firm, letter.pk)
    assert page is not None and [row.subject_id for row in page.receipts] == [subject.pk]
    for actor in (clerk, firm):
        mine = find_letter(actor, letter.pk)
        assert mine is not None
        assert {row.pk for row in mine.mine} == set(
            LetterReceipt.objects.addressed_to(actor).filter(letter=letter).values_list("pk", flat=True)
        )
    assert (
        find_letter(
            make_actor(Role.TOWNSHIP_STAFF, make_organization(Level.TOWNSHIP, parent=district)), letter.pk
        )
        is None
    )


@pytest.mark.django_db
def test_the_list_asks_the_same_whatever_its_length(
    client: Client, office: Actor, district: Organization
) -> None:
    from django.test.utils import CaptureQueriesContext

    def statements(actor: Actor) -> int:
        login(client, actor)
        client.get(reverse("evaluation:letter_list"))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("evaluation:letter_list")).status_code == 200
        return len(caught)

    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    send(office, district)
    one = statements(office), statements(clerk)
    for _ in range(2):
        send(office, district, make_subject(district), make_organization(Level.DISTRICT))
    assert (statements(office), statements(clerk)) == one
    assert max(one) <= 6


@pytest.mark.django_db
def test_what_is_not_signed_waits_and_is_reminded_of(
    client: Client, office: Actor, district: Organization
) -> None:
    clerk, subject = make_actor(Role.DISTRICT_OFFICE, district), make_subject(district)
    firm = contact_of(subject)
    letter = send(office, district, subject)
    told = due_things(date(2026, 11, 9), [date(2026, 11, 10)])
    assert {clerk.user.pk, firm.user.pk} <= {user for user, things in told.items() if "签收" in str(things)}
    for actor in (clerk, firm):
        login(client, actor)
        assert "签收通知" in client.get(reverse("reporting:inbox")).content.decode()
    login(client, office)
    sent = client.get(reverse("reporting:sent")).content.decode()
    assert subject.name in sent and district.name in sent
    row = letter.receipts.get(subject=subject)
    token = f"letters_unsigned.{letter.pk}.{row.pk}"
    client.post(reverse("reporting:remind"), {"item": token, "confirmed": "1"})
    reminded = Notification.objects.filter(title__contains="催办").values_list("user_id", flat=True)
    assert list(reminded) == [firm.user.pk]
    for actor, receipt in ((clerk, letter.receipts.get(subject=None)), (firm, row)):
        receive_letter(actor=actor, receipt=receipt, receiver_name="某", now=NOW)
    assert not [
        things
        for things in due_things(date(2026, 11, 9), [date(2026, 11, 10)]).values()
        if "签收" in str(things)
    ]


@pytest.mark.django_db
def test_the_pages_send_sign_register_paper_and_withdraw(
    client: Client, office: Actor, district: Organization
) -> None:
    make_year()
    other, subject = make_organization(Level.DISTRICT), make_subject(district)
    login(client, office)
    wrong = client.post(
        reverse("evaluation:letter_create"),
        {
            "year": "2026",
            "title": "调研通知",
            "body": "请配合",
            "scope": "subjects",
            "subjects": f"{subject.name}\n没有这家",
        },
    )
    assert wrong.status_code == 422
    assert "“没有这家”没有找到" in wrong.content.decode() and "请配合" in wrong.content.decode()
    sent = client.post(
        reverse("evaluation:letter_create"),
        {
            "year": "2026",
            "title": "调研通知",
            "body": "请配合",
            "scope": "subjects",
            "subjects": f"{subject.credit_code}",
        },
    )
    letter = Letter.objects.get()
    assert sent["Location"] == reverse("evaluation:letter_detail", args=[letter.pk])
    assert letter.receipts.get().subject == subject
    client.post(
        reverse("evaluation:letter_create"),
        {"year": "2026", "title": "全市", "body": "请配合", "scope": "all"},
    )
    whole = Letter.objects.get(title="全市")
    assert {row.organization_id for row in whole.receipts.all()} >= {district.pk, other.pk}
    page = client.get(reverse("evaluation:letter_detail", args=[whole.pk])).content.decode()
    assert "登记纸质签收" in page and "撤回通知" in page
    receipt = whole.receipts.get(organization=other)
    paper = reverse("evaluation:letter_paper", args=[whole.pk, receipt.pk])
    assert client.get(paper).status_code == 200
    today = whole.sent_at.date() + timedelta(days=1)
    assert (
        client.post(paper, {"receiver_name": "钱", "received_on": str(today + timedelta(days=9))}).status_code
        == 422
    )
    printed = client.get(reverse("evaluation:letter_print", args=[whole.pk])).content.decode()
    assert printed.count("送达回执") == whole.receipts.count()

    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    own = client.get(reverse("evaluation:letter_detail", args=[whole.pk])).content.decode()
    assert other.name not in own and "登记纸质签收" not in own
    receive = reverse("evaluation:letter_receive", args=[whole.pk])
    assert client.post(receive, {"receiver_name": ""}).status_code == 422
    assert client.post(receive, {"receiver_name": "孙"}).status_code == 302
    assert "没有重复登记" in client.post(receive, {"receiver_name": "李"}, follow=True).content.decode()
    assert whole.receipts.get(organization=district).receiver_name == "孙"


needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="races run on PostgreSQL only"
)


def race(act: Any, threads: int = 20) -> list[Any]:
    """What each of the racing calls gave, or the error it raised."""
    found: list[Any] = []

    def run(number: int) -> None:
        try:
            found.append(act(number))
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    started = [Thread(target=run, args=[number]) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return found


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_racing_senders_get_numbers_without_a_gap_or_a_double() -> None:
    office, district, year = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT), make_year()
    letters = race(lambda number: send(office, district, year=year))
    assert sorted(letter.number for letter in letters) == sorted(
        f"工作通知〔2026〕{number}号" for number in range(1, 21)
    )


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_racing_signatures_one_stands_and_all_are_answered_with_it() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    receipt = send(office, district).receipts.get()
    answers = race(
        lambda number: (
            receive_letter(
                actor=clerk,
                receipt=LetterReceipt.objects.get(pk=receipt.pk),
                receiver_name=f"签收人{number}",
                now=NOW,
            ).receiver_name
        )
    )
    assert len(set(answers)) == 1 and AuditEntry.objects.filter(action="签收通知").count() == 1
