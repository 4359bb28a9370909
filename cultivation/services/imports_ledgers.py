"""A ledger as a kind of import: the columns of its declaration, the rules of its records, the rights of its keepers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.urls import reverse

from cultivation.ledgers.base import ColumnKind, Ledger
from cultivation.ledgers.display import FOREIGN, words_of
from cultivation.ledgers.exchange import spec_of
from cultivation.ledgers.identity import tells_by_key
from cultivation.rules.imports_cells import Ref, make_ledger_readers
from cultivation.rules.imports_fields import EXAMPLE_MARK, RECORD_NUMBER, ImportField
from cultivation.rules.imports_plan import ImportPlan
from cultivation.rules.imports_rows import Rows, RowsCheck, SheetCheck, read_rows
from cultivation.rules.imports_words import BLANK_WORD
from cultivation.selectors.imports import load_reference, place_names
from cultivation.selectors.ledger_lookups import make_lookups, offered_words
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask, UndoOutcome
from cultivation.services.imports_ledgers_plan import Planner, natural_key
from cultivation.services.imports_ledgers_undo import undo_records
from cultivation.services.imports_ledgers_write import write_records
from cultivation.services.imports_words import words_in
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn

_CELL_KINDS = {"integer": "integer", "year": "integer", "decimal": "decimal", "date": "date"}
_YES_NO = ("是", "否")
_MARKABLE = ("text", "long_text", "subject", "member_unit", "township", "record", "user", "choice")


class LedgerAdapter(ImportAdapter):
    levels = frozenset({Level.DISTRICT, Level.CITY})
    without_heading = True
    may_backfill = True

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.spec = spec_of(ledger)

    def require(self, actor: Actor | None, organization: Organization) -> None:
        if actor is not None and actor.role not in self.ledger.keepers:
            raise NotAllowed(f"您当前的身份不能登记{self.ledger.noun}。")

    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Statements: the places, one for each reference column, the rows already there, and those of the ledger's check."""
        reference = load_reference(task.organization)
        foreign = {column.key for column in self.ledger.columns if column.kind in FOREIGN}
        words = words_in(self.spec, foreign, sheets, tables)
        lookups = make_lookups(self.ledger, task.organization, words, backfilled=task.backfilled)
        check = read_rows(
            self.spec,
            sheets,
            tables,
            reference,
            readers=make_ledger_readers(self.spec.by_key, self.ledger.slug, lookups),
            # What the key does not say for sure is for the planner to ask about.
            key_of=lambda values: (
                natural_key(self.ledger, values, task.now) if tells_by_key(self.ledger) else None
            ),
            key_column=self._key_column(),
        )
        return check, Planner(self.ledger, self.spec, task, tables).plan(check.drafts), None

    def _key_column(self) -> str:
        """Where two rows of one key are refused: the last column of the natural key that a file can bring."""
        known = [key for key in self.ledger.natural_key if key in self.spec.by_key]
        return known[-1] if known else RECORD_NUMBER

    def write(self, examination: Examination) -> dict[str, Any]:
        return write_records(self.ledger, examination.plan, examination.task)

    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        return undo_records(self.ledger, log, actor=actor, now=now)

    def show(self, key: str, value: Any, context: Any) -> str:
        if isinstance(value, Ref):
            return value.label
        column = self.ledger.by_key.get(key)
        shown = words_of(column, value) if column else "" if value is None else str(value)
        return shown or BLANK_WORD

    def shown_name(self, values: Mapping[str, Any], context: Any) -> str:
        title = self.ledger.title_column.key
        value = values.get(title)
        if isinstance(value, str | Ref):
            return self.show(title, value, context)
        return ""

    @property
    def template_notes(self) -> tuple[str, ...]:  # type: ignore[override]  # the words name the ledger's key
        headers = [self.spec.by_key[key].header for key in self.ledger.natural_key if key in self.spec.by_key]
        known = f"以{'、'.join(headers)}识别" if headers else "以全部列相同识别"
        if not tells_by_key(self.ledger):
            known += f"（相同而不能断定的，须在编号列写明编号，确是另外一{self.ledger.unit}的写“新增”）"
        return (
            "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
            "一行一条，从第 3 行起填写。标题行、序号列、合计行、空行会自动跳过。",
            "日期可写 2026-11-05、2026.11.5、20261105；月份可写 2026-11、2026年11月；多项之间用“、”隔开。",
            "培育对象填系统中的全称或统一社会信用代码；单位、乡镇（街道）、人员填系统中的名称。",
            f"同一条{self.ledger.noun}{known}，再次导入只更新有变化的列，空白格和含 * 的格不改动原有内容；"
            "导出的数据版带有编号，改好后可直接导入。",
            "导入前先校验并预览，确认后才写入；导入后 24 小时内可撤销本批。",
        )

    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        fields = [column for column in self.spec.by_key.values() if column.key != RECORD_NUMBER]
        offered = offered_words(self.ledger, organization)
        marked = any(EXAMPLE_MARK in str(column.example) for column in fields)
        mark = "" if marked else next((item.key for item in fields if item.kind in _MARKABLE), fields[0].key)
        columns = []
        for column in fields:
            choices = offered.get(column.key, ())
            if column.kind == "boolean":
                choices = _YES_NO
            elif column.kind == "choice":
                choices = tuple(word for _, word in column.choices)
            elif column.kind == "township":
                choices = place_names(organization)
            columns.append(
                TemplateColumn(
                    header=column.header,
                    help=_help(column),
                    example=EXAMPLE_MARK if column.key == mark else _example(column),
                    kind=_CELL_KINDS.get(column.kind, "text"),
                    choices=choices,
                    required=column.required,
                    width=column.width,
                    strict=column.kind in ("boolean", "choice"),
                )
            )
        return columns

    def list_address(self) -> str:
        return reverse("cultivation:ledger_list", args=[self.ledger.slug])

    def row_address(self, pk: int) -> str:
        return reverse("cultivation:ledger_detail", args=[self.ledger.slug, pk])


