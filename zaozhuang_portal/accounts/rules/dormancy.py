"""When an account nobody uses is disabled (等保 访问控制: accounts out of use are removed or disabled in time)."""

from __future__ import annotations

from datetime import date, timedelta

DORMANT_DAYS = 90
WARNING_DAYS = 14


def dormant_since(today: date) -> date:
    """An account last used on this day or before is dormant `today`."""
    return today - timedelta(days=DORMANT_DAYS)


def warned_since(today: date) -> date:
    """An account last used on this day or before is warned about `today`."""
    return today - timedelta(days=DORMANT_DAYS - WARNING_DAYS)


def disabled_from(*, last_used: date, warned_on: date) -> date:
    """The day the account is disabled: 90 days unused, and never before it was warned about for 14 days."""
    return max(last_used + timedelta(days=DORMANT_DAYS), warned_on + timedelta(days=WARNING_DAYS))
