"""现场检查: who may, blind until judged, one save once, two phones, refusals keep what was typed; without script too."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from evaluation.enums import CheckState, Layer
from evaluation.models import Answer, CheckLine, LineSave, SpotCheck, TeamMember
from tests.evaluation.assessment_builders import (
    answer_everything,
    make_contact,
    make_firm,
    publish_real,
    started,
)
from tests.evaluation.site_builders import make_site_check
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db
SCRIPT = {"HTTP_X_AUTOSAVE": "1", "HTTP_ACCEPT": "application/json"}
CLAIM = "自评的文字说明旗语"


@pytest.fixture
def lead(db: None) -> Actor:
    return make_actor(Role.CITY_MEMBER)


@pytest.fixture
def mate(db: None) -> Actor:
    return make_actor(Role.CITY_MEMBER)


@pytest.fixture
def check(lead: Actor, mate: Actor) -> SpotCheck:
    publish_real()
    firm = make_firm()
    contact = make_contact(firm)
    assessment = started(firm, contact)[0]
    answer_everything(assessment, contact)
    Answer.objects.filter(assessment=assessment, layer=Layer.SELF).update(words=CLAIM)
    return make_site_check(lead, mate, None, assessment=assessment)


def place(check: SpotCheck, tail: str = "site/") -> str:
    return f"/spot-checks/{check.round_id}/items/{check.pk}/{tail}"


def save(
    client: Client, check: SpotCheck, code: str = "D02-01", *, script: bool = True, **fields: Any
) -> Any:
    data = {"uid": str(uuid4()), "seen_revision": "0", "judgement": "MET", **fields}
    return client.post(place(check, f"lines/{code}/"), data, **(SCRIPT if script else {}))


def line(check: SpotCheck, code: str = "D02-01") -> CheckLine:
    return CheckLine.objects.get(check_record=check, code=code)


def png() -> SimpleUploadedFile:
    stream = BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "PNG")
    return SimpleUploadedFile("照片.png", stream.getvalue(), content_type="image/png")


def test_all_lines_are_in_the_page_and_nothing_of_it_is_kept(
    client: Client, check: SpotCheck, lead: Actor
) -> None:
    answer = login(client, lead).get(place(check))
    page = answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"
    for code in ("D02-01", "D02-02", "D02-03"):
        assert f'id="line-{code}"' in page and f"{place(check, f'lines/{code}/')}" in page
    assert page.count("60px") == 0 and "两名检查人意见不一致" in page and "职工人数" in page


def test_a_screen_a_line_without_script(client: Client, check: SpotCheck, lead: Actor) -> None:
    page = login(client, lead).get(place(check) + "?line=D02-02").content.decode()
    assert 'data-site-screen="D02-02" aria' in page
    for other in ("LIST", "D02-01", "D02-03", "END"):
        assert f'data-site-screen="{other}" hidden' in page
    assert 'href="?line=D02-01"' in page and 'href="?line=D02-03"' in page and "2／3" in page


def test_blind_until_judged_then_both_values_and_the_reason(
    client: Client, check: SpotCheck, lead: Actor
) -> None:
    """Canary: neither the page nor the sheet nor a receipt of another line tells a claim before the verdict."""
    login(client, lead)
    for tail in ("site/", "sheet/", "site/?line=END"):
        page = client.get(place(check, tail)).content.decode()
        assert CLAIM not in page and "自评满分" not in page and "判断后可见" not in page
    saved = save(client, check).json()
    told = saved["fragments"]["#after-D02-01"]
    assert CLAIM in told and "自评满分" in told and "差异原因" in told
    page = client.get(place(check)).content.decode()
    assert page.count(CLAIM) == 1, "of the judged line only"
    assert CLAIM not in client.get(place(check, "sheet/")).content.decode()


@pytest.mark.parametrize("role", [Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.LEADER])
def test_only_the_team_in_its_time(client: Client, check: SpotCheck, lead: Actor, role: str) -> None:
    login(client, make_actor(role))
    for tail in ("site/", "sheet/"):
        assert client.get(place(check, tail)).status_code == 404
    assert save(client, check).status_code == 404
    for tail in ("site/visit/", "site/scan/", "lines/D02-01/photos/"):
        assert client.post(place(check, tail), {}, **SCRIPT).status_code == 404
    login(client, lead)
    TeamMember.objects.filter(inspector__user=lead.user).update(until_at=clock.now(), change_reason="请假")
    assert client.get(place(check)).status_code == 404 and save(client, check).status_code == 404
    assert not LineSave.objects.exists()


def test_another_rounds_address_is_nobodys(client: Client, check: SpotCheck, lead: Actor) -> None:
    assert (
        login(client, lead).get(f"/spot-checks/{check.round_id + 1}/items/{check.pk}/site/").status_code
        == 404
    )


def test_the_same_save_twice_is_one(client: Client, check: SpotCheck, lead: Actor) -> None:
    login(client, lead)
    uid = str(uuid4())
    first = save(client, check, uid=uid, seen="看过原件").json()
    again = save(client, check, uid=uid, seen="看过原件").json()
    assert (first["uid"], first["revision"], first["already"]) == (uid, 1, False)
    assert (again["uid"], again["revision"], again["already"]) == (uid, 1, True)
    assert first["saved_at"] == again["saved_at"]
    assert LineSave.objects.count() == 1 and line(check).seen == "看过原件"
    check.refresh_from_db()
    assert check.state == CheckState.UNDER_WAY


def test_two_phones_see_both_texts(client: Client, check: SpotCheck, lead: Actor, mate: Actor) -> None:
    save(login(client, mate), check, judgement="NOT_MET", seen="缺三份", severity="MINOR")
    answer = save(login(client, lead), check, seen="都在")
    theirs = answer.json()["theirs"]
    assert answer.status_code == 409 and theirs["revision"] == 1 and theirs["by"] == mate.user.full_name
    assert ["所见事实", "缺三份"] in theirs["said"] and theirs["values"]["judgement"] == ["NOT_MET"]
    assert line(check).seen == "缺三份"
    page = save(client, check, script=False, seen="都在")
    words = page.content.decode()
    assert page.status_code == 409 and "缺三份" in words and ">\n都在</textarea>" in words.replace("\r", "")
    assert 'name="seen_revision" value="1"' in words
    assert save(client, check, seen="都在", seen_revision="1").json()["revision"] == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"judgement": "NOT_MET"}, "所见事实"),
        ({"judgement": "UNVERIFIABLE"}, "所见事实"),
        ({"judgement": "NOT_MET", "seen": "缺"}, "性质"),
        ({"judgement": ""}, "判断"),
        ({"judgement": "GOOD"}, "判断"),
        ({"evidence_of": "昨天"}, "佐证所属日期"),
        ({"seen": "字" * 1001}, "所见事实"),
        ({"uid": "1"}, "编号"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client: Client, check: SpotCheck, lead: Actor, fields: dict[str, str], words: str
) -> None:
    answer = save(login(client, lead), check, **fields)
    assert answer.status_code == 422 and words in answer.json()["errors"][0]["message"]
    page = save(client, check, script=False, **{"papers": "用工名册三册", **fields})
    assert page.status_code == 422 and "用工名册三册" in page.content.decode()
    assert not LineSave.objects.exists()


def test_a_plain_post_goes_on_to_the_next_line(client: Client, check: SpotCheck, lead: Actor) -> None:
    answer = save(login(client, lead), check, script=False)
    assert answer.status_code == 303 and answer.headers["Location"] == place(check) + "?line=D02-02"


def test_a_save_that_arrived_is_receipted_after_the_teams_time(
    client: Client, check: SpotCheck, lead: Actor, mate: Actor
) -> None:
    uid = str(uuid4())
    save(login(client, lead), check, uid=uid)
    TeamMember.objects.filter(check_record=check).update(until_at=clock.now(), change_reason="换组")
    again = save(client, check, uid=uid)
    assert again.status_code == 200 and again.json()["already"] and not again.json()["fragments"]
    assert save(client, check, uid=str(uuid4())).status_code == 404
    assert save(login(client, mate), check, uid=uid).status_code == 404


@pytest.mark.parametrize("state", [CheckState.ASSIGNED])
def test_not_before_the_notice(client: Client, check: SpotCheck, lead: Actor, state: str) -> None:
    SpotCheck.objects.filter(pk=check.pk).update(state=state)
    answer = save(login(client, lead), check)
    assert answer.status_code == 409 and answer.json()["errors"][0]["message"]
    assert (
        client.post(
            place(check, "site/visit/"), {"uid": str(uuid4()), "seen_revision": "0"}, **SCRIPT
        ).status_code
        == 409
    )
    assert client.post(place(check, "lines/D02-01/photos/"), {"file": png()}, **SCRIPT).status_code == 403
    assert not LineSave.objects.exists() and not Attachment.objects.filter(owner_kind="CheckLine").exists()


def test_a_photo_sent_again_is_one_and_the_inspected_does_not_see_it_yet(
    client: Client, check: SpotCheck, lead: Actor
) -> None:
    login(client, lead)
    uid = str(uuid4())
    for _ in range(2):
        answer = client.post(place(check, "lines/D02-01/photos/"), {"uid": uid, "file": png()}, **SCRIPT)
        assert answer.status_code == 200 and answer.json()["attachments"][0]["uid"] == uid
    photo = Attachment.objects.get(owner_kind="CheckLine")
    assert client.get(photo.get_absolute_url()).status_code == 200
    login(client, make_actor(Role.DISTRICT_OFFICE, check.organization))
    assert client.get(photo.get_absolute_url()).status_code == 404


def test_the_visit_is_kept_once_and_signed_by_whom_it_concerns(
    client: Client, check: SpotCheck, lead: Actor, mate: Actor
) -> None:
    on_paper = TeamMember.objects.get(check_record=check, inspector__user=None)
    own, others = (TeamMember.objects.get(inspector__user=who.user) for who in (lead, mate))
    data = {
        "uid": str(uuid4()), "seen_revision": "0", "visited_on": "2026-11-20", "place": "会议室",
        "manners": ["ON_SITE", "INTERVIEW"],
        "interview_count": "１２", "unit_statement": "无异议", "unit_signer": "张经理", "signed": [str(own.pk), str(on_paper.pk)],
    }  # fmt: skip
    login(client, lead)
    first = client.post(place(check, "site/visit/"), data, **SCRIPT)
    assert first.status_code == 200 and first.json()["revision"] == 1, first.content.decode()
    assert client.post(place(check, "site/visit/"), data, **SCRIPT).json()["already"] is True
    check.refresh_from_db()
    assert (check.interview_count, check.manners, check.unit_signer) == (
        12,
        ["ON_SITE", "INTERVIEW"],
        "张经理",
    )
    on_paper.refresh_from_db()
    own.refresh_from_db()
    assert own.signed_at and not own.signed_on_paper and on_paper.signed_on_paper
    # Nobody signs for a colleague who has an account.
    forged = client.post(
        place(check, "site/visit/"),
        {**data, "uid": str(uuid4()), "seen_revision": "1", "signed": [str(others.pk)]},
        **SCRIPT,
    )
    assert forged.status_code == 403
    others.refresh_from_db()
    assert others.signed_at is None
    # The other phone filled in the form as it was before.
    answer = login(client, mate).post(
        place(check, "site/visit/"), {"uid": str(uuid4()), "seen_revision": "0", "place": "车间"}, **SCRIPT
    )
    assert answer.status_code == 409 and ["检查地点", "会议室"] in answer.json()["theirs"]["said"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hindrance": "REFUSED"}, "经过"),
        ({"hindrance_words": "三次电话无人接"}, "无法联系"),
        ({"visited_on": "2099-01-01"}, "晚于今天"),
        ({"interview_count": "很多"}, "访谈人数"),
        ({"place": "字" * 121}, "检查地点"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(
    client: Client, check: SpotCheck, lead: Actor, fields: dict[str, str], words: str
) -> None:
    data = {"uid": str(uuid4()), "seen_revision": "0", **fields}
    answer = login(client, lead).post(place(check, "site/visit/"), data, **SCRIPT)
    assert answer.status_code == 422 and words in answer.json()["errors"][0]["message"]
    assert not LineSave.objects.exists()


def test_refusing_is_a_result(client: Client, check: SpotCheck, lead: Actor) -> None:
    data = {
        "uid": str(uuid4()),
        "seen_revision": "0",
        "hindrance": "REFUSED",
        "hindrance_words": "门卫不让进，村委两人在场",
    }
    assert login(client, lead).post(place(check, "site/visit/"), data).status_code == 303
    check.refresh_from_db()
    assert check.hindrance == "REFUSED" and check.state == CheckState.UNDER_WAY


def test_the_sheet_holds_the_same_lines_and_the_scan_comes_back(
    client: Client, check: SpotCheck, lead: Actor
) -> None:
    sheet = login(client, lead).get(place(check, "sheet/")).content.decode()
    assert all(code in sheet for code in ("D02-01", "D02-02", "D02-03"))
    assert sheet.count("检查人（") == 3 and "被检查单位（签字、盖章）" in sheet and "□ 无法核实" in sheet
    answer = client.post(place(check, "site/scan/"), {"file": png()}, **SCRIPT)
    assert answer.status_code == 200 and Attachment.objects.get(owner_kind="SpotCheck").purpose == "SCAN"


def test_the_page_takes_the_same_statements_for_more_lines(
    client: Client, lead: Actor, django_assert_max_num_queries: Any
) -> None:
    login(client, lead)
    checks = [make_site_check(lead, codes=tuple(f"D02-{n:02d}" for n in range(1, size))) for size in (3, 30)]
    client.get(place(checks[0]))
    for one in checks:
        with django_assert_max_num_queries(14):
            client.get(place(one))
