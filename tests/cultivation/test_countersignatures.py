"""三方（四家）会签: seats sign online or on paper, what is owed is named, nothing is blocked."""

from __future__ import annotations

import io
from datetime import date
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cultivation.models import Countersignature, CultivationRoster, WorkPlan
from cultivation.rules.countersignatures import SeatStanding, seat_standing, summary_words
from cultivation.selectors.countersignatures import countersignature_panel, paper_of
from cultivation.services.countersignatures import ask_for_signatures, countersign, enter_offline_signature
from cultivation.services.work_plans import create_work_plan, save_work_plan
from tests.factories import login, make_actor, make_member_unit, make_organization, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, Seat, TripartiteBody
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment, Notification

pytestmark = pytest.mark.django_db
NOW = clock.now()
SIGNED, STALE, UNSIGNED, VACANT = SeatStanding


# --- the pure rule ----------------------------------------------------------------------------------------------------


def test_standing_over_all_cases():
    for held, signed, version in product((True, False), (None, 0, 1, 2), (0, 1, 2)):
        found = seat_standing(seat_held=held, signed_version=signed, version=version)
        if signed is None:
            assert found is (UNSIGNED if held else VACANT)
        else:
            assert found is (STALE if signed < version else SIGNED)


@pytest.mark.parametrize(
    ("standings", "words"),
    [
        ([], "未登记会签席位"),
        ([VACANT], "未登记会签席位"),
        ([UNSIGNED, UNSIGNED, VACANT], "未会签"),
        ([SIGNED, UNSIGNED], "未会签齐全（已会签 1／2）"),
        ([SIGNED, SIGNED, VACANT], "会签齐全"),
        ([SIGNED, STALE], "会签齐全；会签后有修改"),
    ],
)
def test_words_of_the_printed_paper(standings, words):
    assert summary_words(standings) == words


# --- signing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def district():
    """Three seats: 人社局 filled, 总工会 representing 工商联 too, 企联 not established."""
    district = make_organization(name="会签区")
    body = TripartiteBody.objects.create(organization=district, name="会签区三方机构", established=True)
    hrss = make_member_unit(district, kind="HRSS", name="会签区人社局")
    union = make_member_unit(district, kind="TRADE_UNION_FEDERATION", name="会签区总工会")
    Seat.objects.create(body=body, kind="HRSS", state="FILLED", unit=hrss)
    Seat.objects.create(body=body, kind="TRADE_UNION_FEDERATION", state="FILLED", unit=union)
    Seat.objects.create(
        body=body, kind="FEDERATION_OF_INDUSTRY_AND_COMMERCE", state="REPRESENTED", unit=union
    )
    Seat.objects.create(body=body, kind="ENTERPRISE_CONFEDERATION")
    return district


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def unionist(district):
    unit = district.member_units.get(name="会签区总工会")
    return make_actor(Role.DISTRICT_MEMBER, district, member_unit=unit)


@pytest.fixture
def plan(office):
    return create_work_plan(actor=office, year=make_year(), values={"title": "会签方案"}, now=NOW)


def seat(district, kind):
    return Seat.objects.select_related("body", "unit").get(body__organization=district, kind=kind)


def sign(actor, plan, kind="TRADE_UNION_FEDERATION", opinion="AGREE", comment="", version=None):
    return countersign(
        actor=actor,
        paper=paper_of(plan=plan),
        seat=seat(plan.organization, kind),
        opinion=opinion,
        comment=comment,
        expected_version=plan.version if version is None else version,
        now=NOW,
    )


def attach_scan(actor, paper):
    Attachment.objects.create(
        owner_kind=paper.scan_kind,
        owner_id=paper.pk,
        purpose="SCAN",
        file="attachments/x",
        label="会签表.pdf",
        content_type="application/pdf",
        size=10,
        sha256="0" * 64,
        uploaded_by=actor.user,
        uploaded_at=NOW,
    )


def offline(actor, paper, kind, **changes):
    values = {"opinion": "AGREE", "comment": "", "signer": "李局长", "signed_on": date(2026, 3, 1)} | changes
    return enter_offline_signature(
        actor=actor, paper=paper, seat=seat(paper.organization, kind), now=NOW, **values
    )


