"""How long a lease lasts, how often it is renewed, when a failed try is repeated. Seconds throughout."""

from __future__ import annotations

from datetime import datetime, timedelta

MAX_ATTEMPTS = 3
# The wait after the first and after the second failed try.
RETRY_SECONDS = (10, 60)
# A lost message is repeated when a job has waited this long since it was last announced.
NUDGE_AGAIN_SECONDS = 60


def lease_end(now: datetime, lease_seconds: int) -> datetime:
    return now + timedelta(seconds=lease_seconds)


def heartbeat_seconds(lease_seconds: int) -> float:
    """Four beats to a lease: three may fail (a locked or restarting database) before the lease lapses."""
    return lease_seconds / 4


def next_try(now: datetime, attempts: int) -> datetime | None:
    """When a job that failed `attempts` times (from 1) is tried again; None when it is parked."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + timedelta(seconds=RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])
