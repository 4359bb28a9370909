"""Compare good rows with the register: new, changed (old → new), unchanged, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cultivation.rules.imports_errors import CellDoubt
from cultivation.rules.imports_fields import ImportKind, KindSpec
from cultivation.rules.imports_rows import KEY_COLUMN, DraftRow
from cultivation.rules.imports_values import MASKED, Place
from cultivation.rules.industries import industries_by_code
from cultivation.rules.size_class import classify_size

# Stored when the clerk gave no word for a wrong check digit; check_data lists these firms.
UNCONFIRMED_CODE = "校验位不符，批量导入时未说明，待核对营业执照"
ACTIVE = "ACTIVE"
STATE_WORDS = {"DEREGISTERED": "已注销", "MERGED": "已合并"}


@dataclass(frozen=True, slots=True)
class Existing:
    """One registered subject as the plan needs it; `values` by field key, blank as None."""

    id: int
    version: int
    district_id: int
    state: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class NewRow:
    """`target`: what an adapter needs besides to write the row."""

    draft: DraftRow
    values: dict[str, Any]
    target: Any = None


@dataclass(slots=True)
class ChangedRow:
    draft: DraftRow
    id: int
    version: int
    name: str
    changes: dict[str, tuple[Any, Any]]
    target: Any = None


@dataclass(slots=True)
class ImportPlan:
    """What confirming would do. `errors` are the refusals found against what is there.

    `unconfirmed_codes`: rows whose check digit is wrong and for which nobody has given a word yet.
    """

    created: list[NewRow] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    unchanged: list[DraftRow] = field(default_factory=list)
    errors: list[CellDoubt] = field(default_factory=list)
    warnings: list[CellDoubt] = field(default_factory=list)
    unconfirmed_codes: int = 0


def plan_import(
    spec: KindSpec,
    drafts: Sequence[DraftRow],
    existing: Mapping[Any, Existing],
    *,
    district_id: int,
    columns: Mapping[str, Mapping[str, int]],
    code_note: str = "",
) -> ImportPlan:
    """Sort `drafts` by what the register holds under the same key. A blank or masked cell changes nothing.

    `columns[sheet][key]` is the column of a key, for messages. `code_note` is the clerk's word for wrong check
    digits (「已核对营业执照」). A subject of another district is refused without telling anything about it.
    """
    plan = ImportPlan()
    kind = ImportKind(spec.key)
    refuse = Refusal(spec, columns, plan)
    for draft in drafts:
        found = existing.get(draft.key)
        if found is None:
            masked = [key for key, value in draft.values.items() if value is MASKED]
            if masked:
                for key in masked:
                    refuse(
                        draft,
                        key,
                        "新建档的行含脱敏内容",
                        "是脱敏后的内容（含 *），新建档须填写完整内容或留空",
                    )
                continue
            values = dict(draft.values)
            _settle(kind, values, {}, plan, refuse, draft, code_note)
            plan.created.append(NewRow(draft, values))
            continue
        column = KEY_COLUMN[kind]
        if found.district_id != district_id:
            refuse(
                draft,
                column,
                "已由其他区（市）建档",
                "已由其他区（市）建档。如确属本区（市），请在系统中提出移交申请",
            )
            continue
        if found.state != ACTIVE:
            word = STATE_WORDS.get(found.state, found.state)
            refuse(draft, column, f"在系统中{word}", f"在系统中{word}，不能用导入修改，请先在登记页面核对")
            continue
        values = {key: value for key, value in draft.values.items() if value is not MASKED}
        _settle(kind, values, found.values, plan, refuse, draft, code_note)
        changes = _changes(values, found.values)
        if changes:
            name = found.values["name"]
            plan.changed.append(ChangedRow(draft, found.id, found.version, name, changes))
        else:
            plan.unchanged.append(draft)
    notes = [new.values.get("credit_code_note") for new in plan.created]
    notes += [item.changes.get("credit_code_note", (None, None))[1] for item in plan.changed]
    plan.unconfirmed_codes = notes.count(UNCONFIRMED_CODE)
    return plan


class Refusal:
    """Puts an error on a row into the plan, with the place of its cell."""

    def __init__(self, spec: KindSpec, columns: Mapping[str, Mapping[str, int]], plan: ImportPlan) -> None:
        self._spec = spec
        self._columns = columns
        self._plan = plan

    def doubt(self, draft: DraftRow, key: str, cause: str, what: str) -> CellDoubt:
        value = draft.values.get(key)
        text = "" if value is None or value is MASKED else str(value)
        shown = f"‘{text}’" if text else ""
        index = self._columns.get(draft.sheet, {}).get(key, -1)
        header = self._spec.by_key[key].header if key in self._spec.by_key else "本行"
        return CellDoubt(draft.sheet, draft.row, index, header, text, cause, f"{shown}{what}")

    def __call__(self, draft: DraftRow, key: str, cause: str, what: str) -> None:
        self._plan.errors.append(self.doubt(draft, key, cause, what))


def _changes(values: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    changes = {}
    for key, value in values.items():
        before = old.get(key)
        if before != value and not (isinstance(value, Place) and before == value.id):
            changes[key] = (before, value)
    return changes


def _settle(
    kind: ImportKind,
    values: dict[str, Any],
    old: Mapping[str, Any],
    plan: ImportPlan,
    refuse: Refusal,
    draft: DraftRow,
    code_note: str,
) -> None:
    """Derived columns: the word for a wrong check digit, and the size class."""
    if kind is not ImportKind.ENTERPRISES:
        return
    if not draft.doubtful_code:
        values.pop("credit_code_note", None)
    elif "credit_code_note" not in values and not old.get("credit_code_note"):
        values["credit_code_note"] = code_note or UNCONFIRMED_CODE
    typed = values.pop("size_class", None)
    kept = old.get("size_class") or None
    if old.get("size_overridden") and typed in (None, kept):
        return
    computed = _computed_size({**old, **values})
    if computed is not None:
        values["size_class"], values["size_overridden"] = computed, False
        if typed is not None and typed != computed:
            what = "与按国统字〔2017〕213号测算的结果不一致，已采用测算结果；如须人工认定，请在登记页面修改"
            plan.warnings.append(refuse.doubt(draft, "size_class", "企业规模与测算不一致", what))
    elif typed is not None:
        values["size_class"], values["size_overridden"] = typed, True


def _computed_size(values: Mapping[str, Any]) -> str | None:
    code = values.get("industry_code") or ""
    if not code or values.get("employee_count") is None:
        return None
    industry = industries_by_code().get(code[:2]) or industries_by_code().get(code)
    section = industry.parent or industry.code if industry else ""
    size = classify_size(
        industry_code=code,
        section=section,
        employees=values["employee_count"],
        revenue=_decimal(values.get("annual_revenue")),
        assets=_decimal(values.get("total_assets")),
    ).size
    return size.value if size else None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
