"""What was entered for one record, judged column by column and across columns, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cultivation.enums import CorrectionArea, SubjectState
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Slip, find_ledger
from cultivation.models import CampaignYear, Record, Subject
from cultivation.rules.periods import outside_periods, period_of_day
from cultivation.selectors.calendar import current_year, statistical_periods
from cultivation.selectors.ledgers import choosable_units, choosable_users, visible_records
from cultivation.selectors.year_corrections import year_is_open
from cultivation.services.closed_years import closed_words
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.parsing import ParseError, clean_text, parse_phone

CHOOSE = frozenset(
    {
        ColumnKind.CHOICE,
        ColumnKind.CHOICES,
        ColumnKind.SUBJECT,
        ColumnKind.ORGANIZATION,
        ColumnKind.TOWNSHIP,
        ColumnKind.MEMBER_UNIT,
        ColumnKind.USER,
        ColumnKind.RECORD,
    }
)
_NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.DECIMAL})


class RecordRefused(DomainError):
    """What was entered cannot be saved; `slips` are all the reasons, the message is the first."""

    def __init__(self, slips: list[Slip]) -> None:
        super().__init__(slips[0].message, code="slip", field=slips[0].field)
        self.slips = slips


class NeedsConfirmation(DomainError):
    """Only warnings stand in the way; the same values with `confirm_warnings=True` are saved.

    `other`: the row that is there already, when one is asked about and the actor may see it.
    """

    def __init__(self, slips: list[Slip], other: Any = None) -> None:
        super().__init__("；".join(slip.message for slip in slips), code="confirm", field=slips[0].field)
        self.slips = slips
        self.other = other


@dataclass
class Draft:
    """One record as it would be written. `slips` empty or all warnings: it can be."""

    values: dict[str, Any]
    organization: Organization
    township: Organization | None = None
    year: int | None = None
    backfilled: bool = False
    source_document: str = ""
    slips: list[Slip] = field(default_factory=list)
    other: Any = None

    def raise_slips(self, *, confirm_warnings: bool) -> None:
        """Raises RecordRefused for errors, NeedsConfirmation for warnings not confirmed."""
        errors = [slip for slip in self.slips if not slip.warning]
        if errors:
            raise RecordRefused(errors)
        if self.slips and not confirm_warnings:
            raise NeedsConfirmation(self.slips, self.other)


def examine_record(
    *,
    actor: Actor | None,
    ledger: Ledger,
    record: Record | None,
    values: Mapping[str, Any],
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
    looked_up: bool = False,
) -> Draft:
    """Judge values for a new record, or for `record` (keys that are not given keep what is stored). Writes nothing.

    `values`: column keys → Python values (instances for foreign keys, lists of codes for CHOICES); besides them
    `organization` (city actors), `township` and `year` (a number or CampaignYear; undated ledgers). Without an actor
    (the shell) the organization must be given. `looked_up`: an import found what the columns point to in its own scope
    and asks `check_many` for all rows at once, so neither is asked again here.
    """
    columns = [column for column in ledger.columns if column.kind is not ColumnKind.DERIVED]
    known = {column.key for column in ledger.columns} | {"organization", "township", "year"}
    unknown = set(values) - known
    if unknown:
        raise ValueError(f"{ledger.slug} has no columns {sorted(unknown)}")
    merged = {column.key: getattr(record, column.key) for column in columns} if record is not None else {}
    merged.update({key: value for key, value in values.items() if key in {column.key for column in columns}})
    draft = Draft(merged, _organization(actor, ledger, record, merged, values.get("organization")))
    draft.backfilled, draft.source_document = backfilled, clean_text(source_document)
    for column in columns:
        _clean_column(None if looked_up else actor, ledger, record, draft, column)
    _place(actor, ledger, record, draft, values)
    _file_in_year(ledger, record, draft, values.get("year"), shanghai_date(now))
    if draft.backfilled and not draft.source_document:
        draft.slips.append(
            Slip("source_document", "补录的记录须写明来源，如“滕人社〔2024〕15号”“2024年培训签到表”。")
        )
    if len(draft.source_document) > 160:
        draft.slips.append(Slip("source_document", "补录来源最多 160 个字，请删减。"))
    if not (looked_up and ledger.check_many is not None):
        draft.slips.extend(check_across(actor, ledger, record, draft.values, wrong_fields(draft.slips)))
    return draft


def wrong_fields(slips: Sequence[Slip]) -> set[str]:
    """The fields with errors; warnings do not count."""
    return {slip.field for slip in slips if not slip.warning}


def check_across(
    actor: Actor | None,
    ledger: Ledger,
    record: Record | None,
    values: Mapping[str, Any],
    wrong: set[str],
) -> list[Slip]:
    """What the ledger finds across columns. With wrong columns only errors among the others, so that all are said at
    once; nothing where a wrong one is among those the check cannot do without."""
    if not wrong:
        return list(ledger.check(actor, record, values))
    if not wrong.isdisjoint(ledger.check_needs):
        return []
    sound = {key: value for key, value in values.items() if key not in wrong}
    return [
        slip for slip in ledger.check(actor, record, sound) if not slip.warning and slip.field not in wrong
    ]


# --- where it belongs -------------------------------------------------------------------------------------------------


def _subject(ledger: Ledger, values: Mapping[str, Any]) -> Subject | None:
    column = ledger.subject_column
    found = values.get(column.key) if column else None
    return found if isinstance(found, Subject) else None


def _organization(
    actor: Actor | None,
    ledger: Ledger,
    record: Record | None,
    merged: Mapping[str, Any],
    chosen: Organization | None,
) -> Organization:
    """Frozen once written. City: the chosen one, else the subject's district, else the city. District: its own."""
    if record is not None:
        return record.organization
    if actor is None:
        if chosen is None:
            raise ValueError("without an actor the organization must be given")
        return chosen
    if actor.is_city and actor.organization is not None:
        subject = _subject(ledger, merged)
        return chosen or (subject.managing_organization if subject else actor.organization)
    district = actor.district
    if district is None:
        raise NotAllowed(f"您当前的身份不能登记{ledger.noun}：没有所在区（市）。")
    if chosen is not None and chosen.pk != district.pk:
        raise NotAllowed("只能登记本区（市）的记录。", field="organization")
    return district


