"""The countersigning of a plan or a roster as its page shows it: every seat of the body, signed or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cultivation.enums import RosterState, WorkPlanState
from cultivation.models import Countersignature, CultivationRoster, WorkPlan
from cultivation.rules.countersignatures import SeatStanding, seat_standing, summary_words
from cultivation.rules.work_plans import SIGNED_NAMES, changed_names, text_marks
from cultivation.selectors.work_plans import readable_plans
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role, SeatState
from zaozhuang_portal.accounts.models import AuditEntry, Organization, Seat
from zaozhuang_portal.accounts.selectors.timeline import entries_of
from zaozhuang_portal.kernel.components import TimelineEntry
from zaozhuang_portal.operations.models import Attachment

PaperKind = Literal["plan", "roster"]
SIGNING_WORDS = {
    "opinion": "意见",
    "comment": "说明",
    "signed_by": "签署人",
    "signed_version": "所签版次",
    "told": "通知人数",
}
# owner_kind of the scans of signed sheets; owner_id is the pk of the paper.
SCAN_KINDS: dict[str, str] = {"plan": "PlanCountersigning", "roster": "RosterCountersigning"}


@dataclass(frozen=True)
class SignedPaper:
    """A paper that is countersigned. `version` is what a signature refers to."""

    kind: PaperKind
    pk: int
    organization: Organization
    version: int
    title: str
    url: str
    plan: WorkPlan | None = None
    roster: CultivationRoster | None = None

    @property
    def scan_kind(self) -> str:
        return SCAN_KINDS[self.kind]


@dataclass(frozen=True)
class SeatLine:
    """One seat. `holder` is the unit's name; `mine`: the actor may sign for it online now. `changes`: what became of the
    paper after this signature, in words (STALE only)."""

    seat: Seat
    holder: str
    signature: Countersignature | None
    standing: SeatStanding
    mine: bool
    changes: str = ""

    @property
    def signed_state(self) -> str:
        """The state the paper was in when it was signed, in words."""
        if self.signature is None or not self.signature.signed_state:
            return ""
        states: Any = WorkPlanState if self.signature.plan_id else RosterState
        return str(states(self.signature.signed_state).label)

    @property
    def tag(self) -> str:
        kinds = {"SIGNED": "ok", "STALE": "warn", "UNSIGNED": "warn", "VACANT": "neutral"}
        return kinds[self.standing]


@dataclass(frozen=True)
class CountersignaturePanel:
    """Everything templates/cultivation/countersign/_panel.html shows."""

    paper: SignedPaper
    lines: list[SeatLine]
    may_enter_offline: bool

    @property
    def words(self) -> str:
        return summary_words([line.standing for line in self.lines])

    @property
    def complete(self) -> bool:
        owed = [line for line in self.lines if line.standing is not SeatStanding.VACANT]
        return bool(owed) and all(line.standing is SeatStanding.SIGNED for line in owed)

    @property
    def unsigned_names(self) -> list[str]:
        """Who has not signed, by seat and unit."""
        return [
            f"{line.seat.get_kind_display()}（{line.holder}）"
            for line in self.lines
            if line.standing is SeatStanding.UNSIGNED
        ]

    @property
    def stale_names(self) -> list[str]:
        """Whose signature is older than the text."""
        return [
            f"{line.seat.get_kind_display()}（{line.holder}）"
            for line in self.lines
            if line.standing is SeatStanding.STALE
        ]

    @property
    def my_lines(self) -> list[SeatLine]:
        return [line for line in self.lines if line.mine]

    @property
    def my_stale_lines(self) -> list[SeatLine]:
        """The actor's own seats whose signature is older than the text."""
        return [line for line in self.my_lines if line.standing is SeatStanding.STALE]


def paper_of(*, plan: WorkPlan | None = None, roster: CultivationRoster | None = None) -> SignedPaper:
    """The one paper that is given. ValueError for none or both."""
    if plan is not None and roster is None:
        url = reverse("cultivation:plan_detail", kwargs={"pk": plan.pk})
        return SignedPaper("plan", plan.pk, plan.organization, plan.version, plan.title, url, plan=plan)
    if roster is not None and plan is None:
        url = reverse("cultivation:roster", kwargs={"year": roster.year_id})
        return SignedPaper(
            "roster",
            roster.pk,
            roster.organization,
            roster.revision,
            str(roster),
            f"{url}?district={roster.organization_id}",
            roster=roster,
        )
    raise ValueError("a countersigned paper is one plan or one roster")


