"""What the records say of each line of a district's check, beside what is seen on site (design §4a).

The figures are those of the annual report; reporting gives them (`register_district_facts`), for evaluation stands below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from evaluation.enums import CheckKind, LineKind
from evaluation.models import CheckLine, SpotCheck

# Label, finished words, address of the list that shows the same.
Fact = tuple[str, str, str]
DistrictFacts = Mapping[str, list[Fact]]
NO_RECORD: Fact = ("系统记录", "系统内无此记录", "")

_provider: Callable[[SpotCheck, date], DistrictFacts] | None = None


def register_district_facts(provider: Callable[[SpotCheck, date], DistrictFacts]) -> None:
    """`provider` gives the facts by key of a checklist's line (`fact`), as at the end of a Shanghai day."""
    global _provider
    _provider = provider


@dataclass(frozen=True)
class FactBeside:
    """One fact as of the day the check began, and as the records say it today; "" where one side does not have it."""

    label: str
    then: str
    now: str

    @property
    def moved(self) -> bool:
        return self.then != self.now


def facts_beside(check: SpotCheck, lines: Iterable[CheckLine], today: date) -> dict[str, list[FactBeside]]:
    """By line code, the frozen snapshot beside today's records; the snapshot itself is never changed."""
    fresh = district_facts(check, today)
    found = {}
    for line in lines:
        then = {str(label): str(words) for label, words, _ in line.facts}
        now = {label: words for label, words, _ in fresh.get(line.code, [])}
        found[line.code] = [
            FactBeside(label, then.get(label, ""), now.get(label, ""))
            for label in dict.fromkeys([*then, *now])
        ]
    return found


def district_facts(check: SpotCheck, as_of: date) -> dict[str, list[Fact]]:
    """Facts by line code for a district's check; a line nothing is recorded for says so. {} for a subject's check."""
    if check.kind != CheckKind.DISTRICT:
        return {}
    known = _provider(check, as_of) if _provider is not None else {}
    keys = {
        str(line.get("code")): str(line.get("fact") or "")
        for line in check.round.checklist.lines
        if isinstance(line, dict)
    }
    codes = CheckLine.objects.filter(check_record=check, kind=LineKind.CLAUSE).values_list("code", flat=True)
    return {code: list(known.get(keys.get(code, ""), ())) or [NO_RECORD] for code in codes}