def _place(
    actor: Actor | None, ledger: Ledger, record: Record | None, draft: Draft, values: Mapping[str, Any]
) -> None:
    column, subject = ledger.subject_column, _subject(ledger, draft.values)
    before: int | None = getattr(record, f"{column.key}_id") if record is not None and column else None
    moved = subject is not None and subject.pk != before
    if (
        subject is not None
        and column is not None
        and moved
        and draft.organization.level == Level.DISTRICT
        and subject.managing_organization_id != draft.organization.pk
        and not (
            draft.backfilled and Subject.objects.known_to(draft.organization).filter(pk=subject.pk).exists()
        )
    ):
        message = f"“{subject.name}”不由{draft.organization.name}管理，不能登记为{draft.organization.name}的{ledger.noun}。"
        draft.slips.append(Slip(column.key, message))
    named = "township" in ledger.by_key
    draft.township = draft.values.get("township") or values.get("township")
    if actor is not None and actor.role == Role.TOWNSHIP_STAFF:
        draft.township = actor.organization
    elif draft.township is None and record is not None and not moved and not named:
        draft.township = record.township
    elif draft.township is None and subject is not None:
        near = subject.managing_organization_id == draft.organization.pk
        draft.township = subject.township if near else None
    if named:
        draft.values["township"] = draft.township
    township = draft.township
    if (
        township is not None
        and township.parent_id != draft.organization.pk
        and (record is None or township.pk != record.township_id)
    ):
        draft.slips.append(
            Slip(
                "township",
                f"“{township.name}”不由“{draft.organization.name}”管理，请重新选择乡镇（街道）、园区。",
            )
        )


def _file_in_year(ledger: Ledger, record: Record | None, draft: Draft, chosen: Any, today: date) -> None:
    """The one place that says which campaign year a record counts in."""
    periods = statistical_periods()
    day = draft.values.get(ledger.year_key) if ledger.year_key else None
    if isinstance(day, date):
        period = period_of_day(periods, day)
        if period is None:
            draft.slips.append(Slip(ledger.year_key, outside_periods(periods, day)))
            return
        draft.year = period.year
        if day > today:
            message = f"日期 {day:%Y-%m-%d} 晚于今天，请核对。确为预先登记的，请再次保存。"
            draft.slips.append(Slip(ledger.year_key, message, warning=True))
    else:
        wanted = chosen.year if isinstance(chosen, CampaignYear) else chosen
        if wanted is None:
            wanted = record.year_id if record is not None else current_year(today)
        draft.year = int(wanted)
    period = next((item for item in periods if item.year == draft.year), None)
    if period is None:
        draft.slips.append(Slip("year", f"系统没有 {draft.year} 年度，请选择 2023—2027 年度。"))
        return
    moved = record is None or record.year_id != draft.year
    if moved and not ledger.standing and period.closed:
        place = draft.organization.pk
        if not year_is_open(year_id=draft.year, organization_id=place, area=CorrectionArea.LEDGER):
            draft.slips.append(Slip(ledger.year_key or "year", closed_words(draft.year)))
            return
    late = period.last < today and not draft.backfilled
    if late and moved:
        message = (
            f"该记录属于 {draft.year} 年度，统计期已于 {period.last:%Y-%m-%d} 结束。补录历史资料的，请勾选“补录”并写明来源；"
            "确为迟报的，请再次保存。"
        )
        draft.slips.append(Slip(ledger.year_key or "year", message, warning=True))