def get_paper(actor: Actor, kind: str, pk: int) -> SignedPaper:
    """The paper the actor may read; Http404 otherwise."""
    if kind == "plan":
        return paper_of(plan=get_object_or_404(readable_plans(actor), pk=pk))
    if kind != "roster":
        raise Http404
    rosters = CultivationRoster.objects.visible_to(actor).select_related("organization")
    return paper_of(roster=get_object_or_404(rosters, pk=pk))


def may_sign(actor: Actor, seat: Seat) -> bool:
    """A person whose own unit fills or represents the seat, acting for the body's organization."""
    unit = actor.capacity.member_unit
    return (
        actor.role in DISTRICT_ROLES
        and unit is not None
        and seat.state != SeatState.NOT_ESTABLISHED
        and seat.unit_id == unit.pk
    )


def may_enter_offline(actor: Actor, paper: SignedPaper) -> bool:
    """线下会签 is entered by the office of the organization whose paper it is."""
    own = actor.district
    return actor.role == Role.DISTRICT_OFFICE and own is not None and own.pk == paper.organization.pk


def seats_of(paper: SignedPaper) -> list[Seat]:
    return list(
        Seat.objects.filter(body__organization=paper.organization)
        .select_related("body", "unit")
        .order_by("id")
    )


def signatures_of(paper: SignedPaper) -> dict[int, Countersignature]:
    """By seat."""
    rows = Countersignature.objects.filter(plan=paper.plan, roster=paper.roster)
    return {row.seat_id: row for row in rows.select_related("entered_by")}


def countersignature_panel(
    actor: Actor, *, plan: WorkPlan | None = None, roster: CultivationRoster | None = None
) -> CountersignaturePanel:
    """The panel of a paper whose organization is loaded, for {% countersignatures panel %}. Statements: 2."""
    paper = paper_of(plan=plan, roster=roster)
    signed = signatures_of(paper)
    lines = []
    for seat in seats_of(paper):
        signature = signed.get(seat.pk)
        standing = seat_standing(
            seat_held=seat.state != SeatState.NOT_ESTABLISHED,
            signed_version=signature.signed_version if signature else None,
            version=paper.version,
        )
        holder = f"{seat.unit}代行" if seat.state == SeatState.REPRESENTED else str(seat.unit or "未建立")
        changes = changes_since(paper, signature) if signature and standing is SeatStanding.STALE else ""
        lines.append(SeatLine(seat, holder, signature, standing, may_sign(actor, seat), changes))
    return CountersignaturePanel(paper, lines, may_enter_offline(actor, paper))


def changes_since(paper: SignedPaper, signature: Countersignature) -> str:
    """「2026-11-23 10:31 修改：培育方式、时间安排」: when the text was changed last, and which parts differ from what was
    signed. Signatures of before the fingerprints only have the time, older changes not even that."""
    plan = paper.plan
    if plan is None:
        return f"现为第 {paper.version} 版"
    at = f"{timezone.localtime(plan.text_changed_at):%Y-%m-%d %H:%M} " if plan.text_changed_at else ""
    if not signature.signed_marks:
        return f"{at}修改".strip()
    texts = {key: getattr(plan, key) for key in SIGNED_NAMES}
    names = "、".join(changed_names(signature.signed_marks, text_marks(texts)))
    return f"{at}修改：{names}" if names else f"{at}修改，现与会签时的文字相同"


def signing_timeline(paper: SignedPaper) -> list[TimelineEntry]:
    """What happened to the signatures: also the opinions that were replaced."""
    kind = "WorkPlan" if paper.kind == "plan" else "CultivationRoster"
    entries = AuditEntry.objects.filter(kind=kind, object_id=str(paper.pk), action__contains="签")
    return entries_of(entries, labels=SIGNING_WORDS)


def has_scan(paper: SignedPaper) -> bool:
    return Attachment.objects.scans(paper.scan_kind).filter(owner_id=paper.pk).exists()
