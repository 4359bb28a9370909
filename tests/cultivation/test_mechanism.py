"""Coverage of the four levels, 汇报、规划、考核 by body, the policy shelf."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cultivation.ledgers.base import find_ledger
from cultivation.ledgers.mechanism import check_adoption, closed_item
from cultivation.models import Coordinator, PolicyAdoption, PolicyDocument, Subject, WorkItem
from cultivation.rules.coverage import Place, body_share, coordinator_share, coverage_by_level
from cultivation.selectors.data_checks import Scope, find_check, run_checks
from cultivation.selectors.mechanism import adoption_matrix, body_coverage, policy_shelf
from cultivation.services.ledgers import create_record
from cultivation.services.policy_seeds import seed_policy_documents
from tests.factories import login, make_actor, make_subject, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import add_park
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel import clock

NOW = clock.now()
TODAY = clock.shanghai_date(NOW)


# --- the pure rule ----------------------------------------------------------------------------------------------------


def places(*rows: tuple[str, str, bool, int]) -> list[Place]:
    return [Place(n, name, level, 1, done, people) for n, (name, level, done, people) in enumerate(rows)]


def test_levels_with_their_gaps_by_name():
    found = coverage_by_level(
        places(
            ("山东省", "PROVINCE", True, 0),
            ("滕州市", "DISTRICT", True, 0),
            ("市中区", "DISTRICT", False, 0),
            ("荆河街道", "TOWNSHIP", True, 1),
            ("龙泉街道", "TOWNSHIP", False, 0),
            ("锂电产业园", "PARK", False, 2),
        )
    )
    assert [(share.numerator, share.denominator) for share in found] == [(1, 1), (0, 0), (1, 2), (1, 3)]
    assert found[2].missing == ("市中区",) and found[3].missing == ("龙泉街道", "锂电产业园")
    assert [share.text for share in found] == ["1／1（100.0%）", "不适用", "1／2（50.0%）", "1／3（33.3%）"]


def test_coordinators_count_townships_and_parks_only():
    share = coordinator_share(
        "协调员",
        places(
            ("滕州市", "DISTRICT", True, 0), ("荆河街道", "TOWNSHIP", True, 0), ("园区", "PARK", False, 3)
        ),
    )
    assert (share.numerator, share.denominator, share.missing) == (1, 2, ("荆河街道",))


@given(st.lists(st.booleans(), max_size=60))
def test_numerator_and_gaps_make_the_denominator(flags):
    share = body_share("x", [Place(n, str(n), "TOWNSHIP", 1, flag) for n, flag in enumerate(flags)])
    assert share.numerator + len(share.missing) == share.denominator == len(flags)
    assert share.complete == all(flags)


@pytest.mark.parametrize(
    ("done", "total", "text"), [(1, 8, "1／8（12.5%）"), (2, 3, "2／3（66.7%）"), (1, 16, "1／16（6.3%）")]
)
def test_one_decimal_half_up(done, total, text):
    rows = [Place(n, str(n), "TOWNSHIP", 1, n < done) for n in range(total)]
    assert body_share("x", rows).text == text


# --- the tree ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def city(db):
    load_organizations(at=NOW)
    make_year()
    return Organization.objects.get(code="370400")


def coordinator(township: Organization, *, left_on: date | None = None) -> Coordinator:
    return Coordinator.objects.create(
        organization=township.parent,
        township=township,
        year_id=2026,
        name="协调",
        appointed_on=date(2024, 1, 1),
        left_on=left_on,
        created_at=NOW,
        updated_at=NOW,
    )


def test_a_district_sees_its_own_places_and_zeros_by_name(city):
    tengzhou = Organization.objects.get(code="370481")
    jinghe = Organization.objects.get(name="荆河街道")
    coordinator(jinghe)
    coordinator(Organization.objects.get(name="龙泉街道"), left_on=date(2025, 12, 31))
    Seat.objects.filter(body__organization=tengzhou, kind="ENTERPRISE_CONFEDERATION").update(
        state="NOT_ESTABLISHED", unit=None
    )
    TripartiteBody.objects.filter(organization=jinghe).update(established=True)
    found = body_coverage(make_actor(Role.DISTRICT_OFFICE, tengzhou), today=TODAY)
    assert [node.organization for node in found.districts] == [tengzhou]
    node = found.districts[0]
    assert (node.bodies.numerator, node.bodies.denominator) == (1, 21)
    assert "荆河街道" not in node.bodies.missing
    assert (node.coordinators.numerator, node.coordinators.denominator) == (1, 21)
    assert "龙泉街道" in node.coordinators.missing
    assert found.vacant_seats == ["滕州市企联（企业家协会）"]
    assert found.unseated == ["荆河街道"]
    whole = body_coverage(make_actor(Role.CITY_OFFICE, city), today=TODAY)
    assert [share.denominator for share in whole.levels] == [1, 1, 7, 66]
    assert [node.place.name for node in whole.upper] == ["山东省", "枣庄市"]


def test_parties_without_a_seat_are_named(client, city):
    """Four parties in a district's body; a township's body has those its district lists, but not none."""
    tengzhou = Organization.objects.get(code="370481")
    Seat.objects.filter(body__organization=tengzhou, kind="TRADE_UNION_FEDERATION").delete()
    jinghe = TripartiteBody.objects.get(organization__name="荆河街道")
    TripartiteBody.objects.filter(pk=jinghe.pk).update(established=True)
    office = make_actor(Role.DISTRICT_OFFICE, tengzhou)
    login(client, office)
    page = client.get("/bodies/").content.decode()
    assert "滕州市总工会" in page and "1 个机构" in page and "未登记席位" in page
    found = body_coverage(office, today=TODAY)
    assert (found.vacant_seats, found.unseated) == (["滕州市总工会"], ["荆河街道"])
    (result,) = run_checks(Scope(office), day=TODAY, checks=[find_check("BODY_WITH_UNFILLED_SEAT")])
    assert [(doubt.place, doubt.detail) for doubt in result.doubts] == [
        ("滕州市", "未登记“总工会”席位"),
        ("荆河街道", "未登记席位"),
    ]
    links = [result.check.mend_for(office.role).url(doubt) for doubt in result.doubts]
    body = TripartiteBody.objects.get(organization=tengzhou)
    assert links == [f"/people/bodies/{pk}/seats/new/" for pk in (body.pk, jinghe.pk)]
    assert client.get(links[0]).status_code == 200
    Seat.objects.create(body=jinghe, kind="TRADE_UNION_FEDERATION")
    found = body_coverage(office, today=TODAY)
    assert (found.vacant_seats, found.unseated) == (["滕州市总工会", "荆河街道总工会"], [])


def test_the_whole_tree_takes_five_statements(client, city):
    login(client, make_actor(Role.CITY_OFFICE, city))
    for district in Organization.objects.districts():
        park(district, f"{district.name}新园")
    client.get("/bodies/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/bodies/").content.decode()
    assert len(captured) <= 5, [query["sql"][:90] for query in captured]
    for name in ("荆河街道", "兴仁街道", "山亭经济开发区"):
        assert name in page


def park(district: Organization, name: str, **values) -> Subject:
    return make_subject(district, kind="INDUSTRIAL_PARK", name=name, **values)


def test_a_cultivated_park_that_is_no_place_yet_is_named(client, city):
    tengzhou = Organization.objects.get(code="370481")
    shanting = Organization.objects.get(code="370406")
    office = make_actor(Role.CITY_OFFICE, city)
    closed = add_park(actor=office, at=NOW, district=tengzhou, name="旧机床园").organization
    Organization.objects.filter(pk=closed.pk).update(is_active=False)
    tied = add_park(actor=office, at=NOW, district=tengzhou, name="墨子科创园").organization
    for name in ("滕州锂电产业园", "旧机床园", " 山亭经济开发区"):
        park(tengzhou, name)
    park(tengzhou, "墨子科创园二期", township=tied)
    park(tengzhou, "已撤的园", state="DEREGISTERED")
    park(shanting, "山亭经济开发区")  # a place of its own district, by name
    found = body_coverage(office, today=TODAY)
    named = {node.organization.name: node.unregistered_parks for node in found.districts}
    assert sorted(named.pop("滕州市")) == [" 山亭经济开发区", "滕州锂电产业园"]
    assert not any(named.values())
    assert sorted(found.unregistered_parks) == [" 山亭经济开发区", "滕州锂电产业园"]
    assert found.levels[3].denominator == 67  # not counted: a park is counted once it is a place
    elsewhere = body_coverage(make_actor(Role.DISTRICT_OFFICE, shanting), today=TODAY)
    assert elsewhere.unregistered_parks == []


def test_who_may_add_the_park_has_a_filled_form(client, city):
    tengzhou = Organization.objects.get(code="370481")
    park(tengzhou, "滕州锂电&储能产业园")
    address = f"/people/bodies/parks/new/?district={tengzhou.pk}&name="
    link = f"{address}滕州锂电&储能产业园"
    for role, unit in ((Role.DISTRICT_MEMBER, tengzhou), (Role.CITY_MEMBER, city), (Role.LEADER, city)):
        login(client, make_actor(role, unit))
        page = client.get("/bodies/").content.decode()
        assert "滕州锂电&amp;储能产业园" in page and "/people/bodies/parks/new/" not in page, role
    for role, unit in ((Role.CITY_OFFICE, city), (Role.DISTRICT_OFFICE, tengzhou)):
        login(client, make_actor(role, unit))
        page = client.get("/bodies/").content.decode()
        (href,) = [
            unquote(unescape(found))
            for found in re.findall(r'href="(/people/bodies/parks[^"]+\?[^"]+)"', page)
        ]
        assert href == link
    form = client.get("/people/bodies/parks/new/", {"district": tengzhou.pk, "name": "滕州锂电&储能产业园"})
    assert 'value="滕州锂电&amp;储能产业园"' in form.content.decode()
    assert "不必重复添加" not in form.content.decode()
    add_park(actor=make_actor(Role.CITY_OFFICE), at=NOW, district=tengzhou, name="滕州锂电&储能产业园")
    again = client.get("/people/bodies/parks/new/", {"district": tengzhou.pk, "name": "滕州锂电&储能产业园"})
    body = TripartiteBody.objects.get(organization__name="滕州锂电&储能产业园")
    assert "不必重复添加" in again.content.decode() and f"/people/bodies/{body.pk}/" in again.content.decode()
    assert "尚未登记为园区" not in client.get("/bodies/").content.decode()
    for wrong in ("x", "9" * 30, "²", "0"):
        assert client.get("/people/bodies/parks/new/", {"district": wrong, "name": "甲"}).status_code == 200


# --- 汇报、规划、考核 --------------------------------------------------------------------------------------------------


def answer(
    organization: Organization,
    kind: str,
    *,
    achieved: bool = True,
    year: int = 2026,
    township: Organization | None = None,
) -> PolicyAdoption:
    return PolicyAdoption.objects.create(
        organization=organization,
        township=township,
        year_id=year,
        kind=kind,
        achieved=achieved,
        adopted_on=date(year, 3, 1) if achieved else None,
        created_at=NOW,
        updated_at=NOW,
    )


def test_matrix_tells_not_done_from_not_answered(city):
    tengzhou = Organization.objects.get(code="370481")
    answer(tengzhou, "REPORTED")
    answer(tengzhou, "IN_APPRAISAL", achieved=False)
    matrix = adoption_matrix(make_actor(Role.CITY_OFFICE, city), years=[2026])
    cities, districts, places = matrix.levels
    row = next(row for row in districts.rows if row.organization == tengzhou)
    assert row.gaps([2026]) == [
        "2026年纳入经济社会发展总体规划（未填报）",
        "2026年纳入政府目标责任考核体系（未做到）",
    ]
    assert [(share.numerator, share.denominator) for share in districts.shares] == [(1, 7), (0, 7), (0, 7)]
    assert "滕州市" not in districts.shares[0].missing and "薛城区" in districts.shares[0].missing
    assert [share.denominator for share in cities.shares] == [1, 1, 1] and len(places.rows) > 60
    own = adoption_matrix(make_actor(Role.DISTRICT_OFFICE, tengzhou), years=[2025, 2026])
    assert [level.label for level in own.levels] == ["区（市）", "乡镇（街道）、工业园区"]
    assert [row.organization for row in own.levels[0].rows] == [tengzhou] and len(own.levels[0].shares) == 6


def test_townships_that_have_not_answered_are_named_with_the_form_that_answers(client, city):
    tengzhou = Organization.objects.get(code="370481")
    streets = list(Organization.objects.filter(parent=tengzhou).order_by("sort_order", "code"))
    done, missing = streets[0], streets[1]
    answer(tengzhou, "REPORTED", township=done)
    answer(tengzhou, "IN_APPRAISAL", township=missing, achieved=False)
    office = make_actor(Role.DISTRICT_OFFICE, tengzhou)
    places = adoption_matrix(office, years=[2026]).places
    assert places is not None and [row.organization for row in places.rows] == streets
    reported = places.shares[0]
    assert (reported.numerator, reported.denominator) == (1, len(streets))
    assert done.name not in reported.missing and missing.name in reported.missing
    assert missing.name in places.shares[2].missing, "said not to be done is a gap too"
    login(client, office)
    page = client.get("/adoptions/?year=2026").content.decode()
    entry = (
        f"/ledgers/adoptions/new/?year=2026&amp;kind=REPORTED&amp;organization={tengzhou.pk}"
        f"&amp;township={missing.pk}"
    )
    assert entry in page and f"登记{missing.name}2026年向党委政府主动汇报" in page
    form = client.get(entry.replace("&amp;", "&")).content.decode()
    assert f'<option value="{missing.pk}" selected>' in form
    assert '<option value="REPORTED" selected>' in form and '<option value="2026" selected>' in form
    strange = client.get("/ledgers/adoptions/new/?kind=NONSENSE&township=999999&year=1999")
    assert strange.status_code == 200 and '<option value="2026" selected>' in strange.content.decode()
    login(client, make_actor(Role.LEADER, city))
    assert "登记荆河街道" not in client.get("/adoptions/?year=2026").content.decode(), "a leader reads"


@pytest.mark.parametrize("url", ["/adoptions/?year=2026", "/adoptions/?year=all", "/policies/"])
def test_statements_of_the_overviews(client, city, url):
    login(client, make_actor(Role.CITY_OFFICE, city))
    counts = []
    for district in list(Organization.objects.districts())[:3]:
        answer(district, "REPORTED")
        PolicyDocument.objects.create(
            organization=district,
            year_id=2026,
            kind="MECHANISM",
            title=str(district),
            created_at=NOW,
            updated_at=NOW,
        )
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[-1] <= 4, counts


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"kind": "REPORTED", "achieved": True, "adopted_on": date(2026, 3, 1)}, []),
        ({"kind": "REPORTED", "achieved": True}, ["adopted_on"]),
        ({"kind": "REPORTED", "achieved": False}, []),
        ({"kind": "REPORTED", "achieved": False, "adopted_on": date(2026, 3, 1)}, ["achieved"]),
        ({"kind": "IN_APPRAISAL", "achieved": True, "adopted_on": date(2026, 3, 1)}, ["document_number"]),
        (
            {"kind": "IN_APPRAISAL", "achieved": True, "adopted_on": date(2026, 3, 1), "title": "考核细则"},
            [],
        ),
        ({"kind": "REPORTED", "achieved": True, "adopted_on": date(2999, 1, 1)}, ["adopted_on"]),
    ],
)
def test_what_an_answer_needs(values, fields):
    assert [slip.field for slip in check_adoption(None, None, values)] == fields


def test_ledgers_take_rows(city):
    office = make_actor(Role.DISTRICT_OFFICE, Organization.objects.get(code="370481"))
    force = create_record(
        actor=office,
        ledger=find_ledger("task-forces"),
        values={"name": "企业培育组", "scope": "ENTERPRISE", "leader": "王某 副局长", "year": 2026},
        now=NOW,
    )
    assert force.organization.code == "370481"
    item = create_record(
        actor=office,
        ledger=find_ledger("work-items"),
        values={"title": "逐户走访", "lead_name": "三方办公室", "due_on": date(2026, 12, 1), "year": 2026},
        now=NOW,
    )
    assert closed_item(office, item) == ""
    WorkItem.objects.filter(pk=item.pk).update(state="DONE", done_on=TODAY)
    item.refresh_from_db()
    assert "重新办理" in closed_item(office, item)


# --- the policy shelf -------------------------------------------------------------------------------------------------


def test_the_shelf_is_seeded_once_and_keeps_edits(city):
    assert seed_policy_documents(now=NOW) == 8
    PolicyDocument.objects.filter(document_number="鲁人社字〔2023〕37号").update(title="改过的标题")
    PolicyDocument.objects.filter(document_number="DB37/T 4076—2020").update(removed_at=NOW)
    assert seed_policy_documents(now=NOW) == 0
    for row in PolicyDocument.objects.all():
        row.clean_fields(exclude=["created_by", "updated_by"])
        assert row.note
    shelves = dict(policy_shelf(make_actor(Role.DISTRICT_OFFICE)))
    assert len(shelves["通知、方案"]) == 4 and len(shelves["评价标准、管理办法"]) == 3
    assert "改过的标题" in [document.title for document in shelves["通知、方案"]]