# --- column by column -------------------------------------------------------------------------------------------------


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def _clean_column(
    actor: Actor | None, ledger: Ledger, record: Record | None, draft: Draft, column: Column
) -> None:
    """Without an actor what is pointed to is taken as given."""
    value = draft.values.get(column.key)
    if isinstance(value, str):
        value = value.strip() if column.kind is ColumnKind.LONG_TEXT else clean_text(value)
    if column.kind is ColumnKind.BOOLEAN:
        draft.values[column.key] = bool(value) if value is not None else _nothing(ledger, column)
        return
    if _blank(value):
        draft.values[column.key] = _nothing(ledger, column)
        if column.required and _blank(draft.values[column.key]):
            verb = "选择" if column.kind in CHOOSE else "填写"
            draft.slips.append(Slip(column.key, f"请{verb}{column.header}。"))
        return
    changed = record is None or getattr(record, column.key) != value
    try:
        draft.values[column.key] = _cleaned(column, value)
        if actor is not None and changed and column.kind in CHOOSE:
            _refuse_foreign(actor, draft.organization, column, value)
    except DomainError as error:
        draft.slips.append(Slip(column.key, error.message))
    except ParseError as error:
        draft.slips.append(Slip(column.key, f"{column.header}：{error}。"))


def _nothing(ledger: Ledger, column: Column) -> Any:
    """What a blank means in the model: its default where it may not be empty."""
    model_field = ledger.model._meta.get_field(column.key)
    if getattr(model_field, "null", False):
        return None
    return model_field.get_default() if hasattr(model_field, "get_default") else None


def _cleaned(column: Column, value: Any) -> Any:
    header = column.header
    if column.kind is ColumnKind.CHOICE:
        if value not in dict(column.choices):
            raise DomainError(f"{header}没有“{value}”这一项，请从列出的选项中选择。")
    elif column.kind is ColumnKind.CHOICES:
        codes = [code for code, _ in column.choices]
        if strangers := [item for item in value if item not in codes]:
            raise DomainError(f"{header}没有“{strangers[0]}”这一项，请从列出的选项中选择。")
        return [code for code in codes if code in set(value)]
    elif column.kind in _NUMBERS:
        _refuse_out_of_range(column, value)
    elif column.kind in {ColumnKind.DATE, ColumnKind.MONTH}:
        if not isinstance(value, date):
            raise DomainError(f"{header}“{value}”不是日期，请按 2026-11-05 的形式填写。")
        return value.replace(day=1) if column.kind is ColumnKind.MONTH else value
    elif column.kind is ColumnKind.PHONE:
        return parse_phone(value)
    elif column.kind is ColumnKind.URL:
        _refuse_address(column, value)
    if column.kind not in CHOOSE and isinstance(value, str) and len(value) > column.limit:
        raise DomainError(f"{header}最多 {column.limit} 个字，现有 {len(value)} 个字，请删减。")
    return value


def _refuse_out_of_range(column: Column, value: int | Decimal) -> None:
    if column.minimum is not None and value < column.minimum:
        raise DomainError(f"{column.header}不能小于 {column.minimum}，请核对后重填。")
    if column.maximum is not None and value > column.maximum:
        raise DomainError(f"{column.header}不能大于 {column.maximum}，请核对后重填。")


def _refuse_address(column: Column, value: str) -> None:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or "." not in parts.netloc or " " in value:
        raise DomainError(
            f"{column.header}须是完整网址，如 https://www.zaozhuang.gov.cn/…，请从浏览器地址栏复制。"
        )


def _refuse_foreign(actor: Actor, organization: Organization, column: Column, value: Any) -> None:
    """What is pointed to must be one the actor may see and this place may name."""
    pk: int = getattr(value, "pk", 0)
    if column.kind is ColumnKind.SUBJECT:
        _refuse_subject(actor, column, value)
    elif column.kind is ColumnKind.ORGANIZATION and value.level != Level.DISTRICT:
        raise DomainError(f"{column.header}须为区（市）或高新区。")
    elif column.kind is ColumnKind.MEMBER_UNIT and not choosable_units(organization).filter(pk=pk).exists():
        raise DomainError(f"{column.header}“{value}”不是本级三方成员单位，请重新选择。")
    elif column.kind is ColumnKind.USER and not choosable_users(organization).filter(pk=pk).exists():
        raise DomainError(f"{column.header}“{value}”不是本单位的人员，请重新选择。")
    elif column.kind is ColumnKind.RECORD:
        other = find_ledger(column.ledger)
        if other is None or not visible_records(actor, other).filter(pk=pk).exists():
            raise DomainError(f"{column.header}“{value}”不在您能查看的台账中，请重新选择。")


def gone_words(subject: Subject) -> str:
    return f"“{subject.name}”{subject.get_state_display()}，不能再登记新的记录。"


def _refuse_subject(actor: Actor, column: Column, subject: Subject) -> None:
    if not Subject.objects.visible_to(actor).filter(pk=subject.pk).exists():
        raise DomainError(f"{column.header}不在您能查看的范围内，请重新选择。")
    if subject.state != SubjectState.ACTIVE:
        raise DomainError(gone_words(subject))
    if column.subject_kinds and subject.kind not in column.subject_kinds:
        raise DomainError(f"“{subject.name}”是{subject.get_kind_display()}，这里不能选。")
