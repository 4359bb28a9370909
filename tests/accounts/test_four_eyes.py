"""Four eyes are four: no act lets one person become a second one (issue 8 §7)."""

from __future__ import annotations

import ast
import itertools
import re
import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    PASSWORD,
    login,
    make_actor,
    make_member_unit,
    make_membership,
    make_organization,
    make_user,
)
from zaozhuang_portal.accounts.enums import (
    ADMIN_ROLES,
    AccountAct,
    AccountRequestState,
    Delivery,
    Level,
    Role,
    Waiver,
)
from zaozhuang_portal.accounts.models import AccountRequest, AuditEntry, Membership, User
from zaozhuang_portal.accounts.permissions.account_requests import (
    DECIDES,
    GUARDED_ROLES,
    approval_needed,
    check_may_decide,
    decidable_requests,
)
from zaozhuang_portal.accounts.services.account_requests import (
    approve_account_request,
    expire_account_requests,
    refuse_account_request,
    request_account_act,
    withdraw_account_request,
)
from zaozhuang_portal.accounts.services.activations import slips_for
from zaozhuang_portal.accounts.services.passwords import activate_user
from zaozhuang_portal.accounts.services.users import update_user
from zaozhuang_portal.accounts.workflows import ACCOUNT_REQUEST
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Notification
from zaozhuang_portal.operations.selectors.account_todos import account_parts

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NOW = clock.now()
NEW = "Haitang-Lvshu-77"
BASE = "http://testserver/"


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def city():
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def three():
    """The three administrators, each with a working account."""
    return {role: make_actor(role) for role in sorted(ADMIN_ROLES)}


def ask(actor, act=AccountAct.CREATE, at=NOW, **fields):
    if act == AccountAct.CREATE:
        fields = {
            "username": "wang.li",
            "full_name": "王丽",
            "role": Role.DISTRICT_OFFICE,
            "organization": actor.organization,
        } | fields
    return request_account_act(actor=actor, at=at, act=act, base_url=BASE, **fields)


def approve(actor, row, at=NOW):
    return approve_account_request(actor=actor, at=at, request=row, base_url=BASE)


def half(actor, row):
    row.refresh_from_db()
    return "".join(slip.code for slip in slips_for(actor.user, [row]))


def activate(username, code):
    user = User.objects.get(username=username)
    return activate_user(user_id=user.pk, code=code, password=NEW, at=NOW, ip=None)


# --- by POST, as the attackers of the report ---


def test_a_district_officer_does_not_become_the_second_officer(client, office):
    """He asks for a colleague's account by POST: nothing he is shown, alone, signs anybody in."""
    other = make_actor(Role.DISTRICT_OFFICE, office.organization)
    login(client, office)
    reset = client.post(f"/people/users/{other.user.pk}/reset/", {"reason": "忘记密码"}, follow=True)
    form = {"full_name": "王丽", "username": "wang.li", "role": "DISTRICT_OFFICE"}
    created = client.post("/people/users/new/", form | {"organization": office.organization.pk}, follow=True)
    for page in (reset.content.decode(), created.content.decode()):
        assert "等待第二人批准" in page
        assert "/activate/" in page and not re.search(r"/activate/\d+/", page)
    other.user.refresh_from_db()
    assert other.user.check_password(PASSWORD)
    assert not User.objects.filter(username="wang.li").exists()
    numbers = list(AccountRequest.objects.values_list("pk", flat=True))
    answer = client.post("/people/requests/approve/", {"request": numbers[0]})
    assert answer.status_code == 403 and "不能批准自己提出的申请" in answer.content.decode()
    client.post("/people/requests/approve/", {"request": numbers})
    assert set(AccountRequest.objects.values_list("state", flat=True)) == {"PENDING"}

    # Approved by the city, he still has one half only.
    boss = make_actor(Role.CITY_OFFICE)
    login(Client(), boss)
    for row in AccountRequest.objects.all():
        approve(boss, row)
    code = re.search(
        r'id="code-\d+">([2-9A-Z-]{19})<|id="code-\d+">([2-9A-Z-]{9})<',
        client.get(f"/people/requests/{numbers[0]}/").content.decode(),
    )
    first = code[2]
    stranger = Client()
    typed = {"username": other.user.username, "code": first, "password1": NEW, "password2": NEW}
    assert stranger.post("/activate/", typed).status_code == 422
    assert stranger.post("/activate/", typed | {"second": first}).status_code == 422
    assert stranger.get(f"/activate/{other.user.pk}/{first.replace('-', '') * 2}/").status_code == 404


