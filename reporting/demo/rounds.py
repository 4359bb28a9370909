"""A round of spot checks of the demo city, up to the notices: planned, frozen, drawn by four seats, teams, receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from cultivation.models import CampaignYear
from evaluation.enums import ChecklistState, Frame, Manner
from evaluation.models import InspectionChecklist, Inspector, LetterReceipt, SpotCheck, SpotCheckRound
from evaluation.rules.spot_checks.plans import BASIS
from evaluation.rules.spot_checks.seeds import commitment_of
from evaluation.selectors.spot_checks.frame import build_frame
from evaluation.selectors.spot_checks.notices import ABOUT
from evaluation.selectors.spot_checks.seats import seats_of
from evaluation.services.letters import receive_letter, receive_on_paper
from evaluation.services.spot_checks.draws import SpokenDigits, commit_seat, draw_round
from evaluation.services.spot_checks.notices import notify_checks
from evaluation.services.spot_checks.population import freeze_round
from evaluation.services.spot_checks.rounds import RoundPlan, plan_round, set_strata
from evaluation.services.spot_checks.teams import assign_teams, change_lead, change_member
from reporting.demo.people import People
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date

# Who reads out for 人社、总工会、企联、工商联.
_SPEAKERS = ("许静", "孟丽", "邵军", "段平")


@dataclass(frozen=True)
class RoundDays:
    """The days of one round, counted back from its last one; ten in the morning of a working day."""

    year: int
    last: date

    def before(self, days: int, hour: int = 10) -> datetime:
        day = self.last - timedelta(days=days)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return datetime.combine(day, time(hour), SHANGHAI)


@dataclass(frozen=True)
class Spoken:
    """What the four seats read out, in their order; `nonce`: the first one committed to its digits before."""

    digits: Sequence[str]
    nonce: str = ""


def plan_and_freeze(
    people: People, days: RoundDays, *, strata: int, classes: Sequence[str] = ()
) -> SpotCheckRound:
    """A round over the confirmed roster, drawing one of each of the `strata` largest, of a district's firms once."""
    year = CampaignYear.objects.get(pk=days.year)
    held = plan_round(
        actor=people.city,
        year=year,
        plan=RoundPlan(
            title="",
            basis=BASIS,
            period_from=shanghai_date(days.before(30)),
            period_to=days.last,
            ends_on=days.last,
            manners=[Manner.HEARING, Manner.LEDGERS, Manner.ON_SITE, Manner.INTERVIEW],
            frame=Frame.ROSTER,
            classes=list(classes),
            discrepancy_limit=Decimal(10),
            checklist=InspectionChecklist.objects.get(state=ChecklistState.PUBLISHED),
            default_minimum=0,
        ),
        now=days.before(35),
    )
    found = sorted(
        build_frame(held, shanghai_date(days.before(33))).strata, key=lambda one: (-one.size, one.code)
    )
    largest: dict[str, str] = {}
    for one in found:
        largest.setdefault(one.code.rpartition("/")[0], one.code)
    set_strata(
        actor=people.city,
        held=held,
        strata={code: {"rate": "20", "minimum": 1} for code in list(largest.values())[:strata]},
        seen_revision=held.revision,
        now=days.before(34),
    )
    return freeze_round(actor=people.city, held=held, seen_revision=held.revision, now=days.before(33))


def commit_first(people: People, held: SpotCheckRound, spoken: Spoken, days: RoundDays) -> None:
    """人社 commits to its digits the day before."""
    seat = seats_of(held)[0]
    commit_seat(
        actor=people.city,
        held=held,
        seat=seat.seat,
        commitment=commitment_of(spoken.digits[0], spoken.nonce),
        now=days.before(31),
    )


def draw_in_public(people: People, held: SpotCheckRound, spoken: Spoken, days: RoundDays) -> SpotCheckRound:
    if spoken.nonce:
        commit_first(people, held, spoken, days)
    said = {
        seat.seat: SpokenDigits(_SPEAKERS[index], spoken.digits[index], "" if index else spoken.nonce)
        for index, seat in enumerate(seats_of(held))
        if seat.speaks
    }
    return draw_round(actor=people.city, held=held, spoken=said, now=days.before(30))


def send_teams(people: People, held: SpotCheckRound, now: datetime) -> None:
    assign_teams(actor=people.city, spot_round=held, now=now)


def send_notices(
    people: People, checks: Sequence[SpotCheck], planned: Mapping[int, date], now: datetime
) -> None:
    notify_checks(actor=people.city, checks=checks, planned=planned, late_is_meant=True, now=now)


def sign_for(people: People, check: SpotCheck, now: datetime) -> None:
    """A district signs in the portal; of a subject's paper the city notes the signature."""
    receipt = LetterReceipt.objects.get(
        letter__about_kind=ABOUT, letter__about_id=check.pk, letter__withdrawn_at__isnull=True
    )
    if check.subject_id is None:
        office = people.offices[check.organization.code]
        receive_letter(actor=office, receipt=receipt, receiver_name="三方委员会办公室", now=now)
        return
    receive_on_paper(
        actor=people.city,
        receipt=receipt,
        receiver_name="单位负责人",
        received_on=shanghai_date(now),
        now=now,
    )


def lead_by(people: People, check: SpotCheck, inspector: Inspector, now: datetime) -> None:
    """Make this inspector the 主检: of the team's own already, else in the place of whoever shares the party, or leads."""
    lead, second = list(
        check.team.filter(until_at__isnull=True).select_related("inspector").order_by("-lead", "pk")
    )
    if lead.inspector_id == inspector.pk:
        return
    reason = "原检查人员临时另有公务，调换一名。"
    if second.inspector_id != inspector.pk:
        out = second if second.inspector.party == inspector.party else lead
        made = change_member(
            actor=people.city, check=check, member=out, inspector=inspector, reason=reason, now=now
        )
        second = made
    if not second.lead:
        change_lead(actor=people.city, check=check, member=second, reason=reason, now=now)
