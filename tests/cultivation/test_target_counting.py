"""One park or township, or one of each: the year's switch, its targets and the numbers they give."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from cultivation.enums import SubjectKind
from cultivation.models import AnnualTarget
from cultivation.selectors.targets import evaluate_year_targets
from cultivation.services.campaign import change_target, load_campaign_years, separate_parks_and_townships
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
ASKED = {"reason": "市三方会议要求各抓一个", "document": "枣人社字〔2026〕12号"}


@pytest.fixture
def city():
    return make_organization(Level.CITY)


@pytest.fixture
def district(city):
    return make_organization(Level.DISTRICT, name="滕州市")


def switch(actor, year, separate, **changed):
    return separate_parks_and_townships(
        actor=actor, year=year, separate=separate, now=clock.now(), **{**ASKED, **changed}
    )


def district_targets(actor, district, today=date(2027, 1, 1)):
    rows = evaluate_year_targets(actor, years=[2026], today=today)
    row = next(row for row in rows if row.organization.pk == district.pk)
    return {item.target.metric: item.result.quota for item in row.targets}, row.completion.value


def test_one_park_alone_is_enough_together_and_not_when_counted_separately(city, district):
    year = make_year(2026)
    office, actor = make_actor(Role.CITY_OFFICE, city), make_actor(Role.DISTRICT_OFFICE, district)
    subjects = [make_subject(district, name=f"第{number}纺织有限公司") for number in range(4)]
    subjects.append(make_subject(district, kind=SubjectKind.INDUSTRIAL_PARK, name="东城工业园区"))
    rows = choose_subjects(actor=actor, year=year, subjects=subjects, now=clock.now())
    confirm_enrollments(actor=actor, enrollments=rows, now=clock.now())
    assert district_targets(office, district) == (
        {"KEY_ENTERPRISES": "4／4", "KEY_PARKS_OR_TOWNSHIPS": "1／1"},
        "MET",
    )
    switch(office, year, True)
    assert district_targets(office, district) == (
        {"KEY_ENTERPRISES": "4／4", "KEY_PARKS": "1／1", "KEY_TOWNSHIPS": "0／1"},
        "NOT_MET",
    )
    assert AuditEntry.objects.filter(action="调整园区与乡镇（街道）的计数方式").count() == 1
    switch(office, year, True)
    assert AuditEntry.objects.filter(action="调整园区与乡镇（街道）的计数方式").count() == 1
    assert load_campaign_years(now=clock.now()) == 0, "a later start must not bring the joint target back"
    parks = AnnualTarget.objects.get(year=year, organization=district, metric="KEY_PARKS")
    change_target(actor=office, target=parks, minimum=3, maximum=None, now=clock.now(), **ASKED)
    switch(office, year, False)
    assert district_targets(office, district)[0]["KEY_PARKS_OR_TOWNSHIPS"] == "1／3"
    assert not AnnualTarget.objects.filter(year=year, metric__in=["KEY_PARKS", "KEY_TOWNSHIPS"]).exists()


def test_only_the_city_office_and_only_with_reason_and_document(city, district):
    year = make_year(2026)
    office = make_actor(Role.CITY_OFFICE, city)
    with pytest.raises(NotAllowed):
        switch(make_actor(Role.DISTRICT_OFFICE, district), year, True)
    for missing in ({"reason": " "}, {"document": ""}):
        with pytest.raises(DomainError):
            switch(office, year, True, **missing)
    year.refresh_from_db()
    assert not year.separate_park_and_township


def test_the_page_keeps_what_was_typed_and_the_list_shows_both_targets(client, city, district):
    year = make_year(2026)
    login(client, make_actor(Role.CITY_OFFICE, city))
    url = reverse("cultivation:target_counting", args=[year.pk])
    refused = client.post(url, {"separate": "1", "reason": "各抓一个", "document": ""})
    assert refused.status_code == 422
    assert "各抓一个" in refused.content.decode() and "文号" in refused.content.decode()
    page = client.post(url, {"separate": "1", **ASKED}, follow=True).content.decode()
    assert "重点培育工业园区" in page and "每年选取不少于 1 个乡镇（街道）进行重点培育" in page
    assert "（C0" not in page
