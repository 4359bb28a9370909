"""会签 that waits for the actor's unit: papers it has not signed, and papers changed after it had signed them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.urls import reverse

from cultivation.enums import RosterState
from cultivation.models import Countersignature, CultivationRoster, WorkPlan
from cultivation.selectors.todo_case import of_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import SeatState
from zaozhuang_portal.accounts.models import MemberUnit, Seat
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart

# The column a signature's version is held against.
VERSION_OF = {"plan": "version", "roster": "revision"}


def sign_identity(kind: str, pk: int, unit_id: int | None) -> Identity:
    """One unit's signatures under one paper."""
    return "Countersignature", f"{kind}-{pk}-{unit_id}"


def stale_signatures(kind: str, **seat: Any) -> QuerySet[Countersignature]:
    """Of the paper of the outer query: signatures of seats still held that are older than its text (会签后有修改)."""
    older = {kind: OuterRef("pk"), "signed_version__lt": OuterRef(VERSION_OF[kind])}
    return Countersignature.objects.filter(**older, **seat).exclude(seat__state=SeatState.NOT_ESTABLISHED)


def signing_parts(actor: Actor) -> list[TodoPart]:
    """Plans and confirmed rosters of any year on which a seat of the actor's unit has not spoken at all, and those that
    were changed after it spoke; signing (again) ends either. What is entered from paper was signed on paper."""
    unit = actor.capacity.member_unit
    if unit is None:
        return []
    plans = WorkPlan.objects.visible_to(actor).live().filter(backfilled=False)
    rosters = CultivationRoster.objects.visible_to(actor).filter(
        state=RosterState.CONFIRMED, backfilled=False
    )
    roster = of_year("重点培育名单")
    return [
        *_of_paper(
            "plan", unit, plans, "工作方案", what="title", arrived="updated_at", since="text_changed_at"
        ),
        *_of_paper("roster", unit, rosters, "培育名单", what=roster, arrived="confirmed_at"),
    ]


def _of_paper(
    kind: str, unit: MemberUnit, papers: QuerySet[Any], noun: str, *, what: Any, arrived: str, since: str = ""
) -> list[TodoPart]:
    seats = Seat.objects.filter(body__organization=OuterRef("organization"), unit=unit).exclude(
        state=SeatState.NOT_ESTABLISHED
    )
    signed = Countersignature.objects.filter(**{kind: OuterRef("pk")}, seat__unit=unit)
    shared: dict[str, Any] = {
        "unit": "份",
        "page": lambda target, aux: reverse("cultivation:countersign", kwargs={"kind": kind, "pk": target}),
        "what": what,
        "place": "organization__name",
        "identity": lambda target, aux: sign_identity(kind, target, unit.pk),
    }
    return [
        TodoPart(
            key=f"sign_{kind}s",
            act=f"会签{noun}",
            label=f"待我单位会签的{noun}",
            rows=papers.filter(Exists(seats), ~Exists(signed)),
            arrived=arrived,
            **shared,
        ),
        TodoPart(
            key=f"sign_{kind}s_again",
            act=f"确认{noun}的修改",
            label=f"会签后有修改、待我单位确认的{noun}",
            rows=papers.filter(Exists(stale_signatures(kind, seat__unit=unit))),
            note=Value("会签后有修改"),
            arrived=since or None,
            **shared,
        ),
    ]
