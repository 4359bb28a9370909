"""What was done for one subject: one selector per tab of its page. Each list holds the newest `LIMIT` rows.

Who looks after the subject today reads all of it, also what another district did before a move; a district it moved
away from reads its own part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from cultivation.enums import EnrollmentState, SubjectEvent, TransferState
from cultivation.models import (
    BestPractice,
    CultureActivity,
    EmploymentAdvisory,
    Enrollment,
    GuidanceVisit,
    LiaisonAssignment,
    Mediation,
    Pairing,
    Subject,
    SubjectHistory,
    SubjectProfile,
    Training,
    TrainingAttendance,
)
from cultivation.models.subjects import reads_history
from cultivation.rules.industries import industries_by_code, industry_label
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, Organization
from zaozhuang_portal.accounts.selectors.timeline import entries_of
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.components import TimelineEntry
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import mark_duplicates

LIMIT = 200
# Models with a `subject` whose files belong to the subject's page. owner_kind is the model's name.
_WITH_FILES = (Pairing, GuidanceVisit, EmploymentAdvisory, Mediation, CultureActivity, BestPractice)


@dataclass(frozen=True)
class ServiceRow:
    """One line of the tab 服务, whatever its ledger. `slug` and `pk` lead to the record."""

    happened_on: date
    slug: str
    noun: str
    pk: int
    title: str
    detail: str
    backfilled: bool
    organization: Organization


def moved_away(actor: Actor, subject: Subject) -> bool:
    """The actor's district looks after the subject no longer: it reads what it did, and changes nothing."""
    district = actor.district
    return reads_history(actor) and district is not None and district.pk != subject.managing_organization_id


def pairings_of(actor: Actor, subject: Subject) -> Sequence[Pairing]:
    """All pairings, open ones first. Statements: 1."""
    rows = Pairing.objects.readable_by(actor).live().filter(subject=subject)
    rows = rows.select_related("unit", "person", "organization")
    return list(rows.order_by("-starts_on", "-id")[:LIMIT])


def liaisons_of(actor: Actor, subject: Subject) -> Sequence[LiaisonAssignment]:
    """All 定点联系. Statements: 1."""
    rows = LiaisonAssignment.objects.readable_by(actor).live().filter(subject=subject)
    return list(
        rows.select_related("coordinator", "instructor", "organization").order_by("-starts_on", "-id")[:LIMIT]
    )


def services_of(actor: Actor, subject: Subject) -> list[ServiceRow]:
    """Visits, advisories, mediations and cultural activities, newest first. Statements: 4."""
    found: list[ServiceRow] = []
    sources: tuple[tuple[Any, str], ...] = (
        (GuidanceVisit, "visits"),
        (EmploymentAdvisory, "advisories"),
        (Mediation, "mediations"),
        (CultureActivity, "culture"),
    )
    for model, slug in sources:
        rows = model.objects.readable_by(actor).live().filter(subject=subject)
        for row in rows.select_related("organization")[:LIMIT]:
            found.append(
                ServiceRow(
                    row.happened_on,
                    slug,
                    str(model._meta.verbose_name),
                    row.pk,
                    str(getattr(row, "topic", "") if model is GuidanceVisit else getattr(row, "title", row)),
                    _detail(row),
                    row.backfilled,
                    row.organization,
                )
            )
    return sorted(found, key=lambda row: (row.happened_on, row.pk), reverse=True)[:LIMIT]


def _detail(row: Any) -> str:
    if isinstance(row, GuidanceVisit):
        words = [row.get_mode_display(), row.get_purpose_display()]
        if row.follow_up_due and not row.follow_up_done_on:
            words.append(f"待跟进，{row.follow_up_due}前")
        return "、".join(words)
    if isinstance(row, EmploymentAdvisory | Mediation):
        return str(row.get_outcome_display())
    return str(row.get_kind_display())


def trainings_of(actor: Actor, subject: Subject) -> list[TrainingAttendance]:
    """Sessions the subject sent people to, the city's among them. `opens`: the actor may open the session. Statements: 1.

    Other firms' attendance stands on the session's page, so another district's session is named and not opened.
    """
    visible = Training.objects.visible_to(actor).order_by()
    rows = TrainingAttendance.objects.filter(subject=subject, training__removed_at__isnull=True).annotate(
        opens=Exists(visible.filter(pk=OuterRef("training_id")))
    )
    if moved_away(actor, subject) and actor.district is not None:
        rows = rows.filter(organization_id=actor.district.pk)
    rows = rows.select_related("training", "training__organization")
    return list(rows.order_by("-training__happened_on", "-id")[:LIMIT])


