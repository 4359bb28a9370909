"""What confirming an import into a ledger would do: which row each line names, what it changes, what stands against it.

A line is the row of its 编号, else of the ledger's natural key where that says it for sure, else the row that equals it
in all columns (which then stays as it is). What may be a row that is there is asked about: the 编号 column says which, or 新增.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from cultivation.ledgers.base import ColumnKind, Ledger, Slip
from cultivation.ledgers.display import FOREIGN, related_names, words_of
from cultivation.ledgers.exchange import YEAR, exchanged
from cultivation.ledgers.identity import (
    comparable,
    compared_of_record,
    compared_of_values,
    key_of_record,
    tells_by_key,
)
from cultivation.models.records import SharedRecordQuerySet
from cultivation.rules.imports_cells import Ref, Unresolved, same_value
from cultivation.rules.imports_errors import CellDoubt
from cultivation.rules.imports_fields import RECORD_NUMBER, KindSpec
from cultivation.rules.imports_plan import ChangedRow, ImportPlan, NewRow, Refusal
from cultivation.rules.imports_rows import DraftRow, SheetCheck
from cultivation.rules.imports_values import MASKED
from cultivation.rules.periods import period_of_day
from cultivation.rules.record_numbers import record_number
from cultivation.selectors.calendar import current_year, statistical_periods
from cultivation.services.imports_examine import columns_of
from cultivation.services.imports_kinds import ImportTask
from cultivation.services.ledger_values import Draft, examine_record
from cultivation.services.ledgers import attributes_of, refuse_change
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.kernel.bulk import key_set, text_set
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import NotAllowed

_MOST_TOLD = 3


def natural_key(ledger: Ledger, values: Mapping[str, Any], now: datetime) -> Any:
    """The natural key of a line as comparable words and ids; None when the ledger has none or a part cannot be told."""
    if not ledger.natural_key:
        return None
    parts = []
    for name in ledger.natural_key:
        value = _year(ledger, values, now) if name == YEAR else values.get(name)
        if value is MASKED or isinstance(value, Unresolved):
            return None
        parts.append(comparable(value))
    return tuple(parts)


def _year(ledger: Ledger, values: Mapping[str, Any], now: datetime) -> int:
    day = values.get(ledger.year_key) if ledger.year_key else None
    period = period_of_day(statistical_periods(), day) if isinstance(day, date) else None
    return period.year if period else values.get(YEAR) or current_year(shanghai_date(now))


class Planner:
    """Plans one file. The rows already there are loaded with what they point to, in a constant number of statements."""

    def __init__(
        self, ledger: Ledger, spec: KindSpec, task: ImportTask, tables: Sequence[SheetCheck]
    ) -> None:
        self.ledger = ledger
        self.task = task
        self.outcome = ImportPlan()
        self._spec = spec
        self._refuse = Refusal(spec, columns_of(tables), self.outcome)
        self._columns = {column.key: column for column in exchanged(ledger)}
        self._pending: list[tuple[DraftRow, Any, Draft, dict[str, Any]]] = []
        self._new_lines: dict[Any, list[tuple[int, Mapping[str, Any]]]] = {}

    def plan(self, drafts: Sequence[DraftRow]) -> ImportPlan:
        by_number = self._numbered(drafts)
        by_key = self._keyed(drafts)
        for draft in drafts:
            if RECORD_NUMBER in draft.values:
                record = self._named(draft, by_number)
                if record is not None:
                    self._change(draft, record)
            else:
                self._by_key(draft, by_key)
        if not self.ledger.natural_key:
            self._leave_equal_rows()
        self._judge()
        self._settle()
        return self.outcome

    # --- which row a line names ---------------------------------------------------------------------------------------

    def _rows(self) -> QuerySet[Any]:
        names = (*related_names(self.ledger, self.ledger.columns), "organization", "township")
        manager: Any = self.ledger.model._default_manager
        rows: QuerySet[Any] = manager.select_related(*dict.fromkeys(names))
        return rows

    def _numbered(self, drafts: Sequence[DraftRow]) -> dict[int, Any]:
        numbers = [draft.values[RECORD_NUMBER] for draft in drafts if RECORD_NUMBER in draft.values]
        if not numbers:
            return {}
        return {record.pk: record for record in self._rows().filter(pk__in=key_set(numbers))}

    def _named(self, draft: DraftRow, known: Mapping[int, Any]) -> Any:
        """The row of the line's 编号, or None after saying why it may not be changed here."""
        record = known.get(draft.values[RECORD_NUMBER])
        organization = self.task.organization
        if record is None or not (
            organization.level == Level.CITY
            or record.organization_id == organization.pk
            or self._is_shared(record)
        ):
            what = f"的{self.ledger.noun}不属于{organization.name}，或已不存在；新增的行请把编号留空"
            self._refuse_number(draft, "编号对应的记录不存在", what)
            return None
        if record.removed_at is not None:
            self._refuse_number(
                draft, "编号对应的记录已删除", f"的{self.ledger.noun}已删除，请先从回收站恢复，或删去这一行"
            )
            return None
        return record

    def _is_shared(self, record: Any) -> bool:
        """A row of the city that every district reads: it comes with the district's export and may come back as it was."""
        rows = self.ledger.model._default_manager.all()
        return isinstance(rows, SharedRecordQuerySet) and record.organization.level == Level.CITY

    def _refuse_number(self, draft: DraftRow, cause: str, what: str) -> None:
        number = record_number(self.ledger.slug, draft.values[RECORD_NUMBER])
        doubt = self._refuse.doubt(draft, RECORD_NUMBER, cause, "")
        self.outcome.errors.append(replace(doubt, value=number, what=f"‘{number}’{what}"))

    def _by_key(self, draft: DraftRow, known: Mapping[Any, list[Any]]) -> None:
        """A line without 编号: the row it surely means, a question about those it may mean, else a new row."""
        key = self._key(draft)
        own = compared_of_values(self.ledger, draft.values)
        verdicts = [
            (record, self.ledger.is_same(compared_of_record(self.ledger, record), own))
            for record in (known.get(key, ()) if key is not None else ())
        ]
        same = [record for record, verdict in verdicts if verdict is True]
        doubtful = [record for record, verdict in verdicts if verdict is None]
        if len(same) > 1:
            self._ambiguous(draft, same)
        elif same:
            self._change(draft, same[0])
        elif doubtful:
            self._ask(draft, doubtful)
        elif key is None or not self._repeats_a_line(draft, key, own):
            self._create(draft)

    def _key(self, draft: DraftRow) -> Any:
        if draft.fresh:
            return None
        return (
            draft.key if tells_by_key(self.ledger) else natural_key(self.ledger, draft.values, self.task.now)
        )

    def _ask(self, draft: DraftRow, doubtful: Sequence[Any]) -> None:
        """One of these in every column it brings: nothing to do. Otherwise a person has to say which, or that it is another."""
        values = self._python_values(draft, doubtful[0])
        if values is None:
            return
        for record in doubtful:
            if all(self._same(key, self._old(key, record), value) for key, value in values.items()):
                self.outcome.unchanged.append(draft)
                return
        numbers = "、".join(record_number(self.ledger.slug, record.pk) for record in doubtful[:_MOST_TOLD])
        self._refuse(
            draft, self._key_header(), "可能是已有的一条", f"可能是已有的 {numbers}，{self._say_which}"
        )

    def _repeats_a_line(self, draft: DraftRow, key: Any, own: Mapping[str, Any]) -> bool:
        """Whether an earlier new line of the file may be the same thing; then it is said."""
        if tells_by_key(self.ledger):
            return False  # read_rows has refused it
        lines = self._new_lines.setdefault(key, [])
        for number, earlier in lines:
            if self.ledger.is_same(earlier, own) is not False:
                what = f"与第 {number} 行可能是同一{self.ledger.unit}。是同一{self.ledger.unit}的请只保留一行，{self._say_which}"
                self._refuse(draft, self._key_header(), "可能与另一行重复", what)
                return True
        lines.append((draft.row, own))
        return False

    def _key_header(self) -> str:
        known = [name for name in self.ledger.natural_key if name in self._spec.by_key]
        return known[0] if known else RECORD_NUMBER

    @property
    def _say_which(self) -> str:
        unit = self.ledger.unit
        return f"请核对：是已有那一{unit}的，在编号列写明编号；确是另外一{unit}的，在编号列写“新增”"

    def _keyed(self, drafts: Sequence[DraftRow]) -> dict[Any, list[Any]]:
        """Living rows of the organization under the natural keys of the lines. Statements: 1."""
        named = [self._key(draft) for draft in drafts if RECORD_NUMBER not in draft.values]
        keys = [key for key in named if key is not None]
        if not keys:
            return {}
        rows = self._rows().filter(organization=self.task.organization, removed_at__isnull=True)
        for place, name in enumerate(self.ledger.natural_key):
            wanted = {key[place] for key in keys}
            rows = _narrowed(rows, self.ledger, name, wanted)
        found: dict[Any, list[Any]] = {}
        for record in rows.order_by("pk"):
            found.setdefault(key_of_record(self.ledger, record), []).append(record)
        return found

    def _ambiguous(self, draft: DraftRow, same: Sequence[Any]) -> None:
        numbers = "、".join(record_number(self.ledger.slug, record.pk) for record in same[:_MOST_TOLD])
        self._refuse(
            draft,
            self.ledger.natural_key[-1],
            "系统中有几条相同的记录",
            f"在系统中有 {len(same)} 条（{numbers}），请在编号列写明是哪一条",
        )

    # --- what it changes ----------------------------------------------------------------------------------------------

    def _create(self, draft: DraftRow) -> None:
        values = self._python_values(draft, None)
        if values is None:
            return
        judged = self._examine(None, values)
        self._pending.append((draft, None, judged, {}))

    def _change(self, draft: DraftRow, record: Any) -> None:
        values = self._python_values(draft, record)
        if values is None:
            return
        touched = {
            key: value for key, value in values.items() if not self._same(key, self._old(key, record), value)
        }
        if not touched:
            self.outcome.unchanged.append(draft)
            return
        actor = self.task.actor
        if self.task.organization.level != Level.CITY and self._is_shared(record):
            reason = "这是市级的记录，只能由市里修改；请恢复原来的内容，或删去这一行。"
        elif actor:
            reason = refuse_change(actor, self.ledger, record)
        else:
            reason = self.ledger.refuse_change(actor, record)  # type: ignore[arg-type]  # the shell acts for the system
        if reason:
            self._refuse(draft, next(iter(touched)), "不能修改", f"不能修改：{reason}")
            return
        self._pending.append((draft, record, self._examine(record, touched), touched))

    def _old(self, key: str, record: Any) -> Any:
        return record.year_id if key == YEAR and YEAR not in self._columns else getattr(record, key)

    def _same(self, key: str, old: Any, new: Any) -> bool:
        column = self._columns.get(key)
        return same_value(column.kind.value if column else "year", old, new)

    def _python_values(self, draft: DraftRow, record: Any) -> dict[str, Any] | None:
        """What the line brings, as the services take it; None after refusing what names nothing."""
        values: dict[str, Any] = {}
        failed = False
        for key, value in draft.values.items():
            if key == RECORD_NUMBER:
                continue
            if isinstance(value, Unresolved):
                if record is None or words_of(self._columns[key], getattr(record, key)) != value.text:
                    doubt = self._refuse.doubt(draft, key, value.cause, "")
                    self.outcome.errors.append(replace(doubt, value=value.text, what=value.what))
                    failed = True
            elif value is MASKED:
                if record is None:
                    self._refuse(
                        draft,
                        key,
                        "新增的行含脱敏内容",
                        "是脱敏后的内容（含 *），新增的行须填写完整内容或留空",
                    )
                    failed = True
            else:
                values[key] = value.target if isinstance(value, Ref) else value
        return None if failed else values

    def _examine(self, record: Any, values: Mapping[str, Any]) -> Draft:
        task = self.task
        backfilled = record.backfilled if record is not None else task.backfilled
        try:
            return examine_record(
                actor=task.actor,
                ledger=self.ledger,
                record=record,
                values={**values, "organization": task.organization},
                now=task.now,
                backfilled=backfilled,
                source_document=record.source_document if record is not None else task.source_document,
                looked_up=True,
            )
        except NotAllowed as refusal:
            return Draft({}, task.organization, slips=[Slip(refusal.field, refusal.message)])

    # --- without a key: the row that equals it in all columns ---------------------------------------------------------

    def _leave_equal_rows(self) -> None:
        fresh = [item for item in self._pending if item[1] is None]
        if not fresh:
            return
        rows = self._rows().filter(organization=self.task.organization, removed_at__isnull=True)
        rows = rows.filter(year_id__in={item[2].year for item in fresh if item[2].year})
        if self.ledger.dated:
            rows = rows.filter(happened_on__in={item[2].values.get("happened_on") for item in fresh} - {None})
        known: dict[Any, int] = {}
        for record in rows:
            mark = self._mark(record.year_id, record.__getattribute__)
            known[mark] = known.get(mark, 0) + 1
        kept = []
        for item in self._pending:
            draft, existing, judged, _ = item
            same = self._mark(judged.year, judged.values.get) if existing is None else None
            if same is not None and known.get(same):
                known[same] -= 1
                self.outcome.unchanged.append(draft)
            else:
                kept.append(item)
        self._pending = kept

    def _mark(self, year: int | None, get: Any) -> tuple[Any, ...]:
        parts: list[Any] = [year]
        for column in self._columns.values():
            if column.kind is ColumnKind.DERIVED or not column.in_form:
                continue
            value = get(column.key)
            if isinstance(value, list):
                value = tuple(value)
            elif column.kind in FOREIGN:
                value = getattr(value, "pk", None)
            parts.append(comparable(value))
        return tuple(parts)

    # --- what stands against it ---------------------------------------------------------------------------------------

    def _judge(self) -> None:
        """The ledger's own check, for all rows at once where it knows how."""
        check_many = self.ledger.check_many
        if check_many is None:
            return
        clean = [item for item in self._pending if not any(not slip.warning for slip in item[2].slips)]
        answers = check_many(self.task.actor, [(item[1], item[2].values) for item in clean])
        for item, slips in zip(clean, answers, strict=True):
            item[2].slips.extend(slips)

    def _settle(self) -> None:
        for draft, record, judged, touched in self._pending:
            errors = [slip for slip in judged.slips if not slip.warning]
            for slip in errors:
                self.outcome.errors.append(self._doubt(draft, slip))
            if errors:
                continue
            for slip in judged.slips:
                self.outcome.warnings.append(self._doubt(draft, slip))
            self.ledger.prepare(self.task.actor, record, judged.values)
            attributes = attributes_of(self.ledger, judged)
            if record is None:
                self.outcome.created.append(NewRow(draft, self._shown(draft), attributes))
                continue
            changes = {key: (self._ref(key, record), draft.values[key]) for key in touched}
            self.outcome.changed.append(
                ChangedRow(draft, record.pk, record.version, str(record), changes, (record, attributes))
            )

    def _doubt(self, draft: DraftRow, slip: Slip) -> CellDoubt:
        key = slip.field if slip.field in self._spec.by_key else ""
        header = self._spec.by_key[key].header if key else "本行"
        doubt = self._refuse.doubt(draft, key, f"{header}须核对", "")
        shown = draft.values.get(key)
        text = words_of(self._columns[key], shown) if key in self._columns and isinstance(shown, str) else ""
        return replace(doubt, column=header, value=text, what=slip.message)

    def _shown(self, draft: DraftRow) -> dict[str, Any]:
        return {key: value for key, value in draft.values.items() if key != RECORD_NUMBER}

    def _ref(self, key: str, record: Any) -> Any:
        value = self._old(key, record)
        return Ref(value.pk, str(value)) if hasattr(value, "pk") else value


def _narrowed(rows: QuerySet[Any], ledger: Ledger, name: str, wanted: Iterable[Any]) -> QuerySet[Any]:
    """Rows whose attribute is one of the wanted words or ids; a superset is enough, the keys are compared again."""
    values = set(wanted)
    column = ledger.by_key.get(name)
    if name in (YEAR, "township", "organization") or (column is not None and column.kind in FOREIGN):
        return rows if "" in values else rows.filter(**{f"{name}_id__in": key_set(values)})
    if all(isinstance(value, str) for value in values):
        # Stored words may hold spaces a cleaned one has lost; only short lists of codes are sure to match as they stand.
        exact = column is not None and column.kind in (ColumnKind.CHOICE, ColumnKind.TEXT)
        return rows.filter(**{f"{name}__in": text_set(values)}) if exact else rows
    if "" in values or any(isinstance(value, bool) for value in values):
        return rows
    return rows.filter(**{f"{name}__in": values})
