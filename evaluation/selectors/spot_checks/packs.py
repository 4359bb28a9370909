"""迎检资料包: the records and files of a checked unit in the order of what will be looked at, with the gaps named.

Of a subject only what it filled in itself (SELF) and its own files: nothing of a verification, a score or the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cultivation.ledgers.base import Ledger, find_ledger
from cultivation.models import Enrollment, WorkPlan
from cultivation.selectors.ledgers import LedgerFilters, filtered_records, may_read
from evaluation.enums import CheckKind, CheckState, Layer
from evaluation.models import Assessment, SpotCheck
from evaluation.models.spot_checks.checks import TOLD
from evaluation.permissions import may_read_answers
from evaluation.permissions.roles import INSPECTOR_KEEPERS
from evaluation.rules.spot_checks.notices import evidence_of, text_of
from evaluation.rules.spot_checks.packs import ledgers_of_fact
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers, stored_answer
from evaluation.selectors.self_pages import files_of_self
from evaluation.selectors.shown import read_but_not_shown
from evaluation.selectors.spot_checks.notices import set_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment

_CHUNK = 500


@dataclass(frozen=True)
class Sheet:
    """A ledger's rows as an Excel sheet of the pack."""

    ledger: Ledger
    filters: LedgerFilters
    count: int


@dataclass(frozen=True)
class PackLine:
    """One thing that will be looked at: its papers, what the portal holds of it, and what is missing."""

    code: str
    title: str
    papers: Sequence[str]
    records: Sequence[str] = ()
    sheets: Sequence[Sheet] = ()
    files: Sequence[Attachment] = ()
    gaps: Sequence[str] = field(default_factory=tuple)


def packable_check(actor: Actor, pk: int) -> SpotCheck | None:
    """The check when the actor may have its pack: the unit once it was told, its district, the city office."""
    rows = SpotCheck.objects.visible_to(actor).select_related(
        "round__year", "round__checklist", "organization", "subject", "assessment__indicator_set"
    )
    if actor.role not in INSPECTOR_KEEPERS:
        rows = rows.filter(state__in=TOLD)
    return rows.exclude(state=CheckState.SKIPPED).filter(pk=pk).first()


def pack_lines(actor: Actor, check: SpotCheck) -> list[PackLine]:
    """In the order of the checklist, or of the standard."""
    return _of_district(actor, check) if check.kind == CheckKind.DISTRICT else _of_subject(actor, check)


def _of_subject(actor: Actor, check: SpotCheck) -> list[PackLine]:
    assessment = check.assessment or (
        Assessment.objects.filter(subject=check.subject, year_id=check.round.year_id)
        .select_related("indicator_set")
        .order_by("-id")
        .first()
    )
    indicator_set = assessment.indicator_set if assessment else set_of(check)
    if indicator_set is None:
        return []
    if assessment is not None and not may_read_answers(actor, assessment):
        assessment = None
    with read_but_not_shown():
        rows = load_layers(assessment) if assessment else None
    files, scans = files_of_self(assessment, rows) if assessment and rows else ({}, ())
    answers = rows.answers_of(Layer.SELF) if rows else {}
    lines = []
    for section in definition_of(indicator_set).dimensions:
        for item in section.indicators:
            row = answers.get(item.code)
            blank = row is None or stored_answer(row).is_blank
            found = files.get(item.code, [])
            words = "不适用" if row is not None and row.not_applicable else "未填报" if blank else "已填报"
            gaps = [] if not blank else ["自评未填报"]
            if item.evidence and not found and words != "不适用":
                gaps.append("没有上传佐证材料")
            name = item.name_for(check.subject.kind) if check.subject else item.name
            lines.append(PackLine(item.code, name, item.evidence, [words], files=found, gaps=gaps))
    if scans:
        lines.append(PackLine("盖章件", "盖章纸质自评表", (), files=scans))
    return lines


def _of_district(actor: Actor, check: SpotCheck) -> list[PackLine]:
    year, place = check.round.year_id, check.organization_id
    lines = []
    for number, line in enumerate(check.round.checklist.lines or [], 1):
        title = text_of(line, "title", "what", "name")
        sheets: list[Sheet] = []
        files: list[Attachment] = []
        fact = text_of(line, "fact")
        for slug in ledgers_of_fact(fact):
            ledger = find_ledger(slug)
            if ledger is None or not may_read(actor, ledger):
                continue
            filters = LedgerFilters(year=None if ledger.standing else year, organization=place)
            keys = list(filtered_records(actor, ledger, filters).order_by("pk").values_list("pk", flat=True))
            if keys:
                sheets.append(Sheet(ledger, filters, len(keys)))
            for start in range(0, len(keys), _CHUNK):
                files += Attachment.objects.of(ledger.model.__name__, *keys[start : start + _CHUNK])
        records = [f"{sheet.ledger.noun} {sheet.count} {sheet.ledger.unit}" for sheet in sheets]
        records += _other_records(actor, fact, year, place)
        gaps = [] if records else ["系统中没有相应记录，请自行准备"]
        if records and not files:
            gaps.append("没有上传材料")
        code = text_of(line, "code") or f"{number:02d}"
        lines.append(PackLine(code, title, evidence_of(line), records, sheets, files, gaps))
    return lines


def _other_records(actor: Actor, fact: str, year: int, place: int) -> list[str]:
    """What no ledger holds: the plan, the roster."""
    if fact == "plan":
        plans = WorkPlan.objects.visible_to(actor).live().filter(year_id=year, organization_id=place)
        return [f"{plan.title}（{plan.get_state_display()}）" for plan in plans]
    if fact == "key_targets":
        rows = Enrollment.objects.visible_to(actor).counted().filter(year_id=year, organization_id=place)
        return [f"重点培育 {name}" for name in rows.values_list("subject__name", flat=True)]
    return []
