"""行业试点 by phase, the four standards with proof, member firms pasted, studies and the guide they led to."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.base import find_ledger
from cultivation.models import PilotMember, PilotProgress
from cultivation.rules.pilots import PHASES, STANDARDS, phase_of, scope_sentence
from cultivation.selectors.pilots import owes_summary, pilot_overview, pilot_page
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, create_record
from cultivation.services.pilots import add_pilot_members
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment


@pytest.mark.parametrize(
    ("year", "name"),
    [(2022, "选点起步"), (2023, "选点起步"), (2024, "巩固扩面"), (2025, "推广经验"), (2028, "推广经验")],
)
def test_phases_in_words(year, name):
    assert phase_of(year).name == name


def test_phases_cover_the_campaign_and_carry_their_clause():
    assert [year for phase in PHASES for year in range(phase.first, phase.last + 1)] == [*range(2023, 2028)]
    assert all("C0" in phase.clause for phase in PHASES) and len(STANDARDS) == 4
    assert {s.key for s in STANDARDS} <= {field.name for field in PilotProgress._meta.fields}


@pytest.mark.parametrize(
    ("year", "pilots", "before", "word"),
    [
        (2023, 0, 0, "尚未选取"),
        (2023, 2, 0, "符合1—2个"),
        (2023, 3, 0, "多于1—2个"),
        (2024, 2, 2, "范围尚未扩大"),
        (2024, 3, 2, "范围已扩大"),
        (2026, 3, 3, "推广阶段"),
    ],
)
def test_the_scope_of_a_year_in_words(year, pilots, before, word):
    assert word in scope_sentence(year=year, pilots=pilots, before=before)


@pytest.fixture
def district(db):
    make_year(2026)
    return make_organization(Level.DISTRICT, name="滕州市")


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def pilot(district):
    return make_subject(district, kind="INDUSTRY_PILOT", name="机床行业", pilot_year=2023)


def enter(actor, slug, *, backfilled=False, **values):
    return create_record(
        actor=actor,
        ledger=find_ledger(slug),
        values=values,
        backfilled=backfilled,
        source_document="纸质档案" if backfilled else "",
        now=clock.now(),
    )


def progress(actor, pilot, kind="PROGRESS", day=date(2026, 5, 8), **values):
    record = {"pilot": pilot, "happened_on": day, "kind": kind, "title": f"{kind}{day}", "content": "内容"}
    return enter(actor, "pilot-progress", **{**record, **values})


def test_one_pilot_with_everything_that_hangs_on_it(client, office, pilot):
    enter(office, "pilot-partners", pilot=pilot, kind="CHAMBER", name="滕州机床商会")
    enter(office, "industry-authorities", pilot=pilot, name="滕州市工信局")
    first = progress(office, pilot, mechanism_sound=True)
    progress(office, pilot, "SPREAD", date(2026, 6, 1), spread_to="全市装备制造业", firms_compliant=True)
    Attachment.objects.create(
        owner_kind="PilotProgress",
        owner_id=first.pk,
        label="方案.pdf",
        size=1,
        uploaded_at=clock.now(),
        content_type="application/pdf",
        sha256="0" * 64,
        file="x",
    )
    page = pilot_page(office, pilot, year=2026)
    assert [(s.claimed_by is not None, s.has_evidence) for s in page.standards] == [
        (True, True),
        (False, False),
        (True, False),
        (False, False),
    ]
    login(client, office)
    text = client.get(reverse("cultivation:pilot_detail", args=[pilot.pk])).content.decode()
    for word in (
        "滕州机床商会",
        "滕州市工信局",
        "推广到：全市装备制造业",
        "达到，有佐证",
        "达到，缺佐证",
        "推广经验",
    ):
        assert word in text
    enterprise = make_subject(pilot.managing_organization)
    assert client.get(reverse("cultivation:pilot_detail", args=[enterprise.pk])).status_code == 404


def test_what_a_progress_record_must_say(office, pilot):
    with pytest.raises(RecordRefused) as refusal:
        progress(office, pilot, "SPREAD")
    assert refusal.value.field == "spread_to"
    with pytest.raises(NeedsConfirmation, match="2024年总结"):
        progress(office, pilot, "SUMMARY", date(2023, 6, 1), backfilled=True)
    assert progress(office, pilot, "SUMMARY", date(2024, 11, 1), backfilled=True).year_id == 2024


def test_an_issued_guide_has_its_day(office):
    with pytest.raises(RecordRefused) as refusal:
        enter(office, "industry-guides", industry_code="34", title="指引", state="ISSUED", year=2026)
    assert refusal.value.field == "issued_on"


def test_a_study_and_its_guide_link_both_ways(client, office):
    guide = enter(
        office, "industry-guides", industry_code="34", title="机床行业指引", state="DRAFT", year=2026
    )
    study = enter(
        office,
        "field-studies",
        happened_on=date(2026, 4, 1),
        title="机床用工调研",
        findings="工时长",
        guide=guide,
    )
    login(client, office)
    detail = "cultivation:ledger_detail"
    page = client.get(reverse(detail, args=["industry-guides", guide.pk])).content.decode()
    assert reverse(detail, args=["field-studies", study.pk]) in page and "机床用工调研" in page
    page = client.get(reverse(detail, args=["field-studies", study.pk])).content.decode()
    assert reverse(detail, args=["industry-guides", guide.pk]) in page


def test_pasted_members_are_linked_where_known_and_counted_by_size(client, office, pilot, district):
    known = make_subject(district, name="滕州甲机床有限公司", size_class="MEDIUM", employee_count=321)
    text = f"{known.credit_code}\n滕州乙机床厂\n91370400MA3ABCDE1X\n滕州甲机床有限公司\n滕州乙机床厂有限公司"
    added = add_pilot_members(actor=office, pilot=pilot, text=text, now=clock.now())
    assert (added.linked, added.named, added.already, len(added.refused)) == (1, 1, 2, 1)
    member = PilotMember.objects.get(subject=known)
    assert (member.name, member.size_class, member.employee_count) == (known.name, "MEDIUM", 321)
    assert pilot_page(office, pilot, year=2026).by_size == [("中型", 1), ("规模未划分", 1)]
    again = add_pilot_members(actor=office, pilot=pilot, text=text, now=clock.now())
    assert (again.linked, again.named, again.already) == (0, 0, 4)
    login(client, office)
    url = reverse("cultivation:pilot_members_add", args=[pilot.pk])
    assert client.post(url, {"text": "滕州丙机床厂"}).status_code == 302
    answer = client.post(url, {"text": "滕州丁机床厂\n91370400MA3ABCDE1X"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "没有这个信用代码" in page
    assert ">91370400MA3ABCDE1X</textarea>" in page
    assert client.post(url, {"text": ""}).status_code == 422
    repeated = "滕州戊机床厂\n滕州戊机床厂\n\n滕州己机床厂\n91370400MA3ABCDE1X"
    page = client.post(url, {"text": repeated}).content.decode()
    assert "第 5 行“91370400MA3ABCDE1X”" in page
    assert "本次加入 2 家，有 1 行没有加入" in page


def test_who_may_paste_members(pilot):
    for role in (Role.DISTRICT_OFFICE, Role.LEADER):
        with pytest.raises(NotAllowed):
            add_pilot_members(actor=make_actor(role), pilot=pilot, text="某厂", now=clock.now())
    with pytest.raises(DomainError):
        city = make_actor(Role.CITY_OFFICE)
        add_pilot_members(actor=city, pilot=pilot, text=" ", now=clock.now())


def test_the_2024_summary_is_a_deliverable(client, office, pilot, district):
    later = make_subject(district, kind="INDUSTRY_PILOT", name="纺织行业", pilot_year=2025)
    lines = {line.subject: line for line in pilot_overview(office, year=2026).lines}
    assert owes_summary(lines[pilot]) and not owes_summary(lines[later])
    login(client, office)
    assert "逾期未交总结" in client.get(reverse("cultivation:pilot_list")).content.decode()
    progress(office, pilot, "SUMMARY", date(2024, 11, 20), backfilled=True)
    page = client.get(reverse("cultivation:pilot_list")).content.decode()
    assert "逾期未交总结" not in page and "2024-11-20" in page and "截止 2024-12-31" in page


def test_the_overview_costs_the_same_with_more_pilots(client, office, pilot, district):
    login(client, office)
    counts = []
    client.get(reverse("cultivation:pilot_list"))
    for number in (1, 2):
        other = make_subject(district, kind="INDUSTRY_PILOT", name=f"行业{number}", pilot_year=2024)
        progress(office, other)
        rows = choose_subjects(actor=office, year=make_year(2026), subjects=[other], now=clock.now())
        confirm_enrollments(actor=office, enrollments=rows, reason="增补行业试点", now=clock.now())
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("cultivation:pilot_list"))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 9, counts
