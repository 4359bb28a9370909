"""Records of the demo city: pairings, visits, trainings, services, staff, publicity, all through the ledgers' services.

The years before the running one are 补录 with a source; the running one is as the districts entered it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from cultivation.enums import (
    AdvisoryOutcome,
    AdvisoryTopic,
    CultureKind,
    MediaKind,
    MediationOutcome,
    MediationTopic,
    TrainingTopic,
)
from cultivation.ledgers.base import find_ledger
from cultivation.ledgers.trainings import organizer_of
from cultivation.models import CampaignYear, Subject
from cultivation.services.ledgers import create_record
from cultivation.services.participation import join_subjects
from cultivation.services.trainings import cell_key, set_attendance
from cultivation.services.visits import Attendee, myself, record_visit
from reporting.demo.accounts import SHOWN_DISTRICT
from reporting.demo.assessments import picture
from reporting.demo.people import People
from reporting.demo.register import person_name
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import MemberUnit, Organization, User
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.services.attachments import store_attachment

_TOPICS = (
    ("劳动合同规范管理", "续签提醒台账不全", "按月核对到期合同，建立提醒台账"),
    ("集体协商要约和程序", "协商代表未经职工代表大会推选", "补开职工代表大会推选协商代表"),
    ("工资支付和工时管理", "综合计算工时未报备", "整理考勤后办理工时审批"),
    ("职工代表大会和厂务公开", "公开栏更新不及时", "每季度更新厂务公开内容并留存照片"),
    ("劳动争议预防调解", "调解委员会成员变动未调整", "调整调解委员会名单并上墙公示"),
    ("女职工权益保护", "女职工专项集体合同到期", "启动女职工专项集体合同续签协商"),
)
_COURSES = (
    ("劳动关系法律法规专题培训班", TrainingTopic.LAW_AND_POLICY),
    ("工资工时制度专题培训班", TrainingTopic.WAGES_AND_HOURS),
    ("企业民主管理和集体协商专题培训班", TrainingTopic.DEMOCRACY_AND_BARGAINING),
    ("劳动争议预防调解专题培训班", TrainingTopic.DISPUTE_PREVENTION),
)
_OUTLETS = (
    ("枣庄日报", MediaKind.MAINSTREAM, "消息"),
    ("区（市）融媒体中心", MediaKind.MAINSTREAM, "视频"),
    ("人社微信公众号", MediaKind.NEW_MEDIA, "图文"),
)


@dataclass(frozen=True)
class DistrictYear:
    """One district in one year: who enters, whom it cultivates, and from when to when its records lie."""

    actor: Actor
    district: Organization
    year: CampaignYear
    subjects: Sequence[Subject]
    first: date
    last: date
    now: datetime
    backfilled: bool
    random: Random

    @property
    def firms(self) -> list[Subject]:
        return [subject for subject in self.subjects if subject.kind == "ENTERPRISE"]

    def day(self, share: float) -> date:
        """A weekday at that share of the year."""
        found = self.first + timedelta(days=int((self.last - self.first).days * share))
        return found - timedelta(days=max(0, found.weekday() - 4)) if found.weekday() > 4 else found

    def put(self, slug: str, **values: Any) -> Any:
        """One row of a ledger, entered by the district."""
        return put(self.actor, slug, self.now, self.backfilled, self.year.pk, values)


def put(actor: Actor, slug: str, now: datetime, backfilled: bool, year: int, values: dict[str, Any]) -> Any:
    ledger = find_ledger(slug)
    if ledger is None:
        raise LookupError(slug)
    return create_record(
        actor=actor,
        ledger=ledger,
        values=values if ledger.dated else {"year": year, **values},
        now=now,
        backfilled=backfilled,
        source_document=f"{year}年度培育工作档案（纸质）" if backfilled else "",
        confirm_warnings=True,
    )


def year_of(
    people: People,
    code: str,
    year: CampaignYear,
    subjects: Iterable[Subject],
    random: Random,
    now: datetime,
    *,
    backfilled: bool,
) -> DistrictYear:
    """The working span of a year: from its beginning (the campaign began in June 2023) to today at the latest."""
    office = people.offices[code]
    district = office.organization
    if district is None:
        raise LookupError(code)
    yesterday = shanghai_date(now) - timedelta(days=1)
    first = max(date(2023, 6, 5), date(year.pk, 2, 10))
    return DistrictYear(
        office,
        district,
        year,
        list(subjects),
        first,
        min(yesterday, date(year.pk, 11, 18)),
        now,
        backfilled,
        random,
    )


# --- pairings and visits --------------------------------------------------------------------------------------------


def pair_and_visit(
    span: DistrictYear, *, person: User | None, visits: int, unpaired: frozenset[int] = frozenset()
) -> None:
    """Every subject is paired with a unit of the district, in turn, and visited `visits` times."""
    units = list(MemberUnit.objects.filter(organization=span.district).order_by("pk"))
    for index, subject in enumerate(span.subjects):
        if subject.pk in unpaired:
            continue
        unit = units[index % len(units)]
        mine = person is not None and index == 0
        span.put(
            "pairings",
            subject=subject,
            role="LEAD",
            unit=unit,
            person=person if mine else None,
            person_name=person.full_name if mine and person else person_name(span.random),
            starts_on=span.first,
            ends_on=span.year.period_end if span.backfilled else None,
            commitments="对照评价标准逐项指导，每季度至少上门一次。",
        )
        for number in range(visits):
            _visit(
                span, subject, unit, person if mine else None, (number + 0.5 + index * 0.03) / (visits + 0.4)
            )


def _visit(span: DistrictYear, subject: Subject, unit: MemberUnit, person: User | None, share: float) -> None:
    topic, finding, advice = span.random.choice(_TOPICS)
    day = span.day(share)
    # The shown district's latest promises are still open: one to keep, one overdue.
    recent = (span.last - day).days < (
        75 if span.district.code == SHOWN_DISTRICT and not span.backfilled else 30
    )
    attendees = [Attendee(unit, person) if person else Attendee(unit, None, person_name(span.random))]
    if not span.backfilled:
        attendees.append(myself(span.actor))
    follow_up = day + timedelta(days=21)
    record_visit(
        actor=span.actor,
        subject=subject,
        values={
            "happened_on": day,
            "mode": span.random.choice(("ON_SITE", "ON_SITE", "ON_SITE", "PHONE", "ONLINE")),
            "purpose": span.random.choice(("GUIDANCE", "GUIDANCE", "SUPERVISION", "RESEARCH")),
            "topic": topic,
            "by_instructor": person is not None or span.random.random() < 0.3,
            "findings": finding,
            "advice": advice,
            "follow_up_due": follow_up,
            "follow_up_done_on": None if recent else min(follow_up, span.last),
            "follow_up_note": "" if recent else "已整改到位",
        },
        attendees=attendees,
        indicator_codes=span.random.sample(("D02-02", "D05-01", "D06-01", "D09-01"), 2)
        if subject.kind == "ENTERPRISE"
        else (),
        now=span.now,
        backfilled=span.backfilled,
        source_document=f"{span.year.pk}年度指导服务记录单（纸质）" if span.backfilled else "",
        confirm_warnings=True,
    )


# --- trainings ------------------------------------------------------------------------------------------------------


def train(span: DistrictYear, *, courses: int = 2) -> None:
    """The district's own sessions; every cultivated firm sends a head and its HR people."""
    for number in range(courses):
        title, topic = _COURSES[(number + span.year.pk) % len(_COURSES)]
        training = span.put(
            "trainings",
            happened_on=span.day(0.3 + 0.4 * number),
            title=f"{span.district.name}{title}",
            topics=[topic],
            place=f"{span.district.name}总工会会议室",
            organizer=organizer_of(span.actor),
            lecturer=person_name(span.random),
            other_attendance=span.random.randint(5, 20),
        )
        _attend(span.actor, training, span.firms, span.random, span.now)
        if number or span.backfilled or span.district.code != SHOWN_DISTRICT:
            _scan(span.actor, training, "签到表", span.now)  # the shown district still owes one


