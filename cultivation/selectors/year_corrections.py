"""Which 更正 of a closed year are in force, and which a paper of the year names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from cultivation.enums import CorrectionState
from cultivation.models import CampaignYear, CultivationRoster, YearCorrection
from cultivation.selectors.calendar import is_closed
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date


def correction_in_force(
    *, year_id: int, organization_id: int, area: str, today: date
) -> YearCorrection | None:
    """The one under which this unit may change this area of the year today."""
    found = YearCorrection.objects.in_force(today)
    return found.filter(year_id=year_id, organization_id=organization_id, area=area).first()


def year_is_open(*, year_id: int, organization_id: int, area: str) -> bool:
    """Whether a change may be offered: the year is not closed, or a consented 更正 opens it to this unit.

    For showing and previews (at most a minute old); what is written asks `guard_years`.
    """
    if not is_closed(year_id):
        return True
    consented = YearCorrection.objects.filter(state=CorrectionState.CONSENTED)
    return consented.filter(year_id=year_id, organization_id=organization_id, area=area).exists()


def years_to_correct(organization: Organization) -> list[int]:
    """The years this unit may ask to correct: closed ones, and those whose roster is sealed with its report."""
    sealed = CultivationRoster.objects.filter(organization=organization, sealed_at__isnull=False)
    years = CampaignYear.objects.filter(
        Q(closed_at__isnull=False) | Q(pk__in=sealed.values("year_id"))
    ).order_by("-year")
    return list(years.values_list("year", flat=True))


def correction_lines(*, year_id: int, organization_ids: Sequence[int]) -> list[str]:
    """The corrections of a year that its later papers name (design §3), earliest first, each in one sentence."""
    rows = (
        YearCorrection.objects.consented()
        .filter(year_id=year_id, organization_id__in=organization_ids)
        .select_related("organization")
        .order_by("decided_at", "id")
    )
    return [correction_sentence(row) for row in rows]


def correction_sentence(correction: YearCorrection) -> str:
    """「2026年12月20日经市三方委员会办公室同意更正（文号）：内容。理由：…」"""
    decided = shanghai_date(correction.decided_at) if correction.decided_at else None
    day = f"{decided.year}年{decided.month}月{decided.day}日" if decided else ""
    content, reason = correction.content.rstrip("。；"), correction.reason.rstrip("。；")
    return (
        f"{correction.organization.name}{correction.get_area_display()}，{day}经市三方委员会办公室同意更正"
        f"（{correction.document_number}）：{content}。更正理由：{reason}。"
    )
