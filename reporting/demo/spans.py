"""One district in one year of the demo city, and a row of any ledger, through the services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from cultivation.ledgers.base import find_ledger
from cultivation.models import CampaignYear, Subject
from cultivation.services.ledgers import create_record
from reporting.demo.assessments import picture
from reporting.demo.people import People
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.services.attachments import store_attachment


@dataclass(frozen=True)
class DistrictYear:
    """One district in one year: who enters, whom it cultivates, and from when to when its records lie."""

    actor: Actor
    district: Organization
    year: CampaignYear
    subjects: Sequence[Subject]
    first: date
    last: date
    now: datetime
    backfilled: bool
    random: Random

    @property
    def firms(self) -> list[Subject]:
        return [subject for subject in self.subjects if subject.kind == "ENTERPRISE"]

    def day(self, share: float) -> date:
        """A weekday at that share of the year."""
        found = self.first + timedelta(days=int((self.last - self.first).days * share))
        return found - timedelta(days=max(0, found.weekday() - 4)) if found.weekday() > 4 else found

    def moment(self, share: float) -> datetime:
        """Ten in the morning of that day, never in the future."""
        return min(datetime.combine(self.day(share), time(10), SHANGHAI), self.now)

    def put(self, slug: str, **values: Any) -> Any:
        """One row of a ledger, entered by the district."""
        return put(self.actor, slug, self.now, self.backfilled, self.year.pk, values)


def put(actor: Actor, slug: str, now: datetime, backfilled: bool, year: int, values: dict[str, Any]) -> Any:
    ledger = find_ledger(slug)
    if ledger is None:
        raise LookupError(slug)
    return create_record(
        actor=actor,
        ledger=ledger,
        values=values if ledger.dated else {"year": year, **values},
        now=now,
        backfilled=backfilled,
        source_document=f"{year}年度培育工作档案（纸质）" if backfilled else "",
        confirm_warnings=True,
    )


def year_of(
    people: People,
    code: str,
    year: CampaignYear,
    subjects: Iterable[Subject],
    random: Random,
    now: datetime,
    *,
    backfilled: bool,
) -> DistrictYear:
    """The working span of a year: from its beginning (the campaign began in June 2023) to today at the latest."""
    office = people.offices[code]
    district = office.organization
    if district is None:
        raise LookupError(code)
    yesterday = shanghai_date(now) - timedelta(days=1)
    first = max(date(2023, 6, 5), date(year.pk, 2, 10))
    return DistrictYear(
        office,
        district,
        year,
        list(subjects),
        first,
        min(yesterday, date(year.pk, 11, 18)),
        now,
        backfilled,
        random,
    )


def attach_scan(actor: Actor, record: Any, name: str, now: datetime) -> None:
    """The signed paper, scanned and attached back."""
    store_attachment(
        actor=actor,
        owner_kind=type(record).__name__,
        owner_id=record.pk,
        upload=picture(name),
        now=now,
        organization=record.organization,
        purpose=AttachmentPurpose.SCAN,
    )
