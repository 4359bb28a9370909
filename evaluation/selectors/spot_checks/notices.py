"""What a 检查通知书 says of a check, and which checks wait for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from evaluation.enums import CheckKind, LetterKind, Manner
from evaluation.models import IndicatorSet, Letter, SpotCheck, TeamMember
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.spot_checks.notices import NoticeFacts, papers_of_lines
from evaluation.selectors.definitions import definition_of, published_sets_for
from evaluation.workflows.checks import CHECK_WORKFLOW, NOTIFY

ABOUT = "SpotCheck"


def checks_to_notify(round_pk: int) -> QuerySet[SpotCheck]:
    """ASSIGNED; and NOTIFIED whose notice was withdrawn: it is sent anew."""
    in_force = Letter.objects.filter(
        kind=LetterKind.CHECK_NOTICE, about_kind=ABOUT, about_id=OuterRef("pk"), withdrawn_at__isnull=True
    )
    return (
        SpotCheck.objects.filter(round_id=round_pk)
        .filter(~Exists(in_force), state__in=CHECK_WORKFLOW.sources(NOTIFY))
        .select_related(
            "organization", "subject", "round__year", "round__checklist", "assessment__indicator_set"
        )
        .order_by("kind", "organization__sort_order", "stratum", "position", "code")
    )


def set_of(check: SpotCheck) -> IndicatorSet | None:
    """The standard a subject is checked by: of its assessment, else the one in force for its kind; None for neither."""
    if check.assessment is not None:
        return check.assessment.indicator_set
    if check.subject is None:
        return None
    return next(iter(published_sets_for(check.subject.kind, check.round.year.period_end)), None)


def papers_asked(check: SpotCheck) -> list[tuple[str, tuple[str, ...]]]:
    """Of a district the papers of every line; of a subject those of the whole standard, never of the items drawn."""
    if check.kind == CheckKind.DISTRICT:
        return papers_of_lines(check.round.checklist.lines or [])
    indicator_set = set_of(check)
    return [] if indicator_set is None else _papers_of(definition_of(indicator_set))


def _papers_of(definition: IndicatorSetDefinition) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (section.name, tuple(name for item in section.indicators for name in item.evidence))
        for section in definition.dimensions
    ]


def members_words(team: Iterable[TeamMember]) -> list[str]:
    return [
        f"{row.inspector.name}（{row.inspector.get_party_display()}{'，主检' if row.lead else ''}）"
        for row in team
    ]


def notice_facts(check: SpotCheck, team: Iterable[TeamMember], day: date) -> NoticeFacts:
    """`day`: of the visit."""
    spot_round = check.round
    papers = papers_asked(check) or [("材料", ("与检查事项有关的台账和原始材料",))]
    return NoticeFacts(
        unit=check.name,
        basis=spot_round.basis,
        period=(spot_round.period_from, spot_round.period_to),
        planned_on=day,
        manners=[str(Manner(code).label) for code in spot_round.manners],
        members=members_words(team),
        papers=papers,
        answer_days=spot_round.answer_days,
        defaults=[str(words) for words in spot_round.defaults],
    )