def test_the_person_gets_in_with_both_halves_from_two_hands(client, office, city):
    login(client, office)
    form = {"full_name": "王丽", "username": "wang.li", "role": "DISTRICT_OFFICE"}
    client.post("/people/users/new/", form | {"organization": office.organization.pk, "reason": "接替李某"})
    row = AccountRequest.objects.get()
    boss = login(Client(), city)
    page = boss.get(f"/people/requests/{row.pk}/").content.decode()
    assert "接替李某" in page and 'id="code-' not in page
    assert boss.post("/people/requests/approve/", {"request": row.pk}).status_code == 302
    found = {
        name: re.search(
            r'id="code-\d+">([2-9A-Z-]{9})<', one.get(f"/people/requests/{row.pk}/").content.decode()
        )[1]
        for name, one in (("first", client), ("second", boss))
    }
    assert found["first"] != found["second"]
    person = Client()
    typed = {
        "username": "wang.li", "code": found["first"].lower(), "second": found["second"],
        "password1": NEW, "password2": NEW,
    }  # fmt: skip
    # A link made of both is no way round the typing: looking at a page counts no tries.
    user = User.objects.get(username="wang.li")
    link = f"/activate/{user.pk}/{found['first']}{found['second']}/".replace("-", "")
    assert person.get(link).status_code == 404
    assert person.post("/activate/", typed)["Location"] == "/accounts/login/"
    assert person.post("/accounts/login/", {"login": "wang.li", "password": NEW})["Location"] == "/"
    assert 'id="code-' not in client.get(f"/people/requests/{row.pk}/").content.decode()


def test_the_approver_alone_does_not_become_him_either(office, city):
    row = approve(city, ask(office))
    with pytest.raises(DomainError):
        activate("wang.li", half(city, row))
    with pytest.raises(DomainError):
        activate("wang.li", half(city, row) * 2)
    activate("wang.li", half(office, row) + half(city, row))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECURITY_ADMIN, Role.CITY_OFFICE, Role.SYSTEM_ADMIN])
def test_the_system_administrator_does_not_become_another(three, role):
    system = three[Role.SYSTEM_ADMIN]
    row = ask(system, role=role, organization=make_organization(Level.CITY))
    assert row.state == AccountRequestState.PENDING
    with pytest.raises(NotAllowed):
        approve(system, row)
    with pytest.raises(NotAllowed):
        approve(make_actor(Role.SYSTEM_ADMIN), row)
    approve(three[Role.AUDITOR], row)
    with pytest.raises(DomainError):
        activate("wang.li", half(system, row))


def test_nobody_gives_himself_a_capacity(client, office):
    unit = make_member_unit(office.organization)
    login(client, office)
    form = {"role": "DISTRICT_MEMBER", "organization": office.organization.pk, "member_unit": unit.pk}
    answer = client.post(f"/people/users/{office.user.pk}/memberships/new/", form)
    assert answer.status_code == 422 and "不能为自己登记任职" in answer.content.decode()
    assert Membership.objects.filter(user=office.user).count() == 1


def test_a_guarded_capacity_waits_and_another_does_not(office, city):
    person = make_user()
    make_membership(person, Role.INSTRUCTOR, office.organization)
    place = {"user": person, "organization": office.organization}
    assert ask(office, AccountAct.GRANT, role=Role.LEADER, **place).state == AccountRequestState.APPROVED
    row = ask(office, AccountAct.GRANT, role=Role.DISTRICT_OFFICE, **place)
    assert row.state == AccountRequestState.PENDING
    assert not Membership.objects.filter(user=person, role=Role.DISTRICT_OFFICE).exists()
    approve(city, row)
    assert Membership.objects.filter(user=person, role=Role.DISTRICT_OFFICE).exists()


def test_an_import_asks_for_every_row(client, office):
    township = make_organization(Level.TOWNSHIP, parent=office.organization)
    from zaozhuang_portal.accounts.services.user_import import UserLine, import_users

    lines = [
        UserLine(
            3 + n, f"某{n}", f"user.no{n}", "", Role.TOWNSHIP_STAFF, township.pk, None, "", township.name
        )
        for n in range(3)
    ]
    rows = import_users(actor=office, at=NOW, lines=lines, base_url=BASE)
    assert {row.state for row in rows} == {AccountRequestState.PENDING}
    boss = make_actor(Role.CITY_OFFICE)
    answer = login(Client(), boss).post("/people/requests/approve/", {"request": [row.pk for row in rows]})
    assert answer["Location"] == "/people/requests/slips/"
    for who in (office, boss):
        page = login(Client(), who).get("/people/requests/slips/").content.decode()
        assert len(re.findall(r'id="code-\d+">[2-9A-Z-]{9}<', page)) == 3


