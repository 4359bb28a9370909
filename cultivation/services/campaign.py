"""Years, milestones and targets: loaded with the notice's defaults, changed only with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cultivation.enums import CorrectionArea
from cultivation.models import AnnualTarget, CampaignYear, Milestone
from cultivation.rules import calendar, targets
from cultivation.services.closed_years import guard_years
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

# Pilots are a city-wide target: 1–2 in 2023, at least as many later (notice 三（二）3).
PILOT_BOUNDS: dict[int, tuple[int, int | None]] = {
    2023: (1, 2),
    2024: (2, None),
    2025: (2, None),
    2026: (2, None),
    2027: (2, None),
}


@transaction.atomic
def load_campaign_years(*, now: datetime, first_in_use: int | None = None) -> int:
    """Create the five years with milestones and targets of the notice where missing; never overwrites an edit.

    Returns how many rows were created. Targets are created for every organization that carries a quota. Years before
    `first_in_use` (default: the year of `now`, the day of the installation) lie before the portal's use.
    """
    created = 0
    first_in_use = first_in_use or min(shanghai_date(now).year, calendar.YEARS[-1])
    districts = list(Organization.objects.districts().filter(carries_quota=True))
    city = Organization.objects.filter(level=Level.CITY).first()
    for year in calendar.YEARS:
        seed = calendar.year_seed(year)
        row, new = CampaignYear.objects.get_or_create(
            year=year,
            defaults={
                "period_start": seed.period_start,
                "period_end": seed.period_end,
                "cutoff_on": seed.cutoff_on,
                "in_use": year >= first_in_use,
            },
        )
        created += new
        for milestone in seed.milestones:
            _, new = Milestone.objects.get_or_create(
                year=row,
                code=milestone.code,
                defaults={
                    "name": milestone.name,
                    "due_on": milestone.due_on,
                    "clause": milestone.clause,
                    "system_default": milestone.system_default,
                },
            )
            created += new
        created += _load_targets(row, districts, city)
    if created:
        record_audit(
            actor=None,
            at=now,
            action="载入年度、节点和目标",
            kind="CampaignYear",
            changes={"created": [0, created]},
        )
    return created


def _load_targets(year: CampaignYear, districts: list[Organization], city: Organization | None) -> int:
    wanted: list[tuple[Organization, str, int, int | None, str]] = []
    for district in districts:
        wanted.append(
            (district, "KEY_ENTERPRISES", targets.MINIMUM_ENTERPRISES, None, targets.CLAUSE_ENTERPRISES)
        )
        wanted += [
            (district, metric, targets.MINIMUM_PARKS_OR_TOWNSHIPS, None, targets.CLAUSE_PARKS)
            for metric in targets.park_metrics(separate=year.separate_park_and_township)
        ]
    if city is not None:
        minimum, maximum = PILOT_BOUNDS[year.year]
        wanted.append((city, "INDUSTRY_PILOTS", minimum, maximum, targets.CLAUSE_PILOTS))
    existing = set(AnnualTarget.objects.filter(year=year).values_list("organization_id", "metric"))
    rows = [
        AnnualTarget(
            year=year, organization=org, metric=metric, minimum=minimum, maximum=maximum, clause=clause
        )
        for org, metric, minimum, maximum, clause in wanted
        if (org.pk, metric) not in existing
    ]
    AnnualTarget.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def separate_parks_and_townships(
    *, actor: Actor, year: CampaignYear, separate: bool, reason: str, document: str, now: datetime
) -> CampaignYear:
    """Ask every district for one park and one township (`separate`), or for one of either, as the notice reads.

    The bound a district has is kept for each; when joined again the greater of the two stands. Only the city office,
    with a reason and a document number. Nothing changes when the year already counts so.
    """
    _require_change(actor, reason, document)
    locked = CampaignYear.objects.select_for_update().get(pk=year.pk)
    if locked.separate_park_and_township == separate:
        return locked
    _guard(
        actor,
        locked.pk,
        actor.organization.pk if actor.organization else 0,
        "园区与乡镇（街道）的计数方式",
        now,
    )
    locked.separate_park_and_township = separate
    locked.save(update_fields=["separate_park_and_township"])
    one, *others = targets.park_metrics(separate=separate)
    bounds: dict[int, AnnualTarget] = {}
    for row in AnnualTarget.objects.filter(year=locked, metric__in=targets.PARK_METRICS).order_by("-minimum"):
        if row.organization_id in bounds:
            delete_kept(AnnualTarget.objects.filter(pk=row.pk), at=now)
        else:
            bounds[row.organization_id] = row
    for row in bounds.values():
        row.metric, row.change_reason, row.change_document = one, reason.strip(), document.strip()
        row.changed_at = now
        row.save(update_fields=["metric", "change_reason", "change_document", "changed_at"])
    AnnualTarget.objects.bulk_create(
        AnnualTarget(
            year=locked,
            organization_id=row.organization_id,
            metric=metric,
            minimum=row.minimum,
            maximum=row.maximum,
            clause=row.clause,
            change_reason=row.change_reason,
            change_document=row.change_document,
            entered_at=now,
        )
        for row in bounds.values()
        for metric in others
    )
    record_audit(
        actor=actor,
        at=now,
        action="调整园区与乡镇（街道）的计数方式",
        kind="CampaignYear",
        object_id=locked.pk,
        label=str(locked),
        changes={"separate": [not separate, separate], "document": ["", document.strip()]},
        reason=reason.strip(),
    )
    return locked


def _guard(actor: Actor, year_id: int, organization_id: int, what: str, now: datetime) -> None:
    guard_years(
        actor=actor,
        places=[(year_id, organization_id)],
        area=CorrectionArea.ROSTER,
        now=now,
        what=what,
    )


def _require_change(actor: Actor, reason: str, document: str) -> None:
    if actor.role != Role.CITY_OFFICE:
        raise NotAllowed("只有市三方委员会办公室可以调整目标任务。")
    if not reason.strip():
        raise DomainError("请填写调整理由：为什么调整、依据什么。", code="reason_required", field="reason")
    if not document.strip():
        raise DomainError(
            "请填写调整依据的文号，如“枣人社字〔2026〕12号”。", code="document_required", field="document"
        )


@transaction.atomic
def change_target(
    *,
    actor: Actor,
    target: AnnualTarget,
    minimum: int,
    maximum: int | None,
    reason: str,
    document: str,
    now: datetime,
) -> AnnualTarget:
    """Set a new bound. Only the city office may, and only with a reason and a document number (文号)."""
    _require_change(actor, reason, document)
    if minimum < 0 or (maximum is not None and maximum < minimum):
        raise DomainError("“最多”不能小于“最少”，请核对两个数。", code="bounds", field="maximum")
    _guard(actor, target.year_id, target.organization_id, f"目标任务：{target}", now)
    old = [target.minimum, target.maximum]
    target.minimum, target.maximum = minimum, maximum
    target.change_reason, target.change_document = reason.strip(), document.strip()
    target.changed_at = now
    target.save(update_fields=["minimum", "maximum", "change_reason", "change_document", "changed_at"])
    record_audit(
        actor=actor,
        at=now,
        action="调整目标任务",
        kind="AnnualTarget",
        object_id=target.pk,
        label=str(target),
        changes={"bounds": [old, [minimum, maximum]], "document": ["", target.change_document]},
        reason=target.change_reason,
    )
    return target
