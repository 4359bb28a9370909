"""参与创建: many at once, coverage as fraction, gaps by name."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cultivation.models import Participation, Subject
from cultivation.rules.participation import Coverage, add_up, by_section, section_of
from cultivation.selectors.line_matching import match_lines
from cultivation.selectors.participation import coverage_report
from cultivation.services.enrollments import choose_subjects
from cultivation.services.participation import join_pasted, join_subjects, leave_campaign
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed


@pytest.mark.parametrize(
    ("joined", "total", "rate"),
    [
        (0, 0, "—"),
        (0, 3, "0.0%"),
        (1, 3, "33.3%"),
        (2, 3, "66.7%"),
        (3, 3, "100.0%"),
        (9999, 10000, "99.9%"),
        (1, 10000, "0.1%"),
    ],
)
def test_a_rate_is_full_only_when_nobody_is_missing(joined, total, rate):
    assert Coverage(joined, total).rate == rate


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: Coverage(min(p), max(p)))))
def test_sections_lose_nobody(items):
    divisions = {f"{10 + number}": item for number, item in enumerate(items)}
    assert add_up(by_section(divisions).values()) == add_up(items)


def test_sections_of_codes():
    assert [section_of(code) for code in ("34", "3411", "B", "", "99")] == ["C", "C", "B", "", ""]


@pytest.fixture
def district(db):
    return make_organization(Level.DISTRICT, name="滕州市")


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def year(district):
    return make_year(2026)


def join(actor, year, *subjects):
    return join_subjects(
        actor=actor, year=year, subject_ids=[subject.pk for subject in subjects], now=clock.now()
    )


def test_many_are_marked_once_with_one_audit_entry(office, year, district):
    firms = [make_subject(district) for _ in range(3)]
    assert (join(office, year, *firms).joined, join(office, year, *firms).already) == (3, 3)
    assert Participation.objects.count() == 3
    assert AuditEntry.objects.filter(action="登记参与创建").count() == 1


def test_who_may_mark_whom(office, year, district):
    foreign = make_subject()
    for actor in (office, make_actor(Role.CITY_MEMBER), make_actor(Role.TOWNSHIP_STAFF)):
        with pytest.raises(NotAllowed):
            join(actor, year, foreign)
    with pytest.raises(NotAllowed):
        join(office, year, make_subject(district, state="DEREGISTERED"))
    assert not Participation.objects.exists()
    assert join(make_actor(Role.CITY_OFFICE), year, foreign).joined == 1


def test_a_mark_is_taken_back_with_a_reason_but_not_from_the_roster(office, year, district):
    firm, enrolled = make_subject(district), make_subject(district)
    join(office, year, firm)
    choose_subjects(actor=office, year=year, subjects=[enrolled], now=clock.now())
    take_back = {"actor": office, "year": year, "now": clock.now()}
    with pytest.raises(DomainError, match="理由"):
        leave_campaign(subject_ids=[firm.pk], reason="错", **take_back)
    with pytest.raises(DomainError, match="培育名单"):
        leave_campaign(subject_ids=[firm.pk, enrolled.pk], reason="重复登记的企业", **take_back)
    assert leave_campaign(subject_ids=[firm.pk], reason="重复登记的企业", **take_back) == 1
    assert Participation.objects.get().subject == enrolled


def test_pasted_lines_are_matched_by_code_and_name(office, year, district):
    firm = make_subject(district, name="滕州鲁南机床有限公司")
    other = make_subject(district, name="山东甲乙股份有限公司")
    make_subject(district, name="同名厂"), make_subject(district, name="同名 厂")
    make_subject(name="外区企业有限公司")
    lines = [f" {firm.credit_code.lower()}\t备注", "山东甲乙有限公司", "", "同名厂", "外区企业有限公司"]
    text = "\n".join([*lines, "91370400MA3ABCDE1X", "山东甲乙有限公司"])
    matches = match_lines(Subject.objects.visible_to(office), text)
    assert [match.subject for match in matches] == [firm, other, None, None, None]
    assert "多个同名" in matches[2].why and "没有这个名称" in matches[3].why and "信用代码" in matches[4].why
    outcome = join_pasted(actor=office, year=year, text=text, now=clock.now())
    assert (outcome.joined, len(outcome.unmatched)) == (2, 3)
    with pytest.raises(DomainError):
        join_pasted(actor=office, year=year, text=" \n", now=clock.now())


def test_coverage_by_size_industry_and_place(office, year, district):
    town = make_organization(Level.TOWNSHIP, parent=district, name="洪绪镇")
    empty = make_organization(Level.TOWNSHIP, parent=district, name="界河镇")
    big = make_subject(district, size_class="LARGE", industry_code="34", township=town)
    make_subject(district, size_class="SMALL", industry_code="13", township=town)
    make_subject(district, industry_code="")
    make_subject(district, state="DEREGISTERED")
    make_subject()  # another district's
    join(office, year, big)
    report = coverage_report(office, year=2026)
    assert report.total == Coverage(1, 3)
    assert [(row.label, row.coverage) for row in report.by_size] == [
        ("大型", Coverage(1, 1)),
        ("小型", Coverage(0, 1)),
        ("规模未划分", Coverage(0, 1)),
    ]
    assert [(row.value, row.coverage) for row in report.by_section] == [
        ("C", Coverage(1, 2)),
        ("", Coverage(0, 1)),
    ]
    places = {row.label: row.coverage for row in report.by_township}
    assert places == {"洪绪镇": Coverage(1, 2), "界河镇": Coverage(0, 0), "乡镇（街道）未填": Coverage(0, 1)}
    assert [row.label for row in report.townships_without] == [empty.name]
    assert report.by_district == []
    city = coverage_report(make_actor(Role.CITY_OFFICE), year=2026)
    assert {row.label: row.coverage for row in city.by_district}["滕州市"] == Coverage(1, 3)


def test_the_number_of_a_gap_equals_its_list(client, office, year, district):
    town = make_organization(Level.TOWNSHIP, parent=district)
    for number in range(5):
        firm = make_subject(district, size_class="MICRO", industry_code="13", township=town)
        if number < 2:
            join(office, year, firm)
    login(client, office)
    coverage_url = reverse("cultivation:participation_coverage", args=[2026])
    page = client.get(coverage_url).content.decode()
    listed = reverse("cultivation:participation", args=[2026])
    for query in ("size_class=MICRO", "section=C", f"township={town.pk}"):
        assert f"{listed}?{query}&amp;standing=missing" in page
        answer = client.get(f"{listed}?{query}&standing=missing")
        assert answer.context["page"].total == 3
        assert client.get(f"{listed}?{query}&standing=joined").context["page"].total == 2


def test_everything_the_filter_names_is_marked(client, office, year, district):
    wanted = [make_subject(district, size_class="MICRO") for _ in range(60)]  # more than one page
    make_subject(district, size_class="LARGE")
    login(client, office)
    url = reverse("cultivation:participation_mark", args=[2026])
    assert client.post(f"{url}?size_class=MICRO", {"act": "join_all"}).status_code == 302
    assert set(Participation.objects.values_list("subject_id", flat=True)) == {s.pk for s in wanted}
    answer = client.post(url, {"act": "paste", "text": "查无此厂\n"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "第 1 行“查无此厂”：登记表中没有这个名称" in page and "查无此厂\n</textarea>" in page
    assert client.post(url, {"act": "join"}).status_code == 422


@pytest.mark.parametrize("name", ["participation", "participation_coverage"])
def test_statements_do_not_grow_with_the_rows(client, office, year, district, name):
    login(client, office)
    url = reverse(f"cultivation:{name}", args=[2026])
    counts = []
    for _ in range(2):
        join(office, year, make_subject(district), make_subject(district))
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 7, counts