def test_a_number_somebody_else_entered_opens_nothing(office):
    """Otherwise an officer enters his own number for a colleague and signs in by SMS, or has the reset sent to himself."""
    from zaozhuang_portal.accounts.services.sms_codes import _user_of

    other = make_actor(Role.TOWNSHIP_STAFF, make_organization(Level.TOWNSHIP, parent=office.organization))
    own = {"full_name": other.user.full_name, "email": ""}
    update_user(actor=other, at=NOW, user=other.user, phone="13800000001", **own)
    assert _user_of("13800000001") == other.user
    update_user(actor=office, at=NOW, user=other.user, phone="13999999999", **own)
    assert _user_of("13999999999") is None
    assert Notification.objects.filter(user=other.user, title__contains="人员信息已被修改").exists()
    row = ask(office, AccountAct.RESET, user=User.objects.get(pk=other.user.pk))
    assert row.state == AccountRequestState.PENDING
    other.user.refresh_from_db()
    update_user(actor=other, at=NOW, user=other.user, phone="13999999999", **own)
    assert _user_of("13999999999") == other.user


@override_settings(SMS_SIGN_IN=True)
def test_a_confirmed_number_gets_the_link_and_nobody_else(
    office, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        "zaozhuang_portal.accounts.services.activations.send_sms", lambda **message: sent.append(message)
    )
    township = make_organization(Level.TOWNSHIP, parent=office.organization)
    clerk = make_actor(Role.TOWNSHIP_STAFF, township)
    User.objects.filter(pk=clerk.user.pk).update(phone="13800000001", phone_confirmed_at=NOW)
    clerk.user.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        row = ask(office, AccountAct.RESET, user=clerk.user)
    assert (row.waiver, row.delivery) == (Waiver.NOT_NEEDED, Delivery.SMS)
    assert half(office, row) == ""
    assert sent[0]["phone"] == "13800000001"
    link = re.search(r"http://testserver(/activate/\d+/\w{16}/)", sent[0]["text"])[1]
    assert Client().post(link, {"password1": NEW, "password2": NEW})["Location"] == "/accounts/login/"


# --- who decides ---


def test_the_table_of_who_decides(three):
    """An administrator's acts by another of the three; an office's by another person of it or above."""
    assert Role.SYSTEM_ADMIN not in DECIDES[Role.SYSTEM_ADMIN]
    assert {role for role, whose in DECIDES.items() if Role.SYSTEM_ADMIN in whose} == ADMIN_ROLES - {
        Role.SYSTEM_ADMIN
    }
    assert {role for role, whose in DECIDES.items() if Role.CITY_OFFICE in whose} == {
        Role.CITY_OFFICE, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN,
    }  # fmt: skip


@pytest.mark.parametrize("act", AccountAct)
def test_what_needs_a_second_person(act):
    """As a table: whatever opens or widens an account of those who review, sign, receive or watch; whatever a system
    administrator gives; and whatever cannot reach its owner otherwise."""
    for requester, role in itertools.product(Role.values, repeat=2):
        case = {"act": act, "requester_role": requester, "roles": {role}}
        needed = approval_needed(**case, reaches_owner=True)
        if act in {AccountAct.DISABLE, AccountAct.DISMISS, AccountAct.END}:
            assert needed == (role in ADMIN_ROLES), case
        elif act == AccountAct.ENABLE:
            assert needed == (role in ADMIN_ROLES or requester in ADMIN_ROLES), case
        else:
            assert needed == (role in GUARDED_ROLES or requester in ADMIN_ROLES), case
        if act in {AccountAct.CREATE, AccountAct.RESET}:
            assert approval_needed(**case, reaches_owner=False), case


