"""Rosters of past years (历史补录): who was cultivated in 2023, 2024 …, brought in confirmed, marked 补录, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from cultivation.enums import BackfillMatter, EnrollmentState, RosterState
from cultivation.models import CampaignYear, CultivationRoster, Enrollment, Participation
from cultivation.permissions.rosters import CONFIRMERS
from cultivation.rules.imports_cells import Ref, Unresolved, make_ledger_readers
from cultivation.rules.imports_fields import EXAMPLE_MARK, UNDERSTOOD, ImportField, KindSpec
from cultivation.rules.imports_plan import ImportPlan, NewRow, Refusal
from cultivation.rules.imports_rows import DraftRow, Rows, RowsCheck, SheetCheck, read_rows
from cultivation.selectors.backfill import YEAR_IN_USE, consented_years
from cultivation.selectors.calendar import current_year
from cultivation.selectors.imports import load_reference
from cultivation.selectors.ledger_lookups import subject_lookup
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from cultivation.services.imports_examine import columns_of
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask, UndoOutcome
from cultivation.services.imports_words import words_in
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.names import compact_name
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn

UNDONE = "撤销导入的补录名单"
SUBJECT_FIELDS = (
    ImportField(
        "subject",
        "培育对象",
        "系统中的全称；企业也可在下一列填信用代码",
        (
            "企业名称",
            "单位名称",
            "名称",
            "企业",
            "单位",
            "公司名称",
            "园区名称",
            "对象名称",
            "园区（乡镇、街道）名称",
        ),
        required=True,
        longest=140,
        example=f"{EXAMPLE_MARK}某某机械有限公司",
        width=34,
    ),
    ImportField(
        "credit_code",
        "统一社会信用代码",
        "填了以代码为准，可空",
        ("信用代码", "社会信用代码", "代码"),
        longest=40,
        width=24,
    ),
)
_SPEC = KindSpec(
    "rosters",
    "往年培育名单",
    "户",
    (
        ImportField(
            "year",
            "年度",
            "往年的年度，如 2024",
            ("名单年度", "年份"),
            kind="year",
            required=True,
            example=2024,
        ),
        *SUBJECT_FIELDS,
        ImportField(
            "is_key",
            "重点培育",
            "填“是”或“否”，不填为“是”；填“否”的只列入、不计入目标",
            ("是否重点", "是否重点培育", "重点"),
            kind="boolean",
            example="是",
            width=10,
        ),
        ImportField(
            "document",
            "名单文号",
            "确定名单的文件文号或名称，作为补录来源；不填用本批的来源",
            ("文号", "来源", "补录来源", "文件"),
            longest=160,
            example="滕人社字〔2024〕9号",
            width=24,
        ),
    ),
    understood=UNDERSTOOD,
)


def resolve_subject(values: Mapping[str, Any], lookup: Any) -> Ref | Unresolved:
    """The subject of a line: its credit code goes before its name."""
    found: Ref | Unresolved = (
        lookup(values["credit_code"]) if values.get("credit_code") else values["subject"]
    )
    return found


class RosterAdapter(ImportAdapter):
    spec = _SPEC
    may_backfill = True
    must_backfill = True
    template_notes = (
        "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
        "一户一行。只用于补录往年的培育名单；本年度名单请在“培育名单”页选择和确认。",
        "对象须已在本区（市）建档；已注销的对象也可以补录。",
        "导入后即为已确认的名单，标注“补录”和来源，计入当年目标，不触发提醒。",
    )

    def require(self, actor: Actor | None, organization: Organization) -> None:
        if actor is None:
            raise NotAllowed("往年培育名单须由三方办公室人员登录后在网页上导入，以便记录确认人。")
        if actor.role not in CONFIRMERS:
            raise NotAllowed("往年培育名单由市、区（市）三方办公室导入。")

    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Statements: 5."""
        words = words_in(self.spec, {"subject", "credit_code"}, sheets, tables)
        lookup = subject_lookup(
            "培育对象",
            task.organization,
            words.get("subject", set()) | words.get("credit_code", set()),
            past=True,
        )
        check = read_rows(
            self.spec,
            sheets,
            tables,
            load_reference(task.organization),
            readers=make_ledger_readers(self.spec.by_key, "rosters", {"subject": lookup}),
            key_of=lambda values: _key(values, lookup),
            key_column="subject",
        )
        return check, self._plan(task, tables, check.drafts, lookup), None

    def _plan(
        self, task: ImportTask, tables: Sequence[SheetCheck], drafts: Sequence[DraftRow], lookup: Any
    ) -> ImportPlan:
        plan = ImportPlan()
        refuse = Refusal(self.spec, columns_of(tables), plan)
        this_year = current_year(shanghai_date(task.now))
        closed = _closed_years(task)
        found = {id(draft): resolve_subject(draft.values, lookup) for draft in drafts}
        subjects = [ref.id for ref in found.values() if isinstance(ref, Ref)]
        known = {
            (row.subject_id, row.year_id): row
            for row in Enrollment.objects.filter(subject_id__in=key_set(subjects))
        }
        for draft in drafts:
            ref, year = found[id(draft)], draft.values["year"]
            is_key = draft.values.get("is_key", True)
            if isinstance(ref, Unresolved):
                doubt = refuse.doubt(draft, "subject", ref.cause, "")
                plan.errors.append(replace(doubt, value=ref.text, what=ref.what))
            elif year >= this_year and not _stands(known.get((ref.id, year)), is_key):
                refuse(draft, "year", "不是往年", f"年度不是往年，请在“培育名单”页选择和确认{year}年度名单")
            elif year in closed and not _stands(known.get((ref.id, year)), is_key):
                what = YEAR_IN_USE.format(year=f"{year}年度", matter=BackfillMatter.ROSTER.after_year)
                refuse(draft, "year", "系统启用后的年度", what)
            elif reason := _standing(known.get((ref.id, year)), is_key):
                doubt = refuse.doubt(draft, "subject", "已在名单中", "")
                plan.errors.append(replace(doubt, value=ref.label, what=f"‘{ref.label}’{reason}"))
            else:
                self._check_name(draft, ref, refuse, plan)
                row = known.get((ref.id, year))
                if row is not None and row.state == EnrollmentState.CONFIRMED:
                    plan.unchanged.append(draft)
                else:
                    plan.created.append(
                        NewRow(draft, {**draft.values, "subject": ref, "is_key": is_key}, ref.target)
                    )
        self._tell_confirmed(task, refuse, plan)
        return plan

    def _tell_confirmed(self, task: ImportTask, refuse: Refusal, plan: ImportPlan) -> None:
        """Once for each year whose roster stands confirmed already: the import adds to it and raises its revision."""
        added: dict[int, list[DraftRow]] = defaultdict(list)
        for new in plan.created:
            added[new.values["year"]].append(new.draft)
        standing = CultivationRoster.objects.filter(
            organization=task.organization, year_id__in=list(added), state=RosterState.CONFIRMED
        )
        for year, revision in standing.values_list("year_id", "revision") if added else ():
            first = added[year][0]
            doubt = refuse.doubt(first, "year", "名单已确认", "")
            what = (
                f"{year}年度名单已确认（第 {revision} 版），导入后增补 {len(added[year])} 户并升版，"
                "理由记为“补录”和来源；请核对这些对象当年确在名单中"
            )
            plan.warnings.append(replace(doubt, value=str(year), what=what))

    def _check_name(self, draft: DraftRow, ref: Ref, refuse: Refusal, plan: ImportPlan) -> None:
        named = draft.values.get("subject")
        text = named.text if isinstance(named, Unresolved) else named.label if isinstance(named, Ref) else ""
        if text and compact_name(text) != compact_name(ref.label):
            doubt = refuse.doubt(draft, "subject", "名称与信用代码不一致", "")
            what = f"‘{text}’与信用代码登记的“{ref.label}”不一致，按信用代码导入"
            plan.warnings.append(replace(doubt, value=text, what=what))

    def write(self, examination: Examination) -> dict[str, Any]:
        task = examination.task
        if task.actor is None:
            raise NotAllowed("往年培育名单须由三方办公室人员登录后在网页上导入。")
        place = task.organization if task.organization.level == Level.DISTRICT else None
        groups: dict[tuple[int, bool, str], list[Any]] = defaultdict(list)
        for new in examination.plan.created:
            source = new.values.get("document") or task.source_document
            groups[new.values["year"], new.values["is_key"], source].append(new.target)
        pairs = [(new.target.pk, new.values["year"]) for new in examination.plan.created]
        joined = self._participations(pairs)
        years = CampaignYear.objects.in_bulk({year for year, _, _ in groups})
        created = []
        for (year, is_key, source), subjects in groups.items():
            chosen = choose_subjects(
                actor=task.actor,
                year=years[year],
                subjects=subjects,
                now=task.now,
                is_key=is_key,
                backfilled=True,
                source_document=source,
                counted_for=place,
            )
            confirmed = confirm_enrollments(actor=task.actor, enrollments=chosen, now=task.now)
            created += [enrollment.pk for enrollment in confirmed]
        return {"created": created, "joined": sorted(self._participations(pairs) - joined)}

    def _participations(self, pairs: Sequence[tuple[int, int]]) -> set[int]:
        """Rows of 参与创建 of these subjects and years."""
        rows = Participation.objects.filter(subject_id__in=key_set([subject for subject, _ in pairs]))
        wanted = set(pairs)
        return {
            pk
            for pk, subject, year in rows.values_list("pk", "subject_id", "year_id")
            if (subject, year) in wanted
        }

    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        """The enrollments leave the rosters with a reason; the rosters keep their revisions."""
        outcome = UndoOutcome()
        ids = log.get("created", [])
        rows = Enrollment.objects.filter(pk__in=key_set(ids)).select_related("subject", "year")
        for enrollment in rows.order_by("pk"):
            if enrollment.state != EnrollmentState.CONFIRMED:
                outcome.keep(str(enrollment), "导入后已被调整")
                continue
            try:
                remove_enrollment(actor=actor, enrollment=enrollment, reason=UNDONE, now=now)
            except DomainError as refusal:
                outcome.keep(str(enrollment), refusal.message)
            else:
                outcome.deleted += 1
        removed = Enrollment.objects.filter(pk__in=key_set(ids), state=EnrollmentState.REMOVED)
        gone = set(removed.values_list("subject_id", "year_id"))
        for row in Participation.objects.filter(pk__in=key_set(log.get("joined", []))):
            if (row.subject_id, row.year_id) in gone:
                delete_kept(Participation.objects.filter(pk=row.pk), at=now)
        return outcome

    def show(self, key: str, value: Any, context: Any) -> str:
        if isinstance(value, Ref):
            return value.label
        return ("是" if value else "否") if isinstance(value, bool) else str(value)

    def shown_name(self, values: Mapping[str, Any], context: Any) -> str:
        named = values.get("subject")
        return f"{named.label}（{values['year']}年度）" if isinstance(named, Ref) else ""

    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        return [
            TemplateColumn(
                header=column.header,
                help=column.help,
                example=column.example,
                kind="integer" if column.kind == "year" else "text",
                choices=("是", "否") if column.kind == "boolean" else (),
                required=column.required,
                width=column.width,
            )
            for column in self.spec.fields
        ]

    def list_address(self) -> str:
        return reverse("cultivation:roster_home")


