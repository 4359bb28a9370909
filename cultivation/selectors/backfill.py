"""补录 as read: whether a year may be entered from paper, and the requests with the city's answers."""

from __future__ import annotations

from cultivation.enums import BackfillMatter, BackfillState
from cultivation.models import BackfillRequest, CampaignYear
from zaozhuang_portal.accounts.actors import Actor

YEAR_IN_USE = (
    "{year}是系统启用后的年度，{matter}请在线办理，迟办的如实标明。"
    "确已按期办过纸质件的，请先提出补录申请，经市三方委员会办公室同意后再补录。"
)


def consent_of(year: CampaignYear, organization_id: int, matter: BackfillMatter) -> BackfillRequest | None:
    """The consent in force for a matter of a year, or None."""
    return BackfillRequest.objects.filter(
        year=year, organization_id=organization_id, matter=matter, state=BackfillState.CONSENTED
    ).first()


def consented_years(organization_id: int, matter: BackfillMatter) -> set[int]:
    """The years of which the city consented to back-fill this matter. Statements: 1."""
    rows = BackfillRequest.objects.filter(
        organization_id=organization_id, matter=matter, state=BackfillState.CONSENTED
    )
    return set(rows.values_list("year_id", flat=True))


def may_backfill_year(year: CampaignYear, organization_id: int, matter: BackfillMatter) -> bool:
    """Whether a paper of the year may be entered: before the portal's use, or with consent. Statements: at most 1."""
    return not year.in_use or consent_of(year, organization_id, matter) is not None


def requests_of(actor: Actor) -> list[BackfillRequest]:
    """What the actor may see, those waiting for an answer first. Statements: 1."""
    rows = BackfillRequest.objects.visible_to(actor).select_related(
        "year", "organization", "asked_by", "decided_by"
    )
    return sorted(rows, key=lambda row: (row.state != BackfillState.ASKED, -row.pk))