def _scan(actor: Actor, record: Any, name: str, now: datetime) -> None:
    """The signed paper, scanned and attached back."""
    store_attachment(
        actor=actor,
        owner_kind=type(record).__name__,
        owner_id=record.pk,
        upload=picture(name),
        now=now,
        organization=record.organization,
        purpose=AttachmentPurpose.SCAN,
    )


def _attend(actor: Actor, training: Any, firms: Sequence[Subject], random: Random, now: datetime) -> None:
    typed: dict[str, int | None] = {}
    for firm in firms:
        typed[cell_key(firm.pk, "managers")] = random.choice((0, 1, 1))
        typed[cell_key(firm.pk, "hr")] = random.randint(1, 3)
    set_attendance(actor=actor, training=training, typed=typed, now=now)


def city_training(people: People, spans: Sequence[DistrictYear]) -> None:
    """One session of the city a year, which counts once; the districts by those they sent."""
    first = spans[0]
    training = put(
        people.city,
        "trainings",
        first.now,
        first.backfilled,
        first.year.pk,
        {
            "happened_on": first.day(0.5),
            "title": "全市和谐劳动关系创建专题培训",
            "topics": [topic for _, topic in _COURSES],
            "place": "市人力资源社会保障局",
            "organizer": organizer_of(people.city),
            "lecturer": person_name(first.random),
        },
    )
    for span in spans:
        _attend(span.actor, training, span.firms[:3], span.random, span.now)
    _scan(people.city, training, "签到表", first.now)


