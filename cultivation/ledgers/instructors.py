"""The actor as 集体协商专职指导员: what a visit written down by an instructor starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from cultivation.models import BargainingInstructor
from cultivation.rules.participants import with_employer
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import MemberUnit


@dataclass(frozen=True)
class ServingInstructor:
    """The actor as 集体协商专职指导员. `employer` is the registered 所在单位 where it is no member unit."""

    unit: MemberUnit | None
    employer: str = ""


def serving_instructor(actor: Actor, today: date) -> ServingInstructor | None:
    """None unless the register has the actor in service, or the actor acts in this role. Statements: 1 or 2.

    The unit is that of the capacity, else the member unit whose name the registered 所在单位 begins with.
    """
    rows = BargainingInstructor.objects.live().filter(user=actor.user, appointed_on__lte=today)
    serving = rows.filter(Q(left_on__isnull=True) | Q(left_on__gte=today)).order_by("-appointed_on", "-id")
    person = serving.first()
    if person is None and actor.role != Role.INSTRUCTOR:
        return None
    employer = person.employer.strip() if person is not None else ""
    if actor.capacity.member_unit is not None or not employer:
        return ServingInstructor(actor.capacity.member_unit)
    place = actor.organization.pk if actor.organization is not None else None
    near = MemberUnit.objects.filter(Q(organization_id=place) | Q(organization__level=Level.CITY))
    named = sorted(
        (unit for unit in near if employer.startswith(unit.name)), key=lambda unit: -len(unit.name)
    )
    return ServingInstructor(named[0]) if named else ServingInstructor(None, employer)


def participant_of(actor: Actor, serving: ServingInstructor | None) -> tuple[MemberUnit | None, str]:
    """The actor as a participant: unit and name."""
    if serving is None:
        return actor.capacity.member_unit, actor.user.full_name
    if serving.unit is not None:
        return serving.unit, actor.user.full_name
    return None, with_employer(serving.employer, actor.user.full_name)
