"""Leadership in the demo city: bodies below the districts, documents, task forces, plans with signatures, work items."""

from __future__ import annotations

from datetime import date, datetime, time
from random import Random

from cultivation.models import WorkItem, WorkPlan
from cultivation.selectors.countersignatures import paper_of
from cultivation.services.campaign import load_campaign_years
from cultivation.services.countersignatures import countersign
from cultivation.services.policy_seeds import seed_incentives, seed_policy_documents
from cultivation.services.work_item_seeds import seed_work_items
from cultivation.services.work_items import move_work_item, report_progress
from cultivation.services.work_plans import create_work_plan, move_work_plan
from reporting.demo.people import People
from reporting.demo.spans import DistrictYear, put
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import establish_bodies
from zaozhuang_portal.accounts.services.seats import add_member_unit, add_seat, edit_seat
from zaozhuang_portal.kernel.clock import SHANGHAI

_PARTS = {
    "objectives": "全年重点培育企业不少于4户、工业园区或乡镇（街道）不少于1个，年底前基本达到评价标准。",
    "cultivated_subjects": "经三方研究确定的重点培育名单，见名单文件。",
    "methods": "结对帮扶、一对一指导、专题培训、政策宣讲。",
    "schedule": "一季度确定名单，二季度至三季度集中指导，十月底前完成自评核验，十一月底前总结报告。",
    "implementation": "三方办公室统筹，专门工作小组分工推进，每季度调度一次。",
    "responsibilities": "人社部门牵头，工会负责集体协商和民主管理，企业代表组织负责引导经营者。",
}


_PARTIES = {
    "HRSS": "人力资源和社会保障所",
    "TRADE_UNION_FEDERATION": "工会联合会",
    "FEDERATION_OF_INDUSTRY_AND_COMMERCE": "商会",
}


def establish_places(people: People, random: Random, now: datetime) -> None:
    """Most townships and parks have their body; the last two of every district do not yet."""
    for office in people.offices.values():
        bodies = list(
            TripartiteBody.objects.filter(organization__parent=office.organization)
            .select_related("organization")
            .order_by("organization__sort_order", "organization__code")
        )
        if len(bodies) > 2:
            establish_bodies(
                actor=office,
                at=now,
                bodies=bodies[:-2],
                established_on=date(2023, 9, random.randint(1, 28)),
                document_number="劳三方〔2023〕2号",
            )
            for body in bodies[:-2]:
                _seat_parties(office, body, now)


def _seat_parties(office: Actor, body: TripartiteBody, now: datetime) -> None:
    """A place's own parties; the association of enterprises is no body of its own there."""
    place = body.organization
    for kind, unit_name in _PARTIES.items():
        unit = add_member_unit(
            actor=office, at=now, organization=place, name=place.name + unit_name, kind=kind
        )
        seat = add_seat(actor=office, at=now, body=body, kind=kind)
        edit_seat(actor=office, at=now, seat=seat, state="FILLED", unit=unit)


def seed_duties(now: datetime) -> None:
    """What setup loads too: policy documents and the standing duties of the notice."""
    load_campaign_years(now=now)
    seed_policy_documents(now=now)
    seed_incentives(now=now)
    seed_work_items(now=now)


def lead(span: DistrictYear) -> None:
    """主动汇报、纳入规划、纳入考核, two task forces."""
    matters = (
        ("REPORTED", "区（市）政府常务会议汇报"),
        ("IN_DEVELOPMENT_PLAN", "国民经济和社会发展计划"),
        ("IN_APPRAISAL", "年度目标责任考核细则"),
    )
    for index, (kind, title) in enumerate(matters):
        if kind == "IN_APPRAISAL" and span.year.pk < 2025:
            continue
        span.put(
            "adoptions",
            kind=kind,
            achieved=True,
            adopted_on=span.day(0.1 + 0.1 * index),
            title=title,
            document_number=f"政发〔{span.year.pk}〕{span.random.randint(1, 40)}号",
            received_by=f"{span.district.name}政府",
        )
    if not span.backfilled:
        _places_answered(span)
    for scope, name in (("ENTERPRISE", "企业培育"), ("PARK_TOWNSHIP", "园区、乡镇（街道）培育")):
        span.put(
            "task-forces",
            name=f"{span.district.name}{name}工作小组",
            scope=scope,
            leader="三方办公室主任",
            members="人社局劳动关系科、总工会法工部、工商联会员部",
            duties="确定名单、结对指导、调度通报。",
            established_on=span.day(0.05),
            document_number=f"劳三方〔{span.year.pk}〕1号",
        )


