"""按类必查: which subjects are checked whatever the draw says, each class by one rule (design §4a)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from cultivation.enums import VisitMode
from cultivation.models import Enrollment, GuidanceVisit
from cultivation.selectors.data_checks import Scope, find_check
from cultivation.selectors.own_dates import SELF_ASSESSMENT, own_dates_now
from evaluation.enums import DeclarationKind, Layer, SelectionClass
from evaluation.models import Assessment, Declaration, ScoreSheet, SpotCheckRound
from evaluation.rules.spot_checks.plans import CLASS_REASONS
from evaluation.selectors.scores import verified_layer
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date

# Data checks whose finding is a subject that contradicts another record or itself; the finding's pk is the subject's.
CONTRADICTIONS = ("DUPLICATE_IN_DISTRICT", "DUPLICATE_ACROSS_DISTRICTS", "CREDIT_CODE_CHECK_DIGIT")
# No titles are on record yet: the class is declared and empty.
EMPTY_CLASSES = frozenset({SelectionClass.HOLDER_DUE})
_C = SelectionClass


def classes_of(held: SpotCheckRound, subjects: Collection[int], day: date) -> dict[int, list[str]]:
    """By subject the classes of this round that hold for it, in the order of SelectionClass.

    Statements: at most two per class that is switched on, of CONTRADICTION one per check and district.
    """
    inside, found = set(subjects), dict[int, list[str]]()
    for chosen in SelectionClass:
        if chosen in held.classes and inside:
            for pk in sorted(_members(chosen, held, inside, day) & inside):
                found.setdefault(pk, []).append(str(chosen))
    return found


def class_reason(classes: Iterable[str]) -> str:
    """Every class with its reason, as printed beside the check."""
    return "；".join(f"{SelectionClass(code).label}：{CLASS_REASONS[code]}" for code in classes)


def _members(chosen: str, held: SpotCheckRound, inside: set[int], day: date) -> set[int]:
    if chosen == _C.DISCREPANCY:
        return _discrepant(held)
    if chosen == _C.VETO_DECLARED:
        declared = Declaration.objects.filter(
            layer=Layer.SELF,
            kind=DeclarationKind.VETO,
            value="YES",
            assessment__year_id=held.year_id,
            assessment__submitted_at__isnull=False,
        )
        return set(declared.values_list("assessment__subject_id", flat=True))
    if chosen == _C.CONTRADICTION:
        return _contradictory(day)
    if chosen == _C.NEVER_VISITED:
        visited = GuidanceVisit.objects.live().filter(mode=VisitMode.ON_SITE)
        return inside - set(visited.values_list("subject_id", flat=True))
    if chosen == _C.NOT_FILED:
        return _not_filed(held, day)
    return set()


def _discrepant(held: SpotCheckRound) -> set[int]:
    """Self minus verified, both of 100, above the limit: exactly the limit is not above it."""
    sheets = ScoreSheet.objects.filter(
        assessment__year_id=held.year_id, assessment__submitted_at__isnull=False
    ).values_list(
        "assessment_id",
        "assessment__subject_id",
        "assessment__state",
        "layer",
        "scaled_total",
        "entered_count",
    )
    totals: dict[tuple[int, int], dict[str, Decimal]] = {}
    for pk, subject, state, layer, total, entered in sheets:
        if layer == Layer.SELF or (layer == verified_layer(state) and entered):
            totals.setdefault((pk, subject), {})["self" if layer == Layer.SELF else "verified"] = total
    return {
        subject
        for (_, subject), both in totals.items()
        if len(both) == 2 and both["self"] - both["verified"] > held.discrepancy_limit
    }


def _contradictory(day: date) -> set[int]:
    found: set[int] = set()
    for code in CONTRADICTIONS:
        check = find_check(code)
        # A check lists a limited number: one district at a time loses none of a real city's.
        for district in Organization.objects.districts() if check else ():
            found |= {finding.pk for finding in check.find(Scope(None, district), day)} if check else set()
    return found


def _not_filed(held: SpotCheckRound, day: date) -> set[int]:
    """On the year's roster and never handed in, its own day past. A year before the portal was in use owes nothing."""
    if not held.year.in_use:
        return set()
    handed_in = Assessment.objects.filter(year_id=held.year_id, first_submitted_at__isnull=False)
    own = Assessment.objects.filter(year_id=held.year_id)
    due = {one.subject_id: one.due for one in own}
    dates = own_dates_now(SELF_ASSESSMENT, held.year)
    chosen = Enrollment.objects.counted().filter(year_id=held.year_id, backfilled=False)
    late = {
        subject
        for subject, confirmed_at in chosen.values_list("subject_id", "confirmed_at")
        if confirmed_at is not None and (due.get(subject) or dates.of(shanghai_date(confirmed_at))) < day
    }
    return late - set(handed_in.values_list("subject_id", flat=True))
