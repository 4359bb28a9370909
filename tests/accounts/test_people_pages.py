"""User management in the browser: what the pages do beyond the matrix."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.factories import login, make_actor, make_member_unit, make_membership, make_organization, make_user
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AccountRequest, AuditEntry, Membership, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
PASSWORD = "Haitang-Lvshu-77"


def approved_halves(requester: Client) -> dict[str, str]:
    """The last request approved by the city's office: what is typed on /activate/, from two hands."""
    row = AccountRequest.objects.latest("pk")
    city = login(Client(), make_actor(Role.CITY_OFFICE))
    assert city.post("/people/requests/approve/", {"request": row.pk}).status_code == 302
    pages = {
        name: one.get(f"/people/requests/{row.pk}/") for name, one in (("code", requester), ("second", city))
    }
    return {
        name: re.search(r'id="code-\d+">([2-9A-Z-]{9})<', page.content.decode())[1]
        for name, page in pages.items()
    }


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def signed_in(client, office):
    return login(client, office)


def test_new_account_activate_and_sign_in(signed_in, office):
    township = make_organization(Level.TOWNSHIP, parent=office.organization)
    form = {
        "full_name": "王丽", "username": "wang.li", "phone": "138 0000 0001",
        "role": "TOWNSHIP_STAFF", "organization": township.pk,
    }  # fmt: skip
    response = signed_in.post("/people/users/new/", form, follow=True)
    assert "等待第二人批准" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    halves = {"username": "wang.li", **approved_halves(signed_in)}

    person = Client()
    link = "/activate/"
    weak = person.post(link, halves | {"password1": "short", "password2": "short"})
    assert weak.status_code == 422
    assert "密码太短，至少 12 位。密码须含" in weak.content.decode()
    assert "至少 3 类" in weak.content.decode()
    typed = halves | {"password1": PASSWORD, "password2": PASSWORD}
    assert person.post(link, typed)["Location"] == "/accounts/login/"
    assert person.post(link, typed).status_code == 422
    response = person.post("/accounts/login/", {"login": "wang.li", "password": PASSWORD})
    assert response["Location"] == "/"
    assert "荆河" not in person.get("/profile/").content.decode()
    assert township.name in person.get("/profile/").content.decode()


