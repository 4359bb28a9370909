"""Building the demo city stage by stage: enrolled → assessed → verified → reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.core.management import call_command

from cultivation.models import CampaignYear, Subject
from cultivation.services.campaign import load_campaign_years
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from evaluation.models import Assessment
from evaluation.rules.spot_checks.checklists import read_checklist
from evaluation.services.spot_checks.checklists import load_checklist, publish_checklist
from reporting.demo.accounts import SHOWN_DISTRICT
from reporting.demo.assessments import assess, picture, verify_assessment
from reporting.demo.guidance import city_training, pair_and_visit, train
from reporting.demo.mechanism import establish_places, lead, lead_city, plan, progress_items, seed_duties
from reporting.demo.people import People, ask_for_a_colleague, contact_of, create_people
from reporting.demo.period_figures import count_figures
from reporting.demo.pilots import pilot_records
from reporting.demo.records import publicize, rate, serve, shown_instructor, staff, take_part
from reporting.demo.register import Register, create_register
from reporting.demo.spans import year_of
from reporting.demo.spot_checks import spot_checks
from reporting.permissions import SCANS
from reporting.rules.narrative import GAPS
from reporting.selectors.report_points import asked_points
from reporting.services.annual_reports import figures_of, move_report, open_report, save_narrative
from reporting.services.backfilled_reports import backfill_report
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel.clock import SHANGHAI, end_of_day
from zaozhuang_portal.operations.services.attachments import store_attachment

# What the office said on the points of its report (rules.contradictions); "" for any other.
_SAID = {
    "ROSTER_UNSIGNED": "名单已书面送各方，会签意见正在收集，预计12月中旬会签齐全。",
    "FAILED_ENTERPRISE": "主要失分项为集体协商和民主管理，已逐户反馈，列入明年上半年整改。",
    "SETTLED_TWICE": "统计指标含仲裁院调解案件，台账只登记三方机构办理的案件，口径不同。",
    "": "已与台账核对，情况属实，已列入存在问题，下一步逐项整改。",
}
STAGES = ("enrolled", "assessed", "verified", "reported")
YEAR = 2026
BACKFILLED_YEARS = (2023, 2024, 2025)
_SEED = 20230531
Say = Callable[[str], None]


def build_city(*, stage: str, enterprises: int, now: datetime, say: Say) -> None:
    """Everything up to and including `stage`. Deterministic but for the clock."""
    random = Random(_SEED)  # noqa: S311 -- made-up data, not a secret
    upto = STAGES.index(stage)
    say("单位、年度、目标和评价标准……")
    load_organizations(at=now)
    load_campaign_years(now=now, first_in_use=YEAR)
    sets = Path(settings.BASE_DIR) / "evaluation" / "data"
    for path in sorted(sets.glob("*.yaml")):
        call_command("load_indicator_set", str(path), publish=True, verbosity=0, stdout=_Silent())
    for path in sorted((sets / "checklists").glob("*.yaml")):
        checklist = load_checklist(actor=None, checklist=read_checklist(path.read_bytes()), now=now)
        publish_checklist(actor=None, checklist=checklist, now=now)
    say("人员……")
    people = create_people(now=now)
    ask_for_a_colleague(people, now)
    say("培育对象……")
    register = create_register(people=people, enterprises=enterprises, random=random, now=now)
    say("培育名单……")
    for year in BACKFILLED_YEARS:
        _enroll_past(year, people, register, now)
    chosen = _enroll_now(people, register, now)
    say("机制、结对、服务、培训……")
    seed_duties(now)
    establish_places(people, random, now)
    for year in (*BACKFILLED_YEARS, YEAR):
        _record_year(year, people, register, chosen, random, now)
    progress_items(people, YEAR, random, now)
    pilot_records(people.offices[SHOWN_DISTRICT], register, now)
    if upto >= 1:
        say("自评……")
        done = _assess(chosen, random, now)
        if upto >= 2:
            say("区（市）核验……")
            _verify(done, people, random, now)
        if upto >= 3:
            say("抽查与整改……")
            spot_checks(people, YEAR, chosen[SHOWN_DISTRICT][0], now)
            say("年度报告……")
            _report(people, now)


class _Silent:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        return None


def _enroll_past(year: int, people: People, register: Register, now: datetime) -> None:
    """Back-filled years: each district met its quota with five enterprises and a place."""
    campaign_year = CampaignYear.objects.get(pk=year)
    for code in register.enterprises:
        office = people.offices[code]
        subjects = past_subjects(year, code, register)
        rows = choose_subjects(
            actor=office,
            year=campaign_year,
            subjects=subjects,
            now=now,
            backfilled=True,
            source_document=f"{year}年度重点培育名单（纸质档案）",
        )
        confirm_enrollments(actor=office, enrollments=rows, now=now)


def past_subjects(year: int, code: str, register: Register) -> list[Subject]:
    """Five enterprises and a place of the district; the pilots of the year belong to the shown district."""
    offset = (year - 2023) * 3
    places = register.places[code]
    subjects = register.enterprises[code][offset : offset + 5] + places[year % max(len(places), 1) :][:1]
    return subjects + (register.pilots.get(year, []) if code == SHOWN_DISTRICT else [])


def _enroll_now(people: People, register: Register, now: datetime) -> dict[str, list[Subject]]:
    """The running year: most districts complete; the shown one has three confirmed and candidates to confirm.

    Confirmed in time, in March; whoever is confirmed later is an addition with dates of its own.
    """
    campaign_year = CampaignYear.objects.get(pk=YEAR)
    in_time = min(now, datetime.combine(date(YEAR, 3, 20), time(10), SHANGHAI))
    chosen: dict[str, list[Subject]] = {}
    for index, (code, enterprises) in enumerate(register.enterprises.items()):
        office = people.offices[code]
        wanted = 5 if code == SHOWN_DISTRICT else (4 if index % 3 else 6)
        firms = enterprises[8 : 8 + wanted] or enterprises[:wanted]
        places = register.places[code][:1]
        if code == SHOWN_DISTRICT:
            confirmed, waiting = firms[:3], firms[3:] + places
            choose_subjects(actor=office, year=campaign_year, subjects=waiting, now=now)
        elif index == 3:
            confirmed = list(firms)  # this one still lacks a park or township
        else:
            confirmed = firms + places
        pilots = register.pilots[2025] if code == SHOWN_DISTRICT else []  # carried on into the running year
        rows = choose_subjects(actor=office, year=campaign_year, subjects=[*confirmed, *pilots], now=in_time)
        confirm_enrollments(actor=office, enrollments=rows, now=in_time)
        chosen[code] = confirmed
        for subject in firms[:1]:
            contact_of(subject, now=now)
    return chosen


def _record_year(
    year: int,
    people: People,
    register: Register,
    chosen: dict[str, list[Subject]],
    random: Random,
    now: datetime,
) -> None:
    """Everything the districts did in one year; the shown district of the running year is left half done."""
    campaign_year = CampaignYear.objects.get(pk=year)
    backfilled = year != YEAR
    spans = []
    for index, code in enumerate(register.enterprises):
        subjects = past_subjects(year, code, register) if backfilled else chosen[code]
        span = year_of(people, code, campaign_year, subjects, random, now, backfilled=backfilled)
        spans.append(span)
        shown = code == SHOWN_DISTRICT and not backfilled
        instructor = shown_instructor(people) if code == SHOWN_DISTRICT else None
        lead(span)
        plan(span, people, stage="draft" if shown else ("submitted", "accepted")[index % 2])
        take_part(span, register.enterprises[code])
        unpaired = frozenset({subjects[-1].pk}) if shown else frozenset[int]()
        pair_and_visit(span, person=instructor, visits=3 if backfilled else 4, unpaired=unpaired)
        train(span)
        serve(span)
        publicize(span)
        rate(span)
        count_figures(span)
        if not backfilled:
            staff(span, instructor=instructor)
    city_training(people, spans)
    lead_city(people, year, now, backfilled=backfilled)


def _assess(chosen: dict[str, list[Subject]], random: Random, now: datetime) -> dict[str, list[Assessment]]:
    """All chosen subjects hand in, but for the first enterprise of the shown district: the visitor's own.

    The shown district's do so now; the others did in time to be verified before the spot checks.
    """
    year = CampaignYear.objects.get(pk=YEAR)
    now = min(now, end_of_day(date(YEAR, 12, 30)))  # nobody begins a year that is over
    done: dict[str, list[Assessment]] = {}
    for code, subjects in chosen.items():
        mine = subjects[1:] if code == SHOWN_DISTRICT else subjects
        done[code] = [
            assess(
                subject=subject,
                year=year,
                random=random,
                now=now if code == SHOWN_DISTRICT else _earlier(now, 60),
                good=random.choice((0.9, 0.96, 0.99)),
            )
            for subject in mine
        ]
    return done


def _earlier(now: datetime, days: int) -> datetime:
    """So many days before, but after the roster was confirmed."""
    return min(now, max(now - timedelta(days=days), datetime.combine(date(YEAR, 3, 23), time(10), SHANGHAI)))


def _verify(done: dict[str, list[Assessment]], people: People, random: Random, now: datetime) -> None:
    """Every district but the shown one has verified; there the queue waits for the visitor."""
    for code, assessments in done.items():
        if code == SHOWN_DISTRICT:
            continue
        for assessment in assessments:
            at = _earlier(min(now, end_of_day(date(YEAR, 12, 30))), 45)
            verify_assessment(assessment=assessment, office=people.offices[code], random=random, now=at)


def _report(people: People, now: datetime) -> None:
    """Three districts have filed, one is being written, the shown one has not begun. The years before were filed on paper."""
    codes = [code for code in people.offices if code != SHOWN_DISTRICT]
    for index, (code, office) in enumerate(people.offices.items()):
        for year in BACKFILLED_YEARS:
            waits = code == SHOWN_DISTRICT and year == BACKFILLED_YEARS[-1]
            _backfill(office, index, year, now, city=None if waits else people.city)
    for code in codes[:3]:
        _file(people, code, YEAR, now)
    member = people.members[codes[3]]
    if member.organization is not None:
        open_report(
            actor=member, year=CampaignYear.objects.get(pk=YEAR), organization=member.organization, now=now
        )


def _backfill(office: Actor, index: int, year: int, now: datetime, *, city: Actor | None) -> None:
    """Entered by the district; received by an act of the city of today, or waiting for it."""
    if office.organization is None:
        return
    report = backfill_report(
        actor=office,
        year=CampaignYear.objects.get(pk=year),
        organization=office.organization,
        filed_on=date(year, 11, 20 + index),
        source_document=f"劳三方〔{year}〕{index + 3}号",
        signed_by="三方委员会办公室主任",
        now=now,
    )
    store_attachment(
        actor=office,
        owner_kind=SCANS,
        owner_id=report.pk,
        upload=picture(f"{year}年度书面报告盖章件"),
        now=now,
        organization=office.organization,
    )
    if city is not None:
        move_report(actor=city, report=report, action="accept", now=now)


_WORDS = {
    "overview": "调整充实三方机构成员，召开三方会议研究部署，分解落实目标责任。",
    "measures_enterprise": "组织业务骨干逐户对照标准查找不足，指导完善劳动合同、集体协商和民主管理制度。",
    "measures_area": "推动园区、乡镇（街道）健全协调机制，设立基层公共服务站点。",
    "measures_pilot": "会同行业协会开展调研，推动行业集体协商。",
    "measures_guidance": "与培育对象逐一结对，定期上门指导，组织专题培训。",
    "measures_mediation": "健全调解组织，就地就近化解矛盾纠纷。",
    "experience": "探索“一企一策”指导清单，形成可复制的做法。",
    "problems": "部分中小企业协商机制不够规范，佐证材料积累不足。",
    "plans": "扩大参与面，加强后续跟踪指导，做好经验推广。",
}


def _file(people: People, code: str, year: int, now: datetime) -> None:
    member, office = people.members[code], people.offices[code]
    if member.organization is None:
        return
    campaign_year = CampaignYear.objects.get(pk=year)
    report = open_report(actor=member, year=campaign_year, organization=member.organization, now=now)
    for key in GAPS:
        save_narrative(actor=member, report=report, key=key, text=_WORDS[key], expected_revision=0, now=now)
    for actor, action in ((member, "send_for_review"), (office, "approve"), (office, "submit")):
        asked = asked_points(report, figures_of(report.snapshot), action)
        words = {row.point.code: _SAID.get(row.point.code, _SAID[""]) for row in asked if row.word is None}
        move_report(actor=actor, report=report, action=action, now=now, words=words)