def _places_answered(span: DistrictYear) -> None:
    """Most townships and parks have reported, a few are in the plan; the others are the gaps the page names."""
    places = Organization.objects.filter(parent=span.district, is_active=True).order_by("sort_order", "code")
    for index, place in enumerate(places):
        kinds = ["REPORTED"] if index % 3 != 2 else []
        kinds += ["IN_DEVELOPMENT_PLAN"] if index % 5 == 0 else []
        for kind in kinds:
            span.put(
                "adoptions",
                kind=kind,
                achieved=True,
                adopted_on=span.day(0.3),
                title=f"{place.name}党（工）委会议",
                township=place,
                received_by=f"{place.name}党（工）委",
            )


def plan(span: DistrictYear, people: People, *, stage: str) -> WorkPlan:
    """The year's plan: back-filled as accepted, or taken to `stage` (draft, submitted, accepted)."""
    values = {"title": f"{span.district.name}{span.year.pk}年和谐劳动关系培育工作方案", **_PARTS}
    if span.backfilled:
        past = create_work_plan(
            actor=span.actor,
            year=span.year,
            values=values,
            now=span.now,
            issued_on=span.day(0.1),
            source_document=f"{span.year.pk}年工作方案（纸质档案）",
        )
        # Received by an act of the city of today, as its date says.
        return move_work_plan(actor=people.city, plan=past, action="accept", now=span.now)
    if stage == "draft":
        values["responsibilities"] = ""
    made = create_work_plan(actor=span.actor, year=span.year, values=values, now=span.moment(0.06))
    if stage != "draft":
        move_work_plan(actor=span.actor, plan=made, action="submit", now=span.moment(0.1))
    _sign(made, people.members.get(span.district.code), span.moment(0.12))
    if stage == "accepted":
        move_work_plan(actor=people.city, plan=made, action="accept", now=span.moment(0.16))
    return made


def _sign(plan_made: WorkPlan, member: Actor | None, now: datetime) -> None:
    """The union's person signs for its seat; the other seats are still shown as 未会签."""
    seat = (
        Seat.objects.filter(
            body__organization=plan_made.organization, unit=member.capacity.member_unit, unit__isnull=False
        ).first()
        if member is not None
        else None
    )
    if member is not None and seat is not None:
        countersign(
            actor=member,
            paper=paper_of(plan=plan_made),
            seat=seat,
            opinion="AGREE",
            comment="",
            expected_version=plan_made.version,
            now=now,
        )


def lead_city(people: People, year: int, now: datetime, *, backfilled: bool) -> None:
    """What the city itself reported and had taken up."""
    for kind, title in (
        ("REPORTED", "市政府专题会议汇报"),
        ("IN_DEVELOPMENT_PLAN", "市国民经济和社会发展计划"),
    ):
        put(
            people.city,
            "adoptions",
            now,
            backfilled,
            year,
            {
                "kind": kind,
                "achieved": True,
                "adopted_on": date(year, 7, 10),
                "title": title,
                "document_number": f"枣政发〔{year}〕{5 + year % 10}号",
                "received_by": "枣庄市人民政府",
            },
        )


def progress_items(people: People, year: int, random: Random, now: datetime) -> None:
    """Half of the running year's items are done, some are under way."""
    for organization_id, actor in _keepers(people):
        for index, item in enumerate(WorkItem.objects.live().filter(organization=organization_id, year=year)):
            at = _moment(year, index, now)
            if index % 2 == 0:
                move_work_item(actor=actor, item=item, action="finish", now=at)
            elif index % 3 == 0:
                report_progress(
                    actor=actor, item=item, progress=random.choice((30, 50, 70)), note="按计划推进", now=at
                )


def _moment(year: int, index: int, now: datetime) -> datetime:
    """A time of the year's spring to autumn, never in the future."""
    day = date(year, 3 + index % 8, 2 + index * 7 % 26)
    return min(datetime.combine(day, time(10, index % 60), SHANGHAI), now)


def _keepers(people: People) -> list[tuple[int, Actor]]:
    actors = [people.city, *people.offices.values()]
    return [(actor.organization.pk, actor) for actor in actors if actor.organization is not None]
