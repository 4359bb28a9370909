"""Closing a campaign year: once the city has received every district's report of it (design §3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cultivation.models import CampaignYear
from cultivation.services.year_corrections import close_campaign_year, require_year_closer
from reporting.models import AnnualReport
from reporting.selectors.year_closing import OpenWork, open_work, standing_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError


@transaction.atomic
def close_year(
    *, actor: Actor, year: CampaignYear, reason: str, now: datetime
) -> tuple[CampaignYear, list[OpenWork]]:
    """Close the year; returns it and what of it is still open, which is finished without a 更正.

    `reason` 5–200 characters. Raises DomainError while the period runs or a report is not received (naming whose),
    NotAllowed for anyone but the city office, ConflictError when it is closed already.
    """
    require_year_closer(actor)
    # No report is given back while its year is being closed.
    list(AnnualReport.objects.select_for_update().filter(year=year).order_by("pk").values_list("pk"))
    if refused := standing_of(year).why_not_closable(shanghai_date(now)):
        raise DomainError(refused, code="not_closable")
    return close_campaign_year(actor=actor, year=year, reason=reason, now=now), open_work(year)
