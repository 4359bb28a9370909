"""基层公共服务站点: the sheet of a month and the sums of a year (C032)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from cultivation.models import PublicServicePoint, ServicePointTally
from cultivation.rules.tallies import next_month
from zaozhuang_portal.accounts.actors import Actor

NUMBERS = ("visitors", "advisories", "mediations", "other_services")


@dataclass(frozen=True)
class PointMonth:
    """A point open in the month and its row of numbers, None when not reported."""

    point: PublicServicePoint
    tally: ServicePointTally | None


def points_of_month(actor: Actor, *, organization: int, month: date) -> list[PointMonth]:
    """Points of the district (a township's own) that were open in the month. Statements: 2."""
    points = (
        PublicServicePoint.objects.visible_to(actor)
        .live()
        .filter(organization_id=organization, opened_on__lt=next_month(month))
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gte=month))
        .select_related("township", "organization")
        .order_by("name", "id")
    )
    tallies = {
        row.point_id: row
        for row in ServicePointTally.objects.live().filter(
            point__organization_id=organization, happened_on=month
        )
    }
    return [PointMonth(point, tallies.get(point.pk)) for point in points]


@dataclass(frozen=True)
class PointYear:
    """Sums of one point; `months` is how many months were reported."""

    point: PublicServicePoint
    months: int
    visitors: int
    advisories: int
    mediations: int
    other_services: int


def points_of_year(actor: Actor, *, year: int, organization: int | None = None) -> list[PointYear]:
    """Every point the actor sees with the sums of the year's months; silent ones first. Statements: 1."""
    points = PublicServicePoint.objects.visible_to(actor).live()
    if organization is not None:
        points = points.filter(organization_id=organization)
    return sum_points(points, Q(tallies__year_id=year))


def sum_points(points: QuerySet[PublicServicePoint], counted: Q) -> list[PointYear]:
    """These points with the sums of their tallies that meet `counted`; silent ones first. Statements: 1."""
    of_year = counted & Q(tallies__removed_at__isnull=True)
    rows = (
        points.select_related("organization", "township")
        .annotate(
            months=Count("tallies", filter=of_year),
            **{f"sum_{name}": Sum(f"tallies__{name}", filter=of_year) for name in NUMBERS},
        )
        .order_by("organization__sort_order", "name", "id")
    )
    found = [
        PointYear(row, row.months, *(getattr(row, f"sum_{name}") or 0 for name in NUMBERS)) for row in rows
    ]
    return sorted(found, key=lambda row: row.months > 0)
