"""往年整改 through the house's import: findings with their orders of earlier years, marked 补录, closed or still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from cultivation.models import CampaignYear
from cultivation.rules.imports_cells import Ref, Unresolved, make_ledger_readers
from cultivation.rules.imports_plan import ImportPlan, NewRow, Refusal
from cultivation.rules.imports_rows import DraftRow, Rows, RowsCheck, SheetCheck, read_rows
from cultivation.selectors.calendar import current_year
from cultivation.selectors.imports import load_reference
from cultivation.selectors.ledger_lookups import subject_lookup
from cultivation.services.imports_examine import columns_of
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask, UndoOutcome
from cultivation.services.imports_words import words_in
from evaluation.models import Rectification
from evaluation.permissions.roles import PAST_RECTIFICATION_KEEPERS
from evaluation.services.rectifications.past_columns import KEY, SPEC, faults_of
from evaluation.services.rectifications.past_writing import remove_past, write_past
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.names import compact_name
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn

_CELL_KINDS = {"year": "integer", "date": "date"}


def _key(values: Mapping[str, Any]) -> Any:
    """(year, subject or None, title): what one finding is known by."""
    subject = values.get("subject")
    if "year" not in values or "title" not in values or isinstance(subject, Unresolved):
        return None
    return values["year"], subject.id if isinstance(subject, Ref) else None, compact_name(values["title"])


class PastRectifications(ImportAdapter):
    spec = SPEC
    may_backfill = True
    must_backfill = True
    template_notes = (
        "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
        "一个问题一行，只用于补录往年的整改台账；本年度的问题和整改通知书请在“抽查整改”中办理。",
        "整改单位是培育对象的，须已在本区（市）建档；是区（市）本身的，“培育对象”留空。",
        "年度、单位、问题都相同的视为同一件，已有的不再导入。",
        "导入后标注“补录”和来源，不触发提醒；状态为“整改中”的，可在“抽查整改 → 整改”中继续办理。",
        "导入前先校验并预览，确认后才写入；导入后 24 小时内可撤销本批。",
    )

    def require(self, actor: Actor | None, organization: Organization) -> None:
        if actor is None:
            raise NotAllowed("往年整改须由三方办公室人员登录后在网页上导入，以便记录登记人。")
        if actor.role not in PAST_RECTIFICATION_KEEPERS:
            raise NotAllowed("往年整改由市、区（市）三方办公室导入。")

    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Statements: 5."""
        words = words_in(self.spec, {"subject"}, sheets, tables)
        lookup = subject_lookup("培育对象", task.organization, words.get("subject", set()), past=True)
        check = read_rows(
            self.spec,
            sheets,
            tables,
            load_reference(task.organization),
            readers=make_ledger_readers(self.spec.by_key, KEY, {"subject": lookup}),
            key_of=_key,
            key_column="title",
        )
        return check, self._plan(task, tables, check.drafts), None

    def _plan(self, task: ImportTask, tables: Sequence[SheetCheck], drafts: Sequence[DraftRow]) -> ImportPlan:
        plan, today = ImportPlan(), shanghai_date(task.now)
        refuse = Refusal(self.spec, columns_of(tables), plan)
        this_year = current_year(today)
        years = CampaignYear.objects.in_bulk()
        known = self._known(task.organization)
        numbers = set(Rectification.objects.exclude(number=None).values_list("number", flat=True))
        for draft in drafts:
            values, before = draft.values, len(plan.errors)
            subject = values.get("subject")
            if isinstance(subject, Unresolved):
                doubt = refuse.doubt(draft, "subject", subject.cause, "")
                plan.errors.append(replace(doubt, value=subject.text, what=subject.what))
                continue
            if _key(values) in known:
                plan.unchanged.append(draft)
                continue
            year = years.get(values["year"])
            if values["year"] >= this_year:
                refuse(draft, "year", "不是往年", "年度不是往年，请在“抽查整改”中办理")
            elif year is None:
                refuse(draft, "year", "年度没有载入", "年度没有载入")
            elif year.in_use and task.actor is not None and task.actor.role != Role.CITY_OFFICE:
                refuse(draft, "year", "系统启用后的年度", "是系统启用后的年度，由市三方委员会办公室补录")
            self._check_dates(draft, refuse, today)
            number = values.get("number")
            if number and number in numbers:
                refuse(draft, "number", "文号已使用", "已是另一件整改的文号，请核对")
            if len(plan.errors) == before:
                numbers |= {number} if number else set()
                plan.created.append(
                    NewRow(draft, dict(values), subject.target if isinstance(subject, Ref) else None)
                )
        return plan

    def _check_dates(self, draft: DraftRow, refuse: Refusal, today: date) -> None:
        for key, cause, words in faults_of(draft.values, today):
            refuse(draft, key, cause, words)

    def _known(self, organization: Organization) -> set[Any]:
        rows = Rectification.objects.filter(organization=organization, backfilled=True)
        return {
            (year, subject, compact_name(title))
            for year, subject, title in rows.values_list("year_id", "subject_id", "finding__title")
        }

    def write(self, examination: Examination) -> dict[str, Any]:
        task = examination.task
        if task.actor is None:
            raise NotAllowed("往年整改须由三方办公室人员登录后在网页上导入。")
        created = write_past(
            actor=task.actor,
            organization=task.organization,
            rows=[(new.values, new.target) for new in examination.plan.created],
            source_document=task.source_document,
            now=task.now,
        )
        return {"created": [record.pk for record in created]}

    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        """Rows nobody touched since go, with their findings; the others stay and are named."""
        outcome = UndoOutcome()
        outcome.deleted = remove_past(
            actor=actor,
            ids=log.get("created", []),
            now=now,
            keep=lambda row, why: outcome.keep(str(row), why),
        )
        return outcome

    def show(self, key: str, value: Any, context: Any) -> str:
        if isinstance(value, Ref):
            return value.label
        choices = dict(self.spec.by_key[key].choices) if key in self.spec.by_key else {}
        return choices.get(value, "" if value is None else str(value))

    def shown_name(self, values: Mapping[str, Any], context: Any) -> str:
        return f"{values['title']}（{values['year']}年度）"

    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        return [
            TemplateColumn(
                header=column.header,
                help=column.help or ("日期，如 2024-10-21" if column.kind == "date" else "可空"),
                example=column.example or (column.choices[0][1] if column.choices else ""),
                kind=_CELL_KINDS.get(column.kind, "text"),
                choices=tuple(word for _, word in column.choices),
                required=column.required,
                width=column.width,
                strict=bool(column.choices),
            )
            for column in self.spec.fields
        ]

    def list_address(self) -> str:
        return reverse("evaluation:rectification_list")

    def row_address(self, pk: int) -> str:
        return reverse("evaluation:rectification_detail", args=[pk])