def test_the_list_and_the_act_agree_on_who_may_decide(office, city, three):
    """Every role, own and foreign: `decidable_requests` (todo, ticks) says what `check_may_decide` says."""
    foreign = make_actor(Role.DISTRICT_OFFICE)
    rows = [
        ask(office),
        ask(foreign, username="foreign.one"),
        ask(city, username="city.one", role=Role.CITY_OFFICE),
        ask(three[Role.SYSTEM_ADMIN], username="system.one", role=Role.CITY_OFFICE),
    ]
    people = [office, foreign, city, *three.values(), make_actor(Role.DISTRICT_OFFICE, office.organization)]
    people += [make_actor(Role.CITY_OFFICE), make_actor(Role.DISTRICT_MEMBER, office.organization)]
    for actor in people:
        for row in rows:
            try:
                check_may_decide(actor, row)
                may = True
            except NotAllowed:
                may = False
            listed = AccountRequest.objects.filter(decidable_requests(actor), pk=row.pk).exists()
            assert may == listed, (actor.role, row)


def test_two_accounts_with_one_telephone_are_one_person(office):
    User.objects.filter(pk=office.user.pk).update(phone="13800000001")
    office.user.refresh_from_db()
    twin = make_actor(Role.CITY_OFFICE, user=make_user(phone="13800000001"))
    row = ask(office)
    with pytest.raises(NotAllowed, match="自己提出"):
        approve(twin, row)
    assert not AccountRequest.objects.filter(decidable_requests(twin)).exists()


def test_the_person_concerned_does_not_decide(office, city):
    other = make_actor(Role.DISTRICT_OFFICE, office.organization)
    row = ask(office, AccountAct.RESET, user=other.user)
    with pytest.raises(NotAllowed, match="您本人"):
        approve(other, row)
    assert Notification.objects.filter(user=other.user, title__contains="有人申请为您重置登录").exists()
    approve(city, row)
    assert Notification.objects.filter(user=other.user, title__contains="您的账号：重置登录").exists()


@pytest.mark.parametrize("who", ["requested_by", "user"])
def test_the_database_knows_that_two_are_two(office, city, who):
    row = approve(city, ask(office))
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRequest.objects.filter(pk=row.pk).update(decided_by=getattr(row, who))