# --- advice, mediation, culture -------------------------------------------------------------------------------------


def serve(span: DistrictYear) -> None:
    """Single cases at cultivated firms, and monthly numbers of the district's counters."""
    for index, firm in enumerate(span.firms[:4]):
        span.put(
            "advisories",
            happened_on=span.day(0.2 + 0.15 * index),
            subject=firm,
            topic=span.random.choice((AdvisoryTopic.CONTRACT, AdvisoryTopic.PAY, AdvisoryTopic.BARGAINING)),
            outcome=AdvisoryOutcome.ANSWERED,
            summary="就用工管理问题现场答复。",
        )
        span.put(
            "culture",
            happened_on=span.day(0.25 + 0.12 * index),
            subject=firm,
            kind=span.random.choice(list(CultureKind)),
            title=span.random.choice(
                ("职工运动会", "安全生产月知识竞赛", "关爱职工家属开放日", "职工书屋读书会")
            ),
            participants=span.random.randint(30, 200),
        )
    for index, firm in enumerate(span.firms[:2]):
        day = span.day(0.35 + 0.3 * index)
        span.put(
            "mediations",
            happened_on=day,
            subject=firm,
            topic=MediationTopic.PAY,
            outcome=MediationOutcome.SETTLED,
            people_count=span.random.randint(1, 4),
            amount=span.random.randint(3, 40) * 1000,
            mediator_body="企业劳动争议调解委员会",
            closed_on=day + timedelta(days=7),
            summary="双方达成调解协议并已履行。",
        )
    for month in range(3, span.last.month + 1, 3):
        span.put(
            "advisories",
            happened_on=date(span.year.pk, month, 1),
            topic=AdvisoryTopic.SOCIAL_INSURANCE,
            outcome=AdvisoryOutcome.ANSWERED,
            tally=True,
            count=span.random.randint(20, 90),
        )
        span.put(
            "mediations",
            happened_on=date(span.year.pk, month, 1),
            topic=MediationTopic.CONTRACT,
            outcome=MediationOutcome.SETTLED,
            tally=True,
            count=span.random.randint(3, 18),
            people_count=span.random.randint(3, 30),
        )


