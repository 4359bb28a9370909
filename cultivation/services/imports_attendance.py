"""参训人次 from Excel: one line for each training and subject, written through services.trainings (C046)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Training, TrainingAttendance
from cultivation.rules.imports_cells import Ref, Unresolved, make_ledger_readers
from cultivation.rules.imports_fields import EXAMPLE_MARK, UNDERSTOOD, ImportField, KindSpec
from cultivation.rules.imports_plan import ChangedRow, ImportPlan, NewRow, Refusal
from cultivation.rules.imports_rows import DraftRow, Rows, RowsCheck, SheetCheck, read_rows
from cultivation.rules.record_numbers import RecordNumberError, read_record_number, record_number
from cultivation.selectors.imports import load_reference
from cultivation.selectors.ledger_lookups import subject_lookup
from cultivation.services.imports_examine import columns_of
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask, UndoOutcome
from cultivation.services.imports_rosters import SUBJECT_FIELDS, resolve_subject
from cultivation.services.imports_words import words_in
from cultivation.services.trainings import HR, MANAGERS, MOST, cell_key, refuse_attendance, set_attendance
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.bulk import key_set, text_set
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn

_SPEC = KindSpec(
    "attendance",
    "参训人次",
    "条",
    (
        ImportField(
            "training",
            "培训名称",
            "系统中已登记的培训名称，或其编号",
            ("培训", "培训班", "培训班名称", "培训编号"),
            required=True,
            longest=160,
            example=f"{EXAMPLE_MARK}集体协商专题培训班",
            width=40,
        ),
        ImportField(
            "day",
            "培训日期",
            "同名的培训有几场时填写，可空",
            ("日期", "培训时间"),
            kind="date",
            example="2026-05-06",
            width=14,
        ),
        replace(SUBJECT_FIELDS[0], example="某某机械有限公司"),
        SUBJECT_FIELDS[1],
        ImportField(
            MANAGERS,
            "企业负责人（人次）",
            "参加培训的企业负责人",
            ("企业负责人", "负责人人次", "负责人参训人次"),
            kind="integer",
            maximum=MOST,
            unit="人次",
            example=1,
            width=14,
        ),
        ImportField(
            HR,
            "人力资源工作人员（人次）",
            "参加培训的人力资源工作人员",
            ("人力资源工作人员", "人资人次", "人资", "HR", "人力资源人次"),
            kind="integer",
            maximum=MOST,
            unit="人次",
            example=2,
            width=16,
        ),
    ),
    understood=UNDERSTOOD,
)


class Trainings:
    """The trainings a district may name: its own and those of the city, by title, day or 编号. Statements: 1."""

    def __init__(self, organization: Organization, texts: Collection[str]) -> None:
        named = {text: _number(text) for text in texts}
        rows = Training.objects.live().filter(
            Q(title__in=text_set(texts)) | Q(pk__in=[pk for pk in named.values() if pk])
        )
        if organization.level == Level.DISTRICT:
            rows = rows.filter(Q(organization=organization) | Q(organization__level=Level.CITY))
        self._numbers = named
        self._by_title: dict[str, list[Training]] = defaultdict(list)
        self._by_pk: dict[int, Training] = {}
        for training in rows.select_related("organization").order_by("happened_on", "pk"):
            self._by_title[training.title].append(training)
            self._by_pk[training.pk] = training

    def find(self, text: str, day: date | None) -> Training | str:
        """The training, or why none is meant."""
        pk = self._numbers.get(text)
        if pk:
            return self._by_pk.get(pk) or "不在可登记的培训中，请核对编号"
        found = self._by_title.get(text, [])
        if day is not None and found:
            found = [training for training in found if training.happened_on == day]
            if not found:
                return f"在 {day} 没有登记过，请核对培训名称和日期"
        if len(found) == 1:
            return found[0]
        if not found:
            return "没有登记过，请照系统中的培训名称填写，或先登记这场培训"
        days = "、".join(
            f"{training.happened_on}（{record_number(TRAININGS.slug, training.pk)}）"
            for training in found[:5]
        )
        return f"有 {len(found)} 场：{days}，请在“培训日期”列写明是哪一场"


def _number(text: str) -> int | None:
    try:
        return read_record_number(TRAININGS.slug, text)
    except RecordNumberError:
        return None


class AttendanceAdapter(ImportAdapter):
    spec = _SPEC
    levels = frozenset({Level.DISTRICT, Level.CITY})
    without_heading = True
    template_notes = (
        "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
        "先登记培训，再一场一户一行填写参训人次；市级培训由各区（市）登记本区（市）的对象。",
        "同一场培训、同一对象再次导入只更新有变化的人次，空白格不改动原有内容。",
        "导入前先校验并预览，确认后才写入；导入后 24 小时内可撤销本批。",
    )

    def require(self, actor: Actor | None, organization: Organization) -> None:
        if actor is None:
            raise NotAllowed("参训人次须登录后在网页上导入，以便记录登记人。")
        if actor.role not in TRAININGS.keepers:
            raise NotAllowed("您当前的身份不能登记参训人次。")

    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Statements: 4."""
        words = words_in(self.spec, {"training", "subject", "credit_code"}, sheets, tables)
        lookup = subject_lookup(
            "培育对象",
            task.organization,
            words.get("subject", set()) | words.get("credit_code", set()),
            past=True,
        )
        trainings = Trainings(task.organization, words.get("training", set()))
        check = read_rows(
            self.spec,
            sheets,
            tables,
            load_reference(task.organization),
            readers=make_ledger_readers(self.spec.by_key, self.spec.key, {"subject": lookup}),
            key_of=lambda values: _key(values, trainings, lookup),
            key_column="subject",
        )
        return check, self._plan(task, tables, check.drafts, trainings, lookup), None

    def _plan(
        self,
        task: ImportTask,
        tables: Sequence[SheetCheck],
        drafts: Sequence[DraftRow],
        trainings: Trainings,
        lookup: Any,
    ) -> ImportPlan:
        plan = ImportPlan()
        refuse = Refusal(self.spec, columns_of(tables), plan)
        pairs = {draft.key: draft for draft in drafts if draft.key is not None}
        known = {
            (row.training_id, row.subject_id): row
            for row in TrainingAttendance.objects.filter(
                training_id__in=key_set({training for training, _ in pairs}),
                subject_id__in=key_set({subject for _, subject in pairs}),
            )
        }
        for draft in drafts:
            training = trainings.find(draft.values["training"], draft.values.get("day"))
            ref = resolve_subject(draft.values, lookup)
            if isinstance(training, str):
                refuse(draft, "training", "培训找不到", training)
            elif task.actor is not None and (reason := refuse_attendance(task.actor, training)):
                refuse(draft, "training", "不能登记", f"不能登记：{reason}")
            elif isinstance(ref, Unresolved):
                doubt = refuse.doubt(draft, "subject", ref.cause, "")
                plan.errors.append(replace(doubt, value=ref.text, what=ref.what))
            else:
                self._settle(draft, training, ref, known.get((training.pk, ref.id)), refuse, plan)
        return plan

    def _settle(
        self,
        draft: DraftRow,
        training: Training,
        ref: Ref,
        row: TrainingAttendance | None,
        refuse: Refusal,
        plan: ImportPlan,
    ) -> None:
        typed = {key: draft.values[key] for key in (MANAGERS, HR) if key in draft.values}
        if row is None:
            if not any(typed.values()):
                refuse(
                    draft, MANAGERS, "没有人次", "两列人次都没有填写，请至少填一列，没有参训的请删去这一行"
                )
                return
            shown = {**draft.values, "training": training.title, "subject": ref}
            plan.created.append(NewRow(draft, shown, (training, ref.id)))
            return
        changes = {
            key: (getattr(row, key), value) for key, value in typed.items() if getattr(row, key) != value
        }
        if not changes:
            plan.unchanged.append(draft)
            return
        name = f"{training.title}：{ref.label}"
        # The row has no version of its own: what it holds now stands for one.
        version = row.managers * (MOST + 1) + row.hr
        plan.changed.append(ChangedRow(draft, row.pk, version, name, changes, (training, ref.id)))

    def write(self, examination: Examination) -> dict[str, Any]:
        plan, actor, now = examination.plan, examination.task.actor, examination.task.now
        if actor is None:
            raise NotAllowed("参训人次须登录后在网页上导入。")
        shown: dict[int, dict[str, int | None]] = defaultdict(dict)
        typed: dict[int, dict[str, int | None]] = defaultdict(dict)
        trainings: dict[int, Training] = {}
        for new in plan.created:
            training, subject = new.target
            trainings[training.pk] = training
            for key in (MANAGERS, HR):
                shown[training.pk][cell_key(subject, key)] = None
                typed[training.pk][cell_key(subject, key)] = new.draft.values.get(key) or None
        for item in plan.changed:
            training, subject = item.target
            trainings[training.pk] = training
            for key, (old, value) in item.changes.items():
                shown[training.pk][cell_key(subject, key)] = old or None
                typed[training.pk][cell_key(subject, key)] = value or None
        for pk, cells in typed.items():
            self._save(actor, trainings[pk], cells, shown[pk], now)
        log = [
            [pk, key, shown[pk][key], value] for pk, cells in typed.items() for key, value in cells.items()
        ]
        return {"created": [], "changed": [], "cells": log}

    def _save(
        self,
        actor: Actor,
        training: Training,
        cells: Mapping[str, int | None],
        shown: Mapping[str, int | None],
        now: datetime,
    ) -> None:
        try:
            set_attendance(actor=actor, training=training, typed=cells, shown=shown, now=now)
        except ConflictError:
            raise ConflictError(
                f"“{training.title}”的参训人次在校验后又有修改，本次导入没有写入任何内容。请重新校验后再确认。"
            ) from None

    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        """Each box goes back to what it held, unless it holds something else by now."""
        outcome = UndoOutcome()
        cells: dict[int, list[tuple[str, Any, Any]]] = defaultdict(list)
        for pk, key, old, new in log.get("cells", []):
            cells[pk].append((key, old, new))
        for training in Training.objects.select_related("organization").filter(pk__in=list(cells)):
            before = {key: old for key, old, _ in cells[training.pk]}
            after = {key: new for key, _, new in cells[training.pk]}
            created = {key.partition(":")[0] for key, old in before.items() if old is None}
            created -= {key.partition(":")[0] for key, old in before.items() if old is not None}
            try:
                set_attendance(actor=actor, training=training, typed=before, shown=after, now=now)
            except DomainError:
                outcome.keep(training.title, "参训人次导入后已被修改，或培训已删除")
                continue
            outcome.deleted += len(created)
            outcome.restored += len({key.partition(":")[0] for key in before} - created)
        return outcome

    def show(self, key: str, value: Any, context: Any) -> str:
        return value.label if isinstance(value, Ref) else str(value)

    def shown_name(self, values: Mapping[str, Any], context: Any) -> str:
        named = values.get("subject")
        return f"{values['training']}：{named.label}" if isinstance(named, Ref) else str(values["training"])

    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        titles: tuple[str, ...] = ()
        if organization is not None:
            own = Q(organization=organization) | Q(organization__level=Level.CITY)
            rows = Training.objects.live().filter(own).order_by("-happened_on", "-pk")
            titles = tuple(dict.fromkeys(rows.values_list("title", flat=True)[:200]))
        return [
            TemplateColumn(
                header=column.header,
                help=column.help,
                example=column.example,
                kind=column.kind if column.kind in ("integer", "date") else "text",
                choices=titles if column.key == "training" else (),
                required=column.required,
                width=column.width,
                strict=False,
            )
            for column in self.spec.fields
        ]

    def list_address(self) -> str:
        return reverse("cultivation:ledger_list", args=[TRAININGS.slug])


def _key(values: Mapping[str, Any], trainings: Trainings, lookup: Any) -> Any:
    if "training" not in values or "subject" not in values:
        return None
    training = trainings.find(values["training"], values.get("day"))
    ref = resolve_subject(values, lookup)
    return (training.pk, ref.id) if isinstance(training, Training) and isinstance(ref, Ref) else None
