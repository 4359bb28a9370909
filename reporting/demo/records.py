"""Services, staff and publicity of the demo city, all through the ledgers' services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cultivation.enums import (
    AdvisoryOutcome,
    AdvisoryTopic,
    CultureKind,
    MediaKind,
    MediationOutcome,
    MediationTopic,
)
from cultivation.models import Subject
from cultivation.services.participation import join_subjects
from reporting.demo.accounts import SHOWN_DISTRICT
from reporting.demo.people import People
from reporting.demo.register import person_name
from reporting.demo.spans import DistrictYear, attach_scan
from zaozhuang_portal.accounts.models import Organization, User

_OUTLETS = (
    ("枣庄日报", MediaKind.MAINSTREAM, "消息"),
    ("区（市）融媒体中心", MediaKind.MAINSTREAM, "视频"),
    ("人社微信公众号", MediaKind.NEW_MEDIA, "图文"),
)


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


def rate(span: DistrictYear) -> None:
    """风险等级 of two thirds of the firms, anew each year: most are of little risk."""
    for index, firm in enumerate(span.firms):
        if index % 3 == 2:
            continue
        span.put(
            "risk-classes",
            subject=firm,
            risk_class="AABABBCAD"[(index + span.year.pk) % 9],
            happened_on=span.day(0.1),
            basis=f"{span.year.pk}年度企业信用风险分类结果",
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
        attach_scan(span.actor, practice, "企业同意书", span.now)
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
