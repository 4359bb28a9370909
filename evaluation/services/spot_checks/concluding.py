"""初步结论 → 反馈意见 (second chance) → 结论. Three acts of three parties; nothing turns accepted by itself.

The 主检 proposes, the inspected answers until the day told, the city office concludes: another person than who proposed,
and not before the answer came or its day passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from cultivation.rules.work_days import add_working_days
from cultivation.selectors.work_days import work_calendar
from evaluation.enums import CheckState, Conclusion, Judgement
from evaluation.models import SpotCheck, TeamMember
from evaluation.permissions.spot_checks import require_unit
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.selectors.spot_checks.results import answerers, result_words, veto_choices
from evaluation.services.rectifications.findings import record_findings
from evaluation.services.spot_checks.effects import write_to_assessment
from evaluation.workflows.checks import ANSWER, CHECK_WORKFLOW, CITY, CONCLUDE, INSPECTOR, PROPOSE, UNIT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.operations.services.notifications import notify


def _held(check: SpotCheck) -> SpotCheck:
    return (
        SpotCheck.objects.select_for_update(of=("self",))
        .select_related("round", "organization", "subject", "assessment__indicator_set")
        .get(pk=check.pk)
    )


def _move(
    actor: Actor, held: SpotCheck, action: str, party: str, now: datetime, changes: dict[str, Any]
) -> None:
    before = held.state
    transition = CHECK_WORKFLOW.apply(
        held, action, role=party, changes={**changes, "updated_at": now, "revision": held.revision + 1}
    )
    record_audit(
        actor=actor,
        at=now,
        action=f"抽查{transition.label}",
        kind="SpotCheck",
        object_id=held.pk,
        label=str(held),
        changes={"state": [before, held.state]},
    )


@transaction.atomic
def propose_conclusion(
    *, actor: Actor, check: SpotCheck, conclusion: str, words: str, now: datetime, vetoes: Sequence[str] = ()
) -> SpotCheck:
    """初步结论 by the 主检, told to the inspected with the day to answer by (answer_days working days).

    Raises NotAllowed for anyone but the 主检, DomainError while a line is not judged or the conclusion contradicts what
    was judged, IllegalTransition in another state.
    """
    held = _held(check)
    leads = TeamMember.objects.filter(
        check_record=held, inspector__user=actor.user, until_at__isnull=True, lead=True
    )
    if not leads.exists():
        raise NotAllowed("初步结论由本次检查的主检提出。")
    CHECK_WORKFLOW.find(held.state, PROPOSE, INSPECTOR)
    words = require_length("初步结论说明", words, MAX_COMMENT, field="words")
    _require_fitting(held, conclusion, words)
    found = _vetoes_of(held, conclusion, vetoes)
    due = add_working_days(shanghai_date(now), held.round.answer_days, work_calendar())
    _move(
        actor,
        held,
        PROPOSE,
        INSPECTOR,
        now,
        {
            "proposed_conclusion": conclusion,
            "proposed_words": words,
            "vetoes": found,
            "proposed_at": now,
            "proposed_by": actor.user,
            "answer_due_on": due,
        },
    )
    _tell(held, answerers(held, shanghai_date(now)), "抽查初步结论，请反馈意见", now)
    return held


def _require_fitting(check: SpotCheck, conclusion: str, words: str) -> None:
    if conclusion not in Conclusion.values:
        raise DomainError("请选择初步结论。", code="required", field="conclusion")
    if conclusion != Conclusion.QUALIFIED and len(words) < 5:
        raise DomainError("请写明作出这一结论的理由（至少5个字）。", code="required", field="words")
    if conclusion == Conclusion.UNREACHABLE_OR_REFUSED:
        if not check.hindrance:
            raise DomainError(
                "请先在“检查情况”中登记无法联系或拒绝配合的经过，再选这一结论。",
                code="hindrance",
                field="conclusion",
            )
        return
    lines = list(check.lines.values_list("judgement", flat=True))
    if left := sum(not one for one in lines):
        raise DomainError(
            f"还有 {left} 项没有判断，不能提出初步结论。", code="lines_left", field="conclusion"
        )
    if not lines:
        raise DomainError("本次检查没有检查事项，不能提出初步结论。", code="no_lines", field="conclusion")
    if conclusion == Conclusion.QUALIFIED and Judgement.NOT_MET in lines:
        raise DomainError(
            "有不符合的事项，不能作“合格”结论；请选“限期整改”“不合格”或“触发否决”。",
            code="contradiction",
            field="conclusion",
        )


def _vetoes_of(check: SpotCheck, conclusion: str, codes: Sequence[str]) -> list[list[str]]:
    """[code, name] of what was chosen, in the order of the standard."""
    known = dict(veto_choices(check))
    if unknown := [code for code in codes if code not in known]:
        raise DomainError(
            f"否决情形 {'、'.join(unknown)} 不在本标准中，请刷新页面。", code="unknown", field="vetoes"
        )
    if codes and conclusion != Conclusion.VETO:
        raise DomainError("选了否决情形，结论应为“触发否决”。", code="contradiction", field="vetoes")
    if known and conclusion == Conclusion.VETO and not codes:
        raise DomainError("“触发否决”请选择是哪一种否决情形。", code="required", field="vetoes")
    return [[code, name] for code, name in known.items() if code in codes]


@transaction.atomic
def answer_check(*, actor: Actor, check: SpotCheck, words: str, now: datetime) -> SpotCheck:
    """反馈意见 of the inspected, once, until the end of the day told.

    Raises NotAllowed for anyone but the unit, IllegalTransition once the day has passed or in another state.
    """
    held = _held(check)
    require_unit(actor, held)
    CHECK_WORKFLOW.find(held.state, ANSWER, UNIT)
    if held.answer_due_on is not None and shanghai_date(now) > held.answer_due_on:
        raise IllegalTransition(f"反馈截止日是 {held.answer_due_on:%Y-%m-%d}，已经过去，不能再反馈。")
    words = require_length("反馈意见", words, 2000, field="answer")
    if not words:
        raise DomainError("请填写反馈意见；没有意见的写“无意见”。", code="required", field="answer")
    _move(actor, held, ANSWER, UNIT, now, {"answer": words, "answered_at": now, "answered_by": actor.user})
    _tell(held, [held.proposed_by] if held.proposed_by else [], "被检查单位已反馈意见", now)
    return held


@transaction.atomic
def conclude_check(
    *,
    actor: Actor,
    check: SpotCheck,
    conclusion: str,
    words: str,
    now: datetime,
    vetoes: Sequence[str] | None = None,
) -> SpotCheck:
    """结论 by the city office: another person than who proposed, after the answer or after its day.

    Where indicators were judged and the assessment is verified, their values become CITY rows (source SPOT_CHECK), and so do
    the vetoes (`vetoes`: codes; None: as proposed, as far as the conclusion is 触发否决).
    """
    held = _held(check)
    if actor.role != Role.CITY_OFFICE:
        raise NotAllowed("抽查结论由市三方委员会办公室作出。")
    CHECK_WORKFLOW.find(held.state, CONCLUDE, CITY)
    if held.proposed_by_id == actor.user.pk:
        raise NotAllowed("初步结论由您提出，结论须由另一人作出。")
    due = held.answer_due_on
    if held.state == CheckState.PROVISIONAL and due is not None and shanghai_date(now) <= due:
        raise IllegalTransition(f"被检查单位在 {due:%Y-%m-%d} 前可以反馈意见，尚未反馈，现在不能作结论。")
    words = require_length("结论说明", words, MAX_COMMENT, field="words")
    _require_fitting(held, conclusion, words)
    if conclusion != held.proposed_conclusion and len(words) < 5:
        raise DomainError("结论与初步结论不同，请写明理由（至少5个字）。", code="required", field="words")
    if vetoes is None:
        vetoes = [code for code, _ in held.vetoes] if conclusion == Conclusion.VETO else []
    held.vetoes, held.conclusion_words = _vetoes_of(held, conclusion, vetoes), words
    effect = None
    if conclusion != Conclusion.UNREACHABLE_OR_REFUSED:
        effect = write_to_assessment(actor=actor, check=held, now=now)
    _move(
        actor,
        held,
        CONCLUDE,
        CITY,
        now,
        {
            "conclusion": conclusion,
            "conclusion_words": words,
            "vetoes": held.vetoes,
            "concluded_at": now,
            "concluded_by": actor.user,
            "written_to_assessment": effect is not None,
            "qualification_before": effect.before if effect else "",
            "qualification_after": effect.after if effect else "",
        },
    )
    record_findings(actor=actor, check=held, lines=held.lines.filter(judgement=Judgement.NOT_MET), now=now)
    _tell(held, answerers(held, shanghai_date(now)), "抽查结论", now)
    return held


def _tell(check: SpotCheck, people: list[User], heading: str, now: datetime) -> None:
    """What the notice says is what the page says: both ask result_words()."""
    notify(
        users=people,
        title=f"{heading}：{check.name}",
        body=result_words(check),
        url=reverse("evaluation:check_detail", args=[check.round_id, check.pk]),
        now=now,
        kind="SpotCheck",
        object_id=check.pk,
    )
