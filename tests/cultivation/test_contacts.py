"""Claim codes: bound to the credit code, used once, and what the person may see afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cultivation.models import SubjectContact
from cultivation.services.contacts import (
    claim_for_account,
    claim_with_new_account,
    end_contact,
    issue_claim,
)
from tests.factories import actor_for, login, make_actor, make_subject, make_user
from zaozhuang_portal.accounts.actors import list_capacities
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db
PASSWORD = "Qinglang-2026-Shuwei"
NOW = clock.now()


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def subject(office):
    return make_subject(office.organization)


def open_account(subject, code, **changes):
    values = {"username": "hr-wang", "full_name": "王经办", "phone": "13800000000", "password": PASSWORD}
    return claim_with_new_account(key=subject.credit_code, code=code, now=NOW, **(values | changes))


def test_a_claim_opens_an_account_that_acts_for_the_subject_only(office, subject):
    contact = open_account(subject, issue_claim(actor=office, subject=subject, now=NOW).code)
    assert contact.user.check_password(PASSWORD)
    actor = actor_for(contact.user)
    assert (actor.role, actor.subject_id) == (Role.SUBJECT_CONTACT, subject.pk)


def test_a_code_works_once_and_only_for_its_credit_code(office, subject):
    other = make_subject(office.organization)
    code = issue_claim(actor=office, subject=subject, now=NOW).code
    with pytest.raises(DomainError):
        open_account(other, code)
    open_account(subject, code)
    with pytest.raises(DomainError):
        open_account(subject, code, username="second")
    assert SubjectContact.objects.count() == 1


def test_a_weak_password_uses_up_neither_name_nor_code(office, subject):
    code = issue_claim(actor=office, subject=subject, now=NOW).code
    with pytest.raises(DomainError):
        open_account(subject, code, password="12345678")
    assert not User.objects.filter(username="hr-wang").exists()
    open_account(subject, code)


def test_a_new_code_voids_the_former_and_an_old_one_expires(office, subject):
    first = issue_claim(actor=office, subject=subject, now=NOW).code
    second = issue_claim(actor=office, subject=subject, now=NOW).code
    with pytest.raises(DomainError):
        open_account(subject, first)
    with pytest.raises(DomainError):
        claim_for_account(
            actor_user=make_user(), key=subject.credit_code, code=second, now=NOW + timedelta(days=31)
        )


def test_one_agent_serves_several_firms(office, subject):
    other = make_subject(office.organization)
    user = make_user()
    for firm in (subject, other):
        code = issue_claim(actor=office, subject=firm, now=NOW).code
        claim_for_account(actor_user=user, key=firm.credit_code, code=code, now=NOW)
    assert {capacity.subject_id for capacity in list_capacities(user)} == {subject.pk, other.pk}
    code = issue_claim(actor=office, subject=subject, now=NOW).code
    with pytest.raises(ConflictError):
        claim_for_account(actor_user=user, key=subject.credit_code, code=code, now=NOW)


def test_ending_a_contact_acts_at_once(office, subject, client):
    contact = open_account(subject, issue_claim(actor=office, subject=subject, now=NOW).code)
    login(client, contact.user)
    page = reverse("cultivation:subject_detail", args=[subject.pk])
    assert client.get(page).status_code == 200
    with pytest.raises(DomainError):
        end_contact(actor=office, contact=contact, reason="", now=NOW)
    end_contact(actor=office, contact=contact, reason="已离职", now=NOW)
    assert client.get(page).status_code != 200


def test_a_stranger_issues_no_code(subject):
    with pytest.raises(NotAllowed):
        issue_claim(actor=make_actor(Role.DISTRICT_OFFICE), subject=subject, now=NOW)
    with pytest.raises(NotAllowed):
        issue_claim(actor=make_actor(Role.LEADER), subject=subject, now=NOW)


def test_the_slip_and_the_claim_in_the_browser(client, office, subject):
    login(client, office)
    url = reverse("cultivation:subject_contacts", args=[subject.pk])
    response = client.post(url)
    code = response.context["issued"].code
    assert (
        "<svg" in response.content.decode()
        and response.context["issued"].grouped in response.content.decode()
    )
    client.logout()
    assert client.get(reverse("cultivation:claim")).status_code == 200
    wrong = client.post(reverse("cultivation:claim"), {"key": subject.credit_code, "code": "AAAA-BBBB-CCCC"})
    assert wrong.status_code == 422 and subject.credit_code in wrong.content.decode()
    step = client.post(
        reverse("cultivation:claim"), {"key": subject.credit_code.lower(), "code": code.lower()}
    )
    assert step.status_code == 302
    typed = {"full_name": "王经办", "phone": "13800000000", "username": "hr-wang", "password1": PASSWORD}
    bad = client.post(step.url, {**typed, "password2": "different"})
    assert bad.status_code == 422 and "王经办" in bad.content.decode() and "不一致" in bad.content.decode()
    assert client.post(step.url, {**typed, "password2": PASSWORD}).status_code == 302
    assert client.get(step.url).status_code == 404
    assert SubjectContact.objects.get().user.username == "hr-wang"


def test_no_officer_becomes_the_firm_his_office_reviews(office, subject, client):
    """Neither with his own account nor, signed in, under a new name; nor does whoever issued the code (issue 8 §7)."""
    code = issue_claim(actor=office, subject=subject, now=NOW).code
    colleague = make_actor(Role.DISTRICT_MEMBER, office.organization)
    for officer in (office, colleague, make_actor(Role.CITY_OFFICE), make_actor(Role.SYSTEM_ADMIN)):
        with pytest.raises(NotAllowed, match="工作人员"):
            claim_for_account(actor_user=officer.user, key=subject.credit_code, code=code, now=NOW)
        with pytest.raises(NotAllowed, match="工作人员"):
            open_account(subject, code, signed_in=officer.user)
    login(client, office)
    address = reverse("cultivation:claim_link", args=[subject.credit_code, code])
    form = {"username": "hr-wang", "full_name": "王经办", "phone": "13800000000"}
    posted = client.post(address, form | {"password1": PASSWORD, "password2": PASSWORD})
    assert posted.status_code == 403 and "本人在自己的设备上" in posted.content.decode()
    assert client.post(address, {"join": "1"}).status_code == 403
    assert not SubjectContact.objects.exists() and not User.objects.filter(username="hr-wang").exists()
    open_account(subject, code)


def test_the_firms_people_are_told_who_joins_them(office, subject):
    first = open_account(subject, issue_claim(actor=office, subject=subject, now=NOW).code)
    code = issue_claim(actor=office, subject=subject, now=NOW).code
    second = open_account(subject, code, username="hr-li", full_name="李某某")
    told = Notification.objects.filter(title__contains="李某某认领成为")
    assert [row.user_id for row in told] == [first.user_id] and second.user_id not in {first.user_id}
    assert first.user.phone_confirmed_at is not None
