"""Pairings, visits and trainings of the demo city.

The years before the running one are 补录 with a source; the running one is as the districts entered it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cultivation.enums import (
    TrainingTopic,
)
from cultivation.ledgers.trainings import organizer_of
from cultivation.models import Subject
from cultivation.services.trainings import cell_key, set_attendance
from cultivation.services.visits import Attendee, myself, record_visit
from reporting.demo.accounts import SHOWN_DISTRICT
from reporting.demo.people import People
from reporting.demo.register import person_name
from reporting.demo.spans import DistrictYear, attach_scan, put
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import MemberUnit, User

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
            attach_scan(span.actor, training, "签到表", span.now)  # the shown district still owes one


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
    attach_scan(people.city, training, "签到表", first.now)
