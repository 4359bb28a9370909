"""补录: which years may be entered from paper, and the city's consent for a year the portal was already in use."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from cultivation.enums import BackfillMatter, BackfillState
from cultivation.models import BackfillRequest, CampaignYear
from cultivation.selectors.backfill import YEAR_IN_USE
from cultivation.workflows import BACKFILL_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

# Characters of a reason and of an answer.
SHORTEST_WORDS = 5
LONGEST_WORDS = 500


def _words(text: str, what: str, field: str) -> str:
    cleaned = text.strip()
    if len(cleaned) < SHORTEST_WORDS:
        raise DomainError(f"请写明{what}（至少{SHORTEST_WORDS}个字）。", code="words_required", field=field)
    if len(cleaned) > LONGEST_WORDS:
        raise DomainError(
            f"{what}最多 {LONGEST_WORDS} 个字，现有 {len(cleaned)} 个字，请删减。",
            code="words_long",
            field=field,
        )
    return cleaned


def check_backfill(
    *, year: CampaignYear, organization_id: int, matter: BackfillMatter
) -> BackfillRequest | None:
    """The consent under which a paper of this year may be entered, locked until the transaction ends.

    None for a year before the portal went into use: that needs no consent. Otherwise DomainError without the city's
    consent, so that back-filling is no way around lateness.
    """
    if not CampaignYear.objects.filter(pk=year.pk, in_use=True).exists():
        return None
    consent = (
        BackfillRequest.objects.select_for_update(no_key=True, of=("self",))
        .filter(year=year, organization_id=organization_id, matter=matter, state=BackfillState.CONSENTED)
        .first()
    )
    if consent is None:
        raise DomainError(YEAR_IN_USE.format(year=year, matter=matter.after_year), code="year_in_use")
    return consent


@transaction.atomic
def ask_to_backfill(
    *,
    actor: Actor,
    year: CampaignYear,
    matter: BackfillMatter,
    paper_on: date,
    reason: str,
    now: datetime,
) -> BackfillRequest:
    """The district's office asks the city. Raises DomainError for a year that needs no consent, a day to come, a reason
    under 5 characters, or while a request is open."""
    district = actor.district
    if actor.role != Role.DISTRICT_OFFICE or district is None or district.level != Level.DISTRICT:
        raise NotAllowed("补录申请由本区（市）三方办公室提出。")
    if not year.in_use:
        raise DomainError(
            f"{year}是系统启用前的年度，不需要申请，可直接补录。", code="not_in_use", field="year"
        )
    if paper_on > shanghai_date(now):
        raise DomainError(f"纸质件日期 {paper_on} 在今天之后，请核对。", code="future", field="paper_on")
    words = _words(reason, "申请理由", "reason")
    try:
        with transaction.atomic():
            request = BackfillRequest.objects.create(
                year=year,
                organization=district,
                matter=matter,
                paper_on=paper_on,
                reason=words,
                asked_at=now,
                asked_by=actor.user,
            )
    except IntegrityError:
        raise DomainError(
            f"{year}{matter.after_year}已有补录申请，请查看其答复。", code="duplicate", field="matter"
        ) from None
    record_audit(
        actor=actor,
        at=now,
        action="申请补录",
        kind="BackfillRequest",
        object_id=request.pk,
        label=str(request),
        changes={"paper_on": [None, paper_on.isoformat()]},
        reason=words,
    )
    _tell(request, f"{district.name}申请补录{year}{matter.after_year}", words, now)
    return request


@transaction.atomic
def answer_backfill(
    *, actor: Actor, request: BackfillRequest, action: str, answer: str, now: datetime
) -> BackfillRequest:
    """The city office's act: `consent`, `refuse`, or `revoke` a consent; each with its words.

    Raises NotAllowed, IllegalTransition, DomainError.
    """
    transition = BACKFILL_WORKFLOW.find(request.state, action, actor.role)
    words = _words(answer, "答复意见", "answer")
    old = request.get_state_display()
    changes = {"decided_at": now, "decided_by": actor.user, "answer": words}
    BACKFILL_WORKFLOW.apply(request, action, role=actor.role, changes=changes)
    record_audit(
        actor=actor,
        at=now,
        action=f"{transition.label}补录申请",
        kind="BackfillRequest",
        object_id=request.pk,
        label=str(request),
        changes={"state": [old, request.get_state_display()]},
        reason=words,
    )
    _tell(request, f"{request}：{request.get_state_display()}", words, now)
    return request


def _tell(request: BackfillRequest, title: str, body: str, now: datetime) -> None:
    """The city office hears of a request, the district's office of the answer."""
    holders = Membership.objects.in_force(shanghai_date(now)).filter(user__is_active=True)
    if request.state == BackfillState.ASKED:
        holders = holders.filter(role=Role.CITY_OFFICE)
    else:
        holders = holders.filter(role=Role.DISTRICT_OFFICE, organization_id=request.organization_id)
    notify(
        users=[membership.user for membership in holders.select_related("user")],
        title=title,
        body=body,
        url=reverse("cultivation:backfill_list"),
        now=now,
        kind="BackfillRequest",
        object_id=request.pk,
    )
