"""What evaluation adds to 时限预演: key subjects whose self-assessment the district has not verified by that day."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse

from cultivation.selectors.data_checks import Scope
from cultivation.selectors.own_dates import SELF_ASSESSMENT as SELF_ASSESSMENT_DATE
from cultivation.selectors.rehearsal import OFFICES, DayAtHand, Miss, RehearsalItem, register_rehearsal
from cultivation.selectors.rehearsal.first_visits import chosen_by_then
from cultivation.selectors.rehearsal.items import added_words
from evaluation.models import Assessment
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.clock import shanghai_date


def not_verified(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """Those on the roster in time by the year's date, a late addition by its own. Statements: 2."""
    own = Assessment.objects.filter(subject_id=OuterRef("subject_id"), year_id=OuterRef("year_id"))
    dates = at.own_dates(SELF_ASSESSMENT_DATE)
    rows = (
        chosen_by_then(scope, at)
        .filter(~Exists(own.filter(verified_at__lt=at.until)))
        .annotate(submitted=Subquery(own.filter(submitted_at__lt=at.until).values("submitted_at")[:1]))
    )
    url = reverse("evaluation:review_list")
    for name, organization, submitted, confirmed_at, year in rows.values_list(
        "subject__name", "organization_id", "submitted", "confirmed_at", "year_id"
    ):
        detail = "已自评，区（市）未核验" if submitted else "未提交自评"
        confirmed_on = shanghai_date(confirmed_at)
        due = dates[year].of(confirmed_on)
        added = dates[year].is_late_addition(confirmed_on)
        if added:
            detail += f"；{added_words(confirmed_on, due, at.day, '自评')}"
        yield Miss(organization_name(organization), name, url, detail, added and at.day <= due, year)


SELF_ASSESSMENT = RehearsalItem(
    "SELF_ASSESSMENT",
    "自评和区（市）核验未完成的重点培育对象",
    "对照评价标准自评，由区（市）核验。",
    not_verified,
    milestone="SELF_ASSESSMENT",
    clause="三（二）（C054、C062）",
    opened_by=OFFICES,
)


def register() -> None:
    register_rehearsal(SELF_ASSESSMENT)