_HELPS = {
    ColumnKind.DATE.value: "日期，如 2026-11-05",
    ColumnKind.MONTH.value: "月份，如 2026-11",
    ColumnKind.BOOLEAN.value: "填“是”或“否”",
    ColumnKind.SUBJECT.value: "系统中的全称或统一社会信用代码",
    ColumnKind.MEMBER_UNIT.value: "系统中的成员单位名称",
    ColumnKind.TOWNSHIP.value: "本区（市）管理的乡镇（街道）或园区",
    ColumnKind.USER.value: "系统中的姓名，重名时填用户名",
    ColumnKind.RECORD.value: "系统中的名称，或其编号",
    ColumnKind.PHONE.value: "11 位手机号，或带区号的固定电话",
    ColumnKind.URL.value: "完整网址",
}


def _help(column: ImportField) -> str:
    parts = [column.help or _HELPS.get(column.kind, "")]
    if column.kind == ColumnKind.CHOICES.value:
        parts.append("可多项，用“、”隔开：" + "、".join(word for _, word in column.choices))
    if column.unit:
        parts.append(f"单位：{column.unit}")
    return "；".join(part for part in parts if part) or "可空"


_EXAMPLES: Mapping[str, str | int] = {
    ColumnKind.DATE.value: "2026-11-05",
    ColumnKind.MONTH.value: "2026-11",
    ColumnKind.BOOLEAN.value: "是",
}


def _example(column: ImportField) -> str | int | float:
    if column.example != "":
        return column.example
    if column.choices:
        return column.choices[0][1]
    return _EXAMPLES.get(column.kind, "")


@cache
def ledger_adapter(ledger: Ledger) -> LedgerAdapter:
    return LedgerAdapter(ledger)
