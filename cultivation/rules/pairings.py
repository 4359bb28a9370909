"""When a subject is paired, and which pairings clash (notice 三（二）2: C072–C073). Days are Shanghai days, both included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Clash(StrEnum):
    SECOND_LEAD = "SECOND_LEAD"  # one 主结对 at a time
    SAME_PARTNER = "SAME_PARTNER"  # the same unit or person never twice at once


@dataclass(frozen=True)
class Tie:
    """One pairing of a subject. `ends_on` None: open. `partner`: (unit number or None, person)."""

    starts_on: date
    ends_on: date | None
    is_lead: bool
    partner: tuple[int | None, str]

    def overlaps(self, other: Tie) -> bool:
        return not_over(self.ends_on, other.starts_on) and not_over(other.ends_on, self.starts_on)

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and not_over(self.ends_on, day)


def not_over(ends_on: date | None, day: date) -> bool:
    """Whether a period that ends on `ends_on` still runs on `day` or after it."""
    return ends_on is None or ends_on >= day


def find_clash(new: Tie, others: Iterable[Tie]) -> tuple[Clash, Tie] | None:
    """The first pairing of the same subject that may not run beside `new`; a second lead is named first."""
    beside = [other for other in others if new.overlaps(other)]
    for other in beside:
        if new.is_lead and other.is_lead:
            return Clash.SECOND_LEAD, other
    for other in beside:
        if new.partner == other.partner:
            return Clash.SAME_PARTNER, other
    return None


def reference_day(first: date, last: date, today: date) -> date:
    """From which day on a pairing counts for a year: today while it runs, else any day of the year will do."""
    return today if first <= today <= last else first


def counts_for_year(starts_on: date, ends_on: date | None, *, first: date, last: date, today: date) -> bool:
    """Whether a pairing fills the gap of a subject enrolled in the year first..last.

    In the running year it must not be over yet (one that begins later in the year has been arranged); of a past or
    coming year any overlap counts.
    """
    return starts_on <= last and not_over(ends_on, reference_day(first, last, today))


def renewed_period(
    ends_on: date | None, *, old_last: date, new_first: date, new_last: date
) -> tuple[date, date] | None:
    """First and last day of the pairing that carries on into the next year; None when it was ended before the year's end.

    The old one is to end the day before the first day returned.
    """
    if ends_on is not None and ends_on < old_last:
        return None
    return max(new_first, old_last + timedelta(days=1)), new_last