def test_one_unit_signs_each_of_its_seats(plan, office, unionist):
    panel = countersignature_panel(unionist, plan=plan)
    assert [line.seat.kind for line in panel.my_lines] == [
        "TRADE_UNION_FEDERATION",
        "FEDERATION_OF_INDUSTRY_AND_COMMERCE",
    ]
    assert panel.words == "未会签"
    assert panel.unsigned_names == [
        "人社局（会签区人社局）",
        "总工会（会签区总工会）",
        "工商联（会签区总工会代行）",
    ]
    row = sign(unionist, plan)
    assert (row.signed_by, row.signed_version, row.offline) == (unionist.user.full_name, 1, False)
    panel = countersignature_panel(office, plan=plan)
    assert panel.words == "未会签齐全（已会签 1／3）" and not panel.complete
    assert not panel.my_lines and panel.may_enter_offline


def test_only_the_units_own_people_sign(plan, district, unionist):
    with pytest.raises(NotAllowed):
        sign(unionist, plan, kind="HRSS")
    with pytest.raises(NotAllowed):
        sign(make_actor(Role.DISTRICT_MEMBER, district), plan)
    with pytest.raises(NotAllowed):
        sign(make_actor(Role.LEADER, district, member_unit=unionist.capacity.member_unit), plan)
    foreign = TripartiteBody.objects.create(organization=make_organization(), name="别处")
    other = Seat.objects.create(
        body=foreign, kind="TRADE_UNION_FEDERATION", state="FILLED", unit=unionist.capacity.member_unit
    )
    with pytest.raises(NotAllowed):
        countersign(
            actor=unionist,
            paper=paper_of(plan=plan),
            seat=other,
            opinion="AGREE",
            comment="",
            expected_version=1,
            now=NOW,
        )


def test_dissent_needs_words_and_signing_again_replaces(plan, unionist):
    with pytest.raises(DomainError, match="说明"):
        sign(unionist, plan, opinion="RESERVE")
    with pytest.raises(DomainError, match="请选择"):
        sign(unionist, plan, opinion="MAYBE")
    sign(unionist, plan, opinion="OBJECT", comment="经费没有落实")
    sign(unionist, plan)
    row = Countersignature.objects.get(plan=plan)
    assert (row.opinion, row.comment) == ("AGREE", "")
    entry = AuditEntry.objects.get(action="改签", object_id=str(plan.pk))
    assert entry.changes["opinion"] == ["反对", "同意"]
    assert entry.changes["comment"] == ["经费没有落实", ""]


def test_a_change_after_signing_shows(plan, office, unionist):
    sign(unionist, plan)
    save_work_plan(
        actor=office, plan=plan, values={"title": "会签方案", "methods": "新的"}, expected_version=1, now=NOW
    )
    panel = countersignature_panel(office, plan=plan)
    assert [line.standing for line in panel.lines] == [UNSIGNED, STALE, UNSIGNED, VACANT]
    assert "会签后有修改" in panel.words
    with pytest.raises(ConflictError):
        sign(unionist, plan, version=1)
    sign(unionist, plan, version=2)
    assert SeatStanding.STALE not in [
        line.standing for line in countersignature_panel(office, plan=plan).lines
    ]


def test_offline_needs_scan_signer_and_a_past_day(plan, office, unionist):
    paper = paper_of(plan=plan)
    with pytest.raises(DomainError, match="扫描件"):
        offline(office, paper, "HRSS")
    attach_scan(office, paper)
    with pytest.raises(NotAllowed):
        offline(unionist, paper, "HRSS")
    with pytest.raises(NotAllowed):
        offline(make_actor(Role.DISTRICT_OFFICE), paper, "HRSS")
    with pytest.raises(DomainError, match="签署人"):
        offline(office, paper, "HRSS", signer=" ")
    with pytest.raises(DomainError, match="晚于今天"):
        offline(office, paper, "HRSS", signed_on=date(2999, 1, 1))
    with pytest.raises(DomainError, match="未建立"):
        offline(office, paper, "ENTERPRISE_CONFEDERATION")
    row = offline(office, paper, "HRSS")
    assert (row.offline, row.signed_by, row.entered_by) == (True, "李局长", office.user)


def test_the_office_does_not_overwrite_what_was_signed_online(plan, office, unionist):
    paper = paper_of(plan=plan)
    attach_scan(office, paper)
    sign(unionist, plan, opinion="OBJECT", comment="经费没有落实")
    with pytest.raises(DomainError, match="本人重新会签"):
        offline(office, paper, "TRADE_UNION_FEDERATION")
    WorkPlan.objects.filter(pk=plan.pk).update(version=2)
    assert offline(office, paper, "TRADE_UNION_FEDERATION").signed_version == 2


