"""What is said of a check's result, on its page and in every notice: one source (evaluation-facts §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from cultivation.selectors.work_days import working_day_note
from evaluation.enums import CheckState, Conclusion
from evaluation.models import CheckLine, LetterReceipt, SpotCheck, TeamMember
from evaluation.models.spot_checks.checks import WITH_TEAM
from evaluation.permissions.spot_checks import is_unit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.letters import people_of
from evaluation.selectors.spot_checks.looks import LookRow, looks_of_check
from evaluation.selectors.spot_checks.notices import set_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User

# The unit sees its lines from here on: while they are judged, nobody is told half a result.
_SHOWN = (CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED)


def answerers(check: SpotCheck, on: date) -> list[User]:
    """Everybody who speaks for the inspected: the district's offices, or the subject's contacts."""
    return people_of([LetterReceipt(organization_id=check.organization_id, subject_id=check.subject_id)], on)


def veto_choices(check: SpotCheck) -> list[tuple[str, str]]:
    """Code and name of the vetoes of the standard a subject is checked by; none for a district."""
    indicator_set = set_of(check)
    return [(veto.code, veto.name) for veto in definition_of(indicator_set).vetoes] if indicator_set else []


def result_words(check: SpotCheck) -> str:
    """The result as it stands on the row; empty before a provisional conclusion."""
    if check.state == CheckState.CONCLUDED:
        words = f"结论：{Conclusion(check.conclusion).label}。{_vetoes_in_words(check)}{_ended(check.conclusion_words)}"
        if check.written_to_assessment:
            words = f"{words}现场核定的指标已写入认定得分。"
        return f"{words}写入后不再达到标准。" if check.lost_pass else words
    if check.state in _SHOWN:
        label = Conclusion(check.proposed_conclusion).label
        words = f"初步结论：{label}。{_vetoes_in_words(check)}{_ended(check.proposed_words)}"
        if check.state == CheckState.ANSWERED:
            return f"{words}被检查单位已反馈意见。"
        due = check.answer_due_on
        note = working_day_note(due) if due else ""
        until = f"{due:%Y-%m-%d}" + (f"（{note}）" if note else "")
        return f"{words}如有意见，请在 {until} 前反馈；期满由市三方委员会办公室作出结论。"
    return ""


def _ended(words: str) -> str:
    """As a sentence, so that what is told next does not run into it."""
    return words if not words or words[-1] in "。！？；.!?" else f"{words}。"


def _vetoes_in_words(check: SpotCheck) -> str:
    named = "、".join(f"{code} {name}" for code, name in check.vetoes)
    return f"否决情形：{named}。" if named else ""


@dataclass(frozen=True)
class CheckPage:
    """One check as this person may see it. `party`: who acts here (inspector, unit, city), empty for a reader."""

    check: SpotCheck
    lines: Sequence[CheckLine]
    team: Sequence[TeamMember]
    is_lead: bool
    is_inspector: bool
    is_unit: bool
    is_city: bool
    overdue: bool
    # An inspector's looks at the subject's scores while he was to judge blind: told with the judgements.
    looks: Sequence[LookRow] = ()

    @property
    def result(self) -> str:
        return result_words(self.check)

    @property
    def judged(self) -> int:
        return sum(bool(line.judgement) for line in self.lines)


def readable_check(actor: Actor, round_pk: int, pk: int) -> SpotCheck | None:
    """What the actor's capacity shows, and for a person of its team the check in its time."""
    shown = SpotCheck.objects.visible_to(actor).values("pk")
    own = SpotCheck.objects.inspected_by(actor.user).values("pk")
    return (
        SpotCheck.objects.filter(Q(pk__in=shown) | Q(pk__in=own), pk=pk, round_id=round_pk)
        .select_related(
            "round",
            "organization",
            "subject",
            "proposed_by",
            "concluded_by",
            "answered_by",
            "replaced_by",
            "assessment",
        )
        .first()
    )


def check_page(actor: Actor, check: SpotCheck, today: date) -> CheckPage:
    """Statements: 3. The inspected sees its lines once a provisional conclusion stands."""
    team = list(
        TeamMember.objects.filter(check_record=check)
        .select_related("inspector")
        .order_by("until_at", "-lead", "id")
    )
    mine = [one for one in team if one.until_at is None and one.inspector.user_id == actor.user.pk]
    mine_is_unit = is_unit(actor, check)
    shown = check.state in _SHOWN or bool(mine) or actor.sees_whole_city
    return CheckPage(
        check,
        list(check.lines.all()) if shown else [],
        team,
        any(one.lead for one in mine),
        bool(mine) and check.state in WITH_TEAM,
        mine_is_unit,
        actor.role == Role.CITY_OFFICE,
        check.state == CheckState.PROVISIONAL
        and check.answer_due_on is not None
        and today > check.answer_due_on,
        looks_of_check(check) if shown else [],
    )
