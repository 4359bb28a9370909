"""The snapshot of the records that a district's check begins with."""

from __future__ import annotations

from datetime import datetime

from evaluation.models import CheckLine, SpotCheck
from evaluation.selectors.spot_checks.facts import district_facts
from zaozhuang_portal.kernel.clock import shanghai_date


def keep_facts(check: SpotCheck, now: datetime) -> int:
    """Write what the records say on the day the check begins into its lines, once. How many lines got facts.

    Call inside the transaction that begins the check, with the check locked. A line that has its snapshot keeps it.
    """
    found = district_facts(check, shanghai_date(now))
    rows = [line for line in CheckLine.objects.filter(check_record=check, facts=[]) if line.code in found]
    for line in rows:
        line.facts = [[label, words, address] for label, words, address in found[line.code]]
    CheckLine.objects.bulk_update(rows, ["facts"])
    return len(rows)
