"""The four seats that give the digits of a seed, in the order 人社、总工会、企联、工商联 (design §4a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from evaluation.models import SeedTicket, SpotCheckRound
from evaluation.rules.spot_checks.seeds import SEATS
from zaozhuang_portal.accounts.enums import Level, SeatState
from zaozhuang_portal.accounts.models import Seat


@dataclass(frozen=True)
class SeatView:
    """One seat: as the city's tripartite body has it now, or, once revealed, as it was at the draw."""

    seat: str
    label: str
    state: str
    unit_name: str
    commitment: str = ""
    committed_at: datetime | None = None
    speaker: str = ""
    digits: str = ""
    nonce: str = ""

    @property
    def speaks(self) -> bool:
        return self.state != SeatState.NOT_ESTABLISHED

    @property
    def state_label(self) -> str:
        return str(SeatState(self.state).label)


def seats_of(held: SpotCheckRound) -> list[SeatView]:
    """All four, in order; one the body does not have counts as not established. Statements: 2."""
    now = {
        one.kind: one
        for one in Seat.objects.filter(body__organization__level=Level.CITY).select_related("unit")
    }
    kept = {one.seat: one for one in SeedTicket.objects.filter(round=held)}
    views = []
    for seat, label in SEATS.items():
        ticket, present = kept.get(seat), now.get(seat)
        state = present.state if present else SeatState.NOT_ESTABLISHED
        unit = present.unit.name if present and present.unit else ""
        # A seat that committed, or spoke, stays as it was then.
        if ticket is not None:
            state, unit = SeatState(ticket.seat_state), ticket.unit_name
        views.append(
            SeatView(
                seat,
                label,
                state,
                unit,
                ticket.commitment if ticket else "",
                ticket.committed_at if ticket else None,
                ticket.speaker if ticket else "",
                ticket.digits if ticket else "",
                ticket.nonce if ticket else "",
            )
        )
    return views
