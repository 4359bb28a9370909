"""One spot check of the demo city on site: its lines judged, the visit written, proposed, answered, concluded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID

from evaluation.enums import Conclusion, DifferenceReason, Hindrance, Judgement, LineKind, Manner, Severity
from evaluation.models import CheckLine, SpotCheck, TeamMember
from evaluation.rules.kinds import CheckPart
from evaluation.selectors.definitions import definition_of
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from evaluation.services.spot_checks.judging import LineEntry, judge_line
from evaluation.services.spot_checks.visiting import VisitEntry, record_visit
from reporting.demo.people import People, contact_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date

# Ids of the saves, as a phone would make them.
_uids = Random(20261130)  # noqa: S311 -- made-up data, not a secret

_UNMET = {
    "L02": "园区、乡镇（街道）培育工作小组有名单，没有成立文件。",
    "L04": "2户重点培育对象写明了结对单位，没有写明结对人员。",
    "L05": "3户的指导服务记录只写“上门走访”，没有写明存在问题和建议。",
    "L08": "2个乡镇（街道）的协调员调整后没有更新定点联系表。",
    "L10": "下半年没有开展分析研判，没有会议记录。",
    "L12": "创建活动已写入年度计划，未列入目标责任考核。",
    "L15": "没有形成书面的典型经验材料。",
}
_UNMET_ITEM = "抽查原始资料20份，其中3份没有经办人签字或日期，与自评所述不符。"


def on_site(inspectors: Mapping[int, Actor], check: SpotCheck) -> Actor:
    """The 主检, who types."""
    lead = TeamMember.objects.get(check_record=check, until_at__isnull=True, lead=True)
    return inspectors[lead.inspector_id]


def _uid() -> UUID:
    return UUID(int=_uids.getrandbits(128), version=4)


def judge_lines(
    lead: Actor, check: SpotCheck, now: datetime, *, unmet: Collection[int] = (), most: int | None = None
) -> None:
    """Every line, or the first `most`; those at the places `unmet` (from 1) are 不符合."""
    definition = definition_of(check.assessment.indicator_set) if check.assessment else None
    for line in list(check.lines.order_by("position"))[:most]:
        bad = line.position in unmet
        item = definition.indicator(line.code) if definition else None
        yes_or_no = item is not None and [type(part) for part in item.parts_by_hand] == [CheckPart]
        judge_line(
            actor=lead,
            line=line,
            uid=_uid(),
            seen_revision=line.revision,
            entry=_entry(line, bad, bad and yes_or_no, shanghai_date(now)),
            now=now,
        )


def _entry(line: CheckLine, bad: bool, lowered: bool, day: date) -> LineEntry:
    clause = line.kind == LineKind.CLAUSE
    if not bad:
        return LineEntry(
            Judgement.MET,
            seen="查阅原件，与台账记录一致。" if clause else "现场查看，资料齐全，与所述一致。",
            said_by="三方委员会办公室经办人" if clause else "人力资源部门负责人",
            evidence_of=day,
        )
    return LineEntry(
        Judgement.NOT_MET,
        seen=_UNMET.get(line.code, "有部署，没有相应的工作记录。") if clause else _UNMET_ITEM,
        said_by="三方委员会办公室经办人" if clause else "人力资源部门负责人",
        severity=Severity.MINOR,
        papers="工作台账、原始记录",
        evidence_of=day,
        value={"inputs": [False]} if lowered else None,
        difference_reason=DifferenceReason.EVIDENCE_MISSING if lowered else "",
        difference_words="现场没有相应佐证。" if lowered else "",
    )


def write_visit(lead: Actor, check: SpotCheck, now: datetime, *, refused: str = "") -> None:
    """What is written of the visit as a whole; `refused`: what happened when the unit did not let the team in."""
    team = TeamMember.objects.filter(check_record=check, until_at__isnull=True).select_related("inspector")
    signed = [one.pk for one in team if one.lead or one.inspector.user_id is None]
    check.refresh_from_db()
    record_visit(
        actor=lead,
        check=check,
        uid=_uid(),
        seen_revision=check.visit_revision,
        entry=VisitEntry(
            visited_on=shanghai_date(now),
            place=f"{check.name}办公地点",
            manners=() if refused else (Manner.HEARING, Manner.LEDGERS, Manner.ON_SITE, Manner.INTERVIEW),
            interview_count=None if refused else 6 + check.pk % 7,
            papers_seen="" if refused else "工作台账、会议记录、劳动合同和工资支付资料",
            unit_statement="" if refused else "检查情况属实。",
            unit_signer="" if refused else "单位负责人",
            hindrance=Hindrance.REFUSED if refused else "",
            hindrance_words=refused,
            signed=signed,
        ),
        now=now,
    )


@dataclass(frozen=True)
class Outcome:
    """What became of a check: the conclusion, and which lines (from 1) were not met."""

    conclusion: str = Conclusion.QUALIFIED
    unmet: tuple[int, ...] = ()
    words: str = ""


def propose(lead: Actor, check: SpotCheck, outcome: Outcome, now: datetime) -> SpotCheck:
    return propose_conclusion(
        actor=lead, check=check, conclusion=outcome.conclusion, words=outcome.words, now=now
    )


def answer(people: People, check: SpotCheck, now: datetime, *, words: str = "无意见。") -> SpotCheck:
    actor = contact_of(check.subject, now=now) if check.subject else people.offices[check.organization.code]
    return answer_check(actor=actor, check=check, words=words, now=now)


def conclude(people: People, check: SpotCheck, outcome: Outcome, now: datetime) -> SpotCheck:
    return conclude_check(
        actor=people.city, check=check, conclusion=outcome.conclusion, words=outcome.words, now=now
    )
