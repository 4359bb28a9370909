"""Periods and overlap of pairings as properties."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.pairings import Clash, Tie, counts_for_year, find_clash, renewed_period

FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
days = st.dates(date(2025, 6, 1), date(2027, 6, 30))


@st.composite
def ties(draw: st.DrawFn) -> Tie:
    start = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 400)))
    end = None if length is None else start + timedelta(days=length)
    return Tie(
        start, end, draw(st.booleans()), (draw(st.sampled_from([None, 1, 2])), draw(st.sampled_from("甲乙")))
    )


def days_of(tie: Tie) -> set[date]:
    last = tie.ends_on or date(2029, 1, 1)
    return {tie.starts_on + timedelta(days=n) for n in range((last - tie.starts_on).days + 1)}


@given(ties(), ties())
def test_overlap_is_a_common_day(one: Tie, other: Tie) -> None:
    assert one.overlaps(other) == bool(days_of(one) & days_of(other))
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(one)


@given(ties(), st.lists(ties(), max_size=6))
def test_a_clash_is_a_second_lead_or_the_same_partner_on_a_common_day(new: Tie, others: list[Tie]) -> None:
    beside = [other for other in others if days_of(new) & days_of(other)]
    leads = new.is_lead and any(other.is_lead for other in beside)
    same = any(other.partner == new.partner for other in beside)
    found = find_clash(new, others)
    assert (found is not None) == (leads or same)
    if found is not None:
        assert found[0] == (Clash.SECOND_LEAD if leads else Clash.SAME_PARTNER)
        assert found[1] in beside


@given(st.lists(ties(), max_size=8))
def test_accepting_only_what_does_not_clash_leaves_one_lead_a_day(wanted: list[Tie]) -> None:
    kept: list[Tie] = []
    for tie in wanted:
        if find_clash(tie, kept) is None:
            kept.append(tie)
    for day in {tie.starts_on for tie in kept}:
        today = [tie for tie in kept if tie.covers(day)]
        assert sum(tie.is_lead for tie in today) <= 1
        assert len({tie.partner for tie in today}) == len(today)


@given(ties(), days)
def test_a_running_year_wants_a_pairing_that_is_not_over(tie: Tie, today: date) -> None:
    counts = counts_for_year(tie.starts_on, tie.ends_on, first=FIRST, last=LAST, today=today)
    year = {FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)}
    if FIRST <= today <= LAST:
        assert counts == any(day >= today for day in days_of(tie) & year)
    else:
        assert counts == bool(days_of(tie) & year)


@given(ties())
def test_a_renewed_pairing_follows_without_gap_or_overlap(tie: Tie) -> None:
    new = renewed_period(
        tie.ends_on, old_last=LAST, new_first=LAST + timedelta(days=1), new_last=date(2027, 11, 30)
    )
    if new is None:
        assert tie.ends_on is not None and tie.ends_on < LAST
        return
    first, last = new
    old = Tie(min(tie.starts_on, LAST), first - timedelta(days=1), tie.is_lead, tie.partner)
    assert not old.overlaps(Tie(first, last, tie.is_lead, tie.partner))
    assert first == LAST + timedelta(days=1) and last == date(2027, 11, 30)