def publicize(span: DistrictYear) -> None:
    """分析研判, reports in the media, and what the district found worth passing on."""
    for share, half in ((0.35, "上半年"), (0.85, "下半年")):
        span.put(
            "situation-reviews",
            happened_on=span.day(share),
            title=f"{span.district.name}{span.year.pk}年{half}劳动关系形势分析研判会",
            place="区（市）三方委员会办公室",
            chair=person_name(span.random),
            attendees="人社、工会、企业代表组织有关负责同志",
            issues="部分中小企业用工不规范，工资支付存在隐患。",
            measures="由人社部门牵头开展指导，工会组织跟进集体协商要约。",
            follow_up="已逐户指导。",
        )
    for index, (outlet, kind, form) in enumerate(_OUTLETS):
        span.put(
            "publicity",
            happened_on=span.day(0.3 + 0.2 * index),
            title=f"{span.district.name}：一户一策培育和谐企业（{index + 1}）",
            media_kind=kind,
            outlet=outlet if "区（市）" not in outlet else f"{span.district.name}融媒体中心",
            form=form,
            reads=span.random.randint(300, 9000) if kind == MediaKind.NEW_MEDIA else None,
        )
    span.put(
        "awareness",
        happened_on=span.day(0.75),
        metric="AWARENESS",
        method="线上问卷",
        numerator=span.random.randint(300, 420),
        denominator=480,
    )
    if span.year.pk == 2024:
        span.put(
            "brands",
            name=f"“和谐{span.district.name[:2]}”",
            launched_on=span.day(0.4),
            description="以一户一策指导清单为抓手，打造区域劳动关系特色品牌。",
        )
    if span.firms and span.year.pk % 2 == len(span.district.name) % 2:
        firm = span.firms[0]
        practice = span.put(
            "best-practices",
            title=f"{firm.name}“三个一”协商机制",
            subject=firm,
            tags="集体协商、民主管理",
            summary="每月一次班组恳谈、每季一次协商、每年一次职工代表大会。",
            results="三年未发生劳动争议仲裁案件。",
            proof="集体协商会议记录、职工代表大会决议",
            consented_on=span.day(0.8),
            consented_by=firm.contact_name or "企业负责人",
        )
        _scan(span.actor, practice, "企业同意书", span.now)
        span.put(
            "practice-adoptions",
            happened_on=span.day(0.9),
            practice=practice,
            adopted_by=span.firms[-1].name,
            effect="已建立月度恳谈制度。",
        )
        span.put(
            "stories",
            title=f"{firm.name}工会主席十年如一日维护职工权益",
            person=person_name(span.random),
            subject=firm,
            story="牵头建立调解委员会，累计化解矛盾三十余件。",
            consented_on=span.day(0.7),
            publicized=True,
        )
        span.put(
            "incentives",
            name=f"{span.year.pk}年度免费劳动用工法律体检",
            level="PARTICIPANT",
            kind="SERVICE",
            granted_by="区（市）人力资源和社会保障局",
            document_number=f"和谐创建〔{span.year.pk}〕6号",
        )


def take_part(span: DistrictYear, firms: Sequence[Subject]) -> None:
    """参与创建 beside the cultivated: more firms every year."""
    share = 0.25 + 0.15 * (span.year.pk - 2023)
    chosen = [firm.pk for firm in firms[: max(1, int(len(firms) * share))]]
    join_subjects(
        actor=span.actor, year=span.year, subject_ids=chosen, now=span.now, backfilled=span.backfilled
    )


# --- people and points, once for the whole campaign --------------------------------------------------------------------


def staff(span: DistrictYear, *, instructor: User | None) -> None:
    """Coordinators of the first places, one instructor, their firms, one service point with monthly numbers."""
    places = list(Organization.objects.filter(parent=span.district).order_by("sort_order", "code"))
    coordinators = [
        span.put(
            "coordinators",
            name=person_name(span.random),
            phone=f"0632-{span.random.randint(5000000, 5999999)}",
            township=place,
            employer=place.name,
            certificate="劳动关系协调员三级",
            appointed_on=date(2023, 7, 1),
        )
        for place in places[:4]
    ]
    guide = span.put(
        "instructors",
        name=instructor.full_name if instructor else person_name(span.random),
        specialty="工资集体协商",
        employer=f"{span.district.name}总工会",
        certificate="集体协商指导员",
        appointed_on=date(2023, 7, 1),
        user=instructor,
    )
    for index, coordinator in enumerate(coordinators):
        chosen = span.firms[index :: len(coordinators)] or span.firms[:1]
        for firm in chosen:
            span.put("liaisons", subject=firm, coordinator=coordinator, starts_on=span.first)
    for firm in span.firms[:2]:
        span.put("liaisons", subject=firm, instructor=guide, starts_on=span.first)
    for place, smart in zip(places[:2], (True, False), strict=False):
        point = span.put(
            "service-points",
            name=f"{place.name}劳动关系公共服务站",
            township=place,
            address=f"{place.name}便民服务中心",
            opened_on=date(2024, 3, 1),
            one_stop=True,
            smart=smart,
            standardized=True,
            services="用工指导、法律宣传、矛盾调解、争议受理引导",
            staff_count=span.random.randint(2, 4),
            contact_name=person_name(span.random),
        )
        for month in range(1, span.last.month):
            span.put(
                "service-point-tallies",
                happened_on=date(span.year.pk, month, 1),
                point=point,
                visitors=span.random.randint(30, 120),
                advisories=span.random.randint(5, 30),
                mediations=span.random.randint(0, 6),
            )


def shown_instructor(people: People) -> User | None:
    """The printed sign-in of the instructor, who works in the shown district."""
    return User.objects.filter(username="zhidaoyuan").first() if SHOWN_DISTRICT in people.offices else None
