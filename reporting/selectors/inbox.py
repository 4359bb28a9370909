"""The inbox as pages: 待办 by kind and by overdue, where one goes next, and 已办 from the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse

from cultivation.models import GuidanceVisit, Pairing, Subject, WorkItem, WorkPlan
from cultivation.selectors.todo_case import TodoCase
from cultivation.workflows import TRANSFER_WORKFLOW, WORK_ITEM_WORKFLOW, WORK_PLAN_WORKFLOW
from evaluation.models import Assessment, Finding, Improvement, Rectification
from evaluation.selectors.letters import visible_letters
from evaluation.workflows import ASSESSMENT_WORKFLOW
from evaluation.workflows.checks import CHECK_WORKFLOW
from reporting.models import AnnualReport
from reporting.selectors.todos import todo_parts
from reporting.workflows import ANNUAL_REPORT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.operations.selectors.todos import MOST, TodoPart, TodoRow, count_parts, list_parts

SIZE = 50


@dataclass(frozen=True)
class InboxFilter:
    """`kind` is the key of a part, "" all; `late` only what is overdue. Read from and written to the address."""

    kind: str = ""
    late: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> InboxFilter:
        return cls(query.get("kind", ""), query.get("late") == "1")

    @property
    def query(self) -> str:
        pairs = {"kind": self.kind, "late": "1" if self.late else ""}
        return urlencode({key: value for key, value in pairs.items() if value})


@dataclass(frozen=True)
class KindChoice:
    """One kind with how many wait of it."""

    part: TodoPart
    count: int


@dataclass(frozen=True)
class Inbox:
    """`page` holds one page of rows; `kinds` every kind with something in it; `total` all of them together."""

    page: KeysetPage[TodoRow]
    kinds: list[KindChoice]
    total: int
    chosen: TodoPart | None
    full: bool = False


def page_of(rows: Sequence[TodoRow], cursor: str, size: int = SIZE) -> KeysetPage[TodoRow]:
    """A page of a bounded list, in the shape the pager shows. A page that does not exist is the nearest one."""
    last = max(0, (len(rows) - 1) // size)
    wanted = last if cursor == "last" else (whole_number(cursor) or 1) - 1
    number = min(max(wanted, 0), last)
    return KeysetPage(
        rows=list(rows[number * size : (number + 1) * size]),
        size=size,
        total=len(rows),
        capped=False,
        previous=str(number) if number else "",
        next=str(number + 2) if number < last else "",
        has_first=number > 0,
        has_last=number < last,
    )


def _matching(parts: Sequence[TodoPart], chosen: InboxFilter) -> list[TodoPart]:
    return [part for part in parts if not chosen.kind or part.key == chosen.kind]


def matching_rows(parts: Sequence[TodoPart], chosen: InboxFilter, today: date) -> list[TodoRow]:
    """One statement."""
    return list_parts(_matching(parts, chosen), overdue_on=today if chosen.late else None)


def load_inbox(case: TodoCase | None, chosen: InboxFilter, *, today: date, cursor: str) -> Inbox:
    """Statements: 2, the counts and the rows."""
    parts = todo_parts(case)
    counts = count_parts(parts)
    rows = matching_rows(parts, chosen, today)
    kinds = [KindChoice(part, count) for part, count in zip(parts, counts, strict=True) if count]
    picked = next((part for part in parts if part.key == chosen.kind), None)
    return Inbox(page_of(rows, cursor), kinds, sum(counts), picked, len(rows) >= MOST)


def count_inbox(case: TodoCase | None) -> int:
    """What the badge says. One statement."""
    return sum(count_parts(todo_parts(case)))


def find_todo(case: TodoCase | None, token: str) -> TodoRow | None:
    """The row of this token, while it still waits for the actor. One statement."""
    key, _, rest = token.partition(".")
    target = whole_number(rest.partition(".")[0])
    part = next((part for part in todo_parts(case) if part.key == key), None)
    if part is None or target is None:
        return None
    return next((row for row in list_parts([part], target=target) if row.token == token), None)


def next_todo(case: TodoCase | None, chosen: InboxFilter, after: str, *, today: date) -> TodoRow | None:
    """The first row behind the place `after` (a row's order, as text), else the first of all; never `after` itself."""
    rows = [row for row in matching_rows(todo_parts(case), chosen, today) if place_of(row) != after]
    return next((row for row in rows if place_of(row) > after), rows[0] if rows else None)


def place_of(row: TodoRow) -> str:
    return "|".join(row.order)


# --- 已办 -----------------------------------------------------------------------------------------------------------

_PLAIN = ("办结跟进", "会签", "改签", "会签（线下，代录）", "改签（线下，代录）", "确认修改并会签",
          "确认修改并会签（线下，代录）", "发起会签", "催办", "转办",
          "申请划转", "划转", "退回划转申请", "撤回划转申请", "确认培育名单", "确认重点培育名单", "调整重点培育名单",
          "登记结对", "提交自评", "撤回自评", "延长填报期限", "交接", "签收通知", "列入整改提升", "完成整改提升",
          "不再进行整改提升")  # fmt: skip
# Of the spot checks and rectifications: what somebody waited for.
_CHECKS = ("登记发现问题", "起草整改通知书", "下达整改通知书", "登记整改措施", "报送整改复查", "继续整改", "复查通过",
           "复查未通过", "整改销号", "撤销整改", "申请整改延期", "同意整改延期", "不同意整改延期", "提出整改异议",
           "答复整改异议")  # fmt: skip
ACTIONS = (
    *_PLAIN,
    *_CHECKS,
    *(f"抽查{step.label}" for step in CHECK_WORKFLOW.transitions),
    *(f"{step.label}工作方案" for step in WORK_PLAN_WORKFLOW.transitions),
    *(f"{step.label}任务" for step in WORK_ITEM_WORKFLOW.transitions),
    *(f"年度报告{step.label}" for step in ANNUAL_REPORT.transitions),
    *(step.label for step in ASSESSMENT_WORKFLOW.transitions),
    *(step.label for step in TRANSFER_WORKFLOW.transitions),
)


def _pages(actor: Actor) -> dict[str, tuple[QuerySet[Any], str, dict[str, str]]]:
    """kind → (what the actor may see of it, the page's name, its fixed words)."""
    own = actor.role == Role.SUBJECT_CONTACT
    return {
        "WorkPlan": (WorkPlan.objects.visible_to(actor).live(), "cultivation:plan_detail", {}),
        "WorkItem": (WorkItem.objects.visible_to(actor).live(), "cultivation:work_item_detail", {}),
        "GuidanceVisit": (
            GuidanceVisit.objects.visible_to(actor).live(),
            "cultivation:ledger_detail",
            {"slug": "visits"},
        ),
        "Pairing": (
            Pairing.objects.visible_to(actor).live(),
            "cultivation:ledger_detail",
            {"slug": "pairings"},
        ),
        "Subject": (Subject.objects.visible_to(actor), "cultivation:subject_detail", {}),
        "AnnualReport": (AnnualReport.objects.visible_to(actor), "reporting:report_detail", {}),
        "Rectification": (Rectification.objects.visible_to(actor), "evaluation:rectification_detail", {}),
        "Finding": (Finding.objects.visible_to(actor), "evaluation:finding_detail", {}),
        "Improvement": (Improvement.objects.visible_to(actor), "evaluation:improvement_detail", {}),
        "Letter": (visible_letters(actor), "evaluation:letter_detail", {}),
        "Assessment": (
            Assessment.objects.visible_to(actor) if own else Assessment.objects.visible_to(actor).submitted(),
            "evaluation:assessment_home" if own else "evaluation:review_detail",
            {},
        ),
    }


@dataclass(frozen=True)
class DoneRow:
    """One act of the person; `url` is empty when the thing is gone or out of reach."""

    entry: AuditEntry
    url: str = field(default="")


def list_done(actor: Actor, cursor: Mapping[str, str]) -> tuple[KeysetPage[AuditEntry], list[DoneRow]]:
    """What the person did in this capacity, newest first. Statements: 3, whatever the number of rows."""
    entries = AuditEntry.objects.filter(
        user_id=actor.user.pk,
        role=actor.role,
        organization_id=actor.organization.pk if actor.organization else None,
        action__in=ACTIONS,
    )
    if actor.subject_id is not None:
        entries = entries.filter(capacity=shortened(actor.capacity.label, 160))
    page = fetch_page(entries, [SortKey("id", descending=True)], cursor=cursor, size=SIZE)
    return page, [DoneRow(row, url) for row, url in zip(page.rows, _links(actor, page.rows), strict=True)]


def _links(actor: Actor, entries: Sequence[AuditEntry]) -> list[str]:
    pages = _pages(actor)
    wanted: dict[str, set[int]] = {kind: {0} for kind in pages}
    for entry in entries:
        number = whole_number(entry.object_id)
        if entry.kind in wanted and number is not None:
            wanted[entry.kind].add(number)
    branches = [
        rows.order_by()
        .filter(pk__in=wanted[kind])
        .values_list(Cast(Value(kind), CharField()), Cast("pk", BigIntegerField()))
        for kind, (rows, _, _) in pages.items()
    ]
    there = {(kind, str(pk)) for kind, pk in branches[0].union(*branches[1:], all=True)}
    return [
        reverse(pages[entry.kind][1], kwargs={"pk": int(entry.object_id), **pages[entry.kind][2]})
        if (entry.kind, entry.object_id) in there
        else ""
        for entry in entries
    ]
