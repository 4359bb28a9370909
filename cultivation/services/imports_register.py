"""The register's kinds of import: enterprises by credit code, parks by name, industry pilots by name and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from cultivation.rules.imports_fields import SPECS, ImportKind
from cultivation.rules.imports_plan import ImportPlan, plan_import
from cultivation.rules.imports_rows import Rows, RowsCheck, SheetCheck, check_rows
from cultivation.rules.imports_values import OWNERSHIP_LABELS, SIZE_LABELS, Reference
from cultivation.rules.imports_words import show_value
from cultivation.rules.industries import all_industries
from cultivation.selectors.imports import SUBJECT_KIND, load_existing, load_reference, place_names
from cultivation.services.imports_examine import columns_of
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask, UndoOutcome
from cultivation.services.imports_register_undo import undo_register
from cultivation.services.imports_write import write_plan
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn

_NOTES = (
    "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
    "一行一条，从第 3 行起填写。合计行、空行会自动跳过。",
    "日期可写 2026-11-05、2026.11.5、20261105；数字可带千分位逗号。",
    "企业以统一社会信用代码识别，园区以名称识别，行业试点以名称和年度识别：同一对象再次导入只更新有变化的列，空白格不改动原有内容。",
    "导入前先校验并预览，确认后才写入；导入后 24 小时内可撤销本批。",
)
_KIND_OF_CELL = {"integer": "integer", "year": "integer", "decimal": "decimal", "date": "date"}


class RegisterAdapter(ImportAdapter):
    template_notes = _NOTES
    without_heading = True
    heading_by_content = True

    def __init__(self, kind: ImportKind) -> None:
        self.kind = kind
        self.spec = SPECS[kind]

    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Statements: 2."""
        reference = load_reference(task.organization)
        check = check_rows(self.spec, sheets, tables, reference)
        plan = plan_import(
            self.spec,
            check.drafts,
            load_existing(self.kind, task.organization, check.drafts),
            district_id=task.organization.pk,
            columns=columns_of(tables),
            code_note=task.code_note,
        )
        return check, plan, reference

    def write(self, examination: Examination) -> dict[str, Any]:
        return write_plan(
            kind=self.kind,
            plan=examination.plan,
            organization=examination.task.organization,
            actor=examination.task.actor,
            now=examination.task.now,
        )

    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        return undo_register(log, actor=actor, now=now)

    def show(self, key: str, value: Any, context: Any) -> str:
        reference: Reference = context
        return show_value(key, value, {place.id: place.name for place in reference.places})

    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        choices = {
            "township": place_names(organization),
            "industry_code": tuple(item.label for item in all_industries() if item.parent),
            "ownership": OWNERSHIP_LABELS,
            "size_class": SIZE_LABELS,
        }
        return [
            TemplateColumn(
                header=column.header,
                help=column.help,
                example=column.example,
                kind=_KIND_OF_CELL.get(column.kind, "text"),
                choices=choices.get(column.key, ()),
                required=column.required,
                width=column.width,
                strict=column.key in ("ownership", "size_class"),
            )
            for column in self.spec.fields
        ]

    def list_address(self) -> str:
        return f"{reverse('cultivation:subject_list')}?kind={SUBJECT_KIND[self.kind].value}"

    def row_address(self, pk: int) -> str:
        return reverse("cultivation:subject_detail", args=[pk])