def _closed_years(task: ImportTask) -> set[int]:
    """Years in which the portal was in use and whose roster the city has not consented to back-fill. Statements: 2."""
    if task.actor is not None and task.actor.role == Role.CITY_OFFICE:
        return set()
    in_use = CampaignYear.objects.filter(in_use=True)
    return set(in_use.values_list("pk", flat=True)) - consented_years(
        task.organization.pk, BackfillMatter.ROSTER
    )


def _key(values: Mapping[str, Any], lookup: Any) -> Any:
    if "year" not in values or "subject" not in values:
        return None
    ref = resolve_subject(values, lookup)
    return (ref.id, values["year"]) if isinstance(ref, Ref) else None


def _stands(row: Enrollment | None, is_key: bool) -> bool:
    """The line says what is confirmed already: nothing to bring in, of whatever year."""
    return row is not None and row.state == EnrollmentState.CONFIRMED and row.is_key == is_key


def _standing(row: Enrollment | None, is_key: bool) -> str:
    """Why a subject that stands on the year's list already cannot be brought in, or ""."""
    if row is None or (row.state == EnrollmentState.REMOVED and row.reason == UNDONE):
        return ""
    where = f"已在{row.year_id}年度名单中"
    if row.state == EnrollmentState.CANDIDATE:
        return f"{where}（候选），请在“培育名单”页确认"
    if row.state == EnrollmentState.REMOVED:
        return f"曾列入{row.year_id}年度名单，后调出（{row.reason}），请在“培育名单”页办理"
    if row.is_key != is_key:
        return f"{where}，为{'重点培育' if row.is_key else '非重点'}，与本行不一致，请在“培育名单”页调整"
    return ""