def test_activation_typed_from_paper(signed_in, office):
    make_membership(make_user("li.si"), Role.DISTRICT_OFFICE, office.organization)
    user = User.objects.get(username="li.si")
    signed_in.post(f"/people/users/{user.pk}/reset/", {"reason": "忘记密码"})
    halves = approved_halves(signed_in)
    person = Client()
    form = {
        "username": " LI.SI", "code": halves["code"].lower(), "second": f" {halves['second']}",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    unknown = person.post("/activate/", form | {"username": "nobody"})
    wrong = person.post("/activate/", form | {"code": "AAAA-AAAA-AAAA"})
    assert unknown.status_code == wrong.status_code == 422
    assert "不正确、已使用或已过期" in unknown.content.decode()
    assert "不正确、已使用或已过期" in wrong.content.decode()
    assert person.post("/activate/", form).status_code == 302


def test_form_errors_keep_what_was_typed(signed_in):
    response = signed_in.post("/people/users/new/", {"full_name": "赵六", "username": "Z!", "phone": "123"})
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("赵六", "Z!", "有效的电话号码", "请选择角色", "请选择单位"):
        assert words in page


def test_domain_error_stands_beside_its_field(signed_in, office):
    make_user("wang.li")
    form = {
        "full_name": "王丽",
        "username": "wang.li",
        "role": "DISTRICT_OFFICE",
        "organization": office.organization.pk,
    }
    response = signed_in.post("/people/users/new/", form)
    assert response.status_code == 422
    assert "已被使用" in response.content.decode()


def test_list_filters_and_pages(signed_in, office, django_assert_max_num_queries):
    for number in range(60):
        make_membership(
            make_user(f"clerk{number:02d}", full_name=f"职员{number:02d}", phone="13812345678"),
            Role.DISTRICT_OFFICE,
            office.organization,
        )
    signed_in.get("/people/users/")
    with django_assert_max_num_queries(7):
        page = signed_in.get("/people/users/").content.decode()
    assert "61 人" in page
    assert "clerk00" in page
    assert "clerk59" not in page
    assert "13812345678" not in page
    found = signed_in.get("/people/users/", {"q": "职员59"}).content.decode()
    assert "clerk59" in found
    assert "clerk58" not in found


def test_membership_ends_from_the_page(signed_in, office):
    other = make_actor(
        Role.DISTRICT_MEMBER, office.organization, member_unit=make_member_unit(office.organization)
    )
    membership = Membership.objects.get(user=other.user)
    assert signed_in.post(f"/people/memberships/{membership.pk}/end/", {"reason": ""}).status_code == 422
    assert signed_in.post(f"/people/memberships/{membership.pk}/end/", {"reason": "调离"}).status_code == 302
    assert signed_in.get(f"/people/memberships/{membership.pk}/end/").status_code == 404
    other.user.refresh_from_db()
    assert login(Client(), other).get("/profile/").status_code == 403


def test_switching_capacity_renews_the_session_and_is_recorded(client, office):
    city = make_membership(office.user, Role.LEADER, make_organization(Level.CITY))
    login(client, office)
    client.get("/profile/")
    before = client.session.session_key
    assert (
        client.post("/profile/capacity/", {"capacity": f"m{city.pk}", "next": "//evil.example/"})["Location"]
        == "/"
    )
    assert client.session.session_key != before
    assert client.session["capacity"] == f"m{city.pk}"
    assert AuditEntry.objects.filter(action="switch_capacity").exists()
    foreign = Membership.objects.get(user=make_actor(Role.CITY_OFFICE).user)
    assert client.post("/profile/capacity/", {"capacity": f"m{foreign.pk}"}).status_code == 422


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in (("姓名", "用户名", "手机号", "角色", "单位", "成员单位", "职务"), *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("users.xlsx", stream.getvalue())


def test_import_preview_confirm(signed_in, office):
    place = office.organization.name
    make_user("known", full_name="老王")
    file = workbook(
        ("示例（导入时忽略）", "zhang.san", "", "区（市）三方办公室", place, "", ""),
        ("王一", "wang.yi", "13800000001", "区（市）三方办公室", place, "", "科员"),
        ("老王", "known", "", "区（市）三方办公室", place, "", ""),
        ("王二", "wang.yi", "abc", "系统管理员", "别处区", "", ""),
        ("王三", "wang.san", "", "区（市）三方成员单位", place, "", ""),
    )
    response = signed_in.post("/people/users/import/", {"file": file})
    page = response.content.decode()
    assert "可新增 1 人，已有 1 人（不变），错误 5 处" in page
    for words in (
        "第 5 行",
        "与第 3 行的用户名相同",
        "不是您可以授予的角色",
        "没有找到单位",
        "成员单位角色须填写成员单位",
    ):
        assert words in page
    assert not User.objects.filter(username="wang.yi").exists()
    staged = re.search(r'name="staged" value="([^"]+)"', page)[1]
    other = login(Client(), make_actor(Role.DISTRICT_OFFICE))
    other.post("/people/users/import/confirm/", {"staged": staged})
    assert not User.objects.filter(username="wang.yi").exists()
    done = signed_in.post("/people/users/import/confirm/", {"staged": staged}, follow=True).content.decode()
    assert "已提交 1 个账号的申请" in done and "甲联" in done
    assert not User.objects.filter(username="wang.yi").exists()
    approved_halves(signed_in)
    assert Membership.objects.get(user__username="wang.yi").post == "科员"
    again = signed_in.post("/people/users/import/confirm/", {"staged": staged}, follow=True).content.decode()
    assert "没有导入任何人" in again


def test_import_template_comes_back_empty(signed_in):
    template = signed_in.get("/people/users/import/template/")
    file = SimpleUploadedFile("t.xlsx", template.content)
    response = signed_in.post("/people/users/import/", {"file": file})
    assert response.status_code == 422
    assert "没有要导入的人员" in response.content.decode()


def test_audit_filters(client):
    auditor = make_actor(Role.AUDITOR)
    at = clock.now()
    office = make_actor(Role.DISTRICT_OFFICE)
    record_audit(
        actor=office,
        at=at,
        action="create_user",
        kind="User",
        object_id=5,
        label="甲某",
        changes={"x": [None, {"a": [1]}]},
    )
    record_audit(
        actor=office, at=at - timedelta(days=400), action="edit", kind="Subject", object_id=6, label="乙厂"
    )
    login(client, auditor)
    page = client.get("/audit/").content.decode()
    assert "甲某" in page
    assert "乙厂" in page
    today = clock.shanghai_date(at).isoformat()
    assert "乙厂" not in client.get("/audit/", {"first": today}).content.decode()
    assert "甲某" not in client.get("/audit/", {"kind": "Subject"}).content.decode()
    assert "甲某" not in client.get("/audit/", {"person": "没有这个人"}).content.decode()
    bad = client.get("/audit/", {"last": "下周"})
    assert bad.status_code == 422
    assert "下周" in bad.content.decode()


def test_the_user_list_costs_five_statements_whatever_the_rows(signed_in, office):
    """Session, capacity, rows with their total, memberships, contacts of subjects (issue 2, Speed)."""
    made = 0
    signed_in.get("/people/users/")  # fills the code table of organizations
    for wanted in (10, 50, 200):
        for number in range(made, wanted):
            user = make_user(f"many{number:03d}")
            make_membership(user, Role.INSTRUCTOR, office.organization)
        made = wanted
        with CaptureQueriesContext(connection) as statements:
            page = signed_in.get("/people/users/").content.decode()
        assert len(statements) == 5, [one["sql"][:120] for one in statements]
        assert f"用户管理 <small>{wanted + 1} 人</small>" in page
        assert page.count("many") >= min(wanted, 49)


def test_the_unit_filter_offers_what_the_actor_may_assign(signed_in, office):
    township = make_organization(Level.TOWNSHIP, parent=office.organization)
    stranger = make_organization(Level.DISTRICT)
    caches["local"].clear()
    page = signed_in.get("/people/users/").content.decode()
    assert f"{office.organization.name} › {township.name}</option>" in page
    assert f"{stranger.name}</option>" not in page


def test_row_height_of_lists_is_chosen_at_their_foot(signed_in):
    page = signed_in.get("/people/users/?state=active").content.decode()
    assert re.search(r'value="normal" aria-pressed="true">标准', page)
    response = signed_in.post("/ui/density/", {"density": "compact", "next": "/people/users/?state=active"})
    assert response["Location"] == "/people/users/?state=active"
    page = signed_in.get(response["Location"]).content.decode()
    assert re.search(r'value="compact" aria-pressed="true">紧凑', page)
    assert 'data-density="compact"' in page


@override_settings(PORTAL_PHONE="")
def test_only_administrators_are_told_that_the_telephone_is_not_set(client):
    hint = "请在部署时设置 PORTAL_PHONE"
    assert (
        hint not in login(client, make_actor(Role.DISTRICT_OFFICE)).get("/accounts/profile/").content.decode()
    )
    assert hint in login(client, make_actor(Role.SYSTEM_ADMIN)).get("/accounts/profile/").content.decode()
    assert hint not in login(client, make_actor(Role.CITY_OFFICE)).get("/accounts/profile/").content.decode()
