"""What rectifications leave to do: of the city office, of who re-checks, of the unit; overdue until closed (design §4a)."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from cultivation.selectors.todo_case import TodoCase
from evaluation.enums import AskState, RectificationState
from evaluation.models import (
    Finding,
    Improvement,
    Rectification,
    RectificationExtension,
    RectificationObjection,
    RectificationRecheck,
)
from evaluation.models.rectifications.rectifications import OPEN_RECTIFICATIONS, WITH_UNIT
from evaluation.permissions.roles import RECTIFICATION_KEEPERS, RECTIFICATION_RECHECKERS, RECTIFIERS
from evaluation.selectors.rectifications.lists import FindingFilters
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart

_S = RectificationState


def rectification_page(target: int, aux: int | None) -> str:
    return reverse("evaluation:rectification_detail", kwargs={"pk": target})


def rectification_identity(target: int, aux: int | None) -> Identity:
    return "Rectification", str(target)


def due_unless_backfilled() -> Case:
    """The last day of the term; a row entered afterwards alarms nobody."""
    return Case(
        When(backfilled=True, then=Value(None, DateField())), default=F("due_on"), output_field=DateField()
    )


def _part(key: str, act: str, label: str, rows: QuerySet[Any], **more: Any) -> TodoPart:
    values: dict[str, Any] = {
        "key": key,
        "act": act,
        "label": label,
        "unit": "件",
        "rows": rows,
        "page": rectification_page,
        "what": "finding__title",
        "place": Coalesce("subject__name", "organization__name"),
        "identity": rectification_identity,
    }
    return TodoPart(**(values | more))


def rectification_parts(case: TodoCase) -> list[TodoPart]:
    """Each part with what this actor may do itself; the same thing stands with one side at a time."""
    role = case.actor.role
    parts: list[TodoPart] = []
    if role in RECTIFICATION_KEEPERS:
        parts += [_findings(), _drafts(case), *_asks(), _to_close(case), _overdue(case)]
    if not case.actor.is_administrator and role != Role.SUBJECT_CONTACT:
        parts.append(_to_recheck(case))
    if role in RECTIFIERS:
        parts += _of_unit(case)
    if role == Role.SUBJECT_CONTACT:
        parts.append(_improvements(case))
    return parts


# --- the city ---------------------------------------------------------------------------------------------------------


def _findings() -> TodoPart:
    return TodoPart(
        key="findings",
        act="下达整改通知书",
        label="还没有整改通知书的问题",
        unit="个",
        rows=Finding.objects.without_order(),
        page=lambda target, aux: reverse("evaluation:finding_detail", kwargs={"pk": target}),
        what="title",
        note="number",
        place=Coalesce("subject__name", "organization__name"),
        arrived="created_at",
        identity=lambda target, aux: ("Finding", str(target)),
        url=FindingFilters(ordered=False).query(),
    )


def _drafts(case: TodoCase) -> TodoPart:
    return _part(
        "rectifications_drafted",
        "下达整改通知书",
        "已起草、待下达的整改通知书",
        Rectification.objects.visible_to(case.actor).filter(state=_S.DRAFTED),
        arrived="created_at",
    )


def _asks() -> list[TodoPart]:
    open_ones = {"state": AskState.PENDING, "rectification__state__in": OPEN_RECTIFICATIONS}
    of_order: dict[str, Any] = {
        "what": "rectification__finding__title",
        "place": Coalesce("rectification__subject__name", "rectification__organization__name"),
        "target": "rectification_id",
        "aux": "pk",
    }
    return [
        _part(
            "rectification_extensions",
            "答复整改延期申请",
            "待答复的整改延期申请",
            RectificationExtension.objects.filter(**open_ones),
            note="reason",
            arrived="asked_at",
            due="rectification__due_on",
            **of_order | {"identity": lambda target, aux: ("RectificationExtension", str(aux))},
        ),
        _part(
            "rectification_objections",
            "答复整改异议",
            "待答复的整改异议",
            RectificationObjection.objects.filter(**open_ones),
            note="words",
            arrived="raised_at",
            due="rectification__due_on",
            **of_order | {"identity": lambda target, aux: ("RectificationObjection", str(aux))},
        ),
    ]


def _passed() -> Exists:
    """A re-check of what was handed in last was passed."""
    rows = RectificationRecheck.objects.filter(
        rectification=OuterRef("pk"), passed=True, checked_at__gte=OuterRef("submitted_at")
    )
    return Exists(rows)


def _to_recheck(case: TodoCase) -> TodoPart:
    """Of the city's people, and of the 主检 of the check it came from."""
    if case.actor.role in RECTIFICATION_RECHECKERS:
        rows = Rectification.objects.visible_to(case.actor)
    else:
        rows = Rectification.objects.rechecked_by(case.actor.user)
    rows = rows.filter(~_passed(), state=_S.AWAITING_RECHECK)
    return _part(
        "rectifications_to_recheck",
        "复查整改",
        "已报送、待复查的整改",
        rows.exclude(submitted_by=case.actor.user),
        note="number",
        arrived="submitted_at",
        due=due_unless_backfilled(),
    )