def test_a_roster_is_signed_the_same_way(district, office, unionist):
    roster = CultivationRoster.objects.create(organization=district, year=make_year(), revision=3)
    paper = paper_of(roster=roster)
    countersign(
        actor=unionist,
        paper=paper,
        seat=seat(district, "TRADE_UNION_FEDERATION"),
        opinion="AGREE",
        comment="",
        expected_version=3,
        now=NOW,
    )
    assert countersignature_panel(office, roster=roster).words == "未会签齐全（已会签 1／3）"
    CultivationRoster.objects.filter(pk=roster.pk).update(revision=4)
    roster.refresh_from_db()
    assert "会签后有修改" in countersignature_panel(office, roster=roster).words
    with pytest.raises(ValueError, match="one plan or one roster"):
        paper_of()


def test_asking_tells_those_who_owe(plan, office, unionist):
    make_user()
    told = ask_for_signatures(actor=office, panel=countersignature_panel(office, plan=plan), now=NOW)
    assert told == 1
    assert Notification.objects.get(user=unionist.user).url == f"/countersign/plan/{plan.pk}/"
    for kind in ("TRADE_UNION_FEDERATION", "FEDERATION_OF_INDUSTRY_AND_COMMERCE"):
        sign(unionist, plan, kind=kind)
    assert ask_for_signatures(actor=office, panel=countersignature_panel(office, plan=plan), now=NOW) == 0
    with pytest.raises(NotAllowed):
        ask_for_signatures(actor=unionist, panel=countersignature_panel(unionist, plan=plan), now=NOW)


# --- the pages --------------------------------------------------------------------------------------------------------


def test_page_signs_and_keeps_what_was_typed(client, plan, unionist):
    login(client, unionist)
    url = f"/countersign/plan/{plan.pk}/"
    union = seat(plan.organization, "TRADE_UNION_FEDERATION")
    typed = {"version": "1", "seat": union.pk, "opinion": "RESERVE", "comment": ""}
    refused = client.post(url, typed)
    assert refused.status_code == 422 and "请写明说明" in refused.content.decode()
    assert client.post(url, typed | {"comment": "建议增加经费"}).status_code == 302
    page = client.get(url).content.decode()
    assert "建议增加经费" in page and "未会签" in page
    WorkPlan.objects.filter(pk=plan.pk).update(version=2)
    stale = client.post(url, typed | {"comment": "又写了一段"})
    assert stale.status_code == 409 and "又写了一段" in stale.content.decode()
    assert 'name="version" value="2"' in stale.content.decode()
    assert client.post(url, typed | {"seat": seat(plan.organization, "HRSS").pk}).status_code == 422


def test_offline_page_takes_scan_then_signature(client, plan, office):
    login(client, office)
    url = f"/countersign/plan/{plan.pk}/"
    typed = {
        "seat": seat(plan.organization, "HRSS").pk,
        "signer": "李局长",
        "signed_on": "2026.3.1",
        "opinion": "AGREE",
    }
    refused = client.post(f"{url}offline/", typed)
    assert refused.status_code == 422 and "扫描件" in refused.content.decode()
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "PNG")
    scan = SimpleUploadedFile("会签表.png", picture.getvalue(), content_type="image/png")
    assert client.post(f"{url}files/", {"file": scan}).status_code == 303
    assert client.post(f"{url}offline/", typed).status_code == 302
    page = client.get(f"/plans/{plan.pk}/print/").content.decode()
    assert "李局长" in page and "（线下）" in page and "未会签" in page
    sheet = client.get(f"{url}sheet/").content.decode()
    assert "会签区总工会代行" in sheet and "企联" not in sheet.split("<table")[1]


def test_statements_do_not_grow_with_the_signatures(client, plan, office, unionist):
    """Two for the session, one each for the paper, its seats, signatures, timeline, files and their seal, reminders."""
    login(client, office)
    url = f"/countersign/plan/{plan.pk}/"
    counts = []
    for kind in (None, "TRADE_UNION_FEDERATION", "FEDERATION_OF_INDUSTRY_AND_COMMERCE"):
        if kind:
            sign(unionist, plan, kind=kind)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 9, counts


def test_an_unknown_kind_of_paper_is_not_found(client, plan, office):
    login(client, office)
    assert client.get(f"/countersign/report/{plan.pk}/").status_code == 404