def test_the_database_ties_state_and_decision(office, city):
    row = ask(office)
    for wrong in (
        {"state": "APPROVED"},
        {"state": "APPROVED", "decided_at": NOW},
        {"state": "REFUSED", "decided_at": NOW},
        {"decided_by": city.user},
        {"waiver": "FIRST_START"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountRequest.objects.filter(pk=row.pk).update(**wrong)


# --- states, races, time ---


def test_the_workflow_is_its_table():
    table = {(source, t.action): t.target for t in ACCOUNT_REQUEST.transitions for source in t.sources}
    assert table == {
        ("PENDING", "approve"): "APPROVED",
        ("PENDING", "refuse"): "REFUSED",
        ("PENDING", "withdraw"): "WITHDRAWN",
        ("PENDING", "expire"): "EXPIRED",
    }


@pytest.mark.parametrize("end", ["approve", "refuse", "withdraw", "expire"])
def test_what_is_decided_is_decided(office, city, end):
    row = ask(office)
    ends = {
        "approve": lambda: approve(city, row),
        "refuse": lambda: refuse_account_request(actor=city, at=NOW, request=row, comment="查无此人"),
        "withdraw": lambda: withdraw_account_request(actor=office, at=NOW, request=row),
        "expire": lambda: expire_account_requests(now=NOW + timedelta(days=14)),
    }
    ends[end]()
    for other in ("approve", "refuse", "withdraw"):
        with pytest.raises((IllegalTransition, DomainError)):
            ends[other]()
    assert User.objects.filter(username="wang.li").exists() == (end == "approve")
    actions = AuditEntry.objects.filter(kind="AccountRequest").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["request_account_act", f"{end}_account_act"]


def test_nothing_is_approved_after_two_weeks_and_it_may_be_asked_again(office, city):
    row = ask(office)
    late = NOW + timedelta(days=14)
    with pytest.raises(DomainError, match="过期"):
        approve(city, row, at=late)
    again = ask(office, at=late)
    row.refresh_from_db()
    assert (row.state, again.state) == (AccountRequestState.EXPIRED, AccountRequestState.PENDING)


def test_the_same_is_not_asked_twice(office):
    ask(office)
    with pytest.raises(DomainError, match="已有申请"):
        ask(make_actor(Role.DISTRICT_OFFICE, office.organization))


def test_what_would_be_refused_is_said_to_who_asks(office):
    """And trying leaves nothing behind."""
    make_user("taken")
    for wrong in ({"username": "taken"}, {"username": "Z!"}, {"organization": make_organization()}):
        with pytest.raises(DomainError):
            ask(office, **wrong)
    before = (User.objects.count(), AuditEntry.objects.count(), Membership.objects.count())
    ask(office)
    assert (User.objects.count(), AuditEntry.objects.count(), Membership.objects.count()) == (
        before[0], before[1] + 1, before[2],
    )  # fmt: skip


def test_the_rights_of_the_requester_are_those_of_now(office, city):
    row = ask(office)
    Membership.objects.filter(user=office.user).update(valid_to=clock.shanghai_date(NOW) - timedelta(days=1))
    with pytest.raises(DomainError, match="不在该岗位"):
        approve(city, row)
    assert not User.objects.filter(username="wang.li").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(office, city):
    row = ask(office)
    others = [make_actor(Role.CITY_OFFICE) for _ in range(3)]
    came: list[str] = []
    gate = threading.Barrier(4)

    def decide(actor, refuse):
        try:
            gate.wait(20)
            if refuse:
                refuse_account_request(actor=actor, at=NOW, request=row, comment="查无此人")
            else:
                approve(actor, row)
            came.append("done")
        except BaseException as problem:
            came.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(actor, number % 2 == 1))
        for number, actor in enumerate([city, *others])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["IllegalTransition"] * 3 + ["done"]
    row.refresh_from_db()
    assert User.objects.filter(username="wang.li").exists() == (row.state == "APPROVED")


def test_it_waits_in_the_inbox_of_who_may_decide(client, office, city):
    colleague = make_actor(Role.DISTRICT_OFFICE, office.organization)
    row = ask(office)
    waiting = {
        actor.user.pk: [part.rows.count() for part in account_parts(actor)]
        for actor in (office, colleague, city, make_actor(Role.DISTRICT_OFFICE))
    }
    assert list(waiting.values()) == [[0], [1], [1], [0]]
    make_actor(Role.SECURITY_ADMIN)
    asked_by_city = ask(city, username="city.one", role=Role.CITY_OFFICE)
    assert Notification.objects.filter(title=f"待批准：{asked_by_city}").count() == 1
    assert str(row) in login(client, city).get("/people/requests/?state=MINE").content.decode() or (
        row.full_name in client.get("/people/requests/?state=MINE").content.decode()
    )


def test_the_lists_cost_the_same_whatever_the_rows(client, office, city):
    """Session, capacity, rows with their total; for the slips one more, for the codes."""
    made = 0
    login(client, city)
    costs = []
    for wanted in (3, 12):
        for number in range(made, wanted):
            person = make_actor(Role.INSTRUCTOR, office.organization).user
            ask(office, AccountAct.RESET, user=person)
            approve(city, ask(office, username=f"new.user{number}"))
        made = wanted
        for page in ("/people/requests/", "/people/requests/slips/"):
            client.get(page)
            with CaptureQueriesContext(connection) as statements:
                assert client.get(page).status_code == 200
            costs.append(len(statements))
    assert costs[:2] == costs[2:]
    assert costs[0] <= 4 and costs[1] <= 4, costs


# --- first start and the broken glass ---


def first_administrator():
    return make_actor(Role.SYSTEM_ADMIN)


def test_first_start_needs_nobody_is_marked_and_listed(client):
    system = first_administrator()
    auditor = make_actor(Role.AUDITOR)
    row = ask(system, role=Role.SECURITY_ADMIN, organization=make_organization(Level.CITY))
    assert (row.state, row.waiver, row.delivery) == (
        AccountRequestState.APPROVED, Waiver.FIRST_START, Delivery.LINK,
    )  # fmt: skip
    activate("wang.li", half(system, row))
    assert Notification.objects.filter(user=auditor.user, title__contains="首次启用").exists()
    page = login(client, auditor).get("/people/requests/?waiver=FIRST_START").content.decode()
    assert "王丽" in page and "首次启用" in page
    # The security administrator has a working account: from now on it takes two, even when that account is disabled.
    User.objects.filter(username="wang.li").update(is_active=False, password="!")
    assert ask(system, username="b.b", organization=make_organization()).state == AccountRequestState.PENDING


def test_first_start_is_the_system_administrators_only(office, city):
    first_administrator()
    assert ask(office).waiver == ask(city, username="c.c", role=Role.CITY_OFFICE).waiver == ""


def test_the_watchers_are_not_shut_out_by_one(three):
    system, security = three[Role.SYSTEM_ADMIN], three[Role.SECURITY_ADMIN]
    for act in (AccountAct.DISABLE, AccountAct.DISMISS):
        assert ask(system, act, user=security.user, reason="离岗").state == AccountRequestState.PENDING
    membership = Membership.objects.get(user=three[Role.AUDITOR].user)
    row = ask(system, AccountAct.END, user=three[Role.AUDITOR].user, membership=membership, reason="不再担任")
    assert row.state == AccountRequestState.PENDING
    clerk = make_actor(Role.DISTRICT_OFFICE)
    assert (
        ask(system, AccountAct.DISABLE, user=clerk.user, reason="离岗").state == AccountRequestState.APPROVED
    )


def test_break_glass(three):
    security = three[Role.SECURITY_ADMIN]
    User.objects.filter(pk=security.user.pk).update(is_active=False)
    with pytest.raises(CommandError, match="为何"):
        call_command("break_glass", security.user.username, reason="急", stdout=StringIO())
    out = StringIO()
    call_command("break_glass", security.user.username, reason="安全管理员离岗，无人批准", stdout=out)
    link = re.search(r"http://127\.0\.0\.1:8000(/activate/\d+/\w+/)", out.getvalue())[1]
    assert Client().post(link, {"password1": NEW, "password2": NEW})["Location"] == "/accounts/login/"
    entry = AuditEntry.objects.get(action="break_glass")
    assert entry.reason == "安全管理员离岗，无人批准" and entry.user_id is None
    told = Notification.objects.filter(title__contains="应急启用").values_list("user_id", flat=True)
    assert set(told) == {three[Role.SYSTEM_ADMIN].user.pk, three[Role.AUDITOR].user.pk}


def test_break_glass_opens_an_administrator_and_nobody_else(three, office):
    with pytest.raises(CommandError, match="不是系统"):
        call_command("break_glass", office.user.username, reason="只有一名经办人员", stdout=StringIO())
    with pytest.raises(CommandError, match="没有用户"):
        call_command("break_glass", "nobody", reason="没有审计管理员", stdout=StringIO())
    call_command(
        "break_glass", "shenji2", reason="没有审计管理员", role="AUDITOR", name="新审计", stdout=StringIO()
    )
    assert Membership.objects.get(user__username="shenji2").role == Role.AUDITOR


# --- the one door ---

# Who may call what opens, widens or closes an account, and what issues a secret. A new caller is a new door: see to it that
# neither its secret nor its effect stays with one person, then name it here.
DOORS = {
    "create_user": {"services/account_requests.py"},
    "reset_sign_in": {"services/account_requests.py"},
    "end_membership": {"services/account_requests.py"},
    "set_user_active": {"services/account_requests.py"},
    "dismiss_user": {"services/account_requests.py"},
    "add_membership": {
        "services/account_requests.py",
        "services/users.py",  # inside create_user
        "services/first_start.py",  # the server's console
        "services/break_glass.py",  # the server's console, audited
        "reporting/demo/people.py",  # made-up people
    },
    "issue_activation": {
        "services/activations.py",  # two halves, or the owner's own number
        "services/first_start.py",
        "services/break_glass.py",
    },
    "issue_one_time_code": {
        "services/passwords.py",  # inside issue_activation
        "services/sms_codes.py",  # to the telephone
        "cultivation/services/contacts.py",  # the firm's slip; no officer redeems it
    },
    "new_user": {
        "services/users.py",
        "services/first_start.py",
        "services/break_glass.py",
        "cultivation/services/contacts.py",
        "reporting/demo/people.py",
    },
    "set_password": {
        "accounts/adapters.py",  # one's own
        "services/passwords.py",  # behind a redeemed activation
        "cultivation/services/contacts.py",  # behind a redeemed claim
    },
}


def test_accounts_are_opened_through_one_door():
    callers: dict[str, set[str]] = {name: set() for name in DOORS}
    for folder in ("zaozhuang_portal", "cultivation", "evaluation", "reporting"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imported = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", "")
                if name in DOORS and (name in imported or name in defined):
                    callers[name].add(str(path.relative_to(ROOT)))
    for name, allowed in DOORS.items():
        unknown = {path for path in callers[name] if not any(path.endswith(known) for known in allowed)}
        assert not unknown, f"{name} is called by {sorted(unknown)}"
        assert all(any(path.endswith(known) for path in callers[name]) for known in allowed), name