def files_of(actor: Actor, subject: Subject) -> list[Attachment]:
    """Files of the subject itself and of the records made for it that the actor may open. Statements: 1."""
    owned = Q(pk__isnull=True) if moved_away(actor, subject) else Q(owner_kind="Subject", owner_id=subject.pk)
    for model in _WITH_FILES:
        rows: Any = model.objects.readable_by(actor).live().filter(subject=subject)  # type: ignore[attr-defined]
        owned |= Q(owner_kind=model.__name__, owner_id__in=rows.order_by().values("pk"))
    files = list(Attachment.objects.current().filter(owned).order_by("-uploaded_at")[:LIMIT])
    mark_duplicates(files)
    return files


def history_of(subject: Subject) -> list[SubjectHistory]:
    """Renames, moves, mergers, newest first. Statements: 1."""
    return list(subject.history.select_related("by", "merged_subject"))


def former_names_of(subject: Subject) -> list[str]:
    """曾用名, the latest first. Statements: 1."""
    rows = subject.history.filter(event=SubjectEvent.RENAMED).values_list("before", flat=True)
    return list(dict.fromkeys(rows))


def subject_timeline(subject: Subject) -> list[TimelineEntry]:
    """The audit entries of the record and of what was merged into it. Statements: 2."""
    pks = [str(subject.pk), *(str(pk) for pk in subject.absorbed.values_list("pk", flat=True))]
    profile = {field.name: str(field.verbose_name) for field in SubjectProfile._meta.concrete_fields}
    rows = AuditEntry.objects.filter(kind="Subject", object_id__in=pks)
    return entries_of(rows, labels=profile | {"members": "成员企业", "contact": "经办人"}, codes=_codes())


def deeds_of(actor: Actor, subject: Subject, *, today: date) -> list[TimelineEntry]:
    """What was done with and for the subject, the newest first, each leading to its record. Statements: 7.

    Rosters, pairings from and to, services and trainings, as far as the actor reads them on the other tabs.
    """
    told: list[TimelineEntry] = []
    opens = actor.role != Role.SUBJECT_CONTACT  # its own pages show these; the offices' are not for it

    def tell(day: date, title: str, who: str, href: str = "", note: str = "") -> None:
        if day <= today:
            told.append(TimelineEntry(title=title, who=who, at=day, href=href if opens else "", note=note))

    for row in enrollments_of(subject):
        word = "重点培育" if row.is_key else "参与创建"
        if row.confirmed_at is not None and row.state == EnrollmentState.CONFIRMED:
            roster = f"{reverse('cultivation:roster', args=[row.year_id])}?district={row.organization_id}"
            day = shanghai_date(row.confirmed_at)
            note = "补录" if row.backfilled else ""
            tell(day, f"列入{row.year_id}年度{word}名单", row.organization.name, roster, note)
    for pairing in pairings_of(actor, subject):
        href = _record("pairings", pairing.pk)
        tell(pairing.starts_on, f"与{pairing.partner}结对", pairing.organization.name, href)
        if pairing.ends_on is not None:
            tell(
                pairing.ends_on,
                f"与{pairing.partner}的结对结束",
                pairing.organization.name,
                href,
                pairing.end_reason,
            )
    for service in services_of(actor, subject):
        href = _record(service.slug, service.pk)
        title = f"{service.noun}：{service.title}"
        tell(service.happened_on, title, service.organization.name, href, service.detail)
    for attendance in trainings_of(actor, subject):
        training = attendance.training
        href = _record("trainings", training.pk) if attendance.opens else ""  # type: ignore[attr-defined]  # annotation
        people = attendance.managers + attendance.hr
        tell(
            training.happened_on,
            f"参加培训：{training.title}",
            training.organization.name,
            href,
            f"{people} 人次",
        )
    return sorted(told, key=lambda entry: entry.at, reverse=True)[:LIMIT]


def enrollments_of(subject: Subject) -> Sequence[Enrollment]:
    """The years of the subject, the newest first. Statements: 1."""
    return list(subject.enrollments.select_related("organization").order_by("-year_id"))


def _record(slug: str, pk: int) -> str:
    return reverse("cultivation:ledger_detail", args=[slug, pk])


@cache
def _codes() -> dict[str, dict[Any, Any]]:
    """`state` in an entry of a subject is its transfer's."""
    industries = {code: industry_label(code) for code in industries_by_code()}
    return {"state": dict(TransferState.choices), "industry_code": industries}