def _to_close(case: TodoCase) -> TodoPart:
    rows = Rectification.objects.visible_to(case.actor).filter(_passed(), state=_S.AWAITING_RECHECK)
    return _part(
        "rectifications_to_close",
        "整改销号",
        "复查通过、待销号的整改",
        rows.exclude(submitted_by=case.actor.user),
        note="number",
        arrived="submitted_at",
        due=due_unless_backfilled(),
    )


def overdue_with_unit(case: TodoCase) -> QuerySet[Rectification]:
    """Past the last day of the term and still with the unit."""
    rows = Rectification.objects.visible_to(case.actor)
    return rows.filter(state__in=WITH_UNIT, due_on__lt=case.today, backfilled=False)


def _overdue(case: TodoCase) -> TodoPart:
    return _part(
        "rectifications_overdue",
        "督办逾期整改",
        "已逾期、尚未报送复查的整改",
        overdue_with_unit(case),
        note="number",
        arrived="issued_at",
        due="due_on",
        urgent=True,
    )


# --- the unit ---------------------------------------------------------------------------------------------------------


def _of_unit(case: TodoCase) -> list[TodoPart]:
    """Its own orders; a district also sees those of its subjects, which it may carry out in their place."""
    rows = Rectification.objects.visible_to(case.actor)
    district = case.actor.role != Role.SUBJECT_CONTACT
    own = rows.filter(subject__isnull=True) if district else rows

    def part(key: str, act: str, label: str, found: QuerySet[Rectification], **more: Any) -> TodoPart:
        return _part(
            key, act, label, found, note="number", arrived="issued_at", due=due_unless_backfilled(), **more
        )

    parts = [
        part(
            "rectifications_failed",
            "继续整改",
            "复查未通过、需继续的整改",
            own.filter(state=_S.NOT_PASSED),
            urgent=True,
        ),
        part("rectifications", "办理整改", "正在办理的整改", own.filter(state=_S.IN_PROGRESS)),
    ]
    if district:
        parts.append(
            part(
                "rectifications_of_subjects",
                "督促培育对象整改",
                "所辖培育对象未完成的整改",
                rows.filter(Q(state__in=WITH_UNIT), subject__isnull=False),
            )
        )
    return parts


def _improvements(case: TodoCase) -> TodoPart:
    """What the unit took up of its own accord."""
    return TodoPart(
        key="improvements",
        act="办理整改提升",
        label="正在办理的整改提升",
        unit="项",
        rows=Improvement.objects.visible_to(case.actor).open(),
        page=lambda target, aux: reverse("evaluation:improvement_detail", kwargs={"pk": target}),
        what=Concat("indicator", Value(" "), "title"),
        place="assessment__subject__name",
        arrived="created_at",
        due="due_on",
        identity=lambda target, aux: ("Improvement", str(target)),
        url=f"{reverse('evaluation:improvement_list')}?state=OPEN",
    )


# --- what others owe --------------------------------------------------------------------------------------------------


def late_rectifications(case: TodoCase) -> TodoPart:
    """Overdue with the unit: who issued it may remind of it, and a district of its subjects'."""
    rows = overdue_with_unit(case)
    if not case.actor.is_city:
        rows = rows.filter(subject__isnull=False)
    return _part(
        "late_rectifications",
        "办理整改",
        "办理整改",
        rows,
        note=Value("已逾期"),
        arrived="issued_at",
        due="due_on",
        tell=rectification_page,
    )


def sent_rectifications(case: TodoCase) -> TodoPart:
    """Handed in by the actor's unit and not closed yet."""
    rows = Rectification.objects.visible_to(case.actor).filter(state=_S.AWAITING_RECHECK)
    return _part(
        "rectifications_sent",
        "报送复查的整改",
        "报送复查的整改",
        rows,
        note=Value("待复查、销号"),
        place=Value("市三方委员会办公室"),
        arrived="submitted_at",
        due=due_unless_backfilled(),
    )
