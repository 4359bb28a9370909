"""The November report of a district (C088-C090): figures and the office's narrative → one ReportContent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from reporting.rules import annual_activities as ledgers
from reporting.rules import annual_sentences as sentences
from reporting.rules.annual_activity_tables import activity_annexes
from reporting.rules.annual_annexes import subject_annex, target_annex
from reporting.rules.annual_facts import chinese_date
from reporting.rules.annual_services import service_annexes, service_sentences
from reporting.rules.annual_spot_checks import spot_check_annexes, spot_check_problems, spot_check_sentences
from reporting.rules.contradictions import problem_points
from reporting.rules.cutoffs import cutoff_mark
from reporting.rules.figures import ReportFigures
from reporting.rules.narrative import GAP_PATTERN, GAPS, SKELETON, find_gaps, gap
from reporting.rules.report_content import ReportContent, Section

ADDRESSEE = "市协调劳动关系三方委员会办公室"
TITLE_LINE = 20
CLOSING = "特此报告。"
# Sections without a text of the office's own; snapshots that know nothing for one do not have it.
DRAFTED_ONLY = ("measures_publicity", "measures_spot_checks")


def title_lines(figures: ReportFigures) -> tuple[str, str]:
    """The title (ux P1: a report upward, no request inside) in two lines broken by sense, the first the longer.

    A line of 22 pt holds 20 characters; a year counts as two.
    """
    place = f"关于{figures['district_name']}{figures['year']}年度"
    subject, rest = "和谐劳动关系", "创建活动开展情况的报告"
    if len(place) - 2 + len(subject) <= TITLE_LINE:
        return place + subject, rest
    return place, subject + rest


def draft_sentences(figures: ReportFigures) -> list[Section]:
    """The skeleton of ux P2 with every data sentence drafted; the narratives are the marked gaps."""
    known = figures.get("activities")
    drafted = {
        "overview": (*sentences.overview_sentences(figures), *ledgers.mechanism_sentences(known)),
        "measures_enterprise": (
            *sentences.enterprise_sentences(figures),
            *ledgers.culture_sentences(known),
        ),
        "measures_area": sentences.area_sentences(figures),
        "measures_pilot": (*sentences.pilot_sentences(figures), *ledgers.pilot_detail_sentences(known)),
        "measures_guidance": (*service_sentences(figures), *ledgers.training_topic_sentences(known)),
        "measures_mediation": ledgers.mediation_sentences(known),
        "measures_publicity": ledgers.publicity_sentences(known),
        "measures_spot_checks": spot_check_sentences(figures.get("spot_checks")),
        "experience": ledgers.practice_sentences(known),
        "problems": (
            *sentences.problem_sentences(figures),
            *ledgers.shortcoming_sentences(figures),
            *spot_check_problems(figures.get("spot_checks")),
            *problem_points(figures),
        ),
    }
    covered = ledgers.covered_sections(figures)
    return [
        Section(
            key=key,
            level=cast(Literal[1, 2], level),
            heading=heading,
            drafted=drafted.get(key, ()),
            table=sentences.target_table(figures) if key == "overview" else None,
            narrative=gap(GAPS[key]) if key in GAPS and key not in covered else "",
        )
        for key, (level, heading) in SKELETON.items()
        if key not in DRAFTED_ONLY or drafted[key]
    ]


def _narrative(section: Section, written: str, covered: frozenset[str]) -> str:
    """The office's text, else the section's gap. A gap left as it was where the ledgers say enough is dropped."""
    text = written.strip()
    if section.key not in GAPS:
        return section.narrative
    if section.key in covered and GAP_PATTERN.fullmatch(text):
        return ""
    return text or section.narrative


def compose_report(
    figures: ReportFigures, narrative: Mapping[str, str], *, date: str, provenance: str = ""
) -> ReportContent:
    """The whole report, dated `date` (ISO). A blank narrative keeps its gap; unknown keys are ignored.

    `provenance`: what a back-filled paper was entered from, by whom, and whether the city received it.
    """
    covered = ledgers.covered_sections(figures)
    sections = tuple(
        Section(
            key=section.key,
            level=section.level,
            heading=section.heading,
            drafted=section.drafted,
            table=section.table,
            narrative=_narrative(section, narrative.get(section.key, ""), covered),
        )
        for section in draft_sentences(figures)
    )
    return ReportContent(
        title_lines=title_lines(figures),
        addressee=ADDRESSEE,
        sections=sections,
        closing=CLOSING,
        annexes=(
            subject_annex(figures),
            *service_annexes(figures),
            *activity_annexes(figures),
            *spot_check_annexes(figures),
            target_annex(figures),
        ),
        signatory=figures["signatory"],
        date_text=chinese_date(date),
        as_of_text=cutoff_mark(figures),
        provenance=provenance,
    )


def content_gaps(content: ReportContent) -> list[str]:
    """Every gap still in the text, drafted sentences included; the download page says how many (ux P4)."""
    return find_gaps(text for section in content.sections for text in section.paragraphs)
